"""A small tree of places and rows of nodes, for the tests of the short list and of episodes."""

from datetime import date, timedelta

import pandas as pd

PARENTS = {"c1": "s1", "c2": "s1", "c3": "s2", "s1": "d", "s2": "d", "d": "city", "city": None}
LEVEL_OF = {
    "c1": "community",
    "c2": "community",
    "c3": "community",
    "s1": "street",
    "s2": "street",
    "d": "district",
    "city": "city",
}
DAY = date(2026, 11, 2)


def node(area: str, p: float, *, day: date = DAY, window: int = 7, **more: object) -> dict:
    """A row of `Night.nodes`."""
    row = {
        "level": LEVEL_OF[area],
        "area_code": area,
        "kind": "petition",
        "category_code": "07",
        "channel": {1: "day", 7: "week"}.get(window, "build_up"),
        "window_days": window,
        "first_on": day - timedelta(days=window - 1),
        "last_on": day,
        "method": "pooled",
        "observed": 12,
        "expected": 5.0,
        "lower": 2,
        "upper": 9,
        "p": p,
        "p_node": p,
        "correction": "complete",
        "confidence": "normal",
        "reason": None,
    }
    return row | more


def judged(**nodes: int) -> pd.DataFrame:
    """The coverage of a night: so many nodes a level, all judged."""
    given = nodes or {"community": 3, "street": 2, "district": 1, "city": 1}
    return pd.DataFrame(
        [{"level": level, "method": "pooled", "state": "judged", "nodes": count} for level, count in given.items()]
    )
