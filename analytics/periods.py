"""Days, ISO weeks and months: which are complete, what they are compared with, which past days are alike.

No clock here: `as_of` is an argument, and `as_of = D` means the close of day D. An unfinished period ends at `as_of`
and is compared with the same span of the other period, never with a whole one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.figures import Period
from data.workdays import WorkCalendar

UNITS = ("day", "week", "month", "year")
FESTIVAL_BEFORE, FESTIVAL_AFTER = (
    28,
    21,
)  # days around the lunar new year in which work and travel follow the lunar calendar
HOLIDAY_DAYS = 7  # from the lunar new year on; the day before it is one of them
LOOK_BACK_WEEKS = 26
FEWEST_OF_A_KIND = 4
ONE_DAY = timedelta(days=1)
ONE_YEAR_OF_WEEKS = timedelta(weeks=52)


@dataclass(frozen=True)
class YearOnYear:
    """Two periods to compare year on year and how they were aligned.

    `alignment` is calendar, jan_feb_together (both periods are widened to begin on 1 January) or lunar_aligned
    (the base lies as many days from its lunar new year as the period does from its own).
    """

    now: Period
    base: Period
    alignment: str


@dataclass(frozen=True)
class ReferenceDays:
    """Past days of the same kind as a day, oldest first.

    `kind` is same_weekday (same weekday, working alike), else, where those are too few, workday or rest_day.
    """

    days: tuple[date, ...]
    kind: str


def period_of(unit: str, at: date, as_of: date | None = None) -> Period:
    """The day, ISO week (Monday to Sunday), month or year that holds `at`; cut at `as_of` and marked unfinished where
    that falls inside.

    Raises ValueError for a period that has not begun at `as_of`.

    >>> period_of("week", date(2026, 11, 18), as_of=date(2026, 11, 20))
    Period(first=datetime.date(2026, 11, 16), last=datetime.date(2026, 11, 20), complete=False)
    """
    if unit not in UNITS:
        raise ValueError(f"unit {unit!r} is none of {', '.join(UNITS)}")
    if unit == "day":
        first = last = at
    elif unit == "week":
        first = at - timedelta(days=at.weekday())
        last = first + timedelta(days=6)
    elif unit == "year":
        first, last = date(at.year, 1, 1), date(at.year, 12, 31)
    else:
        first = at.replace(day=1)
        last = _next_month(first) - ONE_DAY
    return _cut(first, last, as_of)


def day(at: date, as_of: date | None = None) -> Period:
    """The day itself as a period."""
    return period_of("day", at, as_of)


def iso_week(at: date, as_of: date | None = None) -> Period:
    """The week from Monday to Sunday that holds the day."""
    return period_of("week", at, as_of)


def month(at: date, as_of: date | None = None) -> Period:
    """The calendar month that holds the day."""
    return period_of("month", at, as_of)


def _cut(first: date, last: date, as_of: date | None) -> Period:
    if as_of is None or as_of >= last:
        return Period(first, last)
    if as_of < first:
        raise ValueError(f"the period from {first} has not begun on {as_of}")
    return Period(first, as_of, complete=False)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def is_complete(period: Period, as_of: date) -> bool:
    """Whether all days of the period are over at the close of `as_of`; a period cut short never is."""
    return period.complete and period.last <= as_of


def days_of(period: Period) -> list[date]:
    """The days of the period in order."""
    return [period.first + timedelta(days=n) for n in range(period.days)]


def periods_between(unit: str, first: date, last: date) -> list[Period]:
    """The periods of a unit that touch first..last, in order; the last one cut at `last` where it ends later."""
    found = [period_of(unit, first, as_of=last)]
    while found[-1].complete and found[-1].last < last:
        found.append(period_of(unit, found[-1].last + ONE_DAY, as_of=last))
    return found


def previous(period: Period, unit: str) -> Period:
    """The period before (环比): the whole of it for a complete one, as many days from its start for an unfinished
    one.

    A month that is shorter is taken whole.

    >>> previous(month(date(2026, 3, 1), as_of=date(2026, 3, 10)), "month").last
    datetime.date(2026, 2, 10)
    """
    before = period_of(unit, period.first - ONE_DAY)
    return before if period.complete else _same_span(before, period)


def _same_span(whole: Period, unfinished: Period) -> Period:
    return Period(whole.first, min(whole.last, whole.first + timedelta(days=unfinished.days - 1)))


def year_on_year(period: Period, unit: str, lunar_new_year: Callable[[int], date] | None = None) -> YearOnYear:
    """What a day, week, month or year is compared with a year before (同比), and how the moving Spring Festival was
    handled.

    A month or year has the same one; a day or week lies 52 weeks back, so that weekdays meet. With `lunar_new_year` (a
    function from year to date): February is taken together with January; January, and days and weeks where either
    year's Spring Festival season would be met, lie as far from their lunar new year as the period from its own. A day or part of a
    week meets its own weekdays there, up to three days nearer or farther, unless one of the two holidays would be met by itself.

    >>> year_on_year(month(date(2026, 2, 1)), "month", lambda year: date(year, 2, 10)).now.first
    datetime.date(2026, 1, 1)
    """
    base = _year_before(period, unit)
    if lunar_new_year is None or unit == "year":
        return YearOnYear(period, base, "calendar")
    if unit == "month" and period.first.month == 2:
        january = date(period.first.year, 1, 1)
        before = january.replace(year=january.year - 1)
        return YearOnYear(Period(january, period.last, period.complete), Period(before, base.last), "jan_feb_together")
    festival = lunar_new_year(_festival_year(period.first))
    festival_before = lunar_new_year(_festival_year(period.first) - 1)
    in_season = _in_season(period, festival) or _in_season(base, festival_before)
    if in_season if unit != "month" else period.first.month == 1:
        shift = festival - festival_before
        exact, whole = (Period(period.first - one, period.last - one) for one in (shift, _in_weeks(shift)))
        by_weekday = unit != "month" and period.days % 7
        in_holiday = _in_holiday(period, festival) or _in_holiday(whole, festival_before)
        return YearOnYear(period, whole if by_weekday and not in_holiday else exact, "lunar_aligned")
    return YearOnYear(period, base, "calendar")


def _year_before(period: Period, unit: str) -> Period:
    if unit in ("day", "week"):
        return Period(period.first - ONE_YEAR_OF_WEEKS, period.last - ONE_YEAR_OF_WEEKS)
    whole = period_of(unit, period.first.replace(year=period.first.year - 1))
    return whole if period.complete else _same_span(whole, period)


def _festival_year(at: date) -> int:
    """The year of the nearest lunar new year, which falls between 21 January and 20 February."""
    return at.year if at.month < 8 else at.year + 1


def _in_season(period: Period, festival: date) -> bool:
    return period.last >= festival - timedelta(days=FESTIVAL_BEFORE) and period.first <= festival + timedelta(
        days=FESTIVAL_AFTER
    )


def _in_weeks(shift: timedelta) -> timedelta:
    """The nearest whole weeks, so that weekdays meet."""
    return timedelta(weeks=round(shift.days / 7))


def _in_holiday(period: Period, festival: date) -> bool:
    return period.last >= festival - ONE_DAY and period.first < festival + timedelta(days=HOLIDAY_DAYS)


def same_weekdays(at: date, count: int) -> tuple[date, ...]:
    """The last `count` days of the same weekday before a day, oldest first.

    >>> same_weekdays(date(2026, 11, 20), 2)
    (datetime.date(2026, 11, 6), datetime.date(2026, 11, 13))
    """
    return tuple(at - timedelta(weeks=n) for n in range(count, 0, -1))


def reference_days(at: date, calendar: WorkCalendar, n: int = 8, *, since: date | None = None) -> ReferenceDays:
    """The last `n` days of the same kind before a day: same weekday, and worked or not worked alike.

    Where the last 26 weeks hold fewer than 4 of them (a make-up workday, a weekday off), all workdays or all rest
    days take their place, and `kind` says so. Days before `since`, the first day on record, are no days. In a year
    without a calendar Monday to Friday count as worked.
    """
    earliest = at - timedelta(weeks=LOOK_BACK_WEEKS)
    if since is not None:
        earliest = max(earliest, since)
    *worked, works = calendar.usually_worked(earliest, (at - earliest).days + 1)
    alike = [earliest + timedelta(days=place) for place, one in enumerate(worked) if one == works]
    same = [one for one in alike if one.weekday() == at.weekday()]
    if len(same) >= FEWEST_OF_A_KIND:
        return ReferenceDays(tuple(same[-n:]), "same_weekday")
    return ReferenceDays(tuple(alike[-n:]), "workday" if works else "rest_day")


def day_kinds(days: Iterable[date], calendar: WorkCalendar) -> list[str]:
    """The kind of each day: its weekday and whether people work, so that a festival is not taken for an ordinary week.

    Days of a year without a calendar go by their weekday.

    >>> from data.workdays import build_calendar
    >>> day_kinds([date(2026, 10, 2), date(2026, 10, 9)], build_calendar())
    ['4 rest', '4 work']
    """
    return [f"{one.weekday()} {'work' if calendar.usually_worked(one, 1)[0] else 'rest'}" for one in days]
