"""What the weekly brief asks for: the brief of the chosen week, cached by version, scope and plain arguments."""

from datetime import date, datetime
from pathlib import Path

import streamlit as st

from analytics import briefs
from analytics.briefs.weekly import WeeklyBrief
from analytics.briefs.weekly import weekly_brief as ask_weekly
from data import in_force
from data import mart as marts
from data.scope import Scope
from pages.ui import load
from pages.ui.links import Chosen


def weekly_brief(chosen: Chosen) -> WeeklyBrief:
    """The brief of the week that holds the chosen day, of the chosen area and kind, within the reader's scope."""
    here = load.site()
    attempt = marts.last_attempt(here.mart_folder)
    return _weekly_brief(
        str(here.mart_folder),
        load.mart().version,
        here.actor.scope,
        chosen.day,
        chosen.area_code,
        chosen.kind,
        here.now().replace(minute=0, second=0),
        repr(attempt),
        load.calendar_mark(),
        here.desk_url,
        load.brief_rules(chosen.day),
    )


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=100, show_spinner=False)
def _weekly_brief(
    folder: str,
    version: str,
    scope: Scope,
    day: date,
    area_code: str | None,
    kind: str | None,
    hour: datetime,
    attempt: str,
    calendar: str,
    desk_url: str,
    rules: briefs.BriefRules,
) -> WeeklyBrief:
    """Every argument is part of the key; what is costly to hash is opened again from its name."""
    return ask_weekly(
        marts.open_mart(Path(folder)),
        scope,
        day,
        calendar=in_force.calendar_in_force(load.desk()),
        area_code=area_code,
        kind=kind,
        attempt=marts.last_attempt(Path(folder)),
        now=hour,
        rules=rules,
    )
