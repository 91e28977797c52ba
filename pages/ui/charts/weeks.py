"""The course of half a year by weeks: sums as bars over the range expected of each, the unfinished week hatched."""

import pandas as pd
import plotly.graph_objects as go

from analytics.figures import Sentence
from pages.ui import words
from pages.ui.charts.bars import COLOURS, add_triangles, bar_marker, lay_out
from pages.ui.charts.style import EDGE, RANGE


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
            figure.add_bar(
                x=shown,
                y=[int(weeks["new"].iloc[place]) for place in shown],
                name=said["observed" if complete else "observed_unfinished"],
                customdata=[_hover(weeks.iloc[place], language) for place in shown],
                hovertemplate="%{customdata}<extra></extra>",
                marker=bar_marker([COLOURS[states[place]] for place in shown], hatched=not complete),
            )
    add_triangles(figure, weeks["new"].tolist(), states, said)
    ticks = list(range(len(weeks) - 1, -1, -4))[::-1]
    lay_out(figure, ticks, [words.day(weeks["week"].iloc[place].date(), language, "short") for place in ticks])
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
