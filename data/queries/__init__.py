"""Named reads of the mart: arguments and a `Scope` in, a checked frame out. One module a question; all are named here."""

from data.queries.counts import (
    read_among,
    read_by_place,
    read_category_counts,
    read_closing_times,
    read_counts,
    read_delays,
    read_flows,
    read_open_by_unit,
    read_sources,
    read_span,
    read_stock,
    read_stock_by_place,
)
from data.queries.matters import read_matters
from data.queries.names import Names, Reader, names_of, read_categories, read_units, with_names
from data.queries.quality import read_completeness, read_repeats
from data.queries.selection import (
    COLLECTIVE_PEOPLE,
    LARGER_PEOPLE,
    PROPERTIES,
    REBOUND_DAYS,
    RETURNED_TIMES,
    STANDING,
    TAGGED,
    Reach,
    Selection,
    condition,
    may_show,
    read_areas,
    read_reach,
)
from data.queries.work import read_events, read_leader_cases, read_receptions

__all__ = [
    "COLLECTIVE_PEOPLE", "LARGER_PEOPLE", "PROPERTIES", "REBOUND_DAYS", "RETURNED_TIMES", "STANDING", "TAGGED", "Names", "Reach", "Reader",
    "Selection", "condition", "may_show", "names_of", "read_among", "read_areas", "read_by_place", "read_categories",
    "read_category_counts", "read_closing_times", "read_completeness", "read_counts", "read_delays", "read_events", "read_flows",
    "read_leader_cases", "read_matters", "read_open_by_unit", "read_reach", "read_receptions", "read_repeats", "read_sources",
    "read_span", "read_stock", "read_stock_by_place", "read_units", "with_names",
]  # fmt: skip
