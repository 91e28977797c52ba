"""Deadlines against the golden cases of the statutes."""

from datetime import date, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.deadlines import Clock, Deadlines, due_on, matter_deadlines, rules_from, shipped_rules
from data.errors import NotReady, Refused
from data.workdays import build_calendar

CALENDAR = build_calendar()
RULES = shipped_rules()
ROLLING = rules_from({"roll_due_to_working_day": True})

GOLDEN = [  # start, amount, unit, due, rolled: DOMAIN 2.2, computed from the published notices
    ("2026-02-12", 5, "working_day", "2026-02-26", "2026-02-26"),
    ("2026-09-30", 5, "working_day", "2026-10-13", "2026-10-13"),
    ("2026-04-30", 5, "working_day", "2026-05-11", "2026-05-11"),
    ("2025-09-26", 5, "working_day", "2025-10-10", "2025-10-10"),
    ("2026-01-30", 15, "working_day", "2026-02-27", "2026-02-27"),
    ("2026-09-10", 15, "day", "2026-09-25", "2026-09-28"),
    ("2026-02-01", 15, "day", "2026-02-16", "2026-02-24"),
    ("2026-03-02", 60, "day", "2026-05-01", "2026-05-06"),
    ("2026-03-02", 90, "day", "2026-05-31", "2026-06-01"),
    ("2026-08-05", 60, "day", "2026-10-04", "2026-10-08"),
    ("2026-01-31", 30, "day", "2026-03-02", "2026-03-02"),
]


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text} 09:30:00")


def matter(kind: str, **values) -> dict:
    return {"kind": kind, "registered_at": at("2026-03-02")} | values


def deadlines(of: dict, rules=RULES) -> Deadlines:
    return matter_deadlines(of, rules, CALENDAR)


@pytest.mark.parametrize(("start", "amount", "unit", "due", "rolled"), GOLDEN)
def test_the_golden_dates_hold(start, amount, unit, due, rolled):
    clock = Clock("golden", amount, unit)
    assert due_on(day(start), clock, CALENDAR) == day(due)
    assert due_on(day(start), clock, CALENDAR, roll=True) == day(rolled)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-01-31", "2026-02-28"),
        ("2024-01-31", "2024-02-29"),
        ("2026-12-15", "2027-01-15"),
        ("2026-11-30", "2026-12-30"),
    ],
)
def test_a_month_ends_on_the_corresponding_day_or_the_last(start, due):
    assert due_on(day(start), RULES.mediation, CALENDAR) == day(due)


@pytest.mark.parametrize(
    ("code", "amount", "unit"),
    [("route", 15, "day"), ("notify", 15, "day"), ("objection", 5, "working_day"), ("close", 60, "day"),
     ("extension", 30, "day"), ("review_request", 30, "day"), ("review", 30, "day"),
     ("re_review_request", 30, "day"), ("re_review", 30, "day")],
)  # fmt: skip
def test_the_petition_clocks_are_those_of_the_regulation(code, amount, unit):
    clock = RULES.petition[code]
    assert (clock.amount, clock.unit) == (amount, unit)
    assert clock.article


def test_the_close_clock_of_a_petition_starts_at_acceptance():
    found = deadlines(matter("petition", accepted_at=at("2026-03-10")))
    assert (found.deadline_on, found.deadline_basis) == (day("2026-05-09"), "statute")


def test_a_petition_not_yet_accepted_is_to_be_routed_and_notified_but_has_no_closing_date():
    found = deadlines(matter("petition", routed_at=at("2026-03-05")))
    assert found == Deadlines(None, "no_rule", day("2026-03-17"), day("2026-03-20"), None)


def test_without_routing_the_notice_counts_from_registration():
    assert deadlines(matter("petition")).notify_due_on == day("2026-03-17")


def test_a_suggestion_has_no_closing_clock():
    found = deadlines(matter("petition", purpose="suggestion", accepted_at=at("2026-03-10")))
    assert (found.deadline_on, found.deadline_basis) == (None, "no_rule")


@pytest.mark.parametrize(
    ("approved", "until", "due", "basis"),
    [
        ("2026-05-09", "2026-05-20", "2026-05-20", "extension"),  # approved on the last day
        ("2026-05-10", "2026-05-20", "2026-05-09", "statute"),  # approved too late
        (None, "2026-05-20", "2026-05-09", "statute"),  # never approved
        ("2026-05-01", None, "2026-05-09", "statute"),  # no new date
        ("2026-05-01", "2026-05-09", "2026-05-09", "statute"),  # nothing gained
        ("2026-05-01", "2026-08-01", "2026-06-08", "extension"),  # thirty days at most
    ],
)
def test_an_extension_counts_only_when_approved_in_time(approved, until, due, basis):
    given_ = {"extension_approved_on": approved and day(approved), "extended_to": until and day(until)}
    found = deadlines(matter("petition", accepted_at=at("2026-03-10"), **given_))
    assert (found.deadline_on, found.deadline_basis) == (day(due), basis)


def test_the_extension_of_another_kind_is_as_long_as_it_was_approved():
    found = deadlines(matter("dispute", extension_approved_on=day("2026-04-02"), extended_to=day("2026-08-01")))
    assert (found.deadline_on, found.deadline_basis) == (day("2026-08-01"), "extension")


def test_the_date_the_source_states_goes_before_the_clock_and_is_never_rolled():
    found = deadlines(matter("dispute", due_on=day("2026-05-02")), ROLLING)
    assert (found.deadline_on, found.deadline_basis) == (day("2026-05-02"), "source")


def test_a_diverted_matter_follows_another_clock():
    found = deadlines(matter("petition", accepted_at=at("2026-03-10"), diverted_to="court"))
    assert (found.deadline_on, found.deadline_basis) == (None, "diverted")


def test_a_dispute_counts_one_month_from_acceptance_else_from_registration():
    assert deadlines(matter("dispute")).deadline_on == day("2026-04-02")
    assert deadlines(matter("dispute", accepted_at=at("2026-03-05"))).deadline_on == day("2026-04-05")


def test_the_hotline_follows_the_chosen_profile_by_nature_of_the_call():
    call = matter("hotline", purpose="complaint")
    assert deadlines(call) == Deadlines(day("2026-03-19"), "profile")
    assert deadlines(call, rules_from({"hotline": {"profile": "D"}})).deadline_on == day("2026-03-09")


@pytest.mark.parametrize("purpose", [None, "thanks", "unheard_of"])
def test_a_call_of_unknown_nature_has_no_deadline(purpose):
    assert deadlines(matter("hotline", purpose=purpose)) == Deadlines(None, "no_rule")


def test_a_clock_that_runs_into_a_year_without_a_calendar_says_so():
    call = {"kind": "hotline", "purpose": "complaint", "registered_at": at("2026-12-25")}
    assert deadlines(call) == Deadlines(None, "calendar_missing")


def test_calendar_days_need_no_calendar_unless_they_are_rolled():
    late = {"kind": "petition", "registered_at": at("2026-12-01"), "accepted_at": at("2026-12-01")}
    assert deadlines(late).deadline_on == day("2027-01-30")
    assert deadlines(late, ROLLING) == Deadlines(None, "calendar_missing", day("2026-12-16"), day("2026-12-16"), None)


def test_rolling_moves_a_statutory_date_off_a_rest_day():
    found = deadlines(matter("petition", accepted_at=at("2026-03-02")), ROLLING)
    assert found.deadline_on == day("2026-05-06")


@pytest.mark.parametrize(
    ("dates", "due"),
    [
        ({"review_requested_on": "2026-06-01"}, "2026-07-01"),
        ({"review_requested_on": "2026-06-01", "review_decided_on": "2026-06-20"}, None),
        ({"review_decided_on": "2026-06-20", "re_review_requested_on": "2026-07-05"}, "2026-08-04"),
        ({"re_review_requested_on": "2026-07-05", "re_review_decided_on": "2026-07-30"}, None),
    ],
)  # fmt: skip
def test_a_review_is_due_thirty_days_after_the_request(dates, due):
    found = deadlines(matter("petition", **{name: day(value) for name, value in dates.items()}))
    assert found.review_due_on == (due and day(due))


def test_only_petitions_carry_the_petition_clocks():
    found = deadlines(matter("dispute", review_requested_on=day("2026-06-01")))
    assert (found.route_due_on, found.notify_due_on, found.review_due_on) == (None, None, None)


def test_empty_values_of_a_frame_are_empty():
    row = (
        pd.DataFrame([matter("petition", due_on=pd.NaT, accepted_at=pd.Timestamp("2026-03-10 08:00"))])
        .iloc[0]
        .to_dict()
    )
    assert deadlines(row).deadline_on == day("2026-05-09")


@settings(deadline=None)
@given(st.dates(date(2005, 1, 1), date(2025, 12, 31)), st.integers(0, 90), st.sampled_from(["day", "working_day"]))
def test_a_later_start_is_never_due_earlier(start, amount, unit):
    clock = Clock("any", min(amount, 20) if unit == "working_day" else amount, unit)
    following = date.fromordinal(start.toordinal() + 1)
    assert due_on(start, clock, CALENDAR) <= due_on(following, clock, CALENDAR)
    assert due_on(start, clock, CALENDAR) <= due_on(start, clock, CALENDAR, roll=True)


@pytest.mark.parametrize(
    ("settings", "nearest"),
    [
        ({"petitions": {}}, "petition"),
        ({"petition": {"rout": {"amount": 15, "unit": "day"}}}, "route"),
        ({"petition": {"route": {"amont": 15}}}, "amount"),
        ({"hotline": {"profiles": {"A": {"limits": {"complain": {"amount": 1, "unit": "day"}}}}}}, "complaint"),
        ({"hotline": {"profile": "a"}}, "A"),
    ],
)
def test_a_mistyped_key_is_refused_with_the_nearest_right_one(settings, nearest):
    with pytest.raises(Refused, match=rf"unknown_key.*nearest={nearest}\b"):
        rules_from(settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"petition": {"route": {"amount": "15"}}},
        {"petition": {"route": {"amount": -1}}},
        {"petition": {"route": {"unit": "week"}}},
        {"petition": {"route": 15}},
        {"petition": 15},
        {"roll_due_to_working_day": "yes"},
    ],
)
def test_a_value_that_cannot_be_is_refused(settings):
    with pytest.raises(Refused, match=r"settings\.(wrong_value|not_a_table)"):
        rules_from(settings)


def test_a_site_may_add_its_own_hotline_profile():
    own = {"profile": "ours", "profiles": {"ours": {"limits": {"help": {"amount": 2, "unit": "working_day"}}}}}
    rules = rules_from({"hotline": own})
    assert not rules.hotline.example
    assert deadlines(matter("hotline", purpose="help"), rules).deadline_on == day("2026-03-04")


def test_the_shipped_profiles_are_marked_as_examples():
    assert all(profile.example for profile in RULES.hotline_profiles.values())
    assert sorted(RULES.hotline_profiles) == ["A", "B", "C", "D", "E"]


def test_working_days_in_an_unknown_year_are_not_guessed():
    with pytest.raises(NotReady):
        due_on(day("2027-01-04"), Clock("x", 3, "working_day"), CALENDAR)
