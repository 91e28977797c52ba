"""What of a brief may leave the handling unit's own screen: small cells hidden, single matters no nearer than their street.

Below street level a cell of 1-4 matters could point at a household; such cells are hidden, and with a lone hidden cell its smallest
neighbour too, so that no subtraction from the total brings it back (secondary suppression).
"""

from dataclasses import replace

import pandas as pd

from analytics import measures
from analytics.briefs.answer import DailyBrief, Line

_COUNTS = ("new", "closed", "open", "overdue")
_RANGE = ("expected", "lower", "upper", "state")


def for_export(brief: DailyBrief) -> DailyBrief:
    """The same brief as it may be printed, mailed or exported. Hidden cells are None."""
    places = brief.places
    if any(line.values["is_below_street"] for line in places):
        places = hide_small_counts(places, "area_code")
    kinds = hide_small_counts(brief.kinds, "kind") if brief.is_below_street else brief.kinds
    return replace(
        brief,
        places=places,
        kinds=kinds,
        major=_at_street(brief) if brief.street else brief.major,
        leader_cases=tuple(_at_its_street(line, line.values["area"]) for line in brief.leader_cases),
        coordination_lines=tuple(_in_weeks(_at_its_street(line, brief.street)) for line in brief.coordination_lines),
    )


def hide_small_counts(lines: tuple[Line, ...], key: str) -> tuple[Line, ...]:
    """Lines whose small counts are None, and as many others of a column as keep them from being worked out from its total.

    `key` names the column that tells the lines apart. A hidden count takes its expected range and state along.
    """
    values = [dict(line.values) for line in lines]
    for column in _COUNTS:
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
