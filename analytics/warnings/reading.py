"""From the mart to the cube of a night: counts level by level, how complete each day is, and where there is no data at all."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.delays import DelayCurve, delay_curve
from analytics.signals.calendar_effects import DayFeatures, day_features
from analytics.signals.cube import Cube
from data import queries
from data.errors import NotReady
from data.mart import Mart
from data.scope import Scope
from data.workdays import WorkCalendar, lunar_new_year

CITY = Scope()
LEVELS = ("community", "street", "district", "city")
HISTORY_DAYS = 5 * 366 + 70  # five years before the window that is judged
DELAY_DAYS = 180  # registrations whose entry the delay curve rests on
SILENT_MEAN = 9.0  # matters expected in a run of empty days from which it is no data: a chance of e⁻⁹, one in 8,000
USUAL_DAYS = 56  # days before a run of empty days that say what was to be expected
MANY_CELLS = 100_000_000  # from which counts are kept in half the memory, where they fit
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Reading:
    """The cube of a day, the subjects' codes, and how many matters it leaves out: `without_place`, `without_subject` of `matters`."""

    cube: Cube
    matters: int
    without_place: int
    without_subject: int
    curves: dict[str, DelayCurve | None]


def read_cube(mart: Mart, day: date, calendar: WorkCalendar) -> Reading:
    """The counts of all judged places and subjects up to `day`, five years back at most. Raises NotReady without a matter by then."""
    span = queries.read_span(mart, CITY).iloc[0]
    if pd.isna(span["first_on"]) or span["first_on"].date() > day:
        raise NotReady("signals.nothing", day=day)
    first = max(span["first_on"].date(), day - timedelta(days=HISTORY_DAYS))
    subjects = queries.subjects_of(mart)
    found = queries.read_day_counts(mart, CITY, first, day, subjects)
    if found.empty:
        raise NotReady("signals.nothing", day=day)
    days = np.arange(np.datetime64(first, "D"), np.datetime64(day, "D") + 1)
    kind = pd.Categorical(found["kind"])
    pair = kind.codes.astype(np.int64) * len(subjects.codes) + found["subject"].to_numpy(dtype=np.int64)
    pairs, subject = np.unique(pair, return_inverse=True)
    named = tuple(
        (str(kind.categories[one // len(subjects.codes)]), subjects.codes[one % len(subjects.codes)]) for one in pairs
    )
    sensitive = np.array([code in subjects.sensitive for _, code in named])
    levels, areas, parents, counts = _by_level(mart, found, subject, (len(named), len(days)))
    if "community" in counts:
        counts["community"][:, sensitive, :] = 0
    known_on = max(day, mart.read_at.date() - ONE_DAY)
    curves = _curves(mart, known_on)
    features = features_of(days, calendar)
    completeness = _completeness(days, named, counts[levels[-1]].sum(axis=0), features, curves, known_on)
    left = queries.read_left_out(mart, CITY, first, day).iloc[0]
    cube = Cube(days, levels, areas, parents, named, sensitive, counts, completeness, features)
    return Reading(cube, *(int(left[name]) for name in ("matters", "without_place", "without_subject")), curves)


def features_of(days: np.ndarray, calendar: WorkCalendar) -> DayFeatures:
    """What kind of day each day is by the calendar in force."""
    plain = days.astype(object)
    status = [int(calendar.is_workday(one)) if calendar.covers(one) else -1 for one in plain]
    names = [calendar.day_name(one) for one in plain]
    new_years = [lunar_new_year(year) for year in range(plain[0].year, plain[-1].year + 2)]
    return day_features(days, np.array(status), names, new_years)


# --- places ------------------------------------------------------------------------------------------------------------------


def _by_level(
    mart: Mart, found: pd.DataFrame, subject: np.ndarray, shape: tuple[int, int]
) -> tuple[tuple[str, ...], dict, dict, dict]:
    """Levels leaf first, codes and parents of their places, and counts [place, subject, day].

    A place that has none above it in the next level stands in for it there, so that every place has one parent.
    """
    names = queries.names_of(mart)
    places = queries.judged_places(mart)
    levels = tuple(level for level in LEVELS if (places["level"] == level).any())
    rows = {level: list(places[places["level"] == level].itertuples()) for level in levels}
    areas, parents, lookup = {}, {}, {}
    for number, level in enumerate(levels):
        held = np.full(len(names.areas) + 1, -1, dtype=np.int64)  # last: the place is unknown
        for place, row in enumerate(rows[level]):
            held[row.pos : row.last_pos + 1] = place
        areas[level] = np.array([row.area_code for row in rows[level]], dtype=object)
        lookup[level] = held
        if number:
            below = levels[number - 1]
            parents[below] = held[[row.pos for row in rows[below]]]
        if number + 1 < len(levels):
            _stand_in(rows[level], rows[levels[number + 1]])
    top = levels[-1]
    if len(areas[top]) == 1:
        lookup[top][-1] = 0
    at = found["pos"].to_numpy(dtype=np.int64, na_value=len(names.areas))
    day, matters = found["day"].to_numpy(dtype=np.int64), found["matters"].to_numpy(dtype=np.int64)
    counts = {}
    for level in levels:
        place = lookup[level][at]
        known = place >= 0
        size = (len(areas[level]), *shape)
        small = np.prod(size) > MANY_CELLS and matters.max(initial=0) < 1_000
        counts[level] = np.zeros(size, dtype=np.int16 if small else np.int32)
        np.add.at(counts[level], (place[known], subject[known], day[known]), matters[known].astype(counts[level].dtype))
    return levels, areas, parents, counts


def _stand_in(below: list, above: list) -> None:
    """Places of a level that lie in none of the next stand in that level themselves."""
    covered = [(row.pos, row.last_pos) for row in above]
    above += [row for row in below if not any(first <= row.pos <= last for first, last in covered)]
    above.sort(key=lambda row: row.pos)


# --- completeness ------------------------------------------------------------------------------------------------------------


def _curves(mart: Mart, known_on: date) -> dict[str, DelayCurve | None]:
    """The delay curve of each kind; None where too few days of entry are known."""
    delays = queries.read_entry_delays(mart, CITY, known_on - timedelta(days=DELAY_DAYS), known_on)
    return {str(kind): delay_curve(rows, known_on) for kind, rows in delays.groupby("kind")}


def _completeness(
    days: np.ndarray,
    named: tuple[tuple[str, str], ...],
    totals: np.ndarray,
    features: DayFeatures,
    curves: dict[str, DelayCurve | None],
    known_on: date,
) -> np.ndarray:
    """[subject, day]: the share known by `known_on` by the curve of the kind (1 without a curve), NaN where the kind has no data."""
    kinds = np.array([kind for kind, _ in named])
    out = np.ones((len(named), len(days)))
    age = (np.datetime64(known_on, "D") - days).astype(np.int64)
    for kind in np.unique(kinds):
        curve = curves.get(kind)
        share = np.ones(len(days))
        if curve is not None:
            share = np.append(curve.by_age, 1.0)[np.minimum(age, len(curve.by_age))]
        share = np.where(no_data(totals[kinds == kind].sum(axis=0), day_types(features), share), np.nan, share)
        out[kinds == kind] = share
    return out


def day_types(features: DayFeatures) -> np.ndarray:
    """What a day is alike to when nothing came: a day off in the middle of the week is as a Sunday, a make-up workday as no other day.

    Offices that are closed on Sundays are closed over the Spring Festival too, and no data is missing then.

    >>> days = np.arange("2026-02-13", "2026-02-18", dtype="datetime64[D]")
    >>> day_types(day_features(days, np.array([1, 1, 0, 0, 0]), [None] * 5, [date(2026, 2, 17)])).tolist()
    [4, 7, 6, 6, 6]
    """
    return np.where(~features.is_workday & (features.weekday < 5), 6, features.weekday_like)


def no_data(totals: np.ndarray, day_types: np.ndarray, share: np.ndarray | None = None) -> np.ndarray:
    """Which days of one kind have no data: those before the first matter, and runs of empty days too long for chance.

    A run is too long when `SILENT_MEAN` matters were to be expected in it, going by the days of the same type in the 56 days before it,
    and by the `share` of them known by now. Offices that are closed on Sundays are not silent on Sundays.

    >>> no_data(np.array([0, 4, 5, 4, 5, 0, 0, 0]), np.zeros(8)).tolist()
    [True, False, False, False, False, True, True, True]
    >>> no_data(np.array([4, 5, 4, 5, 0]), np.zeros(5)).tolist()
    [False, False, False, False, False]
    """
    share = np.ones(len(totals)) if share is None else share
    filled = np.flatnonzero(totals)
    silent = np.zeros(len(totals), dtype=bool)
    if not len(filled):
        return ~silent
    silent[: filled[0]] = True
    empty = np.append(totals == 0, False)
    start = None
    for place in range(filled[0], len(empty)):
        if empty[place] and start is None:
            start = place
        elif not empty[place] and start is not None:
            past = slice(max(start - USUAL_DAYS, 0), start)
            usable = ~silent[past]
            expected = 0.0
            for one in range(start, place):
                alike = usable & (day_types[past] == day_types[one])
                expected += share[one] * totals[past][alike].mean() if alike.any() else 0.0
            silent[start:place] = expected >= SILENT_MEAN
            start = None
    return silent
