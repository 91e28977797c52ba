"""How far a series runs above or below its fitted course of late, and how long that lasts: a discounted ratio of counts to expected.

Two ratios, one that forgets soon and one that forgets late; ahead, the first gives way to the second. Source: discounted gamma–Poisson
filtering, West & Harrison 1997, Bayesian Forecasting and Dynamic Models, chapter 10; the return to the slower level is that of an
autoregressive component (Harvey 1989, Forecasting, Structural Time Series Models, section 2.3).
"""

from dataclasses import dataclass

import numpy as np

PRIOR = 10.0  # counts (times the dispersion) that hold a ratio at 1


@dataclass(frozen=True)
class Memory:
    """Periods after which a past count weighs half in the fast and in the slow ratio, and after which half the difference is gone ahead."""

    fast: float
    slow: float
    back: float


MEMORIES = {
    "D": (Memory(7, 60, 60), Memory(14, 60, 60), Memory(30, 60, 60), Memory(60, 180, 60), Memory(180, 180, 60)),
    "W": (Memory(1.5, 9, 9), Memory(3, 9, 9), Memory(6, 12, 9), Memory(12, 26, 9), Memory(40, 40, 9)),
    "M": (Memory(1, 3, 4), Memory(2, 6, 6), Memory(4, 12, 6), Memory(12, 12, 6), Memory(36, 36, 6)),
    "Q": (Memory(0.7, 2, 3), Memory(1.5, 3, 3), Memory(4, 4, 3), Memory(12, 12, 3)),
}


def level_ratios(
    counts: np.ndarray, mean: np.ndarray, dispersion: np.ndarray, ends: np.ndarray, horizon: int, memory: Memory
) -> np.ndarray:
    """Ratios [series, end, period ahead] on the log scale, as known after each of the periods `ends`.

    `counts` [series, period] are 0 and `mean` is 0 where nothing was recorded.

    >>> counts, mean = np.full((1, 40), 8.0), np.full((1, 40), 4.0)
    >>> found = level_ratios(counts, mean, np.ones(1), np.array([39]), 2, Memory(7, 28, 28))
    >>> np.exp(found).round(1).tolist()
    [[[1.8, 1.8]]]
    """
    prior = PRIOR * dispersion[:, None]

    def ratio(half: float) -> np.ndarray:
        return np.log((_discounted(counts, ends, half) + prior) / (_discounted(mean, ends, half) + prior))

    slow, fast = ratio(memory.slow), ratio(memory.fast)
    return slow[:, :, None] + (fast - slow)[:, :, None] * 0.5 ** (np.arange(1, horizon + 1) / memory.back)


def _discounted(values: np.ndarray, ends: np.ndarray, half: float) -> np.ndarray:
    """Sums [series, end] of all values up to each end, a value `half` periods old weighing half."""
    decay, held = 0.5 ** (1 / half), np.zeros((values.shape[1], len(values)))
    total = np.zeros(len(values))
    for period, own in enumerate(values.T):
        total = total * decay + own
        held[period] = total
    return held[ends].T
