"""Data quality: can the figures be relied on? Completeness and promptness of each source and unit, and what was filed twice."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from analytics.briefs.answer import Line
from analytics.figures import Period
from analytics.measures import rate
from data import queries
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope

WINDOW_DAYS = 28
FEWEST = 10  # matters; below this a share says little and is left out

SHARES = {
    "with_area_pct": ("with_area", "new"),
    "with_category_pct": ("with_category", "new"),
    "with_unit_pct": ("with_unit", "new"),
    "with_deadline_pct": ("with_deadline", "new"),
    "closed_dated_pct": ("closed_dated", "closed"),
    "entered_promptly_pct": ("entered_promptly", "entered"),
}


@dataclass(frozen=True)
class Quality:
    """The records of the last four weeks up to `through`, the last day with a registration.

    Lines of `sources` and `units` carry the code, the number registered, the last registration and the shares of `SHARES` (empty under
    `FEWEST`); those of `repeats` are matters filed again or flared up. `matters` is the number registered in the window.
    """

    period: Period
    matters: int
    sources: tuple[Line, ...]
    units: tuple[Line, ...]
    repeats: tuple[Line, ...]


def data_quality(mart: Mart, scope: Scope, through: date, *, days: int = WINDOW_DAYS) -> Quality:
    """How the records registered in the `days` up to `through` are filled in, by source and by unit."""
    window = Period(through - timedelta(days=days - 1), through)
    units = queries.read_units(mart).set_index("org_id")["name"]
    by_source = queries.read_completeness(mart, scope, "source", window.first, window.last)
    by_unit = queries.read_completeness(mart, scope, "unit", window.first, window.last)
    repeats = queries.read_repeats(mart, scope, window.first, window.last)
    return Quality(
        period=window,
        matters=int(by_source["new"].sum()),
        sources=_lines(by_source, window, "source_system", {}),
        units=_lines(by_unit, window, "org_id", units.to_dict()),
        repeats=tuple(Line(row) for row in _plain(repeats)),
    )


def _lines(found: pd.DataFrame, window: Period, key: str, names: dict[str, str]) -> tuple[Line, ...]:
    """One line a source or unit, those with the most records first, which is no ranking."""
    lines = []
    for row in _plain(found.sort_values("new", ascending=False, kind="stable")):
        code = row["code"]
        values = {
            key: code,
            "name": names.get(code, code),
            "new": row["new"],
            "last_registered_on": row["last_registered_on"],
            "silent_days": (window.last - row["last_registered_on"]).days,
        }
        values |= {name: _share(row[met], row[whole]) for name, (met, whole) in SHARES.items()}
        narrower = {key: code if code is not None else ""} if key == "org_id" else {key: code}
        lines.append(Line(values, Selection("new", window.last, window.first, window.last, **narrower)))
    return tuple(lines)


def _share(met: int, whole: int) -> float | None:
    """A share in percent, or nothing under `FEWEST`.

    >>> _share(9, 10), _share(9, 9)
    (90.0, None)
    """
    return rate(met, whole) if whole >= FEWEST else None


def _plain(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as plain values: dates as dates, what is missing as None."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [
        {name: value.date() if isinstance(value, pd.Timestamp) else value for name, value in row.items()}
        for row in rows
    ]
