"""What kind of day a day is in China, and what a daily count may depend on: weekday, make-up workdays, days around the Spring Festival."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from analytics.signals.curves import Design

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


YEAR = 365.25
HARMONICS = 3
FESTIVAL_BINS = ((-7, -4), (-3, -1), (0, 2), (3, 6), (7, 10), (11, 15))
CLOSED_SHARE = (
    0.02  # of a working day's count: below it an office is closed, and its days off are no evidence of anything
)
FEWEST_REST_DAYS, FEWEST_EXPECTED = 26, 20


def day_design(days: np.ndarray, features: DayFeatures) -> Design:
    """What a daily count may depend on: level, trend, three waves of the year, weekday, make-up workdays, the Spring Festival by days
    before and after it, National Day, other days off, and the first working day after a named break.

    A named day off has no weekday of its own; a make-up workday counts as a working day, whatever day of the week it falls on. Effects
    without a day in the record stay at nothing. Trend is per year, counted back from the last day.
    """
    time = (days - days[-1]).astype(np.int64)
    wave = 2 * np.pi * days.astype("datetime64[D]").astype(np.int64) / YEAR
    rest = ~features.is_workday & np.isin(features.window, (DURING, NATIONAL, OTHER))
    made_up = features.weekday_like == 7
    plain = ~rest & ~made_up
    after_rest = features.is_workday & np.concatenate([[False], _in_break(rest, features)[:-1]])
    columns = [np.ones(len(days)), time / YEAR]
    columns += [turn(n * wave) for n in range(1, HARMONICS + 1) for turn in (np.cos, np.sin)]
    columns += [plain & (features.weekday == weekday) for weekday in range(1, 7)]
    columns += [made_up, rest & (features.window == NATIONAL), rest & (features.window == OTHER), after_rest]
    columns += [(features.festival_offset >= a) & (features.festival_offset <= b) for a, b in FESTIVAL_BINS]
    spread = [np.inf, 0.15] + [0.4] * 2 * HARMONICS + [1.5] * 6 + [0.3, 1.5, 1.5, 0.5] + [0.7, 0.7, 1.5, 1.5, 0.7, 0.7]
    return Design(np.stack(columns, axis=1).astype(float), np.array(spread))


def _in_break(rest: np.ndarray, features: DayFeatures) -> np.ndarray:
    """Named days off and the plain weekends that follow them without a working day between."""
    inside = rest.copy()
    for at in np.flatnonzero(~rest & ~features.is_workday):
        inside[at] = at > 0 and inside[at - 1]
    return inside


def closed_days(totals: np.ndarray, features: DayFeatures) -> np.ndarray:
    """Where a subject [subject, day] could not be counted because the office was closed: days off, if next to nothing came on any.

    >>> days = np.arange("2026-03-02", "2026-09-28", dtype="datetime64[D]")
    >>> found = day_features(days, np.where((days.astype(int) + 3) % 7 < 5, 1, 0), [None] * len(days), [])
    >>> closed_days(np.where(found.is_workday, [[4], [4]], [[0], [3]]), found)[:, :7].sum(axis=1).tolist()
    [2, 0]
    """
    works, rest = features.is_workday, ~features.is_workday
    on, off = totals[:, works].mean(axis=1), totals[:, rest].sum(axis=1)
    closed = (off <= CLOSED_SHARE * on * rest.sum()) & (rest.sum() >= FEWEST_REST_DAYS)
    return (closed & (on * rest.sum() >= FEWEST_EXPECTED))[:, None] & rest[None]
