"""The judgements of the warnings are seen with their reasons, tried before they are saved, and in force from a day on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.signals.settings import RANGES, SIGNAL_RULES
from analytics.warnings.weighing import RulesPreview
from data import in_force
from data.errors import Refused
from pages.ui import load, settings_signals, words
from pages.ui.load import settings as load_settings

Open = Callable[..., AppTest]
COUNTS = {"found": 2, "watch": 3, "digest": 0, "I": 1, "II": 1, "III": 1, "IV": 2}


@pytest.mark.parametrize("language", words.languages)
def test_every_judgement_says_name_unit_reason_and_source(language: str) -> None:
    keys = [f"signal_settings.rule.{name}.{part}" for name in RANGES for part in ("name", "unit", "reason", "source")]
    assert [key for key in keys if not words.has(key, language)] == []


def test_every_judgement_stands_in_one_group() -> None:
    found = settings_signals.JUDGEMENTS.groups()
    assert sorted(name for names in found.values() for name in names) == sorted(RANGES)
    assert found["verifying"] == ["verify_days_1", "verify_days_2", "verify_days_3", "verify_days_4", "record_days"]
    assert found["levels"][-3:] == ["level_1", "level_2", "level_3"]
    assert "same_topic_count" in found["rules"]


@pytest.mark.parametrize("language", words.languages)
def test_it_opens_before_the_first_version_and_says_small_values_whole(open_page: Open, language: str) -> None:
    page = shown(open_page("data_quality", part="settings", lang=language))
    assert words.say("signal_settings.title", language) in page
    assert "0.001" in page


def _look(at: AppTest) -> AppTest:
    return at.button(key="signal_rules_look").click().run()


def test_judgements_are_looked_at_then_saved_as_what_differs(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    at = open_page("data_quality", part="settings")
    today = load.site().now().date()
    monkeypatch.setattr(
        load_settings,
        "signal_rules_preview",
        lambda now, then: tried.append((now, then)) or RulesPreview(today, COUNTS, COUNTS | {"watch": 7}),
    )
    at.number_input(key="signal_rule_budget_a_week").set_value(10)
    _look(at)
    assert not at.exception
    assert (tried[0][0], tried[0][1].budget_a_week) == (SIGNAL_RULES, 10)
    assert words.name("signal_rules_as", "then", "zh") in shown(at)
    assert load.desk().setting_versions(in_force.SIGNAL_RULES).empty
    at.button(key="signal_rules_save").click().run()
    assert not at.exception
    assert in_force.signal_rules_in_force(load.desk(), today) == {"budget_a_week": 10}
    assert load_settings.signal_rules(today).budget_a_week == 10
    assert load_settings.signal_rules(today - timedelta(days=1)) == SIGNAL_RULES
    assert f"{words.say('signal_settings.rule.budget_a_week.name', 'zh')} 10件" in shown(at)


def test_before_the_first_detection_the_effect_cannot_be_seen_and_what_was_looked_at_can_be_left(
    open_page: Open,
) -> None:
    at = _look(open_page("data_quality", part="settings"))
    assert words.say("signal_settings.none", "zh") in shown(at)
    at.button(key="signal_rules_leave").click().run()
    assert not at.exception
    assert "signal_rules" not in at.session_state


def test_thresholds_that_contradict_each_other_are_refused_on_the_screen(open_page: Open) -> None:
    at = open_page("data_quality", part="settings", lang="en")
    at.number_input(key="signal_rule_level_3").set_value(20)
    _look(at)
    assert "level_3" in shown(at)
    assert "signal_rules" not in at.session_state


def test_a_mistyped_judgement_stops_with_the_nearest_right_one(open_page: Open) -> None:
    open_page("data_quality", part="settings")
    site = load.site()
    today = site.now().date()
    load.desk().save_setting(in_force.SIGNAL_RULES, {"budget": 3}, today, site.actor, site.now())
    with pytest.raises(Refused, match="nearest=budget_a_week"):
        load_settings.signal_rules(today)
