"""What the fictional city's matters are about: how often each subject is filed, by kind, kind of place and month."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.town.days import KINDS
from data.town.places import TYPES

# Hotline classes and petition contents by name: share, then factors for old compound, new compound, village in the
# city, rural.
HOTLINE = {
    "城乡建设与管理": (0.17, 1.2, 0.8, 1.5, 0.9),
    "房产物业": (0.20, 1.5, 1.5, 0.6, 0.15),
    "交通运输": (0.13, 1.3, 1.1, 0.9, 0.8),
    "生态环境": (0.10, 1.0, 1.3, 1.1, 0.9),
    "劳动和社会保障": (0.08, 0.9, 0.8, 1.5, 1.1),
    "市场监管与消费": (0.11, 1.0, 1.3, 1.0, 0.6),
    "教育文体": (0.04, 0.8, 1.4, 0.9, 0.8),
    "卫生健康": (0.03, 1.2, 0.9, 0.9, 1.0),
    "公共安全": (0.05, 1.1, 0.7, 1.6, 0.9),
    "民政与社区": (0.05, 1.3, 0.7, 0.9, 1.3),
    "农业农村": (0.02, 0.0, 0.0, 0.8, 9.0),
    "其他": (0.02, 1.0, 1.0, 1.0, 1.0),
}
PETITION = {
    "农村农业": (0.07, 0.1, 0.1, 1.0, 3.5),
    "市场监督": (0.04, 1.0, 1.2, 0.9, 0.5),
    "自然资源": (0.08, 0.5, 0.4, 1.4, 2.6),
    "城乡建设": (0.19, 1.3, 0.9, 1.6, 0.8),
    "生态环境": (0.05, 0.9, 1.2, 1.1, 1.0),
    "劳动和社会保障": (0.15, 0.9, 0.9, 1.4, 1.0),
    "交通运输": (0.05, 1.0, 1.1, 0.9, 0.9),
    "卫生健康": (0.02, 1.1, 0.9, 0.9, 1.0),
    "房产物业": (0.17, 1.5, 1.8, 0.5, 0.1),
    "经济管理": (0.04, 0.9, 1.4, 0.9, 0.6),
    "文体旅游": (0.01, 1.0, 1.2, 0.7, 0.9),
    "党务政务": (0.01, 1.0, 0.8, 1.1, 1.4),
    "科技与信息产业": (0.005, 1.0, 1.2, 0.8, 0.6),
    "民政与应急": (0.04, 1.2, 0.6, 1.0, 1.4),
    "教育": (0.03, 0.8, 1.5, 0.9, 0.8),
    "政法": (0.03, 1.0, 0.9, 1.2, 1.0),
    "其他": (0.025, 1.0, 1.0, 1.0, 1.0),
}
# First-level dispute classes. 15 (organisation and discipline) has only personnel matters here: reports against
# officials are never a matter. 16 (ethnic, religious) is rare everywhere.
DISPUTE = {
    "01": (0.12, 1.0, 0.9, 1.0, 1.2),
    "02": (0.22, 1.3, 0.8, 1.1, 1.1),
    "03": (0.03, 1.0, 1.0, 1.2, 0.8),
    "04": (0.16, 1.5, 1.7, 0.6, 0.2),
    "05": (0.08, 1.0, 0.9, 1.1, 1.0),
    "06": (0.10, 0.9, 1.4, 1.0, 0.6),
    "07": (0.08, 0.8, 0.8, 1.6, 1.0),
    "08": (0.03, 0.9, 1.2, 1.0, 0.8),
    "09": (0.05, 0.0, 0.0, 0.9, 4.2),
    "10": (0.008, 1.0, 1.2, 1.0, 0.5),
    "11": (0.065, 1.3, 0.6, 1.8, 1.0),
    "12": (0.015, 0.9, 0.6, 1.1, 1.8),
    "13": (0.015, 1.1, 0.8, 1.3, 0.8),
    "14": (0.006, 1.0, 1.0, 1.0, 1.0),
    "15": (0.002, 1.0, 1.0, 1.0, 1.0),
    "16": (0.001, 1.0, 1.0, 1.0, 1.0),
    "99": (0.018, 1.0, 1.0, 1.0, 1.0),
}
# Within a class, the sub-classes share evenly but for these.
DISPUTE_PARTS = {
    "0101": 3.0, "0201": 2.0, "0202": 1.5, "0203": 3.0, "0402": 8.0, "0503": 3.0, "0507": 2.0, "0601": 2.5, "0602": 2.5,
    "0701": 3.0, "0804": 4.0, "0901": 3.0, "0902": 2.5, "1101": 1.2, "1102": 1.8, "1103": 2.0, "1104": 4.0, "1105": 0.2,
    "1202": 2.0, "1301": 3.0, "1306": 0.0, "1307": 0.0, "1502": 0.0, "1599": 0.0,
}  # fmt: skip

# Months January to December beside the yearly mean; keyed by hotline or petition name, or dispute class.
_LABOUR = (1.9, 1.2, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.9, 1.1, 1.6)
_OUTDOORS = (0.7, 0.7, 0.9, 1.0, 1.2, 1.4, 1.5, 1.4, 1.1, 0.9, 0.7, 0.7)
_SCHOOL = (0.7, 0.9, 0.9, 0.9, 0.9, 1.3, 1.2, 1.9, 1.5, 0.8, 0.7, 0.6)
_FIELDS = (0.6, 0.8, 1.4, 1.4, 1.2, 1.1, 0.9, 0.9, 1.2, 1.1, 0.8, 0.6)
_WORKS = (0.7, 0.7, 1.0, 1.1, 1.1, 1.2, 1.2, 1.1, 1.1, 1.1, 1.0, 0.8)
SEASONS = {
    "劳动和社会保障": _LABOUR, "07": _LABOUR, "生态环境": _OUTDOORS, "02": _OUTDOORS, "教育文体": _SCHOOL,
    "教育": _SCHOOL,
    "农业农村": _FIELDS, "农村农业": _FIELDS, "09": _FIELDS, "城乡建设与管理": _WORKS, "城乡建设": _WORKS, "11": _WORKS,
}  # fmt: skip

# How likely a topic goes with a subject (小区难题).
TOPICS = {
    "parking": {"0402": 0.30, "房产物业": 0.18, "交通运输": 0.45},
    "property_mgmt": {"0402": 0.50, "房产物业": 0.45},
    "lift": {"0402": 0.10, "房产物业": 0.10},
    "noise": {"0203": 0.60, "生态环境": 0.50},
    "sanitation": {"0203": 0.22, "1104": 0.40, "城乡建设与管理": 0.32, "生态环境": 0.15, "城乡建设": 0.10},
    "renovation": {
        "0202": 0.25,
        "1101": 0.30,
        "1104": 0.22,
        "城乡建设与管理": 0.10,
        "城乡建设": 0.25,
        "房产物业": 0.05,
    },
    "public_order": {"99": 0.40, "公共安全": 0.55, "政法": 0.15},
}
TOPIC_NAMES = {
    "parking": "停车难", "sanitation": "环境卫生", "noise": "噪音扰民", "renovation": "旧房改造",
    "property_mgmt": "物业管理",
    "lift": "电梯管养", "public_order": "社会治安",
}  # fmt: skip

# The petition content that a dispute of this class grows into.
GROWS_INTO = {
    "01": "民政与应急", "02": "城乡建设", "03": "政法", "04": "房产物业", "05": "市场监督", "06": "市场监督",
    "07": "劳动和社会保障", "08": "经济管理", "09": "自然资源", "10": "经济管理", "11": "城乡建设", "12": "民政与应急",
    "13": "城乡建设", "14": "政法", "15": "党务政务", "16": "其他", "99": "其他",
}  # fmt: skip
# Subjects in which many people are concerned at once, beside the others.
CROWDED = {
    "0402": 3.0, "1101": 5.0, "1102": 6.0, "1104": 2.5, "0701": 4.0, "0602": 2.0, "0802": 3.0, "0901": 2.5,
    "城乡建设": 2.0,
    "房产物业": 2.0, "劳动和社会保障": 2.0, "自然资源": 2.0,
}  # fmt: skip
# The functional line whose department answers.
LINES = {
    "housing": ("房产物业", "0402", "0403", "0602"), "urban": ("城乡建设与管理", "城乡建设", "11", "13"),
    "traffic": ("交通运输", "0503", "1305"), "environment": ("生态环境", "0203", "0504"),
    "labour": ("劳动和社会保障", "07", "0507"), "market": ("市场监管与消费", "市场监督", "06", "0505", "1303"),
    "education": ("教育文体", "教育", "文体旅游", "0501", "1302"), "health": ("卫生健康", "0502"),
    "safety": ("公共安全", "1304", "经济管理", "08"), "civil_affairs": ("民政与社区", "民政与应急", "12", "党务政务",
    "15", "16"),
    "land": ("自然资源", "09"), "farming": ("农业农村", "农村农业"), "justice": ("政法", "01", "02", "03", "04", "05",
    "10", "14"),
    "letters": ("其他", "科技与信息产业", "99"),
}  # fmt: skip


@dataclass(frozen=True)
class Subjects:
    """The subjects of all kinds in one list, and what the generator needs to know of each.

    `codes` are category codes; `kind_no`, `line_no`, `crowding` and `grows_into` (position of the petition content)
    run beside them; `weights[kind]` is (place type, month, subject), zero outside the kind, summing to 1 over
    subjects and months on average; `topics` is (topic, subject).
    """

    codes: np.ndarray
    keys: np.ndarray
    kind_no: np.ndarray
    line_no: np.ndarray
    crowding: np.ndarray
    grows_into: np.ndarray
    weights: np.ndarray
    topics: np.ndarray

    def find(self, kind_no: int, key: str) -> int:
        """Position of a subject of a kind by its name, or by its code for disputes."""
        return int(np.flatnonzero((self.keys == key) & (self.kind_no == kind_no))[0])


def read_subjects(categories: pd.DataFrame) -> Subjects:
    """The subjects of this city, drawn from the shipped categories; a subject that is not shipped is left out."""
    rows = [
        *_flat(categories, "hotline", HOTLINE),
        *_dispute_rows(categories),
        *_flat(categories, "petition", PETITION),
    ]
    keys = np.array([key for _, key, _, _ in rows], dtype=object)
    kind_no = np.array([KINDS.index(kind) for kind, *_ in rows])
    weights = np.zeros((len(KINDS), len(TYPES), 12, len(rows)))
    for at, (_, key, _, (share, *factors)) in enumerate(rows):
        season = np.array(_of(SEASONS, key, (1.0,) * 12))
        weights[kind_no[at], :, :, at] = share * np.outer(factors, season)
    weights /= weights.sum(axis=(2, 3), keepdims=True) / 12
    content = {key: at for at, key in enumerate(keys) if kind_no[at] == KINDS.index("petition")}
    lines = {key: at for at, keys_of in enumerate(LINES.values()) for key in keys_of}
    return Subjects(
        codes=np.array([code for _, _, code, _ in rows], dtype=object),
        keys=keys,
        kind_no=kind_no,
        line_no=np.array([_of(lines, key, len(LINES) - 1) for key in keys]),
        crowding=np.array([_of(CROWDED, key, 1.0) for key in keys]),
        grows_into=np.array([content.get(GROWS_INTO.get(key[:2], ""), 0) for key in keys]),
        weights=weights,
        topics=np.array([[_of(chances, key, 0.0) for key in keys] for chances in TOPICS.values()]),
    )


def _of(table: dict, key: str, default: object) -> object:
    """A dispute sub-class takes what is said of it, else of its class."""
    return table.get(key, table.get(key[:2], default) if key.isdigit() else default)


def _flat(categories: pd.DataFrame, scheme: str, shares: dict) -> list[tuple]:
    own = categories[categories["scheme_code"] == scheme]
    codes = dict(zip(own["name"], own["category_code"], strict=True))
    return [(scheme, name, codes[name], share) for name, share in shares.items() if name in codes]


def _dispute_rows(categories: pd.DataFrame) -> list[tuple]:
    own = categories[categories["scheme_code"] == "dispute"]
    rows = []
    for top, (share, *factors) in DISPUTE.items():
        parts = sorted(own.loc[own["parent_code"] == top, "category_code"]) or [top]
        sizes = np.array([DISPUTE_PARTS.get(code, 1.0) for code in parts])
        rows += [
            ("dispute", code, code, (share * size, *factors))
            for code, size in zip(parts, sizes / sizes.sum(), strict=True)
        ]
    return rows
