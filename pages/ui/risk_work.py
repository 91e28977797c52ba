"""What the work at hand implies: the backlog and the closings that keep it flat, deadlines at risk, disputes that become petitions, what lies long."""

from collections.abc import Collection, Sequence

import pandas as pd
import streamlit as st

from analytics.outlook.answer import (
    CapacityCase,
    DeadlineItem,
    EscalationItem,
    PendingItem,
    RiskOutlook,
)
from pages.ui import charts, folded, words
from pages.ui.links import Chosen
from pages.ui.load import risk as load
from pages.ui.markup import behind, quiet, text
from pages.ui.risk_parts import (
    OfNode,
    column,
    head_of,
    in_weeks,
    name_of,
    of_node,
    opens_item,
    range_said,
    say,
    widest,
)
from pages.ui.tables import Column

SHOWN = 5


# --- backlog and capacity ----------------------------------------------------------------------------------------------------------


def show_backlog(found: RiskOutlook, chosen: Chosen) -> None:
    """What will be open week by week; the closings a week that keep it flat; and a slider for another number of closings."""
    st.html(f'<div id="backlog">{head_of("backlog", chosen)}</div>')
    case = case_of(found, chosen)
    if case is None and not found.backlog:
        st.html(quiet(say("none.backlog", chosen)))
        return
    if case is not None and not case.arrivals.empty and case.flat_a_week is not None:
        _ask_capacity(found, case, chosen)
    else:
        _draw_backlog(found, None, None, chosen)
    with st.expander(say("table.backlog", chosen), on_change="rerun", key="backlog_table") as behind:
        if behind.open:
            folded.show_table("all_backlog", backlog_rows(found, chosen), backlog_columns(), chosen, first=4 * SHOWN)


def backlog_rows(found: RiskOutlook, chosen: Chosen) -> list[dict]:
    """What is open and will be, one place and category a line."""
    return [
        {
            "cell": name_of(item.node, chosen.language),
            "open": item.open,
            "overdue": item.overdue,
            "ahead": None if in_weeks(item) is None else in_weeks(item)["median"],
            "range": words.NOTHING
            if in_weeks(item) is None
            else range_said(in_weeks(item)["low"], in_weeks(item)["high"], chosen.language),
            "selection": item.selection,
        }
        for item in narrowed(found.backlog, chosen)
    ]


def backlog_columns() -> tuple[Column, ...]:
    """The columns of the backlog."""
    return (
        column("cell"),
        column("open", "count", opens=lambda row: row["selection"]),
        column("overdue", "count", aside=True),
        column("ahead", "count"),
        column("range"),
    )


def case_of(found: RiskOutlook, chosen: Chosen) -> CapacityCase | None:
    """The question of capacity of the place and kind shown: of the kind itself, else of all kinds."""
    top = widest(found)
    own = [one for one in found.capacity if top is not None and one.area_code == top.area_code]
    return next((one for one in own if one.kind == chosen.kind), own[0] if own else None)


def closings_of(case: CapacityCase, chosen: Chosen) -> int:
    """How many closings a week the link asks about; what is closed now unless it says."""
    wanted = dict(chosen.own).get("close", "")
    return min(int(wanted), _most(case)) if wanted.isdecimal() else round(case.now_a_week)


def _most(case: CapacityCase) -> int:
    """The most closings that the slider offers: twice what is closed now or what would be needed."""
    return max(10, round(2 * max(case.now_a_week, case.flat_a_week or 0)))


@st.fragment
def _ask_capacity(found: RiskOutlook, case: CapacityCase, chosen: Chosen) -> None:
    """Only this part runs again when the slider is moved; what it says stands in the link."""
    st.html(f'<p class="xs-line">{text(flat_said(case, chosen))}</p>')
    key = f"closings_{case.area_code}_{case.kind or ''}"
    st.session_state.setdefault(key, closings_of(case, chosen))
    closings = st.slider(say("slider", chosen), 0, _most(case), key=key, on_change=_moved, args=(key,))
    _draw_backlog(found, case, closings, chosen)


def flat_said(case: CapacityCase, chosen: Chosen) -> str:
    """How many closings a week keep the backlog flat, beside how many there are."""
    values = {"now": round(case.now_a_week), "weeks": case.weeks_back, "flat": round(case.flat_a_week or 0)}
    return say("text.flat", chosen, **values, range=range_said(case.flat_low, case.flat_high, chosen.language))


def _moved(key: str) -> None:
    st.query_params["close"] = str(st.session_state[key])


def _draw_backlog(found: RiskOutlook, case: CapacityCase | None, closings: int | None, chosen: Chosen) -> None:
    top = widest(found)
    item = of_node(found.backlog, top.area_code, None) if top else None
    ready = case is not None and closings is not None and found.run is not None
    other = load.what_if(case, closings, found.run.as_of) if ready else None
    if other is not None and len(other):
        last = other.iloc[-1]
        day = pd.Timestamp(last["on"]).date()
        values = {"closings": closings, "day": day, "now": case.open, "then": round(last["open"])}
        said = say("text.what_if", chosen, **values, range=range_said(last["low"], last["high"], chosen.language))
        way = "down" if last["open"] < case.open else "up" if last["open"] > case.open else "flat"
        st.html(f'<p class="xs-line"><b>{text(said)}</b> {text(say(f"text.way_{way}", chosen))}</p>')
    if item is None or item.is_suppressed or item.path.empty or item.open is None or found.run is None:
        return
    figure = charts.plot_backlog(item.open, item.path, chosen.language, other, as_of=found.run.as_of)
    st.plotly_chart(figure, config=charts.CONFIG, key="risk_backlog", alt=say("alt.backlog", chosen))


# --- deadlines ---------------------------------------------------------------------------------------------------------------------


def show_deadlines(found: RiskOutlook, chosen: Chosen) -> None:
    """Matters not yet overdue that are expected to miss their deadline, by place and category; each number opens its matters."""
    st.html(f'<div id="deadlines">{head_of("deadlines", chosen)}</div>')
    top = widest(found)
    whole = of_node(found.deadlines, top.area_code, None) if top else None
    if whole is not None and whole.expected is not None and not whole.is_suppressed:
        st.html(f'<p class="xs-line">{deadline_line(whole, found, chosen)}</p>')
    known = {item.node.key for item in found.items}
    rows = [deadline_row(one, chosen, known) for one in narrowed(found.deadlines, chosen) if one.due]
    if not rows:
        st.html(quiet(say("none.deadlines", chosen)))
        return
    folded.show_table("all_deadlines", rows, deadline_columns(), chosen, first=SHOWN)


def deadline_line(item: DeadlineItem, found: RiskOutlook, chosen: Chosen) -> str:
    """How many are likely to miss, and which fall due soon, as markup: both open."""
    said = chosen.language
    values = {"due": item.due, "expected": round(item.expected), "range": range_said(item.low, item.high, said)}
    parts = [text(say("text.deadlines", chosen, **values, overdue=item.overdue))]
    if item.soon:
        near = say(
            "text.soon", chosen, days=found.rules.soon_days, count=item.soon, expected=round(item.soon_expected or 0)
        )
        parts.append(text(near) + behind(item.soon_selection, chosen))
    return " ".join(parts)


def deadline_row(item: DeadlineItem, chosen: Chosen, known: Collection[str] = ()) -> dict:
    """One place and category: due, expected to miss with the range, overdue already; it leads to its cell where there is one (`known`)."""
    said = chosen.language
    return {
        "cell": name_of(item.node, said),
        "goes": opens_item(item.node, chosen) if item.node.key in known else None,
        "due": item.due,
        "expected": item.expected,
        "range": range_said(item.low, item.high, said),
        "share": None if item.share is None else 100 * item.share,
        "soon": item.soon,
        "overdue": item.overdue,
        "undated": item.undated,
        "selection": item.selection,
        "soon_selection": item.soon_selection,
        "overdue_selection": item.overdue_selection,
    }


def deadline_columns() -> tuple[Column, ...]:
    """The columns of deadlines at risk."""
    return (
        column("cell", goes=lambda row: row["goes"]),
        column("expected", "decimal", "expected_late"),
        column("range", aside=True),
        column("due", "count", opens=lambda row: row["selection"]),
        column("share", "pct", "share_late", aside=True),
        column("soon", "count", opens=lambda row: row["soon_selection"], aside=True),
        column("overdue", "count", opens=lambda row: row["overdue_selection"]),
        column("undated", "count", aside=True),
    )


# --- disputes that become petitions ------------------------------------------------------------------------------------------------


def show_escalation(found: RiskOutlook, chosen: Chosen) -> None:
    """Which share of disputes a petition follows, by place and category, never by unit."""
    items = narrowed(found.escalation, chosen)
    st.html(f'<div id="escalation">{head_of("escalation", chosen)}</div>')
    if not items:
        st.html(quiet(say("none.escalation", chosen)))
        return
    period = items[0].period
    said = say("text.escalation", chosen, first=period.first, last=period.last, days=found.rules.follow_days)
    st.html(f'<p class="xs-line">{text(said)}</p>')
    rows = [escalation_row(one, chosen) for one in items]
    folded.show_table("all_escalation", rows, escalation_columns(), chosen, first=SHOWN)


def escalation_row(item: EscalationItem, chosen: Chosen) -> dict:
    """One place and category: what was counted, what is to be expected with its range, what stands open now."""
    said = chosen.language
    low, high = (None if one is None else 100 * one for one in (item.low, item.high))
    counted = words.NOTHING
    if item.disputes is not None and item.followed is not None:
        counted = f"{words.number(item.followed, said)}/{words.number(item.disputes, said)}"
    return {
        "cell": name_of(item.node, said),
        "followed": counted,
        "share": None if item.share is None else 100 * item.share,
        "share_range": words.NOTHING if low is None else f"{range_said(low, high, said, 1)}%",
        "whole": None if item.whole is None else 100 * item.whole,
        "open_disputes": item.open,
        "selection": item.selection,
    }


def escalation_columns() -> tuple[Column, ...]:
    """The columns of disputes that a petition follows."""
    return (
        column("cell"),
        column("share", "pct", "share_followed"),
        column("share_range", aside=True),
        column("followed", opens=lambda row: row["selection"]),
        column("whole", "pct", "share_whole", aside=True),
        column("open_disputes", "count"),
    )


# --- long pending ------------------------------------------------------------------------------------------------------------------


def show_pending(found: RiskOutlook, chosen: Chosen) -> None:
    """What lies long: now, four weeks ago, and in four weeks."""
    st.html(f'<div id="pending">{head_of("pending", chosen)}</div>')
    rows = [pending_row(one, chosen) for one in narrowed(found.pending, chosen) if one.now or one.before]
    if not rows:
        st.html(quiet(say("none.pending", chosen)))
        return
    st.html(f'<p class="xs-line">{text(say("text.pending", chosen, days=found.rules.pending_days))}</p>')
    folded.show_table("all_pending", rows, pending_columns(), chosen, first=SHOWN)


def pending_row(item: PendingItem, chosen: Chosen) -> dict:
    """One place and category: long pending now, before, and to be expected."""
    return {
        "cell": name_of(item.node, chosen.language),
        "before": item.before,
        "pending": item.now,
        "expected": item.expected,
        "growth": None if item.expected is None or item.now is None else round(item.expected) - item.now,
        "selection": item.selection,
    }


def pending_columns() -> tuple[Column, ...]:
    """The columns of what lies long."""
    return (
        column("cell"),
        column("before", "count", "pending_before", aside=True),
        column("pending", "count", "pending_now", opens=lambda row: row["selection"]),
        column("expected", "count", "pending_expected"),
        column("growth", "signed"),
    )


def narrowed(items: Sequence[OfNode], chosen: Chosen) -> list[OfNode]:
    """Those of the chosen category that may be shown."""
    return [one for one in items if not one.is_suppressed and chosen.category_code in (None, one.node.category_code)]
