"""The page that Word and PDF share: GB/T 9704-2012 (party and government documents), and how wide the columns of a table are.

A4; margins 37 mm above, 28 left, 26 right, 35 below, so that text stands on 156 × 225 mm: 22 lines of 28 characters of 16 pt.
"""

import re
from dataclasses import dataclass

from pages.paper.document import Bars, Chart, Document, Table
from pages.paper.outline import written

TOP_MM, LEFT_MM, RIGHT_MM, BOTTOM_MM = 37, 28, 26, 35
TEXT_WIDE_MM, TEXT_HIGH_MM = 156, 225
PAGE_NUMBER_PT, PAGE_NUMBER_BELOW_MM = 14, 7
LINES_A_PAGE, SIGNS_A_LINE = 22, 28
INSET_EMS = 0.9  # what a cell keeps free at its sides
SHORT_TEXT = 4.5  # characters that are never parted: the name of a street, a change in percent
SIGNED_EMS = 4  # what the day of issue leaves free at the right; who issued it stands centred above
WHOLE_ROWS, WHOLE_SIGNS = 8, 800  # up to which a table stands on one page
_LATIN_WORD = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Layout:
    """Sizes in points: of type, and from line to line.

    `tracking` draws characters together, so that 28 of them fill a line of 156 mm; `smaller_tables` are the sizes and pitches that a
    table of many columns may take.
    """

    body: float
    pitch: float
    tracking: float
    title: float
    title_pitch: float
    table: float
    table_pitch: float
    small: float
    small_pitch: float
    chart_high_mm: float | None
    smaller_tables: tuple[tuple[float, float], ...]
    above_heading: float = 0


OFFICIAL = Layout(16, 28.95, -0.25, 22, 34, 12, 18, 14, 24, None, ((10.5, 15.5), (9, 12.5)))
COMPACT = Layout(10.5, 15.2, 0, 20, 26, 9, 12, 9, 12, 46, ((8, 10.5),), 2.5)


def layout_of(document: Document) -> Layout:
    """The sizes that a document asks for."""
    return COMPACT if document.layout == "compact" else OFFICIAL


def chart_caption(chart: Chart) -> str:
    """What stands below a chart: its caption, or what it shows where the picture has no title of its own."""
    return chart.caption or ("" if getattr(chart.spec, "title", "") else chart.alt)


def chart_high_mm(chart: Chart, layout: Layout) -> float | None:
    """How high an upright chart is drawn; bars that lie need as much as they have labels."""
    return layout.chart_high_mm if isinstance(chart.spec, Bars) and len(chart.spec.labels) > 16 else None


def visual_length(text: str) -> float:
    """About how many Chinese characters wide a text is.

    >>> round(visual_length("新增9件a"), 2)
    4.05
    """
    return sum(1 if ord(one) > 0x2E7F else 0.57 if one.isdigit() or one.isupper() else 0.48 for one in text)


def signed_indents(signed: tuple[str, ...]) -> tuple[float, ...]:
    """How many characters each line of the signature leaves free at the right: the last one 4, those above centred on it.

    >>> signed_indents(("办公室", "2026年11月1日")), signed_indents(("平安法治和信访工作办公室", "2026年11月1日"))
    ((6.0, 4.0), (1.5, 4.0))
    """
    widths = [visual_length(line) for line in signed]
    return tuple(round(max(0.0, SIGNED_EMS + (widths[-1] - width) / 2), 2) for width in widths)


def fit_table(table: Table, layout: Layout, language: str) -> "TableFit":
    """The largest type in which numbers and days stand in one line and most text in two, and how wide its columns then are.

    A column with a `width` wants that much against the others, the rest what their text needs, within reason.
    """
    wants = [column.width * 6 if column.width else 0 for column in table.columns]
    needs = [_needs(place, table, language) for place in range(len(table.columns))]
    wants = [max(least, want or usual) for want, (least, usual) in zip(wants, needs, strict=True)]
    least = [least for least, _ in needs]
    sizes = ((layout.table, layout.table_pitch), *layout.smaller_tables)
    size, pitch = next((one for one in sizes if sum(least) <= _ems(one[0])), sizes[-1])
    # Each column has what it must have; what is left goes where more is wanted.
    spare = max(0.0, _ems(size) - sum(least))
    more = [want - must for want, must in zip(wants, least, strict=True)]
    scale = spare / sum(more) if sum(more) else 0
    wide = [must + scale * extra for must, extra in zip(least, more, strict=True)]
    return TableFit(size, pitch, tuple(one / sum(wide) for one in wide))


@dataclass(frozen=True)
class TableFit:
    """Size of type and distance of lines of a table in points, and each column's share of the width; the shares sum to 1."""

    size: float
    pitch: float
    shares: tuple[float, ...]


def stands_whole(table: Table, language: str) -> bool:
    """Whether a table is small enough to be kept on one page."""
    if len(table.rows) > WHOLE_ROWS:
        return False
    texts = (
        written(cell, column, language) for row in table.rows for cell, column in zip(row, table.columns, strict=True)
    )
    return sum(map(len, texts)) <= WHOLE_SIGNS


def _ems(size: float) -> float:
    """How many characters of a size stand in the width of the text."""
    return TEXT_WIDE_MM / 25.4 * 72 / size


def _needs(place: int, table: Table, language: str) -> tuple[float, float]:
    """The least width of a column and its usual one, in characters: headings and text break in two lines, long text in more; numbers, short
    texts and Latin words never."""
    column = table.columns[place]
    texts = [written(row[place], column, language) for row in table.rows]
    longest = max(map(visual_length, texts), default=0)
    heading = visual_length(column.title)
    is_text = any(isinstance(row[place], str) for row in table.rows) or not table.rows
    word = max((visual_length(word) for text in texts for word in _LATIN_WORD.findall(text)), default=0)
    title_word = max(map(visual_length, _LATIN_WORD.findall(column.title)), default=0)
    least = max(
        min(longest, max(min(longest / 2, 12), SHORT_TEXT, min(word, 12))) if is_text else longest,
        min(heading, max(heading / 2, 2, title_word)),
    )
    usual = max(min(longest, 14), heading if heading <= 4 else heading / 2 + 0.5, 2.5)
    return least + INSET_EMS, max(least, usual) + INSET_EMS
