"""The scorecards to take away: Word, PDF, Excel, a page, text and JSON, from the same answers as the screen, as they may leave it."""

import streamlit as st

from analytics.scorecards import ScoreCard, Scorecards
from analytics.scores.windows import name_of
from pages.paper.scores import card_document, list_document
from pages.paper.scores_making import card_record, list_record
from pages.ui import papers
from pages.ui.links import Chosen
from pages.ui.load import scores as load
from pages.ui.load.scores import Asked
from pages.ui.scores_parts import head_of


def show_list_files(found: Scorecards, chosen: Chosen) -> None:
    """The list of units in every form."""
    st.html(head_of("files", chosen))
    name = f"scorecards-{found.kind}-{name_of(found.period)}"
    papers.buttons(name, lambda: list_document(found, chosen.language), chosen, record=lambda: list_record(found))


def show_card_files(card: ScoreCard, asked: Asked, chosen: Chosen) -> None:
    """One card with everything that a recount by hand needs, in every form."""
    st.html(head_of("card_files", chosen))
    name = f"scorecard-{card.line.unit.unit_id}-{name_of(card.period)}"

    def items() -> dict:
        weighed = [one.name for one in card.indicators if one.weight > 0]
        return {one: load.items(asked, card.line.unit.unit_id, one) for one in weighed}

    papers.buttons(
        name, lambda: card_document(card, items(), chosen.language), chosen, record=lambda: card_record(card, items())
    )
