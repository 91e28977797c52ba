"""What the settings part asks for: the site's own clocks and judgements, their versions, and what other limits would change."""

from datetime import date, timedelta

import pandas as pd

from analytics.briefs.monthly_answer import MonthlyRules
from analytics.briefs.monthly_rules import MonthPreview, preview_month
from analytics.limits import LimitsPreview, preview_limits
from analytics.outlook.weighing import LevelsPreview, preview_levels
from analytics.petitions import TrendRules
from analytics.petitions.rules import TrendsPreview, preview_trends
from analytics.risk.settings import RiskRules
from analytics.risk.settings import rules_from as risk_rules_from
from analytics.signals.budget import Budget
from analytics.signals.settings import SignalRules, rules_from
from analytics.warnings.weighing import RulesPreview, preview_rules
from analytics.warnings.weighing import last_budget as read_last_budget
from data import in_force
from data.deadlines import DeadlineRules
from pages.ui import load
from pages.ui.links import Chosen
from pages.ui.load import risk as load_risk


def deadline_settings(day: date) -> dict:
    """What the site has set over the shipped clocks by a day, as it was saved."""
    setting = load.desk().read_setting(in_force.DEADLINES, day)
    return dict(setting.value) if setting else {}


def deadline_rules(day: date) -> DeadlineRules:
    """The clocks in force on a day."""
    return in_force.deadline_rules_in_force(load.desk(), day)


def versions(name: str) -> pd.DataFrame:
    """Every version of some settings, see `Desk.setting_versions`."""
    return load.desk().setting_versions(name)


def limits_preview(rules: DeadlineRules) -> LimitsPreview:
    """What other hotline limits would change for the matters open at yesterday's close. Not cached: it is asked for once."""
    calendar = in_force.calendar_in_force(load.desk())
    return preview_limits(load.mart(), load.site().actor.scope, load.yesterday(), rules=rules, calendar=calendar)


def monthly_rules_preview(now: MonthlyRules, then: MonthlyRules) -> MonthPreview | None:
    """What other judgements would make of the last month that is over; None without any record. Not cached: it is asked for once."""
    rules, calendar = load.brief_rules(load.yesterday()), in_force.calendar_in_force(load.desk())
    return preview_month(load.mart(), load.site().actor.scope, _last_month(), now, then, calendar=calendar, rules=rules)


def trend_rules_preview(now: TrendRules, then: TrendRules) -> TrendsPreview | None:
    """What other judgements would make of the petitions of the last month that is over; None without any record."""
    calendar = in_force.calendar_in_force(load.desk())
    return preview_trends(load.mart(), load.site().actor.scope, _last_month(), now, then, calendar=calendar)


def _last_month() -> date:
    """The last day of the last month that is over."""
    return load.yesterday().replace(day=1) - timedelta(days=1)


def signal_rules(day: date) -> SignalRules:
    """The judgements of the warnings in force on a day. Raises Refused for a setting that cannot be read."""
    return rules_from(in_force.signal_rules_in_force(load.desk(), day))


def signal_rules_preview(now: SignalRules, then: SignalRules) -> RulesPreview | None:
    """What other judgements would change of the last detection's list; None before the first. Not cached: it is asked for once."""
    return preview_rules(load.mart(), now, then)


def risk_rules(day: date) -> RiskRules:
    """The judgements of the risk outlook in force on a day. Raises Refused for a setting that cannot be read."""
    return risk_rules_from(in_force.risk_rules_in_force(load.desk(), day))


def risk_rules_preview(now: RiskRules, then: RiskRules) -> LevelsPreview | None:
    """What other judgements would make of the last outlook's cells; None before the first."""
    return preview_levels(load_risk.risk_outlook(Chosen(load.yesterday())), now, then)


def last_budget() -> tuple[date, Budget] | None:
    """The last replay of the alarm budget and its day; None before the first."""
    return read_last_budget(load.site().home)
