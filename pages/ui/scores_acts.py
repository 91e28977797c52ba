"""What is recorded of scorecards from the screen: objections, decisions, versions of rules. Each act carries the configured post, unverified."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

import streamlit as st

from analytics import scorecards
from analytics.scores.rules import ScoreRules
from data import scoring_desk
from data.errors import Refused
from pages.ui import load, words
from pages.ui.links import Chosen
from pages.ui.load.scores import Asked
from pages.ui.markup import notice

Done = TypeVar("Done")


def may(what: str) -> bool:
    """Whether this reader may propose, approve, object or decide; rules and decisions are for readers of the whole city."""
    scope = load.site().actor.scope
    return scoring_desk.may(scope.role, what) and (what == "object" or scope.sees_all)


def tried(act: Callable[[], Done], chosen: Chosen) -> Done | None:
    """What an act gives back; where it is refused, why stands beside its form, and nothing is given back."""
    try:
        return act()
    except Refused as refused:
        told(words.tell_error(refused, chosen.language))
        return None


def told(why: str) -> None:
    """Why something was not taken."""
    st.html(notice(why, "duty"))


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


def approve(version_id: int, reason: str) -> int:
    """Approve a version; returns its number."""
    site = load.site()
    scoring_desk.approve_rules(load.desk(), version_id, reason, site.actor, site.now())
    return version_id
