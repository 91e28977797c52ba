"""What the risk outlook of a day answers: the frozen shapes that the page, the paper and the briefs share.

Everything here was computed by the forecasts of a night and is read back, never when a page opens. Codes (parts, lines, levels, states,
reasons) are said in the words; sentences carry a key under `risk.` and the values that fill it, listed in `analytics/outlook/wording.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from analytics.figures import Line, Period, Sentence
from analytics.risk.capacity import CapacityCase
from analytics.risk.settings import LEVEL_CODES, LINES, PARTS, RISK_RULES, RiskRules
from data.queries import Selection

__all__ = [
    "AHEAD", "LEVELS", "LEVEL_CODES", "LINES", "PARTS", "Action", "BacklogItem", "CapacityCase", "Change", "DeadlineItem", "EscalationItem",
    "LineChance", "Part", "PendingItem", "Reliability", "RisingItem", "RiskItem", "RiskNode", "RiskOutlook", "RiskRun", "Volume",
]  # fmt: skip

LEVELS = ("community", "street", "district", "city")  # leaf first
AHEAD = ("week", "month")  # the first whole week and month that begin after the day


@dataclass(frozen=True)
class RiskNode:
    """What is looked at: the matters of one kind (None: all) and subject (None: all) in one area, with the names to show.

    `level` is the area's; `path` are the names of the areas around it, the widest first, itself last.
    """

    level: str
    area_code: str
    kind: str | None
    category_code: str | None
    area: str
    category: str | None
    path: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The node as one text, for a link.

        >>> RiskNode("street", "999901001", None, "03", "东街", "土地").key
        'street:999901001::03'
        """
        return ":".join((self.level, self.area_code, self.kind or "", self.category_code or ""))


@dataclass(frozen=True)
class RiskRun:
    """The night that the outlook rests on.

    `as_of` is the day it stood on, `judged_through` the last day whose matters it held complete enough; `is_earlier` says that the matters
    shown elsewhere are newer, with `failure` as the sentence why, if it failed. `settings` are the rules it ran by, `compared_with` the
    day of the night a week earlier that changes are told against (None: none is kept).
    """

    as_of: date
    judged_through: date
    ran_at: datetime
    seconds: float
    version: str
    matters_version: str
    settings: Mapping[str, object]
    compared_with: date | None = None
    is_earlier: bool = False
    failure: Sentence | None = None


@dataclass(frozen=True)
class LineChance:
    """The probability that the count of a period passes a line. `line` is one of `LINES`; `value` the line [matters], None where it cannot be drawn
    and then `missing` says why; `chance` is P(count > line), 0 … 1.

    `meaning` says in a sentence what the line is: the same month last year (January and February as their mean), what could be closed in
    such a period, the 95th percentile of the baseline.
    """

    line: str
    value: float | None
    chance: float | None
    meaning: Sentence
    missing: Sentence | None = None
    selection: Selection | None = None  # the matters that the line of last year counts


@dataclass(frozen=True)
class Volume:
    """The forecast of one period ahead. `ahead` is one of `AHEAD`. `low` to `high` is the range of 80 %, `lowest` to `highest` of 95 %; the `naive` ones are of
    "the same as last time". `state` is forecast, naive (the naive one was better and is shown) or refused with `reason`.

    `skill` is the weighted interval score of past forecasts over that of the naive one (below 1 is better), `cover80` the share of
    past truths within the 80 % range, of the level, frequency and band of this horizon in the last backtest.
    """

    ahead: str
    period: Period
    state: str
    reason: str | None
    median: float | None
    low: float | None
    high: float | None
    lowest: float | None
    highest: float | None
    naive: float | None
    naive_low: float | None
    naive_high: float | None
    skill: float | None
    cover80: float | None
    lines: tuple[LineChance, ...]


@dataclass(frozen=True)
class Part:
    """One part of a risk level. `name` is one of `PARTS`; `value` its raw value in `unit` (probability, share, ratio), `full` the value from which it
    scores its whole `weight`, `points` what it gives; a share of few matters is drawn towards the whole place, so `numerator` over `denominator`
    may be another. Unknown parts give none: `value` is None and `missing` says why.
    """

    name: str
    value: float | None
    unit: str
    full: float
    weight: float
    points: float
    missing: Sentence | None = None
    numerator: float | None = None
    denominator: int | None = None
    selection: Selection | None = None


@dataclass(frozen=True)
class Action:
    """What would bring a level down: something done about the matters at hand, never fewer complaints. `matters` is how many it
    is about, `points` what the level would lose were all of it done."""

    name: str  # close_due, close_overdue, close_pending, settle_disputes, add_closings
    said: Sentence
    matters: int | None
    points: float | None
    selection: Selection | None = None


@dataclass(frozen=True)
class RiskItem:
    """One area × category of the heat map and of the ranked list.

    `points` are the sum of the parts, `level_code` I … IV by the thresholds of the rules, None where there is no data (grey, not low).
    `expected_open` is the backlog in four weeks. `actions` are in order of points. `is_suppressed` tells that the numbers are too small
    for this reader: then only the node is told.
    """

    node: RiskNode
    level_code: str | None
    points: float | None
    parts: tuple[Part, ...]
    volumes: tuple[Volume, ...]
    rank: int | None
    said: tuple[Sentence, ...]
    actions: tuple[Action, ...]
    open: int | None
    selection: Selection | None  # what is open
    is_suppressed: bool = False


@dataclass(frozen=True)
class Change:
    """A cell whose level changed since a week before, or whose points did by `min_change` or more; `parts` are the points each part gained or lost, and sum to
    `points`."""

    node: RiskNode
    before_code: str | None
    now_code: str | None
    points: float
    parts: Mapping[str, float]
    said: Sentence


@dataclass(frozen=True)
class BacklogItem:
    """How many matters will be open: `open` at the close of the day; `path` has a row a week ahead: on, median, low, high (80 %)."""

    node: RiskNode
    open: int | None
    overdue: int | None
    path: pd.DataFrame
    selection: Selection | None
    is_suppressed: bool = False


@dataclass(frozen=True)
class DeadlineItem:
    """Open matters that are not overdue yet, and how many of them are expected to miss their deadline.

    `due` is those with a deadline still ahead, `expected` the sum of their probabilities, `low` to `high` its 80 % range, `share` expected over
    due; `overdue` have missed it, `undated` have none. `soon` is how many fall due in the next two weeks (`soon_selection`), of which
    `soon_expected` are expected to miss.
    """

    node: RiskNode
    open: int | None
    due: int | None
    expected: float | None
    low: float | None
    high: float | None
    share: float | None
    overdue: int | None
    undated: int | None
    soon: int | None
    soon_expected: float | None
    selection: Selection | None
    soon_selection: Selection | None
    overdue_selection: Selection | None
    is_suppressed: bool = False


@dataclass(frozen=True)
class EscalationItem:
    """Which share of the disputes of a place and category a petition followed, drawn towards the wider place as far as numbers are few.

    `followed` of `disputes` is what was counted in `period`, `share` with `low` to `high` (80 %) what is to be expected of the next ones, `whole`
    the share of the wider place. `open` disputes stand now. By place and category, never by unit.
    """

    node: RiskNode
    period: Period
    disputes: int | None
    followed: int | None
    share: float | None
    low: float | None
    high: float | None
    whole: float | None
    open: int | None
    selection: Selection | None
    is_suppressed: bool = False


@dataclass(frozen=True)
class PendingItem:
    """Matters open for longer than `days`: now, four weeks ago, and expected in four weeks if matters are closed as in the past year."""

    node: RiskNode
    days: int
    now: int | None
    before: int | None
    expected: float | None
    selection: Selection | None
    is_suppressed: bool = False


@dataclass(frozen=True)
class RisingItem:
    """A category that usually rises in a month of the year, with the proof (民情月历).

    `month` is 1 … 12, or 1 with `months` (1, 2) for January and February, which are taken together because the Spring Festival moves between
    them. `risen` of `years` years exceeded the trend-adjusted average, on average by `rise_pct` %. `hits` of `calls` are of leaving each year out:
    how often the other years would have called it, and it rose; `hit_rate` their ratio, `base_rate` the share of all months that
    exceed their average. `q` is the false discovery rate at which it stands out of all categories of this month. `evidence` has a row
    a year: year, observed, expected. `is_proven`: q and years as the rules ask, and the calls came true more
    often than months do at all.
    """

    node: RiskNode
    month: int
    months: tuple[int, ...]
    years: int
    risen: int
    rise_pct: float
    hits: int
    calls: int
    hit_rate: float | None
    base_rate: float
    q: float
    is_proven: bool
    evidence: pd.DataFrame
    said: tuple[Sentence, ...]


@dataclass(frozen=True)
class Reliability:
    """How often the line was passed after each level, over past months that were forecast as they then stood.

    `rows` are lines: level_code, issued, passed, share, low, high (95 %, Wilson). `line` is the one asked about, `months` how many were
    looked at from `first` to `last`. The levels came from the same parts and rules, from what was known before each month.
    """

    line: str
    months: int
    first: date
    last: date
    rows: tuple[Line, ...]
    said: tuple[Sentence, ...]


@dataclass(frozen=True)
class RiskOutlook:
    """The risk outlook of one day for one reader.

    `items` are all cells of the heat map (`areas` × `categories`: code and name, None for all together), in order of need; `ranked` the worst of them.
    `coverage` has a line for each level: level, state (forecast, naive, refused, none), cells. `models` are lines on how the methods did out of time:
    model (deadline, escalation, backlog, rising), measure, value, base (what a rule of thumb reaches), cases, first, last; `calibration` a row a
    tenth of the deadline model's probabilities: expected, observed, cases.
    `reliability` is None until months have been judged. `headline` is one to three sentences.
    """

    day: date
    area_code: str | None
    area_name: str | None
    kind: str | None
    version: str
    run: RiskRun | None
    rules: RiskRules
    headline: tuple[Sentence, ...]
    notices: tuple[Sentence, ...]
    periods: Mapping[str, Period]
    areas: tuple[RiskNode, ...]
    categories: tuple[tuple[str | None, str | None], ...]
    items: tuple[RiskItem, ...]
    ranked: tuple[RiskItem, ...]
    changes: tuple[Change, ...]
    backlog: tuple[BacklogItem, ...]
    deadlines: tuple[DeadlineItem, ...]
    escalation: tuple[EscalationItem, ...]
    pending: tuple[PendingItem, ...]
    rising: tuple[RisingItem, ...]
    capacity: tuple[CapacityCase, ...]
    reliability: Reliability | None
    models: tuple[Line, ...]
    calibration: pd.DataFrame
    coverage: tuple[Line, ...]
    area_names: tuple[str, ...] = ()  # of a scope of several areas, where none was chosen
    first_day: date | None = None  # the earliest later day that has an outlook, where this one has none

    @property
    def is_empty(self) -> bool:
        """Nothing had been forecast by that day."""
        return self.run is None


NO_CALIBRATION = pd.DataFrame({"expected": [], "observed": [], "cases": []})


def empty_outlook(
    day: date,
    version: str,
    *,
    area_code: str | None = None,
    area_name: str | None = None,
    area_names: tuple[str, ...] = (),
    kind: str | None = None,
    first_day: date | None = None,
) -> RiskOutlook:
    """The outlook before the first night of forecasts."""
    nothing: tuple = ()
    return RiskOutlook(
        day=day, area_code=area_code, area_name=area_name, kind=kind, version=version, run=None, rules=RISK_RULES, headline=nothing,
        notices=nothing, periods={}, areas=nothing, categories=nothing, items=nothing, ranked=nothing, changes=nothing, backlog=nothing,
        deadlines=nothing, escalation=nothing, pending=nothing, rising=nothing, capacity=nothing, reliability=None, models=nothing,
        calibration=NO_CALIBRATION, coverage=nothing, area_names=area_names, first_day=first_day,
    )  # fmt: skip
