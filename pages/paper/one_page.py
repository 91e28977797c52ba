"""What must stand on one page: tables on it give up their last rows until it fits; the annex has them all.

Heights are estimated from the sizes of the layout, a little too high rather than too low, so that Word and PDF both keep to the page.
"""

import math
from dataclasses import replace

from pages.paper.document import Block, Bullets, Document, Heading, Paragraph, Table
from pages.paper.layout import TEXT_HIGH_MM, TEXT_WIDE_MM, fit_table, layout_of, visual_length
from pages.paper.outline import written

POINTS_A_MM = 72 / 25.4
LOOSE = 1.02  # lines break earlier than their length lets expect


def fitted(document: Document, blocks: tuple[Block, ...], most: int) -> tuple[Block, ...]:
    """The blocks with at most `most` rows in each table, and fewer in the longest until all fills one page below the head and above
    the foot of `document`; where one row each is still too much, tables are left out, the last ones first.
    """
    room = TEXT_HIGH_MM * POINTS_A_MM - _frame_height(document)
    shown = [replace(block, rows=block.rows[:most]) if isinstance(block, Table) else block for block in blocks]
    while sum(_height(block, document) for block in shown) > room:
        tables = [place for place, block in enumerate(shown) if isinstance(block, Table)]
        if not tables:
            break
        longest = max(tables, key=lambda place: (len(shown[place].rows), place))
        if len(shown[longest].rows) > 1:
            shown[longest] = replace(shown[longest], rows=shown[longest].rows[:-1])
        else:
            del shown[longest]
    return tuple(shown)


def _frame_height(document: Document) -> float:
    """Title, lines under it, rules and foot."""
    sizes = layout_of(document)
    title = _lines(document.title, sizes.title) * sizes.title_pitch
    under = [line.replace("\t", "　" * 4) for line in (document.subtitle, document.mark, *document.head) if line]
    small = sum(_lines(line, sizes.small) for line in (*under, *document.foot)) * sizes.small_pitch
    return title + small + 2 * sizes.small_pitch


def _height(block: Block, document: Document) -> float:
    sizes = layout_of(document)
    match block:
        case Heading(_, text):
            return _lines(text, sizes.body, 5) * sizes.pitch + sizes.above_heading
        case Paragraph(text):
            return _lines(text, sizes.body, 2) * sizes.pitch
        case Bullets(items):
            return sum(_lines(item, sizes.body, 2) for item in items) * sizes.pitch
        case Table():
            return _table_height(block, document)
    return 0


def _table_height(table: Table, document: Document) -> float:
    sizes, language = layout_of(document), document.language
    caption = sizes.table_pitch * 1.4 if table.caption else 0
    note = sizes.small_pitch * _lines(table.note, sizes.small) if table.note else 0
    if not table.rows:
        return caption + sizes.table_pitch + note
    fit = fit_table(table, sizes, language)
    widths = [share * TEXT_WIDE_MM * POINTS_A_MM - 0.8 * fit.size for share in fit.shares]
    rows = [[column.title for column in table.columns]]
    rows += [[written(c, column, language) for c, column in zip(row, table.columns, strict=True)] for row in table.rows]
    high = sum(max(_in_width(text, fit.size, wide) for text, wide in zip(row, widths, strict=True)) for row in rows)
    return caption + high * fit.pitch + 0.6 * len(rows) + sizes.table_pitch * 0.6 + note


def _lines(text: str, size: float, indent: float = 0) -> int:
    return sum(
        max(1, math.ceil((visual_length(line) * LOOSE + indent) * size / (TEXT_WIDE_MM * POINTS_A_MM)))
        for line in text.split("\n")
    )


def _in_width(text: str, size: float, wide: float) -> int:
    return max(1, math.ceil(visual_length(text) * LOOSE * size / max(wide, size)))
