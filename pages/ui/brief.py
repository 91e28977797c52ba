"""The parts of the daily brief on the screen, each from the frozen answer, none computing."""

import streamlit as st

from analytics.briefs import DailyBrief, Line
from analytics.briefs.wording import FIRST, LOUD, around_the_headline
from analytics.figures import Sentence
from data.queries import Selection
from pages.ui import cards, charts, folded, heads, load, tables, words
from pages.ui.links import Chosen
from pages.ui.load import chart_notes
from pages.ui.markup import SHAPES, aside_lines, chip, lines, notice, quiet, section, text, told
from pages.ui.tables import Column

SHOWN_LINES = 12
LINES = 5  # before the first number


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"page.daily_brief.{key}", chosen.language, **values)


def _section(name: str, chosen: Chosen, *, level: int = 2) -> str:
    lead = _say(f"lead.{name}", chosen) if words.has(f"page.daily_brief.lead.{name}", chosen.language) else ""
    return section(_say(f"section.{name}", chosen), lead, level)


def show_top(brief: DailyBrief, chosen: Chosen, warned: str = "") -> None:
    """Everything a leader reads first, in one piece so that it stands at once: what and when, headline, the four figures.

    `warned` is the line on warnings to be verified, as markup, to stand right below the headline.
    """
    head = heads.head(
        _say("title", chosen), brief.day, words.where(brief, chosen.language), brief.kind, chosen, "day", brief.read_at
    )
    parts = [head, notices(brief, chosen)]
    if not brief.is_empty:
        parts += [_headline(brief, chosen, warned), cards.row(brief.flows, chosen, brief.series), asides(brief, chosen)]
    st.html("".join(parts))


def show_major(brief: DailyBrief, chosen: Chosen) -> None:
    """New larger and collective matters by type and place."""
    opens = _by_line(brief.major, "category_code", "area")
    columns = (
        Column("category", blank="brief.category_unknown"),
        Column("area", blank="brief.place_unknown"),
        Column("matters", "count", opens=opens),
        Column("people", "count"),
        Column("collective", "count"),
    )
    _show_table("major", brief.major, columns, chosen)


def show_deadlines(brief: DailyBrief, chosen: Chosen) -> None:
    """Overdue, due today, due soon; then by unit."""
    st.html(_section("deadlines", chosen) + cards.row(brief.deadlines, chosen, small=True))
    counted = {figure.name: figure.selection for figure in (*brief.deadlines, *brief.flows)}
    columns = (
        Column("unit", blank="brief.unit_unknown"),
        *(
            Column(name, "count", opens=_for_unit(counted[name]))
            for name in ("overdue", "due_on_day", "due_soon", "open")
        ),
        Column("oldest_days", "days"),
    )
    if brief.deadlines[0].value is not None:
        _show_table("deadlines", brief.deadlines_by_unit, columns, chosen, headed=True)


def show_leader_cases(brief: DailyBrief, chosen: Chosen) -> None:
    """Leader-assigned matters still open."""
    columns = (
        Column("area", blank="brief.place_unknown"),
        Column("category", blank="brief.category_unknown"),
        Column("post_level", "code:post_level", aside=True),
        Column("unit", blank="brief.unit_unknown"),
        Column("progress_pct", "bar"),
        Column("next_step", "code:next_step", aside=True),
        Column("due_on", "day", aside=True),
        Column("days_left", "left"),
    )
    _show_table("leader_cases", brief.leader_cases, columns, chosen)


def show_coordination(brief: DailyBrief, chosen: Chosen) -> None:
    """Matters that one unit alone does not move."""
    if not any(figure.value for figure in brief.coordination):
        st.html(_section("coordination", chosen) + quiet(_say("none.coordination", chosen)))
        return
    st.html(_section("coordination", chosen) + cards.row(brief.coordination, chosen, small=True))
    columns = (
        Column("reason", "code:reason"),
        Column("matter_no", "id", aside=True),
        Column("area", blank="brief.place_unknown"),
        Column("category", blank="brief.category_unknown"),
        Column("unit", blank="brief.unit_unknown"),
        Column("age_days", "days"),
        Column("returned_count", "count", aside=True),
    )
    _show_table("coordination", brief.coordination_lines, columns, chosen, headed=True)


def show_tomorrow(brief: DailyBrief, chosen: Chosen) -> None:
    """The next day: working or not, events, receptions, deadlines."""
    st.html(_section("tomorrow", chosen) + lines(brief.tomorrow, chosen))


def show_series(brief: DailyBrief, chosen: Chosen) -> None:
    """Eight weeks of new matters over their expected range, said in one line, with the table behind the chart."""
    said = chosen.language
    st.html(
        _section("series", chosen)
        + f'<p class="xs-line">{text(words.tell(charts.describe_new(brief.series), said))}</p>'
    )
    first, last = brief.series["day"].iloc[0].date(), brief.series["day"].iloc[-1].date()
    figure = charts.plot_new(brief.series, said, chart_notes.on_charts(first, last, brief.area_code))
    st.plotly_chart(figure, config=charts.CONFIG, key="series", alt=_say("series.alt", chosen))
    with st.expander(_say("series.table", chosen), on_change="rerun", key="series_table") as behind:
        if behind.open:
            new = next(figure.selection for figure in brief.flows if figure.name == "new")
            columns = (
                Column("day", "day"),
                Column(
                    "new", "count", opens=lambda row: new.narrowed(first=row["day"], last=row["day"], as_of=row["day"])
                ),
                Column("range", "range"),
                Column("closed", "count"),
                Column("completeness_pct", "pct"),
            )
            rows = brief.series.assign(day=brief.series["day"].dt.date).iloc[::-1].to_dict("records")
            st.html(tables.table(rows, columns, chosen))


def show_kinds_and_places(brief: DailyBrief, chosen: Chosen) -> None:
    """The same numbers by kind and by the areas right below."""
    counted = {figure.name: figure.selection for figure in brief.flows}
    flows = ("new", "closed", "open", "overdue")
    by_kind = tuple(Column(name, "count", opens=_for_kind(counted[name])) for name in flows)
    _show_table("kinds", brief.kinds, (Column("kind", "code:kind"), *by_kind), chosen)
    by_place = {name: Column(name, "count", opens=_for_place(counted[name])) for name in flows}
    columns = (
        Column("area", goes=lambda row: chosen.query(area=row["area_code"])),
        by_place["new"],
        Column("range", "range"),
        Column("state", "state"),
        by_place["open"],
        by_place["overdue"],
    )
    _show_table("places", brief.places, columns, chosen)


def show_rates(brief: DailyBrief, chosen: Chosen) -> None:
    """Rates with what they were counted from, and closing times."""
    st.html(_section("rates", chosen) + cards.row(brief.rates, chosen, small=True))


def show_sources(brief: DailyBrief, chosen: Chosen) -> None:
    """Whether the records themselves can be relied on today."""
    columns = (
        Column("source_system", "code:source"),
        Column("last_registered_on", "day"),
        Column("new", "count", opens=_by_line(brief.sources, "source_system")),
        Column("range", "range"),
        Column("state", "state"),
        Column("with_area_pct", "pct"),
        Column("with_category_pct", "pct"),
        Column("with_unit_pct", "pct"),
    )
    _show_table("sources", brief.sources, columns, chosen)
    st.html(_filling(brief, chosen))


def show_foot(brief: DailyBrief, chosen: Chosen) -> None:
    """How it was counted, from which version, by which post."""
    actor = load.site().actor
    post = words.name("post", actor.post, chosen.language) + ("" if actor.verified else _say("unverified", chosen))
    values = {"version": brief.version, "published_at": brief.published_at, "read_at": brief.read_at, "post": post}
    st.html(f'<div class="xs-foot">{text(_say("footer", chosen, **values))} {text(_say("print_hint", chosen))}</div>')


# --- how it is done ------------------------------------------------------------------------------------------------------------


def notices(brief: DailyBrief, chosen: Chosen) -> str:
    """What must be known before the rest: a failed or late refresh stands here in headline size; with no figures, all there is to know."""
    first, _ = around_the_headline(brief.notices, is_empty=brief.is_empty)
    return "".join(_notice(one, chosen) for one in first if one.key != "notice.no_records")


def _notice(one: Sentence, chosen: Chosen) -> str:
    said = words.tell_alone(one, chosen.language)
    if one.key in LOUD:
        return notice(f"{SHAPES['failed']} {said}", "loud")
    return notice(said, "" if one.key in FIRST else "plain")


def asides(brief: DailyBrief, chosen: Chosen) -> str:
    """How the figures are to be read, below them: the headline comes first."""
    return aside_lines(around_the_headline(brief.notices)[1], chosen)


def _headline(brief: DailyBrief, chosen: Chosen, warned: str) -> str:
    """At most five lines: normal or not, where, warnings, what stands, what is due, tomorrow."""
    first, *rest = brief.headline
    state = chip(brief.state, _say(f"state.{brief.state}", chosen), boxed=True)
    more = warned + "".join(f"<li>{told(one, chosen)}</li>" for one in rest[: LINES - 1 - bool(warned)])
    return (
        f'<div class="xs-headline">{state}<p class="xs-first">{told(first, chosen)}</p>'
        f'<ul class="xs-rest">{more}</ul></div>'
    )


def _show_table(
    name: str, found: tuple[Line, ...], columns: tuple[Column, ...], chosen: Chosen, *, headed: bool = False
) -> None:
    """A section's table, its first lines at once and the rest on demand; a plain line where there is nothing."""
    head = "" if headed else _section(name, chosen)
    if not found:
        st.html(head + quiet(_say(f"none.{name}", chosen)))
        return
    rows = [line.values for line in found]
    folded.show_table(f"all_{name}", rows, columns, chosen, first=SHOWN_LINES, head=head)


def _by_line(found: tuple[Line, ...], *keys: str) -> object:
    """The selection of the line that a row came from."""
    by_keys = {tuple(line.values.get(key) for key in keys): line.selection for line in found}
    return lambda row: by_keys.get(tuple(row.get(key) for key in keys))


def _for_unit(selection: Selection) -> object:
    return lambda row: selection.narrowed(org_id=row["org_id"] or "")


def _for_kind(selection: Selection) -> object:
    return lambda row: selection.narrowed(kind=row["kind"])


def _for_place(selection: Selection) -> object:
    return lambda row: selection.narrowed(area_code=row["area_code"])


def _filling(brief: DailyBrief, chosen: Chosen) -> str:
    """Recent days whose registrations are still arriving, by the site's own delay curve."""
    if not brief.filling:
        known = brief.series["completeness_pct"].notna().any()
        return quiet(_say("none.filling" if known else "none.filling_unknown", chosen))
    days = words.join(
        (
            _say("filling.one", chosen, day=line.values["day"], pct=line.values["completeness_pct"])
            for line in brief.filling
        ),
        chosen.language,
    )
    return f'<p class="xs-line">{chip("filling", _say("filling.line", chosen))} {text(days)}</p>'
