"""Silences, late starts and new levels are found where they were planted; surges, trends and seasons are none of them."""

from datetime import timedelta

import numpy as np
import pytest

from analytics.forecasts.breaks import History, read_histories, usable
from tests.analytics.forecasts.made import FIRST, panel_of

DAYS = 1000


def history(rate: np.ndarray, seed: int = 1) -> History:
    return read_histories(panel_of(np.random.default_rng(seed).poisson(rate)[None]))[0]


def flat(rate: float = 4.0) -> np.ndarray:
    return np.full(DAYS, rate)


def test_an_unbroken_history_is_all_usable() -> None:
    assert history(flat()) == History("usable", None, FIRST["D"])


@pytest.mark.parametrize(
    ("first", "last", "reason", "begins"), [(0, 200, "cold_start", 200), (400, 600, "gap_in_history", 600)]
)
def test_a_silence_ends_what_lies_before(first: int, last: int, reason: str, begins: int) -> None:
    rate = flat()
    rate[first:last] = 0
    found = history(rate)
    assert (found.state, found.reason) == ("shortened", reason)
    assert abs((found.usable_from - FIRST["D"]).days - begins) <= 7


def test_a_recording_that_stopped_is_refused() -> None:
    rate = flat()
    rate[800:] = 0
    assert history(rate) == History("refused", "recording_stopped", None)


def test_a_new_level_that_lasts_is_a_break() -> None:
    rate = flat()
    rate[500:] *= 4
    found = history(rate)
    assert (found.state, found.reason) == ("shortened", "level_shift")
    assert abs((found.usable_from - FIRST["D"] - timedelta(days=500)).days) <= 14


@pytest.mark.parametrize("kind", ["surge", "trend", "season"])
def test_what_passes_or_comes_slowly_is_no_break(kind: str) -> None:
    time = np.arange(DAYS)
    rate = {
        "surge": np.where((time > 700) & (time < 790), 20.0, 4.0),
        "trend": 4.0 * np.exp(np.log(4) * time / DAYS),
        "season": 6.0 * np.exp(0.7 * np.cos(2 * np.pi * time / 365.25)),
    }[kind]
    assert history(rate).state == "usable"


def test_too_short_a_history_says_so() -> None:
    panel = panel_of(np.vstack([np.r_[np.full(60, np.nan), np.ones(30)], np.full(90, np.nan)]))
    assert [one.reason for one in read_histories(panel)] == ["history_too_short", "no_history"]
    assert np.isnan(usable(panel, read_histories(panel)).counts).all()


def test_later_values_do_not_change_what_was_usable() -> None:
    from analytics.forecasts.contract import until

    rate = flat()
    rate[500:] *= 4
    counts = np.random.default_rng(2).poisson(rate)[None]
    other = counts.copy()
    other[:, 900:] = 0
    assert read_histories(until(panel_of(counts), 900)) == read_histories(until(panel_of(other), 900))
