"""Where: the areas right below the one chosen, counts and rates per 10,000 households side by side, each against places of its kind.

Nothing is ranked: a place stands within, above or below what places of its kind lead one to expect, or is not compared.
"""

import numpy as np
import pandas as pd

from analytics import measures
from analytics.figures import Line
from analytics.petitions.answer import Asked
from analytics.petitions.parts import SPANS
from analytics.quantiles import count_quantile
from data import queries

PER_HOUSEHOLDS = 10_000
SIZES = ("small", "medium", "large")


def lines(ask: Asked) -> tuple[Line, ...]:
    """A line an area right below the one chosen, and one for the matters placed no nearer or nowhere; together they are the whole.

    `area_code, area, level, can_open, is_below_street, matters, share_pct, previous, year_before, vs_previous, vs_year, households,
    per_10k, peers, peer_group, lower, upper` (limits of the rate per 10,000 households among its peers), `state`.
    """
    tree = queries.read_areas(ask.mart, ask.scope).set_index("pos", drop=False)
    counts = queries.read_by_position(
        ask.mart, ask.scope, ask.select("new"), [(one.first, one.last) for one in ask.spans]
    )
    if tree.empty:
        return ()
    below = _below(tree, ask.area_code)
    if below.empty and ask.area_code is None:
        return ()
    wide = counts.pivot_table(index="area_pos", columns="span", values="matters", aggfunc="sum", fill_value=0)
    wide = wide.reindex(index=tree.index, columns=range(len(SPANS)), fill_value=0).fillna(0).astype("int64")
    summed = subtree_sums(tree, wide.to_numpy())
    totals = _totals(ask, tree, counts, summed)
    peers = _peers(ask, tree, below, summed[:, 0]) if len(below) else {}
    row_of = {code: place for place, code in enumerate(tree["area_code"])}
    found = []
    for area in below.itertuples():
        row = summed[row_of[area.area_code]]
        found.append(
            Line(
                {
                    "area_code": area.area_code, "area": str(area.name), "level": area.level_code,
                    "can_open": bool(area.last_pos > area.pos), "is_below_street": _is_below_street(area),
                    **_counted(ask, row, totals), **_exposed(area, row[0]), **peers.get(area.area_code, _NOT_COMPARED),
                },
                ask.new_in(ask.period).narrowed(area_code=area.area_code),
            )
        )  # fmt: skip
    return (*found, *_no_nearer(ask, tree, counts, totals))


_NOT_COMPARED = {"peers": None, "peer_group": None, "lower": None, "upper": None, "state": "unknown"}


def subtree_sums(tree: pd.DataFrame, own: np.ndarray) -> np.ndarray:
    """What each area counts with everything below it: `own` has one row an area of `tree`, in pre-order.

    >>> tree = pd.DataFrame({"pos": [0, 1, 2], "last_pos": [2, 1, 2]})
    >>> subtree_sums(tree, np.array([[1], [2], [3]])).ravel().tolist()
    [6, 2, 3]
    """
    running = np.vstack([np.zeros((1, own.shape[1]), dtype=own.dtype), own.cumsum(axis=0)])
    ends = np.searchsorted(tree["pos"].to_numpy(), tree["last_pos"].to_numpy(), side="right")
    return running[ends] - running[:-1]


def _below(tree: pd.DataFrame, area_code: str | None) -> pd.DataFrame:
    """The areas right below: of the chosen one, else of the only root, else the roots themselves."""
    if area_code is not None:
        return tree[tree["parent_code"] == area_code]
    roots = tree[~tree["parent_code"].isin(tree["area_code"])]
    return tree[tree["parent_code"] == roots["area_code"].iloc[0]] if len(roots) == 1 else roots


def _totals(ask: Asked, tree: pd.DataFrame, counts: pd.DataFrame, summed: np.ndarray) -> np.ndarray:
    if ask.area_code is None:
        return np.array([int(counts.loc[counts["span"] == place, "matters"].sum()) for place in range(len(SPANS))])
    return summed[tree["area_code"].to_list().index(ask.area_code)]


def _counted(ask: Asked, row: np.ndarray, totals: np.ndarray) -> dict[str, object]:
    now, before, year = (int(one) for one in row)
    year = ask.year_ago(year)
    return {
        "matters": now, "share_pct": measures.rate(now, float(totals[0])), "previous": before, "year_before": year,
        "vs_previous": measures.compare(now, before, kind="previous_period", period=ask.previous),
        "vs_year": measures.compare(now, year, kind="year_on_year", period=ask.year_before),
    }  # fmt: skip


def _exposed(area: object, matters: int) -> dict[str, object]:
    households = None if pd.isna(area.households) or area.households <= 0 else int(area.households)
    return {"households": households, "per_10k": PER_HOUSEHOLDS * int(matters) / households if households else None}


def _is_below_street(area: object) -> bool:
    return isinstance(area.street_code, str) and area.street_code != area.area_code


def _no_nearer(ask: Asked, tree: pd.DataFrame, counts: pd.DataFrame, totals: np.ndarray) -> list[Line]:
    """The matters registered at the chosen area itself, and those of an unknown place where everything is seen."""
    here = ask.area_code
    if here is None:
        roots = tree[~tree["parent_code"].isin(tree["area_code"])]
        here = roots["area_code"].iloc[0] if len(roots) == 1 else None
    found = []
    if here is not None:
        pos = int(tree.loc[tree["area_code"] == here, "pos"].iloc[0])
        found.append(("own_area", here, counts[counts["area_pos"] == pos]))
    if ask.area_code is None and ask.scope.sees_all:
        found.append(("unplaced", "", counts[counts["area_pos"].isna()]))
    rest = []
    for name, code, rows in found:
        row = np.array([int(rows.loc[rows["span"] == place, "matters"].sum()) for place in range(len(SPANS))])
        if row.any():
            values = {"area_code": None, "area": None, "level": name, "can_open": False, "is_below_street": False}
            values |= {**_counted(ask, row, totals), "households": None, "per_10k": None, **_NOT_COMPARED}
            rest.append(Line(values, ask.new_in(ask.period, own_area=code)))
    return rest


# --- places of a kind --------------------------------------------------------------------------------------------------------


def _peers(ask: Asked, tree: pd.DataFrame, below: pd.DataFrame, counts: np.ndarray) -> dict[str, dict[str, object]]:
    """Where each area stands among the areas of its level and kind that the reader sees; see `funnel`."""
    level = tree[tree["level_code"].isin(below["level_code"].dropna().unique()) & (tree["households"].fillna(0) > 0)]
    if level.empty:
        return {}
    groups = peer_groups(level, queries.read_area_types(ask.mart))
    count_of = dict(zip(tree["area_code"], counts, strict=True))
    found: dict[str, dict[str, object]] = {}
    for name, members in level.groupby(groups.to_numpy()):
        if len(members) <= ask.rules.fewest_peers:
            continue
        matters = np.array([count_of[code] for code in members["area_code"]], dtype=float)
        limits = funnel(matters, members["households"].to_numpy(dtype=float), ask.rules.peer_interval_pct)
        for code, value, (low, high) in zip(members["area_code"], matters, limits.tolist(), strict=True):
            households = float(members.loc[members["area_code"] == code, "households"].iloc[0])
            found[code] = {
                "peers": len(members) - 1, "peer_group": str(name), "lower": PER_HOUSEHOLDS * low / households,
                "upper": PER_HOUSEHOLDS * high / households,
                "state": "above" if value > high else "below" if value < low else "within",
            }  # fmt: skip
    return found


def peer_groups(level: pd.DataFrame, types: pd.Series) -> pd.Series:
    """The group of each area: its level and the kind of place, else its size, in thirds of households of its level.

    Requires `area_code, level_code, households`.

    >>> level = pd.DataFrame({"area_code": list("abc"), "level_code": "street", "households": [10, 20, 30]})
    >>> peer_groups(level, pd.Series({"a": "rural"})).tolist()
    ['street rural', 'street medium', 'street large']
    """
    kinds = level["area_code"].map(types)
    thirds = level.groupby("level_code")["households"].rank(method="first", pct=True)
    sizes = np.array(SIZES, dtype=object)[np.minimum((thirds.to_numpy(dtype=float) * 3 - 1e-9).astype(int), 2)]
    return level["level_code"].str.cat(
        kinds.where(kinds.notna(), pd.Series(sizes, index=level.index)).astype(str), sep=" "
    )


def funnel(matters: np.ndarray, households: np.ndarray, interval_pct: float) -> np.ndarray:
    """Limits of the count of each place if it had the rate of all places of its kind: lower and upper, both included.

    Poisson limits, widened by how much the places scatter more than chance: the mean squared Pearson residual, the outer tenths of the
    residuals drawn in so that one unusual place does not hide itself. Source: Spiegelhalter 2005, Statistics in Medicine 24:1185.

    >>> funnel(np.array([10.0, 10, 10, 10, 60]), np.full(5, 1000.0), 99)[0].tolist()
    [3.0, 54.0]
    """
    expected = households * matters.sum() / households.sum()
    level = np.maximum(expected, 1e-9)
    residuals = np.sort((matters - expected) / np.sqrt(level))
    drawn_in = int(np.ceil(0.1 * len(residuals)))
    residuals = residuals.clip(residuals[drawn_in], residuals[-drawn_in - 1])
    ratio = np.full(len(level), max(float((residuals**2).mean()), 1.0))
    tail = (100 - interval_pct) / 200
    return np.column_stack([count_quantile(tail, level, ratio), count_quantile(1 - tail, level, ratio)])


def path(ask: Asked) -> tuple[tuple[str, str], ...]:
    """Code and name of the areas the reader sees, from the top to the one chosen."""
    if ask.area_code is None:
        return ()
    tree = queries.read_areas(ask.mart, ask.scope)
    pos = int(tree.loc[tree["area_code"] == ask.area_code, "pos"].iloc[0])
    around = tree[(tree["pos"] <= pos) & (tree["last_pos"] >= pos)].sort_values("pos")
    return tuple(zip(around["area_code"], around["name"], strict=True))
