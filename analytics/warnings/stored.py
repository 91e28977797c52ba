"""What a reader may see of the stored results: the run of a day, and its rows within the reader's scope."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd
import sqlalchemy as sa

from analytics.small_cells import MINIMUM_CELL
from analytics.warnings.answer import Node
from data import queries
from data import results_tables as t
from data.issuing import selection_of
from data.mart import Mart
from data.queries import Selection
from data.results import Results, results_of
from data.scope import Scope

OWN_SCREEN = ("office", "community")  # roles that handle matters: theirs is the handling unit's own screen
BELOW_STREET = ("community",)


@dataclass(frozen=True, eq=False)
class Stored:
    """The results as one reader may see them on one day: those of the last run that judged no later day.

    Rows lie wholly within the reader's areas and the chosen one, and are of the chosen kind. What stands below the street with fewer than
    five matters shows no numbers, unless the reader's role handles matters; what is for the handling unit only is shown to no other role.
    """

    mart: Mart
    results: Results
    run: Mapping[str, object]
    scope: Scope
    area_code: str | None
    kind: str | None
    is_last: bool  # the run whose courses and neighbours are kept
    tables: ClassVar[sa.MetaData] = t.results

    @property
    def is_own_screen(self) -> bool:
        return self.scope.role in OWN_SCREEN

    @cached_property
    def names(self) -> queries.Names:
        return queries.names_of(self.mart)

    @cached_property
    def area_names(self) -> dict[str, str]:
        """The name of each area, for the many look-ups of a list; its code where it has none."""
        both = zip(self.names.areas["area_code"], self.names.areas["name"], strict=True)
        return {code: name if isinstance(name, str) else code for code, name in both}

    @cached_property
    def seen(self) -> np.ndarray:
        """For each area of the tree, by its place, whether the reader sees all of it."""
        return self._within(queries.read_reach(self.mart, self.scope, self.area_code))

    @cached_property
    def in_scope(self) -> np.ndarray:
        """The same for the reader's areas, whatever was chosen."""
        return self._within(queries.read_reach(self.mart, self.scope))

    def _within(self, reach: queries.Reach) -> np.ndarray:
        if reach.ranges is None:
            return np.ones(len(self.names.areas), dtype=bool)
        pos, last = (self.names.areas[name].to_numpy(dtype=np.int64) for name in ("pos", "last_pos"))
        inside = np.zeros(len(pos), dtype=bool)
        for low, high in reach.ranges:
            inside |= (pos >= low) & (last <= high)
        return inside

    def sees(self, area_code: str | None, *, anywhere: bool = False) -> bool:
        """Whether a place may be shown; an unknown place only to those who see everything. `anywhere`: whatever area was chosen."""
        if not isinstance(area_code, str):
            return self.scope.sees_all and (anywhere or self.area_code is None)
        place = self.names.places.get(area_code)
        return place is not None and bool((self.in_scope if anywhere else self.seen)[place])

    def rows(self, table: str, *, ordered: str | None = None, everywhere: bool = False) -> list[dict]:
        """The rows of a table of this run that may be shown, as plain values; `everywhere` gives those of all places, not to be shown."""
        rows = self.tables.tables[table]
        statement = sa.select(rows).where(rows.c.run_no == self.run["run_no"])
        if ordered:
            statement = statement.order_by(rows.c[ordered])
        found = self.plain(self.results.read(statement))
        if self.kind is not None and "kind" in rows.c:
            found = [row for row in found if row["kind"] == self.kind]
        return [row for row in found if everywhere or "area_code" not in row or self.sees(row["area_code"])]

    @staticmethod
    def plain(frame: pd.DataFrame) -> list[dict]:
        """Rows as dicts of plain values: days as dates, None for what is missing."""
        days = [name for name in frame if str(frame[name].dtype).startswith("datetime64[s")]
        out = frame.astype(object).where(frame.notna(), None)
        for name in days:
            out[name] = [None if one is None else pd.Timestamp(one).date() for one in out[name]]
        return out.to_dict("records")

    def node(self, row: Mapping[str, object]) -> Node:
        """The node of a row, with its names."""
        area, code = row["area_code"], row["category_code"]
        category = self.names.by_code["category"].get(code) if isinstance(code, str) else None
        if not isinstance(area, str):
            return Node(row.get("level") or "city", "", row["kind"], code, "", category)
        path = self.names.path(area)
        names = [self.area_names[one] for one in path]
        return Node(row["level"], area, row["kind"], code, names[-1], category, tuple(names))

    def is_small(self, level: str | None, observed: int | None) -> bool:
        """Whether a count may not be said to this reader: 1 to 4 matters below the street, on another's screen."""
        return not self.is_own_screen and level in BELOW_STREET and observed is not None and 0 < observed < MINIMUM_CELL

    def selection(self, text: str | None, *, hidden: bool = False) -> Selection | None:
        """The matters behind a number, where the reader may open them."""
        chosen = selection_of(json.loads(text)) if text and not hidden else None
        return chosen if chosen is not None and queries.may_open(self.mart, self.scope, chosen) else None


def read_stored(mart: Mart, scope: Scope, day: date, area_code: str | None, kind: str | None) -> Stored | None:
    """The results for a day; None where no detection has judged it or a day before, or none that this version knows of."""
    found = run_of(results_of(mart), t.run, mart, day)
    return None if found is None else Stored(mart, results_of(mart), found[0], scope, area_code, kind, found[1])


def first_day_after(results: Results | None, run: sa.Table, mart: Mart, day: date) -> date | None:
    """The earliest later day that has results, for a day that has none; None where none has."""
    if results is None:
        return None
    fits = sa.and_(run.c.as_of > day, run.c.published_at <= mart.published_at)
    (found,) = Stored.plain(results.read(sa.select(sa.func.min(run.c.as_of).label("day")).where(fits)))
    return found["day"]


def run_of(results: Results | None, run: sa.Table, mart: Mart, day: date) -> tuple[dict, bool] | None:
    """The last run that stands for no later day and for no later version of the matters, and whether it is the last of all."""
    if results is None:
        return None
    fits = sa.and_(run.c.as_of <= day, run.c.published_at <= mart.published_at)
    found = Stored.plain(
        results.read(sa.select(run).where(fits).order_by(run.c.as_of.desc(), run.c.run_no.desc()).limit(1))
    )
    if not found:
        return None
    last = results.read(sa.select(run.c.run_no).order_by(run.c.as_of.desc(), run.c.run_no.desc()).limit(1)).iloc[0][
        "run_no"
    ]
    return found[0], bool(found[0]["run_no"] == last)
