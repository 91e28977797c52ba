"""The annual report on paper: article 41's items in order, every form, both languages, numbers those of the report, small cells hidden."""

from dataclasses import replace
from datetime import date

import pytest

from analytics.briefs import AnnualBrief, annual_brief, for_export
from analytics.briefs.sources_report import sources_report
from data import queries
from data.mart import Mart, open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar
from pages.paper import render
from pages.paper.annual import annual_document
from pages.paper.document import Annex, Blank, Heading, Table, Words, from_json, to_json
from pages.paper.numbering import numbered
from pages.paper.pathways import sources_blocks
from pages.paper.record import brief_record
from pages.ui import words

CALENDAR = build_calendar()
YEAR_END = date(2025, 12, 31)


@pytest.fixture(scope="module")
def town(town_site: Site) -> Mart:
    return open_mart(town_site.mart_folder)


@pytest.fixture(scope="module")
def report(town: Mart) -> AnnualBrief:
    return annual_brief(town, Scope(), YEAR_END, calendar=CALENDAR)


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("form", ["docx", "pdf", "xlsx", "md", "json", "html"])
def test_every_form_renders(report: AnnualBrief, form: str, language: str) -> None:
    content = render(annual_document(report, language), form)
    heads = {"docx": b"PK", "xlsx": b"PK", "pdf": b"%PDF", "md": b"# ", "json": b"{", "html": b"<!"}
    assert content.lstrip()[: len(heads[form])].lower() == heads[form].lower()


@pytest.mark.parametrize("language", words.languages)
def test_the_items_stand_in_the_order_of_the_article_and_empty_words_stay_visible(
    report: AnnualBrief, language: str
) -> None:
    document = annual_document(report, language, words_={"item2": "办得好。", "item3": "  "})
    heads = [block.text for block in document.blocks if isinstance(block, Heading) and block.level == 1]
    assert heads == [words.say(f"annual.section.item{number}", language) for number in range(1, 5)]
    assert [block.section for block in document.blocks if isinstance(block, Blank)] == ["item1", "item3", "item4"]
    assert [block.text for block in document.blocks if isinstance(block, Words)] == ["办得好。"]
    assert len([block for block in document.blocks if isinstance(block, Annex)]) == 2
    assert from_json(to_json(document)) == document


def test_a_draft_says_so_and_an_issued_report_has_its_number_instead(report: AnnualBrief) -> None:
    draft = annual_document(report, "zh")
    assert draft.mark == words.say("paper.state.draft", "zh")
    assert numbered(draft, 2).mark == "第2期"
    assert "草稿" not in to_json(numbered(draft, 2))


def test_only_a_year_that_is_over_is_called_whole(town: Mart, report: AnnualBrief) -> None:
    so_far = annual_brief(town, Scope(), date(2026, 11, 20), calendar=CALENDAR)
    assert words.tell(report.headline[0], "zh").startswith("全年登记")
    assert words.tell(so_far.headline[0], "zh").startswith("年初至11月20日登记")


def test_the_numbers_are_those_of_the_report(report: AnnualBrief) -> None:
    document = annual_document(report, "zh")
    by_caption = {table.caption: table for table in document.tables if table.caption}
    fields = by_caption[words.say("annual.section.fields", "zh")]
    assert sum(row[1] for row in fields.rows) == report.received[0].value
    units = by_caption[words.say("annual.section.units", "zh")]
    assert sum(row[2] for row in units.rows) == report.received[0].value


@pytest.mark.parametrize("language", words.languages)
def test_an_empty_year_and_one_row_render(report: AnnualBrief, language: str) -> None:
    empty = replace(report, received=tuple(replace(one, value=0) for one in report.received))
    for case in (empty, replace(report, fields=report.fields[:1], units=(), regions=(), months=())):
        text = render(annual_document(case, language), "md").decode()
        assert "| None" not in text
        assert "nan" not in text.split()


def test_below_a_street_no_small_count_is_printed(town: Mart) -> None:
    tree = queries.names_of(town).areas
    code = tree.loc[tree["level_code"] == "community", "area_code"].iloc[0]
    report = annual_brief(town, Scope(), YEAR_END, calendar=CALENDAR, area_code=str(code))
    table = sources_report(town, Scope(), date(2026, 10, 31), calendar=CALENDAR, area_code=str(code))
    document = annual_document(report, "zh")
    blocks = (*document.blocks, *sources_blocks(for_export(table), "zh"))
    for block in blocks:
        if isinstance(block, Table):
            for row in block.rows:
                for column, cell in zip(block.columns, row, strict=True):
                    if (
                        column.form == "count"
                        and isinstance(cell, int)
                        and "天" not in column.title
                        and "预期" not in column.title
                    ):
                        assert cell == 0 or cell >= 5, (block.caption, column.title, row)
    assert render(document, "md")


def test_the_record_of_the_report_is_plain(report: AnnualBrief) -> None:
    import json

    record = brief_record(report)
    assert record["brief"] == "annual"
    assert record["received"][0]["value"] == report.received[0].value
    json.dumps(record)


@pytest.mark.parametrize("language", words.languages)
def test_the_one_table_form_is_a_table_and_one_for_each_source(town: Mart, language: str) -> None:
    table = sources_report(town, Scope(), date(2026, 10, 31), calendar=CALENDAR)
    blocks = sources_blocks(for_export(table), language)
    tables = [block for block in blocks if isinstance(block, Table)]
    assert len(tables) == 1 + len(table.sources)
    assert tables[1].rows[-1][0] == words.say("pathways.sources.total", language)
    assert tables[1].rows[-1][1] == table.sources[0].lines[-1].values["new"]
