"""The risk outlook as a reader sees it: every number leads to the matters it counts, and nothing of another place shows."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from analytics.outlook import risk_outlook
from analytics.outlook.answer import LEVEL_CODES, PARTS, RiskOutlook
from analytics.outlook.disclosure import as_it_leaves
from analytics.outlook.weighing import preview_levels
from analytics.risk.composite import level_of
from analytics.risk.settings import rules_from
from data import queries
from data.mart import Mart, open_mart
from data.scope import Scope

DAY = date(2026, 11, 20)
CITY = Scope()


@pytest.fixture(scope="module")
def found(outlook_mart: Mart) -> RiskOutlook:
    return risk_outlook(outlook_mart, CITY, DAY)


@pytest.fixture(scope="module")
def a_street(outlook_mart: Mart) -> str:
    tree = queries.names_of(outlook_mart).areas
    return str(tree.loc[tree["level_code"] == "street", "area_code"].iloc[3])


def shown(outlook: RiskOutlook) -> set[str]:
    """The codes of every place that any part of the outlook speaks of, but for what usually rises in the whole city."""
    lists = (
        outlook.items,
        outlook.ranked,
        outlook.changes,
        outlook.backlog,
        outlook.deadlines,
        outlook.escalation,
        outlook.pending,
    )
    codes = {item.node.area_code for one in lists for item in one}
    return codes | {node.area_code for node in outlook.areas} | {case.area_code for case in outlook.capacity}


def test_before_the_first_night_the_outlook_is_empty(town_site: object) -> None:
    none = risk_outlook(open_mart(town_site.mart_folder), CITY, DAY)
    assert none.is_empty
    assert none.first_day is None


def test_the_parts_of_every_cell_sum_to_its_points_and_the_points_give_its_level(found: RiskOutlook) -> None:
    assert found.items
    for item in found.items:
        assert [part.name for part in item.parts] == list(PARTS)
        assert sum(part.points for part in item.parts) == pytest.approx(item.points, abs=0.01)
        assert item.level_code == level_of(item.points, found.rules)
    ranks = [item.rank for item in found.items if item.rank]
    assert ranks == sorted(ranks)
    assert all(item.level_code in LEVEL_CODES[:3] for item in found.ranked)


def test_each_area_and_category_is_one_cell_of_the_heat_map(found: RiskOutlook) -> None:
    cells = [(item.node.area_code, item.node.category_code) for item in found.items]
    assert len(cells) == len(set(cells))
    assert {code for _, code in cells} == {code for code, _ in found.categories}
    assert {area for area, _ in cells} == {node.area_code for node in found.areas}


def test_every_number_opens_exactly_the_matters_it_counts(outlook_mart: Mart, found: RiskOutlook) -> None:
    asked = []
    for item in (*found.deadlines[:6], *found.deadlines[-3:]):
        asked += [(item.open, item.selection), (item.soon, item.soon_selection), (item.overdue, item.overdue_selection)]
    asked += [(item.now, item.selection) for item in found.pending[:5]]
    asked += [(item.disputes, item.selection) for item in found.escalation[:5]]
    asked += [(item.open, item.selection) for item in found.backlog[:5]]
    asked += [(one.matters, one.selection) for item in found.ranked[:4] for one in item.actions if one.selection]
    for number, selection in asked:
        assert queries.read_counts(outlook_mart, CITY, (selection,)) == [number]


def test_a_reader_of_one_street_sees_nothing_of_another(outlook_mart: Mart, a_street: str) -> None:
    mine = risk_outlook(outlook_mart, Scope((a_street,), "community"), DAY)
    names = queries.names_of(outlook_mart)
    assert shown(mine)
    assert all(a_street in names.path(code) for code in shown(mine))
    assert all(item.evidence.empty for item in mine.rising)
    assert all(item.whole is None for item in mine.escalation)
    text = repr(mine)
    others = set(names.areas["area_code"]) - {code for code in names.areas["area_code"] if a_street in names.path(code)}
    outside = {code for code in others if len(code) >= 9}
    assert not any(f"'{code}'" in text for code in outside)


def test_a_reader_of_nothing_sees_nothing(outlook_mart: Mart) -> None:
    nobody = risk_outlook(outlook_mart, Scope((), "community"), DAY)
    assert not shown(nobody)
    assert nobody.headline == ()


def test_communities_are_shown_to_those_who_handle_matters_and_never_leave(outlook_mart: Mart, a_street: str) -> None:
    own = risk_outlook(outlook_mart, CITY, DAY, area_code=a_street)
    assert any(item.node.level == "community" and item.open for item in own.deadlines)
    leader = risk_outlook(outlook_mart, Scope(None, "leader"), DAY, area_code=a_street)
    assert {item.node.level for item in leader.deadlines} == {"street"}
    for item in as_it_leaves(own).deadlines:
        if item.node.level == "community":
            assert item.is_suppressed
            assert [item.open, item.due, item.expected, item.overdue, item.selection] == [None] * 5


def test_nothing_sensitive_stands_below_the_street(outlook_mart: Mart, a_street: str) -> None:
    names, subjects = queries.names_of(outlook_mart), queries.subjects_of(outlook_mart)
    own = risk_outlook(outlook_mart, CITY, DAY, area_code=a_street)
    sensitive = subjects.sensitive | set(names.sensitive)
    low = [item for item in (*own.deadlines, *own.pending) if item.node.level == "community"]
    assert not any(item.node.category_code in sensitive for item in low)


def test_a_chosen_kind_is_all_that_is_shown(outlook_mart: Mart) -> None:
    mine = risk_outlook(outlook_mart, CITY, DAY, kind="hotline")
    assert {item.node.kind for item in (*mine.items, *mine.deadlines, *mine.rising)} == {"hotline"}
    assert mine.escalation == ()


def test_what_changed_is_told_by_part_and_adds_up(found: RiskOutlook) -> None:
    assert found.run.compared_with == DAY - timedelta(days=7)
    for change in found.changes:
        assert sum(change.parts.values()) == pytest.approx(change.points, abs=0.01)
        assert change.before_code != change.now_code or abs(change.points) >= found.rules.min_change


def test_a_day_before_the_last_night_shows_the_night_that_stood_then(outlook_mart: Mart) -> None:
    then = risk_outlook(outlook_mart, CITY, DAY - timedelta(days=3))
    assert then.run.as_of == DAY - timedelta(days=7)
    before = risk_outlook(outlook_mart, CITY, DAY - timedelta(days=30))
    assert before.is_empty
    assert before.first_day == DAY - timedelta(days=7)


def test_what_would_bring_a_level_down_is_handling_never_fewer_filings(found: RiskOutlook) -> None:
    names = {one.name for item in found.items for one in item.actions}
    assert names
    assert names <= {"close_due", "close_overdue", "close_pending", "settle_disputes", "add_closings"}
    for item in found.items:
        assert all(one.points is None or 0 <= one.points <= item.points + 0.01 for one in item.actions)


def test_other_weights_are_tried_on_what_is_stored(found: RiskOutlook) -> None:
    seen = preview_levels(found, found.rules, rules_from({"level_1": 1, "level_2": 1, "level_3": 1}))
    assert sum(seen.now.values()) == sum(seen.then.values()) == len(found.items)
    assert seen.then["I"] >= seen.now["I"]


def test_the_ranges_hold_their_middle_and_the_backlog_begins_at_what_is_open(found: RiskOutlook) -> None:
    for item in found.deadlines:
        assert 0 <= item.low <= item.expected <= item.high <= max(item.due, item.expected)
        assert item.soon_expected <= item.expected + 1e-6
    for item in found.backlog:
        assert (item.path["low"] <= item.path["median"]).all()
        assert (item.path["median"] <= item.path["high"]).all()
    whole = found.backlog[0]
    assert whole.path["median"].iloc[0] == pytest.approx(whole.open, rel=0.35)


def test_no_unit_and_no_post_is_named(found: RiskOutlook) -> None:
    for selection in [item.selection for item in (*found.items, *found.escalation) if item.selection]:
        assert selection.org_id is None
    assert "org_id" not in {name for line in found.models for name in line.values}


def test_the_lines_are_the_counts_they_name(outlook_mart: Mart, found: RiskOutlook) -> None:
    for item in found.items[:5]:
        for volume in item.volumes:
            line = next(one for one in volume.lines if one.line == "last_year")
            if line.value is not None:
                assert queries.read_counts(outlook_mart, CITY, (line.selection,)) == [line.value]


def test_an_outlook_keeps_its_shape_when_it_leaves(found: RiskOutlook) -> None:
    left = as_it_leaves(found)
    assert left.items == found.items
    assert isinstance(replace(left, day=DAY), RiskOutlook)
    assert isinstance(left.calibration, pd.DataFrame)
