"""The ledger of issued signals: each event written once, episodes numbered by day without gaps, nothing ever taken back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
import sqlalchemy as sa

from data.desk import Desk, log_act, signed
from data.errors import Refused
from data.handling.keys import check_may
from data.handling.tables import signal_issued
from data.issuing.keys import writing
from data.scope import Actor

EVENTS = ("opened", "escalated", "recovered", "muted", "rearmed", "closed", "rescored")
NODE = ("level", "area_code", "kind", "category_code")
# What an episode is after an event, and what the event rests on; as `analytics.signals.episodes` names them.
STATE = (
    *NODE, "path", "tier", "state", "opened_on", "issued_on", "mute_until", "clear_since", "p_alarmed", "level_alarmed", "points_alarmed",
    "note_id", "is_dismissed", "since",
)  # fmt: skip
_DAYS = ("opened_on", "issued_on", "mute_until", "clear_since", "since", "first_on", "last_on")


@dataclass(frozen=True)
class Event:
    """One event of an episode: what was judged (`as_of`, by the knowledge of `known_at` and the mart's `version`), the episode after it
    (`state`) and what it rests on (`numbers`).
    """

    event_id: int
    episode: str
    event_no: int
    event: str
    as_of: date
    known_at: datetime
    level: str
    area_code: str
    kind: str
    category_code: str | None
    tier: str | None
    level_code: str | None
    method: str | None
    channel: str | None
    version: str
    recorded_at: datetime
    state: Mapping[str, object]
    numbers: Mapping[str, object]


def ledger_mark(desk: Desk) -> int:
    """The number of the last event, 0 before the first: read it before the episodes, and hand it to `issue` as `seen`."""
    with desk.engine.connect() as connection:
        return _last(connection)


def issue(
    desk: Desk,
    events: pd.DataFrame,
    *,
    version: str,
    known_at: datetime,
    actor: Actor,
    at: datetime,
    seen: int | None = None,
) -> dict[str, str]:
    """Write the events of a night, all or none; returns the key that each provisional one was given.

    `events` as `analytics.signals.episodes.advance` or `rescored` make them, in their order: episode, event, as_of, the state of the
    episode, and the numbers in all other columns. An episode that opens gets the next number of its day (E-20261120-01). `seen` is the
    `ledger_mark` read before the episodes: when another night was written since, `Refused`, and nothing is written. Raises `Refused` for
    an event of an episode that was never opened.
    """
    check_may(actor, "issue")
    given: dict[str, str] = {}
    with writing(desk) as connection:
        if seen is not None and seen != _last(connection):
            raise Refused("handling.ledger_moved_on")
        for event in events.to_dict("records"):
            _write(connection, event, given, {"version": version, "known_at": known_at}, actor, at)
        if len(events):
            detail = {"events": len(events), "episodes": sorted(given.values()), "version": version}
            log_act(connection, "signals_issued", str(events["as_of"].max()), detail, actor, at)
    return given


def read_events(desk: Desk, where: sa.ColumnElement | None = None) -> tuple[Event, ...]:
    """Events of the ledger in the order they were written."""
    statement = sa.select(signal_issued).order_by(signal_issued.c.event_id)
    with desk.engine.connect() as connection:
        found = connection.execute(statement if where is None else statement.where(where)).mappings()
        return tuple(event_of(row) for row in found)


def event_of(row: sa.RowMapping) -> Event:
    """An event from its row."""
    plain = {name: row[name] for name in Event.__dataclass_fields__ if name not in ("state", "numbers")}
    return Event(**plain, state=_read(row["state"]), numbers=_read(row["numbers"]))


def path_of(connection: sa.Connection, episode: str) -> tuple[str, ...]:
    """The area of an episode and those above it. `Refused` for an unknown episode."""
    first = sa.select(signal_issued.c.state).where(signal_issued.c.episode == episode, signal_issued.c.event_no == 1)
    state = connection.scalar(first)
    if state is None:
        raise Refused("handling.episode_unknown", episode=episode)
    return _read(state)["path"]


def _write(
    connection: sa.Connection,
    event: Mapping[str, object],
    given: dict[str, str],
    judged: Mapping[str, object],
    actor: Actor,
    at: datetime,
) -> None:
    key = given.get(event["episode"], event["episode"])
    if event["event"] not in EVENTS:
        raise Refused("desk.unknown_choice", given=event["event"], allowed=", ".join(EVENTS))
    if event["event"] == "opened":
        key = given[event["episode"]] = _next_key(connection, event["as_of"])
    count = sa.select(sa.func.max(signal_issued.c.event_no)).where(signal_issued.c.episode == key)
    number = (connection.scalar(count) or 0) + 1
    if number == 1 and event["event"] != "opened":
        raise Refused("handling.episode_unknown", episode=key)
    numbers = {name: value for name, value in event.items() if name not in (*STATE, "episode", "event", "as_of")}
    row = {
        "episode": key,
        "event_no": number,
        "event": event["event"],
        "as_of": event["as_of"],
        "known_at": judged["known_at"].replace(microsecond=0),
        "version": judged["version"],
        **{name: event[name] for name in NODE},
        "tier": event["tier"],
        "level_code": _plain(event.get("level_code")) or event["level_alarmed"],
        "method": _plain(event.get("method")),
        "channel": _plain(event.get("channel")),
        "state": _text({name: event[name] for name in STATE}),
        "numbers": _text(numbers),
    }
    connection.execute(sa.insert(signal_issued).values(row | signed(actor, at)))


def _next_key(connection: sa.Connection, opened_on: date) -> str:
    opened = (signal_issued.c.event_no == 1) & (signal_issued.c.as_of == opened_on)
    count = connection.scalar(sa.select(sa.func.count()).select_from(signal_issued).where(opened))
    return f"E-{opened_on:%Y%m%d}-{count + 1:02d}"


def _last(connection: sa.Connection) -> int:
    return connection.scalar(sa.select(sa.func.max(signal_issued.c.event_id))) or 0


def _text(values: Mapping[str, object]) -> str:
    return json.dumps({name: _plain(value) for name, value in values.items()}, ensure_ascii=False, sort_keys=True)


def _plain(value: object) -> object:
    """A value as JSON has it: no numpy, days as text, what is missing as null."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _read(text: str) -> dict[str, object]:
    values = json.loads(text)
    days = {name: date.fromisoformat(values[name]) for name in _DAYS if values.get(name)}
    path = {"path": tuple(values["path"])} if "path" in values else {}
    return values | days | path
