"""Lines and the probability of passing them."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.figures import Period
from analytics.forecasts.contract import QUANTILES
from analytics.quantiles import count_at_least, count_quantile
from analytics.risk.lines import chance_above, last_year_of, usual_line

LEVELS = np.array(QUANTILES)


def quantiles_of(mean: float, dispersion: float) -> np.ndarray:
    return np.array([[float(count_quantile(level, np.array([mean]), np.array([dispersion]))[0]) for level in LEVELS]])


@pytest.mark.parametrize(
    ("mean", "dispersion", "off"), [(1, 1.5, 0.1), (5, 1, 0.05), (20, 3, 0.03), (100, 1.5, 0.02), (3000, 8, 0.01)]
)
def test_it_agrees_with_the_distribution_that_the_quantiles_come_from(
    mean: float, dispersion: float, off: float
) -> None:
    quantiles = quantiles_of(mean, dispersion)
    for line in np.unique(np.round(np.linspace(0, mean + 4 * np.sqrt(mean * dispersion), 25))):
        truth = float(count_at_least(line + 1, mean, dispersion))
        assert chance_above(quantiles, LEVELS, np.array([line]))[0] == pytest.approx(truth, abs=off)


@given(
    st.lists(st.integers(0, 400), min_size=7, max_size=7).map(sorted),
    st.lists(st.floats(-5, 900), min_size=2, max_size=12).map(sorted),
)
def test_a_higher_line_is_never_passed_more_likely(quantiles: list[int], lines: list[float]) -> None:
    given_ = np.tile(np.array(quantiles, dtype=float), (len(lines), 1))
    found = chance_above(given_, LEVELS, np.array(lines))
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) <= 1e-12).all()


def test_at_the_line_is_not_above_it() -> None:
    five = np.full((1, 7), 5.0)
    assert chance_above(five, LEVELS, np.array([5.0]))[0] < 0.1
    assert chance_above(five, LEVELS, np.array([4.0]))[0] > 0.9


def test_without_a_line_or_a_forecast_there_is_no_probability() -> None:
    quantiles = np.vstack([np.full(7, np.nan), quantiles_of(5, 1)])
    assert np.isnan(chance_above(quantiles, LEVELS, np.array([3.0, np.nan]))).all()


def test_the_usual_line_is_passed_as_rarely_as_it_says() -> None:
    rng = np.random.default_rng(5)
    past = rng.negative_binomial(8, 0.4, size=(400, 52)).astype(float)
    line = usual_line(past, 95, "week")
    passed = rng.negative_binomial(8, 0.4, size=400) > line
    assert 0.02 < passed.mean() < 0.09


def test_too_few_periods_make_no_baseline() -> None:
    past = np.full((1, 24), np.nan)
    past[0, :5] = 3
    assert np.isnan(usual_line(past, 95, "month"))[0]


def test_weeks_around_the_spring_festival_are_compared_with_weeks_as_far_from_it() -> None:
    festivals = {2026: date(2026, 2, 17), 2027: date(2027, 2, 6)}
    week = Period(date(2027, 2, 1), date(2027, 2, 7))
    base, alignment = last_year_of(week, "week", festivals)
    assert (base.first, alignment) == (date(2026, 2, 9), "lunar_aligned")
    far = Period(date(2027, 6, 7), date(2027, 6, 13))
    assert last_year_of(far, "week", festivals) == (Period(date(2026, 6, 8), date(2026, 6, 14)), "calendar")


def test_february_is_compared_with_january_and_february_together() -> None:
    base, alignment = last_year_of(Period(date(2024, 2, 1), date(2024, 2, 29)), "month", {})
    assert (base, alignment) == (Period(date(2023, 1, 1), date(2023, 2, 28)), "jan_feb_mean")
