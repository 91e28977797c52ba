"""Single values of a foreign file: words to codes, flags, numbers and moments, and what is not fit to be stored."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from data.intake.personal import find_personal
from data.intake.profiles import CODES, ColumnRule, fold

_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y-%m-%d %H:%M",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日%H时%M分",
    "%Y年%m月%d日",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
)
FORMULA = r"^[=+\-@]"
CONTROL = r"[\x00-\x1f\x7f]"
_ISO = r"^\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$"
TRUE_WORDS = frozenset(["1", "是", "有", "y", "yes", "true", "t", "√", "对"])
FALSE_WORDS = frozenset(["0", "否", "无", "没有", "n", "no", "false", "f", "×", "不"])


def each_value(values: pd.Series, function: Callable[[str], object]) -> pd.Series:
    """`function` of each distinct value; empty stays empty."""
    places, distinct = pd.factorize(values)
    answers = np.empty(len(distinct) + 1, dtype=object)
    for place, value in enumerate(distinct):
        answers[place] = function(value)
    answers[-1] = None
    return pd.Series(answers[places], index=values.index, dtype=object)


def read_code(word: str, column: str, rule: ColumnRule) -> str | None:
    """The code of a word: by the rule's list, else a code of the contract itself, else as the rule says; None when unknown."""
    word = str(word)
    code = rule.codes.get(word)
    if code is None:
        code = next((code for known, code in rule.codes.items() if fold(known) == fold(word)), None)
    if code is None and word.lower() in CODES.get(column, ()):
        code = word.lower()
    return word if code is None and rule.otherwise == "keep" else code


def find_unfit(text: str, size: int) -> str | None:
    """The finding code of a text that must not be stored: a formula, control characters, too long; None when it is fit."""
    if re.search(FORMULA, text):
        return "formula_text"
    if re.search(CONTROL, text):
        return "control_characters"
    return "too_long" if len(text) > size else None


def fit_name(value: object) -> str | None:
    """A name fit to be registered; a formula, control characters, a person's number or too long a text count as empty."""
    return None if value is None or find_unfit(str(value), 120) or find_personal(str(value)) else str(value)


def read_flag(word: str) -> int | None:
    """
    >>> read_flag("是"), read_flag("0"), read_flag("也许")
    (1, 0, None)
    """
    folded = fold(word)
    return 1 if folded in TRUE_WORDS else 0 if folded in FALSE_WORDS else None


def read_whole(word: str) -> int | None:
    """
    >>> read_whole("1,200"), read_whole("3.0"), read_whole("三")
    (1200, 3, None)
    """
    if not re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.0+)?|[+-]?\d{1,10}(?:\.0+)?", word):
        return None
    number = int(word.replace(",", "").split(".")[0])
    return number if abs(number) < 2**31 else None


def parse_moments(texts: pd.Series, formats: tuple[str, ...], time_zone: str) -> pd.Series:
    """Texts as wall-clock moments: by the formats given, else ISO 8601 and the customary Chinese forms; empty where none fits.

    A text that carries a zone is brought to `time_zone`.

    >>> parse_moments(pd.Series(["2018年9月1日", "2018-09-01T00:00:00Z", "1.9.2018"]), (), "Asia/Shanghai").dt.hour.tolist()
    [0.0, 8.0, nan]
    """
    moments = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    todo = texts.notna()
    if not formats:
        iso = texts.str.match(_ISO).fillna(False).astype(bool)
        zoned = (
            iso
            & texts.str.contains(r"(?:Z|\d{2}:\d{2}[+-]\d{2}:?\d{2}|\d[+-]\d{2}:?\d{2})$").fillna(False).astype(bool)
            & texts.str.contains(":")
        )
        plain = iso & ~zoned
        moments[plain] = pd.to_datetime(texts[plain], format="ISO8601", errors="coerce").astype("datetime64[us]")
        if zoned.any():
            utc = pd.to_datetime(texts[zoned], format="ISO8601", errors="coerce", utc=True)
            moments[zoned] = utc.dt.tz_convert(time_zone).dt.tz_localize(None).astype("datetime64[us]")
    for pattern in formats or _FORMATS:
        todo = todo & moments.isna()
        if not todo.any():
            break
        moments[todo] = pd.to_datetime(texts[todo], format=pattern, errors="coerce").astype("datetime64[us]")
    return moments


def store_moments(moments: pd.Series, *, day_only: bool) -> pd.Series:
    """Moments as the embedded store writes them."""
    array = pa.array(moments.to_numpy().astype("datetime64[us]"), from_pandas=True)
    text = array.cast(pa.date32(), safe=False).cast(pa.string()) if day_only else array.cast(pa.string())
    return pd.Series(text.to_pylist(), index=moments.index, dtype=object)
