"""The judgements of the warnings: seen with their reasons, tried on what the last detection kept, set from a day on."""

import math
from collections.abc import Mapping
from datetime import date

import streamlit as st

from analytics.signals.settings import LEVEL_CODES, RANGES, SIGNAL_RULES, SignalRules, rules_from
from analytics.signals.shortlist import TIERS
from data import in_force
from data.errors import NotReady
from pages.paper.budget import HEADS, budget_rows, budget_said
from pages.ui import acts, load, quality, tables, words
from pages.ui.links import Chosen
from pages.ui.load import settings as load_settings
from pages.ui.markup import quiet, section, text
from pages.ui.tables import Column

GROUPS = {
    "shortlist": ("budget_a_week", "found_reserve", "watch_p", "q_", "minimum_"),
    "levels": ("surprise_", "scale_", "persistence_", "level_"),
    "episodes": ("mute_weeks", "close_after_clear_weeks", "escalate_ratio"),
    "verifying": ("verify_days_", "record_days"),
    "rules": ("",),  # all others
}


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"signal_settings.{key}", chosen.language, **values)


def groups() -> dict[str, list[str]]:
    """The judgements of each group, every one in the first group that names it."""
    found: dict[str, list[str]] = {group: [] for group in GROUPS}
    for name in RANGES:
        found[next(group for group, starts in GROUPS.items() if name.startswith(starts))].append(name)
    return found


def show(today: date, chosen: Chosen) -> None:
    """Every judgement with its unit, reason and source; below, the form to change them and what that would do."""
    rules = load_settings.signal_rules(today)
    st.html(section(_say("title", chosen), _say("lead", chosen)))
    columns = (
        Column("rule"),
        Column("value"),
        Column("reason", heading="rule_reason"),
        Column("rule_source", aside=True),
    )
    for group, names in groups().items():
        rows = [
            {
                "rule": _say(f"rule.{name}.name", chosen),
                "value": measured(name, getattr(rules, name), chosen),
                "reason": _say(f"rule.{name}.reason", chosen),
                "rule_source": _say(f"rule.{name}.source", chosen),
            }
            for name in names
        ]
        st.html(tables.table(rows, columns, chosen, _say(f"group.{group}", chosen)))
    _show_budget(chosen)
    with st.expander(_say("edit", chosen), key="edit_signal_rules"), st.form("signal_rules_form", border=False):
        _edit(rules, today, chosen)
    if "signal_rules" in st.session_state:
        _confirm(*st.session_state["signal_rules"], rules, chosen)


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


def measured(name: str, value: float, chosen: Chosen) -> str:
    """A value with its unit, as it was set."""
    unit = _say(f"rule.{name}.unit", chosen)
    return words.say("settings.measured", chosen.language, value=f"{value:g}", unit=unit).strip()


def said(value: Mapping[str, object], chosen: Chosen) -> str:
    """What a version sets apart from what ships, in one line."""
    if not value:
        return _say("as_shipped", chosen)
    named = (f"{_say(f'rule.{name}.name', chosen)} {measured(name, one, chosen)}" for name, one in value.items())
    return words.join(named, chosen.language)


def _edit(rules: SignalRules, today: date, chosen: Chosen) -> None:
    """All values by group; those left at what ships are not written, so that a later release may mend them."""
    values: dict[str, float] = {}
    for group, names in groups().items():
        st.html(f'<p class="xs-line"><strong>{text(_say(f"group.{group}", chosen))}</strong></p>')
        places = st.columns(2)
        for number, name in enumerate(names):
            values[name] = _ask(name, getattr(rules, name), places[number % 2], chosen)
    valid_from = st.date_input(
        words.say("settings.valid_from", chosen.language),
        value=today,
        min_value=today,
        format="YYYY-MM-DD",
        key="signal_rules_from",
    )
    if st.form_submit_button(_say("look", chosen), type="primary", key="signal_rules_look"):
        own = {name: value for name, value in values.items() if value != getattr(SIGNAL_RULES, name)}
        rules_from(own)
        st.session_state["signal_rules"] = (own, valid_from)


def _ask(name: str, value: float, place: object, chosen: Chosen) -> float:
    low, high = RANGES[name]
    whole = isinstance(getattr(SIGNAL_RULES, name), int)
    kind = int if whole else float
    label = " · ".join(one for one in (_say(f"rule.{name}.name", chosen), _say(f"rule.{name}.unit", chosen)) if one)
    written = {} if whole else {"format": "%g", "step": grain(value)}
    return place.number_input(label, kind(low), kind(high), kind(value), key=f"signal_rule_{name}", **written)


def grain(value: float) -> float:
    """The step of a fraction: a tenth of its own size.

    >>> grain(0.001), grain(4.0), grain(50.0)
    (0.0001, 0.1, 1.0)
    """
    return round(10.0 ** (math.floor(math.log10(value)) - 1), 12)


def _confirm(value: dict, valid_from: date, rules: SignalRules, chosen: Chosen) -> None:
    """What would change, and the button that saves it."""
    st.html(section(_say("effect_title", chosen), level=3))
    if load.site().actor.scope.sees_all:
        _show_effect(rules, rules_from(value), chosen)
    with st.container(horizontal=True, key="signal_rules_decide"):
        if st.button(_say("apply", chosen, day=valid_from), type="primary", key="signal_rules_save"):
            acts.save_setting(in_force.SIGNAL_RULES, value, valid_from)
            del st.session_state["signal_rules"]
            quality.done(_say("saved", chosen, day=valid_from))
        if st.button(words.say("settings.leave", chosen.language), key="signal_rules_leave"):
            del st.session_state["signal_rules"]
            st.rerun()


def _show_effect(now: SignalRules, then: SignalRules, chosen: Chosen) -> None:
    try:
        found = load_settings.signal_rules_preview(now, then)
    except NotReady:
        found = None
    if found is None:
        st.html(quiet(_say("none", chosen)))
        return
    headings = {tier: f"signal_{tier}" for tier in TIERS} | {code: f"signal_level_{code}" for code in LEVEL_CODES}
    columns = (
        Column("signal_rules_as", "code:signal_rules_as"),
        *(Column(name, "count", heading=heading) for name, heading in headings.items()),
    )
    rows = [{"signal_rules_as": "now"} | found.now, {"signal_rules_as": "then"} | found.then]
    st.html(tables.table(rows, columns, chosen, _say("effect", chosen, as_of=found.as_of)))
