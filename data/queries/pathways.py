"""The way of matters: how far a cohort came and how long that took, petitions that grew out of disputes, before and after a policy."""

from collections.abc import Iterable
from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries import stages
from data.queries.counts import how_many, members
from data.queries.names import Names, Reader, names_of, with_names
from data.queries.selection import may_show, only, read_reach
from data.queries.work import concerns
from data.scope import Scope

m = t.matter.c
STEPS = (("collected", "handled"), ("handled", "closed"), ("supervised", "closed"), ("closed", "evaluated"))
ONE_YEAR_OF_WEEKS = timedelta(weeks=52)  # so that weekdays meet
POLICY = ["action_id", "kind", "status", "area_code", "category_code", "suggested_on", "adopted_on", "effective_on"]


# --- the four stages -------------------------------------------------------------------------------------------------------


def read_stages(
    mart: Reader,
    scope: Scope,
    first: date,
    last: date,
    as_of: date,
    *,
    kind: str | None = None,
    area_code: str | None = None,
) -> pd.DataFrame:
    """How many of the matters registered first..last came to each stage by `as_of`, by source.

    A row is a source: `source_system, collected, handled, supervised, closed, evaluated, ended_undated`, and by stage, with the prefix
    `wrote_`, how many have the stage itself written down.
    """
    # Matters that are alike in all of this are counted first: many of them are, and each condition is looked at once.
    said = {f"wrote_{name}": stages.recorded(name, as_of) for name in stages.STAGES}
    said |= {"ended_undated": sa.and_(m.closed_on.is_(None), m.is_ended == 1)}
    rows = (
        sa.select(m.source_system, *(sa.case((which, 1), else_=0).label(name) for name, which in said.items()))
        .where(m.registered_on.between(first, last), only(kind), read_reach(mart, scope, area_code).admits(m.area_pos))
        .subquery()
        .c
    )
    names = ["source_system", *said]
    alike = (
        sa.select(*(rows[name] for name in names), sa.func.count().label("matters"))
        .group_by(*(rows[name] for name in names))
        .subquery()
        .c
    )

    def counted(which: sa.ColumnElement, name: str) -> sa.ColumnElement:
        return sa.cast(sa.func.sum(sa.case((which, alike.matters), else_=0)), sa.BigInteger).label(name)

    came = {name: stages.after(name, lambda one: alike[f"wrote_{one}"] == 1) for name in stages.STAGES}
    statement = (
        sa.select(
            alike.source_system,
            sa.cast(sa.func.sum(alike.matters), sa.BigInteger).label("collected"),
            *(counted(which, name) for name, which in came.items()),
            *(counted(alike[name] == 1, name) for name in said),
        )
        .group_by(alike.source_system)
        .order_by(alike.source_system)
    )
    return mart.read(statement)


def read_written(
    mart: Reader,
    scope: Scope,
    first: date,
    last: date,
    as_of: date,
    *,
    sources: Iterable[str],
    written: Iterable[str],
    kind: str | None = None,
    area_code: str | None = None,
) -> pd.DataFrame:
    """What a few sources record at all: how many of their matters registered first..last have each of these stages written down by `as_of`.

    A row is a source: `source_system, collected`, and by stage, with the prefix `wrote_`, how many.
    """
    statement = (
        sa.select(
            m.source_system,
            sa.func.count().label("collected"),
            *(how_many(stages.recorded(name, as_of)).label(f"wrote_{name}") for name in written),
        )
        .where(
            m.registered_on.between(first, last),
            m.source_system.in_(sources),
            only(kind),
            read_reach(mart, scope, area_code).admits(m.area_pos),
        )
        .group_by(m.source_system)
        .order_by(m.source_system)
    )
    return mart.read(statement)


def read_dwell_times(
    mart: Reader,
    scope: Scope,
    first: date,
    last: date,
    as_of: date,
    *,
    kind: str | None = None,
    area_code: str | None = None,
) -> pd.DataFrame:
    """Days between stages of the matters registered first..last, those still waiting counted until `as_of`.

    A row is a duration in a source: `source_system, start, end, days, ended, matters`; `days` is NA for matters that came to either stage on a day nobody wrote down,
    ended without the later stage being dated, or whose days run backwards.
    """
    # What is dated later has not happened yet.
    kept = {name: sa.case((day <= as_of, day)) for name, day in stages.STAGE_DAYS.items()}
    kept |= {f"wrote_{name}": sa.func.coalesce(stages.recorded(name, as_of), sa.false()) for name in stages.STAGES}
    kept |= {"is_over": sa.and_(m.closed_on.is_(None), m.is_ended == 1)}
    cohort = (
        sa.select(m.source_system, *(column.label(name) for name, column in kept.items()))
        .where(m.registered_on.between(first, last), only(kind), read_reach(mart, scope, area_code).admits(m.area_pos))
        .subquery()
        .c
    )
    timed = [_dwell(cohort, start, end, as_of) for start, end in STEPS]
    steps = [(days.label(f"days{number}"), ended.label(f"ended{number}")) for number, (days, ended) in enumerate(timed)]
    rows = sa.select(cohort.source_system, *(column for step in steps for column in step)).subquery().c
    sets = [sa.tuple_(rows.source_system, rows[days.name], rows[ended.name]) for days, ended in steps]
    # A bit a step, the first the highest.
    left_out = sa.func.grouping(*(rows[ended.name] for _, ended in steps)).label("left_out")
    found = mart.read(
        sa.select(rows, left_out, sa.func.count().label("matters")).group_by(sa.func.grouping_sets(*sets))
    )
    return pd.concat([_step(found, number) for number in range(len(STEPS))], ignore_index=True)


def _dwell(cohort: sa.ColumnCollection, start: str, end: str, as_of: date) -> tuple[sa.ColumnElement, sa.ColumnElement]:
    """Days of one step, and 1 where it is over, 0 where not, nothing for a matter that never entered it."""
    began, done, has_come = cohort[start], cohort[end], _came(cohort, end)
    waits = sa.and_(sa.not_(has_come), sa.not_(cohort.is_over))
    days = sa.case((done >= began, done - began), (waits, sa.literal(as_of, sa.Date) - began))
    is_over = sa.case((has_come, 1), else_=0)
    return days, is_over if start == "collected" else sa.case((_came(cohort, start), is_over))


def _came(cohort: sa.ColumnCollection, stage: str) -> sa.ColumnElement:
    return stages.after(stage, lambda one: cohort[f"wrote_{one}"])


def _step(found: pd.DataFrame, number: int) -> pd.DataFrame:
    """The durations of one step alone."""
    days, ended = f"days{number}", f"ended{number}"
    own = 2 ** len(STEPS) - 1 - 2 ** (len(STEPS) - 1 - number)
    mine = found[(found["left_out"] == own) & found[ended].notna()]
    start, end = STEPS[number]
    mine = mine[["source_system", days, ended, "matters"]].rename(columns={days: "days", ended: "ended"})
    return mine.assign(start=start, end=end)


# --- from dispute to petition -------------------------------------------------------------------------------------------------


def read_followed(
    mart: Reader, scope: Scope, first: date, last: date, days: int, *, area_code: str | None = None
) -> pd.DataFrame:
    """Disputes registered first..last by place, category and the days until the first petition that grew out of each.

    A row: `area_code` (an area right below the chosen one; NA where the place is none of them), `category_code, lead_days` (NA where no
    petition came within `days`), `disputes`.
    """
    found = first_petitions(first, last, days)
    member = members(scope, area_code)
    statement = (
        sa.select(member.c.area_code, m.category_code, found.c.lead_days, sa.func.count().label("disputes"))
        .select_from(
            t.matter.outerjoin(member, m.area_pos == member.c.pos).outerjoin(found, m.matter_no == found.c.matter_no)
        )
        .where(
            m.kind == "dispute",
            m.registered_on.between(first, last),
            read_reach(mart, scope, area_code).admits(m.area_pos),
        )
        .group_by(member.c.area_code, m.category_code, found.c.lead_days)
        .order_by(member.c.area_code.nulls_last(), m.category_code.nulls_last(), found.c.lead_days.nulls_last())
    )
    return mart.read(statement)


def read_following(
    mart: Reader, scope: Scope, first: date, as_of: date, days: int, *, area_code: str | None = None
) -> pd.DataFrame:
    """Days from a dispute registered first..as_of to its first petition, others counted until `days` or `as_of`: `days, ended, disputes`."""
    found = first_petitions(first, as_of, days)
    waited = sa.func.least(sa.literal(as_of, sa.Date) - m.registered_on, days)
    known = sa.and_(found.c.lead_days.is_not(None), found.c.petition_on <= as_of)
    length, ended = sa.case((known, found.c.lead_days), else_=waited), sa.case((known, 1), else_=0)
    rows = (
        sa.select(length.label("days"), ended.label("ended"))
        .select_from(t.matter.outerjoin(found, m.matter_no == found.c.matter_no))
        .where(
            m.kind == "dispute",
            m.registered_on.between(first, as_of),
            read_reach(mart, scope, area_code).admits(m.area_pos),
        )
        .subquery()
        .c
    )
    statement = (
        sa.select(rows.days, rows.ended, sa.func.count().label("disputes"))
        .group_by(rows.days, rows.ended)
        .order_by(rows.days, rows.ended)
    )
    return mart.read(statement)


def first_petitions(first: date, last: date, days: int) -> sa.Subquery:
    """The first petition that grew out of each dispute registered first..last within so many days: `matter_no, petition_on, lead_days`."""
    grown = t.grown_petition.c
    earliest = sa.func.min(grown.petition_on)
    lead = (earliest - sa.func.min(grown.registered_on)).label("lead_days")
    return (
        sa.select(grown.matter_no, earliest.label("petition_on"), lead)
        .where(
            grown.registered_on.between(first, last),
            grown.petition_on.between(grown.registered_on, grown.registered_on + days),
        )
        .group_by(grown.matter_no)
        .subquery("first_petition")
    )


def read_at_deadline(
    mart: Reader, scope: Scope, first: date, last: date, days: int, *, area_code: str | None = None
) -> pd.DataFrame:
    """Disputes whose deadline fell in first..last, by category and how they stood at it, and how many a petition followed within `days`.

    A row: `category_code, state` (see `stages.AT_DEADLINE`), `disputes, followed`; `followed` counts petitions after the deadline.
    """
    grown = t.grown_petition.c
    petitions = (
        sa.select(
            grown.matter_no,
            sa.func.bool_or(stages.grew("registered_on", until="deadline_on")).label("came_first"),
            sa.func.bool_or(stages.grew("deadline_on", days)).label("followed"),
        )
        .where(grown.deadline_on.between(first, last))
        .group_by(grown.matter_no)
        .subquery("petitions")
    )
    rows = (
        sa.select(
            m.category_code,
            stages.state_at_deadline(petitions.c.came_first).label("state"),
            sa.case((petitions.c.followed, 1), else_=0).label("followed"),
        )
        .select_from(t.matter.outerjoin(petitions, m.matter_no == petitions.c.matter_no))
        .where(
            m.kind == "dispute",
            m.deadline_on.between(first, last),
            read_reach(mart, scope, area_code).admits(m.area_pos),
        )
        .subquery()
        .c
    )
    statement = (
        sa.select(
            rows.category_code,
            rows.state,
            sa.func.count().label("disputes"),
            sa.func.sum(rows.followed).label("followed"),
        )
        .group_by(rows.category_code, rows.state)
        .order_by(rows.category_code.nulls_last(), rows.state)
    )
    return mart.read(statement)


# --- before and after a policy ------------------------------------------------------------------------------------------------


def read_policy_actions(mart: Reader, scope: Scope, as_of: date, *, area_code: str | None = None) -> pd.DataFrame:
    """Policy actions suggested by `as_of` (or without that day) that touch the chosen area, the latest first.

    A row is an action, columns of `POLICY` with `area, category`; an action of a wider area is among them.
    """
    c, tree = t.others["policy_action"].c, t.area_tree.c
    began = sa.func.coalesce(c.suggested_on, c.adopted_on, c.effective_on)
    statement = (
        sa.select(*(c[name] for name in POLICY))
        .select_from(t.others["policy_action"].outerjoin(t.area_tree, c.area_code == tree.area_code))
        .where(
            sa.or_(began.is_(None), began <= as_of),
            concerns(read_reach(mart, scope, area_code), tree),
            may_show(mart, c.category_code, scope, area_code),
        )
        .order_by(began.desc().nulls_last(), c.action_id)
    )
    return with_names(mart, mart.read(statement))[[*POLICY, "area", "category"]]


def read_around_policies(
    mart: Reader,
    scope: Scope,
    actions: pd.DataFrame,
    as_of: date,
    days: int,
    *,
    kind: str | None = None,
    area_code: str | None = None,
) -> pd.DataFrame:
    """New matters of each action's category and area by day, from `days` and a year before it came into force to `days` after.

    `actions` has `action_id, area_code, category_code, effective_on`, none of the last two empty. A row is an action and a day up to
    `as_of`: `action_id, day, matters`; days without any are absent.
    """
    around = _around(mart, actions, days)
    if not around:
        return pd.DataFrame({"action_id": [], "day": [], "matters": []})
    kinds = (sa.String, sa.String, sa.Integer, sa.Integer, sa.Date, sa.Date)
    names = ("action_id", "category_code", "low", "high", "first_on", "last_on")
    span = sa.values(*(sa.column(name, type_) for name, type_ in zip(names, kinds, strict=True)), name="span").data(
        around
    )
    statement = (
        sa.select(span.c.action_id, m.registered_on.label("day"), sa.func.count().label("matters"))
        .join_from(
            t.matter,
            span,
            sa.and_(
                m.category_code == span.c.category_code,
                m.registered_on.between(span.c.first_on, span.c.last_on),
                sa.or_(span.c.high < 0, m.area_pos.between(span.c.low, span.c.high)),
            ),
        )
        .where(
            m.registered_on.between(min(row[4] for row in around), as_of),
            only(kind),
            read_reach(mart, scope, area_code).admits(m.area_pos),
        )
        .group_by(span.c.action_id, m.registered_on)
        .order_by(span.c.action_id, m.registered_on)
    )
    return mart.read(statement)


def _around(mart: Reader, actions: pd.DataFrame, days: int) -> list[tuple]:
    """A row for each action and each category that counts for it: what to count, where (-1: everywhere), and from when to when."""
    names = names_of(mart)
    rows = []
    for action in actions.itertuples():
        area = names.area(action.area_code) if isinstance(action.area_code, str) else None
        low, high = (-1, -1) if area is None else (int(area["pos"]), int(area["last_pos"]))
        effective = pd.Timestamp(action.effective_on).date()
        first, last = effective - timedelta(days=days) - ONE_YEAR_OF_WEEKS, effective + timedelta(days=days)
        rows += [
            (action.action_id, code, low, high, first, last) for code in _with_those_below(names, action.category_code)
        ]
    return rows


def _with_those_below(names: Names, category_code: str) -> list[str]:
    """The category and those below it, three deep, as a selection narrowed to it counts."""
    parents = names.categories["parent_code"]
    children = parents.index[parents == category_code].tolist()
    return [category_code, *children, *parents.index[parents.isin(children)].tolist()]
