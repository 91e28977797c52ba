"""The judgements of the petition trends as a site has set them, checked before they are used, and what others would make of a month."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from analytics.briefs.answer import BRIEF_RULES, BriefRules
from analytics.figures import Period
from analytics.petitions.answer import TREND_RULES, TrendRules
from analytics.petitions.trends import petition_trends
from data.mart import Mart
from data.scope import Scope
from data.settings import lay_over
from data.workdays import WorkCalendar

# The least and the most that each judgement can be without losing its sense; units as in `TrendRules`.
RANGES: dict[str, tuple[float, float]] = {
    "fewest_peers": (2, 50),
    "peer_interval_pct": (80, 99),
    "weekday_weeks": (8, 104),
}


def rules_from(given: Mapping[str, object], briefs: BriefRules = BRIEF_RULES) -> TrendRules:
    """The shipped judgements with a site's own laid over them, by the field names of `TrendRules`; what the briefs judge too is theirs.

    Raises `Refused` for a name that does not exist (naming the nearest) and for a value outside `RANGES` or of the wrong kind.

    >>> rules_from({"fewest_peers": 6}).fewest_peers
    6
    """
    shared = replace(TREND_RULES, answer_days=briefs.answer_days, minimum_denominator=briefs.minimum_denominator)
    return lay_over(shared, given, ranges=RANGES, rising=(), where="trend_rules")


@dataclass(frozen=True)
class TrendsPreview:
    """What a month's trends say of places by the judgements in force and by others: how many are compared, above, below their peers."""

    period: Period
    now: Mapping[str, int]
    then: Mapping[str, int]


def preview_trends(
    mart: Mart, scope: Scope, day: date, now: TrendRules, then: TrendRules, *, calendar: WorkCalendar
) -> TrendsPreview | None:
    """The petitions of the month that holds `day`, on the widest page and on those right below it; None where nothing is on record."""
    whole = petition_trends(mart, scope, day, calendar=calendar, rules=now)
    if whole.is_empty:
        return None
    below = [line.values["area_code"] for line in whole.places if line.values["can_open"]]
    found = [
        Counter(
            line.values["state"]
            for area in (None, *below)
            for line in petition_trends(mart, scope, day, calendar=calendar, area_code=area, rules=own).places
        )
        for own in (now, then)
    ]
    return TrendsPreview(whole.period, *(_compared(states) for states in found))


def _compared(states: Counter) -> dict[str, int]:
    compared = sum(count for state, count in states.items() if state != "unknown")
    return {"compared": compared, "above": states["above"], "below": states["below"]}
