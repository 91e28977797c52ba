"""How scorecards are worded on paper: headings of columns, names of indicators, codes in words."""

from pages.paper.document import Column
from pages.ui import words


def say(key: str, language: str, **values: object) -> str:
    """A sentence of the paper of scorecards."""
    return words.say(f"paper.scores.{key}", language, **values)


def word(group: str, code: object, language: str) -> str:
    """The word for a code; a code without a word stands for itself, none at all is a dash."""
    if code is None:
        return words.NOTHING
    key = f"scores.{group}.{code}"
    return words.say(key, language) if words.has(key, language) else str(code)


def indicator_name(name: str, language: str) -> str:
    """What an indicator is called."""
    return words.say(f"scores.indicator.{name}.name", language)


def columns(language: str, **forms: str) -> tuple[Column, ...]:
    """Columns by the key of their heading and the form of their cells."""
    return tuple(Column(say(name, language), form=form) for name, form in forms.items())
