"""A change is split into parts that sum exactly, whatever order the rows come in and whichever column comes first."""

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.changes import Change, Part, contributions, explain_change, split_by_days
from analytics.errors import MissingColumns

CODES = st.sampled_from(["a", "b", "c", "d", "e", None])
CELLS = st.lists(st.tuples(CODES, CODES, st.integers(0, 40)), max_size=30)
BY = ("category_code", "area_code")


def frame(cells: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(cells, columns=[*BY, "matters"]).astype({"matters": "int64"})


def check_sums(parts: tuple[Part, ...], now: int, before: int) -> None:
    """Parts of one level add up to what is split, in both periods, and so do their own parts."""
    if parts:
        assert (sum(part.now for part in parts), sum(part.before for part in parts)) == (now, before)
    for part in parts:
        check_sums(part.parts, part.now, part.before)


@given(now=CELLS, before=CELLS, most=st.integers(0, 6), below=st.integers(0, 6), least=st.floats(0, 0.9))
def test_parts_sum_exactly_at_every_level(now: list, before: list, most: int, below: int, least: float) -> None:
    found = explain_change(frame(now), frame(before), BY, most=most, most_below=below, least_share=least)
    assert (found.now, found.before) == (sum(row[2] for row in now), sum(row[2] for row in before))
    if found.now or found.before:
        assert sum(part.change for part in found.parts) == found.change
    check_sums(found.parts, found.now, found.before)


@given(now=CELLS, before=CELLS, order=st.randoms())
def test_the_order_of_the_rows_is_irrelevant(now: list, before: list, order: object) -> None:
    first = explain_change(frame(now), frame(before), BY)
    order.shuffle(now)
    order.shuffle(before)
    assert explain_change(frame(now), frame(before), BY) == first


@given(now=CELLS, before=CELLS)
def test_both_views_give_a_cell_the_same_numbers(now: list, before: list) -> None:
    """Read with nothing left in a remainder, category by place is place by category turned round."""
    options = {"most": 9, "most_below": 9, "least_share": 0.0}
    one = explain_change(frame(now), frame(before), BY, **options)
    other = explain_change(frame(now), frame(before), BY[::-1], **options)
    assert one.change == other.change
    here, there = cells_of(one), cells_of(other)
    for outer, inner in here.keys() & {(outer, inner) for inner, outer in there}:
        assert here[outer, inner] == there[inner, outer]


def cells_of(found: Change) -> dict[tuple, tuple[int, int]]:
    return {
        (part.code, inner.code): (inner.now, inner.before)
        for part in found.parts
        for inner in part.parts
        if "rest" not in (part.kind, inner.kind)
    }


@given(now=CELLS, before=CELLS)
def test_cells_agree_with_a_slow_loop(now: list, before: list) -> None:
    slow_now, slow_before = Counter(), Counter()
    for counter, rows in ((slow_now, now), (slow_before, before)):
        for category, area, matters in rows:
            counter[category, area] += matters
    found = contributions(frame(now), frame(before), BY)
    assert {(row.category_code, row.area_code): (row.now, row.before) for row in found.itertuples()} == {
        cell: (slow_now[cell], slow_before[cell]) for cell in {row[:2] for row in (*now, *before)}
    }
    assert found["change"].abs().is_monotonic_decreasing


def test_the_largest_changes_are_named_and_the_remainder_stands_for_all_others() -> None:
    now = frame([("p", "A", 60), ("p", "B", 30), ("t", "A", 27), ("x", "A", 5), ("y", "B", 4), ("z", "B", 3)])
    before = frame([("p", "A", 40), ("p", "B", 20), ("t", "A", 40), ("x", "A", 4), ("y", "B", 5), ("z", "B", 3)])
    found = explain_change(now, before, BY, most=2, most_below=2)
    assert [(part.kind, part.code, part.change) for part in found.parts] == [
        ("one", "p", 30), ("one", "t", -13), ("rest", None, 0),
    ]  # fmt: skip
    assert found.parts[-1].codes == ("x", "y", "z")
    assert [(part.code, part.change) for part in found.parts[0].parts] == [("A", 20), ("B", 10)]


def test_a_remainder_of_one_code_is_that_code() -> None:
    found = explain_change(frame([("p", "A", 9), ("t", "A", 1)]), frame([("p", "A", 1)]), BY, most=1)
    assert [part.kind for part in found.parts] == ["one", "one"]


def test_what_is_not_recorded_is_named_when_it_moved_and_else_part_of_the_remainder() -> None:
    before = frame([("p", "A", 5), ("t", "A", 5), ("x", "A", 5), (None, "A", 5)])
    moved = explain_change(frame([("p", "A", 5), (None, "A", 15)]), before, BY, most=1)
    assert ("unknown", 10) in [(part.kind, part.change) for part in moved.parts]
    still = explain_change(frame([("p", "A", 50), (None, "A", 5)]), before, BY, most=1)
    assert still.parts[-1].codes == ("t", "x", None)


def test_inputs_stay_as_they_were() -> None:
    now, before = frame([("p", "A", 9)]), frame([("p", None, 3)])
    kept = now.copy(), before.copy()
    explain_change(now, before, BY)
    pd.testing.assert_frame_equal(now, kept[0])
    pd.testing.assert_frame_equal(before, kept[1])


def test_a_column_that_is_missing_is_said() -> None:
    with pytest.raises(MissingColumns):
        explain_change(frame([]).drop(columns="area_code"), frame([]), BY)


@given(now=st.integers(0, 10**6), before=st.integers(0, 10**6), days=st.integers(1, 31), days_before=st.integers(1, 31))
def test_the_days_and_the_daily_rate_make_the_whole_change(now: int, before: int, days: int, days_before: int) -> None:
    of_days, of_rate = split_by_days(now, before, days, days_before)
    assert of_days + of_rate == now - before
    if days == days_before:
        assert of_days == 0
    assert abs(of_days - before * (days - days_before) / days_before) <= 0.5
