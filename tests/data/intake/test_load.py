"""Files become matters, in one transaction; everything else becomes a finding, and a batch can be taken back."""

import csv
import io
import json
import sqlite3
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import operational
from data.errors import Busy, Refused
from data.intake.findings import TIER_OF, Findings, write_error_file
from data.intake.load import import_files, import_upload, list_batches, read_findings, undo_batch
from data.intake.personal import find_personal, id_check_digit
from data.intake.profiles import parse_profile, read_profile
from data.scope import Actor, Scope

NOW = datetime(2026, 8, 10, 9, 0)
LATER = datetime(2026, 8, 11, 9, 0)
ACTOR = Actor("office", Scope())
SHARED = Path(__file__).parents[3] / "../shared/data"
ID = "11010519491231002X"

PROFILE = {
    "source_system": "ours",
    "kind": "petition",
    "drop": ["姓名"],
    "columns": {
        "matter_no": {"from": "编号", "prefix": "O-"},
        "registered_at": "登记时间",
        "closed_at": "办结时间",
        "due_on": "期限",
        "people_involved": "人数",
        "is_repeat": "重件",
        "channel": "渠道",
        "status": {"from": "状态", "codes": {"办结": "closed", "办理中": "handling"}},
        "purpose": {"from": "目的", "codes": {"求决": "claim", "检举控告": "report"}},
    },
    "area": {
        "prefix": "O-",
        "register": True,
        "root": {"code": "999901", "name": "示例市", "level": "city"},
        "levels": [{"level": "street", "name": "街道"}, {"level": "community", "name": "社区"}],
    },
    "category": {"scheme": "ours", "levels": ["大类", "小类"], "prefix": "O-", "register": True},
    "unit": {"name": "单位", "prefix": "O-", "register": True},
}
HEADERS = [
    "编号",
    "登记时间",
    "办结时间",
    "期限",
    "人数",
    "重件",
    "渠道",
    "状态",
    "目的",
    "街道",
    "社区",
    "大类",
    "小类",
    "单位",
]
ROW = [
    "1",
    "2026-08-01 09:00:00",
    "2026-08-03 10:00:00",
    "2026-08-20",
    "3",
    "否",
    "来信",
    "办结",
    "求决",
    "甲街道",
    "乙社区",
    "物业",
    "停车",
    "住建局",
]


def row(**changes: str | None) -> dict[str, str | None]:
    return dict(zip(HEADERS, ROW, strict=True)) | changes


def write(path: Path, rows: list[dict], encoding: str = "utf-8") -> Path:
    headers = list(dict.fromkeys(header for each in rows for header in each))
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, headers)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def engine(tmp_path):
    engine = operational.create_engine(f"sqlite:///{tmp_path / 'operational.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def take(engine, tmp_path):
    """Import rows (or files) and give the report."""

    def take(rows, *, now=NOW, profile=PROFILE, **options):
        paths = rows if isinstance(rows[0], Path) else [write(tmp_path / "in.csv", rows)]
        return import_files(engine, paths, parse_profile(profile, "ours"), actor=ACTOR, now=now, **options)

    return take


def stored(engine, table: str = "matter") -> pd.DataFrame:
    chosen = operational.contract.tables[table]
    with engine.connect() as connection:
        return pd.read_sql(sa.select(chosen).order_by(*chosen.primary_key), connection)


def everything(engine) -> dict[str, list]:
    """All rows of the contract's tables, as they are in the file."""
    with engine.connect() as connection:
        return {
            name: sorted(connection.exec_driver_sql(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in operational.TABLES
        }


def test_a_row_arrives_as_the_contract_says(engine, take):
    report = take([row()])
    assert (report.inserted, report.refused, report.new_areas, report.new_categories, report.new_units) == (
        1,
        0,
        3,
        2,
        1,
    )
    matter = stored(engine).iloc[0]
    assert matter["matter_no"] == "O-1"
    assert matter["registered_at"] == datetime(2026, 8, 1, 9)
    assert matter["closed_at"] == datetime(2026, 8, 3, 10)
    assert pd.Timestamp(matter["due_on"]).date() == date(2026, 8, 20)
    assert (matter["people_involved"], matter["is_repeat"]) == (3, 0)
    assert (matter["status"], matter["purpose"], matter["channel"]) == ("closed", "claim", "来信")
    assert matter["updated_at"] == NOW
    areas = stored(engine, "area").set_index("area_code")
    assert areas.loc[matter["area_code"], "name"] == "乙社区"
    assert areas.loc[areas.loc[matter["area_code"], "parent_code"], "name"] == "甲街道"
    assert areas.loc["999901", "level_code"] == "city"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"编号": ""}, "missing_required"),
        ({"登记时间": ""}, "missing_required"),
        ({"登记时间": "上周二"}, "bad_registered_at"),
        ({"登记时间": "1899-12-31 00:00:00"}, "absurd_registered_at"),
        ({"登记时间": "2026-08-12 00:00:00"}, "absurd_registered_at"),
        ({"编号": "=HYPERLINK(1)"}, "formula_in_number"),
        ({"编号": "1\x072"}, "control_in_number"),
        ({"编号": "9" * 59}, "number_too_long"),
        ({"渠道": f"来信 {ID}"}, "personal_value"),
        ({"社区": "李四 13800138000"}, "personal_value"),
        ({"单位": "a@b.cn"}, "personal_value"),
    ],
)
def test_a_row_with_a_blocking_flaw_stays_out_and_the_others_enter(engine, take, changes, code):
    others = [row(编号=str(number)) for number in range(2, 9)]
    report = take([row(**changes), *others])
    assert report.refused == 1
    assert report.inserted == len(others)
    assert report.tally[code] == 1
    finding = report.findings[report.findings["code"] == code].iloc[0]
    assert (finding["row_no"], finding["tier"], finding["file_name"]) == (2, "blocking", "in.csv")


@pytest.mark.parametrize(
    ("changes", "code", "column", "kept"),
    [
        ({"状态": "不知道"}, "unknown_code", "status", None),
        ({"人数": "三个"}, "bad_number", "people_involved", None),
        ({"重件": "也许"}, "bad_flag", "is_repeat", None),
        ({"期限": "尽快"}, "bad_date", "due_on", None),
        ({"期限": "0026-08-20"}, "absurd_date", "due_on", None),
        ({"渠道": "=1+1"}, "formula_text", "channel", None),
        ({"渠道": "@坪山"}, "formula_text", "channel", None),
        ({"渠道": "a\x01b"}, "control_characters", "channel", None),
        ({"渠道": "长" * 41}, "too_long", "channel", None),
        ({"办结时间": "2026-07-31 10:00:00"}, "earlier_than_registered", "closed_at", None),
        ({"办结时间": "2026-08-01 08:00:00"}, "earlier_same_day", "closed_at", datetime(2026, 8, 1, 9)),
        ({"状态": "办理中"}, "open_with_closing_time", "closed_at", None),
        ({"街道": "", "社区": ""}, "no_area", "area_code", None),
        ({"大类": "", "小类": ""}, "no_category", "category_code", None),
        ({"单位": ""}, "no_unit", "responsible_org_id", None),
    ],
)
def test_a_value_that_cannot_be_taken_is_said_and_the_row_enters(engine, take, changes, code, column, kept):
    report = take([row(**changes)])
    assert (report.inserted, report.refused, report.tally) == (1, 0, {code: 1})
    value = stored(engine).iloc[0][column]
    assert value == kept if kept is not None else pd.isna(value)


def test_a_closing_stamp_that_knows_only_the_day_of_registration_is_that_day_and_no_finding(engine, take):
    report = take([row(办结时间="2026-08-01")])
    assert report.tally == {}
    assert stored(engine).iloc[0]["closed_at"] == datetime(2026, 8, 1, 9)


def test_all_findings_come_at_once(take):
    report = take([row(状态="?"), row(编号="2", 人数="x", 期限="y"), row(编号="", 渠道="=1")])
    assert set(report.tally) == {"unknown_code", "bad_number", "bad_date", "missing_required", "formula_text"}
    assert report.tiers == {"blocking": 1, "unrecognised": 4, "doubtful": 0}


def test_a_personal_header_refuses_the_whole_file_unless_the_profile_drops_it(engine, take):
    with pytest.raises(Refused) as refusal:
        take([row() | {"联系电话": "x"}])
    assert refusal.value.key == "intake.personal_header"
    assert "联系电话" in refusal.value.values["headers"]
    assert len(stored(engine)) == 0
    assert take([row() | {"姓名": "李四"}]).inserted == 1
    assert "李四" not in repr(everything(engine))


def test_a_column_full_of_personal_values_refuses_the_whole_file(engine, take):
    rows = [row(编号=str(number), 渠道="13800138000" if number % 4 == 0 else "来信") for number in range(40)]
    with pytest.raises(Refused) as refusal:
        take(rows)
    assert (refusal.value.key, refusal.value.values["column"], refusal.value.values["share"]) == (
        "intake.personal_values",
        "渠道",
        25,
    )
    assert len(stored(engine)) == 0


def test_numbers_that_look_like_telephones_pass_only_when_the_profile_says_so(take):
    rows = [row(编号=f"138001380{number:02d}") for number in range(10)]
    with pytest.raises(Refused, match="personal_values"):
        take(rows)
    columns = PROFILE["columns"] | {"matter_no": {"from": "编号", "prefix": "O-", "screen": False}}
    assert take(rows, profile=PROFILE | {"columns": columns}).inserted == 10


def test_unmapped_and_free_text_columns_are_dropped_and_said(engine, take):
    report = take([row() | {"诉求内容": "家门口的路坏了", "备用一": "甲"}])
    assert report.tally == {"free_text_column": 1, "unmapped_column": 1}
    assert "路坏" not in repr(everything(engine))
    assert report.findings["row_no"].isna().all()


def test_a_missing_required_column_names_the_nearest(take, tmp_path):
    with pytest.raises(Refused) as refusal:
        take([write(tmp_path / "x.csv", [{"编号": "1", "登记的时间": "2026-08-01"}])])
    assert (refusal.value.key, refusal.value.values["nearest"]) == ("intake.column_missing", "登记的时间")


# --- reports against officials ---------------------------------------------------------------------------------------------


def reports(engine) -> dict:
    frame = stored(engine, "report_count")
    return {
        (str(month)[:10], area): number
        for month, area, number in zip(frame["month"], frame["area_code"], frame["reports"], strict=True)
    }


def test_reports_against_officials_become_a_number_and_nothing_else(engine, take):
    rows = [row(编号=f"J{number}", 目的="检举控告", 社区=f"社区{number}", 渠道="内容" + ID) for number in range(3)]
    rows += [
        row(编号="J9", 目的="检举控告", 街道="", 社区=""),
        row(编号="J10", 目的="检举控告", 登记时间="2026-07-31 08:00:00"),
        row(编号="J11", 目的="检举控告", 街道="13800138000"),
        row(),
    ]
    report = take(rows)
    assert (report.inserted, report.reports_counted, report.refused) == (1, 6, 0)
    areas = stored(engine, "area").set_index("name")["area_code"]
    assert set(areas.index) == {"示例市", "甲街道", "乙社区"}  # a report registers no place below its street
    street = areas["甲街道"]
    assert reports(engine) == {("2026-08-01", street): 3, ("2026-08-01", "999901"): 2, ("2026-07-01", street): 1}
    assert report.tally == {}
    with sqlite3.connect(engine.url.database) as connection:
        dump = "\n".join(connection.iterdump())
    assert "J9" not in dump
    assert "O-J" not in dump
    assert ID not in dump


def test_the_same_reports_twice_are_counted_once_and_undone_exactly(engine, take):
    rows = [row(编号=f"J{number}", 目的="检举控告") for number in range(3)]
    take(rows)
    first = reports(engine)
    second = take(rows, now=LATER)
    assert reports(engine) == first
    undo_batch(engine, second.batch_id, ACTOR, LATER)
    assert reports(engine) == first
    undo_batch(engine, 1, ACTOR, LATER)
    assert reports(engine) == {}


def test_reports_of_separate_days_add_up_and_overlapping_ones_take_the_larger(engine, take):
    def batch(*days: int):
        return take(
            [
                row(编号=f"J{place}-{day}", 目的="检举控告", 登记时间=f"2026-08-0{day} 10:00:00")
                for place, day in enumerate(days)
            ]
        )

    batch(1, 2, 2)
    assert list(reports(engine).values()) == [3]
    batch(4, 5)
    assert list(reports(engine).values()) == [5]
    found = batch(5, 5, 6)
    assert list(reports(engine).values()) == [6]
    assert found.tally == {"reports_overlap": 1}


def test_what_other_hands_entered_in_the_report_counts_stays(engine, take):
    take([row()])
    street = stored(engine, "area").set_index("name").loc["甲街道", "area_code"]
    with engine.begin() as connection:
        connection.execute(
            sa.insert(operational.report_count).values(month=date(2026, 8, 1), area_code=street, reports=7)
        )
    report = take([row(编号="J", 目的="检举控告")])
    assert reports(engine) == {("2026-08-01", street): 8}
    undo_batch(engine, report.batch_id, ACTOR, LATER)
    assert reports(engine) == {("2026-08-01", street): 7}


# --- again, changed, repeated ------------------------------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing(engine, take):
    rows = [row(), row(编号="2", 状态="办理中", 办结时间="")]
    take(rows)
    before = everything(engine)
    report = take(rows, now=LATER)
    assert (report.inserted, report.updated, report.unchanged) == (0, 0, 2)
    assert everything(engine) == before


def test_a_changed_row_is_updated_and_only_that_one(engine, take):
    take([row(), row(编号="2")])
    report = take([row(人数="9"), row(编号="2")], now=LATER)
    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 1)
    matters = stored(engine).set_index("matter_no")
    assert matters.loc["O-1", "people_involved"] == 9
    assert matters["updated_at"].to_dict() == {"O-1": LATER, "O-2": NOW}


def test_a_column_that_the_file_lacks_stays_as_it_is(engine, take):
    take([row()])
    smaller = {
        header: value for header, value in row(人数="5").items() if header not in ("办结时间", "街道", "社区", "状态")
    }
    report = take([smaller], now=LATER)
    assert report.updated == 1
    matter = stored(engine).iloc[0]
    assert (matter["people_involved"], matter["closed_at"]) == (5, datetime(2026, 8, 3, 10))
    assert matter["area_code"] is not None


def test_the_same_row_again_is_taken_once(engine, take):
    report = take([row(), row()])
    assert (report.inserted, report.repeated, report.refused, report.tally) == (1, 1, 0, {"repeated_row": 1})


def test_the_same_number_with_different_content_is_not_taken_at_all(engine, take):
    report = take([row(), row(人数="8"), row(编号="2", 人数="4")])
    assert (report.inserted, report.refused, report.tally) == (1, 2, {"number_conflict": 2})
    assert report.findings["row_no"].tolist() == [2, 3]
    assert stored(engine)["matter_no"].tolist() == ["O-2"]


def test_a_later_file_of_a_batch_wins_over_an_earlier_one(engine, take, tmp_path):
    report = take([write(tmp_path / "a.csv", [row()]), write(tmp_path / "b.csv", [row(人数="8")])])
    assert (report.inserted, report.updated) == (1, 1)
    assert stored(engine).iloc[0]["people_involved"] == 8
    undo_batch(engine, report.batch_id, ACTOR, LATER)
    assert len(stored(engine)) == 0


def test_another_number_with_equal_content_is_doubted_when_the_source_knows_the_hour(take):
    report = take([row(), row(编号="2"), row(编号="3", 登记时间="2026-08-01"), row(编号="4", 登记时间="2026-08-01")])
    assert report.inserted == 4
    assert report.tally == {"same_content": 1}
    assert report.findings.iloc[0][["row_no", "masked_value"]].tolist() == [3, "O-1"]


def test_a_number_of_another_source_is_not_overwritten(engine, take):
    take([row()])
    report = take([row(人数="9")], profile=PROFILE | {"source_system": "theirs"})
    assert (report.refused, report.updated, report.tally) == (1, 0, {"number_taken": 1})
    assert stored(engine).iloc[0]["people_involved"] == 3


def test_a_reopened_matter_is_listed(take):
    take([row()])
    report = take([row(状态="办理中", 办结时间="")], now=LATER)
    assert (report.updated, report.tally) == (1, {"reopened": 1})


def test_matters_of_two_sources_alike_in_place_subject_and_day_are_listed(engine, take):
    take([row()])
    theirs = PROFILE | {
        "source_system": "theirs",
        "columns": PROFILE["columns"] | {"matter_no": {"from": "编号", "prefix": "T-"}},
    }
    rows = [
        row(登记时间="2026-08-02 23:00:00"),
        row(编号="2", 登记时间="2026-08-03 00:00:00"),
        row(编号="3", 社区="丙社区"),
        row(编号="4", 小类="电梯"),
    ]
    report = take(rows, profile=theirs)
    assert report.tally == {"cross_source": 1}
    assert report.findings.iloc[0][["row_no", "masked_value"]].tolist() == [2, "O-1"]


# --- undo, dry run, concurrency ---------------------------------------------------------------------------------------------


def test_undo_restores_exactly_what_was_there(engine, take):
    take([row(), row(编号="2")])
    before = everything(engine)
    report = take([row(人数="99", 社区="新社区", 小类="新类", 单位="新单位"), row(编号="3", 街道="远街道")], now=LATER)
    assert everything(engine) != before
    undone = undo_batch(engine, report.batch_id, ACTOR, LATER)
    assert (undone.removed, undone.restored) == (1, 1)
    assert everything(engine) == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from("12345"), st.sampled_from(["1", "2", ""]), st.sampled_from(["甲街道", "丁街道", ""])),
            min_size=1, max_size=5, unique_by=lambda each: each[0],
        ),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_batches_undone_from_the_last_leave_each_state_as_it_was(tmp_path_factory, batches):
    folder = tmp_path_factory.mktemp("undo")
    engine = operational.create_engine(f"sqlite:///{folder / 'operational.db'}")
    profile = parse_profile(PROFILE, "ours")
    states = []
    for place, batch in enumerate(batches):
        path = write(
            folder / "in.csv", [row(编号=number, 人数=people, 街道=street) for number, people, street in batch]
        )
        states.append(everything(engine) if place else None)
        import_files(engine, [path], profile, actor=ACTOR, now=datetime(2026, 8, 10, place))
    for place in range(len(batches) - 1, 0, -1):
        undo_batch(engine, place + 1, ACTOR, LATER)
        assert everything(engine) == states[place]
    undo_batch(engine, 1, ACTOR, LATER)
    assert not any(rows for name, rows in everything(engine).items())
    engine.dispose()


def test_a_batch_under_a_later_one_is_not_undone(engine, take):
    take([row()])
    take([row(人数="9")], now=LATER)
    with pytest.raises(Refused) as refusal:
        undo_batch(engine, 1, ACTOR, LATER)
    assert (refusal.value.key, refusal.value.values["later"]) == ("intake.undo_later", 2)
    assert len(stored(engine)) == 1
    undo_batch(engine, 2, ACTOR, LATER)
    undo_batch(engine, 1, ACTOR, LATER)
    for batch, key in ((1, "intake.undone_already"), (77, "intake.batch_missing")):
        with pytest.raises(Refused, match=key):
            undo_batch(engine, batch, ACTOR, LATER)


def test_a_matter_that_something_refers_to_keeps_its_batch(engine, take):
    take([row()])
    with engine.begin() as connection:
        connection.execute(sa.insert(operational.leader_case).values(case_id="c", matter_no="O-1"))
    with pytest.raises(Refused, match="undo_in_use"):
        undo_batch(engine, 1, ACTOR, LATER)
    assert len(stored(engine)) == 1
    assert list_batches(engine).iloc[0]["undone_at"] is pd.NaT or pd.isna(list_batches(engine).iloc[0]["undone_at"])


def test_a_dry_run_tells_all_and_writes_nothing(engine, take):
    rows = [row(), row(编号="2", 状态="?"), row(编号="J", 目的="检举控告")]
    preview = take(rows, dry_run=True)
    assert not any(everything(engine).values())
    assert list_batches(engine).empty
    real = take(rows)
    for field in ("rows_read", "inserted", "updated", "refused", "reports_counted", "new_areas", "tally"):
        assert getattr(preview, field) == getattr(real, field)
    assert preview.batch_id is None


def test_nothing_is_stored_when_a_later_file_is_refused(engine, take, tmp_path):
    with pytest.raises(Refused):
        take([write(tmp_path / "a.csv", [row()]), write(tmp_path / "b.csv", [row() | {"手机": "1"}])])
    assert not any(everything(engine).values())
    assert list_batches(engine).empty


def test_another_writer_makes_the_import_wait_and_then_say_so(engine, take):
    take([row()])
    with engine.connect() as quick:
        quick.exec_driver_sql("PRAGMA busy_timeout=0")
    sa.event.listen(engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=0"))
    with sqlite3.connect(engine.url.database) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            take([row(编号="2")])
        other.rollback()
    assert take([row(编号="2")]).inserted == 1


def test_rows_read_are_all_accounted_for(take):
    rows = [
        row(),
        row(),
        row(编号="2"),
        row(编号="2", 人数="7"),
        row(编号=""),
        row(编号="J", 目的="检举控告"),
        row(编号="3", 登记时间="?"),
    ]
    report = take(rows)
    assert report.rows_read == len(rows)
    total = (
        report.inserted + report.updated + report.unchanged + report.refused + report.repeated + report.reports_counted
    )
    assert total == len(rows)


def test_progress_goes_forward_to_the_end(take):
    steps = []
    take([row()], progress=lambda step, share: steps.append((step, share)))
    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert steps[-1] == ("writing", 1.0)
    assert {step for step, _ in steps} == {"reading", "comparing", "writing"}


# --- uploads, batches, error file ---------------------------------------------------------------------------------------------


def test_an_upload_leaves_no_file_behind_whether_it_succeeds_or_not(engine, tmp_path):
    content = write(tmp_path / "a.csv", [row()]).read_bytes()
    folder = tmp_path / "tmp"
    options = {"folder": folder, "actor": ACTOR, "now": NOW}
    report = import_upload(engine, "八月.csv", content, parse_profile(PROFILE, "ours"), **options)
    assert report.files[0].name == "八月.csv"
    with pytest.raises(Refused):
        import_upload(engine, "x.csv", b"%PDF-1", parse_profile(PROFILE, "ours"), **options)
    assert list(folder.iterdir()) == []


def test_an_upload_over_twenty_megabytes_is_refused_before_it_is_saved(engine, tmp_path):
    with pytest.raises(Refused) as refusal:
        import_upload(
            engine,
            "x.csv",
            b"x" * (20 * 2**20 + 1),
            parse_profile(PROFILE, "ours"),
            folder=tmp_path / "tmp",
            actor=ACTOR,
            now=NOW,
        )
    assert (refusal.value.key, refusal.value.values["limit_mb"]) == ("intake.file_too_big", 20)
    assert not (tmp_path / "tmp").exists()


def test_batches_and_their_findings_can_be_read_again(engine, take):
    report = take([row(状态="?"), row(编号="2", 人数="x")])
    batches = list_batches(engine)
    assert batches.iloc[0][["batch_id", "actor_post", "profile", "source_system", "inserted"]].tolist() == [
        1,
        "office",
        "ours",
        "ours",
        2,
    ]
    assert batches.iloc[0]["tally"] == {"bad_number": 1, "unknown_code": 1}
    assert read_findings(engine, 1).astype(str).equals(report.findings.astype(str))


def test_the_error_file_opens_in_a_spreadsheet_and_carries_neither_formulas_nor_persons(take):
    report = take(
        [
            row(渠道="=cmd|' /C calc'!A0"),
            row(编号="2", 渠道=f"找 {ID}"),
            *[row(编号=str(number), 人数=str(number)) for number in range(3, 12)],
        ]
    )
    content = write_error_file(report.findings, lambda key: key)
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(lines) == 1 + len(report.findings)
    assert not any(cell[:1] in "=+-@\t" for line in lines for cell in line if cell)
    assert not any(find_personal(cell) for line in lines for cell in line)
    assert [line[1] for line in lines[1:]] == ["3", "2"]


def test_many_findings_are_all_counted_and_a_bounded_number_is_kept():
    findings = Findings()
    findings.add("unknown_code", file="a", column="b", rows=range(25_000), values=["x"] * 25_000)
    assert findings.tally["unknown_code"] == 25_000
    assert len(findings.frame()) == 10_000


def test_nothing_personal_reaches_the_store_from_any_column(engine, take):
    people = [ID, "13912345678", "a@b.cn", "110105198001010" + "01" + id_check_digit("11010519800101001")]
    rows = [row(编号=str(100 + place)) for place in range(60)]
    rows += [
        row(编号=f"p{header}", **{header: people[place % 3]})
        for place, header in enumerate(HEADERS)
        if header != "编号"
    ]
    report = take(rows)
    assert report.refused == len(HEADERS) - 1
    with sqlite3.connect(engine.url.database) as connection:
        dump = "\n".join(line for line in connection.iterdump() if "import_batch" not in line)
    assert not any(person in dump for person in people)


def test_every_code_has_a_tier_and_a_tally_is_stored_as_json(engine, take):
    take([row(状态="?")])
    with engine.connect() as connection:
        assert json.loads(connection.exec_driver_sql("SELECT tally FROM import_batch").scalar()) == {"unknown_code": 1}
    assert set(TIER_OF.values()) == {"blocking", "unrecognised", "doubtful"}


# --- the standard profile and dates ---------------------------------------------------------------------------------------------


def test_the_standard_profile_reads_a_customary_chinese_export(engine, tmp_path):
    take_first = {"受理编号": "A1", "业务类型": "信访", "登记时间": "2026年8月1日", "信访形式": "来访", "信访目的": "申诉求决", "办理状态": "办理中",
                  "涉及人数": "6", "是否重复": "是", "办理期限": "2026/9/30", "责任单位": "城管局", "来源系统": "", "内容分类": "生态环境"}  # fmt: skip
    path = write(tmp_path / "a.csv", [take_first], "gb18030")
    report = import_files(engine, [path], read_profile("standard"), actor=ACTOR, now=NOW)
    assert (report.inserted, report.tally) == (1, {})
    matter = stored(engine).iloc[0]
    assert matter[["kind", "form", "purpose", "status", "people_involved", "is_repeat", "source_system"]].tolist() == [
        "petition", "visit", "claim", "handling", 6, 1, "standard",
    ]  # fmt: skip
    assert pd.Timestamp(matter["due_on"]).date() == date(2026, 9, 30)
    category = stored(engine, "category").set_index("category_code").loc[matter["category_code"]]
    assert (category["name"], category["scheme_code"]) == (
        "生态环境",
        "petition",
    )  # the hotline has one of that name too


def test_an_unknown_kind_keeps_the_row_out(engine, tmp_path):
    path = write(tmp_path / "a.csv", [{"编号": "1", "登记时间": "2026-08-01", "业务类型": "投标"}])
    report = import_files(engine, [path], read_profile("standard"), actor=ACTOR, now=NOW)
    assert (report.inserted, report.tally) == (0, {"unknown_kind": 1})


def test_a_source_in_another_zone_is_brought_to_the_sites_clock(engine, take):
    take([row(登记时间="2026-08-01 20:00:00", 办结时间="")], profile=PROFILE | {"time_zone": "UTC"})
    assert stored(engine).iloc[0]["registered_at"] == datetime(2026, 8, 2, 4)
    take([row(编号="2", 登记时间="2026-08-01T20:00:00Z", 办结时间="")])
    assert stored(engine).iloc[1]["registered_at"] == datetime(2026, 8, 2, 4)


# --- real records beside the project ------------------------------------------------------------------------------------------


def real(path: str) -> Path:
    if not (SHARED / path).exists():
        pytest.skip("the real records beside the project (../shared/data) are not here")
    return SHARED / path


@pytest.mark.shared
def test_pingshan_arrives_whole_and_agrees_with_a_count_of_the_raw_file(engine):
    path = real("pingshan_minsheng/cases.csv.gz")
    raw = pd.read_csv(path, dtype=str)
    report = import_files(engine, [path], read_profile("pingshan"), actor=ACTOR, now=NOW)
    assert (report.inserted, report.refused) == (len(raw), 0)
    assert report.tally == {
        "no_area": 9, "unknown_area": 1, "no_unit": raw["dispose_unit"].isna().sum(),
        "same_content": raw.duplicated([header for header in raw if header != "rec_id"]).sum(),
    }  # fmt: skip
    matters = stored(engine).set_index("matter_no").loc[("PS-" + raw["rec_id"]).tolist()].reset_index()
    assert (matters["registered_at"] == pd.to_datetime(raw["created_at"])).all()
    areas = stored(engine, "area").set_index("area_code")["name"]
    units = stored(engine, "organisation").set_index("org_id")["name"]
    categories = stored(engine, "category").set_index("category_code")["name"]
    for column, names, header in (
        ("area_code", areas, "community"),
        ("responsible_org_id", units, "dispose_unit"),
        ("category_code", categories, "sub_type"),
    ):
        assert matters[column].map(names).fillna("").tolist() == raw[header].fillna("").tolist()
    assert matters["closed_in_time"].value_counts().to_dict() == {1: 9071, 0: 924}
    assert (matters["status"] == "closed").sum() == 9995
    assert matters["purpose"].value_counts().to_dict() == {
        "complaint": 9341, "enquiry": 415, "suggestion": 172, "help": 40, "thanks": 11, "other": 1,
    }  # fmt: skip
    assert import_files(engine, [path], read_profile("pingshan"), actor=ACTOR, now=LATER).unchanged == len(raw)


@pytest.mark.shared
def test_the_hotline_of_sao_paulo_arrives_and_its_duplicates_are_found(engine, tmp_path):
    raw = pd.read_parquet(real("sp156/cases_open_2015_2018.parquet"))
    raw = raw[raw["opened_at"] < "2015-04-01"]
    raw.to_parquet(tmp_path / "a.parquet")
    report = import_files(
        engine, [tmp_path / "a.parquet"], read_profile("sp156"), actor=ACTOR, now=NOW, time_zone="America/Sao_Paulo"
    )
    assert report.inserted == len(raw)
    assert report.tally.get("same_content", 0) == raw["dup_exact"].sum()
    matters = stored(engine).set_index("matter_no").loc[raw["case_id"].tolist()]
    assert (matters["registered_at"].to_numpy() == raw["opened_at"].to_numpy()).all()
    same_day = (
        matters["closed_at"].dt.date.fillna(date.min).tolist() == raw["closed_at"].dt.date.fillna(date.min).tolist()
    )
    assert same_day
    counted = raw["status"].astype(str).replace({"open": "registered"}).value_counts().to_dict()
    assert matters["status"].value_counts().to_dict() == counted
