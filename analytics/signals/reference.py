"""Which past points does a judged point rest on? Windows around the same date of past years, and seasonal periods between them."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

WEEKLY = 52


@dataclass(frozen=True)
class Reference:
    """Past points by their place in the series, oldest first, and the seasonal period of each; 0 is that of the judged point."""

    points: np.ndarray
    period: np.ndarray


def reference_points(
    judged: int,
    *,
    years: int,
    half_window: int,
    periods: int = 1,
    excluded: int | None = None,
    per_year: int = 52,
    dates: tuple[date, ...] | None = None,
) -> Reference:
    """The past points that a judged point is compared with.

    `years` back, windows of `half_window` points on either side of the same date; with `periods` above 1 the points between the windows
    too, in `periods` - 1 stretches of nearly equal length, the longer ones first. The latest `excluded` points (the half window unless
    given) are left out. Without `dates` a year has `per_year` points; with them it is a calendar year,
    for weeks moved to the nearest same weekday.
    Source: Noufaily et al. 2013, Stat. Med. 32:1206, section 3; Salmon, Schumacher & Höhle 2016, J. Stat. Softw. 70(10), section 2.2.

    >>> reference_points(10, years=2, half_window=1, per_year=4).points.tolist()
    [1, 2, 3, 5, 6, 7]
    """
    last = judged - 1 - (half_window if excluded is None else excluded)
    centres = sorted(_anniversaries(judged, years, per_year, dates))
    points: list[int] = []
    period: list[int] = []
    for centre, following in zip(centres, [*centres[1:], judged][: len(centres)], strict=True):
        points += range(centre - half_window, centre + half_window + 1)
        period += [0] * (2 * half_window + 1)
        between = range(centre + half_window + 1, following - half_window)
        if periods > 1:
            points += between
            period += _stretches(len(between), periods - 1)
    if periods > 1 and centres:
        points += range(judged - half_window, judged)
        period += [0] * half_window
    found = np.array(points, dtype=int), np.array(period, dtype=int)
    kept = (found[0] >= 0) & (found[0] <= last)
    return Reference(found[0][kept], found[1][kept])


def _stretches(length: int, count: int) -> list[int]:
    """The period, from 1, of each of `length` points in `count` stretches."""
    size, longer = divmod(length, count)
    return [place + 1 for place in range(count) for _ in range(size + (place < longer))]


def _anniversaries(judged: int, years: int, per_year: int, dates: tuple[date, ...] | None) -> list[int]:
    if dates is None:
        return [judged - per_year * back for back in range(1, years + 1)]
    place = {day: number for number, day in enumerate(dates)}
    moved = _same_weekday if per_year == WEEKLY else _same_day
    days = (moved(dates[judged], back) for back in range(1, years + 1))
    return [place[day] for day in days if day in place]


def _same_day(day: date, years_back: int) -> date:
    try:
        return day.replace(year=day.year - years_back)
    except ValueError:  # 29 February
        return date(day.year - years_back, 3, 1)


def _same_weekday(day: date, years_back: int) -> date:
    """The same date so many years before, moved by at most three days to the same weekday."""
    then = _same_day(day, years_back)
    return then + timedelta(days=(day.weekday() - then.weekday() + 3) % 7 - 3)
