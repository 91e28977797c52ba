"""Two groups, two periods: how far apart are they, and how sure is that? Differences and ratios with their intervals."""

from collections.abc import Sequence

import numpy as np
from scipy import special

from analytics.measures import wilson_interval

Z95 = 1.959963984540054

Interval = tuple[float, float, float]  # value, lower end, upper end


def share_difference(met: tuple[int, int], whole: tuple[int, int]) -> Interval | None:
    """The first group's share less the second's, in percentage points, with its 95 % interval; None with an empty group.

    Built from the two Wilson intervals. Source: Newcombe 1998, Statistics in Medicine 17:873, method 10.

    >>> tuple(round(one, 1) for one in share_difference((56, 48), (70, 80)))
    (20.0, 5.2, 33.4)
    """
    if not all(whole):
        return None
    first, second = (100 * one / of for one, of in zip(met, whole, strict=True))
    (low_1, high_1), (low_2, high_2) = (wilson_interval(one, of) for one, of in zip(met, whole, strict=True))
    change = first - second
    return (
        change,
        change - float(np.hypot(first - low_1, high_2 - second)),
        change + float(np.hypot(high_1 - first, second - low_2)),
    )


def stratified_difference(strata: Sequence[tuple[int, int, int, int]]) -> Interval | None:
    """The difference of two groups' shares in points, as if both had the same mix of strata, with its 95 % interval.

    A stratum is (met, whole) of the first group, then of the second; strata where a group is empty tell nothing. Mantel–Haenszel weights.
    Sources: Greenland & Robins 1985, Biometrics 41:55; variance of Sato 1989, Biometrics 45:1323. None where no stratum compares.

    >>> tuple(round(one, 1) for one in stratified_difference([(8, 106, 5, 120), (22, 98, 16, 85)]))
    (3.5, -2.8, 9.7)
    """
    met_1, whole_1, met_2, whole_2 = _columns(strata)
    total = whole_1 + whole_2
    weight = (whole_1 * whole_2 / total).sum()
    if not weight:
        return None
    change = ((met_1 * whole_2 - met_2 * whole_1) / total).sum() / weight
    p = (whole_1**2 * met_2 - whole_2**2 * met_1 + whole_1 * whole_2 * (whole_2 - whole_1) / 2) / total**2
    q = (met_1 * (whole_2 - met_2) + met_2 * (whole_1 - met_1)) / (2 * total)
    half = Z95 * np.sqrt(max(change * p.sum() + q.sum(), 0.0)) / weight
    return tuple(float(100 * np.clip(end, -1, 1)) for end in (change, change - half, change + half))


def stratified_ratio(strata: Sequence[tuple[int, int, int, int]]) -> Interval | None:
    """The ratio of two groups' shares within strata, with its 95 % interval; None where either share is nowhere above zero.

    Strata as in `stratified_difference`. Source: Mantel–Haenszel risk ratio, variance of Greenland & Robins 1985, Biometrics 41:55.

    >>> tuple(round(one, 2) for one in stratified_ratio([(8, 106, 5, 120), (22, 98, 16, 85)]))
    (1.33, 0.8, 2.2)
    """
    met_1, whole_1, met_2, whole_2 = _columns(strata)
    total = whole_1 + whole_2
    upper, lower = (met_1 * whole_2 / total).sum(), (met_2 * whole_1 / total).sum()
    if not upper or not lower:
        return None
    variance = ((met_1 + met_2) * whole_1 * whole_2 / total**2 - met_1 * met_2 / total).sum() / (upper * lower)
    reach = np.exp(Z95 * np.sqrt(max(variance, 0.0)))
    ratio = upper / lower
    return float(ratio), float(ratio / reach), float(ratio * reach)


def rate_ratio(
    count: int, days: float, base: int, base_days: float, *, scatter: float = 1.0
) -> tuple[float | None, float | None, float | None]:
    """How many times the rate of the base the rate is, with its exact 95 % interval; None for an end that nothing bounds.

    Given the sum of two Poisson counts, the first is binomial: conditional test of Przyborowski & Wilenski 1940, Biometrika 31:313, ends by
    Clopper & Pearson 1934, Biometrika 26:404. Counts that scatter `scatter` times as much are divided by it first (quasi-likelihood).

    >>> tuple(round(one, 2) for one in rate_ratio(30, 180, 60, 180))
    (0.5, 0.31, 0.79)
    >>> rate_ratio(0, 180, 0, 180)
    (None, None, None)
    """
    if count + base == 0 or days <= 0 or base_days <= 0:
        return None, None, None
    had, had_base, per = count / scatter, base / scatter, base_days / days
    low = float(special.betaincinv(had, had_base + 1, 0.025)) if count else 0.0
    high = float(special.betaincinv(had + 1, had_base, 0.975)) if base else None
    value = count / base * per if base else None
    # Counts that scatter very much leave an end so near to 0 or 1 that nothing bounds it.
    return value, _odds(low, per), _odds(high, per)


def _odds(share: float | None, per: float) -> float | None:
    return None if share is None or share >= 1 else share / (1 - share) * per


def ratio_of_ratios(
    counts: tuple[int, int], base_counts: tuple[int, int], *, scatter: float = 1.0
) -> tuple[float | None, float | None, float | None]:
    """One ratio of (count, base) over another of the same spans, with its 95 % interval; None where a count is zero.

    Logarithms are taken as normal with the sum of the reciprocal counts as variance (Woolf 1955, Annals of Human Genetics 19:251), times
    `scatter`.

    >>> tuple(round(one, 2) for one in ratio_of_ratios((30, 60), (55, 50)))
    (0.45, 0.25, 0.81)
    """
    if not all((*counts, *base_counts)):
        return None, None, None
    ratio = counts[0] / counts[1] / (base_counts[0] / base_counts[1])
    reach = float(np.exp(Z95 * np.sqrt(scatter * sum(1 / one for one in (*counts, *base_counts)))))
    return ratio, ratio / reach, ratio * reach


def scatter_within(*groups: Sequence[float]) -> float:
    """How much more the counts of like spans scatter around the mean of their own group than chance has it: Pearson's chi-square per degree
    of freedom, at least 1.

    >>> scatter_within([2, 2, 2], [10, 10, 10]), scatter_within([0, 9, 0], [])
    (1.0, 9.0)
    """
    chi_square, freedom = 0.0, 0
    for group in groups:
        counts = np.asarray(group, dtype=float)
        if len(counts) > 1 and counts.sum():
            chi_square += float(((counts - counts.mean()) ** 2 / counts.mean()).sum())
            freedom += len(counts) - 1
    return max(1.0, chi_square / freedom) if freedom else 1.0


def _columns(strata: Sequence[tuple[int, int, int, int]]) -> np.ndarray:
    """The four columns of the strata in which both groups have someone."""
    table = np.array(strata, dtype=float).reshape(-1, 4)
    return table[(table[:, 1] > 0) & (table[:, 3] > 0)].T
