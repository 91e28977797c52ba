"""Ranges of weeks and months: they hold what chance brings, know nothing of later days, and every page says the same."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import expected_periods
from analytics.briefs import monthly_brief, weekly_brief
from analytics.periods import periods_between
from analytics.petitions import petition_trends
from data.mart import open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar

CALENDAR = build_calendar(None)
LAST_MONTH, LAST_WEEK = date(2026, 10, 31), date(2026, 11, 15)


@pytest.mark.parametrize("kind", ["petition", "hotline"])
def test_the_briefs_and_the_trends_expect_the_same_of_a_whole_period(town_site: Site, kind: str) -> None:
    mart = open_mart(town_site.mart_folder)
    for brief, unit, day in ((monthly_brief, "month", LAST_MONTH), (weekly_brief, "week", LAST_WEEK)):
        asked = {"calendar": CALENDAR, "kind": kind}
        own = next(one for one in brief(mart, Scope(), day, **asked).flows if one.name == "new")
        other = petition_trends(mart, Scope(), day, unit=unit, **asked).volume[0]
        assert (own.value, own.expected) == (other.value, other.expected)


def test_judging_only_the_last_periods_changes_none_of_them() -> None:
    days = pd.date_range("2023-01-01", "2026-06-14")
    by_day = pd.Series(np.random.default_rng(2).poisson(9, len(days)), index=days)
    for unit in ("week", "month"):
        whole = expected_periods.expect_course(by_day, unit, days[-1].date(), CALENDAR)
        few = expected_periods.expect_course(by_day, unit, days[-1].date(), CALENDAR, judged=3)
        pd.testing.assert_frame_equal(whole.iloc[-3:].reset_index(drop=True), few)


@given(st.lists(st.integers(0, 300), min_size=3, max_size=45), st.sampled_from(["week", "month"]))
def test_a_range_holds_its_mean_and_never_falls_below_zero(counts: list[int], unit: str) -> None:
    found = expected_periods.expect_periods(np.array(counts), np.full((len(counts), len(counts)), 30.0), unit).dropna()
    assert (found["lower"] >= 0).all()
    assert (found["lower"] <= found["expected"]).all()
    assert (found["expected"] <= found["upper"]).all()


@given(st.lists(st.integers(0, 300), min_size=30, max_size=40), st.integers(0, 1000))
def test_later_counts_change_no_earlier_range(counts: list[int], later: int) -> None:
    exposure = np.full((len(counts), len(counts)), 30.0)
    changed = np.array([*counts[:-1], later])
    one, other = (expected_periods.expect_periods(np.array(values), exposure, "month") for values in (counts, changed))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("unit", ["week", "month"])
def test_ranges_cover_what_chance_brings_under_season_and_trend(unit: str) -> None:
    rng, season = np.random.default_rng(5), expected_periods.SEASON[unit]
    inside = judged = 0
    for _ in range(30):
        time = np.arange(4 * season)
        mean = 120 * (1 + 0.25 * np.sin(2 * np.pi * time / season)) * 1.004 ** (time * 12 / season)
        counts = rng.poisson(mean)
        found = expected_periods.expect_periods(counts, np.full((len(counts), len(counts)), 30.0), unit).iloc[
            2 * season + 4 :
        ]
        ok = (counts[found.index] >= found["lower"]) & (counts[found.index] <= found["upper"])
        inside, judged = inside + int(ok.sum()), judged + len(found)
    assert 0.90 <= inside / judged <= 0.995


def test_a_surge_stands_out_and_does_not_hide_the_next_one() -> None:
    counts = np.random.default_rng(3).poisson(100, 40).astype(float)
    counts[30] = counts[36] = 180
    found = expected_periods.expect_periods(counts, np.full((40, 40), 30.0), "month")
    assert counts[30] > found["upper"][30]
    assert counts[36] > found["upper"][36]


def test_too_short_a_history_gives_no_range() -> None:
    found = expected_periods.expect_periods(np.full(6, 10.0), np.full((6, 6), 30.0), "month")
    assert found["upper"].isna().all()


def test_rest_days_weigh_what_they_brought() -> None:
    """A matter each working day and none at weekends: a month's exposure is its working days."""
    days = pd.date_range("2025-01-01", "2026-06-30")
    by_day = pd.Series([float(CALENDAR.is_workday(day.date())) for day in days], index=days)
    shown = periods_between("month", date(2025, 1, 1), date(2026, 6, 30))
    row = expected_periods.exposures(shown, by_day, CALENDAR)[-1]
    may = sum(CALENDAR.is_workday(date(2026, 5, 1) + timedelta(days=n)) for n in range(31))
    assert row[-2] == pytest.approx(may)
