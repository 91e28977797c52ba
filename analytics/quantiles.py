"""Quantiles and tails of counts: negative binomial with variance = dispersion × mean, Poisson where the dispersion is 1.

The one home of both: expected ranges, limits of places and detectors all ask here.
"""

import numpy as np
from scipy import special

STEPS = 8
LARGEST = 1e12  # beyond this the Cornish-Fisher value does
POISSON = 1e-6  # a dispersion so little above 1 is a Poisson count; the incomplete beta function is off beyond this
FUZZ = 64 * np.finfo(float).eps  # so that a quantile on a step does not fall to rounding


def count_at_most(count: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """The probability of at most so many, given the mean and the dispersion (variance over mean, 1 or more).

    >>> round(float(count_at_most(2, 3.0, 1.0)), 4)
    0.4232
    """
    count, mean, dispersion = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (count, mean, dispersion)))
    held = np.maximum(count, 0)
    is_scattered = dispersion - 1 > POISSON
    with np.errstate(all="ignore"):
        below = np.empty(held.shape)
        below[~is_scattered] = special.pdtr(held[~is_scattered], mean[~is_scattered])
        k, m, phi = held[is_scattered], mean[is_scattered], dispersion[is_scattered]
        below[is_scattered] = special.betainc(m / (phi - 1), k + 1, 1 / phi)
    return np.where(count < 0, 0.0, below)


def count_at_least(count: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """The probability of so many or more, exact where it is tiny; 1 for a count of 0.

    >>> round(float(count_at_least(3, 3.0, 1.0)), 4), bool(count_at_least(200, 3.0, 1.0) > 0)
    (0.5768, True)
    """
    count, mean, dispersion = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (count, mean, dispersion)))
    held = np.maximum(count, 1)
    is_scattered = dispersion - 1 > POISSON
    with np.errstate(all="ignore"):
        above = np.empty(held.shape)
        above[~is_scattered] = special.gammainc(held[~is_scattered], mean[~is_scattered])
        k, m, phi = held[is_scattered], mean[is_scattered], dispersion[is_scattered]
        above[is_scattered] = special.betaincc(m / (phi - 1), k, 1 / phi)
    return np.where(count < 1, np.where(np.isnan(mean), np.nan, 1.0), above)


def count_quantile(share: float, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """The least count that is not exceeded with probability `share`, from either end; NaN where the mean is unknown.

    Begins at the Cornish-Fisher value and walks; what is not found in a few steps is bracketed and halved.

    >>> count_quantile(0.99, np.array([3.0, 3.0]), np.array([1.0, 2.0])).tolist()
    [8.0, 11.0]
    """
    mean, dispersion = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(dispersion, dtype=float))
    shape, mean, dispersion = mean.shape, mean.ravel(), dispersion.ravel()
    wanted, z = share * (1 - FUZZ), special.ndtri(share)
    with np.errstate(all="ignore"):
        spread, skew = np.sqrt(mean * dispersion), (2 * dispersion - 1) / np.sqrt(mean * dispersion)
        count = np.floor(mean + spread * (z + skew * (z * z - 1) / 6))
    huge = np.isfinite(count) & (count >= LARGEST)
    known = np.isfinite(count) & ~huge
    approximate = count
    count = np.where(known, np.maximum(count, 0), 0.0)
    enough = count_at_most(count, mean, dispersion) >= wanted
    for up in (True, False):
        active = np.flatnonzero(known & (enough != up))
        for _ in range(STEPS):
            if not len(active):
                break
            tried = count[active] + (1 if up else -1)
            held = count_at_most(tried, mean[active], dispersion[active]) >= wanted
            moves = np.ones(len(active), dtype=bool) if up else held
            count[active[moves]] = tried[moves]
            active = active[~held] if up else active[held & (tried > 0)]
        if len(active):
            count[active] = _halved(wanted, mean[active], dispersion[active], count[active], up=up)
    return np.where(huge, approximate, np.where(known, count, np.nan)).reshape(shape)


def _halved(wanted: float, mean: np.ndarray, dispersion: np.ndarray, start: np.ndarray, *, up: bool) -> np.ndarray:
    low = start if up else np.full_like(start, -1.0)  # not enough
    high = start.copy()  # enough
    if up:
        step = np.ones_like(start)
        while (short := count_at_most(high, mean, dispersion) < wanted).any():
            low, high, step = np.where(short, high, low), np.where(short, high + step, high), step * 2
            if step.max() > 1e15:
                break
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        held = count_at_most(middle, mean, dispersion) >= wanted
        open_ = high - low > 1
        high, low = np.where(open_ & held, middle, high), np.where(open_ & ~held, middle, low)
    return high
