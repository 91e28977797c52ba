"""Charts of the track record: what is found at each rate of false alarms, and whether small p-values come up as often as they should."""

from collections.abc import Iterator

import plotly.graph_objects as go

from analytics.signals.evaluation import FACTOR, NOMINAL, RATES_PCT, Calibration, Evaluated
from pages.ui import words
from pages.ui.charts.style import ABOVE, EDGE, LEGEND, OBSERVED, RANGE

MARKS = dict(zip(RATES_PCT, ("circle", "diamond", "square"), strict=True))
LEAST, MOST = 0.05, 60.0  # of a ratio, so that a share of zero has its place on the scale
_ROW = 44
_SHAPES = dict(zip(NOMINAL, ("circle", "triangle-up"), strict=True))


def plot_rates(trial: Evaluated, language: str) -> go.Figure:
    """A line a detector, ours on top, with a mark for each rate of false alarms."""
    figure = go.Figure()
    names = [words.name("detector", one.detector, language) for one in trial.detectors]
    for one, name in zip(trial.detectors, names, strict=True):
        found = [rate.found_pct for rate in one.at]
        colour = OBSERVED if one.is_ours else EDGE
        figure.add_scatter(
            x=[min(found), max(found)], y=[name, name], mode="lines", line={"color": colour, "width": 4 if one.is_ours else 2},
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    for place, rate in enumerate(RATES_PCT):
        found = [one.at[place].found_pct for one in trial.detectors]
        hover = [
            words.say("track_record.chart.hover_rate", language, detector=name, rate=f"{rate:g}", found=words.pct(share, language))
            for name, share in zip(names, found, strict=True)
        ]  # fmt: skip
        figure.add_scatter(
            x=found,
            y=names,
            mode="markers",
            name=words.say("track_record.chart.at_rate", language, rate=f"{rate:g}"),
            marker={
                "symbol": MARKS[rate],
                "size": 12,
                "color": [OBSERVED if one.is_ours else ABOVE for one in trial.detectors],
            },
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_layout(
        height=_ROW * len(names) + 96,
        margin={"l": 8, "r": 16, "t": 8, "b": 8},
        dragmode=False,
        legend=LEGEND,
        xaxis={
            "title": {"text": words.say("track_record.chart.found", language), "font": {"size": 13}},
            "range": [0, 102], "fixedrange": True, "tickfont": {"size": 13},
        },
        yaxis={"autorange": "reversed", "fixedrange": True, "tickfont": {"size": 14}, "automargin": True, "showgrid": False},
    )  # fmt: skip
    return figure


def plot_calibration(trial: Evaluated, language: str) -> go.Figure:
    """Actual over nominal share of small p-values by band of the mean count, ours beside improved Farrington; within the shaded band it agrees."""
    figure = go.Figure()
    figure.add_hrect(y0=1 / FACTOR, y1=FACTOR, fillcolor=RANGE, line_width=0, layer="below")
    figure.add_hline(y=1, line={"width": 1, "dash": "dot", "color": EDGE})
    shown = [one for one in trial.detectors if one.is_ours or one.detector.startswith("farrington")]
    bands = list(dict.fromkeys(row.group for one in shown for row in one.calibration if row.by == "mean"))
    for one in shown:
        name = words.name("detector", one.detector, language)
        for nominal in NOMINAL:
            rows = [row for row in one.calibration if row.by == "mean" and row.nominal == nominal and row.verdict]
            figure.add_scatter(
                x=[words.name("trial_band", row.group, language) for row in rows],
                y=[min(max(row.share / nominal, LEAST), MOST) for row in rows],
                mode="lines+markers",
                name=f"{name}　p≤{nominal:g}",
                line={"color": OBSERVED if one.is_ours else ABOVE, "dash": "solid" if nominal == NOMINAL[0] else "dot"},
                marker={"symbol": _SHAPES[nominal], "size": 11},
                customdata=list(_hovers(rows, name, language)),
                hovertemplate="%{customdata}<extra></extra>",
            )
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        legend=LEGEND,
        xaxis={
            "title": {"text": words.say("track_record.chart.bands", language), "font": {"size": 13}},
            "categoryorder": "array", "categoryarray": [words.name("trial_band", band, language) for band in bands],
            "fixedrange": True, "tickfont": {"size": 13},
        },
        yaxis={
            "title": {"text": words.say("track_record.chart.ratio", language), "font": {"size": 13}},
            "type": "log", "tickvals": [0.05, 0.1, 0.5, 1, 2, 10, 50], "fixedrange": True, "tickfont": {"size": 13},
        },
    )  # fmt: skip
    return figure


def _hovers(rows: list[Calibration], name: str, language: str) -> Iterator[str]:
    for row in rows:
        values = {
            "detector": name,
            "band": words.name("trial_group", row.group, language),
            "nominal": f"{row.nominal:g}",
        }
        values |= {"share": words.pct(100 * row.share, language, 2), "points": row.points}
        values |= {"ratio": words.number(row.share / row.nominal, language, 1)}
        yield words.say("track_record.chart.hover_ratio", language, **values)
