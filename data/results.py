# ruff: noqa: S608 - the statements are put together from our own tables' names; no value enters them
"""The results that stand beside the matters of a version: an immutable file of their own, published when they are ready.

A version carries the results of the night before until those of its own are written; a detection that is killed, or fails, leaves
them serving. Earlier runs stay in the file, so that a past day's list can be read as it then stood.
"""

import secrets
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from weakref import WeakKeyDictionary, WeakValueDictionary

import duckdb
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from data import results_tables as t
from data.building import ddl, duck_type
from data.errors import NotReady
from data.mart import READER_SETTINGS, Mart, as_frame, compile_statement, lock_reader
from data.versions import Version, file_of, read_pointer, switch

PART = "signals"
MARK = "edition"
BUILDING = {"threads": 1, "memory_limit": "500MB"}


class Results:
    """The results of one file, read-only."""

    def __init__(self, name: str, connection: duckdb.DuckDBPyConnection) -> None:
        self.name = name
        self._connection = connection

    def read(self, statement: sa.Select) -> pd.DataFrame:
        """The rows of a statement over `data.results_tables`, in the types of `data.mart`."""
        text, values = compile_statement(statement)
        with closing(self._connection.cursor()) as cursor:
            return as_frame(cursor.execute(text, values).to_arrow_table())

    def close(self) -> None:
        """Close the file at once."""
        self._connection.close()


_open: WeakKeyDictionary[Mart, Results | None] = WeakKeyDictionary()
_files: WeakValueDictionary[Path, Results] = (
    WeakValueDictionary()
)  # a file is opened once: versions and replays share it
_opening = threading.Lock()


def results_of(mart: Mart) -> Results | None:
    """The results beside the matters a mart serves; None before the first detection, or when another edition wrote them.

    Opened once a mart. They may be of an earlier day than the matters: their runs say of which.
    """
    with _opening:
        if mart not in _open:
            folder, name = getattr(mart, "folder", None), getattr(mart, "results_name", None)
            _open[mart] = _shared(Path(folder) / name) if folder is not None and name is not None else None
        return _open[mart]


def _shared(path: Path) -> Results | None:
    found = _files.get(path)
    if found is None:
        found = open_results(path)
        if found is not None:
            _files[path] = found
    return found


def open_results(path: Path) -> Results | None:
    """The results in a file; None when another edition wrote them. Raises NotReady when the file is gone."""
    try:
        connection = duckdb.connect(str(path), read_only=True, config=READER_SETTINGS)
    except duckdb.IOException as error:
        raise NotReady("mart.unreadable", folder=str(path.parent)) from error
    if _edition(connection) != t.shape():
        connection.close()
        return None
    lock_reader(connection, path.stem)
    return Results(path.name, connection)


def _edition(connection: duckdb.DuckDBPyConnection, schema: str = "main") -> str | None:
    try:
        found = connection.execute(f"SELECT mark FROM {schema}.{MARK}").fetchone()
    except duckdb.Error:
        return None
    return found[0] if found else None


def publish_results(folder: Path, runs: list[Mapping[str, pd.DataFrame]], *, keep: int = 5) -> Version:
    """Write the results of one or several runs, the last day last, beside those kept from before, and switch to them.

    A run gives frames by table name, with the columns of `data.results_tables` but for `run_no`; a run of a day that was judged before
    stands beside the earlier one and is read in its place. The caller holds the one writer's place. The version keeps its name: its
    matters are the same.
    """
    version = read_pointer(folder)
    name = f"{PART}-{version.version}-{secrets.token_hex(4)}.duckdb"
    path = folder / "building" / name
    path.parent.mkdir(exist_ok=True)
    try:
        _write(path, file_of(folder, version, PART) if PART in version.files else None, runs)
    except BaseException:
        for left in path.parent.glob(f"{name}*"):
            left.unlink()
        raise
    published = replace(version, files={**version.files, PART: name})
    switch(folder, published, {PART: path}, keep)
    return published


def _write(path: Path, former: Path | None, runs: list[Mapping[str, pd.DataFrame]]) -> None:
    with closing(duckdb.connect(str(path), config=BUILDING)) as connection:
        connection.execute("BEGIN")
        connection.execute(f"CREATE TABLE {MARK} (mark VARCHAR)")
        connection.execute(f"INSERT INTO {MARK} VALUES ('{t.shape()}')")
        for table in t.results.tables.values():
            connection.execute(ddl(table))
        first = _carry(connection, former, max(pd.Timestamp(one["run"]["as_of"].iloc[0]) for one in runs)) + 1
        for number, frames in enumerate(runs, start=first):
            is_last = number == first + len(runs) - 1
            for table in t.results.tables.values():
                if table.name in frames and (is_last or table.name not in t.OF_THE_LAST_RUN):
                    _insert(connection, table, frames[table.name], number)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")


def _carry(connection: duckdb.DuckDBPyConnection, former: Path | None, day: pd.Timestamp) -> int:
    """Take over the runs kept from before; returns the number of the last of them."""
    if former is None or not former.exists():
        return 0
    connection.execute("COMMIT")
    connection.execute(f"ATTACH '{str(former).replace(chr(39), chr(39) * 2)}' AS former (READ_ONLY)")
    connection.execute("BEGIN")
    if _edition(connection, "former.main") != t.shape():
        return 0
    oldest = (day - timedelta(days=t.RUNS_KEPT_DAYS)).date()
    kept = f"run_no IN (SELECT run_no FROM former.main.run WHERE as_of >= DATE '{oldest}')"
    for table in t.results.tables.values():
        if table.name not in t.OF_THE_LAST_RUN:
            connection.execute(f"INSERT INTO {table.name} SELECT * FROM former.main.{table.name} WHERE {kept}")
    return connection.execute("SELECT coalesce(max(run_no), 0) FROM former.main.run").fetchone()[0]


def _insert(connection: duckdb.DuckDBPyConnection, table: sa.Table, frame: pd.DataFrame, number: int) -> None:
    """Insert the rows of one run; a column that the frame lacks is empty. Raises ValueError for one that the table lacks."""
    columns = [column for column in table.columns if column.name != "run_no"]
    unknown = set(frame.columns) - {column.name for column in columns}
    if unknown:
        raise ValueError(f"{table.name}: {', '.join(sorted(unknown))} is no column of it")
    if frame.empty:
        return
    sent = pa.Table.from_pandas(frame, preserve_index=False)
    connection.register("sent", sent)
    values = ", ".join(
        f"CAST({column.name} AS {duck_type(column)})" if column.name in sent.column_names else "NULL"
        for column in columns
    )
    connection.execute(f"INSERT INTO {table.name} SELECT {number}, {values} FROM sent")
    connection.unregister("sent")
