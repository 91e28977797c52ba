"""Rules of scorecards are proposed, approved and never backdated; objections are decided once; nothing is ever changed or deleted."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import sqlalchemy as sa

from data import scoring_desk
from data.desk import Desk, open_desk
from data.errors import Refused
from data.scope import ROLES, Actor, Scope
from data.scoring_desk import MAY, tables
from tests.postgres_server import running_server

OFFICE = Actor("office", Scope())
SECRETARY = Actor("secretary", Scope(("c1",), "community"))
AT = datetime(2026, 11, 5, 9, 0)
DAY = date(2026, 11, 6)
ITEM = {
    "path": ("9999", "s1", "c1"), "scorecard": "party", "unit_id": "party-c1", "period": "2026-10", "indicator": "timeliness",
    "item": "M1", "state": "not_met", "until": date(2026, 11, 15), "reason": "the deadline was entered wrongly",
}  # fmt: skip


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def desk(request, tmp_path) -> Iterator[Desk]:
    if request.param == "sqlite":
        yield open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
        return
    with running_server() as url:
        found = open_desk(url)
        yield found
        found.close()


def propose(desk: Desk, valid_from: date = DAY, actor: Actor = OFFICE, reason: str = "weigh it more") -> int:
    return scoring_desk.propose_rules(desk, "party", {"scorecard": "party"}, valid_from, "mark", reason, actor, AT)


def test_a_version_scores_from_its_first_day_on_once_it_is_approved(desk) -> None:
    first, second = propose(desk), propose(desk, date(2026, 12, 1))
    assert scoring_desk.rules_in_force(desk, "party", DAY) is None
    scoring_desk.approve_rules(desk, first, "agreed", OFFICE, AT)
    scoring_desk.approve_rules(desk, second, "agreed", OFFICE, AT)
    on = {day: scoring_desk.rules_in_force(desk, "party", day) for day in (date(2026, 11, 5), DAY, date(2026, 12, 1))}
    assert [one and one.version_id for one in on.values()] == [None, first, second]
    assert (on[DAY].approved_by, on[DAY].approved_at) == ("office", AT)
    assert scoring_desk.rules_in_force(desk, "volunteer", DAY) is None
    assert [one.version_id for one in scoring_desk.rule_versions(desk, "party")] == [second, first]


def test_the_past_is_not_scored_anew(desk) -> None:
    with pytest.raises(Refused, match="rules_backdated"):
        propose(desk, date(2026, 11, 4))
    number = propose(desk)
    with pytest.raises(Refused, match="rules_backdated"):
        scoring_desk.approve_rules(desk, number, "late", OFFICE, datetime(2026, 11, 7))


def test_a_version_is_approved_once_and_only_if_it_exists(desk) -> None:
    number = propose(desk)
    scoring_desk.approve_rules(desk, number, "agreed", OFFICE, AT)
    for given, key in ((number, "approved_already"), (99, "version_unknown")):
        with pytest.raises(Refused, match=key):
            scoring_desk.approve_rules(desk, given, "again", OFFICE, AT)


@pytest.mark.parametrize("role", ROLES)
def test_only_those_who_may_propose_approve_and_decide(desk, role: str) -> None:
    actor = Actor("someone", Scope(role=role))
    number, objection = propose(desk), scoring_desk.object_to(desk, SECRETARY, AT, **ITEM)
    acts = {
        "propose": lambda: propose(desk, actor=actor),
        "approve": lambda: scoring_desk.approve_rules(desk, number, "agreed", actor, AT),
        "object": lambda: scoring_desk.object_to(desk, actor, AT, **ITEM | {"item": "M2"}),
        "decide": lambda: scoring_desk.decide(desk, objection, "rejected", "checked", actor, AT),
    }
    for what, act in acts.items():
        if role in MAY[what]:
            act()
        else:
            with pytest.raises(Refused, match="role_may_not"):
                act()


def test_an_objection_comes_from_the_units_own_place_in_time_and_once(desk) -> None:
    for changed, key in (
        ({"path": ("9999", "s1", "c2")}, "outside_scope"),
        ({"until": date(2026, 11, 4)}, "objection_late"),
        ({"state": "left_out"}, "item_not_counted"),
        ({"reason": " "}, "text_empty"),
        ({"reason": "张三 13800138000"}, "personal_text"),
    ):
        with pytest.raises(Refused, match=key):
            scoring_desk.object_to(desk, SECRETARY, AT, **ITEM | changed)
    scoring_desk.object_to(desk, SECRETARY, AT, **ITEM)
    with pytest.raises(Refused, match="objected_already"):
        scoring_desk.object_to(desk, SECRETARY, AT, **ITEM)


def test_a_decision_is_final_and_carries_its_reason_and_both_scores(desk) -> None:
    number = scoring_desk.object_to(desk, SECRETARY, AT, **ITEM)
    with pytest.raises(Refused, match="whole_city_only"):
        scoring_desk.decide(
            desk, number, "accepted", "checked", Actor("street", Scope(("s1",), "office")), AT, effect="met"
        )
    with pytest.raises(Refused, match="unknown_choice"):
        scoring_desk.decide(desk, number, "accepted", "checked", OFFICE, AT, effect="doubled")
    scoring_desk.decide(
        desk, number, "accepted", "checked", OFFICE, AT, effect="met", score_before=80.0, score_after=81.5
    )
    (row,) = scoring_desk.objections(desk, "party", "2026-10").to_dict("records")
    assert (row["decision"], row["effect"], row["score_before"], row["score_after"]) == ("accepted", "met", 80.0, 81.5)
    assert (row["decided_by"], row["decision_reason"]) == ("office", "checked")
    with pytest.raises(Refused, match="decided_already"):
        scoring_desk.decide(desk, number, "rejected", "again", OFFICE, AT)
    assert scoring_desk.objections(desk, "party", "2026-09").empty


def test_a_verified_post_does_not_decide_its_own_objection(desk) -> None:
    office = Actor("office", Scope(), verified=True)
    number = scoring_desk.object_to(desk, office, AT, **ITEM)
    with pytest.raises(Refused, match="own_objection"):
        scoring_desk.decide(desk, number, "accepted", "checked", office, AT, effect="met")


TAMPERING = ("UPDATE {table} SET post = 'another'", "DELETE FROM {table}")


@pytest.mark.parametrize("table", tables.ONLY_ADDED_TO)
def test_what_was_recorded_can_be_neither_changed_nor_deleted(desk, table: str) -> None:
    scoring_desk.approve_rules(desk, propose(desk), "agreed", OFFICE, AT)
    number = scoring_desk.object_to(desk, SECRETARY, AT, **ITEM)
    scoring_desk.decide(desk, number, "rejected", "checked", OFFICE, AT)
    before = desk.read(sa.select(tables.desk.tables[table]))
    assert len(before) == 1
    for statement in TAMPERING:
        with pytest.raises(sa.exc.DatabaseError, match="only ever added to"), desk.engine.begin() as connection:
            connection.exec_driver_sql(statement.format(table=table))
    assert desk.read(sa.select(tables.desk.tables[table])).equals(before)


def test_every_write_changes_the_mark(desk) -> None:
    marks = [scoring_desk.mark(desk)]
    number = propose(desk)
    marks.append(scoring_desk.mark(desk))
    scoring_desk.approve_rules(desk, number, "agreed", OFFICE, AT)
    assert len({*marks, scoring_desk.mark(desk)}) == 3
