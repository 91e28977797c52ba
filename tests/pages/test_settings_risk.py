"""The judgements of the risk outlook are seen with their reasons, tried before they are saved, and in force from a day on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import risk_sample
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.outlook.weighing import preview_levels
from analytics.risk.settings import RANGES, RISK_RULES, rules_from
from data import in_force
from data.errors import Refused
from pages.ui import load, settings_risk, words
from pages.ui.load import settings as load_settings

Open = Callable[..., AppTest]


@pytest.mark.parametrize("language", words.languages)
def test_every_judgement_says_name_unit_reason_and_source(language: str) -> None:
    keys = [f"risk_settings.rule.{name}.{part}" for name in RANGES for part in ("name", "unit", "reason", "source")]
    assert [key for key in keys if not words.has(key, language)] == []


def test_every_judgement_stands_in_one_group() -> None:
    found = settings_risk.JUDGEMENTS.groups()
    assert sorted(name for names in found.values() for name in names) == sorted(RANGES)
    assert found["lines"] == [
        "usual_pct", "usual_periods_week", "usual_periods_month", "last_year_pct", "capacity_pct", "capacity_weeks",
    ]  # fmt: skip
    assert "pending_days" in found["work"]


def test_judgements_are_looked_at_then_saved_as_what_differs(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("data_quality", part="settings")
    today = load.site().now().date()
    monkeypatch.setattr(
        load_settings, "risk_rules_preview", lambda now, then: preview_levels(risk_sample.outlook(), now, then)
    )
    at.number_input(key="risk_rule_weight_usual").set_value(17.5)
    at.button(key="risk_rules_look").click().run()
    assert not at.exception
    assert words.say("risk_settings.lines_later", "zh") in shown(at)
    assert load.desk().setting_versions(in_force.RISK_RULES).empty
    at.button(key="risk_rules_save").click().run()
    assert not at.exception
    assert in_force.risk_rules_in_force(load.desk(), today) == {"weight_usual": 17.5}
    assert load_settings.risk_rules(today - timedelta(days=1)) == RISK_RULES
    assert f"{words.say('risk_settings.rule.weight_usual.name', 'zh')} 17.5分" in shown(at)


def test_before_the_first_outlook_the_effect_cannot_be_seen_and_what_was_looked_at_can_be_left(open_page: Open) -> None:
    at = open_page("data_quality", part="settings", lang="en")
    at.button(key="risk_rules_look").click().run()
    assert words.say("risk_settings.none", "en") in shown(at)
    at.button(key="risk_rules_leave").click().run()
    assert not at.exception
    assert "risk_rules" not in at.session_state


def test_thresholds_that_contradict_each_other_are_refused_on_the_screen(open_page: Open) -> None:
    at = open_page("data_quality", part="settings", lang="en")
    at.number_input(key="risk_rule_level_3").set_value(90.0)
    at.button(key="risk_rules_look").click().run()
    assert "level_3" in shown(at)
    assert "risk_rules" not in at.session_state


def test_a_mistyped_judgement_stops_with_the_nearest_right_one(open_page: Open) -> None:
    open_page("data_quality", part="settings")
    site = load.site()
    today = site.now().date()
    load.desk().save_setting(in_force.RISK_RULES, {"weight_usul": 3}, today, site.actor, site.now())
    with pytest.raises(Refused, match="nearest=weight_usual"):
        load_settings.risk_rules(today)


def test_other_weights_move_cells_between_levels_and_lose_none() -> None:
    found = risk_sample.outlook()
    seen = preview_levels(found, RISK_RULES, rules_from({"level_1": 1, "level_2": 1, "level_3": 1}))
    assert (
        seen.then["I"]
        == sum(seen.then.values())
        == sum(seen.now.values())
        == sum(bool(one.parts) for one in found.items)
    )
    assert preview_levels(risk_sample.nothing(), RISK_RULES, RISK_RULES) is None
