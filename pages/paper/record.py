"""A brief as a record for other programs: every figure with its period, numerator, denominator, range and `as_of`."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime

import pandas as pd

from analytics.briefs import for_export

OURS = ("is_below_street",)  # fields that only say how the rest may be shown


def brief_record(brief: object) -> dict:
    """A brief of any kind as it may leave the unit's screen, in plain JSON values; hidden and unknown numbers are null.

    `brief` in it is its kind (daily, weekly …), `as_of` the last day it counts. Raises TypeError for a brief that nothing says how to export.
    """
    fit = for_export(brief)
    head = {"brief": fit.kind_of_brief, "as_of": fit.period.last.isoformat()}
    return head | {one.name: plain_value(getattr(fit, one.name)) for one in fields(fit) if one.name not in OURS}


def plain_value(value: object) -> object:
    """Dataclasses, frames, days and numbers as JSON has them."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, pd.DataFrame):
        return [plain_value(row) for row in value.to_dict("records")]
    if is_dataclass(value):
        return {one.name: plain_value(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain_value(one) for name, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain_value(one) for one in value]
    if value is None or isinstance(value, (str, bool)):
        return value
    if pd.isna(value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    return round(value, 4) if isinstance(value, float) else value
