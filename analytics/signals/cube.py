"""What a night of judging looks at: daily counts of every place and subject, level by level, and what kind of day each day was."""

from dataclasses import dataclass, replace

import numpy as np

from analytics.signals.calendar_effects import DayFeatures


@dataclass(frozen=True, eq=False)
class Cube:
    """Counts by level, place, subject and day.

    `days` are consecutive and the last is the day judged; `levels` run from the leaf up; `areas` holds the codes of a level in the
    order of its arrays and `parents` the position of each in the next level (absent for the top one). A subject is a kind and a
    category code; `is_sensitive` ones are not judged below the street. `completeness` [subject, day] is the share of a day's matters
    known by now: 1 where complete, NaN where there is no data that day. Matters known only by street count in the street and above,
    so a parent may hold more than its children.
    """

    days: np.ndarray
    levels: tuple[str, ...]
    areas: dict[str, np.ndarray]
    parents: dict[str, np.ndarray]
    subjects: tuple[tuple[str, str], ...]
    is_sensitive: np.ndarray
    counts: dict[str, np.ndarray]
    completeness: np.ndarray
    calendar: DayFeatures

    def ancestors(self, level: str, above: str) -> np.ndarray:
        """For each place of `level`, the position of its ancestor in the level `above` (itself where they are the same)."""
        position = np.arange(len(self.areas[level]))
        for step in self.levels[self.levels.index(level) : self.levels.index(above)]:
            position = self.parents[step][position]
        return position


def subcube(cube: Cube, last: int) -> Cube:
    """The cube as it ends with day `last` (counted from the first, or from the end where negative): nothing later remains."""
    stop = last % len(cube.days) + 1
    return replace(
        cube,
        days=cube.days[:stop],
        counts={level: counts[:, :, :stop] for level, counts in cube.counts.items()},
        completeness=cube.completeness[:, :stop],
        calendar=cube.calendar.until(stop),
    )


def check_levels(cube: Cube) -> list[str]:
    """What does not hold together in a cube, in words for the log: days that skip, shapes that differ, parents that hold less than
    their children. Empty when all is well.
    """
    found = []
    if (np.diff(cube.days) != np.timedelta64(1, "D")).any():
        found.append("days are not consecutive")
    shape = (len(cube.subjects), len(cube.days))
    if cube.completeness.shape != shape:
        found.append(f"completeness is {cube.completeness.shape}, not {shape}")
    for level in cube.levels:
        if cube.counts[level].shape != (len(cube.areas[level]), *shape):
            found.append(f"{level}: counts are {cube.counts[level].shape}, not {(len(cube.areas[level]), *shape)}")
    if found:
        return found
    for level, above in zip(cube.levels, cube.levels[1:], strict=False):
        held = sum_up(cube.counts[level], cube.parents[level], len(cube.areas[above]))
        if level == cube.levels[0]:
            held = np.where(cube.is_sensitive[None, :, None], 0, held)
        if (held > cube.counts[above]).any():
            found.append(f"{above} holds less than its {level} parts")
    return found


def sum_up(counts: np.ndarray, parents: np.ndarray, places: int) -> np.ndarray:
    """Counts [place, …] added up to the `places` places above them.

    >>> sum_up(np.array([[1], [2], [4]]), np.array([0, 0, 1]), 2).tolist()
    [[3], [4]]
    """
    total = np.zeros((places, *counts.shape[1:]), dtype=counts.dtype)
    np.add.at(total, parents, counts)
    return total
