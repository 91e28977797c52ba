"""Shrinkage against published numbers and a slow loop; what volume may and may not do to a rate."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.measures import wilson_interval
from analytics.scores.combining import star_band
from analytics.scores.shrinkage import STEPS, STRENGTHS, beta_binomial_loglik, shrink_means, shrink_rates

# Rat tumours in 71 groups (Tarone 1982, Biometrics 38:215), as in Gelman et al., Bayesian Data Analysis, 3rd ed., table 5.1.
TUMOURS = [0] * 14 + [1] * 8 + [2] * 9 + [1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10] + [4] * 7 + [10, 4, 4, 4, 5, 11, 12, 5, 5, 6, 5, 6, 6, 6, 6, 16, 15, 15, 9, 4]  # fmt: skip
RATS = [20] * 7 + [19] * 4 + [18, 18, 17, 20, 20, 20, 20, 19, 19, 18, 18, 25, 24, 23] + [20] * 6 + [10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50] + [20] * 7 + [48, 19, 19, 19, 22, 46, 49, 20, 20, 23, 19, 22, 20, 20, 20, 52, 46, 47, 24, 14]  # fmt: skip


@pytest.mark.parametrize(
    ("met", "whole", "low", "high"), [(9, 10, 0.596, 0.982), (90, 100, 0.826, 0.945), (0, 20, 0.0, 0.161)]
)
def test_the_wilson_interval_is_the_published_one(met: int, whole: int, low: float, high: float) -> None:
    found = wilson_interval(met, whole)
    assert found == pytest.approx((100 * low, 100 * high), abs=0.05)


def test_star_bands_begin_at_60_70_80_and_90() -> None:
    assert [star_band(points, (60, 70, 80, 90)) for points in (0, 59.99, 60, 70, 80, 89.99, 90, 100)] == [
        1,
        1,
        2,
        3,
        4,
        4,
        5,
        5,
    ]


def test_the_beta_binomial_likelihood_is_the_published_one() -> None:
    from scipy.stats import betabinom

    met, whole, mean, strength = np.array([4.0, 0.0, 9.0]), np.array([14.0, 20.0, 48.0]), 0.14, 16.7
    coefficients = sum(math.log(math.comb(int(n), int(x))) for x, n in zip(met, whole, strict=True))
    found = beta_binomial_loglik(met, whole, np.array([mean]), np.array([strength]))[0] + coefficients
    wanted = sum(
        betabinom.logpmf(x, n, mean * strength, (1 - mean) * strength) for x, n in zip(met, whole, strict=True)
    )
    assert found == pytest.approx(wanted)


def test_the_rat_tumours_are_shrunk_as_published() -> None:
    """Gelman et al., section 5.3: the 70 groups before have mean 0.136 and deviation 0.103; α 2.4, β 14.3."""
    met, whole = np.array(TUMOURS, dtype=float), np.array(RATS, dtype=float)
    before = met[:-1] / whole[:-1]
    assert len(met) == len(whole) == 71
    assert (before.mean(), before.std(ddof=1)) == pytest.approx((0.136, 0.103), abs=0.0006)
    found = shrink_rates(met, whole, 0, 1)
    assert found.mean == pytest.approx(2.4 / 16.7, abs=0.006)
    assert found.alpha + found.beta == pytest.approx(16.7, rel=0.15)
    assert found.point[-1] == pytest.approx((4 + 2.4) / (14 + 16.7), abs=0.006)


def test_few_units_are_drawn_to_the_pooled_mean_by_the_fixed_strength() -> None:
    found = shrink_rates(np.array([9.0, 5.0]), np.array([10.0, 10.0]), 0, 1, strength=20)
    pooled = 14.5 / 21
    assert found.point[0] == pytest.approx((9 + 20 * pooled) / 30)


def slow_prior(met: list[float], whole: list[float]) -> tuple[float, float]:
    """The peers' α and β by plain loops over the published grid."""
    known = [(x, n) for x, n in zip(met, whole, strict=True) if n > 0]
    sizes = sorted(n for _, n in known)
    middle = len(sizes) // 2
    typical = sizes[middle] if len(sizes) % 2 else (sizes[middle - 1] + sizes[middle]) / 2
    pooled = (sum(x for x, _ in known) + 0.5) / (sum(n for _, n in known) + 1)
    cells = []
    for strength in STRENGTHS:
        error = 1 / math.sqrt(
            sum(1 / (pooled * (1 - pooled) * (n + strength) / (n * (strength + 1))) for _, n in known)
        )
        for step in STEPS:
            mean = min(max(pooled + step * error, 1e-4), 1 - 1e-4)
            a, b = mean * strength, (1 - mean) * strength
            height = math.log(strength * typical / (strength + typical) ** 2) + math.log(error)
            for x, n in known:
                height += math.lgamma(x + a) + math.lgamma(n - x + b) - math.lgamma(n + a + b)
                height -= math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
            cells.append((height, mean, strength))
    top = max(height for height, _, _ in cells)
    total = sum(math.exp(height - top) for height, _, _ in cells)
    mean = sum(math.exp(height - top) * mean for height, mean, _ in cells) / total
    kept = sum(math.exp(height - top) * strength / (strength + typical) for height, _, strength in cells) / total
    return mean * typical * kept / (1 - kept), (1 - mean) * typical * kept / (1 - kept)


def test_a_slow_loop_over_the_grid_agrees() -> None:
    random = np.random.default_rng(4)
    whole = random.integers(0, 60, 30).astype(float)
    met = random.binomial(whole.astype(int), 0.8).astype(float)
    found = shrink_rates(met, whole, 0, 1)
    assert (found.alpha, found.beta) == pytest.approx(slow_prior(met.tolist(), whole.tolist()))


def test_equal_units_are_drawn_closer_together_than_different_ones() -> None:
    whole = np.full(20, 30.0)
    equal = shrink_rates(np.full(20, 24.0), whole, 0, 1)
    different = shrink_rates(np.tile([15.0, 29.0], 10), whole, 0, 1)
    assert equal.alpha + equal.beta > 3 * (different.alpha + different.beta)


PRIOR = st.tuples(st.floats(0.5, 60), st.floats(0.5, 60))


@given(PRIOR, st.integers(0, 50), st.integers(1, 50), st.integers(1, 40))
def test_more_volume_at_an_unchanged_rate_leaves_the_raw_rate_and_moves_the_shrunk_one_towards_it(
    prior, met, not_met, times
) -> None:
    alpha, beta = prior
    whole = met + not_met
    raw = met / whole
    before = (met + alpha) / (whole + alpha + beta)
    after = (met * (1 + times) + alpha) / (whole * (1 + times) + alpha + beta)
    assert (met * (1 + times)) / (whole * (1 + times)) == pytest.approx(raw)
    assert abs(after - raw) <= abs(before - raw) + 1e-12
    assert (after - raw) * (before - raw) >= -1e-12


@given(PRIOR, st.integers(0, 50), st.integers(0, 50), st.integers(0, 30), st.integers(0, 30))
def test_matters_handled_at_or_above_the_peer_mean_never_lower_a_rate_that_is_not_above_them(
    prior, met, not_met, good, bad
) -> None:
    """A batch whose own rate is at or above both the peer mean and the unit's rate never lowers it. No rate can promise more: a unit at 19 of
    20 that adds 8 of 10 stands at 27 of 30, whatever the peers do (docs/scorecards.md)."""
    alpha, beta = prior
    whole, added = met + not_met, good + bad
    mean = alpha / (alpha + beta)
    before = (met + alpha) / (whole + alpha + beta)
    after = (met + good + alpha) / (whole + added + alpha + beta)
    if added and good / added >= max(mean, before):
        assert after >= before - 1e-12
    if added and good / added >= mean and before <= mean:
        assert after >= before - 1e-12
    if added and good / added >= mean and before >= mean:
        assert after >= mean - 1e-12  # nor does it ever bring a unit below its peers
    assert (met + good + alpha) / (
        whole + good + alpha + beta
    ) >= before - 1e-12  # what is handled well never lowers anything


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=9, max_size=15), st.integers(0, 8))
def test_one_more_met_instead_of_missed_never_lowers_the_units_own_rate(pairs, place) -> None:
    """Also where the peers' mean and spread move with it."""
    met = np.array([float(x) for x, _ in pairs])
    whole = np.array([float(x + y) for x, y in pairs])
    if met[place] < whole[place]:
        better = met.copy()
        better[place] += 1
        assert shrink_rates(better, whole, 0, 1).point[place] >= shrink_rates(met, whole, 0, 1).point[place] - 1e-9


def test_a_mean_of_few_answers_is_drawn_closer_to_the_peers() -> None:
    mean = np.array([95.0, 95.0, *np.linspace(76, 84, 10)])
    variance = np.array([25.0, 1.0, *np.full(10, 4.0)])
    found = shrink_means(mean, variance, 500, 1)
    assert found.mean < found.point[0] < found.point[1] < 95
    assert np.ptp(np.quantile(found.draws[:, 0], [0.025, 0.975])) > np.ptp(
        np.quantile(found.draws[:, 1], [0.025, 0.975])
    )
    assert np.isnan(shrink_means(np.array([np.nan]), np.array([np.nan]), 0, 1).point[0])
