"""The risk level of each series of the night: the values of its parts, what they give, and their sum."""

import json

import numpy as np
import pandas as pd

from analytics.outlook.tree import NODE, keys_of
from analytics.risk.composite import level_of, part_points, total_points
from analytics.risk.settings import PARTS, RiskRules


def part_values(cell: pd.Series | None, month: pd.Series | None, rules: RiskRules) -> dict[str, float | None]:
    """The raw value of each part of one node, None where it is not known: from its row of `risk_cell` and of `risk_volume` (month)."""
    values: dict[str, float | None] = dict.fromkeys(PARTS)
    if month is not None:
        for line in ("usual", "last_year", "capacity"):
            values[line] = _number(month[f"{line}_chance"])
    if cell is None:
        return values
    dated = cell["overdue"] + cell["due"]
    if dated > 0:
        values["deadline"] = float((cell["overdue"] + cell["expected"]) / dated)
    disputes, share, whole = (_number(cell.get(name)) for name in ("disputes", "share", "share_whole"))
    if share is not None and whole and (disputes or 0) >= rules.minimum_disputes:
        values["escalation"] = share / whole
    if cell["open"] > 0:
        values["pending"] = float((cell["pending_expected"] - cell["pending"]) / cell["open"])
    return values


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def levels(cells: pd.DataFrame, volumes: pd.DataFrame, rules: RiskRules) -> pd.DataFrame:
    """The rows of `risk_level`, one for each node with a forecast of the coming month. `cells` are indexed by node."""
    rows = []
    months = volumes[volumes["ahead"] == "month"] if len(volumes) else volumes
    keys = keys_of(months) if len(months) else []
    for key, month in zip(keys, months.to_dict("records"), strict=True):
        cell = cells.loc[key] if key in cells.index else None
        values = part_values(cell, month, rules)
        points = total_points(values, rules)
        given = part_points(values, rules)
        parts = {name: {"value": values[name], "points": round(given[name], 3)} for name in PARTS}
        rows.append(
            {name: month[name] for name in NODE}
            | {
                "level_code": level_of(points, rules),
                "points": np.nan if points is None else points,
                "parts": json.dumps(parts),
            }
        )
    return pd.DataFrame(rows, columns=[*NODE, "level_code", "points", "parts"])
