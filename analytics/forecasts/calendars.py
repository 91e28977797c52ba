"""Whose days off a count follows: the calendar of a country or one of its parts, named or found from the history.

The `holidays` package knows the days off of every country and of many of their states. Which of them a count follows shows in the count
itself: on days off that matter it stays below its ordinary course. The calendar is chosen by the likelihood of the history before the
first forecast alone, so that no later value decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analytics.forecasts.contract import Panel
from analytics.forecasts.features import design_of
from analytics.forecasts.fitting import fit_effects
from analytics.signals.calendar_effects import DayFeatures, day_features

AUTO, NO_CALENDAR = "auto", "none"
OPTIONAL = "optional"  # days off by custom or for offices only: a category of its own in the package
FINALISTS = 5  # countries whose parts are tried
FEWEST_DAYS = 182
LEAST_GAIN = 10.0  # log-likelihood, so that among a thousand calendars none is chosen by chance
SEPARATOR = "+"
WAVES = 3  # of the year


@dataclass(frozen=True, eq=False)
class Calendar:
    """The days off of a country: `code` as chosen (`BR`, `BR-SP`, `BR-SP+optional`, `none`), what kind of day each day is, and the days of
    each holiday by name."""

    code: str
    features: DayFeatures
    occasions: dict[str, np.ndarray]


def country_calendar(days: np.ndarray, code: str) -> Calendar:
    """The calendar of a country for consecutive `days`; `none` leaves Monday to Friday as they are. Unknown codes raise `KeyError`.

    >>> found = country_calendar(np.arange("2024-12-23", "2024-12-28", dtype="datetime64[D]"), "DE")
    >>> found.features.is_workday.tolist(), sorted(found.occasions)
    ([True, True, False, False, True], ['Christmas Day', 'Second Day of Christmas'])
    """
    if code == NO_CALENDAR:
        return Calendar(code, day_features(days, np.full(len(days), -1), [None] * len(days), []), {})
    named = _named_days(code, days)
    names = [named.get(day) for day in days.astype(object)]
    weekend = (days.astype(np.int64) + 3) % 7 >= 5
    off = np.array([name is not None for name in names])
    features = day_features(days, np.where(off | weekend, 0, 1), names, [])
    told = np.array(names, dtype=object)
    return Calendar(code, features, {name: told == name for name in sorted({name for name in names if name})})


def choose_calendar(days: np.ndarray, counts: np.ndarray) -> str:
    """The code of the calendar that daily `counts` follow best, or `none`; give it the history before the first origin only.

    The count's own course (weekday, season, trend) is fitted without any holiday; a calendar gains by the Poisson likelihood of one common
    ratio on its days off that fall on Monday to Friday, divided by the dispersion. First the countries, then the parts of the best.
    """
    known = np.isfinite(counts)
    if known.sum() < FEWEST_DAYS:
        return NO_CALENDAR
    expected, dispersion = _ordinary(days, counts)
    seen = np.where(known, counts, 0.0)
    expected = np.where(known, expected, 0.0)
    working = (days.astype(np.int64) + 3) % 7 < 5

    def gain(code: str) -> float:
        off = np.isin(days, np.array(sorted(_named_days(code, days)), dtype="datetime64[D]")) & working
        held, usual = seen[off].sum(), expected[off].sum()
        if usual <= 0 or held >= usual:
            return 0.0
        return float(held * np.log(max(held, 0.5) / usual) - (held - usual)) / dispersion

    gains = {code: gain(code) for code in _countries()}
    best = sorted(gains, key=gains.__getitem__, reverse=True)[:FINALISTS]
    gains |= {code: gain(code) for country in best for code in _parts(country)}
    chosen = max(gains, key=lambda code: (round(gains[code], 6), -len(code)))
    return chosen if gains[chosen] >= LEAST_GAIN else NO_CALENDAR


def _ordinary(days: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, float]:
    """What a count without holidays would expect of each day, and its dispersion from the middle residual, which days off do not reach."""
    plain = country_calendar(days, NO_CALENDAR)
    panel = Panel("D", days, ("total",), ("total",), counts[None], days, plain.features)
    design = design_of(panel, 0, WAVES)
    known = np.isfinite(counts)[None].astype(float)
    precision = np.where(np.isfinite(design.spread), 1 / design.spread**2, 0.0)[None]
    effects = fit_effects(panel.counts, design.rows, design.centre[None], precision, np.ones(1), known)
    mean = np.exp(effects @ design.rows.T)[0]
    seen = np.isfinite(counts)
    squares = (counts[seen] - mean[seen]) ** 2 / np.maximum(mean[seen], 1e-9)
    return mean, max(float(np.median(squares)) / 0.455, 1.0)


def _countries() -> Iterator[str]:
    import holidays

    for country in holidays.list_supported_countries(include_aliases=False):
        yield country
        if OPTIONAL in getattr(holidays, country).supported_categories:
            yield country + SEPARATOR + OPTIONAL


def _parts(code: str) -> Iterator[str]:
    import holidays

    country, _, category = code.partition(SEPARATOR)
    for part in holidays.list_supported_countries(include_aliases=False)[country]:
        yield f"{country}-{part}" + (SEPARATOR + category if category else "")


def _named_days(code: str, days: np.ndarray) -> dict:
    """The days off of a calendar within the years of `days`, by date."""
    import holidays

    place, _, category = code.partition(SEPARATOR)
    country, _, part = place.partition("-")
    if country not in holidays.list_supported_countries(include_aliases=False):
        raise KeyError(code)
    kind = getattr(holidays, country)
    if part and part not in kind.subdivisions:
        raise KeyError(code)
    years = range(days[0].astype(object).year, days[-1].astype(object).year + 1)
    return dict(kind(subdiv=part or None, years=years, categories=("public", category) if category else None).items())
