"""Baselines of count series agree with statsmodels' regression, leave outbreaks out, and know their own uncertainty."""

import numpy as np
import pytest
import statsmodels.api as sm

from analytics.signals.counts_glm import fit_baseline, middle_p, surprise

CHANCE = np.random.default_rng(5)
WEEKS = np.arange(260)
SEASON = 5 * np.exp(0.4 * np.sin(2 * np.pi * WEEKS / 52))
DESIGN = np.column_stack([np.ones(260), WEEKS / 52, np.cos(2 * np.pi * WEEKS / 52), np.sin(2 * np.pi * WEEKS / 52)])
COUNTS = CHANCE.negative_binomial(SEASON / 0.8, 1 / 1.8, (40, 260)).astype(float)
FLAT, EQUAL = np.zeros(4), np.ones(258)


def fitted(counts: np.ndarray, **changed: object):
    options = {"weights": EQUAL, "prior": FLAT, "outbreak_p": 0.0} | changed
    return fit_baseline(counts[:, :258], DESIGN[:258], DESIGN[[259, 258]], **options)


def test_the_mean_and_its_uncertainty_are_those_of_a_weighted_quasi_poisson_regression() -> None:
    weights = 0.5 ** ((257 - np.arange(258)) / 78)
    found = fitted(COUNTS, weights=weights)
    for number in range(8):
        model = sm.GLM(COUNTS[number, :258], DESIGN[:258], family=sm.families.Poisson(), freq_weights=weights).fit()
        ahead = np.exp(DESIGN[259] @ model.params)
        assert found.mean[number, 0] == pytest.approx(ahead, rel=1e-6)
        plain = (
            DESIGN[259] @ np.linalg.inv(DESIGN[:258].T @ (DESIGN[:258] * (weights * model.mu)[:, None])) @ DESIGN[259]
        )
        first = fitted(COUNTS[[number]], weights=weights)
        assert found.covariance[number, 0, 0] == pytest.approx(ahead**2 * plain * first.dispersion[0], rel=1e-6)


def test_the_dispersion_is_that_of_the_counts_and_never_below_one() -> None:
    assert np.median(fitted(COUNTS).dispersion) == pytest.approx(1.8, rel=0.1)
    even = np.tile(np.round(SEASON), (1, 1))
    assert fitted(even).dispersion[0] == 1.0


def test_a_past_outbreak_changes_neither_mean_nor_dispersion_much() -> None:
    struck = COUNTS.copy()
    struck[:, 120:123] += 40
    clean, robust, naive = fitted(COUNTS), fitted(struck, outbreak_p=0.001), fitted(struck)
    assert robust.mean[:, 0] == pytest.approx(clean.mean[:, 0], rel=0.08)
    assert (np.abs(robust.dispersion - clean.dispersion) < 0.5).all()
    assert (naive.dispersion > clean.dispersion + 1).all()


def test_weeks_without_a_record_have_no_part() -> None:
    gaps = COUNTS.copy()
    gaps[:, 30:40] = np.nan
    kept = np.r_[0:30, 40:258]
    found = fitted(gaps)
    known = fit_baseline(
        COUNTS[:, kept], DESIGN[kept], DESIGN[[259, 258]], weights=np.ones(248), prior=FLAT, outbreak_p=0.0
    )
    assert found.mean == pytest.approx(known.mean, rel=1e-6)
    assert found.dispersion == pytest.approx(known.dispersion, rel=1e-6)


def test_many_series_are_fitted_as_each_would_be_alone() -> None:
    many = np.tile(COUNTS, (60, 1))  # more than one chunk
    assert fitted(many).mean[-40:] == pytest.approx(fitted(COUNTS).mean, rel=1e-9)


def test_residuals_that_run_together_are_noticed_and_independent_ones_are_not() -> None:
    assert np.median(fitted(COUNTS).residual_run) < 0.05
    drift = np.exp(0.8 * np.convolve(CHANCE.normal(size=265), np.ones(6) / 6, "valid"))[:260]
    running = CHANCE.poisson(20 * drift, (40, 260)).astype(float)
    assert (fitted(running).residual_run > 0.3).mean() > 0.9


def test_a_prior_keeps_a_few_counts_from_drawing_a_season() -> None:
    sparse = np.zeros((1, 260))
    sparse[0, [10, 62, 114, 166, 218]] = 1
    prior = np.array([1e-4, 10.0, 1.0, 1.0])
    free, held = fitted(sparse), fitted(sparse, prior=prior)
    assert held.mean.max() < 0.15
    assert np.abs(held.coefficients[0, 2:]).max() < np.abs(free.coefficients[0, 2:]).max()


def test_surprise_is_a_half_on_average_and_grows_with_the_count() -> None:
    means, ones = np.array([0.05, 0.7, 4.0, 60.0]), np.ones(4)
    for mean in means:
        counts = np.arange(400.0)
        chance = np.diff(np.r_[0, [1 - p for p in _above(counts, mean)]])
        assert (chance * middle_p(counts, np.full(400, mean), np.full(400, 1.0))).sum() == pytest.approx(0.5, abs=1e-6)
    assert (surprise(means + 3, means, ones) > surprise(means + 2, means, ones)).all()


def _above(counts: np.ndarray, mean: float) -> list[float]:
    from scipy import stats

    return stats.poisson.sf(counts, mean).tolist()
