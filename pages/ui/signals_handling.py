"""What people do about a signal, on its page: what comes next by when, the steps so far, and the form for those who may record one."""

from collections.abc import Mapping
from datetime import date, timedelta

import streamlit as st

from analytics.figures import Line
from analytics.warnings.answer import SignalDetail
from pages.ui import load, tables, words
from pages.ui import signals_acts as acts
from pages.ui.links import Chosen
from pages.ui.markup import quiet, text
from pages.ui.recorded import attempt, say_done
from pages.ui.signals_parts import column, event_name, handling_chip, head_of, is_issued, next_of, say
from pages.ui.tables import Column

LONGEST = 500
_USUAL_DAYS = 7  # offered for the next step, to be changed


def show(detail: SignalDetail, chosen: Chosen) -> None:
    """What comes next, the steps so far, and the form to record the next one."""
    say_done()
    item = detail.item
    upcoming = next_of(item, chosen) or text(say(f"do.{'none_left' if is_issued(item) else 'candidate'}", chosen))
    st.html(
        head_of("handling", chosen)
        + f'<div class="xs-do">{handling_chip(item, chosen)} <p>{upcoming}</p></div>'
        + _steps(detail.steps, chosen)
    )
    if not is_issued(item):
        return
    if not detail.may_handle:
        st.html(quiet(say("do.may_not", chosen)))
        return
    _record(detail, chosen)


def _steps(steps: tuple[Line, ...], chosen: Chosen) -> str:
    """Every step with post, time and reason, as it was recorded."""
    if not steps:
        return quiet(say("none.steps", chosen))
    rows = [{**line.values, **_step_said(line.values, chosen)} for line in steps]
    columns = (column("step"), column("reason"), column("by"), Column("due_on", "day", "signals.due_on", aside=True))
    return tables.table(rows, columns, chosen)


def _step_said(values: Mapping[str, object], chosen: Chosen) -> dict:
    said = chosen.language
    post = words.name("post", values["post"], said) + ("" if values["verified"] else say("do.unverified", chosen))
    step = words.name("signal_step", values["step"], said)
    if values["outcome"]:
        step += " · " + words.name("signal_outcome", values["outcome"], said)
    return {"step": step, "by": say("do.by", chosen, post=post, at=values["at"])}


# --- the form --------------------------------------------------------------------------------------------------------------------


def _record(detail: SignalDetail, chosen: Chosen) -> None:
    """The steps that may follow; what is typed is searched for personal data before it is stored."""
    item, said = detail.item, chosen.language
    stands = acts.standing(item.key)
    if not stands.steps:
        if item.next_step:
            st.html(quiet(say("do.others", chosen)))
        return
    with st.expander(say("do.record", chosen), on_change="rerun", key="record_step") as recording:
        if not recording.open:
            return
        step = st.radio(
            say("do.step", chosen), stands.steps, horizontal=True, key=f"step_{item.key}_{stands.seen}",
            format_func=lambda one: words.name("signal_step", one, said),
        )  # fmt: skip
        outcome = _ask_outcome(step, chosen)
        with st.form(f"step_form_{step}_{outcome}", border=False):
            event = _ask_event(detail, outcome, chosen)
            reason = st.text_area(
                say("do.reason", chosen), max_chars=LONGEST, help=say("do.reason_help", chosen),
                key=f"reason_{item.key}_{stands.seen}",
            )  # fmt: skip
            due_on, happened_on = _ask_days(detail, step, outcome, chosen)
            st.caption(say("do.screened", chosen))
            saved = st.form_submit_button(say("do.save", chosen), type="primary")
        if saved:
            more = {"outcome": outcome, "due_on": due_on, "happened_on": happened_on}
            known = event and acts.KnownEvent(event.values, event_name(event.values, said), item.node.area_code)
            attempt(
                lambda: acts.take_step(item.key, step, reason, seen=stands.seen, event=known, **more),
                "signal_step",
                chosen,
            )


def _ask_outcome(step: str, chosen: Chosen) -> str | None:
    """What it was, for the steps that say so; other fields follow from it."""
    offered = acts.OUTCOMES.get(step)
    if offered is None:
        return None
    return st.radio(
        say("do.outcome", chosen), offered, horizontal=True, key=f"outcome_{step}",
        format_func=lambda one: words.name("signal_outcome", one, chosen.language),
    )  # fmt: skip


def _ask_event(detail: SignalDetail, outcome: str | None, chosen: Chosen) -> Line | None:
    """The known event that explains it: a note of the site, a planned event or a festival near in time and place."""
    if outcome != "known_event":
        return None
    events = {str(line.values["event_id"]): line for line in detail.known_events}
    if not events:
        st.html(quiet(say("do.no_event", chosen)))
        return None
    return events[
        st.selectbox(
            say("do.event", chosen), list(events), key="step_event",
            format_func=lambda one: event_name(events[one].values, chosen.language),
        )
    ]  # fmt: skip


def _ask_days(detail: SignalDetail, step: str, outcome: str | None, chosen: Chosen) -> tuple[date | None, date | None]:
    """When the next step is due, or for a hit the day on which what was warned of happened."""
    today = load.site().now().date()
    if outcome == "hit":
        opened_on = min(detail.item.opened_on, today)
        said = say("do.happened", chosen)
        return None, st.date_input(said, value=opened_on, max_value=today, format="YYYY-MM-DD", key="step_happened")
    if step in acts.OUTCOMES:
        return None, None
    usual = today + timedelta(days=_USUAL_DAYS)
    return st.date_input(say("do.due", chosen), value=usual, min_value=today, format="YYYY-MM-DD", key="step_due"), None


# --- afterwards --------------------------------------------------------------------------------------------------------------------


def show_post_event(detail: SignalDetail, chosen: Chosen) -> None:
    """The three questions, why there was no …, with the answers given; a form for those who may answer."""
    item = detail.item
    may_answer = detail.may_handle and acts.may_review()
    if not is_issued(item) or not (detail.post_event or may_answer):
        return
    last = detail.post_event[-1].values if detail.post_event else {}
    st.html(head_of("post_event", chosen) + "".join(_answer(name, last.get(name), chosen) for name in acts.QUESTIONS))
    if not may_answer:
        return
    with st.expander(say("do.post_event_open", chosen), on_change="rerun", key="post_event") as asking:
        if not asking.open:
            return
        with st.form("post_event_form", border=False):
            today = load.site().now().date()
            first, second = st.columns(2)
            verdict = first.selectbox(
                say("do.verdict", chosen), acts.VERDICTS, key="review_verdict",
                format_func=lambda one: words.name("signal_outcome", one, chosen.language),
            )  # fmt: skip
            happened_on = second.date_input(
                say("do.happened", chosen), value=min(item.opened_on, today), max_value=today, format="YYYY-MM-DD",
                key="review_happened",
            )  # fmt: skip
            acted = st.checkbox(say("do.was_acted_on", chosen), key="review_acted")
            given = {
                name: st.text_area(
                    say(f"ask.{name}", chosen), value=last.get(name) or "", max_chars=LONGEST,
                    help=say("do.reason_help", chosen), key=f"{name}_{item.key}_{len(detail.post_event)}",
                )
                for name in acts.QUESTIONS
            }  # fmt: skip
            saved = st.form_submit_button(say("do.post_event_save", chosen), type="primary")
        if saved:
            more = {"happened_on": happened_on, "verdict": verdict, "was_acted_on": acted}
            attempt(lambda: acts.save_review(item.key, given, **more), "signal_answers", chosen)


def _answer(name: str, answer: str | None, chosen: Chosen) -> str:
    """A question with its answer; unanswered it stays visibly empty."""
    asked = say(f"ask.{name}", chosen)
    if not answer:
        return f'<div class="xs-blank">{text(asked)}</div>'
    return f'<p class="xs-field">{text(asked)}</p><div class="xs-words"><p>{text(answer)}</p></div>'
