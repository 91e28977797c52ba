"""Mail leaves only when the site names a server, by a line as secure as was asked for, and a password never in the clear."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from data.errors import NotReady, Refused
from data.mailing import MailServer, is_address, read_mail_server, send

HERE = {"XIANSHOU_SMTP_HOST": "127.0.0.1", "XIANSHOU_SMTP_FROM": "desk@city.example", "XIANSHOU_SMTP_SECURITY": "none"}


class Inbox:
    """Keeps what arrives; refuses what is meant for `full@…`."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, list[str], EmailMessage]] = []

    async def handle_RCPT(self, server: object, session: object, envelope: object, address: str, options: list) -> str:
        if address.startswith("full@"):
            return "552 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.messages.append((envelope.mail_from, envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 kept"


@contextmanager
def listening(**options: object) -> Iterator[tuple[Inbox, int]]:
    """A mail server on this machine, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield inbox, port
    finally:
        controller.stop()


def note(to: str = "office@city.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "desk@city.example", to, "日研判"
    message.set_content("正文")
    return message


# --- settings --------------------------------------------------------------------------------------------------------------------


def test_without_a_host_there_is_no_server() -> None:
    assert read_mail_server({}) is None
    assert read_mail_server({"XIANSHOU_SMTP_FROM": "desk@city.example", "HOME": "/"}) is None


def test_the_usual_port_follows_from_how_the_line_is_secured() -> None:
    ports = {
        security: read_mail_server({**HERE, "XIANSHOU_SMTP_SECURITY": security}).port
        for security in ("starttls", "tls", "none")
    }
    assert ports == {"starttls": 587, "tls": 465, "none": 25}
    secured = {name: value for name, value in HERE.items() if not name.endswith("SECURITY")}
    assert read_mail_server(secured).security == "starttls"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"XIANSHOU_SMTP_HOTS": "x"}, "mail.unknown_setting"),
        ({"XIANSHOU_SMTP_SECURITY": "ssl"}, "mail.unknown_security"),
        ({"XIANSHOU_SMTP_PORT": "smtp"}, "mail.bad_port"),
        ({"XIANSHOU_SMTP_PORT": "70000"}, "mail.bad_port"),
        ({"XIANSHOU_SMTP_FROM": "The desk <desk@city.example>"}, "mail.bad_sender"),
        ({"XIANSHOU_SMTP_USER": "desk", "XIANSHOU_SMTP_PASSWORD_FILE": "/dev/null"}, "mail.password_in_clear"),
        ({"XIANSHOU_SMTP_SECURITY": "tls", "XIANSHOU_SMTP_USER": "desk"}, "mail.file_missing"),
        ({"XIANSHOU_SMTP_SECURITY": "tls", "XIANSHOU_SMTP_CA_FILE": "/none"}, "mail.file_missing"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(given: dict[str, str], key: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_mail_server({**HERE, **given})
    assert refusal.value.key == key


def test_a_mistyped_setting_names_the_nearest_right_one() -> None:
    with pytest.raises(Refused, match="nearest=XIANSHOU_SMTP_PASSWORD_FILE"):
        read_mail_server({**HERE, "XIANSHOU_SMTP_PASSWORD": "secret"})


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n", encoding="utf-8")
    given = {"XIANSHOU_SMTP_SECURITY": "tls", "XIANSHOU_SMTP_USER": "desk", "XIANSHOU_SMTP_PASSWORD_FILE": str(file)}
    server = read_mail_server({**HERE, **given})
    assert server.password == "s3cret"
    assert "s3cret" not in repr(server)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@b.cn",
        "a@",
        "a@b",
        "a@b..cn",
        "a b@c.cn",
        "a@b.cn\n",
        "<a@b.cn>",
        "a@b.cn,c@d.cn",
        "甲@b.cn",
        "a@市.cn",
    ],
)
def test_only_one_plain_address_is_an_address(text: str) -> None:
    assert not is_address(text)


# --- sending ---------------------------------------------------------------------------------------------------------------------


def test_a_message_arrives_as_it_was_written() -> None:
    with listening() as (inbox, port):
        send(MailServer("127.0.0.1", port, "none", "desk@city.example"), note())
    ((sender, to, message),) = inbox.messages
    assert (sender, to) == ("desk@city.example", ["office@city.example"])
    assert message.get_payload(decode=True).decode().strip() == "正文"


def test_what_the_server_refuses_is_told_with_its_words() -> None:
    with listening() as (inbox, port), pytest.raises(NotReady) as refusal:
        send(MailServer("127.0.0.1", port, "none", "desk@city.example"), note("full@city.example"))
    assert refusal.value.key == "mail.refused"
    assert refusal.value.values["detail"] == "552 mailbox full"
    assert inbox.messages == []


def test_a_server_out_of_reach_is_told() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(NotReady, match=r"mail\.unreachable"):
        send(MailServer("127.0.0.1", port, "none", "desk@city.example"), note())


def test_a_server_without_starttls_gets_nothing() -> None:
    with listening() as (inbox, port), pytest.raises(NotReady, match=r"mail\.unreachable"):
        send(MailServer("127.0.0.1", port, "starttls", "desk@city.example"), note())
    assert inbox.messages == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine's own, and its key, in one folder."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def context_of(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    return context


def test_over_starttls_the_account_is_shown_and_the_certificate_is_checked(certificate: Path) -> None:
    shown = []

    def authenticate(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        shown.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    options = {"tls_context": context_of(certificate), "require_starttls": True, "auth_required": True}
    with listening(**options, authenticator=authenticate) as (inbox, port):
        known = certificate / "certificate.pem"
        secured = MailServer("127.0.0.1", port, "starttls", "desk@city.example", "desk", "right", known)
        send(secured, note())
        assert shown == [(b"desk", b"right")]
        with pytest.raises(NotReady, match=r"mail\.refused"):
            send(MailServer("127.0.0.1", port, "starttls", "desk@city.example", "desk", "wrong", known), note())
        shown.clear()
        with pytest.raises(NotReady, match=r"mail\.unreachable"):
            send(MailServer("127.0.0.1", port, "starttls", "desk@city.example", "desk", "right"), note())
    assert len(inbox.messages) == 1
    assert shown == [], "no password is shown to a server whose certificate nobody vouches for"


def test_a_line_secured_from_the_start_works(certificate: Path) -> None:
    with listening(ssl_context=context_of(certificate)) as (inbox, port):
        send(MailServer("127.0.0.1", port, "tls", "desk@city.example", ca_file=certificate / "certificate.pem"), note())
    assert len(inbox.messages) == 1
