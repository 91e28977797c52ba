"""The fictional city's Party building, self-government and volunteers, in numbers only."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.town.arrivals import Plan
from data.town.days import as_date
from data.town.places import TYPES

if TYPE_CHECKING:
    from data.town.work import Span

BRANDS = ("暖巷", "晨光", "同心圆", "银铃", "小河灯", "守望", "绿芽", "邻里帮", "夜明灯", "木棉")
VENUES = ("station", "home", "building_council", "garden_council", "hall", "party_service_centre", "micro_venue")
FIELDS = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10")


def build_party(plan: Plan, span: Span) -> dict[str, pd.DataFrame]:
    """The tables about organisations, self-government and volunteers, by name."""
    rng = [plan.random(7, number) for number in range(10)]
    teams = _teams(plan, span, rng[0])
    months = _team_months(plan, span, teams, rng[1])
    venues = _venues(plan, span, rng[3])
    return {
        "volunteer_team": teams,
        "team_month": months,
        "team_activity": _activities(plan, span, teams, rng[2]),
        "deliberation_venue": venues,
        "deliberation_item": _items(plan, span, venues, rng[4]),
        "pairing_project": _pairings(plan, span, rng[5]),
        "public_rating": _ratings(plan, span, rng[6]),
        "alliance_term": _terms(plan, span, rng[7]),
        "office_contact": _contacts(plan, span, rng[8]),
        "area_profile": _profiles(plan, span, rng[9]),
    }


def _profiles(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """What each community and village has, taken every half-year; it grows over time."""
    areas = plan.places.areas.iloc[plan.places.community["pos"]]
    type_no = plan.places.community["type_no"].to_numpy()
    rural = type_no == TYPES.index("rural")
    ambition = rng.uniform(0.35, 0.95, len(areas))
    flags = ("has_moral_committee", "has_legal_adviser", "has_funds", "has_staff", "has_rules", "has_venue")
    ready = {flag: rng.random(len(areas)) for flag in flags}
    dates = [start.date() for start in pd.date_range(span.first, span.last, freq="2QS")] or [span.last]
    frames = []
    for step, day in enumerate(dates):
        n, compounds = len(areas), areas["compounds"].to_numpy()
        reach = np.minimum(1.0, ambition + 0.06 * step)
        committees = np.where(rural, 0, np.floor(compounds * reach + 0.3)).astype(int).clip(0, compounds)
        seats = committees * 7
        zones = rng.poisson(areas["households"] / 60)
        reported = rng.poisson(35 * reach)
        frames.append(pd.DataFrame({
            "area_code": areas["area_code"].to_numpy(), "valued_on": day, "households": areas["households"].to_numpy(),
            "residents": areas["residents"].to_numpy(), "buildings": (areas["households"].to_numpy() // 30) + 1,
            "compounds": compounds, "compounds_with_branch": np.ceil(compounds * reach).astype(int).clip(0, compounds),
            "compounds_with_committee": committees,
            "compounds_with_team": np.floor(compounds * reach + 0.4).astype(int).clip(0, compounds),
            "committees_with_members": rng.binomial(committees, 0.8), "committee_seats": seats,
            "committee_party_seats": rng.binomial(seats, 0.42), "responsibility_zones": zones,
            "zone_members": np.round(zones * 1.32).astype(int), "members_reported_in": reported,
            "members_active": rng.binomial(reported, 0.55),
            **{flag: (chance < reach).astype(int) for flag, chance in ready.items()},
            "social_orgs": rng.poisson(1.4, n), "items_asked": rng.poisson(np.maximum(2, 14 - 2 * step), n),
            "updated_at": span.written(day),
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _teams(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """A team in most compounds and many villages, and a few named ones of the streets."""
    rows = []
    areas = plan.places.areas
    communities = areas.iloc[plan.places.community["pos"]]
    for row in plan.places.of_level("compound").itertuples():
        if rng.random() < 0.5:
            rows.append((f"{row.name}志愿服务队", row.area_code, f"community-{row.parent_code}", 0))
    for row in communities[communities["type_code"] == "rural"].itertuples():
        if rng.random() < 0.7:
            rows.append((f"{row.name}志愿服务队", row.area_code, f"community-{row.area_code}", 0))
    for number, row in enumerate(plan.places.of_level("street").itertuples()):
        if number < len(BRANDS):
            rows.append((f"{row.name}“{BRANDS[number]}”志愿服务队", row.area_code, f"street-{row.area_code}", 1))
    frame = pd.DataFrame(rows, columns=["name", "area_code", "org_id", "is_brand"])
    founded = span.any_days(rng, len(frame))
    early = rng.random(len(frame)) < 0.6
    frame["founded_on"] = [span.first if one else day for one, day in zip(early, rng.permutation(founded), strict=True)]
    gone = (rng.random(len(frame)) < 0.04) & (frame["founded_on"] < span.last - timedelta(days=200)).to_numpy()
    ends = [span.last - timedelta(days=int(rng.integers(20, 180))) if one else None for one in gone]
    return frame.assign(
        team_id=[f"team-{number:03d}" for number in range(1, len(frame) + 1)],
        social_category=rng.choice(FIELDS, len(frame)),
        volunteers=np.where(frame["is_brand"] == 1, 60, 12) + rng.poisson(14, len(frame)),
        dissolved_on=ends,
        updated_at=[span.written(end or start) for end, start in zip(ends, frame["founded_on"], strict=True)],
    )


def _alive(team: object, first: date, last: date) -> bool:
    return team.founded_on <= first and (
        team.dissolved_on is None or pd.isna(team.dissolved_on) or team.dissolved_on > last
    )


def _team_months(plan: Plan, span: Span, teams: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (team.team_id, month, team.volunteers)
        for month in span.months()
        for team in teams.itertuples()
        if _alive(team, month, month + timedelta(days=30))
    ]
    frame = pd.DataFrame(rows, columns=["team_id", "month", "volunteers"])
    drive = dict(zip(teams["team_id"], rng.beta(4, 4, len(teams)), strict=True))
    share = frame["team_id"].map(drive).to_numpy()
    active = rng.binomial(frame["volunteers"], share)
    accepted = rng.poisson(6 * share + 1)
    served = rng.binomial(accepted, 0.9)
    asked = rng.binomial(served, 0.8)
    evaluated = rng.binomial(asked, 0.6)
    return frame.drop(columns="volunteers").assign(
        volunteers_active=active,
        volunteers_sustained=rng.binomial(active, 0.6),
        volunteers_trained=rng.binomial(active, 0.5),
        requests_accepted=accepted,
        requests_served=served,
        evaluations_asked=asked,
        evaluated=evaluated,
        satisfied=rng.binomial(evaluated, 0.92),
        updated_at=[span.written(month + timedelta(days=34)) for month in frame["month"]],
    )


def _activities(plan: Plan, span: Span, teams: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One or two activities a team and month, rather at weekends; recorded within ten working days, or not quite."""
    rows = []
    first, last = plan.days.first, plan.days.last
    for team in teams.itertuples():
        pace = float(rng.lognormal(np.log(1.3), 0.5))
        days = np.sort(rng.integers(first, last + 1, rng.poisson(pace * plan.days.count / 30)))
        weekend = rng.random(len(days)) < 0.4
        days = np.where(weekend, days + (5 - (days + 3) % 7) % 7, days)
        for day in days:
            if day <= last and _alive(team, as_date(day), as_date(day)):
                rows.append((team.team_id, team.area_code, team.social_category, int(day)))
    frame = pd.DataFrame(rows, columns=["team_id", "area_code", "kind", "day"]).sort_values(
        ["day", "team_id"], ignore_index=True
    )
    n = len(frame)
    start = frame["day"].to_numpy() * 86_400 + rng.choice([8.5, 9, 9.5, 14, 14.5, 15, 19], n) * 3_600
    length = rng.choice([1.0, 1.5, 2.0, 2.5, 3.0], n)
    recorded = (frame["day"].to_numpy() + np.minimum(rng.geometric(0.25, n), 30)) * 86_400 + rng.integers(
        30_600, 61_200, n
    )
    attendances = 3 + rng.poisson(11, n)
    end = (last + 1) * 86_400
    known = recorded < end
    moments = {name: (values.astype(np.int64)).astype("datetime64[s]") for name, values in
               (("started_at", start), ("ended_at", start + length * 3_600), ("recorded_at", recorded))}  # fmt: skip
    frame = frame.drop(columns="day").assign(
        activity_id=[f"activity-{number:05d}" for number in range(1, n + 1)],
        **moments,
        attendances=attendances,
        hours=(attendances * length).round(1),
        updated_at=moments["recorded_at"],
    )
    return frame[known].reset_index(drop=True)


def _venues(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    codes = plan.places.codes[plan.places.community["pos"]]
    for code in codes:
        for kind in rng.choice(VENUES, int(rng.integers(1, 3)), replace=False):
            opened = span.first if rng.random() < 0.7 else span.any_days(rng, 1)[0]
            rows.append((code, str(kind), opened))
    frame = pd.DataFrame(rows, columns=["area_code", "kind", "opened_on"])
    return frame.assign(
        venue_id=[f"venue-{number:03d}" for number in range(1, len(frame) + 1)],
        closed_on=None,
        updated_at=[span.written(day) for day in frame["opened_on"]],
    )


def _items(plan: Plan, span: Span, venues: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    subjects = plan.subjects.codes[(plan.subjects.crowding > 1) & (plan.subjects.kind_no == 1)]
    for number, raised in enumerate(span.any_days(rng, 1_100), start=1):
        venue = venues.iloc[int(rng.integers(len(venues)))]
        raised = max(raised, venue["opened_on"])
        decided = span.past(raised + timedelta(days=int(rng.integers(5, 40)))) if rng.random() < 0.92 else None
        due = decided + timedelta(days=int(rng.choice([30, 60, 90]))) if decided else None
        done = span.past(due + timedelta(days=int(rng.integers(-25, 20)))) if decided and rng.random() < 0.88 else None
        supervised = span.past(done + timedelta(days=int(rng.integers(3, 20)))) if done and rng.random() < 0.8 else None
        evaluated = span.past(supervised + timedelta(days=int(rng.integers(5, 30)))) if supervised else None
        stamps = [raised, decided, done, supervised, evaluated]
        rows.append({
            "item_id": f"item-{number:04d}", "area_code": venue["area_code"], "venue_id": venue["venue_id"],
            "category_code": str(rng.choice(subjects)), "stage_code": str(sum(stamp is not None for stamp in stamps)),
            "raised_on": raised, "decided_on": decided, "due_on": due, "done_on": done, "supervised_on": supervised,
            "evaluated_on": evaluated, "with_government": int(rng.random() < 0.6),
            "with_community": int(rng.random() < 0.95),
            "with_committee": int(rng.random() < 0.7), "is_disclosed": int(rng.random() < 0.75),
            "updated_at": span.written(max(stamp for stamp in stamps if stamp is not None)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _pairings(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    codes = plan.places.codes[plan.places.community["pos"]]
    claimers = plan.organisations.of_kind("department", "social_org", "alliance")["org_id"].to_numpy(object)
    for number, posted in enumerate(span.any_days(rng, 380), start=1):
        claimed = span.past(posted + timedelta(days=int(rng.integers(1, 30)))) if rng.random() < 0.85 else None
        due = (claimed or posted) + timedelta(days=int(rng.choice([30, 60, 90, 120])))
        done = span.past(due + timedelta(days=int(rng.integers(-30, 20)))) if claimed and rng.random() < 0.9 else None
        done = max(done, claimed) if done else None
        rows.append({
            "project_id": f"pairing-{number:03d}", "area_code": str(rng.choice(codes)),
            "scope_code": str(rng.choice(["within_alliance", "between_alliances", "outside_system", "outside_area"],
            p=[0.5, 0.25, 0.15, 0.1])),
            "direction": str(rng.choice(["need", "offer"], p=[0.7, 0.3])),
            "claimed_by_org_id": str(rng.choice(claimers)) if claimed else None,
            "posted_on": posted, "claimed_on": claimed, "due_on": due, "done_on": done,
            "rating": round(float(np.clip(rng.normal(86, 7), 40, 100)), 1) if done and rng.random() < 0.8 else None,
            "updated_at": span.written(done or claimed or posted),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _ratings(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """A survey each quarter for streets, communities and departments; some samples stay small."""
    orgs = plan.organisations.of_kind("street_office", "community", "department")["org_id"].to_numpy(object)
    level = rng.normal(82, 4, len(orgs))
    frames = []
    for quarter in span.quarters():
        last = (pd.Timestamp(quarter) + pd.offsets.QuarterEnd(0)).date()
        sampled = rng.integers(30, 120, len(orgs))
        answered = rng.binomial(sampled, 0.55)
        sd = rng.uniform(9, 16, len(orgs)).round(1)
        mean = np.clip(level + rng.normal(0, sd / np.sqrt(np.maximum(answered, 1))), 0, 100).round(1)
        frames.append(pd.DataFrame({
            "org_id": orgs, "wave": f"{quarter.year}Q{(quarter.month + 2) // 3}", "surveyed_on": last,
            "sampled": sampled,
            "answered": answered, "mean": mean, "sd": sd, "updated_at": span.written(last),
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"org_id": [], "wave": []})


def _terms(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """Each alliance's chair passes on every half-year; the term that runs has no ratings yet."""
    rows = []
    alliances = plan.organisations.of_kind("alliance")
    chairs = (
        plan.organisations.of_kind("community")
        .groupby(plan.organisations.table["area_code"].str[:9])["org_id"]
        .apply(list)
    )
    for starts in pd.date_range(span.first, span.last, freq="2QS"):
        ends = (starts + pd.DateOffset(months=6) - pd.Timedelta(days=1)).date()
        over = ends <= span.last
        for alliance in alliances.itertuples():
            members = int(rng.integers(12, 26))
            part = 1.0 if over else (span.last - starts.date()).days / 183
            ratings = {
                name: round(float(np.clip(rng.normal(86, 5), 50, 100)), 1) if over else None
                for name in (
                    "rating_committee",
                    "rating_office",
                    "rating_members",
                    "rating_supervision",
                    "rating_public",
                )
            }
            rows.append({
                "alliance_org_id": alliance.org_id, "starts_on": starts.date(), "ends_on": ends,
                "chair_org_id": str(rng.choice(chairs[alliance.area_code])),
                "upward_contacts": int(rng.binomial(6, 0.8 * part)), "upward_planned": 6,
                "office_contacts": int(rng.binomial(6, 0.75 * part)), "office_planned": 6,
                "members_contacted": int(rng.binomial(members, 0.85 * part)), "members_total": members,
                "joint_meetings": int(rng.binomial(2, 0.9 * part)), "action_days": int(rng.binomial(1, 0.9 * part)),
                "summits": int(rng.binomial(1, 0.5 * part)), "joint_projects": int(rng.binomial(1, 0.6 * part)),
                "five_links_done": int(rng.binomial(5, 0.8 * part)), **ratings,
                "updated_at": span.written(ends),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _contacts(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """An office's contacts with the two communities it keeps in touch with, by quarter; an office, never a person."""
    rows = []
    codes = plan.places.codes[plan.places.community["pos"]]
    offices = plan.organisations.of_kind("department")["org_id"]
    pairs = [(office, code) for office in offices for code in rng.choice(codes, 2, replace=False)]
    for quarter in span.quarters():
        written = datetime.combine(min(quarter + timedelta(days=95), span.last), time(18, 30))
        rows += [(office, quarter, str(code), int(rng.poisson(2.2)), written) for office, code in pairs]
    return pd.DataFrame(rows, columns=["org_id", "quarter", "area_code", "contacts", "updated_at"])
