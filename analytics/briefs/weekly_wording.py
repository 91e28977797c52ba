"""What a weekly brief says first: was the week normal, where was it not, what is to be done; and what its records do not carry."""

from collections.abc import Mapping

import pandas as pd

from analytics.briefs.answer import Line
from analytics.briefs.weekly_answer import WeeklyBrief, WeekQuestion
from analytics.briefs.weekly_counts import Counted, leading_category
from analytics.briefs.weekly_work import days_ahead
from analytics.briefs.wording import no_calendar
from analytics.figures import Comparison, Figure, Sentence


def state_of(flows: tuple[Figure, ...], places: tuple[Line, ...], back: tuple[Figure, ...]) -> str:
    """normal, watch (something was let slip or piles up), unusual, or unknown; see `WeeklyBrief`."""
    by_name = {figure.name: figure for figure in (*flows, *back)}
    if by_name["new"].state == "unknown":
        return "unknown"
    if by_name["new"].state == "above" or any(line.values["state"] == "above" for line in places):
        return "unusual"
    became = {name: by_name[name].value for name in by_name if name.startswith("dispatched_")}
    slipped = became.get("dispatched_passed", 0) > became.get(
        "dispatched_closed_in_time", 0
    )  # more let slip than settled in time
    if slipped or any(by_name[name].state == "above" for name in ("overdue", "open")):
        return "watch"
    return "unusual" if by_name["new"].state == "below" else "normal"


def record_notices(
    ask: WeekQuestion, counted: Counted, flows: tuple[Figure, ...], share: float | None, alignment: str
) -> tuple[Sentence, ...]:
    """That the week is not over, and what the records do not carry."""
    if counted.is_empty:
        return (Sentence("notice.no_records", {"day": ask.day}),)
    said = []
    if not ask.week.complete:
        said.append(Sentence("notice.week_unfinished", {"day": ask.day, "days": ask.week.days}))
    said += no_calendar(ask.calendar, ask.week)
    by_name = {figure.name: figure for figure in flows}
    new = counted.by_day.xs("new", axis=1, level=1).sum(axis=1)
    last = new[new > 0].index.max()
    if pd.notna(last) and (ask.day - last.date()).days > 2:
        said.append(Sentence("notice.nothing_since", {"last": last.date()}))
    if by_name["new"].expected is None:
        weeks = (ask.week.first - counted.since).days // 7
        said.append(Sentence("notice.week_not_judged" if weeks >= 4 else "notice.short_history", {"weeks": weeks}))
    if share is not None and 100 * share < ask.rules.filled_pct:
        said.append(Sentence("notice.week_still_filling", {"pct": 100 * share}))
    if alignment == "lunar_aligned" and by_name["new"].comparisons:
        said.append(Sentence("notice.lunar_aligned"))
    absent = {figure.missing.key: figure.missing for figure in flows if figure.missing}
    return (*said, *absent.values())


def headline(ask: WeekQuestion, counted: Counted, brief: WeeklyBrief) -> tuple[Sentence, ...]:
    """At most five lines: normal or not and where; how it moved and what stands; what is dispatched; what became of last week's; ahead."""
    by_name = {figure.name: figure for figure in brief.flows}
    lines = [_arrived(ask, counted, brief, by_name["new"])]
    if not brief.is_empty:
        lines += [_standing(by_name), _dispatched(brief), _looked_back(brief), _ahead(ask, brief)]
    return tuple(line for line in lines if line is not None)


def _arrived(ask: WeekQuestion, counted: Counted, brief: WeeklyBrief, new: Figure) -> Sentence:
    span = Sentence("brief.week.span" if brief.period.complete else "brief.week.span_so_far", _days(brief))
    if new.value is None:
        return Sentence("brief.week.no_records", {"span": span})
    values = {"span": span, "new": new.value, "moved": _moves(new)}
    if new.expected is None:
        return Sentence("brief.week.unknown", values, new.selection)
    values |= {"lower": new.expected.lower, "upper": new.expected.upper}
    where = next((line for line in brief.places if line.values["state"] == "above"), None)
    key = new.state
    if where is not None:
        key += "_where"
        values |= {"area": where.values["area"], "area_new": where.values["new"], "area_upper": where.values["upper"]}
    elif brief.state == "watch" and key == "within":
        key = "watch"
    if where is not None or key == "above":
        category = leading_category(ask, counted, where.values["area_code"] if where else brief.area_code)
        if category is not None:
            key, values = f"{key}_what", {**values, "category": category}
    return Sentence(f"brief.week.{key}", values, where.selection if where else new.selection)


def _days(brief: WeeklyBrief) -> dict[str, object]:
    year, week, _ = brief.period.first.isocalendar()
    return {"year": year, "week": week, "first": brief.period.first, "last": brief.period.last}


def _moves(figure: Figure) -> Sentence | str:
    """The changes against the week before and the year before, as far as they can be said; nothing where there are none."""
    known = [move(one) for one in figure.comparisons]
    if not known:
        return ""
    key = "brief.week.moves_two" if len(known) > 1 else "brief.week.moves_one"
    return Sentence(key, {"first": known[0], "second": known[-1]} if len(known) > 1 else {"first": known[0]})


def move(comparison: Comparison) -> Sentence:
    """One comparison as a sentence, by the wording rules (DOMAIN 6.3): no percent on a base under ten, none on zero."""
    what = Sentence(f"figure.comparison.{comparison.kind}")
    if comparison.reason is not None:
        said = Sentence(f"figure.comparison.{comparison.reason}")
    elif not comparison.change:
        said = Sentence("figure.comparison.flat")
    else:
        way = "up" if comparison.change > 0 else "down"
        if comparison.change_pct is not None:
            said = Sentence(f"figure.comparison.{way}_pct", {"pct": abs(comparison.change_pct)})
        else:
            values = {"base": comparison.base, "value": comparison.base + comparison.change}
            said = Sentence(f"figure.comparison.counts_{way}", values)
    return Sentence("figure.comparison.line", {"what": what, "said": said})


def _standing(by_name: Mapping[str, Figure]) -> Sentence:
    values = {name: by_name[name].value for name in ("closed", "open", "overdue")}
    if values["open"] is None:
        return Sentence("brief.week.standing_unknown", {}, by_name["open"].missing.selection)
    if values["overdue"] is None:
        return Sentence("brief.week.standing_undated", values, by_name["open"].selection)
    return Sentence("brief.week.standing", values, by_name["overdue"].selection)


def _dispatched(brief: WeeklyBrief) -> Sentence | None:
    by_name = {figure.name: figure for figure in brief.dispatch_figures}
    total = by_name.get("dispatch")
    if total is None or not total.value:
        return None
    values = {"count": total.value, "overdue": by_name["dispatch_overdue"].value, "due": by_name["dispatch_due"].value}
    first = next((line for line in brief.dispatch_lines if line.values["overdue"]), None)
    if not values["overdue"]:
        return Sentence("brief.week.dispatched", {name: values[name] for name in ("count", "due")}, total.selection)
    if first is None:
        return Sentence("brief.week.dispatched_late", values, total.selection)
    line = Sentence(f"names.line.{first.values['line'] or 'territorial'}")
    return Sentence(
        "brief.week.dispatched_line",
        {**values, "line": line, "line_overdue": first.values["overdue"]},
        by_name["dispatch_overdue"].selection,
    )


def _looked_back(brief: WeeklyBrief) -> Sentence | None:
    counts = {figure.name.removeprefix("dispatched_"): figure.value for figure in brief.looked_back}
    total = counts.get("dispatched")
    if not total:
        return None
    closed = sum(counts.get(name, 0) for name in ("closed_in_time", "closed_late", "closed", "reviewed"))
    values = {
        "count": total,
        "closed": closed,
        "passed": counts.get("passed", 0),
        "unchanged": counts.get("unchanged", 0),
    }
    return Sentence("brief.week.looked_back", values, brief.looked_back[0].selection)


def _ahead(ask: WeekQuestion, brief: WeeklyBrief) -> Sentence | None:
    due = next((one for one in brief.ahead_lines if one.key == "brief.week.ahead_due"), None)
    special = [one for one in brief.ahead_lines if one.key in ("brief.week.ahead_holiday", "brief.week.ahead_makeup")]
    said = tuple(one for one in (due, *special[:2]) if one is not None)
    if not said:
        return None
    span = days_ahead(ask)
    return Sentence("brief.week.ahead", {"first": span.first, "last": span.last, "said": said}, due and due.selection)
