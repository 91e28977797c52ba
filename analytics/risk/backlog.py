"""How many matters will be open: what is open now and not yet closed, and what will have come and not yet been closed.

What is open is closed at the hazards of each matter's age and deadline; what arrives, at the share that is still open so many working days after
registration (Kaplan & Meier 1958, J. Am. Stat. Assoc. 53:457). The range adds the chance of each closing, the spread of the arrivals forecast (errors
of successive weeks correlate by `ALIKE`) and how far closings as a whole have strayed in the past; as a count: negative binomial.
"""

import numpy as np
import pandas as pd

from analytics.quantiles import count_quantile

ALIKE = 0.5  # correlation of the errors of the arrivals of two weeks
TEN, NINETY = 0.1, 0.9


def open_after(spells: pd.DataFrame, steps: int) -> np.ndarray:
    """The share of matters still open so many working days after registration, 0 … `steps`, those still open counted as far as they go.

    `spells` have spent, is_closed, matters.

    >>> spells = pd.DataFrame({"spent": [0, 2, 1], "is_closed": [1, 1, 0], "matters": [2, 1, 1]})
    >>> open_after(spells, 3).tolist()
    [0.5, 0.5, 0.0, 0.0]
    """
    spent = np.clip(spells["spent"].to_numpy(dtype=int), 0, steps + 1)
    many = spells["matters"].to_numpy(dtype=float)
    ends = (spells["is_closed"] == 1).to_numpy() & (spells["spent"].to_numpy() <= steps)
    at_risk = np.bincount(spent, many, steps + 2)[::-1].cumsum()[::-1][: steps + 1]
    closed = np.bincount(spent[ends], many[ends], steps + 2)[: steps + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        stays = np.where(at_risk > 0, 1 - closed / at_risk, 1.0)
    return np.cumprod(stays)


def spread_of(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The standard deviation that a range of 80 % stands for."""
    return np.maximum(np.asarray(high, dtype=float) - np.asarray(low, dtype=float), 0) / 2.563


def backlog_path(
    standing: np.ndarray,
    scatter: np.ndarray,
    arrivals: np.ndarray,
    spreads: np.ndarray,
    stays: np.ndarray,
    stray: float,
) -> pd.DataFrame:
    """The backlog at the end of each week ahead: median, low, high (80 %).

    `standing` [week] is how many of those open now are expected to be open then, `scatter` [week] the variance of that number; `arrivals`, `spreads`
    [week] mean and standard deviation of what arrives; `stays` [week, week] the share of the arrivals of a week (column) open at the end of
    another (row); `stray` the standard deviation by which closings as a whole stray, as a share of what stands.

    >>> none = np.zeros(1)
    >>> backlog_path(np.array([4.0]), none, np.array([10.0]), none, np.array([[0.5]]), 0.0)["median"].tolist()
    [9.0]
    """
    mean = standing + stays @ arrivals
    own = (stays**2) @ spreads**2
    together = (stays @ spreads) ** 2
    chance = scatter + (stays * (1 - stays)) @ arrivals
    variance = chance + (1 - ALIKE) * own + ALIKE * together + (stray * mean) ** 2
    dispersion = np.maximum(variance / np.maximum(mean, 1e-9), 1.0)
    columns = {"median": 0.5, "low": TEN, "high": NINETY}
    known = np.maximum(mean, 1e-9)
    return pd.DataFrame({name: count_quantile(share, known, dispersion) for name, share in columns.items()})


def stray_of(observed: np.ndarray, expected: np.ndarray, variance: np.ndarray) -> float:
    """By how much, as a share, whole sums strayed from what was expected, beyond the chance of the single matters: 0 at least.

    >>> stray_of(np.array([120.0, 80.0]), np.array([100.0, 100.0]), np.array([0.0, 0.0]))
    0.2
    """
    known = expected > 0
    if not known.any():
        return 0.0
    excess = ((observed - expected) ** 2 - variance)[known].sum() / (expected[known] ** 2).sum()
    return float(np.sqrt(max(excess, 0.0)))
