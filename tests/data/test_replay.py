"""Any past day as it was then known: every table of every version that ever served, recovered from the last one alone."""

import random
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

from data import mart_tables as t
from data import operational
from data.building import KEEP_PAST
from data.deadlines import rules_from
from data.errors import NotReady
from data.in_force import calendar_of
from data.mart import Mart, open_mart
from data.replay import open_mart_as_known
from data.versions import Attempt, attempt_as_known, read_pointer, write_attempt
from data.workdays import build_calendar
from tests.data.test_publish import START, add, content, edit, matter, new_store, refreshed, remove, rows

DAY = timedelta(days=1)
RULES = rules_from({"roll_due_to_working_day": True})
SITE_CALENDAR = build_calendar(pd.DataFrame({"day": [date(2026, 3, 26)], "is_workday": [0], "name": ["开城日"]}))


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return new_store(tmp_path / "operational.db")


def shuffle(engine: sa.Engine, chance: random.Random, at: datetime) -> None:
    """A day's work: matters written, closed, moved and removed, an area more or less, units renamed, topics changed, events planned."""
    for _ in range(chance.randint(4, 12)):
        number = f"M{chance.randint(0, 15)}"
        area = chance.choice(["99", "9901", "9902", "9903", "unknown", None])
        status = chance.choice(["registered", "handling", "closed", None])
        act = chance.choice(["write", "write", "write", "remove", "area", "unit", "topic", "event", "case"])
        if act in ("write", "remove"):
            remove(engine, number)
        if act == "write":
            closed = at - timedelta(hours=chance.randint(1, 20)) if status == "closed" else None
            row = matter(
                number, at, area_code=area, status=status, closed_at=closed, people_involved=chance.randint(1, 30)
            )
            put(engine, "matter", row)
        elif act == "area":
            code = chance.choice(["9901", "9902", "9903"])
            drop(engine, "area", area_code=code) if chance.random() < 0.4 else put(
                engine, "area", {"area_code": code, "parent_code": "99", "name": f"街{chance.randint(1, 3)}"}
            )
        elif act == "unit":
            put(engine, "organisation", {"org_id": f"u{chance.randint(1, 3)}", "name": f"单位{chance.randint(1, 4)}"})
        elif act == "topic":
            drop(engine, "matter_topic", matter_no=number)
            put(engine, "matter_topic", {"matter_no": number, "topic_code": chance.choice(["parking", "noise"])})
        elif act == "event":
            day = at.date() + DAY * chance.randint(0, 3)
            put(
                engine,
                "planned_event",
                {"event_id": f"e{chance.randint(1, 4)}", "name": "集市", "kind": "fair", "starts_on": day},
            )
        elif act == "case":
            put(
                engine,
                "leader_case",
                {"case_id": f"c{chance.randint(1, 4)}", "area_code": area, "progress_pct": chance.randint(0, 100)},
            )


def put(engine: sa.Engine, name: str, row: dict) -> None:
    table = operational.contract.tables[name]
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.execute(sa.insert(table).prefix_with("OR REPLACE"), row)


def drop(engine: sa.Engine, name: str, **key: str) -> None:
    table = operational.contract.tables[name]
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.execute(sa.delete(table).filter_by(**key))


@pytest.mark.parametrize("seed", range(3))
def test_every_table_of_every_version_is_recovered_whatever_happened_since(
    engine: sa.Engine, tmp_path: Path, seed: int
) -> None:
    folder, chance, at, served = tmp_path / "mart", random.Random(seed), START, []
    put(engine, "area", {"area_code": "99"})
    for number in range(5):
        shuffle(engine, chance, at)
        options = {"full": chance.random() < 0.3}
        if number >= 2:
            options |= {"rules": RULES}
        if number >= 3:
            options |= {"calendar": SITE_CALENDAR}
        refreshed(engine, folder, at, **options)
        mart = open_mart(folder)
        served.append((at, facts(mart), content(mart)))
        at += timedelta(minutes=chance.choice([30, 60 * 24]))
    for moment, known, tables in served:
        then = open_mart_as_known(folder, moment + timedelta(minutes=chance.choice([0, 29])))
        assert facts(then) == known
        assert content(then) == tables


def facts(mart: Mart) -> tuple:
    return mart.version, mart.published_at, mart.read_at, mart.first_refresh_at, mart.known_since


def test_a_moment_before_the_first_refresh_or_before_all_logs_is_unknown(engine: sa.Engine, tmp_path: Path) -> None:
    folder, late = tmp_path / "mart", START + KEEP_PAST + 3 * DAY
    add(engine, "matter", matter("M1"))
    for at in (START, START + DAY, late):
        put(engine, "organisation", {"org_id": "u1", "name": f"{at:%m%d}"})
        refreshed(engine, folder, at)
    with pytest.raises(NotReady, match=r"mart\.unknown_then"):
        open_mart_as_known(folder, START - timedelta(seconds=1))
    with pytest.raises(NotReady, match=r"mart\.unknown_then"):
        open_mart_as_known(folder, START + 2 * DAY)
    oldest = open_mart_as_known(folder, late - KEEP_PAST)
    assert oldest.published_at == START + DAY, "the version that served when the logs begin is still named"
    assert rows(oldest, t.others["organisation"].c.name) == [("0303",)]


def test_the_present_is_the_version_that_serves(engine: sa.Engine, tmp_path: Path) -> None:
    add(engine, "matter", matter("M1"))
    refreshed(engine, tmp_path / "mart", START)
    assert open_mart_as_known(tmp_path / "mart", START + DAY) is open_mart(tmp_path / "mart")


def test_one_replay_serves_all_moments_between_two_refreshes(engine: sa.Engine, tmp_path: Path) -> None:
    folder = tmp_path / "mart"
    add(engine, "matter", matter("M1"))
    refreshed(engine, folder, START)
    refreshed(engine, folder, START + DAY)
    assert open_mart_as_known(folder, START) is open_mart_as_known(folder, START + timedelta(hours=5))


def test_a_replay_can_neither_write_the_file_nor_reach_outside(engine: sa.Engine, tmp_path: Path) -> None:
    refreshed(engine, tmp_path / "mart", START)
    refreshed(engine, tmp_path / "mart", START + DAY)
    cursor = open_mart_as_known(tmp_path / "mart", START)._connection.cursor()
    for statement in (
        "SELECT * FROM read_csv('/etc/passwd')", "SET threads = 4", "INSTALL httpfs", "ATTACH 'x.db'", "DELETE FROM kept.main.matter",
    ):  # fmt: skip
        with pytest.raises(duckdb.Error):
            cursor.execute(statement)


def test_other_rules_make_another_version_of_the_matters_they_touch_and_change_no_matter(
    engine: sa.Engine, tmp_path: Path
) -> None:
    folder, due = tmp_path / "mart", t.matter.c.deadline_on
    add(engine, "matter", matter("M1", START - DAY), matter("M2", START - 200 * DAY, due_on=date(2026, 1, 9)))
    refreshed(engine, folder, START)
    before = rows(open_mart(folder), t.matter.c.matter_no, due)
    version, warnings = refreshed(engine, folder, START + DAY, rules=RULES, calendar=SITE_CALENDAR)
    after = rows(open_mart(folder), t.matter.c.matter_no, due, t.matter.c.known_at, t.matter.c.first_known_at)
    assert version.reason == "rules_changed"
    assert [row[:2] for row in after] != before
    assert after == [("M1", after[0][1], START + DAY, START), ("M2", before[1][1], START, START)]
    assert version.changes == {"new": 0, "changed": 0, "gone": 0, "untouched": 0}
    assert warnings == {}
    then = open_mart_as_known(folder, START)
    assert rows(then, t.matter.c.matter_no, due) == before
    assert calendar_of(then).is_workday(date(2026, 3, 26))
    assert not calendar_of(open_mart(folder)).is_workday(date(2026, 3, 26))
    assert calendar_of(open_mart(folder)).frame().equals(SITE_CALENDAR.frame())


def test_a_report_against_an_official_is_in_no_replay(engine: sa.Engine, tmp_path: Path) -> None:
    folder, hour = tmp_path / "mart", timedelta(hours=1)
    add(engine, "matter", matter("M1", purpose="claim"), matter("M2"))
    refreshed(engine, folder, START)
    for number in ("M1", "M2"):
        put(engine, "matter_topic", {"matter_no": number, "topic_code": "parking"})
    edit(engine, "M1", status="handling", updated_at=START + hour)
    refreshed(engine, folder, START + hour)
    edit(engine, "M1", purpose="report", updated_at=START + 2 * hour)
    refreshed(engine, folder, START + 2 * hour)
    topics = t.others["matter_topic"].c
    for at, known in ((START, []), (START + hour, [("M2",)])):
        then = open_mart_as_known(folder, at)
        assert rows(then, t.matter.c.matter_no) == [("M2",)]
        assert rows(then, topics.matter_no) == known
    kept = open_mart(folder)._connection.cursor()
    assert kept.execute("SELECT DISTINCT matter_no FROM past.matter_topic").fetchall() == [("M2",)]


def test_doubled_rows_of_a_foreign_table_come_and_go_one_by_one(tmp_path: Path) -> None:
    engine, folder = sa.create_engine(f"sqlite:///{tmp_path / 'foreign.db'}"), tmp_path / "mart"

    def write(*statements: str) -> None:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    write(
        "CREATE TABLE matter (matter_no, source_system, kind, registered_at, updated_at)",
        "CREATE TABLE early_sign (sign_id, area_code)",
        "INSERT INTO early_sign VALUES ('1', NULL), ('1', NULL), ('2', 'x')",
    )
    served, c = [], t.others["early_sign"].c
    for number, change in enumerate(
        ("SELECT 1", "INSERT INTO early_sign VALUES ('1', NULL)", "DELETE FROM early_sign WHERE sign_id = '1'")
    ):
        write(change)
        refreshed(engine, folder, START + number * DAY)
        served.append(rows(open_mart(folder), c.sign_id, c.area_code))
    assert [len(found) for found in served] == [3, 4, 1]
    for number, found in enumerate(served):
        assert rows(open_mart_as_known(folder, START + number * DAY), c.sign_id, c.area_code) == found


def test_after_an_edition_that_kept_no_logs_knowledge_begins_with_its_last_version(
    engine: sa.Engine, tmp_path: Path
) -> None:
    folder = tmp_path / "mart"
    add(engine, "organisation", {"org_id": "u1", "name": "甲"})
    refreshed(engine, folder, START)
    refreshed(engine, folder, START + DAY)
    file = folder / read_pointer(folder).files["matters"]
    with duckdb.connect(str(file)) as connection:
        connection.execute("DROP SCHEMA past CASCADE")
    put(engine, "organisation", {"org_id": "u1", "name": "乙"})
    refreshed(engine, folder, START + 2 * DAY)
    assert open_mart(folder).known_since == START + DAY
    assert rows(open_mart_as_known(folder, START + DAY), t.others["organisation"].c.name) == [("甲",)]
    refreshed(engine, folder, START + 3 * DAY, full=True)
    assert open_mart(folder).known_since == START + DAY


def test_the_last_attempt_is_known_as_it_then_stood(tmp_path: Path) -> None:
    hour = timedelta(hours=1)
    told = [
        Attempt(START, START + hour / 4, True, version="one"),
        Attempt(START + hour, START + hour + hour / 4, False, "refresh.unreachable", {"database": "d"}),
        Attempt(START + 2 * hour),  # cut off
        Attempt(START + 3 * hour, START + 3 * hour + hour / 4, True, version="two"),
    ]
    for attempt in told:
        write_attempt(tmp_path, Attempt(attempt.started_at))
        write_attempt(tmp_path, attempt)
    assert attempt_as_known(tmp_path, START - hour) is None
    assert attempt_as_known(tmp_path, START + hour + hour / 8) == Attempt(START + hour, running=True)
    assert attempt_as_known(tmp_path, START + hour * 1.5) == told[1]
    assert attempt_as_known(tmp_path, START + hour * 2.5) == told[2]
    assert attempt_as_known(tmp_path, START + hour * 4) == told[3]
