"""Where a history breaks: a place that fell silent, one that came late, a recording that changed; what lies before is not evidence.

A run of zero blocks is a break when that many expected matters would leave a silence by chance less than once in a million places. A
level shift is one when the counts before and after differ threefold and a likelihood ratio leaves no doubt; the last weeks, in which a
true surge may stand, are never looked at. Source of the shift: likelihood ratio of one change point, Worsley 1983, Biometrika 70:455.
"""

from dataclasses import dataclass

import numpy as np

NONE, COLD_START, GAP, SHIFT = range(4)
REASONS = (None, "cold_start", "gap_in_history", "level_shift")
SILENCE = 13.8  # −log of 1 in a million
SHIFT_TIMES, SHIFT_RATIO = 3.0, 25.0
BLOCKS_BEFORE, BLOCKS_AFTER = 26, 13
STEP_TIMES, STEP_AFTER = 7 / 6, 8


@dataclass(frozen=True, eq=False)
class Breaks:
    """Per place and subject: the first block that can be trusted (all of them are past when it is the number of blocks), why the
    earlier ones cannot (a position in `REASONS`), and whether it is silent still at the last block.
    """

    usable_from: np.ndarray
    reason: np.ndarray
    is_silent: np.ndarray

    @property
    def found(self) -> bool:
        return bool(self.reason.any())


def find_breaks(blocks: np.ndarray, rate: np.ndarray, curve: np.ndarray, dispersion: np.ndarray) -> Breaks:
    """Breaks in past blocks [place, subject, block] against `rate` [place, subject] times the site's curve [subject, block].

    >>> blocks = np.full((1, 1, 60), 3)
    >>> blocks[0, 0, 20:40] = 0
    >>> found = find_breaks(blocks, np.ones((1, 1)), np.full((1, 60), 2.0), np.ones(1))
    >>> int(found.usable_from[0, 0]), REASONS[found.reason[0, 0]], bool(found.is_silent[0, 0])
    (40, 'gap_in_history', False)
    """
    places, subjects, length = blocks.shape
    usable_from = np.zeros((places, subjects), dtype=int)
    reason = np.zeros((places, subjects), dtype=np.int8)
    is_silent = np.zeros((places, subjects), dtype=bool)
    for k in range(subjects):
        per_matter = np.log(dispersion[k]) / (dispersion[k] - 1) if dispersion[k] > 1 + 1e-6 else 1.0
        own = np.flatnonzero(rate[:, k] * curve[k].sum() * per_matter > SILENCE)
        if not len(own):
            continue
        counts = blocks[own, k]
        known = rate[own, k, None] * curve[k].cumsum()[None]
        quiet = known - np.maximum.accumulate(np.where(counts > 0, known, 0.0), axis=1)
        run = quiet.argmax(axis=1)
        silent = quiet[np.arange(len(own)), run] * per_matter > SILENCE
        first = np.where(silent, run + 1, 0)
        why = np.where(silent, np.where(counts.cumsum(axis=1)[np.arange(len(own)), run] > 0, GAP, COLD_START), NONE)
        shifted = _shift(counts, known, dispersion[k])
        later = shifted > first
        usable_from[own, k] = np.where(later, shifted, first)
        reason[own, k] = np.where(later, SHIFT, why)
        is_silent[own, k] = silent & (run == length - 1)
    return Breaks(usable_from, reason, is_silent)


def _shift(counts: np.ndarray, known: np.ndarray, dispersion: float) -> np.ndarray:
    """The block from which a series runs at another level; 0 where it does not."""
    length = counts.shape[1]
    if length < BLOCKS_BEFORE + BLOCKS_AFTER:
        return np.zeros(len(counts), dtype=int)
    at = slice(BLOCKS_BEFORE - 1, length - BLOCKS_AFTER)
    held = counts.cumsum(axis=1).astype(float)
    before, before_known = held[:, at], known[:, at]
    after, after_known = held[:, -1:] - before, known[:, -1:] - before_known
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (after + 0.5) / (after_known + 0.5) / ((before + 0.5) / (before_known + 0.5))
        doubt = _log_likelihood(before, before_known) + _log_likelihood(after, after_known)
        doubt = (doubt - _log_likelihood(held[:, -1:], known[:, -1:])) / dispersion
    clear = (np.abs(np.log(ratio)) >= np.log(SHIFT_TIMES)) & (doubt >= SHIFT_RATIO)
    best = np.where(clear, doubt, 0).argmax(axis=1)
    return np.where(clear.any(axis=1), best + BLOCKS_BEFORE, 0)


def find_step(counts: np.ndarray, mean: np.ndarray) -> int | None:
    """The block from which a whole site's sum runs at another level than its curve, by a sixth at least; None where none does.

    >>> find_step(np.repeat([100.0, 150.0], 60), np.full(120, 125.0))
    60
    """
    length = len(counts)
    if length < BLOCKS_BEFORE + STEP_AFTER:
        return None
    at = slice(BLOCKS_BEFORE - 1, length - STEP_AFTER)
    held, known = counts.cumsum(), mean.cumsum()
    squares = np.diff(counts / np.maximum(mean, 1e-9)) ** 2 / 2 * mean[1:]
    dispersion = max(float(np.median(squares)) / 0.455, 1.0)  # from differences, which a step does not reach
    before, before_known = held[at], known[at]
    after, after_known = held[-1] - before, known[-1] - before_known
    ratio = (after + 0.5) / (after_known + 0.5) / ((before + 0.5) / (before_known + 0.5))
    doubt = _log_likelihood(before, before_known) + _log_likelihood(after, after_known)
    doubt = (doubt - _log_likelihood(held[-1:], known[-1:])) / dispersion
    doubt = np.where(np.abs(np.log(ratio)) >= np.log(STEP_TIMES), doubt, 0.0)
    best = int(doubt.argmax())
    return best + BLOCKS_BEFORE if doubt[best] >= SHIFT_RATIO else None


def _log_likelihood(held: np.ndarray, known: np.ndarray) -> np.ndarray:
    return np.where(held > 0, held * np.log(np.maximum(held, 1) / np.maximum(known, 1e-9)), 0.0)
