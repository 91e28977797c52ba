"""What the signals page asks for: the stored warnings of a day and one of them, cached by version, scope, the desk's mark and plain arguments."""

from datetime import date
from pathlib import Path

import streamlit as st

from analytics import warnings
from analytics.warnings.answer import SignalDetail, SignalList
from data import handling
from data import mart as marts
from data.scope import Scope
from pages.ui import load
from pages.ui.links import Chosen


def _judged() -> str:
    """The version that serves and the file of its warnings, which comes later: what was answered in between is asked anew."""
    mart = load.mart()
    return f"{mart.version} {mart.results_name}"


def signal_list(chosen: Chosen) -> SignalList:
    """The warnings of the chosen day, area and kind, within the reader's scope."""
    here = load.site()
    attempt = marts.last_attempt(here.mart_folder)
    return _signal_list(
        str(here.mart_folder),
        _judged(),
        here.actor.scope,
        chosen.day,
        chosen.area_code,
        chosen.kind,
        repr(attempt),
        here.now().replace(minute=0, second=0).isoformat(),
        handling.mark(load.desk()),
        here.desk_url,
    )


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=100, show_spinner=False)
def _signal_list(
    folder: str,
    version: str,
    scope: Scope,
    day: date,
    area_code: str | None,
    kind: str | None,
    attempt: str,
    hour: str,
    mark: str,
    desk_url: str,
) -> SignalList:
    """Every argument is part of the key; what is costly to hash is opened again from its name."""
    return warnings.signal_list(
        marts.open_mart(Path(folder)), load.desk_at(desk_url), scope, day, area_code=area_code, kind=kind
    )


def signal_detail(chosen: Chosen, key: str) -> SignalDetail | None:
    """One warning opened; None where there is none of this key that the reader may see."""
    here = load.site()
    return _signal_detail(
        str(here.mart_folder),
        _judged(),
        here.actor.scope,
        key,
        chosen.day,
        handling.mark(load.desk()),
        here.desk_url,
    )


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=100, show_spinner=False)
def _signal_detail(
    folder: str, version: str, scope: Scope, key: str, day: date, mark: str, desk_url: str
) -> SignalDetail | None:
    return warnings.signal_detail(marts.open_mart(Path(folder)), load.desk_at(desk_url), scope, key, day)
