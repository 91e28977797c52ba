"""A document as an editable Word file in the layout of GB/T 9704-2012."""

import io
import zipfile
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from docx import Document as new_file
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from pages.paper import drawing
from pages.paper.document import (
    Blank,
    Block,
    Bullets,
    Chart,
    Column,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Table,
    Words,
)
from pages.paper.glyphs import fitted_charts
from pages.paper.layout import (
    TEXT_WIDE_MM,
    Layout,
    chart_caption,
    chart_high_mm,
    fit_table,
    layout_of,
    signed_indents,
    stands_whole,
)
from pages.paper.outline import annex_label, annex_list, numbered, parts, written
from pages.paper.word_page import set_page, set_styles
from pages.ui import words

if TYPE_CHECKING:
    from docx.document import Document as WordFile
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph as WordParagraph

ALIGNED = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
}
_UNDATED = date(2000, 1, 1)


def render(document: Document) -> bytes:
    """The document as a .docx file whose every time stamp is the day the document is of."""
    document = fitted_charts(document)
    file = new_file()
    _Writer(file, layout_of(document), document.language).write(document)
    return _stamped(file, document)


class _Writer:
    """Writes blocks to the end of a Word file."""

    def __init__(self, file: "WordFile", sizes: Layout, language: str) -> None:
        self.file, self.sizes, self.language = file, sizes, language
        self.style_ids: dict[str, str] = {}

    def write(self, document: Document) -> None:
        banner = document.layout == "compact"
        set_styles(self.file, self.sizes, self.language, banner=banner)
        set_page(self.file, self.sizes, self.language)
        self._head(document, banner=banner)
        main, annexes = parts(document)
        self._blocks(main)
        if not banner and annexes:
            self._say("")
            for line in annex_list(document):
                self._say(line)
        self._signed(document.signed)
        self._ruled(document.foot)
        for place, (annex, below) in enumerate(annexes):
            label = self._say(annex_label(place, len(annexes), self.language), "Annex Label")
            label.paragraph_format.page_break_before = True
            self._say(annex.title, "Annex Title")
            self._blocks(below)
        self._ruled(document.imprint)

    # --- parts of the page

    def _head(self, document: Document, *, banner: bool) -> None:
        self._say(document.title, "Title")
        for line in (document.subtitle, document.mark):
            if line:
                self._say(line, "Paper Small").alignment = WD_ALIGN_PARAGRAPH.CENTER
        last = None
        for line in document.head:
            last = self._parted(line)
            if "\t" not in line:
                last.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if banner:
            last = last or self._say("", "Paper Small")
            last.paragraph_format.space_after = Pt(4)
            _bordered(last, bottom=("single", 10, "C00000", 3))
        else:
            self._say("", "Paper Small")

    def _parted(self, line: str) -> "WordParagraph":
        """A line of small type; what follows a tab stands at the right margin."""
        said = self._say(line, "Paper Small")
        if "\t" in line:
            said.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDE_MM), WD_TAB_ALIGNMENT.RIGHT)
        return said

    def _signed(self, lines: tuple[str, ...]) -> None:
        """Who issued it, and the day, 4 characters in from the right."""
        if lines:
            self._say("").paragraph_format.keep_with_next = True
        for line, ems in zip(lines, signed_indents(lines), strict=True):
            said = self._say(line)
            said.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            said.paragraph_format.right_indent = Pt(ems * self.sizes.body)
            said.paragraph_format.keep_with_next = line != lines[-1]

    def _ruled(self, lines: tuple[str, ...]) -> None:
        """The lines that end the text, and those that end the paper, between two rules."""
        for place, line in enumerate(lines):
            said = self._parted(line)
            said.paragraph_format.keep_together = True
            said.paragraph_format.keep_with_next = place < len(lines) - 1
            if place == 0:
                said.paragraph_format.space_before = Pt(self.sizes.small / 2)
            edges = {"top": ("single", 8, "000000", 3)} if place == 0 else {}
            edges |= {"bottom": ("single", 8, "000000", 3)} if place == len(lines) - 1 else {}
            _bordered(said, **edges)

    def _blocks(self, blocks: tuple[Block, ...]) -> None:
        for block, number in numbered(blocks, self.language):
            self._block(block, number)

    def _block(self, block: Block, number: str) -> None:
        match block:
            case Heading(level, text):
                self._say(f"{number}{text}", f"Heading {level}")
            case Paragraph(text, tone):
                said = self._say(text, "Paper Notice" if tone == "notice" else "Normal")
                if tone == "notice":
                    _bordered(said, left=("single", 16, "000000", 4))
            case Bullets(items):
                for item in items:
                    self._say(item if self.language == "zh" else f"• {item}")
            case Table():
                self._table(block)
            case Chart():
                self._chart(block)
            case Blank(_, prompt):
                self._blank(words.say("paper.blank", self.language, prompt=prompt))
            case Words(_, text, by):
                for line in text.split("\n"):
                    if line.strip():
                        self._say(line)
                if by:
                    said = self._say(words.say("paper.words_by", self.language, by=by), "Paper Small")
                    said.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            case PageBreak():
                self.file.add_page_break()
            case _:
                raise TypeError(f"nothing says how a {type(block).__name__} is set")

    def _say(self, text: str, style: str = "Normal") -> "WordParagraph":
        return self._styled(self.file.add_paragraph(text), style)

    def _styled(self, paragraph: "WordParagraph", style: str) -> "WordParagraph":
        """The paragraph in a style, found once a file: python-docx looks through all styles at every paragraph."""
        if style != "Normal":
            if style not in self.style_ids:
                self.style_ids[style] = self.file.styles[style].style_id
            paragraph._p.style = self.style_ids[style]
        return paragraph

    def _fill(self, cell: "_Cell", text: str, style: str, alignment: WD_ALIGN_PARAGRAPH, *, held: bool = False) -> None:
        """The text of a cell; `held` keeps its row on one page with the next."""
        said = self._styled(cell.paragraphs[0], style)
        if held:
            said.paragraph_format.keep_with_next = True
        said.alignment = alignment
        said.add_run(text)
        middle = OxmlElement("w:vAlign")
        middle.set(qn("w:val"), "center")
        cell._tc.get_or_add_tcPr().append(middle)

    # --- tables, charts, fields

    def _table(self, table: Table) -> None:
        if table.caption:
            caption = self._say(table.caption, "Paper Caption")
            caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
            caption.paragraph_format.keep_with_next = True
            caption.paragraph_format.space_before = Pt(self.sizes.table_pitch / 3)
        if not table.rows:
            self._say(words.say("paper.no_rows", self.language), "Paper Table").alignment = WD_ALIGN_PARAGRAPH.CENTER
        else:
            self._grid(table)
        note = self._say(table.note, "Paper Small")
        if not table.note:  # a line between one table and the next thing, as thin as may be
            note.paragraph_format.line_spacing = Pt(4)

    def _grid(self, table: Table) -> None:
        fit = fit_table(table, self.sizes, self.language)
        size = "" if fit.size == self.sizes.table else f" {fit.size:g}"
        grid = _fixed(self.file.add_table(len(table.rows) + 1, len(table.columns), style="Table Grid"), fit.shares)
        rows = list(grid.rows)
        _kept(rows[0], "w:tblHeader")
        for column, cell in zip(table.columns, rows[0].cells, strict=True):
            self._fill(cell, column.title, f"Paper Table Head{size}", WD_ALIGN_PARAGRAPH.CENTER, held=True)
        whole = stands_whole(table, self.language)
        for place, (row, values) in enumerate(zip(rows[1:], table.rows, strict=True), start=1):
            held = whole and place < len(table.rows)
            for cell, value, column in zip(row.cells, values, table.columns, strict=True):
                said = written(value, column, self.language)
                self._fill(cell, said, f"Paper Table{size}", _aligned(column), held=held)
        for row in rows:
            _kept(row, "w:cantSplit")

    def _chart(self, chart: Chart) -> None:
        picture = drawing.png(chart, self.language, high_mm=chart_high_mm(chart, self.sizes))
        caption = chart_caption(chart)
        held = self._say("", "Paper Picture")
        held.paragraph_format.keep_with_next = bool(caption)
        shape = held.add_run().add_picture(io.BytesIO(picture), width=Mm(TEXT_WIDE_MM))
        properties = shape._inline.docPr
        properties.set("descr", chart.alt)
        properties.set("name", chart.name)
        if caption:
            self._say(caption, "Paper Table").alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _blank(self, prompt: str) -> None:
        """An empty field, to be written into."""
        field = _fixed(self.file.add_table(1, 1, style="Table Grid"), (1.0,))
        cell = field.rows[0].cells[0]
        self._fill(cell, prompt, "Paper Table", WD_ALIGN_PARAGRAPH.LEFT)
        for _ in range(2):
            cell.add_paragraph("", style="Normal")
        _edged(field, "dashed")
        _kept(field.rows[0], "w:cantSplit")
        self._say("", "Paper Small").paragraph_format.line_spacing = Pt(4)


def _aligned(column: Column) -> WD_ALIGN_PARAGRAPH:
    return ALIGNED[column.stands]


def _fixed(grid: object, shares: tuple[float, ...]) -> object:
    """The table as wide as the text, its columns as wide as their shares."""
    grid.autofit = False
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    properties = grid._tbl.tblPr
    wide = properties.find(qn("w:tblW"))
    wide.set(qn("w:type"), "dxa")
    wide.set(qn("w:w"), str(Mm(TEXT_WIDE_MM).twips))
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "60")
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    look = properties.find(qn("w:tblLook"))
    look.addprevious(margins)
    widths = [Mm(TEXT_WIDE_MM * share) for share in shares]
    for column, width in zip(grid._tbl.tblGrid.findall(qn("w:gridCol")), widths, strict=True):
        column.set(qn("w:w"), str(width.twips))
    for row in grid._tbl.tr_lst:
        for cell, width in zip(row.tc_lst, widths, strict=True):
            cell.width = width
    return grid


def _kept(row: object, what: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(what))


def _edged(grid: object, kind: str) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right"):
        edge = OxmlElement(f"w:{side}")
        for name, value in (("val", kind), ("sz", "6"), ("space", "0"), ("color", "000000")):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    grid._tbl.tblPr.find(qn("w:tblLayout")).addprevious(borders)


def _bordered(paragraph: "WordParagraph", **edges: tuple[str, int, str, int]) -> None:
    """Rules around a paragraph: for each side its kind, its thickness in eighths of a point, its colour and its distance in points."""
    if not edges:
        return
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        if side in edges:
            edge = OxmlElement(f"w:{side}")
            for name, value in zip(("val", "sz", "color", "space"), edges[side], strict=True):
                edge.set(qn(f"w:{name}"), str(value))
            borders.append(edge)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, *("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr")
    )


def _stamped(file: "WordFile", document: Document) -> bytes:
    """The file with nothing in it that depends on when or where it was made."""
    at = datetime.combine(document.as_of or _UNDATED, time())
    about = file.core_properties
    about.title, about.language = document.title[:255], "zh-CN" if document.language == "zh" else "en-GB"
    about.author = about.last_modified_by = about.comments = about.keywords = ""
    about.subject = document.subtitle[:255]
    about.created = about.modified = about.last_printed = at.replace(tzinfo=UTC)
    about.revision = 1
    made = io.BytesIO()
    file.save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for one in sorted(before.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(one, (max(at.year, 1980), at.month, at.day, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            after.writestr(entry, before.read(one))
    return out.getvalue()
