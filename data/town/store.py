"""Writing the fictional city into an empty operational database, SQLite or PostgreSQL."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa

from data import operational
from data.categories import register_categories
from data.errors import Refused
from data.town.matters import arrow_schema
from data.town.subjects import TOPIC_NAMES

if TYPE_CHECKING:
    from data.town import Town

Progress = Callable[[str, float], None]
Writer = Callable[[sa.Table, "pa.Table | pa.RecordBatch"], None]
MUST_BE_EMPTY = ("matter", "area", "organisation")
CHUNK = 5_000
SQLITE_CACHE_KIB = 131_072


def write_town(town: Town, engine: sa.Engine, progress: Progress | None = None) -> None:
    """Write the city into a database that has the contract's tables and no matters yet, in one transaction.

    `progress` is told the stage (`tables`, then `matters`) and the part done, 0 to 1. Raises `Refused`:
    `town.not_empty` when matters, areas or organisations are there already, `town.unknown_database` for any other
    kind of database.
    """
    tell = progress or (lambda _stage, _part: None)
    _refuse_unless_empty(engine)
    register_categories(engine)
    with closing(engine.raw_connection()) as connection, _prepared(engine, connection):
        write = _writer(engine, connection)
        try:
            _write_tables(town, write, tell)
            with _indexed_last(engine, connection):
                for number, block in enumerate(town.blocks(), start=1):
                    for name in ("matter", "matter_topic", "leader_case"):
                        write(operational.contract.tables[name], getattr(block, name))
                    tell("matters", number / town.plan.blocks)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise


def _refuse_unless_empty(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        for name in MUST_BE_EMPTY:
            rows = connection.scalar(sa.select(sa.func.count()).select_from(operational.contract.tables[name]))
            if rows:
                raise Refused("town.not_empty", table=name, rows=rows)


def _write_tables(town: Town, write: Writer, tell: Progress) -> None:
    topics = pd.DataFrame({"topic_code": list(TOPIC_NAMES), "name": list(TOPIC_NAMES.values())})
    frames = {"topic_tag": topics, **town.tables}
    ordered = [table for table in operational.contract.sorted_tables if table.name in frames]
    for number, table in enumerate(ordered, start=1):
        write(table, as_arrow(table, frames[table.name]))
        tell("tables", number / len(ordered))


def as_arrow(table: sa.Table, frame: pd.DataFrame) -> pa.Table:
    """A frame as a table of the contract; columns it lacks are empty. Raises KeyError for a column the contract
    lacks."""
    unknown = set(frame.columns) - set(table.columns.keys())
    if unknown:
        raise KeyError(f"{table.name}: {', '.join(sorted(unknown))}")
    schema = arrow_schema(table)
    columns = [
        pa.Array.from_pandas(frame[field.name], type=field.type)
        if field.name in frame
        else pa.nulls(len(frame), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


# --- one writer per database ------------------------------------------------------------------------------------------


@contextmanager
def _prepared(engine: sa.Engine, connection: object) -> Iterator[None]:
    """Without its write-ahead log SQLite writes one huge transaction once instead of twice; a plain journal stays tiny.

    With another reader about, the log stays. The larger cache is for the keys and topics, which are filled all over.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    cursor = connection.cursor()
    logged = cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    cursor.execute(f"PRAGMA cache_size={-SQLITE_CACHE_KIB}")
    cursor.execute("PRAGMA busy_timeout=0")
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode=DELETE")
    cursor.execute("PRAGMA busy_timeout=30000")
    try:
        yield
    finally:
        cursor.execute("PRAGMA cache_size=-2000")
        if logged:
            cursor.execute("PRAGMA journal_mode=WAL")


@contextmanager
def _indexed_last(engine: sa.Engine, connection: object) -> Iterator[None]:
    """Build the index of keys once the matters are there: dense and in one piece, a refresh reads it several times sooner than a grown one."""
    keys = next(index for index in operational.matter.indexes if index.name == "matter_keys")
    cursor = connection.cursor()
    cursor.execute(str(sa.schema.DropIndex(keys, if_exists=True).compile(dialect=engine.dialect)))
    yield
    cursor.execute(str(sa.schema.CreateIndex(keys).compile(dialect=engine.dialect)))


def _writer(engine: sa.Engine, connection: object) -> Writer:
    if engine.dialect.name == "sqlite":
        return lambda table, rows: _write_sqlite(connection, table, rows)
    if engine.dialect.name == "postgresql" and engine.dialect.driver == "psycopg":
        return lambda table, rows: _copy_postgres(connection, table, rows)
    raise Refused("town.unknown_database", database=engine.dialect.name)


def _write_sqlite(connection: object, table: sa.Table, rows: pa.Table | pa.RecordBatch) -> None:
    """Dates and moments as the text that SQLAlchemy itself writes (moments with six digits after the second)."""
    names = ", ".join(f'"{name}"' for name in rows.schema.names)
    marks = ", ".join("?" * rows.num_columns)
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608 the contract's own names
    for start in range(0, rows.num_rows, CHUNK):
        part = rows.slice(start, CHUNK)
        columns = [
            (column.cast(pa.string()) if pa.types.is_temporal(column.type) else column).to_pylist()
            for column in part.columns
        ]
        connection.cursor().executemany(statement, zip(*columns, strict=True))


def _copy_postgres(connection: object, table: sa.Table, rows: pa.Table | pa.RecordBatch) -> None:
    """COPY as CSV: an empty field is NULL, and no text of the city is empty."""
    names = ", ".join(f'"{name}"' for name in rows.schema.names)
    buffer = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False)
    pyarrow.csv.write_csv(rows, buffer, options)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT csv)') as copy:
        copy.write(buffer.getbuffer())
