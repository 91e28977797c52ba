"""Exponential smoothing in state space form (statsmodels) of series freed from the calendar that all series share.

What the sum of all series knows of seasons, days off and festivals is divided out before and multiplied back after; what remains is a
level, for days a weekday pattern, for months and quarters a season, and where it earns its keep a damped trend (the least AICc). Counts are
smoothed as square roots, where their spread is steady, and come back as negative binomial with the variance found; amounts and large
counts as logarithms. Sources: Hyndman, Koehler, Ord & Snyder 2008, Forecasting with Exponential Smoothing, chapters 2, 6 (variance of class 1)
and 7 (choice by AIC); Anscombe 1948, Biometrika 35:246 (square roots of counts).
"""

import warnings

import numpy as np

from analytics.forecasts.contract import FREQS, Model, Panel
from analytics.forecasts.distributions import is_whole, quantiles_of
from analytics.forecasts.features import LEVEL, TREND, Design, design_of
from analytics.forecasts.pooling import common_effects

SEASON = {"D": 7, "W": 0, "M": 12, "Q": 4}
TRENDS = {"D": (False,), "W": (False,), "M": (False, True), "Q": (False, True)}
WAVES = {"D": 2, "W": 2, "M": 0, "Q": 0}  # what the smoothing has no season for
FEWEST = {"D": 56, "W": 16, "M": 12, "Q": 8}
SEASONS_NEEDED = 3
MOST_PERIODS = {"D": 1096, "W": 520, "M": 240, "Q": 80}  # older ones say nothing to a level of late
ROOT_SHIFT = 3 / 8
PARAMETERS = frozenset({"smoothing_level", "smoothing_trend", "smoothing_seasonal", "damping_trend"})
LEAST_LEFT = 0.2  # of the periods as degrees of freedom
TENTH = 1.2816  # a standard normal exceeds it with probability 0.1
LARGE = 30.0  # counts that are never smaller are smoothed as logarithms


def prepare(panel: Panel) -> dict[str, float]:
    """The effects of the calendar that the sum of all series shows, by column."""
    design = design_of(panel, 0, WAVES[panel.freq])
    return dict(zip(design.names, common_effects(panel, design), strict=True))


def forecast(panel: Panel, horizon: int, shared: dict[str, float]) -> np.ndarray:
    """Quantiles of the coming periods; NaN where the history is too short or no smoothing converges."""
    return quantiles_of(*moments(panel, horizon, shared), is_whole(panel.counts))


def moments(panel: Panel, horizon: int, shared: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Means and dispersions (variance over mean) [series, horizon] of the coming periods."""
    design = design_of(panel, horizon, WAVES[panel.freq])
    factor = _factor(design, shared, panel.freq)
    whole = is_whole(panel.counts)
    mean, dispersion = np.full((2, len(panel.counts), horizon), np.nan)
    for at, counts in enumerate(panel.counts):
        known = np.flatnonzero(np.isfinite(counts))
        if len(known) < FEWEST[panel.freq]:
            continue
        first = max(int(known[0]), len(counts) - MOST_PERIODS[panel.freq])
        mean[at], dispersion[at] = _one(counts[first:], factor[first:], horizon, panel.freq, bool(whole[at]))
    return mean, dispersion


def _factor(design: Design, shared: dict[str, float], freq: str) -> np.ndarray:
    """How far the calendar lifts or lowers each period; weekdays are left to the smoothing."""
    effects = np.array([shared.get(name, 0.0) for name in design.names])
    left = np.array([name.startswith("weekday") for name in design.names])
    effects = np.where(left, 0.0, effects)
    effects[[LEVEL, TREND]] = 0.0
    return np.exp(design.rows @ effects)


def _one(counts: np.ndarray, factor: np.ndarray, horizon: int, freq: str, whole: bool) -> tuple[np.ndarray, np.ndarray]:
    length = len(counts)
    plain = _filled(counts / factor[:length], SEASON[freq])
    takes_logs = bool((plain > 0).all() and (not whole or (freq in "MQ" and plain.min() >= LARGE)))
    smoothed = np.log(plain) if takes_logs else np.sqrt(np.maximum(plain, 0.0) + ROOT_SHIFT)
    centre = smoothed.mean()  # the search for the least misfit starts alike in every unit
    fitted = _best(smoothed - centre, freq, horizon)
    if fitted is None:
        return np.full(horizon, np.nan), np.full(horizon, np.nan)
    mean, variance = fitted[0] + centre, fitted[1]
    ahead = factor[length : length + horizon]
    if takes_logs:
        level = np.exp(mean + variance / 2)
        return level * ahead, np.expm1(variance) * level * ahead
    held = np.maximum(mean, 0.0)
    level = np.maximum(held**2 + variance - ROOT_SHIFT, 1e-3)
    spread = (4 * held**2 * variance + 2 * variance**2) * ahead / level
    return level * ahead, np.maximum(spread, 1.0 if whole else 1e-6)


def _filled(values: np.ndarray, season: int) -> np.ndarray:
    """A gap takes the value of a season before it, or of the last known period."""
    held = values.copy()
    for at in np.flatnonzero(~np.isfinite(held)):
        held[at] = held[at - season] if season and at >= season else held[at - 1]
    return held


def _best(values: np.ndarray, freq: str, horizon: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Means and variances ahead of the smoothing with the least AICc."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    season = SEASON[freq] if len(values) >= SEASONS_NEEDED * max(SEASON[freq], 1) else 0
    has_season = bool(season) and (freq == "D" or _is_seasonal(values, season))
    best = None
    for has_trend in TRENDS[freq]:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                fit = ETSModel(
                    values,
                    error="add",
                    trend="add" if has_trend else None,
                    damped_trend=has_trend,
                    seasonal="add" if has_season else None,
                    seasonal_periods=season if has_season else None,
                    initialization_method="heuristic" if len(values) >= 10 + 2 * season else "estimated",
                ).fit(disp=False)
                mean = np.asarray(fit.forecast(horizon))
        except (ValueError, np.linalg.LinAlgError):
            continue
        if np.isfinite(mean).all() and np.isfinite(fit.aicc) and (best is None or fit.aicc < best[0]):
            best = fit.aicc, mean, _variance(fit, horizon, season if has_season else 0, has_trend)
    return None if best is None else best[1:]


def _is_seasonal(values: np.ndarray, season: int) -> bool:
    """Whether changes from period to period are like those a season ago, with a probability of chance below a tenth.

    The seasonality test of the M competitions' Theta method (Assimakopoulos & Nikolopoulos 2000, International Journal of Forecasting
    16:521), on changes, so that a trend is no season; the limit widens with the shorter lags (Bartlett 1946, JRSS Supplement 8:27).
    """
    changes = np.diff(values) - np.diff(values).mean()
    total = float(changes @ changes)
    if total <= 0:
        return False
    lags = np.array([changes[lag:] @ changes[:-lag] for lag in range(1, season + 1)]) / total
    return bool(lags[-1] > TENTH * np.sqrt((1 + 2 * (lags[:-1] ** 2).sum()) / len(changes)))


def _variance(fit: object, horizon: int, season: int, has_trend: bool) -> np.ndarray:
    """Variance of each period ahead: that of one step, and what the states may have moved by until then."""
    told = dict(zip(fit.model.param_names, fit.params, strict=True))
    steps = np.arange(1, horizon)
    moved = np.full(horizon - 1, told["smoothing_level"])
    if has_trend:
        moved = moved + told["smoothing_trend"] * np.cumsum(told["damping_trend"] ** steps)
    if season:
        moved = moved + told["smoothing_seasonal"] * (steps % season == 0)
    states = 1 + has_trend + season  # whose first values the data decided, whether or not the search counts them
    free = max(len(fit.resid) - len(PARAMETERS.intersection(told)) - states, LEAST_LEFT * len(fit.resid))
    return float(np.sum(np.asarray(fit.resid) ** 2)) / free * (1 + np.concatenate([[0.0], np.cumsum(moved**2)]))


ETS = Model("ets", FREQS, forecast, prepare)
