"""What a matter counts for in a scorecard's indicator: met, not met, or left out and why. Counts, lists and links share these conditions.

An indicator's window is the days on which its matters are decided; a cohort's is moved back by the days it is followed. What is left out
is named: a lawful referral, for one, is never held against a unit, and holding on to it earns nothing.
"""

from datetime import date, timedelta

import sqlalchemy as sa

from data import mart_tables as t
from data.queries.stages import SETTLED

m = t.matter.c
ONE_DAY = timedelta(days=1)

MATTER_INDICATORS = ("timeliness", "resolution", "local_resolution", "no_rebound")
FOLLOWED = {"resolution": 30, "no_rebound": 90}  # days a cohort is followed where the rules say nothing else
MET, NOT_MET = "met", "not_met"

# Units of a place that answer for its matters; a Party organisation is scored by what its own place's units did.
ANSWERING = (
    "community", "street_office", "department", "governance_centre", "party_committee", "general_branch", "branch", "owners_committee"
)  # fmt: skip
LEVELS = ("community", "street", "district", "city")  # scored ones, near to far
NEAR = {
    "community": ("grid", "community"),
    "street": ("grid", "community", "street"),
    "district": ("grid", "community", "street", "district"),
    "city": ("grid", "community", "street", "district", "city"),
}
NOTHING_TO_SETTLE = ("enquiry", "suggestion", "thanks")

# Why a matter is left out; the first that holds is said.
_REFERRED = sa.or_(m.diverted_to.is_not(None), m.outcome == "transferred", m.status == "diverted")
_REASONS: dict[str, sa.ColumnElement] = {
    "duplicate": m.status == "duplicate",
    "referred": _REFERRED,
    "not_accepted": sa.or_(m.outcome.in_(("not_accepted", "no_longer_accepted")), m.status == "rejected"),
    "withdrawn": sa.or_(m.outcome == "withdrawn", m.status == "cancelled"),
    "nothing_to_settle": m.purpose.in_(NOTHING_TO_SETTLE),
    "undated_end": sa.and_(m.closed_on.is_(None), m.is_ended == 1),
    "outcome_missing": sa.and_(m.is_ended == 1, m.outcome.is_(None)),
}
_OF_COHORT = (
    "duplicate",
    "referred",
    "not_accepted",
    "withdrawn",
    "nothing_to_settle",
    "undated_end",
    "outcome_missing",
)
_OF_CLOSED = ("duplicate", "referred", "not_accepted", "withdrawn", "nothing_to_settle", "outcome_missing")


def answered_by(area_code: str) -> sa.ColumnElement:
    """The matters that the units of this very place answer for."""
    unit = t.others["organisation"].c
    return m.responsible_org_id.in_(sa.select(unit.org_id).where(unit.area_code == area_code, unit.kind.in_(ANSWERING)))


def window_of(indicator: str, first: date, last: date, days: int | None = None) -> tuple[date, date]:
    """The days on which an indicator's matters were registered (resolution), closed (no_rebound) or decided, moved back by its follow-up."""
    back = timedelta(days=days if days is not None else FOLLOWED.get(indicator, 0))
    return first - back, last - back


def state_of(
    indicator: str, first: date, last: date, days: int | None = None
) -> tuple[sa.ColumnElement, sa.ColumnElement]:
    """Which matters an indicator looks at in its own window first … last (see `window_of`), and what each counts for.

    The state is met, not_met or the reason it is left out. For no_rebound, met is a matter that flared up again: there the lower is the
    better. Raises TypeError without a window.
    """
    days = days if days is not None else FOLLOWED.get(indicator, 0)
    build = {"timeliness": _timeliness, "resolution": _resolution, "local_resolution": _local, "no_rebound": _rebound}
    return build[indicator](first, last, days)


def _timeliness(first: date, last: date, _days: int) -> tuple[sa.ColumnElement, sa.ColumnElement]:
    """Decided as `on_time` decides; what was closed without ever being decided is left out."""
    late_on = m.deadline_on.between(first - ONE_DAY, last - ONE_DAY)
    undone = sa.and_(m.closed_on.is_(None), sa.or_(m.is_ended == 0, m.closed_on > m.deadline_on))
    closed = m.closed_on.between(first, last)
    in_time = sa.and_(closed, m.closed_on <= m.deadline_on)
    late = sa.and_(late_on, sa.or_(undone, m.closed_on > m.deadline_on))
    registered = m.registered_on.between(first, last)
    verdict = sa.and_(m.closed_on.is_(None), m.closed_in_time.is_not(None), registered)
    undated = sa.and_(_REASONS["undated_end"], m.closed_in_time.is_(None), registered)
    state = sa.case(
        (in_time, MET),
        (late, NOT_MET),
        (sa.and_(verdict, m.closed_in_time == 1), MET),
        (verdict, NOT_MET),
        (undated, "undated_end"),
        (m.deadline_basis == "diverted", "referred"),
        (m.deadline_on.is_(None), "no_deadline"),
        else_="counted_earlier",
    )
    return sa.and_(m.standing_until >= first, sa.or_(closed, late, verdict, undated)), state


def _resolution(first: date, last: date, days: int) -> tuple[sa.ColumnElement, sa.ColumnElement]:
    settled = sa.and_(m.outcome.in_(SETTLED), m.closed_on <= m.registered_on + days)
    return m.registered_on.between(first, last), _left_or(_OF_COHORT, settled)


def _local(first: date, last: date, _days: int) -> tuple[sa.ColumnElement, sa.ColumnElement]:
    unit, tree = t.others["organisation"], t.area_tree

    def of_level(level: str) -> sa.Select:
        return (
            sa.select(unit.c.org_id)
            .join_from(unit, tree, unit.c.area_code == tree.c.area_code)
            .where(tree.c.level_code == level)
        )

    near = sa.or_(
        *(
            sa.and_(m.responsible_org_id.in_(of_level(level)), m.handling_level.in_(near))
            for level, near in NEAR.items()
        )
    )
    reasons = [(_REASONS[name], name) for name in _OF_CLOSED]
    state = sa.case(
        *reasons,
        (m.outcome.not_in(SETTLED), "not_settled"),
        (m.handling_level.is_(None), "level_missing"),
        (near, MET),
        else_=NOT_MET,
    )
    return m.closed_on.between(first, last), state


def _rebound(first: date, last: date, days: int) -> tuple[sa.ColumnElement, sa.ColumnElement]:
    again = sa.and_(m.rebounded_on >= m.closed_on, m.rebounded_on <= m.closed_on + days)
    reasons = [(_REASONS[name], name) for name in _OF_CLOSED]
    state = sa.case(*reasons, (m.outcome.not_in(SETTLED), "not_settled"), (again, MET), else_=NOT_MET)
    return m.closed_on.between(first, last), state


def _left_or(reasons: tuple[str, ...], met: sa.ColumnElement) -> sa.ColumnElement:
    return sa.case(*((_REASONS[name], name) for name in reasons), (met, MET), else_=NOT_MET)


def measures(first: date, last: date, days: int | None = None) -> dict[str, object]:
    """The measures of a `Selection`, each to be called for its condition: `score_<indicator>` is the denominator, with `_met` the numerator
    and with `_left` what is left out. `first` and `last` are the indicator's own window."""

    def part(indicator: str, which: str) -> sa.ColumnElement:
        if first is None or last is None:
            raise TypeError("an indicator of a scorecard needs its window")
        looked_at, state = state_of(indicator, first, last, days)
        inside = {"": state.in_((MET, NOT_MET)), "_met": state == MET, "_left": state.not_in((MET, NOT_MET))}
        return sa.and_(looked_at, inside[which])

    return {
        f"score_{indicator}{which}": lambda indicator=indicator, which=which: part(indicator, which)
        for indicator in MATTER_INDICATORS
        for which in ("", "_met", "_left")
    }


def is_left_because(measure: str, reason: str, first: date, last: date, days: int | None = None) -> sa.ColumnElement:
    """The condition of the property `left_because`: what an indicator leaves out for one reason. Nothing of another measure has it."""
    indicator = measure.removeprefix("score_").removesuffix("_left")
    if indicator not in MATTER_INDICATORS or first is None or last is None:
        return sa.false()
    return state_of(indicator, first, last, days)[1] == reason
