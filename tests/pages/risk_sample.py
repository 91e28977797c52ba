"""A plausible risk outlook of an invented city, for tests of the screen and the paper alone: no store, no computing."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from analytics.figures import Line, Period, Sentence
from analytics.outlook.answer import (
    LINES,
    NO_CALIBRATION,
    Action,
    BacklogItem,
    CapacityCase,
    Change,
    DeadlineItem,
    EscalationItem,
    LineChance,
    Part,
    PendingItem,
    Reliability,
    RisingItem,
    RiskItem,
    RiskNode,
    RiskOutlook,
    RiskRun,
    Volume,
    empty_outlook,
)
from analytics.outlook.course import Course
from analytics.risk.settings import PARTS, RISK_RULES
from data.queries import Selection

DAY = date(2026, 11, 20)
MONTH = Period(date(2026, 12, 1), date(2026, 12, 31))
WEEK = Period(date(2026, 11, 23), date(2026, 11, 29))
AREAS = (
    ("city", "9999", "云溪市"), ("district", "999901", "砚溪区"), ("district", "999902", "松涛区"), ("street", "999901001", "望江街道"),
    ("street", "999901002", "柳岸街道"), ("street", "999902001", "东篱街道"),
)  # fmt: skip
CATEGORIES = (
    (None, None), ("D-03", "劳资纠纷"), ("D-05", "征地拆迁"), ("D-04", "邻里关系"), ("P-02", "物业服务"), ("H-07", "环境噪声"),
)  # fmt: skip
LEVELS = [
    "I",
    "II",
    "III",
    "IV",
    "IV",
    "IV",
    "II",
    "III",
    "IV",
    "IV",
    "None",
    "IV",
    "III",
    "IV",
    "IV",
    "I",
    "IV",
    "IV",
    "IV",
    "II",
    "IV",
    "None",
    "III",
    "IV",
    "IV",
    "IV",
    "III",
    "IV",
    "IV",
    "II",
]
POINTS = {"I": 67.5, "II": 48.2, "III": 33.9, "IV": 12.4}


def node(area: int = 3, category: int = 1, kind: str | None = None) -> RiskNode:
    level, code, name = AREAS[area]
    path = {0: ("云溪市",), 1: ("云溪市", name), 2: ("云溪市", name)}.get(area, ("云溪市", "砚溪区", name))
    return RiskNode(level, code, kind, *CATEGORIES[category], *()) if not name else RiskNode(
        level, code, kind, CATEGORIES[category][0], name, CATEGORIES[category][1], path
    )  # fmt: skip


def passing(line: str = "usual", value: float = 31, chance: float = 0.72) -> Sentence:
    return Sentence(f"risk.said.{line}", {"value": value, "chance_pct": round(100 * chance)})


def selection(measure: str = "open", **more: object) -> Selection:
    return Selection(measure, DAY, DAY, DAY, area_code="999901001", **more)


def chances(scale: float = 1.0) -> tuple[LineChance, ...]:
    return tuple(
        LineChance(name, value, chance, passing(name, value, chance))
        for name, value, chance in zip(
            LINES, (31.0 * scale, 28.0 * scale, 35.5 * scale), (0.72, 0.58, 0.21), strict=True
        )
    )


def volume(ahead: str = "month", scale: float = 1.0, **changes: object) -> Volume:
    values = {
        "ahead": ahead, "period": MONTH if ahead == "month" else WEEK, "state": "forecast", "reason": None, "median": 34 * scale, "low": 26 * scale,
        "high": 44 * scale, "lowest": 22 * scale, "highest": 51 * scale, "naive": 28 * scale, "naive_low": 18 * scale, "naive_high": 40 * scale,
        "skill": 0.71, "cover80": 0.79, "lines": chances(scale),
    }  # fmt: skip
    return Volume(**(values | changes))


def parts(level: str) -> tuple[Part, ...]:
    share = POINTS[level] / 100
    values = (0.72, 0.58, 0.21, 0.31, 2.3, 0.06)
    units = ("probability", "probability", "probability", "share", "ratio", "share")
    found = [
        Part(name, value, unit, RISK_RULES.full(name), RISK_RULES.weight(name), share * RISK_RULES.weight(name))
        for name, value, unit in zip(PARTS, values, units, strict=True)
    ]
    found[3] = Part("deadline", 0.31, "share", 0.4, 25.0, share * 25, None, 20.4, 66, selection("open"))
    found[5] = Part("pending", None, "share", 0.1, 10.0, 0.0, Sentence("risk.missing.pending"))
    return tuple(found)


def actions() -> tuple[Action, ...]:
    said = Sentence("risk.action.close_due", {"days": 14, "count": 12, "expected": 5.2})
    return (
        Action("close_due", said, 12, 8.4, selection("open")),
        Action(
            "close_pending", Sentence("risk.action.close_pending", {"days": 60, "count": 7}), 7, 3.1, selection("open")
        ),
    )


def item(area: int = 3, category: int = 1, level: str | None = "I", **changes: object) -> RiskItem:
    scale = (40.0, 15.0, 12.0, 1.0, 0.7, 0.5)[area] * (1.0 if category == 0 else 0.4 if area < 3 else 1.0)
    known = level is not None
    values = {
        "node": node(area, category), "level_code": level, "points": POINTS[level] if known else None, "parts": parts(level) if known else (),
        "volumes": (volume("week", scale / 4.3), volume("month", scale)) if known else (
            volume("month", state="refused", reason="short_history", median=None, low=None, high=None, lines=()),),
        "rank": 1, "said": (passing("usual", round(31 * scale)), Sentence("risk.said.pending", {"more": 4.4})) if known else (),
        "actions": actions() if known else (), "open": round(66 * scale), "selection": selection(),
    }  # fmt: skip
    return RiskItem(**(values | changes))


def items() -> tuple[RiskItem, ...]:
    wanted = [(area, category) for area in range(len(AREAS)) for category in range(len(CATEGORIES))]
    levels = [*LEVELS, *["IV"] * len(wanted)]
    found = [
        item(area, category, None if level == "None" else level)
        for (area, category), level in zip(wanted, levels, strict=False)
        if (area, category) != (5, 5)
    ]
    return tuple(sorted(found, key=lambda one: -(one.points or 0)))


def run(**changes: object) -> RiskRun:
    values = {
        "as_of": DAY, "judged_through": DAY - timedelta(days=1), "ran_at": datetime(2026, 11, 21, 6, 4), "seconds": 188.0,
        "version": "20261121T060400-0009", "matters_version": "20261121T060012-0007", "settings": {}, "compared_with": DAY - timedelta(days=7),
    }  # fmt: skip
    return RiskRun(**(values | changes))


def path(start: float = 2031) -> pd.DataFrame:
    steps = np.arange(1, 5)
    return pd.DataFrame({
        "on": [DAY + timedelta(days=2 + 7 * int(step)) for step in steps],
        "median": start + 14 * steps, "low": start - 25 * steps, "high": start + 60 * steps,
    })  # fmt: skip


def outlook(**changes: object) -> RiskOutlook:
    """The outlook of `DAY`; a change replaces a part."""
    found = items()
    ranked = tuple(one for one in found if one.level_code in ("I", "II", "III"))
    scales = {0: 31.0, 1: 11.0, 3: 1.0}
    nodes = [(area, category) for area in scales for category in range(3)]
    weeks = path().drop(columns=["median", "low", "high"]).assign(median=231.0, low=190.0, high=280.0)
    evidence = pd.DataFrame({"year": [2023, 2024, 2025], "observed": [61, 66, 70], "expected": [44.1, 47.0, 52.6]})
    rising = tuple(
        RisingItem(node(0, category), month, months, 3, risen, pct, hits, 3, hits / 3, 0.46, q, q < 0.1, evidence,
                   (Sentence("risk.rising.risen", {"risen": risen, "count": 3, "pct": round(pct)}),))
        for category, month, months, risen, pct, hits, q in (
            (1, 12, (12,), 3, 34.2, 3, 0.01), (2, 12, (12,), 2, 8.1, 1, 0.31), (3, 1, (1, 2), 3, 21.0, 2, 0.04), (4, 7, (7,), 3, 40.0, 3, 0.02))
    )  # fmt: skip
    values = {
        "day": DAY, "area_code": None, "area_name": None, "kind": None, "version": "20261121T060400-0009", "run": run(), "rules": RISK_RULES,
        "headline": (Sentence("risk.headline.worst", {"count": 3, "level": "I", "area": "望江街道", "category": "劳资纠纷"}),
                  Sentence("risk.headline.deadline", {"expected": 20, "low": 14, "high": 27}),
                  Sentence("risk.headline.backlog", {"now": 2046, "then": 2102, "weeks": 4, "low": 1946, "high": 2286})),
        "notices": (), "periods": {"week": WEEK, "month": MONTH}, "areas": tuple(node(area, 0) for area in range(len(AREAS))),
        "categories": CATEGORIES, "items": found, "ranked": ranked,
        "changes": (
            Change(node(), "III", "I", 21.4, {"usual": 15.0, "deadline": 6.4}, Sentence("risk.change.up", {"before": "III", "level": "I", "points": 21.4, "part": "usual"})),
            Change(node(4, 2), "II", "IV", -12.0, {"usual": -12.0}, Sentence("risk.change.down", {"before": "II", "level": "IV", "points": -12.0, "part": "usual"})),
        ),
        "backlog": tuple(BacklogItem(node(area, category), round(66 * scales[area] / (1 + category)), 9, path(66 * scales[area] / (1 + category)), selection())
                      for area, category in nodes),
        "deadlines": tuple(DeadlineItem(node(area, category), 90, 66, 20.4, 14.0, 27.0, 0.31, 9, 15, 12, 5.2, selection(), selection(), selection())
                        for area, category in nodes),
        "escalation": tuple(EscalationItem(node(area, category), Period(date(2024, 11, 20), date(2026, 8, 22)), 240, 19, 0.081, 0.062, 0.104, 0.055,
                                        31, selection()) for area, category in nodes if category),
        "pending": tuple(PendingItem(node(area, category), 60, 31, 26, 35.4, selection()) for area, category in nodes),
        "rising": rising,
        "capacity": (CapacityCase("city", "9999", "云溪市", None, 2046, 214.0, 8, weeks, 231.0, 205.0, 258.0),),
        "reliability": Reliability("usual", 12, date(2025, 11, 1), date(2026, 10, 1), tuple(
            Line({"level_code": code, "issued": issued, "passed": passed, "share": passed / issued if issued else None,
                  "low": max(passed / issued - 0.1, 0) if issued else None, "high": min(passed / issued + 0.1, 1) if issued else None})
            for code, issued, passed in (("I", 21, 14), ("II", 60, 25), ("III", 140, 29), ("IV", 0, 0))
        ), (Sentence("risk.reliability.ordered", {"months": 12, "count": 12}),)),
        "models": (Line({"model": "deadline", "measure": "brier", "value": 0.1034, "base": 0.1291, "cases": 4120,
                      "first": date(2026, 1, 1), "last": date(2026, 10, 31)}),),
        "calibration": pd.DataFrame({"expected": [0.03, 0.12, 0.27, 0.44, 0.63], "observed": [0.02, 0.13, 0.3, 0.41, 0.66],
                                  "cases": [2000, 1200, 500, 300, 120]}),
        "coverage": tuple(Line({"level": level, "state": state, "cells": cells}) for level, state, cells in (
            ("city", "forecast", 6), ("street", "forecast", 20), ("street", "naive", 6), ("street", "refused", 2), ("street", "none", 1))),
    }  # fmt: skip
    return RiskOutlook(**(values | changes))


def nothing() -> RiskOutlook:
    """Before the first night of forecasts."""
    return empty_outlook(DAY, "20261121T060012-0007")


def course(unit: str = "month", **changes: object) -> Course:
    """A series with a past and six, twelve or twenty-eight periods ahead."""
    chance = np.random.default_rng(7)
    count, step = {"month": (30, 6), "week": (60, 12), "day": (80, 28)}[unit]
    freq = {"month": "MS", "week": "W-MON", "day": "D"}[unit]
    starts = pd.date_range(
        end={"month": "2026-11-01", "week": "2026-11-16", "day": "2026-11-19"}[unit], periods=count, freq=freq
    )
    later = pd.date_range(starts[-1], periods=step + 1, freq=freq)[1:]
    mean = {"month": 31, "week": 7, "day": 2}[unit]
    ends = {"q025": 0.5, "q100": 0.7, "q250": 0.85, "q500": 1.08, "q750": 1.25, "q900": 1.45, "q975": 1.8}
    ahead = pd.DataFrame({"on": later, "last_on": later, "n500": chance.poisson(mean, step).astype(float)})
    for name, factor in ends.items():
        ahead[name] = np.round(mean * factor * (1 + 0.1 * np.sin(np.arange(step))))
    past = pd.DataFrame(
        {"on": starts, "last_on": starts, "observed": chance.poisson(mean, count).astype(float), "is_complete": 1}
    )
    past.loc[count - 1, "is_complete"] = 0
    values = {
        "unit": unit,
        "past": past,
        "ahead": ahead,
        "state": "forecast",
        "skill": 0.71,
        "cover80": 0.79,
        "cover95": 0.94,
        "reason": "level_shift",
        "usable_from": date(2024, 3, 1),
    }
    return Course(**(values | changes))


__all__ = ["NO_CALIBRATION", "course", "item", "items", "node", "nothing", "outlook", "run", "volume"]
