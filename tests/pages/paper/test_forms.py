"""Every form of every document: it is made, it is the same each time, and nothing in it runs or is fetched."""

import io
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import paper_sample
import pytest

from pages import paper
from pages.paper.document import Bullets, Column, Document, Paragraph, Table, from_json

CASES = [(name, form, language) for name in paper_sample.ALL for form in paper.FORMS for language in ("zh", "en")]


@pytest.mark.parametrize(("name", "form", "language"), CASES)
def test_every_document_becomes_a_file_and_twice_the_same(name: str, form: str, language: str) -> None:
    document = paper_sample.ALL[name](language)
    made = paper.render(document, form)
    assert made
    assert paper.render(document, form) == made


def test_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="none of"):
        paper.render(paper_sample.one_row(), "exe")


def test_every_form_has_its_media_type() -> None:
    assert tuple(paper.MEDIA) == paper.FORMS


def test_the_json_form_is_the_document() -> None:
    assert from_json(paper.render(paper_sample.full(), "json").decode()) == paper_sample.full()


def test_no_time_of_making_is_in_a_word_file() -> None:
    with zipfile.ZipFile(io.BytesIO(paper.render(paper_sample.full(), "docx"))) as file:
        assert {entry.date_time for entry in file.infolist()} == {(2026, 11, 20, 0, 0, 0)}
        assert b"2026-11-20T00:00:00Z" in file.read("docProps/core.xml")
        assert b"python-docx" not in file.read("docProps/core.xml")


# --- Markdown ---------------------------------------------------------------------------------------------------------------


def test_text_cannot_become_markup_in_markdown() -> None:
    document = Document(
        "t",
        blocks=(
            Paragraph("# no heading"),
            Paragraph("1. no list <img src=x> [x](http://x) `x` *x*"),
            Bullets(("| a | b |",)),
            Table("", (Column("a|b"),), (("c|d\ne",),)),
        ),
    )
    said = paper.render(document, "md").decode()
    assert "\\# no heading" in said
    assert "1\\. no list \\<img src=x\\> \\[x\\](http://x) \\`x\\` \\*x\\*" in said
    assert "- \\| a \\| b \\|" in said
    assert "| a\\|b |" in said
    assert "| c\\|d<br>e |" in said


def test_markdown_has_every_table_and_the_numbers_of_every_chart() -> None:
    said = paper.render(paper_sample.full(), "md").decode()
    assert "## 一、总体情况" in said
    assert "##### （1）时段" in said
    assert "| 甲街道办 | 1,234 | 92.1% | 3.5 | 2026-11-02 |" in said
    assert "| 乙街道办 | — | — | 2.0 | — |" in said
    assert "| 噪声扰民 | −4 |" in said
    assert "待填写：分析原因，一至三条" in said


# --- the offline page ---------------------------------------------------------------------------------------------------------


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("name", paper_sample.ALL)
def test_an_offline_page_runs_nothing_and_asks_for_nothing(name: str) -> None:
    text = paper.render(paper_sample.ALL[name](), "html").decode()
    page = _Page()
    page.feed(text)
    used = {tag for tag, _ in page.tags}
    assert not used & {"script", "link", "img", "iframe", "object", "embed", "image", "base", "form", "foreignobject"}
    for _, attributes in page.tags:
        assert not [one for one in attributes if one.startswith("on")]
        for place in ("src", "href", "xlink:href", "data", "action"):
            assert (attributes.get(place) or "#").startswith("#")
    assert "default-src 'none'" in text
    assert not re.search(r"url\((?!#)", text)
    assert "@import" not in text


def test_an_offline_page_says_its_language_and_what_each_chart_shows() -> None:
    text = paper.render(paper_sample.full(), "html").decode()
    assert '<html lang="zh-CN">' in text
    assert text.count('role="img"') == 4
    assert 'aria-label="近二十日新增"' in text
    assert '<th scope="col"' in text


def test_several_readers_may_ask_at_once() -> None:
    document = paper_sample.one_row()
    alone = {form: paper.render(document, form) for form in ("docx", "pdf", "html")}
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda form: (form, paper.render(document, form)), tuple(alone) * 2))
    assert all(made == alone[form] for form, made in together)
