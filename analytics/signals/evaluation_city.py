"""A whole city of nodes with surges planted in it: which are found, and what a budget of signals a week buys."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analytics.signals.calendar_effects import NONE
from analytics.signals.cube import Cube
from analytics.signals.episodes import ALARMING, advance, no_episodes
from analytics.signals.evaluation import Detector, Evaluated, Trial, evaluate, judge_trial, score_verdicts
from analytics.signals.evaluation_budget import Nodes, Planted, Spent, score_alerts, spent_on
from analytics.signals.evaluation_trials import YEAR_DAYS, mean_before
from analytics.signals.nightly import judge_nights
from analytics.signals.settings import SIGNAL_RULES, SignalRules
from analytics.signals.shortlist import NODE, shortlist

WEEKS = 52  # judged
BUDGETS = (6, 10, 20)  # signals a week
SMALL = {"community": 120, "street": 60}  # surges a year planted beside the city's own, by the level they fill
SMALL_SIZES = {"community": (3, 6), "street": (6, 12)}  # matters, least and most
SMALL_DELAY, SMALL_DAYS = 5, 21  # days of the median delay, and the longest


def city_trial(cube: Cube, planted: Mapping[str, np.ndarray], weeks: int = WEEKS) -> Trial:
    """Daily counts of every node, level by level, with what was planted and without it, judged at the end of each of the last weeks.

    A week is the seven days that end with the judged one, so that nights and detectors on trailing sums can be compared.
    """
    loud = _laid_out(cube.counts, cube.levels)
    extra = _laid_out(planted, cube.levels)
    judged = loud.shape[1] - 1 - 7 * np.arange(weeks)[::-1]
    quiet = loud - extra
    return Trial(
        name="city",
        unit="week",
        quiet=quiet,
        counts=loud,
        judged=judged,
        clear=np.ones((len(quiet), len(judged)), dtype=bool),
        during=week_sums(extra, judged) > 0,
        mean=7 * mean_before(quiet, judged[0] - 6, 2 * YEAR_DAYS),
        level=_levels(cube, cube.levels),
        together=True,
    )


def festival_trial(cube: Cube, *, levels: Sequence[str] = (), every: int = 1) -> Trial:
    """Known holidays: every node of a city (of these levels) without surges, on the days around festivals of the last year, or on every so manieth of them."""
    levels = levels or cube.levels
    quiet = _laid_out(cube.counts, levels)
    judged = np.flatnonzero(cube.calendar.window != NONE)
    judged = judged[judged >= len(cube.days) - YEAR_DAYS][::every]
    return Trial(
        name="festivals",
        unit="day",
        quiet=quiet,
        judged=judged,
        clear=np.ones((len(quiet), len(judged)), dtype=bool),
        mean=7 * mean_before(quiet, judged[0], 2 * YEAR_DAYS),
        level=_levels(cube, levels),
        together=True,
    )


def _levels(cube: Cube, levels: Sequence[str]) -> np.ndarray:
    return np.concatenate([np.full(len(cube.areas[one]) * len(cube.subjects), one) for one in levels])


def _laid_out(counts: Mapping[str, np.ndarray], levels: Sequence[str]) -> np.ndarray:
    return np.concatenate([counts[level].reshape(-1, counts[level].shape[2]) for level in levels])


def week_sums(daily: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """The sum of the seven days that end with each judged one.

    >>> week_sums(np.ones((1, 9), dtype=int), np.array([7, 8])).tolist()
    [[7, 7]]
    """
    return sum(daily[:, judged - back] for back in range(7))


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
    surges: Mapping[str, int] | None = None,
    columns: int = WEEKS,
) -> tuple[dict[str, np.ndarray], tuple[Planted, ...]]:
    """Small surges to lie on top of a city's counts: so many in one leaf, so many over the leaves of one place above, in the last `columns` weeks.

    Where and about what follows the counts themselves. Returned are the added counts by level, and the truth; what the city's own large
    surges do not ask of a detector, these do.
    """
    chance = np.random.default_rng([seed, 7])
    leaf, surges = levels[0], surges or {level: count * columns // WEEKS for level, count in SMALL.items()}
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
        counts = week_sums(one.counts, one.judged)
        spent.extend(
            spent_on(detector.name, detector.is_ours, loud.p, counts, nodes, surges, budget) for budget in BUDGETS
        )
        return score_verdicts(one, detector, quiet, loud, seconds)

    found = evaluate(trial, detectors, scored)
    return replace(found, surges=len(surges), spent=tuple(spent))


def replay_nights(
    cube: Cube,
    surges: Sequence[Planted],
    nodes: Nodes,
    parents: Mapping[str, str | None],
    *,
    nights: int,
    warm_up: int,
    columns: int = WEEKS,
    rules: SignalRules = SIGNAL_RULES,
) -> Evaluated:
    """The last nights one after the other as in production, short list, episodes and budget included: what would have been sent each day.

    `warm_up` nights before them run along unscored, so that nothing stands new on the first one; surges that begin earlier are not asked for; `surges` have their weeks counted back from the last day.
    """
    first = len(cube.days) - nights
    position = {
        (level, area, *subject): node
        for node, (level, area, subject) in enumerate(
            (level, area, subject) for level in cube.levels for area in cube.areas[level] for subject in cube.subjects
        )
    }
    episodes, alerts = no_episodes(), []
    days = [one.astype(object) for one in cube.days[first - warm_up :]]
    for point, (day, night) in enumerate(zip(days, judge_nights(cube, days), strict=True), start=-warm_up):
        listed = shortlist(night.nodes, night.judged, parents, day, rules, episodes=episodes)
        episodes, events = advance(episodes, listed, day, rules)
        sent = events[events["event"].isin(ALARMING)]
        if point >= 0:
            alerts += [(point, position[key]) for key in sent[list(NODE)].itertuples(index=False, name=None)]
    offset = 7 * columns - nights
    moved = [replace(one, first=7 * one.first - offset, last=7 * one.last + 6 - offset) for one in surges]
    asked = [one for one in moved if one.first >= 0]
    counted, _, _ = score_alerts(alerts, nodes, moved, nights)  # a surge that began earlier still makes its alarms true
    _, found, wait = score_alerts(alerts, nodes, asked, nights)
    spent = Spent(
        detector="shortlist",
        is_ours=True,
        per_point=rules.budget_a_week,
        alerts_mean=float(counted[0].mean()),
        alerts_p95=float(np.quantile(counted[0], 0.95)),
        false_mean=float(counted[1].mean()),
        found_pct=found,
        wait=wait,
    )
    return Evaluated("city_nightly", "day", len(nodes), len(nodes) * nights, len(asked), (), (spent,))
