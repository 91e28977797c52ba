"""An evaluation from asking to reading it back: reproducible, kept as it was, said in both languages."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import evaluating
from analytics.evaluating import Asked, Evaluation, asked_for, evaluate_signals, keep, track_record
from data.workdays import build_calendar
from pages.paper.evaluation import evaluation_text
from pages.ui import words

AT = datetime(2026, 11, 22, 6, 30)


def run(asked: Asked) -> Evaluation:
    return evaluate_signals(asked, made_at=AT, calendar=build_calendar())


@pytest.fixture(scope="module")
def quick() -> Evaluation:
    with pytest.MonkeyPatch.context() as patched:  # one seed of each: what is tested here is the way there and back
        patched.setattr(evaluating, "WEEKLY_SEEDS", 1)
        patched.setattr(evaluating, "DAILY_SEEDS", 1)
        return run(Asked(city=False, quick=True))


@pytest.fixture(scope="module")
def counts_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three years of counts of nobody's real city."""
    days = pd.date_range("2022-01-01", periods=3 * 364 + 20)
    chance = np.random.default_rng(1)
    rows = [
        {"day": day.date(), "place": place, "subject": "x", "count": int(chance.poisson(2))} for day in days for place in "ab"
    ]  # fmt: skip
    file = tmp_path_factory.mktemp("counts") / "counts.csv"
    pd.DataFrame(rows).to_csv(file, index=False)
    return file


def test_without_a_choice_everything_but_a_file_is_evaluated() -> None:
    assert asked_for(None, scenarios=False, quick=True, seed=1) == Asked(True, True, None, True, 1)
    assert asked_for(Path("x"), scenarios=False, quick=False, seed=1) == Asked(False, True, Path("x"), False, 1)
    assert asked_for(Path("x"), scenarios=True, quick=False, seed=1) == Asked(True, True, Path("x"), False, 1)
    assert not asked_for(None, scenarios=True, quick=False, seed=1).city


def test_the_simulated_series_are_evaluated_beside_the_baselines(quick: Evaluation) -> None:
    assert [one.name for one in quick.trials] == ["scenarios_weekly", "signals_daily"]
    for trial in quick.trials:
        assert {"ears_c1", "ears_c2", "ears_c3"} < {one.detector for one in trial.detectors}
        assert any(one.detector.startswith("farrington") for one in trial.detectors)
        assert all(len(one.at) == 3 for one in trial.detectors)


def without_seconds(found: Evaluation) -> Evaluation:
    trials = [
        replace(one, detectors=tuple(replace(detector, seconds=0.0) for detector in one.detectors))
        for one in found.trials
    ]
    return replace(found, seconds=0.0, trials=tuple(trials))


def test_the_same_seed_gives_the_same_figures_and_another_gives_others(counts_file: Path) -> None:
    asked = Asked(scenarios=False, city=False, counts=counts_file)
    first, second, other = run(asked), run(asked), run(replace(asked, seed=2))
    assert repr(without_seconds(first)) == repr(without_seconds(second))
    assert repr(without_seconds(first)) != repr(replace(without_seconds(other), seed=1))


def test_a_file_of_counts_is_injected_and_shuffled(counts_file: Path) -> None:
    found = run(Asked(scenarios=False, city=False, counts=counts_file))
    assert [one.name for one in found.trials] == ["counts_week", "counts_day", "shuffled_years"]
    assert {one.source for one in found.trials} == {"counts.csv"}
    weekly = found.trials[0]
    assert {row.group for row in weekly.detectors[0].calibration if row.by == "level"} == {
        "place_subject", "place", "subject", "total",
    }  # fmt: skip


def test_the_city_has_its_surges_its_control_and_its_holidays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "QUICK", evaluating.CitySize(8_000, 3, weeks=4, nights=3, warm_up=2, every=12))
    found = run(Asked(scenarios=False, quick=True))
    assert [one.name for one in found.trials] == [
        "city",
        "city_nightly",
        "shuffled_years",
        "festivals",
        "festivals_daily",
    ]
    city, nightly, shuffled, festivals, _ = found.trials
    assert city.spent
    assert {"community_small", "street_small"} <= set(city.spent[0].found_pct)
    assert (shuffled.surges, festivals.surges, festivals.unit) == (0, 0, "day")
    assert festivals.detectors[0].alerts_mean is not None
    (sent,) = nightly.spent
    assert (nightly.unit, nightly.detectors, sent.is_ours) == ("day", (), True)


# --- kept -----------------------------------------------------------------------------------------------------------------------


def test_what_is_kept_reads_back_as_it_was(quick: Evaluation, tmp_path: Path) -> None:
    own = replace(quick, code=evaluating.code_mark())
    keep(own, tmp_path)
    record = track_record(tmp_path)
    assert [one.trial.name for one in record.kept] == ["scenarios_weekly", "signals_daily"]
    assert record.kept[0].run == own
    assert (record.runs, record.unreadable, record.is_stale) == (1, 0, False)


def test_a_whole_run_goes_before_a_later_quick_one(quick: Evaluation, tmp_path: Path) -> None:
    keep(replace(quick, quick=False, seconds=99.0), tmp_path)
    keep(replace(quick, made_at=datetime(2026, 12, 1)), tmp_path)
    assert {one.run.seconds for one in track_record(tmp_path).kept} == {99.0}


def test_each_trial_is_shown_from_the_newest_run_that_has_it(quick: Evaluation, tmp_path: Path) -> None:
    keep(quick, tmp_path)
    keep(replace(quick, made_at=datetime(2026, 12, 1), trials=quick.trials[:1]), tmp_path)
    assert [one.run.made_at.month for one in track_record(tmp_path).kept] == [12, 11]


def test_figures_of_other_code_are_said_to_be_so(quick: Evaluation, tmp_path: Path) -> None:
    keep(replace(quick, code="0.0.1+00000000"), tmp_path)
    assert track_record(tmp_path).is_stale


def test_what_another_edition_wrote_is_left_out_and_counted(quick: Evaluation, tmp_path: Path) -> None:
    file = keep(quick, tmp_path)
    text = file.read_text(encoding="utf-8")
    file.with_name("signals-20200101-000000-01.json").write_text(
        text.replace('"shape": 1', '"shape": 0'), encoding="utf-8"
    )
    file.with_name("signals-20200102-000000-01.json").write_text(text.replace('"at"', '"on"'), encoding="utf-8")
    file.with_name("signals-20200103-000000-01.json").write_text('{"shape": 1, "trials": 3}', encoding="utf-8")
    record = track_record(tmp_path)
    assert (record.runs, record.unreadable) == (1, 3)


# --- said -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.languages)
def test_the_text_has_every_trial_and_every_detector(quick: Evaluation, language: str) -> None:
    text = evaluation_text(quick, language)
    for trial in quick.trials:
        assert words.name("trial", trial.name, language) in text
        assert all(words.name("detector", one.detector, language) in text for one in trial.detectors)
    assert "None" not in text
    assert "nan" not in text


def test_the_headline_says_what_is_known_and_no_more(quick: Evaluation, tmp_path: Path) -> None:
    assert [one.key for one in evaluating.headline(track_record(tmp_path))] == ["track_record.headline.none"]
    baselines = tuple(one for one in quick.trials[0].detectors if not one.is_ours)
    keep(replace(quick, trials=(replace(quick.trials[0], detectors=baselines),)), tmp_path)
    assert [one.key for one in evaluating.headline(track_record(tmp_path))] == ["track_record.headline.only"]
    ours = replace(baselines[0], detector="weekly", is_ours=True)
    both = replace(quick.trials[0], detectors=(ours, *baselines))
    keep(replace(quick, quick=False, trials=(both,)), tmp_path)
    said = evaluating.headline(track_record(tmp_path))
    assert [one.key for one in said] == ["track_record.headline.beats", "track_record.headline.calibrated"]
    assert all(words.tell(one, language) for one in said for language in words.languages)
