"""The hazards of closing: what they count, and that their probabilities come true."""

import numpy as np
import pandas as pd
import pytest

from analytics.risk.hazards import GONE, bands_gone, bands_left, fit_hazards
from analytics.risk.hazards import _matter_days as matter_days


def spells(**columns: list) -> pd.DataFrame:
    many = len(next(iter(columns.values())))
    blank = {"kind": "dispute", "subject": 1, "handling_level": "street", "place": 5, "term": np.nan, "spent": 0}
    blank |= {"is_closed": 1, "matters": 1}
    return pd.DataFrame({name: columns.get(name, [value] * many) for name, value in blank.items()})


def planted(seed: int, many: int) -> pd.DataFrame:
    """Matters with a term of 10 or 20 days, closed at a rate that triples in the last two days and differs by subject; censored by chance."""
    rng = np.random.default_rng(seed)
    term, subject = rng.choice([10, 20], many), rng.integers(0, 4, many)
    rate = np.array([0.05, 0.08, 0.12, 0.16])[subject]
    closed_on, watched = np.full(many, 999), rng.integers(0, 40, many)
    for step in range(40):
        share = np.where((term - step >= 0) & (term - step <= 1), 3 * rate, rate)
        closed_on = np.where((closed_on == 999) & (rng.random(many) < share), step, closed_on)
    seen = closed_on <= watched
    return pd.DataFrame({
        "kind": "dispute", "subject": subject, "handling_level": "street", "place": rng.integers(0, 3, many), "term": term.astype(float),
        "spent": np.where(seen, closed_on, watched), "is_closed": seen.astype(int), "matters": 1, "closed_on": closed_on,
    })  # fmt: skip


def test_a_matter_is_at_risk_on_every_day_until_it_is_closed_or_no_longer_seen() -> None:
    given = spells(spent=[2, 1, 2], is_closed=[1, 0, 1], term=[3.0, 3.0, np.nan], matters=[2, 5, 1])
    found = matter_days(given)
    slow: dict[tuple[int, int], list[float]] = {}
    for row in given.itertuples():
        for step in range(row.spent + 1):
            at = (int(bands_left(np.array([row.term - step]))[0]), int(bands_gone(np.array(step))))
            counted = slow.setdefault(at, [0.0, 0.0])
            counted[0] += row.matters
            counted[1] += row.matters * (row.is_closed and step == row.spent)
    assert {(row.left, row.gone): [row.at_risk, row.closed] for row in found.itertuples()} == slow


def test_the_planted_rates_come_true_in_matters_that_were_not_learned_from() -> None:
    hazards = fit_hazards(planted(1, 20_000))
    fresh = planted(2, 20_000)
    gone = np.random.default_rng(3).integers(0, 18, len(fresh))
    own = (fresh["closed_on"] > gone) & (gone < fresh["term"])
    rows = fresh[own].assign(gone=gone[own])
    chance = hazards.miss_chances(rows)
    missed = (rows["closed_on"] > rows["term"]).to_numpy()
    for low, high in zip(np.linspace(0, 0.8, 5), np.linspace(0.2, 1.0, 5), strict=True):
        among = (chance >= low) & (chance < high)
        if among.sum() >= 200:
            error = 4 * np.sqrt(0.25 / among.sum())
            assert missed[among].mean() == pytest.approx(chance[among].mean(), abs=error)
    best_single = missed.mean() * (1 - missed.mean())
    assert ((chance - missed) ** 2).mean() < 0.95 * best_single


def test_a_matter_due_today_and_still_open_will_miss_and_one_without_a_deadline_cannot() -> None:
    hazards = fit_hazards(planted(1, 2_000))
    rows = spells(term=[5.0, np.nan, 6.0]).assign(gone=[5, 3, 5])
    found = hazards.miss_chances(rows)
    assert found[0] == 1.0
    assert np.isnan(found[1])
    assert 0 < found[2] < 1


def test_less_time_left_never_makes_missing_less_likely() -> None:
    hazards = fit_hazards(planted(1, 5_000))
    shares = hazards.open_shares(spells(term=[20.0]).assign(gone=[3]), 30)[0]
    assert shares[0] == 1.0
    assert (np.diff(shares) <= 0).all()


def test_what_came_after_the_cut_off_changes_nothing() -> None:
    one = planted(1, 3_000)
    other = one.assign(closed_on=one["closed_on"].where(one["is_closed"] == 1, 77))
    np.testing.assert_array_equal(fit_hazards(one).base, fit_hazards(other).base)


def test_a_place_with_few_matters_is_judged_like_its_kind() -> None:
    many = planted(1, 5_000)
    few = spells(spent=[30, 30], is_closed=[0, 0], term=[10.0, 10.0], place=[99, 99])
    hazards = fit_hazards(pd.concat([many, few], ignore_index=True))
    place = hazards.effects["place"]
    assert abs(place["dispute", 99]) < 0.5


def test_the_order_of_the_rows_does_not_matter() -> None:
    given = planted(1, 2_000)
    rows = spells(term=[20.0, 10.0], subject=[1, 3]).assign(gone=[3, 4])
    turned = fit_hazards(given.iloc[::-1]).miss_chances(rows)
    np.testing.assert_allclose(turned, fit_hazards(given).miss_chances(rows), atol=1e-3)


def test_every_number_of_days_has_its_band() -> None:
    assert bands_gone(np.arange(200)).tolist() == sorted(bands_gone(np.arange(200)))
    assert bands_gone(GONE).tolist() == list(range(len(GONE)))
