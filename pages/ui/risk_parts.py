"""What every part of the risk outlook shares: its words, names of cells, chances and ranges as they are written, and links within the page."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from analytics.figures import Period, Sentence
from analytics.outlook.answer import (
    AHEAD,
    LEVELS,
    LINES,
    BacklogItem,
    LineChance,
    RiskItem,
    RiskNode,
    RiskOutlook,
    Volume,
)
from pages.ui import words
from pages.ui.links import Chosen
from pages.ui.markup import link, section, text
from pages.ui.signals_parts import BADGES
from pages.ui.tables import Column

OWN = ("cell", "ahead", "level", "by", "close", "line")  # what only this page's links say
OfNode = TypeVar("OfNode")  # whatever is said of a place and subject
WEEKS = 4  # ahead that the backlog is told for
UNITS = ("month", "week", "day")
CODES = {"level": "signal_level", "before": "signal_level", "part": "risk_part"}  # values of sentences that are codes
NUMERIC_FORMS = {
    "count": "count",
    "decimal": "decimal",
    "pct": "pct",
    "day": "day",
}  # of a column that stay numbers on paper
NEAR_NOTHING, NEAR_CERTAIN = 0.01, 0.99  # beyond them a chance is not written more exactly


def say(key: str, chosen: Chosen, **values: object) -> str:
    """A sentence of this page."""
    return words.say(f"page.risk_outlook.{key}", chosen.language, **values)


def head_of(name: str, chosen: Chosen, *, level: int = 2) -> str:
    """A section's heading with its lead, where it has one."""
    lead = say(f"lead.{name}", chosen) if words.has(f"page.risk_outlook.lead.{name}", chosen.language) else ""
    return section(say(f"section.{name}", chosen), lead, level)


def column(key: str, form: str = "text", heading: str = "", **more: object) -> Column:
    """A column whose heading stands among this page's own."""
    return Column(key, form, f"risk.{heading or key}", **more)


def plain(chosen: Chosen, **changes: object) -> str:
    """A link within this page that leaves what was opened, keeping the filters."""
    return chosen.query(**{"cell": None} | changes)


def ahead_of(chosen: Chosen) -> str:
    """Whether the coming week or the coming month is asked about."""
    wanted = dict(chosen.own).get("ahead")
    return wanted if wanted in AHEAD else "month"


# --- names -----------------------------------------------------------------------------------------------------------------------


def subject(node: RiskNode, language: str) -> str:
    """What a cell is about: the category, or the kind where it is about all of them."""
    return words.subject(node.category, language) if node.category else words.name("kind", node.kind or "all", language)


def name_of(node: RiskNode, language: str) -> str:
    """Place and subject as one name."""
    return f"{node.area} · {subject(node, language)}"


def badge(code: str | None, language: str) -> str:
    """A level as numeral, word, shape and colour; grey where there is no data."""
    word = words.name("signal_level", code, language) if code else words.say("page.risk_outlook.no_data", language)
    shape = BADGES.get(code or "", "○")
    return (
        f'<span class="xs-level xs-level-{text(code or "none")}"><i aria-hidden="true">{shape}</i>{text(word)}</span>'
    )


def opens_item(node: RiskNode, chosen: Chosen) -> str:
    """The link that opens a cell."""
    return chosen.query(cell=node.key)


def item_link(node: RiskNode, chosen: Chosen) -> str:
    """A cell's name, leading to it."""
    name = name_of(node, chosen.language)
    return link(name, opens_item(node, chosen), say("open", chosen, name=name))


def named(sentence: Sentence, language: str) -> Sentence:
    """A sentence whose codes (levels, parts) are words."""
    values = sentence.values.items()
    said = {place: words.name(CODES[place], one, language) if place in CODES else one for place, one in values}
    return replace(sentence, values=said)


def tell(sentence: Sentence, language: str) -> str:
    """A sentence of the outlook in the reader's language."""
    return words.tell(named(sentence, language), language)


# --- numbers ---------------------------------------------------------------------------------------------------------------------


def chance_said(chance: float | None, language: str) -> str:
    """A probability in percent; what is all but certain is not written more exactly than that.

    >>> [chance_said(one, "en") for one in (0.004, 0.724, 0.998, None)]
    ['<1%', '72%', '>99%', '—']
    """
    if chance is None or chance != chance:
        return words.NOTHING
    if chance < NEAR_NOTHING:
        return "<1%"
    return ">99%" if chance > NEAR_CERTAIN else words.pct(100 * chance, language, 0)


def range_said(low: float | None, high: float | None, language: str, decimals: int = 0) -> str:
    """A range, both ends included.

    >>> range_said(4, 19, "en")
    '4–19'
    """
    if low is None or high is None:
        return words.NOTHING
    joint = "～" if language == "zh" else "–"
    return f"{words.number(low, language, decimals)}{joint}{words.number(high, language, decimals)}"


def part_value(value: float | None, unit: str, language: str) -> str:
    """The raw value of a part: a probability or share in percent, a ratio as so many times.

    >>> part_value(0.31, "share", "en"), part_value(2.31, "ratio", "en")
    ('31%', '2.3×')
    """
    if value is None or value != value:
        return words.NOTHING
    if unit == "ratio":
        return words.say("page.risk_outlook.times", language, value=words.number(value, language, 1))
    return chance_said(value, language) if unit == "probability" else words.pct(100 * value, language, 0)


# --- looking things up in the answer ----------------------------------------------------------------------------------------------


def volume_of(item: RiskItem, ahead: str) -> Volume | None:
    """The forecast of the coming week or month."""
    return next((one for one in item.volumes if one.ahead == ahead), None)


def asked_line(chosen: Chosen) -> str:
    """Which line is asked about: the usual limit unless the link names another."""
    wanted = dict(chosen.own).get("line")
    return wanted if wanted in LINES else LINES[0]


def line_of(volume: Volume | None, name: str) -> LineChance | None:
    """The line of that name; None where it cannot be drawn."""
    return next((one for one in volume.lines if one.line == name and one.chance is not None), None) if volume else None


def in_weeks(item: BacklogItem) -> pd.Series | None:
    """What will be open in four weeks; None where that is not known."""
    return None if len(item.path) < WEEKS else item.path.iloc[WEEKS - 1]


def widest(found: RiskOutlook) -> RiskNode | None:
    """The place that all others shown lie in: of what is forecast, or where nothing is, of the matters at hand."""
    nodes = found.areas or [one.node for one in (*found.deadlines, *found.pending) if one.node.category_code is None]
    return max(nodes, key=lambda node: LEVELS.index(node.level), default=None)


def of_node(items: Iterable[OfNode], area_code: str, category_code: str | None) -> OfNode | None:
    """What an answer says of one area and category."""
    return next(
        (one for one in items if (one.node.area_code, one.node.category_code) == (area_code, category_code)), None
    )


def period_said(period: Period, ahead: str, language: str) -> str:
    """The coming week or month by its name."""
    return words.period(period.first, ahead, language)


def line_name(name: str, language: str) -> str:
    """A line as it stands alone.

    >>> line_name("usual", "en")
    'Usual limit'
    """
    said = words.name("risk_line", name, language)
    return said[:1].upper() + said[1:]


def ways_line(chosen: Chosen) -> list[tuple[str, str, bool]]:
    """The links between the lines that may be passed."""
    current = asked_line(chosen)
    return [(chosen.query(line=one), line_name(one, chosen.language), one == current) for one in LINES]


def ways_ahead(chosen: Chosen) -> list[tuple[str, str, bool]]:
    """The links between the coming month and the coming week."""
    current = ahead_of(chosen)
    return [(chosen.query(ahead=one), say(f"ahead.{one}", chosen), one == current) for one in reversed(AHEAD)]
