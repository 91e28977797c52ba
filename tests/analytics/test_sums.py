"""What to expect of a sum: weeks worked alike, and a range that holds as many weeks as it says."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.figures import Period
from analytics.sums import AlikeWeeks, alike_weeks, expect_sum, expect_sums
from data.workdays import build_calendar

CALENDAR = build_calendar(None)
LONG_AGO = date(2025, 1, 6)


def week(first: date, days: int = 7) -> Period:
    return Period(first, first + timedelta(days=days - 1), days == 7)


def drawn(rng: np.random.Generator, mean: float, phi: float, shape: tuple) -> np.ndarray:
    """Counts of this mean whose variance is phi times as large."""
    if phi == 1:
        return rng.poisson(mean, shape)
    size = mean / (phi - 1)
    return rng.negative_binomial(size, size / (size + mean), shape)


@pytest.mark.parametrize("mean", [20, 300, 4000])
@pytest.mark.parametrize("phi", [1, 1.5, 4, 12])
def test_about_ninety_five_of_a_hundred_weeks_fall_inside(mean: float, phi: float) -> None:
    rng = np.random.default_rng(7)
    _, lower, upper = expect_sums(drawn(rng, mean, phi, (12, 20_000)).astype(float))
    now = drawn(rng, mean, phi, (20_000,))
    assert 0.935 <= np.mean((now >= lower) & (now <= upper)) <= 0.98
    assert np.mean(now > upper) <= 0.04
    assert np.mean(now < lower) <= 0.04


@pytest.mark.parametrize("shared", [0.0, 0.15])
def test_the_sum_of_daily_bounds_would_be_far_too_wide_and_a_range_of_independent_days_too_narrow(
    shared: float,
) -> None:
    """Why weeks are compared with weeks: what a whole week shares (weather, a festival near) makes its days move together."""
    rng = np.random.default_rng(3)

    def days(weeks: int) -> np.ndarray:
        level = 50 * np.exp(rng.normal(0, shared, (weeks, 4000, 1)))
        return rng.poisson(level, (weeks, 4000, 7))

    past, now = days(12).sum(axis=2), days(1)[0].sum(axis=1)
    _, lower, upper = expect_sums(past.astype(float))
    inside = np.mean((now >= lower) & (now <= upper))
    assert 0.93 <= inside <= 0.98
    width, of_days, independent = np.median(upper - lower), 7 * 2 * 1.96 * np.sqrt(50), 2 * 1.96 * np.sqrt(350)
    if shared:
        assert width > 1.5 * independent
    else:
        assert width < 0.5 * of_days


@given(st.lists(st.integers(0, 5000), min_size=4, max_size=12))
def test_a_range_is_whole_holds_its_mean_and_is_never_below_zero(sums: list[int]) -> None:
    firsts = tuple(LONG_AGO + timedelta(weeks=at) for at in range(len(sums)))
    expected = expect_sum(sums, AlikeWeeks(firsts, "same_week"))
    assert 0 <= expected.lower <= expected.mean <= expected.upper
    assert expected.lower == int(expected.lower)
    assert expected.reference_days == firsts


@given(st.lists(st.integers(0, 500), min_size=4, max_size=12), st.randoms())
def test_the_order_of_the_weeks_is_irrelevant(sums: list[int], chance: object) -> None:
    shuffled = list(sums)
    chance.shuffle(shuffled)
    first, second = (expect_sums(np.array(one, dtype=float)[:, None]) for one in (sums, shuffled))
    assert [round(float(end[0]), 6) for end in first] == [round(float(end[0]), 6) for end in second]


def test_fewer_than_four_weeks_give_no_range() -> None:
    assert expect_sum([1, 2, 3], AlikeWeeks((LONG_AGO,) * 3, "same_week")) is None
    assert alike_weeks(week(date(2025, 2, 3)), CALENDAR, since=date(2025, 1, 13)) is None


def test_an_ordinary_week_is_compared_with_ordinary_weeks_alone() -> None:
    """Around the National Day of 2025: two weeks differ, and none of them is a reference."""
    found = alike_weeks(week(date(2025, 11, 10)), CALENDAR, since=LONG_AGO)
    assert found.kind == "same_week"
    assert len(found.firsts) == 12
    assert found.firsts[-1] == date(2025, 11, 3)
    for first in (date(2025, 9, 22), date(2025, 9, 29), date(2025, 10, 6)):
        assert first not in found.firsts


def test_a_part_of_a_week_is_compared_with_the_same_part() -> None:
    """The Monday to Wednesday before the festival were worked as ever, although the whole week was not."""
    found = alike_weeks(week(date(2025, 11, 10), days=2), CALENDAR, since=LONG_AGO)
    assert date(2025, 9, 29) in found.firsts
    assert date(2025, 10, 6) not in found.firsts


def test_a_festival_week_falls_back_on_weeks_with_as_many_working_days() -> None:
    found = alike_weeks(week(date(2025, 6, 2)), CALENDAR, since=LONG_AGO)  # Monday off: four working days
    assert found.kind == "same_workdays" if found else True
    whole_week_off = alike_weeks(week(date(2025, 10, 1) - timedelta(days=2)), CALENDAR, since=LONG_AGO)
    assert whole_week_off is None, "two working days: nothing to compare with"


def test_in_a_year_without_a_calendar_every_week_counts_as_an_ordinary_one() -> None:
    found = alike_weeks(week(date(2027, 3, 1)), CALENDAR, since=date(2026, 1, 5))
    assert found.kind == "same_week"
    assert found.firsts == tuple(date(2027, 3, 1) - timedelta(weeks=back) for back in range(len(found.firsts), 0, -1))
    across = alike_weeks(week(date(2027, 1, 4)), CALENDAR, since=date(2026, 1, 5))
    assert date(2026, 12, 7) in across.firsts
    assert date(2026, 9, 28) not in across.firsts, "National Day: known not to be worked"


def test_only_weeks_before_are_looked_at() -> None:
    first = date(2026, 3, 16)
    found = alike_weeks(week(first), CALENDAR, since=LONG_AGO)
    assert max(found.firsts) == first - timedelta(weeks=1)
