"""The shapes in which a number travels: with its period, denominator, expected range, reason when absent, and the way behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from data.queries import Selection


@dataclass(frozen=True)
class Period:
    """First and last day counted, both included; `complete` is False while days of it are still to come."""

    first: date
    last: date
    complete: bool = True

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Sentence:
    """A sentence to be said in the reader's language: `key` under the page's words, `values` that fill it.

    A value may itself be a `Sentence`, a date, a number or a name; `selection` leads to the matters it speaks of.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    selection: Selection | None = None


@dataclass(frozen=True)
class Expected:
    """What the baseline implies for a count: its mean and a central range, both ends included.

    `method` names the baseline (`same_weekday`, `weekly_change`); `reference_days` are the days it rests on.
    """

    mean: float
    lower: float
    upper: float
    interval_pct: int
    method: str
    reference_days: tuple[date, ...]

    def state(self, observed: float) -> str:
        """`above`, `within` or `below` the range; at the limit is within.

        >>> Expected(5.0, 2, 9, 95, "same_weekday", ()).state(9)
        'within'
        """
        if observed > self.upper:
            return "above"
        return "below" if observed < self.lower else "within"


@dataclass(frozen=True)
class Comparison:
    """How a value stands against another period, by the wording rules.

    `kind` is previous_day, same_weekday, previous_period or year_on_year. `change_pct` is empty when the base is under 10 or the change under
    0.05 % (then the two counts are said) or the base 0 (`reason` base_zero, both_zero); rates compare in percentage points (`change_points`).
    """

    kind: str
    base: float | None
    period: Period
    change: float | None = None
    change_pct: float | None = None
    change_points: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Figure:
    """One number as it may be shown, printed and questioned.

    `unit` is matters, pct, days or hours. A rate carries `numerator`, `denominator` and its 95 % Wilson `interval` in percent. When
    the number cannot be known, `value` is None and `missing` says why. `selection` opens the matters counted.
    """

    name: str
    value: float | int | None
    unit: str
    period: Period
    as_of: date
    numerator: int | None = None
    denominator: int | None = None
    interval: tuple[float, float] | None = None
    expected: Expected | None = None
    comparisons: tuple[Comparison, ...] = ()
    missing: Sentence | None = None
    selection: Selection | None = None

    @property
    def state(self) -> str:
        """`above`, `within`, `below`, or `unknown` without a value or an expected range."""
        if self.value is None or self.expected is None:
            return "unknown"
        return self.expected.state(self.value)


@dataclass(frozen=True)
class Line:
    """One line of a table: its words, codes and numbers by column, and the matters behind it."""

    values: Mapping[str, object]
    selection: Selection | None = None
