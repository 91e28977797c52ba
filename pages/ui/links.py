"""Stable links: what is chosen and which number is opened, as a query string, and back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, unquote, urlencode

from data.queries import PROPERTIES, TAGGED, Selection

_PLACES = {
    "behind": "measure",
    "as_of": "as_of",
    "from": "first",
    "to": "last",
    "of_kind": "kind",
    "of_area": "area_code",
    "of_category": "category_code",
    "of_unit": "org_id",
    "of_source": "source_system",
    "having": "having",
}
_CHOSEN = ("lang", "day", "area", "kind", "unit", "category", "has")
_DATES = ("as_of", "first", "last")
_LONGEST = 120
_LONGEST_HAVING = 400
_MOST_OWN = 6  # choices of a page's own
_OWN_NAME = re.compile(r"[a-z_]{1,20}")


@dataclass(frozen=True)
class Chosen:
    """What the reader chose, all of it in the link: the day, the area, the kind, the language.

    `unit` is day, week, month or year, where a page offers a choice; `category_code` and `having` (see `Selection`) narrow further,
    where a page offers that; `own` are the choices only one page knows, by their names in the link.
    """

    day: date
    area_code: str | None = None
    kind: str | None = None
    language: str = "zh"
    unit: str | None = None
    category_code: str | None = None
    having: tuple[tuple[str, str], ...] = ()
    own: tuple[tuple[str, str], ...] = ()

    def query(self, selection: Selection | None = None, **changes: object) -> str:
        """The link to this page with other choices, or to the matters of a selection.

        >>> Chosen(date(2026, 11, 20), kind="petition").query(day=date(2026, 11, 19))
        '?lang=zh&day=2026-11-19&kind=petition'
        """
        values = {"lang": self.language, "day": self.day}
        values |= {"area": self.area_code, "kind": self.kind, "unit": self.unit, "category": self.category_code}
        values |= {"has": _written(self.having)} | dict(self.own) | changes
        if selection is not None:
            values |= {place: getattr(selection, name) for place, name in _PLACES.items()}
            values["having"] = _written(selection.having)
        return "?" + urlencode({place: str(value) for place, value in values.items() if value is not None})


def read_own(params: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The choices in a link that only the page itself knows; what is too long or too many is left out.

    >>> read_own({"lang": "zh", "part": "intake", "behind": "new"})
    (('part', 'intake'),)
    """
    found = [
        (name, str(value))
        for name, value in params.items()
        if name not in (*_CHOSEN, *_PLACES) and _OWN_NAME.fullmatch(name) and len(str(value)) <= _LONGEST
    ]
    return tuple(sorted(found)[:_MOST_OWN])


def without_selection(params: Mapping[str, str]) -> dict[str, str]:
    """A link's choices without the number it opens."""
    return {name: value for name, value in params.items() if name not in _PLACES}


def read_selection(params: Mapping[str, str]) -> Selection | None:
    """The number that a link opens; None when it opens none or is malformed.

    >>> read_selection({"behind": "new", "as_of": "2026-11-20", "from": "2026-11-20", "to": "2026-11-20"}).first
    datetime.date(2026, 11, 20)
    >>> read_selection({"behind": "new", "as_of": "yesterday"}) is None
    True
    """
    values: dict[str, object] = {name: params[place] for place, name in _PLACES.items() if place in params}
    if "measure" not in values or "as_of" not in values or any(_too_long(*pair) for pair in values.items()):
        return None
    try:
        for name in _DATES:
            if name in values:
                values[name] = date.fromisoformat(str(values[name]))
        if "having" in values:
            values["having"] = read_having(str(values["having"]))
    except ValueError:
        return None
    return Selection(**values)


def _too_long(name: str, value: object) -> bool:
    return len(str(value)) > (_LONGEST_HAVING if name == "having" else _LONGEST)


def _written(having: tuple[tuple[str, str], ...]) -> str | None:
    """Properties as they stand in a link, or None where there are none."""
    return ",".join(f"{name}:{quote(value, safe='')}" for name, value in having) or None


def read_having(text: str) -> tuple[tuple[str, str], ...]:
    """The properties of a link; ValueError for one that no matter can have.

    >>> read_having("form:visit,is_repeat:1")
    (('form', 'visit'), ('is_repeat', '1'))
    """
    parts = (part.partition(":") for part in text.split(","))
    pairs = tuple(sorted((name, unquote(value)) for name, _, value in parts))
    unknown = [name for name, _ in pairs if name not in (*PROPERTIES, *TAGGED)]
    if unknown:
        raise ValueError(f"unknown property {unknown[0]!r}")
    return pairs
