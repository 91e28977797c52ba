"""What becomes of a matter: routed, accepted, answered, late, called back. What lies after the last day is unknown."""

import numpy as np

from data.town.arrivals import DAY, DISPUTE, HOTLINE, PETITION, Arrivals, Plan
from data.town.codes import CODES, MOMENTS, NONE, NUMBERS, PAST_DAYS, PROMISED_DAYS, Chance, code
from data.town.organisations import COMMITTEE_OF
from data.town.outcomes import add_attention, add_feedback, add_people, add_returns, add_status, forget_the_future
from data.town.subjects import LINES

# Enquiry, help, complaint, suggestion, thanks, other: share; limit in working days (0: none) as in profile A.
PURPOSE_SHARES = (0.29, 0.34, 0.28, 0.05, 0.02, 0.02)
LIMITS = np.array([3, 3, 13, 13, 0, 0, 0])
LATE = (0.045, 0.06, 0.06)  # share closed late, by kind
STUCK = (0.003, 0.010, 0.025)  # share that stays for months
LATE_DAYS, STUCK_DAYS = (5.0, 12.0, 18.0), (90.0, 170.0, 170.0)  # means beyond the limit
EXTENSION_SHARE = 0.12
# Position of the city's letters office, which runs the hotline: the city's departments come first in the register.
CITY_LETTERS = list(LINES).index("letters")


def live(plan: Plan, rows: Arrivals, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Every column of the rows as arrays: moments in seconds, days as numbers, codes as positions in CODES (-1: none).

    `line` and `community` ride along for the organisations; nothing here lies after the close of `plan.days.last`.
    """
    n = len(rows)
    out = {name: np.full(n, NONE) for name in (*MOMENTS, *PAST_DAYS, *PROMISED_DAYS)}
    out |= {name: np.full(n, -1) for name in (*CODES, *NUMBERS)}
    out["registered_at"], out["kind"] = rows.time, rows.kind
    out["leader_day"] = np.full(n, NONE)
    out["returned_time"] = np.full(n, NONE)
    out["responsible_org_id"], out["committee_code"] = np.full(n, -1), np.full(n, -1)
    for number, tell in ((HOTLINE, _live_hotline), (DISPUTE, _live_dispute), (PETITION, _live_petition)):
        own = np.flatnonzero(rows.kind == number)
        if len(own):
            part = tell(plan, _Part(rows, own), Chance(rng, len(own)))
            for name, values in part.items():
                out[name][own] = values
    add_people(plan, rows, out, Chance(rng, n))
    add_returns(out, Chance(rng, n))
    add_attention(plan, rows, out, Chance(rng, n))
    add_feedback(plan, rows, out, Chance(rng, n))
    forget_the_future(plan, out)
    add_status(plan, out, Chance(rng, n))
    return out


class _Part:
    """The rows of one kind: what their lives depend on."""

    def __init__(self, rows: Arrivals, own: np.ndarray) -> None:
        self.time, self.day = rows.time[own], rows.day[own]
        self.community, self.subject, self.surge = rows.community[own], rows.subject[own], rows.surge[own]
        self.place = np.maximum(self.community, 0)  # matters of unknown place behave like the first community's


def _delay(chance: Chance, part: _Part, share: np.ndarray, most: int) -> np.ndarray:
    """When it was entered: within minutes, or for some up to `most` days later; a surge always at once."""
    at_once = part.time + (chance.mean(300.0)).astype(np.int64)
    later = chance.office(part.day + chance.rng.integers(1, most + 1, chance.n))
    entered = np.where(chance.happens(share) & (part.surge == 0), later, at_once)
    end_of_day = (part.day + 1) * DAY - 1
    return np.where(part.surge > 0, np.minimum(entered, end_of_day), entered)


def _beyond(plan: Plan, part: _Part, chance: Chance, kind: int) -> np.ndarray:
    """Days by which each matter misses its limit; 0 where it is done in time."""
    late = chance.happens(np.minimum(LATE[kind] * plan.lateness[part.place], 0.5))
    stuck = chance.happens(STUCK[kind])
    beyond = np.where(late, 1 + chance.mean(LATE_DAYS[kind]), 0) + np.where(
        stuck, 10 + chance.mean(STUCK_DAYS[kind]), 0
    )
    return beyond.astype(np.int64)


# --- hotline ----------------------------------------------------------------------------------------------------------


def _live_hotline(plan: Plan, part: _Part, chance: Chance) -> dict[str, np.ndarray]:
    days = plan.days
    purpose = chance.pick(*PURPOSE_SHARES)
    direct = chance.happens(np.array([0.72, 0.04, 0.0, 0.25, 0.9, 0.5])[purpose])
    limit = LIMITS[purpose]
    channel = chance.pick(0.87, 0.08, 0.05)
    entered = _delay(chance, part, np.array([0.008, 0.10, 0.30])[channel], 2)
    routed = part.time + chance.mean(1_500).astype(np.int64) + 60
    accepted = chance.office(days.next_workday(part.day), routed)
    urgent = chance.happens(0.3)
    accepted = np.where(urgent, routed + chance.around(2_400, 0.7).astype(np.int64), accepted)
    contact = accepted + chance.around(9_000, 1.0).astype(np.int64)
    allowed = np.where(limit > 0, limit, 5)
    used = np.minimum((chance.portion(2.8, 1.4) * (allowed + 1)).astype(np.int64), allowed)
    beyond = _beyond(plan, part, chance, HOTLINE)
    due = days.add_workdays(part.day, allowed)
    closing_day = np.where(beyond > 0, days.next_workday(due + beyond), days.add_workdays(part.day, used))
    closed = chance.office(closing_day, contact)
    answered = part.time + 180 + chance.mean(900).astype(np.int64)
    has_due = (limit > 0) & days.covers(due) & days.covers(part.day)
    extended = (limit >= 13) & ~direct & chance.happens(0.05)
    outcome = chance.pick(0.88, 0.07, 0.0, 0.0, 0.02, 0.0, 0.03)
    return {
        "source_system": np.zeros(chance.n, int), "channel": channel, "purpose": purpose,
        "entered_at": entered,
        "routed_at": np.where(direct, NONE, routed),
        "accepted_at": np.where(direct, answered - 120, accepted),
        "first_contact_at": np.where(direct, answered - 120, contact),
        "due_on": np.where(has_due, due, NONE),
        "extension_approved_on": np.where(extended & has_due, due - 1, NONE),
        "extended_to": np.where(extended & has_due, days.add_workdays(due, np.full(chance.n, 5)), NONE),
        "replied_at": np.where(direct, answered, closed),
        "closed_at": np.where(direct, answered, closed),
        "outcome": np.where(direct, 0, outcome),
        "handling_level": np.where(direct, 4, chance.pick(0.02, 0.30, 0.42, 0.24, 0.02)),
        "order_direction": np.where(direct, -1, 0),
        "responsible_org_id": _hotline_unit(plan, part, chance, direct),
    }  # fmt: skip


def _hotline_unit(plan: Plan, part: _Part, chance: Chance, direct: np.ndarray) -> np.ndarray:
    who = chance.pick(0.44, 0.40, 0.14, 0.02)
    chosen = np.choose(who, [_office(plan, part), _department(plan, part), _unit(plan, part), np.full(chance.n, -1)])
    return np.where(direct, CITY_LETTERS, chosen)


# --- disputes ---------------------------------------------------------------------------------------------------------

DISPUTE_CHANNELS = (0.0, 0.03, 0.10, 0.25, 0.18, 0.16, 0.22, 0.03, 0.03, 0.0)
DISPUTE_SOURCES = np.array([1, 3, 3, 1, 1, 3, 2, 2, 3, 4])  # source system by channel
DISPUTE_DELAYS = np.array([0, 0.05, 0.25, 0.30, 0.03, 0.45, 0.55, 0.60, 0.35, 0])


def _live_dispute(plan: Plan, part: _Part, chance: Chance) -> dict[str, np.ndarray]:
    days = plan.days
    channel = chance.pick(*DISPUTE_CHANNELS)
    entered = _delay(chance, part, DISPUTE_DELAYS[channel], 4)
    routed = chance.office(part.day + (chance.happens(0.25)), part.time)
    accepted = chance.office(part.day + chance.pick(0.5, 0.3, 0.15, 0.05), routed)
    start = accepted // DAY
    used = 1 + (chance.portion(2.2, 1.1) * 27).astype(np.int64)
    beyond = _beyond(plan, part, chance, DISPUTE)
    closing_day = start + np.where(beyond > 0, 31 + beyond, used)
    closing_day = np.where(chance.happens(0.8), days.next_workday(closing_day), closing_day)
    closed = chance.office(closing_day, accepted + 3_600)
    outcome = np.where(beyond > 0, chance.pick(0.20, 0.20, 0.38, 0.22), chance.pick(0.28, 0.03, 0.61, 0.05, 0.03))
    agreed = outcome == 2
    confirmed = agreed & chance.happens(0.06)
    fulfil = closed // DAY + chance.rng.integers(0, 61, chance.n)
    kept = agreed & chance.happens(0.93)
    from_grid = np.isin(channel, (3, 4))
    return {
        "source_system": DISPUTE_SOURCES[channel], "channel": channel,
        "entered_at": entered, "routed_at": np.where(chance.happens(0.6), routed, NONE), "accepted_at": accepted,
        "first_contact_at": np.where(chance.happens(0.8), accepted + chance.around(14_000, 0.9).astype(np.int64), NONE),
        "occurred_on": part.day - chance.pick(0.55, 0.2, 0.1, 0.05, 0.05, 0.05),
        "due_on": np.where(chance.happens(0.12), start + 28, NONE),
        "closed_at": closed, "replied_at": np.full(chance.n, NONE), "outcome": outcome,
        "resolution_method": _methods(chance, outcome),
        "agreement_due_on": np.where(agreed, fulfil, NONE),
        "agreement_fulfilled_on": np.where(kept, fulfil - (fulfil - closed // DAY) // 3, NONE),
        "judicially_confirmed": np.where(agreed, confirmed, -1),
        "handling_level": chance.pick(0.18, 0.53, 0.22, 0.06, 0.01),
        "order_direction": np.where(from_grid, chance.pick(0.25, 0.75), 0),
        "reporter_category": np.where(
            from_grid | (channel == 5), chance.pick(0.24, 0.12, 0.14, 0.18, 0.14, 0.12, 0.06), -1
        ),
        "screening_type": np.where(np.isin(channel, (3, 4, 6)), chance.pick(0.70, 0.20, 0.10), -1),
        "meeting_level": np.where(chance.happens(0.16), chance.pick(0.76, 0.18, 0.06), -1),
        "committee_code": _committees(plan, part, chance),
        "responsible_org_id": np.choose(
            chance.pick(0.56, 0.28, 0.14, 0.02),
            [_unit(plan, part), _centre(plan, part), _department(plan, part), np.full(chance.n, -1)],
        ),
    }  # fmt: skip


def _methods(chance: Chance, outcome: np.ndarray) -> np.ndarray:
    settled = chance.pick(0.58, 0.16, 0.03, 0.08, 0.04, 0.11)
    failed = chance.pick(0.30, 0.15, 0.0, 0.05, 0.0, 0.0, 0.10, 0.35, 0.05)
    return np.where(np.isin(outcome, (0, 2)), settled, np.where(outcome == 4, -1, failed))


def _committees(plan: Plan, part: _Part, chance: Chance) -> np.ndarray:
    keys = plan.subjects.keys
    table = np.array([COMMITTEE_OF.get(key, COMMITTEE_OF.get(key[:2], -1)) for key in keys])[part.subject]
    return np.where((table >= 0) & chance.happens(0.14), plan.organisations.committees[table], -1)


# --- petitions --------------------------------------------------------------------------------------------------------


def _live_petition(plan: Plan, part: _Part, chance: Chance) -> dict[str, np.ndarray]:
    days = plan.days
    form = chance.pick(0.46, 0.27, 0.14, 0.13)
    purpose = np.where(chance.happens(0.08), code("purpose", "suggestion"), code("purpose", "claim"))
    entered = _delay(chance, part, np.array([0.01, 0.06, 0.04, 0.5])[form], 3)
    slow = chance.happens(0.03 * plan.lateness[part.place])
    routed = chance.office(days.next_workday(part.day + _between(chance, 1, 9, slow, 16, 24)), part.time)
    accepted = chance.office(days.next_workday(routed // DAY + chance.rng.integers(1, 11, chance.n)), routed)
    notified = chance.office(days.previous_workday(routed // DAY + _between(chance, 4, 14, slow, 16, 25)), accepted)
    start = accepted // DAY
    extended = chance.happens(EXTENSION_SHARE)
    limit = start + np.where(extended, 90, 60)
    used = np.where(extended, 61 + (chance.portion(2.5, 1.5) * 29), 8 + chance.portion(3.2, 1.2) * 52).astype(np.int64)
    beyond = _beyond(plan, part, chance, PETITION)
    closing_day = np.where(beyond > 0, limit + beyond, np.maximum(days.previous_workday(start + used), start + 1))
    diverted, refused = chance.happens(0.05), chance.happens(0.015)
    ended_early = diverted | refused
    accepted_for_good = np.where(ended_early, NONE, accepted)
    closed = np.where(ended_early, notified, chance.office(closing_day, accepted + 3_600))
    outcome = np.where(diverted, 6, np.where(refused, 5, chance.pick(0.74, 0.20, 0.0, 0.0, 0.06)))
    stated = chance.happens(0.10) & ~ended_early
    return {
        "source_system": np.full(chance.n, 4), "channel": np.where(chance.happens(0.08), 8, 9), "form": form,
        "purpose": purpose,
        "entered_at": entered, "routed_at": routed, "accepted_at": accepted_for_good, "notified_at": notified,
        "first_contact_at": np.where(chance.happens(0.85), routed + chance.around(60_000, 0.8).astype(np.int64), NONE),
        "due_on": np.where(stated, start + 60, NONE),
        "extension_approved_on": np.where(extended & ~ended_early, start + 50 + chance.rng.integers(0, 11, chance.n),
        NONE),
        "extended_to": np.where(extended & ~ended_early, start + 90, NONE),
        "replied_at": np.where(ended_early | (outcome == 4), NONE, closed - 1_800),
        "closed_at": closed, "outcome": outcome,
        "diverted_to": np.where(diverted, chance.pick(0.55, 0.2, 0.15, 0.1), -1),
        "review_state": np.zeros(chance.n, int),
        "handling_level": chance.pick(0.0, 0.04, 0.48, 0.42, 0.06),
        "order_direction": np.zeros(chance.n, int),
        "meeting_level": np.where(chance.happens(0.09), chance.pick(0.30, 0.45, 0.25), -1),
        "responsible_org_id": np.choose(
            chance.pick(0.47, 0.52, 0.01), [_office(plan, part), _department(plan, part), np.full(chance.n, -1)]
        ),
        **_reviews(chance, np.where(ended_early, NONE, closed // DAY)),
    }  # fmt: skip


def _between(chance: Chance, low: int, high: int, slow: np.ndarray, slow_low: int, slow_high: int) -> np.ndarray:
    return np.where(slow, chance.rng.integers(slow_low, slow_high, chance.n), chance.rng.integers(low, high, chance.n))


def _reviews(chance: Chance, closed_on: np.ndarray) -> dict[str, np.ndarray]:
    """Review and re-review: asked for within 30 days, nearly always decided within 30."""
    asks = chance.happens(0.035) & (closed_on != NONE)
    asked = np.where(asks, closed_on + chance.rng.integers(5, 31, chance.n), NONE)
    decided = np.where(asks, asked + chance.rng.integers(12, 32, chance.n), NONE)
    again = asks & chance.happens(0.3)
    asked_again = np.where(again, decided + chance.rng.integers(5, 31, chance.n), NONE)
    decided_again = np.where(again, asked_again + chance.rng.integers(12, 32, chance.n), NONE)
    return {
        "review_requested_on": asked, "review_decided_on": decided,
        "re_review_requested_on": asked_again, "re_review_decided_on": decided_again,
    }  # fmt: skip


# --- who handles it ---------------------------------------------------------------------------------------------------


def _office(plan: Plan, part: _Part) -> np.ndarray:
    return plan.organisations.street_office[plan.organisations.street_no[part.place]]


def _centre(plan: Plan, part: _Part) -> np.ndarray:
    return plan.organisations.centre[plan.organisations.street_no[part.place]]


def _unit(plan: Plan, part: _Part) -> np.ndarray:
    return plan.organisations.community_unit[part.place]


def _department(plan: Plan, part: _Part) -> np.ndarray:
    units = plan.organisations
    return units.department[units.district_no[part.place], plan.subjects.line_no[part.subject]]
