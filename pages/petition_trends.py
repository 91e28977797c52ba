"""Petition trends: what is happening with petitions, and why?"""

from pages.ui import behind, filters, petition_questions, petitions, states, words
from pages.ui.load import petitions as load


def page() -> None:
    """The headline, four charts by question, further questions closed until asked, and the page to take along."""
    chosen = filters.sidebar("month", kinds=load.KIND, category=True, units=("day", "week", "month"))
    if filters.is_opened():
        return behind.show(chosen, filters.opened())
    trends = load.petition_trends(chosen)
    petitions.show_top(trends, chosen)
    if trends.is_empty:
        return states.show_nothing(chosen, words.where(trends, chosen.language))
    petitions.show_series(trends, chosen)
    petitions.show_causes(trends, chosen)
    petitions.show_rates(trends, chosen)
    petitions.show_places(trends, chosen)
    petition_questions.show_questions(trends, chosen)
    return petitions.show_foot(trends, chosen)
