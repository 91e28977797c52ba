"""What all kinds of matters share: people, returns, attention, feedback; nothing is known beyond the last day."""

import numpy as np

from data.town.arrivals import DAY, DISPUTE, HOTLINE, PETITION, Arrivals, Plan
from data.town.codes import MOMENTS, NONE, PAST_DAYS, PROMISED_DAYS, VISIT, Chance, code

COLLECTIVE = np.array([0.003, 0.022, 0.045])  # share of matters with five people or more, by kind


def add_people(plan: Plan, rows: Arrivals, out: dict, chance: Chance) -> None:
    """How many people are concerned, and what follows from it: scale, severity, batches, person-times, filings."""
    crowding = COLLECTIVE[rows.kind] * plan.subjects.crowding[rows.subject]
    collective = chance.happens(np.where(rows.surge > 0, 2 * crowding, crowding))
    crowd = np.minimum(5 + chance.around(4.0, 1.0).astype(np.int64), 260)
    few = np.where(rows.kind == DISPUTE, 2 + chance.pick(0.75, 0.17, 0.08), 1 + chance.pick(0.9, 0.06, 0.04))
    people = np.where(collective, crowd, np.where(rows.kind == HOTLINE, 1, few))
    out["people_involved"] = np.where((rows.kind == HOTLINE) & ~collective, -1, people)
    out["is_collective"] = collective.astype(np.int64)
    scale = np.where(people >= 50, 2, np.where(people >= 10, 1, 0))
    out["scale_code"] = np.where((rows.kind == HOTLINE) & ~collective, -1, scale)
    out["severity_code"] = np.where(rows.kind == DISPUTE, np.where(people >= 100, 0, np.where(people >= 40, 1, 2)), -1)
    petition, visit = rows.kind == PETITION, out["form"] == VISIT
    out["batches"] = np.where(petition & visit, 1 + chance.pick(0.94, 0.05, 0.01), -1)
    out["person_times"] = np.where(petition & visit, people * out["batches"], -1)
    out["filings"] = np.where(petition, np.maximum(1 + chance.pick(0.93, 0.05, 0.02), out["batches"]), -1)
    out["joint_handling"] = (chance.happens(0.03) | (collective & chance.happens(0.4))).astype(np.int64)


def add_returns(out: dict, chance: Chance) -> None:
    """Units return what is not theirs; it costs a day or more before the next one accepts."""
    routed = out["routed_at"] != NONE
    returned = routed & chance.happens(np.array([0.055, 0.02, 0.04])[out["kind"]])
    out["returned_time"] = np.where(returned, out["routed_at"] + chance.around(70_000, 0.6).astype(np.int64), NONE)
    out["returned_count"] = np.where(returned, 1 + chance.pick(0.85, 0.12, 0.03), 0)
    late = np.where(returned, out["returned_time"] + chance.mean(20_000).astype(np.int64), NONE)
    for name in ("accepted_at", "first_contact_at", "replied_at", "closed_at"):
        known = (out[name] != NONE) & returned
        late = np.where(known, np.maximum(out[name], late + 900), late)
        out[name] = np.where(known, late, out[name])
    for name in ("first_contact_at", "notified_at"):  # nobody is first contacted after all is done
        out[name] = np.minimum(out[name], out["closed_at"] - 60)


def add_attention(plan: Plan, rows: Arrivals, out: dict, chance: Chance) -> None:
    """Supervision and leading posts: mostly for what is crowded or slow."""
    closed, start = out["closed_at"], rows.time
    slow = closed - start > np.array([25, 45, 75])[rows.kind] * DAY
    wanted = chance.happens(np.where(slow, 0.35, 0.0) + 0.15 * (out["is_collective"] == 1) + 0.004)
    moment = start + (np.array([20, 34, 64])[rows.kind] * chance.within(0.6, 1.3) * DAY).astype(np.int64)
    moment = np.where(slow, moment, start + ((closed - start) * chance.within(0.1, 0.8)).astype(np.int64))
    supervised = wanted & (out["routed_at"] != NONE) & (moment < closed) & (moment > out["accepted_at"])
    out["supervised_at"] = np.where(supervised, chance.office(moment // DAY, out["accepted_at"]), NONE)
    supervised &= out["supervised_at"] < closed
    out["supervised_at"] = np.where(supervised, out["supervised_at"], NONE)
    led = (rows.kind != HOTLINE) & (
        chance.happens(np.where(out["people_involved"] >= 20, 0.5, 0.0)) | (supervised & chance.happens(0.16))
    )
    day = np.where(supervised, out["supervised_at"], start + 2 * DAY) // DAY + chance.rng.integers(1, 5, chance.n)
    led &= day <= closed // DAY
    out["leader_day"] = np.where(led, day, NONE)
    post = np.where(out["people_involved"] >= 50, chance.pick(0.4, 0.5, 0.1), chance.pick(0.05, 0.35, 0.6))
    out["leader_case_post"] = np.where(led, post, -1)


def add_feedback(plan: Plan, rows: Arrivals, out: dict, chance: Chance) -> None:
    """Call-back, evaluation (not everyone answers), and what flares up again after closing."""
    closed = out["closed_at"]
    early_end = np.isin(out["outcome"], (5, 6))
    called = chance.happens(np.array([0.72, 0.38, 0.45])[rows.kind]) & ~early_end
    call = chance.office(plan.days.next_workday(closed // DAY + chance.rng.integers(1, 6, chance.n)), closed)
    out["called_back_at"] = np.where(called, call, NONE)
    answers = called & chance.happens(np.array([0.62, 0.55, 0.52])[rows.kind])
    out["evaluated_at"] = np.where(answers, call + chance.around(20_000, 1.2).astype(np.int64), NONE)
    badly = np.isin(out["outcome"], (1, 3))
    days_open = (closed - rows.time) // DAY
    unhappy = 0.07 + 0.35 * badly + 0.12 * (days_open > 30) - plan.liking[np.maximum(rows.community, 0)]
    dissatisfied = chance.happens(np.clip(unhappy, 0.01, 0.95))
    out["evaluation"] = np.where(answers, np.where(dissatisfied, 2, chance.pick(0.82, 0.18)), -1)
    solved = np.where(badly, chance.happens(0.2), chance.happens(np.where(dissatisfied, 0.4, 0.95)))
    out["is_solved"] = np.where(answers, solved, -1)
    again = chance.happens(np.array([0.008, 0.022, 0.012])[rows.kind]) & ~early_end
    out["rebounded_at"] = np.where(
        again, chance.office(closed // DAY + chance.rng.integers(4, 90, chance.n), closed), NONE
    )


# --- the data's moment ------------------------------------------------------------------------------------------------


def forget_the_future(plan: Plan, out: dict) -> None:
    """What would happen after the last day has not happened: it is empty, and so is what follows from it."""
    last = plan.days.last
    for name in MOMENTS:
        if name not in ("registered_at", "entered_at"):
            out[name] = np.where(out[name] >= (last + 1) * DAY, NONE, out[name])
    for name in PAST_DAYS:
        out[name] = np.where(out[name] > last, NONE, out[name])
    accepted, closed = out["accepted_at"] != NONE, out["closed_at"] != NONE
    out["extended_to"] = np.where(out["extension_approved_on"] != NONE, out["extended_to"], NONE)
    late_extension = closed & (out["extension_approved_on"] > out["closed_at"] // DAY)
    for name in ("extension_approved_on", "extended_to"):
        out[name] = np.where(late_extension, NONE, out[name])
    hotline = out["kind"] == HOTLINE
    out["due_on"] = np.where(accepted | hotline, out["due_on"], NONE)
    out["agreement_due_on"] = np.where(closed, out["agreement_due_on"], NONE)
    for name in ("outcome", "resolution_method", "judicially_confirmed", "diverted_to"):
        out[name] = np.where(closed, out[name], -1)
    for name in ("meeting_level", "committee_code"):
        out[name] = np.where(accepted, out[name], -1)
    evaluated = out["evaluated_at"] != NONE
    for name in ("evaluation", "is_solved"):
        out[name] = np.where(evaluated, out[name], -1)
    returned = (out["returned_time"] != NONE) & (out["returned_time"] < (last + 1) * DAY)
    out["returned_count"] = np.where(returned, out["returned_count"], 0)
    led = (out["leader_day"] != NONE) & (out["leader_day"] <= last)
    out["leader_case_post"] = np.where(led, out["leader_case_post"], -1)
    asked, decided = out["review_requested_on"] != NONE, out["review_decided_on"] != NONE
    again, decided_again = out["re_review_requested_on"] != NONE, out["re_review_decided_on"] != NONE
    state = asked.astype(np.int64) + decided + again + decided_again
    out["review_state"] = np.where(out["kind"] == PETITION, state, -1)


def add_status(plan: Plan, out: dict, chance: Chance) -> None:
    """The status follows from the moments, the last one winning; so does `updated_at`."""
    end = (plan.days.last + 1) * DAY
    known = {name: out[name] != NONE for name in (*MOMENTS, *PAST_DAYS, *PROMISED_DAYS)}
    is_open, closed = ~known["closed_at"], known["closed_at"]
    aged = out["closed_at"] < end - 180 * DAY
    rules = (
        ("routed", known["routed_at"]),
        ("accepted", known["accepted_at"]),
        ("handling", known["accepted_at"] & (out["accepted_at"] < end - 2 * DAY)),
        ("extended", known["extended_to"] & is_open),
        ("suspended", is_open & (out["registered_at"] < end - 150 * DAY) & chance.happens(0.15)),
        ("returned", is_open & (out["returned_count"] > 0) & ~known["accepted_at"]),
        ("closed", closed),
        ("called_back", known["called_back_at"]),
        ("evaluated", known["evaluated_at"]),
        ("archived", closed & aged & known["called_back_at"]),
        ("cancelled", closed & (out["outcome"] == code("outcome", "withdrawn"))),
        ("rejected", closed & (out["outcome"] == code("outcome", "not_accepted"))),
        ("diverted", closed & (out["diverted_to"] >= 0)),
    )
    status = np.zeros(len(is_open), dtype=np.int64)
    for word, applies in rules:
        status[applies] = code("status", word)
    out["status"] = status
    stamps = [np.where(known[name], out[name], 0) for name in MOMENTS]
    stamps += [np.where(known[name], out[name] * DAY + 61_200, 0) for name in PAST_DAYS if name != "occurred_on"]
    returned = (out["returned_count"] > 0) & (out["returned_time"] != NONE)
    stamps.append(np.where(returned, out["returned_time"], 0))
    stamps.append(np.where(status == code("status", "archived"), out["closed_at"] + 180 * DAY, 0))
    out["updated_at"] = np.minimum(np.max(stamps, axis=0), end - 1)
