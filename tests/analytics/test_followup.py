"""A brief begins by looking back: what the last one warned of, what came of it, what was done; late data change no issued figure."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics.briefs import DailyBrief, daily_brief, for_export
from analytics.followup import FollowUp, follow_up, key_of
from analytics.late_changes import late_changes
from analytics.looking_back import item_key
from analytics.refresh import refresh
from data import issuing, operational, queries
from data.deadlines import shipped_rules
from data.desk import Desk, open_desk
from data.issuing import Item
from data.mart import Mart, open_mart
from data.scope import Actor, Scope
from data.site import read_site
from data.workdays import build_calendar
from pages.paper.record import brief_record

DAY = date(2026, 6, 10)  # an ordinary Wednesday
BEFORE = DAY - timedelta(days=1)
MORNING = datetime(2026, 6, 11, 6)
AREAS = [("A", "district", None, "North"), ("A1", "street", "A", "Hill Street"), ("A2", "street", "A", "Lake Street"),
         ("A1x", "community", "A1", "Upper Hill"), ("A1y", "community", "A1", "Lower Hill"),
         ("Z", "district", None, "Decoyland"), ("Z1", "street", "Z", "Decoy Street")]  # fmt: skip
EVERYWHERE = Scope()
OFFICE = Actor("duty desk", EVERYWHERE)
LEADER = Actor("secretary's post", Scope(role="leader"))
CALENDAR = build_calendar(None)


def matter(street: str, day: date, number: int | str, **more: object) -> dict:
    registered = datetime.combine(day, time(9))
    closed = registered + timedelta(days=2)
    row = {
        "matter_no": f"{street}-{day:%m%d}-{number}", "source_system": "grid", "kind": "hotline", "area_code": street,
        "category_code": "c1", "registered_at": registered, "closed_at": closed if closed < MORNING else None,
        "status": "closed" if closed < MORNING else "handling", "due_on": day + timedelta(days=5), "updated_at": registered,
        "people_involved": None, "responsible_org_id": None,
    }  # fmt: skip
    return row | more


def steady(days: int = 70) -> list[dict]:
    """Six matters a day and street, more or less, each closed after two days."""
    return [
        matter(street, DAY - timedelta(days=back), number)
        for back in range(days)
        for street in ("A1", "A2", "Z1")
        for number in range(5 + (DAY - timedelta(days=back)).toordinal() % 3)
    ]


def surge(day: date, count: int = 25, closed: int = 0) -> list[dict]:
    """So many more in Hill Street on a day; `closed` of them are closed on the next."""
    done = {"closed_at": datetime.combine(day + timedelta(days=1), time(12)), "status": "closed"}
    return [matter("A1", day, f"s{number}", **(done if number < closed else {})) for number in range(count)]


def city(rows: list[dict]) -> Callable[[sa.Connection], None]:
    def fill(connection: sa.Connection) -> None:
        areas = [{"area_code": c, "level_code": lv, "parent_code": p, "name": n} for c, lv, p, n in AREAS]
        connection.execute(sa.insert(operational.area), areas)
        connection.execute(sa.insert(operational.category), [{"category_code": "c1", "name": "parking"}])
        units = [{"org_id": "u1", "name": "Housing Office", "area_code": "A"}]
        connection.execute(sa.insert(operational.organisation), units)
        if rows:
            connection.execute(sa.insert(operational.matter), rows)

    return fill


@pytest.fixture(scope="module")
def once(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    """A surge the day before, ten of its matters closed since; an ordinary day."""
    return publish(tmp_path_factory.mktemp("once"), city(steady() + surge(BEFORE, closed=10)), now=MORNING)


@pytest.fixture(scope="module")
def twice(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    """A surge on both days."""
    return publish(tmp_path_factory.mktemp("twice"), city(steady() + surge(BEFORE) + surge(DAY)), now=MORNING)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    opened = open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
    yield opened
    opened.close()


@lru_cache(maxsize=100)
def brief_of(
    mart: Mart, day: date = DAY, scope: Scope = EVERYWHERE, area_code: str | None = "A", kind: str | None = None
) -> DailyBrief:
    return daily_brief(mart, scope, day, calendar=CALENDAR, area_code=area_code, kind=kind)


def look(
    desk: Desk, mart: Mart, brief: DailyBrief | None = None, scope: Scope = EVERYWHERE, **more: object
) -> FollowUp:
    """The follow-up of a brief, of the district on `DAY` by default, with the brief of the day before to fall back on."""
    brief = brief or brief_of(mart, scope=scope)

    def before() -> DailyBrief:
        return brief_of(mart, brief.day - timedelta(days=1), scope, brief.area_code, brief.kind)

    return follow_up(desk, mart, scope, brief, **{"previous": before} | more)


def issue(desk: Desk, brief: DailyBrief, at: datetime = MORNING) -> issuing.Issued:
    key, record = key_of(brief), json.dumps(brief_record(brief))
    issuing.save_draft(desk, key, "{}", OFFICE, at)
    issuing.review(desk, key, OFFICE, at)
    return issuing.issue(
        desk,
        key,
        document="{}",
        record=record,
        files={},
        version=brief.version,
        known_at=brief.published_at,
        actor=OFFICE,
        at=at,
    )


def keys(found: FollowUp) -> list[str]:
    return [one.key for one in found.said]


# --- what came of it -----------------------------------------------------------------------------------------------------------


def test_a_place_back_within_its_range_has_eased(desk: Desk, once: Mart) -> None:
    found = look(desk, once)
    by_key = {one.concern.key: one for one in found.looked_back}
    street = by_key["place_above"]
    assert (street.concern.area_code, street.label.values["area"], street.verdict) == ("A1", "Hill Street", "eased")
    assert street.concern.observed > street.concern.upper
    assert street.now <= street.now_upper


def test_a_place_above_its_range_again_went_on(desk: Desk, twice: Mart) -> None:
    found = look(desk, twice)
    street = next(one for one in found.looked_back if one.concern.key == "place_above")
    assert street.verdict == "went_on"
    assert street.now > street.now_upper
    assert ("followup.count.went_on", 3) in [(part.key, part.values["count"]) for part in found.said[0].values["parts"]]


def test_what_was_done_is_counted_among_the_matters_that_were_warned_of(desk: Desk, once: Mart) -> None:
    street = next(one for one in look(desk, once).looked_back if one.concern.key == "place_above")
    of_the_day = [
        row
        for row in steady() + surge(BEFORE, closed=10)
        if row["area_code"] == "A1" and row["registered_at"].date() == BEFORE
    ]
    assert street.whole == len(of_the_day) == street.concern.observed
    assert street.standing == sum(row["closed_at"] is None for row in of_the_day) == len(of_the_day) - 10
    done = next(one for one in look(desk, once).said if one.key == "followup.done")
    assert done.values["done"] + done.values["standing"] == done.values["whole"]


def test_every_number_of_the_look_back_opens_into_as_many_matters(desk: Desk, twice: Mart) -> None:
    rows = look(desk, twice).looked_back
    assert rows
    for one in rows:
        for number, selection in (
            (one.now, one.opens_now),
            (one.whole, one.opens_whole),
            (one.standing, one.opens_standing),
        ):
            assert queries.read_counts(twice, EVERYWHERE, (selection,)) == [number], one.concern


def test_larger_matters_of_the_last_day_are_followed_by_type_and_place(
    publish: Callable, tmp_path: Path, desk: Desk
) -> None:
    large = [
        matter("A1", BEFORE, "L1", people_involved=30),
        matter("A2", BEFORE, "L2", people_involved=12),
        matter("A2", DAY, "L3", people_involved=40),
    ]
    mart = publish(tmp_path, city(steady() + large), now=MORNING)
    found = {one.concern.area_code: one.verdict for one in look(desk, mart).looked_back if one.concern.key == "major"}
    assert found == {"A1": "none_since", "A2": "again"}


def test_an_overdue_backlog_that_grew_is_looked_back_at_by_what_is_still_late(
    publish: Callable, tmp_path: Path, desk: Desk
) -> None:
    overdue = {"closed_at": None, "status": "handling", "due_on": BEFORE - timedelta(days=1)}
    long_since = {**overdue, "due_on": DAY - timedelta(days=80)}
    old = [matter("A1", DAY - timedelta(days=85), f"o{number}", **long_since) for number in range(5)]
    late = [matter("A1", BEFORE - timedelta(days=9), f"l{number}", **overdue) for number in range(40)]
    for row in late[:15]:
        row |= {"closed_at": datetime.combine(DAY, time(10)), "status": "closed"}
    mart = publish(tmp_path, city(steady() + old + late), now=MORNING)
    found = {one.concern.key: one for one in look(desk, mart).looked_back}
    assert found["overdue_above"].whole == 45
    assert found["overdue_above"].standing == 30
    assert queries.read_counts(mart, EVERYWHERE, (found["overdue_above"].opens_standing,)) == [30]


def test_nothing_is_judged_where_nothing_was_recorded_since(publish: Callable, tmp_path: Path, desk: Desk) -> None:
    rows = [row for row in steady() + surge(BEFORE) if row["registered_at"].date() < DAY]
    mart = publish(tmp_path, city(rows), now=datetime.combine(DAY, time(6)))
    verdicts = {one.verdict for one in look(desk, mart).looked_back}
    assert verdicts <= {"unknown", "went_on"}
    assert "unknown" in verdicts


def test_a_short_history_cannot_be_judged(desk: Desk, once: Mart) -> None:
    unjudged = replace(brief_of(once), places=(), flows=(), concerns=())
    warned = replace(
        brief_of(once, BEFORE), concerns=tuple(replace(one, upper=None) for one in brief_of(once, BEFORE).concerns)
    )
    found = follow_up(desk, once, EVERYWHERE, unjudged, previous=lambda: warned)
    assert {one.verdict for one in found.looked_back} == {"unknown"}


def test_an_unfinished_period_is_not_judged_until_it_is_above(desk: Desk, once: Mart) -> None:
    class Unfinished(DailyBrief):
        @property
        def period(self):
            return replace(super().period, complete=False)

    brief = brief_of(once)
    unfinished = Unfinished(**{one.name: getattr(brief, one.name) for one in fields(brief)})
    found = {one.concern.key: one.verdict for one in look(desk, once, unfinished).looked_back}
    assert (found["place_above"], found["open_above"]) == ("too_early", "went_on")


def test_without_a_brief_before_nothing_is_said(desk: Desk, once: Mart) -> None:
    found = look(desk, once, previous=None)
    assert (found.source, found.looked_back, found.said) == ("none", (), ())


def test_a_quiet_brief_before_is_said_to_have_warned_of_nothing(publish: Callable, tmp_path: Path, desk: Desk) -> None:
    found = look(desk, publish(tmp_path, city(steady()), now=MORNING))
    assert found.source == "computed"
    assert keys(found) == ["followup.nothing_warned"]


def test_an_empty_mart_breaks_nothing(publish: Callable, tmp_path: Path, desk: Desk) -> None:
    mart = publish(tmp_path, city([]), now=MORNING)
    assert look(desk, mart).looked_back == ()


# --- the issued brief ------------------------------------------------------------------------------------------------------------


def test_the_last_issued_brief_is_looked_back_at_before_the_computed_one(desk: Desk, once: Mart) -> None:
    issue(desk, brief_of(once, DAY - timedelta(days=2)))
    issued = issue(desk, brief_of(once, BEFORE))

    def never() -> DailyBrief:
        raise AssertionError("the computed brief was asked for")

    found = look(desk, once, previous=never)
    assert (found.source, found.previous.issued_id, found.previous_period.first) == ("issued", issued.issued_id, BEFORE)
    computed = look(desk, once, previous=lambda: brief_of(once, BEFORE))
    assert [one.concern for one in found.looked_back] == [one.concern for one in computed.looked_back]
    assert found.said[0].values["source"].values["number"] == 2


def test_an_issued_brief_of_long_ago_is_not_the_last_one(desk: Desk, once: Mart) -> None:
    issue(desk, brief_of(once, DAY - timedelta(days=20)))
    assert look(desk, once).source == "computed"


def test_briefs_of_other_places_and_kinds_are_not_looked_back_at(desk: Desk, once: Mart) -> None:
    for options in ({"area_code": None}, {"area_code": "A1"}, {"kind": "petition"}):
        issue(desk, brief_of(once, BEFORE, **options))
    assert look(desk, once).source == "computed"


def test_an_issued_brief_survives_an_import_that_changes_the_past_and_says_what_changed(
    publish: Callable, tmp_path: Path
) -> None:
    """The whole of it: issue, then late matters, a correction and a deletion of that day; the issue stays byte for byte."""
    home = tmp_path / "home"
    first = publish(home, city(steady() + surge(DAY)), now=MORNING)
    desk = open_desk(f"sqlite:///{tmp_path / 'desk.db'}")
    brief = brief_of(first)
    issued = issue(desk, brief)
    frozen = issuing.read_issued(desk, issued.issued_id)
    unchanged = follow_up(desk, first, EVERYWHERE, brief, record=lambda: brief_record(brief))
    assert (unchanged.state, unchanged.late_changes) == ("issued", ())

    site = read_site(home)
    engine = operational.create_engine(site.database_url)
    later = MORNING + timedelta(days=1)
    with engine.begin() as connection:
        late = [matter("A2", DAY, f"late{n}", updated_at=later) for n in range(4)]
        connection.execute(sa.insert(operational.matter), late)
        table = operational.matter
        connection.execute(sa.delete(table).where(table.c.matter_no == f"A1-{DAY:%m%d}-s0"))
    engine.dispose()
    refresh(site, now=later, calendar=CALENDAR, rules=shipped_rules())
    second = open_mart(site.mart_folder)
    assert second.version != first.version

    now = brief_of(second)
    found = follow_up(desk, second, EVERYWHERE, now, record=lambda: brief_record(now))
    changed = {
        (line.values["section"], line.values["place"], line.values["figure"]): line.values["change"]
        for line in found.late_changes
    }
    assert changed["flows", None, "new"] == 3
    assert changed["places", "Lake Street", "new"] == 4
    assert changed["places", "Hill Street", "new"] == -1
    assert not any(place == "Decoy Street" for _, place, _ in changed)
    new = next(
        line for line in found.late_changes if line.values["section"] == "flows" and line.values["figure"] == "new"
    )
    assert queries.read_counts(second, EVERYWHERE, (new.selection,)) == [new.values["now"]]
    assert issuing.read_issued(desk, issued.issued_id) == frozen
    desk.close()


def test_only_what_differs_is_told() -> None:
    then = {
        "version": "1", "flows": [{"name": "new", "value": 5, "as_of": "d"}, {"name": "open", "value": 7, "as_of": "d"}],
        "places": [{"values": {"area_code": "A1", "area": "Hill", "new": 3, "upper": 9}}, {"values": {"area_code": "A2", "area": "Lake", "new": 2}}],
        "headline": [{"values": {"new": 5}}],
    }  # fmt: skip
    now = {
        "version": "2", "flows": [{"name": "new", "value": 6, "as_of": "d"}, {"name": "open", "value": 7, "as_of": "d"}],
        "places": [{"values": {"area_code": "A2", "area": "Lake", "new": 2}}, {"values": {"area_code": "A1", "area": "Hill", "new": 4, "upper": 12}},
                   {"values": {"area_code": "A3", "area": "Pond", "new": 1}}],
        "headline": [{"values": {"new": 6}}],
    }  # fmt: skip
    told = [
        (line.values["section"], line.values["place"], line.values["then"], line.values["now"], line.values["change"])
        for line in late_changes(then, now)
    ]
    assert told == [("flows", None, 5, 6, 1), ("places", "Hill", 3, 4, 1), ("places", "Pond", None, 1, None)]
    assert late_changes(then, then) == ()


def test_figures_within_parts_of_a_record_are_compared_too() -> None:
    def record(value: int) -> dict:
        figure = {"name": "new", "value": value, "as_of": "d"}
        return {
            "change": {"total": figure, "parts": [{"values": {"area_code": "A1", "area": "Hill", "change": value}}]}
        }

    told = [
        (line.values["section"], line.values["figure"], line.values["change"])
        for line in late_changes(record(5), record(7))
    ]
    assert told == [("change.total", "new", 2), ("change.parts", "change", 2)]


def test_rates_differ_from_a_tenth_on() -> None:
    def record(value: float) -> dict:
        return {"rates": [{"name": "on_time", "value": value, "as_of": "d"}]}

    assert late_changes(record(94.91), record(94.94)) == ()
    assert [line.values["change"] for line in late_changes(record(94.9), record(95.1))] == [0.2]


# --- on paper -----------------------------------------------------------------------------------------------------------------------


def test_warnings_leave_the_unit_no_nearer_than_their_street_and_without_hidden_counts(
    publish: Callable, tmp_path: Path
) -> None:
    large = [matter(place, DAY, f"L{place}", people_involved=30) for place in ("A1x", "A1y")]
    crowd = [matter("A1x", DAY, f"c{number}") for number in range(30)]
    mart = publish(tmp_path, city(steady() + large + crowd), now=MORNING)
    shown = brief_of(mart, area_code="A1")
    assert {one.area_code for one in shown.concerns if one.key == "major"} == {"A1x", "A1y"}
    fit = for_export(shown)
    majors = [one for one in fit.concerns if one.key == "major"]
    assert [(one.area_code, one.observed, one.selection.area_code) for one in majors] == [("A1", 2, "A1")]
    hidden = {line.values["area_code"] for line in fit.places if line.values["new"] is None}
    assert not hidden & {one.area_code for one in fit.concerns}
    near = for_export(brief_of(mart, area_code="A1x"))
    assert not any(one.key == "major" for one in near.concerns)


def test_below_a_street_small_counts_of_matters_are_not_said(publish: Callable, tmp_path: Path, desk: Desk) -> None:
    mart = publish(tmp_path, city([*steady(), matter("A1x", BEFORE, "L", people_involved=30)]), now=MORNING)
    assert "followup.done" in keys(look(desk, mart, brief_of(mart, area_code="A1")))
    found = look(desk, mart, brief_of(mart, area_code="A1x"))
    assert "followup.done" not in keys(found)
    assert found.looked_back[0].whole == 1  # on the unit's own screen it stands in the table
    (item,) = look(desk, mart, brief_of(mart, BEFORE, area_code="A1")).items
    assert item.values["label"].values["area"] == "Hill Street"  # what a directive is called goes on paper


# --- directives --------------------------------------------------------------------------------------------------------------------


def give(desk: Desk, brief: DailyBrief, at: datetime, item: Item | None = None, **more: object) -> int:
    if item is None:
        concern = next(one for one in brief.concerns if one.key == "place_above")
        item = Item(item_key(concern), "Hill Street", concern.area_code, None, concern.selection)
    options = {
        "as_of": brief.day,
        "post_level": "district",
        "org_id": "u1",
        "due_on": at.date() + timedelta(days=1),
    } | more
    return issuing.give_directive(desk, key_of(brief), item, "go and see", LEADER, at, **options)


def test_an_open_directive_shows_in_every_following_brief_of_the_same_or_a_wider_area_with_its_age(
    desk: Desk, once: Mart
) -> None:
    given = datetime.combine(BEFORE, time(17))
    give(desk, brief_of(once, BEFORE), given, due_on=BEFORE)
    for area in ("A1", "A", None):
        (line,) = look(desk, once, brief_of(once, area_code=area)).directives
        assert (line.values["age_days"], line.values["days_left"], line.values["unit"]) == (1, -1, "Housing Office")
    for area in ("A2", "Z"):
        assert look(desk, once, brief_of(once, area_code=area)).directives == ()
    narrow = Scope(("A2", "Z"), "community")
    assert look(desk, once, brief_of(once, scope=narrow, area_code="Z"), narrow).directives == ()
    assert "followup.directives_late" in keys(look(desk, once))


def test_a_directive_given_and_settled_is_part_of_what_was_done(desk: Desk, once: Mart) -> None:
    given = datetime.combine(BEFORE, time(17))
    number = give(desk, brief_of(once, BEFORE), given)
    give(desk, brief_of(once, BEFORE), given, Item("brief", "as a whole"))
    issuing.close_directive(desk, number, "settled on site", DAY, OFFICE, datetime.combine(DAY, time(18)))
    found = look(desk, once)
    street = next(one for one in found.looked_back if one.concern.key == "place_above")
    assert (street.given, street.settled) == (1, 1)
    assert [line.values["outcome"] for line in found.settled] == ["settled on site"]
    assert [line.values["label"] for line in found.directives] == ["as a whole"]
    done = next(one for one in found.said if one.key == "followup.done_with_directives")
    assert (done.values["given"], done.values["settled"]) == (1, 1)


def test_what_the_brief_warns_of_can_be_given_a_directive(desk: Desk, twice: Mart) -> None:
    items = {line.values["key"]: line for line in look(desk, twice).items}
    assert items["place_above|A1|"].selection.area_code == "A1"
    assert items["place_above|A1|"].values["label"].values["area"] == "Hill Street"


def test_who_sees_parts_of_the_city_has_no_share_in_the_brief_of_the_whole(desk: Desk, once: Mart) -> None:
    issue(desk, brief_of(once, BEFORE, area_code=None))
    parts = Scope(("A1", "Z1"), "office")
    found = look(desk, once, brief_of(once, scope=parts, area_code=None), parts)
    assert not found.is_shared
    assert (found.source, found.state, found.issued) == ("computed", "none", ())
