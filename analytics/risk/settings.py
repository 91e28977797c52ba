"""The judgements of the risk outlook: the weights of the parts, the lines, the thresholds of the levels; checked before they are used.

Every value's name, unit, reason and source stand in the words under `risk_settings.rule.<field>`; a site sets its own from a day on (desk
setting `risk_rules`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from data.errors import Refused
from data.settings import lay_over

LEVEL_CODES = ("I", "II", "III", "IV")  # internal work levels: red, orange, yellow, blue
LINES = ("usual", "last_year", "capacity")
PARTS = ("usual", "last_year", "capacity", "deadline", "escalation", "pending")


@dataclass(frozen=True)
class RiskRules:
    """The judgements of the risk outlook; each can be reviewed by the site. Field by field, unit in brackets.

    The weights and levels that ship were chosen on twelve past months of a fictional city, where the usual line was passed after 4 % of the
    levels IV, 7 % of III, 12 % of II and 20 % of I; the page shows how they do here.

    Weights `weight_<part>` [points]: what a part gives when its value reaches `full_<part>`; below that its share of it. The values are: `usual`,
    `last_year`, `capacity` the probability that the coming month passes that line [probability]; `deadline` the share of open matters with a deadline that
    are overdue or expected to miss it [share]; `escalation` the share of disputes that a petition follows, over that of the whole city [times];
    `pending` the growth of what is long pending in four weeks, over what is open [share].
    Lines: `usual_pct` percentile of the baseline, made from `usual_periods_week` and `usual_periods_month` complete periods [periods]; `last_year_pct` of the
    same period last year [percent]; `capacity_pct` of what was closed in a week on the average of `capacity_weeks` [percent, weeks].
    Levels: I from `level_1` points, II from `level_2`, III from `level_3` [points]. `pending_days` a matter is long pending after [days];
    `soon_days` ahead that deadlines are called near [days]; `follow_days` a petition must follow a dispute in, counted in the
    `cohort_days` before [days]; `min_change` points told as a change [points]; `minimum_disputes` without which no share is said
    [disputes]; `steady_matters` of the whole place that a cell's share of missed deadlines, and growth of 0 that its long pending, is drawn
    together with, so that one matter of two does not lead the list [matters]; `rising_years` complete years of evidence at least [years], `rising_q` false discovery rate [share], `rising_pct` by which it
    must rise [percent]; `listed` cells of the ranked list [cells].
    """

    weight_usual: float = 40.0
    weight_last_year: float = 5.0
    weight_capacity: float = 15.0
    weight_deadline: float = 20.0
    weight_escalation: float = 10.0
    weight_pending: float = 10.0
    full_usual: float = 0.3
    full_last_year: float = 0.9
    full_capacity: float = 0.9
    full_deadline: float = 0.4
    full_escalation: float = 3.0
    full_pending: float = 0.1

    usual_pct: float = 95.0
    usual_periods_week: int = 52
    usual_periods_month: int = 24
    last_year_pct: float = 100.0
    capacity_pct: float = 100.0
    capacity_weeks: int = 8

    level_1: float = 55.0
    level_2: float = 40.0
    level_3: float = 30.0

    pending_days: int = 60
    soon_days: int = 14
    follow_days: int = 90
    cohort_days: int = 730
    minimum_disputes: int = 10
    steady_matters: int = 10
    min_change: float = 5.0
    rising_years: int = 3
    rising_q: float = 0.1
    rising_pct: float = 5.0
    listed: int = 15

    def weight(self, part: str) -> float:
        """The points a part gives at most.

        >>> RISK_RULES.weight("deadline")
        20.0
        """
        return float(getattr(self, f"weight_{part}"))

    def full(self, part: str) -> float:
        """The value of a part from which on it gives all its points."""
        return float(getattr(self, f"full_{part}"))


RISK_RULES = RiskRules()

# The least and the most that each judgement can be without losing its sense; units as in `RiskRules`.
RANGES: dict[str, tuple[float, float]] = {
    **{f"weight_{part}": (0, 100) for part in PARTS},
    "full_usual": (0.05, 1),
    "full_last_year": (0.05, 1),
    "full_capacity": (0.05, 1),
    "full_deadline": (0.02, 1),
    "full_escalation": (1.1, 20),
    "full_pending": (0.01, 1),
    "usual_pct": (50, 99.9),
    "usual_periods_week": (12, 260),
    "usual_periods_month": (6, 60),
    "last_year_pct": (10, 1000),
    "capacity_pct": (10, 1000),
    "capacity_weeks": (2, 52),
    "level_1": (1, 100),
    "level_2": (1, 100),
    "level_3": (1, 100),
    "pending_days": (7, 730),
    "soon_days": (1, 60),
    "follow_days": (7, 365),
    "cohort_days": (90, 1830),
    "minimum_disputes": (1, 1000),
    "steady_matters": (0, 200),
    "min_change": (1, 100),
    "rising_years": (2, 20),
    "rising_q": (0.001, 0.5),
    "rising_pct": (0, 200),
    "listed": (1, 100),
}

_RISING = (("level_3", "level_2", "level_1"),)  # values that must rise from the first to the last


def rules_from(given: Mapping[str, object]) -> RiskRules:
    """The shipped judgements with a site's own laid over them, by the field names of `RiskRules`.

    Raises `Refused` for a name that does not exist (naming the nearest), for a value outside `RANGES` or of the wrong kind, for
    thresholds that do not rise, and for weights that are all 0.

    >>> rules_from({"weight_usual": 30}).weight("usual")
    30.0
    """
    rules = lay_over(RISK_RULES, given, ranges=RANGES, rising=_RISING, where="risk_rules")
    if not any(rules.weight(part) for part in PARTS):
        raise Refused("settings.wrong_value", setting="risk_rules.weight_usual", value=0, allowed="Σ weight > 0")
    return rules
