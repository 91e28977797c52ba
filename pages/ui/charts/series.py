"""Charts, drawn with `graph_objects` alone: observed against its expected range, days still filling marked by hatching."""

import pandas as pd
import plotly.graph_objects as go

from analytics.figures import Sentence
from pages.ui import words
from pages.ui.charts.bars import COLOURS, add_range, add_triangles, bar_marker, lay_out
from pages.ui.charts.notes import mark_notes

FILLED_PCT = 98.0


def plot_new(series: pd.DataFrame, language: str, notes: pd.DataFrame | None = None) -> go.Figure:
    """New matters by day as bars over the expected range; a day outside it carries a mark, a day still filling is hatched.

    `notes` are event notes and festivals, see `mark_notes`.
    """
    keys = ("observed", "observed_filling", "range", "above", "below")
    said = {key: words.say(f"page.daily_brief.series.{key}", language) for key in keys}
    days = [day.date() for day in series["day"]]
    places = list(range(len(days)))
    outside = _outside(series)
    figure = go.Figure()
    if series["upper"].notna().any():
        add_range(figure, places, series["lower"].tolist(), series["upper"].tolist(), said["range"])
    hover = _hover(series, days, language)
    filling = (series["completeness_pct"] < FILLED_PCT).tolist()
    for is_filling in (False, True):
        shown = [place for place in places if filling[place] == is_filling]
        if shown:
            figure.add_bar(
                x=shown,
                y=[int(series["new"].iloc[place]) for place in shown],
                name=said["observed_filling" if is_filling else "observed"],
                customdata=[hover[place] for place in shown],
                hovertemplate="%{customdata}<extra></extra>",
                marker=bar_marker([COLOURS[outside[place]] for place in shown], hatched=is_filling),
            )
    add_triangles(figure, series["new"].tolist(), outside, said)
    top = float(series["new"].max())
    mark_notes(figure, notes, [(day, day) for day in days], language, top=top)
    mondays = [place for place, day in zip(places, days, strict=True) if day.weekday() == 0]
    highest = max(top, float(series["upper"].fillna(0).max()))
    lay_out(figure, mondays, [words.day(days[place], language, "short") for place in mondays], highest)
    return figure


def describe_new(series: pd.DataFrame) -> Sentence:
    """The chart in one line."""
    recent = series.tail(28)
    values = {"days": len(recent), "mean": round(float(recent["new"].mean()), 1)}
    if not series["upper"].notna().any():
        return Sentence("page.daily_brief.series.text_unknown", values)
    states = _outside(recent)
    filling = int((recent["completeness_pct"] < FILLED_PCT).sum())
    values |= {"above": states.count("above"), "below": states.count("below"), "filling": filling}
    return Sentence(f"page.daily_brief.series.{'text_filling' if filling else 'text'}", values)


def _outside(series: pd.DataFrame) -> list[str]:
    return [
        "above" if row.new > row.upper else "below" if row.new < row.lower else "within" for row in series.itertuples()
    ]


def _hover(series: pd.DataFrame, days: list, language: str) -> list[str]:
    lines = []
    for day, row in zip(days, series.itertuples(), strict=True):
        line = f"{words.day(day, language, 'short')} {words.weekday(day, language, 'short')}　<b>{int(row.new)}</b>"
        if not pd.isna(row.upper):
            line += "　" + words.say("figure.expected.range", language, lower=row.lower, upper=row.upper)
        lines.append(line)
    return lines
