"""The cells of the heat map: each with its parts, its lines, and what would bring it down."""

import json
import math
from collections.abc import Mapping
from datetime import timedelta

from analytics.figures import Period, Sentence
from analytics.outlook import wording
from analytics.outlook.answer import AHEAD, LINES, Action, Change, LineChance, Part, RiskItem, RiskNode, Volume
from analytics.outlook.reading import Reading
from analytics.outlook.standing import cohort
from analytics.risk.composite import part_points
from analytics.risk.settings import LEVEL_CODES, PARTS, RiskRules

UNITS = dict.fromkeys(LINES, "probability") | {"deadline": "share", "escalation": "ratio", "pending": "share"}
Row = Mapping[str, object]


def volume_of(reading: Reading, row: Row) -> Volume:
    """A row of `risk_volume` as the forecast of one period with its lines."""
    names = (
        "ahead", "state", "reason", "median", "low", "high", "lowest", "highest", "naive", "naive_low", "naive_high", "skill", "cover80",
    )  # fmt: skip
    lines = tuple(_line(reading, row, name) for name in LINES)
    return Volume(
        period=Period(row["first_on"], row["last_on"]),
        lines=lines,
        **{name: row[name] for name in names} | {"state": row["state"] or "none"},
    )


def _line(reading: Reading, row: Row, name: str) -> LineChance:
    rules, ahead = reading.rules, row["ahead"]
    selection = None
    if name == "usual":
        count = getattr(rules, f"usual_periods_{ahead}")
        meaning = Sentence(f"risk.line.usual_{ahead}", {"pct": rules.usual_pct, "count": count})
    elif name == "last_year":
        first, last = row["last_year_first_on"], row["last_year_last_on"]
        meaning = Sentence(f"risk.line.last_year_{row['last_year_alignment']}", {"first": first, "last": last})
        selection = reading.matters(row["node"], "new", first=first, last=last)
    else:
        meaning = Sentence("risk.line.capacity", {"weeks": rules.capacity_weeks, "pct": rules.capacity_pct})
    known = row[name] is not None and row[f"{name}_chance"] is not None
    missing = None if known else Sentence(f"risk.missing.{name}")
    return LineChance(name, row[name], row[f"{name}_chance"], meaning, missing, selection)


def item_of(reading: Reading, level: Row, volumes: Mapping[str, Row], cell: Row | None) -> RiskItem:
    """One cell: a row of `risk_level` with those of `risk_volume` and `risk_cell` for the same node."""
    node = level["node"]
    months = volumes.get("month")
    lines = {} if months is None else {name: months[name] for name in LINES if months[name] is not None}
    parts = _parts(reading, level, cell) if level["points"] is not None else ()
    return RiskItem(
        node=node,
        level_code=level["level_code"] if level["points"] is not None else None,
        points=level["points"],
        parts=parts,
        volumes=tuple(volume_of(reading, volumes[ahead]) for ahead in AHEAD if ahead in volumes),
        rank=None,
        said=wording.item_said(parts, lines),
        actions=_actions(reading, node, parts, cell, months) if cell is not None else (),
        open=None if cell is None else cell["open"],
        selection=reading.matters(node),
    )


def _parts(reading: Reading, level: Row, cell: Row | None) -> tuple[Part, ...]:
    rules, stored = reading.rules, json.loads(level["parts"])
    found = []
    for name in PARTS:
        value, points = stored[name]["value"], stored[name]["points"]
        top, whole, selection = _behind(reading, name, level["node"], cell)
        missing = None
        if value is None:
            missing = Sentence(
                f"risk.missing.{name}", {"needed": rules.minimum_disputes} if name == "escalation" else {}
            )
        found.append(
            Part(name, value, UNITS[name], rules.full(name), rules.weight(name), points, missing, top, whole, selection)
        )
    return tuple(found)


def _behind(reading: Reading, name: str, node: RiskNode, cell: Row | None) -> tuple:
    """Numerator, denominator and matters of a part, where it has them."""
    if cell is None or name in LINES or (name != "escalation" and cell["expected"] is None):
        return None, None, None
    if name == "deadline":
        whole = cell["overdue"] + cell["due"]
        return cell["overdue"] + cell["expected"], whole, reading.matters(node)
    if name == "pending":
        return cell["pending_expected"] - cell["pending"], cell["open"], reading.matters(node)
    if cell["disputes"] is None:
        return None, None, None
    first, _, last = cohort(reading.as_of, reading.rules)
    chosen = reading.matters(node, "new", first=first, last=last, kind="dispute")
    return cell["followed"], cell["disputes"], chosen


def _actions(
    reading: Reading, node: RiskNode, parts: tuple[Part, ...], cell: Row, month: Row | None
) -> tuple[Action, ...]:
    """What can be done about the matters at hand, the most telling first; nothing about how many complain."""
    rules, as_of, given = reading.rules, reading.as_of, {part.name: part for part in parts}
    found: list[Action] = []

    def add(name: str, matters: int, points: float | None, selection: object, **values: object) -> None:
        said = Sentence(f"risk.action.{name}", {"count": matters, **values}, selection)
        found.append(Action(name, said, matters, points, selection))

    dated = cell["overdue"] + cell["due"]
    steady = rules.steady_matters
    is_known = cell["expected"] is not None
    if cell["soon"] and given and is_known:
        later = as_of + timedelta(days=rules.soon_days)
        saved = _saved(rules, "deadline", given, cell["soon_expected"] / (dated + steady))
        selection = reading.matters(node, "due", first=as_of, last=later)
        add("close_due", cell["soon"], saved, selection, days=rules.soon_days, expected=round(cell["soon_expected"], 1))
    if cell["overdue"] and given and is_known:
        value = given["deadline"].value or 0.0
        after = (value * (dated + steady) - cell["overdue"]) / max(cell["due"] + steady, 1)
        saved = _saved(rules, "deadline", given, value - after)
        add("close_overdue", cell["overdue"], saved, reading.matters(node, "overdue"))
    if cell["pending"] and given:
        selection = reading.matters(node, "new_open", last=as_of - timedelta(days=rules.pending_days))
        add("close_pending", cell["pending"], given["pending"].points or None, selection, days=rules.pending_days)
    if cell["open_disputes"] and given and given["escalation"].points > 0:
        selection = reading.matters(node, kind="dispute")
        add("settle_disputes", cell["open_disputes"], None, selection)
    if month is not None and given and month["capacity"] is not None and (given["capacity"].value or 0) > 0.5:
        weeks = ((month["last_on"] - month["first_on"]).days + 1) / 7
        more = math.ceil((month["median"] - month["capacity"]) / weeks)
        if more > 0:
            add("add_closings", more, _saved(rules, "capacity", given, given["capacity"].value - 0.5), None)
    return tuple(sorted(found, key=lambda one: -(one.points or 0)))


def _saved(rules: RiskRules, name: str, given: Mapping[str, Part], less: float) -> float:
    """The points that a part would lose if its value were so much less."""
    value = (given[name].value or 0.0) - less
    return max(given[name].points - part_points({name: value}, rules)[name], 0.0)


def changes_of(reading: Reading, items: tuple[RiskItem, ...]) -> tuple[Change, ...]:
    """Cells whose level, or whose points by `min_change`, are others than a week before; the largest changes first."""
    before, found = reading.levels_before(), []
    for item in items:
        node = item.node
        then = before.get((node.level, node.area_code, node.kind, node.category_code))
        if then is None or then["points"] is None or item.points is None:
            continue
        stored = json.loads(then["parts"])
        parts = {part.name: part.points - stored[part.name]["points"] for part in item.parts}
        moved = item.points - then["points"]
        if then["level_code"] == item.level_code and abs(moved) < reading.rules.min_change:
            continue
        most = max(parts, key=lambda name: abs(parts[name]))
        values: dict[str, object] = {"points": round(moved, 1), "part": most}
        key = "points"
        if then["level_code"] != item.level_code:
            key = "up" if LEVEL_CODES.index(item.level_code) < LEVEL_CODES.index(then["level_code"]) else "down"
            values |= {"before": then["level_code"], "level": item.level_code}
        said = Sentence(f"risk.change.{key}", values)
        found.append(Change(node, then["level_code"], item.level_code, moved, parts, said))
    return tuple(sorted(found, key=lambda change: -abs(change.points)))
