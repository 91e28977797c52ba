"""People's words in the sections of a brief, and how often a brief was opened."""

import logging
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from data.desk import Desk, log_act, signed, typed
from data.errors import Refused
from data.issuing.keys import BriefKey, check_may, writing
from data.issuing.steps import newest_step
from data.issuing.tables import brief_opening, brief_words
from data.scope import Actor

LONGEST_WORDS = 4000
_COUNTED = ("day", "brief_key", "issued_id", "role")


@dataclass(frozen=True)
class Words:
    """What people wrote in a section: the text ("" once taken back), the post that wrote it, and when."""

    text: str
    post: str
    verified: bool
    recorded_at: datetime


def save_words(desk: Desk, key: BriefKey, section: str, text: str, actor: Actor, at: datetime) -> None:
    """Keep people's words for a section; earlier ones stay on record, an empty text takes them back.

    `Refused` for personal data, for more than 4000 characters, and for a brief that is issued.
    """
    check_may(actor, "words", key)
    words = typed(text, needed=False, longest=LONGEST_WORDS)
    with writing(desk) as connection:
        last = newest_step(connection, key)
        if last is not None and last.state == "issued":
            raise Refused("issuing.issued_already")
        row = {"section": section, "text": words} | signed(actor, at)
        connection.execute(sa.insert(brief_words).values(key.columns | row))
        log_act(connection, "words_saved", key.text, {"section": section, "characters": len(words or "")}, actor, at)


def read_words(desk: Desk, key: BriefKey) -> dict[str, Words]:
    """The words that stand, by section; a section nobody wrote in, or whose words were taken back, is not there."""
    return {section: words for section, words in dict(_all_words(desk, key)).items() if words.text}


def words_history(desk: Desk, key: BriefKey, section: str) -> tuple[Words, ...]:
    """Everything ever written in a section, oldest first."""
    return tuple(words for name, words in _all_words(desk, key) if name == section)


def _all_words(desk: Desk, key: BriefKey) -> list[tuple[str, Words]]:
    t = brief_words.c
    statement = sa.select(t.section, t.text, t.post, t.verified, t.recorded_at).where(t.brief_key == key.text)
    with desk.engine.connect() as connection:
        rows = connection.execute(statement.order_by(t.words_id)).all()
    return [(row.section, Words(row.text or "", row.post, bool(row.verified), row.recorded_at)) for row in rows]


def note_opening(desk: Desk, key: BriefKey, actor: Actor, at: datetime, *, issued_id: int = 0) -> bool:
    """Count that a brief was opened, by day and role, never by whom; `issued_id` for a file of an issued copy.

    False when it could not be counted: that is no reason to keep a reader waiting, so it is only logged.
    """
    insert = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
    row = {"day": at.date(), "brief_key": key.text, "issued_id": issued_id, "role": actor.scope.role, "opened": 1}
    statement = insert[desk.engine.dialect.name](brief_opening).values(row)
    one_more = {"opened": brief_opening.c.opened + 1}
    try:
        with desk.engine.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=list(_COUNTED), set_=one_more))
    except sa.exc.OperationalError:
        logging.getLogger("xianshou").exception("an opening was not counted")
        return False
    return True


def count_openings(desk: Desk, key: BriefKey) -> pd.DataFrame:
    """How often a brief was opened: `day, issued_id, role, opened`, one row a day, copy (0: the page) and role."""
    t = brief_opening.c
    return desk.read(
        sa.select(t.day, t.issued_id, t.role, t.opened)
        .where(t.brief_key == key.text)
        .order_by(t.day, t.issued_id, t.role)
    )
