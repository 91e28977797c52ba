# ruff: noqa: S608 - the statements are put together from our own tables' names; no value of a matter enters them
"""One version of the mart in the making: typed rows out of the source's streams, the small tables, the calendar and the places."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from data import mart_tables, operational
from data.areas import grow_tree, missing_parents
from data.deadlines import DeadlineRules
from data.derived import CALENDAR_MACROS
from data.guard import check_table
from data.source import Source, keys_in
from data.versions import Version
from data.workdays import WorkCalendar

KEEP_PAST = timedelta(days=400)  # superseded rows: a year and a little, so that last year's brief can be asked again
KEYS_PER_FETCH = 5_000
REPORT_PURPOSES = ("report", "检举控告", "检举", "控告")
TOPICS = "matter_topic"  # grows with the matters, and changes with them
TOUCHED = "(SELECT matter_no FROM differing UNION SELECT matter_no FROM superseded)"

Progress = Callable[[str, float], None]
Notice = tuple[str, dict[str, object]]


@dataclass
class Build:
    """One version in the making; it opened with one transaction on its own file, which nobody else reads."""

    connection: duckdb.DuckDBPyConnection
    source: Source
    rules: DeadlineRules
    calendar: WorkCalendar
    known_at: datetime
    first_refresh_at: datetime
    previous: Version | None
    progress: Progress
    is_full: bool = True
    rules_changed: bool = False  # derived columns rest on other rules or another calendar than the previous version's
    remembered_since: datetime | None = None  # since when all tables are known as they then were
    tree_changed: bool = True
    topics_of: str | None = None  # the matters whose topics alone were read again, as a relation; None: all were
    changes: dict[str, int] = field(default_factory=dict)
    warnings: list[Notice] = field(default_factory=list)

    @property
    def known_since(self) -> datetime:
        """The earliest moment of which "as then known" can be answered."""
        return max(self.first_refresh_at, self.known_at - KEEP_PAST, self.remembered_since or datetime.min)

    def run(self, statement: str) -> duckdb.DuckDBPyConnection:
        """Run a statement of ours."""
        return self.connection.execute(statement)

    def one(self, statement: str) -> tuple:
        """The one row of a statement."""
        return self.run(statement).fetchone()

    def count(self, relation: str) -> int:
        """How many rows a relation has."""
        return self.one(f"SELECT count(*) FROM {relation}")[0]

    def texts(self, statement: str) -> list[str]:
        """The first column of a statement."""
        return [row[0] for row in self.run(statement).fetchall()]

    def warn(self, key: str, **values: object) -> None:
        """Note something the reader of the report should know."""
        self.warnings.append((f"refresh.warning.{key}", values))


# --- tables and types ------------------------------------------------------------------------------------------------------


def ddl(table: sa.Table, *, anew: bool = False) -> str:
    """The statement that makes a table of the mart."""
    columns = ", ".join(f"{column.name} {duck_type(column)}" for column in table.columns)
    return f"CREATE {'OR REPLACE ' if anew else ''}TABLE {table.name} ({columns})"


def duck_type(column: sa.Column) -> str:
    """DuckDB's name for a column's type."""
    for family, name in (
        (sa.SmallInteger, "SMALLINT"), (sa.Integer, "INTEGER"), (sa.Float, "DOUBLE"), (sa.DateTime, "TIMESTAMP"), (sa.Date, "DATE"),
    ):  # fmt: skip
        if isinstance(column.type, family):
            return name
    return "VARCHAR"


def moment(at: datetime) -> str:
    """A moment as SQL has it."""
    return f"TIMESTAMP '{at.isoformat(sep=' ')}'"


def _typed(table: sa.Table, sent: pa.Schema) -> str:
    """Each column of a table out of what was sent: a blank is NULL, an absent column is NULL, and so is what its type cannot take."""
    return ", ".join(f"{_from_sent(column, sent)} AS {column.name}" for column in table.columns)


def _from_sent(column: sa.Column, sent: pa.Schema) -> str:
    type_ = duck_type(column)
    if column.name not in sent.names:
        return f"CAST(NULL AS {type_})"
    if not _is_text(sent.field(column.name).type):
        return f"TRY_CAST({column.name} AS {type_})"
    return f"nullif({column.name}, '')" if type_ == "VARCHAR" else f"TRY_CAST(nullif({column.name}, '') AS {type_})"


def _is_text(type_: pa.DataType) -> bool:
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


# --- from the source ---------------------------------------------------------------------------------------------------------


def load(
    build: Build,
    table: sa.Table,
    statement: sa.Select,
    insert: Callable[[str], str],
    seen: Callable[[int], None] = lambda rows: None,
) -> Counter[str]:
    """Run `insert(relation)` over the typed rows of a source statement, unless there are none.

    Returns how many values were sent in each column that is not text, and the rows as `*`: what no type takes becomes NULL, and
    `warn_unreadable` finds it by counting what arrived.
    """
    reader = build.source.stream(statement)
    first = next(iter(reader), None)
    sent: Counter[str] = Counter()
    if first is None:
        return sent
    names = [
        column.name for column in table.columns if column.name in reader.schema.names and duck_type(column) != "VARCHAR"
    ]

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in chain((first,), reader):
            sent.update({name: _filled(batch.column(name)) for name in names})
            sent["*"] += batch.num_rows
            seen(batch.num_rows)
            yield batch

    build.connection.register("stream", pa.RecordBatchReader.from_batches(reader.schema, batches()))
    # The stream's size is unknown to the planner: without this it would gather all of it to look a few areas up in it.
    build.run("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    build.run(insert(f"(SELECT {_typed(table, reader.schema)} FROM stream)"))
    build.run("RESET disabled_optimizers")
    build.connection.unregister("stream")
    return sent


def _filled(column: pa.Array) -> int:
    """How many values of a column are neither NULL nor blank."""
    if _is_text(column.type):
        return pc.sum(pc.not_equal(column, "")).as_py() or 0
    return len(column) - column.null_count


def load_by_key(
    build: Build, table: sa.Table, statement: sa.Select, keys: list[str], into: str, stage: str = ""
) -> Counter[str]:
    """Insert the rows of a source statement whose `matter_no` is one of `keys`, some thousand keys at a time."""
    sent: Counter[str] = Counter()
    key = statement.selected_columns["matter_no"]
    for start in range(0, len(keys), KEYS_PER_FETCH):
        if stage:
            build.progress(stage, 0.3 + 0.3 * start / len(keys))
        some = statement.where(keys_in(key, keys[start : start + KEYS_PER_FETCH]))
        sent += load(build, table, some, f"INSERT INTO {into} SELECT * FROM {{}}".format)
    return sent


def warn_unreadable(build: Build, table: sa.Table, relation: str, sent: Counter[str]) -> None:
    """Warn of each column in which fewer values arrived in `relation` than were sent."""
    names = sorted(sent.keys() - {"*"})
    if not names:
        return
    arrived = build.one(f"SELECT {', '.join(f'count({name})' for name in names)} FROM {relation}")
    for name, count in zip(names, arrived, strict=True):
        if count < sent[name]:
            build.warn("unreadable_values", table=table.name, column=name, count=sent[name] - count)


# --- calendar, places and the other small tables -----------------------------------------------------------------------------


def read_calendar(build: Build) -> None:
    """Put the calendar in force into the version, and within reach of the derived columns."""
    _replace(build, mart_tables.calendar_day, build.calendar.frame())
    build.run(CALENDAR_MACROS)


def _replace(build: Build, table: sa.Table, frame: pd.DataFrame) -> None:
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    build.connection.register("given", arrow)
    build.run(f"DELETE FROM {table.name}; INSERT INTO {table.name} SELECT {_typed(table, arrow.schema)} FROM given")
    build.connection.unregister("given")


def read_small_tables(build: Build, *, leave: Iterable[str] = ()) -> None:
    """Read every table but `matter` in full, those to `leave` apart, and grow the area tree."""
    tables = {name: table for name, table in mart_tables.others.items() if name not in leave}
    for number, (name, table) in enumerate(tables.items()):
        build.progress("tables", 0.1 * number / len(tables))
        _read_whole(build, name, table)
    areas = build.run(
        "SELECT area_code, name, level_code, parent_code, households FROM area WHERE area_code IS NOT NULL"
    ).df()
    lost = missing_parents(areas)
    if len(lost):
        build.warn("areas_without_parent", count=len(lost), example=lost["area_code"].iloc[0])
    build.run("CREATE TEMP TABLE former_tree AS SELECT area_code, pos FROM area_tree")
    _replace(build, mart_tables.area_tree, grow_tree(areas))
    moved = "(FROM former_tree EXCEPT SELECT area_code, pos FROM area_tree)"
    added = "(SELECT area_code, pos FROM area_tree EXCEPT FROM former_tree)"
    build.tree_changed = build.count(moved) + build.count(added) > 0


def _read_whole(build: Build, name: str, table: sa.Table) -> None:
    build.run(ddl(table, anew=True))
    if build.source.has(name):
        sent = load(
            build, table, sa.select(*build.source.rows(name).c), f"INSERT INTO {name} SELECT * FROM {{}}".format
        )
        if sent["*"]:
            warn_unreadable(build, table, name, sent)
            check_table(build.connection, table)


def read_changed_topics(build: Build, keys: list[str]) -> None:
    """Read the topics of the matters in `keys` again; all topics when their number by topic then differs from the source's.

    A topic exchanged for another of its kind without touching its matter waits for the weekly rebuild.
    """
    table = mart_tables.others[TOPICS]
    if not build.source.has(TOPICS, "matter_no", "topic_code"):
        return _read_whole(build, TOPICS, table)
    rows = build.source.rows(TOPICS)
    build.run(f"DELETE FROM {TOPICS} WHERE matter_no IN {TOUCHED}")
    load_by_key(build, table, sa.select(*rows.c), keys, TOPICS)
    by_topic = sa.select(rows.c.topic_code, sa.cast(sa.func.count(), sa.Text).label("matter_no")).group_by(
        rows.c.topic_code
    )
    build.run("CREATE TEMP TABLE source_topic (topic_code VARCHAR, n BIGINT)")
    load(build, table, by_topic, "INSERT INTO source_topic SELECT topic_code, CAST(matter_no AS BIGINT) FROM {}".format)
    if build.count(f"(FROM source_topic EXCEPT SELECT topic_code, count(*) FROM {TOPICS} GROUP BY 1)") or build.count(
        f"(SELECT topic_code, count(*) FROM {TOPICS} GROUP BY 1 EXCEPT FROM source_topic)"
    ):
        return _read_whole(build, TOPICS, table)
    build.topics_of = TOUCHED
    return check_table(build.connection, table)


# --- matters in the source -----------------------------------------------------------------------------------------------------


def flag(source: Source, rows: sa.Subquery) -> sa.ColumnElement:
    """What a row of `source.rows("matter")` is: `report` against an official, `unusable` for want of a number or a day, or blank for a matter.

    A day that the database never leaves empty is not looked at: the keys of matters are then read from an index without it.
    """
    doubtful = ["matter_no", *({"registered_at"} - source.given.get("matter", frozenset()))]
    blank = [sa.func.coalesce(sa.cast(rows.c[name], sa.Text), "") == "" for name in doubtful]
    known = [(sa.or_(*blank), "unusable")]
    if "purpose" in rows.c:
        known.insert(0, (sa.cast(rows.c.purpose, sa.Text).in_(REPORT_PURPOSES), "report"))
    return sa.case(*known, else_="")


def count_reports(build: Build, wanted: Callable[[sa.Select, str], None]) -> None:
    """Reports against officials become a number by month and street before anything is stored.

    `wanted(statement, into)` loads them; their keys stay in memory for this run only, so that a matter that turned out to be a report
    leaves the past as well, and its topics with it.
    """
    build.run(
        f"CREATE TEMP TABLE report_row AS SELECT {', '.join(c.name for c in operational.matter.columns)} FROM matter LIMIT 0"
    )
    rows = build.source.rows("matter")
    if "purpose" in rows.c:
        names = [name for name in ("matter_no", "registered_at", "area_code", "purpose") if name in rows.c]
        wanted(
            sa.select(*(rows.c[name] for name in names)).where(sa.cast(rows.c.purpose, sa.Text).in_(REPORT_PURPOSES)),
            "report_row",
        )
    build.run("""
        CREATE TEMP TABLE reported AS SELECT month, area_code, CAST(sum(reports) AS INTEGER) AS reports FROM (
            SELECT month, area_code, reports FROM report_count
            UNION ALL
            SELECT date_trunc('month', r.registered_at), coalesce(t.street_code, r.area_code), 1
            FROM report_row r LEFT JOIN area_tree t USING (area_code) WHERE r.registered_at IS NOT NULL)
        GROUP BY ALL ORDER BY ALL""")
    build.run("DELETE FROM report_count; INSERT INTO report_count SELECT * FROM reported")


def drop_report_topics(build: Build) -> None:
    """What a report was about is kept nowhere."""
    build.run(f"DELETE FROM {TOPICS} WHERE matter_no IN (SELECT matter_no FROM report_row)")
