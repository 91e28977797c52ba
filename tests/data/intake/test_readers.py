"""Every file gets its clear answer: what it is, its first bytes say."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import Refused
from data.intake.findings import Findings
from data.intake.readers import open_source
from data.intake.sources import Limits

TEXT = "编号,登记时间,街道\n1,2026-08-01,坪山街道\n2,2026-08-02,龙田街道\n"
HEADERS = ("编号", "登记时间", "街道")


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def read(path: Path, findings: Findings | None = None, **options) -> pd.DataFrame:
    source = open_source(path, findings or Findings(), **options)
    chunks = list(source.chunks([header for header in source.headers if header]))
    frame = pd.concat([chunk.frame.assign(row=chunk.rows) for chunk in chunks], ignore_index=True)
    frame.attrs = {"source": source, "ragged": [row for chunk in chunks for row in chunk.ragged]}
    return frame


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return stream.getvalue()


def refusal(path: Path, **options) -> Refused:
    with pytest.raises(Refused) as caught:
        read(path, **options)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("packed", [False, True])
def test_text_is_read_in_any_customary_encoding_and_delimiter(tmp_path, encoding, delimiter, packed):
    content = TEXT.replace(",", delimiter).encode(encoding)
    path = put(tmp_path, "a.csv.gz" if packed else "a.csv", gzip.compress(content, mtime=0) if packed else content)
    frame = read(path)
    assert frame["街道"].tolist() == ["坪山街道", "龙田街道"]
    assert frame["row"].tolist() == [2, 3]
    assert frame.attrs["source"].headers == HEADERS


def test_rare_signs_of_gb18030_are_read(tmp_path):
    frame = read(put(tmp_path, "a.csv", "编号,街道\n1,𠮷祥街道㐀\n2,二\n".encode("gb18030")))
    assert frame["街道"].tolist() == ["𠮷祥街道㐀", "二"]


def test_a_late_sign_of_another_encoding_is_noticed_before_anything_is_read(tmp_path):
    ascii_part = "no,at\n" + "1,2\n" * 400_000
    assert read(put(tmp_path, "a.csv", ascii_part.encode() + "3,街道\n".encode("gb18030"))).iloc[-1]["at"] == "街道"


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.csv", b"", "intake.file_empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n", "intake.file_empty"),
        ("a.csv", "编号,登记时间\n".encode(), "intake.header_only"),
        ("a.csv", b",,\n,,\n", "intake.no_header"),
        ("a.csv", b"no,no\n1,2\n", "intake.header_twice"),
        ("a.csv", b"no,at\n1,\x00\x00\n", "intake.encoding"),
        ("a.csv", b"no,at\n1,\xff\xff\xff\n", "intake.encoding"),
        ("a.csv", "编号，时间\n1，2\n".encode(), "intake.delimiter"),
        ("a.pdf", b"%PDF-1.7 ...", "intake.no_table"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "intake.web_page"),
        ("a.xls", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "intake.web_page"),
        ("a.xlsx", b"PK\x03\x04 not really a zip", "intake.damaged"),
        ("a.parquet", b"PAR1 not really", "intake.damaged"),
        ("a.csv.gz", gzip.compress(TEXT.encode(), mtime=0)[:-9], "intake.damaged"),
        ("a.gz", gzip.compress(gzip.compress(TEXT.encode(), mtime=0), mtime=0), "intake.nested"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "intake.encrypted",
        ),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "intake.damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_own_reason(tmp_path, name, content, key):
    assert refusal(put(tmp_path, name, content)).key == key


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path / "none.csv").key == "intake.file_missing"


def test_another_archive_is_no_workbook(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refusal(put(tmp_path, "a.xlsx", stream.getvalue())).key == "intake.no_table"


def test_a_workbook_that_unpacks_without_measure_is_refused(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    assert refusal(put(tmp_path, "a.xlsx", stream.getvalue())).key == "intake.unpacks_too_big"


def test_a_workbook_of_too_many_parts_is_refused(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        for place in range(30):
            archive.writestr(f"xl/part{place}.xml", "")
    assert (
        refusal(put(tmp_path, "a.xlsx", stream.getvalue()), limits=Limits(entries=20)).key == "intake.unpacks_too_big"
    )


def test_a_part_whose_declared_size_lies_is_refused(tmp_path):
    content = bytearray(workbook({"一": [["编号"], ["1"]]}))
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = (5).to_bytes(4, "little")  # uncompressed size in the central directory
    assert refusal(put(tmp_path, "a.xlsx", bytes(content))).key == "intake.damaged"


def test_a_packed_text_that_grows_without_measure_is_refused_while_it_is_read(tmp_path):
    path = put(tmp_path, "a.csv.gz", gzip.compress(b"no,at\n" + b"1,2\n" * (10 << 20), mtime=0))
    assert refusal(path).key == "intake.unpacks_too_big"
    assert refusal(path, limits=Limits(unpacked=1 << 20, growth=10**6)).key == "intake.unpacks_too_big"


def test_a_file_over_the_page_limit_names_both_sizes(tmp_path):
    found = refusal(put(tmp_path, "a.csv", TEXT.encode() * 100), limits=Limits(bytes=1024))
    assert found.key == "intake.file_too_big"
    assert "size_mb" in found.values


def test_a_renamed_extension_is_read_as_what_it_is_and_said(tmp_path):
    findings = Findings()
    assert read(put(tmp_path, "a.xlsx", TEXT.encode()), findings)["编号"].tolist() == ["1", "2"]
    assert read(put(tmp_path, "b.csv", workbook({"一": [["编号", "街道"], [1, "x"]]})), findings)["编号"].tolist() == [
        "1"
    ]
    assert findings.tally["renamed_extension"] == 2


def test_a_workbook_keeps_numbers_times_and_titles_apart(tmp_path):
    from datetime import datetime

    rows = [
        ["某某街道事项台账"],
        ["编号", "登记时间", "街道"],
        [7, datetime(2026, 8, 1, 9, 30), "坪山"],
        [4.5e17, "2026-08-02", None],
    ]
    findings = Findings()
    frame = read(put(tmp_path, "a.xlsx", workbook({"空": [], "表": rows, "又": [["x", "y"], [1, 2]]})), findings)
    assert frame["编号"].tolist() == ["7", "~450000000000000000"]
    assert frame["登记时间"].tolist() == ["2026-08-01 09:30:00", "2026-08-02"]
    assert frame["row"].tolist() == [3, 4]
    assert dict(findings.tally) == {"title_rows_skipped": 1, "sheet_chosen": 1}
    assert frame.attrs["source"].sheet == "表"


def test_a_sheet_that_the_profile_names_must_be_there(tmp_path):
    path = put(tmp_path, "a.xlsx", workbook({"甲": [["编号", "x"], [1, 2]], "乙": [["编号", "x"], [3, 4]]}))
    assert read(path, sheet="乙")["编号"].tolist() == ["3"]
    assert refusal(path, sheet="丙").key == "intake.sheet_missing"


def test_an_empty_workbook_is_empty(tmp_path):
    assert refusal(put(tmp_path, "a.xlsx", workbook({"一": []}))).key == "intake.file_empty"
    assert refusal(put(tmp_path, "a.xlsx", workbook({"一": [["编号", "街道"]]}))).key == "intake.header_only"


def test_parquet_keeps_its_times_and_turns_the_rest_into_text(tmp_path):
    table = pa.table(
        {
            "no": [1, 2],
            "at": pa.array([0, 3_600_000_000], pa.timestamp("us", "UTC")),
            "on": pa.array([0, 1], pa.date32()),
            "word": pa.array(["a", None]).dictionary_encode(),
            "amount": [1.0, 2.5],
            "flag": [True, False],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    frame = read(tmp_path / "a.parquet", time_zone="Asia/Shanghai")
    assert frame["no"].tolist() == ["1", "2"]
    assert frame["at"].dt.hour.tolist() == [8, 9]
    assert frame["word"].isna().tolist() == [False, True]
    assert frame["amount"].tolist() == ["1", "2.5"]
    assert frame["flag"].tolist() == ["1", "0"]


def test_a_parquet_column_of_lists_is_refused_when_it_is_wanted(tmp_path):
    pq.write_table(pa.table({"no": [1], "all": [[1, 2]]}), tmp_path / "a.parquet")
    assert refusal(tmp_path / "a.parquet").key == "intake.column_type"


def test_null_words_and_blanks_are_nothing(tmp_path):
    frame = read(put(tmp_path, "a.csv", "a,b\n - , x \n无,\n".encode()), nulls=("", "-", "无"))
    assert frame["a"].isna().all()
    assert frame["b"].tolist()[0] == "x"


def test_ragged_rows_are_listed_by_number_and_the_others_keep_theirs(tmp_path):
    frame = read(put(tmp_path, "a.csv", b'a,b\n1,2\n\n3,4,5\n"x\ny",7\n9\n10,11\n'))
    assert frame.attrs["ragged"] == [4, 6]
    assert dict(zip(frame["row"], frame["a"], strict=True)) == {2: "1", 5: "x\ny", 7: "10"}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["1,2", "3", "4,5,6", ""]), min_size=1, max_size=40))
def test_row_numbers_agree_with_a_slow_count(tmp_path_factory, lines):
    content = "a,b\n" + "\n".join([*lines, "8,9"]) + "\n"
    frame = read(put(tmp_path_factory.mktemp("rows"), "a.csv", content.encode()))
    expected = [number for number, line in enumerate([*lines, "8,9"], 2) if line.count(",") == 1]
    bad = [number for number, line in enumerate([*lines, "8,9"], 2) if line and line.count(",") != 1]
    assert frame["row"].tolist() == expected
    assert frame.attrs["ragged"] == bad


def test_chunks_of_a_long_file_number_its_rows_without_a_gap(tmp_path):
    rows = 150_000
    content = "a,b\n" + "".join(f"{number},{'x' * 100}\n" for number in range(rows))
    frame = read(put(tmp_path, "a.csv", content.encode()))
    assert np.array_equal(frame["row"].to_numpy(), np.arange(2, rows + 2))
    assert np.array_equal(frame["a"].astype(int).to_numpy(), np.arange(rows))
