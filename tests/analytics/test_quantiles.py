"""Quantiles and tails of counts agree with scipy's, and with their own tail."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.quantiles import count_at_least, count_at_most, count_quantile

MEANS = st.floats(0.01, 5_000)
DISPERSIONS = st.one_of(st.just(1.0), st.floats(1.01, 50))


def test_the_quantile_of_a_poisson_count_is_scipys() -> None:
    means = np.geomspace(0.01, 10_000, 60)
    for share in (0.95, 0.99, 0.999):
        assert count_quantile(share, means, np.ones(60)).tolist() == stats.poisson.ppf(share, means).tolist()


def test_the_quantile_of_a_scattered_count_is_scipys() -> None:
    means, dispersion = np.geomspace(0.05, 2_000, 60), np.full(60, 3.5)
    known = stats.nbinom.ppf(0.99, means / 2.5, 1 / 3.5)
    assert count_quantile(0.99, means, dispersion).tolist() == known.tolist()


@given(MEANS, DISPERSIONS, st.sampled_from([0.9, 0.975, 0.99, 0.999]))
def test_the_quantile_is_the_first_count_with_enough_below(mean: float, dispersion: float, share: float) -> None:
    count = count_quantile(share, np.array([mean]), np.array([dispersion]))[0]
    assert count_at_most(count, mean, dispersion) >= share * (1 - 1e-12)
    assert count == 0 or count_at_most(count - 1, mean, dispersion) < share


def test_an_unknown_mean_has_no_quantile_and_an_enormous_one_a_finite_one() -> None:
    found = count_quantile(0.99, np.array([np.nan, np.inf, 1e17]), np.ones(3))
    assert np.isnan(found[:2]).all()
    assert np.isclose(found[2], 1e17)


@settings(deadline=None)
@given(st.floats(0.01, 5_000), st.floats(0.05, 1e6), st.sampled_from([0.005, 0.025, 0.5, 0.9, 0.975, 0.995]))
def test_quantiles_of_both_ends_are_those_of_the_negative_binomial_law(mean: float, size: float, share: float) -> None:
    found = count_quantile(share, np.array([mean]), np.array([1 + mean / size]))[0]
    law = stats.nbinom(size, size / (size + mean))
    assert law.cdf(found) >= share - 1e-9
    assert found == 0 or law.cdf(found - 1) < share + 1e-9


@pytest.mark.parametrize("share", [0.025, 0.975])
def test_a_huge_mean_keeps_its_own_spread(share: float) -> None:
    mean, size = 1e8, 1e8  # the variance is twice the mean, however large the size
    found = count_quantile(share, np.array([mean]), np.array([1 + mean / size]))[0]
    assert found == pytest.approx(mean + stats.norm.ppf(share) * np.sqrt(2 * mean), rel=1e-6)


def test_a_dispersion_hair_above_one_is_a_poisson_count() -> None:
    means = np.geomspace(0.01, 1e6, 40)
    assert np.array_equal(count_quantile(0.99, means, np.full(40, 1 + 1e-9)), count_quantile(0.99, means, np.ones(40)))
    near = count_at_most(np.floor(means) + 1, means, np.full(40, 1 + 2e-6))
    assert near == pytest.approx(count_at_most(np.floor(means) + 1, means, np.ones(40)), abs=1e-5)


@given(MEANS, DISPERSIONS, st.integers(0, 6_000))
def test_so_many_or_more_and_fewer_make_one(mean: float, dispersion: float, count: int) -> None:
    above = count_at_least(count, np.array([mean]), np.array([dispersion]))[0]
    assert above + count_at_most(count - 1, mean, dispersion) == pytest.approx(1, abs=1e-9)


def test_the_probability_of_a_monstrous_count_is_tiny_and_not_nothing() -> None:
    assert count_at_least(120, np.array([2.0]), np.array([1.5]))[0] == pytest.approx(
        stats.nbinom.sf(119, 4, 1 / 1.5), rel=1e-6
    )


def test_a_table_of_means_gives_a_table_of_quantiles() -> None:
    means = np.geomspace(0.1, 900, 12)
    flat = count_quantile(0.975, means, np.full(12, 1.5))
    assert np.array_equal(count_quantile(0.975, means.reshape(3, 4), np.full((3, 4), 1.5)), flat.reshape(3, 4))
