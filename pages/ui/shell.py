"""The outermost shell around every response: the language of the document, strict headers, and the root's way to the first page."""

import base64
import hashlib
from functools import cache
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.site import read_site
from pages.ui import document, words

FIRST_PAGE = "daily_brief"


class Shell:
    """ASGI middleware; sees everything before Streamlit does."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] == "/" and scope["method"] in ("GET", "HEAD"):
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(f"{FIRST_PAGE}{'?' if query else ''}{query}", 307)(scope, receive, send)
            return
        await self.app(_unpacked(scope), receive, _Dressed(scope, send))


class _Dressed:
    """Passes a response on with our headers; an HTML document is held until it is whole, and given its language and title."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope, self.send, self.start, self.body = scope, send, None, b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in secure_headers().items():
                headers[name] = value
            if headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers:
                self.start = message
                return
        elif self.start is not None and message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = document.in_language(self.body, _language(self.scope))
            headers = MutableHeaders(raw=self.start["headers"])
            headers["content-length"] = str(len(body))
            for stale in ("etag", "last-modified"):  # they name Streamlit's document, not this one
                del headers[stale]
            await self.send(self.start)
            message = {"type": "http.response.body", "body": body}
        await self.send(message)


def _unpacked(scope: Scope) -> Scope:
    """Documents are asked for uncompressed, so that they can be read here; everything else as the browser wants it."""
    if b"text/html" not in dict(scope["headers"]).get(b"accept", b""):
        return scope
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]}


@cache
def secure_headers() -> dict[str, str]:
    """Nothing from outside, nothing framed, nothing guessed. The inline scripts of the document are named by their hashes."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in document.inline_scripts()
    )
    policy = {
        "default-src": "'self'",
        "script-src": f"'self' {hashes} blob: 'wasm-unsafe-eval'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }


def _language(scope: Scope) -> str:
    wanted = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    site = read_site().language
    return next((one for one in (wanted, site) if one in words.languages), "zh")
