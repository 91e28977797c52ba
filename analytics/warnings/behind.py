"""What stands behind the numbers of a night: how many sources, and how many matters that are not one filed again."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.signals.nightly import Night
from analytics.signals.settings import SignalRules
from analytics.signals.shortlist import one_row_a_node
from analytics.warnings.around import NODE
from analytics.warnings.reading import CITY
from data import queries
from data.mart import Mart

SOURCE_DAYS = 28  # the longest window
LATEST_DAY = 3  # days that a window may end earlier, where the last ones are not known well enough
ASKED_P = 0.01  # nodes up to it are asked for re-filings: what may be found, and a little more


def unlinked_of(mart: Mart, night: Night, day: date, subjects: queries.Subjects, rules: SignalRules) -> pd.DataFrame:
    """How many matters behind each node are not re-filings of another of them; only nodes where some are."""
    nodes = one_row_a_node(night.nodes, rules)
    first = day - timedelta(days=SOURCE_DAYS + LATEST_DAY)
    found = queries.read_linked(mart, CITY, first, day, subjects)
    inside = _within(mart, found, first, subjects)
    rows = []
    for row in nodes[nodes["p_node"] <= max(rules.watch_p, ASKED_P)].to_dict("records"):
        own = found["root"][inside(row)]
        again = len(own) - own.nunique()
        if again:
            rows.append({**{name: row[name] for name in NODE}, "unlinked": row["observed"] - again})
    return pd.DataFrame(rows, columns=[*NODE, "unlinked"])


def sources_of(mart: Mart, listed: pd.DataFrame, day: date, subjects: queries.Subjects) -> pd.Series:
    """How many source systems the matters behind each row came from."""
    counted = pd.Series(pd.NA, index=listed.index, dtype="Int64")
    if listed.empty:
        return counted
    first = min(min(listed["first_on"]), day - timedelta(days=SOURCE_DAYS))
    found = queries.read_sources_behind(mart, CITY, first, day, subjects)
    inside, source = _within(mart, found, first, subjects), found["source_system"].to_numpy(dtype=object)
    for at, row in zip(listed.index, listed.to_dict("records"), strict=True):
        counted[at] = len(set(source[inside(row)]))
    return counted


def _within(
    mart: Mart, found: pd.DataFrame, first: date, subjects: queries.Subjects
) -> Callable[[Mapping], np.ndarray]:
    """Which of the rows read since `first` (pos, kind, subject, day) lie in a node's place, subject and window."""
    areas = queries.names_of(mart)
    number = {code: place for place, code in enumerate(subjects.codes)}
    pos = found["pos"].to_numpy(dtype=np.int64, na_value=-1)
    subject, on = found["subject"].to_numpy(dtype=np.int64), found["day"].to_numpy(dtype=np.int64)
    kind = found["kind"].to_numpy(dtype=object)

    def inside(row: Mapping[str, object]) -> np.ndarray:
        area = areas.area(row["area_code"])
        here = (pos >= area["pos"]) & (pos <= area["last_pos"])
        if pd.isna(area["parent_code"]):
            here |= pos < 0  # the whole city holds what has no place
        low, high = (row["first_on"] - first).days, (row["last_on"] - first).days
        return here & (subject == number[row["category_code"]]) & (on >= low) & (on <= high) & (kind == row["kind"])

    return inside
