"""Forecasts and risks are issued once and never taken back; truth comes when a period is complete, and corrections beside it."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from data import forecast_ledger as ledger
from data.desk import Desk, open_desk
from data.desk_replay import FORECAST_DAYS, desk_as_known
from data.errors import Refused
from data.forecast_ledger import tables
from data.scope import Actor, Scope
from tests.postgres_server import running_server

NIGHT = Actor("forecast", Scope())
DAY = date(2026, 11, 1)  # a Sunday
QUANTILES = np.array([[0, 1, 2, 3, 4, 5.5, 8], [0, 0, 1, 2.25, 3, 6, 9]])
CITY, STREET = "city|9999||", "street|999901|hotline|03"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'desk.db'}"
        shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "desk.db")
    else:
        url = request.getfixturevalue("empty_database")()
    opened = open_desk(url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "desk.db"
    desk = open_desk(f"sqlite:///{path}")
    with desk.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    desk.close()
    return path


@pytest.fixture(scope="module")
def empty_database() -> Iterator[object]:
    """An empty desk on PostgreSQL, to be copied: the URL of each copy."""
    with running_server() as address:
        engine, copies = sa.create_engine(address, isolation_level="AUTOCOMMIT"), count()

        def named(database: str) -> str:
            return sa.make_url(address).set(database=database).render_as_string(hide_password=False)

        def copy() -> str:
            name = f"desk_{next(copies)}"
            with engine.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE empty_desk")
            return named(name)

        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE empty_desk")
        open_desk(named("empty_desk")).close()
        yield copy
        engine.dispose()


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6) + timedelta(days=1)


def known(day: date) -> dict[str, object]:
    return {"as_of": day, "version": f"v{day:%d}", "known_at": morning(day), "actor": NIGHT, "at": morning(day)}


def row(freq: str, first_on: date, key: str = CITY, quantiles: np.ndarray = QUANTILES) -> dict[str, object]:
    level, area, kind, code = key.split("|")
    node = {"level": level, "area_code": area, "kind": kind or None, "category_code": code or None}
    return {
        "freq": freq,
        "first_on": first_on,
        **node,
        "state": "forecast",
        "quantiles": quantiles,
        "naive": quantiles + 1,
    }


def issue(desk: Desk, day: date, *rows: dict) -> int:
    given = rows or (row("D", day + timedelta(days=1)), row("W", day + timedelta(days=1), STREET))
    return ledger.issue_forecasts(desk, pd.DataFrame(list(given)), **known(day))


def test_what_was_issued_is_read_period_by_period(desk: Desk) -> None:
    assert issue(desk, DAY, row("D", DAY + timedelta(1)), row("W", DAY + timedelta(1), STREET), row("M", DAY)) == 3
    found = ledger.read_issued(desk, DAY, DAY)
    assert found["first_on"].dt.date.tolist() == [
        date(2026, 11, 2),
        date(2026, 11, 3),
        date(2026, 11, 2),
        date(2026, 11, 9),
        DAY,
        date(2026, 12, 1),
    ]
    assert found["step"].tolist() == [1, 2] * 3
    assert np.array_equal(found.loc[:1, list(ledger.SHOWN)].to_numpy(), QUANTILES)
    assert np.array_equal(found.loc[:1, list(ledger.NAIVE)].to_numpy(), QUANTILES + 1)
    assert found.loc[2, ["level", "area_code", "kind", "category_code"]].tolist() == [
        "street",
        "999901",
        "hotline",
        "03",
    ]
    assert found.loc[0, "kind"] is None
    assert found["observed"].isna().all()


def test_the_same_night_again_issues_nothing_twice(desk: Desk) -> None:
    assert issue(desk, DAY) == 2
    before = ledger.read_issued(desk, DAY, DAY)
    changed = [row("D", DAY + timedelta(1), quantiles=QUANTILES + 5), row("W", DAY + timedelta(1), STREET)]
    assert issue(desk, DAY, *changed) == 0
    assert ledger.read_issued(desk, DAY, DAY).equals(before)
    assert issue(desk, DAY, *changed, row("D", DAY + timedelta(1), STREET)) == 1  # a series that was new


def test_a_week_is_issued_once_however_many_nights_it_lasts(desk: Desk) -> None:
    for later in range(6):
        day = DAY + timedelta(days=later)
        assert issue(desk, day, row("D", day + timedelta(1)), row("W", DAY + timedelta(1))) == (1 if later else 2)


def test_a_replay_of_a_past_day_issues_nothing(desk: Desk) -> None:
    issue(desk, DAY)
    assert issue(desk, DAY - timedelta(days=3)) == 0
    assert set(ledger.read_issued(desk, DAY - timedelta(days=9), DAY)["as_of"]) == {DAY}


def test_truth_comes_beside_what_was_issued_and_corrections_follow_it(desk: Desk) -> None:
    issue(desk, DAY, row("D", DAY + timedelta(1)), row("D", DAY + timedelta(1), STREET))
    first, day = DAY + timedelta(days=1), DAY + timedelta(days=2)
    assert ledger.write_truth(desk, "D", first, {CITY: 5, STREET: 0}, **known(day)) == 2
    assert ledger.write_truth(desk, "D", first, {CITY: 5, STREET: 0}, **known(day + timedelta(1))) == 0
    assert ledger.write_truth(desk, "D", first, {CITY: 6, STREET: 0}, **known(day + timedelta(2))) == 1
    found = ledger.read_issued(desk, DAY, DAY)
    assert found.loc[found["step"] == 1, "observed"].tolist() == [6, 0]
    assert found.loc[found["step"] == 2, "observed"].isna().all()
    then = ledger.read_issued(desk, DAY, DAY, known_by=morning(day))
    assert then.loc[then["step"] == 1, "observed"].tolist() == [5, 0]
    kept = desk.read(sa.select(tables.forecast_truth.c.truth_no, tables.forecast_truth.c.counts))
    assert kept["truth_no"].tolist() == [1, 2]
    assert STREET not in kept["counts"].iloc[1]  # only what changed


def test_reads_are_limited_by_frequency_level_and_place(desk: Desk) -> None:
    issue(desk, DAY)
    assert set(ledger.read_issued(desk, DAY, DAY, freq="D")["level"]) == {"city"}
    assert set(ledger.read_issued(desk, DAY, DAY, levels=("street",))["freq"]) == {"W"}
    assert set(ledger.read_issued(desk, DAY, DAY, areas=("999901",))["area_code"]) == {"999901"}
    assert ledger.read_issued(desk, DAY - timedelta(9), DAY - timedelta(1)).empty
    keys, first = ledger.issued_keys(desk, "W", DAY)
    assert (keys, first) == ({STREET}, DAY + timedelta(days=1))
    assert ledger.last_issued(desk, "D", ("street",)) is None


def a_risk(first_on: date, key: str = CITY, points: float | None = 41.5) -> dict[str, object]:
    level, area, kind, code = key.split("|")
    node = {"level": level, "area_code": area, "kind": kind or None, "category_code": code or None}
    said = {
        "level_code": None if points is None else "II",
        "points": points,
        "numbers": {"chance": np.float64(0.25), "on": first_on},
    }
    return {"ahead": "month", "first_on": first_on, "last_on": first_on + timedelta(29), **node, **said}


def test_risks_are_issued_once_with_what_happened_beside_them(desk: Desk) -> None:
    first = date(2026, 12, 1)
    given = pd.DataFrame([a_risk(first), a_risk(first, STREET, None)])
    assert ledger.issue_risks(desk, given, **known(DAY)) == 2
    assert ledger.issue_risks(desk, given, **known(DAY + timedelta(days=1))) == 0
    assert ledger.write_risk_truth(desk, "month", first, {CITY: {"passed": True}}, **known(date(2027, 1, 4))) == 1
    found = ledger.read_risks(desk, DAY, DAY)
    assert found["outcome"].tolist() == [{"passed": True}, None]
    assert found["numbers"].iloc[0] == {"chance": 0.25, "on": "2026-12-01"}
    assert found["level_code"].tolist() == ["II", None]


def test_a_miss_is_noted_by_those_who_may_and_never_with_personal_data(desk: Desk) -> None:
    issue(desk, DAY)
    asked = {
        "freq": "W",
        "first_on": DAY + timedelta(1),
        "level": "street",
        "path": ("999901", "9999"),
        "kind": "hotline",
        "category_code": "03",
    }
    office = Actor("duty desk", Scope())
    assert ledger.note_miss(desk, "a burst water main", office, morning(DAY), **asked) == 1
    ledger.note_miss(desk, "two burst mains", office, morning(DAY), **asked)
    notes = ledger.miss_notes(desk, DAY, DAY + timedelta(days=7))
    assert notes["text"].tolist() == ["a burst water main", "two burst mains"]
    with pytest.raises(Refused, match="personal_text"):
        ledger.note_miss(desk, "电话 13800138000", office, morning(DAY), **asked)
    with pytest.raises(Refused, match="role_may_not"):
        ledger.note_miss(desk, "x", Actor("c", Scope(("999901",), "community")), morning(DAY), **asked)
    with pytest.raises(Refused, match="outside_scope"):
        ledger.note_miss(desk, "x", Actor("o", Scope(("8888",), "office")), morning(DAY), **asked)
    with pytest.raises(Refused, match="never_issued"):
        ledger.note_miss(desk, "x", office, morning(DAY), **asked | {"kind": "dispute"})


TAMPERING = {
    "sqlite": (
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ),
    "postgresql": ("UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"),
}


@pytest.mark.parametrize("table", tables.ONLY_ADDED_TO)
def test_what_was_recorded_can_be_neither_changed_nor_deleted(desk: Desk, table: str) -> None:
    issue(desk, DAY)
    ledger.write_truth(desk, "D", DAY, {CITY: 1}, **known(DAY))
    ledger.issue_risks(desk, pd.DataFrame([a_risk(DAY)]), **known(DAY))
    ledger.write_risk_truth(desk, "month", DAY, {CITY: {"passed": False}}, **known(DAY))
    ledger.note_miss(
        desk, "rain", NIGHT, morning(DAY), freq="D", first_on=DAY + timedelta(1), level="city", path=("9999",)
    )
    found = tables.desk.tables[table]
    before = desk.read(sa.select(found))
    assert len(before)
    for statement in TAMPERING[desk.engine.dialect.name]:
        with pytest.raises(sa.exc.DatabaseError, match="only ever added to"), desk.engine.begin() as connection:
            connection.exec_driver_sql(statement.format(table=table, column=list(found.columns)[1].name))
        assert desk.read(sa.select(found)).equals(before)


def test_the_desk_as_known_holds_the_forecasts_of_the_last_months_only(desk: Desk) -> None:
    long_ago = DAY - timedelta(days=FORECAST_DAYS + 7)
    issue(desk, long_ago)
    issue(desk, DAY)
    copy = desk_as_known(desk, morning(DAY))
    assert set(ledger.read_issued(copy, long_ago, DAY)["as_of"]) == {DAY}
    assert ledger.read_issued(desk_as_known(desk, morning(DAY) - timedelta(hours=2)), DAY, DAY).empty
    copy.close()
