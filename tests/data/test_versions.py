"""The pointer, the one writer, and what a kill leaves behind."""

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics.refresh import refresh
from data import mart_tables, operational
from data.deadlines import shipped_rules
from data.errors import Busy, NotReady
from data.mart import open_version
from data.site import Site, read_site
from data.versions import file_of, last_attempt, list_versions, one_writer, read_pointer
from data.workdays import build_calendar

NOW = datetime(2026, 3, 2, 8)
KILLS = 12


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = read_site(tmp_path)
    engine = operational.create_engine(made.database_url)
    operational.contract.create_all(engine)
    engine.dispose()
    write(made, 1, NOW)
    return made


def write(site: Site, wave: int, at: datetime, count: int = 300) -> None:
    """Every matter gets the same wave number, so that a mixture of two states shows."""
    engine = operational.create_engine(site.database_url)
    row = {"source_system": "desk", "kind": "dispute", "registered_at": NOW, "updated_at": at, "people_involved": wave}
    with engine.begin() as connection:
        connection.execute(sa.delete(operational.matter))
        connection.execute(sa.insert(operational.matter), [{**row, "matter_no": f"M{n}"} for n in range(count)])
    engine.dispose()


def refreshed(site: Site, now: datetime, **options: object) -> None:
    refresh(site, now=now, calendar=build_calendar(), rules=shipped_rules(), **options)


def waves(site: Site) -> set[tuple[int, int]]:
    """The wave numbers in the version that serves, with their counts, read as a fresh process would."""
    version = read_pointer(site.mart_folder)
    mart = open_version(version, file_of(site.mart_folder, version))
    m = mart_tables.matter.c
    frame = mart.read(sa.select(m.people_involved, sa.func.count().label("n")).group_by(m.people_involved))
    mart.close()
    return set(frame.itertuples(index=False, name=None))


def test_the_last_versions_are_kept_and_older_files_are_gone(site: Site) -> None:
    for wave in range(1, 6):
        write(site, wave, NOW + timedelta(hours=wave))
        refreshed(site, NOW + timedelta(hours=wave), keep=3)
    versions = list_versions(site.mart_folder)
    assert [v.sequence for v in versions] == [5, 4, 3]
    assert versions[0] == read_pointer(site.mart_folder)
    assert [v.kind for v in versions] == ["incremental"] * 3
    assert {path.name for path in site.mart_folder.glob("*.duckdb*")} == {v.files["matters"] for v in versions}
    assert waves(site) == {(5, 300)}
    assert all(v.counts["matter"] == 300 and v.bytes > 0 for v in versions)


def test_only_one_may_write_and_the_other_is_told(site: Site) -> None:
    with one_writer(site.mart_folder), pytest.raises(Busy, match=r"refresh\.running"):
        refreshed(site, NOW)
    refreshed(site, NOW)


def test_nothing_published_and_a_broken_pointer_are_both_not_ready(site: Site) -> None:
    with pytest.raises(NotReady):
        read_pointer(site.mart_folder)
    assert list_versions(site.mart_folder) == ()
    assert last_attempt(site.mart_folder) is None
    refreshed(site, NOW)
    (site.mart_folder / "current.json").write_text('{"version": "half')
    with pytest.raises(NotReady):
        read_pointer(site.mart_folder)


def test_a_pointer_of_another_edition_means_a_fresh_start(site: Site) -> None:
    refreshed(site, NOW)
    pointer = site.mart_folder / "current.json"
    known = json.loads(pointer.read_text())
    pointer.write_text(json.dumps({**known, "unheard_of": 1}))
    refreshed(site, NOW + timedelta(hours=1))
    assert read_pointer(site.mart_folder).reason == "first"
    assert waves(site) == {(1, 300)}


def test_what_a_killed_refresh_left_is_cleaned_by_the_next(site: Site) -> None:
    refreshed(site, NOW)
    folder = site.mart_folder
    for stray in (
        "building/matters-x.duckdb",
        "building/matters-x.duckdb.wal",
        "matters-unnamed.duckdb",
        "current.json.new",
    ):
        (folder / stray).write_text("half")
    ahead = json.loads((folder / "current.json").read_text())
    ahead |= {"version": "ahead", "sequence": 99, "files": {"matters": "matters-ahead.duckdb"}}
    (folder / "versions" / "ahead.json").write_text(json.dumps(ahead))
    (folder / "matters-ahead.duckdb").write_text("whole, but never switched to")
    refreshed(site, NOW + timedelta(hours=1))
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    versions = list_versions(folder)
    assert [v.sequence for v in versions] == [2, 1]
    expected = {"current.json", "last_attempt.json", "lock"}
    assert left == expected | {v.files["matters"] for v in versions} | {f"versions/{v.version}.json" for v in versions}


def test_killed_at_any_moment_the_version_that_serves_is_whole(site: Site, tmp_path: Path) -> None:
    refreshed(site, NOW)
    program = tmp_path / "again.py"
    program.write_text(
        textwrap.dedent("""
        import sys
        from datetime import datetime
        from analytics.refresh import refresh
        from data.deadlines import shipped_rules
        from data.site import read_site
        from data.workdays import build_calendar
        site, calendar, rules = read_site(sys.argv[1]), build_calendar(), shipped_rules()
        for line in sys.stdin:
            now, full = line.split()
            told = lambda stage, share: print(stage, flush=True)
            refresh(site, now=datetime.fromisoformat(now), calendar=calendar, rules=rules, full=full == "full", progress=told)
            print("finished", flush=True)
        """)
    )
    chance, killed = random.Random(1), 0
    for wave in range(2, 2 + KILLS):
        now = NOW + timedelta(hours=wave)
        write(site, wave, now)
        before = waves(site)
        worker = subprocess.Popen(
            [sys.executable, str(program), str(site.home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        worker.stdin.write(f"{now.isoformat()} {chance.choice(['full', 'incremental'])}\n")
        worker.stdin.flush()
        _kill_after_some_words(worker, chance)
        killed += worker.returncode == -signal.SIGKILL
        assert waves(site) in (before, {(wave, 300)})
    assert killed == KILLS
    assert not last_attempt(site.mart_folder).running
    refreshed(site, NOW + timedelta(hours=20))
    assert waves(site) == {(1 + KILLS, 300)}
    assert not list((site.mart_folder / "building").iterdir())


def _kill_after_some_words(worker: subprocess.Popen, chance: random.Random) -> None:
    """Kill the worker some words after it began; it says a word at each stage, and a little may happen before the signal lands."""
    patience = chance.randint(1, 40)
    for heard, line in enumerate(worker.stdout, start=1):
        if heard >= patience or line in ("publishing\n", "done\n", "finished\n"):
            break
    for _ in range(chance.randint(0, 200_000)):
        pass
    worker.kill()
    worker.wait()
    worker.stdin.close()
    worker.stdout.close()
