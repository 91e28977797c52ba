"""Leaders' open directives on paper: in a line each where there is little room, and all of them as a table with their age."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analytics.figures import Sentence
from pages.paper.document import Block, Column, Heading, Table
from pages.ui import words

if TYPE_CHECKING:
    from analytics.followup import FollowUp

LISTED = 3  # in running text
WIDTHS = {"directive_item": 1.8, "directive": 2.6, "unit": 1.6, "given_by": 0.8, "given_days": 0.8, "due_on": 1.4}


def directives_told(follow_up: "FollowUp | None", language: str) -> list[str]:
    """The first of them, with their age; how many more stand in the annex."""
    lines = follow_up.directives if follow_up else ()
    told = [_told(line.values, language) for line in lines[:LISTED]]
    left = len(lines) - len(told)
    return told + ([words.say("paper.daily.more", language, count=left)] if left else [])


def directives_blocks(follow_up: "FollowUp | None", language: str, *, level: int = 1) -> list[Block]:
    """All of them under a heading; nothing where none is open."""
    lines = follow_up.directives if follow_up else ()
    if not lines:
        return []
    columns = tuple(
        Column(
            words.say(f"column.{name}", language),
            form={"given_days": "count", "due_on": "day"}.get(name, "text"),
            width=wide,
        )
        for name, wide in WIDTHS.items()
    )
    rows = []
    for line in lines:
        named = _named(line.values, language)
        rows.append(tuple(named[name] for name in ("label", "text", "unit", "post", "age_days", "due_on")))
    return [Heading(level, words.say("paper.directives", language)), Table("", columns, tuple(rows))]


def _told(values: Mapping[str, object], language: str) -> str:
    key = "directive" if values.get("unit") else "directive_alone"
    return words.say(f"paper.daily.{key}", language, **_named(values, language))


def _named(values: Mapping[str, object], language: str) -> dict[str, object]:
    label = values["label"]
    return {
        **values,
        "label": words.tell(label, language) if isinstance(label, Sentence) else label,
        "post": words.name("post_level", values.get("post_level"), language),
        "unit": values.get("unit") or words.say("followup.no_unit", language),
    }
