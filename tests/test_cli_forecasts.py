"""`xianshou evaluate forecasts`: scores on the screen, the long table in a file that the reference scorer reads, one sentence for what is wrong."""

import importlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from analytics.forecasting_evaluation import FOLDER
from analytics.forecasts.contract import COLUMNS
from cli import xianshou

SHARED = Path(__file__).resolve().parents[2] / "shared"
FAST = ("--models", "weekday_mean,count_glm", "--workers", "1", "--calendar", "none")


def evaluated(home: Path, file: Path, *said: str, lang: str = "en") -> Result:
    asked = ["--home", str(home), "--lang", lang, "evaluate", "forecasts", "--counts", str(file), *said]
    return CliRunner(env={"XIANSHOU_DATABASE_URL": ""}).invoke(xianshou, asked)


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of three themes in two places, one of them rare."""
    chance = np.random.default_rng(4)
    days = pd.date_range("2024-01-01", periods=730)
    weekday = np.array([1.3, 1.1, 1.0, 1.0, 1.0, 0.4, 0.3])[days.day_of_week]
    parts = []
    for theme, mean in (("noise", 8.0), ("roads", 4.0), ("rare", 0.05)):
        for place, share in (("east", 0.7), ("west", 0.3)):
            held = chance.poisson(mean * share * weekday)
            parts.append(pd.DataFrame({"date": days, "theme": theme, "place": place, "n": held}))
    file = tmp_path_factory.mktemp("long") / "counts.csv"
    pd.concat(parts).query("n > 0").to_csv(file, index=False)
    return file


OPTIONS = ("--value", "n", "--series-columns", "theme,place", "--freq", "D", "--horizon", "14")


def test_scores_are_said_and_the_long_table_is_written(tmp_path: Path, counts: Path) -> None:
    out = tmp_path / "forecasts.csv"
    origins = ("--origins", "2025-06-30,2025-09-30")
    result = evaluated(tmp_path, counts, *OPTIONS, *origins, *FAST, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "combination" in result.stdout
    assert "Level: theme" in result.stdout
    rows = pd.read_csv(out, parse_dates=["origin", "date"])
    assert list(rows.columns) == ["series", "origin", "date", "model", *COLUMNS]
    assert set(rows["model"]) == {"seasonal_naive", "weekday_mean", "count_glm", "chosen"}
    themes, places = {"theme:noise", "theme:roads"}, {"place:east", "place:west"}
    cells = {f"cell:{theme}|{place}" for theme in ("noise", "roads") for place in ("east", "west")}
    assert set(rows["series"]) == {"total", *themes, *places, *cells}, "rare ones are left out"
    assert (rows.groupby(["series", "origin", "model"]).size() == 14).all()
    assert ((rows["date"] - rows["origin"]).dt.days.between(1, 14)).all()
    assert (np.diff(rows[list(COLUMNS)], axis=1) >= 0).all()
    assert not (tmp_path / FOLDER).exists(), "nothing is kept of a run that is complete"


def test_the_order_and_the_later_rows_of_a_file_change_no_earlier_forecast(tmp_path: Path, counts: Path) -> None:
    rows = pd.read_csv(counts)
    changed = rows.copy()
    changed.loc[changed["date"] > "2025-06-30", "n"] += 40
    files, found = [counts, tmp_path / "changed.csv"], []
    changed.sample(frac=1, random_state=1).to_csv(files[1], index=False)
    for number, file in enumerate(files):
        out = tmp_path / f"{number}.csv"
        result = evaluated(
            tmp_path, file, *OPTIONS, "--origins", "2025-06-30", *FAST, "--out", str(out), "--cells", "0"
        )
        assert result.exit_code == 0, result.output
        found.append(pd.read_csv(out))
    pd.testing.assert_frame_equal(*found)


@pytest.mark.parametrize("freq", ["W", "M"])
def test_weeks_and_months_are_whole(tmp_path: Path, counts: Path, freq: str) -> None:
    out = tmp_path / "forecasts.csv"
    asked = ("--value", "n", "--freq", freq, "--horizon", "2", "--origins", "2025-10-15", *FAST, "--out", str(out))
    result = evaluated(tmp_path, counts, *asked, lang="zh")
    assert result.exit_code == 0, result.output
    first = {"W": ("2025-10-12", "2025-10-13"), "M": ("2025-09-30", "2025-10-01")}[freq]
    assert tuple(pd.read_csv(out).iloc[0][["origin", "date"]]) == first


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("--origins", "2025-12-31"), "one after"),
        (("--origins", "2024-01-05"), "complete periods before"),
        (("--origins", "2025-06-30", "--models", "oracle"), "count_glm"),
        (("--origins", "2025-06-30", "--calendar", "XX"), "BR-SP"),
        (("--origins", "2025-06-30", "--value", "m"), "it has date, theme, place, n"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, counts: Path, said: tuple[str, ...], words: str) -> None:
    result = evaluated(tmp_path, counts, *OPTIONS, *said)
    assert result.exit_code == 1
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_days_that_are_none_are_wrong_usage(tmp_path: Path, counts: Path) -> None:
    assert evaluated(tmp_path, counts, *OPTIONS, "--origins", "30.11.2018").exit_code == 2
    assert evaluated(tmp_path, counts, *OPTIONS, "--origins", "2025-06-30", "--cells", "some").exit_code == 2
    assert evaluated(tmp_path, counts, "--help").exit_code == 0


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "evaluation").exists(), reason="needs the real records and the reference scorer")
def test_the_reference_scorer_reads_the_table_and_finds_the_same_on_real_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(SHARED / "evaluation"))
    reference = importlib.import_module("forecast_score")
    file, out = SHARED / "data" / "sp156" / "daily_counts_panel_open_2015_2018.csv.gz", tmp_path / "out.csv"
    asked = ("--value", "opened", "--series-columns", "theme,subprefecture", "--horizon", "28", "--out", str(out))
    origins = ("--origins", "2017-02-28", "--calendar", "BR-SP", "--workers", "1")
    result = evaluated(tmp_path, file, *asked, *origins, "--models", "weekday_mean,count_glm")
    assert result.exit_code == 0, result.output
    chosen = reference.series(reference.load(str(file)))
    made = pd.read_csv(out, parse_dates=["origin", "date"])
    assert set(made["series"]) == set(chosen)
    made.loc[made["model"] == "seasonal_naive", "model"] = "naive"
    table = reference.table(made, chosen)
    assert table.loc[("all", "chosen"), "wis_ratio"] <= 0.70
    assert table.loc[("all", "chosen"), "miss"] <= 0.03
    assert f"{table.loc[('all', 'chosen'), 'wis_ratio']:.3f}" in result.stdout
