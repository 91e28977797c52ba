"""What is recorded from the screen: imports, refreshes, calendar, notes, duty. Each act carries the configured post, unverified."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import sqlalchemy as sa
import streamlit as st

from analytics.refresh import RefreshReport, refresh
from data import in_force, operational, workdays
from data.errors import Refused
from data.intake import load as intake
from data.intake import profiles
from data.intake.load import BatchReport, UndoReport
from data.intake.profiles import Profile
from pages.ui import load

Progress = Callable[[str, float], None]


def list_profiles() -> tuple[str, ...]:
    """The mapping profiles that ship, and the site's own where one is set."""
    own = load.site().mapping
    shipped = profiles.list_profiles()
    return (own, *shipped) if own and own not in shipped else shipped


def is_embedded() -> bool:
    """Whether this site keeps its own operational store; a foreign database is only ever read."""
    return load.site().uses_embedded


def import_upload(
    name: str, content: bytes, profile: str | Profile, *, dry_run: bool, progress: Progress
) -> BatchReport:
    """An uploaded file into the operational store, or a rehearsal of it; the raw file is deleted either way.

    `profile` is the name of a mapping profile, or one confirmed on the page.
    """
    site = load.site()
    chosen = profile if isinstance(profile, Profile) else profiles.read_profile(profile)
    report = intake.import_upload(
        engine(),
        name,
        content,
        chosen,
        folder=site.home / "uploads",
        actor=site.actor,
        now=site.now(),
        dry_run=dry_run,
        progress=progress,
        time_zone=site.time_zone,
    )
    if not dry_run:
        load.desk().log("imported", site.actor, site.now(), subject=f"batch {report.batch_id}", profile=chosen.name)
    return report


def batches() -> pd.DataFrame:
    """The imports so far, newest first; empty where no store exists yet."""
    path = sa.make_url(load.site().database_url).database
    if not is_embedded() or not path or not Path(path).exists():
        return pd.DataFrame()
    return intake.list_batches(engine())


def findings(batch_id: int) -> pd.DataFrame:
    """Everything kept about a batch."""
    return intake.read_findings(engine(), batch_id)


def undo(batch_id: int) -> UndoReport:
    """Take a batch back."""
    site = load.site()
    report = intake.undo_batch(engine(), batch_id, site.actor, site.now())
    load.desk().log("import_undone", site.actor, site.now(), subject=f"batch {batch_id}")
    return report


def publish(progress: Progress) -> RefreshReport:
    """Publish a new version of the mart from the operational store, and judge it."""
    from analytics.detection import detect_site

    site, desk, now = load.site(), load.desk(), load.site().now()
    calendar = in_force.calendar_in_force(desk)
    return refresh(
        site,
        now=now,
        calendar=calendar,
        rules=in_force.deadline_rules_in_force(desk, now.date()),
        progress=progress,
        then=lambda: detect_site(site, desk, calendar=calendar, now=now, progress=progress),
    )


def save_year(year: int, days_off: dict[date, str | None], makeup_days: dict[date, str | None]) -> None:
    """Record a whole year of the working calendar."""
    site = load.site()
    load.desk().save_calendar_days(workdays.complete_year(year, days_off, makeup_days), site.actor, site.now())


def clear_year(year: int) -> None:
    """Return to the published calendar of a year."""
    site = load.site()
    load.desk().clear_calendar_year(year, site.actor, site.now())


def add_note(first: date, last: date, text: str, kind: str, area: str | None) -> None:
    """Record something that may explain the numbers of some days."""
    site = load.site()
    load.desk().add_note(first, last, text, site.actor, site.now(), area=area, kind=kind)


def remove_note(note_id: int) -> None:
    """Withdraw a note; it stays on record."""
    site = load.site()
    load.desk().remove_note(note_id, site.actor, site.now())


def set_duty(mode: str, reason: str) -> None:
    """Set the duty mode (平时 or 战时)."""
    site = load.site()
    load.desk().set_duty_mode(mode, site.actor, site.now(), reason=reason or None)


def save_setting(name: str, value: dict, valid_from: date) -> int:
    """Record a version of some settings, in force from today or a later day. Raises `Refused` for a day gone by."""
    site = load.site()
    today = site.now().date()
    if valid_from < today:
        raise Refused("settings.from_past", given=valid_from, today=today)
    return load.desk().save_setting(name, value, valid_from, site.actor, site.now())


def engine() -> sa.Engine:
    """The operational store's engine, one a process."""
    return _engine(load.site().database_url)


@st.cache_resource(max_entries=4, show_spinner=False)
def _engine(url: str) -> sa.Engine:
    return operational.create_engine(url)
