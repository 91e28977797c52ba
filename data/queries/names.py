"""What is the same for every read of one version: the area tree, the subjects, the units. Read once a version."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import sqlalchemy as sa

from data import mart_tables as t
from data.scope import Scope

TEXT = pd.StringDtype(na_value=np.nan)


class Reader(Protocol):
    """What a read needs of a mart."""

    def read(self, statement: sa.Select, params: dict | None = None) -> pd.DataFrame: ...


@dataclass(frozen=True, eq=False)
class Names:
    """The names of one version, which never change: `areas` in pre-order (row number is `pos`), `categories` and `units` by code."""

    areas: pd.DataFrame
    categories: pd.DataFrame
    units: pd.DataFrame

    def area(self, area_code: str) -> dict | None:
        """The area of a code, columns of `area_tree`; None for a code that is not in the tree."""
        place = self.places.get(area_code)
        return None if place is None else self.rows[place]

    def path(self, area_code: str) -> tuple[str, ...]:
        """The areas a place lies in, the widest first, itself last; none for a code that is not in the tree."""
        found: list[str] = []
        above: str | None = area_code
        while above in self.parents and above not in found:
            found.insert(0, above)
            above = self.parents[above]
        return tuple(found)

    def lies_below_street(self, area_code: str) -> bool:
        """Whether an area lies below a street; False for one that is not in the tree."""
        found = self.area(area_code)
        return found is not None and isinstance(found["street_code"], str) and found["street_code"] != area_code

    @cached_property
    def rows(self) -> list[dict]:
        """The rows of `areas` one by one."""
        return self.areas.to_dict("records")

    @cached_property
    def places(self) -> dict[str, int]:
        """The row of each area code in `areas`, which is its `pos`."""
        return {code: place for place, code in enumerate(self.areas["area_code"])}

    @cached_property
    def parents(self) -> dict[str, str | None]:
        """The area that each area lies in."""
        above = [one if isinstance(one, str) else None for one in self.areas["parent_code"]]
        return dict(zip(self.areas["area_code"], above, strict=True))

    @cached_property
    def sensitive(self) -> list[str]:
        """Codes of the categories that are shown at street level and above only."""
        return self.categories.index[self.categories["is_sensitive"] == 1].to_list()

    @cached_property
    def placed(self) -> dict[str, np.ndarray]:
        """For each area and, last, for no area: `street_code, street, community_code, area`; `wide` is the area without the community."""
        by_code = dict(zip(self.areas["area_code"], self.areas["name"], strict=True))
        own, street_code, community_code = (
            [value if isinstance(value, str) else None for value in self.areas[name]]
            for name in ("name", "street_code", "community_code")
        )
        street, community = ([by_code.get(code) for code in codes] for codes in (street_code, community_code))
        wide = [near or far for near, far in zip(street, own, strict=True)]
        area = [near or far for near, far in zip(community, wide, strict=True)]
        columns = {
            "street_code": street_code,
            "street": street,
            "community_code": community_code,
            "area": area,
            "wide": wide,
        }
        return {name: np.array([*values, None], dtype=object) for name, values in columns.items()}

    @cached_property
    def by_code(self) -> dict[str, dict[str, str]]:
        """Names of categories and units by code: `category`, `unit`."""
        return {
            "category": dict(zip(self.categories.index, self.categories["name"], strict=True)),
            "unit": dict(zip(self.units.index, self.units["name"], strict=True)),
        }

    @cached_property
    def lines(self) -> dict[str, str]:
        """The functional line (条线) of each unit that has one."""
        return self.units["functional_line"].dropna().to_dict()


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


def names_of_scope(mart: Reader, scope: Scope, area_code: str | None) -> tuple[str, ...]:
    """The names of the areas that a scope of several sees, where none was chosen; else nothing."""
    if area_code is not None or scope.sees_all or scope.only_area:
        return ()
    names = names_of(mart)
    return tuple(str(area["name"]) for code in scope.areas if (area := names.area(code)) is not None)


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
    names, out = names_of(mart), found.copy(deep=False)
    nowhere = len(names.areas)
    if "area_pos" in found:
        rows = found["area_pos"].to_numpy(dtype=np.int64, na_value=nowhere)
    else:
        rows = np.array([names.places.get(code, nowhere) for code in found["area_code"]], dtype=np.int64)
    columns = {name: values[rows] for name, values in names.placed.items()}
    if "category_code" in found:
        hidden = found["category_code"].isin(names.sensitive).to_numpy(dtype=bool)
        columns["area"] = np.where(hidden, columns["wide"], columns["area"])
        columns["community_code"] = np.where(hidden, None, columns["community_code"])
        columns["category"] = _looked_up(names.by_code["category"], found["category_code"])
    if "org_id" in found:
        columns["unit"] = _looked_up(names.by_code["unit"], found["org_id"])
    del columns["wide"]
    for name, values in columns.items():
        out[name] = pd.array(values, dtype=TEXT)
    return out


def _looked_up(names: dict[str, str], codes: pd.Series) -> list[str | None]:
    return [names.get(code) for code in codes]
