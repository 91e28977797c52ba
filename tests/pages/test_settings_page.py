"""Limits and judgements: seen in both languages, tried before they are saved, in force from a day on, never lost."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date, timedelta

import pandas as pd
import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.briefs import BRIEF_RULES, BriefRules
from analytics.briefs.rules import RANGES
from data import in_force
from data.deadlines import HOTLINE_PURPOSES, UNITS, rules_from
from data.desk import open_desk
from data.errors import Refused
from pages.ui import acts, load, settings, words
from pages.ui.links import Chosen

Open = Callable[..., AppTest]


@pytest.mark.parametrize("language", words.languages)
def test_every_judgement_says_unit_reason_and_source(language: str) -> None:
    assert {field.name for field in fields(BriefRules)} == set(RANGES)
    keys = [f"settings.rule.{name}.{part}" for name in RANGES for part in ("name", "unit", "reason", "source")]
    assert [key for key in keys if not words.has(key, language)] == []


def test_every_judgement_ships_within_its_range() -> None:
    assert [name for name, (low, high) in RANGES.items() if not low <= getattr(BRIEF_RULES, name) <= high] == []


@pytest.mark.parametrize("language", words.languages)
def test_it_opens_before_the_first_version_and_after(open_page: Open, town_link: dict, language: str) -> None:
    for home in ({}, {"home": town_link["home"]}):
        page = shown(open_page("data_quality", part="settings", lang=language, **home))
        for part in ("limits", "rules"):
            assert words.say(f"settings.{part}.title", language) in page


def test_another_profile_is_looked_at_then_saved_and_in_force(open_page: Open) -> None:
    at = open_page("data_quality", part="settings")
    at.selectbox(key="limits_profile").select("D").run()
    at.button[0].click().run()
    assert not at.exception
    assert open_desk(load.site().desk_url).setting_versions("deadlines").empty
    at.button(key="limits_save").click().run()
    assert not at.exception
    desk, today = open_desk(load.site().desk_url), load.site().now().date()
    assert in_force.deadline_rules_in_force(desk, today).hotline.code == "D"
    assert in_force.deadline_rules_in_force(desk, today - timedelta(days=1)).hotline.code == "A"
    assert words.name("setting_state", "in_force", "zh") in shown(at)
    assert desk.acts()["what"].tolist()[0] == "setting_saved"


def test_what_was_looked_at_can_be_left(open_page: Open) -> None:
    at = open_page("data_quality", part="settings")
    at.button[0].click().run()
    at.button(key="limits_leave").click().run()
    assert not at.exception
    assert load.desk().setting_versions("deadlines").empty


def _edited(profile: object, **changes: int | None) -> pd.DataFrame:
    limits = {purpose: profile.limits.get(purpose) for purpose in HOTLINE_PURPOSES}
    amounts = {purpose: clock.amount if clock else None for purpose, clock in limits.items()} | changes
    units = [words.name("clock_unit", clock.unit if clock else "working_day", "en") for clock in limits.values()]
    return pd.DataFrame(
        {"purpose": list(amounts), "amount": pd.array(list(amounts.values()), dtype="Int64"), "unit": units}
    )


@pytest.mark.parametrize("code", list("ABCDE"))
def test_a_profile_left_as_it_is_is_only_chosen(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(settings.load_settings, "deadline_settings", lambda day: {})
    profile = rules_from({}).hotline_profiles[code]
    value = settings._own_or_chosen(profile, _edited(profile), "", date(2026, 11, 20), "en")
    assert value == {"hotline": {"profile": code}}


def test_a_changed_limit_makes_a_profile_of_the_sites_own(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {"roll_due_to_working_day": True, "hotline": {"profile": "site", "profiles": {"site": {"limits": {}}}}}
    monkeypatch.setattr(settings.load_settings, "deadline_settings", lambda day: before)
    profile = rules_from({}).hotline_profiles["A"]
    edited = _edited(profile, help=5, complaint=None)
    value = settings._own_or_chosen(profile, edited, "市府办〔2026〕9号", date(2026, 11, 20), "en")
    rules = rules_from(value)
    assert rules.roll_due_to_working_day
    assert (rules.hotline.code, rules.hotline.example, rules.hotline.basis) == ("site", False, "市府办〔2026〕9号")
    assert rules.hotline.limits["help"].amount == 5
    assert rules.hotline.limits["help"].unit in UNITS
    assert "complaint" not in rules.hotline.limits
    assert rules.hotline.limits["enquiry"] == profile.limits["enquiry"]


def test_a_setting_cannot_be_laid_over_days_gone_by(open_page: Open) -> None:
    open_page("data_quality", part="settings")
    yesterday = load.yesterday()
    with pytest.raises(Refused, match="from_past"):
        acts.save_setting("brief_rules", {"soon_days": 7}, yesterday)


def test_judgements_are_saved_as_what_differs(open_page: Open) -> None:
    at = open_page("data_quality", part="settings")
    at.number_input(key="rule_soon_days").set_value(7)
    save = next(one for one in at.button if one.label == words.say("settings.save_rules", "zh"))
    save.click().run()
    assert not at.exception
    today = load.site().now().date()
    assert in_force.brief_rules_in_force(load.desk(), today) == {"soon_days": 7}
    assert load.brief_rules(today).soon_days == 7
    assert load.brief_rules(today - timedelta(days=1)) == BRIEF_RULES
    assert f"{words.say('settings.rule.soon_days.name', 'zh')} 7天" in shown(at)


def test_a_past_days_brief_uses_what_was_in_force_then(open_page: Open, town_link: dict, tmp_path: object) -> None:
    open_page("data_quality", part="settings")
    day = date(2026, 11, 20)
    load.desk().save_setting("brief_rules", {"listed": 3}, day, load.site().actor, load.site().now())
    assert load.brief_rules(day).listed == 3
    assert load.brief_rules(day - timedelta(days=1)).listed == BRIEF_RULES.listed


def test_a_mistyped_judgement_stops_with_the_nearest_right_one(open_page: Open, town_link: dict) -> None:
    open_page("data_quality", part="settings")
    site = load.site()
    load.desk().save_setting("brief_rules", {"son_days": 3}, date(2026, 1, 1), site.actor, site.now())
    page = shown(open_page("data_quality", part="settings", home=site.home, lang="en"))
    assert "soon_days" in page
    assert "xs-empty" in page


@pytest.mark.parametrize("language", words.languages)
def test_a_version_of_limits_is_said_in_one_line(language: str) -> None:
    value = {
        "hotline": {
            "profile": "site",
            "profiles": {"site": {"basis": "X", "limits": {"help": {"amount": 1, "unit": "day"}}}},
        }
    }
    said = settings._said_limits(value, Chosen(date(2026, 11, 20), language=language))
    assert words.name("hotline_profile", "site", language) in said
    assert {"zh": "求助1日", "en": "Request for help 1 day"}[language] in said
    assert said.endswith("X")
