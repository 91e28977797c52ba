"""The versions of the mart on disk: one pointer, immutable files, one writer.

`current.json` names the files of the version that serves and is replaced atomically after fsync; a file's name is never used again.
Beside it lie `versions/<version>.json` for each version kept, `last_attempt.json` for the last refresh whatever became of it,
`failed_attempts.json` for those before it that published nothing, `lock` for the one writer, and `building/`, which holds nothing that
anyone reads.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from data.errors import Busy, NotReady

POINTER = "current.json"
LAST, FAILED = "last_attempt.json", "failed_attempts.json"
KEEP_FAILED = timedelta(days=400)  # as long as the mart can be asked as then known


@dataclass(frozen=True)
class Version:
    """One published version of the mart.

    `files` are the immutable files it consists of, `matters` and what was computed from them (`signals`, `forecasts`), the latter of an earlier day
    until its own is ready; `read_at` is the source's clock at the read, `published_at` the site's;
    `known_since` is the earliest moment of which "as then known" can be answered; `counts` are rows by table, `changes` matters by
    new, changed, gone and untouched (edited although the source left `updated_at` as it was).
    """

    version: str
    sequence: int
    files: dict[str, str]
    published_at: datetime
    read_at: datetime
    first_refresh_at: datetime
    known_since: datetime
    full_at: datetime
    full: bool
    reason: str | None
    duckdb_storage: str
    contract_hash: str
    rules_hash: str
    counts: dict[str, int]
    changes: dict[str, int]
    bytes: int

    @property
    def kind(self) -> str:
        return "full" if self.full else "incremental"


@dataclass(frozen=True)
class Attempt:
    """The last refresh, finished or not. `running` tells one at work from one that was cut off.

    `later_key` says why what is computed from a published version (the warnings) failed, `forecasts_key` why the forecasts did; the version
    serves nevertheless.
    """

    started_at: datetime
    finished_at: datetime | None = None
    ok: bool | None = None
    error_key: str | None = None
    error_values: dict[str, object] = field(default_factory=dict)
    version: str | None = None
    later_key: str | None = None
    later_values: dict[str, object] = field(default_factory=dict)
    forecasts_key: str | None = None
    forecasts_values: dict[str, object] = field(default_factory=dict)
    running: bool = False


# --- reading ---------------------------------------------------------------------------------------------------------------


def read_pointer(folder: Path) -> Version:
    """The version that serves. Raises NotReady when none has been published (mart.missing) or the pointer cannot be read (mart.unreadable)."""
    pointer = Path(folder) / POINTER
    version = _read_version(pointer)
    if version is None:
        raise NotReady("mart.unreadable" if pointer.exists() else "mart.missing", folder=str(folder))
    return version


def list_versions(folder: Path) -> tuple[Version, ...]:
    """The versions kept, newest first."""
    found = (_read_version(path) for path in (Path(folder) / "versions").glob("*.json"))
    return tuple(sorted((one for one in found if one), key=lambda one: one.sequence, reverse=True))


def last_attempt(folder: Path) -> Attempt | None:
    """The last refresh attempt, failed or not; None before the first."""
    known = read_json(Path(folder) / LAST)
    if known is None:
        return None
    attempt = _attempt(known)
    return replace(attempt, running=attempt.finished_at is None and _is_locked(Path(folder)))


def attempt_as_known(folder: Path, at: datetime) -> Attempt | None:
    """The last refresh attempt begun by a moment, as it stood then; of those that published only the very last is remembered here."""
    begun = [_attempt(one) for one in [*_failed(Path(folder)), *filter(None, [read_json(Path(folder) / LAST)])]]
    last = max((one for one in begun if one.started_at <= at), key=lambda one: one.started_at, default=None)
    if last is None or last.finished_at is None or last.finished_at <= at:
        return last
    return Attempt(last.started_at, running=True)


def _attempt(known: dict) -> Attempt:
    moments = {
        name: datetime.fromisoformat(known[name]) if known[name] else None for name in ("started_at", "finished_at")
    }
    return Attempt(**{**known, **moments})


def _failed(folder: Path) -> list[dict]:
    return (read_json(folder / FAILED) or {}).get("attempts", [])


def file_of(folder: Path, version: Version, part: str = "matters") -> Path:
    """The path of one file of a version."""
    return Path(folder) / version.files[part]


def carried(folder: Path, previous: Version | None) -> dict[str, str]:
    """The files that a new version takes over from the one before until its own are computed: all but the matters, if they are there."""
    files = previous.files if previous else {}
    return {part: name for part, name in files.items() if part != "matters" and (Path(folder) / name).exists()}


def _read_version(path: Path) -> Version | None:
    known = read_json(path)
    if known is None:
        return None
    try:
        moments = {
            name: datetime.fromisoformat(value) for name, value in known.items() if name.endswith(("_at", "_since"))
        }
        return Version(**{**known, **moments})
    except (TypeError, ValueError):
        return None  # written by another edition of this software: as good as none, the next refresh rebuilds


def read_json(path: Path) -> dict | None:
    """The object in a small file; None without the file, or when it holds something else."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return known if isinstance(known, dict) else None


# --- writing ---------------------------------------------------------------------------------------------------------------


@contextmanager
def one_writer(folder: Path, busy: str = "refresh.running") -> Iterator[None]:
    """Hold the one writer's place in a folder; the kernel gives it back even after a kill. Raises Busy, as `busy` says it, when another holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "a", encoding="utf-8") as lock:
        if not any(_takes(lock, patience) for patience in (0, 0.02, 0.1)):
            raise Busy(busy, folder=str(folder))
        yield


def _takes(lock: TextIO, patience: float) -> bool:
    """Try to take the lock; a page that looks whether a refresh is running holds it for a blink."""
    time.sleep(patience)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_attempt(folder: Path, attempt: Attempt) -> None:
    """Record an attempt; the values of an error are kept as text where they are neither number nor text.

    At its start the one before, if it published nothing, goes to those that failed, so that a replay can say what was said then.
    """
    former = read_json(folder / LAST)
    if attempt.finished_at is None and former is not None and not former["ok"]:
        oldest = (attempt.started_at - KEEP_FAILED).isoformat()
        kept = [one for one in [*_failed(folder), former] if one["started_at"] >= oldest]
        write_json(folder / FAILED, {"attempts": kept})
    known = asdict(attempt)
    known.pop("running")
    write_json(folder / LAST, known)


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Replace a small file atomically: written beside, flushed to disk, renamed, folder flushed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1, default=_plain)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's list of names to disk, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def switch(folder: Path, version: Version, built: Mapping[str, Path], keep: int) -> None:
    """Publish a version: its new files take their final names, the pointer is replaced, then old versions go.

    `built` are finished files, by part, still under `building/`. Until the pointer is replaced the previous version serves.
    """
    for part, path in built.items():
        with open(path, "rb") as file:
            os.fsync(file.fileno())
        os.rename(path, folder / version.files[part])
    sync_folder(folder)
    write_json(folder / "versions" / f"{version.version}.json", asdict(version))
    write_json(folder / POINTER, asdict(version))
    _prune(folder, keep)


def clean(folder: Path) -> None:
    """Remove what a killed refresh left: unfinished files, and versions newer than the pointer. Only the one writer may."""
    shutil.rmtree(folder / "building", ignore_errors=True)
    (folder / "building").mkdir()
    (folder / "versions").mkdir(exist_ok=True)
    for stray in (*folder.glob("*.new"), *folder.glob("versions/*.new")):
        stray.unlink()
    current = _read_version(folder / POINTER)
    for path in (folder / "versions").glob("*.json"):
        version = _read_version(path)
        if version is None or (current is not None and version.sequence > current.sequence):
            path.unlink()
    _remove_unnamed(folder)


def _prune(folder: Path, keep: int) -> None:
    for old in list_versions(folder)[max(keep, 1) :]:
        (folder / "versions" / f"{old.version}.json").unlink()
    _remove_unnamed(folder)


def _remove_unnamed(folder: Path) -> None:
    """Remove the immutable files that no kept version names; a reader that has one open keeps it until it is done."""
    current = _read_version(folder / POINTER)
    kept = [*list_versions(folder), *([current] if current else [])]
    named = {name for version in kept for name in version.files.values()}
    for path in folder.glob("*.duckdb*"):
        if path.name not in named:
            path.unlink(missing_ok=True)


def _is_locked(folder: Path) -> bool:
    try:
        with open(folder / "lock", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
