"""A small fictional city with an outlook: what these tests share."""

import shutil
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from simple_forecasts import simple_frames

from analytics.outlook.nightly import outlook_frames
from data.mart import Mart, open_mart
from data.results import FORECASTS, publish_results
from data.site import Site, read_site
from data.workdays import build_calendar

TOWN_DAY = date(2026, 11, 20)


def run_row(mart: Mart, day: date) -> pd.DataFrame:
    """The row of the table `run` for a night that stood on a day."""
    at = datetime.combine(day, time(6)) + timedelta(days=1)
    values = {
        "as_of": day,
        "judged_through": day,
        "ran_at": at,
        "published_at": mart.published_at,
        "matters_version": mart.version,
    }
    return pd.DataFrame(
        [values | {"seconds": 1.0, "levels": "[]", "kinds": "[]", "series": 1, "naive": 0, "refused": 0}]
    )


@pytest.fixture(scope="session")
def night() -> Callable[[Mart, date], dict[str, pd.DataFrame]]:
    """A way to make all frames of a night: forecasts from plain means, and the outlook that follows."""

    def make(mart: Mart, day: date, proven: dict[str, pd.DataFrame] | None = None) -> dict[str, pd.DataFrame]:
        frames = simple_frames(mart, day, most=4)
        outlook = outlook_frames(mart, day, frames, calendar=build_calendar(None), proven=proven)
        return {"run": run_row(mart, day), **frames, **outlook}

    return make


@pytest.fixture(scope="session")
def outlook_site(town_site: Site, night: Callable, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The small city with the outlooks of its last day and of a week before, in a home of its own."""
    home = tmp_path_factory.mktemp("outlook") / "home"
    shutil.copytree(town_site.home, home)
    site = read_site(home)
    mart = open_mart(site.mart_folder)
    last = night(mart, TOWN_DAY)
    runs = [night(mart, TOWN_DAY - timedelta(days=7), last), last]  # proved once: it is the slow part
    publish_results(site.mart_folder, runs, part=FORECASTS)
    return site


@pytest.fixture(scope="session")
def outlook_mart(outlook_site: Site) -> Mart:
    return open_mart(outlook_site.mart_folder)
