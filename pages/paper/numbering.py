"""What stands under the title of a brief: how far it has come (草稿), then the number of its issue (第N期) and which issue that corrects."""

from dataclasses import replace
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
