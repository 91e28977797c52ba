"""The desk and both sets of steps on PostgreSQL, in one database, as a site in production has them."""

from datetime import date, datetime

import pandas as pd
import pytest
import sqlalchemy as sa

from data import operational
from data.desk import open_desk
from data.migrations import upgrade_desk, upgrade_operational
from data.migrations.draft import differences
from data.scope import Actor, Scope
from tests.postgres_server import running_server

pytestmark = pytest.mark.postgres

OFFICE = Actor("duty desk", Scope())
AT = datetime(2026, 11, 20, 8, 5)


@pytest.fixture(scope="module")
def url():
    with running_server() as address:
        yield address


@pytest.fixture
def desk(url):
    opened = open_desk(url)
    yield opened
    opened.close()


def test_both_stores_live_in_one_database(url):
    upgrade_desk(url)
    upgrade_operational(url)
    assert not upgrade_desk(url)
    assert not upgrade_operational(url)
    engine = operational.create_engine(url)
    with engine.connect() as connection:
        assert differences("desk", connection).is_empty()
        assert differences("operational", connection).is_empty()
    engine.dispose()


def test_what_is_recorded_is_read_again(desk):
    desk.set_duty_mode("war", OFFICE, AT, "flood season")
    assert desk.duty_mode().mode == "war"
    number = desk.add_note(date(2026, 11, 18), date(2026, 11, 20), "system moved", OFFICE, AT)
    assert desk.notes(date(2026, 11, 20), date(2026, 11, 20))["note_id"].tolist() == [number]
    desk.save_calendar_days(pd.DataFrame({"day": [date(2026, 11, 20)], "is_workday": [0], "name": ["x"]}), OFFICE, AT)
    assert desk.calendar_days()["day"].tolist() == [date(2026, 11, 20)]
    desk.save_setting("deadlines", {"hotline": {"profile": "D"}}, date(2026, 7, 1), OFFICE, AT)
    assert desk.read_setting("deadlines", date(2026, 8, 1)).value["hotline"] == {"profile": "D"}
    assert len(desk.acts()) == 4


@pytest.mark.parametrize("statement", ["UPDATE act SET post = 'x'", "DELETE FROM act", "TRUNCATE act"])
def test_the_list_of_acts_cannot_be_changed(desk, statement):
    desk.log("export", OFFICE, AT)
    with pytest.raises(sa.exc.DatabaseError, match="only ever added to"), desk.engine.begin() as connection:
        connection.exec_driver_sql(statement)
