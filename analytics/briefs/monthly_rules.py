"""The judgements of the monthly brief as a site has set them, checked before they are used, and what others would make of a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.briefs.answer import BriefRules
from analytics.briefs.monthly import monthly_brief
from analytics.briefs.monthly_answer import MONTHLY_RULES, MonthlyBrief, MonthlyRules
from analytics.figures import Period
from data.mart import Mart
from data.scope import Scope
from data.settings import lay_over
from data.workdays import WorkCalendar

# The least and the most that each judgement can be without losing its sense; units as in `MonthlyRules`.
RANGES: dict[str, tuple[float, float]] = {
    "level_months": (4, 24),
    "interval_pct": (80, 99),
    "named_interval_pct": (80, 99),
    "rise_false_share": (0.001, 0.2),
    "rise_least": (1, 100),
    "rise_least_change": (1, 50),
    "recurring_least": (2, 50),
    "recurring_of": (1, 3),
    "recurring_months": (1, 3),
    "peak_times": (1.05, 5.0),
    "listed": (10, 200),
}
RISING = (("interval_pct", "named_interval_pct"), ("recurring_of", "recurring_months"))


def rules_from(given: Mapping[str, object]) -> MonthlyRules:
    """The shipped judgements with a site's own laid over them, by the field names of `MonthlyRules`.

    Raises `Refused` for a name that does not exist (naming the nearest), for a value outside `RANGES` or of the wrong kind, and where the
    fields of a tuple of `RISING` fall.

    >>> rules_from({"rise_least": 8}).rise.least
    8
    """
    return lay_over(MONTHLY_RULES, given, ranges=RANGES, rising=RISING, where="monthly_rules")


@dataclass(frozen=True)
class MonthPreview:
    """How much a month's brief names by the judgements in force and by others: rising, falling, peaks, recurring, warned."""

    period: Period
    now: Mapping[str, int]
    then: Mapping[str, int]


def preview_month(
    mart: Mart,
    scope: Scope,
    day: date,
    now: MonthlyRules,
    then: MonthlyRules,
    *,
    calendar: WorkCalendar,
    rules: BriefRules,
) -> MonthPreview | None:
    """The month that holds `day` by both judgements; None where nothing is on record."""
    ask = {"calendar": calendar, "rules": rules, "with_ways": False}
    before, after = (monthly_brief(mart, scope, day, monthly_rules=own, **ask) for own in (now, then))
    return None if before.is_empty else MonthPreview(before.period, _named(before), _named(after))


def _named(brief: MonthlyBrief) -> dict[str, int]:
    return {
        "rising": len(brief.rising),
        "falling": len(brief.falling),
        "peaks": len(brief.peaks),
        "recurring": brief.recurring_count,
        "warned": len(brief.concerns),
    }
