"""The matters that a forecast series counts, so that what was observed can be opened."""

from collections.abc import Callable
from datetime import date

from data import queries
from data.mart import Mart
from data.queries import Selection

Matters = Callable[[date, date, str | None, str | None, str | None], Selection]


def matters_of(mart: Mart) -> Matters:
    """A way from first and last day, area, kind and subject to the new matters that the series counted.

    The code of a subject opens just its own matters where further subjects lie below it.
    """
    subjects = queries.subjects_of(mart)
    parents = queries.names_of(mart).categories["parent_code"]
    above = {parent for code, parent in parents.items() if subjects.of[code] != subjects.of.get(parent)}

    def select(first: date, last: date, area_code: str | None, kind: str | None, code: str | None) -> Selection:
        chosen = Selection("new", last, first, last, kind=kind, area_code=area_code)
        return chosen.also(own_category=code) if code in above else chosen.narrowed(category_code=code)

    return select
