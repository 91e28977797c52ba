"""Nested sums: the combined p is the probability that chance alone does as well, in some window."""

import numpy as np
import pytest
from scipy import stats

from analytics.signals.combining import combine_nested, least_count, tail

WEIGHTS = np.array([0.25, 1.0, 0.5])


def test_the_tail_is_that_of_the_negative_binomial_and_of_poisson() -> None:
    counts, mean = np.arange(0, 30), 4.0
    scattered = stats.nbinom.sf(counts - 1, mean / 0.5, 1 / 1.5)
    assert tail(counts, np.float64(mean), np.float64(1.5)) == pytest.approx(scattered, rel=1e-9)
    assert tail(counts, np.float64(mean), np.float64(1.0)) == pytest.approx(
        stats.poisson.sf(counts - 1, mean), rel=1e-9
    )


def test_a_tail_is_never_zero() -> None:
    assert tail(np.array([10_000]), np.array([0.1]), np.array([1.2]))[0] == 1e-300


@pytest.mark.parametrize("mean", [0.05, 0.7, 12.0, 3_000.0])
def test_the_least_count_is_the_first_at_or_below_p(mean: float) -> None:
    p, mean, dispersion = np.array([0.04, 1e-3, 1e-9]), np.full(3, mean), np.full(3, 1.3)
    count = least_count(p, mean, dispersion)
    assert (tail(count, mean, dispersion) <= p).all()
    assert (tail(count - 1, mean, dispersion) > p).all()


@pytest.mark.parametrize("mean", [0.08, 1.0, 6.0, 40.0, 400.0])
def test_the_combined_p_is_calibrated_on_simulated_walks(mean: float) -> None:
    steps = mean * np.array([1.0, 1.0, 2.0])
    draws = np.random.default_rng(4).negative_binomial(steps / 0.4, 1 / 1.4, (200_000, 3)).cumsum(axis=1)
    sums, times = np.unique(draws, axis=0, return_counts=True)
    means, dispersion = np.broadcast_to(steps.cumsum(), sums.shape), np.full(sums.shape, 1.4)
    p = tail(sums, means, dispersion)
    some = (p / WEIGHTS).min(axis=1) <= 0.1
    found = combine_nested(p[some], means[some], dispersion[some], WEIGHTS)
    for level in (0.05, 0.01, 0.001):
        share = times[some][found <= level].sum() / times.sum()
        assert level / 2 <= share <= 2 * level


def test_one_window_alone_keeps_its_p_less_half_of_what_is_as_surprising() -> None:
    mean, dispersion = np.array([[2.0], [900.0]]), np.full((2, 1), 1.3)
    p, beyond = (tail(np.array([[8], [1000]]) + more, mean, dispersion)[:, 0] for more in (0, 1))
    found = combine_nested(p[:, None], mean, dispersion, np.ones(1))
    assert found[0] == pytest.approx((p[0] + beyond[0]) / 2, rel=1e-9)
    assert found[1] == pytest.approx(p[1], rel=0.05)


def test_a_count_far_beyond_all_is_combined_too() -> None:
    mean, dispersion = np.array([[0.1, 0.2, 0.4], [0.1, 0.2, 0.4]]), np.full((2, 3), 1.3)
    p = tail(np.array([[600, 600, 600], [3, 3, 3]]), mean, dispersion)
    found = combine_nested(p, mean, dispersion, WEIGHTS)
    assert 0 < found[0] < 1e-100 < found[1] < 0.01


def test_a_window_not_judged_is_as_if_it_were_not_there() -> None:
    mean, dispersion = np.array([[1.0, 2.0, 4.0]]), np.full((1, 3), 1.3)
    p = tail(np.array([[5, 9, 9]]), mean, dispersion)
    p[0, 0] = np.nan
    alone = combine_nested(p[:, 1:], mean[:, 1:], dispersion[:, 1:], WEIGHTS[1:])
    assert combine_nested(p, mean, dispersion, WEIGHTS) == pytest.approx(alone, rel=1e-3)


def test_exact_and_normal_walks_meet() -> None:
    for mean in (25.0, 60.0):
        means, dispersion = mean * np.array([[1.0, 2.0, 4.0]]), np.full((1, 3), 1.2)
        p = tail(np.round(means + 3.6 * np.sqrt(means)), means, dispersion)
        factor = combine_nested(p, means, dispersion, WEIGHTS)[0] / (p / WEIGHTS).min()
        assert 0.8 < factor < WEIGHTS.sum()
