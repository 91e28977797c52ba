"""How good quantile forecasts of counts were: weighted interval score, calibration for counts, coverage, and the scaled errors of the literature.

Weighted interval score: Bracher, Ray, Gneiting & Reich (2021), PLOS Computational Biology 17(2). Mean absolute scaled error: Hyndman &
Koehler (2006), International Journal of Forecasting 22(4). Calibration of a count at a level is judged from both sides, as in Czado, Gneiting &
Held (2009), Biometrics 65(4): a count may lie on the quantile itself.
"""

import numpy as np

from analytics.forecasts.contract import QUANTILES

LEVELS = np.array(QUANTILES)
MEDIAN = QUANTILES.index(0.5)


def wis(actual: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """The weighted interval score of each forecast; the last axis of `quantiles` are `QUANTILES`, in the unit of the counts, 0 is perfect.

    >>> wis(np.array([3.0]), np.array([[1.0, 2, 2, 3, 4, 4, 6]])).round(4).tolist()
    [0.2357]
    """
    total = 0.5 * np.abs(actual - quantiles[..., MEDIAN])
    for place in range(MEDIAN):
        low, high, alpha = quantiles[..., place], quantiles[..., -1 - place], 2 * QUANTILES[place]
        total = total + alpha / 2 * (high - low) + np.maximum(0, low - actual) + np.maximum(0, actual - high)
    return total / (MEDIAN + 0.5)


def pinball(actual: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Twice the pinball loss of each quantile; their weighted mean is the interval score of sorted quantiles."""
    away = actual[..., None] - quantiles
    return 2 * np.where(away >= 0, LEVELS * away, (LEVELS - 1) * away)


def naive_error(history: np.ndarray, season: int) -> np.ndarray:
    """Mean absolute change from one season to the next along the last axis, without what is missing: the scale of a series.

    A history shorter than two periods more than a season is compared from one period to the next.
    """
    lag = season if history.shape[-1] > season else 1
    change = np.abs(history[..., lag:] - history[..., :-lag])
    known = np.isfinite(change)
    with np.errstate(invalid="ignore"):
        return np.where(known, change, 0).sum(-1) / known.sum(-1)


def below_and_upto(actual: np.ndarray, quantiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of outcomes [quantile] below each quantile, and at or below it; forecasts or outcomes that are missing do not count."""
    known = np.isfinite(actual) & np.isfinite(quantiles).all(axis=-1)
    held, given = actual[known][:, None], quantiles[known]
    if not len(held):
        return np.full(len(QUANTILES), np.nan), np.full(len(QUANTILES), np.nan)
    return (held < given).mean(axis=0), (held <= given).mean(axis=0)


def miss(below: np.ndarray, upto: np.ndarray) -> float:
    """The worst violation of calibration for counts: at level t at most t lie below the quantile and at least t at or below it.

    >>> miss(LEVELS - 0.01, LEVELS + 0.01)
    0.0
    """
    return float(np.maximum(np.maximum(below - LEVELS, LEVELS - upto), 0).max())


def coverage(below: np.ndarray, upto: np.ndarray) -> tuple[float, float]:
    """The shares within the 80 % and the 95 % range, both ends included."""
    return float(upto[-2] - below[1]), float(upto[-1] - below[0])


def weighted_quantile_loss(actual: np.ndarray, quantiles: np.ndarray) -> float:
    """Twice the pinball loss summed over everything, over the sum of the outcomes, as a mean over the quantiles (WQL of GluonTS)."""
    known = np.isfinite(actual) & np.isfinite(quantiles).all(axis=-1)
    return float(pinball(actual[known], quantiles[known]).sum(axis=0).mean() / np.abs(actual[known]).sum())
