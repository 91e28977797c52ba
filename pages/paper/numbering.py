"""The number of an issue on the paper itself (第N期), and which issue it corrects."""

from dataclasses import replace

from data.issuing import Issued
from pages.paper.document import Document
from pages.ui import words


def numbered(document: Document, number: int, corrected: Issued | None = None) -> Document:
    """The document with its number under its title, in the place of its state; `corrected` is the withdrawn issue that it replaces."""
    said = words.say("issue.number", document.language, number=number)
    if corrected is not None:
        earlier = {"year": corrected.year, "number": corrected.number}
        said += words.say("issue.corrects", document.language, **earlier)
    return replace(document, mark=said, name=f"{document.name}-{number:03d}")
