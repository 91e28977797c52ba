"""What the sum of all series of a panel says of the calendar, so that a small series knows what the Spring Festival does."""

from dataclasses import replace

import numpy as np

from analytics.forecasts.contract import Panel
from analytics.forecasts.distributions import is_whole
from analytics.forecasts.features import TREND, Design
from analytics.forecasts.fitting import fit_effects

AMOUNT = 10_000.0  # units that the mean of an amount is taken as
LEAST_LEFT = 0.2  # of the points, however many effects a fit has
ROUNDS = 2  # the dispersion decides how far effects are drawn to nothing, and the effects decide the dispersion


def common_effects(panel: Panel, design: Design) -> np.ndarray:
    """The effects [column] that the sum of all series shows; level and trend of each series are its own and stay at nothing.

    Source: as the common effects of the signals' curves (analytics/signals/curves.py), Breslow & Clayton 1993, JASA 88:9.
    """
    panel, length = in_own_unit(panel)[0], panel.counts.shape[1]
    known = np.isfinite(panel.counts)
    total = np.where(known, panel.counts, 0.0).sum(axis=0)[None]
    share = known.mean(axis=0)
    weights = (share > share.max(initial=0.0) / 2)[None].astype(float)
    precision = np.where(np.isfinite(design.spread), 1 / design.spread**2, 0.0)[None]
    dispersion = np.ones(1)
    for _ in range(ROUNDS):
        effects = fit_effects(total, design.rows[:length], design.centre[None], precision, dispersion, weights)
        dispersion = dispersion_of(total, np.exp(effects @ design.rows[:length].T), weights)
    return np.where(np.arange(len(design.centre)) <= TREND, design.centre, effects[0])


def in_own_unit(panel: Panel) -> tuple[Panel, np.ndarray]:
    """The panel with each amount in a unit of its own, so that 1 is as little to it as to a count; and the unit [series, 1]."""
    known = np.isfinite(panel.counts)
    mean = np.where(known, panel.counts, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    unit = np.where(is_whole(panel.counts) | (mean <= 0), 1.0, mean / AMOUNT)[:, None]
    return (panel if (unit == 1).all() else replace(panel, counts=panel.counts / unit)), unit


def dispersion_of(
    counts: np.ndarray, mean: np.ndarray, weights: np.ndarray, spent: np.ndarray | float = 0.0
) -> np.ndarray:
    """Variance over mean of each series, Pearson's chi-square by degree of freedom left; 1 at least.

    `spent` [series] are the degrees of freedom that the fit of `mean` took (McCullagh & Nelder 1989, section 4.5.2).
    """
    seen = weights > 0
    squares = np.where(seen, (np.where(seen, counts, 0.0) - mean) ** 2 / np.maximum(mean, 1e-9), 0.0)
    known = seen.sum(axis=1)
    return np.maximum(squares.sum(axis=1) / np.maximum(known - spent, np.maximum(LEAST_LEFT * known, 1)), 1.0)
