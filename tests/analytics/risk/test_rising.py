"""What usually rises: planted seasons are found, chance is not, and no year is called by itself."""

import numpy as np

from analytics.risk.rising import expected_without_seasons, usual_rises

MONTHS = np.arange("2020-01", "2026-01", dtype="datetime64[M]")
OF_YEAR = MONTHS.astype(int) % 12 + 1


def counts(seed: int, mean: np.ndarray) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean)


def test_a_planted_season_is_found_with_the_years_that_prove_it() -> None:
    mean = np.where(OF_YEAR == 7, 90.0, 50.0)[None]
    found = usual_rises(counts(1, mean), MONTHS).set_index("month")
    july = found.loc[7]
    assert july["q"] < 0.01
    assert july["risen"] == july["years"] == 6
    assert july["hits"] == july["calls"] == 6
    assert 40 < july["rise_pct"] < 100
    assert (found.drop(7)["q"] > 0.1).all()


def test_chance_alone_is_rarely_called_and_comes_true_as_often_as_anything() -> None:
    found = usual_rises(counts(2, np.full((60, 72), 30.0)), MONTHS)
    assert (found["q"] <= 0.1).mean() < 0.01
    hit_rate = found["hits"].sum() / found["calls"].sum()
    assert abs(hit_rate - found["base_rate"].iloc[0]) < 0.08


def test_a_trend_is_no_season() -> None:
    mean = (30 * 1.02 ** np.arange(72))[None] * np.ones((20, 1))
    found = usual_rises(counts(3, mean), MONTHS)
    assert (found["q"] <= 0.1).mean() < 0.02


def test_a_festival_that_moves_between_january_and_february_does_not_rise_in_either() -> None:
    january = np.where((OF_YEAR == 1) & (np.arange(72) // 12 % 2 == 0), 80.0, 40.0)
    mean = np.where((OF_YEAR == 2) & (np.arange(72) // 12 % 2 == 1), 80.0, january)[None]
    found = usual_rises(counts(4, mean), MONTHS)
    assert set(found["month"]) == {1, *range(3, 13)}
    both = found.set_index("month").loc[1]
    assert both["risen"] == 6
    assert both["hits"] == both["calls"] == 6


def test_a_year_left_out_does_not_call_itself() -> None:
    mean = np.where((OF_YEAR == 5) & (np.arange(72) // 12 == 3), 400.0, 40.0)[None]
    found = usual_rises(counts(5, mean), MONTHS).set_index("month")
    assert found.loc[5, "calls"] < 6
    assert found.loc[5, "hits"] < 4


def test_months_of_different_length_are_no_season() -> None:
    first = MONTHS.astype("datetime64[D]")
    days = np.append(np.diff(first).astype(int), 31).astype(float)
    expected = expected_without_seasons((10 * days)[None], days)[0]
    np.testing.assert_allclose(expected, 10 * days, rtol=1e-9)


def test_too_short_a_history_says_nothing() -> None:
    assert usual_rises(counts(6, np.full((2, 11), 9.0)), MONTHS[:11]).empty
