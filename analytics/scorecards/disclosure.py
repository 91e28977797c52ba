"""A card or list as it may leave the screen: denominators of 1 to 4 below the street are hidden, and with them what they would give away.

Rates are shown from their minimum denominator on, so that nothing that weighs is ever hidden; what is hidden was not rated. The numbers of
matters and activities that a question rests on stay on the screen.
"""

from dataclasses import replace

import pandas as pd

from analytics.figures import Sentence
from analytics.scorecards.answer import CardLine, IndicatorScore, Missing, ScoreCard, Scorecards
from analytics.small_cells import MINIMUM_CELL

WIDE = ("city", "district", "street", "alliance")
COUNTED = ("matters", "open_matters", "patrol_reports", "requests_accepted")  # figures that count matters


def card_as_it_leaves(card: ScoreCard) -> ScoreCard:
    """The card for paper, files and other units' eyes."""
    questions = tuple(replace(one, items=()) for one in card.questions)
    if card.line.unit.level in WIDE:
        return replace(card, questions=questions)
    small = {one.name for one in card.panel if one.name in COUNTED and _is_small(one.value)}
    given_away = small | ({"matters_per_1000"} if "matters" in small else set())
    panel = tuple(
        replace(one, value=None, numerator=None, denominator=None) if one.name in given_away else one
        for one in card.panel
    )
    indicators = tuple(_hidden(one) for one in card.indicators)
    missing = tuple(_unsaid(one) for one in card.missing)
    return replace(
        card, questions=questions, indicators=indicators, panel=panel, line=_line(card.line), missing=missing
    )


def _unsaid(one: Missing) -> Missing:
    """What a total waits for, without a denominator of 1 to 4."""
    if not _is_small(one.said.values.get("whole")):
        return one
    values = {name: value for name, value in one.said.values.items() if name != "whole"}
    return replace(one, said=Sentence("scores.missing.few", values))


def _line(line: CardLine) -> CardLine:
    """A unit's line without a workload of 1 to 4 below the street."""
    return replace(line, workload=None) if line.unit.level not in WIDE and _is_small(line.workload) else line


def _is_small(value: float | None) -> bool:
    return value is not None and 0 < value < MINIMUM_CELL


def list_as_it_leaves(found: Scorecards) -> Scorecards:
    """The list for paper and files: small denominators are taken out of the funnel."""
    wide = {one.unit.unit_id for one in found.lines if one.unit.level in WIDE}
    frame = found.funnel
    small = (frame["denominator"] < MINIMUM_CELL) & ~frame["unit_id"].isin(wide)
    columns = ["numerator", "denominator", "raw_pct", "shrunk_pct"]
    hidden = frame.assign(**{name: frame[name].astype("float64").mask(small) for name in columns})
    limits = [name for name in frame if name.startswith(("lower", "upper"))]
    hidden = hidden.assign(**{name: hidden[name].mask(small) for name in limits})
    hidden = hidden.assign(place=hidden["place"].mask(small))
    return replace(found, funnel=pd.DataFrame(hidden), lines=tuple(_line(one) for one in found.lines))


def _hidden(one: IndicatorScore) -> IndicatorScore:
    left = tuple(replace(part, items=None if _is_small(part.items) else part.items) for part in one.left_out)
    if one.denominator is None or one.denominator >= MINIMUM_CELL or one.basis.get("method") == "census":
        return replace(one, left_out=left, basis=_basis(one))
    return replace(
        one, left_out=left, numerator=None, denominator=None, raw_pct=None, raw_interval=None, selection=None, selection_met=None,
        basis=_basis(one, drop=True), extra={}, is_hidden=True,
    )  # fmt: skip


def _basis(one: IndicatorScore, drop: bool = False) -> dict[str, object]:
    """What a recount needs; where an indicator is hidden its own counts by subject go too."""
    return {
        name: value for name, value in one.basis.items() if not (drop and name in ("subjects", "effect", "variance"))
    }
