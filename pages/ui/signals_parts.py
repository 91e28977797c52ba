"""What every part of the signals page shares: its words, the badge of a level, a signal's name, reason and state, and links to it."""

from collections.abc import Iterable, Mapping

from analytics.warnings.answer import Node, SignalItem, SignalList
from pages.ui import words
from pages.ui.links import Chosen
from pages.ui.markup import chip, link, section, text
from pages.ui.tables import Column

BADGES = {"I": "◆", "II": "▲", "III": "■", "IV": "●"}  # so that a level is never colour alone
OWN = ("signal", "level", "state", "tasks", "rule", "by")  # what only this page's links say
REPLAYED = "signals.notice.replayed"
TASK_COLUMNS = ("number", "level", "what", "reason", "do", "result", "signature")
_HANDLING = {"verify": "filling", "watch": "filling", "assess": "filling", "act": "running"}
_SETTLED = ("dismiss", "outcome")
_SMALLEST_P = 1e-4


def say(key: str, chosen: Chosen, **values: object) -> str:
    """A sentence of this page."""
    return words.say(f"page.signals.{key}", chosen.language, **values)


def head_of(name: str, chosen: Chosen, *, level: int = 2) -> str:
    """A section's heading with its lead, where it has one."""
    lead = say(f"lead.{name}", chosen) if words.has(f"page.signals.lead.{name}", chosen.language) else ""
    return section(say(f"section.{name}", chosen), lead, level)


def column(key: str, form: str = "text", heading: str = "", **more: object) -> Column:
    """A column whose heading stands among this page's own."""
    return Column(key, form, f"signals.{heading or key}", **more)


def plain(chosen: Chosen, **changes: object) -> str:
    """A link within this page that leaves what was opened, keeping the filters."""
    return chosen.query(**{"signal": None, "tasks": None} | changes)


def badge(code: str, language: str) -> str:
    """A work level as numeral, word, shape and colour."""
    word = words.name("signal_level", code, language)
    shape = BADGES.get(code, "○")
    return f'<span class="xs-level xs-level-{text(code)}"><i aria-hidden="true">{shape}</i>{text(word)}</span>'


def subject(node: Node, language: str) -> str:
    """What a signal is about: the category, or the kind where the category may not be named."""
    return words.subject(node.category, language) if node.category else words.name("kind", node.kind, language)


def name_of(node: Node, language: str) -> str:
    """Place and subject as one name."""
    return f"{node.area} · {subject(node, language)}"


def event_name(values: Mapping[str, object], language: str) -> str:
    """What a known event is called; a festival in the reader's words."""
    return words.name("festival", values["name"], language) if values["kind"] == "festival" else str(values["name"])


def opens_item(item: SignalItem, chosen: Chosen) -> str:
    """The link that opens a signal."""
    return chosen.query(signal=item.key)


def item_link(item: SignalItem, chosen: Chosen) -> str:
    """A signal's name, leading to it."""
    name = name_of(item.node, chosen.language)
    return link(name, opens_item(item, chosen), say("open", chosen, name=name))


def reason_of(item: SignalItem, chosen: Chosen) -> str:
    """Why it was raised, in plain language."""
    if not item.said:
        return say("suppressed", chosen)
    parts = [words.tell(one, chosen.language) for one in item.said]
    return ("；" if chosen.language == "zh" else "; ").join(parts) + ("。" if chosen.language == "zh" else ".")


def p_said(p: float | None, language: str) -> str:
    """A p-value as it is written: two figures that count, and no smaller than one in ten thousand.

    >>> [p_said(p, "en").replace("\u00a0", " ") for p in (0.00042, 1e-300, 0.031, 1.0)]
    ['p = 0.00042', 'p < 0.0001', 'p = 0.031', 'p = 1']
    """
    if p is None or p != p:
        return words.NOTHING
    if p < _SMALLEST_P:
        return f"p\u00a0<\u00a0{_SMALLEST_P}"
    return f"p\u00a0=\u00a0{float(f'{p:.2g}'):g}"


def aside_of(item: SignalItem, chosen: Chosen) -> str:
    """How it was found: channel, method, p, and what must be known about the confidence."""
    said = chosen.language
    parts = [
        words.name("signal_channel", item.channel, said),
        words.name("signal_method", item.method, said),
        p_said(item.p, said),
    ]
    if item.correction != "complete":
        parts.append(words.name("signal_correction", item.correction, said))
    if item.confidence == "low":
        parts.append(words.name("signal_confidence", "low", said))
    if item.reason:
        parts.append(words.name("signal_reason", item.reason, said))
    return " · ".join(parts)


def is_issued(item: SignalItem) -> bool:
    """Whether it stands in the ledger, so that steps can be taken on it."""
    return item.key.startswith("E-")


def state_chips(item: SignalItem, chosen: Chosen) -> str:
    """The state of the episode where it says more than that it is open; whether it is new or only on the watch list."""
    said = chosen.language
    found = []
    if item.is_new:
        found.append(chip("above", say("new", chosen)))
    if item.state not in ("open", "opened"):
        found.append(chip("unknown", words.name("signal_state", item.state, said)))
    if item.tier != "found":
        found.append(chip("watch" if item.tier == "watch" else "unknown", words.name("signal_tier", item.tier, said)))
    if item.origin != "issued":
        found.append(chip("unknown", words.name("signal_origin", item.origin, said)))
    return "".join(found)


def handling_chip(item: SignalItem, chosen: Chosen) -> str:
    """How far the people are with it."""
    if not is_issued(item):
        return ""
    if item.next_step == "verify":
        return chip("watch", words.name("signal_handling", "none", chosen.language))
    if item.outcome:
        return chip("ok", words.name("signal_outcome", item.outcome, chosen.language))
    shape = "ok" if item.handling in _SETTLED else _HANDLING.get(item.handling, "unknown")
    return chip(shape, words.name("signal_handling", item.handling, chosen.language))


def next_of(item: SignalItem, chosen: Chosen) -> str:
    """The next step with the day it is due, as markup; nothing where no step is open."""
    if not item.next_step:
        return ""
    step = words.name("signal_step", item.next_step, chosen.language)
    if item.due_on is None:
        return f'<span class="xs-next">{text(say("next", chosen, step=step))}</span>'
    said = text(say("next_due", chosen, step=step, day=item.due_on))
    if item.overdue_days:
        said += " " + chip("above", say("overdue", chosen, count=item.overdue_days))
    return f'<span class="xs-next">{said}</span>'


def group_of(item: SignalItem) -> str:
    """Which of the states that the list can be narrowed to a signal is in.

    verify is waiting to be verified (overdue is part of it), settled is decided, in_hand is between the two; what was never issued waits
    for nobody.
    """
    if item.next_step == "verify":
        return "verify"
    if not is_issued(item):
        return "unissued"
    return "settled" if item.outcome or item.handling in _SETTLED else "in_hand"


def is_replayed(found: SignalList) -> bool:
    """Whether the day was judged only when the past was played through."""
    return any(one.key == REPLAYED for one in found.notices)


def listed(found: SignalList) -> tuple[SignalItem, ...]:
    """Everything that stands on the list: the signals of the day in order of need, then those gone from it that nobody verified."""
    keys = {item.key for item in found.items}
    return (*found.items, *(item for item in found.overdue if item.key not in keys))


def tasks_of(found: SignalList) -> tuple[SignalItem, ...]:
    """The warnings that still need a step, in order of need."""
    return tuple(item for item in listed(found) if item.next_step and group_of(item) != "settled")


def do_of(item: SignalItem, chosen: Chosen) -> str:
    """What is to be done by when."""
    step = words.name("signal_step", item.next_step, chosen.language)
    return step if item.due_on is None else say("tasks.do", chosen, step=step, day=item.due_on)


def parts_nav(items: Iterable[tuple[str, str, bool]], label: str) -> str:
    """Ways to narrow, side by side: link, words, and whether it is the one in force."""
    links = "".join(
        f'<a href="{text(query)}"{" aria-current=page" if current else ""}>{text(shown)}</a>'
        for query, shown, current in items
    )
    return f'<nav class="xs-parts xs-narrow" aria-label="{text(label)}">{links}</nav>'
