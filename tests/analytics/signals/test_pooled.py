"""Curves, shares and breaks: what sparse places learn from their parents, and what they keep of their own."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.signals import breaks, pooled
from analytics.signals.city_weeks import judge_city
from analytics.signals.cube import check_levels, subcube
from analytics.signals.curves import Design, fit_curves
from analytics.signals.night_fit import fit_night
from tests.analytics.signals.simulated import simulated

WEEKS = 220


def test_curves_recover_season_and_trend_of_each_subject() -> None:
    time = np.arange(WEEKS)
    wave = 2 * np.pi * time / 52
    design = Design(np.stack([np.ones(WEEKS), time / 52, np.cos(wave), np.sin(wave)], 1), np.array([np.inf, 1, 1, 1]))
    truth = np.array([30.0, 90.0, 4.0])[:, None] * np.exp(0.3 * np.cos(wave) + 0.05 * time / 52)
    counts = np.random.default_rng(2).poisson(truth)
    found = fit_curves(counts, np.ones(counts.shape), design, np.zeros(3, dtype=int), fitted=WEEKS - 10)
    assert found.expected[1] == pytest.approx(truth[1], rel=0.08)
    assert found.expected[2] == pytest.approx(truth[2], rel=0.25)
    ends = found.relative_variance(np.ones((3, 10)))
    assert ends[2] > ends[1]


def test_steps_after_the_fit_are_expected_but_not_used() -> None:
    time = np.arange(WEEKS)
    design = Design(np.stack([np.ones(WEEKS), np.cos(2 * np.pi * time / 52)], 1), np.array([np.inf, 1]))
    counts = np.random.default_rng(3).poisson(9.0, (2, WEEKS))
    spoilt = counts.copy()
    spoilt[:, -10:] += 500
    one, other = (
        fit_curves(each, np.ones(counts.shape), design, np.zeros(2, dtype=int), fitted=WEEKS - 10).expected
        for each in (counts, spoilt)
    )
    assert (one == other).all()


def test_past_outbreaks_do_not_raise_what_is_expected() -> None:
    design = Design(np.ones((WEEKS, 1)), np.array([np.inf]))
    counts = np.random.default_rng(4).poisson(20.0, (1, WEEKS))
    counts[0, 50:54] += 300
    found = fit_curves(counts, np.ones(counts.shape), design, np.zeros(1, dtype=int), fitted=WEEKS)
    assert found.expected[0, -1] == pytest.approx(20, rel=0.08)


def shares_of(blocks: np.ndarray, curve: float = 100.0) -> pooled.Shares:
    places = len(blocks)
    ones, base = np.ones(blocks.shape[2]), np.full((places, 1), 1 / places)
    return pooled.fit_shares(blocks, np.full((1, blocks.shape[2]), curve), ones, base, np.zeros(1, dtype=int))


def test_equal_places_are_drawn_together_and_different_ones_are_not() -> None:
    rng = np.random.default_rng(6)
    alike = rng.poisson(1.0, (100, 1, 100))
    differ = rng.poisson(np.repeat([0.25, 1.75], 50)[:, None, None], (100, 1, 100))
    assert shares_of(alike).rate.std() < 0.3 * alike.mean(axis=2).std() / 100
    assert shares_of(differ).rate[50:].mean() == pytest.approx(0.0175, rel=0.05)


def test_a_place_without_any_matter_still_expects_some() -> None:
    blocks = np.random.default_rng(7).poisson(1.0, (50, 1, 100))
    blocks[0] = 0
    found = shares_of(blocks)
    assert 0 < found.rate[0, 0] < found.rate[1:, 0].min()


def test_the_prediction_is_wider_where_the_share_is_less_certain() -> None:
    found = shares_of(np.random.default_rng(8).poisson(np.repeat([0.2, 3.0], 30)[:, None, None], (60, 1, 60)))
    mean, dispersion = found.predict(np.array([[100.0]]), np.zeros((1, 1)))
    relative = (dispersion - found.dispersion)[:, 0, 0] / mean[:, 0, 0]
    assert relative[:30].min() > relative[30:].max()


def test_a_level_shift_is_found_where_it_lies_and_chance_is_not_taken_for_one() -> None:
    rng = np.random.default_rng(9)
    steady, shifted = rng.poisson(3.0, (200, 1, 150)), rng.poisson(3.0, (1, 1, 150))
    shifted[0, 0, :70] = rng.poisson(0.4, 70)
    found = breaks.find_breaks(np.concatenate([steady, shifted]), np.full((201, 1), 3.0), np.ones((1, 150)), np.ones(1))
    assert not found.reason[:200].any()
    assert breaks.REASONS[found.reason[200, 0]] == "level_shift"
    assert abs(found.usable_from[200, 0] - 70) <= 3


def test_a_cube_that_holds_together_has_nothing_to_say_and_another_says_what() -> None:
    cube = simulated(days=100, communities=12)
    assert check_levels(cube) == []
    less = {**cube.counts, "district": cube.counts["district"] - 1}
    assert check_levels(replace(cube, counts=less)) == ["district holds less than its street parts"]
    assert "completeness" in check_levels(replace(cube, completeness=cube.completeness[:, 1:]))[0]
    assert len(subcube(cube, -31).days) == len(subcube(cube, 69).calendar) == 70


def test_the_fit_of_a_past_day_does_not_see_later_counts() -> None:
    cube = simulated(days=500, communities=12)
    whole, then = fit_night(cube, 400, 730), fit_night(subcube(cube, 399), 400, 730)
    assert whole.levels["community"].shares.rate == pytest.approx(then.levels["community"].shares.rate, rel=1e-6)


def test_a_week_in_a_small_city_is_found_on_its_path_and_places_may_be_renamed() -> None:
    rng = np.random.default_rng(10)
    counts = rng.poisson(0.3, (40, 3, 160))
    counts[5, 1, -1] += 7
    view = {
        "counts": counts,
        "street_of": np.arange(40) // 10,
        "district_of": np.arange(4) // 2,
        "is_festival": np.isin(np.arange(160) % 52, [5, 6]),
    }
    p = judge_city(view)
    assert {level: values.shape for level, values in p.items()} == {
        "community": (40, 3),
        "street": (4, 3),
        "district": (2, 3),
        "city": (1, 3),
    }
    assert p["community"][5, 1] == min(values.min() for values in p.values()) < 1e-5
    order = rng.permutation(40)
    mixed = judge_city({**view, "counts": counts[order], "street_of": view["street_of"][order]})
    assert mixed["community"] == pytest.approx(p["community"][order], rel=1e-9)
