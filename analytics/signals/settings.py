"""The judgements of the warnings: budget, error rates, thresholds of levels, episodes and rules; checked before they are used.

Every value's name, unit, reason and source stand in the words under `signal_settings.rule.<field>`; a site sets its own from a day on
(desk setting `signal_rules`), and a replay of a past day uses those in force then. Which categories are severe is told by the category
table (`is_severe`), the one place where a site marks them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from data.settings import lay_over

LEVELS = ("community", "street", "district", "city")  # leaf first
LEVEL_CODES = ("I", "II", "III", "IV")  # internal work levels: red, orange, yellow, blue


@dataclass(frozen=True)
class SignalRules:
    """The judgements of the warnings; each can be reviewed by the site. Field by field, unit in brackets.

    Short list: `budget_a_week` signals to be verified [a week], `found_reserve` of them kept for those that pass the error rate
    [a week]; `watch_p` largest p of a place on the watch list [probability]; `q_<level>` share of false ones accepted among those found
    [share]; `minimum_count` matters a signal needs [matters], `minimum_unlinked` of them not linked to each other [matters].
    Levels: a part of the rule scores one more point from each of its thresholds: `surprise_n` [−log10 p], `scale_n` [matters above the
    expected], `persistence_n` [weeks]; the points multiplied make level I from `level_1`, II from `level_2`, III from `level_3` [points].
    Episodes: `mute_weeks`, `close_after_clear_weeks` [weeks], `escalate_ratio` p falls by [times]; `verify_days_<I…IV>` [days] until a
    signal is verified; `record_days` [days] the record of the detectors looks back.
    Rules beside statistics, of `analytics/signals/rules.py`: `same_topic_count` and `same_topic_street_count` [matters] in
    `same_topic_days`, above the usual from `same_topic_ratio` [times] on; matters on `m_of_n_m` of `m_of_n_n` days where that has a
    probability of at most `m_of_n_chance`; what is usual is the mean of `usual_days` before; in `filed_days` `filed_times` [pieces or
    groups of one matter] or `filed_people` [people in one]; `refiled_times` [re-filings of one matter] in `refiled_days`;
    `not_started_days`, `due_soon_days`; `collective_days`, `severe_days` a new matter is looked at [days].
    """

    budget_a_week: int = 6
    found_reserve: int = 2
    watch_p: float = 0.001
    q_community: float = 0.2
    q_street: float = 0.1
    q_district: float = 0.1
    q_city: float = 0.1
    minimum_count: int = 3
    minimum_unlinked: int = 2

    surprise_2: float = 4.0
    surprise_3: float = 6.0
    surprise_4: float = 9.0
    scale_2: float = 5.0
    scale_3: float = 15.0
    scale_4: float = 50.0
    persistence_2: int = 2
    persistence_3: int = 4
    level_1: int = 16
    level_2: int = 8
    level_3: int = 4

    mute_weeks: int = 4
    close_after_clear_weeks: int = 2
    escalate_ratio: float = 10.0
    verify_days_1: int = 1
    verify_days_2: int = 2
    verify_days_3: int = 3
    verify_days_4: int = 7
    record_days: int = 365

    # Rules beside statistics (owner: rules.py); a threshold is reached at its value.
    same_topic_count: int = 5
    same_topic_days: int = 7
    not_started_days: int = 3
    due_soon_days: int = 7
    m_of_n_m: int = 3
    m_of_n_n: int = 7
    m_of_n_chance: float = 0.001
    same_topic_street_count: int = 15
    same_topic_ratio: float = 2.0
    usual_days: int = 56
    filed_days: int = 7
    filed_times: int = 3
    filed_people: int = 10
    refiled_days: int = 30
    refiled_times: int = 2
    collective_days: int = 7
    severe_days: int = 3

    def q_of(self, level: str) -> float:
        """The share of false signals accepted among those found at a level; levels between the named ones go by the street's."""
        return float(getattr(self, f"q_{level}", self.q_street))

    def verify_days(self, level_code: str) -> int:
        """Days within which a signal of a work level is to be verified.

        >>> SIGNAL_RULES.verify_days("I")
        1
        """
        return int(getattr(self, f"verify_days_{LEVEL_CODES.index(level_code) + 1}"))


SIGNAL_RULES = SignalRules()

# The least and the most that each judgement can be without losing its sense; units as in `SignalRules`.
RANGES: dict[str, tuple[float, float]] = {
    "budget_a_week": (1, 100),
    "found_reserve": (0, 100),
    "watch_p": (1e-9, 0.05),
    "q_community": (0.01, 0.5),
    "q_street": (0.01, 0.5),
    "q_district": (0.01, 0.5),
    "q_city": (0.01, 0.5),
    "minimum_count": (1, 20),
    "minimum_unlinked": (1, 20),
    "surprise_2": (1, 30),
    "surprise_3": (1, 30),
    "surprise_4": (1, 30),
    "scale_2": (1, 1000),
    "scale_3": (1, 1000),
    "scale_4": (1, 1000),
    "persistence_2": (1, 26),
    "persistence_3": (1, 26),
    "level_1": (1, 48),
    "level_2": (1, 48),
    "level_3": (1, 48),
    "mute_weeks": (0, 26),
    "close_after_clear_weeks": (1, 26),
    "escalate_ratio": (1.5, 10000),
    "verify_days_1": (0, 30),
    "verify_days_2": (0, 30),
    "verify_days_3": (0, 30),
    "verify_days_4": (0, 60),
    "record_days": (28, 1830),
    "same_topic_count": (2, 100),
    "same_topic_days": (1, 60),
    "not_started_days": (1, 60),
    "due_soon_days": (1, 60),
    "m_of_n_m": (1, 60),
    "m_of_n_n": (1, 60),
    "m_of_n_chance": (1e-6, 1.0),
    "same_topic_street_count": (2, 1000),
    "same_topic_ratio": (1.0, 10.0),
    "usual_days": (14, 182),
    "filed_days": (1, 60),
    "filed_times": (2, 100),
    "filed_people": (2, 1000),
    "refiled_days": (1, 182),
    "refiled_times": (1, 100),
    "collective_days": (1, 60),
    "severe_days": (1, 60),
}

# Values that must rise from the first to the last, or the rule that they make would contradict itself.
_RISING = (
    ("surprise_2", "surprise_3", "surprise_4"),
    ("scale_2", "scale_3", "scale_4"),
    ("persistence_2", "persistence_3"),
    ("level_3", "level_2", "level_1"),
    ("found_reserve", "budget_a_week"),
    ("minimum_unlinked", "minimum_count"),
    ("m_of_n_m", "m_of_n_n"),
    ("same_topic_count", "same_topic_street_count"),
)


def rules_from(given: Mapping[str, object]) -> SignalRules:
    """The shipped judgements with a site's own laid over them, by the field names of `SignalRules`.

    Raises `Refused` for a name that does not exist (naming the nearest), for a value outside `RANGES` or of the wrong kind, and for
    thresholds that do not rise.

    >>> rules_from({"budget_a_week": 10}).budget_a_week
    10
    """
    return lay_over(SIGNAL_RULES, given, ranges=RANGES, rising=_RISING, where="signal_rules")
