"""Tables and files: nothing from outside becomes a tag or a formula."""

import io
from datetime import date

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from pages.ui import tables
from pages.ui.links import Chosen
from pages.ui.tables import Column

CHOSEN = Chosen(date(2026, 11, 20))
HOSTILE = "<img src=x onerror=alert(1)>"


def test_values_cannot_become_tags() -> None:
    shown = tables.table([{"area": HOSTILE, "unit": '"><script>'}], [Column("area"), Column("unit")], CHOSEN, HOSTILE)
    assert "<img" not in shown
    assert "<script" not in shown


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_no_cell_of_a_csv_starts_a_formula(cells: list[str]) -> None:
    text = tables.to_csv(pd.DataFrame({"a": cells})).decode("utf-8-sig")
    back = pd.read_csv(
        io.StringIO(text), dtype=str, keep_default_na=False, skip_blank_lines=False, lineterminator=None
    )["a"]
    assert not [cell for cell in back if cell.startswith(tables.FORMULA_STARTS)]


def test_a_csv_opens_with_the_right_letters_and_keeps_numbers() -> None:
    written = tables.to_csv(pd.DataFrame({"区域": ["望江街道"], "变化": [-3]}))
    assert written.startswith(b"\xef\xbb\xbf")
    assert "望江街道,-3" in written.decode("utf-8-sig")


def test_an_excel_file_holds_text_where_text_was() -> None:
    frame = pd.DataFrame(
        {
            "unit": ["=1+1", "https://example.org"],
            "new": pd.array([3, pd.NA], dtype="Int64"),
            "on": pd.to_datetime(["2026-11-20", None]),
        }
    )
    written = tables.to_xlsx(frame)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(written)).get_sheet_by_index(0).to_python()
    assert rows[1][:2] == ["=1+1", 3.0]
    assert rows[1][2] == date(2026, 11, 20)
    assert rows[2] == ["https://example.org", "", ""]


def test_headings_and_codes_are_in_the_readers_language() -> None:
    frame = pd.DataFrame({"kind": ["petition", None], "new": [1, 2]})
    assert list(tables.in_words(frame, [Column("kind", "code:kind"), Column("new", "count")], "zh").columns) == [
        "类型",
        "新增",
    ]
    assert tables.in_words(frame, [Column("kind", "code:kind")], "en")["Kind"].fillna("").tolist() == ["Petition", ""]


def test_zero_is_shown_and_missing_is_a_dash() -> None:
    row = {"new": 0, "closed": None}
    assert [tables.written(row, Column(key, "count"), "zh") for key in ("new", "closed")] == ["0", "—"]


def test_a_deadline_past_is_said_in_words() -> None:
    shown = tables.table(
        [{"days_left": -2}, {"days_left": 1}], [Column("days_left", "left")], Chosen(date(2026, 11, 20), language="en")
    )
    assert "2 days late" in shown
    assert "1 day<" in shown
