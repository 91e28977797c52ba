"""Charts of the record of forecasts: the error beside that of the naive forecast, and whether outcomes fell below each quantile as often as they should."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from pages.ui import words
from pages.ui.charts.style import ABOVE, EDGE, FOURTH, LEGEND, OBSERVED, RANGE

BANDS = ("circle", "diamond", "square")  # of the horizon, the nearest first
COURSES = {"D": OBSERVED, "W": ABOVE, "M": FOURTH}
TOLERANCE = 3.0  # points of a hundred: what the models are held to in the evaluation
_MOST = 1.5  # a ratio above it stands at the edge, its number in the hover text
_ROW, _STEP = 40, 1.1


def _say(key: str, language: str, **values: object) -> str:
    return words.say(f"track_forecasts.chart.{key}", language, **values)


def plot_skill(rows: Sequence[Mapping[str, object]], language: str) -> go.Figure:
    """A mark a frequency, level and band of the horizon: left of the line is better than the naive forecast.

    `rows`: freq, level, band (its number from 0), first_step, last_step, ratio, forecasts.
    """
    figure = go.Figure()
    names = list(dict.fromkeys(_row_name(row, language) for row in rows))
    for band in sorted({row["band"] for row in rows}):
        mine = [row for row in rows if row["band"] == band]
        figure.add_scatter(
            x=[min(row["ratio"], _MOST) for row in mine],
            y=[_row_name(row, language) for row in mine],
            mode="markers",
            name=_say(f"band_{band}", language),
            marker={
                "symbol": BANDS[band % len(BANDS)],
                "size": 12,
                "color": [OBSERVED if row["ratio"] <= 1 else ABOVE for row in mine],
            },
            customdata=[_skill_hover(row, language) for row in mine],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.add_vline(x=1, line={"width": 1, "dash": "dot", "color": EDGE})
    figure.update_layout(
        height=_ROW * len(names) + 104,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        legend=LEGEND,
        xaxis={
            "title": {"text": _say("ratio", language), "font": {"size": 13}}, "range": [0, _MOST + 0.05],
            "tickvals": [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5], "fixedrange": True, "tickfont": {"size": 13},
        },
        yaxis={
            "autorange": "reversed", "fixedrange": True, "tickfont": {"size": 14}, "automargin": True, "showgrid": False,
            "categoryorder": "array", "categoryarray": names,
        },
    )  # fmt: skip
    return figure


def _row_name(row: Mapping[str, object], language: str) -> str:
    return _say(
        "row",
        language,
        freq=words.name("record_freq", row["freq"], language),
        level=words.name("signal_area_level", row["level"], language),
    )


def _skill_hover(row: Mapping[str, object], language: str) -> str:
    values = {"row": _row_name(row, language), "first": row["first_step"], "last": row["last_step"]}
    values |= {"ratio": words.number(row["ratio"], language, 2), "count": row["forecasts"]}
    return _say("hover_skill", language, **values)


def plot_counts_calibration(rows: Sequence[Mapping[str, object]], language: str) -> go.Figure:
    """For each nominal share the actual shares below the quantile and at or below it, as a stroke that should cross the diagonal.

    `rows`: freq, nominal, below, upto (percents), forecasts. Counts are whole numbers: many lie on the quantile itself.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 100, 100, 0], y=[-TOLERANCE, 100 - TOLERANCE, 100 + TOLERANCE, TOLERANCE], fill="toself", fillcolor=RANGE,
        mode="lines", line={"width": 0}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    figure.add_scatter(
        x=[0, 100], y=[0, 100], mode="lines", line={"width": 1, "dash": "dot", "color": EDGE}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip
    freqs = [freq for freq in COURSES if any(row["freq"] == freq for row in rows)]
    for place, freq in enumerate(freqs):
        mine = [row for row in rows if row["freq"] == freq]
        middle = [(row["below"] + row["upto"]) / 2 for row in mine]
        half = [(row["upto"] - row["below"]) / 2 for row in mine]
        figure.add_scatter(
            x=[row["nominal"] + (place - (len(freqs) - 1) / 2) * _STEP for row in mine],
            y=middle,
            error_y={"type": "data", "array": half, "thickness": 5, "width": 0, "color": COURSES[freq]},
            mode="markers",
            name=words.name("record_freq", freq, language),
            marker={
                "symbol": "line-ew",
                "size": 11,
                "line": {"width": 3, "color": COURSES[freq]},
                "color": COURSES[freq],
            },
            customdata=[_calibration_hover(row, language) for row in mine],
            hovertemplate="%{customdata}<extra></extra>",
        )
    axis = {"range": [-2, 102], "tickvals": [0, 10, 25, 50, 75, 90, 100], "fixedrange": True, "tickfont": {"size": 13}}
    figure.update_layout(
        height=400,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        legend=LEGEND,
        xaxis={"title": {"text": _say("nominal", language), "font": {"size": 13}}, **axis},
        yaxis={"title": {"text": _say("actual", language), "font": {"size": 13}}, **axis},
    )
    return figure


def _calibration_hover(row: Mapping[str, object], language: str) -> str:
    values = {name: words.pct(row[name], language) for name in ("nominal", "below", "upto")}
    freq = words.name("record_freq", row["freq"], language)
    return _say("hover_calibration", language, freq=freq, count=row["forecasts"], **values)


def plot_levels_passed(rows: Sequence[Mapping[str, object]], language: str) -> go.Figure:
    """After each level the share of periods that passed the line, with the range of the share; the gravest first.

    `rows`: level_code, issued, passed, share_pct, low_pct, high_pct.
    """
    shown = [row for row in rows if row["issued"]]
    hover = [
        _say("hover_level", language, level=words.name("signal_level", row["level_code"], language), passed=row["passed"], count=row["issued"])
        for row in shown
    ]  # fmt: skip
    top = min(102, 1.1 * max((row["high_pct"] for row in shown), default=100))
    figure = go.Figure()
    figure.add_scatter(
        x=[row["share_pct"] for row in shown],
        y=[words.name("signal_level", row["level_code"], language) for row in shown],
        mode="markers",
        marker={"size": 12, "color": OBSERVED},
        error_x={
            "type": "data", "array": [row["high_pct"] - row["share_pct"] for row in shown],
            "arrayminus": [row["share_pct"] - row["low_pct"] for row in shown], "color": EDGE, "thickness": 2, "width": 6,
        },
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )  # fmt: skip
    figure.update_layout(
        height=_ROW * len(shown) + 76,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        xaxis={
            "title": {"text": _say("passed", language), "font": {"size": 13}}, "range": [-0.02 * top, top], "fixedrange": True,
            "tickfont": {"size": 13},
        },
        yaxis={"autorange": "reversed", "fixedrange": True, "tickfont": {"size": 14}, "automargin": True, "showgrid": False},
    )  # fmt: skip
    return figure
