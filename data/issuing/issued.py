"""Issued briefs: numbered without gaps, frozen byte for byte, reopened with their hashes checked."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from data.desk import Desk, signed
from data.errors import Refused
from data.issuing.keys import BriefKey, check_may, writing
from data.issuing.steps import add_step, check_seen, newest_step, screen_edits
from data.issuing.tables import brief_step, issued_brief, issued_file
from data.scope import Actor

_HEAD = (
    "issued_id", "year", "number", "replaces", "version", "known_at", "post", "recorded_at", "document_sha256", "record_sha256",
)  # fmt: skip


@dataclass(frozen=True)
class Issued:
    """An issued brief: its number within kind and year (第N期), what it replaces, and the forms its files are kept in.

    `is_withdrawn` is True once it was withdrawn. `document` and `record` (its figures) are JSON, None in a list.
    """

    key: BriefKey
    issued_id: int
    year: int
    number: int
    replaces: int | None
    version: str
    known_at: datetime
    post: str
    verified: bool
    recorded_at: datetime
    document_sha256: str
    record_sha256: str
    is_withdrawn: bool
    forms: tuple[str, ...] = ()
    document: str | None = None
    record: str | None = None


@dataclass(frozen=True)
class IssuedFile:
    """One frozen file of an issued brief."""

    form: str
    content: bytes
    sha256: str


def next_number(desk: Desk, kind: str, at: datetime) -> int:
    """The number that the next issue of this kind will have, to be printed on it before it is issued."""
    with desk.engine.connect() as connection:
        return _next(connection, kind, at.year)


def issue(
    desk: Desk,
    key: BriefKey,
    *,
    document: str,
    record: str,
    files: Mapping[str, bytes],
    version: str,
    known_at: datetime,
    actor: Actor,
    at: datetime,
    number: int | None = None,
    seen: int | None = None,
) -> Issued:
    """Issue a reviewed brief: number it, freeze document, figures and files, all in one transaction.

    `number` is the one printed on the document, from `next_number`; when another issue took it meanwhile, `Refused` with
    `issuing.number_taken`, and the caller prints anew. A brief that was withdrawn before is named in `replaces`. Raises `Refused` for a
    brief that is not reviewed, is issued already, or has moved on since the step that was `seen`.
    """
    check_may(actor, "issue", key)
    with writing(desk) as connection:
        last = newest_step(connection, key)
        if last is not None and last.state == "issued":
            raise Refused("issuing.issued_already")
        if last is None or last.state != "reviewed":
            raise Refused("issuing.not_reviewed")
        check_seen(last, seen)
        screen_edits(last.document, document)
        given = _next(connection, key.kind, at.year)
        if number is not None and number != given:
            raise Refused("issuing.number_taken", number=number)
        earlier = sa.select(sa.func.max(issued_brief.c.issued_id)).where(issued_brief.c.brief_key == key.text)
        row = {
            "year": at.year,
            "number": given,
            "step_id": last.step_id,
            "replaces": connection.scalar(earlier),
            "document": document,
            "record": record,
            "document_sha256": sha256(document.encode()),
            "record_sha256": sha256(record.encode()),
            "version": version,
            "known_at": known_at.replace(microsecond=0),
        }
        made = connection.execute(sa.insert(issued_brief).values(key.columns | row | signed(actor, at)))
        issued_id = made.inserted_primary_key[0]
        kept = [
            {"issued_id": issued_id, "form": form, "content": content, "sha256": sha256(content)}
            for form, content in sorted(files.items())
        ]
        if kept:
            connection.execute(sa.insert(issued_file), kept)
        add_step(connection, key, {"state": "issued"}, "brief_issued", actor, at)
    return read_issued(desk, issued_id)


def read_issued(desk: Desk, issued_id: int) -> Issued:
    """An issued brief with document and figures. `Refused` for an unknown one, or one whose bytes are not those that were issued."""
    with desk.engine.connect() as connection:
        row = (
            connection.execute(_heads(with_texts=True).where(issued_brief.c.issued_id == issued_id)).mappings().first()
        )
        if row is None:
            raise Refused("issuing.unknown", number=issued_id)
        found = _issued(row, _forms(connection, [issued_id]))
    for name in ("document", "record"):
        _check(getattr(found, name).encode(), getattr(found, f"{name}_sha256"), found)
    return found


def read_file(desk: Desk, issued_id: int, form: str) -> IssuedFile:
    """A file of an issued brief, byte for byte; raises as `read_issued`."""
    wanted = (issued_file.c.issued_id == issued_id) & (issued_file.c.form == form)
    with desk.engine.connect() as connection:
        row = connection.execute(sa.select(issued_file).where(wanted)).mappings().first()
        if row is None:
            raise Refused("issuing.unknown", number=issued_id)
        heads = connection.execute(_heads().where(issued_brief.c.issued_id == issued_id)).mappings().one()
        _check(row["content"], row["sha256"], _issued(heads, {}))
    return IssuedFile(row["form"], bytes(row["content"]), row["sha256"])


def list_issued(
    desk: Desk,
    kind: str | None = None,
    areas: Collection[str] | None = None,
    *,
    key: BriefKey | None = None,
    before: date | None = None,
    limit: int = 100,
) -> tuple[Issued, ...]:
    """Issued briefs, the latest issue first, without their contents.

    `kind` is one of daily, weekly, monthly, annual; `areas` limits them to briefs of these areas (those of the whole city are then left
    out); `key` to briefs of the same kind, area and kind of matter, whatever their day; `before` to periods beginning before a day.
    """
    statement = _heads().order_by(issued_brief.c.issued_id.desc()).limit(limit)
    if kind is not None:
        statement = statement.where(issued_brief.c.brief == kind)
    if areas is not None:
        statement = statement.where(issued_brief.c.area_code.in_(list(areas)))
    if key is not None:
        same = (issued_brief.c[name].is_not_distinct_from(key.columns[name]) for name in ("area_code", "matter_kind"))
        statement = statement.where(issued_brief.c.brief == key.kind, *same)
    if before is not None:
        statement = statement.where(issued_brief.c.first_on < before)
    with desk.engine.connect() as connection:
        rows = connection.execute(statement).mappings().all()
        forms = _forms(connection, [row["issued_id"] for row in rows])
    return tuple(_issued(row, forms) for row in rows)


def last_issued(desk: Desk, key: BriefKey) -> Issued | None:
    """The issued brief of the latest period before this one, of the same kind, area and kind of matter; None where there is none."""
    standing = [one for one in list_issued(desk, key=key, before=key.first) if not one.is_withdrawn]
    latest = max(standing, key=lambda one: (one.key.first, one.issued_id), default=None)
    return read_issued(desk, latest.issued_id) if latest else None


def sha256(content: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _check(content: bytes, expected: str, issued: Issued) -> None:
    if sha256(content) != expected:
        raise Refused("issuing.damaged", year=issued.year, number=issued.number)


def _next(connection: sa.Connection, kind: str, year: int) -> int:
    numbered = (issued_brief.c.brief == kind) & (issued_brief.c.year == year)
    return (connection.scalar(sa.select(sa.func.max(issued_brief.c.number)).where(numbered)) or 0) + 1


def _heads(*, with_texts: bool = False) -> sa.Select:
    """Issued briefs with whether a withdrawal came after them."""
    t = issued_brief.c
    later = sa.select(brief_step.c.step_id).where(
        brief_step.c.brief_key == t.brief_key, brief_step.c.state == "withdrawn", brief_step.c.step_id > t.step_id
    )
    columns = [t[name] for name in ("brief", "first_on", "area_code", "matter_kind", "verified", *_HEAD)]
    columns += [t.document, t.record] if with_texts else []
    return sa.select(*columns, later.exists().label("is_withdrawn"))


def _forms(connection: sa.Connection, issued_ids: list[int]) -> dict[int, tuple[str, ...]]:
    named = sa.select(issued_file.c.issued_id, issued_file.c.form).where(issued_file.c.issued_id.in_(issued_ids))
    found: dict[int, tuple[str, ...]] = {}
    for issued_id, form in connection.execute(named.order_by(issued_file.c.issued_id, issued_file.c.form)):
        found[issued_id] = (*found.get(issued_id, ()), form)
    return found


def _issued(row: sa.RowMapping, forms: Mapping[int, tuple[str, ...]]) -> Issued:
    key = BriefKey(row["brief"], row["first_on"], row["area_code"], row["matter_kind"])
    return Issued(
        key=key,
        **{name: row[name] for name in _HEAD},
        verified=bool(row["verified"]),
        is_withdrawn=bool(row["is_withdrawn"]),
        forms=forms.get(row["issued_id"], ()),
        document=row.get("document"),
        record=row.get("record"),
    )
