"""The trials: simulated series, surges injected into real counts, shuffled years, and known holidays."""

from collections.abc import Iterable

import numpy as np

from analytics.errors import HistoryTooShort
from analytics.signals import scenarios
from analytics.signals.evaluation import Trial

YEAR_DAYS = 364  # whole weeks, so that weekdays stay in place
_JUDGED_WEEKS = 49
_YEAR_WEEKS = 52


def weekly_scenarios(seeds: Iterable[int]) -> Trial:
    """The 42 weekly scenarios, once a seed; the weeks of earlier surges count for no false alarm."""
    found = scenarios.simulate_weeks(seeds=seeds)
    judged = np.arange(scenarios.FIRST_JUDGED_WEEK, scenarios.WEEKS)
    return Trial(
        name="scenarios_weekly",
        unit="week",
        quiet=found.quiet,
        counts=found.counts,
        judged=judged,
        clear=found.past[:, judged] == 0,
        during=found.surge[:, judged] > 0,
        mean=mean_before(found.quiet, judged[0], 104),
        level=np.full(len(found.quiet), "series"),
    )


def daily_signals(seeds: Iterable[int], years: int = 7) -> Trial:
    """The 16 daily signals, once a seed; a surge lasts from its first case to its last, and days of one that returns every year are neither
    false alarms nor found.
    """
    found = scenarios.simulate_days(seeds=seeds, years=years)
    points = found.quiet.shape[1]
    judged = np.arange(points - 7 * _JUDGED_WEEKS, points)
    return Trial(
        name="signals_daily",
        unit="day",
        quiet=found.quiet,
        counts=found.counts,
        judged=judged,
        clear=found.past[:, judged] == 0,
        during=lasting(found.surge)[:, judged],
        mean=mean_before(found.quiet, judged[0], YEAR_DAYS),
        level=np.full(len(found.quiet), "series"),
    )


def mean_before(counts: np.ndarray, first: int, points: int) -> np.ndarray:
    """The mean count of the last points before the first judged one: a group must not be chosen by what is judged."""
    return counts[:, max(first - points, 0) : first].mean(axis=1)


def lasting(surge: np.ndarray) -> np.ndarray:
    """The points from the first of a surge to the last.

    >>> lasting(np.array([[0, 2, 0, 1, 0]])).tolist()
    [[False, True, True, True, False]]
    """
    has = surge > 0
    return np.maximum.accumulate(has, axis=1) & np.maximum.accumulate(has[:, ::-1], axis=1)[:, ::-1]


def injected(
    daily: np.ndarray,
    level: np.ndarray,
    unit: str,
    *,
    seed: int,
    replicates: int,
    name: str,
) -> Trial:
    """Surges injected into counts of real life, one a series and replicate, each in the last 52 weeks; what is real stays as it is.

    `daily` is series × days. Raises HistoryTooShort below two years before the judged one. What really rose in the quiet
    series counts as a false alarm, for every detector alike.
    """
    points, judged = in_units(daily, unit)
    chance = np.random.default_rng([seed, 1 + (unit == "day")])
    spread = points[:, max(judged[0] - len(judged) * 2, 0) : judged[0]]
    sd = np.maximum(spread.std(axis=1), np.sqrt(spread.mean(axis=1)))
    surge = np.zeros((replicates * len(points), points.shape[1]), dtype=int)
    for row in range(len(surge)):
        series = row % len(points)
        if sd[series] > 0:
            start = int(chance.integers(judged[0], judged[-1] + 1))
            surge[row] = _surge(chance, points.shape[1], start, sd[series], unit)
    repeated = np.tile(points, (replicates, 1))
    during = surge > 0 if unit == "week" else lasting(surge)
    return Trial(
        name=name,
        unit=unit,
        quiet=repeated,
        counts=repeated + surge,
        judged=judged,
        clear=np.ones((len(surge), len(judged)), dtype=bool),
        during=during[:, judged],
        mean=mean_before(repeated, judged[0], len(judged) * 2),
        level=np.tile(level, replicates),
        together=replicates == 1,
    )


def _surge(chance: np.random.Generator, points: int, start: int, sd: float, unit: str) -> np.ndarray:
    """A surge as in the simulated series: of one to ten standard deviations in weeks, of two to ten a day for a week in days."""
    if unit == "week":
        strength, length = chance.choice(scenarios.CURRENT_STRENGTHS), 1.0
    else:
        strength, length = chance.choice(scenarios.DAILY_STRENGTHS) * 7, 0.25
    return scenarios.draw_surge(chance, points, start, strength * sd, a_point=length)


def shuffled_years(daily: np.ndarray, level: np.ndarray, unit: str, *, seed: int, replicates: int) -> Trial:
    """The negative control: whole years (of 52 weeks) in random order, the same for all series, and no surge put in.

    What every year has in common stays; a detector that alarms more than its level says here alarms on nothing.
    """
    chance = np.random.default_rng([seed, 3])
    years = daily.shape[1] // YEAR_DAYS
    blocks = daily[:, daily.shape[1] - years * YEAR_DAYS :].reshape(len(daily), years, YEAR_DAYS)
    orders = [_other_order(chance, years) for _ in range(replicates)]
    mixed = np.concatenate([blocks[:, order].reshape(len(daily), -1) for order in orders])
    points, judged = in_units(mixed, unit)
    return Trial(
        name="shuffled_years",
        unit=unit,
        quiet=points,
        judged=judged,
        clear=np.ones((len(points), len(judged)), dtype=bool),
        mean=mean_before(points, judged[0], len(judged) * 2),
        level=np.tile(level, replicates),
        together=replicates == 1,
    )


def _other_order(chance: np.random.Generator, years: int) -> np.ndarray:
    """An order of the years other than that of time, where there are two."""
    while True:
        order = chance.permutation(years)
        if years < 2 or (order != np.arange(years)).any():
            return order


def in_units(daily: np.ndarray, unit: str) -> tuple[np.ndarray, np.ndarray]:
    """Days as they are, or summed to whole weeks that end with the last day; and the positions of the last 52 weeks."""
    weeks = daily.shape[1] // 7
    if weeks < 3 * _YEAR_WEEKS:
        raise HistoryTooShort(weeks, 3 * _YEAR_WEEKS, "weeks")
    if unit == "day":
        return daily, np.arange(daily.shape[1] - YEAR_DAYS, daily.shape[1])
    sums = daily[:, daily.shape[1] - 7 * weeks :].reshape(len(daily), weeks, 7).sum(axis=2)
    return sums, np.arange(weeks - _YEAR_WEEKS, weeks)


def nodes_of(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Daily counts [place, subject, day] as series: each place and subject, each place, each subject, and all; and their levels."""
    parts = {
        "place_subject": counts.reshape(-1, counts.shape[2]),
        "place": counts.sum(axis=1),
        "subject": counts.sum(axis=0),
        "total": counts.sum(axis=(0, 1))[None, :],
    }
    level = np.concatenate([np.full(len(part), name) for name, part in parts.items()])
    return np.concatenate(list(parts.values())), level
