"""Petition trends on paper: every form, both languages, with numbers that are those of the page and small cells hidden."""

import io
import re
from datetime import date
from pathlib import Path

import pytest

from analytics.petitions import PetitionTrends, petition_trends
from data.mart import open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar
from pages.paper import render
from pages.paper.document import Chart, from_json, to_json
from pages.paper.petitions import partly, petitions_document, picture
from pages.ui import words

CALENDAR = build_calendar()
DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def town_trends(town_site: Site) -> PetitionTrends:
    return petition_trends(open_mart(town_site.mart_folder), Scope(), DAY, calendar=CALENDAR)


@pytest.fixture(scope="module")
def community_trends(town_site: Site) -> PetitionTrends:
    mart = open_mart(town_site.mart_folder)
    return petition_trends(mart, Scope(), DAY, calendar=CALENDAR, area_code="999901001901", unit="week", kind="dispute")


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("form", ["docx", "pdf", "xlsx", "md", "json", "html"])
def test_every_form_renders(town_trends: PetitionTrends, form: str, language: str) -> None:
    content = render(petitions_document(town_trends, language), form)
    heads = {"docx": b"PK", "xlsx": b"PK", "pdf": b"%PDF", "md": b"# ", "json": b"{", "html": b"<!"}
    assert content.lstrip()[: len(heads[form])].lower() == heads[form].lower()
    assert len(content) > 1500


def test_the_offline_page_asks_no_server_for_anything(town_trends: PetitionTrends) -> None:
    page = render(petitions_document(town_trends, "zh"), "html").decode()
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", page)
    assert "<script" not in page


def test_the_document_survives_being_kept(town_trends: PetitionTrends) -> None:
    document = petitions_document(town_trends, "zh")
    assert from_json(to_json(document)) == document


def test_numbers_on_paper_are_those_of_the_page(town_trends: PetitionTrends) -> None:
    document = petitions_document(town_trends, "zh")
    subjects = next(table for table in document.tables if table.caption == words.say("frame.category", "zh"))
    assert sum(row[1] for row in subjects.rows) == town_trends.volume[0].value
    periods = next(
        table for table in document.tables if table.caption == words.say("paper.petitions.series_table", "zh")
    )
    assert [row[1] for row in periods.rows] == town_trends.series["matters"].tolist()


def test_season_week_festival_and_events_of_the_page_stand_in_the_annex(town_trends: PetitionTrends) -> None:
    tables = {table.caption: table for table in petitions_document(town_trends, "zh").tables}
    weekdays = tables[words.say("page.petition_trends.alt.weekdays", "zh")]
    assert [row[1] for row in weekdays.rows] == town_trends.weekdays["mean"].tolist()
    festival = tables[words.say("page.petition_trends.alt.festival", "zh")]
    assert [row[1] for row in festival.rows] == town_trends.festival.iloc[:, -1].tolist()
    assert len(tables[words.say("page.petition_trends.section.notes", "zh")].rows) == len(town_trends.notes)


def test_below_a_street_no_pattern_of_so_few_is_printed(community_trends: PetitionTrends) -> None:
    captions = {table.caption for table in petitions_document(community_trends, "zh").tables}
    patterns = {words.say(f"page.petition_trends.alt.{name}", "zh") for name in ("months", "weekdays", "festival")}
    assert len(community_trends.weekdays)
    assert not captions & patterns


def test_a_period_that_is_not_whole_says_from_or_up_to_which_day() -> None:
    month = {"first": date(2026, 2, 8), "last": date(2026, 2, 28)}
    assert partly(month, "month", "zh") == "自2月8日"
    assert partly({"first": date(2026, 2, 1), "last": date(2026, 2, 8)}, "month", "zh") == "截至2月8日"


def test_every_chart_says_in_words_what_it_shows(town_trends: PetitionTrends) -> None:
    shown = [block for block in petitions_document(town_trends, "en").blocks if isinstance(block, Chart)]
    assert [chart.name for chart in shown] == ["series", "causes", "rates"]
    assert all(chart.alt for chart in shown)


def test_a_community_s_small_cells_are_on_no_paper(community_trends: PetitionTrends) -> None:
    document = petitions_document(community_trends, "zh")
    counted = [
        cell
        for table in document.tables
        for row in table.rows
        for cell, column in zip(row, table.columns, strict=True)
        if column.form == "count" and column.title == words.say("column.matters", "zh") and cell is not None
    ]
    assert not [cell for cell in counted if 0 < cell < 5]
    assert any(0 < count < 5 for count in community_trends.series["matters"]), "else this tests nothing"


@pytest.mark.parametrize(("form", "head"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_chart_is_a_picture_for_a_newsletter(town_trends: PetitionTrends, form: str, head: bytes) -> None:
    assert picture(town_trends, "zh", form).startswith(head)


def test_an_empty_answer_is_a_paper_too(town_site: Site) -> None:
    empty = petition_trends(open_mart(town_site.mart_folder), Scope(), date(1999, 1, 1), calendar=CALENDAR)
    assert "1999" in render(petitions_document(empty, "zh"), "md").decode()


def test_the_word_file_opens_as_a_document(town_trends: PetitionTrends, tmp_path: Path) -> None:
    from docx import Document

    found = Document(io.BytesIO(render(petitions_document(town_trends, "zh"), "docx")))
    assert len(found.tables) >= 8
    assert len(found.inline_shapes) == 3
