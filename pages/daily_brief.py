"""The daily brief: is today normal, what arrived, what is stuck, what needs a decision?"""

from pages.ui import behind, brief, brief_warnings, daily_desk, filters, followup, load, states, words


def page() -> None:
    """The customary order of the Peace and Stability Bulletin, at most five lines before the first number."""
    chosen = filters.sidebar()
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    today = load.daily_brief(chosen)
    follow_up = None if today.is_empty else daily_desk.follow_up(today, chosen)
    brief.show_top(today, chosen, brief_warnings.line_of(follow_up, chosen))
    if today.is_empty:
        return states.show_nothing(chosen, words.where(today, chosen.language))
    followup.show_lookback(follow_up, chosen)
    brief_warnings.show_warnings(follow_up, chosen)
    brief.show_major(today, chosen)
    brief.show_deadlines(today, chosen)
    brief.show_leader_cases(today, chosen)
    brief.show_coordination(today, chosen)
    followup.show_directives(follow_up, chosen, daily_desk.items(today, chosen))
    brief.show_tomorrow(today, chosen)
    brief.show_series(today, chosen)
    brief.show_kinds_and_places(today, chosen)
    brief.show_rates(today, chosen)
    brief.show_sources(today, chosen)
    daily_desk.show_issue(today, follow_up, chosen)
    return brief.show_foot(today, chosen)
