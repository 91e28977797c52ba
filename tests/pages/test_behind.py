"""Behind a number: every measure and property has words, the list says what it was narrowed to, and the way back keeps what was chosen."""

import html
import re
from collections.abc import Callable
from datetime import date

import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from data.mart import open_mart
from data.queries import PROPERTIES, TAGGED, Selection, condition, may_open, names_of
from data.scope import Scope
from pages.ui import behind, load, words
from pages.ui.links import Chosen

Open = Callable[..., AppTest]
DAY = date(2026, 11, 20)
ALL = Scope(None, "office")


def measures() -> list[str]:
    """Every measure, as the condition itself names them when it is asked for one that is none."""
    with pytest.raises(ValueError, match="is none of") as refused:
        condition(Selection("no such measure", DAY, DAY, DAY))
    return str(refused.value).partition("is none of ")[2].split(", ")


@pytest.mark.parametrize("language", words.languages)
def test_every_measure_has_a_name(language: str) -> None:
    assert len(measures()) > 20
    assert [one for one in measures() if not words.has(f"figure.name.{one}", language)] == []


@pytest.mark.parametrize("language", words.languages)
def test_every_property_has_a_name(language: str) -> None:
    assert [one for one in (*PROPERTIES, *TAGGED) if not words.has(f"names.property.{one}", language)] == []


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """How a selection with these properties is said."""
    monkeypatch.setattr(load, "named", lambda selection: {"committee_code": "物业管理委员会"})

    def told(language: str, **properties: str) -> str:
        return behind._narrowed_to(Selection("new", DAY, DAY, DAY).also(**properties), language)

    return told


@pytest.mark.parametrize(
    ("properties", "zh", "en"),
    [
        ({"form": "visit"}, "信访形式：来访", "Petition form: Visit"),
        ({"form": ""}, "信访形式：未记录", "Petition form: not recorded"),
        ({"is_repeat": "1"}, "重复", "Repeat"),
        ({"is_repeat": ""}, "初次或重复：未记录", "First or repeat: not recorded"),
        ({"weekday": "3"}, "星期三登记", "registered on a Wednesday"),
        ({"weekday": "9"}, "9登记", "registered on a 9"),
        ({"hour": "14"}, "14时登记", "registered in the hour from 14:00"),
        ({"leader_case_post": "district"}, "包案层级：区级", "Leader in charge: District"),
        ({"committee_code": "c3"}, "专业委员会：物业管理委员会", "Specialised committee: 物业管理委员会"),
        ({"topic": "lift"}, "主题标签：电梯管养", "Topic: Lifts"),
        ({"channel": "本地渠道"}, "来件渠道：本地渠道", "Channel: 本地渠道"),
    ],
)
def test_a_property_is_said_in_words(say: Callable, properties: dict, zh: str, en: str) -> None:
    assert say("zh", **properties).split(" · ")[-1] == zh
    assert say("en", **properties).split(" · ")[-1] == en


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("name", [*PROPERTIES, *TAGGED])
def test_any_property_with_any_value_is_said(say: Callable, language: str, name: str) -> None:
    for value in ("", "1", "a,b:c%", "<b>"):
        assert say(language, **{name: value})


def test_a_list_narrowed_by_properties_agrees_with_its_count(open_page: Open, town_link: dict) -> None:
    selection = Selection("new", DAY, date(2026, 1, 1), DAY, "petition").also(form="visit", is_repeat="0")
    link = dict(re.findall(r"([a-z_]+)=([^&]+)", Chosen(DAY).query(selection)))
    link["having"] = "form:visit,is_repeat:0"
    page = shown(open_page("daily_brief", home=town_link["home"], **link))
    count = load.matters(selection)[0]
    assert count > 0
    assert f"{count}件" in page
    assert "信访形式：来访" in page


def test_the_way_back_keeps_what_was_chosen(open_page: Open, town_link: dict) -> None:
    chosen = {"kind": "dispute", "unit": "week", "category": "04", "has": "form:visit", "sort": "late"}
    link = {**town_link, **chosen, "behind": "open", "as_of": town_link["day"]}
    page = shown(open_page("daily_brief", **link))
    back = html.unescape(re.search(r'href="(\?[^"]*)"[^>]*>← ', page).group(1))
    for name, value in chosen.items():
        assert f"{name}={value}".replace(":", "%3A") in back
    assert "behind" not in back
    assert words.say("page.daily_brief.title", "zh") in page[page.index("← ") : page.index("← ") + 20]


@pytest.mark.parametrize("measure", ["median_days_to_close", "accepted_in_time", "on_time", "new", "nonsense"])
def test_a_link_without_what_its_measure_needs_is_said(open_page: Open, town_link: dict, measure: str) -> None:
    page = shown(open_page("daily_brief", **town_link, behind=measure, as_of="2026-11-20"))
    assert words.say("behind.bad_link", "zh") in page or words.say("behind.none", "zh") in page


def test_below_a_street_a_number_of_a_sensitive_category_is_not_said(open_page: Open, town_link: dict) -> None:
    mart = open_mart(town_link["home"] / "mart")
    names = names_of(mart)
    tree = names.areas
    community = tree[tree["level_code"] == "community"]["area_code"].iloc[0]
    street, sensitive = names.area(community)["street_code"], names.sensitive[0]
    near = Selection("new", DAY, date(2023, 1, 1), DAY, area_code=community)
    wide = near.narrowed(area_code=street)
    assert not may_open(mart, ALL, near.narrowed(category_code=sensitive))
    assert not may_open(mart, ALL, near.also(own_category=sensitive))
    assert not may_open(mart, ALL, wide.narrowed(category_code=sensitive).also(own_area=community))
    assert not may_open(mart, Scope((community,), "community"), wide.narrowed(category_code=sensitive))
    assert may_open(mart, ALL, wide.narrowed(category_code=sensitive))
    assert may_open(mart, ALL, near)
    link = {"behind": "new", "as_of": "2026-11-20", "from": "2023-01-01", "to": "2026-11-20", "of_area": community}
    page = shown(open_page("daily_brief", home=town_link["home"], of_category=sensitive, **link))
    assert names.by_code["category"][sensitive] not in page
    assert words.say("behind.none", "zh") in page
