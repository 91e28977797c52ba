"""A brief on its way: draft, reviewed, issued, withdrawn. Each step is one row and one transaction; the last row is the state."""

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from data.desk import Desk, log_act, screen, signed, texts, typed
from data.errors import Refused
from data.issuing.keys import BriefKey, check_may, writing
from data.issuing.tables import brief_step
from data.scope import Actor

STATES = ("draft", "reviewed", "issued", "withdrawn")
_KEPT = ("composed", "document", "record", "version", "known_at")


@dataclass(frozen=True)
class Step:
    """One step: what was `composed` from the figures and the `document` as edited, the figures (`record`), all JSON; the version of the
    mart they are from and the moment whose knowledge they state; and which post took the step when.
    """

    step_id: int
    state: str
    composed: str | None
    document: str | None
    record: str | None
    version: str | None
    known_at: datetime | None
    reason: str | None
    post: str
    verified: bool
    recorded_at: datetime


def save_draft(
    desk: Desk,
    key: BriefKey,
    composed: str,
    actor: Actor,
    at: datetime,
    *,
    edited: str | None = None,
    record: str | None = None,
    version: str | None = None,
    known_at: datetime | None = None,
    seen: int | None = None,
) -> int:
    """Keep a draft: the document as composed from the figures and as `edited` (the same where None); returns the step's number.

    `record` holds the figures it was made from (JSON), `version` the mart's version, `known_at` the moment whose knowledge they state.
    Earlier drafts stay. A reviewed brief becomes a draft again; an issued one must be withdrawn first. `seen` is the last step that the
    editor saw (0: none): when another came since, the draft is refused so that nobody's words are written over. What was typed is
    screened for personal data.
    """
    check_may(actor, "draft", key)
    document = composed if edited is None else edited
    screen_edits(composed, document)
    row = {"state": "draft", "composed": composed, "document": document, "record": record, "version": version}
    row["known_at"] = known_at
    with writing(desk) as connection:
        last = newest_step(connection, key)
        check_seen(last, seen)
        if last is not None and last.state == "issued":
            raise Refused("issuing.issued_already")
        return add_step(connection, key, row, "brief_drafted", actor, at)


def review(desk: Desk, key: BriefKey, actor: Actor, at: datetime, *, seen: int | None = None) -> int:
    """Mark the draft as reviewed; returns the step's number. `Refused` where there is no draft, or another one than was `seen`."""
    check_may(actor, "review", key)
    with writing(desk) as connection:
        last = newest_step(connection, key)
        check_seen(last, seen)
        if last is None or last.state != "draft":
            raise Refused("issuing.no_draft")
        row = {name: getattr(last, name) for name in _KEPT} | {"state": "reviewed"}
        return add_step(connection, key, row, "brief_reviewed", actor, at)


def withdraw(desk: Desk, key: BriefKey, reason: str, actor: Actor, at: datetime) -> int:
    """Withdraw an issued brief, which stays on record with its files; a later issue of the same brief names it as corrected."""
    check_may(actor, "withdraw", key)
    why = typed(reason, needed=True)
    with writing(desk) as connection:
        last = newest_step(connection, key)
        if last is None or last.state != "issued":
            raise Refused("issuing.not_issued")
        return add_step(connection, key, {"state": "withdrawn", "reason": why}, "brief_withdrawn", actor, at)


def read_steps(desk: Desk, key: BriefKey) -> tuple[Step, ...]:
    """Every step of a brief, oldest first; none where nobody has drafted it."""
    with desk.engine.connect() as connection:
        return tuple(_step(row) for row in connection.execute(_of(key)).mappings())


def last_step(desk: Desk, key: BriefKey) -> Step | None:
    """The step a brief stands at; None before the first draft."""
    with desk.engine.connect() as connection:
        return newest_step(connection, key)


def state_of(desk: Desk, key: BriefKey) -> str:
    """none, draft, reviewed, issued or withdrawn."""
    last = last_step(desk, key)
    return last.state if last else "none"


def check_seen(last: Step | None, seen: int | None) -> None:
    """Raise `Refused` when the brief has moved on since somebody looked at it."""
    if seen is not None and seen != (last.step_id if last else 0):
        raise Refused("issuing.moved_on")


def screen_edits(composed: str, edited: str) -> None:
    """Search what was typed, that is every text of the edited document that the composed one does not hold. ValueError: no JSON."""
    before = set(texts(json.loads(composed)))
    screen(*(one for one in texts(json.loads(edited)) if one not in before))


def add_step(
    connection: sa.Connection, key: BriefKey, row: dict[str, object], what: str, actor: Actor, at: datetime
) -> int:
    """Write a step and its act; returns its number."""
    made = connection.execute(sa.insert(brief_step).values(key.columns | row | signed(actor, at)))
    number = made.inserted_primary_key[0]
    log_act(connection, what, key.text, {"step": number}, actor, at)
    return number


def _of(key: BriefKey) -> sa.Select:
    return sa.select(brief_step).where(brief_step.c.brief_key == key.text).order_by(brief_step.c.step_id)


def newest_step(connection: sa.Connection, key: BriefKey) -> Step | None:
    """The same within a transaction."""
    newest = _of(key).order_by(None).order_by(brief_step.c.step_id.desc()).limit(1)
    row = connection.execute(newest).mappings().first()
    return _step(row) if row else None


def _step(row: sa.RowMapping) -> Step:
    names = ("step_id", "state", *_KEPT, "reason", "post", "recorded_at")
    return Step(**{name: row[name] for name in names}, verified=bool(row["verified"]))
