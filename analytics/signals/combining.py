"""One calibrated p from nested sums: today, this week, two weeks, four weeks all end on the same day and share their matters.

The least of several p-values is too small by itself. Sums that end on one day and grow backwards are a walk with independent steps, so
the probability that any of them reaches its own limit is computed exactly, step by step; windows may weigh differently. Half of what is
exactly as surprising counts (mid-p): without it few sparse places ever reach p = 0.01, and those that do stand behind busy ones unfairly.

Sources: Tippett 1931 (the least p); Lancaster 1961, JASA 56:223 (mid-p); Genovese, Roeder & Wasserman 2006, Biometrika 93:509 (weights); Neill 2009, Int. J. Forecast. 25:498
(windows that end today); Kulldorff 2001, J. R. Stat. Soc. A 164:61.
"""

from functools import lru_cache

import numpy as np
from scipy import special

from analytics.quantiles import count_at_least

SMALLEST = 1e-300
LARGEST_LATTICE = 160  # counts; above, the walk is normal for the purpose of combining
CHUNK = 1024
NEVER = np.int64(1) << 40
STRICTLY = 1 - 1e-6  # a limit below which only what is more surprising lies
STEPS_OF_Z = 40  # lattice steps a standard deviation in the normal walk


def tail(count: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """The probability of so many or more: negative binomial with variance dispersion × mean, Poisson where the dispersion is 1.

    >>> np.round(tail(np.array([0, 3]), 3.0, 1.0), 4).tolist()
    [1.0, 0.5768]
    """
    level = np.where(
        np.asarray(dispersion) > 1, np.maximum(mean, 1e-12), mean
    )  # a scattered count needs a mean above 0
    found = count_at_least(count, level, dispersion)
    return np.where(np.asarray(count) <= 0, 1.0, np.clip(found, SMALLEST, 1.0))


def least_count(p: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """The least count whose tail is at most `p`.

    >>> least_count(np.array([0.05, 0.001]), np.array([3.0, 3.0]), np.array([1.0, 1.0])).tolist()
    [7, 11]
    """
    p = np.asarray(p, dtype=float) * (1 + 1e-9)
    low = np.zeros_like(mean)
    high = np.ceil(mean + 4 * np.sqrt(mean * dispersion) + 4)
    while (short := tail(high, mean, dispersion) > p).any():
        low, high = np.where(short, high, low), np.where(short, high * 2, high)
        if high.max() > 1e12:
            break
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = tail(middle, mean, dispersion) <= p
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high.astype(np.int64)


def combine_nested(p: np.ndarray, mean: np.ndarray, dispersion: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The probability, under the null, that some window's p over its weight is as small as the smallest found.

    `p`, `mean` and `dispersion` (variance over mean) are [node, window], windows growing backwards from one day, `mean` of the whole
    window; `weights` [window]. A NaN in `p` is a window that was not judged. The answer is a mid-p.

    Source: the module's first lines.

    >>> mean, dispersion = np.array([[2.0, 4.0]]), np.full((1, 2), 1.2)
    >>> p = tail(np.array([[9, 10]]), mean, dispersion)
    >>> bool(p.min() / 2 < combine_nested(p, mean, dispersion, np.ones(2))[0] < p.min() * 2)
    True
    """
    scaled = np.where(np.isfinite(p), p, 1.0) / weights
    least = scaled.min(axis=1)
    limits = np.minimum(least[:, None] * weights, 1.0)
    limits[~np.isfinite(p)] = 0.0
    found = np.full(len(p), np.nan)
    highest = mean.max(axis=1) + 8 * np.sqrt(mean.max(axis=1) * dispersion.max(axis=1)) + 8
    small = np.flatnonzero((highest <= LARGEST_LATTICE) & (least > 1e-200))
    bars = _bars(limits[small], mean[small], dispersion[small])
    size = np.where(bars < NEVER, bars, 0).max(axis=1, initial=0)
    order = np.flatnonzero(size <= 2 * LARGEST_LATTICE)
    order = order[np.argsort(size[order], kind="stable")]
    for chunk in np.array_split(order, max(1, -(-len(order) // CHUNK))):
        if len(chunk):
            at = small[chunk]
            beyond = _bars(limits[at] * STRICTLY, mean[at], dispersion[at])
            reached = [_walk(one, mean[at], dispersion[at]) for one in (bars[chunk], beyond)]
            found[at] = (reached[0] + reached[1]) / 2
    rest = np.flatnonzero(np.isnan(found))
    if len(rest):
        found[rest] = _normal(least[rest], limits[rest], mean[rest], weights)
    return np.clip(found, SMALLEST, 1.0)


def _bars(limits: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """The least count of each window whose tail is at most its limit; NEVER where it was not judged."""
    bars = np.full(limits.shape, NEVER)
    judged = limits > 0
    bars[judged] = least_count(limits[judged], mean[judged], dispersion[judged])
    return bars


def _walk(bar: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """The exact probability that the sum reaches a window's bar at its end, at any of them."""
    nodes, windows = bar.shape
    # A sum that stays below every later bar must stay below the largest of them: the lattice ends there.
    size = int(np.where(bar < NEVER, bar, 0).max()) + 1
    steps = np.maximum(np.diff(mean, axis=1, prepend=0.0), 1e-12)
    spread = np.maximum(np.diff(mean * dispersion, axis=1, prepend=0.0) / steps, 1.0)
    alive = np.zeros((nodes, size))
    alive[:, 0] = 1.0
    reached = np.zeros(nodes)
    for j in range(windows):
        moved, out = _step(alive, steps[:, j], spread[:, j], bar[:, j])
        reached += out
        alive = moved
    return reached


def _step(
    alive: np.ndarray, step: np.ndarray, dispersion: np.ndarray, bar: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The walk one window further: who is still below the bar, and the probability of having reached it just now."""
    size = alive.shape[1]
    counts = np.arange(size)
    mass = _masses(size, step, dispersion)
    beyond = tail(np.full(len(alive), size), step, dispersion)
    beyond = np.where(beyond > SMALLEST, beyond, 0.0)[:, None]
    at_least = np.concatenate([mass[:, ::-1].cumsum(axis=1)[:, ::-1] + beyond, beyond], axis=1)
    top = int(np.flatnonzero(alive.any(axis=0)).max()) + 1
    moved, out = np.zeros_like(alive), np.zeros(len(alive))
    rows = np.arange(len(alive))
    for i in range(top):
        need = np.clip(bar - i, 0, size)
        out += alive[:, i] * np.where(bar < NEVER, at_least[rows, need], 0.0)
        moved[:, i:] += alive[:, i : i + 1] * mass[:, : size - i]
    moved[counts[None, :] >= bar[:, None]] = 0
    return moved, out


def _masses(size: int, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """The probabilities of 0 … size − 1, one row a mean."""
    rate = mean / np.maximum(dispersion - 1, 1e-6)
    more = 1 - 1 / np.maximum(dispersion, 1 + 1e-6)
    mass = np.empty((len(mean), size))
    mass[:, 0] = np.exp(-rate * np.log(np.maximum(dispersion, 1 + 1e-6)))
    for count in range(1, size):
        mass[:, count] = mass[:, count - 1] * (rate + count - 1) / count * more
    return mass


def _normal(least: np.ndarray, limits: np.ndarray, mean: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The same for large counts, from the normal walk at the usual proportions of the windows."""
    judged = limits[0] > 0
    share = np.nanmean(mean / mean[:, -1:], axis=0)
    share = tuple(np.maximum(np.round(share / share[-1], 2), 0.01))
    grid, factor = _normal_factor(share, tuple(np.where(judged, weights, 0)))
    return least * np.interp(np.log10(np.maximum(least, 1e-30)), grid, factor)


@lru_cache(maxsize=64)
def _normal_factor(share: tuple[float, ...], weights: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Combined over least p of a normal walk whose windows hold these shares of the variance, on a grid of log10 p."""
    grid = np.arange(-30, 0.01, 1.0)
    scale = np.sqrt(np.array(share))
    z = np.arange(-8 * STEPS_OF_Z, 14 * STEPS_OF_Z + 1) / STEPS_OF_Z  # in standard deviations of the longest window
    factor = np.empty(len(grid))
    for at, power in enumerate(grid):
        least = 10.0**power
        bars = [
            -special.ndtri(min(least * w, 0.999999)) * s if w > 0 else np.inf
            for w, s in zip(weights, scale, strict=True)
        ]
        density = (np.abs(z) < 1e-9).astype(float)
        before, reached = 0.0, 0.0
        for bar, own in zip(bars, share, strict=True):
            step = np.sqrt(max(own - before, 0))
            before = max(own, before)
            if step > 0:
                kernel = np.diff(special.ndtr((np.arange(-len(z), len(z)) - 0.5) / STEPS_OF_Z / step))
                moved = np.convolve(density, kernel)[len(z) - 1 : 2 * len(z) - 1] if density.sum() else density
                reached += float(density @ special.ndtr(-(bar - z) / step)) if np.isfinite(bar) else 0.0
                density = np.where(z < bar, moved, 0.0)
        factor[at] = max(reached / least, max(weights))
    return grid, factor
