"""The fictional city's places: invented names, codes outside the official range, sizes of a middle-sized city.

No province has the code 99, so no code here can be a real one. The names were put together from words and checked
against the names of real counties and districts; a likeness to a real street or village is chance.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
import pandas as pd

CITY_CODE = "9999"
CITY_NAME = "示例市"

# District: code, name, its streets. A name without an ending is a street office area (街道); towns carry theirs.
DISTRICTS = (
    ("999901", "砚溪区", ("听澜", "栖梧", "枕石", "云笺", "拂柳", "望舒", "采薇")),
    ("999902", "鹭汀区", ("汀芷", "白蘋", "渔灯", "晚照", "鸥盟", "青笠")),
    ("999903", "榆川区", ("榆荫", "麦信", "柘坞", "枫隐镇", "梨雪镇", "桑扈镇")),
    ("999904", "岚岫县", ("岫云镇", "岚光镇", "松籁镇", "竹坞乡", "茶烟乡")),
)
TYPES = ("old_compound", "new_compound", "village_in_city", "rural")
TYPE_SHARES = {"inner": (0.5, 0.34, 0.16, 0.0), "town": (0.1, 0.12, 0.13, 0.65)}
HOUSEHOLDS = {"old_compound": 1900, "new_compound": 2500, "village_in_city": 1500, "rural": 720}
GRID_HOUSEHOLDS = 310

_FIRST = "晴霁朗芳蕙梅桂棠桐柏榕荷菱萍芦苇槿樟藤茉"
_SECOND = "晖径畔渡陌圃屿矶浦塘桥苑堤岸泓汀"
_COMPOUND = "锦翠悦澄瑞和颐景嘉宁恬舒沁雅"
_COMPOUND_END = ("苑", "园", "里", "居", "轩", "坊")
_HAMLET_END = ("湾", "坡", "冲", "畈", "岭", "坪", "垸")


@dataclass(frozen=True)
class Places:
    """The tree of areas as a frame, and the same as arrays for the generator.

    `areas` is `operational.area`, parents first. `community` has one row a community or village: `pos` (row in
    `areas`), `street_pos`, `district_pos`, `type_no` (index in TYPES), `households`, and where its grids and its
    compounds or hamlets lie (`grid_first`, `grids`, `nook_first`, `nooks`: rows in `areas`, consecutive).
    """

    areas: pd.DataFrame
    community: pd.DataFrame

    @property
    def codes(self) -> np.ndarray:
        return self.areas["area_code"].to_numpy(object)

    def of_level(self, *levels: str) -> pd.DataFrame:
        return self.areas[self.areas["level_code"].isin(levels)]


def build_places(rng: np.random.Generator, first_on: date) -> Places:
    """Four districts, 24 streets, about 160 communities and villages, 900 grids, and the compounds and hamlets
    within."""
    rows: list[dict] = [_row(CITY_CODE, CITY_NAME, "city", None)]
    communities: list[dict] = []
    names = _names(rng, _FIRST, _SECOND)
    nook_names = _names(rng, _FIRST, _COMPOUND)
    for code, name, streets in DISTRICTS:
        district_pos = len(rows)
        rows.append(_row(code, name, "district", CITY_CODE))
        for number, street in enumerate(streets, start=1):
            street_pos = len(rows)
            is_town = street[-1] in "镇乡"
            rows.append(_row(f"{code}{number:03d}", street if is_town else f"{street}街道", "street", code))
            for place in range(int(rng.integers(6, 9)) if not is_town else int(rng.integers(5, 8))):
                type_code = str(rng.choice(TYPES, p=TYPE_SHARES["town" if is_town else "inner"]))
                communities.append(
                    _add_community(rows, rng, street_pos, district_pos, place, type_code, next(names), nook_names)
                )
    _sum_upwards(rows)
    areas = pd.DataFrame(rows)
    areas["valid_from"] = first_on
    areas["updated_at"] = datetime.combine(first_on, time())
    return Places(areas, pd.DataFrame(communities))


def _row(code: str, name: str, level: str, parent: str | None, households: int = 0, **more: object) -> dict:
    return {
        "area_code": code, "name": name, "level_code": level, "parent_code": parent, "type_code": None, "households":
        households, "residents": 0, "compounds": 0, "area_km2": 0.0, **more,
    }  # fmt: skip


def _names(rng: np.random.Generator, first: str, second: str):
    pairs = [one + two for one in first for two in second]
    while True:  # a second round repeats names, as real towns do
        yield from (str(name) for name in rng.permutation(pairs))


def _add_community(rows, rng, street_pos, district_pos, place, type_code, name, nook_names) -> dict:
    """Append a community with its grids and its compounds or hamlets; return its line for the generator."""
    pos, parent = len(rows), rows[street_pos]["area_code"]
    households = int(HOUSEHOLDS[type_code] * rng.lognormal(0, 0.3))
    code = f"{parent}{901 + place}"
    rural = type_code == "rural"
    rows.append(_row(code, f"{name}{'村' if rural else '社区'}", "community", parent, households, type_code=type_code))
    rows[pos]["area_km2"] = round(float(rng.uniform(3, 9) if rural else rng.uniform(0.3, 1.4)), 2)
    grids = max(2, round(households / GRID_HOUSEHOLDS))
    for number, share in enumerate(_split(rng, households, grids), start=1):
        label = f"{name}第{number}网格"
        rows.append(_row(f"{code}{number:03d}", label, "grid", code, int(share), type_code=type_code))
    nook_first, nooks = len(rows), int(rng.integers(1, 4)) + (type_code == "old_compound")
    for number, share in enumerate(_split(rng, int(households * 0.8), nooks), start=1):
        ending = str(rng.choice(_HAMLET_END if rural else _COMPOUND_END))
        level = "hamlet" if rural else "compound"
        rows.append(
            _row(f"{code}{500 + number}", next(nook_names) + ending, level, code, int(share), type_code=type_code)
        )
        rows[-1]["compounds"] = int(not rural)
    rows[pos]["compounds"] = 0 if rural else nooks
    return {
        "pos": pos, "street_pos": street_pos, "district_pos": district_pos, "type_no": TYPES.index(type_code),
        "households": households, "grid_first": pos + 1, "grids": grids, "nook_first": nook_first, "nooks": nooks,
    }  # fmt: skip


def _split(rng: np.random.Generator, total: int, parts: int) -> np.ndarray:
    return rng.multinomial(total, rng.dirichlet(np.full(parts, 12.0)))


def _sum_upwards(rows: list[dict]) -> None:
    """Households, residents, compounds and area of streets, districts and the city are sums of their communities."""
    by_code = {row["area_code"]: row for row in rows}
    for row in rows:
        row["residents"] = round(row["households"] * 2.45)
    for row in rows:
        if row["level_code"] == "community":
            above = row["parent_code"]
            while above:
                for column in ("households", "residents", "compounds", "area_km2"):
                    by_code[above][column] = round(by_code[above][column] + row[column], 2)
                above = by_code[above]["parent_code"]
