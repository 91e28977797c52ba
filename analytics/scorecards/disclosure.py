"""A card, its items or a list as it may leave the screen: denominators of 1 to 4 below the street are hidden, and with them what they would
give away: a subject or month that follows by subtraction, the items behind a left-out count of 1 to 4.

Rates are shown from their minimum denominator on, so that nothing that weighs is ever hidden; what is hidden was not rated. The numbers of
matters and activities that a question rests on stay on the screen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analytics.figures import Sentence
from analytics.scorecards.answer import CardLine, CountedItems, IndicatorScore, Missing, ScoreCard, Scorecards
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


def items_as_they_leave(card: ScoreCard, items: Mapping[str, CountedItems]) -> dict[str, CountedItems]:
    """The items of a card for paper and files: below the street without those of an indicator that is hidden, without the left-out ones whose
    count is, and without the numbers of months that count 1 to 4."""
    hidden = {one.name for one in card_as_it_leaves(card).indicators if one.is_hidden}
    kept = {name: found for name, found in items.items() if name not in hidden}
    return kept if card.line.unit.level in WIDE else {name: _few_taken_out(found) for name, found in kept.items()}


def _few_taken_out(found: CountedItems) -> CountedItems:
    rows = found.items
    reasons = rows["reason"].map(rows["reason"].value_counts())
    few = reasons.between(1, MINIMUM_CELL - 1)
    rows = rows[~few]
    months = rows["what"].eq("month").to_numpy()
    counts = rows["denominator"].fillna(0).to_numpy(dtype=float)
    inside = months & _inside(counts, np.zeros(len(rows), dtype=bool), months)
    for name in ("numerator", "denominator"):
        told = [None if out else value for value, out in zip(rows[name], inside, strict=True)]
        rows = rows.assign(**{name: pd.Series(told, index=rows.index, dtype=object)})
    return replace(found, items=rows)


def _inside(counts: np.ndarray, always: np.ndarray, among: np.ndarray | bool = True) -> np.ndarray:
    """Which counts of a known sum stay inside: those `always`, those of 1 to 4, and the smallest others until none follows by subtraction.

    >>> _inside(np.array([2.0, 7.0, 30.0, 0.0]), np.array([False] * 4)).tolist()
    [True, True, False, False]
    """
    hidden = always | ((counts > 0) & (counts < MINIMUM_CELL) & among)
    for place in np.argsort(counts, kind="stable"):
        held = counts[hidden & (counts > 0)]
        if len(held) == 0 or (len(held) > 1 and held.sum() >= MINIMUM_CELL):
            break
        if counts[place] > 0:
            hidden[place] = True
    return hidden


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
    kept = {
        name: value for name, value in one.basis.items() if not (drop and name in ("subjects", "effect", "variance"))
    }
    return kept | {"subjects": _subjects(kept["subjects"])} if "subjects" in kept else kept


def _subjects(rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """The unit's own counts by subject without the sensitive and the small ones; the effect, the rates and the mix suffice for the points."""
    sensitive = np.array([bool(row["is_sensitive"]) for row in rows], dtype=bool)
    inside = _inside(np.array([row["whole"] for row in rows], dtype=float), sensitive)
    return [dict(row) | ({"met": None, "whole": None} if out else {}) for row, out in zip(rows, inside, strict=True)]
