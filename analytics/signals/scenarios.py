"""Simulated series with surges whose truth is known: the 42 weekly scenarios and the 16 daily signals of the literature.

Weekly: Noufaily et al. 2013, Stat. Med. 32:1206, reused by Bédubourg & Le Strat 2017, PLoS ONE 12:e0181227. Twelve years of weeks around
a log-linear curve with trend and season, negative binomial with variance `dispersion` × mean; four surges lie in the baseline and one in
the last 49 weeks. A surge holds Poisson(strength × standard deviation) cases, spread over weeks by a log-normal delay.
Daily: Noufaily et al. 2019, Bioinformatics 35:3110. Seven years of days with yearly and weekly waves, on seven or five days a week.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

WEEKS = 624
FIRST_JUDGED_WEEK = 575  # the current weeks are the last 49; positions count from 0
BASELINE_WEEKS = (312, 575)  # where past surges may begin, the last one excluded
PAST_STRENGTHS, CURRENT_STRENGTHS = (0, 2, 3, 5, 10), tuple(range(1, 11))
DAILY_STRENGTHS = (2, 3, 5, 10)
FEWEST_CASES = 2  # a surge of fewer is drawn anew
_SPREAD = 0.5  # of the log delay
_YEAR, _WEEK = 52, 7


@dataclass(frozen=True)
class Curve:
    """The mean of a weekly scenario: exp(level + slope·t + waves of one year with `cosine` and `sine`)."""

    level: float
    slope: float
    cosine: float
    sine: float
    dispersion: float
    waves: int


_GROUPS = (
    (0.1, 0.0025, 0.6, 0.6, 1.5), (-2.0, 0.005, 0.1, 0.3, 2.0), (1.5, 0.003, 0.2, -0.4, 1.0), (0.5, 0.002, 0.5, 0.5, 5.0),
    (2.5, 0.001, 1.0, 0.1, 3.0), (3.75, 0.001, 0.1, -0.1, 1.1), (5.0, 0.0001, 0.05, 0.01, 1.2),
)  # fmt: skip

# Each group of parameters without a trend and with it, with no wave, one and two.
SCENARIOS: dict[int, Curve] = {
    6 * group + 3 * has_trend + waves + 1: Curve(level, slope * has_trend, cosine, sine, dispersion, waves)
    for group, (level, slope, cosine, sine, dispersion) in enumerate(_GROUPS)
    for has_trend in (0, 1)
    for waves in (0, 1, 2)
}


@dataclass(frozen=True)
class Signal:
    """A daily signal: days a week, level and slope, waves of the year and of the week, and what its system does to the counts.

    `shift` moves the waves, `divisor` scales the counts; `seasonal` is the size, in standard deviations, of a surge that returns every
    year between the days of `window` and belongs to the season.
    """

    days: int
    level: float
    slope: float
    year_waves: int
    week_waves: int
    year: tuple[float, float]
    week: tuple[float, float]
    dispersion: float
    shift: int
    divisor: int = 1
    seasonal: int = 0
    window: tuple[int, int] = (0, 0)


SIGNALS: dict[int, Signal] = {
    1: Signal(7, 6, 0, 1, 2, (0.2, 0.2), (0.5, 0.4), 2, 29),
    3: Signal(7, 0.5, 0, 1, 2, (1.5, 1.4), (0.5, 0.4), 1, -167),
    4: Signal(7, 5.5, 0, 0, 2, (0, 0), (0.3, 0.25), 1, 1),
    5: Signal(7, 2, 0, 0, 2, (0, 0), (0.3, 0.25), 1, 1),
    6: Signal(5, 6, 0, 1, 1, (0.3, 2), (0.3, 0.5), 1.5, -50, 10, 1200, (1, 20)),
    7: Signal(5, 1, 0, 1, 1, (0.1, 2), (0.05, 0.05), 1, -50, 1, 750, (1, 20)),
    8: Signal(5, 6, 0.0001, 0, 1, (0, 0), (0.6, 0.9), 1.5, 0, 10),
    9: Signal(5, 3, 0, 1, 1, (1.5, 0.1), (0.2, 0.3), 1, -150),
    10: Signal(5, 3, 0, 1, 1, (0.2, 0.1), (0.05, 0.15), 1, -200),
    11: Signal(5, 5, 0, 1, 1, (0.2, 0.1), (0.05, 0.1), 1, 0),
    12: Signal(5, 0.5, 0, 2, 1, (0.4, 0), (0.05, 0.15), 1, 0),
    13: Signal(5, 9, 0, 1, 1, (0.5, 0.2), (0.2, 0.5), 1, 0, 100),
    14: Signal(7, 2, 0.0005, 1, 2, (0.8, 0.8), (0.8, 0.4), 4, 57),
    15: Signal(7, 0.05, 0, 4, 1, (0.01, 0.01), (1.8, 0.1), 1, -85),
    16: Signal(7, 3, 0, 1, 2, (0.8, 0.6), (0.8, 0.4), 4, 29, 1, 3150, (210, 230)),
    17: Signal(7, 6, 0, 0, 2, (0, 0), (0.8, 0.4), 4, 1),
}  # fmt: skip


@dataclass(frozen=True)
class Simulated:
    """Series of one kind, series × points: `counts` with the current surge, `quiet` without it, `surge` its own cases.

    `past` holds the cases of earlier surges, and of those that return every year; `name` is the scenario of each series.
    """

    counts: np.ndarray
    quiet: np.ndarray
    surge: np.ndarray
    past: np.ndarray
    name: np.ndarray


def simulate_weeks(scenarios: Iterable[int] = tuple(SCENARIOS), seeds: Iterable[int] = range(50)) -> Simulated:
    """Every scenario with every seed; seeds 0 to 49 hold each strength of past and of current surges in every combination once.

    >>> found = simulate_weeks([14], range(2))
    >>> found.counts.shape, bool((found.counts == found.quiet + found.surge).all())
    ((2, 624), True)
    """
    return _stacked([(name, _weeks(name, seed)) for name in scenarios for seed in seeds])


def simulate_days(
    signals: Iterable[int] = tuple(SIGNALS), seeds: Iterable[int] = range(20), years: int = 7
) -> Simulated:
    """Every daily signal with every seed, on a calendar of seven days a week; the strength of the surge goes round with the seed."""
    return _stacked([(name, _days(name, seed, years)) for name in signals for seed in seeds])


def mean_curve(scenario: int) -> np.ndarray:
    """The mean of a weekly scenario in every week."""
    curve = SCENARIOS[scenario]
    week = np.arange(1, WEEKS + 1)
    waves = _waves(week, curve.waves, _YEAR, curve.cosine, curve.sine)
    return np.exp(curve.level + curve.slope * week + waves)


def _waves(point: np.ndarray, count: int, length: float, cosine: float, sine: float) -> np.ndarray:
    angle = 2 * np.pi * np.arange(1, count + 1)[:, None] * point / length
    return (cosine * np.cos(angle) + sine * np.sin(angle)).sum(axis=0)


def _weeks(scenario: int, seed: int) -> tuple[np.ndarray, ...]:
    past_strength = PAST_STRENGTHS[seed % 5]
    strength = CURRENT_STRENGTHS[(7 * (seed // 5) + seed % 5) % 10]
    chance = np.random.default_rng([20130, scenario, seed])
    mean, dispersion = mean_curve(scenario), SCENARIOS[scenario].dispersion
    sd = np.sqrt(mean * dispersion)
    baseline = _drawn(chance, mean, dispersion)
    past = np.zeros(WEEKS, dtype=int)
    for start in chance.choice(np.arange(*BASELINE_WEEKS), 4, replace=False):
        past += draw_surge(chance, WEEKS, start, past_strength * sd[start])
    start = int(chance.integers(FIRST_JUDGED_WEEK, WEEKS))
    surge = draw_surge(chance, WEEKS, start, strength * sd[start])
    return baseline + past + surge, baseline + past, surge, past


def _drawn(chance: np.random.Generator, mean: np.ndarray, dispersion: float) -> np.ndarray:
    if dispersion == 1:
        return chance.poisson(mean)
    return chance.negative_binomial(mean / (dispersion - 1), 1 / dispersion)


def draw_surge(
    chance: np.random.Generator, points: int, start: int, size: float, *, a_point: float = 1.0
) -> np.ndarray:
    """The cases a surge adds to each point: Poisson(`size`) in all, at least two, after log-normal delays from `start` on.

    `a_point` is the length of one point in units of the delay; what falls behind the last point is lost.
    """
    added = np.zeros(points, dtype=int)
    if size <= 0:
        return added
    cases = chance.poisson(size)
    for _ in range(10_000):
        if cases >= FEWEST_CASES:
            break
        cases = chance.poisson(size)
    at = start + np.floor(chance.lognormal(0.0, _SPREAD, cases) / a_point).astype(int)
    np.add.at(added, at[at < points], 1)
    return added


def _days(name: int, seed: int, years: int) -> tuple[np.ndarray, ...]:
    signal, chance = SIGNALS[name], np.random.default_rng([20190, name, seed])
    count = _YEAR * signal.days * years
    day = np.arange(1, count + 1)
    moved = day + signal.shift
    predictor = signal.level + signal.slope * moved
    predictor = predictor + _waves(moved, signal.year_waves, _YEAR * signal.days, *signal.year)
    predictor = predictor + _waves(moved, signal.week_waves, signal.days, *signal.week)
    mean = np.exp(predictor)
    sd = np.sqrt(mean * signal.dispersion)
    counts = _drawn(chance, mean, signal.dispersion) / signal.divisor
    seasonal = np.zeros(count, dtype=int)
    for year in range(years if signal.seasonal else 0):
        start = int(chance.integers(signal.window[0] - 1, signal.window[1])) + year * signal.days * _YEAR
        seasonal += draw_surge(chance, count, start, signal.seasonal * sd[start], a_point=0.02)
    counts = counts + seasonal
    start = int(chance.integers(count - 49 * signal.days, count))
    strength = DAILY_STRENGTHS[seed % len(DAILY_STRENGTHS)] * signal.days
    surge = draw_surge(chance, count, start, strength * sd[start], a_point=0.25).astype(float)
    surge *= _DAY_WEIGHTS[signal.days][day % signal.days]
    at = (np.arange(count) // signal.days) * _WEEK + np.arange(count) % signal.days
    laid = [np.zeros(_WEEK * _YEAR * years) for _ in range(4)]
    for series, values in zip(laid, (counts + surge, counts, surge, seasonal), strict=True):
        series[at] = values
    return tuple(np.round(series).astype(int) for series in laid)


# How a surge is spread over the days of a week: systems closed at the weekend see more on Mondays, the others more at the weekend.
_DAY_WEIGHTS = {5: np.array([1.1, 1.5, 1.1, 1, 1]), 7: np.array([2.0, 1, 1, 1, 1, 1, 2])}


def _stacked(drawn: list[tuple[int, tuple[np.ndarray, ...]]]) -> Simulated:
    parts = [np.stack(part) for part in zip(*(series for _, series in drawn), strict=True)]
    return Simulated(*parts, name=np.array([name for name, _ in drawn]))
