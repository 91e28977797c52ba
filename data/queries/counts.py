"""Counts, stocks, closing times and delays: matters grouped by day, place, category, unit and source."""

from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader
from data.queries.selection import (
    RETURNED_TIMES,
    STANDING,
    Reach,
    Selection,
    condition,
    is_open,
    may_show,
    only,
    read_reach,
)
from data.scope import Scope

m = t.matter.c


def read_counts(mart: Reader, scope: Scope, chosen: tuple[Selection, ...]) -> list[int]:
    """How many matters each selection counts, all of them over one area and as of one day."""
    (area_code,) = {one.area_code for one in chosen}
    reach = read_reach(mart, scope, area_code)
    standing = [one for one in chosen if one.measure in STANDING]
    found: dict[Selection, int] = {}
    if standing:  # one pass over the few that are open, whatever is counted among them
        (as_of,) = {one.as_of for one in standing}
        columns = [how_many(condition(one)).label(f"n{place}") for place, one in enumerate(standing)]
        row = mart.read(sa.select(*columns).select_from(t.matter).where(is_open(as_of), reach.admits(m.area_pos))).iloc[
            0
        ]
        found = {one: int(value) for one, value in zip(standing, row, strict=True)}
    for one in chosen:
        if one not in found:
            (found[one],) = read_among(mart, one, (), reach)
    return [found[one] for one in chosen]


def read_among(mart: Reader, whole: Selection, parts: tuple[Selection, ...], reach: Reach) -> list[int]:
    """How many matters `whole` counts, and how many of these each of `parts` counts, in one pass.

    Every matter of a part must be one of the whole, as numerators are of their denominator.
    """
    columns = [how_many(condition(part)).label(f"n{place}") for place, part in enumerate(parts)]
    statement = sa.select(sa.func.count().label("whole"), *columns).select_from(t.matter)
    row = mart.read(statement.where(condition(whole), reach.admits(m.area_pos))).iloc[0]
    return [int(value) for value in row]


def how_many(which: sa.ColumnElement) -> sa.ColumnElement:
    """How many rows meet a condition; DuckDB looks once at what several of them have in common, which it does not in a FILTER."""
    return sa.func.count(sa.case((which, 1)))


def read_flows(
    mart: Reader,
    scope: Scope,
    first: date,
    last: date,
    *,
    kind: str | None = None,
    area_code: str | None = None,
    by_kind: bool = True,
) -> pd.DataFrame:
    """New and closed matters by day and kind: `day, kind, new, closed`; days without any are absent, `kind` too unless `by_kind`."""
    reach = read_reach(mart, scope, area_code)
    zero = sa.literal_column("0")

    def part(day: sa.ColumnElement, new: sa.ColumnElement, closed: sa.ColumnElement) -> sa.Select:
        keys = {"day": day, "kind": m.kind} if by_kind else {"day": day}
        columns = (column.label(name) for name, column in {**keys, "new": new, "closed": closed}.items())
        wanted = (day.between(first, last), only(kind), reach.admits(m.area_pos))
        return sa.select(*columns).where(*wanted).group_by(*keys.values())

    both = sa.union_all(part(m.registered_on, sa.func.count(), zero), part(m.closed_on, zero, sa.func.count()))
    found = both.subquery().c
    keys = [found.day, found.kind] if by_kind else [found.day]
    sums = [sa.func.sum(found[name]).label(name) for name in ("new", "closed")]
    return mart.read(sa.select(*keys, *sums).group_by(*keys).order_by(*keys))


def read_stock(
    mart: Reader, scope: Scope, days: tuple[date, ...], *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """Open and overdue matters at the close of each day: `day, open, overdue`, one row a day.

    Counted on the last day, and from there backwards by what opened, ended and fell overdue in between.
    """
    first, last = min(days), max(days)
    overdue_from = sa.func.greatest(m.registered_on, m.deadline_on + 1)
    alive = (
        sa.select(
            m.registered_on.label("opened"),
            sa.func.greatest(m.standing_until, m.registered_on).label("ended"),
            sa.case((m.deadline_on.is_not(None), overdue_from)).label("overdue"),
        )
        .where(
            m.registered_on <= last,
            m.standing_until > first,
            only(kind),
            read_reach(mart, scope, area_code).admits(m.area_pos),
        )
        .cte("alive")
    )
    opened, ended, overdue = alive.c.opened, alive.c.ended, alive.c.overdue
    steps = (
        ("opened", opened, opened > first),
        ("ended", ended, sa.and_(ended > first, ended <= last)),
        ("fell_overdue", overdue, sa.and_(overdue > first, overdue <= last, overdue < ended)),
        ("no_longer_overdue", ended, sa.and_(ended > first, ended <= last, overdue < ended)),
        ("open", sa.literal(last, sa.Date), ended > last),
        ("overdue", sa.literal(last, sa.Date), sa.and_(overdue <= last, ended > last)),
    )
    counted = [
        sa.select(sa.literal(name).label("step"), day.label("day"), sa.func.count().label("matters"))
        .where(which)
        .group_by(sa.literal_column("day") if name not in ("open", "overdue") else sa.text("1, 2"))
        for name, day, which in steps
    ]
    found = mart.read(sa.union_all(*counted))
    found["day"] = pd.to_datetime(found["day"])
    by_step = {name: rows.set_index("day")["matters"].astype("int64") for name, rows in found.groupby("step")}

    def after(name: str, day: date) -> int:
        step = by_step.get(name)
        return 0 if step is None else int(step[step.index > pd.Timestamp(day)].sum())

    def on_last(name: str) -> int:
        return int(by_step[name].sum()) if name in by_step else 0

    return pd.DataFrame(
        {
            "day": list(days),
            "open": [on_last("open") - after("opened", day) + after("ended", day) for day in days],
            "overdue": [
                on_last("overdue") - after("fell_overdue", day) + after("no_longer_overdue", day) for day in days
            ],
        }
    )


def read_open_by_unit(
    mart: Reader, scope: Scope, as_of: date, soon_days: int, *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """Matters open at the close of `as_of`, by responsible unit and kind.

    A row is a unit and a kind: `org_id, kind, open, overdue, due_on_day, due_soon, undated, returned, joint, oldest_due_on`; `due_soon`
    counts deadlines
    after `as_of` and up to `soon_days` days later.
    """
    reach = read_reach(mart, scope, area_code)
    due = m.deadline_on

    def counted(which: sa.ColumnElement, name: str) -> sa.ColumnElement:
        return sa.func.count().filter(which).label(name)

    statement = (
        sa.select(
            m.responsible_org_id.label("org_id"),
            m.kind,
            sa.func.count().label("open"),
            counted(due < as_of, "overdue"),
            counted(due == as_of, "due_on_day"),
            counted(sa.and_(due > as_of, due <= as_of + timedelta(days=soon_days)), "due_soon"),
            counted(due.is_(None), "undated"),
            counted(m.returned_count >= RETURNED_TIMES, "returned"),
            counted(m.joint_handling == 1, "joint"),
            sa.func.min(due).label("oldest_due_on"),
        )
        .where(is_open(as_of), only(kind), reach.admits(m.area_pos))
        .group_by(m.responsible_org_id, m.kind)
        .order_by(m.responsible_org_id.nulls_last(), m.kind)
    )
    return mart.read(statement)


def read_by_place(
    mart: Reader, scope: Scope, first: date, last: date, parent_code: str | None, *, kind: str | None = None
) -> pd.DataFrame:
    """New matters by day in each area right below `parent_code` (below the top when None): `area_code, day, new`."""
    reach = read_reach(mart, scope, parent_code)
    member = members(scope, parent_code)
    statement = (
        sa.select(member.c.area_code, m.registered_on.label("day"), sa.func.count().label("new"))
        .join_from(t.matter, member, m.area_pos == member.c.pos)
        .where(m.registered_on.between(first, last), only(kind), reach.admits(m.area_pos))
        .group_by(member.c.area_code, m.registered_on)
        .order_by(member.c.area_code, m.registered_on)
    )
    return mart.read(statement)


def read_stock_by_place(
    mart: Reader, scope: Scope, as_of: date, parent_code: str | None, *, kind: str | None = None
) -> pd.DataFrame:
    """Open and overdue at the close of `as_of` in each area right below `parent_code`: `area_code, open, overdue`."""
    reach = read_reach(mart, scope, parent_code)
    member = members(scope, parent_code)
    statement = (
        sa.select(
            member.c.area_code,
            sa.func.count().label("open"),
            sa.func.count().filter(m.deadline_on < as_of).label("overdue"),
        )
        .join_from(t.matter, member, m.area_pos == member.c.pos)
        .where(is_open(as_of), only(kind), reach.admits(m.area_pos))
        .group_by(member.c.area_code)
        .order_by(member.c.area_code)
    )
    return mart.read(statement)


def members(scope: Scope, parent_code: str | None) -> sa.Subquery:
    """Every place with the area it counts for: right below the chosen one; without a choice the scope's own, or below the top."""
    tree, child = t.area_tree, t.area_tree.alias("child")
    if parent_code:
        below = child.c.parent_code == parent_code
    else:
        below = child.c.depth == 1 if scope.sees_all else child.c.area_code.in_(scope.areas)
    within = tree.c.pos.between(child.c.pos, child.c.last_pos)
    return sa.select(tree.c.pos, child.c.area_code).join_from(tree, child, within).where(below).subquery("member")


def read_category_counts(
    mart: Reader, scope: Scope, first: date, last: date, area_code: str | None, *, kind: str | None = None
) -> pd.DataFrame:
    """New matters by category and day in one area: `category_code, day, new`; sensitive categories at street level and above only."""
    reach = read_reach(mart, scope, area_code)
    statement = (
        sa.select(m.category_code, m.registered_on.label("day"), sa.func.count().label("new"))
        .where(
            m.registered_on.between(first, last),
            only(kind),
            reach.admits(m.area_pos),
            may_show(mart, m.category_code, scope, area_code),
        )
        .group_by(m.category_code, m.registered_on)
        .order_by(m.category_code.nulls_last(), m.registered_on)
    )
    return mart.read(statement)


def read_closing_times(
    mart: Reader, scope: Scope, first: date, as_of: date, *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """Days from registration to closing of matters registered first..as_of, open ones censored at `as_of`.

    A row is a duration: `days, ended, matters`. Matters that ended at an unknown time are left out.
    """
    reach = read_reach(mart, scope, area_code)
    ended = sa.case((m.closed_on <= as_of, 1), else_=0)
    until = sa.case((m.closed_on <= as_of, m.closed_on), else_=sa.literal(as_of, sa.Date))
    rows = (
        sa.select((until - m.registered_on).label("days"), ended.label("ended"))
        .where(
            m.registered_on.between(first, as_of),
            sa.not_(sa.and_(m.closed_on.is_(None), m.is_ended == 1)),
            sa.or_(m.closed_on.is_(None), m.closed_on >= m.registered_on),
            only(kind),
            reach.admits(m.area_pos),
        )
        .subquery()
        .c
    )
    statement = (
        sa.select(rows.days, rows.ended, sa.func.count().label("matters"))
        .group_by(rows.days, rows.ended)
        .order_by(rows.days, rows.ended)
    )
    return mart.read(statement)


def read_delays(mart: Reader, scope: Scope, first: date, last: date, *, area_code: str | None = None) -> pd.DataFrame:
    """Days from registration to entry into the system: `registered_on, lag_days, matters`; matters without an entry day left out."""
    reach = read_reach(mart, scope, area_code)
    lag = (m.entered_on - m.registered_on).label("lag_days")
    statement = (
        sa.select(m.registered_on, lag, sa.func.count().label("matters"))
        .where(m.registered_on.between(first, last), m.entered_on >= m.registered_on, reach.admits(m.area_pos))
        .group_by(m.registered_on, lag)
        .order_by(m.registered_on, lag)
    )
    return mart.read(statement)


def read_sources(mart: Reader, scope: Scope, first: date, last: date, *, area_code: str | None = None) -> pd.DataFrame:
    """New matters by source and day, and how many of them have a place, a category and a unit.

    A row is a source and a day: `source_system, day, new, with_area, with_category, with_unit`.
    """
    reach = read_reach(mart, scope, area_code)
    statement = (
        sa.select(
            m.source_system,
            m.registered_on.label("day"),
            sa.func.count().label("new"),
            sa.func.count(m.area_pos).label("with_area"),
            sa.func.count(m.category_code).label("with_category"),
            sa.func.count(m.responsible_org_id).label("with_unit"),
        )
        .where(m.registered_on.between(first, last), reach.admits(m.area_pos))
        .group_by(m.source_system, m.registered_on)
        .order_by(m.source_system, m.registered_on)
    )
    return mart.read(statement)


def read_span(mart: Reader, scope: Scope) -> pd.DataFrame:
    """One row: `matters, first_on, last_on`, of what the scope sees."""
    reach = read_reach(mart, scope)
    statement = sa.select(
        sa.func.count().label("matters"),
        sa.func.min(m.registered_on).label("first_on"),
        sa.func.max(m.registered_on).label("last_on"),
    ).where(reach.admits(m.area_pos))
    return mart.read(statement)
