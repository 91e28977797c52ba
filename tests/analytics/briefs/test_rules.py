"""The judgements of the briefs: a site's own lie over the shipped ones, and nothing mistyped passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.briefs import BRIEF_RULES
from analytics.briefs.rules import RANGES, rules_from
from data.errors import Refused

WHOLE = [name for name in RANGES if isinstance(getattr(BRIEF_RULES, name), int)]


@given(st.data())
def test_what_is_given_wins_and_the_rest_ships(data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(WHOLE)))
    given_ = {name: data.draw(st.integers(int(RANGES[name][0]), int(RANGES[name][1]))) for name in names}
    rules = rules_from(given_)
    assert {name: getattr(rules, name) for name in names} == given_
    assert all(getattr(rules, name) == getattr(BRIEF_RULES, name) for name in RANGES if name not in names)


def test_the_limits_of_a_range_belong_to_it() -> None:
    for name, (low, high) in RANGES.items():
        assert getattr(rules_from({name: low}), name) == low
        assert getattr(rules_from({name: high}), name) == high


@pytest.mark.parametrize(
    "given_",
    [
        {"soon_days": 0},
        {"soon_days": 31},
        {"soon_days": 3.5},
        {"soon_days": "3"},
        {"listed": True},
        {"filled_pct": 101},
    ],
)
def test_a_value_that_cannot_be_is_refused(given_: dict) -> None:
    with pytest.raises(Refused, match=r"settings\.wrong_value"):
        rules_from(given_)


def test_a_mistyped_name_is_refused_with_the_nearest_right_one() -> None:
    with pytest.raises(Refused) as refused:
        rules_from({"place_minimun": 5})
    assert refused.value.values["nearest"] == "place_minimum"


def test_a_share_may_be_broken() -> None:
    assert rules_from({"filled_pct": 97.5}).filled_pct == 97.5
