"""The judgements of the monthly brief and of the trends are seen with their reasons, tried on a month, and in force from a day on."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.briefs import monthly_rules
from analytics.briefs.answer import BriefRules
from analytics.briefs.monthly_answer import MONTHLY_RULES
from analytics.briefs.monthly_rules import preview_month
from analytics.petitions import rules as trend_rules
from analytics.petitions.rules import preview_trends
from data import in_force
from data.errors import Refused
from data.mart import open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar
from pages.ui import load, settings_months, words
from pages.ui.load import petitions as load_petitions
from pages.ui.load import settings as load_settings

Open = Callable[..., AppTest]
BOOKS = (settings_months.MONTHLY, settings_months.TRENDS)
OCTOBER = date(2026, 10, 31)


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("own", BOOKS, ids=lambda own: own.book)
def test_every_judgement_says_name_unit_reason_and_source(own: settings_months.Judgements, language: str) -> None:
    keys = [f"{own.book}.rule.{name}.{part}" for name in own.ranges for part in ("name", "unit", "reason", "source")]
    assert [key for key in keys if not words.has(key, language)] == []
    assert sorted(name for names in own.groups().values() for name in names) == sorted(own.ranges)


def test_judgements_are_looked_at_then_saved_as_what_differs_and_used_from_that_day(open_page: Open) -> None:
    at = open_page("data_quality", part="settings")
    today = load.site().now().date()
    at.number_input(key="monthly_rule_rise_least").set_value(20)
    at.button(key="monthly_rules_look").click().run()
    assert not at.exception
    assert load.desk().setting_versions(in_force.MONTHLY_RULES).empty
    at.button(key="monthly_rules_save").click().run()
    assert not at.exception
    assert in_force.monthly_rules_in_force(load.desk(), today) == {"rise_least": 20}
    assert load.monthly_rules(today).rise.least == 20
    assert load.monthly_rules(today - timedelta(days=1)) == MONTHLY_RULES
    assert f"{words.say('monthly_settings.rule.rise_least.name', 'zh')} 20件" in shown(at)


def test_what_contradicts_itself_is_refused() -> None:
    with pytest.raises(Refused, match="recurring_of ≤ recurring_months"):
        monthly_rules.rules_from({"recurring_of": 3, "recurring_months": 2})
    with pytest.raises(Refused, match="nearest=fewest_peers"):
        trend_rules.rules_from({"fewest_peer": 3})


def test_what_briefs_and_trends_both_judge_is_set_once(open_page: Open) -> None:
    open_page("data_quality", part="settings")
    site = load.site()
    today = site.now().date()
    load.desk().save_setting(in_force.BRIEF_RULES, {"answer_days": 21}, today, site.actor, site.now())
    assert load_petitions.trend_rules(today).answer_days == 21
    assert trend_rules.rules_from({}, BriefRules(minimum_denominator=20)).minimum_denominator == 20


def test_what_others_would_make_of_a_month_is_counted(town_site: Site) -> None:
    mart, calendar = open_mart(town_site.mart_folder), build_calendar()
    wide = monthly_rules.rules_from({"recurring_least": 2, "recurring_of": 1})
    seen = preview_month(mart, Scope(), OCTOBER, MONTHLY_RULES, wide, calendar=calendar, rules=BriefRules())
    assert seen.now["recurring"] < seen.then["recurring"]
    assert seen.now["falling"] == seen.then["falling"]
    many = trend_rules.rules_from({"fewest_peers": 50})
    alike = preview_trends(mart, Scope(), OCTOBER, trend_rules.rules_from({}), many, calendar=calendar)
    assert alike.now["compared"] > alike.then["compared"] == 0


def test_before_any_record_the_effect_cannot_be_seen(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("data_quality", part="settings", lang="en")
    monkeypatch.setattr(load_settings, "trend_rules_preview", lambda _now, _then: None)
    at.button(key="trend_rules_look").click().run()
    assert words.say("trend_settings.none", "en") in shown(at)
    at.button(key="trend_rules_leave").click().run()
    assert not at.exception
    assert "trend_rules" not in at.session_state
