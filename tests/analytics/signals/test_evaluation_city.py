"""A city under a budget: what is spent, on what, and what counts as found."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.signals import evaluation_budget as budget
from analytics.signals import evaluation_city as city
from analytics.signals.evaluation import Detector, Verdicts
from analytics.signals.evaluation_budget import Nodes, Planted

LEVELS = ("community", "street", "city")
PARENTS = {"community": np.array([0, 0, 1]), "street": np.array([0, 0])}
SIZES = {"community": 3, "street": 2, "city": 1}


@pytest.fixture
def nodes() -> Nodes:
    """Three communities in two streets of one city, two subjects: twelve nodes."""
    return budget.nodes_of_tree(LEVELS, PARENTS, SIZES, 2)


@pytest.fixture
def place(nodes: Nodes) -> Callable[[str, int, int], int]:
    """The position of a node."""

    def find(level: str, number: int, subject: int) -> int:
        own = (nodes.level == LEVELS.index(level)) & (nodes.place == number) & (nodes.subject == subject)
        (found,) = np.flatnonzero(own)
        return int(found)

    return find


def spend(nodes: Nodes, small: dict[int, list[float]], points: int = 1, per_point: int = 6, count: int = 9) -> list:
    """The signals of a city in which only these nodes have a p-value below 1."""
    p = np.ones((len(nodes), points))
    for node, values in small.items():
        p[node] = values
    return budget.spend(p, np.full(p.shape, count), nodes, per_point)


def test_a_node_above_or_below_one_already_taken_is_left_out(nodes: Nodes, place: Callable) -> None:
    community, street, other = place("community", 0, 0), place("street", 0, 0), place("community", 2, 0)
    assert spend(nodes, {community: [1e-5], street: [1e-4], other: [1e-3]}) == [(0, community), (0, other)]


def test_another_subject_on_the_same_path_is_another_signal(nodes: Nodes, place: Callable) -> None:
    one, two = place("community", 0, 0), place("street", 0, 1)
    assert spend(nodes, {one: [1e-5], two: [1e-4]}) == [(0, one), (0, two)]


def test_the_budget_goes_to_the_smallest(nodes: Nodes, place: Callable) -> None:
    one, two = place("community", 0, 0), place("community", 2, 0)
    assert spend(nodes, {one: [1e-3], two: [1e-4]}, per_point=1) == [(0, two)]


def test_fewer_than_three_matters_are_no_signal(nodes: Nodes) -> None:
    assert spend(nodes, {0: [1e-9]}, count=2) == []


def test_a_signal_is_silent_for_four_weeks_unless_it_grows_tenfold(nodes: Nodes) -> None:
    assert [week for week, _ in spend(nodes, {0: [1e-3] * 7}, points=7)] == [0, 5]
    assert [week for week, _ in spend(nodes, {0: [1e-3, 1e-3, 1e-5, 1e-5]}, points=4)] == [0, 2]


def test_what_is_not_judged_is_no_signal(nodes: Nodes) -> None:
    assert spend(nodes, {0: [np.nan]}) == []


SURGE = Planted("community", 0, 0, 0, 2, 4)  # in the first community, first subject, weeks 2 to 4


@pytest.mark.parametrize(
    ("level", "number", "subject", "week", "finds", "is_true"),
    [
        ("community", 0, 0, 3, True, True),
        ("street", 0, 0, 4, True, True),
        ("city", 0, 0, 3, False, True),  # true, but nobody would know where to look
        ("community", 1, 0, 3, False, False),
        ("community", 0, 1, 3, False, False),
        ("community", 0, 0, 5, False, False),
        ("street", 1, 0, 3, False, False),
    ],
)
def test_what_finds_a_surge_in_a_community(
    nodes: Nodes, place: Callable, level: str, number: int, subject: int, week: int, finds: bool, is_true: bool
) -> None:
    counted, found, wait = budget.score_alerts([(week, place(level, number, subject))], nodes, [SURGE], 8)
    assert found == {"community": 100.0 if finds else 0.0}
    assert wait == {"community": week - 2.0 if finds else 3.0}
    assert counted.sum(axis=1).tolist() == [1, 0 if is_true else 1]


def test_a_surge_over_a_street_is_found_in_any_of_its_communities(nodes: Nodes, place: Callable) -> None:
    surge = Planted("street", 1, 0, 0, 0, 1)
    _, found, _ = budget.score_alerts([(0, place("community", 1, 0))], nodes, [surge], 2)
    assert found == {"street": 100.0}


def test_without_any_alarm_nothing_is_found(nodes: Nodes) -> None:
    counted, found, wait = budget.score_alerts([], nodes, [SURGE], 8)
    assert (counted.sum(), found, wait) == (0, {"community": 0.0}, {"community": 3.0})


# --- the city itself ------------------------------------------------------------------------------------------------------------


def small_city() -> dict[str, np.ndarray]:
    leaf = np.random.default_rng(1).poisson(0.3, (3, 2, 364 * 3)).astype(np.int32)
    street = np.stack([leaf[0] + leaf[1], leaf[2]])
    return {"community": leaf, "street": street, "city": street.sum(axis=0, keepdims=True)}


def test_small_surges_lie_in_the_last_year_and_add_up_the_tree() -> None:
    added, truth = city.plant_small(small_city(), PARENTS, LEVELS, seed=1, surges={"community": 5, "street": 3})
    assert len(truth) == 8
    assert {one.group for one in truth} == {"community_small", "street_small"}
    assert len({part.sum() for part in added.values()}) == 1
    assert not added["city"][:, :, : -52 * 7].any()
    np.testing.assert_array_equal(added["street"][0], added["community"][:2].sum(axis=0))
    assert all(0 <= one.first <= one.last < 52 for one in truth)


def test_a_surge_lies_where_and_when_its_truth_says() -> None:
    added, truth = city.plant_small(small_city(), PARENTS, LEVELS, seed=3, surges={"community": 1, "street": 0})
    (surge,) = truth
    weeks = added["community"][surge.place, surge.subject][-52 * 7 :].reshape(52, 7).sum(axis=1)
    assert np.flatnonzero(weeks)[[0, -1]].tolist() == [surge.first, surge.last]


def test_truth_before_the_judged_year_is_left_out() -> None:
    days = np.arange("2023-01-01", "2026-01-01", dtype="datetime64[D]")
    rows = [
        {"kind": "hotline", "category_code": "H1", "level_code": "street", "area_code": "s2", "first_on": first, "last_on": last}
        for first, last in ((date(2024, 3, 1), date(2024, 3, 9)), (date(2025, 12, 20), date(2025, 12, 31)))
    ]  # fmt: skip
    areas = {"community": np.array(["c"]), "street": np.array(["s1", "s2"])}
    (found,) = city.planted_in(pd.DataFrame(rows), days, areas, [("hotline", "H1")], ["community", "street"], 52)
    assert found == Planted("street", 1, 1, 0, 50, 51)


def test_a_detector_that_knows_finds_all_within_the_budget() -> None:
    counts = small_city()
    added, truth = city.plant_small(counts, PARENTS, LEVELS, seed=2, surges={"community": 4, "street": 2})
    trial = city.city_trial({name: counts[name] + added[name] for name in LEVELS}, added, LEVELS)
    surge = (trial.counts - trial.quiet)[:, trial.judged]

    def knows(series: np.ndarray, judged: np.ndarray, _features: object) -> Verdicts:
        p = np.where((series == trial.counts).all() & (surge > 0), 1e-6, 1.0)
        return Verdicts(p, p < 0.5)

    nodes = budget.nodes_of_tree(LEVELS, PARENTS, SIZES, 2)
    found = city.evaluate_city(trial, nodes, truth, [Detector("knows", knows, is_whole=True)])
    assert found.surges == 6
    assert [one.found_pct for one in found.detectors[0].at] == [100.0] * 3
    assert {one.per_point for one in found.spent} == set(city.BUDGETS)
    assert all(one.false_mean == 0 for one in found.spent)
