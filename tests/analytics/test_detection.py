"""The detection of a night, end to end on the fictional city: what was planted is found, issued once, never taken back."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from analytics import detection
from analytics.detection import COMPLETE, day_to_judge, detect, is_whole_of
from analytics.refresh import refresh
from analytics.signals.cube import check_levels
from analytics.warnings import signal_detail, signal_list
from analytics.warnings.answer import SignalItem, SignalList
from analytics.warnings.around import Places
from analytics.warnings.reading import read_cube
from data import handling, operational, queries, results_tables
from data.deadlines import shipped_rules
from data.desk import Desk, open_desk
from data.mart import Mart, open_mart
from data.results import results_of
from data.scope import Actor, Scope
from data.site import Site, read_site
from data.versions import last_attempt, one_writer
from data.workdays import build_calendar
from tests.conftest import TOWN_DAY

MORNING = datetime.combine(TOWN_DAY, time(6)) + timedelta(days=1)
CALENDAR = build_calendar()
SURGE = 18
SUBJECT = "0203"  # a second-level class of disputes
OFFICE = Actor("office", Scope())


def plant(site: Site, count: int, last: date, days: int = 5, name: str = "S") -> str:
    """Matters of one subject in one community on the days up to `last`; returns the community's code."""
    engine = operational.create_engine(site.database_url)
    with engine.begin() as connection:
        area = operational.area.c
        code = connection.scalar(
            sa.select(area.area_code).where(area.level_code == "community").order_by(area.area_code)
        )
        rows = []
        for number in range(count):
            at = datetime.combine(last, time(9)) - timedelta(days=number % days)
            rows.append(
                {
                    "matter_no": f"{name}{number:03d}", "source_system": f"source {number % 2}", "kind": "dispute", "area_code": code,
                    "category_code": SUBJECT, "registered_at": at, "entered_at": at, "updated_at": MORNING - timedelta(hours=1),
                }
            )  # fmt: skip
        connection.execute(sa.insert(operational.matter), rows)
    engine.dispose()
    return code


def copied(site: Site, home: Path) -> Site:
    """The town with stores of its own."""
    return read_site(shutil.copytree(site.home, home, ignore=shutil.ignore_patterns("mart", "desk.db*")))


def published(site: Site, desk: Desk, now: datetime, day: date | None = None, **options: object) -> object:
    """A refresh and what follows it, as the doors do them."""

    def then() -> None:
        detect(site.mart_folder, desk, day or now.date() - timedelta(days=1), calendar=CALENDAR, now=now)

    return refresh(site, now=now, calendar=CALENDAR, rules=shipped_rules(), **{"then": then, **options})


@pytest.fixture(scope="module")
def judged(town_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Desk, str]]:
    """The town with a surge in one community, judged for the first time."""
    site = copied(town_site, tmp_path_factory.mktemp("judged") / "home")
    code = plant(site, SURGE, TOWN_DAY)
    desk = open_desk(site.desk_url)
    assert published(site, desk, MORNING).later is None
    yield site, desk, code
    desk.close()


@pytest.fixture
def own(judged: tuple[Site, Desk, str], tmp_path: Path) -> Iterator[tuple[Site, Desk, str]]:
    """The same, to be changed."""
    site = read_site(shutil.copytree(judged[0].home, tmp_path / "home"))
    desk = open_desk(site.desk_url)
    yield site, desk, judged[2]
    desk.close()


@pytest.fixture
def listed(judged: tuple[Site, Desk, str]) -> SignalList:
    return signal_list(open_mart(judged[0].mart_folder), judged[1], Scope(), TOWN_DAY)


def of_surge(found: SignalList, code: str) -> SignalItem:
    (item,) = [one for one in found.items if one.node.area_code == code and one.node.category_code == SUBJECT]
    return item


def test_a_planted_surge_is_found_and_issued(judged: tuple[Site, Desk, str], listed: SignalList) -> None:
    item = of_surge(listed, judged[2])
    assert item.tier == "found"
    assert item.key.startswith(f"E-{TOWN_DAY:%Y%m%d}-")
    assert item.observed >= SURGE > item.upper
    assert item.node.level == "community"
    assert item.sources >= 2
    assert item.next_step == "verify"
    assert item.is_new
    assert item.key in set(handling.open_episodes(judged[1])["episode"])


def test_every_count_is_that_of_the_matters_behind_it(judged: tuple[Site, Desk, str], listed: SignalList) -> None:
    mart = open_mart(judged[0].mart_folder)
    items = [*listed.items, *listed.digest_items]
    assert items
    for item in items:
        assert queries.read_counts(mart, Scope(), (item.selection,)) == [item.observed]
    for rule in listed.rules:
        if rule.selection is not None:
            assert queries.read_counts(mart, Scope(), (rule.selection,)) == [rule.observed]


def test_no_signal_lies_below_the_community_and_no_sensitive_one_below_the_street(
    judged: tuple[Site, Desk, str], listed: SignalList
) -> None:
    mart = open_mart(judged[0].mart_folder)
    node = results_of(mart).read(sa.select(results_tables.node))
    assert set(node["level"]) <= {"community", "street", "district", "city"}
    sensitive = queries.subjects_of(mart).sensitive
    assert not set(node.loc[node["level"] == "community", "category_code"]) & sensitive
    assert {item.node.level for item in listed.items} <= set(listed.levels)


def test_the_weeks_before_the_first_night_are_played_through_and_said_to_be(judged: tuple[Site, Desk, str]) -> None:
    site, desk, _ = judged
    mart = open_mart(site.mart_folder)
    runs = results_of(mart).read(sa.select(results_tables.run).order_by(results_tables.run.c.run_no))
    assert runs["is_replayed"].tolist() == [1] * 8 + [0]
    assert runs["as_of"].dt.date.tolist() == [TOWN_DAY - timedelta(weeks=week) for week in range(8, -1, -1)]
    past = signal_list(mart, desk, Scope(), TOWN_DAY - timedelta(weeks=3))
    assert any(one.key == "signals.notice.replayed" for one in past.notices)
    assert all(item.origin in ("replayed", "candidate") and not item.key.startswith("E-") for item in past.items)
    assert {event.as_of for event in handling.read_events(desk)} == {
        TOWN_DAY
    }  # nothing pretends to have been sent before


def test_the_same_night_again_issues_nothing_twice(own: tuple[Site, Desk, str]) -> None:
    site, desk, _ = own
    before = handling.read_events(desk)
    first = signal_list(open_mart(site.mart_folder), desk, Scope(), TOWN_DAY)
    with one_writer(site.mart_folder):
        report = detect(site.mart_folder, desk, TOWN_DAY, calendar=CALENDAR, now=MORNING + timedelta(hours=1))
    assert (report.issued, report.events, report.replayed_weeks) == ((), 0, 0)
    assert handling.read_events(desk) == before
    again = signal_list(open_mart(site.mart_folder), desk, Scope(), TOWN_DAY)
    assert [item.key for item in again.items] == [item.key for item in first.items]


def test_a_signal_that_goes_on_stays_one_episode(own: tuple[Site, Desk, str]) -> None:
    site, desk, code = own
    key = of_surge(signal_list(open_mart(site.mart_folder), desk, Scope(), TOWN_DAY), code).key
    next_day = TOWN_DAY + timedelta(days=1)
    published(site, desk, MORNING + timedelta(days=1))
    found = signal_list(open_mart(site.mart_folder), desk, Scope(), next_day)
    assert of_surge(found, code).key == key
    assert found.detection.as_of == next_day
    assert not found.detection.is_earlier
    yesterday = signal_list(open_mart(site.mart_folder), desk, Scope(), TOWN_DAY)
    assert yesterday.detection.as_of == TOWN_DAY  # the list of a past day as it then stood


def test_late_matters_score_a_signal_again_and_never_take_it_back(own: tuple[Site, Desk, str]) -> None:
    site, desk, code = own
    item = of_surge(signal_list(open_mart(site.mart_folder), desk, Scope(), TOWN_DAY), code)
    sent = handling.episode_history(desk, item.key)
    plant(site, 4, TOWN_DAY, name="LATE")
    published(site, desk, MORNING + timedelta(days=1))
    history = handling.episode_history(desk, item.key)
    assert history[: len(sent)] == sent
    late = [event for event in history if event.event == "rescored"]
    assert [event.numbers["observed"] for event in late] == [item.observed + 4]
    published(site, desk, MORNING + timedelta(days=2))
    again = [event for event in handling.episode_history(desk, item.key) if event.event == "rescored"]
    assert again == late  # told once


def test_matters_that_were_withdrawn_leave_the_signal_in_the_ledger(own: tuple[Site, Desk, str]) -> None:
    site, desk, code = own
    key = of_surge(signal_list(open_mart(site.mart_folder), desk, Scope(), TOWN_DAY), code).key
    engine = operational.create_engine(site.database_url)
    with engine.begin() as connection:
        connection.execute(sa.delete(operational.matter).where(operational.matter.c.matter_no.like("S0%")))
    engine.dispose()
    published(site, desk, MORNING + timedelta(days=1))
    history = handling.episode_history(desk, key)
    assert [event.event for event in history][:1] == ["opened"]
    assert "rescored" in [event.event for event in history]
    assert signal_detail(open_mart(site.mart_folder), desk, Scope(), key, TOWN_DAY + timedelta(days=1)) is not None


def test_a_detection_that_fails_leaves_the_warnings_of_the_day_before_and_says_so(
    own: tuple[Site, Desk, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, desk, _ = own
    before = signal_list(open_mart(site.mart_folder), desk, Scope(), TOWN_DAY)
    monkeypatch.setattr(detection, "judge_night", lambda *_: 1 / 0)
    report = published(site, desk, MORNING + timedelta(days=1))
    assert report.later.key == "refresh.later_failed"
    assert "ZeroDivisionError" in report.later_trace
    assert last_attempt(site.mart_folder).ok
    mart = open_mart(site.mart_folder)
    assert mart.version == report.version
    found = signal_list(mart, desk, Scope(), TOWN_DAY + timedelta(days=1))
    assert [item.key for item in found.items] == [item.key for item in before.items]
    assert found.detection.as_of == TOWN_DAY
    assert found.detection.is_earlier
    assert found.detection.failure.key == "errors.refresh.later_failed"


def test_counts_that_were_read_are_those_of_the_mart(judged: tuple[Site, Desk, str]) -> None:
    mart = open_mart(judged[0].mart_folder)
    reading = read_cube(mart, TOWN_DAY, CALENDAR)
    cube = reading.cube
    assert check_levels(cube) == []
    assert cube.days[-1] == np.datetime64(TOWN_DAY)
    first = cube.days[0].astype(object)
    counted = queries.Selection("new", TOWN_DAY, first, TOWN_DAY)
    (everything,) = queries.read_counts(mart, Scope(), (counted,))
    assert cube.counts["city"].sum() == everything - reading.without_subject
    places, whole = Places(cube), is_whole_of(mart)
    chance = np.random.default_rng(3)
    for level in cube.levels:
        for _ in range(4):
            code = str(chance.choice(cube.areas[level]))
            kind, subject = cube.subjects[chance.integers(len(cube.subjects))]
            chosen = counted.narrowed(kind=kind, area_code=code)
            chosen = chosen.narrowed(category_code=subject) if whole[subject] else chosen.also(own_category=subject)
            if level == "community" and subject in queries.subjects_of(mart).sensitive:
                continue
            (wanted,) = queries.read_counts(mart, Scope(), (chosen,))
            if level != "city":
                assert places.counts(level, code, kind, subject).sum() == wanted


def test_days_are_complete_by_the_sites_own_delays(judged: tuple[Site, Desk, str]) -> None:
    mart = open_mart(judged[0].mart_folder)
    cube = read_cube(mart, TOWN_DAY, CALENDAR).cube
    disputes = [place for place, (kind, _) in enumerate(cube.subjects) if kind == "dispute"]
    share = cube.completeness[disputes[0]]
    assert share[-1] < COMPLETE <= share[-70]
    assert (np.diff(share[-60:]) <= 1e-9).all()
    known = signal_list(mart, judged[1], Scope(), TOWN_DAY).detection
    assert known.judged_through < known.as_of == TOWN_DAY


def test_an_archive_is_judged_up_to_its_last_day(judged: tuple[Site, Desk, str]) -> None:
    mart = open_mart(judged[0].mart_folder)
    assert day_to_judge(mart, TOWN_DAY) == TOWN_DAY
    assert day_to_judge(mart, TOWN_DAY + timedelta(days=20)) == TOWN_DAY + timedelta(days=20)
    last = queries.read_span(mart, Scope()).iloc[0]["last_on"].date()
    assert day_to_judge(mart, TOWN_DAY + timedelta(days=400)) == last


def test_a_subject_with_others_below_it_opens_only_its_own_matters(judged: tuple[Site, Desk, str]) -> None:
    whole = is_whole_of(open_mart(judged[0].mart_folder))
    assert whole[SUBJECT]
    assert not whole["02"]
    assert whole["H-02"]


def test_a_detail_has_courses_neighbours_and_the_ledger(judged: tuple[Site, Desk, str], listed: SignalList) -> None:
    site, desk, code = judged
    item = of_surge(listed, code)
    found = signal_detail(open_mart(site.mart_folder), desk, Scope(), item.key, TOWN_DAY)
    assert found.item == item
    assert 0 < len(found.weekly) <= 104
    assert 0 < len(found.daily) <= 90
    assert found.daily["on"].iloc[-1] == TOWN_DAY
    assert (found.weekly["lower"] <= found.weekly["expected"]).all()
    assert (found.weekly["expected"] <= found.weekly["upper"]).all()
    assert [line.values["level"] for line in found.parents] == ["street", "district", "city"]
    assert found.neighbours
    assert {line.values["level"] for line in found.neighbours} == {"community"}
    assert [line.values["event"] for line in found.events] == ["opened"]
    assert found.may_handle
    mart = open_mart(site.mart_folder)
    for line in (*found.parents, *found.neighbours):
        if line.selection is not None:
            assert queries.read_counts(mart, Scope(), (line.selection,)) == [line.values["observed"]]


def test_nothing_registered_is_said(publish: Callable[..., Mart], tmp_path: Path) -> None:
    from data.errors import NotReady

    mart = publish(tmp_path, lambda connection: None, now=MORNING)
    desk = open_desk(read_site(tmp_path).desk_url)
    with pytest.raises(NotReady, match=r"signals\.nothing"):
        detect(mart.folder, desk, TOWN_DAY, calendar=CALENDAR, now=MORNING)
    assert signal_list(mart, desk, Scope(), TOWN_DAY).is_empty
    assert pd.DataFrame(signal_list(mart, desk, Scope(), TOWN_DAY).alert_places).empty


def test_one_matter_filed_again_and_again_is_no_signal(own: tuple[Site, Desk, str]) -> None:
    site, desk, code = own
    engine = operational.create_engine(site.database_url)
    m = operational.matter.c
    with engine.begin() as connection:  # all but the first of the surge file the first again
        again = m.matter_no.like("S%") & (m.matter_no != "S000")
        connection.execute(
            sa.update(operational.matter).where(again).values(repeat_of="S000", updated_at=MORNING + timedelta(hours=1))
        )
        elsewhere = sa.and_(m.area_code == code, m.category_code == SUBJECT, m.matter_no.not_like("S%"))
        connection.execute(sa.delete(operational.matter).where(elsewhere))
    engine.dispose()
    desk.close()
    Path(site.home, "desk.db").unlink()
    fresh = open_desk(site.desk_url)
    published(site, fresh, MORNING + timedelta(hours=2), TOWN_DAY)
    found = signal_list(open_mart(site.mart_folder), fresh, Scope(), TOWN_DAY)
    assert not [one for one in found.items if one.node.area_code == code and one.node.category_code == SUBJECT]
    fresh.close()
