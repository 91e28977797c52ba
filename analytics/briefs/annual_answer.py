"""What an annual report answers: the items that article 41 of the petition regulation asks for, each with its figures."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from analytics.briefs.answer import Concern, Line
from analytics.figures import Figure, Period, Sentence
from analytics.pathways import Funnel, PetitionLink, PolicyEffects


@dataclass(frozen=True)
class AnnualBrief:
    """The annual report on petitions (信访工作条例, article 41) of the year `period`, as of its last day counted, for one area.

    The items in the article's order: (1) statistics of matters, fields they concern, organs most complained of; (2) forwarding, assigning
    and supervising; (3) suggestions made and adopted; (4) what else should be reported. Counts stand beside the same span of the year
    before. Tables are tuples of `Line`, in the order they are to be read; those of units go by line and name, never by number.
    """

    kind_of_brief: ClassVar[str] = "annual"

    period: Period
    before: Period  # the year before, or its same span
    area_code: str | None
    area_name: str | None
    kind: str | None
    version: str
    published_at: datetime
    read_at: datetime
    headline: tuple[Sentence, ...]
    notices: tuple[Sentence, ...]
    received: tuple[Figure, ...]  # new, filings, batches, person_times, repeated, collective, grown
    months: tuple[Line, ...]  # month (its first day), new, before
    forms: tuple[Line, ...]  # code, new, share_pct, before, change; as are the next three
    purposes: tuple[Line, ...]
    fields: tuple[Line, ...]  # category_code, category, ...: the widest categories, most first
    regions: tuple[Line, ...]  # area_code, area, ..., per_10k: areas right below, in the order of the tree
    lines: tuple[
        Line, ...
    ]  # line, new, share_pct, before, change, routed, supervised, closed: functional lines by name
    units: tuple[
        Line, ...
    ]  # line, org_id, unit, new, routed, supervised, closed: by line and name; small ones together
    handling: tuple[Figure, ...]  # routed, supervised, closed, open, overdue
    rates: tuple[Figure, ...]  # accepted_in_time, on_time, answered, satisfied, solved
    suggestions: tuple[Figure, ...]  # suggested, adopted, in force within the year
    policy: PolicyEffects
    funnel: Funnel
    petition_link: PetitionLink
    concerns: tuple[Concern, ...] = ()
    street: str | None = None
    is_below_street: bool = False
    area_names: tuple[str, ...] = ()  # of a scope of several areas, where none was chosen

    @property
    def day(self) -> date:
        """The last day counted."""
        return self.period.last

    @property
    def is_empty(self) -> bool:
        """No matter was registered in the year."""
        return not self.received[0].value
