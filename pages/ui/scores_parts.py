"""What every part of the scorecard pages shares: words, periods, names of groups, bands, scores with their intervals, links within the page."""

from collections.abc import Iterable, Sequence

import streamlit as st

from analytics.figures import Period, Sentence
from analytics.scorecards import CardLine, ScoreCard, Scorecards, period_from
from analytics.scores import windows
from data.errors import Refused
from pages.ui import load, words
from pages.ui.links import Chosen
from pages.ui.load.scores import MONTHS, Asked, span_of
from pages.ui.markup import link, notice, section, text
from pages.ui.signals_parts import parts_nav
from pages.ui.tables import Column

BANDS = {
    "above": ("▲", "normal"),
    "among": ("●", "plain"),
    "below": ("▼", "watch"),
}  # shape and hue; being among the peers is no colour
PAGES = {"party": "party_scorecards", "alliance": "party_scorecards", "volunteer": "volunteer_scorecards"}
TARGETS = {"met": ("✓", "normal"), "open": ("◐", "plain"), "missed": ("▼", "watch")}


def say(key: str, chosen: Chosen, **values: object) -> str:
    """A sentence of these pages."""
    return words.say(f"score_pages.{key}", chosen.language, **values)


def head_of(name: str, chosen: Chosen, *, level: int = 2) -> str:
    """A section's heading with its lead, where it has one."""
    lead = say(f"lead.{name}", chosen) if words.has(f"score_pages.lead.{name}", chosen.language) else ""
    return f'<div id="{text(name)}">{section(say(f"section.{name}", chosen), lead, level)}</div>'


def column(key: str, form: str = "text", heading: str = "", **more: object) -> Column:
    """A column whose heading stands among these pages' own."""
    return Column(key, form, f"scores.{heading or key}", **more)


def word(group: str, code: object, chosen: Chosen) -> str:
    """The word for a code of the scorecards; a code without one stands for itself."""
    key = f"scores.{group}.{code}"
    if code is None:
        return words.NOTHING
    return words.say(key, chosen.language) if words.has(key, chosen.language) else str(code)


def plain(chosen: Chosen, **changes: object) -> str:
    """A link within the page that leaves what was opened, keeping period, area and kind of card."""
    return chosen.query(**{"card": None, "indicator": None, "part": None} | changes)


def rules_link(chosen: Chosen, kind: str) -> str:
    """The link to the rules of a kind of card."""
    return plain(chosen, part="rules", of=kind if kind == "alliance" else None, band=None, group=None)


def settle_period() -> None:
    """A link may name its period as the terminal does (`period=2026Q3`): it is said as day and span, which the sidebar knows."""
    named = st.query_params.get("period")
    if named is None:
        return
    params = st.query_params.to_dict()
    params.pop("period")
    try:
        period = period_from(named, load.bounds()[1])
    except Refused:
        st.query_params.from_dict(params)
        return
    months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1
    params["day"] = min(period.last, load.bounds()[1]).isoformat()
    params["span"] = next(name for name, count in MONTHS.items() if count == months)
    st.query_params.from_dict(params)


# --- head ------------------------------------------------------------------------------------------------------------------------


def period_said(period: Period, language: str) -> str:
    """A month, quarter, half-year or year by its name."""
    return words.tell(windows.said_of(period), language)


def head(asked: Asked, area: str | None, chosen: Chosen) -> str:
    """Which scorecards, which period with the way to the one before and after, where, and as of when the records are."""
    said = chosen.language
    before, after = windows.before(asked.period), windows.before(asked.period, -1)
    arrows = [_arrow(before, "previous", "‹", asked, chosen), _arrow(after, "next", "›", asked, chosen)]
    unfinished = ""
    if not asked.period.complete:
        label = words.say("frame.period.unfinished", said, last=min(asked.as_of, asked.period.last))
        unfinished = f'<span class="xs-unfinished">{text(label)}</span>'
    read_at = words.say("frame.period.read_at", said, read_at=load.mart().read_at)
    return (
        f'<div class="xs-head"><h1>{text(word("kind", asked.kind, chosen))}</h1>'
        f'<span class="xs-day">{arrows[0]}{text(period_said(asked.period, said))}{arrows[1]}</span>{unfinished}'
        f'<span class="xs-where">{text(area or words.say("frame.whole_area", said))}</span>'
        f'<span class="xs-asof">{text(read_at)}</span></div>'
    )


def _arrow(period: Period, way: str, shape: str, asked: Asked, chosen: Chosen) -> str:
    _, first, _ = load.span()
    if period.first > asked.as_of or (way == "previous" and (first is None or period.last < first)):
        return ""
    label = text(say(f"{way}_period", chosen))
    query = text(chosen.query(day=min(period.last, asked.as_of)))
    return f'<a href="{query}" aria-label="{label}" title="{label}">{shape}</a>'


def kinds_nav(asked: Asked, chosen: Chosen, *, current: str | None = None) -> str:
    """The kinds of card on this page and its rules, side by side."""
    now = current or asked.kind
    kinds = ("party", "alliance") if PAGES[asked.kind] == "party_scorecards" else ("volunteer",)
    ways = [
        (
            plain(chosen, of=None if one in ("party", "volunteer") else one, band=None, group=None),
            word("kind", one, chosen),
            now == one,
        )
        for one in kinds
    ]
    ways.append((rules_link(chosen, asked.kind), say("rules_nav", chosen), now == "rules"))
    return parts_nav(ways, say("nav", chosen))


def spans_nav(chosen: Chosen) -> str:
    """Month, quarter, half-year or year."""
    current = span_of(chosen)
    ways = [(chosen.query(span=one), say(f"span.{one}", chosen), one == current) for one in MONTHS]
    return parts_nav(ways, say("span_nav", chosen))


def notices(found: Scorecards | ScoreCard, chosen: Chosen) -> str:
    """What is to be read with every score: an aid to judgement, volume is no demerit, nothing was asked for; and what holds of this one."""
    first, *rest = [words.tell(one, chosen.language) for one in found.notices] or [
        words.say("scores.aid", chosen.language)
    ]
    body = f"{first}{say('volume', chosen)}{words.say('scores.asked', chosen.language, count=found.items_asked)}"
    return notice(body, "plain") + "".join(notice(one) for one in rest)


def foot(found: Scorecards | ScoreCard, chosen: Chosen) -> str:
    """What the scores rest on."""
    rules = found.rules
    values = {
        "version": rule_name(rules.version, chosen), "origin": word("origin", rules.origin, chosen), "valid_from": rules.valid_from,
        "data": found.version, "as_of": found.as_of,
    }  # fmt: skip
    aid = words.say("scores.aid", chosen.language)
    return f'<div class="xs-foot">{text(say("footer", chosen, **values))} {text(aid)}</div>'


def rule_name(version: str, chosen: Chosen) -> str:
    """A version of the rules as people call it.

    >>> from datetime import date
    >>> rule_name("desk-3", Chosen(date(2026, 11, 20), language="en"))
    'version 3'
    """
    if version == "shipped":
        return say("rule_version.shipped", chosen)
    number = version.partition("-")[2]
    return say("rule_version.numbered", chosen, number=number) if version.startswith("desk-") else version


# --- names and numbers -------------------------------------------------------------------------------------------------------------


def group_name(group: str, chosen: Chosen) -> str:
    """A peer group in words: level, types of place, size."""
    level, _, rest = group.partition(":")
    types, _, size = rest.partition(":")
    named = words.join([word("type", one, chosen) for one in types.split("+")], chosen.language)
    parts = [word("level", level, chosen), *([] if types == "any" else [named])]
    return " · ".join([*parts, word("size", size, chosen)] if size else parts)


def short_group(group: str, chosen: Chosen) -> str:
    """The same for a chart: what comes after the first two parts on a line of its own, so that names stay narrow."""
    first, *rest = group_name(group, chosen).split(" · ")
    lines = [" · ".join((first, *rest))] if len(rest) < 2 else [first, " · ".join(rest)]
    return "<br>".join(lines)


def indicator_name(name: str, chosen: Chosen) -> str:
    """What an indicator is called."""
    return words.say(f"scores.indicator.{name}.name", chosen.language)


def points(value: float | None, chosen: Chosen, *, signed: bool = False, decimals: int = 1) -> str:
    """A score to one decimal, or to the hundredth where one item is spoken of."""
    return words.number(value, chosen.language, decimals, signed=signed)


def figure_said(value: float | None, unit: str, chosen: Chosen) -> str:
    """A figure beside the score: shares in percent, counts whole, all else to one decimal."""
    if value is None or value != value:
        return words.NOTHING
    if unit == "pct":
        return words.pct(value, chosen.language)
    return words.number(value, chosen.language, 0 if value == int(value) else 1)


def interval_said(interval: tuple[float | None, float | None] | None, chosen: Chosen) -> str:
    """A range of points, both ends included; a whole that was counted has none."""
    if interval is None or interval[0] is None or interval[0] == interval[1]:
        return ""
    joint = "～" if chosen.language == "zh" else "–"
    return joint.join(points(one, chosen) for one in interval)


def rank_said(line: CardLine, chosen: Chosen) -> str:
    """A rank as a range: "3rd–9th of 24"."""
    if line.rank is None:
        return words.NOTHING
    low, high = (ordinal(one, chosen.language) for one in line.rank)
    key = "scores.rank_one" if low == high else "scores.rank"
    return words.say(key, chosen.language, low=low, high=high, peers=line.peers)


def ordinal(number: int, language: str) -> str:
    """A place in an order; Chinese puts its word around the number.

    >>> [ordinal(one, "en") for one in (1, 2, 3, 4, 11, 22, 113)], ordinal(3, "zh")
    (['1st', '2nd', '3rd', '4th', '11th', '22nd', '113th'], '3')
    """
    if language != "en":
        return str(number)
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def band_of(line: CardLine) -> str:
    """The band, or why there is none: too few peers, or too little data for a score.

    What has a score and no band has too few peers.
    """
    if line.score is None:
        return "unrated"
    return line.band or "alone"


def band_chip(band: str, chosen: Chosen, *, short: bool = False) -> str:
    """A band as word, shape and hue."""
    shape, hue = BANDS.get(band, ("○", "plain"))
    said = (
        word("band", band, chosen)
        if band in BANDS and not short
        else say(f"band{'_short' if short else ''}.{band}", chosen)
    )
    return f'<span class="xs-chip xs-is-{hue}"><i aria-hidden="true">{shape}</i>{text(said)}</span>'


def target_chip(state: str | None, chosen: Chosen) -> str:
    """Whether a target is met, missed, or cannot be said from so few."""
    if state is None:
        return ""
    shape, hue = TARGETS[state]
    said = text(word("target_state", state, chosen))
    return f'<span class="xs-chip xs-is-{hue}"><i aria-hidden="true">{shape}</i>{said}</span>'


def track(value: float | None, interval: tuple[float | None, float | None] | None, target: float | None = None) -> str:
    """Points on a line from 0 to 100 with their interval; a target as a tick. A picture of the numbers beside it, hidden from readers aloud."""
    if value is None:
        return ""
    low, high = interval if interval and interval[0] is not None else (value, value)
    tick = "" if target is None else f'<u style="left:{target:.0f}%"></u>'
    return (
        f'<span class="xs-track" aria-hidden="true"><i style="left:{low:.1f}%;width:{max(high - low, 0.5):.1f}%"></i>{tick}'
        f'<b style="left:{value:.1f}%"></b></span>'
    )


def card_link(line: CardLine, chosen: Chosen) -> str:
    """A unit's name, leading to its card."""
    return link(line.unit.name, chosen.query(card=line.unit.unit_id), say("open", chosen, name=line.unit.name))


def tell(sentence: Sentence, chosen: Chosen) -> str:
    """A sentence of the engine in the reader's language; periods by their names."""
    return words.tell(sentence, chosen.language)


def rich_table(
    heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], *, caption: str = "", foot_row: Sequence[str] = ()
) -> str:
    """A table whose cells are already markup. `heads` are heading and class: xs-n for numbers, xs-d for what must not wrap, xs-aside."""

    def cells(row: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{f' class={chr(34)}{kind}{chr(34)}' if kind else ''}>{cell}</{tag}>"
            for cell, (_, kind) in zip(row, heads, strict=True)
        )

    top = "".join(
        f'<th scope="col"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{text(head_)}</th>'
        for head_, kind in heads
    )
    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    last = f'<tr class="xs-sum">{cells(foot_row, "td")}</tr>' if foot_row else ""
    named = f"<caption>{text(caption)}</caption>" if caption else ""
    return (
        f'<div class="xs-scroll" tabindex="0"><table class="xs-table">{named}<thead><tr>{top}</tr></thead>'
        f"<tbody>{body}{last}</tbody></table></div>"
    )
