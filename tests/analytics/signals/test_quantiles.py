"""Upper quantiles of counts agree with scipy's, and with their own tail."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.signals.quantiles import count_at_most, upper_quantile

MEANS = st.floats(0.01, 5_000)
DISPERSIONS = st.one_of(st.just(1.0), st.floats(1.01, 50))


def test_the_quantile_of_a_poisson_count_is_scipys() -> None:
    means = np.geomspace(0.01, 10_000, 60)
    for share in (0.95, 0.99, 0.999):
        assert upper_quantile(share, means, np.ones(60)).tolist() == stats.poisson.ppf(share, means).tolist()


def test_the_quantile_of_a_scattered_count_is_scipys() -> None:
    means, dispersion = np.geomspace(0.05, 2_000, 60), np.full(60, 3.5)
    known = stats.nbinom.ppf(0.99, means / 2.5, 1 / 3.5)
    assert upper_quantile(0.99, means, dispersion).tolist() == known.tolist()


@given(MEANS, DISPERSIONS, st.sampled_from([0.9, 0.975, 0.99, 0.999]))
def test_the_quantile_is_the_first_count_with_enough_below(mean: float, dispersion: float, share: float) -> None:
    count = upper_quantile(share, np.array([mean]), np.array([dispersion]))[0]
    assert count_at_most(count, mean, dispersion) >= share * (1 - 1e-12)
    assert count == 0 or count_at_most(count - 1, mean, dispersion) < share


def test_an_unknown_mean_has_no_quantile_and_an_enormous_one_a_finite_one() -> None:
    found = upper_quantile(0.99, np.array([np.nan, np.inf, 1e17]), np.ones(3))
    assert np.isnan(found[:2]).all()
    assert np.isclose(found[2], 1e17)
