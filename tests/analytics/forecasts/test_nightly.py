"""The forecasts of a night: whole, coherent, with their reasons; the weights of the last backtest decide what is fitted."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from analytics.forecasts.backtests import backtest, rolling_cutoffs
from analytics.forecasts.combining import NAIVE, Weights, equal_weights, learn_weights
from analytics.forecasts.contract import COLUMNS, Model
from analytics.forecasts.executing import Runner
from analytics.forecasts.models import MODELS
from analytics.forecasts.nightly import NAIVE_COLUMNS, forecast_night
from tests.analytics.forecasts.fits import SUMS, small_panel

FAST = tuple(MODELS[name] for name in ("seasonal_naive", "weekday_mean", "count_glm"))
DAY = date(2023, 2, 6)


@pytest.fixture(scope="module")
def weights() -> Weights:
    panel = small_panel()
    return learn_weights(backtest(panel, rolling_cutoffs(400, 28, 7, 8), 28, FAST, runner=Runner()), DAY, SUMS)


def test_every_series_has_every_step_and_parts_add_up(weights: Weights) -> None:
    found = forecast_night(small_panel(), 28, weights, FAST, sums=SUMS)
    assert len(found.frame) == 3 * 28
    assert found.frame["period"].min() == np.datetime64("2023-02-07")
    means = found.frame.pivot(index="step", columns="key", values="mean")
    np.testing.assert_allclose(means["total"], means["part:a"] + means["part:b"], rtol=1e-3)
    quantiles = found.frame[list(COLUMNS)].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (quantiles == np.round(quantiles)).all(), "whole counts"
    assert set(found.series["state"]) == {"forecast"}
    assert (found.series["skill"] < 0.9).all()


def test_the_same_night_gives_the_same_forecasts(weights: Weights) -> None:
    one, two = (forecast_night(small_panel(), 28, weights, FAST, sums=SUMS).frame for _ in range(2))
    assert one.equals(two)


def test_a_model_without_a_weight_is_not_fitted(weights: Weights) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("fitted")

    forecast_night(small_panel(), 28, weights, [*FAST, Model("idle", ("D",), fail, fail)])


def test_where_the_naive_forecast_did_better_it_is_shown(weights: Weights) -> None:
    naive = replace(weights, series=weights.series.assign(shows=["forecast", "naive", "forecast"]))
    found = forecast_night(small_panel(), 28, naive, FAST, sums=SUMS)
    assert found.series["state"].tolist() == ["forecast", "naive", "forecast"]
    own = found.frame[found.frame["key"] == "part:a"]
    shown, rounded = own[list(COLUMNS)].to_numpy(), np.floor(own[list(NAIVE_COLUMNS)].to_numpy() + 0.5)
    np.testing.assert_array_equal(shown, rounded)


def test_a_recording_that_stopped_is_refused_with_its_reason(weights: Weights) -> None:
    panel = small_panel()
    counts = panel.counts.copy()
    counts[1, 250:] = 0
    found = forecast_night(replace(panel, counts=counts), 28, weights, FAST, sums=SUMS)
    told = found.series.set_index("key")
    assert told.loc["part:a", ["state", "reason"]].tolist() == ["refused", "recording_stopped"]
    assert "part:a" not in set(found.frame["key"])
    assert told.loc["part:b", "state"] == "forecast"


def test_before_any_backtest_all_models_count_alike() -> None:
    found = forecast_night(small_panel(), 7, equal_weights("D", (NAIVE, "count_glm"), DAY), FAST, sums=SUMS)
    assert len(found.frame) == 3 * 7
    assert found.series["skill"].isna().all()
    assert json.loads(found.series["weights"].iloc[0]) == {"count_glm": 0.5, NAIVE: 0.5}
    means = found.frame.pivot(index="step", columns="key", values="mean")
    np.testing.assert_allclose(means["total"], means["part:a"] + means["part:b"], rtol=1e-3)
