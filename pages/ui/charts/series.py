"""Charts, drawn with `graph_objects` alone: observed against its expected range, days still filling marked by hatching."""

import pandas as pd
import plotly.graph_objects as go

from analytics.figures import Sentence
from pages.ui import words
from pages.ui.charts.notes import mark_notes
from pages.ui.charts.style import ABOVE, BELOW, EDGE, OBSERVED, RANGE

FILLED_PCT = 98.0


def plot_new(series: pd.DataFrame, language: str, notes: pd.DataFrame | None = None) -> go.Figure:
    """New matters by day as bars over the expected range; a day outside it carries a mark, a day still filling is hatched.

    `notes` are event notes and festivals, see `mark_notes`.
    """
    keys = ("observed", "observed_filling", "range", "above", "below")
    said = {key: words.say(f"page.daily_brief.series.{key}", language) for key in keys}
    days = [day.date() for day in series["day"]]
    places = list(range(len(days)))
    outside = _outside(series)
    figure = go.Figure()
    if series["upper"].notna().any():
        _range(figure, series, places, said)
    hover = _hover(series, days, language)
    filling = (series["completeness_pct"] < FILLED_PCT).tolist()
    for is_filling in (False, True):
        shown = [place for place in places if filling[place] == is_filling]
        if shown:
            _bars(
                figure,
                series,
                shown,
                outside,
                hover,
                said["observed_filling" if is_filling else "observed"],
                is_filling,
            )
    _marks(figure, series, outside, said)
    mark_notes(figure, notes, [(day, day) for day in days], language, top=float(series["new"].max()))
    _lay_out(figure, days, places, language)
    return figure


def describe_new(series: pd.DataFrame) -> Sentence:
    """The chart in one line."""
    recent = series.tail(28)
    values = {"days": len(recent), "mean": round(float(recent["new"].mean()), 1)}
    if not series["upper"].notna().any():
        return Sentence("page.daily_brief.series.text_unknown", values)
    states = _outside(recent)
    filling = int((recent["completeness_pct"] < FILLED_PCT).sum())
    values |= {"above": states.count("above"), "below": states.count("below"), "filling": filling}
    return Sentence(f"page.daily_brief.series.{'text_filling' if filling else 'text'}", values)


def _outside(series: pd.DataFrame) -> list[str]:
    return [
        "above" if row.new > row.upper else "below" if row.new < row.lower else "within" for row in series.itertuples()
    ]


def _hover(series: pd.DataFrame, days: list, language: str) -> list[str]:
    lines = []
    for day, row in zip(days, series.itertuples(), strict=True):
        line = f"{words.day(day, language, 'short')} {words.weekday(day, language, 'short')}　<b>{int(row.new)}</b>"
        if not pd.isna(row.upper):
            line += "　" + words.say("figure.expected.range", language, lower=row.lower, upper=row.upper)
        lines.append(line)
    return lines


def _bars(
    figure: go.Figure,
    series: pd.DataFrame,
    places: list[int],
    outside: list[str],
    hover: list[str],
    name: str,
    hatched: bool,
) -> None:
    colours = {"above": ABOVE, "below": BELOW, "within": OBSERVED}
    own = [colours[outside[place]] for place in places]
    pattern = {"shape": "/", "size": 5, "solidity": 0.45, "fgcolor": own, "bgcolor": "rgba(110,140,152,0.10)"}
    figure.add_bar(
        x=places,
        y=[int(series["new"].iloc[place]) for place in places],
        name=name,
        customdata=[hover[place] for place in places],
        hovertemplate="%{customdata}<extra></extra>",
        marker={"color": own, "line": {"width": 1 if hatched else 0, "color": own}}
        | ({"pattern": pattern} if hatched else {}),
    )


def _range(figure: go.Figure, series: pd.DataFrame, places: list[int], said: dict[str, str]) -> None:
    """The expected range as a shaded step behind the bars."""
    line = {"shape": "hvh", "width": 1, "color": EDGE}
    shared = {"x": places, "mode": "lines", "hoverinfo": "skip", "line": line}
    figure.add_scatter(y=series["lower"].tolist(), showlegend=False, **shared)
    figure.add_scatter(y=series["upper"].tolist(), fill="tonexty", fillcolor=RANGE, name=said["range"], **shared)


def _marks(figure: go.Figure, series: pd.DataFrame, outside: list[str], said: dict[str, str]) -> None:
    """A triangle over each day outside its range, so that colour is never alone."""
    shapes = {"above": ("triangle-up", ABOVE), "below": ("triangle-down", BELOW)}
    for state, (shape, colour) in shapes.items():
        places = [place for place, found in enumerate(outside) if found == state]
        if places:
            tops = [float(series["new"].iloc[place]) for place in places]
            lift = 0.05 * float(series["new"].max() or 1)
            figure.add_scatter(
                x=places,
                y=[top + lift for top in tops],
                mode="markers",
                name=said[state],
                hoverinfo="skip",
                marker={"symbol": shape, "size": 9, "color": colour},
            )


def _lay_out(figure: go.Figure, days: list, places: list[int], language: str) -> None:
    mondays = [place for place, day in zip(places, days, strict=True) if day.weekday() == 0]
    figure.update_layout(
        height=300,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        barmode="overlay",
        bargap=0.45,
        hovermode="x",
        dragmode=False,
        legend={
            "orientation": "h",
            "traceorder": "normal",
            "y": 1.0,
            "yanchor": "bottom",
            "x": 0,
            "xanchor": "left",
            "font": {"size": 13},
        },
        xaxis={
            "tickmode": "array",
            "tickvals": mondays,
            "ticktext": [words.day(days[place], language, "short") for place in mondays],
            "showgrid": False,
            "fixedrange": True,
            "tickfont": {"size": 13},
        },
        yaxis={"rangemode": "tozero", "fixedrange": True, "tickformat": ",d", "nticks": 5, "tickfont": {"size": 13}},
    )
