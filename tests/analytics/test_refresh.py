"""The refresh as its doors see it: what it reports, and what it leaves for the page to say."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics.refresh import refresh
from data import operational
from data.deadlines import shipped_rules
from data.errors import Busy, NotReady, Refused
from data.mart import last_attempt, open_mart
from data.site import Site, read_site
from data.versions import Attempt, list_versions, one_writer, write_attempt
from data.workdays import build_calendar
from pages.ui import words

NOW = datetime(2026, 3, 2, 8)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = read_site(tmp_path)
    engine = operational.create_engine(made.database_url)
    operational.contract.create_all(engine)
    engine.dispose()
    return made


def write(site: Site, **values: object) -> None:
    engine = operational.create_engine(site.database_url)
    row = {"source_system": "desk", "kind": "dispute", "registered_at": NOW, "updated_at": NOW, **values}
    with engine.begin() as connection:
        connection.execute(sa.insert(operational.matter), row)
    engine.dispose()


def refreshed(site: Site, hours: float = 0, **options: object) -> object:
    return refresh(site, now=NOW + timedelta(hours=hours), calendar=build_calendar(), rules=shipped_rules(), **options)


def test_the_report_says_what_was_read_and_what_changed(site: Site) -> None:
    write(site, matter_no="M1")
    first = refreshed(site)
    write(site, matter_no="M2", updated_at=NOW + timedelta(hours=1))
    second = refreshed(site, 1)
    assert (first.full, first.reason, second.full, second.reason) == (True, "first", False, None)
    assert first.changes == second.changes == {"new": 1, "changed": 0, "gone": 0, "untouched": 0}
    assert second.rows["matter"] == 2
    assert second.version == open_mart(site.mart_folder).version
    assert second.published_at == second.read_at == NOW + timedelta(hours=1)


def test_progress_is_told_in_order_and_ends_at_one(site: Site) -> None:
    told = []
    refreshed(site, progress=lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == ("done", 1.0)


def test_an_attempt_that_went_well_is_recorded(site: Site) -> None:
    report = refreshed(site)
    attempt = last_attempt(site.mart_folder)
    assert (attempt.ok, attempt.version, attempt.running, attempt.started_at) == (True, report.version, False, NOW)
    assert attempt.finished_at >= NOW


def test_a_failed_attempt_is_recorded_with_its_reason_and_the_old_version_serves(site: Site) -> None:
    refreshed(site)
    write(site, matter_no="M1", channel="13800138000", updated_at=NOW + timedelta(hours=1))
    with pytest.raises(Refused):
        refreshed(site, 1)
    attempt = last_attempt(site.mart_folder)
    assert (attempt.ok, attempt.error_key) == (False, "refresh.personal_values.mobile")
    assert attempt.error_values == {"table": "matter", "column": "channel", "kind": "mobile", "count": 1}
    assert open_mart(site.mart_folder).published_at == NOW


def test_a_fault_of_ours_is_recorded_too(site: Site) -> None:
    def fail(stage: str, share: float) -> None:
        raise RuntimeError("screen gone")

    with pytest.raises(RuntimeError):
        refreshed(site, progress=fail)
    attempt = last_attempt(site.mart_folder)
    assert (attempt.ok, attempt.error_key, attempt.error_values) == (
        False,
        "refresh.failed",
        {"detail": "RuntimeError"},
    )


def test_an_attempt_cut_off_is_neither_running_nor_finished(site: Site) -> None:
    refreshed(site)
    write_attempt(site.mart_folder, Attempt(started_at=NOW))
    attempt = last_attempt(site.mart_folder)
    assert (attempt.finished_at, attempt.ok, attempt.running) == (None, None, False)
    with one_writer(site.mart_folder):
        assert last_attempt(site.mart_folder).running
        with pytest.raises(Busy):
            refreshed(site)
    assert last_attempt(site.mart_folder) == attempt


def test_a_database_that_is_not_there_is_said_and_not_made(tmp_path: Path) -> None:
    site = read_site(tmp_path)
    with pytest.raises(NotReady):
        refreshed(site)
    assert last_attempt(site.mart_folder).error_key == "refresh.unreachable"
    assert not (tmp_path / "operational.db").exists()


def test_a_city_without_matters_is_published_empty(site: Site) -> None:
    assert refreshed(site).rows["matter"] == 0
    assert len(list_versions(site.mart_folder)) == 1


KEYS = {
    "errors.mart.missing": {"folder": "var/mart"},
    "errors.mart.unreadable": {"folder": "var/mart"},
    "errors.mart.unknown_then": {"at": NOW, "since": NOW},
    "errors.refresh.running": {"folder": "var/mart"},
    "errors.refresh.failed": {"detail": "RuntimeError"},
    "errors.refresh.unreachable": {"database": "postgresql://x", "detail": "OperationalError"},
    "errors.refresh.unreadable": {"database": "postgresql://x", "detail": "permission denied"},
    "errors.refresh.no_matters": {"database": "postgresql://x", "columns": "kind"},
    **{
        f"errors.refresh.personal_values.{kind}": {"table": "matter", "column": "channel", "count": 1}
        for kind in ("id_number", "mobile", "email", "landline")
    },
    "errors.refresh.doubled_keys": {"count": 2},
    "errors.refresh.counts_differ": {"source": 2, "mart": 1},
    "refresh.warning.rows_without_key": {"count": 2},
    "refresh.warning.unreadable_values": {"table": "matter", "column": "closed_at", "count": 3},
    "refresh.warning.untouched_edits": {"count": 3},
    "refresh.warning.areas_without_parent": {"count": 3, "example": "9901"},
    "refresh.warning.shrunk": {"before": 10, "after": 2},
}


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("key", KEYS)
def test_every_refusal_and_warning_has_its_sentence(key: str, language: str) -> None:
    assert words.has(key, language)
    assert words.say(key, language, **KEYS[key])


def test_a_site_s_mapping_profile_names_its_foreign_tables(tmp_path: Path) -> None:
    foreign = sa.create_engine(f"sqlite:///{tmp_path / 'foreign.db'}")
    with foreign.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE orders (no VARCHAR(20), at DATETIME, touched DATETIME)")
        connection.exec_driver_sql("INSERT INTO orders VALUES ('7', '2026-03-02 09:00:00', '2026-03-02 09:00:00')")
    profile = tmp_path / "orders.toml"
    profile.write_text(
        'source_system = "orders"\nkind = "hotline"\n[columns]\nmatter_no = "no"\nregistered_at = "at"\nupdated_at = "touched"\n'
        '[tables]\nmatter = "orders"\n',
        encoding="utf-8",
    )
    site = replace(read_site(tmp_path), database_url=str(foreign.url), mapping=str(profile))
    report = refresh(site, now=datetime(2026, 3, 3, 6), calendar=build_calendar(None), rules=shipped_rules())
    assert report.rows["matter"] == 1
