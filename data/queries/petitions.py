"""What trends of petitions rest on: matters by day, by their properties, by place, what was decided of them and how long it took.

Every read takes a `Selection` of the measure `new` that says which matters are meant: its last day, its kind, category and further
properties. Each groups in one pass over the matters; periods are cut from days afterwards, so that parts and totals cannot disagree.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader
from data.queries.selection import Selection, is_collective, narrowed_to, read_reach
from data.scope import Scope

m = t.matter.c

DIVIDED_BY = ("form", "purpose", "handling_level", "channel")  # properties whose shares are shown, the subject aside
SUMMED = ("filings", "batches", "person_times")


def read_daily(mart: Reader, scope: Scope, whole: Selection) -> pd.DataFrame:
    """New matters by day up to `whole.last`, days without any absent, with what else is counted of them.

    A row is a day: `day, matters`; the sums `filings, batches, person_times` and, `with_` before each, how many matters record it;
    `repeat, with_repeat, collective, with_collective, diverted`.
    """

    def counted(which: sa.ColumnElement, name: str) -> sa.ColumnElement:
        return sa.func.count().filter(which).label(name)

    statement = (
        sa.select(
            m.registered_on.label("day"),
            sa.func.count().label("matters"),
            *(sa.cast(sa.func.coalesce(sa.func.sum(m[name]), 0), sa.BigInteger).label(name) for name in SUMMED),
            *(sa.func.count(m[name]).label(f"with_{name}") for name in SUMMED),
            counted(m.is_repeat == 1, "repeat"),
            sa.func.count(m.is_repeat).label("with_repeat"),
            counted(is_collective(), "collective"),
            sa.func.count(sa.func.coalesce(m.is_collective, m.people_involved)).label("with_collective"),
            counted(m.diverted_to.is_not(None), "diverted"),
        )
        .where(m.registered_on <= whole.last, _meant(mart, scope, whole))
        .group_by(m.registered_on)
        .order_by(m.registered_on)
    )
    return _with_days(mart.read(statement), "day")


def read_parts(mart: Reader, scope: Scope, whole: Selection, spans: Sequence[tuple[date, date]]) -> pd.DataFrame:
    """New matters of several spans of days by the properties that divide them.

    A row is a span (its place in `spans`, which may overlap) and one combination: `span, form, purpose, handling_level, channel,
    category_code, matters`.
    """
    names = (*DIVIDED_BY, "category_code")
    parts = [
        sa.select(sa.literal_column(str(place)).label("span"), *(m[name] for name in names), sa.func.count().label("matters"))
        .where(m.registered_on.between(*span), _meant(mart, scope, whole))
        .group_by(*(m[name] for name in names))
        for place, span in enumerate(spans)
    ]  # fmt: skip
    return mart.read(sa.union_all(*parts))


def read_by_position(mart: Reader, scope: Scope, whole: Selection, spans: Sequence[tuple[date, date]]) -> pd.DataFrame:
    """New matters of several spans by the very area they are registered at, everywhere the scope sees: `span, area_pos, matters`.

    The area of `whole` is left aside, so that places can be compared with their like elsewhere. Matters of an unknown place have no
    `area_pos`.
    """
    anywhere = whole.narrowed(area_code=None)
    parts = [
        sa.select(sa.literal_column(str(place)).label("span"), m.area_pos, sa.func.count().label("matters"))
        .where(m.registered_on.between(*span), _meant(mart, scope, anywhere))
        .group_by(m.area_pos)
        for place, span in enumerate(spans)
    ]
    return mart.read(sa.union_all(*parts))


def read_decided(mart: Reader, scope: Scope, whole: Selection) -> pd.DataFrame:
    """Numerators and denominators of the rates by the day they count on, within `whole.first..last`.

    A row is a measure and a day: `measure, day, whole, met`, for `on_time`, `accepted_in_time`, `answered` and `satisfied`, each as
    `Selection` defines it.
    """
    first, last, narrow = whole.first, whole.last, _meant(mart, scope, whole)
    closing = sa.func.coalesce(
        _decided_on(m.closed_on, m.deadline_on),
        sa.case((sa.and_(m.closed_on.is_(None), m.closed_in_time.is_not(None)), m.registered_on)),
    )
    closed_in_time = sa.case((m.closed_on.is_(None), m.closed_in_time == 1), else_=m.closed_on <= m.deadline_on)
    accepting = _decided_on(m.accepted_on, m.notify_due_on)
    evaluated = sa.and_(
        m.evaluation.is_not(None), sa.or_(m.evaluated_at.is_(None), sa.cast(m.evaluated_at, sa.Date) <= whole.as_of)
    )
    satisfied = sa.and_(evaluated, m.evaluation.in_(("satisfied", "basically_satisfied")))
    nothing = sa.literal_column("0")

    def part(
        name: str, day: sa.ColumnElement, met: sa.ColumnElement, since: sa.ColumnElement, *more: object
    ) -> sa.Select:
        rows = (
            sa.select(day.label("day"), sa.case((met, 1), else_=0).label("met"), *more)
            .where(since, narrow)
            .subquery()
            .c
        )
        extra = [sa.func.sum(rows[one.name]) for one in more] or [nothing, nothing]
        return (
            sa.select(sa.literal(name).label("measure"), rows.day, sa.func.count().label("whole"), sa.func.sum(rows.met).label("met"),
                      extra[0].label("evaluated"), extra[1].label("satisfied"))
            .where(rows.day.between(first, last))
            .group_by(rows.day)
        )  # fmt: skip

    both = sa.union_all(
        part("on_time", closing, closed_in_time, m.standing_until >= first),
        part("accepted_in_time", accepting, m.accepted_on <= m.notify_due_on, m.notify_due_on >= first - timedelta(days=1)),
        part("answered", m.closed_on, evaluated, m.closed_on.between(first, last),
             sa.case((evaluated, 1), else_=0).label("evaluated"), sa.case((satisfied, 1), else_=0).label("satisfied")),
    )  # fmt: skip
    found = _with_days(mart.read(both), "day")
    content = found[found["measure"] == "answered"]
    content = content.assign(measure="satisfied", whole=content["evaluated"], met=content["satisfied"])
    rows = pd.concat([found, content[content["whole"] > 0]])[["measure", "day", "whole", "met"]]
    return rows.astype({"whole": "int64", "met": "int64"}).sort_values(["measure", "day"], ignore_index=True)


def read_waiting(mart: Reader, scope: Scope, whole: Selection, unit: str) -> pd.DataFrame:
    """Days until matters were accepted and closed, by the period of registration; what still waits is censored at `whole.as_of`.

    A row is a duration: `step` (accept, close), `period` (its first day), `days, ended, matters`. Left out are matters that ended at
    an unknown time and, for acceptance, those that ended without it. `unit` is day, week or month.
    """
    as_of = sa.literal(whole.as_of, sa.Date)
    period = m.registered_on if unit == "day" else sa.cast(sa.func.date_trunc(unit, m.registered_on), sa.Date)

    def part(step: str, done: sa.ColumnElement) -> sa.Select:
        ended = sa.case((done <= whole.as_of, 1), else_=0)
        until = sa.case((done <= whole.as_of, done), else_=as_of)
        known = sa.and_(
            sa.not_(sa.and_(done.is_(None), m.is_ended == 1)), sa.or_(done.is_(None), done >= m.registered_on)
        )
        rows = (
            sa.select(period.label("period"), (until - m.registered_on).label("days"), ended.label("ended"))
            .where(m.registered_on.between(whole.first, whole.last), known, _meant(mart, scope, whole))
            .subquery()
            .c
        )
        return sa.select(
            sa.literal(step).label("step"), rows.period, rows.days, rows.ended, sa.func.count().label("matters")
        ).group_by(rows.period, rows.days, rows.ended)

    both = sa.union_all(part("accept", m.accepted_on), part("close", m.closed_on)).subquery()
    ordered = sa.select(both).order_by(both.c.step, both.c.period, both.c.days, both.c.ended)
    return _with_days(mart.read(ordered), "period")


def read_reviews(mart: Reader, scope: Scope, whole: Selection) -> pd.DataFrame:
    """Reviews (复查) and re-reviews (复核) requested or decided within `whole.first..last`.

    A row is a stage and a pair of days: `stage` (review, re_review), `requested_on, decided_on, matters`.
    """

    def part(stage: str) -> sa.Select:
        requested, decided = m[f"{stage}_requested_on"], m[f"{stage}_decided_on"]
        touched = sa.or_(requested.between(whole.first, whole.last), decided.between(whole.first, whole.last))
        return (
            sa.select(
                sa.literal(stage).label("stage"),
                requested.label("requested_on"),
                decided.label("decided_on"),
                sa.func.count().label("matters"),
            )
            .where(touched, _meant(mart, scope, whole))
            .group_by(requested, decided)
        )

    both = sa.union_all(part("review"), part("re_review")).subquery()
    statement = sa.select(both).order_by(
        both.c.stage.desc(), both.c.requested_on.nulls_last(), both.c.decided_on.nulls_last()
    )
    return _with_days(mart.read(statement), "requested_on", "decided_on")


def read_area_types(mart: Reader) -> pd.Series:
    """The kind of place of every area that has one, by code, for fair comparison (`type_code` of `area`)."""
    area = t.others["area"].c
    found = mart.read(
        sa.select(area.area_code, area.type_code).where(area.type_code.is_not(None)).order_by(area.area_code)
    )
    return found.set_index("area_code")["type_code"]


def _meant(mart: Reader, scope: Scope, whole: Selection) -> sa.ColumnElement:
    """The matters meant, whenever they were registered, as far as the scope and the chosen area reach."""
    return sa.and_(narrowed_to(whole), read_reach(mart, scope, whole.area_code).admits(m.area_pos))


def _decided_on(done_on: sa.ColumnElement, due_on: sa.ColumnElement) -> sa.ColumnElement:
    """The day on which it was decided whether a step was in time: done in time, or late since the day after it was due."""
    late = sa.or_(done_on > due_on, sa.and_(done_on.is_(None), sa.or_(m.is_ended == 0, m.closed_on > due_on)))
    return sa.case((done_on <= due_on, done_on), (late, due_on + 1))


def _with_days(found: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The frame with its days as moments at midnight, an empty one too."""
    return found.assign(**{name: pd.to_datetime(found[name]).astype("datetime64[s]") for name in columns})
