"""The map of the site's own boundaries, drawn as plain shapes: no tiles, no outline of the world, nothing asked of any server."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from data.boundaries import Boundaries
from pages.ui.charts.notes import escaped
from pages.ui.charts.style import ABOVE, BELOW, EDGE, OBSERVED

HEIGHT = 460
NO_DATA = "rgba(128,128,128,0.12)"
FAINTEST, STRONGEST = 0.06, 0.45  # so that names stay readable on a light and on a dark ground


def plot_map(
    boundaries: Boundaries,
    codes: Sequence[str],
    titles: Sequence[str],
    rates: Sequence[float | None],
    states: Sequence[str],
    hover: Sequence[str],
) -> go.Figure:
    """Areas shaded by a rate, the darker the higher, with a mark at the centre of each that opens it.

    A place above or below those of its kind has a triangle for a mark; one without a rate stays grey. Areas without boundaries are left
    to the table.
    """
    top = max([rates[place] or 0 for place, code in enumerate(codes) if code in boundaries.rings] or [0])
    colour, symbol = {"above": ABOVE, "below": BELOW}, {"above": "triangle-up", "below": "triangle-down"}
    marks = [(colour.get(state, OBSERVED), symbol.get(state, "circle")) for state in states]
    return draw_map(boundaries, codes, titles, [_shade(rate, top) for rate in rates], marks, hover)


def draw_map(
    boundaries: Boundaries,
    codes: Sequence[str],
    titles: Sequence[str],
    fills: Sequence[str],
    marks: Sequence[tuple[str, str]],
    hover: Sequence[str],
) -> go.Figure:
    """Areas filled with these colours, each with a mark of this colour and symbol at its centre that opens it; areas without boundaries are left out."""
    figure = go.Figure()
    drawn = [place for place, code in enumerate(codes) if code in boundaries.rings]
    for place in drawn:
        _shape(figure, boundaries, codes[place], fills[place])
    centres = [boundaries.centre(codes[place]) for place in drawn]
    figure.add_scatter(
        x=[x for x, _ in centres],
        y=[y for _, y in centres],
        mode="markers+text",
        text=[escaped(titles[place]) for place in drawn],
        textposition="bottom center",
        textfont={"size": 13},
        marker={
            "size": 11,
            "color": [marks[place][0] for place in drawn],
            "symbol": [marks[place][1] for place in drawn],
            "line": {"width": 1, "color": "white"},
        },
        customdata=[[hover[place], place] for place in drawn],
        hovertemplate="%{customdata[0]}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    middle = sum(y for _, y in centres) / len(centres) if centres else 0.0
    hidden = {"visible": False, "fixedrange": True}
    return figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=False,
        dragmode=False,
        clickmode="event+select",
        hovermode="closest",
        xaxis=hidden,
        yaxis={**hidden, "scaleanchor": "x", "scaleratio": 1 / max(math.cos(math.radians(middle)), 0.05)},
    )


def _shape(figure: go.Figure, boundaries: Boundaries, code: str, shade: str) -> None:
    points = [point for ring in boundaries.rings[code] for point in (*ring, (None, None))]
    figure.add_scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        mode="lines",
        fill="toself",
        fillcolor=shade,
        line={"width": 1, "color": EDGE},
        hoverinfo="skip",
    )


def _shade(rate: float | None, top: float) -> str:
    if rate is None:
        return NO_DATA
    return f"rgba(42,127,152,{FAINTEST + (STRONGEST - FAINTEST) * (rate / top if top else 0):.3f})"
