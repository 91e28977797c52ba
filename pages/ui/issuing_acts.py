"""What is recorded of a brief from the screen: words, drafts, reviews, issues, directives. Each act carries the configured post, unverified."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Protocol

from data import issuing
from data.errors import Refused
from data.issuing import BriefKey, Issued, Item, Step
from pages import paper
from pages.paper.document import Document, from_json, to_json
from pages.paper.edits import carried_over, with_texts
from pages.paper.numbering import numbered, signed
from pages.ui import load

FROZEN = (
    "docx",
    "pdf",
    "xlsx",
    "md",
)  # the forms that an issue keeps; its document and figures are kept as JSON beside them
_TRIES = 5  # issues that may come in between before we give up


class Composed(Protocol):
    """What a composed document and its figures are from."""

    version: str
    published_at: object


def draft(
    key: BriefKey,
    document: Document,
    record: Mapping,
    brief: Composed,
    last: Step | None,
    *,
    edits_of: Step | None = None,
) -> None:
    """Keep a document composed from the figures as the draft; `edits_of` is a draft whose edits are carried over where they still fit."""
    composed, edited = to_json(document), None
    if edits_of is not None:
        edited = to_json(carried_over(from_json(edits_of.composed), from_json(edits_of.document), document))
    site = load.site()
    issuing.save_draft(
        load.desk(),
        key,
        composed,
        site.actor,
        site.now(),
        edited=edited,
        record=json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        version=brief.version,
        known_at=brief.published_at,
        seen=last.step_id if last else 0,
    )


def edit(key: BriefKey, step: Step, texts: Mapping[int, str]) -> None:
    """Keep other texts at some places of the draft."""
    site = load.site()
    edited = to_json(with_texts(from_json(step.document), texts))
    kept = {"record": step.record, "version": step.version, "known_at": step.known_at}
    issuing.save_draft(
        load.desk(), key, step.composed, site.actor, site.now(), edited=edited, seen=step.step_id, **kept
    )


def review(key: BriefKey, step: Step) -> None:
    """Mark the draft as reviewed."""
    site = load.site()
    issuing.review(load.desk(), key, site.actor, site.now(), seen=step.step_id)


def issue(key: BriefKey, step: Step) -> Issued:
    """Number the reviewed document, render its files, freeze them; printed anew when another issue took the number meanwhile."""
    desk, site = load.desk(), load.site()
    corrected = next((one for one in issuing.list_issued(desk, key=key) if one.key == key), None)
    for attempt in range(_TRIES):
        number = issuing.next_number(desk, key.kind, site.now())
        document = numbered(from_json(step.document), number, corrected)
        document = signed(document, site.actor.post, site.now().date())
        files = {form: paper.render(document, form, fonts_folder=site.fonts_folder) for form in FROZEN}
        try:
            return issuing.issue(
                desk,
                key,
                document=to_json(document),
                record=step.record,
                files=files,
                version=step.version,
                known_at=step.known_at,
                actor=site.actor,
                at=site.now(),
                number=number,
                seen=step.step_id,
            )
        except Refused as taken:
            if taken.key != "issuing.number_taken" or attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def withdraw(key: BriefKey, reason: str) -> None:
    """Withdraw the issued brief; it stays on record."""
    site = load.site()
    issuing.withdraw(load.desk(), key, reason, site.actor, site.now())


def save_words(key: BriefKey, section: str, text: str) -> None:
    """Keep people's words for a section."""
    site = load.site()
    issuing.save_words(load.desk(), key, section, text, site.actor, site.now())


def give_directive(
    key: BriefKey, item: Item, text: str, *, as_of: date, post_level: str, org_id: str | None, due_on: date | None
) -> None:
    """Record a directive on an item of a brief."""
    site = load.site()
    more = {"as_of": as_of, "post_level": post_level, "org_id": org_id, "due_on": due_on}
    issuing.give_directive(load.desk(), key, item, text, site.actor, site.now(), **more)


def close_directive(directive_id: int, outcome: str, closed_on: date) -> None:
    """Record what came of a directive."""
    site = load.site()
    issuing.close_directive(load.desk(), directive_id, outcome, closed_on, site.actor, site.now())


def file_of(issued: Issued, form: str) -> bytes:
    """A frozen file, byte for byte; that it was opened is counted."""
    site, desk = load.site(), load.desk()
    issuing.note_opening(desk, issued.key, site.actor, site.now(), issued_id=issued.issued_id)
    return issuing.read_file(desk, issued.issued_id, form).content
