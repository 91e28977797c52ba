"""A profile says how foreign headers, codes and places become the contract; a slip of the pen is met with the right word."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import operational
from data.errors import Refused
from data.intake.personal import header_is_personal
from data.intake.profiles import CODES, fold, list_profiles, parse_profile, read_profile
from data.intake.proposals import TARGETS, draft_profile, propose_profile

SMALL = {"source_system": "x", "kind": "hotline", "columns": {"matter_no": "no", "registered_at": "at"}}


@pytest.mark.parametrize("name", list_profiles())
def test_every_shipped_profile_reads_and_maps_only_the_contract(name):
    profile = read_profile(name)
    assert set(profile.columns) <= set(operational.matter.columns.keys())
    assert not any(header_is_personal(header) for _, headers in profile.headers() for header in headers)


def test_the_worked_examples_and_the_standard_profile_ship():
    assert set(list_profiles()) == {"pingshan", "sp156", "standard"}


@pytest.mark.parametrize(
    ("document", "key", "nearest"),
    [
        (SMALL | {"sorce_system": "y"}, "sorce_system", "source_system"),
        (SMALL | {"columns": SMALL["columns"] | {"purpose": {"from": "p", "code": {}}}}, "code", "codes"),
        (SMALL | {"area": {"levels": [{"level": "street", "nam": "街道"}]}}, "nam", "name"),
        (SMALL | {"verdict": {"intime": "a", "overdue": "b"}}, "intime", "in_time"),
        (SMALL | {"constants": {"form_": "letter"}}, "form_", "form"),
    ],
)
def test_a_mistyped_key_stops_with_the_nearest_right_one(document, key, nearest):
    with pytest.raises(Refused) as refusal:
        parse_profile(document, "t")
    assert refusal.value.key == "intake.profile_key"
    assert (refusal.value.values["found"], refusal.value.values["nearest"]) == (key, nearest)


@pytest.mark.parametrize(
    ("document", "nearest"),
    [
        (SMALL | {"columns": SMALL["columns"] | {"registred_at": "at"}}, "registered_at"),
        (SMALL | {"kind": "hotlin"}, "hotline"),
        (SMALL | {"columns": SMALL["columns"] | {"status": {"from": "s", "codes": {"完": "close"}}}}, "closed"),
        (SMALL | {"area": {"levels": [{"level": "streets", "name": "街道"}]}}, "street"),
        (SMALL | {"tables": {"matters": "v_matter"}}, "matter"),
    ],
)
def test_a_mistyped_column_code_or_level_stops_with_the_nearest_right_one(document, nearest):
    with pytest.raises(Refused) as refusal:
        parse_profile(document, "t")
    assert refusal.value.key == "intake.profile_value"
    assert refusal.value.values["nearest"] == nearest


def test_a_profile_without_a_number_or_kind_is_refused():
    with pytest.raises(Refused, match="profile_needs"):
        parse_profile(SMALL | {"columns": {"registered_at": "at"}}, "t")
    with pytest.raises(Refused, match="profile_value"):
        parse_profile({key: value for key, value in SMALL.items() if key != "kind"}, "t")


def test_a_profile_of_a_name_that_does_not_exist_names_the_nearest():
    with pytest.raises(Refused) as refusal:
        read_profile("pinshan")
    assert refusal.value.values["nearest"] == "pingshan"


def test_a_broken_toml_says_where(tmp_path):
    (tmp_path / "p.toml").write_text("codes = { 投诉 = 1 }", encoding="utf-8")
    with pytest.raises(Refused, match="profile_syntax") as refusal:
        read_profile(tmp_path / "p.toml")
    assert "line 1" in refusal.value.values["detail"]


def test_standard_synonyms_mean_one_thing_each():
    standard = read_profile("standard")
    headers = [fold(header) for _, alternatives in standard.headers() for header in alternatives]
    assert len(headers) == len(set(headers))


def test_standard_codes_lie_within_the_closed_lists():
    for column, rule in read_profile("standard").columns.items():
        if column in CODES:
            assert set(rule.codes.values()) <= set(CODES[column])


def test_customary_headers_are_known_personal_ones_are_marked_and_the_rest_is_left_open():
    found = {
        each.header: each
        for each in propose_profile(
            ["受理编号", "登记时间", "办结时间", "责任单位", "诉求类别", "所属街道", "联系电话", "备注"]
        )
    }
    assert {header: each.target for header, each in found.items()} == {
        "受理编号": "matter_no",
        "登记时间": "registered_at",
        "办结时间": "closed_at",
        "责任单位": "unit",
        "诉求类别": "category_code",
        "所属街道": "area:street",
        "联系电话": None,
        "备注": None,
    }
    assert found["联系电话"].state == "personal"
    assert found["备注"].state == "unknown"


@given(
    st.lists(
        st.sampled_from(
            ["受理编号", "受理编号 ", "工单编号", "登记时间", "登记的时间", "办结日期", "办结日", "xyz", "街道", "姓名"]
        ),
        unique=True,
    )
)
def test_no_two_headers_are_proposed_for_the_same_thing(headers):
    targets = [each.target for each in propose_profile(headers) if each.target]
    assert len(targets) == len(set(targets))
    assert set(targets) <= set(TARGETS)


def test_a_draft_of_confirmed_choices_is_a_profile(tmp_path):
    choices = {
        "编号": "matter_no", '登记"时间"': "registered_at", "所在街道": "area:street", "社区": "area:community", "大类": "category:1",
        "小类": "category:2", "单位": "unit", "姓名": None,
    }  # fmt: skip
    text = draft_profile(choices, source_system="我们的系统", kind="dispute")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    profile = read_profile(tmp_path / "own.toml")
    assert profile.drop == ("姓名",)
    assert profile.columns["registered_at"].headers == ('登记"时间"',)
    assert [level.level for level in profile.area.levels] == ["street", "community"]
    assert profile.category.levels == (("大类",), ("小类",))
    assert profile.unit.register
    assert tomllib.loads(text)["source_system"] == "我们的系统"
