"""`python -m tests.benchmarks.forecasts`: scores of each model and of the combination on real hotline counts (days, weeks, months), on published
sets, and on a city with a known rate; tables on standard output.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.forecasting_evaluation import Asked, evaluate_forecasts
from analytics.forecasts.backtests import backtest
from analytics.forecasts.calendars import country_calendar
from analytics.forecasts.combining import NAIVE
from analytics.forecasts.contract import SEASONS, Panel
from analytics.forecasts.evaluation import CHOSEN, choose, inner_cutoffs, score_table
from analytics.forecasts.executing import Runner, process_pool
from analytics.forecasts.long_panels import TOTAL, next_start
from analytics.forecasts.models import MODELS
from analytics.forecasts.scoring import MEDIAN, below_and_upto, coverage, naive_error, weighted_quantile_loss
from data.forecast_tasks import FolderKeeper
from data.town import build_town
from data.town.counted import LEVELS, count_town
from data.workdays import build_calendar

SHARED = Path(__file__).resolve().parents[3] / "shared"
HOTLINE = SHARED / "data" / "sp156" / "daily_counts_panel_open_2015_2018.csv.gz"
PUBLISHED = SHARED / "data" / "forecast_benchmarks"
SETS = ("m3_monthly", "m3_quarterly", "m1_monthly", "m1_quarterly", "hospital")
ORIGINS = {
    "D": "2017-02-28 2017-05-31 2017-08-31 2017-11-30 2018-02-28 2018-05-31 2018-08-31 2018-11-30",
    "W": "2017-02-28 2017-04-30 2017-06-30 2017-08-31 2017-11-30 2018-02-28 2018-05-31 2018-09-30",
    "M": "2017-02-28 2017-04-30 2017-06-30 2017-08-31 2017-11-30 2018-01-31 2018-03-31 2018-06-30",
}
HORIZON = {"D": 28, "W": 12, "M": 6}
LAST_ORIGINS = 3  # of a published series, from which its weights are learned
SHORT = (24, 36, 60)  # months of history
SHORT_SERIES, SHORT_MODELS = 80, ("count_glm", "ets", "blend")
PARTS = ("days", "weeks", "months", "short", "published", "city")


def hotline(freq: str, models: Sequence[str], workers: int, home: Path) -> pd.DataFrame:
    """The real hotline counts, as `xianshou evaluate forecasts` scores them."""
    origins = tuple(date.fromisoformat(one) for one in ORIGINS[freq].split())
    own = Asked(
        HOTLINE, "opened", ("theme", "subprefecture"), freq, HORIZON[freq], origins, tuple(models), workers=workers
    )
    found = evaluate_forecasts(own, home, _progress)
    print(f"{found.series} series, {len(origins)} origins, {found.inner} before the first, days off: {found.calendar}")
    print("naive shown:", found.naive_shown, "coherence:", [one.coherence for one in found.weights])
    return found.scores


def published(dataset: str, models: Sequence[str], workers: int, every: int, home: Path) -> pd.DataFrame:
    """One published set: MASE and weighted quantile loss of each model and of the combination, whose weights come from the last origins
    within the history. Series end together, so that their seasons meet; a shorter one begins later.
    """
    rows = pd.read_parquet(PUBLISHED / "series_open.parquet")
    meta = pd.read_csv(PUBLISHED / "series_meta_open.csv").query("dataset == @dataset").set_index("series_id")
    rows = rows[rows["dataset"] == dataset].sort_values(["series_id", "t"])
    names = sorted(rows["series_id"].unique())[::every]
    freq, horizon = meta["freq"].iloc[0], int(meta["horizon"].iloc[0])
    series = dict(iter(rows[rows["series_id"].isin(names)].groupby("series_id")))
    train, test = (
        {name: part.loc[part["part"] == which, "y"].to_numpy(float) for name, part in series.items()}
        for which in ("train", "test")
    )
    length = max(map(len, train.values()))
    block = np.full((len(names), length + horizon), np.nan)
    for at, name in enumerate(names):
        own = np.concatenate([train[name], test[name]])
        block[at, length - len(train[name]) : length + len(test[name])] = own
    panel = _bare(freq, block, tuple(names))
    inner = inner_cutoffs(length, horizon, length - 2 * horizon, LAST_ORIGINS)
    run = Runner((lambda: process_pool(workers)) if workers > 1 else None, FolderKeeper(home / dataset))
    chosen_models = [model for name, model in MODELS.items() if freq in model.freqs and (not models or name in models)]
    whole = backtest(panel, [*inner, length], horizon, chosen_models, runner=run, progress=_progress)
    chosen = choose(whole, [length], lambda cutoff: date(2000, 1, 1))
    scale = np.array([naive_error(train[name], SEASONS[freq]) for name in names])
    truth = whole.truth[-1]
    found = []
    for model in (*whole.models, CHOSEN):
        given = chosen.quantiles[0] if model == CHOSEN else whole.of(model)[-1]
        filled = np.where(np.isfinite(given), given, whole.of(NAIVE)[-1])
        mase = np.nanmean(np.abs(truth - filled[..., MEDIAN]), axis=1) / scale
        refused = int((~np.isfinite(given[:, 0, 0])).sum())
        found.append(
            (
                dataset,
                len(names),
                model,
                np.mean(mase[np.isfinite(mase)]),
                weighted_quantile_loss(truth, filled),
                refused,
            )
        )
    return pd.DataFrame(found, columns=["set", "series", "model", "MASE", "WQL", "refused"])


def short(dataset: str) -> pd.DataFrame:
    """How often six months ahead lie within their ranges after a short history: a published set of months, its series cut to few of them."""
    rows = pd.read_parquet(PUBLISHED / "series_open.parquet")
    rows = rows[rows["dataset"] == dataset].sort_values(["series_id", "t"])
    names = sorted(rows["series_id"].unique())
    names = np.random.default_rng(1).choice(names, min(SHORT_SERIES, len(names)), replace=False)
    parts = dict(iter(rows[rows["series_id"].isin(names)].groupby("series_id")))
    held = [
        tuple(part.loc[part["part"] == which, "y"].to_numpy(float) for which in ("train", "test"))
        for part in parts.values()
    ]
    found, horizon = [], HORIZON["M"]
    for months in SHORT:
        own = [(past[-months:], ahead[:horizon]) for past, ahead in held if len(past) >= months]
        past, truth = (np.stack(one) for one in zip(*own, strict=True))
        panel = _bare("M", past, tuple(map(str, range(len(past)))))
        for name in SHORT_MODELS:
            quantiles = MODELS[name].forecast(panel, horizon, MODELS[name].prepare(panel))
            found.append((dataset, months, len(past), name, *coverage(*below_and_upto(truth, quantiles))))
    return pd.DataFrame(found, columns=["set", "months", "series", "model", "cover80", "cover95"])


def city(models: Sequence[str], workers: int, home: Path) -> pd.DataFrame:
    """The fictional city without its surges: its rate is known, so that forecasts should be calibrated at the nominal rate."""
    town = build_town(seed=1, through=date(2025, 12, 31), matters=100_000, years=5)
    counted = count_town(town)
    keys, levels, values = [], [], []
    for level in LEVELS[1:]:
        for place, code in enumerate(counted.areas[level]):
            daily = (counted.counts[level][place] - counted.planted[level][place]).sum(axis=0)
            keys.append(f"{level}:{code}")
            levels.append(level)
            values.append(daily.astype(float))
    days = counted.days
    ahead = np.arange(days[0], days[-1] + 60)
    from analytics.warnings.reading import features_of

    features = features_of(ahead, build_calendar())
    panel = Panel("D", days, tuple(keys), tuple(levels), np.stack(values), ahead, features)
    last = len(days) - 28
    origins = sorted(last - 45 * np.arange(8))
    inner = inner_cutoffs(int(origins[0]), 28, 365)
    run = Runner((lambda: process_pool(workers)) if workers > 1 else None, FolderKeeper(home / "city"))
    own = [model for name, model in MODELS.items() if not models or name in models]
    whole = backtest(panel, sorted({*inner, *map(int, origins)}), 28, own, runner=run, progress=_progress)
    chosen = choose(whole, list(map(int, origins)), lambda cutoff: date(2000, 1, 1))
    at = whole.at([whole.cutoffs.index(int(one)) for one in origins])
    return score_table(at, chosen.quantiles, np.ones(len(keys), bool))


def _bare(freq: str, block: np.ndarray, keys: tuple[str, ...]) -> Panel:
    """Series of one set from the start of 1960 on, without a calendar."""
    starts = next_start(np.datetime64("1960-01-01").repeat(1)[0], freq, np.arange(block.shape[1]))
    days = np.arange(starts[0], next_start(starts[-1], freq, 25))
    features = country_calendar(days, "none").features
    return Panel(freq, starts, keys, (TOTAL,) * len(keys), block, days, features)


def _progress(stage: str, share: float) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{stage} {share:4.0%}", end="", file=sys.stderr, flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks.forecasts", description=__doc__)
    arguments.add_argument("--parts", default=",".join(PARTS), help="of " + ", ".join(PARTS))
    arguments.add_argument("--sets", default=",".join(SETS), help="published sets, commas between")
    arguments.add_argument("--every", type=int, default=1, help="every so manieth series of a published set")
    arguments.add_argument("--models", default="", help="only these, the naive one added")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--home", type=Path, help="where finished tasks are kept; a temporary folder otherwise")
    asked = arguments.parse_args()
    models = [NAIVE, *asked.models.split(",")] if asked.models else []
    with tempfile.TemporaryDirectory(prefix="xianshou-forecasts-") as temporary:
        home = asked.home or Path(temporary)
        for part in asked.parts.split(","):
            began = time.perf_counter()
            print(f"\n## {part}")
            if part == "published":
                tables = [published(one, models, asked.workers, asked.every, home) for one in asked.sets.split(",")]
                print(pd.concat(tables).round(4).to_string(index=False))
            elif part == "short":
                monthly = [one for one in SETS if one in ("m3_monthly", "m1_monthly", "hospital")]
                print(pd.concat([short(one) for one in monthly]).round(3).to_string(index=False))
            elif part == "city":
                print(city(models, asked.workers, home).round(3).to_string(index=False))
            else:
                print(
                    hotline({"days": "D", "weeks": "W", "months": "M"}[part], models, asked.workers, home)
                    .round(3)
                    .to_string(index=False)
                )
            print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
