"""A second hand: cards counted again from the operational tables by plain loops, without the mart, its statements or the product's methods.

Only the deadlines of matters come from `data.deadlines`, and the numbers of the shipped rules from their file.
"""

import math
import statistics
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from data import operational
from data.deadlines import matter_deadlines, shipped_rules
from data.settings import read_reference
from data.workdays import build_calendar
from tests.analytics.scores.test_shrinkage import slow_prior

SETTLED = ("resolved", "agreement")
ENDED = ("closed", "called_back", "evaluated", "archived", "duplicate", "rejected", "cancelled", "diverted")
ANSWER = (
    "community",
    "street_office",
    "department",
    "governance_centre",
    "party_committee",
    "general_branch",
    "branch",
    "owners_committee",
)
NEAR = ["grid", "community", "street", "district", "city"]


class Recount:
    """The operational tables as plain rows, and cards from them for a month."""

    def __init__(self, url: str, first: date, last: date) -> None:
        engine = operational.create_engine(url)
        with engine.connect() as connection:
            self.rows = {
                name: [dict(row) for row in connection.execute(sa.select(operational.contract.tables[name])).mappings()]
                for name in ("area", "organisation", "matter", "category", "deliberation_item", "pairing_project", "area_profile",
                             "public_rating", "volunteer_team", "team_month", "team_activity")
            }  # fmt: skip
        engine.dispose()
        self.first, self.last = first, last
        self.from_ = date(last.year - 1, last.month % 12 + 1, 1) if last.month < 12 else date(last.year, 1, 1)
        self.area = {row["area_code"]: row for row in self.rows["area"]}
        self.calendar = build_calendar(None)

    def above(self, code: str) -> list[str]:
        found = []
        while code is not None:
            found.append(code)
            code = self.area[code]["parent_code"]
        return found

    # --- groups ----------------------------------------------------------------------------------------------------------------

    @staticmethod
    def group(units: dict[str, tuple[str, str, float]], cuts: dict[str, list[float]], least: int = 8) -> dict[str, str]:
        """The peer group of each unit, given as level, type, size."""
        held = Counter((level, kind) for level, kind, _ in units.values())
        names = {}
        for level in {level for level, _ in held}:
            few = sorted(kind for (one, kind), n in held.items() if one == level and n < least)
            rest = sorted(
                ((n, kind) for (one, kind), n in held.items() if one == level and n >= least), key=lambda pair: pair[1]
            )
            if few and sum(held[level, kind] for kind in few) < least and rest:
                few = sorted([*few, min(rest, key=lambda pair: pair[0])[1]])
            for (one, kind), _ in held.items():
                if one == level:
                    names[one, kind] = "+".join(few) if kind in few and len(few) > 1 else kind
        groups = {unit: f"{level}:{names[level, kind]}" for unit, (level, kind, _) in units.items()}
        sized = {}
        for group in set(groups.values()):
            own = [unit for unit in units if groups[unit] == group]
            marks = cuts.get(group.split(":")[0], [])
            place = {unit: sum(units[unit][2] >= mark for mark in marks) for unit in own}
            parts = Counter(place.values())
            split = len(parts) > 1 and all(n >= least for n in parts.values())
            sized |= {unit: f"{group}:{place[unit]}" if split else group for unit in own}
        return sized

    # --- party -----------------------------------------------------------------------------------------------------------------

    def party(self) -> dict[str, dict]:
        """Every Party organisation's card: points by indicator and the score."""
        rules = read_reference("scorecards/party")
        units, at = {}, {}
        order = ("party_committee", "general_branch", "branch")
        for row in sorted(self.rows["organisation"], key=lambda row: row["org_id"]):
            place = self.area.get(row["area_code"])
            if row["kind"] in order and place and place["level_code"] in NEAR[1:]:
                before = at.get(row["area_code"])
                if before is None or order.index(row["kind"]) < order.index(before["kind"]):
                    at[row["area_code"]] = row
        for code, row in at.items():
            place = self.area[code]
            units[row["org_id"]] = (place["level_code"], place["type_code"] or "any", float(place["households"]))
        cuts = rules["size_cuts"]
        groups = self.group(units, cuts)
        counts = {name: defaultdict(lambda: [0.0, 0.0]) for name in rules["indicator"]}
        subjects: dict[str, dict] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
        self._matters(at, counts, subjects)
        self._places(at, counts)
        points, means = {unit: {} for unit in units}, {group: {} for group in groups.values()}
        for group in set(groups.values()):
            own = sorted(unit for unit in units if groups[unit] == group)
            for name in ("timeliness", "resolution", "no_rebound", "deliberation", "pairing"):
                found = [counts[name][unit] for unit in own]
                a, b = self._prior([x for x, _ in found], [n for _, n in found])
                means[group][name] = 100 * (b if name == "no_rebound" else a) / (a + b)
                for unit, (x, n) in zip(own, found, strict=True):
                    share = (x + a) / (n + a + b)
                    if n >= rules["indicator"][name]["minimum"]:
                        points[unit][name] = 100 * (1 - share if name == "no_rebound" else share)
            for unit in own:
                x, n = counts["coverage"][unit]
                if n:
                    points[unit]["coverage"] = 100 * x / n
            counted = [points[unit]["coverage"] for unit in own if "coverage" in points[unit]]
            means[group] |= {"coverage": statistics.mean(counted)} if counted else {}
            self._ratings(at, own, points, means[group])
            level = [unit for unit in units if units[unit][0] == units[own[0]][0]]
            self._local(own, level, subjects, points, means[group])
        cards = self._totals(points, means, groups, rules)
        return {unit: cards[unit] | {"counts": {name: counts[name][unit] for name in counts}} for unit in units}

    @staticmethod
    def _prior(met: list[float], whole: list[float]) -> tuple[float, float]:
        if sum(n > 0 for n in whole) < 8:
            pooled = (sum(met) + 0.5) / (sum(whole) + 1)
            return 20 * pooled, 20 * (1 - pooled)
        return slow_prior(met, whole)

    @staticmethod
    def _totals(
        points: dict[str, dict], means: dict[str, dict], groups: dict[str, str], rules: dict
    ) -> dict[str, dict]:
        """Scores over what any of the peers has points for; where a unit has none, the mean of its peers stands in."""
        weights = {name: rule["weight"] for name, rule in rules["indicator"].items()}
        cards = {}
        for unit, own in points.items():
            covered = sum(weights[name] for name in own)
            asked = {name for peer in points if groups[peer] == groups[unit] for name in points[peer]}
            each = [weights[name] * own.get(name, means[groups[unit]].get(name, 0.0)) for name in asked]
            score = sum(each) / sum(weights[name] for name in asked) if covered >= 60 else None
            cards[unit] = {"points": own, "coverage": covered, "score": score}
        return cards

    def _matters(self, at: dict, counts: dict, subjects: dict) -> None:
        kinds = {row["org_id"]: row for row in self.rows["organisation"]}
        parents = {row["category_code"]: row["parent_code"] for row in self.rows["category"]}
        clocks = shipped_rules()
        for row in self.rows["matter"]:
            unit = kinds.get(row["responsible_org_id"])
            if unit is None or unit["kind"] not in ANSWER or unit["area_code"] not in at:
                continue
            me, level = at[unit["area_code"]]["org_id"], self.area[unit["area_code"]]["level_code"]
            closed = row["closed_at"].date() if row["closed_at"] else None
            came = row["registered_at"].date()
            due = matter_deadlines(row, clocks, self.calendar).deadline_on
            ended = closed is not None or row["closed_in_time"] is not None or row["status"] in ENDED
            day = timedelta(days=1)
            if due is not None:
                if closed and self.from_ <= closed <= self.last and closed <= due:
                    self._add(counts["timeliness"][me], True)
                elif self.from_ - day <= due <= self.last - day and (
                    (closed is None and not ended) or (closed is not None and closed > due)
                ):
                    self._add(counts["timeliness"][me], False)
            if closed is None and row["closed_in_time"] is not None and self.from_ <= came <= self.last:
                self._add(counts["timeliness"][me], row["closed_in_time"] == 1)  # the source's own verdict
            out = (
                row["status"] in ("duplicate", "diverted", "rejected", "cancelled") or row["diverted_to"]
                or row["outcome"] in ("transferred", "not_accepted", "no_longer_accepted", "withdrawn")
                or row["purpose"] in ("enquiry", "suggestion", "thanks")
            )  # fmt: skip
            if out or (ended and (closed is None or row["outcome"] is None)):
                continue
            month, season = timedelta(days=30), timedelta(days=90)
            settled = row["outcome"] in SETTLED
            if self.from_ - month <= came <= self.last - month:
                self._add(counts["resolution"][me], settled and closed is not None and closed <= came + month)
            if closed is None or not settled:
                continue
            if self.from_ <= closed <= self.last and row["handling_level"]:
                near = NEAR.index(row["handling_level"]) <= NEAR.index(level)
                top = row["category_code"]
                while parents.get(top):
                    top = parents[top]
                self._add(subjects[me][row["kind"], top or "?"], near)
                self._add(counts["local_resolution"][me], near)
            if self.from_ - season <= closed <= self.last - season:
                again = row["rebounded_at"].date() if row["rebounded_at"] else None
                self._add(counts["no_rebound"][me], again is not None and closed <= again <= closed + season)

    @staticmethod
    def _add(count: list[float], met: bool) -> None:
        count[0] += bool(met)
        count[1] += 1

    def _places(self, at: dict, counts: dict) -> None:
        for name, table, begun in (
            ("deliberation", "deliberation_item", "decided_on"),
            ("pairing", "pairing_project", "claimed_on"),
        ):
            for row in self.rows[table]:
                if row[begun] and row["due_on"] and self.from_ <= row["due_on"] <= self.last:
                    for code in self.above(row["area_code"]):
                        if code in at:
                            self._add(
                                counts[name][at[code]["org_id"]],
                                bool(row["done_on"] and row["done_on"] <= row["due_on"]),
                            )
        latest = {}
        for row in sorted(self.rows["area_profile"], key=lambda row: row["valued_on"]):
            if self.from_ <= row["valued_on"] <= self.last:
                latest[row["area_code"]] = row
        for code, row in latest.items():
            for place in self.above(code):
                if place in at:
                    count = counts["coverage"][at[place]["org_id"]]
                    count[0] += min(row["compounds_with_branch"], row["compounds"]) + min(
                        row["compounds_with_committee"], row["compounds"]
                    )
                    count[1] += 2 * row["compounds"]

    def _ratings(self, at: dict, own: list[str], points: dict, means: dict) -> None:
        """The mean of all answers, drawn to the peers by the spread between them, weighed on the same steps."""
        place = {row["org_id"]: row["area_code"] for row in self.rows["organisation"]}
        given: dict[str, list] = defaultdict(list)
        for row in self.rows["public_rating"]:
            code = place[row["org_id"]]
            if (
                self.from_ <= row["surveyed_on"] <= self.last
                and code in at
                and row["org_id"].split("-")[0] in ("community", "street", "party")
            ):
                given[at[code]["org_id"]].append((row["answered"], row["mean"], row["sd"]))
        known = {}
        for unit in own:
            n = sum(one[0] for one in given[unit])
            if n:
                known[unit] = (
                    sum(a * m for a, m, _ in given[unit]) / n,
                    sum(a * s**2 for a, _, s in given[unit]) / n**2,
                    n,
                )
        if not known:
            return
        spreads = [0.0] + [0.25 * 64 ** (k / 14) for k in range(15)] if len(known) >= 8 else [4.0]
        typical = statistics.median(v for _, v, _ in known.values())
        cells = []
        for k, s in enumerate(spreads):
            w = {unit: 1 / (v + s**2) for unit, (_, v, _) in known.items()}
            centre = sum(w[unit] * known[unit][0] for unit in known) / sum(w.values())
            height = -0.5 * sum(math.log(v + s**2) + (m - centre) ** 2 * w[unit] for unit, (m, v, _) in known.items())
            height -= 0.5 * math.log(sum(w.values()))
            if len(spreads) > 1:
                height += math.log(max(s, spreads[1] / 2) * typical / (typical + s**2) ** 2)
                height += math.log(self._width(spreads, k))
            cells.append((height, centre, typical / (typical + s**2)))
        top = max(cell[0] for cell in cells)
        total = sum(math.exp(height - top) for height, _, _ in cells)
        middle = sum(math.exp(height - top) * centre for height, centre, _ in cells) / total
        kept = sum(math.exp(height - top) * share for height, _, share in cells) / total
        between = typical * (1 - kept) / kept
        means["public_rating"] = middle
        for unit, (m, v, n) in known.items():
            if n >= 20:
                points[unit]["public_rating"] = middle + between / (between + v) * (m - middle)

    @staticmethod
    def _width(steps: list[float], k: int) -> float:
        """The width of a step on an uneven grid, to the second order, as numpy's gradient of the grid itself is by place."""
        if k == 0:
            return steps[1] - steps[0]
        if k == len(steps) - 1:
            return steps[-1] - steps[-2]
        return (steps[k + 1] - steps[k - 1]) / 2

    def _local(self, own: list[str], level: list[str], subjects: dict, points: dict, means: dict) -> None:
        names = sorted({subject for unit in level for subject in subjects[unit]})
        overall_x = sum(subjects[unit][name][0] for unit in level for name in subjects[unit])
        overall_n = sum(subjects[unit][name][1] for unit in level for name in subjects[unit])
        if not sum(subjects[unit][name][1] for unit in own for name in names):
            return
        overall = (overall_x + 0.5) / (overall_n + 1)
        rate, mix = {}, {}
        whole = sum(subjects[unit][name][1] for unit in own for name in names)
        for name in names:
            wide_x, wide_n = (sum(subjects[unit][name][k] for unit in level) for k in (0, 1))
            wide = (wide_x + 20 * overall) / (wide_n + 20)
            x, n = (sum(subjects[unit][name][k] for unit in own) for k in (0, 1))
            rate[name] = min(max((x + 20 * wide) / (n + 20), 0.005), 0.995)
            mix[name] = n / whole
        means["local_resolution"] = 100 * sum(mix[name] * rate[name] for name in names)
        counted = sum(sum(count[1] for count in subjects[unit].values()) > 0 for unit in own)
        spreads = [0.05 * 40 ** (k / 11) for k in range(12)] if counted >= 8 else [0.5]
        heights = []
        for s in spreads:
            height = 0.0
            for unit in own:
                d, information = self._effect(subjects[unit], rate, s)
                for name, (x, n) in subjects[unit].items():
                    eta = math.log(rate[name] / (1 - rate[name])) + d
                    height += x * eta - n * math.log1p(math.exp(eta))
                height += -0.5 * d**2 / s**2 - math.log(s) - 0.5 * math.log(information)
            heights.append(height - math.log1p(s**2))
        top = max(heights)
        total = sum(math.exp(height - top) for height in heights)
        spread = math.sqrt(
            sum(math.exp(height - top) * s**2 for height, s in zip(heights, spreads, strict=True)) / total
        )
        for unit in own:
            if sum(count[1] for count in subjects[unit].values()) >= 10:
                d, _ = self._effect(subjects[unit], rate, spread)
                points[unit]["local_resolution"] = 100 * sum(mix[name] * self._share(rate[name], d) for name in names)

    @staticmethod
    def _share(rate: float, d: float) -> float:
        return 1 / (1 + math.exp(-(math.log(rate / (1 - rate)) + d)))

    def _effect(self, counts: dict, rate: dict, spread: float) -> tuple[float, float]:
        """By bisection: observed less expected is balanced by the distance from the peers."""
        observed = sum(x for x, _ in counts.values())

        def balance(d: float) -> float:
            return observed - sum(n * self._share(rate[name], d) for name, (_, n) in counts.items()) - d / spread**2

        low, high = -20.0, 20.0
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if balance(middle) > 0 else (low, middle)
        shares = {name: self._share(rate[name], low) for name in counts}
        return low, sum(n * shares[name] * (1 - shares[name]) for name, (_, n) in counts.items()) + 1 / spread**2

    # --- teams -----------------------------------------------------------------------------------------------------------------

    def teams(self) -> dict[str, dict]:
        """Every team's card."""
        rules = read_reference("scorecards/volunteer")
        units = {
            row["team_id"]: ("team", self.area[row["area_code"]]["type_code"] or "any", float(row["volunteers"]))
            for row in self.rows["volunteer_team"]
            if row["founded_on"] <= self.last and (row["dissolved_on"] is None or row["dissolved_on"] >= self.first)
        }
        groups = self.group(units, rules["size_cuts"])
        counts = {name: defaultdict(lambda: [0.0, 0.0]) for name in rules["indicator"]}
        self._activity(units, counts)
        last_month = {}
        for row in sorted(self.rows["team_month"], key=lambda row: row["month"]):
            if self.from_ <= row["month"] <= self.last:
                for name, x, n in (
                    ("need_response", "requests_served", "requests_accepted"),
                    ("satisfaction", "satisfied", "evaluated"),
                ):
                    count = counts[name][row["team_id"]]
                    count[0] += row[x]
                    count[1] += row[n]
                last_month[row["team_id"]] = row
        for team, row in last_month.items():
            counts["sustained"][team] = [row["volunteers_sustained"], row["volunteers_active"]]
            counts["training"][team] = [row["volunteers_trained"], row["volunteers_active"]]
        points, means = {unit: {} for unit in units}, {group: {} for group in groups.values()}
        for group in set(groups.values()):
            own = sorted(unit for unit in units if groups[unit] == group)
            for name, rule in rules["indicator"].items():
                found = [counts[name][unit] for unit in own]
                a, b = self._prior([x for x, _ in found], [n for _, n in found])
                means[group][name] = 100 * a / (a + b)
                for unit, (x, n) in zip(own, found, strict=True):
                    if rule["weight"] and n >= rule["minimum"]:
                        points[unit][name] = 100 * (x + a) / (n + a + b)
        cards = self._totals(points, means, groups, rules)
        return {unit: cards[unit] | {"counts": {name: counts[name][unit] for name in counts}} for unit in units}

    def _activity(self, units: dict, counts: dict) -> None:
        active = set()
        for row in self.rows["team_activity"]:
            ended: datetime = row["ended_at"]
            active.add((row["team_id"], row["started_at"].year, row["started_at"].month))
            if self.from_ <= ended.date() <= self.last:
                due = self.calendar.add_working_days(ended.date(), 10)
                if due <= self.last:
                    in_time = row["recorded_at"] is not None and row["recorded_at"].date() <= due
                    self._add(counts["timely_records"][row["team_id"]], in_time)
        teams = {row["team_id"]: row for row in self.rows["volunteer_team"]}
        month = self.from_
        while month <= self.last:
            following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            for unit in units:
                row = teams[unit]
                if row["founded_on"] <= month and (row["dissolved_on"] is None or row["dissolved_on"] >= following):
                    self._add(counts["active_months"][unit], (unit, month.year, month.month) in active)
            month = following
