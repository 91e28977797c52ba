"""Many counts at once, whatever their places and periods: one pass over what is open on a day, one over what was registered in a span."""

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from data import mart_tables as t
from data.queries.counts import how_many, read_counts
from data.queries.names import Reader
from data.queries.selection import STANDING, Selection, condition, is_open, read_reach
from data.scope import Scope

m = t.matter.c
ARRIVED = ("new", "larger", "collective", "major")  # measures of what was registered in first..last


def read_many(mart: Reader, scope: Scope, chosen: Iterable[Selection]) -> dict[Selection, int]:
    """How many matters each selection counts, as `read_counts` counts them one by one."""
    together: dict[tuple, list[Selection]] = {}
    for one in dict.fromkeys(chosen):
        together.setdefault(_pass_of(one), []).append(one)
    found: dict[Selection, int] = {}
    for (kind, *span), group in together.items():
        if kind == "alone":
            found[group[0]] = read_counts(mart, scope, (group[0],))[0]
        else:
            found |= _in_one_pass(mart, scope, group, _whole(kind, *span))
    return found


def _pass_of(one: Selection) -> tuple:
    """Which selections are counted in the same pass: those standing on one day, those that arrived in one span."""
    if one.measure in STANDING:
        return "standing", one.as_of
    if one.measure in ARRIVED:
        return "arrived", one.first, one.last
    return "alone", one


def _whole(kind: str, first: date, last: date | None = None) -> sa.ColumnElement:
    return is_open(first) if kind == "standing" else m.registered_on.between(first, last)


def _in_one_pass(mart: Reader, scope: Scope, group: list[Selection], whole: sa.ColumnElement) -> dict[Selection, int]:
    reaches = {area: read_reach(mart, scope, area) for area in {one.area_code for one in group}}
    columns = [
        how_many(sa.and_(condition(one), reaches[one.area_code].admits(m.area_pos))).label(f"n{place}")
        for place, one in enumerate(group)
    ]
    row = mart.read(sa.select(*columns).select_from(t.matter).where(whole)).iloc[0]
    return {one: int(value) for one, value in zip(group, row, strict=True)}
