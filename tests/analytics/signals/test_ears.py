"""EARS limits agree with a slow, obvious loop."""

import numpy as np
import pytest
from scipy import stats

from analytics.signals.ears import USUAL_ALPHA, ears_limit

COUNTS = np.random.default_rng(7).poisson(4, (5, 40)).astype(float)


@pytest.mark.parametrize("method", ["C1", "C2", "C3"])
def test_a_limit_agrees_with_a_loop(method: str) -> None:
    z = stats.norm.ppf(1 - USUAL_ALPHA[method])
    for series, limit in zip(COUNTS, ears_limit(COUNTS, 30, method), strict=True):
        lag = 0 if method == "C1" else 2
        window = series[30 - lag - 7 : 30 - lag]
        expected = window.mean() + z * window.std(ddof=1)
        if method == "C3":
            above = 0.0
            for point in (28, 29):
                earlier = series[point - 9 : point - 2]
                above += max(0.0, (series[point] - earlier.mean()) / earlier.std(ddof=1) - 1)
            expected = max(0.0, series[30] + window.std(ddof=1) * (z - above))
        assert limit == pytest.approx(expected)


def test_what_comes_later_changes_nothing() -> None:
    later = COUNTS.copy()
    later[:, 31:] = 1_000
    assert np.array_equal(ears_limit(COUNTS, 30, "C2"), ears_limit(later, 30, "C2"))


def test_a_baseline_that_does_not_reach_back_is_no_baseline() -> None:
    assert np.isnan(ears_limit(COUNTS, 8, "C2")).all()


def test_a_least_standard_deviation_keeps_a_quiet_series_from_alarming_at_one() -> None:
    quiet = np.zeros((1, 20))
    assert ears_limit(quiet, 19)[0] == 0
    assert ears_limit(quiet, 19, least_sd=0.5)[0] > 1
