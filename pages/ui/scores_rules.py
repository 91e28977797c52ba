"""The rules of a scorecard: what is in force and why, versions with their dates and reasons, changes tried on all units, proposed, approved."""

from datetime import date

import streamlit as st

from analytics.scorecards import RulesPreview
from analytics.scores.indicators import of
from analytics.scores.rules import ScoreRules, as_given, rules_from
from analytics.scores.windows import name_of
from data.scoring_desk import RuleVersion
from pages.ui import load as loads
from pages.ui import quality, scores_acts, tables, words
from pages.ui.links import Chosen
from pages.ui.load import scores as load
from pages.ui.load.scores import Asked
from pages.ui.markup import link, quiet, text
from pages.ui.scores_parts import column, head, head_of, indicator_name, kinds_nav, plain, points, rule_name, say, word

EDITED = ("total", "peers", "bands", "windows", "schedule", "raters", "stars")  # groups of values that the form offers
PREVIEWED = 15


def show(asked: Asked, chosen: Chosen) -> None:
    """What is in force, the versions, and for those who may the form to change them."""
    today = loads.site().now().date()
    rules = load.rules_on(asked.kind, today)
    aid = words.say("scores.aid", chosen.language)
    back = link(say("back", chosen), plain(chosen))
    st.html(
        f'{head(asked, None, chosen)}{kinds_nav(asked, chosen, current="rules")}<div class="xs-headline"><p class="xs-first">'
        f'{text(_headline(rules, asked, chosen))}</p></div><p class="xs-line">{text(aid)}{text(say("volume", chosen))}</p><p class="xs-line">{back}</p>'
    )
    _show_weights(rules, asked.kind, chosen)
    _show_values(rules, chosen)
    versions = load.rule_versions(asked.kind)
    _show_versions(versions, chosen)
    if scores_acts.may("approve"):
        _show_approval([one for one in versions if one.approved_at is None], rules, asked, chosen)
    if scores_acts.may("propose"):
        _show_form(rules, asked, today, chosen)


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
    """Every indicator with weight, months, minimum, target and why it counts; the unweighted below."""
    st.html(head_of("weights", chosen))
    rows = []
    for one in of(kind):
        rule = rules.of(one.name)
        targets = words.join([_target_said(key, value, chosen) for key, value in rule.targets], chosen.language)
        rows.append(
            {"indicator": indicator_name(one.name, chosen), "weight": rule.weight, "months": rule.months, "minimum": rule.minimum,
             "target": targets or words.NOTHING, "reason": words.say(f"scores.indicator.{one.name}.meaning", chosen.language)}
        )  # fmt: skip
    columns = (
        column("indicator"), column("weight", "figure"), column("months", "figure", aside=True), column("minimum", "figure", aside=True),
        column("target", heading="target_points"), column("reason", heading="why", aside=True),
    )  # fmt: skip
    weighed = [row for row in rows if row["weight"]]
    rest = [row for row in rows if not row["weight"]]
    st.html(tables.table(weighed, columns, chosen))
    if rest:
        with st.expander(
            say("table.unweighted", chosen, count=len(rest)), on_change="rerun", key="unweighted"
        ) as behind:
            if behind.open:
                st.html(tables.table(rest, columns, chosen))


def _target_said(key: str, value: float, chosen: Chosen) -> str:
    if key == "default":
        return points(value, chosen)
    level, _, kind = key.partition(".")
    where = " ".join([word("level", level, chosen), *([word("type", kind, chosen)] if kind else [])])
    return f"{where} {points(value, chosen)}"


def _show_values(rules: ScoreRules, chosen: Chosen) -> None:
    """The other values: peers, bands, windows, stars, limits of the questions."""
    with st.expander(say("table.values", chosen), on_change="rerun", key="rule_values") as behind:
        if not behind.open:
            return
        rows = [
            {
                "rule": say(f"rule.{name}.name", chosen),
                "value": _measured(name, value, chosen),
                "reason": _why(name, chosen),
            }
            for name, value in rules.values
        ]
        rows += [
            {"rule": say("rule.size_cuts.name", chosen, level=word("level", level, chosen)), "value": words.join(list(cuts), chosen.language),
             "reason": _why("size_cuts", chosen)}
            for level, cuts in rules.size_cuts
        ]  # fmt: skip
        st.html(tables.table(rows, (column("rule"), column("value"), column("reason", heading="why")), chosen))


def _measured(name: str, value: float, chosen: Chosen) -> str:
    return words.say(
        "settings.measured", chosen.language, value=f"{value:g}", unit=say(f"rule.{name}.unit", chosen)
    ).strip()


def _why(name: str, chosen: Chosen) -> str:
    own, group = f"rule.{name}.reason", f"rule_why.{name.partition('.')[0]}"
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
        column("version"), column("valid_from", "day"), column("reason", heading="rule_reason"), column("post", aside=True),
        column("recorded_at", "moment", aside=True), column("approved"),
    )  # fmt: skip
    st.html(tables.table(rows, columns, chosen))


def _approved(one: RuleVersion, chosen: Chosen) -> str:
    if one.approved_at is None:
        return say("rules.waiting", chosen)
    return say("rules.approved", chosen, post=one.approved_by, at=one.approved_at)


def _show_approval(waiting: list[RuleVersion], rules: ScoreRules, asked: Asked, chosen: Chosen) -> None:
    """What a proposed version would do to all units, and the button that puts it in force."""
    if not waiting:
        return
    one = waiting[0]
    st.html(
        f'<p class="xs-line"><b>{text(say("rules.approve_title", chosen, version=rule_name(f"desk-{one.version_id}", chosen), day=one.valid_from))}</b></p>'
    )
    other = rules_from(one.rules, rules, version=f"desk-{one.version_id}")
    st.html(_changed(rules, other, chosen))
    with st.expander(say("rules.effect", chosen), on_change="rerun", key="approval_effect") as behind:
        if behind.open:
            _show_effect(load.preview(asked, other), chosen)
    with st.form("approve_rules", border=False):
        reason = st.text_input(say("rules.reason", chosen), max_chars=300, key="approve_reason")
        if st.form_submit_button(say("rules.approve", chosen), type="primary", key="approve_send"):
            scores_acts.approve(one.version_id, reason)
            quality.done(
                say(
                    "rules.approved_done",
                    chosen,
                    version=rule_name(f"desk-{one.version_id}", chosen),
                    day=one.valid_from,
                )
            )


# --- a change: edited, tried, proposed ---------------------------------------------------------------------------------------------


def _show_form(rules: ScoreRules, asked: Asked, today: date, chosen: Chosen) -> None:
    st.html(head_of("edit", chosen))
    with st.expander(say("rules.edit", chosen), key="edit_score_rules"), st.form("score_rules_form", border=False):
        given = as_given(rules)
        for one in of(asked.kind):
            rule = rules.of(one.name)
            named, weight, months, minimum, target = st.columns((3, 1, 1, 1, 1), vertical_alignment="bottom")
            named.markdown(text(indicator_name(one.name, chosen)))
            label = {part: _part(part, chosen) for part in ("weight", "months", "minimum", "target")}
            own = given["indicator"][one.name]
            own["weight"] = weight.number_input(
                label["weight"], 0.0, 100.0, float(rule.weight), step=1.0, format="%g", key=f"w_{one.name}"
            )
            own["months"] = months.number_input(label["months"], 1, 36, int(rule.months), key=f"m_{one.name}")
            own["minimum"] = minimum.number_input(
                label["minimum"], 0.1, 1000.0, float(rule.minimum), step=1.0, format="%g", key=f"n_{one.name}"
            )
            aim = target.number_input(
                label["target"],
                0.0,
                100.0,
                dict(rule.targets).get("default"),
                step=1.0,
                format="%g",
                key=f"t_{one.name}",
            )
            own["target"] = dict(rule.targets) | ({} if aim is None else {"default": aim})
        places = st.columns(2)
        for number, (name, value) in enumerate(
            (name, value) for name, value in rules.values if name.partition(".")[0] in EDITED
        ):
            group, _, key = name.partition(".")
            label = f"{say(f'rule.{name}.name', chosen)} · {say(f'rule.{name}.unit', chosen)}"
            given[group][key] = places[number % 2].number_input(
                label, 0.0, 10_000.0, float(value), step=1.0, format="%g", key=f"v_{name}"
            )
        valid_from = st.date_input(
            words.say("settings.valid_from", chosen.language),
            value=today,
            min_value=today,
            format="YYYY-MM-DD",
            key="score_rules_from",
        )
        if st.form_submit_button(say("rules.look", chosen), type="primary", key="score_rules_look"):
            st.session_state["score_rules"] = (
                asked.kind,
                rules_from(given | {"valid_from": valid_from}, rules, version="file-edit"),
                valid_from,
            )
    kept = st.session_state.get("score_rules")
    if kept and kept[0] == asked.kind:
        _confirm(kept[1], kept[2], rules, asked, chosen)


def _part(part: str, chosen: Chosen) -> str:
    """What a part of an indicator's rule is called."""
    return (
        say("head.target", chosen)
        if part in ("target", "targets")
        else words.say(f"column.scores.{part}", chosen.language)
    )


def _confirm(other: ScoreRules, valid_from: date, rules: ScoreRules, asked: Asked, chosen: Chosen) -> None:
    """What the change would do to all units of the period, then the reason and the button."""
    st.html(_changed(rules, other, chosen))
    _show_effect(load.preview(asked, other), chosen)
    with st.form("propose_rules", border=False):
        reason = st.text_input(say("rules.reason", chosen), max_chars=300, key="propose_reason")
        if st.form_submit_button(say("rules.propose", chosen, day=valid_from), type="primary", key="propose_send"):
            number = scores_acts.propose(other, valid_from, reason)
            del st.session_state["score_rules"]
            quality.done(say("rules.proposed", chosen, version=rule_name(f"desk-{number}", chosen), day=valid_from))
    if st.button(words.say("settings.leave", chosen.language), key="score_rules_leave"):
        del st.session_state["score_rules"]
        st.rerun()


def _changed(rules: ScoreRules, other: ScoreRules, chosen: Chosen) -> str:
    """What one version changes against another, line by line."""
    rows = []
    for (name, before), (_, after) in zip(rules.indicators, other.indicators, strict=True):
        for part in ("weight", "months", "minimum", "targets"):
            was, now = getattr(before, part), getattr(after, part)
            if was != now:
                label = f"{indicator_name(name, chosen)} · {_part(part, chosen)}"
                rows.append({"rule": label, "before": _plain(was, chosen), "after": _plain(now, chosen)})
    now = dict(other.values)
    rows += [
        {"rule": say(f"rule.{name}.name", chosen), "before": f"{value:g}", "after": f"{now[name]:g}"}
        for name, value in rules.values
        if now[name] != value
    ]
    if not rows:
        return quiet(say("rules.same", chosen))
    return tables.table(
        rows, (column("rule"), column("before", "text"), column("after", "text")), chosen, say("rules.changes", chosen)
    )


def _plain(value: object, chosen: Chosen) -> str:
    if isinstance(value, tuple):
        return words.join([_target_said(key, one, chosen) for key, one in value], chosen.language) or words.NOTHING
    return f"{value:g}"


def _show_effect(found: RulesPreview, chosen: Chosen) -> None:
    """Every unit before and after: those that change most first."""
    values = {"period": name_of(found.period), "units": len(found.units), "bands": found.bands_changed}
    change = found.units["change"].astype("float64")
    values["middle"] = round(float(change.abs().median()), 1) if change.notna().any() else 0
    st.html(f'<p class="xs-line">{text(say("rules.effect_said", chosen, **values))}</p>')
    order = found.units.assign(far=change.abs().fillna(-1)).sort_values(["far", "unit_id"], ascending=[False, True])
    rows = [
        {"unit": row["name"], "before": row["before"], "after": row["after"], "change": points(row["change"], chosen, signed=True),
         "band_before": _band(row["band_before"], chosen), "band_after": _band(row["band_after"], chosen)}
        for row in order.to_dict("records")
    ]  # fmt: skip
    columns = (
        column("unit"), column("before", "decimal"), column("after", "decimal"), column("change"), column("band_before", aside=True),
        column("band_after", aside=True),
    )  # fmt: skip
    st.html(tables.table(rows[:PREVIEWED], columns, chosen))
    if len(rows) > PREVIEWED:
        with st.expander(
            words.say("frame.all_lines", chosen.language, count=len(rows)), on_change="rerun", key="all_effects"
        ) as rest:
            if rest.open:
                st.html(tables.table(rows[PREVIEWED:], columns, chosen))


def _band(band: object, chosen: Chosen) -> str:
    return word("band", band, chosen) if isinstance(band, str) else words.NOTHING
