"""What trends rest on: each read agrees with a slow loop over the matters, parts add up to wholes, and no decoy returns."""

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
FIRST = date(2026, 1, 1)
AREAS = [
    # code, level, parent, type; B and everything below it is the decoy
    ("A", "district", None, None),
    ("A1", "street", "A", None),
    ("A2", "street", "A", None),
    ("A1x", "community", "A1", "rural"),
    ("A1y", "community", "A1", None),
    ("B", "district", None, None),
    ("B1", "street", "B", "rural"),
]
CATEGORIES = [("01", None, 0), ("0101", "01", 0), ("16", None, 1)]


def random_petitions(count: int = 500, seed: int = 11) -> list[dict]:
    """Petitions around DAY in every state, blanks included, and among them matters of other kinds."""
    rng = np.random.default_rng(seed)
    areas, categories = [code for code, *_ in AREAS] + [None], [code for code, *_ in CATEGORIES] + [None]

    def perhaps(share: float, value: object) -> object:
        return value if rng.random() < share else None

    rows = []
    for number in range(count):
        registered = datetime.combine(DAY, datetime.min.time()) + timedelta(
            days=int(rng.integers(-100, 4)), minutes=int(rng.integers(1440))
        )
        closed = perhaps(0.6, registered + timedelta(days=float(rng.exponential(20))))
        asked = perhaps(0.3, registered.date() + timedelta(days=int(rng.integers(1, 40))))
        decided = asked + timedelta(days=int(rng.integers(5, 50))) if asked and rng.random() < 0.7 else None
        visit = rng.random() < 0.4
        rows.append(
            {
                "matter_no": f"P{number:05d}",
                "source_system": "x",
                "kind": str(rng.choice(["petition", "petition", "petition", "hotline", "dispute"])),
                "area_code": areas[int(rng.integers(len(areas)))],
                "category_code": categories[int(rng.integers(len(categories)))],
                "form": "visit" if visit else perhaps(0.8, "letter"),
                "purpose": perhaps(0.9, str(rng.choice(["claim", "suggestion"]))),
                "handling_level": perhaps(0.8, str(rng.choice(["street", "district"]))),
                "channel": "petition",
                "registered_at": registered,
                "accepted_at": perhaps(0.8, registered + timedelta(days=float(rng.exponential(12)))),
                "due_on": perhaps(0.6, registered.date() + timedelta(days=int(rng.integers(0, 40)))),
                "closed_at": closed,
                "closed_in_time": int(rng.integers(2)) if closed is None and rng.random() < 0.2 else None,
                "status": "closed" if closed or rng.random() < 0.1 else "handling",
                "filings": perhaps(0.9, int(rng.integers(1, 4))),
                "batches": int(rng.integers(1, 3)) if visit else None,
                "person_times": int(rng.integers(1, 9)) if visit else None,
                "people_involved": perhaps(0.5, int(rng.integers(1, 9))),
                "is_repeat": perhaps(0.9, int(rng.integers(2))),
                "is_collective": perhaps(0.5, int(rng.integers(2))),
                "diverted_to": perhaps(0.1, "court"),
                "review_requested_on": asked,
                "review_decided_on": decided,
                "re_review_requested_on": decided + timedelta(days=3) if decided and rng.random() < 0.3 else None,
                "evaluation": perhaps(0.6, str(rng.choice(["satisfied", "dissatisfied"]))) if closed else None,
                "evaluated_at": closed + timedelta(days=float(rng.exponential(9))) if closed else None,
                "updated_at": registered,
            }
        )
    return rows


@pytest.fixture(scope="module")
def published(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    def fill(connection: sa.Connection) -> None:
        areas = [
            {"area_code": c, "name": f"place {c}", "level_code": lv, "parent_code": p, "type_code": kind}
            for c, lv, p, kind in AREAS
        ]
        categories = [
            {"category_code": c, "name": f"subject {c}", "parent_code": p, "is_sensitive": s} for c, p, s in CATEGORIES
        ]
        connection.execute(sa.insert(operational.area), areas)
        connection.execute(sa.insert(operational.category), categories)
        connection.execute(sa.insert(operational.matter), random_petitions())

    return publish(tmp_path_factory.mktemp("petition_reads"), fill, now=datetime(2026, 3, 24, 6, 0))


@pytest.fixture(scope="module")
def rows(everything: pd.DataFrame) -> list[dict]:
    """Every petition of the mart as plain values."""
    return [row for row in everything.to_dict("records") if row["kind"] == "petition"]


def whole(first: date = FIRST, last: date = DAY, **narrower: object) -> Selection:
    return Selection("new", DAY, first, last, kind="petition", **narrower)


def lies_in(code: str | None, root: str) -> bool:
    parents = {area: parent for area, _, parent, _ in AREAS}
    while code in parents:
        if code == root:
            return True
        code = parents[code]
    return False


SCOPES = [(Scope(), None), (Scope(("A",), "office"), "A"), (Scope(("A1",), "community"), "A1")]


def seen(rows: list[dict], root: str | None) -> list[dict]:
    return [row for row in rows if root is None or lies_in(row["area_code"], root)]


@pytest.mark.parametrize(("scope", "root"), SCOPES)
def test_a_day_counts_its_matters_and_sums_what_they_record(
    mart: Mart, rows: list[dict], scope: Scope, root: str
) -> None:
    found = queries.read_daily(mart, scope, whole()).set_index("day")
    mine = [row for row in seen(rows, root) if row["registered_on"] <= DAY]
    assert found["matters"].sum() == len(mine) > 0
    for day, row in found.iterrows():
        of_day = [one for one in mine if one["registered_on"] == day.date()]
        assert row["matters"] == len(of_day)
        for name in ("filings", "batches", "person_times"):
            recorded = [one[name] for one in of_day if one[name] is not None]
            assert (row[name], row[f"with_{name}"]) == (sum(recorded), len(recorded))
        assert row["repeat"] == sum(one["is_repeat"] == 1 for one in of_day)
        assert row["diverted"] == sum(one["diverted_to"] is not None for one in of_day)
        assert row["collective"] == sum(
            one["is_collective"] == 1 or (one["people_involved"] or 0) >= 5 for one in of_day
        )
        assert row["with_repeat"] == sum(one["is_repeat"] is not None for one in of_day)
        assert row["with_collective"] == sum(
            one["is_collective"] is not None or one["people_involved"] is not None for one in of_day
        )


def test_the_parts_of_a_span_are_every_matter_of_it_once(mart: Mart, rows: list[dict]) -> None:
    spans = [(FIRST, DAY), (FIRST, FIRST + timedelta(days=30))]  # they overlap
    found = queries.read_parts(mart, Scope(), whole(), spans)
    for place, (first, last) in enumerate(spans):
        mine = [row for row in rows if first <= row["registered_on"] <= last]
        own = found[found["span"] == place]
        assert own["matters"].sum() == len(mine)
        for name in (*queries.DIVIDED_BY, "category_code"):
            slow = pd.Series([row[name] for row in mine], dtype=object).value_counts(dropna=False)
            fast = own.groupby(name, dropna=False)["matters"].sum()
            assert {k: v for k, v in slow.items() if isinstance(k, str)} == {
                k: v for k, v in fast.items() if isinstance(k, str)
            }
            assert slow.sum() == fast.sum()


def test_positions_count_every_place_the_scope_sees_whatever_area_is_chosen(mart: Mart, rows: list[dict]) -> None:
    spans = [(FIRST, DAY)]
    tree = queries.read_areas(mart, Scope()).set_index("pos")["area_code"]
    found = queries.read_by_position(mart, Scope(("A",), "office"), whole(area_code="A1"), spans)
    assert found["area_pos"].notna().all()
    counted = {tree[row.area_pos]: row.matters for row in found.itertuples()}
    slow = pd.Series(
        [row["area_code"] for row in seen(rows, "A") if FIRST <= row["registered_on"] <= DAY]
    ).value_counts()
    assert counted == slow.to_dict()
    everywhere = queries.read_by_position(mart, Scope(), whole(), spans)
    unplaced = sum(FIRST <= row["registered_on"] <= DAY and row["area_code"] is None for row in rows)
    assert everywhere.loc[everywhere["area_pos"].isna(), "matters"].sum() == unplaced > 0


@pytest.mark.parametrize("measure", ["on_time", "accepted_in_time", "answered", "satisfied"])
@pytest.mark.parametrize("span", [(FIRST, DAY), (date(2026, 2, 1), date(2026, 2, 28)), (DAY, DAY)])
def test_a_rate_by_day_adds_up_to_the_rate_of_any_span(mart: Mart, measure: str, span: tuple[date, date]) -> None:
    found = queries.read_decided(mart, Scope(), whole())
    own = found[(found["measure"] == measure) & found["day"].between(*(pd.Timestamp(day) for day in span))]
    chosen = Selection(measure, DAY, *span, kind="petition")
    numbers = queries.read_counts(mart, Scope(), (chosen, chosen.narrowed(measure=f"{measure}_met")))
    assert [own["whole"].sum(), own["met"].sum()] == numbers
    assert numbers[0] > 0 or span[0] == DAY


@pytest.mark.parametrize("unit", ["day", "week", "month"])
def test_waiting_holds_every_matter_with_a_known_end_once(mart: Mart, rows: list[dict], unit: str) -> None:
    found = queries.read_waiting(mart, Scope(("A",), "office"), whole(), unit)
    slow: dict[tuple, int] = {}
    for row in seen(rows, "A"):
        day = row["registered_on"]
        period = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[unit]
        for step, done in (("accept", row["accepted_on"]), ("close", row["closed_on"])):
            if not FIRST <= day <= DAY or (done is None and row["is_ended"] == 1):
                continue
            ended = done is not None and done <= DAY
            key = (step, period, ((done if ended else DAY) - day).days, int(ended))
            slow[key] = slow.get(key, 0) + 1
    fast = {(row.step, row.period.date(), row.days, row.ended): row.matters for row in found.itertuples()}
    assert fast == slow


@pytest.mark.parametrize("stage", ["review", "re_review"])
def test_reviews_of_a_span_are_those_requested_or_decided_in_it(mart: Mart, rows: list[dict], stage: str) -> None:
    first, last = date(2026, 2, 1), date(2026, 2, 28)
    found = queries.read_reviews(mart, Scope(), whole(first, last))
    own = found[found["stage"] == stage]
    for step in ("requested", "decided"):
        slow = sum(row[f"{stage}_{step}_on"] is not None and first <= row[f"{stage}_{step}_on"] <= last for row in rows)
        fast = own.loc[own[f"{step}_on"].between(pd.Timestamp(first), pd.Timestamp(last)), "matters"].sum()
        opened = Selection(f"{stage}_{step}", DAY, first, last, kind="petition")
        assert fast == slow == queries.read_counts(mart, Scope(), (opened,))[0]


@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("is_diverted", "1", lambda row: row["diverted_to"] is not None),
        ("has_filings", "1", lambda row: row["filings"] is not None),
        ("has_batches", "1", lambda row: row["batches"] is not None),
        ("has_person_times", "0", lambda row: row["person_times"] is None),
        ("own_area", "A1", lambda row: row["area_code"] == "A1"),
        ("own_area", "", lambda row: row["area_code"] is None),
        ("own_category", "01", lambda row: row["category_code"] == "01"),
        ("own_category", "", lambda row: row["category_code"] is None),
    ],
)
def test_a_property_narrows_to_exactly_the_matters_that_have_it(
    mart: Mart, rows: list[dict], name: str, value: str, holds: Callable
) -> None:
    slow = sum(FIRST <= row["registered_on"] <= DAY and holds(row) for row in rows)
    assert queries.read_counts(mart, Scope(), (whole().also(**{name: value}),)) == [slow]
    assert slow > 0


def test_an_empty_scope_sees_nothing(mart: Mart) -> None:
    nobody = Scope((), "community")
    assert queries.read_daily(mart, nobody, whole()).empty
    assert queries.read_parts(mart, nobody, whole(), [(FIRST, DAY)]).empty
    assert queries.read_by_position(mart, nobody, whole(), [(FIRST, DAY)]).empty
    assert queries.read_decided(mart, nobody, whole()).empty
    assert queries.read_waiting(mart, nobody, whole(), "month").empty
    assert queries.read_reviews(mart, nobody, whole()).empty


def test_the_kinds_of_places_are_those_registered(mart: Mart) -> None:
    assert queries.read_area_types(mart).to_dict() == {"A1x": "rural", "B1": "rural"}


def test_what_divides_matters_are_properties_that_open_them() -> None:
    assert set(queries.DIVIDED_BY) <= queries.PROPERTIES.keys()
