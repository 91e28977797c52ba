"""The batched fit agrees with statsmodels; columns are what they say."""

import numpy as np
import statsmodels.api as sm

from analytics.forecasts.contract import until
from analytics.forecasts.features import design_of
from analytics.forecasts.fitting import fit_effects, leverages
from analytics.forecasts.levels import Memory, level_ratios
from analytics.forecasts.pooling import common_effects
from tests.analytics.forecasts.made import poisson_panel


def test_without_a_prior_the_effects_are_those_of_a_poisson_regression() -> None:
    rng = np.random.default_rng(1)
    rows = np.column_stack([np.ones(200), rng.normal(size=(200, 3))])
    counts = rng.poisson(np.exp(rows @ [1.0, 0.3, -0.2, 0.1]), (2, 200)).astype(float)
    weights = np.ones((2, 200))
    weights[1, :50] = 0
    flat = np.zeros((2, 4))
    found = fit_effects(counts, rows, flat, flat, np.ones(2), weights)
    for at, own in enumerate((slice(None), slice(50, None))):
        told = sm.GLM(counts[at, own], rows[own], family=sm.families.Poisson()).fit()
        np.testing.assert_allclose(found[at], told.params, atol=1e-5)


def test_a_firm_prior_holds_an_effect_where_it_was_expected() -> None:
    rng = np.random.default_rng(1)
    rows = np.column_stack([np.ones(200), rng.normal(size=200)])
    counts = rng.poisson(np.exp(rows @ [1.0, 0.5]), (1, 200)).astype(float)
    held = fit_effects(counts, rows, np.array([[0.0, -0.2]]), np.array([[0.0, 1e9]]), np.ones(1), np.ones((1, 200)))
    assert abs(held[0, 1] + 0.2) < 1e-4


def test_a_month_carries_the_share_of_the_festival_that_lies_in_it() -> None:
    panel = poisson_panel("M", 120)
    design = design_of(panel, 6, 2)
    rest = design.rows[:, design.names.index("festival_off")]
    assert len(design.rows) == 126
    assert (rest[:120].reshape(10, 12)[:, :2].sum(axis=1) > 0.1).all()  # January and February
    assert (rest[:120].reshape(10, 12)[:, 3:].sum(axis=1) == 0).all()


def test_what_never_was_in_the_history_has_no_column() -> None:
    panel = until(poisson_panel("D", 730), 100)  # March to June: no National Day, no Spring Festival
    names = design_of(panel, 28, 1).names
    assert "national_day" not in names
    assert not any(name.startswith("festival") for name in names)


def test_the_sum_of_all_series_shows_a_planted_weekend() -> None:
    panel = poisson_panel("D", 730, (20.0, 40.0))
    design = design_of(panel, 0, 1)
    effects = dict(zip(design.names, common_effects(panel, design), strict=True))
    assert abs(effects["weekday6"] - np.log(0.6)) < 0.1
    assert effects["level"] == effects["trend"] == 0


def test_ahead_the_recent_level_gives_way_to_the_lasting_one() -> None:
    counts, mean = np.full((1, 200), 50.0), np.full((1, 200), 50.0)
    counts[:, -7:] *= 2
    found = level_ratios(counts, mean, np.ones(1), np.array([150, 199]), 28, Memory(7, 60, 14))
    np.testing.assert_allclose(found[0, 0], 0, atol=1e-9)
    assert found[0, 1, 0] > found[0, 1, 13] > found[0, 1, 27] > 0


def test_leverages_are_those_of_the_hat_matrix_and_go_on_to_points_that_were_not_fitted() -> None:
    rng = np.random.default_rng(2)
    rows = np.column_stack([np.ones(60), rng.normal(size=(60, 3))])
    counts = rng.poisson(np.exp(rows @ [2.0, 0.3, -0.2, 0.1]), (1, 60)).astype(float)
    flat = np.zeros((1, 4))
    effects = fit_effects(counts[:, :50], rows[:50], flat, flat, np.ones(1), np.ones((1, 50)))
    found = leverages(effects, rows, flat, np.ones(1), np.ones((1, 50)))[0]
    told = sm.GLM(counts[0, :50], rows[:50], family=sm.families.Poisson()).fit()
    np.testing.assert_allclose(found[:50], told.get_influence().hat_matrix_diag, rtol=1e-4)
    ahead = told.get_prediction(rows[50:])
    np.testing.assert_allclose(found[50:], ahead.se_mean**2 / ahead.predicted, rtol=1e-3)
    assert abs(found[:50].sum() - 4) < 1e-6


def test_what_is_expected_firmly_takes_no_degree_of_freedom() -> None:
    rows = np.column_stack([np.ones(40), np.linspace(-1, 1, 40)])
    firm = np.array([[0.0, 1e9]])
    found = leverages(np.array([[3.0, 0.0]]), rows, firm, np.ones(1), np.ones((1, 40)))
    assert abs(found.sum() - 1) < 1e-5
