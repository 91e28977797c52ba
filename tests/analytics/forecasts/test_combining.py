"""The combination: weights follow past scores, spreads follow past misses, few origins move little, and the naive forecast stands where it won."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.forecasts.backtests import Backtest
from analytics.forecasts.combining import (
    NAIVE,
    PRIOR,
    combine,
    equal_weights,
    learn_weights,
    read_weights,
    settled,
)
from analytics.forecasts.contract import QUANTILES
from analytics.forecasts.reconciling import METHODS, expected, reconcile
from analytics.forecasts.scoring import below_and_upto, miss, wis
from analytics.forecasts.weighing import best_spreads, did_worse, searched_weights, weights_by_score

DAY = date(2026, 11, 21)
Z = stats.norm.ppf(QUANTILES)


def past_of(spread: float = 1.0, naive: float = 1.6, shift: float = 0.0, origins: int = 12, seed: int = 5) -> Backtest:
    """Ten series around 50 with a standard error of 5; a model that knows the mean but not the spread, one that errs by `shift`, and a
    naive one that is wrong by more.
    """
    chance = np.random.default_rng(seed)
    shape = (origins, 10, 28)
    truth = 50 + 5 * chance.standard_normal(shape)
    centre = {
        NAIVE: 50 + 5 * naive * chance.standard_normal(shape),
        "good": np.full(shape, 50.0),
        "off": np.full(shape, 50.0 + shift),
    }
    width = {NAIVE: 5 * (1 + naive**2) ** 0.5, "good": 5 * spread, "off": 5.0}
    quantiles = np.stack([centre[name][..., None] + width[name] * Z for name in centre])
    return Backtest(
        "D", np.arange(400), tuple(f"s{one}" for one in range(10)), ("wide",) + ("low",) * 9, tuple(range(origins)),
        tuple(centre), np.maximum(quantiles, 0), truth, np.full((origins, 10), 6.0), {}, np.zeros(10, bool),
    )  # fmt: skip


def test_the_weight_goes_to_the_model_that_did_better() -> None:
    members = learn_weights(past_of(shift=15.0), DAY).members
    assert members.groupby(["level", "first_step"])["weight"].sum().round(9).eq(1).all()
    assert (members.loc[members["model"] == "good", "weight"] > 0.8).all()


def test_searched_weights_are_no_worse_than_any_model_on_their_own_past() -> None:
    past = past_of(naive=0.3, shift=4.0)
    actual, scale = past.truth.ravel(), np.full(past.truth.size, 6.0)
    given = past.quantiles.reshape(3, -1, 7)
    start = weights_by_score(actual, given, 0)
    assert start.argmax() == np.argmin([wis(actual, one).mean() for one in given])
    weights = searched_weights(actual, given, scale, start)
    assert wis(actual, np.tensordot(weights, given, 1)).mean() <= min(wis(actual, one).mean() for one in given) + 0.01


@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_a_spread_that_missed_is_corrected(spread: float) -> None:
    past = past_of(spread=spread, origins=20)
    two = replace(past, models=past.models[:2], quantiles=past.quantiles[:2], cutoffs=tuple(range(0, 560, 28)))
    weights = learn_weights(two, DAY)
    fresh = past_of(spread=spread, origins=40, seed=6)
    given = {name: fresh.of(name) for name in fresh.models[:2]}
    found = np.stack([combine(weights, fresh.levels, {k: v[one] for k, v in given.items()}) for one in range(40)])
    before = miss(*below_and_upto(fresh.truth, given["good"]))
    assert miss(*below_and_upto(fresh.truth, found)) < before / 3


def test_a_spread_is_corrected_only_as_far_as_other_origins_bear_it_out() -> None:
    actual, quantiles, scale = np.full(60, 52.0), np.broadcast_to(50 + 5 * Z, (60, 7)), np.ones(60)
    together = best_spreads(actual, quantiles, scale, np.repeat([1, 2, 3], 20), horizon=28)
    assert together == (1.0, 1.0), "origins that overlap bear nothing out"
    apart = best_spreads(actual, quantiles, scale, np.repeat([0, 28, 56], 20), horizon=28)
    assert max(apart) < 1


def test_the_fewer_horizons_the_past_spans_the_nearer_the_weights_are_to_the_blend() -> None:
    past = replace(past_of(shift=3.0), models=(NAIVE, "good", PRIOR))

    def held(apart: int) -> float:
        members = learn_weights(replace(past, cutoffs=tuple(range(0, 12 * apart, apart))), DAY).members
        return float(members.loc[members["model"] == PRIOR, "weight"].mean())

    assert held(1) > 0.7, "twelve origins within one horizon"
    assert held(1) > held(7) > held(28)
    assert held(28) < 0.5, "a worse model, and twelve horizons that say so"


def test_a_correction_of_spread_grows_with_the_horizons_that_bear_it_out() -> None:
    chance = np.random.default_rng(3)
    actual, quantiles, scale = (
        5 * chance.standard_normal(2400) + 50,
        np.broadcast_to(50 + 10 * Z, (2400, 7)),
        np.ones(2400),
    )
    few, more, many = (
        best_spreads(actual, quantiles, scale, np.repeat(np.arange(origins) * 28, 2400 // origins), horizon=28)
        for origins in (3, 8, 24)
    )
    assert 1 > min(few) > max(more) > max(many)
    assert many == pytest.approx((0.5, 0.5), abs=0.05)


def test_origins_a_horizon_apart_are_judged_by_the_t_test_and_one_horizon_proves_nothing() -> None:
    differences = np.random.default_rng(4).normal(0.5, 1, (200, 8))
    ours = [did_worse(one, 8.0) for one in differences]
    for one, found in zip(differences, ours, strict=True):
        statistic = one.mean() / (one.std(ddof=1) / np.sqrt(8))
        assert found == (stats.t.sf(statistic, 7) < 0.05)
    assert 20 < sum(ours) < 180
    assert not did_worse(differences[0] + 100, 1.0)


def test_a_series_of_a_few_unlucky_origins_keeps_its_forecast() -> None:
    past = past_of(origins=12)
    close = replace(past, cutoffs=tuple(range(0, 12)), truth=past.truth.copy())
    close.truth[:, 3] = past.of(NAIVE)[:, 3, :, 3] + 0.5
    apart = replace(close, cutoffs=tuple(range(0, 12 * 28, 28)))
    shows = [learn_weights(one, DAY).series.set_index("key")["shows"]["s3"] for one in (close, apart)]
    assert shows == ["forecast", "naive"]


@pytest.mark.parametrize("seed", range(4))
def test_no_level_shows_a_combination_whose_past_score_is_not_below_that_of_the_naive_forecast(seed: int) -> None:
    for naive in (0.4, 0.9, 1.6):
        members = learn_weights(past_of(naive=naive, origins=3, seed=seed), DAY).members
        alone = (members["model"] == NAIVE) & (members["weight"] == 1) & (members["wis_ratio"] == 1)
        assert ((members["wis_ratio"] < 1) | alone).all()


def test_where_the_naive_forecast_won_it_stands_alone_and_says_so() -> None:
    past = past_of(naive=0.0, shift=30)
    poor = replace(past, quantiles=past.quantiles + np.array([0, 40, 40])[:, None, None, None, None])
    weights = learn_weights(poor, DAY)
    assert set(weights.members["model"]) == {NAIVE}
    assert set(weights.series["shows"]) == {"naive"}
    assert (weights.series["skill"] == 1).all()


def test_a_model_that_refuses_leaves_its_share_to_the_others() -> None:
    weights = equal_weights("D", (NAIVE, "good"), DAY)
    given = {NAIVE: np.full((2, 28, 7), 4.0), "good": np.full((2, 28, 7), 8.0)}
    given["good"][1] = np.nan
    found = combine(weights, ("a", "b"), given)
    assert found[0, 0, 0] == 6
    assert found[1, 0, 0] == 4


def test_weights_come_back_from_their_rows() -> None:
    weights = learn_weights(past_of(), DAY)
    members, series = weights.frames()
    back = read_weights(members, series)
    pd.testing.assert_frame_equal(back.members, weights.members)
    pd.testing.assert_frame_equal(back.series, weights.series)
    assert (back.freq, back.made_on, back.origins, back.coherence) == ("D", DAY, 12, weights.coherence)


def test_counts_are_settled_to_whole_numbers_and_amounts_are_not() -> None:
    found = settled(np.array([[[0.4, 1.5]], [[0.4, 1.5]]]), np.array([True, False]))
    assert found.tolist() == [[[0, 2]], [[0.4, 1.5]]]


# --- parts and wholes ------------------------------------------------------------------------------------------------------------

KEYS = ("city", "d1", "d2", "s1", "s2", "s3")
TREE = (("city", ("d1", "d2")), ("d1", ("s1", "s2")), ("d2", ("s3",)))


def base(seed: int = 2) -> np.ndarray:
    means = np.array([100.0, 70, 45, 30, 20, 40]) + np.random.default_rng(seed).normal(0, 3, 6)
    return np.maximum(means[:, None, None] + np.sqrt(means)[:, None, None] * Z, 0) * np.ones((6, 3, 7))


@pytest.mark.parametrize("method", METHODS)
def test_parts_add_up_and_quantiles_keep_their_order(method: str) -> None:
    found = reconcile(base(), KEYS, TREE, method)
    mean = expected(found)
    for whole, parts in TREE:
        total = sum(mean[KEYS.index(one)] for one in parts)
        np.testing.assert_allclose(mean[KEYS.index(whole)], total, rtol=1e-6)
    assert (np.diff(found, axis=2) >= 0).all()
    assert (found >= 0).all()


def test_the_whole_stays_where_only_the_parts_move() -> None:
    np.testing.assert_allclose(reconcile(base(), KEYS, TREE, "parts")[0], base()[0], rtol=2e-4)


def test_what_is_fixed_stays_and_a_sum_with_a_gap_is_left_out() -> None:
    fixed = np.array([False, False, False, True, False, False])
    np.testing.assert_allclose(reconcile(base(), KEYS, TREE, "wls", fixed)[3], base()[3], rtol=1e-3)
    gap = base()
    gap[5] = np.nan
    found = reconcile(gap, KEYS, TREE, "wls")
    assert np.isnan(found[5]).all()
    mean = expected(found)
    np.testing.assert_allclose(mean[0], mean[1] + mean[2], rtol=1e-6)


def test_no_mean_falls_below_zero() -> None:
    tilted = base()
    tilted[0] *= 0.2
    mean = expected(reconcile(tilted, KEYS, TREE, "parts"))
    assert (mean >= 0).all()


def test_reconciled_means_are_those_of_the_closed_form() -> None:
    """Wickramasuriya et al. 2019, equation 9, in its constraint form, worked out here for one sum."""
    quantiles = base()[[1, 3, 4], :1]
    mean = expected(quantiles)[:, 0]
    variance = ((quantiles[:, 0, 5] - quantiles[:, 0, 1]) / 2.563103) ** 2
    against = np.array([1.0, -1, -1])
    held = mean - variance * against * (against @ mean) / (against**2 @ variance)
    found = expected(reconcile(quantiles, KEYS[1:2] + KEYS[3:5], (TREE[1],), "wls"))[:, 0]
    np.testing.assert_allclose(found, held, rtol=1e-9)
