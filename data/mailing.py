"""Mail by the site's own server: the one place in the product that speaks to another machine, and only when the site names a server.

Nothing is looked up and nothing is sent unless XIANSHOU_SMTP_HOST is set. A password is never sent in the clear.
"""

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from data.errors import NotReady, Refused
from data.settings import nearest_key

PREFIX = "XIANSHOU_SMTP_"
SETTINGS = ("HOST", "PORT", "SECURITY", "FROM", "USER", "PASSWORD_FILE", "CA_FILE")
PORTS = {"starttls": 587, "tls": 465, "none": 25}  # usual port by security
TIMEOUT = 30  # seconds a server may take to answer


@dataclass(frozen=True)
class MailServer:
    """The site's mail server: where it is, how the line is secured (starttls, tls, none), who sends."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


def read_mail_server(environment: Mapping[str, str]) -> MailServer | None:
    """The server that the environment names, None without XIANSHOU_SMTP_HOST.

    XIANSHOU_SMTP_HOST, XIANSHOU_SMTP_PORT (587, 465 or 25 by security), XIANSHOU_SMTP_SECURITY (starttls unless set; tls, none),
    XIANSHOU_SMTP_FROM, XIANSHOU_SMTP_USER with XIANSHOU_SMTP_PASSWORD_FILE, XIANSHOU_SMTP_CA_FILE for a server certified by the site
    itself. Raises Refused for a setting that is unknown or cannot be.
    """
    given = {
        name.removeprefix(PREFIX): value for name, value in environment.items() if name.startswith(PREFIX) and value
    }
    for name in given:
        if name not in SETTINGS:
            raise Refused("mail.unknown_setting", setting=PREFIX + name, nearest=PREFIX + nearest_key(name, SETTINGS))
    if "HOST" not in given:
        return None
    security = given.get("SECURITY", "starttls")
    if security not in PORTS:
        raise Refused("mail.unknown_security", found=security, allowed=", ".join(PORTS))
    port = given.get("PORT", str(PORTS[security]))
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise Refused("mail.bad_port", found=port)
    if not is_address(given.get("FROM", "")):
        raise Refused("mail.bad_sender", found=given.get("FROM", ""))
    if "USER" in given and security == "none":
        raise Refused("mail.password_in_clear")
    ca_file = Path(given["CA_FILE"]) if "CA_FILE" in given else None
    if ca_file is not None and not ca_file.is_file():
        raise Refused("mail.file_missing", file=ca_file)
    return MailServer(
        given["HOST"], int(port), security, given["FROM"], given.get("USER"), _password(given), ca_file
    )  # fmt: skip


def _password(given: Mapping[str, str]) -> str | None:
    if "USER" not in given:
        return None
    file = Path(given.get("PASSWORD_FILE", ""))
    if not file.is_file():
        raise Refused("mail.file_missing", file=given.get("PASSWORD_FILE", PREFIX + "PASSWORD_FILE"))
    return file.read_text(encoding="utf-8").strip()


def is_address(text: str) -> bool:
    """Whether a text is one plain address: no name, no second address, nothing that could begin another line of a mail's head.

    >>> is_address("desk@city.example"), is_address("a@b.c, d@e.f"), is_address("a@b.c\\nBcc: d@e.f")
    (True, False, False)
    """
    name, at, host = text.partition("@")
    signs = set("!#$%&'*+-/=?^_`{|}~.")
    plain = all(sign.isascii() and (sign.isalnum() or sign in signs) for sign in name)
    labels = host.split(".")
    return bool(at and name and plain and len(labels) > 1) and all(
        label and label.isascii() and all(sign.isalnum() or sign == "-" for sign in label) for label in labels
    )


def send(server: MailServer, message: EmailMessage) -> None:
    """Hand one message to the server. Raises NotReady, with what the server said, when it does not take it."""
    try:
        with _connected(server) as connection:
            connection.send_message(message)
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        raise NotReady("mail.refused", host=server.host, detail=f"{error.smtp_code} {said}"[:200]) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise NotReady(
            "mail.refused", host=server.host, detail=f"{code} {said.decode(errors='replace')}"[:200]
        ) from error
    except (smtplib.SMTPException, OSError) as error:  # out of reach, an untrusted certificate, no STARTTLS
        raise NotReady("mail.unreachable", host=server.host, port=server.port, detail=_said(error)) from error


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        context = ssl.create_default_context(cafile=server.ca_file)
        connection = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        if server.security == "starttls":
            connection.starttls(context=ssl.create_default_context(cafile=server.ca_file))
        if server.user is not None:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _said(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
