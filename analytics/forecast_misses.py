"""The worst misses of the issued forecasts, over and under, with their places and subjects by name and what people noted on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics import periods
from analytics.forecast_matters import matters_of
from analytics.forecasts.issued import worst_misses
from data import queries
from data.desk import Desk
from data.forecast_ledger import miss_notes
from data.mart import Mart
from data.queries import Selection

FREQS = {"D": "day", "W": "week", "M": "month"}
MANY = 5  # of each side
AMONG = 100  # of each side and frequency, before those that tell of the same once more are left out


@dataclass(frozen=True)
class Miss:
    """One of the worst misses: a period of a series that lay outside the range of 95 in 100 of the last forecast before it.

    `path` are the areas from the widest to the place itself; `note` is what people last noted on it, by which post, when.
    """

    freq: str
    level: str
    path: tuple[str, ...]
    area: str
    kind: str | None
    category_code: str | None
    category: str | None
    first_on: date
    last_on: date
    expected: float
    lower: float
    upper: float
    observed: int
    selection: Selection
    note: Mapping[str, object] | None = None

    @property
    def key(self) -> str:
        """Tells one miss from another."""
        return "|".join((self.freq, f"{self.first_on}", *self.path, self.kind or "", self.category_code or ""))


def misses(desk: Desk, mart: Mart, ledger: Sequence[pd.DataFrame]) -> tuple[tuple[Miss, ...], tuple[Miss, ...]]:
    """The worst of each side with what people noted on them."""
    names, select = queries.names_of(mart), matters_of(mart)
    parts = [worst_misses(rows, AMONG) for rows in ledger if len(rows)]
    rows = plain(pd.concat(parts).sort_values("distance", ascending=False)) if parts else []
    found = pd.DataFrame(
        [row for side in ("over", "under") for row in _apart([one for one in rows if one["side"] == side], names)]
    )
    if found.empty:
        return (), ()
    days = pd.to_datetime(found["first_on"]).dt.date
    notes = {
        tuple(row[name] for name in ("freq", "first_on", "area_code", "kind", "category_code")): row
        for row in plain(miss_notes(desk, min(days), max(days)))
    }
    sides: dict[str, list[Miss]] = {"over": [], "under": []}
    for row, first_on in zip(plain(found), days, strict=True):
        last_on = periods.period_of(FREQS[row["freq"]], first_on).last
        area, kind, code = row["area_code"], row["kind"], row["category_code"]
        here = names.area(area)
        sides[row["side"]].append(
            Miss(
                freq=row["freq"],
                level=row["level"],
                path=names.path(area) or (area,),
                area=area if here is None else str(here["name"]),
                kind=kind,
                category_code=code,
                category=names.by_code["category"].get(code, code),
                first_on=first_on,
                last_on=last_on,
                observed=int(row["observed"]),
                selection=select(first_on, last_on, area, kind, code),
                note=notes.get((row["freq"], first_on, area, kind, code)),
                **{name: row[name] for name in ("expected", "lower", "upper")},
            )
        )
    return tuple(sides["over"]), tuple(sides["under"])


def plain(frame: pd.DataFrame) -> list[dict]:
    """Rows with None for what is missing."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def _apart(rows: list[dict], names: queries.Names) -> list[dict]:
    """The first `MANY` rows that do not tell of what an earlier one told: days in common, on one path of places, kinds and subjects."""
    kept: list[dict] = []
    for row in rows:
        if len(kept) == MANY:
            break
        if not any(_tells_the_same(row, one, names) for one in kept):
            kept.append(row)
    return kept


def _tells_the_same(row: Mapping[str, object], other: Mapping[str, object], names: queries.Names) -> bool:
    (first, last), (began, ended) = _days(row), _days(other)
    if last < began or ended < first:
        return False
    one, two = row["area_code"], other["area_code"]
    is_near = one == two or one in names.path(two) or two in names.path(one)
    same = (None in (row[name], other[name]) or row[name] == other[name] for name in ("kind", "category_code"))
    return is_near and all(same)


def _days(row: Mapping[str, object]) -> tuple[date, date]:
    period = periods.period_of(FREQS[row["freq"]], pd.Timestamp(row["first_on"]).date())
    return period.first, period.last
