"""The site's own map: boundaries of areas as GeoJSON, checked before anything is drawn. Coordinates only; nothing is fetched, nothing runs."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from data.errors import Refused

FILE_NAME = "boundaries.geojson"
LARGEST_BYTES = 20_000_000
MOST_AREAS = 5_000
MOST_POINTS = 500_000

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Boundaries:
    """Rings of longitude and latitude of each area, by area code, outer rings and holes alike."""

    rings: Mapping[str, tuple[Ring, ...]]

    def centre(self, area_code: str) -> tuple[float, float]:
        """The centre of gravity of the largest ring of an area.

        >>> square = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0))
        >>> Boundaries({"a": (square,)}).centre("a")
        (1.0, 1.0)
        """
        return max((_area_and_centre(ring) for ring in self.rings[area_code]), key=lambda found: found[0])[1]


def boundaries_path(home: Path) -> Path:
    """Where the site's boundaries lie: XIANSHOU_BOUNDARIES, else `boundaries.geojson` in its home."""
    return Path(os.environ.get("XIANSHOU_BOUNDARIES") or home / FILE_NAME).expanduser()


def read_boundaries(path: Path) -> Boundaries | None:
    """The boundaries in a file; None where there is no such file.

    A GeoJSON FeatureCollection of polygons or multipolygons, each with the property `area_code`. Features of one code are joined. Raises
    `Refused` with what was found, what is needed and what to do next.
    """
    if not path.is_file():
        return None
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise Refused(
            "boundaries.too_large", file=path.name, found=round(size / 1e6, 1), most=LARGEST_BYTES // 1_000_000
        )
    return parse_boundaries(path.read_bytes(), path.name)


def parse_boundaries(content: bytes, name: str = FILE_NAME) -> Boundaries:
    """The boundaries in the bytes of a GeoJSON file, see `read_boundaries`."""
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused("boundaries.not_json", file=name) from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or found.get("type") != "FeatureCollection" or not features:
        raise Refused("boundaries.no_features", file=name)
    if len(features) > MOST_AREAS:
        raise Refused("boundaries.too_many", file=name, found=len(features), most=MOST_AREAS)
    rings: dict[str, tuple[Ring, ...]] = {}
    for place, feature in enumerate(features, start=1):
        code, own = _area_code(feature, place, name), _rings(feature, place, name)
        rings[code] = (*rings.get(code, ()), *own)
    points = sum(len(ring) for own in rings.values() for ring in own)
    if points > MOST_POINTS:
        raise Refused("boundaries.too_fine", file=name, found=points, most=MOST_POINTS)
    return Boundaries(rings)


def _area_code(feature: object, place: int, name: str) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("area_code") if isinstance(properties, dict) else None
    if not isinstance(code, str) or not code.strip() or len(code) > 40:
        raise Refused("boundaries.no_code", file=name, place=place)
    return code.strip()


def _rings(feature: dict, place: int, name: str) -> tuple[Ring, ...]:
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise Refused("boundaries.no_polygon", file=name, place=place, found=str(kind)[:40])
    parts = geometry.get("coordinates")
    polygons = [parts] if kind == "Polygon" else parts
    try:
        rings = tuple(tuple(_point(point) for point in ring) for polygon in polygons for ring in polygon)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError) as error:
        raise Refused("boundaries.no_coordinates", file=name, place=place) from error
    if not rings or any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
        raise Refused("boundaries.open_ring", file=name, place=place)
    return rings


def _point(point: object) -> tuple[float, float]:
    if (
        not isinstance(point, list)
        or len(point) < 2
        or any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in point[:2])
    ):
        raise ValueError("no point")
    longitude, latitude = float(point[0]), float(point[1])
    if not (math.isfinite(longitude) and math.isfinite(latitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
        raise ValueError("no longitude and latitude in degrees")
    return longitude, latitude


def _area_and_centre(ring: Ring) -> tuple[float, tuple[float, float]]:
    """Size and centre of gravity by the shoelace formula; the mean of the points where a ring has no size."""
    twice = x = y = 0.0
    for (x1, y1), (x2, y2) in pairwise(ring):
        cross = x1 * y2 - x2 * y1
        twice, x, y = twice + cross, x + (x1 + x2) * cross, y + (y1 + y2) * cross
    if abs(twice) < 1e-15:
        points = ring[:-1]
        return 0.0, (sum(one for one, _ in points) / len(points), sum(one for _, one in points) / len(points))
    return abs(twice) / 2, (x / (3 * twice), y / (3 * twice))
