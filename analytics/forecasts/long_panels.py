"""Counts by combination of keys as a panel: the total, each key alone and their crossing, chosen by what was known at the first origin."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.forecasts.contract import FREQS
from analytics.forecasts.reconciling import Sums

TOTAL, CELL, REST = "total", "cell", "rest"
LEAST_KEY, LEAST_CELL = 100, 50  # counts before the first origin: a smaller series is not judged
CELLS = 30  # of the crossing, spread evenly over the volumes


@dataclass(frozen=True, eq=False)
class Series:
    """Daily series by name: `values` [series, day]; those of `level` "rest" hold what no judged series of a column holds, so that parts
    add up; `sums` are the wholes and their parts.
    """

    keys: tuple[str, ...]
    levels: tuple[str, ...]
    values: np.ndarray
    sums: Sums

    @property
    def is_scored(self) -> np.ndarray:
        return np.array([level != REST for level in self.levels])


def lay_out(keys: pd.DataFrame, values: np.ndarray, early: np.ndarray, cells: int | None = CELLS) -> Series:
    """The series of a table: `total`, `column:value` where the value counts at least 100 on the `early` days (bool), and of the crossing
    those with at least 50, `cells` of them evenly spaced from the largest to the smallest (None: all), as `cell:value|value`.

    >>> keys = pd.DataFrame({"theme": ["a", "a", "b"], "place": ["x", "y", "x"]})
    >>> found = lay_out(keys, np.array([[70.0, 40], [30, 1], [20, 2]]), np.array([True, False]))
    >>> found.keys
    ('total', 'theme:a', 'theme:b+', 'cell:a|x')
    """
    volume = values[:, early].sum(axis=1)
    total = values.sum(axis=0)
    found: list[tuple[str, str, np.ndarray]] = [(TOTAL, TOTAL, total)]
    sums: list[tuple[str, tuple[str, ...]]] = []
    rests = []
    for column in keys.columns:
        coded, names = pd.factorize(keys[column], sort=True)
        own = [coded == place for place in range(len(names))]
        large = [at for at in range(len(names)) if volume[own[at]].sum() >= LEAST_KEY]
        parts = [f"{column}:{names[at]}" for at in large]
        found += [(name, str(column), values[own[at]].sum(axis=0)) for name, at in zip(parts, large, strict=True)]
        small = [names[at] for at in range(len(names)) if at not in large]
        if small and large:
            rest = f"{column}:{small[0]}+"
            rests.append((rest, REST, values[keys[column].isin(small).to_numpy()].sum(axis=0)))
            parts.append(rest)
        if len(parts) > 1:
            sums.append((TOTAL, tuple(parts)))
    found += rests
    if keys.shape[1] > 1:
        found += _crossing(keys, values, volume, cells)
    names, levels, series = zip(*found, strict=True)
    return Series(names, levels, np.stack(series), tuple(sums))


def _crossing(
    keys: pd.DataFrame, values: np.ndarray, volume: np.ndarray, cells: int | None
) -> list[tuple[str, str, np.ndarray]]:
    order = pd.Series(volume).sort_values(ascending=False, kind="stable")
    order = order[order >= LEAST_CELL].index.to_numpy()
    if cells is not None and len(order) and cells:
        order = order[np.linspace(0, len(order) - 1, cells).astype(int)]
    order = list(dict.fromkeys(order.tolist())) if cells != 0 else []
    return [(f"{CELL}:{'|'.join(map(str, keys.iloc[at]))}", CELL, values[at]) for at in order]


def fold(values: np.ndarray, days: np.ndarray, freq: str) -> tuple[np.ndarray, np.ndarray]:
    """First days and sums [series, period] of the whole days, weeks (from Monday), months or quarters; a period not wholly within the
    days is left out.
    """
    if freq not in FREQS:
        raise ValueError(freq)
    if freq == "D":
        return days, values
    first = period_start(days, freq)
    starts, at = np.unique(first, return_inverse=True)
    sums = np.zeros((len(values), len(starts)))
    np.add.at(sums, (slice(None), at), values)
    whole = (starts >= days[0]) & (next_start(starts, freq) <= days[-1] + np.timedelta64(1, "D"))
    return starts[whole], sums[:, whole]


def period_start(days: np.ndarray, freq: str) -> np.ndarray:
    """The first day of the period of each day."""
    days = days.astype("datetime64[D]")
    if freq == "D":
        return days
    if freq == "W":
        return days - ((days.astype(np.int64) + 3) % 7).astype("timedelta64[D]")
    months = days.astype("datetime64[M]")
    if freq == "Q":
        months = months - (months.astype(np.int64) % 3).astype("timedelta64[M]")
    return months.astype("datetime64[D]")


def next_start(starts: np.ndarray, freq: str, ahead: object = 1) -> np.ndarray:
    """The first day of the period so many periods later."""
    if freq in "DW":
        return starts + np.asarray(ahead) * np.timedelta64(1 if freq == "D" else 7, "D")
    months = starts.astype("datetime64[M]") + np.asarray(ahead) * (1 if freq == "M" else 3)
    return months.astype("datetime64[D]")
