"""Mapping profiles: how a foreign file or database says what the contract says. TOML in, frozen dataclasses out.

A mistyped key stops with the nearest right one. The same profile reads a file (`data.intake.load`) and a database
(`data.contract.mapped_select`). `docs/intake.md` explains every section.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from rapidfuzz import fuzz, process, utils

from data import operational
from data.errors import Refused

SHIPPED = Path(__file__).parent / "profiles"

CODES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "kind": operational.KINDS,
        "form": ("letter", "visit", "online", "phone"),
        "purpose": ("suggestion", "claim", "enquiry", "help", "complaint", "thanks", "other", "report"),
        "scale_code": ("01", "02", "03"),
        "severity_code": ("01", "02", "03", "04"),
        "order_direction": ("assigned_down", "requested_up"),
        "status": (
            "registered",
            "routed",
            "accepted",
            "handling",
            "extended",
            "closed",
            "called_back",
            "evaluated",
            "archived",
            "returned",
            "duplicate",
            "diverted",
            "suspended",
            "rejected",
            "cancelled",
        ),
        "outcome": (
            "resolved",
            "unresolved",
            "agreement",
            "no_agreement",
            "withdrawn",
            "not_accepted",
            "no_longer_accepted",
            "transferred",
        ),
        "handling_level": ("grid", "community", "street", "district", "city"),
        "meeting_level": ("1", "2", "3"),
        "review_state": ("none", "reviewing", "reviewed", "re_reviewing", "re_reviewed"),
        "evaluation": ("satisfied", "basically_satisfied", "dissatisfied"),
        "screening_type": ("daily", "focused", "specialised"),
        "leader_case_post": ("city", "district", "street"),
    }
)
"""Closed lists of the contract. A column that is not here keeps the source's own words unless its profile says otherwise."""

REPORT = "report"
"""The purpose that marks a report against officials (检举控告): counted by month and street, never stored as a matter."""

Headers = tuple[str, ...]
"""Headers that may hold the same thing: the first that a file has is read; a single one is expected to be there."""

LEVELS = ("city", "district", "street", "community", "compound", "hamlet", "grid")
OTHERWISE = ("unrecognised", "keep", "blocking")

# What a matter row gets from trees and from the intake itself, not from a column rule alone.
_OWN = ("updated_at",)


@dataclass(frozen=True)
class ColumnRule:
    """Where one contract column comes from.

    `headers` are tried in order; `codes` turns the source's words into codes, `otherwise` says what an unlisted word becomes: empty
    with a finding (`unrecognised`), itself (`keep`), or the row is refused (`blocking`). `prefix` goes before the value; `formats` are
    strptime patterns for dates; `screen=False` says that numbers which look like telephone numbers are the system's own numbering.
    """

    headers: tuple[str, ...]
    codes: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = "unrecognised"
    prefix: str = ""
    formats: tuple[str, ...] = ()
    screen: bool = True


@dataclass(frozen=True)
class AreaLevel:
    """One level of the place: a column of codes, of names, or both; `codes` gives the code of a name where a list is known."""

    level: str
    code: Headers = ()
    name: Headers = ()
    prefix: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Root:
    """The area above all levels of the file."""

    code: str
    name: str
    level: str = "city"


@dataclass(frozen=True)
class AreaRule:
    """How the place is said, widest level first; `register` lets new places enter the area table."""

    levels: tuple[AreaLevel, ...]
    root: Root | None = None
    prefix: str = ""
    register: bool = False

    def to_street(self) -> "AreaRule":
        """The same rule without the levels below the street."""
        wide = LEVELS[: LEVELS.index("street") + 1]
        return replace(self, levels=tuple(level for level in self.levels if level.level in wide))


@dataclass(frozen=True)
class CategoryRule:
    """How the subject is said: the columns of the levels, widest first, in a list (`scheme`) of the source's own."""

    scheme: str
    levels: tuple[Headers, ...]
    prefix: str = ""
    register: bool = False


@dataclass(frozen=True)
class UnitRule:
    """How the responsible unit is said: a column of names, with or without a column of identifiers."""

    name: Headers
    code: Headers = ()
    prefix: str = ""
    kind: str = "department"
    register: bool = False


@dataclass(frozen=True)
class Verdict:
    """The source's own verdict in two flag columns, where it gives no closing time; either flag makes the matter `status`."""

    in_time: Headers
    overdue: Headers
    status: str = "closed"


@dataclass(frozen=True)
class TableRule:
    """A foreign table or view that holds a contract table: its name and, where they differ, its column names."""

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """A mapping profile. `kind` and `source_system` hold for every row unless a column rule gives them."""

    name: str
    source_system: str
    kind: str | None
    columns: Mapping[str, ColumnRule]
    constants: Mapping[str, object] = field(default_factory=dict)
    area: AreaRule | None = None
    category: CategoryRule | None = None
    unit: UnitRule | None = None
    verdict: Verdict | None = None
    drop: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ("", "-", "--", "NULL", "null", "None", "NaN", "N/A", "无", "空")
    encoding: str | None = None
    sheet: str | None = None
    time_zone: str | None = None
    tables: Mapping[str, TableRule] = field(default_factory=dict)

    def headers(self) -> tuple[tuple[str, Headers], ...]:
        """What the profile reads: a contract column and the headers that may hold it, or one of its parts."""
        wanted = [(column, rule.headers) for column, rule in self.columns.items()]
        for level in self.area.levels if self.area else ():
            wanted += [("area_code", level.code), ("area_code", level.name)]
        wanted += [("category_code", level) for level in (self.category.levels if self.category else ())]
        if self.unit:
            wanted += [("responsible_org_id", self.unit.code), ("responsible_org_id", self.unit.name)]
        if self.verdict:
            wanted += [("closed_in_time", self.verdict.in_time), ("closed_in_time", self.verdict.overdue)]
        return tuple((column, headers) for column, headers in wanted if headers)


def fold(header: str) -> str:
    """A header without differences that no one means: width, case, blanks, a byte-order mark.

    >>> fold(" 受理 编号 ") == fold("受理编号"), fold("Ｒec_ID")
    (True, 'rec_id')
    """
    plain = unicodedata.normalize("NFKC", str(header)).replace("\ufeff", "")
    return "".join(plain.split()).lower()


# --- reading ---------------------------------------------------------------------------------------------------------------

_TOP = (
    "source_system",
    "kind",
    "drop",
    "nulls",
    "encoding",
    "sheet",
    "time_zone",
    "columns",
    "constants",
    "area",
    "category",
    "unit",
    "verdict",
    "tables",
)
_RULE = ("from", "codes", "otherwise", "prefix", "formats", "screen")


def list_profiles() -> tuple[str, ...]:
    """The names of the shipped profiles."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def read_profile(name_or_path: str | Path) -> Profile:
    """The profile of that name, or in that TOML file.

    Raises `Refused` with `intake.profile_missing`, `intake.profile_syntax`, `intake.profile_key` (with the nearest right key) or
    `intake.profile_value`.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = SHIPPED / f"{name_or_path}.toml"
    if not path.is_file():
        nearest = _nearest(str(name_or_path), list_profiles())
        raise Refused(
            "intake.profile_missing", name=str(name_or_path), known="、".join(list_profiles()), nearest=nearest
        )
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("intake.profile_syntax", name=path.name, detail=str(error)) from error
    return parse_profile(document, path.stem)


def parse_profile(document: Mapping[str, object], name: str) -> Profile:
    """The profile that a parsed TOML document describes; every key and every closed value is checked."""
    read = _Reader(name)
    read.keys(document, _TOP, "")
    columns = {}
    for column, rule in read.table(document, "columns").items():
        read.one_of(column, tuple(operational.matter.columns.keys()), "columns")
        columns[column] = _read_rule(read, column, rule)
    profile = Profile(
        name=name,
        source_system=read.text(document, "source_system", "", required=True),
        kind=read.text(document, "kind", ""),
        columns=columns,
        constants=_read_constants(read, document),
        area=_read_area(read, document),
        category=_read_category(read, document),
        unit=_read_unit(read, document),
        verdict=_read_verdict(read, document),
        drop=read.texts(document, "drop", ""),
        encoding=read.text(document, "encoding", ""),
        sheet=read.text(document, "sheet", ""),
        time_zone=read.text(document, "time_zone", ""),
        tables=_read_tables(read, document),
        **({"nulls": ("", *read.texts(document, "nulls", ""))} if "nulls" in document else {}),
    )
    if profile.kind is not None:
        read.one_of(profile.kind, operational.KINDS, "kind")
    elif "kind" not in columns:
        raise Refused(
            "intake.profile_value",
            profile=name,
            section="kind",
            value="",
            known="、".join(operational.KINDS),
            nearest="",
        )
    for column in ("matter_no", "registered_at"):
        if column not in columns:
            raise Refused("intake.profile_needs", profile=name, column=column)
    return profile


class _Reader:
    """Checks keys and values of one profile while it is read; `section` says where a mistake stands."""

    def __init__(self, profile: str) -> None:
        self.profile = profile

    def keys(self, table: Mapping[str, object], known: Iterable[str], section: str) -> None:
        for key in table:
            if key not in tuple(known):
                nearest = _nearest(key, known)
                raise Refused(
                    "intake.profile_key", profile=self.profile, section=section or "·", found=key, nearest=nearest
                )

    def one_of(self, value: str, known: Iterable[str], section: str) -> str:
        if value not in tuple(known):
            raise Refused(
                "intake.profile_value",
                profile=self.profile,
                section=section,
                value=value,
                known="、".join(known),
                nearest=_nearest(value, known),
            )
        return value

    def wrong(self, section: str, value: object, wanted: str) -> Refused:
        return Refused("intake.profile_type", profile=self.profile, section=section, value=str(value), wanted=wanted)

    def table(self, table: Mapping[str, object], key: str) -> Mapping[str, object]:
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, value, "table")
        return value

    def text(self, table: Mapping[str, object], key: str, section: str, *, required: bool = False) -> str | None:
        value = table.get(key)
        if value is None and not required:
            return None
        if not isinstance(value, str) or not value:
            raise self.wrong(f"{section}.{key}".strip("."), value, "text")
        return value

    def texts(self, table: Mapping[str, object], key: str, section: str) -> tuple[str, ...]:
        value = table.get(key, ())
        if isinstance(value, str):
            value = (value,)
        if not all(isinstance(item, str) for item in value):
            raise self.wrong(f"{section}.{key}".strip("."), value, "text")
        return tuple(value)

    def flag(self, table: Mapping[str, object], key: str, section: str, *, default: bool = False) -> bool:
        value = table.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(f"{section}.{key}", value, "true / false")
        return value


def _read_rule(read: _Reader, column: str, rule: object) -> ColumnRule:
    section = f"columns.{column}"
    if isinstance(rule, (str, list)):
        rule = {"from": rule}
    if not isinstance(rule, dict):
        raise read.wrong(section, rule, "text")
    read.keys(rule, _RULE, section)
    codes = {str(word): str(code) for word, code in read.table(rule, "codes").items()}
    if column in CODES:
        for code in codes.values():
            read.one_of(code, CODES[column], f"{section}.codes")
    headers = read.texts(rule, "from", section)
    if not headers:
        raise read.wrong(f"{section}.from", "", "text")
    otherwise = rule.get("otherwise", "unrecognised" if codes or column in CODES else "keep")
    return ColumnRule(
        headers=headers,
        codes=codes,
        otherwise=read.one_of(str(otherwise), OTHERWISE, f"{section}.otherwise"),
        prefix=read.text(rule, "prefix", section) or "",
        formats=read.texts(rule, "formats", section),
        screen=read.flag(rule, "screen", section, default=True),
    )


def _read_constants(read: _Reader, document: Mapping[str, object]) -> dict[str, object]:
    constants = dict(read.table(document, "constants"))
    read.keys(constants, [name for name in operational.matter.columns.keys() if name not in _OWN], "constants")  # noqa: SIM118
    for column, value in constants.items():
        if column in CODES:
            read.one_of(str(value), CODES[column], f"constants.{column}")
    return constants


def _read_area(read: _Reader, document: Mapping[str, object]) -> AreaRule | None:
    table = read.table(document, "area")
    if not table:
        return None
    read.keys(table, ("root", "levels", "prefix", "register"), "area")
    root = read.table(table, "root")
    read.keys(root, ("code", "name", "level"), "area.root")
    levels = []
    for place, level in enumerate(table.get("levels", ())):
        section = f"area.levels[{place}]"
        read.keys(level, ("level", "code", "name", "prefix", "codes"), section)
        if not ({"code", "name"} & set(level)):
            raise read.wrong(section, level, "code / name")
        levels.append(
            AreaLevel(
                level=read.one_of(str(level.get("level")), LEVELS, f"{section}.level"),
                code=read.texts(level, "code", section),
                name=read.texts(level, "name", section),
                prefix=read.text(level, "prefix", section) or "",
                codes=dict(read.table(level, "codes")),
            )
        )
    return AreaRule(
        levels=tuple(levels),
        root=Root(
            read.text(root, "code", "area.root", required=True),
            read.text(root, "name", "area.root", required=True),
            read.one_of(str(root.get("level", "city")), LEVELS, "area.root.level"),
        )
        if root
        else None,
        prefix=read.text(table, "prefix", "area") or "",
        register=read.flag(table, "register", "area"),
    )


def _read_category(read: _Reader, document: Mapping[str, object]) -> CategoryRule | None:
    table = read.table(document, "category")
    if not table:
        return None
    read.keys(table, ("scheme", "levels", "prefix", "register"), "category")
    return CategoryRule(
        scheme=read.text(table, "scheme", "category", required=True),
        levels=tuple((level,) if isinstance(level, str) else tuple(level) for level in table.get("levels", ())),
        prefix=read.text(table, "prefix", "category") or "",
        register=read.flag(table, "register", "category"),
    )


def _read_unit(read: _Reader, document: Mapping[str, object]) -> UnitRule | None:
    table = read.table(document, "unit")
    if not table:
        return None
    read.keys(table, ("name", "code", "prefix", "kind", "register"), "unit")
    return UnitRule(
        name=read.texts(table, "name", "unit"),
        code=read.texts(table, "code", "unit"),
        prefix=read.text(table, "prefix", "unit") or "",
        kind=read.text(table, "kind", "unit") or "department",
        register=read.flag(table, "register", "unit"),
    )


def _read_verdict(read: _Reader, document: Mapping[str, object]) -> Verdict | None:
    table = read.table(document, "verdict")
    if not table:
        return None
    read.keys(table, ("in_time", "overdue", "status"), "verdict")
    return Verdict(
        in_time=read.texts(table, "in_time", "verdict"),
        overdue=read.texts(table, "overdue", "verdict"),
        status=read.one_of(str(table.get("status", "closed")), CODES["status"], "verdict.status"),
    )


def _read_tables(read: _Reader, document: Mapping[str, object]) -> dict[str, TableRule]:
    tables = {}
    for table, rule in read.table(document, "tables").items():
        read.one_of(table, operational.TABLES, "tables")
        rule = {"name": rule} if isinstance(rule, str) else rule
        read.keys(rule, ("name", "columns"), f"tables.{table}")
        columns = dict(read.table(rule, "columns"))
        read.keys(columns, tuple(operational.contract.tables[table].columns.keys()), f"tables.{table}.columns")
        tables[table] = TableRule(read.text(rule, "name", f"tables.{table}", required=True), columns)
    return tables


def _nearest(word: str, known: Iterable[str]) -> str:
    best = process.extractOne(word, list(known), scorer=fuzz.WRatio, processor=utils.default_process)
    return best[0] if best else ""
