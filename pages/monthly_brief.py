"""The monthly brief: what was the month like, what moved and why, what recurs, what is to be done?"""

from pages.ui import behind, filters, followup, monthly, states, words
from pages.ui.load import monthly as load


def page() -> None:
    """The customary order of a monthly assessment; causes and suggestions are people's words."""
    chosen = filters.sidebar("month")
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    brief = load.monthly_brief(chosen)
    monthly.show_top(brief, chosen)
    if brief.is_empty:
        return states.show_nothing(chosen, words.where(brief, chosen.language))
    follow_up = monthly.follow_up(brief, chosen)
    followup.show_lookback(follow_up, chosen)
    monthly.show_overall(brief, chosen)
    monthly.show_features(brief, chosen)
    monthly.show_falling(brief, chosen)
    monthly.show_problems(brief, chosen)
    monthly.show_outlook(follow_up, chosen)
    monthly.show_suggestions(brief, chosen)
    monthly.show_annex(brief, chosen)
    followup.show_directives(follow_up, chosen)
    monthly.show_issue(brief, follow_up, chosen)
    return monthly.show_foot(brief, chosen)
