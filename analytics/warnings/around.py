"""What stands around a signal: the last time it was as high, the areas above and beside it, the places in alert and those rising."""

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from analytics.signals.cube import Cube
from analytics.signals.settings import SIGNAL_RULES, SignalRules

NODE = ["level", "area_code", "kind", "category_code"]
RISING_P = 0.05  # of a place, all its subjects taken together
STANDING = ("opened", "escalated", "muted", "rearmed")  # states of an episode whose place is in alert
NEIGHBOURS = 8  # shown beside a signal


class Places:
    """Where a node's counts lie in a cube."""

    def __init__(self, cube: Cube) -> None:
        self.cube = cube
        self._areas = {level: {code: row for row, code in enumerate(codes)} for level, codes in cube.areas.items()}
        self._subjects = {subject: row for row, subject in enumerate(cube.subjects)}

    def row(self, level: str, area_code: str) -> int:
        """The row of an area in the arrays of its level."""
        return self._areas[level][area_code]

    def counts(self, level: str, area_code: str, kind: str, category_code: str) -> np.ndarray:
        """The daily counts of one node."""
        return self.cube.counts[level][self.row(level, area_code), self._subjects[kind, category_code]]

    def day(self, on: date) -> int:
        """The place of a day in the arrays."""
        return int((np.datetime64(on, "D") - self.cube.days[0]).astype(int))

    def above(self, level: str, area_code: str) -> list[tuple[str, str]]:
        """Levels and codes of the areas a place lies in, the nearest first."""
        found, at = [], self.row(level, area_code)
        for below, wider in zip(self.cube.levels, self.cube.levels[1:], strict=False):
            if found or below == level:
                at = int(self.cube.parents[below][at])
                found.append((wider, str(self.cube.areas[wider][at])))
        return [one for one in found if one[1] != area_code]

    def beside(self, level: str, area_code: str) -> list[str]:
        """Codes of the other places of its level in the area it lies in."""
        if level not in self.cube.parents:
            return []
        parents = self.cube.parents[level]
        own = self.row(level, area_code)
        return [str(self.cube.areas[level][row]) for row in np.flatnonzero(parents == parents[own]) if row != own]


def window_sums(counts: np.ndarray, days: int) -> np.ndarray:
    """Sums of `days` days, by the last of them; the first `days` − 1 have none.

    >>> window_sums(np.array([1, 2, 3, 4]), 2).tolist()
    [3, 5, 7]
    """
    total = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
    return total[days:] - total[:-days]


def highest_since(counts: np.ndarray, last: int, days: int) -> tuple[int | None, int]:
    """The last day on which a window before the one that ends on `last` held as many, and the first day looked at; as places.

    Windows that overlap the one asked about are not compared with it. None where no earlier window held as many.

    >>> highest_since(np.array([0, 5, 0, 1, 4]), 4, 1)
    (1, 0)
    >>> highest_since(np.array([0, 3, 0, 1, 4]), 4, 1)
    (None, 0)
    """
    sums = window_sums(counts[: last + 1], days)
    if not len(sums):
        return None, 0
    as_many = np.flatnonzero(sums[:-days] >= sums[-1])
    return (int(as_many[-1]) + days - 1 if len(as_many) else None), days - 1


def add_history(listed: pd.DataFrame, places: Places) -> pd.DataFrame:
    """Adds highest_since and watched_since (dates, None where there is none) to rows with a node, window_days and last_on."""
    when, since = [], []
    for row in listed.to_dict("records"):
        counts, last = places.counts(*(row[name] for name in NODE)), places.day(row["last_on"])
        found, first = highest_since(counts, last, int(row["window_days"]))
        when.append(None if found is None else places.cube.days[found].astype(object))
        since.append(places.cube.days[first].astype(object))
    return listed.assign(
        highest_since=pd.Series(when, index=listed.index, dtype=object),
        watched_since=pd.Series(since, index=listed.index, dtype=object),
    )


def places_above_chance(
    nodes: pd.DataFrame, judged: Mapping[str, int], places: Places, rules: SignalRules = SIGNAL_RULES
) -> set[tuple[str, str]]:
    """Levels and codes of places in which some subject is above chance when all subjects of the place are taken together.

    `nodes` has one row a node with p_node and observed, `judged` the nodes judged at each level. Bonferroni within the place, at 5 %;
    at least the minimum count.
    """
    enough = nodes[nodes["observed"] >= rules.minimum_count]
    limit = {
        level: RISING_P * len(places.cube.areas[level]) / max(count, 1)
        for level, count in judged.items()
        if level in places.cube.areas
    }
    rising = enough[enough["p_node"] <= enough["level"].map(limit).astype(float)]
    return set(rising[["level", "area_code"]].itertuples(index=False, name=None))


def count_places(
    levels: Iterable[str], alert: set[tuple[str, str]], rising: set[tuple[str, str]], judged: Mapping[str, int]
) -> pd.DataFrame:
    """How many places of each level are in alert, how many others rising, of how many: level, in_alert, rising, judged."""
    return pd.DataFrame(
        [
            {
                "level": level,
                "in_alert": sum(one == level for one, _ in alert),
                "rising": sum(one == level for one, _ in rising - alert),
                "judged": judged.get(level, 0),
            }
            for level in levels
        ]
    )
