"""The grouped counts of the risk outlook agree with a slow look at every matter."""

from datetime import date, timedelta

import pandas as pd
import pytest
import sqlalchemy as sa

from data import mart_tables as t
from data import queries
from data.mart import Mart, open_mart
from data.scope import Scope
from data.site import Site

DAY, THEN = date(2026, 11, 20), date(2026, 6, 30)
CITY = Scope()


@pytest.fixture(scope="module")
def mart(town_site: Site) -> Mart:
    return open_mart(town_site.mart_folder)


@pytest.fixture(scope="module")
def matters(mart: Mart) -> pd.DataFrame:
    m = t.matter.c
    names = (
        "matter_no",
        "kind",
        "area_pos",
        "category_code",
        "handling_level",
        "registered_on",
        "closed_on",
        "deadline_on",
        "is_ended",
    )
    found = mart.read(sa.select(*(m[name] for name in names)))
    for name in ("registered_on", "closed_on", "deadline_on"):
        found[name] = [None if pd.isna(one) else pd.Timestamp(one).date() for one in found[name]]
    return found


@pytest.fixture(scope="module")
def counted(mart: Mart) -> dict[date, int]:
    """The number of the working day that each day counts with: its own, or that of the next one."""
    days = mart.read(sa.select(t.calendar_day))
    return {pd.Timestamp(row.day).date(): int(row.workday_no) + 1 - int(row.is_workday) for row in days.itertuples()}


def test_spells_are_counted_in_working_days_and_end_at_the_day_asked(
    mart: Mart, matters: pd.DataFrame, counted: dict
) -> None:
    first = THEN - timedelta(days=300)
    found = queries.read_spells(mart, CITY, first, THEN, queries.subjects_of(mart))
    (now,) = queries.steps_done(mart, (THEN,))
    slow: dict[tuple, int] = {}
    for row in matters.itertuples():
        if not first <= row.registered_on <= THEN or (row.closed_on is None and row.is_ended):
            continue
        began = counted[row.registered_on]
        closed = row.closed_on is not None and row.closed_on <= THEN
        spent = counted[row.closed_on] - began if closed else now - began
        term = None
        if row.deadline_on is not None and row.deadline_on in counted:
            term = counted[row.deadline_on] - began
        elif row.deadline_on is not None:
            continue  # beyond the calendar: estimated, and asked below
        at = (row.kind, row.handling_level, term, spent, int(closed))
        slow[at] = slow.get(at, 0) + 1
    fast: dict[tuple, int] = {}
    for row in found.itertuples():
        term = None if pd.isna(row.term) else int(row.term)
        at = (row.kind, row.handling_level, term, int(row.spent), int(row.is_closed))
        fast[at] = fast.get(at, 0) + int(row.matters)
    assert all(fast[at] == many for at, many in slow.items())


def test_what_was_open_on_a_past_day_is_told_with_what_came_of_it(mart: Mart, matters: pd.DataFrame) -> None:
    found = queries.read_open_spells(mart, CITY, THEN, queries.subjects_of(mart), known_on=DAY, soon_days=14)
    then = matters[matters["area_pos"].notna()]
    then = then[[one <= THEN for one in then["registered_on"]]]
    still = [closed is None or closed > THEN for closed in then["closed_on"]]
    then = then[
        [
            a and not (closed is None and ended)
            for a, closed, ended in zip(still, then["closed_on"], then["is_ended"], strict=True)
        ]
    ]
    soon = sum(due is not None and THEN <= due <= THEN + timedelta(days=14) for due in then["deadline_on"])
    late = sum(due is not None and due < THEN for due in then["deadline_on"])
    met = sum(
        due is not None and closed is not None and closed <= min(due, DAY)
        for due, closed in zip(then["deadline_on"], then["closed_on"], strict=True)
    )
    missed = sum(
        due is not None and due < DAY and (closed is None or closed > due)
        for due, closed in zip(then["deadline_on"], then["closed_on"], strict=True)
    )
    assert found["matters"].sum() == len(then)
    assert found.loc[found["is_soon"] == 1, "matters"].sum() == soon
    assert found.loc[found["is_overdue"] == 1, "matters"].sum() == late
    assert (found["met"].sum(), found["missed"].sum()) == (met, missed)


def test_working_days_go_on_beyond_the_calendar_at_five_of_seven(mart: Mart) -> None:
    last = pd.Timestamp(mart.read(sa.select(sa.func.max(t.calendar_day.c.day).label("last")))["last"].iloc[0]).date()
    days = tuple(last + timedelta(days=number) for number in range(15))
    found = queries.steps_done(mart, days)
    assert found == sorted(found)
    assert (found[7] - found[0], found[14] - found[0]) == (5, 10)


def test_no_matter_of_another_place_is_counted(mart: Mart, matters: pd.DataFrame) -> None:
    tree = queries.names_of(mart).areas
    street = tree[tree["level_code"] == "street"].iloc[2]
    scope = Scope((street["area_code"],), "community")
    subjects = queries.subjects_of(mart)
    inside = matters["area_pos"].between(street["pos"], street["last_pos"]).fillna(False).to_numpy(dtype=bool)
    months = queries.read_month_counts(mart, scope, DAY, subjects)
    known = matters["category_code"].isin(list(subjects.of)).to_numpy(dtype=bool)
    assert months["matters"].sum() == (inside & known).sum()
    places = queries.read_open_spells(mart, scope, DAY, subjects, known_on=DAY, soon_days=14)
    assert places["pos"].between(street["pos"], street["last_pos"]).all()
    spells = queries.read_spells(mart, scope, DAY - timedelta(days=365), DAY, subjects)
    assert set(spells["pos"]) <= set(range(int(street["pos"]), int(street["last_pos"]) + 1))
    nobody = Scope((), "community")
    assert queries.read_spells(mart, nobody, THEN, DAY, subjects).empty
    assert queries.read_closed_counts(mart, nobody, THEN, DAY, subjects).empty


def test_disputes_and_their_petitions_are_those_of_the_pathway(mart: Mart) -> None:
    first, last = DAY - timedelta(days=700), DAY - timedelta(days=90)
    found = queries.read_disputes_followed(
        mart, CITY, first, first + (last - first) / 2, last, 90, queries.subjects_of(mart)
    )
    rows = queries.read_followed(mart, CITY, first, last, 90)
    placed = rows[rows["area_code"].notna() & rows["category_code"].isin(list(queries.subjects_of(mart).of))]
    assert found["disputes"].sum() == placed["disputes"].sum()
    assert found["followed"].sum() == placed.loc[placed["lead_days"].notna(), "disputes"].sum()
