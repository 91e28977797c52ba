"""What the monthly brief's page asks for: the month at once, the ways of its matters and the tables by source when they are shown."""

from datetime import date
from pathlib import Path

import streamlit as st

from analytics.briefs.monthly import with_its_ways
from analytics.briefs.monthly_answer import MonthlyBrief
from analytics.briefs.sources_report import SourcesReport
from analytics.briefs.sources_report import sources_report as make_report
from data import in_force
from data import mart as marts
from data.scope import Scope
from pages.ui import load
from pages.ui.links import Chosen


def monthly_brief(chosen: Chosen) -> MonthlyBrief:
    """The brief of the month that holds the chosen day, without the ways of its matters."""
    return load.brief("monthly", chosen, kind=chosen.kind)


def whole_brief(chosen: Chosen) -> MonthlyBrief:
    """The same brief with the ways of its matters."""
    return _whole_brief(*load.brief_key("monthly", chosen, chosen.kind))


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=100, show_spinner=False)
def _whole_brief(which: str, folder: str, desk_url: str, version: str, scope: Scope, *rest: object) -> MonthlyBrief:
    month = load.cached_brief(which, folder, desk_url, version, scope, *rest)
    return with_its_ways(marts.open_mart(Path(folder)), scope, month)


def sources_report(chosen: Chosen) -> SourcesReport:
    """The overall table and those of the sources for the month."""
    here = load.site()
    return _sources_report(
        str(here.mart_folder), here.desk_url, load.mart().version, here.actor.scope, chosen.day, chosen.area_code, load.calendar_mark(),
    )  # fmt: skip


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=50, show_spinner=False)
def _sources_report(
    folder: str, desk_url: str, version: str, scope: Scope, day: date, area_code: str | None, calendar: str
) -> SourcesReport:
    return make_report(
        marts.open_mart(Path(folder)),
        scope,
        day,
        calendar=in_force.calendar_in_force(load.desk_at(desk_url)),
        area_code=area_code,
    )
