"""Kinds of days: the published calendar of China, told apart as counts tell them apart."""

import numpy as np

from analytics.signals.calendar_effects import WINDOWS, closed_days, day_design
from tests.analytics.signals.simulated import features_of


def test_days_of_2026_are_what_the_calendar_says() -> None:
    days = np.arange("2026-01-01", "2026-12-31", dtype="datetime64[D]")
    found = features_of(days)

    def of(day: str) -> tuple[str, bool, int]:
        at = int((np.datetime64(day) - days[0]).astype(int))
        return WINDOWS[found.window[at]], bool(found.is_workday[at]), int(found.weekday_like[at])

    assert of("2026-02-14") == ("before_spring_festival", True, 7)  # a Saturday worked
    assert of("2026-02-17") == ("spring_festival", False, 1)  # lunar new year's day
    assert of("2026-02-24") == ("after_spring_festival", True, 1)
    assert of("2026-03-05") == ("none", True, 3)
    assert of("2026-10-01") == ("national_day", False, 3)
    assert of("2026-05-01") == ("other_rest", False, 4)


def test_the_first_working_day_after_a_break_is_marked_and_a_monday_is_not() -> None:
    days = np.arange("2025-09-20", "2025-10-20", dtype="datetime64[D]")
    after = day_design(days, features_of(days)).rows[:, 17]
    assert days[after == 1].astype(str).tolist() == ["2025-10-09"]


def test_no_effect_is_told_twice() -> None:
    days = np.arange("2021-01-01", "2026-01-01", dtype="datetime64[D]")
    design = day_design(days, features_of(days))
    assert np.linalg.matrix_rank(design.rows) == design.rows.shape[1] == len(design.spread)


def test_a_year_without_a_calendar_is_plain_weekdays_and_says_so() -> None:
    days = np.arange("2031-01-01", "2031-03-01", dtype="datetime64[D]")
    found = features_of(days)
    assert not found.is_known.any()
    assert (found.is_workday == (found.weekday < 5)).all()


def test_an_office_that_is_merely_quiet_at_weekends_is_not_closed() -> None:
    days = np.arange("2025-03-01", "2025-12-01", dtype="datetime64[D]")
    found = features_of(days)
    totals = np.where(found.is_workday, 10, np.array([[0], [1]]))
    assert closed_days(totals, found).any(axis=1).tolist() == [True, False]
