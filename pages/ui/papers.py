"""Download buttons: a page's answer as Word, PDF, Excel and more, made when it is asked for."""

import json
from collections.abc import Callable

import streamlit as st

from pages import paper
from pages.paper.document import Document
from pages.ui import load, words
from pages.ui.links import Chosen
from pages.ui.markup import quiet

SHOWN = ("docx", "pdf", "xlsx", "html", "md", "json")


def buttons(
    name: str, make: Callable[[], Document], chosen: Chosen, *, record: Callable[[], dict] | None = None
) -> None:
    """A button for each form; nothing is composed before one is pressed.

    `name` is the file's name without its ending, to which the chosen day is added where it has no date; `make` gives the document; `record` gives the figures that the JSON file then holds
    instead of the document.
    """
    site = load.site()
    stem = name if any(one.isdigit() for one in name) else f"{name}-{chosen.day:%Y%m%d}"
    language = chosen.language

    def written(form: str) -> bytes:
        if form == "json" and record is not None:
            return (json.dumps(record(), ensure_ascii=False, indent=2) + "\n").encode()
        return paper.render(make(), form, fonts_folder=site.fonts_folder)

    st.html(quiet(words.say("paper.button.help", language)))
    with st.container(horizontal=True, key=f"papers_{name}"):
        for form in SHOWN:
            st.download_button(
                words.say(f"paper.button.{form}", language),
                data=lambda form=form: written(form),
                file_name=f"{stem}.{form}",
                mime=paper.MEDIA[form],
                on_click="ignore",
                key=f"paper_{form}",
            )
