"""Charts of petition trends: counts over their range, what moved, rates and waiting times over time, the pattern of week and year.

Every mark that stands for matters carries its place in `customdata[1]`, so that the page can open them.
"""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from pages.ui import words
from pages.ui.charts.bars import COLOURS, add_range, add_triangles, bar_marker
from pages.ui.charts.notes import mark_notes
from pages.ui.charts.style import ABOVE, BELOW, EDGE, FOURTH, LEGEND, OBSERVED, RANGE, SECOND, THIRD, whole_marks

COURSES = (
    (OBSERVED, "solid", "circle"),
    (SECOND, "dash", "square"),
    (THIRD, "dot", "diamond"),
    (FOURTH, "dashdot", "triangle-up"),
)
MOST_TICKS = 9
BAR_HEIGHT = 26


def plot_periods(rows: pd.DataFrame, unit: str, language: str, notes: pd.DataFrame | None = None) -> go.Figure:
    """Counts by period as bars over their expected range; outside it they carry a mark, unfinished ones are hatched."""
    figure, places = go.Figure(), list(range(len(rows)))
    if rows["upper"].notna().any():
        add_range(figure, places, rows["lower"], rows["upper"], words.say("chart.range", language))
    colour = [COLOURS.get(state, OBSERVED) for state in rows["state"]]
    hover = [_period_hover(row, unit, language) for row in rows.itertuples()]
    for whole in (True, False):
        shown = [place for place in places if bool(rows["complete"].iloc[place]) == whole]
        if shown:
            figure.add_bar(
                x=shown,
                y=[int(rows["matters"].iloc[place]) for place in shown],
                name=words.say("chart.observed" if whole else "chart.unfinished", language),
                customdata=[[hover[place], place] for place in shown],
                hovertemplate="%{customdata[0]}<extra></extra>",
                marker=bar_marker([colour[place] for place in shown], hatched=not whole),
            )
    names = {state: words.say(f"figure.state.{state}", language) for state in ("above", "below")}
    add_triangles(figure, rows["matters"].tolist(), rows["state"].tolist(), names)
    mark_notes(figure, notes, _spans(rows), language, top=float(rows["matters"].max()))
    _over_time(figure, rows, unit, language)
    return figure.update_yaxes(**whole_marks(rows[["matters", "upper"]].max().max()))


def _period_hover(row: object, unit: str, language: str) -> str:
    said = f"{words.period(row.first, unit, language)}　<b>{words.number(row.matters, language)}</b>"
    if not row.complete:
        said += "　" + words.say("chart.until", language, last=row.last)
    if not pd.isna(row.upper):
        said += "<br>" + words.say("figure.expected.range", language, lower=row.lower, upper=row.upper)
    return said


def plot_courses(
    rows: pd.DataFrame,
    names: Sequence[str],
    titles: Sequence[str],
    unit: str,
    language: str,
    notes: pd.DataFrame | None = None,
    *,
    suffix: str = "",
) -> go.Figure:
    """Up to four numbers over time as lines of different dash and marker; the band is the interval of the first where it has one."""
    figure, places = go.Figure(), list(range(len(rows)))
    band = [f"{names[0]}_lower", f"{names[0]}_upper"]
    if set(band) <= set(rows):
        shared = {"x": places, "mode": "lines", "hoverinfo": "skip", "line": {"width": 0}, "showlegend": False}
        figure.add_scatter(y=rows[band[0]], **shared)
        figure.add_scatter(y=rows[band[1]], fill="tonexty", fillcolor=RANGE, **shared)
    for (colour, dash, symbol), name, title in zip(COURSES, names, titles, strict=False):
        hover = [
            f"{words.period(row['first'], unit, language)}　{title}　<b>{words.number(row[name], language, 1)}{suffix}</b>"
            for _, row in rows.iterrows()
        ]
        figure.add_scatter(
            x=places,
            y=rows[name],
            mode="lines+markers",
            name=title,
            line={"color": colour, "dash": dash, "width": 2},
            marker={
                "symbol": [symbol if whole else f"{symbol}-open" for whole in rows["complete"]],
                "size": 7,
                "color": colour,
            },
            customdata=[[said, place] for place, said in enumerate(hover)],
            hovertemplate="%{customdata[0]}<extra></extra>",
        )
    top = float(pd.concat([rows[name] for name in names]).max() or 1)
    mark_notes(figure, notes, _spans(rows), language, top=top)
    _over_time(figure, rows, unit, language)
    return figure.update_layout(yaxis={"ticksuffix": suffix, "tickformat": ",.0f"})


def plot_changes(titles: Sequence[str], values: Sequence[int], hover: Sequence[str]) -> go.Figure:
    """By how much each part rose or fell: bars to both sides of zero, in the order given, from the top."""
    places = list(range(len(titles)))
    figure = go.Figure()
    figure.add_bar(
        x=list(values),
        y=places,
        orientation="h",
        marker={"color": [SECOND if value > 0 else BELOW for value in values]},
        text=[f"+{value}" if value > 0 else f"−{-value}" if value else "0" for value in values],
        textposition="outside",
        cliponaxis=False,
        customdata=[[said, place] for place, said in enumerate(hover)],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
    widest = max([abs(value) for value in values] or [1]) * 1.25 or 1
    _plain(figure, height=70 + BAR_HEIGHT * len(places), showlegend=False)
    ticks = {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": list(titles),
        "autorange": "reversed",
        "automargin": True,
    }
    return figure.update_layout(
        bargap=0.35,
        xaxis={"range": [-widest, widest], "zeroline": True, "zerolinecolor": EDGE, "fixedrange": True, "tickformat": ",d", **whole_marks(widest)},
        yaxis={**ticks, "fixedrange": True, "showgrid": False},
    )  # fmt: skip


def plot_pattern(
    titles: Sequence[str], means: Sequence[float], lower: Sequence[float], upper: Sequence[float], level: float
) -> go.Figure:
    """What each part of a week or year usually brings, as points with their intervals around the level of all."""
    figure = go.Figure()
    spread = {
        "type": "data",
        "symmetric": False,
        "array": [high - mean for high, mean in zip(upper, means, strict=True)],
        "arrayminus": [mean - low for low, mean in zip(lower, means, strict=True)],
        "color": EDGE,
        "thickness": 2,
        "width": 5,
    }
    figure.add_scatter(
        x=list(titles),
        y=list(means),
        mode="markers",
        error_y=spread,
        marker={"size": 9, "color": OBSERVED},
        hovertemplate="%{x}　<b>%{y:,.1f}</b><extra></extra>",
    )
    figure.add_hline(y=level, line={"width": 1, "dash": "dot", "color": EDGE})
    _plain(figure, height=260, showlegend=False)
    return figure.update_layout(
        yaxis={"rangemode": "tozero", "fixedrange": True, "nticks": 5}, xaxis={"fixedrange": True, "type": "category"}
    )


def plot_festival(rows: pd.DataFrame, titles: Sequence[str], language: str) -> go.Figure:
    """The weeks around the lunar new year, one line a year, the latest in the first colour and drawn through."""
    figure = go.Figure()
    years = [name for name in rows if name != "week"][::-1]
    for (colour, dash, symbol), year in zip(COURSES, years, strict=False):
        figure.add_scatter(
            x=list(range(len(rows))),
            y=rows[year],
            mode="lines+markers",
            name=words.say("chart.year", language, year=str(year)),
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 7, "color": colour},
            customdata=[[f"{title}　{year}　<b>{words.number(value, language)}</b>", place]
                        for place, (title, value) in enumerate(zip(titles, rows[year], strict=True))],
            hovertemplate="%{customdata[0]}<extra></extra>",
        )  # fmt: skip
    _plain(figure, height=280)
    return figure.update_layout(
        xaxis={"tickmode": "array", "tickvals": list(range(len(rows))), "ticktext": list(titles), "fixedrange": True, "showgrid": False},
        yaxis={"rangemode": "tozero", "fixedrange": True, "tickformat": ",d", "nticks": 5, **whole_marks(rows[years].max().max())},
    )  # fmt: skip


def plot_standing(
    titles: Sequence[str], rates: Sequence[float], lower: Sequence[float | None], upper: Sequence[float | None], states: Sequence[str],
    hover: Sequence[str],
) -> go.Figure:  # fmt: skip
    """The rate of each place as a point on the limits of places of its kind, in the order of the table."""
    figure, places = go.Figure(), list(range(len(titles)))
    known = [place for place in places if upper[place] is not None]
    if known:
        figure.add_bar(
            x=[upper[place] - lower[place] for place in known],
            base=[lower[place] for place in known],
            y=known,
            orientation="h",
            width=0.5,
            marker={"color": RANGE, "line": {"width": 1, "color": EDGE}},
            hoverinfo="skip",
        )
    colour = {"above": ABOVE, "below": BELOW}
    symbol = {"above": "triangle-right", "below": "triangle-left"}
    figure.add_scatter(
        x=list(rates),
        y=places,
        mode="markers",
        marker={
            "size": 11,
            "color": [colour.get(state, OBSERVED) for state in states],
            "symbol": [symbol.get(state, "circle") for state in states],
        },
        customdata=[[said, place] for place, said in enumerate(hover)],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
    _plain(figure, height=70 + BAR_HEIGHT * len(places), showlegend=False)
    return figure.update_layout(
        xaxis={"rangemode": "tozero", "fixedrange": True},
        yaxis={"tickmode": "array", "tickvals": places, "ticktext": list(titles), "autorange": "reversed", "automargin": True,
               "fixedrange": True, "showgrid": False},
    )  # fmt: skip


# --- how it is done ------------------------------------------------------------------------------------------------------------


def _spans(rows: pd.DataFrame) -> list[tuple[date, date]]:
    return list(zip(rows["first"], rows["last"], strict=True))


def _over_time(figure: go.Figure, rows: pd.DataFrame, unit: str, language: str) -> go.Figure:
    every = max(1, -(-len(rows) // MOST_TICKS))
    ticks = list(range((len(rows) - 1) % every, len(rows), every))
    _plain(figure, height=320)
    return figure.update_layout(
        barmode="overlay",
        bargap=0.4,
        hovermode="closest",
        xaxis={"tickmode": "array", "tickvals": ticks, "ticktext": [_tick(rows["first"].iloc[place], unit, language) for place in ticks],
               "showgrid": False, "fixedrange": True, "zeroline": False},
        yaxis={"rangemode": "tozero", "fixedrange": True, "tickformat": ",d", "nticks": 5},
    )  # fmt: skip


def _tick(first: date, unit: str, language: str) -> str:
    if unit == "month":
        return words.period(first, "month", language) if language == "zh" else first.strftime("%b %Y")
    return words.day(first, language, "short")


def _plain(figure: go.Figure, *, height: int, showlegend: bool = True) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 24, "t": 8, "b": 8},
        dragmode=False,
        showlegend=showlegend,
        clickmode="event+select",
        legend=LEGEND,
    )  # fmt: skip
    figure.update_traces(
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}}, selector={"type": "bar"}
    )
    figure.update_traces(
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}}, selector={"type": "scatter"}
    )
