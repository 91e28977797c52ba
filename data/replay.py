# ruff: noqa: S608 - the statements are put together from our own tables' names and moments; no value of a matter enters them
"""The mart as it was known at a moment: the same tables, the same statements, the rows of then.

Over the published version's file, opened read-only, lie views of the mart's names. Matters are those known at the moment, in the version then
known; every other table is the table now, less what came since, and with what went since put back (`data.history`). A moment between two
refreshes gives the version that served then, name and clock included, so that a brief made from it is the brief made then, to the byte.
"""

import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import sqlalchemy as sa

from data import mart_tables
from data.building import moment
from data.derived import GROWN_PETITIONS
from data.errors import NotReady
from data.mart import READER_SETTINGS, Mart, lock_reader, open_mart
from data.versions import Version, file_of

KEPT = 3  # replays held open; each has the memory of a reader

_open: dict[tuple, Mart] = {}
_opening = threading.Lock()


def open_mart_as_known(folder: Path, at: datetime) -> Mart:
    """The mart as this site knew it at a moment, by its own clock: every read answers as it would have then.

    A version counts from the moment its refresh began. What must not be kept is not replayed either: matters that turned out to be
    reports against officials. Raises NotReady before the first refresh, or so long ago that what was superseded has been dropped.
    """
    mart = open_mart(folder)
    if at < mart.known_since:
        raise NotReady("mart.unknown_then", at=at, since=mart.known_since)
    if at >= mart.published_at:
        return mart
    path = file_of(Path(folder).absolute(), mart.facts)
    with _opening:
        connection = _attach(path)
        then = _version_then(connection, mart.facts, at)
        key = (path, mart.version, then.version, mart.results_name, mart.forecasts_name)
        if key in _open:
            connection.close()
        else:
            _lay_views(connection, then)
            lock_reader(connection, f"{mart.version}-as-{then.version}")
            while len(_open) >= KEPT:
                _open.pop(next(iter(_open)))  # it closes with its last user
            _open[key] = Mart(then, connection, path.parent)
        return _open[key]


def _attach(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config=READER_SETTINGS)
    try:
        connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS kept (READ_ONLY)")
    except duckdb.IOException as error:
        connection.close()
        raise NotReady("mart.unreadable", folder=str(path.parent)) from error
    return connection


def _version_then(connection: duckdb.DuckDBPyConnection, facts: Version, at: datetime) -> Version:
    """The version that served at a moment: what it said of itself."""
    names = [column.name for column in mart_tables.publication.columns]
    row = connection.execute(
        f"SELECT {', '.join(names)} FROM kept.past.publication WHERE published_at <= {moment(at)} ORDER BY published_at DESC LIMIT 1"
    ).fetchone()
    return replace(facts, **dict(zip(names, row, strict=True)))


def _lay_views(connection: duckdb.DuckDBPyConnection, then: Version) -> None:
    """Views of the mart's names in the schema that its statements name."""
    at = moment(then.published_at)
    logs = mart_tables.logs.values()
    counted = " UNION ALL ".join(
        f"SELECT '{t.name}' WHERE EXISTS (FROM kept.{t.fullname} WHERE changed_at > {at})" for t in logs
    )
    changed = {name for (name,) in connection.execute(counted).fetchall()}
    connection.execute("CREATE SCHEMA undone")
    for table in mart_tables.logged:
        if table.name in changed:
            _undo(connection, table, at)
        else:
            connection.execute(f"CREATE VIEW main.{table.name} AS FROM kept.main.{table.name}")
    known = f"known_at <= {at}"
    names = ", ".join(column.name for column in mart_tables.matter.columns)
    matters = (
        f"SELECT {names} FROM kept.main.matter WHERE {known} UNION ALL "
        f"SELECT {names} FROM kept.main.matter_past WHERE {known} AND superseded_at > {at}"
    )
    past = f"FROM kept.main.matter_past WHERE superseded_at <= {at}"
    moved = "area_tree" in changed
    for table, rows in ((mart_tables.matter, matters), (mart_tables.matter_past, past)):
        placed = _placed(table, rows) if moved else rows
        connection.execute(f"CREATE VIEW main.{table.name} AS {placed}")
    connection.execute(f"CREATE VIEW main.grown_petition AS {GROWN_PETITIONS}")
    connection.execute(f"CREATE VIEW main.publication AS FROM kept.past.publication WHERE version = '{then.version}'")


def _undo(connection: duckdb.DuckDBPyConnection, table: sa.Table, at: str) -> None:
    """A view of a small table without what came since and with what went since; rows that neither came nor went are read as they lie."""
    name, names = table.name, ", ".join(column.name for column in table.columns)
    since = f"kept.past.{name} WHERE changed_at > {at}"
    connection.execute(
        f"CREATE TABLE undone.{name} AS SELECT {names}, hash({names}) AS row_hash, sum(n) AS n FROM ("
        f"SELECT {names}, -change AS n FROM {since} UNION ALL "
        f"SELECT {names}, 1 FROM kept.main.{name} WHERE hash({names}) IN (SELECT hash({names}) FROM {since})) GROUP BY {names}"
    )
    connection.execute(
        f"CREATE VIEW main.{name} AS SELECT {names} FROM kept.main.{name} "
        f"WHERE hash({names}) NOT IN (SELECT row_hash FROM undone.{name}) UNION ALL "
        f"SELECT {names} FROM (SELECT *, unnest(range(CAST(n AS BIGINT))) FROM undone.{name} WHERE n > 0)"
    )


def _placed(table: sa.Table, rows: str) -> str:
    """Rows of matters with their place in the tree as it was."""
    names = ", ".join("then_tree.pos AS area_pos" if c.name == "area_pos" else f"x.{c.name}" for c in table.columns)
    return f"SELECT {names} FROM ({rows}) x LEFT JOIN main.area_tree then_tree ON then_tree.area_code = x.area_code"
