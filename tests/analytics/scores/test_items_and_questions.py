"""What one item counts for, who is compared with whom, and what is asked beside the score."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.figures import Period
from analytics.scores import item_states, questions, windows
from analytics.scores.counting import (
    count_items,
    month_counts,
    profile_counts,
    social_counts,
    term_counts,
    units_of_places,
    with_mechanisms,
)
from analytics.scores.peers import peer_groups
from analytics.scores.rules import rules_from
from data.errors import Refused
from data.settings import read_reference
from data.workdays import build_calendar
from tests.analytics.scores.scored import PARTY

VOLUNTEER = rules_from(read_reference("scorecards/volunteer"))
ALLIANCE = rules_from(read_reference("scorecards/alliance"))
WINDOW = (date(2026, 10, 1), date(2026, 10, 31))


def days(*texts: str | None) -> pd.Series:
    return pd.to_datetime(pd.Series(texts))


def test_an_item_counts_by_its_due_day_and_what_is_not_due_yet_is_not_missed() -> None:
    rows = pd.DataFrame({
        "item_id": list("abcdef"), "area_code": "c1", "raised_on": days(*["2026-09-01"] * 5, "2026-10-05"),
        "decided_on": days(*["2026-09-20"] * 5, None), "due_on": days("2026-10-10", "2026-10-10", "2026-10-31", "2026-11-01", "2026-09-30", None),
        "done_on": days("2026-10-10", "2026-10-11", None, None, None, None),
    })  # fmt: skip
    found = item_states.deliberation(rows, WINDOW).set_index("item")["state"].to_dict()
    assert found == {"a": "met", "b": "not_met", "c": "not_met", "f": "not_decided"}


def test_a_record_is_timely_until_the_tenth_working_day_and_not_asked_for_before() -> None:
    rows = pd.DataFrame({
        "activity_id": list("abcd"), "team_id": "t1", "ended_at": days("2026-10-09", "2026-10-09", "2026-10-09", "2026-10-26"),
        "recorded_at": days("2026-10-22", "2026-10-23", None, None),
    })  # fmt: skip
    calendar = build_calendar(None).frame()
    found = item_states.timely_records(rows, WINDOW, 10, calendar).set_index("item")
    assert (
        str(found["due_on"]["a"].date())
        == str(build_calendar(None).add_working_days(date(2026, 10, 9), 10))
        == "2026-10-22"
    )
    assert found["state"].to_dict() == {"a": "met", "b": "not_met", "c": "not_met", "d": "not_yet_due"}


def test_only_whole_months_of_a_teams_life_are_asked_for() -> None:
    teams = pd.DataFrame(
        {"team_id": ["t1", "t2"], "founded_on": days("2026-08-15", None), "dissolved_on": days(None, "2026-10-20")}
    )
    activities = pd.DataFrame({"team_id": ["t1"], "started_at": days("2026-09-03"), "ended_at": days("2026-09-03")})
    found = item_states.active_months(activities, teams, (date(2026, 8, 1), date(2026, 11, 20)))
    states = {(row.place, row.item): row.state for row in found.itertuples()}
    assert states == {
        ("t1", "2026-09"): "met", ("t1", "2026-10"): "not_met", ("t1", "2026-11"): "not_yet_due", ("t2", "2026-08"): "not_met",
        ("t2", "2026-09"): "not_met",
    }  # fmt: skip


def test_a_place_counts_for_every_unit_whose_area_holds_it() -> None:
    tree = pd.DataFrame({"area_code": ["s", "c1", "c2"], "pos": [0, 1, 2], "last_pos": [2, 1, 2]})
    units = pd.DataFrame({"unit_id": ["street", "one"], "area_code": ["s", "c1"]})
    places = units_of_places(units, tree)
    items = pd.DataFrame({"place": ["c1", "c2", "c2"], "state": ["met", "not_met", "not_decided"]})
    counts, left = count_items(items, places, "deliberation")
    assert counts.set_index("unit_id")[["met", "whole"]].to_dict("index") == {
        "one": {"met": 1, "whole": 1},
        "street": {"met": 1, "whole": 2},
    }
    assert left.to_dict("records") == [
        {"unit_id": "street", "indicator": "deliberation", "reason": "not_decided", "items": 1}
    ]


def test_a_part_never_counts_more_than_its_whole() -> None:
    names = ["compounds_with_team", "members_active", "members_reported_in", "has_funds", "has_staff", "has_rules", "has_venue", "has_moral_committee",
             "has_legal_adviser", "committees_with_members", "committee_seats", "committee_party_seats", "has_zones", "has_deliberation_venue", "has_council"]  # fmt: skip
    profile = pd.DataFrame(
        {
            "area_code": ["c1"],
            "compounds": [4],
            "compounds_with_branch": [6],
            "compounds_with_committee": [2],
            **{name: [1] for name in names},
        }
    )
    found = profile_counts(profile, pd.DataFrame({"place": ["c1"], "unit_id": ["u"]})).set_index("indicator")
    assert found.loc["coverage", ["met", "whole"]].tolist() == [6, 8]
    months = {"team_id": ["t"], "month": ["2026-10-01"], "requests_accepted": [4], "requests_served": [9], "evaluations_asked": [0], "evaluated": [0],
              "satisfied": [0], "volunteers_active": [5], "volunteers_sustained": [2], "volunteers_trained": [5]}  # fmt: skip
    served = month_counts(pd.DataFrame(months)).set_index("indicator").loc["need_response"]
    assert (served["met"], served["whole"]) == (4, 4)


def test_a_place_has_zones_a_venue_or_a_council_however_many_and_what_no_source_says_is_empty() -> None:
    tree = pd.DataFrame({"area_code": ["s", "c1", "c1a", "c2"], "pos": [0, 1, 2, 3], "last_pos": [3, 2, 2, 3]})
    profiles = pd.DataFrame({"area_code": ["c1", "c2"], "responsibility_zones": [7.0, np.nan]})
    venues = pd.DataFrame({"area_code": ["c1a", "c1a", "c2"], "kind": ["hall", "home", "home"]})
    flags = ["has_zones", "has_deliberation_venue", "has_council"]
    found = with_mechanisms(profiles, venues, tree)[flags]
    np.testing.assert_array_equal(found.to_numpy(), [[1, 1, 1], [np.nan, 1, 0]])
    assert with_mechanisms(profiles, venues.head(0), tree)[flags[1:]].isna().all(axis=None)


def test_of_social_organisations_only_those_that_say_are_asked_whether_they_are_registered() -> None:
    rows = [("c1", "social_org", 1, "m1", "culture"), ("c1", "social_org", 0, None, "culture"), ("c1", "social_org", None, None, "law"),
            ("c1", "branch", 1, "m1", None), ("c2", "social_org", 1, "m1", "law")]  # fmt: skip
    columns = ["area_code", "kind", "is_registered", "sponsor_org_id", "social_category"]
    places = pd.DataFrame({"place": ["c1"], "unit_id": ["u"]})
    found = social_counts(pd.DataFrame(rows, columns=columns), places).set_index("indicator")
    counted = {name: (row["met"], row["whole"]) for name, row in found.iterrows()}
    assert counted == {"social_sponsored": (1, 3), "social_registered": (1, 2), "social_classes": (2, 10)}


def test_a_running_term_is_asked_only_for_what_is_whole_by_now() -> None:
    term = {
        "alliance_org_id": ["a"], "starts_on": ["2026-07-01"], "ends_on": ["2026-12-31"], "upward_contacts": [3], "upward_planned": [6],
        "office_contacts": [1], "office_planned": [6], "members_contacted": [10], "members_total": [20], "joint_meetings": [1],
        "action_days": [0], "summits": [0], "joint_projects": [0], "five_links_done": [4],
        **{f"rating_{name}": [value] for name, value in zip(("committee", "office", "members", "supervision", "public"), (80, 90, None, 100, 70), strict=True)},
    }  # fmt: skip
    running = term_counts(pd.DataFrame(term), date(2026, 10, 15), ALLIANCE).set_index("indicator")
    assert running.loc["joint_meetings", ["met", "whole"]].tolist() == [1, 1]
    assert running.loc["summit", "whole"] == 0
    over = term_counts(pd.DataFrame(term), date(2026, 12, 31), ALLIANCE).set_index("indicator")
    assert over.loc["joint_meetings", ["met", "whole"]].tolist() == [1, 2]
    rating = over.loc["leaving_rating"]
    assert 100 * rating["met"] / rating["whole"] == pytest.approx((20 * 80 + 20 * 90 + 10 * 100 + 25 * 70) / 75)
    assert rating["whole"] == 75


def test_peers_share_type_and_size_where_there_are_enough() -> None:
    rows = pd.DataFrame(
        {
            "level": "community",
            "type_code": ["rural"] * 20 + ["new"] * 3,
            "size": [500.0] * 10 + [3000.0] * 10 + [900.0] * 3,
        }
    )
    joined = peer_groups(rows, {"community": (1000.0,)}, 8)[
        "group"
    ].value_counts()  # three of another type join their neighbours
    assert joined.to_dict() == {"community:new+rural:small": 13, "community:new+rural:large": 10}
    assert peer_groups(rows, {"community": (1000.0,)}, 11)["group"].nunique() == 1
    alone = peer_groups(rows.head(20), {"community": (1000.0,)}, 8)["group"].value_counts()
    assert alone.to_dict() == {"community:rural:small": 10, "community:rural:large": 10}


@pytest.mark.parametrize(("text", "first", "last"), [("2026-02", (2026, 2, 1), (2026, 2, 28)), ("2025Q4", (2025, 10, 1), (2025, 12, 31)), ("2026H1", (2026, 1, 1), (2026, 6, 30)), ("2025", (2025, 1, 1), (2025, 12, 31))])  # fmt: skip
def test_a_period_is_read_from_its_name_and_named_again(text: str, first: tuple, last: tuple) -> None:
    found = windows.period_from(text, date(2026, 11, 20))
    assert found == Period(date(*first), date(*last))
    assert windows.name_of(found) == text
    assert windows.before(found).last == date.fromordinal(found.first.toordinal() - 1)


def test_a_period_to_come_is_refused() -> None:
    with pytest.raises(Refused, match="period_ahead"):
        windows.period_from("2026-12", date(2026, 11, 20))


def test_what_is_unusual_is_asked_and_what_is_usual_is_not() -> None:
    habits = pd.DataFrame(
        {"unit_id": ["a", "b", "c"], "dated": [20, 20, 5], "near_deadline": [15, 3, 5], "solved_reopened": [0, 2, 9]}
    )
    minutes = pd.DataFrame({"unit_id": ["a"], "matters": [7]})
    removals = pd.DataFrame({"unit_id": ["b", "b"], "matters": [5, 6]})
    work = pd.DataFrame({"unit_id": ["a", "b"], "new": [5, 5], "new_year_before": [20, 20]})
    effort = pd.DataFrame({"unit_id": ["a", "b"], "hours": [100.0, 40.0], "hours_before": [100.0, 100.0]})
    found = questions.ask_party(habits, minutes, removals, work, effort, PARTY)
    asked = {(row.unit_id, row.question): row.count for row in found.drop(columns="count").assign(count=0).itertuples()}
    assert set(asked) == {
        ("a", "near_deadline"),
        ("a", "same_minute"),
        ("b", "mass_removal"),
        ("b", "solved_reopened"),
        ("a", "falling_reports"),
    }
    assert found.set_index("question").loc["mass_removal", "count"] == 6


def test_teams_are_asked_about_answers_hours_and_late_records() -> None:
    months = pd.DataFrame(
        {"team_id": ["t1", "t2"], "evaluations_asked": [50, 10], "evaluated": [6, 6], "satisfied": [6, 6]}
    )
    activities = pd.DataFrame(
        {"activity_id": ["x", "y"], "team_id": "t1", "hours": [60.0, 20.0], "attendances": [4, 10]}
    )
    records = pd.DataFrame(
        {"item": list("abcde"), "place": "t2", "state": "not_met", "done_on": days(*["2026-10-20"] * 5)}
    )
    found = questions.ask_teams(months, activities, records, VOLUNTEER)
    asked = [(row["unit_id"], row["question"], row["count"]) for row in found.to_dict("records")]
    assert asked == [("t1", "full_satisfaction", 6), ("t1", "implausible_hours", 1), ("t2", "late_bulk", 5)]
    assert found["items"].iloc[1] == ("x",)
