"""A document as one HTML file that opens without a network: no script, no picture or font from elsewhere, charts drawn inside."""

from html import escape

from pages.paper import drawing
from pages.paper.document import (
    Annex,
    Blank,
    Block,
    Bullets,
    Chart,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Table,
    Words,
)
from pages.paper.glyphs import fitted_charts
from pages.paper.outline import annex_label, chart_table, numbered, parts, written
from pages.ui import words

# Nothing may be fetched, sent or run, whatever the text of the document is.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

STYLE = """
:root{color-scheme:light dark;--ink:#16191b;--quiet:#5c666b;--line:#cfd5d8;--paper:#fff;--mark:#f3f1e7}
@media (prefers-color-scheme:dark){:root{--ink:#e7eaeb;--quiet:#9aa5aa;--line:#3b4347;--paper:#15191b;--mark:#2b2a20}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.75 "Songti SC","Noto Serif CJK SC","SimSun",serif}
main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.35;text-align:center;margin:.5rem 0}
h2,h3,h4,h5{line-height:1.4;margin:1.6rem 0 .4rem}
h2{font-size:1.15rem;font-family:"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
h3{font-size:1.05rem}h4,h5{font-size:1rem;font-weight:normal}
p{margin:.35rem 0}:lang(zh) p.text{text-indent:2em}
.sub{text-align:center}.head{display:flex;justify-content:center;gap:2rem;color:var(--quiet)}.head.wide{justify-content:space-between}
header{border-bottom:1px solid var(--line);padding-bottom:.8rem;margin-bottom:1.2rem}
.notice{background:var(--mark);padding:.5rem .8rem;border-left:3px solid var(--ink)}
.blank{border:1px dashed var(--quiet);min-height:4rem;padding:.5rem .8rem;color:var(--quiet)}
.scroll{overflow-x:auto;margin:.8rem 0}table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.5}
caption{caption-side:top;font-weight:bold;padding:.3rem}th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left}
th{font-weight:bold}.right{text-align:right;font-variant-numeric:tabular-nums}.center{text-align:center}
figure{margin:1rem 0}figure svg{width:100%;height:auto;background:#fff}figcaption,.note,footer{color:var(--quiet);font-size:.9rem}
details{font-size:.9rem}summary{cursor:pointer;color:var(--quiet)}footer{border-top:1px solid var(--line);margin-top:1.5rem;padding-top:.6rem}
.signed{display:flex;justify-content:flex-end;margin-top:2rem;padding-right:4em;text-align:center}
.imprint{border-block:2px solid var(--ink);margin-top:2.5rem;padding:.2rem 1em}
.annex{border-top:1px solid var(--line);margin-top:3rem;padding-top:1rem}
@media print{main{max-width:none;padding:0}.annex,.break{break-before:page}tr,figure{break-inside:avoid}thead{display:table-header-group}
details>*{display:block}}
@media (max-width:30rem){body{font-size:15px}h1{font-size:1.35rem}main{padding:1.25rem .9rem}}
"""


def render(document: Document) -> bytes:
    """The document as one self-contained UTF-8 page."""
    document = fitted_charts(document)
    language = document.language
    main, annexes = parts(document)
    body = [_head(document)]
    body += [_block(block, number, language) for block, number in numbered(main, language)]
    if document.signed:
        body.append(
            f'<div class="signed"><div>{"".join(f"<p>{_text(line)}</p>" for line in document.signed)}</div></div>'
        )
    if document.foot:
        body.append("<footer>" + "".join(f"<p>{_text(line)}</p>" for line in document.foot) + "</footer>")
    for place, (annex, below) in enumerate(annexes):
        body.append(f'<section class="annex"><p>{_text(annex_label(place, len(annexes), language))}</p>')
        body.append(f"<h1>{_text(annex.title)}</h1>")
        body += [_block(block, number, language) for block, number in numbered(below, language)]
        body.append("</section>")
    if document.imprint:
        body.append(f'<div class="imprint">{"".join(_parted(line) for line in document.imprint)}</div>')
    tag = "zh-CN" if language == "zh" else language
    page = (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(document.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body><main>\n"
    )
    return (page + "\n".join(part for part in body if part) + "\n</main></body>\n</html>\n").encode()


def _text(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _head(document: Document) -> str:
    lines = [f"<h1>{_text(document.title)}</h1>"]
    lines += [f'<p class="sub">{_text(line)}</p>' for line in (document.subtitle, document.mark) if line]
    lines += [_parted(line) for line in document.head]
    return f"<header>{''.join(lines)}</header>"


def _parted(line: str) -> str:
    sides = "".join(f"<span>{_text(side)}</span>" for side in line.split("\t"))
    return f'<p class="head{" wide" if chr(9) in line else ""}">{sides}</p>'


def _block(block: Block, number: str, language: str) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level + 1}>{_text(number + text)}</h{level + 1}>"
        case Paragraph(text, tone):
            return f'<p class="{"notice" if tone == "notice" else "text"}">{_text(text)}</p>'
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{_text(item)}</li>" for item in items) + "</ul>" if items else ""
        case Table():
            return _table(block, language)
        case Chart():
            return _chart(block, language)
        case Blank(_, prompt):
            return f'<div class="blank">{_text(words.say("paper.blank", language, prompt=prompt))}</div>'
        case Words(_, text, by):
            said = "".join(f'<p class="text">{_text(line)}</p>' for line in text.split("\n") if line.strip())
            return said + (f'<p class="note">{_text(words.say("paper.words_by", language, by=by))}</p>' if by else "")
        case PageBreak():
            return '<div class="break"></div>'
        case Annex(title):
            return f"<h1>{_text(title)}</h1>"
    raise TypeError(f"nothing says how a {type(block).__name__} is written")


def _table(table: Table, language: str) -> str:
    named = f"<caption>{_text(table.caption)}</caption>" if table.caption else ""
    note = f'<p class="note">{_text(table.note)}</p>' if table.note else ""
    if not table.rows:
        title = f'<p class="sub"><b>{_text(table.caption)}</b></p>' if table.caption else ""
        return f"{title}<p>{_text(words.say('paper.no_rows', language))}</p>{note}"
    head = "".join(f'<th scope="col" class="{column.stands}">{_text(column.title)}</th>' for column in table.columns)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{column.stands}">{_text(written(cell, column, language))}</td>'
            for cell, column in zip(row, table.columns, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    return f'<div class="scroll"><table>{named}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}'


def _chart(chart: Chart, language: str) -> str:
    picture = drawing.svg(chart, language)
    inner = picture[picture.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{_text(chart.alt)}"', 1)
    caption = f"<figcaption>{_text(chart.caption or chart.alt)}</figcaption>"
    numbers = f"<details><summary>{_text(words.say('paper.chart.table', language))}</summary>{_table(chart_table(chart, language), language)}</details>"
    return f"<figure>{inner}{caption}{numbers}</figure>"
