"""The warnings in a brief on the screen, each leading to its own page."""

import streamlit as st

from analytics.figures import Line
from analytics.followup import FollowUp
from pages.ui import load, words
from pages.ui.links import Chosen
from pages.ui.markup import link, quiet, section, text
from pages.ui.signals_parts import badge
from pages.ui.warning_words import sentence

SHOWN = 6


def show_warnings(follow_up: FollowUp | None, chosen: Chosen) -> None:
    """The gravest warnings of the period, each leading to its own page; nothing where no detection has run yet."""
    if follow_up is None or load.mart().results_name is None:
        return
    said, lines = chosen.language, follow_up.warnings
    st.html(section(words.say("brief_warnings.title", said), words.say("brief_warnings.lead", said) if lines else ""))
    if not lines:
        st.html(quiet(words.say("brief_warnings.none", said)))
        return
    rows = "".join(f"<li>{_row(line, chosen)}</li>" for line in lines[:SHOWN])
    left = len(lines) - SHOWN
    more = f"<span>{text(words.say('brief_warnings.more', said, count=left))}</span> " if left > 0 else ""
    goes = link(words.say("brief_warnings.all", said), f"signals{chosen.query()}")
    st.html(f'<ul class="xs-lines xs-warned">{rows}</ul><p class="xs-line">{more}{goes}</p>')


def _row(line: Line, chosen: Chosen) -> str:
    level = words.name("signal_level", line.values["level_code"], chosen.language)
    whole = text(sentence(line, chosen.language)).removeprefix(text(level))
    name = text(line.values["area"])
    address = text(f"signals{chosen.query(signal=line.values['key'])}")
    named = whole.replace(name, f'<a class="xs-open" href="{address}">{name}</a>', 1)
    return badge(line.values["level_code"], chosen.language) + named
