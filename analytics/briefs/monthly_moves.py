"""What moved in a month: the change explained in parts, what rose and fell by more than chance, and when matters arrive."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from analytics import measures
from analytics.briefs.answer import Line
from analytics.briefs.monthly_answer import ExplainedChange, Month, NamedPart
from analytics.briefs.monthly_counts import Counted, expected_counts, name_of, selection_of
from analytics.briefs.monthly_wording import joined
from analytics.changes import Part, contributions, explain_cells, split_by_days
from analytics.figures import Sentence
from analytics.rises import dispersion, judge_moves
from data import queries
from data.queries import BESIDE, ITSELF, UNKNOWN, Selection

LEVELS = ("type", "fine", "place")


# --- the change in parts -----------------------------------------------------------------------------------------------------


def explain(month: Month) -> tuple[ExplainedChange | None, ExplainedChange | None]:
    """The change against the span before, by type and then place, and by place and then type; None where nothing was before.

    Within a community there are no places to tell apart: types are split into their fine types, and there is no second view.
    """
    if not month.is_on_record(month.before):
        return None, None
    now, before = _cells(month)
    if now.empty and before.empty:
        return None, None
    if month.is_one_place:
        by = ("type", "fine")
        return _explained(month, contributions(now, before, by), by), None
    cells = contributions(now, before, ("type", "place"))
    return tuple(_explained(month, cells, by) for by in (("type", "place"), ("place", "type")))


def _cells(month: Month) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both spans by `type, fine, place`: matters; what is not recorded or may not be said has no code."""
    ask = month.ask
    rows = queries.read_cells(ask.mart, ask.scope, month.spans, by_community=month.by_community, **month.here)
    own = rows["category_code"].astype(object).where(rows["category_code"].notna(), None)
    codes = [None if code in month.hidden else code for code in own]
    above = (ITSELF + rows["own_area"]).astype(object)
    place = rows["place"].astype(object).where(rows["place"].notna(), above)
    cells = pd.DataFrame(
        {
            "type": [None if code is None else month.tops.get(code, code) for code in codes],
            "fine": [None if code is None else month.fine.get(code, f"{ITSELF}{code}") for code in codes],
            "place": place.where(place.notna(), None),
            "matters": rows["new"].astype("int64"),
            "span": rows["span"].astype("int64"),
        }
    )
    return tuple(cells[cells["span"] == span].drop(columns="span") for span in (0, 1))


def _explained(month: Month, cells: pd.DataFrame, by: tuple[str, str]) -> ExplainedChange:
    """The change in many parts for the table, and in few for the sentence."""
    rules = month.rules
    whole, few = (
        explain_cells(cells, by, most=most, most_below=below, least_share=least)
        for most, below, least in (rules.parts_in_table, rules.parts_in_sentence)
    )
    parts, said = (tuple(_named(month, by, part, one.parts, month.now()) for part in one.parts) for one in (whole, few))
    of_days, _ = split_by_days(whole.now, whole.before, month.period.days, month.before.days)
    plain = tuple(replace(part, parts=()) for part in said)
    sentence, plain = (_said(month, whole.now, whole.before, one) for one in (said, plain))
    return ExplainedChange(by[0], whole.now, whole.before, parts, sentence, plain, of_days)


def _named(
    month: Month, by: tuple[str, ...], part: Part, beside: tuple[Part, ...], within: Selection | None
) -> NamedPart:
    """A part with its name and its two selections, and what it is made of."""
    kind = _kind(month, by[0], part)
    chosen = _narrowed(month, by[0], part, kind, beside, within)
    below = by[1:] if kind != "unlisted" else ()
    parts = tuple(_named(month, below, one, part.parts, chosen) for one in part.parts) if below else ()
    then = None if chosen is None else month.then(chosen)
    name = _part_name(month, by[0], part, kind)
    return NamedPart(kind, part.code, name, part.now, part.before, chosen, then, _merged(parts))


def _hides(month: Month) -> bool:
    """Whether cells may hold categories that are not said below a street."""
    return month.by_community and bool(month.names.sensitive)


def _merged(parts: tuple[NamedPart, ...]) -> tuple[NamedPart, ...]:
    """Parts whose unlisted one goes into the remainder, so that it cannot be told apart."""
    if not any(part.kind == "unlisted" for part in parts):
        return parts
    left = [part for part in parts if part.kind != "one"]
    now, before = sum(part.now for part in left), sum(part.before for part in left)
    rest = NamedPart("rest", None, Sentence("monthly.rest_type"), now, before)
    return (*(part for part in parts if part.kind == "one"), rest)


def _kind(month: Month, column: str, part: Part) -> str:
    hidden = part.kind == "unknown" and column in ("type", "fine") and _hides(month)
    return "unlisted" if hidden else part.kind


def _part_name(month: Month, column: str, part: Part, kind: str) -> str | Sentence:
    if kind == "rest":
        return Sentence(f"monthly.rest_{column}")
    if kind == "unlisted":
        return Sentence("monthly.unlisted")
    if kind == "unknown":
        return name_of(month, "place" if column == "place" else "type", "")
    if column == "fine" and part.code.startswith(ITSELF):
        return Sentence("monthly.not_finer")
    return name_of(month, column, part.code)


def _narrowed(
    month: Month, column: str, part: Part, kind: str, beside: tuple[Part, ...], within: Selection | None
) -> Selection | None:
    """The matters of one part; None where they may not be said, or hold what may not."""
    if within is None or kind == "unlisted":
        return None
    if kind == "unknown":
        return within.also(own_area="") if column == "place" else within.also(own_category="")
    if kind == "rest":
        named = BESIDE.join(UNKNOWN if one.code is None else one.code for one in beside if one.kind != "rest") or BESIDE
        if column != "place" and _hides(month):
            return None
        return within.also(**{"beside_area" if column == "place" else "beside_category": named})
    code = part.code
    if column == "place":
        return within.also(own_area=code[1:]) if code.startswith(ITSELF) else within.narrowed(area_code=code)
    return within.also(own_category=code[1:]) if code.startswith(ITSELF) else within.narrowed(category_code=code)


# --- the sentence ------------------------------------------------------------------------------------------------------------


def _said(month: Month, now: int, before: int, parts: tuple[NamedPart, ...]) -> Sentence:
    """One sentence to be read aloud; each number is a sentence of its own, which leads to its matters."""
    base = Sentence(f"monthly.base.{month.previous_kind}")
    change = now - before
    whole = _number(abs(change), month.now() if now else month.then(month.now()))
    values = {"base": base, "number": whole}
    # Read aloud, what moved the whole's way comes before what moved against it, and the remainder last.
    moved = sorted(
        (part for part in parts if part.change), key=lambda part: (part.kind == "rest", change * part.change < 0)
    )
    if not moved:
        return Sentence("monthly.change.nothing", values)
    said = joined([_part_said(part) for part in moved], "clauses")
    return Sentence(f"monthly.change.{_way(change)}", {**values, "parts": said})


def _way(change: int) -> str:
    return "more" if change > 0 else "fewer" if change < 0 else "same"


def _part_said(part: NamedPart) -> Sentence:
    values = {"name": part.name, "number": _count_of(part)}
    key = f"monthly.part.{_way(part.change)}"
    inner = [_inner_said(one, part.change) for one in part.parts if one.change]
    if not inner or (len(part.parts) == 1 and part.parts[0].kind != "one"):
        return Sentence(key, values)
    return Sentence(f"{key}_within", {**values, "inner": Sentence("monthly.inner", {"parts": joined(inner)})})


def _inner_said(part: NamedPart, outer: int) -> Sentence:
    """A place within a type: without its direction where that is the type's own."""
    way = "along" if (part.change > 0) == (outer > 0) and outer else _way(part.change)
    return Sentence(f"monthly.inner_part.{way}", {"name": part.name, "number": _count_of(part)})


def _count_of(part: NamedPart) -> Sentence:
    return _number(abs(part.change), part.now_selection if part.now else part.before_selection)


def _number(count: int, selection: Selection | None) -> Sentence:
    return Sentence("monthly.number", {"count": count}, selection)


# --- what rose and what fell ---------------------------------------------------------------------------------------------------


def moves(month: Month, counted: Counted, times: dict[str, pd.DataFrame]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """What rose and what fell by more than chance: types, fine types, places, weekdays, hours; each in the order of contribution."""
    if not month.is_on_record(month.before):
        return (), ()
    families = [(level, _series(month, counted, level)) for level in LEVELS]
    families += [(level, _time_series(month, counted, table, level)) for level, table in times.items()]
    rising, falling = [], []
    for level, series in families:
        if series.empty or (level == "place" and month.is_one_place):
            continue
        judged = judge_moves(series, month.rules.rise)
        ranges = _ranges(month, counted, level, judged.loc[judged["moved"] != "steady", "code"].tolist())
        rising += _lines(month, level, judged, "rose", ranges)
        falling += _lines(month, level, judged, "fell", ranges)
    return tuple(rising), tuple(falling)


def _series(month: Month, counted: Counted, level: str) -> pd.DataFrame:
    """A row a code: now, before, weighed days of both, and how much its past scatters."""
    table = counted.tables[level]
    table = table[[code for code in table.columns if code and not str(code).startswith(ITSELF)]]
    if not len(table.columns):
        return pd.DataFrame()
    past = _past(month, counted)
    return pd.DataFrame(
        {
            "code": table.columns.astype(str),
            "now": table.iloc[-1].to_numpy(),
            "before": table.iloc[-2].to_numpy(),
            "days_now": counted.weights[-1],
            "days_before": counted.weights[-2],
            "scatter": dispersion(table.iloc[:-1][past].to_numpy(), counted.weights[:-1][past]),
        }
    )


def _past(month: Month, counted: Counted) -> np.ndarray:
    return np.array([month.is_on_record(span) for span in counted.months[:-1]])


def _ranges(month: Month, counted: Counted, level: str, codes: list[str]) -> dict:
    if level not in LEVELS or not codes:
        return {}
    return expected_counts(month, counted, counted.tables[level][codes], month.rules.named_interval_pct)


def _lines(month: Month, level: str, judged: pd.DataFrame, moved: str, ranges: dict) -> list[Line]:
    """The series that moved one way, the largest contribution first."""
    all_that_way = judged.loc[(judged["change"] > 0) == (moved == "rose"), "change"].abs().sum()
    mine = judged[judged["moved"] == moved].copy()
    mine["size"] = mine["change"].abs()
    lines = []
    for row in mine.sort_values(["size", "code"], ascending=[False, True]).itertuples():
        code, now, before = str(row.code), int(row.now), int(row.before)
        expected = ranges.get(code)
        chosen = month.now().also(**{level: code}) if level not in LEVELS else selection_of(month, level, code)
        values = {
            "level": level, "code": code, "name": _time_name(level, code) or name_of(month, level, code),
            "now": now, "before": before, "change": now - before,
            "previous": measures.compare(now, before, kind=month.previous_kind, period=month.before),
            "contribution_pct": measures.rate(int(row.size), int(all_that_way)),
            "expected": expected.mean if expected else None, "lower": expected.lower if expected else None,
            "upper": expected.upper if expected else None, "state": expected.state(now) if expected else "unknown",
        }  # fmt: skip
        lines.append(Line(values, chosen))
    return lines


# --- times ---------------------------------------------------------------------------------------------------------------------


def read_times(month: Month) -> dict[str, pd.DataFrame]:
    """`now, before` by weekday and by hour; hours are left out where the sources give days alone."""
    found = queries.read_times(month.ask.mart, month.ask.scope, month.spans, **month.here).astype("int64")
    midnight = found.loc[found["hour"] == 0, "new"].sum()
    if midnight > 0.5 * found["new"].sum():
        found["hour"] = -1
    return {level: _by_time(found, level) for level in ("weekday", "hour")}


def _time_series(month: Month, counted: Counted, table: pd.DataFrame, level: str) -> pd.DataFrame:
    """A row a weekday or hour; a weekday's days are those of its name in the span, so that five Mondays do not look like a rise."""
    if table.empty:
        return table
    total = counted.total.to_numpy(dtype=float)[:, None]
    past = _past(month, counted)
    scatter = dispersion(total[:-1][past], counted.weights[:-1][past])[0]
    days = [_days_of(span, level) for span in month.spans]
    return pd.DataFrame(
        {
            "code": table.index.astype(str),
            "now": table["now"].to_numpy(),
            "before": table["before"].to_numpy(),
            "days_now": [days[0](code) for code in table.index],
            "days_before": [days[1](code) for code in table.index],
            # Of the swings of whole months each time takes its share: 1 + share · (scatter − 1).
            "scatter": 1 + (table["before"] / max(table["before"].sum(), 1) * (scatter - 1)).to_numpy(),
        }
    )


def _by_time(times: pd.DataFrame, level: str) -> pd.DataFrame:
    """`now, before` by weekday or hour; empty where hours are not recorded."""
    known = times[times[level] >= 0]
    wide = known.pivot_table(index=level, columns="span", values="new", aggfunc="sum", fill_value=0)
    return wide.reindex(columns=[0, 1], fill_value=0).set_axis(["now", "before"], axis=1)


def _days_of(span: tuple, level: str) -> Callable[[int], int]:
    days = pd.date_range(*span)
    if level == "hour":
        return lambda _hour: len(days)
    names = days.day_of_week + 1
    return lambda weekday: int((names == weekday).sum())


def peaks(month: Month, times: dict[str, pd.DataFrame]) -> tuple[Line, ...]:
    """Weekdays and hours in which clearly more arrives than in others: their share, and what an even spread would give."""
    lines = []
    for level, table in times.items():
        whole = int(table["now"].sum())
        if not whole:
            continue
        days = _days_of(month.spans[0], level)
        per_day = {code: row["now"] / days(code) for code, row in table.iterrows() if days(code)}
        usual = sum(per_day.values()) / len(per_day)
        for code, rate in sorted(per_day.items(), key=lambda one: (-one[1], one[0])):
            now = int(table.at[code, "now"])
            if rate >= month.rules.peak_times * usual and now >= month.rules.rise.least:
                values = {
                    "level": level, "code": str(code), "name": _time_name(level, str(code)), "now": now,
                    "share_pct": measures.rate(now, whole), "times": float(rate / usual),
                }  # fmt: skip
                lines.append(Line(values, month.now().also(**{level: str(code)})))
    return tuple(lines)


def _time_name(level: str, code: str) -> Sentence | None:
    """A weekday or an hour in words; None for what is no time."""
    if level == "weekday":
        return Sentence(f"monthly.weekday.{code}")
    return Sentence("monthly.hour", {"hour": int(code), "next_hour": int(code) + 1}) if level == "hour" else None
