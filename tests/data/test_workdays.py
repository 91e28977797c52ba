"""Working days against the published notices, day by day."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import NotReady, Refused
from data.workdays import build_calendar, complete_year, lunar_new_year, shipped_days, shipped_years

REAL = Path(__file__).parents[3] / "shared/data/china_holidays/holiday_cn.csv"
OFF_2027 = [date(2027, 1, 1) + timedelta(days=n) for n in range(3)] + [
    date(2027, 2, 5) + timedelta(days=n) for n in range(8)
]


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_the_published_number_of_working_days(year, working_days):
    """DOMAIN table of the yearly notices: content_6911528, content_6986383, content_7047091."""
    days = shipped_days()
    assert days.loc[days["day"].dt.year == year, "is_workday"].sum() == working_days


@pytest.mark.shared
def test_every_day_agrees_with_the_compiled_notices():
    if not REAL.exists():
        pytest.skip("the real records are not beside the project")
    notices = pd.read_csv(REAL, parse_dates=["date"], encoding="utf-8-sig").drop_duplicates("date", keep="last")
    days = shipped_days()
    days = days[days["day"].between("2010-01-01", "2026-12-31")]
    stated = days["day"].map(notices.set_index("date")["is_off_day"])
    by_week = (days["day"].dt.day_of_week < 5).astype(int)
    expected = by_week.where(stated.isna(), 1 - stated.fillna(0).astype(int))
    assert (days["is_workday"] == expected).all()


def test_named_days_carry_stable_codes():
    calendar = build_calendar()
    assert calendar.day_name(date(2026, 2, 17)) == "spring_festival"
    assert calendar.day_name(date(2026, 10, 10)) == "national_day"
    assert [calendar.day_kind(date(2026, 10, day)) for day in (7, 9, 10, 11)] == [
        "holiday",
        "workday",
        "makeup",
        "weekend",
    ]


@pytest.mark.parametrize(
    ("year", "first_day"),
    [(2018, (2, 16)), (2024, (2, 10)), (2025, (1, 29)), (2026, (2, 17)), (2027, (2, 6))],
)
def test_the_lunar_new_year_falls_on_the_known_day(year, first_day):
    assert lunar_new_year(year) == date(year, *first_day)


def test_every_shipped_lunar_new_year_is_a_day_of_the_spring_festival():
    calendar = build_calendar()
    assert all(calendar.day_name(lunar_new_year(year)) == "spring_festival" for year in shipped_years())


def test_a_lunar_year_nobody_has_computed_is_not_guessed():
    with pytest.raises(NotReady):
        lunar_new_year(2101)


def test_a_date_in_a_year_without_a_calendar_says_so():
    calendar = build_calendar()
    assert not calendar.covers(date(2027, 1, 4))
    with pytest.raises(NotReady, match=r"calendar\.year_missing: year=2027"):
        calendar.is_workday(date(2027, 1, 4))
    with pytest.raises(NotReady, match="2027"):
        calendar.add_working_days(date(2026, 12, 30), 2)


def test_a_site_day_overrides_a_published_one():
    site = pd.DataFrame({"day": [date(2026, 11, 20)], "is_workday": [0], "name": ["city meeting"]})
    calendar = build_calendar(site)
    assert not calendar.is_workday(date(2026, 11, 20))
    assert calendar.day_name(date(2026, 11, 20)) == "city meeting"
    assert calendar.frame().set_index("day").loc["2026-11-20", "source"] == "site"
    assert build_calendar().is_workday(date(2026, 11, 20))


def test_a_year_given_in_full_extends_the_calendar():
    calendar = build_calendar(complete_year(2027, OFF_2027, [date(2027, 2, 14)]))
    assert calendar.is_workday(date(2027, 2, 14))
    assert not calendar.is_workday(date(2027, 2, 8))
    assert calendar.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 4)


def test_a_year_given_in_part_stays_missing():
    part = complete_year(2027, OFF_2027, []).head(300)
    assert not build_calendar(part).covers(date(2027, 1, 4))


def test_no_clock_steps_across_a_missing_year():
    off = [day.replace(year=2028) for day in OFF_2027]
    calendar = build_calendar(complete_year(2028, off, []))
    with pytest.raises(NotReady, match="2027"):
        calendar.add_working_days(date(2026, 12, 31), 5)
    numbers = calendar.frame().set_index("day")["workday_no"]
    assert numbers.loc["2028-01-04"] - numbers.loc["2026-12-31"] > 500
    assert len(numbers.loc["2027"]) == 0


@pytest.mark.parametrize(
    ("off", "made_up", "key"),
    [
        ([*OFF_2027, date(2028, 1, 1)], [], "day_outside_year"),
        (OFF_2027, [date(2027, 2, 6)], "day_twice"),
        (OFF_2027, [date(2027, 3, 1)], "makeup_on_weekday"),
        (OFF_2027[:9], [], "days_off_missing"),
    ],
)
def test_a_year_that_contradicts_itself_is_refused(off, made_up, key):
    with pytest.raises(Refused, match=key):
        complete_year(2027, off, made_up)


@settings(deadline=None)
@given(st.dates(date(2005, 1, 1), date(2026, 6, 1)), st.integers(0, 25))
def test_working_days_counted_one_by_one_agree_with_the_numbered_calendar(start, count):
    calendar = build_calendar()
    due = calendar.add_working_days(start, count)
    between = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    assert sum(calendar.is_workday(day) for day in between) == count
    numbers = calendar.frame().set_index("day")
    assert numbers.loc[pd.Timestamp(due), "workday_no"] == numbers.loc[pd.Timestamp(start), "workday_no"] + count
    assert count == 0 or calendar.is_workday(due)


def test_adding_no_working_days_stays_on_the_day():
    assert build_calendar().add_working_days(date(2026, 10, 1), 0) == date(2026, 10, 1)


@given(st.dates(date(2002, 1, 1), date(2029, 12, 31)), st.integers(1, 900))
def test_usually_a_day_is_worked_as_the_calendar_says_and_by_its_weekday_where_there_is_none(first, days):
    calendar = build_calendar()
    wanted = [first + timedelta(days=place) for place in range(days)]
    assert calendar.usually_worked(first, days).tolist() == [
        calendar.is_workday(day) if calendar.covers(day) else day.weekday() < 5 for day in wanted
    ]
