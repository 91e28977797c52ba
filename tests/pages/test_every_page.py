"""Every page, for every role, in both languages: with records, without any, and with broken ones it opens and says what is the matter."""

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sample import shown
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from data.categories import category_names
from data.intake.personal import find_personal
from data.mart import open_mart
from data.queries import names_of
from data.scope import ROLES
from data.site import Site
from pages.ui import words
from pages.ui.frame import PAGES

FRAME = Path(__file__).resolve().parents[2] / "pages" / "ui" / "frame.py"
NAMES = [module.__name__.rpartition(".")[2] for module in PAGES]
SUBJECTS = set(category_names("zh").values())
TRACES = re.compile(r"Traceback|\.py\b|Error\b|<module>|\bNaN\b|\bNone\b|\bnan\b|\{[a-z_]+[:}]")

Visit = Callable[..., str]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Visit:
    """`visit("weekly_brief", home, role=…, lang=…)` opens a page and returns what it shows as text; caches stay, for they are keyed."""

    def open_(name: str, home: Path, *, role: str = "office", areas: str = "", **link: str) -> str:
        monkeypatch.setenv("XIANSHOU_HOME", str(home))
        monkeypatch.setenv("XIANSHOU_ROLE", role)
        monkeypatch.setenv("XIANSHOU_AREAS", areas)
        at = AppTest.from_file(str(FRAME), default_timeout=120)
        at._page_hash = calc_hash(name)
        for place, value in link.items():
            at.query_params[place] = value
        at.run()
        assert not at.exception, at.exception[0].message
        return shown(at)

    return open_


def _text(page: str) -> str:
    return re.sub(r"<[^>]*>", "\n", page)


def _is_clean(page: str) -> None:
    """Nothing of the inside and nothing personal stands on the page."""
    text = _text(page)
    assert TRACES.findall(text) == []
    assert [line for line in text.splitlines() if line.strip() and find_personal(line)] == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", NAMES)
def test_it_opens_on_the_town(visit: Visit, town_site: Site, as_of: date, name: str, role: str) -> None:
    tree = names_of(open_mart(town_site.mart_folder)).areas
    community = tree.loc[tree["level_code"] == "community", "area_code"].iloc[3]
    areas = community if role == "community" else ""
    for language in words.languages:
        page = visit(name, town_site.home, role=role, areas=areas, lang=language, day=as_of.isoformat())
        assert "xs-head" in page
        assert "xs-empty" not in page
        assert len(_text(page)) > 200
        _is_clean(page)
        if language == "en":
            assert {line.strip() for line in _text(page).splitlines()} & SUBJECTS == set()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("track_record", "data_quality")])
def test_the_head_names_the_areas_of_a_scope_of_several(visit: Visit, town_site: Site, as_of: date, name: str) -> None:
    tree = names_of(open_mart(town_site.mart_folder)).areas
    streets = tree[tree["level_code"] == "street"].iloc[:2]
    areas = ",".join(streets["area_code"])
    page = visit(name, town_site.home, role="office", areas=areas, lang="zh", day=as_of.isoformat())
    (head,) = re.findall(r'<span class="xs-where">([^<]*)</span>', page)
    assert head.split(" · ")[0] == "、".join(streets["name"])


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("name", NAMES)
def test_without_any_version_it_says_what_to_run(visit: Visit, tmp_path: Path, name: str, language: str) -> None:
    for role in ROLES:
        page = visit(name, tmp_path, role=role, lang=language)
        assert words.say("frame.no_mart.title", language) in page
        assert "xianshou refresh" in page
        _is_clean(page)


def _point_nowhere(mart: Path) -> None:
    for path in mart.glob("matters-*"):
        path.unlink()


def _cut_short(mart: Path) -> None:
    for path in mart.glob("matters-*"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def _garble_the_pointer(mart: Path) -> None:
    (mart / "current.json").write_text('{"version": ', encoding="utf-8")


@pytest.fixture(scope="module", params=[_point_nowhere, _cut_short, _garble_the_pointer], ids=lambda one: one.__name__)
def broken_home(request: pytest.FixtureRequest, town_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with its published files harmed in one way."""
    home = tmp_path_factory.mktemp("broken")
    shutil.copytree(town_site.mart_folder, home / "mart")
    request.param(home / "mart")
    return home


@pytest.mark.parametrize("name", NAMES)
def test_broken_files_are_said_with_what_to_do(visit: Visit, broken_home: Path, name: str) -> None:
    for language in words.languages:
        page = visit(name, broken_home, lang=language)
        assert words.say("frame.broken_mart.title", language) in page
        assert "xianshou refresh" in page
        _is_clean(page)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "link",
    [
        {"day": "1990-01-01"},
        {"day": "2099-12-31"},
        {"area": "nowhere", "kind": "gossip", "unit": "century", "has": "nonsense:1", "category": "??"},
        {"behind": "new", "as_of": "2026-11-20"},
        {"behind": "nonsense", "as_of": "2026-11-20"},
    ],
)
def test_a_link_that_leads_nowhere_is_no_failure(visit: Visit, town_site: Site, name: str, link: dict) -> None:
    _is_clean(visit(name, town_site.home, **link))
