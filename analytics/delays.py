"""How late do matters reach the system? The site's own curve from registration to entry, and how full a day is."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.errors import require_columns

LONGEST_LAG = 60  # days; what comes later is no longer a day still filling
FEWEST_MATTERS = 50
FEWEST_DAYS = 14


@dataclass(frozen=True, eq=False)
class DelayCurve:
    """The share of a day's matters entered by the end of each day after it; `by_age[k]` after k days, rising to 1.

    `matters` is the number it rests on, `known_on` the day up to which entries were seen.
    """

    by_age: np.ndarray
    matters: int
    known_on: date

    def completeness(self, known_on: date, day: date) -> float:
        """The share (0–1) of a day's matters to be found in the system at the close of `known_on`."""
        age = (known_on - day).days
        if age < 0:
            return 0.0
        return float(self.by_age[age]) if age < len(self.by_age) else 1.0

    @property
    def filled_after(self) -> int:
        """After how many days at least 99 % are entered."""
        return int(np.argmax(self.by_age >= 0.99))


def delay_curve(delays: pd.DataFrame, known_on: date) -> DelayCurve | None:
    """The delay curve, from matters counted by registered_on and lag_days (days from registration to entry) in
    `matters`.

    A recent day shows only its short lags (right truncation), so the curve is built from the longest lag down: the
    share entered with a lag of exactly x among those entered within x is counted only on days at least x days old.
    None with fewer than 50 matters or 14 days. Sources: Kalbfleisch & Lawless 1989, JASA 84:360; Lawless 1994,
    Canadian Journal of Statistics 22:15.

    >>> rows = pd.DataFrame({"registered_on": pd.date_range("2026-01-01", periods=20), "lag_days": 0, "matters": 5})
    >>> delay_curve(rows, date(2026, 1, 20)).completeness(date(2026, 1, 20), date(2026, 1, 20))
    1.0
    """
    require_columns(delays, "registered_on", "lag_days", "matters")
    if delays.empty:
        return None
    age = (pd.Timestamp(known_on) - pd.to_datetime(delays["registered_on"])).dt.days.to_numpy()
    lag, matters = delays["lag_days"].to_numpy(dtype=int), delays["matters"].to_numpy(dtype=float)
    seen = (lag >= 0) & (lag <= np.minimum(age, LONGEST_LAG))
    age, lag, matters = age[seen], lag[seen], matters[seen]
    if matters.sum() < FEWEST_MATTERS or len(np.unique(age)) < FEWEST_DAYS:
        return None
    longest = int(min(age.max(), LONGEST_LAG))
    by_age_and_lag = np.zeros((max(int(age.max()), longest) + 1, longest + 1))
    np.add.at(by_age_and_lag, (age, lag), matters)
    within = by_age_and_lag.cumsum(axis=1)
    old_enough = within[::-1].cumsum(axis=0)[::-1]
    entered = by_age_and_lag[::-1].cumsum(axis=0)[::-1].diagonal()[: longest + 1]
    at_risk = old_enough.diagonal()[: longest + 1]
    hazard = np.divide(entered, at_risk, out=np.zeros(longest + 1), where=at_risk > 0)
    by_age = np.append(np.cumprod((1 - hazard[1:])[::-1])[::-1], 1.0)
    return DelayCurve(by_age, int(matters.sum()), known_on)
