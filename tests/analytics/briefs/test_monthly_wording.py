"""A month needs attention for what recurs only where it grows, and then its headline says so."""

from datetime import date

import pytest

from analytics.briefs.monthly_wording import growing, recurs, state_of
from analytics.figures import Expected, Figure, Line, Period

MONTH = Period(date(2026, 10, 1), date(2026, 10, 31))


def flows(**values: int) -> tuple[Figure, ...]:
    expected = Expected(100.0, 80, 120, 95, "month_rates", ())
    counts = {"new": 100, "open": 100, "overdue": 100} | values
    return tuple(Figure(name, value, "matters", MONTH, MONTH.last, expected=expected) for name, value in counts.items())


def case(now: int, before: int | None) -> Line:
    return Line({"area": "Hill", "category": "Parking", "now": now, "before": before})


def test_what_recurs_as_ever_leaves_the_month_normal() -> None:
    assert state_of(flows(), (), (case(12, 11), case(6, 4))) == "normal"
    assert state_of(flows(), (), (case(12, 11), case(30, 4))) == "watch"
    assert state_of(flows(open=130), (), ()) == "watch"


@pytest.mark.parametrize(("lines", "key"), [((case(12, 11),), "recurs"), ((case(12, 11), case(30, 4)), "recurs_more")])
def test_the_headline_names_the_case_that_grows(lines: tuple[Line, ...], key: str) -> None:
    said = recurs(lines, len(lines))
    assert said.key == f"monthly.headline.{key}"
    assert said.values["number"].values["count"] == lines[-1].values["now"]


def test_a_count_before_that_is_hidden_is_not_compared() -> None:
    assert growing((case(30, None),)) == ()
