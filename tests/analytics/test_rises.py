"""A count rose when chance does not explain it: the test against exact binomials, planted rises found, noise left alone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.errors import HistoryTooShort
from analytics.expected_months import expect_spans, share_of_rest_days
from analytics.rises import RiseRule, dispersion, judge_moves, rise_probability


def series(now: list[int], before: list[int], **more: object) -> pd.DataFrame:
    return pd.DataFrame({"now": now, "before": before, "days_now": 30.0, "days_before": 30.0, "scatter": 1.0} | more)


@given(now=st.integers(0, 200), before=st.integers(0, 200), days=st.integers(1, 31), days_before=st.integers(1, 31))
def test_the_probability_of_a_rise_is_the_binomial_s(now: int, before: int, days: int, days_before: int) -> None:
    exact = stats.binom.sf(now - 1, now + before, days / (days + days_before))
    found = rise_probability(np.array([now]), np.array([before]), np.array([days]), np.array([days_before]))
    assert found[0] == pytest.approx(exact if now else 1.0, abs=1e-9)


@given(counts=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=30))
def test_what_rose_in_one_direction_fell_in_the_other(counts: list) -> None:
    now, before = ([pair[place] for pair in counts] for place in (0, 1))
    there = judge_moves(series(now, before))["moved"]
    back = judge_moves(series(before, now))["moved"]
    turned = {"rose": "fell", "fell": "rose", "steady": "steady"}
    assert [turned[one] for one in there] == back.to_list()


def test_noise_is_left_alone_and_a_planted_rise_is_found() -> None:
    chance = np.random.default_rng(3)
    now, before = chance.poisson(40, 400), chance.poisson(40, 400)
    now[7] = 110
    found = judge_moves(series(now.tolist(), before.tolist()))
    assert found["moved"].iloc[7] == "rose"
    assert (found["moved"] != "steady").sum() <= 5


def test_counts_that_always_swing_need_a_larger_rise() -> None:
    assert judge_moves(series([90], [60]))["moved"].to_list() == ["rose"]
    assert judge_moves(series([90], [60], scatter=8.0))["moved"].to_list() == ["steady"]


def test_a_longer_month_alone_is_no_rise() -> None:
    assert judge_moves(series([3100], [2800], days_now=31.0, days_before=28.0))["moved"].to_list() == ["steady"]


def test_a_few_matters_are_no_rise() -> None:
    assert judge_moves(series([4], [0]), RiseRule(false_share=0.5))["moved"].to_list() == ["steady"]


def test_dispersion_is_pearson_s_and_never_below_one() -> None:
    rng = np.random.default_rng(5)
    past, days = rng.poisson(100, (12, 1)).astype(float), np.array([30.0] * 12)
    by_hand = ((past - past.mean()) ** 2 / past.mean()).sum() / 11
    assert dispersion(past, days)[0] == pytest.approx(max(1.0, by_hand))
    assert dispersion(np.full((12, 1), 5.0), days)[0] == 1.0
    assert dispersion(past[:3] * 9, days[:3])[0] == 1.0, "three months are no measure of scatter"


def test_the_range_of_a_month_covers_nineteen_in_twenty() -> None:
    rng = np.random.default_rng(11)
    past = pd.DataFrame(rng.poisson(80, (12, 3000)))
    found = expect_spans(past, [30.0] * 12, 30.0)
    drawn = rng.poisson(80, 3000)
    within = ((drawn >= found["lower"]) & (drawn <= found["upper"])).mean()
    assert 0.93 < within < 0.99
    assert ((found["lower"] <= found["mean"]) & (found["mean"] <= found["upper"]) & (found["lower"] >= 0)).all()


def test_a_month_is_expected_by_its_weighed_days() -> None:
    past = pd.DataFrame({"new": [220.0] * 6})
    assert expect_spans(past, [22.0] * 6, 20.0)["mean"].iloc[0] == pytest.approx(200.0)


def test_five_months_are_too_short_a_history() -> None:
    with pytest.raises(HistoryTooShort):
        expect_spans(pd.DataFrame({"new": [5.0] * 5}), [30.0] * 5, 30.0)


def test_a_day_of_rest_weighs_its_share_of_a_working_day() -> None:
    days = pd.Series([20, 20, 20, 20, 20, 5, 5], index=pd.date_range("2026-11-16", periods=7))
    assert share_of_rest_days(days, [True] * 5 + [False] * 2) == 0.25
    assert share_of_rest_days(days, [True] * 7) == 1.0
    assert share_of_rest_days(days * 0, [True] * 5 + [False] * 2) == 1.0
