"""What the clocks of open hotline matters run from, so that another set of limits can be tried on them."""

from datetime import date

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.major import is_open
from data.queries.names import Reader, with_names
from data.queries.selection import may_show, read_reach
from data.scope import Scope

m = t.matter.c
_FROM = (
    "kind",
    "purpose",
    "registered_at",
    "accepted_at",
    "due_on",
    "diverted_to",
    "extension_approved_on",
    "extended_to",
)
CLOCKED = (
    "profile",
    "no_rule",
    "calendar_missing",
    "extension",
)  # deadlines that rest on a profile's limits, or lack one


def read_hotline_clocks(mart: Reader, scope: Scope, as_of: date) -> pd.DataFrame:
    """Hotline matters open at the close of `as_of` whose deadline the site's own limits decide, one row a matter.

    `matter_no, registered_on, deadline_on, area` and the columns of the matter that `data.deadlines.matter_deadlines` reads.
    """
    reach = read_reach(mart, scope)
    own = [m[name] for name in ("matter_no", "registered_on", "deadline_on", "area_pos", "category_code", *_FROM)]
    statement = sa.select(*own).where(
        m.kind == "hotline",
        is_open(as_of),
        m.deadline_basis.in_(CLOCKED),
        reach.admits(m.area_pos),
        may_show(mart, m.category_code, scope, None),
    )
    found = with_names(mart, mart.read(statement.order_by(m.registered_on, m.matter_no)))
    return found[["matter_no", "registered_on", "deadline_on", "area", *_FROM]]
