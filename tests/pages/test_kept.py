"""Files that may never change are read once; everything else is asked for anew."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from pages.ui.kept import KeptFiles

ASKED: list[str] = []


async def _answer(request: Request) -> Response:
    ASKED.append(request.url.path)
    forever = "immutable" in request.url.path
    headers = {"cache-control": "public, immutable" if forever else "no-cache", "etag": "e"}
    return Response(b"body" * 1000, 404 if "missing" in request.url.path else 200, headers, "text/javascript")


@pytest.fixture
def client() -> Iterator[TestClient]:
    ASKED.clear()
    app = Starlette()
    app.add_route("/{path:path}", _answer)
    with TestClient(KeptFiles(app)) as opened:
        yield opened


def test_a_file_that_may_never_change_is_read_once_and_answered_alike(client: TestClient) -> None:
    first, second = client.get("/static/immutable.js"), client.get("/static/immutable.js")
    assert len(ASKED) == 1
    assert first.content == second.content == b"body" * 1000
    assert dict(first.headers) == dict(second.headers)


@pytest.mark.parametrize(
    "path", ["/static/index.html", "/static/missing.immutable.js", "/media/immutable.png", "/daily_brief"]
)
def test_nothing_else_is_kept(client: TestClient, path: str) -> None:
    for _ in range(2):
        client.get(path)
    assert len(ASKED) == 2


@pytest.mark.parametrize("header", ["Range", "If-None-Match", "If-Modified-Since"])
def test_who_asks_for_a_part_or_for_a_change_is_answered_by_the_server_itself(client: TestClient, header: str) -> None:
    client.get("/static/immutable.js")
    client.get("/static/immutable.js", headers={header: "bytes=0-3"})
    client.head("/static/immutable.js")
    assert len(ASKED) == 3


def test_two_files_are_not_mixed_up(client: TestClient) -> None:
    for name in ("a.immutable.js", "b.immutable.js") * 2:
        client.get(f"/static/{name}")
    assert ASKED == ["/static/a.immutable.js", "/static/b.immutable.js"]
