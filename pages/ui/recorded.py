"""After something was recorded from a page: it is said once, with the post that did it; what was refused is said on the spot."""

from collections.abc import Callable
from typing import Protocol

import streamlit as st

from data.errors import XianshouError
from pages.ui import words
from pages.ui.links import Chosen

_SAID = "said_of_brief"


class Recorded(Protocol):
    """Anything that a post recorded."""

    post: str
    verified: bool


def attempt(act: Callable[[], object], said: str, chosen: Chosen) -> None:
    """Do it and draw the page anew; what was refused is said where it was typed, and nothing typed is lost."""
    try:
        act()
    except XianshouError as error:
        st.error(words.tell_error(error, chosen.language))
        return
    st.session_state[_SAID] = words.say(f"followup.recorded.{said}", chosen.language)
    st.rerun()


def say_done() -> None:
    """What the last act brought about, once."""
    said = st.session_state.pop(_SAID, None)
    if said:
        st.toast(said)


def post_of(recorded: Recorded, chosen: Chosen) -> str:
    """The post that recorded something, marked while posts are not verified."""
    mark = "" if recorded.verified else words.say("page.daily_brief.unverified", chosen.language)
    return words.name("post", recorded.post, chosen.language) + mark
