"""What other hotline limits would change: which open matters would be due on another day?"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from data import queries
from data.deadlines import DeadlineRules, matter_deadlines
from data.mart import Mart
from data.scope import Scope
from data.workdays import WorkCalendar

_INPUTS = ["purpose", "day", "accepted_at", "due_on", "diverted_to", "extension_approved_on", "extended_to"]
LISTED = 50


@dataclass(frozen=True)
class LimitsPreview:
    """The open hotline matters at the close of `as_of` under the limits now published and under others.

    `by_purpose` has a row for each nature of the call: purpose, open, earlier, later, gained (a deadline where there was none), lost,
    overdue_now, overdue_then. `matters` are the first of those that change: matter_no, area, purpose, registered_on, deadline_on,
    then_on; the nearest new deadline first. `stated` matters more have the deadline their source states and stay as they are.
    """

    as_of: date
    stated: int
    by_purpose: pd.DataFrame
    matters: pd.DataFrame

    @property
    def open(self) -> int:
        return int(self.by_purpose["open"].sum())

    @property
    def changed(self) -> int:
        return int(self.by_purpose[["earlier", "later", "gained", "lost"]].to_numpy().sum())


def preview_limits(
    mart: Mart, scope: Scope, as_of: date, *, rules: DeadlineRules, calendar: WorkCalendar
) -> LimitsPreview:
    """What the limits of `rules` would make of the matters that are open now. Nothing is written."""
    found = queries.read_hotline_clocks(mart, scope, as_of)
    found = found.assign(
        registered_on=pd.to_datetime(found["registered_on"]),
        deadline_on=pd.to_datetime(found["deadline_on"]),
        day=pd.to_datetime(found["registered_at"]).dt.normalize(),
        then_on=pd.NaT,
    )
    if not found.empty:
        found["then_on"] = _deadlines(found, rules, calendar)
    (open_,) = queries.read_counts(mart, scope, (queries.Selection("open", as_of, kind="hotline"),))
    return LimitsPreview(as_of, max(0, open_ - len(found)), _by_purpose(found, pd.Timestamp(as_of)), _changed(found))


def _deadlines(found: pd.DataFrame, rules: DeadlineRules, calendar: WorkCalendar) -> pd.Series:
    """The deadline of each row; matters that share all a clock rests on are computed once."""
    keys = found[_INPUTS].astype(object).where(found[_INPUTS].notna(), None)
    dates: dict[tuple, date | None] = {}
    for key in set(map(tuple, keys.to_numpy())):
        row = dict(zip(_INPUTS, key, strict=True)) | {"kind": "hotline"}
        row["registered_at"] = row.pop("day")
        dates[key] = matter_deadlines(row, rules, calendar).deadline_on
    return pd.to_datetime(pd.Series([dates[tuple(key)] for key in keys.to_numpy()], index=found.index))


def _by_purpose(found: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    now, then = found["deadline_on"], found["then_on"]
    marks = pd.DataFrame(
        {
            "purpose": found["purpose"].astype(object).where(found["purpose"].notna(), ""),
            "open": 1,
            "earlier": (then < now).astype(int),
            "later": (then > now).astype(int),
            "gained": (now.isna() & then.notna()).astype(int),
            "lost": (now.notna() & then.isna()).astype(int),
            "overdue_now": (now < as_of).astype(int),
            "overdue_then": (then < as_of).astype(int),
        }
    )
    return marks.groupby("purpose", sort=True).sum().reset_index()


def _changed(found: pd.DataFrame) -> pd.DataFrame:
    now, then = found["deadline_on"], found["then_on"]
    differs = (now != then) & ~(now.isna() & then.isna())
    columns = ["matter_no", "area", "purpose", "registered_on", "deadline_on", "then_on"]
    changed = found.loc[differs, columns].sort_values(["then_on", "matter_no"], na_position="last")
    return changed.head(LISTED).reset_index(drop=True)
