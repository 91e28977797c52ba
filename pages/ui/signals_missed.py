"""What happened without a warning: the last such events with the three answers, and the form for those who may record one."""

from datetime import timedelta

import streamlit as st

from data.handling import Review
from pages.ui import load, tables, words
from pages.ui import signals_acts as acts
from pages.ui.links import Chosen
from pages.ui.markup import quiet
from pages.ui.recorded import attempt
from pages.ui.signals_parts import column, head_of, say
from pages.ui.tables import Column

LONGEST = 500
KINDS = ("dispute", "petition", "hotline")
LOOKED_BACK = timedelta(days=365)


def show(chosen: Chosen) -> None:
    """A hit rate without its misses flatters: what nobody was warned of stands beside what was."""
    st.html(head_of("missed", chosen) + _table(chosen))
    if not acts.may_review():
        return
    with st.expander(say("missed.open", chosen), on_change="rerun", key="missed") as asking:
        if asking.open:
            _ask(chosen)


def _table(chosen: Chosen) -> str:
    since = load.site().now().date() - LOOKED_BACK
    found = [one for one in acts.missed() if one.happened_on >= since]
    if not found:
        return quiet(say("missed.none", chosen))
    rows = [_row(one, chosen) for one in sorted(found, key=lambda one: one.happened_on, reverse=True)]
    asked = (Column(name, "text", f"signals.{name}", aside=True) for name in acts.QUESTIONS)
    return tables.table(rows, (Column("happened_on", "day", "signals.happened_on"), column("what"), *asked), chosen)


def _row(one: Review, chosen: Chosen) -> dict:
    area, category = acts.named(one.area_code, one.category_code)
    kind = words.name("kind", one.kind, chosen.language)
    what = say(
        "missed.what",
        chosen,
        area=area,
        kind=kind,
        category=category or words.say("brief.category_unknown", chosen.language),
    )
    return {"happened_on": one.happened_on, "what": what} | {name: getattr(one, name) for name in acts.QUESTIONS}


def _ask(chosen: Chosen) -> None:
    """Where, of what kind and about what, when, and the three answers; place and subject as they are judged."""
    said, today = chosen.language, load.site().now().date()
    first, second, third = st.columns(3)
    areas = load.areas()
    area = first.selectbox(say("missed.area", chosen), list(areas), format_func=areas.get, key="missed_area")
    kind = second.selectbox(
        say("missed.kind", chosen), KINDS, format_func=lambda one: words.name("kind", one, said), key="missed_kind"
    )
    subjects = load.categories(area, kind)
    subject = third.selectbox(
        say("missed.category", chosen),
        list(subjects),
        format_func=lambda code: words.subject(subjects[code], chosen.language),
        key=f"missed_category_{area}_{kind}",
    )
    with st.form("missed_form", border=False):
        on = st.date_input(say("missed.on", chosen), value=today, max_value=today, format="YYYY-MM-DD", key="missed_on")
        given = {
            name: st.text_area(
                say(f"ask.{name}", chosen), max_chars=LONGEST, help=say("do.reason_help", chosen), key=f"missed_{name}"
            )
            for name in acts.QUESTIONS
        }
        saved = st.form_submit_button(say("missed.save", chosen), type="primary", disabled=subject is None)
    if saved:
        attempt(lambda: acts.save_missed(area, kind, subject, given, happened_on=on), "signal_missed", chosen)
