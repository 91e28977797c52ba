"""A long table on the screen: its first lines at once, the rest on demand."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import tables, words
from pages.ui.links import Chosen
from pages.ui.tables import Column


def show_table(
    key: str,
    rows: Sequence[dict],
    columns: Sequence[Column],
    chosen: Chosen,
    *,
    first: int,
    most: int | None = None,
    head: str = "",
    caption: str = "",
) -> None:
    """The first lines below `head`; the others, up to `most` in all, when they are asked for. `key` names the fold in the session."""
    st.html(head + tables.table(rows[:first], columns, chosen, caption))
    if len(rows) > first:
        label = words.say("frame.all_lines", chosen.language, count=len(rows))
        with st.expander(label, on_change="rerun", key=key) as rest:
            if rest.open:
                st.html(tables.table(rows[first:most], columns, chosen))
