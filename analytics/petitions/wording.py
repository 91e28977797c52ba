"""What the trends say first: up, down or as usual; what drives it; what else; and what must be known before it is believed."""

import numpy as np
import pandas as pd

from analytics import changes
from analytics.briefs.answer import Concern
from analytics.briefs.wording import no_calendar
from analytics.figures import Comparison, Figure, Line, Sentence
from analytics.petitions.answer import Asked

NAMED = 2  # parts of a change that the headline names


def headline(
    ask: Asked,
    volume: tuple[Figure, ...],
    rows: pd.DataFrame,
    categories: tuple[Line, ...],
    places: tuple[Line, ...],
    rates: tuple[Figure, ...],
    shares: tuple[Figure, ...],
) -> tuple[Sentence, ...]:
    """At most five lines: the count against its range, what moved, how it is answered, what kind of matters, the running period."""
    lines = (
        _count(ask, volume[0]),
        _driver(ask, volume[0], categories, places),
        _answered(rates),
        _kinds(shares),
        _running(ask, rows),
    )
    return tuple(line for line in lines if line is not None)


def _span(ask: Asked) -> Sentence:
    return Sentence(f"petitions.period.{ask.unit}", {"first": ask.period.first, "last": ask.period.last})


def _count(ask: Asked, new: Figure) -> Sentence:
    kind = Sentence(f"petitions.kind.{ask.kind or 'all'}")
    values = {
        "period": _span(ask),
        "kind": kind,
        "new": new.value,
        "compared": _pair([_moved(one) for one in new.comparisons], "both"),
    }
    compared = "" if new.comparisons else "_alone"
    if new.expected is None:
        return Sentence(f"petitions.headline.unknown{compared}", values, new.selection)
    values |= {"lower": new.expected.lower, "upper": new.expected.upper}
    return Sentence(f"petitions.headline.{new.state}{compared}", values, new.selection)


def _pair(said: list[Sentence], how: str) -> Sentence | None:
    """One sentence, or two as one; none where there is nothing to say."""
    if len(said) < 2:
        return said[0] if said else None
    return Sentence(f"petitions.headline.{how}", {"one": said[0], "other": said[1]})


def _moved(one: Comparison) -> Sentence:
    """A comparison by the wording rules: no percent on a base under ten, none on zero."""
    what = "year" if one.kind == "year_on_year" else "previous"
    if one.reason is not None:
        return Sentence(f"petitions.moved.{what}_{one.reason}")
    if not one.change:
        return Sentence(f"petitions.moved.{what}_flat")
    direction = "up" if one.change > 0 else "down"
    if one.change_pct is not None:
        return Sentence(f"petitions.moved.{what}_{direction}", {"pct": abs(one.change_pct)})
    return Sentence(f"petitions.moved.{what}_counts", {"base": one.base, "now": one.base + one.change})


def _driver(ask: Asked, new: Figure, categories: tuple[Line, ...], places: tuple[Line, ...]) -> Sentence | None:
    """What moved between the period before and this one, by subject and by place, the largest parts in the direction of the whole."""
    previous = next((one for one in new.comparisons if one.kind == "previous_period"), None)
    if previous is None or not previous.change:
        return None
    direction = "more" if previous.change > 0 else "fewer"
    named = []
    for lines, key, group in ((categories, "code", "categories"), (places, "area_code", "places")):
        found = [_part(line, part, group, direction) for line, part in _largest(lines, key, previous.change)]
        if found:
            named.append(Sentence(f"petitions.headline.by_{group}", {"parts": _pair(found, "pair")}))
    if not named:
        return None
    values = {"count": abs(previous.change), "named": tuple(named), "than": Sentence(f"petitions.than.{ask.unit}")}
    return Sentence(f"petitions.headline.{direction}", values)


def _largest(lines: tuple[Line, ...], key: str, change: float) -> list[tuple[Line, changes.Part]]:
    by_code = {line.values[key]: line for line in lines if line.values[key]}
    frames = (
        pd.DataFrame({"code": list(by_code), "matters": [line.values[name] for line in by_code.values()]}, columns=["code", "matters"])
        for name in ("matters", "previous")
    )  # fmt: skip
    split = changes.explain_change(*frames, by=("code",))
    same_way = [part for part in split.parts if part.kind == "one" and part.change * np.sign(change) > 0]
    same_way.sort(key=lambda part: -abs(part.change))
    return [(by_code[part.code], part) for part in same_way[:NAMED]]


def _part(line: Line, part: changes.Part, group: str, direction: str) -> Sentence:
    name = line.values["name" if group == "categories" else "area"]
    return Sentence(f"petitions.headline.part_{direction}", {"name": name, "count": abs(part.change)}, line.selection)


def _answered(rates: tuple[Figure, ...]) -> Sentence | None:
    known = tuple(
        Sentence("petitions.headline.rate", {"name": Sentence(f"figure.name.{one.name}"), "pct": one.value})
        for one in rates
        if one.value is not None
    )
    return Sentence("petitions.headline.rates", {"rates": known}) if known else None


def _kinds(shares: tuple[Figure, ...]) -> Sentence | None:
    known = tuple(
        Sentence("petitions.headline.share", {"name": Sentence(f"petitions.share.{one.name}"), "count": one.numerator, "pct": one.value})
        for one in shares
        if one.value is not None
    )  # fmt: skip
    return Sentence("petitions.headline.shares", {"shares": known}) if known else None


def _running(ask: Asked, rows: pd.DataFrame) -> Sentence | None:
    """The unfinished period at the end of the window: its count so far, never judged."""
    last = rows.iloc[-1]
    if last["complete"] or last["first"] == ask.period.first:
        return None
    chosen = ask.new_in(ask.windows[-1])
    values = {"until": last["last"], "count": int(last["matters"])}
    if np.isnan(last["upper"]):
        return Sentence("petitions.headline.running_alone", values, chosen)
    return Sentence("petitions.headline.running", values | {"lower": last["lower"], "upper": last["upper"]}, chosen)


def notices(ask: Asked, rows: pd.DataFrame, volume: tuple[Figure, ...]) -> tuple[Sentence, ...]:
    """What limits the answer: no records, nothing complete, a short history, a festival month, sources silent since."""
    if rows.empty:
        return (Sentence("notice.no_records", {"day": ask.day}),)
    said = []
    if not ask.period.complete:
        said.append(Sentence("petitions.notice.nothing_complete", {"last": ask.period.last}))
    said += no_calendar(ask.calendar, ask.period)
    if volume[0].expected is None:
        said.append(
            Sentence(
                "petitions.notice.short_history", {"count": len(rows), "unit": Sentence(f"petitions.unit.{ask.unit}")}
            )
        )
    if ask.unit == "month" and ask.period.first.month in (1, 2):
        said.append(Sentence("petitions.notice.festival_month"))
    elif any(one.kind == "year_on_year" and one.period != ask.year_before for one in volume[0].comparisons):
        said.append(Sentence("petitions.notice.lunar_aligned"))
    if int(rows["matters"].iloc[-1]) == 0 and ask.unit != "day":
        said.append(Sentence("petitions.notice.nothing_lately", {"first": rows["first"].iloc[-1]}))
    return tuple(said)


def concerns(volume: tuple[Figure, ...], places: tuple[Line, ...]) -> tuple[Concern, ...]:
    """What should be looked back at: the count above its range, places above those of their kind."""
    found = []
    new = volume[0]
    if new.state == "above":
        found.append(Concern("total_above", observed=new.value, upper=new.expected.upper, selection=new.selection))
    for line in places:
        if line.values["state"] == "above":
            values = line.values
            found.append(
                Concern(
                    "place_above", area_code=values["area_code"], observed=values["per_10k"], upper=values["upper"],
                    selection=line.selection,
                )
            )  # fmt: skip
    return tuple(found)
