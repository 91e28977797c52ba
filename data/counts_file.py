"""A file of counts, day × place × subject, as a block of numbers: real records on which detectors are tried."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data.errors import Refused

# The columns a file may call by these names; only they are read.
HEADERS = {
    "day": ("day", "date", "registered_on", "日期"),
    "place": ("place", "area", "area_code", "subprefecture", "street", "community", "地点", "区域"),
    "subject": ("subject", "theme", "category", "category_code", "event_type", "类别", "事项类别"),
    "count": ("count", "matters", "opened", "n", "件数"),
}
NEEDED = ("day", "count")


@dataclass(frozen=True, eq=False)
class FileCounts:
    """Counts by place, subject and day; `days` are consecutive, a day without a row counts nothing."""

    days: np.ndarray
    places: tuple[str, ...]
    subjects: tuple[str, ...]
    counts: np.ndarray


def read_counts_file(file: Path) -> FileCounts:
    """Read a CSV (also compressed). Raises Refused naming what is missing or wrong: columns, days, counts below zero, nothing at all."""
    try:
        header = pd.read_csv(file, nrows=0).columns
        columns = {
            name: next((one for one in header if str(one).strip().lower() in known), None)
            for name, known in HEADERS.items()
        }
        missing = [name for name in NEEDED if columns[name] is None]
        if missing:
            raise Refused("counts_file.columns", missing=", ".join(missing), found=", ".join(map(str, header)))
        used = {column: name for name, column in columns.items() if column is not None}
        frame = pd.read_csv(file, usecols=list(used), dtype=str, keep_default_na=False).rename(columns=used)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise Refused("counts_file.unreadable", file=str(file)) from error
    day = pd.to_datetime(frame["day"], errors="coerce", format="ISO8601")
    count = pd.to_numeric(frame["count"], errors="coerce")
    bad = day.isna() | count.isna() | (count < 0) | (count % 1 != 0)
    if bad.any() or frame.empty:
        line = int(np.flatnonzero(bad)[0]) + 2 if bad.any() else 1
        raise Refused("counts_file.values", rows=int(bad.sum()), line=line)
    return _laid_out(frame, day.to_numpy().astype("datetime64[D]"), count.to_numpy(int))


def _laid_out(frame: pd.DataFrame, day: np.ndarray, count: np.ndarray) -> FileCounts:
    days = np.arange(day.min(), day.max() + np.timedelta64(1, "D"))
    coded = {name: pd.factorize(frame[name], sort=True) if name in frame else None for name in ("place", "subject")}
    at = [np.zeros(len(frame), dtype=int) if one is None else one[0] for one in coded.values()]
    names = [("*",) if one is None else tuple(map(str, one[1])) for one in coded.values()]
    counts = np.zeros((len(names[0]), len(names[1]), len(days)), dtype=np.int32)
    np.add.at(counts, (at[0], at[1], (day - days[0]).astype(int)), count)
    return FileCounts(days, names[0], names[1], counts)
