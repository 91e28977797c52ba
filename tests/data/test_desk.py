"""What people decide here is kept, signed, screened and never changed afterwards."""

from datetime import date, datetime

import pandas as pd
import pytest
import sqlalchemy as sa

from data.desk import DutyMode, act, create_engine, open_desk
from data.errors import Refused
from data.scope import Actor, Scope
from data.workdays import build_calendar, complete_year, days_of_year

OFFICE = Actor("duty desk", Scope())
STREET = Actor("street office", Scope(("990101001",), "community"), verified=True)
AT = datetime(2026, 11, 20, 8, 5, 30, 999)
MOBILE = "call 138" + "00138000"
OFF = [date(2027, 10, day) for day in range(1, 11)]


@pytest.fixture
def desk(tmp_path):
    opened = open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
    yield opened
    opened.close()


def test_a_new_desk_is_at_peace_and_empty(desk):
    assert desk.duty_mode() == DutyMode("peace")
    assert desk.calendar_days().empty
    assert desk.acts().empty
    assert desk.notes(date(2026, 1, 1), date(2026, 12, 31)).empty


def test_the_duty_mode_in_force_is_the_last_one_set(desk):
    desk.set_duty_mode("war", OFFICE, AT, "flood season")
    assert desk.duty_mode() == DutyMode("war", AT.replace(microsecond=0), "flood season", "duty desk", verified=False)
    desk.set_duty_mode("peace", STREET, AT)
    assert desk.duty_mode().mode == "peace"
    assert desk.duty_mode().verified


def test_an_unknown_mode_is_refused_and_nothing_is_recorded(desk):
    with pytest.raises(Refused, match="unknown_choice"):
        desk.set_duty_mode("panic", OFFICE, AT)
    assert desk.acts().empty


def test_notes_touching_the_days_are_found_and_withdrawn_ones_are_not(desk):
    inside = desk.add_note(date(2026, 11, 18), date(2026, 11, 20), "system moved", OFFICE, AT, kind="data_change")
    edge = desk.add_note(date(2026, 11, 21), date(2026, 11, 25), "trade fair", OFFICE, AT, area="990101")
    desk.add_note(date(2026, 11, 26), date(2026, 11, 26), "later", OFFICE, AT)
    gone = desk.add_note(date(2026, 11, 20), date(2026, 11, 20), "mistaken", OFFICE, AT)
    desk.remove_note(gone, OFFICE, AT)
    found = desk.notes(date(2026, 11, 20), date(2026, 11, 21))
    assert found["note_id"].tolist() == [inside, edge]
    assert found["first_on"].iloc[0] == date(2026, 11, 18)


def test_notes_of_a_place_come_with_those_of_the_whole_city(desk):
    days = (date(2026, 11, 18), date(2026, 11, 20))
    for area in (None, "990101", "990102"):
        desk.add_note(*days, f"about {area}", OFFICE, AT, area=area)
    assert desk.notes(*days, "990101")["area_code"].fillna("").tolist() == ["", "990101"]
    assert desk.notes(*days, ["990101", "990102"]).shape[0] == 3
    assert desk.notes(*days, [])["area_code"].isna().tolist() == [True]


def test_a_note_cannot_be_withdrawn_twice(desk):
    number = desk.add_note(date(2026, 11, 18), date(2026, 11, 20), "x", OFFICE, AT)
    desk.remove_note(number, OFFICE, AT)
    with pytest.raises(Refused, match="note_unknown"):
        desk.remove_note(number, OFFICE, AT)


@pytest.mark.parametrize(
    ("text", "key"), [("  ", "text_empty"), ("x" * 501, "text_too_long"), (MOBILE, "personal_text")]
)
def test_a_text_that_must_not_be_kept_is_refused(desk, text, key):
    with pytest.raises(Refused, match=key):
        desk.add_note(date(2026, 11, 18), date(2026, 11, 20), text, OFFICE, AT)
    assert desk.acts().empty


def test_every_typed_text_is_screened(desk):
    with pytest.raises(Refused, match="personal_text"):
        desk.set_duty_mode("war", OFFICE, AT, MOBILE)
    with pytest.raises(Refused, match="personal_text"):
        desk.save_setting("limits", {"a": [{"note": MOBILE}]}, date(2026, 1, 1), OFFICE, AT)
    with pytest.raises(Refused, match="personal_text"):
        desk.save_calendar_days(
            pd.DataFrame({"day": [date(2026, 5, 4)], "is_workday": [0], "name": [MOBILE]}), OFFICE, AT
        )
    with pytest.raises(Refused, match="personal_text"):
        desk.log("export", OFFICE, AT, subject=MOBILE)


def test_reversed_days_are_refused(desk):
    with pytest.raises(Refused, match="days_reversed"):
        desk.add_note(date(2026, 11, 20), date(2026, 11, 18), "x", OFFICE, AT)


def test_saved_days_reach_the_calendar(desk):
    desk.save_calendar_days(
        pd.DataFrame({"day": [date(2026, 11, 20)], "is_workday": [0], "name": ["congress"]}), OFFICE, AT
    )
    desk.save_calendar_days(pd.DataFrame({"day": [date(2026, 11, 20)], "is_workday": [0], "name": [None]}), OFFICE, AT)
    assert not build_calendar(desk.calendar_days()).is_workday(date(2026, 11, 20))
    assert len(desk.calendar_days()) == 1


def test_an_empty_desk_leaves_the_published_calendar_as_it_is(desk):
    assert build_calendar(desk.calendar_days()).is_workday(date(2026, 11, 20))


def test_a_year_that_does_not_ship_is_saved_whole_or_not_at_all(desk):
    year = complete_year(2027, OFF, [])
    with pytest.raises(Refused, match="year_incomplete: year=2027, found=364, needed=365"):
        desk.save_calendar_days(year.head(364), OFFICE, AT)
    assert desk.save_calendar_days(year, OFFICE, AT) == 365
    assert build_calendar(desk.calendar_days()).covers(date(2027, 6, 1))
    single = pd.DataFrame({"day": [date(2027, 6, 1)], "is_workday": [0], "name": ["local day"]})
    desk.save_calendar_days(single, OFFICE, AT)
    assert not build_calendar(desk.calendar_days()).is_workday(date(2027, 6, 1))
    assert desk.clear_calendar_year(2027, OFFICE, AT) == len(days_of_year(2027))
    assert not build_calendar(desk.calendar_days()).covers(date(2027, 6, 1))


def test_the_setting_in_force_is_the_latest_valid_on_the_day(desk):
    desk.save_setting("deadlines", {"hotline": {"profile": "A"}}, date(2026, 1, 1), OFFICE, AT)
    desk.save_setting("deadlines", {"hotline": {"profile": "D"}}, date(2026, 7, 1), OFFICE, AT)
    number = desk.save_setting("deadlines", {"hotline": {"profile": "B"}}, date(2026, 7, 1), OFFICE, AT)
    assert desk.read_setting("deadlines", date(2025, 12, 31)) is None
    assert desk.read_setting("deadlines", date(2026, 6, 30)).value == {"hotline": {"profile": "A"}}
    assert desk.read_setting("deadlines", date(2026, 7, 1)).version_id == number
    assert desk.read_setting("other", date(2026, 7, 1)) is None


def test_every_act_carries_the_post_its_scope_and_whether_it_was_verified(desk):
    desk.set_duty_mode("war", STREET, AT)
    desk.log("export", OFFICE, AT, subject="daily brief", rows=12)
    acts = desk.acts()
    assert acts["what"].tolist() == ["export", "duty_mode_set"]
    assert acts["verified"].tolist() == [0, 1]
    with desk.engine.connect() as connection:
        areas = connection.execute(sa.select(act.c.areas, act.c.role).order_by(act.c.act_id)).all()
    assert areas == [('["990101001"]', "community"), (None, "office")]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE act SET post = 'x'", "DELETE FROM act", "INSERT OR REPLACE INTO act SELECT * FROM act"],
)
def test_the_list_of_acts_cannot_be_changed(desk, statement):
    desk.set_duty_mode("war", OFFICE, AT)
    with pytest.raises(sa.exc.DatabaseError, match="only ever added to"), desk.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert desk.acts()["post"].tolist() == ["duty desk"]


def test_the_desk_waits_for_the_disk(desk):
    with desk.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_reopened_desk_remembers(tmp_path):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    open_desk(url).set_duty_mode("war", OFFICE, AT)
    assert open_desk(url).duty_mode().mode == "war"


def test_the_engine_is_that_of_the_url():
    assert create_engine("postgresql://localhost/desk").dialect.driver == "psycopg"
