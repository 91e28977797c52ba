"""Prophet (Taylor & Letham 2018, The American Statistician 72:37) for series of some volume: trend with changes, week, year, and the calendar.

The only file that knows Prophet's names (`ds`, `y`). What the sum of all series knows of days off, make-up workdays, the Spring Festival and
the site's own events is divided out before; how far a series departs from it enters as regressors, held tight. Counts are fitted as square
roots, so that the spread is steady and no sample is negative; amounts as logarithms. Quantiles are those of samples with a fixed seed.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pandas as pd

from analytics.forecasts.contract import FREQS, QUANTILES, Model, Panel
from analytics.forecasts.distributions import is_whole
from analytics.forecasts.features import Design, design_of, period_starts
from analytics.forecasts.pooling import common_effects

LEAST_MEAN = {"D": 3.0, "W": 10.0, "M": 20.0, "Q": 20.0}  # of the last year: smaller counts are not what Prophet is for
FEWEST = {"D": 180, "W": 60, "M": 24, "Q": 12}
MOST = {"D": 1096, "W": 520, "M": 240, "Q": 80}
YEAR = {"D": 365, "W": 52, "M": 12, "Q": 4}
WAVES = {"D": 3, "W": 3, "M": 3, "Q": 1}
DEPARTURE = 0.1  # prior scale of a regressor, on the scale that is fitted
SAMPLES, SEED = 400, 20260101
ROOT_SHIFT = 3 / 8


def prepare(panel: Panel) -> dict[str, float]:
    """The effects of the calendar that the sum of all series shows, by column."""
    design = design_of(panel, 0, WAVES[panel.freq])
    return dict(zip(design.names, common_effects(panel, design), strict=True))


def forecast(panel: Panel, horizon: int, shared: dict[str, float]) -> np.ndarray:
    """Quantiles of the coming periods; series of small counts and short histories are refused."""
    design = design_of(panel, horizon, 0)
    kept = np.array([name not in ("level", "trend") and not name.startswith("weekday") for name in design.names])
    effects = np.array([shared.get(name, 0.0) for name in design.names])
    calendar = replace(
        design,
        rows=design.rows[:, kept],
        centre=effects[kept],
        spread=design.spread[kept],
        names=tuple(np.array(design.names)[kept]),
    )
    found = np.full((len(panel.counts), horizon, len(QUANTILES)), np.nan)
    whole = is_whole(panel.counts)
    starts = period_starts(panel, horizon)[:-1]
    with _quiet():
        for at, counts in enumerate(panel.counts):
            known = np.isfinite(counts)
            last = counts[-YEAR[panel.freq] :]
            if known.sum() < FEWEST[panel.freq] or not np.nanmean(np.append(last, 0.0)) >= LEAST_MEAN[panel.freq]:
                continue
            found[at] = _one(counts, starts, calendar, panel.freq, bool(whole[at]))
    return found


def _one(counts: np.ndarray, starts: np.ndarray, calendar: Design, freq: str, whole: bool) -> np.ndarray:
    from prophet import Prophet

    length = len(counts)
    factor = np.exp(calendar.rows @ calendar.centre)
    plain = counts / factor[:length]
    takes_logs = not whole and bool(np.nanmin(plain) > 0)
    fitted = np.log(plain) if takes_logs else np.sqrt(np.maximum(plain, 0.0) + ROOT_SHIFT)
    rows = pd.DataFrame(calendar.rows, columns=list(calendar.names)).assign(ds=starts.astype("datetime64[ns]"))
    since = max(length - MOST[freq], 0)
    past = rows.iloc[since:length].assign(y=fitted[since:])
    past = past[np.isfinite(past["y"])]
    model = Prophet(
        growth="linear",
        weekly_seasonality=freq == "D",
        yearly_seasonality=WAVES[freq] if len(past) >= 1.5 * YEAR[freq] else False,
        daily_seasonality=False,
        changepoint_range=0.9,
        uncertainty_samples=SAMPLES,
    )
    for name in calendar.names:
        if past[name].nunique() > 1:
            model.add_regressor(name, prior_scale=DEPARTURE, standardize=False)
    with _seeded():
        model.fit(past, seed=SEED)
        drawn = model.predictive_samples(rows.iloc[length:])["yhat"]
    drawn = np.exp(drawn) if takes_logs else np.maximum(np.maximum(drawn, 0.0) ** 2 - ROOT_SHIFT, 0.0)
    found = np.quantile(drawn * factor[length:, None], QUANTILES, axis=1).T
    return np.round(found) if whole else found


@contextmanager
def _seeded() -> Iterator[None]:
    """Prophet draws from numpy's global generator: the same samples every time, and the generator left as it was."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(SEED)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither Prophet nor what it calls speaks on the terminal of who asked for a forecast."""
    loggers = [logging.getLogger(name) for name in ("prophet", "cmdstanpy")]
    before = [(one.level, one.disabled) for one in loggers]
    for one in loggers:
        one.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, (level, disabled) in zip(loggers, before, strict=True):
            one.setLevel(level)
            one.disabled = disabled


PROPHET = Model("prophet", FREQS, forecast, prepare)
