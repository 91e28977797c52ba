"""Petition trends on paper: what happened and why, from the same answer as the page, with small cells hidden; and its charts as pictures."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from analytics import periods
from analytics.briefs import for_export
from analytics.briefs.wording import around_the_headline
from analytics.figures import Line
from analytics.petitions import PetitionTrends
from pages.paper.daily_parts import figures_table, told_lines
from pages.paper.document import (
    Annex,
    Bars,
    Block,
    Bullets,
    Change,
    Chart,
    Column,
    Document,
    Heading,
    Lines,
    Paragraph,
    Table,
)
from pages.ui import cards, words

RATES = ("accepted_in_time", "on_time", "answered", "satisfied")
SHOWN_CHANGES = 10
PERIODS_ON_CHART = 24
WIDTHS = {
    "part": 1.8,
    "limits": 1.4,
    "state": 1.2,
    "vs_previous": 1.9,
    "vs_year": 1.9,
}  # of the columns of a table of parts


def petitions_document(trends: PetitionTrends, language: str) -> Document:
    """The trends as they may leave the unit's screen."""
    fit = for_export(trends)
    if fit.is_empty:
        blocks: list[Block] = [Paragraph(words.tell(one, language)) for one in fit.notices]
    else:
        blocks = [*_overview(fit, language), *_parts(fit, language), *_answers(fit, language), *_places(fit, language)]
        blocks += [*_others(fit, language), Annex(_said("annex", language)), *_annex(fit, language)]
    where = words.where(fit, language)
    narrowed = [
        words.name("kind", fit.kind or "all", language),
        fit.category_name and words.subject(fit.category_name, language),
    ]
    narrowed += [
        f"{words.name('property', name, language)} {words.name(name, value, language)}" for name, value in fit.having
    ]
    return Document(
        title=_said("title", language),
        subtitle=words.period(fit.period.first, fit.unit, language),
        head=(" · ".join([where, *(one for one in narrowed if one)]) + f"\t{words.full_day(fit.day, language)}",),
        blocks=tuple(blocks),
        foot=(
            words.say("page.petition_trends.footer", language, day=fit.day, version=fit.version, read_at=fit.read_at),
            _said("note_hidden", language),
        ),
        language=language,
        kind=fit.kind_of_brief,
        name=f"petitions-{fit.day:%Y%m%d}" + (f"-{fit.area_code}" if fit.area_code else ""),
        as_of=fit.day,
    )


def picture(trends: PetitionTrends, language: str, form: str) -> bytes:
    """The chart of counts over their expected range as a picture for a newsletter; `form` is png or svg."""
    from pages.paper import drawing  # matplotlib is slow to load: only when a picture is asked for

    chart = series_chart(for_export(trends), language)
    return drawing.png(chart, language) if form == "png" else drawing.svg(chart, language).encode()


def _said(key: str, language: str, **values: object) -> str:
    return words.say(f"paper.petitions.{key}", language, **values)


def _page(key: str, language: str, **values: object) -> str:
    return words.say(f"page.petition_trends.{key}", language, **values)


# --- sections ----------------------------------------------------------------------------------------------------------------


def _overview(trends: PetitionTrends, language: str) -> list[Block]:
    said = [words.tell(one, language) for one in trends.headline]
    first, rest = around_the_headline(trends.notices)
    return [
        *told_lines(first, language, "notice"),
        Heading(1, _said("overview", language)),
        *([Bullets(tuple(said))] if said else []),
        figures_table(trends.volume, language, _said("overview", language)),
        *told_lines(rest, language),
        series_chart(trends, language),
    ]


def series_chart(trends: PetitionTrends, language: str) -> Chart:
    """Counts by period over their expected range; what lies outside it, or is unfinished, is named."""
    rows = trends.series.tail(PERIODS_ON_CHART)
    judged = bool(rows["upper"].notna().any())
    ends = {name: _numbers(rows[name]) if judged else () for name in ("lower", "upper")}
    spec = Bars(
        labels=tuple(_label(day, trends.unit) for day in rows["first"]),
        values=_numbers(rows["matters"]),
        marks=tuple(_mark(row, trends.unit, language) for row in rows.itertuples()),
        title=_page("section.series", language),
        value_title=words.say("chart.observed", language),
        **ends,
    )
    return Chart("series", _page("alt.series", language), spec)


def _label(first: object, unit: str) -> str:
    return f"{first:%Y-%m}" if unit == "month" else f"{first:%m-%d}"


def _mark(row: object, unit: str, language: str) -> str:
    if not row.complete:
        return partly(row._asdict(), unit, language)
    return (
        words.say(f"figure.state.{row.state}", language)
        if row.state in ("above", "below") and pd.notna(row.matters)
        else ""
    )


def _parts(trends: PetitionTrends, language: str) -> list[Block]:
    lines = [
        line for line in trends.categories if line.values["matters"] is not None and line.values["previous"] is not None
    ]
    moved = sorted(lines, key=lambda line: -abs(line.values["matters"] - line.values["previous"]))[:SHOWN_CHANGES]
    moved.sort(key=lambda line: line.values["previous"] - line.values["matters"])
    spec = Change(
        labels=tuple(_subject(line, trends, language) for line in moved),
        values=tuple(line.values["matters"] - line.values["previous"] for line in moved),
        title=_page("section.causes", language),
    )
    titles = [_subject(line, trends, language) for line in trends.categories]
    blocks: list[Block] = [Heading(1, _said("parts", language))]
    if moved:
        blocks.append(Chart("causes", _page("alt.causes", language), spec))
    blocks.append(_parts_table(trends.categories, titles, words.say("frame.category", language), language))
    for name, found in trends.parts.items():
        property_name = words.name("property", name, language)
        blank = words.say("behind.having.blank", language, property=property_name)
        named = [words.name(name, line.values["code"], language) if line.values["code"] else blank for line in found]
        blocks.append(_parts_table(found, named, property_name, language))
    return blocks


def _subject(line: Line, trends: PetitionTrends, language: str) -> str:
    if line.values["name"]:
        return words.subject(line.values["name"], language)
    rest = "hidden" if line.selection is None else "rest" if trends.category_code else "unknown"
    return words.name("petition_rest", f"category_{rest}", language)


def _parts_table(lines: Sequence[Line], titles: Sequence[str], caption: str, language: str) -> Table:
    forms = {
        "part": "text",
        "matters": "count",
        "share_pct": "pct",
        "previous": "count",
        "vs_previous": "text",
        "year_before": "count",
        "vs_year": "text",
    }
    rows = [
        (
            title, line.values["matters"], line.values["share_pct"], line.values["previous"], _moved(line, "vs_previous", language),
            line.values["year_before"], _moved(line, "vs_year", language),
        )
        for title, line in zip(titles, lines, strict=True)
    ]  # fmt: skip
    return Table(
        caption,
        tuple(Column(_heading(name, language), form=form, width=WIDTHS.get(name)) for name, form in forms.items()),
        tuple(rows),
    )


def _moved(line: Line, name: str, language: str) -> str | None:
    """How far a part moved; not said where a count it rests on is hidden."""
    base = {"vs_previous": "previous", "vs_year": "year_before"}[name]
    if line.values[name] is None or line.values["matters"] is None or line.values[base] is None:
        return None
    return cards.moved(line.values[name], language)


def _heading(name: str, language: str) -> str:
    key = f"column.petitions.{name}"
    return words.say(key if words.has(key, language) else f"column.{name}", language)


def _answers(trends: PetitionTrends, language: str) -> list[Block]:
    blocks: list[Block] = [
        Heading(1, _said("rates", language)),
        figures_table(trends.rates, language, _said("rates", language)),
    ]
    rows = trends.rate_series.tail(PERIODS_ON_CHART)
    known = [name for name in RATES if len(rows) and rows[name].notna().any()]
    if known:
        spec = Lines(
            labels=tuple(_label(day, trends.unit) for day in rows["first"]),
            series=tuple((words.say(f"figure.name.{name}", language), _numbers(rows[name])) for name in known),
            title=_page("section.rates", language),
            value_title="%",
        )
        blocks.append(Chart("rates", _page("alt.rates", language), spec))
    return blocks


def _places(trends: PetitionTrends, language: str) -> list[Block]:
    if not trends.places:
        return []
    forms = {
        "part": "text",
        "matters": "count",
        "households": "count",
        "per_10k": "decimal",
        "limits": "text",
        "state": "text",
        "vs_previous": "text",
        "vs_year": "text",
    }
    rows = []
    for line in trends.places:
        values = line.values
        name = values["area"] or words.name("petition_rest", values["level"], language)
        rows.append(
            (
                name, values["matters"], values["households"], values["per_10k"], _limits(values, language),
                words.say(f"figure.state.{values['state']}", language) if values["matters"] is not None else None,
                _moved(line, "vs_previous", language), _moved(line, "vs_year", language),
            )
        )  # fmt: skip
    columns = tuple(Column(_heading(name, language), form=form, width=WIDTHS.get(name)) for name, form in forms.items())
    return [
        Heading(1, _said("places", language)),
        Table(_said("places", language), columns, tuple(rows), _said("place_note", language)),
    ]


def _limits(values: Mapping[str, object], language: str) -> str | None:
    if pd.isna(values["upper"]):
        return None
    low, high = (words.number(values[name], language, 1) for name in ("lower", "upper"))
    return f"{low}～{high}" if language == "zh" else f"{low}–{high}"


def _others(trends: PetitionTrends, language: str) -> list[Block]:
    blocks: list[Block] = [Heading(1, _said("others", language))]
    blocks.append(figures_table(trends.properties, language, _page("section.properties", language)))
    if trends.reviews:
        names = ("stage", "requested", "decided", "in_time", "in_time_pct")
        columns = tuple(
            Column(_heading(name, language), form=form)
            for name, form in zip(names, ("text", "count", "count", "count", "pct"), strict=True)
        )
        rows = tuple(
            (words.name("review_stage", line.values["stage"], language), *(line.values[name] for name in names[1:]))
            for line in trends.reviews
        )
        blocks.append(Table(_page("section.reviews", language), columns, rows))
    return blocks


def _annex(trends: PetitionTrends, language: str) -> list[Block]:
    """Everything by period: counts over their range, and how long acceptance and closing take; the patterns of year, week and festival; notes."""
    forms = {"matters": "count", "lower": "count", "upper": "count", "filings": "count", "batches": "count", "person_times": "count", "repeat": "count",
             "collective": "count", "diverted": "count"}  # fmt: skip
    rows = trends.series
    columns = (
        Column(_heading("period", language)),
        *(Column(_heading({"filings": "pieces"}.get(name, name), language), form=form) for name, form in forms.items()),
    )
    counts = Table(
        _said("series_table", language),
        columns,
        tuple((_period(row, trends, language), *(row[name] for name in forms)) for _, row in rows.iterrows()),
    )
    further = [*_patterns(trends, language), *_notes(trends, language)]
    waiting, names = trends.waiting, ("accept_median", "accept_p90", "close_median", "close_p90")
    if not any(waiting[name].notna().any() for name in names if name in waiting):
        return [counts, *further]
    times = Table(
        _page("section.waiting", language),
        (Column(_heading("period", language)), *(Column(_heading(name, language), form="count") for name in names)),
        tuple((_period(row, trends, language), *(row[name] for name in names)) for _, row in waiting.iterrows()),
    )
    return [counts, times, *further]


def _patterns(trends: PetitionTrends, language: str) -> list[Block]:
    """The year by months, the week by days, the weeks around the lunar new year; nothing of a place below a street."""
    if trends.is_below_street:
        return []
    months = [words.say(f"petitions.month.{month}", language) for month in trends.months.get("month", ())]
    weekdays = [words.weekday(date(2024, 1, int(day)), language) for day in trends.weekdays.get("weekday", ())]
    found = [
        _pattern("months", "month", "index", months, trends.months, language),
        _pattern("weekdays", "weekday", "mean", weekdays, trends.weekdays, language),
    ]
    rows = trends.festival
    if len(rows):
        years = [name for name in rows if name != "week"][::-1]
        columns = (
            Column(_heading("week", language), width=2),
            *(Column(str(year), width=2, form="count") for year in years),
        )
        weeks = tuple(
            (week_title(int(row["week"]), language), *(row[year] for year in years)) for _, row in rows.iterrows()
        )
        found.append(Table(_page("alt.festival", language), columns, weeks, _page("lead.festival", language)))
    return [table for table in found if table.rows]


def _pattern(alt: str, name: str, value: str, titles: Sequence[str], rows: pd.DataFrame, language: str) -> Table:
    columns = (
        Column(_heading(name, language), width=2),
        Column(_heading(value, language), width=2, form="decimal"),
        Column(_heading("interval", language), width=2),
    )
    cells = tuple(
        (title, row[value], _limits(row, language)) for title, row in zip(titles, rows.to_dict("records"), strict=True)
    )
    return Table(_page(f"alt.{alt}", language), columns, cells)


def week_title(week: int, language: str) -> str:
    """A week counted from the lunar new year, in words."""
    if week == 0:
        return words.say("chart.week_of", language)
    return words.say("chart.week_before" if week < 0 else "chart.week_after", language, count=abs(week))


def _notes(trends: PetitionTrends, language: str) -> list[Block]:
    """Events and festivals of the time shown, the latest first."""
    widths = {"days_range": 2, "note_kind": 1, "note": 3}
    rows = tuple(tuple(row[name] for name in widths) for row in note_rows(trends, language))
    columns = tuple(Column(_heading(name, language), width=wide) for name, wide in widths.items())
    return [Table(_page("section.notes", language), columns, rows)] if rows else []


def note_rows(trends: PetitionTrends, language: str) -> list[dict[str, str]]:
    """Event notes and festivals as rows, the latest first: days_range, note_kind, note."""
    return [
        {
            "days_range": words.day_range(note.first_on, note.last_on, language),
            "note_kind": words.name("noted", note.kind, language),
            "note": words.name("festival", note.text, language) if note.kind == "festival" else note.text,
        }
        for note in trends.notes.iloc[::-1].itertuples()
    ]


def _period(row: pd.Series, trends: PetitionTrends, language: str) -> str:
    said = words.period(row["first"], trends.unit, language, "short")
    return said if row["complete"] else f"{said} {partly(row, trends.unit, language)}"


def partly(row: Mapping[str, object], unit: str, language: str) -> str:
    """From or up to which day the records of a period go that is not whole."""
    if periods.period_of(unit, row["first"]).first < row["first"]:
        return words.say("chart.since", language, first=row["first"])
    return words.say("chart.until", language, last=row["last"])


def _numbers(values: pd.Series) -> tuple[float | None, ...]:
    return tuple(None if pd.isna(one) else float(one) for one in values)
