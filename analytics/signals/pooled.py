"""What a place may expect, from its parent's curve and a share drawn towards what places of its kind have: for sparse counts.

A community with one matter in three months has no season of its own to fit. It takes the site's curve, times its share of it; the share
is a gamma-distributed departure from what its parent and its size imply, as wide as the places of that level and subject differ. The
prediction is gamma–Poisson, widened by overdispersion, by how uncertain the share is and by how levels wander from month to month.

Sources: Clayton & Kaldor 1987, Biometrics 43:671 (gamma–Poisson shrinkage); Marshall 1991, Appl. Stat. 40:283 (its moments); Neill 2009,
Int. J. Forecast. 25:498 (expectation-based judging of sums that end today).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.signals.combining import combine_nested, tail
from analytics.signals.curves import blocks_of, cap_counts

LONG = 4  # blocks of the longest window, over which a level may wander
WIDEST, NARROWEST = 4.0, 1e-4  # bounds of the relative variance between places
FIRST_GUESS, GENEROUS = (
    1.5,
    1.2,
)  # dispersion before it is known; how much is added before past outbreaks are told by it


@dataclass(frozen=True, eq=False)
class Shares:
    """For each place and subject of one level: `rate` (its share of the site's curve), `information` (how many matters the share
    rests on, prior included), and per subject `dispersion` (variance over mean), `between` (relative variance between places) and
    `wander` (relative variance of four blocks beyond that).
    """

    rate: np.ndarray
    information: np.ndarray
    dispersion: np.ndarray
    between: np.ndarray
    wander: np.ndarray

    def predict(self, curve: np.ndarray, curve_variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and dispersion (variance over mean) of sums, [place, subject, window], of the site's curve [subject, window]."""
        mean = np.maximum(self.rate[:, :, None] * curve[None], 1e-9)
        relative = (1 / self.information + self.wander)[:, :, None] + curve_variance[None]
        return mean, self.dispersion[None, :, None] + mean * relative


def fit_shares(
    blocks: np.ndarray,
    curve: np.ndarray,
    weights: np.ndarray,
    base: np.ndarray,
    groups: np.ndarray,
    *,
    usable_from: np.ndarray | None = None,
) -> Shares:
    """Shares of one level from past blocks [place, subject, block], the site's curve [subject, block] and weights by age [block].

    `base` [place, subject] is what the parent's share and the place's size imply; `groups` the kind of each subject, over which the
    moments lean on each other; `usable_from` [place, subject] the first block whose count can be trusted.

    >>> blocks, ones = np.full((2, 1, 30), 2), np.ones(30)
    >>> blocks[1] = 6
    >>> found = fit_shares(blocks, np.full((1, 30), 8.0), ones, np.full((2, 1), 0.5), np.zeros(1, dtype=int))
    >>> bool(0.25 <= found.rate[0, 0] < 0.5 < found.rate[1, 0] <= 0.75)
    True
    """
    places, subjects, length = blocks.shape
    start = np.zeros((places, subjects), dtype=int) if usable_from is None else usable_from
    rate, information = np.empty((places, subjects)), np.empty((places, subjects))
    moments = np.zeros((subjects, 4))  # squares and size of: departure between places, wander between months
    dispersion = np.empty(subjects)
    sums = []
    for k in range(subjects):
        usable = np.arange(length)[None, :] >= start[:, k, None] if start[:, k].any() else np.ones((1, length), bool)
        expected = base[:, k, None] * curve[None, k] * usable
        counts = blocks[:, k] * usable
        first = _ratio(counts @ weights, expected @ weights, FIRST_GUESS, 2.0)
        mean = expected * first[:, None]
        guess, _ = _spread(cap_counts(counts, mean, np.full((1, 1), FIRST_GUESS)), mean)
        counts = cap_counts(counts, mean, np.full((1, 1), max(GENEROUS * guess, FIRST_GUESS)))
        dispersion[k], wander = _spread(counts, mean)
        held, known = counts @ weights, expected @ weights
        noise = dispersion[k] * (expected @ weights**2)
        some = known > 0
        squares = ((held[some] - known[some]) ** 2 - noise[some]) / known[some]
        moments[k] = squares.sum(), known[some].sum(), *wander
        sums.append((held, known))
    between = _leaning(moments[:, 0], moments[:, 1], groups)
    wander = np.clip(_leaning(moments[:, 2], moments[:, 3], groups), 0, 1)
    between = np.clip(between, NARROWEST, WIDEST)
    for k, (held, known) in enumerate(sums):
        rate[:, k] = base[:, k] * _ratio(held, known, dispersion[k], 1 / between[k])
        information[:, k] = 1 / between[k] + held / dispersion[k]
    return Shares(rate, information, dispersion, between, wander)


def _ratio(held: np.ndarray, known: np.ndarray, dispersion: float, prior: float) -> np.ndarray:
    """Observed over expected, drawn towards 1."""
    return (prior + held / dispersion) / (prior + known / dispersion)


def _spread(counts: np.ndarray, mean: np.ndarray) -> tuple[float, tuple[float, float]]:
    """Variance over mean of blocks, and what sums of four blocks vary beyond it, as squares and their size."""
    total = mean.sum()
    if total <= 0:
        return 1.0, (0.0, 0.0)
    length = mean.shape[1]
    dispersion = max(float(((counts - mean) ** 2).sum() / total) * length / max(length - 1, 1), 1.0)
    months, means = blocks_of(counts, LONG), blocks_of(mean, LONG)
    beyond = ((months - means) ** 2).sum() * length / max(length - 1, 1) - dispersion * means.sum()
    return dispersion, (float(beyond), float((means**2).sum()))


def _leaning(squares: np.ndarray, size: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Ratios of sums per subject, each leaning on its group's as much as a subject of middling size would carry."""
    found = np.empty(len(squares))
    for group in np.unique(groups):
        own = groups == group
        common = max(squares[own].sum(), 0.0) / max(size[own].sum(), 1e-9)
        lean = np.median(size[own])
        found[own] = (squares[own] + common * lean) / np.maximum(size[own] + lean, 1e-9)
    return np.maximum(found, 0.0)


def base_shares(
    blocks: np.ndarray,
    curve: np.ndarray,
    weights: np.ndarray,
    parents: np.ndarray,
    parent_rate: np.ndarray,
    groups: np.ndarray,
    *,
    usable_from: np.ndarray | None = None,
) -> np.ndarray:
    """What each place's parent and its own size over all subjects of a kind imply for each subject, [place, subject].

    A place without any history takes one matter's worth of its parent's average child.
    """
    known_site = curve @ weights
    base = np.empty((len(parents), len(curve)))
    children = np.bincount(parents, minlength=len(parent_rate))[parents]
    for group in np.unique(groups):
        own = np.flatnonzero(groups == group)
        held = np.zeros(len(parents))
        known = np.zeros(len(parents))
        for k in own:
            if usable_from is None or not usable_from[:, k].any():
                held += blocks[:, k] @ weights
                known += parent_rate[parents, k] * known_site[k]
            else:
                usable = np.arange(blocks.shape[2])[None, :] >= usable_from[:, k, None]
                held += (blocks[:, k] * usable) @ weights
                known += parent_rate[parents, k] * (usable @ (curve[k] * weights))
        share = (held + 1 / children) / (known + 1)
        base[:, own] = share[:, None] * parent_rate[parents][:, own]
    return base


def discounts(blocks: int, half_life: float) -> np.ndarray:
    """Weights by age of past blocks, the newest last: half after `half_life` blocks.

    >>> np.round(discounts(3, 1), 3).tolist()
    [0.25, 0.5, 1.0]
    """
    return 0.5 ** (np.arange(blocks)[::-1] / half_life)


def window_sums(series: np.ndarray, windows: Sequence[int]) -> np.ndarray:
    """Sums of the last steps of the last axis, one window each.

    >>> window_sums(np.array([[1, 2, 3]]), (1, 3)).tolist()
    [[3, 6]]
    """
    return np.stack([series[..., series.shape[-1] - window :].sum(axis=-1) for window in windows], axis=-1)


def tails(
    observed: np.ndarray, mean: np.ndarray, dispersion: np.ndarray, judged: np.ndarray | bool = True
) -> np.ndarray:
    """The p of each sum: 1 where it is not above its mean, NaN where it was not judged."""
    judged = np.broadcast_to(judged, observed.shape)
    p = np.where(judged, 1.0, np.nan)
    high = judged & (observed > mean)
    p[high] = tail(observed[high], mean[high], dispersion[high])
    return p


def combine(
    p: np.ndarray, mean: np.ndarray, dispersion: np.ndarray, window_weights: np.ndarray, keep: float = 0.05
) -> np.ndarray:
    """One p a node from its nested sums [place, subject, window]; 1 where no window has a p of `keep` or less."""
    found = np.ones(p.shape[:2])
    some = np.nonzero(np.where(np.isnan(p), 1.0, p).min(axis=2) <= keep)
    found[some] = combine_nested(p[some], mean[some], dispersion[some], window_weights)
    return found
