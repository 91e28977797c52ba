"""Tables and charts of the monthly brief as blocks of a paper."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analytics.briefs.monthly_answer import ExplainedChange, MonthlyBrief, NamedPart
from analytics.figures import Comparison, Line, Sentence
from pages.paper.document import Bars, Cell, Change, Column, Table
from pages.ui import words
from pages.ui.cards import moved

CHARTED = 12
COUNTS = ("now", "before", "before_that", "months", "year_ago", "rounds", "found", "rectified")
CODES = {"safety_kind": "safety_kind", "field_code": "inspection_field"}
TABLES = {
    "recurring": ("area", "street", "category", "now", "before", "before_that", "months"),
    "topics": ("topic", "now", "before", "previous"),
    "compounds": ("area", "street", "now", "before"),
    "safety": ("safety_kind", "now", "before", "previous", "year_ago"),
    "inspections": ("field_code", "rounds", "found", "rectified", "rectified_pct", "previous"),
}
HEADINGS = {"months": "months_recurring", "year_ago": "year_ago_count"}
WHOLE_MONTHS = ("recurring", "safety")  # tables that count whole months before, also in an unfinished one


def said(key: str, language: str, **values: object) -> str:
    """A sentence of this paper."""
    return words.say(f"paper.monthly.{key}", language, **values)


def named(name: str | Sentence, language: str) -> str:
    """A name as written: as it stands in the records, or in words."""
    return words.tell(name, language) if isinstance(name, Sentence) else name


def _heading(key: str, brief: MonthlyBrief, language: str, name: str = "") -> str:
    if key == "before":
        span = brief.period.complete or name in WHOLE_MONTHS
        return words.say(f"column.{'before_count' if span else 'before_span'}", language)
    return words.say(f"column.{HEADINGS.get(key, key)}", language)


def structure_chart(lines: Sequence[Line], language: str) -> Bars:
    """The types of the month, the most first."""
    shown = lines[:CHARTED]
    return Bars(
        labels=tuple(named(line.values["name"], language) for line in shown),
        values=tuple(line.values["now"] for line in shown),
        value_title=words.say("page.monthly_brief.chart.now", language),
    )


def change_chart(change: ExplainedChange, language: str) -> Change:
    """By how much each part rose or fell."""
    return Change(
        labels=tuple(named(part.name, language) for part in change.parts),
        values=tuple(part.change for part in change.parts),
        value_title=words.say("column.change", language),
    )


def months_table(brief: MonthlyBrief, language: str) -> Table:
    """New and closed matters of the last thirteen months, or of the same days of each."""
    counted = [name for name in ("new", "closed") if name in brief.months]
    columns = (
        Column(words.say("column.month", language)),
        *(Column(words.say(f"column.{name}", language), form="count") for name in counted),
    )
    rows = tuple(
        (words.period(row["month"], "month", language), *(_number(row[name]) for name in counted))
        for row in brief.months.to_dict("records")
    )
    note = "" if brief.period.complete else said("same_days", language, last=brief.period.last.day)
    return Table(said("months", language), columns, rows, note)


def _number(value: object) -> int | None:
    return None if pd.isna(value) else int(value)


def structure_table(dimension: str, lines: Sequence[Line], brief: MonthlyBrief, language: str) -> Table:
    """One dimension of the structure, with shares and comparisons."""
    columns = (
        Column(words.say(f"column.structure_{dimension}", language), width=2),
        Column(_heading("now", brief, language), form="count"),
        Column(words.say("column.share_pct", language), form="pct"),
        Column(_heading("before", brief, language), form="count"),
        Column(words.say("column.previous", language)),
        Column(words.say("column.year_ago", language)),
    )
    rows = tuple(
        (
            named(line.values["name"], language),
            line.values["now"],
            line.values["share_pct"],
            line.values["before"],
            _moved(line.values["previous"], language),
            _moved(line.values["year_ago"], language),
        )
        for line in lines
    )
    title = words.say(f"page.monthly_brief.tab.{dimension}", language)
    return Table(
        said("structure", language, by=title), columns, rows, words.say("page.monthly_brief.lead.structure", language)
    )


def _moved(comparison: Comparison | None, language: str) -> str | None:
    return None if comparison is None else moved(comparison, language)


def change_table(change: ExplainedChange, brief: MonthlyBrief, language: str) -> Table:
    """Every part of a change and what it is made of; the last row is the whole, to which the parts add up."""
    rows = []
    for part in change.parts:
        rows.append(_part(part, language, ""))
        rows += [_part(one, language, "\u3000") for one in part.parts]
    rows.append((words.say("monthly.whole", language), change.now, change.before, change.change))
    columns = (
        Column(words.say("column.name", language), width=2),
        Column(_heading("now", brief, language), form="count"),
        Column(_heading("before", brief, language), form="count"),
        Column(words.say("column.change", language), form="count"),
    )
    return Table(said(f"change_{change.by}", language), columns, tuple(rows))


def _part(part: NamedPart, language: str, indent: str) -> tuple[Cell, ...]:
    return (indent + named(part.name, language), part.now, part.before, part.change)


def lines_table(name: str, lines: Sequence[Line], brief: MonthlyBrief, language: str) -> Table:
    """Lines of the brief as the table of that name."""
    keys = TABLES[name]
    columns = tuple(Column(_heading(key, brief, language, name), form=_form(key)) for key in keys)
    rows = tuple(tuple(_cell(key, line.values, language) for key in keys) for line in lines)
    return Table(said(name, language), columns, rows)


def _form(key: str) -> str:
    return "pct" if key.endswith("_pct") else "count" if key in COUNTS else "text"


def _cell(key: str, values: Mapping[str, object], language: str) -> Cell:
    found = values[key]
    if key in CODES:
        return words.name(CODES[key], found, language)
    if key == "topic":
        shipped = f"names.topic.{values['topic_code']}"
        return words.say(shipped, language) if words.has(shipped, language) else found
    return _moved(found, language) if key == "previous" else found
