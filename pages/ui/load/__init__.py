"""What pages ask for, answered from the published version and the desk. The only place that caches, and never by a frame."""

import logging
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from analytics import briefs, periods, privacy, quality
from analytics.briefs.monthly import monthly_brief
from analytics.briefs.monthly_answer import MonthlyRules
from analytics.briefs.monthly_rules import rules_from as monthly_rules_from
from analytics.briefs.rules import rules_from as brief_rules_from
from analytics.briefs.weekly import weekly_brief
from data import desk as desks
from data import in_force, queries
from data import mart as marts
from data.errors import NotReady, XianshouError
from data.queries import Selection
from data.scope import Scope
from data.site import Site, read_site
from pages.ui.links import Chosen

KEPT_SECONDS = 3600
LISTED = 200  # matters shown behind a number; more is a matter for the export
EXPORTED = 20_000
# Properties of a selection whose values have names, and what names them.
_NAMED = {"committee_code": "unit", "own_area": "area", "own_category": "category"}
MAKERS = {
    "daily": briefs.daily_brief,
    "weekly": weekly_brief,
    "monthly": partial(monthly_brief, with_ways=False),  # they are added where they are shown
    "annual": briefs.annual_brief,
}
_BESIDE = {"beside_area": "area", "beside_category": "category"}  # those that hold several codes


def site() -> Site:
    """The installation as the environment describes it, read anew so that nothing goes stale."""
    return read_site()


def yesterday() -> date:
    """The day a brief covers unless another is chosen."""
    return site().now().date() - timedelta(days=1)


def mart() -> marts.Mart:
    """The version that serves now."""
    return marts.open_mart(site().mart_folder)


def desk() -> desks.Desk:
    """The desk store, opened once a process."""
    return desk_at(site().desk_url)


@st.cache_resource(max_entries=4, show_spinner=False)
def desk_at(url: str) -> desks.Desk:
    """The desk store of an address, opened once a process."""
    return desks.open_desk(url)


def daily_brief(chosen: Chosen) -> briefs.DailyBrief:
    """The brief of the chosen day, area and kind, within the reader's scope."""
    return brief("daily", chosen, kind=chosen.kind)


def brief(which: str, chosen: Chosen, *, kind: str | None) -> object:
    """The brief of one of `MAKERS` for the period that holds the chosen day, within the reader's scope."""
    return cached_brief(*brief_key(which, chosen, kind))


def brief_key(which: str, chosen: Chosen, kind: str | None) -> tuple:
    """All that a brief rests on: which one, where the mart and the desk are, version, scope, day, area, kind, hour, last refresh, calendar, rules."""
    here = site()
    return (
        which, str(here.mart_folder), here.desk_url, mart().version, here.actor.scope, chosen.day, chosen.area_code, kind,
        here.now().replace(minute=0, second=0), repr(marts.last_attempt(here.mart_folder)), calendar_mark(), brief_rules(chosen.day),
        monthly_rules(chosen.day) if which == "monthly" else None,
    )  # fmt: skip


@st.cache_data(ttl=KEPT_SECONDS, max_entries=400, show_spinner=False)
def cached_brief(
    which: str,
    folder: str,
    desk_url: str,
    version: str,
    scope: Scope,
    day: date,
    area_code: str | None,
    kind: str | None,
    hour: datetime,
    attempt: str,
    calendar: str,
    rules: briefs.BriefRules,
    own: MonthlyRules | None,
) -> object:
    """A brief by its `brief_key`: every argument is part of the key; what is costly to hash is opened again from its name."""
    return MAKERS[which](
        marts.open_mart(Path(folder)),
        scope,
        day,
        calendar=in_force.calendar_in_force(desk_at(desk_url)),
        area_code=area_code,
        kind=kind,
        attempt=marts.last_attempt(Path(folder)),
        now=hour,
        rules=rules,
        **({} if own is None else {"monthly_rules": own}),
    )


def calendar_mark() -> str:
    """Changes whenever the site's calendar does."""
    days = desk().calendar_days()
    return f"{len(days)} {days['recorded_at'].max() if len(days) else ''}"


def span() -> tuple[int, date | None, date | None]:
    """How many matters the reader sees, and the first and last day of registration."""
    here = site()
    return _span(str(here.mart_folder), mart().version, here.actor.scope)


@st.cache_data(ttl=KEPT_SECONDS, max_entries=50, show_spinner=False)
def _span(folder: str, version: str, scope: Scope) -> tuple[int, date | None, date | None]:
    row = queries.read_span(marts.open_mart(Path(folder)), scope).iloc[0]
    if not row["matters"]:
        return 0, None, None
    return int(row["matters"]), pd.Timestamp(row["first_on"]).date(), pd.Timestamp(row["last_on"]).date()


def bounds(day: date | None = None) -> tuple[date, date]:
    """The first and last day that can be chosen: those with records, yesterday, and the day already chosen."""
    _, first, last = span()
    days = [one for one in (day, yesterday(), first, last) if one]
    return min(days), max(days)


def close_of(unit: str, day: date) -> date:
    """The last day that can be chosen of the day, week, month or year that holds `day`: what a link to this period says."""
    _, latest = bounds()
    return min(periods.period_of(unit, day).last, max(latest, day))


def periods_around(chosen: Chosen, unit: str) -> tuple[date | None, date | None]:
    """The period before and the one after, each by the day that stands for it in a link; None where there is nothing to choose."""
    _, first, last = span()
    own = periods.period_of(unit, chosen.day)
    before, after = own.first - timedelta(days=1), own.last + timedelta(days=1)
    latest = max(yesterday(), last or chosen.day)
    return (before if first and before >= first else None), (close_of(unit, after) if after <= latest else None)


def categories(area_code: str | None = None, kind: str | None = None) -> dict[str, str]:
    """The categories that matters of this area and kind have, in the order of the tree, indented; sensitive ones only where they may be shown."""
    here = site()
    return _categories(str(here.mart_folder), mart().version, here.actor.scope, area_code, kind)


@st.cache_data(ttl=KEPT_SECONDS, max_entries=50, show_spinner=False)
def _categories(folder: str, version: str, scope: Scope, area_code: str | None, kind: str | None) -> dict[str, str]:
    found = queries.read_occurring_categories(marts.open_mart(Path(folder)), scope, area_code, kind)
    return {
        row.category_code: "\u2003" * row.depth + str(row.label)
        for row in found.rename(columns={"name": "label"}).itertuples()
    }


def areas() -> dict[str, str]:
    """The areas the reader may choose, down to the community, in the order of the tree, indented by depth."""
    here = site()
    return _areas(str(here.mart_folder), mart().version, here.actor.scope)


@st.cache_data(ttl=KEPT_SECONDS, max_entries=50, show_spinner=False)
def _areas(folder: str, version: str, scope: Scope) -> dict[str, str]:
    tree = queries.read_areas(marts.open_mart(Path(folder)), scope)
    tree = tree[tree["community_code"].isna() | (tree["community_code"] == tree["area_code"])]
    if tree.empty:
        return {}
    depth = tree["depth"] - tree["depth"].min()
    return {
        row.area_code: "\u2003" * int(step) + str(row.name_shown)
        for row, step in zip(tree.rename(columns={"name": "name_shown"}).itertuples(), depth, strict=True)
    }


def matters(selection: Selection, limit: int = LISTED) -> tuple[int, pd.DataFrame]:
    """The matters behind a number, the first `limit` of them, and how many there are in all; none where that may not be said."""
    here = site()
    return _matters(str(here.mart_folder), mart().version, here.actor.scope, selection, limit)


@st.cache_data(ttl=KEPT_SECONDS, max_entries=50, show_spinner=False)
def _matters(folder: str, version: str, scope: Scope, selection: Selection, limit: int) -> tuple[int, pd.DataFrame]:
    opened = marts.open_mart(Path(folder))
    if not queries.may_open(opened, scope, selection):
        return 0, pd.DataFrame()
    (count,) = queries.read_counts(opened, scope, (selection,))
    return count, queries.read_matters(opened, scope, selection, limit=limit)


def exported(selection: Selection) -> pd.DataFrame:
    """The matters behind a number as they may leave this screen. Not cached: it is asked for once."""
    found = queries.read_matters(mart(), site().actor.scope, selection, limit=EXPORTED)
    return privacy.exportable(found)


def named(selection: Selection) -> dict[str, str]:
    """The names of what a selection is narrowed to: `area`, `category` and `unit`, and by property those of `having` that have a name.

    A category that may not be shown has none.
    """
    here = site()
    return _named(str(here.mart_folder), mart().version, here.actor.scope, selection)


@st.cache_data(ttl=KEPT_SECONDS, max_entries=200, show_spinner=False)
def _named(folder: str, version: str, scope: Scope, selection: Selection) -> dict[str, str]:
    opened = marts.open_mart(Path(folder))
    tree = queries.read_areas(opened, scope)
    by_code = queries.names_of(opened).by_code | {"area": dict(zip(tree["area_code"], tree["name"], strict=True))}
    codes = {"area": ("area", selection.area_code), "category": ("category", selection.category_code)}
    codes |= {"unit": ("unit", selection.org_id)}
    codes |= {name: (_NAMED[name], code) for name, code in selection.having if name in _NAMED}
    if not queries.may_open(opened, scope, selection):
        codes = {name: pair for name, pair in codes.items() if pair[0] != "category"}
    found = {name: str(by_code[what].get(code) or code) for name, (what, code) in codes.items() if code}
    for name, code in selection.having:
        if name in _BESIDE:
            names = by_code[_BESIDE[name]]
            found[name] = queries.BESIDE.join(
                str(names.get(one.lstrip(queries.ITSELF), one)) for one in code.split(queries.BESIDE)
            )
    return found


def data_quality() -> quality.Quality:
    """Completeness and promptness of the last four weeks with records."""
    here = site()
    _, _, last = span()
    return _data_quality(str(here.mart_folder), mart().version, here.actor.scope, last or yesterday())


@st.cache_data(ttl=KEPT_SECONDS, max_entries=20, show_spinner=False)
def _data_quality(folder: str, version: str, scope: Scope, through: date) -> quality.Quality:
    return quality.data_quality(marts.open_mart(Path(folder)), scope, through)


def brief_rules(day: date) -> briefs.BriefRules:
    """The judgements of the briefs as they stood on a day. Raises Refused for a setting that cannot be read."""
    return brief_rules_from(in_force.brief_rules_in_force(desk(), day))


def monthly_rules(day: date) -> MonthlyRules:
    """The judgements of the monthly brief as they stood on a day. Raises Refused for a setting that cannot be read."""
    return monthly_rules_from(in_force.monthly_rules_in_force(desk(), day))


def versions() -> tuple[marts.Version, ...]:
    """The versions kept, newest first."""
    return marts.list_versions(site().mart_folder)


def last_attempt() -> marts.Attempt | None:
    """The last refresh, whatever became of it."""
    return marts.last_attempt(site().mart_folder)


def calendar() -> pd.DataFrame:
    """The working calendar in force, with `year` and `weekday` (0 is Monday)."""
    days = in_force.calendar_in_force(desk()).frame()
    stamps = pd.to_datetime(days["day"])
    return days.assign(year=stamps.dt.year, weekday=stamps.dt.day_of_week)


def notes(first: date, last: date) -> pd.DataFrame:
    """The notes that touch these days."""
    return desk().notes(first, last)


def areas_or_none() -> dict[str, str]:
    """The areas, or none where nothing has been published yet."""
    try:
        return areas()
    except NotReady:
        return {}


def duty_mode() -> desks.DutyMode:
    """The duty mode in force (平时 or 战时)."""
    return desk().duty_mode()


def warm() -> None:
    """What the first reader would otherwise wait for. Whatever fails here is said on the page, so the server starts all the same."""
    try:
        daily_brief(Chosen(yesterday()))
        areas()
        span()
    except XianshouError:
        return  # nothing to warm yet
    except Exception:
        logging.getLogger("xianshou").exception("warm-up failed")
