"""A brief tells the warnings that came in its period or still wait, within its places, as far as people are with them, and as then known."""

from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from analytics.signals.settings import SIGNAL_RULES
from analytics.warnings.in_briefs import brief_warnings
from data import handling
from data.desk import Desk, open_desk
from data.desk_replay import desk_as_known
from data.scope import Actor, Scope
from pages.ui.warning_words import sentence

DAY = date(2026, 3, 20)
NEXT = DAY + timedelta(days=1)
OFFICE = Actor("duty desk", Scope())
PATHS = {"A1": ("A1", "A"), "A1x": ("A1x", "A1", "A"), "B1": ("B1", "B")}
LEVELS = {"A1": "street", "A1x": "community", "B1": "street"}
NAMES = SimpleNamespace(area=lambda code: {"name": f"name of {code}"}, by_code={"category": {"02": "Land"}})


def event(number: int, code: str, observed: int, level_code: str = "III") -> dict:
    """An episode as a night opens it."""
    return {
        "episode": f"new-{number}", "event": "opened", "as_of": DAY, "level": LEVELS[code], "area_code": code, "kind": "dispute",
        "category_code": "02", "path": PATHS[code], "tier": "found", "state": "opened", "opened_on": DAY, "issued_on": DAY,
        "mute_until": DAY + timedelta(weeks=4), "clear_since": None, "p_alarmed": 1e-6, "level_alarmed": level_code,
        "points_alarmed": 4, "note_id": None, "is_dismissed": False, "since": DAY, "observed": observed, "expected": 2.0,
        "lower": 0, "upper": 3, "p": 1e-6, "method": "pooled", "channel": "week", "last_on": DAY,
        "first_on": DAY - timedelta(days=6), "level_code": level_code,
    }  # fmt: skip


def morning(day: date, hour: int = 7) -> datetime:
    return datetime(day.year, day.month, day.day, hour) + timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    opened = open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
    given = pd.DataFrame(
        [event(1, "A1", 14), event(2, "B1", 9, "I"), event(3, "A1x", 4, "IV"), event(4, "A1x", 2, "IV")]
    )
    handling.issue(opened, given, version="v", known_at=morning(DAY), actor=OFFICE, at=morning(DAY))
    yield opened
    opened.close()


def told(
    desk: Desk, first: date = DAY, last: date = DAY, areas: list[str] | None = None, kind: str | None = None
) -> list[dict]:
    return [dict(line.values) for line in brief_warnings(desk, NAMES, first, last, areas, kind)]


def step(desk: Desk, name: str, on: datetime, key: str = "E-20260320-01", **more: object) -> None:
    handling.take_step(desk, key, name, "looked into", OFFICE, on, **more)


def test_the_gravest_come_first_and_nothing_below_the_minimum_count_is_told(desk: Desk) -> None:
    assert SIGNAL_RULES.minimum_count > 2
    assert [(one["level_code"], one["area_code"]) for one in told(desk)] == [("I", "B1"), ("III", "A1"), ("IV", "A1x")]


def test_small_numbers_below_the_street_are_not_said(desk: Desk) -> None:
    (small,) = [line for line in brief_warnings(desk, NAMES, DAY, DAY, None, None) if line.values["area_code"] == "A1x"]
    assert {small.values[name] for name in ("observed", "expected", "lower", "upper")} == {None}
    for language in ("zh", "en"):
        assert not any(f"{digit}件" in sentence(small, language) for digit in (1, 2, 3, 4))
    assert "4 in" not in sentence(small, "en")


def test_only_places_of_the_brief_and_matters_of_its_kind_are_told(desk: Desk) -> None:
    assert [one["area_code"] for one in told(desk, areas=["A1", "A1x"])] == ["A1", "A1x"]
    assert [one["area_code"] for one in told(desk, areas=["A1x"])] == ["A1x"]
    assert told(desk, areas=[]) == []
    assert told(desk, kind="hotline") == []


def test_what_nobody_verified_stays_and_says_how_late_it_is(desk: Desk) -> None:
    late = DAY + timedelta(days=30)
    (first, *_) = told(desk, late, late)
    due = morning(DAY).date() + timedelta(days=SIGNAL_RULES.verify_days("I"))
    assert (first["due_on"], first["overdue_days"], first["is_new"]) == (due, (late - due).days, False)


def test_what_people_settled_is_told_in_its_period_and_no_more(desk: Desk) -> None:
    step(desk, "verify", morning(DAY, 9))
    step(desk, "dismiss", morning(DAY, 10), outcome="false_alarm")
    own = {one["key"]: one for one in told(desk)}["E-20260320-01"]
    assert (own["handling"], own["outcome"], own["is_waiting"]) == ("dismiss", "false_alarm", False)
    assert "E-20260320-01" not in {one["key"] for one in told(desk, NEXT, NEXT)}


def test_a_brief_of_an_earlier_day_knows_nothing_of_it(desk: Desk) -> None:
    assert told(desk, DAY - timedelta(days=1), DAY - timedelta(days=1)) == []


def test_a_replay_tells_what_was_told_then(desk: Desk) -> None:
    before = told(desk)
    step(desk, "verify", morning(DAY, 9))
    assert told(desk) != before
    assert told(desk_as_known(desk, morning(DAY, 8))) == before


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_warning_is_one_sentence_with_its_place_and_numbers(desk: Desk, language: str) -> None:
    lines = brief_warnings(desk, NAMES, DAY, DAY, None, None)
    said = [sentence(line, language) for line in lines]
    assert all(str(line.values["area"]) in one for line, one in zip(lines, said, strict=True))
    assert "14" in said[1]
    assert {"zh": "～3", "en": "–3"}[language] in said[1]
