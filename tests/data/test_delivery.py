"""Recipients are checked to the letter, briefs are due on the mornings the rules name, files are whole or not there."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from data.delivery import BRIEFS, UNITS, Due, chosen, drop_file, due_on, period_name, read_receipts, read_recipients
from data.errors import NotReady, Refused
from data.scope import Scope

ONE = '[[recipient]]\nname = "值班室"\n'


def recipients(folder: Path, text: str) -> tuple:
    file = folder / "recipients.toml"
    file.write_text(text, encoding="utf-8")
    return read_recipients(file, folder / "out")


# --- recipients --------------------------------------------------------------------------------------------------------------------


def test_a_recipient_needs_only_a_name(tmp_path: Path) -> None:
    (one,) = recipients(tmp_path, ONE)
    assert (one.scope, one.language, one.briefs, one.forms) == (
        Scope(),
        "zh",
        ("daily", "weekly", "monthly"),
        ("docx", "pdf"),
    )
    assert (one.folder, one.addresses, one.kind) == (tmp_path / "out" / "值班室", (), None)


def test_a_recipient_says_what_it_sees_gets_and_where(tmp_path: Path) -> None:
    text = ONE + (
        'role = "community"\nareas = ["999901001"]\nlanguage = "en"\nbriefs = ["monthly", "daily"]\nforms = ["md"]\nkind = "petition"\n'
        'email = ["desk@city.example"]\nfolder = "desks/one"\n'
    )
    (one,) = recipients(tmp_path, text)
    assert one.scope == Scope(("999901001",), "community")
    assert (one.language, one.briefs, one.forms, one.kind) == ("en", ("daily", "monthly"), ("md",), "petition")
    assert (one.folder, one.addresses) == (tmp_path / "out" / "desks" / "one", ("desk@city.example",))


def test_one_with_an_address_has_no_folder_unless_it_names_one(tmp_path: Path) -> None:
    (one,) = recipients(tmp_path, ONE + 'email = ["desk@city.example"]\n')
    assert one.folder is None


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        (ONE + 'emial = ["a@b.cn"]', "settings.unknown_key", {"setting": "emial", "nearest": "email"}),
        ("[[recipients]]\nname = 'x'", "settings.unknown_key", {"setting": "recipients", "nearest": "recipient"}),
        (ONE + 'role = "ofice"', "delivery.unknown_value", {"found": "ofice", "nearest": "office"}),
        (ONE + 'briefs = ["dayly"]', "delivery.unknown_value", {"found": "dayly", "nearest": "daily"}),
        (ONE + 'forms = ["doc"]', "delivery.unknown_value", {"found": "doc", "nearest": "docx"}),
        (ONE + 'language = "de"', "delivery.unknown_value", {"found": "de"}),
        (ONE + 'areas = "9901"', "delivery.not_a_list", {"setting": "areas"}),
        (ONE + "areas = [9901]", "delivery.not_a_list", {"setting": "areas"}),
        (ONE + "areas = []", "delivery.no_areas", {"name": "值班室"}),
        (ONE + 'email = ["a@b.cn\\nBcc: c@d.cn"]', "delivery.bad_address", {}),
        (ONE + 'folder = "../elsewhere"', "delivery.bad_folder", {"found": "../elsewhere"}),
        (ONE + ONE, "delivery.doubled_name", {"name": "值班室"}),
        (ONE + '[[recipient]]\nname = "另一处"\nfolder = "值班室"', "delivery.shared_folder", {"name": "值班室"}),
        ('[[recipient]]\nname = "a/b"', "delivery.bad_name", {"found": "a/b"}),
        ('[[recipient]]\nname = "../a"', "delivery.bad_name", {}),
        ('[[recipient]]\nname = ""', "delivery.bad_name", {}),
        ('[[recipient]]\nname = "值班 13800138000"', "delivery.bad_name", {}),
        ('[[recipient]]\nrole = "office"', "delivery.bad_name", {}),
        ("[[recipient]\n", "delivery.unreadable", {}),
    ],
)  # fmt: skip
def test_what_is_not_right_is_refused_with_the_nearest_right_one(
    tmp_path: Path, text: str, key: str, said: dict
) -> None:
    with pytest.raises(Refused) as refusal:
        recipients(tmp_path, text)
    assert refusal.value.key == key
    assert said.items() <= refusal.value.values.items()


@pytest.mark.parametrize("text", ["", "recipient = []"])
def test_without_recipients_there_is_nothing_to_do(tmp_path: Path, text: str) -> None:
    with pytest.raises(NotReady, match=r"delivery\.no_recipients"):
        recipients(tmp_path, text)
    with pytest.raises(NotReady, match=r"delivery\.no_recipients"):
        read_recipients(tmp_path / "none.toml", tmp_path)


def test_some_can_be_chosen_by_name(tmp_path: Path) -> None:
    known = recipients(tmp_path, ONE + '[[recipient]]\nname = "南街"')
    assert [one.name for one in chosen(known, ("南街",))] == ["南街"]
    assert chosen(known, ()) == known
    with pytest.raises(Refused, match="nearest=南街"):
        chosen(known, ("南",))


# --- when --------------------------------------------------------------------------------------------------------------------------


def slowly_due(day: date, brief: str, delivered: set[str]) -> list[str]:
    """The same as told: look at this morning and the two before it; was one of them the first after a period?"""
    if brief == "daily":
        return [f"daily {day}"]
    for late in range(3):
        last = day - timedelta(days=late)
        first_of_next = last + timedelta(days=1)
        begins = {
            "week": first_of_next.weekday() == 0,
            "month": first_of_next.day == 1,
            "year": first_of_next.strftime("%m%d") == "0101",
        }
        key = f"{brief} {period_name(last, UNITS[brief])}"
        if begins[UNITS[brief]] and (late == 0 or key not in delivered):
            return [key]
    return []


def test_every_brief_is_due_on_its_first_morning_and_on_two_more_if_it_was_not_delivered() -> None:
    for number in range(800):
        day = date(2026, 1, 1) + timedelta(days=number)
        last = {
            brief: {f"{brief} {period_name(day - timedelta(days=late), UNITS[brief])}" for late in (0, 1, 2)}
            for brief in BRIEFS
        }
        for brief in BRIEFS:
            for delivered in (set(), last[brief]):
                found = [due.key for due in due_on(day, (brief,), dict.fromkeys(delivered))]
                assert found == slowly_due(day, brief, delivered)


def test_a_brief_that_is_due_covers_a_whole_period() -> None:
    (due,) = due_on(date(2027, 1, 4), ("weekly",), {})  # the machine was off on Monday
    assert due == Due("weekly", date(2027, 1, 3), "2026-W53")


# --- what was handed over --------------------------------------------------------------------------------------------------------------


def test_a_receipt_remembers_who_got_what(tmp_path: Path) -> None:
    (one,) = recipients(tmp_path, ONE)
    at, due = datetime(2026, 11, 21, 6), Due("daily", date(2026, 11, 20), "2026-11-20")
    receipts = read_receipts(tmp_path, one)
    receipts.note(due, at, "v1", files=(tmp_path / "a.docx",))
    receipts.note(due, at, "v2", address="desk@city.example")
    again = read_receipts(tmp_path, one)
    assert again.mailed(due) == {"desk@city.example"}
    assert again.known[due.key]["files"] == ["a.docx"]
    assert again.mailed(Due("daily", date(2026, 11, 21), "2026-11-21")) == frozenset()


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "brief.docx"
    for content in (b"first", b"second"):
        drop_file(file, content)
        assert file.read_bytes() == content
    assert list(file.parent.iterdir()) == [file]
