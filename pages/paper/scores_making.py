"""Scorecards for the terminal and other programs: a list or a card as JSON, Excel, Word or any other form of paper."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from analytics import scorecards
from analytics.scorecards import CountedItems, ScoreCard, Scorecards
from analytics.scorecards.listing import visible
from analytics.scorecards.scoring import Result, score_period
from analytics.scores.rules import ScoreRules, as_given
from analytics.scores.windows import name_of
from data.desk import Desk
from data.errors import NotReady, Refused
from data.mart import Mart
from data.queries import read_reach
from data.scope import Scope
from pages.paper import render
from pages.paper.record import plain_value
from pages.paper.scores import card_document, list_document
from pages.ui import words

POSTS = ("post", "approved_by", "decided_by", "verified")


@dataclass(frozen=True)
class AskedScores:
    """What is asked of scorecards: which kind, period (as text), place, by whose scope, up to which day; `rules` tries out a rule file."""

    mart: Mart
    desk: Desk
    scope: Scope
    kind: str
    period: str
    as_of: date
    language: str
    today: date
    area_code: str | None = None
    unit_id: str | None = None
    rules: Path | None = None


def scores_file(ask: AskedScores, form: str, *, fonts_folder: Path | None = None) -> bytes:
    """The list, or the card where one unit is meant: the one named, or the only one whose place is the area asked for."""
    period = scorecards.period_from(ask.period, ask.as_of)
    rules = scorecards.rules_of_file(ask.rules, ask.kind) if ask.rules else None
    result = score_period(ask.mart, ask.desk, ask.kind, period, ask.as_of, rules=rules)
    common = {"kind": ask.kind, "result": result}
    asked = (ask.mart, ask.desk, ask.scope, period, ask.as_of)
    units = _units(ask, result)
    if len(units) != 1:
        found = scorecards.score_units(*asked, area_code=ask.area_code, **common)
        if form == "json":
            return _json(list_record(found))
        return render(list_document(found, ask.language), form, fonts_folder=fonts_folder)
    card = scorecards.score_card(*asked, units[0], today=ask.today, **common)
    weighed = [one.name for one in card.indicators if one.weight > 0]
    items = {name: scorecards.counted_items(*asked, units[0], name, **common) for name in weighed}
    if form == "json":
        return _json(card_record(card, items))
    return render(card_document(card, items, ask.language), form, fonts_folder=fonts_folder)


def _units(ask: AskedScores, result: Result) -> list[str]:
    """The units meant: all of the place within the reader's scope, or the one named where it is among them."""
    if ask.area_code is not None and not (ask.area_code and read_reach(ask.mart, ask.scope, ask.area_code).ranges):
        raise NotReady("brief.area_unknown", area=ask.area_code or words.NOTHING)
    units = visible(ask.mart, result, ask.scope, ask.area_code)
    if ask.unit_id and ask.unit_id not in units:
        raise Refused("scores.unit_unknown", unit=ask.unit_id)
    if ask.area_code and not units:
        raise Refused("scores.unit_unknown", unit=ask.area_code)
    return [ask.unit_id] if ask.unit_id else units


def list_record(found: Scorecards) -> dict:
    """The list in plain JSON values, as it may leave the screen."""
    fit = scorecards.list_as_it_leaves(found)
    head = {"scores": fit.kind, "period_name": name_of(fit.period), "as_of": fit.as_of.isoformat()}
    return head | {one.name: plain_value(getattr(fit, one.name)) for one in fields(fit)} | {"rules": _rules(fit)}


def card_record(card: ScoreCard, items: dict[str, CountedItems]) -> dict:
    """One card in plain JSON values, as it may leave the screen: each indicator's numerator, denominator, raw and shrunk value, interval,
    weight and what a recount needs, and the items by the week of their day."""
    fit = scorecards.card_as_it_leaves(card)
    head = {"scores": fit.kind, "period_name": name_of(fit.period), "as_of": fit.as_of.isoformat()}
    left = scorecards.items_as_they_leave(card, items)
    lineage = {name: plain_value(_by_week(found.items)) for name, found in left.items()}
    told = {one.name: plain_value(getattr(fit, one.name)) for one in fields(fit)}
    told["indicators"] = [plain_value(one) | {"basis": _exact(one.basis)} for one in fit.indicators]
    told["objections"] = [_without_posts(plain_value(one)) for one in fit.objections]
    return head | told | {"rules": _rules(fit), "items": lineage}


def _exact(basis: object) -> object:
    """What a recount needs, to eight places: the shares of an adjusted rate are many and small."""
    if isinstance(basis, Mapping):
        return {name: _exact(one) for name, one in basis.items()}
    if isinstance(basis, (tuple, list)):
        return [_exact(one) for one in basis]
    return round(float(basis), 8) if isinstance(basis, float) and math.isfinite(basis) else plain_value(basis)


def _rules(found: ScoreCard | Scorecards) -> dict:
    return _without_posts(plain_value(found.rules))


def _without_posts(told: dict) -> dict:
    """A record without the posts that acted: they stay on the desk."""
    return {name: value for name, value in told.items() if name not in POSTS}


def _by_week(items: pd.DataFrame) -> pd.DataFrame:
    """Items without their exact days, as any list that leaves the screen."""
    day = pd.to_datetime(items["day"])
    week = (day - pd.to_timedelta(day.dt.day_of_week, unit="D")).dt.strftime("%Y-%m-%d")
    return items.assign(week=week.where(day.notna(), None)).drop(columns=["day", "due_on", "done_on"])


def _json(record: dict) -> bytes:
    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()


def rules_changes(rules: ScoreRules) -> list[tuple[str, object, object]]:
    """What a rule file changes against the shipped rules: name, before, after."""
    before, after = (_flat(as_given(one)) for one in (scorecards.shipped_rules(rules.scorecard), rules))
    return [
        (name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _flat(table: dict, prefix: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value.isoformat() if isinstance(value, (date, datetime)) else value
    return found
