"""What would raise a score: the next items handled well, what is outstanding of a term, and nothing that nobody could see."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.scores.counting import asked_from
from analytics.scores.gains import HANDLING, gains
from analytics.scores.indicators import of
from pages.ui import words

NONE = pd.DataFrame({"subject": [], "rate": [], "mix": []}), pd.DataFrame({"subject": [], "met": [], "whole": []})


def row(name: str, met: float, whole: float, share: float = 0.2) -> pd.DataFrame:
    """A scored indicator of a peer group whose rate is worth 4 of 5 items."""
    points = 100 * (met + 4) / (whole + 5)
    return pd.DataFrame([{
        "indicator": name, "state": "scored", "met": met, "whole": whole, "alpha": 4.0, "beta": 1.0, "points": points, "share": share,
        "method": "rate", "spread": np.nan, "direction": "higher",
    }])  # fmt: skip


def test_the_items_that_fall_due_are_taken_to_be_handled_well() -> None:
    one = gains(row("timeliness", 10, 20), {"timeliness": 5}, *NONE).iloc[0]
    assert one["items"] == 5
    assert one["points_after"] == pytest.approx(100 * (10 + 5 + 4) / (20 + 5 + 5))
    assert one["gain"] == pytest.approx(0.2 * (one["points_after"] - one["points"]))


def test_what_is_outstanding_of_a_term_is_made_up_and_no_more_is_asked_for() -> None:
    one = gains(row("joint_meetings", 1, 3), {}, *NONE).iloc[0]
    assert one["items"] == 2
    assert one["points_after"] == pytest.approx(100 * (3 + 4) / (3 + 5))
    assert gains(row("joint_meetings", 3, 3), {}, *NONE).empty


def test_a_gain_that_nobody_would_see_is_not_listed() -> None:
    assert gains(row("timeliness", 990, 1000, share=0.05), {}, *NONE).empty


def test_a_rating_or_a_number_of_complaints_is_no_handling_of_the_units_own() -> None:
    assert gains(row("leaving_rating", 30, 80), {}, *NONE).empty
    assert not {"public_rating", "leaving_rating", "satisfaction"} & set(HANDLING)


def test_a_schedule_asks_once_a_whole_one_is_due_or_the_term_ends() -> None:
    first, last = date(2026, 7, 1), date(2026, 12, 31)
    assert asked_from(first, last, 12) == date(2026, 7, 29)  # 29 days are 0.95 of a month's one, in tenths 1.0
    assert asked_from(first, last, 1) == last
    assert asked_from(first, last, 0) is None


@pytest.mark.parametrize("language", words.languages)
def test_every_step_has_its_words(language: str) -> None:
    assert all(words.has(f"scores.action.{name}", language) for name in HANDLING)
    for one in (one for kind in ("party", "volunteer", "alliance") for one in of(kind)):
        record = one.name if one.scorecard == "alliance" else one.reads[0]
        assert words.has(f"scores.record.{record}", language)
