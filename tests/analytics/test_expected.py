"""Expected ranges: calibrated on counts whose law is known, whole, never negative, and above at a planted surge."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.errors import HistoryTooShort
from analytics.expected import (
    expect_count,
    expect_counts,
    expect_days,
    expect_level,
    thin_expected,
)
from analytics.figures import Expected
from analytics.periods import day_kinds, reference_days
from data.workdays import build_calendar

DAYS = pd.date_range("2026-03-02", periods=85)  # Mondays first; the last day is a Monday, and the one judged
WEEK = np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.6, 0.4])
REFERENCE = [day.date() for day in DAYS[:-1] if day.weekday() == 0][-8:]


def simulated(mean: float, phi: float, series: int = 1500, seed: int = 7) -> np.ndarray:
    """Counts with a weekday pattern and variance phi times the mean, days by series."""
    chance = np.random.default_rng(seed)
    level = np.broadcast_to((mean * WEEK[DAYS.day_of_week])[:, None], (len(DAYS), series))
    return chance.poisson(level) if phi == 1 else chance.negative_binomial(level / (phi - 1), 1 / phi)


def history(counts: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(counts[:-1], index=DAYS[:-1])


@pytest.mark.parametrize("phi", [1, 1.5, 3])
@pytest.mark.parametrize("mean", [0.3, 3, 30, 300])
def test_the_range_covers_as_often_as_it_says(mean, phi):
    counts = simulated(mean, phi)
    expected = expect_counts(history(counts), REFERENCE)
    within = (counts[-1] >= expected["lower"]) & (counts[-1] <= expected["upper"])
    assert within.mean() > 0.93
    assert (counts[-1] > expected["upper"]).mean() < 0.05


@pytest.mark.parametrize("interval_pct", [80, 99])
def test_other_intervals_cover_as_often_as_they_say(interval_pct):
    counts = simulated(40, 1.5)
    expected = expect_counts(history(counts), REFERENCE, interval_pct=interval_pct)
    within = (counts[-1] >= expected["lower"]) & (counts[-1] <= expected["upper"])
    assert within.mean() == pytest.approx(interval_pct / 100, abs=0.03)


@pytest.mark.parametrize("mean", [10, 100])
def test_a_day_three_times_as_busy_is_above(mean):
    counts = simulated(mean, 1.5, series=300)
    expected = expect_counts(history(counts), REFERENCE)
    assert (3 * mean * WEEK[0] > expected["upper"]).mean() > 0.99


def test_the_dispersion_is_found_again():
    for phi in (1.5, 3):
        found = expect_counts(history(simulated(50, phi)), REFERENCE)["dispersion"]
        assert found.median() == pytest.approx(phi, rel=0.08)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=28, max_size=80), st.sampled_from([50, 80, 95, 99]))
def test_the_range_is_whole_and_holds_the_mean(counts, interval_pct):
    days = pd.date_range("2026-01-05", periods=len(counts))
    reference = [day.date() for day in days[-28:][::7]]
    expected = expect_count(pd.Series(counts, index=days), reference, interval_pct=interval_pct)
    assert 0 <= expected.lower <= expected.mean <= expected.upper
    assert isinstance(expected.lower, int)
    assert isinstance(expected.upper, int)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_one_series_is_expected_as_it_is_among_many(seed):
    counts = history(simulated(5, 1.5, series=3, seed=seed))
    many = expect_counts(counts, REFERENCE)
    one = expect_count(counts[1], REFERENCE)
    assert (one.mean, one.lower, one.upper) == tuple(many.loc[1, ["mean", "lower", "upper"]])


def test_the_first_matter_ever_is_no_surprise_where_nothing_was_filed():
    nothing = pd.Series(0, index=DAYS[:-1])
    expected = expect_count(nothing, REFERENCE)
    assert (expected.mean, expected.lower, expected.upper) == (0.0, 0, 1)


def test_the_mean_is_that_of_the_reference_days_alone():
    counts = pd.Series(np.where(DAYS[:-1].day_of_week == 0, 8, 50), index=DAYS[:-1])
    expected = expect_count(counts, REFERENCE)
    assert expected.mean == 8
    assert expected.method == "same_weekday"
    assert expected.reference_days == tuple(REFERENCE)


def test_reference_days_that_are_not_on_record_are_left_out():
    counts = history(simulated(5, 1))[0]
    expected = expect_count(counts[-35:], REFERENCE)
    assert expected.reference_days == tuple(REFERENCE[-5:])


def test_the_baseline_may_be_named_by_its_kind_of_days():
    counts = history(simulated(5, 1))[0]
    assert expect_count(counts, [day.date() for day in DAYS[70:78]], method="rest_day").method == "rest_day"


def test_a_short_history_gives_no_range_but_a_reason():
    counts = history(simulated(5, 1))
    assert expect_count(counts[0][-21:], REFERENCE) is None
    with pytest.raises(HistoryTooShort, match="reference_days: found=3, needed=4"):
        expect_counts(counts[-21:], REFERENCE)
    with pytest.raises(HistoryTooShort, match="days: found=10, needed=14"):
        expect_counts(counts[-10:], [day.date() for day in DAYS[-8:-1]])
    assert expect_count(pd.Series(dtype=float, index=pd.DatetimeIndex([])), REFERENCE) is None


def test_festival_days_do_not_widen_the_range_of_ordinary_days():
    calendar = build_calendar()
    days = pd.date_range("2026-08-03", "2026-10-18")
    quiet = np.array([not calendar.is_workday(day.date()) and day.weekday() < 5 for day in days])
    counts = pd.Series(np.where(quiet, 2, np.random.default_rng(3).poisson(60, len(days))), index=days)
    reference = reference_days(date(2026, 10, 19), calendar).days
    plain = expect_count(counts, reference)
    told = expect_count(counts, reference, day_kinds=day_kinds([day.date() for day in days], calendar))
    assert told.upper < plain.upper


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_day_still_filling_is_expected_to_be_thinner(share):
    counts = simulated(60, 1.5)
    expected = expect_counts(history(counts), REFERENCE)
    entered = np.random.default_rng(11).binomial(counts[-1], share)
    thinned = [
        thin_expected(Expected(row.mean_, row.lower, row.upper, 95, "same_weekday", ()), share)
        for row in expected.rename(columns={"mean": "mean_"}).itertuples()
    ]
    within = [one.lower <= count <= one.upper for one, count in zip(thinned, entered, strict=True)]
    assert np.mean(within) > 0.93
    assert all(0 <= one.lower <= one.mean <= one.upper for one in thinned)


def test_a_full_day_is_not_thinned_and_an_empty_one_expects_nothing():
    expected = Expected(10.0, 4, 17, 95, "same_weekday", ())
    assert thin_expected(expected, 1.0) is expected
    nothing = thin_expected(expected, 0.0)
    assert (nothing.mean, nothing.lower, nothing.upper) == (0.0, 0, 0)


def weeks(count: int) -> tuple[date, ...]:
    return tuple(date(2026, 11, 20) - timedelta(weeks=n) for n in range(count - 1, -1, -1))


def test_the_range_of_a_stock_covers_as_often_as_it_says():
    walk = 3_000 + np.random.default_rng(5).normal(3, 20, (2_000, 9)).cumsum(axis=1).round()
    hits = [expect_level(row, weeks(9)).state(row[-1]) == "within" for row in walk]
    assert np.mean(hits) == pytest.approx(0.95, abs=0.02)


def test_the_value_of_the_day_judged_changes_nothing():
    past = [100, 104, 99, 107, 103, 101, 110, 108]
    assert expect_level([*past, 109], weeks(9)) == expect_level([*past, 900], weeks(9))
    assert expect_level([*past, 900], weeks(9)).state(900) == "above"


def test_a_stock_follows_its_trend_and_never_goes_below_nothing():
    assert expect_level([10, 20, 30, 40, 50, 60], weeks(6)).mean == 60
    falling = expect_level([50, 38, 29, 17, 9, 1, 0], weeks(7))
    assert (falling.mean, falling.lower) == (0.0, 0)


def test_a_stock_that_never_moved_may_move_by_one():
    expected = expect_level([0, 0, 0, 0, 0, 0, 1], weeks(7))
    assert (expected.lower, expected.upper) == (0, 1)


def test_few_weeks_give_no_range_for_a_stock():
    assert expect_level([1, 2, 3, 4, 5], weeks(5)) is None
    assert expect_level([1, np.nan, 3, 4, 5, 6], weeks(6)) is None


def test_the_range_of_a_stock_is_that_of_the_student_law():
    past = np.array([100.0, 104, 99, 107, 103, 101, 110, 108])
    changes = np.diff(past)
    reach = stats.t.ppf(0.975, 6) * changes.std(ddof=1) * np.sqrt(1 + 1 / 7)
    expected = expect_level([*past, 0], weeks(9))
    assert expected.upper == np.ceil(108 + changes.mean() + reach)
    assert expected.lower == np.floor(108 + changes.mean() - reach)


@given(st.lists(st.integers(0, 30), min_size=90, max_size=90), st.integers(1, 40))
def test_many_days_at_once_are_what_each_day_alone_would_be(counts, judged):
    history = pd.Series([float(count) for count in counts], index=pd.date_range("2026-01-05", periods=90))
    references = [tuple(day.date() - timedelta(weeks=n) for n in range(8, 0, -1)) for day in history.index[-judged:]]
    together = expect_days(history, references)
    for day, reference in zip(history.index[-judged:], references, strict=True):
        alone = expect_count(history[history.index < day], reference)
        assert tuple(together.loc[day]) == (alone.mean, alone.lower, alone.upper)
