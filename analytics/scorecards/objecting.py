"""Objections to counted items: made by the unit until a stated day, decided by a reviewer who sees the score before and after."""

from datetime import date, datetime, timedelta

import pandas as pd

from analytics.figures import Period
from analytics.scorecards import gathering
from analytics.scorecards.items import COUNTED, counted_items
from analytics.scorecards.scoring import decisions_of, score_period
from analytics.scores import windows
from analytics.scores.cards import score_cards
from analytics.scores.counting import apply_decisions
from analytics.scores.indicators import of
from data import queries, scoring_desk
from data.desk import Desk
from data.errors import Refused
from data.mart import Mart
from data.scope import Actor


def object_to_item(
    mart: Mart,
    desk: Desk,
    actor: Actor,
    at: datetime,
    period: Period,
    as_of: date,
    unit_id: str,
    indicator: str,
    item: str,
    reason: str,
    *,
    kind: str = "party",
) -> int:
    """Object to an item that counts in a unit's card; returns the objection's number. `Refused` for one that does not count, or too late."""
    result = score_period(mart, desk, kind, period, as_of, draws=0)
    found = counted_items(mart, desk, actor.scope, period, as_of, unit_id, indicator, kind=kind, result=result)
    rows = found.items[(found.items["item"] == item) & found.items["state"].isin(COUNTED)]
    if rows.empty:
        raise Refused("scoring.item_not_counted", item=item)
    row = rows.iloc[0]
    area = result.gathered.units.set_index("unit_id")["area_code"][unit_id]
    until = period.last + timedelta(days=result.facts.objection_days)
    return scoring_desk.object_to(
        desk, actor, at, path=queries.names_of(mart).path(area), scorecard=kind, unit_id=unit_id, period=windows.name_of(period),
        indicator=indicator, item=item, state=row["state"], until=until, reason=reason,
        subject=row["subject"] if isinstance(row["subject"], str) else None,
    )  # fmt: skip


def decide_objection(
    mart: Mart,
    desk: Desk,
    actor: Actor,
    at: datetime,
    period: Period,
    as_of: date,
    objection_id: int,
    decision: str,
    reason: str,
    *,
    kind: str = "party",
    effect: str | None = None,
) -> tuple[float | None, float | None]:
    """Decide an objection; the scores before and after are kept with the decision and returned."""
    before, after = effect_of_decision(
        mart, desk, period, as_of, objection_id, kind=kind, effect=effect if decision == "accepted" else None
    )
    scoring_desk.decide(
        desk, objection_id, decision, reason, actor, at, effect=effect, score_before=before, score_after=after
    )
    return before, after


def effect_of_decision(
    mart: Mart, desk: Desk, period: Period, as_of: date, objection_id: int, *, kind: str = "party", effect: str | None
) -> tuple[float | None, float | None]:
    """The unit's score as it is, and as it would be with the objection accepted to this effect (None: rejected, unchanged)."""
    result = score_period(mart, desk, kind, period, as_of, draws=0)
    own = result.objections[result.objections["objection_id"] == objection_id]
    if own.empty:
        raise Refused("scoring.objection_unknown", number=objection_id)
    unit_id = own["unit_id"].iloc[0]
    before = _score(result.scored.units, unit_id)
    if effect is None:
        return before, before
    tried = result.objections.copy()
    here = tried["objection_id"] == objection_id
    tried[["decision", "effect"]] = tried[["decision", "effect"]].astype(object)
    tried.loc[here, ["decision", "effect"]] = ["accepted", effect]
    found = result.gathered
    counts, _, mix = apply_decisions(
        gathering.not_applicable(found, kind), found.left, decisions_of(tried, kind), found.mix
    )
    scored = score_cards(found.units, counts, result.rules, of(kind), mix=mix, draws=0)
    return before, _score(scored.units, unit_id)


def _score(units: pd.DataFrame, unit_id: str) -> float | None:
    value = units.set_index("unit_id")["score"].get(unit_id)
    return None if value is None or pd.isna(value) else float(value)
