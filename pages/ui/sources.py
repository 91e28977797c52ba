"""The one-table form on the screen: the overall table of four groups, and a table for each source when it is asked for."""

import streamlit as st

from analytics.briefs.sources_report import SourcesReport
from pages.ui import tables, words
from pages.ui.links import Chosen
from pages.ui.markup import quiet, section, told
from pages.ui.pathway_rows import source_notes, source_row
from pages.ui.tables import Column

_COUNTS = (
    Column("new", "count", "way.now", opens=lambda row: row["selection"]),
    Column("range", "range"),
    Column("state", "state"),
    Column("previous", "count", "way.previous", aside=True),
    Column("previous_said", "text", "way.previous_change"),
    Column("year_ago", "count", "way.year_ago", aside=True),
    Column("year_said", "text", "way.year_change"),
)
_OVERALL = (
    Column("group", "code:signal_group", "way.signal_group"),
    Column("name", "code:signal", "way.signal"),
    *_COUNTS,
)
_SOURCE = (Column("category", blank="brief.category_unknown"), *_COUNTS)


def show_sources_report(report: SourcesReport, chosen: Chosen, *, level: int = 2) -> None:
    """The overall table, what it cannot tell and why, and the table of each source behind an expander."""
    said = chosen.language
    st.html(
        section(words.say("pathways.section.sources", said), words.say("pathways.lead.sources", said), level)
        + f'<p class="xs-line">{told(report.sentence, chosen)}</p>'
    )
    rows = [source_row(line, said) for line in report.overall if line.values["missing"] is None]
    st.html(tables.table(rows, _OVERALL, chosen))
    for note in source_notes(report, said):
        st.html(quiet(note))
    for one in report.sources:
        label = words.say("pathways.sources.of_source", said, source=words.name("source", one.source_system, said))
        with st.expander(label, on_change="rerun", key=f"source_{one.source_system}") as behind:
            if behind.open:
                st.html(tables.table([source_row(line, said) for line in one.lines], _SOURCE, chosen))
