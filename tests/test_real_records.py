"""Both sets of real records, from the raw file through import, refresh and brief, against a count made from the raw file alone."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from statsmodels.duration.survfunc import SurvfuncRight

from cli import xianshou
from data.workdays import build_calendar

DAY = date(2018, 11, 30)
pytestmark = pytest.mark.shared


def run(home: Path, *words: str) -> str:
    result = CliRunner(env={"XIANSHOU_DATABASE_URL": ""}).invoke(
        xianshou, ["--home", str(home), *words], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def brief_of(home: Path, *options: str) -> dict:
    return json.loads(run(home, "brief", "daily", "--as-of", DAY.isoformat(), "--format", "json", *options))


def figures(brief: dict) -> dict:
    return {figure["name"]: figure for figure in (*brief["flows"], *brief["rates"], *brief["deadlines"])}


def by_place(brief: dict, column: str) -> dict:
    return {line["values"]["area"]: line["values"][column] for line in brief["places"]}


@pytest.fixture(scope="module")
def pingshan(real_records: Path, real_homes: Callable[[str], Path]) -> tuple[Path, pd.DataFrame]:
    file = real_records / "pingshan_minsheng" / "cases.csv.gz"
    return real_homes("pingshan"), pd.read_csv(file, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def sp156(real_records: Path, real_homes: Callable[[str], Path]) -> tuple[Path, pd.DataFrame]:
    file = real_records / "sp156" / "cases_open_2015_2018.parquet"
    return real_homes("sp156"), pd.read_parquet(file)


def test_pingshan_new_matters_are_those_of_the_raw_file(pingshan: tuple) -> None:
    home, raw = pingshan
    today = raw[raw["created_at"].str[:10] == DAY.isoformat()]
    brief = brief_of(home)
    assert figures(brief)["new"]["value"] == len(today)
    assert by_place(brief, "new") == today[today["street"] != ""]["street"].value_counts().to_dict()


def test_pingshan_on_time_rate_is_the_source_s_own_verdict_over_four_weeks(pingshan: tuple) -> None:
    """Five rows have no state at all: they are open, and late once the hotline limit of their nature has passed."""
    home, raw = pingshan
    window = raw[raw["created_at"].str[:10].between("2018-11-03", "2018-11-30")]
    in_time, late = (window["closed_on_time"] == "1").sum(), (window["closed_overdue"] == "1").sum()
    stateless = raw[raw["closed_on_time"] == ""]
    limit = {"咨询": 3, "求决": 3, "建议": 13, "投诉": 13}  # profile A, working days
    calendar = build_calendar(None)
    due = [
        calendar.add_working_days(date.fromisoformat(row.created_at[:10]), limit[row.property])
        for row in stateless.itertuples()
        if row.property in limit
    ]
    late += sum(date(2018, 11, 2) <= day < DAY for day in due)
    found = figures(brief_of(home))["on_time"]
    assert (found["numerator"], found["denominator"]) == (in_time, in_time + late)
    assert found["value"] == pytest.approx(100 * in_time / (in_time + late), abs=1e-3)


def test_pingshan_says_that_closing_times_are_missing_instead_of_counting_them(pingshan: tuple) -> None:
    home, raw = pingshan
    found = figures(brief_of(home))
    ended = raw[(raw["closed_on_time"] != "") & (raw["created_at"].str[:10] <= DAY.isoformat())]
    for name in ("closed", "open", "overdue"):
        assert found[name]["value"] is None
        assert found[name]["missing"]["key"] == "missing.closing_times"
        assert found[name]["missing"]["values"]["count"] == len(ended)


def test_sp156_new_closed_and_open_are_those_of_the_raw_file(sp156: tuple) -> None:
    home, raw = sp156
    opened, closed = raw["opened_at"].dt.date, raw["closed_at"].dt.date
    found = figures(brief_of(home))
    assert found["new"]["value"] == (opened == DAY).sum()
    assert found["closed"]["value"] == (closed == DAY).sum()
    assert found["open"]["value"] == ((opened <= DAY) & ~(closed <= DAY)).sum()
    assert found["overdue"]["value"] is None, "the source gives no deadlines"


def test_sp156_places_are_those_of_the_raw_file(sp156: tuple) -> None:
    home, raw = sp156
    opened, closed = raw["opened_at"].dt.date, raw["closed_at"].dt.date
    standing = raw[(opened <= DAY) & ~(closed <= DAY)]["subprefecture"].value_counts()
    arrived = raw[opened == DAY]["subprefecture"].value_counts()
    brief = brief_of(home)
    assert by_place(brief, "open") == {place: count for place, count in standing.items() if count}
    assert {place: new for place, new in by_place(brief, "new").items() if new} == {
        p: n for p, n in arrived.items() if n
    }


def test_sp156_closing_times_are_kaplan_meier_of_the_raw_file(sp156: tuple) -> None:
    home, raw = sp156
    opened = raw["opened_at"].dt.normalize()
    end = pd.Timestamp(DAY)
    rows = raw[opened.between(end - pd.Timedelta(days=179), end)]
    opened, closed = rows["opened_at"].dt.normalize(), rows["closed_at"].dt.normalize()
    ended = (closed <= end).astype(int)
    curve = SurvfuncRight((closed.where(ended == 1, end) - opened).dt.days.clip(lower=0), ended)
    found = figures(brief_of(home))
    assert found["median_days_to_close"]["value"] == curve.quantile(0.5)
    assert found["p90_days_to_close"]["value"] == curve.quantile(0.9)


def test_sp156_one_subprefecture_is_the_raw_file_s(sp156: tuple) -> None:
    home, raw = sp156
    places = {line["values"]["area"]: line["values"]["area_code"] for line in brief_of(home)["places"]}
    mooca = raw[raw["subprefecture"] == "MOOCA"]
    found = figures(brief_of(home, "--area", places["MOOCA"]))
    assert found["new"]["value"] == (mooca["opened_at"].dt.date == DAY).sum()
    assert found["closed"]["value"] == (mooca["closed_at"].dt.date == DAY).sum()


def test_the_same_file_twice_changes_nothing(pingshan: tuple, real_records: Path, tmp_path: Path) -> None:
    shared, raw = pingshan
    home = Path(shutil.copytree(shared, tmp_path / "home"))
    before = figures(brief_of(home))
    said = run(
        home,
        "--lang",
        "en",
        "import",
        str(real_records / "pingshan_minsheng" / "cases.csv.gz"),
        "--profile",
        "pingshan",
    )
    assert f"{len(raw):,} unchanged" in said
    run(home, "refresh", "--no-forecasts")
    assert figures(brief_of(home)) == before


def test_every_figure_carries_its_period_and_as_of_and_a_way_to_its_matters(sp156: tuple) -> None:
    brief = brief_of(sp156[0])
    for figure in (*brief["flows"], *brief["rates"], *brief["deadlines"], *brief["coordination"]):
        assert figure["as_of"] == DAY.isoformat()
        assert figure["period"]["first"] <= figure["period"]["last"]
        assert figure["selection"]["measure"]
        assert figure["value"] is not None or figure["missing"]
