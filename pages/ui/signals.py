"""The top of the signals page and today's list in order of need, each from the frozen answer, none computing."""

from collections.abc import Sequence

import streamlit as st

from analytics.figures import Sentence
from analytics.warnings.answer import LEVEL_CODES, Detection, SignalItem, SignalList
from pages.ui import heads, load, states, words
from pages.ui.links import Chosen
from pages.ui.markup import SHAPES, aside_lines, chip, link, note_lines, notice, quiet, text, told
from pages.ui.signals_parts import (
    REPLAYED,
    aside_of,
    badge,
    group_of,
    handling_chip,
    head_of,
    is_replayed,
    item_link,
    listed,
    next_of,
    opens_item,
    parts_nav,
    plain,
    reason_of,
    say,
    state_chips,
)

SHOWN = 12
JUDGED = ("judged", "short_history")  # a short history is judged with the areas above, and says so
GROUPS = ("verify", "overdue", "in_hand", "settled", "unissued")


# --- what is read first --------------------------------------------------------------------------------------------------------


def show_top(found: SignalList, chosen: Chosen) -> None:
    """What and when, a failed or older detection in headline size, the headline, the few numbers: in one piece so that it stands at once."""
    parts = [head(found, chosen), notices(found, chosen)]
    rest = [one for one in found.notices if one.key != REPLAYED]
    parts += (
        [_not_yet(found, chosen)]
        if found.is_empty
        else [_headline(found, chosen), _figures(found, chosen), aside_lines(rest, chosen)]
    )
    st.html("".join(parts))


def head(found: SignalList, chosen: Chosen) -> str:
    """Which page, day and place; as of when the records are."""
    read_at = load.mart().read_at
    return heads.head(
        say("title", chosen), found.day, words.where(found, chosen.language), found.kind, chosen, "day", read_at
    )


def notices(found: SignalList, chosen: Chosen) -> str:
    """What must be known before the rest: that the detection failed, or is older than the records, is the headline of the day."""
    between = is_replayed(found)
    loud = _loud(found.detection, chosen, between=between) if found.detection else []
    parts = [notice(f"{SHAPES['failed']} {said}", "loud", small) for said, small in loud]
    if between and not loud and found.detection.as_of < found.day:
        parts.append(notice(say("loud.between", chosen, day=found.detection.as_of)))
    replayed = [one for one in found.notices if one.key == REPLAYED]
    return "".join(parts + [notice(words.tell(one, chosen.language), "plain") for one in replayed])


def _loud(detection: Detection, chosen: Chosen, *, between: bool) -> list[tuple[str, str]]:
    """What is said in headline size; a past day between two that were played through needs none."""
    small = say("loud.small", chosen, at=detection.ran_at, day=detection.as_of)
    if detection.failure is not None:
        return [(words.tell(detection.failure, chosen.language), small)]
    return [(say("loud.earlier", chosen, day=detection.as_of), small)] if detection.is_earlier and not between else []


def _not_yet(found: SignalList, chosen: Chosen) -> str:
    """Nothing had been judged by that day: what it needs and the command that does it, or where the judgements begin."""
    mart = load.mart()
    state = say("state.unknown", chosen)
    foot = say("footer_unjudged", chosen, version=mart.version, at=mart.published_at)
    if found.first_day is None:
        rest = [text(say(key, chosen)) for key in ("none.detection_how", "none.detection_then")]
        return states.without_results(state, say("none.detection", chosen), rest, "xianshou refresh", foot)
    begins = f"{text(say('none.begins', chosen, day=found.first_day))} {states.jump(chosen, found.first_day)}"
    return states.without_results(state, say("none.detection_that_day", chosen, day=found.day), [begins], "", foot)


def _headline(found: SignalList, chosen: Chosen) -> str:
    first, *rest = found.headline or (_no_headline(found),)
    state = state_of(found)
    more = "".join(f"<li>{told(one, chosen)}</li>" for one in rest)
    boxed = chip(state, say(f"state.{state}", chosen), boxed=True)
    return f'<div class="xs-headline">{boxed}<p class="xs-first">{told(first, chosen)}</p><ul class="xs-rest">{more}</ul></div>'


def _no_headline(found: SignalList) -> Sentence:
    """Nothing to be verified; of a day that was played through afterwards, what would have been raised."""
    if is_replayed(found):
        return Sentence("page.signals.replayed", {"count": len(found.items)})
    return Sentence("page.signals.none.headline")


def state_of(found: SignalList) -> str:
    """Normal, or to be watched, or not; a detection that failed or is older than the records can call nothing normal."""
    waiting = [item for item in listed(found) if group_of(item) == "verify"]
    if any(item.level_code in ("I", "II") for item in waiting):
        return "unusual"
    if waiting:
        return "watch"
    trusted = found.detection is not None and not found.detection.is_earlier and found.detection.failure is None
    return "normal" if trusted else "unknown"


def _figures(found: SignalList, chosen: Chosen) -> str:
    """The few numbers: new, open, overdue; places in alert and rising; how much was judged, and how much could not be."""
    groups = [group_of(item) for item in listed(found)]
    new = sum(item.is_new for item in found.items)
    places = [line.values["state"] for line in found.places]
    judged = sum(line.values["nodes"] for line in found.coverage if line.values["state"] in JUDGED)
    unjudged = sum(line.values["nodes"] for line in found.coverage) - judged
    grey = say("figure.grey", chosen, count=len(found.grey)) if found.grey else ""
    cells = (
        _figure("new", new, chosen, goes=None),
        _figure("open", groups.count("verify") + groups.count("in_hand"), chosen, goes=plain(chosen, state=None, level=None)),
        _figure("overdue", len(found.overdue), chosen, goes=plain(chosen, state="overdue") if found.overdue else None,
                loud=bool(found.overdue)),
        _figure("places", places.count("alert"), chosen, goes="#places",
                notes=(say("figure.rising", chosen, count=places.count("rising")),)),
        _figure("judged", judged, chosen, goes="#coverage",
                notes=tuple(one for one in (say("figure.unjudged", chosen, count=unjudged) if unjudged else "", grey) if one)),
    )  # fmt: skip
    return f'<div class="xs-figures xs-small"><div class="xs-grid">{"".join(cells)}</div></div>'


def _figure(
    name: str, value: int, chosen: Chosen, *, goes: str | None, notes: Sequence[str] = (), loud: bool = False
) -> str:
    title = say(f"figure.{name}", chosen)
    shown = words.number(value, chosen.language)
    number = link(shown, goes, f"{title} {shown}") if goes and value else text(shown)
    unit = say(f"figure.unit.{name}", chosen)
    below = note_lines(notes)
    more = f"<small>{text(unit)}</small>"
    return (
        f'<div class="xs-figure"><div class="xs-name">{text(title)}</div>'
        f'<div class="xs-value{" xs-is-above" if loud else ""}">{number}{more}</div>{below}</div>'
    )


# --- today's list --------------------------------------------------------------------------------------------------------------


def show_list(found: SignalList, chosen: Chosen) -> None:
    """Today's signals in order of need, narrowed by level and state as the link says; how many were over the budget is said."""
    own = dict(chosen.own)
    level = own.get("level") if own.get("level") in LEVEL_CODES else None
    state = own.get("state") if own.get("state") in GROUPS else None
    items = listed(found)
    st.html(head_of("list", chosen) + _narrowing(items, level, state, chosen))
    shown = [item for item in items if _is_in(item, level, state)]
    if not shown:
        st.html(quiet(say("none.narrowed" if items else "none.list", chosen)))
    else:
        st.html(cards_of(shown[:SHOWN], chosen))
        _rest("list", shown[SHOWN:], len(shown), chosen)
    _show_digest(found, chosen)


def _is_in(item: SignalItem, level: str | None, state: str | None) -> bool:
    if level and item.level_code != level:
        return False
    return state is None or (bool(item.overdue_days) if state == "overdue" else group_of(item) == state)


def _narrowing(items: Sequence[SignalItem], level: str | None, state: str | None, chosen: Chosen) -> str:
    """Each level and state that occurs, with how many; a list of one sort needs none."""
    if len(items) < 2:
        return ""
    levels = [code for code in LEVEL_CODES if any(item.level_code == code for item in items)]
    states = [group for group in GROUPS if any(_is_in(item, None, group) for item in items)]
    said = chosen.language
    navs = []
    for name, values, current, group in (("level", levels, level, "signal_level"), ("state", states, state, None)):
        if len(values) < 2 and current is None:
            continue
        others = {"level": None, "state": state} if name == "level" else {"level": level, "state": None}
        shown = [(plain(chosen, **{name: None}), say(f"all.{name}", chosen), current is None)]
        for value in values:
            count = sum(_is_in(item, *({**others, name: value}.values())) for item in items)
            word = words.name(group, value, said) if group else say(f"group.{value}", chosen)
            shown.append((plain(chosen, **{name: value}), f"{word} {count}", value == current))
        navs.append(parts_nav(shown, say(f"narrow.{name}", chosen)))
    return f'<div class="xs-narrowing">{"".join(navs)}</div>' if navs else ""


def cards_of(items: Sequence[SignalItem], chosen: Chosen) -> str:
    """Signals as calm rows: level, what and where, why, how it was found; what is to be done next."""
    return f'<div class="xs-signals" role="list">{"".join(_card(item, chosen) for item in items)}</div>'


def _card(item: SignalItem, chosen: Chosen) -> str:
    said = chosen.language
    kind = words.name("kind", item.node.kind, said)
    path = " › ".join((*item.node.path[:-1], kind))
    explained = ""
    if item.explained_by:
        explained = f'<p class="xs-explained">{text(say("explained", chosen, what=item.explained_by))}</p>'
    return (
        f'<article class="xs-signal xs-of-{text(item.level_code)}" role="listitem">'
        f'<div class="xs-signal-level">{badge(item.level_code, said)}</div>'
        f'<div class="xs-signal-what"><h3>{item_link(item, chosen)}{state_chips(item, chosen)}</h3>'
        f'<p class="xs-why">{text(reason_of(item, chosen))}</p>{explained}'
        f'<p class="xs-how">{text(path)}<span class="xs-method">{text(aside_of(item, chosen))}</span></p></div>'
        f'<div class="xs-signal-do">{handling_chip(item, chosen)}{next_of(item, chosen)}'
        f'<a class="xs-more xs-open-signal" href="{text(opens_item(item, chosen))}">{text(say("look", chosen))} ›</a></div></article>'
    )


def _rest(name: str, items: Sequence[SignalItem], count: int, chosen: Chosen) -> None:
    if items:
        label = words.say("frame.all_lines", chosen.language, count=count)
        with st.expander(label, on_change="rerun", key=f"all_{name}") as rest:
            if rest.open:
                st.html(cards_of(items, chosen))


def _show_digest(found: SignalList, chosen: Chosen) -> None:
    """What the alarm budget left over: counted at once, listed on demand."""
    if not found.digest:
        return
    settings = found.detection.settings if found.detection else {}
    budget = settings.get("budget_a_week")
    said = say("digest", chosen, count=found.digest) if budget is None else say(
        "digest_budget", chosen, count=found.digest, budget=budget
    )  # fmt: skip
    st.html(f'<p class="xs-line xs-digest">{text(said)}</p>')
    if found.digest_items:
        with st.expander(
            say("digest_list", chosen, count=len(found.digest_items)), on_change="rerun", key="digest"
        ) as rest:
            if rest.open:
                st.html(cards_of(found.digest_items, chosen))
