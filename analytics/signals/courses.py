"""The course of one node: weeks and days beside what the past before each of them led to expect."""

from functools import lru_cache

import numpy as np
import pandas as pd

from analytics.signals.busy import count_range
from analytics.signals.cube import Cube
from analytics.signals.night_fit import LEFT_OUT, NightFit, fit_night, last_fit
from analytics.signals.night_settings import NIGHT_SETTINGS, NightSettings

WEEKS, DAYS, WEEK = 104, 90, 7
REFIT = 91  # days one fit is carried forward before the next is made from what came in since
SERIES_COLUMNS = ["unit", "on", "observed", "expected", "lower", "upper"]


def series_of(
    cube: Cube, level: str, area_code: str, kind: str, category_code: str, *, settings: NightSettings = NIGHT_SETTINGS
) -> pd.DataFrame:
    """One node's last 104 weeks and 90 days: unit ("day" or "week"), on (the last day), observed, expected, lower, upper.

    Weeks are trailing seven days that end on the weekday of the cube's last day. Each is expected by a fit that ended before its first
    day (fits are made once a quarter and kept for the next node of the same cube). Days without data, and all of a record too short to
    judge, are absent; so is a sensitive subject below the street.
    """
    place = int(np.flatnonzero(cube.areas[level] == area_code)[0])
    subject = cube.subjects.index((kind, category_code))
    rows = [_unit(cube, level, place, subject, unit, settings) for unit in ("week", "day")]
    return pd.concat(rows, ignore_index=True)


def _unit(cube: Cube, level: str, place: int, subject: int, unit: str, settings: NightSettings) -> pd.DataFrame:
    days, width = len(cube.days), WEEK if unit == "week" else 1
    lasts = days - 1 - width * np.arange(WEEKS if unit == "week" else DAYS)[::-1]
    lasts = lasts[lasts >= width - 1]
    firsts, made = lasts - width + 1, _fits(cube, settings)
    starts = np.array([start for start, _ in made])
    used = np.searchsorted(starts, firsts, side="right") - 1
    counts = cube.counts[level][place, subject]
    found = []
    for number, (_, fit) in enumerate(made):
        own = used == number
        if fit is None or not own.any() or subject not in fit.levels[level].subjects:
            continue
        at = firsts[own][:, None] + np.arange(width)[None, :]
        mean, dispersion = _expected(fit, level, place, subject, at)
        lower, upper = count_range(mean, dispersion, settings.range_pct)
        known = (fit.exposure[subject][at] > 0).any(axis=1)
        rows = pd.DataFrame(
            {
                "unit": unit,
                "on": cube.days[lasts[own]].astype("datetime64[us]"),
                "observed": counts[at].sum(axis=1),
                "expected": mean,
                "lower": np.minimum(lower, np.floor(mean)).astype(np.int64),
                "upper": np.maximum(upper, np.ceil(mean)).astype(np.int64),
            }
        )
        found.append(rows[known])
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=SERIES_COLUMNS)


def _expected(fit: NightFit, level: str, place: int, subject: int, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and dispersion of sums over days [window, day] of one node."""
    own = int(np.flatnonzero(fit.levels[level].subjects == subject)[0])
    shares = fit.levels[level].shares
    weight = fit.curves.expected[subject][at] * fit.exposure[subject][at]
    total = weight.sum(axis=1)
    row = np.einsum("wd,wdp->wp", weight, fit.curves.design.rows[at]) / np.maximum(total, 1e-12)[:, None]
    variance = np.maximum(np.einsum("wp,pq,wq->w", row, fit.curves.covariance[subject], row), 0)
    mean = np.maximum(shares.rate[place, own] * total, 1e-9)
    scatter = fit.day_dispersion[level][own] if at.shape[1] == 1 else 0.0
    scatter = max(scatter, shares.dispersion[own])
    return mean, scatter + mean * (1 / shares.information[place, own] + shares.wander[own] + variance)


@lru_cache(maxsize=1)
def _fits(cube: Cube, settings: NightSettings) -> tuple[tuple[int, NightFit | None], ...]:
    """Fits by the first day they may judge, oldest first; the last is that of the night itself."""
    days = len(cube.days)
    made = [(days - LEFT_OUT, last_fit(cube, settings.half_life_days))]
    while made[-1][0] > days - WEEKS * WEEK and made[-1][1] is not None:
        start = made[-1][0] - REFIT
        if start <= 0:
            break
        made.append((start, fit_night(cube, start + LEFT_OUT, settings.half_life_days)))
    return tuple(reversed(made))


def expected_days(
    cube: Cube, level: str, last: int = 14, *, settings: NightSettings = NIGHT_SETTINGS
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """What the scan looks at: observed and expected [place, day, subject] of the last days, at most 28, and the dispersion [subject].

    Expected at what is known by now, by a fit that ended four weeks ago; zero where a subject is not judged at the level or had no data.
    None where the record is too short.
    """
    fit = last_fit(cube, settings.half_life_days)
    if fit is None:
        return None
    fitted, recent = fit.levels[level], slice(len(cube.days) - min(last, LEFT_OUT), len(cube.days))
    shape = (len(cube.areas[level]), recent.stop - recent.start, len(cube.subjects))
    observed, expected, dispersion = np.zeros(shape, dtype=np.int64), np.zeros(shape), np.ones(shape[2])
    curve = (fit.curves.expected * fit.exposure)[fitted.subjects, recent]
    expected[:, :, fitted.subjects] = fitted.shares.rate[:, None, :] * curve.T[None]
    observed[:, :, fitted.subjects] = cube.counts[level][:, fitted.subjects, recent].swapaxes(1, 2)
    dispersion[fitted.subjects] = np.maximum(fitted.shares.dispersion, fit.day_dispersion[level])
    return observed, expected, dispersion
