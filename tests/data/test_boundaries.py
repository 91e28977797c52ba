"""The site's map: what is no map is refused in words, the invented city's is one, and nothing but coordinates enters."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.boundaries import Boundaries, boundaries_path, parse_boundaries, read_boundaries
from data.errors import Refused
from data.town.boundaries import _size, share_out, town_boundaries, write_boundaries
from data.town.places import build_places
from pages.ui import words

SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]


def feature(code: object = "a", coordinates: object = None, kind: str = "Polygon", **more: object) -> dict:
    geometry = {"type": kind, "coordinates": [SQUARE] if coordinates is None else coordinates}
    return {"type": "Feature", "properties": {"area_code": code}, "geometry": geometry, **more}


def as_file(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def test_a_plain_file_is_read_with_its_codes() -> None:
    found = parse_boundaries(as_file(feature("a"), feature("b", [[SQUARE], [SQUARE]], "MultiPolygon")))
    assert {code: len(rings) for code, rings in found.rings.items()} == {"a": 1, "b": 2}


def test_a_mark_of_byte_order_and_heights_do_no_harm() -> None:
    high = [[[x, y, 12.5] for x, y in SQUARE]]
    assert parse_boundaries(b"\xef\xbb\xbf" + as_file(feature("a", high))).rings["a"][0][1] == (2.0, 0.0)


def test_several_features_of_one_code_are_one_area() -> None:
    assert len(parse_boundaries(as_file(feature("a"), feature("a"))).rings["a"]) == 2


def test_the_centre_is_that_of_the_largest_part() -> None:
    island = ((10.0, 10.0), (10.1, 10.0), (10.1, 10.1), (10.0, 10.1), (10.0, 10.0))
    land = tuple((float(x), float(y)) for x, y in SQUARE)
    assert Boundaries({"a": (island, land)}).centre("a") == (1.0, 1.0)


def test_a_line_has_a_centre_too() -> None:
    flat = ((0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (0.0, 0.0))
    assert Boundaries({"a": (flat,)}).centre("a") == (1.0, 0.0)


BROKEN = {
    "not_json": b"{",
    "no_features": json.dumps({"type": "FeatureCollection", "features": []}).encode(),
    "no_code": as_file(feature("a"), feature(None)),
    "no_polygon": as_file(feature(kind="Point", coordinates=[0, 0])),
    "no_coordinates": as_file(feature(coordinates=[[[0, 0], [200, 0], [2, 2], [0, 0]]])),
    "open_ring": as_file(feature(coordinates=[SQUARE[:-1]])),
    "too_many": as_file(*(feature(str(number)) for number in range(5001))),
}


@pytest.mark.parametrize("key", BROKEN)
@pytest.mark.parametrize("language", words.languages)
def test_what_is_no_map_is_refused_with_what_is_needed(key: str, language: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_boundaries(BROKEN[key], "map.geojson")
    assert caught.value.key == f"boundaries.{key}"
    assert "map.geojson" in words.tell_error(caught.value, language)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b"[]",
        b'"text"',
        as_file("feature", None),
        as_file({"type": "Feature", "properties": [], "geometry": None}),
        as_file(feature(coordinates=[[["0", "0"], [1, 1], [2, 2], ["0", "0"]]])),
        as_file(feature(coordinates="<script>")),
        as_file(feature(coordinates=[[[True, 0], [1, 1], [2, 2], [True, 0]]])),
        as_file(feature(code={"a": 1})),
        b'{"type":"FeatureCollection","features":[{"properties":{"area_code":"a"},"geometry":{"type":"Polygon","coordinates":[[[NaN,0],[1,1],[2,2],[NaN,0]]]}}]}',
    ],
)
def test_hostile_files_are_refused_like_any_other(content: bytes) -> None:
    with pytest.raises(Refused):
        parse_boundaries(content)


def test_a_file_beyond_the_limit_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "map.geojson"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(Refused, match="too_large"):
        read_boundaries(path)


def test_no_file_is_no_map_and_the_environment_names_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_boundaries(tmp_path / "none") is None
    assert boundaries_path(tmp_path) == tmp_path / "boundaries.geojson"
    monkeypatch.setenv("XIANSHOU_BOUNDARIES", str(tmp_path / "other.json"))
    assert boundaries_path(tmp_path) == tmp_path / "other.json"


# --- the invented city -----------------------------------------------------------------------------------------------------------


def areas() -> pd.DataFrame:
    return build_places(np.random.default_rng(4), date(2020, 1, 1)).areas


def test_the_city_s_map_holds_every_area_down_to_the_community_and_is_always_the_same(tmp_path: Path) -> None:
    found = areas()
    read = read_boundaries(write_boundaries(found, tmp_path, seed=3))
    wanted = found.loc[found["level_code"].isin(["city", "district", "street", "community"]), "area_code"]
    assert set(read.rings) == set(wanted)
    assert town_boundaries(found, 3) == town_boundaries(found, 3)


def test_areas_tile_the_one_they_lie_in() -> None:
    found = areas()
    shapes = {
        one["properties"]["area_code"]: one["geometry"]["coordinates"][0][:-1]
        for one in town_boundaries(found)["features"]
    }
    for parent, below in found[found["area_code"].isin(shapes)].groupby("parent_code"):
        assert sum(_size(shapes[code]) for code in below["area_code"]) == pytest.approx(_size(shapes[parent]), rel=1e-3)


def test_land_is_shared_by_size() -> None:
    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    sizes = np.array([1.0, 2.0, 3.0, 4.0])
    shares = [_size(part) for part in share_out(square, sizes, np.random.default_rng(0))]
    assert shares == pytest.approx((sizes / sizes.sum()).tolist(), abs=1e-6)
