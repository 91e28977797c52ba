"""The door: strict headers, the document's language, the root, deep links, failures without their inside."""

import base64
import hashlib
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sample import shown
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.testing.v1 import AppTest

from pages.ui import bridge, document, frame, shell, words

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XIANSHOU_HOME", str(tmp_path_factory.mktemp("home")))
        import app

        with TestClient(app.app, base_url="http://127.0.0.1", follow_redirects=False) as opened:
            yield opened


HTML = {"accept": "text/html", "accept-encoding": "gzip, br"}


@pytest.mark.parametrize("path", ["/daily_brief", "/data_quality", "/anything", "/_stcore/health", "/favicon.png"])
def test_every_answer_carries_strict_headers(client: TestClient, path: str) -> None:
    headers = client.get(path, headers=HTML).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "'unsafe-eval'" not in policy
    assert "script-src 'self' 'unsafe-inline'" not in policy


@pytest.mark.parametrize(
    ("query", "tag", "language"), [("", "zh-CN", "zh"), ("?lang=en", "en", "en"), ("?lang=xx", "zh-CN", "zh")]
)
def test_the_document_is_in_the_readers_language(client: TestClient, query: str, tag: str, language: str) -> None:
    page = client.get(f"/daily_brief{query}", headers=HTML)
    assert f'<html lang="{tag}">' in page.text
    assert f"<title>{words.say('frame.product_line', language)}</title>" in page.text
    assert words.say("frame.noscript", language) in page.text
    assert int(page.headers["content-length"]) == len(page.content)
    assert "etag" not in page.headers


def test_what_draws_the_headline_is_named_in_the_document(client: TestClient) -> None:
    page = client.get("/daily_brief", headers=HTML).text
    for name in document.HEADLINE_PARTS:
        (path,) = re.findall(rf'modulepreload" crossorigin href="\./(static/js/{re.escape(name)}\.[^"]+)"', page)
        assert client.get(f"/{path}").status_code == 200


def test_script_and_stylesheet_stand_in_the_document_and_the_policy_names_the_script(client: TestClient) -> None:
    answer = client.get("/daily_brief", headers=HTML)
    inline = re.findall(r"<script>(.*?)</script>", answer.text, flags=re.DOTALL)
    assert bridge.script() in inline
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert answer.text.index(".xs-headline") > answer.text.index('<div id="root">')  # after Streamlit's own rules


def test_no_sentence_can_end_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "fixed_words", lambda language: {"Open": "</script><script>alert(1)"})
    assert "</script>" not in bridge.script.__wrapped__()


def test_the_root_leads_to_the_first_page_with_everything_chosen(client: TestClient) -> None:
    answer = client.get("/?lang=en&day=2026-11-20", headers=HTML)
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{shell.FIRST_PAGE}?lang=en&day=2026-11-20"


def test_only_this_machine_is_served() -> None:
    settings = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert 'address = "127.0.0.1"' in settings


def test_a_name_made_to_point_here_gets_no_session(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/_stcore/stream", headers={"host": "evil.example"}),
    ):
        pass


def test_no_page_file_can_be_opened_beside_the_frame(open_page: Callable) -> None:
    """Streamlit opens a `pages` folder beside its script by itself; ours lies above the frame, and the frame registers pages by name."""
    assert not (ROOT / "pages" / "ui" / "pages").exists()
    at = open_page("no_such_page")
    assert {page["url_pathname"] for page in at._registered_pages.values()} >= {"daily_brief", "data_quality"}


def test_the_root_shows_the_first_page_without_the_redirect_too(open_page: Callable) -> None:
    at = open_page("")
    assert "xianshou demo" in shown(at)


def test_an_unforeseen_failure_shows_a_number_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    def script() -> None:
        from pages.ui.states import show_failure

        show_failure(RuntimeError("secret table name"))

    with caplog.at_level(logging.ERROR, logger="xianshou"):
        at = AppTest.from_function(script).run()
    page = shown(at)
    assert "secret" not in page
    number = caplog.records[0].args[0]
    assert page.count(number) == 2
    assert words.say("frame.failure.title", "zh") in page
    assert "Nothing was changed" in page


@pytest.mark.parametrize("language", words.languages)
def test_every_fixed_text_of_streamlit_has_words_and_none_is_left_over(language: str) -> None:
    said = bridge.fixed_words(language)
    assert len(said) == len(bridge.FIXED)
    spoken = {key.removeprefix("frame.fixed.") for key in words.keys(language) if key.startswith("frame.fixed.")}
    assert spoken == set(bridge.FIXED.values())
    assert language == "en" or not [one for one in said.values() if one.isascii()]


def test_the_texts_that_are_replaced_are_those_that_streamlit_has() -> None:
    """After an update of Streamlit: a text it no longer has need not be replaced, and a new one may."""
    bundle = "".join(
        path.read_text(encoding="utf-8") for path in (document.INDEX.parent / "static" / "js").glob("*.js")
    )
    assert [
        fixed
        for fixed in ("Connection error", "Page not found", "Choose an option", "Expand sidebar")
        if fixed not in bundle
    ] == []


def test_pages_are_registered_once_in_the_order_of_the_day(open_page: Callable) -> None:
    names = [module.__name__.rpartition(".")[2] for module in frame.PAGES]
    assert names == ["daily_brief", "signals", "risk_outlook", "weekly_brief", "monthly_brief", "petition_trends", "annual_report",
                     "party_scorecards", "volunteer_scorecards", "track_record", "data_quality"]  # fmt: skip
    assert names[0] == shell.FIRST_PAGE
    at = open_page("daily_brief")
    assert {page["url_pathname"] for page in at._registered_pages.values()} >= set(names)
