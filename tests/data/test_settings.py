"""Settings are read, checked and laid over each other; what goes wrong can be said in both languages."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import Refused
from data.settings import REFERENCE, check_keys, merge, nearest_key, read_reference

tables = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.integers(), max_size=3),
    lambda below: st.dictionaries(st.sampled_from("abc"), st.integers() | below, max_size=3),
)
MINE = ("workdays", "settings", "deadlines", "areas", "desk")


@settings(deadline=None)
@given(tables, tables)
def test_what_is_given_wins_and_the_rest_stays(shipped, given_):
    before = repr(shipped)
    merged = merge(shipped, given_)
    assert repr(shipped) == before
    assert merged.keys() == shipped.keys() | given_.keys()
    assert merge(merged, given_) == merged
    assert merge(shipped, {}) == shipped


def test_right_keys_pass_and_a_wrong_one_names_its_place():
    check_keys({"amount": 1}, ("amount", "unit"), "clock")
    with pytest.raises(Refused) as refused:
        check_keys({"untis": 1}, ("amount", "unit"), "clock")
    assert refused.value.values == {"setting": "untis", "where": "clock", "nearest": "unit"}


def test_a_value_where_a_table_is_needed_is_refused():
    with pytest.raises(Refused, match="not_a_table"):
        check_keys(5, ("amount",), "clock")


def test_the_nearest_key_is_found_whatever_is_typed():
    assert nearest_key("", ("a", "b")) in ("a", "b")
    assert nearest_key("mediaton", ("mediation", "route")) == "mediation"


def test_the_shipped_files_can_be_read():
    assert read_reference("deadlines")["hotline"]["profile"] == "A"
    assert "dispute" in read_reference("categories")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_of_these_modules_has_its_sentence(language):
    words = pytest.importorskip("pages.ui.words")
    folder = REFERENCE.parent
    source = "".join((folder / f"{name}.py").read_text(encoding="utf-8") for name in MINE)
    keys = set(re.findall(r'(?:Refused|NotReady|XianshouError)\(\s*"([a-z_.]+)"', source))
    assert len(keys) > 15
    assert [key for key in sorted(keys) if not words.has(f"errors.{key}", language)] == []
    for kind in ("id_number", "mobile", "landline", "email"):
        assert words.has(f"errors.desk.personal_text.{kind}", language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_year_is_never_written_with_a_thousands_mark(language):
    words = pytest.importorskip("pages.ui.words")
    assert "2027" in words.say("errors.calendar.year_missing", language, year=2027)
