"""Which cells of a table may be shown? Small counts are hidden, and others with them so that none can be worked out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.errors import require_columns

MINIMUM_CELL = 5
DEAR, DEARER = 1e9, 1e12  # what it costs to hide a zero, and a total, when another cell would do


@dataclass(frozen=True, eq=False)
class SafeTable:
    """A table with its totals, as it may leave the handling unit's own screen; what is hidden is NA.

    `cells` has the columns given; `totals` holds one Series for each of them (by its labels); `total` is the
    whole, or None.
    """

    cells: pd.DataFrame
    totals: tuple[pd.Series, ...]
    total: int | None


def hide_small_cells(
    cells: pd.DataFrame, cell_columns: Sequence[str], count_column: str, *, minimum: int = MINIMUM_CELL
) -> SafeTable:
    """Hide every count of 1 to `minimum` − 1, totals included, and as many others as are needed to keep them hidden.

    A row of `cells` is a cell named by one or two columns. Two promises: no hidden number follows from the others
    and the totals by subtraction, and hidden cells of a line whose total is shown add up to at least `minimum`,
    since their sum does follow. Zeros are shown as a rule. The smallest cells that do the work are hidden beside
    the small ones; totals only when nothing else does.

    >>> rows = pd.DataFrame({"street": ["a", "b", "c"], "matters": [2, 7, 30]})
    >>> safe = hide_small_cells(rows, ["street"], "matters")
    >>> safe.cells["matters"].tolist(), safe.total
    ([<NA>, <NA>, 30], 39)
    """
    require_columns(cells, *cell_columns, count_column)
    if len(cell_columns) not in (1, 2):
        raise ValueError("a table has one or two columns that name its cells")
    names = list(cell_columns)
    tidy = cells.groupby(names, sort=True)[count_column].sum()
    wide = tidy.to_frame() if len(names) == 1 else tidy.unstack(fill_value=0)
    hidden = _hide(wide.to_numpy(dtype=np.int64), minimum, one_way=len(names) == 1)
    return _safe(cells, names, count_column, wide, hidden)


def _safe(
    cells: pd.DataFrame, names: list[str], count_column: str, wide: pd.DataFrame, hidden: np.ndarray
) -> SafeTable:
    counts = wide.to_numpy(dtype=np.int64)
    shown = pd.DataFrame(counts, index=wide.index, columns=wide.columns).astype("Int64").mask(hidden[:-1, :-1])
    by_first = pd.Series(counts.sum(axis=1), index=wide.index).astype("Int64").mask(hidden[:-1, -1])
    total = None if hidden[-1, -1] else int(counts.sum())
    if len(names) == 1:
        flat, totals = shown.iloc[:, 0], (shown.iloc[:, 0],)
        total = None if hidden[-1, 0] else int(counts.sum())
    else:
        by_second = pd.Series(counts.sum(axis=0), index=wide.columns).astype("Int64").mask(hidden[-1, :-1])
        flat, totals = shown.stack(future_stack=True), (by_first, by_second)
    flat = flat.rename(count_column)
    kept = cells[names].drop_duplicates().merge(flat.reset_index(), on=names, how="left")
    return SafeTable(kept, totals, total)


def _hide(counts: np.ndarray, minimum: int, *, one_way: bool) -> np.ndarray:
    """Which cells of the table with its totals (last row, last column) to hide."""
    table = np.zeros((counts.shape[0] + 1, counts.shape[1] + 1), dtype=np.int64)
    table[:-1, :-1] = counts
    table[-1, :-1], table[:-1, -1], table[-1, -1] = counts.sum(axis=0), counts.sum(axis=1), counts.sum()
    price = table.astype(float)
    price[table == 0] = DEAR
    price[-1, :] += DEARER
    price[:, -1] += DEARER
    hidden = (table > 0) & (table < minimum)
    if one_way:
        hidden[:, -1] = False
        _fill_line(table[:, 0], hidden[:, 0], price[:, 0], minimum)
        return hidden
    before = -1
    while hidden.sum() > before:
        before = hidden.sum()
        for line in range(table.shape[0]):
            _fill_line(table[line], hidden[line], price[line], minimum)
        for line in range(table.shape[1]):
            _fill_line(table[:, line], hidden[:, line], price[:, line], minimum)
        for row, column in _bridges(hidden):
            _close_square(hidden, price, row, column)
    return hidden


def _fill_line(values: np.ndarray, hidden: np.ndarray, price: np.ndarray, minimum: int) -> None:
    """Hide more of a line (cells, then their total), cheapest first, until none stands alone or in too small a sum."""
    while hidden.any():
        alone = hidden.sum() == 1
        sum_is_known = not hidden[-1]
        too_small = sum_is_known and values[:-1][hidden[:-1]].sum() < minimum
        if (not alone and not too_small) or hidden.all():
            return
        hidden[np.argmin(np.where(hidden, np.inf, price))] = True


def _close_square(hidden: np.ndarray, price: np.ndarray, row: int, column: int) -> None:
    """Hide the cheapest three corners that make a square with a cell, so that its value can move round the square."""
    cost = np.where(hidden, 0.0, price)
    square = cost[row, :][None, :] + cost[:, column][:, None] + cost
    square[row, :] = np.inf
    square[:, column] = np.inf
    other_row, other_column = np.unravel_index(np.argmin(square), square.shape)
    hidden[row, other_column] = hidden[other_row, column] = hidden[other_row, other_column] = True


def _bridges(hidden: np.ndarray) -> list[tuple[int, int]]:
    """Hidden cells that follow from the others by subtraction.

    Rows and columns are the nodes of a graph and hidden cells its edges; a hidden cell can take more than one
    value if and only if it lies on a cycle (Gusfield 1988, SIAM J. Comput. 17:552), so those to be found are the
    bridges. Depth-first, without recursion.
    """
    rows, columns = hidden.shape
    neighbours = [list(np.flatnonzero(hidden[row]) + rows) for row in range(rows)]
    neighbours += [list(np.flatnonzero(hidden[:, column])) for column in range(columns)]
    entered: dict[int, int] = {}
    lowest: dict[int, int] = {}
    found = []
    for root in range(rows + columns):
        if root in entered:
            continue
        entered[root] = lowest[root] = len(entered)
        path = [(root, -1, iter(neighbours[root]))]
        while path:
            node, above, rest = path[-1]
            following = next(rest, None)
            if following is None:
                path.pop()
                if path:
                    lowest[above] = min(lowest[above], lowest[node])
                    if lowest[node] > entered[above]:
                        found.append((min(node, above), max(node, above) - rows))
            elif following not in entered:
                entered[following] = lowest[following] = len(entered)
                path.append((following, node, iter(neighbours[following])))
            elif following != above:
                lowest[node] = min(lowest[node], entered[following])
    return found
