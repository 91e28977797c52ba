"""What the risk outlook asks for: the stored outlook of a day and the course of one series, cached by version, scope and plain arguments."""

from datetime import date
from pathlib import Path

import pandas as pd
import streamlit as st

from analytics import outlook
from analytics.outlook.answer import CapacityCase, RiskNode, RiskOutlook
from analytics.outlook.course import Course, read_course
from analytics.risk import capacity
from data import mart as marts
from data.scope import Scope
from pages.ui import load
from pages.ui.links import Chosen


def _forecast() -> str:
    """The version that serves and the file of its forecasts, which comes later: what was answered in between is asked anew."""
    mart = load.mart()
    return f"{mart.version} {mart.forecasts_name}"


def risk_outlook(chosen: Chosen) -> RiskOutlook:
    """The outlook for the chosen day, area and kind, within the reader's scope."""
    here = load.site()
    return _risk_outlook(
        str(here.mart_folder),
        _forecast(),
        here.actor.scope,
        chosen.day,
        chosen.area_code,
        chosen.kind,
        repr(marts.last_attempt(here.mart_folder)),
    )


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=100, show_spinner=False)
def _risk_outlook(
    folder: str, version: str, scope: Scope, day: date, area_code: str | None, kind: str | None, attempt: str
) -> RiskOutlook:
    """Every argument is part of the key; what is costly to hash is opened again from its name."""
    return outlook.risk_outlook(marts.open_mart(Path(folder)), scope, day, area_code=area_code, kind=kind)


def course(chosen: Chosen, node: RiskNode, unit: str) -> Course:
    """The past and the forecast of one series by day, week or month."""
    here = load.site()
    return _course(str(here.mart_folder), _forecast(), here.actor.scope, chosen.day, node, unit)


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=200, show_spinner=False)
def _course(folder: str, version: str, scope: Scope, day: date, node: RiskNode, unit: str) -> Course:
    return read_course(marts.open_mart(Path(folder)), scope, day, node, unit)


def what_if(case: CapacityCase, closings_a_week: float, as_of: date) -> pd.DataFrame:
    """The backlog week by week if so many matters were closed each week: a sum over a few weeks, made when it is asked for."""
    if case.arrivals.empty:
        return capacity.what_if(case, closings_a_week)
    first = (pd.Timestamp(case.arrivals["on"].iloc[0]).date() - as_of).days
    return capacity.what_if(case, closings_a_week, first_days=first)
