"""The forecasts of a night: the models that earned a weight, combined, brought into line with their sums, beside the naive forecast."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.forecasts.breaks import TOO_SHORT, History, read_histories, usable
from analytics.forecasts.combining import FORECAST, NAIVE, REFUSED, SHOWN_NAIVE, Weights, settled, shown_forecasts
from analytics.forecasts.contract import COLUMNS, Model, Panel
from analytics.forecasts.distributions import is_whole
from analytics.forecasts.executing import Job, Runner, forecast_all
from analytics.forecasts.long_panels import next_start
from analytics.forecasts.reconciling import Sums, expected

NAIVE_COLUMNS = tuple(column.replace("q", "n", 1) for column in COLUMNS)


@dataclass(frozen=True, eq=False)
class NightForecasts:
    """`frame`: one row a series and step – key, level, freq, step (from 1), period (first day), mean (adds up over parts),
    q0.025 … q0.975 as shown, n0.025 … n0.975 of the naive forecast. `series`: one row a series – key, level, freq, state ("forecast", "naive" where the naive forecast is shown because
    it did better, "refused"), reason (why a history is not used whole, or why there
    is no forecast; None otherwise), weights (JSON: model → mean weight), usable_from, skill (past score over the
    naive one's, NaN without a record), cover80, cover95.
    """

    frame: pd.DataFrame
    series: pd.DataFrame


def forecast_night(
    panel: Panel,
    horizon: int,
    weights: Weights,
    models: Sequence[Model],
    *,
    sums: Sums = (),
    runner: Runner | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> NightForecasts:
    """Forecast every series of the panel from its end on. `sums` are wholes and all their parts, by key: their means add up."""
    histories = read_histories(panel)
    panel = usable(panel, histories)
    levels = np.array(panel.levels)
    weighed = weights.members[weights.members["weight"] > 0]
    jobs = []
    for model in models:
        own = set(weighed.loc[weighed["model"] == model.name, "level"])
        every = model.name == NAIVE or "*" in own
        at = np.flatnonzero(np.isin(levels, list(own)) | every)
        if len(at) and panel.freq in model.freqs:
            jobs.append(Job(model, panel, horizon, at))
    found, _ = forecast_all(jobs, runner or Runner(), progress)
    given = {}
    for job, quantiles in zip(jobs, found, strict=True):
        given[job.model.name] = np.full((len(levels), horizon, len(COLUMNS)), np.nan)
        given[job.model.name][job.at] = quantiles
    free, is_naive = shown_forecasts(weights, panel.keys, panel.levels, given, sums)
    return _told(panel, weights, histories, free, given[NAIVE], is_naive)


def _told(
    panel: Panel,
    weights: Weights,
    histories: Sequence[History],
    free: np.ndarray,
    naive: np.ndarray,
    is_naive: np.ndarray,
) -> NightForecasts:
    horizon = free.shape[1]
    record = weights.series.set_index("key").reindex(panel.keys)
    refused = ~np.isfinite(free).all(axis=(1, 2))
    state = np.select([refused, is_naive], [REFUSED, SHOWN_NAIVE], FORECAST)
    shown = settled(free, is_whole(panel.counts))
    means = weights.members.groupby(["level", "model"], sort=False)["weight"].sum()
    means = means / weights.members.drop_duplicates(["level", "first_step"]).groupby("level").size()
    said = {level: json.dumps(means[level].round(3).to_dict()) for level in means.index.unique("level")}
    series = pd.DataFrame({
        "key": panel.keys,
        "level": panel.levels,
        "freq": panel.freq,
        "state": state,
        "reason": [_reason(one, why) for one, why in zip(histories, state, strict=True)],
        "weights": [said.get(level, said.get("*")) for level in panel.levels],
        "usable_from": pd.to_datetime([one.usable_from for one in histories]),
        **{name: record[name].to_numpy(float) for name in ("skill", "cover80", "cover95")},
    })  # fmt: skip
    steps = np.tile(np.arange(1, horizon + 1), len(panel.keys))
    frame = pd.DataFrame({
        "key": np.repeat(panel.keys, horizon),
        "level": np.repeat(panel.levels, horizon),
        "freq": panel.freq,
        "step": steps,
        "period": np.tile(next_start(panel.starts[-1], panel.freq, np.arange(1, horizon + 1)), len(panel.keys)),
    })  # fmt: skip
    frame["mean"] = expected(free).reshape(-1)
    frame[list(COLUMNS)] = shown.reshape(-1, len(COLUMNS))
    frame[list(NAIVE_COLUMNS)] = naive.reshape(-1, len(COLUMNS))
    return NightForecasts(frame[~np.repeat(refused, horizon)].reset_index(drop=True), series)


def _reason(history: History, state: str) -> str | None:
    """Why a history is not used whole, or why there is no forecast."""
    return history.reason or (TOO_SHORT if state == REFUSED else None)
