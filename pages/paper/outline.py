"""How a document is told in any form: numbers of headings and annexes, where the foot stands, how a cell is written."""

from collections.abc import Iterator
from datetime import date

from pages.paper.document import Annex, Block, Cell, Chart, Column, Document, Heading, Lines, Number, Table
from pages.ui import words

NUMERALS = "零一二三四五六七八九"
PLACES = {"decimal": 1, "hundredth": 2}


def parts(document: Document) -> tuple[tuple[Block, ...], tuple[tuple[Annex, tuple[Block, ...]], ...]]:
    """The blocks of the paper itself, after which its foot stands, and each annex with its blocks."""
    main, annexes = [], []
    for block in document.blocks:
        if isinstance(block, Annex):
            annexes.append((block, []))
        else:
            (annexes[-1][1] if annexes else main).append(block)
    return tuple(main), tuple((annex, tuple(below)) for annex, below in annexes)


def numbered(blocks: tuple[Block, ...], language: str) -> Iterator[tuple[Block, str]]:
    """Each block with its number and the space after it: 一、（一）1.（1） in Chinese, 1. 1.1 1.1.1 in English; empty for all but headings.

    >>> found = numbered((Heading(1, "a"), Heading(2, "b"), Heading(2, "c"), Heading(1, "d"), Heading(2, "e")), "zh")
    >>> [number for _, number in found]
    ['一、', '（一）', '（二）', '二、', '（一）']
    """
    counts = [0, 0, 0, 0]
    for block in blocks:
        if not isinstance(block, Heading):
            yield block, ""
            continue
        counts[block.level - 1] += 1
        counts[block.level :] = [0] * (4 - block.level)
        yield block, _number(counts[: block.level], language)


def _number(counts: list[int], language: str) -> str:
    if language != "zh":
        return ".".join(str(max(count, 1)) for count in counts) + (". " if len(counts) == 1 else " ")
    count = counts[-1]
    return (f"{chinese(count)}、", f"（{chinese(count)}）", f"{count}.", f"（{count}）")[len(counts) - 1]


def chinese(count: int) -> str:
    """1 to 99 in Chinese numerals.

    >>> chinese(7), chinese(10), chinese(12), chinese(30), chinese(41)
    ('七', '十', '十二', '三十', '四十一')
    """
    tens, ones = divmod(count, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{NUMERALS[tens]}十"
    return head + (NUMERALS[ones] if ones or not tens else "")


def annex_label(place: int, total: int, language: str) -> str:
    """附件, or 附件1 where there are several."""
    return words.say("paper.annex.one" if total == 1 else "paper.annex.many", language, number=str(place + 1))


def annex_list(document: Document) -> tuple[str, ...]:
    """The lines that name the annexes at the end of the paper, as the layout rules ask for."""
    titles = [annex.title for annex, _ in parts(document)[1]]
    if len(titles) < 2:
        return tuple(words.say("paper.annex.list", document.language, title=title) for title in titles)
    first, *rest = (
        words.say("paper.annex.item", document.language, number=str(place), title=title)
        for place, title in enumerate(titles, start=1)
    )
    return (words.say("paper.annex.list", document.language, title=first), *rest)


def written(cell: Cell, column: Column, language: str) -> str:
    """A cell as it is printed; hidden and unknown ones are a dash.

    >>> written(1234, Column("open", form="count"), "zh"), written(None, Column("open", form="count"), "zh")
    ('1,234', '—')
    >>> written(Number(92.14, "pct"), Column("value"), "en"), written(date(2026, 11, 2), Column("due"), "en")
    ('92.1%', '2026-11-02')
    >>> written(241.51552, Column("α", form="exact"), "en"), written(0.000065876, Column("share", form="exact"), "en")
    ('241.516', '0.00006588')
    """
    form = column.form
    if isinstance(cell, Number):
        cell, form = cell.value, cell.form
    if cell is None:
        return words.NOTHING
    if isinstance(cell, date):
        return words.day(cell, language, "iso")
    if isinstance(cell, (str, bool)):
        return words.subject(str(cell), language)
    if form == "pct":
        return words.pct(cell, language)
    if form in PLACES:
        return words.number(cell, language, PLACES[form])
    if form == "exact":
        return words.number(float(f"{cell:.6g}"), language, 8).rstrip("0").rstrip(".")
    return words.number(cell, language, 0 if cell == int(cell) else 1)


def chart_table(chart: Chart, language: str) -> Table:
    """The numbers that a chart is drawn from."""
    spec = chart.spec
    series = spec.series if isinstance(spec, Lines) else ((spec.value_title, spec.values),)
    ends = tuple((name, getattr(spec, name, ())) for name in ("lower", "upper"))
    named = [(name or words.say("paper.chart.value", language), values) for name, values in series]
    named += [(words.say(f"paper.chart.{name}", language), values) for name, values in ends if values]
    columns = (Column(words.say("paper.chart.label", language)), *(Column(name, form="count") for name, _ in named))
    rows = tuple((label, *(values[place] for _, values in named)) for place, label in enumerate(spec.labels))
    return Table(spec.title, columns, rows, chart.caption)
