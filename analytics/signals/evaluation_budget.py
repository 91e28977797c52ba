"""What does an office find that can verify so many signals a week? A budget spent on the smallest p-values of a whole city.

One node a path of the tree and subject, at least three matters, four weeks mute unless the p-value falls tenfold: the same policy for every detector, so
that only the p-values differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MINIMUM_COUNT = 3
MUTE_POINTS = 4
ESCALATE_RATIO = 10.0
WORTH_P = 0.01


@dataclass(frozen=True, eq=False)
class Nodes:
    """Every node of a city, level by level: its `level`, `place` in that level, `subject`, and `path`: its place in each level from its own
    up, -1 below (node × level, leaf first).
    """

    levels: tuple[str, ...]
    level: np.ndarray
    place: np.ndarray
    subject: np.ndarray
    path: np.ndarray

    def __len__(self) -> int:
        return len(self.level)

    def related(self, one: int, others: np.ndarray) -> np.ndarray:
        """Which of these nodes, of any subject, lie on one path with a node (above, below or itself)."""
        higher = np.maximum(self.level[one], self.level[others])
        return self.path[one, higher] == self.path[others, higher]


@dataclass(frozen=True)
class Planted:
    """A planted surge: the group it is reported in, the position of its level and place, its subject, and the judged points (columns) it touches."""

    group: str
    level: int
    place: int
    subject: int
    first: int
    last: int


@dataclass(frozen=True)
class Spent:
    """What a budget of `per_point` signals found: percent of surges by group, restricted mean wait in points, and how many signals were false."""

    detector: str
    is_ours: bool
    per_point: int
    alerts_mean: float
    alerts_p95: float
    false_mean: float
    found_pct: dict[str, float]
    wait: dict[str, float]


def nodes_of_tree(
    levels: Sequence[str], parents: dict[str, np.ndarray], places: dict[str, int], subjects: int
) -> Nodes:
    """The nodes of a tree in the order of counts [place, subject] laid out level by level.

    >>> found = nodes_of_tree(("street", "city"), {"street": np.array([0, 0])}, {"street": 2, "city": 1}, 1)
    >>> found.path.tolist()
    [[0, 0], [1, 0], [-1, 0]]
    """
    parts = []
    for number, level in enumerate(levels):
        own = np.full((places[level], len(levels)), -1)
        own[:, number] = np.arange(places[level])
        for above in range(number + 1, len(levels)):
            own[:, above] = parents[levels[above - 1]][own[:, above - 1]]
        parts.append(np.repeat(own, subjects, axis=0))
    level = np.concatenate([np.full(len(part), number) for number, part in enumerate(parts)])
    path = np.concatenate(parts)
    subject = np.concatenate([np.tile(np.arange(subjects), len(part) // subjects) for part in parts])
    return Nodes(tuple(levels), level, path[np.arange(len(path)), level], subject, path)


def spend(p: np.ndarray, counts: np.ndarray, nodes: Nodes, per_point: int) -> list[tuple[int, int]]:
    """The signals (point, node) of a budget; `p` and `counts` are node × judged point, NaN is not judged."""
    alerts: list[tuple[int, int]] = []
    muted: dict[int, tuple[int, float]] = {}
    for point in range(p.shape[1]):
        with np.errstate(invalid="ignore"):
            worth = np.flatnonzero((p[:, point] <= WORTH_P) & (counts[:, point] >= MINIMUM_COUNT))
        order = worth[np.lexsort((worth, p[worth, point]))]
        taken: dict[int, list[int]] = {}
        spent = 0
        for node in order:
            if spent == per_point:
                break
            beside = taken.setdefault(int(nodes.subject[node]), [])
            if beside and nodes.related(node, np.array(beside)).any():
                continue
            beside.append(int(node))
            since, before = muted.get(int(node), (-MUTE_POINTS - 1, 1.0))
            if point - since <= MUTE_POINTS and p[node, point] > before / ESCALATE_RATIO:
                continue
            muted[int(node)] = (point, float(p[node, point]))
            alerts.append((point, int(node)))
            spent += 1
    return alerts


def score_alerts(
    alerts: Sequence[tuple[int, int]], nodes: Nodes, surges: Sequence[Planted], points: int
) -> tuple[np.ndarray, dict[str, float], dict[str, float]]:
    """Alarms and false ones a point (2 × points), and by group of surges the percent found and the restricted mean wait.

    An alarm is true when a surge of its subject lies in its node, or its node in the surge's place, while it lasts. It finds the surge in the surge's
    own place, within it, or in the level just above a leaf.
    """
    counted = np.zeros((2, points), dtype=int)
    waits: dict[str, list[float]] = {}
    found: dict[str, list[bool]] = {}
    at = np.array(alerts, dtype=int).reshape(-1, 2)
    is_true = np.zeros(len(at), dtype=bool)
    for surge in surges:
        near = (nodes.subject[at[:, 1]] == surge.subject) & (at[:, 0] >= surge.first) & (at[:, 0] <= surge.last)
        within = nodes.path[at[:, 1], surge.level] == surge.place
        above = _is_above(nodes, at[:, 1], surge)
        is_true |= near & (within | above)
        finds = near & (within | (above & (nodes.level[at[:, 1]] == 1) & (surge.level == 0)))
        length = surge.last - surge.first + 1
        wait = at[finds, 0].min() - surge.first if finds.any() else length
        waits.setdefault(surge.group, []).append(float(wait))
        found.setdefault(surge.group, []).append(bool(finds.any()))
    np.add.at(counted[0], at[:, 0], 1)
    np.add.at(counted[1], at[~is_true, 0], 1)
    return (
        counted,
        {group: 100 * float(np.mean(values)) for group, values in sorted(found.items())},
        {group: float(np.mean(values)) for group, values in sorted(waits.items())},
    )


def _is_above(nodes: Nodes, chosen: np.ndarray, surge: Planted) -> np.ndarray:
    """Which nodes hold the surge's place within them."""
    own = np.flatnonzero((nodes.level == surge.level) & (nodes.place == surge.place))[0]
    higher = nodes.level[chosen] >= surge.level
    return higher & (nodes.path[own, nodes.level[chosen]] == nodes.place[chosen])


def spent_on(
    name: str, is_ours: bool, p: np.ndarray, counts: np.ndarray, nodes: Nodes, surges: Sequence[Planted], per_point: int
) -> Spent:
    """One detector's p-values under one budget."""
    alerts = spend(p, counts, nodes, per_point)
    counted, found, wait = score_alerts(alerts, nodes, surges, p.shape[1])
    return Spent(
        detector=name,
        is_ours=is_ours,
        per_point=per_point,
        alerts_mean=float(counted[0].mean()),
        alerts_p95=float(np.quantile(counted[0], 0.95)),
        false_mean=float(counted[1].mean()),
        found_pct=found,
        wait=wait,
    )
