"""The delay curve finds again the law by which matters were entered late."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.delays import delay_curve

KNOWN_ON = date(2026, 11, 20)
LAW = np.array([0.5, 0.2, 0.1, 0.08, 0.05, 0.03, 0.02, 0.01, 0.005, 0.005])


def entered(a_day: int, days: int = 90, seed: int = 3, law: np.ndarray = LAW) -> pd.DataFrame:
    """What is seen on KNOWN_ON of matters entered by a known law; lags still to come are not there."""
    chance, rows = np.random.default_rng(seed), []
    for age in range(days):
        for lag, matters in enumerate(chance.multinomial(chance.poisson(a_day), law)):
            if matters and lag <= age:
                rows.append((KNOWN_ON - timedelta(days=age), lag, matters))
    return pd.DataFrame(rows, columns=["registered_on", "lag_days", "matters"])


def test_the_law_is_found_again():
    curve = delay_curve(entered(60), KNOWN_ON)
    np.testing.assert_allclose(curve.by_age[: len(LAW)], LAW.cumsum(), atol=0.02)
    assert curve.filled_after == int(np.argmax(curve.by_age >= 0.99))


def test_recent_days_do_not_bend_the_curve_upwards():
    """The plain share of short lags is too high while late entries of recent days are not in yet."""
    seen = entered(200, days=15)
    naive = seen.loc[seen["lag_days"] == 0, "matters"].sum() / seen["matters"].sum()
    found = delay_curve(seen, KNOWN_ON).by_age[0]
    assert abs(found - 0.5) < abs(naive - 0.5)
    assert found == pytest.approx(0.5, abs=0.03)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 30))
def test_the_curve_never_falls_and_ends_at_one(seed, a_day):
    curve = delay_curve(entered(a_day, days=40, seed=seed), KNOWN_ON)
    assert (np.diff(curve.by_age) >= -1e-12).all()
    assert curve.by_age[-1] == 1
    assert (curve.by_age >= 0).all()


def test_completeness_goes_by_the_age_of_the_day():
    curve = delay_curve(entered(60), KNOWN_ON)
    assert curve.completeness(KNOWN_ON, KNOWN_ON) == curve.by_age[0]
    assert curve.completeness(KNOWN_ON, KNOWN_ON - timedelta(days=3)) == curve.by_age[3]
    assert curve.completeness(KNOWN_ON, KNOWN_ON + timedelta(days=1)) == 0
    assert curve.completeness(KNOWN_ON, date(2020, 1, 1)) == 1


def test_the_slow_product_agrees():
    seen = entered(20, days=30)
    ages = np.array([(KNOWN_ON - day).days for day in seen["registered_on"]])
    lags, matters = seen["lag_days"].to_numpy(), seen["matters"].to_numpy()
    curve = delay_curve(seen, KNOWN_ON)
    for age in range(len(curve.by_age)):
        product = 1.0
        for lag in range(age + 1, len(curve.by_age)):
            old = ages >= lag
            at_risk = matters[old & (lags <= lag)].sum()
            product *= 1 - (matters[old & (lags == lag)].sum() / at_risk if at_risk else 0)
        assert curve.by_age[age] == pytest.approx(product)


def test_entry_at_once_makes_every_day_full():
    curve = delay_curve(entered(10, law=np.array([1.0])), KNOWN_ON)
    assert (curve.by_age == 1).all()
    assert curve.filled_after == 0


def test_too_little_gives_no_curve():
    assert delay_curve(entered(1, days=20), KNOWN_ON) is None
    assert delay_curve(entered(60, days=10), KNOWN_ON) is None
    assert delay_curve(entered(60).iloc[:0], KNOWN_ON) is None


def test_entries_after_the_day_of_knowledge_change_nothing():
    later = entered(60)
    extra = pd.DataFrame(
        {"registered_on": [KNOWN_ON, KNOWN_ON + timedelta(days=2)], "lag_days": [5, 0], "matters": [99, 99]}
    )
    np.testing.assert_array_equal(
        delay_curve(pd.concat([later, extra]), KNOWN_ON).by_age, delay_curve(later, KNOWN_ON).by_age
    )


def test_the_order_of_rows_does_not_matter():
    seen = entered(20)
    shuffled = seen.sample(frac=1, random_state=1)
    np.testing.assert_array_equal(delay_curve(seen, KNOWN_ON).by_age, delay_curve(shuffled, KNOWN_ON).by_age)
