"""Handing briefs over: for each recipient the briefs that are due, made with the recipient's own scope, dropped in a folder and mailed.

One recipient's failure never stops the others. What has been mailed is not mailed again; files are written anew.
"""

import hashlib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics.briefs import for_export
from analytics.briefs.wording import around_the_headline
from data import mailing
from data.delivery import UNITS, Due, Receipts, Recipient, drop_file, due_on, read_receipts
from data.desk import Desk
from data.errors import NotReady, XianshouError
from data.mailing import MailServer
from data.mart import Attempt, Mart
from data.queries import names_of
from data.scope import Actor, Scope
from data.workdays import WorkCalendar
from pages.paper import MEDIA
from pages.paper.making import Asked, Made, make
from pages.ui import words


@dataclass(frozen=True)
class Run:
    """What all recipients of one delivery share: the records, the desk, the clock, where things go and who runs it."""

    mart: Mart
    desk: Desk
    calendar: WorkCalendar
    attempt: Attempt | None
    now: datetime
    time_zone: str
    actor: Actor
    receipts: Path
    server: MailServer | None = None
    fonts_folder: Path | None = None


@dataclass(frozen=True)
class Handed:
    """What became of one brief for one recipient.

    `files` were dropped, `mailed` addresses got it now, `had_it` before. `error` is what went wrong, `trace` how, where nobody foresaw it.
    """

    recipient: str
    due: Due
    files: tuple[Path, ...] = ()
    mailed: int = 0
    had_it: int = 0
    error: XianshouError | None = None
    trace: str | None = None


@dataclass(frozen=True)
class _File:
    name: str
    form: str
    content: bytes


def deliver(recipients: tuple[Recipient, ...], day: date, run: Run) -> Iterator[Handed]:
    """Hand over, on the morning after `day`, what is due to each recipient; yields what became of each brief, as it is done."""
    for recipient in recipients:
        receipts = read_receipts(run.receipts, recipient)
        for due in due_on(day, recipient.briefs, receipts.known):
            try:
                yield _hand_over(recipient, due, day, run, receipts)
            except XianshouError as error:
                yield Handed(recipient.name, due, error=error)
            except Exception as error:  # noqa: BLE001 the others must get theirs
                failed = NotReady("delivery.failed", detail=type(error).__name__)
                yield Handed(recipient.name, due, error=failed, trace=traceback.format_exc())


def _hand_over(recipient: Recipient, due: Due, day: date, run: Run, receipts: Receipts) -> Handed:
    made = _made(recipient, due, run)
    files = [
        _File(f"{due.brief}-{due.period}{suffix}.{form}", form, one.file(form))
        for suffix, one in made
        for form in recipient.forms
    ]
    handed = Handed(recipient.name, due)
    if recipient.folder is not None:
        paths = tuple(recipient.folder / f"{day:%Y-%m-%d}" / file.name for file in files)
        for path, file in zip(paths, files, strict=True):
            drop_file(path, file.content)
        receipts.note(due, run.now, run.mart.version, files=paths)
        handed = replace(handed, files=paths)
    if recipient.addresses:
        handed = _mail_all(recipient, made, files, run, receipts, handed)
    detail = {"files": len(handed.files), "mailed": handed.mailed, "forms": list(recipient.forms)}
    run.desk.log("brief_delivered", run.actor, run.now, subject=f"{recipient.name} {due.key}", **detail)
    return handed


def _made(recipient: Recipient, due: Due, run: Run) -> list[tuple[str, Made]]:
    """The brief for each area of the recipient's scope, with what tells its file from the others'."""
    areas = recipient.scope.areas or (None,)
    for code in areas:
        if code is not None and names_of(run.mart).area(code) is None:
            raise NotReady("delivery.area_unknown", name=recipient.name, area=code)
    made = []
    for code in areas:
        scope = Scope(None if code is None else (code,), recipient.scope.role)
        ask = Asked(
            run.mart, scope, due.day, run.calendar, recipient.language, run.now, run.desk,
            area_code=code, kind=recipient.kind, attempt=run.attempt, post=run.actor.post,
        )  # fmt: skip
        made.append((f"-{code}" if len(areas) > 1 else "", make(due.brief, ask, fonts_folder=run.fonts_folder)))
    return made


# --- by mail ------------------------------------------------------------------------------------------------------------------


def _mail_all(
    recipient: Recipient, made: list[tuple[str, Made]], files: list[_File], run: Run, receipts: Receipts, handed: Handed
) -> Handed:
    """One mail to each address that has not got this brief; the first failure is told, the others are tried."""
    if run.server is None:
        return replace(handed, error=NotReady("mail.no_server"))
    had = receipts.mailed(handed.due)
    for address in recipient.addresses:
        if address in had:
            handed = replace(handed, had_it=handed.had_it + 1)
            continue
        try:
            mailing.send(run.server, _message(recipient, made, files, run, handed.due, address))
        except XianshouError as error:
            handed = replace(handed, error=handed.error or error)
            continue
        receipts.note(handed.due, run.now, run.mart.version, address=address)
        handed = replace(handed, mailed=handed.mailed + 1)
    return handed


def _message(
    recipient: Recipient, made: list[tuple[str, Made]], files: list[_File], run: Run, due: Due, address: str
) -> EmailMessage:
    """The mail: what the briefs say first, and the briefs; a number of its own that a second sending would share."""
    language = recipient.language
    message = EmailMessage()
    title = made[0][1].document.title
    period = words.period(made[0][1].brief.period.first, UNITS[due.brief], language, "short")
    message["Subject"] = words.say("delivery.subject", language, title=title, period=period)
    message["From"], message["To"] = run.server.sender, address
    message["Date"] = format_datetime(run.now.replace(tzinfo=ZoneInfo(run.time_zone)))
    mark = hashlib.sha256("\n".join((recipient.name, due.key, address)).encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{mark}@{run.server.sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(_body(made, language)))
    for file in files:
        main, _, below = MEDIA[file.form].partition("/")
        message.add_attachment(file.content, maintype=main, subtype=below, filename=file.name)
    return message


def _body(made: list[tuple[str, Made]], language: str) -> list[str]:
    lines = []
    for _, one in made:
        fit = for_export(one.brief)
        lines.append(words.where(fit, language, whole="brief.whole_city"))
        first, rest = around_the_headline(fit.notices)
        lines += [words.tell(sentence, language) for sentence in (*first, *fit.headline, *rest)]
        lines.append("")
    return [*lines, words.say("delivery.closing", language)]
