"""What describes a person, told by a column's name or by a value's pattern, so that it can be kept out.

ID numbers follow GB 11643: six digits of place, eight of birth date, three of sequence, one check digit. A pattern cannot know a
name; names are kept out by the headers of their columns and by the allow-list.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91"
)

_ID_18 = re.compile(r"(?<![0-9])(\d{6})[ \-]?(\d{8})[ \-]?(\d{3}[\dXx])(?![0-9A-Za-z])", re.ASCII)
_ID_15 = re.compile(r"(?<![0-9])(\d{2})\d{4}(\d{6})\d{3}(?![0-9])", re.ASCII)
_MOBILE = re.compile(r"(?<![0-9])(?:(?:\+|00)?86[ \-]?)?1[3-9]\d(?:[ \-._]?\d{4}){2}(?![0-9])", re.ASCII)
_MOBILE_344 = re.compile(r"(?<![0-9])1[3-9]\d{2}[ \-._]\d{3}[ \-._]\d{4}(?![0-9])", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}")
_LANDLINE = re.compile(r"(?<![0-9])\(?0(?:10|2\d|[3-9]\d{2})\)?[ \-]\d{7,8}(?![0-9])", re.ASCII)
_JUST_A_MOMENT = r"^[12]\d{3}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
_WORTH_A_LOOK = r"(?:[0-9０-９][^0-9０-９]{0,3}){10}|[@＠]"

_PLAIN_SHAPES = (("mobile", _MOBILE), ("mobile", _MOBILE_344), ("email", _EMAIL), ("landline", _LANDLINE))


def id_check_digit(first_17: str) -> str:
    """The last sign of an ID number whose first 17 digits are given (GB 11643).

    >>> id_check_digit("11010519491231002")
    'X'
    """
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def _is_date(text: str) -> bool:
    try:
        return 1850 <= date(int(text[:4]), int(text[4:6]), int(text[6:8])).year <= 2099
    except ValueError:
        return False


def _is_id_18(match: re.Match) -> bool:
    place, birth, rest = match.groups()
    return place[:2] in _PROVINCES and _is_date(birth) and id_check_digit(place + birth + rest[:3]) == rest[3].upper()


def find_personal(text: str, *, header: str = "") -> str | None:
    """The kind of personal value that a text holds (`id_number`, `mobile`, `email`, `landline`), or None.

    The old ID number of 15 digits has no check digit: it counts only when it holds a possible date and the column's `header` names a
    person's document.

    >>> find_personal("证件 11010519491231002X"), find_personal("11010519491231002 1"), find_personal("回电 138-0013-8000")
    ('id_number', None, 'mobile')
    """
    plain = unicodedata.normalize("NFKC", str(text))
    if any(_is_id_18(match) for match in _ID_18.finditer(plain)):
        return "id_number"
    for kind, shape in _PLAIN_SHAPES:
        if shape.search(plain):
            return kind
    if header and header_is_personal(header):
        for match in _ID_15.finditer(plain):
            if match.group(1) in _PROVINCES and _is_date("19" + match.group(2)):
                return "id_number"
    return None


def find_personal_values(values: pd.Series, *, header: str = "") -> pd.Series:
    """For each text of a column the kind of personal value it holds, or None; each distinct text is looked at once."""
    found = pd.Series(None, index=values.index, dtype=object)
    array = pa.array(values, from_pandas=True)
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return found
    shape = _WORTH_A_LOOK if not header_is_personal(header) else r"[0-9０-９@＠]"
    worth = pc.and_not(pc.match_substring_regex(array, shape), pc.match_substring_regex(array, _JUST_A_MOMENT))
    worth = pc.fill_null(worth, False).to_numpy(zero_copy_only=False)
    if not worth.any():
        return found
    suspects = values[worth].astype(object)
    kinds = {text: find_personal(text, header=header) for text in suspects.unique()}
    found[worth] = suspects.map(kinds)
    return found.where(found.notna(), None)


def looks_like_numbering(values: pd.Series, kinds: pd.Series) -> bool:
    """True when a numbering scheme of 18 digits meets the check digit by chance (1 in 11) rather than being ID numbers."""
    array = pa.array(values, from_pandas=True).cast(pa.string())
    shaped = pc.fill_null(pc.match_substring_regex(array, r"^\d{17}[\dXx]$"), False).to_numpy(zero_copy_only=False)
    hits = int((kinds[shaped] == "id_number").sum())
    return int(shaped.sum()) >= 30 and hits / int(shaped.sum()) < 0.3


# --- headers ---------------------------------------------------------------------------------------------------------------

_ALWAYS_ZH = re.compile(
    "姓名|身份证|证件号|证件代码|居民证|护照|住址|住所|家庭住|户籍|籍贯|出生|(?<!发)生日|银行卡|银行账|联系电话|联系方式|手机号|电话号|微信号|"
    "邮箱|电子邮件|车牌|指纹|人脸|经纬度"
)
_PERSON_ZH = re.compile(
    "当事人|联系人|手机|固话|座机|电话$|地址|年龄|性别|民族|学历|婚姻状况|政治面貌|昵称|门牌|来电人|诉求人|信访人|上访人|投诉人|举报人|申请人|"
    "反映人|来访人|报告人|提交人|求助人|市民姓|居民姓|户主|业主姓|责任人|经办人|承办人|受理人|登记人|办理人|处理人|回访人|调解员|网格员|"
    "包案领导|包案人|负责人|来电号|主叫|被叫|头像|照片|签名|经度|纬度|坐标"
)
_ABOUT_ZH = re.compile(r"(数|人次|数量|类型|类别|种类|占比|比例|评价|时间|日期|上报|巡查|单位|部门|科室)$")
_WORD_RE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

_PERSON_WORD = re.compile(
    "phone|mobile|tel|telephone|cellphone|fax|email|mail|wechat|qq|surname|firstname|lastname|fullname|nickname|username|address|"
    "addr|birthday|birthdate|dob|birth|gender|sex|ethnicity|nationality|passport|idcard|idno|ssn|residence|longitude|latitude|lng|lon|"
    "lat|signature|photo|xingming|dianhua|shouji|shoujihao|lianxidianhua|lianxifangshi|lianxiren|shenfenzheng|shenfenzhenghao|dizhi|"
    "zhuzhi|dangshiren|xinfangren|chusheng|xingbie|minzu|sfz|sfzh|sfzhm|zjhm|zjh|lxdh|lxfs|lxr|sjh|sjhm|dsr|dsrxm|csrq"
)
_ALONE = re.compile("names?|cell|xm|xb|mz")
_PEOPLE = re.compile(
    "person|petitioner|party|applicant|caller|complainant|resident|contact|first|last|full|given|family|middle|user|reporter|handler|"
    "owner|victim|customer|citizen|leader|member|volunteer|operator|agent|staff|mediator|secretary|officer|holder|visitor|requester|"
    "accused|suspect|patient|respondent"
)
_ABOUT = re.compile("count|numbers|total|times|involved|kind|category|type|level|post|area")
_DOCUMENT = re.compile("id|identity|citizen")
_DOCUMENT_SIGN = re.compile("card|number|no|citizen")
_NOT_A_PERSONS = re.compile("case|matter|org|record|team|project")


@lru_cache(maxsize=4096)
def header_is_personal(header: str) -> bool:
    """True when a column's name says that it describes a person: a name, a document, a number to call, a place to live.

    Counts of people (人数, person_times), names of organisations and names of places are not personal.

    >>> [header_is_personal(name) for name in ("当事人姓名", "联系 电话", "单位名称", "涉及人数", "petitioner_name", "area_name")]
    [True, True, False, False, True, False]
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(header)))
    if re.search(r"[\u4e00-\u9fff]", plain):
        return bool(_ALWAYS_ZH.search(plain) or (_PERSON_ZH.search(plain) and not _ABOUT_ZH.search(plain)))
    words = [word.lower() for word in _WORD_RE.findall(unicodedata.normalize("NFKC", str(header)))]

    def has(shape: re.Pattern) -> bool:
        return any(shape.fullmatch(word) for word in words)

    together = "".join(words)
    if _ALONE.fullmatch(together) or _PERSON_WORD.fullmatch(together):
        return True
    if has(_ABOUT):
        return False
    document = has(_DOCUMENT) and has(_DOCUMENT_SIGN) and not has(_NOT_A_PERSONS)
    return document or has(_PERSON_WORD) or ("name" in words and has(_PEOPLE))


# --- masking ---------------------------------------------------------------------------------------------------------------


def mask(text: str, *, longest: int = 24) -> str:
    """A value as an error list may show it: what looks personal is starred, long runs of digits are shortened, long texts cut.

    >>> mask("13800138000"), mask("其他类"), mask("PS1234567")
    ('1**********', '其他类', 'PS1******')
    """
    plain = unicodedata.normalize("NFKC", str(text))
    plain = "".join(sign if sign.isprintable() else " " for sign in plain)
    if find_personal(plain) or _ID_15.search(plain):
        return plain[:1] + "*" * min(len(plain) - 1, 17)
    plain = re.sub(r"\d{5,}", lambda match: match.group()[0] + "*" * (len(match.group()) - 1), plain)
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"
