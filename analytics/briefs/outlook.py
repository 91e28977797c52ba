"""What a brief says of the coming month or week: the forecasts issued by its close, what was issued before and what came, each number with its range."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import pandas as pd

from analytics import periods
from analytics.briefs.monthly_wording import joined
from analytics.briefs.outlook_calendar import usual_rises
from analytics.figures import Line, Period, Sentence
from analytics.forecast_matters import Matters, matters_of
from data import queries
from data.desk import Desk
from data.forecast_ledger import read_issued
from data.mart import Mart
from data.queries import Names
from data.scope import Scope

MEDIAN = "q0.5"
RANGE, WIDE = ("q0.1", "q0.9"), ("q0.025", "q0.975")  # the range said holds 80 in a hundred, the wide one 95
RISES = "q0.25"  # a category is said to rise where three chances in four lie above the same month of last year
STEPS = {"M": 2, "W": 1}  # coming periods said
LOOKS_BACK = {"M": 800, "W": 200}  # days on either side of the close in which an issue may have been written
UNITS = {"M": "month", "W": "week"}
RISING = 5  # categories named
FEWEST = 5  # matters expected, for a rise to be worth a line
FEWEST_TOLD = 4  # forecasts whose outcome is known before a share of them is said

Series = tuple[str | None, str | None]  # kind and category, None: all of them
Count = Callable[[Period, Sequence[Series]], Sequence[int] | None]


@dataclass(frozen=True)
class Outlook:
    """The forecasts of one area and kind as they stood at the close of a brief.

    `unit` is month or week; `as_of` the last day of the records they rest on; `following` begins the next whole period; `missing` says why there are none. `ahead` are the whole,
    then the kinds, a line a coming period: what (all, kind or category), kind, category_code, category, period, last, expected, lower,
    upper, lower_wide, upper_wide, usual (counted in the same month of last year), is_naive. `rising` are categories of the next
    period; `usual` those that the calendar of past years says rise in its month (see `outlook_calendar`). `looked_back` is what was forecast of the last complete period, the whole first, with observed and state (above, within or
    below the range) where that is known. Of the whole's earlier forecasts of one period ahead `told` have a known outcome, of which
    `within` lay in the range; `ratio` is their mean error over that of the naive forecast.
    """

    unit: str
    as_of: date | None = None
    following: date | None = None
    missing: Sentence | None = None
    ahead: tuple[Line, ...] = ()
    rising: tuple[Line, ...] = ()
    usual: tuple[Line, ...] = ()
    looked_back: tuple[Line, ...] = ()
    told: int = 0
    within: int = 0
    ratio: float | None = None
    said: tuple[Sentence, ...] = ()


def no_outlook(freq: str, why: str) -> Outlook:
    """No outlook, and why: issued (none was), over (its periods are), near (the area lies below the street), parts (only some areas are seen)."""
    missing = Sentence(f"outlook.none.{why}")
    return Outlook(UNITS[freq], missing=missing, said=(missing,))


def outlook(
    issued: pd.DataFrame,
    names: Names,
    matters: Matters,
    freq: str,
    through: date,
    *,
    area_code: str | None,
    kind: str | None,
    count: Count = lambda period, series: None,
) -> Outlook:
    """The outlook of an area and kind after the period that ends on `through`.

    `issued`, of this area alone, has one row a series, issue and period ahead: kind, category_code (empty: all), as_of, step, first_on,
    q0.025 … q0.975, n0.5 (the naive forecast), state (forecast or naive), observed (NaN while it is not known). An issue belongs to the
    brief when its records end by `through`, whenever it was written. `count` counts new matters of a period by series, None where the
    records do not reach it.
    """
    rows = issued[issued[MEDIAN].notna()]
    rows = rows.assign(first_on=pd.to_datetime(rows["first_on"]).dt.date)
    rows["begins"] = rows.groupby(["as_of", "kind", "category_code"], dropna=False)["first_on"].transform("min")
    rows = rows[[day <= through + timedelta(days=1) for day in rows["begins"]]]
    if kind is not None:
        rows = rows[rows["kind"] == kind]
    if rows.empty:
        return no_outlook(freq, "issued")
    begins = max(rows["begins"])
    show = _Shown(names, matters, UNITS[freq], area_code, kind, count)
    last = rows[rows["begins"] == begins]
    ahead = last[[show.period(day).last > through for day in last["first_on"]]]
    firsts = sorted(set(show.whole(ahead)["first_on"]))
    following = next((day for day in firsts if day > through), None)
    if following is None:
        return no_outlook(freq, "over")
    firsts = [day for day in firsts if day > through] if freq == "W" else firsts
    firsts = firsts[: STEPS[freq]]
    found = Outlook(
        unit=show.unit,
        as_of=begins - timedelta(days=1),
        following=following,
        ahead=tuple(
            line for day in firsts for part in (show.whole(ahead), show.kinds(ahead)) for line in show.lines(part, day)
        ),
        rising=show.rising(ahead, following) if freq == "M" else (),
        looked_back=_looked_back(rows, through, show),
        **_record(show.whole(rows)),
    )
    return replace(found, said=said(found))


@dataclass(frozen=True)
class _Shown:
    """What is shown of rows: the whole, its kinds and subjects, and each row as a line with its name and what it leads to."""

    names: Names
    matters: Matters
    unit: str
    area_code: str | None
    kind: str | None
    count: Count

    def period(self, day: date) -> Period:
        return periods.period_of(self.unit, day)

    def whole(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of everything asked for: of all kinds, or of the one."""
        of = rows["kind"].isna() if self.kind is None else rows["kind"] == self.kind
        return rows[rows["category_code"].isna() & of]

    def kinds(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of each kind, where all were asked for."""
        return rows[rows["category_code"].isna() & rows["kind"].notna() & (self.kind is None)]

    def lines(self, rows: pd.DataFrame, first: date) -> tuple[Line, ...]:
        """The rows of a period as lines, with what was counted in the same period of last year where that is a month."""
        own = rows[rows["first_on"] == first].to_dict("records")
        usual: Sequence[int | None] = [None] * len(own)
        if own and self.unit == "month" and own[0]["observed"] != own[0]["observed"]:
            base = self.period(first.replace(year=first.year - 1))
            usual = self.count(base, [_series(row) for row in own]) or usual
        return tuple(self.line(row, before) for row, before in zip(own, usual, strict=True))

    def line(self, row: Mapping[str, object], usual: int | None = None) -> Line:
        """A row as a line; numbers are whole, as counts are."""
        span, (kind, code) = self.period(row["first_on"]), _series(row)
        lower, upper, low, high = (round(row[name]) for name in (*RANGE, *WIDE))
        values = {
            "what": "category" if code else "kind" if kind and self.kind is None else "all",
            "kind": kind,
            "category_code": code,
            "category": self.names.by_code["category"].get(code, code),
            "period": span.first,
            "last": span.last,
            **{"expected": round(row[MEDIAN]), "lower": lower, "upper": upper, "lower_wide": low, "upper_wide": high},
            "usual": usual,
            "is_naive": row["state"] == "naive",
            "observed": None if pd.isna(row["observed"]) else int(row["observed"]),
        }
        if values["observed"] is None:
            return Line({**values, "state": None})
        opens = self.matters(span.first, span.last, self.area_code, kind, code)
        return Line({**values, "state": state_of(values)}, opens)

    def rising(self, rows: pd.DataFrame, first: date) -> tuple[Line, ...]:
        """Subjects of which three chances in four lie above the same month of last year, the largest rise first."""
        subjects = rows[rows["category_code"].notna() & (rows[MEDIAN] >= FEWEST)]
        subjects = subjects[subjects["first_on"] == first].reset_index(drop=True)
        lines = self.lines(subjects, first)
        kept = [
            one
            for one, low in zip(lines, subjects[RISES], strict=True)
            if one.values["usual"] is not None and low > one.values["usual"]
        ]
        return tuple(sorted(kept, key=lambda one: one.values["usual"] - one.values["expected"])[:RISING])


def state_of(values: Mapping[str, object]) -> str:
    """above, within or below the range as it is shown; at its ends is within.

    >>> state_of({"lower": 8, "upper": 11, "observed": 11})
    'within'
    """
    if values["observed"] > values["upper"]:
        return "above"
    return "below" if values["observed"] < values["lower"] else "within"


def _series(row: Mapping[str, object]) -> Series:
    kind, code = (None if pd.isna(row[name]) else str(row[name]) for name in ("kind", "category_code"))
    return kind, code


def _looked_back(rows: pd.DataFrame, through: date, show: _Shown) -> tuple[Line, ...]:
    """What was forecast of the last complete period from the one before it, and what came: the whole first."""
    close = show.period(through)
    complete = close.first if close.last <= through else show.period(close.first - timedelta(days=1)).first
    then = rows[(rows["first_on"] == complete) & (rows["step"] == 1)]
    if show.whole(then).empty:
        return ()
    subjects = then[then["category_code"].notna()]
    return tuple(
        show.line(row) for part in (show.whole(then), show.kinds(then), subjects) for row in part.to_dict("records")
    )


def _record(whole: pd.DataFrame) -> dict[str, object]:
    """How the forecasts of one period ahead have done so far, as far as what came is known."""
    known = whole[(whole["step"] == 1) & whole["observed"].notna()]
    lower, upper = (known[name].round() for name in RANGE)
    ours, naive = ((known["observed"] - known[name]).abs() for name in (MEDIAN, "n0.5"))
    both = ours.notna() & naive.notna()
    ratio = float(ours[both].sum() / naive[both].sum()) if naive[both].sum() else None
    return {"told": len(known), "within": int(known["observed"].between(lower, upper).sum()), "ratio": ratio}


# --- read -------------------------------------------------------------------------------------------------------------------------


def brief_outlook(
    desk: Desk, mart: Mart, scope: Scope, through: date, *, freq: str, area_code: str | None, kind: str | None
) -> Outlook:
    """The outlook of a brief that ends on `through`, from the ledger: a desk as known at a moment gives what was said then."""
    names = queries.names_of(mart)
    if area_code is None and not scope.sees_all:
        return no_outlook(freq, "parts")
    if area_code is not None and names.lies_below_street(area_code):
        return no_outlook(freq, "near")
    areas = [area_code] if area_code is not None else [code for code, above in names.parents.items() if above is None]
    if len(areas) != 1:  # no series counts several places that nothing holds together
        return no_outlook(freq, "parts" if areas else "issued")
    (own,) = areas  # what has no place is in no series
    span = through - timedelta(days=LOOKS_BACK[freq]), through + timedelta(days=LOOKS_BACK[freq])
    issued = read_issued(desk, *span, freq=freq, areas=areas)
    matters = matters_of(mart)
    count = partial(_count, mart, scope, own, matters)
    found = outlook(issued, names, matters, freq, through, area_code=own, kind=kind, count=count)
    if found.missing is not None or freq != "M" or area_code is not None:
        return found
    found = replace(found, usual=usual_rises(mart, scope, through, kind, found.following.month))
    return replace(found, said=said(found))


def _count(
    mart: Mart, scope: Scope, area_code: str | None, matters: Matters, period: Period, series: Sequence[Series]
) -> list[int] | None:
    """New matters of each series in a period, in one pass; None where the records begin later."""
    first_on = queries.read_span(mart, scope)["first_on"].iloc[0]
    if pd.isna(first_on) or period.first < pd.Timestamp(first_on).date():
        return None
    whole, *parts = (matters(period.first, period.last, area_code, *one) for one in ((None, None), *series))
    _, *counts = queries.read_among(mart, whole, tuple(parts), queries.read_reach(mart, scope, area_code))
    return counts


# --- how it is said --------------------------------------------------------------------------------------------------------------


def said(found: Outlook) -> tuple[Sentence, ...]:
    """The whole, period by period; the kinds; what is expected to rise; what was said of the last period and what came; how such forecasts did."""
    whole = [one for one in found.ahead if one.values["what"] == "all"]
    lines = [_expected(one, found) if place == 0 else _further(one, found) for place, one in enumerate(whole)]
    kinds = [one for one in found.ahead if one.values["what"] == "kind" and one.values["period"] == found.following]
    if kinds:
        values = {"span": _span(kinds[0], found.unit), "said": joined([_named(one) for one in kinds])}
        lines.append(Sentence("outlook.kinds", values))
    if found.rising:
        values = {
            "span": _span(found.rising[0], found.unit),
            "said": joined([_rise(one) for one in found.rising]),
        }
        lines.append(Sentence("outlook.rising", values))
    elif found.unit == "month" and whole[-1].values["usual"] is not None:
        lines.append(Sentence("outlook.no_rise", {"span": _span(whole[-1], found.unit)}))
    if found.usual:
        named = [Sentence("outlook.usual_one", one.values) for one in found.usual]
        lines.append(Sentence("outlook.usual", {"month": found.following, "said": joined(named)}))
    if found.looked_back:
        lines.append(_back(found))
    if found.told >= FEWEST_TOLD:
        values = {"count": found.told, "within": found.within, "unit": Sentence(f"outlook.unit.{found.unit}")}
        if found.ratio is not None:
            lines.append(Sentence("outlook.record", {**values, "pct": 100 * found.ratio}))
        else:
            lines.append(Sentence("outlook.record_alone", values))
    return tuple(lines)


def _span(line: Line, unit: str) -> Sentence:
    return Sentence(f"outlook.span.{unit}", {"first": line.values["period"], "last": line.values["last"]})


def _range(line: Line) -> dict[str, object]:
    return {name: line.values[name] for name in ("expected", "lower", "upper")}


def _expected(line: Line, found: Outlook) -> Sentence:
    values = {"span": _span(line, found.unit), "as_of": found.as_of, **_range(line)}
    if line.values["is_naive"]:
        return Sentence("outlook.naive", values)
    usual = line.values["usual"]
    values["against"] = "" if usual is None else Sentence("outlook.against", {"usual": usual})
    return Sentence("outlook.expected", values)


def _further(line: Line, found: Outlook) -> Sentence:
    usual = line.values["usual"]
    against = "" if usual is None else Sentence("outlook.against", {"usual": usual})
    return Sentence("outlook.further", {"span": _span(line, found.unit), "against": against, **_range(line)})


def _named(line: Line) -> Sentence:
    return Sentence("outlook.named", {"name": Sentence(f"names.kind.{line.values['kind']}"), **_range(line)})


def _rise(line: Line) -> Sentence:
    return Sentence("outlook.rise", {"name": line.values["category"], "usual": line.values["usual"], **_range(line)})


def _back(found: Outlook) -> Sentence:
    whole, *parts = found.looked_back
    values = {"span": _span(whole, found.unit), **_range(whole)}
    if whole.values["observed"] is None:
        return Sentence("outlook.back.awaited", values)
    states = [one.values["state"] for one in parts if one.values["state"]]
    values |= {
        "observed": Sentence("outlook.number", {"count": whole.values["observed"]}, whole.selection),
        "state": Sentence(f"outlook.back.{whole.values['state']}"),
        "parts": Sentence("outlook.back.parts", {"of": len(states), "within": states.count("within")})
        if states
        else "",
    }
    return Sentence("outlook.back.told", values)
