"""Judgements that ship as files and that a site may change: read, and checked so that no mistyped key passes."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from data.errors import Refused

REFERENCE = Path(__file__).parent / "reference"


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
