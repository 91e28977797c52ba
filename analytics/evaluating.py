"""Facade of the evaluation: which trials are run on what, and what was found; kept as it was, never recomputed by a page."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from math import isfinite
from pathlib import Path

import numpy as np

from analytics.figures import Sentence
from analytics.signals import evaluation_detectors as detectors
from analytics.signals import evaluation_trials as trials
from analytics.signals.calendar_effects import DayFeatures
from analytics.signals.cube import Cube
from analytics.signals.evaluation import NOMINAL, AtRate, Calibration, Evaluated, Scored, evaluate
from analytics.signals.evaluation_budget import Spent, nodes_of_tree
from analytics.signals.evaluation_city import (
    city_trial,
    evaluate_city,
    festival_trial,
    plant_small,
    planted_in,
    replay_nights,
)
from analytics.signals.harness import SIMULATED, SIMULATED_DAYS
from analytics.warnings.reading import features_of
from data.counts_file import FileCounts, read_counts_file
from data.evaluations import code_mark, keep_evaluation, read_evaluations
from data.town import build_town
from data.town.counted import LEVELS, TownCounts, count_town
from data.workdays import WorkCalendar

SUBJECT = "signals"
WEEKLY_SEEDS, DAILY_SEEDS = 50, 12


@dataclass(frozen=True)
class CitySize:
    """How large the fictional city's trials are: matters and years of the city, weeks judged, nights replayed after those that warm up, and
    which of the festivals' days.
    """

    matters: int
    years: int
    weeks: int
    nights: int
    warm_up: int
    every: int


WHOLE = CitySize(100_000, 5, 52, 60, 14, 1)
QUICK = CitySize(25_000, 4, 13, 14, 7, 4)
UPPER_LEVELS = ("street", "district", "city")
_SHAPE = 1  # of the file; another shape is not read

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Asked:
    """What is to be evaluated: the simulated series, the fictional city, a file of counts; `quick` is a small size for a first look."""

    scenarios: bool = True
    city: bool = True
    counts: Path | None = None
    quick: bool = False
    seed: int = 1


def asked_for(counts: Path | None, *, scenarios: bool, quick: bool, seed: int) -> Asked:
    """What a call means: without a choice all but a file; the scenarios alone when only they are named; a file brings the city along.

    >>> asked_for(None, scenarios=True, quick=False, seed=1).city
    False
    """
    chosen = scenarios or counts is not None
    return Asked(not chosen or scenarios, not chosen or counts is not None, counts, quick, seed)


@dataclass(frozen=True)
class Evaluation:
    """What one run found: on which trials, when, from which seed, with which code, and how long it took."""

    made_at: datetime
    seed: int
    quick: bool
    code: str
    seconds: float
    trials: tuple[Evaluated, ...]


def evaluate_signals(
    asked: Asked, *, made_at: datetime, calendar: WorkCalendar, progress: Progress = lambda stage, share: None
) -> Evaluation:
    """Run the trials asked for; the same arguments and code give the same figures, but for the seconds."""
    began = time.perf_counter()
    found = []
    for one in _trials(asked, made_at.date(), calendar, progress):
        found.append(one)
    return Evaluation(
        made_at=made_at,
        seed=asked.seed,
        quick=asked.quick,
        code=code_mark(),
        seconds=time.perf_counter() - began,
        trials=tuple(found),
    )


def _trials(asked: Asked, today: date, calendar: WorkCalendar, progress: Progress) -> Iterator[Evaluated]:
    read = (
        None if asked.counts is None else read_counts_file(asked.counts)
    )  # first of all: what is wrong with it is said at once
    if asked.scenarios:
        progress("scenarios_weekly", 0)
        yield evaluate(trials.weekly_scenarios(_seeds(asked, WEEKLY_SEEDS, 13)), detectors.weekly_detectors(SIMULATED))
        progress("signals_daily", 0)
        yield evaluate(trials.daily_signals(_seeds(asked, DAILY_SEEDS, 7)), detectors.daily_detectors(SIMULATED_DAYS))
    if asked.city:
        yield from _city_trials(asked, today, calendar, progress)
    if asked.counts is not None and read is not None:
        yield from _file_trials(asked, read, asked.counts.name, progress)


def _seeds(asked: Asked, count: int, step: int) -> range:
    """Seeds of the simulated series: the published ones for seed 1, others after them; in the quick size every so manieth."""
    first = (asked.seed - 1) * count
    return range(first, first + count, step if asked.quick else 1)


def _city_trials(asked: Asked, today: date, calendar: WorkCalendar, progress: Progress) -> Iterator[Evaluated]:
    progress("city", 0)
    through = date(today.year - 1, 12, 31)  # a whole year of festivals, and a calendar that is published
    size = QUICK if asked.quick else WHOLE
    town = build_town(seed=asked.seed, through=through, matters=size.matters, years=size.years)
    counted = count_town(town)
    sizes = {level: len(counted.areas[level]) for level in LEVELS}
    small, surges = plant_small(counted.counts, counted.parents, LEVELS, seed=asked.seed, columns=size.weeks)
    counts, planted = (
        {level: part[level] + small[level] for level in LEVELS} for part in (counted.counts, counted.planted)
    )
    surges += planted_in(town.truth, counted.days, counted.areas, counted.subjects, LEVELS, size.weeks)
    nodes = nodes_of_tree(LEVELS, counted.parents, sizes, len(counted.subjects))
    features = features_of(counted.days, calendar)
    cube = _cube(counted, counts, features)
    yield evaluate_city(city_trial(cube, planted, size.weeks), nodes, surges, detectors.city_detectors(cube))
    progress("city_nightly", 0)
    yield replay_nights(
        cube, surges, nodes, _parents(counted), nights=size.nights, warm_up=size.warm_up, columns=size.weeks
    )
    progress("shuffled_years", 0)
    daily, level = _upper(counted)
    yield from _shuffled(asked, daily, level, None)
    progress("festivals", 0)
    quiet = {name: counted.counts[name] - counted.planted[name] for name in LEVELS}
    yield evaluate(festival_trial(_cube(counted, quiet, features), every=size.every), detectors.city_detectors(cube))
    upper = festival_trial(_cube(counted, quiet, features), levels=("district", "city"), every=size.every)
    own = detectors.daily_detectors(days=counted.days, features=features)
    yield replace(evaluate(upper, own), name="festivals_daily")


def _cube(counted: TownCounts, counts: dict[str, np.ndarray], features: DayFeatures) -> Cube:
    """A city in which every day is complete."""
    complete = np.ones((len(counted.subjects), len(counted.days)))
    own = (counted.areas, counted.parents, counted.subjects, counted.is_sensitive)
    return Cube(counted.days, LEVELS, *own, counts, complete, features)


def _parents(counted: TownCounts) -> dict[str, str | None]:
    """The area above each area."""
    found: dict[str, str | None] = {counted.areas[LEVELS[-1]][0]: None}
    for below, above in pairwise(LEVELS):
        found |= {
            code: counted.areas[above][place]
            for code, place in zip(counted.areas[below], counted.parents[below], strict=True)
        }
    return found


def _upper(counted: TownCounts) -> tuple[np.ndarray, np.ndarray]:
    """The city without its surges as daily series from the street up; those that never counted are left out."""
    parts = {
        level: (counted.counts[level] - counted.planted[level]).reshape(-1, len(counted.days)) for level in UPPER_LEVELS
    }
    level = np.concatenate([np.full(len(part), name) for name, part in parts.items()])
    series = np.concatenate(list(parts.values()))
    some = series.any(axis=1)
    return series[some], level[some]


def _file_trials(asked: Asked, read: FileCounts, source: str, progress: Progress) -> Iterator[Evaluated]:
    daily, level = trials.nodes_of(read.counts)
    some = daily.any(axis=1)
    daily, level = daily[some], level[some]
    step = 8 if asked.quick else 1
    for unit in ("week", "day"):
        progress(f"counts_{unit}", 0)
        own = detectors.weekly_detectors() if unit == "week" else detectors.daily_detectors()
        every = step if unit == "week" or asked.quick else 2  # days cost seven times as much
        replicates = 1 if asked.quick or unit == "day" else 5
        trial = trials.injected(
            daily[::every], level[::every], unit, seed=asked.seed, replicates=replicates, name=f"counts_{unit}"
        )
        yield replace(evaluate(trial, own), source=source)
    progress("shuffled_years", 0)
    yield from _shuffled(asked, daily[::step], level[::step], source)


def _shuffled(asked: Asked, daily: np.ndarray, level: np.ndarray, source: str | None) -> Iterator[Evaluated]:
    step = 4 if asked.quick and source is None else 1
    trial = trials.shuffled_years(daily[::step], level[::step], "week", seed=asked.seed, replicates=1)
    yield replace(evaluate(trial, detectors.weekly_detectors()), source=source)


# --- kept ----------------------------------------------------------------------------------------------------------------------


def keep(evaluation: Evaluation, home: Path) -> Path:
    """Write an evaluation down; what was written is never changed."""
    content = {"shape": _SHAPE} | asdict(evaluation) | {"made_at": evaluation.made_at.isoformat()}
    return keep_evaluation(home, SUBJECT, _plain(content), evaluation.made_at)


def _plain(value: object) -> object:
    """What JSON can hold: no tuple, no infinity, no NaN."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


@dataclass(frozen=True)
class Kept:
    """A trial as it was kept, with the run it is of."""

    trial: Evaluated
    run: Evaluation


@dataclass(frozen=True)
class TrackRecord:
    """The evaluations at hand: of each trial the newest, whole runs before quick ones; `code` is that of the methods now."""

    kept: tuple[Kept, ...]
    runs: int
    unreadable: int
    code: str

    @property
    def is_empty(self) -> bool:
        return not self.kept

    @property
    def is_stale(self) -> bool:
        """Whether what is shown belongs to other code than that at hand."""
        return any(one.run.code != self.code for one in self.kept)

    def of(self, name: str) -> Kept | None:
        """The first trial of that name."""
        return next((one for one in self.kept if one.trial.name == name), None)


ORDER = (
    "scenarios_weekly",
    "signals_daily",
    "city",
    "city_nightly",
    "counts_week",
    "counts_day",
    "shuffled_years",
    "festivals",
    "festivals_daily",
)


def track_record(home: Path) -> TrackRecord:
    """What was evaluated in this home."""
    found, broken = read_evaluations(home, SUBJECT)
    runs = [one for one in map(_read, found) if one is not None]
    newest: dict[tuple, Kept] = {}
    for run in sorted(runs, key=lambda one: (one.quick, -one.made_at.timestamp())):
        for trial in run.trials:
            newest.setdefault((trial.name, trial.source), Kept(trial, run))
    kept = sorted(newest.values(), key=lambda one: (ORDER.index(one.trial.name), one.trial.source or ""))
    return TrackRecord(tuple(kept), len(runs), broken + len(found) - len(runs), code_mark())


def headline(record: TrackRecord) -> tuple[Sentence, ...]:
    """What the record comes to: found at one percent of false alarms beside improved Farrington, and whether the p-values hold."""
    weekly = record.of("scenarios_weekly")
    if weekly is None:
        return (Sentence("track_record.headline.none"),)
    found = {one.detector: f"{one.at[0].found_pct:.1f}%" for one in weekly.trial.detectors}
    ours = next((one for one in weekly.trial.detectors if one.is_ours), None)
    if ours is None:
        return (Sentence("track_record.headline.only", {"theirs": found["farrington_improved"]}),)
    values = {"ours": found[ours.detector], "theirs": found["farrington_improved"]}
    told = [row for row in ours.calibration if row.by == "mean" and row.verdict]
    within = sum(row.verdict == "within" for row in told)
    held = Sentence("track_record.headline.held", {"within": within, "outside": len(told) - within})
    share = next(row.share for row in ours.calibration if row.by == "all" and row.nominal == NOMINAL[0])
    calibrated = {"share": f"{100 * share:.2f}%", "said": held}
    return (
        Sentence("track_record.headline.beats", values),
        Sentence("track_record.headline.calibrated", calibrated),
    )


def _read(content: Mapping[str, object]) -> Evaluation | None:
    """A run as it was kept; None for what another edition of this software wrote."""
    if content.get("shape") != _SHAPE:
        return None
    try:
        rest = {name: value for name, value in content.items() if name not in ("shape", "made_at", "trials")}
        of = tuple(_read_trial(one) for one in content["trials"])
        return Evaluation(made_at=datetime.fromisoformat(content["made_at"]), trials=of, **rest)
    except (KeyError, TypeError, ValueError):
        return None


def _read_trial(content: Mapping[str, object]) -> Evaluated:
    if content["name"] not in ORDER:
        raise ValueError(content["name"])
    scored = tuple(
        Scored(
            **one
            | {
                "at": tuple(AtRate(**rate) for rate in one["at"]),
                "calibration": tuple(Calibration(**row) for row in one["calibration"]),
            }
        )
        for one in content["detectors"]
    )
    spent = tuple(Spent(**one) for one in content["spent"])
    return Evaluated(**dict(content) | {"detectors": scored, "spent": spent})
