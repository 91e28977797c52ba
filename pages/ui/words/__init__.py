"""Every word a person reads, in every language, and the way numbers and dates are written.

Words live in TOML files beside this one, one folder a language; the files of a folder are merged and their tables flattened with
dots. A sentence holds placeholders as in `str.format`. What fills them is written in the reader's language: whole numbers, shares,
dates, nested `Sentence`s; a placeholder may ask for a form by name, `{on:weekday}`. A key that needs a singular has the forms `one`
and `other`, chosen by its `count`.
"""

import os
import string
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from numbers import Number
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale, dates, numbers

from data.categories import category_names

if TYPE_CHECKING:
    from analytics.figures import Sentence
    from data.errors import XianshouError

languages = ("zh", "en")
NOTHING = "—"
INDENT = "\u2003"  # before a name, for each step down a tree

_FOLDER = Path(__file__).parent
_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
_JOINTS = {"zh": "、", "en": ", "}
_CLAUSE_JOINTS = {"zh": "；", "en": "; "}


class MissingWords(KeyError):
    """A key without a sentence, or a placeholder without a value: a fault of ours, seen by the tests only."""


# --- sentences -------------------------------------------------------------------------------------------------------------


def say(key: str, language: str, **values: object) -> str:
    """The sentence of `key` in `language`, its placeholders filled with `values` as that language writes them.

    A missing key raises `MissingWords` in tests; a reader sees the key.

    >>> say("names.kind.petition", "en")
    'Petition'
    """
    book = _book(language)
    forms = (key, f"{key}.{_plural(values.get('count'), language)}", f"{key}.other")
    sentence = next((book[form] for form in forms if form in book), None)
    if sentence is None and key.startswith("names."):
        return key.rpartition(".")[2]  # a site's own code stands for itself
    if sentence is None:
        if "PYTEST_CURRENT_TEST" in os.environ:
            raise MissingWords(f"{language}: {key}")
        return key
    return _Filler(language).vformat(sentence, (), values)


def has(key: str, language: str) -> bool:
    """Whether `key` has a sentence."""
    return key in _book(language) or f"{key}.other" in _book(language)


def name(group: str, code: object, language: str) -> str:
    """The word for a code, from `names.<group>.<code>`; a code without a word stands for itself, an empty one is a dash.

    >>> name("kind", "grid_wall", "en")
    'grid_wall'
    """
    if _is_blank(code):
        return NOTHING
    return say(f"names.{group}.{code}", language)


def subject(name: str, language: str) -> str:
    """A name as the reader's language has it where a shipped subject or topic bears it; any other, a site's own or a place's, as it stands.

    >>> subject("物业及其管理纠纷", "en"), subject("物业及其管理纠纷", "zh"), subject("望江街道", "en")
    ('Property management', '物业及其管理纠纷', '望江街道')
    """
    if language == "zh":
        return name
    bare = name.lstrip()  # it may stand indented under another
    return name[: len(name) - len(bare)] + _subjects(language).get(bare, bare)


def tell(sentence: "Sentence", language: str, *, under: str | None = None) -> str:
    """A `Sentence` in the reader's language; its key is looked for under `under` first, then as it stands."""
    key = f"{under}.{sentence.key}" if under and has(f"{under}.{sentence.key}", language) else sentence.key
    return say(key, language, **_nested(sentence.values, language, under))


def _nested(values: Mapping[str, object], language: str, under: str | None = None) -> dict[str, object]:
    return {
        place: tell(value, language, under=under) if _is_sentence(value) else value for place, value in values.items()
    }


def tell_alone(sentence: "Sentence", language: str) -> str:
    """A `Sentence` that stands alone: one whose words are a clause ends with a full stop."""
    said = tell(sentence, language)
    return said if not said or said[-1] in "。！？：.!?:" else said + ("。" if language == "zh" else ".")


def tell_error(error: "XianshouError", language: str) -> str:
    """What went wrong and what to do next, from `errors.<key>`."""
    return say(f"errors.{error.key}", language, **_nested(error.values, language))


def keys(language: str) -> dict[str, frozenset[str]]:
    """Every key of a language with the names of its placeholders; the forms of one key count as one."""
    found: dict[str, frozenset[str]] = {}
    for key, sentence in _book(language).items():
        base = key.removesuffix(".one").removesuffix(".other")
        places = frozenset(place for _, place, _, _ in string.Formatter().parse(sentence) if place)
        found[base] = found.get(base, frozenset()) | places
    return found


# --- numbers and dates -------------------------------------------------------------------------------------------------------


def number(value: float | None, language: str, decimals: int = 0, *, signed: bool = False) -> str:
    """A number with its thousands set apart; a dash when there is none.

    >>> number(12345, "en"), number(-3, "en", signed=True), number(None, "zh")
    ('12,345', '−3', '—')
    """
    if _is_blank(value):
        return NOTHING
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = numbers.format_decimal(abs(value), format=pattern, locale=_LOCALES[language])
    if not any(digit in text for digit in "123456789"):
        return text
    return ("−" if value < 0 else "+" if signed else "") + text


def pct(value: float | None, language: str, decimals: int = 1) -> str:
    """A rate already in percent.

    >>> pct(92.14, "zh")
    '92.1%'
    """
    return NOTHING if _is_blank(value) else number(value, language, decimals) + "%"


def day(value: date | None, language: str, form: str = "long") -> str:
    """A date: `long` with its year, `short` without, `iso` for tables.

    >>> day(date(2026, 11, 2), "zh"), day(date(2026, 11, 2), "en"), day(date(2026, 11, 2), "en", "short")
    ('2026年11月2日', '2 November 2026', '2 Nov')
    """
    if _is_blank(value):
        return NOTHING
    if form == "iso":
        return value.strftime("%Y-%m-%d")
    patterns = {"zh": {"long": "y年M月d日", "short": "M月d日"}, "en": {"long": "d MMMM y", "short": "d MMM"}}
    return dates.format_date(value, patterns[language][form], locale=_LOCALES[language])


def day_range(first: date, last: date, language: str) -> str:
    """From one day to another, both included.

    >>> day_range(date(2026, 11, 2), date(2026, 11, 8), "zh"), day_range(date(2026, 11, 2), date(2026, 11, 8), "en")
    ('2026年11月2日至8日', '2–8 November 2026')
    """
    if first == last:
        return day(first, language)
    same_year, same_month = first.year == last.year, (first.year, first.month) == (last.year, last.month)
    if language == "zh":
        tail = "d日" if same_month else "M月d日" if same_year else "y年M月d日"
        return f"{day(first, language)}至{dates.format_date(last, tail, locale=_LOCALES[language])}"
    head = "d" if same_month else "d MMMM" if same_year else "d MMMM y"
    joint = "–" if same_month else " – "
    return f"{dates.format_date(first, head, locale=_LOCALES[language])}{joint}{day(last, language)}"


def full_day(value: date, language: str) -> str:
    """A date with its day of the week.

    >>> full_day(date(2026, 11, 20), "en"), full_day(date(2026, 11, 20), "zh")
    ('Friday, 20 November 2026', '2026年11月20日 星期五')
    """
    parts = (weekday(value, language), day(value, language))
    return ", ".join(parts) if language == "en" else " ".join(reversed(parts))


def period(first: date, unit: str, language: str, form: str = "long") -> str:
    """The name of the day, ISO week, month or year that begins on `first`; `short` leaves out the days of a week.

    >>> period(date(2026, 11, 16), "week", "zh"), period(date(2026, 11, 30), "week", "en")
    ('2026年第47周（11月16日—22日）', 'Week 49, 2026 (30 Nov – 6 Dec)')
    >>> period(date(2026, 11, 1), "month", "zh"), period(date(2026, 11, 1), "month", "en")
    ('2026年11月', 'November 2026')
    """
    if unit == "day":
        return full_day(first, language)
    if unit == "week":
        year, week, _ = first.isocalendar()
        name = f"{year}年第{week}周" if language == "zh" else f"Week {week}, {year}"
        span = _short_range(first, first + timedelta(days=6), language)
        return name if form == "short" else f"{name}（{span}）" if language == "zh" else f"{name} ({span})"
    patterns = {"zh": {"month": "y年M月", "year": "y年"}, "en": {"month": "MMMM y", "year": "y"}}
    return dates.format_date(first, patterns[language][unit], locale=_LOCALES[language])


def weekday(value: date, language: str, form: str = "long") -> str:
    """The day of the week.

    >>> weekday(date(2026, 11, 21), "zh"), weekday(date(2026, 11, 21), "en", "short")
    ('星期六', 'Sat')
    """
    return dates.format_date(value, "EEEE" if form == "long" else "EEE", locale=_LOCALES[language])


def moment(value: datetime | None, language: str) -> str:
    """A date with hour and minute.

    >>> moment(datetime(2026, 11, 21, 8, 5), "en")
    '21 November 2026, 08:05'
    """
    if _is_blank(value):
        return NOTHING
    return f"{day(value, language)}{' ' if language == 'zh' else ', '}{value:%H:%M}"


def join(parts: Iterable[object], language: str) -> str:
    """Several things in one line, set apart as the language does; sentences are set apart as clauses."""
    parts = list(parts)
    joints = _CLAUSE_JOINTS if any(_is_sentence(part) for part in parts) else _JOINTS
    return joints[language].join(_write(part, language) for part in parts)


def where(found: object, language: str, *, whole: str = "frame.whole_area") -> str:
    """Where an answer is of: the area chosen; else the areas of a scope of several, the first of them where there are more than two; or `whole`."""
    names = found.area_names
    if found.area_name or not names:
        return found.area_name or say(whole, language)
    return join(names, language) if len(names) <= 2 else say("frame.areas", language, first=names[0], count=len(names))


# --- how it is done ------------------------------------------------------------------------------------------------------------


def _short_range(first: date, last: date, language: str) -> str:
    """From one day to another, without the year."""
    same_month = first.month == last.month
    if language == "zh":
        return (
            f"{day(first, language, 'short')}—{last.day}日"
            if same_month
            else f"{day(first, language, 'short')}—{day(last, language, 'short')}"
        )
    return (
        f"{first.day}–{day(last, language, 'short')}"
        if same_month
        else f"{day(first, language, 'short')} – {day(last, language, 'short')}"
    )


class _Filler(string.Formatter):
    """`str.format` that writes values in a language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def get_value(self, key: object, args: object, kwargs: Mapping[str, object]) -> object:
        if key not in kwargs and "PYTEST_CURRENT_TEST" in os.environ:
            raise MissingWords(f"{self.language}: no value for {{{key}}}")
        return kwargs.get(key, "")

    def format_field(self, value: object, spec: str) -> str:
        language = self.language
        if not spec or _is_blank(value):
            return _write(value, language)
        if spec in ("long", "short", "iso"):
            return day(value, language, spec)
        named = {"weekday": weekday, "pct": pct, "grouped": number, "moment": moment}
        return named[spec](value, language) if spec in named else format(value, spec)


def _write(value: object, language: str) -> str:
    """A value as running text has it: no thousands separator in Chinese, at most one decimal."""
    if _is_blank(value):
        return NOTHING
    if isinstance(value, str):
        return subject(value, language)
    if _is_sentence(value):
        return tell(value, language)
    if isinstance(value, datetime):
        return moment(value, language)
    if isinstance(value, date):
        return day(value, language)
    if isinstance(value, (list, tuple, set, frozenset)):
        return join(value, language)
    if isinstance(value, bool):
        return str(value)
    try:
        decimals = 0 if float(value) == int(value) else 1
    except (TypeError, ValueError):
        return str(value)
    text = number(value, language, decimals)
    return text.replace(",", "") if language == "zh" else text


def _is_blank(value: object) -> bool:
    """None, NaN, NaT and NA."""
    if value is None:
        return True
    if isinstance(value, (str, list, tuple, set, frozenset)):
        return False
    try:
        return bool(value != value)
    except TypeError:  # NA refuses to be true or false
        return True


def _is_sentence(value: object) -> bool:
    return hasattr(value, "key") and hasattr(value, "selection")


def _plural(count: object, language: str) -> str:
    return Locale.parse(_LOCALES[language]).plural_form(float(count)) if isinstance(count, Number) else "other"


@cache
def _subjects(language: str) -> dict[str, str]:
    """The shipped subjects and topics by their Chinese names, which the tables of categories and topics hold."""
    topics = {name: _book(language)[key] for key, name in _book("zh").items() if key.startswith("names.topic.")}
    said = category_names(language)
    return topics | {name: said[code] for code, name in category_names().items()}


@cache
def _book(language: str) -> dict[str, str]:
    """All sentences of a language; the same key in two files is a fault."""
    if language not in languages:
        raise MissingWords(f"no language {language!r}; there are {', '.join(languages)}")
    merged: dict[str, str] = {}
    for file in sorted((_FOLDER / language).glob("*.toml")):
        for key, sentence in _flatten(tomllib.loads(file.read_text(encoding="utf-8"))):
            if key in merged:
                raise MissingWords(f"{key} stands twice, again in {language}/{file.name}")
            merged[key] = sentence
    return merged


def _flatten(table: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)
