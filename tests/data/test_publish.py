"""Versions of the mart against a plain retelling of what a refresh must do."""

import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data import mart_tables, operational
from data.building import KEEP_PAST
from data.deadlines import rules_from, shipped_rules
from data.errors import NotReady, Refused, XianshouError
from data.mart import Mart, as_then_known, open_mart
from data.publish import publish
from data.source import open_source
from data.versions import Version, list_versions, one_writer, read_pointer
from data.workdays import build_calendar

START = datetime(2026, 3, 2, 8)
CALENDAR, RULES = build_calendar(), shipped_rules()
MATTER = [column.name for column in operational.matter.columns]
KNOWLEDGE = ("first_known_at", "known_at", "superseded_at")
t = mart_tables


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return new_store(tmp_path / "operational.db")


def new_store(path: Path) -> sa.Engine:
    made = operational.create_engine(f"sqlite:///{path}")
    operational.contract.create_all(made)
    return made


def refreshed(engine: sa.Engine, folder: Path, now: datetime, **options: object) -> tuple[Version, dict[str, dict]]:
    """One refresh; the version and its warnings by key."""
    given_rules = {"calendar": CALENDAR, "rules": RULES, **options}
    try:
        previous = read_pointer(folder)
    except NotReady:
        previous = None
    source = {name: given_rules.pop(name) for name in ("select_for",) if name in given_rules}
    with one_writer(folder), open_source(engine, now=now, time_zone="Asia/Shanghai", **source) as opened:
        version, warnings = publish(opened, folder, now=now, previous=previous, **given_rules)
    return version, dict(warnings)


def add(engine: sa.Engine, table: str, *rows: dict) -> None:
    with engine.begin() as connection:
        for row in rows:
            connection.execute(sa.insert(operational.contract.tables[table]), row)


def matter(number: str, at: datetime = START, **values: object) -> dict:
    whole = {"source_system": "desk", "kind": "dispute", "registered_at": at - timedelta(days=3), "updated_at": at}
    return {"matter_no": number, **whole, **values}


def edit(engine: sa.Engine, number: str, **values: object) -> None:
    m = operational.matter
    with engine.begin() as connection:
        connection.execute(sa.update(m).where(m.c.matter_no == number).values(**values))


def remove(engine: sa.Engine, number: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.delete(operational.matter).where(operational.matter.c.matter_no == number))


def content(mart: Mart, *names: str) -> dict[str, list[tuple]]:
    """Every row of the tables, as sorted text, so that equal means equal in content."""
    tables = [table for table in t.mart.tables.values() if table.name in names or not names]
    found = {}
    for table in tables:
        frame = mart.read(sa.select(table)).astype(object)
        found[table.name] = sorted(tuple("" if pd.isna(v) else str(v) for v in row) for row in frame.values.tolist())
    return found


def rows(mart: Mart, *columns: sa.ColumnElement) -> list[tuple]:
    frame = mart.read(sa.select(*columns).order_by(*columns)).astype(object)
    return [tuple(None if pd.isna(v) else v for v in row) for row in frame.values.tolist()]


# --- incremental equals full, whatever happens ---------------------------------------------------------------------------------


@dataclass
class Told:
    """What a mart should know after each refresh, told in plain Python."""

    now: dict[str, tuple] = field(default_factory=dict)  # number -> (row, first known, known)
    past: list[tuple] = field(default_factory=list)  # (number, row, first known, known, superseded)

    def refresh(self, source: dict[str, dict], reports: set[str], at: datetime) -> None:
        before, self.now = self.now, {}
        for number, (row, first, known) in before.items():
            if source.get(number) != row:
                self.past.append((number, row, first, known, at))
        for number, row in source.items():
            if number in before and before[number][0] == row:
                self.now[number] = before[number]
            else:
                seen = [first for other, _, first, _, _ in self.past if other == number]
                self.now[number] = (copy.deepcopy(row), min(seen, default=at), at)
        self.past = [kept for kept in self.past if kept[0] not in reports]


numbers = st.sampled_from([f"M{n}" for n in range(6)])
acts = st.fixed_dictionaries(
    {
        "what": st.sampled_from(["write", "write", "write", "remove", "area", "unit", "topic", "report"]),
        "number": numbers,
        "status": st.sampled_from(["registered", "handling", "closed", None]),
        "area_code": st.sampled_from(["99", "9901", "9902", "unknown", None]),
        "ago": st.integers(0, 10),  # minutes between the stamp and the next refresh
        "skew": st.integers(-4, 4),  # minutes by which the writer's clock is wrong
        "late": st.booleans(),  # committed only after the next refresh
    }
)
steps = st.lists(st.tuples(st.integers(1, 40), st.lists(acts, max_size=5)), min_size=2, max_size=4)


class Office:
    """A source at work: writes, late commits, clocks that are wrong, edits within one minute."""

    def __init__(self, folder: Path) -> None:
        self.engine = new_store(folder / "operational.db")
        self.waiting: list[tuple] = []
        add(self.engine, "area", {"area_code": "99"}, {"area_code": "9902", "parent_code": "99"})

    def work(self, when: datetime, doing: list[dict]) -> None:
        late, self.waiting = self.waiting, []
        for at, act in late:
            self.act(at, act)
        for act in doing:
            stamp = when - timedelta(minutes=act["ago"]) + timedelta(minutes=act["skew"])
            if act["late"]:
                self.waiting.append((stamp, act))
            else:
                self.act(stamp, act)

    def act(self, stamp: datetime, act: dict) -> None:
        if act["what"] == "area":
            self.write_area()
        elif act["what"] == "unit":
            self.replace("organisation", {"org_id": "u1", "name": act["status"], "updated_at": stamp})
        else:
            remove(self.engine, act["number"])
            if act["what"] == "topic":
                self.replace("matter_topic", {"matter_no": act["number"], "topic_code": act["status"] or "other"})
            if act["what"] != "remove":
                purpose = "report" if act["what"] == "report" else "claim"
                values = {"status": act["status"], "area_code": act["area_code"], "purpose": purpose}
                self.replace("matter", {**matter(act["number"]), **values, "updated_at": stamp})

    def write_area(self) -> None:
        self.replace("area", {"area_code": "9901", "parent_code": "99"})

    def replace(self, name: str, row: dict) -> None:
        table = operational.contract.tables[name]
        with self.engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.execute(sa.insert(table).prefix_with("OR REPLACE"), row)

    def reports(self) -> set[str]:
        m = operational.matter.c
        with self.engine.connect() as connection:
            return set(connection.scalars(sa.select(m.matter_no).where(m.purpose == "report")))

    def matters(self) -> dict[str, dict]:
        with self.engine.connect() as connection:
            found = connection.execute(sa.select(operational.matter).where(operational.matter.c.purpose != "report"))
            found = found.mappings().all()
        return {row["matter_no"]: dict(row) for row in found}


@given(steps=steps)
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an example takes seconds: a failure is printed as found
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_incremental_equals_full_and_both_know_since_when(
    steps: list[tuple[int, list[dict]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("office")
    office, told, at = Office(home), Told(), START
    for minutes, doing in [*steps, (1, [])]:
        at += timedelta(minutes=minutes)
        office.work(at, doing)
        quick, _ = refreshed(office.engine, home / "quick", at)
        refreshed(office.engine, home / "whole", at, full=True)
        told.refresh(office.matters(), office.reports(), at)
        quickly, wholly = open_mart(home / "quick"), open_mart(home / "whole")
        assert quick.reason in (None, "first")
        tables = [name for name in content_names() if name != "publication"]
        assert content(quickly, *tables) == content(wholly, *tables)
        assert logged(quickly) == logged(wholly)
        assert known(quickly, t.matter, KNOWLEDGE[:2]) == sorted(
            (number, row["status"] or "", first, since) for number, (row, first, since) in told.now.items()
        )
        assert known(quickly, t.matter_past, KNOWLEDGE) == sorted(
            (number, row["status"] or "", first, since, until) for number, row, first, since, until in told.past
        )
    office.engine.dispose()


def logged(mart: Mart) -> dict[str, list[tuple]]:
    """What came and went in the small tables that the office touches."""
    names = ("area", "area_tree", "organisation", "matter_topic", "report_count")
    return {name: sorted(map(str, rows(mart, *t.logs[name].c))) for name in names}


def content_names() -> list[str]:
    return [table.name for table in t.mart.tables.values()]


def known(mart: Mart, table: sa.Table, moments: tuple[str, ...]) -> list[tuple]:
    frame = mart.read(sa.select(table.c.matter_no, table.c.status, *(table.c[name] for name in moments)))
    return sorted(
        (row[0], row[1] if isinstance(row[1], str) else "", *(moment.to_pydatetime() for moment in row[2:]))
        for row in frame.itertuples(index=False)
    )


# --- why and when the whole source is read ---------------------------------------------------------------------------------


def test_the_whole_source_is_read_first_then_weekly_then_when_rules_or_files_changed(
    engine: sa.Engine, tmp_path: Path
) -> None:
    add(engine, "matter", matter("M1"))
    folder = tmp_path / "mart"

    def reason(hours: float, **options: object) -> str | None:
        return refreshed(engine, folder, START + timedelta(hours=hours), **options)[0].reason

    rolling = rules_from({"roll_due_to_working_day": True})
    assert [reason(0), reason(1), reason(2, full=True), reason(3, rules=rolling), reason(4, rules=rolling)] == [
        "first", None, "asked", "rules_changed", None,
    ]  # fmt: skip
    assert reason(3 + 7 * 24, rules=rolling) == "weekly"
    (folder / read_pointer(folder).files["matters"]).unlink()
    assert reason(4 + 7 * 24, rules=rolling) == "file_missing"


@pytest.mark.parametrize(
    ("mark", "reason"), [("duckdb_storage", "storage_version"), ("contract_hash", "contract_changed")]
)
def test_another_storage_or_contract_means_a_full_rebuild(
    engine: sa.Engine, tmp_path: Path, mark: str, reason: str
) -> None:
    add(engine, "matter", matter("M1"))
    folder = tmp_path / "mart"
    refreshed(engine, folder, START)
    pointer = folder / "current.json"
    old = getattr(read_pointer(folder), mark)
    pointer.write_text(pointer.read_text().replace(f'"{old}"', '"another"'))
    version, _ = refreshed(engine, folder, START + timedelta(hours=1))
    assert version.reason == reason
    assert rows(open_mart(folder), t.matter.c.known_at) == [(START,)]


def test_a_damaged_file_is_rebuilt_and_knowledge_starts_again(engine: sa.Engine, tmp_path: Path) -> None:
    add(engine, "matter", matter("M1"))
    folder = tmp_path / "mart"
    first, _ = refreshed(engine, folder, START)
    (folder / first.files["matters"]).write_bytes(b"not a database")
    version, _ = refreshed(engine, folder, START + timedelta(hours=1))
    assert (version.reason, version.first_refresh_at) == ("unreadable", START + timedelta(hours=1))
    assert open_mart(folder).known_since == START + timedelta(hours=1)


def test_an_edit_that_leaves_updated_at_untouched_is_caught_by_the_full_rebuild_and_reported(
    engine: sa.Engine, tmp_path: Path
) -> None:
    add(engine, "matter", matter("M1", START - timedelta(days=30)), matter("M2", START))
    folder, later = tmp_path / "mart", START + timedelta(days=8)
    refreshed(engine, folder, START)
    edit(engine, "M1", status="closed")
    missed, _ = refreshed(engine, folder, START + timedelta(hours=1))
    assert missed.changes["changed"] == 0
    version, warnings = refreshed(engine, folder, later)
    assert (version.reason, version.changes) == ("weekly", {"new": 0, "changed": 1, "gone": 0, "untouched": 1})
    assert warnings == {"refresh.warning.untouched_edits": {"count": 1}}
    assert rows(open_mart(folder), t.matter.c.matter_no, t.matter.c.status) == [("M1", "closed"), ("M2", None)]


# --- as then known ---------------------------------------------------------------------------------------------------------


def test_the_mart_answers_as_then_known_and_says_unknown_before_the_first_refresh(
    engine: sa.Engine, tmp_path: Path
) -> None:
    folder, day = tmp_path / "mart", timedelta(days=1)
    add(engine, "matter", matter("M1"), matter("M2"))
    refreshed(engine, folder, START)
    edit(engine, "M1", status="closed", updated_at=START + day)
    remove(engine, "M2")
    add(engine, "matter", matter("M3", START + day))
    refreshed(engine, folder, START + day)
    mart = open_mart(folder)

    def then(at: datetime) -> list[tuple]:
        told = as_then_known(mart, at)
        return rows(mart, told.c.matter_no, told.c.status)

    assert then(START + day) == [("M1", "closed"), ("M3", None)]
    assert then(START + day - timedelta(seconds=1)) == [("M1", None), ("M2", None)]
    with pytest.raises(NotReady, match=r"mart\.unknown_then"):
        then(START - timedelta(seconds=1))


def test_what_was_superseded_long_ago_is_dropped_and_then_unknown(engine: sa.Engine, tmp_path: Path) -> None:
    folder, late = tmp_path / "mart", START + KEEP_PAST + timedelta(days=2)
    add(engine, "matter", matter("M1"), matter("M2"))
    refreshed(engine, folder, START)
    remove(engine, "M2")
    refreshed(engine, folder, START + timedelta(days=1))
    refreshed(engine, folder, late)
    mart = open_mart(folder)
    assert rows(mart, t.matter_past.c.matter_no) == []
    assert mart.known_since == late - KEEP_PAST


def test_a_matter_entered_late_counts_as_entered_when_it_was_first_seen(engine: sa.Engine, tmp_path: Path) -> None:
    folder, day = tmp_path / "mart", timedelta(days=1)
    add(engine, "matter", matter("M1"), matter("M2", entered_at=START - day))
    refreshed(engine, folder, START)
    add(engine, "matter", matter("M3", START + day))
    refreshed(engine, folder, START + day)
    edit(engine, "M3", status="closed", updated_at=START + 2 * day)
    refreshed(engine, folder, START + 2 * day)
    found = {no: on and on.date() for no, on in rows(open_mart(folder), t.matter.c.matter_no, t.matter.c.entered_on)}
    assert found == {"M1": None, "M2": date(2026, 3, 1), "M3": date(2026, 3, 3)}


# --- what must not enter ---------------------------------------------------------------------------------------------------

ID_NUMBER = "11010519491231002X"


@pytest.mark.parametrize(
    ("values", "column", "kind"),
    [
        ({"matter_no": ID_NUMBER}, "matter_no", "id_number"),
        ({"channel": f"来电 {ID_NUMBER}"}, "channel", "id_number"),
        ({"status": "13800138000"}, "status", "mobile"),
        ({"outcome": "a@b.cn"}, "outcome", "email"),
    ],
)
@pytest.mark.parametrize("again", [False, True], ids=["full", "incremental"])
def test_a_personal_value_is_refused_by_column_and_kind_and_nothing_is_published(
    engine: sa.Engine, tmp_path: Path, values: dict, column: str, kind: str, again: bool
) -> None:
    folder = tmp_path / "mart"
    add(engine, "matter", matter("M1"))
    if again:
        refreshed(engine, folder, START)
    add(engine, "matter", {**matter("M2"), **values})
    with pytest.raises(Refused) as refusal:
        refreshed(engine, folder, START + timedelta(minutes=5))
    assert refusal.value.key == f"refresh.personal_values.{kind}"
    assert refusal.value.values == {"table": "matter", "column": column, "kind": kind, "count": 1}
    assert len(list_versions(folder)) == int(again)
    assert list((folder / "building").glob("*.duckdb*")) == []


def test_numbers_of_matters_may_look_like_telephone_numbers(engine: sa.Engine, tmp_path: Path) -> None:
    add(engine, "matter", matter("13800138000"), matter("M2", repeat_of="13800138000"))
    version, _ = refreshed(engine, tmp_path / "mart", START)
    assert version.counts["matter"] == 2


def test_a_numbering_scheme_of_eighteen_digits_is_no_list_of_id_numbers(engine: sa.Engine, tmp_path: Path) -> None:
    add(engine, "matter", *(matter(f"420502202601{day:02}{n:04}") for day in range(1, 11) for n in range(10)))
    version, _ = refreshed(engine, tmp_path / "mart", START)
    assert version.counts["matter"] == 100


def test_a_personal_value_in_a_small_table_is_refused(engine: sa.Engine, tmp_path: Path) -> None:
    add(engine, "organisation", {"org_id": "u1", "name": "调解室 13800138000"})
    with pytest.raises(Refused, match="organisation"):
        refreshed(engine, tmp_path / "mart", START)


def test_reports_against_officials_are_counted_by_month_and_street_and_never_a_matter(
    engine: sa.Engine, tmp_path: Path
) -> None:
    add(engine, "area", {"area_code": "99", "level_code": "district"})
    add(engine, "area", {"area_code": "9901", "level_code": "street", "parent_code": "99"})
    add(engine, "area", {"area_code": "990101", "level_code": "community", "parent_code": "9901"})
    add(engine, "report_count", {"month": date(2026, 2, 1), "area_code": "9901", "reports": 3})
    add(
        engine,
        "matter",
        matter("M1", purpose="claim", area_code="990101"),
        matter("R1", purpose="report", area_code="990101"),
        matter("R2", purpose="report", area_code="9901"),
    )
    folder = tmp_path / "mart"
    for hours in (0, 1):
        refreshed(engine, folder, START + timedelta(hours=hours))
        mart, counted = open_mart(folder), t.others["report_count"].c
        assert rows(mart, counted.month, counted.area_code, counted.reports) == [(datetime(2026, 2, 1), "9901", 5)]
        assert rows(mart, t.matter.c.matter_no) == [("M1",)]


def test_a_matter_that_turns_out_to_be_a_report_leaves_the_past_too(engine: sa.Engine, tmp_path: Path) -> None:
    folder = tmp_path / "mart"
    add(engine, "matter", matter("M1", purpose="claim"))
    refreshed(engine, folder, START)
    edit(engine, "M1", purpose="report", updated_at=START + timedelta(hours=1))
    refreshed(engine, folder, START + timedelta(hours=1))
    assert rows(open_mart(folder), t.matter_past.c.matter_no) == rows(open_mart(folder), t.matter.c.matter_no) == []


# --- foreign sources -------------------------------------------------------------------------------------------------------


def test_missing_tables_are_empty_and_missing_columns_are_unknown(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'foreign.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE files (matter_no TEXT, source_system TEXT, kind TEXT, registered_at TEXT, scale_code)"
        )
        connection.exec_driver_sql("CREATE VIEW matter AS SELECT * FROM files")
        connection.exec_driver_sql(
            "INSERT INTO files VALUES ('1', 's', 'dispute', '2026-01-31 10:00:00', ''), ('', 's', 'x', 'y', 'z')"
        )
    version, warnings = refreshed(engine, tmp_path / "mart", START)
    assert version.counts["matter"] == 1
    assert warnings == {"refresh.warning.rows_without_key": {"count": 1}}
    matters = open_mart(tmp_path / "mart").read(sa.select(t.matter))
    assert matters["deadline_on"].iloc[0].date() == date(2026, 2, 28)
    assert matters["scale_code"].isna().all()
    assert matters["updated_at"].isna().all()
    again, _ = refreshed(engine, tmp_path / "mart", START + timedelta(hours=1))
    assert again.reason == "no_updated_at"


def test_values_that_no_type_takes_are_left_empty_and_counted(engine: sa.Engine, tmp_path: Path) -> None:
    folder = tmp_path / "mart"
    add(engine, "matter", matter("M1"), matter("M2"), matter("M3"))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE matter SET closed_at = 'soon' WHERE matter_no = 'M1'")
        connection.exec_driver_sql("UPDATE matter SET registered_at = 'once' WHERE matter_no = 'M2'")
    for hours in (0, 1):
        version, warnings = refreshed(engine, folder, START + timedelta(hours=hours))
        assert warnings["refresh.warning.unreadable_values"]["count"] == 1
        assert version.counts["matter"] == 2
    assert rows(open_mart(folder), t.matter.c.matter_no, t.matter.c.closed_at) == [("M1", None), ("M3", None)]


def test_the_same_number_twice_is_refused(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'foreign.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE matter (matter_no, source_system, kind, registered_at, updated_at)")
        connection.exec_driver_sql("INSERT INTO matter VALUES ('1', 's', 'dispute', '2026-01-31', '2026-01-31')")
    refreshed(engine, tmp_path / "mart", START)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO matter VALUES ('1', 's', 'dispute', '2026-01-31', '2026-02-02')")
    for full in (False, True):
        with pytest.raises(Refused, match="doubled_keys"):
            refreshed(engine, tmp_path / "mart", START + timedelta(hours=1), full=full)


def test_a_mapped_select_stands_for_a_table(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'foreign.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE orders (id INTEGER, made TEXT, changed TEXT)")
        connection.exec_driver_sql(
            "INSERT INTO orders VALUES (7, '2026-02-01 08:00', '2026-02-01 08:00'), (8, '2026-02-02', '2026-02-02')"
        )
    c = sa.table("orders", sa.column("id", sa.Integer), sa.column("made"), sa.column("changed")).c
    mapped = sa.select(
        c.id.label("matter_no"),
        sa.literal("orders").label("source_system"),
        sa.literal("hotline").label("kind"),
        c.made.label("registered_at"),
        c.changed.label("updated_at"),
    )
    folder = tmp_path / "mart"
    for hours in (0, 1):
        refreshed(
            engine, folder, START + timedelta(hours=hours), select_for=lambda name: mapped if name == "matter" else None
        )
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE orders SET made = '2026-02-03', changed = '2026-03-02 08:30' WHERE id = 8"
            )
    mart = open_mart(folder)
    assert rows(mart, t.matter.c.matter_no, t.matter.c.registered_on) == [
        ("7", datetime(2026, 2, 1)), ("8", datetime(2026, 2, 3)),
    ]  # fmt: skip
    assert read_pointer(folder).changes == {"new": 0, "changed": 1, "gone": 0, "untouched": 0}


def test_a_database_without_matters_or_out_of_reach_is_not_ready(tmp_path: Path) -> None:
    absent = sa.create_engine(f"sqlite:///{tmp_path / 'absent.db'}")
    with pytest.raises(NotReady, match=r"refresh\.unreachable"):
        refreshed(absent, tmp_path / "mart", START)
    assert not (tmp_path / "absent.db").exists()
    empty = sa.create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with empty.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE matter (matter_no TEXT, kind TEXT)")
    with pytest.raises(NotReady, match="registered_at, source_system"):
        refreshed(empty, tmp_path / "mart", START)


def test_areas_that_lie_in_each_other_are_reported_not_published(engine: sa.Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("INSERT INTO area (area_code, parent_code) VALUES ('1', '2'), ('2', '1')")
    with pytest.raises(XianshouError, match="areas"):
        refreshed(engine, tmp_path / "mart", START)


def test_a_new_area_moves_the_places_of_all_matters_after_it(engine: sa.Engine, tmp_path: Path) -> None:
    folder = tmp_path / "mart"
    add(engine, "area", {"area_code": "99"}, {"area_code": "9902", "parent_code": "99"})
    add(engine, "matter", matter("M1", START - timedelta(days=9), area_code="9902"), matter("M2", area_code="99"))
    refreshed(engine, folder, START)
    edit(engine, "M2", area_code="9902", updated_at=START + timedelta(hours=1))
    refreshed(engine, folder, START + timedelta(hours=1))
    add(engine, "area", {"area_code": "9901", "parent_code": "99"})
    version, _ = refreshed(engine, folder, START + timedelta(hours=2))
    mart = open_mart(folder)
    assert not version.full
    assert rows(mart, t.matter.c.matter_no, t.matter.c.area_pos) == [("M1", 2), ("M2", 2)]
    assert rows(mart, t.matter_past.c.matter_no, t.matter_past.c.area_pos) == [("M2", 0)]
