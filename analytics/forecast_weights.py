"""Where the weights of a night come from: the last backtest kept beside the forecasts, a new one, or, before any, those that ship."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
import sqlalchemy as sa

from analytics.forecasts.backtests import Backtest, backtest
from analytics.forecasts.combining import BANDS, NAIVE, Weights, equal_weights, learn_weights, read_weights
from analytics.forecasts.contract import HORIZONS, Model, Panel
from analytics.forecasts.evaluation import CHOSEN, choose, inner_cutoffs, score_table
from analytics.forecasts.executing import Runner
from analytics.forecasts.reconciling import Sums
from data import forecast_tables as t
from data.results import Results

SHIPPED, BACKTEST = "shipped", "backtest"
# Before any backtest at a site: the count regression alone. Where the rates are known (the fictional city) its score over that of the naive
# forecast was .58 to .66 by days and .67 to .73 by weeks, from city to street; the mean of the same weekday alone, or averaged with it, was
# worse at every level (tests/analytics/test_forecast_calibration.py holds its ranges). The slower models wait for a backtest.
FIRST_MODELS = dict.fromkeys(("D", "W", "M"), ("count_glm",))
ORIGINS = 10  # of a backtest, fewer where the history is shorter
FEWEST = {"D": 182, "W": 60, "M": 16}  # periods known at the earliest of them
FEWEST_BEFORE = 3  # origins that weights must rest on where the combination is scored


@dataclass(frozen=True, eq=False)
class Taught:
    """Weights of each frequency, where they come from, and the scores of the backtest (empty without one)."""

    weights: dict[str, Weights]
    source: str
    skill: pd.DataFrame

    @property
    def made_on(self) -> dict[str, date]:
        """The day of the backtest of each frequency; absent for those that ship."""
        return {freq: one.made_on for freq, one in self.weights.items() if one.origins}


def kept_weights(results: Results | None, day: date) -> Taught:
    """What the last backtest taught, by what is kept beside the forecasts; what ships for a frequency that had none."""
    weights, skill = {}, pd.DataFrame()
    if results is not None:
        members, records, skill = (_last_rows(results, table) for table in (t.weights, t.record, t.skill))
        for freq, own in members.groupby("freq"):
            weights[str(freq)] = read_weights(own, records[records["freq"] == freq])
    source = BACKTEST if weights else SHIPPED
    shipped = {freq: equal_weights(freq, models, day) for freq, models in FIRST_MODELS.items()}
    return Taught(shipped | weights, source, skill)


def stored_frames(taught: Taught) -> dict[str, pd.DataFrame]:
    """Weights, records and scores as they are stored; what ships is not."""
    frames = [one.frames() for one in taught.weights.values() if one.origins]
    names = ("forecast_weights", "forecast_record")
    kept = {
        name: pd.concat(own, ignore_index=True) for name, own in zip(names, zip(*frames, strict=True), strict=False)
    }
    return kept | ({"forecast_skill": taught.skill} if len(taught.skill) else {})


def _last_rows(results: Results, table: sa.Table) -> pd.DataFrame:
    last = sa.select(sa.func.max(table.c.run_no)).scalar_subquery()
    return results.read(sa.select(table).where(table.c.run_no == last)).drop(columns="run_no")


# --- backtests ----------------------------------------------------------------------------------------------------------------------


def learn(
    panel: Panel, models: Sequence[Model], day: date, sums: Sums, runner: Runner, progress: Callable[[float], None]
) -> tuple[Weights, pd.DataFrame] | None:
    """A backtest of one frequency: weights from all its origins, and scores by stretch of the horizon; None where the history is too short."""
    horizon = HORIZONS[panel.freq]
    cutoffs = inner_cutoffs(len(panel.starts), horizon, FEWEST[panel.freq], ORIGINS)
    if len(cutoffs) <= FEWEST_BEFORE:
        return None
    past = backtest(panel, cutoffs, horizon, models, runner=runner, progress=lambda _, share: progress(share))
    scores = scores_by_band(past, day, sums)
    weights = stepped_aside(learn_weights(past, day, sums), scores)
    scores = scores.assign(freq=panel.freq, made_on=day, origins=len(cutoffs))
    return weights, scores[[column.name for column in t.skill.columns if column.name in scores]]


def stepped_aside(weights: Weights, scores: pd.DataFrame) -> Weights:
    """The weights with the naive forecast alone at every level and stretch of the horizon where the combination, weighed at each origin by
    what was known before it, did not beat it: `scores` as `scores_by_band` gives them.
    """
    if scores.empty:
        return weights
    place = ["level", "first_step", "last_step"]
    chosen = scores[scores["model"] == CHOSEN].drop_duplicates(place).set_index(place)["wis_ratio"]
    members = weights.members
    beaten = (chosen.reindex(pd.MultiIndex.from_frame(members[place])) >= 1).to_numpy()
    naive = members[beaten].drop_duplicates(place).assign(model=NAIVE, weight=1.0, lower=1.0, upper=1.0, wis_ratio=1.0)
    return replace(weights, members=pd.concat([members[~beaten], naive], ignore_index=True))


def scores_by_band(past: Backtest, day: date, sums: Sums) -> pd.DataFrame:
    """Scores of each model and of the combination by level and stretch of the horizon, at the origins that have enough before them.

    The combination of an origin is weighed by what was known before it. Columns as in `forecast_skill` but for freq, made_on and origins.
    """
    horizon = past.truth.shape[2]
    judged = [
        at for at, cutoff in enumerate(past.cutoffs)
        if sum(one + horizon <= cutoff for one in past.cutoffs) >= FEWEST_BEFORE
    ]  # fmt: skip
    if not judged:
        return pd.DataFrame()
    chosen = choose(past, [past.cutoffs[at] for at in judged], lambda _: day, sums).quantiles
    whole, every = past.at(judged), np.ones(len(past.keys), dtype=bool)
    parts = []
    for first, last in [(1, horizon), *BANDS[past.freq]]:
        last = min(last, horizon)
        found = score_table(_steps(whole, first, last), chosen[:, :, first - 1 : last], every)
        parts.append(found.assign(first_step=first, last_step=last))
    return pd.concat(parts, ignore_index=True).rename(columns={"points": "forecasts"})


def _steps(past: Backtest, first: int, last: int) -> Backtest:
    band = slice(first - 1, last)
    fields = {name: getattr(past, name) for name in past.__dataclass_fields__}
    return Backtest(**fields | {"quantiles": past.quantiles[:, :, :, band], "truth": past.truth[:, :, band]})
