"""What the reader chooses, and its place in the link: the day, the area, the kind, the language.

The link is the truth: each run reads it, checks it and sets the widgets by it; a widget writes it. A choice of a few is a row of links.
Streamlit's own binding would put translated labels into links, which break when the language changes; codes stay.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from analytics.periods import UNITS, period_of, periods_between
from data.operational import KINDS
from data.queries import Selection
from pages.ui import load, markup, words
from pages.ui.links import Chosen, read_having, read_own, read_selection, without_selection

_LANGUAGES = {"zh": "中文", "en": "English"}
_KEPT = ("lang", "day", "area", "kind")  # carried over to other pages
_YEARS = (1950, 2100)  # of a day that is taken at its word


def keep(page: str) -> None:
    """Carry what was chosen over to another page: the navigation drops it from the link."""
    params = st.query_params
    kept = st.session_state.get("kept", {})
    if st.session_state.get("page") not in (None, page) and not any(name in params for name in _KEPT):
        for name, value in kept.items():
            params[name] = value
    st.session_state["page"] = page
    st.session_state["kept"] = {name: params[name] for name in _KEPT if name in params}


def language() -> str:
    """The reader's language: the link's, else the one read in so far, else the site's."""
    wanted = (st.query_params.get("lang"), st.session_state.get("lang"), load.site().language)
    spoken = next((one for one in wanted if one in words.languages), "zh")
    st.session_state["lang"] = spoken
    return spoken


def switch_language() -> None:
    """The switch itself, at the foot of the sidebar."""
    st.sidebar.html(_links("lang", words.say("frame.language", language()), _LANGUAGES, language()))


def sidebar(unit: str = "day", kinds: bool | str = True, category: bool = False, units: tuple[str, ...] = ()) -> Chosen:
    """What is chosen, with the widgets for it in the sidebar: the period of this `unit`, the area, and where asked kind, category, unit.

    Where `units` are offered, the reader's own wins over `unit`. The day of what is returned is the last one of the period that can be
    chosen, so that every day of a period is the same link. `kinds` may name the kind that a page is about unless another is chosen; then
    all kinds together are not offered.
    """
    found = chosen()
    if isinstance(kinds, str):
        found = replace(found, kind=found.kind or kinds)
    if units:
        found = replace(found, unit=found.unit if found.unit in units else unit)
    period = found.unit if units else unit
    found = replace(found, day=load.close_of(period, found.day))
    with st.sidebar.container(key="filters"):
        if units:
            _pick_unit(units, found)
        _PERIODS[period](found)
        _pick_area(found)
        if kinds:
            _pick_kind(found, KINDS if isinstance(kinds, str) else ("", *KINDS))
        if category:
            _pick_category(found)
    return found


def opened() -> Selection | None:
    """The number that was opened, if any."""
    return read_selection(st.query_params)


def is_opened() -> bool:
    """Whether the link opens a number, well-formed or not."""
    return "behind" in st.query_params


def chosen() -> Chosen:
    """What the link says, checked: what is not understood falls back to the default."""
    params = st.query_params
    day = _read_day(params.get("day", "")) or load.yesterday()
    kind, unit = params.get("kind"), params.get("unit")
    try:
        having = read_having(params["has"]) if params.get("has") else ()
    except ValueError:
        having = ()
    return Chosen(
        day,
        params.get("area") or None,
        kind if kind in KINDS else None,
        language(),
        unit if unit in UNITS else None,
        params.get("category") or None,
        having,
        read_own(params.to_dict()),
    )


def _read_day(said: str) -> date | None:
    """The day a link names; None for one that is no day or out of this world."""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    return day if _YEARS[0] <= day.year <= _YEARS[1] else None


def _pick_day(found: Chosen) -> None:
    first, last = load.bounds(found.day)
    goes = _to("day", markup.DAY)
    st.html(markup.day_field(words.say("frame.day", found.language), found.day, first, last, goes))


def _pick_period(unit: str, found: Chosen) -> None:
    """The periods with records as a list, the latest first; each by the day that stands for it in a link, which may name another."""
    offered = {one.last for one in periods_between(unit, *load.bounds())}
    closes = [close.isoformat() for close in sorted({*offered, found.day}, reverse=True)]
    key = f"pick_{unit}"
    st.session_state[key] = found.day.isoformat()
    st.selectbox(
        words.say(f"frame.{unit}", found.language),
        closes,
        key=key,
        on_change=_picked,
        args=("day", key),
        format_func=lambda close: words.period(_first_of(unit, close), unit, found.language),
    )


def _first_of(unit: str, close: str) -> date:
    return period_of(unit, date.fromisoformat(close)).first


_PERIODS = {
    "day": _pick_day,
    "week": partial(_pick_period, "week"),
    "month": partial(_pick_period, "month"),
    "year": partial(_pick_period, "year"),
}


def _pick_unit(units: tuple[str, ...], found: Chosen) -> None:
    named = {unit: words.say(f"frame.by_{unit}", found.language) for unit in units}
    st.html(_links("unit", words.say("frame.unit", found.language), named, found.unit))


def _pick_area(found: Chosen) -> None:
    places = load.areas()
    st.session_state["pick_area"] = found.area_code if found.area_code in places else ""
    st.selectbox(
        words.say("frame.area", found.language),
        ["", *places],
        key="pick_area",
        on_change=_picked,
        args=("area",),
        format_func=lambda code: places.get(code, words.say("frame.whole_area", found.language)),
    )


def _pick_kind(found: Chosen, kinds: tuple[str, ...]) -> None:
    named = {kind: words.say(f"names.kind.{kind or 'all'}", found.language) for kind in kinds}
    st.html(_links("kind", words.say("frame.kind", found.language), named, found.kind or ""))


def _pick_category(found: Chosen) -> None:
    """The subjects that occur; a link may name one that occurs nowhere here, then it is offered too, so that it can be seen and left."""
    subjects = load.categories(found.area_code, found.kind)
    if found.category_code and found.category_code not in subjects:
        of_any_kind = load.categories(found.area_code)
        subjects = {found.category_code: of_any_kind.get(found.category_code, found.category_code), **subjects}
    st.session_state["pick_category"] = found.category_code or ""
    st.selectbox(
        words.say("frame.category", found.language),
        ["", *subjects],
        key="pick_category",
        on_change=_picked,
        args=("category",),
        format_func=lambda code: words.subject(
            subjects.get(code, words.say("frame.all_categories", found.language)), found.language
        ),
    )


def _links(name: str, label: str, options: Mapping[str, str], current: str) -> str:
    """A choice of a few as links, each to this page with it; the one in force is marked."""
    return markup.choices(label, [(said, _to(name, code), code == current) for code, said in options.items()])


def _to(name: str, value: str) -> str:
    """The link to this page with another choice; the list behind a number closes, but not for another language."""
    return "?" + urlencode(_params_with(name, value))


def _picked(name: str, key: str | None = None) -> None:
    """Write a choice into the link."""
    st.query_params.from_dict(_params_with(name, str(st.session_state[key or f"pick_{name}"] or "")))


def _params_with(name: str, value: str) -> dict[str, str]:
    params = st.query_params.to_dict()
    kept = params if name == "lang" else without_selection(params)
    return {one: said for one, said in kept.items() if one != name} | ({name: value} if value else {})
