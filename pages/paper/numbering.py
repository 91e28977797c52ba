"""What issuing adds to a brief: its number under the title (第N期) in the place of its state (草稿), which issue it corrects, and at its end who
issued it and when."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from data.issuing import Issued
from pages.paper.document import Document
from pages.ui import words

if TYPE_CHECKING:
    from analytics.followup import FollowUp


def mark_of(follow_up: "FollowUp | None", language: str) -> str:
    """The number of the issue in force, else that the brief is a draft or reviewed."""
    issue = follow_up.standing_issue if follow_up else None
    if issue is not None:
        return words.say("issue.number", language, number=issue.number)
    reviewed = follow_up is not None and follow_up.state == "reviewed"
    return words.say(f"paper.state.{'reviewed' if reviewed else 'draft'}", language)


def numbered(document: Document, number: int, corrected: Issued | None = None) -> Document:
    """The document with its number under its title, in the place of its state; `corrected` is the withdrawn issue that it replaces."""
    said = words.say("issue.number", document.language, number=number)
    if corrected is not None:
        earlier = {"year": corrected.year, "number": corrected.number}
        said += words.say("issue.corrects", document.language, **earlier)
    return replace(document, mark=said, name=f"{document.name}-{number:03d}")


def signed(document: Document, post: str, issued_on: date) -> Document:
    """The document with signature, day of issue and imprint; a brief of one page names its issuer in its foot."""
    if document.layout == "compact":
        return document
    language = document.language
    office = (
        words.say("paper.daily.issuer_blank", language) if post == "unassigned" else words.name("post", post, language)
    )
    day = words.day(issued_on, language)
    imprint = words.say("issue.imprint", language, office=office, day=day)
    return replace(document, signed=(office, day), imprint=(imprint,))
