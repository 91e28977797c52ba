"""The Excel file: real numbers and dates, legal names, no formula from anywhere."""

import io
import zipfile
from datetime import date

import paper_sample
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from pages import paper
from pages.paper.document import Column, Document, Number, Table
from pages.paper.sheets import Sheet, sheet_names


def opened(document: Document) -> dict[str, list[list]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(paper.render(document, "xlsx")))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_what_is_said_and_the_figures_come_first_then_one_sheet_a_table() -> None:
    sheets = opened(paper_sample.full())
    assert next(iter(sheets)) == "摘要"
    first = sheets["摘要"]
    said = [row[0] for row in first]
    assert said[:2] == ["平安稳定信息专报", "第3期"]
    assert "数据截至2026年11月21日7时。" in said
    assert ["新增", 45.0, "预期30～60"] in [row[:3] for row in first]
    assert ["按期办结率", 92.14, "70/76"] in [row[:3] for row in first]
    assert sheets["按单位"][:3] == [
        ["责任单位", "未结", "按期率", "均值", "期限"],
        ["甲街道办", 1234.0, 92.14, 3.5, date(2026, 11, 2)],
        ["乙街道办", "—", "—", 2.0, "—"],
    ]


def test_the_numbers_of_every_chart_have_a_sheet() -> None:
    sheets = opened(paper_sample.full())
    assert any(rows[1:2] == [["11-01", 20.0, 15.0, 40.0]] for rows in sheets.values())
    assert any(["噪声扰民", -4.0] in rows for rows in sheets.values())


@pytest.mark.parametrize("name", paper_sample.ALL)
def test_no_cell_is_a_formula_or_a_link(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(paper.render(paper_sample.ALL[name](), "xlsx"))) as file:
        for entry in file.namelist():
            inside = file.read(entry)
            assert b"<f>" not in inside
            assert b"<hyperlink" not in inside


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_any_text_stays_text(cells: list[str]) -> None:
    table = Table("t", (Column("a"),), tuple((cell,) for cell in cells))
    with zipfile.ZipFile(io.BytesIO(paper.render(Document("d", blocks=(table,)), "xlsx"))) as file:
        assert all(b"<f>" not in file.read(entry) for entry in file.namelist())


@given(st.lists(st.text(max_size=50), max_size=12))
def test_every_sheet_has_a_legal_name_of_its_own(names: list[str]) -> None:
    found = sheet_names(tuple(Sheet(name, ()) for name in names), "zh")
    assert len({name.lower() for name in found}) == len(names)
    for name in found:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")


def test_a_day_before_excel_counts_is_written_as_text() -> None:
    sheets = opened(Document("d", blocks=(Table("t", (Column("a", form="day"),), ((date(1, 1, 1),),)),)))
    assert sheets["t"][1] == ["0001-01-01"] or sheets["t"][1] == ["1-01-01"]


def test_a_number_keeps_its_own_form_in_a_table_of_figures() -> None:
    document = Document("d", blocks=(Table("t", (Column("a"), Column("b")), (("x", Number(1.25, "pct")),)),))
    with zipfile.ZipFile(io.BytesIO(paper.render(document, "xlsx"))) as file:
        assert '0.0"%"' in file.read("xl/styles.xml").decode().replace("&quot;", '"')
