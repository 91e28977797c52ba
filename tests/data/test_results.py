"""Results beside the matters of a version: carried over, replaced when ready, kept from earlier days, safe from a kill."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from analytics.refresh import refresh
from data import operational, results_tables
from data.deadlines import shipped_rules
from data.errors import NotReady
from data.mart import open_mart
from data.replay import open_mart_as_known
from data.results import open_results, publish_results, results_of
from data.site import Site, read_site
from data.versions import last_attempt, list_versions, read_pointer
from data.workdays import build_calendar

NOW = datetime(2026, 3, 2, 8)
DAY = date(2026, 3, 1)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = read_site(tmp_path)
    engine = operational.create_engine(made.database_url)
    operational.contract.create_all(engine)
    row = {"matter_no": "M1", "source_system": "desk", "kind": "dispute", "registered_at": NOW, "updated_at": NOW}
    with engine.begin() as connection:
        connection.execute(sa.insert(operational.matter), row)
    engine.dispose()
    refreshed(made, NOW)
    return made


def refreshed(site: Site, now: datetime, **options: object) -> object:
    return refresh(site, now=now, calendar=build_calendar(), rules=shipped_rules(), **options)


def a_run(day: date, observed: int = 7) -> dict[str, pd.DataFrame]:
    run = {"as_of": [day], "judged_through": [day], "ran_at": [datetime.combine(day, datetime.min.time())]}
    node = {"level": ["street"], "area_code": ["A1"], "observed": [observed], "expected": [2.5], "last_on": [day]}
    return {"run": pd.DataFrame(run), "node": pd.DataFrame(node), "item": pd.DataFrame({**node, "rank": [1]})}


def found(site: Site, table: str = "item") -> list[tuple]:
    """Day and count of the rows, as a fresh process would read them."""
    version = read_pointer(site.mart_folder)
    results = open_results(site.mart_folder / version.files["signals"])
    run, rows = results_tables.run.c, results_tables.results.tables[table].c
    frame = results.read(sa.select(run.as_of, rows.observed).where(run.run_no == rows.run_no).order_by(run.run_no))
    results.close()
    return [(row.as_of.date(), row.observed) for row in frame.itertuples()]


def test_before_the_first_detection_there_are_no_results(site: Site) -> None:
    assert results_of(open_mart(site.mart_folder)) is None


def test_results_come_to_the_version_that_serves_and_leave_its_name_and_matters(site: Site) -> None:
    before = read_pointer(site.mart_folder)
    publish_results(site.mart_folder, [a_run(DAY)])
    after = read_pointer(site.mart_folder)
    assert (after.version, after.files["matters"]) == (before.version, before.files["matters"])
    assert list_versions(site.mart_folder) == (after,)
    mart = open_mart(site.mart_folder)
    assert mart.results_name == after.files["signals"]
    assert results_of(mart).read(sa.select(results_tables.item.c.observed))["observed"].tolist() == [7]


def test_a_reader_sees_new_results_although_the_version_is_the_same(site: Site) -> None:
    publish_results(site.mart_folder, [a_run(DAY)])
    first = open_mart(site.mart_folder)
    assert open_mart(site.mart_folder) is first
    publish_results(site.mart_folder, [a_run(DAY, observed=9)])
    again = open_mart(site.mart_folder)
    assert again.version == first.version
    assert again.results_name != first.results_name


def test_earlier_runs_stay_but_what_only_the_last_needs_does_not(site: Site) -> None:
    publish_results(site.mart_folder, [a_run(DAY - timedelta(days=7), 3), a_run(DAY, 7)])
    assert found(site) == [(DAY - timedelta(days=7), 3), (DAY, 7)]
    assert found(site, "node") == [(DAY, 7)]
    publish_results(site.mart_folder, [a_run(DAY + timedelta(days=1), 8)])
    assert [count for _, count in found(site)] == [3, 7, 8]
    assert found(site, "node") == [(DAY + timedelta(days=1), 8)]


def test_runs_older_than_what_is_kept_go(site: Site) -> None:
    publish_results(site.mart_folder, [a_run(DAY - timedelta(days=results_tables.RUNS_KEPT_DAYS), 1), a_run(DAY, 2)])
    publish_results(site.mart_folder, [a_run(DAY + timedelta(days=1), 3)])
    assert [count for _, count in found(site)] == [2, 3]


def test_the_next_version_serves_the_former_results_until_its_own_are_ready(site: Site) -> None:
    publish_results(site.mart_folder, [a_run(DAY)])
    carried = read_pointer(site.mart_folder).files["signals"]
    refreshed(site, NOW + timedelta(days=1))
    assert read_pointer(site.mart_folder).files["signals"] == carried
    assert found(site) == [(DAY, 7)]
    publish_results(site.mart_folder, [a_run(DAY + timedelta(days=1), 8)])
    assert (site.mart_folder / carried).exists()  # the version before names it still
    assert found(site)[-1] == (DAY + timedelta(days=1), 8)


def test_files_go_with_the_versions_that_name_them(site: Site) -> None:
    for number in range(1, 5):
        refreshed(site, NOW + timedelta(days=number), keep=2)
        publish_results(site.mart_folder, [a_run(DAY + timedelta(days=number), number)], keep=2)
    named = {name for version in list_versions(site.mart_folder) for name in version.files.values()}
    assert {path.name for path in site.mart_folder.glob("*.duckdb*")} == named
    assert len(named) == 4


def test_results_of_another_edition_are_begun_anew(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_results(site.mart_folder, [a_run(DAY)])
    monkeypatch.setattr(results_tables, "shape", lambda: "another")
    assert results_of(open_mart(site.mart_folder)) is None
    publish_results(site.mart_folder, [a_run(DAY + timedelta(days=1), 8)])
    assert found(site) == [(DAY + timedelta(days=1), 8)]


def test_a_column_that_the_table_lacks_is_refused_and_nothing_is_published(site: Site) -> None:
    before = read_pointer(site.mart_folder)
    wrong = {**a_run(DAY), "grey": pd.DataFrame({"who": ["x"]})}
    with pytest.raises(ValueError, match="who"):
        publish_results(site.mart_folder, [wrong])
    assert read_pointer(site.mart_folder) == before
    assert not list((site.mart_folder / "building").glob("signals*"))


def test_two_versions_that_share_results_and_a_replay_are_read_in_one_process(site: Site) -> None:
    publish_results(site.mart_folder, [a_run(DAY)])
    first = open_mart(site.mart_folder)
    kept = results_of(first)
    refreshed(site, NOW + timedelta(days=1))
    second = open_mart(site.mart_folder)
    assert second is not first
    assert results_of(second) is kept
    assert results_of(open_mart_as_known(site.mart_folder, NOW + timedelta(hours=1))) is kept


def test_a_results_file_that_vanished_is_said(site: Site) -> None:
    with pytest.raises(NotReady):
        open_results(site.mart_folder / "signals-gone.duckdb")


def test_a_replay_of_the_past_has_the_results_beside_it(site: Site) -> None:
    publish_results(site.mart_folder, [a_run(DAY)])
    refreshed(site, NOW + timedelta(days=1))
    then = open_mart_as_known(site.mart_folder, NOW + timedelta(hours=1))
    assert then.published_at == NOW
    assert results_of(then) is not None


def test_what_fails_after_publishing_undoes_nothing_and_is_kept_in_the_attempt(site: Site) -> None:
    publish_results(site.mart_folder, [a_run(DAY)])

    def fails() -> None:
        raise NotReady("calendar.year_missing", year=2031)

    report = refreshed(site, NOW + timedelta(days=1), then=fails)
    assert read_pointer(site.mart_folder).version == report.version
    assert report.later.key == "calendar.year_missing"
    attempt = last_attempt(site.mart_folder)
    assert attempt.ok
    assert (attempt.later_key, attempt.later_values) == ("calendar.year_missing", {"year": 2031})
    assert found(site) == [(DAY, 7)]


def test_a_failure_that_nobody_foresaw_is_kept_too(site: Site) -> None:
    report = refreshed(site, NOW + timedelta(days=1), then=lambda: 1 / 0)
    assert report.later.key == "refresh.later_failed"
    assert last_attempt(site.mart_folder).ok


KILLED = """
    import os, signal, sys
    from datetime import date
    from pathlib import Path
    from data import results
    from data.versions import one_writer
    from tests.data.test_results import a_run

    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    folder, where = Path(sys.argv[1]), sys.argv[2]
    setattr(os, where, die)
    with one_writer(folder):
        results.publish_results(folder, [a_run(date(2026, 3, 2), 99)])
"""


@pytest.mark.parametrize("where", ["fsync", "rename", "replace"])
def test_a_detection_killed_while_it_publishes_leaves_the_results_before(site: Site, where: str) -> None:
    publish_results(site.mart_folder, [a_run(DAY)])
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(site.mart_folder), where]
    done = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert found(site) == [(DAY, 7)]
    refreshed(site, NOW + timedelta(days=1))
    assert found(site) == [(DAY, 7)]
    named = {name for version in list_versions(site.mart_folder) for name in version.files.values()}
    assert {path.name for path in site.mart_folder.glob("*.duckdb*")} == named
