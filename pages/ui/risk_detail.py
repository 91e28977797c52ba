"""One cell of the risk outlook opened: its level as a sum of named parts, its forecast and lines, the work at hand, and what would bring it down."""

import streamlit as st

from analytics.outlook.answer import RiskItem, RiskOutlook, Volume
from pages.ui import risk, risk_series, risk_work, tables, words
from pages.ui.links import Chosen
from pages.ui.markup import link, quiet, text
from pages.ui.risk_calendar import foot, rising_columns, rising_of, rising_row
from pages.ui.risk_map import action_said
from pages.ui.risk_parts import (
    badge,
    chance_said,
    column,
    head_of,
    line_name,
    name_of,
    of_node,
    part_value,
    period_said,
    plain,
    say,
    tell,
)
from pages.ui.tables import Column


def find(found: RiskOutlook, key: str) -> RiskItem | None:
    """The cell that a link opens."""
    return next((item for item in found.items if item.node.key == key), None)


def show(found: RiskOutlook, key: str, chosen: Chosen) -> None:
    """The cell, or that there is none."""
    item = find(found, key)
    back = link(say("back", chosen), plain(chosen))
    if item is None:
        st.html(f'<div class="xs-head">{back}</div>{quiet(say("none.gone", chosen))}')
        return
    st.html(f'<div class="xs-head">{back}</div>{risk.notices(found, chosen)}{_headline(item, chosen)}')
    if item.is_suppressed:
        st.html(quiet(say("suppressed", chosen)))
        return
    _show_parts(item, chosen)
    _show_volumes(item, chosen)
    st.html(head_of("course", chosen))
    risk_series.show_node(item.node, item, chosen)
    _show_actions(item, chosen)
    _show_work(found, item, chosen)
    _show_rising(found, item, chosen)
    _show_ways(item, chosen)
    st.html(foot(found, chosen))


def _headline(item: RiskItem, chosen: Chosen) -> str:
    """What and where, the level with its points, and why."""
    said = chosen.language
    first, *rest = [tell(one, said) for one in item.said] or [
        say("suppressed" if item.is_suppressed else "none.said", chosen)
    ]
    points = "" if item.points is None else text(say("points", chosen, points=words.number(item.points, said, 1)))
    more = "".join(f"<li>{text(one)}</li>" for one in rest)
    path = " › ".join(item.node.path)
    opens = ""
    if item.selection is not None and item.open:
        opens = f'<p class="xs-line">{link(say("behind", chosen, count=item.open), chosen.query(item.selection))}</p>'
    return (
        f'<div class="xs-headline xs-one">{badge(item.level_code, said)}<span class="xs-points">{points}</span>'
        f'<p class="xs-first">{text(name_of(item.node, said))}</p><p class="xs-second">{text(first)}</p>'
        f'<ul class="xs-rest">{more}</ul></div><p class="xs-basis">{text(path)}</p>{opens}'
    )


def _show_parts(item: RiskItem, chosen: Chosen) -> None:
    """The level as a sum: each part with its value, from which value it counts in full, its weight and its points."""
    st.html(head_of("parts", chosen))
    if item.points is None:
        st.html(quiet(say("none.parts", chosen)))
        return
    rows = [
        *part_rows(item, chosen),
        {"part": say("total", chosen), "points": item.points, "weight": sum(part.weight for part in item.parts)},
    ]
    st.html(tables.table(rows, part_columns(), chosen))


def part_rows(item: RiskItem, chosen: Chosen) -> list[dict]:
    """The parts of a level, one a line."""
    said = chosen.language
    return [
        {
            "part": words.name("risk_part", part.name, said),
            "value": _value(part, chosen),
            "full": part_value(part.full, part.unit, said),
            "weight": part.weight,
            "points": part.points,
            "filled": 100 * part.points / part.weight if part.weight else None,
            "goes": chosen.query(part.selection) if part.selection is not None else None,
        }
        for part in item.parts
    ]


def _value(part: object, chosen: Chosen) -> str:
    """The raw value with what it was counted from; why there is none where there is none."""
    if part.value is None:
        return tell(part.missing, chosen.language) if part.missing else words.NOTHING
    shown = part_value(part.value, part.unit, chosen.language)
    if part.numerator is None or not part.denominator:
        return shown
    decimals = 0 if part.numerator == int(part.numerator) else 1
    counted = words.number(part.numerator, chosen.language, decimals)
    return f"{shown} ({counted}/{words.number(part.denominator, chosen.language)})"


def part_columns() -> tuple[Column, ...]:
    """The columns of the parts of a level."""
    return (
        column("part"),
        column("value", "text", "part_value", goes=lambda row: row.get("goes")),
        column("full", "text", "part_full", aside=True),
        column("weight", "decimal", "part_weight"),
        column("points", "decimal", "part_points"),
        column("filled", "bar", "part_filled", aside=True),
    )


def _show_volumes(item: RiskItem, chosen: Chosen) -> None:
    """For the coming month and week: what is forecast, each line by its name, and the probability of passing it."""
    known = [one for one in reversed(item.volumes) if one.median is not None]
    refused = [one for one in item.volumes if one.state == "refused" and one.reason]
    said = [
        say(
            "refused",
            chosen,
            period=period_said(one.period, one.ahead, chosen.language),
            reason=words.name("forecast_reason", one.reason, chosen.language),
        )
        for one in refused
    ]
    st.html(head_of("lines", chosen) + "".join(f'<p class="xs-line">{text(line)}</p>' for line in said))
    for one in known:
        st.html(tables.table(line_rows(one, chosen), line_columns(), chosen, volume_said(one, chosen)))
    if not known:
        st.html(quiet(say("none.lines", chosen)))


def volume_said(volume: Volume, chosen: Chosen) -> str:
    """What is forecast of one period, with its range."""
    ends = {"median": round(volume.median), "low": round(volume.low), "high": round(volume.high)}
    return say("text.course", chosen, period=period_said(volume.period, volume.ahead, chosen.language), **ends)


def line_rows(volume: Volume, chosen: Chosen) -> list[dict]:
    """The lines of one period, with the chance of passing each and where it comes from."""
    said = chosen.language
    return [
        {
            "line": line_name(line.line, said),
            "line_value": line.value,
            "chance": chance_said(line.chance, said),
            "meaning": tell(line.missing if line.value is None and line.missing else line.meaning, said),
            "goes": chosen.query(line.selection) if line.selection is not None else None,
        }
        for line in volume.lines
    ]


def line_columns() -> tuple[Column, ...]:
    """The columns of the lines."""
    return (
        column("line"),
        column("line_value", "figure", goes=lambda row: row["goes"]),
        column("chance"),
        column("meaning", heading="line_meaning"),
    )


def _show_actions(item: RiskItem, chosen: Chosen) -> None:
    st.html(head_of("actions", chosen))
    if not item.actions:
        st.html(quiet(say("none.actions", chosen)))
        return
    lines = "".join(f"<li>{action_said(one, chosen)}</li>" for one in item.actions)
    st.html(f'<ul class="xs-lines">{lines}</ul>')


def _show_work(found: RiskOutlook, item: RiskItem, chosen: Chosen) -> None:
    """What the other sections say of this cell."""
    node = (item.node.area_code, item.node.category_code)
    deadline, escalation, pending = (
        of_node(items, *node) for items in (found.deadlines, found.escalation, found.pending)
    )
    shown = (
        ("deadlines", deadline, risk_work.deadline_row, risk_work.deadline_columns),
        ("escalation", escalation, risk_work.escalation_row, risk_work.escalation_columns),
        ("pending", pending, risk_work.pending_row, risk_work.pending_columns),
    )
    for name, one, row, columns in shown:
        if one is not None and not one.is_suppressed:
            st.html(head_of(name, chosen, level=3) + tables.table([row(one, chosen)], columns()[1:], chosen))


def _show_rising(found: RiskOutlook, item: RiskItem, chosen: Chosen) -> None:
    own = rising_of(found, item.node.category_code)
    if own:
        rows = [rising_row(one, chosen) for one in own]
        st.html(head_of("calendar", chosen, level=3) + tables.table(rows, rising_columns(), chosen))


def _show_ways(item: RiskItem, chosen: Chosen) -> None:
    """On to the place as a whole, and to the category in every place."""
    node = item.node
    ways = [link(say("whole_area", chosen, name=node.area), plain(chosen, area=node.area_code))]
    if node.category_code and node.category:
        ways.append(link(say("whole_category", chosen, name=node.category), plain(chosen, category=node.category_code)))
    st.html(f'<ul class="xs-ways">{"".join(f"<li>{one}</li>" for one in ways)}</ul>')
