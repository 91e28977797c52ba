"""Which header of a file feeds which column of the contract, and what is left out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from data import operational
from data.errors import Refused
from data.intake.findings import Findings
from data.intake.personal import header_is_personal
from data.intake.profiles import Headers, Profile, fold
from data.intake.sources import Source

_FREE_TEXT = re.compile(
    r"内容|描述|简述|详情|标题|备注|说明|情况|意见|诉求事项|答复|回复|留言|content|description|detail|remark|note|title|text|comment|reply",
    re.I,
)


@dataclass(frozen=True)
class Plan:
    """Which header of one file feeds which column of the contract."""

    profile: Profile
    file: str
    columns: Mapping[str, str]  # contract column -> header
    present: Mapping[str, str]  # folded header -> header, of those that may be read
    wanted: tuple[str, ...]

    def header(self, headers: Headers) -> str | None:
        """The first of `headers` that the file has."""
        return next((self.present[fold(header)] for header in headers if fold(header) in self.present), None)


def plan_file(source: Source, profile: Profile, findings: Findings) -> Plan:
    """Match a file's headers with a profile.

    Raises `Refused`: `intake.personal_header` when a header describes persons and is not listed under `drop`,
    `intake.column_missing` when the number or the registration time has no column. What is not mapped is left out, and said.
    """
    dropped = {fold(header) for header in profile.drop}
    present = {fold(header): header for header in source.headers if header and fold(header) not in dropped}
    personal = [header for header in present.values() if header_is_personal(header)]
    if personal:
        raise Refused("intake.personal_header", file=source.name, headers="、".join(personal[:8]), profile=profile.name)
    plan = Plan(profile, source.name, {}, present, ())
    used, own_clock = set(), set()
    for column, headers in profile.headers():
        header = plan.header(headers)
        if column == "updated_at":  # the embedded store keeps its own clock
            own_clock.add(header)
        elif header:
            used.add(header)
        elif len(headers) == 1 and column not in operational.REQUIRED["matter"]:
            findings.note("missing_column", file=source.name, column=headers[0])
    columns = {
        column: header
        for column, rule in profile.columns.items()
        if column != "updated_at" and (header := plan.header(rule.headers))
    }
    _require(source, profile, columns)
    for header in present.values():
        if header not in used | own_clock:
            code = "free_text_column" if _FREE_TEXT.search(header) else "unmapped_column"
            findings.note(code, file=source.name, column=header)
    wanted = tuple(header for header in present.values() if header in used)
    return Plan(profile, source.name, columns, present, wanted)


def _require(source: Source, profile: Profile, columns: Mapping[str, str]) -> None:
    for column in ("matter_no", "registered_at", *(() if profile.kind else ("kind",))):
        if column not in columns:
            headers = profile.columns[column].headers
            nearest = process.extractOne(headers[0], [header for header in source.headers if header], scorer=fuzz.ratio)
            raise Refused(
                "intake.column_missing",
                file=source.name,
                column=column,
                headers="、".join(headers[:6]),
                nearest=nearest[0],
                profile=profile.name,
            )
