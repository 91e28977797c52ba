"""Streamlit's document as ours: named, in the reader's language, with the stylesheet and the script that stand before everything else."""

import re
from functools import cache
from pathlib import Path

import streamlit

from pages.ui import bridge, words

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
HEADLINE_PARTS = ("Html", "purify.es")
_STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
# Where the server is: else the page asks below its own address first, is refused, and waits a tenth of a second before it asks here.
_START = "window.__streamlit = {{BACKEND_BASE_URL: location.origin + '/{base}'}}"


def in_language(document: bytes, language: str) -> bytes:
    """Streamlit's document under our name and in the reader's language, before any script runs.

    The stylesheet stands last, so that among equals it wins over Streamlit's own rules, which are added to the head.
    """
    title = words.say("frame.product_line", language)
    page = document.decode("utf-8")
    page = page.replace('<html lang="en">', f'<html lang="{bridge.TAGS[language]}">', 1)
    page = re.sub(r"<title>.*?</title>", f"<title>{title}</title>", page, count=1, flags=re.DOTALL)
    page = re.sub(r'\s*<link rel="service-desc"[^>]*>', "", page, count=1)
    page = page.replace("<head>", "<head>" + "".join(f"<script>{one}</script>" for one in _own_scripts()), 1)
    page = page.replace("</head>", f"{early_parts()}</head>", 1)
    page = page.replace("</body>", f"<style>{_STYLE}</style></body>", 1)
    said = f"<noscript><p>{words.say('frame.noscript', language)}</p></noscript>"
    return re.sub(r"<noscript>.*?</noscript>", lambda _: said, page, count=1, flags=re.DOTALL).encode("utf-8")


def inline_scripts() -> list[str]:
    """Every script that stands in the document itself, ours and Streamlit's."""
    theirs = re.findall(r"<script>(.*?)</script>", INDEX.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [*_own_scripts(), *theirs]


@cache
def _own_scripts() -> tuple[str, str]:
    base = streamlit.config.get_option("server.baseUrlPath").strip("/")
    return _START.format(base=f"{base}/" if base else ""), bridge.script()


@cache
def early_parts() -> str:
    """Links that load what draws the headline at once: otherwise it waits behind the five megabytes that draw the chart.

    With them the headline stood two fifths earlier on two busy cores, and the chart no later.
    """
    folder = INDEX.parent / "static" / "js"
    files = sorted(path.name for name in HEADLINE_PARTS for path in folder.glob(f"{name}.*.js"))
    return "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{file}">' for file in files)
