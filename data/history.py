# ruff: noqa: S608 - the statements are put together from our own tables' names; no value of a matter enters them
"""What came and went in the small tables of the mart, so that any past day can be told as it was then known.

Matters keep their own past (`matter_past`). Every other table has a log in the schema `past`: at each refresh the rows that came and the rows
that went since the version before, written alike by full and incremental refreshes. The table as it was at a moment is the table now, less
what came since, and what went since put back. Logs reach as far back as `matter_past` does.
"""

import sqlalchemy as sa

from data import mart_tables
from data.building import KEEP_PAST, TOPICS, Build, duck_type, moment

HISTORY = mart_tables.HISTORY_SCHEMA


def record_changes(build: Build) -> None:
    """Write down what came and went in each small table since the previous version, attached as `previous`, and which version that was."""
    build.run(f"CREATE SCHEMA IF NOT EXISTS {HISTORY}")
    for table in mart_tables.history.tables.values():
        columns = ", ".join(f"{column.name} {duck_type(column)}" for column in table.columns)
        build.run(f"CREATE TABLE IF NOT EXISTS {table.fullname} ({columns})")
    if build.previous is None:
        return
    former = _columns_of_previous(build)
    if build.is_full:
        _carry(build, former)
    kept = (HISTORY, "publication") in former  # an earlier edition kept no logs
    build.remembered_since = build.previous.known_since if kept else build.previous.published_at
    build.run(f"INSERT INTO {HISTORY}.publication SELECT * FROM previous.main.publication")
    oldest = moment(build.known_at - KEEP_PAST)
    differing = _differing(build, former)
    for table in mart_tables.logged:
        if table.name in differing:
            _write_log(build, table, former)
            build.run(f"DELETE FROM {HISTORY}.{table.name} WHERE changed_at < {oldest}")
    # What a report was about is kept nowhere, and it was never a matter.
    build.run(f"DELETE FROM {HISTORY}.{TOPICS} WHERE matter_no IN (SELECT matter_no FROM report_row)")
    build.run(
        f"DELETE FROM {HISTORY}.publication WHERE published_at < "
        f"(SELECT max(published_at) FROM {HISTORY}.publication WHERE published_at <= {oldest})"
    )


def _columns_of_previous(build: Build) -> dict[tuple[str, str], set[str]]:
    """The columns the previous version has, by schema and table."""
    found: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in build.run(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'previous'"
    ).fetchall():
        found.setdefault((schema, table), set()).add(column)
    return found


def _carry(build: Build, former: dict[tuple[str, str], set[str]]) -> None:
    """Into a version built anew: the logs that the previous one kept."""
    for table in mart_tables.history.tables.values():
        names = ", ".join(c.name for c in table.columns if c.name in former.get((HISTORY, table.name), ()))
        if names:
            build.run(f"INSERT INTO {table.fullname} ({names}) SELECT {names} FROM previous.{table.fullname}")


def _differing(build: Build, former: dict[tuple[str, str], set[str]]) -> list[str]:
    """The tables whose rows are not those of the previous version, in any order; told by the sum of the rows' hashes."""
    tests = [f"SELECT '{TOPICS}'"] if build.topics_of else []
    for table in mart_tables.logged:
        if build.topics_of and table.name == TOPICS:
            continue
        now, then = (
            f"(SELECT sum(CAST(hash({columns}) AS HUGEINT)) FROM {relation})"
            for columns, relation in _versions(table, former)
        )
        tests.append(f"SELECT '{table.name}' WHERE {now} IS DISTINCT FROM {then}")
    return build.texts(" UNION ALL ".join(tests))


def _write_log(build: Build, table: sa.Table, former: dict[tuple[str, str], set[str]]) -> None:
    (names, now), (former_names, then) = _versions(table, former)
    # Topics of matters that were not touched are those of the previous version.
    some = f"WHERE matter_no IN {build.topics_of}" if build.topics_of and table.name == TOPICS else ""
    build.run(
        f"INSERT INTO {HISTORY}.{table.name} SELECT {names}, sum(n), {moment(build.known_at)} "
        f"FROM (SELECT {names}, 1 AS n FROM {now} {some} UNION ALL SELECT {former_names}, -1 FROM {then} {some}) "
        f"GROUP BY {names} HAVING sum(n) <> 0"
    )


def _versions(table: sa.Table, former: dict[tuple[str, str], set[str]]) -> tuple[tuple[str, str], tuple[str, str]]:
    """A table now and as the previous version had it, each as its columns and a relation; columns that it lacked are NULL."""
    present = former.get(("main", table.name), set())
    names = ", ".join(c.name for c in table.columns)
    known = ", ".join(c.name if c.name in present else f"CAST(NULL AS {duck_type(c)})" for c in table.columns)
    then = f"previous.main.{table.name}" if present else f"(FROM main.{table.name} LIMIT 0)"
    return (names, f"main.{table.name}"), (known, then)
