"""The daily brief on paper, in the customary order of the 《平安稳定信息专报》: one page, and an annex with everything behind it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from analytics.briefs import DailyBrief, for_export
from analytics.briefs.wording import around_the_headline
from analytics.figures import Sentence
from pages.paper import markdown, one_page
from pages.paper.daily_parts import figures_table, lines_table, said, series_chart
from pages.paper.directives import directives_blocks, directives_told
from pages.paper.document import Annex, Block, Bullets, Document, Heading, Paragraph, clean
from pages.paper.numbering import mark_of
from pages.ui import words
from pages.ui.cards import comparison_text
from pages.ui.warning_words import sentence

if TYPE_CHECKING:
    from analytics.followup import FollowUp

MAJOR = ("category", "area", "matters", "people", "collective")
UNITS = ("unit", "overdue", "due_on_day", "due_soon", "oldest_days")
CASES = ("area", "category", "post_level", "unit", "progress_pct", "due_on")
COORDINATION = ("reason", "area", "category", "unit", "age_weeks")
LISTED, WARNED = 5, 4  # at most, on the first page


def daily_document(
    brief: DailyBrief, language: str, follow_up: "FollowUp | None" = None, *, issuer: str = ""
) -> Document:
    """The brief of a day as it may leave the unit's screen.

    `follow_up` adds what the last brief warned of, the open directives and the state or number of this one; `issuer` is who compiles it and
    is left visibly open when not given.
    """
    fit = for_export(brief)
    frame = _frame(fit, language, follow_up, issuer)
    if fit.is_empty:
        return replace(frame, blocks=tuple(_notices(fit.notices, language)) or (Paragraph(said("none", language)),))
    first = (
        *_notices(around_the_headline(fit.notices)[0], language),
        *_overview(fit, language, follow_up),
        *_warnings(fit, language, follow_up),
        *_work(fit, language, follow_up),
    )
    return replace(frame, blocks=(*one_page.fitted(frame, first, LISTED), *_annex(fit, language, follow_up)))


def daily_text(brief: DailyBrief, language: str) -> str:
    """The brief of a day in Markdown."""
    return markdown.render(clean(daily_document(brief, language))).decode()


# --- the first page --------------------------------------------------------------------------------------------------------------


def _frame(brief: DailyBrief, language: str, follow_up: "FollowUp | None", issuer: str) -> Document:
    """Title, number, place and day; and in the foot what it was read from, who has not reported, who compiled it."""
    area = words.where(brief, language, whole="brief.whole_city")
    kind = words.say(f"names.kind.{brief.kind or 'all'}", language)
    silent = [line.values["source_system"] for line in brief.sources if line.values["state"] == "silent"]
    names = tuple(words.name("source", one, language) for one in silent)
    sources = said("foot_sources" if names else "foot_sources_none", language, names=names) if brief.sources else ""
    return Document(
        title=said("title", language),
        mark=mark_of(follow_up, language),
        head=(f"{said('where', language, area=area, kind=kind)}\t{words.full_day(brief.day, language)}",),
        foot=(
            said("foot_read", language, read_at=brief.read_at, version=brief.version, sources=sources).strip(),
            said("small_cells", language),
            said("foot_issuer", language, issuer=issuer or said("issuer_blank", language)),
        ),
        language=language,
        kind=brief.kind_of_brief,
        name=said("file", language, area=area, day=brief.day),
        as_of=brief.day,
        layout="compact",
    )


def _notices(notices: Iterable[Sentence], language: str) -> list[Block]:
    """What must be known before the rest, in one piece."""
    told = _run(notices, language)
    return [Paragraph(told, "notice")] if told else []


def _run(sentences: Iterable[Sentence], language: str) -> str:
    return ("" if language == "zh" else " ").join(words.tell_alone(one, language) for one in sentences)


def _overview(brief: DailyBrief, language: str, follow_up: "FollowUp | None") -> list[Block]:
    """What came of the last warnings, then one paragraph: is it normal, what stands, against which days; how the figures are to be read."""
    new = brief.flows[0]
    told = [words.tell(one, language) for one in brief.headline if one.key.startswith(("brief.headline.standing",))]
    compared = tuple(comparison_text(one, language) for one in new.comparisons)
    if compared:
        told.insert(0, said("compared", language, comparisons=("，" if language == "zh" else ", ").join(compared)))
    text = ("" if language == "zh" else " ").join([words.tell(brief.headline[0], language), *told])
    back = [Paragraph(_run(follow_up.said, language))] if follow_up and follow_up.said else []
    rest = _run(around_the_headline(brief.notices)[1], language)
    return [Heading(1, said("overview", language)), *back, Paragraph(text), *([Paragraph(rest)] if rest else [])]


def _warnings(brief: DailyBrief, language: str, follow_up: "FollowUp | None") -> list[Block]:
    """The warnings issued that wait for somebody; then what left its expected range: figures of the whole first, then places."""
    lines = [sentence(line, language) for line in (follow_up.warnings if follow_up else ())]
    lines += [
        said(
            "warning_figure",
            language,
            name=words.say(f"figure.name.{figure.name}", language),
            value=figure.value,
            upper=figure.expected.upper,
        )
        for figure in brief.flows
        if figure.state == "above" and figure.name != "closed"
    ]
    lines += [
        said("warning_place", language, **{name: line.values[name] for name in ("area", "new", "upper")})
        for line in brief.places
        if line.values["state"] == "above"
    ]
    if len(lines) > WARNED:
        lines = [*lines[: WARNED - 1], said("more", language, count=len(lines) - WARNED + 1)]
    none = "none_warnings" if brief.flows[0].state != "unknown" else "unknown_warnings"
    text = ("" if language == "zh" else " ").join(lines) or said(none, language)
    return [Heading(1, said("warnings", language)), Paragraph(text)]


def _work(brief: DailyBrief, language: str, follow_up: "FollowUp | None") -> list[Block]:
    """Larger matters, deadlines, leader-assigned matters, what a leader must coordinate, tomorrow."""
    blocks: list[Block] = [Heading(1, said("major", language))]
    blocks += _listed(brief.major, MAJOR, language, _major_sentence(brief, language))
    blocks.append(Heading(1, said("deadlines", language)))
    missing = brief.deadlines[0].missing
    if missing:
        blocks.append(Paragraph(words.tell(missing, language)))
    else:
        due = next((one for one in brief.headline if one.key.startswith("brief.headline.due")), None)
        blocks += _listed(brief.deadlines_by_unit, UNITS, language, words.tell(due, language) if due else "")
    blocks.append(Heading(1, said("leader_cases", language)))
    cases = said("cases_open", language, count=len(brief.leader_cases)) if brief.leader_cases else ""
    blocks += _listed(brief.leader_cases, CASES, language, cases)
    blocks.append(Heading(1, said("coordination", language)))
    counts = {figure.name: figure.value for figure in brief.coordination}
    counted = said("coordination_counts", language, **counts) if any(counts.values()) else ""
    told = ("" if language == "zh" else " ").join([counted, *directives_told(follow_up, language)]).strip()
    blocks += _listed(brief.coordination_lines, COORDINATION, language, told)
    tomorrow = words.join(brief.tomorrow, language) + ("。" if language == "zh" else ".")
    return [
        *blocks,
        Heading(1, said("tomorrow", language)),
        Paragraph(tomorrow if brief.tomorrow else said("none", language)),
    ]


def _listed(lines: tuple, keys: tuple[str, ...], language: str, sentence: str = "") -> list[Block]:
    """A sentence and a table; a plain word where there is nothing."""
    blocks: list[Block] = [Paragraph(sentence)] if sentence else []
    if not lines:
        return blocks or [Paragraph(said("none", language))]
    return [*blocks, lines_table(lines, keys, language)]


def _major_sentence(brief: DailyBrief, language: str) -> str:
    """From the lines as they may be exported, for the headline of the screen may name a nearer place."""
    if not brief.major:
        return ""
    first = brief.major[0].values
    values = {
        "matters": sum(line.values["matters"] for line in brief.major),
        "area": first["area"] or Sentence("brief.place_unknown"),
        "category": first["category"] or Sentence("brief.category_unknown"),
        "people": first["people"],
    }
    return words.tell(Sentence("brief.headline.major", values), language)


# --- the annex -------------------------------------------------------------------------------------------------------------------


def _annex(brief: DailyBrief, language: str, follow_up: "FollowUp | None") -> list[Block]:
    """Every figure and table of the day, whole, every warning and every open directive."""
    told = tuple(sentence(line, language) for line in (follow_up.warnings if follow_up else ()))
    figures = (*brief.flows, *(one for one in brief.deadlines if one.name != "overdue"), *brief.coordination)
    flows = ("new", "closed", "open", "overdue")
    sources = ("new", "lower", "upper", "state", "with_area_pct", "with_category_pct", "with_unit_pct")
    tables = (
        ("kinds", brief.kinds, ("kind", *flows)),
        ("places", brief.places, ("area", "new", "lower", "upper", "state", "open", "overdue")),
        ("major", brief.major, MAJOR),
        ("deadlines", brief.deadlines_by_unit, UNITS),
        ("leader_cases", brief.leader_cases, (*CASES[:4], "next_step", *CASES[4:])),
        ("coordination", brief.coordination_lines, ("reason", "matter_no", *COORDINATION[1:])),
        ("sources", brief.sources, ("source_system", "last_registered_on", *sources)),
    )
    return [
        Annex(said("annex", language)),
        *((Heading(2, said("warnings", language)), Bullets(told)) if told else ()),
        *directives_blocks(follow_up, language, level=2),
        figures_table(figures, language, said("figures_title", language)),
        figures_table(brief.rates, language, said("rates", language)),
        series_chart(brief, language),
        *(lines_table(lines, keys, language, caption=said(name, language)) for name, lines, keys in tables if lines),
    ]
