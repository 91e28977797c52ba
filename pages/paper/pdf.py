"""A document as PDF/A-2b, set by Typst on the same page as the Word file, with our fonts and the site's own."""

import json
import re
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path

from pages.paper import drawing
from pages.paper.document import Blank, Block, Bullets, Chart, Document, Heading, PageBreak, Paragraph, Table, Words
from pages.paper.glyphs import FOLDER, fitted, font_files
from pages.paper.layout import (
    TEXT_WIDE_MM,
    Layout,
    chart_caption,
    chart_high_mm,
    fit_table,
    layout_of,
    stands_whole,
    visual_length,
)
from pages.paper.outline import annex_label, annex_list, numbered, parts, written
from pages.ui import words

TEMPLATE = Path(__file__).parent / "paper.typ"
# The official faces, by the names under which they are known, and what stands in for them.
FACES = {
    "body": (("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "STFangsong"), ("Xianshou Serif",)),
    "title": (
        ("FZXiaoBiaoSong-B05S", "方正小标宋简体", "FZXiaoBiaoSong-B05", "方正小标宋_GBK"),
        ("Xianshou Title", "Xianshou Serif"),
    ),
    "sans": (("SimHei", "黑体", "STHeiti"), ("Xianshou Sans",)),
    "kai": (("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体", "STKaiti"), ("Xianshou Title", "Xianshou Serif")),
    "serif": (("SimSun", "宋体", "STSong"), ("Xianshou Serif",)),
}
_LONG_WORD = re.compile(r"[!-~\u00a0-\u024f]{21,}")
_UNDATED = date(2000, 1, 1)


def render(document: Document, *, fonts_folder: Path | None = None) -> bytes:
    """The document as a PDF/A-2b file with text that can be selected; what no font can print stands as 〓 and is named."""
    import typst

    fit = fitted(document, fonts_folder)
    stamp = datetime.combine(document.as_of or _UNDATED, time(), UTC)
    folder = None if fonts_folder is None else Path(fonts_folder)
    return typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        format="pdf",
        font_paths=_fonts(font_files(folder) and folder),
        sys_inputs={"paper": json.dumps(_told(fit, folder), ensure_ascii=False, sort_keys=True)},
        pdf_standards="a-2b",
        timestamp=stamp,
    )


@cache
def _fonts(folder: Path | None) -> object:
    """The shipped fonts and the site's own; never those of the system, so that a paper looks the same everywhere."""
    import typst

    folders = [str(FOLDER), *([str(folder)] if folder else [])]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _faces(folder: Path | None) -> dict[str, object]:
    """The families of each role, best first; the site's other fonts and our own come last, for characters that the first ones lack."""
    there = _fonts(font_files(folder) and folder).families()
    rest = sorted(set(there))
    chosen = {
        role: list(dict.fromkeys([*(name for name in official if name in there), *ours, *rest]))
        for role, (official, ours) in FACES.items()
    }
    # Our sans is lighter than the official 黑体, so its headings are drawn a little thicker.
    return chosen | {"thicken": chosen["sans"][0] == "Xianshou Sans"}


def _told(document: Document, folder: Path | None) -> dict:
    layout, language = layout_of(document), document.language
    main, annexes = parts(document)
    told = {
        "title": document.title,
        "under": [line for line in (document.subtitle, document.mark) if line],
        "head": [_sides(line, layout) for line in document.head],
        "lang": language,
        "compact": document.layout == "compact",
        "layout": {name: value for name, value in asdict(layout).items() if isinstance(value, (int, float))},
        "blocks": _blocks(main, language, layout),
        "annex_list": list(annex_list(document)),
        "signed": list(document.signed),
        "foot": list(document.foot),
        "imprint": [_sides(line, layout) for line in document.imprint],
        "annexes": [
            {
                "label": annex_label(place, len(annexes), language),
                "title": annex.title,
                "blocks": _blocks(below, language, layout),
            }
            for place, (annex, below) in enumerate(annexes)
        ],
    }
    return _breakable(told) | {"fonts": _faces(folder)}


def _sides(line: str, layout: Layout) -> dict:
    """A line of the head: one centred text, or what stands left and what stands right; both in one line where they fit."""
    left, tab, right = line.partition("\t")
    fits = (visual_length(left) + visual_length(right) + 2) * layout.small < TEXT_WIDE_MM / 25.4 * 72
    return {"left": left, "right": right, "is_parted": bool(tab), "fits": fits}


def _blocks(blocks: tuple[Block, ...], language: str, layout: Layout) -> list[dict]:
    return [
        {"is": type(block).__name__} | _block(block, number, language, layout)
        for block, number in numbered(blocks, language)
    ]


def _block(block: Block, number: str, language: str, layout: Layout) -> dict:
    match block:
        case Heading(level, text):
            return {"level": level, "text": text, "number": number}
        case Paragraph(text, tone):
            return {"text": text, "tone": tone}
        case Bullets(items):
            return {"items": list(items)}
        case Table():
            return _table(block, language, layout)
        case Chart():
            picture = drawing.svg(block, language, high_mm=chart_high_mm(block, layout))
            return {"svg": picture, "alt": block.alt, "caption": chart_caption(block)}
        case Blank(_, prompt):
            return {"prompt": words.say("paper.blank", language, prompt=prompt)}
        case Words(_, text, by):
            said = words.say("paper.words_by", language, by=by) if by else ""
            return {"lines": [line for line in text.split("\n") if line.strip()], "by": said}
        case PageBreak():
            return {}
    raise TypeError(f"nothing says how a {type(block).__name__} is set")


def _table(table: Table, language: str, layout: Layout) -> dict:
    fit = fit_table(table, layout, language)
    return {
        "caption": table.caption,
        "columns": [{"title": column.title, "align": column.stands} for column in table.columns],
        "rows": [
            [written(cell, column, language) for cell, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ],
        "shares": list(fit.shares),
        "size": fit.size,
        "pitch": fit.pitch,
        "whole": stands_whole(table, language),
        "none": words.say("paper.no_rows", language),
        "note": table.note,
    }


def _breakable(told: object) -> object:
    """Words without end may be broken anywhere, so that none runs over the margin."""
    if isinstance(told, str):
        return told if told.startswith("<?xml") else _LONG_WORD.sub(lambda word: "\u200b".join(word.group()), told)
    if isinstance(told, dict):
        return {name: _breakable(one) for name, one in told.items()}
    return [_breakable(one) for one in told] if isinstance(told, list) else told
