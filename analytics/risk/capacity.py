"""How many closings a week keep the backlog flat, and what another number would do."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class CapacityCase:
    """What a question about capacity starts from, in one place and kind: `level, area_code, area, kind`.

    `open` matters stand now; `now_a_week` were closed a week on the average of the last `weeks_back` weeks; `arrivals` has a row a week ahead:
    on (its last day), median, low, high (80 %) of what arrives. `flat_a_week` closings keep the backlog where it is (the mean of the arrivals expected),
    `flat_low` to `flat_high` with 80 % probability. Empty arrivals: no forecast, nothing to ask.
    """

    level: str
    area_code: str
    area: str
    kind: str | None
    open: int
    now_a_week: float
    weeks_back: int
    arrivals: pd.DataFrame
    flat_a_week: float | None
    flat_low: float | None
    flat_high: float | None


def flat_closings(means: np.ndarray, spreads: np.ndarray) -> tuple[float, float, float]:
    """Closings a week that keep the backlog flat over these weeks: the mean of the arrivals, and its 80 % range.

    `spreads` are standard deviations of the weekly forecasts; errors of successive weeks are taken as fully dependent, which widens the
    range: a level that is misjudged stays misjudged.

    >>> flat_closings(np.array([10.0, 14.0]), np.array([2.0, 2.0]))[0]
    12.0
    """
    middle, spread = float(np.mean(means)), float(np.mean(spreads))
    return middle, max(middle - 1.2816 * spread, 0.0), middle + 1.2816 * spread


def what_if(case: CapacityCase, closings_a_week: float, *, first_days: int = 7) -> pd.DataFrame:
    """The backlog week by week if so many were closed each week: on, open, low, high; never below 0, and nothing is closed before it came.

    `first_days` of the first week are still ahead, and only their share is closed in them.

    >>> weeks = pd.DataFrame({"on": [1, 2], "median": [10.0, 10.0], "low": [8.0, 8.0], "high": [12.0, 12.0]})
    >>> case = CapacityCase("city", "9999", "", None, 5, 9.0, 8, weeks, 10.0, 8.0, 12.0)
    >>> what_if(case, 12)["open"].tolist()
    [3.0, 1.0]
    """
    out = {"on": case.arrivals["on"].tolist()}
    for name, column in (("open", "median"), ("low", "low"), ("high", "high")):
        standing, path = float(case.open), []
        for number, arrived in enumerate(case.arrivals[column].astype(float)):
            share = 1.0 if number else min(first_days, 7) / 7
            standing = max(standing + arrived - share * closings_a_week, 0.0)
            path.append(standing)
        out[name] = path
    return pd.DataFrame(out)
