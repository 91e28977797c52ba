"""The annual report on petitions: what does article 41 of the petition regulation ask for, and what are the figures?"""

from pages.ui import annual, behind, filters, followup, states, words
from pages.ui.load import annual as load


def page() -> None:
    """The items of the article in its order, each opened by what the year's records say."""
    chosen = filters.sidebar(unit="year", kinds=False)
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    report = load.annual_report(chosen)
    annual.show_top(report, chosen)
    if report.is_empty:
        return states.show_nothing(chosen, words.where(report, chosen.language))
    follow_up = annual.follow_up(report, chosen)
    followup.show_lookback(follow_up, chosen)
    annual.show_statistics(report, chosen)
    annual.show_handling(report, chosen)
    annual.show_suggestions(report, chosen)
    annual.show_others(report, chosen)
    followup.show_directives(follow_up, chosen)
    annual.show_issue(report, follow_up, chosen)
    return annual.show_foot(report, chosen)
