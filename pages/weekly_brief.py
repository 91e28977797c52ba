"""The weekly dispatch: was the week normal, where do the major matters stand, what became of last week's, what comes next?"""

from pages.ui import behind, brief_warnings, filters, followup, states, weekly, words
from pages.ui.load.weekly import weekly_brief


def page() -> None:
    """The customary order of a dispatch meeting, at most five lines before the first number."""
    chosen = filters.sidebar(unit="week")
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    brief = weekly_brief(chosen)
    weekly.show_top(brief, chosen)
    if brief.is_empty:
        return states.show_nothing(chosen, words.where(brief, chosen.language))
    follow_up = weekly.follow_up(brief, chosen)
    followup.show_lookback(follow_up, chosen)
    brief_warnings.show_warnings(follow_up, chosen)
    weekly.show_dispatch(brief, chosen)
    weekly.show_looked_back(brief, chosen)
    weekly.show_ladder(brief, chosen)
    weekly.show_meetings(brief, chosen)
    weekly.show_assessments_and_projects(brief, chosen)
    weekly.show_receptions(brief, chosen)
    weekly.show_ahead(brief, follow_up, chosen)
    followup.show_directives(follow_up, chosen, weekly.items(brief, chosen))
    weekly.show_weeks(brief, chosen)
    weekly.show_kinds_and_places(brief, chosen)
    return weekly.show_foot(brief, follow_up, chosen)
