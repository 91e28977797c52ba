"""The rules of a scorecard: weights, windows, minimum denominators, targets, peer groups and bands; read, checked, versioned.

Name, unit, reason and source of what ships stand in the words (`score_pages.rule`, `scores.indicator`). A value in a rule file is either plain
(`weight = 20`) or a table that also says its own (`weight = { value = 20, unit = "points", reason = "…", source = "…" }`). A mistyped key stops
with its name and the nearest right one.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from analytics.figures import Sentence
from analytics.scores.indicators import Indicator, of, panel_of
from data.errors import Refused
from data.settings import check_keys

SCORECARDS = ("party", "volunteer", "alliance")
LEVELS = ("city", "district", "street", "community", "team", "alliance")
TYPES = ("old_compound", "new_compound", "village_in_city", "rural")
SAID = ("value", "unit", "reason", "source")
RATERS = ("committee", "office", "members", "supervision", "public")

# The least and the most that each rule can be without losing its sense.
_INDICATOR = {"weight": (0, 100), "months": (1, 36), "minimum": (0.1, 1000)}
_TOTAL = {"minimum_weight_pct": (50, 100), "objection_days": (0, 90)}
_PEERS = {"minimum": (5, 100), "estimate_from": (3, 100), "prior_strength": (1, 1000)}
_BANDS = {"certainty_pct": (80, 99.9), "ceiling_points": (80, 100), "ceiling_share_pct": (50, 100)}
_STARS = {f"star_{number}": (0, 100) for number in (2, 3, 4, 5)}
_WINDOWS = {
    "resolution_days": (1, 365), "rebound_days": (7, 365), "record_workdays": (1, 60), "claim_days": (1, 180), "stages_days": (30, 365)
}  # fmt: skip
_SCHEDULE = {"joint_meetings": (0, 12), "action_days": (0, 12), "summits": (0, 4), "joint_projects": (0, 12)}
_QUESTIONS = {
    "same_minute": (3, 100), "near_deadline_pct": (10, 100), "near_deadline_least": (3, 1000), "same_day_removals": (2, 100),
    "solved_reopened": (1, 100), "fall_pct": (10, 100), "fall_least": (3, 1000), "participation_pct": (1, 100),
    "full_least": (3, 1000), "hours_each": (4, 24), "late_bulk": (2, 100),
}  # fmt: skip
_GROUPS = {
    "total": _TOTAL, "peers": _PEERS, "bands": _BANDS, "windows": _WINDOWS, "schedule": _SCHEDULE,
    "raters": dict.fromkeys(RATERS, (0, 100)), "questions": _QUESTIONS,
}  # fmt: skip
_TARGET = (0, 100)
_WHOLE = {
    "total.objection_days", "peers.minimum", "peers.estimate_from", *(f"windows.{name}" for name in _WINDOWS),
    *(f"questions.{name}" for name in _QUESTIONS if not name.endswith(("_pct", "_each"))),
}  # fmt: skip


@dataclass(frozen=True)
class IndicatorRule:
    """How one indicator is judged: `weight` in points, `months` looked back at least, `minimum` denominator, targets in points by level,
    by level and type ("community.rural"), or default."""

    weight: float
    months: int
    minimum: float
    targets: tuple[tuple[str, float], ...] = ()

    def target(self, level: str, type_code: str | None) -> float | None:
        """The target of a unit, the most particular that is named; None without one.

        >>> IndicatorRule(20, 12, 10, (("default", 90.0), ("community.rural", 85.0))).target("community", "rural")
        85.0
        """
        named = dict(self.targets)
        return next((named[key] for key in (f"{level}.{type_code}", level, "default") if key in named), None)


@dataclass(frozen=True)
class ScoreRules:
    """One version of the rules of one scorecard, checked."""

    scorecard: str
    valid_from: date
    indicators: tuple[tuple[str, IndicatorRule], ...]
    values: tuple[tuple[str, float], ...]
    size_cuts: tuple[tuple[str, tuple[float, ...]], ...]
    version: str = "shipped"

    def of(self, indicator: str) -> IndicatorRule:
        """The rule of one indicator."""
        return dict(self.indicators)[indicator]

    def value(self, name: str) -> float:
        """A rule that is not an indicator's, by its dotted name, such as `total.minimum_weight_pct`."""
        return dict(self.values)[name]

    def whole(self, name: str) -> int:
        """The same where it counts something."""
        return int(self.value(name))

    @property
    def weights(self) -> dict[str, float]:
        """The weight of every indicator, zero for those only shown."""
        return {name: rule.weight for name, rule in self.indicators}

    @property
    def weight_sum(self) -> float:
        """What the weights add up to; an indicator counts by its share of it."""
        return sum(self.weights.values())

    @property
    def stars(self) -> tuple[float, ...]:
        """The lowest points of two to five stars."""
        return tuple(self.value(f"stars.{name}") for name in _STARS)

    @property
    def content(self) -> str:
        """A mark of what the rules say, whatever they are called."""
        told = {"scorecard": self.scorecard, "values": self.values, "size_cuts": self.size_cuts}
        told["indicators"] = [(name, vars(rule)) for name, rule in self.indicators]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:12]


def rules_from(
    given: Mapping[str, object], shipped: ScoreRules | None = None, *, version: str = "shipped"
) -> ScoreRules:
    """The rules that a file or a kept version says; what it leaves out is as `shipped`.

    Raises `Refused` for a key that does not exist (naming the nearest), for a panel figure given weight (volume, effort and hours never
    weigh), for a value outside its range or of the wrong kind, for stars that do not rise, and for weights that add up to nothing.
    """
    given = dict(given)
    check_keys(given, ("scorecard", "valid_from", "indicator", "size_cuts", "stars", *_GROUPS), "scorecard")
    scorecard = given.get("scorecard", shipped.scorecard if shipped else None)
    if scorecard not in SCORECARDS:
        raise Refused("settings.wrong_value", setting="scorecard", value=scorecard, allowed=", ".join(SCORECARDS))
    if shipped is not None and scorecard != shipped.scorecard:
        found, needed = (Sentence(f"scores.kind.{one}") for one in (scorecard, shipped.scorecard))
        raise Refused("scores.other_scorecard", found=found, needed=needed)
    said = given.get("valid_from", shipped.valid_from if shipped else None)
    valid_from = _day(said) if isinstance(said, str) else said
    if not isinstance(valid_from, date) or isinstance(valid_from, datetime):
        raise Refused("settings.wrong_value", setting="valid_from", value=said, allowed="YYYY-MM-DD")
    values = dict(shipped.values) if shipped else {}
    for group, ranges in (*_GROUPS.items(), ("stars", _STARS)):
        own = given.get(group, {})
        check_keys(own, ranges, group)
        for key, value in own.items():
            values[f"{group}.{key}"] = _number(value, f"{group}.{key}")
    rules = ScoreRules(
        scorecard, valid_from, _indicators(given.get("indicator", {}), scorecard, shipped),
        tuple(sorted(values.items())), _cuts(given.get("size_cuts", {}), shipped), version,
    )  # fmt: skip
    _check(rules)
    return rules


def _indicators(
    given: Mapping[str, object], scorecard: str, shipped: ScoreRules | None
) -> tuple[tuple[str, IndicatorRule], ...]:
    known = {one.name: one for one in of(scorecard)}
    unweighable = {one.name for one in panel_of(scorecard)}.intersection(given if isinstance(given, Mapping) else ())
    if unweighable:
        raise Refused("scores.never_weighs", setting=min(unweighable))
    check_keys(given, known, "indicator")
    before = dict(shipped.indicators) if shipped else {}
    return tuple((name, _rule(one, given.get(name, {}), before.get(name))) for name, one in known.items())


def _rule(one: Indicator, given: Mapping[str, object], before: IndicatorRule | None) -> IndicatorRule:
    where = f"indicator.{one.name}"
    check_keys(given, (*_INDICATOR, "target"), where)
    found = (
        {name: getattr(before, name) for name in _INDICATOR}
        if before
        else {"weight": 0.0, "months": 12, "minimum": 10.0}
    )
    found |= {name: _number(given[name], f"{where}.{name}") for name in _INDICATOR if name in given}
    targets = dict(before.targets) if before else {}
    for key, value in _by_place(given.get("target", {}), f"{where}.target").items():
        level, *kind = str(key).split(".")
        check_keys({level: 0}, ("default", *LEVELS) if not kind else LEVELS, f"{where}.target")
        check_keys({".".join(kind): 0} if kind else {}, TYPES, f"{where}.target.{level}")
        targets[key] = _number(value, f"{where}.target.{key}")
    return IndicatorRule(found["weight"], int(found["months"]), found["minimum"], tuple(sorted(targets.items())))


def _by_place(given: Mapping[str, object], where: str) -> dict[str, object]:
    """Targets by their dotted places, also where a file writes a level as a table of types (`target.community.rural = 82`)."""
    if not isinstance(given, Mapping):
        raise Refused("settings.not_a_table", where=where)
    found: dict[str, object] = {}
    for key, value in given.items():
        is_level = isinstance(value, Mapping) and not set(value) & set(SAID)
        found |= {f"{key}.{kind}": one for kind, one in value.items()} if is_level else {key: value}
    return found


def _cuts(given: Mapping[str, object], shipped: ScoreRules | None) -> tuple[tuple[str, tuple[float, ...]], ...]:
    check_keys(given, LEVELS, "size_cuts")
    cuts = dict(shipped.size_cuts) if shipped else {}
    for level, value in given.items():
        found = value.get("value") if isinstance(value, Mapping) else value
        rising = isinstance(found, (list, tuple)) and list(found) == sorted(set(found)) and len(found) <= 2
        if not rising or not all(isinstance(one, (int, float)) and one > 0 for one in found):
            raise Refused(
                "settings.wrong_value", setting=f"size_cuts.{level}", value=found, allowed="[a, b], 0 < a < b"
            )
        cuts[level] = tuple(float(one) for one in found)
    return tuple(sorted(cuts.items()))


def limits(name: str) -> tuple[float, float]:
    """The least and the most that a value can be, by its dotted name.

    >>> limits("total.objection_days"), limits("indicator.timeliness.weight"), limits("indicator.timeliness.target.street")
    ((0, 90), (0, 100), (0, 100))
    """
    group, *rest = name.split(".")
    if group == "indicator":
        return _INDICATOR.get(rest[1], _TARGET)
    return ({"stars": _STARS} | _GROUPS)[group][rest[0]]


def is_whole(name: str) -> bool:
    """Whether a value counts days, months, units or items, and has no fractions.

    >>> is_whole("indicator.timeliness.months"), is_whole("bands.certainty_pct")
    (True, False)
    """
    return name in _WHOLE or name.endswith(".months")


def _number(given: object, where: str) -> float:
    value = given
    if isinstance(given, Mapping):
        check_keys(given, SAID, where)
        value = given.get("value")
    low, high = limits(where)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise Refused("settings.wrong_value", setting=where, value=value, allowed=f"{low}–{high}")
    if is_whole(where) and value != int(value):
        raise Refused("settings.wrong_value", setting=where, value=value, allowed=f"{low}, {low + 1} … {high}")
    return float(value)


def _check(rules: ScoreRules) -> None:
    if rules.weight_sum <= 0:
        raise Refused("scores.no_weight", scorecard=Sentence(f"scores.kind.{rules.scorecard}"))
    if list(rules.stars) != sorted(set(rules.stars)):
        raise Refused(
            "settings.wrong_value", setting="stars", value=" ".join(f"{one:g}" for one in rules.stars),
            allowed=" < ".join(_STARS),
        )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def as_given(rules: ScoreRules) -> dict[str, object]:
    """The rules as a table that `rules_from` reads back, for keeping a version on the desk."""
    found: dict[str, object] = {"scorecard": rules.scorecard, "valid_from": rules.valid_from.isoformat()}
    for name, value in rules.values:
        group, _, key = name.partition(".")
        found.setdefault(group, {})[key] = value
    found["size_cuts"] = {level: list(cuts) for level, cuts in rules.size_cuts}
    found["indicator"] = {
        name: {"weight": rule.weight, "months": rule.months, "minimum": rule.minimum, "target": dict(rule.targets)}
        for name, rule in rules.indicators
    }
    return found
