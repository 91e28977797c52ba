"""The risk level is the sum of its parts and nothing else; the rules are checked before they are used."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.risk.capacity import CapacityCase, flat_closings, what_if
from analytics.risk.composite import level_of, part_points, reliability, total_points
from analytics.risk.settings import PARTS, RANGES, RISK_RULES, RiskRules, rules_from
from data.errors import Refused

VALUES = st.fixed_dictionaries({part: st.one_of(st.none(), st.floats(-1, 30)) for part in PARTS})


@given(VALUES)
def test_the_points_are_the_sum_of_the_parts_and_no_part_gives_more_than_its_weight(values: dict) -> None:
    points = part_points(values)
    assert all(0 <= points[part] <= RISK_RULES.weight(part) for part in PARTS)
    total = total_points(values)
    if total is not None:
        assert total == pytest.approx(sum(points.values()))


@given(VALUES, st.sampled_from(PARTS), st.floats(0, 5))
def test_a_higher_value_never_lowers_the_level(values: dict, part: str, more: float) -> None:
    if values[part] is not None:
        assert part_points(values | {part: values[part] + more})[part] >= part_points(values)[part]


def test_without_a_forecast_there_is_no_level_rather_than_a_low_one() -> None:
    assert total_points({"deadline": 0.9, "pending": 0.5}) is None
    assert level_of(None) is None


def test_a_petition_rate_like_everywhere_gives_no_points() -> None:
    assert part_points({"escalation": 1.0})["escalation"] == 0
    assert part_points({"escalation": 0.4})["escalation"] == 0
    assert part_points({"escalation": RISK_RULES.full_escalation})["escalation"] == RISK_RULES.weight_escalation


def test_the_shipped_weights_add_up_to_a_hundred_and_every_rule_has_a_range() -> None:
    assert sum(RISK_RULES.weight(part) for part in PARTS) == 100
    assert set(RANGES) == set(RiskRules.__dataclass_fields__)
    assert all(low <= getattr(RISK_RULES, name) <= high for name, (low, high) in RANGES.items())


@pytest.mark.parametrize(
    ("given_", "key"),
    [
        ({"weight_usul": 3}, "settings.unknown_key"),
        ({"weight_usual": 300}, "settings.wrong_value"),
        ({"pending_days": 60.5}, "settings.wrong_value"),
        ({"level_3": 80}, "settings.wrong_value"),
        ({f"weight_{part}": 0 for part in PARTS}, "settings.wrong_value"),
    ],
)
def test_a_rule_that_is_mistyped_or_makes_no_sense_is_refused(given_: dict, key: str) -> None:
    with pytest.raises(Refused) as refused:
        rules_from(given_)
    assert refused.value.key == key


def test_the_share_passed_is_told_by_level_with_its_range() -> None:
    found = reliability(pd.DataFrame({"level_code": ["I"] * 4 + ["IV"] * 10, "passed": [1, 1, 1, 0] + [0] * 10}))
    first, last = found.iloc[0], found.iloc[-1]
    assert (first["issued"], first["share"]) == (4, 0.75)
    assert first["low"] < 0.75 < first["high"]
    assert last["share"] == 0
    assert last["high"] < 0.35


def test_flat_closings_keep_the_backlog_where_it_is() -> None:
    arrivals = pd.DataFrame({"on": range(4), "median": [8.0, 12.0, 10.0, 10.0], "low": [6.0] * 4, "high": [14.0] * 4})
    flat, low, high = flat_closings(
        arrivals["median"].to_numpy(), arrivals["high"].to_numpy() - arrivals["low"].to_numpy()
    )
    case = CapacityCase("city", "1", "", None, 40, 9.0, 8, arrivals, flat, low, high)
    assert what_if(case, flat)["open"].iloc[-1] == pytest.approx(40)
    assert what_if(case, 1000)["open"].tolist() == [0.0] * 4
    assert low < flat < high
