"""Busy nodes have a past of their own: their trailing weeks are also judged by improved Farrington, and both answers become one p.

Sources: Noufaily et al. 2013, Stat. Med. 32:1206, on trailing 7-day sums as in Noufaily et al. 2019, Bioinformatics 35:3110; two
dependent p-values joined by the Cauchy combination, Liu & Xie 2020, JASA 115:393.
"""

from dataclasses import dataclass, replace

import numpy as np

from analytics.signals.combining import SMALLEST, least_count
from analytics.signals.curves import blocks_of
from analytics.signals.farrington import IMPROVED, judge_farrington

WEEKS_A_YEAR, FEWEST_YEARS = 52, 3


@dataclass(frozen=True, eq=False)
class Busy:
    """For the nodes of one level [place, subject]: the week's joint `p`, whether its own history gave the smaller p (`own`), and what it
    expected then, with the dispersion.
    """

    p: np.ndarray
    is_busy: np.ndarray
    own: np.ndarray
    expected: np.ndarray
    dispersion: np.ndarray


def judge_busy(
    counts: np.ndarray, subjects: np.ndarray, may: np.ndarray, mean: np.ndarray, p: np.ndarray, busy_mean: float
) -> Busy:
    """Judge the last seven days of busy nodes from their own past.

    `counts` is [place, subject, day]; `subjects` those judged; `may`, `mean` and `p` [place, judged subject]: whether a node has a whole
    history, its expected week and the pooled p.
    """
    own, expected, dispersion = np.zeros(p.shape, bool), np.full(p.shape, np.nan), np.ones(p.shape)
    joint, years = p.copy(), counts.shape[2] // 7 // WEEKS_A_YEAR
    is_busy = may & (mean >= busy_mean) & (years >= FEWEST_YEARS)
    places, which = np.nonzero(is_busy)
    if not len(places):
        return Busy(joint, is_busy, own, expected, dispersion)
    weeks = blocks_of(counts[places, subjects[which]], 7)
    control = replace(IMPROVED, years=min(years, IMPROVED.years))
    found = judge_farrington(weeks, weeks.shape[1] - 1, control)
    alone = np.where(np.isfinite(found.p), np.clip(found.p, SMALLEST, 1.0), np.nan)
    known = np.isfinite(alone) & np.isfinite(found.expected)
    at = places[known], which[known]
    joint[at] = join(p[at], alone[known])
    own[at] = alone[known] < p[at]
    expected[at], dispersion[at] = found.expected[known], np.maximum(found.dispersion[known], 1.0)
    return Busy(joint, is_busy, own, expected, dispersion)


def join(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Two p-values, however dependent, as one.

    >>> np.round(join(np.array([0.01, 1e-20]), np.array([0.01, 0.5])), 22).tolist()
    [0.01, 2e-20]
    """
    least, most = np.minimum(one, other), np.maximum(one, other)
    least, most = np.clip(least, SMALLEST, 0.999), np.clip(most, SMALLEST, 0.999)
    with np.errstate(over="ignore"):
        odds = 0.5 / np.tan(np.pi * least) + 0.5 / np.tan(np.pi * most)
    return np.clip(np.arctan2(1.0, odds) / np.pi, SMALLEST, 1.0)


def count_range(mean: np.ndarray, dispersion: np.ndarray, pct: int) -> tuple[np.ndarray, np.ndarray]:
    """The central range of counts, whole numbers.

    >>> [int(one[0]) for one in count_range(np.array([3.0]), np.array([1.0]), 95)]
    [0, 7]
    """
    outside = (1 - pct / 100) / 2
    upper = least_count(np.full(mean.shape, outside), mean, dispersion) - 1
    lower = least_count(np.full(mean.shape, 1 - outside), mean, dispersion) - 1
    return np.maximum(lower, 0), upper
