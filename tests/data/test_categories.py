"""The shipped lists of subjects."""

import re

import pytest
import sqlalchemy as sa

from data import operational
from data.categories import SCHEMES, category_names, crosswalk, register_categories, shipped_categories


@pytest.fixture
def store():
    engine = operational.create_engine("sqlite://")
    operational.contract.create_all(engine)
    return engine


def test_the_lists_are_as_long_as_their_sources():
    rows = shipped_categories()
    tops = rows[rows["parent_code"].isna()].groupby("scheme_code").size()
    assert tops.to_dict() == {"dispute": 17, "hotline": 12, "mediation": 18, "petition": 20}
    assert rows["category_code"].is_unique


def test_every_parent_and_every_correspondence_exists():
    rows = shipped_categories()
    codes = set(rows["category_code"])
    assert set(rows["parent_code"].dropna()) <= codes
    assert set(rows["maps_to"].dropna()) <= codes
    assert set(crosswalk()["from_code"]) | set(crosswalk()["to_code"]) <= codes


def test_each_mediation_class_maps_to_the_dispute_class_named_first():
    rows = shipped_categories().set_index("category_code")
    first = crosswalk().query("is_first == 1 and from_code.str.startswith('M')").set_index("from_code")["to_code"]
    assert rows.loc[first.index, "maps_to"].tolist() == first.tolist()
    assert crosswalk().query("from_code == 'M-03'")["to_code"].tolist() == ["0602", "0902"]
    assert set(rows.loc[first, "scheme_code"]) == {"dispute"}


def test_ethnic_religious_and_health_subjects_are_sensitive():
    rows = shipped_categories()
    sensitive = set(rows.loc[rows["is_sensitive"] == 1, "category_code"])
    assert {"16", "1601", "1602", "0502", "M-13", "P-08", "H-08"} <= sensitive
    names = category_names("zh")
    health = {code for code, name in names.items() if re.search("医疗|卫生健康|民族|宗教", name)}
    assert health <= sensitive


def test_every_subject_has_a_name_in_both_languages():
    chinese, english = category_names("zh"), category_names("en")
    assert chinese.keys() == english.keys()
    assert all(re.search(r"[一-鿿]", name) for name in chinese.values())
    assert all(re.fullmatch(r"[A-Za-z ,()'-]+", name) for name in english.values())


def test_sub_classes_stand_under_their_class_in_the_same_list():
    rows = shipped_categories()
    below = rows[rows["parent_code"].notna()]
    assert set(below["scheme_code"]) == {"dispute"}
    assert all(
        code.startswith(parent) for code, parent in zip(below["category_code"], below["parent_code"], strict=True)
    )
    assert set(rows["scheme_code"]) == set(SCHEMES)


def test_registering_twice_changes_nothing(store):
    assert register_categories(store) == len(shipped_categories())
    assert register_categories(store) == 0


def test_registering_leaves_the_wording_of_the_site_alone(store):
    with store.begin() as connection:
        connection.execute(sa.insert(operational.category), {"category_code": "02", "name": "ours", "is_severe": 1})
    register_categories(store)
    with store.connect() as connection:
        name = connection.scalar(
            sa.select(operational.category.c.name).where(operational.category.c.category_code == "02")
        )
        count = connection.scalar(sa.select(sa.func.count()).select_from(operational.category))
    assert (name, count) == ("ours", len(shipped_categories()))
