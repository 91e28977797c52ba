"""The course of one series for a chart: what was counted, what is forecast with its ranges, and how good such forecasts were."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics.forecast_stored import read_forecasts
from analytics.outlook.answer import RiskNode
from data.mart import Mart
from data.scope import Scope

FREQS = {"day": "D", "week": "W", "month": "M"}


@dataclass(frozen=True, eq=False)
class Course:
    """One series by day, week or month (`unit`), within what the reader may see.

    `past` has `on, last_on, observed, is_complete` (1 or 0) by period; `ahead` has `on, last_on, q025 … q975, n500` (the naive middle). `state` is
    forecast, naive, refused with `reason`, or none (no such series is forecast). `skill` is the past score over the naive one's, `cover80` and
    `cover95` the shares of past truths within those ranges; `usable_from` the day before which counts were not used.
    """

    unit: str
    past: pd.DataFrame
    ahead: pd.DataFrame
    state: str
    reason: str | None = None
    skill: float | None = None
    cover80: float | None = None
    cover95: float | None = None
    usable_from: date | None = None


def read_course(mart: Mart, scope: Scope, day: date, node: RiskNode, unit: str) -> Course:
    """The course of a node as the last night of the day knew it."""
    stored = read_forecasts(mart, scope, day)
    if stored is None:
        return _none(unit)
    past, ahead, what = stored.series(node.level, node.area_code, node.kind, node.category_code, FREQS[unit])
    if what.empty:
        return _none(unit)
    row = what.iloc[0]
    return Course(
        unit,
        past.rename(columns={"first_on": "on"}),
        ahead.rename(columns={"first_on": "on"}),
        str(row["state"]),
        None if pd.isna(row["reason"]) else str(row["reason"]),
        *(None if pd.isna(row[name]) else float(row[name]) for name in ("skill", "cover80", "cover95")),
        None if pd.isna(row["usable_from"]) else pd.Timestamp(row["usable_from"]).date(),
    )


def _none(unit: str) -> Course:
    empty = pd.DataFrame({"on": [], "observed": []})
    return Course(unit, empty, empty, "none")
