"""Words: both languages say the same things, and every key that the code speaks has its sentence."""

import ast
import re
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from analytics.figures import Sentence
from data.categories import category_names
from data.errors import NotReady
from pages.ui import words

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    *(ROOT / "analytics").rglob("*.py"),
    *(ROOT / "data").rglob("*.py"),
    *(ROOT / "pages").rglob("*.py"),
    ROOT / "cli.py",
]
ERRORS = ("XianshouError", "Refused", "NotReady", "Busy")


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    zh, en = words.keys("zh"), words.keys("en")
    assert zh.keys() ^ en.keys() == set()
    assert {key: (zh[key], en[key]) for key in zh if zh[key] != en[key]} == {}


def test_no_sentence_of_the_first_language_is_left_in_english() -> None:
    book = words._book("zh")
    plain = {key: re.sub(r"\{[^}]*\}", "", said) for key, said in book.items()}
    latin = {
        key
        for key, said in plain.items()
        if re.search(r"[A-Za-z]{4,}.* .*[A-Za-z]{3,}", said) and not re.search("[\u4e00-\u9fff]", said)
    }
    assert latin <= {"frame.failure.also"}


@pytest.mark.parametrize(
    ("area_name", "area_names", "said"),
    [
        ("甲街道", (), "甲街道"),
        (None, ("甲街道", "乙街道"), "甲街道、乙街道"),
        (None, ("甲街道", "乙街道", "丙街道"), "甲街道等3处"),
        (None, (), "全部区域"),
    ],
)
def test_the_areas_of_a_scope_of_several_are_named(area_name: str | None, area_names: tuple, said: str) -> None:
    assert words.where(SimpleNamespace(area_name=area_name, area_names=area_names), "zh") == said


def _spoken(calls: tuple[str, ...]) -> set[str]:
    """The first argument, where it is a plain text, of every call of these names."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in calls and isinstance(node.args[0].value, str):
                    found.add(node.args[0].value)
    return found


@pytest.mark.parametrize("language", words.languages)
def test_every_sentence_the_facts_speak_has_words(language: str) -> None:
    assert {key for key in _spoken(("Sentence",)) if not words.has(key, language)} == set()


@pytest.mark.parametrize("language", words.languages)
def test_every_error_has_words(language: str) -> None:
    assert {key for key in _spoken(ERRORS) if not words.has(f"errors.{key}", language)} == set()


def test_a_missing_key_is_a_fault_in_tests() -> None:
    with pytest.raises(words.MissingWords):
        words.say("nothing.of.the.kind", "zh")


def test_a_reader_sees_the_key_instead_of_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    assert words.say("nothing.of.the.kind", "zh") == "nothing.of.the.kind"


def test_a_code_without_a_word_stands_for_itself() -> None:
    assert words.name("source", "某市自建平台", "en") == "某市自建平台"
    assert words.say("names.festival.庙会", "zh") == "庙会"


def test_shipped_subjects_and_topics_are_said_in_the_readers_language_and_all_else_as_the_site_has_it() -> None:
    chinese, english = category_names("zh"), category_names("en")
    for code, name in chinese.items():
        assert words.subject(name, "zh") == name
        assert words.subject(name, "en") == english[code]
        assert words.subject(f"\u3000{name}", "en") == f"\u3000{english[code]}"
    assert words.subject("停车难", "en") == words.name("topic", "parking", "en")
    assert [words.subject(own, "en") for own in ("望江街道", "物业", "", "Noise")] == ["望江街道", "物业", "", "Noise"]


def test_a_subject_within_a_sentence_or_a_list_is_said_so_too() -> None:
    values = {"category": "物业及其管理纠纷", "kind": "Dispute"}
    assert "Property management" in words.say("outlook.subject", "en", **values)
    assert words.join(["物业及其管理纠纷", "望江街道"], "en") == "Property management, 望江街道"


def test_the_singular_is_chosen_by_count() -> None:
    one = words.tell(Sentence("brief.tomorrow.due", {"count": 1}), "en")
    many = words.tell(Sentence("brief.tomorrow.due", {"count": 2}), "en")
    assert (one, many) == ("1 matter falls due", "2 matters fall due")


def test_nested_sentences_are_joined_as_clauses() -> None:
    rest = Sentence("brief.tomorrow.rest", {"day": date(2026, 11, 21)})
    due = Sentence("brief.tomorrow.due", {"count": 3})
    said = words.tell(Sentence("brief.headline.tomorrow", {"said": (rest, due)}), "zh")
    assert "；3件到期" in said


@pytest.mark.parametrize("blank", [None, float("nan"), pd.NaT, pd.NA])
def test_what_is_missing_is_a_dash(blank: object) -> None:
    assert words.number(blank, "zh") == words.pct(blank, "en") == words.day(blank, "zh") == words.NOTHING


def test_chinese_text_sets_no_thousands_apart_and_english_does() -> None:
    sentence = Sentence("brief.headline.standing", {"closed": 1200, "open": 12345, "overdue": 0})
    assert "12345件" in words.tell(sentence, "zh")
    assert "12,345 open" in words.tell(sentence, "en")


def test_an_error_is_told_in_both_languages() -> None:
    error = NotReady("mart.missing", folder="var/mart")
    assert words.tell_error(error, "zh") != words.tell_error(error, "en")


@pytest.mark.parametrize(
    ("first", "last", "zh", "en"),
    [
        (date(2026, 11, 2), date(2026, 11, 2), "2026年11月2日", "2 November 2026"),
        (date(2026, 10, 30), date(2026, 11, 2), "2026年10月30日至11月2日", "30 October – 2 November 2026"),
        (date(2025, 12, 30), date(2026, 1, 2), "2025年12月30日至2026年1月2日", "30 December 2025 – 2 January 2026"),
    ],
)
def test_a_span_repeats_no_more_than_it_must(first: date, last: date, zh: str, en: str) -> None:
    assert (words.day_range(first, last, "zh"), words.day_range(first, last, "en")) == (zh, en)


def test_a_moment_is_written_to_the_minute() -> None:
    assert words.moment(datetime(2026, 1, 2, 3, 4, 5), "zh") == "2026年1月2日 03:04"


def test_a_clause_that_stands_alone_ends_with_a_full_stop() -> None:
    clause, whole = Sentence("missing.closing_times", {"count": 7}), Sentence("monthly.notice.no_year_before")
    for language, stop in (("zh", "。"), ("en", ".")):
        assert words.tell_alone(clause, language) == words.tell(clause, language) + stop
        assert words.tell_alone(whole, language) == words.tell(whole, language)
