"""What kind of day a day is in China: weekday, make-up workdays, and how many days before or after the Spring Festival."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

import numpy as np

FESTIVAL_FIRST, FESTIVAL_LAST = -7, 15  # days around lunar new year's day that differ from an ordinary week
FESTIVAL_REST = (0, 6)
NONE, BEFORE, DURING, AFTER, NATIONAL, OTHER = range(6)
WINDOWS = ("none", "before_spring_festival", "spring_festival", "after_spring_festival", "national_day", "other_rest")
NO_OFFSET = 127


@dataclass(frozen=True, eq=False)
class DayFeatures:
    """One value a day: `weekday` (0 Monday – 6), `is_workday`, `window` (a position in `WINDOWS`), `festival_offset` (days from lunar
    new year's day within −7..+15, else 127) and `is_known` (False where no calendar was published: weekdays are taken as they are).
    """

    weekday: np.ndarray
    is_workday: np.ndarray
    window: np.ndarray
    festival_offset: np.ndarray
    is_known: np.ndarray

    def __len__(self) -> int:
        return len(self.weekday)

    def until(self, stop: int) -> "DayFeatures":
        """The features of the first `stop` days."""
        return DayFeatures(**{one.name: getattr(self, one.name)[:stop] for one in fields(self)})

    @property
    def weekday_like(self) -> np.ndarray:
        """The weekday a day behaves like: a weekend day that is worked (调休) counts as 7, a plain day as itself."""
        return np.where(self.is_workday & (self.weekday >= 5), 7, self.weekday)


def day_features(
    days: np.ndarray, status: np.ndarray, names: Iterable[str | None], new_years: Iterable[date]
) -> DayFeatures:
    """The features of consecutive `days` (datetime64[D]).

    `status` is 1 on working days, 0 on days off, −1 where no calendar covers the day; `names` the festival a day off or a make-up
    workday belongs to (`spring_festival`, `national_day`, …); `new_years` lunar new year's days. The windows of the Spring Festival
    run by day offset, −7..−1, 0..6 and +7..+15, whatever the days off of that year were.

    >>> days = np.arange("2026-02-14", "2026-02-19", dtype="datetime64[D]")
    >>> found = day_features(days, np.array([1, 0, 0, 0, 0]), [None] * 5, [date(2026, 2, 17)])
    >>> found.festival_offset.tolist(), found.window.tolist(), found.weekday_like.tolist()
    ([-3, -2, -1, 0, 1], [1, 1, 1, 2, 2], [7, 6, 0, 1, 2])
    """
    days = days.astype("datetime64[D]")
    weekday = ((days.astype(np.int64) + 3) % 7).astype(np.int8)
    status, names = np.asarray(status), list(names)
    offset = np.full(len(days), NO_OFFSET, dtype=np.int8)
    for new_year in new_years:
        away = (days - np.datetime64(new_year, "D")).astype(np.int64)
        near = (away >= FESTIVAL_FIRST) & (away <= FESTIVAL_LAST)
        offset[near] = away[near]
    works = np.where(status >= 0, status == 1, weekday < 5)
    rest = (status == 0) & np.array([isinstance(name, str) for name in names], dtype=bool)
    national = rest & np.array([name == "national_day" for name in names], dtype=bool)
    window = np.select(
        [
            offset == NO_OFFSET,
            offset < FESTIVAL_REST[0],
            offset <= FESTIVAL_REST[1],
        ],
        [np.where(national, NATIONAL, np.where(rest, OTHER, NONE)), BEFORE, DURING],
        AFTER,
    ).astype(np.int8)
    return DayFeatures(weekday, works, window, offset, status >= 0)
