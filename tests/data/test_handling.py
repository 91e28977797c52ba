"""Signals are issued once and never taken back; people take steps that follow each other; the record is of detectors, never of posts."""

import shutil
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count

import pandas as pd
import pytest
import sqlalchemy as sa

from analytics.signals import episodes as machine
from analytics.signals.settings import SIGNAL_RULES
from analytics.signals.shortlist import shortlist
from data import handling
from data.desk import Desk, open_desk
from data.desk_replay import desk_as_known
from data.errors import Refused
from data.handling import tables
from data.handling.keys import MAY
from data.scope import ROLES, Actor, Scope
from tests.analytics.signals.listing import PARENTS, judged, node
from tests.postgres_server import running_server

OFFICE = Actor("duty desk", Scope())
DAY = date(2026, 11, 2)
AT = datetime(2026, 11, 3, 6, 0)
KEY = "E-20261102-01"
VERIFY = SIGNAL_RULES.verify_days


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
    """An empty desk on PostgreSQL, to be copied: the URL of each copy."""
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


def at(day: date, hour: int = 6) -> datetime:
    return datetime(day.year, day.month, day.day, hour) + timedelta(days=1)


def night(desk: Desk, day: date, *rows: dict, seen: int | None = None) -> dict[str, str]:
    """A night as the pipeline runs it: the ledger's episodes, the short list, the events, the ledger."""
    standing = machine.heed_steps(handling.open_episodes(desk))
    given = pd.DataFrame(list(rows) or [node("c1", 1.0)])
    listed = shortlist(given if rows else given.iloc[:0], judged(), PARENTS, day, episodes=standing)
    _, events = machine.advance(standing, listed, day)
    return handling.issue(desk, events, version="v1", known_at=at(day, 5), actor=OFFICE, at=at(day), seen=seen)


def step(
    desk: Desk, name: str, on: datetime = AT + timedelta(hours=3), actor: Actor = OFFICE, key: str = KEY, **more: object
) -> int:
    return handling.take_step(desk, key, name, more.pop("reason", "looked into"), actor, on, **more)


def walk(desk: Desk, *names: str, **last: object) -> None:
    """Steps an hour apart, the last with more."""
    for number, name in enumerate(names):
        more = last if number == len(names) - 1 else {}
        step(desk, name, AT + timedelta(hours=3 + number), **more)


# --- the ledger ----------------------------------------------------------------------------------------------------------------


def test_an_episode_is_numbered_by_the_day_it_opened_and_its_events_by_one(desk):
    assert night(desk, DAY, node("c1", 1e-8), node("c3", 1e-6)) == {"new-1": KEY, "new-2": "E-20261102-02"}
    night(desk, DAY + timedelta(days=1), node("c1", 1e-8))
    assert night(desk, DAY + timedelta(days=2), node("c1", 1e-8), node("c2", 1e-8)) == {"new-1": "E-20261104-01"}
    assert [(event.event_no, event.event) for event in handling.episode_history(desk, KEY)] == [
        (1, "opened"),
        (2, "muted"),
    ]


def test_an_event_keeps_what_it_rests_on(desk):
    night(desk, DAY, node("c1", 1e-8))
    (event,) = handling.episode_history(desk, KEY)
    assert (event.level, event.area_code, event.kind, event.category_code) == ("community", "c1", "petition", "07")
    assert (event.method, event.channel, event.version, event.known_at) == ("pooled", "week", "v1", at(DAY, 5))
    assert (event.numbers["observed"], event.numbers["p_node"], event.numbers["last_on"]) == (12, 1e-8, DAY)
    assert event.numbers["level_because"]["points"]["product"] > 0
    assert event.state["path"] == ("c1", "s1", "d", "city")
    assert event.level_code == event.state["level_alarmed"]


def test_what_the_ledger_gives_back_is_what_the_nights_left(desk):
    nights = {number: [node("c1", 1e-5)] if number % 9 < 3 else [node("s2", 1e-6)] for number in range(0, 40, 2)}
    pure = machine.no_episodes()
    for number, rows in nights.items():
        day = DAY + timedelta(days=number)
        listed = shortlist(pd.DataFrame(rows), judged(), PARENTS, day, episodes=pure)
        pure, events = machine.advance(pure, listed, day)
        given = night(desk, day, *rows)
        pure = machine.rename(pure, given)
        kept = machine.heed_steps(handling.open_episodes(desk))
        open_ones = pure[pure["state"] != "closed"]
        assert kept.sort_values("episode").to_dict("records") == open_ones.sort_values("episode").to_dict("records")
        assert len(events) == len([one for one in handling.read_events(desk) if one.as_of == day])


def test_a_night_run_again_writes_nothing_new(desk):
    night(desk, DAY, node("c1", 1e-8))
    assert night(desk, DAY, node("c1", 1e-8)) == {}
    assert len(handling.read_events(desk)) == 1


def test_a_night_that_another_overtook_is_refused_whole(desk):
    seen = handling.ledger_mark(desk)
    night(desk, DAY, node("c1", 1e-8), seen=seen)
    with pytest.raises(Refused, match="ledger_moved_on"):
        night(desk, DAY, node("c3", 1e-8), seen=seen)
    assert len(handling.read_events(desk)) == 1


def test_an_event_of_an_unknown_episode_is_refused_and_nothing_of_its_night_is_kept(desk):
    night(desk, DAY, node("c1", 1e-8))
    standing = machine.heed_steps(handling.open_episodes(desk)).assign(episode="E-19990101-01")
    listed = shortlist(pd.DataFrame([node("c1", 1e-8), node("c3", 1e-8)]), judged(), PARENTS, DAY, episodes=standing)
    _, events = machine.advance(standing, listed, DAY + timedelta(days=1))
    with pytest.raises(Refused, match="episode_unknown"):
        handling.issue(desk, events.iloc[::-1], version="v1", known_at=AT, actor=OFFICE, at=AT)
    assert len(handling.read_events(desk)) == 1


def test_late_matters_rescore_a_signal_and_never_unsend_it(desk):
    night(desk, DAY, node("c1", 1e-8))
    alarms = pd.DataFrame([{"episode": one.episode, **one.state, "event": one.event, "as_of": one.as_of, **one.numbers}
                           for one in handling.episode_history(desk, KEY)])  # fmt: skip
    before = machine.heed_steps(handling.open_episodes(desk))
    events = machine.rescored(alarms, pd.DataFrame([node("c1", 0.2, observed=7)]), DAY + timedelta(days=2))
    handling.issue(desk, events, version="v2", known_at=AT, actor=OFFICE, at=AT + timedelta(days=2))
    opened, again = handling.episode_history(desk, KEY)
    assert (opened.numbers["observed"], again.numbers["observed"], again.event) == (12, 7, "rescored")
    pd.testing.assert_frame_equal(machine.heed_steps(handling.open_episodes(desk)), before)


def test_nights_at_the_same_moment_number_their_episodes_without_gaps(desk):
    codes = [f"{number:02d}" for number in range(8)]
    gate, given, failed = threading.Barrier(len(codes)), [], []

    def run(code: str) -> None:
        own = Desk(sa.create_engine(desk.engine.url, connect_args=_patient(desk)))
        _, events = machine.advance(machine.no_episodes(), listed_for(code), DAY)
        try:
            gate.wait()
            given.extend(handling.issue(own, events, version="v", known_at=AT, actor=OFFICE, at=AT).values())
        except (Refused, sa.exc.SQLAlchemyError) as error:
            failed.append(error)
        finally:
            own.close()

    _together([lambda code=code: run(code) for code in codes])
    assert failed == []
    assert sorted(given) == [f"E-20261102-{number:02d}" for number in range(1, 9)]


def listed_for(code: str) -> pd.DataFrame:
    return shortlist(pd.DataFrame([node("c1", 1e-8, category_code=code)]), judged(), PARENTS, DAY)


def _patient(desk: Desk) -> dict:
    return {"timeout": 30} if desk.engine.dialect.name == "sqlite" else {}


def _together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


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


@pytest.mark.parametrize("table", tables.ONLY_ADDED_TO)
def test_what_was_recorded_can_be_neither_changed_nor_deleted(desk, table):
    night(desk, DAY, node("c1", 1e-8))
    step(desk, "verify")
    review(desk)
    found = tables.desk.tables[table]
    key = ", ".join(column.name for column in found.primary_key)
    before = desk.read(sa.select(found))
    assert len(before) == 1
    for statement in TAMPERING[desk.engine.dialect.name]:
        with pytest.raises(sa.exc.DatabaseError, match="only ever added to"), desk.engine.begin() as connection:
            connection.exec_driver_sql(statement.format(table=table, column=list(found.columns)[1].name, key=key))
        assert desk.read(sa.select(found)).equals(before)


def test_a_crash_while_issuing_keeps_nothing_half_written(desk):
    def crash(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO act"):
            raise KeyboardInterrupt("power cut")

    sa.event.listen(desk.engine, "before_cursor_execute", crash)
    with pytest.raises(KeyboardInterrupt):
        night(desk, DAY, node("c1", 1e-8))
    sa.event.remove(desk.engine, "before_cursor_execute", crash)
    assert handling.read_events(desk) == ()
    assert night(desk, DAY, node("c1", 1e-8)) == {"new-1": KEY}


# --- steps ---------------------------------------------------------------------------------------------------------------------


def test_a_signal_goes_from_verification_over_assessment_and_action_to_its_outcome(desk):
    night(desk, DAY, node("c1", 1e-8))
    walk(desk, "verify", "watch", "assess", "act", "outcome", outcome="hit", happened_on=date(2026, 11, 3))
    assert [one.step for one in handling.steps_of(desk, KEY)] == ["verify", "watch", "assess", "act", "outcome"]
    (row,) = handling.handling(desk, [KEY]).to_dict("records")
    assert (row["handling"], row["outcome"], row["happened_on"]) == ("outcome", "hit", date(2026, 11, 3))
    assert row["verified_at"] == AT + timedelta(hours=3)
    assert not row["needs_verifying"]


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ((), "watch"),
        ((), "dismiss"),
        ((), "outcome"),
        (("verify",), "act"),
        (("verify",), "verify"),
        (("verify", "assess"), "verify"),
    ],
)
def test_a_step_that_may_not_follow_is_refused(desk, before, name):
    night(desk, DAY, node("c1", 1e-8))
    walk(desk, *before)
    more = {"outcome": "false_alarm"} if name in ("dismiss", "outcome") else {}
    with pytest.raises(Refused, match="step_does_not_follow"):
        step(desk, name, AT + timedelta(hours=9), **more)
    assert len(handling.steps_of(desk, KEY)) == len(before)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"reason": " "}, "text_empty"),
        ({"reason": "call 138" + "00138000"}, "personal_text"),
        ({"outcome": "hit"}, "no_outcome_yet"),
        ({"due_on": date(2026, 11, 2)}, "due_over"),
        ({"note_id": 77}, "note_unknown"),
        ({"key": "E-20261102-99"}, "episode_unknown"),
        ({"seen": 5}, "moved_on"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_and_leaves_no_trace(desk, more, key):
    night(desk, DAY, node("c1", 1e-8))
    acts = len(desk.acts())
    with pytest.raises(Refused, match=key):
        step(desk, "verify", **more)
    assert (handling.steps_of(desk, KEY), len(desk.acts())) == ((), acts)


@pytest.mark.parametrize(
    ("name", "more", "key"),
    [
        ("dismiss", {}, "unknown_choice"),
        ("dismiss", {"outcome": "hit"}, "unknown_choice"),
        ("dismiss", {"outcome": "known_event"}, "note_needed"),
        ("dismiss", {"outcome": "false_alarm", "happened_on": DAY}, "only_a_hit"),
        ("watch", {"due_on": date(2026, 11, 1)}, "due_over"),
        ("shrug", {}, "unknown_choice"),
    ],
)
def test_a_dismissal_says_why_and_a_known_event_which(desk, name, more, key):
    night(desk, DAY, node("c1", 1e-8))
    step(desk, "verify")
    with pytest.raises(Refused, match=key):
        step(desk, name, AT + timedelta(hours=5), **more)


def test_who_saw_an_older_step_does_not_act_on_what_is_over(desk):
    night(desk, DAY, node("c1", 1e-8))
    first = step(desk, "verify", seen=0)
    step(desk, "watch", AT + timedelta(hours=4), seen=first)
    with pytest.raises(Refused, match="moved_on"):
        step(desk, "assess", AT + timedelta(hours=5), seen=first)


def test_two_who_verify_at_the_same_moment_verify_once(desk):
    night(desk, DAY, node("c1", 1e-8))
    gate, outcomes = threading.Barrier(2), []

    def run() -> None:
        own = Desk(sa.create_engine(desk.engine.url, connect_args=_patient(desk)))
        gate.wait()
        try:
            outcomes.append(step(own, "verify", seen=0) and "done")
        except Refused as refused:
            outcomes.append(refused.key)
        own.close()

    _together([run, run])
    assert sorted(outcomes) == ["done", "handling.moved_on"]
    assert len(handling.steps_of(desk, KEY)) == 1


@pytest.mark.parametrize("role", ROLES)
def test_only_the_roles_named_may_take_a_step(desk, role):
    actor = Actor("post", Scope(role=role))
    night(desk, DAY, node("c1", 1e-8))
    done = "verify" in {name for name, roles in MAY.items() if role in roles}
    if done:
        step(desk, "verify", actor=actor)
    else:
        with pytest.raises(Refused, match="role_may_not"):
            step(desk, "verify", actor=actor)
    assert done == (role in ("community", "office", "admin"))
    assert handling.may_handle(actor, ("c1",)) == (role != "auditor")


def test_a_place_handles_what_lies_in_its_own_subtree_only(desk):
    night(desk, DAY, node("c1", 1e-8), node("c3", 1e-8))
    street = Actor("street desk", Scope(("s1",), "community"))
    step(desk, "verify", actor=street)
    with pytest.raises(Refused, match="outside_scope"):
        step(desk, "verify", actor=street, key="E-20261102-02")
    with pytest.raises(Refused, match="role_may_not"):
        step(desk, "dismiss", AT + timedelta(hours=4), actor=street, outcome="false_alarm")
    with pytest.raises(Refused, match="role_may_not"):
        handling.issue(desk, pd.DataFrame(), version="v", known_at=AT, actor=street, at=AT)
    with pytest.raises(Refused, match="whole_city_only"):
        handling.issue(desk, pd.DataFrame(), version="v", known_at=AT, actor=Actor("x", Scope(("s1",))), at=AT)


# --- what people decide reaches the next nights ------------------------------------------------------------------------------------


def test_a_dismissed_signal_is_silent_for_four_weeks_from_the_dismissal(desk):
    night(desk, DAY, node("c1", 1e-6))
    walk(desk, "verify", "dismiss", outcome="false_alarm")
    for number in (1, 20, 28):
        night(desk, DAY + timedelta(days=number), node("c1", 1e-6))
    assert [one.event for one in handling.episode_history(desk, KEY)] == ["opened", "muted"]
    night(desk, DAY + timedelta(days=29), node("c1", 1e-6))
    assert handling.episode_history(desk, KEY)[-1].event == "rearmed"
    (row,) = handling.handling(desk, [KEY]).to_dict("records")
    assert (row["handling"], row["needs_verifying"], row["next_steps"]) == ("dismiss", True, ("verify", "outcome"))
    assert handling.open_episodes(desk)["dismissed_on"].tolist() == [
        None
    ]  # the dismissal was of what had been sent before


def test_a_known_event_explains_and_only_an_escalation_alarms_again(desk):
    note = desk.add_note(DAY, DAY, "system moved", OFFICE, AT, kind="data_change")
    night(desk, DAY, node("c1", 1e-6))
    walk(desk, "verify", "dismiss", outcome="known_event", note_id=note)
    for number in (1, 40):
        night(desk, DAY + timedelta(days=number), node("c1", 1e-6))
    assert handling.episode_history(desk, KEY)[-1].event == "muted"
    assert handling.open_episodes(desk)["note_id"].tolist() == [note]
    night(desk, DAY + timedelta(days=41), node("c1", 1e-8))
    assert handling.episode_history(desk, KEY)[-1].event == "escalated"


def test_whole_numbers_and_moments_stay_what_they_are_beside_blanks(desk):
    note = desk.add_note(DAY, DAY, "system moved", OFFICE, AT)
    night(desk, DAY, node("c1", 1e-6), node("c3", 1e-6))
    number = step(desk, "verify", note_id=note)
    first, second = handling.handling(desk, [KEY, "E-20261102-02"]).to_dict("records")
    assert (first["note_id"], second["note_id"], type(first["note_id"])) == (note, None, int)
    assert (first["step_id"], second["step_id"]) == (number, 0)
    assert (first["verified_at"], second["verified_at"]) == (AT + timedelta(hours=3), None)


def test_a_withdrawn_note_explains_nothing(desk):
    note = desk.add_note(DAY, DAY, "system moved", OFFICE, AT)
    desk.remove_note(note, OFFICE, AT)
    night(desk, DAY, node("c1", 1e-6))
    with pytest.raises(Refused, match="note_unknown"):
        step(desk, "verify", note_id=note)


def test_a_verification_is_overdue_after_the_days_of_its_level_and_not_on_the_last_of_them(desk):
    night(desk, DAY, node("c1", 1e-5, observed=9))  # level III: 2 × 1 × 1 is IV
    (event,) = handling.episode_history(desk, KEY)
    due = AT.date() + timedelta(days=VERIFY(event.level_code))
    assert handling.overdue_verifications(desk, due, VERIFY).empty
    (late,) = handling.overdue_verifications(desk, due + timedelta(days=2), VERIFY).to_dict("records")
    assert (late["episode"], late["due_on"], late["overdue_days"], late["alarmed_on"]) == (KEY, due, 2, DAY)
    assert handling.overdue_verifications(desk, due + timedelta(days=2), VERIFY, areas=["s1"])["episode"].tolist() == [
        KEY
    ]
    assert handling.overdue_verifications(desk, due + timedelta(days=2), VERIFY, areas=["s2"]).empty
    step(desk, "verify", datetime(due.year, due.month, due.day) + timedelta(days=2, hours=9))
    assert handling.overdue_verifications(desk, due + timedelta(days=2), VERIFY).empty
    assert (
        len(handling.overdue_verifications(desk, due + timedelta(days=1), VERIFY)) == 1
    )  # as it stood on that evening


def test_an_escalation_makes_an_unverified_signal_due_sooner_and_never_later(desk):
    night(desk, DAY, node("c1", 1e-4, observed=9))
    night(desk, DAY + timedelta(days=1), node("c1", 1e-20, observed=90))
    (row,) = handling.handling(desk, [KEY], VERIFY).to_dict("records")
    assert [one.level_code for one in handling.episode_history(desk, KEY)] == ["IV", "I"]
    assert row["verify_due_on"] == DAY + timedelta(days=2 + VERIFY("I"))


def test_a_replayed_desk_knows_only_the_signals_and_steps_of_then(desk):
    night(desk, DAY, node("c1", 1e-8))
    step(desk, "verify", AT + timedelta(days=5))
    then = desk_as_known(desk, AT + timedelta(days=1))
    assert len(handling.open_episodes(then)) == 1
    assert handling.steps_of(then, KEY) == ()


# --- after the event -------------------------------------------------------------------------------------------------------------


def review(desk: Desk, **more: object) -> int:
    answers = {name: f"because {name}" for name in ("not_foreseen", "not_warned", "not_prevented")}
    given = {"path": ("c1", "s1"), "kind": "petition", "happened_on": DAY, "verdict": "miss"} | answers | more
    return handling.save_review(desk, OFFICE, AT, **given)


def test_the_three_questions_are_answered_for_an_event_with_or_without_a_signal(desk):
    night(desk, DAY, node("c1", 1e-8))
    review(desk, episode=KEY, verdict="hit", was_acted_on=True, category_code="07")
    review(desk)
    with_signal, without = handling.reviews(desk)
    assert (with_signal.episode, with_signal.verdict, with_signal.was_acted_on) == (KEY, "hit", True)
    assert (without.episode, without.verdict, without.area_code) == (None, "miss", "c1")
    assert without.not_warned == "because not_warned"
    assert [one.review_id for one in handling.reviews(desk, KEY)] == [with_signal.review_id]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"not_warned": ""}, "text_empty"),
        ({"not_prevented": "call 138" + "00138000"}, "personal_text"),
        ({"verdict": "hit"}, "verdict_does_not_fit"),
        ({"was_acted_on": True}, "verdict_does_not_fit"),
        ({"happened_on": date(2026, 12, 1)}, "still_to_come"),
        ({"episode": "E-20260101-01", "verdict": "hit"}, "episode_unknown"),
    ],
)
def test_a_review_that_makes_no_sense_is_refused(desk, more, key):
    with pytest.raises(Refused, match=key):
        review(desk, **more)
    assert handling.reviews(desk) == ()


# --- the record ------------------------------------------------------------------------------------------------------------------


def test_the_record_counts_outcomes_over_what_was_decided(desk):
    rows = [node("c1", 1e-8, category_code=code) for code in ("a", "b", "c", "d")]
    night(desk, DAY, *rows, node("s2", 1e-8, method="farrington_improved"))
    keys = sorted(one.episode for one in handling.read_events(desk) if one.area_code == "c1")
    for number, (key, outcome) in enumerate(zip(keys, ("hit", "hit", "false_alarm"), strict=False)):
        step(desk, "verify", AT + timedelta(days=1 + number), key=key)
        step(desk, "assess", AT + timedelta(days=4), key=key)
        happened = DAY + timedelta(days=1 + 2 * number) if outcome == "hit" else None
        step(desk, "outcome", AT + timedelta(days=6), key=key, outcome=outcome, happened_on=happened)
    found = handling.record_by_detector(desk, DAY, DAY).set_index(["detector", "by"])
    pooled = found.loc[("pooled", "community")]
    assert pooled[["issued", "verified", "decided", "hits", "false_alarms"]].tolist() == [4, 3, 3, 2, 1]
    assert pooled["hit_rate_pct"] == pytest.approx(200 / 3)
    assert pooled[["leads", "lead_days", "verify_days"]].tolist() == [2, 2.0, 2.0]
    other = found.loc[("farrington_improved", "street")]
    assert other["issued"] == 1
    assert pd.isna(other["hit_rate_pct"])
    assert set(handling.record_by_detector(desk, DAY, DAY, by="level_code")["by"]) <= {"I", "II", "III", "IV"}
    assert handling.record_by_detector(desk, DAY + timedelta(days=1), DAY + timedelta(days=9)).empty


def test_the_record_rolls_and_tells_no_posts_apart(desk):
    night(desk, DAY, node("c1", 1e-8))
    step(desk, "verify")
    rolled = handling.rolling_record(desk, DAY, DAY + timedelta(days=21), days=14)
    assert rolled["window_last"].tolist() == [DAY, DAY + timedelta(days=7)]  # then the window has moved on
    assert not {"post", "role", "areas"} & set(rolled.columns)
    assert handling.rolling_record(desk, DAY - timedelta(days=20), DAY - timedelta(days=10), days=7).empty


def test_past_episodes_are_listed_with_what_was_done(desk):
    night(desk, DAY, node("c1", 1e-6), node("c3", 1e-6, category_code="08"))
    walk(desk, "verify", "dismiss", outcome="false_alarm")
    found = handling.list_episodes(desk, DAY, DAY, category_code="07")
    assert found[["episode", "opened_on", "area_code", "state", "handling", "outcome"]].to_numpy().tolist() == [
        [KEY, DAY, "c1", "opened", "dismiss", "false_alarm"]
    ]
    assert handling.list_episodes(desk, DAY, DAY, kind="dispute").empty
    assert len(handling.list_episodes(desk, DAY, DAY)) == 2


def test_the_mark_changes_with_every_write(desk):
    marks = {handling.mark(desk)}
    for act in (lambda: night(desk, DAY, node("c1", 1e-8)), lambda: step(desk, "verify"), lambda: review(desk)):
        act()
        marks.add(handling.mark(desk))
    assert len(marks) == 4


def test_every_step_is_written_to_the_list_of_acts(desk):
    night(desk, DAY, node("c1", 1e-8))
    step(desk, "verify")
    review(desk)
    assert desk.acts()["what"].tolist() == ["signal_reviewed", "signal_verify", "signals_issued"]
