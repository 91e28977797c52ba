"""What should one have expected of a week or a month? The level of the past season times what this time of year usually adds.

The expected count of a period rests on periods before it alone. Its level is the mean daily rate of the last whole season (52 weeks,
12 months). What the time of year adds is the mean, over up to three past years, of the same season's rate over the level before it:
a steady rise or fall is in both and largely cancels. Few past years say little, so what they add is drawn towards nothing, by n/(n + 1) for
n of them. Days are weighed: a rest day counts for as much as rest days brought against working days in
the year before, so that festivals and weekends that fall otherwise need no correction. With less than two seasons on record the level of
the last few periods alone is taken, and with fewer than six nothing is said. The range is negative binomial; its dispersion comes from
how far the same rule was off before: the mean of squared Pearson residuals, or where that is less their median over that of chi-square with
one degree of freedom, so that a past surge does not widen it.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.expected import count_range
from analytics.figures import Expected, Period
from analytics.periods import periods_between
from data.errors import NotReady
from data.workdays import WorkCalendar, lunar_new_year

SEASON = {"week": 52, "month": 12}
ALIKE = {"week": (-1, 0, 1), "month": (0,)}  # which periods around the same one of a past year are of its season
RECENT = {"week": 8, "month": 6}
YEARS = 3
HISTORY_YEARS = 6
FEWEST_PERIODS = 6
FEWEST_RESIDUALS = 4
ROBUST_RESIDUALS = 8
RESIDUALS = {"week": 52, "month": 24}
CHI_SQUARE_MEDIAN = 0.45494
YEAR_DAYS = 365
NEAR_WEEKS = range(-2, 3)  # weeks counted from the lunar new year in which people register otherwise than usual
FAR_WEEKS = (4, 7)  # how many weeks off, on both sides, are taken for usual


def expect_periods(
    counts: np.ndarray, exposure: np.ndarray, unit: str, *, interval_pct: int = 95, judged: int | None = None
) -> pd.DataFrame:
    """What was to be expected of each period of a series, from those before it alone.

    `counts` are the periods in order, zeros included; `exposure[t, i]` is how much of a period's time period i stands for, as known before
    period t. `judged` asks for the last so many only. A row of the answer is a period: `expected, lower, upper` and `method`
    (same_season, recent_level; empty where the history is too short). Both ends of the range are included.

    >>> steady = np.full(10, 100.0)
    >>> last = expect_periods(steady, np.full((10, 10), 30.0), "month").iloc[-1]
    >>> float(last["expected"]), float(last["lower"]), float(last["upper"]), last["method"]
    (100.0, 79.0, 122.0, 'recent_level')
    """
    counts = np.asarray(counts, dtype=float)
    asked = range(max(len(counts) - (judged or len(counts)), 0), len(counts))
    rests_on = range(_first_needed(len(counts), unit, judged), len(counts))
    means, methods = np.full(len(counts), np.nan), [None] * len(counts)
    for t in rests_on:
        means[t], methods[t] = _expect(counts, exposure[t], t, unit)
    spread = np.full(len(counts), np.nan)
    for t in asked:
        spread[t] = _dispersion(counts, exposure[t], means, methods, t, unit)
    found = pd.DataFrame({"expected": means, "lower": np.nan, "upper": np.nan, "method": methods})
    known = ~np.isnan(spread)
    if known.any():
        ends = count_range(means[known], spread[known], 0.1, interval_pct)
        found.loc[known, ["lower", "upper"]] = np.column_stack(ends).astype(float)
    found = found if judged is None else found.iloc[-judged:]
    return found.reset_index(drop=True)


def _first_needed(periods: int, unit: str, judged: int | None) -> int:
    """The first period whose own expectation matters to those judged: their dispersion rests on misses before them."""
    return 0 if judged is None else max(periods - judged - RESIDUALS[unit], 0)


def _expect(counts: np.ndarray, exposure: np.ndarray, t: int, unit: str) -> tuple[float, str | None]:
    season = SEASON[unit]
    added = [
        counts[i] / exposure[i] / level
        for years in range(1, YEARS + 1)
        for i in (t - years * season + step for step in ALIKE[unit])
        if i - season >= 0 and i < t and (level := _level(counts, exposure, i - season, i)) > 0
    ]
    if added:
        drawn = len(added) / (len(added) + 1)
        usual = 1 + drawn * (float(np.mean(added)) - 1)
        return _level(counts, exposure, t - season, t) * usual * exposure[t], "same_season"
    if t >= FEWEST_PERIODS:
        return _level(counts, exposure, max(0, t - RECENT[unit]), t) * exposure[t], "recent_level"
    return np.nan, None


def _level(counts: np.ndarray, exposure: np.ndarray, first: int, end: int) -> float:
    time = exposure[first:end].sum()
    return counts[first:end].sum() / time if time else 0.0


def _dispersion(counts: np.ndarray, exposure: np.ndarray, means: np.ndarray, methods: list, t: int, unit: str) -> float:
    """Variance over mean to reckon with at period t: from the misses of the same rule before it, at least 1."""
    if methods[t] is None:
        return np.nan
    before = [i for i in range(max(0, t - RESIDUALS[unit]), t) if methods[i] == methods[t] and means[i] > 0]
    misses = np.array([(counts[i] - means[i]) ** 2 / means[i] for i in before])
    if len(misses) >= ROBUST_RESIDUALS:
        return max(1.0, min(float(np.median(misses)) / CHI_SQUARE_MEDIAN, float(misses.mean())))
    if len(misses) >= FEWEST_RESIDUALS:
        return max(1.0, float(misses.mean()))
    first = max(0, t - RECENT[unit])
    fitted = _level(counts, exposure, first, t) * exposure[first:t]
    if not fitted.all():
        return 1.0
    return max(1.0, float(((counts[first:t] - fitted) ** 2 / fitted).sum() / (t - first - 1))) * (1 + 1 / (t - first))


def expect_course(
    by_day: pd.Series,
    unit: str,
    day: date,
    calendar: WorkCalendar,
    *,
    interval_pct: int = 95,
    judged: int | None = None,
) -> pd.DataFrame:
    """What was to be expected of each week or month up to `day`, the last one cut there, from daily counts (index: day).

    A row is a period: `first, last, complete, counted, expected, lower, upper, method`; `judged` asks for the last so many only. A period
    that began before the first day on record is not whole: it is not judged and no other's range rests on it.
    """
    by_day = by_day[history_from(day).isoformat() :]
    began = by_day.index[0].date()
    shown = periods_between(unit, began, day)
    if shown[0].first < began and len(shown) > 1:
        shown = shown[1:]
    running = np.concatenate([[0.0], by_day.to_numpy(dtype=float).cumsum()])
    counted = [running[_days(began, one.last) + 1] - running[max(0, _days(began, one.first))] for one in shown]
    exposure = exposures(shown, by_day, calendar, _first_needed(len(shown), unit, judged))
    found = expect_periods(np.array(counted), exposure, unit, interval_pct=interval_pct, judged=judged)
    found = found.set_axis(range(len(shown) - len(found), len(shown)))
    days = {"first": [one.first for one in shown], "last": [one.last for one in shown]}
    known = pd.DataFrame(
        {**days, "complete": [one.complete for one in shown], "counted": np.array(counted, dtype=np.int64)}
    )
    course = pd.concat([known, found], axis=1)
    return course if judged is None else course.iloc[-judged:].reset_index(drop=True)


def history_from(day: date) -> date:
    """The first day that a range up to `day` rests on: what is older says nothing, so that every page says the same."""
    return date(day.year - HISTORY_YEARS, 1, 1)


def expect_span(
    by_day: pd.Series, unit: str, day: date, calendar: WorkCalendar, *, interval_pct: int = 95
) -> Expected | None:
    """What was to be expected of the week or month that holds `day`, as far as it is over; None where the history is too short."""
    if by_day.empty:
        return None
    row = expect_course(by_day, unit, day, calendar, interval_pct=interval_pct, judged=1).iloc[-1]
    if np.isnan(row["upper"]):
        return None
    return Expected(float(row["expected"]), int(row["lower"]), int(row["upper"]), interval_pct, row["method"], ())


def _days(began: date, at: date) -> int:
    return (at - began).days


def exposures(shown: list[Period], by_day: pd.Series, calendar: WorkCalendar, first_row: int = 0) -> np.ndarray:
    """The weighed days of each period, as known before each period: one row a period judged, one column a period weighed.

    Rows before `first_row` are not asked for and hold ones.

    `by_day` holds one count a day. A working day weighs 1, a rest day as much as rest days brought against working days in the year
    before (Saturday and Sunday in a year without a calendar); days around the lunar new year weigh what they brought around past ones.
    """
    start, days = shown[0].first, (shown[-1].last - shown[0].first).days + 1
    counts = by_day.reindex(pd.date_range(start, periods=days), fill_value=0).to_numpy(dtype=float)
    rests = ~calendar.usually_worked(start, days)
    festivals = _festivals(start, days)
    ends = np.array([((one.first - start).days, (one.last - start).days + 1) for one in shown])
    rows = [np.ones(len(shown))] * first_row
    for first, _ in ends[first_row:]:
        weights = np.where(rests, _rest_weight(counts[:first], rests[:first]), 1.0)
        weights *= _festival_factors(counts, weights, festivals, first)
        running = np.concatenate([[0.0], weights.cumsum()])
        rows.append(running[ends[:, 1]] - running[ends[:, 0]])
    return np.array(rows)


def _rest_weight(past: np.ndarray, rests: np.ndarray) -> float:
    past, rests = past[-YEAR_DAYS:], rests[-YEAR_DAYS:]
    if not rests.any() or rests.all() or not past[~rests].sum():
        return 1.0
    return float(past[rests].mean() / past[~rests].mean())


def _festivals(start: date, days: int) -> list[int]:
    """Where the lunar new years lie, counted in days from the first one, those a little outside included."""
    found = []
    for year in range(start.year, (start + timedelta(days=days)).year + 1):
        try:
            found.append((lunar_new_year(year) - start).days)
        except NotReady:
            continue
    return found


def _festival_factors(counts: np.ndarray, weights: np.ndarray, festivals: list[int], before: int) -> np.ndarray:
    """What the weeks around the lunar new year brought against the weeks further off, from festivals that were over before a day.

    Drawn towards 1 by n/(n + 1) for n festivals, like the seasons.
    """
    factors = np.ones(len(counts))
    over = [day for day in festivals if day - 7 * FAR_WEEKS[1] >= 0 and day + 7 * (FAR_WEEKS[1] + 1) <= before]
    if not over:
        return factors
    for week in NEAR_WEEKS:
        brought = usual = 0.0
        for day in over:
            far = np.r_[
                day - 7 * FAR_WEEKS[1] : day - 7 * FAR_WEEKS[0], day + 7 * FAR_WEEKS[0] : day + 7 * FAR_WEEKS[1]
            ]
            near = slice(day + 7 * week, day + 7 * (week + 1))
            if weights[far].sum():
                brought += counts[near].sum()
                usual += counts[far].sum() / weights[far].sum() * weights[near].sum()
        if usual:
            factor = 1 + len(over) / (len(over) + 1) * (brought / usual - 1)
            for day in festivals:
                factors[max(day + 7 * week, 0) : max(day + 7 * (week + 1), 0)] = factor
    return factors
