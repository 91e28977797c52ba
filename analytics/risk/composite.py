"""A risk level as a sum of named parts: each part's value, up to where it is full, times its weight. Nothing else enters it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analytics.measures import wilson_interval
from analytics.risk.settings import LEVEL_CODES, PARTS, RISK_RULES, RiskRules

VOLUME_PARTS = ("usual", "last_year", "capacity")  # without any of these there is no forecast, and no level


def part_points(values: Mapping[str, float | None], rules: RiskRules = RISK_RULES) -> dict[str, float]:
    """What each part gives: weight × (value ÷ full), at least 0 and at most the weight; an unknown part gives nothing.

    `escalation` is a ratio to the whole city: it counts from 1 (like everywhere) to its full value.

    >>> part_points({"deadline": 0.2, "escalation": 1.0, "usual": None})["deadline"]
    10.0
    """
    points = {}
    for part in PARTS:
        value, full = values.get(part), rules.full(part)
        if value is None or not np.isfinite(value):
            points[part] = 0.0
            continue
        share = (value - 1) / (full - 1) if part == "escalation" else value / full
        points[part] = rules.weight(part) * float(np.clip(share, 0.0, 1.0))
    return points


def total_points(values: Mapping[str, float | None], rules: RiskRules = RISK_RULES) -> float | None:
    """The sum of the parts; None where no line could be drawn, since a level without a forecast would say less than it seems."""
    if all(values.get(part) is None or not np.isfinite(values[part]) for part in VOLUME_PARTS):
        return None
    return sum(part_points(values, rules).values())


def level_of(points: float | None, rules: RiskRules = RISK_RULES) -> str | None:
    """The level of a number of points: a threshold is reached at its value; None without points.

    >>> level_of(55.0), level_of(54.9), level_of(0.0), level_of(None)
    ('I', 'II', 'IV', None)
    """
    if points is None:
        return None
    for code, least in zip(LEVEL_CODES, (rules.level_1, rules.level_2, rules.level_3), strict=False):
        if points >= least:
            return code
    return LEVEL_CODES[-1]


def reliability(issued: pd.DataFrame) -> pd.DataFrame:
    """How often the line was passed after each level: level_code, issued, passed, share, low, high (0 … 1, 95 % Wilson).

    A row of `issued` is a level given before a period that is over: level_code, passed (0 or 1).

    >>> reliability(pd.DataFrame({"level_code": ["I", "I", "IV"], "passed": [1, 0, 0]}))[["issued", "passed"]].to_numpy().tolist()
    [[2, 1], [0, 0], [0, 0], [1, 0]]
    """
    rows = []
    for code in LEVEL_CODES:
        own = issued.loc[issued["level_code"] == code, "passed"]
        many, passed = len(own), int(own.sum())
        low, high = wilson_interval(passed, many) if many else (np.nan, np.nan)
        rows.append(
            {
                "level_code": code,
                "issued": many,
                "passed": passed,
                "share": passed / many if many else np.nan,
                "low": low / 100,
                "high": high / 100,
            }
        )
    return pd.DataFrame(rows)
