"""What may make a headline wrong is said before it, the gravest first; how its figures are to be read, after it."""

from hypothesis import given
from hypothesis import strategies as st

from analytics.briefs.wording import FIRST, around_the_headline
from analytics.figures import Sentence

KEYS = st.sampled_from((*FIRST, "notice.still_filling", "notice.no_calendar", "missing.deadlines"))


@given(st.lists(KEYS, unique=True))
def test_every_notice_is_said_once_before_or_after_the_headline(keys: list[str]) -> None:
    first, rest = around_the_headline(Sentence(key) for key in keys)
    assert sorted(one.key for one in (*first, *rest)) == sorted(keys)
    assert not {one.key for one in rest} & set(FIRST)


@given(st.lists(KEYS, unique=True))
def test_a_failed_refresh_comes_before_all_and_the_rest_keep_their_order(keys: list[str]) -> None:
    first, rest = around_the_headline(Sentence(key) for key in keys)
    assert [one.key for one in first] == [key for key in FIRST if key in keys]
    assert [one.key for one in rest] == [key for key in keys if key not in FIRST]
