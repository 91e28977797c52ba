"""Where a cluster may lie: subtrees of the area tree, and places with those nearest to them where the site's map tells where they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NEAREST = 15  # places in the widest ring around one, itself included (DETECTION, section 4)


@dataclass(frozen=True, eq=False)
class Zones:
    """The zones that a scan looks at, over `places` in the order of its arrays.

    `members` holds the places of each zone, as positions; no two zones have the same. `basis` says how each came about: `place`, `tree`
    (all below one area) or `nearest`; `area_code` is the place, the area, or the place in the middle. `located` is how many places have
    a position on the map: where there is none, only the tree says what lies beside what.
    """

    places: tuple[str, ...]
    members: tuple[np.ndarray, ...]
    basis: np.ndarray
    area_code: np.ndarray
    located: int

    @property
    def knows_neighbours(self) -> bool:
        return "nearest" in self.basis

    def matrix(self) -> "csr_matrix":
        """Zones by places, one where a place lies in a zone."""
        from scipy.sparse import csr_matrix

        ends = np.concatenate([[0], np.cumsum([len(own) for own in self.members])]).astype(np.int64)
        inside = np.concatenate([*self.members, np.empty(0, dtype=np.int64)]).astype(np.int64)
        shape = (len(self.members), len(self.places))
        return csr_matrix((np.ones(len(inside), dtype=np.float32), inside, ends), shape=shape)


def make_zones(
    tree: pd.DataFrame,
    places: Sequence[str],
    centres: Mapping[str, tuple[float, float]] | None = None,
    *,
    nearest: int = NEAREST,
) -> Zones:
    """The zones over `places`: each place, all places below each area, and rings of the nearest around each area with a centre.

    `tree` has one row an area: area_code, level_code, pos, last_pos (`mart_tables.area_tree`); `places` are codes in it, or else stand
    alone. `centres` gives longitude and latitude in degrees by area code. Rings are grown among areas of one level, from the area itself
    to the `nearest` nearest; among areas wider than a place they take in all places below, up to half of all. Equal distances go by code.

    >>> tree = pd.DataFrame({"area_code": ["A", "A1", "A2", "A3"], "level_code": ["s", "c", "c", "c"], "pos": [0, 1, 2, 3],
    ...                      "last_pos": [3, 1, 2, 3]})
    >>> zones = make_zones(tree, ["A1", "A2", "A3"], {"A1": (0, 0), "A2": (1, 0), "A3": (3, 0)}, nearest=2)
    >>> [own.tolist() for own in zones.members]
    [[0], [1], [2], [0, 1, 2], [0, 1], [1, 2]]
    """
    rows = tree.drop_duplicates("area_code").set_index("area_code")
    known = rows.reindex(places)
    position = {code: number for number, code in enumerate(places)}
    found: dict[bytes, tuple[np.ndarray, str, str]] = {}

    def add(inside: np.ndarray, basis: str, code: str) -> None:
        own = np.unique(inside)
        found.setdefault(own.tobytes(), (own, basis, code))

    for code in sorted(position):
        add(np.array([position[code]], dtype=np.int64), "place", code)
    below = _places_below(rows, known)
    for code, inside in below.items():
        if len(inside):
            add(inside, "tree", code)
    centres = centres or {}
    for _, areas in rows.groupby("level_code", sort=True):
        mapped = sorted(code for code in areas.index if code in centres and len(below[code]))
        is_place = all(len(below[code]) == 1 for code in mapped)
        most = len(places) if is_place else len(places) // 2
        for code, ring in zip(mapped, _rings([centres[one] for one in mapped], nearest), strict=True):
            inside = np.empty(0, dtype=np.int64)
            for step, other in enumerate(ring):
                inside = np.concatenate([inside, below[mapped[other]]])
                if step and len(inside) <= most:
                    add(inside, "nearest", code)
    own, basis, codes = zip(*found.values(), strict=True) if found else ((), (), ())
    located = sum(code in centres for code in position)
    return Zones(tuple(places), tuple(own), np.array(basis, dtype=object), np.array(codes, dtype=object), located)


def _places_below(rows: pd.DataFrame, known: pd.DataFrame) -> dict[str, np.ndarray]:
    """The positions of the places in each area, itself included."""
    pos = known["pos"].to_numpy(dtype=np.float64, na_value=np.nan)
    order = np.argsort(pos, kind="stable")  # unknown ones last
    first = np.searchsorted(pos[order], rows["pos"].to_numpy(dtype=np.float64), side="left")
    last = np.searchsorted(pos[order], rows["last_pos"].to_numpy(dtype=np.float64), side="right")
    return {code: order[low:high].astype(np.int64) for code, low, high in zip(rows.index, first, last, strict=True)}


def _rings(centres: Sequence[tuple[float, float]], nearest: int) -> np.ndarray:
    """For each centre the positions of the nearest ones in order, itself first.

    Degrees are made comparable by the cosine of the mean latitude, which is enough within one city.
    """
    if not centres:
        return np.empty((0, 0), dtype=np.int64)
    from scipy.spatial import cKDTree

    points = np.array(centres, dtype=np.float64)
    points[:, 0] *= np.cos(np.radians(points[:, 1].mean()))
    count = min(nearest, len(points))
    distance, ring = cKDTree(points).query(points, k=range(1, count + 1))
    distance[ring == np.arange(len(points))[:, None]] = -1.0  # itself before any other at the same spot
    order = np.lexsort((ring, distance.round(12)), axis=1)
    return np.take_along_axis(ring, order, axis=1)
