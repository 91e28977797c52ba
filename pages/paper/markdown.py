"""A document as Markdown, for machines and for mail."""

import re

from pages.paper.document import (
    Annex,
    Blank,
    Block,
    Bullets,
    Chart,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Table,
    Words,
)
from pages.paper.outline import annex_label, chart_table, numbered, parts, written
from pages.ui import words

_SIGNS = re.compile(r"([\\`*_\[\]<>|~&#])")
_STARTS = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)])(?=\s))")


def render(document: Document) -> bytes:
    """The document as UTF-8 Markdown; text of the document can never become markup."""
    language = document.language
    main, annexes = parts(document)
    said = [
        f"# {escaped(document.title)}",
        *(f"**{escaped(line)}**" for line in (document.subtitle, document.mark) if line),
    ]
    said += [escaped(line.replace("\t", "　")) for line in document.head]
    said += [_block(block, number, language) for block, number in numbered(main, language)]
    said += [escaped(line) for line in (*document.signed, *document.foot)]
    for place, (annex, below) in enumerate(annexes):
        said += ["---", f"# {annex_label(place, len(annexes), language)} {escaped(annex.title)}"]
        said += [_block(block, number, language) for block, number in numbered(below, language)]
    if document.imprint:
        said += ["---", *(escaped(line.replace("\t", "　")) for line in document.imprint)]
    return ("\n\n".join(part for part in said if part) + "\n").encode()


def escaped(text: str) -> str:
    """Text that Markdown shows as it stands.

    >>> escaped("# a*b"), escaped("1. x"), escaped("2026年11月")
    ('\\\\# a\\\\*b', '1\\\\. x', '2026年11月')
    """
    lines = (_STARTS.sub(_guarded, _SIGNS.sub(r"\\\1", line)) for line in text.split("\n"))
    return "  \n".join(lines)


def _guarded(start: re.Match) -> str:
    space, sign, digits, dot = start.groups()
    return f"{space}\\{sign}" if sign else f"{space}{digits}\\{dot}"


def _block(block: Block, number: str, language: str) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * (level + 1)} {number}{escaped(text)}"
        case Paragraph(text, tone):
            return f"> **{escaped(text)}**" if tone == "notice" else escaped(text)
        case Bullets(items):
            return "\n".join(f"- {escaped(item).replace(chr(10), chr(10) + '  ')}" for item in items)
        case Table():
            return _table(block, language)
        case Chart():
            return _chart(block, language)
        case Blank(_, prompt):
            return f"> ＿＿＿＿ {escaped(words.say('paper.blank', language, prompt=prompt))}"
        case Words(_, text, by):
            return escaped(text) + (f"\n\n{escaped(words.say('paper.words_by', language, by=by))}" if by else "")
        case PageBreak():
            return ""
        case Annex(title):
            return f"# {escaped(title)}"
    raise TypeError(f"nothing says how a {type(block).__name__} is written")


def _table(table: Table, language: str) -> str:
    caption = f"**{escaped(table.caption)}**\n\n" if table.caption else ""
    note = f"\n\n{escaped(table.note)}" if table.note else ""
    if not table.rows:
        return caption + words.say("paper.no_rows", language) + note
    signs = {"left": "---", "right": "---:", "center": ":---:"}
    lines = [
        _row(column.title for column in table.columns),
        "|" + "|".join(signs[column.stands] for column in table.columns) + "|",
        *(
            _row(written(cell, column, language) for cell, column in zip(row, table.columns, strict=True))
            for row in table.rows
        ),
    ]
    return caption + "\n".join(lines) + note


def _row(cells: object) -> str:
    return "| " + " | ".join(_SIGNS.sub(r"\\\1", cell).replace("\n", "<br>") for cell in cells) + " |"


def _chart(chart: Chart, language: str) -> str:
    """What a chart shows in words, and its numbers as a table."""
    return f"**{escaped(chart.alt)}**\n\n" + _table(chart_table(chart, language), language)
