"""The refresh: what changed in the operational database becomes a new version of the mart, or the old one goes on serving."""

import os
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from data import operational
from data.contract import mapped_select
from data.deadlines import DeadlineRules
from data.errors import NotReady, XianshouError
from data.intake.profiles import read_profile
from data.publish import publish
from data.site import Site
from data.source import SelectFor, open_source
from data.versions import Attempt, one_writer, read_pointer, write_attempt
from data.workdays import WorkCalendar

NICENESS = 10  # readers come first: beside a niced rebuild a reader's median wait stays as it is alone


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh did.

    `rows` are rows by table, `changes` matters by new, changed, gone and untouched (edited although `updated_at` stayed); `warnings`
    are keys of sentences with their values; `reason` says why the whole source was read; `later` is why the warnings could not be
    computed from the version, `forecasts` why the forecasts could not, and the traces are for whoever maintains the installation what
    nobody foresaw.
    """

    version: str
    published_at: datetime
    read_at: datetime
    full: bool
    reason: str | None
    rows: dict[str, int]
    changes: dict[str, int]
    seconds: float
    bytes: int
    warnings: tuple[tuple[str, dict[str, object]], ...] = ()
    later: XianshouError | None = None
    later_trace: str | None = None
    forecasts: XianshouError | None = None
    forecasts_trace: str | None = None


def refresh(
    site: Site,
    *,
    now: datetime,
    calendar: WorkCalendar,
    rules: DeadlineRules,
    full: bool = False,
    select_for: SelectFor | None = None,
    progress: Callable[[str, float], None] | None = None,
    keep: int = 5,
    then: Callable[[], None] | None = None,
    forecast: Callable[[], None] | None = None,
) -> RefreshReport:
    """Read the operational database and publish a new version of the mart.

    `now` is the site's wall clock; `calendar` and `rules` are those in force; `select_for` gives the select of a foreign database's
    table, by the site's mapping profile unless given; `progress` is told the stage and the share done. `then` judges the new version
    (`analytics.detection.detect`) and after it `forecast` forecasts from it (`analytics.forecasting.forecast`), while no other refresh can begin;
    the failure of one undoes nothing, leaves the other, and is kept in the report and the attempt. Every attempt leaves `last_attempt.json`. Raises Busy while another refresh is at work, NotReady and Refused when the
    source cannot or must not be published.
    """
    began = time.monotonic()
    stand_back()
    folder = site.mart_folder
    with one_writer(folder):
        attempt = Attempt(started_at=now)
        write_attempt(folder, attempt)

        def finished(**outcome: object) -> None:
            moment = now + timedelta(seconds=round(time.monotonic() - began))
            write_attempt(folder, replace(attempt, finished_at=moment, **outcome))

        try:
            version, warnings = _publish(site, now, calendar, rules, full, select_for, progress, keep)
        except XianshouError as error:
            finished(ok=False, error_key=error.key, error_values=error.values)
            raise
        except BaseException as error:
            finished(ok=False, error_key="refresh.failed", error_values={"detail": type(error).__name__})
            raise
        seconds = round(time.monotonic() - began, 2)
        later, trace = _fails(then, "refresh.later_failed")
        unforecast, forecast_trace = _fails(forecast, "forecasts.failed")
        kept = {"later_key": later.key, "later_values": later.values} if later else {}
        kept |= {"forecasts_key": unforecast.key, "forecasts_values": unforecast.values} if unforecast else {}
        finished(ok=True, version=version.version, **kept)
    return RefreshReport(
        version=version.version,
        published_at=version.published_at,
        read_at=version.read_at,
        full=version.full,
        reason=version.reason,
        rows=version.counts,
        changes=version.changes,
        seconds=seconds,
        bytes=version.bytes,
        warnings=warnings,
        later=later,
        later_trace=trace,
        forecasts=unforecast,
        forecasts_trace=forecast_trace,
    )


def _fails(then: Callable[[], None] | None, key: str) -> tuple[XianshouError | None, str | None]:
    """Do what rests on the new version; the error if it failed, and where nobody foresaw it one of this `key` and its trace: the version
    serves all the same.
    """
    try:
        if then is not None:
            then()
    except XianshouError as error:
        return error, None
    except Exception as error:  # noqa: BLE001 whatever it was, the version is published
        return XianshouError(key, detail=type(error).__name__), traceback.format_exc()
    return None, None


def _publish(
    site: Site,
    now: datetime,
    calendar: WorkCalendar,
    rules: DeadlineRules,
    full: bool,
    select_for: SelectFor | None,
    progress: Callable[[str, float], None] | None,
    keep: int,
) -> tuple:
    folder = site.mart_folder
    try:
        previous = read_pointer(folder)
    except NotReady:
        previous = None
    engine = operational.create_engine(site.database_url)
    select_for = select_for or _mapped(site, engine)
    with (
        closing(_Disposing(engine)),
        open_source(engine, now=now, time_zone=site.time_zone, select_for=select_for) as source,
    ):
        return publish(
            source, folder, now=now, calendar=calendar, rules=rules, previous=previous, full=full, keep=keep,
            progress=progress or (lambda stage, share: None),
        )  # fmt: skip


def _mapped(site: Site, engine: Engine) -> SelectFor | None:
    """The selects of a foreign database with other names, where the site names a mapping profile for it."""
    if site.mapping is None:
        return None
    profile = read_profile(site.mapping)
    return lambda table: mapped_select(engine, profile, table)


class _Disposing:
    def __init__(self, engine: object) -> None:
        self.close = engine.dispose


def stand_back() -> None:
    """Lower the priority of this thread, and of those it starts, below the readers'."""
    with suppress(OSError):  # not allowed here: slower readers, nothing worse
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
