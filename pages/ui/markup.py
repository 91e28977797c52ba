"""The little HTML we write ourselves. Every value that comes from outside passes through `text`; nothing else builds tags."""

import re
from collections.abc import Iterable
from datetime import date
from html import escape

from analytics.figures import Sentence
from data.queries import Selection
from pages.ui import words
from pages.ui.links import Chosen

SHAPES = {
    "above": "▲",
    "within": "●",
    "below": "▼",
    "unknown": "○",
    "normal": "●",
    "unusual": "▲",
    "watch": "◆",
    "failed": "✕",
    "late": "▲",
    "silent": "◆",
    "filling": "◐",
    "ok": "●",
    "running": "◐",
    "undone": "○",
}

DAY = "DAY"  # where the day stands in the link of a field
_RANGE = re.compile(r"[\d.,%]+[–～][\d.,%]+")
_MARK = "\x00"  # around the number of a part that opens, while a sentence is put together


def text(value: object) -> str:
    """A value as text that cannot become a tag."""
    return escape(str(value), quote=True)


def note_lines(lines: Iterable[str]) -> str:
    """Small lines below a figure; no range of numbers breaks in two."""
    return "".join(f'<div class="xs-note">{whole_ranges(line)}</div>' for line in lines)


def whole_ranges(value: object) -> str:
    """A value as text in which a range of numbers stays on one line.

    >>> whole_ranges("95% interval 93.0%–95.3%")
    '95% interval <span class="xs-range">93.0%–95.3%</span>'
    """
    return _RANGE.sub(r'<span class="xs-range">\g<0></span>', text(value))


def link(shown: str, query: str, label: str = "") -> str:
    """A number or word that opens something; `shown` is text."""
    named = f' aria-label="{text(label)}" title="{text(label)}"' if label else ""
    return f'<a class="xs-open" href="{text(query)}"{named}>{text(shown)}</a>'


def opened(shown: str, selection: Selection | None, chosen: Chosen, label: str = "") -> str:
    """A number that opens into its matters, or just the number."""
    return link(shown, chosen.query(selection), label) if selection is not None else text(shown)


def chip(state: str, word: str, *, boxed: bool = False) -> str:
    """A state as word, shape and colour."""
    box = " xs-boxed" if boxed else ""
    shape = SHAPES.get(state, "○")
    return f'<span class="xs-chip xs-is-{text(state)}{box}"><i aria-hidden="true">{shape}</i>{text(word)}</span>'


def notice(body: str, kind: str = "", small: str = "") -> str:
    """A paragraph that must be known before the rest; `kind` is loud, duty, plain or nothing."""
    more = f"<br><small>{text(small)}</small>" if small else ""
    role = "alert" if kind in ("loud", "duty") else "note"
    return f'<div class="xs-notice xs-{kind}" role="{role}"><p>{text(body)}{more}</p></div>'


def section(title: str, lead: str = "", level: int = 2) -> str:
    """A heading with, at most, one line under it."""
    return f'<div class="xs-section"><h{level}>{text(title)}</h{level}>{f"<p>{text(lead)}</p>" if lead else ""}</div>'


def quiet(words_: str) -> str:
    """A plain line where there is nothing to list."""
    return f'<div class="xs-quiet">{text(words_)}</div>'


def told(sentence: Sentence, chosen: Chosen) -> str:
    """A sentence that stands alone; where it speaks of countable matters, a link stands after it."""
    return text(words.tell_alone(sentence, chosen.language)) + behind(sentence.selection, chosen)


def aside_lines(sentences: Iterable[Sentence], chosen: Chosen) -> str:
    """What is to be known of the figures above, as small lines of their own; nothing where there is nothing."""
    said = "".join(f"<li>{told(one, chosen)}</li>" for one in sentences)
    return f'<ul class="xs-asides">{said}</ul>' if said else ""


def behind(selection: Selection | None, chosen: Chosen) -> str:
    """The link to the matters a sentence speaks of, to stand after it; nothing where it speaks of none that can be counted."""
    return "" if selection is None else onward(chosen.query(selection), words.say("frame.open_list", chosen.language))


def onward(address: str, label: str) -> str:
    """A link after a sentence, as an arrow that never begins a line: a space that does not break holds it to the last word."""
    return f'\u00a0<a class="xs-more" href="{text(address)}" aria-label="{text(label)}" title="{text(label)}">›</a>'


def choices(label: str, options: Iterable[tuple[str, str, bool]]) -> str:
    """A choice of a few: what each is called, where it leads, whether it is the one in force."""
    links = "".join(
        f'<a href="{text(query)}"{" aria-current=true" if current else ""}>{text(said)}</a>'
        for said, query, current in options
    )
    return f'<nav class="xs-choice" aria-label="{text(label)}"><span>{text(label)}</span>{links}</nav>'


def day_field(label: str, day: date, first: date, last: date, goes: str) -> str:
    """The browser's own field for a day, within these bounds; `goes` is the link for a day, with `DAY` in its place."""
    return (
        f'<label class="xs-choice"><span>{text(label)}</span><input type="date" class="xs-day-field" value="{day}" min="{first}" '
        f'max="{last}" data-goes="{text(goes)}"></label>'
    )


def lines(sentences: tuple[Sentence, ...], chosen: Chosen) -> str:
    return '<ul class="xs-lines">' + "".join(f"<li>{told(one, chosen)}</li>" for one in sentences) + "</ul>"


def spoken(sentence: Sentence, chosen: Chosen) -> str:
    """A sentence to be read aloud, in which every part that counts matters of its own opens them."""
    opens: list[tuple[str, Selection]] = []

    def said(one: Sentence) -> str:
        values = {place: said(value) if isinstance(value, Sentence) else value for place, value in one.values.items()}
        told_ = words.say(one.key, chosen.language, **values)
        if one.selection is None or one is sentence:
            return told_
        opens.append((told_, one.selection))
        return f"{_MARK}{len(opens) - 1}{_MARK}"

    parts = said(sentence).split(_MARK)
    label = words.say("frame.open_list", chosen.language)
    shown = [opened(*opens[int(part)], chosen, label) if place % 2 else text(part) for place, part in enumerate(parts)]
    return "".join(shown)
