"""The outlook on the pages of the monthly and the weekly brief and on their papers: with forecasts, without, and for whom there is none."""

import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.figures import Line
from data.desk import Desk, open_desk
from data.forecast_ledger import issue_forecasts, write_truth
from data.mart import open_mart
from data.queries import names_of
from data.scope import Actor, Scope
from data.site import Site, read_site
from data.workdays import build_calendar
from pages.paper.document import Document, Paragraph, Table
from pages.paper.making import Asked, make
from pages.ui import words
from pages.ui.brief_outlook import row_of, what_of

Open = Callable[..., AppTest]
NIGHT = Actor("forecast", Scope())
SPREAD = np.array([-40, -20, -10, 0, 10, 20, 40])


@pytest.fixture
def home(tmp_path: Path, town_site: Site) -> Site:
    """The town with a desk of its own, in which October and November, and two weeks, were forecast."""
    shutil.copytree(town_site.mart_folder, tmp_path / "mart")
    site = read_site(tmp_path)
    desk, city = open_desk(site.desk_url), root(site)
    for freq, first, middle in (
        ("M", date(2026, 10, 1), 150), ("M", date(2026, 11, 1), 210), ("W", date(2026, 11, 9), 40), ("W", date(2026, 11, 16), 45),
    ):  # fmt: skip
        write(desk, city, freq, first, middle)
    at = datetime(2026, 11, 3, 6)
    counts = {f"city|{city}||": 163, f"city|{city}|petition|": 200}
    write_truth(desk, "M", date(2026, 10, 1), counts, as_of=at.date(), version="v", known_at=at, actor=NIGHT, at=at)
    return site


def write(desk: Desk, city: str, freq: str, first: date, middle: float) -> None:
    at = datetime(first.year, first.month, first.day + 2, 6)
    rows = [
        {"freq": freq, "level": "city", "area_code": city, "kind": kind, "category_code": None, "state": "forecast", "first_on": first,
         "quantiles": np.tile(middle + SPREAD, (3, 1)), "naive": np.tile(middle - 5 + SPREAD, (3, 1))}
        for kind in (None, "petition")
    ]  # fmt: skip
    issue_forecasts(desk, pd.DataFrame(rows), as_of=at.date(), version="v", known_at=at, actor=NIGHT, at=at)


def root(site: Site) -> str:
    return str(names_of(open_mart(site.mart_folder)).areas["area_code"].iloc[0])


def paper(site: Site, name: str, day: date, language: str) -> Document:
    ask = Asked(
        open_mart(site.mart_folder),
        Scope(),
        day,
        build_calendar(None),
        language,
        datetime(2026, 11, 21, 7),
        open_desk(site.desk_url),
    )
    return make(name, ask).document


@pytest.mark.parametrize("language", words.languages)
def test_the_month_is_said_with_its_range_and_what_came_opens(open_page: Open, home: Site, language: str) -> None:
    page = shown(open_page("monthly_brief", home=home.home, lang=language, day="2026-10-31"))
    section = page[page.index(f"<h2>{words.say('page.monthly_brief.section.outlook', language)}</h2>") :]
    for number in (210, 190, 230, 150, 130, 170):
        assert str(number) in section
    assert "part=forecasts" in section
    number = words.say("outlook.number", language, count=163)
    assert f">{number}</a>" in section
    assert "from=2026-10-01&amp;to=2026-10-31" in section


def test_the_numbers_in_detail_come_on_demand(open_page: Open, home: Site) -> None:
    at = open_page("monthly_brief", home=home.home, lang="en", day="2026-10-31")
    before = shown(at)
    at.session_state["outlook_table"] = True
    at.run()
    assert words.say("outlook.of.looked_back", "en") not in before
    assert words.say("outlook.of.looked_back", "en") in shown(at)


@pytest.mark.parametrize(
    ("role", "area"), [("leader", ""), ("office", ""), ("community", "street"), ("auditor", "community")]
)
def test_whoever_opens_it_sees_an_outlook_or_why_there_is_none(
    open_page: Open, home: Site, role: str, area: str
) -> None:
    areas = ""
    if area:
        tree = names_of(open_mart(home.mart_folder)).areas
        areas = tree.loc[tree["level_code"] == area, "area_code"].iloc[0]
    page = shown(open_page("monthly_brief", home=home.home, role=role, areas=areas, lang="zh", day="2026-10-31"))
    why = {"": None, "street": "issued", "community": "near"}[area]
    if why is None:
        assert words.say("outlook.none.issued", "zh") not in page
        assert "有八成把握" in page
    else:
        assert words.say(f"outlook.none.{why}", "zh") in page


@pytest.mark.parametrize("language", words.languages)
def test_the_week_ahead_is_said_among_the_days_ahead(open_page: Open, home: Site, language: str) -> None:
    page = shown(open_page("weekly_brief", home=home.home, lang=language, day="2026-11-15"))
    expected = words.say("outlook.span.week", language, first=date(2026, 11, 16), last=date(2026, 11, 22))
    assert expected in page
    values = {"span": expected, "as_of": date(2026, 11, 15), "expected": 45, "lower": 25, "upper": 65, "against": ""}
    assert words.say("outlook.expected", language, **values) in page


@pytest.mark.parametrize("language", words.languages)
def test_the_papers_say_what_the_pages_say(home: Site, language: str) -> None:
    month = paper(home, "monthly", date(2026, 10, 31), language)
    said = [block.text for block in month.blocks if isinstance(block, Paragraph)]
    assert any("210" in one and "190" in one and "230" in one for one in said)
    assert any("163" in one for one in said)
    caption = words.say("outlook.table", language)
    (table,) = [block for block in month.blocks if isinstance(block, Table) and block.caption == caption]
    assert [row[2] for row in table.rows[:2]] == [210, 210]
    assert any(row[-1] == 163 for row in table.rows)
    week = paper(home, "weekly", date(2026, 11, 15), language)
    span = words.say("outlook.span.week", language, first=date(2026, 11, 16), last=date(2026, 11, 22))
    assert any(span in str(block) for block in week.blocks)


def test_a_paper_without_forecasts_says_so(town_site: Site, tmp_path: Path) -> None:
    shutil.copytree(town_site.mart_folder, tmp_path / "mart")
    document = paper(read_site(tmp_path), "monthly", date(2026, 10, 31), "zh")
    assert any(getattr(block, "text", "") == words.say("outlook.none.issued", "zh") for block in document.blocks)


@pytest.mark.parametrize("language", words.languages)
def test_a_line_is_named_by_what_it_counts(language: str) -> None:
    values = {"kind": None, "category_code": None, "category": None, "what": "all", "state": None, "period": date(2026, 11, 1),
              "last": date(2026, 11, 30), "lower_wide": 1200, "upper_wide": 2400}  # fmt: skip
    assert what_of(Line(values), language) == words.name("kind", "all", language)
    named = {**values, "what": "category", "category": "物业", "kind": "dispute"}
    assert "物业" in what_of(Line(named), language)
    assert row_of(Line(values), "month", language)["wide"].startswith("1,200")
