"""Parts that add up: the means of all forecasts moved as little as their doubt allows, their quantiles with them.

Minimum-trace reconciliation with a diagonal error covariance (WLS) in its constraint form: Wickramasuriya, Athanasopoulos & Hyndman (2019),
Journal of the American Statistical Association 114(526); Di Fonzo & Girolimetto (2023), International Journal of Forecasting 39(1). The
variance of each step is that of the forecast itself. Means that would fall below 0 are set to 0 and the rest is moved again.
"""

from collections.abc import Sequence

import numpy as np

Sums = Sequence[tuple[str, Sequence[str]]]  # a whole and the parts that make it up, all of them

NONE, SHARED, WHOLES, PARTS = "none", "wls", "wholes", "parts"
METHODS = (
    SHARED,
    WHOLES,
    PARTS,
)  # all move by their doubt; only the wholes; or only the parts, so that no whole becomes worse
FIXED = 1e-4  # of its variance, for what must not move
ROUNDS = 4
EXPECTING = np.array(
    [0.0625, 0.1125, 0.2, 0.25, 0.2, 0.1125, 0.0625]
)  # shares of the probability nearest each quantile
LOW, HIGH, APART = 1, 5, 2.563103  # the 10 % and 90 % quantiles, and how many standard deviations they are apart


def expected(quantiles: np.ndarray) -> np.ndarray:
    """The mean of a forecast from its quantiles, each standing for the probability nearest to it."""
    return quantiles @ EXPECTING


def reconcile(
    quantiles: np.ndarray, keys: Sequence[str], sums: Sums, method: str, fixed: np.ndarray | None = None
) -> np.ndarray:
    """Quantiles [series, step, quantile] whose means add up over `sums`; series marked `fixed` stay as they are.

    A sum with a series that has no forecast is left out. Each forecast keeps its shape: all its quantiles are multiplied by one factor.

    >>> whole, part = [[[0.0, 2, 3, 4, 5, 6, 8]]], [[[0.0, 1, 2, 3, 4, 5, 6]]]
    >>> found = reconcile(np.array(whole + part + part), ("a", "b", "c"), (("a", ("b", "c")),), PARTS)
    >>> expected(found)[:, 0].round(3).tolist()
    [4.0, 2.0, 2.0]
    """
    rows, ranks = _constraints(quantiles, keys, sums)
    if method == NONE or not len(rows):
        return quantiles
    used = np.flatnonzero((rows != 0).any(axis=0))
    mean = expected(quantiles[used])
    variance = np.maximum(((quantiles[used, :, HIGH] - quantiles[used, :, LOW]) / APART) ** 2, 0.05 * mean + 1e-6)
    if method != SHARED:
        ranks = ranks[used] if method == PARTS else ranks.max() - ranks[used]
        variance = variance * FIXED ** ranks[:, None]
    if fixed is not None:
        variance = variance * np.where(fixed[used], FIXED, 1.0)[:, None]
    moved = _moved(mean, variance, rows[:, used])
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(mean > 0, moved / mean, 1.0)
    found = quantiles.copy()
    found[used] *= factor[:, :, None]
    return found


def _constraints(quantiles: np.ndarray, keys: Sequence[str], sums: Sums) -> tuple[np.ndarray, np.ndarray]:
    """One row a sum: 1 for the whole, −1 for each part; and how many layers of parts lie below each series."""
    place = {key: at for at, key in enumerate(keys)}
    there = np.isfinite(quantiles).all(axis=(1, 2))
    rows, ranks = [], np.zeros(len(keys))
    held = [
        (place[whole], [place[one] for one in parts])
        for whole, parts in sums
        if whole in place and all(one in place for one in parts) and there[[place[whole], *(place[one] for one in parts)]].all()
    ]  # fmt: skip
    for _ in held:
        before = ranks.copy()
        for whole, parts in held:
            ranks[whole] = max(ranks[whole], ranks[parts].max() + 1)
        if (ranks == before).all():
            break
    for whole, parts in held:
        row = np.zeros(len(keys))
        row[whole], row[parts] = 1.0, -1.0
        rows.append(row)
    return np.array(rows).reshape(-1, len(keys)), ranks


def _moved(mean: np.ndarray, variance: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The means [series, step] on which every row sums to 0, nearest to the given ones in units of their variance, none below 0."""
    found = mean.copy()
    for step in range(mean.shape[1]):
        free, start = variance[:, step].copy(), mean[:, step].copy()
        for _ in range(ROUNDS):
            spread = rows * free
            against = spread @ rows.T
            held = start - spread.T @ np.linalg.lstsq(against, rows @ start, rcond=1e-12)[0]
            if (held >= 0).all():
                break
            under = held < 0
            start[under], free[under] = 0.0, 0.0
        found[:, step] = np.maximum(held, 0)
    return found
