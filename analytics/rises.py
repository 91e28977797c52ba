"""Which counts rose, or fell, by more than chance? Two counts are compared by a test; where many are compared, their number is allowed for."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analytics.errors import require_columns

FEWEST_PERIODS = 4  # past periods for an over-dispersion


@dataclass(frozen=True)
class RiseRule:
    """What it takes to call a count risen: the share of false calls among all calls (Benjamini–Hochberg), and a least number of matters.

    A rise needs `least` matters now, a fall as many before; both must have moved by `least_change`.
    """

    false_share: float = 0.05
    least: int = 5
    least_change: int = 3


RISE_RULE = RiseRule()


def dispersion(history: np.ndarray, days: np.ndarray) -> np.ndarray:
    """How much more the past counts of each series scatter than chance alone would have them: Pearson's chi-square per degree of
    freedom around a constant number a day, at least 1; 1 with fewer than 4 past periods.

    Columns of `history` are series, rows past periods of `days` days each.

    >>> dispersion(np.array([[10.0], [10.0], [10.0], [10.0]]), np.array([30.0] * 4))
    array([1.])
    """
    history = np.asarray(history, dtype=float)
    days = np.asarray(days, dtype=float)[:, None]
    if len(history) < FEWEST_PERIODS:
        return np.ones(history.shape[1])
    fitted = history.sum(axis=0) / days.sum() * days
    with np.errstate(divide="ignore", invalid="ignore"):
        chi_square = np.where(fitted > 0, (history - fitted) ** 2 / fitted, 0.0).sum(axis=0)
    return np.maximum(1.0, chi_square / (len(history) - 1))


def rise_probability(
    now: np.ndarray,
    before: np.ndarray,
    days_now: np.ndarray,
    days_before: np.ndarray,
    scatter: np.ndarray | float = 1.0,
) -> np.ndarray:
    """How likely chance alone makes at least this rise, were the number a day the same in both periods.

    Given their sum, the later of two Poisson counts is binomial with the share of its days (Przyborowski & Wilenski 1940, Biometrika
    31:313); counts that scatter `scatter` times as much are divided by it first (quasi-likelihood). 1 where nothing was counted now.

    >>> rise_probability(np.array([15]), np.array([5]), np.array([30]), np.array([30])).round(3)
    array([0.021])
    """
    now, before = np.asarray(now, dtype=float) / scatter, np.asarray(before, dtype=float) / scatter
    days_now, days_before = np.asarray(days_now, dtype=float), np.asarray(days_before, dtype=float)
    share = days_now / (days_now + days_before)
    return np.where(now > 0, special.betainc(np.maximum(now, 1e-12), before + 1, share), 1.0)


def judge_moves(counts: pd.DataFrame, rule: RiseRule = RISE_RULE) -> pd.DataFrame:
    """Which series rose or fell by more than chance, all of them judged together.

    A row is a series. Requires `now, before, days_now, days_before, scatter`. Adds `change`; `moved` (rose, fell or steady); and
    `probability`, that of the move in its direction. At most a share `false_share` of the calls is expected to be false (Benjamini &
    Hochberg 1995, J. R. Stat. Soc. B 57:289). Equal counts are steady. Raises MissingColumns.

    >>> rows = pd.DataFrame({"now": [40, 11, 5], "before": [10, 10, 30], "days_now": 30, "days_before": 30, "scatter": 1.0})
    >>> judge_moves(rows)["moved"].tolist()
    ['rose', 'steady', 'fell']
    """
    require_columns(counts, "now", "before", "days_now", "days_before", "scatter")
    out = counts.copy()
    now, before, scatter = (out[name].to_numpy(dtype=float) for name in ("now", "before", "scatter"))
    days_now, days_before = (out[name].to_numpy(dtype=float) for name in ("days_now", "days_before"))
    up = rise_probability(now, before, days_now, days_before, scatter)
    down = rise_probability(before, now, days_before, days_now, scatter)
    out["change"] = (now - before).astype(np.int64)
    out["probability"] = np.where(now >= before, up, down)
    surprising = _benjamini_hochberg(np.concatenate([up, down]), rule.false_share).reshape(2, -1)
    rose = surprising[0] & (now >= rule.least) & (now - before >= rule.least_change)
    fell = surprising[1] & (before >= rule.least) & (before - now >= rule.least_change)
    out["moved"] = np.where(rose, "rose", np.where(fell, "fell", "steady"))
    return out


def _benjamini_hochberg(probabilities: np.ndarray, false_share: float) -> np.ndarray:
    """Which are small enough, given how many were looked at."""
    count = len(probabilities)
    ordered = np.sort(probabilities)
    passing = np.flatnonzero(ordered <= false_share * np.arange(1, count + 1) / max(count, 1))
    return probabilities <= ordered[passing[-1]] if len(passing) else np.zeros(count, dtype=bool)
