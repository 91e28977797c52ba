"""The PDF: same page, text that can be selected, an archive file, no font of the machine."""

import io
from dataclasses import replace
from pathlib import Path

import paper_sample
import pypdf
import pytest

from pages import paper
from pages.paper.document import Document, Paragraph


def opened(document: Document, **more: object) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(paper.render(document, "pdf", **more)))


def text_of(reader: pypdf.PdfReader) -> str:
    return "".join("".join(page.extract_text() for page in reader.pages).split())


@pytest.fixture(scope="module")
def full() -> pypdf.PdfReader:
    return opened(paper_sample.full())


def test_its_sentences_can_be_selected(full: pypdf.PdfReader) -> None:
    said = text_of(full)
    assert "11月20日（星期五）总体平稳：新增45件，在预期范围30～60件之内" in said
    assert "待填写：分析原因，一至三条" in said
    assert "甲街道办" in said


def test_it_claims_to_be_an_archive_file_with_title_and_language(full: pypdf.PdfReader) -> None:
    metadata = full.xmp_metadata.rdf_root.toxml()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert full.metadata.title == "平安稳定信息专报"
    assert full.trailer["/Root"]["/Lang"].lower().startswith("zh")
    assert full.metadata.creation_date_raw.startswith("D:20261120")


def test_charts_say_in_words_what_they_show() -> None:
    made = opened(paper_sample.full())
    found: set[str] = set()

    def look(node: object) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for one in node:
                look(one)
        elif isinstance(node, dict):
            found.add(str(node.get("/Alt", "")))
            if "/K" in node:
                look(node["/K"])

    look(made.trailer["/Root"]["/StructTreeRoot"])
    assert {"近二十日新增", "各街道新增", "来访与网上", "增减分解"} <= found


def test_the_page_is_a4(full: pypdf.PdfReader) -> None:
    box = full.pages[0].mediabox
    assert [round(float(side) / 72 * 25.4) for side in (box.width, box.height)] == [210, 297]


def test_twenty_two_lines_of_twenty_eight_characters_fill_a_page() -> None:
    pages = opened(Document("", blocks=(Paragraph("平安稳定" * 400),))).pages
    lines = [line for line in pages[1].extract_text().splitlines() if "平安" in line or "稳定" in line]
    assert len(lines) == 22
    assert {len(line.strip()) for line in lines} == {28}


def test_page_numbers_are_odd_on_the_right_and_even_on_the_left() -> None:
    places = []
    for page in opened(Document("", blocks=(Paragraph("平安稳定" * 400),))).pages[:2]:
        found: list[float] = []
        page.extract_text(
            visitor_text=lambda text, cm, tm, *_, found=found: found.append(cm[4] + tm[4]) if "—" in text else None
        )
        places.append(found[0])
    right, left = places
    assert left < 28 / 25.4 * 72 + 20
    assert right > (210 - 26) / 25.4 * 72 - 80


def test_only_our_own_fonts_are_used(full: pypdf.PdfReader) -> None:
    names = {
        str(one.get_object()["/BaseFont"]).split("+")[-1]
        for page in full.pages
        for one in page["/Resources"]["/Font"].values()
    }
    assert names
    assert all(name.startswith(("Xianshou", "/Xianshou")) for name in names)


def test_text_of_the_document_is_never_read_as_markup() -> None:
    said = text_of(opened(paper_sample.broken())).replace("\u200b", "")
    assert "#setpage()$x$*b*_i_@ref<tag>" in said


def test_a_character_that_no_font_has_is_shown_and_named() -> None:
    said = text_of(opened(Document("x", blocks=(Paragraph("𠮷祥😀"),))))
    assert "〓祥〓" in said
    assert "U+1F600、U+20BB7" in said


def test_an_own_font_is_taken_before_ours(tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont
    from matplotlib import get_data_path

    own = TTFont(Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", lazy=True)
    own["name"].names = []
    for name_id, said in ((1, "仿宋_GB2312"), (2, "Regular"), (4, "仿宋_GB2312"), (6, "FangSongOwn")):
        own["name"].setName(said, name_id, 3, 1, 0x409)
    own.save(str(tmp_path / "own.ttf"))
    reader = opened(Document("x", blocks=(Paragraph("Peace 平安"),)), fonts_folder=tmp_path)
    names = [str(one.get_object()["/BaseFont"]) for one in reader.pages[0]["/Resources"]["/Font"].values()]
    assert any("FangSongOwn" in name for name in names)
    assert "Peace平安" in text_of(reader)  # what the own font lacks comes from ours


def test_a_folder_without_fonts_changes_nothing(tmp_path: Path) -> None:
    document = paper_sample.one_row()
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    assert paper.render(document, "pdf", fonts_folder=tmp_path / "none") == paper.render(document, "pdf")
    assert paper.render(document, "pdf", fonts_folder=tmp_path)


def test_a_table_repeats_its_head_on_the_next_page() -> None:
    rows = tuple((f"单位{number}", number, 50.0, 1.0, None) for number in range(120))
    reader = opened(replace(paper_sample.full(), blocks=(paper_sample.table(*rows),)))
    assert len(reader.pages) >= 3
    assert all("责任单位" in page.extract_text() for page in reader.pages[:3])
