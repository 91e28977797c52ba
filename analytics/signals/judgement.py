"""What the production detectors answer: one p a series, and what each window of it was expected to hold."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analytics.quantiles import count_at_least, count_quantile
from analytics.signals.counts_glm import Baseline

SMALLEST_P = 1e-300
JUDGED = ""
SHORT_HISTORY, NO_DATA, TOO_FEW = "short_history", "no_data", "too_few"  # why a series was not judged


@dataclass(frozen=True, eq=False)
class SeriesJudgement:
    """The last point of many series, judged from the points before it: `p` is the one number that later steps use.

    `p` [series] is small where the count is unusually high, never 0, and combines all windows. By window, [series, window], with
    `windows` in points: `observed`, `expected`, the 95 % range `lower`–`upper` (both included) and `window_p`, the probability of so many
    or more in that window by itself. `reason` [series] says why a series has no p: its history is too short (`short_history`), nothing
    was recorded (`no_data`), or too little ever happened (`too_few`); numbers are NaN there. `coefficients` start a later fit.
    """

    windows: tuple[int, ...]
    observed: np.ndarray
    expected: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    window_p: np.ndarray
    p: np.ndarray
    dispersion: np.ndarray
    reason: np.ndarray
    coefficients: np.ndarray | None = None

    @property
    def enough(self) -> np.ndarray:
        """Which series could be judged."""
        return self.reason == JUDGED

    @property
    def window(self) -> np.ndarray:
        """The window, in points, whose own p is the smallest; the shortest where none was judged."""
        return np.array(self.windows)[np.nan_to_num(self.window_p, nan=2.0).argmin(axis=1)]


def not_judged(series: int, windows: tuple[int, ...], reason: str) -> SeriesJudgement:
    """No series could be judged."""
    by_window = np.full((5, series, len(windows)), np.nan)
    alone = np.full(series, np.nan)
    return SeriesJudgement(windows, *by_window, alone, alone, np.full(series, reason, dtype=object))


def reasons(past: np.ndarray, latest: np.ndarray, least: int, least_count: int) -> np.ndarray:
    """Why each series cannot be judged: fewer than `least` recorded past points, fewer matters than `least_count`, no count of the point."""
    found = np.full(len(past), JUDGED, dtype=object)
    found[np.nansum(past, axis=1) < least_count] = TOO_FEW
    found[(~np.isnan(past)).sum(axis=1) < least] = SHORT_HISTORY
    found[np.isnan(latest)] = NO_DATA
    return found


def sums(latest: np.ndarray, baseline: Baseline) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The sum of these latest points, what was expected of it, and variance over mean; of recorded points alone, NaN where none was."""
    recorded = ~np.isnan(latest)
    mean, spread = baseline.spread(recorded.astype(float))
    some = recorded.any(axis=1)
    return np.where(some, np.nansum(latest, axis=1), np.nan), np.where(some, mean, np.nan), spread


def by_windows(
    latest: np.ndarray,
    baseline: Baseline,
    windows: tuple[int, ...],
    p: np.ndarray,
    reason: np.ndarray,
    range_pct: float | None,
) -> SeriesJudgement:
    """The judgement from the latest counts (series × points, the judged point first, going back) and their baseline.

    Without `range_pct` the ranges stay NaN, which is faster where only p is asked.
    """
    found = np.full((5, len(latest), len(windows)), np.nan)
    observed, expected, lower, upper, window_p = found
    for column, points in enumerate(windows):
        observed[:, column], mean, spread = sums(latest[:, :points], baseline)
        expected[:, column] = mean
        if range_pct is not None:
            tail = (100 - range_pct) / 200
            lower[:, column] = np.minimum(count_quantile(tail, mean, spread), np.floor(mean))
            upper[:, column] = np.maximum(count_quantile(1 - tail, mean, spread), np.ceil(mean))
        window_p[:, column] = np.maximum(count_at_least(observed[:, column], mean, spread), SMALLEST_P)
    without = reason != JUDGED
    found[:, without] = np.nan
    return SeriesJudgement(
        windows,
        *found,
        np.where(without, np.nan, np.clip(p, SMALLEST_P, 1.0)),
        np.where(without, np.nan, baseline.dispersion),
        reason,
        baseline.coefficients,
    )


def weigh_surprises(surprises: np.ndarray, weights: np.ndarray, run: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """One p from the surprises of neighbouring points, [series, point], any two of which are correlated by `run` [series].

    A weighted sum of normal deviations (Stouffer 1949; Lipták 1958) over its spread; Student's law, for the dispersion behind the
    deviations was itself estimated, with so many degrees of `freedom`.
    A NaN is a point without a count and weighs nothing.

    >>> p = weigh_surprises(np.array([[2.0, 2.0], [2.0, np.nan]]), np.ones(2), np.zeros(2), np.full(2, 1e6))
    >>> p.round(4).tolist()
    [0.0023, 0.0228]
    """
    used = np.where(np.isnan(surprises), 0.0, weights)
    total = (used * np.nan_to_num(surprises)).sum(axis=1)
    squares = (used**2).sum(axis=1)
    variance = squares + run * (used.sum(axis=1) ** 2 - squares)
    with np.errstate(all="ignore"):
        return special.stdtr(freedom, -total / np.sqrt(variance))


def harmonic_mean(p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """One p from several of the same series, [series, window], that may depend on each other: their weighted harmonic mean.

    Near its nominal level where it is small, whatever the dependence (Wilson 2019, PNAS 116:1195). A NaN weighs nothing.

    >>> harmonic_mean(np.array([[0.01, 0.04], [0.01, np.nan]]), np.array([0.5, 0.5])).round(4).tolist()
    [0.016, 0.01]
    """
    known = ~np.isnan(p)
    with np.errstate(all="ignore"):
        return (known * weights).sum(axis=1) / np.where(known, weights / np.maximum(p, SMALLEST_P), 0.0).sum(axis=1)
