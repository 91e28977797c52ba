"""Who gets which brief, and what was handed over: recipients from a file, files dropped whole or not at all, receipts.

A recipient is a post or an office, never a person. What it may see stands in its own `areas` and `role`; nothing of the one who runs the
delivery enters.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from data.errors import NotReady, Refused
from data.intake.personal import find_personal
from data.mailing import is_address
from data.scope import ROLES, Scope
from data.settings import check_keys, nearest_key
from data.versions import read_json, sync_folder, write_json

BRIEFS = ("daily", "weekly", "monthly", "annual", "trends")
FORMS = ("docx", "pdf", "xlsx", "md", "json", "html")
LANGUAGES = ("zh", "en")
KINDS = ("dispute", "petition", "hotline")
CATCH_UP_DAYS = (
    3  # mornings on which a brief of a week, month or year is delivered: the first, or a later one if it has not been
)
UNITS = {"daily": "day", "weekly": "week", "monthly": "month", "trends": "month", "annual": "year"}

_KEYS = ("name", "role", "areas", "language", "briefs", "forms", "kind", "folder", "email")
_NAME = re.compile(r"[^\W_][\w()（）·\- ]{0,59}")


@dataclass(frozen=True)
class Recipient:
    """A post or office that gets briefs.

    `scope` is how far it sees; `briefs` of `BRIEFS` in `forms`, about one `kind` of matter or all; `folder` is where files are dropped, None
    for none; `addresses` get mail.
    """

    name: str
    scope: Scope
    language: str = "zh"
    briefs: tuple[str, ...] = ("daily", "weekly", "monthly")
    forms: tuple[str, ...] = ("docx", "pdf")
    kind: str | None = None
    folder: Path | None = None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Due:
    """A brief to be handed over: what it is called, the last day of its period, and the period's name in file names."""

    brief: str
    day: date
    period: str

    @property
    def key(self) -> str:
        return f"{self.brief} {self.period}"


# --- recipients -------------------------------------------------------------------------------------------------------------


def read_recipients(file: Path, out: Path) -> tuple[Recipient, ...]:
    """The recipients of a TOML file of `[[recipient]]` tables; folders are below `out` unless absolute.

    Raises NotReady without the file, Refused at the first key or value that is not right, naming the nearest right one.
    """
    try:
        known = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotReady("delivery.no_recipients", file=file) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("delivery.unreadable", file=file, detail=str(error).splitlines()[0]) from error
    check_keys(known, ("recipient",), file.name)
    tables = known.get("recipient", [])
    if not isinstance(tables, list) or not tables:
        raise NotReady("delivery.no_recipients", file=file)
    found = tuple(_recipient(table, number, out) for number, table in enumerate(tables, start=1))
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise Refused("delivery.doubled_name", name=name)
    folders = [one.folder for one in found if one.folder is not None]
    for one in found:
        if folders.count(one.folder) > 1:
            raise Refused("delivery.shared_folder", name=one.name, folder=one.folder)
    return found


def chosen(recipients: tuple[Recipient, ...], names: tuple[str, ...]) -> tuple[Recipient, ...]:
    """The recipients of these names, all without any. Raises Refused for a name that none has."""
    known = [one.name for one in recipients]
    for name in names:
        if name not in known:
            raise Refused("delivery.unknown_recipient", found=name, nearest=nearest_key(name, known))
    return tuple(one for one in recipients if not names or one.name in names)


def _recipient(table: Mapping[str, object], number: int, out: Path) -> Recipient:
    where = f"recipient {number}"
    check_keys(table, _KEYS, where)
    name = table.get("name", "")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or find_personal(name):
        raise Refused("delivery.bad_name", where=where, found=name)
    addresses = _texts(table, "email", where)
    for address in addresses:
        if not is_address(address):
            raise Refused("delivery.bad_address", name=name, found=address)
    areas = _texts(table, "areas", where) if "areas" in table else None
    if areas == ():
        raise Refused("delivery.no_areas", name=name)
    folder = table.get("folder", None if addresses else name)
    if folder is not None and (not isinstance(folder, str) or ".." in Path(folder).parts):
        raise Refused("delivery.bad_folder", name=name, found=folder)
    return Recipient(
        name=name,
        scope=Scope(areas, _one_of(table, "role", ROLES, where) or "office"),
        language=_one_of(table, "language", LANGUAGES, where) or "zh",
        briefs=_some_of(table, "briefs", BRIEFS, where) or Recipient.briefs,
        forms=_some_of(table, "forms", FORMS, where) or Recipient.forms,
        kind=_one_of(table, "kind", KINDS, where),
        folder=None if folder is None else out / folder,
        addresses=addresses,
    )


def _texts(table: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    given = table.get(key, [])
    if not isinstance(given, list) or not all(isinstance(one, str) and one for one in given):
        raise Refused("delivery.not_a_list", where=where, setting=key)
    return tuple(given)


def _one_of(table: Mapping[str, object], key: str, allowed: tuple[str, ...], where: str) -> str | None:
    if key not in table:
        return None
    if table[key] not in allowed:
        nearest = nearest_key(str(table[key]), allowed)
        raise Refused("delivery.unknown_value", where=where, setting=key, found=table[key], nearest=nearest)
    return str(table[key])


def _some_of(table: Mapping[str, object], key: str, allowed: tuple[str, ...], where: str) -> tuple[str, ...]:
    given = _texts(table, key, where)
    for one in given:
        _one_of({key: one}, key, allowed, where)
    return tuple(one for one in allowed if one in given)


# --- when -------------------------------------------------------------------------------------------------------------------


def due_on(day: date, briefs: tuple[str, ...], delivered: Mapping[str, object]) -> tuple[Due, ...]:
    """The briefs to hand over on the morning after `day`, by what the receipts in `delivered` say has been handed over.

    The daily brief every morning, of `day`. The brief of a week, month or year on the first morning after it, and on the next two if it has not
    been delivered: a machine that was off on Monday catches up on Tuesday.

    >>> [due.key for due in due_on(date(2026, 11, 30), ("daily", "weekly", "monthly"), {})]
    ['daily 2026-11-30', 'weekly 2026-W48', 'monthly 2026-11']
    """
    found = []
    for brief in briefs:
        late = 0 if brief == "daily" else _days_since_the_end(day, UNITS[brief])
        last = day - timedelta(days=late)
        due = Due(brief, last, period_name(last, UNITS[brief]))
        if late == 0 or (late < CATCH_UP_DAYS and due.key not in delivered):
            found.append(due)
    return tuple(found)


def _days_since_the_end(day: date, unit: str) -> int:
    """Whole days since the last period that had ended by the close of `day`: 0 on its last day."""
    if unit == "week":
        return day.isoweekday() % 7
    tomorrow = day + timedelta(days=1)
    first = tomorrow.replace(day=1) if unit == "month" else tomorrow.replace(month=1, day=1)
    return (tomorrow - first).days


def period_name(day: date, unit: str) -> str:
    """The period that holds a day, as file names have it.

    >>> period_name(date(2027, 1, 1), "week"), period_name(date(2027, 1, 1), "month")
    ('2026-W53', '2027-01')
    """
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return {"day": f"{day:%Y-%m-%d}", "month": f"{day:%Y-%m}", "year": f"{day:%Y}"}[unit]


# --- what was handed over -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Receipts:
    """What one recipient has been handed over: by brief and period the version, the files and when each address got it."""

    file: Path
    known: dict[str, dict]

    def mailed(self, due: Due) -> frozenset[str]:
        """The addresses that have this brief."""
        return frozenset(self.known.get(due.key, {}).get("mailed", {}))

    def note(
        self, due: Due, at: datetime, version: str, *, files: tuple[Path, ...] = (), address: str | None = None
    ) -> None:
        """Write down files dropped, or a mail taken by the server, at once: a crash after it sends nothing twice."""
        entry = self.known.setdefault(due.key, {"files": [], "mailed": {}})
        entry["at"], entry["version"] = at.isoformat(), version
        entry["files"] = sorted({*entry["files"], *(file.name for file in files)})
        if address is not None:
            entry["mailed"][address] = at.isoformat()
        write_json(self.file, self.known)


def read_receipts(folder: Path, recipient: Recipient) -> Receipts:
    """The receipts of a recipient; none before the first delivery."""
    file = folder / f"{recipient.name}.json"
    return Receipts(file, read_json(file) or {})


def drop_file(file: Path, content: bytes) -> None:
    """Put a file in its place whole or not at all: written beside, flushed to disk, renamed over one of the same name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    with open(beside, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(beside, file)
    sync_folder(file.parent)
