"""The site's own limits and judgements: seen, tried, set from a day on; what was in force before stays on record."""

import json
from collections.abc import Mapping
from datetime import date

import pandas as pd
import streamlit as st

from analytics.briefs import BRIEF_RULES
from analytics.briefs.rules import RANGES, rules_from
from analytics.limits import LISTED, LimitsPreview
from data import in_force
from data.deadlines import HOTLINE_PURPOSES, UNITS, DeadlineRules, HotlineProfile
from data.deadlines import rules_from as clocks_from
from data.errors import NotReady
from pages.ui import acts, load, quality, settings_months, settings_risk, settings_signals, tables, words
from pages.ui.links import Chosen
from pages.ui.load import settings as load_settings
from pages.ui.markup import quiet, section, text
from pages.ui.tables import Column

OWN = "site"  # code of the profile that a site makes by changing a limit


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"settings.{key}", chosen.language, **values)


def show(chosen: Chosen) -> None:
    """Hotline limits, then the judgements of the briefs, of the trends, of the warnings and of the risk outlook."""
    today = load.site().now().date()
    _show_limits(today, chosen)
    _show_judgements(today, chosen)
    settings_months.show_monthly(today, chosen)
    _show_versions(in_force.MONTHLY_RULES, settings_months.MONTHLY.said, chosen)
    settings_months.show_trends(today, chosen)
    _show_versions(in_force.TREND_RULES, settings_months.TRENDS.said, chosen)
    settings_signals.show(today, chosen)
    _show_versions(in_force.SIGNAL_RULES, settings_signals.JUDGEMENTS.said, chosen)
    settings_risk.show(today, chosen)
    _show_versions(in_force.RISK_RULES, settings_risk.JUDGEMENTS.said, chosen)


# --- hotline limits ------------------------------------------------------------------------------------------------------------


def _show_limits(today: date, chosen: Chosen) -> None:
    """The limits of one profile as a table to edit; saved only after their effect was looked at."""
    said = chosen.language
    rules = load_settings.deadline_rules(today)
    st.html(section(_say("limits.title", chosen), _say("limits.lead", chosen)))
    st.html(
        f'<p class="xs-line">{text(_say("limits.in_force", chosen, profile=_profile_name(rules.hotline_profile, said)))}</p>'
    )
    codes = list(rules.hotline_profiles)
    code = st.selectbox(
        _say("limits.profile", chosen),
        codes,
        index=codes.index(rules.hotline_profile),
        key="limits_profile",
        on_change=_leave,
        format_func=lambda one: _profile_name(one, said),
    )
    profile = rules.hotline_profiles[code]
    is_adopted = code == rules.hotline_profile and bool(load_settings.deadline_settings(today))
    if profile.example and not is_adopted:
        st.html(quiet(_say("limits.example", chosen)))
    with st.form("limits_form", border=False):
        edited = _edit_limits(profile, chosen)
        from_, named = st.columns((1, 2))
        with from_:
            valid_from = _valid_from("limits_from", today, chosen)
        basis = named.text_input(_say("limits.basis", chosen), max_chars=120, key="limits_basis")
        looked = st.form_submit_button(_say("limits.preview", chosen), type="primary")
    if looked:
        st.session_state["limits"] = (_own_or_chosen(profile, edited, basis, today, said), valid_from)
    if "limits" in st.session_state:
        _confirm_limits(*st.session_state["limits"], chosen)
    _show_versions(in_force.DEADLINES, _said_limits, chosen)


def _leave() -> None:
    """What was looked at before belongs to another profile."""
    st.session_state.pop("limits", None)


def _edit_limits(profile: HotlineProfile, chosen: Chosen) -> pd.DataFrame:
    """One line a nature of the call; an empty amount is no limit."""
    said = chosen.language
    limits = [profile.limits.get(purpose) for purpose in HOTLINE_PURPOSES]
    units = {unit: words.name("clock_unit", unit, said) for unit in UNITS}
    frame = pd.DataFrame(
        {
            "purpose": [words.name("purpose", purpose, said) for purpose in HOTLINE_PURPOSES],
            "amount": pd.array([limit.amount if limit else None for limit in limits], dtype="Int64"),
            "unit": [units[limit.unit if limit else "working_day"] for limit in limits],
        }
    )
    return st.data_editor(
        frame,
        hide_index=True,
        disabled=["purpose"],
        placeholder=_say("limits.no_limit", chosen),
        key=f"limits_{profile.code}_{said}",
        width="content",
        column_config={
            "purpose": st.column_config.TextColumn(words.say("column.purpose", said)),
            "amount": st.column_config.NumberColumn(
                words.say("column.amount", said), min_value=0, max_value=365, step=1
            ),
            "unit": st.column_config.SelectboxColumn(
                words.say("column.clock_unit", said), options=list(units.values()), required=True
            ),
        },
    )


def _own_or_chosen(profile: HotlineProfile, edited: pd.DataFrame, basis: str, today: date, language: str) -> dict:
    """The settings that what was edited comes to: a profile as it stands, or one of the site's own."""
    units = {words.name("clock_unit", unit, language): unit for unit in UNITS}
    limits = {
        purpose: {"amount": int(row.amount), "unit": units[row.unit]}
        for purpose, row in zip(HOTLINE_PURPOSES, edited.itertuples(), strict=True)
        if not pd.isna(row.amount)
    }
    as_it_stands = {code: {"amount": clock.amount, "unit": clock.unit} for code, clock in profile.limits.items()}
    value = load_settings.deadline_settings(today)
    hotline = dict(value.get("hotline", {}))
    hotline["profile"] = profile.code
    if limits != as_it_stands or (basis and basis != profile.basis):
        hotline["profile"] = OWN
        own = {"example": False, "basis": basis, "limits": limits}
        hotline["profiles"] = {**hotline.get("profiles", {}), OWN: own}
    return {**value, "hotline": hotline}


def _confirm_limits(value: dict, valid_from: date, chosen: Chosen) -> None:
    """What would change, and the button that saves it."""
    rules = clocks_from(value)
    try:
        _show_preview(load_settings.limits_preview(rules), rules, valid_from, chosen)
    except NotReady:
        st.html(quiet(_say("limits.no_version", chosen)))
    with st.container(horizontal=True, key="limits_decide"):
        if st.button(_say("save", chosen, day=valid_from), type="primary", key="limits_save"):
            acts.save_setting(in_force.DEADLINES, value, valid_from)
            del st.session_state["limits"]
            quality.done(_say("limits.saved", chosen, day=valid_from))
        if st.button(_say("leave", chosen), key="limits_leave"):
            del st.session_state["limits"]
            st.rerun()


def _show_preview(found: LimitsPreview, rules: DeadlineRules, valid_from: date, chosen: Chosen) -> None:
    said = chosen.language
    values = {"profile": _profile_name(rules.hotline_profile, said), "valid_from": valid_from, "as_of": found.as_of}
    line = _say("limits.effect", chosen, **values, open=found.open, changed=found.changed, stated=found.stated)
    st.html(section(_say("limits.effect_title", chosen), level=3) + f'<p class="xs-line">{text(line)}</p>')
    if not found.changed:
        return
    counts = ("open", "earlier", "later", "gained", "lost", "overdue_now", "overdue_then")
    columns = (
        Column("purpose", "code:purpose", blank="settings.no_purpose"),
        *(Column(name, "count", heading=f"limits_{name}") for name in counts),
    )
    rows = [{**row, "purpose": row["purpose"] or None} for row in found.by_purpose.to_dict("records")]
    st.html(tables.table(rows, columns, chosen))
    columns = (
        Column("matter_no", "id"),
        Column("area", blank="brief.place_unknown"),
        Column("purpose", "code:purpose", blank="settings.no_purpose", aside=True),
        Column("registered_on", "day", aside=True),
        Column("deadline_on", "day", heading="limits_now"),
        Column("then_on", "day", heading="limits_then"),
    )
    caption = _say("limits.listed", chosen, count=LISTED) if found.changed > len(found.matters) else ""
    st.html(tables.table(found.matters.to_dict("records"), columns, chosen, caption))


def _profile_name(code: str, language: str) -> str:
    return words.name("hotline_profile", code, language)


def _said_limits(value: Mapping[str, object], chosen: Chosen) -> str:
    """The limits of a version in one line."""
    said = chosen.language
    profile = clocks_from(value).hotline
    limits = [
        _say(f"limits.one_{clock.unit}", chosen, purpose=words.name("purpose", purpose, said), count=clock.amount)
        for purpose, clock in profile.limits.items()
    ]
    basis = [profile.basis] if profile.code == OWN and profile.basis else []
    return " · ".join([_profile_name(profile.code, said), words.join(limits, said), *basis])


# --- judgements ----------------------------------------------------------------------------------------------------------------


def _show_judgements(today: date, chosen: Chosen) -> None:
    """Every judgement of the briefs with its unit, reason and source; a value can be set from a day on."""
    said = chosen.language
    rules = load.brief_rules(today)
    st.html(section(_say("rules.title", chosen), _say("rules.lead", chosen)))
    rows = [
        {
            "rule": words.say(f"settings.rule.{name}.name", said),
            "value": _measured(name, getattr(rules, name), said),
            "reason": words.say(f"settings.rule.{name}.reason", said),
            "rule_source": words.say(f"settings.rule.{name}.source", said),
        }
        for name in RANGES
    ]
    columns = (
        Column("rule"),
        Column("value", "id"),
        Column("reason", heading="rule_reason"),
        Column("rule_source", aside=True),
    )
    st.html(tables.table(rows, columns, chosen))
    with st.expander(_say("rules.edit", chosen), key="edit_rules"), st.form("rules_form", border=False):
        _edit_rule(rules, today, chosen)
    _show_versions(in_force.BRIEF_RULES, _said_rules, chosen)


def _edit_rule(rules: object, today: date, chosen: Chosen) -> None:
    """All values beside each other; those left at what ships are not written, so that a later release may mend them."""
    said = chosen.language
    places = st.columns(2)
    values = {}
    for number, (name, (low, high)) in enumerate(RANGES.items()):
        whole = isinstance(getattr(BRIEF_RULES, name), int)
        kind = int if whole else float
        label = f"{words.say(f'settings.rule.{name}.name', said)} · {words.say(f'settings.rule.{name}.unit', said)}"
        values[name] = places[number % 2].number_input(
            label, kind(low), kind(high), kind(getattr(rules, name)), step=kind(1), key=f"rule_{name}"
        )
    valid_from = _valid_from("rules_from", today, chosen)
    if st.form_submit_button(_say("save_rules", chosen), type="primary"):
        own = {name: value for name, value in values.items() if value != getattr(BRIEF_RULES, name)}
        rules_from(own)
        acts.save_setting(in_force.BRIEF_RULES, own, valid_from)
        quality.done(_say("rules.saved", chosen, day=valid_from))


def _said_rules(value: Mapping[str, object], chosen: Chosen) -> str:
    """What a version of the judgements sets apart from what ships."""
    said = chosen.language
    if not value:
        return _say("rules.as_shipped", chosen)
    named = (
        f"{words.say(f'settings.rule.{name}.name', said)} {_measured(name, one, said)}" for name, one in value.items()
    )
    return words.join(named, said)


def _measured(name: str, value: float, language: str) -> str:
    """A value with its unit."""
    return words.say("settings.measured", language, value=value, unit=words.say(f"settings.rule.{name}.unit", language))


# --- what both share -----------------------------------------------------------------------------------------------------------


def _valid_from(key: str, today: date, chosen: Chosen) -> date:
    return st.date_input(_say("valid_from", chosen), value=today, min_value=today, format="YYYY-MM-DD", key=key)


def _show_versions(name: str, say: object, chosen: Chosen) -> None:
    """Every version with who set it and when; none is ever taken away."""
    found = load_settings.versions(name)
    if found.empty:
        st.html(quiet(_say("versions.none", chosen)))
        return
    today = load.site().now().date()
    in_use = load.desk().read_setting(name, today)
    rows = [
        {
            "version_no": row["version_id"],
            "valid_from": row["valid_from"],
            "state": _state(row, in_use, today),
            "setting": say(json.loads(row["value"]), chosen),
            "by": quality.post(row, chosen.language),
            "recorded_at": row["recorded_at"],
        }
        for row in found.to_dict("records")
    ]
    columns = (
        Column("version_no", "id"),
        Column("valid_from", "day"),
        Column("state", "code:setting_state"),
        Column("setting"),
        Column("by", aside=True),
        Column("recorded_at", "moment", aside=True),
    )
    st.html(tables.table(rows, columns, chosen, _say("versions.title", chosen)))


def _state(row: Mapping[str, object], in_use: object, today: date) -> str:
    if in_use is not None and row["version_id"] == in_use.version_id:
        return "in_force"
    return "to_come" if row["valid_from"] > today else "past"
