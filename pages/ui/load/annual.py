"""What the page of the annual report asks for."""

from analytics.briefs import AnnualBrief
from pages.ui import load
from pages.ui.links import Chosen

KIND = "petition"  # article 41 speaks of petitions


def annual_report(chosen: Chosen) -> AnnualBrief:
    """The report of the year that ends with the chosen day, for the chosen area, within the reader's scope."""
    return load.brief("annual", chosen, kind=KIND)
