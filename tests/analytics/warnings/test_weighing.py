"""Other judgements are tried on what the last detection kept; a budget counts as missed what the office knows to have happened."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from analytics.signals.episodes import advance, no_episodes
from analytics.signals.settings import SIGNAL_RULES, rules_from
from analytics.signals.shortlist import shortlist
from analytics.warnings import weighing
from data import handling
from data.desk import open_desk
from data.scope import Actor, Scope
from tests.analytics.signals.listing import DAY, PARENTS, judged, node

OFFICE = Actor("duty desk", Scope())
AT = datetime(2026, 11, 3, 6)


@pytest.fixture
def kept(monkeypatch):
    """A mart whose last detection kept three nodes."""
    nodes = pd.DataFrame([node("c1", 1e-9), node("c3", 5e-4), node("c2", 5e-3, category_code="08")])
    frames = {
        "run": pd.DataFrame({"run_no": [4], "as_of": [pd.Timestamp(DAY)]}),
        "node": nodes.assign(run_no=4),
        "coverage": judged(community=10**5).assign(run_no=4),
    }

    def read(statement):
        return frames[statement.get_final_froms()[0].name]

    areas = pd.DataFrame(
        {"area_code": list(PARENTS), "parent_code": [PARENTS[code] or float("nan") for code in PARENTS]}
    )
    monkeypatch.setattr(weighing, "results_of", lambda mart: SimpleNamespace(read=read))
    monkeypatch.setattr(weighing.queries, "names_of", lambda mart: SimpleNamespace(areas=areas))
    monkeypatch.setattr(weighing.queries, "subjects_of", lambda mart: SimpleNamespace(severe=frozenset()))


def test_other_judgements_are_counted_beside_those_in_force(kept):
    found = weighing.preview_rules(None, SIGNAL_RULES, rules_from({"watch_p": 0.01}))
    assert found.as_of == DAY
    assert {name: found.now[name] for name in ("found", "watch", "digest")} == {"found": 1, "watch": 1, "digest": 0}
    assert {name: found.then[name] for name in ("found", "watch", "digest")} == {"found": 1, "watch": 2, "digest": 0}
    assert sum(found.then[code] for code in ("I", "II", "III", "IV")) == 3


def test_a_smaller_budget_moves_signals_to_the_digest(kept):
    found = weighing.preview_rules(None, SIGNAL_RULES, rules_from({"budget_a_week": 1, "found_reserve": 0}))
    assert {name: found.then[name] for name in ("found", "watch", "digest")} == {"found": 1, "watch": 0, "digest": 1}


def test_before_the_first_detection_there_is_nothing_to_try(monkeypatch):
    monkeypatch.setattr(weighing, "results_of", lambda mart: None)
    assert weighing.preview_rules(None, SIGNAL_RULES, SIGNAL_RULES) is None


def test_what_the_office_knows_to_have_happened_is_its_hits_and_the_misses_of_its_reviews(tmp_path):
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
    listed = shortlist(pd.DataFrame([node("c1", 1e-8), node("c3", 1e-8)]), judged(), PARENTS, DAY)
    _, events = advance(no_episodes(), listed, DAY)
    handling.issue(desk, events, version="v", known_at=AT, actor=OFFICE, at=AT)
    for key, outcome in (("E-20261102-01", "hit"), ("E-20261102-02", "false_alarm")):
        for hour, step in enumerate(("verify", "assess", "outcome")):
            more = {"outcome": outcome} if step == "outcome" else {}
            handling.take_step(desk, key, step, "seen", OFFICE, AT + timedelta(hours=hour), **more)
    answers = {"not_foreseen": "a", "not_warned": "b", "not_prevented": "c", "kind": "petition", "category_code": "08"}
    handling.save_review(desk, OFFICE, AT, path=("s2", "d", "city"), happened_on=DAY, verdict="miss", **answers)
    found = weighing.known_events(desk, PARENTS, DAY - timedelta(days=7), DAY)
    assert found[["key", "area_code", "category_code", "path"]].to_numpy().tolist() == [
        ["E-20261102-01", "c1", "07", ("c1", "s1", "d", "city")],
        ["review 1", "s2", "08", ("s2", "d", "city")],
    ]
    assert found["first_on"].tolist() == [DAY - timedelta(days=28)] * 2
    assert weighing.known_events(desk, PARENTS, date(2025, 1, 1), date(2025, 2, 1)).empty
    desk.close()
