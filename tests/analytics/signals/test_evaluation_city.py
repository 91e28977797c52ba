"""A city under a budget: what is spent, on what, and what counts as found."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.signals import evaluation_budget as budget
from analytics.signals import evaluation_city as city
from analytics.signals import evaluation_detectors as detectors
from analytics.signals.calendar_effects import day_features
from analytics.signals.cube import Cube
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


def cube_of(counts: dict[str, np.ndarray]) -> Cube:
    """A cube of these counts, every day known and plain."""
    days = np.arange("2023-01-01", "2026-01-01", dtype="datetime64[D]")[-counts["city"].shape[2] :]
    areas = {level: np.array([f"{level}{place}" for place in range(SIZES[level])], dtype=object) for level in LEVELS}
    subjects = (("hotline", "H1"), ("hotline", "H2"))
    plain = day_features(days, np.full(len(days), -1), [None] * len(days), [])
    return Cube(days, LEVELS, areas, PARENTS, subjects, np.array([False, True]), counts, np.ones((2, len(days))), plain)


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
    trial = city.city_trial(cube_of({name: counts[name] + added[name] for name in LEVELS}), added)
    surge = city.week_sums(trial.counts - trial.quiet, trial.judged)

    def knows(series: np.ndarray, judged: np.ndarray) -> Verdicts:
        p = np.where((series == trial.counts).all() & (surge > 0), 1e-6, 1.0)
        return Verdicts(p, p < 0.5)

    nodes = budget.nodes_of_tree(LEVELS, PARENTS, SIZES, 2)
    found = city.evaluate_city(trial, nodes, truth, [Detector("knows", knows, is_whole=True)])
    assert found.surges == 6
    assert [one.found_pct for one in found.detectors[0].at] == [100.0] * 3
    assert {one.per_point for one in found.spent} == set(city.BUDGETS)
    assert all(one.false_mean == 0 for one in found.spent)


def test_the_night_gives_every_node_its_own_p() -> None:
    counts = small_city()
    counts["community"][2, 0, -3:] += 6
    counts["street"][1, 0, -3:] += 6
    counts["city"][0, 0, -3:] += 6
    cube = cube_of(counts)
    trial = city.city_trial(cube, {name: np.zeros_like(part) for name, part in counts.items()}, weeks=2)
    (night, *others) = detectors.city_detectors(cube)
    found = night.judge(trial.counts, trial.judged)
    nodes = budget.nodes_of_tree(LEVELS, PARENTS, SIZES, 2)
    unusual = {
        (LEVELS[nodes.level[row]], int(nodes.place[row]), int(nodes.subject[row]))
        for row in np.flatnonzero(found.p[:, 1] < 1e-6)
    }
    assert unusual == {("community", 2, 0), ("street", 1, 0), ("city", 0, 0)}
    sensitive_leaves = (nodes.level == 0) & (nodes.subject == 1)
    assert np.isnan(found.p[sensitive_leaves]).all()
    assert not np.isnan(found.p[~sensitive_leaves]).any()
    assert [one.name for one in others] == ["farrington_improved", "ears_c1", "ears_c2", "ears_c3"]


def test_nights_are_replayed_through_short_list_and_episodes() -> None:
    counts = small_city()
    for level, place in (("community", 2), ("street", 1), ("city", 0)):
        counts[level][place, 0, -6:-2] += 8
    cube = cube_of(counts)
    nodes = budget.nodes_of_tree(LEVELS, PARENTS, SIZES, 2)
    above = {
        "community0": "street0",
        "community1": "street0",
        "community2": "street1",
        "street0": "city0",
        "street1": "city0",
        "city0": None,
    }
    surge = Planted("community", 0, 2, 0, 51, 51)
    found = city.replay_nights(cube, [surge], nodes, above, nights=7, warm_up=3)
    (sent,) = found.spent
    assert sent.found_pct == {"community": 100.0}
    assert 0 < sent.wait["community"] <= 4
    assert (found.surges, found.unit) == (1, "day")


def test_the_days_of_festivals_are_those_of_the_calendar() -> None:
    cube = cube_of(small_city())
    window = cube.calendar.window.copy()
    window[-100:-90] = 2
    trial = city.festival_trial(replace(cube, calendar=replace(cube.calendar, window=window)), every=2)
    assert trial.judged.tolist() == list(range(len(cube.days) - 100, len(cube.days) - 90, 2))
    assert trial.counts is None
