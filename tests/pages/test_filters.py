"""Filters: every period, area, kind and category is a link, and the link is the truth."""

from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from analytics.periods import UNITS, period_of
from pages.ui import load, words
from pages.ui.links import Chosen

FIRST, LAST = date(2023, 11, 21), date(2026, 11, 18)
AREAS = {"9999": "云溪市", "999901001": "\u2003望江街道"}
SUBJECTS = {"04": "物权相关纠纷", "0402": "\u2003物业及其管理"}


def _page(unit: str, options: dict) -> None:
    import streamlit as st

    from pages.ui import filters

    found = filters.sidebar(unit, **options)
    st.json({"day": found.day.isoformat(), "unit": found.unit, "category": found.category_code, "query": found.query()})


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """A page that is nothing but its filters, opened by a link; records end on a Wednesday, which is yesterday."""
    monkeypatch.setattr(load, "span", lambda: (60_000, FIRST, LAST))
    monkeypatch.setattr(load, "areas", lambda: AREAS)
    monkeypatch.setattr(load, "categories", lambda area=None, kind=None: SUBJECTS if kind != "hotline" else {})
    monkeypatch.setattr(load, "yesterday", lambda: LAST)

    def open_(page_unit: str = "day", options: dict | None = None, **link: str) -> AppTest:
        at = AppTest.from_function(_page, kwargs={"unit": page_unit, "options": options or {}})
        for name, value in link.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception, at.exception[0].message
        return at

    return open_


def _found(at: AppTest) -> dict:
    import json

    return json.loads(at.json[0].value)


@pytest.mark.parametrize("day", ["2026-11-09", "2026-11-12", "2026-11-15"])
def test_every_day_of_a_week_is_the_same_link(choose: Callable, day: str) -> None:
    assert _found(choose("week", day=day))["day"] == "2026-11-15"


def test_the_last_week_ends_with_the_records(choose: Callable) -> None:
    assert _found(choose("week"))["day"] == LAST.isoformat()
    assert _found(choose("month", day="2026-11-02"))["day"] == LAST.isoformat()
    assert _found(choose("year", day="2025-03-02"))["day"] == "2025-12-31"


def test_a_day_stays_the_day(choose: Callable) -> None:
    assert _found(choose(day="2026-11-12"))["day"] == "2026-11-12"


@pytest.mark.parametrize(
    ("unit", "language", "first", "last", "count"),
    [
        ("week", "zh", "2026年第47周（11月16日—22日）", "2023年第47周（11月20日—26日）", 157),
        ("week", "en", "Week 47, 2026 (16–22 Nov)", "Week 47, 2023 (20–26 Nov)", 157),
        ("month", "zh", "2026年11月", "2023年11月", 37),
        ("year", "en", "2026", "2023", 4),
    ],
)
def test_all_periods_with_records_are_offered_the_latest_first(
    choose: Callable, unit: str, language: str, first: str, last: str, count: int
) -> None:
    options = choose(unit, lang=language).selectbox(key=f"pick_{unit}").options
    assert (options[0], options[-1], len(options)) == (first, last, count)


def test_a_picked_month_is_written_into_the_link(choose: Callable) -> None:
    at = choose("month", day="2026-11-12", part="a", behind="new", as_of="2026-11-12")
    at.selectbox(key="pick_month").select("2026-09-30").run()
    assert at.query_params["day"] in ("2026-09-30", ["2026-09-30"])
    assert "behind" not in at.query_params
    assert at.query_params["part"] in ("a", ["a"])


def test_the_unit_of_the_link_wins_where_the_page_offers_it(choose: Callable) -> None:
    offered = {"units": ("week", "month")}
    assert _found(choose("month", offered, unit="week", day="2026-11-12"))["day"] == "2026-11-15"
    assert _found(choose("month", offered, unit="year"))["unit"] == "month"
    assert _found(choose("month", unit="week", day="2026-10-12"))["day"] == "2026-10-31"


def test_a_category_is_chosen_and_seen(choose: Callable) -> None:
    at = choose(options={"category": True}, category="0402")
    assert at.selectbox(key="pick_category").value == "0402"
    assert at.selectbox(key="pick_category").options == [words.say("frame.all_categories", "zh"), *SUBJECTS.values()]


def test_a_category_that_occurs_nowhere_here_can_be_seen_and_left(choose: Callable) -> None:
    at = choose(options={"category": True}, category="0402", kind="hotline")
    at.selectbox(key="pick_category").select("").run()
    assert "category" not in at.query_params


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-13-01", "x" * 500])
@pytest.mark.parametrize("unit", UNITS)
def test_a_day_out_of_this_world_is_yesterday(choose: Callable, unit: str, day: str) -> None:
    assert _found(choose(unit, day=day))["day"] == LAST.isoformat()


@pytest.mark.parametrize("unit", UNITS)
def test_the_way_back_and_forth_ends_with_the_records(monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    monkeypatch.setattr(load, "span", lambda: (60_000, FIRST, LAST))
    monkeypatch.setattr(load, "yesterday", lambda: LAST)
    day, seen = LAST, set()
    assert load.periods_around(Chosen(LAST), unit)[1] is None
    while day is not None:
        before, after = load.periods_around(Chosen(day), unit)
        assert after is None or after in seen
        seen.add(day)
        day = before
    whole = {load.close_of(unit, date.fromordinal(one)) for one in range(FIRST.toordinal(), LAST.toordinal() + 1)}
    assert seen == whole
    assert all(period_of(unit, one).last >= one for one in seen)
