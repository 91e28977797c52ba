"""The trees that matters hang on: known areas, categories and units, and those that a batch brings along.

Codes of new entries are derived from the source's own codes, or from the names on the path, so that the same file always gives the
same codes, whatever the order of its rows.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from data import operational
from data.intake.profiles import AreaLevel, AreaRule, CategoryRule, UnitRule, fold


@dataclass(frozen=True)
class Entry:
    """One area, category or unit: what it is called, what it lies in, and its level, scheme or kind."""

    name: str | None
    parent: str | None
    sort: str | None


@dataclass(frozen=True)
class Found:
    """Where a path leads: a code, or None, and what is to be said about it (a finding's code, the value meant)."""

    code: str | None
    problem: str | None = None
    value: str | None = None


def derive_code(prefix: str, path: Sequence[str], size: int = 40) -> str:
    """A stable code for a path of names: readable where the names are Latin and short, else a short hash of the whole path.

    >>> derive_code("SP-", ["SE", "Consolação"]), derive_code("PS-", ["市容环卫"])
    ('SP-SE.CONSOLACAO', 'PS-8dcc6d038b')
    """
    plain = [unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode() for part in path]
    latin = all(ord(sign) < 0x250 for part in path for sign in part)
    slugs = [re.sub(r"[^A-Z0-9]+", "_", part.upper()).strip("_") for part in plain]
    readable = prefix + ".".join(slugs)
    if latin and all(slugs) and len(readable) <= size:
        return readable
    digest = hashlib.blake2b("\x1f".join(fold(part) for part in path).encode(), digest_size=5).hexdigest()
    return f"{prefix}{digest}"


class Registry:
    """What the store knows of one batch's areas, categories and units, and what the batch adds (parents before children)."""

    def __init__(self, areas: Mapping[str, Entry], categories: Mapping[str, Entry], units: Mapping[str, Entry]) -> None:
        self.areas, self.categories, self.units = dict(areas), dict(categories), dict(units)
        self.new_areas: list[str] = []
        self.new_categories: list[str] = []
        self.new_units: list[str] = []
        self._named: dict[tuple[str, str], list[str]] = {}
        for sort, entries in (("area", self.areas), ("category", self.categories), ("unit", self.units)):
            for code, entry in entries.items():
                if entry.name:
                    self._named.setdefault((sort, fold(entry.name)), []).append(code)

    # --- areas ---

    def area(self, path: Sequence[tuple[str | None, str | None]], rule: AreaRule) -> Found:
        """The deepest area that a row's (code, name) pairs lead to; a level that is blank is passed over,
        unless what follows could only be registered by its name: then the row stays at what is known.

        Where new areas are registered a level needs its name, so that the answer does not depend on which row came first.
        """
        code, skipped = None, False
        names: list[str] = []
        for level, (raw, name) in zip(rule.levels, path, strict=True):
            if raw is None and name is None:
                skipped = True
                continue
            shown = raw if name is None else name
            if skipped and rule.register and raw is None and name not in level.codes:
                # A name alone does not say where it lies: a street of this name may be known elsewhere, or a district bear it too.
                return Found(code, "unknown_area", shown)
            names.append(shown)
            parent = code or (rule.root.code if rule.root else None)
            if rule.register and level.name and name is None:
                return Found(code, "unknown_area", shown)
            found = self._area_code(level, raw, name, names, rule)
            if found in self.areas:
                code = found
            elif rule.register and name is not None:
                code = self._add("area", found, Entry(name, parent, level.level), rule)
            else:
                return Found(code, "unknown_area", shown)
            entry = self.areas[code]
            if name is not None and entry.name is not None and fold(entry.name) != fold(name):
                return Found(code, "name_differs", name)
        return Found(code, None if code else "no_area")

    def _area_code(
        self, level: AreaLevel, raw: str | None, name: str | None, names: Sequence[str], rule: AreaRule
    ) -> str | None:
        if name is not None and name in level.codes:
            return level.codes[name]
        if raw is not None:
            return level.prefix + raw
        if not rule.register:
            same = [code for code in self._named.get(("area", fold(name)), ()) if self.areas[code].sort == level.level]
            return same[0] if len(same) == 1 else None
        return derive_code(level.prefix or rule.prefix, names)

    def area_code(self, value: str) -> Found:
        """An area said by its code, padded or not, or by a name that only one area bears."""
        for code in (value, _unpad(value)):
            if code in self.areas:
                return Found(code)
        same = self._named.get(("area", fold(value)), ())
        return Found(same[0]) if len(same) == 1 else Found(None, "unknown_area", value)

    def street_of(self, code: str | None) -> str | None:
        """The street an area is or lies in; a wider area is its own answer."""
        wider = code
        seen = set()
        while wider in self.areas and wider not in seen:
            seen.add(wider)
            if self.areas[wider].sort == "street":
                return wider
            wider = self.areas[wider].parent
        return code

    def top(self, rule: AreaRule | None) -> str | None:
        """The area that stands for "somewhere in the city"."""
        if rule and rule.root:
            return rule.root.code
        tops = [code for code, entry in self.areas.items() if entry.parent is None]
        return tops[0] if len(tops) == 1 else None

    # --- categories and units ---

    def category(self, path: Sequence[str | None], rule: CategoryRule) -> Found:
        """The deepest category that a row's names lead to, in the source's own list."""
        code = None
        names: list[str] = []
        for name in path:
            if name is None:
                continue
            names.append(name)
            found = derive_code(rule.prefix, names)
            if found not in self.categories:
                if not rule.register:
                    return Found(code, "unknown_category", name)
                self._add("category", found, Entry(name, code, rule.scheme))
            code = found
        return Found(code, None if code else "no_category")

    def category_code(self, value: str, kind: str | None = None) -> Found:
        """A category said by its code, or by its name: in the list of the matter's kind first, else where only one bears it."""
        if value in self.categories:
            return Found(value)
        same = self._named.get(("category", fold(value)), ())
        own = [code for code in same if self.categories[code].sort == kind]
        for candidates in (own, same):
            if len(candidates) == 1:
                return Found(candidates[0])
        return Found(None, "unknown_category", value)

    def unit(self, raw: str | None, name: str | None, rule: UnitRule) -> Found:
        """The responsible unit that a row names."""
        if raw is None and name is None:
            return Found(None, "no_unit")
        code = f"{rule.prefix}{raw}" if raw is not None else None
        if code is None and not rule.register:
            return self.unit_code(name)
        code = code or derive_code(rule.prefix, [name], 60)
        if code not in self.units:
            if not rule.register or name is None:
                return Found(None, "unknown_unit", raw if name is None else name)
            self._add("unit", code, Entry(name, None, rule.kind))
        return Found(code)

    def unit_code(self, value: str) -> Found:
        """A unit said by its identifier, or by a name that only one unit bears."""
        if value in self.units:
            return Found(value)
        same = self._named.get(("unit", fold(value)), ())
        return Found(same[0]) if len(same) == 1 else Found(None, "unknown_unit", value)

    def _add(self, sort: str, code: str, entry: Entry, rule: AreaRule | None = None) -> str:
        if sort == "area":
            if rule and rule.root and rule.root.code not in self.areas:
                self.areas[rule.root.code] = Entry(rule.root.name, None, rule.root.level)
                self.new_areas.append(rule.root.code)
            self.areas[code] = entry
            self.new_areas.append(code)
        elif sort == "category":
            self.categories[code] = entry
            self.new_categories.append(code)
        else:
            self.units[code] = entry
            self.new_units.append(code)
        return code


def _unpad(code: str) -> str:
    """The statistical form of a code without the zeros that fill it: 420502001000 is street 420502001."""
    if len(code) == 12 and code.isdigit():
        for length in (6, 9):
            if code[length:] == "0" * (12 - length):
                return code[:length]
    return code


def read_registry(connection: sa.Connection) -> Registry:
    """The areas, categories and units that the store has."""

    def entries(columns: Iterable[sa.Column]) -> dict[str, Entry]:
        return {code: Entry(name, parent, sort) for code, name, parent, sort in connection.execute(sa.select(*columns))}

    area, category, unit = operational.area.c, operational.category.c, operational.organisation.c
    return Registry(
        entries((area.area_code, area.name, area.parent_code, area.level_code)),
        entries((category.category_code, category.name, category.parent_code, category.scheme_code)),
        entries((unit.org_id, unit.name, unit.parent_org_id, unit.kind)),
    )
