"""Further questions to the petition trends, each drawn only when it is opened: composition, waiting, reviews, seasons, festival, events."""

from collections.abc import Callable
from datetime import date

import pandas as pd
import streamlit as st

from analytics.petitions import PetitionTrends
from analytics.petitions.seasons import festival_week
from data.queries import Selection
from pages.paper.petitions import note_rows, week_title
from pages.ui import cards, charts, words
from pages.ui.links import Chosen
from pages.ui.markup import quiet, section, text
from pages.ui.opening import show_chart
from pages.ui.petitions import column, head_of, lazy_table, say, show_parts
from pages.ui.tables import Column, table

SHARES = ("repeat", "collective", "diverted")


def show_questions(trends: PetitionTrends, chosen: Chosen) -> None:
    """One closed line a question; what is not opened costs nothing."""
    parts: dict[str, Callable[[PetitionTrends, Chosen], None]] = {
        "form": _show_form,
        "properties": _show_properties,
        "waiting": _show_waiting,
        "reviews": _show_reviews,
        "seasons": _show_seasons,
        "festival": _show_festival,
        "notes": _show_notes,
    }
    for name, show in parts.items():
        with st.expander(say(f"question.{name}", chosen), on_change="rerun", key=f"question_{name}") as question:
            if question.open:
                show(trends, chosen)


def _show_form(trends: PetitionTrends, chosen: Chosen) -> None:
    if not trends.parts:
        st.html(quiet(say("none.form", chosen)))
    for name, lines in trends.parts.items():
        st.html(section(words.name("property", name, chosen.language), level=3))
        blank = words.say(
            "behind.having.blank", chosen.language, property=words.name("property", name, chosen.language)
        )
        titles = [
            words.name(name, line.values["code"], chosen.language) if line.values["code"] else blank for line in lines
        ]
        show_parts(name, lines, titles, chosen)


def _show_properties(trends: PetitionTrends, chosen: Chosen) -> None:
    rows = trends.series[["first", "last", "complete"]].copy()
    known = [
        name for name in SHARES if next(one for one in trends.properties if one.name == f"{name}_share").missing is None
    ]
    for name in known:
        rows[name] = 100 * trends.series[name] / trends.series["matters"].where(trends.series["matters"] > 0)
    st.html(
        head_of("properties", chosen, say("text.properties", chosen)) + cards.row(trends.properties, chosen, small=True)
    )
    if not known:
        return
    titles = [words.say(f"petitions.share.{name}_share", chosen.language) for name in known]
    figure = charts.plot_courses(rows, known, titles, trends.unit, chosen.language, trends.notes, suffix="%")
    opens = [one.also(**{f"is_{name}": "1"}) for name in known for one in trends.selections]
    show_chart(figure, "properties", say("alt.properties", chosen), opens, chosen)


def _show_waiting(trends: PetitionTrends, chosen: Chosen) -> None:
    rows = trends.waiting
    told = rows.dropna(subset=["accept_median", "close_median"])
    line = say("text.waiting_unknown", chosen)
    if len(told):
        line = say("text.waiting", chosen, accept=told["accept_median"].iloc[-1], close=told["close_median"].iloc[-1])
    st.html(head_of("waiting", chosen, line))
    names = [name for name in ("accept_median", "close_median") if rows[name].notna().any()]
    if names:
        titles = [words.say(f"chart.{name}", chosen.language) for name in names]
        figure = charts.plot_courses(rows, names, titles, trends.unit, chosen.language, trends.notes)
        show_chart(figure, "waiting", say("alt.waiting", chosen), trends.selections * len(names), chosen)
    opens = {selection.first: selection for selection in trends.selections}
    columns = (
        column("period"),
        *(column(name, "days") for name in ("accept_median", "accept_p90", "close_median", "close_p90")),
        Column("close_matters", "count", heading="matters", opens=lambda row: opens.get(row["first"])),
        Column("close_ended", "count", heading="closed"),
    )
    lazy_table("waiting", rows, columns, trends.unit, chosen)


def _show_reviews(trends: PetitionTrends, chosen: Chosen) -> None:
    if not trends.reviews:
        st.html(quiet(say("none.reviews" if trends.kind in (None, "petition") else "none.not_petitions", chosen)))
        return
    rows = [{**line.values, "selection": line.selection, "stage_said": words.name("review_stage", line.values["stage"], chosen.language)}
            for line in trends.reviews]  # fmt: skip
    columns = (
        column("stage_said", heading="stage"),
        column("requested", "count", opens=lambda row: row["selection"].narrowed(measure=f"{row['stage']}_requested")),
        column("decided", "count", opens=lambda row: row["selection"]),
        column("in_time", "count"),
        column("in_time_pct", "pct"),
        column("interval_said", heading="interval"),
    )
    for row in rows:
        row["interval_said"] = _interval(row["lower"], row["upper"], chosen.language, 1)
    st.html(head_of("reviews", chosen) + table(rows, columns, chosen))


def _interval(lower: float | None, upper: float | None, language: str, decimals: int) -> str:
    if lower is None or pd.isna(lower):
        return words.NOTHING
    joint = "～" if language == "zh" else "–"
    return f"{words.number(lower, language, decimals)}{joint}{words.number(upper, language, decimals)}"


def _show_seasons(trends: PetitionTrends, chosen: Chosen) -> None:
    months, weekdays = trends.months, trends.weekdays
    line = say("text.months", chosen, count=int(months["months"].sum())) if len(months) else say("none.months", chosen)
    st.html(head_of("seasons", chosen, line))
    if len(months):
        titles = [words.say(f"petitions.month.{month}", chosen.language) for month in months["month"]]
        figure = charts.plot_pattern(titles, *(months[name] for name in ("index", "lower", "upper")), 100)
        show_chart(figure, "months", say("alt.months", chosen), (), chosen)
        _pattern_table(months, "month", titles, "index", chosen)
    st.html(f'<p class="xs-line">{text(say("text.weekdays" if len(weekdays) else "none.weekdays", chosen))}</p>')
    if len(weekdays):
        titles = [
            words.weekday(date(2024, 1, int(day)), chosen.language) for day in weekdays["weekday"]
        ]  # 1 January 2024 is a Monday
        level = float((weekdays["mean"] * weekdays["days"]).sum() / weekdays["days"].sum())
        figure = charts.plot_pattern(titles, *(weekdays[name] for name in ("mean", "lower", "upper")), level)
        show_chart(figure, "weekdays", say("alt.weekdays", chosen), (), chosen)
        _pattern_table(weekdays, "weekday", titles, "mean", chosen)


def _pattern_table(rows: pd.DataFrame, name: str, titles: list[str], value: str, chosen: Chosen) -> None:
    found = [
        {name: title, value: row[value], "interval": _interval(row["lower"], row["upper"], chosen.language, 1)}
        for title, row in zip(titles, rows.to_dict("records"), strict=True)
    ]
    st.html(table(found, (column(name), column(value, "decimal"), column("interval")), chosen))


def _show_festival(trends: PetitionTrends, chosen: Chosen) -> None:
    rows = trends.festival
    if rows.empty:
        st.html(quiet(say("none.festival", chosen)))
        return
    years = [name for name in rows if name != "week"]
    titles = [week_title(int(week), chosen.language) for week in rows["week"]]
    shown = int(rows[years[-1]].notna().sum())
    st.html(head_of("festival", chosen, say("text.festival", chosen, year=years[-1], count=shown)))
    opens = [_festival_selection(trends, year, int(week)) for year in years[::-1] for week in rows["week"]]
    figure = charts.plot_festival(rows, titles, chosen.language)
    for number, trace in enumerate(figure.data):  # each line stands for weeks of its own year
        trace.customdata = [[data[0], data[1] + number * len(rows)] for data in trace.customdata]
    show_chart(figure, "festival", say("alt.festival", chosen), opens, chosen)
    st.html(_festival_table(trends, years[::-1], chosen))


def _festival_table(trends: PetitionTrends, years: list[int], chosen: Chosen) -> str:
    """A row a year, a column a week; every number opens."""
    rows = trends.festival
    weeks = [int(week) for week in rows["week"]]
    found = [
        {"year": str(year), **{f"week{week}": count for week, count in zip(weeks, rows[year], strict=True)}}
        for year in years
    ]
    columns = [column("year", "id")]
    for week in weeks:
        heading = f"week_{week}" if week >= 0 else f"week_before_{-week}"
        columns.append(column(f"week{week}", "count", heading=heading, opens=_of_week(trends, week)))
    return table(found, columns, chosen)


def _of_week(trends: PetitionTrends, week: int) -> Callable[[dict], object]:
    return lambda row: _festival_selection(trends, int(row["year"]), week)


def _festival_selection(trends: PetitionTrends, year: int, week: int) -> Selection:
    span = festival_week(year, week)
    return trends.selections[-1].narrowed(first=span.first, last=span.last)


def _show_notes(trends: PetitionTrends, chosen: Chosen) -> None:
    if trends.notes.empty:
        st.html(quiet(say("none.notes", chosen)))
        return
    rows = note_rows(trends, chosen.language)
    st.html(head_of("notes", chosen) + table(rows, (column("days_range"), column("note_kind"), column("note")), chosen))
