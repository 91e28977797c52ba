"""The work with matters and what is planned: leader-assigned matters, events, receptions."""

from datetime import date

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader, with_names
from data.queries.selection import Reach, may_show, read_reach
from data.scope import Scope

CASE = [
    "case_id", "street", "area", "category", "category_code", "post_level", "unit", "opened_on", "due_on", "progress_pct", "next_step",
    "reported_on",
]  # fmt: skip


def read_leader_cases(mart: Reader, scope: Scope, as_of: date, *, area_code: str | None = None) -> pd.DataFrame:
    """Leader-assigned matters not closed at the close of `as_of`, the most pressing first.

    A row is a case: `case_id, street, area, category, post_level, unit, opened_on, due_on, progress_pct, next_step, reported_on`; `area` is
    the community, or the street where the category is sensitive.
    """
    c, tree = t.others["leader_case"].c, t.area_tree.c
    own = [c[name] for name in CASE if name in c]
    statement = (
        sa.select(*own, c.area_code, c.lead_org_id.label("org_id"))
        .select_from(t.others["leader_case"].outerjoin(t.area_tree, c.area_code == tree.area_code))
        .where(
            c.opened_on <= as_of,
            sa.or_(c.closed_on.is_(None), c.closed_on > as_of),
            read_reach(mart, scope, area_code).admits(tree.pos),
            may_show(mart, c.category_code, scope, area_code),
        )
        .order_by(c.due_on.nulls_last(), c.case_id)
    )
    return with_names(mart, mart.read(statement))[CASE]


def concerns(reach: Reach, tree: sa.ColumnCollection) -> sa.ColumnElement:
    """An area that lies within the reach, or around it, or none at all (the whole city)."""
    if reach.ranges is None:
        return sa.true()
    around = [sa.and_(tree.pos <= first, tree.last_pos >= last) for first, last in reach.ranges]
    return sa.or_(tree.pos.is_(None), reach.admits(tree.pos), *around)


def read_events(mart: Reader, scope: Scope, first: date, last: date, *, area_code: str | None = None) -> pd.DataFrame:
    """Planned events that touch first..last here: `event_id, name, kind, area, starts_on, ends_on, people_expected`."""
    c, tree = t.others["planned_event"].c, t.area_tree.c
    statement = (
        sa.select(c.event_id, c.name, c.kind, tree.name.label("area"), c.starts_on, c.ends_on, c.people_expected)
        .select_from(t.others["planned_event"].outerjoin(t.area_tree, c.area_code == tree.area_code))
        .where(
            c.starts_on <= last,
            sa.func.coalesce(c.ends_on, c.starts_on) >= first,
            concerns(read_reach(mart, scope, area_code), tree),
        )
        .order_by(c.starts_on, c.event_id)
    )
    return mart.read(statement)


def read_receptions(mart: Reader, scope: Scope, day: date, *, area_code: str | None = None) -> pd.DataFrame:
    """Leaders' receptions planned for a day: `reception_id, kind, area, post_level`."""
    c, tree = t.others["leader_reception"].c, t.area_tree.c
    statement = (
        sa.select(c.reception_id, c.kind, tree.name.label("area"), c.post_level)
        .select_from(t.others["leader_reception"].outerjoin(t.area_tree, c.area_code == tree.area_code))
        .where(c.planned_on == day, concerns(read_reach(mart, scope, area_code), tree))
        .order_by(c.post_level, c.reception_id)
    )
    return mart.read(statement)
