"""The heat map of the risk outlook as a table that reads aloud, what changed within a week, and what would bring levels down."""

from collections.abc import Sequence

import streamlit as st

from analytics.outlook.answer import LEVEL_CODES, Action, RiskItem, RiskNode, RiskOutlook
from pages.ui import folded, words
from pages.ui.links import Chosen
from pages.ui.markup import behind, link, quiet, text
from pages.ui.risk_parts import (
    ahead_of,
    asked_line,
    badge,
    chance_said,
    column,
    head_of,
    item_link,
    line_name,
    line_of,
    name_of,
    opens_item,
    plain,
    say,
    tell,
    volume_of,
)
from pages.ui.signals_parts import BADGES
from pages.ui.tables import Column

SHOWN = 5  # lines of a table at once
ROWS = 14  # areas of the heat map at once


# --- the heat map ----------------------------------------------------------------------------------------------------------------


def show_map(found: RiskOutlook, chosen: Chosen) -> None:
    """Areas by categories: each cell says its level in numeral, word, shape and colour, and opens; below it the same cells as a list."""
    st.html(f'<div id="map">{head_of("map", chosen)}</div>')
    if not found.items:
        st.html(quiet(say("none.list", chosen)))
        return
    st.html(_key(found, chosen) + heat_table(found, found.areas[:ROWS], chosen))
    if len(found.areas) > ROWS:
        label = say("more_areas", chosen, count=len(found.areas) - ROWS)
        with st.expander(label, on_change="rerun", key="all_areas") as rest:
            if rest.open:
                st.html(heat_table(found, found.areas[ROWS:], chosen))
    with st.expander(say("table.map", chosen), on_change="rerun", key="map_table") as behind:
        if behind.open:
            _show_cells(found, chosen)


def _key(found: RiskOutlook, chosen: Chosen) -> str:
    """What each level means, with how many cells have it."""
    said, rules = chosen.language, found.rules
    from_ = {"I": rules.level_1, "II": rules.level_2, "III": rules.level_3, "IV": None}
    parts = []
    for code in (*LEVEL_CODES, None):
        count = sum(item.level_code == code for item in found.items)
        least = from_.get(code or "")
        meaning = say("key.none", chosen) if code is None else (
            say("key.rest", chosen) if least is None else say("key.from", chosen, points=least)
        )  # fmt: skip
        parts.append(f"<li>{badge(code, said)}<span>{text(meaning)}　{count}</span></li>")
    return f'<ul class="xs-heat-key">{"".join(parts)}</ul>'


def heat_table(found: RiskOutlook, areas: Sequence[RiskNode], chosen: Chosen) -> str:
    """Some rows of the heat map: a real table, the names of the areas standing still while it is moved."""
    cells = {(item.node.area_code, item.node.category_code): item for item in found.items}
    heads = "".join(f'<th scope="col">{_category(code, name, chosen)}</th>' for code, name in found.categories)
    rows = "".join(
        f'<tr><th scope="row">{_area(node, found, chosen)}</th>'
        + "".join(_cell(cells.get((node.area_code, code)), chosen) for code, _ in found.categories)
        + "</tr>"
        for node in areas
    )
    corner = text(words.say("column.area", chosen.language))
    return (
        f'<div class="xs-scroll" tabindex="0"><table class="xs-table xs-heat" aria-label="{text(say("alt.map", chosen))}">'
        f'<thead><tr><th scope="col">{corner}</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _category(code: str | None, name: str | None, chosen: Chosen) -> str:
    """A category as a heading: it narrows the list, and lets go again."""
    said = words.subject(name, chosen.language) if name else words.say("frame.all_categories", chosen.language)
    narrowed = chosen.category_code is not None and code == chosen.category_code
    query = plain(chosen, category=None if code is None or narrowed else code)
    return f'<a href="{text(query)}"{" aria-current=true" if narrowed else ""}>{text(said)}</a>'


def _area(node: RiskNode, found: RiskOutlook, chosen: Chosen) -> str:
    """A row's area, leading into it; the one that is shown already leads nowhere."""
    if node.area_code == found.area_code:
        return f"<b>{text(node.area)}</b>"
    return link(node.area, plain(chosen, area=node.area_code), say("into", chosen, name=node.area))


def _cell(item: RiskItem | None, chosen: Chosen) -> str:
    """One cell: level and points, opening its parts."""
    if item is None or item.level_code is None:
        said = say("suppressed_short" if item and item.is_suppressed else "no_data", chosen)
        mark = f'<i aria-hidden="true">○</i><small>{text(said)}</small>'
        if item is None or item.is_suppressed:
            return f'<td class="xs-heat-none"><span>{mark}</span></td>'
        return f'<td class="xs-heat-none"><a href="{text(opens_item(item.node, chosen))}">{mark}</a></td>'
    code, said = item.level_code, chosen.language
    level = words.name("signal_level", code, said)
    points = words.number(item.points, said)
    label = say("cell", chosen, name=name_of(item.node, said), level=level, points=points)
    inner = f'<b><i aria-hidden="true">{BADGES[code]}</i>{text(level)}</b><small>{text(points)}</small>'
    return (
        f'<td class="xs-heat-{text(code)}"><a href="{text(opens_item(item.node, chosen))}" aria-label="{text(label)}" '
        f'title="{text(label)}">{inner}</a></td>'
    )


def _show_cells(found: RiskOutlook, chosen: Chosen) -> None:
    """All cells as lines, in order of need: the table that the heat map is drawn from."""
    rows = [cell_row(item, chosen) for item in found.items]
    folded.show_table("all_cells", rows, cell_columns(chosen), chosen, first=4 * SHOWN)


def cell_columns(chosen: Chosen) -> tuple[Column, ...]:
    """The columns of cells as lines."""
    return (
        column("place", goes=lambda row: row["goes"]),
        column("subject"),
        column("level_code", "code:signal_level", "level", blank="page.risk_outlook.no_data"),
        column("points", "decimal"),
        column("median", "count"),
        column("range"),
        column("line", "text", aside=True),
        column("line_value", "figure", aside=True),
        column("chance"),
        Column("open", "count", "risk.open", opens=lambda row: row["selection"]),
    )


def cell_row(item: RiskItem, chosen: Chosen) -> dict:
    """One cell as a line."""
    said, volume = chosen.language, volume_of(item, ahead_of(chosen))
    line = line_of(volume, asked_line(chosen))
    low, high = (volume.low, volume.high) if volume else (None, None)
    joint = "～" if said == "zh" else "–"
    return {
        "goes": None if item.is_suppressed else opens_item(item.node, chosen),
        "place": item.node.area,
        "subject": item.node.category or words.say("frame.all_categories", said),
        "level_code": item.level_code,
        "points": item.points,
        "median": volume.median if volume else None,
        "range": words.NOTHING if low is None else joint.join(words.number(one, said) for one in (low, high)),
        "line": line_name(line.line, said) if line else words.NOTHING,
        "line_value": line.value if line else None,
        "chance": chance_said(line.chance if line else None, said),
        "open": item.open,
        "selection": item.selection,
    }


# --- what changed, and what would help ---------------------------------------------------------------------------------------------


def show_changes(found: RiskOutlook, chosen: Chosen) -> None:
    """Cells whose level or points moved within a week, with the parts that moved them."""
    before = found.run.compared_with if found.run else None
    st.html(f'<div id="changes">{head_of("changes", chosen)}</div>')
    if before is None:
        st.html(quiet(say("none.before", chosen)))
        return
    if not found.changes:
        st.html(quiet(say("none.changes", chosen, day=before, points=found.rules.min_change)))
        return
    rows = change_rows(found, chosen)
    st.html(f'<p class="xs-line">{text(say("text.changes", chosen, day=before, count=len(rows)))}</p>')
    folded.show_table("all_changes", rows, change_columns(), chosen, first=SHOWN)


def change_rows(found: RiskOutlook, chosen: Chosen) -> list[dict]:
    """The cells that changed, one a line."""
    return [
        {
            "cell": name_of(one.node, chosen.language),
            "goes": opens_item(one.node, chosen),
            "before_code": one.before_code,
            "now_code": one.now_code,
            "points": one.points,
            "why": tell(one.said, chosen.language),
        }
        for one in found.changes
    ]


def change_columns() -> tuple[Column, ...]:
    """The columns of what changed."""
    return (
        column("cell", goes=lambda row: row["goes"]),
        column("before_code", "code:signal_level", "before", blank="page.risk_outlook.no_data"),
        column("now_code", "code:signal_level", "now", blank="page.risk_outlook.no_data"),
        column("points", "signed", "points_moved"),
        column("why", aside=True),
    )


def show_actions(found: RiskOutlook, chosen: Chosen) -> None:
    """What would bring the highest levels down, one line a cell: always work on the matters at hand."""
    shown = [
        (item, item.actions[0])
        for item in found.ranked
        if item.actions and not item.is_suppressed and chosen.category_code in (None, item.node.category_code)
    ]
    st.html(f'<div id="actions">{head_of("actions", chosen)}</div>')
    if not shown:
        st.html(quiet(say("none.actions", chosen)))
        return
    st.html(_named_actions(shown[:SHOWN], chosen))
    if len(shown) > SHOWN:
        label = words.say("frame.all_lines", chosen.language, count=len(shown))
        with st.expander(label, on_change="rerun", key="all_actions") as rest:
            if rest.open:
                st.html(_named_actions(shown[SHOWN:], chosen))


def _named_actions(shown: Sequence[tuple[RiskItem, Action]], chosen: Chosen) -> str:
    lines = (
        f"<li><small>{item_link(item.node, chosen)}</small><span>{action_said(one, chosen)}</span></li>"
        for item, one in shown
    )
    return f'<ul class="xs-lines xs-rules">{"".join(lines)}</ul>'


def action_said(one: Action, chosen: Chosen) -> str:
    """What to do, what it would take off the level, and the way to the matters, as markup."""
    less = ""
    if one.points:
        points = words.number(-one.points, chosen.language, 1, signed=True)
        less = f' <small class="xs-less">{text(say("less", chosen, points=points))}</small>'
    return f"{text(tell(one.said, chosen.language))}{less}{behind(one.selection, chosen)}"
