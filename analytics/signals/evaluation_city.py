"""A whole city of nodes with surges planted in it: which are found, and what a budget of signals a week buys."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analytics.signals.evaluation import Detector, Evaluated, Trial, evaluate, judge_trial, score_verdicts
from analytics.signals.evaluation_budget import Nodes, Planted, Spent, spent_on
from analytics.signals.evaluation_trials import in_units, mean_before

BUDGETS = (6, 10, 20)  # signals a week
SMALL = {"community": 120, "street": 60}  # surges planted beside the city's own, by the level they fill
SMALL_SIZES = {"community": (3, 6), "street": (6, 12)}  # matters, least and most
SMALL_DELAY, SMALL_DAYS = 5, 21  # days of the median delay, and the longest


def city_trial(counts: Mapping[str, np.ndarray], planted: Mapping[str, np.ndarray], levels: Sequence[str]) -> Trial:
    """Weekly counts of every node [place, subject, day], level by level, with what was planted and without it."""
    loud = np.concatenate([counts[level].reshape(-1, counts[level].shape[2]) for level in levels])
    extra = np.concatenate([planted[level].reshape(-1, planted[level].shape[2]) for level in levels])
    names = np.concatenate([np.full(counts[level].shape[0] * counts[level].shape[1], level) for level in levels])
    weeks, judged = in_units(loud, "week")
    surge, _ = in_units(extra, "week")
    quiet = weeks - surge
    return Trial(
        name="city",
        unit="week",
        quiet=quiet,
        counts=weeks,
        judged=judged,
        clear=np.ones((len(quiet), len(judged)), dtype=bool),
        during=surge[:, judged] > 0,
        mean=mean_before(quiet, judged[0], 2 * len(judged)),
        level=names,
        together=True,
    )


def planted_in(
    truth: pd.DataFrame,
    days: np.ndarray,
    areas: Mapping[str, np.ndarray],
    subjects: Sequence[tuple[str, str]],
    levels: Sequence[str],
    columns: int,
) -> tuple[Planted, ...]:
    """The planted surges (kind, category_code, level_code, area_code, first_on, last_on) that begin within the last `columns` weeks."""
    start = len(days) - 7 * columns
    found = []
    for row in truth.to_dict("records"):
        first, last = (
            int((np.datetime64(row[name], "D") - days[0]).astype(int)) - start for name in ("first_on", "last_on")
        )
        subject, level = (row["kind"], row["category_code"]), row["level_code"]
        if first >= 0 and subject in subjects:
            place = int(np.flatnonzero(areas[level] == row["area_code"])[0])
            found.append(Planted(level, levels.index(level), place, subjects.index(subject), first // 7, last // 7))
    return tuple(found)


def plant_small(
    counts: Mapping[str, np.ndarray],
    parents: Mapping[str, np.ndarray],
    levels: Sequence[str],
    *,
    seed: int,
    surges: Mapping[str, int] = SMALL,
    columns: int = 52,
) -> tuple[dict[str, np.ndarray], tuple[Planted, ...]]:
    """Small surges to lie on top of a city's counts: so many in one leaf, so many over the leaves of one place above, in the last `columns` weeks.

    Where and about what follows the counts themselves. Returned are the added counts by level, and the truth; what the city's own large
    surges do not ask of a detector, these do.
    """
    chance = np.random.default_rng([seed, 7])
    leaf = levels[0]
    days = counts[leaf].shape[2]
    added = {level: np.zeros_like(counts[level]) for level in levels}
    weight = counts[leaf].sum(axis=2).astype(float)
    truth = []
    for level, (least, most) in SMALL_SIZES.items():
        number = levels.index(level)
        for _ in range(surges[level]):
            own, subject = np.unravel_index(chance.choice(weight.size, p=(weight / weight.sum()).ravel()), weight.shape)
            place = int(own) if number == 0 else int(parents[leaf][own])
            members = np.array([own]) if number == 0 else np.flatnonzero(parents[leaf] == place)
            start = int(chance.integers(days - 7 * columns, days - SMALL_DAYS))
            size = int(chance.integers(least, most + 1))
            at = start + np.minimum(chance.lognormal(0, 0.5, size) * SMALL_DELAY, SMALL_DAYS - 1).astype(int)
            where = chance.choice(members, size)
            for step, upper in enumerate(levels):
                np.add.at(added[upper], (where, subject, at), 1)
                where = parents[upper][where] if step + 1 < len(levels) else where
            first, last = (int(day - (days - 7 * columns)) // 7 for day in (at.min(), at.max()))
            truth.append(Planted(f"{level}_small", number, place, int(subject), first, last))
    return added, tuple(truth)


def evaluate_city(trial: Trial, nodes: Nodes, surges: Sequence[Planted], detectors: Sequence[Detector]) -> Evaluated:
    """Every detector on the city, at fixed rates and under each budget."""
    spent: list[Spent] = []

    def scored(one: Trial, detector: Detector):
        began = time.perf_counter()
        quiet, loud = judge_trial(one, detector)
        seconds = time.perf_counter() - began
        counts = one.counts[:, one.judged]
        spent.extend(
            spent_on(detector.name, detector.is_ours, loud.p, counts, nodes, surges, budget) for budget in BUDGETS
        )
        return score_verdicts(one, detector, quiet, loud, seconds)

    found = evaluate(trial, detectors, scored)
    return replace(found, surges=len(surges), spent=tuple(spent))
