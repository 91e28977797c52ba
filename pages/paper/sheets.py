"""A document as an Excel file: what it says and its figures on the first sheet, then one sheet a table; numbers and dates are real.

No cell is ever a formula or a link, whatever its text; a cell that was hidden or is not known holds a dash.
"""

import io
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from pages.paper.document import (
    Blank,
    Bullets,
    Cell,
    Chart,
    Column,
    Document,
    Heading,
    Number,
    Paragraph,
    Table,
    Words,
)
from pages.paper.layout import visual_length
from pages.paper.outline import chart_table, numbered, parts, written
from pages.ui import words

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LONGEST_CELL, LONGEST_NAME = 32_000, 31
FIRST_YEAR = 1900  # a day before it is written as text, for Excel counts from there
NUMBER_FORMS = {
    "count": "#,##0", "decimal": "#,##0.0", "hundredth": "#,##0.00", "exact": "#,##0.0#######", "pct": '0.0"%"', "day": "yyyy-mm-dd"
}  # fmt: skip
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_UNDATED = date(2000, 1, 1)


@dataclass(frozen=True)
class Sheet:
    """One sheet: a line of text a row, bold where it is a heading, then tables one below the other; a lone table starts in the first row.

    `blank` stands in cells that are None.
    """

    name: str
    tables: tuple[Table, ...]
    lines: tuple[tuple[str, bool], ...] = ()
    blank: str = words.NOTHING


def render(document: Document) -> bytes:
    """The document as an .xlsx file."""
    language = document.language
    figures = tuple(table for table in document.tables if _has_figures(table))
    said = words.say("paper.summary_sheet", language)
    sheets = [Sheet(said, figures, _lines(document))]
    for block in document.blocks:
        table = chart_table(block, language) if isinstance(block, Chart) else block
        if isinstance(table, Table) and table not in figures:
            name = table.caption or (block.caption or block.alt if isinstance(block, Chart) else "")
            sheets.append(Sheet(name or _heading_before(document, block), (table,)))
    return workbook(tuple(sheets), language, document.as_of)


def workbook(sheets: tuple[Sheet, ...], language: str, as_of: date | None = None) -> bytes:
    """An .xlsx file of these sheets, stamped with one day only, so that the same sheets give the same bytes."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        book.set_properties({"created": datetime.combine(as_of or _UNDATED, time())})
        writer = _Writer(book, language)
        for sheet, name in zip(sheets, sheet_names(sheets, language), strict=True):
            writer.write(book.add_worksheet(name), sheet)
    return buffer.getvalue()


def sheet_names(sheets: tuple[Sheet, ...], language: str) -> tuple[str, ...]:
    """A legal name for each sheet, no two alike.

    >>> sheet_names((Sheet("a/b", ()), Sheet("A?B", ()), Sheet("", ())), "en")
    ('a b', 'A B 2', 'Table 3')
    """
    taken: list[str] = []
    for place, sheet in enumerate(sheets, start=1):
        plain = " ".join(_FORBIDDEN.sub(" ", sheet.name).split()).strip("' ")
        if not plain or plain.lower() == "history":
            plain = words.say("paper.table_sheet", language, number=str(place))
        name, count = plain[:LONGEST_NAME].strip("' "), 2
        while name.lower() in (one.lower() for one in taken):
            name = f"{plain[: LONGEST_NAME - len(str(count)) - 1].strip()} {count}"
            count += 1
        taken.append(name)
    return tuple(taken)


def _has_figures(table: Table) -> bool:
    return any(isinstance(cell, Number) for row in table.rows for cell in row)


def _heading_before(document: Document, block: object) -> str:
    """The last heading above a table without a caption."""
    before = document.blocks[: next(place for place, one in enumerate(document.blocks) if one is block)]
    return next((one.text for one in reversed(before) if isinstance(one, Heading)), "")


def _lines(document: Document) -> tuple[tuple[str, bool], ...]:
    """What the paper says in words, line by line; the annex has tables only."""
    language = document.language
    told = [
        (document.title, True),
        *((line, False) for line in (document.subtitle, document.mark, *document.head) if line),
    ]
    main, annexes = parts(document)
    for blocks in (main, *(below for _, below in annexes)):
        for block, number in numbered(blocks, language):
            match block:
                case Heading(_, text):
                    told.append((f"{number}{text}", True))
                case Paragraph(text):
                    told.append((text, False))
                case Bullets(items):
                    told += [(item, False) for item in items]
                case Words(_, text):
                    told += [(line, False) for line in text.split("\n") if line.strip()]
                case Blank(_, prompt):
                    told.append((words.say("paper.blank", language, prompt=prompt), False))
                case Chart(_, alt, _, caption):
                    told.append((caption or alt, False))
    imprint = (line.replace("\t", "　") for line in document.imprint)
    return (*told, *((line, False) for line in (*document.signed, *document.foot, *imprint)))


class _Writer:
    """Writes sheets of one workbook with its few formats."""

    def __init__(self, book: "Workbook", language: str) -> None:
        self.language = language
        self.bold = book.add_format({"bold": True})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.dash = book.add_format({"align": "right"})
        self.forms = {form: book.add_format({"num_format": look}) for form, look in NUMBER_FORMS.items()}
        self.text = book.add_format({})

    def write(self, page: "Worksheet", sheet: Sheet) -> None:
        row = 0
        for line, is_heading in sheet.lines:
            page.write_string(row, 0, _safe(line.replace("\t", "　")), self.bold if is_heading else self.text)
            row += 1
        alone = not sheet.lines and len(sheet.tables) == 1
        for table in sheet.tables:
            if not alone:
                row += 1
                page.write_string(row, 0, _safe(table.caption), self.bold)
                row += 1
            row = self._table(page, table, row, sheet.blank)
        if alone:
            page.freeze_panes(1, 0)
        page.set_paper(9)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        for place, wide in enumerate(_widths(sheet.tables, self.language)):
            page.set_column(place, place, wide)

    def _table(self, page: "Worksheet", table: Table, row: int, blank: str) -> int:
        for place, column in enumerate(table.columns):
            page.write_string(row, place, _safe(column.title), self.head)
        for values in table.rows:
            row += 1
            for place, (cell, column) in enumerate(zip(values, table.columns, strict=True)):
                if cell is None or (isinstance(cell, Number) and cell.value is None):
                    page.write_string(row, place, blank, self.dash)
                else:
                    self._cell(page, row, place, cell, column)
        if table.note:
            row += 2
            page.write_string(row, 0, _safe(table.note), self.text)
        return row + 1

    def _cell(self, page: "Worksheet", row: int, place: int, cell: Cell, column: Column) -> None:
        form = column.form
        if isinstance(cell, Number):
            cell, form = cell.value, cell.form
        if isinstance(cell, date) and cell.year >= FIRST_YEAR:
            page.write_datetime(row, place, datetime.combine(cell, time()), self.forms["day"])
        elif isinstance(cell, (str, bool, date)):
            page.write_string(row, place, _safe(written(cell, column, self.language)), self.text)
        else:
            form = "decimal" if form == "count" and cell != int(cell) else form
            page.write_number(row, place, cell, self.forms.get(form, self.text))


def _widths(tables: tuple[Table, ...], language: str) -> list[float]:
    """Widths in characters, from the longest heading and cell of each column, within reason."""
    wide: list[float] = []
    for table in tables:
        for place, column in enumerate(table.columns):
            texts = [column.title, *(written(row[place], column, language) for row in table.rows[:200])]
            need = min(60.0, max(8.0, 2 * max(visual_length(text) for text in texts) + 2))
            wide[place : place + 1] = [max(need, wide[place]) if place < len(wide) else need]
    return wide


def _safe(text: str) -> str:
    return text[:LONGEST_CELL]
