"""Planted truth: in the fictional city, whose counts follow known rates, the ranges of a first night hold what they say."""

from datetime import date

import numpy as np
import pytest

from analytics.forecast_panels import DAY, DayCounts, Node, furthest_day, panel_of
from analytics.forecast_weights import FIRST_MODELS
from analytics.forecasts.combining import equal_weights
from analytics.forecasts.contract import COLUMNS, HORIZONS, until
from analytics.forecasts.models import MODELS
from analytics.forecasts.nightly import forecast_night
from analytics.forecasts.scoring import below_and_upto, coverage, miss
from analytics.warnings.reading import features_of
from data.town import build_town
from data.town.counted import count_town
from data.workdays import build_calendar
from tests.conftest import TOWN_DAY

LEVELS = ("city", "district", "street")
CUTOFFS = {"D": (1040,), "W": (118, 130, 142)}  # periods known of three years


@pytest.fixture(scope="module")
def counted() -> DayCounts:
    """Every place × all matters, and above the street each kind, without the planted surges: what the city's known rates bring."""
    town = count_town(build_town(seed=5, through=TOWN_DAY, matters=24_000))
    kinds = np.array([kind for kind, _ in town.subjects])
    nodes, rows = [], []
    for level in LEVELS:
        plain = town.counts[level] - town.planted[level]
        for kind in (None, *np.unique(kinds)) if level != "street" else (None,):
            among = np.ones(len(kinds), bool) if kind is None else kinds == kind
            rows.append(plain[:, among].sum(axis=1).astype(float))
            nodes += [Node(level, str(area), kind) for area in town.areas[level]]
    return DayCounts(town.days, tuple(nodes), np.concatenate(rows), TOWN_DAY, ())


@pytest.mark.parametrize("freq", ["D", "W"])
def test_the_ranges_of_a_first_night_hold_what_they_say(counted: DayCounts, freq: str) -> None:
    days = np.arange(counted.days[0], furthest_day(counted.through) + DAY)
    panel = panel_of(counted, freq, features_of(days, build_calendar()), days, {})
    horizon, weights = HORIZONS[freq], equal_weights(freq, FIRST_MODELS[freq], date(2023, 1, 1))
    shown, came = [], []
    for cutoff in CUTOFFS[freq]:
        night = forecast_night(until(panel, cutoff), horizon, weights, list(MODELS.values()))
        shown.append(night.frame[list(COLUMNS)].to_numpy().reshape(len(panel.keys), horizon, len(COLUMNS)))
        came.append(panel.counts[:, cutoff : cutoff + horizon])
    came, shown, levels = np.stack(came), np.stack(shown), np.array(panel.levels)
    assert miss(*below_and_upto(came, shown)) <= 0.03
    for level in LEVELS:  # for counts: where they are small, plain coverage is higher than what is said
        assert miss(*below_and_upto(came[:, levels == level], shown[:, levels == level])) <= 0.05
    within80, within95 = coverage(*below_and_upto(came[:, levels == "city"], shown[:, levels == "city"]))
    assert abs(within80 - 0.8) <= 0.1
    assert abs(within95 - 0.95) <= 0.05
