"""Reading operational databases: the same rows by every way, in one transaction, with a read-only account."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics.refresh import refresh
from data import mart_tables, operational, source
from data.deadlines import shipped_rules
from data.errors import NotReady
from data.mart import open_mart
from data.site import Site
from data.source import Source, keys_in, open_source
from data.workdays import build_calendar
from tests.postgres_server import running_server

NOW = datetime(2026, 3, 2, 8)
ZONE = "Asia/Shanghai"
ODD = ["'; DROP", 'quo"te', "per%cent", "back\\slash", "co:lon", "汉字", " space "]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'operational.db'}"
    else:
        url = request.getfixturevalue("server")
    made = operational.create_engine(url)
    operational.contract.drop_all(made)
    operational.contract.create_all(made)
    with made.begin() as connection:
        connection.execute(sa.insert(operational.area), [{"area_code": "99", "area_km2": 1.5, "households": 7}])
        connection.execute(sa.insert(operational.matter), [matter(number) for number in ODD])
        connection.execute(
            sa.insert(operational.matter), {**matter("plain"), "people_involved": 3, "due_on": date(2026, 5, 1)}
        )
    yield made
    made.dispose()


def matter(number: str) -> dict:
    at = datetime(2026, 2, 28, 23, 59, 59)
    return {
        "matter_no": number,
        "source_system": "",
        "kind": "dispute",
        "registered_at": at,
        "updated_at": at,
        "area_code": "99",
    }


def opened(engine: sa.Engine) -> object:
    return open_source(engine, now=NOW, time_zone=ZONE)


def texts(reading: Source, table: str) -> list[dict[str, str]]:
    """The rows of a table as text, blanks left out, so that every way of sending is comparable."""
    rows = reading.stream(sa.select(*reading.rows(table).c)).read_all().to_pylist()
    plain = [
        {name: str(value).removesuffix(".000000") for name, value in row.items() if value not in (None, "")}
        for row in rows
    ]
    return sorted(plain, key=str)


def test_arrow_and_plain_rows_read_the_same(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(engine) as by_arrow:
        expected = {name: texts(by_arrow, name) for name in ("matter", "area")}
    monkeypatch.setattr(source, "_is_file", lambda _: False)
    monkeypatch.setattr(source, "_is_plain_postgresql", lambda _: False)
    with opened(engine) as by_rows:
        assert {name: texts(by_rows, name) for name in ("matter", "area")} == expected
    assert len(expected["matter"]) == len(ODD) + 1


@pytest.mark.parametrize("plain", [False, True], ids=["arrow", "rows"])
def test_keys_with_any_signs_are_found_again(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, plain: bool) -> None:
    if plain:
        monkeypatch.setattr(source, "_is_file", lambda _: False)
        monkeypatch.setattr(source, "_is_plain_postgresql", lambda _: False)
    with opened(engine) as reading:
        rows = reading.rows("matter")
        found = reading.stream(sa.select(rows.c.matter_no).where(keys_in(rows.c.matter_no, ODD))).read_all()
    assert sorted(found["matter_no"].to_pylist()) == sorted(ODD)


def test_what_is_written_after_the_first_read_is_not_seen(engine: sa.Engine) -> None:
    with opened(engine) as reading:
        count = sa.select(sa.func.count().label("n")).select_from(reading.rows("matter"))
        before = reading.numbers(count)
        with engine.begin() as writer:
            writer.execute(sa.insert(operational.matter), matter("later"))
        assert reading.numbers(count) == before
    with opened(engine) as reading:
        assert reading.numbers(count) == (before[0] + 1,)


def test_a_column_that_starts_empty_is_read_to_its_end(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BATCH_ROWS", 2)
    with opened(engine) as reading:
        found = texts(reading, "matter")
    assert [row["due_on"] for row in found if "due_on" in row] == ["2026-05-01"]


def test_a_refresh_from_either_database_gives_the_same_mart(engine: sa.Engine, tmp_path: Path) -> None:
    home = tmp_path / "home"
    site = Site(home=home, database_url=engine.url.render_as_string(hide_password=False), desk_url="")
    for hours in (0, 1):
        report = refresh(site, now=NOW + timedelta(hours=hours), calendar=build_calendar(), rules=shipped_rules())
        with engine.begin() as connection:
            table = operational.matter
            connection.execute(
                sa.update(table).where(table.c.matter_no == "plain").values(status="closed", updated_at=NOW)
            )
            connection.execute(sa.delete(table).where(table.c.matter_no == ODD[0]))
    assert report.changes == {"new": 0, "changed": 1, "gone": 1, "untouched": 0}
    m, area = mart_tables.matter.c, mart_tables.others["area"].c
    frame = open_mart(site.mart_folder).read(
        sa.select(m.matter_no, m.source_system, m.status, m.registered_on, m.deadline_on)
    )
    row = frame.set_index("matter_no").loc["plain"]
    assert (row["status"], row["deadline_on"].date(), row["registered_on"].date()) == (
        "closed", date(2026, 5, 1), date(2026, 2, 28),
    )  # fmt: skip
    assert frame["source_system"].isna().all()
    assert open_mart(site.mart_folder).read(sa.select(area.area_km2, area.households)).iloc[0].tolist() == [1.5, 7]


@pytest.mark.postgres
def test_a_foreign_view_with_zones_and_odd_types_and_a_read_only_account(server: str) -> None:
    owner = operational.create_engine(server)
    statements = (
        "CREATE SCHEMA IF NOT EXISTS theirs",
        "DROP VIEW IF EXISTS theirs.matter",
        "DROP TABLE IF EXISTS theirs.files",
        "CREATE TABLE theirs.files (id bigint, made timestamptz, joint boolean, people numeric(9,2), due text, kind varchar(9))",
        "INSERT INTO theirs.files VALUES (12345678901, '2026-02-28 20:00:00+00', true, 4.00, '', 'petition')",
        "CREATE VIEW theirs.matter AS SELECT id AS matter_no, 'x'::char(3) AS source_system, kind, made AS registered_at, "
        "made AS updated_at, joint AS joint_handling, people AS people_involved, due AS due_on FROM theirs.files",
        "DROP ROLE IF EXISTS reader",
        "CREATE ROLE reader LOGIN",
        "GRANT USAGE ON SCHEMA theirs TO reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA theirs TO reader",
        "ALTER ROLE reader SET search_path = theirs",
    )
    with owner.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine = operational.create_engine(str(sa.make_url(server).set(username="reader")))
    with opened(engine) as reading:
        (row,) = texts(reading, "matter")
        assert abs(reading.clock - datetime.now()) < timedelta(days=2)
    assert row["matter_no"] == "12345678901"
    assert row["registered_at"] == "2026-03-01 04:00:00"
    assert (row["joint_handling"], float(row["people_involved"])) == ("1", 4.0)
    with owner.begin() as connection:
        connection.exec_driver_sql("REVOKE SELECT ON theirs.matter FROM reader")
    with opened(engine) as reading, pytest.raises(NotReady) as trouble:
        reading.stream(sa.select(*reading.rows("matter").c))
    assert trouble.value.key == "refresh.unreadable"
    assert "permission denied" in trouble.value.values["detail"]
    with owner.begin() as connection:
        connection.exec_driver_sql("DROP OWNED BY reader")
        connection.exec_driver_sql("DROP SCHEMA theirs CASCADE")
    owner.dispose()
    engine.dispose()


@pytest.mark.postgres
def test_a_server_out_of_reach_is_named_without_its_password() -> None:
    engine = operational.create_engine("postgresql://someone:secret@127.0.0.1:9/none?connect_timeout=2")
    with pytest.raises(NotReady) as trouble, opened(engine):
        pass
    assert trouble.value.key == "refresh.unreachable"
    assert "secret" not in str(trouble.value)
