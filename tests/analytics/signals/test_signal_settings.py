"""The judgements of the warnings ship whole and are checked before they are used."""

from dataclasses import fields

import pytest

from analytics.signals.settings import LEVEL_CODES, LEVELS, RANGES, SIGNAL_RULES, SignalRules, rules_from
from data.errors import Refused


def test_every_judgement_has_a_range_and_ships_within_it():
    assert set(RANGES) == {field.name for field in fields(SignalRules)}
    for name, (low, high) in RANGES.items():
        assert low <= getattr(SIGNAL_RULES, name) <= high, name
    assert rules_from({}) == SIGNAL_RULES


def test_a_site_sets_some_and_keeps_the_rest():
    rules = rules_from({"budget_a_week": 10, "q_street": 0.05})
    assert (rules.budget_a_week, rules.q_of("street"), rules.mute_weeks) == (10, 0.05, 4)


@pytest.mark.parametrize(
    "given", [{"budget_a_week": 0}, {"budget_a_week": 2.5}, {"mute_weeks": True}, {"watch_p": 1}, {"q_city": "x"}]
)
def test_a_value_out_of_range_or_of_the_wrong_kind_is_refused(given):
    with pytest.raises(Refused, match="wrong_value"):
        rules_from(given)


def test_a_mistyped_name_is_refused_with_the_nearest_right_one():
    with pytest.raises(Refused, match="nearest=budget_a_week"):
        rules_from({"budget_week": 6})


@pytest.mark.parametrize("given", [{"scale_2": 60}, {"level_1": 4}, {"persistence_3": 1}, {"found_reserve": 50}])
def test_thresholds_that_do_not_rise_are_refused(given):
    with pytest.raises(Refused, match="wrong_value"):
        rules_from(given)


def test_graver_levels_are_never_verified_later_and_every_level_has_a_rate():
    days = [SIGNAL_RULES.verify_days(code) for code in LEVEL_CODES]
    assert days == sorted(days)
    assert [SIGNAL_RULES.q_of(level) for level in LEVELS] == [0.2, 0.1, 0.1, 0.1]
    assert SIGNAL_RULES.q_of("county") == 0.1
