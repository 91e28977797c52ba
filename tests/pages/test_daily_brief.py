"""The daily brief opens for every role, in both languages, with data, without, and with broken data."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
import sample
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.figures import Sentence
from data.desk import DutyMode
from data.errors import NotReady
from data.intake.personal import find_personal
from data.queries import Selection
from data.scope import ROLES
from data.site import Site
from pages.ui import behind, load, tables, words

Open = Callable[..., AppTest]


def links(at: AppTest) -> list[str]:
    return re.findall(r'href="([^"]+)"', shown(at))


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_it_opens_on_the_town_for_every_role(open_page: Open, town_link: dict, role: str, language: str) -> None:
    at = open_page("daily_brief", role=role, lang=language, **town_link)
    assert "xs-headline" in shown(at)
    assert len(at.get("plotly_chart")) == 1


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_without_any_version_it_says_what_to_run(open_page: Open, role: str, language: str) -> None:
    at = open_page("daily_brief", role=role, lang=language)
    assert "xianshou demo" in shown(at)
    assert "xianshou refresh" in shown(at)


@pytest.mark.parametrize("language", words.languages)
def test_a_broken_version_is_said_without_its_inside(open_page: Open, tmp_path: Path, language: str) -> None:
    (tmp_path / "mart").mkdir()
    (tmp_path / "mart" / "current.json").write_text("{", encoding="utf-8")
    at = open_page("daily_brief", lang=language)
    assert "xs-empty" in shown(at)
    assert "Traceback" not in shown(at)


@pytest.mark.parametrize("language", words.languages)
def test_every_section_stands_in_the_customary_order(open_page: Open, told: Callable, language: str) -> None:
    told(sample.brief())
    page = shown(open_page("daily_brief", lang=language))
    names = (
        "major",
        "deadlines",
        "leader_cases",
        "coordination",
        "tomorrow",
        "series",
        "kinds",
        "places",
        "rates",
        "sources",
    )
    places = [page.index(f"<h2>{words.say(f'page.daily_brief.section.{name}', language)}</h2>") for name in names]
    assert places == sorted(places)


def test_the_headline_comes_before_any_number_and_has_at_most_five_lines(open_page: Open, told: Callable) -> None:
    told(sample.brief())
    page = shown(open_page("daily_brief"))
    headline = page[page.index("xs-headline") : page.index("xs-figures")]
    assert 1 <= headline.count("<li>") + headline.count("xs-first") <= 5


def test_a_failed_refresh_stands_above_the_headline_and_in_its_size(open_page: Open, told: Callable) -> None:
    moments = {"at": datetime(2026, 11, 21, 6), "read_at": datetime(2026, 11, 20, 6)}
    failed = Sentence("notice.refresh_failed", {**moments, "reason": "X"})
    told(sample.brief(notices=(Sentence("notice.short_history", {"weeks": 3}), failed)))
    page = shown(open_page("daily_brief"))
    assert page.index("xs-loud") < page.index("xs-headline") < page.index("xs-figures") < page.index("xs-asides")


def test_how_the_figures_are_to_be_read_stands_below_them_and_the_headline_comes_first(
    open_page: Open, told: Callable
) -> None:
    short = Sentence("notice.short_history", {"weeks": 3})
    told(sample.brief(notices=(short,)))
    page = shown(open_page("daily_brief"))
    assert "xs-notice" not in page
    assert page.index("xs-headline") < page.index("xs-figures") < page.index(words.tell_alone(short, "zh"))


def test_every_flow_opens_into_its_matters(open_page: Open, told: Callable) -> None:
    told(sample.brief())
    found = links(open_page("daily_brief"))
    for measure in ("new", "closed", "open", "overdue", "due", "returned", "rebounded", "joint"):
        assert any(f"behind={measure}&" in link for link in found), measure


def test_the_number_and_the_list_behind_it_agree(open_page: Open, town_link: dict) -> None:
    page = shown(open_page("daily_brief", **town_link))
    link, number = re.search(r'href="\?([^"]*behind=open[^"]*)"[^>]*>([\d,]+)<', page).groups()
    params = dict(part.split("=") for part in link.replace("&amp;", "&").split("&"))
    listed = shown(open_page("daily_brief", home=town_link["home"], **params))
    assert f"{number.replace(',', '')}件" in listed


def test_a_list_can_be_taken_away_as_two_files(open_page: Open, town_link: dict) -> None:
    day = town_link["day"]
    at = open_page("daily_brief", **town_link, behind="open", as_of=day)
    assert len(at.get("download_button")) == 2


@pytest.mark.parametrize(
    "link", [{"behind": "new"}, {"behind": "everything", "as_of": "2026-11-20"}, {"behind": "new", "as_of": "x"}]
)
def test_a_malformed_link_is_said(open_page: Open, town_link: dict, link: dict) -> None:
    at = open_page("daily_brief", **{**town_link, **link})
    assert words.say("behind.bad_link", "zh") in shown(at)


def test_a_day_before_all_records_leads_to_the_last_one(open_page: Open, town_site: Site) -> None:
    at = open_page("daily_brief", home=town_site.home, day="1999-01-01", lang="en")
    assert words.say("frame.empty.title", "en") in shown(at)
    assert any("day=2026-11-" in link for link in links(at))


@pytest.mark.parametrize("link", [{"day": "yesterday"}, {"kind": "rumour"}, {"lang": "tlh"}])
def test_a_link_that_is_not_understood_falls_back(open_page: Open, town_link: dict, link: dict) -> None:
    assert "xs-" in shown(open_page("daily_brief", **{**town_link, **link}))


def test_an_area_outside_the_scope_is_refused_in_words(open_page: Open, town_link: dict) -> None:
    at = open_page("daily_brief", **town_link, area="no-such-place")
    assert "xs-empty" in shown(at)


def test_a_reader_sees_only_the_areas_of_the_scope(open_page: Open, town_link: dict) -> None:
    everything = open_page("daily_brief", **town_link)
    codes = everything.sidebar.selectbox(key="pick_area").options
    tree = load.queries.read_areas(load.mart(), load.site().actor.scope)
    street = tree.loc[tree["level_code"] == "street", "area_code"].iloc[0]
    narrow = open_page("daily_brief", areas=street, role="community", **town_link)
    assert 1 < len(narrow.sidebar.selectbox(key="pick_area").options) < len(codes)


def test_the_choices_follow_the_link(open_page: Open, town_link: dict) -> None:
    page = shown(open_page("daily_brief", **town_link, kind="petition", lang="en"))
    assert f'value="{town_link["day"]}"' in page
    assert re.findall(r"aria-current=true>([^<]+)<", page)[-2:] == [words.name("kind", "petition", "en"), "English"]


@pytest.mark.parametrize("language", words.languages)
def test_a_choice_leads_to_this_page_with_it_and_all_else_as_it_is(
    open_page: Open, town_link: dict, language: str
) -> None:
    at = open_page("daily_brief", **town_link, lang=language, kind="petition")
    asked = [parse_qs(urlsplit(unescape(link)).query) for link in links(at)]
    day = [town_link["day"]]
    assert {"day": day, "lang": [language], "kind": ["dispute"]} in asked
    assert {"day": day, "lang": [language]} in asked  # every kind
    assert {"day": day, "kind": ["petition"], "lang": [{"zh": "en", "en": "zh"}[language]]} in asked


def test_the_duty_banner_stands_on_top_while_it_is_set(
    open_page: Open, told: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(sample.brief())
    monkeypatch.setattr(load, "duty_mode", lambda: DutyMode("war", datetime(2026, 11, 20, 8), "防汛", "值班室"))
    page = shown(open_page("daily_brief"))
    assert page.index("xs-duty") < page.index("xs-head")
    assert "防汛" in page


def test_short_history_shows_counts_without_states(open_page: Open, told: Callable) -> None:
    flows = tuple(replace(figure, expected=None) for figure in sample.brief().flows)
    series = sample.series().assign(expected=float("nan"), lower=float("nan"), upper=float("nan"))
    told(
        sample.brief(
            state="unknown", flows=flows, series=series, notices=(Sentence("notice.short_history", {"weeks": 3}),)
        )
    )
    page = shown(open_page("daily_brief"))
    assert words.say("page.daily_brief.state.unknown", "zh") in page
    assert "xs-state" not in page


def test_empty_tables_are_said_not_drawn(open_page: Open, told: Callable) -> None:
    told(
        sample.brief(
            major=(),
            deadlines_by_unit=(),
            leader_cases=(),
            coordination_lines=(),
            kinds=(),
            places=(),
            sources=(),
            filling=(),
        )
    )
    page = shown(open_page("daily_brief"))
    assert "xs-table" not in page
    assert words.say("page.daily_brief.none.major", "zh") in page


def test_hostile_names_stay_text(open_page: Open, told: Callable) -> None:
    line = replace(sample.brief().places[0], values={**sample.brief().places[0].values, "area": "<img src=//evil>"})
    told(sample.brief(places=(line,), area_name="<script>"))
    page = shown(open_page("daily_brief"))
    assert "<img" not in page
    assert "<script" not in page


@pytest.mark.parametrize("language", words.languages)
def test_no_personal_data_stands_on_the_page(open_page: Open, town_link: dict, language: str) -> None:
    page = shown(open_page("daily_brief", lang=language, **town_link))
    text = re.sub(r"<[^>]*>", "\n", page)
    assert [line for line in text.splitlines() if line.strip() and find_personal(line)] == []


def test_an_error_that_a_person_can_mend_is_one_sentence(
    open_page: Open, told: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(sample.brief())

    def fail(_chosen: object) -> None:
        raise NotReady("calendar.year_missing", year=2031)

    monkeypatch.setattr(load, "daily_brief", fail)
    assert words.say("errors.calendar.year_missing", "zh", year=2031) in shown(open_page("daily_brief"))


def test_the_table_behind_the_chart_comes_only_when_asked_for(open_page: Open, told: Callable) -> None:
    told(sample.brief())
    at = open_page("daily_brief")
    assert words.say("column.range", "zh") in shown(at)
    assert shown(at).count("2026-10-0") == 0


def test_the_brief_of_the_sample_is_whole() -> None:
    brief = sample.brief()
    assert isinstance(brief.series, pd.DataFrame)
    assert not brief.is_empty


@pytest.mark.parametrize("measure", ["open", "overdue", "returned"])
def test_what_is_taken_away_is_coarse_and_names_nobody(open_page: Open, town_link: dict, measure: str) -> None:
    open_page("daily_brief", **town_link)
    exported = load.exported(Selection(measure, date.fromisoformat(town_link["day"])))
    assert not {"registered_on", "people_involved", "community_code"} & set(exported.columns)
    streets = set(
        load.queries.read_areas(load.mart(), load.site().actor.scope).query("level_code == 'community'")["name"]
    )
    assert not set(exported["area"].dropna()) & streets
    file = tables.to_csv(tables.in_words(exported, behind.FILE_COLUMNS, "zh")).decode("utf-8-sig")
    assert [cell for cell in re.split(r"[,\r\n]", file) if find_personal(cell)] == []
