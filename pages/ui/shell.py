"""The outermost shell around every response: the language of the document, strict headers, and the root's way to the first page."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.site import read_site
from pages.ui import words

FIRST_PAGE = "daily_brief"
_INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
_HEADLINE_PARTS = ("Html", "purify.es")
_TAGS = {"zh": "zh-CN", "en": "en"}
# Where the server is: else the page asks below its own address first, is refused, and waits a tenth of a second before it asks here.
_START = "window.__streamlit = {{BACKEND_BASE_URL: location.origin + '/{base}'}}"


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
            body = in_language(self.body, _language(self.scope))
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


def in_language(document: bytes, language: str) -> bytes:
    """Streamlit's document under our name and in the reader's language, before any script runs."""
    title = words.say("frame.product_line", language)
    page = document.decode("utf-8")
    page = page.replace('<html lang="en">', f'<html lang="{_TAGS[language]}">', 1)
    page = re.sub(r"<title>.*?</title>", f"<title>{title}</title>", page, count=1, flags=re.DOTALL)
    page = re.sub(r'\s*<link rel="service-desc"[^>]*>', "", page, count=1)
    page = page.replace("<head>", f"<head><script>{start()}</script>", 1)
    page = page.replace("</head>", f"{early_parts()}</head>", 1)
    said = f"<noscript><p>{words.say('frame.noscript', language)}</p></noscript>"
    return re.sub(r"<noscript>.*?</noscript>", said, page, count=1, flags=re.DOTALL).encode("utf-8")


@cache
def start() -> str:
    """The script before all others."""
    base = streamlit.config.get_option("server.baseUrlPath").strip("/")
    return _START.format(base=f"{base}/" if base else "")


@cache
def early_parts() -> str:
    """Links that load what draws the headline at once: otherwise it waits behind the five megabytes that draw the chart.

    With them the headline stood two fifths earlier on two busy cores, and the chart no later.
    """
    folder = _INDEX.parent / "static" / "js"
    files = sorted(path.name for name in _HEADLINE_PARTS for path in folder.glob(f"{name}.*.js"))
    return "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{file}">' for file in files)


@cache
def secure_headers() -> dict[str, str]:
    """Nothing from outside, nothing framed, nothing guessed. The inline scripts of the document are named by their hashes."""
    inline = [start(), *re.findall(r"<script>(.*?)</script>", _INDEX.read_text(encoding="utf-8"), flags=re.DOTALL)]
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in inline
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
