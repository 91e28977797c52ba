"""What went wrong, said so that a person can act: found, needed, next step.

The words themselves live in `pages.ui.words` under `errors.<key>`, in both languages; here is only the key and the values that
fill it, so that no room below the screen speaks one language only.
"""


class XianshouError(Exception):
    """A condition that a person can mend; `key` names its sentence, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(f"{key}: " + ", ".join(f"{name}={value}" for name, value in values.items()))


class Refused(XianshouError):
    """Input that must not enter: personal data, a file that is not what it says, a size that no page takes."""


class NotReady(XianshouError):
    """Something has not been made yet: no published version, no calendar for a year, a history too short."""


class Busy(XianshouError):
    """Another process holds the one writer's place."""
