"""What the page of petition trends asks for: the answer, and the site's own map."""

from datetime import date, datetime
from pathlib import Path

import streamlit as st

from analytics import petitions
from analytics.petitions.rules import rules_from
from data import boundaries, in_force, queries
from data import mart as marts
from data.errors import XianshouError
from data.scope import Scope
from pages.ui import load
from pages.ui.links import Chosen

KIND = "petition"


def petition_trends(chosen: Chosen) -> petitions.PetitionTrends:
    """The trends of the chosen area, kind, category and properties, up to the chosen day, in the chosen unit."""
    here = load.site()
    return _petition_trends(
        str(here.mart_folder),
        load.mart().version,
        here.actor.scope,
        chosen.day,
        chosen.area_code,
        chosen.category_code,
        chosen.unit or "month",
        chosen.kind or KIND,
        chosen.having,
        _desk_mark(chosen.day),
        here.desk_url,
        here.now().replace(minute=0, second=0),
        repr(marts.last_attempt(here.mart_folder)),
        load.brief_rules(chosen.day).stale_hours,
        trend_rules(chosen.day),
    )


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=100, show_spinner=False)
def _petition_trends(
    folder: str,
    version: str,
    scope: Scope,
    day: date,
    area_code: str | None,
    category_code: str | None,
    unit: str,
    kind: str,
    having: tuple[tuple[str, str], ...],
    desk_mark: str,
    desk_url: str,
    hour: datetime,
    attempt: str,
    stale_hours: int,
    rules: petitions.TrendRules,
) -> petitions.PetitionTrends:
    """Every argument is part of the key; what is costly to hash is opened again from its name."""
    mart, desk = marts.open_mart(Path(folder)), load.desk_at(desk_url)
    return petitions.petition_trends(
        mart,
        scope,
        day,
        calendar=in_force.calendar_in_force(desk),
        area_code=area_code,
        category_code=category_code,
        unit=unit,
        kind=kind,
        having=having,
        notes=desk.notes(date(day.year - 5, 1, 1), day, queries.areas_around(mart, scope, area_code)),
        clocks=in_force.deadline_rules_in_force(desk, day),
        attempt=marts.last_attempt(Path(folder)),
        now=hour,
        stale_hours=stale_hours,
        rules=rules,
    )


def trend_rules(day: date) -> petitions.TrendRules:
    """The judgements of the trends as they stood on a day. Raises Refused for a setting that cannot be read."""
    return rules_from(in_force.trend_rules_in_force(load.desk(), day), load.brief_rules(day))


def _desk_mark(day: date) -> str:
    """Changes whenever the site's calendar, its notes or the deadlines in force on the day do."""
    desk = load.desk()
    notes, clocks = desk.notes(date.min, date.max), in_force.deadline_rules_in_force(desk, day)
    return f"{load.calendar_mark()} {notes['note_id'].tolist()} {clocks!r}"


def map_of(area_codes: tuple[str, ...]) -> tuple[boundaries.Boundaries | None, XianshouError | None]:
    """The site's boundaries where they hold these areas, and what is wrong with the file where it cannot be read."""
    path = boundaries.boundaries_path(load.site().home)
    if not path.is_file():
        return None, None
    try:
        found = _boundaries(str(path), path.stat().st_mtime_ns)
    except XianshouError as error:
        return None, error
    return (found if set(area_codes) & found.rings.keys() else None), None


@st.cache_resource(max_entries=2, show_spinner=False)
def _boundaries(path: str, changed_at: int) -> boundaries.Boundaries | None:
    return boundaries.read_boundaries(Path(path))
