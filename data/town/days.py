"""The fictional city's days: how much each kind of matter is filed on a day, and which days its offices work."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from data.workdays import build_calendar, lunar_new_year

KINDS = ("hotline", "dispute", "petition")
KIND_SHARES = (0.68, 0.20, 0.12)

# Monday to Sunday, beside an ordinary working day. A make-up workday counts as a Wednesday, a weekday off as a Sunday.
WEEKDAYS = np.array(
    [
        (1.16, 1.08, 1.04, 1.02, 0.98, 0.72, 0.64),
        (1.10, 1.05, 1.02, 1.02, 1.00, 0.62, 0.52),
        (1.28, 1.10, 1.04, 1.00, 0.92, 0.22, 0.16),
    ]
)
TREND_A_YEAR = (0.035, -0.02, 0.01)
NOISE_SHAPE = (40.0, 24.0, 16.0)  # shape of the gamma that spreads the days: smaller is wilder


@dataclass(frozen=True)
class Days:
    """Day arrays over `first_on` … well beyond `through`; `number` counts days from 1970-01-01.

    `is_workday` falls back to Monday to Friday where the calendar has no year (this city is invented); `is_covered`
    says where it did not, and no due date is ever set beyond it.
    """

    first: int  # number of the first day
    last: int  # number of `through`
    is_workday: np.ndarray
    is_covered: np.ndarray
    ordinal: np.ndarray  # working days up to and including the day
    workdays: np.ndarray  # positions of the working days
    month: np.ndarray  # 0-11

    @property
    def count(self) -> int:
        """Days on which matters are registered."""
        return self.last - self.first + 1

    def next_workday(self, day: np.ndarray) -> np.ndarray:
        """The first working day on or after each day (numbers)."""
        at = self._at(day)
        return self._workday(self.ordinal[at] - self.is_workday[at])

    def previous_workday(self, day: np.ndarray) -> np.ndarray:
        """The last working day on or before each day (numbers); a day before the first working day stays."""
        at = self._at(day)
        return np.where(self.ordinal[at] > 0, self._workday(self.ordinal[at] - 1), day)

    def add_workdays(self, day: np.ndarray, amount: np.ndarray) -> np.ndarray:
        """The day `amount` (0 and up) working days after each day."""
        return np.where(amount > 0, self._workday(self.ordinal[self._at(day)] + amount - 1), day)

    def covers(self, day: np.ndarray) -> np.ndarray:
        return self.is_covered[self._at(day)]

    def _workday(self, index: np.ndarray) -> np.ndarray:
        """The working day of that index; what lies beyond the horizon becomes its last one."""
        return self.workdays[np.clip(index, 0, len(self.workdays) - 1)] + self.first

    def _at(self, day: np.ndarray) -> np.ndarray:
        return np.minimum(np.maximum(day - self.first, 0), len(self.is_workday) - 1)


def number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - 719163


def as_date(day_number: int) -> date:
    return date.fromordinal(int(day_number) + 719163)


def build_days(first_on: date, through: date) -> Days:
    """The days of the city; the 500 beyond `through` are where deadlines and closings may fall."""
    calendar = build_calendar(None)
    span = [first_on + timedelta(offset) for offset in range((through - first_on).days + 500)]
    covered = np.array([calendar.covers(day) for day in span])
    workday = calendar.usually_worked(span[0], len(span))
    return Days(
        first=number(first_on),
        last=number(through),
        is_workday=workday,
        is_covered=covered,
        ordinal=np.cumsum(workday),
        workdays=np.flatnonzero(workday),
        month=np.array([day.month - 1 for day in span]),
    )


def expect_days(days: Days) -> np.ndarray:
    """Relative expectation of each day and kind, (days, kinds): weekday, season, festivals, slow trend."""
    span = [as_date(days.first + at) for at in range(days.count)]
    weekday = np.array([day.weekday() for day in span])
    working = days.is_workday[: days.count]
    weekday = np.where(working & (weekday >= 5), 2, np.where(~working & (weekday < 5), 6, weekday))
    turn = 2 * np.pi * np.array([day.timetuple().tm_yday for day in span]) / 365.25
    years = np.arange(days.count) / 365.25
    festival = _festival(span)
    columns = []
    for kind in range(len(KINDS)):
        season = 1 + 0.07 * np.cos(turn - 2 * np.pi * 200 / 365.25) + 0.04 * np.cos(2 * turn + kind)
        trend = (1 + TREND_A_YEAR[kind]) ** years
        columns.append(WEEKDAYS[kind][weekday] * season * trend * festival)
    return np.column_stack(columns)


def _festival(span: list[date]) -> np.ndarray:
    """Spring Festival and National Day beyond the plain effect of days off: a lull, then what was put off."""
    effect = np.ones(len(span))
    new_years = {year: lunar_new_year(year) for year in range(span[0].year, span[-1].year + 1)}
    for at, day in enumerate(span):
        distance = (day - new_years[day.year]).days
        if -20 <= distance <= -9:
            effect[at] = 1.12
        elif -8 <= distance <= -2:
            effect[at] = 0.85
        elif -1 <= distance <= 6:
            effect[at] = 0.55
        elif 7 <= distance <= 14:
            effect[at] = 0.9
        elif 15 <= distance <= 30:
            effect[at] = 1.1
        elif day.month == 10 and day.day <= 3:
            effect[at] = 0.8
        elif day.month == 10 and 8 <= day.day <= 14:
            effect[at] = 1.08
    return effect
