"""From indicators to a score: the same weights for all peers, ranks as ranges, bands against the peers, stars that an interval touches.

Arrays are [unit, indicator] or [draw, unit, indicator], in points (0–100, higher is better), NaN where an indicator is not rated.
"""

import numpy as np

RANGE_SHARE = 0.95


def effective_weights(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The share of each indicator in the scores of one peer group: its weight by the weight of those that any of its units has data for.

    The same for all units, so that nobody's score rests on other indicators than the peers'; 0 where none has data.

    >>> effective_weights(np.array([[80.0, np.nan, np.nan], [70.0, 60.0, np.nan]]), np.array([20.0, 60.0, 20.0])).tolist()
    [0.25, 0.75, 0.0]
    """
    own = np.where(np.isfinite(points).any(axis=0), weights, 0.0)
    total = own.sum()
    return own / total if total > 0 else own


def coverage_pct(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The share of the weight that has data, in percent."""
    return 100 * np.where(np.isfinite(points), weights, 0.0).sum(axis=1) / weights.sum()


def contributions(points: np.ndarray, peers: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """What each indicator contributes to the score; where a unit has no data the peers' mean (`peers`, in points) stands in, so that what is
    missing neither raises nor lowers anybody among them.

    >>> contributions(np.array([[80.0, np.nan]]), np.array([[70.0, 50.0]]), np.array([[0.75, 0.25]])).tolist()
    [[60.0, 12.5]]
    """
    return np.where(shares > 0, np.where(np.isfinite(points), points, peers) * shares, 0.0)


def rank_ranges(drawn: np.ndarray) -> np.ndarray:
    """The shortest range that holds 95 % of each unit's ranks among its peers, 1 the highest, from draws [draw, unit] of scores: [unit, 2].

    Source: ranks from the posterior (Goldstein & Spiegelhalter 1996, JRSS A 159:385). Ties share the middle rank.

    >>> rank_ranges(np.array([[3.0, 1.0, 2.0]] * 4)).tolist()
    [[1, 1], [3, 3], [2, 2]]
    """
    order = np.argsort(-drawn, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(1, drawn.shape[1] + 1), order.shape), axis=1)
    halves = (2 * _share_ties(drawn, order, ranks)).astype(int)
    return np.array([_shortest(halves[:, unit]) for unit in range(drawn.shape[1])])


def _shortest(halves: np.ndarray) -> tuple[int, int]:
    """The shortest range of ranks (given in halves) that holds 95 of 100 draws; of several the one that holds the most."""
    counts = np.bincount(halves)
    before = np.concatenate([[0], np.cumsum(counts)])
    first = np.flatnonzero(counts)
    last = np.searchsorted(before[1:], before[first] + RANGE_SHARE * len(halves) - 1e-9)
    inside = last < len(counts)
    first, last = first[inside], last[inside]
    best = np.lexsort((before[first] - before[last + 1], last - first))[0]
    return int(first[best] // 2), int(-(-last[best] // 2))


def _share_ties(drawn: np.ndarray, order: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Where scores of a draw are equal, as units without any chance are, they share the middle of their ranks."""
    in_order = np.take_along_axis(drawn, order, axis=1)
    tied = (in_order[:, 1:] == in_order[:, :-1]).any(axis=1)
    shared = ranks.astype(float)
    for row in np.flatnonzero(tied):
        _, place, size = np.unique(-drawn[row], return_inverse=True, return_counts=True)
        ends = np.cumsum(size)
        shared[row] = (ends - (size - 1) / 2)[place]
    return shared


def bands(difference: np.ndarray, certainty_pct: float) -> list[str]:
    """Where each unit stands against its peers, from draws [draw, unit] of its score less that of its peers: above or below only where it is
    that certain, else among them. No share of units is foreseen for any band.

    >>> bands(np.array([[5.0, 0.1, -4.0], [6.0, -0.1, -3.0]]), 97.5)
    ['above', 'among', 'below']
    """
    higher = (difference > 0).mean(axis=0)
    lower = (difference < 0).mean(axis=0)
    needed = certainty_pct / 100
    return [
        "above" if up >= needed else "below" if down >= needed else "among"
        for up, down in zip(higher, lower, strict=True)
    ]


def star_band(points: float, cuts: tuple[float, ...]) -> int:
    """The star band of a score: one star below the first cut, five from the last on.

    Source: star rating notices, 60, 70, 80, 90 (DOMAIN 5.1).

    >>> [star_band(points, (60, 70, 80, 90)) for points in (59.9, 60, 79.9, 80, 90)]
    [1, 2, 3, 4, 5]
    """
    return 1 + sum(points >= cut for cut in cuts)


def near_ceiling(scores: np.ndarray, points: float, share_pct: float) -> bool:
    """Whether so many of the scores lie so high that they no longer tell units apart."""
    return len(scores) > 0 and 100 * float(np.mean(scores >= points)) >= share_pct
