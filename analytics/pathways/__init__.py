"""The way of matters: how far they came, which disputes grew into petitions, what was counted before and after a policy."""

from analytics.pathways.answers import (
    PATHWAY_RULES,
    Dwell,
    Effect,
    Funnel,
    PathwayRules,
    PetitionLink,
    PolicyEffect,
    PolicyEffects,
    Ratio,
    Stage,
)
from analytics.pathways.escalation import petition_link
from analytics.pathways.policy import policy_effects
from analytics.pathways.stages import funnel

__all__ = [
    "PATHWAY_RULES", "Dwell", "Effect", "Funnel", "PathwayRules", "PetitionLink", "PolicyEffect", "PolicyEffects", "Ratio", "Stage",
    "funnel", "petition_link", "policy_effects",
]  # fmt: skip
