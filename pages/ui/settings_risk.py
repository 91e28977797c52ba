"""The judgements of the risk outlook: weights, lines and thresholds, seen with their reasons, tried on the last outlook, set from a day on."""

from datetime import date

import streamlit as st

from analytics.risk.settings import LEVEL_CODES, RANGES, RISK_RULES, RiskRules, rules_from
from data import in_force
from pages.ui.links import Chosen
from pages.ui.load import settings as load_settings
from pages.ui.markup import quiet
from pages.ui.settings_rules import Judgements

GROUPS = {
    "weights": ("weight_",),
    "full": ("full_",),
    "lines": ("usual_", "last_year_", "capacity_"),
    "levels": ("level_", "min_change", "listed"),
    "rising": ("rising_",),
    "work": ("",),  # all others
}

JUDGEMENTS = Judgements(in_force.RISK_RULES, "risk_settings", RISK_RULES, RANGES, GROUPS, rules_from)


def show(today: date, chosen: Chosen) -> None:
    """Every judgement with its unit, reason and source; below, the form to change them and what that would do."""
    rules = load_settings.risk_rules(today)
    JUDGEMENTS.show_values(rules, chosen)
    JUDGEMENTS.show_form(rules, today, chosen, lambda then: _show_effect(rules, then, chosen))


def _show_effect(now: RiskRules, then: RiskRules, chosen: Chosen) -> None:
    found = JUDGEMENTS.tried(lambda: load_settings.risk_rules_preview(now, then), chosen)
    if found is not None:
        headings = {code: f"signal_level_{code}" for code in LEVEL_CODES}
        JUDGEMENTS.show_counts(found, headings, chosen, as_of=found.as_of)
        st.html(quiet(JUDGEMENTS.say("lines_later", chosen)))
