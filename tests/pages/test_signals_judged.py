"""The signals page on a town that was judged: for every role, counts that agree with their lists, no place of others, broken results said."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import signal_sample as sample
from sample import shown
from streamlit.testing.v1 import AppTest

from data.desk import open_desk
from data.handling import reviews
from data.intake.personal import find_personal
from data.mart import open_mart
from data.queries import names_of
from data.scope import ROLES
from data.site import Site
from pages.ui import words
from tests.analytics.test_detection import MORNING, SURGE, copied, plant, published

Open = Callable[..., AppTest]
PAGE = "signals"


def _text(page: str) -> str:
    return re.sub(r"<[^>]*>", "\n", page)


@pytest.fixture(scope="module")
def judged(town_site: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The town with a surge planted in one community, judged: its home and the community."""
    site = copied(town_site, tmp_path_factory.mktemp("judged") / "home")
    code = plant(site, SURGE, sample.DAY)
    desk = open_desk(site.desk_url)
    assert published(site, desk, MORNING).later is None
    desk.close()
    return site.home, code


def _surge(page: str) -> str:
    """The key of the first signal on a page."""
    return re.search(r"signal=(E-[\d-]+)", page)[1]


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_it_opens_on_a_judged_town_for_every_role(open_page: Open, judged: tuple, role: str, language: str) -> None:
    home, code = judged
    link = {"home": home, "role": role, "lang": language, "day": sample.DAY.isoformat()}
    areas = code if role == "community" else ""
    page = shown(open_page(PAGE, areas=areas, **link))
    assert page.index("xs-headline") < page.index("<article")
    one = shown(open_page(PAGE, areas=areas, **link, signal=_surge(page)))
    assert words.say("page.signals.section.why", language) in one
    for text in (_text(page), _text(one)):
        assert re.findall(r"Traceback|\bNone\b|\bnan\b|\{[a-z_]+[:}]", text) == []
        assert [line for line in text.splitlines() if line.strip() and find_personal(line)] == []


def test_the_surge_opens_into_as_many_matters_as_it_says(open_page: Open, judged: tuple) -> None:
    home, code = judged
    link = {"home": home, "day": sample.DAY.isoformat()}
    page = shown(open_page(PAGE, **link, area=code))
    one = shown(open_page(PAGE, **link, signal=_surge(page)))
    query, number = re.search(r'href="\?([^"]*behind=new[^"]*)"[^>]*>([\d,]+)<', one).groups()
    params = dict(part.split("=") for part in query.replace("&amp;", "&").split("&"))
    assert int(number) >= SURGE
    assert f"{number}件" in shown(open_page(PAGE, home=home, **params))


def test_a_community_sees_no_other_place(open_page: Open, judged: tuple) -> None:
    home, code = judged
    tree = names_of(open_mart(home / "mart")).areas
    other = tree.loc[(tree["level_code"] == "community") & (tree["area_code"] != code), "area_code"].iloc[-1]
    day = sample.DAY.isoformat()
    own = shown(open_page(PAGE, home=home, role="community", areas=code, day=day))
    key = _surge(own)
    elsewhere = {"home": home, "role": "community", "areas": other, "day": day}
    assert key not in shown(open_page(PAGE, **elsewhere))
    gone = shown(open_page(PAGE, **elsewhere, signal=key))
    assert words.say("page.signals.none.gone", "zh") in gone


def test_the_judged_town_s_tasks_are_printed(open_page: Open, judged: tuple) -> None:
    at = open_page(PAGE, home=judged[0], day=sample.DAY.isoformat(), tasks="1")
    assert "xs-tasks" in shown(at)


@pytest.mark.parametrize("language", words.languages)
def test_broken_results_are_said_with_what_to_do(open_page: Open, judged: tuple, tmp_path: Path, language: str) -> None:
    home = tmp_path / "home"
    shutil.copytree(judged[0], home)
    for path in (home / "mart").glob("signals-*"):
        path.write_bytes(path.read_bytes()[:999])
    page = shown(open_page(PAGE, home=home, lang=language, day=sample.DAY.isoformat()))
    assert "xianshou refresh" in page


def test_what_nobody_was_warned_of_is_recorded_under_the_subject_it_is_judged_by(
    open_page: Open, judged: tuple, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(judged[0], home)
    at = open_page(PAGE, home=home, role="leader", day=sample.DAY.isoformat())
    at.session_state["missed"] = True
    at.run()
    at.selectbox(key="missed_area").select(judged[1]).run()
    for name in ("not_foreseen", "not_warned", "not_prevented"):
        at.text_area(key=f"missed_{name}").input("当时没有这方面的数据")
    next(one for one in at.button if one.label == words.say("page.signals.missed.save", "zh")).click().run()
    desk = open_desk(f"sqlite:///{home / 'desk.db'}")
    (review,) = reviews(desk)
    desk.close()
    assert (review.verdict, review.episode, review.area_code) == ("miss", None, judged[1])
    assert "当时没有这方面的数据" in shown(at)
    assert words.say("page.signals.missed.open", "zh") not in {
        one.label for one in open_page(PAGE, home=home, role="auditor", day=sample.DAY.isoformat()).expander
    }


@pytest.mark.parametrize("language", words.languages)
def test_the_daily_and_the_weekly_brief_tell_the_surge_and_lead_to_it(
    open_page: Open, judged: tuple, language: str
) -> None:
    link = {"home": judged[0], "lang": language, "day": sample.DAY.isoformat()}
    for page in ("daily_brief", "weekly_brief"):
        told = shown(open_page(page, **link))
        assert words.say("brief_warnings.title", language) in told
        assert re.search(r'href="signals\?[^"]*signal=E-', told)
    headline = shown(open_page("daily_brief", **link)).partition("xs-grid")[0]
    assert "xs-headline" in headline
    assert headline.count("<li>") <= 4
    assert re.search(r"预警待核实\d+条" if language == "zh" else r"Warnings to be verified: \d+", headline)
