"""The work level follows the written rule, can be done by hand, and never falls when a part of it rises."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.signals.levels import score_levels
from analytics.signals.settings import LEVEL_CODES, SIGNAL_RULES


def code(surprise: float, excess: float, weeks: int, level: str = "street") -> str:
    row = {"level": level, "p_node": 10**-surprise, "observed": 10 + excess, "expected": 10.0, "weeks": weeks}
    return score_levels(pd.DataFrame([row]))["level_code"][0]


@pytest.mark.parametrize(
    ("surprise", "excess", "weeks", "level", "expected"),
    [
        (3.0, 3, 1, "community", "IV"),  # 1 × 1 × 1
        (4.01, 5, 1, "street", "III"),  # 2 × 2 × 1 = 4
        (4.01, 4.9, 1, "street", "IV"),  # 2 × 1 × 1 = 2
        (4.01, 4.9, 1, "district", "III"),  # 2 × (1 + 1) × 1 = 4
        (4.01, 5, 2, "street", "II"),  # 2 × 2 × 2 = 8
        (9.01, 50, 1, "street", "I"),  # 4 × 4 × 1 = 16
        (9.01, 50, 1, "city", "I"),  # scale stays at 4
        (6.01, 15, 1, "street", "II"),  # 3 × 3 × 1 = 9
        (6.01, 15, 2, "street", "I"),  # 3 × 3 × 2 = 18
        (3.0, 3, 5, "street", "IV"),  # 1 × 1 × 3 = 3: lasting alone makes nothing grave
    ],
)
def test_examples_done_by_hand(surprise, excess, weeks, level, expected):
    assert code(surprise, excess, weeks, level) == expected


@given(st.floats(1, 40), st.floats(0, 200), st.integers(1, 60), st.floats(0, 5), st.floats(0, 50), st.integers(0, 9))
def test_more_of_any_part_never_lowers_the_level(surprise, excess, weeks, a, b, c):
    grave = LEVEL_CODES.index
    assert grave(code(surprise + a, excess + b, weeks + c)) <= grave(code(surprise, excess, weeks))


def test_the_parts_are_told_as_numbers_and_multiply_to_the_product():
    row = {"level": "city", "p_node": 1e-7, "observed": 30, "expected": 10.0, "weeks": 3}
    because = score_levels(pd.DataFrame([row]))["level_because"][0]
    assert (because["surprise"], because["scale"], because["persistence"]) == (7.0, 20.0, 3)
    points = because["points"]
    assert points["product"] == points["surprise"] * points["scale"] * points["persistence"] == 3 * 4 * 2
    assert points["product"] >= SIGNAL_RULES.level_1


def test_an_empty_list_has_levels_too():
    empty = pd.DataFrame({"level": [], "p_node": [], "observed": [], "expected": [], "weeks": []})
    assert score_levels(empty)["level_code"].tolist() == []
