"""Which subjects usually rise in the coming month, from the calendar of the last night of forecasts that stood at the close of a brief."""

from datetime import date

from analytics.figures import Line
from analytics.forecast_stored import read_forecasts
from analytics.outlook.lists import rising
from analytics.outlook.reading import Reading
from data.errors import NotReady
from data.mart import Mart
from data.scope import Scope

NAMED = 3


def usual_rises(mart: Mart, scope: Scope, through: date, kind: str | None, month: int) -> tuple[Line, ...]:
    """Proven rises of the whole place in a month of the year: kind, category_code, category, years, risen, the surest first; none before the
    first night, or where its file cannot be read.
    """
    try:
        stored = read_forecasts(mart, scope, through, kind=kind)
    except NotReady:
        return ()
    items = rising(Reading(stored)) if stored is not None else ()
    found = [one for one in items if month in one.months and one.is_proven and one.node.category is not None]
    return tuple(
        Line({
            "kind": one.node.kind,
            "category_code": one.node.category_code,
            "category": one.node.category,
            "years": one.years,
            "risen": one.risen,
        })
        for one in found[:NAMED]
    )  # fmt: skip
