"""What a monthly brief is asked and what it answers: the frozen shapes that its parts share."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import ClassVar

import pandas as pd

from analytics.briefs.answer import Concern, Line, Question
from analytics.briefs.counts import widest_categories
from analytics.figures import Figure, Period, Sentence
from analytics.pathways import Funnel, PetitionLink, PolicyEffects
from analytics.periods import YearOnYear
from analytics.rises import RISE_RULE, RiseRule
from data.queries import Names, Selection


@dataclass(frozen=True)
class MonthlyRules:
    """The judgements of the monthly brief; each can be reviewed by the site.

    Expected ranges rest on the like spans of the last `history_months` (at least six), stocks on the changes over `level_months`. A move
    counts as more than chance by `rise`: `rise_false_share` of the calls false, `rise_least` matters now, `rise_least_change` more or fewer
    than before. Matters of one kind recur in one place with at least `recurring_least` in the month, and as
    many in at least `recurring_of` of the last `recurring_months`. A peak is named when it has `peak_times` the usual share. A
    change is split into at most so many parts, each into so many more, none smaller than a share of all movement: `parts_in_sentence`,
    `parts_in_table`. At most `listed` lines are kept of the longest lists.
    """

    history_months: int = 12
    level_months: int = 5
    interval_pct: int = 95
    named_interval_pct: int = 99
    rise_false_share: float = RISE_RULE.false_share
    rise_least: int = RISE_RULE.least
    rise_least_change: int = RISE_RULE.least_change
    recurring_least: int = 3
    recurring_of: int = 2
    recurring_months: int = 3
    peak_times: float = 1.25
    parts_in_sentence: tuple[int, int, float] = (3, 2, 0.05)
    parts_in_table: tuple[int, int, float] = (12, 6, 0.01)
    listed: int = 60

    @property
    def rise(self) -> RiseRule:
        """What it takes to call a count risen or fallen."""
        return RiseRule(self.rise_false_share, self.rise_least, self.rise_least_change)


MONTHLY_RULES = MonthlyRules()


@dataclass(frozen=True)
class NamedPart:
    """One part of a change with its name, and the matters it counts in either period.

    `kind` is one, unknown (not recorded), unlisted (not recorded or not to be said here) or rest. Where `rest` holds what may not be said
    here, it has no selections.
    """

    kind: str
    code: str | None
    name: str | Sentence
    now: int
    before: int
    now_selection: Selection | None = None
    before_selection: Selection | None = None
    parts: tuple["NamedPart", ...] = ()

    @property
    def change(self) -> int:
        return self.now - self.before


@dataclass(frozen=True)
class ExplainedChange:
    """The change of new matters against the span before, in named parts that add up to it exactly.

    `by` is the column split first. `sentence` can be read aloud; each number in it is a sentence of its own with its selection; `plain` is
    the same without what the parts are made of. `of_days` is what the different number of days alone accounts for, 0 for spans of equal length.
    """

    by: str
    now: int
    before: int
    parts: tuple[NamedPart, ...]
    sentence: Sentence
    plain: Sentence
    of_days: int = 0

    @property
    def change(self) -> int:
        return self.now - self.before


@dataclass(frozen=True)
class MonthlyBrief:
    """The brief of the month `period`, as of its last day counted, for one area and kind.

    `state` is normal, watch, unusual or unknown, as in a daily brief. Tables are tuples of `Line`, in the order they are to be read.
    """

    kind_of_brief: ClassVar[str] = "monthly"

    period: Period
    before: Period  # the month before, or its same span
    last_year: YearOnYear
    area_code: str | None
    area_name: str | None
    kind: str | None
    version: str
    published_at: datetime
    read_at: datetime
    state: str
    headline: tuple[Sentence, ...]
    notices: tuple[Sentence, ...]
    flows: tuple[Figure, ...]  # new, closed, open, overdue
    rates: tuple[Figure, ...]  # on time, accepted in time, answered, satisfied, solved; compared in points
    months: pd.DataFrame  # month, new, closed: the last 13 months or like spans, oldest first
    structure: tuple[Line, ...]  # dimension, code, name, now, share_pct, before, previous, year_ago
    change: ExplainedChange | None  # categories first
    change_by_place: ExplainedChange | None
    rising: tuple[
        Line, ...
    ]  # level (type, fine, place, weekday, hour), code, name, now, before, change, contribution_pct, ...
    falling: tuple[Line, ...]
    peaks: tuple[
        Line, ...
    ]  # level (weekday, hour), code, name, now, share_pct, times: of what an even spread would give
    summary: tuple[Sentence, ...]  # first, second, third
    recurring: tuple[Line, ...]  # area_code, area, category_code, category, now, before, before_that, months
    recurring_count: int  # in how many cases, of which the first are listed
    topics: tuple[Line, ...]  # topic_code, topic, now, before, previous
    compounds: tuple[Line, ...]  # area_code, area, street, now, before
    safety: tuple[Line, ...]  # kind, now, before, year_ago, previous
    inspections: tuple[
        Line, ...
    ]  # field_code, rounds, found, rectified, rectified_pct, before_found, before_rectified_pct
    concerns: tuple[Concern, ...] = ()
    funnel: Funnel | None = None
    petition_link: PetitionLink | None = None
    policy: PolicyEffects | None = None
    street: str | None = None
    is_below_street: bool = False
    by_community: bool = False  # places are communities: the chosen area is a street, or lies below one
    area_names: tuple[str, ...] = ()  # of a scope of several areas, where none was chosen

    @property
    def is_empty(self) -> bool:
        """No matter at all is recorded for this area and kind in the last thirteen months."""
        return self.months.empty


@dataclass(frozen=True)
class Month:
    """What all parts of a monthly brief share: the question, the spans compared, the names."""

    ask: Question
    period: Period
    before: Period
    last_year: YearOnYear
    names: Names
    areas: pd.DataFrame
    rules: MonthlyRules
    first_on: date | None  # the first day on record for this scope
    hidden: frozenset[str] = field(default_factory=frozenset)  # categories that may not be said here at all

    @property
    def here(self) -> dict[str, str | None]:
        """Kind and area, as the named reads take them."""
        return self.ask.where

    @property
    def spans(self) -> tuple[tuple[date, date], tuple[date, date]]:
        return (self.period.first, self.period.last), (self.before.first, self.before.last)

    @property
    def previous_kind(self) -> str:
        """How the span before is called in a comparison."""
        return "previous_month" if self.period.complete else "previous_month_span"

    @property
    def year_kind(self) -> str:
        """How the span of last year is called in a comparison."""
        return f"last_year_{self.last_year.alignment}"

    def is_on_record(self, period: Period) -> bool:
        """Whether the records reach back to the beginning of a period."""
        return self.first_on is not None and period.first >= self.first_on

    @property
    def until(self) -> int:
        """The last day of the month that is counted: like spans of other months end there."""
        return 31 if self.period.complete else self.period.last.day

    @cached_property
    def tops(self) -> dict[str, str]:
        """The top-level category above each category."""
        return widest_categories(self.names.categories)

    @cached_property
    def fine(self) -> dict[str, str]:
        """The category of the second level that each category is or lies in; without those of the top level."""
        parents = dict(zip(self.names.categories["category_code"], self.names.categories["parent_code"], strict=True))
        found = {}
        for code, top in self.tops.items():
            level = code
            while level != top and parents[level] != top:
                level = parents[level]
            if level != top:
                found[code] = level
        return found

    @cached_property
    def ambiguous(self) -> frozenset[str]:
        """Names that more than one category of the top level bears."""
        known = self.names.categories
        names = known.loc[known["category_code"].isin(set(self.tops.values())), "name"]
        return frozenset(names[names.duplicated()])

    def now(self, **narrower: object) -> Selection:
        """New matters of the month."""
        return self.ask.select("new", self.period.first, self.period.last, **narrower)

    def then(self, chosen: Selection) -> Selection:
        """The same matters of the span before."""
        return chosen.narrowed(first=self.before.first, last=self.before.last)

    @cached_property
    def by_community(self) -> bool:
        """Whether places are communities: no area seen lies above a street, or a street or less is chosen."""
        seen = self.areas
        if self.ask.area_code:
            own = seen[seen["area_code"] == self.ask.area_code]
            return bool(own["street_code"].notna().any())
        return bool(len(seen)) and not (seen["street_code"].isna() | (seen["street_code"] == seen["area_code"])).any()

    @cached_property
    def is_one_place(self) -> bool:
        """Whether the chosen area is a community or lies in one, so that there are no places to tell apart."""
        own = self.areas[self.areas["area_code"] == self.ask.area_code]
        return bool(own["community_code"].notna().any())
