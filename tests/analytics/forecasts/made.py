"""Small panels with a known rate for the tests of forecasts."""

from datetime import date

import numpy as np

from analytics.forecasts.contract import Panel
from analytics.forecasts.features import STEPS
from analytics.signals.calendar_effects import DayFeatures, day_features
from data.workdays import build_calendar, lunar_new_year

FIRST = {"D": date(2022, 3, 7), "W": date(2019, 1, 7), "M": date(2015, 1, 1), "Q": date(2010, 1, 1)}
AHEAD = {"D": 30, "W": 90, "M": 230, "Q": 470}  # days


def chinese_features(days: np.ndarray) -> DayFeatures:
    calendar = build_calendar()
    plain = days.astype(object)
    status = [int(calendar.is_workday(day)) if calendar.covers(day) else -1 for day in plain]
    new_years = [lunar_new_year(year) for year in range(plain[0].year, plain[-1].year + 2)]
    return day_features(days, np.array(status), [calendar.day_name(day) for day in plain], new_years)


def starts_of(freq: str, periods: int) -> np.ndarray:
    unit, step = STEPS[freq]
    first = np.datetime64(FIRST[freq]).astype(f"datetime64[{unit}]")
    return (first + step * np.arange(periods)).astype("datetime64[D]")


def panel_of(counts: np.ndarray, freq: str = "D", level: str = "street") -> Panel:
    """A panel of these counts [series, period] under the Chinese calendar."""
    starts = starts_of(freq, counts.shape[1])
    days = np.arange(starts[0], starts[-1] + AHEAD[freq] + 1)
    keys = tuple(f"s{at}" for at in range(len(counts)))
    return Panel(freq, starts, keys, (level,) * len(keys), counts.astype(float), days, chinese_features(days))


def poisson_panel(
    freq: str = "D", periods: int = 730, rates: tuple[float, ...] = (2.0, 9.0, 40.0), seed: int = 1
) -> Panel:
    """Poisson counts with a weekday pattern (days only) and a rate that stays the same."""
    starts = starts_of(freq, periods)
    weekday = (starts.astype(np.int64) + 3) % 7
    shape = np.where(weekday >= 5, 0.6, 1.0) if freq == "D" else np.ones(periods)
    rng = np.random.default_rng(seed)
    return panel_of(rng.poisson(np.array(rates)[:, None] * shape), freq)
