"""A night of judging: every place and subject against its past, on the day, the week and the build-up of four weeks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.signals import pooled
from analytics.signals.busy import judge_busy
from analytics.signals.courses import expected_days, series_of
from analytics.signals.cube import Cube, subcube
from analytics.signals.night_fit import LEFT_OUT, NightFit, hidden_in, last_fit
from analytics.signals.night_frames import (
    BROKEN,
    GREY_COLUMNS,
    JUDGED,
    JUDGED_COLUMNS,
    NO_DATA,
    NODE_COLUMNS,
    SHORT,
    LevelJudged,
    coverage_rows,
    node_rows,
)
from analytics.signals.night_settings import NIGHT_SETTINGS, NightSettings

CHANNELS = ("day", "week", "build_up")
WINDOWS = (1, 7, 14, 28)  # days that end with the judged one
WINDOW_WEIGHTS = np.array([0.25, 1.0, 0.5, 0.25])
FEWEST_SEEN = 0.5  # share of a window's matters that must be known for it to be judged
LATEST_DAY = 3  # days back the day channel goes to find a day that is known well enough


@dataclass(frozen=True, eq=False)
class Night:
    """What was judged on one day, from what was known by then.

    `nodes` has one row a node and channel with p ≤ `keep_p` in some channel: level, area_code, kind, category_code, channel,
    window_days, first_on, last_on, method, observed, expected, lower, upper, p, p_node (the node's one calibrated number), correction,
    confidence, reason (of a low confidence: cold_start, short_history, or broken where a gap or a shift leaves less than a year). `judged`
    counts nodes by level, method and state; `grey` lists kind, level, area_code and reason (no_data, broken where a place fell silent,
    short_history) where nothing can be said, which is not the same as nothing unusual.
    """

    judged_on: date
    nodes: pd.DataFrame
    judged: pd.DataFrame
    grey: pd.DataFrame


def judge_night(cube: Cube, *, settings: NightSettings = NIGHT_SETTINGS, judged: int = -1) -> Night:
    """Judge day `judged` of the cube, looking at no later day.

    Sources: the methods of `pooled`, `curves`, `combining` and `busy`; reporting delay as thinning of what is expected, Salmon et al.
    2016, J. Stat. Softw. 70(10), and Noufaily et al. 2019, Bioinformatics 35:3110 (daily data on trailing sums).
    """
    if judged % len(cube.days) != len(cube.days) - 1:
        cube = subcube(cube, judged)
    fit = last_fit(cube, settings.half_life_days)
    on = cube.days[-1].astype(object)
    if fit is None:
        return _nothing(cube, on)
    windows = _windows(cube, fit, settings)
    found = [_judge_level(cube, fit, level, windows, settings) for level in cube.levels]
    nodes = pd.concat([node_rows(cube, one, settings) for one in found], ignore_index=True)
    judged_rows = pd.DataFrame([row for one in found for row in coverage_rows(cube, one)], columns=JUDGED_COLUMNS)
    return Night(on, nodes, judged_rows, _grey(cube, fit, found))


def judge_nights(cube: Cube, days: Sequence[date], *, settings: NightSettings = NIGHT_SETTINGS) -> Iterator[Night]:
    """Judge several days of the cube one after the other, each from what came before it."""
    for day in days:
        yield judge_night(cube, settings=settings, judged=int((np.datetime64(day, "D") - cube.days[0]).astype(int)))


@dataclass(frozen=True, eq=False)
class _Windows:
    """`masks` [subject, window, day] of the last four weeks; `back` how many days the day channel went back; per subject and window
    whether it is judged and whether it is complete; the site's expected sums and their relative variance.
    """

    masks: np.ndarray
    back: np.ndarray
    judged: np.ndarray
    complete: np.ndarray
    curve: np.ndarray
    variance: np.ndarray


def _windows(cube: Cube, fit: NightFit, settings: NightSettings) -> _Windows:
    recent = slice(len(cube.days) - LEFT_OUT, len(cube.days))
    known, closed = np.nan_to_num(cube.completeness[:, recent]), fit.is_closed[:, recent]
    subjects = len(known)
    age = np.arange(LEFT_OUT)[::-1]
    masks = np.repeat((age[None, None, :] < np.array(WINDOWS)[None, :, None]).astype(float), subjects, axis=0)
    good = known[:, ::-1][:, : LATEST_DAY + 1] >= FEWEST_SEEN
    back = np.where(good.any(axis=1), good.argmax(axis=1), 0)
    masks[:, 0] = age[None, :] == back[:, None]
    curve, variance = fit.expected(masks, recent)
    whole = np.einsum("kt,kwt->kw", fit.curves.expected[:, recent] * ~closed, masks)
    lowest = np.where((masks > 0) & ~closed[:, None, :], known[:, None, :], 1.0).min(axis=2)
    return _Windows(
        masks,
        back,
        (curve >= FEWEST_SEEN * whole) & (curve > 0),
        lowest >= settings.complete_share,
        curve,
        variance,
    )


def _judge_level(cube: Cube, fit: NightFit, level: str, windows: _Windows, settings: NightSettings) -> LevelJudged:
    fitted = fit.levels[level]
    own = fitted.subjects
    recent = cube.counts[level][:, own, -LEFT_OUT:]
    observed = np.einsum("pkt,kwt->pkw", recent, windows.masks[own])
    mean, dispersion = fitted.shares.predict(windows.curve[own], windows.variance[own])
    by_day = np.maximum(fit.day_dispersion[level] - fitted.shares.dispersion, 0)
    dispersion[:, :, 0] += by_day[None]
    breaks = fitted.breaks
    state = np.full(observed.shape[:2], JUDGED, dtype=np.int8)
    short = (fit.blocks - breaks.usable_from) * 7 + LEFT_OUT < settings.cold_days
    state[short] = SHORT
    state[breaks.is_silent & (observed[:, :, -1] == 0)] = BROKEN
    state[:, ~windows.judged[own].any(axis=1)] = NO_DATA
    is_judged = windows.judged[None, own] & np.isin(state, (JUDGED, SHORT))[:, :, None]
    p = pooled.tails(observed, mean, dispersion, is_judged)
    busy = None
    if level not in hidden_in(cube) and windows.complete[own, 1].any() and not fit.curves.steps:
        may = (state == JUDGED) & (breaks.usable_from == 0) & (windows.complete[own, 1] & windows.judged[own, 1])[None]
        busy = judge_busy(cube.counts[level], own, may, mean[:, :, 1], p[:, :, 1], settings.busy_mean)
        p[:, :, 1] = busy.p
    return LevelJudged(
        level,
        own,
        observed.astype(np.int64),
        mean,
        dispersion,
        p,
        pooled.combine(p, mean, dispersion, WINDOW_WEIGHTS, settings.keep_p),
        WINDOWS,
        windows.back[own],
        windows.complete[own],
        state,
        breaks.reason,
        busy,
    )


def _grey(cube: Cube, fit: NightFit, found: Sequence[LevelJudged]) -> pd.DataFrame:
    """Where there is no data: a kind on the whole site, else places where every subject of a kind fell silent under none that did."""
    rows = []
    kinds = sorted({kind for kind, _ in cube.subjects})
    of_kind = {kind: np.array([one == kind for one, _ in cube.subjects]) for kind in kinds}
    top = cube.levels[-1]
    for kind in kinds:
        quiet = ~(fit.exposure[of_kind[kind], -7:] > 0).any() and not fit.is_closed[of_kind[kind], -7:].all()
        if quiet:
            rows += [(kind, top, code, "no_data") for code in cube.areas[top]]
            continue
        above = None
        for one in reversed(found):
            own = of_kind[kind][one.subjects]
            silent = (one.state[:, own] == BROKEN).any(axis=1) & (one.observed[:, own, -1].sum(axis=1) == 0)
            silent &= fit.levels[one.level].breaks.is_silent[:, own].all(axis=1)
            covered = np.zeros(len(silent), bool) if above is None else above[cube.parents[one.level]]
            rows += [(kind, one.level, code, "broken") for code in cube.areas[one.level][silent & ~covered]]
            above = silent | covered
    return pd.DataFrame(rows, columns=GREY_COLUMNS)


def _nothing(cube: Cube, on: date) -> Night:
    """A record too short to judge anything from: said, for every level and kind."""
    states = [(level, "pooled", "no_data", len(cube.areas[level]) * len(cube.subjects)) for level in cube.levels]
    top = cube.levels[-1]
    kinds = sorted({kind for kind, _ in cube.subjects})
    grey = [(kind, top, code, "short_history") for kind in kinds for code in cube.areas[top]]
    return Night(
        on,
        pd.DataFrame(columns=NODE_COLUMNS),
        pd.DataFrame(states, columns=JUDGED_COLUMNS),
        pd.DataFrame(grey, columns=GREY_COLUMNS),
    )


__all__ = [
    "CHANNELS",
    "JUDGED_COLUMNS",
    "NODE_COLUMNS",
    "Night",
    "NightSettings",
    "expected_days",
    "judge_night",
    "judge_nights",
    "series_of",
]
