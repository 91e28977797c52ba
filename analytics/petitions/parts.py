"""What petitions are made of: by form, purpose, level, channel and subject, with parts that sum exactly to the whole."""

from collections.abc import Mapping

import pandas as pd

from analytics import measures
from analytics.errors import require_columns
from analytics.figures import Line
from analytics.petitions.answer import Asked
from data import queries

SPANS = ("matters", "previous", "year_before")


def read(ask: Asked) -> pd.DataFrame:
    """New matters of the period judged, the one before and the year before, by every property at once."""
    return queries.read_parts(ask.mart, ask.scope, ask.select("new"), [(one.first, one.last) for one in ask.spans])


def lines(ask: Asked, found: pd.DataFrame) -> Mapping[str, tuple[Line, ...]]:
    """For each property a line a value, the most frequent first: `code, matters, share_pct, previous, year_before, vs_previous,
    vs_year`. A property that no matter of the three periods records is left out."""
    parts = {}
    for name in queries.DIVIDED_BY:
        if found[name].notna().any():
            wide = spread(found.assign(code=found[name].fillna("")), "code")
            parts[name] = tuple(
                _line(ask, wide, code, selection={"having": (*ask.having, (name, code))}) for code in wide.index
            )
    return parts


def spread(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """Rows of spans as columns: index `by`, columns `matters, previous, year_before`, the most matters first.

    >>> rows = pd.DataFrame({"code": ["a", "b", "b"], "span": [0, 0, 1], "matters": [1, 3, 2]})
    >>> spread(rows, "code").loc["b"].tolist()
    [3, 2, 0]
    """
    require_columns(found, by, "span", "matters")
    wide = found.pivot_table(index=by, columns="span", values="matters", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=range(len(SPANS)), fill_value=0).astype("int64").set_axis(list(SPANS), axis=1)
    return wide.sort_index().sort_values("matters", ascending=False, kind="stable")


def _line(
    ask: Asked, wide: pd.DataFrame, code: str, *, selection: Mapping[str, object] | None, **values: object
) -> Line:
    row = wide.loc[code]
    return Line(
        {"code": code or None, **values, **compared(ask, wide, row)},
        None if selection is None else ask.new_in(ask.period).narrowed(**_sorted(selection)),
    )


def _sorted(selection: Mapping[str, object]) -> dict:
    having = selection.get("having")
    return dict(selection) | ({"having": tuple(sorted(dict(having).items()))} if having else {})


def compared(ask: Asked, wide: pd.DataFrame, row: pd.Series) -> dict[str, object]:
    """The count of a part in three periods, its share of the whole, and how it moved."""
    now, before, year = (int(row[name]) for name in SPANS)
    year = ask.year_ago(year)
    return {
        "matters": now,
        "share_pct": measures.rate(now, float(wide["matters"].sum())),
        "previous": before,
        "year_before": year,
        "vs_previous": measures.compare(now, before, kind="previous_period", period=ask.previous),
        "vs_year": measures.compare(now, year, kind="year_on_year", period=ask.year_before),
    }


# --- subjects ----------------------------------------------------------------------------------------------------------------


def categories(ask: Asked, found: pd.DataFrame) -> tuple[Line, ...]:
    """A line a subject right below the one chosen, with everything below it, and one for what is placed no further.

    Below a street a sensitive subject is no line of its own: its matters stand among those placed no further, which then open nothing.
    """
    tree = queries.read_categories(ask.mart).set_index("category_code", drop=False)
    branch = {
        code: _branch(code, tree["parent_code"], ask.category_code) for code in found["category_code"].dropna().unique()
    }
    hidden = set(queries.names_of(ask.mart).sensitive) if ask.is_below_street else set()
    top = found["category_code"].map(branch)
    concealed = top.isin(hidden)
    wide = spread(found.assign(code=top.mask(concealed).fillna("")), "code")
    rest = None if concealed.any() else {"having": (*ask.having, ("own_category", ask.category_code or ""))}
    return tuple(
        _line(ask, wide, code, name=ask.names.get(code, code), can_open=_has_children(tree, code), selection={"category_code": code})
        if code
        else _line(ask, wide, code, name=None, can_open=False, selection=rest)
        for code in sorted(wide.index, key=lambda code: (code == "", list(wide.index).index(code)))
    )  # fmt: skip


def _branch(code: str, parents: pd.Series, chosen: str | None) -> str | None:
    """The subject right below `chosen` (or at the top) that a subject lies in; None for the chosen one itself."""
    seen: set[str] = set()
    while code != chosen and code not in seen:
        seen.add(code)
        above = parents.get(code)
        above = above if isinstance(above, str) and above in parents.index else None
        if above == chosen:
            return code
        if above is None:
            return code
        code = above
    return None


def _has_children(tree: pd.DataFrame, code: str) -> bool:
    return bool((tree["parent_code"] == code).any())


def path(ask: Asked) -> tuple[tuple[str, str], ...]:
    """Code and name of the subjects from the top to the one chosen."""
    parents = queries.read_categories(ask.mart).set_index("category_code")["parent_code"]
    steps, code = [], ask.category_code
    while isinstance(code, str) and code not in steps:
        steps.append(code)
        code = parents.get(code)
    return tuple((code, ask.names.get(code, code)) for code in reversed(steps))
