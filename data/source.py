"""Reading an operational database, ours or a foreign one: one read transaction, whole tables as Arrow streams.

SQLite and PostgreSQL are read through ADBC; any other database through SQLAlchemy's rows. Whatever cannot be sent in the contract's own
type is sent as text and cast in the mart, blanks becoming NULL. A read-only account is enough.
"""

import importlib.util
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import adbc_driver_manager
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from data import operational
from data.errors import NotReady

BATCH_ROWS = 65_536
ROWS_PER_FETCH = 20_000

_SENT_AS = {sa.DateTime: sa.TIMESTAMP, sa.Date: sa.Date, sa.Integer: sa.BigInteger, sa.Float: sa.Double}

SelectFor = Callable[[str], sa.Select | None]


@dataclass(frozen=True)
class Source:
    """One read transaction on an operational database.

    `name` is its address without the password; `clock` is the source's own time at the start, in the site's zone; `columns` are the
    contract's columns present, by table; `given` those that the database itself never leaves empty.
    """

    name: str
    clock: datetime
    columns: dict[str, frozenset[str]]
    given: dict[str, frozenset[str]]
    _selects: dict[str, sa.Select]
    _run: Callable[[sa.Select], pa.RecordBatchReader]

    def has(self, table: str, *names: str) -> bool:
        """Whether the source has the table, and in it all the columns named."""
        return table in self.columns and self.columns[table].issuperset(names)

    def rows(self, table: str) -> sa.Subquery:
        """The table as the contract names its columns; those the source lacks are absent."""
        return self._selects[table].subquery("source")

    def stream(self, statement: sa.Select) -> pa.RecordBatchReader:
        """The rows of a statement over `rows(…)`, as one stream of Arrow batches; text stands for what has no fitting type."""
        try:
            return self._run(statement)
        except (adbc_driver_manager.Error, sa.exc.DBAPIError) as error:
            raise NotReady("refresh.unreadable", database=self.name, detail=_first_line(error)) from error

    def numbers(self, statement: sa.Select) -> tuple[int, ...]:
        """The one row of a statement of whole numbers; what is empty is 0."""
        table = self.stream(statement).read_all()
        return tuple(int(column[0].as_py() or 0) for column in table.columns)


@contextmanager
def open_source(
    engine: sa.Engine, *, now: datetime, time_zone: str, select_for: SelectFor | None = None
) -> Iterator[Source]:
    """Open the one read transaction.

    `select_for` gives a foreign database's mapped select for a contract table, or None to take the table as it stands. SQLite has no
    clock of its own: it is on this machine, so its clock is `now`. Raises NotReady when the database cannot be reached or holds no
    matters.
    """
    try:
        selects, given = _selects(engine, select_for)
    except sa.exc.OperationalError as error:
        raise NotReady("refresh.unreachable", database=_masked(engine), detail=type(error.orig).__name__) from error
    columns = {name: frozenset(select.selected_columns.keys()) for name, select in selects.items()}
    needed = set(operational.REQUIRED["matter"]) - {"updated_at"}
    missing = sorted(needed - columns.get("matter", frozenset()))
    if missing:
        raise NotReady("refresh.no_matters", database=_masked(engine), columns=", ".join(missing))
    with _runner(engine, time_zone) as (run, clock):
        yield Source(_masked(engine), clock or now, columns, given, selects, run)


# --- what is there ---------------------------------------------------------------------------------------------------------


def _selects(engine: sa.Engine, select_for: SelectFor | None) -> tuple[dict[str, sa.Select], dict[str, frozenset[str]]]:
    """A select for each contract table that the source has, its columns named and typed as the source types them, and which are never NULL."""
    if engine.dialect.name == "sqlite" and _is_file(engine) and not Path(engine.url.database).exists():
        raise NotReady("refresh.unreachable", database=_masked(engine), detail="FileNotFoundError")
    inspector = sa.inspect(engine)
    present = {*inspector.get_table_names(), *inspector.get_view_names()}
    if engine.dialect.name == "postgresql":
        present |= {*inspector.get_materialized_view_names()}
    selects, given = {}, {}
    for name, table in operational.contract.tables.items():
        mapped = select_for(name) if select_for else None
        if mapped is not None:
            selects[name] = mapped
        elif name in present:
            described = inspector.get_columns(name)
            known = {column["name"]: column["type"] for column in described}
            given[name] = frozenset(column["name"] for column in described if not column["nullable"])
            own = [sa.column(column.name, known[column.name]) for column in table.columns if column.name in known]
            if own:
                selects[name] = sa.select(*own).select_from(sa.table(name))
    return selects, given


def wrapped(statement: sa.Select, dialect: str) -> sa.Select:
    """The statement with each column sent so that no driver has to guess its type.

    ADBC infers a SQLite column from its first batch and fails when that is empty, so there everything is text, blank for NULL; on
    PostgreSQL a column of the contract's own family keeps its type.
    """
    inner = statement.subquery("wrapped")
    if dialect == "sqlite":
        return sa.select(*(sa.func.coalesce(sa.cast(c, sa.Text), "").label(c.name) for c in inner.c))
    return sa.select(*(sa.cast(c, _sent_as(c)).label(c.name) for c in inner.c))


def _sent_as(column: sa.ColumnElement) -> type:
    """The type to send a PostgreSQL column in: its contract's when the source's is of the same family, else text."""
    own = column.type
    for family, sent in _SENT_AS.items():
        if isinstance(own, family):
            return sent
    return sa.Integer if isinstance(own, sa.Boolean) else sa.Text


# --- the ways to read ------------------------------------------------------------------------------------------------------


@contextmanager
def _runner(engine: sa.Engine, time_zone: str) -> Iterator[tuple[Callable, datetime | None]]:
    name = engine.dialect.name
    if name == "sqlite" and _is_file(engine):
        reader = _read_sqlite(engine)
    elif name == "postgresql" and _is_plain_postgresql(engine):
        reader = _read_postgresql(engine, time_zone)
    else:
        reader = _read_tuples(engine)
    with reader as found:
        yield found


@contextmanager
def _read_sqlite(engine: sa.Engine) -> Iterator[tuple[Callable, None]]:
    import adbc_driver_sqlite.dbapi as adbc

    uri = f"file:{quote(str(Path(engine.url.database).absolute()))}?mode=ro"
    dialect = sqlite.dialect(paramstyle="named")
    with closing(adbc.connect(uri)) as connection, closing(connection.cursor()) as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)})

        def run(statement: sa.Select) -> pa.RecordBatchReader:
            cursor.execute(_literal(wrapped(statement, "sqlite"), dialect))
            return cursor.fetch_record_batch()

        yield run, None


@contextmanager
def _read_postgresql(engine: sa.Engine, time_zone: str) -> Iterator[tuple[Callable, datetime]]:
    import adbc_driver_postgresql.dbapi as adbc

    uri = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    dialect = postgresql.dialect(paramstyle="named")
    try:
        connection = adbc.connect(uri)
    except adbc_driver_manager.Error as error:
        raise NotReady("refresh.unreachable", database=_masked(engine), detail=type(error).__name__) from error
    with closing(connection), closing(connection.cursor()) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET LOCAL TIME ZONE {_quoted(time_zone)}")
        cursor.execute("SELECT CAST(now() AS TIMESTAMP)")
        (clock,) = cursor.fetchone()

        def run(statement: sa.Select) -> pa.RecordBatchReader:
            cursor.execute(_literal(wrapped(statement, "postgresql"), dialect))
            return cursor.fetch_record_batch()

        yield run, clock


@contextmanager
def _read_tuples(engine: sa.Engine) -> Iterator[tuple[Callable, None]]:
    options = {"stream_results": True}
    if engine.dialect.name not in ("sqlite", "oracle"):
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as connection:

        def run(statement: sa.Select) -> pa.RecordBatchReader:
            result = connection.execute(statement)
            schema = pa.schema([(name, pa.string()) for name in statement.selected_columns.keys()])  # noqa: SIM118 no dict
            return pa.RecordBatchReader.from_batches(schema, _batches(result.partitions(ROWS_PER_FETCH), schema))

        yield run, None


def _batches(partitions: Iterable[list[tuple]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for rows in partitions:
        columns = [pa.array(map(_text, values), pa.string()) for values in zip(*rows, strict=True)]
        yield pa.record_batch(columns, schema=schema)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(int(value)) if isinstance(value, bool) else str(value)


def _literal(statement: sa.Select, dialect: sa.Dialect) -> str:
    """The statement as text. Keys stand in it as quoted literals (`keys_in`), so that one path serves every driver."""
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def keys_in(column: sa.ColumnElement, keys: Iterable[str]) -> sa.ColumnElement:
    """The condition that a text column is one of `keys`."""
    return column.in_([sa.literal_column(_quoted(key)) for key in keys])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _is_file(engine: sa.Engine) -> bool:
    return engine.url.database not in (None, "", ":memory:")


def _is_plain_postgresql(engine: sa.Engine) -> bool:
    return (
        engine.url.get_backend_name() == "postgresql" and importlib.util.find_spec("adbc_driver_postgresql") is not None
    )


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0][:200]


def _masked(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
