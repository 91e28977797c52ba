"""A small site with days, for tests of the night: the real Chinese calendar, three streets, nothing unusual in it."""

from dataclasses import replace

import numpy as np

from analytics.signals.calendar_effects import DayFeatures, day_features
from analytics.signals.cube import Cube, sum_up
from data.workdays import build_calendar, lunar_new_year

LEVELS = ("community", "street", "district", "city")
LAST = "2026-04-27"


def features_of(days: np.ndarray) -> DayFeatures:
    calendar, plain = build_calendar(), days.astype(object)
    status = np.array([int(calendar.is_workday(day)) if calendar.covers(day) else -1 for day in plain])
    names = [calendar.day_name(day) for day in plain]
    return day_features(days, status, names, [lunar_new_year(y) for y in range(plain[0].year, plain[-1].year + 2)])


def simulated(
    *,
    communities: int = 60,
    streets: int = 6,
    subjects: int = 6,
    days: int = 1200,
    per_day: float = 40.0,
    seed: int = 1,
) -> Cube:
    """Counts around weekday, season, holidays and a slow rise; negative binomial with variance 1.4 × mean."""
    rng = np.random.default_rng(seed)
    day = np.arange(np.datetime64(LAST) - days + 1, np.datetime64(LAST) + 1)
    kind_of_day = features_of(day)
    window = np.array([1, 0.8, 0.2, 1.2, 0.4, 0.5])[kind_of_day.window]
    rest = ~kind_of_day.is_workday & np.isin(kind_of_day.window, (2, 4, 5))
    weekday = np.where(rest, 1.0, np.array([1.2, 1.1, 1, 1, 1, 0.6, 0.5, 1])[kind_of_day.weekday_like])
    season = 1 + 0.2 * np.cos(2 * np.pi * day.astype(int) / 365.25)
    curve = window * weekday * season * np.exp(0.0002 * (np.arange(days) - days))
    size, share = rng.gamma(2, 0.5, communities), rng.dirichlet(np.full(subjects, 3.0))
    differs = rng.gamma(5, 0.2, (communities, subjects))
    mean = per_day * (size / size.sum())[:, None, None] * share[:, None] * differs[:, :, None] * curve
    return _cube(rng.negative_binomial(mean / 0.4, 1 / 1.4).astype(np.int32), day, kind_of_day, streets)


def _cube(counts: np.ndarray, days: np.ndarray, calendar: DayFeatures, streets: int) -> Cube:
    communities, subjects, length = counts.shape
    street_of = np.arange(communities) * streets // communities
    district_of = np.arange(streets) * 2 // streets
    parents = {"community": street_of, "street": district_of, "district": np.zeros(2, dtype=int)}
    by_level = {"community": counts}
    for level, above, places in (("community", "street", streets), ("street", "district", 2), ("district", "city", 1)):
        by_level[above] = sum_up(by_level[level], parents[level], places)
    areas = {level: np.array([f"{level[0].upper()}{n:03d}" for n in range(len(by_level[level]))]) for level in LEVELS}
    names = tuple((("dispute", "petition")[n % 2], f"{n:02d}") for n in range(subjects))
    quiet = np.zeros(subjects, dtype=bool)
    return Cube(days, LEVELS, areas, parents, names, quiet, by_level, np.ones((subjects, length)), calendar)


def changed(cube: Cube, change: np.ndarray) -> Cube:
    """The cube with matters added (or taken) by community, subject and day, in all levels alike."""
    counts, added = {"community": cube.counts["community"] + change}, change
    for level, above in (("community", "street"), ("street", "district"), ("district", "city")):
        added = sum_up(added, cube.parents[level], len(cube.areas[above]))
        counts[above] = cube.counts[above] + added
    return replace(cube, counts=counts)


def planted(cube: Cube, community: int, subject: int, last_days: int, matters: int) -> Cube:
    """Matters added to one community, spread evenly over the last days."""
    change = np.zeros(cube.counts["community"].shape, dtype=np.int32)
    for n in range(matters):
        change[community, subject, -1 - n % last_days] += 1
    return changed(cube, change)
