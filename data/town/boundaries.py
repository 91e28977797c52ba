"""Boundaries of the fictional city: one plain patch of land cut again and again, so that every area has a place on a map nobody can know.

The patch lies in the open sea where the equator meets the prime meridian.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from data.boundaries import FILE_NAME

LAND = ((-0.35, -0.22), (0.1, -0.3), (0.38, -0.12), (0.34, 0.2), (0.02, 0.3), (-0.36, 0.16))
DEEPEST_LEVEL = ("city", "district", "street", "community")
LEAST = 1  # households that stand for a place without any, so that it has land too

Polygon = list[tuple[float, float]]


def town_boundaries(areas: pd.DataFrame, seed: int = 0) -> dict:
    """A GeoJSON FeatureCollection: the city, its districts, streets and communities, each in the one above, sized by households.

    `areas` has `area_code, parent_code, level_code, households`, parents first. The same areas and seed give the same map.
    """
    rng = np.random.default_rng(seed)
    drawn = areas[areas["level_code"].isin(DEEPEST_LEVEL)]
    children = dict(list(drawn.groupby("parent_code", sort=False)))
    shapes: dict[str, Polygon] = {}
    waiting = [(row.area_code, list(LAND)) for row in drawn[drawn["parent_code"].isna()].itertuples()]
    while waiting:
        code, land = waiting.pop(0)
        shapes[code] = land
        if code in children:
            below = children[code]
            sizes = np.maximum(below["households"].fillna(0).to_numpy(dtype=float), LEAST)
            waiting += zip(below["area_code"], share_out(land, sizes, rng), strict=True)
    features = [
        {"type": "Feature", "properties": {"area_code": code}, "geometry": {"type": "Polygon", "coordinates": [_closed(shapes[code])]}}
        for code in drawn["area_code"]
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def write_boundaries(areas: pd.DataFrame, home: Path, seed: int = 0) -> Path:
    """Write the city's map into a home; returns its path."""
    path = home / FILE_NAME
    path.write_text(json.dumps(town_boundaries(areas, seed), separators=(",", ":")), encoding="utf-8")
    return path


def share_out(land: Polygon, sizes: np.ndarray, rng: np.random.Generator) -> list[Polygon]:
    """Cut a convex patch into convex parts as large as `sizes` demand, one a size, along slightly crooked lines."""
    if len(sizes) == 1:
        return [land]
    half = int(np.clip(np.searchsorted(sizes.cumsum(), sizes.sum() / 2) + 1, 1, len(sizes) - 1))
    width, height = np.ptp(np.array(land), axis=0)
    angle = (0.0 if width >= height else np.pi / 2) + rng.uniform(-0.35, 0.35)
    one, other = _cut(land, np.array([np.cos(angle), np.sin(angle)]), sizes[:half].sum() / sizes.sum())
    return share_out(one, sizes[:half], rng) + share_out(other, sizes[half:], rng)


def _cut(land: Polygon, direction: np.ndarray, share: float) -> tuple[Polygon, Polygon]:
    """The two parts of a patch on either side of a line across `direction`, the first with this share of the land."""
    low, high = (float(end) for end in (np.min(np.array(land) @ direction), np.max(np.array(land) @ direction)))
    whole = _size(land)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _size(_side(land, direction, middle, 1)) < share * whole else (low, middle)
    return _side(land, direction, high, 1), _side(land, direction, high, -1)


def _side(land: Polygon, direction: np.ndarray, limit: float, sign: int) -> Polygon:
    """The part of a convex patch with sign·(point·direction − limit) ≤ 0 (Sutherland & Hodgman 1974)."""
    kept: Polygon = []
    for here, there in zip(land, [*land[1:], land[0]], strict=True):
        near, far = (sign * (float(np.dot(point, direction)) - limit) for point in (here, there))
        if near <= 0:
            kept.append(here)
        if near * far < 0:
            part = near / (near - far)
            kept.append((here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1])))
    return kept


def _size(land: Polygon) -> float:
    x, y = np.array(land).T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _closed(land: Polygon) -> list[list[float]]:
    return [[round(x, 6), round(y, 6)] for x, y in [*land, land[0]]]
