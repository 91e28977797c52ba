"""The evaluations that were run here: one immutable file each beside the stores, never written again."""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from data.versions import sync_folder

FOLDER = "evaluations"
METHODS = Path(__file__).resolve().parents[1] / "analytics" / "signals"


def keep_evaluation(home: Path, subject: str, content: Mapping[str, object], at: datetime) -> Path:
    """Write an evaluation down under a name of its own; an existing file is never replaced, and a reader sees it whole or not at all."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{secrets.token_hex(6)}.new"
    with open(beside, "w", encoding="utf-8") as opened:
        json.dump(content, opened, ensure_ascii=False, indent=1, allow_nan=False)
        opened.flush()
        os.fsync(opened.fileno())
    try:
        for number in range(1, 1000):
            file = folder / f"{subject}-{at:%Y%m%d-%H%M%S}-{number:02d}.json"
            try:
                os.link(beside, file)
            except FileExistsError:
                continue
            sync_folder(folder)
            return file
    finally:
        beside.unlink()
    raise FileExistsError(folder)


def read_evaluations(home: Path, subject: str) -> tuple[list[dict], int]:
    """What was written down, newest first, and how many files could not be read."""
    found, broken = [], 0
    for path in sorted((home / FOLDER).glob(f"{subject}-*.json"), reverse=True):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            content = None
        if isinstance(content, dict):
            found.append(content)
        else:
            broken += 1
    return found, broken


def evaluations_mark(home: Path) -> str:
    """Changes whenever an evaluation is added."""
    return " ".join(sorted(path.name for path in (home / FOLDER).glob("*.json")))


def code_mark(folder: Path = METHODS) -> str:
    """The version of the software and a mark of the methods' own code: figures of another mark may differ."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        if not path.name.startswith("evaluation"):
            digest.update(path.name.encode() + path.read_bytes())
    try:
        own = version("xianshou")
    except PackageNotFoundError:
        own = "0"
    return f"{own}+{digest.hexdigest()[:8]}"
