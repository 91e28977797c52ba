"""The backlog ahead: the planted rate is met, and its range holds what it says."""

import numpy as np
import pandas as pd
import pytest

from analytics.risk.backlog import backlog_path, open_after, spread_of, stray_of

WEEKS, RATE = 6, 0.3


def test_the_range_of_eighty_percent_holds_eight_of_ten_futures() -> None:
    rng = np.random.default_rng(11)
    stays = np.array(
        [[(1 - RATE) ** (end - week + 1) if week <= end else 0.0 for week in range(WEEKS)] for end in range(WEEKS)]
    )
    left = (1 - RATE) ** np.arange(1, WEEKS + 1)
    path = backlog_path(
        50 * left, 50 * left * (1 - left), np.full(WEEKS, 20.0), np.full(WEEKS, np.sqrt(20.0)), stays, 0.0
    )
    within, futures = np.zeros(WEEKS), 2_000
    for _ in range(futures):
        standing = 50
        for week in range(WEEKS):
            standing = rng.binomial(standing + rng.poisson(20), 1 - RATE)
            within[week] += path["low"][week] <= standing <= path["high"][week]
    share = within / futures
    assert (share > 0.78).all()
    assert (share < 0.95).all()


def test_those_still_open_count_only_as_far_as_they_were_seen() -> None:
    rng = np.random.default_rng(12)
    lasts, seen = rng.geometric(RATE, 20_000) - 1, rng.integers(0, 12, 20_000)
    spells = pd.DataFrame({"spent": np.minimum(lasts, seen), "is_closed": (lasts <= seen).astype(int), "matters": 1})
    np.testing.assert_allclose(open_after(spells, 8), (1 - RATE) ** np.arange(1, 10), atol=0.02)


def test_nothing_open_and_nothing_coming_stays_nothing() -> None:
    zero = np.zeros(2)
    assert backlog_path(zero, zero, zero, zero, np.zeros((2, 2)), 0.0)["high"].tolist() == [0.0, 0.0]


def test_sums_that_stray_no_further_than_chance_do_not_stray() -> None:
    rng = np.random.default_rng(13)
    expected = np.full(50, 100.0)
    assert stray_of(rng.poisson(expected).astype(float), expected, expected) < 0.05
    assert stray_of(rng.poisson(rng.choice([70, 130], 50)).astype(float), expected, expected) == pytest.approx(
        0.3, abs=0.08
    )


def test_a_range_of_eighty_percent_stands_for_its_spread() -> None:
    assert spread_of(np.array([-1.2816]), np.array([1.2816]))[0] == pytest.approx(1.0, abs=0.001)
