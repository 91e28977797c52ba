"""What the brief says first: is it normal, where, what to do; and what must be known before it is believed."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import pandas as pd

from analytics.briefs.answer import Concern, DailyBrief, Line, Question
from analytics.briefs.counts import leading_category
from analytics.figures import Figure, Period, Sentence
from data.mart import Attempt, Mart
from data.workdays import WorkCalendar

LOUD = ("notice.refresh_failed", "notice.refresh_unfinished", "notice.stale")  # the headline of the day, not a footnote
FIRST = (
    *LOUD,
    "notice.nothing_since",
    "notice.read_before_close",
    "petitions.notice.nothing_complete",
    "petitions.notice.nothing_lately",
)


def state_of(flows: tuple[Figure, ...], places: tuple[Line, ...], major: tuple[Line, ...]) -> str:
    """normal, watch, unusual or unknown; see `DailyBrief`."""
    by_name = {figure.name: figure for figure in flows}
    if by_name["new"].state == "unknown":
        return "unknown"
    if by_name["new"].state == "above" or any(line.values["state"] == "above" for line in places):
        return "unusual"
    if major or any(figure.state == "above" for figure in (by_name["overdue"], by_name["open"])):
        return "watch"
    return "unusual" if by_name["new"].state == "below" else "normal"


def concerns(flows: tuple[Figure, ...], places: tuple[Line, ...], major: tuple[Line, ...]) -> tuple[Concern, ...]:
    """What a daily brief warns of: counts above their range, places above theirs, larger and collective matters by type and place."""
    of_flows = [
        Concern(f"{one.name}_above", one.selection.area_code, None, one.value, one.expected.upper, one.selection)
        for one in flows
        if one.name in ("new", "open", "overdue") and one.state == "above"
    ]
    of_places = [
        Concern("place_above", line.values["area_code"], None, line.values["new"], line.values["upper"], line.selection)
        for line in places
        if line.values["state"] == "above"
    ]
    of_major = [
        Concern(
            "major",
            line.selection.area_code,
            line.values["category_code"],
            line.values["matters"],
            None,
            line.selection,
        )
        for line in major
    ]
    return (*of_flows, *of_places, *of_major)


def refresh_notices(
    mart: Mart, day: date, attempt: Attempt | None, now: datetime | None, *, stale_hours: int
) -> tuple[Sentence, ...]:
    """A failed, unfinished or late refresh, to be said before anything else."""
    said = []
    read_at = mart.read_at
    if attempt is not None and attempt.started_at > mart.published_at:
        values = {"at": attempt.started_at, "read_at": read_at}
        if attempt.finished_at is None:
            said.append(Sentence("notice.refresh_unfinished", values))
        elif not attempt.ok:
            reason = Sentence(f"errors.{attempt.error_key}", attempt.error_values or {})
            said.append(Sentence("notice.refresh_failed", {**values, "reason": reason}))
    if read_at <= datetime.combine(day, time.max):
        said.append(Sentence("notice.read_before_close", {"read_at": read_at, "day": day}))
    elif now is not None and now - read_at > timedelta(hours=stale_hours):
        said.append(
            Sentence("notice.stale", {"read_at": read_at, "hours": int((now - read_at).total_seconds() // 3600)})
        )
    return tuple(said)


def around_the_headline(
    notices: Iterable[Sentence], *, is_empty: bool = False
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """Of the notices of an answer those to be said before its headline, the gravest first, and those that stand with its figures.

    What may make the headline wrong comes before it; how its figures are to be read comes after; all come first where there are none.
    """
    rank = {key: place for place, key in enumerate(FIRST)}
    said = tuple(notices)
    first = [one for one in said if is_empty or one.key in rank]
    first.sort(key=lambda one: rank.get(one.key, len(rank)))
    return tuple(first), tuple(one for one in said if not is_empty and one.key not in rank)


def no_calendar(calendar: WorkCalendar, period: Period) -> list[Sentence]:
    """That a year has no calendar yet, so that what is to be expected goes by weekdays; nothing where it has one."""
    years = sorted({day.year for day in (period.first, period.last) if not calendar.covers(day)})
    return [Sentence("notice.no_calendar", {"year": year}) for year in years]


def record_notices(
    ask: Question,
    counts: pd.DataFrame,
    flows: tuple[Figure, ...],
    deadlines: tuple[Figure, ...],
    completeness: float | None,
) -> tuple[Sentence, ...]:
    """What the records do not carry: no matters, too short a history, closing times or deadlines missing, days still filling."""
    if counts.empty:
        return (Sentence("notice.no_records", {"day": ask.day}),)
    said = []
    by_name = {figure.name: figure for figure in flows}
    last = counts.loc[counts["new"] > 0, "day"].max()
    if pd.notna(last) and last.date() < ask.day - timedelta(days=2):
        said.append(Sentence("notice.nothing_since", {"last": last.date()}))
    said += no_calendar(ask.calendar, Period(ask.day, ask.day))
    if by_name["new"].expected is None:
        weeks = (pd.Timestamp(ask.day) - counts["day"].min()).days // 7
        said.append(Sentence("notice.short_history", {"weeks": weeks}))
    if completeness is not None and 100 * completeness < ask.rules.filled_pct:
        said.append(Sentence("notice.still_filling", {"day": ask.day, "pct": 100 * completeness}))
    absent = {figure.missing.key: figure.missing for figure in (by_name["open"], deadlines[0]) if figure.missing}
    return (*said, *absent.values())


def headline(ask: Question, brief: DailyBrief) -> tuple[Sentence, ...]:
    """At most five lines: normal or not and where; what stands; what is large; what is due; tomorrow."""
    by_name = {figure.name: figure for figure in brief.flows}
    lines = [_arrived(ask, brief, by_name["new"]), _standing(by_name), _largest(brief), _due(brief)]
    if brief.tomorrow:
        lines.append(Sentence("brief.headline.tomorrow", {"said": brief.tomorrow}))
    return tuple(line for line in lines if line is not None)[:5]


def _arrived(ask: Question, brief: DailyBrief, new: Figure) -> Sentence:
    if new.value is None:
        return Sentence("brief.headline.no_records", {"day": brief.day})
    values = {"day": brief.day, "new": new.value}
    if new.expected is None:
        return Sentence("brief.headline.unknown", values, new.selection)
    values |= {"lower": new.expected.lower, "upper": new.expected.upper}
    where = next((line for line in brief.places if line.values["state"] == "above"), None)
    if brief.state == "unusual" and where is not None:
        values |= {"area": where.values["area"], "area_new": where.values["new"], "area_upper": where.values["upper"]}
        category = leading_category(ask, where.values["area_code"])
        if category is not None:
            return Sentence(
                f"brief.headline.{new.state}_where_what", {**values, "category": category[0]}, where.selection
            )
        return Sentence(f"brief.headline.{new.state}_where", values, where.selection)
    if new.state == "above":
        category = leading_category(ask, brief.area_code)
        if category is not None:
            return Sentence("brief.headline.above_what", {**values, "category": category[0]}, new.selection)
    watched = brief.state == "watch" and new.state == "within"
    return Sentence(f"brief.headline.{'watch' if watched else new.state}", values, new.selection)


def _standing(by_name: dict[str, Figure]) -> Sentence:
    values = {name: by_name[name].value for name in ("closed", "open", "overdue")}
    if values["open"] is None:
        return Sentence("brief.headline.standing_unknown", {}, by_name["open"].missing.selection)
    if values["overdue"] is None:
        return Sentence("brief.headline.standing_undated", values, by_name["open"].selection)
    return Sentence("brief.headline.standing", values, by_name["overdue"].selection)


def _largest(brief: DailyBrief) -> Sentence | None:
    if not brief.major:
        return None
    first = brief.major[0]
    values = {
        "matters": sum(line.values["matters"] for line in brief.major),
        "area": first.values["area"] or Sentence("brief.place_unknown"),
        "category": first.values["category"] or Sentence("brief.category_unknown"),
        "people": first.values["people"],
    }
    return Sentence("brief.headline.major", values, first.selection)


def _due(brief: DailyBrief) -> Sentence | None:
    overdue, on_day, soon = brief.deadlines
    if overdue.value is None or not brief.deadlines_by_unit:
        return None
    first = brief.deadlines_by_unit[0]
    values = {
        "on_day": on_day.value,
        "soon": soon.value,
        "until": soon.period.last,
        "unit": first.values["unit"] or Sentence("brief.unit_unknown"),
        "unit_overdue": first.values["overdue"],
    }
    return Sentence(
        "brief.headline.due" if first.values["overdue"] else "brief.headline.due_only", values, first.selection
    )
