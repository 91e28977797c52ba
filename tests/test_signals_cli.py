"""`xianshou refresh` judges what it published, `xianshou signals` lists it; neither speaks of small numbers or fails in silence."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analytics import detection
from cli import xianshou
from data.site import Site
from data.versions import last_attempt, read_pointer
from tests.conftest import TOWN_DAY


def run(home: Path, *words: str) -> Result:
    environment = dict.fromkeys(("XIANSHOU_DATABASE_URL", "XIANSHOU_ROLE", "XIANSHOU_AREAS"), "")
    return CliRunner(env=environment).invoke(xianshou, ["--home", str(home), *words], catch_exceptions=False)


@pytest.fixture(scope="module")
def home(town_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town, refreshed and judged from the terminal."""
    made = tmp_path_factory.mktemp("signals") / "home"
    shutil.copytree(town_site.home, made, ignore=shutil.ignore_patterns("mart", "desk.db*"))
    result = run(made, "--lang", "en", "refresh", "--no-forecasts")
    assert result.exit_code == 0
    assert "series judged" in result.stdout
    assert "not issued then" in result.stdout
    return made


def test_a_second_refresh_issues_nothing_new(home: Path) -> None:
    result = run(home, "--lang", "en", "refresh", "--no-forecasts")
    assert "; 0 newly issued;" in result.stdout
    assert "first detection" not in result.stdout.lower()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_is_printed_in_words(home: Path, language: str) -> None:
    result = run(home, "--lang", language, "signals")
    assert result.exit_code == 0
    assert result.stdout.startswith("# ")
    assert "signals." not in result.stdout


def test_the_list_as_json_has_every_number_and_its_reason(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "signals.json"
    assert run(home, "signals", "--format", "json", "--out", str(file)).exit_code == 0
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["detection"]["as_of"]
    for item in found["items"]:
        assert item["said"]
        assert item["level_code"] in ("I", "II", "III", "IV")
        small = item["node"]["level"] == "community" and item["observed"] is not None and item["observed"] < 5
        assert not small


def test_a_day_before_anything_was_judged_names_the_first_day_that_was(home: Path) -> None:
    before = (TOWN_DAY - timedelta(days=400)).isoformat()
    result = run(home, "--lang", "en", "signals", "--as-of", before)
    assert result.exit_code == 0
    _, command = result.stdout.strip().split("xianshou ")
    judged = run(home, *command.split(), "--format", "json")
    assert json.loads(judged.stdout)["detection"]["as_of"] == command.split()[-1]


def test_an_area_narrows_the_list(home: Path) -> None:
    result = run(home, "signals", "--area", "999901", "--format", "json")
    found = json.loads(result.stdout)
    assert found["area_code"] == "999901"
    assert all(item["node"]["area_code"].startswith("999901") for item in found["items"])


def test_a_refresh_may_leave_detection_out(home: Path) -> None:
    before = read_pointer(home / "mart").files["signals"]
    result = run(home, "--lang", "en", "refresh", "--no-signals", "--no-forecasts")
    assert "series judged" not in result.stdout
    assert read_pointer(home / "mart").files["signals"] == before


def test_a_detection_that_fails_is_one_sentence_and_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "read_cube", lambda *_: 1 / 0)
    result = run(home, "--lang", "en", "refresh", "--no-forecasts")
    assert result.exit_code == 0
    assert "The version is published; detection did not finish" in result.stderr
    assert "Traceback" not in result.stderr
    (note,) = home.glob("failure-*.txt")
    assert "ZeroDivisionError" in note.read_text(encoding="utf-8")
    attempt = last_attempt(home / "mart")
    assert attempt.ok
    assert attempt.later_key == "refresh.later_failed"
    listed = run(home, "--lang", "en", "signals")
    assert "detection did not finish" in listed.stdout
