"""A long table of counts: sums by day and keys, quiet days are zero, and what is wrong is said with the line."""

from pathlib import Path

import numpy as np
import pytest

from data.errors import Refused
from data.long_counts import read_long_counts

HEAD = "date,theme,place,opened\n"


def written(folder: Path, rows: str, head: str = HEAD) -> Path:
    file = folder / "counts.csv"
    file.write_text(head + rows, encoding="utf-8")
    return file


def test_rows_of_a_day_and_key_are_summed_and_a_day_without_rows_is_zero(tmp_path: Path) -> None:
    rows = "2026-01-03,b,x,4\n2026-01-01,b,x,2\n2026-01-01,a,y,1\n2026-01-03,b,x,1\n"
    found = read_long_counts(written(tmp_path, rows), "opened", ("theme", "place"))
    assert found.days.astype(str).tolist() == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert found.keys.to_numpy().tolist() == [["a", "y"], ["b", "x"]]
    assert found.values.tolist() == [[1, 0, 0], [2, 0, 5]]


def test_without_key_columns_there_is_one_series(tmp_path: Path) -> None:
    found = read_long_counts(written(tmp_path, "2026-01-01,a,y,1.5\n2026-01-01,b,y,1\n"), "opened", ())
    assert found.values.tolist() == [[2.5]]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("2026-01-01,a,x,1\n30.11.2018,a,x,1\n", 3),
        ("2026-01-01,a,x,-1\n", 2),
        ("2026-01-01,a,x,many\n", 2),
        ("2026-01-01,a,x,inf\n", 2),
        ("2026-01-01,a,,1\n", 2),
        ("", 2),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(tmp_path: Path, rows: str, line: int) -> None:
    with pytest.raises(Refused) as told:
        read_long_counts(written(tmp_path, rows), "opened", ("theme", "place"))
    assert told.value.key == "long_counts.values"
    assert told.value.values["line"] == line


def test_columns_that_are_missing_are_named_beside_those_there(tmp_path: Path) -> None:
    with pytest.raises(Refused) as told:
        read_long_counts(written(tmp_path, ""), "closed", ("theme", "street"))
    assert told.value.values == {"missing": "closed, street", "found": "date, theme, place, opened"}
    with pytest.raises(Refused) as told:
        read_long_counts(written(tmp_path, ""), "opened", ("theme", "theme"))
    assert told.value.key == "long_counts.repeated"


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "counts.csv.gz"
    file.write_bytes(np.random.default_rng(1).bytes(400))
    with pytest.raises(Refused) as told:
        read_long_counts(file, "opened", ())
    assert told.value.key == "long_counts.unreadable"
