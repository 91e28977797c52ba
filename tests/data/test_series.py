"""Daily counts of judged places and subjects: each agrees with a slow loop over the matters, and no decoy counts."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from data import operational
from data.mart import Mart
from data.queries import names_of
from data.queries.series import (
    judged_places,
    read_day_counts,
    read_entry_delays,
    read_left_out,
    read_linked,
    read_sources_behind,
    subjects_of,
)
from data.scope import Scope

DAY = date(2026, 3, 20)
FIRST = DAY - timedelta(days=27)
AREAS = [
    ("T", "city", None), ("A", "district", "T"), ("A1", "street", "A"), ("A1x", "community", "A1"), ("A1xg", "grid", "A1x"),
    ("A1h", "hamlet", "A1"), ("B", "district", "T"), ("B1", "street", "B"), ("B1x", "community", "B1"),
]  # fmt: skip
JUDGED_IN = {"A1xg": "A1x", "A1h": "A1"}  # what lies below a judged place, or below a street without a community
# code, parent, sensitive, severe; 020301 lies three deep
CATEGORIES = [
    ("02", None, 0, 0), ("0203", "02", 0, 1), ("020301", "0203", 0, 0), ("16", None, 1, 0), ("1601", "16", 0, 0), ("99", None, 0, 0),
]  # fmt: skip
SUBJECT = {"02": "02", "0203": "0203", "020301": "0203", "16": "16", "1601": "1601", "99": "99"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, publish: Callable[..., Mart]) -> Mart:
    rng = np.random.default_rng(5)
    places, codes = [code for code, _, _ in AREAS] + [None], [row[0] for row in CATEGORIES] + [None, "??"]

    def fill(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.execute(sa.delete(operational.category))
        areas = [dict(zip(("area_code", "level_code", "parent_code"), row, strict=True), name=row[0]) for row in AREAS]
        connection.execute(sa.insert(operational.area), areas)
        names = ("category_code", "parent_code", "is_sensitive", "is_severe")
        known = [dict(zip(names, row, strict=True), name=row[0], scheme_code="dispute") for row in CATEGORIES]
        connection.execute(sa.insert(operational.category), known)
        rows = []
        for number in range(500):
            at = datetime.combine(DAY, datetime.min.time()) + timedelta(days=int(rng.integers(-40, 4)), hours=9)
            rows.append(
                {
                    "matter_no": f"M{number}", "source_system": str(rng.choice(["x", "y"])), "registered_at": at,
                    "kind": str(rng.choice(operational.KINDS)), "area_code": places[rng.integers(len(places))],
                    "category_code": codes[rng.integers(len(codes))], "updated_at": at,
                    "repeat_of": f"M{rng.integers(number)}" if number and rng.random() < 0.3 else None,
                    "entered_at": at + timedelta(days=int(rng.integers(0, 9))) if rng.random() < 0.8 else None,
                }
            )  # fmt: skip
        connection.execute(sa.insert(operational.matter), rows)

    now = datetime.combine(DAY, datetime.min.time()) + timedelta(days=20)
    return publish(tmp_path_factory.mktemp("series"), fill, now=now)


def counted(everything: pd.DataFrame, inside: set[str] | None = None) -> Counter:
    """The slow way: one matter after the other."""
    found = Counter()
    for row in everything.itertuples():
        if not FIRST <= row.registered_on <= DAY or row.category_code not in SUBJECT:
            continue
        place = JUDGED_IN.get(row.area_code, row.area_code)
        if inside is None or place in inside:
            found[place, row.kind, SUBJECT[row.category_code], (row.registered_on - FIRST).days] += 1
    return found


def told(mart: Mart, found: pd.DataFrame) -> Counter:
    codes, areas = subjects_of(mart).codes, names_of(mart).areas["area_code"]
    return Counter(
        {
            (None if pd.isna(row.pos) else areas[row.pos], row.kind, codes[row.subject], row.day): row.matters
            for row in found.itertuples()
        }
    )


def test_counts_by_place_subject_and_day_agree_with_a_slow_loop(mart: Mart, everything: pd.DataFrame) -> None:
    found = told(mart, read_day_counts(mart, Scope(), FIRST, DAY, subjects_of(mart)))
    assert found == counted(everything)
    assert sum(found.values()) > 100


def test_a_scope_counts_its_own_places_only(mart: Mart, everything: pd.DataFrame) -> None:
    found = told(mart, read_day_counts(mart, Scope(("A1",), "community"), FIRST, DAY, subjects_of(mart)))
    assert found == counted(everything, {"A1", "A1x"})
    assert found


def test_each_matter_counts_in_one_subject_the_second_step_of_its_tree(mart: Mart) -> None:
    subjects = subjects_of(mart)
    assert dict(subjects.of) == SUBJECT
    assert subjects.sensitive == {"16", "1601"}  # what lies in a sensitive class is as sensitive as it
    assert subjects.severe == {"0203"}


def test_judged_places_end_at_the_community(mart: Mart) -> None:
    places = judged_places(mart)
    assert places["area_code"].tolist() == ["T", "A", "A1", "A1x", "B", "B1", "B1x"]
    assert places["level"].tolist() == ["city", "district", "street", "community", "district", "street", "community"]


def test_what_has_no_place_or_no_subject_is_counted_as_left_out(mart: Mart, everything: pd.DataFrame) -> None:
    row = read_left_out(mart, Scope(), FIRST, DAY).iloc[0]
    inside = everything[[FIRST <= day <= DAY for day in everything["registered_on"]]]
    assert row["matters"] == len(inside)
    assert row["without_place"] == inside["area_code"].isna().sum() > 0
    assert row["without_subject"] == (~inside["category_code"].isin(SUBJECT)).sum() > 0


def test_delays_are_kept_apart_by_kind_and_count_what_was_entered_by_the_last_day(
    mart: Mart, everything: pd.DataFrame
) -> None:
    found = read_entry_delays(mart, Scope(), FIRST, DAY)
    wanted = Counter(
        (row.kind, row.registered_on, (row.entered_on - row.registered_on).days)
        for row in everything.itertuples()
        if FIRST <= row.registered_on <= DAY and row.entered_on is not None and row.entered_on <= DAY
    )
    told = {(r.kind, r.registered_on.date(), r.lag_days): r.matters for r in found.itertuples()}
    assert told == dict(wanted)


def test_sources_behind_a_count_are_those_of_its_matters(mart: Mart, everything: pd.DataFrame) -> None:
    found = read_sources_behind(mart, Scope(), FIRST, DAY, subjects_of(mart))
    codes, areas = subjects_of(mart).codes, names_of(mart).areas["area_code"]
    told = {
        (None if pd.isna(r.pos) else areas[r.pos], r.kind, codes[r.subject], r.day, r.source_system)
        for r in found.itertuples()
    }
    wanted = {
        (JUDGED_IN.get(r.area_code, r.area_code), r.kind, SUBJECT[r.category_code], (r.registered_on - FIRST).days, r.source_system)
        for r in everything.itertuples()
        if FIRST <= r.registered_on <= DAY and r.category_code in SUBJECT
    }  # fmt: skip
    assert told == wanted


def test_linked_matters_stand_with_their_first_filing(mart: Mart, everything: pd.DataFrame) -> None:
    found = read_linked(mart, Scope(), FIRST, DAY, subjects_of(mart))
    codes, areas = subjects_of(mart).codes, names_of(mart).areas["area_code"]
    told = Counter(
        (None if pd.isna(r.pos) else areas[r.pos], r.kind, codes[r.subject], r.day, r.root) for r in found.itertuples()
    )
    earlier = dict(zip(everything["matter_no"], everything["repeat_of"], strict=True))
    inside = [row for row in everything.itertuples() if FIRST <= row.registered_on <= DAY]
    filed_again = {row.repeat_of for row in inside if row.repeat_of}
    wanted = Counter()
    for row in inside:
        if row.category_code in SUBJECT and (row.repeat_of or row.matter_no in filed_again):
            root = earlier.get(row.repeat_of) or row.repeat_of or row.matter_no
            place = JUDGED_IN.get(row.area_code, row.area_code)
            wanted[place, row.kind, SUBJECT[row.category_code], (row.registered_on - FIRST).days, root] += 1
    assert told == wanted
    assert len(told) > 20
