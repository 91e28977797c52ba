"""The list of warning tasks of a street on paper: one row a task, with room to write what was found."""

from analytics.warnings.answer import SignalItem, SignalList
from analytics.warnings.disclosure import as_it_leaves
from pages.paper.document import Block, Column, Document, Paragraph, Table, clean
from pages.ui import words
from pages.ui.links import Chosen
from pages.ui.signals_parts import TASK_COLUMNS, do_of, name_of, reason_of, say, tasks_of

_WIDTHS = {"number": 0.5, "level": 0.7, "what": 1.6, "reason": 2.2, "do": 1.2, "result": 2.4, "signature": 1.4}


def tasks_document(found: SignalList, language: str) -> Document:
    """The tasks that stand open, as they may leave the screen: a community's small numbers are not written out."""
    chosen = Chosen(found.day, found.area_code, found.kind, language)
    tasks = tasks_of(as_it_leaves(found))
    is_part = found.area_name or found.area_names
    title = say("tasks.title", chosen, area=words.where(found, language)) if is_part else say("tasks.all", chosen)
    judged = found.detection
    foot = (say("tasks.note", chosen),)
    if judged is not None:
        values = {"day": judged.as_of, "through": judged.judged_through, "at": judged.ran_at, "version": judged.version}
        foot = (say("footer", chosen, **values), *foot)
    return clean(
        Document(
            title=title,
            head=(say("tasks.count", chosen, count=len(tasks), day=found.day),),
            blocks=(_table(tasks, chosen),),
            foot=foot,
            language=language,
            kind="signals",
            name=say("tasks.file", chosen, area=words.where(found, language), day=found.day),
            as_of=found.day,
            layout="compact",
        )
    )


def _table(tasks: tuple[SignalItem, ...], chosen: Chosen) -> Block:
    if not tasks:
        return Paragraph(say("none.tasks", chosen))
    columns = tuple(Column(say(f"tasks.column.{name}", chosen), width=_WIDTHS[name]) for name in TASK_COLUMNS)
    rows = tuple(
        (
            str(number),
            words.name("signal_level", item.level_code, chosen.language),
            name_of(item.node, chosen.language),
            reason_of(item, chosen),
            do_of(item, chosen),
            "",
            "",
        )
        for number, item in enumerate(tasks, start=1)
    )
    return Table("", columns, rows)
