"""Opening a page as a reader would: a role, a language, a link, a site."""

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from data.desk import DutyMode
from data.site import Site
from pages.ui import load

sys.path.insert(0, str(Path(__file__).parent))  # `sample` lies beside these tests
FRAME = Path(__file__).resolve().parents[2] / "pages" / "ui" / "frame.py"


@pytest.fixture(autouse=True, scope="session")
def _no_components_elsewhere() -> Iterator[None]:
    """Streamlit looks through every installed package for components whenever a page is opened in a test; none of them is ours."""
    with mock.patch("streamlit.components.v2.manifest_scanner.scan_component_manifests", return_value=[]):
        yield


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """`open_page("daily_brief", home=…, role=…, lang=…, day=…)` runs the frame once, as a fresh session with that link."""

    def run(page: str, *, home: Path | None = None, role: str = "office", areas: str = "", **link: str) -> AppTest:
        st.cache_data.clear()
        st.cache_resource.clear()
        monkeypatch.setenv("XIANSHOU_HOME", str(home or tmp_path))
        monkeypatch.setenv("XIANSHOU_ROLE", role)
        monkeypatch.setenv("XIANSHOU_AREAS", areas)
        at = AppTest.from_file(str(FRAME), default_timeout=60)
        at._page_hash = calc_hash(page)
        for name, value in link.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception, at.exception[0].message
        return at

    return run


@pytest.fixture
def town_link(town_site: Site, as_of: date) -> dict[str, object]:
    """The town's last day, as arguments of `open_page`."""
    return {"home": town_site.home, "day": as_of.isoformat()}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    """Lets every page answer with one brief, without any store."""

    def answer(brief: object) -> None:
        monkeypatch.setattr(load, "daily_brief", lambda chosen: brief)
        monkeypatch.setattr(load, "span", lambda: (60_000, date(2023, 11, 21), date(2026, 11, 20)))
        monkeypatch.setattr(load, "areas", lambda: {"9999": "云溪市", "999901001": "\u2003望江街道"})
        monkeypatch.setattr(load, "duty_mode", lambda: DutyMode("peace"))

    return answer
