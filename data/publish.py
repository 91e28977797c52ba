# ruff: noqa: S608 - the statements are put together from our own tables' names; no value of a matter enters them
"""Building a version of the mart: the whole of the operational database, or what changed in it since the last version.

An incremental version equals a full one in content: by key difference on (matter_no, updated_at), widened by an overlap, so that late
commits, edits within one second and clock skew are not lost. Nothing is published unless its counts agree with the source and no text
looks like a person's.
"""

import hashlib
import os
import secrets
import shutil
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from data import mart_tables
from data.building import TOPICS, Build, Notice, Progress, ddl, moment, read_calendar, read_small_tables
from data.building_matters import NeedsFull, read_all_matters, read_changed_matters
from data.deadlines import DeadlineRules
from data.derived import CALENDAR_MACROS, END_STATES, GROWN_PETITIONS, derive
from data.history import record_changes
from data.source import Source
from data.versions import Version, carried, clean, file_of, list_versions, switch
from data.workdays import WorkCalendar

FULL_AFTER = timedelta(days=7)  # a full rebuild catches edits that left updated_at untouched
SHRINK_FROM = 100  # matters; below that a halving is no wonder
MEMORY_LIMIT = "1300MB"
THREADS = 2
STORAGE = ".".join(duckdb.__version__.split(".")[:2])


def publish(
    source: Source,
    folder: Path,
    *,
    now: datetime,
    calendar: WorkCalendar,
    rules: DeadlineRules,
    previous: Version | None,
    full: bool = False,
    keep: int = 5,
    progress: Progress = lambda stage, share: None,
) -> tuple[Version, tuple[Notice, ...]]:
    """Build the next version from the source and switch to it; the caller holds the one writer's place.

    Returns the version and what the reader should know about it. Raises Refused for personal values or doubled keys, NotReady when the
    counts do not agree; then the previous version goes on serving.
    """
    clean(folder)
    marks = {"contract_hash": mart_tables.shape(), "rules_hash": rules_hash(rules, calendar)}
    reason = _why_full(previous, folder, source, marks, now, full)
    known_at = now if previous is None else max(now, previous.published_at + timedelta(seconds=1))
    name = f"{known_at:%Y%m%d%H%M%S}-{secrets.token_hex(4)}"
    path = folder / "building" / f"matters-{name}.duckdb"
    try:
        build, reason = _build(path, source, calendar, rules, known_at, previous, folder, progress, reason)
        progress("checking", 0.9)
        counts = _finish(build, name)
    except BaseException:
        _discard(path)
        raise
    version = Version(
        version=name,
        sequence=max((one.sequence for one in (*list_versions(folder), *([previous] if previous else []))), default=0)
        + 1,
        files={"matters": path.name, **carried(folder, previous)},
        published_at=known_at,
        read_at=source.clock,
        first_refresh_at=build.first_refresh_at,
        known_since=build.known_since,
        full_at=known_at if reason is not None else previous.full_at,
        full=reason is not None,
        reason=reason,
        duckdb_storage=STORAGE,
        counts=counts,
        changes=build.changes,
        bytes=path.stat().st_size,
        **marks,
    )
    progress("publishing", 0.97)
    switch(folder, version, {"matters": path}, keep)
    progress("done", 1.0)
    return version, tuple(build.warnings)


def _build(
    path: Path,
    source: Source,
    calendar: WorkCalendar,
    rules: DeadlineRules,
    known_at: datetime,
    previous: Version | None,
    folder: Path,
    progress: Progress,
    reason: str | None,
) -> tuple[Build, str | None]:
    """The version, still open, and why it is a full one if it is."""
    if reason is None:
        try:
            return _build_incremental(path, source, calendar, rules, known_at, previous, folder, progress), None
        except NeedsFull as cause:
            reason = str(cause)
            _discard(path)
    return _build_full(path, source, calendar, rules, known_at, previous, folder, progress), reason


def _finish(build: Build, name: str) -> dict[str, int]:
    """Write down what changed, say which version this is, count its rows and close its file."""
    with closing(build.connection):
        record_changes(build)
        build.run(f"DELETE FROM grown_petition; INSERT INTO grown_petition {GROWN_PETITIONS}")
        moments = (build.known_at, build.source.clock, build.first_refresh_at, build.known_since)
        build.run("DELETE FROM publication")
        build.run(f"INSERT INTO publication VALUES ('{name}', {', '.join(moment(at) for at in moments)})")
        counts = {table.name: build.count(table.name) for table in mart_tables.mart.tables.values()}
        _warn_shrunk(build, counts["matter"])
        build.run("COMMIT")
        build.run("CHECKPOINT")
    return counts


def _discard(path: Path) -> None:
    """Remove an unfinished file at once: it may hold what was refused."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


# --- full or incremental ---------------------------------------------------------------------------------------------------


def rules_hash(rules: DeadlineRules, calendar: WorkCalendar) -> str:
    """A mark of all that derived columns rest on: other rules or another calendar mean that all deadlines are computed anew."""
    days = pd.util.hash_pandas_object(calendar.frame(), index=False).to_numpy().tobytes()
    return _mark((derive("matter", rules), CALENDAR_MACROS, END_STATES, hashlib.sha256(days).hexdigest()))


def _mark(thing: object) -> str:
    return hashlib.sha256(repr(thing).encode()).hexdigest()[:16]


def _why_full(
    previous: Version | None, folder: Path, source: Source, marks: dict[str, str], now: datetime, full: bool
) -> str | None:
    """Why the next version must be built from the whole source, or None."""
    if previous is None:
        return "first"
    if not file_of(folder, previous).exists():
        return "file_missing"
    if previous.duckdb_storage != STORAGE:
        return "storage_version"
    if previous.contract_hash != marks["contract_hash"]:
        return "contract_changed"
    if previous.rules_hash != marks["rules_hash"]:
        return "rules_changed"
    if full:
        return "asked"
    if not source.has("matter", "updated_at"):
        return "no_updated_at"
    return "weekly" if now - previous.full_at >= FULL_AFTER else None


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    settings = {"memory_limit": MEMORY_LIMIT, "threads": THREADS, "temp_directory": str(path.parent / "spill")}
    connection = duckdb.connect(str(path), config=settings)
    connection.execute("SET checkpoint_threshold = '1GB'")
    connection.execute(
        "SET dynamic_or_filter_threshold = 20000"
    )  # so that some thousand rows are found without reading all
    return connection


def _build_full(
    path: Path,
    source: Source,
    calendar: WorkCalendar,
    rules: DeadlineRules,
    known_at: datetime,
    previous: Version | None,
    folder: Path,
    progress: Progress,
) -> Build:
    connection = _open(path)
    try:
        if previous is not None and not _attach(connection, file_of(folder, previous)):
            previous = None
        first = previous.first_refresh_at if previous else known_at
        build = Build(connection, source, rules, calendar, known_at, first, previous, progress)
        build.rules_changed = previous is not None and previous.rules_hash != rules_hash(rules, calendar)
        build.run("BEGIN")
        for table in mart_tables.mart.tables.values():
            build.run(ddl(table))
        read_calendar(build)
        read_small_tables(build)
        read_all_matters(build)
    except BaseException:
        connection.close()
        raise
    return build


def _build_incremental(
    path: Path,
    source: Source,
    calendar: WorkCalendar,
    rules: DeadlineRules,
    known_at: datetime,
    previous: Version,
    folder: Path,
    progress: Progress,
) -> Build:
    progress("copying", 0.0)
    _copy(file_of(folder, previous), path)
    try:
        connection = _open(path)
    except duckdb.Error as error:
        raise NeedsFull("unreadable") from error
    try:
        if not _attach(connection, file_of(folder, previous)):
            raise NeedsFull("unreadable")
        first = previous.first_refresh_at
        build = Build(connection, source, rules, calendar, known_at, first, previous, progress, is_full=False)
        build.run("BEGIN")  # one transaction: a commit a statement would wait for the disk a hundred times
        read_calendar(build)
        read_small_tables(build, leave=(TOPICS,))
        read_changed_matters(build)
    except BaseException:
        connection.close()
        raise
    return build


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Attach the previous version's file; without it all that is lost is since when things are known."""
    try:
        connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS previous (READ_ONLY)")
        connection.execute("SELECT matter_no, known_at, first_known_at FROM previous.main.matter LIMIT 0")
        connection.execute("SELECT superseded_at FROM previous.main.matter_past LIMIT 0")
    except duckdb.Error:
        return False
    return True


def _copy(old: Path, new: Path) -> None:
    """Copy a file within the kernel, which shares its blocks where the file system can."""
    if not hasattr(os, "copy_file_range"):
        shutil.copyfile(old, new)
        return
    with open(old, "rb") as source, open(new, "wb") as target:
        left = os.fstat(source.fileno()).st_size
        while left > 0:
            left -= os.copy_file_range(source.fileno(), target.fileno(), left)


def _warn_shrunk(build: Build, matters: int) -> None:
    """A view that lost its filter or an account that lost its rights looks like a city that lost its matters."""
    before = build.previous.counts["matter"] if build.previous else 0
    if before >= SHRINK_FROM and matters < before / 2:
        build.warn("shrunk", before=before, after=matters)
