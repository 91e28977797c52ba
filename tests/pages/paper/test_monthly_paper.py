"""The monthly assessment on paper: the customary order, people's words or a visible gap, and nothing small from below a street."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from analytics.briefs import for_export
from analytics.briefs.monthly import monthly_brief
from analytics.briefs.monthly_answer import MonthlyBrief
from analytics.briefs.sources_report import sources_report
from analytics.figures import Line
from data import operational, queries
from data.issuing import Words as Written
from data.mart import open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar
from pages import paper
from pages.paper.document import Annex, Blank, Chart, Document, Heading, Table, Words, from_json, to_json
from pages.paper.monthly import monthly_document
from pages.ui import words

DAY = date(2026, 10, 31)
ORDER = ("overall", "features", "falling", "problems", "outlook", "suggestions")


def brief_of(site: Site, day: date = DAY, **asked: object) -> MonthlyBrief:
    return monthly_brief(open_mart(site.mart_folder), Scope(), day, calendar=build_calendar(None), **asked)


@pytest.fixture(scope="module")
def brief(town_site: Site) -> MonthlyBrief:
    return brief_of(town_site)


@pytest.fixture(scope="module")
def street(town_site: Site) -> MonthlyBrief:
    tree = queries.read_areas(open_mart(town_site.mart_folder), Scope())
    code = tree.loc[tree["level_code"] == "street", "area_code"].iloc[0]
    return brief_of(town_site, date(2026, 11, 20), area_code=code)


@pytest.mark.parametrize("language", words.languages)
def test_the_sections_stand_in_the_customary_order(brief: MonthlyBrief, language: str) -> None:
    document = monthly_document(brief, language)
    titles = [block.text for block in document.blocks if isinstance(block, Heading) and block.level == 1]
    assert titles[: len(ORDER)] == [words.say(f"paper.monthly.{name}", language) for name in ORDER]
    assert sum(isinstance(block, Annex) for block in document.blocks) == 1


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("which", ["brief", "street"])
def test_it_is_kept_and_read_back_and_written_in_every_light_form(
    request: pytest.FixtureRequest, which: str, language: str
) -> None:
    document = monthly_document(request.getfixturevalue(which), language)
    assert from_json(to_json(document)) == document
    for form in ("md", "json", "html"):
        assert paper.render(document, form)


def test_every_key_of_a_sentence_has_words(brief: MonthlyBrief, street: MonthlyBrief) -> None:
    for found in (brief, street):
        for language in words.languages:
            text = to_json(monthly_document(found, language))
            assert "monthly.headline" not in text
            assert "paper.monthly" not in text


def test_what_nobody_wrote_is_a_visible_gap_and_what_people_wrote_stands_there(brief: MonthlyBrief) -> None:
    empty = monthly_document(brief, "zh")
    assert [block.section for block in empty.blocks if isinstance(block, Blank)] == ["causes", "suggestions"]
    causes = Written("车位紧张。", "综治办", False, datetime(2026, 11, 2, 9))
    written = monthly_document(brief, "zh", written={"causes": causes})
    assert [block.text for block in written.blocks if isinstance(block, Words)] == ["车位紧张。"]
    assert [block.section for block in written.blocks if isinstance(block, Blank)] == ["suggestions"]


def test_open_directives_stand_before_the_annex_with_their_age(brief: MonthlyBrief) -> None:
    values = {"label": "物业类", "text": "限期会商", "unit": None, "post_level": "city", "age_days": 9, "due_on": DAY}
    follow = SimpleNamespace(said=(), words={}, outlook=None, state="draft", standing_issue=None)
    follow.directives = (Line(values),)
    blocks = monthly_document(brief, "zh", follow).blocks
    annex = next(place for place, block in enumerate(blocks) if isinstance(block, Annex))
    assert blocks[annex - 2] == Heading(1, words.say("paper.directives", "zh"))
    assert blocks[annex - 1].rows == (("物业类", "限期会商", words.say("followup.no_unit", "zh"), "市级", 9, DAY),)


@pytest.mark.parametrize("language", words.languages)
def test_the_one_table_form_is_an_annex_of_its_own(brief: MonthlyBrief, town_site: Site, language: str) -> None:
    report = sources_report(open_mart(town_site.mart_folder), Scope(), DAY, calendar=build_calendar(None))
    document = monthly_document(brief, language, sources=report)
    annexes = [block for block in document.blocks if isinstance(block, Annex)]
    assert annexes[-1].title == words.say("pathways.section.sources", language)
    below = document.blocks[document.blocks.index(annexes[-1]) :]
    tables = [block for block in below if isinstance(block, Table)]
    assert len(tables) == 1 + len(report.sources)
    assert sum(one.rows[-1][1] for one in tables[1:]) == brief.flows[0].value
    assert paper.render(document, "docx")


def table(document: Document, caption: str) -> Table:
    return next(
        one for one in document.tables if one.caption == words.say(f"paper.monthly.{caption}", document.language)
    )


def test_the_parts_of_the_change_add_up_on_paper_too(brief: MonthlyBrief) -> None:
    for caption in ("change_type", "change_place"):
        *parts, whole = table(monthly_document(brief, "zh"), caption).rows
        outer = [row for row in parts if not row[0].startswith("\u3000")]
        assert [sum(row[place] for row in outer) for place in (1, 2, 3)] == list(whole[1:])
        assert whole[1] == brief.flows[0].value


def test_there_are_two_charts_of_its_own_with_words_for_them(brief: MonthlyBrief) -> None:
    charts = [block for block in monthly_document(brief, "zh").blocks if isinstance(block, Chart)]
    assert [chart.name for chart in charts][:2] == ["change", "structure"]
    assert all(chart.alt for chart in charts)


def test_a_street_s_paper_shows_no_small_count_of_a_community(street: MonthlyBrief) -> None:
    document = monthly_document(street, "zh")
    by_place = words.say("paper.monthly.structure", "zh", by=words.say("page.monthly_brief.tab.place", "zh"))
    places = next(one for one in document.tables if one.caption == by_place)
    assert places.rows
    for row in places.rows:
        assert all(not 0 < value < 5 for value in (row[1], row[3]) if value is not None)
    assert all(part.parts == () for part in for_export(street).change.parts)


def test_an_unfinished_month_says_so(street: MonthlyBrief) -> None:
    document = monthly_document(street, "zh")
    assert "截至11月20日" in document.head[0]


def test_a_brief_without_rises_changes_or_ways_is_whole(brief: MonthlyBrief) -> None:
    bare = replace(
        brief, rising=(), falling=(), summary=(), change=None, change_by_place=None, structure=(), topics=(), recurring=(), recurring_count=0, compounds=(),
        safety=(), inspections=(), rates=(), funnel=None, petition_link=None, policy=None, notices=(), headline=brief.headline[:1],
    )  # fmt: skip
    for language in words.languages:
        assert paper.render(monthly_document(bare, language), "md")


def test_an_empty_mart_gives_a_paper_that_says_so(publish: Callable, tmp_path: Path) -> None:
    def fill(connection: sa.Connection) -> None:
        connection.execute(sa.insert(operational.area), [{"area_code": "A", "name": "North", "level_code": "district"}])

    mart = publish(tmp_path, fill, now=datetime(2026, 11, 1, 6))
    empty = monthly_brief(mart, Scope(), DAY, calendar=build_calendar(None))
    assert words.say("paper.monthly.none", "zh") in to_json(monthly_document(empty, "zh"))
