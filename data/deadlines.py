"""By when must a matter be done? The clocks of the statutes and of the site's hotline rules, one matter at a time.

This is the slow and obvious reading of the rules; the mart computes the same in SQL and is tested against it.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from data.errors import NotReady, Refused
from data.settings import check_keys, merge, nearest_key, read_reference
from data.workdays import WorkCalendar

UNITS = ("day", "working_day", "month")
HOTLINE_PURPOSES = ("enquiry", "help", "complaint", "suggestion", "thanks", "other", "urgent")
PETITION_CLOCKS = (
    "route", "notify", "objection", "close", "extension", "review_request", "review", "re_review_request", "re_review",
)  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """A limit: so many calendar days, working days or months, by the article that sets it; 0 days is the same day."""

    code: str
    amount: int
    unit: str
    article: str = ""


@dataclass(frozen=True)
class HotlineProfile:
    """A city's hotline limits by nature of the call; `example` marks one that nobody has adopted yet (示例)."""

    code: str
    example: bool
    basis: str
    limits: Mapping[str, Clock]


@dataclass(frozen=True)
class DeadlineRules:
    """The clocks in force at a site.

    `roll_due_to_working_day` moves a last day that falls on a rest day to the next working day (Civil Code art. 203).
    """

    petition: Mapping[str, Clock]
    close_clock_not_for: tuple[str, ...]
    mediation: Clock
    volunteer_record: Clock
    hotline_profile: str
    hotline_profiles: Mapping[str, HotlineProfile]
    roll_due_to_working_day: bool = False

    @property
    def hotline(self) -> HotlineProfile:
        """The hotline profile the site has chosen."""
        return self.hotline_profiles[self.hotline_profile]


@dataclass(frozen=True)
class Deadlines:
    """The dates one matter is due by; `deadline_basis` says on what the first rests, or why there is none."""

    deadline_on: date | None
    deadline_basis: str  # extension, source, statute, profile; without a date: calendar_missing, no_rule, diverted
    route_due_on: date | None = None
    notify_due_on: date | None = None
    review_due_on: date | None = None


def shipped_rules() -> DeadlineRules:
    """The rules as shipped: the statutes, and hotline profile A, marked as an example."""
    return _shipped_rules()


@lru_cache(maxsize=1)
def _shipped_rules() -> DeadlineRules:
    return rules_from({})


def rules_from(given: Mapping[str, object]) -> DeadlineRules:
    """The shipped rules with a site's settings laid over them (the tables of `reference/deadlines.toml`).

    Raises `Refused` for a key that does not exist (naming the nearest), a unit or amount that cannot be, an
    unknown profile.

    >>> rules_from({"hotline": {"profile": "D"}}).hotline.limits["help"]
    Clock(code='help', amount=7, unit='day', article='')
    """
    _check_shape(given)
    settings = merge(read_reference("deadlines"), given)
    petition, hotline = settings["petition"], settings["hotline"]
    profiles = {code: _profile(code, table) for code, table in hotline["profiles"].items()}
    if hotline["profile"] not in profiles:
        raise Refused(
            "settings.unknown_key", setting=hotline["profile"], where="hotline.profile",
            nearest=nearest_key(hotline["profile"], profiles),
        )  # fmt: skip
    roll = settings["roll_due_to_working_day"]
    if not isinstance(roll, bool):
        raise Refused("settings.wrong_value", setting="roll_due_to_working_day", value=roll, allowed="true, false")
    return DeadlineRules(
        petition={code: _clock(code, petition[code], "petition") for code in PETITION_CLOCKS},
        close_clock_not_for=tuple(petition["close_clock_not_for"]),
        mediation=_clock("mediation", settings["dispute"]["mediation"], "dispute"),
        volunteer_record=_clock("record", settings["volunteering"]["record"], "volunteering"),
        hotline_profile=hotline["profile"],
        hotline_profiles=profiles,
        roll_due_to_working_day=roll,
    )


def _check_shape(given: Mapping[str, object]) -> None:
    check_keys(given, ("roll_due_to_working_day", "petition", "dispute", "volunteering", "hotline"), "deadlines")
    check_keys(given.get("petition", {}), (*PETITION_CLOCKS, "close_clock_not_for"), "petition")
    check_keys(given.get("dispute", {}), ("mediation",), "dispute")
    check_keys(given.get("volunteering", {}), ("record",), "volunteering")
    check_keys(given.get("hotline", {}), ("profile", "profiles"), "hotline")


def _profile(code: str, table: Mapping[str, object]) -> HotlineProfile:
    where = f"hotline.profiles.{code}"
    check_keys(table, ("example", "basis", "limits"), where)
    limits = table.get("limits", {})
    check_keys(limits, HOTLINE_PURPOSES, f"{where}.limits")
    clocks = {purpose: _clock(purpose, limit, f"{where}.limits") for purpose, limit in limits.items()}
    return HotlineProfile(code, bool(table.get("example", False)), str(table.get("basis", "")), clocks)


def _clock(code: str, table: Mapping[str, object], where: str) -> Clock:
    place = f"{where}.{code}"
    check_keys(table, ("amount", "unit", "article"), place)
    amount, unit = table.get("amount"), table.get("unit")
    if type(amount) is not int or not 0 <= amount <= 3650:
        raise Refused("settings.wrong_value", setting=f"{place}.amount", value=amount, allowed="0–3650")
    if unit not in UNITS:
        raise Refused("settings.wrong_value", setting=f"{place}.unit", value=unit, allowed=", ".join(UNITS))
    return Clock(code, amount, unit, str(table.get("article", "")))


def due_on(start: date, clock: Clock, calendar: WorkCalendar, *, roll: bool = False) -> date:
    """The last day on time: the start itself is not counted; done on this day is in time.

    Raises `NotReady` when working days are counted, or a rest day is to be rolled, in a year without a calendar.
    Source: Civil Code (民法典) art. 201–203.

    >>> from data.workdays import build_calendar
    >>> due_on(date(2026, 1, 31), Clock("mediation", 1, "month"), build_calendar())
    datetime.date(2026, 2, 28)
    >>> due_on(date(2026, 3, 2), Clock("close", 60, "day"), build_calendar(), roll=True)
    datetime.date(2026, 5, 6)
    """
    if clock.unit == "working_day":
        return calendar.add_working_days(start, clock.amount)
    if clock.unit == "month":
        last = _add_months(start, clock.amount)
    else:
        last = start + timedelta(days=clock.amount)
    return calendar.next_workday(last) if roll else last


def _add_months(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def matter_deadlines(matter: Mapping[str, object], rules: DeadlineRules, calendar: WorkCalendar) -> Deadlines:
    """Every date one matter is due by; `matter` maps the contract's column names to values, empty ones may be absent.

    The deadline is the extended date, else the date the source states, else that of the matter's own clock. An
    extension counts only when it was approved on or before the original date; that of a petition reaches 30 days
    beyond it at most (art. 34). A stated date stands as it is; the others roll off rest days where the site says so.
    """
    deadline, basis = _deadline(matter, rules, calendar)
    if matter.get("kind") != "petition":
        return Deadlines(deadline, basis)
    registered = _day(matter, "registered_at")
    return Deadlines(
        deadline,
        basis,
        route_due_on=_due(registered, rules.petition["route"], rules, calendar),
        notify_due_on=_due(_day(matter, "routed_at") or registered, rules.petition["notify"], rules, calendar),
        review_due_on=_review_due(matter, rules, calendar),
    )


def _deadline(matter: Mapping[str, object], rules: DeadlineRules, calendar: WorkCalendar) -> tuple[date | None, str]:
    try:
        original, basis = _original(matter, rules, calendar)
        if original is None:
            return None, basis
        extended = _extended(matter, original, rules, calendar)
        if extended is not None:
            original, basis = extended, "extension"
        if rules.roll_due_to_working_day and basis != "source":
            original = calendar.next_workday(original)
    except NotReady:
        return None, "calendar_missing"
    return original, basis


def _original(matter: Mapping[str, object], rules: DeadlineRules, calendar: WorkCalendar) -> tuple[date | None, str]:
    """The strict date before any extension, as the source states it or as the matter's clock gives it."""
    stated = _day(matter, "due_on")
    if stated is not None:
        return stated, "source"
    if matter.get("diverted_to"):
        return None, "diverted"
    start, clock, basis = _start_and_clock(matter, rules)
    if start is None or clock is None:
        return None, "no_rule"
    return due_on(start, clock, calendar), basis


def _start_and_clock(matter: Mapping[str, object], rules: DeadlineRules) -> tuple[date | None, Clock | None, str]:
    kind, purpose = matter.get("kind"), matter.get("purpose")
    registered, accepted = _day(matter, "registered_at"), _day(matter, "accepted_at")
    if kind == "petition":
        return accepted, None if purpose in rules.close_clock_not_for else rules.petition["close"], "statute"
    if kind == "dispute":
        return accepted or registered, rules.mediation, "statute"
    return registered, rules.hotline.limits.get(purpose), "profile"


def _extended(
    matter: Mapping[str, object], original: date, rules: DeadlineRules, calendar: WorkCalendar
) -> date | None:
    approved, until = _day(matter, "extension_approved_on"), _day(matter, "extended_to")
    if approved is None or until is None or approved > original or until <= original:
        return None
    if matter.get("kind") == "petition":
        return min(until, due_on(original, rules.petition["extension"], calendar))
    return until


def _review_due(matter: Mapping[str, object], rules: DeadlineRules, calendar: WorkCalendar) -> date | None:
    asked_again = _day(matter, "re_review_requested_on")
    if asked_again is not None:
        decided = _day(matter, "re_review_decided_on")
        return None if decided else _due(asked_again, rules.petition["re_review"], rules, calendar)
    if _day(matter, "review_decided_on") is not None:
        return None
    return _due(_day(matter, "review_requested_on"), rules.petition["review"], rules, calendar)


def _due(start: date | None, clock: Clock, rules: DeadlineRules, calendar: WorkCalendar) -> date | None:
    if start is None:
        return None
    try:
        return due_on(start, clock, calendar, roll=rules.roll_due_to_working_day)
    except NotReady:
        return None


def _day(matter: Mapping[str, object], column: str) -> date | None:
    """The date in a column, whether it holds a date, a moment or nothing (None, NaT)."""
    value = matter.get(column)
    if value is None or value != value:  # NaT is the value that does not equal itself
        return None
    return value.date() if isinstance(value, datetime) else value
