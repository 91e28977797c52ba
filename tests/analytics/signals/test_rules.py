"""Rules beside the statistics: at the line a rule is met, below it is not; and each match says in numbers why."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.signals.rules import ASPECTS, COLUMNS, RULES, asked_by, explain, judge_rules
from analytics.signals.settings import SIGNAL_RULES
from data.queries import RULE_READS, Selection
from pages.ui import words

DAY = date(2026, 3, 20)
CHOSEN = Selection("new", DAY, date(2026, 3, 14), DAY)


def rows(**columns: list) -> pd.DataFrame:
    length = len(next(iter(columns.values())))
    frame = pd.DataFrame(
        {
            "level": ["community"] * length,
            "area_code": [f"A{place}" for place in range(length)],
            "kind": ["dispute"] * length,
            "category_code": ["0101"] * length,
            "first_on": pd.Timestamp(2026, 3, 14),
            "last_on": pd.Timestamp(DAY),
            **columns,
        }
    )
    return frame.assign(selection=pd.Series([CHOSEN] * length, dtype=object))


def topics(observed: list[int], before: list[int], **others: list) -> pd.DataFrame:
    names = {"topic": ["noise"] * len(observed), "name": ["Noise"] * len(observed)}
    return rows(observed=observed, before=before, **names, **others).drop(columns=["kind", "category_code"])


def days(*daily: tuple[int, ...], before: list[int] | None = None) -> pd.DataFrame:
    counted = [sum(one) for one in daily]
    return rows(
        observed=counted, daily=pd.Series(daily, dtype=object).tolist(), before=before or [0] * len(daily)
    )  # fmt: skip


FOUND = {
    "same_topic": topics([5, 9], [0, 8]),
    "m_of_n": days((0, 1, 0, 1, 0, 2, 0)),
    "filed_times": rows(observed=[1], most=[4]),
    "with_people": rows(observed=[2], most=[31]),
    "refiled": rows(observed=[3], most=[3]),
    "not_started": rows(observed=[1], most=[6]),
    "due_soon": rows(observed=[12], most=[2]).assign(category_code=np.nan),
    "collective": rows(observed=[2], most=[9]),
    "severe": rows(observed=[1], most=[1]),
}


def test_every_rule_reads_what_there_is_to_read() -> None:
    assert asked_by().keys() == RULE_READS.keys() == FOUND.keys()


def test_the_thresholds_of_a_site_reach_the_reads() -> None:
    asked = asked_by(replace(SIGNAL_RULES, same_topic_count=8, not_started_days=5, due_soon_days=10))
    assert asked["same_topic"]["least"] == 8
    assert (asked["not_started"]["days"], asked["due_soon"]["days"]) == (5, 10)


def test_five_of_a_topic_in_a_community_meet_the_rule_and_four_do_not() -> None:
    found = judge_rules({"same_topic": topics([4, 5], [0, 0])})
    assert found["observed"].tolist() == [5]
    assert (found["measured"] >= found["threshold"]).all()


def test_a_street_has_a_line_of_its_own() -> None:
    found = judge_rules({"same_topic": topics([14, 15], [0, 0], level=["street", "street"])})
    assert found[["observed", "threshold"]].to_numpy().tolist() == [[15, 15]]


def test_a_topic_that_is_as_frequent_every_week_is_set_apart_and_not_left_out() -> None:
    found = judge_rules({"same_topic": topics([8, 8, 8], [0, 32, 33])}).sort_values("usual")
    assert found["usual"].tolist() == [0.0, 4.0, 4.125]
    assert found["is_above_usual"].tolist() == [True, True, False]


def test_the_topic_farthest_above_its_usual_stands_first() -> None:
    assert judge_rules({"same_topic": topics([9, 6], [64, 0])})["observed"].tolist() == [6, 9]


@pytest.mark.parametrize(
    ("daily", "before", "is_met"),
    [
        ((0, 1, 0, 1, 0, 1, 0), 0, True),
        ((0, 1, 0, 0, 0, 1, 0), 0, False),  # two days only
        ((0, 1, 0, 1, 0, 1, 0), 20, False),  # three days in a week are nothing rare where 20 came in eight weeks
        ((2, 1, 1, 1, 1, 1, 1), 20, True),
        ((1, 1, 1, 1, 1, 1, 1), 112, False),  # two a day are usual: no day is above it
        ((6, 5, 6, 5, 6, 5, 6), 112, True),
    ],
)
def test_m_of_n_days_meet_the_rule_where_so_many_are_rare(daily: tuple, before: int, is_met: bool) -> None:
    found = judge_rules({"m_of_n": days(daily, before=[before])})
    assert len(found) == is_met
    if is_met:
        assert found["measured"].tolist() == [sum(one > before / 56 for one in daily)]


def test_the_chance_of_a_run_agrees_with_a_slow_sum() -> None:
    from math import comb, exp

    for before in (0, 1, 2, 3, 5):
        mean = (before + 0.5) / 56
        a_day = 1 - exp(-mean)
        chance = sum(comb(7, k) * a_day**k * (1 - a_day) ** (7 - k) for k in range(3, 8))
        found = judge_rules({"m_of_n": days((1, 0, 1, 0, 0, 0, 1), before=[before])})
        assert len(found) == (chance <= SIGNAL_RULES.m_of_n_chance)


def test_matches_of_all_rules_stand_in_one_frame_in_order_of_need() -> None:
    found = judge_rules(FOUND)
    assert list(found.columns) == list(COLUMNS)
    assert found["rule"].drop_duplicates().tolist() == list(RULES)
    assert found.loc[found["rule"] == "many_filings", "aspect"].tolist() == list(ASPECTS)
    assert found["selection"].map(type).eq(Selection).all()
    assert found["area_code"].notna().all()


def test_only_severe_categories_are_for_the_handling_unit_alone() -> None:
    found = judge_rules(FOUND)
    assert found.loc[found["handling_unit_only"], "rule"].tolist() == ["severe"]


def test_what_was_found_stays_as_it_was_and_the_order_of_the_reads_is_irrelevant() -> None:
    copies = {name: frame.copy() for name, frame in FOUND.items()}
    forth, back = judge_rules(FOUND), judge_rules(dict(reversed(list(FOUND.items()))))
    pd.testing.assert_frame_equal(forth, back)
    for name, frame in FOUND.items():
        pd.testing.assert_frame_equal(frame, copies[name])


def test_nothing_found_has_the_shape_of_something_found() -> None:
    for nothing in ({}, {name: frame.iloc[:0] for name, frame in FOUND.items()}):
        empty = judge_rules(nothing)
        assert empty.empty
        assert empty.dtypes.astype(str).to_dict() == judge_rules(FOUND).dtypes.astype(str).to_dict()


@pytest.mark.parametrize("language", words.languages)
def test_every_match_says_why_in_numbers(language: str) -> None:
    for match in judge_rules(FOUND).to_dict("records"):
        said = words.tell(explain(match), language)
        assert str(match["observed"]) in said
        assert words.has(f"signal_rule.name.{match['rule']}", language)


def test_a_topic_is_said_with_its_window_its_number_and_its_line() -> None:
    found = judge_rules({"same_topic": topics([14], [32])}).to_dict("records")[0]
    assert words.tell(explain(found), "en") == (
        '7 days: 14 of "Noise" in one community or village, the line is 5 (before: 4 on average).'
    )
    assert words.tell(explain(found), "zh") == "7天内同一社区（村）“Noise”14件，线为5件（此前平均4件）。"
