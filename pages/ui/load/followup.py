"""What the desk adds to a brief, for the page: looked up anew with every write, and counted from the version once."""

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from analytics import followup
from analytics.followup import Brief, FollowUp
from data import forecast_ledger, handling, issuing
from data import mart as marts
from data.errors import NotReady
from data.issuing import BriefKey, Words
from data.scope import Scope
from pages.ui import load

_COUNTED = "briefs_opened"  # in the session: what this reader's visit has been counted for


def follow_up(
    brief: Brief,
    *,
    previous: Callable[[], Brief | None] | None = None,
    record: Callable[[], Mapping] | None = None,
) -> FollowUp | None:
    """The follow-up of a brief; None where no version is published. `previous` and `record` are asked only when they are needed."""
    here, desk = load.site(), load.desk()
    try:
        version = load.mart().version
    except NotReady:
        return None
    key = followup.key_of(brief).text
    issued = forecast_ledger.ledger_mark(desk) if brief.kind_of_brief in followup.OUTLOOK else ""
    mark = f"{issued} {issuing.mark(desk)} {handling.mark(desk)} {hash(repr((brief.period, brief.concerns, brief.notices)))}"
    return _follow_up(
        str(here.mart_folder), version, here.actor.scope, key, mark, here.desk_url, brief, previous, record
    )


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=100, show_spinner=False)
def _follow_up(
    folder: str,
    version: str,
    scope: Scope,
    key: str,
    mark: str,
    desk_url: str,
    _brief: Brief,
    _previous: Callable | None,
    _record: Callable | None,
) -> FollowUp:
    """Version, scope, brief and the desk's mark are the key; the brief itself, and what is asked for on demand, follow from them."""
    opened = marts.open_mart(Path(folder))
    return followup.follow_up(load.desk(), opened, scope, _brief, previous=_previous, record=_record)


def words_of(key: BriefKey) -> dict[str, Words]:
    """People's words of a brief as they stand now."""
    return issuing.read_words(load.desk(), key)


def units() -> dict[str, str]:
    """Every unit by its name, for a choice."""
    return _units(str(load.site().mart_folder), load.mart().version)


@st.cache_data(ttl=load.KEPT_SECONDS, max_entries=5, show_spinner=False)
def _units(folder: str, version: str) -> dict[str, str]:
    from data import queries

    found = queries.read_units(marts.open_mart(Path(folder))).dropna(subset=["name"]).sort_values("name")
    return dict(zip(found["org_id"], found["name"], strict=True))


def count_opening(key: BriefKey, issued_id: int = 0) -> None:
    """Count that a brief was opened: once a visit, by day and role, never who."""
    counted = st.session_state.setdefault(_COUNTED, set())
    if (key.text, issued_id) not in counted:
        counted.add((key.text, issued_id))
        here = load.site()
        issuing.note_opening(load.desk(), key, here.actor, here.now(), issued_id=issued_id)


def openings(key: BriefKey) -> dict[str, int]:
    """How often a brief and its issued copies were opened, by role; read anew each time."""
    return issuing.count_openings(load.desk(), key).groupby("role")["opened"].sum().to_dict()
