"""When: the pattern of the week, the pattern of the year, and the weeks around the moving Spring Festival, this year against last years."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import special

from analytics.figures import Period
from analytics.petitions.answer import Asked
from analytics.petitions.volume import by_period
from data.errors import NotReady
from data.workdays import WorkCalendar, lunar_new_year

WEEKS_BEFORE, WEEKS_AFTER = 4, 6
FEWEST_WEEKDAYS = 4
FEWEST_MONTHS = 24
FEWEST_MATTERS = 5
FESTIVAL_YEARS = 4
INTERVAL_PCT = 95


def weekdays(ask: Asked, by_day: pd.DataFrame) -> pd.DataFrame:
    """The mean of each ordinary day of the week over the year up to the period judged, with its 95 % interval.

    A row is a weekday (1 is Monday): `weekday, days, mean, lower, upper`. Ordinary are Monday to Friday worked and weekends not; empty
    with fewer than four of a kind.
    """
    last = pd.Timestamp(ask.period.last)
    counts = by_day["matters"][last - pd.Timedelta(weeks=ask.rules.weekday_weeks) + pd.Timedelta(days=1) : last]
    ordinary = counts[[_is_ordinary(day, ask.calendar) for day in counts.index.date]]
    groups = ordinary.groupby(ordinary.index.isocalendar().day.to_numpy(dtype=int))
    found = groups.agg(["size", "mean", "std"]).rename_axis("weekday").reset_index().rename(columns={"size": "days"})
    if len(found) < 7 or (found["days"] < FEWEST_WEEKDAYS).any():
        return pd.DataFrame(columns=["weekday", "days", "mean", "lower", "upper"])
    reach = special.stdtrit(found["days"] - 1, 0.5 + INTERVAL_PCT / 200) * found["std"] / np.sqrt(found["days"])
    return found.assign(lower=(found["mean"] - reach).clip(lower=0), upper=found["mean"] + reach).drop(columns="std")


def _is_ordinary(day: date, calendar: WorkCalendar) -> bool:
    return calendar.usually_worked(day, 1)[0] == (day.weekday() < 5)


def months(ask: Asked, by_day: pd.DataFrame) -> pd.DataFrame:
    """What each month of the year usually brings a day, as an index (100 is the mean month), with its 95 % interval.

    A row is a month (1 is January): `month, index, lower, upper, months`, how many months it rests on. A log-linear model of the counts a
    day with a steady trend, fitted by quasi-likelihood (McCullagh & Nelder 1989, chapter 9) on all complete months up to the period
    judged; empty with fewer than 24 of them or fewer than 5 matters in a month of
    the year.
    """
    whole = [one for one in _months(by_day.index[0].date(), ask.period.last) if one.complete]
    empty = pd.DataFrame(columns=["month", "index", "lower", "upper", "months"])
    counts = by_period(by_day, whole)["matters"].to_numpy(dtype=float) if whole else np.array([])
    of_year = np.array([one.first.month for one in whole])
    seen = [int((of_year == month).sum()) for month in range(1, 13)]
    if len(whole) < FEWEST_MONTHS or min(counts[of_year == month].sum() for month in range(1, 13)) < FEWEST_MATTERS:
        return empty
    effects, covariance = fit_seasons(counts, np.array([one.days for one in whole], dtype=float), of_year)
    centre = np.eye(12) - 1 / 12
    level = centre @ effects
    reach = special.stdtrit(len(whole) - 13, 0.5 + INTERVAL_PCT / 200) * np.sqrt(
        np.diag(centre @ covariance @ centre.T)
    )
    index, lower, upper = (100 * np.exp(level + sign * reach) for sign in (0, -1, 1))
    return pd.DataFrame({"month": range(1, 13), "index": index, "lower": lower, "upper": upper, "months": seen})


def _months(first: date, last: date) -> list[Period]:
    starts = [first.replace(day=1)]
    while starts[-1] <= last:
        starts.append((starts[-1] + timedelta(days=31)).replace(day=1))
    ends = ((start, following - timedelta(days=1)) for start, following in pairwise(starts))
    return [Period(start, end, start >= first and end <= last) for start, end in ends]


def fit_seasons(counts: np.ndarray, days: np.ndarray, of_year: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The effect of each of the twelve months on the log of the daily count, beside a steady trend, and the covariance of the twelve.

    Iteratively reweighted least squares for a Poisson mean with log link; the covariance is scaled by Pearson's dispersion, at least 1.
    """
    trend = np.linspace(-0.5, 0.5, len(counts))
    design = np.column_stack([(of_year == month).astype(float) for month in range(1, 13)] + [trend])
    offset = np.log(days)
    mean = counts + 0.5
    for _ in range(50):
        working = np.log(mean) - offset + (counts - mean) / mean
        weighted = design * mean[:, None]
        covariance = np.linalg.pinv(design.T @ weighted)
        effects = covariance @ (weighted.T @ working)
        fitted = np.exp(np.clip(design @ effects + offset, -30, 30))
        settled = np.abs(fitted - mean).max() < 1e-8 * max(1.0, fitted.max())
        mean = fitted
        if settled:
            break
    dispersion = max(1.0, float(((counts - mean) ** 2 / mean).sum() / max(len(counts) - 13, 1)))
    return effects[:12], dispersion * covariance[:12, :12]


def festival(ask: Asked, by_day: pd.DataFrame) -> pd.DataFrame:
    """Matters in the weeks around the lunar new year, each year by its own.

    A row is a week of seven days counted from the festival (0 begins on it): `week` and one column a year, the latest last, empty where
    days of that week are not on record. Empty without two years to compare.
    """
    years = {}
    for year in range(ask.day.year - FESTIVAL_YEARS, ask.day.year + 1):
        day = _new_year(year)
        if day is not None and day - timedelta(weeks=WEEKS_BEFORE) <= ask.day:
            counts = _around(by_day, day, ask.day)
            if pd.notna(counts).any():
                years[year] = counts
    if len(years) < 2:
        return pd.DataFrame(columns=["week"])
    weeks = pd.DataFrame({"week": range(-WEEKS_BEFORE, WEEKS_AFTER)})
    return pd.concat([weeks, pd.DataFrame(years)], axis=1)


def festival_week(year: int, week: int) -> Period:
    """The seven days of a week counted from the lunar new year of a year.

    >>> festival_week(2026, -1).first
    datetime.date(2026, 2, 10)
    """
    first = lunar_new_year(year) + timedelta(weeks=week)
    return Period(first, first + timedelta(days=6))


def _new_year(year: int) -> date | None:
    try:
        return lunar_new_year(year)
    except NotReady:
        return None


def _around(by_day: pd.DataFrame, day: date, as_of: date) -> list[float]:
    weeks = [
        Period(day + timedelta(weeks=week), day + timedelta(weeks=week, days=6))
        for week in range(-WEEKS_BEFORE, WEEKS_AFTER)
    ]
    counts = by_period(by_day, weeks)["matters"]
    known = [pd.Timestamp(one.first) >= by_day.index[0] and one.last <= as_of for one in weeks]
    return [float(count) if on_record else np.nan for count, on_record in zip(counts, known, strict=True)]


def marks(calendar: WorkCalendar, first: date, last: date) -> pd.DataFrame:
    """The festivals of first..last: `first_on, last_on, kind` (festival) and `text`, the code of the festival or the site's own word.

    Make-up workdays are not among the days of a festival.
    """
    named = [
        (day, name)
        for day, name in sorted(calendar.names.items())
        if first <= day <= last and calendar.covers(day) and not calendar.is_workday(day)
    ]
    runs: list[list] = []
    for day, name in named:
        if runs and runs[-1][2] == name and (day - runs[-1][1]).days == 1:
            runs[-1][1] = day
        else:
            runs.append([day, day, name])
    rows = [{"first_on": start, "last_on": end, "kind": "festival", "text": name} for start, end, name in runs]
    return pd.DataFrame(rows, columns=["first_on", "last_on", "kind", "text"])
