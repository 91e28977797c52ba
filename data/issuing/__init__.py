"""Issued briefs and what people add to them: drafts, numbered frozen copies, words, directives, openings. Tables of the desk."""

from data.issuing.directives import (
    POST_LEVELS,
    Directive,
    Item,
    close_directive,
    give_directive,
    list_directives,
    open_directives,
    selection_of,
    selection_text,
)
from data.issuing.issued import (
    Issued,
    IssuedFile,
    issue,
    last_issued,
    list_issued,
    next_number,
    read_file,
    read_issued,
    sha256,
)
from data.issuing.keys import BRIEFS, BriefKey, mark, may
from data.issuing.people import Words, count_openings, note_opening, read_words, save_words, words_history
from data.issuing.steps import Step, last_step, read_steps, review, save_draft, state_of, withdraw

__all__ = [
    "BRIEFS", "POST_LEVELS", "BriefKey", "Directive", "Issued", "IssuedFile", "Item", "Step", "Words", "close_directive",
    "count_openings", "give_directive", "issue", "last_issued", "last_step", "list_directives", "list_issued", "mark", "may",
    "next_number", "note_opening", "open_directives", "read_file", "read_issued", "read_steps", "read_words", "review", "save_draft",
    "save_words", "selection_of", "selection_text", "sha256", "state_of", "withdraw", "words_history",
]  # fmt: skip
