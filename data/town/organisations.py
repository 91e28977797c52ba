"""The fictional city's offices, departments, Party organisations, committees and associations; never a person."""

from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
import pandas as pd

from data.town.places import CITY_CODE, CITY_NAME, Places
from data.town.subjects import LINES

LINE_NAMES = {
    "housing": "住房保障", "urban": "城市管理", "traffic": "交通运输", "environment": "生态环境", "labour": "人力社保",
    "market": "市场监管", "education": "教育文体", "health": "卫生健康", "safety": "应急管理", "civil_affairs": "民政",
    "land": "自然资源", "farming": "农业农村", "justice": "司法", "letters": "信访",
}  # fmt: skip
MASS_ORGS = ("工会", "团委", "妇联", "科协", "工商联", "侨联", "残联", "文联")
COMMITTEES = (
    "婚姻家庭", "邻里关系", "物业管理", "征地拆迁", "劳动争议", "医患关系", "道路交通", "消费权益", "山林土地",
    "环境保护",
    "校园", "金融借贷",
)  # fmt: skip
SOCIAL_FIELDS = (
    "经济服务", "科技科普", "文化文艺", "环境卫生", "志愿服务", "家庭教育", "法治维权", "矛盾调处", "养老助残",
    "慈善帮扶",
)  # fmt: skip
# The specialised committee a subject goes to: first digits of the dispute code.
COMMITTEE_OF = {
    "01": 0, "02": 1, "0402": 2, "11": 3, "07": 4, "0502": 5, "0503": 6, "06": 7, "09": 8, "0203": 9, "0504": 9,
    "0501": 10, "08": 11,
}  # fmt: skip


@dataclass(frozen=True)
class Organisations:
    """`table` is `operational.organisation`, parents first; the arrays hold positions in it.

    `department` is (district, line); `street_office` and `centre` run beside the streets; `community_unit` and
    `district_no` and `street_no` beside the communities.
    """

    table: pd.DataFrame
    department: np.ndarray
    street_office: np.ndarray
    centre: np.ndarray
    community_unit: np.ndarray
    committees: np.ndarray
    district_no: np.ndarray
    street_no: np.ndarray

    @property
    def ids(self) -> np.ndarray:
        return self.table["org_id"].to_numpy(object)

    def of_kind(self, *kinds: str) -> pd.DataFrame:
        return self.table[self.table["kind"].isin(kinds)]


class _Register:
    """Collects organisations in order and says where each one landed."""

    def __init__(self, first_on: date) -> None:
        self.rows: list[dict] = []
        self.first_on = first_on

    def add(self, org_id: str, name: str, kind: str, area_code: str, parent: str | None = None, **more: object) -> int:
        self.rows.append(
            {
                "org_id": org_id, "name": name, "kind": kind, "parent_org_id": parent, "area_code": area_code,
                "functional_line": None, "social_category": None, "sponsor_org_id": None, "grade_code": None,
                "is_registered": None,
                "has_brand": None, "valid_from": self.first_on, "valid_to": None,
                "updated_at": datetime.combine(self.first_on, time()), **more,
            }
        )  # fmt: skip
        return len(self.rows) - 1


def build_organisations(rng: np.random.Generator, places: Places, first_on: date) -> Organisations:
    """Departments, street offices, communities, Party organisations, committees and associations of the city."""
    register = _Register(first_on)
    districts, streets = places.of_level("district"), places.of_level("street")
    _add_city(register)
    department = np.array([_add_departments(register, row) for row in districts.itertuples()])
    offices = [_add_street(register, rng, row) for row in streets.itertuples()]
    names, codes = places.areas["name"], places.codes
    community = places.community
    units = [
        _add_community(register, rng, codes[row.pos], names[row.pos], codes[row.street_pos])
        for row in community.itertuples()
    ]
    for row in places.of_level("compound").itertuples():
        _add_compound(register, rng, row)
    _add_social(register, rng, codes[community["pos"]])
    committees = [
        register.add(
            f"committee-{number:02d}", f"{name}纠纷专业调处委员会", "specialised_committee", CITY_CODE, "9999-justice"
        )
        for number, name in enumerate(COMMITTEES, start=1)
    ]
    return Organisations(
        table=pd.DataFrame(register.rows).astype({"is_registered": "Int64", "has_brand": "Int64"}),
        department=department,
        street_office=np.array([office for office, _ in offices]),
        centre=np.array([centre for _, centre in offices]),
        community_unit=np.array(units),
        committees=np.array(committees),
        district_no=np.searchsorted(districts.index, community["district_pos"]),
        street_no=np.searchsorted(streets.index, community["street_pos"]),
    )


def _add_city(register: _Register) -> None:
    for line in LINES:
        name = f"{CITY_NAME}{LINE_NAMES[line]}局"
        register.add(f"9999-{line}", name, "department", CITY_CODE, functional_line=line)
    register.add("9999-party", f"{CITY_NAME}委", "party_committee", CITY_CODE)
    register.add("9999-centre", f"{CITY_NAME}综治中心", "governance_centre", CITY_CODE)
    for number, name in enumerate(MASS_ORGS, start=1):
        register.add(f"mass-{number}", f"{CITY_NAME}{name}", "mass_org", CITY_CODE)


def _add_departments(register: _Register, district: object) -> list[int]:
    code, name = district.area_code, district.name
    register.add(f"{code}-party", f"{name}委", "party_committee", code, "9999-party")
    register.add(f"{code}-centre", f"{name}综治中心", "governance_centre", code, "9999-centre")
    return [
        register.add(
            f"{code}-{line}", f"{name}{LINE_NAMES[line]}局", "department", code, f"9999-{line}", functional_line=line
        )
        for line in LINES
    ]


def _add_street(register: _Register, rng: np.random.Generator, street: object) -> tuple[int, int]:
    code, name, district = street.area_code, street.name, street.parent_code
    office = register.add(
        f"street-{code}", f"{name}办事处" if name.endswith("街道") else f"{name}人民政府", "street_office", code
    )
    party = f"party-{code}"
    register.add(
        party, f"{name}党工委", "party_committee", code, f"{district}-party", has_brand=int(rng.random() < 0.8)
    )
    centre = register.add(f"centre-{code}", f"{name}综治中心", "governance_centre", code, f"{district}-centre")
    register.add(f"alliance-{code}", f"{name}党建联盟", "alliance", code, party)
    return office, centre


def _add_community(register: _Register, rng: np.random.Generator, code: str, name: str, street_code: str) -> int:
    council = "居民委员会" if name.endswith("社区") else "村民委员会"
    unit = register.add(f"community-{code}", name + council, "community", code, f"street-{street_code}")
    register.add(
        f"party-{code}",
        f"{name}党总支",
        "general_branch",
        code,
        f"party-{street_code}",
        has_brand=int(rng.random() < 0.55),
    )
    return unit


def _add_compound(register: _Register, rng: np.random.Generator, compound: object) -> None:
    code, name, community = compound.area_code, compound.name, compound.parent_code
    if rng.random() < 0.85:
        brand = int(rng.random() < 0.2)
        register.add(f"branch-{code}", f"{name}党支部", "branch", code, f"party-{community}", has_brand=brand)
    if rng.random() < 0.68:
        register.add(f"owners-{code}", f"{name}业主委员会", "owners_committee", code, f"community-{community}")


def _add_social(register: _Register, rng: np.random.Generator, community_codes: np.ndarray) -> None:
    for number in range(1, 61):
        field = int(rng.integers(10))
        area = str(rng.choice(community_codes))
        registered = int(rng.random() < 0.52)
        register.add(
            f"social-{number:03d}", f"{SOCIAL_FIELDS[field]}第{number}社", "social_org", area,
            social_category=f"{field + 1:02d}", is_registered=registered,
            sponsor_org_id=f"mass-{rng.integers(1, 9)}" if rng.random() < 0.6 else None,
            grade_code=f"{rng.integers(1, 6)}A" if registered and rng.random() < 0.5 else None,
        )  # fmt: skip
