"""A night of judging: what is planted is found, what is usual is not, what cannot be judged is said."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analytics.signals.cube import Cube, subcube
from analytics.signals.nightly import NODE_COLUMNS, Night, judge_night, judge_nights, series_of
from tests.analytics.signals.simulated import changed, planted, simulated

NODE = ["level", "area_code", "kind", "category_code"]


@cache
def usual() -> Cube:
    return simulated()


def at(night: Night, cube: Cube, level: str, place: int, subject: int) -> pd.DataFrame:
    nodes, (kind, code) = night.nodes, cube.subjects[subject]
    found = (nodes["level"] == level) & (nodes["area_code"] == cube.areas[level][place])
    return nodes[found & (nodes["kind"] == kind) & (nodes["category_code"] == code)].set_index("channel")


def test_a_planted_week_is_found_where_it_lies_and_comes_first() -> None:
    cube = planted(usual(), 7, 3, 7, 12)
    night = judge_night(cube)
    first = night.nodes.sort_values("p_node").iloc[0]
    assert (first["level"], first["area_code"], first["category_code"]) == ("community", "C007", "03")
    week = at(night, cube, "community", 7, 3).loc["week"]
    assert week["observed"] >= 12 > week["upper"] >= week["expected"] >= week["lower"]
    assert week["p_node"] < 1e-5
    assert list(night.nodes) == NODE_COLUMNS


def test_a_burst_of_one_day_is_found_the_same_day_by_the_day_channel() -> None:
    cube = planted(usual(), 7, 3, 1, 7)
    day = at(judge_night(cube), cube, "community", 7, 3).loc["day"]
    assert day["p"] < 1e-4
    assert day["window_days"] == 1


def test_a_slow_build_up_is_seen_by_four_weeks_better_than_by_one() -> None:
    cube = planted(usual(), 7, 3, 28, 28)
    found = at(judge_night(cube), cube, "community", 7, 3)
    assert found.loc["build_up", "p"] < found.loc["week", "p"]
    assert found["p_node"].nunique() == 1


def test_more_matters_never_look_less_surprising() -> None:
    p = []
    for matters in (4, 6, 9, 14):
        cube = planted(usual(), 20, 1, 7, matters)
        p.append(at(judge_night(cube), cube, "community", 20, 1)["p_node"].iloc[0])
    assert p == sorted(p, reverse=True)


def test_what_comes_later_changes_nothing() -> None:
    cube = usual()
    then = judge_night(cube, judged=-40)
    alone = judge_night(subcube(cube, -40))
    pd.testing.assert_frame_equal(then.nodes, alone.nodes)
    wild = changed(
        cube, np.where(np.arange(len(cube.days)) > len(cube.days) - 40, 5, 0).astype(np.int32)[None, None, :]
    )
    pd.testing.assert_frame_equal(judge_night(wild, judged=-40).nodes, then.nodes)


def test_nights_one_after_the_other_are_nights_alone() -> None:
    cube = usual()
    days = [cube.days[-15].astype(object), cube.days[-8].astype(object)]
    found = list(judge_nights(cube, days))
    assert [night.judged_on for night in found] == days
    pd.testing.assert_frame_equal(found[1].nodes, judge_night(cube, judged=-8).nodes)


def test_the_order_of_places_does_not_matter() -> None:
    cube = planted(usual(), 7, 3, 7, 9)
    order = np.random.default_rng(5).permutation(len(cube.areas["community"]))
    mixed = replace(
        cube,
        areas={**cube.areas, "community": cube.areas["community"][order]},
        parents={**cube.parents, "community": cube.parents["community"][order]},
        counts={**cube.counts, "community": cube.counts["community"][order]},
    )
    one, other = (
        judge_night(each).nodes.sort_values([*NODE, "channel"]).reset_index(drop=True) for each in (cube, mixed)
    )
    pd.testing.assert_frame_equal(one, other)


def test_p_is_calibrated_where_nothing_is_planted() -> None:
    nights = [
        night for seed in (11, 12) for night in _nights(simulated(seed=seed, communities=120), range(-1, -360, -30))
    ]
    nodes = sum(night.judged.query("level == 'community'")["nodes"].sum() for night in nights)
    found = pd.concat([night.nodes.query("level == 'community'").drop_duplicates(NODE) for night in nights])
    assert 0.005 <= (found["p_node"] <= 0.01).sum() / nodes <= 0.02
    assert (found["p_node"] <= 0.001).sum() / nodes <= 0.002


def _nights(cube: Cube, judged: range) -> list[Night]:
    return [judge_night(cube, judged=day) for day in judged]


@pytest.mark.parametrize("day", ["2026-02-16", "2026-02-19", "2026-02-25", "2026-03-02", "2025-10-03", "2025-10-11"])
def test_a_known_holiday_alarms_nobody(day: str) -> None:
    cube = usual()
    night = judge_night(cube, judged=int((np.datetime64(day) - cube.days[0]).astype(int)))
    busy = night.nodes[night.nodes["level"].isin(["district", "city"])]
    assert (busy["p_node"] > 0.001).all()


def test_a_record_of_less_than_a_year_is_judged_with_low_confidence_and_says_why() -> None:
    cube = planted(simulated(days=250), 7, 3, 7, 12)
    night = judge_night(cube)
    assert set(night.nodes["confidence"]) == {"low"}
    assert set(night.nodes["reason"]) == {"short_history"}
    assert set(night.judged["state"]) == {"short_history"}
    assert at(night, cube, "community", 7, 3).loc["week", "p"] < 1e-4


def test_a_record_of_weeks_judges_nothing_and_is_grey() -> None:
    night = judge_night(simulated(days=60))
    assert night.nodes.empty
    assert set(night.judged["state"]) == {"no_data"}
    assert set(night.grey["reason"]) == {"short_history"}


def silenced(cube: Cube, places: slice, days: slice) -> Cube:
    change = np.zeros(cube.counts["community"].shape, dtype=np.int32)
    change[places, :, days] = -cube.counts["community"][places, :, days]
    return changed(cube, change)


def test_a_place_that_fell_silent_is_broken_and_grey_not_normal() -> None:
    cube = silenced(usual(), slice(10, 20), slice(-200, None))
    night = judge_night(cube)
    broken = night.judged.query("state == 'broken'").set_index("level")["nodes"]
    assert broken["street"] >= 4
    assert ("street", "S001", "broken") in set(
        night.grey[["level", "area_code", "reason"]].itertuples(index=False, name=None)
    )
    assert not (night.grey["level"] == "community").any()


def test_a_place_that_came_late_is_judged_by_its_parent_and_says_so() -> None:
    cube = planted(silenced(usual(), slice(10, 20), slice(None, -120)), 12, 2, 7, 15)
    found = at(judge_night(cube), cube, "community", 12, 2)
    assert found.loc["week", "p"] < 1e-4
    assert (found["confidence"] == "low").all()
    assert (found["reason"] == "cold_start").all()


def test_a_gap_long_ago_leaves_what_follows_to_speak() -> None:
    cube = silenced(usual(), slice(10, 20), slice(100, 500))
    night = judge_night(cube)
    assert set(night.judged["state"]) == {"judged"}
    whole, gap = (_course(one, "S001") for one in (usual(), cube))
    assert gap["expected"].iloc[-20:].mean() == pytest.approx(whole["expected"].iloc[-20:].mean(), rel=0.15)


def _course(cube: Cube, street: str) -> pd.DataFrame:
    return series_of(cube, "street", street, *cube.subjects[0]).query("unit == 'week'")


def test_sensitive_subjects_are_not_judged_below_the_street() -> None:
    cube = usual()
    hidden = cube.is_sensitive.copy()
    hidden[3] = True
    counts = {**cube.counts, "community": np.where(hidden[None, :, None], 0, cube.counts["community"])}
    night = judge_night(replace(cube, is_sensitive=hidden, counts=counts))
    below = night.nodes[night.nodes["level"] == "community"]
    assert "03" not in set(below["category_code"])
    assert night.judged.query("state == 'sensitive'")["nodes"].tolist() == [len(cube.areas["community"])]
    assert series_of(replace(cube, is_sensitive=hidden, counts=counts), "community", "C007", *cube.subjects[3]).empty


def test_a_late_day_is_corrected_and_a_hardly_known_one_left_for_the_day_before() -> None:
    cube = planted(usual(), 7, 3, 7, 12)
    share = cube.completeness.copy()
    share[0::2, -1], share[1::2, -1], share[:, -2] = 0.8, 0.2, 0.97
    night = judge_night(replace(cube, completeness=share))
    day = night.nodes[night.nodes["channel"] == "day"]
    earlier = day[day["kind"] == "petition"]
    assert set(day.loc[day["kind"] == "dispute", "correction"]) == {"delay_corrected"}
    assert set(earlier["correction"]) == {"earlier_day"}
    assert (earlier["last_on"] == pd.Timestamp(cube.days[-2])).all()
    assert set(night.nodes.loc[night.nodes["channel"] == "week", "correction"]) == {"delay_corrected"}
    expected = at(night, cube, "community", 7, 3).loc["week", "expected"]
    assert expected < at(judge_night(cube), cube, "community", 7, 3).loc["week", "expected"]


def test_a_kind_without_data_is_grey_and_not_judged() -> None:
    cube = usual()
    share = cube.completeness.copy()
    share[0::2, -30:] = np.nan
    night = judge_night(replace(cube, completeness=share))
    assert night.grey.to_dict("records") == [
        {"kind": "dispute", "level": "city", "area_code": "C000", "reason": "no_data"}
    ]
    assert set(night.nodes["kind"]) == {"petition"}
    assert night.judged.query("state == 'no_data'")["nodes"].sum() == 3 * (60 + 6 + 2 + 1)


def test_a_closed_office_does_not_make_its_working_days_look_busy() -> None:
    cube = usual()
    rest = ~cube.calendar.is_workday
    change = np.zeros(cube.counts["community"].shape, dtype=np.int32)
    change[:, 1, rest] = -cube.counts["community"][:, 1, rest]
    closed = changed(cube, change)
    sunday = int(np.flatnonzero(cube.calendar.weekday == 6)[-1])
    night = judge_night(closed, judged=sunday)
    assert night.nodes.query("category_code == '01' and channel == 'day'").empty
    course = series_of(closed, "city", "C000", *cube.subjects[1])
    working = course[(course["unit"] == "day") & (course["on"].dt.day_of_week < 5)]
    assert working["expected"].mean() == pytest.approx(working["observed"].mean(), rel=0.15)
    assert not ((course["unit"] == "day") & (course["on"].dt.day_of_week == 6)).any()


def test_a_course_holds_ranges_that_most_weeks_lie_in_and_does_not_look_ahead() -> None:
    cube = usual()
    node = ("street", "S002", *cube.subjects[0])
    course = series_of(cube, *node)
    assert course["unit"].value_counts().to_dict() == {"week": 104, "day": 90}
    assert ((course["lower"] <= course["expected"]) & (course["expected"] <= course["upper"])).all()
    assert (course["observed"].between(course["lower"], course["upper"])).mean() > 0.9
    later = planted(cube, 20, 0, 20, 400)
    weeks = slice(0, 95)
    pd.testing.assert_frame_equal(series_of(later, *node).iloc[weeks], course.iloc[weeks])


def test_a_new_way_of_recording_for_the_whole_city_is_not_an_alarm_half_a_year_later() -> None:
    cube = usual()
    early = np.arange(len(cube.days)) < len(cube.days) - 200
    kept = np.random.default_rng(3).binomial(cube.counts["community"], np.where(early, 0.5, 1.0))
    night = judge_night(changed(cube, (kept - cube.counts["community"]).astype(np.int32)))
    wide = night.nodes[night.nodes["level"].isin(["district", "city"])]
    assert (wide["p_node"] > 0.001).all()
    assert set(night.judged["state"]) == {"judged"}


def test_a_gap_that_ended_this_year_leaves_low_confidence_and_says_that_the_history_is_broken() -> None:
    cube = planted(silenced(usual(), slice(10, 20), slice(500, -120)), 12, 2, 7, 15)
    found = at(judge_night(cube), cube, "community", 12, 2)
    assert set(found["reason"]) == {"broken"}
    assert set(found["confidence"]) == {"low"}
    assert found.loc["week", "p"] < 1e-4
