"""Lines that matter, and the probability that a count passes them, from the quantiles of its forecast."""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from scipy import special

from analytics.figures import Period
from analytics.quantiles import count_at_most, count_quantile

SMALL = 24.0  # largest quantile of a small count
MISFIT = 0.1  # a sum of probabilities by which even the best may miss them
ALIKE = 0.004  # distributions that miss the quantiles by so little more than the best are as good
STEEPEST = 1e-3  # least change of a count between two quantiles, so that a slope exists
SEASON_BEFORE, SEASON_AFTER = (
    14,
    28,
)  # days around lunar new year's day in which a week is compared with the week as far from it
FEWEST = {"week": 12, "month": 6}  # complete periods without which there is no baseline


def chance_above(quantiles: np.ndarray, levels: np.ndarray, line: np.ndarray) -> np.ndarray:
    """The probability that a count exceeds a line, from quantiles of it: [series, level], [level], [series] in; [series] out, NaN where one is missing.

    A quantile of a count says that its distribution passes that level somewhere in the unit step before it; equal quantiles share the step
    evenly. Between these points the distribution is interpolated on the normal-quantile scale, and goes on straight beyond the outermost.
    Where counts are small it is the mean of the negative binomials that fit the quantiles. Either way the probability never rises with
    the line.

    >>> levels = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
    >>> poisson_10 = np.array([[4, 6, 8, 10, 12, 14, 17.0]])
    >>> chance_above(poisson_10, levels, np.array([14.0])).round(2).tolist()
    [0.08]
    """
    quantiles, line = np.asarray(quantiles, dtype=float), np.floor(np.asarray(line, dtype=float))
    small = quantiles.max(axis=1, initial=0) <= SMALL
    knots = _knots(quantiles)
    z = special.ndtri(np.asarray(levels, dtype=float))
    out = np.full(len(quantiles), np.nan)
    for row in np.flatnonzero(np.isfinite(knots).all(axis=1) & np.isfinite(line)):
        chance = _small_chance(quantiles[row], np.asarray(levels, dtype=float), line[row]) if small[row] else None
        out[row] = special.ndtr(-_straight(line[row], knots[row], z)) if chance is None else chance
    return np.where(line < 0, np.where(np.isnan(out), np.nan, 1.0), out)


@lru_cache(maxsize=1)
def _small_table() -> np.ndarray:
    """The probability of at most −1, 0, 1 … for negative binomials of many means and dispersions: [distribution, count]."""
    means, dispersions = np.meshgrid(np.geomspace(0.02, SMALL, 90), (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0))
    counts = np.arange(-1, int(SMALL) + 1)
    return count_at_most(counts[None], means.reshape(-1, 1), dispersions.reshape(-1, 1))


def _small_chance(quantiles: np.ndarray, levels: np.ndarray, line: float) -> float | None:
    """The mean of the distributions that fit; None where none does."""
    table, at = _small_table(), np.ceil(np.maximum(quantiles, 0)).astype(int) + 1
    short = np.maximum(levels - table[:, at], 0) + np.maximum(table[:, at - 1] - levels, 0)
    loss = short.sum(axis=1)
    if loss.min() > MISFIT:
        return None
    below = table[loss <= loss.min() + ALIKE].mean(axis=0)
    place = int(line) + 1
    return float(1 - below[min(max(place, 0), len(below) - 1)]) if place < len(below) else float(1 - below[-1])


def _knots(quantiles: np.ndarray) -> np.ndarray:
    """Where in the unit step before each quantile the distribution passes its level."""
    knots = np.empty_like(quantiles)
    for row, values in enumerate(quantiles):
        if not np.isfinite(values).all():
            knots[row] = np.nan
            continue
        found = np.ceil(np.maximum.accumulate(values))
        _, first, inverse, many = np.unique(found, return_index=True, return_inverse=True, return_counts=True)
        rank = np.arange(len(found)) - first[inverse] + 1
        knots[row] = found - 1 + rank / (many[inverse] + 1)
    return knots


def _straight(x: float, knots: np.ndarray, z: np.ndarray) -> float:
    if x < knots[0] or x > knots[-1]:
        at, near = (0, 1) if x < knots[0] else (-1, -2)
        slope = (z[at] - z[near]) / (np.sign(knots[at] - knots[near]) * max(abs(knots[at] - knots[near]), STEEPEST))
        return z[at] + slope * (x - knots[at])
    return float(np.interp(x, knots, z))


def usual_line(past: np.ndarray, pct: float, ahead: str) -> np.ndarray:
    """A percentile of the baseline: negative binomial with mean and variance of the past counts [series, period], NaN where there are too few."""
    known = np.isfinite(past).sum(axis=1)
    enough = known >= FEWEST[ahead]
    out = np.full(len(past), np.nan)
    if enough.any():
        mean = np.nanmean(past[enough], axis=1)
        scatter = np.nanvar(past[enough], axis=1, ddof=1)
        dispersion = np.where(mean > 0, np.maximum(scatter / np.maximum(mean, 1e-9), 1.0), 1.0)
        out[enough] = np.where(mean > 0, count_quantile(pct / 100, mean, dispersion), 0.0)
    return out


def last_year_of(period: Period, ahead: str, new_year: dict[int, date]) -> tuple[Period, str]:
    """Where the line of last year comes from, and how it is aligned: calendar, jan_feb_mean or lunar_aligned.

    A month has the same one, January and February the two together (their daily mean); a week the one 52 weeks before, near the Spring
    Festival the week that lies as many whole weeks from it. `new_year` are lunar new year's days by year.

    >>> last_year_of(Period(date(2027, 2, 1), date(2027, 2, 28)), "month", {})[0].first
    datetime.date(2026, 1, 1)
    """
    first = period.first
    if ahead == "month":
        if first.month <= 2:
            return Period(date(first.year - 1, 1, 1), date(first.year - 1, 3, 1) - timedelta(days=1)), "jan_feb_mean"
        start = first.replace(year=first.year - 1)
        end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        return Period(start, end), "calendar"
    back, alignment = timedelta(weeks=52), "calendar"
    now, before = new_year.get(first.year), new_year.get(first.year - 1)
    if now is not None and before is not None:
        season = (now - timedelta(days=SEASON_BEFORE), now + timedelta(days=SEASON_AFTER))
        if period.last >= season[0] and first <= season[1]:
            back, alignment = timedelta(weeks=round((now - before).days / 7)), "lunar_aligned"
    return Period(first - back, period.last - back), alignment
