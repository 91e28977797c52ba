"""The course of half a year by weeks: sums as bars over the range expected of each, the unfinished week hatched."""

import pandas as pd
import plotly.graph_objects as go

from analytics.figures import Sentence
from pages.ui import words
from pages.ui.charts.style import ABOVE, BELOW, EDGE, OBSERVED, RANGE

_COLOURS = {"above": ABOVE, "below": BELOW, "within": OBSERVED, "unknown": OBSERVED}


def plot_weeks(weeks: pd.DataFrame, language: str) -> go.Figure:
    """New matters by week over the expected sum; a week outside it carries a mark, a week without reference has no range."""
    keys = ("observed", "observed_unfinished", "range", "above", "below")
    said = {key: words.say(f"page.weekly_brief.weeks.{key}", language) for key in keys}
    places = list(range(len(weeks)))
    states = week_states(weeks)
    figure = go.Figure()
    if weeks["upper"].notna().any():
        _range(figure, weeks, said["range"])
    for complete in (True, False):
        shown = [place for place in places if bool(weeks["complete"].iloc[place]) == complete]
        if shown:
            _bars(
                figure,
                weeks,
                shown,
                states,
                said["observed" if complete else "observed_unfinished"],
                complete,
                language,
            )
    _marks(figure, weeks, states, said)
    _lay_out(figure, weeks, language)
    return figure


def describe_weeks(weeks: pd.DataFrame) -> Sentence:
    """The chart in one line, over its complete weeks."""
    whole = weeks[weeks["complete"].astype(bool)]
    states = week_states(whole)
    values = {"weeks": len(whole), "mean": round(float(whole["new"].mean()), 1) if len(whole) else 0}
    if not weeks["upper"].notna().any():
        return Sentence("page.weekly_brief.weeks.text_unknown", values)
    values |= {"above": states.count("above"), "below": states.count("below")}
    unknown = states.count("unknown")
    if unknown:
        return Sentence("page.weekly_brief.weeks.text_unjudged", {**values, "unknown": unknown})
    return Sentence("page.weekly_brief.weeks.text", values)


def week_states(weeks: pd.DataFrame) -> list[str]:
    """The state of each week: above, within, below, or unknown without a range."""
    return [
        "unknown"
        if pd.isna(row.upper)
        else "above"
        if row.new > row.upper
        else "below"
        if row.new < row.lower
        else "within"
        for row in weeks.itertuples()
    ]


def _bars(
    figure: go.Figure,
    weeks: pd.DataFrame,
    places: list[int],
    states: list[str],
    name: str,
    complete: bool,
    language: str,
) -> None:
    own = [_COLOURS[states[place]] for place in places]
    hatching = {"shape": "/", "size": 5, "solidity": 0.45, "fgcolor": own, "bgcolor": "rgba(110,140,152,0.10)"}
    figure.add_bar(
        x=places,
        y=[int(weeks["new"].iloc[place]) for place in places],
        name=name,
        customdata=[_hover(weeks.iloc[place], language) for place in places],
        hovertemplate="%{customdata}<extra></extra>",
        marker={"color": own, "line": {"width": 0 if complete else 1, "color": own}}
        | ({} if complete else {"pattern": hatching}),
    )


def _hover(row: pd.Series, language: str) -> str:
    line = f"{words.day_range(row['week'].date(), row['last'].date(), language)}　<b>{words.number(row['new'], language)}</b>"
    if pd.isna(row["upper"]):
        return line
    return line + "　" + words.say("figure.expected.range", language, lower=row["lower"], upper=row["upper"])


def _range(figure: go.Figure, weeks: pd.DataFrame, name: str) -> None:
    """The expected range of each week as a box behind its bar; a week without reference has none."""
    known = [place for place, upper in enumerate(weeks["upper"]) if not pd.isna(upper)]
    lower, upper = ([float(weeks[end].iloc[place]) for place in known] for end in ("lower", "upper"))
    figure.add_bar(
        x=known,
        base=lower,
        y=[high - low for low, high in zip(lower, upper, strict=True)],
        width=0.92,
        name=name,
        hoverinfo="skip",
        marker={"color": RANGE, "line": {"width": 1, "color": EDGE}},
    )


def _marks(figure: go.Figure, weeks: pd.DataFrame, states: list[str], said: dict[str, str]) -> None:
    """A triangle over each week outside its range, so that colour is never alone."""
    lift = 0.05 * float(weeks["new"].max() or 1)
    for state, symbol in (("above", "triangle-up"), ("below", "triangle-down")):
        places = [place for place, found in enumerate(states) if found == state]
        if places:
            figure.add_scatter(
                x=places,
                y=[float(weeks["new"].iloc[place]) + lift for place in places],
                mode="markers",
                name=said[state],
                hoverinfo="skip",
                marker={"symbol": symbol, "size": 9, "color": _COLOURS[state]},
            )


def _lay_out(figure: go.Figure, weeks: pd.DataFrame, language: str) -> None:
    ticks = list(range(len(weeks) - 1, -1, -4))[::-1]
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
            "font": {"size": 13},
        },
        xaxis={
            "tickmode": "array",
            "tickvals": ticks,
            "ticktext": [words.day(weeks["week"].iloc[place].date(), language, "short") for place in ticks],
            "showgrid": False,
            "fixedrange": True,
            "tickfont": {"size": 13},
        },
        yaxis={"rangemode": "tozero", "fixedrange": True, "tickformat": ",d", "nticks": 5, "tickfont": {"size": 13}},
    )
