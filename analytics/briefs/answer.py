"""What a daily brief is asked and what it answers: the frozen shapes that its parts share."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

import pandas as pd

from analytics.figures import Figure, Line, Period, Sentence
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope
from data.workdays import WorkCalendar


@dataclass(frozen=True)
class BriefRules:
    """The judgements of the daily brief; each can be reviewed by the site.

    `soon_days` calendar days ahead count as falling due soon; `rate_days` is the window of the rates, `answer_days` the time people are
    given to evaluate before a closing counts as unanswered; `closing_days` of registrations carry the closing times; a place is named
    when it exceeds its `place_interval_pct` range with at least `place_minimum` matters; a day is still filling below `filled_pct`;
    `minimum_denominator` is the least that a rate is published on; data older than `stale_hours` are late.
    """

    soon_days: int = 3
    series_days: int = 56
    rate_days: int = 28
    answer_days: int = 14
    closing_days: int = 180
    place_interval_pct: int = 99
    place_minimum: int = 5
    filled_pct: float = 98.0
    minimum_denominator: int = 10
    stale_hours: int = 30
    listed: int = 12


BRIEF_RULES = BriefRules()


@dataclass(frozen=True)
class Concern:
    """Something a brief warned of, to be looked back at by the next one.

    `key` is place_above, category_above, overdue_above, major or another of `concern.*` in the words; `observed` stood against `upper`, the
    end of its expected range; `selection` opens the matters.
    """

    key: str
    area_code: str | None = None
    category_code: str | None = None
    observed: float | None = None
    upper: float | None = None
    selection: Selection | None = None


@dataclass(frozen=True)
class DailyBrief:
    """The brief of `day`, as of the close of that day, for one area and kind.

    `state` is normal, watch (something must be decided), unusual (a count left its expected range) or unknown (not enough is
    recorded to say). Tables are tuples of `Line`, in the order they are to be read.
    """

    day: date
    area_code: str | None
    area_name: str | None
    kind: str | None
    version: str
    published_at: datetime
    read_at: datetime
    state: str
    headline: tuple[Sentence, ...]  # at most five, the first answers "is it normal?"
    notices: tuple[Sentence, ...]  # refresh failed or late, short history, calendar missing, days still filling
    flows: tuple[Figure, ...]  # new, closed, open, overdue
    series: pd.DataFrame  # day, new, closed, expected, lower, upper, completeness_pct: the last eight weeks
    major: tuple[Line, ...]  # category, area, matters, people, collective, larger
    deadlines: tuple[Figure, ...]  # overdue, due_on_day, due_soon
    deadlines_by_unit: tuple[Line, ...]  # unit, overdue, due_on_day, due_soon, oldest_days
    leader_cases: tuple[Line, ...]  # area, category, post_level, unit, progress_pct, next_step, due_on, days_left
    coordination: tuple[Figure, ...]  # returned, rebounded, joint
    coordination_lines: tuple[Line, ...]  # reason, matter_no, area, category, unit, age_days, returned_count
    tomorrow: tuple[Sentence, ...]  # the next day: rest day or work day, events, receptions, deadlines
    rates: tuple[Figure, ...]  # on-time closing, timely acceptance, participation, satisfaction, solved, closing days
    sources: tuple[
        Line, ...
    ]  # source_system, last_registered_on, new, expected, lower, upper, with_area_pct, ..., state
    filling: tuple[Line, ...]  # day, matters, completeness_pct: recent days that are still filling
    kinds: tuple[Line, ...]  # kind, new, closed, open, overdue
    places: tuple[Line, ...]  # area_code, area, new, expected, lower, upper, open, overdue, state
    street: str | None = None  # the street that the chosen area is or lies in; empty above street level
    is_below_street: bool = False  # the chosen area lies below a street
    concerns: tuple[Concern, ...] = ()  # what it warns of, to be looked back at by the next brief
    area_names: tuple[str, ...] = ()  # of a scope of several areas, where none was chosen

    kind_of_brief: ClassVar[str] = "daily"

    @property
    def period(self) -> Period:
        return Period(self.day, self.day)

    @property
    def is_empty(self) -> bool:
        """No matter at all is recorded for this area and kind."""
        return self.series.empty


@dataclass(frozen=True)
class Question:
    """What a daily brief is asked, and what all its parts share."""

    mart: Mart
    scope: Scope
    day: date
    area_code: str | None
    kind: str | None
    calendar: WorkCalendar
    rules: BriefRules

    @property
    def where(self) -> dict:
        return {"kind": self.kind, "area_code": self.area_code}

    @property
    def today(self) -> Period:
        return Period(self.day, self.day)

    def select(
        self, measure: str, first: date | None = None, last: date | None = None, **narrower: object
    ) -> Selection:
        return Selection(measure, self.day, first, last, **self.where).narrowed(**narrower)

    def figure(
        self, name: str, value: float | None, measure: str, *, period: Period | None = None, **more: object
    ) -> Figure:
        """A count of matters with the selection behind it."""
        span = period or self.today
        chosen = more.pop("selection", None) or self.select(measure, span.first, span.last)
        return Figure(name, value, "matters", span, self.day, selection=chosen, **more)
