"""What of a weekly brief may leave the handling unit's own screen: small cells hidden, single matters no nearer than their street."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd

from analytics import measures
from analytics.briefs.answer import Line
from analytics.briefs.disclosure import for_export
from analytics.briefs.weekly_answer import WeeklyBrief
from analytics.figures import Sentence
from analytics.privacy import people_band

FLOWS = ("new", "closed", "open", "overdue")
_RANGE = ("expected", "lower", "upper", "state")
_TALLIES = ("closed", "concluded", "settled", "open")
_RUNGS = ("late_1", "late_8", "late_31", "late_91", "overdue")


@for_export.register
def _(brief: WeeklyBrief) -> WeeklyBrief:
    places = brief.places
    if any(line.values["is_below_street"] for line in places):
        places = hidden(places, "area_code", FLOWS)
    hidden_places = {line.values["area_code"] for line in places if line.values["new"] is None}
    fit = replace(
        brief,
        places=places,
        headline=tuple(_without_place(one, hidden_places) for one in brief.headline),
        concerns=tuple(
            one for one in brief.concerns if not (one.key == "place_above" and one.area_code in hidden_places)
        ),
        dispatch=tuple(_matter(line, brief.street) for line in brief.dispatch),
        looked_back_lines=tuple(_matter(line, brief.street) for line in brief.looked_back_lines),
    )
    return _below_street(fit) if brief.is_below_street else fit


def _below_street(brief: WeeklyBrief) -> WeeklyBrief:
    """Every table of counts of an area below a street, its small cells hidden."""
    return replace(
        brief,
        kinds=hidden(brief.kinds, "kind", FLOWS),
        dispatch_lines=hidden(brief.dispatch_lines, "line", ("matters", "overdue", "due")),
        ladder_units=hidden(brief.ladder_units, "org_id", _RUNGS),
        ladder_lines=hidden(brief.ladder_lines, "line", _RUNGS),
        meetings=hidden(brief.meetings, "tier", _TALLIES),
        committees=hidden(brief.committees, "committee_code", _TALLIES),
        methods=hidden(brief.methods, "resolution_method", _TALLIES),
        ahead=hidden(brief.ahead, "day", ("due",)),
    )


def hidden(lines: tuple[Line, ...], key: str, columns: tuple[str, ...]) -> tuple[Line, ...]:
    """Lines whose counts of 1-4 are None, and as many others of a column as keep them from being worked out from its total.

    `key` names the column that tells the lines apart. A hidden new count takes its range and state along, a hidden settled one its share.
    A column that is empty throughout stays so.
    """
    values = [dict(line.values) for line in lines]
    for column in columns:
        if not values or any(row.get(column) is None for row in values):
            continue
        labels = [str(place) for place in range(len(values))]
        cells = pd.DataFrame({key: labels, "count": [row[column] for row in values]})
        safe = measures.hide_small_cells(cells, [key], "count")
        shown = safe.cells.set_index(key)["count"]
        for label, row in zip(labels, values, strict=True):
            # Where only hiding the total would do, and the total is said elsewhere, the whole column goes.
            if safe.total is None or pd.isna(shown[label]):
                row[column] = None
                if column == "new":
                    row |= {name: None for name in _RANGE if name in row}
                if column in ("settled", "concluded"):
                    row |= {name: None for name in ("settled_pct",) if name in row}
    return tuple(replace(line, values=row) for line, row in zip(lines, values, strict=True))


def _without_place(one: Sentence, hidden_places: set[str]) -> Sentence:
    """The headline without the place whose count is hidden."""
    if "_where" not in one.key or one.selection is None or one.selection.area_code not in hidden_places:
        return one
    return Sentence(one.key.partition("_where")[0], one.values)


def _matter(line: Line, otherwise: str | None) -> Line:
    """A single matter at its street (`otherwise` where it lies above one), its age in weeks, its days of registration and closing by their
    weeks, its people in a band; deadlines stay, they are the work itself."""
    values = dict(line.values)
    values["area"] = values.pop("street", None) or otherwise or values["area"]
    if "age_days" in values:
        values["age_weeks"] = values.pop("age_days") // 7
        values["people_band"] = people_band(values.pop("people"))
        values.pop("reported_on")
        values.pop("matters")
    for name in ("registered_on", "closed_on"):
        if name in values:
            on = values.pop(name)
            values[name.replace("_on", "_week")] = None if on is None else on - timedelta(days=on.weekday())
    return replace(line, values=values)
