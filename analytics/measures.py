"""Counts, rates and closing times as they may be said: with numerator and denominator, an interval, and a fair
comparison.

What to expect of a count stands in `expected`, the delay of entry in `delays`, the hiding of small cells in
`small_cells`; their functions are named here too, so that a facade needs one import.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analytics.delays import DelayCurve, delay_curve
from analytics.errors import require_columns
from analytics.expected import expect_count, expect_counts, expect_days, expect_level, thin_expected
from analytics.figures import Comparison, Period
from analytics.small_cells import SafeTable, hide_small_cells

__all__ = [
    "ClosingCurve", "DelayCurve", "SafeTable", "closing_times", "compare", "delay_curve", "expect_count",
    "expect_counts", "expect_days", "expect_level", "hide_small_cells", "kaplan_meier", "rate", "thin_expected", "wilson_interval",
]  # fmt: skip

SMALL_BASE = 10  # under it the two counts are said and no percent (DOMAIN 6.3)


def rate(met: float, whole: float) -> float | None:
    """The share in percent, or None when there is nothing to divide by; never 0 or 100 for an empty denominator.

    >>> rate(9, 10), rate(0, 0)
    (90.0, None)
    """
    return 100 * met / whole if whole else None


def wilson_interval(met: object, whole: object, interval_pct: float = 95) -> tuple:
    """The Wilson score interval of a rate, in percent: two numbers for numbers, two arrays for arrays; NaN without
    a denominator.

    Source: Wilson 1927, JASA 22:209.

    >>> tuple(round(end, 1) for end in wilson_interval(9, 10))
    (59.6, 98.2)
    """
    met, whole = np.asarray(met, dtype=float), np.asarray(whole, dtype=float)
    z = special.ndtri(0.5 + interval_pct / 200)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = met / whole
        centre = (share + z**2 / (2 * whole)) / (1 + z**2 / whole)
        half = z * np.sqrt(share * (1 - share) / whole + z**2 / (4 * whole**2)) / (1 + z**2 / whole)
    lower, upper = 100 * np.clip(centre - half, 0, 1), 100 * np.clip(centre + half, 0, 1)
    return (lower, upper) if lower.ndim else (float(lower), float(upper))


def compare(now: float | None, base: float | None, *, kind: str, period: Period, in_points: bool = False) -> Comparison:
    """How a value stands against a base, by the wording rules; `in_points` for rates, which are compared in
    percentage points.

    A base of 0 has no percent (`reason` base_zero, or both_zero), one under 10 has none either, then the two
    counts are said, as they are where the percent would be written 0.0; a value that is not known has `reason` unknown. A fall of a count
    is at most 100 %.

    >>> [compare(now, base, kind="previous_day", period=None).change_pct for now, base in ((15, 10), (6, 3))]
    [50.0, None]
    """
    if now is None or base is None:
        return Comparison(kind, base, period, reason="unknown")
    change = now - base
    if in_points:
        return Comparison(kind, base, period, change_points=change if _is_shown(change) else 0.0)
    if base == 0:
        return Comparison(kind, base, period, change, reason="both_zero" if now == 0 else "base_zero")
    change_pct = 100 * change / base
    said = base >= SMALL_BASE and (change == 0 or _is_shown(change_pct))
    return Comparison(kind, base, period, change, change_pct=change_pct if said else None)


def _is_shown(change: float) -> bool:
    """Whether anything is left of a change at the one decimal that is written, so that nothing rises by 0.0."""
    return round(float(change), 1) != 0


@dataclass(frozen=True, eq=False)
class ClosingCurve:
    """The share still open after so many days (Kaplan–Meier): `days` with closings, `still_open` after each."""

    days: np.ndarray
    still_open: np.ndarray

    def quantile(self, share: float) -> float | None:
        """The first day by whose end at least this share is closed (0.5: the median); None while it is not reached."""
        reached = np.flatnonzero(self.still_open <= 1 - share + 1e-12)
        return float(self.days[reached[0]]) if len(reached) else None

    @property
    def median(self) -> float | None:
        return self.quantile(0.5)

    @property
    def p90(self) -> float | None:
        return self.quantile(0.9)


def kaplan_meier(
    durations: Sequence[float],
    ended: Sequence[int],
    weights: Sequence[float] | None = None,
    entry: Sequence[float] | None = None,
) -> ClosingCurve:
    """The closing curve of matters: `durations` in days until closed (`ended` 1) or, still open, until now (0,
    censored).

    `weights` counts the matters a row stands for; `entry` is the age at which they came under observation (they
    are at risk after it). Source: Kaplan & Meier 1958, JASA 53:457.

    >>> curve = kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0])
    >>> curve.median, curve.p90
    (2.0, None)
    """
    durations, ended = np.asarray(durations, dtype=float), np.asarray(ended, dtype=float)
    weights = np.ones_like(durations) if weights is None else np.asarray(weights, dtype=float)
    days, place = np.unique(durations, return_inverse=True)
    closed = np.bincount(place, weights * ended, minlength=len(days))
    at_risk = np.bincount(place, weights, minlength=len(days))[::-1].cumsum()[::-1]
    if entry is not None:
        order = np.argsort(np.asarray(entry, dtype=float), kind="stable")
        entries = np.asarray(entry, dtype=float)[order]
        not_yet = np.append(weights[order][::-1].cumsum()[::-1], 0.0)
        at_risk = at_risk - not_yet[np.searchsorted(entries, days, side="left")]
    happened = closed > 0
    kept = 1 - closed[happened] / at_risk[happened]
    return ClosingCurve(days[happened], np.cumprod(kept))


def closing_times(rows: pd.DataFrame, by: str | list[str]) -> pd.DataFrame:
    """Median and 90th percentile of the days to close for many groups at once, open matters censored.

    A row stands for `matters` matters of `days` days, `ended` 1 or 0; adds matters, ended, median_days, p90_days
    (NaN: not reached).

    >>> rows = pd.DataFrame({"unit": ["a", "a", "b"], "days": [2, 4, 9], "ended": [1, 1, 0], "matters": [1, 1, 5]})
    >>> closing_times(rows, "unit")["median_days"].tolist()
    [2.0, nan]
    """
    by = [by] if isinstance(by, str) else by
    require_columns(rows, *by, "days", "ended", "matters")
    rows = rows.assign(closed=rows["matters"] * rows["ended"])
    steps = rows.groupby([*by, "days"], observed=True)[["matters", "closed"]].sum().reset_index("days")
    groups = steps.groupby(level=by, observed=True)
    left_before = groups["matters"].cumsum() - steps["matters"]
    at_risk = groups["matters"].transform("sum") - left_before
    with np.errstate(divide="ignore"):
        steps["log_open"] = np.log1p(-(steps["closed"] / at_risk))
    steps["still_open"] = np.exp(groups["log_open"].cumsum())
    found = groups[["matters", "closed"]].sum().rename(columns={"closed": "ended"})
    for name, share in (("median_days", 0.5), ("p90_days", 0.9)):
        reached = steps[(steps["still_open"] <= 1 - share + 1e-9) & (steps["closed"] > 0)]
        found[name] = reached.groupby(level=by, observed=True)["days"].min().astype(float)
    return found
