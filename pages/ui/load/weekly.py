"""What the weekly brief asks for: the brief of the chosen week."""

from analytics.briefs.weekly import WeeklyBrief
from pages.ui import load
from pages.ui.links import Chosen


def weekly_brief(chosen: Chosen) -> WeeklyBrief:
    """The brief of the week that holds the chosen day, of the chosen area and kind, within the reader's scope."""
    return load.brief("weekly", chosen, kind=chosen.kind)
