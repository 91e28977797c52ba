"""The annual report on petitions on paper, item by item as article 41 of the regulation lists them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analytics.briefs import AnnualBrief, for_export
from analytics.figures import Figure, Line
from pages.paper.daily_parts import told_lines
from pages.paper.directives import directives_blocks
from pages.paper.document import (
    Annex,
    Bars,
    Blank,
    Block,
    Bullets,
    Chart,
    Column,
    Document,
    Heading,
    Number,
    Paragraph,
    Table,
    Words,
)
from pages.paper.numbering import mark_of
from pages.paper.pathways import funnel_blocks, link_blocks, policy_blocks
from pages.ui import cards, pathway_rows, words

if TYPE_CHECKING:
    from analytics.followup import FollowUp

LISTED = 10  # fields and regions in the text; the annex of a page is not repeated
STEPS = ("routed", "supervised", "closed")


def annual_document(
    report: AnnualBrief,
    language: str,
    follow_up: "FollowUp | None" = None,
    *,
    words_: Mapping[str, str] | None = None,
    issuer: str = "",
) -> Document:
    """The report as it may leave the unit's screen.

    `words_` are people's words by section (item1 … item4); a section nobody wrote stays visibly empty. `issuer` is who compiles it.
    """
    fit, people = for_export(report), words_ or {}
    area = words.where(fit, language, whole="brief.whole_city")
    kind = words.name("kind", fit.kind or "all", language)
    period = words.period(fit.period.first, "year", language)
    notices = told_lines(fit.notices, language, "notice")
    body = _empty(language) if fit.is_empty and report.is_empty else _items(fit, language, people, follow_up)
    back = (
        (Bullets(tuple(words.tell(one, language) for one in follow_up.said)),) if follow_up and follow_up.said else ()
    )
    return Document(
        title=_say("title", language),
        mark=mark_of(follow_up, language),
        head=(_say("where", language, area=area, kind=kind) + "\t" + period,),
        blocks=(*notices, *back, *body),
        foot=(
            _say("foot_read", language, read_at=fit.read_at, version=fit.version),
            _say("foot_small", language),
            *((issuer,) if issuer else ()),
        ),
        language=language,
        kind=fit.kind_of_brief,
        name=_say("file", language, area=area, year=str(fit.period.first.year)),
        as_of=fit.period.last,
    )


def _say(key: str, language: str, **values: object) -> str:
    return words.say(f"annual.paper.{key}", language, **values)


def _empty(language: str) -> tuple[Block, ...]:
    return (Paragraph(words.say("annual.headline.none", language)),)


def _items(
    report: AnnualBrief, language: str, people: Mapping[str, str], follow_up: "FollowUp | None"
) -> tuple[Block, ...]:
    """The four items and the open directives, then the annexes."""
    opening = tuple(Paragraph(words.tell(one, language)) for one in report.headline)
    return (
        *opening,
        _heading("item1", language),
        *_statistics(report, language),
        _people("item1", language, people),
        _heading("item2", language),
        _figures("handling", report.handling, language),
        _figures("rates", report.rates, language),
        *funnel_blocks(report.funnel, language),
        _people("item2", language, people),
        _heading("item3", language),
        _figures("suggestions", report.suggestions, language),
        Paragraph(words.say("annual.lead.suggestions", language)),
        _people("item3", language, people),
        _heading("item4", language),
        _people("item4", language, people),
        *directives_blocks(follow_up, language),
        Annex(_say("annex", language)),
        *policy_blocks(report.policy, language, level=None),
        Annex(_say("annex_link", language)),
        *link_blocks(report.petition_link, language, level=None),
    )


def _heading(name: str, language: str) -> Heading:
    return Heading(1, words.say(f"annual.section.{name}", language))


def _people(name: str, language: str, people: Mapping[str, str]) -> Block:
    text = people.get(name, "").strip()
    return Words(name, text) if text else Blank(name, words.say(f"annual.prompt.{name}", language))


def _statistics(report: AnnualBrief, language: str) -> tuple[Block, ...]:
    months = [line for line in report.months if line.values["new"] is not None]
    chart = Chart(
        "months",
        words.say("annual.section.months", language),
        Bars(
            labels=tuple(words.period(line.values["month"], "month", language) for line in months),
            values=tuple(line.values["new"] for line in months),
            value_title=_heading_of("new", language),
        ),
        words.say("annual.section.months", language),
    )
    blocks: list[Block] = [_figures("received", report.received, language), *((chart,) if months else ())]
    for name, first, group in (("forms", "code", "form"), ("purposes", "code", "purpose")):
        rows = [
            (words.name(group, line.values[first], language), *_two(line, language)) for line in getattr(report, name)
        ]
        blocks.append(_table(name, group, rows, language))
    fields = [
        (line.values["category"] or words.say("brief.category_unknown", language), *_two(line, language))
        for line in report.fields
    ]
    blocks.append(_table("fields", "field", fields, language))
    regions = [
        (
            line.values["area"] or words.say("pathways.link.rest", language),
            *_two(line, language),
            line.values["per_10k"],
        )
        for line in report.regions
    ]
    blocks.append(_table("regions", "region", regions, language, ("per_10k", "decimal")))
    lines = [
        (_line(line, language), *_two(line, language), *(line.values[step] for step in STEPS)) for line in report.lines
    ]
    blocks.append(_table("lines", "line", lines, language, *((step, "count") for step in STEPS)))
    return (*blocks, _units(report, language))


def _line(line: Line, language: str) -> str:
    code = line.values["line"]
    return words.name("line", code, language) if code else words.say("annual.no_line", language)


def _units(report: AnnualBrief, language: str) -> Table:
    columns = tuple(Column(_heading_of(name, language)) for name in ("line", "unit"))
    counts = tuple(Column(_heading_of(name, language), form="count") for name in ("new", *STEPS))
    rows = []
    for line in report.units:
        row = pathway_rows.unit_row(line, language)
        unit = row["unit"] or words.say("brief.unit_unknown", language)
        rows.append((_line(line, language), unit, *(row[name] for name in ("new", *STEPS))))
    note = words.say("annual.lead.units", language, needed=10)
    return Table(words.say("annual.section.units", language), (*columns, *counts), tuple(rows), note)


def _two(line: Line, language: str) -> tuple:
    row = pathway_rows.year_row(line, language)
    return row["new"], row["share_pct"], row["before"], row["said"]


def _heading_of(name: str, language: str) -> str:
    return words.say(f"column.year.{name}", language)


def _table(name: str, first: str, rows: list[tuple], language: str, *more: tuple[str, str]) -> Table:
    named = ((first, "text"), ("new", "count"), ("share", "pct"), ("before", "count"), ("change", "text"), *more)
    columns = tuple(Column(_heading_of(heading, language), form=form) for heading, form in named)
    key = f"annual.lead.{name}"
    note = words.say(key, language) if words.has(key, language) else ""
    return Table(words.say(f"annual.section.{name}", language), columns, tuple(rows), note)


def _figures(name: str, figures: tuple[Figure, ...], language: str) -> Table:
    columns = (
        Column(_heading_of("figure", language), width=1.4),
        Column(_heading_of("value", language), align="right", width=0.8),
        Column(_heading_of("basis", language), width=3.6),
    )
    rows = tuple(
        (
            words.say(f"figure.name.{figure.name}", language),
            None if figure.value is None else Number(figure.value, "pct" if figure.unit == "pct" else "count"),
            _basis(figure, language),
        )
        for figure in figures
    )
    return Table(words.say(f"annual.section.{name}", language), columns, rows)


def _basis(figure: Figure, language: str) -> str:
    if figure.missing is not None:
        return words.tell(figure.missing, language)
    parts = []
    if figure.interval is not None:
        counted = {"numerator": figure.numerator, "denominator": figure.denominator}
        low, high = (words.pct(end, language) for end in figure.interval)
        parts = [
            words.say("figure.rate.parts", language, **counted),
            words.say("figure.rate.interval", language, low=low, high=high),
        ]
    parts += [cards.comparison_text(one, language) for one in figure.comparisons]
    return ("；" if language == "zh" else "; ").join(parts)
