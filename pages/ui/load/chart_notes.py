"""What charts over time are marked with: the site's event notes and the festivals of its calendar."""

from datetime import date

import pandas as pd

from analytics.petitions import seasons
from data import in_force
from data.queries import areas_around
from pages.ui import load

COLUMNS = ["first_on", "last_on", "kind", "text"]


def on_charts(first: date, last: date, area_code: str | None = None) -> pd.DataFrame:
    """Notes about the chosen area, what lies in it and around it, and festivals, by their first day: `first_on, last_on, kind, text`."""
    notes = load.desk().notes(first, last, _concerned(area_code))[COLUMNS]
    festivals = seasons.marks(in_force.calendar_in_force(load.desk()), first, last)
    return pd.concat([one for one in (notes, festivals) if len(one)] or [notes]).sort_values(
        "first_on", ignore_index=True
    )


def _concerned(area_code: str | None) -> list[str] | None:
    scope = load.site().actor.scope
    return None if area_code is None and scope.sees_all else areas_around(load.mart(), scope, area_code)
