"""Findings: everything that intake has to say about a batch, all at once, by row and column, in three tiers.

`blocking`: the row (or file) is not taken. `unrecognised`: the row is taken, the value is left empty. `doubtful`: the row is taken,
a person should look. The sentences live in the words under `findings.<code>.what` and `.remedy`.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence

import pandas as pd

from data.intake.personal import mask

TIERS = ("blocking", "unrecognised", "doubtful")

TIER_OF = {
    # the row or the file is not taken
    "missing_required": "blocking",
    "bad_registered_at": "blocking",
    "absurd_registered_at": "blocking",
    "personal_value": "blocking",
    "formula_in_number": "blocking",
    "control_in_number": "blocking",
    "number_too_long": "blocking",
    "number_digits_lost": "blocking",
    "number_conflict": "blocking",
    "number_taken": "blocking",
    "ragged_row": "blocking",
    "unknown_kind": "blocking",
    "report_without_place": "blocking",
    # the value is left empty
    "unmapped_column": "unrecognised",
    "free_text_column": "unrecognised",
    "missing_column": "unrecognised",
    "unknown_code": "unrecognised",
    "unknown_area": "unrecognised",
    "unknown_category": "unrecognised",
    "unknown_unit": "unrecognised",
    "bad_date": "unrecognised",
    "absurd_date": "unrecognised",
    "bad_number": "unrecognised",
    "bad_flag": "unrecognised",
    "too_long": "unrecognised",
    "formula_text": "unrecognised",
    "control_characters": "unrecognised",
    # a person should look
    "no_area": "doubtful",
    "no_category": "doubtful",
    "no_unit": "doubtful",
    "name_differs": "doubtful",
    "earlier_same_day": "doubtful",
    "earlier_than_registered": "doubtful",
    "open_with_closing_time": "doubtful",
    "verdict_conflict": "doubtful",
    "repeated_row": "doubtful",
    "same_content": "doubtful",
    "cross_source": "doubtful",
    "reopened": "doubtful",
    "reports_overlap": "doubtful",
    "renamed_extension": "doubtful",
    "sheet_chosen": "doubtful",
    "title_rows_skipped": "doubtful",
}

KEPT_PER_CODE = 10_000
COLUMNS = ("file_name", "row_no", "column_name", "tier", "code", "masked_value")


class Findings:
    """Collects what is found; counts all, keeps at most `KEPT_PER_CODE` of each code, masks every value on the way in."""

    def __init__(self) -> None:
        self.tally: Counter[str] = Counter()
        self._kept: list[tuple[str | None, int | None, str | None, str, str, str | None]] = []

    def add(
        self,
        code: str,
        *,
        file: str | None = None,
        column: str | None = None,
        rows: Sequence[int] | pd.Series = (),
        values: Sequence[object] | pd.Series | None = None,
        are_numbers: bool = False,
    ) -> None:
        """Note `code` for each of `rows`; `values` are the offending values, masked before they are kept.

        Matter numbers (`are_numbers`) have passed the screen and stay legible, or nobody could find the matter.
        """
        if not len(rows):
            return
        room = max(KEPT_PER_CODE - self.tally[code], 0)
        self.tally[code] += len(rows)
        show = str if are_numbers else _masked
        shown = [None] * min(len(rows), room) if values is None else [show(value) for value in list(values)[:room]]
        self._kept.extend(
            (file, int(row), column, TIER_OF[code], code, value)
            for row, value in zip(list(rows)[:room], shown, strict=True)
        )

    def note(self, code: str, *, file: str | None = None, column: str | None = None, value: object = None) -> None:
        """Note `code` once for a whole file or column."""
        self.tally[code] += 1
        if self.tally[code] <= KEPT_PER_CODE:
            self._kept.append((file, None, column, TIER_OF[code], code, _masked(value)))

    def frame(self) -> pd.DataFrame:
        """The findings kept: one row a finding, ordered by tier, file, row and column."""
        frame = pd.DataFrame(self._kept, columns=list(COLUMNS))
        frame["row_no"] = frame["row_no"].astype("Int64")
        order = frame["tier"].map({tier: place for place, tier in enumerate(TIERS)})
        return (
            frame.assign(order=order)
            .sort_values(["order", "file_name", "row_no", "code", "column_name"], na_position="first", kind="stable")
            .drop(columns="order")
            .reset_index(drop=True)
        )


def _masked(value: object) -> str | None:
    return None if value is None or value is pd.NaT or value != value else mask(str(value))


def count_by_tier(tally: dict[str, int]) -> dict[str, int]:
    """How many findings each tier has.

    >>> count_by_tier({"unknown_code": 2, "no_area": 1})
    {'blocking': 0, 'unrecognised': 2, 'doubtful': 1}
    """
    return {tier: sum(count for code, count in tally.items() if TIER_OF[code] == tier) for tier in TIERS}


def neutralise(text: str | None) -> str:
    """A text that no spreadsheet will run as a formula.

    >>> neutralise("=1+1"), neutralise("坪山")
    ("'=1+1", '坪山')
    """
    if text is None or text != text:
        return ""
    return "'" + text if str(text)[:1] in "=+-@\t\r" else str(text)


def write_error_file(findings: pd.DataFrame, say: Callable[[str], str], headings: Sequence[str] | None = None) -> bytes:
    """The findings as a CSV that Excel opens (UTF-8 with BOM): file, row, column, tier, what was found, masked value, remedy.

    `say` turns a key of the words (`findings.<code>.what`) into a sentence; the raw rows are not in it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = ("file", "row", "column", "tier", "code", "what", "value", "remedy")
    writer.writerow(headings or [say(f"findings.headings.{name}") for name in names])
    for row in findings.itertuples(index=False):
        writer.writerow(
            [
                neutralise(row.file_name),
                "" if pd.isna(row.row_no) else int(row.row_no),
                neutralise(row.column_name),
                say(f"findings.tiers.{row.tier}"),
                row.code,
                say(f"findings.{row.code}.what"),
                neutralise(row.masked_value),
                say(f"findings.{row.code}.remedy"),
            ]
        )
    return ("\ufeff" + out.getvalue()).encode("utf-8")
