"""All models keep the contract: quantiles in order, never negative, no look ahead, a part like the whole, and refusal of what is too short."""

import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analytics.forecasts.breaks import read_histories, usable
from analytics.forecasts.calendars import choose_calendar, country_calendar
from analytics.forecasts.contract import QUANTILES, SEASONS, Panel, part, until
from analytics.forecasts.features import design_of
from analytics.forecasts.models import MODELS, count_glm
from analytics.forecasts.models.seasonal import seasonal_naive
from analytics.forecasts.scoring import wis
from tests.analytics.forecasts.made import panel_of, poisson_panel

PERIODS = {"D": 420, "W": 130, "M": 60, "Q": 28}
HORIZON = {"D": 28, "W": 12, "M": 6, "Q": 4}
LIGHT = [name for name in MODELS if name != "prophet"]
EVERY = [(name, freq) for name in LIGHT for freq in "DWMQ"] + [("prophet", "D"), ("prophet", "M")]


def made(freq: str, periods: int | None = None) -> Panel:
    return poisson_panel(freq, periods or PERIODS[freq], (0.3, 6.0, 45.0))


def forecast(name: str, panel: Panel, horizon: int | None = None) -> np.ndarray:
    model = MODELS[name]
    return model.forecast(panel, horizon or HORIZON[panel.freq], model.prepare(panel))


@pytest.mark.parametrize(("name", "freq"), EVERY)
def test_quantiles_are_in_order_and_never_negative(name: str, freq: str) -> None:
    found = forecast(name, made(freq))
    assert found.shape == (3, HORIZON[freq], 7)
    kept = found[np.isfinite(found[:, 0, 0])]
    assert len(kept)
    assert (kept >= 0).all()
    assert (np.diff(kept, axis=2) >= 0).all()
    assert np.isfinite(found).all(axis=(1, 2)).sum() == len(kept)  # all or nothing


@pytest.mark.parametrize(("name", "freq"), EVERY)
def test_no_later_value_changes_a_forecast(name: str, freq: str) -> None:
    panel = made(freq)
    cut = PERIODS[freq] - HORIZON[freq]
    other = replace(panel, counts=np.concatenate([panel.counts[:, :cut], panel.counts[:, cut:] * 9 + 50], axis=1))
    horizon = 3
    first, second = forecast(name, until(panel, cut), horizon), forecast(name, until(other, cut), horizon)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", [*LIGHT, "prophet"])
def test_a_part_of_a_panel_gives_what_the_whole_gives(name: str) -> None:
    panel, model = made("D"), MODELS[name]
    shared = model.prepare(panel)
    whole = model.forecast(panel, 3, shared)
    one = model.forecast(part(panel, np.array([2])), 3, shared)
    np.testing.assert_allclose(one[0], whole[2], rtol=1e-6)


@pytest.mark.parametrize("name", [*LIGHT, "prophet"])
def test_a_series_without_a_history_is_refused_and_the_others_are_not(name: str) -> None:
    panel = made("D")
    counts = panel.counts.copy()
    counts[1, :-2] = np.nan
    found = forecast(name, replace(panel, counts=counts), 3)
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[2]).all()


@pytest.mark.parametrize("name", LIGHT)
def test_a_gap_and_a_late_start_are_no_zeros(name: str) -> None:
    panel = made("D")
    counts = panel.counts.copy()
    counts[2, :150] = np.nan
    counts[2, 300:330] = np.nan
    found = forecast(name, replace(panel, counts=counts), 7)
    assert 20 < found[2, :, 3].mean() < 60


@pytest.mark.parametrize("name", LIGHT)
@pytest.mark.parametrize("freq", ["M", "Q"])
def test_amounts_are_taken_as_they_are(name: str, freq: str) -> None:
    rng = np.random.default_rng(4)
    time = np.arange(PERIODS[freq])
    season = 1 + 0.3 * np.cos(2 * np.pi * time / SEASONS[freq])
    amounts = 5000.7 * season * np.exp(rng.normal(0, 0.03, (3, len(time))))
    found = forecast(name, panel_of(amounts, freq))
    assert np.isfinite(found).all()
    ahead = 5000.7 * (1 + 0.3 * np.cos(2 * np.pi * (len(time) + np.arange(HORIZON[freq])) / SEASONS[freq]))
    assert np.abs(found[:, :, 3] / ahead - 1).mean() < 0.15


@pytest.mark.parametrize("name", ["count_glm", "blend"])
def test_where_the_rate_is_known_the_forecasts_are_calibrated(name: str) -> None:
    rates = tuple(np.geomspace(0.4, 60, 40))
    below, upto = np.zeros(7), np.zeros(7)
    for seed in (1, 2):
        panel = poisson_panel("D", 428, rates, seed=seed)
        found = forecast(name, until(panel, 400))
        truth = panel.counts[:, 400:, None]
        below += (truth < found).mean(axis=(0, 1)) / 2
        upto += (truth <= found).mean(axis=(0, 1)) / 2
    share = np.array(QUANTILES)
    assert np.maximum(below - share, share - upto).max() <= 0.03
    exact = stats.poisson.ppf(share[:, None], np.array(rates)).T[:, None]
    widest = (found[:, :, 5] - found[:, :, 1]).mean() / (exact[..., 5] - exact[..., 1]).mean()
    assert 0.75 < widest < 1.3


@pytest.mark.parametrize("name", ["count_glm", "blend"])
def test_months_after_two_years_of_history_are_held_as_often_as_is_said(name: str) -> None:
    rng = np.random.default_rng(8)
    season = np.exp(0.25 * np.sin(2 * np.pi * (np.arange(32)[None] + rng.integers(0, 12, (60, 1))) / 12))
    rate = rng.uniform(100, 900, (60, 1)) * season
    counts = rng.negative_binomial(40, 40 / (40 + rate)).astype(float)
    panel = until(panel_of(counts, "M"), 26)
    ahead = MODELS[name].forecast(panel, 6, MODELS[name].prepare(panel))
    within = (counts[:, 26:] >= ahead[..., 1]) & (counts[:, 26:] <= ahead[..., -2])
    assert 0.73 < within.mean() < 0.9


def test_the_naive_forecast_is_the_one_every_score_is_divided_by(real_records: Path) -> None:
    sys.path.insert(0, str(real_records.parent / "evaluation"))
    import forecast_score
    import pandas as pd

    panel = poisson_panel("D", 500)
    history = pd.Series(panel.counts[1])
    np.testing.assert_allclose(seasonal_naive(panel, 28)[1], forecast_score.naive(history, 28))


def test_a_small_series_knows_from_all_others_what_a_festival_does() -> None:
    panel = poisson_panel("D", 1050, (0.4, *[12.0] * 12))
    offset = panel.calendar.festival_offset[:1050]
    counts = np.where((offset >= 0) & (offset <= 6), np.round(panel.counts * 0.2), panel.counts)
    counts[0, :800] = np.nan  # this series has seen no Spring Festival
    known = replace(panel, counts=counts)
    mean, _ = count_glm.moments(known, 28, count_glm.prepare(known))
    ahead = panel.calendar.festival_offset[1050:1078]
    festive = (ahead >= 0) & (ahead <= 6)
    assert festive.sum() == 7
    assert mean[0, festive].mean() < 0.4 * mean[0, ahead == 127].mean()


def test_the_spring_festival_of_a_year_without_a_calendar_follows_the_moon() -> None:
    panel = poisson_panel("D", 1050, (12.0, 12.0))
    offset = panel.calendar.festival_offset
    past = offset[:1050]
    counts = np.where((past >= 0) & (past <= 6), np.round(panel.counts * 0.2), panel.counts)
    is_known = np.arange(len(offset)) < 1000
    works = np.where(is_known, panel.calendar.is_workday, panel.calendar.weekday < 5)
    unpublished = replace(panel, counts=counts, calendar=replace(panel.calendar, is_known=is_known, is_workday=works))
    mean, _ = count_glm.moments(unpublished, 28, count_glm.prepare(unpublished))
    festive = (offset[1050:1078] >= 0) & (offset[1050:1078] <= 6)
    assert mean[0, festive].mean() < 0.4 * mean[0, offset[1050:1078] == 127].mean()


def test_days_weeks_and_months_follow_a_new_level_soon() -> None:
    rng = np.random.default_rng(3)
    counts = rng.poisson(np.where(np.arange(500) < 440, 10, 25), (6, 500))
    found = forecast("count_glm", panel_of(counts), 7)
    assert found[:, :, 3].mean() > 20


def test_prophet_is_deterministic_and_leaves_chance_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    panel = part(made("D"), np.array([2]))
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = forecast("prophet", panel, 5), forecast("prophet", panel, 5)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err == ""


@pytest.mark.parametrize("name", [*LIGHT, "prophet"])
def test_a_recording_that_stopped_is_refused_by_every_model(name: str) -> None:
    panel = made("D")
    counts = panel.counts.copy()
    counts[2, -40:] = 0
    broken = replace(panel, counts=counts)
    found = forecast(name, usable(broken, read_histories(broken)), 3)
    assert np.isnan(found[2]).all()
    assert np.isfinite(found[1]).all()


def test_models_travel_to_other_processes() -> None:
    for name, model in MODELS.items():
        assert pickle.loads(pickle.dumps(model)).name == name


@pytest.mark.parametrize("name", ["count_glm", "ets", "blend"])
def test_the_unit_of_an_amount_does_not_matter(name: str) -> None:
    amounts = np.exp(np.random.default_rng(5).normal(2, 0.2, (3, PERIODS["M"])))
    small, large = forecast(name, panel_of(amounts, "M")), forecast(name, panel_of(amounts * 1000, "M"))
    np.testing.assert_allclose(small * 1000, large, rtol=0.01)


def test_a_trend_fades_ahead() -> None:
    panel = made("M")
    trend = design_of(panel, 6, 1).rows[:, 1]
    steps = np.diff(trend[PERIODS["M"] - 1 :])
    assert (np.diff(steps) < 0).all()
    assert steps[0] < trend[1] - trend[0] + 1e-9


def test_a_planned_event_lifts_the_days_it_will_take_place() -> None:
    panel = poisson_panel("D", 700, (20.0,) * 6)
    event = np.zeros(len(panel.days), dtype=bool)
    event[20:700:31] = True
    event[705] = True
    counts = np.where(event[:700], panel.counts * 2, panel.counts)
    planned = replace(panel, counts=counts, occasions={"fair": event})
    plain = replace(planned, occasions={})
    with_event, without = (count_glm.moments(one, 7, count_glm.prepare(one))[0] for one in (planned, plain))
    assert (with_event[:, 5] / without[:, 5] > 1.5).all()
    assert np.abs(with_event[:, :4] / without[:, :4] - 1).max() < 0.15


def test_real_counts_are_foretold_better_than_by_the_naive_forecast(real_records: Path) -> None:
    sys.path.insert(0, str(real_records.parent / "evaluation"))
    import forecast_score

    chosen = forecast_score.series(
        forecast_score.load(str(real_records / "sp156" / "daily_counts_panel_open_2015_2018.csv.gz"))
    )
    days = chosen["total"].index.values.astype("datetime64[D]")
    counts = np.stack([own.to_numpy(float) for own in chosen.values()])
    first = int((days <= np.datetime64(forecast_score.ORIGINS[0], "D")).sum())
    calendar = country_calendar(days, choose_calendar(days[:first], counts[0, :first]))
    levels = tuple(name.split(":")[0] for name in chosen)
    panel = Panel("D", days, tuple(chosen), levels, counts, days, calendar.features, calendar.occasions)
    ratios, below, upto = [], np.zeros(7), np.zeros(7)
    for origin in (forecast_score.ORIGINS[1], forecast_score.ORIGINS[5]):
        known = until(panel, int((days <= np.datetime64(origin, "D")).sum()))
        truth = counts[:, known.counts.shape[1] :][:, :28]
        ours, naive = forecast("count_glm", known), forecast("seasonal_naive", known)
        scale = np.abs(known.counts[:, 7:] - known.counts[:, :-7]).mean(axis=1)
        score, under = ((wis(truth, one).mean(axis=1) / scale).mean() for one in (ours, naive))
        ratios.append(score / under)
        below += (truth[..., None] < ours).mean(axis=(0, 1)) / 2
        upto += (truth[..., None] <= ours).mean(axis=(0, 1)) / 2
    share = np.array(QUANTILES)
    assert calendar.code.startswith("BR")
    assert np.mean(ratios) <= 0.69
    assert np.maximum(below - share, share - upto).max() <= 0.03
