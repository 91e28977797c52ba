"""What asks for a look beside a scorecard: how the units of each place closed their matters, and what is due. Numbers by place, never by post."""

from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader
from data.queries.score_states import ANSWERING

m = t.matter.c
REMOVED = sa.or_(m.status.in_(("cancelled", "duplicate", "rejected")), m.outcome == "withdrawn")


def _of_units(*columns: sa.ColumnElement) -> sa.Select:
    unit = t.others["organisation"].c
    return (
        sa.select(unit.area_code, *columns)
        .join_from(t.matter, t.others["organisation"], unit.org_id == m.responsible_org_id)
        .where(unit.kind.in_(ANSWERING), unit.area_code.is_not(None))
    )


def read_closing_habits(mart: Reader, first: date, last: date) -> pd.DataFrame:
    """How the units of each place closed in first..last: `area_code, dated, near_deadline, solved_reopened`.

    `dated` closings had a deadline; `near_deadline` of them fell on its day or the one before; `solved_reopened` flared up again after the
    public had said that they were solved.
    """
    near = sa.and_(m.closed_on <= m.deadline_on, m.closed_on >= m.deadline_on - 1)
    again = sa.and_(m.is_solved == 1, m.rebounded_on >= m.closed_on)
    rows = (
        _of_units(m.deadline_on, near.label("near"), again.label("again"))
        .where(m.closed_on.between(first, last))
        .subquery()
        .c
    )
    return mart.read(
        sa.select(rows.area_code, sa.func.count(rows.deadline_on).label("dated"), sa.func.count().filter(rows.near).label("near_deadline"),
                  sa.func.count().filter(rows.again).label("solved_reopened"))
        .group_by(rows.area_code)
    )  # fmt: skip


def read_closing_minutes(mart: Reader, first: date, last: date, least: int) -> pd.DataFrame:
    """Minutes in which the units of a place closed at least so many matters: `area_code, minute, matters`; whole midnights are no minutes."""
    minute = sa.func.date_trunc("minute", m.closed_at)
    timed = sa.or_(sa.extract("hour", m.closed_at) > 0, sa.extract("minute", m.closed_at) > 0)
    rows = _of_units(minute.label("minute")).where(m.closed_on.between(first, last), timed).subquery().c
    return mart.read(
        sa.select(rows.area_code, rows.minute, sa.func.count().label("matters"))
        .group_by(rows.area_code, rows.minute)
        .having(sa.func.count() >= least)
        .order_by(rows.area_code, rows.minute)
    )


def read_removals(mart: Reader, first: date, last: date, least: int) -> pd.DataFrame:
    """Days on which at least so many matters of a place's units ended as withdrawn, duplicate or rejected: `area_code, day, matters`."""
    rows = _of_units(m.closed_on.label("day")).where(m.closed_on.between(first, last), REMOVED).subquery().c
    return mart.read(
        sa.select(rows.area_code, rows.day, sa.func.count().label("matters"))
        .group_by(rows.area_code, rows.day)
        .having(sa.func.count() >= least)
        .order_by(rows.area_code, rows.day)
    )


def read_items_due(mart: Reader, table: str, as_of: date, days: int) -> pd.DataFrame:
    """Decided items of deliberation or claimed projects not done by `as_of` and due within so many days: `item, area_code, due_on`."""
    own = t.others[table].c
    key, begun = (own.item_id, own.decided_on) if table == "deliberation_item" else (own.project_id, own.claimed_on)
    undone = sa.or_(own.done_on.is_(None), own.done_on > as_of)
    statement = sa.select(key.label("item"), own.area_code, own.due_on).where(
        begun <= as_of, undone, own.due_on <= as_of + timedelta(days=days), own.due_on > as_of - timedelta(days=365)
    )
    return mart.read(statement.order_by(own.due_on, key))
