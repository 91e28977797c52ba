"""All levels of the site fitted from the top down: each takes its parent's rate, its own size and what its history adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.signals import breaks, pooled


@dataclass(frozen=True, eq=False)
class LevelFit:
    """The shares of one level, for the subjects it has (`subjects`, positions in the site's), and the breaks in their histories."""

    subjects: np.ndarray
    shares: pooled.Shares
    breaks: breaks.Breaks


def fit_tree(
    levels: Sequence[str],
    blocks: Mapping[str, np.ndarray],
    parents: Mapping[str, np.ndarray],
    curve: np.ndarray,
    weights: np.ndarray,
    groups: np.ndarray,
    *,
    hidden: Mapping[str, np.ndarray] | None = None,
) -> dict[str, LevelFit]:
    """Fit every level, leaf first in `levels`, from past blocks [place, subject, block] and the site's curve [subject, block].

    `groups` is the kind of each subject; `hidden` tells, for a level, which subjects have no counts there. A break that all subjects of a
    kind (or all of them) share in a place is found in their sum, where each alone is too sparse to show it.
    """
    rate = np.ones((1, len(groups)))
    fitted = {}
    for level in reversed(levels):
        counts = blocks[level]
        above = parents.get(level, np.zeros(len(counts), dtype=int))
        own = np.arange(len(groups))
        if hidden is not None and level in hidden:
            own = np.flatnonzero(~hidden[level])
            counts = counts[:, own]
        given = (curve[own], weights, above, rate[:, own], groups[own])
        single = len(counts) == 1 and level not in parents
        base = np.ones((1, len(own))) if single else pooled.base_shares(counts, *given)
        shares = pooled.fit_shares(counts, curve[own], weights, base, groups[own])
        found = _breaks(counts, shares, curve[own], groups[own])
        if found.found:
            usable = found.usable_from
            base = base if single else pooled.base_shares(counts, *given, usable_from=usable)
            shares = pooled.fit_shares(counts, curve[own], weights, base, groups[own], usable_from=usable)
        fitted[level] = LevelFit(own, shares, found)
        rate = np.zeros((len(counts), len(groups)))
        rate[:, own] = shares.rate
    return fitted


def _breaks(counts: np.ndarray, shares: pooled.Shares, curve: np.ndarray, groups: np.ndarray) -> breaks.Breaks:
    single = breaks.find_breaks(counts, shares.rate, curve, shares.dispersion)
    usable_from, reason, is_silent = single.usable_from, single.reason, single.is_silent
    together = [np.flatnonzero(groups == group) for group in np.unique(groups)] + [np.arange(len(groups))]
    for own in together:
        if len(own) < 2 or (own is together[-1] and len(together) == 2):
            continue
        mean = np.maximum(curve[own].mean(axis=0), 1e-12)
        weight = curve[own].sum(axis=1) / mean.sum()
        total = breaks.find_breaks(
            counts[:, own].sum(axis=1, keepdims=True),
            (shares.rate[:, own] @ weight)[:, None],
            mean[None],
            np.array([shares.dispersion[own].mean()]),
        )
        later = total.usable_from > usable_from[:, own]
        usable_from[:, own] = np.where(later, total.usable_from, usable_from[:, own])
        reason[:, own] = np.where(later, total.reason, reason[:, own])
        is_silent[:, own] |= total.is_silent
    return breaks.Breaks(usable_from, reason, is_silent)
