"""What an editor may change of a paper, and what was changed: running text, lists and people's words, never a figure in a table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from data.issuing import Step
from pages.paper.document import Annex, Blank, Bullets, Document, Heading, Paragraph, Words, from_json


@dataclass(frozen=True)
class Passage:
    """A piece of text that may be edited: its place among the blocks, the heading it stands under, and its text.

    The lines of the foot have the places after the last block, and no heading. `prompt` is what a field that nobody has filled asks for; `field` names a field of people's words.
    """

    place: int
    section: str
    text: str
    prompt: str = ""
    field: str = ""

    @property
    def mark(self) -> tuple[str, str, str]:
        """What finds the same passage in a document composed anew."""
        return self.section, self.field, self.text


@dataclass(frozen=True)
class Change:
    """One piece of text before and after; "" where there was, or is, nothing."""

    section: str
    before: str
    after: str


@dataclass(frozen=True)
class Edit:
    """A change with the post that made it and when."""

    change: Change
    post: str
    verified: bool
    recorded_at: datetime


def passages(document: Document) -> tuple[Passage, ...]:
    """The texts of a document that may be edited, in order."""
    found, section = [], document.title
    for place, block in enumerate(document.blocks):
        if isinstance(block, (Heading, Annex)):
            section = block.text if isinstance(block, Heading) else block.title
        elif isinstance(block, Paragraph):
            found.append(Passage(place, section, block.text))
        elif isinstance(block, Words):
            found.append(Passage(place, section, block.text, field=block.section))
        elif isinstance(block, Bullets):
            found.append(Passage(place, section, "\n".join(block.items)))
        elif isinstance(block, Blank):
            found.append(Passage(place, section, "", block.prompt, block.section))
    after = len(document.blocks)
    found += [Passage(after + line, "", text, field="foot") for line, text in enumerate(document.foot)]
    return tuple(found)


def with_texts(document: Document, texts: Mapping[int, str]) -> Document:
    """The document with other texts at some places; an empty field that is filled becomes people's words."""
    blocks, foot = list(document.blocks), list(document.foot)
    for place, text in texts.items():
        if place >= len(blocks):
            foot[place - len(blocks)] = text.strip()
        else:
            blocks[place] = _rewritten(blocks[place], text.strip())
    return replace(document, blocks=tuple(blocks), foot=tuple(foot))


def _rewritten(block: object, text: str) -> object:
    if isinstance(block, Bullets):
        return Bullets(tuple(line.strip() for line in text.splitlines() if line.strip()))
    if isinstance(block, Blank):
        return Words(block.section, text) if text else block
    if isinstance(block, (Paragraph, Words)):
        return replace(block, text=text)
    raise ValueError(f"a {type(block).__name__} cannot be edited")


def changes(before: Document, after: Document) -> tuple[Change, ...]:
    """Where two versions of one document differ in their texts, in order."""
    then = {one.place: one.text for one in passages(before)}
    found = [Change(one.section, then.get(one.place, ""), one.text) for one in passages(after)]
    return tuple(one for one in found if one.before != one.after)


def carried_over(composed: Document, edited: Document, anew: Document) -> Document:
    """A document composed anew from later figures, with the edits that still fit: those of texts that the later figures left alone.

    People's words are kept wherever their section still stands.
    """
    originals = {one.place: one for one in passages(composed)}
    rewritten = {
        originals[one.place].mark: one.text for one in passages(edited) if one.text != originals[one.place].text
    }
    texts = {one.place: rewritten[one.mark] for one in passages(anew) if one.mark in rewritten}
    return with_texts(anew, texts)


def history(steps: tuple[Step, ...]) -> tuple[Edit, ...]:
    """Every change that editors made to the drafts of a brief since it was last withdrawn, oldest first, with post and moment."""
    found, before = [], None
    for step in steps:
        if step.state == "withdrawn":
            found, before = [], None
        if step.state != "draft":
            continue
        composed, edited = from_json(step.composed), from_json(step.document)
        base = composed if before is None else before[1]
        if before is not None and before[0] != composed:
            base = carried_over(*before, composed)
        found += [Edit(one, step.post, step.verified, step.recorded_at) for one in changes(base, edited)]
        before = (composed, edited)
    return tuple(found)
