"""A brief is drafted, reviewed, issued once with a number of its own, frozen, and opened again byte for byte; directives stay until settled."""

import json
import shutil
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count

import pytest
import sqlalchemy as sa

from data import issuing
from data.desk import Desk, open_desk
from data.errors import Refused
from data.issuing import BriefKey, Item, tables
from data.queries import Selection
from data.scope import ROLES, Actor, Scope
from tests.postgres_server import running_server

OFFICE = Actor("duty desk", Scope())
LEADER = Actor("secretary's post", Scope(role="leader"))
AT = datetime(2026, 11, 21, 8, 5, 30)
DAY = date(2026, 11, 20)
KEY = BriefKey("daily", DAY)
COMPOSED = json.dumps({"title": "Daily brief", "blocks": [{"text": "12 new matters"}, {"text": "calm"}]})
EDITED = json.dumps({"title": "Daily brief", "blocks": [{"text": "12 new matters"}, {"text": "calm, after rain"}]})
FILES = {"pdf": bytes(range(256)) * 3, "docx": "Word 公文".encode(), "md": b"# brief\r\n"}
MOBILE = "call 138" + "00138000"


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory):
    """An empty desk as a file, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "desk.db"
    desk = open_desk(f"sqlite:///{path}")
    with desk.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    desk.close()
    return path


@pytest.fixture(scope="module")
def empty_database():
    """An empty desk on PostgreSQL, to be copied: an engine, and the URL of each copy by its name."""
    with running_server() as address:
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE empty_desk")
            open_desk(_named(address, "empty_desk")).close()
            copies = count()

            def copy() -> str:
                name = f"desk_{next(copies)}"
                connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE empty_desk")
                return _named(address, name)

            yield copy
        engine.dispose()


def _named(address: str, database: str) -> str:
    return sa.make_url(address).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def desk(request, tmp_path):
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "desk.db")
        url = f"sqlite:///{tmp_path / 'desk.db'}"
    else:
        url = request.getfixturevalue("empty_database")()
    opened = open_desk(url)
    yield opened
    opened.close()


def reviewed(desk: Desk, key: BriefKey = KEY) -> int:
    issuing.save_draft(desk, key, COMPOSED, OFFICE, AT, edited=EDITED, record="{}", version="v1", known_at=AT)
    return issuing.review(desk, key, OFFICE, AT)


def issue(desk: Desk, key: BriefKey = KEY, at: datetime = AT, **more: object) -> issuing.Issued:
    parts = {"document": EDITED, "record": '{"flows":[]}', "files": FILES, "version": "v1", "known_at": AT} | more
    return issuing.issue(desk, key, actor=OFFICE, at=at, **parts)


def issued(desk: Desk, key: BriefKey = KEY, **more: object) -> issuing.Issued:
    reviewed(desk, key)
    return issue(desk, key, **more)


# --- draft, review, issue ------------------------------------------------------------------------------------------------------


def test_a_brief_goes_from_draft_over_review_to_issue_one_step_at_a_time(desk):
    assert issuing.state_of(desk, KEY) == "none"
    with pytest.raises(Refused, match="no_draft"):
        issuing.review(desk, KEY, OFFICE, AT)
    with pytest.raises(Refused, match="not_reviewed"):
        issue(desk)
    issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT)
    with pytest.raises(Refused, match="not_reviewed"):
        issue(desk)
    issuing.review(desk, KEY, OFFICE, AT)
    assert issuing.state_of(desk, KEY) == "reviewed"
    assert issue(desk, document=COMPOSED).number == 1
    assert issuing.state_of(desk, KEY) == "issued"
    assert [step.state for step in issuing.read_steps(desk, KEY)] == ["draft", "reviewed", "issued"]


def test_a_draft_keeps_what_was_composed_and_what_was_edited_and_every_edit_before(desk):
    first = issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT)
    issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT + timedelta(minutes=5), edited=EDITED, seen=first)
    steps = issuing.read_steps(desk, KEY)
    assert [(step.composed, step.document) for step in steps] == [(COMPOSED, COMPOSED), (COMPOSED, EDITED)]
    assert steps[1].post == "duty desk"
    assert steps[1].recorded_at == AT + timedelta(minutes=5)
    assert not steps[1].verified


def test_an_edit_after_the_review_makes_it_a_draft_again(desk):
    reviewed(desk)
    issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT)
    assert issuing.state_of(desk, KEY) == "draft"
    with pytest.raises(Refused, match="not_reviewed"):
        issue(desk)


def test_who_saw_an_older_draft_does_not_write_over_a_newer_one(desk):
    first = issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT)
    second = issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT, edited=EDITED, seen=first)
    for late in (
        lambda: issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT, seen=first),
        lambda: issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT, seen=0),
        lambda: issuing.review(desk, KEY, OFFICE, AT, seen=first),
    ):
        with pytest.raises(Refused, match="moved_on"):
            late()
    checked = issuing.review(desk, KEY, OFFICE, AT, seen=second)
    with pytest.raises(Refused, match="moved_on"):
        issue(desk, seen=second)
    assert issue(desk, seen=checked).number == 1


def test_what_an_editor_typed_is_screened_and_what_was_composed_is_not(desk):
    personal = json.dumps({"title": "Daily brief", "blocks": [{"text": MOBILE}]})
    with pytest.raises(Refused, match="personal_text"):
        issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT, edited=personal)
    assert issuing.state_of(desk, KEY) == "none"
    issuing.save_draft(desk, KEY, personal, OFFICE, AT)  # a matter's own number may look like a telephone
    issuing.review(desk, KEY, OFFICE, AT)
    with pytest.raises(Refused, match="personal_text"):
        issue(desk, document=json.dumps({"title": "and 139" + "00139000"}))


def test_an_issued_brief_is_issued_once(desk):
    issued(desk)
    for act in (
        lambda: issue(desk),
        lambda: issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT),
        lambda: issuing.save_words(desk, KEY, "causes", "rain", OFFICE, AT),
    ):
        with pytest.raises(Refused, match="issued_already"):
            act()
    with pytest.raises(Refused, match="no_draft"):
        issuing.review(desk, KEY, OFFICE, AT)
    assert len(issuing.list_issued(desk)) == 1


def test_an_issued_brief_is_opened_again_byte_for_byte(desk):
    number = issued(desk).issued_id
    found = issuing.read_issued(desk, number)
    assert (found.document, found.record) == (EDITED, '{"flows":[]}')
    assert (found.version, found.known_at, found.key) == ("v1", AT, KEY)
    assert found.document_sha256 == issuing.sha256(EDITED.encode())
    assert found.forms == ("docx", "md", "pdf")
    for form, content in FILES.items():
        kept = issuing.read_file(desk, number, form)
        assert (kept.content, kept.sha256) == (content, issuing.sha256(content))
    for missing in (lambda: issuing.read_issued(desk, 99), lambda: issuing.read_file(desk, number, "xlsx")):
        with pytest.raises(Refused, match="unknown"):
            missing()


def test_bytes_that_changed_all_the_same_are_not_shown(tmp_path):
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
    number = issued(desk).issued_id
    with desk.engine.begin() as connection:  # as a broken disk would
        for table in ("issued_file", "issued_brief"):
            connection.exec_driver_sql(f"DROP TRIGGER {table}_no_update")
        connection.exec_driver_sql("UPDATE issued_file SET content = x'00'")
        connection.exec_driver_sql("UPDATE issued_brief SET record = '{}'")
    for read in (lambda: issuing.read_issued(desk, number), lambda: issuing.read_file(desk, number, "pdf")):
        with pytest.raises(Refused, match="damaged"):
            read()
    desk.close()


# --- numbers -------------------------------------------------------------------------------------------------------------------


def test_numbers_run_by_kind_and_year_of_issue_without_gaps(desk):
    days = [KEY.first + timedelta(days=n) for n in range(3)]
    numbers = [issued(desk, BriefKey("daily", day, area)).number for day in days for area in (None, "A1")]
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert issued(desk, BriefKey("weekly", DAY)).number == 1
    assert issued(desk, BriefKey("daily", date(2026, 12, 31)), at=datetime(2027, 1, 1, 8)).number == 1
    assert issuing.next_number(desk, "daily", AT) == 7
    assert [one.number for one in issuing.list_issued(desk, "daily")] == [1, 6, 5, 4, 3, 2, 1]


def test_a_number_printed_and_then_taken_by_another_is_refused_and_nothing_is_issued(desk):
    number = issuing.next_number(desk, "daily", AT)
    issued(desk, BriefKey("daily", DAY, "A1"), number=number)
    reviewed(desk)
    with pytest.raises(Refused, match="number_taken"):
        issue(desk, number=number)
    assert issuing.state_of(desk, KEY) == "reviewed"
    assert issue(desk, number=issuing.next_number(desk, "daily", AT)).number == 2


def test_issues_at_the_same_moment_get_different_numbers_without_gaps(desk):
    keys = [BriefKey("daily", DAY - timedelta(days=n)) for n in range(8)]
    for key in keys:
        reviewed(desk, key)
    gate, numbers, failed = threading.Barrier(len(keys)), [], []

    def run(key: BriefKey) -> None:
        own = Desk(sa.create_engine(desk.engine.url, connect_args=_patient(desk)))
        try:
            gate.wait()
            numbers.append(issue(own, key).number)
        except (Refused, sa.exc.SQLAlchemyError) as error:
            failed.append(error)
        finally:
            own.close()

    _together([lambda key=key: run(key) for key in keys])
    assert failed == []
    assert sorted(numbers) == list(range(1, len(keys) + 1))


def test_one_brief_issued_by_two_at_the_same_moment_is_issued_once(desk):
    reviewed(desk)
    gate, outcomes = threading.Barrier(2), []

    def run() -> None:
        own = Desk(sa.create_engine(desk.engine.url, connect_args=_patient(desk)))
        gate.wait()
        try:
            outcomes.append(issue(own).number)
        except Refused as refused:
            outcomes.append(refused.key)
        own.close()

    _together([run, run])
    assert sorted(map(str, outcomes)) == ["1", "issuing.issued_already"]
    assert len(issuing.list_issued(desk)) == 1


def _patient(desk: Desk) -> dict:
    return {"timeout": 30} if desk.engine.dialect.name == "sqlite" else {}


def _together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- what cannot be undone, and what is lost by a crash: nothing ------------------------------------------------------------------


@pytest.mark.parametrize("table", tables.ONLY_ADDED_TO)
def test_what_was_recorded_can_be_neither_changed_nor_deleted(desk, table):
    fill(desk)
    found = tables.desk.tables[table]
    values = {
        "table": table,
        "column": list(found.columns)[1].name,
        "key": ", ".join(c.name for c in found.primary_key),
    }
    before = desk.read(sa.select(found))
    assert len(before)
    for statement in TAMPERING[desk.engine.dialect.name]:
        with pytest.raises(sa.exc.DatabaseError, match="only ever added to"), desk.engine.begin() as connection:
            connection.exec_driver_sql(statement.format(**values))
        assert desk.read(sa.select(found)).equals(before)


TAMPERING = {
    "sqlite": (
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ),
    "postgresql": (
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {column} = EXCLUDED.{column}",
        "TRUNCATE {table} CASCADE",
    ),
}


def fill(desk: Desk) -> None:
    """A row in every table."""
    issuing.save_words(desk, KEY, "causes", "rain", OFFICE, AT)
    issued(desk)
    number = give(desk)
    issuing.close_directive(desk, number, "mended", AT.date(), OFFICE, AT)
    issuing.note_opening(desk, KEY, OFFICE, AT)


def test_a_number_taken_once_cannot_be_taken_again_behind_the_desks_back(tmp_path):
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
    issued(desk)
    columns = ", ".join(column.name for column in list(tables.issued_brief.columns)[1:])
    statement = f"INSERT OR REPLACE INTO issued_brief SELECT 77, {columns} FROM issued_brief"
    with pytest.raises(sa.exc.DatabaseError, match="only ever added to"), desk.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert len(issuing.list_issued(desk)) == 1
    desk.close()


@pytest.mark.parametrize("table", ["issued_brief", "issued_file", "brief_step", "act"])
def test_a_crash_while_issuing_leaves_the_brief_reviewed_and_nothing_half_written(desk, table):
    reviewed(desk)
    before = _rows(desk)

    def crash(_connection, _cursor, statement, *_rest):
        if statement.startswith(f"INSERT INTO {table}"):
            raise KeyboardInterrupt("power cut")

    sa.event.listen(desk.engine, "before_cursor_execute", crash)
    with pytest.raises(KeyboardInterrupt):
        issue(desk)
    sa.event.remove(desk.engine, "before_cursor_execute", crash)
    assert _rows(desk) == before
    assert issuing.state_of(desk, KEY) == "reviewed"
    assert issue(desk).number == 1


def test_a_crash_while_reviewing_keeps_the_draft(desk):
    issuing.save_draft(desk, KEY, COMPOSED, OFFICE, AT, edited=EDITED)
    before = _rows(desk)

    def crash(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO act"):
            raise KeyboardInterrupt("power cut")

    sa.event.listen(desk.engine, "before_cursor_execute", crash)
    with pytest.raises(KeyboardInterrupt):
        issuing.review(desk, KEY, OFFICE, AT)
    sa.event.remove(desk.engine, "before_cursor_execute", crash)
    assert _rows(desk) == before
    assert issuing.last_step(desk, KEY).document == EDITED


def _rows(desk: Desk) -> dict[str, int]:
    return {name: len(desk.read(sa.select(table))) for name, table in tables.desk.tables.items()}


def test_a_reopened_desk_remembers_the_issue(tmp_path):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    number = issued(open_desk(url)).issued_id
    assert issuing.read_file(open_desk(url), number, "pdf").content == FILES["pdf"]


# --- withdrawn and corrected -----------------------------------------------------------------------------------------------------


def test_a_withdrawn_brief_stays_and_its_correction_names_it(desk):
    first = issued(desk)
    issuing.withdraw(desk, KEY, "a street was left out", OFFICE, AT)
    assert issuing.state_of(desk, KEY) == "withdrawn"
    assert issuing.read_file(desk, first.issued_id, "pdf").content == FILES["pdf"]
    with pytest.raises(Refused, match="not_issued"):
        issuing.withdraw(desk, KEY, "again", OFFICE, AT)
    second = issued(desk)
    assert (second.number, second.replaces, second.is_withdrawn) == (2, first.issued_id, False)
    assert [one.is_withdrawn for one in issuing.list_issued(desk)] == [False, True]


def test_a_withdrawal_needs_a_reason(desk):
    issued(desk)
    with pytest.raises(Refused, match="text_empty"):
        issuing.withdraw(desk, KEY, "  ", OFFICE, AT)
    assert issuing.state_of(desk, KEY) == "issued"


def test_the_last_issued_brief_is_the_latest_before_of_the_same_kind_area_and_matters(desk):
    decoys = (
        BriefKey("weekly", DAY - timedelta(days=1)), BriefKey("daily", DAY - timedelta(days=1), "A1"),
        BriefKey("daily", DAY - timedelta(days=1), None, "petition"), BriefKey("daily", DAY), BriefKey("daily", DAY + timedelta(days=1)),
    )  # fmt: skip
    wanted = BriefKey("daily", DAY - timedelta(days=3))
    withdrawn = BriefKey("daily", DAY - timedelta(days=2))
    for key in (wanted, withdrawn, BriefKey("daily", DAY - timedelta(days=4)), *decoys):
        issued(desk, key)
    issuing.withdraw(desk, withdrawn, "wrong", OFFICE, AT)
    assert issuing.last_issued(desk, KEY).key == wanted
    assert issuing.last_issued(desk, BriefKey("monthly", DAY)) is None
    assert {one.key for one in issuing.list_issued(desk, areas=["A1"])} == {decoys[1]}


# --- people's words ----------------------------------------------------------------------------------------------------------------


def test_words_are_kept_with_post_and_time_and_so_is_what_stood_there_before(desk):
    issuing.save_words(desk, KEY, "causes", "  rain\nand roadworks ", OFFICE, AT)
    issuing.save_words(desk, KEY, "causes", "rain only", OFFICE, AT + timedelta(hours=1))
    issuing.save_words(desk, BriefKey("weekly", DAY), "causes", "another brief", OFFICE, AT)
    words = issuing.read_words(desk, KEY)["causes"]
    assert (words.text, words.post, words.recorded_at) == ("rain only", "duty desk", AT + timedelta(hours=1))
    assert [one.text for one in issuing.words_history(desk, KEY, "causes")] == ["rain\nand roadworks", "rain only"]


def test_words_taken_back_are_empty_again_and_stay_on_record(desk):
    issuing.save_words(desk, KEY, "causes", "rain", OFFICE, AT)
    issuing.save_words(desk, KEY, "causes", " ", OFFICE, AT)
    assert issuing.read_words(desk, KEY) == {}
    assert [one.text for one in issuing.words_history(desk, KEY, "causes")] == ["rain", ""]


@pytest.mark.parametrize(("text", "key"), [(MOBILE, "personal_text"), ("x" * 4001, "text_too_long")])
def test_words_that_must_not_be_kept_are_refused(desk, text, key):
    with pytest.raises(Refused, match=key):
        issuing.save_words(desk, KEY, "causes", text, OFFICE, AT)
    assert issuing.read_words(desk, KEY) == {}
    assert desk.acts().empty


# --- directives ----------------------------------------------------------------------------------------------------------------------

ITEM = Item("place_above|A1|", "Hill Street: many new", "A1", "c1", Selection("new", DAY, DAY, DAY, area_code="A1"))


def give(desk: Desk, item: Item = ITEM, key: BriefKey = KEY, at: datetime = AT, **more: object) -> int:
    options = {"as_of": DAY, "post_level": "district", "org_id": "u1", "due_on": date(2026, 11, 25)} | more
    return issuing.give_directive(desk, key, item, "look into it on site", LEADER, at, **options)


def test_a_directive_stays_open_until_an_outcome_is_recorded(desk):
    number = give(desk)
    (found,) = issuing.open_directives(desk, date(2026, 11, 27))
    assert (found.directive_id, found.text, found.post, found.post_level) == (
        number,
        "look into it on site",
        "secretary's post",
        "district",
    )
    assert found.selection == ITEM.selection
    assert found.age_days(date(2026, 11, 27)) == 6
    assert found.days_left(date(2026, 11, 27)) == -2
    issuing.close_directive(desk, number, "two visits, settled", date(2026, 11, 24), OFFICE, datetime(2026, 11, 26, 9))
    assert issuing.open_directives(desk, date(2026, 11, 24)) == ()
    (then_open,) = issuing.open_directives(desk, date(2026, 11, 23))
    assert then_open.closed_on == date(2026, 11, 24)
    with pytest.raises(Refused, match="directive_unknown"):
        issuing.close_directive(desk, number, "again", date(2026, 11, 24), OFFICE, datetime(2026, 11, 26, 9))


def test_a_directive_shows_in_no_brief_before_the_one_it_was_given_in(desk):
    give(desk)
    assert issuing.open_directives(desk, DAY - timedelta(days=1)) == ()
    assert len(issuing.open_directives(desk, DAY)) == 1


def test_directives_of_other_places_do_not_show_and_the_most_pressing_come_first(desk):
    late = give(desk, due_on=date(2026, 12, 1))
    undated = give(desk, due_on=None)
    soon = give(desk, due_on=date(2026, 11, 22))
    give(desk, Item("place_above|Z1|", "decoy", "Z1"))
    give(desk, Item("brief", "whole city"))
    shown = [one.directive_id for one in issuing.open_directives(desk, DAY, ["A", "A1"])]
    assert shown == [soon, late, undated]
    assert len(issuing.open_directives(desk, DAY)) == 5


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"due_on": date(2026, 11, 20)}, "due_over"),
        ({"post_level": "galaxy"}, "unknown_choice"),
        ({"item": Item("x", MOBILE)}, "personal_text"),
        ({"item": Item("x", " ")}, "text_empty"),
    ],
)
def test_a_directive_that_makes_no_sense_is_refused(desk, more, key):
    with pytest.raises(Refused, match=key):
        give(desk, **more)
    assert issuing.list_directives(desk, DAY) == ()


def test_an_outcome_lies_between_the_directive_and_today(desk):
    number = give(desk)
    for day in (date(2026, 11, 20), date(2026, 11, 22)):
        with pytest.raises(Refused, match="closed_when"):
            issuing.close_directive(desk, number, "done", day, OFFICE, AT)


# --- who may, who opened, what is audited ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_only_the_roles_named_may_act(desk, role):
    actor = Actor("post", Scope(role=role))
    acts = {
        "draft": lambda: issuing.save_draft(desk, KEY, COMPOSED, actor, AT),
        "words": lambda: issuing.save_words(desk, KEY, "causes", "rain", actor, AT),
        "directive": lambda: issuing.give_directive(desk, KEY, ITEM, "look", actor, AT, as_of=DAY, post_level="city"),
    }
    allowed = {"leader": {"directive"}, "office": {"draft", "words"}, "admin": {"draft", "words"}}.get(role, set())
    for name, act in acts.items():
        if name in allowed:
            act()
        else:
            with pytest.raises(Refused, match="role_may_not"):
                act()


def test_who_sees_a_part_cannot_speak_for_the_whole_city(desk):
    street = Actor("street office", Scope(("A1",), "office"))
    with pytest.raises(Refused, match="whole_city_only"):
        issuing.save_draft(desk, KEY, COMPOSED, street, AT)
    issuing.save_draft(desk, BriefKey("daily", DAY, "A1"), COMPOSED, street, AT)


def test_openings_are_counted_by_day_and_role_and_never_by_whom(desk):
    for actor, at in ((OFFICE, AT), (OFFICE, AT), (LEADER, AT), (OFFICE, AT + timedelta(days=1))):
        assert issuing.note_opening(desk, KEY, actor, at)
    issuing.note_opening(desk, KEY, LEADER, AT, issued_id=3)
    issuing.note_opening(desk, BriefKey("weekly", DAY), LEADER, AT)
    found = issuing.count_openings(desk, KEY)
    assert found.values.tolist() == [
        [AT.date(), 0, "leader", 1], [AT.date(), 0, "office", 2], [AT.date(), 3, "leader", 1],
        [AT.date() + timedelta(days=1), 0, "office", 1],
    ]  # fmt: skip
    assert desk.acts().empty
    assert "post" not in tables.brief_opening.c


def test_every_step_is_written_to_the_list_of_acts(desk):
    fill(desk)
    issuing.withdraw(desk, KEY, "wrong", OFFICE, AT)
    assert desk.acts()["what"].tolist()[::-1] == [
        "words_saved", "brief_drafted", "brief_reviewed", "brief_issued", "directive_given", "directive_closed", "brief_withdrawn",
    ]  # fmt: skip
    assert set(desk.acts()["subject"]) == {KEY.text, "1"}


def test_the_mark_changes_with_every_write_and_not_with_an_opening(desk):
    marks = [issuing.mark(desk)]
    number = 0
    for act in (
        lambda: issuing.save_words(desk, KEY, "causes", "rain", OFFICE, AT),
        lambda: reviewed(desk),
        lambda: issue(desk),
        lambda: give(desk),
        lambda: issuing.close_directive(desk, number or 1, "done", AT.date(), OFFICE, AT),
    ):
        act()
        marks.append(issuing.mark(desk))
    assert len(set(marks)) == len(marks)
    issuing.note_opening(desk, KEY, OFFICE, AT)
    assert issuing.mark(desk) == marks[-1]
