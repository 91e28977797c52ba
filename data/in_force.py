"""What is in force at a site: the shipped calendar and rules with what the desk has laid over them."""

from datetime import date

import sqlalchemy as sa

from data import mart_tables
from data.deadlines import DeadlineRules, rules_from
from data.desk import Desk
from data.mart import Mart
from data.workdays import WorkCalendar, build_calendar, calendar_from

DEADLINES = "deadlines"  # name of the setting whose tables are those of `reference/deadlines.toml`
BRIEF_RULES = "brief_rules"  # name of the setting whose values are those of `analytics.briefs.BriefRules`
SIGNAL_RULES = "signal_rules"  # name of the setting whose values are those of `analytics.signals.settings.SignalRules`
MONTHLY_RULES = (
    "monthly_rules"  # name of the setting whose values are those of `analytics.briefs.monthly_answer.MonthlyRules`
)
TREND_RULES = "trend_rules"  # name of the setting whose values are those of `analytics.petitions.TrendRules`
RISK_RULES = "risk_rules"  # name of the setting whose values are those of `analytics.risk.settings.RiskRules`


def calendar_in_force(desk: Desk) -> WorkCalendar:
    """The published calendar, the site's own days winning."""
    return build_calendar(desk.calendar_days())


def calendar_of(mart: Mart) -> WorkCalendar:
    """The calendar that a version of the mart was made with: what replays of it use, whatever the site has entered since."""
    days = mart_tables.calendar_day
    return calendar_from(mart.read(sa.select(days).order_by(days.c.day)))


def deadline_rules_in_force(desk: Desk, on: date) -> DeadlineRules:
    """The statutes' clocks and the site's hotline limits as they stood on a day. Raises Refused for a setting that cannot be read."""
    setting = desk.read_setting(DEADLINES, on)
    return rules_from(setting.value if setting else {})


def brief_rules_in_force(desk: Desk, on: date) -> dict[str, object]:
    """The judgements of the briefs that the site had set by a day, values only; empty where it follows what ships.

    `analytics.briefs.rules_from` checks them and lays them over the shipped ones.
    """
    return _values(desk, BRIEF_RULES, on)


def monthly_rules_in_force(desk: Desk, on: date) -> dict[str, object]:
    """The judgements of the monthly brief that the site had set by a day, values only; empty where it follows what ships.

    `analytics.briefs.monthly_rules.rules_from` checks them and lays them over the shipped ones.
    """
    return _values(desk, MONTHLY_RULES, on)


def trend_rules_in_force(desk: Desk, on: date) -> dict[str, object]:
    """The judgements of the petition trends that the site had set by a day, values only; empty where it follows what ships.

    `analytics.petitions.rules.rules_from` checks them and lays them over the shipped ones.
    """
    return _values(desk, TREND_RULES, on)


def signal_rules_in_force(desk: Desk, on: date) -> dict[str, object]:
    """The judgements of the warnings that the site had set by a day, values only; empty where it follows what ships.

    `analytics.signals.settings.rules_from` checks them and lays them over the shipped ones.
    """
    return _values(desk, SIGNAL_RULES, on)


def risk_rules_in_force(desk: Desk, on: date) -> dict[str, object]:
    """The judgements of the risk outlook that the site had set by a day, values only; empty where it follows what ships.

    `analytics.risk.settings.rules_from` checks them and lays them over the shipped ones.
    """
    return _values(desk, RISK_RULES, on)


def _values(desk: Desk, name: str, on: date) -> dict[str, object]:
    setting = desk.read_setting(name, on)
    return dict(setting.value) if setting else {}
