"""The weekly dispatch on paper, in its customary order: the week, the dispatch table, last week's looked back at, the work, next week."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analytics.briefs import for_export
from analytics.briefs.weekly_answer import WeeklyBrief
from analytics.briefs.wording import around_the_headline
from analytics.figures import Line, Sentence
from pages.paper.daily_parts import figures_table, told_lines
from pages.paper.directives import directives_blocks
from pages.paper.document import (
    Annex,
    Bars,
    Blank,
    Block,
    Bullets,
    Cell,
    Chart,
    Column,
    Document,
    Heading,
    Paragraph,
    Table,
    Words,
    clean,
)
from pages.paper.numbering import mark_of
from pages.paper.outlook import outlook_of
from pages.ui import words as spoken
from pages.ui.warning_words import sentence

if TYPE_CHECKING:
    from analytics.followup import FollowUp

DISPATCH = ("category", "area", "post_level", "unit", "age_weeks", "progress_pct", "next_on", "next_step")
LOOKED_BACK = ("became", "category", "area", "unit", "deadline_on", "closed_week")
RUNGS = ("late_1", "late_8", "late_31", "late_91", "overdue", "oldest_days")
RECEPTIONS = ("reception_kind", "planned", "kept", "held", "batches", "issues", "solved")
ASSESSMENTS = ("unit", "area", "legality", "reasonableness", "feasibility", "controllability", "total", "risk", "days")
PROJECTS = ("name", "unit", "progress_pct", "elapsed_pct", "due_on", "pace")
PROJECT_TITLES = {"name": "project", "due_on": "project_due"}
LADDER_TITLES = {"overdue": "all_late", "oldest_days": "longest"}
COMMITTEES = ("committee", "open", "closed", "settled", "settled_pct")
METHODS = ("resolution_group", "resolution_method", "closed", "settled", "settled_pct")
LISTED, WHOLE = 15, 20  # rows of a table of more than WHOLE in the text; the annex has them all

_FORMS = {
    **dict.fromkeys(("progress_pct", "settled_pct", "elapsed_pct"), "pct"),
    **dict.fromkeys(("next_on", "deadline_on", "closed_week", "due_on", "day"), "day"),
    **dict.fromkeys(
        ("age_weeks", "new", "closed", "open", "overdue", "lower", "upper", "matters", "due", "no"), "count"
    ),
    **dict.fromkeys(("oldest_days", "late_1", "late_8", "late_31", "late_91", "days", "total"), "count"),
    **dict.fromkeys(("legality", "reasonableness", "feasibility", "controllability", "receptions"), "count"),
    **dict.fromkeys(("meetings", "items", "decided", "done", "settled", "planned", "kept", "held"), "count"),
    **dict.fromkeys(("batches", "issues", "solved"), "count"),
}
_CODES = {
    "kind": "kind",
    "post_level": "post_level",
    "next_step": "next_step",
    "became": "became",
    "tier": "tier",
    "risk": "risk",
    "pace": "pace",
    "reception_kind": "reception_kind",
    "resolution_group": "resolution_group",
    "resolution_method": "resolution_method",
}
_BLANK = {"area": "brief.place_unknown", "category": "brief.category_unknown", "unit": "brief.unit_unknown"}
_OWN_TITLES = ("age_weeks", "lower", "upper", "state", "kind")
_USUAL_TITLES = ("closed_week", "open", "overdue")
_WIDTHS = {
    **{"no": 0.5, "category": 1.7, "area": 0.9, "post_level": 0.7, "unit": 2.0, "age_weeks": 0.6, "next_step": 1.0},
    **dict.fromkeys(("next_on", "deadline_on", "closed_week", "due_on", "day"), 1.1),
    **dict.fromkeys(("progress_pct", "settled_pct", "elapsed_pct"), 0.8),
    **{"became": 1.4, "name": 2.0, "events": 3.4, "committee": 3.0, "kind_of_day": 1.2, "line": 1.4, "tier": 1.8},
}


def weekly_document(
    brief: WeeklyBrief,
    language: str,
    follow_up: "FollowUp | None" = None,
    words: Mapping[str, object] | None = None,
    *,
    issuer: str = "",
) -> Document:
    """The brief of a week as it may leave the unit's screen.

    `follow_up` adds what the last brief warned of and the open directives; `words` are people's words by section (`meeting_progress`,
    `next_steps`): a section nobody wrote stays visibly empty. `issuer` is who compiles it.
    """
    fit, people = for_export(brief), words or {}
    year, week, _ = fit.period.first.isocalendar()
    area = spoken.where(fit, language, whole="brief.whole_city")
    kind = spoken.say(f"names.kind.{fit.kind or 'all'}", language)
    span = "span" if fit.period.complete else "span_so_far"
    values = {"year": year, "week": week, "first": fit.period.first, "last": fit.period.last}
    notices = told_lines(around_the_headline(fit.notices, is_empty=fit.is_empty)[0], language, "notice")
    body = (Paragraph(_say("none", language)),) if fit.is_empty else _body(fit, language, follow_up, people)
    return clean(
        Document(
            title=_say("title", language),
            mark=mark_of(follow_up, language),
            head=(f"{_say('where', language, area=area, kind=kind)}\t{_say(span, language, **values)}",),
            blocks=(*notices, *body),
            foot=(
                _say("foot_read", language, read_at=fit.read_at, version=fit.version, day=fit.day),
                _say("small_cells", language),
                *((issuer,) if issuer else ()),
            ),
            language=language,
            kind=fit.kind_of_brief,
            name=_say("file", language, area=area, year=year, week=week),
            as_of=fit.period.last,
        )
    )


def _say(key: str, language: str, **values: object) -> str:
    return spoken.say(f"paper.weekly.{key}", language, **values)


def _body(
    brief: WeeklyBrief, language: str, follow_up: "FollowUp | None", people: Mapping[str, object]
) -> tuple[Block, ...]:
    return (
        *_picture(brief, language, follow_up),
        *_warnings(language, follow_up),
        *_dispatch(brief, language, people),
        *_looked_back(brief, language),
        *_ladder(brief, language),
        *_meetings(brief, language, people),
        *_work(brief, language),
        *_ahead(brief, language, follow_up, people),
        *_annex(brief, language),
    )


# --- the sections --------------------------------------------------------------------------------------------------------------


def _picture(brief: WeeklyBrief, language: str, follow_up: "FollowUp | None") -> list[Block]:
    """What came of the last warnings, the headline as one paragraph, the figures and how to read them, half a year, kinds and places."""
    back = [Paragraph(spoken.tell(one, language)) for one in follow_up.said] if follow_up else []
    told = [spoken.tell(one, language) for one in brief.headline]
    flows = ("new", "lower", "upper", "state")
    blocks: list[Block] = [Heading(1, _say("picture", language)), *back]
    blocks.append(Paragraph(("" if language == "zh" else " ").join(told)))
    blocks.append(figures_table(brief.flows, language, _say("figures", language)))
    blocks += told_lines(around_the_headline(brief.notices)[1], language)
    blocks.append(_chart(brief, language))
    if brief.kinds:
        blocks.append(_table(brief.kinds, ("kind", *flows, "closed", "open", "overdue"), language, "by_kind"))
    if brief.places:
        blocks.append(_table(brief.places, ("area", *flows, "open", "overdue"), language, "by_place"))
    return blocks


def _warnings(language: str, follow_up: "FollowUp | None") -> list[Block]:
    """The warnings that came in the week or still wait for somebody; nothing where none was issued."""
    lines = follow_up.warnings if follow_up else ()
    if not lines:
        return []
    told = tuple(sentence(line, language) for line in lines[:LISTED])
    left = len(lines) - len(told)
    rest = (spoken.say("brief_warnings.more", language, count=left),) if left else ()
    return [Heading(1, spoken.say("brief_warnings.title", language)), Bullets((*told, *rest))]


def _chart(brief: WeeklyBrief, language: str) -> Chart:
    weeks = brief.weeks
    lower, upper = (tuple(_number(one) for one in weeks[name]) for name in ("lower", "upper"))
    values = tuple(_number(one) for one in weeks["new"])
    judged = any(one is not None for one in upper)
    marks = tuple(_mark(*one, language) for one in zip(values, lower, upper, strict=True))
    spec = Bars(
        labels=tuple(f"{day:%m-%d}" for day in weeks["week"]),
        values=values,
        lower=lower if judged else (),
        upper=upper if judged else (),
        marks=marks if judged else (),
        value_title=spoken.say("page.weekly_brief.weeks.observed", language),
    )
    return Chart("weeks", spoken.say("page.weekly_brief.weeks.alt", language), spec, _say("chart", language))


def _number(value: object) -> float | None:
    return None if pd.isna(value) else float(value)


def _mark(value: float | None, lower: float | None, upper: float | None, language: str) -> str:
    if None in (value, lower, upper) or lower <= value <= upper:
        return ""
    return spoken.say(f"page.weekly_brief.weeks.{'above' if value > upper else 'below'}", language)


def _dispatch(brief: WeeklyBrief, language: str, people: Mapping[str, object]) -> list[Block]:
    """The dispatch table, numbered, its first rows; then by functional line."""
    blocks: list[Block] = [Heading(1, _say("dispatch", language))]
    if "dispatch" in brief.missing:
        return [*blocks, Paragraph(spoken.tell_alone(brief.missing["dispatch"], language))]
    if "cases" in brief.missing:
        blocks.append(Paragraph(spoken.tell_alone(brief.missing["cases"], language)))
    if not brief.dispatch:
        return [*blocks, Paragraph(_say("none", language))]
    rows = _numbered(brief.dispatch)
    blocks.append(_table(_first(rows), ("no", *DISPATCH), language, note=_note(rows, language)))
    lines = tuple(_lined(line, language) for line in brief.dispatch_lines)
    if lines:
        names = ("line", "matters", "overdue", "due", "oldest_days")
        blocks.append(_table(lines, names, language, "dispatch_lines", titles={"overdue": "overdue"}))
    return blocks


def _numbered(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(Line({"no": number, **line.values}) for number, line in enumerate(lines, start=1))


def _lined(line: Line, language: str) -> Line:
    """A line of a table by functional line, with its name."""
    return Line({**line.values, "line": spoken.name("line", line.values["line"] or "territorial", language)})


def _first(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """A table whole, or the first rows of a long one."""
    return lines if len(lines) <= WHOLE else lines[:LISTED]


def _more(lines: tuple[Line, ...], language: str) -> str:
    left = len(lines) - len(_first(lines))
    return _say("more", language, count=len(lines), left=left) if left else ""


def _note(matters: tuple[Line, ...], language: str) -> str:
    """Below a table of matters: how many more rows it has, and how many of them are cases that stand for no single matter."""
    apart = sum(line.values["matter_no"] is None for line in matters)
    said = (
        _more(matters, language),
        spoken.say("page.weekly_brief.cases_apart", language, count=apart) if apart else "",
    )
    return ("" if language == "zh" else " ").join(one for one in said if one)


def _looked_back(brief: WeeklyBrief, language: str) -> list[Block]:
    """In numbers first, then one by one."""
    blocks: list[Block] = [Heading(1, _say("looked_back", language))]
    if "looked_back" in brief.missing:
        return [*blocks, Paragraph(spoken.tell_alone(brief.missing["looked_back"], language))]
    if not brief.looked_back_lines:
        return [*blocks, Paragraph(_say("none", language))]
    whole, *became = brief.looked_back
    joint = "，" if language == "zh" else ", "
    parts = [f"{_name(one.name, language)}{_amount(one.value, language)}" for one in (whole, *became)]
    rows = _numbered(brief.looked_back_lines)
    return [
        *blocks,
        Paragraph(joint.join(parts) + ("。" if language == "zh" else ".")),
        _table(_first(rows), ("no", *LOOKED_BACK), language, note=_note(rows, language)),
    ]


def _name(figure: str, language: str) -> str:
    return spoken.say(f"figure.name.{figure}", language)


def _amount(value: object, language: str) -> str:
    written = spoken.number(value, language).replace(",", "")
    return f"{written}{spoken.say('figure.unit.matters', language)}" if language == "zh" else f" {written}"


def _ladder(brief: WeeklyBrief, language: str) -> list[Block]:
    blocks: list[Block] = [Heading(1, _say("ladder", language))]
    if "ladder" in brief.missing:
        return [*blocks, Paragraph(spoken.tell_alone(brief.missing["ladder"], language))]
    if not brief.ladder_units:
        return [*blocks, Paragraph(_say("none", language))]
    lines = tuple(_lined(line, language) for line in brief.ladder_lines)
    blocks.append(_table(lines, ("line", *RUNGS), language, "ladder_lines", titles=LADDER_TITLES))
    units = brief.ladder_units
    return [
        *blocks,
        _table(
            _first(units),
            ("unit", *RUNGS),
            language,
            "ladder_units",
            titles=LADDER_TITLES,
            note=_more(units, language),
        ),
    ]


def _meetings(brief: WeeklyBrief, language: str, people: Mapping[str, object]) -> list[Block]:
    """Tiers, rates, what people wrote of them, committees and ways of resolution."""
    blocks: list[Block] = [Heading(1, _say("meetings", language))]
    names = ("tier", "meetings", "items", "decided", "done", "closed", "settled", "open")
    if "meetings" in brief.missing:
        blocks.append(Paragraph(spoken.tell_alone(brief.missing["meetings"], language)))
    else:
        blocks.append(_table(brief.meetings, names, language))
    if brief.settlement:
        blocks.append(figures_table((brief.stepped_up, *brief.settlement), language, ""))
    blocks.append(_words("meeting_progress", people, language))
    for name, keys in (("committees", COMMITTEES), ("methods", METHODS)):
        blocks += _told(name, brief, keys, language)
    return blocks


def _words(section: str, people: Mapping[str, object], language: str) -> Block:
    """People's words, or the empty field that asks for them."""
    found = people.get(section)
    written = getattr(found, "text", found)
    if not written:
        return Blank(section, spoken.say(f"page.weekly_brief.words.{section}", language))
    post = getattr(found, "post", None)
    return Words(section, str(written), spoken.name("post", post, language) if post else "")


def _work(brief: WeeklyBrief, language: str) -> list[Block]:
    """Assessments, projects and receptions."""
    blocks: list[Block] = [Heading(1, _say("work", language))]
    blocks += _told("assessments", brief, ASSESSMENTS, language)
    blocks += _told("projects", brief, PROJECTS, language, PROJECT_TITLES)
    if brief.reception_plan.value is not None and "receptions" not in brief.missing:
        plan = brief.reception_plan
        counted = {"numerator": plan.numerator, "denominator": plan.denominator}
        blocks.append(Paragraph(_say("plan", language, name=_name(plan.name, language), pct=plan.value, **counted)))
    return [*blocks, *_told("receptions", brief, RECEPTIONS, language)]


def _ahead(
    brief: WeeklyBrief, language: str, follow_up: "FollowUp | None", people: Mapping[str, object]
) -> list[Block]:
    """What the days ahead hold, open directives, and the next steps as people set them."""
    expected = outlook_of(follow_up)
    said = tuple(spoken.tell_alone(one, language) for one in (*brief.ahead_lines, *(expected.said if expected else ())))
    rows = tuple(Line(_day(line.values, language)) for line in brief.ahead)
    names = ("day", "kind_of_day", "due", "receptions", "events")
    titles = {"kind_of_day": "day_kind", "due": "falling_due"}
    return [
        Heading(1, _say("ahead", language)),
        Bullets(said or (_say("none", language),)),
        _table(rows, names, language, titles=titles),
        _words("next_steps", people, language),
        *directives_blocks(follow_up, language),
    ]


def _day(values: Mapping[str, object], language: str) -> dict[str, object]:
    kind = spoken.name("kind_of_day", values["day_kind"], language)
    if values["festival"]:
        kind = spoken.join((kind, spoken.tell(Sentence(f"names.festival.{values['festival']}"), language)), language)
    return {**values, "kind_of_day": kind, "events": spoken.join(values["events"], language)}


def _annex(brief: WeeklyBrief, language: str) -> list[Block]:
    """The long tables, whole, where the text shows only their first rows."""
    tables = (
        (_numbered(brief.dispatch), ("no", *DISPATCH), "annex_dispatch", None),
        (_numbered(brief.looked_back_lines), ("no", *LOOKED_BACK), "annex_looked_back", None),
        (brief.ladder_units, ("unit", *RUNGS), "ladder_units", LADDER_TITLES),
        (brief.committees, COMMITTEES, "committees", None),
        (brief.methods, METHODS, "methods", None),
        (brief.assessments, ASSESSMENTS, "assessments", None),
        (brief.projects, PROJECTS, "projects", PROJECT_TITLES),
    )
    blocks = [
        _table(lines, keys, language, caption, titles=titles)
        for lines, keys, caption, titles in tables
        if len(lines) > WHOLE
    ]
    return [Annex(_say("annex", language)), *blocks] if blocks else []


# --- tables --------------------------------------------------------------------------------------------------------------------


def _told(
    name: str, brief: WeeklyBrief, keys: tuple[str, ...], language: str, titles: Mapping[str, str] | None = None
) -> list[Block]:
    """A captioned table, or in words that there is nothing or that nobody records it."""
    lines = getattr(brief, name)
    if name in brief.missing:
        return [Paragraph(spoken.tell_alone(brief.missing[name], language))]
    if not lines:
        return [Paragraph(spoken.say(f"page.weekly_brief.none.{name}", language))]
    return [_table(_first(lines), keys, language, name, titles=titles, note=_more(lines, language))]


def _table(
    lines: tuple[Line, ...],
    keys: tuple[str, ...],
    language: str,
    caption: str = "",
    *,
    titles: Mapping[str, str] | None = None,
    note: str = "",
) -> Table:
    """Lines as a table with these columns; codes become words, what was hidden stays empty."""
    columns = tuple(
        Column(_title(key, titles or {}, language), width=_WIDTHS.get(key), form=_FORMS.get(key, "text"))
        for key in keys
    )
    rows = tuple(tuple(_cell(key, line.values, language) for key in keys) for line in lines)
    return Table(_say(caption, language) if caption else "", columns, rows, note)


def _title(key: str, titles: Mapping[str, str], language: str) -> str:
    if key in _OWN_TITLES and key not in titles:
        return _say(key, language)
    if key in _USUAL_TITLES and key not in titles:
        return spoken.say(f"column.{key}", language)
    return spoken.say(f"column.week.{titles.get(key, key)}", language)


def _cell(key: str, values: Mapping[str, object], language: str) -> Cell:
    found = values.get(key)
    if key in _CODES:
        return spoken.name(_CODES[key], found, language) if found else None
    if key == "state":
        return spoken.say(f"figure.state.{found}", language) if found else None
    if found is None and key in _BLANK:
        return spoken.say(_BLANK[key], language)
    return found
