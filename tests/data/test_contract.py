"""Any database is told what it has, what it lacks, and what that switches off; on SQLite and on a real PostgreSQL."""

import importlib.util
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from data import operational
from data.contract import FEATURES, check_database, mapped_select
from data.errors import Refused
from data.intake.load import import_files
from data.intake.profiles import parse_profile
from data.scope import Actor, Scope

NOW = datetime(2026, 8, 10, 9, 0)


@pytest.fixture(scope="module")
def server():
    """The session's server when the fixture exists, else one of this module's own."""
    path = Path(__file__).parents[1] / "postgres_server.py"
    spec = importlib.util.spec_from_file_location("postgres_server", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.running_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        engine = operational.create_engine(f"sqlite:///{tmp_path / 'foreign.db'}")
        yield engine
        engine.dispose()
        return
    server = operational.create_engine(request.getfixturevalue("server"))
    name = f"t{abs(hash(request.node.nodeid)) % 10**12}"
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine = operational.create_engine(server.url.set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    server.dispose()


def run(engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def keys(report, table: str) -> list[str]:
    return [note.key for note in report.table(table).notes]


def test_the_embedded_schema_meets_its_own_contract(engine):
    operational.contract.create_all(engine)
    report = check_database(engine)
    assert report.is_usable
    assert set(report.off) == set(FEATURES), "nothing is on before there are rows"
    assert {table.state for table in report.tables} == {"table"}
    assert all(table.missing == () and keys(report, table.table) == ["no_rows"] for table in report.tables)


def test_the_fictional_city_has_everything(town_site):
    report = check_database(operational.create_engine(town_site.database_url))
    assert report.is_usable
    assert report.off == ()


def test_a_column_that_is_always_empty_is_as_good_as_absent(engine):
    operational.contract.create_all(engine)
    run(
        engine,
        "INSERT INTO matter (matter_no, source_system, kind, registered_at, updated_at) "
        "VALUES ('1', 'x', 'hotline', '2026-03-02 09:00:00', '2026-03-02 09:00:00')",
    )
    report = check_database(engine)
    assert "matters" in report.on
    assert report.why_off["closing"] == ("matter.closed_at",)
    assert "closed_at" in report.table("matter").empty


def test_an_empty_database_says_what_everything_lacks(engine):
    report = check_database(engine)
    assert not report.is_usable
    assert set(report.off) == set(FEATURES)
    assert {table.state for table in report.tables} == {"missing"}
    assert report.why_off["matters"] == ("matter",)


SMALL = (
    "CREATE TABLE base (no VARCHAR(40), sys VARCHAR(20), kind VARCHAR(20), at TIMESTAMP, due VARCHAR(30), people VARCHAR(10), "
    "place VARCHAR(60), phone VARCHAR(20), upd TIMESTAMP)",
    "CREATE VIEW matter AS SELECT no AS matter_no, sys AS source_system, kind, at AS registered_at, due AS due_on, "
    "people AS people_involved, place AS area_code, phone, upd AS updated_at FROM base",
)


def fill(engine, **changes: object) -> None:
    row = {"no": "1", "sys": "s", "kind": "petition", "at": datetime(2026, 8, 1, 9), "due": "2026-09-01", "people": "3", "place": "999901",
           "phone": None, "upd": datetime(2026, 8, 2)} | changes  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.text(f"INSERT INTO base VALUES ({', '.join(':' + name for name in row)})"), row)


def test_a_view_is_as_good_as_a_table(engine):
    run(engine, *SMALL)
    fill(engine)
    report = check_database(engine)
    matter = report.table("matter")
    assert report.is_usable
    assert (matter.state, matter.rows) == ("view", 1)
    assert "closed_at" in matter.missing
    assert {"matters", "deadlines", "scale", "incremental"} <= set(report.on)
    assert report.why_off["closing"] == ("matter.closed_at",)
    assert report.why_off["places"] == ("area",)


def test_a_personal_column_is_named_and_not_read(engine):
    run(engine, *SMALL)
    fill(engine, phone="13800138000")
    report = check_database(engine)
    assert [note.values for note in report.table("matter").notes if note.key == "personal_column"] == [
        {"column": "phone"}
    ]
    assert report.is_usable
    assert "phone" not in report.table("matter").columns


@pytest.mark.parametrize(
    ("changes", "key", "usable"),
    [
        ({"place": "李四 13800138000"}, "personal_values", False),
        ({"sys": "s" * 10, "place": "9" * 41}, "too_long", True),
        ({"due": "尽快"}, "wrong_type", True),
        ({"people": "三"}, "wrong_type", True),
        ({"kind": "case"}, "kind_unknown", True),
        ({"at": None}, "registered_at_empty", True),
        ({"upd": None}, "updated_at_empty", True),
        ({"no": "1"}, "key_repeated", False),
        ({"no": None}, "key_empty", False),
        ({"upd": datetime(2026, 8, 2)}, "updated_at_constant", True),
    ],
)
def test_a_flaw_in_the_rows_is_said(engine, changes, key, usable):
    run(engine, *SMALL)
    fill(engine)
    fill(engine, **({"no": "2", "upd": datetime(2026, 8, 3)} | changes))
    report = check_database(engine)
    assert key in keys(report, "matter")
    assert report.is_usable is usable


def test_sound_rows_raise_no_note(engine):
    run(engine, *SMALL)
    fill(engine)
    fill(engine, no="2", upd=datetime(2026, 8, 3))
    assert keys(check_database(engine), "matter") == ["personal_column"]


def test_a_place_that_the_area_table_lacks_is_counted(engine):
    run(
        engine,
        *SMALL,
        "CREATE TABLE area (area_code VARCHAR(20), name VARCHAR(20), parent_code VARCHAR(20), level_code VARCHAR(20))",
    )
    run(engine, "INSERT INTO area VALUES ('999901', '示例市', NULL, 'city')")
    fill(engine)
    fill(engine, no="2", place="7", upd=datetime(2026, 8, 3))
    notes = [note for note in check_database(engine).table("matter").notes if note.key == "unknown_area"]
    assert [note.values["count"] for note in notes] == [1]


def test_reports_against_officials_among_the_matters_make_it_unusable(engine):
    operational.contract.create_all(engine)
    with engine.begin() as connection:
        row = {"matter_no": "1", "source_system": "s", "kind": "petition", "registered_at": NOW, "purpose": "report"}
        connection.execute(sa.insert(operational.matter).values(row))
    report = check_database(engine)
    assert "reports_among_matters" in keys(report, "matter")
    assert not report.is_usable


@pytest.mark.postgres
def test_an_account_that_may_only_read_is_enough_and_one_that_may_not_is_said(server):
    owner = operational.create_engine(server)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE DATABASE readonly_site")
        connection.exec_driver_sql("CREATE ROLE reader LOGIN")
        connection.exec_driver_sql("CREATE ROLE stranger LOGIN")
    site = operational.create_engine(owner.url.set(database="readonly_site").render_as_string())
    operational.contract.create_all(site)
    run(site, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    reader = operational.create_engine(site.url.set(username="reader").render_as_string())
    assert check_database(reader).is_usable
    stranger = operational.create_engine(site.url.set(username="stranger").render_as_string())
    report = check_database(stranger)
    assert not report.is_usable
    assert keys(report, "matter") == ["unreadable"]
    for engine in (owner, site, reader, stranger):
        engine.dispose()


def test_checking_writes_nothing(tmp_path):
    path = tmp_path / "site.db"
    engine = operational.create_engine(f"sqlite:///{path}")
    operational.contract.create_all(engine)
    statements = []
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: statements.append(statement))
    check_database(engine)
    assert statements
    assert all(statement.lstrip().split()[0] in ("SELECT", "WITH", "PRAGMA") for statement in statements)


def test_a_database_that_cannot_be_reached_is_said():
    with pytest.raises(Refused) as refusal:
        check_database(sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    assert refusal.value.key == "contract.unreachable"


# --- a profile on a database ---------------------------------------------------------------------------------------------------

PROFILE = {
    "source_system": "ours",
    "kind": "petition",
    "drop": ["姓名"],
    "columns": {
        "matter_no": {"from": "编号", "prefix": "O-"},
        "registered_at": "登记时间",
        "closed_at": "办结时间",
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
    "verdict": {"in_time": "按期", "overdue": "超期", "status": "closed"},
}
ROWS = pd.DataFrame(
    [
        ["1", datetime(2026, 8, 1, 9), datetime(2026, 8, 3), 3, "是", "来信", "办结", "求决", "甲街道", "乙社区", "物业", "停车", "住建局", "1", "0", "李四"],
        ["2", datetime(2026, 8, 2, 9), None, 1, "否", " 来访 ", "办理中", "其他", "甲街道", None, "物业", None, None, "0", "0", "王五"],
        ["3", datetime(2026, 8, 3, 9), None, None, None, "-", "?", None, "丙街道", "丁社区", "环境", "噪声", "生态局", None, None, None],
        ["4", datetime(2026, 8, 4, 9), None, 1, "否", None, None, "检举控告", "甲街道", "戊社区", "环境", "噪声", "生态局", None, None, None],
        ["5", datetime(2026, 7, 4, 9), None, 1, "否", None, None, "检举控告", None, None, None, None, None, None, None, None],
    ],
    columns=["编号", "登记时间", "办结时间", "人数", "重件", "渠道", "状态", "目的", "街道", "社区", "大类", "小类", "单位", "按期", "超期", "姓名"],
)  # fmt: skip


def read(engine, statement: sa.Select) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.read_sql(statement, connection)


@pytest.fixture
def mapped(engine):
    ROWS.to_sql("案件", engine, index=False)
    run(engine, 'CREATE VIEW v_case AS SELECT * FROM "案件"')
    return parse_profile(PROFILE | {"tables": {"matter": "v_case"}}, "ours")


def test_the_same_profile_gives_the_same_matters_from_a_file_and_from_a_database(engine, mapped, tmp_path):
    ROWS.to_csv(tmp_path / "in.csv", index=False)
    store = operational.create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    import_files(store, [tmp_path / "in.csv"], mapped, actor=Actor("office", Scope()), now=NOW)
    ours = read(store, sa.select(operational.matter).order_by(operational.matter.c.matter_no))
    theirs = read(engine, mapped_select(engine, mapped, "matter")).sort_values("matter_no", ignore_index=True)
    assert theirs["matter_no"].tolist() == ["O-1", "O-2", "O-3"]
    for column in theirs:
        left, right = ours[column], theirs[column]
        if column.endswith("_at"):
            left, right = pd.to_datetime(left), pd.to_datetime(right)
        assert [None if pd.isna(value) else value for value in left] == [
            None if pd.isna(value) else value for value in right
        ], column
    for table, key in (
        ("area", "area_code"),
        ("category", "category_code"),
        ("organisation", "org_id"),
        ("report_count", "month"),
    ):
        own = read(store, sa.select(operational.contract.tables[table]))
        found = read(engine, mapped_select(engine, mapped, table))
        assert sorted(own[key].astype(str).str[:10]) == sorted(found[key].astype(str).str[:10])


def test_reports_of_a_database_are_a_month_a_street_and_a_number(engine, mapped):
    found = read(engine, mapped_select(engine, mapped, "report_count"))
    areas = read(engine, mapped_select(engine, mapped, "area")).set_index("name")["area_code"]
    assert {(str(row.month)[:10], row.area_code, row.reports) for row in found.itertuples()} == {
        ("2026-08-01", areas["甲街道"], 1),
        ("2026-07-01", "999901", 1),
    }


def test_a_mapped_database_passes_the_check(engine, mapped):
    report = check_database(engine, mapped)
    assert report.is_usable
    assert {table.table: table.state for table in report.tables if table.state != "missing"} == dict.fromkeys(
        ("matter", "area", "category", "organisation", "report_count"), "mapped"
    )
    assert report.table("matter").rows == 3
    assert {"places", "subjects", "units", "closing", "reports"} <= set(report.on)
    assert "personal_column" not in keys(report, "matter")


def test_a_personal_column_behind_a_mapping_is_named_unless_it_is_dropped(engine, mapped):
    bolder = parse_profile(PROFILE | {"drop": [], "tables": {"matter": "v_case"}}, "ours")
    assert [
        note.values for note in check_database(engine, bolder).table("matter").notes if note.key == "personal_column"
    ] == [{"column": "姓名"}]
    worse = parse_profile(
        PROFILE | {"columns": PROFILE["columns"] | {"channel": "姓名"}, "drop": [], "tables": {"matter": "v_case"}},
        "ours",
    )
    with pytest.raises(Refused, match="personal_column"):
        mapped_select(engine, worse, "matter")


def test_other_tables_are_renamed_and_unmapped_ones_stand_as_they_are(engine):
    run(
        engine,
        "CREATE TABLE t_event (id VARCHAR(20), title VARCHAR(40), starts_on DATE)",
        "INSERT INTO t_event VALUES ('e', '灯会', '2026-09-01')",
    )
    profile = parse_profile(
        PROFILE | {"tables": {"planned_event": {"name": "t_event", "columns": {"event_id": "id", "name": "title"}}}},
        "ours",
    )
    found = read(engine, mapped_select(engine, profile, "planned_event"))
    assert found[["event_id", "name"]].to_numpy().tolist() == [["e", "灯会"]]
    assert str(pd.Timestamp(found["starts_on"][0]).date()) == str(date(2026, 9, 1))
    assert mapped_select(engine, profile, "area") is None
    assert mapped_select(engine, profile, "matter") is None


def test_a_table_that_the_profile_names_must_be_there(engine):
    profile = parse_profile(PROFILE | {"tables": {"matter": "nowhere"}}, "ours")
    with pytest.raises(Refused) as refusal:
        mapped_select(engine, profile, "matter")
    assert refusal.value.key == "contract.table_missing"
    report = check_database(engine, profile)
    assert not report.is_usable
    assert keys(report, "matter") == ["table_missing"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_note_and_feature_has_its_words(engine, mapped, language):
    from pages.ui import words

    broken = parse_profile(PROFILE | {"tables": {"matter": "nowhere"}}, "ours")
    run(engine, *SMALL)
    fill(engine, kind="case", due="尽快", phone="1", upd=None)
    reports = [check_database(engine), check_database(engine, mapped), check_database(engine, broken)]
    said = [
        words.say(f"contract.warnings.{note.key}", language, **note.values)
        for report in reports
        for table in report.tables
        for note in table.notes
    ]
    assert said
    assert all(words.say(f"contract.features.{feature}", language) for feature in FEATURES)
