"""Evaluations are kept as they were: never replaced, never half written; a file of counts is read or said to be wrong."""

import json
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from data.counts_file import read_counts_file
from data.errors import Refused
from data.evaluations import code_mark, keep_evaluation, read_evaluations
from data.town import build_town
from data.town.counted import LEVELS, TownCounts, count_town

AT = datetime(2026, 11, 22, 6, 30)


def test_two_evaluations_of_one_second_are_two_files(tmp_path: Path) -> None:
    first, second = (keep_evaluation(tmp_path, "signals", {"n": number}, AT) for number in (1, 2))
    assert first != second
    assert json.loads(first.read_text(encoding="utf-8")) == {"n": 1}
    assert [one["n"] for one in read_evaluations(tmp_path, "signals")[0]] == [2, 1]
    assert sorted(path.name for path in first.parent.iterdir()) == [first.name, second.name]


def test_what_cannot_be_read_is_counted(tmp_path: Path) -> None:
    keep_evaluation(tmp_path, "signals", {"n": 1}, AT)
    (tmp_path / "evaluations" / "signals-20260101-000000-01.json").write_text('{"n": ', encoding="utf-8")
    (tmp_path / "evaluations" / "signals-20260102-000000-01.json").write_text("[1]", encoding="utf-8")
    assert read_evaluations(tmp_path, "signals") == ([{"n": 1}], 2)


def test_before_the_first_there_is_none(tmp_path: Path) -> None:
    assert read_evaluations(tmp_path, "signals") == ([], 0)


def test_the_mark_changes_with_the_code_of_the_methods_alone(tmp_path: Path) -> None:
    (tmp_path / "weekly.py").write_text("a = 1", encoding="utf-8")
    before = code_mark(tmp_path)
    (tmp_path / "evaluation_city.py").write_text("b = 1", encoding="utf-8")
    assert code_mark(tmp_path) == before
    (tmp_path / "weekly.py").write_text("a = 2", encoding="utf-8")
    assert code_mark(tmp_path) != before


# --- files of counts ------------------------------------------------------------------------------------------------------------


def write(folder: Path, text: str) -> Path:
    file = folder / "counts.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_counts_are_laid_out_by_place_subject_and_day(tmp_path: Path) -> None:
    read = read_counts_file(
        write(tmp_path, "date,theme,subprefecture,opened,closed\n2015-01-03,waste,B,2,9\n2015-01-01,waste,A,1,9\n2015-01-03,trees,B,4,9\n2015-01-03,waste,B,1,9\n")
    )  # fmt: skip
    assert (read.places, read.subjects, len(read.days)) == (("A", "B"), ("trees", "waste"), 3)
    assert read.counts[1].tolist() == [[0, 0, 4], [0, 0, 3]]
    assert read.counts.sum() == 8


def test_a_file_without_places_has_one(tmp_path: Path) -> None:
    assert read_counts_file(write(tmp_path, "day,count\n2026-01-01,3\n")).counts.tolist() == [[[3]]]


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("when,count\n2026-01-01,3\n", "counts_file.columns", {"missing": "day", "found": "when, count"}),
        ("day,count\n2026-01-01,3\nyesterday,3\n", "counts_file.values", {"rows": 1, "line": 3}),
        ("day,count\n2026-01-01,-3\n", "counts_file.values", {"rows": 1, "line": 2}),
        ("day,count\n2026-01-01,1.5\n", "counts_file.values", {"rows": 1, "line": 2}),
        ("day,count\n", "counts_file.values", {"rows": 0, "line": 1}),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, key: str, said: dict) -> None:
    with pytest.raises(Refused) as refused:
        read_counts_file(write(tmp_path, text))
    assert (refused.value.key, refused.value.values) == (key, said)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01broken", b'day,count\n"2026-01-01,3\n'])
def test_what_is_no_csv_is_said(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "counts.csv"
    file.write_bytes(content)
    with pytest.raises(Refused):
        read_counts_file(file)


@pytest.mark.shared
def test_the_real_hotline_counts_are_read_whole(real_records: Path) -> None:
    import pandas as pd

    file = real_records / "sp156" / "daily_counts_panel_open_2015_2018.csv.gz"
    read, raw = read_counts_file(file), pd.read_csv(file)
    assert read.counts.shape == (raw["subprefecture"].nunique(), raw["theme"].nunique(), 1461)
    assert read.counts.sum() == raw["opened"].sum()


# --- the city as counts ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def counted() -> tuple[object, TownCounts]:
    town = build_town(seed=2, through=date(2025, 12, 31), matters=6_000, years=2)
    return town, count_town(town)


def test_every_placed_matter_counts_once_a_level(counted: tuple) -> None:
    town, counts = counted
    rows = [batch.select(["area_code", "category_code"]).to_pandas().dropna() for batch in town.matter_batches()]
    assert counts.counts["city"].sum() == sum(map(len, rows))
    assert counts.counts["district"].sum() == counts.counts["city"].sum()
    assert counts.counts["community"].sum() < counts.counts["street"].sum()  # some are known by their street alone


def test_the_levels_hold_together(counted: tuple) -> None:
    _, counts = counted
    for below, above in pairwise(LEVELS[1:]):
        held = np.zeros_like(counts.counts[above])
        np.add.at(held, counts.parents[below], counts.counts[below])
        np.testing.assert_array_equal(held, counts.counts[above])


def test_what_was_planted_is_what_the_truth_lists(counted: tuple) -> None:
    town, counts = counted
    assert counts.planted["city"].sum() == len(town.planted())
    for row in town.truth.to_dict("records"):
        place = np.flatnonzero(counts.areas[row["level_code"]] == row["area_code"])[0]
        subject = counts.subjects.index((row["kind"], row["category_code"]))
        first, last = ((np.datetime64(row[name], "D") - counts.days[0]).astype(int) for name in ("first_on", "last_on"))
        assert counts.planted[row["level_code"]][place, subject, first : last + 1].sum() >= row["extra"]
