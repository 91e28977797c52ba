"""Simulated organisations: chance alone sets nobody apart, rank ranges hold the true rank, the small are not pushed to the ends.

Cheap here; `tests/benchmarks/scores.py` has the whole of it.
"""

import numpy as np

from tests.analytics.scores.scored import scored, simulate, units

UNITS = 30


def runs(first: int, count: int, spread: float, draws: int = 800, lacking: float = 0.0):
    for seed in range(first, first + count):
        size, truth, found = simulate(seed, UNITS, spread, lacking=lacking)
        yield size, truth, found, scored(found, units(UNITS), draws=draws).units


def test_with_equal_quality_nearly_all_share_one_band() -> None:
    shares = [rows["band"].value_counts(normalize=True).max() for _, _, _, rows in runs(0, 8, 0.0)]
    assert np.mean(shares) >= 0.95


def test_rank_ranges_hold_the_true_rank() -> None:
    covered = []
    for _, truth, _, rows in runs(200, 20, 0.6):
        rank = (-truth).argsort().argsort() + 1
        covered.append(((rows["rank_low"] <= rank) & (rank <= rows["rank_high"])).mean())
    assert 0.93 <= np.mean(covered) <= 0.985  # 600 ranks; the benchmark holds 93 to 97 on ten times as many


def test_units_that_lack_the_hardest_indicator_rank_where_their_quality_is() -> None:
    """A third lack it, at random; by the indicators that each has, they would stand well above the others."""
    covered, places = [], []
    for _, truth, found, rows in runs(300, 20, 0.6, lacking=1 / 3):
        rank = (-truth).argsort().argsort() + 1
        covered.append(((rows["rank_low"] <= rank) & (rank <= rows["rank_high"])).mean())
        has = rows["unit_id"].isin(found[found["indicator"] == "pairing"]["unit_id"])
        ahead = (rows["rank_low"] + rows["rank_high"]) / 2 - rank
        places.append(ahead[~has].mean() - ahead[has].mean())
    assert 0.93 <= np.mean(covered) <= 0.985
    assert abs(np.mean(places)) < 1.5  # of 30


def test_small_units_are_not_over_represented_at_either_end_as_they_are_by_raw_rates() -> None:
    small_shrunk, small_raw = [], []
    for size, _, found, rows in runs(0, 12, 0.0, draws=0):
        small = size <= np.quantile(size, 1 / 3)
        raw = found[found["indicator"] == "timeliness"].set_index("unit_id")
        rate = (raw["met"] / raw["whole"]).reindex(rows["unit_id"]).to_numpy()
        for scores, into in ((rows["score"].to_numpy(), small_shrunk), (rate, small_raw)):
            ends = np.argsort(np.abs(scores - np.median(scores)))[-UNITS // 5 :]
            into.append(small[ends].mean())
    assert np.mean(small_raw) > 0.5  # by raw rates the ends are full of small units
    assert np.mean(small_shrunk) < 0.40  # a third of all
