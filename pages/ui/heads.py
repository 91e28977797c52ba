"""The head of a brief: what it is, of which period, of where, as of when, with the way to the period before and after."""

from datetime import date, datetime

import streamlit as st

from analytics.figures import Period
from pages.ui import load, words
from pages.ui.links import Chosen
from pages.ui.markup import text


def show_head(
    title: str,
    period: Period | date,
    area_name: str | None,
    kind: str | None,
    chosen: Chosen,
    unit: str,
    read_at: datetime,
) -> None:
    """The head on its own, see `head`."""
    st.html(head(title, period, area_name, kind, chosen, unit, read_at))


def head(
    title: str,
    period: Period | date,
    area_name: str | None,
    kind: str | None,
    chosen: Chosen,
    unit: str,
    read_at: datetime,
) -> str:
    """The head as markup, to stand in one piece with what follows it.

    `period` is the day or the period itself, `unit` day, week, month or year; an unfinished period says so. `kind` None is any.
    """
    said = chosen.language
    own = period if isinstance(period, Period) else Period(period, period)
    where = [area_name or words.say("frame.whole_area", said), words.say(f"names.kind.{kind or 'all'}", said)]
    before, after = load.periods_around(chosen, unit)
    span = text(words.period(own.first, unit, said))
    return (
        f'<div class="xs-head"><h1>{text(title)}</h1>'
        f'<span class="xs-day">{_arrow(before, "previous", unit, "‹", chosen)}{span}{_arrow(after, "next", unit, "›", chosen)}</span>'
        f"{_unfinished(own, said)}"
        f'<span class="xs-where">{text(" · ".join(where))}</span>'
        f'<span class="xs-asof">{text(words.say("frame.period.read_at", said, read_at=read_at))}</span></div>'
    )


def _arrow(day: date | None, way: str, unit: str, shape: str, chosen: Chosen) -> str:
    if day is None:
        return ""
    label = text(words.say(f"frame.{way}.{unit}", chosen.language))
    return f'<a href="{text(chosen.query(day=day))}" aria-label="{label}" title="{label}">{shape}</a>'


def _unfinished(period: Period, language: str) -> str:
    if period.complete:
        return ""
    return (
        f'<span class="xs-unfinished">{text(words.say("frame.period.unfinished", language, last=period.last))}</span>'
    )
