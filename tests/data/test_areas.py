"""The area tree in pre-order."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import mart_tables
from data.areas import ancestors, grow_tree, missing_parents
from data.errors import XianshouError

TOWN = pd.DataFrame(
    [
        ("9901", "city", None),
        ("990101", "district", "9901"),
        ("990101001", "street", "990101"),
        ("990101001001", "community", "990101001"),
        ("H-7", "compound", "990101001001"),
        ("990101002", "street", "990101"),
        ("990102", "district", "9901"),
    ],
    columns=["area_code", "level_code", "parent_code"],
).assign(name=lambda rows: "place " + rows["area_code"], households=[None, 900, 500, 200, 40, 400, 100])


@st.composite
def forests(draw) -> pd.DataFrame:
    """A random forest: each area lies in one drawn before it, or in none; rows in any order."""
    size = draw(st.integers(1, 25))
    parents = [draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(size)]
    rows = pd.DataFrame(
        {
            "area_code": [f"a{n}" for n in range(size)],
            "parent_code": [None if parent is None else f"a{parent}" for parent in parents],
        }
    )
    return rows.iloc[draw(st.permutations(range(size)))].reset_index(drop=True)


def below(areas: pd.DataFrame, code: str) -> set[str]:
    """The slow and obvious subtree."""
    found, size = {code}, 0
    while len(found) > size:
        size = len(found)
        found |= set(areas.loc[areas["parent_code"].isin(found), "area_code"])
    return found


@settings(max_examples=40, deadline=None)
@given(forests())
def test_a_subtree_is_one_range_of_places(areas):
    tree = grow_tree(areas)
    assert sorted(tree["pos"]) == list(range(len(areas)))
    for row in tree.itertuples():
        inside = tree[tree["pos"].between(row.pos, row.last_pos)]
        assert set(inside["area_code"]) == below(areas, row.area_code)
        assert row.area_code == ancestors(tree, row.area_code)[-1]
        assert len(ancestors(tree, row.area_code)) == row.depth + 1


@settings(max_examples=40, deadline=None)
@given(forests())
def test_the_order_of_rows_does_not_matter(areas):
    pd.testing.assert_frame_equal(grow_tree(areas), grow_tree(areas.iloc[::-1]))


def test_the_tree_has_the_columns_of_the_mart():
    assert list(grow_tree(TOWN).columns) == [
        "area_code", "name", "level_code", "parent_code", "street_code", "community_code", "depth", "pos", "last_pos",
        "households",
    ]  # fmt: skip
    assert set(grow_tree(TOWN).columns) == set(mart_tables.area_tree.columns.keys())


def test_street_and_community_are_those_an_area_is_or_lies_in():
    tree = grow_tree(TOWN).set_index("area_code")
    assert tree.loc["H-7", "street_code"] == "990101001"
    assert tree.loc["H-7", "community_code"] == "990101001001"
    assert tree.loc["990101001", "street_code"] == "990101001"
    assert pd.isna(tree.loc["990101001", "community_code"])
    assert tree.loc[["9901", "990101"], "street_code"].isna().all()


def test_siblings_stand_in_the_order_of_their_codes():
    tree = grow_tree(TOWN.iloc[::-1])
    assert list(tree["area_code"]) == ["9901", "990101", "990101001", "990101001001", "H-7", "990101002", "990102"]


def test_an_area_whose_parent_is_not_registered_is_a_root_and_is_reported():
    areas = pd.DataFrame({"area_code": ["01", "0201"], "parent_code": [None, "02"]})
    tree = grow_tree(areas)
    assert list(tree["depth"]) == [0, 0]
    assert tree["parent_code"].isna().all()
    assert missing_parents(areas)["area_code"].tolist() == ["0201"]


@pytest.mark.parametrize(
    ("parents", "ring"), [(["a", None, None], "a"), (["b", "a", None], "a, b"), (["b", "c", "b"], "b, c")]
)
def test_areas_that_lie_in_each_other_are_named(parents, ring):
    with pytest.raises(XianshouError, match=rf"lie_in_each_other: codes={ring}$"):
        grow_tree(pd.DataFrame({"area_code": ["a", "b", "c"], "parent_code": parents}))


def test_a_code_registered_twice_is_named():
    with pytest.raises(XianshouError, match="code_twice: codes=a"):
        grow_tree(pd.DataFrame({"area_code": ["a", "b", "a"], "parent_code": [None, None, "b"]}))


def test_no_areas_make_an_empty_tree():
    assert grow_tree(TOWN.iloc[:0]).empty


def test_a_very_deep_tree_is_no_trouble():
    codes = [f"{n:05d}" for n in range(3_000)]
    tree = grow_tree(pd.DataFrame({"area_code": codes, "parent_code": [None, *codes[:-1]]}))
    assert tree["depth"].max() == 2_999
    assert (tree["last_pos"] == 2_999).all()


def test_an_unknown_code_has_no_ancestors():
    assert ancestors(grow_tree(TOWN), "nowhere") == ()
