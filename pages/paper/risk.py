"""The risk outlook on paper: what is likely to pass its line, why, and what would bring it down, from the same answer as the page."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analytics.outlook.answer import RiskItem, RiskNode, RiskOutlook
from analytics.outlook.course import Course
from analytics.outlook.disclosure import as_it_leaves
from pages.paper.document import Annex, Block, Bullets, Chart, Column, Document, Heading, Lines, Paragraph, Table, clean
from pages.ui import risk_calendar, risk_detail, risk_map, risk_work, tables, words
from pages.ui.links import Chosen
from pages.ui.risk_parts import NUMERIC_FORMS, column, name_of, named, say, tell
from pages.ui.risk_series import complete, record_said

PAST = 18  # periods before the forecast on the chart
LISTED = 15  # lines of a list on paper; the page has them all
_WIDE = {"cell": 1.8, "why": 4.0, "do": 2.4, "meaning": 2.4, "place": 1.4, "part": 1.6, "value": 1.6}


def risk_document(found: RiskOutlook, language: str, course: tuple[RiskNode, Course] | None = None) -> Document:
    """The outlook as it may leave the screen; `course` is the series of the chart on the page, with what it is of."""
    fit = as_it_leaves(found)
    chosen = Chosen(fit.day, fit.area_code, fit.kind, language)
    if fit.run is None:
        lines = [say("none.forecast", chosen), say("none.forecast_how", chosen)]
        if fit.first_day is not None:
            lines = [say("none.forecast_that_day", chosen, day=fit.day), say("none.begins", chosen, day=fit.first_day)]
        blocks: list[Block] = [Paragraph(line) for line in lines]
    else:
        blocks = [*_overview(fit, course, chosen), *_listed(fit, chosen), *_work(fit, chosen), *_calendar(fit, chosen)]
        blocks += [*_trusted(fit, chosen), Annex(say("table.map", chosen)), *_annex(fit, chosen)]
    where = words.where(fit, language)
    return clean(
        Document(
            title=say("title", chosen),
            head=(f"{where} · {words.name('kind', fit.kind or 'all', language)}\t{words.full_day(fit.day, language)}",),
            blocks=tuple(blocks),
            foot=_foot(fit, chosen),
            language=language,
            kind="risk",
            name=f"risk-outlook-{fit.day:%Y%m%d}" + (f"-{fit.area_code}" if fit.area_code else ""),
            as_of=fit.day,
            layout="compact",
        )
    )


def _foot(fit: RiskOutlook, chosen: Chosen) -> tuple[str, ...]:
    internal = words.say("page.signals.internal", chosen.language)
    if fit.run is None:
        return (internal,)
    run = fit.run
    values = {"day": run.as_of, "through": run.judged_through, "at": run.ran_at, "version": run.version}
    return (say("footer", chosen, **values), internal)


# --- sections --------------------------------------------------------------------------------------------------------------------


def _overview(fit: RiskOutlook, course: tuple[RiskNode, Course] | None, chosen: Chosen) -> list[Block]:
    said = [tell(one, chosen.language) for one in fit.headline] or [say("none.headline", chosen)]
    loud = []
    if fit.run.failure is not None:
        loud.append(tell(fit.run.failure, chosen.language))
    elif fit.run.is_earlier:
        loud.append(say("loud.earlier", chosen, day=fit.run.as_of))
    blocks: list[Block] = [*(Paragraph(one, "notice") for one in loud), Bullets(tuple(said))]
    blocks += [Paragraph(tell(one, chosen.language)) for one in fit.notices]
    if course is not None and not course[1].ahead.empty:
        blocks += [*_course(*course, chosen)]
    return blocks


def _course(node: RiskNode, course: Course, chosen: Chosen) -> list[Block]:
    """The past and the forecast with its range of 80 %, and how good such forecasts were."""
    past, ahead = complete(course.past).tail(PAST), course.ahead
    before, after = [None] * len(past), [None] * len(ahead)
    labels = [
        words.period(pd.Timestamp(day).date(), course.unit, chosen.language, "short")
        for day in [*past["on"], *ahead["on"]]
    ]
    spec = Lines(
        labels=tuple(labels),
        series=(
            (say("chart.middle", chosen), (*before, *ahead["q500"])),
            (say("chart.observed", chosen), (*past["observed"], *after)),
            (say("chart.naive", chosen), (*before, *ahead["n500"])),
        ),
        lower=(*before, *ahead["q100"]),
        upper=(*before, *ahead["q900"]),
        title=name_of(node, chosen.language),
    )
    return [
        Chart("course", say("alt.course", chosen), spec, say("section.course", chosen)),
        Paragraph(record_said(course, chosen)),
    ]


def _listed(fit: RiskOutlook, chosen: Chosen) -> list[Block]:
    """The ranked list with its reasons, the heat map, what changed, what would help."""
    said = chosen.language
    rows = [
        risk_map.cell_row(item, chosen) | {"cell": name_of(item.node, said), "why": _why(item, said)}
        for item in fit.ranked
    ]
    columns = (
        column("cell"),
        *(one for one in risk_map.cell_columns(chosen) if one.key in ("level_code", "points", "line_value", "chance")),
        column("why"),
    )
    blocks: list[Block] = [
        Heading(1, say("section.list", chosen)),
        paper_table(say("section.list", chosen), rows, columns, chosen),
    ]
    blocks += [_heat(fit, chosen), Heading(1, say("section.changes", chosen)), *_changes(fit, chosen)]
    done = [
        f"{name_of(item.node, said)}：{tell(item.actions[0].said, said)}" if said == "zh"
        else f"{name_of(item.node, said)}: {tell(item.actions[0].said, said)}"
        for item in fit.ranked
        if item.actions and not item.is_suppressed
    ]  # fmt: skip
    blocks.append(Heading(1, say("section.actions", chosen)))
    blocks.append(Bullets(tuple(done)) if done else Paragraph(say("none.actions", chosen)))
    return blocks


def _why(item: RiskItem, language: str) -> str:
    return words.join([named(one, language) for one in item.said], language) if item.said else words.NOTHING


def _heat(fit: RiskOutlook, chosen: Chosen) -> Table:
    """Areas by categories: level and points in every cell, so that it is read without colour."""
    said = chosen.language
    cells = {(item.node.area_code, item.node.category_code): item for item in fit.items}
    titles = [words.subject(name or words.say("frame.all_categories", said), said) for _, name in fit.categories]
    rows = tuple(
        (node.area, *(_heat_cell(cells.get((node.area_code, code)), chosen) for code, _ in fit.categories))
        for node in fit.areas
    )
    columns = (Column(words.say("column.area", said), width=1.4), *(Column(title, width=1.0) for title in titles))
    rules = fit.rules
    return Table(
        say("section.map", chosen),
        columns,
        rows,
        say("key.paper", chosen, one=rules.level_1, two=rules.level_2, three=rules.level_3),
    )


def _heat_cell(item: RiskItem | None, chosen: Chosen) -> str | None:
    if item is None or item.is_suppressed:
        return None
    if item.level_code is None:
        return say("no_data", chosen)
    numeral = words.name("signal_level", item.level_code, chosen.language)[0]  # the note below says the colours
    return f"{numeral} {words.number(item.points, chosen.language)}"


def _changes(fit: RiskOutlook, chosen: Chosen) -> list[Block]:
    if fit.run.compared_with is None:
        return [Paragraph(say("none.before", chosen))]
    if not fit.changes:
        return [Paragraph(say("none.changes", chosen, day=fit.run.compared_with, points=fit.rules.min_change))]
    return [
        _shortened(say("section.changes", chosen), risk_map.change_rows(fit, chosen), risk_map.change_columns(), chosen)
    ]


def _work(fit: RiskOutlook, chosen: Chosen) -> list[Block]:
    """Backlog and capacity, deadlines, disputes that become petitions, what lies long."""
    case = risk_work.case_of(fit, chosen)
    blocks: list[Block] = [Heading(1, say("section.backlog", chosen))]
    if case is not None and case.flat_a_week is not None:
        blocks.append(Paragraph(risk_work.flat_said(case, chosen)))
    parts = (
        ("backlog", risk_work.backlog_rows(fit, chosen), risk_work.backlog_columns()),
        ("deadlines", [risk_work.deadline_row(one, chosen) for one in risk_work.narrowed(fit.deadlines, chosen)], risk_work.deadline_columns()),
        ("escalation", [risk_work.escalation_row(one, chosen) for one in risk_work.narrowed(fit.escalation, chosen)], risk_work.escalation_columns()),
        ("pending", [risk_work.pending_row(one, chosen) for one in risk_work.narrowed(fit.pending, chosen)], risk_work.pending_columns()),
    )  # fmt: skip
    for name, rows, columns in parts:
        if name != "backlog":
            blocks.append(Heading(1, say(f"section.{name}", chosen)))
        found = (
            _shortened(say(f"section.{name}", chosen), rows, columns, chosen)
            if rows
            else Paragraph(say(f"none.{name}", chosen))
        )
        blocks.append(found)
    return blocks


def _calendar(fit: RiskOutlook, chosen: Chosen) -> list[Block]:
    heading = Heading(1, say("section.calendar", chosen))
    if not fit.rising:
        return [heading, Paragraph(say("none.calendar", chosen))]
    month = risk_calendar.coming_month(fit)
    kept = [one for one in fit.rising if one.is_proven or month in one.months]
    kept.sort(key=lambda one: (month not in one.months, not one.is_proven, one.month))
    rows = [risk_calendar.rising_row(one, chosen) for one in kept[: 2 * LISTED]]
    return [
        heading,
        paper_table(
            say("section.calendar", chosen), rows, risk_calendar.rising_columns(), chosen, say("lead.calendar", chosen)
        ),
    ]


def _trusted(fit: RiskOutlook, chosen: Chosen) -> list[Block]:
    heading = Heading(1, say("section.reliability", chosen))
    if fit.reliability is None:
        return [heading, Paragraph(say("none.reliability", chosen))]
    said = tuple(tell(one, chosen.language) for one in fit.reliability.said)
    rows = [risk_calendar.level_row(line.values, chosen) for line in fit.reliability.rows]
    table = paper_table(
        say("section.reliability", chosen), rows, risk_calendar.level_columns(), chosen, say("lead.reliability", chosen)
    )
    return [heading, *(Paragraph(one) for one in said), table]


def _annex(fit: RiskOutlook, chosen: Chosen) -> list[Block]:
    """All cells, and the parts of each of the ranked ones."""
    rows = [risk_map.cell_row(item, chosen) for item in fit.items]
    parts = [
        {"cell": name_of(item.node, chosen.language)} | row
        for item in fit.ranked
        if item.points is not None and not item.is_suppressed
        for row in risk_detail.part_rows(item, chosen)
    ]
    columns = (column("cell"), *(one for one in risk_detail.part_columns() if one.key != "filled"))
    return [
        paper_table(say("table.map", chosen), rows, risk_map.cell_columns(chosen), chosen),
        paper_table(say("section.parts", chosen), parts, columns, chosen, say("lead.parts", chosen)),
    ]


# --- tables ----------------------------------------------------------------------------------------------------------------------


def paper_table(
    caption: str, rows: Sequence[Mapping[str, object]], columns: Sequence[tables.Column], chosen: Chosen, note: str = ""
) -> Table:
    """Rows of the screen as a table on paper: counts, shares and days stay numbers, the rest is written as it stands on the screen."""
    said = chosen.language
    titles = tuple(
        Column(
            words.say(f"column.{one.heading or one.key}", said),
            form=NUMERIC_FORMS.get(one.form, "text"),
            width=_WIDE.get(one.key),
        )
        for one in columns
    )
    return Table(caption, titles, tuple(tuple(_cell(row, one, said) for one in columns) for row in rows), note)


def _shortened(
    caption: str, rows: Sequence[Mapping[str, object]], columns: Sequence[tables.Column], chosen: Chosen
) -> Table:
    """The first lines of a list; below it how many there are."""
    note = say("first_lines", chosen, shown=LISTED, count=len(rows)) if len(rows) > LISTED else ""
    return paper_table(caption, rows[:LISTED], columns, chosen, note)


def _cell(row: Mapping[str, object], one: tables.Column, language: str) -> object:
    if one.form in NUMERIC_FORMS:
        return row.get(one.key)
    shown = tables.written(row, one, language)
    return None if shown == words.NOTHING else shown
