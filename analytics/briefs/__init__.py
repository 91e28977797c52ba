"""The briefs: one question, one frozen answer. Is it normal, what arrived, what is stuck, what needs a decision?"""

from analytics.briefs.answer import BRIEF_RULES, BriefRules, DailyBrief, Line
from analytics.briefs.daily import daily_brief
from analytics.briefs.disclosure import for_export

__all__ = ["BRIEF_RULES", "BriefRules", "DailyBrief", "Line", "daily_brief", "for_export"]
