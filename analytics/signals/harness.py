"""The production detectors, as the shared harnesses call them; run from the project root."""

import numpy as np

from analytics.quantiles import count_quantile
from analytics.signals.city_weeks import judge_city
from analytics.signals.daily import DailyControl, judge_days
from analytics.signals.weekly import WeeklyControl, judge_weeks

SIMULATED = WeeklyControl(per_year=52.0, range_pct=None)  # the scenarios' years have 52 weeks
SIMULATED_DAYS = DailyControl(per_year=364.0, range_pct=None)
ALPHA = 0.01


def weekly(counts: np.ndarray, ks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Alarm at p ≤ .01, expected, upper limit of the week alone, and p: series × judged weeks, of 1-based weeks `ks`."""
    found = list(judge_weeks(counts.astype(float), [int(k) - 1 for k in ks], SIMULATED))
    p = np.stack([one.p for one in found], axis=1)
    expected = np.stack([one.expected[:, 0] for one in found], axis=1)
    dispersion = np.stack([one.dispersion for one in found], axis=1)
    alarm = np.where(np.isnan(p), np.nan, p <= ALPHA)
    return alarm, expected, count_quantile(1 - ALPHA, expected, dispersion), p


weekly.multi = True


def daily(counts: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """p of the days at positions `judged` of daily signals (`scenarios.simulate_daily`): series × judged days."""
    return np.stack([one.p for one in judge_days(counts.astype(float), judged, SIMULATED_DAYS)], axis=1)


city = judge_city
