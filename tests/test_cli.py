"""The terminal's door: help that reads like documentation, one sentence for an error, right exit codes, figures that can be recomputed."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import xianshou
from data.intake.personal import find_personal
from data.site import Site
from pages.ui import words
from tests.conftest import TOWN_DAY


def run(home: Path, *said: str, **environment: str) -> Result:
    return CliRunner(env={"XIANSHOU_DATABASE_URL": "", **environment}).invoke(xianshou, ["--home", str(home), *said])


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["demo"],
        ["import"],
        ["check"],
        ["contract"],
        ["profile"],
        ["refresh"],
        ["forecast"],
        ["brief", "daily"],
        ["evaluate", "signals"],
        ["serve"],
    ],
)
def test_every_command_has_help(command: list[str]) -> None:
    result = CliRunner().invoke(xianshou, [*command, "--help"])
    assert result.exit_code == 0
    assert "cli.help" not in result.output, "a help text is missing"


def test_help_exists_in_both_languages() -> None:
    chinese = {key for key in words.keys("zh") if key.startswith("cli.")}
    assert chinese == {key for key in words.keys("en") if key.startswith("cli.")}


def test_a_brief_before_any_version_is_one_sentence_with_the_next_step(tmp_path: Path) -> None:
    result = run(tmp_path, "--lang", "en", "brief", "daily")
    assert result.exit_code == 1
    assert "xianshou refresh" in result.stderr
    assert "Traceback" not in result.output


def test_a_date_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    result = run(tmp_path, "brief", "daily", "--as-of", "30.11.2018")
    assert result.exit_code == 2
    assert "30.11.2018" in result.stderr


def test_an_unknown_area_is_named(town_site: Site) -> None:
    result = run(town_site.home, "--lang", "en", "brief", "daily", "--as-of", TOWN_DAY.isoformat(), "--area", "123456")
    assert result.exit_code == 1
    assert "123456" in result.stderr


def test_the_demo_never_writes_over_records(town_site: Site) -> None:
    result = run(town_site.home, "--lang", "en", "demo", "--matters", "1000")
    assert result.exit_code == 1
    assert "errors." not in result.stderr


def test_a_foreign_database_is_only_read(tmp_path: Path) -> None:
    result = run(tmp_path, "demo", XIANSHOU_DATABASE_URL="postgresql://reader@127.0.0.1:1/none")
    assert result.exit_code == 1
    assert not (tmp_path / "operational.db").exists()


@pytest.mark.parametrize("language", words.languages)
def test_the_brief_as_text_has_its_sections_and_no_person(town_site: Site, language: str) -> None:
    result = run(town_site.home, "--lang", language, "brief", "daily", "--as-of", TOWN_DAY.isoformat())
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n## ") == 7
    assert "brief." not in result.stdout
    assert [line for line in result.stdout.splitlines() if find_personal(line)] == []


def test_rates_in_the_record_are_their_numerator_over_their_denominator(town_site: Site) -> None:
    result = run(town_site.home, "brief", "daily", "--as-of", TOWN_DAY.isoformat(), "--format", "json")
    brief = json.loads(result.stdout)
    rates = [figure for figure in brief["rates"] if figure["unit"] == "pct" and figure["value"] is not None]
    assert len(rates) >= 4
    for figure in rates:
        assert figure["value"] == pytest.approx(100 * figure["numerator"] / figure["denominator"], abs=1e-3)
        assert figure["interval"][0] <= figure["value"] <= figure["interval"][1]
    assert find_personal(re.sub(r"[A-Z]-\d{8}-\d{6}", "", result.stdout)) is None


def test_out_writes_a_file_and_says_where(town_site: Site, tmp_path: Path) -> None:
    file = tmp_path / "brief.md"
    result = run(town_site.home, "brief", "daily", "--as-of", TOWN_DAY.isoformat(), "--out", str(file))
    assert result.exit_code == 0
    assert str(file) in result.stdout
    assert file.read_text(encoding="utf-8").startswith("# 平安稳定信息专报")


def test_refresh_says_what_changed(town_site: Site) -> None:
    result = run(town_site.home, "--lang", "en", "refresh", "--no-signals", "--no-forecasts")
    assert result.exit_code == 0
    assert "0 new, 0 changed, 0 gone" in result.stdout


def test_the_contract_prints_every_table() -> None:
    printed = CliRunner().invoke(xianshou, ["contract"]).stdout
    assert printed.count("\n## ") == 29


def test_a_foreign_file_gets_a_draft_profile_that_imports_it_once_confirmed(tmp_path: Path) -> None:
    file, draft = tmp_path / "orders.csv", tmp_path / "draft.toml"
    file.write_text(
        "工单编号,登记的时间,所属街道,联系电话\n1001,2026-03-02 09:00:00,南街,13800138000\n", encoding="gb18030"
    )
    proposed = run(tmp_path, "--lang", "en", "profile", str(file), "--source-system", "orders", "--out", str(draft))
    assert proposed.exit_code == 0, proposed.output
    assert "personal" in proposed.stdout
    imported = run(tmp_path, "--lang", "en", "import", str(file), "--profile", str(draft))
    assert imported.exit_code == 0, imported.output
    assert "1 new" in imported.stdout
    assert "13800138000" not in imported.output


def test_personal_columns_refuse_the_file_and_say_why(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("工单编号,登记时间,当事人姓名\n1001,2026-03-02 09:00:00,某某\n", encoding="utf-8")
    result = run(tmp_path, "import", str(file), "--source-system", "orders", "--kind", "hotline")
    assert result.exit_code == 1
    assert "当事人姓名" in result.stderr
    assert "某某" not in result.output


def test_an_evaluation_is_printed_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.evaluating.WEEKLY_SEEDS", 1)
    monkeypatch.setattr("analytics.evaluating.DAILY_SEEDS", 1)
    result = run(tmp_path, "--lang", "en", "evaluate", "signals", "--scenarios", "--quick")
    assert result.exit_code == 0, result.output
    assert "Improved Farrington" in result.stdout
    (kept,) = (tmp_path / "evaluations").iterdir()
    assert kept.name in result.stdout


def test_a_file_that_holds_no_counts_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    result = run(tmp_path, "--lang", "en", "evaluate", "signals", "--counts", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "lacks the columns" in result.stderr
