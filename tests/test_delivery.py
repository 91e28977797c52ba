"""The morning's delivery: each recipient gets its own briefs with its own scope, once, whatever becomes of the others."""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from pypdf import PdfReader

from cli import xianshou
from data import operational
from data.delivery import FORMS
from data.desk import open_desk
from data.intake.personal import find_personal
from data.site import read_site
from data.versions import one_writer
from tests.data.test_mailing import listening

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 21, 6)
SECRET = "绝密"  # in every name of what lies outside the recipients' scope


def fill(connection: sa.Connection) -> None:
    """Two streets with three weeks of matters; everything of the second carries the secret in its name."""
    areas = [
        {"area_code": "99", "name": "示例区", "level_code": "district"},
        {"area_code": "9901", "name": "东街", "level_code": "street", "parent_code": "99"},
        {"area_code": "9902", "name": f"{SECRET}街", "level_code": "street", "parent_code": "99"},
        {"area_code": "990101", "name": "东里", "level_code": "community", "parent_code": "9901"},
        {"area_code": "990201", "name": f"{SECRET}里", "level_code": "community", "parent_code": "9902"},
    ]
    add(connection, "area", *areas)
    add(connection, "category", {"category_code": "01", "name": "物业"}, {"category_code": "77", "name": f"{SECRET}类"})
    add(
        connection,
        "organisation",
        {"org_id": "u1", "name": "东街办", "area_code": "9901"},
        {"org_id": "u2", "name": f"{SECRET}办"},
    )
    for n in range(120):
        at = datetime.combine(DAY, datetime.min.time()) - timedelta(hours=4 * n - 9)
        secret = n % 2
        row = {
            "matter_no": f"{SECRET if secret else 'D'}-{n:04}", "source_system": f"{SECRET}台" if secret else "台", "kind": "dispute",
            "registered_at": at, "updated_at": at, "area_code": "990201" if secret else "990101", "category_code": "77" if secret else "01",
            "responsible_org_id": "u2" if secret else "u1", "people_involved": 12 + n % 9, "returned_count": 3 if n % 7 == 0 else 0,
            "closed_at": at + timedelta(hours=6) if n % 3 else None,
        }  # fmt: skip
        add(connection, "matter", row)
    event = {
        "event_id": "e",
        "name": f"{SECRET}集会",
        "kind": "fair",
        "area_code": "9902",
        "starts_on": DAY + timedelta(days=1),
    }
    add(connection, "planned_event", event)
    case = {
        "case_id": "c",
        "area_code": "990201",
        "category_code": "77",
        "matter_no": f"{SECRET}-0001",
        "next_step": SECRET,
    }
    add(connection, "leader_case", case)


def add(connection: sa.Connection, name: str, *rows: dict) -> None:
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    for row in rows:
        connection.execute(sa.insert(operational.contract.tables[name]), row)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, publish: Callable) -> Path:
    home = tmp_path_factory.mktemp("city") / "home"
    publish(home, fill, now=NOW)
    open_desk(read_site(home).desk_url).close()
    return home


@pytest.fixture
def home(tmp_path: Path, city: Path) -> Path:
    return Path(shutil.copytree(city, tmp_path / "home"))


def deliver(home: Path, recipients: str, *said: str, **environment: str) -> Result:
    (home / "recipients.toml").write_text(recipients, encoding="utf-8")
    given = {"XIANSHOU_DATABASE_URL": "", **environment}
    return CliRunner(env=given).invoke(
        xianshou, ["--home", str(home), "--lang", "en", "deliver", "--as-of", DAY.isoformat(), *said]
    )


def recipient(name: str, *lines: str) -> str:
    return "\n".join(["[[recipient]]", f'name = "{name}"', 'briefs = ["daily"]', *lines, ""])


def mailing_by(port: int) -> dict[str, str]:
    return {
        "XIANSHOU_SMTP_HOST": "127.0.0.1", "XIANSHOU_SMTP_PORT": str(port), "XIANSHOU_SMTP_SECURITY": "none",
        "XIANSHOU_SMTP_FROM": "desk@city.example",
    }  # fmt: skip


def words_in(name: str, content: bytes) -> str:
    """All text of a file, whatever its form."""
    if name.endswith((".docx", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return "\n".join(
                package.read(part).decode("utf-8", "replace") for part in package.namelist() if "media" not in part
            )
    if name.endswith(".pdf"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode("utf-8")


def words_mailed(message: EmailMessage) -> list[str]:
    return [
        words_in(part.get_filename() or "", part.get_payload(decode=True))
        for part in message.walk()
        if not part.is_multipart()
    ]


# --- whose eyes --------------------------------------------------------------------------------------------------------------------


def test_nothing_outside_a_recipients_scope_is_in_any_file_or_mail(home: Path) -> None:
    everything = f"forms = {json.dumps(FORMS)}"
    text = recipient("east", 'areas = ["9901"]', everything, 'folder = "east"', 'email = ["east@city.example"]')
    text += recipient("east village", 'areas = ["990101"]', 'role = "community"', everything, 'language = "en"')
    text += recipient("city", everything)
    with listening() as (inbox, port):
        result = deliver(home, text, **mailing_by(port))
    assert result.exit_code == 0, result.output
    for name in ("east", "east village", "city"):
        files = sorted((home / "deliveries" / name / DAY.isoformat()).iterdir())
        assert [file.suffix[1:] for file in files] == sorted(FORMS)
        for file in files:
            found = words_in(file.name, file.read_bytes())
            assert (SECRET in found) == (name == "city"), f"{name}: {file.name}"
            if file.suffix in (".md", ".json", ".html", ".pdf"):
                plain = re.sub(r"<[^>]*>", "\n", found) if file.suffix == ".html" else found
                assert [line for line in plain.splitlines() if find_personal(line)] == []
    ((_, to, message),) = inbox.messages
    assert to == ["east@city.example"]
    said = words_mailed(message)
    assert len(said) == 1 + len(FORMS)
    assert not any(SECRET in one for one in said)
    assert SECRET not in str(message["Subject"])
    assert find_personal(said[0]) is None


@pytest.mark.parametrize(
    ("day", "briefs"),
    [
        ("2026-11-22", {"daily", "weekly"}),
        ("2026-11-30", {"daily", "weekly", "monthly", "trends"}),
        ("2026-12-31", {"daily", "monthly", "annual", "trends"}),
    ],
)
def test_no_brief_of_a_week_month_or_year_tells_more(home: Path, day: str, briefs: set[str]) -> None:
    every, forms = (
        'briefs = ["daily", "weekly", "monthly", "annual", "trends"]',
        'forms = ["md", "json", "xlsx", "html"]',
    )
    text = recipient("east", 'areas = ["9901"]', forms) + recipient(
        "village", 'areas = ["990101"]', 'role = "community"', forms
    )
    result = deliver(home, (text + recipient("city", forms)).replace('briefs = ["daily"]', every), "--as-of", day)
    assert result.exit_code == 0, result.output
    for name in ("east", "village", "city"):
        files = list((home / "deliveries" / name / day).iterdir())
        assert {file.name.partition("-")[0] for file in files} == briefs
        telling = {file.name for file in files if SECRET in words_in(file.name, file.read_bytes())}
        assert bool(telling) == (name == "city"), telling


def test_one_who_sees_several_areas_gets_a_brief_for_each(home: Path) -> None:
    assert deliver(home, recipient("both", 'areas = ["9901", "9902"]', 'forms = ["md"]')).exit_code == 0
    folder = home / "deliveries" / "both" / DAY.isoformat()
    names = [f"daily-{DAY}-9901.md", f"daily-{DAY}-9902.md"]
    assert sorted(file.name for file in folder.iterdir()) == names
    assert [SECRET in (folder / name).read_text(encoding="utf-8") for name in names] == [False, True]


# --- once, and whatever becomes of the others --------------------------------------------------------------------------------------------


def test_run_again_on_the_same_day_files_are_overwritten_and_nothing_is_mailed_twice(home: Path) -> None:
    text = recipient(
        "east", 'areas = ["9901"]', 'forms = ["md"]', 'folder = "east"', 'email = ["a@city.example", "b@city.example"]'
    )
    file = home / "deliveries" / "east" / DAY.isoformat() / f"daily-{DAY}.md"
    with listening() as (inbox, port):
        assert deliver(home, text, **mailing_by(port)).exit_code == 0
        first = file.read_bytes()
        file.write_bytes(b"cut off")
        again = deliver(home, text, **mailing_by(port))
    assert again.exit_code == 0
    assert file.read_bytes() == first
    assert sorted(to for _, (to,), _ in inbox.messages) == ["a@city.example", "b@city.example"]
    assert len({message["Message-ID"] for *_, message in inbox.messages}) == 2
    assert "2 had it already" in again.stdout


def test_an_address_that_is_refused_is_tried_again_alone(home: Path) -> None:
    text = recipient("east", 'areas = ["9901"]', 'forms = ["md"]', 'email = ["full@city.example", "b@city.example"]')
    with listening() as (inbox, port):
        first = deliver(home, text, **mailing_by(port))
        second = deliver(home, text.replace("full@", "empty@"), **mailing_by(port))
    assert (first.exit_code, second.exit_code) == (1, 0)
    assert "552 mailbox full" in first.stderr
    assert [to for _, (to,), _ in inbox.messages] == ["b@city.example", "empty@city.example"]


def test_one_failing_recipient_never_stops_the_others(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = recipient("nowhere", 'areas = ["000000"]') + recipient("broken", 'forms = ["xlsx"]', 'areas = ["9902"]')
    text += recipient(
        "unreachable", 'areas = ["9901"]', 'forms = ["md"]', 'email = ["a@city.example"]', 'folder = "kept"'
    )
    text += recipient("east", 'areas = ["9901"]', 'forms = ["md"]')
    monkeypatch.setattr("pages.paper.sheets.render", lambda _document: 1 / 0)
    result = deliver(home, text, **mailing_by(1))
    assert result.exit_code == 1
    assert "000000" in result.stderr
    assert "ZeroDivisionError" in result.stderr
    assert "127.0.0.1:1" in result.stderr
    assert "Traceback" not in result.output
    (note,) = home.glob("failure-*.txt")
    assert "ZeroDivisionError" in note.read_text(encoding="utf-8")
    assert (home / "deliveries" / "east" / DAY.isoformat() / f"daily-{DAY}.md").exists()
    assert (home / "deliveries" / "kept" / DAY.isoformat() / f"daily-{DAY}.md").exists()
    assert "completed 1, not completed 3" in result.stdout


def test_addresses_without_a_mail_server_are_said_and_the_files_are_there(home: Path) -> None:
    text = recipient("east", 'areas = ["9901"]', 'forms = ["md"]', 'email = ["a@city.example"]', 'folder = "east"')
    result = deliver(home, text)
    assert result.exit_code == 1
    assert "XIANSHOU_SMTP_HOST" in result.stderr
    assert (home / "deliveries" / "east").is_dir()


def test_nothing_calls_out_unless_the_site_names_a_mail_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object, **_options: object) -> None:
        raise AssertionError("something called out")

    monkeypatch.setattr("socket.socket.connect", refused)
    monkeypatch.setattr("socket.getaddrinfo", refused)
    text = recipient(
        "east", 'areas = ["9901"]', 'email = ["a@city.example"]', 'folder = "east"', f"forms = {json.dumps(FORMS)}"
    )
    result = deliver(home, text)
    assert "XIANSHOU_SMTP_HOST" in result.stderr
    assert len(list((home / "deliveries" / "east" / DAY.isoformat()).iterdir())) == len(FORMS)


# --- the terminal ------------------------------------------------------------------------------------------------------------------------


def test_a_check_says_what_is_due_and_makes_nothing(home: Path) -> None:
    text = recipient("east", 'areas = ["9901"]').replace('["daily"]', '["daily", "weekly"]')
    result = deliver(home, text, "--check", "--as-of", "2026-11-22")
    assert result.exit_code == 0
    assert result.stdout == "east: daily brief (2026-11-22) is due.\neast: weekly brief (2026-W47) is due.\n"
    assert not (home / "deliveries").exists()


def test_only_those_chosen_get_theirs(home: Path) -> None:
    text = recipient("one", 'areas = ["9901"]', 'forms = ["md"]') + recipient(
        "two", 'areas = ["9901"]', 'forms = ["md"]'
    )
    assert deliver(home, text, "--only", "two").exit_code == 0
    assert [folder.name for folder in (home / "deliveries").iterdir()] == ["two"]


def test_two_deliveries_at_once_are_one_too_many(home: Path) -> None:
    with one_writer(home / "delivered"):
        result = deliver(home, recipient("east", 'areas = ["9901"]'))
    assert result.exit_code == 3


def test_a_mistyped_key_stops_before_anything_is_made(home: Path) -> None:
    result = deliver(home, recipient("east", 'area = ["9901"]'))
    assert result.exit_code == 1
    assert "areas" in result.stderr
    assert not (home / "deliveries").exists()


def test_what_was_handed_over_is_an_act_without_addresses(home: Path) -> None:
    text = recipient("east", 'areas = ["9901"]', 'forms = ["md"]', 'email = ["a@city.example"]')
    with listening() as (_, port):
        deliver(home, text, **mailing_by(port))
    acts = open_desk(read_site(home).desk_url).acts()
    assert acts["what"].tolist() == ["brief_delivered"]
    assert acts["subject"].tolist() == [f"east daily {DAY}"]
    assert "@" not in acts["detail"].iloc[0]
