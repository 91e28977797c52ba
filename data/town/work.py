"""The fictional city's work around matters: receptions, meetings, projects, patrols, events. Numbers, no persons."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd

from data.town.arrivals import Plan
from data.town.days import as_date
from data.town.party import build_party
from data.town.subjects import TOPIC_NAMES

COMING_DAYS = 14  # receptions are planned so far ahead
PATROL_DAYS, VISIT_WEEKS = 56, 52
SAFETY = {"public_order": 6.0, "criminal": 1.6, "production_safety": 0.5}  # incidents of a street and month
INSPECTION_FIELDS = ("1", "2", "3", "4")
STEPS = ("visit", "mediate", "hearing", "joint_meeting", "legal_route", "hardship_help")


class Span:
    """The city's dates as tables need them: months, weeks, and chance days that are never later than `through`."""

    def __init__(self, plan: Plan) -> None:
        self.days = plan.days
        self.first, self.last = as_date(plan.days.first), as_date(plan.days.last)

    def any_days(self, rng: np.random.Generator, n: int, ahead: int = 0) -> list[date]:
        """Chance days from the first to the last, or `ahead` days beyond, in order."""
        return [as_date(day) for day in np.sort(rng.integers(self.days.first, self.days.last + ahead + 1, n))]

    def months(self) -> list[date]:
        """First days of the months that have ended."""
        starts = pd.date_range(self.first.replace(day=1), self.last, freq="MS")
        return [start.date() for start in starts if (start + pd.offsets.MonthEnd(0)).date() <= self.last]

    def quarters(self) -> list[date]:
        """First days of the quarters that have ended."""
        return [one for one in self.months() if one.month % 3 == 1 and _after(one, 3) <= self.last + timedelta(days=1)]

    def workdays(self, ahead: int = 0) -> list[date]:
        return [
            as_date(self.days.first + at) for at in self.days.workdays if at + self.days.first <= self.days.last + ahead
        ]

    def past(self, day: date | None) -> date | None:
        """The day, or None while it lies in the future."""
        return day if day is not None and day <= self.last else None

    def written(self, day: date) -> datetime:
        """When a row about that day was written: at its end, at the latest at the close of the last day."""
        return datetime.combine(min(day, self.last), time(18, 30))


def _after(month: date, months: int) -> date:
    return (pd.Timestamp(month) + pd.DateOffset(months=months)).date()


def build_work(plan: Plan) -> dict[str, pd.DataFrame]:
    """Every small table of the contract but areas and organisations, by name."""
    span = Span(plan)
    builders = (
        ("report_count", _report_counts), ("leader_case", _place_cases), ("leader_reception", _receptions),
        ("meeting_record", _meetings), ("stability_assessment", _assessments), ("livelihood_project", _projects),
        ("policy_action", _policies), ("early_sign", _signs), ("inspection", _inspections), ("grid_patrol_day",
        _patrols),
        ("outreach_visit", _visits), ("safety_month", _safety), ("planned_event", _events),
    )  # fmt: skip
    tables = {name: build(plan, span, plan.random(6, number)) for number, (name, build) in enumerate(builders)}
    return tables | build_party(plan, span)


def _street_codes(plan: Plan) -> list[str]:
    return list(plan.places.of_level("street")["area_code"])


def _community_codes(plan: Plan) -> np.ndarray:
    return plan.places.codes[plan.places.community["pos"]]


def _report_counts(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """Reports against officials: a number a month and street, and nothing else is known of them."""
    rows = [(month, street) for month in span.months() for street in _street_codes(plan)]
    frame = pd.DataFrame(rows, columns=["month", "area_code"])
    return frame.assign(reports=rng.poisson(0.8, len(frame)))


def _place_cases(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """Leading posts also take charge of a recurring problem of a place, without any one matter."""
    rows = []
    codes, orgs = _community_codes(plan), plan.organisations
    subjects = np.flatnonzero(plan.subjects.crowding > 2)
    for number, opened in enumerate(span.any_days(rng, 70), start=1):
        one = int(rng.integers(len(codes)))
        subject = int(rng.choice(subjects))
        closed = span.past(opened + timedelta(days=int(rng.integers(30, 200))))
        reported = closed or max(opened, span.last - timedelta(days=int(rng.integers(0, 15))))
        lead = orgs.department[orgs.district_no[one], plan.subjects.line_no[subject]]
        rows.append({
            "case_id": f"place-case-{number:03d}", "area_code": codes[one],
            "category_code": plan.subjects.codes[subject],
            "post_level": str(rng.choice(["city", "district", "street"], p=[0.1, 0.4, 0.5])),
            "lead_org_id": orgs.ids[lead],
            "opened_on": opened, "due_on": opened + timedelta(days=int(rng.choice([60, 90, 180]))),
            "progress_pct": 100 if closed else int(rng.integers(1, 10)) * 10,
            "next_step": None if closed else str(rng.choice(STEPS)), "reported_on": reported, "closed_on": closed,
            "outcome": str(rng.choice(["success", "partial", "failed"], p=[0.8, 0.15, 0.05])) if closed else None,
            "updated_at": span.written(reported),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _receptions(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """District posts receive every other working day, street posts once a week, city posts twice a month."""
    slots = []
    districts, streets = list(plan.places.of_level("district")["area_code"]), _street_codes(plan)
    for at, day in enumerate(span.workdays(ahead=COMING_DAYS)):
        slots += [(day, code, "district") for number, code in enumerate(districts) if (at + number) % 2 == 0]
        slots += [(day, code, "street") for number, code in enumerate(streets) if number % 5 == at % 5]
        slots += [(day, "9999", "city")] if at % 11 == 0 else []
    rows = []
    for number, (day, code, level) in enumerate(slots, start=1):
        held = day if day <= span.last and rng.random() < 0.96 else None
        batches = int(rng.poisson({"city": 5, "district": 3, "street": 1.6}[level])) if held else None
        issues = batches + int(rng.binomial(batches, 0.2)) if held else None
        rows.append({
            "reception_id": f"reception-{number:05d}",
            "kind": str(rng.choice(["reception", "outreach_visit", "appointment"], p=[0.72, 0.16, 0.12])),
            "area_code": code, "post_level": level, "planned_on": day, "held_on": held, "batches": batches,
            "issues": issues,
            "solved": int(rng.binomial(issues, 0.74)) if held else None,
            "promised_on": day + timedelta(days=15) if held and issues else None,
            "updated_at": span.written(day),
        })  # fmt: skip
    frame = pd.DataFrame(rows)
    return frame.astype(dict.fromkeys(("batches", "issues", "solved"), "Int64"))


def _meetings(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """Daily meetings of the city, weekly dispatch of the districts, and the three tiers where there was need."""
    slots = [(day, "9999", "daily_meeting") for day in span.workdays()]
    districts, communities = list(plan.places.of_level("district")["area_code"]), _community_codes(plan)
    slots += [(day, code, "weekly_dispatch") for day in span.workdays() if day.weekday() == 0 for code in districts]
    tiers = (
        ("fairness_meeting", communities, 900),
        ("hearing", _street_codes(plan), 260),
        ("joint_meeting", districts, 90),
    )
    for kind, codes, n in tiers:
        slots += [(day, str(rng.choice(codes)), kind) for day in span.any_days(rng, n)]
    items = 1 + rng.poisson(2.2, len(slots))
    decided = rng.binomial(items, 0.85)
    frame = pd.DataFrame(sorted(slots), columns=["held_on", "area_code", "kind"])
    return frame.assign(
        meeting_id=[f"meeting-{number:05d}" for number in range(1, len(slots) + 1)],
        items=items,
        decided=decided,
        done=rng.binomial(decided, 0.82),
        updated_at=[span.written(day) for day in frame["held_on"]],
    )


def _assessments(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """One assessment for each project that matters are linked to, and others; a few decisions went without."""
    rows, streets, ids = [], _street_codes(plan), plan.organisations.ids
    for number, day in enumerate(span.any_days(rng, 64), start=1):
        assessed = day if rng.random() < 0.93 else None
        scores = rng.integers(4, 11, 4) if assessed else [None] * 4
        total = 0 if assessed is None else int(scores.sum())
        risk = None if assessed is None else "high" if total <= 23 else "medium" if total <= 31 else "low"
        rows.append({
            "assessment_id": f"assessment-{number:03d}", "area_code": streets[number % len(streets)],
            "org_id": ids[plan.organisations.department[number % 4, number % plan.organisations.department.shape[1]]],
            "project_code": f"project-{number:02d}" if number <= 24 else None, "is_required": int(rng.random() < 0.92),
            "legality": scores[0], "reasonableness": scores[1], "feasibility": scores[2], "controllability": scores[3],
            "risk_code": risk, "assessed_on": assessed,
            "decided_on": span.past(day + timedelta(days=int(rng.integers(5, 60)))) if risk != "high" else None,
            "updated_at": span.written(day),
        })  # fmt: skip
    frame = pd.DataFrame(rows)
    return frame.astype(dict.fromkeys(("legality", "reasonableness", "feasibility", "controllability"), "Int64"))


def _projects(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    rows, codes = [], _community_codes(plan)
    what = {
        "parking": "停车位改造", "sanitation": "环卫设施更新", "noise": "隔音整治", "renovation": "老旧小区改造",
        "property_mgmt": "物业服务提升", "lift": "电梯更新", "public_order": "平安设施建设",
    }  # fmt: skip
    names = plan.places.areas["name"].to_numpy()[plan.places.community["pos"]]
    for number, starts in enumerate(span.any_days(rng, 84), start=1):
        one, topic = int(rng.integers(len(codes))), str(rng.choice(list(TOPIC_NAMES)))
        length = int(rng.integers(60, 360))
        due = starts + timedelta(days=length)
        done = span.past(due + timedelta(days=int(rng.integers(-30, 45))))
        progress = (
            100 if done else int(min(95, max(5, 100 * (span.last - starts).days / length * rng.uniform(0.7, 1.1))))
        )
        rows.append({
            "project_id": f"livelihood-{number:03d}", "name": names[one] + what[topic], "area_code": codes[one],
            "lead_org_id": f"street-{codes[one][:9]}", "topic_code": topic,
            "stage_code": str(rng.choice(["manage", "evaluate", "share"] if done else ["plan", "build"])),
            "starts_on": starts, "due_on": due, "done_on": done, "progress_pct": progress,
            "updated_at": span.written(done or span.last),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _policies(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    rows, districts = [], ["9999", *plan.places.of_level("district")["area_code"]]
    for number, suggested in enumerate(span.any_days(rng, 28), start=1):
        adopted = span.past(suggested + timedelta(days=int(rng.integers(20, 120)))) if rng.random() < 0.7 else None
        effective = span.past(adopted + timedelta(days=30)) if adopted else None
        declined = adopted is None and rng.random() < 0.4
        rows.append({
            "action_id": f"policy-{number:03d}", "area_code": str(rng.choice(districts)),
            "category_code": str(rng.choice(plan.subjects.codes[plan.subjects.crowding > 2])),
            "kind": str(rng.choice(["suggestion", "policy", "measure"])),
            "status": "in_force" if effective else "adopted" if adopted else "declined" if declined else "suggested",
            "suggested_on": suggested, "adopted_on": adopted, "effective_on": effective,
            "updated_at": span.written(effective or adopted or suggested),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _signs(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    rows, codes = [], _community_codes(plan)
    forces = ["village_official", "police", "social_worker", "mediator", "elders", "volunteer", "social_org"]
    disputes = plan.subjects.codes[(plan.subjects.kind_no == 1) & (plan.subjects.weights[1].sum(axis=(0, 1)) > 0.3)]
    for number, found in enumerate(span.any_days(rng, 420), start=1):
        closed = span.past(found + timedelta(days=int(rng.integers(2, 50))))
        rows.append({
            "sign_id": f"sign-{number:04d}", "area_code": str(rng.choice(codes)),
            "category_code": str(rng.choice(disputes)),
            "topic_code": str(rng.choice(list(TOPIC_NAMES))) if rng.random() < 0.6 else None,
            "reporter_category": str(rng.choice(forces)), "people_estimated": int(rng.choice([5, 10, 20, 50, 100])),
            "found_on": found, "closed_on": closed,
            "outcome": str(rng.choice(["eased", "became_matter", "unfounded"], p=[0.68, 0.2,
            0.12])) if closed else None,
            "updated_at": span.written(closed or found),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _inspections(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (month + timedelta(days=int(rng.integers(0, 27))), street, field)
        for month in span.months()
        for street in _street_codes(plan)
        for field in INSPECTION_FIELDS
    ]
    frame = pd.DataFrame(rows, columns=["inspected_on", "area_code", "field_code"])
    frame = frame[frame["inspected_on"] >= span.first].reset_index(drop=True)
    found = rng.poisson(2.4, len(frame))
    return frame.assign(
        inspection_id=[f"inspection-{number:05d}" for number in range(1, len(frame) + 1)],
        found=found,
        rectified=rng.binomial(found, 0.9),
        updated_at=[span.written(day) for day in frame["inspected_on"]],
    )


def _patrols(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """Every grid, the last eight weeks: some three hours a working day, less on days off, sometimes none."""
    grids = plan.places.of_level("grid")["area_code"].to_numpy(object)
    count = min(PATROL_DAYS, plan.days.count)
    numbers = np.arange(plan.days.last - count + 1, plan.days.last + 1)
    works = plan.days.is_workday[numbers - plan.days.first]
    went = rng.random((count, len(grids))) < np.where(works, 0.96, 0.55)[:, None]
    day, grid = np.nonzero(went)
    hours = np.clip(rng.normal(3.1, 0.6, len(day)) * np.where(works[day], 1, 0.6), 0.5, 8).round(1)
    spread = rng.lognormal(0, 0.4, len(grids))
    days = np.array([as_date(number) for number in numbers], dtype=object)
    written = np.array([span.written(one) for one in days], dtype=object)
    return pd.DataFrame({
        "area_code": grids[grid], "day": days[day], "hours": hours, "reports": rng.poisson(0.09 * hours * spread[grid]),
        "updated_at": written[day],
    })  # fmt: skip


def _visits(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """A round of visits in each community and week of the last year."""
    codes = _community_codes(plan)
    weeks = [span.last - timedelta(days=7 * week + 2) for week in range(VISIT_WEEKS)]
    rows = [(code, day) for day in reversed(weeks) if day >= span.first for code in codes]
    frame = pd.DataFrame(rows, columns=["area_code", "day"])
    households = rng.poisson(24, len(frame))
    issues = rng.binomial(households, 0.12)
    return frame.assign(
        households=households,
        issues_found=issues,
        issues_solved=rng.binomial(issues, 0.8),
        updated_at=[span.written(day) for day in frame["day"]],
    )


def _safety(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """Incidents of each street and month, falling by some six percent a year."""
    rows = [
        (street, month, kind, mean * 0.94 ** ((month - span.first).days / 365))
        for month in span.months()
        for street in _street_codes(plan)
        for kind, mean in SAFETY.items()
    ]
    frame = pd.DataFrame(rows, columns=["area_code", "month", "kind", "mean"])
    written = [span.written(_after(month, 1)) for month in frame["month"]]
    return frame.assign(incidents=rng.poisson(frame["mean"]), updated_at=written).drop(columns="mean")


LOCAL_EVENTS = (
    ("社区邻里节", "festival", 1, 400), ("街道广场文艺汇演", "festival", 1, 1200), ("老旧小区改造开工",
    "construction", 90, 0),
    ("商业中心开业", "opening", 2, 3000), ("道路施工围挡", "construction", 45, 0), ("新建小区集中交付", "opening", 5,
    800),
    ("区运动会", "festival", 3, 5000), ("物业服务满意度通报会", "meeting", 1, 120), ("征收补偿方案征求意见会",
    "meeting", 1, 260),
    ("热线系统升级", "data_change", 2, 0),
)  # fmt: skip
YEARLY_EVENTS = (
    ("招聘大集", 2, 20, 4000),
    ("龙舟文化节", 6, 12, 8000),
    ("秋季丰收节", 10, 18, 6000),
    ("中小学开学", 9, 1, 0),
)


def _events(plan: Plan, span: Span, rng: np.random.Generator) -> pd.DataFrame:
    """What was or is known beforehand: yearly events, local ones in the past, and a good dozen in the coming weeks."""
    slots = [
        (name, "festival", date(year, month, day), 1, people, "9999")
        for year in range(span.first.year, span.last.year + 2)
        for name, month, day, people in YEARLY_EVENTS
        if span.first <= date(year, month, day) <= span.last + timedelta(days=120)
    ]
    codes = [*_street_codes(plan), *_community_codes(plan)]
    coming = [span.last + timedelta(days=int(ahead)) for ahead in (1, 1, 2, 3, 4, 6, 7, 9, 11, 13, 16, 20, 26)]
    for day in [*span.any_days(rng, 150), *coming]:
        name, kind, length, people = LOCAL_EVENTS[int(rng.integers(len(LOCAL_EVENTS)))]
        where = "9999" if kind == "data_change" else str(rng.choice(codes))
        slots.append((name, kind, day, length, int(people * rng.uniform(0.5, 1.5)), where))
    slots.sort(key=lambda slot: (slot[2], slot[0], slot[5]))
    return pd.DataFrame([
        {
            "event_id": f"event-{number:04d}", "name": name, "kind": kind, "area_code": code, "starts_on": day,
            "ends_on": day + timedelta(days=length - 1), "people_expected": people or None,
            "updated_at": span.written(max(span.first, day - timedelta(days=30))),
        }
        for number, (name, kind, day, length, people, code) in enumerate(slots, start=1)
    ]).astype({"people_expected": "Int64"})  # fmt: skip
