"""Backtests with a rolling origin: what each model would have said at past cut-offs, beside what then came.

Rolling-origin evaluation: Tashman (2000), International Journal of Forecasting 16(4). No model sees a count after its cut-off.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analytics.forecasts.breaks import read_histories, usable
from analytics.forecasts.contract import COLUMNS, SEASONS, Model, Panel, until
from analytics.forecasts.distributions import is_whole
from analytics.forecasts.executing import Job, Runner, forecast_all
from analytics.forecasts.scoring import naive_error

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Backtest:
    """What was forecast at past cut-offs and what came.

    `cutoffs` are numbers of periods that were known; `truth` [origin, series, step] holds NaN where nothing has come (yet); `quantiles`
    [model, origin, series, step, quantile] NaN where a model refused; `scale` [origin, series] is the mean absolute seasonal change of the
    history then known; `seconds` the processor time of each model a series; `is_whole`
    says which series are counts, not amounts.
    """

    freq: str
    starts: np.ndarray
    keys: tuple[str, ...]
    levels: tuple[str, ...]
    cutoffs: tuple[int, ...]
    models: tuple[str, ...]
    quantiles: np.ndarray
    truth: np.ndarray
    scale: np.ndarray
    seconds: dict[str, float]
    is_whole: np.ndarray

    def of(self, model: str) -> np.ndarray:
        """The quantiles of one model [origin, series, step, quantile]."""
        return self.quantiles[self.models.index(model)]

    def at(self, origins: Sequence[int]) -> "Backtest":
        """Some of the origins, by their positions."""
        own = list(origins)
        return replace(
            self,
            cutoffs=tuple(self.cutoffs[one] for one in own),
            quantiles=self.quantiles[:, own],
            truth=self.truth[own],
            scale=self.scale[own],
        )

    def frame(self, model: str) -> pd.DataFrame:
        """One model as a long table: series, origin (first day after the last known period), step, model, the quantiles."""
        origins, series, steps = self.truth.shape
        rows = pd.DataFrame(self.of(model).reshape(-1, len(COLUMNS)), columns=list(COLUMNS))
        rows.insert(0, "model", model)
        rows.insert(0, "step", np.tile(np.arange(1, steps + 1), origins * series))
        rows.insert(0, "cutoff", np.repeat(self.cutoffs, series * steps))
        rows.insert(0, "series", np.tile(np.repeat(self.keys, steps), origins))
        return rows


def backtest(
    panel: Panel,
    cutoffs: Iterable[int],
    horizon: int,
    models: Sequence[Model],
    *,
    runner: Runner,
    progress: Progress = lambda stage, share: None,
) -> Backtest:
    """Forecast `panel` at each cut-off (a number of known periods) with each model, on whatever `runner` offers; each series stands on what
    could be used of its history then.
    """
    cutoffs = tuple(cutoffs)
    then = [until(panel, cutoff) for cutoff in cutoffs]
    then = [usable(one, read_histories(one)) for one in then]
    jobs = [Job(model, one, horizon) for one in then for model in models]
    found, seconds = forecast_all(jobs, runner, lambda share: progress("backtest", share))
    shape = (len(cutoffs), len(models), len(panel.keys), horizon, len(COLUMNS))
    quantiles = np.stack(found).reshape(shape).swapaxes(0, 1)
    padded = np.pad(panel.counts.astype(float), ((0, 0), (0, horizon)), constant_values=np.nan)
    truth = np.stack([padded[:, cutoff : cutoff + horizon] for cutoff in cutoffs])
    scale = np.stack([naive_error(panel.counts[:, :cutoff], SEASONS[panel.freq]) for cutoff in cutoffs])
    spent = np.array(seconds).reshape(len(cutoffs), len(models)).mean(axis=0) / max(len(panel.keys), 1)
    return Backtest(
        panel.freq,
        panel.starts,
        panel.keys,
        panel.levels,
        cutoffs,
        tuple(model.name for model in models),
        quantiles,
        truth,
        scale,
        {model.name: float(one) for model, one in zip(models, spent, strict=True)},
        is_whole(panel.counts),
    )


def rolling_cutoffs(periods: int, horizon: int, season: int, most: int, step: int | None = None) -> tuple[int, ...]:
    """Cut-offs at equal distances, the last with a whole horizon of truth, the first with at least two seasons known (one where the
    history is shorter), at most `most` of them.

    >>> rolling_cutoffs(140, 28, 7, 3)
    (56, 84, 112)
    """
    last, first = periods - horizon, min(2 * season, max(season, 8))
    step = step or horizon
    found = range(last, first - 1, -step)
    return tuple(sorted(found[:most]))
