"""The parts of the weekly dispatch on the screen, each from the frozen answer, none computing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import streamlit as st

from analytics.briefs.weekly import WeeklyBrief
from analytics.briefs.weekly_dispatch import RUNGS, rung_selection
from analytics.figures import Line, Sentence
from analytics.followup import FollowUp, key_of
from data.issuing import Item
from data.queries import Selection
from pages.paper.document import Document
from pages.paper.record import brief_record
from pages.ui import brief_outlook, cards, charts, folded, followup, heads, papers, tables, words
from pages.ui.brief import asides, notices
from pages.ui.links import Chosen
from pages.ui.load import followup as followups
from pages.ui.load.weekly import weekly_brief
from pages.ui.markup import chip, lines, link, quiet, section, text, told
from pages.ui.tables import Column

SHOWN_LINES = {"dispatch": 15}  # of a long table at once; the rest on demand
SHOWN_ELSE = 8
OFFERED_ITEMS = 20  # lines of the dispatch table that a directive can be given on
TERRITORIAL = "territorial"
UNKNOWN = {"category": "brief.category_unknown", "area": "brief.place_unknown", "unit": "brief.unit_unknown"}


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"page.weekly_brief.{key}", chosen.language, **values)


def _section(name: str, chosen: Chosen, *, level: int = 2) -> str:
    lead = _say(f"lead.{name}", chosen) if words.has(f"page.weekly_brief.lead.{name}", chosen.language) else ""
    return section(_say(f"section.{name}", chosen), lead, level)


def _column(key: str, form: str = "text", heading: str = "", **more: object) -> Column:
    """A column under a heading of `column.week`; the usual words for an unknown place, subject or unit."""
    return Column(key, form, f"week.{heading or key}", blank=UNKNOWN.get(key, ""), **more)


# --- the top -----------------------------------------------------------------------------------------------------------------


def show_top(brief: WeeklyBrief, chosen: Chosen) -> None:
    """Everything read first, in one piece: which week, headline, the four figures."""
    head = heads.head(
        _say("title", chosen),
        brief.period,
        words.where(brief, chosen.language),
        brief.kind,
        chosen,
        "week",
        brief.read_at,
    )
    parts = [head, notices(brief, chosen)]
    if not brief.is_empty:
        parts += [_headline(brief, chosen), cards.row(brief.flows, chosen, brief.weeks), asides(brief, chosen)]
    st.html("".join(parts))


def _headline(brief: WeeklyBrief, chosen: Chosen) -> str:
    first, *rest = brief.headline
    state = chip(brief.state, _say(f"state.{brief.state}", chosen), boxed=True)
    more = "".join(f"<li>{told(one, chosen)}</li>" for one in rest)
    return (
        f'<div class="xs-headline">{state}<p class="xs-first">{told(first, chosen)}</p>'
        f'<ul class="xs-rest">{more}</ul></div>'
    )


# --- the dispatch table ------------------------------------------------------------------------------------------------------


def show_dispatch(brief: WeeklyBrief, chosen: Chosen) -> None:
    """Major matters, the most urgent first; a line of work is chosen by its link and narrows the table to it."""
    st.html(_section("dispatch", chosen))
    if "dispatch" in brief.missing:
        return st.html(quiet(words.tell(brief.missing["dispatch"], chosen.language)))
    st.html(cards.row(brief.dispatch_figures, chosen, small=True))
    only = dict(chosen.own).get("line")
    shown = [line for line in brief.dispatch if only is None or (line.values["line"] or TERRITORIAL) == only]
    if "cases" in brief.missing:
        st.html(quiet(words.tell(brief.missing["cases"], chosen.language)))
    if not shown:
        st.html(quiet(_say("none.dispatch", chosen)))
    else:
        rows = [_dispatch_row(number, line.values, chosen) for number, line in enumerate(shown, start=1)]
        opens = {number: line.selection for number, line in enumerate(shown, start=1)}
        head = _listed(brief, only, chosen) + _apart(shown, chosen)
        _rows("dispatch", rows, _dispatch_columns(lambda row: opens[row["no"]]), chosen, head)
    return _dispatch_lines(brief, only, chosen)


def _dispatch_row(number: int, values: Mapping[str, object], chosen: Chosen) -> dict:
    said = chosen.language
    reasons = words.join((words.name("major_reason", reason, said) for reason in values["reasons"]), said)
    limit = None
    if values["next_on"] is not None:
        step = words.name("legal_step", values["step"], said)
        limit = _say("limit", chosen, day=values["next_on"], step=step)
    written = {"reasons": reasons, "limit": limit, "progress": words.pct(values["progress_pct"], said, 0)}
    return {**values, **written, "no": number, "following": words.name("next_step", values["next_step"], said)}


def _dispatch_columns(opens: Callable[[Mapping], Selection | None]) -> tuple[Column, ...]:
    return (
        _column("no", "id", aside=True),
        _column("category", opens=opens),
        _column("area"),
        _column("post_level", "code:post_level", aside=True),
        _column("unit"),
        _column("age_days", "days", aside=True),
        _column("progress", "id", "progress_pct", aside=True),
        _column("limit", heading="next_on", aside=True),
        _column("days_left", "left"),
        _column("following", heading="next_step", aside=True),
        _column("reasons", aside=True),
    )


def _listed(brief: WeeklyBrief, only: str | None, chosen: Chosen) -> str:
    """How many of how many are listed, and which line is looked at."""
    listed = sum(line.values["matter_no"] is not None for line in brief.dispatch)
    count = brief.dispatch_figures[0].value
    said = quiet(_say("listed", chosen, shown=listed, count=count)) if listed < count else ""
    line = "" if only is None else quiet(_say("only_line", chosen, line=words.name("line", only, chosen.language)))
    return said + line


def _apart(matters: Sequence[Line], chosen: Chosen) -> str:
    """How many lines of a table of matters are cases that stand for no single matter, so that lines and figures agree."""
    count = sum(line.values["matter_no"] is None for line in matters)
    return quiet(_say("cases_apart", chosen, count=count)) if count else ""


def _dispatch_lines(brief: WeeklyBrief, only: str | None, chosen: Chosen) -> None:
    """The table summed by functional line; a line's name narrows the table above to it."""
    if not brief.dispatch_lines:
        return
    opens = {line.values["line"]: line.selection for line in brief.dispatch_lines}
    overdue, due = (figure.selection for figure in brief.dispatch_figures[1:3])

    def narrowed(selection: Selection) -> Callable[[Mapping], Selection]:
        return lambda row: selection.also(line=row["line"] or "")

    rows = [
        {**line.values, "name": words.name("line", line.values["line"] or TERRITORIAL, chosen.language)}
        for line in brief.dispatch_lines
    ]
    columns = (
        _column("name", heading="line", goes=lambda row: chosen.query(line=row["line"] or TERRITORIAL)),
        _column("matters", "count", opens=lambda row: opens[row["line"]]),
        _column("overdue", "count", opens=narrowed(overdue)),
        _column("due", "count", opens=narrowed(due)),
        _column("oldest_days", "days"),
    )
    back = "" if only is None else f'<p class="xs-line">{link(_say("all_lines", chosen), chosen.query(line=None))}</p>'
    st.html(_section("dispatch_lines", chosen, level=3) + back)
    _rows("dispatch_lines", rows, columns, chosen)


def items(brief: WeeklyBrief, chosen: Chosen) -> tuple[Item, ...]:
    """The first lines of the dispatch table as items that a directive can be given on."""
    found = []
    for line in brief.dispatch[:OFFERED_ITEMS]:
        values = line.values
        if line.selection is None or values["matter_no"] is None:
            continue
        parts = [
            values[name] or words.say(UNKNOWN[name], chosen.language) for name in ("category", "street", "unit")
            if values[name] or name != "street"
        ]  # fmt: skip
        found.append(
            Item(
                f"matter {values['matter_no']}",
                " · ".join(parts)[:200],
                line.selection.area_code,
                values["category_code"],
                line.selection,
            )
        )
    return tuple(found)


# --- looked back, ladder -----------------------------------------------------------------------------------------------------


def show_looked_back(brief: WeeklyBrief, chosen: Chosen) -> None:
    """What became of last week's matters: in numbers, then one by one."""
    st.html(_section("looked_back", chosen))
    if "looked_back" in brief.missing:
        return st.html(quiet(words.tell(brief.missing["looked_back"], chosen.language)))
    if not brief.looked_back_lines:
        return st.html(quiet(_say("none.looked_back", chosen)))
    st.html(cards.row(brief.looked_back, chosen, small=True))
    rows = [{**line.values, "no": number} for number, line in enumerate(brief.looked_back_lines, start=1)]
    opens = {number: line.selection for number, line in enumerate(brief.looked_back_lines, start=1)}
    columns = (
        _column("no", "id", aside=True),
        _column("became", "code:became"),
        _column("category", opens=lambda row: opens[row["no"]]),
        _column("area"),
        _column("unit"),
        _column("deadline_on", "day"),
        _column("closed_on", "day"),
        _column("progress_pct", "bar", aside=True),
    )
    return _rows("looked_back", rows, columns, chosen, _apart(brief.looked_back_lines, chosen))


def show_ladder(brief: WeeklyBrief, chosen: Chosen) -> None:
    """Overdue matters by how late they are, for each functional line and each unit."""
    st.html(_section("ladder", chosen))
    if "ladder" in brief.missing:
        return st.html(quiet(words.tell(brief.missing["ladder"], chosen.language)))
    if not brief.ladder_units:
        return st.html(quiet(_say("none.ladder", chosen)))
    by_line = {line.values["line"]: line.selection for line in brief.ladder_lines}
    by_unit = {line.values["org_id"]: line.selection for line in brief.ladder_units}
    named = [
        {**line.values, "name": words.name("line", line.values["line"] or TERRITORIAL, chosen.language)}
        for line in brief.ladder_lines
    ]
    st.html(_section("ladder_lines", chosen, level=3))
    _rows("ladder_lines", named, (_column("name", heading="line"), *_rungs(lambda row: by_line[row["line"]])), chosen)
    st.html(_section("ladder_units", chosen, level=3))
    units = [line.values for line in brief.ladder_units]
    return _rows("ladder_units", units, (_column("unit"), *_rungs(lambda row: by_unit[row["org_id"]])), chosen)


def _rungs(chosen_of: Callable[[Mapping], Selection]) -> tuple[Column, ...]:
    """A column for each rung of the ladder, opening the matters on it; then all of them, and the oldest."""

    def opening(rung: str) -> Callable[[Mapping], Selection]:
        return lambda row: rung_selection(chosen_of(row), rung)

    return (
        *(_column(rung, "count", opens=opening(rung)) for rung in RUNGS),
        _column("overdue", "count", "all_late", opens=chosen_of),
        _column("oldest_days", "days", "longest", aside=True),
    )


# --- meetings, assessments, projects, receptions -----------------------------------------------------------------------------


def show_meetings(brief: WeeklyBrief, chosen: Chosen) -> None:
    """Three tiers, what people have to say about them, committees, ways of resolution and agreements."""
    st.html(_section("meetings", chosen))
    if "meetings" in brief.missing:
        st.html(quiet(words.tell(brief.missing["meetings"], chosen.language)))
    else:
        opens = {line.values["tier"]: line.selection for line in brief.meetings}
        columns = (
            _column("tier", "code:tier"),
            *(_column(name, "count") for name in ("meetings", "items", "decided", "done")),
            _column("closed", "count", opens=lambda row: opens[row["tier"]]),
            _column("settled", "count", opens=lambda row: opens[row["tier"]].narrowed(measure="concluded_met")),
            _column("open", "count", opens=lambda row: _open(opens[row["tier"]])),
        )
        _rows("meetings", [line.values for line in brief.meetings], columns, chosen)
    if brief.settlement:
        st.html(cards.row((brief.stepped_up, *brief.settlement), chosen, small=True))
    followup.show_words(key_of(brief), "meeting_progress", _say("words.meeting_progress", chosen), chosen)
    _committees(brief, chosen)
    _methods(brief, chosen)


def _open(closed: Selection) -> Selection:
    """The open matters of the same properties as those closed in a period."""
    return closed.narrowed(measure="open", first=None, last=None)


def _committees(brief: WeeklyBrief, chosen: Chosen) -> None:
    opens = {line.values["committee_code"]: line.selection for line in brief.committees}
    closed = next(figure.selection for figure in brief.flows if figure.name == "closed")

    def of_week(row: Mapping) -> Selection:
        return closed.also(committee_code=row["committee_code"])

    columns = (
        _column("committee"),
        _column("open", "count", opens=lambda row: opens[row["committee_code"]]),
        _column("closed", "count", opens=of_week),
        _column("settled", "count", opens=lambda row: of_week(row).narrowed(measure="concluded_met")),
        _column("settled_pct", "pct", aside=True),
    )
    _told("committees", brief, [line.values for line in brief.committees], columns, chosen, level=3)


def _methods(brief: WeeklyBrief, chosen: Chosen) -> None:
    opens = {line.values["resolution_method"]: line.selection for line in brief.methods}
    columns = (
        _column("resolution_group", "code:resolution_group"),
        _column("resolution_method", "code:resolution_method"),
        _column("closed", "count", opens=lambda row: opens[row["resolution_method"]]),
        _column(
            "settled", "count", opens=lambda row: opens[row["resolution_method"]].narrowed(measure="concluded_met")
        ),
        _column("settled_pct", "pct", aside=True),
    )
    _told("methods", brief, [line.values for line in brief.methods], columns, chosen, level=3)


def show_assessments_and_projects(brief: WeeklyBrief, chosen: Chosen) -> None:
    """Assessments that await a decision, with their four scores; projects under way, with their pace."""
    scores = ("legality", "reasonableness", "feasibility", "controllability")
    columns = (
        _column("unit"),
        _column("area"),
        *(_column(name, "count", aside=True) for name in scores),
        _column("total", "count"),
        _column("risk", "code:risk"),
        _column("days", "days"),
    )
    _told("assessments", brief, [line.values for line in brief.assessments], columns, chosen)
    columns = (
        _column("name", heading="project"),
        _column("area", aside=True),
        _column("unit"),
        _column("progress_pct", "bar"),
        _column("elapsed_pct", "pct", aside=True),
        _column("due_on", "day", "project_due"),
        _column("pace", "code:pace"),
    )
    _told("projects", brief, [line.values for line in brief.projects], columns, chosen)


def show_receptions(brief: WeeklyBrief, chosen: Chosen) -> None:
    """Receptions planned and held, with what was brought and what was solved."""
    st.html(_section("receptions", chosen))
    if "receptions" in brief.missing:
        return st.html(quiet(words.tell(brief.missing["receptions"], chosen.language)))
    plan = brief.reception_plan
    if plan.value is not None:
        parts = {"pct": plan.value, "numerator": plan.numerator, "denominator": plan.denominator}
        st.html(f'<p class="xs-line">{text(_say("reception_plan", chosen, **parts))}</p>')
    names = ("planned", "kept", "held", "batches", "issues", "solved")
    columns = (_column("reception_kind", "code:reception_kind"), *(_column(name, "count") for name in names))
    return _rows("receptions", [line.values for line in brief.receptions], columns, chosen)


# --- next week ---------------------------------------------------------------------------------------------------------------


def show_ahead(brief: WeeklyBrief, follow_up_: FollowUp | None, chosen: Chosen) -> None:
    """What is expected, what falls due on which day, receptions and events; then the next steps as people set them."""
    expected = brief_outlook.week_lines(follow_up_, chosen)
    st.html(_section("ahead", chosen) + lines(brief.ahead_lines, chosen) + expected)
    opens = {line.values["day"]: line.selection for line in brief.ahead}
    columns = (
        _column("day", "day"),
        _column("weekday"),
        _column("kind_of_day", heading="day_kind"),
        _column("due", "count", "falling_due", opens=lambda row: opens[row["day"]]),
        _column("receptions", "count"),
        _column("happening", heading="events", aside=True),
    )
    rows = [_day_row(line.values, chosen.language) for line in brief.ahead]
    _rows("ahead", rows, columns, chosen)
    followup.show_words(key_of(brief), "next_steps", _say("words.next_steps", chosen), chosen)


def _day_row(values: Mapping[str, object], language: str) -> dict:
    festival = Sentence(f"names.festival.{values['festival']}") if values["festival"] else None
    kind = words.name("kind_of_day", values["day_kind"], language)
    if festival is not None:
        kind = words.join((kind, words.tell(festival, language)), language)
    return {
        **values,
        "weekday": words.weekday(values["day"], language, "short"),
        "kind_of_day": kind,
        "happening": words.join(values["events"], language),
    }


# --- half a year, kinds, places ----------------------------------------------------------------------------------------------


def show_weeks(brief: WeeklyBrief, chosen: Chosen) -> None:
    """Half a year of weekly sums over their expected range, said in one line, with the table behind the chart."""
    said = chosen.language
    line = text(words.tell(charts.describe_weeks(brief.weeks), said))
    st.html(_section("weeks", chosen) + f'<p class="xs-line">{line}</p>')
    st.plotly_chart(
        charts.plot_weeks(brief.weeks, said), config=charts.CONFIG, key="weeks", alt=_say("weeks.alt", chosen)
    )
    with st.expander(_say("weeks.table", chosen), on_change="rerun", key="weeks_table") as behind:
        if behind.open:
            new, closed = (figure.selection for figure in brief.flows[:2])

            def of_week(selection: Selection) -> Callable[[Mapping], Selection]:
                return lambda row: selection.narrowed(first=row["week"], last=row["last"], as_of=row["last"])

            weeks = brief.weeks.assign(
                week=brief.weeks["week"].dt.date,
                last=brief.weeks["last"].dt.date,
                state=charts.week_states(brief.weeks),
            )
            columns = (
                _column("week", "day", goes=lambda row: chosen.query(day=row["last"])),
                _column("new", "count", opens=of_week(new)),
                _column("range", "range"),
                Column("state", "state"),
                _column("closed", "count", heading="closed", opens=of_week(closed)),
            )
            st.html(tables.table(weeks.iloc[::-1].to_dict("records"), columns, chosen))


def show_kinds_and_places(brief: WeeklyBrief, chosen: Chosen) -> None:
    """The same numbers by kind and by the areas right below, each against its own expected sum."""
    counted = {figure.name: figure.selection for figure in brief.flows}

    def opening(name: str, key: str, field: str) -> Callable[[Mapping], Selection]:
        return lambda row: counted[name].narrowed(**{field: row[key]})

    def columns(key: str, field: str, names: tuple[str, ...]) -> tuple[Column, ...]:
        new, *rest = (Column(name, "count", opens=opening(name, key, field)) for name in names)
        return (new, Column("range", "range"), Column("state", "state"), *rest)

    by_kind = (Column("kind", "code:kind"), *columns("kind", "kind", ("new", "closed", "open", "overdue")))
    _told("kinds", brief, [line.values for line in brief.kinds], by_kind, chosen)
    area = Column("area", goes=lambda row: chosen.query(area=row["area_code"]))
    by_place = (area, *columns("area_code", "area_code", ("new", "open", "overdue")))
    _told("places", brief, [line.values for line in brief.places], by_place, chosen)


# --- the foot ----------------------------------------------------------------------------------------------------------------


def follow_up(brief: WeeklyBrief, chosen: Chosen) -> FollowUp | None:
    """What the last weekly brief warned of and what came of it; without an issue, the week before is looked back at."""
    before = replace(chosen, day=brief.period.first - timedelta(days=1))
    return followups.follow_up(brief, previous=lambda: weekly_brief(before), record=lambda: brief_record(brief))


def show_foot(brief: WeeklyBrief, follow_up: FollowUp | None, chosen: Chosen) -> None:
    """The way to being issued, the brief as files, and how it was counted."""
    key = key_of(brief)

    def make() -> Document:
        from pages.paper.weekly import weekly_document

        return weekly_document(brief, chosen.language, follow_up, words=followups.words_of(key))

    def record() -> Mapping:
        return brief_record(brief)

    followup.show_issue(key, make, record, follow_up, chosen)
    papers.buttons("weekly", make, chosen, record=record)
    values = {"day": brief.day, "version": brief.version, "published_at": brief.published_at, "read_at": brief.read_at}
    st.html(f'<div class="xs-foot">{text(_say("footer", chosen, **values))}</div>')


# --- how a table is shown ----------------------------------------------------------------------------------------------------


def _told(
    name: str, brief: WeeklyBrief, rows: list, columns: tuple[Column, ...], chosen: Chosen, *, level: int = 2
) -> None:
    """A section with its table; what the sources do not record is said instead, never shown as nothing."""
    st.html(_section(name, chosen, level=level))
    if name in brief.missing:
        st.html(quiet(words.tell(brief.missing[name], chosen.language)))
    else:
        _rows(name, rows, columns, chosen)


def _rows(name: str, rows: list, columns: tuple[Column, ...], chosen: Chosen, head: str = "") -> None:
    """The first lines of a table below `head` at once, the rest on demand; a plain line where there is nothing."""
    if not rows:
        st.html(quiet(_say(f"none.{name}", chosen)))
        return
    first = SHOWN_LINES.get(name, SHOWN_ELSE)
    folded.show_table(f"all_{name}", rows, columns, chosen, first=first, head=head)
