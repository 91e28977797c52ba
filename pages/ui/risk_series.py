"""The forecast of one place and subject as a chart: the past, the ranges ahead, "as last time" beside it, the line, and how good it has been."""

from datetime import date

import pandas as pd
import streamlit as st

from analytics.outlook.answer import LineChance, RiskItem, RiskNode, RiskOutlook, Volume
from analytics.outlook.course import Course
from pages.ui import charts, tables, words
from pages.ui.links import Chosen
from pages.ui.load import risk as load
from pages.ui.markup import notice, quiet, text
from pages.ui.risk_parts import (
    UNITS,
    asked_line,
    chance_said,
    column,
    head_of,
    line_name,
    line_of,
    name_of,
    of_node,
    say,
    volume_of,
    widest,
)
from pages.ui.signals_parts import parts_nav
from pages.ui.tables import Column

PAST = {"day": 56, "week": 52, "month": 24}  # periods shown before the forecast


def show_course(found: RiskOutlook, chosen: Chosen) -> None:
    """The chart of the chosen area and category, the whole where nothing is chosen."""
    item, node = asked(found, chosen)
    if node is None:
        return
    st.html(f'<div id="course">{head_of("course", chosen)}</div>')
    show_node(node, item, chosen)


def asked(found: RiskOutlook, chosen: Chosen) -> tuple[RiskItem | None, RiskNode | None]:
    """The cell of the chosen area and category, or at least its place."""
    top = widest(found)
    if top is None:
        return None, None
    item = of_node(found.items, top.area_code, chosen.category_code) or of_node(found.items, top.area_code, None)
    return item, item.node if item else top


def unit_of(chosen: Chosen) -> str:
    """By month unless the link asks for weeks or days."""
    wanted = dict(chosen.own).get("by")
    return wanted if wanted in UNITS else "month"


def show_node(node: RiskNode, item: RiskItem | None, chosen: Chosen) -> None:
    """The chart of a cell with the ways to read it by month, week and day; what cannot be forecast says why."""
    said = chosen.language
    unit, course = _readable(node, chosen)
    ways = [(chosen.query(by=one), say(f"by.{one}", chosen), one == unit) for one in UNITS]
    st.html(f'<p class="xs-line"><b>{text(name_of(node, said))}</b></p>{parts_nav(ways, say("narrow.by", chosen))}')
    if course.ahead.empty:
        reason = words.name("forecast_reason", course.reason, said) if course.reason else ""
        st.html(quiet(f"{say(f'course.{course.state}', chosen)}{reason}"))
        if course.past.empty:
            return
    elif course.state == "naive":
        st.html(notice(say("course.naive", chosen), "plain"))
    lines = course_said(course, item, chosen)
    if lines:
        st.html("".join(f'<p class="xs-line">{text(line)}</p>' for line in lines))
    volume = volume_of(item, unit) if item else None
    line = line_of(volume, asked_line(chosen))
    figure = charts.plot_forecast(
        complete(course.past).tail(PAST[unit]), course.ahead, unit, said, line=_drawn(line, volume, said)
    )
    st.plotly_chart(figure, config=charts.CONFIG, key="risk_course", alt=say("alt.course", chosen))
    st.html(f'<p class="xs-basis">{text(record_said(course, chosen))}</p>')
    with st.expander(say("table.course", chosen), on_change="rerun", key="course_table") as behind:
        if behind.open:
            st.html(tables.table(course_rows(course, said), course_columns(unit), chosen))


def _readable(node: RiskNode, chosen: Chosen) -> tuple[str, Course]:
    """The unit asked for with its course; where nothing is asked for and months are too few, weeks or days."""
    unit = unit_of(chosen)
    first = load.course(chosen, node, unit)
    if not first.ahead.empty or "by" in dict(chosen.own):
        return unit, first
    for other in UNITS[1:]:
        course = load.course(chosen, node, other)
        if not course.ahead.empty:
            return other, course
    return unit, first


def _drawn(line: LineChance | None, volume: Volume | None, language: str) -> tuple[date, float, str] | None:
    """The line on the chart: the period that it is of, its value, its name."""
    if line is None or volume is None:
        return None
    return volume.period.first, line.value, line_name(line.line, language)


def _day(on: object) -> date:
    return pd.Timestamp(on).date()


def complete(past: pd.DataFrame) -> pd.DataFrame:
    """The periods that are over and filled; the one still filling was not taken as a count."""
    return past[past["is_complete"] == 1] if "is_complete" in past else past


def course_said(course: Course, item: RiskItem | None, chosen: Chosen) -> list[str]:
    """The chart in a line or two: the first period ahead with its range, and the chance of passing each line."""
    said, lines = chosen.language, []
    volume = volume_of(item, course.unit) if item else None
    if volume is not None and volume.median is not None:
        ends = {"median": round(volume.median), "low": round(volume.low), "high": round(volume.high)}
        lines.append(say("text.course", chosen, period=words.period(volume.period.first, course.unit, said), **ends))
    elif not course.ahead.empty:
        first = course.ahead.iloc[0]
        ends = {"median": round(first["q500"]), "low": round(first["q100"]), "high": round(first["q900"])}
        lines.append(say("text.course", chosen, period=words.period(_day(first["on"]), course.unit, said), **ends))
    chances = [
        say(
            "text.chance",
            chosen,
            line=words.name("risk_line", one.line, said),
            value=one.value,
            chance=chance_said(one.chance, said),
        )
        for one in (volume.lines if volume else ())
        if one.chance is not None
    ]
    if chances:
        lines.append(say("text.chances", chosen, chances="；".join(chances) if said == "zh" else "; ".join(chances)))
    return lines


def record_said(course: Course, chosen: Chosen) -> str:
    """How such forecasts did in the backtests: against "as last time", and how often the truth lay within the range."""
    said = chosen.language
    if course.skill is None:
        return say("record.none", chosen)
    better = "better" if course.skill < 1 else "worse"
    parts = [say(f"record.{better}", chosen, pct=words.pct(abs(1 - course.skill) * 100, said, 0))]
    if course.skill >= 1 and course.state == "forecast":
        parts.append(say("record.unproven", chosen))
    for pct, share in ((80, course.cover80), (95, course.cover95)):
        if share is not None:
            parts.append(say("record.cover", chosen, pct=pct, share=words.pct(100 * share, said, 0)))
    if course.reason and course.usable_from is not None:
        why = words.name("forecast_reason", course.reason, said)
        parts.append(say("record.usable_from", chosen, day=course.usable_from, reason=why))
    return "".join(parts) if said == "zh" else " ".join(parts)


def course_rows(course: Course, language: str) -> list[dict]:
    """The numbers behind the chart, newest forecast last."""
    past = [
        {"period": words.period(_day(row.on), course.unit, language), "observed": row.observed}
        for row in complete(course.past).tail(PAST[course.unit]).itertuples()
    ]
    ahead = [
        {"period": words.period(_day(row["on"]), course.unit, language), "median": row["q500"],
         "naive": row["n500"]}
        | {f"range_{pct}": _ends(row, low, high, language) for pct, low, high, _ in charts.FORECAST_RANGES}
        for row in course.ahead.to_dict("records")
    ]  # fmt: skip
    return [*reversed(ahead), *reversed(past)]


def _ends(row: dict, low: str, high: str, language: str) -> str:
    joint = "～" if language == "zh" else "–"
    return joint.join(words.number(row[name], language) for name in (low, high))


def course_columns(unit: str) -> tuple[Column, ...]:
    """The columns of the numbers behind the chart."""
    return (
        column("period", heading=f"period_{unit}"),
        column("observed", "count"),
        column("median", "count"),
        *(column(f"range_{pct}", aside=pct == 50) for pct in (50, 80, 95)),
        column("naive", "count", aside=True),
    )
