"""Weeks are judged from their own past alone, find a planted surge, keep to their nominal rate, and say when they cannot judge."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.signals.weekly import PRODUCTION, WINDOWS, judge_weekly, judge_weeks

CHANCE = np.random.default_rng(21)
WEEKS = np.arange(330)
SEASON = np.exp(0.3 * np.cos(2 * np.pi * WEEKS / PRODUCTION.per_year))
JUDGED = 320


def drawn(mean: float, dispersion: float, series: int) -> np.ndarray:
    return CHANCE.negative_binomial(mean * SEASON / (dispersion - 1), 1 / dispersion, (series, 330)).astype(float)


COUNTS = drawn(6.0, 1.6, 60)


def test_what_comes_later_changes_nothing() -> None:
    later = COUNTS.copy()
    later[:, JUDGED + 1 :] = 500
    assert np.array_equal(judge_weekly(COUNTS, JUDGED).p, judge_weekly(later, JUDGED).p)
    cut = judge_weekly(COUNTS[:, : JUDGED + 1], JUDGED)
    assert np.array_equal(cut.p, judge_weekly(COUNTS, JUDGED).p)


def test_a_surge_over_two_weeks_is_found_in_its_first_and_clearly_in_its_second() -> None:
    struck = COUNTS.copy()
    struck[:, JUDGED - 1] += 8
    struck[:, JUDGED] += 7
    quiet, first, second = judge_weekly(COUNTS, JUDGED), judge_weekly(struck, JUDGED - 1), judge_weekly(struck, JUDGED)
    assert np.median(quiet.p) > 0.2
    assert np.median(second.p) < np.median(first.p) < 0.05
    assert (second.window == 2).mean() > 0.6


def test_expected_and_range_are_of_each_window() -> None:
    found = judge_weekly(COUNTS, JUDGED)
    assert found.windows == WINDOWS
    assert found.observed[:, 1].tolist() == COUNTS[:, JUDGED - 1 : JUDGED + 1].sum(axis=1).tolist()
    assert np.median(found.expected / (6 * SEASON[JUDGED])) == pytest.approx(1.5, abs=0.3)
    inside = (found.lower <= found.observed) & (found.observed <= found.upper)
    assert inside.mean() > 0.9
    assert (found.lower <= found.expected).all()
    assert (found.expected <= found.upper).all()


def test_without_a_surge_small_p_are_as_rare_as_they_say() -> None:
    rarest = []
    for mean, dispersion in ((0.3, 1.5), (2.0, 2.5), (12.0, 1.4), (150.0, 3.0)):
        p = np.stack([one.p for one in judge_weeks(drawn(mean, dispersion, 400), range(300, 330, 2))])
        assert 0.005 <= (p <= 0.01).mean() <= 0.02
        assert 0.03 <= (p <= 0.05).mean() <= 0.07
        rarest.append((p <= 0.001).mean())
    assert 0.0005 <= np.mean(rarest) <= 0.002


def test_a_level_that_shifted_a_year_and_a_half_ago_is_the_new_level() -> None:
    moved = COUNTS.copy()
    moved[:, JUDGED - 78 :] = drawn(12.0, 1.6, 60)[:, JUDGED - 78 :]
    p = judge_weekly(moved, JUDGED).p
    assert (p <= 0.01).mean() < 0.1


def test_series_whose_weeks_run_together_do_not_alarm_at_every_wave() -> None:
    waves = np.stack([np.convolve(CHANCE.normal(size=332), np.ones(3) / 3**0.5, "valid") for _ in range(300)])
    running = CHANCE.poisson(20 * np.exp(0.3 * waves)).astype(float)
    found = list(judge_weeks(running, range(280, 330, 5)))
    assert np.mean([(one.p <= 0.01).mean() for one in found]) < 0.02
    assert np.mean([(one.window_p[:, 1] <= 0.01).mean() for one in found]) < 0.02


def test_a_fit_begun_from_the_week_before_gives_the_same_answer() -> None:
    *_, found = judge_weeks(COUNTS, range(JUDGED - 5, JUDGED + 1))
    assert found.p == pytest.approx(judge_weekly(COUNTS, JUDGED).p, rel=1e-7)


def test_too_short_a_history_no_count_and_hardly_any_matter_say_so() -> None:
    assert set(judge_weekly(COUNTS, 90).reason) == {"short_history"}
    assert np.isnan(judge_weekly(COUNTS, 90).p).all()
    mixed = COUNTS[:4].copy()
    mixed[0, : JUDGED - 60] = np.nan
    mixed[1, JUDGED] = np.nan
    mixed[2] = 0
    mixed[2, 100:103] = 1
    found = judge_weekly(mixed, JUDGED)
    assert found.reason.tolist() == ["short_history", "no_data", "too_few", ""]
    assert np.isnan(found.p).tolist() == [True, True, True, False]
    assert np.isnan(found.expected[:3]).all()
    assert found.enough.tolist() == [False, False, False, True]


def test_a_missing_week_before_leaves_this_week_to_be_judged_alone() -> None:
    gap = COUNTS.copy()
    gap[:, JUDGED - 1] = np.nan
    gap[:, JUDGED] += 20
    found = judge_weekly(gap, JUDGED)
    assert found.enough.all()
    assert (found.p < 0.01).mean() > 0.95
    assert found.observed[:, 1].tolist() == gap[:, JUDGED].tolist()


def test_p_is_never_nothing() -> None:
    enormous = COUNTS.copy()
    enormous[:, JUDGED] = 1e6
    found = judge_weekly(enormous, JUDGED)
    assert (found.p > 0).all()
    assert (found.window_p > 0).all()


def test_ranges_can_be_left_out_without_changing_p() -> None:
    fast = judge_weekly(COUNTS, JUDGED, replace(PRODUCTION, range_pct=None))
    assert np.isnan(fast.upper).all()
    assert np.array_equal(fast.p, judge_weekly(COUNTS, JUDGED).p)
