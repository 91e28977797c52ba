"""The record of issued forecasts: against the naive forecast, calibrated or not, and where they missed."""

import numpy as np
import pandas as pd
import pytest

from analytics.errors import MissingColumns
from analytics.forecasts.contract import COLUMNS, QUANTILES
from analytics.forecasts.issued import NAIVE_COLUMNS, band_of, calibration, score_issued, worst_misses
from analytics.forecasts.scoring import wis


def issued(observed: np.ndarray, shown: np.ndarray, naive: np.ndarray, **node: object) -> pd.DataFrame:
    """One series, a forecast a day."""
    days = pd.date_range("2026-01-01", periods=len(observed))
    frame = pd.DataFrame(
        {"freq": "D", "level": "city", "area_code": "9", "kind": None, "category_code": None, "step": 1} | node,
        index=range(len(days)),
    )
    frame["first_on"], frame["observed"] = days, observed
    frame[list(COLUMNS)], frame[list(NAIVE_COLUMNS)] = shown, naive
    return frame


@pytest.fixture
def counts() -> np.ndarray:
    return np.random.default_rng(1).poisson(20.0, 400).astype(float)


@pytest.fixture
def right() -> np.ndarray:
    """The true quantiles."""
    return np.quantile(np.random.default_rng(2).poisson(20.0, 100_000), QUANTILES)


def test_what_knows_the_rate_is_better_than_last_time_and_calibrated(counts: np.ndarray, right: np.ndarray) -> None:
    naive = np.roll(counts, 1)[:, None] + np.array([-12, -8, -4, 0, 4, 8, 12.0])
    found = score_issued(issued(counts, np.tile(right, (400, 1)), naive)).iloc[0]
    assert found["wis_ratio"] < 0.8
    assert found["miss"] < 0.05
    assert abs(found["cover80"] - 0.8) < 0.08
    assert (found["series"], found["periods"], found["forecasts"]) == (1, 400, 400)


def test_the_ratio_is_that_of_the_plain_sums_for_one_series(counts: np.ndarray, right: np.ndarray) -> None:
    shown, naive = np.tile(right, (400, 1)), np.tile(right + 6, (400, 1))
    expected = sum(wis(counts, shown)) / sum(wis(counts, naive))
    assert score_issued(issued(counts, shown, naive))["wis_ratio"].iloc[0] == pytest.approx(expected)


def test_a_small_series_counts_as_much_as_a_large_one(counts: np.ndarray, right: np.ndarray) -> None:
    good = issued(counts * 100, np.tile(right * 100, (400, 1)), np.tile(right * 100 + 900, (400, 1)))
    bad = issued(counts, np.tile(right + 9, (400, 1)), np.tile(right, (400, 1)), area_code="8")
    alone = [score_issued(one)["wis_ratio"].iloc[0] for one in (good, bad)]
    both = score_issued(pd.concat([good, bad]))["wis_ratio"].iloc[0]
    assert alone[0] < 0.5 < 1.5 < alone[1]
    assert both > 0.9  # unscaled, the large one alone would decide


def test_groups_are_told_apart_and_an_empty_category_is_one_of_them(counts: np.ndarray, right: np.ndarray) -> None:
    shown = np.tile(right, (400, 1))
    rows = pd.concat([issued(counts, shown, shown), issued(counts, shown, shown, category_code="03", step=9)])
    found = score_issued(rows, ("freq", "band", "category_code"))
    assert found[["band", "category_code", "forecasts"]].values.tolist() == [["1-7", None, 400], ["8-14", "03", 400]]
    assert found["wis_ratio"].tolist() == [1.0, 1.0]


def test_what_has_not_come_yet_is_not_scored(counts: np.ndarray, right: np.ndarray) -> None:
    shown = np.tile(right, (400, 1))
    rows = issued(counts, shown, shown)
    rows.loc[5:, "observed"] = np.nan
    assert score_issued(rows)["forecasts"].tolist() == [5]
    rows["observed"] = np.nan
    assert score_issued(rows).empty
    assert worst_misses(rows).empty


def test_a_range_that_is_too_narrow_is_seen(counts: np.ndarray, right: np.ndarray) -> None:
    narrow = np.tile(20 + (right - 20) / 3, (400, 1))
    found = score_issued(issued(counts, narrow, narrow)).iloc[0]
    assert found["cover80"] < 0.5
    assert found["miss"] > 0.1
    table = calibration(issued(counts, narrow, narrow)).set_index("quantile")
    assert table.loc[0.025, "below"] > 0.1  # far more lie below than should
    assert table.loc[0.975, "upto"] < 0.9


def test_the_worst_misses_are_named_over_and_under_once_a_period(counts: np.ndarray, right: np.ndarray) -> None:
    counts = np.full(30, 20.0)
    counts[[3, 7, 9]] = 80, 45, 0
    rows = issued(counts, np.tile(right, (30, 1)), np.tile(right, (30, 1)))
    again = rows.assign(step=5)
    found = worst_misses(pd.concat([again, rows]), many=2)
    assert found[["side", "observed", "step"]].values.tolist() == [["over", 0, 1], ["under", 80, 1], ["under", 45, 1]]
    assert found["distance"].is_monotonic_decreasing or set(found["side"]) == {"over", "under"}


def test_the_order_of_rows_changes_nothing(counts: np.ndarray, right: np.ndarray) -> None:
    rows = issued(counts, np.tile(right, (400, 1)), np.tile(right + 1, (400, 1)))
    shuffled = rows.sample(frac=1, random_state=3)
    assert np.allclose(score_issued(rows).iloc[0, 2:].astype(float), score_issued(shuffled).iloc[0, 2:].astype(float))


def test_the_last_stretch_of_the_horizon_reaches_to_its_end() -> None:
    rows = pd.DataFrame({"freq": ["D", "D", "W", "M"], "step": [1, 40, 5, 6]})
    assert band_of(rows).tolist() == ["1-7", "15-28", "5-12", "3-6"]


def test_a_frame_without_what_is_needed_is_refused() -> None:
    with pytest.raises(MissingColumns):
        score_issued(pd.DataFrame({"freq": ["D"]}))
