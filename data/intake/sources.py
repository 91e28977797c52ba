"""What all kinds of files have in common once opened: limits, headers, and chunks of text columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import Refused

CHUNK_ROWS = 65_536


@dataclass(frozen=True)
class Limits:
    """How much a file may be: bytes as it comes, bytes unpacked, how many times it may grow, entries of a workbook."""

    bytes: int | None = None
    unpacked: int = 40 << 30
    growth: int = 300
    entries: int = 5_000


PAGE_LIMITS = Limits(bytes=20 << 20, unpacked=600 << 20)
TERMINAL_LIMITS = Limits()
GROWTH_COUNTS_FROM = 32 << 20


@dataclass(frozen=True)
class Chunk:
    """Rows of a file: `rows` are their numbers (the header being row 1), `frame` the wanted columns as text or timestamps,
    `ragged` the numbers of rows with too few or too many fields, `share` how much of the file has been read."""

    rows: np.ndarray
    frame: pd.DataFrame
    ragged: tuple[int, ...]
    share: float


@dataclass(frozen=True)
class Source:
    """An opened file: what it is, its headers, and its chunks for the columns asked for."""

    name: str
    format: str
    sha256: str
    headers: tuple[str, ...]
    chunks: Callable[[Sequence[str]], Iterator[Chunk]]
    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Cleaner:
    """Turns Arrow columns into text without blanks around it and without null words, or into wall-clock timestamps."""

    nulls: tuple[str, ...]
    time_zone: str

    def column(self, array: pa.Array | pa.ChunkedArray) -> pd.Series:
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        kind = array.type
        if pa.types.is_timestamp(kind):
            if kind.tz:
                array = pc.local_timestamp(
                    array.cast(pa.timestamp("us", kind.tz)).cast(pa.timestamp("us", self.time_zone))
                )
            return pd.Series(array.cast(pa.timestamp("us"), safe=False).to_pandas())
        if pa.types.is_date(kind):
            return pd.Series(array.cast(pa.timestamp("s")).cast(pa.timestamp("us")).to_pandas())
        if pa.types.is_boolean(kind):
            array = array.cast(pa.int8())
        elif pa.types.is_floating(kind):
            array = pa.array([number_text(value) for value in array.to_pylist()], pa.string())
        text = pc.utf8_trim_whitespace(array.cast(pa.string()))
        text = pc.if_else(pc.is_in(text, pa.array(self.nulls, pa.string())), pa.scalar(None, pa.string()), text)
        return pd.Series(text.to_pandas(), dtype="str")


def number_text(value: float | None) -> str | None:
    if value is None or value != value:
        return None
    return str(int(value)) if abs(value) < 1e20 and value == int(value) else repr(value)


def tidy_headers(cells: Sequence[object], name: str) -> tuple[str, ...]:
    """The headers without blanks; raises `Refused` where there is none, or one occurs twice."""
    headers = tuple("" if cell is None else str(cell).replace("\ufeff", "").strip() for cell in cells)
    named = [header for header in headers if header]
    if not named:
        raise Refused("intake.no_header", file=name)
    twice = sorted({header for header in named if named.count(header) > 1})
    if twice:
        raise Refused("intake.header_twice", file=name, headers="、".join(twice[:5]))
    return headers


def header_place(first_rows: Sequence[Sequence[object]]) -> int:
    """Which of the first rows is the header: titles above it fill one cell only."""
    filled = [sum(1 for cell in row if cell not in (None, "")) for row in first_rows]
    for place, count in enumerate(filled[:5]):
        if count > 1:
            return place
    return 0


def make_chunk(batch: pa.RecordBatch, rows: np.ndarray, ragged: tuple[int, ...], share: float, clean: Cleaner) -> Chunk:
    """A batch as a chunk of cleaned columns, without blank rows."""
    frame = pd.DataFrame({header: clean.column(batch.column(header)) for header in batch.schema.names})
    blank = frame.isna().all(axis=1).to_numpy()
    if blank.any():
        frame, rows = frame[~blank].reset_index(drop=True), rows[~blank]
    return Chunk(rows, frame, ragged, min(share, 1.0))


def guard_chunks(
    chunks: Callable[[Sequence[str]], Iterator[Chunk]], name: str
) -> Callable[[Sequence[str]], Iterator[Chunk]]:
    """The same chunks; what the parser cannot read is refused as a damaged file."""

    def guarded(wanted: Sequence[str]) -> Iterator[Chunk]:
        try:
            yield from chunks(wanted)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError) as error:
            raise Refused("intake.damaged", file=name) from error

    return guarded
