"""The area tree: who lies in whom, in an order that makes every subtree one range of numbers."""

from collections.abc import Mapping

import pandas as pd

from data.errors import XianshouError

CODES_AND_NAMES = ["area_code", "name", "level_code", "parent_code", "street_code", "community_code"]
PLACES = ["depth", "pos", "last_pos"]


def grow_tree(areas: pd.DataFrame) -> pd.DataFrame:
    """The area tree in pre-order, one row an area, with the columns of `mart_tables.area_tree`.

    Needs area_code, and takes name, level_code, parent_code and households where they are given. Roots and
    siblings stand in the order of their codes; an area whose parent is not registered is a root (see
    `missing_parents`). Raises `XianshouError` for a code registered twice and for areas that lie in each other.

    >>> tree = grow_tree(pd.DataFrame({"area_code": ["02", "01", "0101"], "parent_code": [None, None, "01"]}))
    >>> tree[["area_code", "depth", "pos", "last_pos"]].values.tolist()
    [['01', 0, 0, 1], ['0101', 1, 1, 1], ['02', 0, 2, 2]]
    """
    rows = {row["area_code"]: row for row in _plain_rows(areas)}
    if len(rows) < len(areas):
        raise XianshouError("areas.code_twice", codes=_listed(areas["area_code"][areas["area_code"].duplicated()]))
    children: dict[str | None, list[str]] = {}
    for code in sorted(rows):
        parent = rows[code]["parent_code"]
        children.setdefault(parent if parent in rows else None, []).append(code)
    grown = _walk(rows, children)
    if len(grown) < len(rows):
        seen = {row["area_code"] for row in grown}
        raise XianshouError(
            "areas.lie_in_each_other", codes=_listed(_cycle({c: rows[c] for c in rows if c not in seen}))
        )
    tree = pd.DataFrame(grown, columns=[*CODES_AND_NAMES, *PLACES, "households"])
    return tree.astype(
        {**dict.fromkeys(CODES_AND_NAMES, "str"), **dict.fromkeys(PLACES, "int32"), "households": "Int32"}
    )


def _plain_rows(areas: pd.DataFrame) -> list[dict]:
    """One dict an area with all columns the tree needs; what is empty is None."""
    wanted = areas.reindex(columns=["area_code", "name", "level_code", "parent_code", "households"])
    return wanted.astype(object).where(wanted.notna(), None).to_dict("records")


def _walk(rows: Mapping[str, dict], children: Mapping[str | None, list[str]]) -> list[dict]:
    """The rows reachable from the roots, in pre-order, each with its place; no recursion, a tree may be deep."""
    grown: list[dict] = []
    waiting = [(code, None) for code in reversed(children.get(None, []))]
    while waiting:
        code, above = waiting.pop()
        level = rows[code]["level_code"]
        grown.append(
            {
                **rows[code],
                "parent_code": above["area_code"] if above else None,
                "street_code": code if level == "street" else above and above["street_code"],
                "community_code": code if level == "community" else above and above["community_code"],
                "depth": above["depth"] + 1 if above else 0,
                "pos": len(grown),
                "last_pos": len(grown),
            }
        )
        waiting += [(child, grown[-1]) for child in reversed(children.get(code, []))]
    place = {row["area_code"]: row for row in grown}
    for row in reversed(grown):
        above = place.get(row["parent_code"])
        if above:
            above["last_pos"] = max(above["last_pos"], row["last_pos"])
    return grown


def _cycle(rows: Mapping[str, dict]) -> list[str]:
    """The codes of one ring among areas of which none reaches a root, each lying in the next."""
    path: dict[str, None] = {}
    code = min(rows)
    while code not in path:
        path[code] = None
        code = rows[code]["parent_code"]
    ring = list(path)
    return ring[ring.index(code) :]


def _listed(codes: object) -> str:
    return ", ".join(str(code) for code in codes)


def missing_parents(areas: pd.DataFrame) -> pd.DataFrame:
    """Areas whose parent is not registered: area_code, parent_code; they stand at the top of the tree until it is.

    >>> missing_parents(pd.DataFrame({"area_code": ["01", "0201"], "parent_code": [None, "02"]})).values.tolist()
    [['0201', '02']]
    """
    lost = areas["parent_code"].notna() & ~areas["parent_code"].isin(areas["area_code"])
    return areas.loc[lost, ["area_code", "parent_code"]].sort_values("area_code").reset_index(drop=True)


def ancestors(tree: pd.DataFrame, area_code: str) -> tuple[str, ...]:
    """The areas an area lies in, from the top down, itself last; empty for a code that is not in the tree.

    >>> tree = grow_tree(pd.DataFrame({"area_code": ["1", "11", "111"], "parent_code": [None, "1", "11"]}))
    >>> ancestors(tree, "111")
    ('1', '11', '111')
    """
    own = tree.loc[tree["area_code"] == area_code]
    if own.empty:
        return ()
    pos = int(own["pos"].iloc[0])
    around = tree[(tree["pos"] <= pos) & (tree["last_pos"] >= pos)].sort_values("pos")
    return tuple(around["area_code"])
