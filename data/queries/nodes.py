"""Nodes: a place and a subject. Which node a matter counts in, and the selection that opens exactly the matters of one.

Subjects are those of `data.queries.series`. The place is the smallest known one from the community up; for a sensitive subject it is the
street.
"""

from collections.abc import Callable, Mapping
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from data.queries.names import Names, Reader, names_of
from data.queries.selection import BESIDE, Selection, read_reach
from data.queries.series import subjects_of
from data.scope import Scope

NODE = ["level", "area_code", "kind", "category_code"]
SMALLER = ("compound", "hamlet", "grid")  # levels below the smallest place that is judged

_places: WeakKeyDictionary[Names, dict[str, np.ndarray]] = WeakKeyDictionary()


def by_node(
    mart: Reader,
    scope: Scope,
    found: pd.DataFrame,
    together: Mapping[str, str],
    base: Selection,
    *,
    area_code: str | None = None,
    own: bool = False,
    keep: Callable[[pd.DataFrame], pd.Series] | None = None,
) -> pd.DataFrame:
    """Rows by `area_pos, kind, category_code` put together by node: `NODE`, the columns of `together`, `selection`.

    `together` says how each column is put together; `own` keeps the very category in place of its subject; `keep` says which nodes
    stay, before their selections are made. Only places that lie wholly within reach; the most first.
    """
    names, subjects = names_of(mart), subjects_of(mart)
    subject = found["category_code"].map(dict(subjects.of)).astype(found["category_code"].dtype)
    wider = names.categories["parent_code"].isin(names.categories.index)
    rows = found.assign(
        is_whole=False if own else subject.isin(names.categories.index[wider]),
        category_code=found["category_code"] if own else subject.fillna(found["category_code"]),
        as_place=np.where(subject.isin(list(subjects.sensitive)), "far", "near"),
    )
    rows = _together(mart, scope, area_code, rows, ["kind", "category_code", "is_whole"], together, keep)
    rows["selection"] = _each(rows, lambda row: _about(_of_place(names, base, row).narrowed(kind=row.kind), row))
    return rows[[*NODE, *together, "selection"]]


def by_place(
    mart: Reader,
    scope: Scope,
    found: pd.DataFrame,
    together: Mapping[str, str],
    base: Selection,
    *,
    area_code: str | None = None,
) -> pd.DataFrame:
    """Rows by `area_pos, kind` put together by street and kind, for a reader below a street by community: as `by_node`, all subjects."""
    names = names_of(mart)
    below = [*(scope.areas or ()), *([area_code] if area_code else [])]
    is_near = any(names.lies_below_street(code) for code in below)
    if is_near:  # what is sensitive is left out of the number as it is out of the list
        base = base.also(not_sensitive="1")
    rows = _together(
        mart, scope, area_code, found.assign(as_place="near" if is_near else "far"), ["kind"], together, None
    )
    rows["category_code"] = pd.Series(np.nan, index=rows.index, dtype=found["kind"].dtype)
    rows["selection"] = _each(rows, lambda row: _of_place(names, base, row).narrowed(kind=row.kind))
    return rows[[*NODE, *together, "selection"]]


def within_reach(mart: Reader, scope: Scope, area_code: str | None, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows whose place (`area_code`) lies wholly within what the scope and the chosen area admit; unknown places for all alone."""
    reach = read_reach(mart, scope, area_code)
    if reach.ranges is None:
        return rows
    tree = names_of(mart).areas.set_index("area_code")
    place = tree.reindex(rows["area_code"])
    inside = np.zeros(len(rows), dtype=bool)
    for first, last in reach.ranges:
        inside |= (place["pos"].ge(first) & place["last_pos"].le(last)).fillna(False).to_numpy(dtype=bool)
    return rows[inside]


# --- putting together ------------------------------------------------------------------------------------------------------


def _together(
    mart: Reader,
    scope: Scope,
    area_code: str | None,
    rows: pd.DataFrame,
    by: list[str],
    together: Mapping[str, str],
    keep: Callable[[pd.DataFrame], pd.Series] | None,
) -> pd.DataFrame:
    names = names_of(mart)
    nowhere, placed = len(names.areas), _placed(names)
    at = rows["area_pos"].to_numpy(dtype=np.int64, na_value=nowhere)
    codes = np.where(rows["as_place"].to_numpy() == "far", placed["far"][at], placed["near"][at])
    rows = rows.assign(area_code=pd.array(codes, dtype=rows["kind"].dtype))
    rows = rows.groupby(["as_place", "area_code", *by], as_index=False, dropna=False).agg(
        **{name: (name, how) for name, how in together.items()}
    )
    rows = within_reach(mart, scope, area_code, rows if keep is None else rows[keep(rows)])
    levels = dict(zip(names.areas["area_code"], names.areas["level_code"], strict=True))
    rows = rows.assign(level=rows["area_code"].map(levels).astype(rows["area_code"].dtype))
    order = [next(iter(together)), "area_code", *by]
    return rows.sort_values(order, ascending=[False] + [True] * (len(order) - 1), ignore_index=True)


def _placed(names: Names) -> dict[str, np.ndarray]:
    """For each area by its `pos`, and last for none: the place it counts in, `near` (community or wider) and `far` (street or wider);
    and `last_pos` of each area.
    """
    if names not in _places:
        near: list[str | None] = []
        far: list[str | None] = []
        for row in names.areas.itertuples(index=False):
            above = names.places.get(row.parent_code)
            community = row.community_code if isinstance(row.community_code, str) else None
            street = row.street_code if isinstance(row.street_code, str) else None
            stands_alone = above is None or (community is None and row.level_code not in SMALLER)
            near.append(row.area_code if stands_alone else community or near[above])
            far.append(row.area_code if stands_alone else street or far[above])
        _places[names] = {
            "near": np.array([*near, None], dtype=object),
            "far": np.array([*far, None], dtype=object),
            "last_pos": names.areas["last_pos"].to_numpy(dtype=np.int64),
        }
    return _places[names]


def _each(rows: pd.DataFrame, make: Callable[[object], Selection]) -> pd.Series:
    return pd.Series([make(row) for row in rows.itertuples(index=False)], index=rows.index, dtype=object)


def _about(chosen: Selection, row: object) -> Selection:
    if not isinstance(row.category_code, str):
        return chosen.also(own_category="")
    return (
        chosen.narrowed(category_code=row.category_code)
        if row.is_whole
        else chosen.also(own_category=row.category_code)
    )


def _of_place(names: Names, base: Selection, row: object) -> Selection:
    """The selection for the matters that count in a place: all below it, itself alone, or what is left beside the places below it."""
    if not isinstance(row.area_code, str):
        return base.also(own_area="")
    counts_in = _placed(names)[row.as_place]
    last_pos = _placed(names)["last_pos"]
    pos = names.places[row.area_code]
    last = int(last_pos[pos])
    others = counts_in[pos : last + 1] != row.area_code
    if not others.any():
        return base.narrowed(area_code=row.area_code)
    if others[1:].all():
        return base.narrowed(area_code=row.area_code).also(own_area=row.area_code)
    beside, at = [], pos + 1
    while at <= last:
        if counts_in[at] == row.area_code:
            at += 1
        else:
            beside.append(counts_in[at])
            at = int(last_pos[at]) + 1
    return base.narrowed(area_code=row.area_code).also(beside_area=BESIDE.join(beside))
