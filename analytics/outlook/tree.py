"""Grouped rows put together by node: every judged place a matter lies in, and there all matters, each kind, and each subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from data import queries
from data.mart import Mart

NODE = ["level", "area_code", "kind", "category_code"]
LEVELS = ("city", "district", "street", "community")  # the widest first
COMMUNITY = "community"


@dataclass(frozen=True, eq=False)
class Tree:
    """The judged places and subjects of a version."""

    judged: pd.DataFrame  # pos, last_pos, area_code, level
    areas: int
    subjects: queries.Subjects

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels that there are, the widest first."""
        own = set(self.judged["level"])
        return tuple(level for level in LEVELS if level in own)

    @cached_property
    def codes(self) -> dict[str, np.ndarray]:
        """For each level the code of the place that each area lies in, by its `pos`; None where it lies in none."""
        out = {level: np.full(self.areas, None, dtype=object) for level in self.levels}
        for row in self.judged.itertuples():
            out[row.level][row.pos : row.last_pos + 1] = row.area_code
        return out

    @property
    def root(self) -> str | None:
        """The one place that all others lie in, if there is one."""
        widest = self.judged[self.judged["level"] == self.levels[0]] if self.levels else self.judged
        return str(widest["area_code"].iloc[0]) if len(widest) == 1 else None

    def place_rows(self, rows: pd.DataFrame, levels: Sequence[str], *, column: str = "pos") -> pd.DataFrame:
        """Rows with the code of their place at each level, and category_code for `subject` (None where none is known)."""
        at = rows[column].to_numpy(dtype=np.int64, na_value=-1)
        placed = {level: np.where(at >= 0, self.codes[level][np.maximum(at, 0)], None) for level in levels}
        return rows.assign(category_code=self.subject_codes(rows["subject"]), **placed)

    def subject_codes(self, numbers: pd.Series) -> np.ndarray:
        """The codes of subjects by their numbers; None for −1."""
        known = np.array([*self.subjects.codes, None], dtype=object)
        return known[numbers.to_numpy(dtype=np.int64, na_value=-1)]

    def put_together(self, rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
        """The sums of `columns` by node, from rows with `pos, kind, subject`: every level, all matters, each kind, each subject of a kind.

        Below the street nothing of a sensitive subject counts, in no sum either.
        """
        placed = self.place_rows(rows, self.levels)
        wanted, found = list(columns), []
        for level in self.levels:
            own = placed[placed[level].notna()]
            if level == COMMUNITY:  # in no sum either: what is left over would tell it
                own = own[~own["category_code"].isin(self.subjects.sensitive)]
            for by in ([], ["kind"], ["kind", "category_code"]):
                among = own[own["category_code"].notna()] if "category_code" in by else own
                sums = among.groupby([level, *by], sort=True)[wanted].sum().reset_index()
                absent = {name: None for name in ("kind", "category_code") if name not in by}
                sums = sums.rename(columns={level: "area_code"}).assign(level=level, **absent)
                found.append(sums[[*NODE, *wanted]].astype(dict.fromkeys(NODE, object)))
        return pd.concat(found, ignore_index=True)


def tree_of(mart: Mart) -> Tree:
    """The judged places and subjects of the version that a mart serves."""
    return Tree(queries.judged_places(mart), len(queries.names_of(mart).areas), queries.subjects_of(mart))


def keys_of(rows: pd.DataFrame) -> pd.Index:
    """The node of each row as one text, so that frames of several sources meet: level|area|kind|subject."""
    parts = [rows[name].astype(object).where(rows[name].notna(), "").astype(str) for name in NODE]
    return pd.Index(parts[0] + "|" + parts[1] + "|" + parts[2] + "|" + parts[3])
