"""A long table of counts: a date column, a value column and key columns, as one block day × combination of keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data.errors import Refused

DATE = "date"


@dataclass(frozen=True, eq=False)
class LongCounts:
    """Sums by day and combination of keys: `days` are consecutive; a day without a row counts nothing. `keys` has one column a key column
    and one row a combination (in the order of their first days, those of one day sorted), `values` is [combination, day].
    """

    days: np.ndarray
    keys: pd.DataFrame
    values: np.ndarray


def read_long_counts(file: Path, value: str, columns: Sequence[str]) -> LongCounts:
    """Read a CSV (also compressed). Raises Refused saying what is missing or wrong: columns, dates, values below zero or no numbers,
    empty keys, nothing at all.
    """
    wanted = [DATE, value, *columns]
    try:
        header = [str(one) for one in pd.read_csv(file, nrows=0).columns]
        missing = [name for name in wanted if name not in header]
        if missing:
            raise Refused("long_counts.columns", missing=", ".join(missing), found=", ".join(header))
        if len(set(wanted)) < len(wanted):
            raise Refused("long_counts.repeated", found=", ".join(wanted))
        frame = pd.read_csv(file, usecols=wanted, dtype=str, keep_default_na=False)
    except (OSError, EOFError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise Refused("long_counts.unreadable", file=str(file)) from error
    day = pd.to_datetime(frame[DATE], errors="coerce", format="ISO8601")
    count = pd.to_numeric(frame[value], errors="coerce")
    empty = (frame[list(columns)].apply(lambda one: one.str.strip()) == "").any(axis=1)
    bad = day.isna() | ~np.isfinite(count) | (count < 0) | empty
    if bad.any() or frame.empty:
        line = int(np.flatnonzero(bad)[0]) + 2 if bad.any() else 2
        raise Refused("long_counts.values", rows=int(bad.sum()), line=line, value=value)
    return _laid_out(frame[list(columns)], day.to_numpy().astype("datetime64[D]"), count.to_numpy(float))


def _laid_out(keys: pd.DataFrame, day: np.ndarray, count: np.ndarray) -> LongCounts:
    days = np.arange(day.min(), day.max() + np.timedelta64(1, "D"))
    if keys.shape[1]:
        grouped = keys.groupby(list(keys.columns), sort=True)
        at, known = grouped.ngroup().to_numpy(), grouped.size().index.to_frame(index=False)
    else:
        at, known = np.zeros(len(keys), dtype=int), pd.DataFrame(index=range(1))
    values = np.zeros((len(known), len(days)))
    place = (day - days[0]).astype(int)
    np.add.at(values, (at, place), count)
    first = np.full(len(known), len(days))
    np.minimum.at(first, at, place)
    order = np.argsort(first, kind="stable")
    return LongCounts(days, known.iloc[order].reset_index(drop=True), values[order])
