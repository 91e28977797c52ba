"""The rules of a scorecard: what is in force and why, versions with their dates and reasons, and the approval of one that was proposed."""

from datetime import date

import streamlit as st

from analytics.scorecards import rules_of_version, shipped_rules
from analytics.scores.indicators import of
from analytics.scores.rules import ScoreRules
from data.scoring_desk import RuleVersion
from pages.ui import quality, scores_acts, scores_rules_form, tables, words
from pages.ui.links import Chosen
from pages.ui.load import scores as load
from pages.ui.load.scores import Asked
from pages.ui.markup import link, quiet, text
from pages.ui.scores_parts import (
    column,
    head,
    head_of,
    indicator_name,
    kinds_nav,
    plain,
    rich_table,
    rule_name,
    say,
    word,
)
from pages.ui.scores_rules_parts import changed, cuts_said, part_name, show_effect, targets_said


def show(asked: Asked, chosen: Chosen) -> None:
    """What is in force, the versions, and for those who may the form to change them."""
    today = load.today()
    rules = load.rules_on(asked.kind, today)
    aid = words.say("scores.aid", chosen.language)
    back = link(say("back", chosen), plain(chosen))
    st.html(
        f'{head(asked, None, chosen)}{kinds_nav(asked, chosen, current="rules")}<div class="xs-headline"><p class="xs-first">'
        f'{text(_headline(rules, asked, chosen))}</p></div><p class="xs-line">{text(aid)}{text(say("volume", chosen))}</p><p class="xs-line">{back}</p>'
    )
    _show_weights(rules, asked.kind, chosen)
    _show_values(rules, asked.kind, chosen)
    versions = load.rule_versions(asked.kind)
    _show_versions(versions, chosen)
    if scores_acts.may("approve"):
        _show_approval([one for one in versions if one.approved_at is None], asked, today, chosen)
    if scores_acts.may("propose"):
        scores_rules_form.show(rules, asked, today, chosen)


def _headline(rules: ScoreRules, asked: Asked, chosen: Chosen) -> str:
    weighed = sum(weight > 0 for weight in rules.weights.values())
    values = {
        "version": rule_name(rules.version, chosen),
        "kind": word("kind", asked.kind, chosen),
        "count": weighed,
        "valid_from": rules.valid_from,
    }
    return say("rules.headline", chosen, **values)


def _show_weights(rules: ScoreRules, kind: str, chosen: Chosen) -> None:
    """Every indicator with weight, months, minimum, target, why it counts and the source of that; the unweighted below."""
    st.html(head_of("weights", chosen))
    weighed = [one.name for one in of(kind) if rules.of(one.name).weight > 0]
    rest = [one.name for one in of(kind) if one.name not in weighed]
    st.html(_weights_table(weighed, rules, kind, chosen))
    st.html("".join(_part_why(part, chosen) for part in ("months", "minimum", "targets")))
    if rest:
        with st.expander(
            say("table.unweighted", chosen, count=len(rest)), on_change="rerun", key="unweighted"
        ) as behind:
            if behind.open:
                st.html(_weights_table(rest, rules, kind, chosen))


def _weights_table(names: list[str], rules: ScoreRules, kind: str, chosen: Chosen) -> str:
    shipped, own = shipped_rules(kind), own_reason(rules, kind, chosen)
    rows = []
    for name in names:
        rule = rules.of(name)
        ours = rule.weight == shipped.of(name).weight
        why, source = (words.say(f"scores.indicator.{name}.{part}", chosen.language) for part in ("why", "source"))
        rows.append((
            text(indicator_name(name, chosen)), text(f"{rule.weight:g}"), text(rule.months), text(f"{rule.minimum:g}"),
            text(targets_said(rule.targets, chosen)), f"{text(why)}<br><small>{text(source if ours else own)}</small>",
        ))  # fmt: skip
    heads = [
        (words.say(f"column.scores.{key}", chosen.language), kind_)
        for key, kind_ in (("indicator", ""), ("weight", "xs-n"), ("months", "xs-n xs-aside"), ("minimum", "xs-n xs-aside"),
                           ("target_points", ""), ("why_source", "xs-aside"))
    ]  # fmt: skip
    return rich_table(heads, rows)


def own_reason(rules: ScoreRules, kind: str, chosen: Chosen) -> str:
    """Why this site set values of its own, where the rules are its own."""
    number = rules.version.removeprefix("desk-")
    kept = next((one for one in load.rule_versions(kind) if str(one.version_id) == number), None)
    return say("rules.own", chosen, number=number, reason=kept.reason) if kept else ""


def _part_why(part: str, chosen: Chosen) -> str:
    """Why every indicator has months, a minimum and a target, and the source of that."""
    key = "target" if part == "targets" else part
    why, source = (say(f"rule_{what}.{key}", chosen) for what in ("why", "source"))
    return f'<p class="xs-basis">{text(say("rules.part", chosen, part=part_name(part, chosen), why=why, source=source))}</p>'


def _show_values(rules: ScoreRules, kind: str, chosen: Chosen) -> None:
    """The other values: peers, bands, windows, stars, limits of the questions; a value of this site's own gives its reason."""
    with st.expander(say("table.values", chosen), on_change="rerun", key="rule_values") as behind:
        if not behind.open:
            return
        shipped, own = shipped_rules(kind), own_reason(rules, kind, chosen)
        was, cuts = dict(shipped.values), dict(shipped.size_cuts)
        rows = [
            {"rule": say(f"rule.{name}.name", chosen), "value": _measured(name, value, chosen), "reason": told("reason", name, chosen),
             "source": told("source", name, chosen) if value == was.get(name) else own}
            for name, value in rules.values
        ] + [
            {"rule": say("rule.size_cuts.name", chosen, level=word("level", level, chosen)), "value": cuts_said(found, chosen),
             "reason": told("reason", "size_cuts", chosen), "source": told("source", "size_cuts", chosen) if found == cuts.get(level) else own}
            for level, found in rules.size_cuts
        ]  # fmt: skip
        columns = (
            column("rule"),
            column("value", heading="amount"),
            column("reason", heading="why"),
            column("source", aside=True),
        )
        st.html(tables.table(rows, columns, chosen))


def _measured(name: str, value: float, chosen: Chosen) -> str:
    return words.say(
        "settings.measured", chosen.language, value=f"{value:g}", unit=say(f"rule.{name}.unit", chosen)
    ).strip()


def told(what: str, name: str, chosen: Chosen) -> str:
    """The reason or source of a value: its own, else that of its group."""
    own, group = f"rule.{name}.{what}", f"rule_{'why' if what == 'reason' else 'source'}.{name.partition('.')[0]}"
    return say(own if words.has(f"score_pages.{own}", chosen.language) else group, chosen)


# --- versions ----------------------------------------------------------------------------------------------------------------------


def _show_versions(versions: tuple[RuleVersion, ...], chosen: Chosen) -> None:
    st.html(head_of("versions", chosen))
    if not versions:
        st.html(quiet(say("none.versions", chosen)))
        return
    rows = [
        {"version": rule_name(f"desk-{one.version_id}", chosen), "valid_from": one.valid_from, "reason": one.reason, "post": one.post,
         "recorded_at": one.recorded_at, "approved": _approved(one, chosen)}
        for one in versions
    ]  # fmt: skip
    columns = (
        column("version"), column("valid_from", "day"), column("reason", heading="rule_reason", aside=True), column("post", aside=True),
        column("recorded_at", "moment", aside=True), column("approved"),
    )  # fmt: skip
    st.html(tables.table(rows, columns, chosen))


def _approved(one: RuleVersion, chosen: Chosen) -> str:
    if one.approved_at is None:
        return say("rules.waiting", chosen)
    return say("rules.approved", chosen, post=one.approved_by, at=one.approved_at)


def _show_approval(waiting: list[RuleVersion], asked: Asked, today: date, chosen: Chosen) -> None:
    """One of the versions that wait: what it changes, what it would do to all units, and the button that puts it in force."""
    if not waiting:
        return
    st.html(head_of("approval", chosen))
    names = {one.version_id: rule_name(f"desk-{one.version_id}", chosen) for one in waiting}
    one = waiting[0]
    if len(waiting) > 1:
        by_number = {other.version_id: other for other in waiting}
        one = by_number[
            st.selectbox(
                words.say("column.scores.version", chosen.language), names, format_func=names.get, key="approve_which"
            )
        ]
    st.html(
        f'<p class="xs-line"><b>{text(say("rules.approve_title", chosen, version=names[one.version_id], day=one.valid_from))}</b>'
        f"　{text(one.reason)}</p>"
    )
    if one.valid_from < today:
        st.html(quiet(say("rules.too_late", chosen, day=one.valid_from)))
        return
    other = rules_of_version(one)
    st.html(changed(load.rules_on(asked.kind, one.valid_from), other, chosen))
    with st.expander(say("rules.effect", chosen), on_change="rerun", key="approval_effect") as behind:
        if behind.open:
            show_effect(load.preview(asked, other), chosen)
    with st.form("approve_rules", border=False):
        reason = st.text_input(say("rules.reason", chosen), max_chars=300, key="approve_reason")
        sent = st.form_submit_button(say("rules.approve", chosen), type="primary", key="approve_send")
        if sent and scores_acts.tried(lambda: scores_acts.approve(one.version_id, reason), chosen) is not None:
            quality.done(say("rules.approved_done", chosen, version=names[one.version_id], day=one.valid_from))
