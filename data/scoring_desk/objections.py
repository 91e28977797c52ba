"""Objections to counted items: recorded until a stated day, decided once with a reason; both stay for good."""

from collections.abc import Collection
from datetime import date, datetime

import pandas as pd
import sqlalchemy as sa

from data.desk import Desk, log_act, signed, typed
from data.errors import Refused
from data.issuing.keys import writing
from data.scope import Actor
from data.scoring_desk.tables import score_decision, score_objection
from data.scoring_desk.writing import check_may

DECISIONS = ("accepted", "rejected")
EFFECTS = ("left_out", "met")
COLUMNS = (
    "objection_id", "scorecard", "unit_id", "period", "indicator", "item", "state", "subject", "reason", "post", "recorded_at", "verified",
    "decision", "effect", "decision_reason", "decided_by", "decided_at", "score_before", "score_after",
)  # fmt: skip


def object_to(
    desk: Desk,
    actor: Actor,
    at: datetime,
    *,
    path: Collection[str],
    scorecard: str,
    unit_id: str,
    period: str,
    indicator: str,
    item: str,
    state: str,
    until: date,
    reason: str,
    subject: str | None = None,
) -> int:
    """Record an objection to an item that counts (`state` met or not_met, as the caller has seen it); returns its number.

    `path` is the unit's place with the areas above it. Raises `Refused` after `until`, for a role or place that may not, for an item that
    does not count or that an objection stands against already, and for an empty or personal reason.
    """
    check_may(actor, "object", path)
    if at.date() > until:
        raise Refused("scoring.objection_late", until=until)
    if state not in ("met", "not_met"):
        raise Refused("scoring.item_not_counted", item=item)
    row = {
        "scorecard": scorecard, "unit_id": unit_id, "period": period, "indicator": indicator, "item": item, "state": state,
        "subject": subject, "reason": typed(reason, needed=True),
    }  # fmt: skip
    c = score_objection.c
    same = sa.and_(*(c[name] == row[name] for name in ("scorecard", "unit_id", "period", "indicator", "item")))
    with writing(desk) as connection:
        if connection.scalar(sa.select(c.objection_id).where(same)) is not None:
            raise Refused("scoring.objected_already", item=item)
        number = connection.execute(sa.insert(score_objection).values(row | signed(actor, at))).inserted_primary_key[0]
        log_act(
            connection,
            "score_objected",
            unit_id,
            {"objection": number, "indicator": indicator, "period": period},
            actor,
            at,
        )
    return number


def decide(
    desk: Desk,
    objection_id: int,
    decision: str,
    reason: str,
    actor: Actor,
    at: datetime,
    *,
    effect: str | None = None,
    score_before: float | None = None,
    score_after: float | None = None,
) -> None:
    """Decide an objection, once, with a reason; accepted, the item is left out or counts as met (`effect`).

    Raises `Refused` for an unknown or decided objection, a choice that does not exist, and a reviewer who made the objection.
    """
    check_may(actor, "decide")
    for given, allowed in ((decision, DECISIONS), *(((effect, EFFECTS),) if decision == "accepted" else ())):
        if given not in allowed:
            raise Refused("desk.unknown_choice", given=given, allowed=", ".join(allowed))
    row = {
        "objection_id": objection_id, "decision": decision, "effect": effect if decision == "accepted" else None,
        "reason": typed(reason, needed=True), "score_before": score_before, "score_after": score_after,
    }  # fmt: skip
    with writing(desk) as connection:
        made = (
            connection.execute(sa.select(score_objection).where(score_objection.c.objection_id == objection_id))
            .mappings()
            .first()
        )
        if made is None:
            raise Refused("scoring.objection_unknown", number=objection_id)
        if connection.scalar(
            sa.select(score_decision.c.decision_id).where(score_decision.c.objection_id == objection_id)
        ):
            raise Refused("scoring.decided_already", number=objection_id)
        # Until identity is built every act carries the one configured post, which then says nothing of who acted.
        if actor.verified and (made["post"], made["role"]) == (actor.post, actor.scope.role):
            raise Refused("scoring.own_objection")
        connection.execute(sa.insert(score_decision).values(row | signed(actor, at)))
        log_act(
            connection, "score_decided", made["unit_id"], {"objection": objection_id, "decision": decision}, actor, at
        )


def objections(desk: Desk, scorecard: str, period: str | None = None, unit_id: str | None = None) -> pd.DataFrame:
    """Every objection with its decision, oldest first: the columns of `COLUMNS`; what is undecided has no `decision`."""
    made, decided = score_objection.c, score_decision.c
    own = [made[name] for name in COLUMNS if name in made]
    later = [decided.decision, decided.effect, decided.reason.label("decision_reason"), decided.post.label("decided_by"),
             decided.recorded_at.label("decided_at"), decided.score_before, decided.score_after]  # fmt: skip
    statement = sa.select(*own, *later).select_from(
        score_objection.outerjoin(score_decision, decided.objection_id == made.objection_id)
    )
    wanted = [made.scorecard == scorecard]
    wanted += [made.period == period] if period is not None else []
    wanted += [made.unit_id == unit_id] if unit_id is not None else []
    return desk.read(statement.where(*wanted).order_by(made.objection_id))
