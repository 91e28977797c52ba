"""The warnings as each reader may see them: within the scope, no small numbers beyond the unit's own screen, no decoy anywhere."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import sqlalchemy as sa

from analytics.signals.settings import SIGNAL_RULES
from analytics.warnings import signal_detail, signal_list
from analytics.warnings.answer import SignalList
from analytics.warnings.detail import _festivals
from analytics.warnings.disclosure import as_it_leaves
from analytics.warnings.stored import Stored
from data import handling, mart_tables, operational
from data.desk import Desk, open_desk
from data.issuing import selection_text
from data.mart import Mart, open_mart
from data.queries import Selection
from data.results import publish_results
from data.scope import ROLES, Actor, Scope
from data.site import read_site
from pages.paper.signals_text import signals_file

DAY = date(2026, 3, 20)
MORNING = datetime(2026, 3, 21, 7)
OFFICE = Actor("duty desk", Scope())
NEAR = ("A1", "A1x", "A1y")
DECOYS = ("B", "B1", "B1x")  # another district; nothing of it may reach a reader of A1
AREAS = [
    ("T", "city", None), ("A", "district", "T"), ("A1", "street", "A"), ("A1x", "community", "A1"), ("A1y", "community", "A1"),
    ("B", "district", "T"), ("B1", "street", "B"), ("B1x", "community", "B1"),
]  # fmt: skip
LEVEL_OF = {code: level for code, level, _ in AREAS}
UP = {code: parent for code, _, parent in AREAS}
# area, subject, observed, tier, is_severe
ITEMS = [
    ("A1", "02", 14, "found", 0), ("A1x", "02", 4, "found", 0), ("B1x", "02", 9, "found", 0), ("A1y", "99", 1, "watch", 1),
    ("A1y", "02", 6, "watch", 0), ("T", "02", 60, "watch", 0), ("B1", "99", 8, "digest", 0), ("A1y", "03", 3, "digest", 0),
]  # fmt: skip


def path_of(code: str) -> tuple[str, ...]:
    return (code, *(path_of(UP[code]) if UP[code] else ()))


def key_of(place: int) -> str:
    return f"E-{DAY:%Y%m%d}-{place + 1:02d}"


def event(place: int, code: str, subject: str, observed: int) -> dict:
    """An episode as the night opened it."""
    return {
        "episode": f"new-{place}", "event": "opened", "as_of": DAY, "level": LEVEL_OF[code], "area_code": code, "kind": "dispute",
        "category_code": subject, "path": path_of(code), "tier": "found", "state": "opened", "opened_on": DAY, "issued_on": DAY,
        "mute_until": DAY + timedelta(weeks=4), "clear_since": None, "p_alarmed": 1e-6, "level_alarmed": "III", "points_alarmed": 4,
        "note_id": None, "is_dismissed": False, "since": DAY, "observed": observed, "expected": 2.0, "p": 1e-6, "method": "pooled",
        "channel": "week", "last_on": DAY, "first_on": DAY - timedelta(days=6),
    }  # fmt: skip


def frames(day: date = DAY, published_at: datetime = MORNING, version: str = "v") -> dict[str, pd.DataFrame]:
    """One run with something for every table, half of it in the decoy district."""
    first = day - timedelta(days=6)
    node = {"level": "street", "area_code": "A1", "kind": "dispute", "category_code": "02"}
    items, count = [], 0
    for rank, (code, subject, observed, tier, is_severe) in enumerate(ITEMS, start=1):
        chosen = Selection("new", day, first, day, kind="dispute", area_code=code, category_code=subject)
        items.append(
            {
                "rank": rank, "episode": key_of(count) if tier != "digest" else None, "tier": tier, "level_code": "III",
                "because": json.dumps({"surprise": 6.0, "scale": observed - 2.0, "persistence": 1, "points": {"product": 4}}),
                **node, "level": LEVEL_OF[code], "area_code": code, "category_code": subject, "channel": "week", "window_days": 7,
                "first_on": first, "last_on": day, "method": "pooled", "observed": observed, "expected": 2.0, "lower": 0, "upper": 3,
                "p": 1e-6, "p_node": 1e-6, "correction": "complete", "confidence": "normal", "reason": None, "sources": 2,
                "persistence_weeks": 1, "highest_since": date(2025, 3, 1), "watched_since": date(2024, 1, 1), "opened_on": day,
                "state": "opened", "origin": "candidate" if tier == "digest" else "issued", "selection": selection_text(chosen),
                "rules": "[]", "context": "[]", "is_severe": is_severe,
            }
        )  # fmt: skip
        count += tier != "digest"
    rules = [
        {
            "rule": rule, **node, "level": LEVEL_OF[code], "area_code": code, "first_on": first, "last_on": day, "days": 7,
            "observed": observed, "measured": observed, "threshold": 1, "is_above_usual": 1, "handling_unit_only": only,
            "selection": selection_text(Selection("new", day, first, day, area_code=code)),
        }
        for rule, code, observed, only in (
            ("collective", "A1", 7, 0), ("collective", "A1x", 2, 0), ("severe", "A1x", 1, 1), ("severe", "B1x", 1, 1), ("collective", "B1", 9, 0),
        )
    ]  # fmt: skip
    clusters = [
        {
            "kind": "dispute", "category_code": "02", "level": "community", "places": json.dumps(list(places)), "window_days": 9,
            "first_on": first, "last_on": day, "observed": 11, "expected": 3.0, "score": 6.0, "p": 0.001,
        }
        for places in (("A1x", "A1y"), ("A1x", "B1x"))
    ]  # fmt: skip
    course = [
        {**node, "level": LEVEL_OF[code], "area_code": code, "unit": unit, "on_day": day - timedelta(days=n), "observed": n, "expected": 2.0,
         "lower": 0, "upper": 5}
        for code in ("A1", "A1x") for unit in ("day", "week") for n in range(8)
    ]  # fmt: skip
    near = [
        {**node, "relation": relation, "near_level": LEVEL_OF[code], "near_area": code, "window_days": 7, "observed": 4, "expected": 2.0,
         "lower": 0, "upper": 5}
        for relation, code in (("parent", "A"), ("parent", "T"), ("neighbour", "B1"))
    ]  # fmt: skip
    places = [
        ("community", "A1x", "alert"),
        ("street", "A1", "alert"),
        ("community", "B1x", "alert"),
        ("community", "A1y", "rising"),
    ]
    run = {
        "as_of": day, "judged_through": day - timedelta(days=2), "ran_at": published_at, "published_at": published_at,
        "matters_version": version, "seconds": 3.0, "settings": json.dumps(asdict(SIGNAL_RULES)), "is_replayed": 0,
        "levels": json.dumps(["community", "street", "district", "city"]), "kinds": json.dumps(["dispute"]), "matters": 100,
        "without_place": 2, "without_subject": 0, "digest": 2,
    }  # fmt: skip
    return {
        "run": pd.DataFrame([run]), "item": pd.DataFrame(items), "rule_match": pd.DataFrame(rules), "cluster": pd.DataFrame(clusters),
        "series": pd.DataFrame(course), "near": pd.DataFrame(near),
        "coverage": pd.DataFrame([{"level": "street", "method": "pooled", "state": "judged", "nodes": 40}]),
        "grey": pd.DataFrame([{"kind": "dispute", "level": "street", "area_code": "B1", "reason": "no_data"}]),
        "place": pd.DataFrame(places, columns=["level", "area_code", "state"]),
    }  # fmt: skip


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory, publish: Callable[..., Mart]) -> tuple[Path, str]:
    home = tmp_path_factory.mktemp("warnings")

    def fill(connection: sa.Connection) -> None:
        areas = [
            dict(zip(("area_code", "level_code", "parent_code"), row, strict=True), name=f"name {row[0]}")
            for row in AREAS
        ]
        connection.execute(sa.insert(operational.area), areas)
        known = [("02", None, 0, 0), ("03", None, 0, 0), ("16", None, 1, 0), ("99", None, 0, 1)]
        names = ("category_code", "parent_code", "is_sensitive", "is_severe")
        rows = [dict(zip(names, row, strict=True), name=f"about {row[0]}", scheme_code="dispute") for row in known]
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.execute(sa.delete(operational.category))
        connection.execute(sa.insert(operational.category), rows)

    mart = publish(home, fill, now=MORNING)
    publish_results(home / "mart", [frames(version=mart.version)])
    desk = open_desk(read_site(home).desk_url)
    issued = [row for row in ITEMS if row[3] != "digest"]
    events = pd.DataFrame([event(place, *row[:3]) for place, row in enumerate(issued)])
    handling.issue(desk, events, version=mart.version, known_at=MORNING, actor=OFFICE, at=MORNING)
    return home, mart.version


@pytest.fixture
def mart(stored: tuple[Path, str]) -> Mart:
    return open_mart(stored[0] / "mart")


@pytest.fixture
def desk(stored: tuple[Path, str]) -> Desk:
    return open_desk(read_site(stored[0]).desk_url)


def places_in(value: object) -> set[str]:
    """Every area code that an answer names anywhere: in nodes, lines, frames and selections."""
    if is_dataclass(value):
        own = {getattr(value, "area_code", None)}
        return own.union(*(places_in(getattr(value, one.name)) for one in fields(value)))
    if isinstance(value, pd.DataFrame):
        return set().union(*(places_in(row) for row in value.to_dict("records")), set())
    if isinstance(value, dict):
        return {value.get("area_code")}.union(*(places_in(one) for one in value.values()))
    if isinstance(value, (tuple, list)):
        return set().union(*(places_in(one) for one in value), set())
    return set()


def keys(found: SignalList) -> list[str]:
    return [item.key for item in found.items]


def test_the_whole_city_sees_every_signal_in_the_order_of_need(mart: Mart, desk: Desk) -> None:
    found = signal_list(mart, desk, Scope(), DAY)
    assert [item.node.area_code for item in found.items] == ["A1", "A1x", "B1x", "A1y", "A1y", "T"]
    assert found.digest == 2
    assert found.items[0].node.path == ("name T", "name A", "name A1")
    assert {"observed": 14, "lower": 0, "upper": 3, "days": 7}.items() <= found.items[0].said[0].values.items()
    assert found.detection.as_of == DAY
    assert not found.detection.is_earlier


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("areas", [("A1",), ("A1x",), ("A1x", "A1y"), ()])
def test_nothing_beyond_the_scope_is_named_anywhere(mart: Mart, desk: Desk, role: str, areas: tuple[str, ...]) -> None:
    scope = Scope(areas, role)
    inside = {code for code in LEVEL_OF if set(path_of(code)) & set(areas)}
    found = signal_list(mart, desk, scope, DAY)
    assert places_in(found) - {None} <= inside
    for place in range(6):
        opened = signal_detail(mart, desk, scope, key_of(place), DAY)
        assert opened is None or opened.item.node.area_code in inside
        if opened is not None:
            assert places_in(opened) - {None} <= inside


def test_an_area_that_was_chosen_narrows_to_what_lies_in_it(mart: Mart, desk: Desk) -> None:
    found = signal_list(mart, desk, Scope(), DAY, area_code="A1")
    assert {item.node.area_code for item in found.items} == set(NEAR)
    assert found.area_name == "name A1"
    assert not places_in(found) & set(DECOYS)
    assert signal_list(mart, desk, Scope(), DAY, kind="hotline").items == ()


def test_the_city_signal_is_not_shown_to_a_street(mart: Mart, desk: Desk) -> None:
    assert "T" not in {item.node.area_code for item in signal_list(mart, desk, Scope(("A1",)), DAY).items}


@pytest.mark.parametrize("role", ROLES)
def test_severe_matters_are_seen_by_the_handling_unit_only(mart: Mart, desk: Desk, role: str) -> None:
    found = signal_list(mart, desk, Scope(("A1",), role), DAY)
    handles = role in ("office", "community")
    assert any(one.handling_unit_only for one in found.rules) == handles
    assert any(item.node.category_code == "99" for item in found.items) == handles
    assert (signal_detail(mart, desk, Scope(("A1",), role), key_of(3), DAY) is not None) == handles


@pytest.mark.parametrize("role", ["leader", "auditor", "admin"])
def test_counts_of_one_to_four_below_the_street_are_not_said_beyond_the_unit(mart: Mart, desk: Desk, role: str) -> None:
    scope = Scope(("A1",), role)
    small = next(item for item in signal_list(mart, desk, scope, DAY).items if item.node.area_code == "A1x")
    assert small.is_suppressed
    assert (small.observed, small.expected, small.upper, small.selection, small.because.scale) == (None,) * 5
    assert [one.key for one in small.said] == ["signals.reason.few"]
    opened = signal_detail(mart, desk, scope, small.key, DAY)
    assert not opened.daily["observed"].between(1, 4).any()
    assert all(line.values["observed"] is None for line in opened.events)
    rule = next(one for one in signal_list(mart, desk, scope, DAY).rules if one.node.area_code == "A1x")
    assert (rule.observed, rule.selection) == (None, None)
    wide = next(item for item in signal_list(mart, desk, scope, DAY).items if item.node.area_code == "A1")
    assert wide.observed == 14


@pytest.mark.parametrize("form", ["md", "json"])
def test_a_list_that_leaves_the_screen_has_no_small_numbers(mart: Mart, desk: Desk, form: str) -> None:
    found = signal_list(mart, desk, Scope(("A1",), "community"), DAY)
    assert any(item.observed == 4 for item in found.items)
    fit = as_it_leaves(found)
    below = [item for item in (*fit.items, *fit.digest_items, *fit.rules) if item.node.level == "community"]
    assert all(item.observed is None or item.observed >= 5 for item in below)
    assert not any(one.handling_unit_only for one in fit.rules)
    assert "99" not in {item.node.category_code for item in fit.items}
    for language in ("zh", "en"):
        said = signals_file(found, form, language).decode()
        assert "name A1x" in said
        assert "about 99" not in said
    assert form == "md" or json.loads(said)["items"][1]["observed"] is None


def test_a_cluster_is_shown_only_to_those_who_see_all_its_places(mart: Mart, desk: Desk) -> None:
    assert len(signal_list(mart, desk, Scope(), DAY).clusters) == 2
    (own,) = signal_list(mart, desk, Scope(("A1",)), DAY).clusters
    assert [node.area_code for node in own.places] == ["A1x", "A1y"]


def test_places_in_alert_are_counted_by_level_and_day_within_the_scope(mart: Mart, desk: Desk) -> None:
    everywhere = signal_list(mart, desk, Scope(), DAY).alert_places.set_index("level")
    assert everywhere.loc["community", ["in_alert", "rising", "judged"]].tolist() == [2, 1, 3]
    street = signal_list(mart, desk, Scope(("A1",)), DAY).alert_places.set_index("level")
    assert street.loc["community", ["in_alert", "rising", "judged"]].tolist() == [1, 1, 2]
    assert "city" not in street.index


def test_no_data_is_grey_and_never_normal(mart: Mart, desk: Desk) -> None:
    found = signal_list(mart, desk, Scope(), DAY)
    state = {line.values["area_code"]: line.values["state"] for line in found.places}
    assert state["B1"] == "alert"  # a signal stands below it
    quiet = signal_list(mart, desk, Scope(), DAY, kind="hotline")
    assert {line.values["state"] for line in quiet.places} <= {"normal", "rising"}
    assert [line.values["area"] for line in found.grey] == ["name B1"]
    assert quiet.grey == ()


def test_a_signal_waits_for_verification_until_its_day_and_then_is_overdue(mart: Mart, desk: Desk) -> None:
    due = MORNING.date() + timedelta(days=SIGNAL_RULES.verify_days("III"))
    item = signal_list(mart, desk, Scope(), DAY).items[0]
    assert (item.next_step, item.due_on, item.overdue_days) == ("verify", due, None)
    late = signal_list(mart, desk, Scope(("A1",)), due + timedelta(days=2))
    assert [item.overdue_days for item in late.overdue] == [2] * 4
    assert {item.node.area_code for item in late.overdue} <= set(NEAR)
    assert [one.key for one in late.headline] == ["signals.headline.verify", "signals.headline.overdue"]
    assert late.detection.is_earlier  # the days since have not been judged


def test_what_people_did_is_told_with_the_signal(stored: tuple[Path, str], mart: Mart, tmp_path: Path) -> None:
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
    issued = [row for row in ITEMS if row[3] != "digest"]
    handling.issue(
        desk,
        pd.DataFrame([event(place, *row[:3]) for place, row in enumerate(issued)]),
        version="v",
        known_at=MORNING,
        actor=OFFICE,
        at=MORNING,
    )
    at = MORNING + timedelta(hours=2)
    handling.take_step(desk, key_of(0), "verify", "seen on site", OFFICE, at, due_on=DAY + timedelta(days=5))
    handling.take_step(desk, key_of(1), "verify", "asked the street", OFFICE, at)
    handling.take_step(desk, key_of(1), "dismiss", "one matter filed twice", OFFICE, at, outcome="false_alarm")
    first, second, *_ = signal_list(mart, desk, Scope(), DAY).items
    assert (first.handling, first.due_on) == ("verify", DAY + timedelta(days=5))
    assert first.next_step in handling.next_steps("verify")
    assert (second.handling, second.next_step, second.outcome) == ("dismiss", None, "false_alarm")
    opened = signal_detail(mart, desk, Scope(), key_of(0), DAY)
    assert [line.values["reason"] for line in opened.steps] == ["seen on site"]
    similar = {line.values["key"]: line.values for line in opened.similar}
    assert key_of(1) in similar  # the same subject in another place
    assert similar[key_of(1)]["outcome"] == "false_alarm"
    assert [step["step"] for step in similar[key_of(1)]["steps"]] == ["verify", "dismiss"]
    own = signal_detail(mart, desk, Scope(("A1",)), key_of(0), DAY)
    assert not {line.values["area_code"] for line in own.similar} & set(DECOYS)
    desk.close()


def test_a_note_of_the_desk_near_in_time_and_place_is_offered_as_an_explanation(mart: Mart, tmp_path: Path) -> None:
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
    number = desk.add_note(DAY, DAY, "parking reordered", OFFICE, MORNING, area="A1")
    desk.add_note(DAY, DAY, "elsewhere", OFFICE, MORNING, area="B1")
    desk.add_note(DAY - timedelta(days=90), DAY - timedelta(days=90), "long ago", OFFICE, MORNING, area="A1")
    opened = signal_detail(mart, desk, Scope(), key_of(0), DAY)
    assert [(line.values["event_id"], line.values["name"]) for line in opened.known_events] == [
        (str(number), "parking reordered")
    ]
    desk.close()


def test_only_who_may_act_in_the_place_may_handle(mart: Mart, desk: Desk) -> None:
    for role in ROLES:
        opened = signal_detail(mart, desk, Scope(("A1",), role), key_of(0), DAY)
        assert opened.may_handle == handling.may_handle(Actor("", Scope(("A1",), role)), path_of("A1"))
    candidate = next(iter(signal_list(mart, desk, Scope(), DAY).digest_items))
    assert candidate.key.startswith("C-")
    assert not signal_detail(mart, desk, Scope(), candidate.key, DAY).may_handle


def test_an_unknown_key_and_a_day_before_the_first_run_have_no_answer(mart: Mart, desk: Desk) -> None:
    assert signal_detail(mart, desk, Scope(), "E-19990101-01", DAY) is None
    before = signal_list(mart, desk, Scope(), DAY - timedelta(days=1))
    assert before.is_empty
    assert before.items == ()
    assert before.first_day == DAY
    assert replace(before, day=DAY).detection is None


def test_results_that_rest_on_later_matters_are_unknown_to_a_replay(
    stored: tuple[Path, str], mart: Mart, desk: Desk
) -> None:
    then = mart.beside(replace(mart.facts, published_at=MORNING - timedelta(hours=1)))
    assert signal_list(then, desk, Scope(), DAY).is_empty


def test_opening_the_list_imports_no_statistics(stored: tuple[Path, str]) -> None:
    import subprocess
    import sys

    code = (
        "import sys; import analytics.warnings; "
        "assert not [name for name in sys.modules if name.startswith(('scipy.stats', 'statsmodels', 'prophet'))]"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_a_festival_near_in_time_is_offered_as_an_explanation_and_its_made_up_workdays_are_not(tmp_path: Path) -> None:
    days = pd.DataFrame(
        {
            "day": [date(2026, 3, 14), date(2026, 3, 15), date(2026, 3, 22)],
            "is_workday": [0, 0, 1],
            "name": ["qingming"] * 3,
        }
    )
    read = SimpleNamespace(mart=SimpleNamespace(read=lambda statement: _evaluated(statement, days)), plain=Stored.plain)
    (found,) = _festivals(read, date(2026, 3, 1), date(2026, 3, 31))
    assert (found["name"], found["first_on"], found["last_on"]) == ("qingming", date(2026, 3, 14), date(2026, 3, 15))


def _evaluated(statement: sa.Select, days: pd.DataFrame) -> pd.DataFrame:
    """The statement on a calendar of these days alone."""
    engine = sa.create_engine("sqlite://", execution_options={"schema_translate_map": {"main": None}})
    with engine.begin() as connection:
        mart_tables.calendar_day.create(connection)
        connection.execute(sa.insert(mart_tables.calendar_day), days.to_dict("records"))
        rows = connection.execute(statement).mappings().all()
    return pd.DataFrame([dict(row) for row in rows])
