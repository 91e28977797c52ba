"""Rates, comparisons and closing times against published figures and slower methods."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from analytics.errors import MissingColumns
from analytics.figures import Period
from analytics.measures import closing_times, compare, kaplan_meier, rate, wilson_interval

DAY = Period(date(2026, 11, 19), date(2026, 11, 19))


@pytest.mark.parametrize(
    ("met", "whole", "lower", "upper"), [(9, 10, 59.6, 98.2), (90, 100, 82.6, 94.5), (0, 20, 0.0, 16.1)]
)
def test_wilson_intervals_are_the_published_ones(met, whole, lower, upper):
    assert tuple(round(end, 1) for end in wilson_interval(met, whole)) == (lower, upper)  # DOMAIN 5.5


@settings(deadline=None)
@given(st.integers(1, 500).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_wilson_intervals_agree_with_statsmodels(counts):
    lower, upper = wilson_interval(*counts)
    oracle = proportion_confint(*counts, method="wilson")
    assert (lower, upper) == pytest.approx(tuple(100 * end for end in oracle), abs=1e-9)
    assert 0 <= lower <= 100 * counts[0] / counts[1] + 1e-9 <= upper + 2e-9 <= 100 + 1e-8


def test_intervals_of_many_rates_come_at_once():
    lower, upper = wilson_interval([9, 90, 0], [10, 100, 0])
    assert (lower[0], upper[1]) == (wilson_interval(9, 10)[0], wilson_interval(90, 100)[1])
    assert np.isnan(lower[2])


def test_a_rate_without_a_denominator_is_unknown():
    assert rate(0, 0) is None
    assert rate(0, 5) == 0
    assert rate(5, 5) == 100


@pytest.mark.parametrize(
    ("now", "base", "pct", "reason"),
    [
        (15, 10, 50.0, None),
        (0, 10, -100.0, None),
        (20, 10, 100.0, None),  # 增长1倍
        (6, 3, None, None),  # under 10: 由3起增至6起
        (9, 9, None, None),
        (10_003, 10_000, None, None),
        (10_000, 10_000, 0.0, None),
        (5, 0, None, "base_zero"),
        (0, 0, None, "both_zero"),
        (None, 4, None, "unknown"),
        (4, None, None, "unknown"),
    ],
)
def test_counts_are_compared_by_the_wording_rules(now, base, pct, reason):
    found = compare(now, base, kind="previous_day", period=DAY)
    assert (found.change_pct, found.reason, found.base) == (pct, reason, base)
    assert found.change_points is None


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(10, 10_000))
def test_a_fall_is_at_most_a_hundred_percent_and_no_change_is_written_as_nothing(now, base):
    found = compare(now, base, kind="previous_day", period=DAY).change_pct
    if found is not None:
        assert found >= -100
        assert now == base or f"{abs(found):.1f}" != "0.0"


def test_rates_are_compared_in_points():
    found = compare(92.1, 90.8, kind="year_on_year", period=DAY, in_points=True)
    assert found.change_points == pytest.approx(1.3)
    assert found.change_pct is None
    assert compare(1.0, 0.0, kind="year_on_year", period=DAY, in_points=True).change_points == 1.0
    assert compare(92.14, 92.11, kind="year_on_year", period=DAY, in_points=True).change_points == 0.0


closings = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 1), st.integers(1, 4)), min_size=1, max_size=60)


@settings(deadline=None)
@given(closings)
def test_the_closing_curve_agrees_with_statsmodels(rows):
    days, ended, weights = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    curve = kaplan_meier(days, ended, weights)
    repeated = weights.astype(int)
    oracle = SurvfuncRight(np.repeat(days, repeated), np.repeat(ended, repeated))
    wanted = pd.Series(oracle.surv_prob, oracle.surv_times).groupby(level=0).last()
    for day, still_open in zip(curve.days, curve.still_open, strict=True):
        assert wanted.loc[day] == pytest.approx(still_open)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.integers(1, 20), st.integers(0, 1)), min_size=1, max_size=40))
def test_late_entry_agrees_with_a_count_at_every_closing_day(rows):
    entry, spent, ended = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    days = entry + spent
    curve = kaplan_meier(days, ended, entry=entry)
    still_open = 1.0
    for day, found in zip(curve.days, curve.still_open, strict=True):
        at_risk = ((entry < day) & (days >= day)).sum()
        still_open *= 1 - ((days == day) & (ended == 1)).sum() / at_risk
        assert found == pytest.approx(still_open)


def test_open_matters_lengthen_the_median():
    closed_only = kaplan_meier([1, 2, 3], [1, 1, 1])
    with_open = kaplan_meier([1, 2, 3, 9, 9, 9], [1, 1, 1, 0, 0, 0])
    assert (closed_only.median, with_open.median) == (2.0, 3.0)
    assert with_open.p90 is None


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=50), st.sampled_from([0.5, 0.9]))
def test_without_open_matters_the_quantile_is_the_plain_one(days, share):
    found = kaplan_meier(days, np.ones(len(days))).quantile(share)
    assert found == np.quantile(days, share, method="inverted_cdf")


def test_nothing_closed_gives_an_empty_curve():
    assert kaplan_meier([5, 6], [0, 0]).median is None
    assert kaplan_meier([], []).median is None


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(0, 1), st.integers(1, 3)), min_size=1)
)
def test_many_groups_at_once_agree_with_one_by_one(rows):
    frame = pd.DataFrame(rows, columns=["unit", "days", "ended", "matters"])
    found = closing_times(frame, "unit")
    for unit, own in frame.groupby("unit"):
        curve = kaplan_meier(own["days"], own["ended"], own["matters"])
        wanted = [np.nan if value is None else value for value in (curve.median, curve.p90)]
        np.testing.assert_equal(found.loc[unit, ["median_days", "p90_days"]].to_numpy(dtype=float), wanted)
        assert found.loc[unit, "matters"] == own["matters"].sum()
        assert found.loc[unit, "ended"] == (own["matters"] * own["ended"]).sum()


def test_missing_columns_are_named():
    with pytest.raises(MissingColumns, match="missing=days, ended"):
        closing_times(pd.DataFrame({"unit": ["a"], "matters": [1]}), "unit")
