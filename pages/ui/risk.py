"""The top of the risk outlook and its ranked list: what is likely to pass its line, where, and why; from the frozen answer, computing nothing."""

from collections.abc import Sequence

import streamlit as st

from analytics.outlook.answer import LEVEL_CODES, RiskItem, RiskOutlook
from pages.ui import heads, load, states, words
from pages.ui.links import Chosen
from pages.ui.markup import SHAPES, aside_lines, chip, link, note_lines, notice, quiet, text, told
from pages.ui.risk_parts import (
    ahead_of,
    asked_line,
    badge,
    chance_said,
    head_of,
    in_weeks,
    item_link,
    line_of,
    named,
    of_node,
    opens_item,
    period_said,
    plain,
    range_said,
    say,
    tell,
    volume_of,
    ways_ahead,
    ways_line,
    widest,
)
from pages.ui.signals_parts import parts_nav

SHOWN = 6
HEAVY = ("I", "II")
PARTS_NAMED = 3


# --- what is read first --------------------------------------------------------------------------------------------------------


def show_top(found: RiskOutlook, chosen: Chosen) -> None:
    """What and when, a failed or older forecast in headline size, the headline, the few numbers: in one piece so that it stands at once."""
    parts = [head(found, chosen), notices(found, chosen)]
    parts += (
        [_not_yet(found, chosen)]
        if found.is_empty
        else [_headline(found, chosen), _figures(found, chosen), _asides(found, chosen)]
    )
    st.html("".join(parts))


def head(found: RiskOutlook, chosen: Chosen) -> str:
    """Which page, day and place; as of when the records are."""
    return heads.head(
        say("title", chosen),
        found.day,
        words.where(found, chosen.language),
        found.kind,
        chosen,
        "day",
        load.mart().read_at,
    )


def notices(found: RiskOutlook, chosen: Chosen) -> str:
    """What must be known before the rest: that the forecast failed, or is older than the records, is the headline of the day."""
    loud = []
    if found.run is not None and (found.run.failure is not None or found.run.is_earlier):
        small = say("loud.small", chosen, at=found.run.ran_at, day=found.run.as_of)
        failed = found.run.failure
        said = tell(failed, chosen.language) if failed else say("loud.earlier", chosen, day=found.run.as_of)
        loud.append(notice(f"{SHAPES['failed']} {said}", "loud", small))
    return "".join(loud)


def _asides(found: RiskOutlook, chosen: Chosen) -> str:
    return aside_lines((named(one, chosen.language) for one in found.notices), chosen)


def _not_yet(found: RiskOutlook, chosen: Chosen) -> str:
    """Nothing had been forecast by that day: what it needs and the command that does it, or where the forecasts begin."""
    mart = load.mart()
    state = say("state.unknown", chosen)
    foot = say("footer_unjudged", chosen, version=mart.version, at=mart.published_at)
    if found.first_day is None:
        rest = [text(say(key, chosen)) for key in ("none.forecast_how", "none.forecast_then")]
        return states.without_results(state, say("none.forecast", chosen), rest, "xianshou forecast", foot)
    begins = f"{text(say('none.begins', chosen, day=found.first_day))} {states.jump(chosen, found.first_day)}"
    rest = [begins, text(say("none.afterwards", chosen))]
    command = f"xianshou forecast --as-of {found.day.isoformat()}"
    return states.without_results(state, say("none.forecast_that_day", chosen, day=found.day), rest, command, foot)


def _headline(found: RiskOutlook, chosen: Chosen) -> str:
    state = state_of(found)
    boxed = chip(state, say(f"state.{state}", chosen), boxed=True)
    judged = any(item.level_code for item in found.items)
    first = text(say("none.headline" if judged else "none.levels" if found.items else "none.near", chosen))
    if found.headline:
        first = told(named(found.headline[0], chosen.language), chosen)
    more = "".join(f"<li>{told(named(one, chosen.language), chosen)}</li>" for one in found.headline[1:])
    return f'<div class="xs-headline">{boxed}<p class="xs-first">{first}</p><ul class="xs-rest">{more}</ul></div>'


def state_of(found: RiskOutlook) -> str:
    """Normal, or to be watched, or strained; a forecast that failed or is older than the records can call nothing normal."""
    levels = {item.level_code for item in found.items}
    if levels & set(HEAVY):
        return "unusual"
    if "III" in levels:
        return "watch"
    trusted = found.run is not None and not found.run.is_earlier and found.run.failure is None and levels - {None}
    return "normal" if trusted else "unknown"


def _figures(found: RiskOutlook, chosen: Chosen) -> str:
    """The few numbers, each with its range: what will arrive, which cells stand high, the backlog, what will miss its deadline, what lies long."""
    area = widest(found)
    if area is None:
        return ""
    cells = []
    if found.items:
        cells = [
            _arriving(found, area.area_code, chosen),
            _heavy(found, chosen),
            _backlog(found, area.area_code, chosen),
        ]
    cells += [_missing(found, area.area_code, chosen), _pending(found, area.area_code, chosen)]
    return f'<div class="xs-figures xs-small"><div class="xs-grid">{"".join(cells)}</div></div>'


def _arriving(found: RiskOutlook, area: str, chosen: Chosen) -> str:
    said, ahead = chosen.language, ahead_of(chosen)
    item = of_node(found.items, area, None)
    volume = volume_of(item, ahead) if item else None
    if volume is None or volume.median is None:
        return figure("arriving", None, chosen)
    notes = [
        period_said(volume.period, ahead, said),
        say("figure.range", chosen, range=range_said(volume.low, volume.high, said)),
    ]
    if volume.state == "naive":
        notes.append(say("figure.naive", chosen))
    return figure("arriving", volume.median, chosen, notes=notes, goes="#course")


def _heavy(found: RiskOutlook, chosen: Chosen) -> str:
    count = sum(item.level_code in HEAVY for item in found.items)
    grey = sum(item.level_code is None and not item.is_suppressed for item in found.items)
    notes = [say("figure.of_cells", chosen, count=len(found.items))]
    notes += [say("figure.grey", chosen, count=grey)] if grey else []
    return figure("heavy", count, chosen, notes=notes, goes="#map", loud=count > 0)


def _backlog(found: RiskOutlook, area: str, chosen: Chosen) -> str:
    item = of_node(found.backlog, area, None)
    if item is None or item.is_suppressed or item.path.empty:
        return figure("backlog", None, chosen)
    last = in_weeks(item)
    if last is None:
        return figure("backlog", None, chosen)
    notes = [
        say("figure.range", chosen, range=range_said(last["low"], last["high"], chosen.language)),
        say("figure.now", chosen, count=item.open),
    ]
    return figure("backlog", last["median"], chosen, notes=notes, goes="#backlog")


def _missing(found: RiskOutlook, area: str, chosen: Chosen) -> str:
    item = of_node(found.deadlines, area, None)
    if item is None or item.is_suppressed or item.expected is None:
        return figure("missing", None, chosen)
    notes = [
        say("figure.range", chosen, range=range_said(item.low, item.high, chosen.language)),
        say("figure.of_due", chosen, count=item.due),
    ]
    goes = chosen.query(item.selection) if item.selection is not None else "#deadlines"
    return figure("missing", item.expected, chosen, notes=notes, goes=goes)


def _pending(found: RiskOutlook, area: str, chosen: Chosen) -> str:
    item = of_node(found.pending, area, None)
    if item is None or item.is_suppressed or item.now is None:
        return figure("pending", None, chosen)
    notes = [say("figure.longer", chosen, count=item.days)]
    if item.expected is not None:
        notes.append(say("figure.in_four_weeks", chosen, count=round(item.expected)))
    goes = chosen.query(item.selection) if item.selection is not None else "#pending"
    return figure("pending", item.now, chosen, notes=notes, goes=goes)


def figure(
    name: str, value: float | None, chosen: Chosen, *, notes: Sequence[str] = (), goes: str | None = None, loud: bool = False
) -> str:  # fmt: skip
    """One of the few numbers, with what it stands against below."""
    title = say(f"figure.{name}", chosen)
    shown = words.number(None if value is None else round(value), chosen.language)
    number = link(shown, goes, f"{title} {shown}") if goes and value else text(shown)
    unit = "" if value is None else f"<small>{text(say(f'figure.unit.{name}', chosen))}</small>"
    below = note_lines(notes)
    if value is None:
        below = f'<div class="xs-missing">{text(say("none.figure", chosen))}</div>'
    return (
        f'<div class="xs-figure"><div class="xs-name">{text(title)}</div>'
        f'<div class="xs-value{" xs-is-above" if loud else ""}">{number}{unit}</div>{below}</div>'
    )


# --- the ranked list -------------------------------------------------------------------------------------------------------------


def show_list(found: RiskOutlook, chosen: Chosen) -> None:
    """The cells in order of risk, narrowed by level and category as the link says; each opens into its parts."""
    own = dict(chosen.own)
    level = own.get("level") if own.get("level") in LEVEL_CODES else None
    ranked = [item for item in found.ranked if chosen.category_code in (None, item.node.category_code)]
    st.html(f'<div id="list">{head_of("list", chosen)}</div>{_narrowing(ranked, level, found, chosen)}')
    shown = [item for item in ranked if level is None or item.level_code == level]
    if not shown:
        st.html(quiet(say("none.narrowed" if found.ranked else "none.list", chosen)))
        return
    st.html(cards_of(shown[:SHOWN], chosen))
    if len(shown) > SHOWN:
        label = words.say("frame.all_lines", chosen.language, count=len(shown))
        with st.expander(label, on_change="rerun", key="all_risks") as rest:
            if rest.open:
                st.html(cards_of(shown[SHOWN:], chosen))


def _narrowing(ranked: Sequence[RiskItem], level: str | None, found: RiskOutlook, chosen: Chosen) -> str:
    """The coming month or week, and each level that occurs; a chosen category can be left."""
    navs = [parts_nav(ways_ahead(chosen), say("narrow.ahead", chosen))]
    navs.append(parts_nav(ways_line(chosen), say("narrow.line", chosen)))
    levels = [code for code in LEVEL_CODES if any(item.level_code == code for item in ranked)]
    if len(levels) > 1 or level:
        ways = [(plain(chosen, level=None), say("all.level", chosen), level is None)]
        for code in levels:
            count = sum(item.level_code == code for item in ranked)
            word = f"{words.name('signal_level', code, chosen.language)} {count}"
            ways.append((plain(chosen, level=code), word, code == level))
        navs.append(parts_nav(ways, say("narrow.level", chosen)))
    if chosen.category_code:
        named = next((name for code, name in found.categories if code == chosen.category_code), chosen.category_code)
        named = words.subject(str(named), chosen.language)
        ways = [(plain(chosen, category=None), say("all.category", chosen), False), (plain(chosen), named, True)]
        navs.append(parts_nav(ways, say("narrow.category", chosen)))
    return f'<div class="xs-narrowing">{"".join(navs)}</div>'


def cards_of(items: Sequence[RiskItem], chosen: Chosen) -> str:
    """Cells as calm rows: level, where and what, why, the parts of the level; the chance with its line."""
    return f'<div class="xs-signals" role="list">{"".join(_card(item, chosen) for item in items)}</div>'


def _card(item: RiskItem, chosen: Chosen) -> str:
    said = chosen.language
    why = (
        words.join([named(one, said) for one in item.said], said)
        if item.said
        else say("suppressed", chosen)
        if item.is_suppressed
        else ""
    )
    return (
        f'<article class="xs-signal xs-of-{text(item.level_code or "none")}" role="listitem">'
        f'<div class="xs-signal-level">{badge(item.level_code, said)}</div>'
        f'<div class="xs-signal-what"><h3>{item_link(item.node, chosen)}</h3>'
        f'<p class="xs-why">{text(why)}</p><p class="xs-how">{text(parts_said(item, chosen))}</p></div>'
        f'<div class="xs-signal-do">{chance_line(item, chosen)}'
        f'<a class="xs-more xs-open-signal" href="{text(opens_item(item.node, chosen))}">{text(say("look", chosen))} ›</a></div></article>'
    )


def parts_said(item: RiskItem, chosen: Chosen) -> str:
    """The parts that weigh most, as a sum."""
    if item.points is None or item.is_suppressed:
        return ""
    said = chosen.language
    given = sorted((part for part in item.parts if part.points), key=lambda part: -part.points)
    named = [
        f"{words.name('risk_part', part.name, said)} {words.number(part.points, said, 1)}"
        for part in given[:PARTS_NAMED]
    ]
    rest = sum(part.points for part in given[PARTS_NAMED:])
    if rest >= 0.05:
        named.append(f"{say('other_parts', chosen)} {words.number(rest, said, 1)}")
    total = say("points", chosen, points=words.number(item.points, said, 1))
    return f"{' + '.join(named)} = {total}" if named else total


def chance_line(item: RiskItem, chosen: Chosen) -> str:
    """The probability of passing the line that is asked about, with the line named."""
    said, volume = chosen.language, volume_of(item, ahead_of(chosen))
    line = line_of(volume, asked_line(chosen))
    if line is None:
        return f'<span class="xs-next">{text(say("none.line", chosen))}</span>'
    named = say("passes", chosen, line=words.name("risk_line", line.line, said), value=line.value)
    return f'<span class="xs-chance">{text(chance_said(line.chance, said))}</span><span class="xs-next">{text(named)}</span>'
