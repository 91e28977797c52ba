"""The detectors that are compared: what runs in production beside EARS and improved Farrington, each looking at the past alone."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import special

from analytics.errors import HistoryTooShort
from analytics.signals.calendar_effects import DayFeatures
from analytics.signals.cube import Cube
from analytics.signals.daily import PRODUCTION as DAILY
from analytics.signals.daily import DailyControl, judge_days
from analytics.signals.ears import USUAL_ALPHA, ears_limit, ears_score
from analytics.signals.evaluation import Detector, Verdicts
from analytics.signals.farrington import IMPROVED, judge_farrington
from analytics.signals.nightly import judge_nights
from analytics.signals.shortlist import NODE
from analytics.signals.weekly import PRODUCTION, WeeklyControl, judge_weeks

WEEK = 7
ALPHA = 0.01


def weekly_detectors(control: WeeklyControl = PRODUCTION) -> tuple[Detector, ...]:
    """Those for counts of whole weeks, ours first."""
    return (Detector("weekly", _weekly(control), is_ours=True), *weekly_baselines())


def daily_detectors(
    control: DailyControl = DAILY, days: np.ndarray | None = None, features: DayFeatures | None = None
) -> tuple[Detector, ...]:
    """Those for counts of days, ours first; with the days and their calendar, ours knows the holidays."""
    return (Detector("daily", _daily(control, days, features), is_ours=True), *daily_baselines())


def city_detectors(cube: Cube) -> tuple[Detector, ...]:
    """Those for all nodes of a city at once, on days: ours judges the city as a whole, the others each node on trailing sums."""
    others = (replace(one, judge=on_trailing_sums(one.judge)) for one in weekly_baselines())
    return (Detector("night", _night(cube), is_ours=True, is_whole=True), *others)


def weekly_baselines() -> tuple[Detector, ...]:
    """EARS C1 to C3 and improved Farrington on counts of weeks."""
    return (
        Detector("farrington_improved", farrington),
        *(Detector(f"ears_{one.lower()}", _ears(one)) for one in USUAL_ALPHA),
    )


def daily_baselines() -> tuple[Detector, ...]:
    """Improved Farrington on trailing seven-day sums, as Noufaily et al. 2019 run it on daily counts, and EARS on the days themselves."""
    sums = Detector("farrington_trailing", on_trailing_sums(farrington))
    return (sums, *(Detector(f"ears_{one.lower()}", _ears(one)) for one in USUAL_ALPHA))


def trailing_sums(counts: np.ndarray, width: int = WEEK) -> np.ndarray:
    """The sum of the last `width` points at every point from the first full one on, series × (points - width + 1).

    >>> trailing_sums(np.array([[1, 2, 3, 4]]), 2).tolist()
    [[3, 5, 7]]
    """
    total = np.cumsum(np.pad(counts, ((0, 0), (1, 0))), axis=1)
    return total[:, width:] - total[:, :-width]


def on_trailing_sums(judge: Callable[..., Verdicts]) -> Callable[..., Verdicts]:
    """A weekly detector on days: each judged day ends a week, and so do the days whole weeks before it."""

    def judge_days(counts: np.ndarray, judged: np.ndarray) -> Verdicts:
        p, alarm = (np.full((len(counts), len(judged)), np.nan) for _ in range(2))
        for weekday in range(WEEK):
            own = np.flatnonzero(judged % WEEK == weekday)
            if not len(own):
                continue
            sums = trailing_sums(counts)[:, (weekday + 1) % WEEK :: WEEK]
            places = (judged[own] - (WEEK - 1) - (weekday + 1) % WEEK) // WEEK
            found = judge(sums, places)
            p[:, own], alarm[:, own] = found.p, found.alarm
        return Verdicts(p, alarm)

    return judge_days


def farrington(counts: np.ndarray, judged: np.ndarray) -> Verdicts:
    """Improved Farrington (Noufaily et al. 2013), its alarms without the rule of a least count, as its authors score it.

    A point without any count is never unusual (p is 1) and costs no fit.
    """
    p, alarm = (np.full((len(counts), len(judged)), np.nan) for _ in range(2))
    for column, place in enumerate(judged):
        some = np.flatnonzero(counts[:, place] > 0)
        some = some if len(some) else np.array([0])  # one at least: whether the history reaches back is to be known
        try:
            found = judge_farrington(counts[some, : place + 1], int(place), IMPROVED)
        except HistoryTooShort:
            continue
        p[:, column], alarm[:, column] = 1.0, 0.0
        p[some, column] = found.p
        with np.errstate(invalid="ignore"):
            alarm[some, column] = np.where(np.isnan(found.upper), np.nan, found.observed > found.upper)
    return Verdicts(p, alarm)


def _weekly(control: WeeklyControl) -> Callable[..., Verdicts]:
    """The production detector of weeks; it alarms at the level of the scenarios, p ≤ .01."""

    def judge(counts: np.ndarray, judged: np.ndarray) -> Verdicts:
        found = judge_weeks(counts.astype(float), list(judged), replace(control, range_pct=None))
        return _at_alpha(np.stack([one.p for one in found], axis=1))

    return judge


def _daily(control: DailyControl, days: np.ndarray | None, features: DayFeatures | None) -> Callable[..., Verdicts]:
    """The production detector of days."""

    def judge(counts: np.ndarray, judged: np.ndarray) -> Verdicts:
        own = replace(control, range_pct=None)
        found = judge_days(counts.astype(float), list(judged), own, days=days, features=features)
        return _at_alpha(np.stack([one.p for one in found], axis=1))

    return judge


def _night(cube: Cube) -> Callable[..., Verdicts]:
    """The production night on a cube whose counts are replaced by the series, in the order of `nodes_of_tree`.

    A node that a night does not list is not unusual (p is 1); one that it may not judge has no p.
    """
    sizes = [len(cube.areas[level]) for level in cube.levels]
    first = dict(zip(cube.levels, np.concatenate([[0], np.cumsum(sizes)[:-1]]) * len(cube.subjects), strict=True))
    place = {level: {code: row for row, code in enumerate(cube.areas[level])} for level in cube.levels}
    number = {subject: column for column, subject in enumerate(cube.subjects)}

    def judge(counts: np.ndarray, judged: np.ndarray) -> Verdicts:
        parts = np.split(counts, np.cumsum(sizes)[:-1] * len(cube.subjects))
        shape = (-1, len(cube.subjects), counts.shape[1])
        own = replace(cube, counts={level: part.reshape(shape) for level, part in zip(cube.levels, parts, strict=True)})
        p = np.ones((len(counts), len(judged)))
        p[: sizes[0] * len(cube.subjects)][np.tile(cube.is_sensitive, sizes[0])] = np.nan
        for column, night in enumerate(judge_nights(own, [cube.days[day].astype(object) for day in judged])):
            listed = night.nodes.drop_duplicates(NODE)
            rows = [
                first[level] + place[level][area] * len(cube.subjects) + number[kind, category]
                for level, area, kind, category in listed[list(NODE)].itertuples(index=False)
            ]
            p[rows, column] = listed["p_node"].to_numpy(float)
        return _at_alpha(p)

    return judge


def _at_alpha(p: np.ndarray) -> Verdicts:
    with np.errstate(invalid="ignore"):
        return Verdicts(p, np.where(np.isnan(p), np.nan, p <= ALPHA))


def _ears(method: str) -> Callable[..., Verdicts]:
    def judge(counts: np.ndarray, judged: np.ndarray) -> Verdicts:
        values = counts.astype(float)
        with np.errstate(invalid="ignore"):
            p = np.stack([special.ndtr(-ears_score(values, int(place), method)) for place in judged], axis=1)
            limits = np.stack([ears_limit(values, int(place), method) for place in judged], axis=1)
            alarm = np.where(np.isnan(limits), np.nan, values[:, judged] > limits)
        return Verdicts(p, alarm)

    return judge
