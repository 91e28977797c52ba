"""Judgements that ship as files and that a site may change: read, and checked so that no mistyped key passes."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from data.errors import Refused

REFERENCE = Path(__file__).parent / "reference"
Rules = TypeVar("Rules")


def read_reference(name: str) -> dict:
    """The shipped file `name`.toml as it stands."""
    return tomllib.loads((REFERENCE / f"{name}.toml").read_text(encoding="utf-8"))


def check_keys(given: Mapping[str, object], allowed: Iterable[str], where: str) -> None:
    """Raise `Refused` at the first key that is not allowed, naming the nearest right one and the place where it
    stands.

    >>> check_keys({"routee": 15}, ("route", "notify"), "petition")
    Traceback (most recent call last):
    data.errors.Refused: settings.unknown_key: setting=routee, where=petition, nearest=route
    """
    if not isinstance(given, Mapping):
        raise Refused("settings.not_a_table", where=where)
    right = tuple(allowed)
    for key in given:
        if key not in right:
            raise Refused("settings.unknown_key", setting=key, where=where, nearest=nearest_key(key, right))


def nearest_key(key: str, allowed: Iterable[str]) -> str:
    """The allowed key that looks most like the one given."""
    from rapidfuzz import fuzz, process

    return process.extractOne(str(key), list(allowed), scorer=fuzz.WRatio)[0]


def lay_over(
    shipped: Rules,
    given: Mapping[str, object],
    *,
    ranges: Mapping[str, tuple[float, float]],
    rising: Iterable[tuple[str, ...]],
    where: str,
) -> Rules:
    """The shipped judgements (a frozen dataclass of numbers) with a site's own laid over them, by field name.

    Raises `Refused` for a name outside `ranges` (naming the nearest), for a value outside its range or of the wrong kind (a field that ships whole
    stays whole), and for the fields of a tuple of `rising` whose values fall from one to the next.
    """
    check_keys(given, ranges, where)
    for name, value in given.items():
        low, high = ranges[name]
        right_kind = type(value) is int or (type(value) is float and not isinstance(getattr(shipped, name), int))
        if not right_kind or not low <= value <= high:
            raise Refused("settings.wrong_value", setting=f"{where}.{name}", value=value, allowed=f"{low}–{high}")
    rules = replace(shipped, **given)
    for names in rising:
        values = [getattr(rules, name) for name in names]
        if values != sorted(values):
            text = " > ".join(str(value) for value in values)
            raise Refused("settings.wrong_value", setting=f"{where}.{names[0]}", value=text, allowed=" ≤ ".join(names))
    return rules


def merge(shipped: Mapping[str, object], given: Mapping[str, object]) -> dict:
    """The shipped settings with the given ones laid over them, table by table.

    >>> merge({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}})
    {'a': {'x': 1, 'y': 3}}
    """
    merged = dict(shipped)
    for key, value in given.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged
