"""Scores of forecasts: equal to the slow obvious sums, to the reference scorer beside the project, and to published figures."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.forecasts.contract import QUANTILES
from analytics.forecasts.models.seasonal import seasonal_naive
from analytics.forecasts.scoring import LEVELS, below_and_upto, coverage, miss, naive_error, pinball, wis
from tests.analytics.forecasts.fits import bare_panel

SHARED = Path(__file__).resolve().parents[4] / "shared"


def slow_wis(actual: float, quantiles: list[float]) -> float:
    """Bracher et al. 2021, equation 1: half the absolute error and the weighted interval scores of three ranges."""
    total = abs(actual - quantiles[3]) / 2
    for low, high, alpha in zip(quantiles[:3], quantiles[:3:-1], (0.05, 0.2, 0.5), strict=True):
        score = high - low
        score += 2 / alpha * (low - actual) if actual < low else 0
        score += 2 / alpha * (actual - high) if actual > high else 0
        total += alpha / 2 * score
    return total / 3.5


@given(st.lists(st.floats(0, 100), min_size=7, max_size=7).map(sorted), st.floats(0, 120))
def test_the_score_is_the_sum_of_its_ranges_and_the_mean_pinball_loss(quantiles: list[float], actual: float) -> None:
    found = wis(np.array([actual]), np.array([quantiles]))[0]
    assert found == pytest.approx(slow_wis(actual, quantiles), abs=1e-9)
    assert found == pytest.approx(pinball(np.array([actual]), np.array([quantiles])).sum() / 7, abs=1e-9)


def test_a_count_may_lie_on_its_quantile_and_still_be_calibrated() -> None:
    chance = np.random.default_rng(1)
    actual = chance.poisson(0.8, 20_000).astype(float)
    quantiles = np.broadcast_to([0.0, 0, 0, 1, 1, 2, 3], (20_000, 7))
    below, upto = below_and_upto(actual, quantiles)
    assert miss(below, upto) < 0.01
    assert coverage(below, upto)[0] > 0.9, "the plain coverage of 80 % misjudges it"
    assert miss(*below_and_upto(actual, quantiles + 1)) > 0.3


def test_the_scale_leaves_out_what_is_missing() -> None:
    history = np.array([1.0, 2, np.nan, 4, 1, 2])
    assert naive_error(history, 2) == pytest.approx(np.mean([2, 2]))


def test_without_outcomes_nothing_is_said() -> None:
    below, upto = below_and_upto(np.array([np.nan]), np.zeros((1, 7)))
    assert np.isnan(below).all()
    assert np.isnan(upto).all()


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "evaluation").exists(), reason="needs the reference scorer beside the project")
def test_the_score_is_that_of_the_reference_scorer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SHARED / "evaluation"))
    import forecast_score as reference

    chance = np.random.default_rng(3)
    actual = chance.poisson(5, 500).astype(float)
    quantiles = np.sort(chance.poisson(5, (500, 7)), axis=1).astype(float)
    np.testing.assert_allclose(wis(actual, quantiles), reference.wis(actual, quantiles))
    history = chance.poisson(9, 800).astype(float)
    ours = seasonal_naive(bare_panel("D", history[None]), reference.HORIZON)[0]
    np.testing.assert_allclose(ours, reference.naive(pd.Series(history), reference.HORIZON))
    assert tuple(reference.QUANTILES) == QUANTILES
    assert (np.diff(LEVELS) > 0).all()
    sys.modules.pop("forecast_score")


ANCHORS = {
    "m3_quarterly": 1.4253,
    "m1_quarterly": 2.0775,
}  # shared/data/forecast_benchmarks/published_open (chronos repository)


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "data" / "forecast_benchmarks").exists(), reason="needs the published sets")
@pytest.mark.parametrize("dataset", ANCHORS)
def test_the_naive_mase_of_published_sets_is_the_published_one(dataset: str) -> None:
    rows = pd.read_parquet(SHARED / "data" / "forecast_benchmarks" / "series_open.parquet")
    errors = []
    for _, series in rows[rows["dataset"] == dataset].groupby("series_id"):
        series = series.sort_values("t")
        train, test = (series.loc[series["part"] == part, "y"].to_numpy(float) for part in ("train", "test"))
        median = seasonal_naive(bare_panel("Q", train[None]), len(test))[0][:, 3]
        errors.append(np.abs(test - median).mean() / naive_error(train, 4))
    assert np.mean(errors) == pytest.approx(ANCHORS[dataset], abs=6e-4)
