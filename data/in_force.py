"""What is in force at a site: the shipped calendar and rules with what the desk has laid over them."""

from datetime import date

from data.deadlines import DeadlineRules, rules_from
from data.desk import Desk
from data.workdays import WorkCalendar, build_calendar

DEADLINES = "deadlines"  # name of the setting whose tables are those of `reference/deadlines.toml`


def calendar_in_force(desk: Desk) -> WorkCalendar:
    """The published calendar, the site's own days winning."""
    return build_calendar(desk.calendar_days())


def deadline_rules_in_force(desk: Desk, on: date) -> DeadlineRules:
    """The statutes' clocks and the site's hotline limits as they stood on a day. Raises Refused for a setting that cannot be read."""
    setting = desk.read_setting(DEADLINES, on)
    return rules_from(setting.value if setting else {})
