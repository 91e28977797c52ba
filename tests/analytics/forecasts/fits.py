"""A small panel and models for tests of backtests, combination and execution; importable by other processes."""

import time

import numpy as np

from analytics.forecasts.calendars import country_calendar
from analytics.forecasts.contract import FREQS, Model, Panel
from analytics.forecasts.models.seasonal import seasonal_naive


def small_panel(periods: int = 400, ahead: int = 28, seed: int = 1) -> Panel:
    """A total, its two parts, and weekdays that differ."""
    chance = np.random.default_rng(seed)
    days = np.arange(periods + ahead) + np.datetime64("2022-01-03")
    weekday = np.array([1.2, 1.1, 1.0, 1.0, 1.1, 0.5, 0.4])[np.arange(periods) % 7]
    parts = [chance.poisson(mean * weekday) for mean in (6, 14)]
    counts = np.stack([parts[0] + parts[1], *parts]).astype(float)
    return Panel(
        "D", days[:periods], ("total", "part:a", "part:b"), ("total", "part", "part"), counts, days,
        country_calendar(days, "none").features,
    )  # fmt: skip


SUMS = (("total", ("part:a", "part:b")),)


def patient_forecast(panel: Panel, horizon: int, shared: object) -> np.ndarray:
    """The naive forecast, a tenth of a second late and by what all series share."""
    time.sleep(0.1)
    return seasonal_naive(panel, horizon) + shared


def patient_shared(panel: Panel) -> float:
    return float(np.nanmean(panel.counts))


PATIENT = Model("patient", FREQS, patient_forecast, patient_shared)


def bare_panel(freq: str, counts: np.ndarray, ahead: int = 40) -> Panel:
    """Series without names or calendar, from the start of 2000 on."""
    periods = counts.shape[1]
    unit, step = {"D": ("D", 1), "W": ("D", 7), "M": ("M", 1), "Q": ("M", 3)}[freq]
    first = np.datetime64("2000-01-03" if freq in "DW" else "2000-01-01").astype(f"datetime64[{unit}]")
    edges = (first + step * np.arange(periods + ahead + 1)).astype("datetime64[D]")
    days = np.arange(edges[0], edges[-1])
    keys = tuple(f"series:{number}" for number in range(len(counts)))
    features = country_calendar(days, "none").features
    return Panel(freq, edges[:periods], keys, ("series",) * len(keys), counts, days, features)
