"""What is recorded of scorecards from the screen: objections, decisions, versions of rules. Each act carries the configured post, unverified."""

from datetime import date

from analytics import scorecards
from analytics.scores.rules import ScoreRules
from data import scoring_desk
from pages.ui import load
from pages.ui.load.scores import Asked


def may(what: str) -> bool:
    """Whether this reader may propose, approve, object or decide; rules and decisions are for readers of the whole city."""
    scope = load.site().actor.scope
    return scoring_desk.may(scope.role, what) and (what == "object" or scope.sees_all)


def object_to(asked: Asked, unit_id: str, indicator: str, item: str, reason: str) -> int:
    """Object to a counted item."""
    site = load.site()
    return scorecards.object_to_item(
        load.mart(), load.desk(), site.actor, site.now(), asked.period, asked.as_of, unit_id, indicator, item, reason, kind=asked.kind
    )  # fmt: skip


def decide(
    asked: Asked, objection_id: int, decision: str, reason: str, effect: str | None
) -> tuple[float | None, float | None]:
    """Decide an objection; the scores before and after stay with the decision."""
    site = load.site()
    return scorecards.decide_objection(
        load.mart(), load.desk(), site.actor, site.now(), asked.period, asked.as_of, objection_id, decision, reason, kind=asked.kind, effect=effect
    )  # fmt: skip


def propose(rules: ScoreRules, valid_from: date, reason: str) -> int:
    """Keep checked rules as a version to be approved."""
    site = load.site()
    return scorecards.propose(load.desk(), rules, valid_from, reason, site.actor, site.now())


def approve(version_id: int, reason: str) -> None:
    """Approve a version."""
    site = load.site()
    scoring_desk.approve_rules(load.desk(), version_id, reason, site.actor, site.now())
