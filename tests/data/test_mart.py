"""Reading a version: one instance a process, the same statements on DuckDB and PostgreSQL, the types promised."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

from analytics.refresh import refresh
from data import mart_tables, operational
from data.deadlines import shipped_rules
from data.errors import NotReady
from data.mart import Mart, PostgresMart, compile_statement, open_mart
from data.mart_copy import publish_to_postgres
from data.site import Site, read_site
from data.versions import list_versions, read_pointer
from data.workdays import build_calendar
from tests.postgres_server import running_server

NOW = datetime(2026, 3, 2, 8)
t = mart_tables
m = t.matter.c


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = read_site(tmp_path_factory.mktemp("home"))
    engine = operational.create_engine(made.database_url)
    operational.contract.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(operational.area), [{"area_code": "99", "name": "城"}])
        connection.execute(sa.insert(operational.matter), [matter(n) for n in range(40)])
        connection.execute(
            sa.insert(operational.area_profile), {"area_code": "99", "valued_on": date(2026, 1, 1), "residents": 10}
        )
    engine.dispose()
    refreshed(made, NOW)
    return made


def matter(n: int) -> dict:
    at = datetime(2026, 1, 5, 9, 30) + timedelta(hours=17 * n)
    return {
        "matter_no": f"M{n:02}", "source_system": "desk", "kind": operational.KINDS[n % 3], "registered_at": at, "updated_at": at,
        "area_code": "99" if n % 4 else None, "people_involved": n if n % 5 else None, "closed_in_time": None,
        "accepted_at": at + timedelta(hours=30) if n % 2 else None, "purpose": "claim",
    }  # fmt: skip


def refreshed(site: Site, now: datetime) -> None:
    refresh(site, now=now, calendar=build_calendar(), rules=shipped_rules())


@pytest.fixture(scope="module")
def mart(site: Site) -> Mart:
    return open_mart(site.mart_folder)


@pytest.fixture(scope="module")
def copy(mart: Mart) -> Iterator[PostgresMart]:
    with running_server() as url:
        engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
        yield publish_to_postgres(mart, engine)
        engine.dispose()


# --- one file, many readers ------------------------------------------------------------------------------------------------


def test_before_the_first_refresh_the_mart_is_not_ready(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"mart\.missing"):
        open_mart(tmp_path)


def test_a_version_is_opened_once_and_a_switch_leaves_its_readers_alone(site: Site) -> None:
    before = open_mart(site.mart_folder)
    assert open_mart(site.mart_folder) is before
    refreshed(site, NOW + timedelta(hours=1))
    after = open_mart(site.mart_folder)
    assert after.version != before.version
    assert after.published_at == NOW + timedelta(hours=1)
    count = sa.select(sa.func.count().label("n")).select_from(t.matter)
    assert before.read(count)["n"].tolist() == after.read(count)["n"].tolist() == [40]


def test_a_file_that_vanishes_while_opening_means_reading_the_pointer_once_more(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed(site, NOW + timedelta(hours=2))
    old = list_versions(site.mart_folder)[1]
    pointers = [replace(old, version="vanished", files={"matters": "vanished.duckdb"}), read_pointer(site.mart_folder)]
    monkeypatch.setattr("data.mart.read_pointer", lambda folder: pointers.pop(0))
    assert open_mart(site.mart_folder).version == list_versions(site.mart_folder)[0].version
    assert pointers == []


def test_a_version_that_cannot_be_opened_twice_is_not_ready(site: Site, tmp_path: Path) -> None:
    pointer = (site.mart_folder / "current.json").read_text()
    (tmp_path / "current.json").write_text(pointer)
    with pytest.raises(NotReady, match=r"mart\.unreadable"):
        open_mart(tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE x (y INT)", "DELETE FROM matter", "SELECT * FROM read_csv('/etc/passwd')", "SET threads = 4", "INSTALL httpfs",
        "ATTACH 'x.db'", "COPY matter TO 'out.csv'",
    ],
)  # fmt: skip
def test_a_reader_can_neither_write_nor_reach_outside(mart: Mart, statement: str) -> None:
    with pytest.raises(duckdb.Error):
        mart._connection.cursor().execute(statement)


def test_threads_read_side_by_side(mart: Mart) -> None:
    statement = sa.select(m.kind, sa.func.count().label("n")).group_by(m.kind).order_by(m.kind)
    expected, found = mart.read(statement), []
    threads = [threading.Thread(target=lambda: found.append(mart.read(statement))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    for frame in found:
        pd.testing.assert_frame_equal(frame, expected)


# --- the same statements, the same frames ----------------------------------------------------------------------------------

other = t.others["area_profile"].c
STATEMENTS = {
    "rows": sa.select(t.matter).order_by(m.matter_no),
    "nothing": sa.select(m.matter_no, m.registered_on, m.people_involved).where(m.kind == "none"),
    "grouped": sa.select(m.kind, m.registered_on, sa.func.count().label("n"), sa.func.sum(m.people_involved).label("people"))
    .group_by(m.kind, m.registered_on)
    .order_by(m.kind, m.registered_on),
    "filtered": sa.select(
        sa.func.count().filter(m.deadline_on < date(2026, 2, 20)).label("overdue"),
        sa.func.avg(m.people_involved).label("mean"),
        sa.func.min(m.registered_at).label("first"),
        sa.func.max(m.deadline_on).label("last"),
        sa.func.bool_or(m.area_code.is_(None)).label("lost"),
    ).select_from(t.matter),
    "sums of sums": sa.select(
        sa.func.sum(sa.select(sa.func.count().label("n")).select_from(t.matter).group_by(m.kind).subquery().c.n).label("n")
    ),
    "division": sa.select((m.people_involved / 4).label("share"), m.matter_no).order_by(m.matter_no),
    "days between": sa.select((m.deadline_on - m.registered_on).label("days"), m.matter_no).order_by(m.matter_no),
    "months": sa.select(sa.cast(sa.func.date_trunc("month", m.registered_on), sa.Date).label("month"), sa.func.count().label("n"))
    .group_by(sa.text("1"))
    .order_by(sa.text("1")),
    "parameters": sa.select(m.matter_no, (m.people_involved > 3).label("many"))
    .where(m.kind.in_(["dispute", "petition"]), m.registered_on.between(date(2026, 1, 6), date(2026, 1, 20)))
    .order_by(m.people_involved.desc().nulls_last(), m.matter_no)
    .limit(7),
    "joined": sa.select(m.matter_no, other.residents).join_from(t.matter, other.area_code.table, other.area_code == m.area_code)
    .order_by(m.matter_no),
    "windowed": sa.select(m.matter_no, sa.func.row_number().over(partition_by=m.kind, order_by=m.registered_at).label("place"))
    .order_by(m.matter_no),
}  # fmt: skip


@pytest.mark.postgres
@pytest.mark.parametrize("name", STATEMENTS)
def test_duckdb_and_postgresql_answer_alike(mart: Mart, copy: PostgresMart, name: str) -> None:
    here, there = mart.read(STATEMENTS[name]), copy.read(STATEMENTS[name])
    pd.testing.assert_frame_equal(here, there)


@pytest.mark.postgres
def test_the_copy_says_which_version_it_is_and_is_replaced_whole(mart: Mart, copy: PostgresMart) -> None:
    facts = ("version", "published_at", "read_at", "first_refresh_at", "known_since")
    again = publish_to_postgres(mart, copy._engine)
    assert [getattr(again, name) for name in facts] == [getattr(mart, name) for name in facts]
    for table in t.mart.tables.values():
        count = sa.select(sa.func.count().label("n")).select_from(table)
        assert again.read(count)["n"].iloc[0] == mart.read(count)["n"].iloc[0]


@pytest.mark.postgres
def test_an_empty_postgresql_has_no_version(copy: PostgresMart) -> None:
    with running_server() as url, pytest.raises(NotReady, match=r"mart\.missing"):
        PostgresMart(sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg")))


def test_types_are_as_promised_even_without_rows(mart: Mart) -> None:
    columns = [m.matter_no, m.people_involved, m.registered_on, m.registered_at, (m.people_involved / 2).label("half"),
               sa.func.sum(m.people_involved).over().label("sum"), (m.people_involved > 1).label("many")]  # fmt: skip
    expected = ["str", "Int64", "datetime64[s]", "datetime64[us]", "float64", "Int64", "boolean"]
    for where in (sa.true(), sa.false()):
        assert [str(kind) for kind in mart.read(sa.select(*columns).where(where)).dtypes] == expected


def test_parameters_may_be_given_at_the_call(mart: Mart) -> None:
    statement = (
        sa.select(m.matter_no)
        .where(m.kind == sa.bindparam("kind"), m.people_involved > sa.bindparam("least"))
        .order_by(m.matter_no)
    )
    frame = mart.read(statement, {"kind": "dispute", "least": 30})
    assert frame["matter_no"].tolist() == ["M33", "M36", "M39"]


def test_values_never_enter_the_text_of_a_statement() -> None:
    text, values = compile_statement(
        sa.select(m.matter_no).where(m.status == "'; DROP TABLE matter", m.kind.in_(["a", "b"]))
    )
    assert "DROP" not in text
    assert sorted(values) == ["'; DROP TABLE matter", "a", "b"]


def test_a_version_of_another_edition_is_not_read(tmp_path: Path, publish: Callable) -> None:
    publish(tmp_path, lambda _connection: None, now=datetime(2026, 3, 2, 6))
    pointer = tmp_path / "mart" / "current.json"
    pointer.write_text(
        pointer.read_text(encoding="utf-8").replace(mart_tables.shape(), "another-edition"), encoding="utf-8"
    )
    with pytest.raises(NotReady, match=r"mart\.outdated"):
        open_mart(tmp_path / "mart")
