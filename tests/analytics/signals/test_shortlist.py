"""The short list keeps one node a path, applies the minimum after the error rate, and never goes over the budget."""

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.signals.episodes import advance, no_episodes
from analytics.signals.settings import SIGNAL_RULES, rules_from
from analytics.signals.shortlist import (
    ADDED_COLUMNS,
    anchor_clusters,
    common_area,
    on_one_path,
    one_row_a_node,
    path_of,
    shortlist,
)
from tests.analytics.signals.listing import DAY, LEVEL_OF, PARENTS, judged, node


def listed(*rows: dict, **more: object) -> pd.DataFrame:
    coverage = more.pop("judged", judged())
    return shortlist(pd.DataFrame(list(rows)), coverage, PARENTS, more.pop("day", DAY), **more)


def test_a_list_has_every_column_it_promises():
    found = listed(node("c1", 1e-6))
    assert set(ADDED_COLUMNS) <= set(found.columns)
    assert set(node("c1", 1)) <= set(found.columns)


def test_the_smallest_p_on_a_path_stays_and_the_others_become_its_context():
    found = listed(node("c1", 1e-6), node("s1", 1e-8), node("city", 1e-5), node("s2", 1e-4, category_code="08"))
    assert found[["area_code", "category_code"]].to_numpy().tolist() == [["s1", "07"], ["s2", "08"]]
    assert [one["area_code"] for one in found["context"][0]] == ["c1", "city"]
    assert found["path"][0] == ("s1", "d", "city")


def test_of_equal_p_the_smaller_place_stays():
    assert listed(node("d", 1e-5), node("c1", 1e-5), node("s1", 1e-5))["area_code"].tolist() == ["c1"]


def test_siblings_and_other_subjects_are_not_on_one_path():
    found = listed(
        node("c1", 1e-5), node("c2", 1e-6), node("c1", 1e-5, kind="dispute"), node("c1", 1e-5, category_code="08")
    )
    assert len(found) == 4


def test_what_was_found_above_is_not_lost_when_a_place_below_is_kept():
    coverage = judged(community=10**5, street=10)
    found = listed(node("c1", 1e-5), node("s1", 1e-4), judged=coverage)
    assert (found["area_code"][0], found["is_found"][0], found["tier"][0]) == ("c1", True, "found")
    assert listed(node("c1", 1e-5), judged=coverage)["tier"][0] == "watch"


def test_the_minimum_counts_after_the_error_rate():
    # Of a hundred nodes judged, the two-matter nodes take part in the rate although none of them can be listed.
    small = [node("c1", 1e-4, category_code=f"{code}", observed=2) for code in range(20)]
    coverage = judged(community=100)
    found = listed(*small, node("c2", 0.0008, category_code="99"), judged=coverage)
    assert found["category_code"].tolist() == ["99"]
    assert found["p_adjusted"][0] == pytest.approx(0.0008 * 100 / 21)


def test_two_matters_are_not_enough_and_three_are():
    assert listed(node("c1", 1e-6, observed=2)).empty
    assert len(listed(node("c1", 1e-6, observed=3))) == 1


def test_a_severe_category_needs_no_minimum():
    found = listed(node("c1", 1e-6, observed=1), severe=["07"])
    assert (len(found), found["is_severe"][0]) == (1, True)


def test_matters_linked_to_each_other_are_one():
    apart = pd.DataFrame(
        [{"level": "community", "area_code": "c1", "kind": "petition", "category_code": "07", "unlinked": 1}]
    )
    assert listed(node("c1", 1e-6), unlinked=apart).empty
    assert len(listed(node("c1", 1e-6), unlinked=apart.assign(unlinked=2))) == 1
    assert len(listed(node("c2", 1e-6), unlinked=apart)) == 1  # not known of c2


def test_a_node_shows_its_most_surprising_window_that_holds_enough():
    rows = [node("c1", 1e-4, window=1, observed=2, p_node=1e-5), node("c1", 1e-3, window=7, observed=3, p_node=1e-5)]
    kept = one_row_a_node(pd.DataFrame(rows))
    assert kept[["window_days", "observed"]].to_numpy().tolist() == [[7, 3]]
    assert [one["window_days"] for one in kept["channels"][0]] == [1]


def test_neither_found_nor_below_the_threshold_is_not_listed():
    coverage = judged(community=10**4)
    assert listed(node("c1", 0.0011), judged=coverage).empty
    assert listed(node("c1", 0.001), judged=coverage)["tier"].tolist() == ["watch"]


def many(count: int, p: float, area: str = "c1") -> list[dict]:
    return [node(area, p * (1 + code / 100), category_code=f"{code:02d}") for code in range(count)]


def test_over_the_budget_is_the_digest_counted_and_last():
    found = listed(*many(10, 1e-8))
    assert found["tier"].value_counts().to_dict() == {"found": 6, "digest": 4}
    assert found["tier"].tolist()[-4:] == ["digest"] * 4
    assert found["rank"].tolist() == list(range(1, 11))


def test_the_watch_list_leaves_room_for_what_is_found_later_in_the_week():
    coverage = judged(community=10**6)
    doubtful = listed(*many(10, 1e-4), judged=coverage)
    assert doubtful["tier"].value_counts().to_dict() == {"digest": 6, "watch": 4}
    episodes, _ = advance(no_episodes(), doubtful, DAY)
    later = DAY + timedelta(days=3)
    clear = listed(*many(3, 1e-12, "c3"), judged=coverage, episodes=episodes, day=later)
    assert clear["tier"].value_counts().to_dict() == {"found": 2, "digest": 1}
    next_week = DAY + timedelta(days=7)
    assert (
        listed(*many(3, 1e-12, "c3"), judged=coverage, episodes=episodes, day=next_week)["tier"].tolist()
        == ["found"] * 3
    )


def test_what_goes_on_silently_takes_no_room():
    first = listed(*many(6, 1e-8))
    episodes, _ = advance(no_episodes(), first, DAY)
    again = listed(*many(7, 1e-8), episodes=episodes, day=DAY + timedelta(days=7))
    assert (again["tier"] == "found").all()
    assert again["is_standing"].sum() == 6
    assert set(again.loc[again["is_standing"], "weeks"]) == {2}


def test_rules_that_fired_on_the_node_stand_beside_it():
    fired = {"level": "community", "area_code": "c1", "kind": "petition", "category_code": "07"}
    matches = pd.DataFrame(
        [fired | {"rule": "same_topic"}, fired | {"rule": "m_of_n"}, fired | {"rule": "severe", "area_code": "c2"}]
    )
    assert listed(node("c1", 1e-6), matches=matches)["rules"].tolist() == [("m_of_n", "same_topic")]


def test_a_cluster_is_anchored_where_all_its_places_meet_and_competes_with_the_nodes():
    clusters = pd.DataFrame(
        [
            {
                "kind": "petition",
                "category_code": "07",
                "places": ("c1", "c2"),
                "window_days": 5,
                "observed": 9,
                "expected": 2.0,
                "p": 0.001,
            }
        ]
    )
    anchored = anchor_clusters(clusters, PARENTS, LEVEL_OF, DAY, scanned=40)
    assert anchored[["level", "area_code", "channel"]].to_numpy().tolist() == [["street", "s1", "scan"]]
    assert anchored["is_found"].tolist() == [True]  # .001 × 40 = .04 ≤ .1
    found = listed(node("c1", 1e-9), node("c3", 1e-9), clusters=anchored)
    assert found["area_code"].tolist() == ["c1", "c3"]
    assert listed(node("c1", 0.01), clusters=anchored)["channel"].tolist() == ["scan"]
    assert anchor_clusters(clusters.iloc[:0], PARENTS, LEVEL_OF, DAY, scanned=40).empty


def test_a_cluster_that_meets_only_in_the_whole_city_is_no_candidate():
    parents, level_of = PARENTS | {"d2": "city", "c9": "d2"}, LEVEL_OF | {"d2": "district", "c9": "community"}
    row = {"kind": "petition", "category_code": "07", "window_days": 5, "observed": 9, "expected": 2.0, "p": 0.001}
    clusters = pd.DataFrame([row | {"places": ("c1", "c9")}, row | {"places": ("c1", "c3")}])
    assert anchor_clusters(clusters, parents, level_of, DAY, scanned=40)["area_code"].tolist() == ["d"]


def test_paths_and_common_areas():
    assert path_of("city", PARENTS) == ("city",)
    assert common_area(("c1", "c3"), PARENTS) == "d"
    assert common_area(("c1",), PARENTS) == "c1"
    assert common_area(("c1", "x"), PARENTS) is None


def test_a_night_without_nodes_has_an_empty_list_with_all_columns():
    empty = shortlist(pd.DataFrame([node("c1", 1.0)]).iloc[:0], judged(), PARENTS, DAY)
    assert empty.empty
    assert set(ADDED_COLUMNS) <= set(empty.columns)


NIGHT = st.lists(
    st.tuples(
        st.sampled_from(sorted(LEVEL_OF)), st.sampled_from(["07", "08"]), st.floats(1e-12, 0.05), st.integers(1, 30)
    ),
    max_size=14,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=60, deadline=None)
@given(NIGHT, st.randoms(), st.integers(1, 8))
def test_no_path_holds_two_the_budget_holds_and_the_order_of_the_rows_is_irrelevant(night, random, budget):
    rules = rules_from({"budget_a_week": budget, "found_reserve": min(1, budget)})
    rows = [node(area, p, category_code=code, observed=count) for area, code, p, count in night]
    if not rows:
        return
    found = listed(*rows, rules=rules)
    kept = found.to_dict("records")
    assert not any(on_one_path(one, other) for place, one in enumerate(kept) for other in kept[:place])
    assert (found["tier"] != "digest").sum() <= budget
    assert (found["observed"] >= SIGNAL_RULES.minimum_count).all()
    again = listed(*random.sample(rows, len(rows)), rules=rules)
    pd.testing.assert_frame_equal(
        found[["rank", "area_code", "category_code", "tier"]], again[["rank", "area_code", "category_code", "tier"]]
    )
