"""The track record opens for every role, in both languages, with evaluations, without and with broken ones; its parts show what was found."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from sample import shown
from streamlit.testing.v1 import AppTest

from analytics.evaluating import Evaluation, keep
from analytics.signals.evaluation import AtRate, Calibration, Evaluated, Scored
from analytics.signals.evaluation_budget import Spent
from data.evaluations import code_mark
from data.scope import ROLES
from data.site import Site
from pages.ui import words
from pages.ui.charts.track_record import plot_calibration, plot_rates
from pages.ui.load import track_record as load

Open = Callable[..., AppTest]
AT = datetime(2026, 11, 22, 6, 30)


def scored(detector: str, found: float, *, is_ours: bool = False, together: bool = True) -> Scored:
    """A detector that finds so many percent at one percent of false alarms, and ten and twenty more at two and five."""
    calibration = [
        Calibration(by, group, nominal, points, share, verdict)
        for by, group, points in (("all", "all", 90_000), ("mean", "<0.1", 9_000), ("mean", ">=20", 300))
        for nominal, share, verdict in ((0.01, 0.012, "within"), (0.001, 0.0, None if points == 300 else "few"))
    ]
    at = tuple(AtRate(rate, found + more, 2.5) for rate, more in ((1.0, 0), (2.0, 10), (5.0, 20)))
    alerts = (4.0, 9.5) if together else (None, None)
    return Scored(detector, is_ours, 100.0, 1.1, found, 1.5, at, tuple(calibration), *alerts, 3.0)


def evaluation(**more: object) -> Evaluation:
    """One run with a trial of every kind."""
    two = (scored("weekly", 54.3, is_ours=True), scored("farrington_improved", 50.5))
    apart = tuple(replace(one, alerts_mean=None, alerts_p95=None) for one in two)
    silent = tuple(replace(one, at=(), own_found_pct=None, own_wait=None) for one in two)
    spent = tuple(
        Spent(one.detector, one.is_ours, budget, 5.5, 6.0, 2.1, {"community": 61.0, "community_small": 40.0}, {"community": 0.4})
        for one in two for budget in (6, 20)
    )  # fmt: skip
    trials = (
        Evaluated("scenarios_weekly", "week", 2100, 102_900, 2100, apart),
        Evaluated("signals_daily", "day", 320, 109_760, 320, apart),
        Evaluated("city", "week", 19_864, 1_032_928, 196, two, spent),
        Evaluated("city_nightly", "day", 19_864, 1_191_840, 40, (), spent[:1]),
        Evaluated("counts_week", "week", 264, 13_728, 264, two, (), "counts.csv"),
        Evaluated("shuffled_years", "week", 500, 26_000, 0, silent),
        Evaluated("festivals", "day", 500, 42_000, 0, silent),
    )
    return replace(Evaluation(AT, 1, False, code_mark(), 212.4, trials), **more)


@pytest.fixture
def evaluated(town_site: Site) -> Site:
    """The town with one evaluation, taken away again afterwards: the town is shared."""
    file = keep(evaluation(), town_site.home)
    yield town_site
    file.unlink()
    file.parent.rmdir()


@pytest.mark.parametrize("language", words.languages)
@pytest.mark.parametrize("role", ROLES)
def test_every_role_sees_the_whole_record(open_page: Open, evaluated: Site, role: str, language: str) -> None:
    at = open_page("track_record", home=evaluated.home, role=role, lang=language)
    page = shown(at)
    sections = ("found", "calibration", "city", "silence", "alerts", "practice")
    places = [page.index(words.say(f"track_record.section.{name}", language)) for name in sections]
    assert places == sorted(places)
    assert len(at.get("plotly_chart")) == 3
    assert "54.3%" in page
    assert "50.5%" in page
    assert not re.search(r"\bNone\b|\bnan\b", re.sub(r"<[^>]*>", " ", page))


@pytest.mark.parametrize("language", words.languages)
def test_before_the_first_evaluation_it_says_what_to_run(open_page: Open, town_link: dict, language: str) -> None:
    page = shown(open_page("track_record", home=town_link["home"], lang=language))
    assert "xianshou evaluate signals" in page
    assert words.say("track_record.section.practice", language) in page
    assert words.say("track_record.section.found", language) not in page


def test_each_table_says_when_on_what_and_with_which_code(open_page: Open, evaluated: Site) -> None:
    page = shown(open_page("track_record", home=evaluated.home, lang="en"))
    assert page.count("seed 1") == 8  # the city twice: by rate and by budget
    assert "2,100 series, 102,900 judged points, 2,100 surges" in page
    assert "counts.csv" in page
    assert page.count(words.say("track_record.note.real", "en")) == 1
    assert "no surge put in" in page
    assert words.say("track_record.stale", "en") not in page


def test_figures_of_other_code_are_marked(open_page: Open, tmp_path: Path, town_site: Site) -> None:
    shutil.copytree(town_site.mart_folder, tmp_path / "mart")
    keep(evaluation(code="0.0.1+00000000", quick=True), tmp_path)
    page = shown(open_page("track_record", home=tmp_path, lang="en"))
    assert words.say("track_record.stale", "en") in page
    assert words.say("track_record.quick", "en") in page


def test_files_that_cannot_be_read_are_counted(open_page: Open, tmp_path: Path, town_site: Site) -> None:
    shutil.copytree(town_site.mart_folder, tmp_path / "mart")
    keep(evaluation(), tmp_path)
    (tmp_path / "evaluations" / "signals-20260101-000000-01.json").write_text("{", encoding="utf-8")
    page = shown(open_page("track_record", home=tmp_path, lang="en"))
    assert words.say("track_record.unreadable", "en", count=1) in page
    assert "54.3%" in page


def test_only_a_simulated_run_leaves_the_other_sections_out(open_page: Open, tmp_path: Path, town_site: Site) -> None:
    shutil.copytree(town_site.mart_folder, tmp_path / "mart")
    keep(evaluation(trials=evaluation().trials[:2]), tmp_path)
    page = shown(open_page("track_record", home=tmp_path))
    assert words.say("track_record.section.found", "zh") in page
    for name in ("city", "silence", "alerts"):
        assert words.say(f"track_record.section.{name}", "zh") not in page


@pytest.mark.parametrize("language", words.languages)
def test_what_came_of_real_signals_is_told_by_detector_and_level(
    open_page: Open, town_link: dict, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def record(_desk: object, first: date, last: date, *, by: str) -> pd.DataFrame:
        assert (last - first).days == 364
        rows = [
            {"detector": "pooled", "channel": "week", "by": "street" if by == "level" else "II", "issued": 9, "verified": 8, "decided": 5,
             "hits": 3, "false_alarms": 1, "known_events": 1, "hit_rate_pct": 60.0, "false_alarm_rate_pct": 20.0, "leads": 2,
             "lead_days": 4.5, "verify_days": 1.5},
            {"detector": "", "channel": "", "by": "city" if by == "level" else "IV", "issued": 1, "verified": 0, "decided": 0,
             "hits": 0, "false_alarms": 0, "known_events": 0, "hit_rate_pct": None, "false_alarm_rate_pct": None, "leads": 0,
             "lead_days": None, "verify_days": None},
        ]  # fmt: skip
        return pd.DataFrame(rows)

    monkeypatch.setattr(load, "record_by_detector", record)
    page = shown(open_page("track_record", home=town_link["home"], lang=language))
    assert "60.0%" in page
    assert words.name("signal_method", "pooled", language) in page
    assert words.name("signal_level", "II", language) in page
    assert "nan" not in page


# --- charts ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
def test_the_chart_has_a_row_a_detector_and_a_mark_a_rate(language: str) -> None:
    figure = plot_rates(evaluation().trials[0], language)
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert [list(trace.x) for trace in marks] == [[54.3, 50.5], [64.3, 60.5], [74.3, 70.5]]
    assert list(marks[0].y) == [words.name("detector", name, language) for name in ("weekly", "farrington_improved")]


def test_a_share_of_zero_keeps_its_place_and_few_points_are_left_out() -> None:
    figure = plot_calibration(evaluation().trials[0], "en")
    by_name = {trace.name: list(zip(trace.x, trace.y, strict=True)) for trace in figure.data}
    assert by_name["Ours, weekly　p≤0.01"] == [("<0.1", pytest.approx(1.2)), ("≥20", pytest.approx(1.2))]
    assert by_name["Ours, weekly　p≤0.001"] == [("<0.1", 0.05)]
