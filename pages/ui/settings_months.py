"""The judgements of the monthly brief and of the petition trends: seen with their reasons, tried on the last month that is over, set from a day on."""

from collections.abc import Callable
from datetime import date

from analytics.briefs import monthly_rules
from analytics.briefs.monthly_answer import MONTHLY_RULES
from analytics.petitions import TREND_RULES
from analytics.petitions import rules as trend_rules
from data import in_force
from pages.ui import load, words
from pages.ui.links import Chosen
from pages.ui.load import petitions as load_petitions
from pages.ui.load import settings as load_settings
from pages.ui.settings_rules import Judgements

MONTHLY = Judgements(
    in_force.MONTHLY_RULES,
    "monthly_settings",
    MONTHLY_RULES,
    monthly_rules.RANGES,
    {"moves": ("rise_", "named_"), "recurring": ("recurring_", "peak_", "listed"), "ranges": ("",)},
    monthly_rules.rules_from,
)
TRENDS = Judgements(
    in_force.TREND_RULES,
    "trend_settings",
    TREND_RULES,
    trend_rules.RANGES,
    {"peers": ("fewest_", "peer_"), "seasons": ("",)},
    trend_rules.rules_from,
)


def show_monthly(today: date, chosen: Chosen) -> None:
    """Every judgement of the monthly brief; below, the form to change them and what that would do."""
    _show(MONTHLY, load.monthly_rules(today), load_settings.monthly_rules_preview, today, chosen)


def show_trends(today: date, chosen: Chosen) -> None:
    """The same of the petition trends."""
    _show(TRENDS, load_petitions.trend_rules(today), load_settings.trend_rules_preview, today, chosen)


def _show(judgements: Judgements, rules: object, preview: Callable, today: date, chosen: Chosen) -> None:
    judgements.show_values(rules, chosen)
    judgements.show_form(rules, today, chosen, lambda then: _show_effect(judgements, preview, rules, then, chosen))


def _show_effect(judgements: Judgements, preview: Callable, now: object, then: object, chosen: Chosen) -> None:
    found = judgements.tried(lambda: preview(now, then), chosen)
    if found is not None:
        headings = {name: f"{judgements.book}_{name}" for name in found.now}
        month = words.period(found.period.first, "month", chosen.language)
        judgements.show_counts(found, headings, chosen, month=month)
