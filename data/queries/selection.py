"""What is counted and how far a reader sees: the conditions that every number and the list behind it share.

Every read is narrowed twice, by the reader's scope and by the area chosen, through the area tree and never by string prefixes. One
function turns a `Selection` into its condition, so a number and the list of matters behind it cannot disagree.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries import score_states, stages
from data.queries.major import (
    BECAME,
    COLLECTIVE_PEOPLE,
    became,
    has_step_due,
    is_collective,
    is_dispatched,
    is_larger,
    is_open,
    is_unstarted,
)
from data.queries.names import Reader, names_of
from data.scope import Scope

m = t.matter.c

RETURNED_TIMES = 2  # returns; once is routine, twice is two units disagreeing
REBOUND_DAYS = 7  # days shown after a flare-up
ONE_DAY = timedelta(days=1)
STANDING = (
    "open",
    "overdue",
    "overdue_for",
    "undated",
    "due",
    "returned",
    "joint",
    "new_open",
    "major_open",
    "not_started",
)  # measures of what is open at the close of a day


@dataclass(frozen=True)
class Selection:
    """The matters that one number counts.

    `measure` names the condition: `new`, `closed` (in first..last); `open`, `overdue`, `undated`, `due` (deadline in first..last),
    `returned`, `rebounded`, `joint` (at the close of `as_of`); `larger`, `collective`, `major` (registered in first..last); and for a
    rate its denominator, or with the suffix `_met` its numerator: `on_time`, `accepted_in_time`, `answered`, `satisfied`, `solved`; for
    petitions `review_requested`, `review_decided`, `re_review_requested`, `re_review_decided` (in first..last); `routed`, `supervised`,
    `deadline_fell` (in first..last); `stage_handled`, `stage_supervised`, `stage_closed`, `stage_evaluated` (registered in first..last,
    that far by `as_of`), `stage_undated` (registered in first..last, ended on a day nobody wrote down).
    For the weekly brief `overdue_for` (overdue with a deadline in first..last, or by `last`), the rates `concluded` (closed in first..last with its
    outcome recorded; met where it was settled), `met` (closed after a meeting; met where it went beyond the first tier) and `agreement_due`; `dispatch` (on the dispatch table of `as_of`, see
    `data.queries.major`), of these `dispatch_overdue` (a step fell due before `as_of`) and `dispatch_due` (none did, one falls due in
    first..last); `dispatched` (on the table of `first`) and `dispatched_<what>` (and what became of it by `as_of`).
    For scorecards `score_<indicator>`, `_met` and `_left` (see `data.queries.score_states`; first..last is the indicator's own window).
    For warnings `not_started` (of high severity, registered by `last`, open at the close of `as_of` and not begun by then).
    `having` narrows it to matters with further properties, each a name of `PROPERTIES` and the value it must have ("" for none).
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
    having: tuple[tuple[str, str], ...] = ()

    def narrowed(self, **changes: object) -> "Selection":
        """The same count for fewer matters: one kind, one place, one unit."""
        return replace(self, **changes)

    def also(self, **properties: str) -> "Selection":
        """The same count for matters that also have these properties, see `PROPERTIES`.

        >>> Selection("new", date(2026, 11, 20)).also(form="visit").having
        (('form', 'visit'),)
        """
        return replace(self, having=tuple(sorted({**dict(self.having), **properties}.items())))


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
    if scope.sees_all and not area_code:
        return Reach(None)
    codes = [*(scope.areas or ()), *([area_code] if area_code else [])]
    tree = names_of(mart).areas
    known = tree[tree["area_code"].isin(codes)]
    bounds = {row.area_code: (int(row.pos), int(row.last_pos)) for row in known.itertuples()}
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


# The four-way roll-up of resolution methods (DOMAIN 3.5); the others stand for themselves.
RESOLUTION_GROUPS = {
    "peoples_mediation": "peoples",
    "administrative_mediation": "administrative",
    "judicial_mediation": "judicial",
    "industry_mediation": "industry_professional",
    "commercial_mediation": "industry_professional",
    "lawyer_mediation": "industry_professional",
    "arbitral_mediation": "arbitration",
    "civil_commercial_arbitration": "arbitration",
    "rural_land_arbitration": "arbitration",
    "labour_arbitration": "arbitration",
    "administrative_reconsideration": "adjudication_reconsideration",
    "administrative_adjudication": "adjudication_reconsideration",
    "negotiated_settlement": "settlement",
}

# What a matter can be narrowed to by `Selection.having` and grouped by; a property of the value "" is one not recorded.
PROPERTIES: dict[str, sa.ColumnElement] = {
    **{
        name: m[name]
        for name in (
            "kind", "source_system", "channel", "form", "purpose", "scale_code", "severity_code", "order_direction", "reporter_category",
            "status", "outcome", "resolution_method", "handling_level", "meeting_level", "committee_code", "diverted_to", "review_state",
            "evaluation", "screening_type", "leader_case_post", "project_code", "escalated_from", "matter_no",
        )
    },
    "is_repeat": sa.cast(sa.func.coalesce(m.is_repeat, 0), sa.String),
    "is_collective": sa.case((sa.or_(m.is_collective == 1, m.people_involved >= COLLECTIVE_PEOPLE), "1"), else_="0"),
    "is_supervised": sa.case((m.supervised_at.is_not(None), "1"), else_="0"),
    "is_diverted": sa.case((m.diverted_to.is_not(None), "1"), else_="0"),
    "has_filings": sa.case((m.filings.is_not(None), "1"), else_="0"),
    "has_batches": sa.case((m.batches.is_not(None), "1"), else_="0"),
    "has_person_times": sa.case((m.person_times.is_not(None), "1"), else_="0"),
    "own_area": sa.case((m.area_pos.is_not(None), m.area_code)),  # the very area, not what lies below it; "" where it is unknown
    "own_category": m.category_code,  # the very category, not those below it
    "basis": m.deadline_basis,
    "is_escalated": sa.case((m.escalated_from.is_not(None), "1"), else_="0"),
    "resolution_group": sa.case(RESOLUTION_GROUPS, value=m.resolution_method, else_=m.resolution_method),
    "weekday": sa.cast(sa.extract("isodow", m.registered_on), sa.String),  # 1 is Monday
    "hour": sa.cast(sa.extract("hour", m.registered_at), sa.String),
}  # fmt: skip
TAGGED = (
    "topic",
    "line",
    *stages.LATER,
    "beside_category",
    "beside_area",
    "not_sensitive",
    "filed_times",
    "with_people",
    "refiled",
    "answered_by",
    "left_because",
    "within_days",
)  # properties that stand in other tables: a topic tag, the functional line of the unit; or that say what is left beside a few codes
# Between the codes of `beside_category` and `beside_area`; a code with ^ before it stands for itself alone, ? for what is not recorded.
BESIDE, ITSELF, UNKNOWN = "|", "^", "?"
# From so many on: pieces or groups of one matter, people in one, re-filings in first..last of the same earlier matter.
OFTEN = {"filed_times": ("filings", "batches"), "with_people": ("people_involved", "person_times"), "refiled": ()}


# --- conditions ------------------------------------------------------------------------------------------------------------


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


def _true(condition_: sa.ColumnElement) -> sa.ColumnElement:
    """A condition with unknown read as false, so that it can be denied."""
    return sa.func.coalesce(condition_, sa.false())


def _known(column: sa.ColumnElement, as_of: date) -> sa.ColumnElement:
    return sa.or_(column.is_(None), stages.by_close(column, as_of))


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
        "new_open": lambda: sa.and_(is_open(as_of), m.registered_on <= last, first is None or m.registered_on >= first),
        "major_open": lambda: sa.and_(is_open(as_of), new, sa.or_(is_larger(), is_collective())),
        "not_started": lambda: sa.and_(m.registered_on <= last, is_unstarted(as_of)),
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
        "overdue_for": lambda: sa.and_(
            is_open(as_of), m.deadline_on < as_of, m.deadline_on <= last, first is None or m.deadline_on >= first
        ),
        "concluded_met": lambda: sa.and_(closed, m.outcome.in_(stages.SETTLED)),
        "concluded": lambda: sa.and_(closed, m.outcome.in_((*stages.SETTLED, *stages.UNSETTLED))),
        "met": lambda: sa.and_(closed, m.meeting_level.is_not(None)),
        "met_met": lambda: sa.and_(closed, m.meeting_level > "1"),
        "agreement_due": lambda: m.agreement_due_on.between(first, last),
        "agreement_due_met": lambda: sa.and_(
            m.agreement_due_on.between(first, last), m.agreement_fulfilled_on <= as_of
        ),
        "dispatch": lambda: is_dispatched(as_of),
        "dispatch_overdue": lambda: sa.and_(is_dispatched(as_of), has_step_due(as_of, None, as_of - ONE_DAY)),
        "dispatch_due": lambda: sa.and_(
            is_dispatched(as_of),
            has_step_due(as_of, first, last),
            sa.not_(_true(has_step_due(as_of, None, as_of - ONE_DAY))),
        ),
        "dispatched": lambda: is_dispatched(first),
        **{
            f"dispatched_{what}": lambda what=what: sa.and_(is_dispatched(first), became(first, as_of) == what)
            for what in BECAME
        },
        "routed": lambda: stages.within_days(m.routed_at, first, last),
        "supervised": lambda: stages.within_days(m.supervised_at, first, last),
        "deadline_fell": lambda: m.deadline_on.between(first, last),
        **{f"stage_{name}": lambda name=name: sa.and_(new, stages.reached(name, as_of)) for name in stages.STAGES},
        "stage_undated": lambda: sa.and_(new, m.closed_on.is_(None), m.is_ended == 1),
        "review_requested": lambda: m.review_requested_on.between(first, last),
        "review_decided": lambda: m.review_decided_on.between(first, last),
        "re_review_requested": lambda: m.re_review_requested_on.between(first, last),
        "re_review_decided": lambda: m.re_review_decided_on.between(first, last),
        **score_states.measures(first, last, _within(chosen)),
    }
    if chosen.measure not in by_measure:
        raise ValueError(f"measure {chosen.measure!r} is none of {', '.join(by_measure)}")
    return sa.and_(by_measure[chosen.measure](), narrowed_to(chosen))


def is_complete(chosen: Selection) -> bool:
    """Whether a selection names a measure and the period that this measure needs."""
    try:
        condition(chosen)
    except (ValueError, TypeError, sa.exc.ArgumentError):  # what a day left out comes to, by the way it is compared
        return False
    return True


def narrowed_to(chosen: Selection) -> sa.ColumnElement:
    """Kind, source, unit, category and further properties of a selection, whatever it counts and whenever."""
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
    parts += [_has(name, value, chosen) for name, value in chosen.having]
    return sa.and_(sa.true(), *parts)


def _has(name: str, value: str, chosen: Selection) -> sa.ColumnElement:
    """The condition of one property. Raises ValueError for an unknown one."""
    tagged = t.others["matter_topic"].c
    if name == "topic":
        return m.matter_no.in_(sa.select(tagged.matter_no).where(tagged.topic_code == value))
    if name == "line":
        unit = t.others["organisation"].c
        if value == "":
            of_a_line = sa.select(unit.org_id).where(unit.functional_line.is_not(None))
            return sa.or_(m.responsible_org_id.is_(None), m.responsible_org_id.not_in(of_a_line))
        return m.responsible_org_id.in_(sa.select(unit.org_id).where(unit.functional_line == value))
    if name in stages.LATER:
        return stages.has_later(name, value)
    if name == "beside_category":
        return sa.and_(sa.true(), *(_about_another(code) for code in value.split(BESIDE) if code))
    if name == "beside_area":
        return sa.and_(sa.true(), *(_outside(code) for code in value.split(BESIDE) if code))
    if name == "not_sensitive":
        category = t.others["category"].c
        sensitive = sa.select(category.category_code).where(category.is_sensitive == 1)
        return sa.or_(m.category_code.is_(None), m.category_code.not_in(sensitive)) if value == "1" else sa.false()
    if name in OFTEN:
        return _often(name, value, chosen)
    if name == "answered_by":
        return score_states.answered_by(value)
    if name == "left_because":
        return score_states.is_left_because(chosen.measure, value, chosen.first, chosen.last, _within(chosen))
    if name == "within_days":  # how long a scorecard's cohort is followed: part of the measure itself
        return sa.true()
    if name not in PROPERTIES:
        raise ValueError(f"property {name!r} is none of {', '.join(TAGGED)}, {', '.join(PROPERTIES)}")
    return PROPERTIES[name].is_(None) if value == "" else PROPERTIES[name] == value


def _within(chosen: Selection) -> int | None:
    """The days a scorecard's cohort is followed, where the selection says so."""
    value = dict(chosen.having).get("within_days", "")
    return int(value) if value.isdecimal() and len(value) <= 3 else None


def _often(name: str, value: str, chosen: Selection) -> sa.ColumnElement:
    """A matter that came often or with many, from `value` on, by `OFTEN`. Nothing has a value that is no number."""
    if not (value.isdecimal() and len(value) <= 6):
        return sa.false()
    least = int(value)
    if name != "refiled":
        return sa.or_(*(sa.func.coalesce(m[column] >= least, sa.false()) for column in OFTEN[name]))
    if chosen.first is None or chosen.last is None:
        return sa.false()
    # A source may name the first filing or the one before; one step further back serves both.
    again, before = t.matter.alias("again"), t.matter.alias("before")
    filed = (
        sa.select(again.c.matter_no, sa.func.coalesce(before.c.repeat_of, again.c.repeat_of).label("root"))
        .select_from(again.outerjoin(before, before.c.matter_no == again.c.repeat_of))
        .where(again.c.registered_on.between(chosen.first, chosen.last), again.c.repeat_of.is_not(None))
        .cte("filed_again")
    )
    often = sa.select(filed.c.root).group_by(filed.c.root).having(sa.func.count() >= least)
    return m.matter_no.in_(sa.select(filed.c.matter_no).where(filed.c.root.in_(often)))


def _about_another(category_code: str) -> sa.ColumnElement:
    """Not of this category, nor of one below it."""
    if category_code == UNKNOWN:
        return m.category_code.is_not(None)
    code = category_code.removeprefix(ITSELF)
    other = m.category_code != code if code != category_code else m.category_code.not_in(_with_descendants(code))
    return sa.or_(m.category_code.is_(None), other)


def _outside(area_code: str) -> sa.ColumnElement:
    """Not in this area, nor in one below it."""
    if area_code == UNKNOWN:
        return m.area_pos.is_not(None)
    tree = t.area_tree.c
    code = area_code.removeprefix(ITSELF)
    last = tree.pos if code != area_code else tree.last_pos
    edges = [sa.select(edge).where(tree.area_code == code).scalar_subquery() for edge in (tree.pos, last)]
    return sa.or_(m.area_pos.is_(None), sa.not_(m.area_pos.between(*edges)))


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


def only(kind: str | None) -> sa.ColumnElement:
    """One kind of matter, or any."""
    return m.kind == kind if kind else sa.true()


def may_show(mart: Reader, category_code: sa.ColumnElement, scope: Scope, area_code: str | None) -> sa.ColumnElement:
    """True where a category may be shown: a sensitive one only while neither the scope nor the chosen area lies below a street."""
    names = names_of(mart)
    if not names.sensitive or not _is_below_street(mart, scope, area_code):
        return sa.true()
    return sa.or_(category_code.is_(None), category_code.not_in(names.sensitive))


def place_of(chosen: Selection) -> str | None:
    """The place a selection speaks of: the area chosen, or the one whose units answer for its matters."""
    return chosen.area_code or dict(chosen.having).get("answered_by")


def may_open(mart: Reader, scope: Scope, chosen: Selection) -> bool:
    """Whether the number of a selection may be said: not where it is one of a sensitive category below a street."""
    having = dict(chosen.having)
    subjects = {chosen.category_code, having.get("own_category")} & set(names_of(mart).sensitive)
    areas = (chosen.area_code, having.get("own_area"), having.get("answered_by"))
    return not subjects or not _is_below_street(mart, scope, *areas)


def _is_below_street(mart: Reader, scope: Scope, *area_codes: str | None) -> bool:
    names = names_of(mart)
    return any(names.lies_below_street(code) for code in (*(scope.areas or ()), *area_codes) if code)


def read_areas(mart: Reader, scope: Scope) -> pd.DataFrame:
    """The area tree as far as the scope sees, in pre-order, columns of `area_tree`."""
    tree, reach = names_of(mart).areas, read_reach(mart, scope)
    if reach.ranges is None:
        return tree.copy()
    seen = pd.Series(False, index=tree.index)
    for first, last in reach.ranges:
        seen |= tree["pos"].between(first, last)
    return tree[seen].reset_index(drop=True)


def areas_around(mart: Reader, scope: Scope, area_code: str | None) -> list[str] | None:
    """The areas whose events concern what is shown: those within the chosen area, or the scope, and those around them; None for all."""
    roots = [area_code] if area_code else scope.areas
    if roots is None:
        return None
    tree = names_of(mart).areas
    concerned: set[str] = set()
    for row in tree[tree["area_code"].isin(roots)].itertuples():
        within = tree["pos"].between(row.pos, row.last_pos)
        around = (tree["pos"] <= row.pos) & (tree["last_pos"] >= row.last_pos)
        concerned |= set(tree.loc[within | around, "area_code"])
    return sorted(concerned)
