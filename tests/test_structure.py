"""The house: imports point down, nothing reaches out, every column has a meaning, the lock holds no addresses."""

import ast
import re
from pathlib import Path

import pytest

from data import operational
from pages.paper.dictionary import contract_text

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("data", "analytics", "pages")  # from the ground up
DOORS = ("app", "cli")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")) + [
    ROOT / f"{door}.py" for door in DOORS
]
MAIL = "data/mailing.py"  # the one room that speaks to another machine, when the site names a mail server (tests/data/test_mailing.py)
NETWORK = {"requests", "urllib.request", "http.client", "ftplib", "smtplib", "telnetlib", "aiohttp", "urllib3", "httpx"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)} imports relatively; write the whole name"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_imports_point_down(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    own = len(ROOMS) if room.removesuffix(".py") in DOORS else ROOMS.index(room)
    above = {*ROOMS[own + 1 :], *DOORS}
    assert {name for name in imported(path) if name.split(".")[0] in above} == set()


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_no_room_speaks_to_the_network(path: Path) -> None:
    assert imported(path) & NETWORK == ({"smtplib"} if _name(path) == MAIL else set())
    addresses = set(re.findall(r"https?://(?!127\.0\.0\.1|localhost)[^\s\"')>}]+", path.read_text(encoding="utf-8")))
    assert {one for one in addresses if not one.startswith("http://www.w3.org/")} == set()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "pages").rglob("*.css")) + sorted((ROOT / "pages").rglob("*.svg")), ids=_name
)
def test_no_style_or_picture_loads_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
    assert "http" not in text
    assert "@import" not in text


def test_methods_are_pure_and_only_doors_read_the_clock() -> None:
    clock = re.compile(r"\b(date\.today|datetime\.now|datetime\.utcnow|time\.time|Timestamp\.now|Timestamp\.today)\(")
    readers = {_name(path) for path in SOURCES if clock.search(path.read_text(encoding="utf-8"))}
    assert readers <= {"data/site.py", "cli.py", "app.py"}


def test_the_dictionary_is_the_contract_as_printed() -> None:
    assert (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8") == contract_text()


def test_contract_names_are_short_and_none_describes_a_person() -> None:
    personal = re.compile(
        r"(^|_)(person_name|mobile|phone_no|id_card|address|petitioner|volunteer_name|birth|gender)(_|$)"
    )
    for note in operational.describe_contract():
        assert len(note.column) <= 30
        assert note.meaning, f"{note.table}.{note.column} says nothing of itself"
        assert not personal.search(note.column)


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    pinned = re.findall(r"^[a-z0-9_.\-]+(?:\[[a-z,]+\])?==", text, re.MULTILINE)
    assert len(pinned) > 50
    assert text.count("--hash=sha256:") >= len(pinned)


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_every_public_function_says_what_it_does(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{_name(path)} does not say what it is for"
    if path.name == "cli.py":
        return  # a command's help is its docstring, in two languages
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert [name for name in silent if not _is_short(tree, name)] == []


def _is_short(tree: ast.Module, name: str) -> bool:
    """Four lines or fewer with annotations speak for themselves."""
    (node,) = [one for one in tree.body if getattr(one, "name", None) == name]
    return len(node.body) <= 4 and (node.end_lineno - node.lineno) <= 8
