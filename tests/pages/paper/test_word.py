"""The Word file beside the layout rules of GB/T 9704-2012, point by point."""

import io
from collections.abc import Callable
from dataclasses import replace

import paper_sample
import pypdf
import pytest
from docx import Document as read_file
from docx.document import Document as WordFile
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn

from pages import paper
from pages.paper.document import Document, Paragraph


def opened(document: Document) -> WordFile:
    return read_file(io.BytesIO(paper.render(document, "docx")))


@pytest.fixture(scope="module")
def full() -> WordFile:
    return opened(paper_sample.full())


def font(file: WordFile, style: str) -> tuple[str, float]:
    found = file.styles[style]
    return found.element.rPr.rFonts.get(qn("w:eastAsia")), found.font.size.pt


def test_the_page_is_a4_with_the_official_margins(full: WordFile) -> None:
    section = full.sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [round(one.mm, 1) for one in sizes] == [210, 297, 37, 28]
    assert [round(one.mm, 1) for one in (section.right_margin, section.bottom_margin)] == [26, 35]


def test_twenty_two_lines_fill_the_page(full: WordFile) -> None:
    normal = full.styles["Normal"].paragraph_format
    assert normal.line_spacing_rule == WD_LINE_SPACING.EXACTLY
    assert 0 <= 225 / 25.4 * 72 - 22 * normal.line_spacing.pt < normal.line_spacing.pt
    grid = full.sections[0]._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")


def test_every_kind_of_text_has_its_official_font_and_size(full: WordFile) -> None:
    assert font(full, "Normal") == ("仿宋_GB2312", 16)
    assert font(full, "Title") == ("方正小标宋简体", 22)
    assert font(full, "Heading 1") == ("黑体", 16)
    assert font(full, "Heading 2") == ("楷体_GB2312", 16)
    assert font(full, "Heading 3") == font(full, "Heading 4") == ("仿宋_GB2312", 16)
    assert font(full, "Page Number Line") == ("宋体", 14)
    assert not any(full.styles[f"Heading {level}"].font.bold for level in (1, 2, 3, 4))
    assert all(str(full.styles[name].font.color.rgb) == "000000" for name in ("Normal", "Title", "Heading 1"))


def test_text_is_chinese_and_indented_by_two_characters(full: WordFile) -> None:
    normal = full.styles["Normal"].element
    assert normal.rPr.find(qn("w:lang")).get(qn("w:eastAsia")) == "zh-CN"
    assert normal.pPr.ind.get(qn("w:firstLineChars")) == "200"
    assert full.styles["Title"].paragraph_format.alignment == WD_ALIGN_PARAGRAPH.CENTER


def test_page_numbers_stand_outside_one_character_in(full: WordFile) -> None:
    section = full.sections[0]
    assert full.settings.odd_and_even_pages_header_footer
    for footer, alignment, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left"),
    ):
        line = footer.paragraphs[0]
        assert line.text == "— 1 —"
        assert line.alignment == alignment
        assert line._p.pPr.ind.get(qn(f"w:{side}Chars")) == "100"
        assert "PAGE" in line._p.xml


def test_headings_are_numbered_in_order_and_stay_with_their_text(full: WordFile) -> None:
    said = [one.text for one in full.paragraphs if one.style.name.startswith("Heading")]
    assert said[:4] == ["一、总体情况", "（一）主要特点", "1.高发细类", "（1）时段"]
    assert all(full.styles[f"Heading {level}"].paragraph_format.keep_with_next for level in (1, 2, 3, 4))


def test_tables_stand_in_the_text_block_with_their_head_repeated(full: WordFile) -> None:
    table = full.tables[-1]
    first, *rest = table.rows
    assert first._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in (first, *rest))
    wide = sum(int(column.get(qn("w:w"))) for column in table._tbl.tblGrid.findall(qn("w:gridCol")))
    assert abs(wide - 156 / 25.4 * 1440) < 10
    assert [cell.text for cell in rest[1].cells] == ["乙街道办", "—", "—", "2.0", "—"]
    caption = table._tbl.getprevious()
    assert "按单位" in "".join(caption.itertext())


def test_charts_say_in_words_what_they_show(full: WordFile) -> None:
    shapes = [shape._inline.docPr for shape in full.inline_shapes]
    assert [one.get("descr") for one in shapes] == ["近二十日新增", "各街道新增", "来访与网上", "增减分解"]
    assert len({one.get("id") for one in shapes}) == 4


def test_fonts_that_are_not_installed_have_another_name(full: WordFile) -> None:
    part = next(one.target_part for one in full.part.rels.values() if one.reltype.endswith("/fontTable"))
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in part.blob.decode()


def test_control_characters_and_markup_are_kept_out() -> None:
    file = opened(paper_sample.broken())
    assert "<script>alert(1)</script>" in file.paragraphs[0].text
    assert "\x07" not in file.element.xml


def test_a_brief_of_one_page_has_a_red_head_and_black_text() -> None:
    file = opened(replace(paper_sample.full(), layout="compact", mark="第3期"))
    assert str(file.styles["Title"].font.color.rgb) == "C00000"
    assert str(file.styles["Annex Title"].font.color.rgb) == "000000"
    assert "第3期" in [one.text for one in file.paragraphs[:4]]


def test_libreoffice_opens_every_paper_and_sets_twenty_two_lines_of_twenty_eight_characters(
    office: Callable[..., list[bytes]],
) -> None:
    papers = [make(language) for make in paper_sample.ALL.values() for language in ("zh", "en")]
    papers.append(Document("", blocks=(Paragraph("平安稳定" * 400),)))
    printed = [pypdf.PdfReader(io.BytesIO(one)) for one in office(*(paper.render(one, "docx") for one in papers))]
    assert all(len(one.pages) >= 1 for one in printed)
    lines = [line.strip() for line in printed[-1].pages[1].extract_text().splitlines() if "平安" in line]
    assert [len(line) for line in lines] == [28] * 22
