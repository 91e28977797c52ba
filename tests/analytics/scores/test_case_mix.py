"""The adjusted rate: a hard mix is no demerit, a lawful referral earns nothing, and one more success never lowers it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from analytics.scores.case_mix import adjust, effect_of, subject_rates

RATES = np.array([0.9, 0.3])


def test_units_that_do_as_their_mix_leads_to_expect_get_the_same_rate() -> None:
    whole = np.array([[80.0, 20.0], [20.0, 80.0], [50.0, 50.0]])
    found = adjust(whole * RATES, whole, RATES, 0, 1)
    assert found.effect == pytest.approx(0, abs=1e-9)
    assert np.ptp(found.shrunk.point) < 1e-9
    raw = (whole * RATES).sum(axis=1) / whole.sum(axis=1)
    assert np.ptp(raw) > 0.3


def test_the_effect_balances_observed_and_expected() -> None:
    whole, spread = np.array([12.0, 9.0]), 0.5
    effect = effect_of(15.0, whole, special.logit(RATES), spread)
    expected = (whole * special.expit(special.logit(RATES) + effect)).sum()
    assert expected + effect / spread**2 == pytest.approx(15.0)
    assert effect > 0


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=2),
    st.integers(0, 1),
    st.floats(0.1, 2),
)
def test_one_more_success_never_lowers_and_one_more_miss_never_raises(pairs, subject, spread) -> None:
    met = np.array([float(x) for x, _ in pairs])
    whole = np.array([float(x + y) for x, y in pairs])
    more = whole + np.eye(2)[subject]
    before = effect_of(met.sum(), whole, special.logit(RATES), spread)
    assert effect_of(met.sum() + 1, more, special.logit(RATES), spread) >= before - 1e-9
    assert effect_of(met.sum(), more, special.logit(RATES), spread) <= before + 1e-9


def test_at_an_unchanged_rate_volume_only_moves_the_effect_away_from_the_peers() -> None:
    whole = np.array([10.0, 10.0])
    found = [effect_of(15.0 * times, whole * times, special.logit(RATES), 0.5) for times in (1, 2, 8)]
    assert found == sorted(found)
    assert found[-1] < effect_of(15.0 * 8, whole * 8, special.logit(RATES), 50.0)


def test_a_subject_seen_once_borrows_its_rate_from_all() -> None:
    few, many = np.array([[1.0, 0.0]]), np.array([[60.0, 30.0], [60.0, 10.0]])
    rates = subject_rates(few, np.array([[1.0, 2.0]]), many, np.array([[100.0, 100.0], [100.0, 100.0]]))
    assert rates[0] == pytest.approx(0.61, abs=0.03)
    assert 0.15 < rates[1] < 0.25
