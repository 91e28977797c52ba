"""What a brief says of the warnings: those that stand at its close or came in its period, from the ledger, and how far people are with each.

The ledger and the steps carry when they were recorded, so that a brief replayed as then known says what it said then.
"""

from collections.abc import Collection
from datetime import date, timedelta

from analytics.figures import Line
from analytics.signals.settings import LEVEL_CODES, rules_from
from analytics.small_cells import MINIMUM_CELL
from analytics.warnings.stored import BELOW_STREET
from data import handling
from data.desk import Desk
from data.handling.tables import signal_issued
from data.in_force import signal_rules_in_force
from data.queries import Names

LOOKS_BACK = timedelta(days=180)  # an episode older than that which still stands has been forgotten, not watched
NUMBERS = ("observed", "expected", "lower", "upper")


def brief_warnings(
    desk: Desk, names: Names, first: date, last: date, areas: Collection[str] | None, kind: str | None
) -> tuple[Line, ...]:
    """The warnings that a brief of first..last tells, the gravest first, among them those whose verification is overdue.

    A line is an episode that alarmed in the period, or that stands at its close and that nobody has settled: key, area, area_code,
    category, kind, level_code, observed, expected, lower, upper, window_days, alarmed_on, is_new (it alarmed in the period), state (the last
    event: opened, escalated, rearmed, recovered, muted, closed), handling (none or the last step), outcome, is_waiting (to be verified), due_on (of the next step) and
    overdue_days (of its verification, 0 in time). `areas` limits them to these places, None: all. Below the street, numbers
    under 5 are not said: a brief leaves the handling unit's own screen.
    """
    rules = rules_from(signal_rules_in_force(desk, last))
    wanted = signal_issued.c.as_of.between(first - LOOKS_BACK, last) & (signal_issued.c.event != "rescored")
    episodes: dict[str, list[handling.Event]] = {}
    for event in handling.read_events(desk, wanted):
        if (kind is None or event.kind == kind) and (areas is None or event.area_code in areas):
            episodes.setdefault(event.episode, []).append(event)
    stands = handling.handling(desk, list(episodes), rules.verify_days)
    lines = [_line(episodes[row["episode"]], row, names, first, last) for row in stands.to_dict("records")]
    kept = [line for line in lines if line is not None and _may_be_told(line, rules.minimum_count)]
    return tuple(sorted(kept, key=_need))


def _line(events: list[handling.Event], stand: dict, names: Names, first: date, last: date) -> Line | None:
    """An episode as a brief tells it; None where it neither alarmed in the period nor waits for anybody at its close."""
    alarms = [event for event in events if event.event in handling.ALARMING]
    state, settled = events[-1].event, stand["handling"] in handling.SETTLED[1:] and not stand["needs_verifying"]
    if not alarms or (alarms[-1].as_of < first and (state == "closed" or settled)):
        return None
    alarm = alarms[-1]
    is_small = alarm.level in BELOW_STREET and alarm.numbers["observed"] < MINIMUM_CELL
    verify_due = stand["verify_due_on"]
    return Line(
        {
            "key": alarm.episode,
            "area": _name(names, alarm.area_code),
            "area_code": alarm.area_code,
            "category": names.by_code["category"].get(alarm.category_code),
            "kind": alarm.kind,
            "level_code": alarm.level_code,
            **{name: None if is_small else alarm.numbers.get(name) for name in NUMBERS},
            "window_days": (alarm.numbers["last_on"] - alarm.numbers["first_on"]).days + 1,
            "alarmed_on": alarm.as_of,
            "is_new": alarm.as_of >= first,
            "state": state,
            "handling": stand["handling"],
            "outcome": stand["outcome"],
            "is_waiting": verify_due is not None,
            "due_on": verify_due or stand["due_on"],
            "overdue_days": max((last - verify_due).days, 0) if verify_due else 0,
            "counted": alarm.numbers["observed"],
        }
    )


def _name(names: Names, area_code: str) -> str:
    area = names.area(area_code)
    return area_code if area is None else str(area["name"])


def _may_be_told(line: Line, minimum: int) -> bool:
    """What was raised below the minimum count is of a severe subject, and for the handling unit alone."""
    return line.values.pop("counted") >= minimum


def _need(line: Line) -> tuple:
    values = line.values
    return (LEVEL_CODES.index(values["level_code"]), -values["overdue_days"], not values["is_new"], values["key"])
