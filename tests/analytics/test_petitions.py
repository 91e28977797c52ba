"""Petition trends: parts always agree with wholes, every number opens what it counts, ranges rest on the past alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from analytics.briefs import for_export
from analytics.figures import Period
from analytics.periods import periods_between
from analytics.petitions import PetitionTrends, petition_trends, places, seasons, volume
from data import operational, queries
from data.errors import NotReady
from data.mart import Attempt, Mart, open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar

CALENDAR = build_calendar()
DAY = date(2026, 11, 20)
ANSWERS: dict[tuple, PetitionTrends] = {}


def trends_of(mart: Mart, scope: Scope | None = None, day: date = DAY, **asked: object) -> PetitionTrends:
    """An answer, worked out once a question."""
    key = (mart, scope, day, repr(sorted(asked.items())))
    if key not in ANSWERS:
        ANSWERS[key] = petition_trends(mart, scope or Scope(), day, calendar=CALENDAR, **asked)
    return ANSWERS[key]


@pytest.fixture(scope="module")
def town(town_site: Site) -> Mart:
    return open_mart(town_site.mart_folder)


@pytest.fixture(scope="module")
def communities(town: Mart) -> list[str]:
    tree = queries.read_areas(town, Scope())
    return tree.loc[tree["level_code"] == "community", "area_code"].tolist()


def test_a_failed_or_a_late_refresh_is_said_first(town: Mart) -> None:
    later = town.published_at + timedelta(days=1)
    failed = Attempt(started_at=later, finished_at=later, ok=False, error_key="refresh.unreachable", error_values={})
    day = town.read_at.date() - timedelta(days=1)
    assert trends_of(town, day=day, attempt=failed, now=later).notices[0].key == "notice.refresh_failed"
    late = {"now": town.read_at + timedelta(hours=10)}
    assert trends_of(town, day=day, **late, stale_hours=9).notices[0].key == "notice.stale"
    assert "notice.stale" not in [one.key for one in trends_of(town, day=day, **late, stale_hours=11).notices]


def test_the_range_of_a_day_names_the_days_it_rests_on(town: Mart) -> None:
    new = trends_of(town, unit="day").volume[0]
    rests_on = new.expected.reference_days
    assert len(rests_on) == 8
    assert all(day < new.period.first and day.weekday() == new.period.first.weekday() for day in rests_on)
    counted = trends_of(town, unit="day").series.set_index("first")["matters"]
    known = [counted[day] for day in rests_on if day in counted.index]
    assert len(known) >= 4
    assert min(known) <= new.expected.mean <= max(known)


ASKED = [
    {},
    {"unit": "week"},
    {"unit": "day"},
    {"kind": "hotline"},
    {"kind": "dispute", "unit": "week"},
    {"kind": None},
    {"area_code": "999901"},
    {"area_code": "999901001"},
    {"category_code": "P-04"},
    {"having": (("form", "visit"),)},
    {"kind": "dispute", "category_code": "08"},
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_parts_of_every_kind_add_up_to_the_period(town: Mart, asked: dict) -> None:
    found = trends_of(town, **asked)
    whole = found.volume[0].value
    assert whole == found.series.loc[found.series["first"] == found.period.first, "matters"].iloc[0]
    tables = (
        [found.categories, *found.parts.values(), found.places]
        if found.places
        else [found.categories, *found.parts.values()]
    )
    for lines in tables:
        assert sum(line.values["matters"] for line in lines) == whole
    sums = {
        name: [sum(line.values[name] for line in lines) for lines in tables] for name in ("previous", "year_before")
    }
    assert all(len(set(values)) == 1 for values in sums.values())


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_every_number_opens_exactly_the_matters_it_counts(town: Mart, asked: dict) -> None:
    found = trends_of(town, **asked)
    expected = [
        (line.selection, line.values["matters"])
        for lines in (found.categories, found.places, *found.parts.values())
        for line in lines
    ]
    expected += list(zip(found.selections, found.series["matters"], strict=True))
    expected += [
        (one.selection, one.denominator) for one in (*found.volume[1:], *found.rates) if one.denominator is not None
    ]
    expected += [(one.selection, one.numerator) for one in found.properties if one.numerator is not None]
    expected += [(line.selection, line.values["decided"]) for line in found.reviews]
    expected.append((found.volume[0].selection, found.volume[0].value))
    for selection, number in expected:
        assert queries.read_counts(town, Scope(), (selection,)) == [number], selection


def test_the_town_reaches_down_both_trees_with_totals_that_agree(town: Mart) -> None:
    top = trends_of(town, kind="dispute", day=date(2026, 10, 31))
    for line in top.places:
        if line.values["area_code"] and line.values["can_open"]:
            below = trends_of(town, kind="dispute", day=date(2026, 10, 31), area_code=line.values["area_code"])
            assert sum(one.values["matters"] for one in below.places) == line.values["matters"] == below.volume[0].value
    for line in top.categories[:6]:
        if line.values["can_open"]:
            below = trends_of(town, kind="dispute", day=date(2026, 10, 31), category_code=line.values["code"])
            assert sum(one.values["matters"] for one in below.categories) == line.values["matters"]


def test_the_three_rates_and_participation_stand_together_and_small_ones_are_not_given(town: Mart) -> None:
    found = trends_of(town)
    assert [one.name for one in found.rates] == ["accepted_in_time", "on_time", "answered", "satisfied"]
    for one in found.rates:
        assert (one.value is None) == (one.missing is not None)
        if one.value is not None:
            assert one.denominator >= 10
            assert one.interval[0] <= one.value <= one.interval[1]
    few = found.rate_series[found.rate_series["satisfied_whole"] < 10]
    assert few["satisfied"].isna().all()


def test_closings_that_people_had_no_time_to_judge_are_left_out(town: Mart) -> None:
    found = trends_of(town, unit="month", day=date(2026, 10, 31))
    answered = next(one for one in found.rates if one.name == "answered")
    assert answered.period == Period(date(2026, 10, 1), date(2026, 10, 17), complete=False)


def test_rows_after_the_day_change_nothing(town: Mart) -> None:
    early = trends_of(town, day=date(2026, 6, 30))
    assert early.series["last"].max() == date(2026, 6, 30)
    late = trends_of(town, day=DAY)
    both = early.series.merge(late.series, on="first")
    assert (both["matters_x"] == both["matters_y"]).all()
    pd.testing.assert_series_equal(both["upper_x"], both["upper_y"], check_names=False)


def test_an_unfinished_period_is_marked_and_never_judged(town: Mart) -> None:
    found = trends_of(town, day=date(2026, 11, 11))
    assert not found.series["complete"].iloc[-1]
    assert found.period == Period(date(2026, 10, 1), date(2026, 10, 31))
    assert any(one.key.startswith("petitions.headline.running") for one in found.headline)


def test_the_headline_has_at_most_five_lines(town: Mart) -> None:
    for asked in ASKED:
        assert 1 <= len(trends_of(town, **asked).headline) <= 5


def test_a_scope_sees_its_own_places_only(town: Mart, communities: list[str]) -> None:
    scope = Scope(("999901001",), "community")
    found = trends_of(town, scope)
    assert found.area_code == "999901001"
    assert {line.values["area_code"] for line in found.places} - {None} <= set(communities)
    with pytest.raises(NotReady):
        trends_of(town, scope, area_code="999902")


def test_a_kind_without_pieces_says_so(town: Mart) -> None:
    found = trends_of(town, kind="hotline")
    assert [one.missing.key for one in found.volume[1:]] == ["missing.not_kept"] * 3
    assert found.series[["filings", "batches", "person_times", "diverted"]].isna().all(axis=None)
    assert found.reviews == ()


def test_a_year_that_is_not_on_record_is_no_zero_in_any_part_or_place(town: Mart) -> None:
    old, young = trends_of(town), trends_of(town, day=date(2024, 6, 30))
    for found, known in ((old, True), (young, False)):
        for line in (*found.categories, *found.places, *found.parts["form"]):
            assert (line.values["year_before"] is not None) is known
            assert (line.values["vs_year"].reason != "unknown") is known
    assert for_export(young).categories


def test_an_unknown_unit_is_a_fault_of_ours(town: Mart) -> None:
    with pytest.raises(ValueError, match="none of day"):
        trends_of(town, unit="fortnight")


def test_nothing_recorded_is_an_empty_answer(town: Mart) -> None:
    found = trends_of(town, day=date(1999, 1, 1))
    assert found.is_empty
    assert [one.key for one in found.notices] == ["notice.no_records"]


# --- sensitive subjects, below a street -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    """One street with two communities: few matters each, one subject of them sensitive."""

    def fill(connection: sa.Connection) -> None:
        areas = [("D", "district", None), ("S", "street", "D"), ("C1", "community", "S"), ("C2", "community", "S")]
        connection.execute(
            sa.insert(operational.area),
            [{"area_code": c, "level_code": lv, "parent_code": p, "name": c, "households": 900} for c, lv, p in areas],
        )
        subjects = [("16", None, 1), ("1601", "16", 0), ("08", None, 0)]
        connection.execute(
            sa.insert(operational.category),
            [{"category_code": c, "parent_code": p, "is_sensitive": s, "name": c} for c, p, s in subjects],
        )
        rows = []
        for number in range(40):
            at = datetime(2026, 3, 1 + number % 28, 9, number)
            rows.append(
                {
                    "matter_no": f"m{number}", "source_system": "x", "kind": "petition", "area_code": "C1" if number % 10 else "C2",
                    "category_code": ("16", "1601", "08", "08", "08")[number % 5], "registered_at": at, "status": "handling", "updated_at": at,
                    "form": "visit" if number % 13 else "letter", "filings": 1,
                }
            )  # fmt: skip
        connection.execute(sa.insert(operational.matter), rows)

    return publish(tmp_path_factory.mktemp("small"), fill, now=datetime(2026, 4, 1, 6))


END = date(2026, 3, 31)


def test_below_a_street_a_sensitive_subject_is_no_line_of_its_own(small: Mart) -> None:
    street = trends_of(small, day=END, area_code="S")
    community = trends_of(small, day=END, area_code="C1")
    assert {line.values["code"] for line in street.categories} == {"16", "08"}
    assert {line.values["code"] for line in community.categories} == {"08", None}
    assert [line.selection for line in community.categories if line.values["code"] is None] == [None]
    assert sum(line.values["matters"] for line in community.categories) == community.volume[0].value
    for asked in ({"category_code": "16"}, {"category_code": "1601"}, {"having": (("own_category", "16"),)}):
        with pytest.raises(NotReady, match="category_hidden"):
            trends_of(small, day=END, area_code="C1", **asked)


def test_what_leaves_the_screen_hides_small_cells_so_that_none_can_be_worked_out(small: Mart) -> None:
    street = for_export(trends_of(small, day=END, area_code="S"))
    by_code = {line.values["area_code"]: line.values for line in street.places}
    assert by_code["C2"]["matters"] is None, "four matters"
    assert by_code["C1"]["matters"] is None, "the rest of the total would give it away"
    assert by_code["C2"]["per_10k"] is None
    assert by_code["C2"]["state"] == "unknown"
    community = for_export(trends_of(small, day=END, area_code="C2"))
    assert community.volume[0].value is None
    assert community.headline == ()
    shown = [line.values["matters"] for lines in (community.categories, *community.parts.values()) for line in lines]
    assert not [count for count in shown if count is not None and 0 < count < 5]
    assert community.series["matters"].dropna().tolist() == []


def test_at_street_level_and_above_nothing_is_hidden(small: Mart) -> None:
    district = trends_of(small, day=END, area_code="D")
    assert for_export(district) == replace(for_export(district), places=district.places)


# --- methods ---------------------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 50)), min_size=1, max_size=60),
    st.sampled_from(["day", "week", "month"]),
)
def test_cutting_days_into_periods_keeps_the_total(found: list, unit: str) -> None:
    start = date(2024, 1, 5)
    days = pd.date_range(start, periods=401)
    counts = pd.Series(0, index=days)
    for place, count in found:
        counts.iloc[place] += count
    by_day = counts.to_frame("matters")
    last = days[-1].date()
    cut = volume.by_period(by_day, periods_between(unit, start, last))
    assert cut["matters"].sum() == counts.sum()


def test_places_sum_upwards_as_a_slow_walk_does() -> None:
    rng = np.random.default_rng(1)
    parents = [None] + [int(rng.integers(0, n)) for n in range(1, 40)]
    order: list[int] = []

    def walk(node: int) -> None:
        order.append(node)
        for child in (n for n, parent in enumerate(parents) if parent == node):
            walk(child)

    walk(0)
    pos = {node: place for place, node in enumerate(order)}

    def below(node: int) -> list[int]:
        return [node, *(one for n, parent in enumerate(parents) if parent == node for one in below(n))]

    own = rng.integers(0, 9, 40)
    tree = pd.DataFrame({"pos": range(40), "last_pos": [max(pos[n] for n in below(node)) for node in order]})
    summed = places.subtree_sums(tree, own[order][:, None])
    assert summed.ravel().tolist() == [int(own[below(node)].sum()) for node in order]


def test_a_funnel_flags_the_one_place_that_differs_and_few_by_chance() -> None:
    rng = np.random.default_rng(8)
    households = rng.integers(500, 4000, 60).astype(float)
    counts = rng.poisson(households * 0.01).astype(float)
    counts[7] = 4 * households[7] * 0.01
    limits = places.funnel(counts, households, 99)
    outside = np.flatnonzero((counts < limits[:, 0]) | (counts > limits[:, 1]))
    assert 7 in outside
    assert len(outside) <= 4


def test_the_pattern_of_the_year_is_found_again() -> None:
    """Planted: twice as many in June as in the mean of the other months, on a falling trend."""
    months = np.tile(np.arange(1, 13), 4)
    mean = np.where(months == 6, 600.0, 300.0) * 0.995 ** np.arange(48)
    counts = np.random.default_rng(2).poisson(mean).astype(float)
    effects, covariance = seasons.fit_seasons(counts, np.full(48, 30.0), months)
    relative = np.exp(effects - effects[np.arange(12) != 5].mean())
    assert relative[5] == pytest.approx(2, rel=0.06)
    assert np.delete(relative, 5) == pytest.approx(np.ones(11), rel=0.08)
    assert (np.diag(covariance) > 0).all()


def test_festivals_are_marked_as_runs_of_days_off() -> None:
    found = seasons.marks(CALENDAR, date(2026, 1, 1), date(2026, 12, 31))
    spring = found[found["text"] == "spring_festival"]
    assert (spring["first_on"].iloc[0], spring["last_on"].iloc[0]) == (date(2026, 2, 15), date(2026, 2, 23))


def test_the_weeks_around_the_festival_are_counted_from_each_year_s_own(town: Mart) -> None:
    found = trends_of(town, kind="hotline")
    for year in (2025, 2026):
        for row in found.festival.itertuples(index=False):
            week = seasons.festival_week(year, row.week)
            selection = found.selections[-1].narrowed(first=week.first, last=week.last)
            assert queries.read_counts(town, Scope(), (selection,)) == [
                found.festival.loc[found.festival["week"] == row.week, year].iloc[0]
            ]


def test_notes_of_the_window_stand_beside_the_festivals(town: Mart) -> None:
    notes = pd.DataFrame(
        {
            "first_on": [date(2026, 6, 1), date(1999, 1, 1)], "last_on": [date(2026, 6, 9), date(1999, 1, 2)], "kind": ["construction", "other"],
            "text": ["地铁施工", "long ago"],
        }
    )  # fmt: skip
    found = trends_of(town, notes=notes)
    assert "地铁施工" in set(found.notes["text"])
    assert "long ago" not in set(found.notes["text"])
    assert "spring_festival" in set(found.notes["text"])
