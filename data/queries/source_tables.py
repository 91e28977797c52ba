"""What each source brought, between the days at which periods begin and end: counts by source and category, and by kind of signal."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader
from data.queries.selection import Selection, condition, may_show, read_reach
from data.scope import Scope

m = t.matter.c


def read_by_source(mart: Reader, scope: Scope, cuts: Sequence[date], *, area_code: str | None = None) -> pd.DataFrame:
    """New matters by source, category and span: `source_system, category_code, span, new`.

    Span n holds the days from `cuts[n]` up to, without, `cuts[n + 1]`. A sensitive category that may not be shown is given as unknown.
    """
    which = _span(m.registered_on, cuts)
    shown = sa.case((may_show(mart, m.category_code, scope, area_code), m.category_code)).label("category_code")
    rows = (
        sa.select(m.source_system, shown, which.label("span"))
        .where(_within(m.registered_on, cuts), read_reach(mart, scope, area_code).admits(m.area_pos))
        .subquery()
        .c
    )
    return mart.read(
        sa.select(rows.source_system, rows.category_code, rows.span, sa.func.count().label("new"))
        .group_by(rows.source_system, rows.category_code, rows.span)
        .order_by(rows.source_system, rows.category_code.nulls_last(), rows.span)
    )


def read_signals(
    mart: Reader, scope: Scope, cuts: Sequence[date], chosen: Mapping[str, Selection], *, area_code: str | None = None
) -> pd.DataFrame:
    """How many matters each named selection counts in each span: `name, span, matters`; spans as in `read_by_source`.

    The days of a selection are disregarded. Those of `closed` and `supervised` count on that day, all others on the day of registration.
    """
    days = {"closed": m.closed_on, "supervised": sa.cast(m.supervised_at, sa.Date)}
    first, last = cuts[0], cuts[-1]
    reach = read_reach(mart, scope, area_code)
    by_day: dict[str, list[str]] = {}
    for name, one in chosen.items():
        by_day.setdefault(one.measure if one.measure in days else "", []).append(name)
    found = []
    for measure, names in by_day.items():
        day = days.get(measure, m.registered_on)
        columns = [
            sa.func.count().filter(condition(chosen[name].narrowed(first=first, last=last))).label(f"n{place}")
            for place, name in enumerate(names)
        ]
        rows = mart.read(
            sa.select(_span(day, cuts).label("span"), *columns)
            .where(_within(day, cuts), reach.admits(m.area_pos))
            .group_by(sa.literal_column("1"))
        )
        found += [
            pd.DataFrame({"name": name, "span": rows["span"], "matters": rows[f"n{place}"]})
            for place, name in enumerate(names)
        ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame({"name": [], "span": [], "matters": []})


def read_other_signals(
    mart: Reader, scope: Scope, cuts: Sequence[date], *, area_code: str | None = None
) -> pd.DataFrame:
    """What is no matter: early signs by the day found, public-safety incidents by the first day of their month: `name, span, matters`."""
    tree, reach = t.area_tree, read_reach(mart, scope, area_code)
    sign, safety = t.others["early_sign"], t.others["safety_month"]
    parts = [
        sa.select(name.label("name"), _span(day, cuts).label("span"), number.label("number"))
        .join_from(table, tree, table.c.area_code == tree.c.area_code)
        .where(_within(day, cuts), reach.admits(tree.c.pos))
        for table, name, day, number in (
            (sign, sa.literal("early_sign"), sign.c.found_on, sa.literal(1)),
            (safety, safety.c.kind, safety.c.month, safety.c.incidents),
        )
    ]
    rows = sa.union_all(*parts).subquery().c
    return mart.read(
        sa.select(rows.name, rows.span, sa.func.sum(rows.number).label("matters"))
        .group_by(rows.name, rows.span)
        .order_by(rows.name, rows.span)
    )


def _within(day: sa.ColumnElement, cuts: Sequence[date]) -> sa.ColumnElement:
    return sa.and_(day >= cuts[0], day < cuts[-1])


def _span(day: sa.ColumnElement, cuts: Sequence[date]) -> sa.ColumnElement:
    """The number of the span a day within the cuts lies in."""
    whens = [(day < cut, sa.literal_column(str(number))) for number, cut in enumerate(cuts[1:])]
    return sa.case(*whens)
