"""What of petition trends may leave the handling unit's own screen: below street level no cell under five, and none that could be worked out."""

from dataclasses import replace

import pandas as pd

from analytics import measures
from analytics.briefs.disclosure import for_export
from analytics.figures import Figure, Line, Sentence
from analytics.petitions.answer import PetitionTrends
from analytics.small_cells import MINIMUM_CELL

COUNTS = ("matters", "previous", "year_before")
FROM_MATTERS = ("share_pct", "per_10k", "lower", "upper", "peers", "peer_group", "state", "vs_previous", "vs_year")
OF_OTHERS = {"previous": "vs_previous", "year_before": "vs_year"}
OF_PERIODS = ("matters", "filings", "batches", "person_times", "repeat", "collective", "diverted")
NAMES_PARTS = ("petitions.headline.more", "petitions.headline.fewer", "petitions.headline.shares")


@for_export.register
def _(trends: PetitionTrends) -> PetitionTrends:
    """Small cells of places below a street are hidden; of a place below a street, all small counts are."""
    near = any(line.values["is_below_street"] for line in trends.places)
    places = hide_small_parts(trends.places) if near else trends.places
    hidden = {line.values["area_code"] for line in places if line.values["matters"] is None}
    trends = replace(
        trends,
        places=places,
        concerns=tuple(one for one in trends.concerns if one.key != "place_above" or one.area_code not in hidden),
        headline=_without_parts(trends.headline) if near or trends.is_below_street else trends.headline,
    )
    return _of_a_small_place(trends) if trends.is_below_street else trends


def _without_parts(headline: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    return tuple(one for one in headline if one.key not in NAMES_PARTS)


def _of_a_small_place(trends: PetitionTrends) -> PetitionTrends:
    """A community or less: every table of parts, every period, every figure; times and patterns of so few are left out."""
    small = any(one.unit != "pct" and _is_small(one.value) for one in trends.volume)
    return replace(
        trends,
        headline=() if small else trends.headline,
        volume=tuple(
            _hidden(one) if _is_small(one.value) or _is_small(one.denominator) else _plain(one) for one in trends.volume
        ),
        properties=tuple(_hidden(one) if _is_small(one.numerator) else one for one in trends.properties),
        categories=hide_small_parts(trends.categories),
        parts={name: hide_small_parts(lines) for name, lines in trends.parts.items()},
        reviews=(),
        series=_without_small(trends.series),
        rates=tuple(
            _hidden(one) if _is_small(one.numerator) or _complement_is_small(one) else one for one in trends.rates
        ),
        rate_series=trends.rate_series.iloc[:0],
        waiting=trends.waiting.iloc[:0],
        festival=trends.festival.iloc[:0],
    )


def hide_small_parts(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Lines whose small counts are None, with as many others as keep them from being worked out; what rests on a hidden count goes too."""
    rows = [dict(line.values) for line in lines]
    for name in COUNTS:
        if any(row[name] is None for row in rows):  # the records do not reach back so far
            continue
        cells = pd.DataFrame({"part": [str(place) for place in range(len(rows))], "count": [row[name] for row in rows]})
        safe = measures.hide_small_cells(cells, ["part"], "count")
        shown = safe.cells["count"]
        for row, count in zip(rows, shown, strict=True):
            if safe.total is None or pd.isna(count):
                row[name] = None
                for other in FROM_MATTERS if name == "matters" else (OF_OTHERS[name],):
                    if other in row:
                        row[other] = "unknown" if other == "state" else None
    return tuple(replace(line, values=row) for line, row in zip(lines, rows, strict=True))


def _without_small(series: pd.DataFrame) -> pd.DataFrame:
    out = series.copy()
    for name in OF_PERIODS if len(series) else ():  # without any record there are no such columns
        out[name] = out[name].astype("Int64").mask(out[name].between(1, MINIMUM_CELL - 1))
    return out


def _is_small(value: float | None) -> bool:
    return value is not None and 0 < value < MINIMUM_CELL


def _complement_is_small(rate: Figure) -> bool:
    return rate.numerator is not None and rate.denominator is not None and _is_small(rate.denominator - rate.numerator)


def _hidden(figure: Figure) -> Figure:
    return replace(
        figure, value=None, numerator=None, denominator=None, interval=None, expected=None, comparisons=(),
        missing=Sentence("missing.small_cell"),
    )  # fmt: skip


def _plain(figure: Figure) -> Figure:
    """A figure without comparisons that would give a small count away."""
    kept = tuple(one for one in figure.comparisons if not _is_small(one.base))
    return replace(figure, comparisons=kept)
