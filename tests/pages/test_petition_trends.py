"""The page of petition trends opens for every role, in both languages, with data, without, and with a broken map; every mark opens."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sample
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.figures import Comparison, Figure, Line, Period, Sentence
from analytics.petitions import PetitionTrends
from data.boundaries import parse_boundaries
from data.desk import open_desk
from data.intake.personal import find_personal
from data.queries import Selection
from data.scope import ROLES
from data.site import Site
from data.town.boundaries import write_boundaries
from pages.ui import charts, load, opening, words

Open = Callable[..., AppTest]
PAGE = "petition_trends"
QUESTIONS = ("form", "properties", "waiting", "reviews", "seasons", "festival", "notes")


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_it_opens_on_the_town_for_every_role(open_page: Open, town_link: dict, role: str, language: str) -> None:
    at = open_page(PAGE, role=role, lang=language, **town_link)
    assert "xs-headline" in shown(at)
    assert 3 <= len(at.get("plotly_chart")) <= 4, "at most four charts at first"


@pytest.mark.parametrize("language", words.languages)
def test_without_any_version_it_says_what_to_run(open_page: Open, language: str) -> None:
    assert "xianshou demo" in shown(open_page(PAGE, lang=language))


@pytest.mark.parametrize("language", words.languages)
def test_nothing_recorded_is_said_with_a_way_out(open_page: Open, town_site: Site, language: str) -> None:
    at = open_page(PAGE, home=town_site.home, day="1999-01-01", lang=language)
    assert words.say("frame.empty.title", language) in shown(at)


@pytest.mark.parametrize(
    "link",
    [
        {"unit": "day"},
        {"unit": "week"},
        {"unit": "century"},
        {"kind": "hotline"},
        {"kind": "dispute"},
        {"has": "form:visit"},
    ],
)
def test_it_opens_for_every_choice(open_page: Open, town_link: dict, link: dict) -> None:
    assert "xs-headline" in shown(open_page(PAGE, **town_link, **link))


@pytest.mark.parametrize(("kind", "language"), [("petition", "zh"), ("hotline", "en")])
def test_every_question_opens(open_page: Open, town_link: dict, kind: str, language: str) -> None:
    at = open_page(PAGE, **town_link, kind=kind, lang=language)
    for name in QUESTIONS:
        at.session_state[f"question_{name}"] = True
    at.run()
    assert not at.exception
    page = shown(at)
    for name in ("seasons", "festival", "notes"):
        assert words.say(f"page.petition_trends.section.{name}", language) in page


def test_the_headline_comes_first_and_has_at_most_five_lines(open_page: Open, town_link: dict) -> None:
    page = shown(open_page(PAGE, **town_link))
    headline = page[page.index("xs-headline") : page.index("xs-figures")]
    assert 1 <= headline.count("<li>") + headline.count("xs-first") <= 5


def test_the_four_measures_stand_apart(open_page: Open, town_link: dict) -> None:
    page = shown(open_page(PAGE, **town_link))
    names = [words.say(f"figure.name.{name}", "zh") for name in ("new", "pieces", "batches", "person_times")]
    assert re.findall(r'xs-name">([^<]+)<', page)[:4] == names


def test_drilling_down_keeps_the_choices(open_page: Open, town_link: dict) -> None:
    page = shown(open_page(PAGE, **town_link, kind="dispute", unit="week"))
    found = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', page)]
    down = [link for link in found if "behind=" not in link and ("area=999901&" in link or "category=" in link)]
    assert down
    assert all("kind=dispute" in link and "unit=week" in link for link in down)


def test_a_step_back_up_stands_above(open_page: Open, town_link: dict) -> None:
    page = shown(open_page(PAGE, **town_link, area="999901001", category="P-04"))
    assert "砚溪区" in page
    assert words.say("frame.all_categories", "zh") in page


def test_the_number_and_the_list_behind_it_agree(open_page: Open, town_link: dict) -> None:
    page = shown(open_page(PAGE, **town_link))
    link, number = re.search(r'href="\?([^"]*behind=new[^"]*)"[^>]*>([\d,]+)<', page).groups()
    params = dict(part.split("=") for part in link.replace("&amp;", "&").split("&"))
    listed = open_page(PAGE, home=town_link["home"], **params)
    assert f"{number}件" in shown(listed)
    assert len(listed.get("download_button")) == 2


def test_a_click_on_a_chart_opens_the_matters_of_the_mark() -> None:
    opens = [Selection("new", date(2026, 11, 20)), None]
    event = {"selection": {"points": [{"customdata": ["said", 0]}]}}
    assert opening.picked(event, opens) == opens[0]
    for data in (["said", 1], ["said", 7], ["said", -1], ["said"], None, ["said", "x"]):
        assert opening.picked({"selection": {"points": [{"customdata": data}]}}, opens) is None
    assert opening.picked(None, opens) is None


def test_a_community_sees_its_own_and_no_sensitive_subject(open_page: Open, town_link: dict) -> None:
    at = open_page(PAGE, **town_link, areas="999901001901", role="community", kind="dispute")
    assert "xs-headline" in shown(at)
    refused = shown(open_page(PAGE, **town_link, areas="999901001901", role="community", category="16"))
    assert words.say("errors.petitions.category_hidden", "zh") in refused


def test_the_site_s_map_is_drawn_and_a_broken_one_is_said(
    open_page: Open, town_link: dict, town_site: Site, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(town_site.home, home)
    link = {"home": home, "day": town_link["day"]}
    assert words.say("page.petition_trends.text.no_map", "zh", path="boundaries.geojson") in shown(
        open_page(PAGE, **link)
    )
    tree = load.queries.read_areas(load.mart(), load.site().actor.scope)
    write_boundaries(tree, home)
    drawn = open_page(PAGE, **link)
    assert words.say("page.petition_trends.text.map", "zh") in shown(drawn)
    (home / "boundaries.geojson").write_text("{", encoding="utf-8")
    assert "boundaries.geojson" in shown(open_page(PAGE, **link))


def test_the_map_asks_no_server_for_anything() -> None:
    square = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
    content = {
        "type": "FeatureCollection",
        "features": [
            {"properties": {"area_code": code}, "geometry": {"type": "Polygon", "coordinates": [square]}}
            for code in "ab"
        ],
    }
    figure = charts.plot_map(
        parse_boundaries(json.dumps(content).encode()),
        ["a", "b", "c"],
        ["<b>x", "y", "z"],
        [1.0, None, 2.0],
        ["above", "unknown", "within"],
        ["", "", ""],
    )
    assert {trace.type for trace in figure.data} == {"scatter"}, "geo and mapbox traces fetch an outline of the world"
    assert "http" not in figure.to_json().replace("http://www.w3.org", "")
    assert figure.data[-1].text == ("&lt;b&gt;x", "y")


def test_notes_stand_on_every_chart_over_time_as_text(
    open_page: Open, town_link: dict, town_site: Site, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(town_site.home, home)
    open_page(PAGE, home=home, day=town_link["day"])  # so that the desk is there
    site = load.site()
    desk = open_desk(site.desk_url)
    desk.add_note(date(2026, 6, 1), date(2026, 6, 9), "地铁施工<script>", site.actor, site.now(), kind="construction")
    at = open_page(PAGE, home=home, day=town_link["day"])
    specs = [chart.proto.spec for chart in at.get("plotly_chart")]
    assert sum("地铁施工" in repr(json.loads(spec)) for spec in specs) == 2
    assert not any("<script" in spec for spec in specs)


@pytest.mark.parametrize("language", words.languages)
def test_no_personal_data_stands_on_the_page(open_page: Open, town_link: dict, language: str) -> None:
    text = re.sub(r"<[^>]*>", "\n", shown(open_page(PAGE, lang=language, **town_link)))
    assert [line for line in text.splitlines() if line.strip() and find_personal(line)] == []


# --- without any store ---------------------------------------------------------------------------------------------------------


DAY = sample.DAY


def trends(**changes: object) -> PetitionTrends:
    """A plausible answer of an invented city, as plain as can be."""
    first = date(2026, 10, 1)
    period = Period(first, date(2026, 10, 31))
    chosen = Selection("new", DAY, period.first, period.last, kind="petition")
    rows = pd.DataFrame(
        {"first": [date(2026, 9, 1), first], "last": [date(2026, 9, 30), period.last], "complete": [True, True]}
    )
    counts = {
        "matters": [12, 15],
        "expected": [10.0, 11.0],
        "lower": [5.0, 5.0],
        "upper": [20.0, 14.0],
        "state": ["within", "above"],
        "method": "recent_level",
    }
    more = {name: [1, 2] for name in ("filings", "batches", "person_times", "repeat", "collective", "diverted")}
    rates = {
        f"{name}{end}": [50.0, 60.0]
        for name in ("accepted_in_time", "on_time", "answered", "satisfied")
        for end in ("", "_lower", "_upper", "_met", "_whole")
    }
    times = {
        f"{step}_{name}": [3.0, 4.0] for step in ("accept", "close") for name in ("median", "p90", "matters", "ended")
    }
    part = {
        "matters": 15,
        "share_pct": 100.0,
        "previous": 12,
        "year_before": 9,
        "vs_previous": Comparison("previous_period", 12, period, 3, 25.0),
        "vs_year": Comparison("year_on_year", 9, period, 6),
    }
    place = {
        "area_code": "a1",
        "area": "望江街道",
        "level": "street",
        "can_open": True,
        "is_below_street": False,
        "households": 900,
        "per_10k": 166.7,
        "peers": 8,
        "peer_group": "street large",
        "lower": 20.0,
        "upper": 90.0,
        "state": "above",
    }
    values = {
        "day": DAY, "unit": "month", "period": period, "area_code": None, "area_name": None, "category_code": None, "category_name": None,
        "kind": "petition", "having": (), "version": "v", "published_at": sample.brief().published_at, "read_at": sample.brief().read_at,
        "state": "above", "headline": (Sentence("petitions.headline.running_alone", {"until": DAY, "count": 3}),), "notices": (),
        "volume": (Figure("new", 15, "matters", period, DAY, selection=chosen), Figure("pieces", None, "pieces", period, DAY, missing=Sentence("missing.not_kept"))),
        "series": rows.assign(**counts, **more), "parts": {"form": (Line({"code": "visit", **part}, chosen),)},
        "categories": (Line({"code": "P-04", "name": "城乡建设", "can_open": True, **part}, chosen),),
        "properties": tuple(Figure(f"{name}_share", None, "pct", period, DAY, missing=Sentence("missing.not_kept")) for name in ("repeat", "collective", "diverted")),
        "reviews": (), "rates": tuple(Figure(name, None, "pct", period, DAY, missing=Sentence("missing.no_denominator")) for name in ("accepted_in_time", "on_time", "answered", "satisfied")),
        "rate_series": rows.assign(**rates), "waiting": rows.assign(**times), "places": (Line({**place, **part}, chosen),),
        "weekdays": pd.DataFrame(columns=["weekday"]), "months": pd.DataFrame(columns=["month"]), "festival": pd.DataFrame(columns=["week"]),
        "notes": pd.DataFrame(columns=["first_on", "last_on", "kind", "text"]), "selections": (chosen, chosen),
    }  # fmt: skip
    return PetitionTrends(**(values | changes))


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch, told: Callable) -> Callable[[PetitionTrends], None]:
    from pages.ui.load import petitions

    def answer(found: PetitionTrends) -> None:
        told(sample.brief())
        monkeypatch.setattr(petitions, "petition_trends", lambda chosen: found)
        monkeypatch.setattr(load, "categories", lambda *_: {})

    return answer


def test_hostile_names_stay_text(open_page: Open, answered: Callable) -> None:
    line = trends().places[0]
    subject = trends().categories[0]
    answered(
        trends(
            area_name="<script>", places=(replace(line, values={**line.values, "area": "<img src=//evil>"}),),
            categories=(replace(subject, values={**subject.values, "name": "<img src=//evil>"}),),
        )
    )  # fmt: skip
    page = shown(open_page(PAGE))
    assert "<img" not in page
    assert "<script" not in page


@pytest.mark.parametrize("language", words.languages)
def test_a_bare_answer_is_shown_without_a_stumble(open_page: Open, answered: Callable, language: str) -> None:
    empty = {
        name: trends().rate_series[name] * float("nan")
        for name in ("accepted_in_time", "on_time", "answered", "satisfied")
    }
    answered(trends(places=(), categories=(), parts={}, rate_series=trends().rate_series.assign(**empty)))
    page = shown(open_page(PAGE, lang=language))
    assert words.say("page.petition_trends.none.places", language) in page
    assert words.say("page.petition_trends.none.causes", language) in page


def test_more_places_than_a_screen_are_listed_on_demand(open_page: Open, answered: Callable) -> None:
    line = trends().places[0]
    answered(trends(places=tuple(replace(line, values={**line.values, "area_code": f"a{n}"}) for n in range(30))))
    assert words.say("frame.all_lines", "zh", count=30) in [one.label for one in open_page(PAGE).get("expander")]


def test_a_note_is_marked_once_where_it_begins() -> None:
    figure = charts.plot_periods(
        trends().series,
        "month",
        "zh",
        pd.DataFrame(
            {"first_on": [date(2026, 9, 20)], "last_on": [date(2026, 10, 5)], "kind": ["other"], "text": ["x"]}
        ),
    )
    (mark,) = [trace for trace in figure.data if trace.name == words.say("chart.note", "zh")]
    assert list(mark.x) == [0]
    early = pd.DataFrame(
        {
            "first_on": [DAY - timedelta(days=900)],
            "last_on": [DAY - timedelta(days=899)],
            "kind": ["other"],
            "text": ["x"],
        }
    )
    assert not [
        t
        for t in charts.plot_periods(trends().series, "month", "zh", early).data
        if t.name == words.say("chart.note", "zh")
    ]
