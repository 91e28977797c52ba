"""The judgements of the briefs as a site has set them, checked before they are used."""

from collections.abc import Mapping
from dataclasses import fields, replace

from analytics.briefs.answer import BRIEF_RULES, BriefRules
from data.errors import Refused
from data.settings import check_keys

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
    check_keys(given, RANGES, "brief_rules")
    whole = {field.name for field in fields(BriefRules) if isinstance(getattr(BRIEF_RULES, field.name), int)}
    for name, value in given.items():
        low, high = RANGES[name]
        right_kind = type(value) is int or (type(value) is float and name not in whole)
        if not right_kind or not low <= value <= high:
            raise Refused("settings.wrong_value", setting=f"brief_rules.{name}", value=value, allowed=f"{low}–{high}")
    return replace(BRIEF_RULES, **given)
