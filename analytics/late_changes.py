"""What later data changed of an issued brief: its frozen figures against the same brief computed now."""

from collections.abc import Iterator, Mapping

from analytics.briefs.answer import Line
from data.issuing import selection_of

# What tells the rows of a table apart, in this order of preference; the names beside them are only shown.
_CODES = (
    "area_code", "category_code", "org_id", "kind", "source_system", "case_id", "matter_no", "day", "week", "month", "first", "topic_code",
    "line", "reason", "key", "stage", "form", "level", "name",
)  # fmt: skip
_SAID_BY_NAME = ("area_code", "category_code", "org_id", "area")
_NAMES = ("area", "category", "unit", "topic")
_FIRST = (
    "flows",
    "deadlines",
    "coordination",
    "rates",
    "kinds",
    "places",
)  # read first; the rest in the order of the record
_SAID_ELSEWHERE = ("headline", "notices", "tomorrow", "concerns", "filling")
_NOT_FIGURES = (
    "expected",
    "lower",
    "upper",
    "mean",
    "completeness_pct",
    "days_left",
    "age_days",
    "age_weeks",
    "interval_pct",
)


def late_changes(then: Mapping, now: Mapping) -> tuple[Line, ...]:
    """Every figure that differs between two records of one brief (plain values, as `brief_record` gives them), the totals first.

    A line: `section`, `figure` (name of the figure or column), `place`, `category`, `unit`, `row` (what else tells the row apart, a code of
    the column `row_of`), `then`, `now` and `change`. A row that stands in one record only counts as absent (None) in the other. Expected
    ranges are no figures; rates differ from a tenth on, which is what is shown of them.

    >>> then = {"flows": [{"name": "new", "value": 12, "as_of": "2026-11-20"}]}
    >>> late_changes(then, {"flows": [{"name": "new", "value": 13, "as_of": "2026-11-20"}]})[0].values["change"]
    1
    """
    before, after = dict(_cells(then)), dict(_cells(now))
    sections = list(dict.fromkeys(cell[0] for cell in before))
    order = [*_FIRST, *(section for section in sections if section not in _FIRST)]
    lines = []
    for cell in dict.fromkeys((*before, *after)):
        old, new = before.get(cell), after.get(cell)
        if cell[0] in sections and _shown(_value(old)) != _shown(_value(new)):
            lines.append(_line(cell, old, new))
    return tuple(sorted(lines, key=lambda line: order.index(line.values["section"])))


def _cells(record: Mapping) -> Iterator[tuple[tuple, Mapping]]:
    """Every figure of a record by where it stands: section, identity of the row, name of the figure."""
    for section, content in _sections(record):
        for row in content:
            if not isinstance(row, Mapping):
                continue
            if "value" in row and "as_of" in row:
                yield (section, (), str(row.get("name"))), {"value": row["value"], "row": {}, "of": row}
                continue
            values = row["values"] if isinstance(row.get("values"), Mapping) else row
            if record.get("brief") == "daily" and str(values.get("day"))[:10] == record["as_of"]:
                continue  # the day itself, in its course of days: its figures are there already
            identity = _identity(values)
            for name, value in values.items():
                if name in _NOT_FIGURES or name in dict(identity) or isinstance(value, (str, bool, Mapping, list)):
                    continue
                yield (section, identity, name), {"value": value, "row": values, "of": row}


def _sections(record: Mapping) -> Iterator[tuple[str, list]]:
    """The figures and tables of a record by name, those of its parts by the name of the part before theirs."""
    for name, content in record.items():
        if name in _SAID_ELSEWHERE:
            continue
        if isinstance(content, (list, tuple)):
            yield name, content
        elif isinstance(content, Mapping) and "value" in content and "as_of" in content:
            yield name, [content]
        elif isinstance(content, Mapping):
            yield from ((f"{name}.{below}", found) for below, found in _sections(content))


def _identity(values: Mapping) -> tuple[tuple[str, object], ...]:
    """The codes that tell a row apart; where it has none, its names."""
    codes = tuple(
        (name, values[name]) for name in _CODES if values.get(name) is not None and not _is_number(values[name])
    )
    if codes and not all(name in ("reason", "kind") for name, _ in codes):
        names = tuple((name, values[name]) for name in ("area",) if "area_code" not in values and name in values)
        return (*codes, *names)
    return (*codes, *((name, values[name]) for name in _NAMES if isinstance(values.get(name), str)))


def _value(cell: Mapping | None) -> float | None:
    """The number of a cell; one not there and one not known are both None, and 0 is told from them only where both are there."""
    return None if cell is None else cell["value"]


def _shown(value: float | None) -> float | None:
    return round(value, 1) if isinstance(value, float) else value


def _line(cell: tuple, old: Mapping | None, new: Mapping | None) -> Line:
    section, identity, name = cell
    row = (new or old)["row"]
    was, is_now = _value(old), _value(new)
    told = next((pair for pair in identity if pair[0] not in _SAID_BY_NAME), (None, None))
    values = {
        "section": section,
        "figure": name,
        "place": row.get("area"),
        "category": row.get("category"),
        "unit": row.get("unit"),
        "row_of": told[0],
        "row": told[1],
        "then": was,
        "now": is_now,
        "change": None if was is None or is_now is None else round(is_now - was, 4),
    }
    chosen = selection_of((new or {}).get("of", {}).get("selection")) if new else None
    fits = chosen is not None and (not row or chosen.measure == name)
    return Line(values, chosen if fits else None)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
