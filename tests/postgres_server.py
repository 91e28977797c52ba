"""A PostgreSQL server of our own for the tests: a temporary folder, a free port on this machine, no password."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


@contextmanager
def running_server() -> Iterator[str]:
    """The SQLAlchemy URL of an empty database on a server that lives as long as the block; skips where PostgreSQL is not installed."""
    binaries = next((place for place in _PLACES if (place / "initdb").exists()), None)
    if binaries is None and (found := shutil.which("initdb")):
        binaries = Path(found).parent
    if binaries is None:
        pytest.skip("PostgreSQL is not installed here (no initdb)")
    folder = Path(tempfile.mkdtemp(prefix="xianshou-pg-"))
    user = _unprivileged(folder)
    port = _free_port()
    data = folder / "data"
    try:
        _run(
            user,
            [binaries / "initdb", "-D", data, "-U", "xianshou", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
        _run(user, [binaries / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "-t", "60", "start"])
        try:
            yield f"postgresql+psycopg://xianshou@127.0.0.1:{port}/postgres"
        finally:
            _run(user, [binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: then it runs as the user `postgres`, who owns the folder."""
    if os.geteuid() != 0:
        return None
    try:
        shutil.chown(folder, "postgres", "postgres")
    except LookupError:
        pytest.skip("tests run as root and there is no user postgres to run the server")
    return "postgres"


def _run(user: str | None, command: list[object]) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        user=user,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
