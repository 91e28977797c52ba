"""Days are judged by weekday, season and calendar from their own past alone; today and the week it ends make one p."""

import numpy as np
import pytest

from analytics.signals.calendar_effects import day_features
from analytics.signals.daily import judge_daily, judge_days

CHANCE = np.random.default_rng(31)
DAYS = np.arange("2023-01-02", "2026-01-02", dtype="datetime64[D]")
COUNT = len(DAYS)
WEEK = np.array([1.5, 1.2, 1.0, 1.0, 0.9, 0.4, 0.3])
MEAN = 5 * WEEK[np.arange(COUNT) % 7] * np.exp(0.2 * np.sin(2 * np.pi * np.arange(COUNT) / 365.25))
COUNTS = CHANCE.poisson(MEAN, (50, COUNT)).astype(float)
JUDGED = COUNT - 10


def test_what_comes_later_changes_nothing() -> None:
    later = COUNTS.copy()
    later[:, JUDGED + 1 :] = 500
    assert np.array_equal(judge_daily(COUNTS, JUDGED).p, judge_daily(later, JUDGED).p)


def test_the_weekday_is_expected() -> None:
    found = [one.expected[:, 0] for one in judge_days(COUNTS, range(JUDGED - 6, JUDGED + 1))]
    assert np.mean(found, axis=1) == pytest.approx(MEAN[JUDGED - 6 : JUDGED + 1], rel=0.1)


def test_a_burst_is_found_the_same_day_and_a_slow_rise_by_its_week() -> None:
    burst, slow = COUNTS.copy(), COUNTS.copy()
    burst[:, JUDGED] += 15
    slow[:, JUDGED - 6 : JUDGED + 1] += 3
    found, rising = judge_daily(burst, JUDGED), judge_daily(slow, JUDGED)
    assert (found.p < 0.01).mean() > 0.9
    assert (found.window == 1).mean() > 0.9
    assert (rising.p < 0.01).mean() > 0.6
    assert (rising.window == 7).mean() > 0.7
    assert (judge_daily(COUNTS, JUDGED).p < 0.01).mean() < 0.1


def test_without_a_surge_small_p_are_as_rare_as_they_say() -> None:
    many = CHANCE.negative_binomial(MEAN / 0.5, 1 / 1.5, (150, COUNT)).astype(float)
    p = np.stack([one.p for one in judge_days(many, range(COUNT - 120, COUNT, 6))])
    assert 0.005 <= (p <= 0.01).mean() <= 0.02
    assert (p <= 0.001).mean() <= 0.0025


def test_a_day_off_that_the_calendar_knows_is_no_surprise_afterwards_nor_a_make_up_day_one() -> None:
    made_up = np.isin(
        DAYS, np.array(["2023-10-07", "2024-10-12", "2025-09-28", "2024-02-04", "2025-02-08"], "datetime64[D]")
    )
    status = np.where(((np.arange(COUNT) % 7) < 5) | made_up, 1, 0)
    features = day_features(DAYS, status, ["national_day" if one else None for one in made_up], [])
    worked = 5 * np.where(made_up, 1.1, WEEK[np.arange(COUNT) % 7])
    counts = CHANCE.poisson(worked * 4, (50, COUNT)).astype(float)
    last = int(np.flatnonzero(np.datetime64("2025-09-28") == DAYS)[0])
    blind, told = judge_daily(counts, last), judge_daily(counts, last, days=DAYS, features=features)
    assert np.median(blind.p) < 0.01
    assert np.median(told.p) > 0.05


def test_a_closed_office_is_no_count_of_nothing() -> None:
    closed = COUNTS.copy()
    closed[:, np.arange(COUNT) % 7 >= 5] = np.nan
    friday = JUDGED - (JUDGED % 7) + 4
    found = judge_daily(closed, friday)
    assert found.enough.all()
    assert found.observed[:, 1].tolist() == np.nansum(closed[:, friday - 6 : friday + 1], axis=1).tolist()
    assert np.mean(found.expected[:, 1]) == pytest.approx(MEAN[friday - 4 : friday + 1].sum(), rel=0.1)
    assert set(judge_daily(closed, friday + 1).reason) == {"no_data"}


def test_too_short_a_history_says_so() -> None:
    found = judge_daily(COUNTS[:, :400], 399)
    assert set(found.reason) == {"short_history"}
    assert np.isnan(found.p).all()


def test_a_fit_begun_from_the_day_before_gives_the_same_answer() -> None:
    *_, found = judge_days(COUNTS, [JUDGED - 2, JUDGED - 1, JUDGED])
    assert found.p == pytest.approx(judge_daily(COUNTS, JUDGED).p, rel=1e-7)
