"""Which rules score a period: the approved ones in force on its last day, else those shipped; or a file, to be tried out."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from analytics.scorecards.answer import RuleFacts
from analytics.scores.rules import ScoreRules, rules_from
from data import scoring_desk
from data.desk import Desk
from data.errors import Refused
from data.settings import read_reference


@cache
def shipped_rules(scorecard: str) -> ScoreRules:
    """The rules of a scorecard that ship."""
    return rules_from(read_reference(f"scorecards/{scorecard}"))


def rules_of_period(desk: Desk, scorecard: str, last: date) -> tuple[ScoreRules, RuleFacts]:
    """The rules in force on a period's last day, and where they come from; a past period keeps the rules of its time."""
    kept = scoring_desk.rules_in_force(desk, scorecard, last)
    shipped = shipped_rules(scorecard)
    if kept is None:
        return shipped, facts_of(shipped, "shipped")
    rules = rules_of_version(kept)
    facts = facts_of(rules, "desk")
    return rules, RuleFacts(
        **{**vars(facts), "valid_from": kept.valid_from, "approved_by": kept.approved_by, "approved_at": kept.approved_at, "verified": kept.verified}
    )  # fmt: skip


def rules_of_version(kept: scoring_desk.RuleVersion) -> ScoreRules:
    """The rules of a version kept on the desk, approved or not."""
    return rules_from(kept.rules, shipped_rules(kept.scorecard), version=f"desk-{kept.version_id}")


def rules_of_file(path: Path, scorecard: str | None = None) -> ScoreRules:
    """The rules of a file, laid over the shipped ones of its scorecard. Raises `Refused` for what cannot be read or used."""
    try:
        given = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refused("scores.rules_unreadable", file=path, reason=str(error)) from None
    named = given.get("scorecard", scorecard)
    if named not in ("party", "volunteer", "alliance"):
        raise Refused("settings.wrong_value", setting="scorecard", value=named, allowed="party, volunteer, alliance")
    shipped = shipped_rules(scorecard or named)
    rules = rules_from(given, shipped)
    return rules_from(given, shipped, version=f"file-{rules.content}")


def facts_of(rules: ScoreRules, origin: str) -> RuleFacts:
    """What is said about rules wherever a score is shown."""
    return RuleFacts(
        rules.scorecard, rules.version, rules.valid_from, origin, objection_days=rules.whole("total.objection_days")
    )
