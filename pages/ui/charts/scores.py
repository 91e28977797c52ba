"""Charts of scorecards: rates against their denominators, the scores of peers without names, indicators against targets, scores over time."""

import textwrap
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from analytics.scorecards import IndicatorScore, PeerGroup
from pages.ui import words
from pages.ui.charts.bars import lay_out
from pages.ui.charts.notes import escaped
from pages.ui.charts.style import ABOVE, BELOW, EDGE, LEGEND, OBSERVED, RANGE

_WIDE = 22  # letters of a name beside a chart before it takes another line
_ROW = 40  # pixels of a line of a chart with names beside it
_AXIS = {"fixedrange": True, "tickfont": {"size": 13}, "nticks": 6}
_OUTSIDE = {"above": ("triangle-up", BELOW), "below": ("triangle-down", ABOVE), "within": ("circle", OBSERVED)}


def plot_score_funnel(rows: pd.DataFrame, names: Sequence[str], language: str) -> go.Figure:
    """Each unit's rate against its denominator; between the lines lie 95 and 99.8 of 100 units that do as well as their peers.

    `rows` are those of one indicator and one peer group, by denominator; `names` are the units' in the same order.
    """
    figure = go.Figure()
    n = rows["denominator"].tolist()
    for limit, dash in (("95", "dot"), ("998", "solid")):
        for side, shown in (("lower", True), ("upper", False)):
            figure.add_scatter(
                x=n, y=rows[f"{side}{limit}"].tolist(), mode="lines", name=_say(f"limit_{limit}", language), showlegend=shown, hoverinfo="skip",
                line={"width": 1.2, "dash": dash, "color": EDGE},
            )  # fmt: skip
    figure.add_scatter(
        x=n, y=rows["peer_pct"].tolist(), mode="lines", name=_say("peers", language), hoverinfo="skip", line={"width": 1.5, "color": EDGE, "dash": "dash"}
    )  # fmt: skip
    for place, (symbol, colour) in _OUTSIDE.items():
        own = [at for at, found in enumerate(rows["place"]) if found == place]
        if own:
            part = rows.iloc[own]
            figure.add_scatter(
                x=part["denominator"].tolist(), y=part["raw_pct"].tolist(), mode="markers", name=_say(place, language),
                customdata=[[_unit_hover(rows.iloc[at], names[at], language), at] for at in own], hovertemplate="%{customdata[0]}<extra></extra>",
                marker={"symbol": symbol, "size": 10, "color": colour, "opacity": 0.85},
            )  # fmt: skip
    lay_out(figure, [], [])
    figure.update_layout(height=360, hovermode="closest", xaxis={"tickmode": "auto", "rangemode": "tozero"} | _AXIS)
    figure.update_xaxes(title={"text": _say("denominator", language), "font": {"size": 13}})
    low = min(rows["raw_pct"].min(), rows["lower95"].min())
    return figure.update_yaxes(range=[max(-3.0, low - 8), 104], rangemode="normal", tickformat=",.0f", ticksuffix="%")


def plot_distribution(
    groups: Sequence[PeerGroup], names: Sequence[str], language: str, own: float | None = None
) -> go.Figure:
    """The scores of each peer group without names: every score a faint tick, the middle half and the middle eight tenths as bars.

    `own` is the reader's own score, on the only group of a card.
    """
    figure = go.Figure()
    shown = [(group, name) for group, name in zip(groups, names, strict=True) if group.quantiles is not None]
    labels = [name for _, name in shown]
    for low, high, wide, tone in (
        ("p10", "p90", 0.22, "rgba(110,140,152,0.30)"),
        ("p25", "p75", 0.46, "rgba(42,127,152,0.45)"),
    ):
        figure.add_bar(
            y=labels, x=[group.quantiles[high] - group.quantiles[low] for group, _ in shown], base=[group.quantiles[low] for group, _ in shown],
            orientation="h", width=wide, name=_say(f"{low}_{high}", language), hoverinfo="skip", marker={"color": tone, "line": {"width": 0}},
        )  # fmt: skip
    figure.add_scatter(
        x=[one for group, _ in shown for one in group.scores], y=[name for group, name in shown for _ in group.scores], mode="markers",
        name=_say("one_unit", language), hoverinfo="skip", marker={"symbol": "line-ns", "size": 9, "line": {"width": 1, "color": EDGE}},
    )  # fmt: skip
    figure.add_scatter(
        x=[group.quantiles["p50"] for group, _ in shown], y=labels, mode="markers", name=_say("middle", language),
        customdata=[_group_hover(group, name, language) for group, name in shown], hovertemplate="%{customdata}<extra></extra>",
        marker={"symbol": "line-ns", "size": 18, "line": {"width": 3, "color": OBSERVED}},
    )  # fmt: skip
    if own is not None:
        figure.add_scatter(
            x=[own], y=labels[:1], mode="markers", cliponaxis=False, marker={"symbol": "diamond", "size": 13, "color": ABOVE},
            customdata=[f"{_say('own', language)} <b>{words.number(own, language, 1)}</b>"], hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
        figure.update_layout(showlegend=False)  # the line of text above says what the bars are
    every = [one for group, _ in shown for one in group.scores] + ([] if own is None else [own])
    low, high = (min(every), max(every)) if every else (0, 100)
    _lay_rows(figure, len(shown), (max(0, low - 3), min(101, high + 3)), spare=96 if own is not None else 150)
    return figure.update_xaxes(title={"text": _say("score", language), "font": {"size": 13}})


def plot_indicators(scores: Sequence[IndicatorScore], names: Sequence[str], language: str) -> go.Figure:
    """The points of each indicator with their interval, the period before hollow beside it, the target as an upright line."""
    figure = go.Figure()
    labels = ["<br>".join(textwrap.wrap(escaped(name), _WIDE)) for name in names]
    inner = [_width(one) for one in scores]
    figure.add_bar(
        y=labels, x=[width for _, width in inner], base=[low for low, _ in inner], orientation="h", width=0.36, name=_say("interval", language),
        hoverinfo="skip", marker={"color": RANGE, "line": {"width": 1, "color": EDGE}},
    )  # fmt: skip
    marks = (
        ("previous", [one.previous_points for one in scores], {"symbol": "circle-open", "size": 9, "color": EDGE, "line": {"width": 1.5}}),
        ("target", [one.target for one in scores], {"symbol": "line-ns", "size": 20, "line": {"width": 2.5, "color": ABOVE}}),
        ("points", [one.points for one in scores], {"symbol": "circle", "size": 11, "color": OBSERVED}),
    )  # fmt: skip
    for key, values, marker in marks:
        figure.add_scatter(
            x=values, y=labels, mode="markers", name=_say(key, language), marker=marker,
            customdata=[f"{escaped(name)}　{_say(key, language)} <b>{words.number(value, language, 1)}</b>" for name, value in zip(names, values, strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    return _lay_rows(figure, len(labels), (0, 102))


def plot_score_trend(trend: pd.DataFrame, names: Sequence[str], language: str) -> go.Figure:
    """The score of each period, oldest first, with the interval where it is known."""
    figure = go.Figure()
    known = trend["score"].notna()
    score = trend["score"].astype("float64").where(known, None).tolist()
    up = (trend["upper"].astype("float64") - trend["score"].astype("float64")).fillna(0.0).tolist()
    down = (trend["score"].astype("float64") - trend["lower"].astype("float64")).fillna(0.0).tolist()
    figure.add_scatter(
        x=list(names), y=score, mode="lines+markers", line={"width": 2.5, "color": OBSERVED}, marker={"size": 9}, showlegend=False,
        error_y={"type": "data", "array": up, "arrayminus": down, "color": EDGE, "thickness": 2, "width": 8},
        customdata=[f"{name}　<b>{words.number(value, language, 1)}</b>" for name, value in zip(names, score, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    lay_out(figure, [], [])
    figure.update_layout(height=260, hovermode="closest", xaxis={"tickmode": "auto", "type": "category"})
    values = [*trend["lower"].dropna(), *trend["upper"].dropna(), *trend["score"].dropna()]
    low, high = (float(min(values)), float(max(values))) if values else (0.0, 100.0)
    return figure.update_yaxes(range=[max(0, low - 5), min(101, high + 5)], rangemode="normal", tickformat=",.0f")


def _say(key: str, language: str, **values: object) -> str:
    return words.say(f"score_pages.chart.{key}", language, **values)


def _width(one: IndicatorScore) -> tuple[float | None, float | None]:
    if one.points is None or one.interval is None or one.interval[0] is None:
        return None, None
    return one.interval[0], max(one.interval[1] - one.interval[0], 0.4)


def _lay_rows(figure: go.Figure, rows: int, limits: tuple[float, float], spare: int = 120) -> go.Figure:
    """A chart of lines with names beside them, the first on top; `spare` pixels are left for legend and axis."""
    figure.update_layout(
        height=_ROW * max(rows, 1) + spare, margin={"l": 8, "r": 12, "t": 8, "b": 8}, barmode="overlay", dragmode=False, hovermode="closest", legend=LEGEND,
        xaxis={"range": list(limits), "showgrid": True, "zeroline": False, "tickformat": ",.0f"} | _AXIS,
        yaxis={"autorange": "reversed", "fixedrange": True, "tickfont": {"size": 13}, "automargin": True, "showgrid": False},
    )  # fmt: skip
    return figure


def _unit_hover(row: pd.Series, name: str, language: str) -> str:
    counted = f"{words.number(row['numerator'], language)}/{words.number(row['denominator'], language)}"
    return f"{escaped(name)}<br>{words.pct(row['raw_pct'], language)} ({counted})<br>{_say('peers', language)} {words.pct(row['peer_pct'], language)}"


def _group_hover(group: PeerGroup, name: str, language: str) -> str:
    values = {key: words.number(value, language, 1) for key, value in group.quantiles.items()}
    return f"{escaped(name)}<br>{_say('hover_group', language, count=group.rated, **values)}"
