"""The matters behind a number: a list that opens by a stable link, with files to take away."""

from datetime import date

import pandas as pd
import streamlit as st

from data.queries import BESIDE, UNKNOWN, Selection, is_complete
from pages.ui import load, tables, words
from pages.ui.links import Chosen
from pages.ui.markup import link, quiet, text
from pages.ui.tables import Column

COLUMNS = (
    Column("matter_no", "id", aside=True),
    Column("kind", "code:kind", aside=True),
    Column("area", "id", blank="brief.place_unknown"),
    Column("category", blank="brief.category_unknown"),
    Column("unit", blank="brief.unit_unknown"),
    Column("registered_on", "day", aside=True),
    Column("deadline_on", "day"),
    Column("closed_on", "day"),
    Column("status", "code:status"),
    Column("people_involved", "count"),
    Column("returned_count", "count", aside=True),
    Column("source_system", "code:source", aside=True),
)

FILE_COLUMNS = (
    Column("matter_no", "id"),
    Column("kind", "code:kind"),
    Column("area"),
    Column("category"),
    Column("unit"),
    Column("registered_week", "day"),
    Column("deadline_on", "day"),
    Column("closed_week", "day"),
    Column("status", "code:status"),
    Column("people_band"),
    Column("returned_count", "count"),
    Column("source_system", "code:source"),
)
_GROUPS = {"source_system": "source", "leader_case_post": "post_level"}  # codes whose words stand under another name
_UNKNOWN = {
    "beside_area": "brief.place_unknown",
    "beside_category": "brief.category_unknown",
}  # properties of several codes
_SAY_THEMSELVES = ("is_", "has_")
_WEEKDAYS = tuple("1234567")
_FILES = (
    ("csv", tables.to_csv, "text/csv"),
    ("xlsx", tables.to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
)


def show(chosen: Chosen, selection: Selection | None) -> None:
    """The list, under what it counts and above its export; `selection` is None when the link is malformed."""
    said = chosen.language
    page = st.session_state.get("page") or "daily_brief"
    back = link(words.say("behind.back", said, page=words.say(f"page.{page}.title", said)), chosen.query())
    if selection is None or not (is_complete(selection) and words.has(f"figure.name.{selection.measure}", said)):
        st.html(f'<div class="xs-head">{back}</div>{quiet(words.say("behind.bad_link", said))}')
        return
    count, found = load.matters(selection)
    title = words.say("behind.title", said, name=_name(selection, said), count=count)
    st.html(
        f'<div class="xs-head">{back}</div><div class="xs-section"><h2>{text(title)}</h2>'
        f"<p>{text(_narrowed_to(selection, said))}</p></div>"
    )
    if found.empty:
        st.html(quiet(words.say("behind.none_small" if count else "behind.none", said)))
        return
    columns = [column for column in COLUMNS if _says_something(found[column.key], column)]
    caption = words.say("behind.shown", said, shown=len(found), count=count) if count > len(found) else ""
    st.html(tables.table(found.to_dict("records"), columns, chosen, caption))
    _export(chosen, selection)


def _says_something(values: pd.Series, column: Column) -> bool:
    """A column of blanks, or of counts that are all zero, is left out."""
    known = values.dropna()
    return bool(len(known)) and not (column.form == "count" and (known == 0).all())


def _name(selection: Selection, language: str) -> str:
    key = f"figure.behind.{selection.measure}"
    return words.say(key if words.has(key, language) else f"figure.name.{selection.measure}", language)


def _narrowed_to(selection: Selection, language: str) -> str:
    """The period and everything the selection is narrowed to, in one line."""
    if selection.first and selection.last:
        parts = [words.day_range(selection.first, selection.last, language)]
        if selection.as_of > selection.last:
            parts.append(words.say("behind.as_of", language, day=selection.as_of))
    else:
        parts = [words.say("behind.as_of", language, day=selection.as_of)]
    if selection.kind:
        parts.append(words.name("kind", selection.kind, language))
    named = load.named(selection)
    parts += [named[what] for what in ("area", "category", "unit") if what in named]
    if selection.org_id == "":
        parts.append(words.say("brief.unit_unknown", language))
    if selection.source_system:
        parts.append(words.name("source", selection.source_system, language))
    parts += [_property(name, value, named.get(name), language) for name, value in selection.having]
    return " · ".join(parts)


def _property(name: str, value: str, named: str | None, language: str) -> str:
    """One further property: yes-or-no ones say themselves, others stand under their name; `named` is a name from the mart."""
    title = words.name("property", name, language)
    if value == "":
        return words.say("behind.having.blank", language, property=title)
    if name in _UNKNOWN:
        unknown = words.say(_UNKNOWN[name], language)
        named = words.join((unknown if one == UNKNOWN else one for one in (named or value).split(BESIDE)), language)
    word = named or words.name(_GROUPS.get(name, name), value, language)
    if name.startswith(_SAY_THEMSELVES):
        return word
    if name == "weekday" and value in _WEEKDAYS:
        word = words.weekday(date(2024, 1, int(value)), language)  # the first of January 2024 is a Monday
    key = f"behind.having.{name}"
    return words.say(key if words.has(key, language) else "behind.having.plain", language, property=title, value=word)


def _export(chosen: Chosen, selection: Selection) -> None:
    """Files of the list, written only when asked for; outside this screen they are coarser."""
    said = chosen.language
    st.html(quiet(words.say("behind.coarse", said)))
    name = f"xianshou-{selection.measure}-{selection.as_of:%Y%m%d}"
    with st.container(horizontal=True, key="export"):
        for form, write, mime in _FILES:
            st.download_button(
                words.say(f"frame.{form}", said),
                data=lambda write=write: write(tables.in_words(load.exported(selection), FILE_COLUMNS, said)),
                file_name=f"{name}.{form}",
                mime=mime,
                on_click="ignore",
                key=f"export_{form}",
            )
