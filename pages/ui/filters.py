"""What the reader chooses, and its place in the link: the day, the area, the kind, the language.

The link is the truth: each run reads it, checks it and sets the widgets by it; a widget writes it. Streamlit's own binding would put
translated labels into links, which break when the language changes; codes stay.
"""

from datetime import date

import streamlit as st

from data.operational import KINDS
from data.queries import Selection
from pages.ui import load, words
from pages.ui.links import Chosen, read_having, read_selection

_KEPT = ("lang", "day", "area", "kind")  # carried over to other pages
_OWN = ("unit", "category", "has")  # choices of one page
UNITS = ("day", "week", "month", "year")


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
    wanted = st.query_params.get("lang") or st.session_state.get("lang") or load.site().language
    spoken = wanted if wanted in words.languages else "zh"
    st.session_state["lang"] = spoken
    return spoken


def switch_language() -> None:
    """The switch itself, at the foot of the sidebar."""
    st.session_state["pick_lang"] = language()
    st.sidebar.radio(
        words.say("frame.language", language()),
        words.languages,
        format_func={"zh": "中文", "en": "English"}.get,
        key="pick_lang",
        horizontal=True,
        label_visibility="collapsed",
        on_change=_picked,
        args=("lang",),
    )


def sidebar() -> Chosen:
    """Day, area and kind, in the sidebar; what is chosen."""
    found = chosen()
    said = found.language
    first, last = _bounds(found.day)
    with st.sidebar.container(key="filters"):
        st.session_state["pick_day"] = found.day
        st.date_input(
            words.say("frame.day", said),
            key="pick_day",
            min_value=first,
            max_value=last,
            format="YYYY-MM-DD",
            on_change=_picked,
            args=("day",),
        )
        places = load.areas()
        st.session_state["pick_area"] = found.area_code if found.area_code in places else ""
        st.selectbox(
            words.say("frame.area", said),
            ["", *places],
            key="pick_area",
            on_change=_picked,
            args=("area",),
            format_func=lambda code: places.get(code, words.say("frame.whole_area", said)),
        )
        st.session_state["pick_kind"] = found.kind or ""
        st.radio(
            words.say("frame.kind", said),
            ["", *KINDS],
            key="pick_kind",
            on_change=_picked,
            args=("kind",),
            format_func=lambda kind: words.say(f"names.kind.{kind or 'all'}", said),
        )
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
    try:
        day = date.fromisoformat(params.get("day", ""))
    except ValueError:
        day = load.yesterday()
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
    )


def _bounds(day: date) -> tuple[date, date]:
    """The days that can be picked: those with records, yesterday, and the one in the link."""
    _, first, last = load.span()
    days = [day, load.yesterday(), *(one for one in (first, last) if one)]
    return min(days), max(days)


def _picked(name: str) -> None:
    """Write a choice into the link; the list behind a number closes."""
    value = st.session_state[f"pick_{name}"]
    kept = {key: st.query_params[key] for key in (*_KEPT, *_OWN) if key in st.query_params}
    kept.pop(name, None)
    if value:
        kept[name] = str(value)
    opened_ = {key: found for key, found in st.query_params.items() if key not in kept} if name == "lang" else {}
    st.query_params.from_dict(kept | opened_)
