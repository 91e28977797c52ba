"""What is asked about the way of matters, and the frozen shapes of the answers."""

from dataclasses import dataclass
from datetime import date

from analytics.figures import Figure, Line, Period, Sentence
from data.queries import Selection


@dataclass(frozen=True)
class PathwayRules:
    """The judgements of the pathways; each can be reviewed by the site.

    A dispute counts as followed by a petition within `follow_days` (DOMAIN 2.6: 90); `cohort_days` of disputes are looked at;
    `minimum_denominator` is the least that a rate is published on; `record_days` before a cohort a source must have recorded a stage at
    least once, else it is said not to record it. A policy is looked at `policy_days` before and after it came into force, in spans of
    `policy_span`; with fewer than `policy_least` days since then it is too recent.
    """

    follow_days: int = 90
    cohort_days: int = 365
    minimum_denominator: int = 10
    record_days: int = 180
    policy_days: int = 180
    policy_span: int = 30
    policy_least: int = 60


PATHWAY_RULES = PathwayRules()


# --- the four stages -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """How far a cohort came: one stage with its count among the cohort.

    `name` is collected, handled, supervised, closed or evaluated. `figure` has the count over all sources as its value; its numerator and
    denominator are those of the sources that record the stage, and `share_pct` is their ratio with its 95 % Wilson `interval`. `state` is recorded, partly (the sources in `unrecorded` do not record the stage) or
    not_recorded (none does: the figure's value is None and `missing` says so).
    """

    name: str
    figure: Figure
    share_pct: float | None
    interval: tuple[float, float] | None
    state: str
    unrecorded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dwell:
    """How long matters stay between two stages: median and P90 in days, those still waiting censored at `as_of` (Kaplan–Meier).

    `begun` matters are timed from `start`; `ended` of them have reached `end`, the others still wait. Matters whose times are unknown or
    run backwards are `untimed`; those of sources that do not record either stage are left out. A figure that is not reached has its reason in `missing`.
    """

    start: str
    end: str
    begun: int | None
    ended: int | None
    untimed: int | None
    median: Figure
    p90: Figure


@dataclass(frozen=True)
class Funnel:
    """The matters registered in a period and how far they came by `as_of` (收集·处置·督办·评价).

    `stages` are collected, handled, closed, evaluated, none larger than the one before, and supervised, a side branch, after handled.
    `sources` has a line a source: source_system, collected, handled, supervised, closed, evaluated (None where it does not record it).
    `ended_undated` of the cohort ended on a day nobody wrote down.
    """

    period: Period
    as_of: date
    area_code: str | None
    kind: str | None
    stages: tuple[Stage, ...]
    dwells: tuple[Dwell, ...]
    sources: tuple[Line, ...]
    ended_undated: Figure
    sentence: Sentence
    is_below_street: bool = False

    @property
    def is_empty(self) -> bool:
        """No matter was registered."""
        return not self.stages or not self.stages[0].figure.value


# --- from dispute to petition ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Effect:
    """Disputes resolved by their deadline against those not, as a difference in the share followed by a petition afterwards.

    `groups` has a line a group of the cohort (disputes whose deadline fell in `period`): group (in_time, not_in_time, petition_first,
    otherwise, unknown), disputes, followed, share_pct, lower_pct, upper_pct; only the first two are compared, `followed` counts petitions
    in the `follow_days` after the deadline. `difference` (points) and `ratio` are Mantel–Haenszel over the categories, `crude` is not
    stratified; each is (value, lower, upper) or None with the reason in `missing`.
    """

    period: Period
    groups: tuple[Line, ...]
    difference: tuple[float, float, float] | None
    ratio: tuple[float, float, float] | None
    crude: tuple[float, float, float] | None
    strata: int
    missing: Sentence | None = None


@dataclass(frozen=True)
class PetitionLink:
    """Disputes followed by a petition within `follow_days`, by place and category; only cohorts whose days are over. Never by unit.

    `share` is the rate over the cohort (selection: the disputes; `followed` opens those followed). `lead_median` is the day by which half
    of those followed within `follow_days` have been, later disputes censored; `curve` is (day, percent followed by then). `grown` is the
    share of the petitions of the period that grew out of a dispute on record. Lines: `by_place` (area_code, area), `by_category`
    (category_code, category), `cells` (both), each with disputes, followed, share_pct, lower_pct, upper_pct, lead_days; rates of less than
    `minimum_denominator` are None. A line's selection opens the disputes followed.
    """

    period: Period
    as_of: date
    follow_days: int
    area_code: str | None
    share: Figure
    followed: Figure
    lead_median: Figure
    grown: Figure
    curve: tuple[tuple[int, float], ...]
    by_place: tuple[Line, ...]
    by_category: tuple[Line, ...]
    cells: tuple[Line, ...]
    effect: Effect
    sentence: Sentence
    is_below_street: bool = False

    @property
    def is_empty(self) -> bool:
        """No dispute is in the cohort."""
        return not self.share.denominator


# --- before and after a policy ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ratio:
    """A rate ratio with its 95 % interval; an end is None where it is not bounded."""

    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class PolicyEffect:
    """One policy action, and the matters of its category and area before and after it came into force. Description, not proof.

    `state` is suggested, adopted, declined (not in force: no counts), no_category, too_recent, short_history (counts without ratios), or
    compared. `before` and `after` count
    matters over `days_before` and `days_after` days; `per_30_before`, `per_30_after` are the same per 30 days. `season_before`,
    `season_after` count the same days a year earlier (None where records do not reach back). `change` is after against before, `season`
    the same a year earlier, `against_season` one over the other. `spans` are (days from the day in force, matters, whole span?).
    """

    action_id: str
    kind: str | None
    state: str
    area_code: str | None
    area: str | None
    category_code: str | None
    category: str | None
    suggested_on: date | None
    adopted_on: date | None
    effective_on: date | None
    days_before: int = 0
    days_after: int = 0
    before: int | None = None
    after: int | None = None
    per_30_before: float | None = None
    per_30_after: float | None = None
    season_before: int | None = None
    season_after: int | None = None
    change: Ratio | None = None
    season: Ratio | None = None
    against_season: Ratio | None = None
    spans: tuple[tuple[int, int, bool], ...] = ()
    before_selection: Selection | None = None
    after_selection: Selection | None = None


@dataclass(frozen=True)
class PolicyEffects:
    """The policy actions known by `as_of`, the latest first; `counts` are suggested, adopted, in_force, declined (whole record)."""

    as_of: date
    area_code: str | None
    counts: tuple[Figure, ...]
    effects: tuple[PolicyEffect, ...]
    sentence: Sentence
    is_below_street: bool = False

    @property
    def is_empty(self) -> bool:
        """No policy action is on record."""
        return not self.effects
