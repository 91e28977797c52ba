"""A year of matters beside the year before it, by month, form, purpose, category, place and unit; and what was done with them."""

from datetime import date

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader
from data.queries.selection import COLLECTIVE_PEOPLE, only, read_reach
from data.queries.stages import within_days
from data.scope import Scope

m = t.matter.c
Span = tuple[date, date]
DIMENSIONS = {
    "month": sa.cast(sa.extract("month", m.registered_on), sa.Integer),
    "form": m.form,
    "purpose": m.purpose,
    "category_code": m.category_code,
    "area_pos": m.area_pos,
    "org_id": m.responsible_org_id,
}
SUMS = ("matters", "filings", "batches", "person_times", "repeated", "collective", "grown")


def read_year(
    mart: Reader, scope: Scope, spans: tuple[Span, Span], *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """New matters of two spans of days by each of `DIMENSIONS`, one after the other, in one pass.

    A row is a span and a value of one dimension: `span` (0 or 1), `dimension`, the column named so (the others are empty), `new`; each
    dimension adds up to the whole.
    """
    rows = (
        sa.select(_span_no(spans).label("span"), *(column.label(name) for name, column in DIMENSIONS.items()))
        .where(_within(spans), only(kind), read_reach(mart, scope, area_code).admits(m.area_pos))
        .subquery()
        .c
    )
    sets = [sa.tuple_(rows.span, rows[name]) for name in DIMENSIONS]
    bits = sa.func.grouping(*(rows[name] for name in DIMENSIONS)).label("bits")
    found = mart.read(
        sa.select(rows.span, bits, *(rows[name] for name in DIMENSIONS), sa.func.count().label("new")).group_by(
            sa.func.grouping_sets(*sets)
        )
    )
    whole = 2 ** len(DIMENSIONS) - 1
    names = {whole - 2 ** (len(DIMENSIONS) - 1 - place): name for place, name in enumerate(DIMENSIONS)}
    found["dimension"] = found.pop("bits").astype("int64").map(names)
    return found


def read_year_sums(
    mart: Reader, scope: Scope, spans: tuple[Span, Span], *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """Of each span: `span, matters, filings, batches, person_times` (件次, 批次, 人次; NA where none is recorded), `repeated, collective, grown`."""
    rows = (
        sa.select(
            _span_no(spans).label("span"),
            m.filings,
            m.batches,
            m.person_times,
            sa.case((m.is_repeat == 1, 1), else_=0).label("repeated"),
            sa.case((sa.or_(m.is_collective == 1, m.people_involved >= COLLECTIVE_PEOPLE), 1), else_=0).label(
                "collective"
            ),
            sa.case((m.escalated_from.is_not(None), 1), else_=0).label("grown"),
        )
        .where(_within(spans), only(kind), read_reach(mart, scope, area_code).admits(m.area_pos))
        .subquery()
        .c
    )
    summed = [sa.func.sum(rows[name]).label(name) for name in SUMS[1:]]
    return mart.read(
        sa.select(rows.span, sa.func.count().label("matters"), *summed).group_by(rows.span).order_by(rows.span)
    )


def read_year_work(
    mart: Reader, scope: Scope, first: date, last: date, *, kind: str | None = None, area_code: str | None = None
) -> pd.DataFrame:
    """Matters forwarded or assigned, put under supervision, and closed in first..last, by unit: `step, org_id, matters`."""
    reach = read_reach(mart, scope, area_code)
    parts = [
        sa.select(
            sa.literal(name).label("step"), m.responsible_org_id.label("org_id"), sa.func.count().label("matters")
        )
        .where(within, only(kind), reach.admits(m.area_pos))
        .group_by(m.responsible_org_id)
        for name, within in _steps(first, last).items()
    ]
    return mart.read(sa.union_all(*parts))


def read_year_steps(
    mart: Reader, scope: Scope, first: date, last: date, *, kind: str | None = None, area_code: str | None = None
) -> dict[str, int]:
    """How many matters took each step of `read_year_work` in first..last, whatever their unit."""
    reach = read_reach(mart, scope, area_code)
    parts = [
        sa.select(sa.literal(name).label("step"), sa.func.count().label("matters")).where(
            within, only(kind), reach.admits(m.area_pos)
        )
        for name, within in _steps(first, last).items()
    ]
    found = mart.read(sa.union_all(*parts))
    return {step: int(matters) for step, matters in zip(found["step"], found["matters"], strict=True)}


def _steps(first: date, last: date) -> dict[str, sa.ColumnElement]:
    return {
        "routed": within_days(m.routed_at, first, last),
        "supervised": within_days(m.supervised_at, first, last),
        "closed": m.closed_on.between(first, last),
    }


def _within(spans: tuple[Span, ...]) -> sa.ColumnElement:
    return sa.or_(*(m.registered_on.between(*span) for span in spans))


def _span_no(spans: tuple[Span, ...]) -> sa.ColumnElement:
    return sa.case(
        *((m.registered_on.between(*span), sa.literal_column(str(number))) for number, span in enumerate(spans))
    )
