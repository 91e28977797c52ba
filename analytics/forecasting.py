"""The forecasts of a night: what the next days, weeks and months will bring, what is issued of it, and what came of what was issued before.

Counts become panels of whole and complete periods (`analytics.forecast_panels`), models are combined by the weights of the last backtest
(`analytics.forecast_weights`), and all of it is published beside the signals as a part of its own. What is issued goes to the desk's ledger,
each once; when a period is complete its truth is written beside it, and corrections as further rows.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.detection import day_to_judge
from analytics.forecast_keeping import filling_frame, ledger_rows, past_frame, run_frame, shown_frames
from analytics.forecast_panels import (
    DAY,
    FREQS,
    DayCounts,
    day_counts,
    first_days,
    furthest_day,
    last_days,
    node_counts,
    node_of,
    panel_of,
)  # fmt: skip
from analytics.forecast_weights import BACKTEST, Taught, kept_weights, learn, stored_frames
from analytics.forecasts.contract import HORIZONS, Panel
from analytics.forecasts.executing import ClusterExecutor, Runner, process_pool
from analytics.forecasts.models import MODELS
from analytics.forecasts.nightly import NightForecasts, forecast_night
from analytics.outlook.night import issue_outlook, outlook_of_night, past_nights, wants_past, write_outcomes
from analytics.signals.cube import Cube
from analytics.warnings.reading import CITY, Reading, features_of, read_cube
from data import forecast_ledger as ledger
from data import queries
from data.desk import Desk
from data.errors import NotReady
from data.evaluations import code_mark
from data.forecast_tasks import FolderKeeper
from data.mart import Mart, open_mart
from data.results import FORECASTS, forecasts_of, publish_results
from data.scope import Actor, Scope
from data.site import Site
from data.workdays import WorkCalendar

NIGHT = Actor("forecast", Scope())  # what issues: no post did
WEEKLY = ("street",)  # levels whose daily forecasts are issued once a week
TRUTH_DAYS = {"D": 45, "W": 84, "M": 190}  # periods not older than this are counted again for what came late
SHORTEST_DAYS = {"D": 56, "W": 70, "M": 400}  # of history before anything is forecast
TASKS = "forecast_tasks"  # folder of what a backtest has finished, until all of it is
ONE_WEEK = timedelta(days=7)

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Workers:
    """Where fits run: in this process, in so many processes, or on the Dask cluster at `scheduler`."""

    count: int = 1
    scheduler: str | None = None

    def runner(self, keeper: FolderKeeper | None = None) -> Runner:
        """Runs tasks there; what is finished goes to `keeper`."""
        if self.scheduler is not None:
            return Runner(lambda: _reached(self.scheduler), keeper, methods_mark())
        return Runner((lambda: process_pool(self.count)) if self.count > 1 else None, keeper, methods_mark())


@dataclass(frozen=True)
class ForecastReport:
    """What a night of forecasts did: series by frequency, how many of all show the naive forecast or are refused, series issued, truths
    written, whether a backtest was made, and on which day the weights were made (None: those that ship).
    """

    as_of: date
    judged_through: date
    series: dict[str, int]
    naive: int
    refused: int
    issued: int
    truths: int
    backtested: bool
    weights_made_on: date | None
    years_missing: tuple[int, ...]
    seconds: float


def forecast(
    folder: Path,
    desk: Desk,
    day: date,
    *,
    calendar: WorkCalendar,
    now: datetime,
    issues: bool = True,
    backtests: bool = False,
    workers: Workers = Workers(),
    tasks: Path | None = None,
    actor: Actor = NIGHT,
    progress: Progress = lambda stage, share: None,
) -> ForecastReport:
    """Forecast from the close of `day` by the version that serves, issue what is new to the ledger, publish the results.

    `issues` is False for a day of the past, of which nothing is issued any more. With `backtests` the weights are learned anew first; what
    is finished is kept in `tasks` until all of it is. The caller holds the one writer's place. Raises NotReady where nothing was registered
    by `day`, or too little to forecast anything.
    """
    began = time.monotonic()
    mart = open_mart(folder)
    progress("forecast_counts", 0.0)
    reading = read_cube(mart, day, calendar)
    counted = day_counts(reading.cube)
    panels = panels_of(mart, counted, calendar)
    if not panels:
        raise NotReady("forecasts.too_short", found=len(counted.days), needed=SHORTEST_DAYS["D"])
    taught = kept_weights(forecasts_of(mart), day)
    if backtests:
        taught = _learned(
            taught, panels, day, counted, workers.runner(FolderKeeper(tasks) if tasks else None), progress
        )
    nights = {}
    for number, (freq, panel) in enumerate(panels.items()):
        progress("forecast_fits", number / len(panels))
        weights = taught.weights[freq]
        nights[freq] = forecast_night(
            panel, HORIZONS[freq], weights, list(MODELS.values()), sums=counted.sums, runner=workers.runner()
        )
    progress("forecast_keeping", 0.9)
    known = {"as_of": day, "version": mart.version, "known_at": mart.published_at, "actor": actor, "at": now}
    issued = _issue(desk, nights, taught, known) if issues else 0
    truths = _write_truths(desk, reading.cube, counted, day, known) if issues else 0
    seconds = round(time.monotonic() - began, 2)
    frames = _frames(mart, reading, counted, panels, nights, taught, day, now, calendar, seconds)
    past, before = None, forecasts_of(mart)
    if backtests or wants_past(before, desk, day):
        models, runner = list(MODELS.values()), workers.runner()
        past = past_nights(panels["M"], taught.weights["M"], models, counted.sums, runner) if "M" in panels else {}
    about = {"calendar": calendar, "past": past, "before": before}
    outlook = outlook_of_night(
        mart, desk, day, frames, **about, progress=lambda _, share: progress("forecast_risks", share)
    )
    if issues:
        issue_outlook(desk, outlook, **known)
        write_outcomes(desk, frames, **known)
    frames |= outlook
    publish_results(folder, [frames], part=FORECASTS)
    if tasks is not None and backtests:
        FolderKeeper(tasks).clear()
    run = frames["run"].iloc[0]
    return ForecastReport(
        day, counted.through, {freq: len(one.series) for freq, one in nights.items()}, int(run["naive"]), int(run["refused"]),
        issued, truths, backtests, max(taught.made_on.values(), default=None), tuple(json.loads(run["years_missing"])), seconds,
    )  # fmt: skip


def forecast_site(
    site: Site,
    desk: Desk,
    *,
    calendar: WorkCalendar,
    now: datetime,
    day: date | None = None,
    backtests: bool = False,
    workers: Workers = Workers(),
    progress: Progress = lambda stage, share: None,
) -> ForecastReport:
    """`forecast` for the day that is due at a site, or for a day of its past, of which nothing is issued."""
    due = day_to_judge(open_mart(site.mart_folder), now.date() - timedelta(days=1))
    return forecast(
        site.mart_folder, desk, day or due, calendar=calendar, now=now, issues=day is None or day == due, backtests=backtests,
        workers=workers, tasks=site.home / TASKS, progress=progress,
    )  # fmt: skip


def panels_of(mart: Mart, counted: DayCounts, calendar: WorkCalendar) -> dict[str, Panel]:
    """The panels whose history is long enough to forecast anything, by frequency."""
    days = np.arange(counted.days[0], furthest_day(counted.through) + DAY)
    features, occasions = features_of(days, calendar), planned(mart, days)
    known = (np.datetime64(counted.through, "D") - counted.days[0]).astype(int) + 1
    found = {freq: panel_of(counted, freq, features, days, occasions) for freq in FREQS if known >= SHORTEST_DAYS[freq]}
    return {freq: panel for freq, panel in found.items() if panel is not None}


def planned(mart: Mart, days: np.ndarray) -> dict[str, np.ndarray]:
    """The days of the site's planned events by their kind."""
    first, last = (one.astype(object) for one in days[[0, -1]])
    events = queries.read_events(mart, CITY, first, last)
    found: dict[str, np.ndarray] = {}
    for event in events.dropna(subset=["kind", "starts_on"]).to_dict("records"):
        starts = np.datetime64(event["starts_on"], "D")
        ends = starts if pd.isna(event["ends_on"]) else np.datetime64(event["ends_on"], "D")
        held = found.setdefault(str(event["kind"]), np.zeros(len(days), dtype=bool))
        held |= (days >= starts) & (days <= ends)
    return found


def methods_mark() -> str:
    """A mark of the code of all forecast methods."""
    folder = Path(__file__).parent / "forecasts"
    return code_mark(folder) + code_mark(folder / "models")


def _learned(
    taught: Taught, panels: dict[str, Panel], day: date, counted: DayCounts, runner: Runner, progress: Progress
) -> Taught:
    """New weights where the history holds a backtest; where it does not, what was kept."""
    weights, scores = dict(taught.weights), []
    for number, (freq, panel) in enumerate(panels.items()):

        def told(share: float, number: int = number) -> None:
            progress("forecast_backtest", (number + share) / len(panels))

        models = [model for model in MODELS.values() if freq in model.freqs]
        found = learn(panel, models, day, counted.sums, runner, told)
        if found is not None:
            weights[freq] = found[0]
            scores.append(found[1])
    return Taught(weights, BACKTEST, pd.concat(scores, ignore_index=True)) if scores else taught


# --- the ledger ------------------------------------------------------------------------------------------------------------------------


def _issue(desk: Desk, nights: dict[str, NightForecasts], taught: Taught, known: dict) -> int:
    """Issue what is new: days nightly for city and districts and weekly for streets, weeks and months when they begin."""
    rows = pd.concat([ledger_rows(night) for night in nights.values()], ignore_index=True)
    if rows.empty:
        return 0
    before = ledger.last_issued(desk, "D", WEEKLY)
    if before is not None:
        soon = (rows["freq"] == "D") & rows["level"].isin(WEEKLY) & (rows["first_on"] < pd.Timestamp(before + ONE_WEEK))
        rows = rows[~soon]
    return ledger.issue_forecasts(desk, rows, weights_made_on=taught.made_on, **known)


def _write_truths(desk: Desk, cube: Cube, counted: DayCounts, day: date, known: dict) -> int:
    """Write what the complete periods counted that had been forecast, and what is another count by now."""
    periods = []
    for freq, back in TRUTH_DAYS.items():
        keys, first = ledger.issued_keys(desk, freq, day - timedelta(days=2 * back))
        if first is None or first > counted.through:
            continue
        nodes = [node_of(key) for key in sorted(keys)]
        counts = node_counts(cube, nodes)
        since = max(np.datetime64(first, "D"), np.datetime64(day - timedelta(days=back), "D"), counted.days[0])
        for start in first_days(freq, since, np.datetime64(counted.through, "D")):
            low = int((start - counted.days[0]).astype(int))
            high = int((last_days(freq, np.array([start]))[0] - counted.days[0]).astype(int)) + 1
            sums = counts[:, low:high].sum(axis=1)
            found = {node.key: int(total) for node, total in zip(nodes, sums, strict=True) if np.isfinite(total)}
            periods.append((freq, start.astype(object), found))
    return ledger.write_truths(desk, periods, **known)


# --- what is kept ----------------------------------------------------------------------------------------------------------------------


def _frames(
    mart: Mart, reading: Reading, counted: DayCounts, panels: dict[str, Panel], nights: dict[str, NightForecasts],
    taught: Taught, day: date, now: datetime, calendar: WorkCalendar, seconds: float,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    shown = [shown_frames(night, panels[freq]) for freq, night in nights.items()]
    series = pd.concat([one for one, _ in shown], ignore_index=True)
    ahead = np.arange(np.datetime64(counted.through, "D") + DAY, furthest_day(counted.through) + DAY).astype(object)
    covered = [one for one in ahead if calendar.covers(one)]
    run = run_frame(
        as_of=day, judged_through=counted.through, ran_at=now, published_at=mart.published_at, matters_version=mart.version,
        seconds=seconds, weights_made_on=max(taught.made_on.values(), default=None), weights_source=taught.source,
        calendar_through=covered[-1] if covered else None,
        years_missing=sorted({one.year for one in ahead if not calendar.covers(one)}),
        levels=list(dict.fromkeys(node.level for node in counted.nodes)), kinds=sorted({kind for kind, _ in reading.cube.subjects}),
        matters=reading.matters, without_place=reading.without_place, without_subject=reading.without_subject, series=len(series),
        naive=int((series["state"] == "naive").sum()), refused=int((series["state"] == "refused").sum()),
    )  # fmt: skip
    past = pd.concat([past_frame(panel) for panel in panels.values()], ignore_index=True)
    return {
        "run": run,
        "forecast_series": series,
        "forecast": pd.concat([one for _, one in shown], ignore_index=True),
        "forecast_past": pd.concat([past, filling_frame(counted)], ignore_index=True),
        **stored_frames(taught),
    }


def _reached(address: str) -> object:
    try:
        return ClusterExecutor(address)
    except ImportError as error:
        raise NotReady("forecast_evaluation.no_dask") from error
    except (OSError, ValueError) as error:
        raise NotReady("forecast_evaluation.no_cluster", address=address) from error
