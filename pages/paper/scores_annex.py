"""The annexes of a card: what a recount by hand needs, and every item that was counted or left out, with what it counts for."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from analytics.scorecards import CountedItems, IndicatorScore, ScoreCard
from pages.paper.document import Cell, Column, Table
from pages.paper.scores_words import columns, indicator_name, say, word
from pages.ui import words

MONTH = re.compile(r"\d{4}-\d{2}")
PARTS = ("alpha", "beta", "spread", "effect", "variance")


def basis_tables(card: ScoreCard, language: str) -> tuple[Table, ...]:
    """What the contribution of every indicator rests on, number by number, and the peers' rates by subject where they are adjusted."""
    rated = [one for one in card.indicators if one.contribution is not None]
    said = columns(
        language, indicator="text", method="text", raw="exact", peer="exact", **dict.fromkeys(PARTS, "exact")
    )
    rows = tuple(
        (indicator_name(one.name, language), word("method", one.basis["method"], language), one.raw_pct, one.peer_pct,
         *(one.basis.get(name) if one.points is not None else None for name in PARTS))
        for one in rated
    )  # fmt: skip
    table = _without_empty_columns(Table(say("basis_numbers", language), said, rows))
    return (
        *([table] if rows else []),
        *(_subjects(one, language) for one in rated if one.points is not None and one.basis.get("subjects")),
    )


def _subjects(one: IndicatorScore, language: str) -> Table:
    said = columns(language, category="text", met="count", whole="count", rate="exact", mix="exact")
    rows = tuple(
        (_subject(row, language), *(row[name] for name in ("met", "whole", "rate", "mix")))
        for row in one.basis["subjects"]
        if row["mix"] or row["whole"]
    )
    return Table(say("by_subject", language, indicator=indicator_name(one.name, language)), said, rows)


def _subject(row: Mapping[str, object], language: str) -> str:
    kind, _, code = str(row["subject"]).partition(":")
    return f"{words.name('kind', kind, language)} {words.subject(row.get('name') or code, language)}"


def item_tables(card: ScoreCard, items: Mapping[str, CountedItems], language: str) -> tuple[Table, ...]:
    """Every item behind the indicators by the week of its day: one table for matters, activities and the like with what each counts for,
    and one for each indicator that rests on recorded numbers."""
    lower = {one.name for one in card.indicators if one.direction == "lower"}
    means = {one.name for one in card.indicators if one.basis.get("method") == "mean"}
    kept = {name: found.items for name, found in items.items() if not found.items.empty}
    single: dict[str, dict[str, pd.DataFrame]] = {}
    tables = []
    for name, rows in kept.items():
        if rows["state"].eq("recorded").all():
            tables += [_recorded(name, rows, name in means, language)] if not rows["what"].eq("record").all() else []
        else:
            single.setdefault(rows["what"].iloc[0], {})[name] = rows
    tables = [*(one for what, found in single.items() for one in _single(what, found, lower, language)), *tables]
    if tables and any(items[name].not_listed for name in kept):
        tables[0] = replace(tables[0], note=say("not_listed", language))
    return tuple(tables)


def _single(what: str, found: Mapping[str, pd.DataFrame], lower: set[str], language: str) -> tuple[Table, ...]:
    """What is counted, a row an item and a column an indicator; then what is left out, with the reason and the indicators it is left out of."""
    every = pd.concat([rows.assign(indicator=name) for name, rows in found.items()]).sort_values(
        ["day", "item"], kind="stable"
    )
    counted, left = every[every["state"] != "left_out"], every[every["state"] == "left_out"]
    states = {
        (row["item"], row["indicator"]): _state(row["state"], row["indicator"] in lower, language)
        for row in every.to_dict("records")
    }
    rows = tuple(
        (*_head(row), *(states.get((row["item"], name)) for name in found))
        for row in counted.drop_duplicates("item").to_dict("records")
    )
    head, name = columns(language, number="text", week="day", category="text"), word("what", what, language)
    said = (*head, *(Column(indicator_name(one, language)) for one in found))
    tables = [Table(say("lineage", language, what=name), said, rows)]
    rows = tuple(
        (*_head(own.iloc[0]), word("left_out", reason, language), " · ".join(indicator_name(one, language) for one in own["indicator"]))
        for (_, reason), own in left.groupby(["item", "reason"], sort=False)
    )  # fmt: skip
    said = (*head, *columns(language, reason="text", left_out_of="text"))
    tables.append(Table(say("left_out_items", language, what=name), said, rows))
    return tuple(_without_empty_columns(one) for one in tables if one.rows)


def _head(row: Mapping[str, object]) -> tuple[Cell, ...]:
    return row["item"], _week(row), _text(row["category"])


def _state(state: str, is_lower: bool, language: str) -> str:
    """What an item counts for; where lower is better, the numerator counts what came about."""
    return word("came_about" if is_lower and state != "left_out" else "item_state", state, language)


def _recorded(name: str, rows: pd.DataFrame, is_mean: bool, language: str) -> Table:
    rated = rows["what"].eq("rater").all()
    values = {"numerator": "hundredth" if rated else "count", "denominator": "count"}
    values = {"mean": "hundredth", "answered": "count"} if is_mean else values
    said = columns(language, record="text", week="day", **values)
    told = tuple(
        (
            word("rater", row["item"], language) if rated else row["item"],
            _week(row),
            row["numerator"],
            row["denominator"],
        )
        for row in rows.to_dict("records")
    )
    return _without_empty_columns(
        Table(say("recorded", language, indicator=indicator_name(name, language)), said, told)
    )


def _without_empty_columns(table: Table) -> Table:
    kept = [place for place in range(len(table.columns)) if any(row[place] is not None for row in table.rows)]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return Table(table.caption, tuple(table.columns[place] for place in kept), rows, table.note)


def _text(value: object) -> Cell:
    return value if isinstance(value, str) else None


def _week(row: Mapping[str, object]) -> date | None:
    """The Monday of the week of an item's day; a whole month has none."""
    if pd.isna(row["day"]) or MONTH.fullmatch(str(row["item"])):
        return None
    found = pd.Timestamp(row["day"]).date()
    return found - timedelta(days=found.weekday())
