"""What a weekly brief is asked and what it answers: the frozen shapes that its parts share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar

import pandas as pd

from analytics.briefs.answer import Concern, Line, Question
from analytics.figures import Figure, Period, Sentence


@dataclass(frozen=True)
class WeeklyRules:
    """The judgements of the weekly brief.

    `chart_weeks` are drawn; `soon_days` ahead count as due soon on the
    dispatch table; `listed` lines of it are carried; a project is behind when its progress lies `behind_points` below the share of its
    time that has passed. An assessment of at most `high_total` points is of high risk, of at most `medium_total` of medium risk; it adds up
    four scores of 1-10 (DOMAIN 3.11, a vendor's limits, reviewed by the site).
    """

    chart_weeks: int = 26
    soon_days: int = 7
    listed: int = 200
    behind_points: int = 10
    high_total: int = 23
    medium_total: int = 31


WEEKLY_RULES = WeeklyRules()


@dataclass(frozen=True)
class WeeklyBrief:
    """The brief of the ISO week that holds `day`, as of the close of `day`, for one area and kind.

    An unfinished week (`period.complete` False) is counted up to `day` and compared with as many days of other weeks. `state` is normal,
    watch, unusual or unknown, as in a daily brief. Tables are tuples of `Line`, in the order they are to be read. `missing` says, by the
    name of a section, what the sources do not record; such a section is empty, not zero.
    """

    day: date
    period: Period
    area_code: str | None
    area_name: str | None
    kind: str | None
    version: str
    published_at: datetime
    read_at: datetime
    state: str
    headline: tuple[Sentence, ...]  # at most five
    notices: tuple[Sentence, ...]
    flows: tuple[Figure, ...]  # new, closed, open, overdue
    weeks: pd.DataFrame  # week, last, new, closed, expected, lower, upper, complete: the last half year
    kinds: tuple[Line, ...]  # kind, new, expected, lower, upper, state, closed, open, overdue
    places: tuple[Line, ...]  # area_code, area, new, expected, lower, upper, state, open, overdue
    dispatch_figures: tuple[Figure, ...]  # dispatch, dispatch_overdue, dispatch_due
    dispatch: tuple[
        Line, ...
    ]  # reasons, category, area, post_level, unit, line, age_days, progress_pct, step, next_on, days_left, next_step
    dispatch_lines: tuple[Line, ...]  # line, matters, overdue, due, oldest_days
    looked_back: tuple[Figure, ...]  # what became of last week's table: dispatched, then one figure each
    looked_back_lines: tuple[Line, ...]  # became, matter_no, category, area, unit, deadline_on, closed_on
    ladder_units: tuple[Line, ...]  # unit, late_1, late_8, late_31, late_91, overdue, oldest_days
    ladder_lines: tuple[Line, ...]  # the same by functional line
    meetings: tuple[Line, ...]  # tier, meetings, items, decided, done, closed, settled, settled_pct, open
    stepped_up: Figure  # of the matters closed after a meeting, those that went beyond the first tier
    committees: tuple[Line, ...]  # committee, open, closed, settled, settled_pct
    methods: tuple[Line, ...]  # resolution_group, resolution_method, closed, settled, settled_pct
    settlement: tuple[Figure, ...]  # concluded, agreement_due
    assessments: tuple[
        Line, ...
    ]  # area, unit, legality, reasonableness, feasibility, controllability, total, risk, days
    projects: tuple[Line, ...]  # name, area, unit, progress_pct, elapsed_pct, due_on, days_left, pace
    receptions: tuple[Line, ...]  # kind, planned, kept, held, batches, issues, solved
    reception_plan: Figure  # of the receptions planned for these days, those held
    ahead: tuple[Line, ...]  # day, day_kind, festival, due, receptions, events
    ahead_lines: tuple[Sentence, ...]  # the same in a few sentences
    alignment: str = "calendar"  # how the year-on-year comparison was aligned
    missing: Mapping[str, Sentence] = field(default_factory=dict)
    concerns: tuple[Concern, ...] = ()
    street: str | None = None
    is_below_street: bool = False
    area_names: tuple[str, ...] = ()  # of a scope of several areas, where none was chosen

    kind_of_brief: ClassVar[str] = "weekly"

    @property
    def is_empty(self) -> bool:
        """No matter at all is recorded for this area and kind."""
        return self.weeks.empty


@dataclass(frozen=True)
class WeekQuestion(Question):
    """A question about the week `week`, which ends at `day` or earlier was over."""

    week: Period
    own: WeeklyRules = WEEKLY_RULES

    @property
    def before(self) -> date:
        """The last day of the week before, on which its dispatch table stood."""
        return self.week.first - timedelta(days=1)
