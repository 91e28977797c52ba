"""The code lists and columns of a fictional matter, and the draws that its life is made of."""

import numpy as np

from data.town.arrivals import DAY

NONE = np.iinfo(np.int64).min  # no moment, no day

CODES = {
    "source_system": ("hotline_12345", "grid_platform", "mediation", "governance_centre", "petition_system"),
    "kind": ("hotline", "dispute", "petition"),
    "channel": (
        "hotline_12345", "qr_code", "police_110_nonpolice", "grid_patrol", "grid_app", "public_report",
        "mediation_committee", "court", "superior", "petition",
    ),
    "form": ("online", "visit", "phone", "letter"),
    "purpose": ("enquiry", "help", "complaint", "suggestion", "thanks", "other", "claim"),
    "scale_code": ("01", "02", "03"),
    "severity_code": ("02", "03", "04"),
    "order_direction": ("assigned_down", "requested_up"),
    "reporter_category": (
        "village_official", "police", "social_worker", "mediator", "elders", "volunteer", "social_org",
    ),
    "status": (
        "registered", "routed", "accepted", "handling", "extended", "closed", "called_back", "evaluated", "archived",
        "returned", "duplicate", "diverted", "suspended", "rejected", "cancelled",
    ),
    "outcome": ("resolved", "unresolved", "agreement", "no_agreement", "withdrawn", "not_accepted", "transferred"),
    "resolution_method": (
        "peoples_mediation", "administrative_mediation", "judicial_mediation", "industry_mediation", "lawyer_mediation",
        "negotiated_settlement", "administrative_adjudication", "litigation", "other",
    ),
    "handling_level": ("grid", "community", "street", "district", "city"),
    "meeting_level": ("1", "2", "3"),
    "diverted_to": ("court", "arbitration", "reconsideration", "police"),
    "review_state": ("none", "reviewing", "reviewed", "re_reviewing", "re_reviewed"),
    "evaluation": ("satisfied", "basically_satisfied", "dissatisfied"),
    "screening_type": ("daily", "focused", "specialised"),
    "leader_case_post": ("city", "district", "street"),
}  # fmt: skip
MOMENTS = (
    "registered_at", "entered_at", "routed_at", "accepted_at", "notified_at", "first_contact_at", "replied_at",
    "closed_at", "called_back_at", "evaluated_at", "supervised_at", "rebounded_at",
)  # fmt: skip
# Days on which something happened (never after the data's moment), and days that are only promised.
PAST_DAYS = (
    "occurred_on", "extension_approved_on", "agreement_fulfilled_on", "review_requested_on", "review_decided_on",
    "re_review_requested_on", "re_review_decided_on",
)  # fmt: skip
PROMISED_DAYS = ("due_on", "extended_to", "agreement_due_on")
NUMBERS = (
    "people_involved", "batches", "person_times", "filings", "judicially_confirmed", "joint_handling",
    "returned_count", "is_repeat", "is_collective", "is_solved",
)  # fmt: skip
VISIT = CODES["form"].index("visit")


def code(column: str, word: str) -> int:
    """The position of a word in its column's list."""
    return CODES[column].index(word)


class Chance:
    """The random stream of one block with the draws this module needs; `n` values each."""

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        self.rng, self.n = rng, n

    def happens(self, share: object) -> np.ndarray:
        """True for so large a share."""
        return self.rng.random(self.n) < share

    def pick(self, *shares: float) -> np.ndarray:
        """Positions by their shares."""
        cum = np.cumsum(shares)
        return np.minimum(np.searchsorted(cum / cum[-1], self.rng.random(self.n), side="right"), len(shares) - 1)

    def within(self, low: float, high: float) -> np.ndarray:
        """Evenly spread from low to high."""
        return self.rng.uniform(low, high, self.n)

    def mean(self, mean: object) -> np.ndarray:
        """Exponential waiting times."""
        return self.rng.exponential(1.0, self.n) * mean

    def around(self, median: float, spread: float) -> np.ndarray:
        return self.rng.lognormal(np.log(median), spread, self.n)

    def portion(self, a: float, b: float) -> np.ndarray:
        """Shares of a limit that were used up."""
        return self.rng.beta(a, b, self.n)

    def office(self, day: np.ndarray, after: np.ndarray | None = None) -> np.ndarray:
        """A moment within office hours of each day, but always later than `after`."""
        moment = day * DAY + 30_600 + (self.portion(1.6, 1.6) * 32_400).astype(np.int64)
        if after is None:
            return moment
        return np.maximum(moment, after + self.within(600, 5_400).astype(np.int64))
