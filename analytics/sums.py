"""What should one have expected of a whole week? A central range for a sum of many days, from the sums of weeks that were worked alike.

Adding up the bounds of single days would be wrong twice: days of one week rise and fall together less than all at once, so the sum of
upper bounds is far too wide, and a range of independent days forgets what a whole week shares. So weeks are compared with weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from scipy import special

from analytics.expected import count_range
from analytics.figures import Expected, Period
from data.workdays import WorkCalendar

MOST_WEEKS = 12
FEWEST_WEEKS = 4


@dataclass(frozen=True)
class AlikeWeeks:
    """Past spans that a span is compared with, oldest first, each by its first day.

    `kind` is same_week (every day worked or not worked alike) or same_workdays (as many working days).
    """

    firsts: tuple[date, ...]
    kind: str


def alike_weeks(span: Period, calendar: WorkCalendar, *, since: date, most: int = MOST_WEEKS) -> AlikeWeeks | None:
    """The last weeks before a week (or before the part of it that is over) whose days were worked alike; None with fewer than four.

    Weeks that begin before `since` are no weeks to compare with. Where fewer than four were worked day by day alike (a festival, a make-up
    Saturday), weeks with as many working days take their place. In a year without a calendar Monday to Friday count as worked.

    >>> from data.workdays import build_calendar
    >>> found = alike_weeks(Period(date(2026, 11, 16), date(2026, 11, 22)), build_calendar(), since=date(2026, 1, 1), most=2)
    >>> found.kind, found.firsts
    ('same_week', (datetime.date(2026, 11, 2), datetime.date(2026, 11, 9)))
    """
    own = _worked(span.first, span.days, calendar)
    weeks = (span.first - since).days // 7
    past = [span.first - timedelta(weeks=back) for back in range(weeks, 0, -1)]
    worked = {first: _worked(first, span.days, calendar) for first in past}
    for kind, alike in (("same_week", lambda one: one == own), ("same_workdays", lambda one: sum(one) == sum(own))):
        found = [first for first, days in worked.items() if alike(days)]
        if len(found) >= FEWEST_WEEKS:
            return AlikeWeeks(tuple(found[-most:]), kind)
    return None


def _worked(first: date, days: int, calendar: WorkCalendar) -> tuple[bool, ...]:
    return tuple(calendar.usually_worked(first, days).tolist())


def expect_sum(sums: Sequence[float], weeks: AlikeWeeks, *, interval_pct: int = 95) -> Expected | None:
    """The sum to expect of a week, from the sums of the weeks worked alike; None with fewer than four of them.

    See `expect_sums`.

    >>> weeks = AlikeWeeks(tuple(date(2026, 3, 2) + timedelta(weeks=n) for n in range(8)), "same_week")
    >>> expected = expect_sum([100, 110, 95, 105, 98, 102, 90, 100], weeks)
    >>> expected.mean, expected.lower, expected.upper, expected.state(121), expected.state(122)
    (100.0, 80, 121, 'within', 'above')
    """
    if len(sums) < FEWEST_WEEKS:
        return None
    mean, lower, upper = expect_sums(np.asarray(sums, dtype=float)[:, None], interval_pct=interval_pct)
    return Expected(float(mean[0]), int(lower[0]), int(upper[0]), interval_pct, weeks.kind, weeks.firsts)


def expect_sums(sums: np.ndarray, *, interval_pct: int = 95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, lower and upper end for many series at once: rows of `sums` are weeks worked alike, columns are series.

    The predictive distribution is negative binomial with the mean of the n weeks and variance phi·mean·(1 + 1/n), phi being Pearson's
    chi-square per degree of freedom, at least 1. Where phi exceeds 1 it was estimated from n - 1 degrees of freedom, so the part above 1
    is widened as Student's range is wider than the normal one. With phi = 1 this is the predictive range of a Poisson sum.
    """
    weeks = len(sums)
    mean = sums.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = np.where(mean > 0, ((sums - mean) ** 2).sum(axis=0) / mean / max(weeks - 1, 1), 1.0)
    tail = 1 - (100 - interval_pct) / 200
    widening = (special.stdtrit(max(weeks - 1, 1), tail) / special.ndtri(tail)) ** 2
    ratio = np.where(phi > 1, 1 + (phi - 1) * widening, 1.0) * (1 + 1 / weeks)
    lower, upper = count_range(mean, ratio, 0.5 / weeks, interval_pct)
    return mean, lower, upper
