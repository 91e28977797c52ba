"""What is the same for every read of one version: the area tree, the subjects, the units. Read once a version."""

from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t


class Reader(Protocol):
    """What a read needs of a mart."""

    def read(self, statement: sa.Select, params: dict | None = None) -> pd.DataFrame: ...


@dataclass(frozen=True, eq=False)
class Names:
    """The names of one version, which never change: `areas` in pre-order (row number is `pos`), `categories` and `units` by code."""

    areas: pd.DataFrame
    categories: pd.DataFrame
    units: pd.DataFrame

    def area(self, area_code: str) -> pd.Series | None:
        """The area of a code, columns of `area_tree`; None for a code that is not in the tree."""
        found = self.areas[self.areas["area_code"] == area_code]
        return None if found.empty else found.iloc[0]

    def lies_below_street(self, area_code: str) -> bool:
        """Whether an area lies below a street; False for one that is not in the tree."""
        found = self.area(area_code)
        return found is not None and isinstance(found["street_code"], str) and found["street_code"] != area_code

    @property
    def sensitive(self) -> list[str]:
        """Codes of the categories that are shown at street level and above only."""
        return self.categories.index[self.categories["is_sensitive"] == 1].to_list()


_known: WeakKeyDictionary[Reader, Names] = WeakKeyDictionary()


def names_of(mart: Reader) -> Names:
    """The names of the version a mart serves."""
    if mart not in _known:
        tree, category, unit = t.area_tree, t.others["category"].c, t.others["organisation"].c
        shown = (
            category.category_code, category.name, category.parent_code, category.scheme_code, category.maps_to,
            category.is_sensitive, category.is_severe,
        )  # fmt: skip
        of_unit = (unit.org_id, unit.name, unit.kind, unit.functional_line, unit.area_code)
        _known[mart] = Names(
            mart.read(sa.select(tree).order_by(tree.c.pos)),
            mart.read(sa.select(*shown).order_by(category.category_code)).set_index("category_code", drop=False),
            mart.read(sa.select(*of_unit).order_by(unit.org_id)).set_index("org_id", drop=False),
        )
    return _known[mart]


def read_categories(mart: Reader) -> pd.DataFrame:
    """Every category: `category_code, name, parent_code, scheme_code, maps_to, is_sensitive, is_severe`."""
    return names_of(mart).categories.reset_index(drop=True)


def read_units(mart: Reader) -> pd.DataFrame:
    """Every organisation: `org_id, name, kind, functional_line, area_code`."""
    return names_of(mart).units.reset_index(drop=True)


def with_names(mart: Reader, found: pd.DataFrame) -> pd.DataFrame:
    """Rows with the names of their place, subject and unit.

    Takes `area_pos` or `area_code`, and `category_code` and `org_id` where they are there; adds `street_code, street, community_code,
    area` (the community, else the street, else the place itself), `category` and `unit`. A row of a sensitive category is placed no
    nearer than its street.
    """
    names, out = names_of(mart), found.copy()
    key = "area_pos" if "area_pos" in found else "area_code"
    tree = names.areas.set_index("pos" if key == "area_pos" else "area_code", drop=False)
    by_code = names.areas.set_index("area_code")["name"]
    placed = tree.reindex(found[key].to_numpy(dtype=object, na_value=None)).set_axis(found.index)
    out["street_code"], out["street"] = placed["street_code"], placed["street_code"].map(by_code)
    out["community_code"] = placed["community_code"]
    if "category_code" in found:
        out["category"] = found["category_code"].map(names.categories["name"])
        out.loc[found["category_code"].isin(names.sensitive), "community_code"] = None
    out["area"] = out["community_code"].map(by_code).fillna(out["street"]).fillna(placed["name"])
    if "org_id" in found:
        out["unit"] = found["org_id"].map(names.units["name"])
    return out
