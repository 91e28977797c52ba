"""The parts of the annual report on the screen, in the order of article 41, each from the frozen answer, none computing."""

import streamlit as st

from analytics.briefs import AnnualBrief
from analytics.figures import Line
from analytics.followup import FollowUp, key_of
from pages.paper import record
from pages.paper.document import Document
from pages.ui import brief as briefs
from pages.ui import cards, folded, followup, heads, papers, pathways, tables, words
from pages.ui.links import Chosen
from pages.ui.load import followup as followups
from pages.ui.markup import lines, quiet, section, text
from pages.ui.pathway_rows import unit_row, year_row
from pages.ui.tables import Column

SHOWN_LINES = 14


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"annual.{key}", chosen.language, **values)


def _section(name: str, chosen: Chosen, level: int, **values: object) -> str:
    key = f"annual.lead.{name}"
    lead = words.say(key, chosen.language, **values) if words.has(key, chosen.language) else ""
    return section(_say(f"section.{name}", chosen), lead, level)


def show_top(report: AnnualBrief, chosen: Chosen) -> None:
    """What and of which year, what must be known first, and the year in three lines."""
    title = words.say("page.annual_report.caption", chosen.language)
    parts = [
        heads.head(
            title, report.period, words.where(report, chosen.language), report.kind, chosen, "year", report.read_at
        ),
        briefs.notices(report, chosen),
    ]
    if not report.is_empty:
        parts += [lines(report.headline, chosen), briefs.asides(report, chosen)]
    st.html("".join(parts))


def show_statistics(report: AnnualBrief, chosen: Chosen) -> None:
    """Item 1: the statistics, the fields, the organs most complained of (as workload, by line and name)."""
    _item("item1", chosen)
    st.html(_section("received", chosen, 3) + cards.row(report.received, chosen, small=True))
    rows = [{**line.values, "said": _month(line, chosen), "selection": line.selection} for line in report.months]
    columns = (Column("said", heading="year.month"), _NEW, Column("before", "count", "year.before"))
    with st.expander(_say("section.months", chosen), on_change="rerun", key="year_months") as months:
        if months.open:
            st.html(tables.table(rows, columns, chosen))
    for name, group in (("forms", "form"), ("purposes", "purpose")):
        _table(name, getattr(report, name), Column("code", f"code:{group}", f"year.{group}"), chosen)
    _table("fields", report.fields, Column("category", heading="year.field", blank="brief.category_unknown"), chosen)
    _table(
        "regions",
        report.regions,
        Column("area", heading="year.region", blank="pathways.link.rest"),
        chosen,
        Column("per_10k", "decimal", "year.per_10k"),
    )
    _table("lines", report.lines, _LINE, chosen, *_STEPS)
    _show_units(report, chosen)
    _people(report, "item1", chosen)


def show_handling(report: AnnualBrief, chosen: Chosen) -> None:
    """Item 2: what was forwarded, assigned and supervised, how in time, and the four stages."""
    _item("item2", chosen)
    st.html(_section("handling", chosen, 3) + cards.row(report.handling, chosen, small=True))
    st.html(_section("rates", chosen, 3) + cards.row(report.rates, chosen, small=True))
    pathways.show_funnel(report.funnel, chosen, level=3)
    _people(report, "item2", chosen)


def show_suggestions(report: AnnualBrief, chosen: Chosen) -> None:
    """Item 3: suggestions made, adopted and in force, and what was counted before and after."""
    _item("item3", chosen)
    st.html(_section("suggestions", chosen, 3) + cards.row(report.suggestions, chosen, small=True))
    pathways.show_policy_effects(report.policy, chosen, level=3)
    _people(report, "item3", chosen)


def show_others(report: AnnualBrief, chosen: Chosen) -> None:
    """Item 4: what else should be reported; the way from dispute to petition, and people's words."""
    _item("item4", chosen)
    pathways.show_petition_link(report.petition_link, chosen, level=3)
    _people(report, "item4", chosen)


def follow_up(report: AnnualBrief, chosen: Chosen) -> FollowUp | None:
    """The desk's side of the report: directives, state, and what late data changed."""
    return followups.follow_up(report, record=lambda: record.brief_record(report))


def show_issue(report: AnnualBrief, follow_up: FollowUp | None, chosen: Chosen) -> None:
    """The report's way to being issued, its issued copies, and its files."""

    def make() -> Document:
        from pages.paper.annual import annual_document

        said = {section: one.text for section, one in followups.words_of(key_of(report)).items()}
        return annual_document(report, chosen.language, follow_up, words_=said)

    followup.show_issue(key_of(report), make, lambda: record.brief_record(report), follow_up, chosen)
    papers.buttons("annual", make, chosen, record=lambda: record.brief_record(report))


def show_foot(report: AnnualBrief, chosen: Chosen) -> None:
    """How it was counted, and from which version."""
    values = {"last": report.period.last, "version": report.version}
    values |= {"published_at": report.published_at, "read_at": report.read_at}
    st.html(f'<div class="xs-foot">{text(words.say("page.annual_report.foot", chosen.language, **values))}</div>')


# --- how it is done ------------------------------------------------------------------------------------------------------------

_NEW = Column("new", "count", "year.new", opens=lambda row: row["selection"])
_LINE = Column("line", "code:line", "year.line", blank="annual.no_line")
_STEPS = tuple(Column(name, "count", f"year.{name}", aside=True) for name in ("routed", "supervised", "closed"))


def _item(name: str, chosen: Chosen) -> None:
    title = _say(f"number.{name}", chosen) + _say(f"section.{name}", chosen)
    key = f"annual.lead.{name}"
    st.html(section(title, words.say(key, chosen.language) if words.has(key, chosen.language) else ""))


def _people(report: AnnualBrief, name: str, chosen: Chosen) -> None:
    followup.show_words(key_of(report), name, _say(f"prompt.{name}", chosen), chosen)


def _month(line: Line, chosen: Chosen) -> str:
    return words.period(line.values["month"], "month", chosen.language)


def _table(name: str, found: tuple[Line, ...], first: Column, chosen: Chosen, *more: Column) -> None:
    """A table of two years, its first lines at once and the rest on demand."""
    st.html(_section(name, chosen, 3))
    if not found:
        st.html(quiet(words.NOTHING))
        return
    columns = (
        first,
        _NEW,
        Column("share_pct", "pct", "year.share"),
        Column("before", "count", "year.before", aside=True),
        Column("said", heading="year.change"),
        *more,
    )
    rows = [year_row(line, chosen.language) for line in found]
    folded.show_table(f"year_{name}", rows, columns, chosen, first=SHOWN_LINES)


def _show_units(report: AnnualBrief, chosen: Chosen) -> None:
    """The units by line and name, when asked for."""
    with st.expander(_say("section.units", chosen), on_change="rerun", key="year_units") as units:
        if units.open:
            rows = [unit_row(line, chosen.language) for line in report.units]
            columns = (_LINE, Column("unit", heading="year.unit", blank="brief.unit_unknown"), _NEW, *_STEPS)
            st.html(quiet(_say("lead.units", chosen, needed=10)) + tables.table(rows, columns, chosen))
