"""The judgements of a method as a setting: seen by group with unit, reason and source, edited in a form, tried out, set from a day on."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from data.errors import NotReady
from pages.ui import acts, quality, tables, words
from pages.ui.links import Chosen
from pages.ui.markup import quiet, section, text
from pages.ui.tables import Column

COLUMNS = (
    Column("rule"),
    Column("value", "id"),
    Column("reason", heading="rule_reason"),
    Column("rule_source", aside=True),
)


@dataclass(frozen=True)
class Judgements:
    """The judgements of one method: `setting` as the desk calls them, the `book` their words stand in, the values that `shipped` with the
    least and the most of each, `starts` of the names in each group (the last takes all others), and `rules_from`, which checks a site's own.
    """

    setting: str
    book: str
    shipped: object
    ranges: Mapping[str, tuple[float, float]]
    starts: Mapping[str, tuple[str, ...]]
    rules_from: Callable[[Mapping[str, object]], object]

    def say(self, key: str, chosen: Chosen, **values: object) -> str:
        """The words of `key` in the book of these judgements."""
        return words.say(f"{self.book}.{key}", chosen.language, **values)

    def groups(self) -> dict[str, list[str]]:
        """The judgements of each group, every one in the first group that names it."""
        found: dict[str, list[str]] = {group: [] for group in self.starts}
        for name in self.ranges:
            found[next(group for group, starts in self.starts.items() if name.startswith(starts))].append(name)
        return found

    def measured(self, name: str, value: float, chosen: Chosen) -> str:
        """A value with its unit, as it was set."""
        unit = self.say(f"rule.{name}.unit", chosen)
        return words.say("settings.measured", chosen.language, value=f"{value:g}", unit=unit).strip()

    def said(self, value: Mapping[str, object], chosen: Chosen) -> str:
        """What a version sets apart from what ships, in one line."""
        if not value:
            return self.say("as_shipped", chosen)
        named = (
            f"{self.say(f'rule.{name}.name', chosen)} {self.measured(name, one, chosen)}" for name, one in value.items()
        )
        return words.join(named, chosen.language)

    def show_values(self, rules: object, chosen: Chosen) -> None:
        """Every judgement in force with its unit, reason and source."""
        st.html(section(self.say("title", chosen), self.say("lead", chosen)))
        for group, names in self.groups().items():
            rows = [
                {
                    "rule": self.say(f"rule.{name}.name", chosen),
                    "value": self.measured(name, getattr(rules, name), chosen),
                    "reason": self.say(f"rule.{name}.reason", chosen),
                    "rule_source": self.say(f"rule.{name}.source", chosen),
                }
                for name in names
            ]
            st.html(tables.table(rows, COLUMNS, chosen, self.say(f"group.{group}", chosen)))

    def show_form(self, rules: object, today: date, chosen: Chosen, show_effect: Callable[[object], None]) -> None:
        """The form to change them; then what that would do (`show_effect` of the rules asked for), and the button that saves it."""
        name = self.setting
        with st.expander(self.say("edit", chosen), key=f"edit_{name}"), st.form(f"{name}_form", border=False):
            self._edit(rules, today, chosen)
        if self.setting in st.session_state:
            self._confirm(*st.session_state[self.setting], chosen, show_effect)

    def tried(self, preview: Callable[[], object], chosen: Chosen) -> object | None:
        """What other judgements would have made of the same; None, and said so, where there is nothing to try them on."""
        try:
            found = preview()
        except NotReady:
            found = None
        if found is None:
            st.html(quiet(self.say("none", chosen)))
        return found

    def show_counts(self, found: object, headings: Mapping[str, str], chosen: Chosen, **said: object) -> None:
        """The counts `now` and `then` of what was tried, a column for each of `headings`; `said` fills the caption."""
        columns = (
            Column("signal_rules_as", "code:signal_rules_as"),
            *(Column(name, "count", heading=heading) for name, heading in headings.items()),
        )
        rows = [{"signal_rules_as": "now"} | dict(found.now), {"signal_rules_as": "then"} | dict(found.then)]
        st.html(tables.table(rows, columns, chosen, self.say("effect", chosen, **said)))

    def _edit(self, rules: object, today: date, chosen: Chosen) -> None:
        """All values by group; those left at what ships are not written, so that a later release may mend them."""
        values: dict[str, float] = {}
        for group, names in self.groups().items():
            st.html(f'<p class="xs-line"><strong>{text(self.say(f"group.{group}", chosen))}</strong></p>')
            places = st.columns(2)
            for number, name in enumerate(names):
                values[name] = self._ask(name, getattr(rules, name), places[number % 2], chosen)
        valid_from = st.date_input(
            words.say("settings.valid_from", chosen.language),
            value=today,
            min_value=today,
            format="YYYY-MM-DD",
            key=f"{self.setting}_from",
        )
        if st.form_submit_button(self.say("look", chosen), type="primary", key=f"{self.setting}_look"):
            own = {name: value for name, value in values.items() if value != getattr(self.shipped, name)}
            self.rules_from(own)
            st.session_state[self.setting] = (own, valid_from)

    def _ask(self, name: str, value: float, place: object, chosen: Chosen) -> float:
        low, high = self.ranges[name]
        whole = isinstance(getattr(self.shipped, name), int)
        kind = int if whole else float
        asked = (self.say(f"rule.{name}.name", chosen), self.say(f"rule.{name}.unit", chosen))
        label = " · ".join(one for one in asked if one)
        written = {} if whole else {"format": "%g", "step": grain(value)}
        key = f"{self.setting.removesuffix('s')}_{name}"
        return place.number_input(label, kind(low), kind(high), kind(value), key=key, **written)

    def _confirm(self, value: dict, valid_from: date, chosen: Chosen, show_effect: Callable[[object], None]) -> None:
        st.html(section(self.say("effect_title", chosen), level=3))
        show_effect(self.rules_from(value))
        with st.container(horizontal=True, key=f"{self.setting}_decide"):
            if st.button(self.say("apply", chosen, day=valid_from), type="primary", key=f"{self.setting}_save"):
                acts.save_setting(self.setting, value, valid_from)
                del st.session_state[self.setting]
                quality.done(self.say("saved", chosen, day=valid_from))
            if st.button(words.say("settings.leave", chosen.language), key=f"{self.setting}_leave"):
                del st.session_state[self.setting]
                st.rerun()


def grain(value: float) -> float:
    """The step of a fraction: a tenth of its own size.

    >>> grain(0.001), grain(4.0), grain(50.0), grain(0.0)
    (0.0001, 0.1, 1.0, 1.0)
    """
    return round(10.0 ** (math.floor(math.log10(value)) - 1), 12) if value else 1.0
