"""The weekly dispatch's reads: each agrees with a slow loop over the matters, on both stores, and no decoy returns."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from data import operational, queries
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope

DAY = date(2026, 3, 20)  # a Friday; the table before stood on Sunday, 15 March
SINCE = date(2026, 3, 15)
WEEK = (SINCE + timedelta(days=1), DAY)
AREAS = [  # B and everything below it is the decoy
    ("A", "district", None), ("A1", "street", "A"), ("A1x", "community", "A1"), ("A2", "street", "A"), ("B", "district", None),
    ("B1", "street", "B"),
]  # fmt: skip
UNITS = [("u1", "housing"), ("u2", "traffic"), ("u3", None), ("c1", None)]
CATEGORIES = [("01", None, 0, 0), ("0101", "01", 0, 0), ("09", None, 0, 1), ("16", None, 1, 0)]  # sensitive, severe
METHODS = ("peoples_mediation", "lawyer_mediation", "litigation")


def _maybe(rng: np.random.Generator, share: float, value: object) -> object:
    return value if rng.random() < share else None


def _moment(rng: np.random.Generator, first: date, most: int) -> datetime:
    return datetime.combine(first + timedelta(days=int(rng.integers(0, most))), time(int(rng.integers(24))))


def random_matters(count: int = 800, seed: int = 11) -> list[dict]:
    """Matters around DAY in every state the dispatch asks about, blanks included."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        on = DAY - timedelta(days=int(rng.integers(-3, 70)))
        closed = _maybe(rng, 0.55, _moment(rng, on, 40))
        asked = _maybe(rng, 0.6, on + timedelta(days=int(rng.integers(0, 60))))
        kind = str(rng.choice(operational.KINDS))
        rows.append(
            {
                "matter_no": f"M{number:04d}", "source_system": "x", "kind": kind,
                "area_code": [*(code for code, _, _ in AREAS), None][int(rng.integers(7))],
                "category_code": [*(code for code, *_ in CATEGORIES), None][int(rng.integers(5))],
                "registered_at": datetime.combine(on, time(9)),
                "routed_at": _maybe(rng, 0.6, _moment(rng, on, 20)), "accepted_at": _maybe(rng, 0.5, _moment(rng, on, 25)),
                "notified_at": _maybe(rng, 0.3, _moment(rng, on, 25)), "first_contact_at": _maybe(rng, 0.3, _moment(rng, on, 25)),
                "supervised_at": _maybe(rng, 0.15, _moment(rng, on, 30)), "replied_at": _maybe(rng, 0.2, _moment(rng, on, 30)),
                "due_on": _maybe(rng, 0.6, on + timedelta(days=int(rng.integers(0, 50)))),
                "closed_at": closed, "status": "closed" if closed or rng.random() < 0.05 else "handling",
                "people_involved": _maybe(rng, 0.5, int(rng.integers(1, 14))), "is_collective": _maybe(rng, 0.1, 1),
                "scale_code": _maybe(rng, 0.1, "02"), "severity_code": _maybe(rng, 0.1, str(rng.choice(["03", "04"]))),
                "leader_case_post": _maybe(rng, 0.05, "street"), "escalated_from": _maybe(rng, 0.08, "M0001"),
                "rebounded_at": _maybe(rng, 0.1, _moment(rng, on, 60)),
                "review_requested_on": asked if kind == "petition" else None,
                "review_decided_on": asked + timedelta(days=int(rng.integers(5, 40))) if asked and kind == "petition" and rng.random() < 0.7 else None,
                "meeting_level": _maybe(rng, 0.4, str(rng.integers(1, 4))), "committee_code": _maybe(rng, 0.4, "c1"),
                "resolution_method": _maybe(rng, 0.6, str(rng.choice(METHODS))),
                "outcome": _maybe(rng, 0.7, str(rng.choice(["resolved", "unresolved", "agreement", "withdrawn"]))),
                "agreement_due_on": _maybe(rng, 0.5, on + timedelta(days=int(rng.integers(0, 40)))),
                "agreement_fulfilled_on": _maybe(rng, 0.8, on + timedelta(days=int(rng.integers(0, 60)))),
                "responsible_org_id": [*(code for code, _ in UNITS), None][int(rng.integers(5))], "updated_at": datetime(2026, 3, 1),
            }
        )  # fmt: skip
    return rows


def random_cases(matters: list[dict], seed: int = 5) -> list[dict]:
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(70):
        on = DAY - timedelta(days=int(rng.integers(0, 60)))
        matter = matters[int(rng.integers(len(matters)))] if rng.random() < 0.75 else None
        rows.append(
            {
                "case_id": f"C{number:03d}", "matter_no": matter and matter["matter_no"],
                "area_code": str(rng.choice(["A", "A1", "A1x", "B1"])), "category_code": str(rng.choice(["01", "0101", "09"])),
                "post_level": "district", "lead_org_id": "u1", "opened_on": on, "due_on": _maybe(rng, 0.9, on + timedelta(days=int(rng.integers(5, 80)))),
                "progress_pct": 50, "next_step": "hearing", "reported_on": _maybe(rng, 0.8, on + timedelta(days=int(rng.integers(0, 30)))),
                "closed_on": _maybe(rng, 0.4, on + timedelta(days=int(rng.integers(5, 60)))), "updated_at": datetime(2026, 3, 1),
            }
        )  # fmt: skip
    return rows


MATTERS = random_matters()
CASES = random_cases(MATTERS)
RECEPTIONS = [
    {"reception_id": "r1", "kind": "reception", "area_code": "A1", "planned_on": DAY, "held_on": DAY, "batches": 3, "issues": 4, "solved": 2},
    {"reception_id": "r2", "kind": "reception", "area_code": "A1", "planned_on": DAY, "held_on": None},
    {"reception_id": "r3", "kind": "reception", "area_code": "A2", "planned_on": SINCE, "held_on": DAY, "batches": 1, "issues": 1, "solved": 1},
    {"reception_id": "r4", "kind": "appointment", "area_code": "A", "planned_on": DAY, "held_on": DAY + timedelta(days=1), "batches": 9},
    {"reception_id": "r5", "kind": "reception", "area_code": "B1", "planned_on": DAY, "held_on": DAY, "batches": 50, "issues": 50, "solved": 50},
    {"reception_id": "r6", "kind": "reception", "area_code": "A1", "planned_on": DAY + timedelta(days=3), "post_level": "street"},
]  # fmt: skip
MEETINGS = [
    {"meeting_id": "m1", "kind": "hearing", "area_code": "A1", "held_on": DAY, "items": 4, "decided": 3, "done": 1},
    {
        "meeting_id": "m2",
        "kind": "hearing",
        "area_code": "A2",
        "held_on": WEEK[0],
        "items": 2,
        "decided": 2,
        "done": None,
    },
    {
        "meeting_id": "m3",
        "kind": "fairness_meeting",
        "area_code": "A1x",
        "held_on": SINCE,
        "items": 7,
        "decided": 7,
        "done": 7,
    },
    {
        "meeting_id": "m4",
        "kind": "weekly_dispatch",
        "area_code": "A",
        "held_on": DAY,
        "items": 9,
        "decided": 9,
        "done": 9,
    },
    {"meeting_id": "m5", "kind": "hearing", "area_code": "B1", "held_on": DAY, "items": 99, "decided": 99, "done": 99},
]
ASSESSMENTS = [
    {"assessment_id": "s1", "area_code": "A1", "org_id": "u1", "legality": 5, "assessed_on": DAY, "risk_code": "high"},
    {"assessment_id": "s2", "area_code": "A1", "org_id": "u1", "assessed_on": SINCE, "decided_on": DAY},
    {
        "assessment_id": "s3",
        "area_code": "A2",
        "org_id": "u1",
        "assessed_on": SINCE,
        "decided_on": DAY + timedelta(days=1),
    },
    {"assessment_id": "s4", "area_code": "A1", "org_id": "u1", "assessed_on": DAY + timedelta(days=1)},
    {"assessment_id": "s5", "area_code": "B1", "org_id": "u1", "assessed_on": DAY},
]
PROJECTS = [
    {"project_id": "p1", "name": "lift", "area_code": "A1", "starts_on": SINCE, "due_on": DAY, "progress_pct": 20},
    {"project_id": "p2", "name": "done", "area_code": "A1", "starts_on": SINCE, "due_on": DAY, "done_on": DAY},
    {"project_id": "p3", "name": "later", "area_code": "A1", "starts_on": DAY + timedelta(days=1)},
    {"project_id": "p4", "name": "decoy", "area_code": "B1", "starts_on": SINCE},
]


@pytest.fixture(scope="module")
def published(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    def insert(connection: sa.Connection, table: sa.Table, rows: list[dict]) -> None:
        names = {name for row in rows for name in row}
        connection.execute(sa.insert(table), [{name: row.get(name) for name in names} for row in rows])

    def fill(connection: sa.Connection) -> None:
        insert(
            connection,
            operational.area,
            [{"area_code": c, "name": f"place {c}", "level_code": lv, "parent_code": p} for c, lv, p in AREAS],
        )
        insert(
            connection,
            operational.category,
            [
                {"category_code": c, "name": f"subject {c}", "parent_code": p, "is_sensitive": s, "is_severe": v}
                for c, p, s, v in CATEGORIES
            ],
        )
        insert(
            connection,
            operational.organisation,
            [{"org_id": c, "name": f"unit {c}", "functional_line": line} for c, line in UNITS],
        )
        insert(connection, operational.matter, MATTERS)
        insert(connection, operational.leader_case, CASES)
        insert(connection, operational.leader_reception, RECEPTIONS)
        insert(connection, operational.meeting_record, MEETINGS)
        insert(connection, operational.stability_assessment, ASSESSMENTS)
        insert(connection, operational.livelihood_project, PROJECTS)

    return publish(tmp_path_factory.mktemp("dispatch"), fill, now=datetime(2026, 3, 24, 6, 0))


@pytest.fixture(scope="module")
def rows(everything: pd.DataFrame) -> list[dict]:
    return everything.to_dict("records")


# --- the slow and obvious reading ---------------------------------------------------------------------------------------------


def below(code: str | None, root: str) -> bool:
    parents = {area: parent for area, _, parent in AREAS}
    while code is not None:
        if code == root:
            return True
        code = parents[code]
    return False


def is_open(row: dict, as_of: date) -> bool:
    ended_unknown = row["closed_on"] is None and row["is_ended"] == 1
    return (
        row["registered_on"] <= as_of and (row["closed_on"] is None or row["closed_on"] > as_of) and not ended_unknown
    )


def by_then(moment: object, as_of: date) -> bool:
    return moment is not None and pd.Timestamp(moment).date() <= as_of


def in_review(row: dict, as_of: date) -> bool:
    asked, decided = row["review_requested_on"], row["review_decided_on"]
    return (
        row["registered_on"] <= as_of and asked is not None and asked <= as_of and (decided is None or decided > as_of)
    )


def cases_of(row: dict, as_of: date) -> list[dict]:
    return [
        case
        for case in CASES
        if case["matter_no"] == row["matter_no"]
        and case["opened_on"] <= as_of
        and (case["closed_on"] is None or case["closed_on"] > as_of)
    ]


def reasons(row: dict, as_of: date) -> set[str]:
    people = row["people_involved"] or 0
    found = {
        "review": in_review(row, as_of),
        "supervised": by_then(row["supervised_at"], as_of),
        "leader_case": row["leader_case_post"] is not None or bool(cases_of(row, as_of)),
        "severe": row["category_code"] == "09",
        "larger": people >= 10 or row["scale_code"] in ("02", "03") or row["severity_code"] in ("01", "02", "03"),
        "collective": people >= 5 or row["is_collective"] == 1,
        "escalated": row["escalated_from"] is not None,
    }
    return {name for name, holds in found.items() if holds}


def on_table(row: dict, as_of: date) -> bool:
    why = reasons(row, as_of)
    return "review" in why or (is_open(row, as_of) and bool(why))


def steps(row: dict, as_of: date) -> dict[str, date | None]:
    standing = is_open(row, as_of)
    accepted = by_then(row["accepted_at"], as_of)
    notified = accepted or by_then(row["notified_at"], as_of)
    routed = notified or by_then(row["routed_at"], as_of)
    dues = [case["due_on"] for case in cases_of(row, as_of) if case["due_on"]]
    return {
        "close": row["deadline_on"] if standing else None,
        "review": row["review_due_on"] if in_review(row, as_of) else None,
        "notify": row["notify_due_on"] if standing and not notified else None,
        "route": row["route_due_on"] if standing and not routed else None,
        "case": min(dues, default=None),
    }


def overdue(row: dict, as_of: date) -> bool:
    return any(due is not None and due < as_of for due in every_due(row, as_of))


def every_due(row: dict, as_of: date) -> list[date | None]:
    own = [due for name, due in steps(row, as_of).items() if name != "case"]
    return own + [case["due_on"] for case in cases_of(row, as_of)]


def became(row: dict, since: date, as_of: date) -> str:
    def this_week(moment: object) -> bool:
        return moment is not None and since < pd.Timestamp(moment).date() <= as_of

    if this_week(row["rebounded_on"]):
        return "rebounded"
    if is_open(row, since) and this_week(row["closed_on"]):
        if row["deadline_on"] is None:
            return "closed"
        return "closed_late" if row["closed_on"] > row["deadline_on"] else "closed_in_time"
    if not is_open(row, as_of) and not in_review(row, as_of):
        return "reviewed"
    if any(due is not None and since <= due < as_of for due in every_due(row, as_of)):
        return "passed"
    names = (
        "routed_at",
        "accepted_at",
        "notified_at",
        "first_contact_at",
        "supervised_at",
        "replied_at",
        "review_requested_on",
        "review_decided_on",
    )
    reported = any(case["matter_no"] == row["matter_no"] and this_week(case["reported_on"]) for case in CASES)
    return "moved" if reported or any(this_week(row[name]) for name in names) else "unchanged"


# --- the tables ----------------------------------------------------------------------------------------------------------------

WHERE = [
    (Scope(), None, None),
    (Scope(), None, "petition"),
    (Scope(("A",), "office"), None, None),
    (Scope(), "A1", None),
]


def seen(row: dict, scope: Scope, area: str | None, kind: str | None) -> bool:
    roots = [*(scope.areas or ()), *([area] if area else [])]
    return all(below(row["area_code"], root) for root in roots) and kind in (None, row["kind"])


@pytest.mark.parametrize(("scope", "area", "kind"), WHERE)
def test_both_tables_hold_what_a_slow_loop_finds(mart: Mart, rows: list, scope: Scope, area: str, kind: str) -> None:
    found = queries.read_dispatch(mart, scope, DAY, SINCE, kind=kind, area_code=area)
    here = [row for row in rows if seen(row, scope, area, kind)]
    now = {row["matter_no"] for row in here if on_table(row, DAY)}
    then = {row["matter_no"] for row in here if on_table(row, SINCE)}
    assert set(found.loc[found["on_now"].astype(bool), "matter_no"]) == now
    assert set(found.loc[found["on_then"].astype(bool), "matter_no"]) == then
    assert len(now) > 20
    assert len(then) > 20


def test_each_line_says_why_it_stands_there_and_what_is_due_next(mart: Mart, rows: list) -> None:
    by_no = {row["matter_no"]: row for row in rows}
    checked = Counter()
    for line in queries.read_dispatch(mart, Scope(), DAY, SINCE).to_dict("records"):
        row = by_no[line["matter_no"]]
        assert {name for name in queries.REASONS if line[name]} == reasons(row, DAY)
        dues = steps(row, DAY)
        shown = {name: None if pd.isna(line[f"{name}_on"]) else line[f"{name}_on"].date() for name in dues}
        assert shown == dues
        first = min((due for due in dues.values() if due), default=None)
        assert (None if pd.isna(line["next_on"]) else line["next_on"].date()) == first
        assert bool(line["is_overdue"]) == overdue(row, DAY)
        checked.update(name for name, due in dues.items() if due)
    assert set(checked) == {*queries.STEPS, "case"}, "a step nobody has tests nothing"


def test_the_most_urgent_stand_first_and_those_without_a_deadline_last(mart: Mart) -> None:
    found = queries.read_dispatch(mart, Scope(), DAY, SINCE)
    dues = pd.to_datetime(found["next_on"])
    known = dues[dues.notna()]
    assert known.is_monotonic_increasing
    assert dues.isna().to_numpy()[len(known) :].all()


def test_what_became_of_last_week_s_table_agrees_with_a_slow_loop(mart: Mart, rows: list) -> None:
    found = queries.read_dispatch(mart, Scope(), DAY, SINCE)
    told = dict(found.loc[found["on_then"].astype(bool), ["matter_no", "became"]].itertuples(index=False))
    slow = {row["matter_no"]: became(row, SINCE, DAY) for row in rows if on_table(row, SINCE)}
    assert told == slow
    assert set(slow.values()) == set(queries.BECAME), "an outcome nobody has tests nothing"


def test_a_step_said_now_is_not_yet_done_however_late_the_record(mart: Mart, rows: list) -> None:
    """The table of an earlier day is as it would have stood: what was done later is still to be done."""
    earlier = SINCE - timedelta(days=20)
    found = queries.read_dispatch(mart, Scope(), earlier, earlier - timedelta(days=7))
    now = {row["matter_no"] for row in rows if on_table(row, earlier)}
    assert set(found.loc[found["on_now"].astype(bool), "matter_no"]) == now


def measures() -> dict[str, tuple[Selection, Callable[[dict], bool]]]:
    soon = DAY + timedelta(days=7)

    def due(row: dict) -> bool:
        return on_table(row, DAY) and not overdue(row, DAY) and any(d and DAY <= d <= soon for d in every_due(row, DAY))

    def in_week(day: date | None) -> bool:
        return day is not None and WEEK[0] <= day <= WEEK[1]

    def late(row: dict, first: int, last: int) -> bool:
        return is_open(row, DAY) and row["deadline_on"] is not None and first <= (DAY - row["deadline_on"]).days <= last

    settled, outcomes = ("resolved", "agreement"), ("resolved", "agreement", "unresolved")
    own = {
        "dispatch": (Selection("dispatch", DAY), lambda row: on_table(row, DAY)),
        "dispatch_overdue": (Selection("dispatch_overdue", DAY), lambda row: on_table(row, DAY) and overdue(row, DAY)),
        "dispatch_due": (Selection("dispatch_due", DAY, DAY, soon), due),
        "dispatched": (Selection("dispatched", DAY, SINCE, DAY), lambda row: on_table(row, SINCE)),
        "rung": (
            Selection("overdue_for", DAY, DAY - timedelta(days=30), DAY - timedelta(days=8)),
            lambda row: late(row, 8, 30),
        ),
        "last rung": (Selection("overdue_for", DAY, None, DAY - timedelta(days=31)), lambda row: late(row, 31, 9999)),
        "concluded": (
            Selection("concluded", DAY, *WEEK),
            lambda row: in_week(row["closed_on"]) and row["outcome"] in outcomes,
        ),
        "concluded_met": (
            Selection("concluded_met", DAY, *WEEK),
            lambda row: in_week(row["closed_on"]) and row["outcome"] in settled,
        ),
        "met": (
            Selection("met", DAY, *WEEK),
            lambda row: in_week(row["closed_on"]) and row["meeting_level"] is not None,
        ),
        "met_met": (
            Selection("met_met", DAY, *WEEK),
            lambda row: in_week(row["closed_on"]) and row["meeting_level"] in ("2", "3"),
        ),
        "agreement_due": (Selection("agreement_due", DAY, *WEEK), lambda row: in_week(row["agreement_due_on"])),
        "agreement_due_met": (
            Selection("agreement_due_met", DAY, *WEEK),
            lambda row: (
                in_week(row["agreement_due_on"])
                and row["agreement_fulfilled_on"] is not None
                and row["agreement_fulfilled_on"] <= DAY
            ),
        ),
    }
    for what in queries.BECAME:
        own[what] = (
            Selection(f"dispatched_{what}", DAY, SINCE, DAY),
            lambda row, what=what: on_table(row, SINCE) and became(row, SINCE, DAY) == what,
        )
    return own


@pytest.mark.parametrize("name", measures())
def test_a_count_and_its_list_agree_with_a_slow_loop_within_a_scope_without_decoys(
    mart: Mart, rows: list, name: str
) -> None:
    one, holds = measures()[name]
    slow = {row["matter_no"] for row in rows if holds(row)}
    assert queries.read_counts(mart, Scope(), (one,)) == [len(slow)]
    assert slow, "a measure nothing meets tests nothing"
    listed = queries.read_matters(mart, Scope(("A",), "office"), one, limit=1000)
    assert set(listed["matter_no"]) == {row["matter_no"] for row in rows if holds(row) and below(row["area_code"], "A")}


@pytest.mark.parametrize("line", ["housing", "traffic", ""])
def test_a_functional_line_or_none_narrows_the_table(mart: Mart, rows: list, line: str) -> None:
    lines = dict(UNITS)
    slow = sum(on_table(row, DAY) and (lines.get(row["responsible_org_id"]) or "") == line for row in rows)
    assert queries.read_counts(mart, Scope(), (Selection("dispatch", DAY).also(line=line),)) == [slow]
    assert slow


def test_one_matter_can_be_opened_by_its_number(mart: Mart) -> None:
    found = queries.read_dispatch(mart, Scope(), DAY, SINCE)
    number = found.loc[found["on_now"].astype(bool), "matter_no"].iloc[0]
    one = Selection("dispatch", DAY).also(matter_no=number)
    assert queries.read_matters(mart, Scope(), one)["matter_no"].to_list() == [number]


def test_a_sensitive_matter_is_counted_but_not_listed_below_a_street(mart: Mart) -> None:
    narrow = queries.read_dispatch(mart, Scope(("A1x",), "community"), DAY, SINCE)
    assert not narrow.loc[narrow["category_code"] == "16", "may_list"].astype(bool).any()
    wide = queries.read_dispatch(mart, Scope(("A1",), "office"), DAY, SINCE)
    sensitive = wide[wide["category_code"] == "16"]
    assert sensitive["may_list"].astype(bool).all()
    assert "place A1x" not in set(sensitive["area"])


# --- cases, ladder, ways, records ------------------------------------------------------------------------------------------------


def test_cases_are_those_open_or_just_closed_and_count_the_open_matters_they_stand_for(mart: Mart, rows: list) -> None:
    found = queries.read_dispatch_cases(mart, Scope(("A",), "office"), DAY).set_index("case_id")
    wider = {code: {code, parent} for code, parent, *_ in CATEGORIES}
    slow = [
        case
        for case in CASES
        if below(case["area_code"], "A")
        and case["opened_on"] <= DAY
        and (case["closed_on"] is None or case["closed_on"] > DAY - timedelta(days=7))
    ]
    assert set(found.index) == {case["case_id"] for case in slow}
    stood_for = 0
    for case in slow:
        is_closed = case["closed_on"] is not None and case["closed_on"] <= DAY
        covered = [
            row
            for row in rows
            if is_open(row, DAY)
            and below(row["area_code"], case["area_code"])
            and case["category_code"] in wider.get(row["category_code"], ())
        ]
        expected = 0 if case["matter_no"] or is_closed else len(covered)
        assert found.loc[case["case_id"], "matters"] == expected
        stood_for += expected
        if expected:
            one = Selection("open", DAY, area_code=case["area_code"], category_code=case["category_code"])
            assert queries.read_counts(mart, Scope(), (one,)) == [expected]
    assert stood_for


def test_the_ladder_adds_up_and_each_rung_is_a_slow_count(mart: Mart, rows: list) -> None:
    found = queries.read_late(mart, Scope(), DAY)
    standing = [row for row in rows if is_open(row, DAY)]
    late = [
        (DAY - row["deadline_on"]).days
        for row in standing
        if row["deadline_on"] is not None and row["deadline_on"] < DAY
    ]
    for first, last in queries.LATE_DAYS:
        assert found[f"late_{first}"].sum() == sum(first <= days and (last is None or days <= last) for days in late)
    assert found["overdue"].sum() == len(late) == sum(found[f"late_{first}"].sum() for first, _ in queries.LATE_DAYS)
    assert found["open"].sum() == len(standing)
    assert found["undated"].sum() == sum(row["deadline_on"] is None for row in standing)


def test_deadlines_ahead_are_counted_by_day(mart: Mart, rows: list) -> None:
    first, last = DAY + timedelta(days=1), DAY + timedelta(days=9)
    found = queries.read_due_by_day(mart, Scope(("A",), "office"), DAY, first, last)
    slow = Counter(
        row["deadline_on"]
        for row in rows
        if is_open(row, DAY)
        and row["deadline_on"]
        and first <= row["deadline_on"] <= last
        and below(row["area_code"], "A")
    )
    assert {row.day.date(): row.matters for row in found.itertuples()} == slow


def test_ways_of_closing_and_of_standing_agree_with_a_slow_loop(mart: Mart, rows: list) -> None:
    closed = [row for row in rows if row["closed_on"] and WEEK[0] <= row["closed_on"] <= WEEK[1]]
    found = queries.read_closing_ways(mart, Scope(), *WEEK)
    assert found["closed"].sum() == len(closed)
    assert found["settled"].sum() == sum(row["outcome"] in ("resolved", "agreement") for row in closed)
    assert found["concluded"].sum() == sum(row["outcome"] in ("resolved", "agreement", "unresolved") for row in closed)
    by_method = found.groupby("resolution_method")["closed"].sum().to_dict()
    assert by_method == Counter(row["resolution_method"] for row in closed if row["resolution_method"])
    groups = dict(zip(found["resolution_method"], found["resolution_group"], strict=True))
    assert groups["lawyer_mediation"] == "industry_professional"
    assert groups["litigation"] == "litigation"
    standing = queries.read_open_ways(mart, Scope(), DAY)
    by_level = standing.groupby("meeting_level")["open"].sum().to_dict()
    assert by_level == Counter(row["meeting_level"] for row in rows if is_open(row, DAY) and row["meeting_level"])


def test_meetings_of_the_three_tiers_are_summed_within_the_scope(mart: Mart) -> None:
    found = queries.read_meetings(mart, Scope(("A",), "office"), *WEEK)
    assert found.to_dict("records") == [{"kind": "hearing", "meetings": 2, "items": 6, "decided": 5, "done": 1}]


def test_receptions_planned_are_told_from_those_held(mart: Mart) -> None:
    found = queries.read_reception_counts(mart, Scope(("A",), "office"), *WEEK).set_index("kind")
    assert found.loc["reception"].to_dict() == {
        "planned": 2,
        "kept": 1,
        "held": 2,
        "batches": 4,
        "issues": 5,
        "solved": 3,
    }
    assert found.loc["appointment", ["planned", "kept", "held"]].to_list() == [1, 0, 0]
    plan = queries.read_reception_plan(mart, Scope(("A1",), "office"), DAY + timedelta(days=1), DAY + timedelta(days=9))
    assert plan[["day", "receptions"]].assign(day=plan["day"].dt.date).values.tolist() == [[DAY + timedelta(days=3), 1]]


def test_assessments_and_projects_are_those_under_way_in_the_scope(mart: Mart) -> None:
    scope = Scope(("A",), "office")
    assert queries.read_assessments(mart, scope, DAY)["assessment_id"].to_list() == ["s3", "s1"]
    assert queries.read_projects(mart, scope, DAY)["project_id"].to_list() == ["p1"]


def test_an_empty_scope_sees_nothing(mart: Mart) -> None:
    nobody = Scope((), "community")
    assert queries.read_dispatch(mart, nobody, DAY, SINCE).empty
    assert queries.read_dispatch_cases(mart, nobody, DAY).empty
    assert queries.read_late(mart, nobody, DAY).empty
    assert queries.read_closing_ways(mart, nobody, *WEEK).empty
    assert queries.read_meetings(mart, nobody, *WEEK).empty
    assert queries.read_reception_counts(mart, nobody, *WEEK).empty
    assert queries.read_assessments(mart, nobody, DAY).empty
    assert queries.read_projects(mart, nobody, DAY).empty


def test_what_the_sources_record_is_known(mart: Mart) -> None:
    assert queries.read_recorded(mart).astype(bool).all()
