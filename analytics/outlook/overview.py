"""The facade of the risk outlook: the stored outlook of a day as one reader may see it."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from analytics.figures import Line, Period, Sentence
from analytics.forecast_stored import first_forecast_after, read_forecasts
from analytics.outlook import lists, wording
from analytics.outlook.answer import AHEAD, LEVELS, RiskItem, RiskNode, RiskOutlook, RiskRun, empty_outlook
from analytics.outlook.items import changes_of, item_of
from analytics.outlook.reading import Reading
from data import queries
from data.mart import Mart
from data.scope import Scope
from data.versions import last_attempt

HEADLINE_WEEKS = 4
DEPTH = {level: number for number, level in enumerate(reversed(LEVELS))}  # the widest first


def risk_outlook(
    mart: Mart, scope: Scope, day: date, *, area_code: str | None = None, kind: str | None = None
) -> RiskOutlook:
    """The risk outlook of `day` as one reader may see it: only what the last night of forecasts stored.

    Scope: a cell is shown where its whole place lies within the reader's areas and the chosen one. What is open in a community is shown to
    the roles that handle matters alone. A category that several kinds of matters share is shown for the kind chosen; with all kinds
    together each kind's own cell counts, the one with the most points where they share its code.
    """
    area = queries.names_of(mart).area(area_code) if area_code else None
    about = {
        "area_code": area_code,
        "area_name": None if area is None else area["name"],
        "area_names": queries.names_of_scope(mart, scope, area_code),
        "kind": kind,
    }
    stored = read_forecasts(mart, scope, day, area_code, kind)
    reading = None if stored is None else Reading(stored)
    if reading is None or stored.frame("risk_facts").empty:
        return empty_outlook(day, mart.version, **about, first_day=first_forecast_after(mart, day))
    cells, weeks = reading.cells(), reading.weeks()
    items = _items(reading, cells)
    ranked = tuple(item for item in items if item.rank is not None and item.level_code in ("I", "II", "III"))
    late = lists.deadlines(reading, cells)
    standing = lists.backlog(reading, cells, weeks)
    areas = _areas(items)
    return RiskOutlook(
        day=day,
        version=mart.version,
        run=_run(reading, day),
        rules=reading.rules,
        headline=wording.headline(items, _missing(late, areas), _backlog(standing, areas)),
        notices=_notices(reading, cells),
        periods=_periods(items),
        areas=areas,
        categories=_categories(items),
        items=items,
        ranked=ranked[: reading.rules.listed],
        changes=changes_of(reading, items),
        backlog=standing,
        deadlines=late,
        escalation=lists.escalation(reading, cells),
        pending=lists.pending(reading, cells),
        rising=lists.rising(reading),
        capacity=lists.capacity(reading, cells, weeks),
        reliability=lists.reliability(reading),
        models=lists.models(reading),
        calibration=lists.calibration(reading),
        coverage=_coverage(items),
        **about,
    )


def _items(reading: Reading, cells: list[dict]) -> tuple[RiskItem, ...]:
    """Every cell, those in most need first; one of each area and category."""
    by_node = {row["node"].key: row for row in cells}
    ahead: dict[str, dict[str, dict]] = {}
    for row in reading.rows("risk_volume"):
        ahead.setdefault(row["node"].key, {})[row["ahead"]] = row
    rows = reading.rows("risk_level")
    rows.sort(key=lambda row: (row["points"] is None, -(row["points"] or 0), DEPTH[row["level"]], row["node"].key))
    found, seen = [], set()
    for row in rows:
        node = row["node"]
        if (node.area_code, node.category_code) in seen:
            continue
        seen.add((node.area_code, node.category_code))
        item = item_of(reading, row, ahead.get(node.key, {}), by_node.get(node.key))
        found.append(replace(item, rank=len(found) + 1 if item.points is not None else None))
    return tuple(found)


def _areas(items: tuple[RiskItem, ...]) -> tuple[RiskNode, ...]:
    """The rows of the heat map: places in the order of the tree, the widest first."""
    found: dict[str, RiskNode] = {}
    for item in items:
        if item.node.category_code is None or item.node.area_code not in found:
            found[item.node.area_code] = replace(item.node, category_code=None, category=None)
    return tuple(sorted(found.values(), key=lambda node: (DEPTH[node.level], node.area_code)))


def _categories(items: tuple[RiskItem, ...]) -> tuple[tuple[str | None, str | None], ...]:
    """The columns of the heat map: all together, then the categories by what is expected of them in the widest place."""
    found: dict[str | None, tuple[float, str | None]] = {}
    for item in items:
        most = max((one.median or 0 for one in item.volumes), default=0)
        before = found.get(item.node.category_code, (-1.0, None))
        found[item.node.category_code] = (max(before[0], most), item.node.category)
    order = sorted(found, key=lambda code: (code is not None, -found[code][0], code or ""))
    return tuple((code, found[code][1]) for code in order)


def _run(reading: Reading, day: date) -> RiskRun:
    run, mart = reading.stored.run, reading.stored.mart
    facts = reading.stored.frame("risk_facts").iloc[0]
    is_earlier = run["as_of"] < day or run["matters_version"] != mart.version
    return RiskRun(
        as_of=run["as_of"],
        judged_through=run["judged_through"],
        ran_at=pd.Timestamp(run["ran_at"]).to_pydatetime(),
        seconds=(run["seconds"] or 0.0) + float(facts["seconds"] or 0.0),
        version=mart.version,
        matters_version=run["matters_version"],
        settings={name: getattr(reading.rules, name) for name in reading.rules.__dataclass_fields__},
        compared_with=None if reading.earlier is None else reading.earlier[0],
        is_earlier=is_earlier,
        failure=_failure(mart) if is_earlier else None,
    )


def _failure(mart: Mart) -> Sentence | None:
    """Why the forecasts of the version that serves are not there, if they failed."""
    attempt = last_attempt(mart.folder) if mart.folder is not None else None
    if attempt is None or attempt.forecasts_key is None or attempt.version != mart.version:
        return None
    return Sentence(f"errors.{attempt.forecasts_key}", attempt.forecasts_values)


def _notices(reading: Reading, cells: list[dict]) -> tuple[Sentence, ...]:
    run, said = reading.stored.run, []
    if cells and all(row["expected"] is None for row in cells):
        said.append(Sentence("risk.notice.no_closings"))
    if run["judged_through"] < run["as_of"]:
        said.append(Sentence("risk.notice.filling", {"day": run["judged_through"]}))
    through = pd.Timestamp(reading.stored.frame("risk_facts")["calendar_through"].iloc[0]).date()
    if through < reading.as_of + timedelta(weeks=12):
        said.append(Sentence("risk.notice.calendar", {"day": through}))
    if reading.earlier is None:
        said.append(Sentence("risk.notice.no_comparison"))
    if lists.reliability(reading) is None:
        said.append(Sentence("risk.notice.no_reliability"))
    return tuple(said)


def _periods(items: tuple[RiskItem, ...]) -> dict[str, Period]:
    found: dict[str, Period] = {}
    for item in items:
        for one in item.volumes:
            found.setdefault(one.ahead, one.period)
    return {ahead: found[ahead] for ahead in AHEAD if ahead in found}


def _missing(late: tuple, areas: tuple[RiskNode, ...]) -> dict[str, float] | None:
    """The whole of what is shown: the widest place, where there is one, all matters or all of the chosen kind."""
    own = [item for item in late if areas and item.node.area_code == areas[0].area_code and not item.node.category_code]
    if not own or not own[0].due or (len(areas) > 1 and areas[1].level == areas[0].level):
        return None
    return {"expected": round(own[0].expected), "low": round(own[0].low), "high": round(own[0].high)}


def _backlog(standing: tuple, areas: tuple[RiskNode, ...]) -> dict[str, object] | None:
    own = [
        item for item in standing if areas and item.node.area_code == areas[0].area_code and not item.node.category_code
    ]
    if not own or len(own[0].path) < HEADLINE_WEEKS or (len(areas) > 1 and areas[1].level == areas[0].level):
        return None
    then = own[0].path.iloc[HEADLINE_WEEKS - 1]
    values = {name: round(float(then[name])) for name in ("low", "high")}
    return values | {"now": own[0].open, "then": round(float(then["median"])), "weeks": HEADLINE_WEEKS}


def _coverage(items: tuple[RiskItem, ...]) -> tuple[Line, ...]:
    counted: dict[tuple[str, str], int] = {}
    for item in items:
        states = [one.state for one in item.volumes if one.ahead == "month"]
        key = (item.node.level, states[0] if states else "none")
        counted[key] = counted.get(key, 0) + 1
    order = sorted(counted, key=lambda key: (DEPTH[key[0]], key[1]))
    return tuple(Line({"level": level, "state": state, "cells": counted[level, state]}) for level, state in order)
