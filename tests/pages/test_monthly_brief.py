"""The monthly brief opens for every role, in both languages, with data and without; its sentence opens number by number."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape
from urllib.parse import parse_qsl

import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.briefs.monthly import monthly_brief
from analytics.briefs.monthly_answer import MonthlyBrief
from analytics.figures import Sentence
from data import queries
from data.intake.personal import find_personal
from data.mart import open_mart
from data.queries import Selection
from data.scope import ROLES, Scope
from data.site import Site
from data.workdays import build_calendar
from pages.ui import markup, words
from pages.ui.links import Chosen, read_selection
from pages.ui.load import monthly as load

Open = Callable[..., AppTest]
SECTIONS = ("overall", "features", "falling", "problems", "outlook", "suggestions", "annex")


@pytest.fixture(scope="module")
def brief(town_site: Site) -> MonthlyBrief:
    mart = open_mart(town_site.mart_folder)
    return monthly_brief(mart, Scope(), date(2026, 10, 31), calendar=build_calendar(None))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[MonthlyBrief], None]:
    """Lets the page answer with one brief."""

    def answer(found: MonthlyBrief) -> None:
        monkeypatch.setattr(load, "monthly_brief", lambda _chosen: found)
        monkeypatch.setattr(load, "whole_brief", lambda _chosen: found)

    return answer


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_it_opens_on_the_town_for_every_role(open_page: Open, town_link: dict, role: str, language: str) -> None:
    at = open_page("monthly_brief", role=role, lang=language, **town_link)
    assert "xs-headline" in shown(at)
    assert len(at.get("plotly_chart")) <= 4


@pytest.mark.parametrize("language", words.languages)
def test_without_any_version_it_says_what_to_run(open_page: Open, language: str) -> None:
    assert "xianshou refresh" in shown(open_page("monthly_brief", lang=language))


def test_a_month_before_all_records_leads_to_the_last_one(open_page: Open, town_site: Site) -> None:
    at = open_page("monthly_brief", home=town_site.home, day="1999-01-31", lang="en")
    assert words.say("frame.empty.title", "en") in shown(at)


@pytest.mark.parametrize("language", words.languages)
def test_the_sections_stand_in_the_customary_order(
    open_page: Open, town_link: dict, told: Callable, brief: MonthlyBrief, language: str
) -> None:
    told(brief)
    page = shown(open_page("monthly_brief", lang=language, **town_link))
    places = [page.index(f"<h2>{words.say(f'page.monthly_brief.section.{name}', language)}</h2>") for name in SECTIONS]
    assert places == sorted(places)


def test_the_headline_comes_first_and_has_at_most_five_lines(
    open_page: Open, town_link: dict, told: Callable, brief: MonthlyBrief
) -> None:
    told(brief)
    page = shown(open_page("monthly_brief", **town_link))
    headline = page[page.index("xs-headline") : page.index("xs-figures")]
    assert 1 <= headline.count("<li>") + headline.count("xs-first") <= 5


def test_every_number_of_the_change_is_a_link_and_leads_to_as_many_matters(open_page: Open, town_link: dict) -> None:
    page = shown(open_page("monthly_brief", **(town_link | {"day": "2026-10-31"})))
    sentence = next(item for item in re.findall(r"<li>(.*?)</li>", page) if "较上月" in item)
    links = re.findall(r'href="\?([^"]*)"[^>]*>(\d+)件<', sentence)
    plain = re.sub(r"<[^>]*>", "", sentence)
    assert len(links) == len(re.findall(r"\d+件", plain)) > 3
    params = dict(parse_qsl(unescape(links[1][0])))
    listed = shown(open_page("monthly_brief", home=town_link["home"], **params))
    assert words.say("behind.bad_link", "zh") not in listed
    assert "xs-table" in listed


@pytest.mark.parametrize("language", words.languages)
def test_a_sentence_keeps_its_words_when_its_numbers_become_links(brief: MonthlyBrief, language: str) -> None:
    chosen = Chosen(date(2026, 10, 31), language=language)
    marked_up = markup.spoken(brief.change.sentence, chosen)
    assert unescape(re.sub(r"<[^>]*>", "", marked_up)) == words.tell(brief.change.sentence, language)


def test_hostile_names_in_a_sentence_stay_text() -> None:
    number = Sentence("monthly.number", {"count": 3}, Selection("new", date(2026, 10, 31)))
    said = markup.spoken(
        Sentence("monthly.part.more", {"name": "<img src=x>", "number": number}), Chosen(date(2026, 10, 31))
    )
    assert "<img" not in said
    assert "&lt;img" in said


def test_empty_tables_are_said_not_drawn(open_page: Open, town_link: dict, told: Callable, brief: MonthlyBrief) -> None:
    bare = replace(
        brief, rising=(), falling=(), summary=(), recurring=(), recurring_count=0, topics=(), compounds=(), safety=(), inspections=(), change=None,
        change_by_place=None, structure=(),
    )  # fmt: skip
    told(bare)
    page = shown(open_page("monthly_brief", **town_link))
    for name in ("falling", "recurring", "topics", "safety", "inspections", "structure"):
        assert words.say(f"page.monthly_brief.none.{name}", "zh") in page
    assert words.say("page.monthly_brief.none_before", "zh") in page


def test_what_people_have_not_written_is_visibly_empty(
    open_page: Open, town_link: dict, told: Callable, brief: MonthlyBrief
) -> None:
    told(brief)
    page = shown(open_page("monthly_brief", **town_link))
    assert page.count("xs-blank") == 2


def test_an_unfinished_month_is_marked(open_page: Open, town_link: dict) -> None:
    page = shown(open_page("monthly_brief", **town_link))
    assert "xs-unfinished" in page
    assert "上月同期" in page


@pytest.mark.parametrize("language", words.languages)
def test_no_personal_data_stands_on_the_page(open_page: Open, town_link: dict, language: str) -> None:
    page = shown(open_page("monthly_brief", lang=language, **town_link))
    text = re.sub(r"<[^>]*>", "\n", page)
    assert [line for line in text.splitlines() if line.strip() and find_personal(line)] == []


def test_tables_of_the_annex_come_only_when_asked_for(
    open_page: Open, town_link: dict, told: Callable, brief: MonthlyBrief
) -> None:
    told(brief)
    page = shown(open_page("monthly_brief", **town_link))
    assert words.say("column.structure_channel", "zh") not in page


def test_what_recurs_opens_in_every_month_counted(
    open_page: Open, town_link: dict, told: Callable, brief: MonthlyBrief, town_site: Site
) -> None:
    told(brief)
    page = shown(open_page("monthly_brief", **town_link))
    table = page[page.index(words.say("page.monthly_brief.section.recurring", "zh")) :].partition("</table>")[0]
    numbers = re.findall(r'href="\?([^"]*behind=[^"]*)"[^>]*>(\d+)<', table)
    assert len({dict(parse_qsl(unescape(query)))["from"] for query, _ in numbers}) > 1
    for query, number in numbers[:9]:
        selection = read_selection(dict(parse_qsl(unescape(query))))
        assert len(queries.read_matters(open_mart(town_site.mart_folder), Scope(), selection)) == int(number)


def test_files_can_be_taken_away(open_page: Open, town_link: dict, told: Callable, brief: MonthlyBrief) -> None:
    told(brief)
    assert len(open_page("monthly_brief", **town_link).get("download_button")) >= 5


def test_a_reader_of_a_community_sees_no_other(open_page: Open, town_link: dict, town_site: Site) -> None:
    tree = queries.read_areas(open_mart(town_site.mart_folder), Scope())
    streets = tree[tree["level_code"] == "street"]
    at = open_page("monthly_brief", role="community", areas=streets["area_code"].iloc[0], **town_link)
    assert streets["name"].iloc[1] not in shown(at)
