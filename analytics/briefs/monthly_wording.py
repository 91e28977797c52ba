"""What a monthly brief says first, what it sums up, and what must be known before it is believed."""

from collections.abc import Sequence

import pandas as pd

from analytics.briefs.answer import Concern, Line, Question
from analytics.briefs.monthly_answer import ExplainedChange, Month, MonthlyBrief
from analytics.briefs.wording import no_calendar
from analytics.expected_months import FEWEST_MONTHS
from analytics.figures import Comparison, Figure, Sentence
from analytics.rises import judge_moves

NAMED = 3  # of each kind in the summary


def state_of(flows: tuple[Figure, ...], rising: tuple[Line, ...], recurring: tuple[Line, ...]) -> str:
    """normal, watch, unusual or unknown: as in a daily brief, with what rose, and what recurs and grows; something recurs in any month."""
    by_name = {figure.name: figure for figure in flows}
    if by_name["new"].state == "unknown":
        return "unknown"
    if by_name["new"].state in ("above", "below") or any(line.values["state"] == "above" for line in rising):
        return "unusual"
    if rising or growing(recurring) or any(by_name[name].state == "above" for name in ("open", "overdue")):
        return "watch"
    return "normal"


def growing(recurring: tuple[Line, ...]) -> tuple[Line, ...]:
    """Which of the matters that recur rose against the month before by more than chance, the most first."""
    whole = [line for line in recurring if line.values["before"] is not None]
    counts = pd.DataFrame(
        [(line.values["now"], line.values["before"]) for line in whole], columns=["now", "before"], dtype="int64"
    ).assign(days_now=1.0, days_before=1.0, scatter=1.0)
    moved = judge_moves(counts)["moved"] if whole else ()
    return tuple(line for line, way in zip(whole, moved, strict=True) if way == "rose")


def concerns(ask: Question, flows: tuple[Figure, ...], rising: tuple[Line, ...]) -> tuple[Concern, ...]:
    """What this brief warns of: counts above their range, and types and places that rose above theirs."""
    found = [
        Concern(f"{one.name}_above", ask.area_code, None, one.value, one.expected.upper, one.selection)
        for one in flows
        if one.name in ("new", "open", "overdue") and one.state == "above"
    ]
    for line in rising:
        values, level = line.values, line.values["level"]
        if values["state"] != "above" or level not in ("type", "fine", "place"):
            continue
        place = values["code"] if level == "place" else ask.area_code
        category = None if level == "place" else values["code"]
        key = "place_above" if level == "place" else "category_above"
        found.append(Concern(key, place, category, values["now"], values["upper"], line.selection))
    return tuple(found)


def notices(
    month: Month, flows: tuple[Figure, ...], change: ExplainedChange | None, completeness: float | None, months: int
) -> tuple[Sentence, ...]:
    """What the records do not carry, and how the spans compared differ."""
    said = []
    if not month.period.complete:
        said.append(Sentence("monthly.notice.unfinished", {"last": month.period.last, "before": month.before.last}))
    said += no_calendar(month.ask.calendar, month.period)
    new = flows[0]
    if new.value is not None and new.expected is None:
        said.append(Sentence("monthly.notice.short_history", {"count": months, "needed": FEWEST_MONTHS}))
    if not month.is_on_record(month.before):
        said.append(Sentence("monthly.notice.no_month_before"))
    elif not month.is_on_record(month.last_year.base):
        said.append(Sentence("monthly.notice.no_year_before"))
    if month.last_year.alignment != "calendar" and month.is_on_record(month.last_year.base):
        base = month.last_year.base
        values = {"first": base.first, "last": base.last}
        said.append(Sentence(f"monthly.notice.{month.last_year.alignment}", values))
    if change is not None and change.of_days:
        days = {"now": month.period.days, "before": month.before.days, "number": abs(change.of_days)}
        said.append(Sentence(f"monthly.notice.{'more' if change.of_days > 0 else 'fewer'}_days", days))
    if completeness is not None and 100 * completeness < month.ask.rules.filled_pct:
        said.append(Sentence("monthly.notice.still_filling", {"pct": 100 * completeness}))
    absent = {figure.missing.key: figure.missing for figure in flows if figure.missing}
    return (*said, *absent.values())


def headline(month: Month, brief: MonthlyBrief) -> tuple[Sentence, ...]:
    """At most five lines: how much and whether as expected; what moved; what rose; what stands; what recurs."""
    by_name = {figure.name: figure for figure in brief.flows}
    lines = [
        _arrived(month, by_name["new"], brief.state),
        brief.change.sentence if brief.change is not None else None,
        rose(brief),
        _standing(by_name),
        recurs(brief.recurring, brief.recurring_count),
    ]
    return tuple(line for line in lines if line is not None)


def joined(sentences: Sequence[str | Sentence], how: str = "listed") -> str | Sentence:
    """Several names in a row (`listed`), or several clauses (`clauses`), as one sentence."""
    first, *rest = sentences
    return Sentence(f"monthly.{how}", {"first": first, "rest": joined(rest, how)}) if rest else first


def span(month: Month) -> Sentence:
    """The month by name, up to its last day counted where it is unfinished."""
    values = {"first": month.period.first, "last": month.period.last}
    return Sentence(f"monthly.span.{'whole' if month.period.complete else 'part'}", values)


def _arrived(month: Month, new: Figure, state: str) -> Sentence:
    values = {"month": span(month), "new": new.value}
    compared = [said for one in new.comparisons if (said := moved(one)) is not None]
    values["compared"] = Sentence("monthly.compared", {"said": joined(compared, "clauses")}) if compared else ""
    if new.expected is None:
        return Sentence("monthly.headline.unknown", values, new.selection)
    values |= {"lower": new.expected.lower, "upper": new.expected.upper}
    key = "watch" if new.state == "within" and state in ("watch", "unusual") else new.state
    return Sentence(f"monthly.headline.{key}", values, new.selection)


def moved(comparison: Comparison) -> Sentence | None:
    """A comparison as a clause, by the wording rules of DOMAIN 6.3; None for one that cannot be made."""
    if comparison.reason == "unknown":
        return None
    return Sentence(
        "figure.comparison.line",
        {"what": Sentence(f"figure.comparison.{comparison.kind}"), "said": _by_how_much(comparison)},
    )


def _by_how_much(comparison: Comparison) -> Sentence:
    if comparison.reason is not None:
        return Sentence(f"figure.comparison.{comparison.reason}")
    change = comparison.change_points if comparison.change_points is not None else comparison.change
    if not change:
        return Sentence("figure.comparison.flat")
    way = "up" if change > 0 else "down"
    if comparison.change_points is not None:
        return Sentence(f"figure.comparison.{way}_points", {"points": abs(change)})
    if comparison.change_pct is not None:
        return Sentence(f"figure.comparison.{way}_pct", {"pct": abs(comparison.change_pct)})
    values = {"base": comparison.base, "value": comparison.base + change}
    return Sentence(f"figure.comparison.counts_{way}", values)


def rose(brief: MonthlyBrief) -> Sentence | None:
    """Which types and places rose by more than chance, or that none did; None where nothing is compared."""
    if brief.change is None:
        return None
    said = [
        Sentence(f"monthly.headline.rose_{level}", {"said": named(brief.rising, level)})
        for level in ("type", "place")
        if any(line.values["level"] == level for line in brief.rising)
    ]
    return (
        Sentence("monthly.headline.rose", {"said": joined(said, "clauses")})
        if said
        else Sentence("monthly.headline.steady")
    )


def named(lines: tuple[Line, ...], *levels: str) -> Sentence:
    """The first lines of these levels by name, each with its number, which leads to its matters."""
    mine = [line for line in lines if line.values["level"] in levels][:NAMED]
    said = [
        Sentence(
            "monthly.named",
            {
                "name": line.values["name"],
                "number": Sentence("monthly.number", {"count": line.values["now"]}, line.selection),
                "change": abs(line.values.get("change", 0)),
            },
        )
        for line in mine
    ]
    return joined(said)


def _standing(by_name: dict[str, Figure]) -> Sentence:
    values = {name: by_name[name].value for name in ("closed", "open", "overdue")}
    if values["open"] is None:
        return Sentence("brief.headline.standing_unknown", {}, by_name["open"].missing.selection)
    if values["overdue"] is None:
        return Sentence("monthly.headline.standing_undated", values, by_name["open"].selection)
    return Sentence("monthly.headline.standing", values, by_name["overdue"].selection)


def recurs(recurring: tuple[Line, ...], count: int) -> Sentence | None:
    """In how many places matters of one kind recur, and where they grow or else are most, as far as lines may be said."""
    if not count:
        return None
    if not recurring:
        return Sentence("monthly.headline.recurs_hidden", {"count": count})
    more = growing(recurring)
    first = (more or recurring)[0]
    values = {name: first.values[name] for name in ("area", "category", "before")} | {"count": count}
    number = Sentence("monthly.number", {"count": first.values["now"]}, first.selection)
    return Sentence(f"monthly.headline.{'recurs_more' if more else 'recurs'}", {**values, "number": number})


def summary(rising: tuple[Line, ...], peaks: tuple[Line, ...]) -> tuple[Sentence, ...]:
    """一是…二是…三是…: which types, which places, which times; only what is more than chance."""
    said = [
        Sentence(f"monthly.summary.{level}", {"said": named(rising, level)})
        for level in ("type", "fine", "place")
        if any(line.values["level"] == level for line in rising)
    ]
    if any(line.values["level"] in ("weekday", "hour") for line in rising):
        said.append(Sentence("monthly.summary.times", {"said": named(rising, "weekday", "hour")}))
    if not said:
        said.append(Sentence("monthly.summary.steady"))
    if peaks:
        said.append(Sentence("monthly.summary.peaks", {"said": joined(_stretches(peaks))}))
    return tuple(
        Sentence("monthly.summary.line", {"ordinal": Sentence(f"monthly.ordinal.{number}"), "said": one})
        for number, one in enumerate(said, start=1)
    )


def _stretches(peaks: tuple[Line, ...]) -> list[Sentence]:
    """The weekdays and the hours in which most arrives; hours that follow each other are one stretch."""
    days = [line.values["name"] for line in peaks if line.values["level"] == "weekday"]
    hours = sorted(int(line.values["code"]) for line in peaks if line.values["level"] == "hour")
    firsts = [hour for hour in hours if hour - 1 not in hours]
    lasts = [hour for hour in hours if hour + 1 not in hours]
    spans = [{"hour": first, "next_hour": last + 1} for first, last in zip(firsts, lasts, strict=True)]
    return [*days, *(Sentence("monthly.hour", values) for values in spans)]
