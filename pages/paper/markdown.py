"""The daily brief as text, in the customary order of the 《平安稳定信息专报》."""

from analytics.briefs import DailyBrief, Line, for_export
from analytics.figures import Figure
from pages.ui import words

LISTED = 12  # rows of a table on paper; the page has them all


def daily_text(brief: DailyBrief, language: str) -> str:
    """The brief of a day in Markdown, as it may leave the unit's screen."""
    fit = for_export(brief)
    say = _Speaker(language)
    parts = [
        f"# {say('title')}",
        say("line", day=fit.day, area=fit.area_name or words.say("brief.whole_city", language)),
    ]
    parts += [f"> **{words.tell(notice, language)}**" for notice in fit.notices]
    parts += [f"## {say('today')}", *(f"- {words.tell(line, language)}" for line in fit.headline)]
    parts += [
        _figures(fit.flows, language),
        _table("kinds", fit.kinds, ("kind", "new", "closed", "open", "overdue"), say),
    ]
    sections = (
        ("major", fit.major, ("category", "area", "matters", "people", "collective")),
        ("units", fit.deadlines_by_unit, ("unit", "overdue", "due_on_day", "due_soon", "oldest_days")),
        ("leader_cases", fit.leader_cases, ("area", "category", "post_level", "unit", "progress_pct", "due_on")),
        ("coordination", fit.coordination_lines, ("reason", "matter_no", "area", "category", "unit", "age_weeks")),
    )
    for name, lines, columns in sections:
        parts += [f"## {say(name)}", _missing(fit, name, language) or _table(name, lines, columns, say)]
    parts += [f"## {say('tomorrow')}", *(f"- {words.tell(line, language)}" for line in fit.tomorrow)]
    parts += [f"## {say('rates')}", _figures(fit.rates, language)]
    parts += [
        f"## {say('places')}",
        _table("places", fit.places, ("area", "new", "lower", "upper", "open", "overdue"), say),
        f"## {say('sources')}",
        _table(
            "sources",
            fit.sources,
            ("source_system", "last_registered_on", "new", "lower", "upper", "with_area_pct"),
            say,
        ),
        say("footer", read_at=fit.read_at, version=fit.version),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


class _Speaker:
    """The words of this paper in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        return words.say(f"paper.daily.{key}", self.language, **values)


def _figures(figures: tuple[Figure, ...], language: str) -> str:
    say = _Speaker(language)
    rows = [f"| {say('figure')} | {say('value')} | {say('basis')} | {say('period')} |", "|---|---:|---|---|"]
    for figure in figures:
        period = words.day_range(figure.period.first, figure.period.last, language)
        rows.append(
            f"| {say(f'figures.{figure.name}')} | {_value(figure, language)} | {_basis(figure, language)} | {period} |"
        )
    return "\n".join(rows)


def _missing(brief: DailyBrief, section: str, language: str) -> str | None:
    """Why a section cannot be filled, where that is known: no deadlines is another thing than nothing due."""
    why = brief.deadlines[0].missing if section == "units" else None
    return words.tell(why, language) if why else None


def _value(figure: Figure, language: str) -> str:
    if figure.value is None:
        return words.NOTHING
    if figure.unit == "pct":
        return words.pct(figure.value, language)
    return words.number(figure.value, language)


def _basis(figure: Figure, language: str) -> str:
    if figure.missing is not None:
        return words.tell(figure.missing, language)
    say = _Speaker(language)
    if figure.expected is not None:
        return say(
            "expected", lower=figure.expected.lower, upper=figure.expected.upper, state=say(f"state.{figure.state}")
        )
    if figure.interval is not None:
        low, high = figure.interval
        return say("rate_basis", numerator=figure.numerator, denominator=figure.denominator, low=low, high=high)
    if figure.denominator is not None:
        return say("closing_basis", numerator=figure.numerator, denominator=figure.denominator)
    return ""


def _table(name: str, lines: tuple[Line, ...], columns: tuple[str, ...], say: _Speaker) -> str:
    if not lines:
        return say("nothing")
    rows = ["| " + " | ".join(say(f"columns.{column}") for column in columns) + " |"]
    rows.append("|" + "|".join("---" for _ in columns) + "|")
    for line in lines[:LISTED]:
        rows.append("| " + " | ".join(_cell(column, line.values.get(column), say) for column in columns) + " |")
    if len(lines) > LISTED:
        rows.append("\n" + say("more", count=len(lines) - LISTED))
    return "\n".join(rows)


def _cell(column: str, value: object, say: _Speaker) -> str:
    if column in ("kind", "post_level"):
        return words.name(column, value, say.language)
    if column == "source_system":
        return words.name("source", value, say.language)
    if column == "reason":
        return say(f"figures.{value}")
    if column.endswith("_pct"):
        return words.pct(value, say.language, 0)
    if column.endswith("_on"):
        return words.day(value, say.language, "iso")
    if isinstance(value, str):
        return value.replace("|", "\\|")
    return words.number(value, say.language)
