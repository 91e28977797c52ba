# ruff: noqa: S608 - the statements are put together from our own tables' names; no value of a matter enters them
"""The matters of a version in the making: all of them anew, or those that changed, each with since when it is known."""

import threading
from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from data import mart_tables, operational
from data.building import (
    KEEP_PAST,
    Build,
    Progress,
    count_reports,
    drop_report_topics,
    flag,
    load,
    load_by_key,
    moment,
    read_changed_topics,
    warn_unreadable,
)  # fmt: skip
from data.derived import derive
from data.errors import NotReady, Refused
from data.guard import check_table
from data.source import Source

OVERLAP = timedelta(minutes=15)  # must exceed the source's longest write transaction plus the skew of its clocks
RECENT = timedelta(days=150)  # what a brief of the last weeks looks back on: eight weeks, and eight before each of them
MOST_CHANGES = 100_000  # more changed rows than this, and a tenth of all, are read faster in full

MATTER = [column.name for column in operational.matter.columns]
DERIVED = [
    column.name
    for column in mart_tables.matter.columns
    if column.name not in MATTER and column.name not in ("entered_on", "first_known_at", "known_at")
]
KEYS = sa.Table(
    "source_key",
    sa.MetaData(),
    sa.Column("matter_no", sa.String),
    sa.Column("updated_at", sa.DateTime),
    sa.Column("flag", sa.String),
)


class NeedsFull(Exception):
    """An incremental version cannot be trusted; the reason says why."""


def _matters(source: Source) -> sa.Select:
    """The source's matters, those without a key or a day and reports against officials left out."""
    rows = source.rows("matter")
    return sa.select(*rows.c).where(flag(source, rows) == "")


def _insert(build: Build, relation: str, *, first_known: str, known: str, extra: str = "") -> str:
    """An insert of typed rows into `matter`, with their derived columns and since when they are known."""
    columns = ", ".join(f"d.{name}" for name in [*MATTER, *DERIVED])
    return (
        f"INSERT INTO matter ({', '.join([*MATTER, *DERIVED])}, entered_on, first_known_at, known_at) "
        f"SELECT {columns}, {_entered_on(build, 'd.entered_at', first_known)}, {first_known}, {known} "
        f"FROM ({derive(relation, build.rules)}) d {extra}"
    )


def _entered_on(build: Build, entered_at: str, first_known: str) -> str:
    """The day it was entered; without it the day it was first seen, except by the first refresh, which saw everything at once."""
    return (
        f"coalesce(CAST({entered_at} AS DATE), CASE WHEN {first_known} > {moment(build.first_refresh_at)} "
        f"THEN CAST({first_known} AS DATE) END)"
    )


def _hash(names: list[str], prefix: str = "") -> str:
    return f"hash({', '.join(prefix + name for name in names)})"


# --- all of them -----------------------------------------------------------------------------------------------------------


def read_all_matters(build: Build) -> None:
    """Read every matter; rows that the previous version had alike keep since when they are known.

    Raises Refused for doubled keys, NotReady when not all rows arrived.
    """
    rows = build.source.rows("matter")
    kinds = [
        sa.func.count(),
        *(sa.func.sum(sa.case((flag(build.source, rows) == name, 1), else_=0)) for name in ("report", "unusable")),
    ]
    everything, reports, unusable = build.source.numbers(
        sa.select(*(kind.label(f"n{n}") for n, kind in enumerate(kinds)))
    )
    total = everything - reports - unusable
    insert = "INSERT INTO {} SELECT * FROM {{}}"
    count_reports(
        build, lambda some, into: reports and load(build, operational.matter, some, insert.format(into).format)
    )
    drop_report_topics(build)
    common = _remember(build)
    at = moment(build.known_at)
    known = {"first_known": at, "known": at, "extra": ""}
    if build.previous:
        known = {name: f"coalesce(seen.{name}_at, {at})" for name in ("first_known", "known")}
        known["extra"] = f"LEFT JOIN seen ON seen.row_hash = {_hash(common, 'd.')}"
    telling = _Telling(build.progress, total)
    sent: Counter[str] = Counter()
    for part in _settled_first(build.source):
        sent += load(build, operational.matter, part, lambda relation: _insert(build, relation, **known), telling)
    warn_unreadable(build, operational.matter, "matter", sent)
    found, numbers = build.one("SELECT count(*), count(DISTINCT matter_no) FROM matter")
    if found != numbers:
        raise Refused("refresh.doubled_keys", count=found - numbers)
    if found != total:
        raise NotReady("refresh.counts_differ", source=total, mart=found)
    build.run("DELETE FROM matter WHERE registered_at IS NULL")  # its day cannot be read: it counts on none
    _warn_left_out(build, unusable)
    check_table(build.connection, mart_tables.matter)
    if build.previous:
        _carry_past(build, common)
    else:
        build.changes = {"new": build.count("matter"), "changed": 0, "gone": 0, "untouched": 0}


def _settled_first(source: Source) -> list[sa.Select]:
    """The matters in four reads: first those closed long ago, then all others, and of either the petitions by themselves.

    What a brief asks for lies together at the end of the table, and the few petitions of a year, which have pages of their own, in the
    middle of it: a reader skips the rest by the smallest and largest day and kind of each block of rows.
    """
    statement, closed = _matters(source), source.rows("matter").c.get("closed_at")
    apart = sa.case((statement.selected_columns["kind"] == "petition", 1), else_=0)
    if closed is None or not isinstance(closed.type, sa.DateTime):
        return [statement.where(apart == 1), statement.where(apart == 0)]
    closed = statement.selected_columns["closed_at"]
    settled = sa.case((closed < sa.literal(source.clock - RECENT, sa.DateTime), 1), else_=0)
    return [statement.where(settled == old, apart == petition) for old, petition in ((1, 0), (1, 1), (0, 1), (0, 0))]


def _remember(build: Build) -> list[str]:
    """Note each row of the previous version by a hash of the columns both versions have: a new column is no new version of a matter.

    Where the rules or the calendar changed, derived columns count too: a matter with another deadline is another version of it.
    """
    if not build.previous:
        return MATTER
    old = set(build.texts("SELECT column_name FROM (DESCRIBE previous.main.matter)"))
    derived = [name for name in DERIVED if name != "area_pos"] if build.rules_changed else []
    common = [name for name in [*MATTER, *derived] if name in old]
    build.run(
        f"CREATE TEMP TABLE seen AS SELECT {_hash(common)} AS row_hash, first_known_at, known_at FROM previous.main.matter"
    )
    return common


def _carry_past(build: Build, common: list[str]) -> None:
    """After a full read: what the previous version had and this one has not goes to the past, with the past it had."""
    at = moment(build.known_at)
    build.run("DROP TABLE seen")
    old = set(build.texts("SELECT column_name FROM (DESCRIBE previous.main.matter_past)"))
    kept = [column.name for column in mart_tables.matter_past.columns if column.name in old]
    names = ", ".join(kept)
    build.run(f"INSERT INTO matter_past ({names}) SELECT {names} FROM previous.main.matter_past")
    some_left = build.count(f"matter WHERE known_at < {at}") < build.count("previous.main.matter")
    build.run(
        f"CREATE TEMP TABLE superseded AS SELECT {', '.join(n for n in kept if n != 'superseded_at')} FROM previous.main.matter "
        f"WHERE {some_left} AND {_hash(common)} NOT IN (SELECT {_hash(common)} FROM matter WHERE known_at < {at})"
    )
    _supersede(build, [name for name in common if name in MATTER])
    if build.changes["untouched"]:
        build.warn("untouched_edits", count=build.changes["untouched"])


class _Telling:
    """Tells how far the reading is, on the caller's own thread only: a screen cannot be drawn from another."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.rows, self.thread = progress, max(total, 1), 0, threading.get_ident()

    def __call__(self, rows: int) -> None:
        self.rows += rows
        if threading.get_ident() == self.thread:
            self.progress("matters", min(0.1 + 0.7 * self.rows / self.total, 0.8))


# --- those that changed ------------------------------------------------------------------------------------------------------


def read_changed_matters(build: Build) -> None:
    """Bring the copy of the previous version up to date. Raises NeedsFull when that cannot be trusted or does not pay."""
    usable = _find_changes(build)
    wanted = build.texts(
        "SELECT DISTINCT matter_no FROM differing WHERE matter_no IS NOT NULL AND flag IS NULL ORDER BY 1"
    )
    reports = build.texts(
        "SELECT DISTINCT matter_no FROM differing WHERE matter_no IS NOT NULL AND flag = 'report' ORDER BY 1"
    )
    if len(wanted) > max(MOST_CHANGES, usable / 10):
        raise NeedsFull("many_changes")
    count_reports(build, lambda some, into: load_by_key(build, operational.matter, some, reports, into))
    build.run(f"CREATE TEMP TABLE fetched AS SELECT {', '.join(MATTER)} FROM matter LIMIT 0")
    sent = load_by_key(build, operational.matter, _matters(build.source), wanted, "fetched", "matters")
    warn_unreadable(build, operational.matter, "fetched", sent)
    (unreadable,) = build.one("DELETE FROM fetched WHERE registered_at IS NULL")
    check_table(build.connection, operational.matter, relation="fetched")
    build.progress("merging", 0.65)
    _merge(build)
    if build.count("matter") != usable - unreadable:
        raise NeedsFull("counts_differ")
    _place_again(build, "matter")
    read_changed_topics(build, [*wanted, *reports])
    drop_report_topics(build)
    _warn_left_out(build, build.count("differing WHERE flag = 'unusable'"))


def _find_changes(build: Build) -> int:
    """Compare every key of the source with the mart's in one pass, into `differing`; returns how many matters the source has.

    A row of `differing` is a number in the source whose row must be fetched (new, with another `updated_at` or none, or written since
    shortly before the last read, when a row could be read and changed again with the same stamp) or that is no matter (`flag`), or
    the `place` of a row in the mart that has no equal in the source, or both at once. Keys meet by their hash, which takes a third
    of the memory; two that clash by chance (one in a billion refreshes) wait for the weekly rebuild.
    """
    build.progress("keys", 0.12)
    rows = build.source.rows("matter")
    since = moment(build.previous.read_at - OVERLAP)
    build.run("CREATE TEMP TABLE differing (matter_no VARCHAR, flag VARCHAR, place BIGINT)")
    sent = load(
        build,
        KEYS,
        sa.select(rows.c.matter_no, rows.c.updated_at, flag(build.source, rows).label("flag")),
        lambda relation: (
            "INSERT INTO differing SELECT s.matter_no, s.flag, m.place "
            f"FROM (SELECT *, 1 AS here, CASE WHEN flag IS NULL THEN hash(matter_no, updated_at) END AS key FROM {relation}) s "
            "FULL JOIN (SELECT hash(matter_no, updated_at) AS key, rowid AS place FROM matter) m ON m.key = s.key "
            f"WHERE s.here IS NULL OR m.key IS NULL OR s.updated_at IS NULL OR s.updated_at >= {since}"
        ),
    )
    if not sent["*"]:
        build.run("INSERT INTO differing SELECT NULL, NULL, rowid FROM matter")
    return sent["*"] - build.count("differing WHERE flag IS NOT NULL")


def _merge(build: Build) -> None:
    """Put fetched rows in the place of their former versions; rows that did not change keep since when they are known."""
    doubled = build.count("(SELECT 1 FROM fetched GROUP BY matter_no HAVING count(*) > 1)")
    if doubled:
        raise Refused("refresh.doubled_keys", count=doubled)
    build.run(
        "CREATE TEMP TABLE former AS SELECT *, rowid AS place FROM matter WHERE rowid IN "
        "(SELECT place FROM differing WHERE place IS NOT NULL)"
    )
    build.run(
        "CREATE TEMP TABLE same AS SELECT matter_no FROM fetched f JOIN former o USING (matter_no) "
        f"WHERE {_hash(MATTER, 'f.')} = {_hash(MATTER, 'o.')}"
    )
    for table in ("former", "fetched"):
        build.run(f"DELETE FROM {table} WHERE matter_no IN (SELECT matter_no FROM same)")
    build.run("DELETE FROM matter WHERE rowid IN (SELECT place FROM former)")
    at = moment(build.known_at)
    build.run(_insert(build, "fetched", first_known=at, known=at))
    build.run("CREATE TEMP TABLE superseded AS SELECT * EXCLUDE (place) FROM former")
    _supersede(build, MATTER)


# --- the past ----------------------------------------------------------------------------------------------------------------


def _supersede(build: Build, compared: list[str]) -> None:
    """Move the rows of `superseded` to the past, count what happened, and give changed and returned matters their first moment.

    Matters that are alike in the columns `compared` did not change: their deadlines did, with the rules.
    """
    at, oldest = moment(build.known_at), moment(build.known_at - KEEP_PAST)
    names = ", ".join(build.texts("SELECT column_name FROM (DESCRIBE superseded)"))
    successors = f"(FROM matter WHERE known_at = {at})"
    changed_from = f"{_hash(compared, 'm.')} <> {_hash(compared, 's.')}"
    gone, followed, changed, untouched = build.one(
        "SELECT count(*) FILTER (m.matter_no IS NULL), count(m.matter_no), "
        f"count(m.matter_no) FILTER ({changed_from}), count(*) FILTER ({changed_from} AND m.updated_at = s.updated_at "
        f"AND m.updated_at < {moment(build.previous.read_at - OVERLAP)}) "
        f"FROM superseded s LEFT JOIN {successors} m USING (matter_no)"
    )
    new = build.count(f"matter WHERE known_at = {at}") - followed
    build.changes = {"new": new, "changed": changed, "gone": gone, "untouched": untouched}
    build.run(f"INSERT INTO matter_past ({names}, superseded_at) SELECT {names}, {at} FROM superseded")
    build.run(
        f"DELETE FROM matter_past WHERE superseded_at < {oldest} OR matter_no IN (SELECT matter_no FROM report_row)"
    )
    build.run(
        f"UPDATE matter SET first_known_at = k.first_at, entered_on = {_entered_on(build, 'matter.entered_at', 'k.first_at')} "
        "FROM (SELECT matter_no, min(first_known_at) AS first_at FROM matter_past GROUP BY matter_no) k "
        f"WHERE k.matter_no = matter.matter_no AND matter.known_at = {at}"
    )
    _place_again(build, "matter_past")


def _place_again(build: Build, table: str) -> None:
    """Give every row its place in the tree as it is now: one new area moves all the places after it."""
    if build.tree_changed:
        build.run(
            f"UPDATE {table} SET area_pos = found.pos FROM (SELECT x.rowid AS place, t.pos FROM {table} x "
            "LEFT JOIN area_tree t ON t.area_code = x.area_code WHERE x.area_pos IS DISTINCT FROM t.pos) found "
            f"WHERE {table}.rowid = found.place"
        )


def _warn_left_out(build: Build, count: int) -> None:
    if count:
        build.warn("rows_without_key", count=count)
