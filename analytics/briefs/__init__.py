"""The briefs: one question, one frozen answer. Is it normal, what arrived, what is stuck, what needs a decision?"""

from analytics.briefs import annual_disclosure, monthly_disclosure, pathways_disclosure, weekly_disclosure  # noqa: F401  they say how their parts may leave the screen
from analytics.briefs.annual import annual_brief
from analytics.briefs.annual_answer import AnnualBrief
from analytics.briefs.answer import BRIEF_RULES, BriefRules, DailyBrief, Line
from analytics.briefs.daily import daily_brief
from analytics.briefs.disclosure import for_export
from analytics.briefs.monthly import monthly_brief
from analytics.briefs.monthly_answer import MonthlyBrief
from analytics.briefs.weekly import weekly_brief
from analytics.briefs.weekly_answer import WeeklyBrief

__all__ = [
    "BRIEF_RULES",
    "AnnualBrief",
    "BriefRules",
    "DailyBrief",
    "Line",
    "MonthlyBrief",
    "WeeklyBrief",
    "annual_brief",
    "daily_brief",
    "for_export",
    "monthly_brief",
    "weekly_brief",
]
