"""The judgements of the warnings: seen with their reasons, tried on what the last detection kept, set from a day on."""

from datetime import date

import streamlit as st

from analytics.signals.settings import LEVEL_CODES, RANGES, SIGNAL_RULES, SignalRules, rules_from
from analytics.signals.shortlist import TIERS
from data import in_force
from pages.paper.budget import HEADS, budget_rows, budget_said
from pages.ui import load, tables, words
from pages.ui.links import Chosen
from pages.ui.load import settings as load_settings
from pages.ui.markup import quiet, section, text
from pages.ui.settings_rules import Judgements
from pages.ui.tables import Column

GROUPS = {
    "shortlist": ("budget_a_week", "found_reserve", "watch_p", "q_", "minimum_"),
    "levels": ("surprise_", "scale_", "persistence_", "level_"),
    "episodes": ("mute_weeks", "close_after_clear_weeks", "escalate_ratio"),
    "verifying": ("verify_days_", "record_days"),
    "rules": ("",),  # all others
}

JUDGEMENTS = Judgements(in_force.SIGNAL_RULES, "signal_settings", SIGNAL_RULES, RANGES, GROUPS, rules_from)


def show(today: date, chosen: Chosen) -> None:
    """Every judgement with its unit, reason and source; below, the form to change them and what that would do."""
    rules = load_settings.signal_rules(today)
    JUDGEMENTS.show_values(rules, chosen)
    _show_budget(chosen)

    def show_effect(then: SignalRules) -> None:
        if load.site().actor.scope.sees_all:
            _show_effect(rules, then, chosen)

    JUDGEMENTS.show_form(rules, today, chosen, show_effect)


def _show_budget(chosen: Chosen) -> None:
    """The last replay of the alarm budget: what each threshold would have brought, and the one it proposes."""
    last = load_settings.last_budget() if load.site().actor.scope.sees_all else None
    st.html(section(words.say("signal_budget.title", chosen.language), level=3))
    if last is None:
        st.html(quiet(words.say("signal_budget.never", chosen.language)))
        return
    as_of, found = last
    lines = "".join(f'<p class="xs-line">{text(line)}</p>' for line in budget_said(found, as_of, chosen.language))
    st.html(lines + tables.table(budget_rows(found, chosen.language), [Column(head) for head in HEADS], chosen))


def _show_effect(now: SignalRules, then: SignalRules, chosen: Chosen) -> None:
    found = JUDGEMENTS.tried(lambda: load_settings.signal_rules_preview(now, then), chosen)
    if found is not None:
        headings = {tier: f"signal_{tier}" for tier in TIERS} | {code: f"signal_level_{code}" for code in LEVEL_CODES}
        JUDGEMENTS.show_counts(found, headings, chosen, as_of=found.as_of)
