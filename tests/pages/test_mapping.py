"""A mapping made for one file: proposed, shown, confirmed by a person, and only then used."""

import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from data.errors import Refused
from data.intake import proposals
from data.intake.profiles import parse_profile
from pages.ui import acts, load, mapping, words
from pages.ui.links import Chosen

Open = Callable[..., AppTest]
FILE = "工单编号,登记时间,办结的时间,联系电话,天气\nB1,2026-11-02 09:00,2026-11-04 10:00,13812345678,晴\nB2,2026-11-03 10:00,,13987654321,雨\n".encode()
CHOSEN = Chosen(date(2026, 11, 20))


@pytest.fixture
def mapped(open_page: Open) -> AppTest:
    """The import part with a file whose mapping is still to be made."""
    at = open_page("data_quality", part="intake")
    at.selectbox(key="upload_profile").set_value(mapping.NEW)
    at.file_uploader[0].upload("work orders.csv", FILE).run()
    assert not at.exception
    return at


def _choices(at: AppTest) -> dict[str, object]:
    return {box.label: box for box in at.selectbox if box.key and box.key.startswith("map_") and "kind" not in box.key}


def _keys(at: AppTest) -> list[str]:
    return [button.key for button in at.button]


def _confirm(at: AppTest) -> AppTest:
    (system,) = [one for one in at.text_input if one.key.endswith("_system")]
    (kind,) = [one for one in at.selectbox if one.key.endswith("_kind")]
    system.set_value("street_desk")
    kind.set_value("hotline").run()
    at.button(key="map_confirm").click().run()
    assert not at.exception
    return at


def test_every_header_shows_its_proposal_and_a_personal_one_has_no_choice(mapped: AppTest) -> None:
    proposed = {label: box.value for label, box in _choices(mapped).items()}
    assert proposed == {
        "工单编号": "matter_no",
        "登记时间": "registered_at",
        "办结的时间": "closed_at",
        "天气": mapping.DROP,
    }
    page = shown(mapped)
    assert "联系电话" in page
    assert {
        words.say(f"intake.states.{state}", "zh") in page for state in ("known", "likely", "personal", "unknown")
    } == {True}
    assert "13812345678" not in page
    assert not list((load.site().home / "uploads").iterdir())


def test_nothing_is_used_before_it_is_confirmed(mapped: AppTest) -> None:
    assert "upload_check" not in _keys(mapped)
    assert mapped.button(key="map_confirm").disabled
    assert "upload_check" in _keys(_confirm(mapped))
    _choices(mapped)["天气"].set_value("channel").run()
    assert "upload_check" not in _keys(mapped)


def test_a_confirmed_mapping_is_rehearsed_and_imported(mapped: AppTest) -> None:
    _confirm(mapped).button(key="upload_check").click().run()
    assert not mapped.exception
    assert acts.batches().empty
    mapped.button(key="upload_confirm").click().run()
    assert not mapped.exception
    found = acts.batches().iloc[0]
    assert (found["inserted"], found["profile"], found["source_system"]) == (2, "street_desk", "street_desk")
    assert not list((load.site().home / "uploads").iterdir())


def test_the_same_target_twice_or_a_missing_number_cannot_be_confirmed(mapped: AppTest) -> None:
    _choices(mapped)["工单编号"].set_value("registered_at")
    assert mapped.run().button(key="map_confirm").disabled
    page = shown(mapped)
    number, registered = (mapping.name_target(target, CHOSEN) for target in mapping.NEEDED)
    assert words.say("page.data_quality.mapping.missing", "zh", targets=[number]) in page
    assert words.say("page.data_quality.mapping.twice", "zh", targets=[registered]) in page


def test_a_source_name_holds_nothing_personal() -> None:
    choices = {"a": "matter_no", "b": "registered_at"}
    assert mapping.find_lacking(choices, "street_desk", "hotline", CHOSEN) == []
    assert len(mapping.find_lacking(choices, "13812345678", "hotline", CHOSEN)) == 1
    assert len(mapping.find_lacking(choices, "", None, CHOSEN)) == 1


def test_the_written_mapping_reads_back_as_the_profile_that_was_used() -> None:
    choices = {"编号": "matter_no", "登记": "registered_at", "街镇": "area:street", "电话": None}
    written, profile = mapping.write_mapping(choices, '街道"一"', "petition")
    assert parse_profile(tomllib.loads(written), '街道"一"') == profile
    assert profile.drop == ("电话",)
    assert [level.name for level in profile.area.levels] == [("街镇",)]


def test_a_first_row_of_values_is_no_header(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"intake\.no_header"):
        mapping.read_headers("x.csv", b"A1,13812345678\nA2,13987654321\n", tmp_path, "Asia/Shanghai")
    assert list(tmp_path.iterdir()) == []


def test_an_unreadable_file_is_said_and_leaves_no_copy(open_page: Open) -> None:
    at = open_page("data_quality", part="intake")
    at.selectbox(key="upload_profile").set_value(mapping.NEW)
    at.file_uploader[0].upload("x.csv", b"%PDF-1.7 nothing").run()
    assert not at.exception
    assert words.say("errors.intake.no_table", "zh", file="x.csv") in shown(at)
    assert "map_confirm" not in _keys(at)
    assert not list((load.site().home / "uploads").iterdir())


@pytest.mark.parametrize("language", words.languages)
def test_every_target_has_its_meaning(language: str) -> None:
    assert [one for one in proposals.TARGETS if not words.has(f"names.target.{one}", language)] == []
