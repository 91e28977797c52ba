"""Bringing files in: choose, rehearse, look at what was found, confirm; then what came in before, and how to take it back."""

import pandas as pd
import streamlit as st

from data.intake.findings import TIERS, write_error_file
from data.intake.load import BatchReport
from data.intake.profiles import Profile
from pages.ui import acts, mapping, tables, words
from pages.ui.links import Chosen
from pages.ui.markup import chip, notice, quiet, section, text
from pages.ui.tables import Column

UPLOAD_MB = 20
SHOWN_FINDINGS = 100
_TIER_STATES = {"blocking": "failed", "unrecognised": "watch", "doubtful": "unknown"}


def _say(key: str, chosen: Chosen, **values: object) -> str:
    return words.say(f"page.data_quality.{key}", chosen.language, **values)


def show(chosen: Chosen) -> None:
    """Upload and batches; a site that reads its own database imports nothing."""
    st.html(section(_say("section.upload", chosen), _say("lead.upload", chosen)))
    if not acts.is_embedded():
        st.html(quiet(_say("upload.foreign", chosen)))
        return
    _upload(chosen)
    _batches(chosen)


def _upload(chosen: Chosen) -> None:
    said = chosen.language
    names = acts.list_profiles()
    profile = st.selectbox(
        _say("upload.profile", chosen), (*names, mapping.NEW), index=names.index("standard") if "standard" in names else 0, key="upload_profile",
        format_func=lambda one: words.name("profile", one, said),
    )  # fmt: skip
    number = st.session_state.setdefault("upload_number", 0)
    st.html(_uploader_words(chosen))
    with st.container(key="upload"):
        file = st.file_uploader(
            _say("upload.file", chosen, limit=UPLOAD_MB), key=f"upload_{number}", max_upload_size=UPLOAD_MB,
            type=["csv", "txt", "gz", "xlsx", "xls", "ods", "parquet"],
        )  # fmt: skip
    if file is None:
        st.session_state.pop("rehearsal", None)
        mapping.forget()
        return
    if profile == mapping.NEW:
        profile = mapping.show(file, chosen)
    if profile is None:
        return
    if st.button(_say("upload.check", chosen), type="primary", key="upload_check"):
        report = _with_progress(file, profile, chosen, dry_run=True)
        st.session_state["rehearsal"] = ((file.file_id, profile), report)
    kept = st.session_state.get("rehearsal")
    if kept and kept[0] == (file.file_id, profile):
        _report(kept[1], chosen)
        if kept[1].inserted + kept[1].updated and st.button(
            _say("upload.confirm", chosen), type="primary", key="upload_confirm"
        ):
            done = _with_progress(file, profile, chosen, dry_run=False)
            st.session_state.pop("rehearsal")
            st.session_state["upload_number"] = number + 1  # a new uploader: the raw file is let go
            st.session_state["said"] = _say(
                "upload.done", chosen, batch=done.batch_id, inserted=done.inserted, updated=done.updated
            )
            st.rerun()


def _uploader_words(chosen: Chosen) -> str:
    """Streamlit's uploader speaks English only; its button is given our words instead."""
    said = _say("upload.choose", chosen).replace('"', "").replace("\\", "")
    button = ".st-key-upload [data-testid=stFileUploaderDropzone] [data-testid=stBaseButton-secondary]"
    return (
        f'<style>{button} p {{ font-size: 0; }} {button} p::after {{ content: "{said}"; font-size: 1rem; }} '
        ".st-key-upload [data-testid=stFileUploaderDropzoneInstructions] { display: none; }</style>"
    )


def _with_progress(file: object, profile: str | Profile, chosen: Chosen, *, dry_run: bool) -> BatchReport:
    bar = st.progress(0.0, text=_say("progress.reading", chosen))

    def tell(step: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=_say(f"progress.{step}", chosen))

    try:
        return acts.import_upload(file.name, file.getvalue(), profile, dry_run=dry_run, progress=tell)
    finally:
        bar.empty()


def _report(report: BatchReport, chosen: Chosen) -> None:
    """What the import would do, and everything found, by tier."""
    counts = {
        name: getattr(report, name) for name in ("rows_read", "inserted", "updated", "unchanged", "refused", "repeated")
    }
    st.html(notice(_say("upload.rehearsed", chosen, **counts), "plain"))
    if report.reports_counted:
        st.html(quiet(_say("upload.reports_counted", chosen, count=report.reports_counted)))
    _findings(report.findings, report.tally, f"rehearsal-{report.files[0].name}", chosen)


def _findings(found: pd.DataFrame, tally: dict[str, int], name: str, chosen: Chosen) -> None:
    """What was found: how often each, in three tiers; then row by row; then as a file."""
    said = chosen.language
    if not tally:
        st.html(quiet(_say("findings.none", chosen)))
        return
    rows = [
        {"tier": tier, "code": code, "count": tally[code]}
        for tier in TIERS
        for code in sorted(found.loc[found["tier"] == tier, "code"].unique(), key=lambda one: -tally.get(one, 0))
    ]
    body = "".join(
        f"<tr><td>{chip(_TIER_STATES[row['tier']], words.say('findings.tiers.' + row['tier'], said))}</td>"
        f"<td>{text(words.say('findings.' + row['code'] + '.what', said))}</td><td class='xs-n'>{words.number(row['count'], said)}</td>"
        f"<td>{text(words.say('findings.' + row['code'] + '.remedy', said))}</td></tr>"
        for row in rows
    )
    heads = "".join(
        f"<th{' class=xs-n' if key == 'count' else ''}>{text(words.say(f'column.{key}', said))}</th>"
        for key in ("tier", "what", "count", "remedy")
    )
    st.html(
        f'<div class="xs-scroll"><table class="xs-table"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
    )
    with st.expander(
        _say("findings.rows", chosen, shown=min(len(found), SHOWN_FINDINGS), count=len(found)),
        on_change="rerun",
        key=f"rows_{name}",
    ) as rest:
        if rest.open:
            shown = found.head(SHOWN_FINDINGS).assign(
                what=[words.say(f"findings.{code}.what", said) for code in found["code"].head(SHOWN_FINDINGS)]
            )
            columns = (
                Column("file_name"),
                Column("row_no", "count"),
                Column("column_name"),
                Column("what"),
                Column("masked_value"),
            )
            st.html(tables.table(shown.to_dict("records"), columns, chosen))
    st.download_button(
        _say("findings.file", chosen),
        data=lambda: write_error_file(found, lambda key: words.say(key, said)),
        file_name=f"{name}-findings.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"file_{name}",
    )


def _batches(chosen: Chosen) -> None:
    """What came in before."""
    st.html(section(_say("section.batches", chosen), _say("lead.batches", chosen)))
    found = acts.batches()
    if found.empty:
        st.html(quiet(_say("none.batches", chosen)))
        return
    rows = [_batch(row, chosen) for row in found.head(50).to_dict("records")]
    columns = (
        Column("batch_id", "text"),
        Column("imported_at", "moment"),
        Column("by"),
        Column("file_names"),
        Column("rows_read", "count"),
        Column("inserted", "count"),
        Column("updated", "count"),
        Column("refused", "count"),
        Column("findings", "count"),
        Column("batch_state", "code:batch"),
    )
    st.html(tables.table(rows, columns, chosen))
    _one_batch(rows, chosen)
    if st.button(_say("publish.now", chosen), key="publish", help=_say("publish.help", chosen)):
        _publish(chosen)


def _batch(row: dict, chosen: Chosen) -> dict[str, object]:
    mark = "" if row["actor_verified"] else words.say("page.daily_brief.unverified", chosen.language)
    return {
        **row,
        "file_names": words.join(str(row["file_names"]).splitlines(), chosen.language),
        "by": words.name("post", row["actor_post"], chosen.language) + mark,
        "findings": sum(row["tally"].values()),
        "batch_state": "undone" if not pd.isna(row["undone_at"]) else "kept",
    }


def _one_batch(rows: list[dict], chosen: Chosen) -> None:
    """One batch: everything found in it, and taking it back."""
    with st.expander(_say("batches.one", chosen), on_change="rerun", key="one_batch") as opened:
        if not opened.open:
            return
        by_number = {row["batch_id"]: row for row in rows}
        labels = {number: f"{number} · {row['file_names']}" for number, row in by_number.items()}
        number = st.selectbox(
            words.say("column.batch_id", chosen.language), list(labels), format_func=labels.get, key="batch"
        )
        _findings(acts.findings(int(number)), by_number[number]["tally"], f"batch-{number}", chosen)
        if by_number[number]["batch_state"] == "kept":
            with st.form("undo_form", border=False):
                sure = st.checkbox(_say("batches.sure", chosen, batch=int(number)))
                if st.form_submit_button(_say("batches.undo", chosen)) and sure:
                    undone = acts.undo(int(number))
                    st.session_state["said"] = _say(
                        "batches.undone", chosen, removed=undone.removed, restored=undone.restored
                    )
                    st.rerun()


def _publish(chosen: Chosen) -> None:
    bar = st.progress(0.0, text=_say("progress.publishing", chosen))

    def tell(_stage: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=_say("progress.publishing", chosen))

    try:
        report = acts.publish(tell)
    finally:
        bar.empty()
    st.session_state["said"] = _say("publish.done", chosen, version=report.version, seconds=report.seconds)
    st.rerun()
