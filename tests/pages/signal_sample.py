"""Plausible warnings of an invented city, for tests of the screen and the paper alone: no store, no computing."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from analytics.figures import Line, Sentence
from analytics.warnings.answer import (
    Because,
    ClusterItem,
    Detection,
    Node,
    RuleItem,
    SignalDetail,
    SignalItem,
    SignalList,
)
from data.queries import Selection

DAY = date(2026, 11, 20)
SETTINGS = {
    "budget_a_week": 6, "surprise_2": 4.0, "surprise_3": 6.0, "surprise_4": 9.0, "scale_2": 5.0, "scale_3": 15.0, "scale_4": 50.0,
    "persistence_2": 2, "persistence_3": 4, "level_1": 16, "level_2": 8, "level_3": 4,
}  # fmt: skip
_PLACES = (
    ("city", "9999", None, "云溪市", "alert", "III", 3),
    ("district", "999901", "9999", "砚溪区", "alert", "II", 2),
    ("street", "999901001", "999901", "望江街道", "alert", "I", 2),
    ("community", "999901001901", "999901001", "松竹社区", "alert", "II", 1),
    ("street", "999901002", "999901", "柳岸街道", "rising", "IV", 1),
    ("community", "999901002901", "999901002", "渡口社区", "normal", None, 0),
    ("street", "999901003", "999901", "东篱街道", "no_data", None, 0),
)


def node(level: str = "street", code: str = "999901001", area: str = "望江街道", category: str = "劳资纠纷") -> Node:
    path = {"city": ("云溪市",), "district": ("云溪市", area), "street": ("云溪市", "砚溪区", area)}
    return Node(level, code, "dispute", "D-03", area, category, path.get(level, ("云溪市", "砚溪区", "望江街道", area)))


def said(observed: int = 14, lower: int = 4, upper: int = 9, days: int = 7) -> tuple[Sentence, ...]:
    values = {"days": days, "count": days, "observed": observed, "lower": lower, "upper": upper}
    return (
        Sentence("signals.reason.count", values),
        Sentence("signals.reason.sources", {"count": 3}),
        Sentence("signals.reason.highest_since", {"day": date(2026, 3, 12)}),
    )


def item(key: str = "E-20261120-01", **changes: object) -> SignalItem:
    """A street's warning of the day, to be verified; a change replaces a part."""
    first = DAY - timedelta(days=6)
    parts: dict[str, object] = {
        "key": key,
        "node": node(),
        "tier": "found",
        "level_code": "I",
        "because": Because(6.2, 7.4, 2.0, {"surprise": 3, "scale": 2, "persistence": 2}),
        "channel": "week",
        "window_days": 7,
        "first_on": first,
        "last_on": DAY,
        "observed": 14,
        "expected": 6.6,
        "lower": 4,
        "upper": 9,
        "p": 6.3e-7,
        "method": "farrington_improved",
        "correction": "complete",
        "confidence": "normal",
        "reason": None,
        "sources": 3,
        "highest_since": date(2026, 3, 12),
        "watched_since": date(2024, 11, 21),
        "persistence_weeks": 2,
        "opened_on": DAY,
        "state": "open",
        "origin": "issued",
        "handling": "none",
        "next_step": "verify",
        "due_on": DAY + timedelta(days=1),
        "overdue_days": None,
        "rank": 1,
        "selection": Selection("new", DAY, first, DAY, kind="dispute", area_code="999901001"),
        "said": said(),
        "is_new": True,
    }
    return SignalItem(**{**parts, **changes})


def items() -> tuple[SignalItem, ...]:
    """One of every kind that a list may hold."""
    community = node("community", "999901001901", "松竹社区", "邻里关系")
    return (
        item(),
        item("E-20261115-02", node=community, level_code="II", handling="none", is_new=False, due_on=DAY - timedelta(days=3),
             overdue_days=3, observed=4, expected=0.4, lower=0, upper=2, method="pooled", confidence="low", reason="cold_start",
             said=said(4, 0, 2), correction="delay_corrected", opened_on=date(2026, 11, 15)),
        item("E-20261101-01", node=node("district", "999901", "砚溪区", "物业服务"), level_code="III", handling="act", is_new=False,
             next_step="outcome", due_on=DAY + timedelta(days=5), state="escalated", channel="build_up", window_days=28,
             said=said(61, 30, 48, 28), opened_on=date(2026, 11, 1), explained_by="小区车位集中调整"),
        item("E-20261110-03", node=node("city", "9999", "云溪市", "环境噪声"), level_code="IV", handling="outcome", outcome="false_alarm",
             next_step=None, due_on=None, is_new=False, state="recovered", tier="watch"),
        item("C-street:999901002:dispute:D-05", node=node("street", "999901002", "柳岸街道", "征地拆迁"), level_code="IV", tier="watch",
             origin="candidate", is_new=False, next_step=None, due_on=None),
    )  # fmt: skip


def detection(**changes: object) -> Detection:
    parts: dict[str, object] = {
        "as_of": DAY,
        "judged_through": DAY - timedelta(days=1),
        "ran_at": datetime(2026, 11, 21, 6, 1, 40),
        "seconds": 21.0,
        "version": "20261121T060140-0008",
        "matters_version": "20261121T060012-0007",
        "settings": SETTINGS,
    }
    return Detection(**{**parts, **changes})


def signals(**changes: object) -> SignalList:
    """The warnings of `DAY`; a change replaces a part."""
    found = items()
    weeks = [DAY - timedelta(weeks=week) for week in range(11, -1, -1)]
    alerts = pd.DataFrame(
        [
            {"day": day, "level": level, "in_alert": 3 + place % 4, "rising": place % 3, "judged": 40}
            for level in ("community", "street")
            for place, day in enumerate(weeks)
        ]
    )
    parts: dict[str, object] = {
        "day": DAY,
        "area_code": None,
        "area_name": None,
        "kind": None,
        "version": "20261121T060140-0008",
        "detection": detection(),
        "headline": (
            Sentence("signals.headline.verify", {"count": 2, "first": found[0].node.area}),
            Sentence("signals.headline.overdue", {"count": 1}),
        ),
        "notices": (),
        "items": found,
        "digest": 4,
        "digest_items": (item("C-street:999901003:dispute:D-07", tier="digest", level_code="IV", origin="candidate", next_step=None),),
        "rules": (
            RuleItem("same_topic", node(), "欠薪", DAY - timedelta(days=6), DAY, 6, 5, False,
                     Selection("new", DAY, DAY - timedelta(days=6), DAY)),
            RuleItem("due_soon", node(), None, DAY, DAY + timedelta(days=7), 12, 1, False,
                     Selection("due", DAY, DAY, DAY + timedelta(days=7))),
            RuleItem("severe", node(), None, DAY, DAY, 1, 1, True, Selection("new", DAY, DAY, DAY)),
        ),
        "clusters": (
            ClusterItem("dispute", "D-04", "邻里关系", tuple(node("community", f"99990100190{n}", f"第{n}社区") for n in range(1, 9)),
                        14, DAY - timedelta(days=13), DAY, 31, 14.2, 9.1, 0.01),
        ),
        "coverage": tuple(
            Line({"level": level, "method": method, "state": state, "nodes": nodes})
            for level, method, state, nodes in (
                ("community", "pooled", "judged", 800), ("street", "farrington_improved", "judged", 120),
                ("community", "pooled", "short_history", 30), ("community", "none", "sensitive", 20),
            )
        ),
        "alert_places": alerts,
        "grey": (Line({"level": "street", "area_code": "999901003", "area": "东篱街道", "kind": "hotline", "reason": "no_data"}),),
        "places": tuple(
            Line(dict(zip(("level", "area_code", "parent_code", "area", "state", "level_code", "items"), one, strict=True)))
            for one in _PLACES
        ),
        "overdue": tuple(one for one in found if one.overdue_days),
        "record": (
            Line({"detector": "farrington_improved", "channel": "week", "level": "II", "issued": 14, "verified": 12, "decided": 12, "hits": 7, "false_alarms": 4,
                  "known_events": 1, "hit_rate_pct": 58.3, "false_alarm_rate_pct": 33.3, "lead_days": 4.5, "verify_days": 1.2}),
            Line({"detector": "pooled", "channel": "day", "level": "IV", "issued": 3, "verified": 0, "decided": 0, "hits": 0, "false_alarms": 0, "known_events": 0,
                  "hit_rate_pct": None, "false_alarm_rate_pct": None, "lead_days": None, "verify_days": None}),
        ),
    }  # fmt: skip
    return SignalList(**{**parts, **changes})


def course(unit: str, count: int) -> pd.DataFrame:
    """A quiet course that ends above its range; the first rows have none yet, one has no data."""
    chance = np.random.default_rng(5)
    step = 7 if unit == "week" else 1
    days = [DAY - timedelta(days=step * place) for place in range(count - 1, -1, -1)]
    mean = 6.6 if unit == "week" else 0.95
    observed = chance.poisson(mean, count).astype(float)
    observed[-1], observed[10] = (14 if unit == "week" else 4), np.nan
    upper = np.full(count, 11.0 if unit == "week" else 3.0)
    upper[:4] = np.nan
    return pd.DataFrame(
        {
            "on": days,
            "observed": observed,
            "expected": mean,
            "lower": np.where(np.isnan(upper), np.nan, 1.0),
            "upper": upper,
        }
    )


def detail(**changes: object) -> SignalDetail:
    """The first warning of `items` opened; a change replaces a part."""
    around = {
        "window_days": 7,
        "observed": 21,
        "expected": 18.5,
        "lower": 11,
        "upper": 27,
        "p": 0.3,
        "state": "normal",
    }
    parts: dict[str, object] = {
        "item": item(),
        "daily": course("day", 90),
        "weekly": course("week", 104),
        "parents": (Line({"area_code": "999901", "area": "砚溪区", "level": "district", **around}),),
        "neighbours": (
            Line({"area_code": "999901002", "area": "柳岸街道", "level": "street", **around, "observed": 30, "p": 0.001}),
            Line({"area_code": "999901003", "area": "东篱街道", "level": "street", **around, "lower": None, "upper": None, "observed": None}),
        ),
        "channels": (
            Line({"channel": "build_up", "window_days": 28, "observed": 40, "expected": 27.1, "lower": 17, "upper": 38, "p": 0.004, "method": "pooled"}),
        ),
        "similar": (
            Line({"key": "E-20260312-01", "area": "望江街道", "level": "street", "opened_on": date(2026, 3, 12), "closed_on": date(2026, 4, 20),
                  "level_code": "II", "outcome": "hit", "steps": ("verify", "act"), "weeks": 5}),
        ),
        "steps": (
            Line({"step": "verify", "at": datetime(2026, 11, 21, 9, 30), "post": "unassigned", "verified": False, "reason": "已到工地核实",
                  "due_on": DAY + timedelta(days=4), "outcome": None}),
        ),
        "events": (
            Line({"event": "opened", "as_of": DAY, "known_at": datetime(2026, 11, 21, 6, 0), "observed": 14, "expected": 6.6, "p": 6.3e-7,
                  "level_code": "I"}),
        ),
        "known_events": (
            Line({"event_id": "note 4", "name": "园区集中复工", "first_on": date(2026, 11, 16), "last_on": date(2026, 11, 18), "area": "望江街道",
                  "kind": "event"}),
        ),
        "post_event": (),
        "detection": detection(),
        "may_handle": True,
    }  # fmt: skip
    return replace(SignalDetail(**{**parts}), **changes)
