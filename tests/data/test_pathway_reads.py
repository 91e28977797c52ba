"""Reads of pathways, sources and years: each agrees with a slow loop over the matters, on DuckDB and PostgreSQL, and no decoy returns."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from data import mart_tables, operational, queries
from data.mart import Mart
from data.queries import Selection
from data.queries import stages as parts
from data.scope import Scope

DAY = date(2026, 3, 20)
FIRST, LAST = DAY - timedelta(days=40), DAY - timedelta(days=5)
AREAS = [
    ("A", "district", None), ("A1", "street", "A"), ("A2", "street", "A"), ("A1x", "community", "A1"),
    ("B", "district", None), ("B1", "street", "B"), ("A10", "street", "B"),
]  # fmt: skip
CATEGORIES = [("01", None, 0), ("0101", "01", 0), ("16", None, 1)]
WITHIN_A = ("A", "A1", "A2", "A1x")
EVERYWHERE, ONLY_A = Scope(), Scope(("A",), "office")


def later(rng: np.random.Generator, start: datetime, days: float, chance: float) -> datetime | None:
    return start + timedelta(days=float(rng.exponential(days))) if rng.random() < chance else None


def random_matters(count: int = 900, seed: int = 3) -> list[dict]:
    """Matters of every state; petitions, a third of which name a matter they grew out of, some before it was registered."""
    rng = np.random.default_rng(seed)
    codes = [code for code, _, _ in AREAS] + [None]
    rows: list[dict] = []
    for number in range(count):
        registered = datetime.combine(DAY, datetime.min.time()) + timedelta(
            days=int(rng.integers(-90, 4)), minutes=int(rng.integers(0, 1440))
        )
        kind = str(rng.choice(operational.KINDS, p=(0.5, 0.35, 0.15)))
        source = str(rng.choice(["x", "y", "silent"]))
        closed = later(rng, registered, 12, 0.6)
        silent = source == "silent"  # this source records neither handling nor evaluation
        row = {
            "matter_no": f"M{number:05d}", "source_system": source, "kind": kind,
            "area_code": codes[int(rng.integers(len(codes)))],
            "category_code": [*(code for code, _, _ in CATEGORIES), None][int(rng.integers(4))],
            "channel": "grid_app" if rng.random() < 0.3 else None, "form": "visit" if rng.random() < 0.5 else None,
            "purpose": "claim" if rng.random() < 0.5 else None, "registered_at": registered,
            "routed_at": None if silent else later(rng, registered, 3, 0.5), "accepted_at": None if silent else later(rng, registered, 5, 0.6),
            "first_contact_at": None if silent else later(rng, registered, 4, 0.4), "supervised_at": later(rng, registered, 15, 0.2),
            "due_on": registered.date() + timedelta(days=int(rng.integers(2, 25))) if rng.random() < 0.8 else None, "closed_at": closed,
            "closed_in_time": int(rng.integers(2)) if closed is None and rng.random() < 0.1 else None,
            "outcome": str(rng.choice(["resolved", "agreement", "unresolved", "withdrawn"])) if closed and rng.random() < 0.8 else None,
            "called_back_at": None if silent or not closed else later(rng, closed, 6, 0.5),
            "evaluated_at": None if silent or not closed else later(rng, closed, 6, 0.5),
            "evaluation": "satisfied" if closed and not silent and rng.random() < 0.3 else None,
            "status": "closed" if closed or rng.random() < 0.08 else "handling", "filings": int(rng.integers(1, 4)) if rng.random() < 0.7 else None,
            "people_involved": int(rng.integers(1, 9)) if rng.random() < 0.5 else None, "is_repeat": int(rng.random() < 0.1),
            "responsible_org_id": str(rng.choice(["u1", "u2"])) if rng.random() < 0.9 else None, "updated_at": registered,
        }  # fmt: skip
        if kind == "petition" and rows and rng.random() < 0.5:
            row["escalated_from"] = rows[int(rng.integers(len(rows)))]["matter_no"]
        rows.append(row)
    return rows


def fill(connection: sa.Connection) -> None:
    areas = [{"area_code": c, "name": f"place {c}", "level_code": lv, "parent_code": p} for c, lv, p in AREAS]
    connection.execute(sa.insert(operational.area), areas)
    categories = [{"category_code": c, "name": c, "parent_code": p, "is_sensitive": s} for c, p, s in CATEGORIES]
    connection.execute(sa.insert(operational.category), categories)
    connection.execute(
        sa.insert(operational.organisation), [{"org_id": "u1", "name": "u1"}, {"org_id": "u2", "name": "u2"}]
    )
    rows = random_matters()
    names = sorted({name for row in rows for name in row})
    connection.execute(sa.insert(operational.matter), [{name: row.get(name) for name in names} for row in rows])
    actions = [
        ("p1", "A", "01", DAY - timedelta(days=30)), ("p2", None, "16", DAY - timedelta(days=10)), ("p3", "B1", "01", DAY - timedelta(days=20)),
        ("p4", "A1", None, DAY - timedelta(days=20)), ("p5", "A", "01", None), ("p6", "A1x", "0101", DAY - timedelta(days=15)),
    ]  # fmt: skip
    connection.execute(
        sa.insert(operational.policy_action),
        [
            {
                "action_id": i,
                "area_code": a,
                "category_code": c,
                "status": "in_force",
                "suggested_on": FIRST,
                "effective_on": e,
            }
            for i, a, c, e in actions
        ],
    )
    signs = [{"sign_id": f"s{n}", "area_code": code, "found_on": FIRST} for n, code in enumerate(("A1", "A1x", "B1"))]
    connection.execute(sa.insert(operational.early_sign), signs)
    month = DAY.replace(day=1)
    safety = [
        {"area_code": code, "month": month, "kind": "criminal", "incidents": n} for code, n in (("A1", 3), ("B1", 50))
    ]
    connection.execute(sa.insert(operational.safety_month), safety)


@pytest.fixture(scope="module")
def published(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return publish(tmp_path_factory.mktemp("pathways"), fill, now=datetime(2026, 3, 24, 6, 0))


@pytest.fixture(scope="module")
def rows(mart: Mart) -> list[dict]:
    """Every matter, its days as days and its blanks as None."""
    found = mart.read(sa.select(mart_tables.matter))
    for name in [one for one in found if one.endswith(("_on", "_at"))]:
        found[name] = pd.to_datetime(found[name]).dt.date
    return found.astype(object).where(found.notna(), None).to_dict("records")


def seen(row: dict, scope: Scope) -> bool:
    return scope.sees_all or row["area_code"] in WITHIN_A


# --- stages -----------------------------------------------------------------------------------------------------------------


def stage_days(row: dict) -> dict[str, date | None]:
    def first(*names: str) -> date | None:
        return min((row[name] for name in names if row[name] is not None), default=None)

    return {
        "collected": row["registered_on"], "handled": first("routed_at", "accepted_on", "first_contact_at"),
        "supervised": row["supervised_at"], "closed": row["closed_on"], "evaluated": first("called_back_at", "evaluated_at"),
    }  # fmt: skip


def wrote(row: dict, stage: str) -> bool:
    days = stage_days(row)
    own = days[stage] is not None and days[stage] <= DAY
    if stage == "evaluated":
        said = row["evaluation"] is not None or row["is_solved"] is not None
        own = own or (days["evaluated"] is None and said and row["closed_on"] is not None and row["closed_on"] <= DAY)
    return own


def has_come(row: dict, stage: str) -> bool:
    own = wrote(row, stage)
    if stage == "closed":
        return own or has_come(row, "evaluated")
    return own or (stage == "handled" and (has_come(row, "supervised") or has_come(row, "closed")))


@pytest.mark.parametrize("scope", [EVERYWHERE, ONLY_A], ids=["all", "A"])
def test_stages_agree_with_a_slow_loop_and_never_grow(mart: Mart, rows: list[dict], scope: Scope) -> None:
    found = queries.read_stages(mart, scope, FIRST, LAST, DAY).set_index("source_system")
    for source in ("x", "y", "silent"):
        own = [row for row in rows if row["source_system"] == source and seen(row, scope)]
        cohort = [row for row in own if FIRST <= row["registered_on"] <= LAST]
        assert found.loc[source, "collected"] == len(cohort)
        for stage in parts.STAGES:
            assert found.loc[source, stage] == sum(has_come(row, stage) for row in cohort)
            assert found.loc[source, f"wrote_{stage}"] == sum(wrote(row, stage) for row in cohort)
        line = found.loc[source]
        assert line["collected"] >= line["handled"] >= max(line["closed"], line["supervised"])
        assert line["closed"] >= line["evaluated"]
        assert line["ended_undated"] == sum(row["closed_on"] is None and row["is_ended"] == 1 for row in cohort)


def test_what_a_source_records_agrees_with_a_slow_loop(mart: Mart, rows: list[dict]) -> None:
    written = ("handled", "evaluated")
    found = queries.read_written(mart, ONLY_A, FIRST, LAST, DAY, sources=("x", "silent"), written=written)
    for row in found.to_dict("records"):
        own = [one for one in rows if one["source_system"] == row["source_system"] and seen(one, ONLY_A)]
        cohort = [one for one in own if FIRST <= one["registered_on"] <= LAST]
        assert row["collected"] == len(cohort)
        assert [row[f"wrote_{stage}"] for stage in written] == [
            sum(wrote(one, stage) for one in cohort) for stage in written
        ]
    assert set(found["source_system"]) == {"x", "silent"}


@pytest.mark.parametrize("scope", [EVERYWHERE, ONLY_A], ids=["all", "A"])
def test_a_stage_opens_the_matters_it_counts(mart: Mart, rows: list[dict], scope: Scope) -> None:
    for stage in parts.STAGES:
        chosen = Selection(f"stage_{stage}", DAY, FIRST, LAST)
        slow = {
            r["matter_no"]
            for r in rows
            if seen(r, scope) and FIRST <= r["registered_on"] <= LAST and has_come(r, stage)
        }
        assert queries.read_counts(mart, scope, (chosen,)) == [len(slow)]
        assert set(queries.read_matters(mart, scope, chosen, limit=5_000)["matter_no"]) == slow


def slow_dwell(row: dict, start: str, end: str) -> tuple[int | None, int] | None:
    """Days and whether the step is over, None for a matter that never entered it; days None where they cannot be told."""
    days = {name: day if day is not None and day <= DAY else None for name, day in stage_days(row).items()}
    if start != "collected" and not has_come(row, start):
        return None
    done, began = has_come(row, end), days[start]
    if done:
        known = began is not None and days[end] is not None and days[end] >= began
        return (days[end] - began).days if known else None, 1
    over = row["closed_on"] is None and row["is_ended"] == 1
    return (None if over or began is None else (DAY - began).days), 0


def test_dwell_times_agree_with_a_slow_loop(mart: Mart, rows: list[dict]) -> None:
    found = queries.read_dwell_times(mart, ONLY_A, FIRST, LAST, DAY)
    fast = Counter()
    for r in found.itertuples():
        fast[(r.source_system, r.start, r.end, None if pd.isna(r.days) else int(r.days), int(r.ended))] += int(
            r.matters
        )
    slow = Counter()
    for row in rows:
        if seen(row, ONLY_A) and FIRST <= row["registered_on"] <= LAST:
            for start, end in queries.pathways.STEPS:
                one = slow_dwell(row, start, end)
                if one is not None:
                    slow[(row["source_system"], start, end, *one)] += 1
    assert fast == slow
    assert len({key[1:3] for key in slow}) == 4
    assert any(key[3] is None for key in slow)


# --- from dispute to petition -----------------------------------------------------------------------------------------------


def first_petition(row: dict, rows: list[dict], low: date, high: date) -> date | None:
    days = [
        one["registered_on"] for one in rows
        if one["kind"] == "petition" and one["escalated_from"] == row["matter_no"] and low <= one["registered_on"] <= high
    ]  # fmt: skip
    return min(days, default=None)


def test_disputes_followed_agree_with_a_slow_loop(mart: Mart, rows: list[dict]) -> None:
    days = 30
    found = queries.read_followed(
        mart, EVERYWHERE, FIRST - timedelta(days=40), LAST - timedelta(days=30), days, area_code="A"
    )
    fast = Counter()
    for r in found.itertuples():
        key = tuple(None if pd.isna(one) else one for one in (r.area_code, r.category_code, r.lead_days))
        fast[key] += int(r.disputes)
    slow = Counter()
    child = {"A1": "A1", "A1x": "A1", "A2": "A2", "A": None}
    for row in rows:
        first, last = FIRST - timedelta(days=40), LAST - timedelta(days=30)
        if row["kind"] == "dispute" and row["area_code"] in child and first <= row["registered_on"] <= last:
            start = row["registered_on"]
            on = first_petition(row, rows, start, start + timedelta(days=days))
            slow[(child[row["area_code"]], row["category_code"], None if on is None else (on - start).days)] += 1
    assert fast == slow
    assert sum(count for key, count in slow.items() if key[2] is not None) > 5
    chosen = Selection("new", DAY, FIRST - timedelta(days=40), LAST - timedelta(days=30), kind="dispute", area_code="A")
    followed = sum(count for key, count in slow.items() if key[2] is not None)
    assert queries.read_counts(mart, EVERYWHERE, (chosen.also(petition_within=str(days)),)) == [followed]


def test_waiting_disputes_are_censored_at_the_day(mart: Mart, rows: list[dict]) -> None:
    found = queries.read_following(mart, ONLY_A, FIRST, DAY, 20)
    fast = {(int(r.days), int(r.ended)): int(r.disputes) for r in found.itertuples()}
    slow = Counter()
    for row in rows:
        if row["kind"] == "dispute" and seen(row, ONLY_A) and FIRST <= row["registered_on"] <= DAY:
            start = row["registered_on"]
            on = first_petition(row, rows, start, min(start + timedelta(days=20), DAY))
            slow[((on - start).days, 1) if on else (min((DAY - start).days, 20), 0)] += 1
    assert fast == slow


def state_at_deadline(row: dict, rows: list[dict]) -> str:
    due, closed = row["deadline_on"], row["closed_on"]
    if first_petition(row, rows, row["registered_on"], due):
        return "petition_first"
    if closed is None and row["is_ended"] == 1:
        if row["closed_in_time"] is None:
            return "unknown"
        ended = row["closed_in_time"] == 1
    else:
        ended = closed is not None and closed <= due
    if not ended:
        return "not_in_time"
    by_outcome = {None: "in_time", "resolved": "in_time", "agreement": "in_time", "unresolved": "not_in_time"}
    return by_outcome.get(row["outcome"], "otherwise")


def test_states_at_the_deadline_agree_with_a_slow_loop_and_open_their_matters(mart: Mart, rows: list[dict]) -> None:
    days, first, last = 25, FIRST - timedelta(days=30), DAY - timedelta(days=20)
    found = queries.read_at_deadline(mart, ONLY_A, first, last, days)
    disputes, followed = Counter(), Counter()
    for row in rows:
        due = row["deadline_on"]
        if row["kind"] == "dispute" and seen(row, ONLY_A) and due and first <= due <= last:
            state = state_at_deadline(row, rows)
            disputes[state] += 1
            after = first_petition(row, rows, due + timedelta(days=1), due + timedelta(days=days))
            followed[state] += after is not None
    fast = found.groupby("state")[["disputes", "followed"]].sum()
    assert {state: int(fast.loc[state, "disputes"]) for state in fast.index} == disputes
    assert {state: int(fast.loc[state, "followed"]) for state in fast.index} == followed
    assert set(disputes) == set(parts.AT_DEADLINE)
    assert sum(followed.values())
    cohort = Selection("deadline_fell", DAY, first, last, kind="dispute")
    for state, count in disputes.items():
        own = cohort.also(at_deadline=state)
        assert queries.read_counts(mart, ONLY_A, (own, own.also(petition_after_deadline=str(days)))) == [
            count,
            followed[state],
        ]


def test_a_value_nobody_can_have_counts_nothing(mart: Mart) -> None:
    chosen = Selection("new", DAY, FIRST, LAST, kind="dispute")
    for odd in (
        {"petition_within": "x"},
        {"petition_within": "999999"},
        {"at_deadline": "late"},
        {"petition_after_deadline": "-1"},
    ):
        assert queries.read_counts(mart, EVERYWHERE, (chosen.also(**odd),)) == [0]


# --- policies ---------------------------------------------------------------------------------------------------------------


def test_matters_around_policies_agree_with_a_slow_loop(mart: Mart, rows: list[dict]) -> None:
    actions = queries.read_policy_actions(mart, EVERYWHERE, DAY)
    judged = actions[actions["effective_on"].notna() & actions["category_code"].notna()]
    found = queries.read_around_policies(mart, EVERYWHERE, judged, DAY, 20)
    fast = {(r.action_id, pd.Timestamp(r.day).date()): int(r.matters) for r in found.itertuples()}
    where = {"p1": WITHIN_A, "p2": None, "p3": ("B1",), "p6": ("A1x",)}
    which = {"p1": ("01", "0101"), "p2": ("16",), "p3": ("01", "0101"), "p6": ("0101",)}
    slow = Counter()
    for action, areas in where.items():
        on = pd.Timestamp(judged.set_index("action_id").loc[action, "effective_on"]).date()
        for row in rows:
            inside = areas is None or row["area_code"] in areas
            low, high = on - timedelta(days=20) - timedelta(weeks=52), min(on + timedelta(days=20), DAY)
            if inside and row["category_code"] in which[action] and low <= row["registered_on"] <= high:
                slow[(action, row["registered_on"])] += 1
    assert fast == slow
    assert {key[0] for key in slow} == set(where)


def test_a_narrow_reader_sees_policies_that_touch_the_own_area_and_no_sensitive_one_below_a_street(mart: Mart) -> None:
    assert set(queries.read_policy_actions(mart, ONLY_A, DAY)["action_id"]) == {"p1", "p2", "p4", "p5", "p6"}
    community = Scope(("A1x",), "community")
    assert set(queries.read_policy_actions(mart, community, DAY)["action_id"]) == {"p1", "p4", "p5", "p6"}
    assert queries.read_policy_actions(mart, EVERYWHERE, FIRST - timedelta(days=1)).empty


# --- sources and years -------------------------------------------------------------------------------------------------------

CUTS = (FIRST, FIRST + timedelta(days=10), LAST, DAY)


def span_of(day: date | None) -> int | None:
    if day is None or not CUTS[0] <= day < CUTS[-1]:
        return None
    return sum(day >= cut for cut in CUTS[1:])


def test_counts_by_source_agree_with_a_slow_loop(mart: Mart, rows: list[dict]) -> None:
    found = queries.read_by_source(mart, ONLY_A, CUTS)
    fast = {
        (r.source_system, None if pd.isna(r.category_code) else r.category_code, int(r.span)): int(r.new)
        for r in found.itertuples()
    }
    slow = Counter(
        (row["source_system"], row["category_code"], span_of(row["registered_on"]))
        for row in rows
        if seen(row, ONLY_A) and span_of(row["registered_on"]) is not None
    )
    assert fast == slow
    below = queries.read_by_source(mart, Scope(("A1x",), "community"), CUTS)
    assert "16" not in set(below["category_code"].dropna())
    assert below["new"].sum() == sum(
        row["area_code"] == "A1x" and span_of(row["registered_on"]) is not None for row in rows
    )


def test_signals_agree_with_their_own_selections(mart: Mart, rows: list[dict]) -> None:
    base = Selection("new", DAY)
    chosen = {
        "petition": base.narrowed(kind="petition"),
        "collective": base.narrowed(measure="collective"),
        "app": base.also(channel="grid_app"),
        "closed": base.narrowed(measure="closed"),
        "supervised": base.narrowed(measure="supervised"),
    }
    found = queries.read_signals(mart, ONLY_A, CUTS, chosen)
    for name, one in chosen.items():
        own = found[found["name"] == name].set_index("span")["matters"]
        for span in range(len(CUTS) - 1):
            days = {"first": CUTS[span], "last": CUTS[span + 1] - timedelta(days=1)}
            assert int(own.get(span, 0)) == queries.read_counts(mart, ONLY_A, (one.narrowed(**days),))[0]
        assert own.sum()
    others = queries.read_other_signals(mart, ONLY_A, CUTS)
    assert {(r.name, int(r.span)): int(r.matters) for r in others.itertuples(index=False)} == {
        ("early_sign", 0): 2,
        ("criminal", span_of(DAY.replace(day=1))): 3,
    }


def test_a_year_adds_up_by_each_dimension_and_agrees_with_a_slow_loop(mart: Mart, rows: list[dict]) -> None:
    spans = ((FIRST, DAY), (FIRST - timedelta(days=40), FIRST - timedelta(days=1)))
    found = queries.read_year(mart, ONLY_A, spans, kind="petition")
    own = [
        [r for r in rows if seen(r, ONLY_A) and r["kind"] == "petition" and low <= r["registered_on"] <= high]
        for low, high in spans
    ]
    for dimension in queries.annual.DIMENSIONS:
        part = found[found["dimension"] == dimension]
        for span in (0, 1):
            assert part.loc[part["span"] == span, "new"].sum() == len(own[span])
    forms = found[(found["dimension"] == "form") & (found["span"] == 0)]
    assert {None if pd.isna(r.form) else r.form: int(r.new) for r in forms.itertuples()} == Counter(
        r["form"] for r in own[0]
    )
    sums = queries.read_year_sums(mart, ONLY_A, spans, kind="petition").set_index("span")
    for span in (0, 1):
        assert sums.loc[span, "filings"] == sum(r["filings"] or 0 for r in own[span])
        assert sums.loc[span, "grown"] == sum(r["escalated_from"] is not None for r in own[span])
        assert sums.loc[span, "collective"] == sum((r["people_involved"] or 0) >= 5 for r in own[span])
    work = queries.read_year_work(mart, ONLY_A, FIRST, DAY, kind="petition").groupby("step")["matters"].sum()
    for step, column in (("routed", "routed_at"), ("supervised", "supervised_at"), ("closed", "closed_on")):
        days = [r[column] for r in rows if seen(r, ONLY_A) and r["kind"] == "petition" and r[column] is not None]
        slow = sum(FIRST <= day <= DAY for day in days)
        assert work[step] == slow
        assert queries.read_counts(mart, ONLY_A, (Selection(step, DAY, FIRST, DAY, kind="petition"),)) == [slow]
        assert queries.read_year_steps(mart, ONLY_A, FIRST, DAY, kind="petition")[step] == slow


def test_a_moment_counts_on_its_day_to_the_last_second(mart: Mart) -> None:
    midnight = datetime.combine(DAY, time())
    for moment, within, by_close in (
        (midnight - timedelta(seconds=1), False, True),
        (midnight, True, True),
        (midnight + timedelta(hours=23, minutes=59, seconds=59), True, True),
        (midnight + timedelta(days=1), False, False),
    ):
        column = sa.literal(moment, sa.DateTime)
        asked = sa.select(parts.within_days(column, DAY, DAY), parts.by_close(column, DAY))
        assert mart.read(asked).iloc[0].tolist() == [within, by_close]


def test_an_empty_scope_sees_nothing(mart: Mart) -> None:
    nobody = Scope((), "community")
    assert queries.read_stages(mart, nobody, FIRST, LAST, DAY).empty
    assert queries.read_dwell_times(mart, nobody, FIRST, LAST, DAY).empty
    assert queries.read_followed(mart, nobody, FIRST, LAST, 30).empty
    assert queries.read_at_deadline(mart, nobody, FIRST, LAST, 30).empty
    assert queries.read_by_source(mart, nobody, CUTS).empty
    assert queries.read_year(mart, nobody, ((FIRST, LAST), (FIRST, FIRST))).empty
