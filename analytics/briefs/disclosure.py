"""What of a brief may leave the handling unit's own screen: small cells hidden, single matters no nearer than their street.

Below street level a cell of 1-4 matters could point at a household; such cells are hidden, and with a lone hidden cell its smallest
neighbour too, so that no subtraction from the total brings it back (secondary suppression).
"""

from dataclasses import replace
from functools import singledispatch

import pandas as pd

from analytics import measures
from analytics.briefs.answer import Concern, DailyBrief, Line

_COUNTS = ("new", "closed", "open", "overdue")
_RANGE = ("expected", "lower", "upper", "state")


@singledispatch
def for_export(brief: object) -> object:
    """The same brief as it may be printed, mailed or exported. Hidden cells are None."""
    raise TypeError(f"nothing says how a {type(brief).__name__} may leave the unit's screen")


@for_export.register
def _(brief: DailyBrief) -> DailyBrief:
    places = brief.places
    if any(line.values["is_below_street"] for line in places):
        places = hide_small_counts(places, "area_code")
    kinds = hide_small_counts(brief.kinds, "kind") if brief.is_below_street else brief.kinds
    return replace(
        brief,
        concerns=_fit_concerns(brief, places),
        places=places,
        kinds=kinds,
        major=_at_street(brief) if brief.street else brief.major,
        leader_cases=tuple(_at_its_street(line, line.values["area"]) for line in brief.leader_cases),
        coordination_lines=tuple(_in_weeks(_at_its_street(line, brief.street)) for line in brief.coordination_lines),
    )


def _fit_concerns(brief: DailyBrief, places: tuple[Line, ...]) -> tuple[Concern, ...]:
    """Warnings without the places whose count is hidden, and single matters no nearer than their street."""
    hidden = {line.values["area_code"] for line in places if line.values["new"] is None}
    kept = [
        one
        for one in brief.concerns
        if not (one.key == "place_above" and one.area_code in hidden) and not (one.key == "major" and brief.street)
    ]
    if not brief.street or brief.is_below_street:
        return tuple(kept)
    majors = [one for one in brief.concerns if one.key == "major"]
    widened: dict[str | None, Concern] = {}
    for one in majors:
        before = widened.get(one.category_code)
        widened[one.category_code] = replace(
            one,
            area_code=brief.area_code,
            observed=one.observed + (before.observed if before else 0),
            selection=one.selection.narrowed(area_code=brief.area_code),
        )
    return (*kept, *widened.values())


def hide_small_counts(lines: tuple[Line, ...], key: str) -> tuple[Line, ...]:
    """Lines whose small counts are None, and as many others of a column as keep them from being worked out from its total.

    `key` names the column that tells the lines apart. A hidden count takes its expected range and state along.
    """
    values = [dict(line.values) for line in lines]
    for column in [name for name in _COUNTS if all(name in row for row in values)]:
        cells = pd.DataFrame({key: [row[key] for row in values], "count": [row[column] for row in values]})
        safe = measures.hide_small_cells(cells, [key], "count")
        shown = safe.cells.set_index(key)["count"]
        for row in values:
            # Where only hiding the total would do, and the total is said elsewhere, the whole column goes.
            if safe.total is None or pd.isna(shown[row[key]]):
                row[column] = None
                if column == "new":
                    row |= {name: None for name in _RANGE if name in row}
    return tuple(replace(line, values=row) for line, row in zip(lines, values, strict=True))


def _at_street(brief: DailyBrief) -> tuple[Line, ...]:
    """Larger and collective matters with their places widened to the street, equal types added up."""
    merged: dict[object, Line] = {}
    for line in brief.major:
        key = line.values["category_code"]
        before = merged.get(key)
        values = {**line.values, "area": brief.street}
        if before is not None:
            values |= {name: before.values[name] + line.values[name] for name in ("matters", "people", "collective")}
        merged[key] = Line(values)
    return tuple(merged.values())


def _at_its_street(line: Line, otherwise: str | None) -> Line:
    """A single matter with its street for its place; `otherwise` where it lies above street level."""
    values = dict(line.values)
    values["area"] = values.pop("street", None) or otherwise
    return replace(line, values=values)


def _in_weeks(line: Line) -> Line:
    """A single matter with its age in weeks, which does not give the day away."""
    values = dict(line.values)
    values["age_weeks"] = values.pop("age_days") // 7
    return replace(line, values=values)
