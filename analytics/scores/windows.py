"""Which days a score is about: the period named, and for each indicator the days it looks back over."""

import re
from datetime import date, timedelta

from analytics.figures import Period, Sentence
from data.errors import Refused

_MONTH, _QUARTER, _HALF, _YEAR = (
    re.compile(one) for one in (r"(\d{4})-(\d{1,2})", r"(\d{4})-?[Qq]([1-4])", r"(\d{4})-?[Hh]([12])", r"(\d{4})")
)


def period_from(text: str, as_of: date) -> Period:
    """The period a text names: a month, quarter, half-year or year; complete only when it is over at the close of `as_of`.

    Raises `Refused` for any other text, and for a period that has not begun.

    >>> period_from("2026Q3", date(2026, 11, 20)).last, period_from("2026-11", date(2026, 11, 20)).complete
    (datetime.date(2026, 9, 30), False)
    """
    for pattern, months in ((_MONTH, 1), (_QUARTER, 3), (_HALF, 6), (_YEAR, 12)):
        found = pattern.fullmatch(text.strip())
        if found is None:
            continue
        year, number = int(found[1]), int(found[2]) if months < 12 else 1
        if not (1900 <= year <= 2200 and 1 <= number <= 12 // months):
            break
        first = date(year, (number - 1) * months + 1, 1)
        last = add_months(first, months) - timedelta(days=1)
        if first > as_of:
            raise Refused("scores.period_ahead", found=text, as_of=as_of)
        return Period(first, last, last <= as_of)
    raise Refused("scores.bad_period", found=text)


def name_of(period: Period) -> str:
    """The text that names a period.

    >>> name_of(Period(date(2026, 7, 1), date(2026, 9, 30)))
    '2026Q3'
    """
    months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1
    year, month = period.first.year, period.first.month
    if months == 3:
        return f"{year}Q{(month + 2) // 3}"
    if months == 6:
        return f"{year}H{1 if month == 1 else 2}"
    return f"{year}" if months == 12 else f"{year}-{month:02d}"


def said_of(period: Period) -> Sentence:
    """The period in words.

    >>> said_of(Period(date(2026, 7, 1), date(2026, 9, 30))).key
    'scores.period.quarter'
    """
    months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1
    unit = {1: "month", 3: "quarter", 6: "half", 12: "year"}[months]
    return Sentence(f"scores.period.{unit}", {"first": period.first, "number": (period.first.month - 1) // months + 1})


def before(period: Period, steps: int = 1) -> Period:
    """The period so many steps earlier, of the same kind; it is over.

    >>> before(Period(date(2026, 1, 1), date(2026, 1, 31))).first
    datetime.date(2025, 12, 1)
    """
    months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1
    first = add_months(period.first, -months * steps)
    return Period(first, add_months(first, months) - timedelta(days=1))


def window(period: Period, months: int, as_of: date) -> tuple[date, date]:
    """The days an indicator looks at: at least so many months up to the period's end, the whole period where that is longer; never past
    `as_of`.

    >>> window(Period(date(2026, 10, 1), date(2026, 10, 31)), 12, date(2026, 11, 20))
    (datetime.date(2025, 11, 1), datetime.date(2026, 10, 31))
    """
    first = add_months(period.last.replace(day=1), 1 - months)
    return min(first, period.first), min(period.last, as_of)


def add_months(first: date, months: int) -> date:
    """The first day of the month so many months on."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
