"""The desk: what people decide here. Calendar days, event notes, duty mode, versions of settings, and the acts
behind them.

Nothing is deleted: a note is withdrawn, a mode or setting is followed by another, and every act is written to a
list that the database itself keeps from being changed. Whatever is typed is searched for personal data first.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Column, Date, DateTime, Integer, MetaData, SmallInteger, String, Table, Text

from data import operational
from data.errors import Refused
from data.scope import Actor
from data.workdays import days_of_year, shipped_years

desk = MetaData()

DUTY_MODES = ("peace", "war")
NOTE_KINDS = ("festival", "meeting", "opening", "construction", "data_change", "other")
LONGEST_TEXT = 500


def recorded_by() -> list[Column]:
    """Who recorded a row and when: the post and what it may see, never a person."""
    return [
        Column("recorded_at", DateTime, nullable=False, comment="when, in the site's wall-clock time"),
        Column("post", String(60), nullable=False, comment="post that acted"),
        Column("role", String(20), nullable=False, comment="role of the post"),
        Column("areas", Text, comment="areas the post may see, as a JSON list; empty: all"),
        Column("verified", SmallInteger, nullable=False, comment="1: the post was verified"),
    ]


calendar_day = Table(
    "calendar_day",
    desk,
    Column("day", Date, primary_key=True, comment="day"),
    Column("is_workday", SmallInteger, nullable=False, comment="1: a working day"),
    Column("name", String(60), comment="name of the day"),
    *recorded_by(),
    comment="A day of the calendar as the site has it, before the published one.",
)

event_note = Table(
    "event_note",
    desk,
    Column("note_id", Integer, primary_key=True, autoincrement=True, comment="number of the note"),
    Column("first_on", Date, nullable=False, comment="first day it concerns"),
    Column("last_on", Date, nullable=False, comment="last day it concerns"),
    Column("area_code", String(40), comment="the place; empty: the whole city"),
    Column("kind", String(20), nullable=False, comment="festival, meeting, opening, construction, data_change, other"),
    Column("text", String(LONGEST_TEXT), nullable=False, comment="what happened or will happen"),
    *recorded_by(),
    Column("removed_at", DateTime, comment="withdrawn"),
    comment="Something that may explain the numbers of some days.",
)

duty_mode = Table(
    "duty_mode",
    desk,
    Column("change_id", Integer, primary_key=True, autoincrement=True, comment="number of the change"),
    Column("mode", String(10), nullable=False, comment="peace or war (平战)"),
    Column("reason", String(LONGEST_TEXT), comment="why"),
    *recorded_by(),
    comment="A change of the duty mode; the last one is in force.",
)

setting_version = Table(
    "setting_version",
    desk,
    Column("version_id", Integer, primary_key=True, autoincrement=True, comment="number of the version"),
    Column("name", String(60), nullable=False, comment="which settings"),
    Column("valid_from", Date, nullable=False, comment="first day in force"),
    Column("value", Text, nullable=False, comment="the settings, as JSON"),
    *recorded_by(),
    sa.Index("setting_version_name", "name", "valid_from"),
    comment="One version of a group of settings.",
)

act = Table(
    "act",
    desk,
    Column("act_id", Integer, primary_key=True, autoincrement=True, comment="number of the act"),
    Column("what", String(40), nullable=False, comment="what was done"),
    Column("subject", String(120), comment="to what"),
    Column("detail", Text, comment="how, as JSON"),
    *recorded_by(),
    comment="One act; only ever added to.",
)


@dataclass(frozen=True)
class DutyMode:
    """The duty mode in force: `peace` or `war` (平战), since when, why, and which post set it."""

    mode: str
    since: datetime | None = None
    reason: str | None = None
    post: str | None = None
    verified: bool = False


@dataclass(frozen=True)
class Setting:
    """A version of some settings as it was in force on a day."""

    name: str
    value: dict
    valid_from: date
    version_id: int
    post: str
    verified: bool


@dataclass(frozen=True)
class Desk:
    """The open desk store; every writing method takes actor and moment, and commits with its act or not at all."""

    engine: sa.Engine

    # --- calendar
    # ----------------------------------------------------------------------------------------------------------

    def calendar_days(self) -> pd.DataFrame:
        """The days the site has entered, for `build_calendar`: day, is_workday, name, post, recorded_at."""
        columns = [calendar_day.c[name] for name in ("day", "is_workday", "name", "post", "recorded_at")]
        return self.read(sa.select(*columns).order_by(calendar_day.c.day))

    def save_calendar_days(self, days: pd.DataFrame, actor: Actor, at: datetime) -> int:
        """Record days (day, is_workday 0/1, name), each replacing what the site had entered for it; returns how many.

        Raises `Refused` unless every day of a year that does not ship is there (see `data.workdays.complete_year`).
        """
        rows = _calendar_rows(days)
        screen(*(row["name"] for row in rows))
        with self.engine.begin() as connection:
            entered = set(connection.scalars(sa.select(calendar_day.c.day)))
            _check_years(entered | {row["day"] for row in rows})
            for row in rows:
                connection.execute(sa.delete(calendar_day).where(calendar_day.c.day == row["day"]))
            if rows:
                connection.execute(sa.insert(calendar_day), [row | signed(actor, at) for row in rows])
                first, last = min(row["day"] for row in rows), max(row["day"] for row in rows)
                detail = {"days": len(rows), "rest": [str(row["day"]) for row in rows if not row["is_workday"]]}
                log_act(connection, "calendar_saved", f"{first}/{last}", detail, actor, at)
        return len(rows)

    def clear_calendar_year(self, year: int, actor: Actor, at: datetime) -> int:
        """Take back everything the site has entered for a year; returns how many days."""
        in_year = calendar_day.c.day.between(date(year, 1, 1), date(year, 12, 31))
        with self.engine.begin() as connection:
            cleared = connection.execute(sa.delete(calendar_day).where(in_year)).rowcount
            log_act(connection, "calendar_cleared", str(year), {"days": cleared}, actor, at)
        return cleared

    # --- event notes
    # -------------------------------------------------------------------------------------------------------

    def notes(self, first: date, last: date, area: str | Collection[str] | None = None) -> pd.DataFrame:
        """The notes that touch first..last, one row a note: note_id, first_on, last_on, area_code, kind, text,
        post, recorded_at.

        `area` limits them to a place or to several (the caller names the subtree); notes for the whole city are
        always among them.
        """
        wanted = (event_note.c.first_on <= last) & (event_note.c.last_on >= first) & event_note.c.removed_at.is_(None)
        if area is not None:
            codes = [area] if isinstance(area, str) else list(area)
            wanted &= event_note.c.area_code.is_(None) | event_note.c.area_code.in_(codes)
        shown = ("note_id", "first_on", "last_on", "area_code", "kind", "text", "post", "verified", "recorded_at")
        order = (event_note.c.first_on, event_note.c.note_id)
        return self.read(sa.select(*(event_note.c[name] for name in shown)).where(wanted).order_by(*order))

    def add_note(
        self,
        first: date,
        last: date,
        text: str,
        actor: Actor,
        at: datetime,
        *,
        area: str | None = None,
        kind: str = "other",
    ) -> int:
        """Record a note about the days first..last; returns its number. `Refused` for an empty or personal text."""
        words = typed(text, needed=True)
        if last < first:
            raise Refused("desk.days_reversed", first=first, last=last)
        if kind not in NOTE_KINDS:
            raise Refused("desk.unknown_choice", given=kind, allowed=", ".join(NOTE_KINDS))
        note = {"first_on": first, "last_on": last, "area_code": area, "kind": kind, "text": words}
        with self.engine.begin() as connection:
            number = connection.execute(sa.insert(event_note).values(note | signed(actor, at))).inserted_primary_key[0]
            log_act(connection, "note_added", str(number), {"first_on": str(first), "last_on": str(last)}, actor, at)
        return number

    def remove_note(self, note_id: int, actor: Actor, at: datetime) -> None:
        """Withdraw a note; it stays on record. Raises `Refused` for a number that is unknown or withdrawn already."""
        there = (event_note.c.note_id == note_id) & event_note.c.removed_at.is_(None)
        with self.engine.begin() as connection:
            if not connection.execute(sa.update(event_note).where(there).values(removed_at=at)).rowcount:
                raise Refused("desk.note_unknown", number=note_id)
            log_act(connection, "note_removed", str(note_id), {}, actor, at)

    # --- duty mode
    # ---------------------------------------------------------------------------------------------------------

    def duty_mode(self) -> DutyMode:
        """The duty mode in force; `peace` as long as none was set."""
        last = sa.select(duty_mode).order_by(duty_mode.c.change_id.desc()).limit(1)
        with self.engine.connect() as connection:
            row = connection.execute(last).mappings().first()
        if row is None:
            return DutyMode("peace")
        return DutyMode(row["mode"], row["recorded_at"], row["reason"], row["post"], bool(row["verified"]))

    def set_duty_mode(self, mode: str, actor: Actor, at: datetime, reason: str | None = None) -> None:
        """Set the duty mode to `peace` or `war`, with the reason that the banner shows."""
        if mode not in DUTY_MODES:
            raise Refused("desk.unknown_choice", given=mode, allowed=", ".join(DUTY_MODES))
        words = typed(reason, needed=False)
        with self.engine.begin() as connection:
            connection.execute(sa.insert(duty_mode).values({"mode": mode, "reason": words} | signed(actor, at)))
            log_act(connection, "duty_mode_set", mode, {"reason": words}, actor, at)

    # --- settings
    # ----------------------------------------------------------------------------------------------------------

    def read_setting(self, name: str, on: date) -> Setting | None:
        """The version in force on a day: the latest `valid_from`, of two the later recorded; None without one."""
        table = setting_version
        statement = (
            sa.select(table)
            .where(table.c.name == name, table.c.valid_from <= on)
            .order_by(table.c.valid_from.desc(), table.c.version_id.desc())
            .limit(1)
        )
        with self.engine.connect() as connection:
            row = connection.execute(statement).mappings().first()
        if row is None:
            return None
        value = json.loads(row["value"])
        return Setting(name, value, row["valid_from"], row["version_id"], row["post"], bool(row["verified"]))

    def setting_versions(self, name: str) -> pd.DataFrame:
        """Every version of some settings, the last recorded first: version_id, valid_from, value (JSON), post, verified, recorded_at."""
        table = setting_version
        shown = ("version_id", "valid_from", "value", "post", "verified", "recorded_at")
        found = sa.select(*(table.c[column] for column in shown)).where(table.c.name == name)
        return self.read(found.order_by(table.c.version_id.desc()))

    def save_setting(self, name: str, value: Mapping[str, object], valid_from: date, actor: Actor, at: datetime) -> int:
        """Record a version of some settings, in force from a day on, and return its number; earlier versions stay."""
        screen(*texts(value))
        row = {"name": name, "valid_from": valid_from, "value": json.dumps(value, ensure_ascii=False, sort_keys=True)}
        with self.engine.begin() as connection:
            made = connection.execute(sa.insert(setting_version).values(row | signed(actor, at)))
            number = made.inserted_primary_key[0]
            log_act(connection, "setting_saved", name, {"version": number, "valid_from": str(valid_from)}, actor, at)
        return number

    # --- audit
    # -------------------------------------------------------------------------------------------------------------

    def acts(self, limit: int = 200) -> pd.DataFrame:
        """The last acts, newest first: act_id, recorded_at, post, role, verified, what, subject, detail."""
        shown = ("act_id", "recorded_at", "post", "role", "verified", "what", "subject", "detail")
        newest = sa.select(*(act.c[name] for name in shown)).order_by(act.c.act_id.desc()).limit(limit)
        return self.read(newest)

    def log(self, what: str, actor: Actor, at: datetime, *, subject: str | None = None, **detail: object) -> None:
        """Record an act done elsewhere, such as an import or an export."""
        screen(subject, *texts(detail))
        with self.engine.begin() as connection:
            log_act(connection, what, subject, detail, actor, at)

    def close(self) -> None:
        """Let go of the store's connections."""
        self.engine.dispose()

    def mark(self, names: Collection[str]) -> str:
        """A text that changes with every row added to one of these tables, which are only ever added to."""
        counted = [
            sa.select(sa.func.count()).select_from(desk.tables[name]).scalar_subquery().label(name) for name in names
        ]
        with self.engine.connect() as connection:
            return "-".join(str(count) for count in connection.execute(sa.select(*counted)).one())

    def read(self, statement: sa.Select) -> pd.DataFrame:
        """The rows of a statement."""
        with self.engine.connect() as connection:
            result = connection.execute(statement)
            return pd.DataFrame([tuple(row) for row in result], columns=list(result.keys()))


def open_desk(url: str) -> Desk:
    """The desk store at this URL, brought to the current schema; SQLite by default, PostgreSQL in production."""
    from data.migrations import upgrade_desk

    upgrade_desk(url)
    return Desk(create_engine(url))


def create_engine(url: str) -> sa.Engine:
    """An engine for the desk; what was decided here must survive a power cut, so SQLite waits for the disk."""
    engine = operational.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=FULL").close())
    return engine


def signed(actor: Actor, at: datetime) -> dict[str, object]:
    """The columns of `recorded_by` for an act of this moment."""
    areas = None if actor.scope.sees_all else json.dumps(actor.scope.areas, ensure_ascii=False)
    return {
        "recorded_at": at.replace(microsecond=0),
        "post": actor.post,
        "role": actor.scope.role,
        "areas": areas,
        "verified": int(actor.verified),
    }


def log_act(
    connection: sa.Connection, what: str, subject: str | None, detail: Mapping[str, object], actor: Actor, at: datetime
) -> None:
    """Write an act down within the transaction that does it."""
    row = {"what": what, "subject": subject, "detail": json.dumps(detail, ensure_ascii=False, default=str)}
    connection.execute(sa.insert(act).values(row | signed(actor, at)))


def _calendar_rows(days: pd.DataFrame) -> list[dict]:
    rows = {}
    for row in days.to_dict("records"):
        name = row.get("name")
        day = pd.Timestamp(row["day"]).date()
        if row["is_workday"] not in (0, 1):
            raise Refused("desk.unknown_choice", given=row["is_workday"], allowed="0, 1")
        rows[day] = {
            "day": day,
            "is_workday": int(row["is_workday"]),
            "name": (name.strip() or None) if isinstance(name, str) else None,
        }
    return list(rows.values())


def _check_years(days: Collection[date]) -> None:
    """A year that does not ship must be there day by day, so that no day of it is ever guessed."""
    shipped = shipped_years()
    for year in sorted({day.year for day in days if day.year not in shipped}):
        whole = days_of_year(year)
        found = sum(day in days for day in whole)
        if found < len(whole):
            raise Refused("calendar.year_incomplete", year=year, found=found, needed=len(whole))


def typed(text: str | None, *, needed: bool, longest: int = LONGEST_TEXT) -> str | None:
    """A typed text without its margins, screened; raises `Refused` for one that is empty, too long or personal."""
    words = (text or "").strip()
    if not words:
        if needed:
            raise Refused("desk.text_empty")
        return None
    if len(words) > longest:
        raise Refused("desk.text_too_long", found=len(words), limit=longest)
    screen(words)
    return words


def screen(*given: str | None) -> None:
    """Raise `Refused` when a text holds what looks like personal data."""
    from data.intake.personal import find_personal

    for text in given:
        kind = find_personal(text) if text else None
        if kind:
            raise Refused(f"desk.personal_text.{kind}", kind=kind)


def texts(value: object) -> list[str]:
    """Every text inside nested settings, keys included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for key, below in value.items() for text in (str(key), *texts(below))]
    if isinstance(value, (list, tuple)):
        return [text for below in value for text in texts(below)]
    return []
