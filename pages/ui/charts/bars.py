"""What charts of counts over time share: bars, hatched where unfinished, over a stepped range, with a triangle where they lie outside it."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from pages.ui.charts.style import ABOVE, BELOW, EDGE, LEGEND, OBSERVED, RANGE, whole_marks

COLOURS = {"above": ABOVE, "below": BELOW, "within": OBSERVED, "unknown": OBSERVED}
_TRIANGLES = {"above": "triangle-up", "below": "triangle-down"}
_FAINT = "rgba(110,140,152,0.10)"
_LIFT = 0.05  # of the highest bar, between a bar and its triangle


def bar_marker(colours: Sequence[str], *, hatched: bool) -> dict:
    """The look of bars in these colours; hatched ones are not finished."""
    marker = {"color": colours, "line": {"width": 1 if hatched else 0, "color": colours}}
    if hatched:
        marker["pattern"] = {"shape": "/", "size": 5, "solidity": 0.45, "fgcolor": colours, "bgcolor": _FAINT}
    return marker


def add_range(
    figure: go.Figure, places: Sequence[int], lower: Sequence[float], upper: Sequence[float], name: str
) -> None:
    """The expected range as a shaded step behind the bars."""
    shared = {
        "x": places,
        "mode": "lines",
        "hoverinfo": "skip",
        "line": {"shape": "hvh", "width": 1, "color": EDGE},
    }
    figure.add_scatter(y=lower, showlegend=False, **shared)
    figure.add_scatter(y=upper, fill="tonexty", fillcolor=RANGE, name=name, **shared)


def add_triangles(figure: go.Figure, counts: Sequence[float], states: Sequence[str], names: dict[str, str]) -> None:
    """A triangle over each bar outside its range, so that colour is never alone; `names` are what `above` and `below` are called."""
    lift = _LIFT * float(max(counts, default=0) or 1)
    for state, symbol in _TRIANGLES.items():
        places = [place for place, found in enumerate(states) if found == state]
        if places:
            figure.add_scatter(
                x=places,
                y=[float(counts[place]) + lift for place in places],
                mode="markers",
                name=names[state],
                hoverinfo="skip",
                marker={"symbol": symbol, "size": 9, "color": COLOURS[state]},
            )


def lay_out(figure: go.Figure, ticks: Sequence[int], said: Sequence[str], top: float | None = None) -> None:
    """A chart of bars over time that stands still: these ticks, these words under them, counts from zero.

    Where the highest count is said (`top`), room for its numbers is kept beforehand, and need not be found by drawing them.
    """
    figure.update_layout(
        height=300,
        margin={"l": 8 if top is None else 18 + 8 * len(f"{top:,.0f}"), "r": 8, "t": 8, "b": 8},
        barmode="overlay",
        bargap=0.45,
        hovermode="x",
        dragmode=False,
        legend=LEGEND,
        xaxis={
            "tickmode": "array",
            "tickvals": ticks,
            "ticktext": said,
            "showgrid": False,
            "fixedrange": True,
            "tickfont": {"size": 13},
        },
        yaxis={
            "rangemode": "tozero",
            "fixedrange": True,
            "tickformat": ",d",
            "nticks": 5,
            "tickfont": {"size": 13},
            "automargin": top is None,
            **whole_marks(_highest(figure) if top is None else top),
        },
    )


def _highest(figure: go.Figure) -> float:
    known = [float(one) for trace in figure.data if trace.y is not None for one in trace.y if not pd.isna(one)]
    return max(known, default=0.0)
