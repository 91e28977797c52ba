"""What the warnings of a day are asked and what they answer: the frozen shapes that the page, the paper and the briefs share.

Everything here was judged by the detection of a night and is read back, never computed when a page opens. Codes (levels, methods,
states, channels, reasons) are said in the words; sentences carry a key under `signals.` and the values that fill it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import pandas as pd

from analytics.figures import Line, Sentence
from data.queries import Selection

LEVELS = ("community", "street", "district", "city")  # leaf first; a site whose tree has fewer levels has fewer
LEVEL_CODES = ("I", "II", "III", "IV")  # internal work levels: red, orange, yellow, blue


@dataclass(frozen=True)
class Node:
    """What is judged: the matters of one kind and subject in one area, with the names to show.

    `level` is the area's judged level; `path` are the names of the areas around it, the widest first, itself last.
    """

    level: str
    area_code: str
    kind: str
    category_code: str | None
    area: str
    category: str | None
    path: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The node as one text, for a link.

        >>> Node("street", "999901001", "petition", "03", "东街", "土地").key
        'street:999901001:petition:03'
        """
        return ":".join((self.level, self.area_code, self.kind, self.category_code or ""))


@dataclass(frozen=True)
class Because:
    """Why a signal has its work level: the parts of the rule, as numbers. `surprise` is −log10 p, `scale` observed less expected,
    `persistence` weeks; `points` what each part gave, where the rule counts in points."""

    surprise: float | None = None
    scale: float | None = None
    persistence: float | None = None
    points: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SignalItem:
    """One signal of the list, in order of need.

    `key` is the episode's in the ledger, or for a candidate never issued `C-` and its node; `channel` is day, week or build_up over
    `window_days` up to `last_on`; `lower` to `upper` is the range that 95 of 100 such counts fall in. `tier` is found, watch or digest.
    `state` is that of the episode (open, escalated, muted, recovered, rearmed, closed), `handling` the last step of the people
    (none, verify, dismiss, watch, assess, act, outcome), `due_on` when the next step falls due and `overdue_days` how long it is overdue.
    `origin` is issued (in the ledger) or replayed (found when the past was judged after the fact, never sent to anybody).
    `explained_by` is the note or name of a known event linked to it. `is_suppressed` tells that the numbers are too small for this reader:
    then `observed`, the range and `selection` are empty.
    """

    key: str
    node: Node
    tier: str
    level_code: str
    because: Because
    channel: str
    window_days: int
    first_on: date
    last_on: date
    observed: int | None
    expected: float | None
    lower: int | None
    upper: int | None
    p: float
    method: str
    correction: str  # complete, delay_corrected, earlier_day
    confidence: str  # normal, low
    reason: str | None  # cold_start, short_history …: why the confidence is low or the method is another
    sources: int | None  # source systems behind the matters of the window
    highest_since: date | None  # the last day on which as many were counted; None: never within what is judged
    watched_since: date | None  # the first day of the history that `highest_since` looked through
    persistence_weeks: int
    opened_on: date
    state: str
    origin: str  # issued, replayed, candidate
    handling: str
    next_step: str | None
    due_on: date | None
    overdue_days: int | None
    rank: int
    selection: Selection | None
    said: tuple[Sentence, ...]  # the reason in plain language, in the order to be said
    explained_by: str | None = None
    outcome: str | None = None  # hit, false_alarm, known_event
    is_new: bool = False  # opened on the day of the list
    is_suppressed: bool = False


@dataclass(frozen=True)
class RuleItem:
    """A match of a rule: what was counted against its threshold, and the matters behind it. `handling_unit_only` items come only to
    readers of the place itself."""

    rule: str  # same_topic, m_of_n, many_filings, not_started, due_soon, collective, severe
    node: Node
    topic: str | None
    first_on: date | None
    last_on: date | None
    observed: int | None
    threshold: int | None
    handling_unit_only: bool
    selection: Selection | None
    said: tuple[Sentence, ...] = ()
    is_suppressed: bool = False


@dataclass(frozen=True)
class ClusterItem:
    """Several neighbouring places that are each a little high in one subject: found by the scan over space and time."""

    kind: str
    category_code: str
    category: str | None
    places: tuple[Node, ...]
    window_days: int
    first_on: date
    last_on: date
    observed: int | None
    expected: float | None
    score: float
    p: float
    said: tuple[Sentence, ...] = ()
    is_suppressed: bool = False


@dataclass(frozen=True)
class Detection:
    """The last detection that these answers rest on.

    `as_of` is the day it judged, `judged_through` the last day whose matters it held complete enough; `is_earlier` says that the matters
    shown elsewhere are newer than what was judged, with `failure` as the sentence why, if it failed. `settings` are those it ran by.
    """

    as_of: date
    judged_through: date
    ran_at: datetime
    seconds: float
    version: str
    matters_version: str
    settings: Mapping[str, object]
    is_earlier: bool = False
    failure: Sentence | None = None


@dataclass(frozen=True)
class SignalList:
    """The warnings of one day for one reader.

    `coverage` has a line for each level and method: level, method, state, nodes. `alert_places` has a row a day and level: day, level,
    in_alert, rising, judged. `grey` are lines of what has no data (grey is not normal): level, area_code, area, kind, reason. `digest`
    is how many were over the budget; `digest_items` are these, ranked. `overdue` are the items whose verification is late. `record` are
    lines on how the detectors did: detector, level, issued, verified, hits, false_alarms, known_events, hit_rate_pct, false_alarm_rate_pct, lead_days,
    verify_days; never by post. `places` are lines for map and tree: area_code, area, level, parent_code, state (alert, rising, normal, no_data), level_code, items.
    `headline` is one to three sentences: how many, the gravest, what is overdue.
    """

    day: date
    area_code: str | None
    area_name: str | None
    kind: str | None
    version: str
    detection: Detection | None
    headline: tuple[Sentence, ...]
    notices: tuple[Sentence, ...]
    items: tuple[SignalItem, ...]
    digest: int
    digest_items: tuple[SignalItem, ...]
    rules: tuple[RuleItem, ...]
    clusters: tuple[ClusterItem, ...]
    coverage: tuple[Line, ...]
    alert_places: pd.DataFrame
    grey: tuple[Line, ...]
    places: tuple[Line, ...]
    overdue: tuple[SignalItem, ...]
    record: tuple[Line, ...]
    levels: tuple[str, ...] = LEVELS  # those of this site, leaf first
    area_names: tuple[str, ...] = ()  # of a scope of several areas, where none was chosen
    first_day: date | None = None  # the earliest later day that was judged, where this one was not

    @property
    def is_empty(self) -> bool:
        """Nothing had been judged by that day."""
        return self.detection is None


@dataclass(frozen=True)
class SignalDetail:
    """One signal opened.

    `daily` (last 90 days) and `weekly` (last 104 weeks) have a row a day or week ending on `on`: on, observed, expected, lower, upper.
    `parents` and `neighbours` are lines on the same subject and window elsewhere: area_code, area, level, observed, expected, lower, upper, p,
    state. `channels` are lines of the node's other channels: channel, window_days, observed, expected, lower, upper, p, method.
    `similar` are lines of past episodes of the same subject: key, area, level, opened_on, closed_on, level_code, outcome, steps (what was done), weeks.
    `steps` are lines of what people did: step, at, post, verified, reason, due_on, outcome; `events` lines of the ledger: event, as_of,
    known_at, observed, expected, p, level_code. `known_events` are lines of what is known near it in time and place: event_id, name, first_on, last_on,
    area, kind. `post_event` are the three answers "why was there no …", if given. `may_handle` says that this reader may record steps.
    """

    item: SignalItem
    daily: pd.DataFrame
    weekly: pd.DataFrame
    parents: tuple[Line, ...]
    neighbours: tuple[Line, ...]
    channels: tuple[Line, ...]
    similar: tuple[Line, ...]
    steps: tuple[Line, ...]
    events: tuple[Line, ...]
    known_events: tuple[Line, ...]
    post_event: tuple[Line, ...]
    detection: Detection
    may_handle: bool
