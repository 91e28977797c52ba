"""A brief printed on a past morning can be printed again after later imports: the same bytes, whatever has changed since."""

import random
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from analytics.refresh import refresh
from cli import xianshou
from data import operational
from data.deadlines import shipped_rules
from data.desk import open_desk
from data.scope import Actor, Scope
from data.site import Site, read_site
from data.workdays import build_calendar
from tests.conftest import TOWN_DAY

MORNING = datetime.combine(TOWN_DAY + timedelta(days=1), datetime.min.time()).replace(hour=7)
STREET = "999901001"
ASKED = (
    ("daily", "json", ()),
    ("daily", "md", ("--area", STREET)),
    ("weekly", "md", ("--area", STREET)),
    ("monthly", "json", ()),
    ("trends", "md", ()),
)


def change_the_past(engine: sa.Engine, chance: random.Random, at: datetime) -> None:
    """What a later import does: matters closed, moved, reopened and deleted, units and areas renamed, an area added, plans dropped."""
    m = operational.matter.c
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        numbers = list(connection.scalars(sa.select(m.matter_no).order_by(m.registered_at.desc()).limit(1500)))
        streets = list(
            connection.scalars(
                sa.select(operational.area.c.area_code).where(operational.area.c.level_code == "community")
            )
        )
        for number in chance.sample(numbers, 300):
            values = chance.choice(
                [
                    {"closed_at": at - timedelta(days=chance.randint(0, 9)), "status": "closed"},
                    {"closed_at": None, "status": "handling"},
                    {"area_code": chance.choice(streets)},
                    {"people_involved": chance.randint(1, 60)},
                    {"returned_count": chance.randint(0, 4)},
                ]
            )
            connection.execute(
                sa.update(operational.matter).where(m.matter_no == number).values(updated_at=at, **values)
            )
        for number in chance.sample(numbers, 100):
            connection.execute(sa.delete(operational.matter).where(m.matter_no == number))
        for name, key in (("organisation", "org_id"), ("area", "area_code"), ("category", "category_code")):
            table = operational.contract.tables[name]
            for code in chance.sample(list(connection.scalars(sa.select(table.c[key]).order_by(table.c[key]))), 20):
                renamed = f"{name} {chance.randint(0, 999)}"
                connection.execute(sa.update(table).where(table.c[key] == code).values(name=renamed))
        added = {
            "area_code": f"999901001{chance.randint(100, 199)}",
            "parent_code": STREET,
            "level_code": "community",
            "name": "新里",
        }
        connection.execute(sa.insert(operational.area).prefix_with("OR IGNORE"), added)
        for name in ("leader_case", "planned_event", "leader_reception", "matter_topic"):
            connection.exec_driver_sql(f"DELETE FROM {name} WHERE rowid % 3 = {chance.randint(0, 2)}")


@pytest.fixture
def site(town_site: Site, tmp_path: Path) -> Site:
    """The town with a mart of its own: others may have refreshed the shared one by another clock."""
    home = Path(shutil.copytree(town_site.home, tmp_path / "home", ignore=shutil.ignore_patterns("mart", "desk.db*")))
    own = read_site(home)
    refresh(own, now=MORNING - timedelta(hours=1), calendar=build_calendar(None), rules=shipped_rules())
    return own


def test_a_brief_of_a_past_morning_is_printed_again_to_the_byte(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [MORNING]
    monkeypatch.setattr(Site, "now", lambda _self: clock[0])
    engine, chance, printed = operational.create_engine(site.database_url), random.Random(4), {}

    def run(*said: str) -> Result:
        environment = {"XIANSHOU_DATABASE_URL": "", "XIANSHOU_HOME": str(site.home)}
        return CliRunner(env=environment).invoke(xianshou, ["--home", str(site.home), *said])

    def brief(kind: str, form: str, *more: str) -> bytes:
        said = run("brief", kind, "--as-of", TOWN_DAY.isoformat(), "--format", form, *more)
        assert said.exit_code == 0, said.output
        return said.stdout_bytes

    def morning(number: int, *how: str) -> None:
        clock[0] = MORNING + timedelta(days=number)
        change_the_past(engine, chance, clock[0] - timedelta(minutes=5))
        assert run("refresh", "--no-forecasts", *how).exit_code == 0

    def print_all() -> None:
        clock[0] += timedelta(hours=1)
        printed[clock[0]] = {one: brief(one[0], one[1], *one[2]) for one in ASKED}

    morning(0)
    print_all()
    kept = open_desk(site.desk_url)
    rest = pd.DataFrame({"day": [TOWN_DAY + timedelta(days=14)], "is_workday": [0], "name": ["开城日"]})
    kept.save_calendar_days(rest, Actor("office", Scope()), MORNING + timedelta(hours=9))
    morning(1, "--full")
    print_all()
    clock[0] += timedelta(days=1)  # the next refresh fails, and the brief says so
    shutil.move(site.home / "operational.db", site.home / "away.db")
    assert run("refresh", "--no-forecasts").exit_code == 1
    shutil.move(site.home / "away.db", site.home / "operational.db")
    print_all()
    morning(4)
    assert all(len({page[one] for page in printed.values()}) >= 2 for one in ASKED), (
        "something that should differ does not"
    )
    clock[0] += timedelta(days=1)
    for moment, page in printed.items():
        for one, content in page.items():
            again = brief(one[0], one[1], *one[2], "--as-known", moment.isoformat())
            assert again == content, f"{moment} {one}"


def test_a_moment_that_is_unknown_or_has_not_come_is_said(site: Site) -> None:
    def run(moment: str) -> Result:
        said = ["brief", "daily", "--as-known", moment]
        return CliRunner(env={"XIANSHOU_DATABASE_URL": ""}).invoke(
            xianshou, ["--home", str(site.home), "--lang", "en", *said]
        )

    before, never, nonsense = run("2020-01-01T07:00"), run("2999-01-01T07:00"), run("yesterday")
    assert (before.exit_code, never.exit_code, nonsense.exit_code) == (1, 1, 2)
    assert "errors." not in before.stderr
    assert "2999-01-01T07:00" in never.stderr
