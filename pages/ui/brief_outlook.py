"""The outlook in a brief on the screen: what is expected next with its range, and what came of what was expected last."""

import streamlit as st

from analytics.briefs.outlook import Outlook
from analytics.figures import Line
from analytics.followup import FollowUp
from pages.ui import tables, words
from pages.ui.links import Chosen
from pages.ui.markup import link, quiet, spoken
from pages.ui.tables import Column

TABLES = ("ahead", "rising", "looked_back")


def show_month(follow_up: FollowUp | None, chosen: Chosen) -> None:
    """The outlook sentence by sentence, its numbers on demand, and the way to the record of such forecasts."""
    found = follow_up.outlook if follow_up else None
    if found is None or found.missing is not None:
        why = found.said[0].key if found else "outlook.none.issued"
        st.html(quiet(words.say(why, chosen.language)))
        return
    st.html("".join(f'<p class="xs-line">{spoken(one, chosen)}</p>' for one in found.said) + _record(chosen))
    with st.expander(words.say("outlook.table", chosen.language), on_change="rerun", key="outlook_table") as opened:
        if opened.open:
            st.html("".join(_table(name, getattr(found, name), found, chosen) for name in TABLES))


def week_lines(follow_up: FollowUp | None, chosen: Chosen) -> str:
    """What the coming week is expected to bring, as further lines of the days ahead; nothing without a forecast."""
    found = follow_up.outlook if follow_up else None
    if found is None or found.missing is not None:
        return ""
    items = "".join(f"<li>{spoken(one, chosen)}</li>" for one in found.said)
    return f'<ul class="xs-lines">{items}</ul>'


def _record(chosen: Chosen) -> str:
    goes = link(words.say("outlook.ledger", chosen.language), f"track_record{chosen.query(part='forecasts')}")
    return f'<p class="xs-line">{goes}</p>'


def _table(name: str, lines: tuple[Line, ...], found: Outlook, chosen: Chosen) -> str:
    """Forecasts as a table; what was observed opens its matters."""
    if not lines:
        return ""
    opens = {place: line.selection for place, line in enumerate(lines)}
    rows = [row_of(line, found.unit, chosen.language) | {"at": place} for place, line in enumerate(lines)]
    columns = [
        Column("span", "id", "outlook.span"),
        Column("what", heading="outlook.what"),
        Column("expected", "count", "outlook.expected"),
        Column("range", "range", "outlook.range"),
        Column("wide", heading="outlook.range_wide", aside=True),
    ]
    if name == "looked_back":
        columns.append(Column("observed", "count", "outlook.observed", opens=lambda row: opens[row["at"]]))
        columns.append(Column("state", heading="outlook.state"))
    elif found.unit == "month":
        columns.append(Column("usual", "count", "outlook.usual"))
    return tables.table(rows, columns, chosen, words.say(f"outlook.of.{name}", chosen.language))


def row_of(line: Line, unit: str, language: str) -> dict[str, object]:
    """A line with its period and subject in words, and both ranges."""
    values = line.values
    low, high = (words.number(values[name], language) for name in ("lower_wide", "upper_wide"))
    return {
        **values,
        "span": words.say(f"outlook.short.{unit}", language, first=values["period"]),
        "what": what_of(line, language),
        "wide": f"{low}{'～' if language == 'zh' else '–'}{high}",
        "state": words.say(f"outlook.back.{values['state'] or 'open'}", language),
    }


def what_of(line: Line, language: str) -> str:
    """What a line counts: all matters, a kind, or a category with its kind."""
    values = line.values
    if values["what"] == "all":
        return words.name("kind", values["kind"] or "all", language)
    kind = words.name("kind", values["kind"], language) if values["kind"] else ""
    if values["what"] == "kind":
        return kind
    return (
        words.say("outlook.subject", language, category=values["category"], kind=kind)
        if kind
        else words.subject(str(values["category"]), language)
    )
