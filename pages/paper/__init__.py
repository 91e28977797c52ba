"""The same answers on paper and for other programs: one `Document`, six forms."""

from importlib import import_module
from pathlib import Path

from pages.paper.document import Document, clean, to_json

FORMS = ("docx", "pdf", "xlsx", "md", "json", "html")
MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown",
    "json": "application/json",
    "html": "text/html",
}
_ROOMS = {"docx": "word", "pdf": "pdf", "xlsx": "sheets", "md": "markdown", "html": "html"}


def render(document: Document, form: str, *, fonts_folder: Path | None = None) -> bytes:
    """The document as a file of one of `FORMS`: the same document gives the same bytes.

    `fonts_folder` holds the site's own fonts, which PDF files then use. Raises ValueError for another form.
    """
    if form not in FORMS:
        raise ValueError(f"form {form!r} is none of {', '.join(FORMS)}")
    fit = clean(document)
    if form == "json":
        return (to_json(fit) + "\n").encode()
    room = import_module(f"pages.paper.{_ROOMS[form]}")  # Word, PDF and charts are slow to load: only what is asked for
    return room.render(fit, fonts_folder=fonts_folder) if form == "pdf" else room.render(fit)
