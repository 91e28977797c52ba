"""Workbooks: read as a whole, after their parts were counted and unpacked once to prove their declared sizes."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from data.errors import Refused
from data.intake.findings import Findings
from data.intake.sources import (
    CHUNK_ROWS,
    GROWTH_COUNTS_FROM,
    Chunk,
    Cleaner,
    Limits,
    Source,
    header_place,
    make_chunk,
    number_text,
    tidy_headers,
)


def _check_zip(path: Path, name: str, limits: Limits) -> None:
    """A workbook's parts must be few and unpack to a bearable size; the declared sizes are proved by reading them once."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        packed = max(path.stat().st_size, 1)
        if (
            len(entries) > limits.entries
            or total > min(limits.unpacked, 4 << 30)
            or (total > GROWTH_COUNTS_FROM and total > packed * limits.growth)
        ):
            raise Refused("intake.unpacks_too_big", file=name, size_mb=total >> 20)
        try:
            broken = archive.testzip()
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise Refused("intake.damaged", file=name) from error
        if broken:
            raise Refused("intake.damaged", file=name)


def open_workbook(
    path: Path, name: str, findings: Findings, clean: Cleaner, limits: Limits, sheet: str | None
) -> Source:
    """A workbook (.xlsx, .xls, .ods): one sheet, named or the first with content, and its header below any title rows."""
    content = path.read_bytes()
    if content[:2] == b"PK":
        _check_zip(path, name, limits)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        chosen, cells = _choose_sheet(workbook, name, findings, sheet)
    except CalamineError as error:
        key = (
            "intake.encrypted"
            if "password" in str(error).lower() or "encrypt" in str(error).lower()
            else "intake.damaged"
        )
        raise Refused(key, file=name) from error
    place = header_place(cells[:6])
    headers = tidy_headers(cells[place], name)
    if place:
        findings.note("title_rows_skipped", file=name, value=place)
    body = cells[place + 1 :]
    if not any(cell not in (None, "") for row in body for cell in row):
        raise Refused("intake.header_only", file=name)

    def chunks(wanted: Sequence[str]) -> Iterator[Chunk]:
        positions = [headers.index(header) for header in wanted]
        for begin in range(0, len(body), CHUNK_ROWS):
            part = body[begin : begin + CHUNK_ROWS]
            batch = pa.RecordBatch.from_arrays(
                [pa.array([_cell_text(row[position]) for row in part], pa.string()) for position in positions],
                names=list(wanted),
            )
            rows = np.arange(place + 2 + begin, place + 2 + begin + len(part), dtype=np.int64)
            yield make_chunk(batch, rows, (), (begin + len(part)) / len(body), clean)

    return Source(name, "excel", hashlib.sha256(content).hexdigest(), headers, chunks, sheet=chosen)


def _choose_sheet(
    workbook: CalamineWorkbook, name: str, findings: Findings, sheet: str | None
) -> tuple[str, list[list[object]]]:
    names = workbook.sheet_names
    if sheet is not None:
        if sheet not in names:
            raise Refused("intake.sheet_missing", file=name, sheet=sheet, sheets="、".join(names))
        return sheet, _cells(workbook, sheet, name)
    filled = [(each, cells) for each in names if (cells := _cells(workbook, each, name, empty_is_refused=False))]
    if not filled:
        raise Refused("intake.file_empty", file=name)
    if len(filled) > 1:
        findings.note("sheet_chosen", file=name, value=filled[0][0])
    return filled[0]


def _cells(workbook: CalamineWorkbook, sheet: str, name: str, *, empty_is_refused: bool = True) -> list[list[object]]:
    cells = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    if not any(cell not in (None, "") for row in cells for cell in row):
        if empty_is_refused:
            raise Refused("intake.file_empty", file=name)
        return []
    return cells


def _cell_text(cell: object) -> str | None:
    """A cell as text; a whole number of more than 15 digits has lost some in the workbook and is marked by a leading "~"."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        text = number_text(cell)
        return f"~{text}" if text is not None and abs(cell) >= 1e15 else text
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    return str(cell)
