"""No hidden cell can be worked out from the others and the totals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.small_cells import SafeTable, hide_small_cells

MINIMUM = 5
counts = st.one_of(st.integers(0, 6), st.integers(0, 60))


def recoverable(equations: np.ndarray) -> np.ndarray:
    """Which unknowns are fixed by linear equations: those along which no solution may move (null space zero there)."""
    if not equations.shape[1]:
        return np.zeros(0, dtype=bool)
    _, strengths, directions = np.linalg.svd(equations)
    null = directions[(strengths > 1e-9).sum() :]
    return (np.abs(null) < 1e-9).all(axis=0)


def two_way(table: np.ndarray) -> tuple[SafeTable, np.ndarray]:
    """The safe table and which places of the table with its totals are hidden."""
    rows, columns = table.shape
    cells = pd.DataFrame(
        [(f"r{i:02d}", f"c{j:02d}", table[i, j]) for i in range(rows) for j in range(columns)],
        columns=["place", "subject", "matters"],
    )
    safe = hide_small_cells(cells, ["place", "subject"], "matters", minimum=MINIMUM)
    hidden = np.zeros((rows + 1, columns + 1), dtype=bool)
    hidden[:-1, :-1] = safe.cells["matters"].isna().to_numpy().reshape(rows, columns)
    hidden[:-1, -1], hidden[-1, :-1] = safe.totals[0].isna(), safe.totals[1].isna()
    hidden[-1, -1] = safe.total is None
    return safe, hidden


@st.composite
def tables(draw) -> np.ndarray:
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    return np.array(draw(st.lists(counts, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))).reshape(shape)


@settings(max_examples=120, deadline=None)
@given(tables())
def test_in_a_two_way_table_nothing_hidden_follows_from_the_rest(table):
    _, hidden = two_way(table)
    places = np.argwhere(hidden)
    number = {tuple(place): n for n, place in enumerate(places)}
    equations = np.zeros((sum(hidden.shape), len(places)))
    for (row, column), n in number.items():
        equations[row, n] = -1 if column == hidden.shape[1] - 1 else 1
        equations[hidden.shape[0] + column, n] = -1 if row == hidden.shape[0] - 1 else 1
    assert not recoverable(equations).any()


@settings(max_examples=120, deadline=None)
@given(tables())
def test_in_a_two_way_table_every_small_number_is_hidden(table):
    _, hidden = two_way(table)
    whole = np.zeros(hidden.shape, dtype=int)
    whole[:-1, :-1] = table
    whole[:-1, -1], whole[-1, :-1], whole[-1, -1] = table.sum(axis=1), table.sum(axis=0), table.sum()
    assert hidden[(whole > 0) & (whole < MINIMUM)].all()
    for lines, marks in ((whole, hidden), (whole.T, hidden.T)):
        for values, mark in zip(lines, marks, strict=True):
            assert mark.sum() != 1
            if mark.any() and not mark[-1]:
                assert values[mark].sum() >= MINIMUM


@settings(deadline=None)
@given(tables())
def test_what_is_shown_is_true(table):
    safe, hidden = two_way(table)
    shown = ~hidden[:-1, :-1].ravel()
    assert (safe.cells["matters"].to_numpy(dtype=object)[shown] == table.ravel()[shown]).all()
    assert safe.total in (None, table.sum())
    assert list(safe.totals[0].dropna()) == list(table.sum(axis=1)[~hidden[:-1, -1]])


@settings(deadline=None)
@given(tables())
def test_a_table_without_small_cells_is_shown_whole(table):
    _, hidden = two_way(table * MINIMUM)
    assert not hidden.any()


@settings(deadline=None)
@given(st.lists(counts, min_size=1, max_size=12))
def test_in_a_one_way_table_nothing_hidden_follows_from_the_total(values):
    cells = pd.DataFrame({"place": [f"p{n:02d}" for n in range(len(values))], "matters": values})
    safe = hide_small_cells(cells, ["place"], "matters")
    hidden = safe.cells["matters"].isna().to_numpy()
    values = np.array(values)
    assert hidden[(values > 0) & (values < MINIMUM)].all()
    assert hidden.sum() + (safe.total is None) != 1
    if hidden.any() and safe.total is not None:
        assert values[hidden].sum() >= MINIMUM
    assert (safe.total is None) <= bool(hidden.any())


def test_the_next_smallest_is_hidden_beside_a_lone_small_one():
    cells = pd.DataFrame({"place": ["c", "a", "b"], "matters": [30, 2, 7]})
    safe = hide_small_cells(cells, ["place"], "matters")
    assert safe.cells.set_index("place")["matters"].isna().to_dict() == {"a": True, "b": True, "c": False}
    assert safe.total == 39


def test_two_hidden_ones_that_add_up_to_too_little_take_a_third():
    safe = hide_small_cells(pd.DataFrame({"place": list("abc"), "matters": [1, 1, 9]}), ["place"], "matters")
    assert safe.cells["matters"].isna().all()
    assert safe.total == 11


def test_a_lone_small_number_takes_its_total_with_it():
    safe = hide_small_cells(pd.DataFrame({"place": ["a"], "matters": [3]}), ["place"], "matters")
    assert safe.total is None
    assert safe.cells["matters"].isna().all()


def test_a_square_is_hidden_round_a_small_cell_of_a_two_way_table():
    safe, hidden = two_way(np.array([[2, 20, 30], [10, 40, 50], [60, 70, 80]]))
    assert hidden[:-1, :-1].tolist() == [[True, True, False], [True, True, False], [False, False, False]]
    assert safe.total == 362


def test_a_large_table_takes_no_noticeable_time():
    table = np.random.default_rng(4).poisson(4, (120, 18))
    _, hidden = two_way(table)
    assert hidden.any()


def test_a_table_of_three_columns_is_an_error():
    with pytest.raises(ValueError, match="one or two"):
        hide_small_cells(pd.DataFrame({"a": [1], "b": [1], "c": [1], "n": [1]}), ["a", "b", "c"], "n")
