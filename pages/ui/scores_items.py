"""From a score to its items: an indicator's numerator and denominator, what was counted and left out and why, objections and their decisions."""

from collections.abc import Sequence

import streamlit as st

from analytics.scorecards import CountedItems, IndicatorScore, Objection, ScoreCard
from data.scoring_desk import DECISIONS, EFFECTS
from pages.ui import folded, quality, scores_acts, tables, words
from pages.ui.links import Chosen
from pages.ui.load import scores as load
from pages.ui.load.scores import Asked
from pages.ui.markup import link, quiet, text
from pages.ui.scores_card import counted, weighed
from pages.ui.scores_parts import (
    column,
    head_of,
    indicator_name,
    interval_said,
    points,
    rich_table,
    rule_name,
    say,
    word,
)
from pages.ui.signals_parts import parts_nav

SHOWN = 12
MOST = 300  # lines of a list on the screen; the file holds them all
COUNTED = ("met", "not_met")


def chosen_indicator(card: ScoreCard, chosen: Chosen) -> IndicatorScore | None:
    """The indicator that the link opens; else the first weighed one with data."""
    wanted = dict(chosen.own).get("indicator")
    named = next((one for one in card.indicators if one.name == wanted), None)
    rated = [one for one in weighed(card) if one.denominator]
    return named or (rated[0] if rated else next(iter(card.indicators), None))


def show_lineage(card: ScoreCard, asked: Asked, chosen: Chosen) -> None:
    """One indicator opened: what it means, how it is counted, its matters and activities, and what a recount by hand needs."""
    one = chosen_indicator(card, chosen)
    st.html(head_of("lineage", chosen))
    if one is None:
        return
    offered = [other for other in card.indicators if other.weight > 0 or other.name == one.name]
    ways = [
        (f"{chosen.query(indicator=other.name)}#lineage", indicator_name(other.name, chosen), other.name == one.name)
        for other in offered
    ]
    st.html(
        f'<div class="xs-narrowing">{parts_nav(ways, say("narrow.indicator", chosen))}</div>{_explained(card, one, chosen)}'
    )
    if one.left_out:
        st.html(_left_out(one, chosen))
    found = load.items(asked, card.line.unit.unit_id, one.name)
    _show_items(found, one, chosen)
    _show_recount(card, one, chosen)
    _show_form(card, found, one, asked, chosen)


def _explained(card: ScoreCard, one: IndicatorScore, chosen: Chosen) -> str:
    """Meaning, formula and window; then score, indicator, numerator and denominator as one chain."""
    said = chosen.language
    meaning, formula = (words.say(f"scores.indicator.{one.name}.{part}", said) for part in ("meaning", "formula"))
    window = words.day_range(one.period.first, one.period.last, said)
    steps = [say("chain.window", chosen, window=window)]
    if one.denominator is not None:
        steps.append(f"{text(say('chain.counted', chosen))} {counted(one, chosen)}")
    chain = [text(steps[0]), *steps[1:]]
    if one.raw_pct is not None:
        chain.append(
            text(say("chain.raw", chosen, raw=words.pct(one.raw_pct, said), peer=words.pct(one.peer_pct, said)))
        )
    if one.points is not None:
        chain.append(
            text(
                say(
                    "chain.points",
                    chosen,
                    points=points(one.points, chosen),
                    interval=interval_said(one.interval, chosen) or points(one.points, chosen),
                )
            )
        )
    else:
        chain.append(
            text(
                say(
                    f"chain.{one.state}" if one.state == "too_few" else "chain.none",
                    chosen,
                    state=word("state", one.state, chosen),
                    minimum=one.minimum,
                )
            )
        )
    if one.contribution is not None:
        chain.append(
            text(
                say(
                    "chain.weight" if one.points is not None else "chain.stands_in",
                    chosen,
                    peer=points(one.peer_points, chosen),
                    weight=points(one.effective_weight, chosen),
                    contribution=points(one.contribution, chosen),
                )
            )
        )
    chain.append(
        text(say("chain.rules", chosen, rules=rule_name(card.rules.version, chosen), valid_from=card.rules.valid_from))
    )
    items = "".join(f"<li>{part}</li>" for part in chain)
    return f'<p class="xs-line"><b>{text(meaning)}</b>　{text(formula)}</p><ul class="xs-lines">{items}</ul>'


def _left_out(one: IndicatorScore, chosen: Chosen) -> str:
    """What is not counted, reason by reason; the number opens the matters."""
    rows = [
        {
            "reason": word("left_out", part.reason, chosen),
            "count": part.items,
            "goes": None if part.selection is None else chosen.query(part.selection),
        }
        for part in one.left_out
    ]
    return tables.table(
        rows,
        (column("reason"), column("count", "count", goes=lambda row: row["goes"])),
        chosen,
        say("text.left_out", chosen),
    )


def _show_items(found: CountedItems, one: IndicatorScore, chosen: Chosen) -> None:
    """Every matter or activity with what it counts for."""
    hidden = say("text.not_listed", chosen, count=found.not_listed) if found.not_listed else ""
    if found.items.empty:
        st.html(quiet(hidden or say("none.items", chosen)))
        return
    rows = found.items.to_dict("records")
    if all(row["what"] == "record" for row in rows):
        st.html(quiet(say("text.recorded", chosen)))
        return
    shown = [
        row | {"item": word("rater", row["item"], chosen) if row["what"] == "rater" else row["item"],
               "state": _state_said(row, one.direction == "lower", chosen), "category": _text(row["category"]),
               "objection": word("objection", _text(row["objection"]), chosen) if _text(row["objection"]) else ""}
        for row in rows
    ]  # fmt: skip
    columns = [column("item", "id"), column("day", "day", "item_day", aside=True)]
    if all(row["state"] == "recorded" for row in rows):
        columns += [column("numerator", "figure"), column("denominator", "figure")]
    else:
        dated = [column(name, "day", aside=True) for name in ("due_on", "done_on")]
        columns += [
            *dated,
            column("state", heading="item_state"),
            column("category", aside=True),
            column("objection"),
        ]
    columns = [
        one
        for one in columns
        if one.key not in ("due_on", "done_on", "category", "objection") or any(_is_said(row[one.key]) for row in shown)
    ]
    caption = say("text.items" if len(rows) > MOST else "text.items_all", chosen, count=len(rows), shown=MOST)
    folded.show_table(
        "all_items", shown, columns, chosen, first=SHOWN, most=MOST, caption=f"{caption} {hidden}".strip()
    )


def _state_said(row: dict, is_lower: bool, chosen: Chosen) -> str:
    """What an item counts for; of one that is left out also why. Where lower is better, what is counted is what came about."""
    group = "came_about" if is_lower and row["state"] in ("met", "not_met") else "item_state"
    state, reason = word(group, row["state"], chosen), _text(row["reason"])
    return (
        words.say("score_pages.left_out_because", chosen.language, state=state, reason=word("left_out", reason, chosen))
        if reason
        else state
    )


def _is_said(value: object) -> bool:
    return value is not None and value != "" and value == value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _show_recount(card: ScoreCard, one: IndicatorScore, chosen: Chosen) -> None:
    """The formula and the numbers with which the points are computed by hand."""
    with st.expander(say("table.recount", chosen), on_change="rerun", key="recount") as behind:
        if not behind.open:
            return
        method = {"mix": "recount_mix", "mean": "recount_mean"}.get(str(one.basis.get("method")), "recount")
        st.html(f'<p class="xs-line">{text(words.say(f"paper.scores.{method}", chosen.language))}</p>')
        rows = [
            {"quantity": word("basis", name, chosen), "amount": f"{value:.6g}"}
            for name, value in one.basis.items()
            if isinstance(value, float)
        ]
        if rows:
            st.html(tables.table(rows, (column("quantity"), column("amount")), chosen))
        counted_ = [row for row in one.basis.get("subjects", ()) if row["whole"] or row["mix"]]
        if counted_:
            st.html(_subjects_table(counted_, card.line.unit.level, chosen))


def _subjects_table(subjects: Sequence[dict], level: str, chosen: Chosen) -> str:
    """The subjects that an adjusted rate rests on: the unit's own numbers, the peers' rate, the peers' mix."""
    names = ("met", "whole", "rate", "mix")
    heads = [
        (words.say("column.scores.category", chosen.language), ""),
        *((word("basis", name, chosen), "xs-n") for name in names),
    ]
    rows = [
        (text(load.subject_name(row["subject"], level, chosen.language)), *(text(f"{row[name]:.6g}") for name in names))
        for row in subjects
    ]  # fmt: skip
    return rich_table(heads, rows)


# --- objections --------------------------------------------------------------------------------------------------------------------


def _show_form(card: ScoreCard, found: CountedItems, one: IndicatorScore, asked: Asked, chosen: Chosen) -> None:
    """A unit may object to an item that counts, until the stated day."""
    over = load.today() > card.objections_until
    until = say("text.objections_over" if over else "text.objections_until", chosen, until=card.objections_until)
    free = found.items[found.items["state"].isin(COUNTED) & found.items["objection"].isna()]
    free = free.sort_values(
        "state", ascending=one.direction == "lower", kind="stable"
    )  # what counts against the unit first
    if not (card.may_object and scores_acts.may("object") and len(free)):
        st.html(quiet(until))
        return
    with (
        st.expander(say("object.title", chosen, until=card.objections_until), key="object_to"),
        st.form("objection_form", border=False),
    ):
        offered = {
            f"{row['item']}　{word('item_state', row['state'], chosen)}": row["item"]
            for row in free.head(MOST).to_dict("records")
        }
        item = st.selectbox(say("object.item", chosen), list(offered), key="objection_item")
        reason = st.text_area(say("object.reason", chosen), max_chars=500, key="objection_reason")
        if st.form_submit_button(say("object.send", chosen), type="primary", key="objection_send"):
            unit_id = card.line.unit.unit_id
            number = scores_acts.tried(
                lambda: scores_acts.object_to(asked, unit_id, one.name, offered[item], reason), chosen
            )
            if number is not None:
                quality.done(say("object.sent", chosen, number=number))


def show_objections(card: ScoreCard, asked: Asked, chosen: Chosen) -> None:
    """Every objection of the period with its decision, and the score before and after; a reviewer decides with a reason."""
    st.html(head_of("objections", chosen))
    if not card.objections:
        st.html(quiet(say("none.objections", chosen)))
        return
    st.html(f'<ul class="xs-lines">{"".join(_objection(one, chosen) for one in card.objections)}</ul>')
    show_decisions([one for one in card.objections if one.state == "open"], asked, chosen)


def _objection(one: Objection, chosen: Chosen) -> str:
    name, number = indicator_name(one.indicator, chosen), one.objection_id
    said = say(
        "objection.made",
        chosen,
        number=number,
        indicator=name,
        item=one.item,
        reason=one.reason,
        post=one.post,
        at=one.recorded_at,
    )
    if one.state == "open":
        return f"<li>{text(said)}<br><small>{text(word('objection', 'open', chosen))}</small></li>"
    outcome = word("objection", one.effect if one.effect else one.state, chosen)
    values = {
        "decision": word("objection", one.state, chosen),
        "outcome": outcome,
        "reason": one.decision_reason,
        "post": one.decided_by,
        "at": one.decided_at,
    }
    values |= {
        "before": points(one.score_before, chosen, decimals=2),
        "after": points(one.score_after, chosen, decimals=2),
    }
    return f"<li>{text(said)}<br>{text(say(f'objection.{one.state}', chosen, **values))}</li>"


def show_decisions(waiting: Sequence[Objection], asked: Asked, chosen: Chosen) -> None:
    """For a reviewer: what a decision would do to the score, then the decision with its reason."""
    if not waiting or not scores_acts.may("decide"):
        return
    one = waiting[0]
    st.html(f'<p class="xs-line"><b>{text(say("decide.title", chosen, number=one.objection_id))}</b></p>')
    heads = [
        (words.say(f"column.scores.{key}", chosen.language), kind)
        for key, kind in (("effect", ""), ("before", "xs-n"), ("after", "xs-n"))
    ]
    rows = [
        (text(word("objection", effect, chosen)), *(text(points(score, chosen, decimals=2)) for score in load.effect(asked, one.objection_id, effect)))
        for effect in EFFECTS
    ]  # fmt: skip
    st.html(rich_table(heads, rows, caption=say("decide.effect", chosen)))
    with st.form("decision_form", border=False):
        decision = st.radio(
            say("decide.decision", chosen),
            DECISIONS,
            format_func=lambda code: say(f"decide.{code}", chosen),
            horizontal=True,
            key="decision",
        )
        effect = st.radio(
            say("decide.how", chosen),
            EFFECTS,
            format_func=lambda code: word("objection", code, chosen),
            horizontal=True,
            key="decision_effect",
        )
        reason = st.text_area(say("decide.reason", chosen), max_chars=500, key="decision_reason")
        if st.form_submit_button(say("decide.send", chosen), type="primary", key="decision_send"):
            found = scores_acts.tried(
                lambda: scores_acts.decide(
                    asked, one.objection_id, decision, reason, effect if decision == "accepted" else None
                ),
                chosen,
            )
            if found is not None:
                before, after = (points(score, chosen, decimals=2) for score in found)
                quality.done(say("decide.done", chosen, number=one.objection_id, before=before, after=after))


def show_waiting(asked: Asked, names: dict[str, str], chosen: Chosen) -> None:
    """In the list of units: the objections that wait for a decision, each leading to its card."""
    found = load.objections(asked)
    waiting = found[found["decision"].isna()] if len(found) else found
    if not len(waiting):
        return
    lines = [
        f'<li>{link(names.get(row["unit_id"], row["unit_id"]), chosen.query(card=row["unit_id"]) + "#objections")}　'
        f'{text(indicator_name(row["indicator"], chosen))} · {text(row["item"])}</li>'
        for row in waiting.to_dict("records")
    ]  # fmt: skip
    st.html(f'{head_of("waiting", chosen)}<ul class="xs-lines">{"".join(lines)}</ul>')
