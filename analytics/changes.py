"""What moved between two periods, split into parts that sum exactly: by place and category, a few parts named, the remainder named too.

Counts are whole numbers, so a change is a whole number, and its parts add up to it without rounding. Nothing is estimated here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from analytics.errors import require_columns

MOST, MOST_BELOW = 4, 3
LEAST_SHARE = 0.05  # of all that moved in either direction: a smaller part goes into the remainder


@dataclass(frozen=True)
class Part:
    """One part of a change: a code, what has no code (unknown), or the remainder, which stands for all `codes` not named beside it.

    `kind` is one, unknown or rest; a remainder that holds the unknown too has None among its codes. `parts` split it further by the next
    column; they add up to it, or there are none.
    """

    kind: str
    codes: tuple[str | None, ...]
    now: int
    before: int
    parts: tuple["Part", ...] = ()

    @property
    def code(self) -> str | None:
        """The code of a part that is one code; None for the unknown and for a remainder."""
        return self.codes[0] if self.kind == "one" else None

    @property
    def change(self) -> int:
        return self.now - self.before


@dataclass(frozen=True)
class Change:
    """A count in two periods and the parts of its change, the largest first; `by` names the columns of the tree, widest first."""

    by: tuple[str, ...]
    now: int
    before: int
    parts: tuple[Part, ...]

    @property
    def change(self) -> int:
        return self.now - self.before


def contributions(
    now: pd.DataFrame,
    before: pd.DataFrame,
    by: Sequence[str] = ("area_code", "category_code"),
    *,
    count: str = "matters",
) -> pd.DataFrame:
    """Every cell of two periods: `by` columns, `now, before, change`; cells that moved the most first.

    A row of `now` and `before` is a cell with its `count`; a cell may stand in several rows, a code may be empty (unknown). The changes
    add up to the whole change. Raises MissingColumns.

    >>> now = pd.DataFrame({"area_code": ["a", "b"], "category_code": ["x", "x"], "matters": [6, 1]})
    >>> before = pd.DataFrame({"area_code": ["a", "a"], "category_code": ["x", "y"], "matters": [2, 3]})
    >>> contributions(now, before)["change"].tolist()
    [4, -3, 1]
    """
    by = list(by)
    for frame in (now, before):
        require_columns(frame, *by, count)
    parts = [frame[by].assign(now=0, before=0) for frame in (now, before)]
    parts[0]["now"] = now[count].to_numpy(dtype=np.int64)
    parts[1]["before"] = before[count].to_numpy(dtype=np.int64)
    both = pd.concat(parts, ignore_index=True)
    cells = both.groupby(by, dropna=False, sort=True)[["now", "before"]].sum().reset_index()
    for column in by:
        cells[column] = cells[column].astype(object).where(cells[column].notna(), None)
    cells["change"] = cells["now"] - cells["before"]
    order = cells["change"].abs().sort_values(ascending=False, kind="stable").index
    return cells.loc[order].reset_index(drop=True)


def explain_change(
    now: pd.DataFrame,
    before: pd.DataFrame,
    by: Sequence[str] = ("category_code", "area_code"),
    *,
    count: str = "matters",
    most: int = MOST,
    most_below: int = MOST_BELOW,
    least_share: float = LEAST_SHARE,
) -> Change:
    """The change of a count between two periods as a tree of parts that sum exactly to it at every level.

    `by` gives one or two columns, the first split first (category, then its places; or place, then its categories). Named are at most
    `most` codes (`most_below` below each) with the largest changes, none smaller than `least_share` of all movement at that level, the
    unknown beside them where it is as large; what is left over is one part, and a remainder of one is that one. The order of the rows
    changes nothing, and a cell has the same numbers whichever column comes first. Only like spans should be compared: see `split_by_days`.

    >>> now = pd.DataFrame({"category_code": ["p", "p", "t"], "area_code": ["A", "B", "A"], "matters": [8, 5, 9]})
    >>> before = pd.DataFrame({"category_code": ["p", "p", "t"], "area_code": ["A", "B", "A"], "matters": [2, 2, 2]})
    >>> found = explain_change(now, before)
    >>> found.change, [(part.code, part.change) for part in found.parts], [part.change for part in found.parts[0].parts]
    (16, [('p', 9), ('t', 7)], [6, 3])
    """
    cells = contributions(now, before, by, count=count)
    return explain_cells(cells, by, most=most, most_below=most_below, least_share=least_share)


def explain_cells(
    cells: pd.DataFrame,
    by: Sequence[str],
    *,
    most: int = MOST,
    most_below: int = MOST_BELOW,
    least_share: float = LEAST_SHARE,
) -> Change:
    """The tree of `explain_change` out of the cells of `contributions`, to be split more than once."""
    columns = [[*zip(cells[name], cells["now"].tolist(), cells["before"].tolist(), strict=True)] for name in by]
    places = range(len(cells))
    parts = _split(columns, places, (most, most_below), least_share)
    return Change(tuple(by), int(cells["now"].sum()), int(cells["before"].sum()), parts)


def _split(columns: list[list[tuple]], places: Sequence[int], most: Sequence[int], least: float) -> tuple[Part, ...]:
    """The parts of the cells at these places by the first column, each split by the next; a cell is its code, now and before."""
    column, *below = columns
    rows: dict[str | None, list[int]] = {}
    for place in places:
        rows.setdefault(column[place][0], []).append(place)
    whole = {code: tuple(sum(column[place][n] for place in mine) for n in (1, 2)) for code, mine in rows.items()}
    change = {code: now - before for code, (now, before) in whole.items()}
    known = sorted(
        (code for code in whole if code is not None), key=lambda code: (-abs(change[code]), -whole[code][0], code)
    )
    fewest = max(least * sum(map(abs, change.values())), 1)
    named = [code for code in known if abs(change[code]) >= fewest][: most[0]]
    left = [code for code in whole if code not in named]
    if None in change and abs(change[None]) >= fewest:
        left.remove(None)
        named.append(None)
    if len(left) == 1:
        named, left = [*named, *left], []

    def part(kind: str, codes: list, split: list[list[tuple]]) -> Part:
        now, before = (sum(whole[code][n] for code in codes) for n in (0, 1))
        inner = _split(split, rows[codes[0]], most[1:], least) if split else ()
        return Part(kind, tuple(codes), now, before, inner)

    parts = [part("unknown" if code is None else "one", [code], below) for code in named]
    if left:
        parts.append(part("rest", sorted(left, key=lambda code: (code is None, code or "")), []))
    return tuple(part for part in parts if part.now or part.before)


def split_by_days(now: int, before: int, days_now: int, days_before: int) -> tuple[int, int]:
    """How much of a change comes from the number of days, and how much from a different number a day; together exactly the change.

    The first is what the earlier daily rate would have made of the difference in days, to the nearest whole matter (halves to even).

    >>> split_by_days(320, 310, 30, 31)
    (-10, 20)
    """
    of_days = round(Fraction(before * (days_now - days_before), days_before)) if days_before else 0
    return of_days, now - before - of_days
