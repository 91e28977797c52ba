"""What leaves the unit's screen points at no household."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.briefs import Line, daily_brief, for_export
from analytics.briefs.disclosure import hide_small_counts
from data.mart import open_mart
from data.queries import read_areas
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar
from tests.conftest import TOWN_DAY


def place(code: int, new: int) -> Line:
    return Line(
        {
            "area_code": str(code),
            "new": new,
            "closed": 0,
            "open": 0,
            "overdue": 0,
            "expected": 1.0,
            "lower": 0,
            "upper": 4,
            "state": "within",
        }
    )


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12))
def test_no_small_count_is_shown_and_none_stands_hidden_alone_under_a_shown_total(counts: list[int]) -> None:
    lines = hide_small_counts(tuple(place(code, count) for code, count in enumerate(counts)), "area_code")
    shown = [line.values["new"] for line in lines]
    assert all(value is None or value == 0 or value >= 5 for value in shown)
    hidden = [count for count, value in zip(counts, shown, strict=True) if value is None]
    assert not hidden or len(hidden) > 1 or len(counts) == 1 or sum(counts) == hidden[0]


def test_a_hidden_count_takes_its_range_and_state_along() -> None:
    (line, *_) = hide_small_counts((place(1, 3), place(2, 9)), "area_code")
    assert {line.values[name] for name in ("new", "expected", "lower", "upper", "state")} == {None}


@pytest.mark.parametrize("level", ["district", "street", "community"])
def test_a_brief_of_any_level_may_leave_the_screen(town_site: Site, level: str) -> None:
    mart = open_mart(town_site.mart_folder)
    areas = read_areas(mart, Scope())
    code = areas.loc[areas["level_code"] == level, "area_code"].iloc[0]
    brief = for_export(daily_brief(mart, Scope((code,)), TOWN_DAY, calendar=build_calendar(None)))
    counted = [line.values for line in (*brief.places, *(brief.kinds if level == "community" else ()))]
    below = [row for row in counted if row.get("is_below_street", True)]
    assert all(
        row[name] is None or row[name] == 0 or row[name] >= 5 for row in below for name in ("new", "open", "overdue")
    )


def test_what_is_printed_of_single_matters_is_no_nearer_than_a_street(town_site: Site) -> None:
    mart = open_mart(town_site.mart_folder)
    brief = for_export(daily_brief(mart, Scope(), TOWN_DAY, calendar=build_calendar(None)))
    areas = read_areas(mart, Scope())
    near = set(areas.loc[areas["street_code"].notna() & (areas["street_code"] != areas["area_code"]), "name"])
    shown = {line.values["area"] for line in (*brief.leader_cases, *brief.coordination_lines, *brief.major)}
    assert len(shown) > 3
    assert shown & near == set()
    assert all("age_days" not in line.values for line in brief.coordination_lines)
