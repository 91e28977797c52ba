"""The forecasts' part of the track record opens for every role, in both languages, before, between and after forecasts and truths, and with a broken file."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics import periods
from analytics.forecasts.contract import QUANTILES
from data.desk import Desk, open_desk
from data.forecast_ledger import issue_forecasts, miss_notes, write_truth
from data.forecast_tables import forecasts
from data.mart import open_mart
from data.queries import names_of
from data.results import FORECASTS, publish_results
from data.scope import ROLES, Actor, Scope
from data.site import Site, read_site
from pages.ui import words
from pages.ui.charts.track_forecasts import plot_counts_calibration, plot_levels_passed, plot_skill
from pages.ui.markup import text

Open = Callable[..., AppTest]
DAY = date(2026, 11, 20)
NIGHT = Actor("forecast", Scope())
SECTIONS = ("skill", "calibration", "reliability", "misses", "issued", "weights")
Z = np.array([-1.96, -1.28, -0.67, 0, 0.67, 1.28, 1.96])
SPIKE = date(2026, 11, 9)  # the one week that came far above its forecast


@pytest.fixture
def home(tmp_path: Path, town_site: Site) -> Site:
    """The town with a desk of its own."""
    shutil.copytree(town_site.mart_folder, tmp_path / "mart")
    return read_site(tmp_path)


def fill(desk: Desk, areas: dict[str, str], *, truths: bool = True) -> None:
    """Weekly forecasts of a known rate for a quarter, and what came: Poisson counts, and one spike in the first area."""
    chance = np.random.default_rng(5)
    first = date(2026, 8, 24)
    for week in range(12):
        start = first + timedelta(weeks=week)
        at = datetime.combine(start, time(6))
        rows = [
            {
                "freq": "W", "level": level, "area_code": area, "kind": kind, "category_code": None, "state": "forecast",
                "first_on": start, "quantiles": np.round(np.tile(100 + 10 * Z, (6, 1))),
                "naive": np.round(np.tile(110 + 20 * Z, (6, 1))),
            }
            for area, level in areas.items() for kind in (None, "petition")
        ]  # fmt: skip
        issue_forecasts(
            desk, pd.DataFrame(rows), as_of=start - timedelta(days=1), version="v", known_at=at, actor=NIGHT, at=at
        )
        if truths:
            counts = {f"{level}|{area}||": int(chance.poisson(100)) for area, level in areas.items()}
            if start == SPIKE:
                counts[next(iter(counts))] = 400
            after = at + timedelta(days=8)
            write_truth(
                desk, "W", start, counts, as_of=after.date(), version="v", known_at=after, actor=NIGHT, at=after
            )


def night(as_of: date = DAY, source: str = "backtest") -> dict[str, pd.DataFrame]:
    """One stored night with a backtest behind it."""
    made = {"made_on": as_of, "origins": 10}
    series = [
        {"freq": freq, "level": "city", "area_code": "9999", "kind": kind, "category_code": None, "state": state, "reason": None}
        for freq in "DWM" for kind, state in ((None, "forecast"), ("petition", "naive"), ("dispute", "refused"))
    ]  # fmt: skip
    skill = [
        {"freq": freq, "level": level, "model": model, "first_step": first, "last_step": last, "forecasts": 400, "wis_ratio": ratio,
         "miss": 0.01, "cover80": 0.81, "cover95": 0.95, "seconds": 0.1} | made
        for freq, bands in (("D", ((1, 7), (8, 14), (15, 28), (1, 28))), ("W", ((1, 4), (5, 12), (1, 12))), ("M", ((1, 2), (3, 6), (1, 6))))
        for level in ("all", "city") for first, last in bands for model, ratio in (("chosen", 0.7), ("prophet", 0.9))
    ]  # fmt: skip
    weights = [
        {"freq": "D", "level": "city", "first_step": 1, "last_step": 7, "model": model, "weight": weight, "lower": 1.0, "upper": 1.0,
         "wis_ratio": 0.7, "coherence": "none"} | made
        for model, weight in (("count_glm", 0.6), ("prophet", 0.4))
    ]  # fmt: skip
    passed = [
        {"line": "usual", "level_code": code, "issued": 40, "passed": many, "months": 12, "first_on": date(2025, 11, 1), "last_on": as_of}
        for code, many in (("I", 32), ("II", 18), ("III", 9), ("IV", 2))
    ]  # fmt: skip
    run = {
        "as_of": as_of, "judged_through": as_of, "ran_at": datetime.combine(as_of, time(6)), "published_at": datetime(2026, 11, 1),
        "matters_version": "v", "seconds": 1.0, "weights_made_on": as_of, "weights_source": source, "series": 9, "naive": 3, "refused": 3,
        "levels": "[]", "kinds": "[]", "years_missing": "[]", "matters": 1, "without_place": 0, "without_subject": 0,
    }  # fmt: skip
    frames = {
        "run": [run],
        "forecast_series": series,
        "forecast_skill": skill,
        "forecast_weights": weights,
        "risk_reliability": passed,
    }
    assert set(frames) <= set(forecasts.tables)
    return {name: pd.DataFrame(rows) for name, rows in frames.items()}


def text_of(page: str) -> str:
    return re.sub(r"<[^>]*>", " ", page)


def root(site: Site) -> str:
    return str(names_of(open_mart(site.mart_folder)).areas["area_code"].iloc[0])


def streets(site: Site) -> list[str]:
    return names_of(open_mart(site.mart_folder)).areas.query("level_code == 'street'")["area_code"].tolist()


@pytest.mark.parametrize(("role", "language"), [*((role, "zh") for role in ROLES), ("leader", "en")])
def test_every_role_sees_the_record_of_issued_forecasts(open_page: Open, home: Site, role: str, language: str) -> None:
    desk = open_desk(home.desk_url)
    fill(desk, {root(home): "city", **dict.fromkeys(streets(home)[:2], "street")})
    publish_results(home.mart_folder, [night()], part=FORECASTS)
    at = open_page("track_record", home=home.home, role=role, lang=language, day=DAY.isoformat(), part="forecasts")
    page = shown(at)
    places = [page.index(text(words.say(f"track_forecasts.section.{name}", language))) for name in SECTIONS]
    assert places == sorted(places)
    assert len(at.get("plotly_chart")) == 3
    assert words.say("track_forecasts.from.ledger", language, freqs=words.name("record_freq", "W", language)) in page
    assert "400" in page
    assert not re.search(r"\bNone\b|\bnan\b|NaN|\{[a-z_]+[:}]", text_of(page))


@pytest.mark.parametrize("language", words.languages)
def test_before_any_forecast_it_says_what_to_run(open_page: Open, home: Site, language: str) -> None:
    page = shown(open_page("track_record", home=home.home, lang=language, day=DAY.isoformat(), part="forecasts"))
    assert "xianshou forecast --backtest" in page
    assert text(words.say("track_forecasts.section.skill", language)) not in page


@pytest.mark.parametrize("language", words.languages)
def test_before_any_truth_the_figures_are_those_of_the_backtest(open_page: Open, home: Site, language: str) -> None:
    fill(open_desk(home.desk_url), {root(home): "city"}, truths=False)
    publish_results(home.mart_folder, [night()], part=FORECASTS)
    page = shown(open_page("track_record", home=home.home, lang=language, day=DAY.isoformat(), part="forecasts"))
    freqs = words.join([words.name("record_freq", freq, language) for freq in "DWM"], language)
    assert words.say("track_forecasts.from.backtest", language, freqs=freqs) in page
    assert words.say("track_forecasts.none.calibration", language) in page
    assert words.say("track_forecasts.none.misses", language) in page


def test_the_other_part_stays_one_click_away(open_page: Open, town_link: dict) -> None:
    page = shown(open_page("track_record", lang="en", part="forecasts", **town_link))
    assert "part=signals" in page
    assert words.say("track_record.section.practice", "en") not in page
    other = shown(open_page("track_record", lang="en", part="nonsense", **town_link))
    assert words.say("track_record.section.practice", "en") in other


@pytest.mark.parametrize("language", words.languages)
def test_a_night_that_lies_behind_and_one_without_a_backtest_are_said(
    open_page: Open, home: Site, language: str
) -> None:
    publish_results(home.mart_folder, [night(date(2026, 11, 2), source="shipped")], part=FORECASTS)
    page = shown(open_page("track_record", home=home.home, lang=language, day=DAY.isoformat(), part="forecasts"))
    assert words.say("track_forecasts.stale", language, as_of=date(2026, 11, 2)) in page
    assert words.say("track_forecasts.shipped", language) in page


def test_a_file_that_is_gone_leaves_the_ledger(open_page: Open, home: Site) -> None:
    fill(open_desk(home.desk_url), {root(home): "city"})
    version = publish_results(home.mart_folder, [night()], part=FORECASTS)
    (home.mart_folder / version.files["forecasts"]).unlink()
    page = shown(open_page("track_record", home=home.home, lang="en", day=DAY.isoformat(), part="forecasts"))
    assert words.say("track_forecasts.broken", "en") in page
    assert words.say("track_forecasts.section.under", "en") in page


def test_the_spike_is_the_worst_miss_and_opens_its_matters(open_page: Open, home: Site) -> None:
    fill(open_desk(home.desk_url), {root(home): "city"})
    page = shown(open_page("track_record", home=home.home, lang="en", day=DAY.isoformat(), part="forecasts"))
    under = page[page.index(words.say("track_forecasts.section.under", "en")) :]
    first = under[: under.index("</li>")]
    assert "week of 2026-11-09" in first
    last = periods.period_of("week", SPIKE).last
    assert f"behind=new&amp;as_of={last}&amp;from={SPIKE}&amp;to={last}" in first


def test_a_reader_of_one_street_sees_only_its_misses(open_page: Open, home: Site) -> None:
    one, other = streets(home)[:2]
    fill(open_desk(home.desk_url), {other: "street", one: "street"})
    link = {"home": home.home, "lang": "en", "day": DAY.isoformat(), "part": "forecasts", "role": "community"}
    assert ">400<" in shown(open_page("track_record", areas=other, **link))
    assert ">400<" not in shown(open_page("track_record", areas=one, **link))


def save(at: AppTest) -> None:
    label = words.say("track_forecasts.note.save", "en")
    next(one for one in at.button if one.label == label).click().run()


@pytest.mark.parametrize("role", ["leader", "office", "community"])
def test_a_note_is_kept_with_its_post_and_screened(open_page: Open, home: Site, role: str) -> None:
    desk = open_desk(home.desk_url)
    fill(desk, {root(home): "city"})
    at = open_page("track_record", home=home.home, role=role, lang="en", day=DAY.isoformat(), part="forecasts")
    at.session_state["miss_note"] = True
    at.run()
    if role == "community":
        assert not at.text_area
        return
    at.text_area(key="miss_note_text").input("call 13812345678")
    save(at)
    assert miss_notes(desk, date(2026, 1, 1), DAY).empty
    at.text_area(key="miss_note_text").input("registered in one go")
    save(at)
    kept = miss_notes(desk, date(2026, 1, 1), DAY).iloc[-1]
    assert (kept["text"], kept["role"]) == ("registered in one go", role)
    assert "registered in one go" in shown(at)


def test_the_page_starts_without_what_only_the_night_needs() -> None:
    heavy = ("scipy.stats", "statsmodels", "prophet", "dask", "matplotlib")
    code = (
        f"import sys, pages.track_record, pages.monthly_brief; print([name for name in {heavy} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# --- charts ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
def test_a_ratio_above_one_is_marked_and_very_large_ones_stay_on_the_scale(language: str) -> None:
    row = {"freq": "D", "level": "city", "band": 0, "first_step": 1, "last_step": 7, "forecasts": 10}
    figure = plot_skill([row | {"ratio": 0.5}, row | {"ratio": 7.0, "level": "street"}], language)
    (marks,) = figure.data
    assert list(marks.x) == [0.5, 1.5]
    assert marks.marker.color[0] != marks.marker.color[1]


def test_each_quantile_is_a_stroke_from_below_to_at_or_below() -> None:
    rows = [
        {"freq": "W", "nominal": 100 * one, "below": 100 * one - 5, "upto": 100 * one + 3, "forecasts": 50}
        for one in QUANTILES
    ]
    figure = plot_counts_calibration(rows, "en")
    stroke = figure.data[-1]
    assert np.allclose(np.array(stroke.y) - stroke.error_y.array, [row["below"] for row in rows])
    assert np.allclose(np.array(stroke.y) + stroke.error_y.array, [row["upto"] for row in rows])


def test_levels_that_were_never_given_are_left_out() -> None:
    rows = [
        {"level_code": "I", "issued": 10, "passed": 8, "share_pct": 80.0, "low_pct": 49.0, "high_pct": 94.0},
        {"level_code": "II", "issued": 0, "passed": 0, "share_pct": None, "low_pct": None, "high_pct": None},
    ]
    assert list(plot_levels_passed(rows, "en").data[0].x) == [80.0]
