"""From items and recorded numbers to numerators and denominators by unit; what is left out is counted beside, with its reason."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.scores.rules import RATERS, ScoreRules

COUNTS = ["unit_id", "indicator", "met", "whole", "mean", "variance", "applies"]
LEFT_OUT = ["unit_id", "indicator", "reason", "items"]
PROFILE_RATIOS = {  # numerator columns, denominator columns (a number stands for itself)
    "coverage": (("compounds_with_branch", "compounds_with_committee"), ("compounds", "compounds")),
    "branch_coverage": (("compounds_with_branch",), ("compounds",)),
    "committee_coverage": (("compounds_with_committee",), ("compounds",)),
    "committees_with_members": (("committees_with_members",), ("compounds_with_committee",)),
    "committee_party_seats": (("committee_party_seats",), ("committee_seats",)),
    "team_coverage": (("compounds_with_team",), ("compounds",)),
    "four_means": (("has_funds", "has_staff", "has_rules", "has_venue"), 4),
    "advice": (("has_moral_committee", "has_legal_adviser"), 2),
    "members_active": (("members_active",), ("members_reported_in",)),
    "zone_coverage": (("has_zones",), 1),
    "venue_coverage": (("has_deliberation_venue",), 1),
    "council_coverage": (("has_council",), 1),
}
MONTH_RATIOS = {
    "need_response": ("requests_served", "requests_accepted"),
    "satisfaction": ("satisfied", "evaluated"),
    "participation": ("evaluated", "evaluations_asked"),
    "sustained": ("volunteers_sustained", "volunteers_active"),
    "training": ("volunteers_trained", "volunteers_active"),
}
COUNCILS = ("building_council", "garden_council", "hall")  # among the kinds of deliberation venues
SOCIAL_CLASSES = 10  # of social organisations
LAST_MONTH = ("sustained", "training")  # standing numbers: the last month that was recorded
TERM_RATIOS = {
    "upward_contacts": ("upward_contacts", "upward_planned"),
    "office_contacts": ("office_contacts", "office_planned"),
    "members_contacted": ("members_contacted", "members_total"),
}
TERM_SCHEDULE = {
    "joint_meetings": "joint_meetings", "action_days": "action_days", "summit": "summits", "joint_project": "joint_projects"
}  # fmt: skip


def units_of_places(units: pd.DataFrame, tree: pd.DataFrame) -> pd.DataFrame:
    """Which units a place belongs to: `place, unit_id`, a row for each unit whose area holds the place.

    Requires of `units` `unit_id, area_code`; of `tree`, in pre-order, `area_code, pos, last_pos`.
    """
    known = units.merge(tree[["area_code", "pos", "last_pos"]], on="area_code")
    codes = tree["area_code"].to_numpy(object)
    parts = [
        pd.DataFrame({"place": codes[int(row.pos) : int(row.last_pos) + 1], "unit_id": row.unit_id})
        for row in known.itertuples()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"place": [], "unit_id": []}, dtype=object)


def count_items(items: pd.DataFrame, places: pd.DataFrame, indicator: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Numerators and denominators of one indicator by unit from its items (`place, state`, a row an item), and what is left out."""
    rows = items.merge(places, on="place")
    rows = rows.assign(items=1) if "items" not in rows else rows
    return tally(rows.assign(indicator=indicator))


def tally(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts and what is left out, from rows with `unit_id, indicator, state, items`.

    >>> rows = {"unit_id": ["a"] * 3, "indicator": ["x"] * 3, "state": ["met", "not_met", "referred"], "items": [2, 1, 4]}
    >>> counts, left = tally(pd.DataFrame(rows))
    >>> counts[["met", "whole"]].iloc[0].tolist(), left["items"].tolist()
    ([2.0, 3.0], [4])
    """
    by = ["unit_id", "indicator"]
    counted = rows["state"].isin(("met", "not_met"))
    inside = rows[counted].assign(met=rows["items"].where(rows["state"] == "met", 0))
    counts = (
        inside.groupby(by)[["met", "items"]].sum().rename(columns={"items": "whole"}).astype("float64").reset_index()
    )
    left = rows[~counted].groupby([*by, "state"])["items"].sum().reset_index().rename(columns={"state": "reason"})
    return _filled(counts), left[LEFT_OUT]


def _filled(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts with every column of `COUNTS`; what a rate has none of is empty."""
    given = {"mean": np.nan, "variance": np.nan, "applies": True}
    return counts.assign(**{name: value for name, value in given.items() if name not in counts})[COUNTS]


def profile_counts(profiles: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """What places have, summed over a unit's area: the coverage indicators; a part never counts more than its whole."""
    frames = []
    for indicator, (above, below) in PROFILE_RATIOS.items():
        met = pd.Series(0.0, index=profiles.index)
        whole = (
            pd.Series(float(below), index=profiles.index)
            if isinstance(below, int)
            else pd.Series(0.0, index=profiles.index)
        )
        for place, name in enumerate(above):
            value = profiles[name].astype("float64")
            limit = 1.0 if isinstance(below, int) else profiles[below[place]].astype("float64")
            met += np.minimum(value, limit)
            if not isinstance(below, int):
                whole += limit
        known = met.notna() & whole.notna()
        rows = pd.DataFrame({"place": profiles["area_code"], "met": met, "whole": whole})[known].merge(
            places, on="place"
        )
        frames.append(rows.groupby("unit_id")[["met", "whole"]].sum().reset_index().assign(indicator=indicator))
    return _filled(pd.concat(frames, ignore_index=True))


def with_mechanisms(profiles: pd.DataFrame, venues: pd.DataFrame, tree: pd.DataFrame) -> pd.DataFrame:
    """Profiles with whether a place has responsibility zones, a deliberation venue, a council (1 or 0; empty where no source says).

    Requires of `profiles` `area_code, responsibility_zones`; of `venues`, those open then, `area_code, kind`; of `tree` what
    `units_of_places` does.
    """
    zones = profiles["responsibility_zones"].astype("float64")
    found = profiles.assign(has_zones=(zones > 0).astype("float64").where(zones.notna()))
    if venues.empty:
        return found.assign(has_deliberation_venue=np.nan, has_council=np.nan)
    own = units_of_places(profiles[["area_code"]].assign(unit_id=profiles["area_code"]), tree)
    held = venues.merge(own, left_on="area_code", right_on="place")
    councils = held.loc[held["kind"].isin(COUNCILS), "unit_id"]
    return found.assign(
        has_deliberation_venue=profiles["area_code"].isin(held["unit_id"]).astype("float64"),
        has_council=profiles["area_code"].isin(councils).astype("float64"),
    )


def brand_counts(organisations: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Party organisations of the unit's area with a brand of their own, of those that say whether they have one."""
    known = organisations[organisations["has_brand"].notna() & (organisations["kind"] != "social_org")]
    rows = pd.DataFrame({"place": known["area_code"], "met": known["has_brand"].astype("float64"), "whole": 1.0}).merge(
        places, on="place"
    )
    return _filled(rows.groupby("unit_id")[["met", "whole"]].sum().reset_index().assign(indicator="brands"))


def social_counts(organisations: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Social organisations of the unit's area: sponsored ones, registered ones of those that say, and how many of the ten classes there are.

    Requires `area_code, kind, is_registered, sponsor_org_id, social_category`.
    """
    own = organisations[organisations["kind"] == "social_org"]
    rows = own.rename(columns={"area_code": "place"}).merge(places, on="place")
    rows = rows.assign(
        sponsored=rows["sponsor_org_id"].notna().astype("float64"), registered=rows["is_registered"].astype("float64")
    ).groupby("unit_id")
    held = pd.DataFrame({
        "social_sponsored": rows["sponsored"].sum(), "social_registered": rows["registered"].sum(),
        "social_classes": rows["social_category"].nunique().clip(upper=SOCIAL_CLASSES).astype("float64"),
    })  # fmt: skip
    whole = {
        "social_sponsored": rows.size(),
        "social_registered": rows["registered"].count(),
        "social_classes": SOCIAL_CLASSES,
    }
    frames = [pd.DataFrame({"met": held[name], "whole": whole[name]}).assign(indicator=name) for name in held]
    return _filled(pd.concat(frames).astype({"whole": "float64"}).rename_axis("unit_id").reset_index())


def rating_counts(ratings: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """The public rating of a place's own organisations: the mean of all who answered, with the variance of that mean (points).

    A wave without its standard deviation borrows the others' of all units. `met` is empty: a mean has no numerator.
    """
    rows = ratings[ratings["mean"].notna() & (ratings["answered"] > 0)].merge(
        units[["unit_id", "area_code"]], on="area_code"
    )
    n, mean = rows["answered"].astype("float64"), rows["mean"].astype("float64")
    sd = rows["sd"].astype("float64")
    usual = float(np.sqrt(np.average(sd.dropna() ** 2))) if sd.notna().any() else 15.0
    sums = pd.DataFrame({"unit_id": rows["unit_id"], "n": n, "sum": n * mean, "within": n * sd.fillna(usual) ** 2})
    found = sums.groupby("unit_id").sum()
    frame = pd.DataFrame({
        "unit_id": found.index, "indicator": "public_rating", "met": np.nan, "whole": found["n"].to_numpy(),
        "mean": (found["sum"] / found["n"]).to_numpy(), "variance": (found["within"] / found["n"] ** 2).to_numpy(),
    })  # fmt: skip
    return _filled(frame)


def month_counts(months: pd.DataFrame) -> pd.DataFrame:
    """A team's recorded months, summed over the window; standing numbers as last recorded. Served is at most accepted, and so on."""
    frames = []
    last = months.sort_values("month").drop_duplicates("team_id", keep="last")
    for indicator, (above, below) in MONTH_RATIOS.items():
        rows = last if indicator in LAST_MONTH else months
        met, whole = rows[above].astype("float64"), rows[below].astype("float64")
        known = met.notna() & whole.notna()
        sums = pd.DataFrame({"unit_id": rows["team_id"], "met": np.minimum(met, whole), "whole": whole})[known]
        frames.append(sums.groupby("unit_id")[["met", "whole"]].sum().reset_index().assign(indicator=indicator))
    return _filled(pd.concat(frames, ignore_index=True))


def term_counts(terms: pd.DataFrame, as_of: date, rules: ScoreRules) -> pd.DataFrame:
    """The indicators of an alliance in its chair's term; while it runs, only the elapsed part of the schedule is asked for.

    The rating is the mean of the raters' means by their weights; its denominator is the weight of those who rated.
    """
    starts, ends = pd.to_datetime(terms["starts_on"]), pd.to_datetime(terms["ends_on"])
    whole_days = (ends - starts).dt.days + 1
    elapsed = ((np.minimum(ends, pd.Timestamp(as_of)) - starts).dt.days + 1).clip(lower=0)
    part = (elapsed / whole_days).fillna(1.0)
    years = (elapsed / 365.25).fillna(1.0)
    unit, frames = terms["alliance_org_id"], []
    for indicator, (done, planned) in TERM_RATIOS.items():
        running = part.where(part < 1, 1.0) if indicator != "members_contacted" else 1.0
        whole = np.round(terms[planned].astype("float64") * running)
        met = np.minimum(terms[done].astype("float64"), whole)
        frames.append(pd.DataFrame({"unit_id": unit, "indicator": indicator, "met": met, "whole": whole}))
    for indicator, column in TERM_SCHEDULE.items():
        asked = (rules.value(f"schedule.{column}") * years).round(1)
        whole = asked.where(part >= 1, np.floor(asked))  # while the term runs, only what is whole by now
        met = np.minimum(terms[column].astype("float64"), whole)
        frames.append(pd.DataFrame({"unit_id": unit, "indicator": indicator, "met": met, "whole": whole}))
    frames.append(pd.DataFrame({
        "unit_id": unit, "indicator": "five_links", "met": np.minimum(terms["five_links_done"].astype("float64"), 5.0), "whole": 5.0
    }))  # fmt: skip
    weights = np.array([rules.value(f"raters.{name}") for name in RATERS])
    given = terms[[f"rating_{name}" for name in RATERS]].to_numpy(dtype=float, na_value=np.nan)
    rated = np.where(np.isfinite(given), weights, 0.0)
    frames.append(pd.DataFrame({
        "unit_id": unit, "indicator": "leaving_rating", "met": (np.nan_to_num(given) * rated).sum(axis=1) / 100, "whole": rated.sum(axis=1)
    }))  # fmt: skip
    rows = pd.concat(frames, ignore_index=True)
    return _filled(rows[rows["met"].notna() & rows["whole"].notna()].reset_index(drop=True))


def asked_from(starts_on: date, ends_on: date, a_year: float) -> date | None:
    """The first day on which a term is asked for one of what the schedule foresees so often a year: when a whole one is due by its days,
    at the latest on its last day; None where the schedule foresees none.

    >>> asked_from(date(2026, 7, 1), date(2026, 12, 31), 4), asked_from(date(2026, 7, 1), date(2026, 12, 31), 1)
    (datetime.date(2026, 9, 25), datetime.date(2026, 12, 31))
    """
    if not a_year:
        return None
    days = np.arange(1, (ends_on - starts_on).days + 1)
    reached = days[np.round(a_year * days / 365.25, 1) >= 1]
    return starts_on + timedelta(days=int(reached[0]) - 1) if len(reached) else ends_on


def apply_decisions(
    counts: pd.DataFrame, left: pd.DataFrame, decisions: pd.DataFrame, mix: Mapping[str, pd.DataFrame] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, pd.DataFrame]]:
    """Counts after accepted objections: an item is left out, or counted as met.

    A row of `decisions` is an item: `unit_id, indicator, state` (as it counted before), `effect` (left_out or met), `subject` where the
    indicator is adjusted, and `is_lower` where a lower number is the better (met then means that it no longer counts against the unit).
    """
    counts, mix = counts.copy(), {name: frame.copy() for name, frame in (mix or {}).items()}
    added = []
    for one in decisions.to_dict("records"):
        if one["state"] not in ("met", "not_met"):
            continue
        good = "not_met" if one["is_lower"] else "met"
        less_met = -1.0 if one["state"] == "met" else 0.0
        change = (less_met, -1.0) if one["effect"] == "left_out" else (less_met + (good == "met"), 0.0)
        here = (counts["unit_id"] == one["unit_id"]) & (counts["indicator"] == one["indicator"])
        counts.loc[here, ["met", "whole"]] += np.array(change)
        if one["indicator"] in mix:
            frame = mix[one["indicator"]]
            where = (frame["unit_id"] == one["unit_id"]) & (frame["subject"] == one["subject"])
            frame.loc[where, ["met", "whole"]] += np.array(change)
        if one["effect"] == "left_out":
            added.append({"unit_id": one["unit_id"], "indicator": one["indicator"], "reason": "objection", "items": 1})
    if added:
        more = pd.DataFrame(added).groupby(["unit_id", "indicator", "reason"])["items"].sum().reset_index()
        left = pd.concat([left, more], ignore_index=True)
    return counts, left, mix
