"""The two simplest forecasts: the same as a season ago, and the mean of the same weekday (or week, month, quarter) of late."""

import numpy as np

from analytics.forecasts.contract import FREQS, SEASONS, Model, Panel
from analytics.forecasts.distributions import is_whole, quantiles_of

Z = np.array([-1.959964, -1.281552, -0.67449, 0, 0.67449, 1.281552, 1.959964])
MOST_SEASONS = 53  # of which the spread of the naive forecast is taken: with days, a year
FEWEST_CHANGES = 3  # from one season to the next, to say anything of a spread
RECENT = {"D": 8, "W": 3, "M": 3, "Q": 4}  # how many seasons the mean is taken of
NEAR = {"D": 0, "W": 2, "M": 0, "Q": 0}  # periods on either side that count as the same
DOUBT_DISPERSION = 20  # points of dispersion 1 that the found dispersion is mixed with: few points know little of it


def seasonal_naive(panel: Panel, horizon: int, shared: object = None) -> np.ndarray:
    """The value of the same period a season ago, with the spread of past changes from season to season, growing with the seasons ahead.

    A history shorter than two seasons repeats its last value. Source: Hyndman & Athanasopoulos 2021, Forecasting: Principles and
    Practice, 3rd ed., sections 5.2 and 5.5.
    """
    found = np.full((len(panel.counts), horizon, len(Z)), np.nan)
    for at, counts in enumerate(panel.counts):
        history = counts[np.argmax(np.isfinite(counts)) :]
        if not np.isfinite(history).any() or len(history) < FEWEST_CHANGES + 1:
            continue
        season = SEASONS[panel.freq] if len(history) >= SEASONS[panel.freq] + FEWEST_CHANGES else 1
        history = _filled(history, season)
        last = np.resize(history[-season:], horizon)
        used = history[-season * MOST_SEASONS :]
        error = (used[season:] - used[:-season]).std()
        ahead = np.sqrt(np.arange(horizon) // season + 1)
        found[at] = np.maximum(0, last[:, None] + error * ahead[:, None] * Z)
    return found


def _filled(history: np.ndarray, season: int) -> np.ndarray:
    """A gap takes the value of a season before it, or of the last known period."""
    if np.isfinite(history).all():
        return history
    held = history.copy()
    for at in np.flatnonzero(~np.isfinite(held)):
        held[at] = held[at - season] if at >= season else held[at - 1]
    return held


def weekday_mean(panel: Panel, horizon: int, shared: object = None) -> np.ndarray:
    """The mean of the same weekday in the last eight weeks (of the same weeks, month or quarter in the last years), negative binomial.

    The dispersion is Pearson's chi-square per degree of freedom (McCullagh & Nelder 1989, section 4.5), drawn a little towards 1; the
    doubt of the mean itself adds its share.
    """
    season, seasons, near = SEASONS[panel.freq], RECENT[panel.freq], NEAR[panel.freq]
    counts, length = panel.counts, panel.counts.shape[1]
    usable = np.isfinite(counts).sum(axis=1) >= FEWEST_CHANGES + 1
    phase = (np.arange(length + horizon) - length) % season
    recent = np.arange(length) >= length - seasons * season
    same = np.abs((phase[:length, None] - np.arange(season)[None] + season // 2) % season - season // 2) <= near
    weight = (np.isfinite(counts) & recent).astype(float)
    held = np.where(np.isfinite(counts), counts, 0.0) * recent
    same = same.astype(float)
    points = weight @ same
    with np.errstate(all="ignore"):
        overall = held.sum(axis=1) / weight.sum(axis=1)
        mean = (held @ same + overall[:, None] * 0.5) / (points + 0.5)
        fitted = np.maximum(mean[:, phase[:length]], 1e-9)
        squares = (weight * (counts_or(counts, fitted) - fitted) ** 2 / fitted).sum(axis=1)
        free = np.maximum(weight.sum(axis=1) - season, 1)
    dispersion = (squares + DOUBT_DISPERSION) / (free + DOUBT_DISPERSION)
    ahead = phase[length:]
    spread = dispersion[:, None] * (1 + 1 / np.maximum(points[:, ahead], 1))
    spread = np.where(usable[:, None], spread, np.nan)
    return quantiles_of(np.where(usable[:, None], mean[:, ahead], np.nan), spread, is_whole(counts))


def counts_or(counts: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """The counts, and what was fitted where there is none."""
    return np.where(np.isfinite(counts), counts, fitted)


SEASONAL_NAIVE = Model("seasonal_naive", FREQS, seasonal_naive)
WEEKDAY_MEAN = Model("weekday_mean", FREQS, weekday_mean)
