"""What a night expects: curves of the site, shares of every place, from the days before the last four weeks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analytics.signals import pooled
from analytics.signals.calendar_effects import closed_days, day_design
from analytics.signals.cube import Cube
from analytics.signals.curves import Curves, blocks_of, cap_counts, fit_curves
from analytics.signals.tree import LevelFit, fit_tree

WEEK, YEAR, LEFT_OUT = 7, 364, 28  # days; the last four weeks are judged, so they are no evidence of what is usual
FEWEST_DAYS = 8 * WEEK
DELAY_DOUBT = 0.25  # relative standard deviation of what is still to come in


@dataclass(frozen=True, eq=False)
class NightFit:
    """The fit of a cube up to day `stop` (not included).

    `exposure` [subject, day] is the share of a day that could be counted by now (0: closed, or no data); `is_closed` where an office was
    closed; `curves` of the site at full exposure; `levels` the shares; `day_dispersion` of daily counts by level [subject].
    """

    stop: int
    exposure: np.ndarray
    is_closed: np.ndarray
    curves: Curves
    levels: Mapping[str, LevelFit]
    day_dispersion: Mapping[str, np.ndarray]
    blocks: int

    def expected(self, masks: np.ndarray, days: slice) -> tuple[np.ndarray, np.ndarray]:
        """The site's sums over masked days [subject, window, day], and their relative variance by the curve and by what is late."""
        exposure = self.exposure[:, days]
        open_days = self.curves.expected[:, days] * ~self.is_closed[:, days]
        full = np.einsum("kt,kwt->kw", open_days, masks)
        curve = np.einsum("kt,kt,kwt->kw", open_days, exposure, masks)
        variance = np.stack(
            [self._fit_variance(exposure * masks[:, window], days) for window in range(masks.shape[1])], axis=1
        )
        seen = np.divide(curve, full, out=np.ones_like(curve), where=full > 0)
        return curve, variance + ((1 - seen) * DELAY_DOUBT) ** 2

    def _fit_variance(self, exposure: np.ndarray, days: slice) -> np.ndarray:
        weight = self.curves.expected[:, days] * exposure
        rows = self.curves.design.rows[days]
        mean = weight @ rows / np.maximum(weight.sum(axis=1), 1e-12)[:, None]
        return np.einsum("kp,kpq,kq->k", mean, self.curves.covariance, mean)


def groups_of(cube: Cube) -> np.ndarray:
    """The kind of each subject as a number."""
    kinds = sorted({kind for kind, _ in cube.subjects})
    return np.array([kinds.index(kind) for kind, _ in cube.subjects], dtype=int)


def hidden_in(cube: Cube) -> dict[str, np.ndarray]:
    """For the levels below the street, the subjects that are not judged there."""
    below = cube.levels[: cube.levels.index("street")] if "street" in cube.levels else ("community",)
    return {level: cube.is_sensitive for level in below if level in cube.levels}


@lru_cache(maxsize=1)
def last_fit(cube: Cube, half_life_days: float) -> NightFit | None:
    """The fit of a cube for its last day; the latest is kept, as judging, courses and the scan all ask for it."""
    return fit_night(cube, len(cube.days), half_life_days)


def fit_night(cube: Cube, stop: int, half_life_days: float) -> NightFit | None:
    """The fit from days before `stop`, less the last four weeks; None where fewer than eight weeks remain.

    Later days of the cube only lend their calendar.
    """
    past = stop - LEFT_OUT
    if past < FEWEST_DAYS:
        return None
    top = cube.levels[-1]
    totals = cube.counts[top].sum(axis=0)
    is_closed = _closed(cube, totals, past)
    exposure = np.where(is_closed, 0.0, np.nan_to_num(cube.completeness, nan=0.0))
    groups = groups_of(cube)
    design = day_design(cube.days, cube.calendar)
    curves = fit_curves(totals, exposure, design, groups, fitted=past, block=WEEK)
    curve = blocks_of((curves.expected * exposure)[:, :past], WEEK)
    weights = pooled.discounts(curve.shape[1], half_life_days / WEEK)
    blocks = {level: blocks_of(cube.counts[level][:, :, :past], WEEK) for level in cube.levels}
    levels = fit_tree(cube.levels, blocks, cube.parents, curve, weights, groups, hidden=hidden_in(cube))
    recent = slice(max(past - YEAR, 0), past)
    by_day = (curves.expected * exposure)[:, recent]
    spread = {level: _day_dispersion(cube.counts[level][:, :, recent], levels[level], by_day) for level in levels}
    return NightFit(stop, exposure, is_closed, curves, levels, spread, curve.shape[1])


def _closed(cube: Cube, totals: np.ndarray, past: int) -> np.ndarray:
    found = closed_days(totals[:, :past], cube.calendar.until(past)).any(axis=1)
    return found[:, None] & ~cube.calendar.is_workday[None]


def _day_dispersion(counts: np.ndarray, fitted: LevelFit, curve: np.ndarray) -> np.ndarray:
    """Variance over mean of daily counts, never below that of weeks by more than chance would have it: 1 at least."""
    found = np.ones(len(fitted.subjects))
    for place, k in enumerate(fitted.subjects):
        mean = fitted.shares.rate[:, place, None] * curve[None, k]
        held = cap_counts(counts[:, k].astype(float), mean, np.full((1, 1), fitted.shares.dispersion[place]))
        total = mean.sum()
        if total > 0:
            found[place] = max(float(((held - mean) ** 2).sum() / total), 1.0)
    return found
