"""Quantiles of a coming count or amount from its mean and dispersion: negative binomial for whole counts, gamma for amounts."""

import numpy as np
from scipy import special

from analytics.forecasts.contract import QUANTILES
from analytics.quantiles import count_quantile

LARGE = 5_000.0  # a count this large is as good as continuous
TINIEST = 1e-9
LEAST_OVER = 1e-3  # a dispersion nearer to 1 is as good as Poisson


def is_whole(counts: np.ndarray) -> np.ndarray:
    """Which series [series, period] hold whole counts only; others are amounts.

    >>> is_whole(np.array([[1.0, np.nan, 3.0], [1.5, 2.0, 3.0]])).tolist()
    [True, False]
    """
    known = np.where(np.isfinite(counts), counts, 0.0)
    return (known == np.round(known)).all(axis=1)


def quantiles_of(mean: np.ndarray, dispersion: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Quantiles [series, horizon, 7] of a mean and a variance over mean [series, horizon]; NaN where the mean is unknown.

    `whole` [series] says which series are counts: negative binomial (Poisson where the dispersion is 1); the others, and counts too large
    for it to matter, are gamma with the same mean and variance.

    >>> quantiles_of(np.array([[3.0]]), np.array([[2.0]]), np.array([True]))[0, 0].tolist()
    [0.0, 0.0, 1.0, 2.0, 4.0, 6.0, 9.0]
    """
    mean, dispersion = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(dispersion, dtype=float))
    found = np.full((*mean.shape, len(QUANTILES)), np.nan)
    counted = np.broadcast_to(whole[:, None], mean.shape) & (mean < LARGE)
    for at, share in enumerate(QUANTILES):
        found[counted, at] = count_quantile(
            share, np.maximum(mean[counted], TINIEST), np.maximum(dispersion[counted], 1.0)
        )
        held, scale = np.maximum(mean[~counted], TINIEST), np.maximum(dispersion[~counted], TINIEST)
        found[~counted, at] = special.gammaincinv(held / scale, share) * scale
    found[~np.isfinite(mean)] = np.nan
    return np.maximum.accumulate(np.maximum(found, 0.0), axis=2)


def log_likelihood(count: np.ndarray, mean: np.ndarray, dispersion: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Log-likelihood [series, …] of counts (negative binomial; `whole` [series]) or of amounts (normal) with variance dispersion × mean."""
    count, mean, dispersion = np.broadcast_arrays(count, np.maximum(mean, TINIEST), dispersion)
    found = np.empty(count.shape)
    k, m, over = count[whole], mean[whole], np.maximum(dispersion[whole] - 1, LEAST_OVER)
    size = m / over
    found[whole] = special.gammaln(k + size) - special.gammaln(size) - special.gammaln(k + 1)
    found[whole] += k * np.log(over) - (k + size) * np.log1p(over)
    variance = dispersion[~whole] * mean[~whole]
    found[~whole] = -0.5 * ((count[~whole] - mean[~whole]) ** 2 / variance + np.log(2 * np.pi * variance))
    return found
