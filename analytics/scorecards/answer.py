"""What scorecards are asked and what they answer: the frozen shapes that page, paper and terminal share.

Units are organisations and teams, never persons or posts. Codes (indicators, states, reasons, bands, questions) are said in the words
under `scores.`; sentences carry a key there and the values that fill it. Percents are 0–100; what is not known is None, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import pandas as pd

from analytics.figures import Period, Sentence
from data.queries import Selection

KINDS = ("party", "volunteer", "alliance")  # party organisations, volunteer teams, alliances in their chair's term
BANDS = ("above", "among", "below")  # against the unit's peers; None: not rated, or too few peers
STATES = ("scored", "too_few", "no_data", "not_applicable", "shown")
ITEMS_ASKED = 0  # items asked of communities beyond what is already recorded


@dataclass(frozen=True)
class RuleFacts:
    """The rules a score rests on: which set, since when, who approved it. `version` is shipped, desk-<number> or file-<hash>."""

    scorecard: str
    version: str
    valid_from: date
    origin: str  # shipped, desk, file
    approved_by: str | None = None
    approved_at: datetime | None = None
    verified: bool = False
    objection_days: int = 0  # days after the period's end within which a unit may object


@dataclass(frozen=True)
class Unit:
    """One organisation or team that is scored, and what decides its peers.

    `size` is households, volunteers or member units; `group` names the peer group, for a link and for `scores.group`.
    """

    unit_id: str
    name: str
    area_code: str | None
    area: str | None
    level: str  # city, district, street, community; team; alliance
    type_code: str | None
    size: float | None
    size_class: str | None  # small, medium, large; None where the group is not split by size
    group: str


@dataclass(frozen=True)
class LeftOut:
    """Items of an indicator that are not counted, with the reason (`scores.left_out.<reason>`)."""

    reason: str
    items: int | None  # None: too few to leave the own screen
    selection: Selection | None = None


@dataclass(frozen=True)
class IndicatorScore:
    """One indicator of one unit.

    `state` is scored (it weighs), too_few (below the minimum denominator), no_data, not_applicable, or shown (rated, but without weight
    in these rules). `raw_pct` is numerator by denominator as counted, `shrunk_pct` after shrinkage towards the peers, both in the
    indicator's own direction; `points` is 0–100, higher is better, with its `interval`. `weight` is as in the rules, `effective_weight` its share
    in percent of the weight that any of the peers has data for; `contribution` = effective_weight × points / 100, of the peers' mean
    (`peer_points`) where a unit with a total has no points; the contributions add up to the score.
    `basis` holds what else a recount by hand needs (method, alpha, beta, peer mean …). A matter behind it opens by `selection`.
    """

    name: str
    state: str
    unit: str  # pct, points, per_1000, hours, count
    direction: str  # higher, lower, none
    period: Period
    weight: float
    effective_weight: float | None
    numerator: float | None
    denominator: float | None
    minimum: float
    raw_pct: float | None
    raw_interval: tuple[float, float] | None  # Wilson 95 %
    shrunk_pct: float | None
    points: float | None
    interval: tuple[float, float] | None  # 95 %, of the points
    contribution: float | None
    peer_pct: float | None
    target: float | None  # in points
    target_state: str | None  # met, open (interval holds the target), missed
    previous_points: float | None = None
    change: float | None = None  # points against the period before
    left_out: tuple[LeftOut, ...] = ()
    selection: Selection | None = None
    selection_met: Selection | None = None
    extra: Mapping[str, float | None] = field(default_factory=dict)  # participation, answers …, shown beside it
    basis: Mapping[str, object] = field(default_factory=dict)
    is_hidden: bool = False  # the counts are too small to leave the own screen

    @property
    def peer_points(self) -> float | None:
        """The peers' mean as the points are: higher is better."""
        return 100 - self.peer_pct if self.peer_pct is not None and self.direction == "lower" else self.peer_pct


@dataclass(frozen=True)
class PanelFigure:
    """One number beside the score that never weighs: coverage, activity, volume, effort, hours (`scores.panel.<name>`)."""

    name: str
    group: str  # volume, effort, self_government, party_building, society, venues, disclosure
    value: float | None
    unit: str
    numerator: float | None = None
    denominator: float | None = None
    peer_median: float | None = None
    on: date | None = None


@dataclass(frozen=True)
class Question:
    """Something that asks for a look, never for points: said as a question under `scores.question.<name>`."""

    name: str
    said: Sentence
    count: int
    items: tuple[str, ...] = ()  # numbers of the matters or activities, where the reader may see them


@dataclass(frozen=True)
class Gain:
    """What would raise the score: so many handling actions on one indicator, and what they would do to its points and the score.

    Where there is no total, `score_after` and `gain` are None.
    """

    indicator: str
    said: Sentence
    items: int
    points_after: float
    score_after: float | None
    gain: float | None


@dataclass(frozen=True)
class Missing:
    """A weighed indicator of a unit without a total that is not rated: how much weight waits for it, and what would bring it about."""

    indicator: str
    weight: float
    state: str  # too_few, no_data, not_applicable
    said: Sentence


@dataclass(frozen=True)
class DueItem:
    """Something of the unit's own that falls due: `what` is matter, deliberation, pairing or record."""

    what: str
    number: str
    due_on: date
    is_overdue: bool
    indicator: str


@dataclass(frozen=True)
class Objection:
    """A unit's objection to a counted item, and the decision; `effect` is left_out or met. Before and after are scores."""

    objection_id: int
    unit_id: str
    indicator: str
    item: str
    reason: str
    post: str
    recorded_at: datetime
    verified: bool
    state: str  # open, accepted, rejected
    effect: str | None = None
    decision_reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    score_before: float | None = None
    score_after: float | None = None


@dataclass(frozen=True)
class CardLine:
    """One unit in a list. Rank and band are of its peer group; the rank is a range, "3rd–9th of 24"."""

    unit: Unit
    score: float | None
    interval: tuple[float, float] | None
    coverage_pct: float  # share of the weight that has data
    state: str  # rated, too_little_data
    band: str | None
    stars: tuple[int, int] | None  # star bands the interval touches, 1–5
    rank: tuple[int, int] | None
    peers: int  # units of the group with a score, this one included
    previous_score: float | None
    change: float | None
    workload: float | None  # matters of the unit in the period: shown, never weighed
    questions: int = 0


@dataclass(frozen=True)
class PeerGroup:
    """A peer group as anybody may see it: how many, the mean, the distribution without names (None under five peers)."""

    group: str
    level: str
    types: tuple[str, ...]
    size_class: str | None
    units: int
    rated: int
    mean: float | None
    quantiles: Mapping[str, float] | None  # p10, p25, p50, p75, p90
    scores: tuple[float, ...] | None  # sorted, without names
    is_near_ceiling: bool = False


@dataclass(frozen=True, eq=False)
class Scorecards:
    """All units of a kind that a reader may see, in a period.

    `lines` are in order of name, not of score. `funnel` holds, for each unit within scope and each rate: `unit_id, indicator, numerator,
    denominator, raw_pct, shrunk_pct, peer_pct`, with the limits of the funnel `lower95, upper95, lower998, upper998` at that denominator, and
    its `place` (above, below, within) against the outer ones.
    `coverage` has a row an indicator: `indicator, units, scored, shown, too_few, no_data, not_applicable, with_data_pct`. `movement` has a
    row a unit, those that moved most first: `unit_id, name, previous, score, change`; `moved` sums it up, where there are scores to compare.
    """

    kind: str
    period: Period
    as_of: date
    version: str
    read_at: datetime | None
    area_code: str | None
    area_name: str | None
    area_names: tuple[str, ...]  # of a scope of several areas, where none was chosen
    rules: RuleFacts
    is_provisional: bool
    headline: Sentence
    notices: tuple[Sentence, ...]
    lines: tuple[CardLine, ...]
    groups: tuple[PeerGroup, ...]
    funnel: pd.DataFrame
    coverage: pd.DataFrame
    movement: pd.DataFrame
    moved: Sentence | None
    items_asked: int = ITEMS_ASKED


@dataclass(frozen=True, eq=False)
class ScoreCard:
    """One organisation's or team's card.

    `peers` is None where it has fewer than five; it never names anybody. `trend` has a row a period, each by the rules of its time: `period`
    (its name), `first, last, score, lower, upper, band, rule_version`; `trend_said` sums it up. `next_said`, `gains`, `missing`, `due`: what to do next; `missing` is empty where there is a
    total. `objections_until` is the last day for an objection.
    """

    kind: str
    period: Period
    as_of: date
    version: str
    read_at: datetime | None
    rules: RuleFacts
    is_provisional: bool
    headline: Sentence
    notices: tuple[Sentence, ...]
    line: CardLine
    indicators: tuple[IndicatorScore, ...]
    panel: tuple[PanelFigure, ...]
    peers: PeerGroup | None
    trend: pd.DataFrame
    trend_said: Sentence | None
    next_said: tuple[Sentence, ...]
    gains: tuple[Gain, ...]
    missing: tuple[Missing, ...]
    due: tuple[DueItem, ...]
    questions: tuple[Question, ...]
    objections: tuple[Objection, ...]
    objections_until: date
    may_object: bool = False
    items_asked: int = ITEMS_ASKED


@dataclass(frozen=True, eq=False)
class CountedItems:
    """The items behind one indicator of one unit: `item, what, day, due_on, done_on, state (met, not_met, left_out), reason, category, objection`.

    `not_listed` items are counted but not listed for this reader (subjects that are not said below the street).
    """

    unit_id: str
    indicator: str
    period: Period
    items: pd.DataFrame
    not_listed: int = 0


@dataclass(frozen=True, eq=False)
class RulesPreview:
    """What other rules would do to all units, those that change most first: `unit_id, name, before, after, change, band_before, band_after`;
    how many bands change, and by how many points, up or down, the middle one of the scores moves (None where none has both).
    """

    kind: str
    period: Period
    before: RuleFacts
    after: RuleFacts
    units: pd.DataFrame
    bands_changed: int
    middle_change: float | None
