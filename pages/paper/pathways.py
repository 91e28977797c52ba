"""The way of matters, and the one-table form, as blocks of a paper."""

from collections.abc import Mapping

from analytics.briefs.sources_report import SourcesReport
from analytics.figures import Line
from analytics.pathways import Funnel, PetitionLink, PolicyEffects
from pages.paper.document import Bars, Block, Chart, Column, Heading, Lines, Paragraph, Table
from pages.ui import pathway_rows, words

STEP = (
    ("step", "text"),
    ("begun", "count"),
    ("ended", "count"),
    ("median_days", "count"),
    ("p90_days", "count"),
    ("note", "text"),
)
WIDTHS = {
    "signal": 2,
    "policy_state": 1.4,
    "effective_on": 1.5,
    "change_ratio": 2,
    "against_season": 2,
    "before": 0.9,
    "after": 0.9,
}
SHARE = (("disputes", "count"), ("followed", "count"), ("share_pct", "pct"), ("interval", "text"))
COUNTS = (
    ("new", "count", "now"),
    ("lower", "count", "lower"),
    ("upper", "count", "upper"),
    ("previous", "count", "previous"),
    ("previous_said", "text", "previous_change"),
    ("year_ago", "count", "year_ago"),
    ("year_said", "text", "year_change"),
)


def funnel_blocks(funnel: Funnel, language: str, *, level: int = 2) -> tuple[Block, ...]:
    """The four stages with their counts and dwell times. Expects a funnel as it may leave the screen."""
    said = Paragraph(words.tell(funnel.sentence, language))
    shown = [stage for stage in funnel.stages if stage.figure.value is not None]
    if funnel.is_empty or len(shown) < 2:  # no source records a later stage: nothing to draw
        return (Heading(level, _title("funnel", language)), said)
    chart = Chart(
        "funnel",
        words.say("pathways.funnel.alt", language),
        Bars(
            labels=tuple(words.name("stage", stage.name, language) for stage in shown),
            values=tuple(stage.figure.value for stage in shown),
            value_title=words.say("pathways.funnel.axis", language),
        ),
        _title("funnel", language),
    )
    stages = Table(
        "",
        _columns(
            (("stage", "text"), ("stage_count", "count"), ("share_pct", "pct"), ("interval", "text"), ("note", "text")),
            language,
        ),
        tuple(
            (
                words.name("stage", row["stage"], language),
                row["stage_count"],
                row["share_pct"],
                row["interval"],
                row["note"],
            )
            for row in pathway_rows.stage_rows(funnel, language)
        ),
    )
    dwells = Table(
        "",
        _columns(
            STEP,
            language,
        ),
        tuple(
            (
                words.name("step", row["step"], language),
                row["begun"],
                row["ended"],
                row["median_days"],
                row["p90_days"],
                row["note"],
            )
            for row in pathway_rows.dwell_rows(funnel, language)
        ),
        words.say("pathways.lead.funnel", language),
    )
    return (Heading(level, _title("funnel", language)), said, chart, stages, dwells)


def link_blocks(link: PetitionLink, language: str, *, level: int | None = 2) -> tuple[Block, ...]:
    """Disputes followed by petitions. Expects a link as it may leave the screen."""
    head = (*_heading("link", level, language), Paragraph(words.tell(link.sentence, language)))
    if link.is_empty:
        return head
    blocks: list[Block] = [*head, Paragraph(words.say("pathways.lead.link", language, days=link.follow_days))]
    if link.curve and not link.is_below_street:
        weekly = [(day, pct) for day, pct in _every(link.curve, link.follow_days, 10)]
        spec = Lines(
            labels=tuple(str(day) for day, _ in weekly),
            series=((words.say("pathways.link.axis_pct", language), tuple(pct for _, pct in weekly)),),
            value_title="%",
        )
        blocks.append(
            Chart(
                "lead", words.say("pathways.link.alt", language), spec, words.say("pathways.link.axis_days", language)
            )
        )
    for name, lines, first in (("by_place", link.by_place, "area"), ("by_category", link.by_category, "category")):
        blocks.append(_share_table(words.say(f"pathways.link.{name}", language), lines, first, language))
    effect = link.effect
    if any(line.values["disputes"] for line in effect.groups):
        days = {"first": effect.period.first, "last": effect.period.last, "days": link.follow_days}
        blocks.append(Heading(min((level or 1) + 1, 4), words.say("pathways.link.effect", language)))
        blocks += [Paragraph(one) for one in pathway_rows.effect_sentences(effect, link.follow_days, language)]
        note = words.say("pathways.link.effect_lead", language, **days)
        blocks.append(_share_table("", effect.groups, "group", language, note))
    return tuple(blocks)


def policy_blocks(effects: PolicyEffects, language: str, *, level: int | None = 2) -> tuple[Block, ...]:
    """Suggestions and measures, before and after. Expects effects as they may leave the screen."""
    head = (*_heading("policy", level, language), Paragraph(words.tell(effects.sentence, language)))
    if effects.is_empty:
        return head
    columns = (
        *_columns((("policy_kind", "text"),), language),
        *(Column(words.say(f"column.{name}", language), width=wide) for name, wide in (("category", 2), ("area", 1.1))),
        *_columns(
            (("policy_state", "text"), ("effective_on", "day"), ("before", "count"), ("after", "count")), language
        ),
        *_columns((("change_ratio", "text"), ("against_season", "text")), language),
    )
    rows = [pathway_rows.policy_row(one, language) for one in effects.effects]
    table = Table(
        "",
        columns,
        tuple(
            (
                words.name("policy_kind", row["kind"], language),
                row["category"] or words.say("brief.category_unknown", language),
                row["area"] or words.say("brief.whole_city", language),
                words.name("policy_state", row["state"], language),
                row["effective_on"],
                row["before"],
                row["after"],
                row["change_ratio"],
                row["against_season"],
            )
            for row in rows
        ),
        words.say("pathways.policy.caution", language),
    )
    return (*head, table)


def sources_blocks(report: SourcesReport, language: str, *, level: int | None = 2) -> tuple[Block, ...]:
    """The overall table, and a table for each source. Expects a report as it may leave the screen."""
    signal = (("signal_group", "text"), ("signal", "text"))
    counts = tuple(
        Column(_column(heading, language), width=1.6 if form == "text" else None, form=form)
        for _, form, heading in COUNTS
    )
    overall = Table(
        words.say("pathways.sources.overall", language),
        (*_columns(signal, language), *counts),
        tuple(
            (
                words.name("signal_group", line.values["group"], language),
                words.name("signal", line.values["name"], language),
                *_counts(line, language),
            )
            for line in report.overall
            if line.values["missing"] is None
        ),
        " ".join(pathway_rows.source_notes(report, language)),
    )
    tables = [
        Table(
            words.say("pathways.sources.of_source", language, source=words.name("source", one.source_system, language)),
            (Column(words.say("column.category", language), width=2), *counts),
            tuple((_category(line, language), *_counts(line, language)) for line in one.lines),
        )
        for one in report.sources
    ]
    return (
        *_heading("sources", level, language),
        Paragraph(words.tell(report.sentence, language)),
        overall,
        *tables,
    )


# --- how it is done ------------------------------------------------------------------------------------------------------------


def _heading(name: str, level: int | None, language: str) -> tuple[Heading, ...]:
    """The heading of a part; none where it stands under the title of an annex of its own (`level` None)."""
    return () if level is None else (Heading(level, _title(name, language)),)


def _title(name: str, language: str) -> str:
    return words.say(f"pathways.section.{name}", language)


def _column(name: str, language: str) -> str:
    """The heading of a column: ours, else that of the ends of a range."""
    key = f"column.way.{name}"
    return words.say(key if words.has(key, language) else f"column.{name}", language)


def _columns(named: tuple[tuple[str, str], ...], language: str) -> tuple[Column, ...]:
    return tuple(Column(_column(name, language), width=WIDTHS.get(name), form=form) for name, form in named)


def _share_table(caption: str, lines: tuple[Line, ...], first: str, language: str, note: str = "") -> Table:
    heading = _column("group_state", language) if first == "group" else words.say(f"column.{first}", language)
    rows = []
    for line in lines:
        row = pathway_rows.share_row(dict(line.values), None, language)
        rows.append((_first(row, first, language), *(row[name] for name, _ in SHARE)))
    return Table(caption, (Column(heading), *_columns(SHARE, language)), tuple(rows), note)


def _first(row: Mapping[str, object], first: str, language: str) -> str:
    if first == "group":
        return words.name("at_deadline", row["group"], language)
    blank = {"area": "pathways.link.rest", "category": "brief.category_unknown"}[first]
    return str(row[first]) if row[first] else words.say(blank, language)


def _category(line: Line, language: str) -> str:
    named = pathway_rows.source_row(line, language)["category"]
    return str(named) if named else words.say("brief.category_unknown", language)


def _counts(line: Line, language: str) -> tuple:
    row = pathway_rows.source_row(line, language)
    return tuple(row[name] for name, _, _ in COUNTS)


def _every(curve: tuple[tuple[int, float], ...], days: int, step: int) -> list[tuple[int, float]]:
    """A curve read off every so many days."""
    found, last = [], 0.0
    by_day = dict(curve)
    for day in range(days + 1):
        last = by_day.get(day, last)
        if day % step == 0:
            found.append((day, last))
    return found
