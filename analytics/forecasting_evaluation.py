"""Facade of `xianshou evaluate forecasts`: a long table of counts in, how well each model and their combination forecast it out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.forecasts.backtests import Backtest, backtest
from analytics.forecasts.calendars import AUTO, Calendar, choose_calendar, country_calendar
from analytics.forecasts.combining import NAIVE, Weights
from analytics.forecasts.contract import COLUMNS, HORIZONS, SEASONS, Model, Panel
from analytics.forecasts.evaluation import CHOSEN, Chosen, choose, filled, inner_cutoffs, score_table
from analytics.forecasts.executing import ClusterExecutor, Runner, process_pool
from analytics.forecasts.long_panels import CELLS, TOTAL, Series, fold, lay_out, next_start
from analytics.forecasts.models import MODELS
from data.errors import NotReady, Refused
from data.evaluations import code_mark
from data.forecast_tasks import FolderKeeper
from data.long_counts import LongCounts, read_long_counts

FEWEST = {"D": 182, "W": 60, "M": 16, "Q": 9}  # periods known at the earliest origin that weights are learned from
FOLDER = "forecast_evaluation_tasks"

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Asked:
    """What is to be evaluated. `origins` are the last days known; `models` names (empty: all made for the freq); `cells` how many series of
    the crossing (None: all); `calendar` auto, none or a code; `scheduler` the address of a Dask cluster (None: processes here).
    """

    counts: Path
    value: str
    columns: tuple[str, ...]
    freq: str
    horizon: int
    origins: tuple[date, ...]
    models: tuple[str, ...] = ()
    cells: int | None = CELLS
    calendar: str = AUTO
    scheduler: str | None = None
    workers: int = 2


@dataclass(frozen=True, eq=False)
class ForecastEvaluation:
    """What was found: `scores` (one row a level and model), `weights` of each origin, how many series showed the naive forecast at each
    (of how many), the calendar followed, and `forecasts`, the long table.
    """

    asked: Asked
    calendar: str
    series: int
    inner: int
    cutoffs: tuple[date, ...]
    scores: pd.DataFrame
    weights: tuple[Weights, ...]
    naive_shown: tuple[int, ...]
    forecasts: pd.DataFrame


def evaluate_forecasts(asked: Asked, home: Path, progress: Progress = lambda stage, share: None) -> ForecastEvaluation:
    """Backtest every model at the origins and before them, combine by what was known at each, and score.

    Finished tasks are kept in `home` until the whole is done, so that a run that was killed goes on where it stopped.
    """
    models = _models(asked)
    if not asked.horizon >= 1:
        raise Refused("forecast_evaluation.horizon", found=asked.horizon, most=HORIZONS[asked.freq])
    progress("forecast_read", 0)
    read = read_long_counts(asked.counts, asked.value, asked.columns)
    panel, series, origins, code = laid_out(asked, read)
    inner = inner_cutoffs(origins[0], asked.horizon, FEWEST[asked.freq])
    keeper = FolderKeeper(home / FOLDER)
    runner = Runner(_executor(asked), keeper, methods_mark())
    whole = backtest(
        panel, sorted({*inner, *origins}), asked.horizon, models, runner=runner,
        progress=lambda stage, share: progress("forecast_backtest", share),
    )  # fmt: skip
    progress("forecast_combine", 0)
    chosen = choose(whole, origins, lambda cutoff: _last_day(panel, cutoff), series.sums)
    at = whole.at([whole.cutoffs.index(one) for one in origins])
    scores = score_table(at, chosen.quantiles, series.is_scored)
    found = ForecastEvaluation(
        asked=asked,
        calendar=code,
        series=int(series.is_scored.sum()),
        inner=len(inner),
        cutoffs=tuple(_last_day(panel, one) for one in origins),
        scores=scores,
        weights=chosen.weights,
        naive_shown=tuple(int(one[series.is_scored].sum()) for one in chosen.is_naive),
        forecasts=long_table(at, chosen, series, asked.freq),
    )
    keeper.clear()
    return found


def laid_out(asked: Asked, read: LongCounts) -> tuple[Panel, Series, list[int], str]:
    """The panel, its series, the origins as numbers of known periods, and the calendar followed."""
    first = np.datetime64(min(asked.origins), "D")
    series = lay_out(read.keys, read.values, read.days <= first, asked.cells)
    starts, counts = fold(series.values, read.days, asked.freq)
    ends = next_start(starts, asked.freq) - np.timedelta64(1, "D")
    origins = sorted({int((ends <= np.datetime64(one, "D")).sum()) for one in asked.origins})
    needed = SEASONS[asked.freq] + 3
    if origins[0] < needed or origins[-1] >= len(starts):
        said = {"first": str(read.days[0]), "last": str(read.days[-1]), "needed": needed}
        raise Refused("forecast_evaluation.origins", found=_joined(asked.origins), **said)
    last = next_start(starts[-1], asked.freq, asked.horizon + 1)
    days = np.arange(starts[0], last, dtype="datetime64[D]")
    calendar = _calendar(asked, read, series, first, days)
    panel = Panel(asked.freq, starts, series.keys, series.levels, counts, days, calendar.features, calendar.occasions)
    return panel, series, origins, calendar.code


def _calendar(asked: Asked, read: LongCounts, series: Series, first: np.datetime64, days: np.ndarray) -> Calendar:
    known = read.days <= first
    code = asked.calendar
    if code == AUTO:
        code = choose_calendar(read.days[known], series.values[series.keys.index(TOTAL), known])
    try:
        return country_calendar(days, code)
    except KeyError as error:
        raise Refused("forecast_evaluation.calendar", found=code) from error


def long_table(at: Backtest, chosen: Chosen, series: Series, freq: str) -> pd.DataFrame:
    """series, origin (last day known), date (first day of the period ahead), model, q0.025 … q0.975: every model (the naive forecast where
    it refused, so that all are scored on the same days), and the combination as `chosen`; of the judged series only.
    """
    parts = []
    origins, every, steps = at.truth.shape
    ends = np.array([at.starts[one - 1] for one in at.cutoffs])
    origin = next_start(ends, freq) - np.timedelta64(1, "D")
    ahead = np.stack([next_start(one, freq, np.arange(1, steps + 1)) for one in ends])
    shape = (origins, every, steps)
    base = {
        "series": np.broadcast_to(np.array(series.keys, dtype=object)[None, :, None], shape).ravel(),
        "origin": np.broadcast_to(origin[:, None, None], shape).ravel(),
        "date": np.broadcast_to(ahead[:, None], shape).ravel(),
    }
    scored = np.broadcast_to(series.is_scored[None, :, None], shape).ravel()
    for model in (*at.models, CHOSEN):
        own = chosen.quantiles if model == CHOSEN else at.of(model)
        given = filled(own, at.of(NAIVE)).reshape(-1, len(COLUMNS))
        rows = pd.DataFrame(base).assign(model=model)
        rows[list(COLUMNS)] = given
        parts.append(rows[scored & np.isfinite(given).all(axis=1)])
    return pd.concat(parts, ignore_index=True)


def methods_mark() -> str:
    """A mark of the code of all forecast methods."""
    folder = Path(__file__).parent / "forecasts"
    return code_mark(folder) + code_mark(folder / "models")


def _models(asked: Asked) -> list[Model]:
    unknown = [one for one in asked.models if one not in MODELS]
    if unknown:
        raise Refused("forecast_evaluation.models", found=", ".join(unknown), known=", ".join(MODELS))
    names = {NAIVE, *(asked.models or MODELS)}
    return [model for name, model in MODELS.items() if name in names and asked.freq in model.freqs]


def _executor(asked: Asked) -> Callable[[], object] | None:
    if asked.scheduler is not None:
        return lambda: _reached(asked.scheduler)
    return (lambda: process_pool(asked.workers)) if asked.workers > 1 else None


def _reached(address: str) -> object:
    try:
        return ClusterExecutor(address)
    except ImportError as error:
        raise NotReady("forecast_evaluation.no_dask") from error
    except (OSError, ValueError) as error:
        raise NotReady("forecast_evaluation.no_cluster", address=address) from error


def _last_day(panel: Panel, cutoff: int) -> date:
    return (next_start(panel.starts[cutoff - 1], panel.freq) - np.timedelta64(1, "D")).astype(object)


def _joined(days: Sequence[date]) -> str:
    return ", ".join(f"{one:%Y-%m-%d}" for one in days)
