"""The record of forecasts: planted rates come out calibrated, the source of each figure is right, misses are told once, levels are held against the ledger."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.briefs.outlook import brief_outlook
from analytics.forecast_misses import misses
from analytics.forecast_record import ForecastRecord, forecast_record
from analytics.forecast_risk_record import risk_record
from analytics.forecasts.contract import QUANTILES
from data.desk import Desk, open_desk
from data.forecast_ledger import (
    issue_forecasts,
    issue_risks,
    note_miss,
    read_issued,
    write_risk_truth,
    write_truth,
)
from data.mart import Mart, open_mart
from data.queries import names_of
from data.results import FORECASTS, publish_results
from data.scope import Actor, Scope
from data.site import Site, read_site

DAY = date(2026, 11, 20)
NIGHT = Actor("forecast", Scope())
OFFICE = Actor("office", Scope(role="office"))


@pytest.fixture(scope="module")
def mart(town_site: Site) -> Mart:
    return open_mart(town_site.mart_folder)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(f"sqlite:///{tmp_path / 'desk.db'}")


def streets(mart: Mart) -> list[str]:
    return names_of(mart).areas.query("level_code == 'street'")["area_code"].tolist()


def fill(desk: Desk, areas: list[str], rate: float, *, days: int = 30, seed: int = 3, wide: float = 1.0) -> None:
    """Daily forecasts by the true negative-binomial law (spread times `wide`) of every area, and what came."""
    law = stats.nbinom(8, 8 / (8 + rate))
    chance = np.random.default_rng(seed)
    shown = np.round(rate + wide * (law.ppf(QUANTILES) - rate))
    for back in range(days, 0, -1):
        start = DAY - timedelta(days=back)
        at = datetime(start.year, start.month, start.day, 6)
        rows = [
            {"freq": "D", "level": "street", "area_code": area, "kind": None, "category_code": None, "state": "forecast", "first_on": start,
             "quantiles": np.maximum(np.tile(shown, (3, 1)), 0), "naive": np.maximum(np.tile(rate + 2 * (law.ppf(QUANTILES) - rate), (3, 1)), 0)}
            for area in areas
        ]  # fmt: skip
        issue_forecasts(
            desk, pd.DataFrame(rows), as_of=start - timedelta(days=1), version="v", known_at=at, actor=NIGHT, at=at
        )
        counts = {f"street|{area}||": int(law.rvs(random_state=chance)) for area in areas}
        write_truth(desk, "D", start, counts, as_of=start, version="v", known_at=at, actor=NIGHT, at=at)


def record(desk: Desk, mart: Mart, **scope: object) -> ForecastRecord:
    return forecast_record(desk, mart, Scope(**scope), DAY)


def test_forecasts_by_the_true_law_are_calibrated_and_beat_a_wider_one(desk: Desk, mart: Mart) -> None:
    fill(desk, streets(mart)[:12], 9.0)
    found = record(desk, mart)
    assert found.sources == {"D": "ledger"}
    (skill,) = [one.values for one in found.skill]
    assert (skill["freq"], skill["level"], skill["band"], skill["source"]) == ("D", "street", 0, "ledger")
    assert skill["ratio"] < 1
    assert skill["miss"] < 0.06
    for one in (line.values for line in found.calibration):
        assert one["below"] - 6 <= one["nominal"] <= one["upto"] + 6


def test_ranges_half_as_wide_show_as_such(desk: Desk, mart: Mart) -> None:
    fill(desk, streets(mart)[:12], 40.0, wide=0.4)
    (skill,) = [one.values for one in record(desk, mart).skill]
    assert skill["cover80_pct"] < 60
    assert skill["miss"] > 0.1


def test_few_truths_do_not_count_as_a_record(desk: Desk, mart: Mart) -> None:
    fill(desk, streets(mart)[:1], 9.0, days=5)
    found = record(desk, mart)
    assert found.sources == {}
    assert not found.skill
    assert found.issued[0].values["told"] == 12


def test_a_reader_of_one_street_sees_the_record_of_that_street_alone(desk: Desk, mart: Mart) -> None:
    own, other = streets(mart)[:2]
    fill(desk, [own, other], 9.0, days=12)
    assert record(desk, mart).issued[0].values["series"] == 2
    assert record(desk, mart, areas=(own,), role="community").issued[0].values["series"] == 1
    assert not record(desk, mart, areas=(), role="community").issued


def test_what_was_issued_later_is_no_part_of_an_earlier_record(desk: Desk, mart: Mart) -> None:
    fill(desk, streets(mart)[:1], 9.0, days=20)
    early = forecast_record(desk, mart, Scope(), DAY - timedelta(days=10))
    assert early.issued[0].values["last"] == DAY - timedelta(days=10)


def test_one_event_is_one_miss_wherever_it_was_counted(desk: Desk, mart: Mart) -> None:
    street, far = streets(mart)[0], streets(mart)[-1]
    path = names_of(mart).path(street)
    start = date(2026, 11, 9)
    at = datetime(2026, 11, 9, 6)
    places = {path[0]: "city", street: "street", far: "street"}
    rows = [
        {"freq": "W", "level": level, "area_code": area, "kind": kind, "category_code": None, "state": "forecast", "first_on": start,
         "quantiles": np.tile([1, 2, 3, 4, 5, 6, 7.0], (1, 1)), "naive": np.tile([1, 2, 3, 4, 5, 6, 7.0], (1, 1))}
        for area, level in places.items() for kind in (None, "petition")
    ]  # fmt: skip
    issue_forecasts(desk, pd.DataFrame(rows), as_of=start, version="v", known_at=at, actor=NIGHT, at=at)
    counts = {f"{level}|{area}|{kind}|": 90 for area, level in places.items() for kind in ("", "petition")}
    write_truth(desk, "W", start, counts, as_of=start, version="v", known_at=at, actor=NIGHT, at=at)
    ledger = [read_issued(desk, date(2026, 11, 1), DAY, freq="W")]
    over, under = misses(desk, mart, ledger)
    assert not over
    assert 1 <= len(under) <= 2
    assert all(one.observed == 90 and one.selection.first == start for one in under)
    first = under[0]
    note_miss(
        desk,
        "one village registered late",
        OFFICE,
        at,
        freq="W",
        first_on=start,
        level=first.level,
        path=first.path[::-1],
        kind=first.kind,
    )
    assert misses(desk, mart, ledger)[1][0].note["text"] == "one village registered late"


def test_issued_levels_and_chances_are_held_against_what_came(desk: Desk, mart: Mart) -> None:
    areas = streets(mart)[:15]
    shares = {"I": 0.9, "III": 0.2}
    chance = np.random.default_rng(2)
    for month in (8, 9, 10):
        first, at = date(2026, month, 1), datetime(2026, month, 2, 6)
        rows = [
            {"ahead": "month", "first_on": first, "last_on": date(2026, month, 28), "level": "street", "area_code": area, "kind": None,
             "category_code": None, "level_code": code, "points": 50.0,
             "numbers": {"lines": {"usual": {"value": 10, "chance": shares[code]}, "capacity": {"value": None, "chance": None}}}}
            for place, area in enumerate(areas) for code in (("I", "III")[place % 2],)
        ]  # fmt: skip
        issue_risks(desk, pd.DataFrame(rows), as_of=at.date(), version="v", known_at=at, actor=NIGHT, at=at)
        came = {
            f"street|{row['area_code']}||": {
                "matters": 1,
                "passed": {"usual": int(chance.random() < shares[row["level_code"]])},
            }
            for row in rows
        }
        write_risk_truth(desk, "month", first, came, as_of=at.date(), version="v", known_at=at, actor=NIGHT, at=at)
    levels, chances, source = risk_record(desk, DAY, lambda area: True, pd.DataFrame(columns=["line"]))
    by_code = {one.values["level_code"]: one.values for one in levels}
    assert source == "ledger"
    assert by_code["I"]["months"] == 3
    assert by_code["I"]["share_pct"] > by_code["III"]["share_pct"]
    assert by_code["II"]["issued"] == 0
    assert sum(one.values["count"] for one in chances) == 45
    for one in (line.values for line in chances):
        assert one["lower_pct"] <= one["stated_pct"] <= one["upper_pct"]
    assert risk_record(desk, DAY, lambda area: False, pd.DataFrame(columns=["line"]))[2] == "backtest"


def test_a_proven_rise_of_the_coming_month_is_named_in_the_outlook(town_site: Site, tmp_path: Path) -> None:
    shutil.copytree(town_site.mart_folder, tmp_path / "mart")
    site = read_site(tmp_path)
    mart = open_mart(site.mart_folder)
    names, as_of = names_of(mart), date(2026, 10, 31)
    city, code = str(names.areas["area_code"].iloc[0]), str(names.categories["category_code"].iloc[0])
    rise = {"level": "city", "area_code": city, "kind": "dispute", "category_code": code, "years": 4, "risen": 4, "rise_pct": 60.0,
            "hits": 3, "calls": 3, "base_rate": 0.1, "p": 0.001, "q": 0.01, "evidence": "[]"}  # fmt: skip
    run = {
        "as_of": as_of,
        "judged_through": as_of,
        "ran_at": datetime(2026, 11, 1),
        "published_at": datetime(2026, 11, 1),
    }
    rows = [rise | {"month": 11}, rise | {"month": 5}]
    publish_results(site.mart_folder, [{"run": pd.DataFrame([run]), "risk_rising": pd.DataFrame(rows)}], part=FORECASTS)
    desk, at = open_desk(site.desk_url), datetime(2026, 11, 1, 6)
    issued = {"freq": "M", "level": "city", "area_code": city, "kind": None, "category_code": None, "state": "forecast",
              "first_on": date(2026, 11, 1), "quantiles": np.tile([1, 2, 3, 4, 5, 6, 7.0], (2, 1)),
              "naive": np.tile([1, 2, 3, 4, 5, 6, 7.0], (2, 1))}  # fmt: skip
    issue_forecasts(desk, pd.DataFrame([issued]), as_of=as_of, version="v", known_at=at, actor=NIGHT, at=at)
    found = brief_outlook(desk, open_mart(site.mart_folder), Scope(), as_of, freq="M", area_code=None, kind=None)
    assert [(one.values["category_code"], one.values["risen"]) for one in found.usual] == [(code, 4)]
    assert any(one.key == "outlook.usual" for one in found.said)
    earlier = brief_outlook(
        desk, open_mart(site.mart_folder), Scope(), date(2026, 10, 30), freq="M", area_code=None, kind=None
    )
    assert not earlier.usual
