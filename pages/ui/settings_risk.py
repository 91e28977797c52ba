"""The judgements of the risk outlook: weights, lines and thresholds, seen with their reasons, tried on the last outlook, set from a day on."""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from analytics.risk.settings import LEVEL_CODES, RANGES, RISK_RULES, RiskRules, rules_from
from data import in_force
from data.errors import NotReady
from pages.ui import acts, quality, tables, words
from pages.ui.links import Chosen
from pages.ui.load import settings as load_settings
from pages.ui.markup import quiet, section, text
from pages.ui.settings_signals import grain
from pages.ui.tables import Column

GROUPS = {
    "weights": ("weight_",),
    "full": ("full_",),
    "lines": ("usual_", "last_year_", "capacity_"),
    "levels": ("level_", "min_change", "listed"),
    "rising": ("rising_",),
    "work": ("",),  # all others
}


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"risk_settings.{key}", chosen.language, **values)


def groups() -> dict[str, list[str]]:
    """The judgements of each group, every one in the first group that names it."""
    found: dict[str, list[str]] = {group: [] for group in GROUPS}
    for name in RANGES:
        found[next(group for group, starts in GROUPS.items() if name.startswith(starts))].append(name)
    return found


def show(today: date, chosen: Chosen) -> None:
    """Every judgement with its unit, reason and source; below, the form to change them and what that would do."""
    rules = load_settings.risk_rules(today)
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
    with st.expander(_say("edit", chosen), key="edit_risk_rules"), st.form("risk_rules_form", border=False):
        _edit(rules, today, chosen)
    if "risk_rules" in st.session_state:
        _confirm(*st.session_state["risk_rules"], rules, chosen)


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


def _edit(rules: RiskRules, today: date, chosen: Chosen) -> None:
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
        key="risk_rules_from",
    )
    if st.form_submit_button(_say("look", chosen), type="primary", key="risk_rules_look"):
        own = {name: value for name, value in values.items() if value != getattr(RISK_RULES, name)}
        rules_from(own)
        st.session_state["risk_rules"] = (own, valid_from)


def _ask(name: str, value: float, place: object, chosen: Chosen) -> float:
    low, high = RANGES[name]
    whole = isinstance(getattr(RISK_RULES, name), int)
    kind = int if whole else float
    label = " · ".join(one for one in (_say(f"rule.{name}.name", chosen), _say(f"rule.{name}.unit", chosen)) if one)
    written = {} if whole else {"format": "%g", "step": grain(value) if value else 1.0}
    return place.number_input(label, kind(low), kind(high), kind(value), key=f"risk_rule_{name}", **written)


def _confirm(value: dict, valid_from: date, rules: RiskRules, chosen: Chosen) -> None:
    """What would change, and the button that saves it."""
    st.html(section(_say("effect_title", chosen), level=3))
    _show_effect(rules, rules_from(value), chosen)
    with st.container(horizontal=True, key="risk_rules_decide"):
        if st.button(_say("apply", chosen, day=valid_from), type="primary", key="risk_rules_save"):
            acts.save_setting(in_force.RISK_RULES, value, valid_from)
            del st.session_state["risk_rules"]
            quality.done(_say("saved", chosen, day=valid_from))
        if st.button(words.say("settings.leave", chosen.language), key="risk_rules_leave"):
            del st.session_state["risk_rules"]
            st.rerun()


def _show_effect(now: RiskRules, then: RiskRules, chosen: Chosen) -> None:
    try:
        found = load_settings.risk_rules_preview(now, then)
    except NotReady:
        found = None
    if found is None:
        st.html(quiet(_say("none", chosen)))
        return
    columns = (
        Column("signal_rules_as", "code:signal_rules_as"),
        *(Column(code, "count", heading=f"signal_level_{code}") for code in LEVEL_CODES),
    )
    rows = [{"signal_rules_as": "now"} | dict(found.now), {"signal_rules_as": "then"} | dict(found.then)]
    st.html(tables.table(rows, columns, chosen, _say("effect", chosen, as_of=found.as_of)))
    st.html(quiet(_say("lines_later", chosen)))
