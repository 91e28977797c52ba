"""Named reads of the mart: arguments and a `Scope` in, a checked frame out.

Every read is narrowed twice, by the reader's scope and by the area chosen, through the area tree and never by string prefixes. One
function turns a `Selection` into its condition, so a number and the list of matters behind it cannot disagree.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.scope import Scope

m = t.matter.c

LARGER_PEOPLE = 10  # people; local reporting-up rules start at ten (DOMAIN 3.4), reviewed by the site
COLLECTIVE_PEOPLE = 5  # people; 集体访 is five or more
RETURNED_TIMES = 2  # returns; once is routine, twice is two units disagreeing
REBOUND_DAYS = 7  # days shown after a flare-up
STANDING = ("open", "overdue", "undated", "due", "returned", "joint")  # measures of what is open at the close of a day


class Reader(Protocol):
    """What a read needs of a mart."""

    def read(self, statement: sa.Select, params: dict | None = None) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Selection:
    """The matters that one number counts.

    `measure` names the condition: `new`, `closed` (in first..last); `open`, `overdue`, `undated`, `due` (deadline in first..last),
    `returned`, `rebounded`, `joint` (at the close of `as_of`); `larger`, `collective`, `major` (registered in first..last); and for a
    rate its denominator, or with the suffix `_met` its numerator: `on_time`, `accepted_in_time`, `answered`, `satisfied`, `solved`.
    """

    measure: str
    as_of: date
    first: date | None = None
    last: date | None = None
    kind: str | None = None
    area_code: str | None = None
    category_code: str | None = None
    org_id: str | None = None
    source_system: str | None = None

    def narrowed(self, **changes: object) -> "Selection":
        """The same count for fewer matters: one kind, one place, one unit."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Reach:
    """Ranges of the area tree's pre-order that both the scope and the chosen area admit; None is everything, () nothing."""

    ranges: tuple[tuple[int, int], ...] | None

    def admits(self, position: sa.ColumnElement) -> sa.ColumnElement:
        """The condition on a column of area positions."""
        if self.ranges is None:
            return sa.true()
        return sa.or_(sa.false(), *(position.between(first, last) for first, last in self.ranges))


def read_reach(mart: Reader, scope: Scope, area_code: str | None = None) -> Reach:
    """How far a reader sees within the chosen area. Unknown or foreign codes admit nothing."""
    wanted = [area_code] if area_code else []
    codes = [*(scope.areas or ()), *wanted]
    if scope.sees_all and not area_code:
        return Reach(None)
    tree = t.area_tree.c
    rows = mart.read(sa.select(tree.area_code, tree.pos, tree.last_pos).where(tree.area_code.in_(codes))).set_index(
        "area_code"
    )
    bounds = {code: (int(row.pos), int(row.last_pos)) for code, row in rows.iterrows()}
    allowed = None if scope.sees_all else [bounds[code] for code in scope.areas if code in bounds]
    if not area_code:
        return Reach(tuple(sorted(allowed)))
    if area_code not in bounds:
        return Reach(())
    low, high = bounds[area_code]
    if allowed is None:
        return Reach(((low, high),))
    met = [(max(low, first), min(high, last)) for first, last in allowed]
    return Reach(tuple(sorted({(first, last) for first, last in met if first <= last})))


# --- conditions ------------------------------------------------------------------------------------------------------------


def is_open(as_of: date) -> sa.ColumnElement:
    """Open at the close of `as_of`. A matter that ended on a day nobody wrote down is open at no time."""
    return sa.and_(m.registered_on <= as_of, m.standing_until > as_of)


def is_larger() -> sa.ColumnElement:
    return sa.or_(
        m.people_involved >= LARGER_PEOPLE, m.scale_code.in_(("02", "03")), m.severity_code.in_(("01", "02", "03"))
    )


def is_collective() -> sa.ColumnElement:
    return sa.or_(m.is_collective == 1, m.people_involved >= COLLECTIVE_PEOPLE)


def _decided(done_on: sa.ColumnElement, due_on: sa.ColumnElement, chosen: Selection) -> sa.ColumnElement:
    """Decided in first..last: done in time on such a day, or late since such a day, the day after the deadline.

    A matter that ended without this step being dated is neither: whether it was in time is unknown.
    """
    day = timedelta(days=1)
    in_time = sa.and_(done_on.between(chosen.first, chosen.last), done_on <= due_on)
    undone = sa.and_(done_on.is_(None), sa.or_(m.is_ended == 0, m.closed_on > due_on))
    late = sa.and_(due_on.between(chosen.first - day, chosen.last - day), sa.or_(undone, done_on > due_on))
    return sa.or_(in_time, late)


def _accepted(chosen: Selection) -> sa.ColumnElement:
    """Accepted or late to be accepted in first..last; either way notice was due no earlier, so that old blocks are skipped."""
    day = timedelta(days=1)
    return sa.and_(m.notify_due_on >= chosen.first - day, _decided(m.accepted_on, m.notify_due_on, chosen))


def _known(column: sa.ColumnElement, as_of: date) -> sa.ColumnElement:
    return sa.or_(column.is_(None), sa.cast(column, sa.Date) <= as_of)


def condition(chosen: Selection) -> sa.ColumnElement:
    """What a matter must meet to be counted by a selection, places and scope aside.

    Raises ValueError for an unknown measure.
    """
    first, last, as_of = chosen.first, chosen.last, chosen.as_of
    new = m.registered_on.between(first, last)
    verdict_only = sa.and_(m.closed_on.is_(None), m.closed_in_time.is_not(None), new)
    closed = m.closed_on.between(first, last)
    evaluated = sa.and_(closed, m.evaluation.is_not(None), _known(m.evaluated_at, as_of))
    answered = sa.and_(closed, m.is_solved.is_not(None), _known(m.called_back_at, as_of))
    by_measure = {
        "new": lambda: new,
        "closed": lambda: closed,
        "open": lambda: is_open(as_of),
        "overdue": lambda: sa.and_(is_open(as_of), m.deadline_on < as_of),
        "undated": lambda: sa.and_(is_open(as_of), m.deadline_on.is_(None)),
        "due": lambda: sa.and_(is_open(as_of), m.deadline_on.between(first, last)),
        "larger": lambda: sa.and_(new, is_larger()),
        "collective": lambda: sa.and_(new, is_collective()),
        "major": lambda: sa.and_(new, sa.or_(is_larger(), is_collective())),
        "returned": lambda: sa.and_(is_open(as_of), m.returned_count >= RETURNED_TIMES),
        "rebounded": lambda: m.rebounded_on.between(as_of - timedelta(days=REBOUND_DAYS - 1), as_of),
        "joint": lambda: sa.and_(is_open(as_of), m.joint_handling == 1),
        "ended_undated": lambda: sa.and_(m.registered_on <= as_of, m.closed_on.is_(None), m.is_ended == 1),
        # Nothing that was settled before the window is decided in it: said once more, so that old blocks are skipped.
        "on_time": lambda: sa.and_(
            m.standing_until >= first, sa.or_(_decided(m.closed_on, m.deadline_on, chosen), verdict_only)
        ),
        "on_time_met": lambda: sa.and_(
            m.standing_until >= first,
            sa.or_(
                sa.and_(_decided(m.closed_on, m.deadline_on, chosen), m.closed_on <= m.deadline_on),
                sa.and_(verdict_only, m.closed_in_time == 1),
            ),
        ),
        "accepted_in_time": lambda: _accepted(chosen),
        "accepted_in_time_met": lambda: sa.and_(_accepted(chosen), m.accepted_on <= m.notify_due_on),
        "answered": lambda: closed,
        "answered_met": lambda: evaluated,
        "satisfied": lambda: evaluated,
        "satisfied_met": lambda: sa.and_(evaluated, m.evaluation.in_(("satisfied", "basically_satisfied"))),
        "solved": lambda: answered,
        "solved_met": lambda: sa.and_(answered, m.is_solved == 1),
    }
    if chosen.measure not in by_measure:
        raise ValueError(f"measure {chosen.measure!r} is none of {', '.join(by_measure)}")
    return sa.and_(by_measure[chosen.measure](), _narrow(chosen))


def _narrow(chosen: Selection) -> sa.ColumnElement:
    parts = [
        column == value
        for column, value in (
            (m.kind, chosen.kind),
            (m.source_system, chosen.source_system),
            (m.responsible_org_id, chosen.org_id),
        )
        if value is not None
    ]
    if chosen.org_id == "":
        parts[-1] = m.responsible_org_id.is_(None)
    if chosen.category_code is not None:
        parts.append(m.category_code.in_(_with_descendants(chosen.category_code)))
    return sa.and_(sa.true(), *parts)


def _with_descendants(category_code: str) -> sa.Select:
    """The category and everything below it; the shipped and the usual foreign trees are three deep at most."""
    category = t.others["category"]
    child, grandchild = category.alias("child"), category.alias("grandchild")
    return (
        sa.union_all(
            sa.select(sa.literal(category_code)),
            sa.select(child.c.category_code).where(child.c.parent_code == category_code),
            sa.select(grandchild.c.category_code)
            .select_from(grandchild.join(child, grandchild.c.parent_code == child.c.category_code))
            .where(child.c.parent_code == category_code),
        )
        .subquery()
        .select()
    )


def _only(kind: str | None) -> sa.ColumnElement:
    return m.kind == kind if kind else sa.true()


# --- counts ----------------------------------------------------------------------------------------------------------------


def read_counts(mart: Reader, scope: Scope, chosen: tuple[Selection, ...]) -> list[int]:
    """How many matters each selection counts, all of them over one area and as of one day."""
    (area_code,) = {one.area_code for one in chosen}
    reach = read_reach(mart, scope, area_code)
    standing = [one for one in chosen if one.measure in STANDING]
    found: dict[Selection, int] = {}
    if standing:  # one pass over the few that are open, whatever is counted among them
        (as_of,) = {one.as_of for one in standing}
        columns = [sa.func.count().filter(condition(one)).label(f"n{place}") for place, one in enumerate(standing)]
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
    columns = [sa.func.count().filter(condition(part)).label(f"n{place}") for place, part in enumerate(parts)]
    statement = sa.select(sa.func.count().label("whole"), *columns).select_from(t.matter)
    row = mart.read(statement.where(condition(whole), reach.admits(m.area_pos))).iloc[0]
    return [int(value) for value in row]


def read_flows(
    mart: Reader, scope: Scope, first: date, last: date, *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """New and closed matters by day and kind: `day, kind, new, closed`; days without any are absent."""
    reach = read_reach(mart, scope, area_code)

    def part(day: sa.ColumnElement, new: sa.ColumnElement, closed: sa.ColumnElement) -> sa.Select:
        return (
            sa.select(day.label("day"), m.kind.label("kind"), new.label("new"), closed.label("closed"))
            .where(day.between(first, last), _only(kind), reach.admits(m.area_pos))
            .group_by(day, m.kind)
        )

    zero = sa.literal_column("0")
    both = sa.union_all(
        part(m.registered_on, sa.func.count(), zero), part(m.closed_on, zero, sa.func.count())
    ).subquery()
    statement = (
        sa.select(
            both.c.day, both.c.kind, sa.func.sum(both.c.new).label("new"), sa.func.sum(both.c.closed).label("closed")
        )
        .group_by(both.c.day, both.c.kind)
        .order_by(both.c.day, both.c.kind)
    )
    return mart.read(statement)


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
            _only(kind),
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
        .where(is_open(as_of), _only(kind), reach.admits(m.area_pos))
        .group_by(m.responsible_org_id, m.kind)
        .order_by(m.responsible_org_id.nulls_last(), m.kind)
    )
    return mart.read(statement)


def read_by_place(
    mart: Reader, scope: Scope, first: date, last: date, parent_code: str | None, *, kind: str | None = None
) -> pd.DataFrame:
    """New matters by day in each area right below `parent_code` (below the top when None): `area_code, day, new`."""
    reach = read_reach(mart, scope, parent_code)
    member = _members(scope, parent_code)
    statement = (
        sa.select(member.c.area_code, m.registered_on.label("day"), sa.func.count().label("new"))
        .join_from(t.matter, member, m.area_pos == member.c.pos)
        .where(m.registered_on.between(first, last), _only(kind), reach.admits(m.area_pos))
        .group_by(member.c.area_code, m.registered_on)
        .order_by(member.c.area_code, m.registered_on)
    )
    return mart.read(statement)


def read_stock_by_place(
    mart: Reader, scope: Scope, as_of: date, parent_code: str | None, *, kind: str | None = None
) -> pd.DataFrame:
    """Open and overdue at the close of `as_of` in each area right below `parent_code`: `area_code, open, overdue`."""
    reach = read_reach(mart, scope, parent_code)
    member = _members(scope, parent_code)
    statement = (
        sa.select(
            member.c.area_code,
            sa.func.count().label("open"),
            sa.func.count().filter(m.deadline_on < as_of).label("overdue"),
        )
        .join_from(t.matter, member, m.area_pos == member.c.pos)
        .where(is_open(as_of), _only(kind), reach.admits(m.area_pos))
        .group_by(member.c.area_code)
        .order_by(member.c.area_code)
    )
    return mart.read(statement)


def _members(scope: Scope, parent_code: str | None) -> sa.Subquery:
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
            _only(kind),
            reach.admits(m.area_pos),
            may_show(m.category_code, scope, area_code),
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
            _only(kind),
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


# --- lists -----------------------------------------------------------------------------------------------------------------


def read_matters(mart: Reader, scope: Scope, chosen: Selection, *, limit: int = 500) -> pd.DataFrame:
    """The matters a selection counts, the most urgent first; at most `limit` of them.

    A row is a matter: numbers, codes and names of place, category and unit, its dates, `people_involved`, `returned_count`. A matter of a
    sensitive category is placed no nearer than its street, and is not listed at all when the chosen area or the scope lies below a street.
    """
    reach = read_reach(mart, scope, chosen.area_code)
    urgent_first = ("deadline_on", "registered_on", "matter_no")
    shown = may_show(m.category_code, scope, chosen.area_code)
    base = sa.select(t.matter).where(condition(chosen), reach.admits(m.area_pos), shown)
    few = base.order_by(*(m[name].nulls_last() for name in urgent_first)).limit(limit).subquery("few").c
    tree, category, unit = t.area_tree.c, t.others["category"].c, t.others["organisation"].c
    street, community = t.area_tree.alias("street").c, t.area_tree.alias("community").c
    sensitive = sa.func.coalesce(category.is_sensitive, 0) == 1
    statement = (
        sa.select(
            few.matter_no,
            few.source_system,
            few.kind,
            tree.street_code,
            street.name.label("street"),
            sa.case((sensitive, None), else_=tree.community_code).label("community_code"),
            sa.func.coalesce(sa.case((sensitive, None), else_=community.name), street.name, tree.name).label("area"),
            few.category_code,
            category.name.label("category"),
            unit.name.label("unit"),
            few.registered_on,
            few.deadline_on,
            few.deadline_basis,
            few.closed_on,
            few.status,
            few.people_involved,
            few.returned_count,
            few.evaluation,
        )
        .select_from(
            few.matter_no.table.outerjoin(t.area_tree, few.area_pos == tree.pos)
            .outerjoin(street.name.table, street.area_code == tree.street_code)
            .outerjoin(community.name.table, community.area_code == tree.community_code)
            .outerjoin(t.others["category"], few.category_code == category.category_code)
            .outerjoin(t.others["organisation"], few.responsible_org_id == unit.org_id)
        )
        .order_by(*(few[name].nulls_last() for name in urgent_first))
    )
    return mart.read(statement)


def may_show(category_code: sa.ColumnElement, scope: Scope, area_code: str | None) -> sa.ColumnElement:
    """True where a category may be shown: a sensitive one only while neither the scope nor the chosen area lies below a street."""
    roots = {*(scope.areas or ()), *([area_code] if area_code else [])}
    if not roots:
        return sa.true()
    tree, category = t.area_tree.alias("root").c, t.others["category"].c
    near = sa.select(tree.area_code).where(
        tree.area_code.in_(sorted(roots)), tree.street_code.is_not(None), tree.street_code != tree.area_code
    )
    sensitive = sa.select(category.category_code).where(category.is_sensitive == 1)
    return sa.or_(category_code.is_(None), category_code.not_in(sensitive), sa.not_(sa.exists(near)))


def read_areas(mart: Reader, scope: Scope) -> pd.DataFrame:
    """The area tree as far as the scope sees, in pre-order, columns of `area_tree`."""
    reach = read_reach(mart, scope)
    return mart.read(sa.select(t.area_tree).where(reach.admits(t.area_tree.c.pos)).order_by(t.area_tree.c.pos))


def read_categories(mart: Reader) -> pd.DataFrame:
    """Every category: `category_code, name, parent_code, scheme_code, is_sensitive, is_severe`."""
    c = t.others["category"].c
    return mart.read(
        sa.select(c.category_code, c.name, c.parent_code, c.scheme_code, c.is_sensitive, c.is_severe).order_by(
            c.category_code
        )
    )


def read_units(mart: Reader) -> pd.DataFrame:
    """Every organisation: `org_id, name, kind`."""
    c = t.others["organisation"].c
    return mart.read(sa.select(c.org_id, c.name, c.kind).order_by(c.org_id))


def read_leader_cases(mart: Reader, scope: Scope, as_of: date, *, area_code: str | None = None) -> pd.DataFrame:
    """Leader-assigned matters not closed at the close of `as_of`, the most pressing first.

    A row is a case: `case_id, street, area, category, post_level, unit, opened_on, due_on, progress_pct, next_step, reported_on`; `area` is
    the community, or the street where the category is sensitive.
    """
    c = t.others["leader_case"].c
    tree, category, unit = t.area_tree.c, t.others["category"].c, t.others["organisation"].c
    street, community = t.area_tree.alias("street").c, t.area_tree.alias("community").c
    sensitive = sa.func.coalesce(category.is_sensitive, 0) == 1
    statement = (
        sa.select(
            c.case_id,
            street.name.label("street"),
            sa.func.coalesce(sa.case((sensitive, None), else_=community.name), street.name, tree.name).label("area"),
            category.name.label("category"),
            c.category_code,
            c.post_level,
            unit.name.label("unit"),
            c.opened_on,
            c.due_on,
            c.progress_pct,
            c.next_step,
            c.reported_on,
        )
        .select_from(
            t.others["leader_case"]
            .outerjoin(t.area_tree, c.area_code == tree.area_code)
            .outerjoin(street.name.table, street.area_code == tree.street_code)
            .outerjoin(community.name.table, community.area_code == tree.community_code)
            .outerjoin(t.others["category"], c.category_code == category.category_code)
            .outerjoin(t.others["organisation"], c.lead_org_id == unit.org_id)
        )
        .where(
            c.opened_on <= as_of,
            sa.or_(c.closed_on.is_(None), c.closed_on > as_of),
            read_reach(mart, scope, area_code).admits(tree.pos),
            may_show(c.category_code, scope, area_code),
        )
        .order_by(c.due_on.nulls_last(), c.case_id)
    )
    return mart.read(statement)


def _concerns(reach: Reach, tree: sa.ColumnCollection) -> sa.ColumnElement:
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
            _concerns(read_reach(mart, scope, area_code), tree),
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
        .where(c.planned_on == day, _concerns(read_reach(mart, scope, area_code), tree))
        .order_by(c.post_level, c.reception_id)
    )
    return mart.read(statement)
