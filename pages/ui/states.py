"""What a page shows when it cannot show its answer: nothing yet, nothing here, not readable, not foreseen."""

import logging
import secrets
from collections.abc import Sequence
from datetime import date

import streamlit as st

from data.errors import Refused, XianshouError
from pages.ui import load, words
from pages.ui.links import Chosen
from pages.ui.markup import chip, link, notice, text

log = logging.getLogger("xianshou")


def show_error(error: XianshouError, language: str) -> None:
    """A condition that a person can mend: found, needed, next step."""
    if error.key == "mart.missing":
        return _show_no_mart(language)
    said = words.tell_error(error, language)
    if error.key.startswith("mart."):
        title, body = (words.say(f"frame.broken_mart.{part}", language) for part in ("title", "body"))
        return _show(title, [body, said], ["xianshou refresh --full"])
    title = "refused" if isinstance(error, Refused) else "title"
    return _show(words.say(f"frame.error.{title}", language), [said])


def show_nothing(chosen: Chosen, area: str | None) -> None:
    """No record in the range chosen: what there is instead, and the way to it."""
    said = chosen.language
    count, first, last = load.span()
    values = {
        "day": chosen.day,
        "area": area or words.say("frame.whole_area", said),
        "kind": words.say(f"names.kind.{chosen.kind or 'all'}", said),
    }
    body = [words.say("frame.empty.body", said, **values)]
    links = []
    if count:
        body.append(words.say("frame.empty.span", said, first=first, last=last, count=count))
        links.append(jump(chosen, last, "jump"))
        if chosen.area_code or chosen.kind:
            links.append(link(words.say("frame.empty.wider", said), chosen.query(area=None, kind=None)))
    _show(words.say("frame.empty.title", said), body, links=links)


def jump(chosen: Chosen, day: date, key: str = "open_day") -> str:
    """A link to another day of this page."""
    return link(words.say(f"frame.empty.{key}", chosen.language, day=day), chosen.query(day=day))


def without_results(state: str, first: str, rest: Sequence[str], command: str, foot: str) -> str:
    """Markup of a day that a night of work has not reached: the state in a word, the sentence, what to do (already markup), a command if
    one helps, and the version."""
    lines = "".join(f"<li>{line}</li>" for line in rest)
    code = f'<pre class="xs-code"><code>{text(command)}</code></pre>' if command else ""
    return (
        f'<div class="xs-headline">{chip("unknown", state, boxed=True)}<p class="xs-first">{text(first)}</p>'
        f'<ul class="xs-rest">{lines}</ul></div>{code}<div class="xs-foot">{text(foot)}</div>'
    )


def show_failure(error: Exception) -> bool:
    """An unforeseen failure: a number for the maintainer, in both languages, and nothing of its inside."""
    number = secrets.token_hex(4)
    log.error("failure %s", number, exc_info=error)
    title = words.say("frame.failure.title", "zh")
    body = [words.say(f"frame.failure.{part}", "zh", id=number) for part in ("body", "also")]
    _show(title, body)
    return True


def show_duty(language: str) -> None:
    """The banner of heightened duty, on every page while it is set."""
    mode = load.duty_mode()
    if mode.mode != "war":
        return
    said = words.say("frame.duty.war", language)
    since = words.say("frame.duty.war_since", language, at=mode.since) if mode.since else ""
    reason = words.say("frame.duty.reason", language, reason=mode.reason) if mode.reason else ""
    st.html(notice(f"◆ {said}", "duty", "　".join(part for part in (since, reason) if part)))


def _show_no_mart(language: str) -> None:
    said = {part: words.say(f"frame.no_mart.{part}", language) for part in ("title", "body", "demo", "own")}
    code = f"# {said['demo']}\nxianshou demo\n\n# {said['own']}\nxianshou import FILE --profile NAME\nxianshou refresh"
    _show(said["title"], [said["body"]], [code])


def _show(title: str, body: list[str], code: list[str] | None = None, links: list[str] | None = None) -> None:
    """`body` and `code` are text; `links` are already markup."""
    parts = [f"<h2>{text(title)}</h2>", *(f"<p>{text(line)}</p>" for line in body)]
    parts += [f"<p>{one}</p>" for one in links or ()]
    parts += [f"<pre><code>{text(lines)}</code></pre>" for lines in code or ()]
    st.html(f'<div class="xs-empty">{"".join(parts)}</div>')
