"""Volunteer teams: where does each stand among its peers, what made its score, and what would raise it?"""

from pages.ui import scores_page


def page() -> None:
    """The teams in the reader's area, one card opened, or the rules."""
    scores_page.show("volunteer")
