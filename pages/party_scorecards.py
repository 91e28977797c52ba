"""Party organisations and alliances: where does each stand among its peers, what made its score, and what would raise it?"""

from pages.ui import scores_page


def page() -> None:
    """The organisations in the reader's area or, with `of=alliance`, the alliances; one card opened; or the rules."""
    scores_page.show("party", "alliance")
