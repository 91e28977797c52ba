"""CSV files, plain or gzip: their encoding is proved to the last byte before a row is taken; then they stream."""

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from data.errors import Refused
from data.intake.findings import Findings
from data.intake.sources import (
    CHUNK_ROWS,
    GROWTH_COUNTS_FROM,
    Chunk,
    Cleaner,
    Limits,
    Source,
    guard_chunks,
    header_place,
    make_chunk,
    tidy_headers,
)

BLOCK = 1 << 20


class _Metered(io.RawIOBase):
    """A byte stream that counts what it gives, and stops when a packed file grows without measure."""

    def __init__(self, stream: BinaryIO, packed_size: int, name: str, limits: Limits) -> None:
        self._stream, self._packed, self._name, self._limits = stream, packed_size, name, limits
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        try:
            data = self._stream.read(len(buffer))
        except (EOFError, OSError, zlib.error) as error:
            raise Refused("intake.damaged", file=self._name) from error
        self.given += len(data)
        grown = self.given > GROWTH_COUNTS_FROM and self.given > self._packed * self._limits.growth
        if grown or self.given > self._limits.unpacked:
            raise Refused("intake.unpacks_too_big", file=self._name, size_mb=self.given >> 20)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _open_bytes(path: Path, name: str, limits: Limits, *, packed: bool) -> _Metered:
    stream = gzip.open(path, "rb") if packed else path.open("rb")  # noqa: SIM115 - closed by _Metered
    return _Metered(stream, path.stat().st_size, name, limits)


@dataclass(frozen=True)
class _Scan:
    sha256: str
    encoding: str
    size: int
    head: str


def _scan(path: Path, name: str, limits: Limits, encoding: str | None, *, packed: bool) -> _Scan:
    """Read the whole file before anything is taken from it: its hash, its encoding (valid to the last byte), size and beginning."""
    with _open_bytes(path, name, limits, packed=packed) as stream:
        start = stream.read(BLOCK) or b""
    if start[:4] in (b"PAR1", b"PK\x03\x04") or start[:2] == b"\x1f\x8b":
        raise Refused("intake.nested", file=name)
    if not start.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise Refused("intake.file_empty", file=name)
    marked = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    candidates = (encoding,) if encoding else ("utf-16",) if marked else ("utf-8", "gb18030")
    for candidate in candidates:
        digest = hashlib.sha256()
        size = _decoded_size(path, name, limits, candidate, digest, packed=packed)
        if size is not None:
            head = codecs.getincrementaldecoder(candidate)().decode(start).replace("\ufeff", "")
            return _Scan(digest.hexdigest(), candidate, size, head)
    raise Refused("intake.encoding", file=name, tried="、".join(candidates))


def _decoded_size(path: Path, name: str, limits: Limits, encoding: str, digest: object, *, packed: bool) -> int | None:
    """The bytes unpacked when all of the file is text in `encoding`; None when it is not."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    except LookupError as error:
        raise Refused("intake.encoding", file=name, tried=encoding) from error
    with _open_bytes(path, name, limits, packed=packed) as stream:
        try:
            while block := stream.read(BLOCK):
                digest.update(block)
                if "\x00" in decoder.decode(block):
                    return None
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
        return stream.given


def _sniff(head: str) -> str:
    """The delimiter under which the first lines have most, and equally many, fields."""
    lines = head.splitlines()[:20]

    def fitness(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        return max(((rows, width) for width, rows in widths.items()), default=(0, 0))

    return max((",", "\t", ";", "|", "，"), key=fitness)


def open_text(
    path: Path, name: str, findings: Findings, clean: Cleaner, limits: Limits, encoding: str | None, *, packed: bool
) -> Source:
    """A CSV file, its encoding and delimiter found out, its header below any title rows."""
    scan = _scan(path, name, limits, encoding, packed=packed)
    delimiter = _sniff(scan.head)
    if delimiter == "，":  # a full-width comma cannot delimit for the parser, and no system exports it
        raise Refused("intake.delimiter", file=name)
    first_rows = []
    for row in csv.reader(io.StringIO(scan.head), delimiter=delimiter):
        first_rows.append(row)
        if len(first_rows) == 6:
            break
    place = header_place(first_rows)
    headers = tidy_headers(first_rows[place], name)
    if place:
        findings.note("title_rows_skipped", file=name, value=place)
    if len(first_rows) == place + 1:
        raise Refused("intake.header_only", file=name)

    def chunks(wanted: Sequence[str]) -> Iterator[Chunk]:
        ragged: list[int] = []

        def skip(row: pa_csv.InvalidRow) -> str:
            ragged.append(row.number)
            return "skip"

        names = [header or f"\x00{position}" for position, header in enumerate(headers)]
        seen = 0
        next_row = place + 2
        with _open_bytes(path, name, limits, packed=packed) as stream:
            reader = pa_csv.open_csv(
                stream,
                read_options=pa_csv.ReadOptions(
                    use_threads=False,
                    block_size=8 * BLOCK,
                    column_names=names,
                    skip_rows_after_names=place + 1,
                    encoding="utf8" if scan.encoding == "utf-8" else scan.encoding,
                ),
                parse_options=pa_csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
                ),
                convert_options=pa_csv.ConvertOptions(
                    include_columns=list(wanted),
                    column_types={header: pa.string() for header in names},
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                bad = np.array(sorted(number for number in ragged if number > place + 1), dtype=np.int64)
                rows = np.arange(next_row, next_row + batch.num_rows + len(bad), dtype=np.int64)
                rows = rows[~np.isin(rows, bad)][: batch.num_rows]
                if len(rows):
                    next_row = int(rows[-1]) + 1
                fresh = tuple(int(number) for number in bad[seen:] if number < next_row)
                seen += len(fresh)
                for begin in range(0, batch.num_rows, CHUNK_ROWS):
                    part = batch.slice(begin, CHUNK_ROWS)
                    yield make_chunk(
                        part,
                        rows[begin : begin + CHUNK_ROWS],
                        fresh if begin == 0 else (),
                        stream.given / scan.size,
                        clean,
                    )
            rest = tuple(sorted(number for number in ragged if number > place + 1))[seen:]
            if rest:
                yield Chunk(np.array([], dtype=np.int64), pd.DataFrame(columns=list(wanted), dtype="str"), rest, 1.0)

    return Source(name, "csv", scan.sha256, headers, guard_chunks(chunks, name), encoding=scan.encoding)
