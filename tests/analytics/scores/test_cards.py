"""A score is the sum of its parts; missing is not zero; zero that is best is best; better never lowers; order changes nothing."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.scores.combining import bands, near_ceiling, rank_ranges
from analytics.scores.counting import apply_decisions
from analytics.scores.rules import rules_from
from tests.analytics.scores.scored import PARTY, RATES, counts, scored, simulate, units


def one_card(found, unit: str = "u000") -> pd.Series:
    return found.units.set_index("unit_id").loc[unit]


def part(found, indicator: str, unit: str = "u000") -> pd.Series:
    rows = found.indicators
    return rows[(rows["unit_id"] == unit) & (rows["indicator"] == indicator)].iloc[0]


def peers(changed: dict[str, tuple[float, float]] | None = None, count: int = 10) -> pd.DataFrame:
    """Ten like units; the first with other counts, or none at all (None)."""
    usual = {
        "timeliness": (27, 30),
        "resolution": (24, 30),
        "no_rebound": (1, 30),
        "deliberation": (8, 12),
        "pairing": (7, 12),
    }
    rows = [
        (f"u{number:03d}", name, float(x + (number % 3 - 1 if number else 0)), float(n))
        for number in range(count)
        for name, (x, n) in usual.items()
    ]
    found = counts(rows)
    for name, (x, n) in (changed or {}).items():
        here = (found["unit_id"] == "u000") & (found["indicator"] == name)
        found.loc[here, ["met", "whole"]] = (float(x), float(n))
    return found


def test_what_the_indicators_contribute_adds_up_to_the_score() -> None:
    _, _, found = simulate(3, 30, 0.8)
    result = scored(found, units(30))
    sums = result.indicators.groupby("unit_id")["contribution"].sum()
    wanted = result.units.set_index("unit_id")["score"]
    assert sums.to_numpy() == pytest.approx(wanted.to_numpy())
    shares = result.indicators.groupby("unit_id")["share"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)


def test_no_total_is_given_under_60_percent_of_the_weight() -> None:
    rows = peers()
    enough = scored(rows[rows["indicator"].isin(("timeliness", "resolution", "no_rebound", "deliberation"))], units(10))
    assert one_card(enough)["coverage_pct"] == pytest.approx(60)
    assert one_card(enough)["state"] == "rated"
    less = scored(rows[rows["indicator"].isin(("timeliness", "resolution", "no_rebound"))], units(10))
    assert one_card(less)["state"] == "too_little_data"
    assert np.isnan(one_card(less)["score"])


def test_missing_is_not_zero() -> None:
    rows = peers()
    without = rows[~((rows["unit_id"] == "u000") & (rows["indicator"] == "pairing"))]
    found = scored(without, units(10))
    assert part(found, "pairing")["state"] == "no_data"
    assert np.isnan(part(found, "pairing")["points"])
    none_met = scored(peers({"pairing": (0, 12)}), units(10))
    assert one_card(found)["score"] > one_card(none_met)["score"] + 2


def test_below_the_minimum_denominator_nothing_is_rated() -> None:
    found = scored(peers({"timeliness": (0, 9)}), units(10))
    assert part(found, "timeliness")["state"] == "too_few"
    assert np.isnan(part(found, "timeliness")["points"])
    assert part(scored(peers({"timeliness": (0, 10)}), units(10)), "timeliness")["state"] == "scored"


def test_zero_that_is_best_is_best() -> None:
    rows = peers()
    rows.loc[rows["indicator"] == "no_rebound", "met"] = 0.0
    found = scored(rows, units(10))
    assert part(found, "no_rebound")["state"] == "scored"
    assert part(found, "no_rebound")["points"] > 98
    one = scored(peers({"no_rebound": (0, 30)}), units(10))
    assert part(one, "no_rebound")["points"] == max(one.indicators.query("indicator == 'no_rebound'")["points"])


@pytest.mark.parametrize("name", RATES)
def test_better_on_one_indicator_never_lowers_the_total(name: str) -> None:
    better = -1 if name == "no_rebound" else 1
    usual = {"timeliness": 30, "resolution": 30, "no_rebound": 30, "deliberation": 12, "pairing": 12}
    whole = usual[name]
    scores = [one_card(scored(peers({name: (x, whole)}), units(10)))["score"] for x in range(0, whole + 1, 3)[::better]]
    assert all(after >= before - 1e-9 for before, after in pairwise(scores))


@settings(max_examples=8)
@given(st.permutations(range(50)), st.permutations(range(10)))
def test_the_order_of_rows_changes_nothing(rows, order) -> None:
    wanted = scored(peers(), units(10), draws=50)
    found = scored(peers().iloc[list(rows)], units(10).iloc[list(order)], draws=50)
    pd.testing.assert_frame_equal(found.units, wanted.units)
    pd.testing.assert_frame_equal(found.indicators, wanted.indicators)


@settings(max_examples=8)
@given(st.integers(2, 12))
def test_volume_at_an_unchanged_rate_moves_the_points_only_towards_the_raw_rate(times: int) -> None:
    """With the peers as they are; the whole card, not only the formula."""
    few, many = (part(scored(peers({"timeliness": (24 * k, 30 * k)}), units(10)), "timeliness") for k in (1, times))
    assert many["raw_pct"] == pytest.approx(few["raw_pct"])
    assert abs(many["points"] - many["raw_pct"]) <= abs(few["points"] - few["raw_pct"]) + 1e-9
    assert (many["points"] - many["raw_pct"]) * (few["points"] - few["raw_pct"]) >= -1e-9


def test_where_nothing_is_known_the_peers_mean_stands_in_and_the_score_still_adds_up() -> None:
    rows = peers()
    without = rows[~((rows["unit_id"] == "u000") & (rows["indicator"] == "pairing"))]
    found = scored(without, units(10))
    row = part(found, "pairing")
    assert row["contribution"] == pytest.approx(row["share"] * row["peer_pct"])
    own = found.indicators[found.indicators["unit_id"] == "u000"]
    assert own["contribution"].sum() == pytest.approx(one_card(found)["score"])
    others = found.indicators[found.indicators["indicator"] == "pairing"]
    assert others["share"].nunique() == 1  # the same weights for all peers


def test_an_indicator_that_no_peer_has_data_for_stands_in_nobodys_score() -> None:
    found = scored(peers(), units(10))
    assert found.indicators.query("indicator == 'public_rating'")["contribution"].isna().all()
    assert one_card(found)["coverage_pct"] == pytest.approx(70)


def test_who_lacks_a_hard_indicator_does_not_rank_above_who_has_it_and_does_as_well() -> None:
    """Two units alike; the peers do worst on pairing (58 of 100), which one of the two has and the other lacks."""
    rows = peers({"pairing": (7, 12)}, count=20)
    twin = rows["unit_id"] == "u003"
    rows.loc[twin, ["met", "whole"]] = rows.loc[rows["unit_id"] == "u000", ["met", "whole"]].to_numpy()
    lacks = rows[~(twin & (rows["indicator"] == "pairing"))]
    found = scored(lacks, units(20), draws=2000)
    has, not_has = one_card(found, "u000"), one_card(found, "u003")
    assert not_has["score"] == pytest.approx(has["score"], abs=0.05)
    assert not_has["rank_low"] + not_has["rank_high"] >= has["rank_low"] + has["rank_high"] - 2
    assert not_has["upper"] - not_has["lower"] > has["upper"] - has["lower"]  # what is not known shows


@pytest.mark.parametrize("more", [1, 5, 40])
@pytest.mark.parametrize("beside", [(12, 30), (30, 30)])
def test_an_indicator_that_begins_to_count_at_the_peers_mean_or_above_never_lowers_the_score(
    more: int, beside: tuple[int, int]
) -> None:
    """Also of a unit that is far above its peers, or below them, in everything else."""
    few = peers({"timeliness": beside, "pairing": (3, 4)})
    assert part(scored(few, units(10)), "pairing")["state"] == "too_few"
    enough = peers({"timeliness": beside, "pairing": (3 + more, 4 + more)})
    assert part(scored(enough, units(10)), "pairing")["state"] == "scored"
    assert one_card(scored(enough, units(10)))["score"] >= one_card(scored(few, units(10)))["score"]


@pytest.mark.parametrize("more", [1, 5, 40])
def test_matters_handled_well_never_lower_the_score(more: int) -> None:
    before = one_card(scored(peers(), units(10)))["score"]
    after = one_card(scored(peers({"timeliness": (27 + more, 30 + more)}), units(10)))["score"]
    assert after >= before


def test_volume_effort_and_hours_cannot_be_given_weight() -> None:
    from analytics.scores.indicators import PANEL
    from data.errors import Refused

    for one in PANEL:
        if one.scorecard == "party":
            with pytest.raises(Refused, match="never_weighs"):
                rules_from({"indicator": {one.name: {"weight": 5}}}, PARTY)


def test_ranks_are_ranges_and_ties_share_them() -> None:
    random = np.random.default_rng(1)
    drawn = random.normal([90, 80, 80, 20], [0.1, 5, 5, 0.1], (2000, 4))
    assert rank_ranges(drawn).tolist() == [[1, 2], [2, 3], [2, 3], [4, 4]] or rank_ranges(drawn)[0][0] == 1
    assert rank_ranges(np.full((10, 5), 3.0)).tolist() == [[3, 3]] * 5


def test_a_band_needs_certainty_and_has_no_quota() -> None:
    random = np.random.default_rng(1)
    assert bands(random.normal(5, 1, (1000, 20)), 97.5) == ["above"] * 20
    assert bands(random.normal(0.5, 1, (1000, 20)), 97.5) == ["among"] * 20


def test_a_group_near_the_ceiling_is_said() -> None:
    assert near_ceiling(np.array([96, 97, 98, 99, 90.0]), 95, 80)
    assert not near_ceiling(np.array([96, 97, 80, 99, 90.0]), 95, 80)


@pytest.mark.parametrize(
    ("state", "effect", "lower", "met", "whole"),
    [
        ("not_met", "left_out", False, 27, 29), ("not_met", "met", False, 28, 30), ("met", "left_out", True, 26, 29),
        ("met", "met", True, 26, 30),
    ],
)  # fmt: skip
def test_an_accepted_objection_changes_one_item(state: str, effect: str, lower: bool, met: float, whole: float) -> None:
    decision = {
        "unit_id": "u000",
        "indicator": "timeliness",
        "state": state,
        "effect": effect,
        "subject": None,
        "is_lower": lower,
    }
    left = pd.DataFrame(columns=["unit_id", "indicator", "reason", "items"])
    found, out, _ = apply_decisions(peers(), left, pd.DataFrame([decision]))
    row = found[(found["unit_id"] == "u000") & (found["indicator"] == "timeliness")].iloc[0]
    assert (row["met"], row["whole"]) == (met, whole)
    assert len(out) == (effect == "left_out")
