"""The coming week and month of each series: forecast, lines, and the probability of passing them."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.figures import Period
from analytics.forecasts.contract import QUANTILES
from analytics.outlook.tree import NODE, keys_of
from analytics.risk.lines import chance_above, last_year_of, usual_line
from analytics.risk.settings import LINES, RiskRules
from data.forecast_tables import QUANTILES as COLUMNS

FREQ_OF = {"week": "W", "month": "M"}
RANGE = {"median": "q500", "low": "q100", "high": "q900", "lowest": "q025", "highest": "q975"}
NAIVE_RANGE = {"naive": "n500", "naive_low": "n100", "naive_high": "n900"}


def volumes(
    frames: Mapping[str, pd.DataFrame],
    as_of: date,
    closed_a_week: pd.Series,
    rules: RiskRules,
    new_year: Callable[[int], date | None],
) -> pd.DataFrame:
    """The rows of `risk_volume`: for each series its first whole week and month after `as_of`, with lines and chances.

    `frames` are the tables forecast, forecast_series and forecast_past of the night; `closed_a_week` by node.
    """
    out = []
    for ahead, freq in FREQ_OF.items():
        series = _of(frames["forecast_series"], freq)
        if series.empty:
            continue
        period = coming(ahead, as_of)
        rows = _rows_of(_of(frames["forecast"], freq), series, period)
        known = past_counts(frames["forecast_past"], freq)
        at = keys_of(rows)
        past = known.reindex(at)
        chances = rows[list(COLUMNS)].to_numpy(dtype=float)
        found = rows[[*NODE]].reset_index(drop=True).assign(ahead=ahead, first_on=period.first, last_on=period.last)
        for name, column in {**RANGE, **NAIVE_RANGE}.items():
            found[name] = rows[column].to_numpy(dtype=float)
        found = found.join(_told(_of(frames["forecast_series"], freq), at))
        periods = getattr(rules, f"usual_periods_{ahead}")
        years = {
            year: day for year in (period.first.year - 1, period.first.year) if (day := new_year(year)) is not None
        }
        base, alignment = last_year_of(period, ahead, years)
        lines = {
            "usual": usual_line(past.to_numpy(dtype=float)[:, -periods:], rules.usual_pct, ahead),
            "last_year": _last_year(past, base, period) * rules.last_year_pct / 100,
            "capacity": closed_a_week.reindex(at).to_numpy(dtype=float) * period.days / 7 * rules.capacity_pct / 100,
        }
        for name in LINES:
            found[name] = np.floor(lines[name])  # a count passes a line where it passes its whole part
            found[f"{name}_chance"] = chance_above(chances, np.array(QUANTILES), found[name])
        found = found.assign(last_year_first_on=base.first, last_year_last_on=base.last, last_year_alignment=alignment)
        out.append(found)
    return pd.concat(out, ignore_index=True) if out else pd.DataFrame()


def _of(frame: pd.DataFrame, freq: str) -> pd.DataFrame:
    return frame[frame["freq"] == freq]


def coming(ahead: str, as_of: date) -> Period:
    """The first whole week (from Monday) or month that begins after a day.

    >>> coming("week", date(2026, 11, 20)).first, coming("month", date(2026, 12, 31)).last
    (datetime.date(2026, 11, 23), datetime.date(2027, 1, 31))
    """
    if ahead == "week":
        first = as_of + timedelta(days=7 - as_of.weekday())
        return Period(first, first + timedelta(days=6))
    first = (as_of.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Period(first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1))


def _rows_of(ahead: pd.DataFrame, series: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The forecasts of a period, a row a series; empty numbers where a series has none."""
    own = ahead[pd.to_datetime(ahead["first_on"]) == pd.Timestamp(period.first)]
    numbers = own[[*COLUMNS, *NAIVE_RANGE.values()]].set_axis(keys_of(own))
    every = series[NODE].drop_duplicates()
    return every.reset_index(drop=True).join(numbers.reindex(keys_of(every)).reset_index(drop=True))


def past_counts(past: pd.DataFrame, freq: str) -> pd.DataFrame:
    """Complete counts of a frequency by node (index) and first day (columns, in order), from rows of forecast_past."""
    rows = _of(past, freq)
    own = rows[rows["is_complete"] == 1] if "is_complete" in rows else rows
    wide = own.assign(node=keys_of(own), first_on=pd.to_datetime(own["first_on"])).pivot_table(
        index="node", columns="first_on", values="observed", aggfunc="sum", min_count=1
    )
    return wide.sort_index(axis=1)


def _last_year(past: pd.DataFrame, base: Period, period: Period) -> np.ndarray:
    """The count of the base, scaled by its days where these differ from the period's (January and February by their daily mean)."""
    inside = [day for day in past.columns if base.first <= day.date() <= base.last]
    expected = len(pd.date_range(base.first, base.last, freq="MS")) if base.days > 7 else 1
    if len(inside) < expected:
        return np.full(len(past), np.nan)
    total = past[inside].sum(axis=1, min_count=len(inside)).to_numpy(dtype=float)
    return total if len(inside) == 1 else total * period.days / base.days


def _told(series: pd.DataFrame, at: pd.Index) -> pd.DataFrame:
    """What the night says of each series: state, reason, skill, cover80."""
    known = series.assign(node=keys_of(series)).drop_duplicates("node").set_index("node")
    return known.reindex(at)[["state", "reason", "skill", "cover80"]].reset_index(drop=True)
