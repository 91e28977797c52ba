"""Forecasts of a night in the shape in which they are stored, from plain means: what the outlook's tests rest on, not a model to ship."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.forecasts.contract import QUANTILES
from analytics.outlook.tree import NODE, tree_of
from analytics.quantiles import count_quantile
from data import queries
from data.forecast_tables import NAIVE
from data.forecast_tables import QUANTILES as COLUMNS
from data.mart import Mart
from data.scope import Scope

LAST_PERIODS = {"W": 8, "M": 12}
AHEAD = {"W": 12, "M": 6}


def simple_frames(mart: Mart, as_of: date, *, most: int = 8) -> dict[str, pd.DataFrame]:
    """The tables forecast, forecast_series and forecast_past, for all matters, each kind and the busiest subjects of city, districts and streets."""
    tree = tree_of(mart)
    first = as_of - timedelta(days=3 * 366)
    days = queries.read_day_counts(mart, Scope(), first, as_of, tree.subjects)
    days = days[days["pos"].notna()]
    busiest = days.groupby("subject")["matters"].sum().nlargest(most).index
    top = {tree.subjects.codes[int(one)] for one in busiest}
    parts: dict[str, list] = {"forecast": [], "forecast_series": [], "forecast_past": []}
    began = pd.Timestamp(first) + pd.Timedelta(days=int(days["day"].min()))
    for freq, rule in (("W", "W-MON"), ("M", "MS")):
        on = pd.Timestamp(first) + pd.to_timedelta(days["day"].astype(int), unit="D")
        start = (
            (on - pd.to_timedelta(on.dt.day_of_week, unit="D")) if freq == "W" else on.dt.to_period("M").dt.start_time
        )
        starts = pd.date_range(began, as_of, freq=rule)
        ends = starts + pd.Timedelta(days=6) if freq == "W" else starts + pd.offsets.MonthEnd(0)
        known = starts[ends <= pd.Timestamp(as_of)]
        rows = days.assign(start=start).pivot_table(
            index=["pos", "kind", "subject"], columns="start", values="matters", aggfunc="sum", fill_value=0
        )
        rows = rows.reindex(columns=known, fill_value=0)
        past = tree.put_together(rows.reset_index(), list(known))
        keep = past["level"].isin(["city", "district", "street"])
        past = past[keep & (past["category_code"].isna() | past["category_code"].isin(top))]
        wide = past.set_index(NODE).astype(float)
        wide.columns = pd.DatetimeIndex(wide.columns, name="first_on")
        long = wide.reset_index(drop=True).stack().rename("observed").reset_index(level=1)
        long[NODE] = wide.index.to_frame(index=False).iloc[long.index].to_numpy()
        parts["forecast_past"].append(long.assign(freq=freq, is_complete=1))
        recent = wide.to_numpy()[:, -LAST_PERIODS[freq] :]
        mean, dispersion = (
            recent.mean(axis=1),
            np.maximum(recent.var(axis=1) / np.maximum(recent.mean(axis=1), 1e-9), 1.0),
        )
        node = wide.index.to_frame(index=False)
        parts["forecast_series"].append(node.assign(freq=freq, state="forecast", reason=None, skill=0.7, cover80=0.8))
        levels = {
            name: count_quantile(level, np.maximum(mean, 1e-6), dispersion)
            for name, level in zip(COLUMNS, QUANTILES, strict=True)
        }
        for step in range(1, AHEAD[freq] + 1):
            starts_on = known[-1] + (pd.Timedelta(weeks=step) if freq == "W" else pd.DateOffset(months=step))
            ends_on = starts_on + (pd.Timedelta(days=6) if freq == "W" else pd.offsets.MonthEnd(0))
            naive = {name: wide.to_numpy()[:, -1] for name in NAIVE}
            parts["forecast"].append(
                node.assign(freq=freq, step=step, first_on=starts_on.date(), last_on=ends_on.date(), **levels, **naive)
            )
    return {name: pd.concat(rows, ignore_index=True) for name, rows in parts.items()}
