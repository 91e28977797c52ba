"""Which categories usually rise in a month of the year, and how sure is that? (民情月历)

Each month is set against what its year leads to expect without seasons: the centred mean of twelve months (the ratio to moving average, Macaulay 1931,
The Smoothing of Time Series; Hyndman & Athanasopoulos 2021, Forecasting: Principles and Practice, 3.4), at the ends carried on with half the last year's growth.
January and February count as one, because the Spring Festival moves between them. That a category rises is called where the other years say so and
checked in the year left out; the sum of all years is tested against chance with the scatter that is left, at a false discovery rate over
all categories and months (Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57:289).
"""

import numpy as np
import pandas as pd

from analytics.quantiles import count_at_least
from analytics.signals.multiplicity import adjust

SLOTS = (1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)  # 1: January and February
YEAR = 12
DAMPED = 0.5


def slot_months(month: int) -> tuple[int, ...]:
    """The months that are taken together with a month.

    >>> slot_months(2), slot_months(6)
    ((1, 2), (6,))
    """
    return (1, 2) if month <= 2 else (month,)


def expected_without_seasons(counts: np.ndarray, days: np.ndarray) -> np.ndarray:
    """What each month would hold at the level of its year: [series, month] counts and days of each month in, expected counts out.

    NaN where fewer than 12 months are on record.
    """
    rates = counts / days
    many = rates.shape[1]
    if many < YEAR + 1:
        return np.full(counts.shape, np.nan)
    weights = np.array([0.5, *[1.0] * (YEAR - 1), 0.5]) / YEAR
    inner = np.stack([np.convolve(row, weights, mode="valid") for row in rates])
    half = YEAR // 2
    level = np.empty_like(rates)
    level[:, half : many - half] = inner
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.where(inner[:, -1:] > 0, inner[:, -1:] / np.maximum(inner[:, -1 - YEAR : -YEAR], 1e-9), 1.0)
        growth = growth if growth.shape[1] else np.ones((len(rates), 1))
        early = np.where(inner[:, :1] > 0, inner[:, YEAR : YEAR + 1] / np.maximum(inner[:, :1], 1e-9), 1.0)
        early = early if early.shape[1] else np.ones((len(rates), 1))
    growth, early = (np.clip(one, 0.5, 2.0) ** (DAMPED / YEAR) for one in (growth, early))
    steps = np.arange(1, half + 1)
    level[:, many - half :] = inner[:, -1:] * growth**steps
    level[:, :half] = inner[:, :1] * early ** (-steps[::-1])
    return level * days


def usual_rises(counts: np.ndarray, months: np.ndarray, *, pct: float = 5.0) -> pd.DataFrame:
    """What each series does in each part of the year: [series, month] counts, `months` (datetime64[M], consecutive and complete) in.

    A row is a series (its position) and a slot of `SLOTS` that is complete in some year: series, month, years, risen, rise_pct, hits, calls, base_rate
    (of all months of all series that exceed their level), p, q, evidence (a list of year, observed, expected). It is called where the other years
    rose by `pct` % in the middle (one wild year calls nothing) and most of them rose.
    """
    first = months.astype("datetime64[D]")
    days = (np.append(first[1:], (months[-1] + 1).astype("datetime64[D]")) - first).astype(int)
    expected = expected_without_seasons(counts.astype(float), days.astype(float))
    of_year, year = months.astype(int) % YEAR + 1, months.astype(int) // YEAR + 1970
    found = []
    for slot in SLOTS:
        own = slot_months(slot)
        for one in np.unique(year):
            at = np.flatnonzero((year == one) & np.isin(of_year, own))
            if len(at) == len(own):
                found.append((slot, int(one), counts[:, at].sum(axis=1), expected[:, at].sum(axis=1)))
    if not found or np.isnan(expected).all():
        return pd.DataFrame(columns=[*_COLUMNS])
    slots, years = np.array([one[0] for one in found]), np.array([one[1] for one in found])
    seen = np.stack([one[2] for one in found], axis=1).astype(float)
    level = np.stack([one[3] for one in found], axis=1)
    dispersion = _scatter(seen, level, slots)
    base = float((seen > level)[:, :].mean())
    rows = []
    for slot in SLOTS:
        at = np.flatnonzero(slots == slot)
        if not len(at):
            continue
        observed, mean = seen[:, at], level[:, at]
        p = count_at_least(observed.sum(axis=1), mean.sum(axis=1), dispersion)
        hits, calls = _left_out(observed, mean, pct)
        for series in range(len(counts)):
            total = mean[series].sum()
            rows.append(
                {
                    "series": series,
                    "month": slot,
                    "years": len(at),
                    "risen": int((observed[series] > mean[series]).sum()),
                    "rise_pct": 100 * (observed[series].sum() / total - 1) if total > 0 else 0.0,
                    "hits": int(hits[series]),
                    "calls": int(calls[series]),
                    "base_rate": base,
                    "p": float(p[series]) if total > 0 else 1.0,
                    "evidence": [
                        {
                            "year": int(years[k]),
                            "observed": int(seen[series, k]),
                            "expected": round(float(level[series, k]), 1),
                        }
                        for k in at
                    ],
                }
            )
    out = pd.DataFrame(rows)
    return out.assign(q=adjust(out["p"].to_numpy()))[list(_COLUMNS)]


_COLUMNS = ("series", "month", "years", "risen", "rise_pct", "hits", "calls", "base_rate", "p", "q", "evidence")


def _scatter(seen: np.ndarray, level: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """The dispersion of each series around its own seasons: Pearson's, at least 1; of a sum of years it is the same."""
    squares, free = np.zeros(len(seen)), 0
    for slot in np.unique(slots):
        at = np.flatnonzero(slots == slot)
        if len(at) < 2:
            continue
        ratio = seen[:, at].sum(axis=1, keepdims=True) / np.maximum(level[:, at].sum(axis=1, keepdims=True), 1e-9)
        fitted = np.maximum(level[:, at] * ratio, 1e-9)
        squares += ((seen[:, at] - fitted) ** 2 / fitted).sum(axis=1)
        free += len(at) - 1
    return np.maximum(squares / free, 1.0) if free else np.full(len(seen), 1.0)


def _left_out(observed: np.ndarray, mean: np.ndarray, pct: float) -> tuple[np.ndarray, np.ndarray]:
    """For each year what the others would have called, and whether it rose: hits and calls of each series."""
    hits, calls = np.zeros(len(observed), dtype=int), np.zeros(len(observed), dtype=int)
    years = observed.shape[1]
    if years < 2:
        return hits, calls
    rose = observed > mean
    for left in range(years):
        others = np.arange(years) != left
        ratio = np.median(observed[:, others] / np.maximum(mean[:, others], 1e-9), axis=1)
        called = (ratio > 1 + pct / 100) & (2 * rose[:, others].sum(axis=1) > others.sum())
        calls += called
        hits += called & rose[:, left]
    return hits, calls
