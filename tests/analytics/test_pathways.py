"""The way of matters: stages never grow, every number opens its matters, the town's planted rate is found, no effect is made of time alone."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from analytics.briefs import for_export
from analytics.figures import Period
from analytics.pathways import PathwayRules, funnel, petition_link, policy_effects
from data import operational, queries
from data.mart import Mart, open_mart
from data.scope import Scope
from data.site import Site
from data.town.matters import ESCALATIONS

DAY = date(2026, 6, 30)
MORNING = datetime(2026, 7, 1, 6)
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
EVERYWHERE = Scope()
AREAS = [("A", "district", None), ("A1", "street", "A"), ("A1x", "community", "A1"), ("Z", "district", None)]


@pytest.fixture(scope="module")
def town(town_site: Site) -> Iterator[Mart]:
    return open_mart(town_site.mart_folder)


def counted(mart: Mart, selection: object, scope: Scope = EVERYWHERE) -> int:
    return queries.read_counts(mart, scope, (selection,))[0]


def city(rows: list[dict], actions: list[dict] | None = None) -> Callable[[sa.Connection], None]:
    def fill(connection: sa.Connection) -> None:
        areas = [{"area_code": c, "level_code": lv, "parent_code": p, "name": c} for c, lv, p in AREAS]
        connection.execute(sa.insert(operational.area), areas)
        connection.execute(
            sa.insert(operational.category), [{"category_code": c, "name": c} for c in ("easy", "hard", "parking")]
        )
        names = sorted({name for row in rows for name in row})
        if rows:
            connection.execute(sa.insert(operational.matter), [{name: row.get(name) for name in names} for row in rows])
        if actions:
            connection.execute(sa.insert(operational.policy_action), actions)

    return fill


def moment(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=10)


def matter(number: object, registered: date, **more: object) -> dict:
    row = {
        "matter_no": f"m{number}",
        "source_system": "desk",
        "kind": "dispute",
        "area_code": "A1",
        "category_code": "easy",
    }
    return row | {"registered_at": moment(registered), "status": "handling", "updated_at": moment(registered)} | more


# --- the town -----------------------------------------------------------------------------------------------------------------


def test_stages_never_grow_and_each_opens_its_matters(town: Mart) -> None:
    for kind in (None, "dispute", "petition"):
        found = funnel(town, EVERYWHERE, OCTOBER, OCTOBER.last, kind=kind)
        values = {stage.name: stage.figure.value for stage in found.stages}
        assert values["collected"] >= values["handled"] >= values["closed"] >= values["evaluated"]
        assert values["handled"] >= values["supervised"]
        for stage in found.stages:
            assert counted(town, stage.figure.selection) == stage.figure.value
        for name in values:
            assert sum(line.values[name] or 0 for line in found.sources) == values[name]
        for dwell in found.dwells:
            assert dwell.begun >= dwell.ended


def test_the_way_of_a_later_day_never_comes_less_far(town: Mart) -> None:
    early, late = (funnel(town, EVERYWHERE, OCTOBER, day) for day in (OCTOBER.last, date(2026, 11, 20)))
    for before, after in zip(early.stages, late.stages, strict=True):
        assert before.figure.value <= after.figure.value


def test_the_planted_rate_of_petitions_grown_from_disputes_is_covered(town: Mart) -> None:
    link = petition_link(town, EVERYWHERE, date(2026, 11, 20), rules=PathwayRules(cohort_days=900))
    low, high = link.grown.interval
    assert low <= 100 * ESCALATIONS <= high
    # The same rate seen from the disputes: every ninth in a hundred petitions of the cohort's time goes back to one of them.
    petitions = link.grown.denominator * link.share.period.days / link.grown.period.days
    expected = 100 * ESCALATIONS * petitions / link.share.denominator
    low, high = link.share.interval
    assert low <= expected <= high


def test_resolving_in_time_goes_with_fewer_petitions_as_planted(town: Mart) -> None:
    """The town lets petitions grow out of disputes settled badly or slowly, and out of few others."""
    effect = petition_link(town, EVERYWHERE, date(2026, 11, 20), rules=PathwayRules(cohort_days=900)).effect
    value, lower, upper = effect.difference
    assert lower <= value <= upper < 0
    assert effect.ratio[0] < 1
    assert effect.strata > 1


def test_parts_of_the_link_add_up_and_open_their_matters(town: Mart) -> None:
    link = petition_link(town, EVERYWHERE, date(2026, 11, 20))
    assert counted(town, link.share.selection) == link.share.denominator
    assert counted(town, link.followed.selection) == link.followed.value == link.share.numerator
    for lines in (link.by_place, link.by_category, link.cells):
        for name, whole in (("disputes", link.share.denominator), ("followed", link.share.numerator)):
            assert sum(line.values[name] for line in lines) == whole
    for line in (*link.by_place, *link.by_category, *link.cells[:40]):
        if line.selection is not None:
            assert counted(town, line.selection) == line.values["followed"]
    for line in link.effect.groups:
        assert counted(town, line.selection) == line.values["disputes"]
    assert {"org_id", "unit"}.isdisjoint({name for line in link.cells for name in line.values})


def test_the_lead_curve_climbs_to_the_share(town: Mart) -> None:
    link = petition_link(town, EVERYWHERE, date(2026, 11, 20), rules=PathwayRules(cohort_days=900))
    days, shares = zip(*link.curve, strict=True)
    assert list(shares) == sorted(shares)
    assert 0 < days[0] <= link.lead_median.value <= days[-1] <= link.follow_days
    low, high = link.share.interval
    assert low <= shares[-1] <= high


def test_a_narrow_scope_gives_what_the_area_gives(town: Mart) -> None:
    district = town.read(
        sa.select(queries.selection.t.area_tree.c.area_code).where(queries.selection.t.area_tree.c.depth == 1)
    )
    code = str(district["area_code"].iloc[0])
    day = date(2026, 11, 20)
    for ask in (
        lambda scope, **area: petition_link(town, scope, day, **area).share.denominator,
        lambda scope, **area: [stage.figure.value for stage in funnel(town, scope, OCTOBER, day, **area).stages],
        lambda scope, **area: [(one.before, one.after) for one in policy_effects(town, scope, day, **area).effects],
    ):
        assert ask(Scope((code,), "community")) == ask(EVERYWHERE, area_code=code)


def test_policies_open_the_matters_of_both_sides(town: Mart) -> None:
    found = policy_effects(town, EVERYWHERE, date(2026, 11, 20))
    compared = [one for one in found.effects if one.before is not None]
    assert compared
    for one in compared:
        assert counted(town, one.before_selection) == one.before
        assert counted(town, one.after_selection) == one.after
        assert sum(count for start, count, _ in one.spans if start >= 0) == one.after
    assert sum(figure.value for figure in found.counts) == len(found.effects)


# --- made for the purpose ------------------------------------------------------------------------------------------------------


def staged(shift: int = 0) -> list[dict]:
    """Forty matters of a source that records all stages, twenty of one that records registration and closing alone."""
    first = date(2026, 5, 4) + timedelta(days=shift)
    rows = []
    for number in range(40):
        day = first + timedelta(days=number % 10)
        closed = moment(day + timedelta(days=number % 20 + 2)) if number % 4 else None
        rows.append(
            matter(
                number, day, routed_at=moment(day + timedelta(days=number % 3)), closed_at=closed,
                evaluated_at=closed + timedelta(days=1) if closed and number % 2 else None, status="closed" if closed else "handling",
                escalated_from=None,
            )
        )  # fmt: skip
    for number in range(20):
        day = first + timedelta(days=number % 10)
        rows.append(
            matter(f"s{number}", day, source_system="plain", closed_at=moment(day + timedelta(days=3)), status="closed")
        )
    for number in range(6):
        day = first + timedelta(days=8 + number)
        rows.append(matter(f"p{number}", day, kind="petition", escalated_from=f"m{number * 5}", area_code="Z"))
    return rows


@pytest.fixture(scope="module")
def small(publish: Callable, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return publish(tmp_path_factory.mktemp("way"), city(staged()), now=MORNING)


def test_a_source_that_does_not_record_a_stage_leaves_its_denominator(small: Mart) -> None:
    whole = funnel(small, EVERYWHERE, Period(date(2026, 5, 1), date(2026, 5, 31)), DAY, kind="dispute")
    evaluated = next(stage for stage in whole.stages if stage.name == "evaluated")
    assert (evaluated.state, evaluated.unrecorded, evaluated.figure.denominator) == ("partly", ("plain",), 40)
    handled = next(stage for stage in whole.stages if stage.name == "handled")
    assert handled.unrecorded == ("plain",), "that a matter was closed does not make its source record handling"
    assert counted(small, handled.figure.selection) == handled.figure.value == 60
    assert (handled.figure.numerator, handled.figure.denominator) == (40, 40)
    supervised = next(stage for stage in whole.stages if stage.name == "supervised")
    assert (supervised.state, supervised.figure.value) == ("not_recorded", None)
    assert supervised.figure.missing.key == "missing.stage_not_recorded"


def test_a_source_that_recorded_a_stage_shortly_before_the_cohort_is_not_silent_about_it(small: Mart) -> None:
    late = Period(date(2026, 5, 13), date(2026, 5, 13))
    plain = [row for row in staged() if row["source_system"] == "plain" and row["registered_at"].date() <= late.last]
    assert len(plain) == 20
    early = funnel(small, EVERYWHERE, late, late.last, kind="dispute")
    closed = next(stage for stage in early.stages if stage.name == "closed")
    assert closed.figure.value == 0
    assert (closed.state, closed.unrecorded) == ("recorded", ()), "those registered days before were closed by then"
    assert "plain" in next(stage for stage in early.stages if stage.name == "evaluated").unrecorded


def test_those_still_waiting_are_censored_not_left_out(small: Mart) -> None:
    period = Period(date(2026, 5, 1), date(2026, 5, 31))
    handling = next(
        dwell for dwell in funnel(small, EVERYWHERE, period, DAY, kind="dispute").dwells if dwell.start == "handled"
    )
    lasted = [int(((row["closed_at"] or MORNING) - row["routed_at"]).days) for row in staged()[:40] if row["closed_at"]]
    assert handling.begun == 40
    assert handling.ended == len(lasted) == 30
    assert handling.median.value > np.median(lasted)
    assert handling.p90.value is None
    assert handling.untimed == 0, "the plain source writes down no day of handling and is left out"


def test_shifting_all_days_shifts_the_answer(publish: Callable, small: Mart, tmp_path: Path) -> None:
    shift = timedelta(days=28)
    moved = publish(tmp_path, city(staged(28)), now=MORNING + shift)
    period = Period(date(2026, 5, 1), date(2026, 5, 31))
    there = funnel(small, EVERYWHERE, period, DAY)
    here = funnel(moved, EVERYWHERE, Period(period.first + shift, period.last + shift), DAY + shift)
    assert [stage.figure.value for stage in there.stages] == [stage.figure.value for stage in here.stages]
    assert [(one.begun, one.median.value, one.p90.value) for one in there.dwells] == [
        (one.begun, one.median.value, one.p90.value) for one in here.dwells
    ]
    rules = PathwayRules(follow_days=20, cohort_days=60)
    link, shifted = (
        petition_link(small, EVERYWHERE, DAY, rules=rules),
        petition_link(moved, EVERYWHERE, DAY + shift, rules=rules),
    )
    assert (link.share.numerator, link.share.denominator, link.curve) == (
        shifted.share.numerator, shifted.share.denominator, shifted.curve,
    )  # fmt: skip
    assert link.share.numerator == 6
    assert shifted.period.first == link.period.first + shift


def test_what_comes_after_the_day_changes_nothing(publish: Callable, small: Mart, tmp_path: Path) -> None:
    """Closings, evaluations and petitions after the day asked for have not happened."""
    day = date(2026, 5, 20)
    cut = [
        {
            **row,
            **{
                name: None
                for name in ("closed_at", "evaluated_at", "routed_at")
                if row.get(name) and row[name].date() > day
            },
        }
        for row in staged()
        if row["registered_at"].date() <= day
    ]
    known = publish(tmp_path, city([{**row, "status": "handling"} for row in cut]), now=datetime(2026, 5, 21, 6))
    period = Period(date(2026, 5, 1), day)
    later, then = (funnel(mart, EVERYWHERE, period, day, kind="dispute") for mart in (small, known))
    for one, other in zip(later.dwells, then.dwells, strict=True):
        assert (one.begun, one.ended, one.median.value) == (other.begun, other.ended, other.median.value)


def test_where_petitions_ignore_resolving_no_effect_is_found_though_a_plain_count_finds_one(
    publish: Callable, tmp_path: Path
) -> None:
    """Closing and petition come at times that know nothing of each other; only that a petition ends the dispute links them."""
    rng, rows = np.random.default_rng(11), []
    for number in range(2_500):
        day = date(2025, 9, 1) + timedelta(days=int(rng.integers(0, 120)))
        closing, petition = rng.exponential(20), rng.exponential(120)
        closed = closing < petition  # a petition takes the dispute over
        rows.append(
            matter(
                number, day, due_on=day + timedelta(days=30), category_code=("easy", "hard")[number % 2],
                closed_at=moment(day + timedelta(days=int(closing))) if closed else None, outcome="resolved" if closed else None,
                status="closed" if closed else "handling",
            )
        )  # fmt: skip
        rows.append(
            matter(f"p{number}", day + timedelta(days=int(petition)), kind="petition", escalated_from=f"m{number}")
        )
    known = [row for row in rows if row["registered_at"] < MORNING]
    effect = petition_link(publish(tmp_path, city(known), now=MORNING), EVERYWHERE, DAY).effect
    value, lower, upper = effect.difference
    assert lower <= 0 <= upper
    frame = pd.DataFrame([row for row in rows if row["kind"] == "dispute"])
    in_time = frame["closed_at"].notna() & ((frame["closed_at"] - frame["registered_at"]).dt.days <= 30)
    grew = pd.Series([row["registered_at"] for row in rows if row["kind"] == "petition"]) - frame[
        "registered_at"
    ] <= timedelta(days=120)
    naive = 100 * (grew[in_time].mean() - grew[~in_time].mean())
    assert naive < -10 < lower, "what a plain count would have said"


def test_strata_undo_a_mix_of_easy_and_hard(publish: Callable, tmp_path: Path) -> None:
    """Hard disputes are late and grow whatever is done; within easy and within hard, resolving changes nothing."""
    rng, rows = np.random.default_rng(2), []
    for number in range(2_000):
        hard = number % 2
        day = date(2025, 9, 1) + timedelta(days=int(rng.integers(0, 120)))
        in_time = rng.random() < (0.3 if hard else 0.9)
        closed = day + timedelta(days=10 if in_time else 60)
        rows.append(
            matter(
                number,
                day,
                due_on=day + timedelta(days=30),
                category_code="hard" if hard else "easy",
                closed_at=moment(closed),
                status="closed",
            )
        )
        if rng.random() < (0.3 if hard else 0.05):
            rows.append(matter(f"p{number}", day + timedelta(days=50), kind="petition", escalated_from=f"m{number}"))
    effect = petition_link(publish(tmp_path, city(rows), now=MORNING), EVERYWHERE, DAY).effect
    assert effect.crude[2] < 0
    assert effect.difference[1] <= 0 <= effect.difference[2]
    assert effect.ratio[1] <= 1 <= effect.ratio[2]


def halved() -> tuple[list[dict], list[dict]]:
    """Two matters a day in A, from the middle of January one a day; Z is the decoy. A year earlier nothing changed."""
    effective = date(2026, 1, 15)
    rows = []
    for back in range(560):
        day = DAY - timedelta(days=back)
        for number in range(1 if day >= effective else 2):
            rows.append(matter(f"{back}-{number}", day, category_code="parking", kind="hotline"))
        rows.append(matter(f"z{back}", day, category_code="parking", kind="hotline", area_code="Z"))
    own = {"area_code": "A", "category_code": "parking", "kind": "policy"}
    actions = [
        {"action_id": "halving", **own, "status": "in_force", "suggested_on": date(2025, 11, 1), "adopted_on": date(2025, 12, 1), "effective_on": effective},
        {"action_id": "recent", **own, "status": "in_force", "suggested_on": date(2026, 4, 1), "adopted_on": date(2026, 5, 1), "effective_on": date(2026, 6, 1)},
        {"action_id": "asked", **own, "status": "suggested", "suggested_on": date(2026, 5, 1), "adopted_on": None, "effective_on": None},
        {"action_id": "refused", **own, "status": "declined", "suggested_on": date(2026, 5, 1), "adopted_on": None, "effective_on": None},
        {"action_id": "blank", **own, "category_code": None, "status": "in_force", "suggested_on": date(2026, 1, 1), "adopted_on": None, "effective_on": date(2026, 2, 1)},
    ]  # fmt: skip
    return rows, actions


def test_a_planted_halving_is_described_and_the_rest_is_said_to_be_unknown(publish: Callable, tmp_path: Path) -> None:
    mart = publish(tmp_path, city(*halved()), now=MORNING)
    by_id = {one.action_id: one for one in policy_effects(mart, EVERYWHERE, DAY).effects}
    halving = by_id["halving"]
    assert halving.state == "compared"
    assert (halving.before, halving.after, halving.days_before, halving.days_after) == (360, 167, 180, 167)
    assert halving.change.lower <= 0.5 <= halving.change.upper < 1
    assert (halving.per_30_before, halving.per_30_after) == (60.0, 30.0)
    assert halving.season_before is None, "a year earlier the records had not begun"
    assert [one.state for one in (by_id["recent"], by_id["asked"], by_id["refused"], by_id["blank"])] == [
        "too_recent", "suggested", "declined", "no_category",
    ]  # fmt: skip
    assert by_id["recent"].after == 30
    assert by_id["recent"].change is None
    then = {one.action_id: one.state for one in policy_effects(mart, EVERYWHERE, date(2025, 12, 10)).effects}
    assert then == {"halving": "adopted"}


def test_nothing_on_record_is_said_so(publish: Callable, tmp_path: Path) -> None:
    mart = publish(tmp_path, city([]), now=MORNING)
    found = funnel(mart, EVERYWHERE, Period(date(2026, 6, 1), DAY), DAY)
    link, policy = petition_link(mart, EVERYWHERE, DAY), policy_effects(mart, EVERYWHERE, DAY)
    assert (found.is_empty, link.is_empty, policy.is_empty) == (True, True, True)
    assert (found.sentence.key, link.sentence.key, policy.sentence.key) == (
        "pathways.funnel.none", "pathways.link.none", "pathways.policy.none",
    )  # fmt: skip
    assert link.share.missing.key == "missing.no_denominator"


def test_below_a_street_small_counts_do_not_leave_the_screen(small: Mart, publish: Callable, tmp_path: Path) -> None:
    rows = [{**row, "area_code": "A1x" if row["area_code"] == "A1" else "Z"} for row in staged()]
    mart = publish(tmp_path, city(rows[:8]), now=MORNING)
    period = Period(date(2026, 5, 1), date(2026, 5, 31))
    own = funnel(mart, EVERYWHERE, period, DAY, area_code="A1x")
    assert own.is_below_street
    safe = for_export(own)
    assert any(own_.figure.value != shown.figure.value for own_, shown in zip(own.stages, safe.stages, strict=True))
    for stage in safe.stages:
        value, whole = stage.figure.value, stage.figure.denominator
        assert value is None or not (0 < value < 5 or 0 < whole - value < 5)
    link = for_export(
        petition_link(mart, EVERYWHERE, DAY, area_code="A1", rules=PathwayRules(follow_days=20, cohort_days=60))
    )
    assert link.cells == ()
    assert all(line.values["followed"] is None or not 0 < line.values["followed"] < 5 for line in link.by_place)
