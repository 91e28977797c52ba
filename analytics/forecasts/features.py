"""What a count may depend on: the columns of a period, from the days in it. The same for days, weeks, months and quarters.

A column of a longer period is the mean of the column over its days, so that a month with half a Spring Festival carries half its effect.
"""

from dataclasses import dataclass

import numpy as np

from analytics.forecasts.contract import Panel
from analytics.signals.calendar_effects import FESTIVAL_BINS, FESTIVAL_REST, NATIONAL, NO_OFFSET, OTHER

YEAR = 365.25
STEPS = {"D": ("D", 1), "W": ("D", 7), "M": ("M", 1), "Q": ("M", 3)}
WAVE_SPREAD, TREND_SPREAD, OCCASION_SPREAD, LENGTH_SPREAD = 0.4, 0.1, 0.15, 0.3
TREND_LASTS = 0.75  # years that a trend goes on for in all
LEVEL, TREND = 0, 1  # the first two columns


@dataclass(frozen=True, eq=False)
class Design:
    """`rows` [period, column] of the history and of the periods ahead; `centre` and `spread` what may be expected of each effect on the log
    scale and how far from it it may reasonably lie (one standard deviation); `names` of the columns.

    The first column is the level, the second the trend by year from the last period of the history.
    """

    rows: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    names: tuple[str, ...]


def period_starts(panel: Panel, horizon: int) -> np.ndarray:
    """First days of all periods of the history and of the horizon, and the day after the last."""
    unit, step = STEPS[panel.freq]
    first = panel.starts[-1].astype(f"datetime64[{unit}]")
    later = first + step * np.arange(1, horizon + 2)
    return np.concatenate([panel.starts.astype("datetime64[D]"), later.astype("datetime64[D]")])


def design_of(panel: Panel, horizon: int, waves: int) -> Design:
    """The design of a panel's history and the `horizon` periods after it, with so many waves of the year.

    What never was in the history is left out: nobody knows its effect.
    """
    starts = period_starts(panel, horizon)
    length = len(panel.starts)
    edges = (starts - panel.days[0]).astype(np.int64)
    daily = day_columns(panel)
    held = {name: _mean_by_period(column, edges) for name, (column, _) in daily.items()}
    kept = [name for name, column in held.items() if np.abs(column[:length]).any()]
    middle = (edges[:-1] + edges[1:]) / 2
    phase = 2 * np.pi * (middle + panel.days[0].astype("datetime64[D]").astype(np.int64)) / YEAR
    columns: list[tuple[str, np.ndarray, float, float]] = [
        ("level", np.ones(len(middle)), 0.0, np.inf),
        ("trend", _damped((middle - middle[length - 1]) / YEAR), 0.0, TREND_SPREAD),
    ]
    for number in range(1, waves + 1):
        for turn in (np.cos, np.sin):
            columns.append((f"{turn.__name__}{number}", turn(number * phase), 0.0, WAVE_SPREAD))
    if panel.freq in "MQ":
        columns.append(("length", np.log(np.diff(edges) / np.diff(edges).mean()), 1.0, LENGTH_SPREAD))
    columns += [(name, held[name], 0.0, daily[name][1]) for name in kept]
    names, rows, centre, spread = zip(*columns, strict=True)
    return Design(np.column_stack(rows), np.array(centre), np.array(spread), names)


def _damped(years: np.ndarray) -> np.ndarray:
    """Time that slows down ahead: a trend of the past is no promise (Gardner & McKenzie 1985, Management Science 31:1237)."""
    return np.where(years > 0, TREND_LASTS * -np.expm1(-np.maximum(years, 0) / TREND_LASTS), years)


def _mean_by_period(column: np.ndarray, edges: np.ndarray) -> np.ndarray:
    total = np.concatenate([[0.0], np.cumsum(column, dtype=float)])
    return (total[edges[1:]] - total[edges[:-1]]) / np.diff(edges)


def day_columns(panel: Panel) -> dict[str, tuple[np.ndarray, float]]:
    """Columns of the calendar by day, with the spread of each: weekday, make-up workday, days off, the working days beside them and
    between them, the Spring Festival by days before and after it, and each occasion.

    A named day off on Monday to Friday has no weekday of its own. Over longer periods the weekdays become the share of days worked. Where a
    year's days off are not published yet, the seven days from lunar new year's day on stand for those of its Spring Festival.
    """
    calendar = panel.calendar
    off, named = ~calendar.is_workday, np.isin(calendar.window, (NATIONAL, OTHER))
    by_custom = (calendar.festival_offset >= FESTIVAL_REST[0]) & (calendar.festival_offset <= FESTIVAL_REST[1])
    festive = np.where(calendar.is_known, off & (calendar.festival_offset != NO_OFFSET), by_custom)
    rest = off & named & (calendar.weekday < 5)
    made_up = calendar.weekday_like == 7
    plain = ~rest & ~made_up
    before, after = _beside(rest, off)
    found: dict[str, tuple[np.ndarray, float]] = {}
    if panel.freq == "D":
        found |= {f"weekday{day}": (plain & (calendar.weekday == day), 1.5) for day in range(1, 7)}
    elif panel.freq != "W" and calendar.is_known.any():
        found["weekend"] = (off & ~rest & ~festive, 0.5)
    found |= {
        "made_up": (made_up, 0.5),
        "national_day": (rest & (calendar.window == NATIONAL), 1.0),
        "day_off": (rest & (calendar.window == OTHER), 1.0),
        "weekend_off": (off & named & (calendar.weekday >= 5), 0.3),
        "before_rest": (before, 0.3),
        "after_rest": (after, 0.3),
        "bridge": (before & after, 0.5),
        "festival_off": (festive, 0.7),
    }
    offset = calendar.festival_offset
    found |= {f"festival{first}": ((offset >= first) & (offset <= last), 0.7) for first, last in FESTIVAL_BINS}
    return found | {f"occasion {name}": (held, OCCASION_SPREAD) for name, held in sorted(panel.occasions.items())}


def _beside(rest: np.ndarray, off: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Working days right before and right after a named day off; weekends between are stepped over."""
    ahead, behind = np.zeros(len(off), dtype=bool), np.zeros(len(off), dtype=bool)
    for at in range(len(off) - 2, -1, -1):
        ahead[at] = rest[at + 1] or (off[at + 1] and ahead[at + 1])
    for at in range(1, len(off)):
        behind[at] = rest[at - 1] or (off[at - 1] and behind[at - 1])
    return ahead & ~off, behind & ~off
