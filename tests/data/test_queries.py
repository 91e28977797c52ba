"""Named reads: each count agrees with a slow loop over the matters, its list holds the same matters, and no decoy returns."""

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
AREAS = [
    # code, level, parent; B and everything below it is the decoy
    ("A", "district", None),
    ("A1", "street", "A"),
    ("A2", "street", "A"),
    ("A1x", "community", "A1"),
    ("A1y", "community", "A1"),
    ("A1xg", "grid", "A1x"),
    ("B", "district", None),
    ("B1", "street", "B"),
    ("A10", "street", "B"),  # its code begins like A1, but it lies in B
]
CATEGORIES = [("01", None, 0), ("0101", "01", 0), ("16", None, 1), ("99", None, 0)]
MEASURES = {
    "new": (DAY - timedelta(days=6), DAY),
    "closed": (DAY - timedelta(days=6), DAY),
    "open": (None, None),
    "overdue": (None, None),
    "undated": (None, None),
    "due": (DAY + timedelta(days=1), DAY + timedelta(days=9)),
    "larger": (DAY - timedelta(days=20), DAY),
    "collective": (DAY - timedelta(days=20), DAY),
    "major": (DAY - timedelta(days=20), DAY),
    "new_open": (DAY - timedelta(days=20), DAY - timedelta(days=3)),
    "major_open": (DAY - timedelta(days=40), DAY - timedelta(days=3)),
    "returned": (None, None),
    "rebounded": (None, None),
    "joint": (None, None),
    "ended_undated": (None, None),
    "on_time": (DAY - timedelta(days=27), DAY),
    "on_time_met": (DAY - timedelta(days=27), DAY),
    "accepted_in_time": (DAY - timedelta(days=27), DAY),
    "accepted_in_time_met": (DAY - timedelta(days=27), DAY),
    "answered_met": (DAY - timedelta(days=27), DAY),
    "satisfied_met": (DAY - timedelta(days=27), DAY),
    "solved": (DAY - timedelta(days=27), DAY),
    "solved_met": (DAY - timedelta(days=27), DAY),
}


def random_matters(count: int = 600, seed: int = 7) -> list[dict]:
    """Matters around DAY with every state a source can bring, blanks included."""
    rng = np.random.default_rng(seed)
    codes = [code for code, _, _ in AREAS] + [None]
    rows = []
    for number in range(count):
        registered = datetime.combine(DAY, datetime.min.time()) + timedelta(
            days=int(rng.integers(-60, 4)), minutes=int(rng.integers(0, 1440))
        )
        closed = registered + timedelta(days=float(rng.exponential(15))) if rng.random() < 0.6 else None
        rows.append(
            {
                "matter_no": f"M{number:05d}",
                "source_system": str(rng.choice(["x", "y"])),
                "kind": str(rng.choice(operational.KINDS)),
                "area_code": codes[int(rng.integers(len(codes)))],
                "category_code": [*(code for code, _, _ in CATEGORIES), None][int(rng.integers(5))],
                "registered_at": registered,
                "accepted_at": registered + timedelta(days=float(rng.exponential(10))) if rng.random() < 0.7 else None,
                "due_on": registered.date() + timedelta(days=int(rng.integers(0, 30))) if rng.random() < 0.6 else None,
                "closed_at": closed,
                "closed_in_time": int(rng.integers(2)) if closed is None and rng.random() < 0.2 else None,
                "status": "closed" if closed or rng.random() < 0.1 else "handling",
                "people_involved": int(rng.integers(1, 15)) if rng.random() < 0.5 else None,
                "is_collective": int(rng.integers(2)) if rng.random() < 0.5 else None,
                "scale_code": str(rng.choice(["01", "02"])) if rng.random() < 0.3 else None,
                "returned_count": int(rng.integers(0, 4)),
                "joint_handling": int(rng.integers(2)),
                "rebounded_at": closed + timedelta(days=3) if closed and rng.random() < 0.2 else None,
                "evaluation": str(rng.choice(["satisfied", "dissatisfied"])) if closed and rng.random() < 0.6 else None,
                "evaluated_at": closed + timedelta(days=float(rng.exponential(9))) if closed else None,
                "is_solved": int(rng.integers(2)) if closed and rng.random() < 0.6 else None,
                "called_back_at": closed + timedelta(days=float(rng.exponential(9))) if closed else None,
                "updated_at": registered,
            }
        )
    return rows


@pytest.fixture(scope="module")
def published(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    def fill(connection: sa.Connection) -> None:
        areas = [{"area_code": c, "name": f"place {c}", "level_code": lv, "parent_code": p} for c, lv, p in AREAS]
        categories = [
            {"category_code": c, "name": f"subject {c}", "parent_code": p, "is_sensitive": s} for c, p, s in CATEGORIES
        ]
        connection.execute(sa.insert(operational.area), areas)
        connection.execute(sa.insert(operational.category), categories)
        connection.execute(sa.insert(operational.matter), random_matters())

    return publish(tmp_path_factory.mktemp("queries"), fill, now=datetime(2026, 3, 24, 6, 0))


def below(code: str | None, root: str) -> bool:
    parents = {area: parent for area, _, parent in AREAS}
    while code is not None:
        if code == root:
            return True
        code = parents[code]
    return False


def counts(row: dict, one: Selection) -> bool:
    """The slow and obvious reading of a measure."""
    first, last, as_of, closed, due = one.first, one.last, one.as_of, row["closed_on"], row["deadline_on"]

    def within(day: date | None) -> bool:
        return day is not None and first is not None and first <= day <= last

    ended_unknown = closed is None and row["is_ended"] == 1
    is_open = row["registered_on"] <= as_of and (closed is None or closed > as_of) and not ended_unknown
    larger = (row["people_involved"] or 0) >= 10 or row["scale_code"] in ("02", "03")
    collective = row["is_collective"] == 1 or (row["people_involved"] or 0) >= 5

    def decided(done: date | None, limit: date | None) -> str | None:
        if limit is None:
            return None
        if done is not None and done <= limit:
            return "met" if within(done) else None
        ended_by_then = row["is_ended"] == 1 and (closed is None or closed <= limit)
        if done is None and ended_by_then:
            return None  # it ended, and nobody wrote down when this step was done
        return "late" if within(limit + timedelta(days=1)) else None

    def said_by_then(moment: object) -> bool:
        return moment is None or pd.Timestamp(moment).date() <= as_of

    verdict = closed is None and row["closed_in_time"] is not None and within(row["registered_on"])
    evaluated = within(closed) and row["evaluation"] is not None and said_by_then(row["evaluated_at"])
    called = within(closed) and row["is_solved"] is not None and said_by_then(row["called_back_at"])
    return {
        "new": lambda: within(row["registered_on"]),
        "closed": lambda: within(closed),
        "open": lambda: is_open,
        "overdue": lambda: is_open and due is not None and due < as_of,
        "undated": lambda: is_open and due is None,
        "due": lambda: is_open and within(due),
        "larger": lambda: within(row["registered_on"]) and larger,
        "collective": lambda: within(row["registered_on"]) and collective,
        "major": lambda: within(row["registered_on"]) and (larger or collective),
        "new_open": lambda: is_open and within(row["registered_on"]),
        "major_open": lambda: is_open and within(row["registered_on"]) and (larger or collective),
        "returned": lambda: is_open and (row["returned_count"] or 0) >= 2,
        "rebounded": lambda: (
            row["rebounded_on"] is not None and as_of - timedelta(days=6) <= row["rebounded_on"] <= as_of
        ),
        "joint": lambda: is_open and row["joint_handling"] == 1,
        "ended_undated": lambda: row["registered_on"] <= as_of and ended_unknown,
        "on_time": lambda: decided(closed, due) is not None or verdict,
        "on_time_met": lambda: decided(closed, due) == "met" or (verdict and row["closed_in_time"] == 1),
        "accepted_in_time": lambda: decided(row["accepted_on"], row["notify_due_on"]) is not None,
        "accepted_in_time_met": lambda: decided(row["accepted_on"], row["notify_due_on"]) == "met",
        "answered_met": lambda: evaluated,
        "satisfied_met": lambda: evaluated and row["evaluation"] == "satisfied",
        "solved": lambda: called,
        "solved_met": lambda: called and row["is_solved"] == 1,
    }[one.measure]()


def chosen(measure: str, **narrower: object) -> Selection:
    first, last = MEASURES[measure]
    return Selection(measure, DAY, first, last, **narrower)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_count_agrees_with_a_slow_loop(mart: Mart, everything: pd.DataFrame, measure: str) -> None:
    one = chosen(measure)
    slow = sum(counts(row, one) for row in everything.to_dict("records"))
    assert queries.read_counts(mart, Scope(), (one,)) == [slow]
    assert slow > 0, "a measure nothing meets tests nothing"


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("root", ["A", "A1", "A1x"])
def test_a_scope_counts_its_own_subtree_and_no_decoy(
    mart: Mart, everything: pd.DataFrame, measure: str, root: str
) -> None:
    one = chosen(measure)
    rows = everything.to_dict("records")
    slow = {row["matter_no"] for row in rows if counts(row, one) and below(row["area_code"], root)}
    scope = Scope((root,), "community")
    assert queries.read_counts(mart, scope, (one,)) == [len(slow)]
    listed = set(queries.read_matters(mart, scope, one, limit=10_000)["matter_no"])
    if root == "A1x":  # below a street no sensitive matter is listed
        slow -= {row["matter_no"] for row in rows if row["category_code"] == "16"}
    assert listed == slow


@pytest.mark.parametrize("measure", MEASURES)
def test_the_list_behind_a_number_holds_exactly_the_matters_counted(mart: Mart, measure: str) -> None:
    for narrower in ({}, {"kind": "petition"}, {"category_code": "01"}, {"area_code": "A"}, {"source_system": "x"}):
        one = chosen(measure, **narrower)
        (number,) = queries.read_counts(mart, Scope(), (one,))
        assert len(queries.read_matters(mart, Scope(), one, limit=10_000)) == number


def test_an_area_outside_the_scope_shows_nothing(mart: Mart) -> None:
    scope = Scope(("A",), "community")
    assert queries.read_counts(mart, scope, (chosen("new", area_code="B1"),)) == [0]
    assert queries.read_counts(mart, scope, (chosen("new", area_code="nowhere"),)) == [0]


def test_a_chosen_area_wider_than_the_scope_shows_the_scope(mart: Mart) -> None:
    own = queries.read_counts(mart, Scope(("A1",), "community"), (chosen("new"),))
    assert queries.read_counts(mart, Scope(("A1",), "community"), (chosen("new", area_code="A"),)) == own


def test_an_empty_scope_sees_nothing_anywhere(mart: Mart) -> None:
    nobody = Scope((), "community")
    assert queries.read_counts(mart, nobody, (chosen("new"), chosen("open"))) == [0, 0]
    assert queries.read_flows(mart, nobody, DAY - timedelta(days=60), DAY).empty
    assert queries.read_areas(mart, nobody).empty
    assert queries.read_by_place(mart, nobody, DAY - timedelta(days=60), DAY, None).empty
    assert queries.read_sources(mart, nobody, DAY - timedelta(days=60), DAY).empty
    assert queries.read_open_by_unit(mart, nobody, DAY, 3).empty


def test_a_code_that_begins_like_another_is_no_part_of_it(mart: Mart, everything: pd.DataFrame) -> None:
    inside = queries.read_matters(mart, Scope(("A1",), "office"), chosen("new"), limit=10_000)
    assert "place A10" not in set(inside["area"])


def test_a_sensitive_matter_is_placed_no_nearer_than_its_street(mart: Mart) -> None:
    found = queries.read_matters(mart, Scope(), chosen("new", category_code="16"), limit=10_000)
    assert len(found)
    assert set(found["community_code"].dropna()) == set()
    assert not {"place A1x", "place A1y", "place A1xg"} & set(found["area"])


def test_a_sensitive_category_is_not_listed_below_a_street(mart: Mart) -> None:
    community = chosen("new", category_code="16", area_code="A1x")
    street = chosen("new", category_code="16", area_code="A1")
    assert queries.read_matters(mart, Scope(), community).empty
    assert len(queries.read_matters(mart, Scope(), street))


def test_a_scope_below_a_street_sees_no_sensitive_category_whatever_area_is_asked_for(mart: Mart) -> None:
    first, last = MEASURES["new"]
    secretary = Scope(("A1x",), "community")
    for area in (None, "A1", "A"):
        assert queries.read_matters(mart, secretary, chosen("new", category_code="16", area_code=area)).empty
        counted = queries.read_category_counts(mart, secretary, first - timedelta(days=60), last, area)
        assert "16" not in set(counted["category_code"].dropna())
    wide = queries.read_category_counts(mart, Scope(("A1",), "office"), first - timedelta(days=60), last, "A1")
    assert "16" in set(wide["category_code"].dropna())


def test_flows_add_up_to_the_counts(mart: Mart) -> None:
    first, last = MEASURES["new"]
    flows = queries.read_flows(mart, Scope(), first, last)
    new, closed = queries.read_counts(mart, Scope(), (chosen("new"), chosen("closed")))
    assert (flows["new"].sum(), flows["closed"].sum()) == (new, closed)
    by_day = queries.read_flows(mart, Scope(), first, last, by_kind=False)
    assert by_day.equals(flows.groupby("day", as_index=False)[["new", "closed"]].sum())


def test_the_stock_of_a_day_is_the_count_of_that_day(mart: Mart) -> None:
    days = tuple(DAY - timedelta(days=back) for back in (14, 7, 0))
    stock = queries.read_stock(mart, Scope(), days)
    for row in stock.itertuples():
        pair = (Selection("open", row.day), Selection("overdue", row.day))
        assert [row.open, row.overdue] == queries.read_counts(mart, Scope(), pair)


def test_units_add_up_to_the_stock(mart: Mart) -> None:
    by_unit = queries.read_open_by_unit(mart, Scope(), DAY, 3)
    still_open, overdue, undated = queries.read_counts(
        mart, Scope(), (chosen("open"), chosen("overdue"), chosen("undated"))
    )
    assert (by_unit["open"].sum(), by_unit["overdue"].sum(), by_unit["undated"].sum()) == (still_open, overdue, undated)


def test_places_and_the_matters_without_a_place_add_up_to_the_city(mart: Mart, everything: pd.DataFrame) -> None:
    first, last = MEASURES["new"]
    scope = Scope(("A", "B"), "office")
    places = queries.read_by_place(mart, scope, first, last, None)
    (whole,) = queries.read_counts(mart, Scope(), (chosen("new"),))
    unplaced = sum(
        first <= row["registered_on"] <= last and row["area_code"] is None for row in everything.to_dict("records")
    )
    assert places["new"].sum() + unplaced == whole


def test_closing_times_hold_every_matter_once(mart: Mart, everything: pd.DataFrame) -> None:
    first = DAY - timedelta(days=60)
    times = queries.read_closing_times(mart, Scope(), first, DAY)
    rows = everything.to_dict("records")
    known = [
        row
        for row in rows
        if first <= row["registered_on"] <= DAY and not (row["closed_on"] is None and row["is_ended"])
    ]
    assert times["matters"].sum() == len(known)
    ended = sum(row["closed_on"] is not None and row["closed_on"] <= DAY for row in known)
    assert times.loc[times["ended"] == 1, "matters"].sum() == ended


def test_an_unknown_measure_is_a_fault_of_ours(mart: Mart) -> None:
    with pytest.raises(ValueError, match="none of"):
        queries.condition(Selection("volume_demerit", DAY))


def test_many_counts_at_once_are_the_same_as_one_by_one(mart: Mart) -> None:
    days = (DAY, DAY - timedelta(days=2))
    selections = [
        chosen(measure).narrowed(area_code=area, category_code=category, as_of=as_of)
        for measure in MEASURES
        for area, category, as_of in (
            ("A1", None, days[0]),
            ("A", "01", days[1]),
            (None, None, days[0]),
            ("B1", None, days[0]),
        )
    ]
    for scope in (Scope(), Scope(("A1",), "community"), Scope((), "community")):
        found = queries.read_many(mart, scope, (*selections, *selections))
        assert found == {one: queries.read_counts(mart, scope, (one,))[0] for one in selections}
    assert queries.read_many(mart, Scope(), ()) == {}


def test_what_concerns_a_place_lies_within_or_around_it(mart: Mart) -> None:
    assert queries.areas_around(mart, Scope(), "A1") == ["A", "A1", "A1x", "A1xg", "A1y"]
    assert queries.areas_around(mart, Scope(("A2",)), None) == ["A", "A2"]
    assert queries.areas_around(mart, Scope(), None) is None
