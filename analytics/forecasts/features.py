"""What a count may depend on: the columns of a period, from the days in it. The same for days, weeks, months and quarters.

A column of a longer period is the mean of the column over its days, so that a month with half a Spring Festival carries half its effect.
"""

from dataclasses import dataclass

import numpy as np

from analytics.forecasts.contract import Panel
from analytics.signals.calendar_effects import FESTIVAL_BINS, NATIONAL, OTHER, DayFeatures

YEAR = 365.25
WAVES = {"D": 3, "W": 3, "M": 5, "Q": 2}


@dataclass(frozen=True, eq=False)
class Design:
    """`rows` [period, column] of the history and of the periods ahead; `spread` how far each effect may reasonably go, on the log scale
    (one standard deviation); `names` of the columns. The first column is the level, the second the trend by year from the last period.
    """

    rows: np.ndarray
    spread: np.ndarray
    names: tuple[str, ...]


def period_starts(panel: Panel, horizon: int) -> np.ndarray:
    """First days of all periods of the history and of the horizon, and the day after the last."""
    unit = {"D": "D", "W": "D", "M": "M", "Q": "M"}[panel.freq]
    step = {"D": 1, "W": 7, "M": 1, "Q": 3}[panel.freq]
    first = panel.starts[-1].astype(f"datetime64[{unit}]")
    later = first + step * np.arange(1, horizon + 2)
    return np.concatenate([panel.starts.astype("datetime64[D]"), later.astype("datetime64[D]")])


def design_of(panel: Panel, horizon: int, *, waves: int | None = None, trend: float = 0.15) -> Design:
    """The design of a panel's history and the `horizon` periods after it."""
    starts = period_starts(panel, horizon)
    length = len(panel.starts)
    daily, spread, names = day_columns(panel)
    edges = (starts - panel.days[0]).astype(np.int64)
    if panel.freq == "D":
        held = daily[edges[0] : edges[-1]]
    else:
        total = np.concatenate([np.zeros((1, daily.shape[1])), daily.cumsum(axis=0)])
        held = (total[edges[1:]] - total[edges[:-1]]) / np.diff(edges)[:, None]
    kept = np.abs(held[:length]).sum(axis=0) > 0  # what never was before is not known ahead either
    middle = (edges[:-1] + edges[1:]) / 2
    away = (middle - middle[length - 1]) / YEAR
    phase = 2 * np.pi * (middle + panel.days[0].astype("datetime64[D]").astype(np.int64)) / YEAR
    count = WAVES[panel.freq] if waves is None else waves
    turns = [turn(n * phase) for n in range(1, count + 1) for turn in (np.cos, np.sin)]
    size = np.log(np.diff(edges) / np.median(np.diff(edges)))
    columns = [np.ones(len(middle)), away, *turns, size] if panel.freq in "MQ" else [np.ones(len(middle)), away, *turns]
    before = [np.inf, trend, *[0.4] * len(turns), *([0.5] if panel.freq in "MQ" else [])]
    labels = ["level", "trend", *[f"wave{n}" for n in range(len(turns))], *(["length"] if panel.freq in "MQ" else [])]
    return Design(
        np.column_stack([*columns, held[:, kept]]),
        np.array([*before, *np.array(spread)[kept]]),
        (*labels, *np.array(names)[kept]),
    )


def day_columns(panel: Panel) -> tuple[np.ndarray, list[float], list[str]]:
    """Calendar columns by day: weekday, make-up workday, days off, days beside them, the Spring Festival by days away, and occasions."""
    calendar = panel.calendar
    rest = ~calendar.is_workday & np.isin(calendar.window, (NATIONAL, OTHER))
    festive = ~calendar.is_workday & (calendar.festival_offset != 127)
    made_up = calendar.weekday_like == 7
    plain = ~rest & ~made_up
    off = ~calendar.is_workday
    work_day_rest = rest & (calendar.weekday < 5)
    before, after = _beside(work_day_rest, off)
    found: list[tuple[str, np.ndarray, float]] = []
    if panel.freq == "D":
        found += [(f"weekday{day}", plain & (calendar.weekday == day), 1.5) for day in range(1, 7)]
    found += [
        ("made_up", made_up, 0.5),
        ("national_day", rest & (calendar.window == NATIONAL), 1.0),
        ("day_off", rest & (calendar.window == OTHER), 1.0),
        ("before_rest", before, 0.3),
        ("after_rest", after, 0.3),
        ("bridge", calendar.is_workday & before & after, 0.5),
        ("festival_off", festive, 0.7),
    ]
    found += [
        (f"festival{a}", (calendar.festival_offset >= a) & (calendar.festival_offset <= b), 0.7)
        for a, b in FESTIVAL_BINS
    ]
    found += [(f"occasion:{name}", held, 0.5) for name, held in sorted(panel.occasions.items())]
    return (
        np.column_stack([one for _, one, _ in found]).astype(float),
        [s for _, _, s in found],
        [n for n, _, _ in found],
    )


def _beside(rest: np.ndarray, off: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Working days right before and right after a named day off (weekends between are stepped over)."""
    days = len(off)
    run_ahead, run_behind = np.zeros(days, dtype=bool), np.zeros(days, dtype=bool)
    for at in range(days - 2, -1, -1):
        run_ahead[at] = rest[at + 1] or (off[at + 1] and run_ahead[at + 1])
    for at in range(1, days):
        run_behind[at] = rest[at - 1] or (off[at - 1] and run_behind[at - 1])
    return run_ahead & ~off, run_behind & ~off


def plain_calendar(days: np.ndarray) -> DayFeatures:
    """Days without a calendar: Monday to Friday as they are, no festival."""
    from analytics.signals.calendar_effects import day_features

    return day_features(days, np.full(len(days), -1), [None] * len(days), [])
