"""From the cube of a night to what is forecast: counts by day, week and month of every place and subject that is wide enough."""

from dataclasses import dataclass
from datetime import date

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

    `days` are consecutive; `through` is the last day whose matters are all but complete; `parents` name the node that a node is part of by
    place, None for those of the widest level.
    """

    days: np.ndarray
    nodes: tuple[Node, ...]
    counts: np.ndarray
    through: date
    parents: tuple[str | None, ...]


def day_counts(cube: Cube, series: int = SERIES) -> DayCounts:
    """The nodes to be forecast, about `series` of them: every city, district and street × all matters, each kind, and the busiest subjects."""
    levels = [level for level in LEVELS if level in cube.levels]
    if not levels:
        levels = [cube.levels[-1]]
    places = sum(len(cube.areas[level]) for level in levels)
    kinds = sorted({kind for kind, _ in cube.subjects})
    top = _busiest(cube, int(np.clip(round(series / places) - 1 - len(kinds), FEWEST_SUBJECTS, MOST_SUBJECTS)))
    groups: list[tuple[str | None, str | None, np.ndarray]] = [(None, None, np.arange(len(cube.subjects)))]
    for kind in kinds if len(kinds) > 1 else ():
        groups.append((kind, None, np.array([at for at, (own, _) in enumerate(cube.subjects) if own == kind])))
    groups += [(*cube.subjects[at], np.array([at])) for at in top]
    blank = _no_data(cube, groups)
    nodes, rows, parents = [], [], []
    for number, level in enumerate(levels):
        above = levels[number - 1] if number else None
        at_above = cube.ancestors(level, above) if above else None
        for (kind, code, among), dark in zip(groups, blank, strict=True):
            counted = cube.counts[level][:, among, :].sum(axis=1).astype(float)
            counted[:, dark] = np.nan
            rows.append(counted)
            for place, area in enumerate(cube.areas[level]):
                nodes.append(Node(level, str(area), kind, code))
                parent = Node(above, str(cube.areas[above][at_above[place]]), kind, code).key if above else None
                parents.append(parent)
    through = _complete_through(cube, np.unique(np.concatenate([groups[0][2], top])))
    return DayCounts(cube.days, tuple(nodes), np.concatenate(rows), through, tuple(parents))


def _busiest(cube: Cube, many: int) -> np.ndarray:
    """The positions of the subjects with the most matters of the last year, the busiest first."""
    top = cube.counts[cube.levels[-1]][:, :, -USUAL_DAYS:].sum(axis=(0, 2))
    order = np.argsort(-top, kind="stable")[:many]
    return order[top[order] > 0]


def _no_data(cube: Cube, groups: list[tuple[str | None, str | None, np.ndarray]]) -> list[np.ndarray]:
    """For each group of subjects the days on which a kind that matters in it has no data."""
    kinds = np.array([kind for kind, _ in cube.subjects])
    recent = cube.counts[cube.levels[-1]].sum(axis=0)[:, -USUAL_DAYS:].sum(axis=1)
    dark = {kind: np.isnan(cube.completeness[kinds == kind]).all(axis=0) for kind in np.unique(kinds)}
    found = []
    for _, _, among in groups:
        total = max(recent[among].sum(), 1)
        held = [
            kind for kind in np.unique(kinds[among]) if recent[among][kinds[among] == kind].sum() >= COUNTS_FROM * total
        ]
        found.append(np.logical_or.reduce([dark[kind] for kind in held or np.unique(kinds[among])]))
    return found


def _complete_through(cube: Cube, among: np.ndarray) -> date:
    whole = (np.nan_to_num(cube.completeness[among], nan=1.0) >= COMPLETE).all(axis=0)
    return cube.days[int(np.flatnonzero(whole)[-1])].astype(object) if whole.any() else cube.days[0].astype(object)


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
