"""Scorecards on the desk: versions of the rules with their approval, and objections to counted items with their decisions."""

from data.scoring_desk.objections import DECISIONS, EFFECTS, decide, object_to, objections
from data.scoring_desk.rule_versions import RuleVersion, approve_rules, propose_rules, rule_versions, rules_in_force
from data.scoring_desk.tables import ONLY_ADDED_TO
from data.scoring_desk.writing import MAY, mark, may

__all__ = [
    "DECISIONS", "EFFECTS", "MAY", "ONLY_ADDED_TO", "RuleVersion", "approve_rules", "decide", "mark", "may", "object_to", "objections",
    "propose_rules", "rule_versions", "rules_in_force",
]  # fmt: skip
