"""What should one have expected of a month? A range for its count from the daily rates of past months, working days weighed as such."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.errors import HistoryTooShort
from analytics.expected import count_range
from analytics.rises import dispersion

FEWEST_MONTHS = 6


def share_of_rest_days(daily: pd.Series, works: Sequence[bool]) -> float:
    """What a day of rest weighs: its usual share of a working day's count.

    `daily` has one count a day, `works` says of each whether it is worked. 1 without days of both kinds, or without any count.

    >>> days = pd.Series([10, 10, 5], index=pd.date_range("2026-11-05", periods=3))
    >>> share_of_rest_days(days, [True, True, False])
    0.5
    """
    counts, works = daily.to_numpy(dtype=float), np.asarray(works, dtype=bool)
    if works.all() or not works.any() or not counts[works].sum():
        return 1.0
    return float(counts[~works].mean() / counts[works].mean()) or 1.0


def expect_spans(
    history: pd.DataFrame, weights: Sequence[float], weight_now: float, *, interval_pct: int = 95
) -> pd.DataFrame:
    """The count to expect of a span of days for many series at once, from like spans before it.

    Columns of `history` are series, rows are past spans (the same days of past months) of `weights` weighed days each; `weight_now` is
    that of the span judged. A row of the answer is a series: mean, lower, upper, dispersion. The mean is the past number a weighed day
    times the weight. The predictive distribution is negative binomial with variance phi·mean·(1 + 1/n), phi being Pearson's chi-square
    per degree of freedom of the n past spans around the same rate, at least 1: months that swing with the seasons make a wide range.
    Both ends are included. Raises `HistoryTooShort` with fewer than 6 past spans.

    >>> past = pd.DataFrame({"new": [300, 310, 290, 300, 305, 295]})
    >>> expect_spans(past, [30] * 6, 30)[["mean", "lower", "upper"]].values.tolist()
    [[300.0, 264.0, 337.0]]
    """
    if len(history) < FEWEST_MONTHS:
        raise HistoryTooShort(len(history), FEWEST_MONTHS, "months")
    counts, weights = history.to_numpy(dtype=float), np.asarray(weights, dtype=float)
    mean = counts.sum(axis=0) / weights.sum() * weight_now
    phi = dispersion(counts, weights)
    least = 0.5 * weight_now / weights.sum()  # nothing so far counts as half a matter in all that time
    lower, upper = count_range(mean, phi * (1 + 1 / len(counts)), least, interval_pct)
    found = {"mean": mean, "lower": lower, "upper": upper, "dispersion": phi}
    return pd.DataFrame(found, index=history.columns)
