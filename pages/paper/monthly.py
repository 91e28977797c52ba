"""The monthly brief on paper, in the customary order of a monthly assessment: overall, features, falls, problems, outlook, suggestions, annex."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analytics.briefs import for_export
from analytics.briefs.monthly_answer import MonthlyBrief
from analytics.briefs.wording import around_the_headline
from analytics.figures import Figure, Line, Sentence
from pages.paper.daily_parts import told_lines
from pages.paper.directives import directives_blocks
from pages.paper.document import Annex, Blank, Block, Chart, Document, Heading, Paragraph, Words
from pages.paper.monthly_parts import (
    change_chart,
    change_table,
    lines_table,
    months_table,
    named,
    said,
    structure_chart,
    structure_table,
)
from pages.paper.numbering import mark_of
from pages.paper.outlook import outlook_blocks, outlook_of, outlook_table
from pages.paper.pathways import funnel_blocks, link_blocks, policy_blocks, sources_blocks
from pages.ui import words
from pages.ui.cards import comparison_text, moved, value

if TYPE_CHECKING:
    from analytics.briefs.sources_report import SourcesReport
    from analytics.followup import FollowUp
    from data.issuing import Words as Written

RISING = (
    ("rising_type", ("type",)),
    ("rising_fine", ("fine",)),
    ("rising_place", ("place",)),
    ("rising_time", ("weekday", "hour")),
)
DIMENSIONS = ("kind", "type", "place", "channel", "source_system")
NAMED = 5  # of a list in running text


def monthly_document(
    brief: MonthlyBrief,
    language: str,
    follow_up: "FollowUp | None" = None,
    written: "Mapping[str, Written] | None" = None,
    sources: "SourcesReport | None" = None,
) -> Document:
    """The brief of a month as it may leave the unit's screen.

    `follow_up` adds what the last brief warned of and the state or number of this one; `written` are people's words by section (those of
    the follow-up where not given). A section that nobody wrote stays visibly empty. `sources` adds the one-table form as an annex of its own.
    """
    fit = for_export(brief)
    own = written if written is not None else follow_up.words if follow_up else {}
    if fit.is_empty:
        blocks: list[Block] = [*told_lines(fit.notices, language, "notice"), Paragraph(said("none", language))]
    else:
        blocks = [
            *told_lines(around_the_headline(fit.notices)[0], language, "notice"),
            *_overall(fit, language, follow_up),
            *_features(fit, language),
            *_falling(fit, language),
            *_problems(fit, language, own),
            Heading(1, said("outlook", language)),
            *outlook_blocks(follow_up, language),
            *_suggestions(fit, language, own),
            *directives_blocks(follow_up, language),
            *_annex(fit, language, follow_up),
            *(_one_table(for_export(sources), language) if sources is not None else ()),
        ]
    area = words.where(fit, language, whole="brief.whole_city")
    kind = words.say(f"names.kind.{fit.kind or 'all'}", language)
    month = words.period(fit.period.first, "month", language)
    if not fit.period.complete:
        month = said("unfinished", language, month=month, last=fit.period.last)
    return Document(
        title=said("title", language),
        mark=mark_of(follow_up, language),
        head=(f"{area}　{kind}\t{month}",),
        blocks=tuple(blocks),
        foot=(said("footer", language, read_at=fit.read_at, version=fit.version),),
        language=language,
        kind=fit.kind_of_brief,
        name=f"monthly-{fit.period.first:%Y%m}" + (f"-{fit.area_code}" if fit.area_code else ""),
        as_of=fit.period.last,
    )


# --- sections ----------------------------------------------------------------------------------------------------------------


def _overall(brief: MonthlyBrief, language: str, follow_up: "FollowUp | None") -> list[Block]:
    """What came of the last warnings; volume, change and how they are to be read; handling; the structure, with a chart of what moved."""
    back = [Paragraph(words.tell(one, language)) for one in follow_up.said] if follow_up else []
    about = [
        one
        for one in brief.headline
        if not one.key.startswith(("monthly.headline.ro", "monthly.headline.recurs", "monthly.headline.steady"))
    ]
    blocks: list[Block] = [Heading(1, said("overall", language)), *back]
    blocks += [Paragraph(words.tell(one, language)) for one in about] or [Paragraph(said("hidden", language))]
    blocks += told_lines(around_the_headline(brief.notices)[1], language)
    rates = [_rate(figure, language) for figure in brief.rates if figure.value is not None]
    if rates:
        blocks.append(Paragraph(said("rates", language, said=_listed(rates, language))))
    types = _types(brief)
    if types:
        shares = [_share(line, language) for line in types[:NAMED]]
        blocks.append(Paragraph(said("structure_line", language, said=_listed(shares, language))))
    if brief.change is not None and brief.change.parts:
        alt = words.say("page.monthly_brief.chart.change_alt", language)
        blocks.append(Chart("change", alt, change_chart(brief.change, language), said("change_caption", language)))
    return blocks


def _types(brief: MonthlyBrief) -> list[Line]:
    """Types with matters that may be said, the most first."""
    return [line for line in brief.structure if line.values["dimension"] == "type" and line.values["now"]]


def _rate(figure: Figure, language: str) -> str:
    parts = {"name": words.say(f"figure.name.{figure.name}", language), "value": value(figure, language)}
    if not figure.comparisons:
        return said("rate", language, **parts)
    return said("rate_moved", language, **parts, moved=comparison_text(figure.comparisons[0], language))


def _share(line: Line, language: str) -> str:
    values = line.values
    return said(
        "share", language, name=named(values["name"], language), now=values["now"], share_pct=values["share_pct"]
    )


def _listed(parts: list[str], language: str) -> str:
    return ("，" if language == "zh" else "; ").join(parts)


def _features(brief: MonthlyBrief, language: str) -> list[Block]:
    """What rose by more than chance, then the summing up."""
    blocks: list[Block] = [Heading(1, said("features", language))]
    for name, levels in RISING:
        lines = [line for line in brief.rising if line.values["level"] in levels]
        if lines:
            blocks.append(Heading(2, said(name, language)))
            blocks += [Paragraph(_move("move", line, brief, language)) for line in lines[:NAMED]]
    if not brief.rising:
        blocks.append(Paragraph(words.say("page.monthly_brief.none.rising", language)))
    if brief.summary:
        if brief.rising:
            blocks.append(Heading(2, said("summary", language)))
        blocks.append(
            Paragraph(("" if language == "zh" else " ").join(words.tell(one, language) for one in brief.summary))
        )
    return blocks


def _falling(brief: MonthlyBrief, language: str) -> list[Block]:
    lines = [line for line in brief.falling if line.values["level"] in ("type", "fine")]
    none = Paragraph(words.say("page.monthly_brief.none.falling", language))
    return [
        Heading(1, said("falling", language)),
        *([Paragraph(_move("fall", line, brief, language)) for line in lines[:NAMED]] or [none]),
    ]


def _move(key: str, line: Line, brief: MonthlyBrief, language: str) -> str:
    """One rise or fall: how many, by how many, and what share of all that moved so."""
    found = line.values
    base = Sentence(f"monthly.base.{'previous_month' if brief.period.complete else 'previous_month_span'}")
    values = {"now": found["now"], "change": abs(found["change"]), "contribution": found["contribution_pct"]}
    return said(key, language, name=named(found["name"], language), base=words.tell(base, language), **values)


def _problems(brief: MonthlyBrief, language: str, written: "Mapping[str, Written]") -> list[Block]:
    """People's words, then what recurs, the topics, and the disputes that became petitions."""
    blocks: list[Block] = [Heading(1, said("problems", language)), _words("causes", written, language)]
    blocks += [
        Paragraph(words.tell(one, language)) for one in brief.headline if one.key.startswith("monthly.headline.recurs")
    ]
    topics = [_topic(line, language) for line in brief.topics[:NAMED] if line.values["now"]]
    if topics:
        blocks.append(Paragraph(said("topics_line", language, said=_listed(topics, language))))
    if brief.petition_link is not None and not brief.petition_link.is_empty:
        blocks.append(Paragraph(words.tell(brief.petition_link.sentence, language)))
    return blocks


def _topic(line: Line, language: str) -> str:
    shipped = f"names.topic.{line.values['topic_code']}"
    name = words.say(shipped, language) if words.has(shipped, language) else line.values["topic"]
    previous = line.values["previous"]
    if previous is None:
        return said("topic", language, name=name, count=line.values["now"])
    return said("topic_moved", language, name=name, count=line.values["now"], moved=moved(previous, language))


def _suggestions(brief: MonthlyBrief, language: str, written: "Mapping[str, Written]") -> list[Block]:
    """People's words, and what became of earlier suggestions."""
    blocks: list[Block] = [Heading(1, said("suggestions", language)), _words("suggestions", written, language)]
    if brief.policy is not None and not brief.policy.is_empty:
        blocks.append(Paragraph(words.tell(brief.policy.sentence, language)))
    return blocks


def _words(section: str, written: "Mapping[str, Written]", language: str) -> Block:
    """What people wrote, or a visible empty field."""
    found = written.get(section)
    if found is None:
        return Blank(section, words.say(f"page.monthly_brief.prompt.{section}", language))
    return Words(section, found.text, words.name("post", found.post, language))


# --- the annex -------------------------------------------------------------------------------------------------------------------


def _annex(brief: MonthlyBrief, language: str, follow_up: "FollowUp | None") -> list[Block]:
    """Every table behind the text; those without a line are left out."""
    blocks: list[Block] = [Annex(said("annex", language)), months_table(brief, language)]
    if types := _types(brief):
        caption = said("structure_caption", language)
        blocks.append(Chart("structure", caption, structure_chart(types, language), caption))
    for dimension in DIMENSIONS:
        lines = [line for line in brief.structure if line.values["dimension"] == dimension]
        if lines:
            blocks.append(structure_table(dimension, lines, brief, language))
    for change in (brief.change, brief.change_by_place):
        if change is not None and change.parts:
            blocks.append(change_table(change, brief, language))
    for name, lines in (
        ("recurring", brief.recurring),
        ("topics", brief.topics),
        ("compounds", brief.compounds),
        ("safety", brief.safety),
        ("inspections", brief.inspections),
    ):
        if lines:
            blocks.append(lines_table(name, lines, brief, language))
    expected = outlook_of(follow_up)
    if expected is not None:
        blocks.append(outlook_table(expected, language))
    for found, written in (
        (brief.funnel, funnel_blocks),
        (brief.petition_link, link_blocks),
        (brief.policy, policy_blocks),
    ):
        if found is not None and not found.is_empty:
            blocks += written(found, language)
    return blocks


def _one_table(report: "SourcesReport", language: str) -> tuple[Block, ...]:
    """The overall table of the four groups, then a table for each source."""
    title = words.say("pathways.section.sources", language)
    return (Annex(title), *sources_blocks(report, language, level=None))
