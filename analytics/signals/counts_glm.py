"""Log-linear regressions of many count series on one shared design: weighted by age, past outbreaks left out, dispersion of each its own.

All series share their columns, so that every information matrix comes out of one matrix product and is solved in a batch. A gentle
normal prior on every effect keeps sparse series from seasons that a handful of counts would draw.

Sources: McCullagh & Nelder 1989, chapters 2 and 9 (iterated weighted least squares, quasi-likelihood); Gelman et al. 2008, Ann. Appl.
Stat. 2:1360 (weak priors of coefficients); Noufaily et al. 2013, Stat. Med. 32:1206 (past outbreaks weigh down a baseline); West &
Harrison 1997, chapter 6 (discounting by age).
"""

from dataclasses import dataclass, fields

import numpy as np
from scipy import special

from analytics.quantiles import count_at_least

MOST_STEPS = 40
SETTLED = 1e-7  # the last Newton step, in log units; the error left is about its square
LARGEST_STEP = 2.0
SUSPICIOUS = (
    0.6  # a count is asked for its own probability from so many deviations below where a normal one were an outbreak
)
CELLS = 400_000  # series × points of a chunk, to stay in the processor's cache
FEWEST_DEGREES = 5.0
LEAST_INFORMATION = 1e-4  # of the level: as good as no prior


@dataclass(frozen=True, eq=False)
class Baseline:
    """What a fit of the past says of the points judged: arrays series × judged points, and one `dispersion` a series.

    `mean` of each judged point and the `covariance` of these means (not of the counts); `residual_run` the mean correlation of any two
    residuals as near to each other as the judged points are, 0 where it cannot be told from chance; `freedom` the degrees of freedom of
    the dispersion; `coefficients` start a later fit.
    """

    mean: np.ndarray
    covariance: np.ndarray  # series × judged × judged: of the means
    dispersion: np.ndarray
    residual_run: np.ndarray
    freedom: np.ndarray
    coefficients: np.ndarray

    def spread(self, recorded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean of the sum of the judged points `recorded` (series × points, from the first on), and variance over mean of its prediction."""
        points = recorded.shape[1]
        mean = (self.mean[:, :points] * recorded).sum(axis=1)
        own = np.einsum("sj,sjk,sk->s", recorded, self.covariance[:, :points, :points], recorded)
        together = 1 + np.maximum(recorded.sum(axis=1) - 1, 0) * self.residual_run
        with np.errstate(all="ignore"):
            return mean, self.dispersion * together + own / mean

    @property
    def each(self) -> np.ndarray:
        """Variance over mean of the prediction of each judged point."""
        return self.dispersion[:, None] + np.einsum("sjj->sj", self.covariance) / self.mean


def fit_baseline(
    counts: np.ndarray,
    design: np.ndarray,
    judged: np.ndarray,
    *,
    weights: np.ndarray,
    prior: np.ndarray,
    outbreak_p: float = 0.001,
    start: np.ndarray | None = None,
) -> Baseline:
    """Fit every series (series × points, NaN where nothing was recorded) and say what the points of `judged` may expect.

    `design` (points × columns, the first of ones) and `judged` (judged points × columns) hold the same columns; `weights` (points) fall
    with age; `prior` is the information of each column. A past count less likely than `outbreak_p` under the first fit has no part in
    the second.

    >>> counts = np.array([[3.0, 5, 4, 4, 3, 5, 4, 4]])
    >>> ones = np.ones((8, 1))
    >>> fit_baseline(counts, ones, ones[:1], weights=np.ones(8), prior=np.zeros(1)).mean.round(3).tolist()
    [[4.0]]
    """
    size = max(CELLS // max(counts.shape[1], 1), 16)
    parts = []
    for first in range(0, max(len(counts), 1), size):
        some = slice(first, first + size)
        own = None if start is None else start[some]
        parts.append(_fit_chunk(counts[some], design, judged, weights, prior, outbreak_p, own))
    names = [one.name for one in fields(Baseline)]
    return Baseline(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _fit_chunk(
    counts: np.ndarray,
    design: np.ndarray,
    judged: np.ndarray,
    weights: np.ndarray,
    prior: np.ndarray,
    outbreak_p: float,
    start: np.ndarray | None,
) -> Baseline:
    missing = np.isnan(counts)
    has_gaps = bool(missing.any())
    counts = np.where(missing, 0.0, counts) if has_gaps else counts
    held = np.where(missing, 0.0, weights) if has_gaps else np.broadcast_to(weights, counts.shape)
    ones = np.ones(len(counts))
    found, mean, _ = _solve(counts, design, held, prior, ones, start)
    dispersion, _ = _dispersion(counts, mean, held, design.shape[1])
    kept = held * ~_outbreaks(counts, mean, dispersion, outbreak_p)
    final, mean, information = _solve(counts, design, kept, prior, dispersion, found)
    dispersion, freedom = _dispersion(counts, mean, kept, design.shape[1], left_out=outbreak_p)
    ahead = np.exp(np.minimum(final @ judged.T, 30.0))
    lean = np.einsum("jp,spq,kq->sjk", judged, np.linalg.inv(information), judged)
    covariance = lean * ahead[:, :, None] * ahead[:, None, :]
    run = _residual_run(counts, mean, dispersion, kept, len(judged))
    return Baseline(ahead, covariance, dispersion, run, freedom, found)


def _solve(
    counts: np.ndarray,
    design: np.ndarray,
    weights: np.ndarray,
    prior: np.ndarray,
    dispersion: np.ndarray,
    start: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients, means of all points, and information, by Newton's steps; series leave as they settle."""
    series, columns = len(counts), design.shape[1]
    upper = np.triu_indices(columns)
    products = design[:, upper[0]] * design[:, upper[1]]
    if start is None:
        beta = np.zeros((series, columns))
        total = np.maximum(weights.sum(axis=1), 1e-9)
        beta[:, 0] = np.log(np.maximum((counts * weights).sum(axis=1), 0.5) / total)
    else:
        beta = start.copy()
    mean, information = np.empty_like(counts), np.empty((series, columns, columns))
    active = np.arange(series)
    own, held, scale, seen = counts, weights, dispersion[:, None], weights * counts
    diagonal = np.arange(columns)
    for _ in range(MOST_STEPS):
        now = np.exp(np.minimum(beta[active] @ design.T, 30.0))
        working = held * now
        gradient = (seen - working) @ design / scale - beta[active] * prior
        curved = working @ products / scale
        matrix = np.empty((len(active), columns, columns))
        matrix[:, upper[0], upper[1]] = curved
        matrix[:, upper[1], upper[0]] = curved
        matrix[:, diagonal, diagonal] += prior + 1e-9
        step = np.clip(np.linalg.solve(matrix, gradient[:, :, None])[:, :, 0], -LARGEST_STEP, LARGEST_STEP)
        beta[active] += step
        mean[active], information[active] = now, matrix
        going = np.abs(step).max(axis=1) > SETTLED
        if not going.any():
            break
        if not going.all():
            active = active[going]
            own, held, scale, seen = own[going], held[going], scale[going], seen[going]
    return beta, np.maximum(mean, 1e-12), information


def _dispersion(
    counts: np.ndarray, mean: np.ndarray, weights: np.ndarray, columns: int, left_out: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Pearson's chi-square per degree of freedom, at least 1, and the degrees of freedom; points count by their weight.

    Where the least likely `left_out` of high counts were dropped, what they would have added to a normal's variance is given back
    (Huber 1981, chapter 5: consistency). Few counts tell little of a dispersion: the degrees of freedom are those of the chi-square with
    the variance that the fourth moment of a negative binomial gives it (Satterthwaite 1946, Biometrics Bulletin 2:110).
    """
    total = weights.sum(axis=1)
    effective = total**2 / np.maximum((weights**2).sum(axis=1), 1e-12)
    with np.errstate(all="ignore"):
        square = np.einsum("sp,sp->s", weights, (counts - mean) ** 2 / mean)
        found = square / (total * np.maximum(1 - columns / effective, 0.1))
    if left_out > 0:
        z = -special.ndtri(left_out)
        found = found / (1 - z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi))
    found = np.where(np.isfinite(found), np.maximum(found, 1.0), 1.0)
    excess = (6 * (found - 1) + 1 / found) * np.einsum("sp,sp->s", weights, 1 / mean) / np.maximum(total, 1e-12)
    return found, np.maximum((effective - columns) * 2 / (2 + excess), FEWEST_DEGREES)


def _outbreaks(counts: np.ndarray, mean: np.ndarray, dispersion: np.ndarray, least: float) -> np.ndarray:
    """Which past counts were so high that they belong to an outbreak rather than to the baseline."""
    found = np.zeros(counts.shape, dtype=bool)
    away = special.ndtri(1 - least) - SUSPICIOUS  # counts lean to the right, so that a rarer count lies further out
    at = np.nonzero(counts - mean > away * np.sqrt(mean * dispersion[:, None]))
    found[at] = middle_p(counts[at], mean[at], dispersion[at[0]]) < least
    return found


def _residual_run(
    counts: np.ndarray, mean: np.ndarray, dispersion: np.ndarray, weights: np.ndarray, points: int
) -> np.ndarray:
    """The mean correlation of two residuals among `points` neighbours, from what their sums vary beyond independent ones.

    Where it is positive it is drawn to 0 by as much as chance alone would make it (James & Stein 1961); elsewhere it is 0.
    """
    residual = np.clip((counts - mean) / np.sqrt(mean * dispersion[:, None]), -3, 3) * (weights > 0)
    if points < 2 or counts.shape[1] <= points:
        return np.zeros(len(counts))
    total = np.cumsum(np.pad(residual, ((0, 0), (1, 0))), axis=1)
    held = weights[:, points - 1 :]
    with np.errstate(all="ignore"):
        sums = (held * (total[:, points:] - total[:, :-points]) ** 2).sum(axis=1)
        alone = (held * residual[:, points - 1 :] ** 2).sum(axis=1)
        found = np.clip((sums / alone / points - 1) / (points - 1), 0, 0.9)
        effective = held.sum(axis=1) ** 2 / (held**2).sum(axis=1)
        chance = 2 * (2 * points - 1) / (3 * points * (points - 1)) / effective
        found = found * np.maximum(1 - chance / found**2, 0)
    return np.where(np.isfinite(found), found, 0.0)


def middle_p(count: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """The probability of more, and half that of exactly so many: on average a half, however few the counts (Lancaster 1961, JASA 56:223).

    >>> middle_p(np.array([0.0, 3.0]), np.array([0.1, 0.1]), np.ones(2)).round(4).tolist()
    [0.5476, 0.0001]
    """
    return 0.5 * (count_at_least(count, mean, dispersion) + count_at_least(count + 1, mean, dispersion))


def surprise(count: np.ndarray, mean: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """The middle p as standard normal deviations, high where the count is."""
    return -special.ndtri(np.clip(middle_p(count, mean, dispersion), 1e-300, 1 - 1e-12))
