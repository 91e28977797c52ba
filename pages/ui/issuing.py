"""A brief's way to being issued, at the foot of its page: draft, edits, review, issue, the issued copies and what late data changed."""

from collections.abc import Callable, Mapping

import streamlit as st

from analytics.followup import FollowUp
from data.issuing import BriefKey, Issued, Step, may
from pages import paper
from pages.paper import edits
from pages.paper.document import Document, from_json
from pages.ui import issuing_acts as acts
from pages.ui import load, tables, words
from pages.ui.links import Chosen
from pages.ui.load import followup as followups
from pages.ui.markup import chip, notice, quiet, section, text
from pages.ui.recorded import attempt, post_of
from pages.ui.tables import Column

SHAPES = {"none": "undone", "draft": "filling", "reviewed": "watch", "issued": "ok", "withdrawn": "below"}
SHOWN = 12
_GROUPS = {
    "kind": "kind",
    "source_system": "source",
    "reason": "reason",
    "form": "form",
}  # columns whose codes have words


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"issue.{key}", chosen.language, **values)


def show_issue(
    key: BriefKey,
    make_document: Callable[[], Document],
    make_record: Callable[[], Mapping],
    follow_up: FollowUp | None,
    chosen: Chosen,
) -> None:
    """State, edits, review and issue for those who may; the issued copies with their files, and what late data changed, for everyone.

    `make_document` and `make_record` give the paper and its figures as computed now; they are asked only when a draft is made.
    """
    if follow_up is None or not follow_up.is_shared:
        return
    st.html(section(_say("section", chosen)) + _state(follow_up, chosen))
    step = follow_up.steps[-1] if follow_up.steps else None
    if may(load.site().role, "draft"):
        if follow_up.state in ("none", "withdrawn"):
            _offer_draft(key, step, make_document, make_record, follow_up, chosen)
        elif follow_up.state in ("draft", "reviewed"):
            _show_draft(key, step, make_document, make_record, chosen)
        elif follow_up.state == "issued":
            _offer_withdrawal(key, chosen)
    _show_edits(follow_up, chosen)
    _show_late(follow_up, chosen)
    _show_issued(follow_up, chosen)
    st.html(_openings(key, chosen))


def _openings(key: BriefKey, chosen: Chosen) -> str:
    """How often the brief and its issued copies were opened, by role, never by whom."""
    found = followups.openings(key)
    if not found:
        return ""
    parts = tuple(
        _say("opened_by", chosen, role=words.say(f"frame.role.{role}", chosen.language), count=count)
        for role, count in found.items()
    )
    return quiet(_say("opened", chosen, parts=parts))


def _state(follow_up: FollowUp, chosen: Chosen) -> str:
    """Where the brief stands, as word, shape and colour, and who brought it there when."""
    line = chip(SHAPES[follow_up.state], _say(f"state.{follow_up.state}", chosen))
    if not follow_up.steps:
        return f'<p class="xs-line">{line}</p>'
    last = follow_up.steps[-1]
    parts = [_say("since", chosen, at=last.recorded_at, post=post_of(last, chosen))]
    own = follow_up.standing_issue
    if own is not None:
        parts.insert(0, _say("number_of_year", chosen, year=own.year, number=own.number))
    if last.reason:
        parts.append(_say("reason", chosen, reason=last.reason))
    return f'<p class="xs-line">{line} <span class="xs-quiet">{text(" · ".join(parts))}</span></p>'


# --- the draft ------------------------------------------------------------------------------------------------------------------


def _offer_draft(
    key: BriefKey,
    step: Step | None,
    make_document: Callable[[], Document],
    make_record: Callable[[], Mapping],
    follow_up: FollowUp,
    chosen: Chosen,
) -> None:
    st.html(quiet(_say(f"how.{follow_up.state}", chosen)))
    if st.button(_say(f"make.{follow_up.state}", chosen), key="make_draft"):
        attempt(lambda: acts.draft(key, make_document(), make_record(), load.mart(), step), "drafted", chosen)


def _show_draft(
    key: BriefKey,
    step: Step,
    make_document: Callable[[], Document],
    make_record: Callable[[], Mapping],
    chosen: Chosen,
) -> None:
    version = load.mart()
    if step.version != version.version:
        st.html(notice(_say("newer_data", chosen, at=version.read_at), "plain"))
    with st.expander(_say("edit", chosen), on_change="rerun", key="edit_draft") as editing:
        if editing.open:
            _edit(key, step, chosen)
    with st.container(horizontal=True, key="issue_buttons"):
        if step.state == "draft" and st.button(_say("review", chosen), key="review", type="primary"):
            attempt(lambda: acts.review(key, step), "reviewed", chosen)
        if step.state == "reviewed" and st.button(_say("issue", chosen), key="issue", type="primary"):
            with st.spinner(_say("issuing", chosen)):
                attempt(lambda: acts.issue(key, step), "issued", chosen)
        for form in ("docx", "pdf"):
            st.download_button(
                _say(f"preview.{form}", chosen),
                data=lambda form=form: paper.render(
                    from_json(step.document), form, fonts_folder=load.site().fonts_folder
                ),
                file_name=f"{from_json(step.document).name}-{_say('draft_name', chosen)}.{form}",
                mime=paper.MEDIA[form],
                on_click="ignore",
                key=f"preview_{form}",
            )
        if step.version != version.version and st.button(_say("again", chosen), key="compose_again"):
            attempt(
                lambda: acts.draft(key, make_document(), make_record(), version, step, edits_of=step), "drafted", chosen
            )
    st.html(quiet(_say(f"how.{step.state}", chosen)))


def _edit(key: BriefKey, step: Step, chosen: Chosen) -> None:
    """Every running text of the draft in its own field; figures in tables and charts are not to be edited."""
    document = from_json(step.document)
    found = edits.passages(document)
    written: dict[int, str] = {}
    with st.form("edit_form", border=False):
        last = None
        for one in found:
            if one.section != last:
                st.html(f'<div class="xs-field">{text(one.section or _say("foot", chosen))}</div>')
                last = one.section
            written[one.place] = st.text_area(
                one.prompt or one.section or _say("foot", chosen),
                value=one.text,
                placeholder=one.prompt,
                height=68 if len(one.text) < 60 else "content",
                label_visibility="collapsed",
                key=f"text_{step.step_id}_{one.place}",
            )
        saved = st.form_submit_button(_say("save", chosen))
    if saved:
        texts = {one.place: written[one.place] for one in found if written[one.place].strip() != one.text}
        attempt(lambda: acts.edit(key, step, texts), "edited", chosen)


def _show_edits(follow_up: FollowUp, chosen: Chosen) -> None:
    """What editors changed from the document as composed: section, before, after, post, when."""
    if not any(step.document != step.composed for step in follow_up.steps):
        return
    with st.expander(_say("edits", chosen), on_change="rerun", key="edits") as shown:
        if not shown.open:
            return
        rows = [
            {
                "section": one.change.section or _say("foot", chosen),
                "before": one.change.before or None,
                "after": one.change.after or None,
                "by": post_of(one, chosen),
                "at": one.recorded_at,
            }
            for one in edits.history(follow_up.steps)
        ]
        columns = (
            Column("section", heading="edit_section"),
            Column("before", heading="edit_before", blank="issue.nothing"),
            Column("after", heading="edit_after", blank="issue.nothing"),
            Column("by", aside=True),
            Column("at", "moment", "recorded_at", aside=True),
        )
        st.html(tables.table(rows, columns, chosen))


# --- issued ---------------------------------------------------------------------------------------------------------------------


def _offer_withdrawal(key: BriefKey, chosen: Chosen) -> None:
    with st.expander(_say("withdraw", chosen), on_change="rerun", key="withdraw_brief") as shown:
        if not shown.open:
            return
        st.html(quiet(_say("how.issued", chosen)))
        with st.form("withdrawal_form", border=False):
            reason = st.text_input(_say("why", chosen), max_chars=200, key="withdrawal_reason")
            sent = st.form_submit_button(_say("withdraw_now", chosen))
        if sent:
            attempt(lambda: acts.withdraw(key, reason), "withdrawn", chosen)


def _show_late(follow_up: FollowUp, chosen: Chosen) -> None:
    """What data that came after the issue changed; the issued copy itself stays as it is."""
    if follow_up.standing_issue is None:
        return
    if not follow_up.late_changes:
        st.html(quiet(_say("late.none", chosen)))
        return
    with st.expander(
        _say("late.some", chosen, count=len(follow_up.late_changes)), on_change="rerun", key="late_changes"
    ) as shown:
        if not shown.open:
            return
        rows = [
            {
                **line.values,
                "figure": _figure(str(line.values["figure"]), chosen),
                "place": _place(line.values, chosen),
                "selection": line.selection,
            }
            for line in follow_up.late_changes
        ]
        columns = (
            Column("figure", heading="late_figure"),
            Column("place", heading="late_place", blank="issue.whole"),
            Column("then", "figure", heading="late_then"),
            Column("now", "figure", heading="late_now", opens=lambda row: row["selection"]),
            Column("change", "signed", heading="late_moved"),
        )
        st.html(quiet(_say("late.how", chosen)) + tables.table(rows, columns, chosen))


def _figure(name: str, chosen: Chosen) -> str:
    """The word for a figure or a column of a table."""
    keys = (f"figure.name.{name}", f"column.{name}")
    return next((words.say(key, chosen.language) for key in keys if words.has(key, chosen.language)), name)


def _place(values: Mapping, chosen: Chosen) -> str | None:
    """Which row a figure stands in: place, subject, unit, or whatever else tells it apart."""
    parts = [str(values[name]) for name in ("place", "category", "unit") if values[name]]
    row, row_of = values["row"], values["row_of"]
    if not parts and row is not None:
        parts = [
            words.name(_GROUPS[row_of], row, chosen.language) if row_of in _GROUPS else str(row).partition("T00:")[0]
        ]
    return " · ".join(parts) or None


def _show_issued(follow_up: FollowUp, chosen: Chosen) -> None:
    """The issued copies of this brief and of those before it, with their frozen files."""
    if not follow_up.issued:
        return
    label = _say("issued", chosen, count=len(follow_up.issued))
    with st.expander(label, on_change="rerun", key="issued_copies") as shown:
        if not shown.open:
            return
        numbers = {one.issued_id: one for one in follow_up.issued}
        rows = [_issued_row(one, numbers, chosen) for one in follow_up.issued[:SHOWN]]
        columns = (
            Column("number", "id", heading="issue_number"),
            Column("first_on", "day", heading="brief_of"),
            Column("recorded_at", "moment", heading="issued_at"),
            Column("by", aside=True),
            Column("standing", heading="issue_standing"),
            Column("known_at", "moment", aside=True),
        )
        st.html(tables.table(rows, columns, chosen))
        picked = st.selectbox(
            _say("files_of", chosen),
            list(numbers),
            format_func=lambda one: _number(numbers[one], chosen),
            key="issued_pick",
        )
        _files(numbers[picked], chosen)


def _issued_row(one: Issued, numbers: Mapping[int, Issued], chosen: Chosen) -> dict[str, object]:
    standing = _say("standing.withdrawn" if one.is_withdrawn else "standing.in_force", chosen)
    if one.replaces in numbers:
        earlier = numbers[one.replaces]
        standing += _say("corrects", chosen, year=earlier.year, number=earlier.number)
    return {
        "number": _number(one, chosen),
        "first_on": one.key.first,
        "recorded_at": one.recorded_at,
        "by": post_of(one, chosen),
        "standing": standing,
        "known_at": one.known_at,
    }


def _number(one: Issued, chosen: Chosen) -> str:
    return _say("number_of_year", chosen, year=one.year, number=one.number)


def _files(one: Issued, chosen: Chosen) -> None:
    name = _file_name(one)
    with st.container(horizontal=True, key="issued_files"):
        for form in sorted(one.forms, key=paper.FORMS.index):
            st.download_button(
                _say(f"form.{form}", chosen),
                data=lambda form=form: acts.file_of(one, form),
                file_name=f"{name}.{form}",
                mime=paper.MEDIA.get(form, "application/octet-stream"),
                on_click="ignore",
                key=f"issued_{one.issued_id}_{form}",
            )


def _file_name(one: Issued) -> str:
    """The name of an issued file, without its ending: brief, first day of its period, number."""
    return f"xianshou-{one.key.kind}-{one.key.first}-{one.year}-{one.number:03d}"
