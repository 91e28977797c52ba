"""What a page offers to choose from, and may open: only what a reader's matters have, nothing sensitive below a street; clocks to be tried."""

from datetime import date

import pandas as pd
import pytest

from data import queries
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope
from tests.data.test_queries import AREAS, CATEGORIES, DAY, below, published

__all__ = ["published"]  # a fixture

ALL, IN_A = Scope(None, "office"), Scope(("A",), "office")
PARENTS = {code: parent for code, parent, _ in CATEGORIES}
SENSITIVE = {code for code, _, is_sensitive in CATEGORIES if is_sensitive}


@pytest.mark.parametrize("scope", [ALL, IN_A, Scope(("A1x",), "community"), Scope((), "office")])
@pytest.mark.parametrize("area", [None, "A1", "A1x", "B"])
@pytest.mark.parametrize("kind", [None, "petition"])
def test_categories_offered_are_those_that_occur_and_what_they_lie_in(
    mart: Mart, everything: pd.DataFrame, scope: Scope, area: str | None, kind: str | None
) -> None:
    seen = set()
    for row in everything.to_dict("records"):
        in_scope = scope.sees_all or any(below(row["area_code"], root) for root in scope.areas)
        in_area = area is None or below(row["area_code"], area)
        if in_scope and in_area and kind in (None, row["kind"]) and row["category_code"]:
            seen.add(row["category_code"])
    near = area in ("A1x",) or scope.areas == ("A1x",)
    seen -= SENSITIVE if near else set()
    seen |= {PARENTS[code] for code in seen if PARENTS[code]}
    found = queries.read_occurring_categories(mart, scope, area, kind)
    assert set(found["category_code"]) == seen
    assert found["depth"].tolist() == [int(PARENTS[code] is not None) for code in found["category_code"]]


def test_a_category_stands_right_below_the_one_it_lies_in(mart: Mart) -> None:
    assert queries.read_occurring_categories(mart, ALL)["category_code"].tolist() == ["01", "0101", "16", "99"]


def test_a_number_of_a_sensitive_category_may_be_opened_at_a_street_and_not_below(mart: Mart) -> None:
    levels = {code: level for code, level, _ in AREAS}
    for code in levels:
        wide = levels[code] in ("district", "street")
        sensitive = Selection("new", DAY, DAY, DAY, area_code=code, category_code="16")
        assert queries.may_open(mart, ALL, sensitive) is wide
        assert queries.may_open(mart, ALL, sensitive.narrowed(category_code="0101"))
        assert queries.may_open(mart, ALL, sensitive.narrowed(category_code=None).also(own_category="16")) is wide
    assert not queries.may_open(
        mart, Scope(("A1xg",), "community"), Selection("new", DAY, DAY, DAY, category_code="16")
    )


@pytest.mark.parametrize(
    ("selection", "whole"),
    [
        (Selection("new", DAY, DAY, DAY), True),
        (Selection("open", DAY), True),
        (Selection("on_time", DAY), False),
        (Selection("accepted_in_time", DAY), False),
        (Selection("gossip", DAY, DAY, DAY), False),
        (Selection("new", DAY, DAY, DAY).also(gossip="1"), False),
    ],
)
def test_a_selection_is_complete_when_it_can_be_counted(selection: Selection, whole: bool) -> None:
    assert queries.is_complete(selection) is whole


@pytest.mark.parametrize("scope", [ALL, IN_A])
def test_clocks_are_read_of_open_hotline_matters_that_no_source_dates(
    mart: Mart, everything: pd.DataFrame, scope: Scope
) -> None:
    wanted = {
        row["matter_no"]
        for row in everything.to_dict("records")
        if row["kind"] == "hotline" and row["due_on"] is None and row["diverted_to"] is None
        and row["registered_on"] <= DAY and pd.Timestamp(row["standing_until"]).date() > DAY
        and (scope.sees_all or any(below(row["area_code"], root) for root in scope.areas))
    }  # fmt: skip
    found = queries.read_hotline_clocks(mart, scope, DAY)
    assert set(found["matter_no"]) == wanted
    assert len(wanted) > 10


def test_no_clock_is_read_before_the_first_matter(mart: Mart) -> None:
    assert queries.read_hotline_clocks(mart, ALL, date(2020, 1, 1)).empty
