"""Differences and ratios of two groups: published figures, single strata, and what turning a comparison round does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import contrasts

counts = st.integers(0, 60)


@st.composite
def strata(draw: st.DrawFn) -> list[tuple[int, int, int, int]]:
    found = []
    for _ in range(draw(st.integers(1, 5))):
        whole_1, whole_2 = draw(st.integers(1, 60)), draw(st.integers(1, 60))
        found.append((draw(st.integers(0, whole_1)), whole_1, draw(st.integers(0, whole_2)), whole_2))
    return found


def test_the_published_difference_of_two_shares() -> None:
    """Newcombe 1998, table II, example (a) 56/70 against 48/80: 0.0524 to 0.3339 by method 10."""
    found = contrasts.share_difference((56, 48), (70, 80))
    assert np.round(found, 2).tolist() == [20.0, 5.24, 33.39]


def test_the_ratio_within_strata_agrees_with_statsmodels() -> None:
    from statsmodels.stats.contingency_tables import StratifiedTable

    groups = [(8, 106, 5, 120), (22, 98, 16, 85), (3, 40, 9, 55)]
    tables = [np.array([[a, n - a], [c, m - c]]) for a, n, c, m in groups]
    assert contrasts.stratified_ratio(groups)[0] == pytest.approx(StratifiedTable(tables).riskratio_pooled)


@given(strata())
def test_one_stratum_is_the_plain_difference_and_their_order_is_irrelevant(
    groups: list[tuple[int, int, int, int]],
) -> None:
    met_1, whole_1, met_2, whole_2 = groups[0]
    assert contrasts.stratified_difference(groups[:1])[0] == pytest.approx(100 * (met_1 / whole_1 - met_2 / whole_2))
    assert contrasts.stratified_difference(groups) == pytest.approx(contrasts.stratified_difference(groups[::-1]))


@given(strata())
def test_turning_the_groups_round_turns_the_difference_and_the_ratio_round(
    groups: list[tuple[int, int, int, int]],
) -> None:
    turned = [(c, m, a, n) for a, n, c, m in groups]
    there, back = contrasts.stratified_difference(groups), contrasts.stratified_difference(turned)
    assert there[0] == pytest.approx(-back[0])
    assert there[1] <= there[0] <= there[2]
    ratio, inverse = contrasts.stratified_ratio(groups), contrasts.stratified_ratio(turned)
    assert (ratio is None) == (inverse is None)
    if ratio is not None:
        assert ratio[0] * inverse[0] == pytest.approx(1)
        assert ratio[1] <= ratio[0] <= ratio[2]


@given(counts, counts, st.floats(1, 20))
def test_a_rate_ratio_lies_in_its_interval_and_scatter_widens_it(count: int, base: int, scatter: float) -> None:
    value, lower, upper = contrasts.rate_ratio(count, 180, base, 90)
    if count + base == 0:
        assert (value, lower, upper) == (None, None, None)
        return
    if value is not None:
        assert lower <= value <= upper
    wide = contrasts.rate_ratio(count, 180, base, 90, scatter=scatter)
    assert wide[0] == value
    assert wide[1] <= lower + 1e-9
    if upper is not None:
        assert wide[2] is None or wide[2] >= upper - 1e-9


def test_the_exact_interval_holds_its_promise() -> None:
    """Of 95 % intervals around a true ratio of 0.6, at least 95 in 100 hold it, whatever chance does."""
    rng = np.random.default_rng(5)
    after, before = rng.poisson(12, 2_000), rng.poisson(20, 2_000)
    ends = [contrasts.rate_ratio(int(a), 180, int(b), 180)[1:] for a, b in zip(after, before, strict=True)]
    held = [low <= 0.6 and (high is None or high >= 0.6) for low, high in ends]
    assert np.mean(held) >= 0.95


def test_the_stratified_interval_holds_its_promise() -> None:
    rng = np.random.default_rng(6)
    wholes = np.array([(40, 60), (120, 30), (25, 25)])
    shares = np.array([(0.10, 0.20), (0.25, 0.35), (0.05, 0.15)])  # ten points lower everywhere
    held = 0
    for _ in range(600):
        met = rng.binomial(wholes, shares)
        found = contrasts.stratified_difference([(a, n, c, m) for (a, c), (n, m) in zip(met, wholes, strict=True)])
        held += found[1] <= -10 <= found[2]
    assert held / 600 >= 0.92


def test_nothing_to_compare_is_none() -> None:
    assert contrasts.stratified_difference([(0, 0, 3, 10)]) is None
    assert contrasts.stratified_ratio([(0, 10, 0, 10)]) is None
    assert contrasts.share_difference((0, 1), (0, 10)) is None
    assert contrasts.ratio_of_ratios((0, 5), (5, 5)) == (None, None, None)
