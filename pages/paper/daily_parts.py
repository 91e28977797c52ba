"""Tables, figures and the chart of the daily brief as blocks of a paper."""

from collections.abc import Iterable, Mapping
from typing import Literal

import pandas as pd

from analytics.briefs import DailyBrief
from analytics.figures import Figure, Line, Sentence
from pages.paper.document import Bars, Cell, Chart, Column, Number, Paragraph, Table
from pages.ui import words
from pages.ui.cards import SUMS, comparison_text

FORMS = {
    **dict.fromkeys(("new", "closed", "open", "overdue", "matters", "people", "collective"), "count"),
    **dict.fromkeys(("due_on_day", "due_soon", "oldest_days", "age_weeks", "lower", "upper"), "count"),
    **dict.fromkeys(("progress_pct", "with_area_pct", "with_category_pct", "with_unit_pct"), "pct"),
    **dict.fromkeys(("due_on", "last_registered_on"), "day"),
}
CODES = {
    "kind": "kind",
    "post_level": "post_level",
    "source_system": "source",
    "reason": "reason",
    "next_step": "next_step",
}
BLANK = {"area": "brief.place_unknown", "category": "brief.category_unknown", "unit": "brief.unit_unknown"}


def said(key: str, language: str, **values: object) -> str:
    """A sentence of this paper."""
    return words.say(f"paper.daily.{key}", language, **values)


def told_lines(
    sentences: Iterable[Sentence], language: str, tone: Literal["plain", "notice"] = "plain"
) -> list[Paragraph]:
    """Sentences that stand alone, each a paragraph of its own."""
    return [Paragraph(words.tell_alone(one, language), tone) for one in sentences]


def lines_table(
    lines: tuple[Line, ...], keys: tuple[str, ...], language: str, *, caption: str = "", note: str = ""
) -> Table:
    """Lines of the brief as a table with these columns; codes become words."""
    columns = tuple(Column(said(f"columns.{key}", language), form=FORMS.get(key, "text")) for key in keys)
    rows = tuple(tuple(_cell(key, line.values, language) for key in keys) for line in lines)
    return Table(caption, columns, rows, note)


def _cell(key: str, values: Mapping[str, object], language: str) -> Cell:
    found = values.get(key)
    if key in CODES:
        return words.name(CODES[key], found, language)
    if key == "state":
        return words.say(f"figure.state.{found}", language) if found else None
    if found is None and key in BLANK:
        return words.say(BLANK[key], language)
    return found


def figures_table(figures: tuple[Figure, ...], language: str, caption: str) -> Table:
    """Figures with their values as numbers, what they rest on, and the days they count."""
    columns = (
        Column(said("figure", language), width=1.4),
        Column(said("value", language), align="right", width=0.8),
        Column(said("basis", language), width=3.3),
        Column(said("span", language), width=2.5),
    )
    rows = tuple(
        (
            words.say(f"figure.name.{figure.name}", language),
            _value(figure),
            _basis(figure, language),
            words.day_range(figure.period.first, figure.period.last, language),
        )
        for figure in figures
    )
    return Table(caption, columns, rows)


def _value(figure: Figure) -> Cell:
    if figure.value is None:
        return None
    return Number(figure.value, "pct" if figure.unit == "pct" else "count")


def _basis(figure: Figure, language: str) -> str:
    if figure.missing is not None:
        return words.tell(figure.missing, language)
    parts = []
    if figure.expected is not None:
        ends = {"lower": figure.expected.lower, "upper": figure.expected.upper}
        parts.append(said("expected", language, state=words.say(f"figure.state.{figure.state}", language), **ends))
    if figure.interval is not None:
        low, high = figure.interval
        counted = {"numerator": figure.numerator, "denominator": figure.denominator}
        parts.append(said("rate_basis", language, low=low, high=high, **counted))
    elif figure.unit in SUMS and figure.denominator is not None:
        parts.append(words.say("figure.note.recorded", language, count=figure.denominator))
    elif figure.denominator is not None:
        parts.append(said("closing_basis", language, numerator=figure.numerator, denominator=figure.denominator))
    parts += [comparison_text(one, language) for one in figure.comparisons]
    return ("；" if language == "zh" else "; ").join(parts)


def series_chart(brief: DailyBrief, language: str) -> Chart:
    """New matters of the last weeks over their expected range; days outside it are hatched and named."""
    series = brief.series
    values = [_number(one) for one in series["new"]]
    lower, upper = ([_number(one) for one in series[name]] for name in ("lower", "upper"))
    judged = any(one is not None for one in upper)
    spec = Bars(
        labels=tuple(f"{day:%m-%d}" for day in series["day"]),
        values=values,
        lower=lower if judged else (),
        upper=upper if judged else (),
        marks=tuple(_mark(*one, language) for one in zip(values, lower, upper, strict=True)) if judged else (),
        value_title=words.say("page.daily_brief.series.observed", language),
    )
    return Chart("series", words.say("page.daily_brief.series.alt", language), spec, said("series", language))


def _number(value: object) -> float | None:
    return None if pd.isna(value) else float(value)


def _mark(value: float | None, lower: float | None, upper: float | None, language: str) -> str:
    if None in (value, lower, upper) or lower <= value <= upper:
        return ""
    return said("mark.above" if value > upper else "mark.below", language)
