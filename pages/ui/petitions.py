"""The parts of the petition trends on the screen that stand at once, each from the frozen answer, none computing."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from analytics import periods
from analytics.figures import Comparison, Line
from analytics.petitions import PetitionTrends
from pages.paper import petitions as paper
from pages.ui import brief as briefs
from pages.ui import cards, charts, folded, heads, papers, tables, words
from pages.ui.links import Chosen
from pages.ui.load import petitions as load_petitions
from pages.ui.markup import chip, link, notice, quiet, section, text, told
from pages.ui.opening import show_chart
from pages.ui.tables import Column

RATES = ("accepted_in_time", "on_time", "answered", "satisfied")
SHOWN_CHANGES = 10
SHOWN_LINES = 12


def say(key: str, chosen: Chosen, **values: object) -> str:
    """A sentence of this page."""
    return words.say(f"page.petition_trends.{key}", chosen.language, **values)


def head_of(name: str, chosen: Chosen, line: str = "") -> str:
    """A section's heading with its lead, and the chart in one line."""
    lead = say(f"lead.{name}", chosen) if words.has(f"page.petition_trends.lead.{name}", chosen.language) else ""
    return section(say(f"section.{name}", chosen), lead) + (f'<p class="xs-line">{text(line)}</p>' if line else "")


def column(name: str, form: str = "text", **more: object) -> Column:
    """A column whose heading stands among this page's own."""
    return Column(name, form, heading=f"petitions.{more.pop('heading', name)}", **more)


# --- what a leader reads first ------------------------------------------------------------------------------------------------


def show_top(trends: PetitionTrends, chosen: Chosen) -> None:
    """What and when, how it is narrowed, headline, and the four measures kept apart."""
    shown = periods.period_of(trends.unit, trends.day, as_of=trends.day)
    where = words.where(trends, chosen.language)
    parts = [
        heads.head(say("title", chosen), shown, where, trends.kind, chosen, trends.unit, trends.read_at),
        _path(trends, chosen),
        briefs.notices(trends, chosen),
    ]
    if not trends.is_empty:
        parts += [_headline(trends, chosen), cards.row(trends.volume, chosen), briefs.asides(trends, chosen)]
    st.html("".join(parts))


def _path(trends: PetitionTrends, chosen: Chosen) -> str:
    """Where in the two trees this is, each step a way back up, and the properties it is narrowed to."""
    trail = []
    for steps, name in ((trends.area_path, "area"), (trends.category_path, "category")):
        if steps:
            up = [
                (None, words.say("frame.whole_area" if name == "area" else "frame.all_categories", chosen.language)),
                *steps,
            ]
            links = [link(title, chosen.query(**{name: code})) for code, title in up[:-1]]
            trail.append(" › ".join([*links, text(up[-1][1])]))
    if trends.having:
        said = [
            f"{words.name('property', name, chosen.language)} {words.name(name, value, chosen.language)}"
            for name, value in trends.having
        ]
        trail.append(
            text(say("narrowed", chosen, what=tuple(said)))
            + " "
            + link(say("all_parts", chosen), chosen.query(has=None))
        )
    return "".join(f'<p class="xs-line">{one}</p>' for one in trail)


def _headline(trends: PetitionTrends, chosen: Chosen) -> str:
    first, *rest = trends.headline
    state = "normal" if trends.state == "within" else "unusual" if trends.state in ("above", "below") else "unknown"
    more = "".join(f"<li>{told(one, chosen)}</li>" for one in rest)
    boxed = chip(state, say(f"state.{trends.state}", chosen), boxed=True)
    return f'<div class="xs-headline">{boxed}<p class="xs-first">{told(first, chosen)}</p><ul class="xs-rest">{more}</ul></div>'


# --- volume ------------------------------------------------------------------------------------------------------------------


def show_series(trends: PetitionTrends, chosen: Chosen) -> None:
    """Counts by period over their expected range, and the table with all four measures."""
    rows = trends.series
    st.html(head_of("series", chosen, describe_series(rows, chosen)))
    figure = charts.plot_periods(rows, trends.unit, chosen.language, trends.notes)
    show_chart(figure, "series", say("alt.series", chosen), trends.selections, chosen)
    opens = {selection.first: selection for selection in trends.selections}
    columns = (
        column("period"),
        Column("matters", "count", opens=lambda row: opens.get(row["first"])),
        Column("range", "range"),
        Column("state", "state"),
        *(
            column(name, "count", heading=heading)
            for name, heading in (("filings", "pieces"), ("batches",) * 2, ("person_times",) * 2)
        ),
        *(
            column(name, "count", heading=heading, opens=_having(opens, f"is_{name}"))
            for name, heading in (("repeat", "repeat"), ("diverted", "diverted"))
        ),
        Column("collective", "count", opens=_having(opens, "is_collective")),
    )
    _lazy_table("series", _period_rows(rows, trends.unit, chosen.language), columns, chosen)


def describe_series(rows: pd.DataFrame, chosen: Chosen) -> str:
    """The chart of counts in one line; unfinished periods are not in it."""
    whole = rows[rows["complete"].astype(bool)]
    values = {"count": len(whole), "mean": round(float(whole["matters"].mean()), 1) if len(whole) else None}
    if not rows["upper"].notna().any():
        return say("text.series_unknown", chosen, **values)
    states = whole["state"].value_counts()
    return say("text.series", chosen, **values, above=int(states.get("above", 0)), below=int(states.get("below", 0)))


def _having(opens: Mapping, name: str):
    return lambda row: opens[row["first"]].also(**{name: "1"}) if row["first"] in opens else None


def _period_rows(rows: pd.DataFrame, unit: str, language: str) -> list[dict]:
    """Rows by period, the latest first, with their names; an unfinished one says so."""
    found = rows.iloc[::-1].to_dict("records")
    for row in found:
        row["period"] = words.period(row["first"], unit, language)
        if not row["complete"]:
            row["period"] += " " + paper.partly(row, unit, language)
    return found


# --- subjects ----------------------------------------------------------------------------------------------------------------


def show_causes(trends: PetitionTrends, chosen: Chosen) -> None:
    """Which subjects rose and fell against the period before; every line opens, every subject leads one level down."""
    lines = [line for line in trends.categories if line.values["matters"] or line.values["previous"]]
    if not lines:
        st.html(head_of("causes", chosen) + quiet(say("none.causes", chosen)))
        return
    st.html(head_of("causes", chosen, _describe_change(lines, trends, chosen)))
    moved = sorted(lines, key=lambda line: -abs(_change(line)))[:SHOWN_CHANGES]
    moved.sort(key=lambda line: -_change(line))
    titles = [subject(line, trends, chosen) for line in moved]
    hover = [_hover(title, line, chosen) for title, line in zip(titles, moved, strict=True)]
    figure = charts.plot_changes(titles, [_change(line) for line in moved], hover)
    show_chart(figure, "causes", say("alt.causes", chosen), [line.selection for line in moved], chosen)
    show_parts(
        "causes",
        trends.categories,
        [subject(line, trends, chosen) for line in trends.categories],
        chosen,
        goes=_into_category(chosen),
    )


def _change(line: Line) -> int:
    return line.values["matters"] - line.values["previous"]


def _describe_change(lines: Sequence[Line], trends: PetitionTrends, chosen: Chosen) -> str:
    changes = [_change(line) for line in lines]
    up, down = sum(one for one in changes if one > 0), -sum(one for one in changes if one < 0)
    than = words.say(f"petitions.than.{trends.unit}", chosen.language)
    return say(
        "text.causes",
        chosen,
        than=than,
        change=words.number(sum(changes), chosen.language, signed=True),
        up=up,
        down=down,
    )


def subject(line: Line, trends: PetitionTrends, chosen: Chosen) -> str:
    """The name of a subject, or of what is placed no further."""
    if line.values["name"]:
        return words.subject(line.values["name"], chosen.language)
    rest = "hidden" if line.selection is None else "rest" if trends.category_code else "unknown"
    return words.name("petition_rest", f"category_{rest}", chosen.language)


def _hover(title: str, line: Line, chosen: Chosen) -> str:
    now, before = (words.number(line.values[name], chosen.language) for name in ("matters", "previous"))
    return f"{charts.escaped(title)}　{before} → <b>{now}</b>"


def _into_category(chosen: Chosen):
    return lambda line: chosen.query(category=line.values["code"]) if line.values["can_open"] else None


def show_parts(
    name: str, lines: Sequence[Line], titles: Sequence[str], chosen: Chosen, *, goes=lambda line: None
) -> None:
    """The table of parts: count, share, the period before and the year before, each change by the wording rules."""
    rows = [part_row(line, title, chosen) | {"goes": goes(line)} for line, title in zip(lines, titles, strict=True)]
    folded.show_table(f"all_{name}", rows, part_columns(), chosen, first=SHOWN_LINES)


def part_row(line: Line, title: str, chosen: Chosen) -> dict:
    """One part as a row: its name, its numbers, and how far it moved in words."""
    said = {name: moved(line.values[name], chosen) for name in ("vs_previous", "vs_year")}
    spans = {name: line.values[name].period for name in said}
    return {**line.values, **said, "part": title, "selection": line.selection, "spans": spans}


def moved(comparison: Comparison, chosen: Chosen) -> str:
    """How far a part moved, by the wording rules."""
    return cards.moved(comparison, chosen.language)


def part_columns() -> tuple[Column, ...]:
    """The columns of a table of parts."""
    return (
        column("part", goes=lambda row: row.get("goes")),
        Column("matters", "count", opens=lambda row: row["selection"]),
        column("share_pct", "pct"),
        column("previous", "count", opens=_in_period("vs_previous"), aside=True),
        column("vs_previous"),
        column("year_before", "count", opens=_in_period("vs_year"), aside=True),
        column("vs_year", aside=True),
    )


def _in_period(name: str):
    """What the count of the other period opens."""
    return lambda row: (
        row["selection"] and row["selection"].narrowed(first=row["spans"][name].first, last=row["spans"][name].last)
    )


# --- rates -------------------------------------------------------------------------------------------------------------------


def show_rates(trends: PetitionTrends, chosen: Chosen) -> None:
    """The three rates and the participation rate, always together, for the period and over time."""
    rows = trends.rate_series
    known = [name for name in RATES if rows[name].notna().any()]
    line = (
        say("text.rates", chosen, since=words.period(rows["first"].iloc[0], trends.unit, chosen.language, "short"))
        if known
        else ""
    )
    st.html(
        head_of("rates", chosen)
        + cards.row(trends.rates, chosen, small=True)
        + (f'<p class="xs-line">{text(line)}</p>' if line else "")
    )
    if not known:
        return
    titles = [words.say(f"figure.name.{name}", chosen.language) for name in known]
    plain = rows.drop(columns=[f"{name}_{end}" for name in RATES for end in ("lower", "upper")])
    figure = charts.plot_courses(plain, known, titles, trends.unit, chosen.language, trends.notes, suffix="%")
    by_name = {one.name: one.selection for one in trends.rates}
    opens = [
        by_name[name] and by_name[name].narrowed(first=row["first"], last=row["last"])
        for name in known
        for _, row in rows.iterrows()
    ]
    show_chart(figure, "rates", say("alt.rates", chosen), opens, chosen)
    columns = (column("period"), *(column(f"{name}_said", heading=name) for name in RATES))
    shown = _period_rows(rows, trends.unit, chosen.language)
    for row in shown:
        row |= {f"{name}_said": _rate_said(row, name, chosen.language) for name in RATES}
    _lazy_table("rates", shown, columns, chosen)


def _rate_said(row: Mapping, name: str, language: str) -> str:
    """A rate with its interval and its numbers, as one cell."""
    if pd.isna(row[name]):
        return words.NOTHING
    low, high = (words.number(row[f"{name}_{end}"], language, 1) for end in ("lower", "upper"))
    parts = f"{words.number(row[f'{name}_met'], language)}/{words.number(row[f'{name}_whole'], language)}"
    return f"{words.pct(row[name], language)} ({low}–{high}; {parts})"


# --- places ------------------------------------------------------------------------------------------------------------------


def show_places(trends: PetitionTrends, chosen: Chosen) -> None:
    """The areas right below: a map where the site has boundaries, else bars; and the table beside it."""
    if not trends.places:
        st.html(head_of("places", chosen) + quiet(say("none.places", chosen)))
        return
    real = [line for line in trends.places if line.values["area_code"]]
    states = [line.values["state"] for line in real]
    counted = {name: states.count(name) for name in ("above", "below", "unknown")}
    st.html(head_of("places", chosen, say("text.places_standing", chosen, count=len(real), **counted)))
    if real:
        _show_places_drawn(real, states, chosen)
    rows = [part_row(line, place_name(line, chosen), chosen) | _place_values(line, chosen) for line in trends.places]
    columns = (
        column(
            "part",
            goes=lambda row: chosen.query(area=row["area_code"]) if row["area_code"] and row["can_open"] else None,
        ),
        Column("matters", "count", opens=lambda row: row["selection"]),
        column("per_10k", "decimal"),
        column("limits"),
        Column("state", "state"),
        column("peers", aside=True),
        column("households", "count", aside=True),
        column("vs_previous"),
        column("vs_year", aside=True),
    )
    folded.show_table("all_places", rows, columns, chosen, first=SHOWN_LINES)


def _show_places_drawn(real: Sequence[Line], states: Sequence[str], chosen: Chosen) -> None:
    codes = [line.values["area_code"] for line in real]
    titles = [line.values["area"] for line in real]
    rates = [line.values["per_10k"] for line in real]
    hover = [_place_hover(line, chosen) for line in real]
    found, error = load_petitions.map_of(tuple(codes))
    opens = [line.selection for line in real]
    if found is not None:
        st.html(f'<p class="xs-line">{text(say("text.map", chosen))}</p>')
        show_chart(
            charts.plot_map(found, codes, titles, rates, states, hover), "places", say("alt.map", chosen), opens, chosen
        )
        return
    said = words.tell_error(error, chosen.language) if error else say("text.no_map", chosen, path="boundaries.geojson")
    st.html(notice(said) if error else quiet(said))
    known = [place for place, rate in enumerate(rates) if rate is not None][:30]
    if known:
        figure = charts.plot_standing(
            *([values[place] for place in known] for values in (titles, rates, [line.values["lower"] for line in real],
              [line.values["upper"] for line in real], states, hover))
        )  # fmt: skip
        show_chart(figure, "places", say("alt.places", chosen), [opens[place] for place in known], chosen)


def place_name(line: Line, chosen: Chosen) -> str:
    """The name of an area, or of the matters placed no nearer."""
    return line.values["area"] or words.name("petition_rest", line.values["level"], chosen.language)


def _place_values(line: Line, chosen: Chosen) -> dict:
    values = line.values
    if values["upper"] is None:
        return {"limits": words.NOTHING, "peers": words.NOTHING}
    joint = "～" if chosen.language == "zh" else "–"
    low, high = (words.number(values[name], chosen.language, 1) for name in ("lower", "upper"))
    _level, _, kind = values["peer_group"].partition(" ")
    return {
        "limits": f"{low}{joint}{high}",
        "peers": f"{words.name('place_type', kind, chosen.language)} ({values['peers'] + 1})",
    }


def _place_hover(line: Line, chosen: Chosen) -> str:
    values = line.values
    count = words.number(values["matters"], chosen.language)
    rate = words.number(values["per_10k"], chosen.language, 1)
    heading = words.say("column.petitions.per_10k", chosen.language)
    return f"{charts.escaped(values['area'])}　<b>{count}</b><br>{heading} {rate}"


# --- shared ------------------------------------------------------------------------------------------------------------------


def _lazy_table(name: str, rows: Sequence[Mapping], columns: Sequence[Column], chosen: Chosen) -> None:
    """The table that a chart was drawn from, made only when it is opened."""
    with st.expander(say(f"table.{name}", chosen), on_change="rerun", key=f"{name}_table") as behind:
        if behind.open:
            st.html(tables.table(rows, columns, chosen))


def lazy_table(name: str, rows: pd.DataFrame, columns: Sequence[Column], unit: str, chosen: Chosen) -> None:
    """The same for rows by period."""
    _lazy_table(name, _period_rows(rows, unit, chosen.language), columns, chosen)


# --- the page to take along ----------------------------------------------------------------------------------------------------


def show_foot(trends: PetitionTrends, chosen: Chosen) -> None:
    """The page as a file, its main chart as a picture for a newsletter, and how it was counted; files are made when they are asked for."""
    st.html(section(say("section.take", chosen), say("open_hint", chosen)))
    name = f"petitions-{trends.day:%Y%m%d}"
    with st.container(horizontal=True, key="pictures"):
        for form, mime in (("png", "image/png"), ("svg", "image/svg+xml")):
            st.download_button(
                say(f"take.{form}", chosen),
                data=lambda form=form: paper.picture(trends, chosen.language, form),
                file_name=f"{name}.{form}",
                mime=mime,
                on_click="ignore",
                key=f"picture_{form}",
            )
    papers.buttons(name, lambda: paper.petitions_document(trends, chosen.language), chosen)
    values = {"day": trends.day, "version": trends.version, "read_at": trends.read_at}
    st.html(f'<div class="xs-foot">{text(say("footer", chosen, **values))}</div>')
