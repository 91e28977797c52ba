"""A whole city judged on weekly counts, one p a node at every level: what the nightly judging does by days, for evaluations by weeks."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from analytics.signals import pooled
from analytics.signals.cube import sum_up
from analytics.signals.curves import Design, fit_curves
from analytics.signals.tree import fit_tree

LEVELS = ("community", "street", "district", "city")
WINDOWS, WINDOW_WEIGHTS = (1, 2, 4), np.array([0.25, 1.0, 0.25])  # weeks that end with the judged one
LEFT_OUT = 4  # weeks before the judged one that are no evidence of what is usual
HALF_LIFE = 104  # weeks
WEEKS_A_YEAR, HARMONICS = 52, 3


def judge_city(view: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The combined p of every place and category for the last week of `view`, by level: p[place, category].

    `view` holds counts [community, category, week], street_of, district_of and is_festival up to that week; nothing later is known.
    """
    counts, is_festival = view["counts"], view["is_festival"]
    districts = int(view["district_of"].max()) + 1
    parents = {
        "community": view["street_of"],
        "street": view["district_of"],
        "district": np.zeros(districts, dtype=int),
    }
    by_level = {"community": counts}
    for level, above in pairwise(LEVELS):
        by_level[above] = sum_up(by_level[level], parents[level], int(parents[level].max()) + 1)
    past = counts.shape[2] - LEFT_OUT
    groups, exposure = np.zeros(counts.shape[1], dtype=int), np.ones(counts.shape[1:])
    curves = fit_curves(by_level["city"][0], exposure, _weekly_design(is_festival), groups, fitted=past)
    blocks = {level: held[:, :, :past] for level, held in by_level.items()}
    weights = pooled.discounts(past, HALF_LIFE)
    fitted = fit_tree(LEVELS, blocks, parents, curves.expected[:, :past], weights, groups)
    sums = pooled.window_sums(curves.expected, WINDOWS)
    variance = np.stack([curves.relative_variance(exposure[:, -window:]) for window in WINDOWS], axis=-1)
    found = {}
    for level in LEVELS:
        mean, dispersion = fitted[level].shares.predict(sums, variance)
        p = pooled.tails(pooled.window_sums(by_level[level], WINDOWS), mean, dispersion)
        found[level] = pooled.combine(p, mean, dispersion, WINDOW_WEIGHTS)
    return found


def _weekly_design(is_festival: np.ndarray) -> Design:
    """Level, trend, three waves of the year, festival weeks."""
    time = np.arange(len(is_festival))
    wave = 2 * np.pi * time / WEEKS_A_YEAR
    columns = [np.ones(len(time)), (time - time[-1]) / WEEKS_A_YEAR]
    columns += [turn(n * wave) for n in range(1, HARMONICS + 1) for turn in (np.cos, np.sin)] + [is_festival]
    spread = np.array([np.inf, 0.15] + [0.5] * 2 * HARMONICS + [0.7])
    return Design(np.stack(columns, axis=1).astype(float), spread)
