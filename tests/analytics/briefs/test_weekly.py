"""The weekly brief: was the week normal, what is dispatched, what became of last week's table, what comes next."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics.briefs import for_export
from analytics.briefs.weekly import weekly_brief
from analytics.briefs.weekly_answer import WeeklyBrief
from analytics.briefs.weekly_dispatch import RUNGS, rung_selection
from analytics.figures import Line
from data import operational, queries
from data.errors import NotReady
from data.mart import Mart, open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar
from pages.paper.record import brief_record

SUNDAY = date(2026, 6, 14)  # of an ordinary week; the Dragon Boat Festival is on the next Friday
MONDAY = SUNDAY - timedelta(days=6)
BEFORE = MONDAY - timedelta(days=1)
NEXT_MORNING = datetime(2026, 6, 15, 6)
AREAS = [
    ("A", "district", None, "North"), ("A1", "street", "A", "Hill Street"), ("A2", "street", "A", "Lake Street"),
    ("A1x", "community", "A1", "Hill Community"), ("Z", "district", None, "Decoyland"), ("Z1", "street", "Z", "Decoy Street"),
]  # fmt: skip
UNITS = [
    ("u1", "Housing Office", "housing", "A"),
    ("u2", "Hill Office", None, "A1"),
    ("uz", "Decoy Office", "housing", "Z"),
]


def steady(weeks: int = 30, *, surge: int = 0, closing: bool = True, deadlines: bool = True) -> list[dict]:
    """Five a day in each street, closed after two days; `surge` more in Hill Street on the Tuesday of the last week."""
    rows = []
    for back in range(7 * weeks):
        day = SUNDAY - timedelta(days=back)
        for street in ("A1", "A2", "Z1"):
            extra = surge if street == "A1" and day == MONDAY + timedelta(days=1) else 0
            for number in range(4 + day.toordinal() % 3 + extra):
                registered = datetime.combine(day, time(9, number % 60))
                closed = registered + timedelta(days=2)
                done = closed < NEXT_MORNING
                rows.append(
                    {
                        "matter_no": f"{street}-{day:%y%m%d}-{number}", "source_system": "grid", "kind": "hotline", "area_code": street,
                        "category_code": "c1" if number % 3 else "c2", "registered_at": registered,
                        "closed_at": closed if done and closing else None, "closed_in_time": 1 if done and not closing else None,
                        "status": "closed" if done else "handling", "due_on": day + timedelta(days=20) if deadlines else None,
                        "responsible_org_id": "uz" if street == "Z1" else "u1", "updated_at": registered,
                    }
                )  # fmt: skip
    return rows


def major(number: str, **changes: object) -> dict:
    """A supervised matter of Hill Street, on the table for weeks, due in July."""
    registered = datetime.combine(BEFORE - timedelta(days=40), time(8))
    return {
        "matter_no": f"major-{number}", "source_system": "grid", "kind": "dispute", "area_code": "A1x", "category_code": "c1",
        "registered_at": registered, "accepted_at": registered, "routed_at": registered, "supervised_at": registered + timedelta(days=1), "status": "handling",
        "due_on": date(2026, 7, 20), "responsible_org_id": "u2", "updated_at": registered, "people_involved": 12,
    } | changes  # fmt: skip


FATES = {
    "unchanged": {},
    "closed_in_time": {"closed_at": datetime(2026, 6, 10, 9), "status": "closed"},
    "closed_late": {"closed_at": datetime(2026, 6, 10, 9), "status": "closed", "due_on": date(2026, 6, 9)},
    "passed": {"due_on": date(2026, 6, 11)},
    "moved": {"first_contact_at": datetime(2026, 6, 12, 9)},
    "rebounded": {
        "closed_at": datetime(2026, 6, 9, 9),
        "rebounded_at": datetime(2026, 6, 12, 9),
        "status": "closed",
    },
}


def city(rows: list[dict], more: Callable[[sa.Connection], None] = lambda connection: None) -> Callable:
    def fill(connection: sa.Connection) -> None:
        areas = [{"area_code": c, "level_code": lv, "parent_code": p, "name": n} for c, lv, p, n in AREAS]
        connection.execute(sa.insert(operational.area), areas)
        subjects = [{"category_code": "c1", "name": "parking"}, {"category_code": "c2", "name": "noise"}]
        connection.execute(sa.insert(operational.category), subjects)
        units = [{"org_id": c, "name": n, "functional_line": line, "area_code": a} for c, n, line, a in UNITS]
        connection.execute(sa.insert(operational.organisation), units)
        names = {name for row in rows for name in row}
        if rows:
            connection.execute(sa.insert(operational.matter), [{name: row.get(name) for name in names} for row in rows])
        more(connection)

    return fill


def recorded(connection: sa.Connection) -> None:
    """Cases, meetings, assessments, projects, receptions and an event, each with a decoy of the other district."""
    day = date(2026, 6, 1)
    case = {
        "post_level": "district",
        "lead_org_id": "u1",
        "opened_on": day,
        "progress_pct": 40,
        "next_step": "hearing",
        "category_code": "c1",
    }
    cases = [
        {"case_id": "k1", "matter_no": "major-unchanged", "area_code": "A1x", "due_on": date(2026, 6, 30), **case},
        {"case_id": "k2", "matter_no": None, "area_code": "A2", "due_on": date(2026, 6, 16), **case},
        {"case_id": "kz", "matter_no": None, "area_code": "Z1", "due_on": date(2026, 6, 16), **case},
    ]
    meeting = {"held_on": date(2026, 6, 9), "items": 3, "decided": 2, "done": 1}
    meetings = [
        {"meeting_id": code, "kind": "hearing", "area_code": area, **meeting}
        for code, area in (("m1", "A1"), ("mz", "Z1"))
    ]
    scores = {"legality": 5, "reasonableness": 5, "feasibility": 5, "assessed_on": day, "org_id": "u1"}
    assessments = [
        {"assessment_id": "s1", "area_code": "A1", **scores, "controllability": 8},  # 23: high
        {"assessment_id": "s2", "area_code": "A1", **scores, "controllability": 9},  # 24: medium
        {"assessment_id": "sz", "area_code": "Z1", **scores, "controllability": 1},
    ]
    span = {"starts_on": date(2026, 5, 5), "due_on": date(2026, 7, 24), "lead_org_id": "u1"}  # half of it is over
    projects = [
        {"project_id": "p1", "name": "behind", "area_code": "A1", "progress_pct": 39, **span},
        {"project_id": "p2", "name": "on track", "area_code": "A1", "progress_pct": 40, **span},
        {
            "project_id": "p3",
            "name": "late",
            "area_code": "A1",
            "progress_pct": 99,
            **span,
            "due_on": date(2026, 6, 13),
        },
        {"project_id": "pz", "name": "decoy project", "area_code": "Z1", "progress_pct": 1, **span},
    ]
    held = {
        "planned_on": date(2026, 6, 9),
        "held_on": date(2026, 6, 9),
        "batches": 2,
        "issues": 2,
        "solved": 1,
        "kind": "reception",
    }
    receptions = [
        {"reception_id": "r1", "area_code": "A1", **held},
        {"reception_id": "r2", "area_code": "A1", **held, "held_on": None},
        {"reception_id": "rz", "area_code": "Z1", **held},
        {"reception_id": "r4", "area_code": "A1", **held, "planned_on": date(2026, 6, 17), "held_on": None},
    ]
    events = [
        {
            "event_id": "e1",
            "name": "dragon boat race",
            "area_code": "A1",
            "starts_on": date(2026, 6, 19),
            "ends_on": date(2026, 6, 20),
        }
    ]
    for table, rows in (
        (operational.leader_case, cases), (operational.meeting_record, meetings), (operational.stability_assessment, assessments),
        (operational.livelihood_project, projects), (operational.leader_reception, receptions), (operational.planned_event, events),
    ):  # fmt: skip
        names = {name for row in rows for name in row}
        connection.execute(sa.insert(table), [{name: row.get(name) for name in names} for row in rows])


@pytest.fixture(scope="module")
def calm(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return publish(tmp_path_factory.mktemp("calm"), city(steady()), now=NEXT_MORNING)


@pytest.fixture(scope="module")
def busy(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    """A surge in Hill Street, one major matter for each fate, a decoy, and records of every other kind."""
    rows = [*steady(surge=60), *(major(name, **changes) for name, changes in FATES.items())]
    rows.append(major("decoy", area_code="Z1", responsible_org_id="uz", due_on=date(2026, 6, 11)))
    return publish(tmp_path_factory.mktemp("busy"), city(rows, recorded), now=NEXT_MORNING)


EVERYWHERE = Scope()


def ask(mart: Mart, day: date = SUNDAY, scope: Scope = EVERYWHERE, **options: object) -> WeeklyBrief:
    return weekly_brief(mart, scope, day, calendar=build_calendar(None), **options)


def keys(sentences: tuple) -> list[str]:
    return [sentence.key for sentence in sentences]


# --- the week -----------------------------------------------------------------------------------------------------------------


def test_a_week_like_the_others_is_normal(calm: Mart) -> None:
    brief = ask(calm)
    assert brief.state == "normal"
    assert brief.headline[0].key == "brief.week.within"
    assert brief.period.complete
    assert (brief.period.first, brief.period.last) == (MONDAY, SUNDAY)


def test_a_surge_names_its_place_and_its_subject(busy: Mart) -> None:
    brief = ask(busy, area_code="A")
    assert brief.state == "unusual"
    assert brief.headline[0].key.endswith("_where_what")
    assert brief.headline[0].values["area"] == "Hill Street"
    assert brief.headline[0].values["category"] == "parking"
    assert {line.values["area"]: line.values["state"] for line in brief.places} == {
        "Hill Street": "above", "Lake Street": "within"
    }  # fmt: skip
    assert [one.key for one in brief.concerns if one.area_code == "A1"] == ["place_above"]


def test_the_sum_is_that_of_its_days_and_is_judged_by_sums_of_weeks(calm: Mart) -> None:
    brief = ask(calm)
    new = brief.flows[0]
    rows = [row for row in steady() if MONDAY <= row["registered_at"].date() <= SUNDAY]
    assert new.value == len(rows)
    assert new.expected.method == "recent_level"
    so_far = ask(calm, day=SUNDAY - timedelta(days=2)).flows[0].expected
    assert so_far.method == "same_week"
    assert len(so_far.reference_days) == 12
    assert all(first.weekday() == 0 for first in so_far.reference_days)


def test_an_unfinished_week_is_marked_and_compared_with_the_same_span(calm: Mart) -> None:
    wednesday = MONDAY + timedelta(days=2)
    brief = ask(calm, day=wednesday)
    assert not brief.period.complete
    assert brief.period.last == wednesday
    assert "notice.week_unfinished" in keys(brief.notices)
    assert brief.headline[0].values["span"].key == "brief.week.span_so_far"
    previous = next(one for one in brief.flows[0].comparisons if one.kind == "previous_week")
    assert (previous.period.first, previous.period.last) == (MONDAY - timedelta(7), wednesday - timedelta(7))
    rows = steady()
    assert previous.base == sum(
        previous.period.first <= row["registered_at"].date() <= previous.period.last for row in rows
    )
    assert brief.flows[0].value == sum(MONDAY <= row["registered_at"].date() <= wednesday for row in rows)
    assert brief.state == "normal"


def test_days_after_the_cut_change_nothing(calm: Mart, busy: Mart) -> None:
    """The surge of Tuesday is not known on Monday."""
    assert ask(calm, day=MONDAY).flows[0] == ask(busy, day=MONDAY).flows[0]


def test_the_chart_ends_with_the_week_of_the_figure(calm: Mart) -> None:
    brief = ask(calm)
    last = brief.weeks.iloc[-1]
    assert (last["new"], last["closed"]) == (brief.flows[0].value, brief.flows[1].value)
    assert (last["lower"], last["upper"]) == (brief.flows[0].expected.lower, brief.flows[0].expected.upper)
    assert brief.weeks["complete"].all()
    assert brief.weeks["week"].diff().dropna().dt.days.eq(7).all()


def test_kinds_and_places_add_up_to_the_figures(busy: Mart) -> None:
    brief = ask(busy)
    flows = {figure.name: figure.value for figure in brief.flows}
    for name in ("new", "closed", "open", "overdue"):
        assert sum(line.values[name] for line in brief.kinds) == flows[name]
    for name in ("new", "open", "overdue"):
        assert sum(line.values[name] for line in brief.places) == flows[name]


def test_the_headline_has_at_most_five_lines(busy: Mart, calm: Mart) -> None:
    for brief in (ask(busy), ask(calm), ask(busy, day=MONDAY)):
        assert 1 <= len(brief.headline) <= 5


# --- the dispatch --------------------------------------------------------------------------------------------------------------


def test_the_table_holds_the_major_matters_and_the_cases_of_a_place(busy: Mart) -> None:
    brief = ask(busy, area_code="A")
    open_now = {name for name in FATES if not name.startswith("closed") and name != "rebounded"}
    assert {line.values["matter_no"] for line in brief.dispatch} == {f"major-{name}" for name in open_now} | {None}
    assert [figure.value for figure in brief.dispatch_figures] == [3, 1, 0]
    first, second = brief.dispatch[:2]
    assert (first.values["matter_no"], first.values["days_left"], first.values["step"]) == ("major-passed", -3, "close")
    assert (second.values["matter_no"], second.values["step"], second.values["days_left"]) == (None, "case", 2)


def test_a_line_carries_the_progress_and_the_next_step_of_its_case(busy: Mart) -> None:
    line = next(line for line in ask(busy).dispatch if line.values["matter_no"] == "major-unchanged")
    values = line.values
    assert (values["progress_pct"], values["next_step"], values["post_level"]) == (40, "hearing", "district")
    assert (values["next_on"], values["step"]) == (date(2026, 6, 30), "case"), "sooner than the deadline of the matter"
    assert values["reasons"] == ("supervised", "leader_case", "larger", "collective")
    assert values["unit"] == "Hill Office"
    assert values["line"] is None


def test_last_week_s_matters_are_looked_back_at_one_by_one(busy: Mart) -> None:
    brief = ask(busy, area_code="A")
    told = {line.values["matter_no"]: line.values["became"] for line in brief.looked_back_lines}
    assert {number: fate for number, fate in told.items() if number} == {f"major-{name}": name for name in FATES}
    counts = {figure.name: figure.value for figure in brief.looked_back}
    assert counts.pop("dispatched") == sum(counts.values()) == len(FATES)
    assert brief.looked_back_lines[0].values["became"] == "rebounded", "what needs a hand stands first"


def test_sums_by_line_add_up_to_the_table(busy: Mart) -> None:
    brief = ask(busy)
    total, overdue, due = (figure.value for figure in brief.dispatch_figures)
    for name, count in (("matters", total), ("overdue", overdue), ("due", due)):
        assert sum(line.values[name] for line in brief.dispatch_lines) == count


def test_the_ladder_adds_up_to_the_overdue(busy: Mart) -> None:
    brief = ask(busy, area_code="A")
    overdue = next(figure.value for figure in brief.flows if figure.name == "overdue")
    for lines in (brief.ladder_units, brief.ladder_lines):
        assert sum(line.values["overdue"] for line in lines) == overdue == 1
        assert all(sum(line.values[rung] for rung in RUNGS) == line.values["overdue"] for line in lines)
    assert brief.ladder_units[0].values["late_1"] == 1
    assert brief.ladder_units[0].values["oldest_days"] == 3


# --- the work of the week ------------------------------------------------------------------------------------------------------


def test_meetings_assessments_projects_and_receptions_are_those_of_the_area(busy: Mart) -> None:
    brief = ask(busy, area_code="A")
    hearing = brief.meetings[1].values
    assert [hearing[name] for name in ("tier", "meetings", "items", "decided", "done")] == ["hearing", 1, 3, 2, 1]
    assert [(line.values["total"], line.values["risk"]) for line in brief.assessments] == [(23, "high"), (24, "medium")]
    assert {line.values["name"]: line.values["pace"] for line in brief.projects} == {
        "late": "late", "behind": "behind", "on track": "on_track"
    }  # fmt: skip
    assert [line.values["name"] for line in brief.projects] == ["late", "behind", "on track"]
    assert (brief.reception_plan.numerator, brief.reception_plan.denominator) == (1, 2)
    assert brief.receptions[0].values["batches"] == 2


def test_the_days_ahead_say_festivals_deadlines_receptions_and_events(busy: Mart) -> None:
    brief = ask(busy, area_code="A")
    days = {line.values["day"]: line.values for line in brief.ahead}
    assert list(days) == [SUNDAY + timedelta(days=n) for n in range(1, 8)]
    assert days[date(2026, 6, 19)]["day_kind"] == "holiday"
    assert days[date(2026, 6, 19)]["festival"] == "dragon_boat_festival"
    assert [one.values["name"] for one in days[date(2026, 6, 19)]["events"]] == ["dragon boat race"]
    assert days[date(2026, 6, 20)]["events"] == (), "said on the day it begins"
    assert days[date(2026, 6, 17)]["receptions"] == 1
    assert {"brief.week.ahead_holiday", "brief.week.ahead_receptions"} <= set(keys(brief.ahead_lines))


def test_the_days_ahead_of_an_unfinished_week_begin_with_its_rest(calm: Mart) -> None:
    wednesday = MONDAY + timedelta(days=2)
    days = [line.values["day"] for line in ask(calm, day=wednesday).ahead]
    assert (days[0], days[-1]) == (wednesday + timedelta(days=1), SUNDAY + timedelta(days=7))


# --- every number opens --------------------------------------------------------------------------------------------------------


def opened(mart: Mart, selection: queries.Selection) -> int:
    (count,) = queries.read_counts(mart, Scope(), (selection,))
    return count


def test_every_figure_opens_into_as_many_matters_as_it_says(town_site: Site) -> None:
    mart = open_mart(town_site.mart_folder)
    brief = ask(mart, day=mart.read_at.date() - timedelta(days=1))
    checked = 0
    for figure in (*brief.flows, *brief.dispatch_figures, *brief.looked_back, brief.stepped_up, *brief.settlement):
        count = figure.denominator if figure.unit == "pct" else figure.value
        assert opened(mart, figure.selection) == count, figure.name
        if figure.unit == "pct":
            met = figure.selection.narrowed(measure=f"{figure.selection.measure}_met")
            assert opened(mart, met) == figure.numerator, figure.name
        checked += bool(count)
    assert checked > 10


COLUMNS = {
    "kinds": "new", "places": "new", "dispatch": "matters", "dispatch_lines": "matters", "ladder_units": "overdue", "ladder_lines": "overdue",
    "meetings": "closed", "committees": "open", "methods": "closed", "ahead": "due",
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_every_line_opens_into_as_many_matters_as_it_says(town_site: Site, name: str) -> None:
    mart = open_mart(town_site.mart_folder)
    brief = ask(mart, day=mart.read_at.date() - timedelta(days=1))
    lines: tuple[Line, ...] = getattr(brief, name)[:30]
    assert lines
    for line in lines:
        if line.selection is None:
            assert not line.values[COLUMNS[name]]
            continue
        assert opened(mart, line.selection) == line.values[COLUMNS[name]], line
        if name.startswith("ladder"):
            for rung in RUNGS:
                assert opened(mart, rung_selection(line.selection, rung)) == line.values[rung]


def test_every_matter_looked_back_at_opens_itself(town_site: Site) -> None:
    mart = open_mart(town_site.mart_folder)
    brief = ask(mart, day=mart.read_at.date() - timedelta(days=1))
    for line in brief.looked_back_lines[:20]:
        if line.selection is not None:
            assert opened(mart, line.selection) == 1


# --- what the records do not carry, and who may see what -----------------------------------------------------------------------


def test_nothing_of_a_decoy_district_reaches_a_narrower_scope(busy: Mart) -> None:
    text = json.dumps(brief_record(ask(busy, scope=Scope(("A",), "community"))), ensure_ascii=False)
    assert "Hill Street" in text
    for decoy in ("Decoy", "decoy", '"uz', '"Z'):
        assert decoy not in text


def test_an_area_out_of_scope_is_refused_in_words(busy: Mart) -> None:
    with pytest.raises(NotReady, match=r"brief\.area_unknown"):
        ask(busy, scope=Scope(("A",), "community"), area_code="Z1")


def test_without_closing_times_the_open_and_the_dispatch_are_unknown_not_zero(
    publish: Callable, tmp_path: Path
) -> None:
    brief = ask(publish(tmp_path, city(steady(8, closing=False)), now=NEXT_MORNING))
    assert [figure.value is None for figure in brief.flows] == [False, True, True, True]
    assert brief.dispatch == brief.looked_back == brief.ladder_units == brief.methods == ()
    for section in ("dispatch", "looked_back", "ladder", "methods", "committees"):
        assert brief.missing[section].key == "missing.closing_times"
    assert all(line.values["due"] is None for line in brief.ahead)
    assert all(line.values["open"] is None for line in (*brief.kinds, *brief.places))


def test_without_deadlines_the_ladder_is_unknown_and_the_open_are_counted(publish: Callable, tmp_path: Path) -> None:
    rows = [row | {"kind": "hotline"} for row in steady(8, deadlines=False)]
    brief = ask(publish(tmp_path, city(rows), now=NEXT_MORNING))
    assert brief.flows[2].value
    assert brief.flows[3].value is None
    assert brief.missing["ladder"].key == "missing.deadlines"
    assert "dispatch" not in brief.missing


def test_records_that_no_source_keeps_are_said_section_by_section(calm: Mart, busy: Mart) -> None:
    assert set(ask(calm).missing) >= {
        "meetings",
        "receptions",
        "assessments",
        "projects",
        "cases",
        "committees",
        "methods",
    }
    assert not set(ask(busy).missing) & {"meetings", "receptions", "assessments", "projects", "cases"}


def test_a_short_history_is_said_and_nothing_is_judged(publish: Callable, tmp_path: Path) -> None:
    brief = ask(publish(tmp_path, city(steady(3)), now=NEXT_MORNING))
    assert brief.state == "unknown"
    assert brief.flows[0].expected is None
    assert brief.headline[0].key == "brief.week.unknown"
    assert "notice.short_history" in keys(brief.notices)
    assert not any(one.kind == "year_on_year" for one in brief.flows[0].comparisons), "no week a year ago is no zero"


def test_an_empty_mart_says_so(publish: Callable, tmp_path: Path) -> None:
    brief = ask(publish(tmp_path, city([]), now=NEXT_MORNING))
    assert brief.is_empty
    assert brief.state == "unknown"
    assert brief.flows[0].value is None
    assert keys(brief.notices) == ["notice.no_records"]
    assert keys(brief.headline) == ["brief.week.no_records"]


def test_in_a_year_without_a_calendar_the_range_goes_by_weekdays_and_the_days_ahead_are_not_guessed(calm: Mart) -> None:
    brief = ask(calm, day=date(2027, 1, 10))
    assert brief.flows[0].expected is not None
    assert "notice.no_calendar" in keys(brief.notices)
    assert brief.ahead[0].values["day_kind"] is None
    assert "brief.week.ahead_no_calendar" in keys(brief.ahead_lines)


def test_outside_the_unit_s_screen_a_matter_is_at_its_street_with_its_age_in_weeks(busy: Mart) -> None:
    fit = for_export(ask(busy))
    text = json.dumps(brief_record(ask(busy)), ensure_ascii=False)
    assert "Hill Community" not in text
    line = next(line for line in fit.dispatch if line.values["matter_no"] == "major-unchanged").values
    assert (line["area"], line["age_weeks"], line["people_band"]) == ("Hill Street", 6, "10-29")
    assert not {"age_days", "people", "reported_on"} & set(line)
    back = next(one for one in fit.looked_back_lines if one.values["became"] == "closed_in_time").values
    assert back["closed_week"] == MONDAY
    assert "closed_on" not in back


def test_below_a_street_small_cells_are_hidden(busy: Mart) -> None:
    brief = ask(busy, area_code="A1x")
    fit = for_export(brief)
    assert brief.is_below_street
    for lines, names in ((fit.ladder_units, RUNGS), (fit.dispatch_lines, ("matters",)), (fit.kinds, ("open",))):
        assert not any(0 < (line.values[name] or 0) < 5 for line in lines for name in names)


def test_small_places_below_a_street_take_their_range_along(busy: Mart) -> None:
    fit = for_export(ask(busy, area_code="A1"))
    for line in fit.places:
        if line.values["new"] is None:
            assert line.values["upper"] is None
