"""A note on a forecast that missed: what people know of why; by a post, screened, and only ever added to."""

import streamlit as st

from analytics.forecast_misses import Miss
from data.forecast_ledger import note_miss
from data.handling import may
from pages.ui import load, words
from pages.ui.links import Chosen
from pages.ui.recorded import attempt, say_done

__all__ = ["name_of", "say_done", "show_form"]
LONGEST = 500
_SPANS = {"D": "day", "W": "week", "M": "month"}


def name_of(one: Miss, chosen: Chosen) -> str:
    """The place, what was counted there, and the period."""
    said = chosen.language
    kind = words.name("kind", one.kind or "all", said)
    what = words.say("track_forecasts.miss.subject", said, category=one.category, kind=kind) if one.category else kind
    span = words.say(f"track_forecasts.miss.{_SPANS[one.freq]}", said, first=one.first_on, last=one.last_on)
    return words.say("track_forecasts.miss.where", said, area=one.area, what=what, span=span)


def show_form(misses: tuple[Miss, ...], chosen: Chosen) -> None:
    """A form to note what explains a miss, for those who may review."""
    site = load.site()
    if not may(site.role, "review"):
        return
    offered = {one.key: one for one in misses}
    with st.expander(
        words.say("track_forecasts.note.open", chosen.language), on_change="rerun", key="miss_note"
    ) as noting:
        if not noting.open:
            return
        with st.form("miss_note_form", border=False):
            key = st.selectbox(
                words.say("track_forecasts.note.which", chosen.language), list(offered),
                format_func=lambda one: name_of(offered[one], chosen), key="miss_note_of",
            )  # fmt: skip
            written = st.text_area(
                words.say("track_forecasts.note.text", chosen.language), max_chars=LONGEST,
                help=words.say("followup.screened", chosen.language), key="miss_note_text",
            )  # fmt: skip
            saved = st.form_submit_button(words.say("track_forecasts.note.save", chosen.language), type="primary")
        if saved:
            attempt(lambda: _save(offered[key], written), "miss_noted", chosen)


def _save(one: Miss, written: str) -> None:
    site = load.site()
    note_miss(
        load.desk(), written, site.actor, site.now(), freq=one.freq, first_on=one.first_on, level=one.level, path=one.path[::-1],
        kind=one.kind, category_code=one.category_code,
    )  # fmt: skip
