"""The risk level of each series of the night: the values of its parts, what they give, and their sum."""

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from analytics.outlook.tree import NODE, keys_of
from analytics.risk.composite import level_of, part_points, total_points
from analytics.risk.settings import PARTS, RiskRules

Row = Mapping[str, object]


def late_shares(cells: pd.DataFrame) -> dict[str | None, float]:
    """The share of open matters with a deadline that are overdue or expected to miss it, by kind (None: all), in the widest places."""
    if cells.empty:
        return {}
    widest = cells[cells["level"] == cells["level"].iloc[0]]
    own = widest[widest["category_code"].isna()]
    kinds = own["kind"].where(own["kind"].notna(), None)
    sums = own.assign(late=own["overdue"] + own["expected"], dated=own["overdue"] + own["due"])
    sums = sums.groupby(kinds.fillna(""))[["late", "dated"]].sum(min_count=1)
    return {
        kind or None: float(row.late / row.dated)
        for kind, row in sums.iterrows()
        if row.dated > 0 and row.late == row.late
    }


def part_values(
    cell: Row | None, month: Row | None, rules: RiskRules, whole_late: Mapping[str | None, float]
) -> dict[str, float | None]:
    """The value of each part of one node, None where it is not known: from its row of `risk_cell` and of `risk_volume` (month).

    Shares of few matters are drawn towards the whole (`whole_late` by kind) as if `steady_matters` of it were among them.
    """
    values: dict[str, float | None] = dict.fromkeys(PARTS)
    if month is not None:
        for line in ("usual", "last_year", "capacity"):
            values[line] = _number(month[f"{line}_chance"])
    if cell is None:
        return values
    dated = cell["overdue"] + cell["due"]
    if dated > 0 and _number(cell["expected"]) is not None:
        own, steady = cell["overdue"] + cell["expected"], rules.steady_matters
        whole = whole_late.get(cell["kind"] or None, own / dated)
        values["deadline"] = float((own + steady * whole) / (dated + steady))
    disputes, share, whole = (_number(cell.get(name)) for name in ("disputes", "share", "share_whole"))
    if share is not None and whole and (disputes or 0) >= rules.minimum_disputes:
        values["escalation"] = share / whole
    if cell["open"] > 0 and _number(cell["pending_expected"]) is not None:
        values["pending"] = float((cell["pending_expected"] - cell["pending"]) / (cell["open"] + rules.steady_matters))
    return values


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def levels(cells: pd.DataFrame, volumes: pd.DataFrame, series: pd.DataFrame, rules: RiskRules) -> pd.DataFrame:
    """The rows of `risk_level`, one for each node of `series`; without a forecast of the coming month there is none to give, and it is empty.

    `cells` are indexed by node.
    """
    rows, whole_late = [], late_shares(cells)
    months = volumes[volumes["ahead"] == "month"] if len(volumes) else volumes
    known = dict(zip(keys_of(months), months.to_dict("records"), strict=True)) if len(months) else {}
    for key, node in zip(keys_of(series), series[NODE].to_dict("records"), strict=True):
        month = known.get(key)
        cell = cells.loc[key] if key in cells.index else None
        values = part_values(cell, month, rules, whole_late)
        points = total_points(values, rules)
        given = part_points(values, rules)
        parts = {name: {"value": values[name], "points": round(given[name], 3)} for name in PARTS}
        rows.append(
            node
            | {
                "level_code": level_of(points, rules),
                "points": np.nan if points is None else points,
                "parts": json.dumps(parts),
            }
        )
    return pd.DataFrame(rows, columns=[*NODE, "level_code", "points", "parts"])
