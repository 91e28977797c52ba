"""What matters are about: the lists of subjects that ship, in both languages, and how they correspond."""

from functools import lru_cache

import pandas as pd
import sqlalchemy as sa

from data import operational
from data.settings import read_reference

SCHEMES = ("dispute", "mediation", "petition", "hotline")


def shipped_categories() -> pd.DataFrame:
    """The shipped subjects, one row a subject, with the columns of `operational.category`; names in Chinese.

    17 classes of disputes with their sub-classes, 18 of people's mediation (`M-`), 20 contents of petitions (`P-`), 12
    of the hotline (`H-`). `is_sensitive` and `is_severe` are 0 or 1.
    """
    rows = [
        {
            "category_code": code,
            "name": entry["zh"],
            "parent_code": code[:2] if scheme == "dispute" and len(code) > 2 else None,
            "scheme_code": scheme,
            "maps_to": entry.get("maps_to"),
            "is_sensitive": int(entry.get("sensitive", False)),
            "is_severe": int(entry.get("severe", False)),
        }
        for scheme in SCHEMES
        for code, entry in _lists()[scheme].items()
    ]
    return pd.DataFrame(rows, columns=list(operational.category.columns.keys()))


@lru_cache(maxsize=1)
def _lists() -> dict:
    return read_reference("categories")


def category_names(language: str = "zh") -> dict[str, str]:
    """The names of the shipped subjects by code, in `zh` or `en`; a site's own subjects have the name in its table.

    >>> category_names("en")["0402"]
    'Property management'
    """
    return {code: entry[language] for scheme in SCHEMES for code, entry in _lists()[scheme].items()}


def crosswalk() -> pd.DataFrame:
    """Which subject of one list corresponds to which of another: from_code, to_code, is_first.

    Mediation to dispute is ours and to be checked on site; a mediation class with two candidates has two rows,
    `is_first` 1 on the one `maps_to` names. Petition to mediation follows the exchange format between the two
    offices.
    """
    rows = []
    for code, entry in _lists()["mediation"].items():
        rows.append((code, entry["maps_to"], 1))
        if "also" in entry:
            rows.append((code, entry["also"], 0))
    rows += [(code, to, 1) for code, to in _lists()["petition_to_mediation"].items()]
    return pd.DataFrame(rows, columns=["from_code", "to_code", "is_first"])


def register_categories(engine: sa.Engine) -> int:
    """Write the shipped subjects that the category table lacks; returns how many. A site's own wording stays."""
    table = operational.category
    with engine.begin() as connection:
        known = set(connection.scalars(sa.select(table.c.category_code)))
        shipped = shipped_categories().sort_values(["parent_code", "category_code"], na_position="first")
        missing = shipped[~shipped["category_code"].isin(known)]
        if not missing.empty:
            plain = missing.astype(object).where(missing.notna(), None)
            connection.execute(sa.insert(table), plain.to_dict("records"))
    return len(missing)


def widest_categories(categories: pd.DataFrame) -> dict[str, str]:
    """The top-level category above each category; a cycle or a missing parent ends the climb."""
    parents = dict(zip(categories["category_code"], categories["parent_code"], strict=True))
    widest = {}
    for code in parents:
        top, seen = code, set()
        while top not in seen and isinstance(parents[top], str) and parents[top] in parents:
            seen.add(top)
            top = parents[top]
        widest[code] = top
    return widest
