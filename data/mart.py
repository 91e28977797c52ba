"""Reading the mart: the published version, opened once per process, one cursor a call.

Statements are SQLAlchemy Core over `data.mart_tables`, compiled with the PostgreSQL dialect, and run as they are on DuckDB files and on
a PostgreSQL copy of the mart. Both give the same frame: whole numbers Int64, fractions float64, text str, dates datetime64[s] at
midnight, moments datetime64[us], truth values boolean; what is missing is NA or NaT.
"""

import os
import tempfile
import threading
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from data import mart_tables
from data.errors import NotReady
from data.versions import Attempt, Version, file_of, last_attempt, list_versions, read_pointer

__all__ = ["Attempt", "Mart", "PostgresMart", "Version", "as_then_known", "last_attempt", "list_versions", "open_mart"]

READER_SETTINGS = {"threads": 2, "memory_limit": "500MB"}
LOCKS = ("autoinstall_known_extensions=false", "autoload_known_extensions=false", "enable_external_access=false")

_open: dict[Path, "Mart"] = {}
_opening = threading.Lock()


class Mart:
    """One published version, read-only, to be shared by all threads of a process.

    `published_at` is the site's clock at its refresh, `read_at` the source's; nothing is known before `first_refresh_at`, and
    superseded rows only since `known_since`. It goes on answering after a newer version is published; it closes with its last user.
    """

    def __init__(self, version: Version, connection: duckdb.DuckDBPyConnection, folder: Path | None = None) -> None:
        self.version = version.version
        self.published_at = version.published_at
        self.read_at = version.read_at
        self.first_refresh_at = version.first_refresh_at
        self.known_since = version.known_since
        self.facts = version
        self.folder = folder
        self._connection = connection

    @property
    def results_name(self) -> str | None:
        """The file of the signals computed from the matters (`data.results`): with the version, what an answer can be kept by."""
        return self.facts.files.get("signals")

    @property
    def forecasts_name(self) -> str | None:
        """The file of the forecasts, which comes after it."""
        return self.facts.files.get("forecasts")

    def read(self, statement: sa.Select, params: dict | None = None) -> pd.DataFrame:
        """The rows of a statement, in the types the module promises."""
        text, values = compile_statement(statement, params)
        cursor = self._connection.cursor()
        try:
            return as_frame(cursor.execute(text, values).to_arrow_table())
        finally:
            cursor.close()

    def stream(self, table: sa.Table) -> pa.RecordBatchReader:
        """A whole table as a stream of Arrow batches, for copies."""
        text, values = compile_statement(sa.select(table))
        return self._connection.cursor().execute(text, values).to_arrow_reader(65_536)

    def beside(self, version: Version) -> "Mart":
        """The same matters with other results beside them."""
        return Mart(version, self._connection, self.folder)

    def close(self) -> None:
        """Close the file at once; for tests and for the one who opened it alone."""
        self._connection.close()


class PostgresMart:
    """A copy of a version in PostgreSQL (`data.mart_copy`): the same statements, the same frames, slower."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        try:
            row = self._rows(sa.select(mart_tables.publication))[1][0]
        except (sa.exc.ProgrammingError, IndexError):
            raise NotReady("mart.missing", folder=engine.url.render_as_string(hide_password=True)) from None
        self.version, self.published_at, self.read_at, self.first_refresh_at, self.known_since = row

    def read(self, statement: sa.Select, params: dict | None = None) -> pd.DataFrame:
        """The rows of a statement, in the types the module promises."""
        names, rows, kinds = self._rows(statement, params, with_kinds=True)
        columns = [_postgres_array([row[place] for row in rows], kind) for place, kind in enumerate(kinds)]
        return as_frame(pa.Table.from_arrays(columns, names=names))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _rows(self, statement: sa.Select, params: dict | None = None, with_kinds: bool = False) -> tuple:
        with self._engine.connect() as connection:
            result = connection.execute(statement, params or {})
            kinds = [column[1] for column in result.cursor.description] if with_kinds else []
            return list(result.keys()), result.fetchall(), kinds


def open_mart(folder: Path) -> Mart:
    """The published version: one shared instance per version and process.

    A file that vanishes between pointer and opening means that a newer version came; the pointer is then read once more. Raises
    NotReady when nothing has been published, or by another edition whose tables are not these.
    """
    folder = Path(folder).absolute()
    try:
        return _open_current(folder)
    except duckdb.IOException:
        pass
    try:
        return _open_current(folder)
    except duckdb.IOException as error:
        raise NotReady("mart.unreadable", folder=str(folder)) from error


def open_version(version: Version, path: Path) -> Mart:
    """One version read from its file, by a connection of its own."""
    connection = duckdb.connect(str(path), read_only=True, config=READER_SETTINGS)
    lock_reader(connection, version.version)
    return Mart(version, connection, Path(path).parent)


def lock_reader(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Let a connection read what it has open and nothing else; what does not fit into memory goes to a folder of its own."""
    spill = Path(tempfile.gettempdir()) / f"xianshou-{os.getpid()}-{name}"
    connection.execute(f"SET temp_directory = {_quoted(str(spill))}")
    for setting in LOCKS:
        connection.execute(f"SET {setting}")
    connection.execute("SET lock_configuration = true")


def _open_current(folder: Path) -> Mart:
    version = read_pointer(folder)
    if version.contract_hash != mart_tables.shape():
        raise NotReady("mart.outdated", version=version.version)
    with _opening:
        current = _open.get(folder)
        if current is None or current.facts != version:
            same = current is not None and current.facts.files["matters"] == version.files["matters"]
            current = _open[folder] = (
                current.beside(version) if same else open_version(version, file_of(folder, version))
            )
        return current


def as_then_known(mart: Mart | PostgresMart, at: datetime) -> sa.Subquery:
    """The matters as this mart knew them at a moment, with the columns of `matter`: each in the version then known.

    Raises NotReady for a moment before the first refresh, or so long ago that superseded rows have been dropped: it is unknown.
    """
    if at < mart.known_since:
        raise NotReady("mart.unknown_then", at=at, since=mart.known_since)
    now, past = mart_tables.matter, mart_tables.matter_past
    names = [column.name for column in now.columns]
    return sa.union_all(
        sa.select(*(now.c[name] for name in names)).where(now.c.known_at <= at),
        sa.select(*(past.c[name] for name in names)).where(past.c.known_at <= at, past.c.superseded_at > at),
    ).subquery("then_known")


# --- statements ------------------------------------------------------------------------------------------------------------


def _dialect() -> sa.Dialect:
    dialect = postgresql.dialect(paramstyle="numeric_dollar")
    dialect.div_is_floordiv = False  # as DuckDB divides: `/` is a fraction
    return dialect


_DIALECT = _dialect()


def compile_statement(statement: sa.Select, params: dict | None = None) -> tuple[str, list]:
    """The statement as text with $1, $2 … and its values in that order."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    values = compiled.construct_params(params, escape_names=False)
    return str(compiled), [values[name] for name in compiled.positiontup or ()]


# --- frames ----------------------------------------------------------------------------------------------------------------

_IN_FRAME = {
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.string(): pd.StringDtype(na_value=float("nan")),
}


def as_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a frame in the types the module promises; sums of whole numbers arrive as decimals and become Int64."""
    plain = pa.schema([pa.field(field.name, _plain(field.type)) for field in table.schema])
    if plain != table.schema:
        table = table.cast(plain)
    return table.to_pandas(types_mapper=_IN_FRAME.get, date_as_object=False)


def _plain(kind: pa.DataType) -> pa.DataType:
    """The one type of its family that goes into a frame."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_decimal(kind):
        return pa.int64() if kind.scale == 0 else pa.float64()
    for belongs, one in (
        (pa.types.is_integer, pa.int64()),
        (pa.types.is_floating, pa.float64()),
        (pa.types.is_date, pa.timestamp("s")),
        (pa.types.is_timestamp, pa.timestamp("us")),
        (pa.types.is_large_string, pa.string()),
    ):
        if belongs(kind):
            return one
    return kind


_POSTGRES_KINDS = {
    16: pa.bool_(), 20: pa.int64(), 21: pa.int64(), 23: pa.int64(), 700: pa.float64(), 701: pa.float64(), 1082: pa.date32(),
    1114: pa.timestamp("us"), 1184: pa.timestamp("us"),
}  # fmt: skip
_NUMERIC = 1700


def _postgres_array(values: list, kind: int) -> pa.Array:
    if kind == _NUMERIC:
        whole = all(value is None or value.as_tuple().exponent == 0 for value in values if isinstance(value, Decimal))
        plain = [value if value is None else int(value) if whole else float(value) for value in values]
        return pa.array(plain, pa.int64() if whole else pa.float64())
    return pa.array(values, _POSTGRES_KINDS.get(kind, pa.string()))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
