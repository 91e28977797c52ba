"""What the parts of a scorecard's rules share: targets in words, what one version changes against another, what it does to all units."""

import streamlit as st

from analytics.scorecards import RulesPreview
from analytics.scores.rules import ScoreRules
from pages.ui import folded, tables, words
from pages.ui.links import Chosen
from pages.ui.markup import quiet, text
from pages.ui.scores_parts import column, indicator_name, period_said, points, say, word

PREVIEWED = 15


def target_name(key: str, chosen: Chosen) -> str:
    """Where a target holds, in words."""
    if key == "default":
        return say("rules.everywhere", chosen)
    level, _, kind = key.partition(".")
    return " · ".join([word("level", level, chosen), *([word("type", kind, chosen)] if kind else [])])


def targets_said(targets: tuple[tuple[str, float], ...], chosen: Chosen) -> str:
    """Targets in points; of one that holds everywhere only the number."""
    said = [
        points(value, chosen) if key == "default" else f"{target_name(key, chosen)} {points(value, chosen)}"
        for key, value in sorted(targets, key=lambda one: (one[0] != "default", one[0]))
    ]
    return words.join(said, chosen.language) or words.NOTHING


def part_name(part: str, chosen: Chosen) -> str:
    """What a part of an indicator's rule is called."""
    return say("head.target", chosen) if part == "targets" else words.say(f"column.scores.{part}", chosen.language)


def changed(rules: ScoreRules, other: ScoreRules, chosen: Chosen) -> str:
    """What one version changes against another, line by line, and what the weights then add up to."""
    rows = []
    for (name, before), (_, after) in zip(rules.indicators, other.indicators, strict=True):
        for part in ("weight", "months", "minimum", "targets"):
            was, now = getattr(before, part), getattr(after, part)
            if was != now:
                label = f"{indicator_name(name, chosen)} · {part_name(part, chosen)}"
                rows.append({"rule": label, "before": _plain(was, chosen), "after": _plain(now, chosen)})
    now = dict(other.values)
    rows += [
        {"rule": say(f"rule.{name}.name", chosen), "before": f"{value:g}", "after": f"{now[name]:g}"}
        for name, value in rules.values
        if now[name] != value
    ]
    cuts, cut = dict(rules.size_cuts), dict(other.size_cuts)
    rows += [
        {"rule": say("rule.size_cuts.name", chosen, level=word("level", level, chosen)), "before": cuts_said(cuts.get(level, ()), chosen),
         "after": cuts_said(cut.get(level, ()), chosen)}
        for level in sorted(cuts.keys() | cut.keys())
        if cuts.get(level, ()) != cut.get(level, ())
    ]  # fmt: skip
    if not rows:
        return quiet(say("rules.same", chosen))
    columns = (column("rule"), column("before", "text"), column("after", "text"))
    table = tables.table(rows, columns, chosen, say("rules.changes", chosen))
    return f"{table}{quiet(say('rules.sum', chosen, sum=other.weight_sum))}"


def cuts_said(cuts: tuple[float, ...], chosen: Chosen) -> str:
    """The sizes at which a group of peers is split."""
    return words.join([f"{one:g}" for one in cuts], chosen.language) or say("rules.uncut", chosen)


def _plain(value: object, chosen: Chosen) -> str:
    return targets_said(value, chosen) if isinstance(value, tuple) else f"{value:g}"


def show_effect(found: RulesPreview, chosen: Chosen) -> None:
    """Every unit before and after: those that change most first."""
    values = {"units": len(found.units), "bands": found.bands_changed, "middle": found.middle_change}
    said = say("rules.effect_said", chosen, period=period_said(found.period, chosen.language), **values)
    st.html(f'<p class="xs-line">{text(said)}</p>')
    rows = [
        {"unit": row["name"], "before": row["before"], "after": row["after"], "change": row["change"],
         "band_before": _band(row["band_before"], chosen), "band_after": _band(row["band_after"], chosen)}
        for row in found.units.to_dict("records")
    ]  # fmt: skip
    columns = (
        column("unit"), column("before", "decimal"), column("after", "decimal"), column("change", "signed"), column("band_before", aside=True),
        column("band_after", aside=True),
    )  # fmt: skip
    folded.show_table("all_effects", rows, columns, chosen, first=PREVIEWED)


def _band(band: object, chosen: Chosen) -> str:
    return word("band", band, chosen) if isinstance(band, str) else words.NOTHING
