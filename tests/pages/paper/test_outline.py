"""Numbers of headings, labels of annexes, cells as they are printed."""

from datetime import date

import paper_sample
import pytest

from pages.paper.document import Annex, Column, Document, Heading, Number, Paragraph
from pages.paper.outline import annex_label, annex_list, chinese, numbered, parts, written

HEADINGS = tuple(Heading(level, "x") for level in (1, 2, 3, 4, 4, 3, 2, 1, 3))


def test_chinese_headings_are_numbered_as_the_layout_rules_say() -> None:
    found = [number for _, number in numbered(HEADINGS, "zh")]
    assert found == ["一、", "（一）", "1.", "（1）", "（2）", "2.", "（二）", "二、", "1."]


def test_english_headings_carry_the_numbers_above_them() -> None:
    found = [number for _, number in numbered(HEADINGS[:5], "en")]
    assert found == ["1. ", "1.1 ", "1.1.1 ", "1.1.1.1 ", "1.1.1.2 "]


def test_chinese_numerals_up_to_ninety_nine_are_all_different() -> None:
    assert len({chinese(count) for count in range(1, 100)}) == 99
    assert chinese(20) == "二十"


def test_a_foot_belongs_to_the_paper_and_not_to_its_annexes() -> None:
    main, annexes = parts(paper_sample.full())
    assert not any(isinstance(block, Annex) for block in main)
    assert [annex.title for annex, _ in annexes] == ["分单位情况"]


def test_several_annexes_are_numbered_and_listed() -> None:
    document = Document("x", blocks=(Paragraph("a"), Annex("甲"), Annex("乙")))
    assert [annex_label(place, 2, "zh") for place in (0, 1)] == ["附件1", "附件2"]
    assert annex_list(document) == ("附件：1. 甲", "2. 乙")
    assert annex_list(Document("x")) == ()


@pytest.mark.parametrize(
    ("cell", "form", "said"),
    [
        (None, "count", "—"),
        (0, "count", "0"),
        (1234.0, "count", "1,234"),
        (3.5, "count", "3.5"),
        (92.14, "pct", "92.1%"),
        (2, "decimal", "2.0"),
        (date(2026, 1, 2), "day", "2026-01-02"),
        ("=1+1", "count", "=1+1"),
        (Number(None, "pct"), "text", "—"),
        (Number(50, "pct"), "count", "50.0%"),
    ],
)
def test_a_cell_is_written_in_the_form_of_its_column(cell: object, form: str, said: str) -> None:
    assert written(cell, Column("x", form=form), "zh") == said
