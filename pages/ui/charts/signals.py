"""Charts of a signal: its series by day and week over the expected range, places in alert on the map, and how many there were over time."""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
import plotly.graph_objects as go

from analytics.figures import Sentence
from data.boundaries import Boundaries
from pages.ui import words
from pages.ui.charts.bars import COLOURS, add_range, add_triangles, bar_marker, lay_out
from pages.ui.charts.map import NO_DATA, draw_map
from pages.ui.charts.notes import mark_notes
from pages.ui.charts.style import ABOVE, EDGE, LEGEND, OBSERVED, SECOND

MOST_TICKS = 6  # that stand side by side on a phone
_FILLS = {"alert": "rgba(203,106,51,0.42)", "rising": "rgba(203,106,51,0.18)", "normal": "rgba(42,127,152,0.10)"}
_MARKS = {"alert": (ABOVE, "triangle-up"), "rising": (SECOND, "triangle-up-open"), "normal": (OBSERVED, "circle")}
_NO_MARK = (EDGE, "circle-open")


def plot_signal(
    rows: pd.DataFrame,
    unit: str,
    language: str,
    notes: pd.DataFrame | None = None,
    *,
    window_days: int = 1,
    through: date | None = None,
) -> go.Figure:
    """Counts by day or by trailing week (`unit`), as bars over the range expected of each; `rows` as in `SignalDetail`.

    By day a dotted line stands before the last `window_days` days, those the signal was raised on. What ends after `through` is still
    filling, and hatched.
    """
    said = {key: words.say(f"page.signals.chart.{key}", language) for key in ("observed", "range")}
    said |= {state: words.say(f"figure.state.{state}", language) for state in ("above", "below")}
    places, states = list(range(len(rows))), series_states(rows)
    spans = [_span(day, unit) for day in rows["on"]]
    hover = [_hover(row, span, language) for row, span in zip(rows.itertuples(), spans, strict=True)]
    figure = go.Figure()
    if rows["upper"].notna().any():
        add_range(figure, places, rows["lower"].tolist(), rows["upper"].tolist(), said["range"])
    for filling in (False, True):
        shown = [place for place in places if (through is not None and spans[place][1] > through) == filling]
        if shown:
            figure.add_bar(
                x=shown,
                y=[
                    None if pd.isna(rows["observed"].iloc[place]) else int(rows["observed"].iloc[place])
                    for place in shown
                ],
                name=words.say("chart.unfinished", language) if filling else said["observed"],
                customdata=[hover[place] for place in shown],
                hovertemplate="%{customdata}<extra></extra>",
                marker=bar_marker([COLOURS[states[place]] for place in shown], hatched=filling),
            )
    counts = rows["observed"].fillna(0).tolist()
    add_triangles(figure, counts, states, said)
    mark_notes(figure, notes, spans, language, top=float(max(counts, default=0) or 1))
    if unit == "day" and 1 < window_days < len(rows):
        figure.add_vline(x=len(rows) - window_days - 0.5, line={"width": 1, "dash": "dot", "color": EDGE})
    every = max(1, -(-len(rows) // MOST_TICKS))
    ticks = list(range((len(rows) - 1) % every, len(rows), every))
    lay_out(figure, ticks, [_tick(rows["on"].iloc[place], unit, language) for place in ticks])
    if unit == "week":
        figure.update_layout(bargap=0.2)
    else:
        figure.update_xaxes(tickangle=0)
    return figure


def series_states(rows: pd.DataFrame) -> list[str]:
    """The state of each row: above, within, below, or unknown without a range or without data.

    >>> rows = pd.DataFrame({"observed": [9, 10, None], "lower": [2, 2, 2], "upper": [9, 9, 9]})
    >>> series_states(rows)
    ['within', 'above', 'unknown']
    """
    return [
        "unknown"
        if pd.isna(row.upper) or pd.isna(row.observed)
        else "above"
        if row.observed > row.upper
        else "below"
        if row.observed < row.lower
        else "within"
        for row in rows.itertuples()
    ]


def describe_signal(rows: pd.DataFrame, unit: str) -> Sentence:
    """The chart in one line."""
    states = series_states(rows)
    values = {"count": len(rows), "above": states.count("above"), "mean": round(float(rows["observed"].mean()), 1)}
    if not rows["upper"].notna().any():
        return Sentence(f"page.signals.chart.text_unknown_{unit}", values)
    return Sentence(f"page.signals.chart.text_{unit}", values)


def plot_alert_places(rows: pd.DataFrame, language: str) -> go.Figure:
    """How many places of one level were in alert, and how many of these rising, day by day or week by week."""
    figure, places = go.Figure(), list(range(len(rows)))
    days = [pd.Timestamp(day).date() for day in rows["day"]]
    for name, colour, dash, symbol in (
        ("in_alert", OBSERVED, "solid", "circle"),
        ("rising", SECOND, "dash", "triangle-up"),
    ):
        title = words.say(f"page.signals.chart.{name}", language)
        figure.add_scatter(
            x=places,
            y=rows[name],
            mode="lines+markers" if len(rows) <= 60 else "lines",
            name=title,
            line={"color": colour, "dash": dash, "width": 2, "shape": "hv" if len(rows) > 60 else "linear"},
            marker={"symbol": symbol, "size": 7, "color": colour},
            customdata=[
                f"{words.day(day, language)}　{title}　<b>{words.number(count, language)}</b>"
                for day, count in zip(days, rows[name], strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    every = max(1, -(-len(rows) // MOST_TICKS))
    ticks = list(range((len(rows) - 1) % every, len(rows), every)) if len(rows) else []
    lay_out(figure, ticks, [words.day(days[place], language, "short") for place in ticks])
    return figure.update_layout(height=240, hovermode="x", legend=LEGEND)


def plot_alert_map(
    boundaries: Boundaries, codes: Sequence[str], titles: Sequence[str], states: Sequence[str], hover: Sequence[str]
) -> go.Figure:
    """Places on the map: alert shaded and with a triangle, rising lighter with an open one, normal a dot, no data grey and empty."""
    return draw_map(
        boundaries,
        codes,
        titles,
        [_FILLS.get(state, NO_DATA) for state in states],
        [_MARKS.get(state, _NO_MARK) for state in states],
        hover,
    )


def _span(day: object, unit: str) -> tuple[date, date]:
    last = pd.Timestamp(day).date()
    return (last - timedelta(days=6) if unit == "week" else last), last


def _hover(row: object, span: tuple[date, date], language: str) -> str:
    line = f"{words.day_range(*span, language)}　<b>{words.number(row.observed, language)}</b>"
    if not pd.isna(row.upper):
        line += "　" + words.say("figure.expected.range", language, lower=row.lower, upper=row.upper)
    return line


def _tick(day: object, unit: str, language: str) -> str:
    """Days by their date, weeks of two years by month and year."""
    on = pd.Timestamp(day).date()
    if unit == "day":
        return words.day(on, language, "short")
    return f"{on.year}-{on.month:02d}" if language == "zh" else on.strftime("%b %Y")
