# ruff: noqa: S608 - statements are put together from the contract's own column names; no value of a file enters them
"""Staged rows -> the embedded store, by set statements inside one transaction: what is new, changed, unchanged, doubtful; and back.

A stage is a temporary table of one file's accepted rows. Only the columns that the file has are compared and written; a column it
lacks stays as it is.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from data.intake.findings import Findings
from data.intake.registry import Registry

_ENDED = ("closed", "called_back", "evaluated", "archived", "duplicate", "diverted", "rejected", "cancelled")


@dataclass(frozen=True)
class Stage:
    """A file's accepted rows in a temporary table."""

    table: str
    file: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """How many rows of a stage were new, changed, unchanged, refused, or repeated another row."""

    inserted: int
    updated: int
    unchanged: int
    refused: int
    repeated: int


def stored_moment(moment: datetime) -> str:
    """A moment as the embedded store writes it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def open_stage(connection: sqlite3.Connection, number: int, file: str, columns: Sequence[str]) -> Stage:
    """An empty stage for one file, with a column for each contract column that the file has."""
    table = f"temp.intake_stage_{number}"
    connection.execute(f"DROP TABLE IF EXISTS {table}")
    names = ", ".join(columns)
    connection.execute(
        f"CREATE TEMP TABLE intake_stage_{number} (row_no INTEGER, content INTEGER, fit INTEGER DEFAULT 1, {names})"
    )
    return Stage(table, file, tuple(columns))


def fill_stage(connection: sqlite3.Connection, stage: Stage, rows: Iterable[int], frame: pd.DataFrame) -> None:
    """Add a chunk of accepted rows; `content` is a hash of everything but the number."""
    content = (
        pd.util.hash_pandas_object(frame.drop(columns="matter_no").fillna("\x00"), index=False).to_numpy().view("int64")
    )
    lists = [list(rows), content.tolist(), *(frame[column].tolist() for column in stage.columns)]
    marks = ", ".join("?" * len(lists))
    statement = f"INSERT INTO {stage.table} (row_no, content, {', '.join(stage.columns)}) VALUES ({marks})"
    connection.executemany(statement, zip(*lists, strict=True))


def drop_stage(connection: sqlite3.Connection, stage: Stage) -> None:
    """Remove a stage."""
    connection.execute(f"DROP TABLE IF EXISTS {stage.table}")


def register(connection: sqlite3.Connection, registry: Registry, batch_id: int, now: datetime) -> None:
    """Write the batch's new areas, categories and units, parents before children."""
    at = stored_moment(now)
    _register(
        connection,
        batch_id,
        "area",
        "area_code",
        "INSERT OR IGNORE INTO area (area_code, name, parent_code, level_code, updated_at) VALUES (?, ?, ?, ?, ?)",
        [
            (code, entry.name, entry.parent, entry.sort, at)
            for code in registry.new_areas
            for entry in (registry.areas[code],)
        ],
    )
    _register(
        connection,
        batch_id,
        "category",
        "category_code",
        "INSERT OR IGNORE INTO category (category_code, name, parent_code, scheme_code) VALUES (?, ?, ?, ?)",
        [(code, e.name, e.parent, e.sort) for code in registry.new_categories for e in (registry.categories[code],)],
    )
    _register(
        connection,
        batch_id,
        "organisation",
        "org_id",
        "INSERT OR IGNORE INTO organisation (org_id, name, parent_org_id, kind, updated_at) VALUES (?, ?, ?, ?, ?)",
        [
            (code, entry.name, entry.parent, entry.sort, at)
            for code in registry.new_units
            for entry in (registry.units[code],)
        ],
    )


def _register(
    connection: sqlite3.Connection, batch_id: int, table: str, key: str, statement: str, rows: list[tuple]
) -> None:
    for row in rows:
        if connection.execute(statement, row).rowcount:
            connection.execute(
                "INSERT INTO import_change (batch_id, table_name, row_key, action) VALUES (?, ?, ?, 'insert')",
                (batch_id, table, row[0]),
            )


# --- one stage -------------------------------------------------------------------------------------------------------------


def merge(connection: sqlite3.Connection, stage: Stage, batch_id: int, now: datetime, findings: Findings) -> Merged:
    """Write a stage into `matter`; unchanged rows are not touched, so that `updated_at` tells the truth."""
    connection.execute(f"CREATE INDEX {stage.table}_number ON {stage.table.removeprefix('temp.')} (matter_no)")
    refused, repeated = _settle_numbers(connection, stage, findings)
    refused += _refuse_taken(connection, stage, findings)
    _note_same_content(connection, stage, findings)
    _note_reopened(connection, stage, findings)
    _note_cross_source(connection, stage, findings)
    updated = _update(connection, stage, batch_id, now)
    fresh = "NOT EXISTS (SELECT 1 FROM matter m WHERE m.matter_no = s.matter_no)"
    connection.execute(
        f"INSERT INTO import_change (batch_id, table_name, row_key, action) "
        f"SELECT ?, 'matter', s.matter_no, 'insert' FROM {stage.table} s WHERE s.fit AND {fresh}",
        (batch_id,),
    )
    names = ", ".join(stage.columns)
    inserted = connection.execute(
        f"INSERT INTO matter ({names}, updated_at) SELECT {names}, ? FROM {stage.table} s WHERE s.fit AND {fresh} ORDER BY s.rowid",
        (stored_moment(now),),
    ).rowcount
    fit = connection.execute(f"SELECT count(*) FROM {stage.table} WHERE fit").fetchone()[0]
    return Merged(inserted, updated, fit - inserted - updated, refused, repeated)


def _list(
    connection: sqlite3.Connection,
    stage: Stage,
    findings: Findings,
    code: str,
    statement: str,
    parameters: Sequence[object] = (),
) -> int:
    rows = connection.execute(statement, parameters).fetchall()
    findings.add(
        code, file=stage.file, rows=[row[0] for row in rows], values=[row[1] for row in rows], are_numbers=True
    )
    return len(rows)


def _settle_numbers(connection: sqlite3.Connection, stage: Stage, findings: Findings) -> tuple[int, int]:
    """The same number again: the same content is taken once; different content is not taken at all, for nobody knows which holds."""
    t = stage.table
    connection.execute("DROP TABLE IF EXISTS temp.intake_twice")
    connection.execute(
        f"CREATE TEMP TABLE intake_twice AS SELECT matter_no, min(rowid) AS first, count(DISTINCT content) AS contents "
        f"FROM {t} GROUP BY matter_no HAVING count(*) > 1"
    )
    conflict = f"FROM {t} s JOIN temp.intake_twice d ON d.matter_no = s.matter_no WHERE d.contents > 1"
    again = (
        f"FROM {t} s JOIN temp.intake_twice d ON d.matter_no = s.matter_no WHERE d.contents = 1 AND s.rowid > d.first"
    )
    refused = _list(
        connection, stage, findings, "number_conflict", f"SELECT s.row_no, s.matter_no {conflict} ORDER BY s.rowid"
    )
    repeated = _list(
        connection, stage, findings, "repeated_row", f"SELECT s.row_no, s.matter_no {again} ORDER BY s.rowid"
    )
    connection.execute(
        f"UPDATE {t} SET fit = 0 WHERE rowid IN (SELECT s.rowid {conflict} UNION ALL SELECT s.rowid {again})"
    )
    return refused, repeated


def _refuse_taken(connection: sqlite3.Connection, stage: Stage, findings: Findings) -> int:
    taken = f"FROM {stage.table} s JOIN matter m ON m.matter_no = s.matter_no WHERE s.fit AND m.source_system <> s.source_system"
    refused = _list(
        connection, stage, findings, "number_taken", f"SELECT s.row_no, s.matter_no {taken} ORDER BY s.rowid"
    )
    if refused:
        connection.execute(f"UPDATE {stage.table} SET fit = 0 WHERE rowid IN (SELECT s.rowid {taken})")
    return refused


def _note_same_content(connection: sqlite3.Connection, stage: Stage, findings: Findings) -> None:
    """Rows equal to the second in everything but their number; sources that know only days are not judged."""
    _list(
        connection,
        stage,
        findings,
        "same_content",
        f"SELECT s.row_no, d.first_no FROM {stage.table} s JOIN (SELECT content, min(rowid) AS first, "
        f"min(matter_no) AS first_no FROM {stage.table} WHERE fit AND registered_at NOT LIKE '% 00:00:00.000000' "
        f"GROUP BY content HAVING count(*) > 1) d ON d.content = s.content WHERE s.fit AND s.rowid > d.first ORDER BY s.rowid",
    )


def _ended(alias: str, columns: Sequence[str]) -> str:
    words = ", ".join(f"'{status}'" for status in _ENDED)
    parts = [f"{alias}.closed_at IS NOT NULL"] if "closed_at" in columns else []
    parts += [f"coalesce({alias}.status, '') IN ({words})"] if "status" in columns else []
    return f"({' OR '.join(parts)})"


def _note_reopened(connection: sqlite3.Connection, stage: Stage, findings: Findings) -> None:
    if not {"closed_at", "status"} & set(stage.columns):
        return
    _list(
        connection,
        stage,
        findings,
        "reopened",
        f"SELECT s.row_no, s.matter_no FROM {stage.table} s JOIN matter m ON m.matter_no = s.matter_no "
        f"WHERE s.fit AND {_ended('m', ('closed_at', 'status'))} AND NOT {_ended('s', stage.columns)} ORDER BY s.rowid",
    )


def _note_cross_source(connection: sqlite3.Connection, stage: Stage, findings: Findings) -> None:
    """Matters of other sources with the same place and subject, registered within a day: listed, for people to judge."""
    if not {"area_code", "category_code"} <= set(stage.columns):
        return
    source = connection.execute(f"SELECT min(source_system) FROM {stage.table}").fetchone()[0]
    others = connection.execute("SELECT 1 FROM matter WHERE source_system <> ? LIMIT 1", (source,)).fetchone()
    if not others:
        return
    connection.execute("DROP TABLE IF EXISTS temp.intake_other")
    connection.execute(
        "CREATE TEMP TABLE intake_other (area_code, subject, day, matter_no, PRIMARY KEY (area_code, subject, day)) WITHOUT ROWID"
    )
    connection.execute(
        f"INSERT INTO temp.intake_other SELECT m.area_code, coalesce(c.maps_to, m.category_code), date(m.registered_at), "
        f"min(m.matter_no) FROM matter m LEFT JOIN category c ON c.category_code = m.category_code "
        f"WHERE m.source_system <> ? AND m.area_code IS NOT NULL AND m.category_code IS NOT NULL "
        f"AND date(m.registered_at) BETWEEN (SELECT date(min(registered_at), '-1 day') FROM {stage.table}) "
        f"AND (SELECT date(max(registered_at), '+1 day') FROM {stage.table}) GROUP BY 1, 2, 3",
        (source,),
    )
    _list(
        connection,
        stage,
        findings,
        "cross_source",
        f"SELECT s.row_no, min(o.matter_no) FROM {stage.table} s LEFT JOIN category c ON c.category_code = s.category_code "
        f"JOIN temp.intake_other o ON o.area_code = s.area_code AND o.subject = coalesce(c.maps_to, s.category_code) "
        f"AND o.day IN (date(s.registered_at, '-1 day'), date(s.registered_at), date(s.registered_at, '+1 day')) "
        f"WHERE s.fit AND NOT EXISTS (SELECT 1 FROM matter m WHERE m.matter_no = s.matter_no) GROUP BY s.rowid ORDER BY s.rowid",
    )
    connection.execute("DROP TABLE temp.intake_other")


def _update(connection: sqlite3.Connection, stage: Stage, batch_id: int, now: datetime) -> int:
    written = [column for column in stage.columns if column not in ("matter_no", "source_system")]
    differs = " OR ".join(f"s.{column} IS NOT m.{column}" for column in written)
    connection.execute("DROP TABLE IF EXISTS temp.intake_changed")
    connection.execute(
        f"CREATE TEMP TABLE intake_changed AS SELECT s.rowid AS stage_row, s.matter_no FROM {stage.table} s "
        f"JOIN matter m ON m.matter_no = s.matter_no WHERE s.fit AND ({differs})"
    )
    kept = [*written, "updated_at"]
    before = connection.execute(
        f"SELECT m.matter_no, {', '.join('m.' + column for column in kept)} FROM temp.intake_changed d "
        f"JOIN matter m ON m.matter_no = d.matter_no"
    )
    connection.executemany(
        "INSERT OR IGNORE INTO import_change (batch_id, table_name, row_key, action, previous) VALUES (?, 'matter', ?, 'update', ?)",
        (
            (batch_id, row[0], json.dumps(dict(zip(kept, row[1:], strict=True)), ensure_ascii=False))
            for row in before.fetchall()
        ),
    )
    assignments = ", ".join(f"{column} = s.{column}" for column in written)
    return connection.execute(
        f"UPDATE matter SET {assignments}, updated_at = ? FROM temp.intake_changed d JOIN {stage.table} s ON s.rowid = d.stage_row "
        f"WHERE matter.matter_no = d.matter_no",
        (stored_moment(now),),
    ).rowcount


# --- reports against officials ---------------------------------------------------------------------------------------------


def settle_reports(
    connection: sqlite3.Connection, keys: Iterable[tuple[str, str]], before: dict[tuple[str, str], int]
) -> None:
    """Bring `report_count` to what the batches in force contribute; what other hands entered there stays."""
    for month, area in keys:
        delta = total_reports(connection, month, area) - before.get((month, area), 0)
        row = connection.execute(
            "SELECT reports FROM report_count WHERE month = ? AND area_code = ?", (month, area)
        ).fetchone()
        total = (row[0] if row else 0) + delta
        if total <= 0 and row:
            connection.execute("DELETE FROM report_count WHERE month = ? AND area_code = ?", (month, area))
        elif row:
            connection.execute(
                "UPDATE report_count SET reports = ? WHERE month = ? AND area_code = ?", (total, month, area)
            )
        elif total > 0:
            connection.execute(
                "INSERT INTO report_count (month, area_code, reports) VALUES (?, ?, ?)", (month, area, total)
            )


def total_reports(connection: sqlite3.Connection, month: str, area: str) -> int:
    """The reports of a month and street over all batches in force.

    Reports keep no number, so overlapping files cannot be told apart row by row: among batches of one source whose days overlap the
    largest count holds; batches of separate days, and separate sources, add up.
    """
    rows = connection.execute(
        "SELECT b.source_system, b.first_on, b.last_on, r.reports FROM import_report r JOIN import_batch b ON b.batch_id = r.batch_id "
        "WHERE r.month = ? AND r.area_code = ? AND b.undone_at IS NULL ORDER BY b.source_system, b.first_on, b.last_on",
        (month, area),
    ).fetchall()
    total, source, reach, largest = 0, None, "", 0
    for system, first, last, reports in rows:
        if system != source or first > reach:
            total, source, reach, largest = total + largest, system, last, reports
        else:
            reach, largest = max(reach, last), max(largest, reports)
    return total + largest


def report_months(connection: sqlite3.Connection, batch_id: int) -> list[tuple[str, str]]:
    """The (month, area) pairs to which a batch contributes reports."""
    return connection.execute("SELECT month, area_code FROM import_report WHERE batch_id = ?", (batch_id,)).fetchall()


# --- undo ------------------------------------------------------------------------------------------------------------------


def later_batch(connection: sqlite3.Connection, batch_id: int) -> int | None:
    """A later batch in force that wrote one of the same matters."""
    row = connection.execute(
        "SELECT min(l.batch_id) FROM import_change c JOIN import_change l ON l.row_key = c.row_key AND l.table_name = c.table_name "
        "JOIN import_batch b ON b.batch_id = l.batch_id AND b.undone_at IS NULL "
        "WHERE c.batch_id = ? AND c.table_name = 'matter' AND l.batch_id > c.batch_id",
        (batch_id,),
    ).fetchone()
    return row[0]


def restore(connection: sqlite3.Connection, batch_id: int) -> tuple[int, int]:
    """Put back what a batch overwrote and take out what it brought; returns (removed, restored) matters."""
    changes = connection.execute(
        "SELECT row_key, previous FROM import_change WHERE batch_id = ? AND table_name = 'matter' AND action = 'update'",
        (batch_id,),
    ).fetchall()
    for key, previous in changes:
        values = json.loads(previous)
        assignments = ", ".join(f"{column} = ?" for column in values)
        connection.execute(f"UPDATE matter SET {assignments} WHERE matter_no = ?", (*values.values(), key))
    removed = connection.execute(
        "DELETE FROM matter WHERE matter_no IN (SELECT row_key FROM import_change WHERE batch_id = ? AND table_name = 'matter' "
        "AND action = 'insert')",
        (batch_id,),
    ).rowcount
    for table, key in (("organisation", "org_id"), ("category", "category_code"), ("area", "area_code")):
        _unregister(connection, batch_id, table, key)
    connection.execute("DELETE FROM import_change WHERE batch_id = ?", (batch_id,))
    return removed, len(changes)


def _unregister(connection: sqlite3.Connection, batch_id: int, table: str, key: str) -> None:
    """Take out what the batch registered, children first; what something else has come to rest on stays."""
    codes = connection.execute(
        "SELECT row_key FROM import_change WHERE batch_id = ? AND table_name = ? ORDER BY rowid DESC", (batch_id, table)
    ).fetchall()
    for (code,) in codes:
        try:
            connection.execute(f"DELETE FROM {table} WHERE {key} = ?", (code,))
        except sqlite3.IntegrityError:
            continue
