"""What a reader may see of the stored forecasts: the run of a day, and its series within the reader's scope."""

from datetime import date
from typing import ClassVar

import pandas as pd
import sqlalchemy as sa

from analytics.warnings.stored import Stored, first_day_after, run_of
from data import forecast_tables as t
from data.mart import Mart
from data.result_columns import NODE
from data.results import FORECASTS, forecasts_of
from data.scope import Scope


class StoredForecasts(Stored):
    """The forecasts as one reader may see them on one day: those of the last run that stands for no later day.

    `rows(table)` gives plain values, `frame(table)` a frame, of the tables of `data.forecast_tables` and `data.risk_tables`; series lie wholly
    within the reader's areas and the chosen one. Weights, scores and the past are kept of the last run only (`is_last`).
    """

    tables: ClassVar[sa.MetaData] = FORECASTS.tables

    def frame(self, table: str, **equal: object) -> pd.DataFrame:
        """The rows of a table of this run that may be shown, in the table's order of writing; `equal` limits columns to a value (None: empty).

        A chosen kind limits nothing here: what is asked for is said by `equal`.
        """
        rows = self.tables.tables[table]
        chosen = [rows.c[name].is_(None) if value is None else rows.c[name] == value for name, value in equal.items()]
        found = self.results.read(sa.select(rows).where(rows.c.run_no == self.run["run_no"], *chosen))
        found = found.drop(columns="run_no")
        if "area_code" in found:
            shown = {code: self.sees(code) for code in found["area_code"].unique()}
            found = found[found["area_code"].map(shown).astype(bool)]
        return found.reset_index(drop=True)

    def series(
        self, level: str, area_code: str, kind: str | None, category_code: str | None, freq: str
    ) -> tuple[pd.DataFrame, ...]:
        """One series: its past, its forecast, and the row that says what it is; all empty where it is none, or may not be seen."""
        node = dict(zip(NODE, (level, area_code, kind, category_code), strict=True)) | {"freq": freq}
        past, ahead, what = (self.frame(name, **node) for name in ("forecast_past", "forecast", "forecast_series"))
        return past.sort_values("first_on", ignore_index=True), ahead.sort_values("step", ignore_index=True), what


def read_forecasts(
    mart: Mart, scope: Scope, day: date, area_code: str | None = None, kind: str | None = None
) -> StoredForecasts | None:
    """The forecasts for a day; None where none were made that day or before, or none that this version knows of."""
    results = forecasts_of(mart)
    found = run_of(results, t.run, mart, day)
    return None if found is None else StoredForecasts(mart, results, found[0], scope, area_code, kind, found[1])


def first_forecast_after(mart: Mart, day: date) -> date | None:
    """The earliest later day that has forecasts, for a day that has none; None where none has."""
    return first_day_after(forecasts_of(mart), t.run, mart, day)
