"""A budget is weighed by replay: alarms a week, what would have been missed, and the threshold that keeps to it."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.signals.budget import count_weeks, missed, play, weigh_budget, widest
from analytics.signals.settings import SIGNAL_RULES
from analytics.signals.shortlist import path_of, shortlist
from tests.analytics.signals.listing import DAY, PARENTS, judged, node

WEEKS = 20
RULES = widest(SIGNAL_RULES)


def weekly(rows_of: dict[int, list[dict]]) -> list[tuple]:
    """A short list for each week, `rows_of` by the number of the week."""
    nights = []
    for week in range(WEEKS):
        rows = pd.DataFrame(rows_of.get(week, []) or [node("c1", 1.0)])
        rows = rows if rows_of.get(week) else rows.iloc[:0]
        day = DAY + timedelta(weeks=week)
        nights.append((day, shortlist(rows, judged(community=10**6), PARENTS, day, RULES)))
    return nights


def noise() -> dict[int, list[dict]]:
    """Each week one place in one of 20 subjects by chance at p = 1e-4, two more at 1e-3, and in week 10 a true surge."""
    rows = {
        week: [
            node("c1", 1e-4, category_code=f"a{week}"),
            node("c2", 1e-3, category_code=f"b{week}"),
            node("c3", 1e-3, category_code=f"c{week}"),
        ]
        for week in range(WEEKS)
    }
    rows[10] = [*rows[10], node("c3", 5e-4, category_code="true")]
    return rows


def truth(code: str = "true", week: int = 10) -> pd.DataFrame:
    on = DAY + timedelta(weeks=week)
    row = {
        "key": f"E-{code}",
        "area_code": "c3",
        "kind": "petition",
        "category_code": code,
        "path": path_of("c3", PARENTS),
    }
    return pd.DataFrame([row | {"first_on": on, "last_on": on}])


def test_a_wider_threshold_brings_more_alarms_and_misses_less():
    found = weigh_budget(weekly(noise()), budget_a_week=2, marked=truth())
    table = found.table.set_index("watch_p")
    assert table["alarms_a_week"].is_monotonic_increasing
    assert table["missed"].is_monotonic_decreasing
    assert table.loc[1e-4, ["alarms_a_week", "missed"]].tolist() == [1.0, 1]
    assert table.loc[1e-3, "missed"] == 0
    assert table.loc[1e-3, "alarms_a_week"] == pytest.approx(3 + 1 / found.weeks)
    assert table.loc[1e-4, "missed_keys"] == ("E-true",)


def test_the_proposal_is_the_widest_threshold_within_the_budget():
    nights = weekly(noise())
    assert weigh_budget(nights, budget_a_week=2).watch_p == 3e-4
    assert weigh_budget(nights, budget_a_week=4).watch_p == 1e-2
    assert weigh_budget(nights, budget_a_week=1).over_weeks == 0


def test_where_even_what_passes_the_error_rate_is_too_much_nothing_is_proposed():
    sure = {week: [node("c1", 1e-12, category_code=f"{week}-{code}") for code in range(3)] for week in range(WEEKS)}
    assert weigh_budget(weekly(sure), budget_a_week=2).watch_p is None


def test_a_lasting_signal_counts_once_in_four_weeks():
    lasting = {week: [node("c1", 1e-4)] for week in range(WEEKS)}
    events = play(weekly(lasting), 1e-3)
    assert events["event"].value_counts().to_dict() == {"rearmed": 4, "muted": 5, "opened": 1}
    assert events["episode"].unique().tolist() == ["1"]


def test_quiet_weeks_count_as_none():
    days = [DAY + timedelta(days=number) for number in range(21)]
    events = pd.DataFrame(
        {"as_of": [days[20], days[14], days[13], days[0]], "event": ["opened", "rearmed", "muted", "opened"]}
    )
    assert count_weeks(events, days).tolist() == [2, 0, 1]
    assert count_weeks(events.iloc[:0], days).tolist() == [0, 0, 0]
    assert len(count_weeks(events, [])) == 0


def test_an_alarm_elsewhere_or_too_late_catches_nothing():
    events = play(weekly(noise()), 1e-3)
    assert missed(events, truth()) == ()
    assert missed(events, truth(week=8)) == ("E-true",)
    assert missed(events, truth(week=9)) == ()  # within a week after
    assert missed(events, truth().assign(area_code="c1", path=[path_of("c1", PARENTS)])) == ("E-true",)
    assert missed(events, truth().assign(area_code="s2", path=[path_of("s2", PARENTS)])) == ()


def test_no_nights_say_nothing():
    found = weigh_budget([], budget_a_week=6)
    assert (found.weeks, found.nights) == (0, 0)
    assert np.isnan(found.table["alarms_a_week"]).all()
    assert found.watch_p is None
