"""What the page of the track record asks for."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import streamlit as st

from analytics import evaluating
from data.evaluations import evaluations_mark
from data.handling import record_by_detector
from pages.ui import load
from pages.ui.links import Chosen

PRACTICE_DAYS = 365
PRACTICE_BY = ("level", "level_code")


def track_record() -> evaluating.TrackRecord:
    """The evaluations kept in this home."""
    home = load.site().home
    return _track_record(str(home), evaluations_mark(home))


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=4, show_spinner=False)
def _track_record(home: str, mark: str) -> evaluating.TrackRecord:
    """The mark of the files is part of the key: a new evaluation shows at once."""
    return evaluating.track_record(Path(home))


def practice(chosen: Chosen) -> dict[str, pd.DataFrame]:
    """What came of the signals sent in the year up to the chosen day, by level of place and by work level; raises NotReady before any version."""
    load.mart()
    first = chosen.day - timedelta(days=PRACTICE_DAYS - 1)
    return {by: record_by_detector(load.desk(), first, chosen.day, by=by) for by in PRACTICE_BY}
