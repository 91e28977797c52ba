"""Which subjects a reader's matters are about, so that nobody is offered a choice that leads nowhere."""

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.queries.names import Reader, names_of
from data.queries.selection import may_show, only, read_reach
from data.scope import Scope

m = t.matter.c
_PLACES = ["category_code", "name", "parent_code", "scheme_code", "depth"]


def read_occurring_categories(
    mart: Reader, scope: Scope, area_code: str | None = None, kind: str | None = None
) -> pd.DataFrame:
    """The categories that matters have within scope, area and kind, and those above them, in the order of the tree.

    A row is a category: `category_code, name, parent_code, scheme_code, depth` (0 at the top). Sensitive ones are among them only where
    they may be shown.
    """
    reach = read_reach(mart, scope, area_code)
    wanted = (reach.admits(m.area_pos), only(kind), may_show(mart, m.category_code, scope, area_code))
    found = mart.read(sa.select(m.category_code).distinct().where(m.category_code.is_not(None), *wanted))
    known = names_of(mart).categories
    parents = dict(zip(known["category_code"], known["parent_code"], strict=True))
    above = {code: _line(code, parents) for code in found["category_code"] if code in parents}
    kept = {one for line in above.values() for one in line}
    tree = known[known["category_code"].isin(kept)].reset_index(drop=True)
    lines = [_line(code, parents) for code in tree["category_code"]]
    tree = tree.assign(
        depth=[len(line) - 1 for line in lines],
        line=[(scheme, *line) for scheme, line in zip(tree["scheme_code"].fillna(""), lines, strict=True)],
    )
    return tree.sort_values("line", kind="stable")[_PLACES].reset_index(drop=True)


def _line(code: str, parents: dict[str, str | None]) -> tuple[str, ...]:
    """The categories a category lies in, from the top down, itself last."""
    line = [code]
    while isinstance(parents.get(line[0]), str) and parents[line[0]] in parents and parents[line[0]] not in line:
        line.insert(0, parents[line[0]])
    return tuple(line)
