"""The warnings in a brief on the screen, each leading to its own page."""

from collections import Counter

import streamlit as st

from analytics.figures import Line
from analytics.followup import FollowUp
from analytics.warnings.answer import LEVEL_CODES
from pages.ui import load, words
from pages.ui.links import Chosen
from pages.ui.markup import link, onward, quiet, section, text
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


def line_of(follow_up: FollowUp | None, chosen: Chosen) -> str:
    """How many warnings wait to be verified, by level, as a line of the headline; nothing where none does."""
    waiting = [line.values for line in follow_up.warnings if line.values["is_waiting"]] if follow_up else []
    if not waiting:
        return ""
    said = chosen.language
    levels = Counter(values["level_code"] for values in waiting)
    parts = [
        words.say("brief_warnings.of_level", said, level=words.name("signal_level", code, said), count=levels[code])
        for code in LEVEL_CODES
        if levels[code]
    ]
    late = sum(values["overdue_days"] > 0 for values in waiting)
    key = "waiting_late" if late else "waiting"
    text_ = words.say(f"brief_warnings.{key}", said, count=len(waiting), levels=words.join(parts, said), late=late)
    more = words.say("brief_warnings.all", said)
    return f"<li>{text(text_)}{onward(f'signals{chosen.query()}', more)}</li>"


def _row(line: Line, chosen: Chosen) -> str:
    level = words.name("signal_level", line.values["level_code"], chosen.language)
    whole = text(sentence(line, chosen.language)).removeprefix(text(level)).lstrip("：: ")
    name = text(line.values["area"])
    address = text(f"signals{chosen.query(signal=line.values['key'])}")
    named = whole.replace(name, f'<a class="xs-open" href="{address}">{name}</a>', 1)
    return f"{badge(line.values['level_code'], chosen.language)} {named}"
