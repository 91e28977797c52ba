"""What a reader may see of the stored outlook: its rows by node, with names, and the matters behind each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd
import sqlalchemy as sa

from analytics.forecast_stored import StoredForecasts
from analytics.outlook.answer import RiskNode
from analytics.outlook.tree import keys_of
from analytics.risk.settings import RISK_RULES, RiskRules
from analytics.warnings.stored import OWN_SCREEN
from data import forecast_tables, queries
from data.queries import Selection
from data.result_columns import NODE as NODE_COLUMNS

BELOW_STREET = "community"
NODE = list(NODE_COLUMNS)
WEEKLY = ("median", "low", "high", "arrivals", "arrivals_low", "arrivals_high")
MOST_ROWS = 200  # of a list
COMPARED = (7, 13)  # days back within which a night is compared with


@dataclass(frozen=True, eq=False)
class Reading:
    """The outlook of one night as one reader may see it: places wholly within the reader's areas and the chosen one, and the chosen kind.

    What is open in a community is shown to the roles that handle matters alone: beside the sum of a street, the numbers of all communities
    but one would tell that one.
    """

    stored: StoredForecasts

    @property
    def as_of(self) -> date:
        return self.stored.run["as_of"]

    @cached_property
    def rules(self) -> RiskRules:
        """The rules that the night ran by; one that this edition no longer knows is left out."""
        found = self.stored.frame("risk_facts")
        if found.empty:
            return RISK_RULES
        known = {field.name for field in fields(RiskRules)}
        return RiskRules(**{name: one for name, one in json.loads(found["settings"].iloc[0]).items() if name in known})

    @cached_property
    def lowest(self) -> frozenset[str]:
        """Codes of the chosen area and the reader's areas that lie below a street."""
        roots = [*(self.stored.scope.areas or ()), *([self.stored.area_code] if self.stored.area_code else [])]
        return frozenset(code for code in roots if self.stored.names.lies_below_street(code))

    def rows(self, table: str) -> list[dict]:
        """The rows of a table with nodes that may be shown: plain values, with their node under `node`."""
        return [row | {"node": self.node(row)} for row in self.stored.plain(self.frame(table))]

    def cells(self) -> list[dict]:
        """The rows of `risk_cell` that anything shows: of every series that is forecast, and the most of each list."""
        frame = self.frame("risk_cell").reset_index(drop=True)
        keys = keys_of(frame)
        wanted = set(np.flatnonzero(keys.isin(keys_of(self.frame("risk_level"))) | frame["category_code"].isna()))
        enough = frame[frame["disputes"].fillna(0) >= self.rules.minimum_disputes]
        for among, column in ((frame, "expected"), (frame, "pending"), (frame, "pending_before"), (enough, "share")):
            wanted |= set(among[column].astype(float).nlargest(MOST_ROWS).index)
        found = self.stored.plain(frame.loc[sorted(wanted)])
        return [row | {"node": self.node(row)} for row in found]

    def frame(self, table: str) -> pd.DataFrame:
        """The same as a frame: communities only to the roles that handle matters, and where an area was chosen or the reader's is a part."""
        frame, kind = self.stored.frame(table), self.stored.kind
        is_part = self.stored.area_code is not None or not self.stored.scope.sees_all
        if self.stored.scope.role not in OWN_SCREEN or not is_part:
            frame = frame[frame["level"] != BELOW_STREET]
        own = frame["kind"] == kind if kind else frame["kind"].isna() == frame["category_code"].isna()
        if self.lowest:
            own &= ~frame["category_code"].isin(self.subjects.sensitive | set(self.stored.names.sensitive))
        return frame[own]

    def weeks(self) -> dict[tuple, dict[str, np.ndarray]]:
        """The weeks ahead of each node (level, area, kind, subject), in order: columns of `risk_backlog` as arrays."""
        frame = self.frame("risk_backlog").sort_values([*NODE, "week"], na_position="first")
        if frame.empty:
            return {}
        nodes = frame[NODE].astype(object).where(frame[NODE].notna(), None).to_numpy()
        days = pd.to_datetime(frame["on_day"]).dt.date.to_numpy()
        values = {name: frame[name].to_numpy(dtype=float) for name in WEEKLY} | {"on": days}
        starts = np.flatnonzero(frame["week"].to_numpy() == 1)
        ends = [*starts[1:], len(frame)]
        return {
            tuple(nodes[low]): {name: held[low:high] for name, held in values.items()}
            for low, high in zip(starts, ends, strict=True)
        }

    @cached_property
    def subjects(self) -> queries.Subjects:
        return queries.subjects_of(self.stored.mart)

    def node(self, row: Mapping[str, object]) -> RiskNode:
        """The node of a row, with its names."""
        names, code = self.stored.names, row["category_code"]
        path = tuple(self.stored.area_names[one] for one in names.path(row["area_code"]))
        category = names.by_code["category"].get(code) if code else None
        area = path[-1] if path else row["area_code"]
        return RiskNode(row["level"], row["area_code"], row["kind"], code, area, category, path)

    def matters(self, node: RiskNode, measure: str = "open", **window: object) -> Selection | None:
        """The matters of a node that a measure counts, where the reader may open them."""
        chosen = Selection(measure, self.as_of, **window).narrowed(area_code=node.area_code)
        chosen = chosen.narrowed(kind=window.get("kind") or node.kind)
        if node.category_code:
            parent = self._parents.get(node.category_code)
            if parent in self._parents:
                chosen = chosen.narrowed(category_code=node.category_code)
            else:
                chosen = chosen.also(own_category=node.category_code)
        elif node.level == BELOW_STREET:
            chosen = chosen.also(not_sensitive="1")
        return chosen if queries.may_open(self.stored.mart, self.stored.scope, chosen) else None

    @cached_property
    def _parents(self) -> dict[str, str]:
        known = self.stored.names.categories
        return dict(zip(known.index, known["parent_code"], strict=True))

    @cached_property
    def earlier(self) -> tuple[date, int] | None:
        """The day and number of the night about a week before that is kept."""
        run = forecast_tables.run.c
        near, far = (self.as_of - timedelta(days=days) for days in COMPARED)
        statement = sa.select(run.as_of, run.run_no).where(run.as_of.between(far, near))
        found = self.stored.results.read(statement.order_by(run.as_of.desc(), run.run_no.desc()).limit(1))
        if found.empty:
            return None
        return pd.Timestamp(found["as_of"].iloc[0]).date(), int(found["run_no"].iloc[0])

    def levels_before(self) -> dict[tuple, dict]:
        """The levels of the night a week before, by level, area, kind and subject."""
        if self.earlier is None:
            return {}
        table = self.stored.tables.tables["risk_level"]
        found = self.stored.results.read(sa.select(table).where(table.c.run_no == self.earlier[1]))
        rows = self.stored.plain(found.drop(columns="run_no"))
        return {(row["level"], row["area_code"], row["kind"], row["category_code"]): row for row in rows}
