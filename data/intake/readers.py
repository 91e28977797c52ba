"""Files in, chunks of text columns out. What a file is, its first bytes say; its name is only compared with them.

CSV (UTF-8, GB18030, UTF-16; any customary delimiter; plain or gzip) and Parquet stream in chunks; a workbook is read as a whole.
Everything that is not a table, is damaged, encrypted, empty or unpacks without measure is refused before anything is stored.
"""

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import Refused
from data.intake.findings import Findings
from data.intake.sources import (
    CHUNK_ROWS,
    TERMINAL_LIMITS,
    Chunk,
    Cleaner,
    Limits,
    Source,
    guard_chunks,
    make_chunk,
    tidy_headers,
)
from data.intake.texts import open_text
from data.intake.workbooks import open_workbook

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_EXTENSIONS = {
    "csv": (".csv", ".txt", ".tsv", ".gz"),
    "excel": (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et"),
    "parquet": (".parquet", ".pq"),
}


def open_source(
    path: Path,
    findings: Findings,
    *,
    name: str | None = None,
    limits: Limits = TERMINAL_LIMITS,
    encoding: str | None = None,
    sheet: str | None = None,
    nulls: Sequence[str] = ("",),
    time_zone: str = "Asia/Shanghai",
) -> Source:
    """Open a table file, told by its first bytes.

    Raises `Refused` when it is empty, over a limit, encrypted, damaged, in no known encoding, or no table. `nulls` are the words that
    mean "nothing"; `time_zone` is the site's, for timestamps that carry a zone.
    """
    name = name or path.name
    if not path.is_file():
        raise Refused("intake.file_missing", file=str(path))
    size = path.stat().st_size
    if size == 0:
        raise Refused("intake.file_empty", file=name)
    if limits.bytes is not None and size > limits.bytes:
        raise Refused("intake.file_too_big", file=name, size_mb=round(size / 2**20, 1), limit_mb=limits.bytes >> 20)
    with path.open("rb") as stream:
        head = stream.read(4096)
    kind = _tell_kind(path, head, name)
    if Path(name).suffix.lower() not in _EXTENSIONS[kind]:
        findings.note("renamed_extension", file=name, value=f"{Path(name).suffix or '·'} → {kind}")
    clean = Cleaner(tuple(nulls), time_zone)
    if kind == "parquet":
        return _open_parquet(path, name, clean, limits)
    if kind == "excel":
        return open_workbook(path, name, findings, clean, limits, sheet)
    return open_text(path, name, findings, clean, limits, encoding, packed=head[:2] == b"\x1f\x8b")


def _tell_kind(path: Path, head: bytes, name: str) -> str:
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:2] == b"PK":
        return _tell_zip(path, name)
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if _ENCRYPTED in path.read_bytes():
            raise Refused("intake.encrypted", file=name)
        return "excel"
    if (
        head[:5] in (b"%PDF-", b"{\\rtf")
        or head[:6] in (b"Rar!\x1a\x07", b"7z\xbc\xaf'\x1c")
        or head[:3] == b"\xff\xd8\xff"
    ):
        raise Refused("intake.no_table", file=name)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise Refused("intake.web_page", file=name)
    return "csv"


def _tell_zip(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            encrypted = any(entry.flag_bits & 1 for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise Refused("intake.damaged", file=name) from error
    if encrypted:
        raise Refused("intake.encrypted", file=name)
    if any(entry.startswith("xl/workbook.") for entry in names) or {"content.xml", "mimetype"} <= names:
        return "excel"
    raise Refused("intake.no_table", file=name)


# --- Parquet ---------------------------------------------------------------------------------------------------------------


def _open_parquet(path: Path, name: str, clean: Cleaner, limits: Limits) -> Source:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise Refused("intake.damaged", file=name) from error
    meta = file.metadata
    total = sum(meta.row_group(place).total_byte_size for place in range(meta.num_row_groups))
    if total > limits.unpacked:
        raise Refused("intake.unpacks_too_big", file=name, size_mb=total >> 20)
    if meta.num_rows == 0:
        raise Refused("intake.header_only", file=name)
    headers = tidy_headers(file.schema_arrow.names, name)

    def chunks(wanted: Sequence[str]) -> Iterator[Chunk]:
        for header in wanted:
            kind = file.schema_arrow.field(header).type
            if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
                raise Refused("intake.column_type", file=name, column=header, type=str(kind))
        done = 0
        for batch in file.iter_batches(batch_size=CHUNK_ROWS, columns=list(wanted), use_threads=False):
            rows = np.arange(done + 2, done + 2 + batch.num_rows, dtype=np.int64)
            done += batch.num_rows
            yield make_chunk(batch, rows, (), done / meta.num_rows, clean)

    return Source(name, "parquet", _hash(path), headers, guard_chunks(chunks, name))


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
