"""Several forecasts into one: weights by past score for each level and stretch of the horizon, and a spread corrected by past misses.

Quantiles are averaged (Vincentization: Ratcliff 1979, Psychological Bulletin 86(3); for epidemic counts Howerton et al. 2023, Journal of the
Royal Society Interface 20). What a past teaches counts the less the fewer horizons it spans: weights begin with the one model that is
itself an average of two, and a level's own are drawn towards those of all levels together (estimated weights cost more than they bring
when little is known: Claeskens et al. 2016, International Journal of Forecasting 32(3)). The naive forecast stands at every level and
stretch where the combination's past score was not below its own, and for a series where it did better by more than chance.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from analytics.forecasts.backtests import Backtest
from analytics.forecasts.reconciling import METHODS, NONE, PARTS, Sums, expected, reconcile
from analytics.forecasts.scoring import MEDIAN, below_and_upto, coverage, wis
from analytics.forecasts.weighing import (
    SEARCH_HORIZONS,
    best_spreads,
    did_worse,
    searched_weights,
    spanned,
    weights_by_score,
)

NAIVE = "seasonal_naive"
PRIOR = "blend"  # holds all weight before there is a past; weights by score where it is not among the models
FORECAST, SHOWN_NAIVE, REFUSED = "forecast", "naive", "refused"
BANDS = {
    "D": ((1, 7), (8, 14), (15, 28)),
    "W": ((1, 4), (5, 12)),
    "M": ((1, 2), (3, 6)),
    "Q": ((1, 4),),
}  # stretches of the horizon with weights of their own
OWN_HORIZONS = (
    24.0  # a level whose past spans so many horizons (times the root of its series) holds half to its own weights
)
MOST_APART = 4.0
LEAST_WEIGHT = 0.03  # a smaller weight is not worth a fit
WORTH = 0.99  # of the naive score: a combination that proved to be above it steps aside


@dataclass(frozen=True, eq=False)
class Weights:
    """What the last backtest taught, for panels of one `freq`.

    `members`: one row a level, stretch of the horizon and model – level, first_step, last_step, model, weight (summing to 1), lower and
    upper (factors on the distance of the lower and upper quantiles from the median), wis_ratio (the combination's past score over the
    naive one's). A level where the naive forecast won holds it alone. `series`: one row a series – key, level, shows ("forecast", or
    "naive" where the naive forecast did better), skill (past score over that of the naive forecast), cover80 and cover95 (shares of past
    outcomes within the ranges), variance (mean square of past misses of the mean). `coherence` names how parts and wholes are brought
    together.
    """

    freq: str
    made_on: date
    origins: int
    members: pd.DataFrame
    series: pd.DataFrame
    coherence: str = "none"

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Members and series as rows to be stored, each with freq, made_on, origins and coherence."""
        said = {"freq": self.freq, "made_on": self.made_on, "origins": self.origins, "coherence": self.coherence}
        return self.members.assign(**said), self.series.assign(**said)


MEMBERS = ("level", "first_step", "last_step", "model", "weight", "lower", "upper", "wis_ratio")
SERIES = ("key", "level", "shows", "skill", "cover80", "cover95", "variance")


def read_weights(members: pd.DataFrame, series: pd.DataFrame) -> Weights:
    """Weights of one freq from the rows that `frames` gave."""
    first = members.iloc[0]
    made_on = pd.Timestamp(first["made_on"]).date()
    own = members[list(MEMBERS)].reset_index(drop=True), series[list(SERIES)].reset_index(drop=True)
    return Weights(first["freq"], made_on, int(first["origins"]), *own, coherence=first["coherence"])


def equal_weights(freq: str, models: tuple[str, ...], made_on: date) -> Weights:
    """Before any backtest: all models alike, nothing corrected; no level and no series has a record (the level "*" stands for all)."""
    rows = [("*", *band, model, 1 / len(models), 1.0, 1.0, np.nan) for band in BANDS[freq] for model in models]
    return Weights(freq, made_on, 0, pd.DataFrame(rows, columns=MEMBERS), pd.DataFrame(columns=SERIES), PARTS)


# --- learning --------------------------------------------------------------------------------------------------------------------


def learn_weights(past: Backtest, made_on: date, sums: Sums = ()) -> Weights:
    """Weights and spreads from forecasts whose truth is known; the naive forecast must be among the models. `sums` are the wholes and their
    parts, for the choice of how they are brought together.
    """
    past = replace(past, quantiles=guarded(past.quantiles))
    levels = np.array(past.levels)
    names = list(dict.fromkeys(past.levels))
    rows = []
    combined = np.full(past.quantiles.shape[1:], np.nan)
    for first, last in _bands(past.freq, past.truth.shape[2]):
        band = slice(first - 1, last)
        pooled = _Learnt.of(past, np.ones(len(levels), bool), band, None)
        for name in names:
            at = levels == name
            learnt = _Learnt.of(past, at, band, pooled)
            combined[:, at, band] = learnt.apply(past, at, band)
            ratio = _ratio(past, combined, at, band)
            if ratio >= 1:
                learnt = _Learnt.naive(past.models)
                combined[:, at, band] = learnt.apply(past, at, band)
                ratio = 1.0
            rows += [
                (name, first, last, model, weight, learnt.lower, learnt.upper, ratio)
                for model, weight in zip(past.models, learnt.weights, strict=True)
                if weight > 0
            ]
    members = pd.DataFrame(rows, columns=MEMBERS)
    coherence, combined = _coherence(past, combined, sums)
    return Weights(past.freq, made_on, len(past.cutoffs), members, _series_record(past, combined), coherence)


def _coherence(past: Backtest, combined: np.ndarray, sums: Sums) -> tuple[str, np.ndarray]:
    """The way of bringing parts and wholes together with the best past score under which no level of wholes was worse than before; only
    the parts move where there is no such way.
    """
    if not sums:
        return NONE, combined
    wholes = {whole for whole, _ in sums}
    levels = np.array(past.levels)
    guarded = [
        levels == level for level in {level for key, level in zip(past.keys, levels, strict=True) if key in wholes}
    ]
    everything, tried = slice(None), []
    for method in METHODS:
        found = np.stack([reconcile(one, past.keys, sums, method) for one in combined])
        worse = any(_ratio(past, found, at, everything) > _ratio(past, combined, at, everything) for at in guarded)
        tried.append(
            (worse and method != PARTS, _ratio(past, found, np.ones(len(levels), bool), everything), method, found)
        )
    best = min(tried, key=lambda one: one[:2])
    return best[2], best[3]


@dataclass(frozen=True, eq=False)
class _Learnt:
    """Weights of the models, and factors on the lower and the upper spread."""

    weights: np.ndarray
    lower: float
    upper: float

    @staticmethod
    def naive(models: tuple[str, ...]) -> "_Learnt":
        return _Learnt(np.array([float(model == NAIVE) for model in models]), 1.0, 1.0)

    @staticmethod
    def of(past: Backtest, at: np.ndarray, band: slice, pooled: "_Learnt | None") -> "_Learnt":
        actual, given = past.truth[:, at, band], past.quantiles[:, :, at, band]
        scale = past.scale[:, at, None]
        known = np.isfinite(actual) & np.isfinite(scale) & (scale > 0) & np.isfinite(given[..., 0]).any(axis=0)
        if not known.any():
            return pooled or _Learnt.naive(past.models)
        actual, scale, given = actual[known], np.broadcast_to(scale, known.shape)[known], given[:, known]
        origin = np.broadcast_to(np.array(past.cutoffs)[:, None, None], known.shape)[known]
        horizons = spanned(origin, past.truth.shape[2])
        start = weights_by_score(actual, given, past.models.index(NAIVE))
        searched = searched_weights(actual, given, scale, start)
        trust = horizons / (horizons + SEARCH_HORIZONS)
        prior = np.array([float(model == PRIOR) for model in past.models]) if PRIOR in past.models else start
        weights = trust * searched + (1 - trust) * prior
        if pooled is not None:
            carried = horizons * np.sqrt(known.any(axis=(0, 2)).sum())
            own = carried / (carried + OWN_HORIZONS)
            weights = own * weights + (1 - own) * pooled.weights
        weights = np.where(weights < LEAST_WEIGHT, 0, weights)
        weights /= weights.sum()
        sides = best_spreads(actual, averaged(given, weights), scale, origin, past.truth.shape[2])
        return _Learnt(weights, *sides)

    def apply(self, past: Backtest, at: np.ndarray, band: slice) -> np.ndarray:
        return widened(averaged(past.quantiles[:, :, at, band], self.weights), self.lower, self.upper)


def _bands(freq: str, horizon: int) -> list[tuple[int, int]]:
    """The stretches of a horizon; the last reaches to its end."""
    own = [band for band in BANDS[freq] if band[0] <= horizon]
    return [*own[:-1], (own[-1][0], horizon)]


def _ratio(past: Backtest, combined: np.ndarray, at: np.ndarray, band: slice) -> float:
    """The score of some series over that of the naive forecast, where both are known."""
    ours, naive, _ = _scores(past, combined, at, band)
    return float(ours.sum() / naive.sum()) if naive.sum() > 0 else np.nan


def _naive_won(past: Backtest, combined: np.ndarray, at: np.ndarray, band: slice) -> bool:
    """Whether the naive forecast did better on some series by more than chance, or was all there was."""
    ours, naive, points = _scores(past, combined, at, band)
    there = points > 0
    if not there.any() or np.array_equal(ours, naive):
        return bool(there.any())
    horizons = spanned(np.array(past.cutoffs)[there], past.truth.shape[2])
    return did_worse((ours - WORTH * naive)[there] / points[there], horizons)


def _scores(
    past: Backtest, combined: np.ndarray, at: np.ndarray, band: slice
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums of scaled scores of some series, ours and the naive ones, and how many were scored, each by origin."""
    actual, scale = past.truth[:, at, band], past.scale[:, at, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        ours, naive = (wis(actual, one[:, at, band]) / scale for one in (combined, past.of(NAIVE)))
    both = np.isfinite(ours) & np.isfinite(naive)
    return np.where(both, ours, 0).sum((1, 2)), np.where(both, naive, 0).sum((1, 2)), both.sum((1, 2))


def _series_record(past: Backtest, combined: np.ndarray) -> pd.DataFrame:
    """Each series' own record: its score over the naive one's, whether the naive forecast did better, and how its ranges held."""
    shown = settled(combined.swapaxes(0, 1), past.is_whole).swapaxes(0, 1)
    rows, everything = [], slice(None)
    for at, (key, level) in enumerate(zip(past.keys, past.levels, strict=True)):
        own = np.arange(len(past.keys)) == at
        shows = SHOWN_NAIVE if _naive_won(past, shown, own, everything) else FORECAST
        cover = coverage(*below_and_upto(past.truth[:, at], shown[:, at]))
        away = past.truth[:, at] - expected(combined[:, at])
        variance = float(np.nanmean(away**2)) if np.isfinite(away).any() else np.nan
        rows.append((key, level, shows, _ratio(past, shown, own, everything), *cover, variance))
    return pd.DataFrame(rows, columns=SERIES)


# --- combining -------------------------------------------------------------------------------------------------------------------


def guarded(given: np.ndarray) -> np.ndarray:
    """Quantiles [model, …, quantile] of which none is more than four times the upper end of the middle model: a trend that ran away in one
    model neither decides the weights nor carries the others off.

    >>> guarded(np.array([[[1.0, 2.0]], [[1.0, 3.0]], [[50.0, 900.0]]]))[2].tolist()
    [[12.0, 12.0]]
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing where every model refused
        top = np.nanmedian(given[..., -1], axis=0)
    return np.minimum(given, np.where(top > 0, MOST_APART * top, np.inf)[..., None])


def averaged(given: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The weighted mean of the quantiles [model, …, quantile] of the models that did not refuse; NaN where none is left."""
    used = np.flatnonzero(weights > 0)
    there = np.isfinite(given[used])
    share = np.tensordot(weights[used], there.astype(float), 1)
    total = np.tensordot(weights[used], np.where(there, given[used], 0.0), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / np.where(share > 0, share, np.nan)


def widened(quantiles: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """Quantiles moved from their median by factors, never below 0 nor out of order."""
    centre = quantiles[..., MEDIAN : MEDIAN + 1]
    factor = np.repeat([lower, 1.0, upper], [MEDIAN, 1, MEDIAN])
    return np.maximum.accumulate(np.maximum(centre + factor * (quantiles - centre), 0), axis=-1)


def settled(quantiles: np.ndarray, is_whole: np.ndarray) -> np.ndarray:
    """Quantiles [series, …] as they are shown: whole numbers where a series counts, the halves upward.

    >>> settled(np.array([[1.5, 2.2], [1.5, 2.2]]), np.array([True, False])).tolist()
    [[2.0, 2.0], [1.5, 2.2]]
    """
    own = is_whole.reshape(-1, *[1] * (quantiles.ndim - 1))
    return np.where(own, np.floor(quantiles + 0.5), quantiles)


def combine(weights: Weights, levels: Sequence[str], given: dict[str, np.ndarray]) -> np.ndarray:
    """The combination [series, horizon, quantile] of each model's quantiles under the weights of the series' level.

    Not yet settled to whole numbers. A model with a weight that gave nothing for a series leaves its share to the others; with none left the naive forecast stands.
    """
    own = np.array(levels)
    given = dict(zip(given, guarded(np.stack(list(given.values()))), strict=True))
    found = np.full(given[NAIVE].shape, np.nan)
    known = set(weights.members["level"])
    for (level, first, last), rows in weights.members.groupby(["level", "first_step", "last_step"], sort=False):
        at = (own == level) if level != "*" else ~np.isin(own, list(known - {"*"}))
        band = slice(int(first) - 1, int(last))
        rows = rows[rows["model"].isin(list(given))]
        if not len(rows) or not at.any():
            continue
        block = np.stack([given[model][at, band] for model in rows["model"]])
        one = rows.iloc[0]
        found[at, band] = widened(averaged(block, rows["weight"].to_numpy()), one["lower"], one["upper"])
    return np.where(np.isfinite(found), found, given[NAIVE])


def shown_forecasts(
    weights: Weights, keys: Sequence[str], levels: Sequence[str], given: dict[str, np.ndarray], sums: Sums = ()
) -> tuple[np.ndarray, np.ndarray]:
    """The combination [series, horizon, quantile] as it is shown but for whole numbers, and for which series the naive forecast stands.

    Where the naive forecast did better it is shown, and the others make room for it: parts add up to their whole.
    """
    shows = weights.series.set_index("key")["shows"].reindex(list(keys))
    is_naive = (shows == SHOWN_NAIVE).to_numpy()
    free = np.where(is_naive[:, None, None], given[NAIVE], combine(weights, levels, given))
    moved = reconcile(free, keys, sums, weights.coherence, is_naive)
    return np.where(is_naive[:, None, None], free, moved), is_naive
