"""One signal opened: why it was raised, its series, the matters behind it, what is around it, how it came to its level, and its past."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from analytics.figures import Line
from analytics.warnings.answer import SignalDetail, SignalItem
from pages.ui import folded, signals_handling, signals_series, tables, words
from pages.ui.links import Chosen
from pages.ui.markup import link, note_lines, opened, quiet, text, told
from pages.ui.signals_parts import (
    badge,
    column,
    event_name,
    handling_chip,
    head_of,
    name_of,
    p_said,
    plain,
    say,
    state_chips,
)
from pages.ui.tables import Column

SHOWN = 8
PARTS = ("surprise", "scale", "persistence")  # of the rule of levels, in the order they are said
WIDE = ("district", "city")  # levels of area whose scale counts one point more
_DECIMALS = {"surprise": 1, "scale": 1, "persistence": 0}


def show(detail: SignalDetail | None, chosen: Chosen) -> None:
    """What it is and why, what is to be done, its course, its level, what is around it and behind it."""
    if detail is None:
        return _show_gone(chosen)
    show_top(detail, chosen)
    signals_handling.show(detail, chosen)
    signals_series.show_series(detail, chosen)
    show_why(detail, chosen)
    show_around(detail, chosen)
    show_past(detail, chosen)
    show_ledger(detail, chosen)
    signals_handling.show_post_event(detail, chosen)
    return show_foot(detail, chosen)


def _show_gone(chosen: Chosen) -> None:
    """A link to a signal that is not there, or not for this reader."""
    st.html(
        f'<div class="xs-head">{link(say("back", chosen), plain(chosen))}</div>'
        f'<div class="xs-headline"><p class="xs-first">{text(say("none.gone", chosen))}</p>'
        f'<ul class="xs-rest"><li>{text(say("none.gone_how", chosen))}</li></ul></div>'
    )


# --- what is read first --------------------------------------------------------------------------------------------------------


def show_top(detail: SignalDetail, chosen: Chosen) -> None:
    """The way back, the level, what and where, the reason in plain language, and the numbers it rests on."""
    item, said = detail.item, chosen.language
    kind = words.name("kind", item.node.kind, said)
    where = " › ".join((*item.node.path[:-1], kind))
    first, *rest = [told(one, chosen) for one in item.said] or [text(say("suppressed", chosen))]
    stop = "。" if said == "zh" else "."
    more = "".join(f"<li>{one}</li>" for one in rest)
    if item.explained_by:
        more += f"<li>{text(say('explained', chosen, what=item.explained_by))}</li>"
    st.html(
        f'<div class="xs-head">{link(say("back", chosen), plain(chosen))}'
        f'<span class="xs-where">{text(where)}</span><span class="xs-asof">{text(item.key)}</span></div>'
        f'<div class="xs-headline xs-one">{badge(item.level_code, said)}{state_chips(item, chosen)}{handling_chip(item, chosen)}'
        f'<p class="xs-first">{text(name_of(item.node, said))}</p>'
        f'<p class="xs-second">{first}{stop}</p><ul class="xs-rest">{more}</ul></div>{_figures(item, chosen)}'
    )


def _figures(item: SignalItem, chosen: Chosen) -> str:
    """The numbers of the signal in one row; the count opens the matters behind it."""
    said = chosen.language
    span = words.day_range(item.first_on, item.last_on, said)
    count = words.number(item.observed, said)
    limits = (
        () if item.upper is None else (words.say("figure.expected.range", said, lower=item.lower, upper=item.upper),)
    )
    method = words.name("signal_method", item.method, said)
    since = say("figure.since", chosen, day=item.opened_on)
    cells = [
        ("observed", opened(count, item.selection, chosen, words.say("frame.open_list", said)), (*limits, span)),
        ("p", text(p_said(item.p, said)), (method, *_confidence(item, chosen))),
        ("weeks", text(words.number(item.persistence_weeks, said)), (since,)),
    ]
    if not item.is_suppressed:  # so many sources would tell of at least so many matters
        cells.append(("sources", text(words.number(item.sources, said)), ()))
    body = "".join(
        f'<div class="xs-figure"><div class="xs-name">{text(say(f"figure.{name}", chosen))}</div>'
        f'<div class="xs-value">{value}</div>{note_lines(notes)}</div>'
        for name, value, notes in cells
    )
    return f'<div class="xs-figures xs-small"><div class="xs-grid">{body}</div></div>'


def _confidence(item: SignalItem, chosen: Chosen) -> list[str]:
    """What must be known before the p is believed: corrected counts, a short history."""
    said = chosen.language
    found = []
    if item.correction != "complete":
        found.append(words.name("signal_correction", item.correction, said))
    if item.confidence == "low":
        found.append(words.name("signal_confidence", "low", said))
    if item.reason:
        found.append(words.name("signal_reason", item.reason, said))
    return found


# --- why, and how its level came about ----------------------------------------------------------------------------------------------


def show_why(detail: SignalDetail, chosen: Chosen) -> None:
    """The rule of the levels written out, with this signal's numbers in it; then the other ways it was found."""
    item = detail.item
    st.html(head_of("why", chosen) + f'<p class="xs-line">{text(say("internal", chosen))}</p>')
    rows = level_rows(item, detail.detection.settings, chosen)
    if rows:
        columns = (column("part"), column("value", "figure"), column("points", "figure"), column("thresholds"))
        st.html(tables.table(rows, columns, chosen) + _sum_of(item, detail.detection.settings, chosen))
    if detail.channels:
        st.html(head_of("channels", chosen, level=3))
        shown = [{**line.values, **_judged(line, chosen)} for line in detail.channels]
        columns = (
            column("channel"),
            column("observed", "count"),
            column("expected", "decimal", aside=True),
            column("p"),
            Column("range", "range"),
            column("method", aside=True),
        )
        st.html(tables.table(shown, columns, chosen))


def level_rows(item: SignalItem, settings: Mapping[str, object], chosen: Chosen) -> list[dict]:
    """The parts of the rule: the number, the points it gave, and from where on there is one more point."""
    rows, because = [], item.because
    for part in PARTS:
        value = getattr(because, part)
        if value is None:
            continue
        limits = [settings[f"{part}_{step}"] for step in (2, 3, 4) if f"{part}_{step}" in settings]
        steps = [say("point_from", chosen, points=step, value=limit) for step, limit in enumerate(limits, start=2)]
        if part == "scale" and limits and item.node.level in WIDE:
            steps.append(say("wide_point", chosen))
        rows.append(
            {
                "part": say(f"part.{part}", chosen),
                "value": round(float(value), _DECIMALS[part]),
                "points": because.points.get(part),
                "thresholds": words.join(steps, chosen.language) if steps else None,
            }
        )
    return rows


def _sum_of(item: SignalItem, settings: Mapping[str, object], chosen: Chosen) -> str:
    """The points multiplied, and the level that makes."""
    points = [item.because.points[part] for part in PARTS if part in item.because.points]
    if not points:
        return ""
    product = 1.0
    for one in points:
        product *= one
    written = " × ".join(words.number(one, chosen.language) for one in points)
    level = words.name("signal_level", item.level_code, chosen.language)
    said = say("level_sum", chosen, written=written, product=product, level=level)
    limits = [settings.get(f"level_{step}") for step in (1, 2, 3)]
    if all(limit is not None for limit in limits):
        said += say("level_rule", chosen, first=limits[0], second=limits[1], third=limits[2])
    return f'<p class="xs-line">{text(said)}</p>'


def _judged(line: Line, chosen: Chosen) -> dict:
    said = chosen.language
    window = say("days", chosen, count=line.values["window_days"])
    return {
        "channel": f"{words.name('signal_channel', line.values['channel'], said)} ({window})",
        "p": p_said(line.values["p"], said),
        "method": words.name("signal_method", line.values["method"], said),
    }


# --- around it ---------------------------------------------------------------------------------------------------------------------


def show_around(detail: SignalDetail, chosen: Chosen) -> None:
    """The same subject over the same days in the areas around: is it only here, or everywhere?"""
    st.html(head_of("around", chosen))
    if not detail.parents and not detail.neighbours:
        st.html(quiet(say("none.around", chosen)))
    for name, lines in (("parents", detail.parents), ("neighbours", detail.neighbours)):
        if not lines:
            continue
        rows = [
            {
                **line.values,
                "state": _state_of(line.values),
                "selection": line.selection,
            }
            for line in lines
        ]
        columns = (
            Column("area"),
            column("level", "code:signal_area_level", "level_name", aside=True),
            column("observed", "count", opens=lambda row: row["selection"]),
            Column("state", "state"),
            column("expected", "decimal", aside=True),
            Column("range", "range"),
        )
        near = say("text.near", chosen, count=lines[0].values["window_days"])
        st.html(head_of(name, chosen, level=3) + f'<p class="xs-line">{text(near)}</p>')
        folded.show_table(f"all_{name}", rows, columns, chosen, first=SHOWN)


def _state_of(values: Mapping[str, object]) -> str:
    """Above, within or below the range, by the numbers themselves."""
    observed, lower, upper = (values.get(name) for name in ("observed", "lower", "upper"))
    if any(pd.isna(one) for one in (observed, lower, upper)):
        return "unknown"
    return "above" if observed > upper else "below" if observed < lower else "within"


# --- its past ------------------------------------------------------------------------------------------------------------------------


def show_past(detail: SignalDetail, chosen: Chosen) -> None:
    """Past episodes of the same subject with what was done, and what is known to have gone on nearby."""
    st.html(head_of("similar", chosen))
    if not detail.similar:
        st.html(quiet(say("none.similar", chosen)))
    else:
        rows = [_similar_row(line, chosen) for line in detail.similar]
        columns = (
            column("opened_on", "day"),
            Column("area", goes=lambda row: chosen.query(signal=row["key"])),
            column("level_code", "code:signal_level"),
            column("lasted", aside=True),
            column("outcome", "code:signal_outcome", blank="page.signals.standing"),
            column("done"),
        )
        folded.show_table("all_similar", rows, columns, chosen, first=SHOWN)
    if detail.known_events:
        st.html(head_of("known_events", chosen, level=3))
        columns = (
            column("event_name"),
            column("event_kind", "code:signal_event", aside=True),
            Column("area", blank="frame.whole_area"),
            column("span"),
        )
        rows = [
            {
                **line.values,
                "event_name": event_name(line.values, chosen.language),
                "event_kind": line.values["kind"],
                "span": words.day_range(line.values["first_on"], line.values["last_on"], chosen.language),
            }
            for line in detail.known_events
        ]
        folded.show_table("all_known_events", rows, columns, chosen, first=SHOWN)


def _similar_row(line: Line, chosen: Chosen) -> dict:
    values, said = line.values, chosen.language
    steps = values["steps"] if isinstance(values["steps"], Sequence) and not isinstance(values["steps"], str) else ()
    return {
        **values,
        "lasted": say("weeks", chosen, count=values["weeks"]) if values["weeks"] is not None else words.NOTHING,
        "done": words.join([_step_said(step, said) for step in steps], said) if steps else words.NOTHING,
    }


def _step_said(step: object, language: str) -> str:
    """A step of the past: a code, or a code with its reason."""
    if isinstance(step, Mapping):
        word = words.name("signal_step", step.get("step"), language)
        return f"{word}（{step['reason']}）" if step.get("reason") and language == "zh" else (
            f"{word} ({step['reason']})" if step.get("reason") else word
        )  # fmt: skip
    return words.name("signal_step", step, language)


def show_ledger(detail: SignalDetail, chosen: Chosen) -> None:
    """What was issued and when, as it was known then: the ledger is never changed by late data."""
    st.html(head_of("ledger", chosen))
    if not detail.events:
        return st.html(quiet(say("none.ledger", chosen)))
    rows = [
        {
            **line.values,
            "p": p_said(line.values["p"], chosen.language),
        }
        for line in detail.events
    ]
    columns = (
        column("as_of", "day"),
        column("event", "code:signal_ledger"),
        column("level_code", "code:signal_level"),
        column("observed", "count"),
        column("expected", "decimal", aside=True),
        column("p", aside=True),
        column("known_at", "moment", aside=True),
    )
    return folded.show_table("all_ledger", rows, columns, chosen, first=SHOWN)


def show_foot(detail: SignalDetail, chosen: Chosen) -> None:
    """How it was judged, from which version, and that these levels are internal."""
    judged = detail.detection
    values = {"day": judged.as_of, "through": judged.judged_through, "at": judged.ran_at, "version": judged.version}
    st.html(f'<div class="xs-foot">{text(say("footer", chosen, **values))} {text(say("internal", chosen))}</div>')
