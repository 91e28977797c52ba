"""The ledger of forecasts and risks on the desk: what was issued, what then came, what people note on a miss. Tables of the desk."""

from data.forecast_ledger.issued import issue_forecasts, issue_risks, write_risk_truth, write_truth, write_truths
from data.forecast_ledger.notes import note_miss
from data.forecast_ledger.reads import (
    NAIVE,
    SHOWN,
    issued_keys,
    last_issued,
    ledger_mark,
    miss_notes,
    read_issued,
    read_risks,
)

__all__ = [
    "NAIVE", "SHOWN", "issue_forecasts", "issue_risks", "issued_keys", "last_issued", "ledger_mark", "miss_notes", "note_miss",
    "read_issued", "read_risks", "write_risk_truth", "write_truth", "write_truths",
]  # fmt: skip
