"""Import: files through a mapping profile into the embedded operational store, in one transaction, with everything found on the way.

Nothing of a raw row is kept: an uploaded file is deleted after parsing, findings carry row numbers and masked values only.
"""

import json
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from data import operational
from data.categories import register_categories
from data.errors import Busy, Refused
from data.intake import merge
from data.intake.findings import COLUMNS, Findings, count_by_tier
from data.intake.plan import Plan, plan_file
from data.intake.profiles import Profile
from data.intake.readers import open_source
from data.intake.registry import Registry, read_registry
from data.intake.sources import PAGE_LIMITS, TERMINAL_LIMITS, Limits, Source
from data.intake.tables import import_batch, import_finding, intake
from data.intake.translate import Translator
from data.migrations import upgrade_operational, version_table
from data.scope import Actor

Progress = Callable[[str, float], None]
PERSONAL_SHARE = 0.2
"""Above this share of rows with personal values the whole file is refused: its columns are not what the profile takes them for."""


@dataclass(frozen=True)
class FileReport:
    """One file of a batch: what it was told to be and how many rows were read."""

    name: str
    format: str
    sha256: str
    rows: int
    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class BatchReport:
    """What an import did, or would do (`batch_id` is None after a dry run).

    `rows_read` = inserted + updated + unchanged + refused + repeated + reports_counted. `tally` counts all findings by code;
    `findings` holds those kept (columns `file_name, row_no, column_name, tier, code, masked_value`).
    """

    batch_id: int | None
    profile: str
    source_system: str
    files: tuple[FileReport, ...]
    rows_read: int
    inserted: int
    updated: int
    unchanged: int
    refused: int
    repeated: int
    reports_counted: int
    new_areas: int
    new_categories: int
    new_units: int
    first_on: date | None
    last_on: date | None
    tally: dict[str, int]
    findings: pd.DataFrame

    @property
    def tiers(self) -> dict[str, int]:
        return count_by_tier(self.tally)


@dataclass(frozen=True)
class UndoReport:
    """What an undo did: matters removed and matters put back as they were."""

    batch_id: int
    removed: int
    restored: int


def ensure_tables(engine: sa.Engine) -> None:
    """Bring the embedded store's tables up to date; one made without the migrations only gets what it lacks.

    Raises `Refused` `intake.not_embedded` for any database but SQLite: a foreign one is never written to.
    """
    if engine.dialect.name != "sqlite":
        raise Refused("intake.not_embedded", database=engine.dialect.name)
    inspector = sa.inspect(engine)
    has_file = engine.url.database not in (None, "", ":memory:")
    if has_file and (inspector.has_table(version_table("operational")) or not inspector.has_table("matter")):
        upgrade_operational(engine.url.render_as_string(hide_password=False))
        return
    operational.contract.create_all(engine)
    intake.create_all(engine)


def import_files(
    engine: sa.Engine,
    paths: Iterable[str | Path],
    profile: Profile,
    *,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
    time_zone: str = "Asia/Shanghai",
    limits: Limits = TERMINAL_LIMITS,
    names: Sequence[str] | None = None,
) -> BatchReport:
    """Import files through `profile`; later files win over earlier ones, and a file imported before changes nothing.

    `time_zone` is the site's; `progress` gets a step (`reading`, `comparing`, `writing`) and a share of the whole. With `dry_run` all is
    done and rolled back. Raises `Refused` (nothing is stored) and `Busy` (another process writes).
    """
    paths = [Path(path) for path in paths]
    ensure_tables(engine)
    if "category_code" in profile.columns:  # said by the names of the shipped lists, which must then be there
        register_categories(engine)
    tell = progress or (lambda _step, _share: None)
    findings = Findings()
    with engine.connect() as connection:
        registry = read_registry(connection)
    with _sqlite(engine) as connection:
        batch = _Batch(connection, profile, registry, findings, now, time_zone)
        try:
            for place, path in enumerate(paths):
                source = open_source(
                    path,
                    findings,
                    name=names[place] if names else None,
                    limits=limits,
                    encoding=profile.encoding,
                    sheet=profile.sheet,
                    nulls=profile.nulls,
                    time_zone=time_zone,
                )
                batch.stage(source, lambda share, place=place: tell("reading", 0.7 * (place + share) / len(paths)))
            connection.commit()
            return batch.write(actor, dry_run=dry_run, tell=tell)
        finally:
            batch.close()


def import_upload(
    engine: sa.Engine,
    name: str,
    content: bytes,
    profile: Profile,
    *,
    folder: Path,
    actor: Actor,
    now: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
    time_zone: str = "Asia/Shanghai",
) -> BatchReport:
    """Import a file uploaded on the page (at most 20 MB): kept under `folder` while it is parsed, then deleted whatever happens."""
    if len(content) > PAGE_LIMITS.bytes:
        size = round(len(content) / 2**20, 1)
        raise Refused("intake.file_too_big", file=name, size_mb=size, limit_mb=PAGE_LIMITS.bytes >> 20)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="upload-", delete=False) as stream:
        path = Path(stream.name)
        stream.write(content)
    try:
        return import_files(
            engine,
            [path],
            profile,
            actor=actor,
            now=now,
            dry_run=dry_run,
            progress=progress,
            time_zone=time_zone,
            limits=PAGE_LIMITS,
            names=[name],
        )
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _sqlite(engine: sa.Engine) -> Iterator[sqlite3.Connection]:
    """The driver's own connection, rolled back unless the block committed."""
    pooled = engine.raw_connection()
    connection = pooled.driver_connection
    try:
        yield connection
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise Busy("intake.busy") from error
        raise
    finally:
        connection.rollback()
        pooled.close()


class _Batch:
    """One import under way: its stages, and the counts that end in the report."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        profile: Profile,
        registry: Registry,
        findings: Findings,
        now: datetime,
        time_zone: str,
    ) -> None:
        self.connection, self.profile, self.registry, self.findings = connection, profile, registry, findings
        self.now, self.time_zone = now, time_zone
        self.stages: list[merge.Stage] = []
        self.files: list[FileReport] = []
        self.reports: Counter = Counter()
        self.accepted = 0
        self.first_on: date | None = None
        self.last_on: date | None = None

    def stage(self, source: Source, tell: Callable[[float], None]) -> None:
        """Read one file to its end; its accepted rows wait in a temporary table."""
        plan = plan_file(source, self.profile, self.findings)
        translator = Translator(plan, self.registry, self.findings, now=self.now, time_zone=self.time_zone)
        stage = None
        rows = 0
        personal: Counter = Counter()
        for chunk in source.chunks(plan.wanted):
            translated = translator.translate(chunk)
            rows += len(chunk.rows) + len(chunk.ragged)
            personal.update(translated.personal)
            self.reports.update(translated.reports)
            if stage is None:
                stage = merge.open_stage(
                    self.connection, len(self.stages), source.name, tuple(translated.frame.columns)
                )
                self.stages.append(stage)
            if len(translated.frame):
                merge.fill_stage(self.connection, stage, translated.rows.tolist(), translated.frame)
            self.accepted += len(translated.frame)
            self._span(translated.first_on, translated.last_on)
            tell(chunk.share)
        _refuse_personal_file(source, plan, personal, rows)
        self.files.append(FileReport(source.name, source.format, source.sha256, rows, source.encoding, source.sheet))

    def _span(self, first: date | None, last: date | None) -> None:
        if first is not None:
            self.first_on = min(self.first_on or first, first)
            self.last_on = max(self.last_on or last, last)

    def write(self, actor: Actor, *, dry_run: bool, tell: Progress) -> BatchReport:
        """Everything into the store in one transaction, or, in a dry run, nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        batch_id = self._open_batch(actor)
        merge.register(self.connection, self.registry, batch_id, self.now)
        totals = merge.Merged(0, 0, 0, 0, 0)
        for place, stage in enumerate(self.stages):
            tell("comparing", 0.7 + 0.25 * place / len(self.stages))
            merged = merge.merge(self.connection, stage, batch_id, self.now, self.findings)
            totals = merge.Merged(*(left + right for left, right in zip(_tuple(totals), _tuple(merged), strict=True)))
        self._write_reports(batch_id)
        rows_read = sum(file.rows for file in self.files)
        reports = sum(self.reports.values())
        report = BatchReport(
            batch_id=batch_id,
            profile=self.profile.name,
            source_system=self.profile.source_system,
            files=tuple(self.files),
            rows_read=rows_read,
            inserted=totals.inserted,
            updated=totals.updated,
            unchanged=totals.unchanged,
            refused=rows_read - reports - self.accepted + totals.refused,
            repeated=totals.repeated,
            reports_counted=reports,
            new_areas=len(self.registry.new_areas),
            new_categories=len(self.registry.new_categories),
            new_units=len(self.registry.new_units),
            first_on=self.first_on,
            last_on=self.last_on,
            tally=dict(sorted(self.findings.tally.items())),
            findings=self.findings.frame(),
        )
        tell("writing", 0.97)
        if dry_run:
            self.connection.rollback()
            return replace(report, batch_id=None)
        self._close_batch(report)
        self.connection.commit()
        tell("writing", 1.0)
        return report

    def _open_batch(self, actor: Actor) -> int:
        values = {
            "imported_at": merge.stored_moment(self.now),
            "actor_post": actor.post,
            "actor_verified": int(actor.verified),
            "profile": self.profile.name,
            "source_system": self.profile.source_system,
            "file_names": "\n".join(file.name for file in self.files),
            "file_hashes": "\n".join(file.sha256 for file in self.files),
            "rows_read": 0,
            "inserted": 0,
            "updated": 0,
            "unchanged": 0,
            "refused": 0,
            "repeated": 0,
            "reports_counted": 0,
            "first_on": self.first_on and self.first_on.isoformat(),
            "last_on": self.last_on and self.last_on.isoformat(),
            "tally": "{}",
        }
        statement = f"INSERT INTO import_batch ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"  # noqa: S608
        return self.connection.execute(statement, tuple(values.values())).lastrowid

    def _close_batch(self, report: BatchReport) -> None:
        self.connection.execute(
            "UPDATE import_batch SET rows_read = ?, inserted = ?, updated = ?, unchanged = ?, refused = ?, repeated = ?, "
            "reports_counted = ?, tally = ? WHERE batch_id = ?",
            (
                report.rows_read,
                report.inserted,
                report.updated,
                report.unchanged,
                report.refused,
                report.repeated,
                report.reports_counted,
                json.dumps(report.tally),
                report.batch_id,
            ),
        )
        rows = report.findings.astype(object).where(report.findings.notna(), None)
        self.connection.executemany(
            "INSERT INTO import_finding (batch_id, finding_no, file_name, row_no, column_name, tier, code, masked_value) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (report.batch_id, number, *row)
                for number, row in enumerate(rows[list(COLUMNS)].itertuples(index=False, name=None), 1)
            ),
        )

    def _write_reports(self, batch_id: int) -> None:
        keys = [(month.isoformat(), area) for month, area in self.reports]
        before = {key: merge.total_reports(self.connection, *key) for key in keys}
        self.connection.executemany(
            "INSERT INTO import_report (batch_id, month, area_code, reports) VALUES (?, ?, ?, ?)",
            ((batch_id, month.isoformat(), area, number) for (month, area), number in self.reports.items()),
        )
        merge.settle_reports(self.connection, keys, before)
        added = sum(merge.total_reports(self.connection, *key) - before[key] for key in keys)
        if any(before.values()) and 0 < added < sum(self.reports.values()):
            self.findings.note("reports_overlap")

    def close(self) -> None:
        self.connection.rollback()
        for stage in self.stages:
            merge.drop_stage(self.connection, stage)
        self.connection.commit()


def _tuple(merged: merge.Merged) -> tuple[int, ...]:
    return merged.inserted, merged.updated, merged.unchanged, merged.refused, merged.repeated


def _refuse_personal_file(source: Source, plan: Plan, personal: Counter, rows: int) -> None:
    for header, count in personal.most_common(1):
        if count > PERSONAL_SHARE * rows:
            share = round(100 * count / rows)
            raise Refused(
                "intake.personal_values", file=source.name, column=header, share=share, profile=plan.profile.name
            )


# --- looking back ----------------------------------------------------------------------------------------------------------


def list_batches(engine: sa.Engine) -> pd.DataFrame:
    """One row a batch, newest first, with the columns of `import_batch`; `tally` is a dictionary of counts by finding code."""
    if not sa.inspect(engine).has_table(import_batch.name):
        return pd.DataFrame(columns=list(import_batch.columns.keys()))
    with engine.connect() as connection:
        frame = pd.read_sql(sa.select(import_batch).order_by(import_batch.c.batch_id.desc()), connection)
    frame["tally"] = [json.loads(text) for text in frame["tally"]]
    return frame


def read_findings(engine: sa.Engine, batch_id: int) -> pd.DataFrame:
    """The findings kept of a batch, in the order of the report: tier, file, row, column."""
    columns = [import_finding.c[name] for name in COLUMNS]
    with engine.connect() as connection:
        statement = (
            sa.select(*columns).where(import_finding.c.batch_id == batch_id).order_by(import_finding.c.finding_no)
        )
        frame = pd.read_sql(statement, connection)
    frame["row_no"] = frame["row_no"].astype("Int64")
    return frame


def undo_batch(engine: sa.Engine, batch_id: int, actor: Actor, now: datetime) -> UndoReport:
    """Take a batch back: its new matters go, overwritten ones become exactly what they were, what it registered and nobody uses goes.

    Raises `Refused`: `intake.batch_missing`, `intake.undone_already`, `intake.undo_later` (a later batch wrote the same matters; undo
    that one first), `intake.undo_in_use` (something else refers to one of its matters).
    """
    with _sqlite(engine) as connection:
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute("SELECT undone_at FROM import_batch WHERE batch_id = ?", (batch_id,)).fetchone()
        if row is None:
            raise Refused("intake.batch_missing", batch=batch_id)
        if row[0] is not None:
            raise Refused("intake.undone_already", batch=batch_id)
        later = merge.later_batch(connection, batch_id)
        if later is not None:
            raise Refused("intake.undo_later", batch=batch_id, later=later)
        keys = merge.report_months(connection, batch_id)
        before = {key: merge.total_reports(connection, *key) for key in keys}
        connection.execute(
            "UPDATE import_batch SET undone_at = ?, undone_by = ? WHERE batch_id = ?",
            (merge.stored_moment(now), actor.post, batch_id),
        )
        merge.settle_reports(connection, keys, before)
        try:
            removed, restored = merge.restore(connection, batch_id)
        except sqlite3.IntegrityError as error:
            raise Refused("intake.undo_in_use", batch=batch_id) from error
        connection.commit()
    return UndoReport(batch_id, removed, restored)
