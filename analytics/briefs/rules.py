"""The judgements of the briefs as a site has set them, checked before they are used."""

from collections.abc import Mapping

from analytics.briefs.answer import BRIEF_RULES, BriefRules
from data.settings import lay_over

# The least and the most that each judgement can be without losing its sense; units as in `BriefRules`.
RANGES: dict[str, tuple[float, float]] = {
    "soon_days": (1, 30),
    "series_days": (28, 182),
    "rate_days": (7, 365),
    "answer_days": (0, 60),
    "closing_days": (28, 730),
    "place_interval_pct": (80, 99),
    "place_minimum": (1, 100),
    "filled_pct": (50, 100),
    "minimum_denominator": (5, 100),
    "stale_hours": (1, 168),
    "listed": (3, 50),
}


def rules_from(given: Mapping[str, object]) -> BriefRules:
    """The shipped judgements with a site's own laid over them, by the field names of `BriefRules`.

    Raises `Refused` for a name that does not exist (naming the nearest) and for a value outside `RANGES` or of the wrong kind.

    >>> rules_from({"soon_days": 7}).soon_days
    7
    """
    return lay_over(BRIEF_RULES, given, ranges=RANGES, rising=(), where="brief_rules")
