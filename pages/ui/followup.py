"""What people add to a brief, on the page: the look back, their words, directives; and its way to being issued (`pages.ui.issuing`)."""

from datetime import timedelta

import streamlit as st

from analytics.followup import FollowUp, LookedBack
from data.issuing import POST_LEVELS, BriefKey, Item, may, words_history
from data.queries import Selection
from pages.ui import issuing_acts as acts
from pages.ui import load, tables, words
from pages.ui.issuing import show_issue
from pages.ui.links import Chosen
from pages.ui.load import followup as followups
from pages.ui.markup import chip, opened, quiet, section, text, told
from pages.ui.recorded import attempt, post_of, say_done
from pages.ui.tables import Column

__all__ = ["show_directives", "show_issue", "show_lookback", "show_words"]

LONGEST = 500
_SHAPES = {"went_on": "above", "again": "watch", "eased": "within", "none_since": "within"}


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"followup.{key}", chosen.language, **values)


# --- the look back --------------------------------------------------------------------------------------------------------------


def show_lookback(follow_up: FollowUp | None, chosen: Chosen) -> None:
    """One to three lines under the headline; each concern of the last brief with what came of it, on demand."""
    say_done()
    if follow_up is None:
        return
    followups.count_opening(follow_up.key)
    if not follow_up.said:
        return
    items = "".join(f"<li>{told(one, chosen)}</li>" for one in follow_up.said)
    st.html(f'<ul class="xs-lines xs-lookback" aria-label="{text(_say("lookback", chosen))}">{items}</ul>')
    if follow_up.looked_back:
        with st.expander(_say("each", chosen), on_change="rerun", key="lookback_each") as each:
            if each.open:
                st.html(_each(follow_up, chosen))


def _each(follow_up: FollowUp, chosen: Chosen) -> str:
    """One row a concern: then, now, what came of it, how many of the matters are closed, directives."""
    names = ("concern", "verdict", "then", "now", "whole", "standing", "directives")
    head = "".join(
        f'<th scope="col"{"" if name in ("concern", "verdict") else " class=xs-n"}>{text(_say(f"column.{name}", chosen))}</th>'
        for name in names
    )
    body = "".join(_row(one, chosen) for one in follow_up.looked_back)
    return (
        f'<div class="xs-scroll" tabindex="0"><table class="xs-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(one: LookedBack, chosen: Chosen) -> str:
    label = text(words.tell(one.label, chosen.language))
    verdict = chip(_SHAPES.get(one.verdict, "unknown"), _say(f"verdict.{one.verdict}", chosen))
    directives = _say("given", chosen, given=one.given, settled=one.settled) if one.given else words.NOTHING
    cells = (
        _counted(one.concern.observed, one.concern.upper, None, chosen),
        _counted(one.now, one.now_upper, one.opens_now, chosen),
    )
    done_ = (
        _counted(one.whole, None, one.opens_whole, chosen),
        _counted(one.standing, None, one.opens_standing, chosen),
    )
    return (
        f"<tr><td>{label}</td><td>{verdict}</td><td class=xs-n>{cells[0]}</td><td class=xs-n>{cells[1]}</td>"
        f"<td class=xs-n>{done_[0]}</td><td class=xs-n>{done_[1]}</td><td class=xs-n>{text(directives)}</td></tr>"
    )


def _counted(value: float | None, upper: float | None, selection: Selection | None, chosen: Chosen) -> str:
    """A count that opens, and beside it the upper end of its range."""
    if value is None:
        return words.NOTHING
    shown = opened(
        words.number(value, chosen.language), selection, chosen, words.say("frame.open_list", chosen.language)
    )
    limit = "" if upper is None else f" <small>{text(_say('upper', chosen, upper=upper))}</small>"
    return shown + limit


# --- people's words -------------------------------------------------------------------------------------------------------------


def show_words(key: BriefKey, section_: str, prompt: str, chosen: Chosen) -> None:
    """People's words for a section: visibly empty while nobody wrote, to be written by those who may."""
    site, desk = load.site(), load.desk()
    shared = site.actor.scope.sees_all or key.area_code is not None
    found = followups.words_of(key).get(section_) if shared else None
    if found is None:
        st.html(f'<div class="xs-blank">{text(_say("blank", chosen, prompt=prompt))}</div>')
    else:
        by = _say("by", chosen, post=post_of(found, chosen), at=found.recorded_at)
        paragraphs = "".join(f"<p>{text(line)}</p>" for line in found.text.splitlines() if line.strip())
        st.html(f'<div class="xs-words">{paragraphs}<small>{text(by)}</small></div>')
    if not shared or not may(site.role, "words"):
        return
    with st.expander(_say("write", chosen), on_change="rerun", key=f"words_{key.kind}_{section_}") as writing:
        if not writing.open:
            return
        with st.form(f"words_form_{key.kind}_{section_}", border=False):
            written = st.text_area(
                prompt, value=found.text if found else "", max_chars=4000, height=160, help=_say("screened", chosen),
                key=f"words_text_{key.text}_{section_}",
            )  # fmt: skip
            saved = st.form_submit_button(_say("save_words", chosen))
        if saved:
            attempt(lambda: acts.save_words(key, section_, written), "words_saved", chosen)
        earlier = words_history(desk, key, section_)
        if len(earlier) > 1:
            rows = [
                {"at": one.recorded_at, "by": post_of(one, chosen), "text": one.text or None} for one in earlier[::-1]
            ]
            columns = (Column("at", "moment", "recorded_at"), Column("by"), Column("text", blank="followup.taken_back"))
            st.html(quiet(_say("words_history", chosen)) + tables.table(rows, columns, chosen))


# --- directives -----------------------------------------------------------------------------------------------------------------


def show_directives(follow_up: FollowUp | None, chosen: Chosen, items: tuple[Item, ...] = ()) -> None:
    """Open directives with their age, those settled since the last brief; a form to give one and one to close one, for those who may.

    `items` are further items of this page that a directive can be given on, besides what the brief warns of.
    """
    if follow_up is None:
        return
    role = load.site().role
    may_give = follow_up.is_shared and may(role, "directive")
    if not follow_up.directives and not follow_up.settled and not may_give:
        return
    st.html(section(_say("section.directives", chosen), _say("lead.directives", chosen)))
    _show_open(follow_up, chosen)
    if follow_up.settled:
        rows = [line.values for line in follow_up.settled]
        columns = (
            Column("label", heading="directive_item"),
            Column("text", heading="directive"),
            Column("outcome", heading="outcome_text"),
            Column("closed_on", "day", heading="settled_on"),
        )
        st.html(quiet(_say("settled", chosen)) + tables.table(rows, columns, chosen))
    if may_give:
        _give(follow_up, items, chosen)
    if follow_up.directives and may(role, "outcome"):
        _close(follow_up, chosen)


def _show_open(follow_up: FollowUp, chosen: Chosen) -> None:
    if not follow_up.directives:
        st.html(quiet(_say("none.directives", chosen)))
        return
    opens = {line.values["directive_id"]: line.selection for line in follow_up.directives}
    columns = (
        Column("label", heading="directive_item", opens=lambda row: opens[row["directive_id"]]),
        Column("text", heading="directive"),
        Column("unit", blank="followup.no_unit"),
        Column("post_level", "code:post_level", heading="given_by", aside=True),
        Column("age_days", "days", heading="given_days"),
        Column("due_on", "day", aside=True),
        Column("days_left", "left"),
    )
    st.html(tables.table([line.values for line in follow_up.directives], columns, chosen))


def _give(follow_up: FollowUp, items: tuple[Item, ...], chosen: Chosen) -> None:
    said = chosen.language
    offered = {item.key: item for item in (*_items(follow_up, chosen), *items)}
    offered["brief"] = Item("brief", _say("item.whole", chosen), follow_up.key.area_code)
    units = followups.units()
    with st.expander(_say("give", chosen), on_change="rerun", key="give_directive") as giving:
        if not giving.open:
            return
        with st.form("directive_form", border=False, clear_on_submit=False):
            chosen_item = st.selectbox(
                _say("on_item", chosen), list(offered), format_func=lambda one: offered[one].label, key="directive_item"
            )
            written = st.text_area(
                words.say("column.directive", said),
                max_chars=LONGEST,
                help=_say("screened", chosen),
                key=f"directive_text_{len(follow_up.directives)}",
            )
            level, unit, due = st.columns(3)
            post_level = level.selectbox(
                words.say("column.given_by", said), POST_LEVELS, key="directive_level",
                format_func=lambda one: words.name("post_level", one, said),
            )  # fmt: skip
            org_id = unit.selectbox(
                words.say("column.unit", said), ["", *units], key="directive_unit",
                format_func=lambda one: units.get(one, _say("no_unit", chosen)),
            )  # fmt: skip
            today = load.site().now().date()
            due_on = due.date_input(
                words.say("column.due_on", said), value=today + timedelta(days=7), min_value=today, format="YYYY-MM-DD",
                key="directive_due",
            )  # fmt: skip
            given = st.form_submit_button(_say("give_now", chosen), type="primary")
        if given:
            more = {"as_of": follow_up.as_of, "post_level": post_level, "org_id": org_id or None, "due_on": due_on}
            attempt(
                lambda: acts.give_directive(follow_up.key, offered[chosen_item], written, **more),
                "directive_given",
                chosen,
            )


def _items(follow_up: FollowUp, chosen: Chosen) -> list[Item]:
    """What this brief warns of, as items a directive can be given on."""
    return [
        Item(
            line.values["key"],
            words.tell(line.values["label"], chosen.language)[:200],
            line.values["area_code"],
            line.values["category_code"],
            line.selection,
        )
        for line in follow_up.items
    ]


def _close(follow_up: FollowUp, chosen: Chosen) -> None:
    labels = {
        line.values[
            "directive_id"
        ]: f"{line.values['directive_id']} · {line.values['label']} · {line.values['text'][:30]}"
        for line in follow_up.directives
    }
    with st.expander(_say("close", chosen), on_change="rerun", key="close_directive") as closing:
        if not closing.open:
            return
        with st.form("outcome_form", border=False):
            number = st.selectbox(
                words.say("column.directive", chosen.language), list(labels), format_func=labels.get, key="outcome_of"
            )
            outcome = st.text_area(
                words.say("column.outcome_text", chosen.language), max_chars=LONGEST, help=_say("screened", chosen),
                key="outcome_text",
            )  # fmt: skip
            closed_on = st.date_input(
                words.say("column.settled_on", chosen.language), value=load.site().now().date(), format="YYYY-MM-DD",
                key="outcome_on",
            )  # fmt: skip
            closed = st.form_submit_button(_say("close_now", chosen), type="primary")
        if closed:
            attempt(lambda: acts.close_directive(number, outcome, closed_on), "directive_closed", chosen)
