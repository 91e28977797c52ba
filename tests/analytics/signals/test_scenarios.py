"""The simulated series are those of the papers: same parameters, same numbers as the shared simulator, truth that adds up."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from analytics.signals import scenarios

SHARED = Path(__file__).resolve().parents[4] / "shared" / "evaluation"


@pytest.fixture(scope="module")
def shared() -> ModuleType:
    """The shared simulator, read from beside the project for this comparison alone."""
    file = SHARED / "scenarios.py"
    if not file.is_file():
        pytest.skip("the shared simulator does not lie beside the project (../shared/evaluation)")
    spec = importlib.util.spec_from_file_location("shared_scenarios", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["shared_scenarios"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.shared
def test_the_weekly_series_are_the_shared_ones_number_by_number(shared: ModuleType) -> None:
    own, theirs = scenarios.simulate_weeks(seeds=range(10)), shared.simulate_many(seeds=range(10))
    pairs = (("counts", "counts"), ("quiet", "counts_null"), ("surge", "outbreak"), ("past", "past"))
    assert [name for name, other in pairs if (getattr(own, name) != theirs[other]).any()] == []


@pytest.mark.shared
@pytest.mark.parametrize("signal", scenarios.SIGNALS)
def test_the_daily_series_are_the_shared_ones_number_by_number(shared: ModuleType, signal: int) -> None:
    for seed in range(4):
        own = scenarios.simulate_days([signal], [seed])
        counts, surge = shared.simulate_daily(signal, seed, w=scenarios.DAILY_STRENGTHS[seed])
        assert (own.counts[0] == counts).all()
        assert (own.surge[0] == surge).all()


def test_there_are_42_scenarios_and_16_signals() -> None:
    assert list(scenarios.SCENARIOS) == list(range(1, 43))
    assert len(scenarios.SIGNALS) == 16


def test_scenario_14_is_the_published_one() -> None:
    assert scenarios.SCENARIOS[14] == scenarios.Curve(1.5, 0.0, 0.2, -0.4, 1.0, 1)


def test_a_series_is_its_quiet_self_and_its_surge() -> None:
    found = scenarios.simulate_weeks(seeds=range(3))
    assert (found.counts == found.quiet + found.surge).all()
    assert (found.surge.sum(axis=1) > 0).all()
    assert not found.surge[:, : scenarios.FIRST_JUDGED_WEEK].any()


def test_the_baseline_has_the_mean_and_the_variance_it_is_drawn_from() -> None:
    found = scenarios.simulate_weeks([31], range(0, 300, 5))  # without past surges
    mean, before = scenarios.mean_curve(31), slice(0, 300)
    counts = found.quiet[:, before]
    assert counts.mean() == pytest.approx(mean[before].mean(), rel=0.005)
    assert counts.var() == pytest.approx(1.1 * mean[before].mean(), rel=0.05)


def test_fifty_seeds_hold_every_pair_of_strengths_once() -> None:
    pairs = {(seed % 5, (7 * (seed // 5) + seed % 5) % 10) for seed in range(50)}
    assert len(pairs) == 50


def test_five_day_systems_count_nothing_at_the_weekend() -> None:
    found = scenarios.simulate_days([11], range(2), years=2)
    by_weekday = found.counts.reshape(2, -1, 7).sum(axis=(0, 1))
    assert (by_weekday[5:] == 0).all()
    assert (by_weekday[:5] > 0).all()


def test_a_surge_has_at_least_two_cases_and_none_of_no_size() -> None:
    chance = np.random.default_rng(1)
    sizes = [scenarios.draw_surge(chance, 400, 0, 0.5).sum() for _ in range(200)]
    assert min(sizes) >= 2
    assert scenarios.draw_surge(chance, 10, 0, 0.0).sum() == 0


def test_the_same_seed_gives_the_same_series() -> None:
    first, second = (scenarios.simulate_days([3], [7], years=1) for _ in range(2))
    assert (first.counts == second.counts).all()


def test_a_surge_that_returns_every_year_is_told_apart_from_the_current_one() -> None:
    with_season, without = (scenarios.simulate_days([name], range(2), years=3) for name in (16, 1))
    assert (with_season.past.reshape(2, 3, 364).sum(axis=2) > 0).all()
    assert (with_season.past <= with_season.quiet).all()
    assert not without.past.any()
