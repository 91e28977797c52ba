"""The figures beside the score: coverage and activity, volume, effort and hours; shown with the peers' median, never weighed."""

from collections.abc import Collection
from datetime import timedelta

import pandas as pd

from analytics.scorecards.answer import PanelFigure
from analytics.scorecards.scoring import Result
from analytics.scores.counting import COUNCILS
from analytics.scores.indicators import panel_of
from data.mart import Mart
from data.queries import scores as reads

STAGES = {"stage_raised": "raised_on", "stage_decided": "decided_on", "stage_done": "done_on", "stage_supervised": "supervised_on",
          "stage_evaluated": "evaluated_on"}  # fmt: skip


def panel_table(mart: Mart, result: Result) -> pd.DataFrame:
    """Every figure of every unit: `unit_id, name, value, numerator, denominator`; what is not recorded is absent."""
    build = {"party": _party, "volunteer": _teams, "alliance": _alliances}[result.scorecard]
    found = build(mart, result)
    return found[found["value"].notna()].reset_index(drop=True)


def panel_of_unit(table: pd.DataFrame, result: Result, unit_id: str, group: str) -> tuple[PanelFigure, ...]:
    """The figures of one unit with the median of its peers, where there are five."""
    peers = result.scored.units.loc[result.scored.units["group"] == group, "unit_id"]
    own, others = table[table["unit_id"] == unit_id].set_index("name"), table[table["unit_id"].isin(peers)]
    medians, held = others.groupby("name")["value"].median(), others.groupby("name").size()
    return tuple(
        PanelFigure(
            one.name, one.group, _plain(own["value"].get(one.name)), one.unit, _plain(own["numerator"].get(one.name)),
            _plain(own["denominator"].get(one.name)), _plain(medians.get(one.name)) if held.get(one.name, 0) >= 5 else None,
        )
        for one in panel_of(result.scorecard)
    )  # fmt: skip


def panel_ranges(table: pd.DataFrame, scorecard: str, units: Collection[str]) -> pd.DataFrame:
    """Every figure among these units: `name, group, unit`, how many `units` have it recorded, `low, middle, high`; in the order to be shown."""
    values = table[table["unit_id"].isin(units)].groupby("name")["value"]
    found = values.agg(units="size", low="min", middle="median", high="max")
    known = pd.DataFrame(
        [(one.name, one.group, one.unit) for one in panel_of(scorecard)], columns=["name", "group", "unit"]
    )
    found = known.set_index("name").join(found)
    return found.assign(units=found["units"].fillna(0).astype(int)).reset_index()


def _plain(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _long(name: str, met: pd.Series, whole: pd.Series | None = None, scale: float = 1.0) -> pd.DataFrame:
    value = met if whole is None else scale * met / whole.where(whole > 0)
    frame = pd.DataFrame(
        {
            "value": value.astype("float64"),
            "numerator": met.astype("float64"),
            "denominator": None if whole is None else whole,
        }
    )
    return frame.rename_axis("unit_id").reset_index().assign(name=name)


def _party(mart: Mart, result: Result) -> pd.DataFrame:
    found, places, first, last = (
        result.gathered,
        result.gathered.places,
        result.period.first,
        min(result.period.last, result.as_of),
    )
    units = found.units.set_index("unit_id")
    work = found.tables["workload"]
    parts = [
        _long("matters", work["new"]),
        _long("matters_per_1000", work["new"].reindex(units.index).fillna(0), units["size"], 1000),
        _long("open_matters", work["open"]),
    ]

    def summed(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        rows = frame.rename(columns={"area_code": "place"}).merge(places, on="place")
        return rows.groupby("unit_id")[columns].sum(min_count=1).astype("float64")

    effort = summed(
        reads.read_effort(mart, first, last),
        ["patrol_hours", "patrol_reports", "households_visited", "office_contacts"],
    )
    parts += [_long(name, effort[name]) for name in effort]
    names = [
        "households",
        "responsibility_zones",
        "zone_members",
        "members_reported_in",
        "items_asked",
    ]
    profile = summed(found.tables["profiles"], names)
    parts += [
        _long("zones_per_1000", profile["responsibility_zones"], profile["households"], 1000),
        _long("members_per_zone", profile["zone_members"], profile["responsibility_zones"]),
        _long("reported_in", profile["members_reported_in"]),
        _long("items_asked", profile["items_asked"]),
    ]
    venues = found.tables["venues"]
    venues = venues.assign(venues=1.0, councils=venues["kind"].isin(COUNCILS).astype("float64"))
    held = summed(venues, ["venues", "councils"])
    parts += [_long(name, held[name]) for name in held]
    window = found.windows["deliberation"]
    items = reads.read_deliberations(mart, window[0], window[1])
    reached = {
        name: pd.to_datetime(items[day]).between(*(pd.Timestamp(one) for one in window[:2])).astype("float64")
        for name, day in STAGES.items()
    }
    stages = summed(items.assign(**reached), list(STAGES))
    parts += [_long(name, stages[name]) for name in stages]
    social = found.tables["organisations"]
    social = social[social["kind"] == "social_org"]
    parts.append(_long("social_orgs", summed(social.assign(social_orgs=1.0), ["social_orgs"])["social_orgs"]))
    projects = found.items["co_creation"].merge(places, on="place").groupby("unit_id").size().astype("float64")
    return pd.concat([*parts, _long("projects", projects)], ignore_index=True)


def _teams(mart: Mart, result: Result) -> pd.DataFrame:
    first, last = result.period.first, min(result.period.last, result.as_of)
    activities = result.gathered.tables["activities"]
    ended = pd.to_datetime(activities["ended_at"])
    own = activities[(ended >= pd.Timestamp(first)) & (ended < pd.Timestamp(last + timedelta(days=1)))]
    sums = own.groupby("team_id")[["hours", "attendances"]].sum().astype("float64")
    months = result.gathered.tables["months"]
    within = months[pd.to_datetime(months["month"]).between(pd.Timestamp(first), pd.Timestamp(last))]
    active = (
        within.sort_values("month")
        .drop_duplicates("team_id", keep="last")
        .set_index("team_id")["volunteers_active"]
        .astype("float64")
    )
    return pd.concat([
        _long("hours", sums["hours"]), _long("attendances", sums["attendances"]),
        _long("activities", own.groupby("team_id").size().astype("float64")),
        _long("hours_per_volunteer", sums["hours"].reindex(active.index), active),
        _long("volunteers_active", active), _long("requests_accepted", within.groupby("team_id")["requests_accepted"].sum().astype("float64")),
    ], ignore_index=True)  # fmt: skip


def _alliances(_mart: Mart, result: Result) -> pd.DataFrame:
    terms = result.gathered.tables["terms"].set_index("alliance_org_id")
    return _long("members_total", terms["members_total"].astype("float64"))
