"""Changing the rules of a scorecard: one group of values at a time, typed, checked, gathered into a draft, tried on all units, proposed."""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from analytics.scorecards import shipped_rules
from analytics.scores.indicators import of
from analytics.scores.rules import ScoreRules, as_given, is_whole, limits, rules_from
from data.errors import Refused
from pages.ui import quality, scores_acts, words
from pages.ui.links import Chosen
from pages.ui.load import scores as load
from pages.ui.load.scores import Asked
from pages.ui.markup import quiet
from pages.ui.scores_parts import head_of, indicator_name, rule_name, say, word
from pages.ui.scores_rules_parts import changed, show_effect, target_name

DRAFT = "score_rules"  # in the session: kind of card and the rules as changed so far
BY_INDICATOR = {"weights": "weight", "minimums": "minimum", "windows": "months"}  # a value each
BY_NAME = {
    "peers": ("peers",), "bands": ("total", "bands", "stars"), "windows": ("windows",), "schedule": ("schedule", "raters"), "questions": ("questions",),
}  # fmt: skip
GROUPS = ("weights", "targets", "minimums", "windows", "schedule", "peers", "bands", "questions")


@dataclass(frozen=True)
class Field:
    """One value of the rules as a form asks for it: its dotted name, what it is called, how it is written now."""

    name: str
    label: str
    written: str


def show(rules: ScoreRules, asked: Asked, today: date, chosen: Chosen) -> None:
    """The groups of values; the form of the one chosen; what is changed so far and what it would do to all units."""
    st.html(head_of("edit", chosen))
    kept = st.session_state.get(DRAFT)
    draft = kept[1] if kept and kept[0] == asked.kind else None
    with st.expander(say("rules.edit", chosen), expanded=draft is not None, key="edit_score_rules"):
        groups = groups_of(rules, asked.kind)
        group = st.segmented_control(
            say("rules.groups", chosen), groups, default=groups[0], required=True, key="score_rules_group",
            format_func=lambda one: say(f"rules.group.{one}", chosen),
        )  # fmt: skip
        _show_group(group or groups[0], draft or rules, asked, chosen)
    if draft is not None:
        _show_draft(draft, rules, asked, today, chosen)


def groups_of(rules: ScoreRules, kind: str) -> tuple[str, ...]:
    """The groups of values that the rules of a kind of card have."""
    held = {name.partition(".")[0] for name, _ in rules.values}
    return tuple(one for one in GROUPS if one in ("weights", "targets", "minimums") or held & set(BY_NAME[one]))


def fields_of(group: str, rules: ScoreRules, asked: Asked, indicator: str, chosen: Chosen) -> list[Field]:
    """The values of a group; of targets those of one indicator, by level and type of place."""
    if group == "targets":
        targets = dict(rules.of(indicator).targets)
        return [
            Field(f"indicator.{indicator}.target.{key}", target_name(key, chosen), _written(targets.get(key)))
            for key in _places(rules, indicator, asked)
        ]
    found = []
    if group in BY_INDICATOR:
        part = BY_INDICATOR[group]
        found = [
            Field(f"indicator.{one.name}.{part}", indicator_name(one.name, chosen), _written(getattr(rules.of(one.name), part)))
            for one in of(asked.kind)
        ]  # fmt: skip
    found += [
        Field(name, f"{say(f'rule.{name}.name', chosen)} · {say(f'rule.{name}.unit', chosen)}", _written(value))
        for held in BY_NAME.get(group, ())
        for name, value in rules.values
        if name.partition(".")[0] == held
    ]
    if group == "peers":
        cuts = dict(rules.size_cuts)
        found += [
            Field(f"size_cuts.{level}", cuts_name(level, chosen), ", ".join(_written(one) for one in cuts.get(level, ())))
            for level in load.kinds_of_units(asked)
        ]  # fmt: skip
    return found


def _places(rules: ScoreRules, indicator: str, asked: Asked) -> list[str]:
    """Where a target can be set: everywhere, at each level, at each level and type; and wherever one is set already."""
    found = ["default"]
    for level, types in load.kinds_of_units(asked).items():
        found += [level, *(f"{level}.{one}" for one in types)]
    return list(dict.fromkeys([*found, *dict(rules.of(indicator).targets)]))


def cuts_name(level: str, chosen: Chosen) -> str:
    """What the cuts by size of a level are called, with what size is there."""
    unit = level if level in ("team", "alliance") else "place"
    return f"{say('rule.size_cuts.name', chosen, level=word('level', level, chosen))} · {say(f'rule.size_cuts.{unit}', chosen)}"


def _show_group(group: str, rules: ScoreRules, asked: Asked, chosen: Chosen) -> None:
    """The form of one group; what is typed is checked before it joins the draft."""
    st.caption(say(f"rules.lead.{group}", chosen))
    indicator = ""
    if group == "targets":
        names = [one.name for one in of(asked.kind)]
        order = sorted(names, key=lambda one: rules.of(one).weight == 0)
        indicator = st.selectbox(
            words.say("column.scores.indicator", chosen.language), order, key="score_rules_target",
            format_func=lambda one: indicator_name(one, chosen),
        )  # fmt: skip
    fields = fields_of(group, rules, asked, indicator, chosen)
    weighed = {name for name, weight in rules.weights.items() if weight > 0}
    shown = [one for one in fields if group == "targets" or _indicator_of(one) in weighed | {""}]
    rest = [one for one in fields if one not in shown]
    with st.form(f"score_rules_{group}", border=False):
        typed = _ask(shown)
        if rest:
            with st.expander(say("table.unweighted", chosen, count=len(rest)), key=f"score_rules_rest_{group}"):
                typed |= _ask(rest)
        if st.form_submit_button(say("rules.look", chosen), type="primary", key="score_rules_look"):
            _take(fields, typed, rules, asked, chosen)


def _indicator_of(field: Field) -> str:
    return field.name.split(".")[1] if field.name.startswith("indicator.") else ""


def _ask(fields: Sequence[Field]) -> dict[str, str]:
    """A line for each value, two beside each other; a draft that was left leaves nothing typed behind."""
    tries, typed = st.session_state.get("score_rules_tries", 0), {}
    for first in range(0, len(fields), 2):
        for one, place in zip(fields[first : first + 2], st.columns(2), strict=False):
            typed[one.name] = place.text_input(one.label, one.written, max_chars=40, key=f"rule_{one.name}_{tries}")
    return typed


def _take(fields: Sequence[Field], typed: Mapping[str, str], rules: ScoreRules, asked: Asked, chosen: Chosen) -> None:
    """What was typed, into the draft; or one sentence for each value that cannot be."""
    values, wrong = read(fields, typed, shipped_rules(asked.kind), chosen)
    if not wrong:
        try:
            draft = rules_from(_with(as_given(rules), values), shipped_rules(asked.kind), version="file-edit")
        except Refused as refused:
            wrong = [_refused(refused, chosen)]
    if wrong:
        for one in wrong:
            scores_acts.told(one)
        return
    st.session_state[DRAFT] = (asked.kind, draft)
    st.rerun()


def read(
    fields: Sequence[Field], typed: Mapping[str, str], shipped: ScoreRules, chosen: Chosen
) -> tuple[dict[str, object], list[str]]:
    """The values as typed, None where a target is left out; and a sentence for each that is mistyped or out of its range."""
    values: dict[str, object] = {}
    wrong = []
    for one in fields:
        found = typed[one.name].strip()
        value, problem = (
            _read_cuts(found) if one.name.startswith("size_cuts.") else _read_number(one.name, found, shipped)
        )
        values[one.name] = value
        if problem:
            low, high = (0, 0) if problem == "cuts" else limits(one.name)
            wrong.append(say(f"rules.wrong.{problem}", chosen, field=one.label, found=found, low=low, high=high))
    return values, wrong


def _read_number(name: str, found: str, shipped: ScoreRules) -> tuple[float | None, str]:
    if not found and ".target." in name:
        _, indicator, _, key = name.split(".", 3)
        return None, "needed" if key in dict(shipped.of(indicator).targets) else ""
    value, (low, high) = number(found), limits(name)
    if value is None or not low <= value <= high or (is_whole(name) and value != int(value)):
        return None, "whole" if is_whole(name) else "number"
    return value, ""


def _read_cuts(found: str) -> tuple[list[float] | None, str]:
    parts = unicodedata.normalize("NFKC", found).replace("、", ",").split(",") if found else []
    cuts = [number(one) for one in parts]
    if len(cuts) > 2 or None in cuts or cuts != sorted(set(cuts)) or any(one <= 0 for one in cuts):
        return None, "cuts"
    return cuts, ""


def number(found: str) -> float | None:
    """What is typed as a number, in whatever width and with or without a percent sign; None for anything else.

    >>> number("２０"), number(" 97.5 % "), number("1 000"), number("twenty"), number("inf")
    (20.0, 97.5, None, None, None)
    """
    try:
        value = float(unicodedata.normalize("NFKC", found).strip().removesuffix("%"))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _with(given: dict, values: Mapping[str, object]) -> dict:
    """The rules as a table with other values, by their dotted names; a target that is left out is named no longer."""
    for name, value in values.items():
        *way, last = name.split(".", 3)
        place = given
        for step in way:
            place = place.setdefault(step, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return given


def _refused(refused: Refused, chosen: Chosen) -> str:
    """Why values that are right one by one cannot stand together."""
    if refused.values.get("setting") == "stars":
        return say("rules.wrong.stars", chosen)
    return words.tell_error(refused, chosen.language)


def _written(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


# --- what is changed so far --------------------------------------------------------------------------------------------------------


def _show_draft(draft: ScoreRules, rules: ScoreRules, asked: Asked, today: date, chosen: Chosen) -> None:
    """What the draft changes, what it would do to all units of the period, then day, reason and button."""
    if draft.content == rules.content:
        st.html(quiet(say("rules.same", chosen)))
    else:
        st.html(changed(rules, draft, chosen))
        show_effect(load.preview(asked, draft), chosen)
        with st.form("propose_rules", border=False):
            valid_from = st.date_input(
                words.say("settings.valid_from", chosen.language), value=today, min_value=today, format="YYYY-MM-DD", key="score_rules_from"
            )  # fmt: skip
            reason = st.text_input(say("rules.reason", chosen), max_chars=300, key="propose_reason")
            if st.form_submit_button(say("rules.propose", chosen), type="primary", key="propose_send"):
                number_ = scores_acts.tried(lambda: scores_acts.propose(draft, valid_from, reason), chosen)
                if number_ is not None:
                    _leave()
                    version = rule_name(f"desk-{number_}", chosen)
                    quality.done(say("rules.proposed", chosen, version=version, day=valid_from))
    if st.button(say("rules.leave", chosen), key="score_rules_leave"):
        _leave()
        st.rerun()


def _leave() -> None:
    """Forget the draft and what was typed for it."""
    del st.session_state[DRAFT]
    st.session_state["score_rules_tries"] = st.session_state.get("score_rules_tries", 0) + 1
