"""Which days are working days: the published calendar, what the site adds to it, and what nobody has published yet.

A working day is Monday to Friday, minus the published days off, plus the published make-up workdays (调休). A year
without a calendar says so; no deadline guesses Monday to Friday. What is to be expected of a day does (`usually_worked`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from data.errors import NotReady, Refused

PUBLISHED, SITE = "published", "site"
FEWEST_DAYS_OFF = 10  # no yearly notice since 2004 gave fewer; a shorter list is an unfinished one
GAP = 1_000  # the count of working days jumps by this after a missing year, so that no clock can step across it
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """The calendar in force: for each covered day whether people work, what the day is called and who says so.

    `status` holds 1 (working), 0 (rest) or -1 (no calendar) for every day from `first` on.
    """

    first: date
    status: np.ndarray
    names: Mapping[date, str]
    site_days: frozenset[date]

    def covers(self, day: date) -> bool:
        """Whether the calendar of the day's year is known."""
        place = (day - self.first).days
        return 0 <= place < len(self.status) and self.status[place] >= 0

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day, make-up workdays included; `NotReady` in a year without a calendar."""
        if not self.covers(day):
            raise NotReady("calendar.year_missing", year=day.year)
        return bool(self.status[(day - self.first).days])

    def usually_worked(self, first: date, days: int) -> np.ndarray:
        """Whether people work on each of so many days from `first` on, Monday to Friday taken in a year without a calendar: for what is to
        be expected of a day, never for a deadline.

        >>> build_calendar().usually_worked(date(2026, 10, 9), 3).tolist(), build_calendar().usually_worked(date(2050, 1, 1), 3).tolist()
        ([True, True, False], [False, False, True])
        """
        start = (first - self.first).days
        known = np.full(days, -1, dtype="int8")
        own = slice(max(start, 0), max(start + days, 0))
        place = max(-start, 0)
        known[place : place + len(self.status[own])] = self.status[own]
        return np.where(known >= 0, known == 1, (first.weekday() + np.arange(days)) % 7 < 5)

    def day_name(self, day: date) -> str | None:
        """The festival a day off or a make-up workday belongs to: a code (`spring_festival`) or the site's own word."""
        return self.names.get(day)

    def day_kind(self, day: date) -> str:
        """`workday`, `makeup` (a weekend worked), `holiday` (a day off that has a name) or `weekend`."""
        works, weekend = self.is_workday(day), day.weekday() >= 5
        if works:
            return "makeup" if weekend else "workday"
        return "weekend" if weekend and self.day_name(day) is None else "holiday"

    def add_working_days(self, start: date, count: int) -> date:
        """The `count`-th working day after `start`; the start itself is not counted (Civil Code art. 201).

        >>> build_calendar().add_working_days(date(2026, 2, 12), 5)
        datetime.date(2026, 2, 26)
        """
        day, left = start, count
        self.is_workday(start)
        while left > 0:
            day += ONE_DAY
            left -= self.is_workday(day)
        return day

    def next_workday(self, day: date) -> date:
        """The day itself when people work on it, else the first working day after it.

        >>> build_calendar().next_workday(date(2026, 9, 25)), build_calendar().next_workday(date(2026, 9, 28))
        (datetime.date(2026, 9, 28), datetime.date(2026, 9, 28))
        """
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def frame(self) -> pd.DataFrame:
        """One row a covered day: day, is_workday (0/1), name, source, workday_no.

        `workday_no` counts the working days up to and including the day; after a missing year it jumps, so that a
        start plus n working days finds no day across the gap.
        """
        days = np.datetime64(self.first, "D") + np.arange(len(self.status))
        known = self.status >= 0
        gaps = np.concatenate(([0], np.cumsum((known[1:] & ~known[:-1]).astype(int)))) * GAP
        rows = pd.DataFrame(
            {
                "day": pd.Series(days).astype("datetime64[us]"),
                "is_workday": self.status.astype("int16"),
                "workday_no": (np.cumsum(np.maximum(self.status, 0)) + gaps).astype("int32"),
            }
        )[known].reset_index(drop=True)
        as_dates = rows["day"].dt.date
        rows["name"] = pd.Series([self.names.get(day) for day in as_dates], dtype="str")
        rows["source"] = [SITE if day in self.site_days else PUBLISHED for day in as_dates]
        return rows[["day", "is_workday", "name", "source", "workday_no"]]


@lru_cache(maxsize=1)
def _published() -> tuple[dict[date, bool], dict[date, str]]:
    """Whether each shipped day is worked, and the names of the days that differ from an ordinary week."""
    from chinese_calendar import constants

    codes = {holiday.value: holiday.name for holiday in constants.Holiday}
    off = {day: codes[name] for day, name in constants.holidays.items()}
    made_up = {day: codes[name] for day, name in constants.workdays.items()}
    worked = {}
    for year in shipped_years():
        for day in days_of_year(year):
            worked[day] = day in made_up or (day.weekday() < 5 and day not in off)
    return worked, off | made_up


@lru_cache(maxsize=1)
def shipped_years() -> range:
    """The years whose published calendar comes with the software."""
    from chinese_calendar import constants

    return range(min(constants.holidays).year, max(constants.holidays).year + 1)


def days_of_year(year: int) -> list[date]:
    """All days of a year, in order."""
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def shipped_days() -> pd.DataFrame:
    """The published calendar that comes with the software, one row a day: day, is_workday (0/1), name, source.

    `name` is a stable code (`spring_festival`, `national_day` …) on days off and make-up workdays. Source: yearly
    notices of the State Council's General Office, as compiled in the MIT-licensed package chinesecalendar.
    """
    return build_calendar().frame().drop(columns="workday_no")


def build_calendar(site_days: pd.DataFrame | None = None) -> WorkCalendar:
    """The calendar in force: the published days, overridden and extended by the site's rows (day, is_workday, name).

    A year that is not shipped counts only when the site gives every day of it (see `complete_year`).
    """
    published, published_names = _published()
    worked, names = dict(published), dict(published_names)
    site = {} if site_days is None else {row.day: row for row in _site_rows(site_days).itertuples(index=False)}
    whole = {year for year in {day.year for day in site} if all(day in site for day in days_of_year(year))}
    used = {day: row for day, row in site.items() if day in published or day.year in whole}
    for day, row in used.items():
        worked[day] = bool(row.is_workday)
        names.pop(day, None)
        if isinstance(row.name, str) and row.name.strip():
            names[day] = row.name.strip()
    return _calendar(worked, names, frozenset(used))


def calendar_from(frame: pd.DataFrame) -> WorkCalendar:
    """The calendar that `WorkCalendar.frame` was taken of: day, is_workday, name, source.

    >>> calendar_from(build_calendar().frame()).is_workday(date(2026, 2, 14))
    True
    """
    days = pd.to_datetime(frame["day"]).dt.date
    worked = dict(zip(days, frame["is_workday"].astype(bool), strict=True))
    names = {day: name for day, name in zip(days, frame["name"], strict=True) if isinstance(name, str)}
    return _calendar(worked, names, frozenset(days[frame["source"] == SITE]))


def _calendar(worked: Mapping[date, bool], names: Mapping[date, str], site_days: frozenset[date]) -> WorkCalendar:
    first = min(worked)
    status = np.full((max(worked) - first).days + 1, -1, dtype="int8")
    for day, works in worked.items():
        status[(day - first).days] = works
    status.setflags(write=False)
    return WorkCalendar(first, status, names, site_days)


def _site_rows(frame: pd.DataFrame) -> pd.DataFrame:
    days = pd.to_datetime(frame["day"]).dt.date
    names = frame.get("name")
    return pd.DataFrame({"day": days, "is_workday": frame["is_workday"].astype(int), "name": names}).drop_duplicates(
        "day", keep="last"
    )


def complete_year(
    year: int,
    days_off: Mapping[date, str | None] | Iterable[date],
    makeup_days: Mapping[date, str | None] | Iterable[date],
) -> pd.DataFrame:
    """Every day of a year, Monday to Friday and the published exceptions, ready to be saved: day, is_workday, name.

    Raises `Refused` when an exception lies outside the year, stands in both lists, is a make-up day on a weekday,
    or when fewer days off are given than any published year has had.
    """
    off, made_up = _named(days_off), _named(makeup_days)
    for day in sorted(off.keys() | made_up.keys()):
        if day.year != year:
            raise Refused("calendar.day_outside_year", day=day, year=year)
        if day in off and day in made_up:
            raise Refused("calendar.day_twice", day=day)
        if day in made_up and day.weekday() < 5:
            raise Refused("calendar.makeup_on_weekday", day=day)
    if len(off) < FEWEST_DAYS_OFF:
        raise Refused("calendar.days_off_missing", year=year, found=len(off), needed=FEWEST_DAYS_OFF)
    names = off | made_up
    days = days_of_year(year)
    return pd.DataFrame(
        {
            "day": days,
            "is_workday": [int(day in made_up or (day.weekday() < 5 and day not in off)) for day in days],
            "name": [names.get(day) for day in days],
        }
    )


def _named(days: Mapping[date, str | None] | Iterable[date]) -> dict[date, str | None]:
    return dict(days) if isinstance(days, Mapping) else dict.fromkeys(days)


def lunar_new_year(year: int) -> date:
    """The first day of the lunar year that begins in this year (1901–2100); raises `NotReady` outside it.

    >>> lunar_new_year(2026), lunar_new_year(2027)
    (datetime.date(2026, 2, 17), datetime.date(2027, 2, 6))
    """
    found, _ = _lunar_calendar().lunar_new_year_date(year)
    if found is None:
        raise NotReady("calendar.lunar_unknown", year=year)
    return found


@lru_cache(maxsize=1)
def _lunar_calendar() -> object:
    from holidays.calendars.chinese import _ChineseLunisolar

    return _ChineseLunisolar()
