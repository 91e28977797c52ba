"""What came of each thing the last brief warned of: the same count now, as this brief judges it, and how much of it is done."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from analytics.briefs.answer import Concern
from analytics.figures import Period, Sentence
from data import queries
from data.issuing import Directive
from data.mart import Mart
from data.queries import Selection
from data.scope import Scope

VERDICTS = ("went_on", "eased", "again", "none_since", "too_early", "unknown")
_NO_DATA = ("notice.no_records", "notice.nothing_since", "notice.read_before_close")


class Brief(Protocol):
    """What a follow-up needs of any brief."""

    kind_of_brief: str
    period: Period
    area_code: str | None
    kind: str | None
    notices: tuple[Sentence, ...]
    concerns: tuple[Concern, ...]


@dataclass(frozen=True)
class LookedBack:
    """What came of one concern of the last brief.

    `concern` is as it was stated then; `now` the same count in this brief's period, against `now_upper` where this brief has a range.
    `verdict` is went_on (above its range again), eased, again or none_since (for single larger matters), too_early (the period is not over
    and nothing is above yet) or unknown (no range, no data). Of the matters then counted, `whole` as recorded now, `standing` are still
    open. `given` and `settled` count the directives on it. Each count has the selection that opens it.
    """

    concern: Concern
    label: Sentence
    now: float | None
    now_upper: float | None
    verdict: str
    whole: int | None
    standing: int | None
    given: int
    settled: int
    opens_now: Selection | None = None
    opens_whole: Selection | None = None
    opens_standing: Selection | None = None


def look_back(
    mart: Mart,
    scope: Scope,
    brief: Brief,
    concerns: tuple[Concern, ...],
    then: Period | None,
    directives: tuple[Directive, ...],
) -> tuple[LookedBack, ...]:
    """What came of each concern of the last brief, whose period was `then`, by the close of this one's."""
    names = queries.names_of(mart)
    plans = [_plan(one, brief, then) for one in concerns]
    counted = queries.read_many(mart, scope, [one for plan in plans for one in plan if one is not None])
    found = []
    for concern, (opens_now, opens_whole, opens_standing) in zip(concerns, plans, strict=True):
        judged = _judged(brief, concern)
        now = judged[0] if judged else counted.get(opens_now)
        about = [one for one in directives if one.item_key == item_key(concern)]
        found.append(
            LookedBack(
                concern=concern,
                label=label_of(concern, names),
                now=now,
                now_upper=judged[1] if judged else None,
                verdict=_verdict(brief, concern, now, judged[2] if judged else None),
                whole=counted.get(opens_whole),
                standing=counted.get(opens_standing),
                given=len(about),
                settled=sum(one.closed_on is not None and one.closed_on <= brief.period.last for one in about),
                opens_now=opens_now,
                opens_whole=opens_whole,
                opens_standing=opens_standing,
            )
        )
    return tuple(found)


def _plan(
    concern: Concern, brief: Brief, then: Period | None
) -> tuple[Selection | None, Selection | None, Selection | None]:
    """What to count for a concern: the same in this brief's period, the matters then counted, those of them still open."""
    chosen, as_of = concern.selection, brief.period.last
    if chosen is None:
        return None, None, None
    return _moved(chosen, brief.period, then), chosen, _still_open(chosen, as_of)


def _moved(chosen: Selection, period: Period, then: Period | None) -> Selection:
    """The same count in another period: as of its end; over it where it was counted over the whole of its own, else over as many days."""
    if chosen.first is None or chosen.last is None:
        return chosen.narrowed(as_of=period.last)
    if then is not None and (chosen.first, chosen.last) == (then.first, then.last):
        return chosen.narrowed(as_of=period.last, first=period.first, last=period.last)
    by = period.last - chosen.as_of
    return chosen.narrowed(as_of=period.last, first=chosen.first + by, last=chosen.last + by)


def _still_open(chosen: Selection, as_of: date) -> Selection | None:
    """Those of the counted matters that are open at `as_of`; None where no selection says so."""
    if chosen.measure in ("new", "larger", "collective"):
        return chosen.narrowed(measure="new_open", as_of=as_of) if chosen.measure == "new" else None
    if chosen.measure == "major":
        return chosen.narrowed(measure="major_open", as_of=as_of)
    if chosen.measure == "overdue":
        return chosen.narrowed(measure="overdue_for", first=None, last=chosen.as_of - timedelta(days=1), as_of=as_of)
    if chosen.measure == "open":
        return chosen.narrowed(measure="new_open", first=None, last=chosen.as_of, as_of=as_of)
    return None


def _judged(brief: Brief, concern: Concern) -> tuple[float | None, float | None, str] | None:
    """Count, upper end and state of the same thing in this brief, where this brief has judged it; None where it has not."""
    for one in brief.concerns:
        if item_key(one) == item_key(concern) and one.upper is not None:
            return one.observed, one.upper, "above"
    if concern.key == "place_above":
        for line in getattr(brief, "places", ()):
            if line.values.get("area_code") == concern.area_code and "state" in line.values:
                return line.values["new"], line.values["upper"], line.values["state"]
    for figure in getattr(brief, "flows", ()):
        if f"{figure.name}_above" == concern.key and concern.area_code == brief.area_code:
            return figure.value, figure.expected.upper if figure.expected else None, figure.state
    return None


def _verdict(brief: Brief, concern: Concern, now: float | None, state: str | None) -> str:
    if now is None:
        return "unknown"
    if concern.key == "major":
        above, calm = now > 0, ("again", "none_since")
    elif state is not None:
        if state == "unknown":
            return "unknown"
        above, calm = state == "above", ("went_on", "eased")
    elif concern.upper is not None:
        above, calm = now > concern.upper, ("went_on", "eased")
    else:
        return "unknown"
    if above:
        return calm[0]
    if any(notice.key in _NO_DATA for notice in brief.notices):
        return "unknown"
    return calm[1] if brief.period.complete else "too_early"


def item_key(concern: Concern) -> str:
    """What names the same item from brief to brief."""
    return f"{concern.key}|{concern.area_code or ''}|{concern.category_code or ''}"


def label_of(concern: Concern, names: queries.Names, *, wide: bool = False) -> Sentence:
    """A concern in few words, with the names of its place and subject; `wide` names single matters by their street."""
    place = names.area(concern.area_code) if concern.area_code else None
    if wide and concern.key == "major" and place is not None and isinstance(place["street_code"], str):
        place = names.area(place["street_code"])
    values = {
        "area": Sentence("brief.whole_city") if concern.area_code is None else concern.area_code,
        "category": Sentence("brief.category_unknown"),
    }
    if place is not None:
        values["area"] = str(place["name"])
    if concern.category_code is not None:
        values["category"] = names.by_code["category"].get(concern.category_code, concern.category_code)
    return Sentence(f"concern.{concern.key}", values, concern.selection)
