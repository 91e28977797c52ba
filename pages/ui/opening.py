"""A chart whose marks open: a click on one leads to the matters it stands for, by the same link as a number in a table."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

import plotly.graph_objects as go
import streamlit as st

from data.queries import Selection
from pages.ui import charts
from pages.ui.links import Chosen

Opens = Selection | str  # the matters of a selection, or a link within the page


def show_chart(figure: go.Figure, key: str, alt: str, opens: Sequence[Opens | None], chosen: Chosen) -> None:
    """The chart; a mark says in `customdata[1]` which of `opens` it stands for."""
    event = st.plotly_chart(figure, config=charts.CONFIG, key=key, alt=alt, on_select="rerun", selection_mode="points")
    target = picked(event, opens)
    if target is not None:
        query = target if isinstance(target, str) else chosen.query(target)
        st.query_params.from_dict(dict(parse_qsl(query[1:])))
        st.rerun()


def picked(event: object, opens: Sequence[Opens | None]) -> Opens | None:
    """What a click on a chart asks for; None for a mark that opens nothing."""
    points = (event or {}).get("selection", {}).get("points", [])
    for point in points:
        data = point.get("customdata") or ()
        if len(data) > 1 and isinstance(data[1], int) and 0 <= data[1] < len(opens):
            return opens[data[1]]
    return None
