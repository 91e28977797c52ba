"""Petition trends: what is happening with petitions, and why? One question, one frozen answer."""

from analytics.petitions.answer import TREND_RULES, PetitionTrends, TrendRules
from analytics.petitions.trends import petition_trends

from analytics.briefs import petitions_disclosure  # isort: skip  # what may leave the screen is said wherever there are trends

__all__ = ["TREND_RULES", "PetitionTrends", "TrendRules", "petition_trends", "petitions_disclosure"]
