"""What a paper says, before it takes a form: title, blocks and foot in one frozen value that every form is made of.

A document holds finished text in one language and numbers as numbers; a renderer adds numbering of headings, type and page. It is kept
as JSON when a brief is issued, so what `to_json` writes `from_json` reads back, whichever version wrote it.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Literal

FORMS_OF_A_CELL = ("text", "count", "decimal", "hundredth", "exact", "pct", "day")


@dataclass(frozen=True)
class Number:
    """A number in a cell that is written otherwise than its column, as in a table of figures.

    `form` is count, decimal (one place), hundredth, exact (six figures) or pct (already in percent).
    """

    value: float | int | None
    form: str = "count"

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", _plain(self.value))


Cell = str | int | float | date | Number | None


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `align` is left, right or center; numbers stand right where nothing is said. `width` is its share of the table's width against the other
    columns (1 is usual), None for what the text needs. `form` says how its values are written: text, count, decimal (one place),
    hundredth (two), exact (six figures, for a recount), pct or day.
    """

    title: str
    align: Literal["left", "right", "center"] | None = None
    width: float | None = None
    form: str = "text"

    def __post_init__(self) -> None:
        if self.form not in FORMS_OF_A_CELL:
            raise ValueError(f"form {self.form!r} is none of {', '.join(FORMS_OF_A_CELL)}")

    @property
    def stands(self) -> str:
        """Where its cells stand: as asked, else numbers right, days centred, text left."""
        return self.align or {"text": "left", "day": "center"}.get(self.form, "right")


@dataclass(frozen=True)
class Bars:
    """A count for each label, by preference with the range it was expected in.

    `lower` and `upper` are empty or as long as `labels`; `marks` are empty or a short word for each label, blank for most.
    """

    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    lower: tuple[float | None, ...] = ()
    upper: tuple[float | None, ...] = ()
    marks: tuple[str, ...] = ()
    title: str = ""
    value_title: str = ""

    def __post_init__(self) -> None:
        _settle(self)
        _same_length(self, self.values, self.lower, self.upper, self.marks)


@dataclass(frozen=True)
class Lines:
    """Up to four named courses over the same labels; the range belongs to the first of them."""

    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    lower: tuple[float | None, ...] = ()
    upper: tuple[float | None, ...] = ()
    marks: tuple[str, ...] = ()
    title: str = ""
    value_title: str = ""

    def __post_init__(self) -> None:
        _settle(self)
        _same_length(self, *(values for _, values in self.series), self.lower, self.upper, self.marks)


@dataclass(frozen=True)
class Change:
    """By how much each part rose or fell: bars to both sides of zero, in the order given."""

    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    title: str = ""
    value_title: str = ""

    def __post_init__(self) -> None:
        _settle(self)
        _same_length(self, self.values)


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 4, without its number: the renderer numbers them as the language does."""

    level: int
    text: str

    def __post_init__(self) -> None:
        if self.level not in (1, 2, 3, 4):
            raise ValueError(f"a heading has level 1 to 4, not {self.level}")


@dataclass(frozen=True)
class Paragraph:
    """Running text; `tone` notice is set apart as something to be read first (data late, history short)."""

    text: str
    tone: Literal["plain", "notice"] = "plain"


@dataclass(frozen=True)
class Bullets:
    """Several things in a row, none of them before the others."""

    items: tuple[str, ...]

    def __post_init__(self) -> None:
        _settle(self)


@dataclass(frozen=True)
class Table:
    """Rows under a caption. A cell that is None was hidden or is not known and is shown as a dash.

    Rows must be as long as `columns`. NaN, NaT and NA become None, moments become days, numpy's numbers plain ones. `note` stands below.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        _settle(self)
        object.__setattr__(self, "rows", tuple(tuple(_plain(cell) for cell in row) for row in self.rows))
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of {self.caption!r} has not {len(self.columns)} cells")


@dataclass(frozen=True)
class Chart:
    """A chart by its specification; `alt` says in words what it shows, `name` tells it apart, `caption` stands below it."""

    name: str
    alt: str
    spec: Bars | Lines | Change
    caption: str = ""


@dataclass(frozen=True)
class Blank:
    """People's words that nobody has written yet: a visible empty field with its prompt."""

    section: str
    prompt: str


@dataclass(frozen=True)
class Words:
    """People's words; line breaks part paragraphs. `by` says whose they are."""

    section: str
    text: str
    by: str = ""


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


@dataclass(frozen=True)
class Annex:
    """The annex begins here, on a new page; headings below it are not numbered on."""

    title: str


Block = Heading | Paragraph | Bullets | Table | Chart | Blank | Words | PageBreak | Annex


@dataclass(frozen=True)
class Document:
    """A whole paper.

    `mark` stands under title and subtitle: its number when it is issued (第3期), before that its state (草稿). `head` lines stand below, centred; a tab sets what follows it at the right margin ("编报单位\\t2026年11月21日"). `foot` lines end the
    text (data as of, sources missing). `signed` is who issued it and on which day, at the end of the text, and `imprint` the last lines of the
    paper, a tab as in `head`; both are empty until it is issued. `language` is zh or en. `kind` is daily, weekly, monthly, annual, petitions … `name` is the file
    name without its ending. `as_of` is the only date a file is stamped with. `layout` is official (16 pt, 22 lines of 28 characters) or
    compact (the same page with smaller type, for a brief of one page).
    """

    title: str
    subtitle: str = ""
    head: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    foot: tuple[str, ...] = ()
    language: str = "zh"
    kind: str = ""
    name: str = ""
    as_of: date | None = None
    layout: Literal["official", "compact"] = "official"
    mark: str = ""
    signed: tuple[str, ...] = ()
    imprint: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _settle(self)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))


# --- as text that is kept ---------------------------------------------------------------------------------------------------------

_SHAPES = {
    shape.__name__: shape
    for shape in (
        *(Document, Heading, Paragraph, Bullets, Table, Column, Number, Chart, Bars, Lines, Change),
        *(Blank, Words, PageBreak, Annex),
    )
}


def to_json(document: Document) -> str:
    """The document as canonical JSON: the same document gives the same text, `from_json` gives it back.

    >>> to_json(Document("Brief", blocks=(PageBreak(),), as_of=date(2026, 11, 20)))[:60]
    '{"as_of":{"day":"2026-11-20"},"blocks":[{"is":"PageBreak"}],'
    """
    return json.dumps(_packed(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def from_json(text: str) -> Document:
    """The document that `to_json` wrote; fields that did not exist then take their defaults. Raises ValueError for anything else."""
    found = _unpacked(json.loads(text))
    if not isinstance(found, Document):
        raise ValueError("this is no document")
    return found


def _packed(value: object) -> object:
    if is_dataclass(value):
        return {"is": type(value).__name__} | {one.name: _packed(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return [_packed(one) for one in value] if isinstance(value, tuple) else value


def _unpacked(value: object) -> object:
    if isinstance(value, list):
        return tuple(_unpacked(one) for one in value)
    if not isinstance(value, dict):
        return value
    if "day" in value:
        return date.fromisoformat(value["day"])
    if value.get("is") not in _SHAPES:
        raise ValueError(f"a document has no {value.get('is')!r}")
    return _SHAPES[value["is"]](**{name: _unpacked(one) for name, one in value.items() if name != "is"})


# --- only text that every form can hold ---------------------------------------------------------------------------------------------

# Characters that XML 1.0 forbids, halves of surrogate pairs, and marks that turn the direction of reading and could hide what is written.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)


def clean(document: Document) -> Document:
    """The document without characters that no printer, no XML and no reader can take.

    >>> clean(Document("a\\x00b\\r\\nc")).title
    'ab\\nc'
    """
    return rewritten(document, lambda text: _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def rewritten(value: object, change: Callable[[str], str]) -> object:
    """A document, or any part of it, with `change` applied to all its text."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(rewritten(one, change) for one in value)
    if is_dataclass(value):
        return type(value)(**{one.name: rewritten(getattr(value, one.name), change) for one in fields(value)})
    return value


def _settle(shape: object) -> None:
    """Lists become tuples, and numbers plain ones, so that equal documents are equal and can be kept."""
    for one in fields(shape):
        object.__setattr__(shape, one.name, _settled(getattr(shape, one.name)))


def _settled(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return tuple(_settled(one) for one in value)
    return value if is_dataclass(value) else _plain(value)


def _plain(value: object) -> object:
    """A cell as text, int, float, day or None."""
    if value is None or isinstance(value, (str, bool)) or is_dataclass(value):
        return value
    if isinstance(value, (list, tuple)):
        return value
    if type(value).__name__ == "NAType" or value != value:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, (date, int)):
        return value
    found = value.item() if hasattr(value, "item") else value
    if isinstance(found, float):
        return found if math.isfinite(found) else None
    return found if isinstance(found, (int, str)) else str(found)


def _same_length(shape: object, *columns: tuple) -> None:
    if any(column and len(column) != len(shape.labels) for column in columns):
        raise ValueError(f"a {type(shape).__name__} has not one value for each of its {len(shape.labels)} labels")
