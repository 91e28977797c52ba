"""The forecasts of a night, end to end on the fictional city: stored, issued once, met by their truth, and lost by nobody's failure."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from analytics import forecast_panels, forecast_weights, forecasting
from analytics.forecast_panels import LEVELS, day_counts, first_days, furthest_day, node_counts, node_of, panel_of
from analytics.forecast_stored import read_forecasts
from analytics.forecasting import forecast
from analytics.forecasts import weighing
from analytics.forecasts.contract import HORIZONS
from analytics.forecasts.models.seasonal import SEASONAL_NAIVE, WEEKDAY_MEAN
from analytics.refresh import refresh
from analytics.warnings.reading import features_of, read_cube
from data import forecast_ledger as ledger
from data import forecast_tables as t
from data import operational, queries
from data.deadlines import shipped_rules
from data.desk import Desk, open_desk
from data.errors import NotReady
from data.mart import open_mart
from data.results import forecasts_of, results_of
from data.scope import Scope
from data.site import Site, read_site
from data.versions import last_attempt, one_writer, read_pointer
from data.workdays import build_calendar
from tests.conftest import TOWN_DAY

MORNING = datetime.combine(TOWN_DAY, time(6)) + timedelta(days=1)
CALENDAR = build_calendar()
CHEAP = dict.fromkeys("DWM", ("weekday_mean",))
CITY = Scope()
NODE = ["level", "area_code", "kind", "category_code"]


@pytest.fixture(autouse=True, scope="module")
def cheap_models() -> Iterator[None]:
    """Few series, models that cost next to nothing, no outlook: what these are is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forecast_weights, "FIRST_MODELS", CHEAP)
        patch.setattr(forecasting, "MODELS", {one.name: one for one in (SEASONAL_NAIVE, WEEKDAY_MEAN)})
        patch.setattr(forecast_panels, "FEWEST_SUBJECTS", 1)
        patch.setattr(forecast_panels, "MOST_SUBJECTS", 1)
        patch.setattr(weighing, "ROUNDS", 8)
        patch.setattr(forecasting, "outlook_of_night", lambda *_, **__: {})
        for name in ("past_nights", "issue_outlook", "write_outcomes"):
            patch.setattr(forecasting, name, lambda *_, **__: None)
        yield


def night(site: Site, desk: Desk, day: date, **options: object) -> forecasting.ForecastReport:
    now = datetime.combine(day, time(6)) + timedelta(days=1)
    with one_writer(site.mart_folder):
        return forecast(site.mart_folder, desk, day, calendar=CALENDAR, now=now, **options)


@pytest.fixture(scope="module")
def made(town_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Desk]]:
    """The town, forecast for the first time four days before its last: their truth is known since."""
    home = shutil.copytree(
        town_site.home, tmp_path_factory.mktemp("forecast") / "home", ignore=shutil.ignore_patterns("desk.db*")
    )
    site = read_site(home)
    desk = open_desk(site.desk_url)
    night(site, desk, TOWN_DAY - timedelta(days=14))
    yield site, desk
    desk.close()


@pytest.fixture
def own(made: tuple[Site, Desk], tmp_path: Path) -> Iterator[tuple[Site, Desk]]:
    """The same, to be changed."""
    with made[1].engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    site = read_site(shutil.copytree(made[0].home, tmp_path / "home"))
    desk = open_desk(site.desk_url)
    yield site, desk
    desk.close()


# --- panels ----------------------------------------------------------------------------------------------------------------------------


def test_every_count_of_a_panel_is_that_of_the_matters_themselves(town_site: Site) -> None:
    mart = open_mart(town_site.mart_folder)
    cube = read_cube(mart, TOWN_DAY, CALENDAR).cube
    counted = day_counts(cube)
    days = np.arange(counted.days[0], furthest_day(counted.through) + 1)
    features = features_of(days, CALENDAR)
    for freq, chosen in (("D", (0, 90)), ("W", (20, 120)), ("M", (3, 60))):
        panel = panel_of(counted, freq, features, days, {})
        assert len(panel.days) == len(panel.calendar)
        for at in chosen:
            node = node_of(panel.keys[at])
            category = {"category_code": node.category_code} if node.category_code else {}
            first = panel.starts[-2].astype(object)
            last = (panel.starts[-1] - 1).astype(object)
            asked = queries.Selection(
                "new", TOWN_DAY, first, last, area_code=node.area_code, kind=node.kind, **category
            )
            assert queries.read_counts(mart, CITY, (asked,)) == [panel.counts[at, -2]]


def test_series_lie_at_the_street_and_above_and_are_about_as_many_as_asked_for(
    town_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    cube = read_cube(open_mart(town_site.mart_folder), TOWN_DAY, CALENDAR).cube
    counted = day_counts(cube)
    assert {node.level for node in counted.nodes} == set(LEVELS)
    assert len({node.key for node in counted.nodes}) == len(counted.nodes)
    monkeypatch.setattr(forecast_panels, "FEWEST_SUBJECTS", 5)
    monkeypatch.setattr(forecast_panels, "MOST_SUBJECTS", 20)
    assert 380 <= len(day_counts(cube).nodes) <= 420
    assert len(day_counts(cube, series=10).nodes) < 300


def test_no_period_is_taken_before_it_is_complete(town_site: Site) -> None:
    cube = read_cube(open_mart(town_site.mart_folder), TOWN_DAY, CALENDAR).cube
    counted = day_counts(cube)
    assert counted.through < TOWN_DAY  # matters of the last days are still coming in
    features = features_of(np.arange(counted.days[0], furthest_day(counted.through) + 1), CALENDAR)
    days = np.arange(counted.days[0], furthest_day(counted.through) + 1)
    for freq, length in (("D", 1), ("W", 7)):
        panel = panel_of(counted, freq, features, days, {})
        assert panel.starts[-1] + length - 1 <= np.datetime64(counted.through)
    month = panel_of(counted, "M", features, days, {})
    assert month.starts[-1].astype(object) == date(2026, 10, 1)


def test_parts_add_up_to_their_whole_where_that_is_said(town_site: Site) -> None:
    counted = day_counts(read_cube(open_mart(town_site.mart_folder), TOWN_DAY, CALENDAR).cube)
    place = {node.key: at for at, node in enumerate(counted.nodes)}
    assert {whole.split("|")[0] for whole, _ in counted.sums} >= {"city", "district"}
    for whole, parts in counted.sums:
        total = np.nansum(counted.counts[place[whole], -366:])
        inside = sum(np.nansum(counted.counts[place[part], -366:]) for part in parts)
        assert abs(total - inside) <= 0.005 * total


def test_sensitive_subjects_are_in_no_series_below_the_street(town_site: Site) -> None:
    mart = open_mart(town_site.mart_folder)
    counted = day_counts(read_cube(mart, TOWN_DAY, CALENDAR).cube)
    sensitive = queries.subjects_of(mart).sensitive
    below = {node for node in counted.nodes if node.level not in LEVELS and node.category_code in sensitive}
    assert not below


def test_a_node_that_is_no_longer_there_has_no_counts(town_site: Site) -> None:
    cube = read_cube(open_mart(town_site.mart_folder), TOWN_DAY, CALENDAR).cube
    assert np.isnan(node_counts(cube, [node_of("street|nowhere||"), node_of("city|9999|gone|")])).all()


def test_weeks_and_months_begin_where_a_whole_one_does() -> None:
    assert first_days("W", np.datetime64("2026-11-02"), np.datetime64("2026-11-08")).tolist() == [date(2026, 11, 2)]
    assert not len(first_days("W", np.datetime64("2026-11-03"), np.datetime64("2026-11-14")))
    assert not len(first_days("M", np.datetime64("2026-11-02"), np.datetime64("2026-12-30")))


# --- a night ----------------------------------------------------------------------------------------------------------------------------


def test_a_night_is_stored_beside_the_version_with_all_its_series(made: tuple[Site, Desk]) -> None:
    mart = open_mart(made[0].mart_folder)
    stored = read_forecasts(mart, CITY, TOWN_DAY)
    assert (stored.run["as_of"], stored.run["weights_source"]) == (TOWN_DAY - timedelta(days=14), "shipped")
    assert json.loads(stored.run["years_missing"]) == [2027]
    series, ahead = stored.frame("forecast_series"), stored.frame("forecast")
    assert set(series["freq"]) == {"D", "W", "M"}
    for freq, own in ahead.groupby("freq"):
        assert own.groupby(NODE, dropna=False).size().eq(HORIZONS[freq]).all()
    quantiles = ahead[list(t.QUANTILES)].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (quantiles >= 0).all()
    assert results_of(mart) is None  # the other part is not touched


def test_a_series_goes_on_where_its_past_ends(made: tuple[Site, Desk]) -> None:
    stored = read_forecasts(open_mart(made[0].mart_folder), CITY, TOWN_DAY)
    city = stored.frame("forecast_series", level="city")["area_code"].iloc[0]
    past, ahead, what = stored.series("city", city, None, None, "D")
    complete = past[past["is_complete"] == 1]
    assert ahead["first_on"].iloc[0] - complete["first_on"].iloc[-1] == pd.Timedelta(days=1)
    assert len(what) == 1
    weeks, ahead, _ = stored.series("city", city, None, None, "W")
    assert (ahead["last_on"] - ahead["first_on"]).eq(pd.Timedelta(days=6)).all()
    assert ahead["first_on"].iloc[0] - weeks["last_on"].iloc[-1] == pd.Timedelta(days=1)


def test_a_reader_of_one_district_sees_what_lies_within_it(made: tuple[Site, Desk]) -> None:
    mart = open_mart(made[0].mart_folder)
    stored = read_forecasts(mart, Scope(("999901",), "office"), TOWN_DAY)
    assert set(stored.frame("forecast")["level"]) == {"district", "street"}
    assert stored.frame("forecast")["area_code"].str.startswith("999901").all()
    assert read_forecasts(mart, CITY, TOWN_DAY - timedelta(days=15)) is None


def test_the_same_night_again_issues_nothing_twice(own: tuple[Site, Desk]) -> None:
    site, desk = own
    before = ledger.ledger_mark(desk)
    report = night(site, desk, TOWN_DAY - timedelta(days=14))
    assert (report.issued, report.truths) == (0, 0)
    assert ledger.ledger_mark(desk) == before


def test_days_are_issued_nightly_above_the_street_and_weekly_there(own: tuple[Site, Desk]) -> None:
    site, desk = own
    day = TOWN_DAY - timedelta(days=13)
    night(site, desk, day)
    found = ledger.read_issued(desk, day, day)
    assert set(found.loc[found["freq"] == "D", "level"]) == {"city", "district"}
    week = day + timedelta(days=6)
    night(site, desk, week)
    found = ledger.read_issued(desk, week, week)
    assert set(found.loc[found["freq"] == "D", "level"]) == {"city", "district", "street"}
    assert set(found.loc[found["freq"] == "W", "level"]) == {"city", "district", "street"}  # a new week began
    assert "M" not in set(found["freq"])


def test_truth_is_that_of_the_matters_once_a_period_is_complete(own: tuple[Site, Desk]) -> None:
    site, desk = own
    report = night(site, desk, TOWN_DAY)
    assert report.truths > 0
    issued = TOWN_DAY - timedelta(days=14)
    found = ledger.read_issued(desk, issued, issued, freq="D")
    known = found[found["observed"].notna()]
    assert known["first_on"].max().date() == report.judged_through
    mart = open_mart(site.mart_folder)
    for row in known.iloc[[0, 40, len(known) - 1]].to_dict("records"):
        on = row["first_on"].date()
        category = {"category_code": row["category_code"]} if row["category_code"] else {}
        asked = queries.Selection("new", TOWN_DAY, on, on, area_code=row["area_code"], kind=row["kind"], **category)
        assert queries.read_counts(mart, CITY, (asked,)) == [row["observed"]]
    assert night(site, desk, TOWN_DAY).truths == 0


def test_matters_that_came_late_correct_the_truth_and_stay_beside_it(own: tuple[Site, Desk]) -> None:
    site, desk = own
    night(site, desk, TOWN_DAY)
    late = TOWN_DAY - timedelta(days=8)
    engine = operational.create_engine(site.database_url)
    with engine.begin() as connection:
        code = connection.scalar(
            sa.select(operational.area.c.area_code).where(operational.area.c.level_code == "community")
        )
        row = {
            "matter_no": "LATE", "source_system": "x", "kind": "dispute", "area_code": code, "category_code": "0203",
            "registered_at": datetime.combine(late, time(9)), "updated_at": MORNING,
        }  # fmt: skip
        connection.execute(sa.insert(operational.matter), row)
    engine.dispose()
    refresh(site, now=MORNING + timedelta(days=1), calendar=CALENDAR, rules=shipped_rules())
    before = ledger.read_issued(desk, late - timedelta(days=9), TOWN_DAY, freq="D", levels=("city",))
    night(site, desk, TOWN_DAY + timedelta(days=1))
    after = ledger.read_issued(desk, late - timedelta(days=9), TOWN_DAY, freq="D", levels=("city",))
    moved = after["observed"].sub(before["observed"]).fillna(0)
    assert set(moved[moved != 0]) == {1.0}
    assert set(after.loc[moved == 1, "first_on"].dt.date) == {late}
    assert after.drop(columns="observed").equals(before.drop(columns="observed"))


def test_a_past_day_is_forecast_but_not_issued_nor_shown_as_the_last(own: tuple[Site, Desk]) -> None:
    site, desk = own
    night(site, desk, TOWN_DAY)
    before = ledger.ledger_mark(desk)
    report = night(site, desk, TOWN_DAY - timedelta(days=30), issues=False)
    assert (report.issued, report.truths) == (0, 0)
    assert ledger.ledger_mark(desk) == before
    mart = open_mart(site.mart_folder)
    last, past = (read_forecasts(mart, CITY, day) for day in (TOWN_DAY, TOWN_DAY - timedelta(days=20)))
    assert last.run["as_of"] == TOWN_DAY
    assert last.is_last
    assert len(last.frame("forecast_past"))
    assert past.run["as_of"] == TOWN_DAY - timedelta(days=30)
    assert len(past.frame("forecast"))


def test_a_history_of_some_weeks_is_too_short(own: tuple[Site, Desk]) -> None:
    site, desk = own
    first = queries.read_span(open_mart(site.mart_folder), CITY).iloc[0]["first_on"].date()
    with pytest.raises(NotReady, match="too_short"):
        night(site, desk, first + timedelta(days=20))


# --- weights ------------------------------------------------------------------------------------------------------------------------------


def test_weights_are_kept_from_the_last_backtest_until_the_next(
    own: tuple[Site, Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, desk = own
    monkeypatch.setattr(forecasting, "FREQS", ("W",))
    tasks = tmp_path / "tasks"
    report = night(site, desk, TOWN_DAY, backtests=True, tasks=tasks)
    assert report.backtested
    assert report.weights_made_on == TOWN_DAY
    assert not tasks.exists()  # the run is complete
    first = read_forecasts(open_mart(site.mart_folder), CITY, TOWN_DAY)
    skill = first.frame("forecast_skill")
    assert set(skill["model"]) == {"seasonal_naive", "weekday_mean", "chosen"}
    assert set(skill["level"]) == {"all", *LEVELS}
    assert (skill["origins"] >= 8).all()
    assert first.frame("forecast_series")["skill"].notna().any()
    following = TOWN_DAY + timedelta(days=1)
    again = night(site, desk, following)
    assert (again.backtested, again.weights_made_on) == (False, TOWN_DAY)
    stored = read_forecasts(open_mart(site.mart_folder), CITY, following)
    assert stored.run["weights_source"] == "backtest"
    for table in ("forecast_weights", "forecast_record", "forecast_skill"):
        assert stored.frame(table).equals(first.frame(table))


def test_a_backtest_that_was_killed_goes_on_where_it_stopped(
    own: tuple[Site, Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, desk = own
    monkeypatch.setattr(forecasting, "FREQS", ("M",))
    real, calls = forecasting.forecast_night, []
    monkeypatch.setattr(forecasting, "forecast_night", lambda *_args, **_more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        night(site, desk, TOWN_DAY, backtests=True, tasks=tmp_path / "tasks")
    kept = list((tmp_path / "tasks").glob("*.npz"))
    assert kept
    monkeypatch.setattr(forecasting, "forecast_night", real)
    night(site, desk, TOWN_DAY, backtests=True, tasks=tmp_path / "tasks", progress=lambda *one: calls.append(one))
    begun = [share for stage, share in calls if stage == "forecast_backtest"]
    assert begun[0] == 1  # nothing was left to do


# --- failures ------------------------------------------------------------------------------------------------------------------------------


def test_forecasts_that_fail_leave_the_version_and_those_of_the_night_before(own: tuple[Site, Desk]) -> None:
    site, _ = own
    before = read_pointer(site.mart_folder).files["forecasts"]
    judged = []
    report = refresh(
        site, now=MORNING + timedelta(days=1), calendar=CALENDAR, rules=shipped_rules(), then=lambda: judged.append(1),
        forecast=lambda: 1 / 0,
    )  # fmt: skip
    assert judged
    assert (report.later, report.forecasts.key) == (None, "forecasts.failed")
    assert "ZeroDivisionError" in report.forecasts_trace
    assert read_pointer(site.mart_folder).files["forecasts"] == before
    attempt = last_attempt(site.mart_folder)
    assert (attempt.ok, attempt.later_key, attempt.forecasts_key) == (True, None, "forecasts.failed")


def test_a_detection_that_fails_does_not_keep_the_forecasts_from_being_made(own: tuple[Site, Desk]) -> None:
    site, desk = own

    def look_ahead() -> None:
        forecast(site.mart_folder, desk, TOWN_DAY, calendar=CALENDAR, now=MORNING)

    report = refresh(
        site, now=MORNING + timedelta(days=1), calendar=CALENDAR, rules=shipped_rules(), then=lambda: 1 / 0, forecast=look_ahead
    )  # fmt: skip
    assert (report.later.key, report.forecasts) == ("refresh.later_failed", None)
    assert read_forecasts(open_mart(site.mart_folder), CITY, TOWN_DAY).run["as_of"] == TOWN_DAY


KILLED = """
    import os, signal, sys
    from datetime import date, datetime
    from pathlib import Path
    from analytics import forecast_panels, forecast_weights, forecasting
    from data.desk import open_desk
    from data.site import read_site
    from data.versions import one_writer
    from data.workdays import build_calendar

    site, where = read_site(Path(sys.argv[1])), sys.argv[2]
    forecast_weights.FIRST_MODELS = {freq: ("weekday_mean",) for freq in "DWM"}
    forecast_panels.FEWEST_SUBJECTS = forecast_panels.MOST_SUBJECTS = 1
    forecasting.outlook_of_night = lambda *_, **__: {}
    forecasting.issue_outlook = forecasting.write_outcomes = lambda *_, **__: None
    module = forecasting if where == "publish_results" else os
    setattr(module, where, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    with one_writer(site.mart_folder):
        day = date.fromisoformat(sys.argv[3])
        forecasting.forecast(site.mart_folder, open_desk(site.desk_url), day, calendar=build_calendar(), now=datetime(2026, 11, 21, 6))
"""


@pytest.mark.parametrize("where", ["publish_results", "replace"])
def test_a_night_that_is_killed_leaves_the_one_before_serving_and_is_made_up_for(
    own: tuple[Site, Desk], where: str
) -> None:
    site, desk = own
    before = read_pointer(site.mart_folder)
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(site.home), where, TOWN_DAY.isoformat()]
    done = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert read_pointer(site.mart_folder) == before
    night(site, desk, TOWN_DAY)
    assert read_forecasts(open_mart(site.mart_folder), CITY, TOWN_DAY).run["as_of"] == TOWN_DAY
    found = ledger.read_issued(desk, TOWN_DAY, TOWN_DAY, freq="D", levels=("city",))
    assert not found.duplicated(["first_on", *NODE]).any()
    assert len(found)


def test_the_store_of_another_edition_is_begun_anew(own: tuple[Site, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    site, desk = own
    monkeypatch.setattr(t, "shape", lambda: "another")
    assert forecasts_of(open_mart(site.mart_folder)) is None
    report = night(site, desk, TOWN_DAY)
    assert report.weights_made_on is None
    assert read_forecasts(open_mart(site.mart_folder), CITY, TOWN_DAY).run["run_no"] == 1
