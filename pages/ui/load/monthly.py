"""What the monthly brief's page asks for: the month at once, the ways of its matters and the tables by source when they are shown."""

from datetime import date, datetime
from pathlib import Path

import streamlit as st

from analytics.briefs import BriefRules
from analytics.briefs.monthly import monthly_brief as make_brief
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
    here = load.site()
    attempt = marts.last_attempt(here.mart_folder)
    return _monthly_brief(
        *_key(chosen), here.now().replace(minute=0, second=0), repr(attempt), load.brief_rules(chosen.day)
    )


def whole_brief(chosen: Chosen) -> MonthlyBrief:
    """The same brief with the ways of its matters."""
    here = load.site()
    attempt = marts.last_attempt(here.mart_folder)
    return _whole_brief(
        *_key(chosen), here.now().replace(minute=0, second=0), repr(attempt), load.brief_rules(chosen.day)
    )


def sources_report(chosen: Chosen) -> SourcesReport:
    """The overall table and those of the sources for the month."""
    return _sources_report(*_key(chosen))


def _key(chosen: Chosen) -> tuple:
    here = load.site()
    version = load.mart().version
    calendar = load.calendar_mark()
    return (
        str(here.mart_folder), version, here.actor.scope, chosen.day, chosen.area_code, chosen.kind, calendar, here.desk_url,
    )  # fmt: skip


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=100, show_spinner=False)
def _monthly_brief(
    folder: str,
    version: str,
    scope: Scope,
    day: date,
    area_code: str | None,
    kind: str | None,
    calendar: str,
    desk_url: str,
    hour: datetime,
    attempt: str,
    rules: BriefRules,
) -> MonthlyBrief:
    """Every argument is part of the key; what is costly to hash is opened again from its name."""
    return make_brief(
        marts.open_mart(Path(folder)),
        scope,
        day,
        calendar=in_force.calendar_in_force(load._desk(desk_url)),
        area_code=area_code,
        kind=kind,
        attempt=marts.last_attempt(Path(folder)),
        now=hour,
        rules=rules,
        with_ways=False,
    )


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=100, show_spinner=False)
def _whole_brief(folder: str, version: str, scope: Scope, *rest: object) -> MonthlyBrief:
    return with_its_ways(marts.open_mart(Path(folder)), scope, _monthly_brief(folder, version, scope, *rest))


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=50, show_spinner=False)
def _sources_report(
    folder: str,
    version: str,
    scope: Scope,
    day: date,
    area_code: str | None,
    kind: str | None,
    calendar: str,
    desk_url: str,
) -> SourcesReport:
    return make_report(
        marts.open_mart(Path(folder)),
        scope,
        day,
        calendar=in_force.calendar_in_force(load._desk(desk_url)),
        area_code=area_code,
    )
