"""How well does a detector find surges at a fixed rate of false alarms, how soon, and do its p-values mean what they say?

A detector is tried on the same series with a surge and without it. What counts as a false alarm is measured on the quiet series alone;
the limit of every detector is then set so that a fixed share of those points alarms, and only at that limit are detectors compared.
Definitions: Noufaily et al. 2013, Stat. Med. 32:1206; Bédubourg & Le Strat 2017, PLoS ONE 12:e0181227. The time to detection is a
restricted mean: a surge that is never found counts with its whole length.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.signals.evaluation_budget import Spent

RATES_PCT = (1.0, 2.0, 5.0)
NOMINAL = (0.01, 0.001)
FACTOR = 2.0  # a calibration within this factor of nominal passes
ENOUGH_EVENTS = 5  # so many are expected below a nominal p before a share is judged
BANDS = (0.1, 1.0, 5.0, 20.0)
_BATCH = 1024


@dataclass(frozen=True)
class Verdicts:
    """Series × judged points: the p-value (small is unusual) and whether the detector alarms at its own limit; NaN is not judged."""

    p: np.ndarray
    alarm: np.ndarray


@dataclass(frozen=True)
class Detector:
    """A detector under one name: `judge` takes counts (series × points) and judged positions, and looks at nothing later than each.

    `is_ours` tells what runs in production from what it is compared with; `is_whole` one that must see all series of a trial at once.
    """

    name: str
    judge: Callable[[np.ndarray, np.ndarray], Verdicts]
    is_ours: bool = False
    is_whole: bool = False


@dataclass(frozen=True)
class Trial:
    """Series to be judged: `counts` with a surge each, `quiet` without, both series × points; `judged` are positions of points.

    `during` marks the judged points of each series at which an alarm finds the surge, `clear` those of the quiet series where an alarm is
    false. `level` and `mean` (from before the first judged point) group the series.
    Where `together` the series run side by side in one city, so that alarms a day can be counted. Without any surge `counts` is None.
    """

    name: str
    unit: str
    quiet: np.ndarray
    judged: np.ndarray
    clear: np.ndarray
    mean: np.ndarray
    level: np.ndarray
    counts: np.ndarray | None = None
    during: np.ndarray | None = None
    together: bool = False

    @property
    def series(self) -> int:
        return len(self.quiet)


@dataclass(frozen=True)
class AtRate:
    """What is found when so many percent of the quiet points alarm: percent of surges, and the restricted mean wait in points."""

    rate_pct: float
    found_pct: float
    wait: float


@dataclass(frozen=True)
class Calibration:
    """The share of quiet points with a p-value at or below `nominal`, of one group; `verdict` is within, many, few, or None (too few points)."""

    by: str
    group: str
    nominal: float
    points: int
    share: float
    verdict: str | None


@dataclass(frozen=True)
class Scored:
    """One detector on one trial. `own_*` are at its own limit; `alerts_*` are alarms a point over all series, None where not side by side."""

    detector: str
    is_ours: bool
    judged_pct: float
    own_false_pct: float
    own_found_pct: float | None
    own_wait: float | None
    at: tuple[AtRate, ...]
    calibration: tuple[Calibration, ...]
    alerts_mean: float | None
    alerts_p95: float | None
    seconds: float


@dataclass(frozen=True)
class Evaluated:
    """One trial with every detector on it; `spent` where a budget was spent, `source` names the records it rests on, where they are real."""

    name: str
    unit: str
    series: int
    points: int
    surges: int
    detectors: tuple[Scored, ...]
    spent: tuple[Spent, ...] = ()
    source: str | None = None


def evaluate(
    trial: Trial, detectors: Sequence[Detector], scored: Callable[[Trial, Detector], Scored] | None = None
) -> Evaluated:
    """Try every detector on a trial."""
    found = tuple((scored or score)(trial, detector) for detector in detectors)
    surges = 0 if trial.during is None else int(trial.during.any(axis=1).sum())
    return Evaluated(trial.name, trial.unit, trial.series, trial.series * len(trial.judged), surges, found)


def score(trial: Trial, detector: Detector) -> Scored:
    """One detector on one trial."""
    began = time.perf_counter()
    quiet, loud = judge_trial(trial, detector)
    return score_verdicts(trial, detector, quiet, loud, time.perf_counter() - began)


def judge_trial(trial: Trial, detector: Detector) -> tuple[Verdicts, Verdicts | None]:
    """The verdicts on the quiet series and on those with a surge; series that are the same in both are judged once."""
    quiet = judge_in_batches(detector, trial.quiet, trial.judged)
    if trial.counts is None:
        return quiet, None
    touched = np.flatnonzero((trial.counts != trial.quiet).any(axis=1))
    if detector.is_whole:
        return quiet, judge_in_batches(detector, trial.counts, trial.judged)
    p, alarm = quiet.p.copy(), quiet.alarm.copy()
    if len(touched):
        own = judge_in_batches(detector, trial.counts[touched], trial.judged)
        p[touched], alarm[touched] = own.p, own.alarm
    return quiet, Verdicts(p, alarm)


def score_verdicts(trial: Trial, detector: Detector, quiet: Verdicts, loud: Verdicts | None, seconds: float) -> Scored:
    """The scores of verdicts already given."""
    unusual = np.nan_to_num(quiet.p, nan=1.0)
    alarms = np.nan_to_num(quiet.alarm) > 0
    own_found = own_wait = None
    at = []
    if loud is not None and trial.during is not None:
        own_found, own_wait = found_and_wait(np.nan_to_num(loud.alarm) > 0, trial.during)
        p = np.nan_to_num(loud.p, nan=1.0)
        for rate in RATES_PCT:
            limit = limit_at_rate(unusual[trial.clear], rate / 100)
            at.append(AtRate(rate, *found_and_wait(p <= limit, trial.during)))
    counted = alarms.sum(axis=0) if trial.together else None
    return Scored(
        detector=detector.name,
        is_ours=detector.is_ours,
        judged_pct=100 * float(np.mean(~np.isnan(quiet.p))),
        own_false_pct=100 * float(alarms[trial.clear].mean()),
        own_found_pct=own_found,
        own_wait=own_wait,
        at=tuple(at),
        calibration=calibrate(quiet.p, trial),
        alerts_mean=None if counted is None else float(counted.mean()),
        alerts_p95=None if counted is None else float(np.quantile(counted, 0.95)),
        seconds=seconds,
    )


def judge_in_batches(detector: Detector, counts: np.ndarray, judged: np.ndarray) -> Verdicts:
    """The verdicts of a detector, many series at once but, unless it needs them, never all: memory stays small."""
    size = len(counts) if detector.is_whole else _BATCH
    parts = [detector.judge(counts[start : start + size], judged) for start in range(0, len(counts), size)]
    return Verdicts(np.concatenate([one.p for one in parts]), np.concatenate([one.alarm for one in parts]))


def limit_at_rate(p: np.ndarray, rate: float) -> float:
    """The largest of these p-values at which no more than `rate` of the points alarm; where ties leave none, just below the smallest.

    >>> limit_at_rate(np.array([0.001, 0.01, 0.01, 0.5]), 0.5)
    0.001
    """
    values, counts = np.unique(p, return_counts=True)
    within = np.cumsum(counts) <= rate * len(p) + 1e-9
    return float(values[within][-1]) if within.any() else float(np.nextafter(values[0], -np.inf))


def found_and_wait(alarms: np.ndarray, during: np.ndarray) -> tuple[float, float]:
    """Percent of surges with an alarm while they last, and the restricted mean of points from their begin to the first alarm.

    >>> found_and_wait(np.array([[False, True, False]]), np.array([[True, True, True]]))
    (100.0, 1.0)
    """
    has = during.any(axis=1)
    if not has.any():
        return float("nan"), float("nan")
    during, hits = during[has], alarms[has] & during[has]
    first = during.argmax(axis=1)
    length = during.shape[1] - during[:, ::-1].argmax(axis=1) - first
    found = hits.any(axis=1)
    wait = np.where(found, hits.argmax(axis=1) - first, length)
    return 100 * float(found.mean()), float(wait.mean())


def calibrate(p: np.ndarray, trial: Trial) -> tuple[Calibration, ...]:
    """The share of small p-values among the quiet points: of all, by level, and by band of the mean count before."""
    groups = [("all", "all", np.ones(trial.series, dtype=bool))]
    if len(set(trial.level)) > 1:
        groups += [("level", str(name), trial.level == name) for name in dict.fromkeys(trial.level)]
    band = np.searchsorted(BANDS, trial.mean, side="right")
    groups += [("mean", band_name(number), band == number) for number in np.unique(band)]
    judged = trial.clear & ~np.isnan(p)
    found = []
    for by, name, rows in groups:
        values = p[rows][judged[rows]]
        if len(values):
            for nominal in NOMINAL:
                share = float(np.mean(values <= nominal))
                found.append(Calibration(by, name, nominal, len(values), share, verdict(share, nominal, len(values))))
    return tuple(found)


def band_name(number: int) -> str:
    """The name of a band of mean counts: its bounds.

    >>> [band_name(0), band_name(2), band_name(4)]
    ['<0.1', '1-5', '>=20']
    """
    if number == 0:
        return f"<{BANDS[0]:g}"
    return f">={BANDS[-1]:g}" if number == len(BANDS) else f"{BANDS[number - 1]:g}-{BANDS[number]:g}"


def verdict(share: float, nominal: float, points: int) -> str | None:
    """Whether a share lies within the factor of nominal; nothing is said of too few points.

    >>> [verdict(0.02, 0.01, 1000), verdict(0.021, 0.01, 1000), verdict(0.001, 0.01, 1000), verdict(0.0, 0.001, 1000)]
    ['within', 'many', 'few', None]
    """
    if points * nominal < ENOUGH_EVENTS:
        return None
    if share > FACTOR * nominal:
        return "many"
    return "within" if share >= nominal / FACTOR else "few"
