"""Event notes and festivals on any chart over time: a mark on the axis for each, said in full when pointed at."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from pages.ui import words
from pages.ui.charts.style import EDGE, NOTE

LONGEST = 60  # letters of a note shown when pointed at


def mark_notes(
    figure: go.Figure, notes: pd.DataFrame | None, spans: Sequence[tuple[date, date]], language: str, *, top: float
) -> None:
    """Marks over the places whose days a note touches; `spans` are the first and last day of each place of the axis, in order.

    `notes` has `first_on, last_on, kind, text`; festivals of the calendar (`kind` festival) stand as open diamonds on the axis, what people
    noted as filled ones with a line through the chart. `top` is how high the line reaches.
    """
    if notes is None or notes.empty or not spans:
        return
    for is_festival in (False, True):
        own = notes[(notes["kind"] == "festival") == is_festival]
        touched = _touched(own, spans, language)
        if touched:
            _draw(figure, touched, is_festival, top, language)


def _touched(notes: pd.DataFrame, spans: Sequence[tuple[date, date]], language: str) -> dict[int, list[str]]:
    """What is to be said at each place; a note of several periods is marked where it begins."""
    found: dict[int, list[str]] = {}
    for note in notes.itertuples():
        place = next(
            (n for n, (first, last) in enumerate(spans) if first <= note.last_on and last >= note.first_on), None
        )
        if place is not None:
            found.setdefault(place, []).append(note_text(note, language))
    return found


def note_text(note: object, language: str) -> str:
    """A note as it is said: its days and its words; a festival by its name.

    >>> from types import SimpleNamespace as Note
    >>> note_text(Note(first_on=date(2026, 2, 15), last_on=date(2026, 2, 23), kind="festival", text="spring_festival"), "en")
    '15–23 February 2026: Spring Festival'
    """
    said = words.name("festival", note.text, language) if note.kind == "festival" else str(note.text)
    cut = said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
    joint = "：" if language == "zh" else ": "
    return f"{words.day_range(note.first_on, note.last_on, language)}{joint}{cut}"


def _draw(figure: go.Figure, touched: dict[int, list[str]], is_festival: bool, top: float, language: str) -> None:
    places = list(touched)
    if not is_festival:
        x = [value for place in places for value in (place, place, None)]
        y = [value for _ in places for value in (0, top, None)]
        line = {"width": 1, "dash": "dot", "color": NOTE}
        figure.add_scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", showlegend=False)
    figure.add_scatter(
        x=places,
        y=[0] * len(places),
        mode="markers",
        name=words.say(f"chart.{'festival' if is_festival else 'note'}", language),
        marker={
            "symbol": "diamond-open" if is_festival else "diamond",
            "size": 9,
            "color": EDGE if is_festival else NOTE,
            "line": {"width": 1.5},
        },
        customdata=[["<br>".join(escaped(one) for one in touched[place])] for place in places],
        hovertemplate="%{customdata[0]}<extra></extra>",
        cliponaxis=False,
    )


def escaped(said: str) -> str:
    """Text that the chart takes as text: it reads a few tags of its own."""
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
