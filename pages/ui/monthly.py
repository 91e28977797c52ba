"""The parts of the monthly brief on the screen, each from the frozen answer, none computing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import streamlit as st

from analytics import periods
from analytics.briefs.monthly_answer import ExplainedChange, MonthlyBrief, NamedPart
from analytics.figures import Comparison, Line, Period, Sentence
from analytics.followup import FollowUp, key_of
from data.queries import Selection
from pages.paper import record
from pages.paper.document import Document
from pages.ui import brief as briefs
from pages.ui import brief_outlook, cards, charts, folded, followup, heads, load, papers, pathways, tables, words
from pages.ui.links import Chosen
from pages.ui.load import followup as followups
from pages.ui.load import monthly as monthly_load
from pages.ui.markup import chip, quiet, section, spoken, text
from pages.ui.opening import show_chart
from pages.ui.tables import Column

SHOWN_LINES = 10
TIMES = ("weekday", "hour")
RISING = (("rising_type", ("type",)), ("rising_fine", ("fine",)), ("rising_place", ("place",)), ("rising_time", TIMES))


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"page.monthly_brief.{key}", chosen.language, **values)


def _section(name: str, chosen: Chosen, *, level: int = 2) -> str:
    lead = _say(f"lead.{name}", chosen) if words.has(f"page.monthly_brief.lead.{name}", chosen.language) else ""
    return section(_say(f"section.{name}", chosen), lead, level)


# --- what a leader reads first ---------------------------------------------------------------------------------------------------


def show_top(brief: MonthlyBrief, chosen: Chosen) -> None:
    """What, when and where; the headline with the change that can be read aloud; the four figures."""
    title = _say("title", chosen)
    parts = [
        heads.head(title, brief.period, words.where(brief, chosen.language), brief.kind, chosen, "month", brief.read_at)
    ]
    parts.append(briefs.notices(brief, chosen))
    if not brief.is_empty:
        parts += [_headline(brief, chosen), cards.row(brief.flows, chosen, brief.months), briefs.asides(brief, chosen)]
    st.html("".join(parts))


def _headline(brief: MonthlyBrief, chosen: Chosen) -> str:
    first, *rest = brief.headline
    state = chip(brief.state, _say(f"state.{brief.state}", chosen), boxed=True)
    more = "".join(f"<li>{spoken(one, chosen)}</li>" for one in rest)
    return (
        f'<div class="xs-headline">{state}<p class="xs-first">{spoken(first, chosen)}</p>'
        f'<ul class="xs-rest">{more}</ul></div>'
    )


def follow_up(brief: MonthlyBrief, chosen: Chosen) -> FollowUp | None:
    """What the last monthly brief warned of and what came of it; without an issue, the month before is looked back at."""
    before = replace(chosen, day=brief.period.first - timedelta(days=1))
    return followups.follow_up(
        brief, previous=lambda: monthly_load.monthly_brief(before), record=lambda: _record(chosen)
    )


# --- 一、总体情况 ----------------------------------------------------------------------------------------------------------------


def show_overall(brief: MonthlyBrief, chosen: Chosen) -> None:
    """Rates in points against last month, the structure, and where the change comes from."""
    st.html(_section("overall", chosen) + cards.row(brief.rates, chosen, small=True))
    _show_structure(brief, chosen)
    _show_change(brief, chosen)


def _show_structure(brief: MonthlyBrief, chosen: Chosen) -> None:
    lines = tuple(line for line in brief.structure if line.values["dimension"] == "type")
    st.html(_section("structure", chosen, level=3))
    if not lines:
        return st.html(quiet(_say("none.structure", chosen)))
    first = {**lines[0].values, "name": _named(lines[0].values["name"], chosen)}
    said = _say("chart.structure", chosen, **{name: first[name] for name in ("name", "now", "share_pct")})
    st.html(f'<p class="xs-line">{text(said)}</p>')
    figure = charts.plot_structure(lines, chosen.language, _before(brief, chosen))
    show_chart(figure, "structure", _say("chart.structure_alt", chosen), [line.selection for line in lines], chosen)
    with st.expander(_say("chart.table", chosen), on_change="rerun", key="structure_table") as behind:
        if behind.open:
            st.html(structure_table(brief, "type", chosen))
    return None


def structure_table(brief: MonthlyBrief, dimension: str, chosen: Chosen) -> str:
    """One dimension of the structure as a table; places lead on to themselves."""
    lines = [line for line in brief.structure if line.values["dimension"] == dimension]
    opens = {id(line.values): line for line in lines}
    name = Column("shown", heading=f"structure_{dimension}")
    if dimension == "place":
        name = replace(name, goes=lambda row: chosen.query(area=row["code"]) if _leads_on(row["code"]) else "")
    columns = (
        name,
        Column("now", "count", opens=lambda row: opens[row["id"]].selection),
        Column("share_pct", "pct"),
        Column("before", "count", _before_heading(brief), opens=lambda row: _before_of(brief, opens[row["id"]])),
        Column("previous_said", heading="previous"),
        Column("year_said", heading="year_ago"),
    )
    rows = [
        {
            **line.values,
            "id": id(line.values),
            "shown": _named(line.values["name"], chosen),
            "previous_said": _moved(line.values["previous"], chosen),
            "year_said": _moved(line.values["year_ago"], chosen),
        }
        for line in lines
    ]
    return tables.table(rows, columns, chosen)


def _leads_on(code: str | None) -> bool:
    return code is not None and not code.startswith("^")


def _before_of(brief: MonthlyBrief, line: Line) -> object:
    if line.selection is None:
        return None
    return line.selection.narrowed(first=brief.before.first, last=brief.before.last)


def _before_heading(brief: MonthlyBrief) -> str:
    return "before_count" if brief.period.complete else "before_span"


def _before(brief: MonthlyBrief, chosen: Chosen) -> str:
    return _say("chart.before" if brief.period.complete else "chart.before_span", chosen)


def _moved(comparison: Comparison | None, chosen: Chosen) -> str | None:
    return None if comparison is None else cards.moved(comparison, chosen.language)


def _named(name: str | Sentence, chosen: Chosen) -> str:
    return words.tell(name, chosen.language) if isinstance(name, Sentence) else name


def _show_change(brief: MonthlyBrief, chosen: Chosen) -> None:
    st.html(_section("change", chosen, level=3))
    if brief.change is None:
        st.html(quiet(_say("none_before", chosen)))
        return
    st.html(f'<p class="xs-line">{spoken(brief.change.sentence, chosen)}</p>')
    opens = [part.now_selection for part in brief.change.parts]
    figure = charts.plot_change(brief.change, chosen.language)
    show_chart(figure, "change", _say("chart.change_alt", chosen), opens, chosen)
    for name, change in (("change_table", brief.change), ("change_by_place", brief.change_by_place)):
        if change is not None:
            with st.expander(_say(f"chart.{name}", chosen), on_change="rerun", key=name) as behind:
                if behind.open:
                    said = "" if change is brief.change else f'<p class="xs-line">{spoken(change.sentence, chosen)}</p>'
                    st.html(said + change_table(brief, change, chosen))


def change_table(brief: MonthlyBrief, change: ExplainedChange, chosen: Chosen) -> str:
    """Every part and what it is made of, both spans open; the last line is the whole."""
    rows = []
    for part in change.parts:
        rows.append(_part_row(part, chosen, ""))
        rows += [_part_row(one, chosen, words.INDENT) for one in part.parts]
    whole = {"shown": words.say("monthly.whole", chosen.language), "now": change.now, "before": change.before}
    rows.append({**whole, "change": change.change, "now_opens": None, "before_opens": None})
    columns = (
        Column("shown", heading="name"),
        Column("now", "count", opens=lambda row: row["now_opens"]),
        Column("before", "count", _before_heading(brief), opens=lambda row: row["before_opens"]),
        Column("change", "signed"),
    )
    return tables.table(rows, columns, chosen)


def _part_row(part: NamedPart, chosen: Chosen, indent: str) -> dict:
    return {
        "shown": indent + _named(part.name, chosen),
        "now": part.now,
        "before": part.before,
        "change": part.change,
        "now_opens": part.now_selection,
        "before_opens": part.before_selection,
    }


# --- 二、主要特点 三、下降类别 ----------------------------------------------------------------------------------------------------


def show_features(brief: MonthlyBrief, chosen: Chosen) -> None:
    """What rose by more than chance, and the summing up: first, second, third."""
    st.html(_section("features", chosen))
    if brief.summary:
        st.html("".join(f'<p class="xs-line">{spoken(one, chosen)}</p>' for one in brief.summary))
    for name, levels in RISING:
        lines = tuple(line for line in brief.rising if line.values["level"] in levels)
        if lines:
            st.html(section(_say(f"tab.{name}", chosen), level=3) + _moves_table(brief, lines, chosen))


def show_falling(brief: MonthlyBrief, chosen: Chosen) -> None:
    """What fell by more than chance."""
    st.html(_section("falling", chosen))
    shown = tuple(line for line in brief.falling if line.values["level"] in ("type", "fine"))
    st.html(_moves_table(brief, shown, chosen) if shown else quiet(_say("none.falling", chosen)))


def _moves_table(brief: MonthlyBrief, lines: tuple[Line, ...], chosen: Chosen) -> str:
    opens = {line.values["code"]: line for line in lines}
    columns = (
        Column("shown", heading="name"),
        Column("now", "count", opens=lambda row: opens[row["code"]].selection),
        Column("before", "count", _before_heading(brief), opens=lambda row: _before_of(brief, opens[row["code"]])),
        Column("change", "signed"),
        Column("moved", heading="previous"),
        Column("contribution_pct", "pct"),
        *((Column("range", "range"), Column("state", "state")) if lines[0].values["level"] not in TIMES else ()),
    )
    rows = [
        {**line.values, "shown": _named(line.values["name"], chosen), "moved": _moved(line.values["previous"], chosen)}
        for line in lines
    ]
    return tables.table(rows, columns, chosen)


# --- 四、突出问题及原因 ----------------------------------------------------------------------------------------------------------


def show_problems(brief: MonthlyBrief, chosen: Chosen) -> None:
    """People's words on problems and causes, and beside them the facts: what recurs, topics, compounds, how far matters came."""
    st.html(_section("problems", chosen))
    followup.show_words(key_of(brief), "causes", _say("prompt.causes", chosen), chosen)
    again = _by(brief.recurring, "area_code", "category_code")
    month_before = periods.previous(periods.month(brief.period.first), "month")
    recurring = (
        Column("area", goes=lambda row: chosen.query(area=row["area_code"])),
        Column("street", aside=True),
        Column("category"),
        Column("now", "count", opens=again),
        Column("before", "count", "before_count", opens=_then(again, month_before)),
        Column("before_that", "count", opens=_then(again, periods.previous(month_before, "month"))),
        Column("months", "count", "months_recurring", aside=True),
    )
    _show_lines("recurring", brief.recurring, recurring, chosen)
    if brief.recurring_count > len(brief.recurring):
        listed = {"shown": len(brief.recurring), "count": brief.recurring_count}
        st.html(quiet(_say("recurring_listed", chosen, **listed)))
    tagged = _by(brief.topics, "topic_code")
    topics = (
        Column("shown", heading="topic"),
        Column("now", "count", opens=tagged),
        Column("before", "count", _before_heading(brief), opens=_then(tagged, brief.before)),
        Column("moved", heading="previous"),
    )
    _show_lines("topics", brief.topics, topics, chosen)
    housed = _by(brief.compounds, "area_code")
    compounds = (
        Column("area"),
        Column("street", aside=True),
        Column("now", "count", opens=housed),
        Column("before", "count", _before_heading(brief), opens=_then(housed, brief.before)),
    )
    with st.expander(_say("section.compounds", chosen), on_change="rerun", key="compounds") as closed:
        if closed.open:
            _show_lines("compounds", brief.compounds, compounds, chosen)
    whole = monthly_load.whole_brief(chosen)
    pathways.show_funnel(whole.funnel, chosen, level=3)
    pathways.show_petition_link(whole.petition_link, chosen, level=3)


def _show_lines(name: str, lines: tuple[Line, ...], columns: tuple[Column, ...], chosen: Chosen) -> None:
    """The first lines at once, the rest on demand."""
    st.html(_section(name, chosen, level=3))
    if not lines:
        st.html(quiet(_say(f"none.{name}", chosen)))
        return
    rows = [_in_words(line, chosen) for line in lines]
    folded.show_table(f"all_{name}", rows, columns, chosen, first=SHOWN_LINES, most=200)


def _in_words(line: Line, chosen: Chosen) -> dict:
    row = dict(line.values)
    if "previous" in row:
        row["moved"] = _moved(row["previous"], chosen)
    if "topic_code" in row:
        shipped = f"names.topic.{row['topic_code']}"
        row["shown"] = words.say(shipped, chosen.language) if words.has(shipped, chosen.language) else row["topic"]
    return row


def _then(opens: Callable[[dict], Selection | None], span: Period) -> Callable[[dict], Selection | None]:
    """What the count of an earlier span opens: the same selection in that span."""
    return lambda row: (found := opens(row)) and found.narrowed(first=span.first, last=span.last)


def _by(lines: tuple[Line, ...], *keys: str) -> Callable[[dict], Selection | None]:
    """The selection of the line that a row came from."""
    by_keys = {tuple(line.values[key] for key in keys): line.selection for line in lines}
    return lambda row: by_keys.get(tuple(row.get(key) for key in keys))


# --- 五、风险预测 六、工作建议 附表 -----------------------------------------------------------------------------------------------


def show_outlook(follow_up_: FollowUp | None, chosen: Chosen) -> None:
    """What forecasts say of the coming months, and what came of the last ones; without any, that there are none."""
    st.html(_section("outlook", chosen))
    brief_outlook.show_month(follow_up_, chosen)


def show_suggestions(brief: MonthlyBrief, chosen: Chosen) -> None:
    """People's words, and what became of earlier suggestions."""
    st.html(_section("suggestions", chosen))
    followup.show_words(key_of(brief), "suggestions", _say("prompt.suggestions", chosen), chosen)
    pathways.show_policy_effects(monthly_load.whole_brief(chosen).policy, chosen, level=3)


def show_annex(brief: MonthlyBrief, chosen: Chosen) -> None:
    """The three domains, the structure by every dimension, and the tables by source."""
    st.html(_section("annex", chosen))
    _show_domains(brief, chosen)
    for dimension in ("place", "channel", "source_system"):
        if any(line.values["dimension"] == dimension for line in brief.structure):
            with st.expander(_say(f"tab.{dimension}", chosen), on_change="rerun", key=f"annex_{dimension}") as closed:
                if closed.open:
                    st.html(structure_table(brief, dimension, chosen))
    with st.expander(_say("section.sources_report", chosen), on_change="rerun", key="sources_report") as closed:
        if closed.open:
            pathways.show_sources_report(monthly_load.sources_report(chosen), chosen)


def _show_domains(brief: MonthlyBrief, chosen: Chosen) -> None:
    """Social stability by kind of matter; public order; production safety and the four inspections: where the sources have them."""
    st.html(_section("domains", chosen, level=3))
    stability, order, safety = st.tabs(
        [_say(f"tab.{name}", chosen) for name in ("stability", "public_order", "public_safety")]
    )
    with stability:
        st.html(structure_table(brief, "kind", chosen))
    counts = (
        Column("safety_kind", "code:safety_kind"),
        Column("now", "count"),
        Column("before", "count", "before_count"),
        Column("moved", heading="previous"),
        Column("year_ago", "count", "year_ago_count"),
    )
    inspections = (
        Column("field_code", "code:inspection_field"),
        Column("rounds", "count", aside=True),
        Column("found", "count"),
        Column("rectified", "count"),
        Column("rectified_pct", "pct"),
        Column("moved", heading="previous"),
    )
    in_order = tuple(line for line in brief.safety if line.values["safety_kind"] != "production_safety")
    at_work = tuple(line for line in brief.safety if line not in in_order)
    for tab, name, lines, columns in (
        (order, "safety", in_order, counts),
        (safety, "safety", at_work, counts),
        (safety, "inspections", brief.inspections, inspections),
    ):
        with tab:
            rows = [_in_words(line, chosen) for line in lines]
            st.html(tables.table(rows, columns, chosen) if rows else quiet(_say(f"none.{name}", chosen)))


# --- the foot --------------------------------------------------------------------------------------------------------------------


def _record(chosen: Chosen) -> dict:
    return record.brief_record(monthly_load.whole_brief(chosen))


def _document(chosen: Chosen, follow_up_: FollowUp | None) -> Document:
    from pages.paper.monthly import monthly_document

    whole = monthly_load.whole_brief(chosen)
    sources = monthly_load.sources_report(chosen) if chosen.kind is None and not whole.is_empty else None
    return monthly_document(whole, chosen.language, follow_up_, followups.words_of(key_of(whole)), sources)


def show_issue(brief: MonthlyBrief, follow_up_: FollowUp | None, chosen: Chosen) -> None:
    """The brief as files, its way to being issued, and its issued copies."""
    name = f"monthly-{brief.period.first:%Y%m}" + (f"-{brief.area_code}" if brief.area_code else "")
    papers.buttons(name, lambda: _document(chosen, follow_up_), chosen, record=lambda: _record(chosen))
    followup.show_issue(
        key_of(brief), lambda: _document(chosen, follow_up_), lambda: _record(chosen), follow_up_, chosen
    )


def show_foot(brief: MonthlyBrief, chosen: Chosen) -> None:
    """How it was counted, from which version, by which post."""
    actor = load.site().actor
    unverified = "" if actor.verified else words.say("page.daily_brief.unverified", chosen.language)
    post = words.name("post", actor.post, chosen.language) + unverified
    values = {"version": brief.version, "published_at": brief.published_at, "read_at": brief.read_at, "post": post}
    st.html(f'<div class="xs-foot">{text(_say("footer", chosen, last=brief.period.last, **values))}</div>')
