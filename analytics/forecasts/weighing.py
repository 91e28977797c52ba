"""What past forecasts teach: how much each model is worth, and by how much the ranges were too narrow or too wide.

Weights are those that minimise the past score of the averaged quantiles (exponentiated gradient: Kivinen & Warmuth 1997, Information and
Computation 132(1)), drawn towards a prior the more so the fewer horizons the past spans: origins that overlap say little that is new.
Spreads are corrected only as far as a correction learned from the other origins would have helped at each origin (leave one out, with all
that overlap it), and less where there are few horizons. Whether one forecast did worse than another is a paired test on the origins
(Diebold & Mariano 1995, Journal of Business & Economic Statistics 13(3); Student's t for few of them: Harvey, Leybourne & Newbold 1997,
International Journal of Forecasting 13(2)).
"""

import numpy as np
from scipy import special

from analytics.forecasts.contract import QUANTILES
from analytics.forecasts.scoring import LEVELS, MEDIAN, wis

SHARPNESS = 10.0  # of the weights by score: a relative loss of one in ten costs a factor of e
ROUNDS, STEP = 30, 0.3  # of the search
MOST_POINTS = 4_000  # that the search looks at, evenly spread
SEARCH_HORIZONS = 4.0  # spans of so many horizons hold half to what was searched
SPREAD_HORIZONS = 20.0  # beyond the first, for the whole correction of a spread: a 95 % range is left once in so many
SPREADS = np.exp(np.linspace(-np.log(2), np.log(2), 29))
TRUST = (0.0, 0.5, 1.0)  # how far a correction may go
CHANCE = 0.05  # that a forecast which is no worse is found to be
_ONE = len(SPREADS) // 2  # the place of the factor 1


def spanned(origins: np.ndarray, horizon: int) -> float:
    """How many horizons the truth of some origins (cut-offs) spans.

    >>> spanned(np.array([0, 6, 12]), 6), round(spanned(np.array([0, 1, 2]), 6), 2)
    (3.0, 1.33)
    """
    return float(1 + (origins.max() - origins.min()) / horizon)


def did_worse(more: np.ndarray, horizons: float) -> bool:
    """Whether `more` [origin], by how much the mean score of a forecast exceeded another's, is above 0 by more than chance; origins that
    together span few horizons prove nothing.

    >>> did_worse(np.array([1.0, 2, 3, 2]), 4.0), did_worse(np.array([1.0, 2, 3, 2]), 1.5), did_worse(np.array([-1.0, 2, 3, -2]), 4.0)
    (True, False, False)
    """
    if len(more) < 2 or not horizons > 1:
        return False
    least = special.stdtrit(horizons - 1, 1 - CHANCE)
    return bool(more.mean() > least * more.std(ddof=1) / np.sqrt(horizons))


def weights_by_score(actual: np.ndarray, given: np.ndarray, naive: int) -> np.ndarray:
    """Weights of the models (one a tenth worse holds about a third of the best one's) by their past score over that of the model `naive` on the same points: `actual` [n], `given` [model, n,
    quantile], NaN where a model refused; a model that always refused has none.

    >>> given = np.array([[[1.0] * 7], [[3.0] * 7], [[np.nan] * 7]])
    >>> weights_by_score(np.array([3.5]), given, 0).round(3).tolist()
    [0.0, 1.0, 0.0]
    """
    score = wis(actual, given)
    both = np.isfinite(score) & np.isfinite(score[naive])
    under = np.where(both, score[naive], 0.0).sum(axis=1)
    ratio = np.where(under > 0, np.where(both, score, 0.0).sum(axis=1) / np.maximum(under, 1e-12), np.inf)
    if not np.isfinite(ratio).any():
        return np.eye(len(given))[naive]
    best = max(ratio.min(), 1e-9)
    found = np.exp(-SHARPNESS * (ratio / best - 1))
    return found / found.sum()


def searched_weights(actual: np.ndarray, given: np.ndarray, scale: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Weights on the simplex with the least past score of the averaged quantiles, from `start` on; `scale` [n] is that of each series."""
    thin = slice(None, None, -(-len(actual) // MOST_POINTS))
    used = np.flatnonzero(start > 0)
    actual, scale, given = actual[thin], scale[thin, None], given[used, thin]
    there = np.isfinite(given)
    held = np.where(there, given, 0.0)
    weights = start[used] / start[used].sum()
    total = np.zeros(len(used))
    for turn in range(ROUNDS):
        share = np.einsum("m,mnq->nq", weights, there)
        mean = np.einsum("m,mnq->nq", weights, held) / np.maximum(share, 1e-12)
        slope = (np.where(actual[:, None] < mean, 1.0, 0.0) - LEVELS) / scale
        gradient = np.einsum("nq,mnq->m", slope, held) - np.einsum("nq,mnq->m", slope * mean, there)
        weights = weights * np.exp(-STEP / np.sqrt(turn + 1) * gradient / (np.abs(gradient).max() + 1e-12))
        weights /= weights.sum()
        total += weights if turn >= ROUNDS // 2 else 0
    found = np.zeros(len(start))
    found[used] = total / total.sum()
    return found


def best_spreads(
    actual: np.ndarray, quantiles: np.ndarray, scale: np.ndarray, origin: np.ndarray, horizon: int
) -> tuple[float, float]:
    """Factors on the lower and the upper distance from the median: `actual`, `scale` and `origin` (the cut-off) [n], `quantiles` [n, quantile].

    Of no, half and the whole correction, the one that would have done best at each origin, had it been learned from the origins that do
    not overlap it; the fewer horizons they span, the nearer to 1.
    """
    known, at = np.unique(origin, return_inverse=True)
    found, share = [], min((spanned(origin, horizon) - 1) / SPREAD_HORIZONS, 1.0)
    for side in (slice(0, MEDIAN), slice(MEDIAN + 1, len(QUANTILES))):
        level, centre = LEVELS[side], quantiles[:, MEDIAN, None]
        losses = np.zeros((len(SPREADS), len(known)))
        for place, factor in enumerate(SPREADS):
            away = actual[:, None] - np.maximum(centre + factor * (quantiles[:, side] - centre), 0)
            loss = (np.where(away >= 0, level, level - 1) * away / scale[:, None]).sum(axis=1)
            losses[place] = np.bincount(at, loss, len(known))
        held_out = np.zeros(len(TRUST))
        for place, one in enumerate(known):
            others = np.abs(known - one) >= horizon
            best = int(losses[:, others].sum(axis=1).argmin()) if others.any() else _ONE
            held_out += [losses[_towards(best, trust), place] for trust in TRUST]
        trust = TRUST[int(held_out.argmin())]
        best = _towards(int(losses.sum(axis=1).argmin()), trust)
        found.append(float(SPREADS[best] ** share))
    return found[0], found[1]


def _towards(place: int, trust: float) -> int:
    """The place of a factor that goes only so far from 1 (on the log scale)."""
    return _ONE + round(trust * (place - _ONE))
