"""Foreign headers nobody has mapped yet: what they may mean, for a person to confirm. Nothing is used before that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from data import operational
from data.intake.personal import header_is_personal
from data.intake.profiles import LEVELS, fold, read_profile

UNIT = "unit"
TARGETS = (
    *(name for name in operational.matter.columns.keys() if name != "updated_at"),  # noqa: SIM118
    *(f"area:{level}" for level in LEVELS),
    "category:1",
    "category:2",
    "category:3",
    UNIT,
)
"""What a header may be confirmed as: a column of the contract, a level of the place or of the subject, or the responsible unit."""

_SUBJECTS = {
    "category:1": ("一级分类", "一级类别", "大类", "诉求大类", "事项大类", "event_type", "theme"),
    "category:2": ("二级分类", "二级类别", "小类", "诉求小类", "事项小类", "main_type", "subject"),
    "category:3": ("三级分类", "三级类别", "细类", "sub_type", "service"),
}


@dataclass(frozen=True)
class Proposal:
    """What a foreign header may mean.

    `state`: known (a customary header), likely (similar), personal (to be dropped), unknown. `target` is one of `TARGETS`; `score` is
    0-100; `alternatives` are further targets, best first.
    """

    header: str
    target: str | None
    score: int
    state: str
    alternatives: tuple[str, ...] = ()


def propose_profile(headers: Iterable[str], *, least: int = 72) -> list[Proposal]:
    """For each foreign header what it may mean, by customary names first, then by similarity of at least `least` percent.

    A target is proposed once, to the header that fits best. Personal headers are never proposed.

    >>> [(each.header, each.target, each.state) for each in propose_profile(["工单编号", "办结的时间", "联系电话"])]
    [('工单编号', 'matter_no', 'known'), ('办结的时间', 'closed_at', 'likely'), ('联系电话', None, 'personal')]
    """
    customary = _customary()
    proposals = [_propose(header, customary, least) for header in headers]
    best: dict[str, int] = {}
    for place, proposal in enumerate(proposals):
        if proposal.target and (proposal.target not in best or proposals[best[proposal.target]].score < proposal.score):
            best[proposal.target] = place
    return [
        proposal
        if proposal.target is None or best[proposal.target] == place
        else Proposal(proposal.header, None, proposal.score, "unknown", (proposal.target, *proposal.alternatives))
        for place, proposal in enumerate(proposals)
    ]


def _propose(header: str, customary: Mapping[str, str], least: int) -> Proposal:
    if header_is_personal(header):
        return Proposal(header, None, 0, "personal")
    known = customary.get(fold(header))
    if known:
        return Proposal(header, known, 100, "known")
    best: dict[str, int] = {}
    for name, score, _ in process.extract(
        fold(header), list(customary), scorer=fuzz.ratio, limit=8, score_cutoff=least
    ):
        best[customary[name]] = max(best.get(customary[name], 0), round(score))
    ranked = sorted(best.items(), key=lambda item: -item[1])
    if not ranked:
        return Proposal(header, None, 0, "unknown")
    return Proposal(header, ranked[0][0], ranked[0][1], "likely", tuple(target for target, _ in ranked[1:4]))


def _customary() -> dict[str, str]:
    """Customary header (folded) -> target, from the standard profile and the contract's own names."""
    standard = read_profile("standard")
    known = {fold(header): target for target, headers in _SUBJECTS.items() for header in headers}
    known |= {fold(name): name for name in TARGETS if ":" not in name and name != UNIT}
    for column, rule in standard.columns.items():
        known |= {fold(header): column for header in rule.headers}
    for level in standard.area.levels:
        known |= {fold(header): f"area:{level.level}" for header in level.name}
    return known | {fold(header): UNIT for header in standard.unit.name}


def draft_profile(choices: Mapping[str, str | None], *, source_system: str, kind: str) -> str:
    """The TOML of a profile that writes down a person's confirmed `choices`: header -> target, or None to drop it.

    Places, subjects and units enter their registers under codes of the source's own. `read_profile` checks the file; codes are then
    edited in it.
    """
    columns: dict[str, list[str]] = {}
    for header, target in choices.items():
        columns.setdefault(target or "", []).append(header)
    prefix = _quote(f"{source_system}-"[:12])
    lines = [
        f"source_system = {_quote(source_system)}",
        f"kind = {_quote(kind)}",
        f"drop = {_list(columns.pop('', []))}",
        "",
        "[columns]",
        *(
            f"{target} = {_list(headers)}"
            for target, headers in columns.items()
            if ":" not in target and target != UNIT
        ),
    ]
    levels = [level for level in LEVELS if f"area:{level}" in columns]
    if levels:
        lines += ["", "[area]", f"prefix = {prefix}", "register = true"]
        for level in levels:
            lines += ["", "[[area.levels]]", f"level = {_quote(level)}", f"name = {_list(columns[f'area:{level}'])}"]
    subjects = [columns[target] for target in sorted(_SUBJECTS) if target in columns]
    if subjects:
        lines += ["", "[category]", f"scheme = {_quote(source_system)}", f"prefix = {prefix}", "register = true"]
        lines += [f"levels = [{', '.join(_list(headers) for headers in subjects)}]"]
    if UNIT in columns:
        lines += ["", "[unit]", f"name = {_list(columns[UNIT])}", f"prefix = {prefix}", "register = true"]
    return "\n".join(lines) + "\n"


def _list(words: Iterable[str]) -> str:
    return "[" + ", ".join(_quote(word) for word in words) + "]"


def _quote(text: str) -> str:
    """A TOML basic string.

    >>> _quote('a"b')
    '"a\\\\"b"'
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"' + "".join(f"\\u{ord(sign):04x}" if ord(sign) < 32 or ord(sign) == 127 else sign for sign in escaped) + '"'
    )
