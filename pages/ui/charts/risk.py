"""Charts of the risk outlook: past and forecast with its ranges, the path of the backlog, and whether stated chances came true."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from pages.ui import words
from pages.ui.charts.bars import bar_marker, lay_out
from pages.ui.charts.style import ABOVE, EDGE, OBSERVED, SECOND

MOST_TICKS = 5  # that stand side by side on a phone
FORECAST_RANGES = ((95, "q025", "q975", 0.14), (80, "q100", "q900", 0.24), (50, "q250", "q750", 0.42))  # widest first
_FORECAST = "rgba(42,127,152,{:.2f})"
_SMALLEST, _LARGEST = 8, 22  # of a mark that says how many it stands for


def plot_forecast(
    past: pd.DataFrame,
    ahead: pd.DataFrame,
    unit: str,
    language: str,
    *,
    line: tuple[date, float, str] | None = None,
    naive: bool = True,
) -> go.Figure:
    """What was observed as bars, what is forecast as a middle with ranges of 50, 80 and 95 %, and "as last time" beside it.

    `past` has `on` (first day of a period) and `observed`; `ahead` has `on`, the quantiles `q025` to `q975` and `n500`. `line` is
    the period, value and name of the line that matters. Ranges are bars, so that one period alone is seen as well as twelve.
    """
    said = {key: _say(key, language) for key in ("observed", "middle", "naive")}
    first, figure = len(past), go.Figure()
    places = list(range(first, first + len(ahead)))
    figure.add_bar(
        x=list(range(first)),
        y=past["observed"].tolist(),
        name=said["observed"],
        customdata=[_line(row.on, unit, words.number(row.observed, language), language) for row in past.itertuples()],
        hovertemplate="%{customdata}<extra></extra>",
        marker=bar_marker([EDGE] * first, hatched=False),
    )
    for pct, low, high, tone in FORECAST_RANGES:
        figure.add_bar(
            x=places,
            y=(ahead[high] - ahead[low]).tolist(),
            base=ahead[low].tolist(),
            width=0.86,
            name=_say("ranges", language),
            showlegend=pct == 80,  # one of the three speaks for all
            hoverinfo="skip",
            marker={"color": _FORECAST.format(tone), "line": {"width": 0}},
        )
    figure.add_scatter(
        x=places,
        y=ahead["q500"].tolist(),
        mode="markers",
        name=said["middle"],
        customdata=[_ahead_hover(row, unit, language) for row in ahead.to_dict("records")],
        hovertemplate="%{customdata}<extra></extra>",
        marker={"symbol": "line-ew", "size": 12, "line": {"width": 3, "color": OBSERVED}},
    )
    if naive and "n500" in ahead and ahead["n500"].notna().any():
        figure.add_scatter(
            x=places,
            y=ahead["n500"].tolist(),
            mode="markers",
            name=said["naive"],
            hoverinfo="skip",
            marker={"symbol": "diamond-open", "size": 8, "color": SECOND, "line": {"width": 1.5}},
        )
    if line is not None:
        on, value, name = line
        at = [first + place for place, day in enumerate(ahead["on"]) if _day(day) == on]
        figure.add_scatter(
            x=[one + side for one in at for side in (-0.5, 0.5)],
            y=[value, value] * len(at),
            mode="lines",
            name=f"{name} {words.number(value, language)}",
            hoverinfo="skip",
            line={"width": 4, "color": ABOVE},
        )
    if first:
        figure.add_vline(x=first - 0.5, line={"width": 1, "dash": "dot", "color": EDGE})
    days = [*past["on"], *ahead["on"]]
    every = max(1, -(-len(days) // MOST_TICKS))
    ticks = list(range((len(days) - 1) % every, len(days), every))
    lay_out(figure, ticks, [_tick(days[place], unit, language) for place in ticks])
    return figure.update_layout(height=340, bargap=0.3, hovermode="closest").update_xaxes(tickangle=0)


def plot_backlog(
    open_now: int, path: pd.DataFrame, language: str, what_if: pd.DataFrame | None = None, *, as_of: date
) -> go.Figure:
    """How many matters will be open week by week from what is open now, with the range of 80 %, and the path with other closings beside it.

    `path` has `on, median, low, high`; `what_if` has `on, open, low, high`.
    """
    figure = go.Figure()
    places, days = list(range(len(path) + 1)), [as_of, *(_day(on) for on in path["on"])]
    low, high, middle = ([open_now, *path[name].tolist()] for name in ("low", "high", "median"))
    shared = {"x": places, "mode": "lines", "hoverinfo": "skip", "line": {"width": 0}}
    figure.add_scatter(y=low, showlegend=False, **shared)
    figure.add_scatter(
        y=high,
        fill="tonexty",
        fillcolor=_FORECAST.format(FORECAST_RANGES[1][3]),
        name=_say("range", language, pct=80),
        **shared,
    )
    _course(figure, middle, days, "open_ahead", OBSERVED, "dash", language)
    if what_if is not None and len(what_if):
        _course(
            figure,
            [open_now, *what_if["open"].tolist()],
            [as_of, *(_day(on) for on in what_if["on"])],
            "what_if",
            SECOND,
            "solid",
            language,
        )
    every = max(1, -(-len(days) // MOST_TICKS))
    ticks = list(range(0, len(days), every))
    lay_out(figure, ticks, [words.day(days[place], language, "short") for place in ticks])
    figure.update_layout(height=300, hovermode="closest").update_xaxes(tickangle=0)
    return figure.update_yaxes(rangemode="normal")


def plot_levels(rows: Sequence[Mapping[str, object]], language: str) -> go.Figure:
    """How often the line was passed after each level, with the range of each share; the higher the level, the more often it should be.

    `rows` have `level_code, issued, passed, share, low, high` (shares of 1).
    """
    figure = go.Figure()
    share = [100 * row["share"] for row in rows]
    most = max((row["issued"] for row in rows), default=1)
    figure.add_scatter(
        x=[words.name("signal_level", row["level_code"], language) for row in rows],
        y=share,
        mode="markers",
        marker={
            "color": OBSERVED,
            "size": [_SMALLEST + (_LARGEST - _SMALLEST) * (row["issued"] / most) ** 0.5 for row in rows],
        },
        error_y={
            "type": "data",
            "array": [100 * row["high"] - one for row, one in zip(rows, share, strict=True)],
            "arrayminus": [one - 100 * row["low"] for row, one in zip(rows, share, strict=True)],
            "color": EDGE,
            "thickness": 2,
            "width": 8,
        },
        customdata=[_level_hover(row, language) for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
    )
    lay_out(figure, [], [])
    figure.update_layout(
        height=300, showlegend=False, hovermode="closest", xaxis={"tickmode": "auto", "type": "category"}
    )
    top = min(103, 110 * max((row["high"] for row in rows), default=1))
    return figure.update_yaxes(
        range=[0, top], ticksuffix="%", title={"text": _say("axis_passed", language), "font": {"size": 13}}
    )


def plot_calibration(rows: pd.DataFrame, language: str) -> go.Figure:
    """How often what was given a probability came true, a mark a tenth, its size by how many; on the dotted line the probabilities were right.

    `rows` has `expected, observed` (shares of 1) and `cases`.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 100], y=[0, 100], mode="lines", name=_say("right", language), hoverinfo="skip",
        line={"width": 1, "dash": "dot", "color": EDGE},
    )  # fmt: skip
    most = max(rows["cases"].max(), 1)
    figure.add_scatter(
        x=(100 * rows["expected"]).tolist(),
        y=(100 * rows["observed"]).tolist(),
        mode="lines+markers",
        name=_say("happened", language),
        line={"width": 1.5, "color": OBSERVED},
        marker={
            "size": [_SMALLEST + (_LARGEST - _SMALLEST) * (cases / most) ** 0.5 for cases in rows["cases"]],
            "color": OBSERVED,
        },
        customdata=[_tenth_hover(row, language) for row in rows.to_dict("records")],
        hovertemplate="%{customdata}<extra></extra>",
    )
    top = min(100.0, 10 * (1 + int(100 * max(rows["expected"].max(), rows["observed"].max()) // 10)))
    axis = {
        "range": [-0.03 * top, 1.03 * top],
        "ticksuffix": "%",
        "fixedrange": True,
        "tickfont": {"size": 13},
        "nticks": 6,
    }
    lay_out(figure, [], [])
    figure.update_layout(height=340, hovermode="closest")
    figure.update_xaxes(**axis, tickmode="auto", title={"text": _say("axis_stated", language), "font": {"size": 13}})
    return figure.update_yaxes(**axis, title={"text": _say("axis_happened", language), "font": {"size": 13}})


def _say(key: str, language: str, **values: object) -> str:
    return words.say(f"page.risk_outlook.chart.{key}", language, **values)


def _course(
    figure: go.Figure, values: Sequence[float], days: Sequence[date], name: str, colour: str, dash: str, language: str
) -> None:  # fmt: skip
    title = _say(name, language)
    figure.add_scatter(
        x=list(range(len(values))),
        y=values,
        mode="lines+markers",
        name=title,
        line={"color": colour, "dash": dash, "width": 2.5},
        marker={"size": 6},
        customdata=[
            f"{words.day(on, language)}　{title} <b>{words.number(value, language)}</b>"
            for on, value in zip(days, values, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _line(on: object, unit: str, value: str, language: str) -> str:
    return f"{words.period(_day(on), unit, language)}　<b>{value}</b>"


def _ahead_hover(row: Mapping[str, object], unit: str, language: str) -> str:
    """The middle, each range, and what "as last time" says."""
    joint = "～" if language == "zh" else "–"
    lines = [_line(row["on"], unit, words.number(row["q500"], language), language)]
    for pct, low, high, _ in reversed(FORECAST_RANGES):
        ends = joint.join(words.number(row[name], language) for name in (low, high))
        lines.append(f"{_say('range', language, pct=pct)} {ends}")
    if not pd.isna(row.get("n500")):
        lines.append(f"{_say('naive', language)} {words.number(row['n500'], language)}")
    return "<br>".join(lines)


def _level_hover(row: Mapping[str, object], language: str) -> str:
    values = {"share": words.pct(100 * row["share"], language, 0), "issued": row["issued"], "passed": row["passed"]}
    return _say("hover_level", language, level=words.name("signal_level", row["level_code"], language), **values)


def _tenth_hover(row: Mapping[str, object], language: str) -> str:
    values = {
        "stated": words.pct(100 * row["expected"], language, 0),
        "happened": words.pct(100 * row["observed"], language, 0),
    }
    return _say("hover_tenth", language, **values, count=int(row["cases"]))


def _day(on: object) -> date:
    return pd.Timestamp(on).date()


def _tick(on: object, unit: str, language: str) -> str:
    """Days and weeks by their first day, months by year and month."""
    day = _day(on)
    return f"{day.year}-{day.month:02d}" if unit == "month" else words.day(day, language, "short")
