"""The annual report opens for every role, in both languages, with the town and with nothing, and its parts draw what they are told."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import streamlit as st
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.briefs.sources_report import sources_report
from analytics.figures import Period
from analytics.pathways import funnel, petition_link, policy_effects
from data.mart import Mart, open_mart
from data.scope import ROLES, Scope
from data.site import Site
from data.workdays import build_calendar
from pages.paper.document import Heading, Paragraph
from pages.paper.pathways import funnel_blocks
from pages.ui import charts, pathway_rows, words
from pages.ui.links import Chosen, read_selection

Open = Callable[..., AppTest]
DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def town(town_site: Site) -> Mart:
    return open_mart(town_site.mart_folder)


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_it_opens_on_the_town_for_every_role(open_page: Open, town_site: Site, role: str, language: str) -> None:
    at = open_page("annual_report", home=town_site.home, role=role, lang=language, day="2025-12-31")
    page = shown(at)
    assert "xs-foot" in page
    assert len(at.get("plotly_chart")) == 2
    sections = [words.say(f"annual.section.item{number}", language) for number in range(1, 5)]
    places = [page.index(one) for one in sections]
    assert places == sorted(places)
    assert "None" not in re.sub(r"<[^>]*>", " ", page)


@pytest.mark.parametrize("language", words.languages)
def test_without_any_version_it_says_what_to_run(open_page: Open, language: str) -> None:
    assert "xianshou demo" in shown(open_page("annual_report", lang=language))


@pytest.mark.parametrize("language", words.languages)
def test_an_empty_mart_says_so(open_page: Open, publish: Callable, tmp_path: Path, language: str) -> None:
    from datetime import datetime

    publish(tmp_path, lambda connection: None, now=datetime(2026, 11, 21, 6))
    at = open_page("annual_report", home=tmp_path, lang=language, day="2026-11-20")
    assert "xs-empty" in shown(at)


def test_every_number_on_the_page_opens(open_page: Open, town_site: Site) -> None:
    page = shown(open_page("annual_report", home=town_site.home, day="2025-12-31"))
    links = [link for link in re.findall(r'href="\?([^"]+)"', page) if "behind=" in link]
    assert len(links) > 40
    for link in links:
        params = dict(part.split("=", 1) for part in link.replace("&amp;", "&").split("&"))
        params = {name: value.replace("%3A", ":").replace("%2C", ",") for name, value in params.items()}
        selection = read_selection(params)
        assert selection is not None, link
        assert words.has(f"figure.name.{selection.measure}", "zh"), selection.measure


@pytest.mark.parametrize(
    "link", [{"behind": "stage_closed", "as_of": "2025-12-31", "from": "2025-01-01", "to": "2025-12-31"}]
)
def test_the_list_behind_a_stage_opens(open_page: Open, town_site: Site, link: dict[str, str]) -> None:
    page = shown(open_page("annual_report", home=town_site.home, day="2025-12-31", **link))
    assert words.say("figure.behind.stage_closed", "zh") in page


def test_a_community_sees_no_other_area(open_page: Open, town_site: Site, town: Mart) -> None:
    from data import queries

    tree = queries.names_of(town).areas
    first, second = tree.loc[tree["level_code"] == "street", ["area_code", "name"]].head(2).to_numpy().tolist()
    page = shown(open_page("annual_report", home=town_site.home, role="community", areas=first[0], day="2025-12-31"))
    assert "xs-foot" in page
    assert second[1] not in page


# --- the parts -----------------------------------------------------------------------------------------------------------------


def drawn(show: Callable, answer: object, language: str) -> AppTest:
    """A part on a page of its own."""

    def script() -> None:
        import streamlit as st_

        show_, answer_, chosen_ = st_.session_state["part"]
        show_(answer_, chosen_)

    at = AppTest.from_function(script, default_timeout=60)
    at.session_state["part"] = (show, answer, Chosen(DAY, language=language))
    at.run()
    assert not at.exception, at.exception[0].message
    return at


@pytest.mark.parametrize("language", words.languages)
def test_every_part_draws_full_and_empty_answers(town: Mart, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.ui import pathways

    scope, nobody, month = Scope(), Scope((), "community"), Period(date(2026, 10, 1), date(2026, 10, 31))
    calendar = build_calendar()
    answers = (
        (pathways.show_funnel, lambda who: funnel(town, who, month, DAY)),
        (pathways.show_petition_link, lambda who: petition_link(town, who, DAY)),
        (pathways.show_policy_effects, lambda who: policy_effects(town, who, DAY)),
        (pathways.show_sources_report, lambda who: sources_report(town, who, DAY, calendar=calendar)),
    )
    st.cache_data.clear()
    for show, ask in answers:
        full, empty = shown(drawn(show, ask(scope), language)), shown(drawn(show, ask(nobody), language))
        assert "xs-table" in full
        assert "xs-section" in empty
        assert "xs-open" not in empty


@pytest.mark.parametrize("language", words.languages)
def test_where_no_later_stage_is_recorded_nothing_is_drawn_on_screen_or_paper(town: Mart, language: str) -> None:
    from pages.ui import pathways

    found = funnel(town, Scope(), Period(date(2026, 10, 1), date(2026, 10, 31)), DAY)
    silent = [replace(one, figure=replace(one.figure, value=None), share_pct=None) for one in found.stages[1:]]
    only = replace(found, stages=(found.stages[0], *silent))
    at = drawn(pathways.show_funnel, only, language)
    assert not at.get("plotly_chart")
    assert "xs-table" not in shown(at)
    assert [type(block) for block in funnel_blocks(only, language)] == [Heading, Paragraph]


def test_a_stage_nobody_records_is_no_bar_and_has_its_reason(town: Mart) -> None:
    found = funnel(town, Scope(), Period(date(2026, 10, 1), date(2026, 10, 31)), DAY)
    silent = replace(
        found.stages[2], figure=replace(found.stages[2].figure, value=None), share_pct=None, state="not_recorded"
    )
    stages = (*found.stages[:2], silent, *found.stages[3:])
    figure = charts.plot_funnel(replace(found, stages=stages), "zh")
    assert len(figure.data[0].y) == 4
    assert words.name("stage", "supervised", "zh") not in figure.data[0].y


def test_the_lead_curve_is_a_step_from_zero(town: Mart) -> None:
    link = petition_link(town, Scope(), DAY)
    figure = charts.plot_lead(
        replace(link, curve=((10, 1.0), (30, 2.5)), lead_median=replace(link.lead_median, value=10)), "en"
    )
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([0, 10, 30], [0.0, 1.0, 2.5])
    assert figure.data[0].line.shape == "hv"


def test_an_unbounded_ratio_and_a_blank_one_are_written() -> None:
    from analytics.pathways import Ratio

    assert pathway_rows.ratio_text(None, "zh") == words.NOTHING
    assert pathway_rows.ratio_text(Ratio(None, 0.41, None), "zh") == "无上限（0.41～无上限）"
    assert pathway_rows.ratio_text(Ratio(0.5, 0.31, 0.79), "en") == "0.50 (0.31–0.79)"
