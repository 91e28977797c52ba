"""Farrington's judgement agrees with statsmodels' regression, knows nothing of later points, and says when it cannot judge."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from analytics.errors import HistoryTooShort
from analytics.signals.farrington import IMPROVED, FarringtonControl, judge_farrington
from analytics.signals.reference import reference_points

CHANCE = np.random.default_rng(11)
SEASON = 6 + 3 * np.sin(np.arange(330) * 2 * np.pi / 52)
COUNTS = CHANCE.negative_binomial(3, 3 / (3 + SEASON), (6, 330)).astype(float)
JUDGED = 320


@pytest.mark.parametrize("periods", [1, 10])
def test_the_expected_count_is_that_of_a_quasi_poisson_regression(periods: int) -> None:
    control = FarringtonControl(periods=periods, excluded=26, p_trend=1, reweight=False)
    found = judge_farrington(COUNTS, JUDGED, control)
    past = reference_points(JUDGED, years=5, half_window=3, periods=periods, excluded=26)
    design = np.column_stack([past.period == number for number in range(periods)]).astype(float)
    for series, expected, dispersion in zip(COUNTS, found.expected, found.dispersion, strict=True):
        columns = np.column_stack([design, past.points - JUDGED])
        fitted = sm.GLM(series[past.points], columns, family=sm.families.Poisson()).fit(scale="X2")
        if np.exp(fitted.params[0]) > series[past.points].max():
            continue
        assert expected == pytest.approx(np.exp(fitted.params[0]), rel=1e-5)
        assert dispersion == pytest.approx(max(fitted.scale, 1), rel=1e-4)


def test_what_comes_later_or_was_excluded_changes_nothing() -> None:
    later = COUNTS.copy()
    later[:, JUDGED + 1 :] = 500
    later[:, JUDGED - 26 : JUDGED - 3] = 500
    before, after = judge_farrington(COUNTS, JUDGED), judge_farrington(later, JUDGED)
    assert np.array_equal(before.expected, after.expected)
    assert np.array_equal(before.upper, after.upper)


def test_each_series_is_judged_by_itself() -> None:
    together = judge_farrington(COUNTS, JUDGED)
    alone = [judge_farrington(COUNTS[[place]], JUDGED).upper[0] for place in range(len(COUNTS))]
    assert together.upper.tolist() == alone
    turned = judge_farrington(COUNTS[::-1], JUDGED)
    assert turned.expected == pytest.approx(together.expected[::-1])


def test_a_past_outbreak_weighs_less_when_it_is_reweighted() -> None:
    struck = COUNTS.copy()
    struck[:, 200:206] += 60
    kept = judge_farrington(struck, JUDGED, replace(IMPROVED, reweight=False))
    weighed = judge_farrington(struck, JUDGED)
    assert (weighed.upper < kept.upper).all()


def test_a_count_above_the_limit_is_a_signal_and_one_at_it_is_not() -> None:
    upper = judge_farrington(COUNTS, JUDGED).upper
    for added, is_signal in ((0, False), (1, True)):
        judged = COUNTS.copy()
        judged[:, JUDGED] = upper + added
        assert judge_farrington(judged, JUDGED).is_signal.tolist() == [is_signal] * len(COUNTS)


def test_a_higher_count_has_a_smaller_probability() -> None:
    higher = COUNTS.copy()
    higher[:, JUDGED] += 5
    assert (judge_farrington(higher, JUDGED).p < judge_farrington(COUNTS, JUDGED).p).all()


def test_a_series_of_zeros_is_not_judged_and_too_few_of_late_give_no_signal() -> None:
    nothing = judge_farrington(np.zeros((1, 330)), JUDGED)
    assert np.isnan(nothing.upper).all()
    assert not nothing.is_signal.any()
    few = np.zeros((1, 330))
    few[0, ::9] = 1
    few[0, JUDGED] = 3
    assert not judge_farrington(few, JUDGED).is_signal.any()


def test_no_past_points_is_an_error_that_says_so() -> None:
    with pytest.raises(HistoryTooShort, match="points"):
        judge_farrington(COUNTS[:, :40], 39)
