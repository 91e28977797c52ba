"""Tables: on the screen as real tables that print and read aloud, in files as text that no spreadsheet runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from data.queries import Selection
from pages.ui import words
from pages.ui.links import Chosen
from pages.ui.markup import chip, link, opened, text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """One column: the value it shows, how it is written, its heading under `column.<heading>`, and what its numbers open.

    `form` is text, id, count, decimal, figure, signed, pct, days, left, day, moment, bar, state, range, or `code:<group>` for a word of `names.<group>`.
    """

    key: str
    form: str = "text"
    heading: str = ""
    opens: Callable[[Mapping[str, object]], Selection | None] | None = None
    blank: str = ""  # words for an empty value, by key
    goes: Callable[[Mapping[str, object]], str | None] | None = (
        None  # the query string that the value leads to, if to any
    )
    aside: bool = False  # left out on a phone


_NUMERIC = ("count", "pct", "days", "decimal", "figure", "signed", "range")


def table(rows: Iterable[Mapping[str, object]], columns: Sequence[Column], chosen: Chosen, caption: str = "") -> str:
    """Rows as a table with headings in the reader's language."""
    language = chosen.language
    head = "".join(
        f'<th scope="col"{_aligned(column)}>{text(words.say(f"column.{column.heading or column.key}", language))}</th>'
        for column in columns
    )
    body = "".join("<tr>" + "".join(_cell(row, column, chosen) for column in columns) + "</tr>" for row in rows)
    named = f"<caption>{text(caption)}</caption>" if caption else ""
    return f'<div class="xs-scroll" tabindex="0"><table class="xs-table">{named}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def written(row: Mapping[str, object], column: Column, language: str) -> str:
    """One value as it stands in a cell.

    >>> written({"open": 1234}, Column("open", "count"), "en")
    '1,234'
    """
    found = row.get(column.key)
    if column.form == "range":
        if _blank(row.get("lower")) or _blank(row.get("upper")):
            return words.NOTHING
        joint = "～" if language == "zh" else "–"
        return f"{words.number(row['lower'], language)}{joint}{words.number(row['upper'], language)}"
    if _blank(found):
        return words.say(column.blank, language) if column.blank else words.NOTHING
    if column.form.startswith("code:"):
        return words.name(column.form.removeprefix("code:"), found, language)
    writers = {
        "count": lambda: words.number(found, language),
        "days": lambda: words.number(found, language),
        "decimal": lambda: words.number(found, language, 1),
        "figure": lambda: words.number(found, language, 0 if found == int(found) else 1),
        "signed": lambda: words.number(found, language, 0 if found == int(found) else 1, signed=True),
        "pct": lambda: words.pct(found, language),
        "bar": lambda: words.pct(found, language, 0),
        "left": lambda: words.say("figure.days_over" if found < 0 else "figure.days_left", language, count=abs(found)),
        "day": lambda: words.day(found, language, "iso"),
        "moment": lambda: f"{found:%Y-%m-%d %H:%M}",
        "state": lambda: words.say(f"figure.state.{found}", language),
    }
    return writers[column.form]() if column.form in writers else words.subject(str(found), language)


def _cell(row: Mapping[str, object], column: Column, chosen: Chosen) -> str:
    shown = written(row, column, chosen.language)
    if column.form == "state":
        return f"<td>{chip(str(row.get(column.key)), shown)}</td>"
    if column.form == "bar" and shown != words.NOTHING:
        wide = min(100, max(0, round(float(row[column.key]))))
        return f'<td{_aligned(column)}><span class="xs-bar" aria-hidden="true"><i style="width:{wide}%"></i></span>{text(shown)}</td>'
    selection = column.opens(row) if column.opens and row.get(column.key) else None
    inner = (
        opened(shown, selection, chosen, words.say("frame.open_list", chosen.language)) if selection else text(shown)
    )
    if column.form == "left" and shown != words.NOTHING and row[column.key] < 0:
        inner = chip("above", shown)
    target = column.goes(row) if column.goes else None
    if target:
        named = shown.lstrip(words.INDENT)
        inner = words.INDENT * (len(shown) - len(named)) + link(named, target)
    if column.form in _NUMERIC and not row.get(column.key) and column.form != "range":
        inner = f'<span class="xs-zero">{inner}</span>'
    return f"<td{_aligned(column)}>{inner}</td>"


def _aligned(column: Column) -> str:
    names = []
    if column.form in _NUMERIC:
        names.append("xs-n")
    elif column.form in ("id", "day", "moment", "left", "bar") or column.form.startswith("code:"):
        names.append("xs-d")
    if column.aside:
        names.append("xs-aside")
    return f' class="{" ".join(names)}"' if names else ""


def _blank(value: object) -> bool:
    return value is None or (not isinstance(value, str) and bool(pd.isna(value)))


# --- files -----------------------------------------------------------------------------------------------------------------


def in_words(frame: pd.DataFrame, columns: Sequence[Column], language: str) -> pd.DataFrame:
    """The columns of a file with their headings, codes as words, dates as dates; numbers stay numbers."""
    shown = {}
    for column in columns:
        if column.key not in frame:
            continue
        values = frame[column.key]
        if column.form.startswith("code:"):
            group = column.form.removeprefix("code:")
            values = values.map(lambda code, group=group: None if _blank(code) else words.name(group, code, language))
        shown[words.say(f"column.{column.heading or column.key}", language)] = values
    return pd.DataFrame(shown)


def to_csv(frame: pd.DataFrame) -> bytes:
    """A CSV file that opens with the right letters, and in which no cell is run as a formula.

    >>> to_csv(pd.DataFrame({"a": ["=1+1", "-x"], "b": [-1, 2]})).decode("utf-8-sig").splitlines()
    ['a,b', "'=1+1,-1", "'-x,2"]
    """
    safe = frame.rename(columns=_harmless)
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_harmless)
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def to_xlsx(frame: pd.DataFrame, sheet: str = "Sheet1") -> bytes:
    """An Excel file of text, numbers and dates, with no formulas and no links."""
    from pages.paper import document, sheets

    columns = tuple(document.Column(str(name)) for name in frame.columns)
    rows = tuple(tuple(row) for row in frame.astype(object).itertuples(index=False, name=None))
    only = sheets.Sheet(sheet, (document.Table("", columns, rows),), blank="")
    return sheets.workbook((only,), words.languages[0])


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
