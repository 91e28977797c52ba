"""The lists beside the heat map: backlog, deadlines, petitions out of disputes, what is long pending, capacity, usual rises, and proof."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from analytics.figures import Line, Period, Sentence
from analytics.measures import wilson_interval
from analytics.outlook import wording
from analytics.outlook.answer import (
    LEVEL_CODES,
    BacklogItem,
    CapacityCase,
    DeadlineItem,
    EscalationItem,
    PendingItem,
    Reliability,
    RisingItem,
    RiskNode,
)
from analytics.outlook.proof import STRAY
from analytics.outlook.reading import MOST_ROWS, Reading
from analytics.outlook.standing import cohort
from analytics.risk.backlog import spread_of
from analytics.risk.capacity import flat_closings
from analytics.risk.rising import slot_months

EIGHTY = 1.2816  # of a normal distribution, for its middle 80 %


def deadlines(reading: Reading, cells: Sequence[dict]) -> tuple[DeadlineItem, ...]:
    """What is expected to miss its deadline, the most first."""
    as_of, rules, found = reading.as_of, reading.rules, []
    for row in sorted(cells, key=lambda one: -(one["expected"] or 0))[:MOST_ROWS]:
        if (not row["due"] and not row["overdue"]) or row["expected"] is None:
            continue
        node, due = row["node"], row["due"]
        reach = EIGHTY * (row["expected_spread"] or 0)
        later = as_of + timedelta(days=rules.soon_days)
        found.append(
            DeadlineItem(
                node=node,
                open=row["open"],
                due=due,
                expected=row["expected"],
                low=max(row["expected"] - reach, 0.0),
                high=min(row["expected"] + reach, float(due)),
                share=row["expected"] / due if due else None,
                overdue=row["overdue"],
                undated=row["undated"],
                soon=row["soon"],
                soon_expected=row["soon_expected"],
                selection=reading.matters(node),
                soon_selection=reading.matters(node, "due", first=as_of, last=later),
                overdue_selection=reading.matters(node, "overdue"),
            )
        )
    return tuple(found)


def escalation(reading: Reading, cells: Sequence[dict]) -> tuple[EscalationItem, ...]:
    """Shares of disputes that a petition follows, the highest first; only where enough disputes were counted."""
    first, _, last = cohort(reading.as_of, reading.rules)
    found = []
    for row in cells:
        if row["share"] is None or (row["disputes"] or 0) < reading.rules.minimum_disputes:
            continue
        node = row["node"]
        if node.kind is None:  # the same disputes again
            node = reading.node({**row, "kind": "dispute"})
        found.append(
            EscalationItem(
                node=node,
                period=Period(first, last),
                disputes=row["disputes"],
                followed=row["followed"],
                share=row["share"],
                low=row["share_low"],
                high=row["share_high"],
                whole=row["share_whole"] if reading.stored.scope.sees_all else None,
                open=row["open_disputes"],
                selection=reading.matters(node, "new", first=first, last=last, kind="dispute"),
            )
        )
    return tuple(sorted(found, key=lambda item: -item.share))[:MOST_ROWS]


def pending(reading: Reading, cells: Sequence[dict]) -> tuple[PendingItem, ...]:
    """What is open for long, the most first."""
    days = reading.rules.pending_days
    last = reading.as_of - timedelta(days=days)
    rows = [row for row in cells if row["pending"] or row["pending_before"]]
    rows = sorted(rows, key=lambda row: -(row["pending"] or 0))[:MOST_ROWS]
    return tuple(
        PendingItem(
            row["node"],
            days,
            row["pending"],
            row["pending_before"],
            row["pending_expected"],
            reading.matters(row["node"], "new_open", last=last),
        )
        for row in rows
    )


Weeks = Mapping[tuple, Mapping[str, np.ndarray]]


def _of(weeks: Weeks, node: RiskNode) -> Mapping[str, np.ndarray] | None:
    return weeks.get((node.level, node.area_code, node.kind, node.category_code))


def backlog(reading: Reading, cells: Sequence[dict], weeks: Weeks) -> tuple[BacklogItem, ...]:
    """What will be open, week by week, where there is a forecast; the largest first."""
    found = []
    for row in sorted(cells, key=lambda one: -(one["open"] or 0)):
        node, path = row["node"], _of(weeks, row["node"])
        if path is not None and len(found) < MOST_ROWS:
            shown = pd.DataFrame({name: path[name] for name in ("on", "median", "low", "high")})
            found.append(BacklogItem(node, row["open"], row["overdue"], shown, reading.matters(node)))
    return tuple(found)


def capacity(reading: Reading, cells: Sequence[dict], weeks: Weeks) -> tuple[CapacityCase, ...]:
    """What questions about capacity start from: all matters, or all of the chosen kind, of each place; the widest first."""
    found = []
    for row in cells:
        node = row["node"]
        path = None if node.category_code is not None else _of(weeks, node)
        if path is None or row["closed_a_week"] is None:
            continue
        whole = slice(1, None) if len(path["on"]) > 1 else slice(None)  # a week that has begun is not a whole one
        spreads = spread_of(path["arrivals_low"][whole], path["arrivals_high"][whole])
        flat = flat_closings(path["arrivals"][whole], spreads)
        columns = {"on": "on", "median": "arrivals", "low": "arrivals_low", "high": "arrivals_high"}
        arrivals = pd.DataFrame({name: path[column] for name, column in columns.items()})
        found.append(
            CapacityCase(
                node.level, node.area_code, node.area, node.kind, int(row["open"]), float(row["closed_a_week"]),
                reading.rules.capacity_weeks, arrivals, *flat,
            )
        )  # fmt: skip
    return tuple(found)


def rising(reading: Reading) -> tuple[RisingItem, ...]:
    """What usually rises, of the whole place, in the order of the year and of proof; counts only to those who see the whole place."""
    stored, rules = reading.stored, reading.rules
    table = stored.tables.tables["risk_rising"]
    rows = stored.plain(stored.results.read(table.select().where(table.c.run_no == stored.run["run_no"])))
    rows = [row for row in rows if stored.kind is None or row["kind"] == stored.kind]
    if reading.lowest:
        sensitive = reading.subjects.sensitive | set(stored.names.sensitive)
        rows = [row for row in rows if row["category_code"] not in sensitive]
    found = []
    for row in rows:
        if row["rise_pct"] < rules.rising_pct or 2 * row["risen"] <= row["years"]:
            continue
        sees = stored.sees(row["area_code"], anywhere=True)
        evidence = pd.DataFrame(json.loads(row["evidence"]), columns=["year", "observed", "expected"])
        said = [
            Sentence("risk.rising.risen", {"risen": row["risen"], "count": row["years"], "pct": round(row["rise_pct"])})
        ]
        if row["calls"]:
            values = {"hits": row["hits"], "count": row["calls"], "base_pct": wording.pct(row["base_rate"])}
            said.append(Sentence("risk.rising.called", values))
        else:
            said.append(Sentence("risk.rising.uncalled"))
        found.append(
            RisingItem(
                node=reading.node(row),
                month=row["month"],
                months=slot_months(row["month"]),
                years=row["years"],
                risen=row["risen"],
                rise_pct=row["rise_pct"],
                hits=row["hits"],
                calls=row["calls"],
                hit_rate=row["hits"] / row["calls"] if row["calls"] else None,
                base_rate=row["base_rate"],
                q=row["q"],
                is_proven=row["q"] <= rules.rising_q
                and row["years"] >= rules.rising_years
                and row["hits"] > row["calls"] * row["base_rate"],
                evidence=evidence if sees else evidence.iloc[:0],
                said=tuple(said),
            )
        )
    return tuple(sorted(found, key=lambda item: (item.month, not item.is_proven, item.q)))


# --- proof --------------------------------------------------------------------------------------------------------------------------


def reliability(reading: Reading) -> Reliability | None:
    """How often the line was passed after each level; None until months have been judged."""
    found = reading.stored.frame("risk_reliability", line="usual")
    if found.empty or not found["issued"].sum():
        return None
    rows, shares = [], []
    for code in LEVEL_CODES:
        own = found[found["level_code"] == code]
        issued, passed = int(own["issued"].sum()), int(own["passed"].sum())
        low, high = wilson_interval(passed, issued) if issued else (np.nan, np.nan)
        share = passed / issued if issued else None
        shares += [share] if issued else []
        values = {"level_code": code, "issued": issued, "passed": passed, "share": share}
        rows.append(Line(values | {"low": low / 100 if issued else None, "high": high / 100 if issued else None}))
    first, last = (pd.Timestamp(found[name].iloc[0]).date() for name in ("first_on", "last_on"))
    months = int(found["months"].iloc[0])
    ordered = "ordered" if all(above >= below for above, below in pairwise(shares)) else "unordered"
    said = (Sentence(f"risk.reliability.{ordered}", {"months": months, "count": months}),)
    return Reliability("usual", months, first, last, tuple(rows), said)


def models(reading: Reading) -> tuple[Line, ...]:
    """How the methods did on what came after the days they learned from; of the whole place."""
    rows = reading.stored.plain(reading.stored.frame("risk_model"))
    return tuple(
        Line({name: row[name] for name in ("model", "measure", "value", "base", "cases")} | {"first": row["first_on"], "last": row["last_on"]})
        for row in rows if row["measure"] != STRAY
    )  # fmt: skip


def calibration(reading: Reading) -> pd.DataFrame:
    """Probabilities of missing the deadline by tenths, against what came."""
    found = reading.stored.frame("risk_calibration")
    return found.sort_values("tenth")[["expected", "observed", "cases"]].reset_index(drop=True)
