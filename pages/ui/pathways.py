"""The way of matters on the screen: four stages, disputes that grew into petitions, before and after a policy, the one table."""

import streamlit as st

from analytics.pathways import Effect, Funnel, PetitionLink, PolicyEffects
from pages.ui import charts, folded, tables, words
from pages.ui.links import Chosen
from pages.ui.markup import quiet, section, text, told
from pages.ui.pathway_rows import dwell_rows, effect_sentences, policy_row, share_row, stage_rows
from pages.ui.sources import show_sources_report
from pages.ui.tables import Column

__all__ = ["show_funnel", "show_petition_link", "show_policy_effects", "show_sources_report"]

SHOWN_LINES = 12
SHARE = (
    Column("disputes", "count", "way.disputes"),
    Column("followed", "count", "way.followed", opens=lambda row: row["selection"]),
    Column("share_pct", "pct", "way.share_pct"),
    Column("interval", "text", "way.interval", aside=True),
)


def show_funnel(funnel: Funnel, chosen: Chosen, *, level: int = 2) -> None:
    """How far the matters of the period came, and how long each step takes; what each source records behind an expander."""
    _head("funnel", chosen, level)
    if funnel.is_empty:
        st.html(quiet(words.tell(funnel.sentence, chosen.language)))
        return
    st.html(f'<p class="xs-line">{told(funnel.sentence, chosen)}</p>')
    if sum(stage.figure.value is not None for stage in funnel.stages) > 1:  # else no source records a later stage
        _draw_funnel(funnel, chosen)
    if funnel.ended_undated.value:
        said = words.say("pathways.funnel.undated", chosen.language, count=funnel.ended_undated.value)
        st.html(quiet(said))
    _more(
        "funnel_sources", words.say("pathways.funnel.sources_table", chosen.language), funnel.sources, _SOURCES, chosen
    )


def _draw_funnel(funnel: Funnel, chosen: Chosen) -> None:
    alt = words.say("pathways.funnel.alt", chosen.language)
    st.plotly_chart(charts.plot_funnel(funnel, chosen.language), config=charts.CONFIG, key="funnel", alt=alt)
    for rows, columns in (
        (stage_rows(funnel, chosen.language), _STAGES),
        (dwell_rows(funnel, chosen.language), _DWELLS),
    ):
        noted = any(row["note"] for row in rows)
        st.html(tables.table(rows, columns if noted else columns[:-1], chosen))


def show_petition_link(link: PetitionLink, chosen: Chosen, *, level: int = 2) -> None:
    """Which share of disputes was followed by a petition, how soon, where, and what resolving in time goes along with."""
    _head("link", chosen, level, days=link.follow_days)
    if link.is_empty:
        st.html(quiet(words.tell(link.sentence, chosen.language)))
        return
    st.html(f'<p class="xs-line">{told(link.sentence, chosen)}</p>')
    if link.curve:
        alt = words.say("pathways.link.alt", chosen.language)
        st.plotly_chart(charts.plot_lead(link, chosen.language), config=charts.CONFIG, key="lead", alt=alt)
    _effect(link.effect, link.follow_days, chosen, level + 1)
    for name, lines, columns in (
        ("by_place", link.by_place, (_PLACE, *SHARE, _LEAD)),
        ("by_category", link.by_category, (_CATEGORY, *SHARE, _LEAD)),
        ("cells", link.cells, (_PLACE, _CATEGORY, *SHARE)),
    ):
        _more(f"link_{name}", words.say(f"pathways.link.{name}", chosen.language), lines, columns, chosen)


def show_policy_effects(effects: PolicyEffects, chosen: Chosen, *, level: int = 2, days: int = 180) -> None:
    """What was suggested, adopted and put in force, and what was counted before and after; said to be description."""
    _head("policy", chosen, level, days=days)
    if effects.is_empty:
        st.html(quiet(words.tell(effects.sentence, chosen.language)))
        return
    st.html(f'<p class="xs-line">{told(effects.sentence, chosen)}</p>')
    rows = [policy_row(one, chosen.language) for one in effects.effects]
    folded.show_table("all_policies", rows, POLICIES, chosen, first=SHOWN_LINES)
    st.html(quiet(words.say("pathways.policy.caution", chosen.language)))


# --- how it is done ------------------------------------------------------------------------------------------------------------

_PLACE = Column("area", blank="pathways.link.rest")
_CATEGORY = Column("category", blank="brief.category_unknown")
_LEAD = Column("lead_days", "days", "way.lead_days", aside=True)
_STAGES = (
    Column("stage", "code:stage", "way.stage"),
    Column("stage_count", "count", "way.stage_count", opens=lambda row: row["selection"]),
    Column("share_pct", "pct", "way.share_pct"),
    Column("interval", "text", "way.interval", aside=True),
    Column("note", "text", "way.note", aside=True),
)
_DWELLS = (
    Column("step", "code:step", "way.step"),
    Column("begun", "count", "way.begun", aside=True),
    Column("ended", "count", "way.ended"),
    Column("median_days", "days", "way.median_days"),
    Column("p90_days", "days", "way.p90_days"),
    Column("note", "text", "way.note", aside=True),
)
_SOURCES = (
    Column("source_system", "code:source"),
    Column("collected", "count", "way.collected", opens=lambda row: row["selection"]),
    *(Column(name, "count", f"way.{name}") for name in ("handled", "supervised", "closed", "evaluated")),
)
_GROUPS = (
    Column("group", "code:at_deadline", "way.group_state"),
    Column("disputes", "count", "way.disputes", opens=lambda row: row["selection"]),
    Column("followed", "count", "way.followed"),
    Column("share_pct", "pct", "way.share_pct"),
    Column("interval", "text", "way.interval", aside=True),
)
POLICIES = (
    Column("kind", "code:policy_kind", "way.policy_kind", aside=True),
    Column("category", blank="brief.category_unknown"),
    Column("area", blank="brief.whole_city", aside=True),
    Column("state", "code:policy_state", "way.policy_state"),
    Column("effective_on", "day", "way.effective_on", aside=True),
    Column("before", "count", "way.before", opens=lambda row: row["before_selection"]),
    Column("after", "count", "way.after", opens=lambda row: row["after_selection"]),
    Column("per_30", "id", "way.per_30", aside=True),
    Column("change_ratio", "id", "way.change_ratio"),
    Column("against_season", "id", "way.against_season", aside=True),
)


def _head(name: str, chosen: Chosen, level: int, **values: object) -> None:
    said = chosen.language
    st.html(
        section(words.say(f"pathways.section.{name}", said), words.say(f"pathways.lead.{name}", said, **values), level)
    )


def _effect(effect: Effect, days: int, chosen: Chosen, level: int) -> None:
    said = chosen.language
    first, last = effect.period.first, effect.period.last
    lead = words.say("pathways.link.effect_lead", said, first=first, last=last, days=days)
    body = "".join(f"<li>{text(one)}</li>" for one in effect_sentences(effect, days, said))
    rows = [share_row(dict(line.values), line.selection, said) for line in effect.groups if line.values["disputes"]]
    st.html(section(words.say("pathways.link.effect", said), lead, level) + f'<ul class="xs-lines">{body}</ul>')
    if rows:
        st.html(tables.table(rows, _GROUPS, chosen))


def _more(key: str, label: str, lines: tuple, columns: tuple[Column, ...], chosen: Chosen) -> None:
    """A table that is drawn when it is asked for."""
    if not lines:
        return
    with st.expander(label, on_change="rerun", key=key) as behind:
        if behind.open:
            rows = [
                share_row(dict(line.values), line.selection, chosen.language)
                if "lower_pct" in line.values
                else {**line.values, "selection": line.selection}
                for line in lines
            ]
            st.html(tables.table(rows, columns, chosen))
