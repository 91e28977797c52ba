"""Who is compared with whom: peer groups by level, type of place and size, joined where they would be too small."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analytics.errors import require_columns

SIZES = ("small", "medium", "large")


def peer_groups(units: pd.DataFrame, cuts: Mapping[str, tuple[float, ...]], minimum: int) -> pd.DataFrame:
    """The peer group of each unit: adds `size_class` (None where its group is not split) and `group`, its name.

    A row is a unit. Requires `level, type_code, size`. Units are grouped by level and type; a group is split by size at the cuts of its
    level where every part then holds `minimum` units. Types with fewer units than that are joined, within their level.

    >>> rows = {"level": ["community"] * 4, "type_code": ["rural", "rural", "new", "old"], "size": [1.0, 9.0, 3.0, 4.0]}
    >>> peer_groups(pd.DataFrame(rows), {"community": (5.0,)}, 2)["group"].tolist()
    ['community:rural', 'community:rural', 'community:new+old', 'community:new+old']
    """
    require_columns(units, "level", "type_code", "size")
    types = units["type_code"].fillna("any").astype(str)
    wide = _joined(units["level"], types, minimum)
    size_class = pd.Series([None] * len(units), index=units.index, dtype=object)
    for (level, _), own in units.groupby([units["level"], wide], sort=True):
        own_cuts = cuts.get(level, ())
        if not own_cuts or own["size"].isna().any():
            continue
        place = np.searchsorted(np.asarray(own_cuts), own["size"].to_numpy(dtype=float), side="right")
        held = np.bincount(place, minlength=len(own_cuts) + 1)
        if (held[held > 0] >= minimum).all() and (held > 0).sum() > 1:
            names = SIZES if len(own_cuts) == 2 else ("small", "large")
            size_class[own.index] = [names[one] for one in place]
    group = units["level"].astype(str) + ":" + wide + size_class.map(lambda one: f":{one}" if one else "")
    return units.assign(size_class=size_class, group=group)


def _joined(levels: pd.Series, types: pd.Series, minimum: int) -> pd.Series:
    """The types as they are compared: those with too few units of their level joined into one."""
    out = types.copy()
    for _, own in types.groupby(levels, sort=True):
        held = own.value_counts()
        few = sorted(held.index[held < minimum])
        if (
            few and held[few].sum() < minimum and len(few) < len(held)
        ):  # still too few together: the smallest other joins them
            few = sorted([*few, held[held >= minimum].sort_index().idxmin()])
        if len(few) > 1:
            out[own.index[own.isin(few)]] = "+".join(few)
    return out
