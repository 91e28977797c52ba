"""The fictional city as daily counts of every place and subject, with the planted surges and without: what detectors are tried on."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from data.categories import shipped_categories
from data.town import Town

LEVELS = ("community", "street", "district", "city")


@dataclass(frozen=True, eq=False)
class TownCounts:
    """Counts by level: `counts[level]` is place × subject × day, `planted` the part of it that lies on top.

    `areas` holds the codes of a level in the order of its arrays, `parents` each one's position in the next level; a subject is a
    kind and a category code, `is_sensitive` where it is not judged below the street. Matters known by street alone count from the street up.
    """

    days: np.ndarray
    areas: dict[str, np.ndarray]
    parents: dict[str, np.ndarray]
    subjects: tuple[tuple[str, str], ...]
    is_sensitive: np.ndarray
    counts: dict[str, np.ndarray]
    planted: dict[str, np.ndarray]


def count_town(town: Town) -> TownCounts:
    """Count a city's matters by day of registration. A subject is a category as filed; matters without one are left out."""
    tree = town.tables["area"]
    areas = {level: tree.loc[tree["level_code"] == level, "area_code"].to_numpy(object) for level in LEVELS}
    place_of = {level: _ancestors(tree, level) for level in LEVELS}
    surge_of = dict(town.planted()[["matter_no", "surge_no"]].itertuples(index=False))
    matters = pd.concat(
        batch.select(["matter_no", "kind", "area_code", "category_code", "registered_at"]).to_pandas()
        for batch in town.matter_batches()
    ).dropna(subset=["category_code", "area_code"])
    known = list(zip(matters["kind"], matters["category_code"], strict=True))
    subjects = tuple(sorted(set(known)))
    number = {subject: place for place, subject in enumerate(subjects)}
    days = np.arange(town.first_on, town.through + timedelta(days=1), dtype="datetime64[D]")
    day = (matters["registered_at"].to_numpy().astype("datetime64[D]") - days[0]).astype(int)
    subject = np.array([number[one] for one in known])
    is_planted = matters["matter_no"].isin(surge_of.keys()).to_numpy()
    counts, planted = {}, {}
    for level in LEVELS:
        position = {code: place for place, code in enumerate(areas[level])}
        place = matters["area_code"].map(place_of[level]).map(position)
        has = place.notna().to_numpy() & (day >= 0) & (day < len(days))
        for into, rows in ((counts, has), (planted, has & is_planted)):
            into[level] = np.zeros((len(areas[level]), len(subjects), len(days)), dtype=np.int32)
            np.add.at(into[level], (place[rows].to_numpy(int), subject[rows], day[rows]), 1)
    sensitive = shipped_categories().set_index("category_code")["is_sensitive"]
    return TownCounts(
        days=days,
        areas=areas,
        parents=_parents(areas, place_of),
        subjects=subjects,
        is_sensitive=np.array([bool(sensitive.get(code, 0)) for _, code in subjects]),
        counts=counts,
        planted=planted,
    )


def _ancestors(tree: pd.DataFrame, level: str) -> dict[str, str]:
    """The place of `level` each area lies in; areas above it are absent."""
    above = dict(zip(tree["area_code"], tree["parent_code"], strict=True))
    wanted = set(tree.loc[tree["level_code"] == level, "area_code"])
    found = {}
    for code in tree["area_code"]:
        own = code
        while isinstance(own, str) and own not in wanted:
            own = above.get(own)
        if isinstance(own, str):
            found[code] = own
    return found


def _parents(areas: dict[str, np.ndarray], place_of: dict[str, dict[str, str]]) -> dict[str, np.ndarray]:
    found = {}
    for level, above in pairwise(LEVELS):
        position = {code: place for place, code in enumerate(areas[above])}
        found[level] = np.array([position[place_of[above][code]] for code in areas[level]])
    return found
