"""A weighed budget is said with its proposal and written down to be read again."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from analytics.signals.budget import Budget
from analytics.warnings.weighing import keep_budget, last_budget
from pages.paper.budget import HEADS, budget_rows, budget_said, budget_text
from pages.ui import words

AS_OF = date(2026, 11, 20)


def budget(missed: tuple = (1, 0), watch_p: float | None = 0.001, over: float | None = 0.25) -> Budget:
    rows = [
        {"watch_p": threshold, "alarms_a_week": mean, "p95_a_week": 3.0, "most_a_week": 4, "episodes": 9}
        | {"marked": None if lost is None else 2, "missed": lost, "missed_keys": ("E-1",) if lost else ()}
        for threshold, mean, lost in zip((0.0, 0.001), (1.25, 5.5), missed, strict=True)
    ]
    return Budget(6, 104, 104, pd.DataFrame(rows), watch_p, over)


@pytest.mark.parametrize("language", words.languages)
def test_the_proposal_and_every_threshold_are_said(language: str) -> None:
    said = budget_text(budget(), AS_OF, language)
    assert words.say("signal_budget.proposal", language, count=6, watch_p="0.001") in said
    assert words.say("signal_budget.found_only", language) in said
    assert "25" in budget_said(budget(), AS_OF, language)[-1]
    assert [tuple(row) for row in budget_rows(budget(), language)] == [HEADS, HEADS]


def test_fewer_nights_than_detection_runs_are_said_to_understate() -> None:
    assert words.say("signal_budget.understated", "en") in budget_said(budget(), AS_OF, "en")
    assert words.say("signal_budget.understated", "en") not in budget_said(replace(budget(), nights=728), AS_OF, "en")


def test_what_would_be_missed_stands_beside_what_is_known() -> None:
    assert [row["budget_missed"] for row in budget_rows(budget(), "en")] == ["1 / 2", "0 / 2"]


def test_where_nothing_is_known_to_have_happened_it_says_so() -> None:
    blank = budget((None, None))
    assert [row["budget_missed"] for row in budget_rows(blank, "en")] == [words.NOTHING] * 2
    assert budget_said(blank, AS_OF, "en")[-1] == words.say("signal_budget.unmarked", "en")


def test_where_nothing_fits_no_threshold_is_proposed() -> None:
    said = budget_said(budget(watch_p=None, over=None), AS_OF, "en")
    assert said[2] == words.say("signal_budget.none_fits", "en", count=6)


@pytest.mark.parametrize("missed", [(1, 0), (None, None)])
def test_it_is_read_again_as_it_was_written_and_the_newest_stands(tmp_path: Path, missed: tuple) -> None:
    assert last_budget(tmp_path) is None
    keep_budget(budget((None, None), watch_p=0.0), tmp_path, date(2026, 11, 1), datetime(2026, 11, 2, 9))
    keep_budget(budget(missed), tmp_path, AS_OF, datetime(2026, 11, 21, 9))
    as_of, found = last_budget(tmp_path)
    assert (as_of, found.watch_p, found.weeks) == (AS_OF, 0.001, 104)
    assert budget_text(found, as_of, "zh") == budget_text(budget(missed), AS_OF, "zh")
