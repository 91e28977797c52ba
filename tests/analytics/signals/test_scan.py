"""The space–time scan: as brute force on small cases, finds what was planted, and its p tells the truth where nothing was."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.signals.scan import SCAN_SETTINGS, ScanSettings, scan, score_of, spread_of
from analytics.signals.zones import Zones, make_zones

ALL = replace(SCAN_SETTINGS, draws=19, stop_after=0, keep_p=1.0)
LEVELS = ("city", "district", "street", "community")


def town(districts: int = 2, streets: int = 3, communities: int = 4) -> pd.DataFrame:
    """A tree of areas in pre-order, codes by place."""
    codes = ["C"]
    for district in range(districts):
        codes.append(f"C{district}")
        for street in range(streets):
            codes.append(f"C{district}{street}")
            codes += [f"C{district}{street}{community:02}" for community in range(communities)]
    last = [max(place for place, other in enumerate(codes) if other.startswith(code)) for code in codes]
    level = [LEVELS[min(len(code) - 1, 3)] for code in codes]
    return pd.DataFrame({"area_code": codes, "level_code": level, "pos": range(len(codes)), "last_pos": last})


TREE = town()
PLACES = TREE.loc[TREE["level_code"] == "community", "area_code"].tolist()
CENTRES = {
    code: (0.1 * int(code[1]) + 0.02 * int(code[2]) + 0.005 * int(code[3:]), 0.004 * (int(code[3:]) % 2))
    for code in PLACES
}
ZONES = make_zones(TREE, PLACES, CENTRES, nearest=5)


def nothing(subjects: int = 1, days: int = 14, mean: float = 0.2, seed: int = 0, spread: float = 1.0) -> tuple:
    """Counts as expected and their means, [place, subject, day]."""
    rng = np.random.default_rng(seed)
    expected = np.repeat(rng.gamma(2.0, mean / 2, size=(len(PLACES), subjects, 1)), days, axis=2)
    drawn = expected if spread == 1 else rng.gamma(expected / (spread - 1)) * (spread - 1)
    return rng.poisson(drawn), expected


# --- zones -------------------------------------------------------------------------------------------------------------------


def test_every_place_every_area_and_every_ring_is_a_zone_just_once() -> None:
    sets = [tuple(own) for own in ZONES.members]
    assert len(set(sets)) == len(sets)
    for area in TREE.itertuples():
        below = tuple(place for place, code in enumerate(PLACES) if code.startswith(area.area_code))
        assert below in sets
    assert all(len(own) == 1 for own, basis in zip(sets, ZONES.basis, strict=True) if basis == "place")
    assert ZONES.located == len(PLACES)


def test_rings_hold_the_nearest_by_a_slow_loop() -> None:
    sets = {tuple(own) for own in ZONES.members}
    latitude = np.mean([north for _, north in CENTRES.values()])
    for code in PLACES:
        east, north = CENTRES[code]
        away = {
            other: round(((x - east) * np.cos(np.radians(latitude))) ** 2 + (y - north) ** 2, 12)
            for other, (x, y) in CENTRES.items()
        }
        order = sorted(PLACES, key=lambda other: (away[other], other))
        for size in (1, 2, 3, 4, 5):
            if away[order[size - 1]] < away[order[size]]:  # without a tie at the edge
                assert tuple(sorted(PLACES.index(other) for other in order[:size])) in sets


def test_without_a_map_only_the_tree_says_what_lies_together() -> None:
    zones = make_zones(TREE, PLACES)
    assert (zones.located, zones.knows_neighbours) == (0, False)
    assert set(zones.basis) == {"place", "tree"}
    assert len(zones.members) == len(TREE)


def test_streets_with_a_centre_are_joined_to_the_streets_beside_them() -> None:
    streets = {"C00": (0.0, 0.0), "C01": (1.0, 0.0), "C02": (2.0, 0.0)}
    zones = make_zones(TREE, PLACES, streets)
    joined = tuple(place for place, code in enumerate(PLACES) if code.startswith(("C00", "C01")))
    assert joined in {tuple(own) for own, basis in zip(zones.members, zones.basis, strict=True) if basis == "nearest"}
    assert zones.located == 0


def test_a_place_outside_the_tree_stands_alone() -> None:
    zones = make_zones(TREE, [*PLACES, "elsewhere"], CENTRES)
    alone = len(PLACES)
    assert [own.tolist() for own in zones.members if alone in own] == [[alone]]


def test_no_places_make_no_zones_and_no_clusters() -> None:
    zones = make_zones(TREE, [])
    assert zones.members == ()
    assert scan(np.zeros((0, 1, 14)), np.zeros((0, 1, 14)), zones).empty


# --- scores ------------------------------------------------------------------------------------------------------------------


def brute_force(observed: np.ndarray, expected: np.ndarray, zones: Zones, windows: tuple[int, ...]) -> dict:
    """The score of every zone and window of one subject, one by one."""
    found = {}
    for (number, own), days in product(enumerate(zones.members), windows):
        count, mean = observed[own, -days:].sum(), expected[own, -days:].sum()
        found[number, days] = count * np.log(count / mean) - (count - mean) if count > mean else 0.0
    return found


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), days=st.integers(5, 9), mean=st.sampled_from([0.02, 0.3, 4.0]))
def test_the_highest_score_is_that_of_brute_force(seed: int, days: int, mean: float) -> None:
    observed, expected = nothing(days=days, mean=mean, seed=seed)
    windows = (1, 2, 5)
    slow = brute_force(observed[:, 0], expected[:, 0], ZONES, windows)
    found = scan(observed, expected, ZONES, settings=replace(ALL, windows=windows, draws=2))
    if max(slow.values()) == 0:
        assert found.empty
        return
    first = found.iloc[0]
    zone, days = max(slow, key=slow.get)
    assert first["score"] == pytest.approx(slow[zone, days])
    own = [PLACES.index(code) for code in first["places"]]
    assert first["observed"] == observed[own, 0, -first["window_days"] :].sum()
    assert first["expected"] == pytest.approx(expected[own, 0, -first["window_days"] :].sum())
    zone = [tuple(one) for one in ZONES.members].index(tuple(sorted(own)))
    assert slow[zone, first["window_days"]] == pytest.approx(first["score"])


def test_the_scores_of_draws_are_those_of_brute_force() -> None:
    """With counts that cannot vary every draw is the same, and so is its score."""
    from analytics.signals import scan as module

    observed, expected = nothing(mean=3.0)
    windows = np.array([1, 2, 7])
    drawn = np.repeat(observed[None, :, 0], 3, axis=0)

    def same(rng: object, means: np.ndarray, *rest: object) -> np.ndarray:
        return drawn[: rest[-1]][:, np.argsort(np.array(PLACES))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_draw", same)
        spread, asked = np.ones(len(PLACES)), replace(ALL, windows=(1, 2, 7), draws=3)
        batches = module._highest("x", expected[:, 0], spread, 0.0, PLACES, ZONES.matrix(), windows, asked)
        highest = np.concatenate(list(batches))
    slow = max(brute_force(observed[:, 0], expected[:, 0], ZONES, (1, 2, 7)).values())
    assert highest == pytest.approx([slow] * 3, rel=1e-4)


def test_a_count_at_or_below_the_expected_has_no_score() -> None:
    assert score_of(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.5, 2.0])).tolist() == [0.0, 0.0, 0.0]


# --- clusters ------------------------------------------------------------------------------------------------------------------


def test_a_planted_cluster_is_found_exactly() -> None:
    observed, expected = nothing(subjects=3, seed=5)
    ring = next(
        own for own, basis in zip(ZONES.members, ZONES.basis, strict=True) if basis == "nearest" and len(own) == 4
    )
    observed[ring, 1, -6:] += 2
    found = scan(observed, expected, ZONES, subjects=[("dispute", "01"), ("dispute", "02"), ("petition", "P-01")])
    first = found.iloc[0]
    assert first["subject"] == ("dispute", "02")
    assert first["places"] == tuple(sorted(PLACES[place] for place in ring))
    assert (first["window_days"], first["basis"], first["order"]) == (6, "nearest", 1)
    assert first["p"] == pytest.approx(1 / 1000)
    assert set(found["subject"]) == {("dispute", "02")}


def test_a_second_cluster_shares_no_place_with_the_first() -> None:
    observed, expected = nothing(mean=0.05, seed=2)
    first, second = ([PLACES.index(f"C{street}{one:02}") for one in range(4)] for street in ("00", "12"))
    observed[first, 0, -3:] += 3
    observed[second, 0, -2:] += 2
    found = scan(observed, expected, ZONES, settings=replace(SCAN_SETTINGS, draws=199))
    assert found["area_code"].tolist()[:2] == ["C00", "C12"]
    assert found["window_days"].tolist()[:2] == [3, 2]
    told = [code for places in found["places"] for code in places]
    assert len(told) == len(set(told))
    assert found["order"].tolist() == list(range(1, len(found) + 1))
    assert found["score"].is_monotonic_decreasing


@pytest.mark.parametrize("mean", [np.nan, 0.0])
def test_days_of_which_nothing_is_known_count_on_neither_side(mean: float) -> None:
    observed, expected = nothing(seed=8)
    observed[3, 0, -5:] += 4
    gap = expected.copy()
    gap[:, :, -2] = mean
    closed = observed.copy()
    closed[:, :, -2] = 999
    found = scan(closed, gap, ZONES)
    own = observed[3, 0, [-5, -4, -3, -1]].sum()
    assert found["observed"].iloc[0] == own
    assert found["places"].iloc[0] == (PLACES[3],)


def test_only_the_last_days_are_looked_at() -> None:
    observed, expected = nothing(days=40, seed=4)
    observed[2, 0, :20] += 50
    later = scan(observed, expected, ZONES, settings=ALL)
    assert later.equals(scan(observed[:, :, -14:], expected[:, :, -14:], ZONES, settings=ALL))


# --- p -------------------------------------------------------------------------------------------------------------------------


def test_p_is_never_below_one_in_the_draws_and_one() -> None:
    observed, expected = nothing()
    observed[0, 0, -1] = 500
    for draws in (9, 99):
        assert scan(observed, expected, ZONES, settings=replace(ALL, draws=draws))["p"].min() == 1 / (draws + 1)


def test_a_gumbel_tail_reaches_below_what_draws_can_tell() -> None:
    observed, expected = nothing()
    observed[0, 0, -1] = 50
    found = scan(observed, expected, ZONES, settings=replace(SCAN_SETTINGS, draws=199, gumbel=True)).iloc[0]
    assert 0 < found["p"] < 1e-6
    assert found["method"] == "gumbel"


@pytest.mark.parametrize("asked", [replace(ALL, draws=99), ScanSettings(draws=99, stop_after=5, keep_p=1.0),
                                   replace(ALL, draws=99, gumbel=True)])  # fmt: skip
def test_where_nothing_was_planted_p_is_as_small_as_it_says(asked: ScanSettings) -> None:
    """400 subjects without a surge, more varied than Poisson: shares of small p within what 400 allow."""
    observed, expected = nothing(subjects=400, mean=0.3, seed=21, spread=1.8)
    found = scan(observed, expected, ZONES, dispersion=1.8, settings=replace(asked, windows=(1, 3, 7)))
    p = found.loc[found["order"] == 1, "p"]
    assert len(p) == 400
    for at in (0.05, 0.1, 0.25, 0.5):
        assert abs((p <= at + 1e-9).mean() - at) < 3.5 * np.sqrt(at * (1 - at) / 400)


def test_draws_as_even_as_poisson_would_alarm_too_often() -> None:
    """Why the null varies more than Poisson: the same counts judged without their dispersion."""
    observed, expected = nothing(subjects=120, mean=0.3, seed=22, spread=2.5)
    asked = ScanSettings(draws=99, stop_after=5, keep_p=1.0, windows=(1, 3, 7))
    naive = scan(observed, expected, ZONES, settings=asked)
    told = scan(observed, expected, ZONES, dispersion=2.5, settings=asked)
    assert (naive.loc[naive["order"] == 1, "p"] <= 0.05).mean() > 0.5
    assert (told.loc[told["order"] == 1, "p"] <= 0.05).mean() < 0.15


def test_a_day_on_which_all_places_rise_together_is_no_cluster_where_such_days_are_known() -> None:
    rng = np.random.default_rng(3)
    expected = np.full((len(PLACES), 60, 14), 0.5)
    observed = rng.poisson(expected * rng.gamma(2, 1 / 2, size=(1, 60, 14)))
    asked = ScanSettings(draws=99, stop_after=5, keep_p=1.0)
    naive, told = (scan(observed, expected, ZONES, common=common, settings=asked) for common in (0.0, 0.5))
    assert (naive.loc[naive["order"] == 1, "p"] <= 0.05).mean() > 0.3
    assert (told.loc[told["order"] == 1, "p"] <= 0.05).mean() < 0.2


def test_an_early_stop_says_what_all_draws_would() -> None:
    observed, expected = nothing(subjects=40, seed=9)
    full = scan(observed, expected, ZONES, settings=replace(ALL, draws=299))
    soon = scan(observed, expected, ZONES, settings=replace(ALL, draws=299, stop_after=20))
    both = full.merge(soon, on=["subject", "order"])
    both = both[both["order"] == 1]
    assert (both["draws_y"] < 299).any()
    assert (both["p_x"] - both["p_y"]).abs().max() < 0.2


# --- properties ----------------------------------------------------------------------------------------------------------------


def test_neither_the_order_of_places_nor_that_of_subjects_changes_anything() -> None:
    observed, expected = nothing(subjects=4, seed=13, spread=1.5)
    observed[5:8, 2, -4:] += 2
    names = ["a", "b", "c", "d"]
    asked = replace(ALL, draws=59)
    spread = np.random.default_rng(0).uniform(1, 2, size=(len(PLACES), 4))
    one = scan(observed, expected, ZONES, subjects=names, dispersion=spread, settings=asked)
    rng = np.random.default_rng(1)
    places, subjects = rng.permutation(len(PLACES)), rng.permutation(4)
    zones = make_zones(TREE.sample(frac=1, random_state=1), [PLACES[place] for place in places], CENTRES, nearest=5)
    other = scan(
        observed[places][:, subjects], expected[places][:, subjects], zones, subjects=[names[place] for place in subjects],
        dispersion=spread[places][:, subjects], settings=asked,
    )  # fmt: skip
    columns = ["subject", "order", "places", "window_days", "observed", "p"]
    first, second = (frame.sort_values(["subject", "order"], ignore_index=True) for frame in (one, other))
    firsts = first["order"] == 1
    pd.testing.assert_frame_equal(first.loc[firsts, columns], second.loc[second["order"] == 1, columns])


def test_the_same_night_gives_the_same_answer_and_another_seed_another() -> None:
    observed, expected = nothing(subjects=3, seed=6)
    one, again = (scan(observed, expected, ZONES, settings=ALL) for _ in range(2))
    pd.testing.assert_frame_equal(one, again)
    other = scan(observed, expected, ZONES, settings=replace(ALL, seed=1))
    assert one["score"].tolist() == other["score"].tolist()


def test_what_came_in_stays_as_it_was() -> None:
    observed, expected = nothing(seed=6)
    before = observed.copy(), expected.copy()
    scan(observed, expected, ZONES, settings=ALL)
    assert (observed == before[0]).all()
    assert (expected == before[1]).all()


@pytest.mark.parametrize("shape", [(3, 1, 14), (len(PLACES), 1, 13), (len(PLACES), 14)])
def test_arrays_that_do_not_meet_the_zones_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"places|days|place, subject, day"):
        scan(np.zeros(shape), np.zeros(shape), ZONES)


def test_the_spread_of_the_past_is_told_by_moments() -> None:
    rng = np.random.default_rng(17)
    expected = np.repeat(rng.gamma(2, 0.2, size=(200, 3, 1)), 400, axis=2)
    factor = rng.gamma(1 / 0.1, 0.1, size=(1, 3, 400))
    factor[:, 0] = 1.0
    extra = np.array([1e-9, 1e-9, 1.0])[None, :, None]
    observed = rng.poisson(rng.gamma(expected * factor / extra) * extra).astype(float)
    dispersion, common = spread_of(observed, expected)
    assert dispersion == pytest.approx([1.0, 1.0, 2.0], abs=0.1)
    assert common == pytest.approx([0.0, 0.1, 0.1], abs=0.03)
    gap = expected.copy()
    gap[:, :, :50] = np.nan
    assert spread_of(observed, gap)[0] == pytest.approx(dispersion, abs=0.1)


def test_a_subject_of_which_nothing_is_expected_is_taken_for_poisson() -> None:
    dispersion, common = spread_of(np.zeros((2, 1, 3)), np.zeros((2, 1, 3)))
    assert (dispersion.tolist(), common.tolist()) == ([1.0], [0.0])
