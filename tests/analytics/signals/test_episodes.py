"""An episode alarms once, stays silent, escalates, recovers, alarms again after its silence, and closes when it is clear."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.signals.episodes import (
    ALARMING,
    EVENTS,
    STATE_COLUMNS,
    advance,
    dismiss,
    is_silent,
    no_episodes,
    rename,
    rescored,
)
from analytics.signals.settings import SIGNAL_RULES, rules_from
from analytics.signals.shortlist import on_one_path, shortlist
from tests.analytics.signals.listing import DAY, LEVEL_OF, PARENTS, judged, node


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def night(number: int, *rows: dict, episodes: pd.DataFrame | None = None, rules=SIGNAL_RULES) -> pd.DataFrame:
    given_rows = pd.DataFrame(list(rows) or [node("c1", 1.0)])
    given_rows = given_rows if rows else given_rows.iloc[:0]
    return shortlist(given_rows, judged(), PARENTS, day(number), rules, episodes=episodes)


def play(
    nights: dict[int, list[dict]], episodes: pd.DataFrame | None = None, rules=SIGNAL_RULES
) -> tuple[pd.DataFrame, list[tuple]]:
    """The episodes after some nights, and (night, event, area) of all events."""
    standing = no_episodes() if episodes is None else episodes
    told = []
    for number, rows in nights.items():
        listed = night(number, *rows, episodes=standing, rules=rules)
        standing, events = advance(standing, listed, day(number), rules)
        standing = rename(standing, {key: f"{key}@{number}" for key in standing["episode"] if "@" not in key})
        told += [(number, row["event"], row["area_code"]) for row in events.to_dict("records")]
    return standing, told


def lasting(p: float, numbers: range, area: str = "c1") -> dict[int, list[dict]]:
    return {number: [node(area, p)] for number in numbers}


def test_the_first_alarm_opens_and_what_goes_on_is_told_once_as_muted():
    standing, told = play(lasting(1e-5, range(10)))
    assert told == [(0, "opened", "c1"), (1, "muted", "c1")]
    assert standing["state"].tolist() == ["muted"]
    assert list(standing.columns) == list(STATE_COLUMNS)


def test_a_tenth_of_the_p_escalates_and_a_little_more_does_not():
    _, told = play({0: [node("c1", 1e-5)], 1: [node("c1", 1.01e-6)], 2: [node("c1", 1e-6)], 3: [node("c1", 2e-7)]})
    assert told == [(0, "opened", "c1"), (1, "muted", "c1"), (2, "escalated", "c1"), (3, "muted", "c1")]


def test_a_graver_level_by_scale_escalates_but_lasting_alone_does_not():
    grown = {0: [node("c1", 1e-5)], 1: [node("c1", 1e-5, observed=60)]}
    assert play(grown)[1][-1] == (1, "escalated", "c1")
    _, told = play(lasting(1e-5, range(0, 27)))
    assert [event for _, event, _ in told] == ["opened", "muted"]


def test_it_recovers_and_closes_after_two_clear_weeks():
    quiet = {number: [] for number in range(1, 20)}
    standing, told = play({0: [node("c1", 1e-5)], **quiet})
    assert told == [(0, "opened", "c1"), (1, "recovered", "c1"), (15, "closed", "c1")]
    assert standing["state"].tolist() == ["closed"]


def test_after_closing_the_same_place_opens_a_new_episode():
    standing, told = play({0: [node("c1", 1e-5)], **{number: [] for number in range(1, 16)}, 20: [node("c1", 1e-5)]})
    assert told[-1] == (20, "opened", "c1")
    assert standing["state"].tolist() == ["closed", "opened"]


def test_what_returns_within_the_silence_is_muted_and_after_it_alarms_again():
    _, told = play(
        {0: [node("c1", 1e-5)], 1: [], 10: [node("c1", 1e-5)], 11: [node("c1", 1e-5)], 28: [node("c1", 1e-5)]}
    )
    assert told[2:] == [(10, "muted", "c1"), (28, "rearmed", "c1")]


def test_a_dismissed_episode_keeps_silence_even_when_it_was_clear_in_between():
    standing, _ = play({0: [node("c1", 1e-5)]})
    dismissed = pd.DataFrame([dismiss(standing.to_dict("records")[0], day(2))])
    quiet = {number: [] for number in range(3, 20)}
    standing, told = play({**quiet, 25: [node("c1", 1e-5)], 29: [node("c1", 1e-5)], 30: [node("c1", 1e-5)]}, dismissed)
    assert told == [(3, "recovered", "c1"), (25, "muted", "c1"), (30, "rearmed", "c1")]
    assert standing["is_dismissed"].tolist() == [False]


def test_what_a_known_event_explains_does_not_alarm_again_unless_it_escalates():
    standing, _ = play({0: [node("c1", 1e-5)]})
    standing, told = play(lasting(1e-5, range(1, 60)), standing.assign(note_id=3))
    assert told == [(1, "muted", "c1")]
    assert is_silent(standing.to_dict("records")[0], day(60))
    assert play({60: [node("c1", 1e-7)]}, standing)[1] == [(60, "escalated", "c1")]


def test_a_place_above_or_below_continues_the_episode_and_opens_no_other():
    standing, told = play(
        {0: [node("c1", 1e-5)], 1: [node("s1", 5e-6)], 2: [node("city", 1e-5)], 3: [node("c2", 1e-5)]}
    )
    assert told == [(0, "opened", "c1"), (1, "muted", "c1"), (3, "recovered", "c1"), (3, "opened", "c2")]
    assert standing["area_code"].tolist() == ["c1", "c2"]


def test_a_place_above_two_episodes_continues_both():
    both = {0: [node("c1", 1e-5), node("c2", 2e-5)], 1: [node("s1", 5e-6)]}
    _, told = play(both)
    assert told[2:] == [(1, "muted", "c1"), (1, "muted", "c2")]


def test_what_is_over_the_budget_opens_nothing_but_keeps_alive_what_stands():
    rules = rules_from({"budget_a_week": 1, "found_reserve": 0, "minimum_unlinked": 1})
    standing, told = play(
        {0: [node("c1", 1e-6), node("c3", 1e-5)], 1: [node("c3", 1e-5), node("c1", 1e-6)]}, rules=rules
    )
    assert told == [(0, "opened", "c1"), (1, "muted", "c1")]
    assert len(standing) == 1


def test_an_event_carries_its_numbers_and_the_state_after_it():
    listed = night(0, node("c1", 1e-5))
    standing, events = advance(no_episodes(), listed, DAY)
    event, episode = events.to_dict("records")[0], standing.to_dict("records")[0]
    assert {name: event[name] for name in STATE_COLUMNS} == episode
    assert (event["observed"], event["as_of"], event["level_because"]["scale"]) == (12, DAY, 7.0)
    assert episode["mute_until"] == day(28)


def test_late_matters_rescore_an_alarm_silently():
    _, events = advance(no_episodes(), night(0, node("c1", 1e-5), node("c3", 1e-5)), DAY)
    again = rescored(events, pd.DataFrame([node("c1", 1e-7, observed=15), node("c3", 1e-5)]), day(3))
    assert again[["episode", "event", "observed", "p_node", "state"]].to_numpy().tolist() == [
        ["new-1", "rescored", 15, 1e-7, "opened"]
    ]
    gone = rescored(events, pd.DataFrame([node("c3", 1e-5)]), day(3)).to_dict("records")
    assert [(row["area_code"], row["observed"], row["last_on"]) for row in gone] == [("c1", None, DAY)]
    assert "rescored" not in ALARMING


ROW = st.tuples(
    st.sampled_from(sorted(LEVEL_OF)), st.sampled_from(["07", "08"]), st.sampled_from([1e-4, 1e-5, 3e-7, 1e-9])
)
NIGHTS = st.lists(st.lists(ROW, max_size=5, unique_by=lambda row: row[:2]), min_size=1, max_size=14)
STEPS = st.sampled_from([1, 3, 7])


def as_nights(found: list[list[tuple]], every: int) -> dict[int, list[dict]]:
    return {
        number * every: [node(area, p, category_code=code) for area, code, p in rows]
        for number, rows in enumerate(found)
    }


@settings(max_examples=40, deadline=None)
@given(NIGHTS, STEPS)
def test_no_two_open_episodes_stand_on_one_path_and_subject(found, every):
    standing = no_episodes()
    for number, rows in as_nights(found, every).items():
        standing, events = advance(standing, night(number, *rows, episodes=standing), day(number))
        standing = rename(standing, {key: f"{key}@{number}" for key in standing["episode"] if "@" not in key})
        open_ones = [row for row in standing.to_dict("records") if row["state"] != "closed"]
        assert not any(on_one_path(one, other) for place, one in enumerate(open_ones) for other in open_ones[:place])
        assert standing["episode"].is_unique
        assert set(events["event"]) <= set(EVENTS)


@settings(max_examples=40, deadline=None)
@given(NIGHTS, STEPS)
def test_the_silence_is_kept_unless_it_escalates(found, every):
    standing, alarmed = no_episodes(), {}
    for number, rows in as_nights(found, every).items():
        standing, events = advance(standing, night(number, *rows, episodes=standing), day(number))
        keys = {key: f"{key}@{number}" for key in standing["episode"] if "@" not in key}
        standing = rename(standing, keys)
        for row in events.to_dict("records"):
            key = keys.get(row["episode"], row["episode"])
            if row["event"] == "rearmed":
                assert (day(number) - alarmed[key]).days >= 7 * SIGNAL_RULES.mute_weeks
            if row["event"] in ALARMING:
                alarmed[key] = day(number)


@settings(max_examples=25, deadline=None)
@given(NIGHTS, STEPS)
def test_the_same_night_twice_brings_no_further_event_and_a_replay_is_the_same(found, every):
    nights = as_nights(found, every)
    standing = no_episodes()
    for number, rows in nights.items():
        standing, first = advance(standing, night(number, *rows, episodes=standing), day(number))
        again, second = advance(standing, night(number, *rows, episodes=standing), day(number))
        assert second.empty
        pd.testing.assert_frame_equal(again, standing)
        standing = rename(standing, {key: f"{key}@{number}" for key in standing["episode"] if "@" not in key})
    ended, told = play(nights)
    assert (ended.to_dict("records"), told) == (play(nights)[0].to_dict("records"), play(nights)[1])
    assert ended["episode"].tolist() == standing["episode"].tolist()
    assert ended["state"].tolist() == standing["state"].tolist()


@pytest.mark.parametrize("split", [1, 5, 9])
def test_a_replay_may_stop_and_go_on(split):
    nights = {number: [node("c1", 1e-5)] if number % 7 < 3 else [node("s2", 1e-6)] for number in range(40)}
    whole, told = play(nights)
    first, before = play({number: rows for number, rows in nights.items() if number < split})
    second, after = play({number: rows for number, rows in nights.items() if number >= split}, first)
    assert before + after == told
    pd.testing.assert_frame_equal(second, whole)
