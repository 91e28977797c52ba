"""How issued forecasts did: their score against the naive forecast, their calibration, and the worst misses over and under.

What is scored stands in the ledger as it was issued (`data.forecast_ledger.read_issued`); weighted interval score and calibration of counts
as in `analytics.forecasts.scoring`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.errors import require_columns
from analytics.forecasts.combining import BANDS
from analytics.forecasts.contract import COLUMNS, QUANTILES
from analytics.forecasts.scoring import below_and_upto, coverage, miss, wis

NODE = ["level", "area_code", "kind", "category_code"]
NAIVE_COLUMNS = tuple(column.replace("q", "n", 1) for column in COLUMNS)
NEEDED = ("freq", *NODE, "step", "first_on", *COLUMNS, *NAIVE_COLUMNS, "observed")
SCORED = ("series", "periods", "forecasts", "wis_ratio", "miss", "cover80", "cover95", "naive_miss")
LEAST_SCALE = 0.1  # of a series in which next to nothing happens
HALF = 0.5


def score_issued(issued: pd.DataFrame, by: Sequence[str] = ("freq", "level")) -> pd.DataFrame:
    """The record of issued forecasts whose truth is known, a row a group of `by` (freq, level, band, kind, category_code, as_of …).

    `issued` as the ledger gives it. Added: series, periods and forecasts (how many of each were scored), wis_ratio (the weighted interval
    score over that of the naive forecast, each series scaled by the naive median's mean error, so that small ones count as well; below 1 is
    better), miss (the worst violation of calibration of a count, 0 is perfect; naive_miss of the naive forecast), cover80, cover95 (shares within the
    ranges). `band` is the stretch of the horizon, such as "1-7". Raises MissingColumns.

    >>> row = {"freq": "D", "level": "city", "area_code": "9", "kind": None, "category_code": None, "step": 1, "observed": 5.0}
    >>> row |= {"first_on": pd.Timestamp("2026-11-02"), **dict.fromkeys(COLUMNS, 5.0), **dict.fromkeys(NAIVE_COLUMNS, 7.0)}
    >>> score_issued(pd.DataFrame([row]))[["forecasts", "wis_ratio", "cover80"]].to_numpy().tolist()
    [[1.0, 0.0, 1.0]]
    """
    held = known(issued)
    if "band" in by:
        held = held.assign(band=band_of(held))
    if held.empty:
        return pd.DataFrame(columns=[*by, *SCORED])
    actual = held["observed"].to_numpy(float)
    shown, naive = (held[list(names)].to_numpy(float) for names in (COLUMNS, NAIVE_COLUMNS))
    scale = _scales(held)
    held = held.assign(_score=wis(actual, shown) / scale, _naive=wis(actual, naive) / scale)
    rows = []
    for group, own in held.groupby(list(by), dropna=False, sort=True):
        outcomes = own["observed"].to_numpy(float)
        below, upto = below_and_upto(outcomes, own[list(COLUMNS)].to_numpy(float))
        within80, within95 = coverage(below, upto)
        best = own["_naive"].sum()
        rows.append((
            *(None if one != one else one for one in group),
            len(own[NODE].drop_duplicates()), len(own[["freq", "first_on"]].drop_duplicates()), len(own),
            own["_score"].sum() / best if best > 0 else np.nan, miss(below, upto), within80, within95,
            miss(*below_and_upto(outcomes, own[list(NAIVE_COLUMNS)].to_numpy(float))),
        ))  # fmt: skip
    found = pd.DataFrame(rows, columns=[*by, *SCORED], dtype=object)  # None stays None
    return found.astype(dict.fromkeys(SCORED, float) | dict.fromkeys(SCORED[:3], int))


def calibration(issued: pd.DataFrame) -> pd.DataFrame:
    """At each quantile the shares of truths below it and at or below it, by freq: freq, quantile, below, upto, forecasts.

    A count is calibrated where `below` ≤ quantile ≤ `upto`.
    """
    rows = []
    for freq, own in known(issued).groupby("freq"):
        below, upto = below_and_upto(own["observed"].to_numpy(float), own[list(COLUMNS)].to_numpy(float))
        rows += [(freq, *one, len(own)) for one in zip(QUANTILES, below, upto, strict=True)]
    return pd.DataFrame(rows, columns=["freq", "quantile", "below", "upto", "forecasts"])


def worst_misses(issued: pd.DataFrame, many: int = 5) -> pd.DataFrame:
    """The periods that lay farthest outside what was expected, by the last forecast issued before each: `many` whose forecast was too high
    (`side` over) and `many` whose was too low (under), the worst first.

    Columns: side, freq, the node, first_on, step, observed, expected (median), lower, upper (95 %), distance (from the median, in widths from there
    to the end of the 95 % range on that side, one matter at least). Only truths outside the range are misses.
    """
    held = known(issued).sort_values("step", kind="stable").drop_duplicates(["freq", *NODE, "first_on"])
    middle, lower, upper = (held[name].to_numpy(float) for name in ("q0.5", "q0.025", "q0.975"))
    actual = held["observed"].to_numpy(float)
    side = np.select([actual < lower, actual > upper], ["over", "under"], "")
    width = np.maximum(np.where(actual < middle, middle - lower, upper - middle), 1)
    found = held[["freq", *NODE, "first_on", "step", "observed"]].assign(
        side=side, expected=middle, lower=lower, upper=upper, distance=np.abs(actual - middle) / width
    )
    found = found[found["side"] != ""].sort_values(["side", "distance"], ascending=[True, False], kind="stable")
    columns = ["side", "freq", *NODE, "first_on", "step", "observed", "expected", "lower", "upper", "distance"]
    return found.groupby("side", sort=False).head(many)[columns].reset_index(drop=True)


def known(issued: pd.DataFrame) -> pd.DataFrame:
    """The rows whose truth is known and whose forecasts are numbers. Raises MissingColumns."""
    require_columns(issued, *NEEDED)
    return issued[issued[["observed", COLUMNS[0], NAIVE_COLUMNS[0]]].notna().all(axis=1)]


def band_of(issued: pd.DataFrame) -> pd.Series:
    """The stretch of the horizon that each row lies in, such as "1-7"; the last reaches to the end."""
    found = pd.Series("", index=issued.index, dtype=object)
    for freq in issued["freq"].unique():
        for first, last in BANDS[freq]:
            found[(issued["freq"] == freq) & (issued["step"] >= first)] = f"{first}-{last}"
    return found


def _scales(held: pd.DataFrame) -> np.ndarray:
    """For each row the mean error of the naive median in its series and frequency."""
    error = (held["observed"] - held[NAIVE_COLUMNS[QUANTILES.index(HALF)]]).abs()
    keys = [held[name].fillna("") for name in ("freq", *NODE)]
    return np.maximum(error.groupby(keys).transform("mean").to_numpy(float), LEAST_SCALE)
