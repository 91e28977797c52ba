"""What the forecasts' part of the track record asks for: the record as of the chosen day, read anew with every row of the ledger and every night."""

from datetime import date
from pathlib import Path

import streamlit as st

from analytics import forecast_record
from analytics.forecast_record import ForecastRecord
from data import mart as marts
from data.forecast_ledger import ledger_mark
from data.results import FORECASTS
from data.scope import Scope
from pages.ui import load
from pages.ui.links import Chosen

KEPT_SECONDS = 24 * 3600  # the key changes with every night, so that it need not be read again within one


def record(chosen: Chosen) -> ForecastRecord:
    """The record of forecasts as of the chosen day, of the places the reader sees; raises NotReady before any version."""
    here, mart = load.site(), load.mart()
    night = f"{mart.version} {mart.facts.files.get(FORECASTS.name)}"
    mark = ledger_mark(load.desk())
    return _record(str(here.mart_folder), night, here.actor.scope, chosen.day, mark, here.desk_url)


@st.cache_data(ttl=KEPT_SECONDS, max_entries=30, show_spinner=False)
def _record(folder: str, night: str, scope: Scope, day: date, mark: str, desk_url: str) -> ForecastRecord:
    """Every argument is part of the key; what is costly to hash is opened again from its name."""
    return forecast_record.forecast_record(load.desk_at(desk_url), marts.open_mart(Path(folder)), scope, day)
