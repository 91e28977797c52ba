"""The matters behind a number, one by one."""

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader, with_names
from data.queries.selection import Selection, condition, may_show, place_of, read_reach
from data.scope import Scope

m = t.matter.c

URGENT_FIRST = (m.deadline_on.nulls_last(), m.registered_on, m.matter_no)
LISTED = [
    "matter_no", "source_system", "kind", "street_code", "street", "community_code", "area", "category_code", "category", "unit",
    "registered_on", "deadline_on", "deadline_basis", "closed_on", "status", "people_involved", "returned_count", "evaluation",
]  # fmt: skip


def read_matters(mart: Reader, scope: Scope, chosen: Selection, *, limit: int = 500) -> pd.DataFrame:
    """The matters a selection counts, the most urgent first; at most `limit` of them.

    A row is a matter: numbers, codes and names of place, category and unit, its dates, `people_involved`, `returned_count`. A matter of a
    sensitive category is placed no nearer than its street, and is not listed at all when the chosen area or the scope lies below a street.
    """
    reach = read_reach(mart, scope, chosen.area_code)
    own = [m[name] for name in LISTED if name in m]
    statement = (
        sa.select(*own, m.area_pos, m.responsible_org_id.label("org_id"))
        .where(condition(chosen), reach.admits(m.area_pos), may_show(mart, m.category_code, scope, place_of(chosen)))
        .order_by(*URGENT_FIRST)
        .limit(limit)
    )
    return with_names(mart, mart.read(statement))[LISTED]
