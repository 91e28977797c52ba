"""The SQL of derived columns against the slow reading of the rules, one matter at a time."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.deadlines import DeadlineRules, matter_deadlines, rules_from, shipped_rules
from data.derived import CALENDAR_MACROS, derive
from data.workdays import build_calendar

CALENDAR = build_calendar()
RULES = {
    "shipped": shipped_rules(),
    "rolling": rules_from({"roll_due_to_working_day": True}),
    "odd": rules_from(
        {
            "roll_due_to_working_day": True,
            "petition": {
                "close": {"amount": 20, "unit": "working_day"},
                "extension": {"amount": 10, "unit": "working_day"},
                "review": {"amount": 1, "unit": "month"},
                "close_clock_not_for": [],
            },
            "dispute": {"mediation": {"amount": 0, "unit": "working_day"}},
            "hotline": {"profile": "E"},
        }
    ),
}
DATES = ("due_on", "extension_approved_on", "extended_to", "review_requested_on", "review_decided_on", "re_review_requested_on",
         "re_review_decided_on")  # fmt: skip
MOMENTS = ("registered_at", "accepted_at", "routed_at", "closed_at", "rebounded_at")
TEXTS = ("kind", "purpose", "diverted_to", "status", "area_code")
ASKED = ("deadline_on", "deadline_basis", "route_due_on", "notify_due_on", "review_due_on")


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.register("given_days", pa.Table.from_pandas(CALENDAR.frame()))
        made.execute(
            "CREATE TABLE calendar_day AS SELECT CAST(day AS DATE) AS day, is_workday, workday_no FROM given_days"
        )
        made.execute("CREATE TABLE area_tree AS SELECT '9901' AS area_code, 7 AS pos")
        made.execute(CALENDAR_MACROS)
        yield made


def derived(connection: duckdb.DuckDBPyConnection, rules: DeadlineRules, matters: list[dict]) -> list[dict]:
    schema = pa.schema(
        [(name, pa.date32()) for name in DATES]
        + [(name, pa.timestamp("us")) for name in MOMENTS]
        + [(name, pa.string()) for name in TEXTS]
        + [("closed_in_time", pa.int16()), ("row", pa.int64())]
    )
    rows = [{**matter, "row": number} for number, matter in enumerate(matters)]
    connection.register("given_matters", pa.Table.from_pylist(rows, schema=schema))
    answer = connection.execute(f"SELECT * FROM ({derive('given_matters', rules)}) ORDER BY row").to_arrow_table()
    return answer.to_pylist()


days = st.dates(date(2023, 12, 1), date(2027, 3, 1))
moments = st.datetimes(datetime(2023, 12, 1), datetime(2027, 3, 1))
matters = st.fixed_dictionaries(
    {"kind": st.sampled_from(["petition", "dispute", "hotline"]), "registered_at": moments},
    optional={
        "purpose": st.sampled_from(
            ["suggestion", "claim", "enquiry", "help", "complaint", "thanks", "urgent", "other"]
        ),
        "diverted_to": st.just("court"),
        **dict.fromkeys(DATES, days),
        **dict.fromkeys(("accepted_at", "routed_at"), moments),
    },
)


@pytest.mark.parametrize("name", RULES)
@given(matters=st.lists(matters, min_size=1, max_size=60))
@settings(max_examples=25, deadline=None)
def test_sql_and_the_slow_reading_agree_on_every_date(
    name: str, matters: list[dict], connection: duckdb.DuckDBPyConnection
) -> None:
    found = derived(connection, RULES[name], matters)
    for matter, row in zip(matters, found, strict=True):
        expected = matter_deadlines(matter, RULES[name], CALENDAR)
        assert {column: row[column] for column in ASKED} == {column: getattr(expected, column) for column in ASKED}, (
            matter
        )


def test_a_year_without_a_calendar_says_so_and_is_not_guessed(connection: duckdb.DuckDBPyConnection) -> None:
    late = {"kind": "hotline", "purpose": "help", "registered_at": datetime(2026, 12, 30)}
    (row,) = derived(connection, RULES["shipped"], [late])
    assert (row["deadline_on"], row["deadline_basis"]) == (None, "calendar_missing")


@pytest.mark.parametrize(
    ("matter", "ended"),
    [
        ({"status": "handling"}, 0),
        ({"status": None}, 0),
        ({"status": "returned"}, 0),
        ({"status": "suspended"}, 0),
        ({"status": "diverted"}, 1),
        ({"status": "handling", "diverted_to": "court"}, 0),
        ({"status": "duplicate"}, 1),
        ({"status": "handling", "closed_at": datetime(2026, 1, 5)}, 1),
        ({"status": None, "closed_in_time": 0}, 1),
    ],
)
def test_what_has_ended(connection: duckdb.DuckDBPyConnection, matter: dict, ended: int) -> None:
    whole = {"kind": "hotline", "registered_at": datetime(2026, 1, 2), **matter}
    (row,) = derived(connection, RULES["shipped"], [whole])
    assert row["is_ended"] == ended


def test_a_place_outside_the_tree_has_no_position(connection: duckdb.DuckDBPyConnection) -> None:
    base = {"kind": "dispute", "registered_at": datetime(2026, 1, 2, 23, 59)}
    rows = derived(connection, RULES["shipped"], [{**base, "area_code": "9901"}, {**base, "area_code": "42"}, base])
    assert [row["area_pos"] for row in rows] == [7, None, None]
    assert {row["registered_on"] for row in rows} == {date(2026, 1, 2)}


def test_every_shipped_day_counts_working_days_as_the_calendar_does(connection: duckdb.DuckDBPyConnection) -> None:
    starts = [date(2024, 1, 1) + timedelta(days=n) for n in range(1000)]
    frame = pd.DataFrame({"start": starts})
    connection.register("starts", pa.Table.from_pandas(frame))
    found = connection.execute("SELECT workday(workday_no(start) + 5) FROM starts ORDER BY start").fetchall()
    assert [day for (day,) in found] == [CALENDAR.add_working_days(start, 5) for start in starts]
