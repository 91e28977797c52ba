"""What keeps a method from answering: missing columns, or a history too short; each names what was found and needed."""

from collections.abc import Iterable

import pandas as pd

from data.errors import XianshouError


class MethodError(XianshouError):
    """A method cannot answer with what it was given."""


class MissingColumns(MethodError):
    """A frame lacks columns that a method needs; those it has are listed."""

    def __init__(self, missing: Iterable[str], available: Iterable[str]) -> None:
        super().__init__("method.columns_missing", missing=", ".join(missing), available=", ".join(map(str, available)))


class HistoryTooShort(MethodError):
    """Fewer days, weeks or events of the past than the method needs (`unit` names which)."""

    def __init__(self, found: int, needed: int, unit: str = "days") -> None:
        super().__init__(f"method.history_too_short.{unit}", found=found, needed=needed)
        self.found, self.needed, self.unit = found, needed, unit


def require_columns(frame: pd.DataFrame, *columns: str) -> None:
    """Raise `MissingColumns` unless the frame has all of these.

    >>> require_columns(pd.DataFrame({"day": []}), "day", "matters")
    Traceback (most recent call last):
    analytics.errors.MissingColumns: method.columns_missing: missing=matters, available=day
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise MissingColumns(missing, frame.columns)
