"""How the risk outlook is said: sentences with keys under `risk.` and the values that fill them.

Numbers are whole unless said; `…_pct` are whole percents; `level` is I … IV; `count` chooses the singular; `category` may be missing (all).

headline.none {cells} – no cell reaches level III · headline.worst {count, level, area, category} – so many cells at that level,
the gravest · headline.worst_all {count, level, area} – the same, where the gravest is all matters of a place · headline.deadline
{expected, low, high} – so many open matters are expected to miss their deadline · headline.backlog {now, then, low, high, weeks}

notice.filling {day} – judged through that day · notice.calendar {day} – the calendar is known until then, after it five of seven days count as
working days · notice.no_reliability – levels cannot be checked against past months yet · notice.no_comparison – no night a week before is kept ·
notice.no_closings – the sources do not write down when matters were closed, so nothing is said of deadlines, backlog and capacity

line.usual_week {pct, count} · line.usual_month {pct, count} – the percentile of so many complete periods · line.last_year_calendar {first, last} ·
line.last_year_jan_feb_mean {first, last} – their daily mean · line.last_year_lunar_aligned {first, last} – as far from the Spring Festival ·
line.capacity {weeks, pct} – what was closed in the weeks before, scaled to the period

missing.usual · missing.last_year · missing.capacity – why a line cannot be drawn (too few periods, none a year ago, no forecast or closings) ·
missing.deadline – nothing open with a deadline · missing.escalation {needed} – fewer disputes · missing.pending – nothing open

said.usual {chance_pct, value} · said.last_year {chance_pct, value} · said.capacity {chance_pct, value} – probability to pass the line ·
said.deadline {share_pct, count} – share of `count` open matters with a deadline that are or will be overdue · said.escalation {times} – one decimal
· said.pending {more} – so many more long pending in four weeks, one decimal

action.close_due {count, days, expected} · action.close_overdue {count} · action.close_pending {count, days} · action.settle_disputes {count} ·
action.add_closings {count} – more closings a week

change.up {before, level, points, part} · change.down {…} · change.points {points, part} – `part` is the one that moved most; points with a sign

rising.risen {risen, count, pct} – in `risen` of `count` years above the average, by pct · rising.called {hits, count, base_pct} – the other years
called it `count` times, it came `hits` times; any month rises in base_pct · rising.uncalled – the other years would not have called it

reliability.ordered {months} · reliability.unordered {months} – whether the share passed rises with the level, as far as levels were given

few – numbers too small to be shown
"""

from collections.abc import Mapping

from analytics.figures import Sentence
from analytics.outlook.answer import LEVEL_CODES, Part, RiskItem

FEW = Sentence("risk.few")
PREFIX = "risk."
MOST_SAID = 3


def pct(share: float) -> int:
    """A share as a whole percent, never 0 or 100 unless it is.

    >>> pct(0.004), pct(0.996), pct(0.0)
    (1, 99, 0)
    """
    if share <= 0 or share >= 1:
        return 0 if share <= 0 else 100
    return min(max(round(100 * share), 1), 99)


def part_said(part: Part, values: Mapping[str, float]) -> Sentence:
    """One part in words; `values` are the lines by name."""
    if part.name in values:
        said = {"chance_pct": pct(part.value), "value": round(values[part.name])}
    elif part.name == "deadline":
        said = {"share_pct": pct(part.numerator / part.denominator), "count": part.denominator}
    elif part.name == "escalation":
        said = {"times": round(part.value, 1)}
    else:
        said = {"more": round(part.numerator or 0.0, 1)}
    return Sentence(f"{PREFIX}said.{part.name}", said, part.selection)


def item_said(parts: tuple[Part, ...], values: Mapping[str, float]) -> tuple[Sentence, ...]:
    """The parts that give most, in order."""
    given = sorted((part for part in parts if part.points > 0), key=lambda part: -part.points)
    return tuple(part_said(part, values) for part in given[:MOST_SAID])


def headline(
    items: tuple[RiskItem, ...], missing: Mapping[str, float] | None, backlog: Mapping[str, object] | None
) -> tuple[Sentence, ...]:
    """How many cells are grave and the gravest, how many deadlines will be missed, where the backlog goes."""
    grave = [item for item in items if item.level_code in LEVEL_CODES[:3]]
    said = []
    if grave:
        worst = min(grave, key=lambda item: (LEVEL_CODES.index(item.level_code), -(item.points or 0)))
        alike = sum(item.level_code == worst.level_code for item in grave)
        values = {"count": alike, "level": worst.level_code, "area": worst.node.area}
        if worst.node.category:
            said.append(Sentence(f"{PREFIX}headline.worst", values | {"category": worst.node.category}))
        else:
            said.append(Sentence(f"{PREFIX}headline.worst_all", values))
    elif any(item.level_code for item in items):
        said.append(Sentence(f"{PREFIX}headline.none", {"cells": sum(item.level_code is not None for item in items)}))
    if missing:
        said.append(Sentence(f"{PREFIX}headline.deadline", dict(missing)))
    if backlog:
        said.append(Sentence(f"{PREFIX}headline.backlog", dict(backlog)))
    return tuple(said)
