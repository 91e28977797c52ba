"""What the page of the annual report asks for."""

from datetime import date, datetime
from pathlib import Path

import streamlit as st

from analytics.briefs import AnnualBrief, BriefRules, annual_brief
from data import in_force
from data import mart as marts
from data.scope import Scope
from pages.ui import load
from pages.ui.links import Chosen

KIND = "petition"  # article 41 speaks of petitions


def annual_report(chosen: Chosen) -> AnnualBrief:
    """The report of the year that ends with the chosen day, for the chosen area, within the reader's scope."""
    here = load.site()
    return _annual_report(
        str(here.mart_folder),
        load.mart().version,
        here.actor.scope,
        chosen.day,
        chosen.area_code,
        here.now().replace(minute=0, second=0),
        repr(marts.last_attempt(here.mart_folder)),
        load.calendar_mark(),
        here.desk_url,
        load.brief_rules(chosen.day),
    )


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=50, show_spinner=False)
def _annual_report(
    folder: str,
    version: str,
    scope: Scope,
    day: date,
    area_code: str | None,
    hour: datetime,
    attempt: str,
    calendar: str,
    desk_url: str,
    rules: BriefRules,
) -> AnnualBrief:
    """Every argument is part of the key; what is costly to hash is opened again from its name."""
    return annual_brief(
        marts.open_mart(Path(folder)),
        scope,
        day,
        calendar=in_force.calendar_in_force(load._desk(desk_url)),
        area_code=area_code,
        kind=KIND,
        attempt=marts.last_attempt(Path(folder)),
        now=hour,
        rules=rules,
    )
