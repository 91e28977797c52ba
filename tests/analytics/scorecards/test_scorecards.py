"""Scorecards of the small city: recounted by another hand, opened down to their items, narrowed to the reader, objected to."""

import json
import re
import shutil
from dataclasses import fields, replace
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from analytics.scorecards import (
    ITEMS_ASKED,
    ScoreCard,
    card_as_it_leaves,
    counted_items,
    decide_objection,
    items_as_they_leave,
    object_to_item,
    period_from,
    preview_rules,
    propose,
    score_card,
    score_units,
    shipped_rules,
)
from analytics.scorecards.answer import BANDS
from analytics.scorecards.panels import panel_ranges, panel_table
from analytics.scorecards.scoring import score_period
from analytics.scores.rules import rules_from
from data import queries, scoring_desk
from data.desk import Desk, open_desk
from data.errors import Refused
from data.mart import Mart, open_mart
from data.scope import Actor, Scope
from data.site import Site
from pages.paper.scores import card_document, list_document
from pages.paper.scores_making import card_record, list_record
from pages.ui import words
from tests.analytics.scorecards.recount import Recount
from tests.conftest import TOWN_DAY

ALL = Scope()
OFFICE = Actor("office", ALL)
MONTH = period_from("2026-10", TOWN_DAY)


@pytest.fixture(scope="module")
def mart(town_site: Site) -> Mart:
    return open_mart(town_site.mart_folder)


@pytest.fixture(scope="module")
def empty_desk(tmp_path_factory):
    path = tmp_path_factory.mktemp("desk") / "desk.db"
    desk = open_desk(f"sqlite:///{path}")
    with desk.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    desk.close()
    return path


@pytest.fixture
def desk(empty_desk, tmp_path) -> Desk:
    return open_desk(f"sqlite:///{shutil.copy(empty_desk, tmp_path / 'desk.db')}")


@pytest.fixture(scope="module")
def results(mart: Mart, empty_desk):
    desk = open_desk(f"sqlite:///{empty_desk}")
    found = {
        kind: score_period(mart, desk, kind, MONTH, TOWN_DAY, draws=300) for kind in ("party", "volunteer", "alliance")
    }
    desk.close()
    return found


@pytest.fixture(scope="module")
def listed(mart: Mart, empty_desk, results):
    """All Party organisations as a reader of the whole city sees them."""
    desk = open_desk(f"sqlite:///{empty_desk}")
    yield score_units(mart, desk, ALL, MONTH, TOWN_DAY, result=results["party"])
    desk.close()


@pytest.fixture(scope="module")
def recount(town_site: Site) -> Recount:
    return Recount(town_site.database_url, MONTH.first, MONTH.last)


# --- recount -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["party", "volunteer"])
def test_ten_random_cards_are_recounted_from_the_operational_tables_to_the_hundredth(
    kind: str, results, recount: Recount
) -> None:
    wanted = recount.party() if kind == "party" else recount.teams()
    found = results[kind].scored
    scores = found.units.set_index("unit_id")
    assert set(scores.index) == set(wanted)
    random = np.random.default_rng(10)
    with_score = sorted(unit for unit, card in wanted.items() if card["score"] is not None)
    others = sorted(set(wanted) - set(with_score))
    assert len(with_score) >= 8
    chosen = [
        *random.choice(with_score, min(10, len(with_score)), replace=False),
        *random.choice(others, 5, replace=False),
    ]
    for unit in chosen:
        card, row = wanted[unit], scores.loc[unit]
        own = found.indicators[found.indicators["unit_id"] == unit].set_index("indicator")
        points = own[own["state"] == "scored"]["points"].to_dict()
        assert points == pytest.approx(card["points"], abs=0.005), unit
        assert row["coverage_pct"] == pytest.approx(card["coverage"]), unit
        if card["score"] is None:
            assert np.isnan(row["score"])
        else:
            assert row["score"] == pytest.approx(card["score"], abs=0.005), unit


def test_every_numerator_and_denominator_is_recounted(results, recount: Recount) -> None:
    for kind, wanted in (("party", recount.party()), ("volunteer", recount.teams())):
        rows = results[kind].scored.indicators.set_index(["unit_id", "indicator"])
        names = [
            name
            for name, rule in results[kind].rules.indicators
            if rule.weight > 0 and name not in ("public_rating", "coverage")
        ]
        for unit, card in wanted.items():
            for name in names:
                row = rows.loc[(unit, name)]
                assert (np.nan_to_num(row["met"]), np.nan_to_num(row["whole"])) == tuple(card["counts"][name]), (
                    unit,
                    name,
                )


# --- lineage -------------------------------------------------------------------------------------------------------------------


def richest(results, kind: str) -> str:
    """The unit with the most behind it, of those with most indicators."""
    rows = results[kind].scored.indicators
    return (
        rows[rows["state"] == "scored"]
        .groupby("unit_id")["whole"]
        .agg(["size", "sum"])
        .sort_values(["size", "sum"])
        .index[-1]
    )


@pytest.mark.parametrize("kind", ["party", "volunteer", "alliance"])
def test_the_items_behind_an_indicator_are_its_numerator_and_denominator(
    mart: Mart, desk: Desk, results, kind: str
) -> None:
    unit = richest(results, kind)
    card = score_card(mart, desk, ALL, MONTH, TOWN_DAY, unit, kind=kind, trend=0, result=results[kind])
    assert sum(one.contribution or 0 for one in card.indicators) == pytest.approx(
        card.line.score or sum(one.contribution or 0 for one in card.indicators)
    )
    opened = 0
    for one in card.indicators:
        found = counted_items(mart, desk, ALL, MONTH, TOWN_DAY, unit, one.name, kind=kind, result=results[kind])
        state = found.items["state"]
        if (state == "recorded").any():
            recorded = found.items[["numerator", "denominator"]].astype("float64").sum()
            assert recorded["denominator"] == pytest.approx(one.denominator)
            assert one.name == "public_rating" or recorded["numerator"] == pytest.approx(one.numerator)
        elif one.denominator is not None:
            assert state.isin(("met", "not_met")).sum() + found.not_listed >= one.denominator
            assert (state == "met").sum() <= one.numerator + 1e-9
            if found.not_listed == 0:
                assert (state == "met").sum() == one.numerator
                assert (state == "left_out").sum() == sum(part.items for part in one.left_out)
        opened += len(found.items)
    assert opened > 0 or kind == "alliance"


def test_the_links_of_a_card_open_as_many_matters_as_it_counts(mart: Mart, desk: Desk, results) -> None:
    card = score_card(mart, desk, ALL, MONTH, TOWN_DAY, richest(results, "party"), trend=0, result=results["party"])
    checked = 0
    for one in card.indicators:
        if one.selection is not None and one.denominator is not None:
            chosen = (one.selection, one.selection_met, *(part.selection for part in one.left_out))
            wanted = [one.denominator, one.numerator, *(part.items for part in one.left_out)]
            assert list(queries.read_counts(mart, ALL, chosen)) == wanted, one.name
            checked += len(chosen)
    assert checked >= 8


def test_timeliness_is_the_rate_that_the_other_pages_show(mart: Mart, results) -> None:
    first, last, _ = results["party"].gathered.windows["timeliness"]
    rows = results["party"].scored.indicators
    own = rows[(rows["indicator"] == "timeliness") & (rows["whole"] > 0)].head(12)
    area = results["party"].gathered.units.set_index("unit_id")["area_code"]
    for row in own.itertuples():
        chosen = [
            queries.Selection(name, TOWN_DAY, first, last).also(answered_by=area[row.unit_id])
            for name in ("on_time", "on_time_met")
        ]
        assert list(queries.read_counts(mart, ALL, tuple(chosen))) == [row.whole, row.met]


def test_a_card_tells_what_would_raise_it_by_handling_only(mart: Mart, desk: Desk, results) -> None:
    card = score_card(mart, desk, ALL, MONTH, TOWN_DAY, richest(results, "party"), trend=0, result=results["party"])
    assert card.gains
    assert all(one.gain > 0 and one.score_after > card.line.score for one in card.gains)
    assert card.missing == ()
    for language in words.languages:
        for one in card.gains:
            said = words.tell(one.said, language)
            assert words.say(f"scores.indicator.{one.indicator}.name", language) in said
            assert words.say(f"scores.action.{one.indicator}", language, count=one.items) in said
    assert card.items_asked == ITEMS_ASKED == 0
    assert all(one.due_on is not None for one in card.due)


def test_a_card_without_a_total_says_what_is_missing_and_what_would_bring_it_about(
    mart: Mart, desk: Desk, results
) -> None:
    result = results["alliance"]
    unit = result.scored.units["unit_id"].iloc[0]
    card = score_card(mart, desk, ALL, MONTH, TOWN_DAY, unit, kind="alliance", trend=0, result=result)
    assert card.line.score is None
    said = {one.key: one.values for one in card.next_said}["scores.next.no_total"]
    assert said["needed"] == card.line.coverage_pct + said["short"] == 60
    missing = {one.indicator: one.said for one in card.missing}
    assert sum(one.weight for one in card.missing) == pytest.approx(100 - card.line.coverage_pct)
    assert missing["leaving_rating"].key == "scores.missing.no_data"
    assert missing["summit"].values["day"] == date(2026, 12, 31)
    assert all(one.score_after is None and one.points_after > 0 for one in card.gains)
    for language in words.languages:
        assert all(words.tell(one, language) for one in (*card.next_said, *missing.values()))


def test_nothing_of_a_term_that_is_over_can_be_made_up(mart: Mart, desk: Desk) -> None:
    past = period_from("2026H1", TOWN_DAY)
    result = score_period(mart, desk, "alliance", past, TOWN_DAY, draws=100)
    unit = result.scored.units["unit_id"].iloc[0]
    card = score_card(mart, desk, ALL, past, TOWN_DAY, unit, kind="alliance", trend=0, result=result)
    assert card.line.score is not None
    assert [one.key for one in card.next_said] == ["scores.next.term_over"]
    assert card.gains == card.missing == ()


def test_the_leaving_rating_of_an_alliance_is_recounted_from_its_raters(mart: Mart, desk: Desk) -> None:
    past = period_from("2026H1", TOWN_DAY)
    result = score_period(mart, desk, "alliance", past, TOWN_DAY, draws=0)
    row = result.scored.indicators.query("indicator == 'leaving_rating' and state == 'scored'").iloc[0]
    found = counted_items(
        mart, desk, ALL, past, TOWN_DAY, row["unit_id"], "leaving_rating", kind="alliance", result=result
    )
    raters = found.items.set_index("item")
    assert raters["denominator"].to_dict() == {
        "committee": 20, "office": 20, "members": 25, "supervision": 10, "public": 25
    }  # fmt: skip
    assert 100 * raters["numerator"].sum() / raters["denominator"].sum() == pytest.approx(row["points"])
    for language in words.languages:
        assert all(words.has(f"scores.rater.{name}", language) for name in raters.index)


def test_the_profile_behind_coverage_is_named_by_its_place(mart: Mart, desk: Desk, results) -> None:
    unit = richest(results, "party")
    found = counted_items(mart, desk, ALL, MONTH, TOWN_DAY, unit, "coverage", result=results["party"])
    assert set(found.items["item"]) <= set(queries.names_of(mart).areas["name"])


def test_a_period_that_runs_is_provisional_and_counts_nothing_to_come(mart: Mart, desk: Desk, results) -> None:
    running = period_from("2026-11", TOWN_DAY)
    card = score_card(mart, desk, ALL, running, TOWN_DAY, richest(results, "party"), trend=0)
    assert card.is_provisional
    assert any(one.key == "scores.notice.provisional" for one in card.notices)
    assert all(one.period.last <= TOWN_DAY for one in card.indicators)


# --- readers -------------------------------------------------------------------------------------------------------------------


def community(results) -> tuple[str, str]:
    """A community's organisation and its place."""
    units = results["party"].gathered.units
    row = units[units["level"] == "community"].iloc[5]
    return row["unit_id"], row["area_code"]


def test_a_secretary_sees_the_own_unit_and_nobody_else(mart: Mart, desk: Desk, results) -> None:
    """The decoys are all other units: no name and no identifier of theirs in page answer, JSON or paper."""
    unit, place = community(results)
    secretary = Scope((place,), "community")
    units = results["party"].gathered.units
    found = score_units(mart, desk, secretary, MONTH, TOWN_DAY, result=results["party"])
    assert [line.unit.unit_id for line in found.lines] == [unit]
    assert set(found.funnel["unit_id"]) <= {unit}
    card = score_card(mart, desk, secretary, MONTH, TOWN_DAY, unit, trend=1, result=results["party"])
    items = {
        "timeliness": counted_items(mart, desk, secretary, MONTH, TOWN_DAY, unit, "timeliness", result=results["party"])
    }
    told = [
        json.dumps(list_record(found), ensure_ascii=False),
        json.dumps(card_record(card, items), ensure_ascii=False),
    ]
    told += [repr(list_document(found, "zh")), repr(card_document(card, items, "en"))]
    told += [
        repr([getattr(found, one.name) for one in fields(found)]),
        repr([getattr(card, one.name) for one in fields(card)]),
    ]
    own_name = units.set_index("unit_id")["name"][unit]
    decoys = [
        row
        for row in units.itertuples()
        if row.unit_id != unit and row.name not in own_name and own_name not in row.name
    ]
    for text in told:
        assert unit in text or own_name in text
        leaked = [row.unit_id for row in decoys if re.search(rf"{row.unit_id}(?!\d)", text) or row.name in text]
        assert leaked == []
    other = decoys[0].unit_id
    for ask in (
        lambda: score_card(mart, desk, secretary, MONTH, TOWN_DAY, other, trend=0, result=results["party"]),
        lambda: counted_items(mart, desk, secretary, MONTH, TOWN_DAY, other, "timeliness", result=results["party"]),
    ):
        with pytest.raises(Refused, match="unit_unknown"):
            ask()


def test_peers_are_shown_without_names_and_only_from_five_on(mart: Mart, desk: Desk, results, listed) -> None:
    found = listed
    districts = next(one for one in found.groups if one.group.startswith("district"))
    assert districts.units < 5
    assert districts.scores is districts.mean is districts.quantiles is None
    line = next(one for one in found.lines if one.unit.level == "district")
    assert line.band is None
    assert line.rank is None
    card = score_card(mart, desk, ALL, MONTH, TOWN_DAY, line.unit.unit_id, trend=0, result=results["party"])
    assert card.peers is None


def test_a_street_sees_its_own_units_with_the_peers_of_the_whole_city(mart: Mart, desk: Desk, results, listed) -> None:
    street = queries.names_of(mart).areas.query("level_code == 'street'")["area_code"].iloc[0]
    found = score_units(mart, desk, Scope((street,), "office"), MONTH, TOWN_DAY, result=results["party"])
    assert 0 < len(found.lines) < len(listed.lines)
    assert all(street in queries.names_of(mart).path(line.unit.area_code) for line in found.lines)
    whole = {line.unit.unit_id: line for line in listed.lines}
    for line in found.lines:
        assert line == whole[line.unit.unit_id]
        assert line.band in (*BANDS, None)


def test_what_moved_is_summed_up_and_stands_with_the_farthest_first(listed) -> None:
    change = [one.change for one in listed.lines if one.change is not None]
    values = listed.moved.values
    assert values["units"] == len(change)
    assert values["up"] == sum(round(one, 12) >= 0.05 for one in change)
    assert values["down"] == sum(round(one, 12) <= -0.05 for one in change)
    below = sum(abs(one) < values["middle"] for one in change)
    assert abs(2 * below - len(change)) <= 1
    known = listed.movement["change"].dropna().abs()
    assert known.is_monotonic_decreasing
    assert known.index.tolist() == list(range(len(known)))


def test_the_figures_beside_the_scores_are_told_by_their_middle_and_range(mart: Mart, results) -> None:
    result = results["volunteer"]
    table = panel_table(mart, result)
    seen = result.scored.units["unit_id"].head(9)
    found = panel_ranges(table, "volunteer", seen).set_index("name")
    for name, row in found.iterrows():
        own = sorted(table[table["unit_id"].isin(seen) & (table["name"] == name)]["value"])
        assert row["units"] == len(own)
        if len(own) % 2:
            assert (row["low"], row["middle"], row["high"]) == (own[0], own[len(own) // 2], own[-1])


def test_small_denominators_of_a_community_do_not_leave_its_screen(mart: Mart, desk: Desk, results) -> None:
    rows = results["party"].scored.indicators
    area = results["party"].gathered.units.set_index("unit_id")
    few = rows[
        rows["indicator"].eq("timeliness")
        & rows["whole"].between(1, 4)
        & rows["unit_id"].map(area["level"]).eq("community")
    ]
    card = score_card(mart, desk, ALL, MONTH, TOWN_DAY, few["unit_id"].iloc[0], trend=0, result=results["party"])
    one = next(part for part in card.indicators if part.name == "timeliness")
    left = next(part for part in card_as_it_leaves(card).indicators if part.name == "timeliness")
    assert one.denominator in (1, 2, 3, 4)
    assert left.is_hidden
    assert left.numerator is left.denominator is left.raw_pct is left.selection is None
    said = {one.indicator: one.said for one in card.missing}["timeliness"]
    outside = {one.indicator: one.said for one in card_as_it_leaves(card).missing}["timeliness"]
    assert said.values["whole"] == one.denominator
    assert "whole" not in outside.values
    assert words.tell(outside, "zh") != words.tell(said, "zh")


def as_of_a_community(card: ScoreCard) -> ScoreCard:
    """The card of a wider place, which has more behind it, as a community's."""
    return replace(card, line=replace(card.line, unit=replace(card.line.unit, level="community")))


def test_neither_sensitive_subjects_nor_what_follows_by_subtraction_leaves_a_community(
    mart: Mart, desk: Desk, results
) -> None:
    unit = richest(results, "party")
    card = as_of_a_community(score_card(mart, desk, ALL, MONTH, TOWN_DAY, unit, trend=0, result=results["party"]))
    one = next(part for part in card.indicators if part.name == "local_resolution")
    most = max(one.basis["subjects"], key=lambda row: row["whole"])
    most["is_sensitive"] = True
    left = next(part for part in card_as_it_leaves(card).indicators if part.name == "local_resolution")
    shown = [row for row in left.basis["subjects"] if row["whole"] is not None]
    assert not [row for row in shown if row["subject"] == most["subject"] or 0 < row["whole"] < 5]
    inside = [row["whole"] for row in one.basis["subjects"] if row["subject"] not in {two["subject"] for two in shown}]
    assert sum(whole > 0 for whole in inside) >= 2
    assert sum(inside) >= 5
    rates = pd.DataFrame(left.basis["subjects"]).astype({"rate": float, "mix": float})
    odds = rates["rate"] / (1 - rates["rate"]) * np.exp(left.basis["effect"])
    assert 100 * (odds / (1 + odds) * rates["mix"]).sum() == pytest.approx(
        left.points
    )  # the points are recounted all the same


def test_left_out_items_of_a_community_leave_only_where_their_count_does(mart: Mart, desk: Desk, results) -> None:
    left = results["party"].left
    rated = results["party"].scored.indicators.query("state == 'scored' and whole >= 10")
    own = left.merge(rated[["unit_id", "indicator"]], on=["unit_id", "indicator"])
    few = own[
        own["items"].between(1, 4) & own["indicator"].isin(("timeliness", "resolution", "local_resolution"))
    ].iloc[0]
    unit, name = few["unit_id"], few["indicator"]
    card = as_of_a_community(score_card(mart, desk, ALL, MONTH, TOWN_DAY, unit, trend=0, result=results["party"]))
    items = {name: counted_items(mart, desk, ALL, MONTH, TOWN_DAY, unit, name, result=results["party"])}
    assert few["reason"] in set(items[name].items["reason"])
    told = items_as_they_leave(card, items)[name].items
    assert not told["reason"].value_counts().between(1, 4).any()
    assert told["state"].isin(("met", "not_met")).sum() == items[name].items["state"].isin(("met", "not_met")).sum()


def test_small_months_of_a_team_do_not_leave_and_do_not_follow_by_subtraction(mart: Mart, desk: Desk, results) -> None:
    result = results["volunteer"]
    rated = result.scored.indicators.query("indicator == 'need_response' and state == 'scored'")["unit_id"]
    months = result.gathered.tables["months"]
    few = months[months["requests_accepted"].between(1, 4) & months["team_id"].isin(rated)]
    unit = few["team_id"].value_counts().index[-1]  # one small month, if any has just one
    card = score_card(mart, desk, ALL, MONTH, TOWN_DAY, unit, kind="volunteer", trend=0, result=result)
    items = {
        "need_response": counted_items(
            mart, desk, ALL, MONTH, TOWN_DAY, unit, "need_response", kind="volunteer", result=result
        )
    }
    before = items["need_response"].items["denominator"]
    after = items_as_they_leave(card, items)["need_response"].items["denominator"]
    hidden = after.isna() & before.notna()
    assert hidden.sum() >= 2
    assert before[hidden].sum() >= 5
    assert not after.dropna().between(1, 4).any()


# --- rules and objections --------------------------------------------------------------------------------------------------------


def test_a_past_period_keeps_the_rules_of_its_time(mart: Mart, desk: Desk, results) -> None:
    tried = rules_from({"indicator": {"timeliness": {"weight": 60}}}, shipped_rules("party"))
    number = propose(desk, tried, date(2026, 11, 1), "weigh timeliness more", OFFICE, datetime(2026, 10, 20))
    unit = richest(results, "party")

    def scored(period: str):
        return score_period(mart, desk, "party", period_from(period, TOWN_DAY), TOWN_DAY, draws=0)

    assert scored("2026-11").facts.origin == "shipped"  # not approved yet
    scoring_desk.approve_rules(desk, number, "agreed", OFFICE, datetime(2026, 10, 21))
    before, after = scored("2026-10"), scored("2026-11")
    assert (before.facts.version, after.facts.version) == ("shipped", f"desk-{number}")
    assert after.facts.approved_by == "office"
    wanted = results["party"].scored.units.set_index("unit_id")["score"][unit]
    assert before.scored.units.set_index("unit_id")["score"][unit] == pytest.approx(wanted)
    with pytest.raises(Refused, match="backdated"):
        propose(desk, tried, date(2026, 10, 1), "change the past", OFFICE, datetime(2026, 10, 20))


def test_an_earlier_period_stands_in_the_trend_as_on_its_own_page(mart: Mart, desk: Desk, results) -> None:
    unit = richest(results, "volunteer")
    card = score_card(mart, desk, ALL, MONTH, TOWN_DAY, unit, kind="volunteer", trend=2, result=results["volunteer"])
    assert card.trend["period"].tolist() == ["2026-08", "2026-09", "2026-10"]
    own = score_period(mart, desk, "volunteer", period_from("2026-09", TOWN_DAY), TOWN_DAY).scored.units
    there, here = own.set_index("unit_id").loc[unit], card.trend.set_index("period").loc["2026-09"]
    assert here[["score", "lower", "upper"]].tolist() == there[["score", "lower", "upper"]].tolist()
    assert (here["band"], here["rule_version"]) == (there["band"], "shipped")
    assert here["lower"] < here["score"] < here["upper"]
    assert card.trend_said.values["score"] == card.line.score


def test_other_rules_are_tried_out_on_all_units_before_anybody_approves_them(mart: Mart, desk: Desk, results) -> None:
    tried = rules_from(
        {"indicator": {"public_rating": {"weight": 0}, "brands": {"weight": 15}}}, shipped_rules("party")
    )
    found = preview_rules(mart, desk, ALL, MONTH, TOWN_DAY, tried)
    assert len(found.units) == len(results["party"].gathered.units)
    both = found.units.dropna(subset=["before", "after"])
    assert (both["change"] == both["after"] - both["before"]).all()
    assert both["change"].abs().is_monotonic_decreasing
    assert found.middle_change == pytest.approx(sorted(both["change"].abs())[len(both) // 2], abs=0.2)
    assert both["change"].abs().max() > 1
    assert (found.before.origin, found.after.origin) == ("shipped", "file")


def test_an_objection_is_made_in_time_decided_with_a_reason_and_shows_before_and_after(
    mart: Mart, desk: Desk, results
) -> None:
    unit = richest(results, "party")
    area = results["party"].gathered.units.set_index("unit_id")["area_code"][unit]
    secretary = Actor("secretary", Scope((area,), "community"))
    items = counted_items(mart, desk, ALL, MONTH, TOWN_DAY, unit, "timeliness", result=results["party"]).items
    missed = items[items["state"] == "not_met"]["item"].iloc[0]
    ask = (mart, desk, secretary)
    where = (MONTH, TOWN_DAY, unit, "timeliness")
    with pytest.raises(Refused, match="objection_late"):
        object_to_item(*ask, datetime(2026, 11, 16), *where, missed, "the deadline was entered wrongly")
    with pytest.raises(Refused, match="item_not_counted"):
        object_to_item(*ask, datetime(2026, 11, 5), *where, "no such matter", "the deadline was entered wrongly")
    number = object_to_item(*ask, datetime(2026, 11, 5), *where, missed, "the deadline was entered wrongly")
    before, after = decide_objection(
        mart,
        desk,
        OFFICE,
        datetime(2026, 11, 6),
        MONTH,
        TOWN_DAY,
        number,
        "accepted",
        "checked the order",
        effect="met",
    )
    assert after > before
    card = score_card(mart, desk, ALL, MONTH, TOWN_DAY, unit, trend=0)
    assert card.line.score == pytest.approx(after)
    (one,) = card.objections
    assert (one.state, one.effect, one.score_before, one.score_after) == ("accepted", "met", before, after)
    shown = counted_items(mart, desk, ALL, MONTH, TOWN_DAY, unit, "timeliness").items.set_index("item")
    assert shown.loc[missed, "objection"] == "accepted"


def test_the_same_question_gives_the_same_answer(mart: Mart, desk: Desk) -> None:
    first, second = (score_units(mart, desk, ALL, MONTH, TOWN_DAY, kind="volunteer") for _ in range(2))
    assert first.lines == second.lines
    pd.testing.assert_frame_equal(first.funnel, second.funnel)
