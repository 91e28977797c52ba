"""How well models and their combination did at given origins: the score over the naive one, calibration, coverage, time; nothing of the future.

The weights of an origin come only from forecasts whose whole truth lay before it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.forecasts.backtests import Backtest
from analytics.forecasts.combining import NAIVE, Weights, equal_weights, learn_weights, settled, shown_forecasts
from analytics.forecasts.reconciling import Sums
from analytics.forecasts.scoring import below_and_upto, coverage, miss, wis

CHOSEN, ALL = "chosen", "all"
SCORES = ("wis_ratio", "miss", "cover80", "cover95", "points", "refused", "seconds")
INNER_ORIGINS = 10  # before the first origin, so that it too has weights of its own


@dataclass(frozen=True, eq=False)
class Chosen:
    """The combination at some origins: `quantiles` [origin, series, step, quantile] as shown, the weights each was made with, and which
    series showed the naive forecast [origin, series].
    """

    quantiles: np.ndarray
    weights: tuple[Weights, ...]
    is_naive: np.ndarray


def inner_cutoffs(first: int, horizon: int, fewest: int, most: int = INNER_ORIGINS) -> tuple[int, ...]:
    """Cut-offs before the first origin with a whole horizon of truth each: a horizon apart, or closer where `fewest` known periods leave
    less room.

    >>> inner_cutoffs(200, 28, 60, 4), inner_cutoffs(26, 6, 15, 4)
    ((88, 116, 144, 172), (17, 18, 19, 20))
    """
    last = first - horizon
    step = min(max((last - fewest) // max(most - 1, 1), 1), horizon)
    return tuple(sorted(range(last, fewest - 1, -step)[:most]))


def choose(whole: Backtest, origins: Iterable[int], made_on: Callable[[int], date], sums: Sums = ()) -> Chosen:
    """The combination at each of `origins` (cut-offs of `whole`), learned from what was known by then."""
    horizon, shown, used, naive = whole.truth.shape[2], [], [], []
    for cutoff in origins:
        before = [place for place, one in enumerate(whole.cutoffs) if one + horizon <= cutoff]
        now = whole.cutoffs.index(cutoff)
        weights = (
            learn_weights(whole.at(before), made_on(cutoff), sums)
            if before
            else equal_weights(whole.freq, whole.models, made_on(cutoff))
        )
        given = {model: whole.of(model)[now] for model in whole.models}
        free, is_naive = shown_forecasts(weights, whole.keys, whole.levels, given, sums)
        shown.append(settled(free, whole.is_whole))
        used.append(weights)
        naive.append(is_naive)
    return Chosen(np.stack(shown), tuple(used), np.stack(naive))


def filled(given: np.ndarray, naive: np.ndarray) -> np.ndarray:
    """A model's quantiles, and the naive forecast for the series it refused: what would be shown if it were the only model."""
    return np.where(np.isfinite(given).all(axis=(-2, -1), keepdims=True), given, naive)


def score_table(whole: Backtest, chosen: np.ndarray, is_scored: np.ndarray) -> pd.DataFrame:
    """One row a level and model, `all` and `chosen` among them: wis_ratio, miss, cover80, cover95, points, refused (how many series and
    origins the model refused; the naive forecast stands there), seconds (a series; NaN for the combination). Only the series marked are
    scored; `whole` holds the origins of `chosen` only.
    """
    levels = np.array(whole.levels)
    naive = whole.of(NAIVE)
    rows = []
    for level in (ALL, *dict.fromkeys(levels[is_scored])):
        at = is_scored & (levels == level if level != ALL else True)
        under = _scaled(whole, naive, at)
        for model in (*whole.models, CHOSEN):
            own = chosen if model == CHOSEN else whole.of(model)
            refused = int((~np.isfinite(own[:, at, 0, 0])).sum())
            given = filled(own, naive)
            scored = _scaled(whole, given, at)
            both = np.isfinite(scored) & np.isfinite(under)
            below, upto = below_and_upto(whole.truth[:, at], given[:, at])
            ratio = scored[both].sum() / under[both].sum() if both.any() else np.nan
            wrong = miss(below, upto) if both.any() else np.nan
            told = (ratio, wrong, *coverage(below, upto), int(both.sum()), refused, whole.seconds.get(model, np.nan))
            rows.append((level, model, *told))
    return pd.DataFrame(rows, columns=["level", "model", *SCORES])


def _scaled(whole: Backtest, given: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The scores over the scale of each series; without a scale (a series that never changed) they do not count."""
    scale = np.where(whole.scale > 0, whole.scale, np.nan)
    return wis(whole.truth, given)[:, at] / scale[:, at, None]
