# ruff: noqa: S608 - the statements are put together from our own tables' names; no value enters them
"""The results that stand beside the matters of a version: an immutable file of their own, published when they are ready.

There are two parts, the signals and the forecasts, each a file that comes, fails and is begun anew without the other. A version carries
those of the night before until its own are written; a run that is killed, or fails, leaves them serving. Earlier runs stay in the file, so
that a past day's list can be read as it then stood.
"""

import secrets
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from weakref import WeakKeyDictionary, WeakValueDictionary

import duckdb
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from data import forecast_tables, results_tables
from data import risk_tables as _risk_tables  # noqa: F401 - its tables stand beside the forecasts', whoever reads them
from data.building import ddl, duck_type
from data.errors import NotReady
from data.mart import READER_SETTINGS, Mart, as_frame, compile_statement, lock_reader
from data.versions import Version, file_of, read_pointer, switch

MARK = "edition"
BUILDING = {"threads": 1, "memory_limit": "500MB"}


@dataclass(frozen=True)
class Part:
    """One part of the results: the name of its file in a version, the module of its tables, and how long its runs are kept.

    The tables have one named `run`, a row a run with the day it stands for; of those named by the module's `OF_THE_LAST_RUN` only the
    last run's rows are kept. Runs of a month's last day stay for `month_days`.
    """

    name: str
    module: ModuleType
    tables: sa.MetaData
    days: int
    month_days: int

    @property
    def shape(self) -> str:
        return self.module.shape()

    def kept(self, day: date) -> str:
        """Which runs are carried over when a run of this day is added, in SQL."""
        oldest, oldest_month = (day - timedelta(days=days) for days in (self.days, self.month_days))
        return f"as_of >= DATE '{oldest}' OR (as_of = last_day(as_of) AND as_of >= DATE '{oldest_month}')"


SIGNALS = Part(
    "signals", results_tables, results_tables.results, results_tables.RUNS_KEPT_DAYS, results_tables.RUNS_KEPT_DAYS
)
FORECASTS = Part(
    "forecasts",
    forecast_tables,
    forecast_tables.forecasts,
    forecast_tables.RUNS_KEPT_DAYS,
    forecast_tables.MONTHS_KEPT_DAYS,
)


class Results:
    """The results of one file, read-only."""

    def __init__(self, name: str, connection: duckdb.DuckDBPyConnection) -> None:
        self.name = name
        self._connection = connection

    def read(self, statement: sa.Select) -> pd.DataFrame:
        """The rows of a statement over the tables of the part, in the types of `data.mart`."""
        text, values = compile_statement(statement)
        with closing(self._connection.cursor()) as cursor:
            return as_frame(cursor.execute(text, values).to_arrow_table())

    def close(self) -> None:
        """Close the file at once."""
        self._connection.close()


_open: WeakKeyDictionary[Mart, dict[str, Results | None]] = WeakKeyDictionary()
_files: WeakValueDictionary[Path, Results] = (
    WeakValueDictionary()
)  # a file is opened once: versions and replays share it
_opening = threading.Lock()


def results_of(mart: Mart, part: Part = SIGNALS) -> Results | None:
    """The results beside the matters a mart serves; None before the first run, or when another edition wrote them.

    Opened once a mart. They may be of an earlier day than the matters: their runs say of which.
    """
    with _opening:
        opened = _open.setdefault(mart, {})
        if part.name not in opened:
            facts, folder = getattr(mart, "facts", None), getattr(mart, "folder", None)
            name = facts.files.get(part.name) if facts is not None and folder is not None else None
            opened[part.name] = None if name is None else _shared(Path(folder) / name, part)
        return opened[part.name]


def forecasts_of(mart: Mart) -> Results | None:
    """The forecasts beside the matters a mart serves, to be read by `data.forecast_tables` (and `data.risk_tables`); else as `results_of`."""
    return results_of(mart, FORECASTS)


def _shared(path: Path, part: Part) -> Results | None:
    found = _files.get(path)
    if found is None:
        found = open_results(path, part)
        if found is not None:
            _files[path] = found
    return found


def open_results(path: Path, part: Part = SIGNALS) -> Results | None:
    """The results in a file; None when another edition wrote them. Raises NotReady when the file is gone."""
    try:
        connection = duckdb.connect(str(path), read_only=True, config=READER_SETTINGS)
    except duckdb.IOException as error:
        raise NotReady("mart.unreadable", folder=str(path.parent)) from error
    if _edition(connection) != part.shape:
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


def publish_results(
    folder: Path, runs: list[Mapping[str, pd.DataFrame]], *, part: Part = SIGNALS, keep: int = 5
) -> Version:
    """Write the results of one or several runs, the last day last, beside those kept from before, and switch to them.

    A run gives frames by table name, with the columns of the part's tables but for `run_no`; a run of a day that was judged before
    stands beside the earlier one and is read in its place. The caller holds the one writer's place. The version keeps its name: its
    matters are the same, and so is the other part.
    """
    version = read_pointer(folder)
    name = f"{part.name}-{version.version}-{secrets.token_hex(4)}.duckdb"
    path = folder / "building" / name
    path.parent.mkdir(exist_ok=True)
    try:
        _write(path, file_of(folder, version, part.name) if part.name in version.files else None, runs, part)
    except BaseException:
        for left in path.parent.glob(f"{name}*"):
            left.unlink()
        raise
    published = replace(version, files={**version.files, part.name: name})
    switch(folder, published, {part.name: path}, keep)
    return published


def _write(path: Path, former: Path | None, runs: list[Mapping[str, pd.DataFrame]], part: Part) -> None:
    tables, last_only = part.tables.tables.values(), part.module.OF_THE_LAST_RUN
    with closing(duckdb.connect(str(path), config=BUILDING)) as connection:
        connection.execute("BEGIN")
        connection.execute(f"CREATE TABLE {MARK} (mark VARCHAR)")
        connection.execute(f"INSERT INTO {MARK} VALUES ('{part.shape}')")
        for table in tables:
            connection.execute(ddl(table))
        day = max(pd.Timestamp(one["run"]["as_of"].iloc[0]) for one in runs)
        before, is_past = _carry(connection, former, day, part)
        for number, frames in enumerate(runs, start=before + 1):
            is_last = number == before + len(runs) and not is_past
            for table in tables:
                if table.name in frames and (is_last or table.name not in last_only):
                    _insert(connection, table, frames[table.name], number)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")


def _carry(
    connection: duckdb.DuckDBPyConnection, former: Path | None, day: pd.Timestamp, part: Part
) -> tuple[int, bool]:
    """Take over the runs kept from before; returns the number of the last of them, and whether one of them stands for a later day.

    What only the last run needs is taken over with it where the runs to come stand for an earlier day.
    """
    if former is None or not former.exists():
        return 0, False
    connection.execute("COMMIT")
    connection.execute(f"ATTACH '{str(former).replace(chr(39), chr(39) * 2)}' AS former (READ_ONLY)")
    connection.execute("BEGIN")
    if _edition(connection, "former.main") != part.shape:
        return 0, False
    last_on, number = connection.execute("SELECT max(as_of), coalesce(max(run_no), 0) FROM former.main.run").fetchone()
    is_past = last_on is not None and last_on > day.date()
    kept = part.kept(last_on if is_past else day.date())
    for table in part.tables.tables.values():
        if is_past or table.name not in part.module.OF_THE_LAST_RUN:
            runs = f"run_no IN (SELECT run_no FROM former.main.run WHERE {kept})"
            connection.execute(f"INSERT INTO {table.name} SELECT * FROM former.main.{table.name} WHERE {runs}")
    return number, is_past


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
