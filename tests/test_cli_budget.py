"""The alarm budget from the terminal: weighed on the small city, said, kept, and shown with the settings."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from analytics.warnings.weighing import last_budget
from cli import xianshou
from data.site import Site
from tests.conftest import TOWN_DAY


def test_a_budget_is_weighed_said_and_kept(town_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.warnings.weighing.keep_evaluation", _beside(tmp_path))
    asked = [
        "--home",
        str(town_site.home),
        "--lang",
        "en",
        "evaluate",
        "budget",
        "--weeks",
        "4",
        "--a-week",
        "3",
        "--quick",
    ]
    result = CliRunner(env={"XIANSHOU_DATABASE_URL": ""}).invoke(xianshou, asked)
    assert result.exit_code == 0, result.output
    as_of, found = last_budget(tmp_path)
    assert as_of >= TOWN_DAY
    assert (found.budget_a_week, found.weeks, found.nights) == (3, 4, 5)
    assert "With 3 a week verified" in result.output
    assert "found only" in result.output
    assert found.table["alarms_a_week"].is_monotonic_increasing


def _beside(folder: Path):
    from data.evaluations import keep_evaluation

    return lambda home, *what: keep_evaluation(folder, *what)


def test_before_any_version_it_is_one_sentence_with_the_next_step(tmp_path: Path) -> None:
    result = CliRunner(env={"XIANSHOU_DATABASE_URL": ""}).invoke(
        xianshou, ["--home", str(tmp_path), "--lang", "en", "evaluate", "budget"]
    )
    assert result.exit_code == 1
    assert "xianshou refresh" in result.stderr


def test_it_has_help() -> None:
    result = CliRunner().invoke(xianshou, ["evaluate", "budget", "--help"])
    assert result.exit_code == 0
    assert "cli.help" not in result.output
