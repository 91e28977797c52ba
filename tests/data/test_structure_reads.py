"""What a month consists of: each read agrees with a slow loop over the matters on both databases, and no decoy returns."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from data import operational, queries
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope

DAY = date(2026, 3, 20)
NOW, BEFORE = (date(2026, 3, 1), DAY), (date(2026, 2, 1), date(2026, 2, 20))
SPANS = (NOW, BEFORE)
AREAS = [
    ("A", "district", None), ("A1", "street", "A"), ("A2", "street", "A"), ("A1x", "community", "A1"), ("A1y", "community", "A1"),
    ("A1xg", "compound", "A1x"), ("B", "district", None), ("B1", "street", "B"), ("A10", "street", "B"),
]  # fmt: skip
PARENTS = {code: parent for code, _, parent in AREAS}
LEVELS = {code: level for code, level, _ in AREAS}
CATEGORIES = [("01", None, 0), ("0101", "01", 0), ("010101", "0101", 0), ("16", None, 1), ("99", None, 0)]
SENSITIVE = ("16",)
SCOPES = {"city": (Scope(), None), "district": (Scope(("A",), "office"), None), "street": (Scope(), "A1")}


def matters(count: int = 700, seed: int = 3) -> list[dict]:
    rng = np.random.default_rng(seed)
    areas, categories = [*(one[0] for one in AREAS), None], [*(one[0] for one in CATEGORIES), None]
    rows = []
    for number in range(count):
        registered = datetime(2025, 12, 20) + timedelta(
            days=int(rng.integers(0, 92)), minutes=int(rng.integers(0, 1440))
        )
        closed = registered + timedelta(days=float(rng.exponential(12))) if rng.random() < 0.7 else None
        rows.append(
            {
                "matter_no": f"M{number:04d}", "source_system": str(rng.choice(["x", "y"])), "kind": str(rng.choice(operational.KINDS)),
                "area_code": areas[int(rng.integers(len(areas)))], "category_code": categories[int(rng.integers(len(categories)))],
                "channel": None if rng.random() < 0.2 else str(rng.choice(["grid_app", "court"])), "registered_at": registered,
                "closed_at": closed, "status": "closed" if closed else "handling", "updated_at": registered,
                "due_on": registered.date() + timedelta(days=int(rng.integers(1, 30))),
            }
        )  # fmt: skip
    return rows


ROWS = matters()
TOPICS = [
    (row["matter_no"], topic)
    for row in ROWS
    for topic in ("noise", "lift")
    if int(row["matter_no"][1:]) % (3 if topic == "lift" else 4) == 0
]
SAFETY = [("A1", date(2026, 3, 1), "criminal", 3), ("A2", date(2026, 3, 1), "criminal", 4), ("B1", date(2026, 3, 1), "criminal", 90),
          ("A1", date(2026, 2, 1), "public_order", 5), ("A1", date(2026, 1, 1), "criminal", 70)]  # fmt: skip
INSPECTIONS = [("A1", "1", date(2026, 3, 5), 6, 4), ("A1x", "1", date(2026, 3, 9), 3, 3), ("A2", "2", date(2026, 2, 9), 5, 1),
               ("B1", "1", date(2026, 3, 5), 80, 70), ("A1", "1", date(2026, 2, 25), 60, 50)]  # fmt: skip


@pytest.fixture(scope="module")
def published(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    def fill(connection: sa.Connection) -> None:
        tables = {
            operational.area: [{"area_code": c, "name": f"place {c}", "level_code": lv, "parent_code": p} for c, lv, p in AREAS],
            operational.category: [{"category_code": c, "name": c, "parent_code": p, "is_sensitive": s} for c, p, s in CATEGORIES],
            operational.topic_tag: [{"topic_code": "noise", "name": "Noise"}, {"topic_code": "lift", "name": "Lifts"}],
            operational.matter: ROWS,
            operational.matter_topic: [{"matter_no": number, "topic_code": topic} for number, topic in TOPICS],
            operational.safety_month: [{"area_code": a, "month": m, "kind": k, "incidents": n} for a, m, k, n in SAFETY],
            operational.inspection: [
                {"inspection_id": f"i{place}", "area_code": a, "field_code": f, "inspected_on": on, "found": n, "rectified": r}
                for place, (a, f, on, n, r) in enumerate(INSPECTIONS)
            ],
        }  # fmt: skip
        for table, rows in tables.items():
            connection.execute(sa.insert(table), rows)

    return publish(tmp_path_factory.mktemp("structure"), fill, now=datetime(2026, 3, 24, 6))


def above(code: str | None, level: str) -> str | None:
    """The area of a level that an area is or lies in."""
    while code is not None and LEVELS[code] != level:
        code = PARENTS[code]
    return code


def below(code: str | None, root: str | None) -> bool:
    while code is not None and code != root:
        code = PARENTS[code]
    return code == root


def seen(name: str) -> list[dict]:
    """The matters that a scope sees, by climbing the tree."""
    scope, area = SCOPES[name]
    roots = [*(scope.areas or ()), *([area] if area else [])]
    return [row for row in ROWS if all(below(row["area_code"], root) for root in roots)]


def span_of(row: dict) -> int | None:
    day = row["registered_at"].date()
    return next((number for number, (first, last) in enumerate(SPANS) if first <= day <= last), None)


def blank(value: object) -> object:
    return None if pd.isna(value) else value


@pytest.mark.parametrize("name", SCOPES)
@pytest.mark.parametrize("until", [31, 20])
def test_months_agree_with_a_slow_loop_in_every_dimension(mart: Mart, name: str, until: int) -> None:
    scope, area = SCOPES[name]
    found = queries.read_months(mart, scope, date(2026, 1, 1), DAY, until=until, area_code=area)
    positions = dict(zip(queries.names_of(mart).areas["area_code"], queries.names_of(mart).areas["pos"], strict=True))
    rows = [
        row
        for row in seen(name)
        if row["registered_at"].date() >= date(2026, 1, 1) and row["registered_at"].day <= until
    ]
    rows = [row for row in rows if row["registered_at"].date() <= DAY]
    for dimension, columns in queries.DIMENSIONS.items():
        slow: Counter = Counter()
        for row in rows:
            own = {**row, "area_pos": positions.get(row["area_code"])}
            slow[row["registered_at"].date().replace(day=1), *(own[name] for name in columns)] += 1
        mine = found[found["dimension"] == dimension]
        read = {}
        for line in mine.to_dict("records"):
            read[line["month"].date(), *(blank(line[name]) for name in columns)] = line["new"]
        assert read == dict(slow), dimension
        assert mine["new"].sum() == len(rows)


@pytest.mark.parametrize("name", SCOPES)
@pytest.mark.parametrize("by_community", [False, True])
def test_cells_agree_with_a_slow_loop(mart: Mart, name: str, by_community: bool) -> None:
    scope, area = SCOPES[name]
    found = queries.read_cells(mart, scope, SPANS, by_community=by_community, area_code=area)
    slow: Counter = Counter()
    for row in seen(name):
        if span_of(row) is None:
            continue
        place = above(row["area_code"], "community" if by_community else "street")
        own = None if place else row["area_code"]
        hidden = by_community and row["category_code"] in SENSITIVE
        slow[span_of(row), place, own, None if hidden else row["category_code"], int(hidden)] += 1
    read = {
        (line.span, blank(line.place), blank(line.own_area), blank(line.category_code), int(line.is_hidden)): line.new
        for line in found.itertuples()
    }
    assert read == dict(slow)
    assert len(read) > 5


def test_no_sensitive_category_is_said_of_a_community(mart: Mart) -> None:
    found = queries.read_cells(mart, Scope(), SPANS, by_community=True, area_code="A1")
    assert not set(SENSITIVE) & set(found["category_code"].dropna())
    assert found["is_hidden"].sum() > 0
    recurring = queries.read_recurring(mart, Scope(), SPANS, 1)
    assert not set(SENSITIVE) & set(recurring["category_code"])


def test_levels_are_those_counted_day_by_day(mart: Mart) -> None:
    days = (date(2026, 1, 31), date(2026, 2, 28), DAY)
    for scope, area in SCOPES.values():
        levels = queries.read_levels(mart, scope, days, area_code=area)
        stock = queries.read_stock(mart, scope, days, area_code=area)
        assert levels[["open", "overdue"]].to_numpy().tolist() == stock[["open", "overdue"]].to_numpy().tolist()


def test_times_agree_with_a_slow_loop(mart: Mart) -> None:
    slow = Counter(
        (span_of(row), row["registered_at"].isoweekday(), row["registered_at"].hour)
        for row in seen("district")
        if span_of(row) is not None
    )
    found = queries.read_times(mart, Scope(("A",), "office"), SPANS)
    assert {(line.span, line.weekday, line.hour): line.new for line in found.itertuples()} == dict(slow)


def test_topics_agree_with_a_slow_loop_and_the_list_behind_them(mart: Mart) -> None:
    tagged = set(TOPICS)
    slow = Counter(
        (span_of(row), topic)
        for row in seen("district")
        for topic in ("noise", "lift")
        if span_of(row) is not None and (row["matter_no"], topic) in tagged
    )
    scope = Scope(("A",), "office")
    found = queries.read_topics(mart, scope, SPANS)
    assert {(line.span, line.topic_code): line.new for line in found.itertuples()} == dict(slow)
    assert set(found["topic"]) == {"Noise", "Lifts"}
    chosen = Selection("new", DAY, *NOW).also(topic="noise")
    assert queries.read_counts(mart, scope, (chosen,)) == [slow[0, "noise"]]


def test_what_recurs_agrees_with_a_slow_loop(mart: Mart) -> None:
    slow: dict = {}
    for row in seen("district"):
        community, span = above(row["area_code"], "community"), span_of(row)
        if community and row["category_code"] and row["category_code"] not in SENSITIVE and span is not None:
            fine = {"010101": "0101"}.get(row["category_code"], row["category_code"])
            slow.setdefault((community, fine), [0, 0])[span] += 1
    found = queries.read_recurring(mart, Scope(("A",), "office"), SPANS, 3)
    expected = {cell: counts for cell, counts in slow.items() if counts[0] >= 3}
    assert {(line.community_code, line.category_code): [line.n0, line.n1] for line in found.itertuples()} == expected
    assert expected


def test_safety_and_inspections_leave_decoys_out(mart: Mart) -> None:
    scope = Scope(("A",), "office")
    safety = queries.read_safety(mart, scope, (date(2026, 3, 1), date(2026, 2, 1)))
    assert {(line.month.date(), line.kind): line.incidents for line in safety.itertuples()} == {
        (date(2026, 3, 1), "criminal"): 7, (date(2026, 2, 1), "public_order"): 5,
    }  # fmt: skip
    rounds = queries.read_inspections(mart, scope, SPANS)
    assert {(line.span, line.field_code): (line.rounds, line.found, line.rectified) for line in rounds.itertuples()} == {
        (0, "1"): (2, 9, 7), (1, "2"): (1, 5, 1),
    }  # fmt: skip


@pytest.mark.parametrize("property_", ["beside_area", "beside_category"])
def test_what_is_left_beside_named_codes_agrees_with_a_slow_loop(mart: Mart, property_: str) -> None:
    column = "area_code" if property_ == "beside_area" else "category_code"
    parents = PARENTS if property_ == "beside_area" else {code: parent for code, parent, _ in CATEGORIES}

    def inside(code: str | None, named: str) -> bool:
        while code is not None and code != named:
            code = parents[code]
        return code == named

    first, itself = ("A1", "^A") if property_ == "beside_area" else ("0101", "^01")
    for codes in ((first,), (first, itself), (first, itself, "?"), ("?",), ()):
        chosen = Selection("new", DAY, date(2025, 12, 1), DAY).also(**{property_: "|".join(codes) or "|"})
        slow = 0
        for row in ROWS:
            code = row[column]
            out = any(
                code is None if one == "?" else code == one[1:] if one[0] == "^" else inside(code, one) for one in codes
            )
            slow += not out and row["registered_at"].date() <= DAY
        assert queries.read_counts(mart, Scope(), (chosen,)) == [slow], codes


def test_an_empty_scope_sees_nothing(mart: Mart) -> None:
    nobody = Scope((), "community")
    assert queries.read_months(mart, nobody, *NOW).empty
    assert queries.read_cells(mart, nobody, SPANS).empty
    assert queries.read_topics(mart, nobody, SPANS).empty
    assert queries.read_recurring(mart, nobody, SPANS, 1).empty
    assert queries.read_safety(mart, nobody, (NOW[0],)).empty
    assert queries.read_inspections(mart, nobody, SPANS).empty
    assert queries.read_levels(mart, nobody, (DAY,))[["open", "overdue"]].to_numpy().tolist() == [[0, 0]]
