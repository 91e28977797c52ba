"""Personal data is told from everything else by headers and by patterns."""

import random
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake.personal import (
    find_personal,
    find_personal_values,
    header_is_personal,
    id_check_digit,
    looks_like_numbering,
    mask,
)
from data.operational import contract

PLACES = st.sampled_from(["110105", "420502", "440310", "650102", "810000"])
BIRTHS = st.dates().filter(lambda day: 1900 <= day.year <= 2030).map(lambda day: day.strftime("%Y%m%d"))
FIRST_17 = st.tuples(PLACES, BIRTHS, st.integers(0, 999).map("{:03d}".format)).map("".join)


def slow_check_digit(first: str) -> str:
    """GB 11643 by its definition: the sum of all eighteen weighted digits leaves 1 when divided by 11."""
    for digit in "0123456789X":
        value = 10 if digit == "X" else int(digit)
        total = value + sum(int(sign) * pow(2, 17 - place, 11) for place, sign in enumerate(first))
        if total % 11 == 1:
            return digit
    raise AssertionError


@given(FIRST_17)
def test_the_check_digit_follows_the_definition_of_the_standard(first):
    assert id_check_digit(first) == slow_check_digit(first)


def test_the_published_examples_of_the_standard_are_id_numbers():
    assert find_personal("11010519491231002X") == "id_number"  # GB 11643-1999, the two examples of its annex
    assert find_personal("440524188001010014") == "id_number"


@given(FIRST_17, st.integers(1, 10))
def test_a_wrong_check_digit_is_no_id_number(first, shift):
    right = "0123456789X".index(id_check_digit(first))
    wrong = "0123456789X"[(right + shift) % 11]
    assert find_personal(first + wrong) != "id_number"


@given(FIRST_17, st.sampled_from(["{}", "证件{}号", "（{}）", " {} ", "ID:{};"]))
def test_an_id_number_is_found_wherever_it_stands(first, frame):
    assert find_personal(frame.format(first + id_check_digit(first))) == "id_number"
    assert find_personal(frame.format((first + id_check_digit(first)).lower())) == "id_number"


@pytest.mark.parametrize(
    "text",
    ["13800138000", "138 0013 8000", "138-0013-8000", "1380-013-8000", "+86 13800138000", "8613800138000", "电话：19912345678。",
     "１３８００１３８０００"],
)  # fmt: skip
def test_a_mobile_number_is_found_with_the_customary_separators(text):
    assert find_personal(text) == "mobile"


@pytest.mark.parametrize(
    "text",
    ["12345", "2018091313800138000123", "12800138000", "1380013800", "第13800138000012号", "4205022026080100123", "PS-9148", "",
     "2018-09-01 12:30:00", "0.138001380001"],
)  # fmt: skip
def test_other_numbers_are_not_mobile_numbers(text):
    assert find_personal(text) is None


def test_mail_addresses_and_landlines_are_found_and_the_hotline_is_not():
    assert find_personal("请回复 someone@example.gov.cn") == "email"
    assert find_personal("0717-1234567") == "landline"
    assert find_personal("(0755) 12345678") == "landline"
    assert find_personal("请拨打12345") is None
    assert find_personal("@坪山") is None


def test_the_old_id_number_counts_only_under_a_suspicious_header():
    old = "110105491231002"
    assert find_personal(old) is None
    assert find_personal(old, header="证件号码") == "id_number"
    assert find_personal("110105491331002", header="证件号码") is None  # month 13


@pytest.mark.parametrize(
    "header",
    ["姓名", "当事人", "当事人姓名", "联系电话", "联系 电话", "手机", "手机号码", "身份证", "身份证号", "住址", "家庭地址", "地址", "出生日期",
     "来电人", "诉求人", "性别", "民族", "电话", "name", "Name", "petitioner_name", "PetitionerName", "phone", "contact phone", "mobile_no",
     "id_number", "ID Card", "address", "home_address", "e-mail", "xingming", "lxdh", "SFZH", "shouji", "contact name", "full name",
     "经办人", "gender", "date of birth", "生日", "xm"],
)  # fmt: skip
def test_a_header_that_describes_a_person_is_refused(header):
    assert header_is_personal(header)


@pytest.mark.parametrize(
    "header",
    ["单位名称", "社区名称", "街道名称", "organisation name", "org_name", "area_name", "涉及人数", "人次", "当事人数", "上访人次", "来电时间",
     "受理编号", "登记时间", "责任单位", "诉求类别", "所属街道", "满意度", "case_id", "matter_no", "street_id", "community", "dispose_unit",
     "created_at", "status", "网格员巡查", "channel", "项目名称", "agency", "people_involved", "person_times", "number", "id", "发生日期", "grid_cell", "xm_code"],
)  # fmt: skip
def test_a_header_of_the_matter_or_of_an_organisation_passes(header):
    assert not header_is_personal(header)


def test_no_column_of_the_contract_is_personal_but_names_of_places_and_units():
    found = {
        f"{table.name}.{column.name}"
        for table in contract.tables.values()
        for column in table.columns
        if header_is_personal(column.name)
    }
    assert found == {
        f"{name}.name"
        for name in (
            "area",
            "category",
            "topic_tag",
            "organisation",
            "livelihood_project",
            "planned_event",
            "volunteer_team",
        )
    }


def test_a_column_is_judged_like_its_values():
    texts = ["", "12345", "11010519491231002X", "13800138000", "a@b.cn", "坪山街道", None]
    found = find_personal_values(pd.Series(texts * 3, dtype="str"))
    assert [kind or None for kind in found] == [find_personal(text) if text else None for text in texts] * 3


def test_numbering_of_eighteen_digits_is_not_taken_for_id_numbers():
    random.seed(5)
    numbers = pd.Series(
        [f"4205022018{month:02d}{random.randrange(10**6):06d}" for month in range(1, 13) for _ in range(40)],
        dtype="str",
    )
    kinds = find_personal_values(numbers)
    assert kinds.notna().any()
    assert looks_like_numbering(numbers, kinds)
    people = numbers.str[:6] + "19800101" + numbers.str[-3:]
    people = people.map(lambda first: first + id_check_digit(first))
    assert not looks_like_numbering(people, find_personal_values(people))


@given(st.text(max_size=60))
def test_a_masked_value_holds_nothing_personal_and_no_control_characters(text):
    shown = mask(text)
    assert find_personal(shown) is None
    assert not re.search(r"\d{5}", shown)
    assert all(sign.isprintable() for sign in shown)


@given(FIRST_17)
def test_masking_leaves_one_digit_of_an_id_number(first):
    assert mask(first + id_check_digit(first)) == first[0] + "*" * 17
