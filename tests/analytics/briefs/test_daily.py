"""The daily brief says whether a day is normal, where it is not, and what must be known before it is believed."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics.briefs import DailyBrief, daily_brief
from analytics.figures import Sentence
from data import operational, queries
from data.errors import NotReady
from data.mart import Attempt, Mart, open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar, calendar_from
from pages.paper.record import brief_record

DAY = date(2026, 6, 10)  # an ordinary Wednesday
NEXT_MORNING = datetime(2026, 6, 11, 6)
AREAS = [
    ("A", "district", None, "North"), ("A1", "street", "A", "Hill Street"), ("A2", "street", "A", "Lake Street"),
    ("Z", "district", None, "Decoyland"), ("Z1", "street", "Z", "Decoy Street"),
]  # fmt: skip
UNITS = [("u1", "Housing Office", "A"), ("uz", "Decoy Office", "Z")]


def matters(days: int = 70, *, surge: int = 0, per_street: int = 6) -> list[dict]:
    """Steady streets, six matters a day each, closed after two days; `surge` more in Hill Street on the last day."""
    rows = []
    for back in range(days):
        day = DAY - timedelta(days=back)
        for street in ("A1", "A2", "Z1"):
            extra = surge if street == "A1" and back == 0 else 0
            for number in range(per_street + extra + day.toordinal() % 3 - 1):
                registered = datetime.combine(day, datetime.min.time()) + timedelta(hours=9, minutes=number)
                closed = registered + timedelta(days=2)
                rows.append(
                    {
                        "matter_no": f"{street}-{day:%m%d}-{number}", "source_system": "hotline" if number % 2 else "grid",
                        "kind": "hotline", "area_code": street, "category_code": "c1" if number % 3 else "c2",
                        "registered_at": registered, "closed_at": closed if closed < NEXT_MORNING else None,
                        "status": "closed" if closed < NEXT_MORNING else "handling", "due_on": day + timedelta(days=5),
                        "responsible_org_id": "uz" if street == "Z1" else "u1", "updated_at": registered,
                    }
                )  # fmt: skip
    return rows


def city(rows: list[dict]) -> Callable[[sa.Connection], None]:
    def fill(connection: sa.Connection) -> None:
        areas = [{"area_code": c, "level_code": lv, "parent_code": p, "name": n} for c, lv, p, n in AREAS]
        connection.execute(sa.insert(operational.area), areas)
        connection.execute(
            sa.insert(operational.category),
            [{"category_code": "c1", "name": "parking"}, {"category_code": "c2", "name": "noise"}],
        )
        units = [{"org_id": code, "name": name, "area_code": area} for code, name, area in UNITS]
        connection.execute(sa.insert(operational.organisation), units)
        if rows:
            connection.execute(sa.insert(operational.matter), rows)

    return fill


@pytest.fixture(scope="module")
def steady(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return publish(tmp_path_factory.mktemp("steady"), city(matters()), now=NEXT_MORNING)


@pytest.fixture(scope="module")
def surged(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return publish(tmp_path_factory.mktemp("surged"), city(matters(surge=25)), now=NEXT_MORNING)


EVERYWHERE = Scope()


def ask(mart: Mart, day: date = DAY, scope: Scope = EVERYWHERE, **options: object) -> DailyBrief:
    return daily_brief(mart, scope, day, calendar=build_calendar(None), **options)


def keys(sentences: tuple) -> list[str]:
    return [sentence.key for sentence in sentences]


def test_a_day_like_the_others_is_normal(steady: Mart) -> None:
    brief = ask(steady)
    assert brief.state == "normal"
    assert brief.headline[0].key == "brief.headline.within"


def test_a_surge_is_unusual_and_its_street_and_category_are_named(surged: Mart) -> None:
    brief = ask(surged, area_code="A")
    assert brief.state == "unusual"
    assert brief.headline[0].key == "brief.headline.above_where_what"
    assert brief.headline[0].values["area"] == "Hill Street"
    assert brief.headline[0].values["category"] == "parking"
    states = {line.values["area"]: line.values["state"] for line in brief.places}
    assert states == {"Hill Street": "above", "Lake Street": "within"}


def test_the_headline_has_at_most_five_lines(surged: Mart, steady: Mart) -> None:
    assert 1 <= len(ask(surged).headline) <= 5
    assert 1 <= len(ask(steady).headline) <= 5


def test_kinds_and_places_add_up_to_the_figures(steady: Mart) -> None:
    brief = ask(steady)
    flows = {figure.name: figure.value for figure in brief.flows}
    for name in ("new", "open", "overdue"):
        assert sum(line.values[name] for line in brief.kinds) == flows[name]
        assert sum(line.values[name] for line in brief.places) == flows[name]


def test_units_add_up_to_the_deadlines(steady: Mart) -> None:
    brief = ask(steady)
    for figure in brief.deadlines:
        assert sum(line.values[figure.name] for line in brief.deadlines_by_unit) == figure.value


def test_nothing_of_a_decoy_district_reaches_a_narrower_scope(surged: Mart) -> None:
    text = json.dumps(brief_record(ask(surged, scope=Scope(("A",), "community"))), ensure_ascii=False)
    assert "Hill Street" in text
    for decoy in ("Decoy", '"Z', "uz"):
        assert decoy not in text
    assert (
        brief_record(ask(surged, scope=Scope(("A",), "community")))["flows"][0]["value"]
        == ask(surged, area_code="A").flows[0].value
    )


def test_an_area_out_of_scope_is_refused_in_words(steady: Mart) -> None:
    with pytest.raises(NotReady, match=r"brief\.area_unknown"):
        ask(steady, scope=Scope(("A",), "community"), area_code="Z1")


def test_an_expected_range_rests_only_on_days_before(steady: Mart, surged: Mart) -> None:
    assert ask(steady).flows[0].expected == ask(surged).flows[0].expected


def test_a_short_history_is_said_and_nothing_is_judged(publish: Callable, tmp_path: Path) -> None:
    brief = ask(publish(tmp_path, city(matters(days=10)), now=NEXT_MORNING))
    assert brief.state == "unknown"
    assert brief.flows[0].expected is None
    assert brief.flows[0].value is not None
    assert "notice.short_history" in keys(brief.notices)


def test_an_empty_mart_says_so_and_shows_no_zero_as_a_count(publish: Callable, tmp_path: Path) -> None:
    brief = ask(publish(tmp_path, city([]), now=NEXT_MORNING))
    assert brief.is_empty
    assert brief.state == "unknown"
    assert brief.flows[0].value is None
    assert keys(brief.notices) == ["notice.no_records"]


def test_a_failed_refresh_is_said_first(steady: Mart) -> None:
    later = NEXT_MORNING + timedelta(days=1)
    failed = Attempt(started_at=later, finished_at=later, ok=False, error_key="refresh.unreachable", error_values={})
    brief = ask(steady, attempt=failed, now=later)
    assert brief.notices[0].key == "notice.refresh_failed"


def test_a_refresh_that_succeeded_is_no_notice(steady: Mart) -> None:
    done = Attempt(started_at=NEXT_MORNING, finished_at=NEXT_MORNING, ok=True)
    assert ask(steady, attempt=done, now=NEXT_MORNING).notices == ()


def test_old_data_are_said_to_be_old(steady: Mart) -> None:
    brief = ask(steady, now=NEXT_MORNING + timedelta(hours=40))
    assert brief.notices[0].key == "notice.stale"
    assert brief.notices[0].values["hours"] == 40


def test_a_day_that_had_not_ended_when_read_is_marked(steady: Mart) -> None:
    assert "notice.read_before_close" in keys(ask(steady, day=NEXT_MORNING.date()).notices)


def test_a_source_that_fell_silent_is_no_quiet_source(publish: Callable, tmp_path: Path) -> None:
    rows = [row for row in matters() if row["source_system"] == "hotline" or row["registered_at"].date() < DAY]
    brief = ask(publish(tmp_path, city(rows), now=NEXT_MORNING))
    states = {line.values["source_system"]: line.values["state"] for line in brief.sources}
    assert states == {"grid": "silent", "hotline": "within"}


def test_in_a_year_without_a_calendar_the_range_goes_by_weekdays_and_tomorrow_is_not_guessed(steady: Mart) -> None:
    days = build_calendar(None).frame()
    brief = daily_brief(steady, EVERYWHERE, DAY, calendar=calendar_from(days[days["day"] < "2026-01-01"]))
    assert brief.flows[0].expected.reference_days == ask(steady).flows[0].expected.reference_days
    assert Sentence("notice.no_calendar", {"year": 2026}) in brief.notices
    assert "notice.short_history" not in keys(brief.notices)
    assert brief.tomorrow[0].key == "brief.tomorrow.no_calendar"
    assert "notice.no_calendar" not in keys(ask(steady).notices)


def test_deadlines_in_a_year_without_a_calendar_are_said_and_counted_nowhere_else(
    publish: Callable, tmp_path: Path
) -> None:
    """Thirteen working days from 28 December run into 2027, from 1 December they do not."""
    one = {**matters(1)[0], "due_on": None, "closed_at": None, "status": "handling", "purpose": "complaint"}
    days = [date(2026, 12, 28)] * 3 + [date(2026, 12, 1)] * 2
    rows = [
        {**one, "matter_no": f"n{n}", "registered_at": datetime.combine(day, datetime.min.time())}
        for n, day in enumerate(days)
    ]
    mart = publish(tmp_path, city(rows), now=datetime(2027, 1, 6, 6))
    brief = ask(mart, day=date(2027, 1, 5))
    (said,) = (one for one in brief.notices if one.key == "notice.beyond_the_calendar")
    assert said.values["count"] == 3
    assert queries.read_counts(mart, EVERYWHERE, (said.selection,)) == [3]
    assert (brief.flows[2].value, brief.flows[3].value) == (5, 2)
    assert "notice.beyond_the_calendar" not in keys(ask(mart, day=date(2026, 12, 5)).notices)


def test_due_today_is_not_overdue(steady: Mart) -> None:
    brief = ask(steady)
    overdue, due_on_day, due_soon = brief.deadlines
    # Everything closes after two days and is due after five, so nothing is late, and only the last days fall due soon.
    assert overdue.value == 0
    assert due_on_day.value == 0
    assert due_soon.value == sum(
        row["status"] == "handling" and DAY < row["due_on"] <= DAY + timedelta(days=3) for row in matters()
    )


def test_every_table_line_opens_into_as_many_matters_as_it_says(town_site: Site) -> None:

    mart = open_mart(town_site.mart_folder)
    brief = ask(mart, day=mart.read_at.date() - timedelta(days=1))
    columns = {"new": "new", "major": "matters", "overdue": "overdue", "open": "open"}
    checked = 0
    for lines in (brief.major, brief.deadlines_by_unit, brief.kinds, brief.places, brief.sources, brief.filling):
        for line in lines:
            column = columns[line.selection.measure]
            shown = line.values.get(column, line.values.get("matters"))
            assert queries.read_counts(mart, Scope(), (line.selection,)) == [shown], line
            checked += 1
    assert checked > 10


def test_figures_open_into_as_many_matters_as_they_say(town_site: Site) -> None:

    mart = open_mart(town_site.mart_folder)
    brief = ask(mart, day=mart.read_at.date() - timedelta(days=1))
    for figure in (*brief.flows, *brief.deadlines, *brief.coordination):
        assert queries.read_counts(mart, Scope(), (figure.selection,)) == [figure.value], figure.name
    for figure in brief.rates:
        if figure.unit == "pct":
            assert queries.read_counts(mart, Scope(), (figure.selection,)) == [figure.denominator], figure.name
