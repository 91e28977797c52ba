"""A night's forecasts as they are stored beside the matters, and as they go to the ledger."""

import json

import numpy as np
import pandas as pd

from analytics.forecast_panels import DAY, DayCounts, following, last_days, node_of
from analytics.forecasts.contract import COLUMNS, Panel
from analytics.forecasts.nightly import NAIVE_COLUMNS, NightForecasts
from data import forecast_tables as t
from data.result_columns import NODE

PAST = {"D": 400, "W": 160, "M": 60}  # periods of the past that are kept for the charts
_STORED = dict(zip((*COLUMNS, *NAIVE_COLUMNS), (*t.QUANTILES, *t.NAIVE), strict=True))


def with_nodes(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with the columns of the node in the place of its key."""
    nodes = {key: node_of(key) for key in frame["key"].unique()}
    parts = {name: frame["key"].map({key: getattr(node, name) for key, node in nodes.items()}) for name in NODE}
    parts = {name: held.astype(object).where(held.notna(), None) for name, held in parts.items()}
    return frame.drop(columns=["key", "level"], errors="ignore").assign(**parts)


def shown_frames(night: NightForecasts, panel: Panel) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`forecast_series` and `forecast` of one frequency."""
    ends = last_days(panel.freq, panel.starts[-1:])[0]
    series = with_nodes(night.series).assign(last_on=ends.astype(object))
    frame = with_nodes(night.frame).rename(columns=_STORED | {"period": "first_on"})
    frame["last_on"] = last_days(panel.freq, frame["first_on"].to_numpy().astype("datetime64[D]")).astype(
        "datetime64[s]"
    )
    wanted = [column.name for column in t.series.columns if column.name != "run_no"]
    return series[[name for name in wanted if name in series]], frame


def past_frame(panel: Panel) -> pd.DataFrame:
    """The last periods of the past, those with data."""
    kept = slice(-PAST[panel.freq], None)
    return _long(panel.keys, panel.freq, panel.starts[kept], panel.counts[:, kept], is_complete=True)


def filling_frame(counted: DayCounts) -> pd.DataFrame:
    """The days after the last that is complete, as far as they are known."""
    filling = counted.days > np.datetime64(counted.through, "D")
    keys = tuple(node.key for node in counted.nodes)
    return _long(keys, "D", counted.days[filling], counted.counts[:, filling], is_complete=False)


def ledger_rows(night: NightForecasts) -> pd.DataFrame:
    """What is issued, a row a series."""
    frame = night.frame.sort_values(["key", "step"], kind="stable")
    firsts = frame.drop_duplicates("key").reset_index(drop=True)
    steps = int(frame["step"].max()) if len(frame) else 0
    states = dict(zip(night.series["key"], night.series["state"], strict=True))
    rows = firsts[["key", "freq"]].assign(state=firsts["key"].map(states), first_on=firsts["period"])
    for name, columns in (("quantiles", COLUMNS), ("naive", NAIVE_COLUMNS)):
        rows[name] = list(frame[list(columns)].to_numpy(float).reshape(len(rows), steps, len(columns)))
    return with_nodes(rows)


def run_frame(**facts: object) -> pd.DataFrame:
    """One row of `run`; lists as JSON."""
    lists = ("years_missing", "levels", "kinds")
    return pd.DataFrame([{name: json.dumps(value) if name in lists else value for name, value in facts.items()}])


def _long(
    keys: tuple[str, ...], freq: str, starts: np.ndarray, counts: np.ndarray, *, is_complete: bool
) -> pd.DataFrame:
    series, period = np.nonzero(np.isfinite(counts))
    first = starts[period]
    frame = pd.DataFrame({"key": np.array(keys, dtype=object)[series], "freq": freq})
    frame["first_on"] = first.astype("datetime64[s]")
    frame["last_on"] = (following(freq, first, 1) - DAY).astype("datetime64[s]")
    frame["observed"] = counts[series, period].astype(int)
    return with_nodes(frame.assign(is_complete=int(is_complete)))
