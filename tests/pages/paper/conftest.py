"""Papers for tests lie beside them; LibreOffice opens what Word would open, where it is installed."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import which

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # `paper_sample` lies beside these tests


@pytest.fixture
def office(tmp_path: Path) -> Callable[..., list[bytes]]:
    """`office(file, …)` gives each .docx file as PDF, as LibreOffice prints it; skips where it is not installed."""
    program = which("soffice") or which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")

    def printed(*files: bytes) -> list[bytes]:
        sources = [tmp_path / f"paper{place}.docx" for place in range(len(files))]
        for source, file in zip(sources, files, strict=True):
            source.write_bytes(file)
        home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
        command = [program, home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, sources)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return [source.with_suffix(".pdf").read_bytes() for source in sources]

    return printed
