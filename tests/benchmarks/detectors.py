"""How many series a second the detectors judge, in processor time of one core (set OMP_NUM_THREADS=1): the machine may be shared."""

import time

import numpy as np

from analytics.signals.daily import judge_daily
from analytics.signals.farrington import IMPROVED, judge_farrington
from analytics.signals.weekly import judge_weekly

WEEKS, DAYS = 330, 1_100


def farrington_per_second(series: int = 10_000, repeats: int = 3) -> float:
    """Series judged for one week by improved Farrington, five years and ten seasonal periods, limits and p included."""
    counts = _counts(series, WEEKS, 52)
    return _rate(series, repeats, lambda: judge_farrington(counts, WEEKS - 1, IMPROVED))


def weekly_per_second(series: int = 10_000, repeats: int = 3) -> float:
    """Series judged for one week by the production detector, from nothing."""
    counts = _counts(series, WEEKS, 52)
    return _rate(series, repeats, lambda: judge_weekly(counts, WEEKS - 1))


def daily_per_second(series: int = 2_000, repeats: int = 2) -> float:
    """Series judged for one day by the production detector, from nothing."""
    counts = _counts(series, DAYS, 365)
    return _rate(series, repeats, lambda: judge_daily(counts, DAYS - 1))


def _counts(series: int, points: int, per_year: int) -> np.ndarray:
    chance = np.random.default_rng(1)
    mean = np.exp(chance.normal(1, 1, (series, 1)) + 0.5 * np.sin(2 * np.pi * np.arange(points) / per_year))
    return chance.negative_binomial(mean, 0.5).astype(float)


def _rate(series: int, repeats: int, judge: object) -> float:
    judge()  # the first call also pays for imports and memory
    used = []
    for _ in range(repeats):
        began = time.process_time()
        judge()
        used.append(time.process_time() - began)
    return series / min(used)
