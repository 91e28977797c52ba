"""Which past points a judged point rests on."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analytics.signals.reference import reference_points


@given(st.integers(300, 400), st.integers(1, 5), st.integers(1, 4), st.integers(2, 10), st.integers(0, 30))
def test_no_point_is_later_than_the_last_one_admitted_and_none_counts_twice(
    judged: int, years: int, half: int, periods: int, excluded: int
) -> None:
    found = reference_points(judged, years=years, half_window=half, periods=periods, excluded=excluded)
    assert found.points.max() == judged - 1 - excluded
    assert found.points.tolist() == list(range(judged - 52 * years - half, judged - excluded))
    assert set(found.period) <= set(range(periods))


def test_the_period_of_the_judged_week_is_that_of_its_anniversaries() -> None:
    found = reference_points(300, years=2, half_window=3, periods=10, excluded=0)
    own = {point for point, period in zip(found.points, found.period, strict=True) if period == 0}
    assert own == {*range(193, 200), *range(245, 252), 297, 298, 299}


def test_the_stretches_between_are_nearly_equal_and_the_longer_ones_come_first() -> None:
    found = reference_points(300, years=1, half_window=2, periods=8, excluded=0)
    between = [period for period in found.period if period]
    assert [between.count(number) for number in range(1, 8)] == [7, 7, 7, 7, 7, 6, 6]


def test_dated_weeks_go_back_by_calendar_years_to_the_nearest_same_weekday() -> None:
    weeks = tuple(date(2018, 1, 1) + timedelta(weeks=number) for number in range(300))
    judged = weeks.index(date(2022, 11, 14))
    found = reference_points(judged, years=2, half_window=0, dates=weeks)
    assert [weeks[point] for point in found.points] == [date(2020, 11, 16), date(2021, 11, 15)]


def test_a_year_without_records_leaves_its_points_out() -> None:
    found = reference_points(60, years=3, half_window=3)
    assert found.points.tolist() == list(range(5, 12))
