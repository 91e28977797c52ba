"""The course of one signal: two years by week and ninety days by day over the range expected of each, and the tables behind."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from analytics.warnings.answer import SignalDetail, SignalItem
from analytics.warnings.stored import BELOW_STREET, OWN_SCREEN
from pages.ui import charts, load, tables, words
from pages.ui.links import Chosen
from pages.ui.load import chart_notes
from pages.ui.markup import link, quiet, text
from pages.ui.signals_parts import column, head_of, say
from pages.ui.tables import Column


def show_series(detail: SignalDetail, chosen: Chosen) -> None:
    """Two years by week and ninety days by day, each over the range expected of it; the matters behind stand one click away."""
    item = detail.item
    line = ""
    if item.selection is not None:
        label = say("behind", chosen, count=item.observed)
        line = f'<p class="xs-line">{link(label, chosen.query(item.selection))}</p>'
    st.html(head_of("series", chosen) + line)
    if item.is_suppressed:
        return st.html(quiet(say("suppressed", chosen)))
    _one_series("weekly", detail.weekly, "week", detail, chosen)
    return _one_series("daily", detail.daily, "day", detail, chosen)


def _one_series(name: str, rows: pd.DataFrame, unit: str, detail: SignalDetail, chosen: Chosen) -> None:
    st.html(head_of(name, chosen, level=3))
    if len(rows) < 2:
        st.html(quiet(say("none.series", chosen)))
        return
    said, item = chosen.language, detail.item
    line = say("text.masked", chosen) if _is_masked(item) else words.tell(charts.describe_signal(rows, unit), said)
    st.html(f'<p class="xs-line">{text(line)}</p>')
    notes = chart_notes.on_charts(_day(rows["on"].iloc[0]), _day(rows["on"].iloc[-1]), item.node.area_code)
    shown = notes if unit == "day" else notes[notes["kind"] != "festival"]
    through = detail.detection.judged_through
    figure = charts.plot_signal(rows, unit, said, shown, window_days=item.window_days, through=through)
    st.plotly_chart(figure, config=charts.CONFIG, key=f"signal_{name}", alt=say(f"alt.{name}", chosen))
    with st.expander(say(f"table.{name}", chosen), on_change="rerun", key=f"{name}_table") as behind:
        if behind.open:
            st.html(tables.table(_series_rows(rows, unit, item, said), _series_columns(unit), chosen))


def _is_masked(item: SignalItem) -> bool:
    """Whether counts of 1 to 4 are left blank for this reader, so that a blank is not nothing."""
    return item.node.level in BELOW_STREET and load.site().role not in OWN_SCREEN


def _series_rows(rows: pd.DataFrame, unit: str, item: SignalItem, language: str) -> list[dict]:
    states = charts.series_states(rows)
    found = []
    for row, state in zip(rows.itertuples(), states, strict=True):
        last = _day(row.on)
        first = last - timedelta(days=6) if unit == "week" else last
        period = words.day_range(first, last, language)
        values = {"observed": row.observed, "expected": row.expected, "lower": row.lower, "upper": row.upper}
        opens = item.selection and item.selection.narrowed(first=first, last=last, as_of=last)
        found.append({**values, "period": period, "state": state, "selection": opens})
    return found[::-1]


def _series_columns(unit: str) -> tuple[Column, ...]:
    return (
        column("period", heading=f"period_{unit}"),
        column("observed", "count", opens=lambda row: row["selection"]),
        column("expected", "decimal", aside=True),
        Column("range", "range"),
        Column("state", "state"),
    )


def _day(value: object) -> date:
    return pd.Timestamp(value).date()
