"""How far a matter came by the close of a day, and which petition grew out of it: conditions that counts, lists and pathways share."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from data import mart_tables as t

m = t.matter.c
STAGES = ("handled", "supervised", "closed", "evaluated")  # after collected, which every registered matter is
SETTLED, UNSETTLED = ("resolved", "agreement"), ("unresolved", "no_agreement")
AT_DEADLINE = ("in_time", "not_in_time", "petition_first", "otherwise", "unknown")
LATER = (
    "petition_within",
    "petition_after_deadline",
    "at_deadline",
)  # properties of a dispute that need a look at what came after


def _day(moment: sa.ColumnElement) -> sa.ColumnElement:
    return sa.cast(moment, sa.Date)


# The day of each stage as recorded, empty where it is not. Handled: the first of routed, accepted and first contact.
STAGE_DAYS: dict[str, sa.ColumnElement] = {
    "collected": m.registered_on,
    "handled": sa.func.least(_day(m.routed_at), m.accepted_on, _day(m.first_contact_at)),
    "supervised": _day(m.supervised_at),
    "closed": m.closed_on,
    "evaluated": sa.func.least(_day(m.called_back_at), _day(m.evaluated_at)),
}


_IMPLIED_BY = {"handled": ("supervised", "closed", "evaluated"), "closed": ("evaluated",)}

# The same days as the columns they stand in, so that a condition on one is one comparison and skips blocks of rows.
_WRITTEN: dict[str, tuple[sa.ColumnElement, ...]] = {
    "collected": (m.registered_on,),
    "handled": (m.routed_at, m.accepted_on, m.first_contact_at),
    "supervised": (m.supervised_at,),
    "closed": (m.closed_on,),
    "evaluated": (m.called_back_at, m.evaluated_at),
}


def by_close(column: sa.ColumnElement, as_of: date) -> sa.ColumnElement:
    """Whether a day or a moment lies before the end of `as_of`; unknown without it."""
    return column < _midnight(as_of + timedelta(days=1)) if isinstance(column.type, sa.DateTime) else column <= as_of


def within_days(moment: sa.ColumnElement, first: date, last: date) -> sa.ColumnElement:
    """Whether a moment lies on one of the days first..last."""
    return sa.and_(moment >= _midnight(first), moment < _midnight(last + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def reached(stage: str, as_of: date) -> sa.ColumnElement:
    """Whether a matter has come to a stage by the close of `as_of`; who comes to a later one has come to those before it.

    An evaluation without its day counts from the day of closing. Supervision is a side branch that nothing later implies.
    """
    # Two-valued, so that it can be negated where days are missing.
    return sa.func.coalesce(after(stage, lambda one: recorded(one, as_of)), sa.false())


def after(stage: str, written: Callable[[str], sa.ColumnElement]) -> sa.ColumnElement:
    """Whether a matter has come to a stage, given whether each stage itself is written down."""
    return sa.or_(*(written(one) for one in (stage, *_IMPLIED_BY.get(stage, ()))))


def recorded(stage: str, as_of: date) -> sa.ColumnElement:
    """Whether the stage itself is written down by the close of `as_of`, whatever later stages imply."""
    own = sa.or_(*(by_close(column, as_of) for column in _WRITTEN[stage]))
    if stage != "evaluated":
        return own
    undated = sa.and_(*(column.is_(None) for column in _WRITTEN[stage]), m.closed_on <= as_of)
    return sa.or_(own, sa.and_(undated, sa.or_(m.evaluation.is_not(None), m.is_solved.is_not(None))))


# --- what came after a dispute -----------------------------------------------------------------------------------------------


def petitions_after(earliest: str, days: int | None = None, until: str | None = None) -> sa.Select:
    """Numbers of the disputes out of which a petition grew in a span that each matter's own days bound.

    `earliest` is the column that the span begins on: `registered_on` itself, or the day after `deadline_on`. It ends `days` after that
    column's day, or on the day of the column `until`.
    """
    return sa.select(t.grown_petition.c.matter_no).where(grew(earliest, days, until))


def grew(earliest: str, days: int | None = None, until: str | None = None) -> sa.ColumnElement:
    """Whether a grown petition came in the span of `petitions_after`."""
    grown = t.grown_petition.c
    begin = grown[earliest]
    last = grown[until] if until else begin + days
    begins = grown.petition_on >= begin if earliest == "registered_on" else grown.petition_on > begin
    return sa.and_(begins, grown.petition_on <= last)


def state_at_deadline(petition_first: sa.ColumnElement | None = None) -> sa.ColumnElement:
    """Where a matter stood at the close of its deadline, one of `AT_DEADLINE`; given whether a petition came first, where that is known.

    in_time: ended by then and settled (or nobody wrote how); not_in_time: still open, or ended unsettled; otherwise: ended by then in
    another way (withdrawn, passed on); petition_first: a petition had already grown out of it; unknown: it ended on a day nobody wrote down.
    """
    if petition_first is None:
        petition_first = m.matter_no.in_(petitions_after("registered_on", until="deadline_on"))
    undated = sa.and_(m.closed_on.is_(None), m.is_ended == 1)
    in_time = sa.or_(m.closed_on <= m.deadline_on, sa.and_(undated, m.closed_in_time == 1))
    return sa.case(
        (petition_first, "petition_first"),
        (sa.and_(undated, m.closed_in_time.is_(None)), "unknown"),
        (sa.not_(sa.func.coalesce(in_time, sa.false())), "not_in_time"),
        (sa.or_(m.outcome.is_(None), m.outcome.in_(SETTLED)), "in_time"),
        (m.outcome.in_(UNSETTLED), "not_in_time"),
        else_="otherwise",
    )


def has_later(name: str, value: str) -> sa.ColumnElement:
    """The condition of a property of `LATER`: a state of `AT_DEADLINE`, or so many days of follow-up. Nothing has another value."""
    if name == "at_deadline":
        return state_at_deadline() == value
    if not (value.isdecimal() and len(value) <= 4):
        return sa.false()
    earliest = "registered_on" if name == "petition_within" else "deadline_on"
    return m.matter_no.in_(petitions_after(earliest, int(value)))
