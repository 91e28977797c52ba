"""Periods, and what they are compared with."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.figures import Period
from analytics.periods import (
    UNITS,
    day,
    days_of,
    is_complete,
    iso_week,
    month,
    period_of,
    periods_between,
    previous,
    reference_days,
    same_weekdays,
    year_on_year,
)
from data.workdays import build_calendar, lunar_new_year

CALENDAR = build_calendar()
dates = st.dates(date(2010, 1, 1), date(2026, 12, 31))


@settings(deadline=None)
@given(dates, st.sampled_from(UNITS))
def test_every_day_lies_in_exactly_one_period_of_a_unit(at, unit):
    period = period_of(unit, at)
    assert period.first <= at <= period.last
    assert all(period_of(unit, one) == period for one in days_of(period))
    assert previous(period, unit).last == period.first - timedelta(days=1)


@settings(deadline=None)
@given(dates, st.integers(0, 40), st.sampled_from(UNITS))
def test_a_period_is_cut_at_the_close_of_as_of_and_marked(at, later, unit):
    whole, as_of = period_of(unit, at), at + timedelta(days=later)
    period = period_of(unit, at, as_of)
    assert period.complete == (as_of >= whole.last)
    assert period.last == min(as_of, whole.last)
    assert is_complete(period, as_of) == period.complete


def test_a_day_is_complete_at_its_close():
    assert day(date(2026, 11, 20), as_of=date(2026, 11, 20)).complete


def test_a_period_that_has_not_begun_is_an_error():
    with pytest.raises(ValueError, match="not begun"):
        month(date(2026, 12, 1), as_of=date(2026, 11, 30))
    with pytest.raises(ValueError, match="none of"):
        period_of("quarter", date(2026, 12, 1))


def test_a_week_runs_from_monday_to_sunday_across_the_year_end():
    week = iso_week(date(2026, 1, 1))
    assert (week.first, week.last) == (date(2025, 12, 29), date(2026, 1, 4))


@settings(deadline=None)
@given(dates, st.integers(0, 100), st.sampled_from(UNITS))
def test_the_periods_between_two_days_cover_them_once(first, span, unit):
    last = first + timedelta(days=span)
    found = periods_between(unit, first, last)
    covered = [one for period in found for one in days_of(period)]
    assert len(covered) == len(set(covered))
    assert {first + timedelta(days=n) for n in range(span + 1)} <= set(covered)
    assert found[-1].last == last or found[-1].complete
    assert all(period.complete for period in found[:-1])


def test_an_unfinished_month_is_compared_with_the_same_span():
    assert previous(month(date(2026, 11, 1), as_of=date(2026, 11, 21)), "month") == Period(
        date(2026, 10, 1), date(2026, 10, 21)
    )
    assert previous(month(date(2026, 3, 1), as_of=date(2026, 3, 30)), "month").last == date(2026, 2, 28)
    assert year_on_year(month(date(2026, 11, 1), as_of=date(2026, 11, 21)), "month").base.last == date(2025, 11, 21)


def test_an_unfinished_week_is_compared_with_the_same_weekdays():
    base = previous(iso_week(date(2026, 11, 18), as_of=date(2026, 11, 19)), "week")
    assert (base.first, base.last) == (date(2026, 11, 9), date(2026, 11, 12))


def test_year_on_year_a_month_meets_the_same_month():
    found = year_on_year(month(date(2026, 10, 5)), "month", lunar_new_year)
    assert (found.base, found.alignment) == (Period(date(2025, 10, 1), date(2025, 10, 31)), "calendar")


def test_the_last_day_of_a_leap_february_is_no_trouble():
    assert year_on_year(month(date(2024, 2, 29)), "month").base.last == date(2023, 2, 28)
    assert year_on_year(day(date(2024, 2, 29)), "day").base.first == date(2023, 3, 2)


def test_february_is_compared_together_with_january():
    found = year_on_year(month(date(2026, 2, 3)), "month", lunar_new_year)
    assert found.alignment == "jan_feb_together"
    assert found.now == Period(date(2026, 1, 1), date(2026, 2, 28))
    assert found.base == Period(date(2025, 1, 1), date(2025, 2, 28))


def test_an_unfinished_february_is_compared_with_the_same_span_of_both_months():
    found = year_on_year(month(date(2026, 2, 3), as_of=date(2026, 2, 20)), "month", lunar_new_year)
    assert found.now == Period(date(2026, 1, 1), date(2026, 2, 20), complete=False)
    assert found.base == Period(date(2025, 1, 1), date(2025, 2, 20))


def test_january_alone_lies_as_far_from_its_lunar_new_year():
    found = year_on_year(month(date(2026, 1, 3)), "month", lunar_new_year)
    assert found.alignment == "lunar_aligned"
    assert date(2026, 2, 17) - found.now.first == date(2025, 1, 29) - found.base.first
    assert found.base.days == found.now.days


@settings(deadline=None)
@given(dates, st.sampled_from(["day", "week"]))
def test_the_festival_is_met_with_the_festival(at, unit):
    found = year_on_year(period_of(unit, at), unit, lunar_new_year)
    assert found.base.days == found.now.days
    assert timedelta(days=330) < found.now.first - found.base.first < timedelta(days=400)
    if found.alignment == "calendar":
        assert found.base.first.weekday() == found.now.first.weekday()
    years = (at.year, at.year + 1) if at.month > 7 else (at.year,)
    for festival in (lunar_new_year(year) for year in years):
        if festival in days_of(found.now):
            assert lunar_new_year(festival.year - 1) in days_of(found.base)


@settings(deadline=None)
@given(dates, st.integers(1, 6))
def test_a_day_or_part_of_a_week_outside_the_holiday_meets_its_own_weekdays(at, days):
    begun = Period(at - timedelta(days=at.weekday()), at - timedelta(days=at.weekday() - days + 1), complete=False)
    for period, unit in ((Period(at, at), "day"), (begun, "week")):
        found = year_on_year(period, unit, lunar_new_year)
        nearest = min((lunar_new_year(at.year + one) for one in (-1, 0, 1)), key=lambda one: abs(one - at))
        if not any(abs((one - nearest).days - 3) <= 7 for one in days_of(period)):
            assert found.base.first.weekday() == period.first.weekday()
            assert found.base.days == period.days


def test_a_week_that_would_meet_last_years_festival_is_aligned_too():
    found = year_on_year(iso_week(date(2026, 1, 28)), "week", lunar_new_year)  # 52 weeks back is the festival of 2025
    assert found.alignment == "lunar_aligned"
    assert lunar_new_year(2025) not in days_of(found.base)


def test_without_the_lunar_calendar_nothing_is_aligned():
    assert year_on_year(month(date(2026, 2, 3)), "month").alignment == "calendar"


def test_same_weekdays_are_whole_weeks_back():
    assert {one.weekday() for one in same_weekdays(date(2026, 11, 20), 9)} == {4}
    assert len(same_weekdays(date(2026, 11, 20), 9)) == 9


@settings(deadline=None)
@given(st.dates(date(2012, 1, 1), date(2026, 12, 31)), st.integers(1, 12))
def test_reference_days_are_past_days_of_the_same_kind(at, n):
    found = reference_days(at, CALENDAR, n)
    assert len(found.days) <= n
    assert list(found.days) == sorted(set(found.days))
    assert all(at - timedelta(weeks=26) <= past < at for past in found.days)
    assert all(CALENDAR.is_workday(past) == CALENDAR.is_workday(at) for past in found.days)
    if found.kind == "same_weekday":
        assert all(past.weekday() == at.weekday() for past in found.days)


def test_an_ordinary_friday_looks_back_at_eight_fridays_that_were_worked():
    found = reference_days(date(2026, 11, 20), CALENDAR)
    assert found.kind == "same_weekday"
    assert date(2026, 10, 2) not in found.days  # National Day
    assert len(found.days) == 8


def test_a_makeup_saturday_looks_back_at_workdays():
    found = reference_days(date(2026, 10, 10), CALENDAR)
    assert found.kind == "workday"
    assert found.days[-1] == date(2026, 10, 9)


def test_a_weekday_off_looks_back_at_rest_days():
    found = reference_days(date(2026, 10, 7), CALENDAR)
    assert found.kind == "rest_day"
    assert found.days[-1] == date(2026, 10, 6)


def test_days_before_the_record_begins_are_no_days():
    found = reference_days(date(2026, 11, 20), CALENDAR, since=date(2026, 11, 9))
    assert found.kind == "workday"
    assert found.days[0] == date(2026, 11, 10)
    assert len(found.days) == 8
    assert reference_days(date(2026, 11, 20), CALENDAR, since=date(2026, 11, 19)).days == (date(2026, 11, 19),)


def test_in_a_year_without_a_calendar_monday_to_friday_count_as_worked():
    found = reference_days(date(2027, 3, 1), CALENDAR)
    assert found.kind == "same_weekday"
    assert found.days == same_weekdays(date(2027, 3, 1), 8)
    january = reference_days(date(2027, 1, 8), CALENDAR).days
    assert january == same_weekdays(date(2027, 1, 8), 8)
    assert (
        date(2026, 10, 2) not in reference_days(date(2027, 1, 8), CALENDAR, 26).days
    )  # National Day: known not to be worked


def test_a_past_year_without_a_calendar_goes_by_weekdays():
    assert reference_days(date(2004, 1, 9), CALENDAR).days[0] == date(2003, 11, 14)
