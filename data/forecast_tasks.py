"""Finished tasks of a backtest in a folder, one file each, so that a run that was killed goes on where it stopped."""

import os
import secrets
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class FolderKeeper:
    """Keeps arrays by name; a file is there whole or not at all, and one that cannot be read counts as missing."""

    folder: Path

    def read(self, name: str) -> dict[str, np.ndarray] | None:
        try:
            with np.load(self.folder / f"{name}.npz", allow_pickle=False) as found:
                return dict(found)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None

    def keep(self, name: str, found: dict[str, np.ndarray]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f".{secrets.token_hex(6)}.new"
        with open(beside, "wb") as opened:
            np.savez(opened, **found)
        os.replace(beside, self.folder / f"{name}.npz")

    def clear(self) -> None:
        """Forget everything: the run is complete."""
        shutil.rmtree(self.folder, ignore_errors=True)
