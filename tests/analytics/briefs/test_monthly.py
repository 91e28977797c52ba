"""The monthly brief: every number opens as many matters, parts sum, planted rises are found, like spans are compared, cells stay hidden."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics.briefs import for_export
from analytics.briefs.monthly import monthly_brief, with_its_ways
from analytics.briefs.monthly_answer import ExplainedChange, MonthlyBrief, NamedPart
from analytics.figures import Line, Period, Sentence
from analytics.small_cells import MINIMUM_CELL
from data import operational, queries
from data.errors import NotReady
from data.mart import Mart, open_mart
from data.scope import Scope
from data.site import Site
from data.workdays import build_calendar
from pages.paper.record import brief_record
from pages.ui import words

LAST = date(2026, 5, 31)
NEXT_MORNING = datetime(2026, 6, 1, 6)
CALENDAR = build_calendar(None)
AREAS = [
    ("A", "district", None, "North"), ("A1", "street", "A", "Hill Street"), ("A2", "street", "A", "Lake Street"),
    ("A1x", "community", "A1", "Hillside"), ("A1y", "community", "A1", "Hilltop"), ("A1xc", "compound", "A1x", "Garden"),
    ("Z", "district", None, "Decoyland"), ("Z1", "street", "Z", "Decoy Street"),
]  # fmt: skip
CATEGORIES = [
    ("p", None, "property"),
    ("p1", "p", "parking"),
    ("p2", "p", "heating"),
    ("t", None, "traffic"),
    ("h", None, "health"),
]


def matters(months: int = 14, *, rise: int = 0, health: int = 0) -> list[dict]:
    """Steady days from spring 2025 on in three streets; in May 2026 `rise` more parking matters in Hillside, `health` in Hilltop."""
    rows = []
    day, number = LAST - timedelta(days=30 * months), 0
    while day <= LAST:
        # The decoy stands in another district; two matters a day on each street, of alternating type.
        for street in ("A1x", "A2", "Z1"):
            for turn in range(2):
                category = ("p1", "t", "p2")[(day.toordinal() + turn) % 3]
                rows.append(one(number := number + 1, day, street, category))
        day += timedelta(days=1)
    rows += [one(number + 1 + n, date(2026, 5, 4 + n % 20), "A1xc", "p1") for n in range(rise)]
    rows += [one(number + 1 + rise + n, date(2026, 5, 6), "A1y", "h") for n in range(health)]
    return rows


def one(number: int, day: date, area: str, category: str) -> dict:
    registered = datetime.combine(day, datetime.min.time()) + timedelta(hours=9 + number % 3)
    closed = registered + timedelta(days=2)
    return {
        "matter_no": f"M{number:05d}", "source_system": "hotline", "kind": "hotline", "area_code": area, "category_code": category,
        "channel": "hotline_12345", "registered_at": registered, "closed_at": closed if closed < NEXT_MORNING else None,
        "status": "closed" if closed < NEXT_MORNING else "handling", "due_on": day + timedelta(days=5), "updated_at": registered,
    }  # fmt: skip


def city(rows: list[dict]) -> Callable[[sa.Connection], None]:
    def fill(connection: sa.Connection) -> None:
        areas = [{"area_code": c, "level_code": lv, "parent_code": p, "name": n} for c, lv, p, n in AREAS]
        connection.execute(sa.insert(operational.area), areas)
        categories = [
            {"category_code": c, "parent_code": p, "name": n, "is_sensitive": int(c == "h")} for c, p, n in CATEGORIES
        ]
        connection.execute(sa.insert(operational.category), categories)
        if rows:
            connection.execute(sa.insert(operational.matter), rows)

    return fill


@pytest.fixture(scope="module")
def steady(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return publish(tmp_path_factory.mktemp("steady"), city(matters()), now=NEXT_MORNING)


@pytest.fixture(scope="module")
def risen(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return publish(tmp_path_factory.mktemp("risen"), city(matters(rise=60, health=3)), now=NEXT_MORNING)


@pytest.fixture(scope="module")
def town(town_site: Site) -> Mart:
    return open_mart(town_site.mart_folder)


def ask(mart: Mart, day: date = LAST, scope: Scope | None = None, **options: object) -> MonthlyBrief:
    return monthly_brief(mart, scope or Scope(), day, calendar=CALENDAR, **({"with_ways": False} | options))


def keys(sentences: tuple) -> list[str]:
    return [sentence.key for sentence in sentences]


def figures(brief: MonthlyBrief) -> dict:
    return {figure.name: figure for figure in (*brief.flows, *brief.rates)}


def parts_of(change: ExplainedChange) -> Iterator[NamedPart]:
    for part in change.parts:
        yield part
        yield from part.parts


def counted(mart: Mart, selection: queries.Selection, scope: Scope | None = None) -> int:
    return queries.read_counts(mart, scope or Scope(), (selection,))[0]


def test_a_scope_of_several_areas_knows_their_names_until_one_is_chosen(steady: Mart) -> None:
    both = Scope(("A1", "Z1"), "office")
    assert ask(steady, scope=both).area_names == ("Hill Street", "Decoy Street")
    assert ask(steady, scope=both, area_code="A1").area_names == ()
    assert ask(steady, scope=Scope(("A1",), "office")).area_names == ask(steady).area_names == ()


def test_the_ways_are_the_same_whether_read_beside_the_rest_or_added_later(town: Mart) -> None:
    at_once = ask(town, date(2026, 10, 31), with_ways=True)
    later = with_its_ways(town, Scope(), ask(town, date(2026, 10, 31)))
    assert at_once.funnel is not None
    for part in ("funnel", "petition_link", "policy", "headline", "flows"):
        assert getattr(at_once, part) == getattr(later, part)


# --- every number opens --------------------------------------------------------------------------------------------------------


def a_street(mart: Mart) -> str:
    tree = queries.read_areas(mart, Scope())
    return tree.loc[tree["level_code"] == "street", "area_code"].iloc[0]


def a_community(mart: Mart) -> str:
    tree = queries.read_areas(mart, Scope())
    return tree.loc[tree["level_code"] == "community", "area_code"].iloc[0]


PLACES = {"city": lambda _mart: None, "street": a_street, "community": a_community}


@pytest.mark.parametrize("place", PLACES)
def test_every_part_of_the_change_opens_into_as_many_matters_in_both_months(town: Mart, place: str) -> None:
    brief = ask(town, date(2026, 11, 20), area_code=PLACES[place](town))
    checked = 0
    for change in (brief.change, brief.change_by_place):
        for part in parts_of(change) if change else ():
            for number, selection in ((part.now, part.now_selection), (part.before, part.before_selection)):
                if selection is not None:
                    assert counted(town, selection) == number, part
                    checked += 1
    assert checked > 8


@pytest.mark.parametrize("place", PLACES)
def test_every_line_opens_into_as_many_matters_as_it_says(town: Mart, place: str) -> None:
    brief = ask(town, date(2026, 10, 31), area_code=PLACES[place](town))
    tables = (
        brief.structure,
        brief.rising,
        brief.falling,
        brief.peaks,
        brief.recurring,
        brief.topics,
        brief.compounds[:6],
    )
    checked = 0
    for line in (line for lines in tables for line in lines):
        if line.selection is not None:
            assert counted(town, line.selection) == line.values["now"], line
            checked += 1
    assert checked > 10


def test_every_figure_opens_into_as_many_matters_as_it_says(town: Mart) -> None:
    brief = ask(town, date(2026, 10, 31))
    for figure in brief.flows:
        assert counted(town, figure.selection) == figure.value, figure.name
    for figure in brief.rates:
        assert counted(town, figure.selection) == figure.denominator, figure.name


def numbers_in(sentence: Sentence) -> Iterator[Sentence]:
    for value in sentence.values.values():
        if isinstance(value, Sentence):
            if value.key == "monthly.number":
                yield value
            yield from numbers_in(value)


def test_every_number_of_the_sentence_read_aloud_leads_to_its_matters(risen: Mart) -> None:
    brief = ask(risen, area_code="A")
    found = list(numbers_in(brief.change.sentence))
    assert len(found) > 3
    assert all(number.selection is not None for number in found)


# --- the change ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_parts_add_up_to_the_whole_in_both_months(town: Mart, place: str) -> None:
    brief = ask(town, date(2026, 10, 31), area_code=PLACES[place](town))
    for change in (brief.change, brief.change_by_place):
        if change is None:
            continue
        assert change.change == brief.flows[0].value - brief.flows[0].comparisons[0].base
        assert (sum(part.now for part in change.parts), sum(part.before for part in change.parts)) == (
            change.now,
            change.before,
        )
        for part in change.parts:
            if part.parts:
                assert sum(one.change for one in part.parts) == part.change


def test_the_sentence_says_what_moved_and_where(risen: Mart) -> None:
    brief = ask(risen, area_code="A")
    said = words.tell(brief.change.sentence, "zh")
    rows = [row for row in matters(rise=60, health=3) if row["area_code"] != "Z1"]
    months = Counter(row["registered_at"].strftime("%Y%m") for row in rows)
    change = months["202605"] - months["202604"]
    assert said.startswith(f"较上月多{change}件，其中property多")
    assert "Hill Street" in said
    english = words.tell(brief.change.sentence, "en")
    assert english.startswith(f"{change} more than last month: property ")


def test_what_a_longer_month_accounts_for_is_said(steady: Mart) -> None:
    brief = ask(steady)
    before = brief.change.before
    assert brief.change.of_days == round(before * 1 / 30)
    assert "monthly.notice.more_days" in keys(brief.notices)


def test_a_community_is_split_by_fine_types_and_names_no_sensitive_one(risen: Mart) -> None:
    brief = ask(risen, area_code="A1x")
    assert brief.change_by_place is None
    (property_,) = [part for part in brief.change.parts if part.code == "p"]
    assert {one.code for one in property_.parts} == {"p1", "p2"}
    hilltop = ask(risen, area_code="A1y")
    assert "health" not in json.dumps(brief_record(hilltop), ensure_ascii=False)
    assert "health" not in repr(hilltop)


def test_in_a_street_no_sensitive_category_is_said_of_a_community(risen: Mart) -> None:
    brief = ask(risen, area_code="A1")
    assert "h" in {line.values["code"] for line in brief.structure if line.values["dimension"] == "type"}
    for change in (brief.change, brief.change_by_place):
        assert all(part.code != "h" for part in parts_of(change))
        for part in change.parts:
            if part.kind == "unlisted":
                assert part.parts == ()
                assert part.now_selection is None
    assert all(line.values["category_code"] != "h" for line in brief.recurring)


# --- features ------------------------------------------------------------------------------------------------------------------


def test_a_planted_rise_is_found_in_type_fine_type_and_place_and_nothing_else(risen: Mart) -> None:
    brief = ask(risen, area_code="A")
    found = {(line.values["level"], line.values["code"]) for line in brief.rising}
    assert {("type", "p"), ("fine", "p1"), ("place", "A1")} <= found
    assert not {("type", "t"), ("fine", "p2"), ("place", "A2")} & found
    assert brief.state == "unusual"
    assert brief.summary[0].values["ordinal"].key == "monthly.ordinal.1"


def test_what_it_warns_of_stands_above_its_range(risen: Mart) -> None:
    brief = ask(risen, area_code="A")
    warned = {(one.key, one.category_code or one.area_code) for one in brief.concerns}
    assert ("category_above", "p") in warned
    assert ("place_above", "A1") in warned
    assert all(one.upper is None or one.observed > one.upper for one in brief.concerns)


def test_a_steady_month_names_nothing(steady: Mart) -> None:
    brief = ask(steady)
    assert brief.rising == ()
    assert brief.falling == ()
    assert "monthly.headline.steady" in keys(brief.headline)
    assert keys((brief.summary[0].values["said"],)) == ["monthly.summary.steady"]


def test_contributions_are_in_order_and_shares_of_what_rose(risen: Mart) -> None:
    rising = ask(risen, area_code="A").rising
    for level in ("type", "fine", "place"):
        lines = [line for line in rising if line.values["level"] == level]
        changes = [line.values["change"] for line in lines]
        assert changes == sorted(changes, reverse=True)
        assert all(0 < line.values["contribution_pct"] <= 100 for line in lines)


def test_what_recurs_is_counted_by_matter_and_place(risen: Mart) -> None:
    brief = ask(risen, area_code="A")
    rows = Counter(
        (row["registered_at"].strftime("%Y%m"), row["category_code"])
        for row in matters(rise=60)
        if row["area_code"] in ("A1x", "A1xc")
    )
    found = {(line.values["area_code"], line.values["category_code"]): line.values["now"] for line in brief.recurring}
    assert found == {("A1x", code): rows["202605", code] for code in ("p1", "p2", "t")}


# --- periods -------------------------------------------------------------------------------------------------------------------


def test_an_unfinished_month_is_compared_with_the_same_span(steady: Mart) -> None:
    brief = ask(steady, date(2026, 5, 20))
    assert brief.period == Period(date(2026, 5, 1), date(2026, 5, 20), complete=False)
    assert brief.before == Period(date(2026, 4, 1), date(2026, 4, 20))
    assert "monthly.notice.unfinished" in keys(brief.notices)
    assert [one.kind for one in brief.flows[0].comparisons] == ["previous_month_span", "last_year_calendar"]
    assert brief.flows[0].comparisons[0].base == 20 * 6
    assert (brief.months["new"] == 20 * 6).all()


def test_the_expected_range_rests_on_months_before_alone(steady: Mart, risen: Mart) -> None:
    assert ask(steady).flows[0].expected == ask(risen).flows[0].expected


def test_february_is_compared_with_january_taken_together(steady: Mart) -> None:
    brief = ask(steady, date(2026, 2, 28))
    assert brief.last_year.alignment == "jan_feb_together"
    assert brief.last_year.now.first == date(2026, 1, 1)


def test_a_short_history_is_said_and_nothing_is_judged(publish: Callable, tmp_path: Path) -> None:
    brief = ask(publish(tmp_path, city(matters(months=3)), now=NEXT_MORNING))
    assert brief.flows[0].expected is None
    assert brief.state == "unknown"
    assert "monthly.notice.short_history" in keys(brief.notices)
    assert "monthly.notice.no_year_before" in keys(brief.notices)


def test_a_first_month_explains_no_change(publish: Callable, tmp_path: Path) -> None:
    rows = [row for row in matters(months=2) if row["registered_at"] >= datetime(2026, 5, 1)]
    brief = ask(publish(tmp_path, city(rows), now=NEXT_MORNING))
    assert brief.change is None
    assert brief.rising == ()
    assert "monthly.notice.no_month_before" in keys(brief.notices)
    assert all(line.values["previous"] is None for line in brief.structure)


def test_an_empty_mart_says_so(publish: Callable, tmp_path: Path) -> None:
    brief = ask(publish(tmp_path, city([]), now=NEXT_MORNING))
    assert brief.is_empty
    assert brief.structure == ()
    assert brief.change is None
    assert for_export(brief).is_empty


# --- scope and disclosure ------------------------------------------------------------------------------------------------------


def test_nothing_of_a_decoy_district_reaches_a_narrower_scope(risen: Mart) -> None:
    text = json.dumps(brief_record(ask(risen, scope=Scope(("A",), "community"))), ensure_ascii=False)
    assert "Hill Street" in text
    assert "Decoy" not in text
    assert "Z1" not in text


def test_an_area_out_of_scope_is_refused_in_words(steady: Mart) -> None:
    with pytest.raises(NotReady, match=r"brief\.area_unknown"):
        ask(steady, scope=Scope(("A",), "community"), area_code="Z1")


def small(line: Line, *columns: str) -> list[int]:
    found = [line.values[name] for name in columns]
    return [value for value in found if value is not None and 0 < value < MINIMUM_CELL]


@pytest.mark.parametrize("place", ["street", "community"])
def test_on_paper_no_small_count_stands_below_a_street(town: Mart, place: str) -> None:
    brief = for_export(ask(town, date(2026, 11, 20), area_code=PLACES[place](town), with_ways=True))
    dimensions = {"place"} if place == "street" else {line.values["dimension"] for line in brief.structure}
    for line in brief.structure:
        if line.values["dimension"] in dimensions:
            assert small(line, "now", "before") == []
    for line in (*brief.recurring, *brief.compounds):
        assert small(line, "now", "before") == []
    assert brief.change_by_place is None
    if place == "street":
        assert all(part.parts == () for part in brief.change.parts)
    else:
        assert brief.change is None
        assert brief.summary == ()
        assert [figure for figure in brief.flows if figure.value and figure.value < MINIMUM_CELL] == []


def test_on_paper_a_hidden_community_is_not_named_as_risen(risen: Mart) -> None:
    on_screen = ask(risen, area_code="A1")
    paper = for_export(on_screen)
    assert len(paper.rising) <= len(on_screen.rising)
    hidden = {
        line.values["code"]
        for line in paper.structure
        if line.values["dimension"] == "place" and None in (line.values["now"], line.values["before"])
    }
    assert not hidden & {line.values["code"] for line in paper.rising if line.values["level"] == "place"}
    assert words.tell(paper.change.sentence, "zh").count("（") == 0


def test_what_the_city_sees_leaves_as_it_is(town: Mart) -> None:
    brief = ask(town, date(2026, 10, 31))
    fit = for_export(brief)
    assert fit.change == brief.change
    assert fit.structure == brief.structure
    assert fit.flows == brief.flows


@pytest.mark.parametrize("language", words.languages)
def test_everything_it_says_can_be_said(town: Mart, language: str) -> None:
    for day in (date(2026, 10, 31), date(2026, 11, 20), date(2026, 2, 10), date(2026, 1, 31)):
        brief = ask(town, day)
        said = [*brief.headline, *brief.notices, *brief.summary]
        assert all("monthly." not in words.tell(one, language) for one in said)
        assert 1 <= len(brief.headline) <= 5
