"""The desk as it was: what people had recorded by a moment, nothing they recorded since, and nothing lost to what came later."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from data.desk import Desk, open_desk
from data.desk_replay import desk_as_known
from data.issuing import BriefKey, Item, close_directive, give_directive, list_directives, read_words, save_words
from data.scope import Actor, Scope

AT = datetime(2026, 11, 21, 7)
DAY, HOUR = date(2026, 11, 20), timedelta(hours=1)
OFFICE, LEADER = Actor("office", Scope()), Actor("leader", Scope(role="leader"))
KEY = BriefKey("monthly", date(2026, 11, 1), None, None)


@pytest.fixture
def kept(tmp_path: Path) -> Desk:
    return open_desk(f"sqlite:///{tmp_path / 'desk.db'}")


def test_notes_settings_and_duty_are_as_they_were(kept: Desk) -> None:
    number = kept.add_note(DAY, DAY, "集市", OFFICE, AT)
    kept.save_setting("limits", {"a": 1}, DAY, OFFICE, AT)
    kept.remove_note(number, OFFICE, AT + 2 * HOUR)
    kept.add_note(DAY, DAY, "迟到的说明", OFFICE, AT + 2 * HOUR)
    kept.save_setting("limits", {"a": 2}, DAY, OFFICE, AT + 2 * HOUR)
    kept.set_duty_mode("war", OFFICE, AT + 2 * HOUR)
    then, before = desk_as_known(kept, AT + HOUR), desk_as_known(kept, AT - HOUR)
    assert then.notes(DAY, DAY)["text"].tolist() == ["集市"]
    assert then.read_setting("limits", DAY).value == {"a": 1}
    assert then.duty_mode().mode == "peace"
    assert then.acts()["what"].tolist() == ["setting_saved", "note_added"]
    assert before.notes(DAY, DAY).empty
    assert before.read_setting("limits", DAY) is None
    assert kept.notes(DAY, DAY)["text"].tolist() == ["迟到的说明"]


def test_words_and_directives_are_as_they_were(kept: Desk) -> None:
    save_words(kept, KEY, "causes", "初稿", OFFICE, AT)
    save_words(kept, KEY, "causes", "定稿", OFFICE, AT + 2 * HOUR)
    item = Item("major||", "一件", None, None, None)
    number = give_directive(kept, KEY, item, "请核实", LEADER, AT, as_of=DAY, post_level="city")
    close_directive(kept, number, "已办", AT.date(), OFFICE, AT + 2 * HOUR)
    then = desk_as_known(kept, AT + HOUR)
    assert read_words(then, KEY)["causes"].text == "初稿"
    assert [(one.text, one.closed_on) for one in list_directives(then, DAY)] == [("请核实", None)]
    assert [one.closed_on for one in list_directives(kept, DAY)] == [AT.date()]
