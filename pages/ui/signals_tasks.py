"""A list of warning tasks to be printed: one for each street, with room to write what was found; and the ways to them."""

from collections import Counter

import streamlit as st

from analytics.warnings.answer import SignalItem, SignalList
from pages.paper.document import Document
from pages.ui import papers, words
from pages.ui.links import Chosen
from pages.ui.markup import link, quiet, text
from pages.ui.signals_parts import TASK_COLUMNS, badge, do_of, head_of, name_of, reason_of, say, tasks_of


def is_asked(chosen: Chosen) -> bool:
    """Whether the link asks for the task list instead of the page."""
    return dict(chosen.own).get("tasks") == "1"


def show(found: SignalList, chosen: Chosen) -> None:
    """The list itself: a heading, one row a task, room to write; nothing else is printed."""
    tasks, said = tasks_of(found), chosen.language
    is_part = found.area_name or found.area_names
    title = say("tasks.title", chosen, area=words.where(found, said)) if is_part else say("tasks.all", chosen)
    count = say("tasks.count", chosen, count=len(tasks), day=found.day)
    back = f'<span class="xs-unprinted">{link(say("tasks.back", chosen), chosen.query(tasks=None))}</span>'
    st.html(
        f'<div class="xs-head">{back}</div><div class="xs-section"><h2>{text(title)}</h2><p>{text(count)}</p></div>'
    )
    if not tasks:
        st.html(quiet(say("none.tasks", chosen)))
        return
    st.html(_table(tasks, chosen) + f'<p class="xs-basis">{text(say("tasks.note", chosen))}</p>')

    def make() -> Document:
        from pages.paper.signals import tasks_document

        return tasks_document(found, said)

    papers.buttons("warning-tasks", make, chosen)


def _table(tasks: tuple[SignalItem, ...], chosen: Chosen) -> str:
    head = "".join(f'<th scope="col">{text(say(f"tasks.column.{name}", chosen))}</th>' for name in TASK_COLUMNS)
    body = "".join(_row(number, item, chosen) for number, item in enumerate(tasks, start=1))
    return (
        f'<div class="xs-scroll" tabindex="0"><table class="xs-table xs-tasks"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(number: int, item: SignalItem, chosen: Chosen) -> str:
    name = link(name_of(item.node, chosen.language), chosen.query(signal=item.key, tasks=None))
    return (
        f"<tr><td>{number}</td><td class=xs-d>{badge(item.level_code, chosen.language)}</td><td>{name}</td>"
        f"<td>{text(reason_of(item, chosen))}</td><td>{text(do_of(item, chosen))}</td>"
        "<td class=xs-write></td><td class=xs-write></td></tr>"
    )


def show_ways(found: SignalList, chosen: Chosen) -> None:
    """The ways to the task lists: of what is chosen, and of each street that has tasks; how it was judged at the foot."""
    tasks = tasks_of(found)
    if tasks:
        ways = "".join(
            f"<li>{link(say('tasks.link', chosen, area=name, count=count), chosen.query(area=code, tasks=1, signal=None))}</li>"
            for code, name, count in _streets(found, tasks, chosen)
        )
        st.html(f'<div class="xs-unprinted">{head_of("streets", chosen)}<ul class="xs-ways">{ways}</ul></div>')
    judged = found.detection
    values = {"day": judged.as_of, "through": judged.judged_through, "at": judged.ran_at, "version": judged.version}
    st.html(f'<div class="xs-foot">{text(say("footer", chosen, **values))} {text(say("internal", chosen))}</div>')


def _streets(found: SignalList, tasks: tuple[SignalItem, ...], chosen: Chosen) -> list[tuple[str | None, str, int]]:
    """All tasks of what is chosen first, then each street with the tasks in it or in its communities."""
    by_code = {line.values["area_code"]: line.values for line in found.places}
    counted: Counter[str] = Counter()
    for item in tasks:
        code = item.node.area_code
        if item.node.level == "community" and code in by_code:
            code = by_code[code]["parent_code"]
        if code in by_code and by_code[code]["level"] == "street":
            counted[code] += 1
    whole = words.where(found, chosen.language)
    streets = [(code, str(by_code[code]["area"]), counted[code]) for code in by_code if counted[code]]
    own = [(found.area_code, whole, len(tasks))]
    return own + [one for one in streets if one[0] != found.area_code]
