"""Detectors are compared at a fixed rate of false alarms, by the published definitions; the shared harness says the same."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import HistoryTooShort
from analytics.signals import evaluation, evaluation_detectors, evaluation_trials
from analytics.signals.evaluation import Detector, Trial, Verdicts
from analytics.signals.farrington import IMPROVED, judge_farrington

SHARED = Path(__file__).resolve().parents[4] / "shared" / "evaluation"


def trial(quiet: np.ndarray, surge: np.ndarray | None = None, **more: object) -> Trial:
    """A trial of every point of these series."""
    judged = np.arange(quiet.shape[1])
    loud = {} if surge is None else {"counts": quiet + surge, "during": surge > 0}
    groups = {"mean": quiet.mean(axis=1), "level": np.full(len(quiet), "series")}
    own = {"name": "t", "unit": "week", "quiet": quiet, "judged": judged, "clear": np.ones_like(quiet, dtype=bool)}
    return Trial(**own | groups | loud | more)


def reads_p(counts: np.ndarray, judged: np.ndarray) -> Verdicts:
    """A detector for tests: the count itself is a p-value in percent; it alarms at 1."""
    return Verdicts(counts[:, judged] / 100.0, counts[:, judged] <= 1)


READER = Detector("reader", reads_p)


# --- the limit at a fixed rate --------------------------------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from([0.001, 0.01, 0.02, 0.5, 1.0]), min_size=1, max_size=60),
    st.sampled_from([0.01, 0.05, 0.3]),
)
def test_the_limit_never_lets_more_alarm_and_no_larger_one_would_do(p: list[float], rate: float) -> None:
    values = np.array(p)
    limit = evaluation.limit_at_rate(values, rate)
    assert np.mean(values <= limit) <= rate + 1e-9
    larger = [one for one in values if one > limit]
    assert not larger or np.mean(values <= min(larger)) > rate


def test_where_ties_exceed_the_rate_nothing_alarms() -> None:
    assert evaluation.limit_at_rate(np.zeros(100), 0.05) < 0


def test_what_is_smaller_than_all_that_is_quiet_always_alarms() -> None:
    assert 0.2 <= evaluation.limit_at_rate(np.ones(100), 0.01) < 1


# --- found, and how soon --------------------------------------------------------------------------------------------------------


def test_an_alarm_outside_the_surge_finds_nothing() -> None:
    during = np.array([[False, True, True, False]])
    assert evaluation.found_and_wait(np.array([[True, False, False, True]]), during) == (0.0, 2.0)


def test_a_surge_that_is_missed_counts_with_its_length() -> None:
    during = np.array([[True, True, True], [False, True, True]])
    alarms = np.array([[False, False, False], [False, True, False]])
    assert evaluation.found_and_wait(alarms, during) == (50.0, 1.5)


def test_series_without_a_surge_count_for_nothing() -> None:
    during = np.array([[True], [False]])
    assert evaluation.found_and_wait(np.array([[True], [True]]), during) == (100.0, 0.0)


# --- scoring --------------------------------------------------------------------------------------------------------------------


def test_points_left_unclear_are_no_false_alarms() -> None:
    quiet = np.array([[0, 50, 50, 50]])
    clear = np.array([[False, True, True, True]])
    scored = evaluation.score(trial(quiet, np.array([[0, 0, 1, 0]]), clear=clear), READER)
    assert scored.own_false_pct == 0.0


def test_a_point_without_a_verdict_alarms_not_and_is_counted_as_not_judged() -> None:
    def silent(counts: np.ndarray, judged: np.ndarray) -> Verdicts:
        return Verdicts(*(np.full((len(counts), len(judged)), np.nan) for _ in range(2)))

    scored = evaluation.score(trial(np.ones((2, 5), dtype=int), np.ones((2, 5), dtype=int)), Detector("silent", silent))
    assert (scored.judged_pct, scored.own_false_pct, scored.own_found_pct) == (0.0, 0.0, 0.0)
    assert scored.calibration == ()


def test_alarms_a_day_are_counted_over_all_series_side_by_side() -> None:
    quiet = np.array([[0, 50, 50, 50], [1, 1, 50, 50]])
    scored = evaluation.score(trial(quiet, together=True), READER)
    assert (scored.alerts_mean, scored.alerts_p95) == (0.75, pytest.approx(1.85))
    assert evaluation.score(trial(quiet), READER).alerts_mean is None


def test_calibration_is_by_level_and_by_the_mean_before() -> None:
    quiet = np.tile(np.array([[1, 99]]), (600, 500))
    found = evaluation.score(
        trial(quiet, mean=np.repeat([0.05, 30.0], 300), level=np.repeat(["leaf", "top"], 300)), READER
    ).calibration
    assert {(one.by, one.group) for one in found} == {
        ("all", "all"), ("level", "leaf"), ("level", "top"), ("mean", "<0.1"), ("mean", ">=20"),
    }  # fmt: skip
    assert {one.share for one in found if one.nominal == 0.01} == {0.5}
    assert {one.verdict for one in found if one.nominal == 0.01} == {"many"}
    assert {one.verdict for one in found if one.nominal == 0.001} == {"few"}


def test_series_may_be_judged_in_any_number_at_once() -> None:
    quiet = np.random.default_rng(1).integers(0, 100, (2500, 20))
    seen = []

    def counting(counts: np.ndarray, judged: np.ndarray) -> Verdicts:
        seen.append(len(counts))
        return reads_p(counts, judged)

    parts = evaluation.score(trial(quiet), Detector("parts", counting))
    whole = evaluation.score(trial(quiet), Detector("whole", counting, is_whole=True))
    assert (max(seen[:-1]) <= 1024, seen[-1]) == (True, 2500)
    assert parts.calibration == whole.calibration


# --- the detectors compared -----------------------------------------------------------------------------------------------------


def test_a_trailing_sum_judges_the_same_weekday_of_the_weeks_before() -> None:
    days = np.random.default_rng(3).poisson(2.0, (4, 7 * 230 + 3))
    judged = np.array([1500, 1501, 1609, 1612])
    found = evaluation_detectors.on_trailing_sums(evaluation_detectors.farrington)(days, judged)
    for column, day in enumerate(judged):
        ends = np.arange(day % 7, day + 1, 7)
        sums = np.stack([days[:, max(end - 6, 0) : end + 1].sum(axis=1) for end in ends if end >= 6], axis=1)
        expected = judge_farrington(sums, sums.shape[1] - 1, IMPROVED).p
        expected = np.where(sums[:, -1] == 0, 1.0, expected)
        np.testing.assert_allclose(found.p[:, column], expected, rtol=1e-9)


@pytest.mark.parametrize("detector", evaluation_detectors.weekly_detectors(), ids=lambda one: one.name)
def test_no_weekly_detector_looks_ahead(detector: Detector) -> None:
    assert_only_the_past(detector, evaluation_trials.weekly_scenarios([4]).counts, np.array([590, 600]))


@pytest.mark.parametrize("detector", evaluation_detectors.daily_detectors(), ids=lambda one: one.name)
def test_no_daily_detector_looks_ahead(detector: Detector) -> None:
    assert_only_the_past(detector, evaluation_trials.daily_signals([4], years=4).counts, np.array([1400, 1402]))


def assert_only_the_past(detector: Detector, counts: np.ndarray, judged: np.ndarray) -> None:
    """Later points may hold anything: the verdicts are the same."""
    later = counts.copy()
    later[:, judged[-1] + 1 :] += 50
    before, after = detector.judge(counts, judged), detector.judge(later, judged)
    for name in ("p", "alarm"):
        np.testing.assert_allclose(getattr(before, name), getattr(after, name), rtol=1e-9)


def test_a_short_history_is_not_judged_by_farrington() -> None:
    found = evaluation_detectors.farrington(np.ones((2, 40)), np.array([20, 39]))
    assert np.isnan(found.p).all()


@pytest.mark.shared
def test_improved_farrington_scores_as_in_the_shared_harness(monkeypatch: pytest.MonkeyPatch) -> None:
    if not (SHARED / "detector_eval.py").is_file():
        pytest.skip("the shared harness does not lie beside the project (../shared/evaluation)")
    monkeypatch.syspath_prepend(str(SHARED))
    for name in ("scenarios", "detector_eval"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    spec = importlib.util.spec_from_file_location("shared_detector_eval", SHARED / "detector_eval.py")
    harness = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(harness)

    def detector(counts: np.ndarray, weeks: np.ndarray) -> tuple:
        found = evaluation_detectors.farrington(counts, weeks - 1)
        return found.alarm, found.p, found.p, found.p

    detector.multi = True
    theirs = harness.evaluate(detector, reps=2, check=False)
    own = evaluation.score(
        evaluation_trials.weekly_scenarios(range(2)), Detector("farrington", evaluation_detectors.farrington)
    )
    assert own.own_false_pct == pytest.approx(100 * theirs["overall"]["FPR"])
    for one in own.at:
        wanted = theirs["at_fixed_FPR"][str(one.rate_pct / 100)]
        assert (one.found_pct, one.wait) == (pytest.approx(100 * wanted["POD"]), pytest.approx(wanted["TTDc"]))


# --- the trials -----------------------------------------------------------------------------------------------------------------


def real_life(places: int = 3, years: int = 4) -> np.ndarray:
    return np.random.default_rng(5).poisson(1.5, (places, 2, 364 * years + 9))


def test_counts_become_nodes_of_four_levels_that_add_up() -> None:
    series, level = evaluation_trials.nodes_of(real_life())
    assert [int((level == name).sum()) for name in ("place_subject", "place", "subject", "total")] == [6, 3, 2, 1]
    totals = {name: series[level == name].sum() for name in np.unique(level)}
    assert len(set(totals.values())) == 1


@pytest.mark.parametrize("unit", ["week", "day"])
def test_what_is_injected_lies_on_top_of_what_is_real(unit: str) -> None:
    series, level = evaluation_trials.nodes_of(real_life())
    found = evaluation_trials.injected(series, level, unit, seed=1, replicates=2, name="real")
    added = found.counts - found.quiet
    assert (added >= 0).all()
    assert (added.sum(axis=1) >= 2).all()
    assert not added[:, : found.judged[0]].any()
    again = evaluation_trials.injected(series, level, unit, seed=1, replicates=2, name="real")
    assert (again.counts == found.counts).all()


def test_a_series_that_never_counted_gets_no_surge() -> None:
    found = evaluation_trials.injected(
        np.zeros((1, 364 * 4), dtype=int), np.array(["all"]), "week", seed=1, replicates=1, name="r"
    )
    assert not found.during.any()


def test_shuffled_years_hold_the_same_years_in_another_order() -> None:
    series, level = evaluation_trials.nodes_of(real_life())
    found = evaluation_trials.shuffled_years(series, level, "day", seed=1, replicates=1)
    before = {tuple(year) for year in series[0][-4 * 364 :].reshape(4, 364)}
    after = [tuple(year) for year in found.quiet[0].reshape(4, 364)]
    assert set(after) == before
    assert after != [tuple(year) for year in series[0][-4 * 364 :].reshape(4, 364)]


def test_less_than_three_years_is_said() -> None:
    with pytest.raises(HistoryTooShort):
        evaluation_trials.injected(
            np.ones((1, 700), dtype=int), np.array(["all"]), "week", seed=1, replicates=1, name="r"
        )
