"""The weekly dispatch: major matters and their next steps, what became of them, what is late, and the work of meetings and mediation."""

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.major import (
    REASONS,
    STEPS,
    became,
    candidates,
    has_step_due,
    is_dispatched,
    is_open,
    next_steps,
    reasons,
)
from data.queries.names import Reader, with_names
from data.queries.selection import RESOLUTION_GROUPS, may_show, only, read_reach
from data.queries.stages import SETTLED, UNSETTLED
from data.queries.work import concerns
from data.scope import Scope

m = t.matter.c
ONE_DAY = timedelta(days=1)
LATE_DAYS = ((1, 7), (8, 30), (31, 90), (91, None))  # rungs of the overdue ladder, in days past the deadline
TIERS = ("fairness_meeting", "hearing", "joint_meeting")  # 公道会、听证会、联席会 (DOMAIN 1.3)

PLACED = ["street_code", "street", "community_code", "area"]
MATTER = [
    "matter_no", "kind", *PLACED, "category_code", "category", "org_id", "unit", "registered_on", "people_involved", "leader_case_post",
]  # fmt: skip
DUES = [*(f"{name}_on" for name in STEPS), "case_on"]
CASE = [
    "case_id",
    "matter_no",
    "post_level",
    "opened_on",
    "case_due_on",
    "progress_pct",
    "next_step",
    "reported_on",
    "closed_on",
]


def read_dispatch(
    mart: Reader, scope: Scope, as_of: date, since: date, *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """The dispatch tables of `as_of` and of an earlier day `since` in one pass, the most urgent first (see `data.queries.major`).

    A row is a matter: its codes and names, `registered_on, people_involved, leader_case_post, deadline_on, closed_on`; `on_now` and
    `on_then`, whether it stands on either table; `may_list`, false where its sensitive category may be counted but not listed; a truth
    value for each of `REASONS`; the due day of each step still to be done (`close_on, review_on, notify_on, route_on`, and `case_on` of
    its leader-assigned case), `next_on`, the first of them; `is_overdue`, a step fell due before `as_of`; and what `became` of it since.
    """
    rows = _dispatched(as_of, since, _listable(mart, scope, area_code), read_reach(mart, scope, area_code).admits, kind)
    statement = (
        sa.select(rows)
        .where(sa.or_(rows.c.on_now, rows.c.on_then))
        .order_by(
            rows.c.next_on.nulls_last(),
            rows.c.severity_code.nulls_last(),
            rows.c.people_involved.desc().nulls_last(),
            rows.c.registered_on,
            rows.c.matter_no,
        )
    )
    columns = [
        *MATTER,
        "deadline_on",
        "closed_on",
        "on_now",
        "on_then",
        "may_list",
        *REASONS,
        *DUES,
        "next_on",
        "is_overdue",
        "became",
    ]
    return with_names(mart, mart.read(statement))[columns]


def _listable(mart: Reader, scope: Scope, area_code: str | None) -> Callable[[sa.ColumnElement], sa.ColumnElement]:
    return lambda category_code: may_show(mart, category_code, scope, area_code)


def _dispatched(
    as_of: date,
    since: date,
    listable: Callable[[sa.ColumnElement], sa.ColumnElement],
    admits: Callable[[sa.ColumnElement], sa.ColumnElement],
    kind: str | None,
) -> sa.Subquery:
    among, case = candidates(since), _case_due(as_of)
    c = among.c
    dues = {**next_steps(as_of, c), "case": case.c.due_on}
    late = has_step_due(as_of, None, as_of - ONE_DAY, c)

    def whether(holds: sa.ColumnElement, name: str) -> sa.ColumnElement:
        return sa.func.coalesce(holds, sa.false()).label(name)

    return (
        sa.select(
            *(c[name] for name in MATTER if name in c),
            c.area_pos,
            c.responsible_org_id.label("org_id"),
            c.severity_code,
            c.deadline_on,
            sa.case((c.closed_on <= as_of, c.closed_on)).label("closed_on"),
            whether(is_dispatched(as_of, c), "on_now"),
            whether(is_dispatched(since, c), "on_then"),
            whether(listable(c.category_code), "may_list"),
            *(whether(holds, name) for name, holds in reasons(as_of, c).items()),
            *(due.label(f"{name}_on") for name, due in dues.items()),
            sa.func.least(*dues.values()).label("next_on"),
            whether(late, "is_overdue"),
            became(since, as_of, c).label("became"),
        )
        .select_from(among.outerjoin(case, c.matter_no == case.c.matter_no))
        .where(c.kind == kind if kind else sa.true(), admits(c.area_pos))
        .subquery("dispatched")
    )


def _case_due(as_of: date) -> sa.Subquery:
    """When the leader-assigned cases of a matter that are open at `as_of` are to be done, the first of them: `matter_no, due_on`."""
    case = t.others["leader_case"].c
    return (
        sa.select(case.matter_no, sa.func.min(case.due_on).label("due_on"))
        .where(case.matter_no.is_not(None), _case_is_open(as_of))
        .group_by(case.matter_no)
        .subquery("case_due")
    )


def _case_is_open(as_of: date) -> sa.ColumnElement:
    case = t.others["leader_case"].c
    return sa.and_(case.opened_on <= as_of, sa.or_(case.closed_on.is_(None), case.closed_on > as_of))


def read_dispatch_cases(mart: Reader, scope: Scope, as_of: date, *, area_code: str | None = None) -> pd.DataFrame:
    """Leader-assigned cases taken on by `as_of` and not closed more than a week before it, for the dispatch table and its look-back.

    A row is a case: `case_id, matter_no, post_level, opened_on, case_due_on, progress_pct, next_step, reported_on, closed_on`, place,
    category and leading unit, and `matters`: how many matters of its category in its area are open where it stands for no single one.
    """
    case, tree = t.others["leader_case"].c, t.area_tree.c
    own = [case[name] for name in (*CASE, "category_code", "area_code") if name in case]
    grouped = _matters_of_cases(as_of)
    statement = (
        sa.select(
            *own,
            case.due_on.label("case_due_on"),
            case.lead_org_id.label("org_id"),
            sa.func.coalesce(grouped.c.matters, 0).label("matters"),
        )
        .select_from(
            t.others["leader_case"]
            .outerjoin(t.area_tree, case.area_code == tree.area_code)
            .outerjoin(grouped, grouped.c.case_id == case.case_id)
        )
        .where(
            case.opened_on <= as_of,
            sa.or_(case.closed_on.is_(None), case.closed_on > as_of - timedelta(days=7)),
            read_reach(mart, scope, area_code).admits(tree.pos),
            may_show(mart, case.category_code, scope, area_code),
        )
        .order_by(case.due_on.nulls_last(), case.case_id)
    )
    columns = [*CASE, "area_code", *PLACED, "category_code", "category", "org_id", "unit", "matters"]
    return with_names(mart, mart.read(statement))[columns]


def _matters_of_cases(as_of: date) -> sa.Subquery:
    """Open matters in the area and the category of each leader-assigned case that stands for no single matter: `case_id, matters`."""
    case, tree = t.others["leader_case"].c, t.area_tree.alias("around")
    own, parent = t.others["category"].alias("own"), t.others["category"].alias("parent")
    wider = (own.c.category_code, own.c.parent_code, parent.c.parent_code)
    return (
        sa.select(case.case_id, sa.func.count().label("matters"))
        .select_from(
            t.others["leader_case"]
            .join(tree, tree.c.area_code == case.area_code)
            .join(t.matter, m.area_pos.between(tree.c.pos, tree.c.last_pos))
            .join(own, own.c.category_code == m.category_code)
            .outerjoin(parent, parent.c.category_code == own.c.parent_code)
        )
        .where(
            case.matter_no.is_(None),
            _case_is_open(as_of),
            is_open(as_of),
            sa.or_(*(code == case.category_code for code in wider)),
        )
        .group_by(case.case_id)
        .subquery("of_case")
    )


def read_late(
    mart: Reader, scope: Scope, as_of: date, *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """Matters open at the close of `as_of` by responsible unit and kind: how many, how many have no deadline, how many are how late.

    A row is a unit and a kind: `org_id, kind, open, undated, overdue`, one count for each of `LATE_DAYS` (`late_1, late_8, late_31,
    late_91`), and `oldest_due_on`.
    """
    due = m.deadline_on

    def late(first: int, last: int | None) -> sa.ColumnElement:
        newest = due <= as_of - timedelta(days=first)
        return newest if last is None else sa.and_(newest, due >= as_of - timedelta(days=last))

    statement = (
        sa.select(
            m.responsible_org_id.label("org_id"),
            m.kind,
            sa.func.count().label("open"),
            sa.func.count().filter(due.is_(None)).label("undated"),
            sa.func.count().filter(due < as_of).label("overdue"),
            *(sa.func.count().filter(late(first, last)).label(f"late_{first}") for first, last in LATE_DAYS),
            sa.func.min(due).label("oldest_due_on"),
        )
        .where(is_open(as_of), only(kind), read_reach(mart, scope, area_code).admits(m.area_pos))
        .group_by(m.responsible_org_id, m.kind)
        .order_by(m.responsible_org_id.nulls_last(), m.kind)
    )
    return mart.read(statement)


def read_due_by_day(
    mart: Reader,
    scope: Scope,
    as_of: date,
    first: date,
    last: date,
    *,
    kind: str | None = None,
    area_code: str | None = None,
) -> pd.DataFrame:
    """Matters open at the close of `as_of` by the day of first..last on which their deadline falls: `day, matters`."""
    statement = (
        sa.select(m.deadline_on.label("day"), sa.func.count().label("matters"))
        .where(
            is_open(as_of),
            m.deadline_on.between(first, last),
            only(kind),
            read_reach(mart, scope, area_code).admits(m.area_pos),
        )
        .group_by(m.deadline_on)
        .order_by(m.deadline_on)
    )
    return mart.read(statement)


def read_closing_ways(
    mart: Reader,
    scope: Scope,
    first: date,
    last: date,
    *,
    kind: str | None = None,
    area_code: str | None = None,
) -> pd.DataFrame:
    """How the matters closed in first..last were settled.

    A row is a tier of meeting, a committee and a method: `meeting_level, committee_code, resolution_method, resolution_group, closed,
    settled, concluded`; concluded are those with an outcome recorded, settled those of them that were settled.
    """
    group = sa.case(RESOLUTION_GROUPS, value=m.resolution_method, else_=m.resolution_method)
    statement = (
        sa.select(
            m.meeting_level,
            m.committee_code,
            m.resolution_method,
            group.label("resolution_group"),
            sa.func.count().label("closed"),
            sa.func.count().filter(m.outcome.in_(SETTLED)).label("settled"),
            sa.func.count().filter(m.outcome.in_((*SETTLED, *UNSETTLED))).label("concluded"),
        )
        .where(m.closed_on.between(first, last), only(kind), read_reach(mart, scope, area_code).admits(m.area_pos))
        .group_by(m.meeting_level, m.committee_code, m.resolution_method)
        .order_by(*(one.nulls_last() for one in (m.meeting_level, m.committee_code, m.resolution_method)))
    )
    return mart.read(statement)


def read_open_ways(
    mart: Reader, scope: Scope, as_of: date, *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """Matters open at the close of `as_of` by tier of meeting and committee: `meeting_level, committee_code, open`."""
    statement = (
        sa.select(m.meeting_level, m.committee_code, sa.func.count().label("open"))
        .where(is_open(as_of), only(kind), read_reach(mart, scope, area_code).admits(m.area_pos))
        .group_by(m.meeting_level, m.committee_code)
        .order_by(m.meeting_level.nulls_last(), m.committee_code.nulls_last())
    )
    return mart.read(statement)


# --- what is held, assessed, built and planned -----------------------------------------------------------------------------------


def read_meetings(mart: Reader, scope: Scope, first: date, last: date, *, area_code: str | None = None) -> pd.DataFrame:
    """Meetings of the three tiers held here in first..last: `kind, meetings, items, decided, done`, one row a tier that met."""
    meeting, tree = t.others["meeting_record"].c, t.area_tree.c
    counted = [sa.func.coalesce(sa.func.sum(meeting[name]), 0).label(name) for name in ("items", "decided", "done")]
    statement = (
        sa.select(meeting.kind, sa.func.count().label("meetings"), *counted)
        .select_from(t.others["meeting_record"].outerjoin(t.area_tree, meeting.area_code == tree.area_code))
        .where(
            meeting.kind.in_(TIERS),
            meeting.held_on.between(first, last),
            read_reach(mart, scope, area_code).admits(tree.pos),
        )
        .group_by(meeting.kind)
        .order_by(meeting.kind)
    )
    return mart.read(statement)


def read_recorded(mart: Reader) -> pd.Series:
    """Whether the sources keep the records the weekly brief asks for: `meetings, receptions, assessments, projects, cases` (any rows), and
    `tiers, committees, methods` (any matter that names one)."""
    tables = {
        "meetings": "meeting_record",
        "receptions": "leader_reception",
        "assessments": "stability_assessment",
        "projects": "livelihood_project",
        "cases": "leader_case",
    }
    columns = {"tiers": m.meeting_level, "committees": m.committee_code, "methods": m.resolution_method}
    asked = {name: sa.select(sa.literal_column("1")).select_from(t.others[table]) for name, table in tables.items()}
    asked |= {
        name: sa.select(sa.literal_column("1")).select_from(t.matter).where(column.is_not(None))
        for name, column in columns.items()
    }
    return mart.read(sa.select(*(sa.exists(one).label(name) for name, one in asked.items()))).iloc[0]


def read_assessments(mart: Reader, scope: Scope, as_of: date, *, area_code: str | None = None) -> pd.DataFrame:
    """Stability assessments made by `as_of` on which nothing was decided yet at its close, the riskiest and oldest first.

    A row is an assessment: `assessment_id, area, street, unit, legality, reasonableness, feasibility, controllability, risk_code,
    assessed_on`.
    """
    one, tree = t.others["stability_assessment"].c, t.area_tree.c
    scores = (one.legality, one.reasonableness, one.feasibility, one.controllability)
    statement = (
        sa.select(one.assessment_id, one.area_code, one.org_id, *scores, one.risk_code, one.assessed_on)
        .select_from(t.others["stability_assessment"].outerjoin(t.area_tree, one.area_code == tree.area_code))
        .where(
            one.assessed_on <= as_of,
            sa.or_(one.decided_on.is_(None), one.decided_on > as_of),
            read_reach(mart, scope, area_code).admits(tree.pos),
        )
        .order_by(one.assessed_on, one.assessment_id)
    )
    own = ["legality", "reasonableness", "feasibility", "controllability", "risk_code", "assessed_on"]
    return with_names(mart, mart.read(statement))[["assessment_id", *PLACED, "unit", *own]]


def read_projects(mart: Reader, scope: Scope, as_of: date, *, area_code: str | None = None) -> pd.DataFrame:
    """Livelihood projects begun and not done at the close of `as_of`, those due first at the top.

    A row is a project: `project_id, name, area, street, unit, stage_code, starts_on, due_on, progress_pct`.
    """
    one, tree = t.others["livelihood_project"].c, t.area_tree.c
    own = ["project_id", "name", "stage_code", "starts_on", "due_on", "progress_pct"]
    statement = (
        sa.select(*(one[name] for name in own), one.area_code, one.lead_org_id.label("org_id"))
        .select_from(t.others["livelihood_project"].outerjoin(t.area_tree, one.area_code == tree.area_code))
        .where(
            one.starts_on <= as_of,
            sa.or_(one.done_on.is_(None), one.done_on > as_of),
            read_reach(mart, scope, area_code).admits(tree.pos),
        )
        .order_by(one.due_on.nulls_last(), one.project_id)
    )
    return with_names(mart, mart.read(statement))[[*own, *PLACED, "unit"]]


def read_reception_counts(
    mart: Reader, scope: Scope, first: date, last: date, *, area_code: str | None = None
) -> pd.DataFrame:
    """Leaders' receptions here, planned for or held in first..last, by kind.

    A row is a kind: `kind, planned, kept` (planned for these days, and of these held by `last`), `held, batches, issues, solved` (held on
    these days, whenever they were planned).
    """
    one, tree = t.others["leader_reception"].c, t.area_tree.c
    planned, held = one.planned_on.between(first, last), one.held_on.between(first, last)
    sums = [
        sa.func.coalesce(sa.func.sum(one[name]).filter(held), 0).label(name) for name in ("batches", "issues", "solved")
    ]
    statement = (
        sa.select(
            one.kind,
            sa.func.count().filter(planned).label("planned"),
            sa.func.count().filter(planned, one.held_on <= last).label("kept"),
            sa.func.count().filter(held).label("held"),
            *sums,
        )
        .select_from(t.others["leader_reception"].outerjoin(t.area_tree, one.area_code == tree.area_code))
        .where(sa.or_(planned, held), read_reach(mart, scope, area_code).admits(tree.pos))
        .group_by(one.kind)
        .order_by(one.kind.nulls_last())
    )
    return mart.read(statement)


def read_reception_plan(
    mart: Reader, scope: Scope, first: date, last: date, *, area_code: str | None = None
) -> pd.DataFrame:
    """Leaders' receptions planned for first..last that concern this area: `day, post_level, receptions`."""
    one, tree = t.others["leader_reception"].c, t.area_tree.c
    statement = (
        sa.select(one.planned_on.label("day"), one.post_level, sa.func.count().label("receptions"))
        .select_from(t.others["leader_reception"].outerjoin(t.area_tree, one.area_code == tree.area_code))
        .where(one.planned_on.between(first, last), concerns(read_reach(mart, scope, area_code), tree))
        .group_by(one.planned_on, one.post_level)
        .order_by(one.planned_on, one.post_level.nulls_last())
    )
    return mart.read(statement)
