"""The parts of the data quality page: can the records be relied on, what came in, what was filed twice, which days count."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from analytics.quality import Quality
from data.desk import NOTE_KINDS
from data.versions import Attempt, Version
from pages.ui import acts, folded, load, tables, words
from pages.ui.links import Chosen
from pages.ui.markup import chip, notice, quiet, section, text
from pages.ui.tables import Column

PARTS = ("records", "intake", "repeats", "calendar", "settings", "versions")
SHOWN = 12
_NEAR_YEARS = 2


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"page.data_quality.{key}", chosen.language, **values)


def _section(name: str, chosen: Chosen) -> str:
    return section(_say(f"section.{name}", chosen), _say(f"lead.{name}", chosen))


def choose_part(chosen: Chosen) -> str:
    """Which part is open, from the link; the others lie one click away."""
    wanted = st.query_params.get("part")
    part = wanted if wanted in PARTS else PARTS[0]
    items = "".join(
        f'<a href="{text(chosen.query(part=name))}"{" aria-current=page" if name == part else ""}>{text(_say(f"part.{name}", chosen))}</a>'
        for name in PARTS
    )
    st.html(
        f'<div class="xs-head"><h1>{text(_say("title", chosen))}</h1>'
        f'<span class="xs-where">{text(_say("help", chosen))}</span></div><nav class="xs-parts">{items}</nav>'
    )
    return part


# --- records ---------------------------------------------------------------------------------------------------------------


def show_records(found: Quality, chosen: Chosen) -> None:
    """Completeness and promptness, source by source and unit by unit."""
    said = chosen.language
    span = words.day_range(found.period.first, found.period.last, said)
    st.html(section(_say("section.sources", chosen), _say("lead.sources", chosen, span=span, count=found.matters)))
    opens = {line.values["source_system"]: line.selection for line in found.sources}
    columns = (
        Column("source_system", "code:source"),
        Column("new", "count", opens=lambda row: opens[row["source_system"]]),
        Column("last_registered_on", "day"),
        *_shares("with_area_pct", "with_category_pct", "with_unit_pct", "with_deadline_pct"),
        *_shares("closed_dated_pct", "entered_promptly_pct"),
    )
    _show("sources", [line.values for line in found.sources], columns, chosen)
    units = {line.values["org_id"]: line.selection for line in found.units}
    columns = (
        Column("name", heading="unit", blank="brief.unit_unknown"),
        Column("new", "count", opens=lambda row: units[row["org_id"]]),
        Column("last_registered_on", "day"),
        *_shares("with_category_pct", "with_deadline_pct", "closed_dated_pct", "entered_promptly_pct"),
    )
    st.html(_section("units", chosen))
    _show("units", [line.values for line in found.units], columns, chosen)
    st.html(f'<p class="xs-basis">{text(_say("basis", chosen))}</p>')


def show_repeats(found: Quality, chosen: Chosen) -> None:
    """Matters filed again, marked duplicate, or flared up after closing."""
    st.html(_section("repeats", chosen))
    columns = (
        Column("happened_on", "day"),
        Column("reason", "code:repeat"),
        Column("matter_no", "id"),
        Column("earlier_no", "id"),
        Column("kind", "code:kind"),
        Column("area", blank="brief.place_unknown"),
        Column("category", blank="brief.category_unknown"),
        Column("unit", blank="brief.unit_unknown"),
    )
    _show("repeats", [line.values for line in found.repeats], columns, chosen, first=50)


def _shares(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "pct") for name in names)


def _show(name: str, rows: list, columns: tuple[Column, ...], chosen: Chosen, *, first: int = SHOWN) -> None:
    if not rows:
        st.html(quiet(_say(f"none.{name}", chosen)))
        return
    folded.show_table(f"all_{name}", rows, columns, chosen, first=first)


# --- calendar and notes ------------------------------------------------------------------------------------------------------


def show_calendar(chosen: Chosen) -> None:
    """Which years the calendar knows, and the days of a year, to be corrected or added."""
    calendar = load.calendar()
    today = load.site().now().date()
    years = range(today.year - _NEAR_YEARS, today.year + _NEAR_YEARS + 1)
    rows = [_year(calendar, year) for year in years]
    st.html(_section("calendar", chosen))
    columns = (
        Column("year", "text"),
        Column("state", "code:coverage"),
        Column("rest_days", "count"),
        Column("makeup_days", "count"),
        Column("site_days", "count"),
    )
    st.html(tables.table(rows, columns, chosen))
    missing = [row["year"] for row in rows if row["state"] == "missing"]
    if missing:
        st.html(notice(_say("calendar.missing", chosen, years=tuple(str(year) for year in missing))))
    _edit_year(calendar, years, chosen)


def _year(calendar: pd.DataFrame, year: int) -> dict[str, object]:
    of_year = calendar[calendar["year"] == year]
    if of_year.empty:
        return {"year": year, "state": "missing", "rest_days": None, "makeup_days": None, "site_days": None}
    site = int((of_year["source"] == "site").sum())
    weekend = of_year["weekday"] >= 5
    return {
        "year": year,
        "state": "site" if site else "published",
        "rest_days": int(((of_year["is_workday"] == 0) & ~weekend).sum()),
        "makeup_days": int(((of_year["is_workday"] == 1) & weekend).sum()),
        "site_days": site,
    }


def _edit_year(calendar: pd.DataFrame, years: range, chosen: Chosen) -> None:
    """The exceptions of a year as a small list; every other day follows Monday to Friday."""
    said = chosen.language
    with st.expander(_say("calendar.edit", chosen), on_change="rerun", key="edit_year") as opened:
        if not opened.open:
            return
        year = st.selectbox(words.say("column.year", said), list(years), index=_NEAR_YEARS, key="calendar_year")
        of_year = calendar[(calendar["year"] == year)]
        special = of_year[(of_year["is_workday"] == 0) != (of_year["weekday"] >= 5)]
        options = {"off": words.name("day_kind", "off", said), "makeup": words.name("day_kind", "makeup", said)}
        frame = pd.DataFrame(
            {
                "day": pd.to_datetime(special["day"]),
                "kind": [options["makeup" if worked else "off"] for worked in special["is_workday"]],
                "name": [words.name("festival", one, said) if isinstance(one, str) else "" for one in special["name"]],
            }
        )
        st.caption(_say("calendar.how", chosen))
        with st.form("calendar_form", border=False):
            edited = st.data_editor(
                frame,
                num_rows="dynamic",
                hide_index=True,
                width="stretch",
                key=f"calendar_{year}_{said}",
                column_config={
                    "day": st.column_config.DateColumn(
                        words.say("column.day", said), required=True, format="YYYY-MM-DD"
                    ),
                    "kind": st.column_config.SelectboxColumn(
                        words.say("column.day_kind", said), options=list(options.values()), required=True
                    ),
                    "name": st.column_config.TextColumn(words.say("column.day_name", said), max_chars=60),
                },
            )
            saved = st.form_submit_button(_say("calendar.save", chosen, year=str(year)), type="primary")
        if saved:
            _save_year(int(year), edited, special, options, chosen)
        if (of_year["source"] == "site").any() and st.button(
            _say("calendar.clear", chosen, year=str(year)), key="clear_year"
        ):
            acts.clear_year(int(year))
            _done("calendar.cleared", chosen)


def _save_year(year: int, edited: pd.DataFrame, before: pd.DataFrame, options: dict[str, str], chosen: Chosen) -> None:
    """Names that were codes stay codes, so that they are said in either language."""
    codes = {words.name("festival", one, chosen.language): one for one in before["name"] if isinstance(one, str)}
    exceptions: dict[str, dict[date, str | None]] = {"off": {}, "makeup": {}}
    kinds = {word: kind for kind, word in options.items()}
    for row in edited.dropna(subset=["day", "kind"]).itertuples():
        exceptions[kinds[row.kind]][pd.Timestamp(row.day).date()] = codes.get(row.name, row.name or None)
    acts.save_year(year, exceptions["off"], exceptions["makeup"])
    _done("calendar.saved", chosen)


def show_notes(chosen: Chosen) -> None:
    """What may explain the numbers of some days; anyone may add to it, and what is withdrawn stays on record."""
    said = chosen.language
    today = load.site().now().date()
    found = load.notes(today - timedelta(days=365), today + timedelta(days=365))
    st.html(_section("notes", chosen))
    places = load.areas_or_none()
    rows = [
        {
            **row,
            "area": places.get(row["area_code"], row["area_code"]).strip() if row["area_code"] else None,
            "by": post(row, said),
        }
        for row in found.to_dict("records")
    ]
    columns = (
        Column("note_id", "text"),
        Column("first_on", "day"),
        Column("last_on", "day"),
        Column("kind", "code:note"),
        Column("area", blank="brief.whole_city"),
        Column("text"),
        Column("by"),
        Column("recorded_at", "moment"),
    )
    _show("notes", rows, columns, chosen, first=30)
    _add_note(places, today, chosen)
    if rows:
        _withdraw_note(rows, chosen)


def _add_note(places: dict[str, str], today: date, chosen: Chosen) -> None:
    said = chosen.language
    with (
        st.expander(_say("notes.add", chosen), key="add_note"),
        st.form("note_form", border=False, clear_on_submit=True),
    ):
        first, last, kind = st.columns(3)
        first_on = first.date_input(words.say("column.first_on", said), value=today, format="YYYY-MM-DD")
        last_on = last.date_input(words.say("column.last_on", said), value=today, format="YYYY-MM-DD")
        chosen_kind = kind.selectbox(
            words.say("column.note_kind", said), NOTE_KINDS, format_func=lambda one: words.name("note", one, said)
        )
        area = st.selectbox(
            words.say("frame.area", said),
            ["", *places],
            format_func=lambda code: places.get(code, words.say("brief.whole_city", said)),
        )
        written = st.text_area(words.say("column.text", said), max_chars=500, help=_say("notes.screened", chosen))
        if st.form_submit_button(_say("notes.save", chosen), type="primary"):
            acts.add_note(first_on, last_on, written, chosen_kind, area or None)
            _done("notes.saved", chosen)


def _withdraw_note(rows: list[dict], chosen: Chosen) -> None:
    labels = {row["note_id"]: f"{row['note_id']} · {row['text'][:30]}" for row in rows}
    with st.expander(_say("notes.withdraw", chosen), key="withdraw_note"), st.form("withdraw_form", border=False):
        number = st.selectbox(words.say("column.note_id", chosen.language), list(labels), format_func=labels.get)
        if st.form_submit_button(_say("notes.withdraw_now", chosen)):
            acts.remove_note(number)
            _done("notes.withdrawn", chosen)


# --- versions and duty -------------------------------------------------------------------------------------------------------


def show_versions(versions: tuple[Version, ...], attempt: Attempt | None, chosen: Chosen) -> None:
    """The published versions kept, the last attempt, and a refresh by hand."""
    st.html(_section("versions", chosen) + _attempt(attempt, chosen))
    rows = [
        {
            "version": one.version,
            "published_at": one.published_at,
            "read_at": one.read_at,
            "kind": one.kind,
            "matters": one.counts.get("matter"),
            **{name: one.changes.get(name) for name in ("new", "changed", "gone")},
            "size_mb": one.bytes / 1e6,
        }
        for one in versions
    ]
    columns = (
        Column("version", "id"),
        Column("published_at", "moment"),
        Column("read_at", "moment"),
        Column("kind", "code:refresh", heading="refresh_kind"),
        Column("matters", "count"),
        Column("new", "count", heading="rows_new"),
        Column("changed", "count", heading="rows_changed"),
        Column("gone", "count", heading="rows_gone"),
        Column("size_mb", "decimal"),
    )
    _show("versions", rows, columns, chosen)


def _attempt(attempt: Attempt | None, chosen: Chosen) -> str:
    """How the last refresh went, as word, shape and colour."""
    if attempt is None:
        return quiet(_say("attempt.none", chosen))
    state = (
        "running" if attempt.running else "undone" if attempt.finished_at is None else "ok" if attempt.ok else "failed"
    )
    line = _say(f"attempt.{state}", chosen, at=attempt.finished_at or attempt.started_at)
    more = ""
    if state == "failed":
        more = words.say(f"errors.{attempt.error_key}", chosen.language, **(attempt.error_values or {}))
    return f'<p class="xs-line">{chip(state, line)} {text(more)}</p>'


def show_duty(chosen: Chosen) -> None:
    """The duty mode in force, and its change."""
    said = chosen.language
    mode = load.duty_mode()
    st.html(_section("duty", chosen))
    with st.form("duty_form", border=False):
        wanted = st.radio(
            _say("section.duty", chosen), ("peace", "war"), index=int(mode.mode == "war"), horizontal=True,
            format_func=lambda one: words.name("duty", one, said), label_visibility="collapsed",
        )  # fmt: skip
        reason = st.text_input(_say("duty.reason", chosen), value=mode.reason or "", max_chars=200)
        if st.form_submit_button(_say("duty.save", chosen), type="primary"):
            acts.set_duty(wanted, reason)
            _done("duty.saved", chosen)
    if mode.since is not None:
        by = post({"post": mode.post, "verified": mode.verified}, said)
        st.html(quiet(_say("duty.since", chosen, at=mode.since, by=by)))


def post(row: dict, language: str) -> str:
    """The post that acted, marked while posts are not verified."""
    mark = "" if row["verified"] else words.say("page.daily_brief.unverified", language)
    return words.name("post", row["post"], language) + mark


def _done(key: str, chosen: Chosen) -> None:
    done(_say(key, chosen))


def done(said: str) -> None:
    """Say that it is done after the page has been drawn anew."""
    st.session_state["said"] = said
    st.rerun()


def say_done() -> None:
    """What the last act brought about, once."""
    said = st.session_state.pop("said", None)
    if said:
        st.toast(said)
