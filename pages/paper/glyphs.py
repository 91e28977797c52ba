"""Fonts for what we draw ourselves, and the promise that no character goes missing unseen.

What no font has is printed as 〓, and a line at the end of the paper names it by its code point.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from pages.paper.document import Chart, Document, rewritten
from pages.ui import words

FOLDER = Path(__file__).parent / "fonts"
SERIF, TITLE, SANS = (FOLDER / f"xianshou-{name}.otf" for name in ("serif", "title", "sans"))
MISSING = "〓"
ENDINGS = (".otf", ".ttf", ".ttc", ".otc")


def font_files(folder: Path | None) -> tuple[Path, ...]:
    """The font files of the site's own folder, in order of their names; none where there is no folder."""
    if folder is None or not Path(folder).is_dir():
        return ()
    return tuple(sorted(file for file in Path(folder).rglob("*") if file.suffix.lower() in ENDINGS))


@cache
def coverage(file: Path) -> frozenset[int]:
    """The code points that a font file has glyphs for; none where it cannot be read."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    try:
        with file.open("rb") as opened:
            is_collection = opened.read(4) == b"ttcf"
        faces = TTCollection(str(file), lazy=True).fonts if is_collection else [TTFont(str(file), lazy=True)]
        return frozenset(code for face in faces for code in face.getBestCmap() or ())
    except (TTLibError, OSError, KeyError, AssertionError):
        return frozenset()


def fitted(document: Document, fonts_folder: Path | None = None) -> Document:
    """The document as our fonts and the site's can print it: other characters replaced, and named in a last line of the foot.

    Charts are drawn with our sans alone.
    """
    drawn = fitted_charts(document, noted=False)
    known = frozenset().union(*(coverage(file) for file in (SERIF, SANS, *font_files(fonts_folder))))
    lost = _lost(document, known) | _lost(_charts(document), coverage(SANS))
    return _noted(rewritten(drawn, lambda text: _replaced(text, known)), lost)


def fitted_charts(document: Document, *, noted: bool = True) -> Document:
    """The document with the text in its charts fit for our sans; the rest as it is."""
    charts = _charts(document)
    lost = _lost(charts, coverage(SANS)) if charts else set()
    if not lost:
        return document
    blocks = tuple(
        replace(block, spec=rewritten(block.spec, lambda text: _replaced(text, coverage(SANS))))
        if isinstance(block, Chart)
        else block
        for block in document.blocks
    )
    fit = replace(document, blocks=blocks)
    return _noted(fit, lost) if noted else fit


def _charts(document: Document) -> tuple:
    return tuple(block.spec for block in document.blocks if isinstance(block, Chart))


def _lost(part: object, known: frozenset[int]) -> set[str]:
    found: set[str] = set()

    def look(text: str) -> str:
        found.update(one for one in text if ord(one) not in known and one not in "\n\t" and not _is_unseen(one))
        return text

    rewritten(part, look)
    return found


def _replaced(text: str, known: frozenset[int]) -> str:
    if all(ord(one) in known for one in text):
        return text
    kept = (one if ord(one) in known or one in "\n\t" else MISSING for one in text if not _is_unseen(one))
    return "".join(kept)


def _is_unseen(one: str) -> bool:
    """Marks without a form of their own, such as joiners and variation selectors."""
    return unicodedata.category(one) == "Cf" or 0xFE00 <= ord(one) <= 0xFE0F or 0xE0100 <= ord(one) <= 0xE01EF


def _noted(document: Document, lost: Iterable[str]) -> Document:
    if not lost:
        return document
    named = words.join((f"U+{ord(one):04X}" for one in sorted(lost)), document.language)
    return replace(
        document, foot=(*document.foot, words.say("paper.missing_glyphs", document.language, characters=named))
    )
