"""The false-discovery rate within a level agrees with the reference and counts every node judged."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.signals.multiplicity import adjust, count_tested, flag_found
from analytics.signals.settings import SIGNAL_RULES

ORACLE = Path(__file__).resolve().parents[4] / "shared" / "oracle" / "open" / "padjust.json"
P = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def slow(p: list[float], tested: int) -> list[float]:
    """By its definition: the least of p × tested / rank over all p no smaller."""
    sorted_p = sorted(p)
    at = [min(1.0, one * tested / (place + 1)) for place, one in enumerate(sorted_p)]
    return [min(value for value, other in zip(at, sorted_p, strict=True) if other >= one) for one in p]


@pytest.mark.skipif(not ORACLE.exists(), reason="the reference outputs are not beside this project")
def test_the_adjusted_p_are_those_of_the_reference():
    cases = json.loads(ORACLE.read_text(encoding="utf-8"))
    assert cases
    for name, case in cases.items():
        np.testing.assert_allclose(adjust(np.array(case["p"], dtype=float)), case["adj"]["BH"], rtol=1e-6, err_msg=name)


@given(P, st.integers(0, 500))
def test_a_slow_obvious_loop_agrees(p, more):
    np.testing.assert_allclose(adjust(np.array(p), len(p) + more), slow(p, len(p) + more))


@given(P, st.randoms())
def test_the_order_of_the_rows_is_irrelevant(p, random):
    order = random.sample(range(len(p)), len(p))
    np.testing.assert_array_equal(adjust(np.array(p))[order], adjust(np.array(p)[order]))


@given(P, st.floats(0.01, 1))
def test_leaving_out_large_p_never_makes_the_others_look_better(p, keep):
    whole, kept = np.array(p), np.array([one for one in p if one <= keep])
    assert (adjust(kept, len(p)) >= adjust(whole)[whole <= keep] - 1e-12).all()


def test_each_level_is_judged_by_its_own_rate_and_all_of_its_nodes():
    nodes = pd.DataFrame({"level": ["community", "street"], "p_node": [0.001, 0.001]})
    coverage = pd.DataFrame(
        {
            "level": ["community", "community", "community", "street"],
            "method": "pooled",
            "state": ["judged", "short_history", "no_data", "judged"],
            "nodes": [120, 30, 9999, 101],
        }
    )
    assert count_tested(coverage) == {"community": 150, "street": 101}
    flagged = flag_found(nodes, coverage)
    assert flagged["p_adjusted"].round(6).tolist() == [0.15, 0.101]
    assert flagged["is_found"].tolist() == [True, False]  # .15 ≤ .2 in the community; .101 > .1 in the street


def test_a_node_exactly_at_the_rate_is_found():
    nodes = pd.DataFrame({"level": ["street"], "p_node": [SIGNAL_RULES.q_street / 100]})
    coverage = pd.DataFrame({"level": ["street"], "state": ["judged"], "nodes": [100]})
    assert flag_found(nodes, coverage)["is_found"].tolist() == [True]


def test_where_nothing_is_unusual_few_nights_find_anything():
    random = np.random.default_rng(7)
    nights = [(adjust(random.uniform(size=500)) <= 0.1).any() for _ in range(400)]
    assert 0.06 <= np.mean(nights) <= 0.14  # under no surge the rate is the chance of any finding at all: .1
