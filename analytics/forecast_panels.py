"""From the cube of a night to what is forecast: counts by day, week and month of every place and subject that is wide enough."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from analytics.forecasts.contract import HORIZONS, Panel
from analytics.signals.calendar_effects import DayFeatures
from analytics.signals.cube import Cube

LEVELS = ("city", "district", "street")  # nothing below the street is forecast
FREQS = ("D", "W", "M")
SERIES = 400  # about so many: what a night can fit
FEWEST_SUBJECTS, MOST_SUBJECTS = 5, 20
USUAL_DAYS = 366  # matters of the last year say which subjects are the busiest
COMPLETE = 0.95
TRACE = 0.005  # of a whole that may lie in none of its parts
COUNTS_FROM = 0.01  # a kind with fewer of the matters of the last year does not break the sum of all
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Node:
    """What a series counts: a place, and a kind and subject in it (None: all of them)."""

    level: str
    area_code: str
    kind: str | None = None
    category_code: str | None = None

    @property
    def key(self) -> str:
        """The name of the series.

        >>> Node("city", "9999", "hotline").key
        'city|9999|hotline|'
        """
        return "|".join((self.level, self.area_code, self.kind or "", self.category_code or ""))


def node_of(key: str) -> Node:
    """The node of a series by its name."""
    level, area, kind, code = key.split("|")
    return Node(level, area, kind or None, code or None)


@dataclass(frozen=True, eq=False)
class DayCounts:
    """Counts of each node by day (float, NaN where a day has no data), up to the day judged; the last days may still be filling.

    `days` are consecutive; `through` is the last day whose matters are all but complete; `sums` name wholes and all their parts, by key.
    """

    days: np.ndarray
    nodes: tuple[Node, ...]
    counts: np.ndarray
    through: date
    sums: tuple[tuple[str, tuple[str, ...]], ...]


def day_counts(cube: Cube, series: int = SERIES) -> DayCounts:
    """The nodes to be forecast, about `series` of them: every city, district and street × all matters, each kind, and the busiest subjects."""
    levels = [level for level in LEVELS if level in cube.levels] or [cube.levels[-1]]
    places = sum(len(cube.areas[level]) for level in levels)
    kinds = sorted({kind for kind, _ in cube.subjects})
    groups: list[tuple[str | None, str | None]] = [(None, None)]
    groups += [(kind, None) for kind in kinds] if len(kinds) > 1 else []
    most = int(np.clip(round(series / places) - len(groups), FEWEST_SUBJECTS, MOST_SUBJECTS))
    groups += [cube.subjects[at] for at in _busiest(cube, most)]
    nodes = [Node(level, str(area), *group) for level in levels for group in groups for area in cube.areas[level]]
    counts = node_counts(cube, nodes)
    kept = np.isfinite(counts).any(axis=1)
    held = {node.key: row for node, row, is_held in zip(nodes, counts, kept, strict=True) if is_held}
    sums = [*_by_place(cube, levels, groups), *_by_kind(nodes, kinds)]
    return DayCounts(
        cube.days,
        tuple(node for node, is_held in zip(nodes, kept, strict=True) if is_held),
        counts[kept],
        complete_through(cube),
        tuple(one for one in sums if _adds_up(held, *one)),
    )


def node_counts(cube: Cube, nodes: Sequence[Node]) -> np.ndarray:
    """Counts [node, day], NaN where a kind that matters in a node has no data; NaN throughout for a node that the cube does not know."""
    place = {level: {str(area): at for at, area in enumerate(cube.areas[level])} for level in cube.levels}
    among, dark = {}, {}
    for group in dict.fromkeys((node.kind, node.category_code) for node in nodes):
        among[group] = np.array(
            [at for at, subject in enumerate(cube.subjects) if _is_part(subject, *group)], dtype=int
        )
        dark[group] = _no_data(cube, among[group])
    found = np.full((len(nodes), len(cube.days)), np.nan)
    for row, node in enumerate(nodes):
        at, group = place.get(node.level, {}).get(node.area_code), (node.kind, node.category_code)
        if at is not None and len(among[group]):
            counted = cube.counts[node.level][at, among[group]].sum(axis=0)
            found[row] = np.where(dark[group], np.nan, counted)
    return found


def complete_through(cube: Cube) -> date:
    """The last day up to which the matters of every kind are all but complete."""
    whole = (np.nan_to_num(cube.completeness, nan=1.0) >= COMPLETE).all(axis=0)
    return cube.days[int(np.flatnonzero(whole)[-1])].astype(object) if whole.any() else cube.days[0].astype(object)


def _is_part(subject: tuple[str, str], kind: str | None, code: str | None) -> bool:
    return (kind is None or subject[0] == kind) and (code is None or subject[1] == code)


def _busiest(cube: Cube, most: int) -> np.ndarray:
    """The positions of the subjects with the most matters of the last year, the busiest first."""
    top = cube.counts[cube.levels[-1]][:, :, -USUAL_DAYS:].sum(axis=(0, 2))
    order = np.argsort(-top, kind="stable")[:most]
    return order[top[order] > 0]


def _no_data(cube: Cube, among: np.ndarray) -> np.ndarray:
    """The days on which a kind that matters among these subjects has no data."""
    kinds = np.array([cube.subjects[at][0] for at in among])
    recent = cube.counts[cube.levels[-1]][:, among, -USUAL_DAYS:].sum(axis=(0, 2))
    found = np.zeros(len(cube.days), dtype=bool)
    for kind in np.unique(kinds):
        if recent[kinds == kind].sum() >= COUNTS_FROM * max(recent.sum(), 1) or len(np.unique(kinds)) == 1:
            found |= np.isnan(cube.completeness[among[kinds == kind]]).all(axis=0)
    return found


# --- what adds up ------------------------------------------------------------------------------------------------------------------


def _by_place(cube: Cube, levels: list[str], groups: list) -> Iterator[tuple[str, tuple[str, ...]]]:
    for above, below in pairwise(levels):
        at_above = cube.ancestors(below, above)
        for group in groups:
            for place, area in enumerate(cube.areas[above]):
                parts = cube.areas[below][at_above == place]
                yield Node(above, str(area), *group).key, tuple(Node(below, str(one), *group).key for one in parts)


def _by_kind(nodes: list[Node], kinds: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    if len(kinds) > 1:
        for node in nodes:
            if node.kind is None:
                yield node.key, tuple(Node(node.level, node.area_code, kind).key for kind in kinds)


def _adds_up(held: dict[str, np.ndarray], whole: str, parts: tuple[str, ...]) -> bool:
    """Whether all but a trace of the last year's matters of a whole lie in its parts: what has no known place lies in none."""
    if not parts or whole not in held or any(part not in held for part in parts):
        return False
    total, inside = (np.nansum([held[key][-USUAL_DAYS:] for key in keys]) for keys in ((whole,), parts))
    return abs(total - inside) <= TRACE * total


# --- periods -----------------------------------------------------------------------------------------------------------------------


def first_days(freq: str, first: np.datetime64, last: np.datetime64) -> np.ndarray:
    """The first days of the whole periods within first … last.

    >>> first_days("W", np.datetime64("2026-11-01"), np.datetime64("2026-11-20")).astype(str).tolist()
    ['2026-11-02', '2026-11-09']
    >>> first_days("M", np.datetime64("2026-09-02"), np.datetime64("2026-11-30")).astype(str).tolist()
    ['2026-10-01', '2026-11-01']
    """
    if freq == "D":
        return np.arange(first, last + DAY)
    if freq == "W":
        monday = first + (-(first.astype(np.int64) + 3)) % 7 * DAY
        return np.arange(monday, last - 6 * DAY + DAY, 7 * DAY)
    month = first.astype("datetime64[M]")
    month = month + (month.astype("datetime64[D]") < first)
    return np.arange(month, (last + DAY).astype("datetime64[M]")).astype("datetime64[D]")


def following(freq: str, start: np.ndarray | np.datetime64, steps: int | np.ndarray) -> np.ndarray:
    """The first day of the period so many steps after one that begins on `start`."""
    if freq == "M":
        return (np.asarray(start).astype("datetime64[M]") + steps).astype("datetime64[D]")
    return np.asarray(start) + np.asarray(steps) * (7 if freq == "W" else 1) * DAY


def last_days(freq: str, starts: np.ndarray) -> np.ndarray:
    """The last day of each period by its first."""
    return following(freq, starts, 1) - DAY


def panel_of(
    counted: DayCounts, freq: str, features: DayFeatures, days: np.ndarray, occasions: dict[str, np.ndarray]
) -> Panel | None:
    """The panel of one frequency over its whole and complete periods; None where there is none yet.

    `days` are consecutive from the first day counted through `furthest_day`, `features` and `occasions` what is known of them.
    """
    starts = first_days(freq, counted.days[0], np.datetime64(counted.through, "D"))
    if not len(starts):
        return None
    low, high = _places(freq, starts, counted.days)
    begun = np.concatenate([low, high[-1:]])
    sums = np.add.reduceat(counted.counts[:, : begun[-1]], begun[:-1], axis=1)
    end = last_days(freq, following(freq, starts[-1:], HORIZONS[freq]))[0]
    kept = slice(int((starts[0] - days[0]).astype(int)), int((end - days[0]).astype(int)) + 1)
    return Panel(
        freq=freq,
        starts=starts,
        keys=tuple(node.key for node in counted.nodes),
        levels=tuple(node.level for node in counted.nodes),
        counts=sums,
        days=days[kept],
        calendar=_cut(features, kept),
        occasions={name: held[kept] for name, held in occasions.items() if held[kept].any()},
    )


def furthest_day(through: date) -> np.datetime64:
    """The last day of the furthest period that a forecast from this day asks about."""
    last = np.datetime64(through, "D")
    return max(
        last + HORIZONS["D"] * DAY,
        last + (7 * HORIZONS["W"] + 7) * DAY,
        (last.astype("datetime64[M]") + HORIZONS["M"] + 1).astype("datetime64[D]") - DAY,
    )


def _places(freq: str, starts: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low = (starts - days[0]).astype(np.int64)
    return low, (last_days(freq, starts) - days[0]).astype(np.int64) + 1


def _cut(features: DayFeatures, kept: slice) -> DayFeatures:
    return DayFeatures(**{name: getattr(features, name)[kept] for name in features.__dataclass_fields__})
