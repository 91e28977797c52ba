"""What should one have expected? A central range for a daily count from days of the same kind, and for a stock
from its weekly changes.

A count is judged against a count distribution, so that its range is made of whole numbers and never falls below zero.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from scipy import special

from analytics.errors import HistoryTooShort
from analytics.figures import Expected
from analytics.quantiles import count_quantile

DISPERSION_DAYS = 56
FEWEST_REFERENCE_DAYS = 4
FEWEST_DAYS = 14
FEWEST_CHANGES = 4
LEAST_SPREAD = 1.0  # matters: a stock that did not move for weeks may still move by one


def expect_count(
    history: pd.Series,
    reference_days: Sequence[date],
    *,
    interval_pct: int = 95,
    day_kinds: Sequence[object] | None = None,
    method: str = "same_weekday",
) -> Expected | None:
    """The count to expect on a day, from the counts of past days of the same kind; None when the history is too
    short.

    `history` has one count a day, indexed by day, up to the day before the one judged, zeros included. See
    `expect_counts`.

    >>> weeks = pd.Series([4.0] * 28, index=pd.date_range("2026-01-05", periods=28))
    >>> expected = expect_count(weeks, [date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 19), date(2026, 1, 26)])
    >>> expected.mean, expected.lower, expected.upper, expected.state(9), expected.state(10)
    (4.0, 0, 9, 'within', 'above')
    """
    counts = history.to_numpy(dtype=float)[:, None]
    try:
        used, found = _expect(history.index, counts, reference_days, interval_pct, day_kinds)
    except HistoryTooShort:
        return None
    mean, lower, upper = (found[name][0] for name in ("mean", "lower", "upper"))
    return Expected(float(mean), int(lower), int(upper), interval_pct, method, used)


def expect_counts(
    history: pd.DataFrame,
    reference_days: Sequence[date],
    *,
    interval_pct: int = 95,
    day_kinds: Sequence[object] | None = None,
) -> pd.DataFrame:
    """The same for many series at once: columns of `history` are series, rows are days; a row of the answer is a
    series.

    Adds mean, lower, upper, dispersion. The mean is that of the reference days. The dispersion phi is Pearson's
    chi-square per degree of freedom over the last 56 days around the means of their day kinds (`day_kinds`, one label
    a row of `history`; weekdays by default), at least 1. The predictive distribution is negative binomial with variance
    phi·mean·(1 + 1/n); with phi = 1 that is the exact predictive of a Poisson count whose mean was estimated from n
    days. A mean of zero counts as half a matter in n days, so that one matter is not always a surprise. Both ends are
    included.

    Raises `HistoryTooShort` with fewer than 4 reference days on record or fewer than 14 days in the last 56.
    """
    _, found = _expect(history.index, history.to_numpy(dtype=float), reference_days, interval_pct, day_kinds)
    return pd.DataFrame(found, index=history.columns)


def expect_days(
    history: pd.Series,
    reference_days: Sequence[Sequence[date]],
    *,
    interval_pct: int = 95,
    day_kinds: Sequence[object] | None = None,
) -> pd.DataFrame:
    """What was to be expected of each of the last days of one series, each from the days before it alone.

    `history` has one count a day; the last `len(reference_days)` of them are judged, each by its own reference days. A row of the answer
    is a day: mean, lower, upper as in `expect_counts`, NaN where the history before it is too short.
    """
    days, counts, labels = _arrays(history.index, history.to_numpy(dtype=float)[:, None], day_kinds)
    judged = range(len(days) - len(reference_days), len(days))
    found = pd.DataFrame(np.nan, index=history.index[judged.start :], columns=["mean", "lower", "upper"])
    rows, means, ratios, leasts = [], [], [], []
    for row, (at, wanted) in enumerate(zip(judged, reference_days, strict=True)):
        try:
            place, mean, dispersion = _baseline(days[:at], counts[:at], labels[:at], wanted)
        except HistoryTooShort:
            continue
        rows.append(row)
        means.append(mean[0])
        ratios.append(dispersion[0] * (1 + 1 / len(place)))
        leasts.append(0.5 / len(place))
    if rows:
        lower, upper = count_range(np.array(means), np.array(ratios), np.array(leasts), interval_pct)
        found.iloc[rows] = np.column_stack([means, lower, upper])
    return found


def _expect(
    index: pd.Index,
    counts: np.ndarray,
    reference_days: Sequence[date],
    interval_pct: int,
    day_kinds: Sequence[object] | None,
) -> tuple[tuple[date, ...], dict[str, np.ndarray]]:
    """The reference days that are on record, and what they imply for each column of `counts`; days ascend."""
    days, counts, labels = _arrays(index, counts, day_kinds)
    place, mean, dispersion = _baseline(days, counts, labels, reference_days)
    lower, upper = count_range(mean, dispersion * (1 + 1 / len(place)), 0.5 / len(place), interval_pct)
    found = {"mean": mean, "lower": lower, "upper": upper, "dispersion": dispersion}
    return tuple(days[place].tolist()), found


def _arrays(
    index: pd.Index, counts: np.ndarray, day_kinds: Sequence[object] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days, counts and a label of the kind of each day."""
    days = index.to_numpy().astype("datetime64[D]")
    labels = days.astype(np.int64) % 7 if day_kinds is None else pd.factorize(np.asarray(day_kinds))[0]
    return days, counts, labels


def _baseline(
    days: np.ndarray, counts: np.ndarray, labels: np.ndarray, reference_days: Sequence[date]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the reference days stand, the mean of each series on them, and its dispersion. Raises HistoryTooShort."""
    wanted = np.array(reference_days, dtype="datetime64[D]")
    place = np.minimum(np.searchsorted(days, wanted), max(len(days) - 1, 0))
    place = place[days[place] == wanted] if len(days) else place[:0]
    if len(place) < FEWEST_REFERENCE_DAYS:
        raise HistoryTooShort(len(place), FEWEST_REFERENCE_DAYS, "reference_days")
    recent = days > days[-1] - DISPERSION_DAYS
    if recent.sum() < FEWEST_DAYS:
        raise HistoryTooShort(int(recent.sum()), FEWEST_DAYS, "days")
    return place, counts[place].mean(axis=0), _dispersion(counts[recent], labels[recent])


def _dispersion(counts: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Pearson's chi-square per degree of freedom around the mean of each kind of day, at least 1; one a series."""
    kinds, place = np.unique(labels, return_inverse=True)
    member = (place[None, :] == np.arange(len(kinds))[:, None]).astype(float)
    days = member.sum(axis=1)
    means = (member @ counts) / days[:, None]
    fitted = means[place]
    with np.errstate(divide="ignore", invalid="ignore"):
        chi_square = np.where(fitted > 0, (counts - fitted) ** 2 / fitted, 0.0).sum(axis=0)
    freedom = ((days - 1)[:, None] * (means > 0)).sum(axis=0)
    return np.maximum(1.0, np.where(freedom > 0, chi_square / np.maximum(freedom, 1), 1.0))


def count_range(
    mean: np.ndarray, variance_ratio: np.ndarray, least_mean: float, interval_pct: float
) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the central range of negative binomial counts, widened where needed to hold the mean.

    The variance is `variance_ratio` times the mean; a mean below `least_mean` counts as that much.
    """
    level = np.maximum(mean, least_mean)
    ratio, tail = np.maximum(variance_ratio, 1), (100 - interval_pct) / 200
    lower = np.minimum(count_quantile(tail, level, ratio), np.floor(mean))
    upper = np.maximum(count_quantile(1 - tail, level, ratio), np.ceil(mean))
    return lower.astype(np.int64), upper.astype(np.int64)


def thin_expected(expected: Expected, completeness: float) -> Expected:
    """What to expect of a day of which only a share has been entered so far (`completeness`, 0–1).

    Each matter is taken to be entered independently, so the variance becomes share²·variance + share·(1 −
    share)·mean; the variance is read off the width of the full range.

    >>> thin_expected(Expected(100.0, 81, 120, 95, "same_weekday", ()), 0.5).lower
    37
    """
    share = min(max(completeness, 0.0), 1.0)
    if share == 1.0:
        return expected
    width = special.ndtri(1 - (100 - expected.interval_pct) / 200) * 2
    variance = max(((expected.upper - expected.lower) / width) ** 2, expected.mean)
    mean = share * expected.mean
    thinned = share**2 * variance + share * (1 - share) * expected.mean
    ratio = np.array([thinned / mean if mean > 0 else 1.0])
    lower, upper = count_range(np.array([mean]), ratio, 1e-9, expected.interval_pct)
    return replace(expected, mean=mean, lower=int(lower[0]), upper=int(upper[0]))


def expect_level(values: Sequence[float], days: Sequence[date], *, interval_pct: int = 95) -> Expected | None:
    """The stock (open, overdue) to expect on the last of `days`, from the weekly changes before it; None with
    fewer than 4 changes.

    `values` and `days` are the stock on the same weekday of consecutive weeks, oldest first; the last one is the
    day judged, and its own value changes nothing. Mean and spread of the weekly changes give a Student range
    around last week's stock, whole and not below 0.

    >>> weeks = [date(2026, 10, 2 + 7 * n) for n in range(4)] + [date(2026, 10, 30), date(2026, 11, 6)]
    >>> expected = expect_level([100, 102, 101, 103, 104, 150], weeks)
    >>> expected.mean, expected.lower, expected.upper, expected.state(150)
    (105.0, 99, 111, 'above')
    """
    past = np.asarray(values, dtype=float)[:-1]
    changes = np.diff(past)
    if len(changes) < FEWEST_CHANGES or np.isnan(past).any():
        return None
    freedom = len(changes) - 1
    reach = special.stdtrit(freedom, 1 - (100 - interval_pct) / 200)
    spread = max(reach * changes.std(ddof=1) * np.sqrt(1 + 1 / len(changes)), LEAST_SPREAD)
    mean = max(past[-1] + changes.mean(), 0.0)
    lower, upper = max(np.floor(mean - spread), 0), np.ceil(mean + spread)
    return Expected(float(mean), int(lower), int(upper), interval_pct, "weekly_change", tuple(days[:-1]))
