"""The outlook of a brief: issued before its close, each number with its range; what rises and what came is found and said."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.briefs.outlook import brief_outlook
from data.desk import Desk, open_desk
from data.desk_replay import desk_as_known
from data.forecast_ledger import issue_forecasts, write_truth
from data.mart import Mart, open_mart
from data.queries import names_of
from data.scope import Actor, Scope
from data.site import Site
from pages.ui import words

SYSTEM = Actor("system", Scope(role="office"))
SPREAD = np.array([-40, -20, -10, 0, 10, 20, 40])
CLOSE = date(2026, 10, 31)
Issue = Callable[..., None]


@pytest.fixture(scope="module")
def mart(town_site: Site) -> Mart:
    return open_mart(town_site.mart_folder)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(f"sqlite:///{tmp_path / 'desk.db'}")


@pytest.fixture
def city(mart: Mart) -> str:
    return str(names_of(mart).areas["area_code"].iloc[0])


@pytest.fixture
def issue(desk: Desk, city: str) -> Issue:
    def write(
        first_on: date, middles: dict[tuple[str | None, str | None], float], *, at: datetime, freq: str = "M", state: str = "forecast",
        naive: float = 100.0, steps: int = 3,
    ) -> None:  # fmt: skip
        rows = [
            {
                "freq": freq, "level": "city", "area_code": city, "kind": kind, "category_code": code, "state": state,
                "first_on": first_on, "quantiles": np.array([middle + SPREAD + step for step in range(steps)]),
                "naive": np.array([naive + SPREAD for _ in range(steps)]),
            }
            for (kind, code), middle in middles.items()
        ]  # fmt: skip
        issue_forecasts(desk, pd.DataFrame(rows), as_of=at.date(), version="v", known_at=at, actor=SYSTEM, at=at)

    return write


def truth(desk: Desk, city: str, first_on: date, counts: dict[str, int], at: datetime) -> None:
    own = {f"city|{city}|{key}": count for key, count in counts.items()}
    write_truth(desk, "M", first_on, own, as_of=at.date(), version="v", known_at=at, actor=SYSTEM, at=at)


ALL, PETITION, DISPUTE = (None, None), ("petition", None), ("dispute", None)


def test_the_month_ahead_is_said_with_its_range_and_its_kinds(desk: Desk, mart: Mart, issue: Issue) -> None:
    issue(date(2026, 11, 1), {ALL: 200, PETITION: 120, DISPUTE: 80}, at=datetime(2026, 11, 3, 6))
    found = brief_outlook(desk, mart, Scope(), CLOSE, freq="M", area_code=None, kind=None)
    assert found.as_of == CLOSE
    whole = [one.values for one in found.ahead if one.values["what"] == "all"]
    assert [(one["period"], one["expected"], one["lower"], one["upper"]) for one in whole] == [
        (date(2026, 11, 1), 200, 180, 220), (date(2026, 12, 1), 201, 181, 221),
    ]  # fmt: skip
    told = words.tell(found.said[0], "zh")
    assert "2026年11月登记200件左右，有八成把握在180至220件之间" in told
    kinds = next(words.tell(one, "en") for one in found.said if one.key == "outlook.kinds")
    assert "120 (100 to 140)" in kinds


def test_a_forecast_from_records_after_the_close_is_not_used(desk: Desk, mart: Mart, issue: Issue) -> None:
    issue(date(2026, 10, 1), {ALL: 150}, at=datetime(2026, 10, 3, 6))
    issue(date(2026, 12, 1), {ALL: 999}, at=datetime(2026, 12, 3, 6))
    found = brief_outlook(desk, mart, Scope(), CLOSE, freq="M", area_code=None, kind=None)
    assert found.as_of == date(2026, 9, 30)
    assert [one.values["expected"] for one in found.ahead] == [151, 152]


def test_as_known_before_the_next_was_issued_the_former_stands(desk: Desk, mart: Mart, issue: Issue) -> None:
    issue(date(2026, 10, 1), {ALL: 150}, at=datetime(2026, 10, 3, 6))
    issue(date(2026, 11, 1), {ALL: 200}, at=datetime(2026, 11, 3, 6))
    asked = {"freq": "M", "area_code": None, "kind": None}
    then = brief_outlook(desk_as_known(desk, datetime(2026, 11, 2)), mart, Scope(), CLOSE, **asked)
    now = brief_outlook(desk, mart, Scope(), CLOSE, **asked)
    assert (then.ahead[0].values["expected"], now.ahead[0].values["expected"]) == (151, 200)


def test_what_was_forecast_of_the_month_is_said_beside_what_came(
    desk: Desk, mart: Mart, city: str, issue: Issue
) -> None:
    issue(date(2026, 10, 1), {ALL: 150, PETITION: 90, DISPUTE: 60}, at=datetime(2026, 10, 3, 6))
    issue(date(2026, 11, 1), {ALL: 200}, at=datetime(2026, 11, 3, 6))
    asked = {"freq": "M", "area_code": None, "kind": None}
    awaited = brief_outlook(desk, mart, Scope(), CLOSE, **asked)
    assert any(one.key == "outlook.back.awaited" for one in awaited.said)
    truth(desk, city, date(2026, 10, 1), {"|": 171, "petition|": 90, "dispute|": 81}, datetime(2026, 11, 3, 6))
    found = brief_outlook(desk, mart, Scope(), CLOSE, **asked)
    assert [one.values["state"] for one in found.looked_back] == ["above", "within", "above"]
    opened = found.looked_back[1].selection
    assert (opened.first, opened.last, opened.kind, opened.measure) == (date(2026, 10, 1), CLOSE, "petition", "new")
    told = next(words.tell(one, "zh") for one in found.said if one.key == "outlook.back.told")
    assert "预计150件（130至170件），实际登记171件，高于范围；分类型、分类别的2项预测有1项在范围内" in told


def test_a_share_of_hits_is_said_once_enough_is_known(desk: Desk, mart: Mart, city: str, issue: Issue) -> None:
    for month in range(5, 11):
        issue(date(2026, month, 1), {ALL: 100}, at=datetime(2026, month, 3, 6), naive=130)
        came = {"|": 100 if month % 2 else 140}
        truth(desk, city, date(2026, month, 1), came, datetime(2026, month + 1, 3, 6))
    found = brief_outlook(desk, mart, Scope(), CLOSE, freq="M", area_code=None, kind=None)
    assert (found.told, found.within) == (6, 3)
    assert found.ratio == pytest.approx(120 / 120)
    assert found.said[-1].key == "outlook.record"


def test_categories_that_rise_above_last_year_are_named_and_no_others(desk: Desk, mart: Mart, issue: Issue) -> None:
    codes = [str(code) for code in names_of(mart).categories["category_code"][:2]]
    middles = {ALL: 200, ("dispute", codes[0]): 5000, ("dispute", codes[1]): 6}
    issue(date(2026, 11, 1), middles, at=datetime(2026, 11, 3, 6))
    found = brief_outlook(desk, mart, Scope(), CLOSE, freq="M", area_code=None, kind=None)
    assert [one.values["category_code"] for one in found.rising] == codes[:1]
    assert found.ahead[0].values["usual"] is not None
    assert any(one.key == "outlook.rising" for one in found.said)


def test_a_naive_forecast_says_that_it_is_one(desk: Desk, mart: Mart, issue: Issue) -> None:
    issue(date(2026, 11, 1), {ALL: 200}, at=datetime(2026, 11, 3, 6), state="naive")
    found = brief_outlook(desk, mart, Scope(), CLOSE, freq="M", area_code=None, kind=None)
    assert [one.key for one in found.said[:2]] == ["outlook.naive", "outlook.further"]


def test_without_a_forecast_it_says_why(desk: Desk, mart: Mart, issue: Issue) -> None:
    community = names_of(mart).areas.query("level_code == 'community'")["area_code"].iloc[0]
    asked = {"freq": "M", "area_code": None, "kind": None}
    near = brief_outlook(desk, mart, Scope(), CLOSE, **(asked | {"area_code": community}))
    parts = brief_outlook(desk, mart, Scope(("a", "b")), CLOSE, **asked)
    none = brief_outlook(desk, mart, Scope(), CLOSE, **asked)
    issue(date(2026, 1, 1), {ALL: 200}, at=datetime(2026, 1, 3, 6))
    over = brief_outlook(desk, mart, Scope(), CLOSE, **asked)
    keys = [one.missing.key.rpartition(".")[2] for one in (near, parts, none, over)]
    assert keys == ["near", "parts", "issued", "over"]


def test_the_coming_week_of_one_kind(desk: Desk, mart: Mart, issue: Issue) -> None:
    issue(date(2026, 11, 16), {ALL: 70, PETITION: 40}, at=datetime(2026, 11, 16, 6), freq="W")
    found = brief_outlook(desk, mart, Scope(), date(2026, 11, 15), freq="W", area_code=None, kind="petition")
    assert [one.values["expected"] for one in found.ahead] == [40]
    assert "11月16日至11月22日" in words.tell(found.said[0], "zh")
