"""The weekly dispatch opens for every role, in both languages, with data, without, and with parts missing."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import escape

import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.briefs.weekly import weekly_brief
from analytics.briefs.weekly_answer import WeeklyBrief
from analytics.figures import Line, Sentence
from data.intake.personal import find_personal
from data.mart import open_mart
from data.scope import ROLES, Scope
from data.site import Site
from data.workdays import build_calendar
from pages import weekly_brief as page_module
from pages.ui import charts, load, words

Open = Callable[..., AppTest]
SECTIONS = (
    "dispatch",
    "looked_back",
    "ladder",
    "meetings",
    "assessments",
    "projects",
    "receptions",
    "ahead",
    "weeks",
    "kinds",
    "places",
)
LISTS = (
    "dispatch", "dispatch_lines", "looked_back", "looked_back_lines", "ladder_units", "ladder_lines", "committees", "methods",
    "settlement", "assessments", "projects", "receptions", "ahead", "ahead_lines", "kinds", "places",
)  # fmt: skip


@pytest.fixture(scope="module")
def brief(town_site: Site) -> WeeklyBrief:
    mart = open_mart(town_site.mart_folder)
    return weekly_brief(mart, Scope(), date(2026, 11, 20), calendar=build_calendar(None))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[WeeklyBrief], None]:
    """Lets the page answer with one brief."""

    def answer(one: WeeklyBrief) -> None:
        monkeypatch.setattr(page_module, "weekly_brief", lambda chosen: one)

    return answer


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_it_opens_on_the_town_for_every_role(open_page: Open, town_link: dict, role: str, language: str) -> None:
    at = open_page("weekly_brief", role=role, lang=language, **town_link)
    assert "xs-headline" in shown(at)
    assert len(at.get("plotly_chart")) == 1


@pytest.mark.parametrize("language", words.languages)
def test_without_any_version_it_says_what_to_run(open_page: Open, language: str) -> None:
    assert "xianshou refresh" in shown(open_page("weekly_brief", lang=language))


@pytest.mark.parametrize("language", words.languages)
def test_every_section_stands_in_the_order_of_a_dispatch_meeting(
    open_page: Open, town_link: dict, language: str
) -> None:
    page = shown(open_page("weekly_brief", lang=language, **town_link))
    titles = [escape(words.say(f"page.weekly_brief.section.{name}", language)) for name in SECTIONS]
    places = [page.index(f"<h2>{title}</h2>") for title in titles]
    assert places == sorted(places)


def test_the_headline_comes_before_any_number_and_has_at_most_five_lines(open_page: Open, town_link: dict) -> None:
    page = shown(open_page("weekly_brief", **town_link))
    headline = page[page.index("xs-headline") : page.index("xs-figures")]
    assert 1 <= headline.count("<li>") + headline.count("xs-first") <= 5


def test_an_unfinished_week_says_so(open_page: Open, town_link: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "yesterday", lambda: date(2026, 11, 20))
    page = shown(open_page("weekly_brief", **town_link))
    assert words.say("notice.week_unfinished", "zh", day=date(2026, 11, 20), days=5) in page


def test_numbers_open_into_lists_that_agree(open_page: Open, town_link: dict) -> None:
    page = shown(open_page("weekly_brief", **town_link))
    for measure in ("dispatch", "dispatched", "overdue_for", "concluded"):
        found = re.search(rf'href="\?([^"]*behind={measure}&[^"]*)"[^>]*>([\d,]+)<', page)
        if measure == "concluded":  # a rate opens its denominator
            assert re.search(rf"behind={measure}&", page)
            continue
        link, number = found.groups()
        params = dict(part.split("=", 1) for part in link.replace("&amp;", "&").replace("%3A", ":").split("&"))
        listed = shown(open_page("weekly_brief", home=town_link["home"], **params))
        assert f"{number.replace(',', '')}件" in listed, measure


def test_a_functional_line_in_the_link_narrows_the_table(open_page: Open, town_link: dict, brief: WeeklyBrief) -> None:
    line = next(one.values["line"] for one in brief.dispatch_lines if one.values["line"])
    page = shown(open_page("weekly_brief", **town_link, line=line))
    name = words.name("line", line, "zh")
    assert words.say("page.weekly_brief.only_line", "zh", line=name) in page
    assert words.say("page.weekly_brief.all_lines", "zh") in page


def test_lines_that_are_no_matter_of_their_own_are_counted_apart(
    open_page: Open, told: Callable, town_link: dict, brief: WeeklyBrief
) -> None:
    first, *_ = brief.looked_back_lines
    case = replace(first, values={**first.values, "matter_no": None})
    told(replace(brief, dispatch=(), looked_back_lines=(case, case)))
    page = shown(open_page("weekly_brief", **town_link))
    assert words.say("page.weekly_brief.cases_apart", "zh", count=2) in page


@pytest.mark.parametrize("language", words.languages)
def test_empty_parts_are_said_not_drawn(
    open_page: Open, told: Callable, town_link: dict, brief: WeeklyBrief, language: str
) -> None:
    told(replace(brief, **dict.fromkeys(LISTS, ())))
    page = shown(open_page("weekly_brief", lang=language, **town_link))
    for name in ("dispatch", "looked_back", "ladder", "committees", "methods", "assessments", "projects", "receptions"):
        assert escape(words.say(f"page.weekly_brief.none.{name}", language)) in page, name


@pytest.mark.parametrize("language", words.languages)
def test_what_no_source_records_is_said_where_it_is_missed(
    open_page: Open, told: Callable, town_link: dict, brief: WeeklyBrief, language: str
) -> None:
    names = ("meetings", "committees", "methods", "receptions", "assessments", "projects")
    times = Sentence("missing.closing_times", {"count": 7})
    missing = {name: Sentence(f"missing.{name}") for name in names} | dict.fromkeys(
        ("dispatch", "looked_back", "ladder"), times
    )
    told(replace(brief, missing=missing))
    page = shown(open_page("weekly_brief", lang=language, **town_link))
    for name in names:
        assert words.say(f"missing.{name}", language) in page
    assert page.count(words.say("missing.closing_times", language, count=7)) == 3


def test_hostile_names_stay_text(open_page: Open, told: Callable, town_link: dict, brief: WeeklyBrief) -> None:
    line = brief.dispatch[0]
    evil = Line({**line.values, "unit": "<img src=//evil>", "category": "<b onload=x>"}, line.selection)
    told(replace(brief, dispatch=(evil,), area_name="<script>"))
    page = shown(open_page("weekly_brief", **town_link))
    assert "<img" not in page
    assert "<script" not in page
    assert "<b onload" not in page


@pytest.mark.parametrize("language", words.languages)
def test_no_personal_data_stands_on_the_page(open_page: Open, town_link: dict, language: str) -> None:
    text = re.sub(r"<[^>]*>", "\n", shown(open_page("weekly_brief", lang=language, **town_link)))
    assert [line for line in text.splitlines() if line.strip() and find_personal(line)] == []


def test_a_reader_below_a_street_sees_the_own_place_alone(open_page: Open, town_link: dict, brief: WeeklyBrief) -> None:
    open_page("weekly_brief", **town_link)
    tree = load.queries.read_areas(load.mart(), load.site().actor.scope)
    community = tree.loc[tree["level_code"] == "community", "area_code"].iloc[0]
    own = tree.set_index("area_code")["name"][community]
    page = shown(open_page("weekly_brief", areas=community, role="community", **town_link))
    assert own in page
    others = set(tree.loc[tree["level_code"] == "street", "name"])
    assert not [name for name in others if f">{name}<" in page]


def test_one_brief_is_computed_once(open_page: Open, town_link: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    ask = load.MAKERS["weekly"]
    monkeypatch.setitem(load.MAKERS, "weekly", lambda *one, **more: asked.append(one[2]) or ask(*one, **more))
    at = open_page("weekly_brief", **town_link)
    at.run()
    assert len(asked) == len(set(asked)), "the week and the week before it, each once"


def test_the_chart_marks_what_left_its_range_and_leaves_open_what_has_none(brief: WeeklyBrief) -> None:
    weeks = brief.weeks.tail(4).assign(
        new=[10, 50, 30, 5], lower=[8, 20, None, 1], upper=[12, 40, None, 9], complete=[True, True, True, False]
    )
    assert charts.week_states(weeks) == ["within", "above", "unknown", "within"]
    figure = charts.plot_weeks(weeks, "zh")
    ranges = figure.data[0]
    assert list(ranges.x) == [0, 1, 3]
    assert [low + high for low, high in zip(ranges.base, ranges.y, strict=True)] == [12, 40, 9]
    hatched = [trace for trace in figure.data if trace.type == "bar" and trace.marker.pattern.shape]
    assert [list(trace.x) for trace in hatched] == [[3]]
    assert charts.describe_weeks(weeks).values == {"weeks": 3, "mean": 30.0, "above": 1, "below": 0, "unknown": 1}
