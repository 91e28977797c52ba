"""Versions of the rules: proposed with a reason, approved, in force from a day on; what is past is never scored anew by later rules."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from data.desk import Desk, log_act, screen, signed, texts, typed
from data.errors import Refused
from data.issuing.keys import writing
from data.scope import Actor
from data.scoring_desk.tables import score_rules, score_rules_approval
from data.scoring_desk.writing import check_may


@dataclass(frozen=True)
class RuleVersion:
    """One version: the rules as a table, who proposed it, and who approved it and when; not approved, it scores nothing."""

    version_id: int
    scorecard: str
    valid_from: date
    rules: dict
    content: str
    reason: str
    post: str
    recorded_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    verified: bool


def propose_rules(
    desk: Desk,
    scorecard: str,
    rules: Mapping[str, object],
    valid_from: date,
    content: str,
    reason: str,
    actor: Actor,
    at: datetime,
) -> int:
    """Keep a version of the rules, to be approved; returns its number. The caller has checked what the rules say.

    Raises `Refused` for a role that may not, a reader of less than the whole city, personal data, an empty reason, or a day that is over.
    """
    check_may(actor, "propose")
    screen(*texts(rules))
    if valid_from < at.date():
        raise Refused("scoring.rules_backdated", valid_from=valid_from)
    row = {
        "scorecard": scorecard, "valid_from": valid_from, "rules": json.dumps(rules, ensure_ascii=False, sort_keys=True),
        "content": content, "reason": typed(reason, needed=True),
    }  # fmt: skip
    with writing(desk) as connection:
        made = connection.execute(sa.insert(score_rules).values(row | signed(actor, at)))
        number = made.inserted_primary_key[0]
        log_act(
            connection, "score_rules_proposed", scorecard, {"version": number, "valid_from": str(valid_from)}, actor, at
        )
    return number


def approve_rules(desk: Desk, version_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Approve a version, so that it scores the periods that end on its first day or later.

    Raises `Refused` for an unknown or approved version, or one whose first day is over: a past period keeps the rules of its time.
    """
    check_may(actor, "approve")
    words = typed(reason, needed=True)
    with writing(desk) as connection:
        row = (
            connection.execute(sa.select(score_rules).where(score_rules.c.version_id == version_id)).mappings().first()
        )
        if row is None:
            raise Refused("scoring.version_unknown", number=version_id)
        if connection.scalar(
            sa.select(score_rules_approval.c.approval_id).where(score_rules_approval.c.version_id == version_id)
        ):
            raise Refused("scoring.approved_already", number=version_id)
        if row["valid_from"] < at.date():
            raise Refused("scoring.rules_backdated", valid_from=row["valid_from"])
        connection.execute(
            sa.insert(score_rules_approval).values({"version_id": version_id, "reason": words} | signed(actor, at))
        )
        log_act(connection, "score_rules_approved", row["scorecard"], {"version": version_id}, actor, at)


def rule_versions(desk: Desk, scorecard: str) -> tuple[RuleVersion, ...]:
    """Every version of a scorecard's rules, the last proposed first."""
    with desk.engine.connect() as connection:
        rows = connection.execute(
            _versions().where(score_rules.c.scorecard == scorecard).order_by(score_rules.c.version_id.desc())
        )
        return tuple(_version(row) for row in rows.mappings())


def rules_in_force(desk: Desk, scorecard: str, on: date) -> RuleVersion | None:
    """The approved version in force on a day: the latest first day, of two the later approved; None where the shipped rules hold."""
    statement = (
        _versions()
        .where(
            score_rules.c.scorecard == scorecard,
            score_rules.c.valid_from <= on,
            score_rules_approval.c.approval_id.is_not(None),
        )
        .order_by(score_rules.c.valid_from.desc(), score_rules_approval.c.approval_id.desc())
        .limit(1)
    )
    with desk.engine.connect() as connection:
        row = connection.execute(statement).mappings().first()
    return _version(row) if row else None


def _versions() -> sa.Select:
    approval = score_rules_approval.c
    shown = (
        approval.post.label("approved_by"),
        approval.recorded_at.label("approved_at"),
        approval.verified.label("approval_verified"),
    )
    joined = score_rules.outerjoin(score_rules_approval, approval.version_id == score_rules.c.version_id)
    return sa.select(score_rules, *shown).select_from(joined)


def _version(row: sa.RowMapping) -> RuleVersion:
    plain = {name: row[name] for name in RuleVersion.__dataclass_fields__ if name not in ("rules", "verified")}
    return RuleVersion(**plain, rules=json.loads(row["rules"]), verified=bool(row["approval_verified"]))
