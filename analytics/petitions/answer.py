"""What petition trends are asked and what they answer: the frozen shapes that their parts share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

import pandas as pd

from analytics import periods
from analytics.briefs.answer import Concern
from analytics.figures import Figure, Line, Period, Sentence
from data.deadlines import DeadlineRules
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope
from data.workdays import WorkCalendar

UNITS = ("day", "week", "month")


@dataclass(frozen=True)
class TrendRules:
    """The judgements of the trends; each can be reviewed by the site.

    `window` is how many periods are shown; a closing counts for the public's answers once people had `answer_days` to give one; a rate
    is published on `minimum_denominator` matters at least, closing times likewise; a place is compared with `fewest_peers` others at
    least, within `peer_interval_pct` limits; `weekday_weeks` of days carry the pattern of the week.
    """

    window: Mapping[str, int] = field(default_factory=lambda: {"day": 56, "week": 53, "month": 24})
    answer_days: int = 14
    minimum_denominator: int = 10
    fewest_peers: int = 4
    peer_interval_pct: int = 99
    weekday_weeks: int = 52


TREND_RULES = TrendRules()


@dataclass(frozen=True)
class Asked:
    """What the trends are asked, and what all their parts share.

    `period` is the period judged: the last complete one of the window, or the only one there is; `windows` are all that are shown,
    oldest first; `since` is the first day on record.
    """

    mart: Mart
    scope: Scope
    day: date
    area_code: str | None
    category_code: str | None
    unit: str
    kind: str | None
    having: tuple[tuple[str, str], ...]
    calendar: WorkCalendar
    rules: TrendRules
    clocks: DeadlineRules
    names: Mapping[str, str]  # category names by code
    is_below_street: bool = False
    period: Period | None = None
    windows: tuple[Period, ...] = ()
    since: date = date.min

    def select(
        self, measure: str, first: date | None = None, last: date | None = None, **narrower: object
    ) -> Selection:
        """The matters of a number, narrowed as the whole page is."""
        whole = Selection(
            measure, self.day, first, last, kind=self.kind, area_code=self.area_code, category_code=self.category_code,
            having=self.having,
        )  # fmt: skip
        return whole.narrowed(**narrower)

    def new_in(self, period: Period, **properties: str) -> Selection:
        """The new matters of a period, those with further properties."""
        return self.select("new", period.first, period.last).also(**properties)

    @property
    def previous(self) -> Period:
        return periods.previous(self.period, self.unit)

    @property
    def year_before(self) -> Period:
        """The same period a year before by the calendar; the moving festival has a section of its own."""
        return periods.year_on_year(self.period, self.unit).base

    def year_ago(self, count: int) -> int | None:
        """A count of the year before; None where the records do not reach back so far."""
        return count if self.since <= self.year_before.first else None

    @property
    def spans(self) -> tuple[Period, Period, Period]:
        """The period judged, the one before it, and the one a year before."""
        return self.period, self.previous, self.year_before


@dataclass(frozen=True)
class PetitionTrends:
    """What happened with petitions (or another kind of matter) up to the close of `day`, for one area, category and set of properties.

    `state` is above, within or below the expected range in `period`, or unknown. Frames have one row a period, oldest first, `first`
    and `last` its days, `complete` False while days of it are missing. Tables are tuples of `Line` in the order they are to be read.
    """

    kind_of_brief: ClassVar[str] = "petitions"

    day: date
    unit: str
    period: Period
    area_code: str | None
    area_name: str | None
    category_code: str | None
    category_name: str | None
    kind: str | None
    having: tuple[tuple[str, str], ...]
    version: str
    published_at: datetime
    read_at: datetime
    state: str
    headline: tuple[Sentence, ...]
    notices: tuple[Sentence, ...]
    volume: tuple[Figure, ...]  # matters, pieces, batches, person-times: four measures, never added
    series: pd.DataFrame  # first, last, complete, matters, expected, lower, upper, method, state, filings, batches, person_times, repeat, …
    parts: Mapping[
        str, tuple[Line, ...]
    ]  # form, purpose, handling_level, channel: code, matters, share_pct, previous, year_before
    categories: tuple[Line, ...]  # the same by subject, one level below the category chosen
    properties: tuple[Figure, ...]  # shares: repeat, collective, diverted
    reviews: tuple[Line, ...]  # stage, requested, decided, in_time, in_time_pct, waiting, overdue
    rates: tuple[Figure, ...]  # accepted_in_time, on_time, answered, satisfied: always together
    rate_series: pd.DataFrame  # first, last, complete and for each rate its name, _lower, _upper, _met, _whole
    waiting: pd.DataFrame  # first, last, complete, accept_median, accept_p90, accept_matters, close_median, …
    places: tuple[
        Line, ...
    ]  # area_code, area, matters, households, per_10k, lower, upper, peers, state, previous, year_before
    weekdays: pd.DataFrame  # weekday, matters, mean, lower, upper
    months: pd.DataFrame  # month, index, lower, upper, matters
    festival: pd.DataFrame  # week, and one column a year: matters in the weeks around the lunar new year
    notes: pd.DataFrame  # first_on, last_on, kind, text: event notes and festivals of the window
    area_path: tuple[tuple[str, str], ...] = ()  # code and name from the top to the area chosen
    category_path: tuple[tuple[str, str], ...] = ()
    concerns: tuple[Concern, ...] = ()
    selections: tuple[Selection, ...] = ()  # what each row of `series` opens
    street: str | None = None
    is_below_street: bool = False
    area_names: tuple[str, ...] = ()  # of a scope of several areas, where none was chosen

    @property
    def is_empty(self) -> bool:
        """No matter at all is recorded for what was asked."""
        return self.series.empty
