"""Rolling origins: no model sees a later count, truth is what came, weights of an origin know nothing of what came after it."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.forecasts.backtests import Backtest, backtest
from analytics.forecasts.combining import NAIVE, learn_weights
from analytics.forecasts.contract import Model
from analytics.forecasts.evaluation import choose, inner_cutoffs, score_table
from analytics.forecasts.executing import Runner
from analytics.forecasts.models import MODELS
from tests.analytics.forecasts.fits import SUMS, small_panel

FAST = tuple(MODELS[name] for name in ("seasonal_naive", "weekday_mean", "count_glm"))
CUTOFFS = (200, 228, 256, 284, 312, 340)


def made_on(cutoff: int) -> date:
    return date(2022, 1, 3)


@pytest.fixture(scope="module")
def whole() -> Backtest:
    return backtest(small_panel(), CUTOFFS, 28, FAST, runner=Runner())


def test_truth_is_what_came_after_each_cutoff(whole: Backtest) -> None:
    panel = small_panel()
    assert whole.truth[0].tolist() == panel.counts[:, 200:228].tolist()
    late = backtest(panel, (390,), 28, FAST[:1], runner=Runner())
    assert np.isfinite(late.truth[0, :, :10]).all()
    assert np.isnan(late.truth[0, :, 10:]).all(), "nothing has come yet"


def test_counts_after_the_cutoff_change_no_forecast(whole: Backtest) -> None:
    panel = small_panel()
    counts = panel.counts.copy()
    counts[:, 284:] = 99.0
    other = backtest(replace(panel, counts=counts), CUTOFFS, 28, FAST, runner=Runner())
    np.testing.assert_array_equal(other.quantiles[:, :4], whole.quantiles[:, :4])
    chosen, changed = (choose(one, [284], made_on, SUMS) for one in (whole, other))
    np.testing.assert_array_equal(chosen.quantiles, changed.quantiles)
    pd.testing.assert_frame_equal(chosen.weights[0].members, changed.weights[0].members)


def test_an_origin_with_no_backtest_before_it_weighs_all_alike(whole: Backtest) -> None:
    found = choose(whole, [200], made_on, SUMS)
    assert found.weights[0].origins == 0
    assert set(found.weights[0].members["weight"]) == {1 / 3}
    assert np.isfinite(found.quantiles).all()


def test_the_long_table_has_a_row_an_origin_series_and_step(whole: Backtest) -> None:
    rows = whole.frame("count_glm")
    assert len(rows) == 6 * 3 * 28
    assert rows.iloc[28][["series", "cutoff", "step"]].tolist() == ["part:a", 200, 1]


def test_a_model_that_refuses_has_no_weight_and_is_scored_as_the_naive_forecast(whole: Backtest) -> None:
    refusing = Model("refusing", ("D",), lambda panel, horizon, shared: np.full((3, horizon, 7), np.nan))
    found = backtest(small_panel(), CUTOFFS, 28, [*FAST, refusing], runner=Runner())
    weights = learn_weights(found, date(2023, 1, 1), SUMS)
    assert "refusing" not in set(weights.members["model"])
    chosen = choose(found, [312, 340], made_on, SUMS)
    scores = score_table(found.at([4, 5]), chosen.quantiles, np.ones(3, bool)).set_index(["level", "model"])
    assert scores.loc[("all", "refusing"), ["wis_ratio", "refused"]].tolist() == [1, 6]
    assert scores.loc[("all", NAIVE), "wis_ratio"] == 1
    assert scores.loc[("all", "chosen"), "wis_ratio"] < 0.8


def test_inner_origins_lie_before_the_first_with_their_whole_truth() -> None:
    for first in (200, 800):
        found = inner_cutoffs(first, 28, 150)
        assert all(150 <= one <= first - 28 for one in found)
    assert inner_cutoffs(100, 28, 90) == ()
