"""A mapping for a file that no profile knows: what each header may mean, for a person to confirm. Nothing is used before that."""

import tempfile
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from data import operational
from data.errors import Refused
from data.intake.findings import Findings
from data.intake.personal import find_personal
from data.intake.profiles import Profile, parse_profile
from data.intake.proposals import TARGETS, Proposal, draft_profile, propose_profile
from data.intake.readers import open_source
from data.intake.sources import PAGE_LIMITS
from pages.ui import load, states, words
from pages.ui.links import Chosen
from pages.ui.markup import chip, quiet, section, text

NEW = "new_mapping"
"""Stands among the names of the profiles for a mapping made here."""

DROP = ""
NEEDED = ("matter_no", "registered_at")
_CHIPS = {"known": "normal", "likely": "watch", "personal": "failed", "unknown": "unknown"}
_NAME_LENGTH = operational.matter.c.source_system.type.length


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"page.data_quality.mapping.{key}", chosen.language, **values)


def show(file: object, chosen: Chosen) -> Profile | None:
    """The headers of an uploaded file with a choice each; the profile, once a person has confirmed what stands on the screen."""
    st.html(section(_say("title", chosen), _say("lead", chosen), level=3))
    try:
        proposals = _proposals(file)
    except Refused as error:
        states.show_error(error, chosen.language)
        return None
    choices = {
        proposal.header: _row(proposal, f"map_{file.file_id}_{n}", chosen) for n, proposal in enumerate(proposals)
    }
    system = st.text_input(
        _say("system", chosen),
        max_chars=_NAME_LENGTH,
        help=_say("system_help", chosen),
        key=f"map_{file.file_id}_system",
    ).strip()
    kind = st.selectbox(
        _say("kind", chosen), operational.KINDS, index=None, placeholder=_say("choose", chosen), help=_say("kind_help", chosen),
        format_func=lambda one: words.name("kind", one, chosen.language), key=f"map_{file.file_id}_kind",
    )  # fmt: skip
    lacking = find_lacking(choices, system, kind, chosen)
    for sentence in lacking:
        st.html(quiet(sentence))
    wanted = (file.file_id, choices, system, kind)
    if st.button(_say("confirm", chosen), type="primary", key="map_confirm", disabled=bool(lacking)):
        st.session_state["mapping"] = (wanted, *write_mapping(choices, system, kind))
    confirmed = st.session_state.get("mapping")
    if not confirmed or confirmed[0] != wanted:
        return None  # whoever changes a choice confirms again
    _, written, profile = confirmed
    st.html(quiet(_say("confirmed", chosen, file=f"{system}.toml")))
    st.download_button(
        _say("download", chosen), data=written, file_name=f"{system}.toml", mime="application/toml", on_click="ignore",
        key="map_file",
    )  # fmt: skip
    return profile


def forget() -> None:
    """Let go of what was read and confirmed for a file that is no longer there."""
    for name in ("mapping", "mapping_headers"):
        st.session_state.pop(name, None)


def read_headers(name: str, content: bytes, folder: Path, time_zone: str) -> tuple[str, ...]:
    """The headers of an uploaded file, read from a copy under `folder` that is deleted at once.

    Raises `Refused` as `open_source` does, and `intake.no_header` where the first row holds personal values: it is no header then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="upload-") as stream:
        stream.write(content)
        stream.flush()
        found = open_source(Path(stream.name), Findings(), name=name, limits=PAGE_LIMITS, time_zone=time_zone).headers
    headers = tuple(header for header in found if header)
    if any(find_personal(header) for header in headers):
        raise Refused("intake.no_header", file=name)
    return headers


def find_lacking(choices: Mapping[str, str | None], system: str, kind: str | None, chosen: Chosen) -> list[str]:
    """What must still be said before a mapping can be confirmed, in words."""
    counted = Counter(target for target in choices.values() if target)
    missing = [name_target(target, chosen) for target in NEEDED if target not in counted]
    twice = [name_target(target, chosen) for target, count in counted.items() if count > 1]
    return [
        *([_say("missing", chosen, targets=missing)] if missing else ()),
        *([_say("twice", chosen, targets=twice)] if twice else ()),
        *([] if system and kind else [_say("unnamed", chosen)]),
        *([_say("personal_name", chosen)] if find_personal(system) else ()),
    ]


def write_mapping(choices: Mapping[str, str | None], system: str, kind: str) -> tuple[str, Profile]:
    """The TOML of the confirmed choices and the profile it describes, named after the source; raises `Refused` as `parse_profile`."""
    written = draft_profile(choices, source_system=system, kind=kind)
    return written, parse_profile(tomllib.loads(written), system)


def name_target(target: str, chosen: Chosen) -> str:
    """What a header may be confirmed as: its meaning with its name in the contract; an empty target drops it."""
    if not target:
        return _say("drop", chosen)
    word = words.name("target", target, chosen.language)
    return target if word == target else _say("target", chosen, word=word, code=target)


def _proposals(file: object) -> list[Proposal]:
    """The proposals for a file, read once and kept while it is the uploaded one."""
    kept = st.session_state.get("mapping_headers")
    if not kept or kept[0] != file.file_id:
        site = load.site()
        headers = read_headers(file.name, file.getvalue(), site.home / "uploads", site.time_zone)
        kept = (file.file_id, propose_profile(headers))
        st.session_state["mapping_headers"] = kept
    return kept[1]


def _row(proposal: Proposal, key: str, chosen: Chosen) -> str | None:
    """One header, how sure the proposal is, and the choice; a personal one has none."""
    header, choice = st.columns([2, 3], vertical_alignment="center")
    state = chip(_CHIPS[proposal.state], words.say(f"intake.states.{proposal.state}", chosen.language))
    header.html(f"<b>{text(proposal.header)}</b> &ensp;{state}")
    if proposal.state == "personal":
        choice.html(quiet(_say("personal", chosen)))
        return None
    options = (DROP, *dict.fromkeys((*filter(None, (proposal.target,)), *proposal.alternatives, *TARGETS)))
    picked = choice.selectbox(
        proposal.header, options, index=options.index(proposal.target or DROP), label_visibility="collapsed", key=key,
        format_func=lambda one: name_target(one, chosen),
    )  # fmt: skip
    return picked or None
