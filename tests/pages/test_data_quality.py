"""The data quality page: for every role, in both languages, with data and without; what is recorded from it."""

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from data.desk import open_desk
from data.errors import Refused
from data.intake.personal import find_personal
from data.scope import ROLES
from data.site import Site, read_site
from pages.ui import acts, load, quality, words

Open = Callable[..., AppTest]
CSV = b"matter_no,kind,registered_at\nA1,dispute,2026-11-02 09:00\nA2,hotline,2026-11-03 10:00\n"


@pytest.mark.parametrize("part", quality.PARTS)
@pytest.mark.parametrize("language", words.languages)
def test_every_part_opens_on_the_town(open_page: Open, town_link: dict, part: str, language: str) -> None:
    at = open_page("data_quality", home=town_link["home"], lang=language, part=part)
    assert words.say("page.data_quality.title", language) in shown(at)
    assert "xs-section" in shown(at)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_opens_it(open_page: Open, town_link: dict, role: str) -> None:
    assert "xs-table" in shown(open_page("data_quality", home=town_link["home"], role=role))


@pytest.mark.parametrize("part", ["intake", "calendar", "versions"])
@pytest.mark.parametrize("language", words.languages)
def test_what_needs_no_version_opens_before_the_first(open_page: Open, part: str, language: str) -> None:
    assert "xs-section" in shown(open_page("data_quality", part=part, lang=language))


@pytest.mark.parametrize("part", ["records", "repeats"])
def test_what_needs_a_version_says_what_to_run(open_page: Open, part: str) -> None:
    assert "xianshou demo" in shown(open_page("data_quality", part=part))


def test_an_unknown_part_is_the_first(open_page: Open, town_link: dict) -> None:
    page = shown(open_page("data_quality", home=town_link["home"], part="gossip"))
    assert words.say("page.data_quality.section.sources", "zh") in page


def test_a_year_without_a_calendar_is_said(open_page: Open) -> None:
    page = shown(open_page("data_quality", part="calendar", lang="en"))
    assert words.name("coverage", "missing", "en") in page


def test_shares_of_few_matters_are_left_out(open_page: Open, town_link: dict) -> None:
    open_page("data_quality", home=town_link["home"])
    lines = load.data_quality().units
    assert any(line.values["with_category_pct"] is None for line in lines if line.values["new"] < 10)
    assert all(line.values["with_category_pct"] is not None for line in lines if line.values["new"] >= 10)


def test_duty_mode_set_here_shows_on_every_page(open_page: Open) -> None:
    at = open_page("data_quality", part="versions")
    at.radio[0].set_value("war")
    at.text_input[0].set_value("防汛值守")
    at.button[0].click().run()
    assert not at.exception
    assert "防汛值守" in shown(at)
    assert open_desk(load.site().desk_url).duty_mode().mode == "war"


def test_a_note_is_kept_with_its_unverified_post(open_page: Open) -> None:
    open_page("data_quality", part="calendar")
    today = load.site().now().date()
    acts.add_note(today, today, "菜市场改造开工", "construction", None)
    page = shown(open_page("data_quality", part="calendar", home=load.site().home))
    assert "菜市场改造开工" in page
    assert words.say("page.daily_brief.unverified", "zh") in page


def test_a_note_with_personal_data_is_refused(open_page: Open) -> None:
    open_page("data_quality", part="calendar")
    today = load.site().now().date()
    with pytest.raises(Refused):
        acts.add_note(today, today, "联系 13812345678", "other", None)


def test_a_file_is_rehearsed_before_it_is_imported(open_page: Open) -> None:
    at = open_page("data_quality", part="intake")
    at.file_uploader[0].upload("matters.csv", CSV).run()
    at.button(key="upload_check").click().run()
    assert not at.exception
    assert acts.batches().empty
    at.button(key="upload_confirm").click().run()
    assert not at.exception
    assert acts.batches()["inserted"].tolist() == [2]
    assert not list((load.site().home / "uploads").iterdir())


def test_a_batch_can_be_taken_back(open_page: Open) -> None:
    open_page("data_quality", part="intake")
    acts.import_upload("matters.csv", CSV, "standard", dry_run=False, progress=lambda *_: None)
    acts.undo(int(acts.batches()["batch_id"].iloc[0]))
    page = shown(open_page("data_quality", part="intake", home=load.site().home))
    assert words.name("batch", "undone", "zh") in page


def test_an_imported_file_is_on_the_brief_after_a_refresh(open_page: Open) -> None:
    open_page("data_quality", part="intake")
    acts.import_upload("matters.csv", CSV, "standard", dry_run=False, progress=lambda *_: None)
    acts.publish(lambda *_: None)
    page = shown(open_page("daily_brief", day="2026-11-03", home=load.site().home))
    assert "xs-headline" in page


def test_a_foreign_database_is_never_imported_into(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANSHOU_DATABASE_URL", "postgresql://reader@127.0.0.1/matters")
    at = open_page("data_quality", part="intake")
    assert not at.get("file_uploader")
    assert words.say("page.data_quality.upload.foreign", "zh") in shown(at)


def test_a_failed_attempt_is_said_with_its_reason(
    open_page: Open, town_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = load.marts.Attempt(
        datetime(2026, 11, 21, 6), datetime(2026, 11, 21, 6, 1), False, "mart.missing", {"folder": "x"}
    )
    monkeypatch.setattr(load, "last_attempt", lambda: failed)
    page = shown(open_page("data_quality", home=town_site.home, part="versions"))
    assert "xs-is-failed" in page


def test_the_calendar_can_be_given_a_year(open_page: Open) -> None:
    open_page("data_quality", part="calendar")
    year = read_site().now().year + 1
    weekdays = [date(year, 10, day) for day in range(1, 29) if date(year, 10, day).weekday() < 5][:15]
    acts.save_year(year, dict.fromkeys(weekdays), {})
    calendar = load.calendar()
    assert set(calendar.loc[calendar["year"] == year, "source"]) == {"site"}
    acts.clear_year(year)
    assert load.calendar().query("year == @year").empty


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("part", quality.PARTS)
def test_no_personal_data_stands_on_any_part(open_page: Open, town_link: dict, part: str, language: str) -> None:
    page = shown(open_page("data_quality", home=town_link["home"], lang=language, part=part))
    assert [line for line in re.sub(r"<[^>]*>", "\n", page).splitlines() if line.strip() and find_personal(line)] == []
